"""The violation report as a workbook: every violation in a table to filter, counts by rule, and what the report rests on."""

from collections.abc import Iterator

import polars as pl

from fatcli.model import SEVERITIES
from fatcli.result import Checked
from fatcli.texts import Text
from fatcli.writers import wording
from fatcli.writers.book import Book, Head, Value
from fatcli.writers.overview import basis_sheets

_TITLE = Text("Avvikelser", "Violations")
_HEADS = (
    Head(Text("Grad", "Severity"), "text", 11),
    Head(Text("Regel", "Rule"), "text", 8),
    Head(Text("Fil", "File"), "text", 24),
    Head(Text("Blad", "Sheet"), "text", 14),
    Head(Text("Cell", "Cell"), "text", 8),
    Head(Text("Kolumn", "Column"), "text", 16),
    Head(Text("Värde", "Value"), "wrap", 14),
    Head(Text("Meddelande", "Message"), "wrap", 46),
    Head(Text("Åtgärd", "Remedy"), "wrap", 40),
    Head(Text("Anordnare", "Organiser"), "text", 13),
    Head(Text("Insats", "Service"), "text", 8),
    Head(Text("Placering", "Placement"), "text", 13),
    Head(Text("Dag", "Day"), "date", 12),
    Head(Text("Till och med", "Until"), "date", 12),
    Head(Text("Håller inne", "Withholds"), "wrap", 18),
    Head(Text("Källa", "Source"), "wrap", 22),
)
_COLUMNS = (
    "severity", "rule", "file", "sheet", "cell", "column", "value", "message", "remedy",
    "organiser", "service", "placement", "date", "until", "withholds", "source",
)  # fmt: skip
_RULE_HEADS = (
    Head(Text("Regel", "Rule"), "text", 8),
    Head(Text("Namn", "Title"), "wrap", 40),
    Head(Text("Grad", "Severity"), "text", 12),
    Head(Text("Håller inne", "Withholds"), "wrap", 26),
    Head(Text("Källa", "Source"), "wrap", 28),
    Head(Text("Antal", "Count"), "count", 10),
)
_MOST_ROWS = 1_000_000  # a sheet has 1 048 576


def report_book(checked: Checked) -> bytes:
    """The workbook, in the run's language."""
    book = Book(_TITLE.to(checked.language), checked.as_of, checked.language, large=True)
    footer = f"{_TITLE.to(checked.language)} {checked.as_of}"
    book.table_sheet(Text("Per regel", "By rule"), footer, _RULE_HEADS, _rules(checked), _summary(checked))
    for number, part in enumerate(_parts(checked.violations), 1):
        title = _TITLE if number == 1 else Text(f"{_TITLE.sv} {number}", f"{_TITLE.en} {number}")
        sheet = book.table_sheet(title, footer, _HEADS, _rows(checked, part))
        for severity, text in wording.SEVERITY.items():
            rule = {"type": "cell", "criteria": "==", "value": f'"{text.to(checked.language)}"', "format": book.look(severity)}
            sheet.conditional_format(4, 0, 4 + part.height, 0, rule)
    basis_sheets(book, checked, footer)
    return book.close()


def _parts(violations: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """One frame per sheet; one also where there is no violation."""
    return violations.iter_slices(_MOST_ROWS) if violations.height else iter((violations,))


def _summary(checked: Checked) -> Text:
    return Text("{counts} i {rows} lästa rader.", "{counts} in {rows} rows read.").fill(
        counts=wording.severity_counts(checked).capitalize(), rows=wording.number(checked.rows, checked.language)
    )


def _rows(checked: Checked, part: pl.DataFrame) -> Iterator[tuple[Value, ...]]:
    names = {severity: text.to(checked.language) for severity, text in wording.SEVERITY.items()}
    return part.select(_COLUMNS).with_columns(pl.col("severity").replace(names), withholds=wording.withholds_column(checked)).iter_rows()


def _rules(checked: Checked) -> list[tuple[Value, ...]]:
    counts = checked.violations.group_by("severity", "rule").agg(pl.len().alias("count"), pl.col("name", "source").first(), wording.HELD)
    rows = sorted(counts.iter_rows(named=True), key=lambda row: (SEVERITIES.index(row["severity"]), row["rule"]))
    return [
        (
            row["rule"],
            checked.labels.get(row["rule"], row["name"]),
            wording.SEVERITY[row["severity"]].to(checked.language),
            wording.withholds_together(checked, row["held"]),
            row["source"],
            row["count"],
        )
        for row in rows
    ]
