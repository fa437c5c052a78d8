"""Grids made by hand, as workbook.read_workbook gives them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from fatcli.model import Vocabulary
from fatcli.tables import Tables, read_tables
from fatcli.workbook import Grid, Workbook

Cell = str | int | float | dt.date | dt.time | None | object
COMPONENTS = {"FAT": {"base": "base", "in_depth": "in_depth"}, "AIO": {"start": "start", "day": "day"}, "ITA3": {"result": "result"}}


class Error(NamedTuple):
    """A cell that Excel shows as an error."""

    text: str


UNSAVED = object()  # a formula saved without its value


def text_of(cell: Cell) -> str | None:
    if isinstance(cell, bool):
        return str(cell).lower()
    if is_number(cell):
        return str(cell).removesuffix(".0")
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        day = "1899-12-31 " if isinstance(cell, dt.time) else ""
        time = "" if isinstance(cell, dt.datetime | dt.time) else " 00:00:00"
        return f"{day}{cell}{time}"
    return cell if isinstance(cell, str) and cell.strip() else None


def is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def grid(rows: Sequence[Sequence[Cell]], *, sheet: str = "Blad1", file: str = "a.xlsx", first_col: int = 0) -> Grid:
    """A sheet of Python values: a number is a real number, a date a real date, `Error` an error cell."""
    width = max(map(len, rows), default=0)
    padded = [[*row, *[None] * (width - len(row))] for row in rows]
    schema: Mapping[str, type[pl.DataType]] = {f"column_{col}": pl.String for col in range(width)}
    places = [(cell, (row, first_col + col)) for row, cells in enumerate(padded, 1) for col, cell in enumerate(cells)]
    numbers = {name: [is_number(row[col]) for row in padded] for col, name in enumerate(schema)}
    return Grid(
        file=file,
        sheet=sheet,
        cells=pl.DataFrame([[text_of(cell) for cell in row] for row in padded], schema=schema, orient="row"),
        columns=tuple(range(first_col, first_col + width)),
        errors={place: cell.text for cell, place in places if isinstance(cell, Error)},
        unsaved=frozenset(place for cell, place in places if cell is UNSAVED),
        _numbers=lambda names: pl.DataFrame(numbers).select(names),
    )


def read(*grids: Grid, vocabulary: Vocabulary | None = None) -> Tables:
    files = {grid.file: [other for other in grids if other.file == grid.file] for grid in grids}
    workbooks = [Workbook(file, f"sha256 of {file}", tuple(held)) for file, held in files.items()]
    return read_tables(workbooks, vocabulary or Vocabulary(), COMPONENTS)


def a1(row: int | None, col: int | None) -> str:
    return f"{'' if col is None else chr(65 + col)}{'' if row is None else row}"


def places(tables: Tables, *ignore: str) -> list[str]:
    """The faults as `T02 B3`, in order."""
    rows = tables.faults.filter(~pl.col("rule").is_in(ignore)).select("rule", "row", "col").rows()
    return [f"{rule} {a1(row, col)}".strip() for rule, row, col in rows]
