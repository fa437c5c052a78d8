"""The lists of a run's JSON as csv tables, as Excel in the run's language opens them."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from fatcli.result import Checked, Paid
from fatcli.texts import Language
from fatcli.writers.jsonout import paid_document, violation_entries
from fatcli.writers.neutral import cell_texts
from fatcli.writers.wording import CONTROL_COLUMNS

# the list separator and decimal sign of Excel's own settings for each language
_SEPARATOR: Mapping[Language, str] = {"sv": ";", "en": ","}
_DECIMAL: Mapping[Language, str] = {"sv": ",", "en": "."}
_ITEM = ("organiser", "placement", "component", "date", "amount_sek")
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "claims": (
        "claim", "organiser", "name", "booked", "placement", "service", "component", "kind", "days", "rate_sek", "amount_sek",
    ),
    "withheld": (*_ITEM, "rules"),
    "kept": (*_ITEM, "reason"),
    "other_months": ("month", "difference_sek"),
    "control": ("scope", "name", *CONTROL_COLUMNS),
}  # fmt: skip
_INTEGERS = ("days", *CONTROL_COLUMNS)


def violations_csv(checked: Checked) -> bytes:
    """The violations, with the columns of the JSON."""
    return written(violation_entries(checked.violations), checked.language)


def tables_csv(result: Checked | Paid) -> dict[str, bytes]:
    """File names and contents: `violations.csv`, and of a payout also claims (a row per line), withheld, kept, other_months, control."""
    checked = result if isinstance(result, Checked) else result.checked
    files = {"violations.csv": violations_csv(checked)}
    if isinstance(result, Paid):
        document = paid_document(result)
        rows = document | {"claims": _claim_lines(document["claims"]), "control": _control(document["control"])}
        files |= {f"{name}.csv": written(_frame(name, rows[name]), checked.language) for name in _COLUMNS}
    return files


def _claim_lines(claims: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for claim in claims:
        yield from (claim | line for line in claim["lines"])


def _control(control: dict[str, Any]) -> Iterable[dict[str, Any]]:
    if control["total"]:
        yield {"scope": "total", "name": ""} | control["total"]
    for scope, key in (("file", "files"), ("organiser", "organisers")):
        yield from ({"scope": scope} | row for row in control[key])


def _frame(name: str, rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    types = {column: pl.Int64 if column in _INTEGERS and name in ("claims", "control") else pl.String for column in _COLUMNS[name]}
    return pl.DataFrame([[_value(row[column]) for column in types] for row in rows], types, orient="row")


def _value(value: object) -> object:
    if isinstance(value, list):
        return " ".join(value)
    return str(value).lower() if isinstance(value, bool) else value


def written(frame: pl.DataFrame, language: Language) -> bytes:
    """A frame as csv for Excel in a language; columns that end with _sek hold amounts as text."""
    money = pl.col("^.*_sek$").str.replace(".", _DECIMAL[language], literal=True)
    frame = frame.with_columns(cell_texts(pl.col(pl.String).exclude("^.*_sek$")), money)
    return frame.write_csv(
        separator=_SEPARATOR[language], include_bom=True, line_terminator="\r\n", decimal_comma=language == "sv"
    ).encode()
