"""The tables and the facts of a story that is told in records."""

from collections.abc import Iterable, Sequence

import polars as pl

from fatcli import facts, rulebook
from fatcli.facts import BOOKED, Facts
from fatcli.rulebook import RuleBook
from fatcli.tables import Tables
from grids import grid, read
from stories import Row, day, long_sheet, register, register_sheets

BOOK = rulebook.load()


def tables_of(*placements: Row, reports: Iterable[Row] = (), **tables: Sequence[Row]) -> Tables:
    """The tables, in which nothing is faulty."""
    sheets = register_sheets(register(*placements, **tables)) | {"attendance": long_sheet(reports)}
    found = read(*(grid(rows, sheet=name) for name, rows in sheets.items()))
    assert found.faults.is_empty()
    return found


def facts_of(
    *placements: Row,
    reports: Iterable[Row] = (),
    booked: Iterable[Row] = (),
    as_of: str = "2024-06-03",
    book: RuleBook = BOOK,
    **tables: Sequence[Row],
) -> Facts:
    return facts.build(tables_of(*placements, reports=reports, **tables), book, day(as_of), pl.DataFrame(list(booked), BOOKED))
