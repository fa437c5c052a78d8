"""A follow-up report for programs: one JSON object in the form of `schemas/report.schema.json`, and csv tables."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import polars as pl

from fatcli.figures import Column, Hidden, Label, Report, Table, Value, ratio
from fatcli.model import sek
from fatcli.terminal import json_text
from fatcli.writers.csvout import written

_PLAIN = "text"


def figures_json(report: Report) -> bytes:
    """One JSON object: the tables' rows as objects, with codes for what they are about, and null for what is not shown or not known."""
    basis, language = report.basis, report.basis.language
    document = {
        "tool": {"name": "fat", "version": basis.version},
        "rules": {"path": basis.rules_path, "edition": basis.edition, "sha256": basis.rules_sha256},
        "as_of": basis.as_of.isoformat(),
        "inputs": [{"path": file.file, "sha256": file.sha256} for file in sorted(basis.inputs, key=lambda file: file.file)],
        "report": report.name,
        "title": report.title.to(language),
        "source": report.source.to(language),
        "first": report.first.isoformat() if report.first else None,
        "last": report.last.isoformat() if report.last else None,
        "min_group": report.min_group,
        "tables": [_table(table, report) for table in report.figures.tables],
        "notes": [note.to(language) for note in report.figures.notes],
    }
    return json_text(document).encode()


def _table(table: Table, report: Report) -> dict[str, Any]:
    language = report.basis.language
    return {
        "table": table.key,
        "title": table.title.to(language),
        "columns": [
            {
                "key": name,
                "title": column.title.to(language),
                "kind": column.kind,
                "base": column.base.to(language) if column.base else None,
            }
            for name, column in _named(table)
        ],
        "rows": [_row(table, at) for at in range(len(table.rows))],
        "about": [text.to(language) for text in table.about],
    }


def _named(table: Table) -> list[tuple[str, Column]]:
    """Columns by the names they have for programs: sums end with _sek."""
    return [(f"{column.key}_sek" if column.kind == "sek" else column.key, column) for column in table.columns]


def _row(table: Table, at: int) -> dict[str, Any]:
    values = list(zip(_named(table), table.rows[at], strict=True))
    span = table.partial.get(at)
    return {
        **{name: _value(value, column) for (name, column), value in values},
        "hidden": [name for (name, _), value in values if isinstance(value, Hidden)],
        "partial": [day.isoformat() for day in span] if span else None,
    }


def _value(value: Value, column: Column) -> str | float | None:
    if isinstance(value, Label):
        return value.code
    if isinstance(value, Hidden) or value is None:
        return None
    if isinstance(value, Fraction):
        return ratio(value.numerator, value.denominator, 4)
    return sek(int(value)) if column.kind == "sek" else value


def table_files(report: Report) -> dict[str, bytes]:
    """A csv file per table, by its name."""
    return {f"{table.key}.csv": _csv(table, report) for table in report.figures.tables}


def figures_csv(report: Report) -> bytes:
    """The first table, which the report is known for."""
    return _csv(report.figures.tables[0], report)


_TYPES: Mapping[str, type[pl.DataType]] = {"count": pl.Int64, "mean": pl.Float64, "days": pl.Float64, "share": pl.Float64}


def _csv(table: Table, report: Report) -> bytes:
    """The rows of the JSON, `hidden` and `partial` as texts."""
    schema = {name: _TYPES.get(column.kind, pl.String) for name, column in _named(table)} | {"hidden": pl.String, "partial": pl.String}
    rows = [_row(table, at) for at in range(len(table.rows))]
    for row in rows:
        row |= {"hidden": " ".join(row["hidden"]) or None, "partial": "/".join(row["partial"] or ()) or None}
    return written(pl.DataFrame(rows, schema), report.basis.language)
