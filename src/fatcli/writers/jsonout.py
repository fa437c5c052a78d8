"""A run as one JSON object, in the forms that `schemas/validate.schema.json` and `schemas/payout.schema.json` publish."""

import json
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any

import polars as pl

from fatcli.model import sek
from fatcli.result import Checked, Claim, Control, Kept, Line, Paid, Withheld
from fatcli.terminal import escaped
from fatcli.writers.wording import CONTROL_COLUMNS

_VIOLATION = (
    "rule",
    "name",
    "severity",
    "message",
    "file",
    "sheet",
    "cell",
    "row",
    "column",
    "value",
    "organiser",
    "service",
    "placement",
    "date",
    "until",
    "withholds",
    "source",
)
_NEXT = ",\n  "  # between the entries of a list
_SLICE = 10_000  # violations written at a time


def to_json(result: Checked | Paid) -> bytes:
    """One JSON object in UTF-8, a key per line and a list entry per line, with a line break at the end."""
    members = _checked(result) if isinstance(result, Checked) else paid_document(result)
    document = BytesIO()  # a copy of a hundred thousand violations takes a hundred MB
    for piece in _pieces(members):
        document.write(escaped(piece).encode())
    return document.getvalue()


def _pieces(members: Mapping[str, object]) -> Iterator[str]:
    before = "{"
    for key, value in members.items():
        yield f'{before}"{key}": '
        yield from _value(value)
        before = ",\n "
    yield "}\n"


def _value(value: object) -> Iterator[str]:
    if isinstance(value, pl.DataFrame):
        return _list(_violations(value))
    if isinstance(value, list):
        return _list(map(_plain, value))
    return iter((_plain(value),))


def _list(entries: Iterable[str]) -> Iterator[str]:
    before = "[\n  "
    for entry in entries:
        yield before
        yield entry
        before = _NEXT
    yield "]" if before == _NEXT else "[]"


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _checked(checked: Checked) -> dict[str, Any]:
    return {
        **_origin(checked),
        "as_of": checked.as_of.isoformat(),
        "inputs": _inputs(checked),
        "summary": _summary(checked) | {"rows": checked.rows, "set_aside": checked.set_aside},
        "not_evaluated": _not_evaluated(checked),
        "violations": checked.violations,
    }


def paid_document(paid: Paid) -> dict[str, Any]:
    """The object of a payout, but for its violations: these are the frame of result.VIOLATIONS."""
    return {
        **_origin(paid.checked),
        "inputs": _inputs(paid.checked),
        "month": str(paid.month),
        "as_of": paid.checked.as_of.isoformat(),
        "booked": paid.booked,
        "run": paid.run.number if paid.run else None,
        "total_sek": sek(paid.total_ore),
        "claims": [_claim(claim) for claim in sorted(paid.claims, key=lambda claim: claim.organiser)],
        "withheld": [_withheld(item) for item in sorted(paid.withheld, key=_item_order)],
        "kept": [_kept(item) for item in sorted(paid.kept, key=_item_order)],
        "other_months": [
            {"month": str(other.month), "difference_sek": sek(other.difference_ore)}
            for other in sorted(paid.other_months, key=lambda other: str(other.month))
        ],
        "control": _control(paid.control),
        "not_evaluated": _not_evaluated(paid.checked),
        "violations": paid.checked.violations,
        "summary": _summary(paid.checked),
    }


def _origin(checked: Checked) -> dict[str, Any]:
    return {
        "tool": {"name": "fat", "version": checked.version},
        "rules": {"path": checked.rules_path, "edition": checked.edition, "sha256": checked.rules_sha256},
    }


def _inputs(checked: Checked) -> list[dict[str, Any]]:
    return [
        {
            "path": file.file,
            "sha256": file.sha256,
            "tables": [
                {"table": table.table, "sheet": table.sheet, "layout": table.layout, "rows": table.rows, "set_aside": table.set_aside}
                for table in sorted(file.tables, key=lambda table: (table.sheet, table.table))
            ],
        }
        for file in sorted(checked.inputs, key=lambda file: file.file)
    ]


def _summary(checked: Checked) -> dict[str, int]:
    return {"errors": checked.count("error"), "warnings": checked.count("warning"), "infos": checked.count("info")}


def _not_evaluated(checked: Checked) -> list[dict[str, str]]:
    return [{"rule": left.rule, "reason": left.reason} for left in sorted(checked.not_evaluated, key=lambda left: left.rule)]


def _violations(frame: pl.DataFrame) -> Iterator[str]:
    """A violation per line, many at once, written by Polars: a hundred thousand take a fraction of a second."""
    for slice_ in frame.iter_slices(_SLICE):
        yield violation_entries(slice_).write_ndjson().removesuffix("\n").replace("\n", _NEXT)


def violation_entries(frame: pl.DataFrame) -> pl.DataFrame:
    """The keys of a violation, of the columns of result.VIOLATIONS; the message ends with what to do about it."""
    message = pl.concat_str("message", "remedy", separator=" ", ignore_nulls=True).str.strip_chars_end()
    return frame.with_columns(message=message).select(_VIOLATION)


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "claim": claim.number,
        "organiser": claim.organiser,
        "name": claim.name,
        "total_sek": sek(claim.total_ore),
        "booked": claim.booked,
        "lines": [_line(line) for line in sorted(claim.lines, key=_line_order)],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "placement": line.placement,
        "service": line.service,
        "component": line.component,
        "kind": line.kind,
        "days": line.days,
        "rate_sek": sek(line.rate_ore),
        "amount_sek": sek(line.amount_ore),
    }


def _line_order(line: Line) -> tuple[str, str, str, int]:
    return line.placement, line.component, line.kind, line.rate_ore


def _withheld(item: Withheld) -> dict[str, Any]:
    return {
        **_item(item),
        "amount_sek": None if item.amount_ore is None else sek(item.amount_ore),
        "rules": sorted(item.rules),
    }


def _kept(item: Kept) -> dict[str, Any]:
    return {**_item(item), "amount_sek": sek(item.amount_ore), "reason": item.reason}


def _item(item: Withheld | Kept) -> dict[str, Any]:
    return {
        "organiser": item.organiser,
        "placement": item.placement,
        "component": item.component,
        "date": item.date.isoformat(),
    }


def _item_order(item: Withheld | Kept) -> tuple[str, str, str, str]:
    return item.organiser, item.placement, item.date.isoformat(), item.component


def _control(rows: tuple[Control, ...]) -> dict[str, Any]:
    def counts(row: Control) -> dict[str, int]:
        return {name: getattr(row, name) for name in CONTROL_COLUMNS}

    def named(scope: str) -> list[dict[str, Any]]:
        return [{"name": row.name} | counts(row) for row in sorted(rows, key=lambda row: row.name) if row.scope == scope]

    total = next((counts(row) for row in rows if row.scope == "total"), None)
    return {"total": total, "files": named("file"), "organisers": named("organiser")}
