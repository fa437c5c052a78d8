"""The rows of a sheet's table, by canonical column, without blank rows and footer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from fatcli.headers import Header
from fatcli.model import BLANKS
from fatcli.values import ERROR, Words, as_word, dates, parsed, trimmed
from fatcli.workbook import Grid

FOOTER_WORDS = ("summa", "totalt", "total", "underskrift", "signatur")


@dataclass(frozen=True)
class Sheet:
    """A sheet that holds a table.

    `rows`: `row` UInt32 (the sheet's own), then a String column for each known column and, in a month grid, for each day
    column (named by `day_name`); texts are trimmed, null is an empty cell, a faulty cell begins with the mark values.ERROR.
    `footers`: the rows of the footer; `footer_col`: the 0-based column of its first filled cell.
    """

    grid: Grid
    header: Header
    rows: pl.DataFrame
    footers: tuple[int, ...]
    footer_col: int | None = None


def day_name(col: int) -> str:
    """The column of `Sheet.rows` that holds the day column `col`."""
    return f"day {col}"


def read_sheet(grid: Grid, header: Header, known: Words) -> Sheet:
    """The table below the header; `known`: the words for codes, by which a footer is told from a row that lacks its key."""
    cells = _with_errors(_with_true_numbers(grid, header, known), grid)
    below = cells.with_row_index("row", 1).slice(header.row).select("row", trimmed(pl.exclude("row")))
    names = {**header.columns, **{day_name(col): col for col in header.days}}
    kept = below.filter(pl.any_horizontal(pl.exclude("row").is_not_null())) if below.width > 1 else below.clear()
    rows = kept.select("row", **{name: _frame_name(grid, col) for name, col in names.items()})
    footers = _footers(rows, header, _code_words(grid, known), known)
    if footers.is_empty():
        return Sheet(grid, header, rows, ())
    first = kept.row(by_predicate=pl.col("row") == footers[0], named=True)
    filled = (col for col in grid.columns if first[_frame_name(grid, col)] is not None)
    return Sheet(grid, header, rows.filter(~pl.col("row").is_in(footers.implode())), tuple(footers), next(filled))


def unread_reports(grid: Grid, header: Header, known: Words) -> pl.DataFrame:
    """What a sheet of attendance that is set aside as a whole reports all the same: placement_id, date, row and col, one row per report.

    placement_id and date are null where they can't be told. In a month grid each filled day cell is a report, of no known month.
    """
    below = grid.cells.with_row_index("row", 1).slice(header.row).select("row", trimmed(pl.exclude("row")))
    own = {name: pl.col(_frame_name(grid, header.columns[name])) for name in ("placement_id", "date", "status") if name in header.columns}
    days = {day_name(col): pl.col(_frame_name(grid, col)) for col in header.days}
    rows = below.select("row", **own, **days).filter(pl.any_horizontal(pl.exclude("row").is_not_null()))
    if own:
        first = pl.col(next(iter(own)))
        rows = rows.filter(first.is_not_null() & ~first.str.to_lowercase().str.contains(_footer_words(known)))
    rows = rows.with_columns(
        placement_id=pl.col("placement_id") if "placement_id" in own else pl.lit(None, pl.String),
        date=dates(rows["date"]) if "date" in own else pl.lit(None, pl.Date),
    )
    if not days:
        return rows.select("placement_id", "date", "row", col=pl.lit(None, pl.UInt16))
    cells = rows.unpivot(list(days), index=["placement_id", "date", "row"], variable_name="day").drop_nulls("value")
    return cells.select("placement_id", "date", "row", col=pl.col("day").str.extract(r"(\d+)").cast(pl.UInt16)).sort("row", "col")


def unread_placements(grid: Grid, header: Header, known: Words) -> pl.DataFrame:
    """What a sheet of placements that is set aside as a whole names all the same: placement_id and participant_id, or null."""
    below = grid.cells.slice(header.row).select(trimmed(pl.all()))
    columns = [column for column in header.table.columns if column.name in ("placement_id", "participant_id")]
    told = {name: pl.col(_frame_name(grid, col)) for name, col in header.columns.items()}
    named = below.select(told.get(column.name, pl.lit(None, pl.String)).alias(column.name) for column in columns)
    return parsed(named, columns, known).filter(pl.any_horizontal(pl.all().is_not_null()))


def cell_text(grid: Grid, row: int, col: int) -> str:
    """What a cell holds, by its 1-based row and 0-based column; empty where it is blank."""
    return str(grid.cells.item(row - 1, grid.columns.index(col)) or "").strip(BLANKS)


def below(grid: Grid, header: Header, col: int) -> pl.Series:
    """The texts of a column below the header, trimmed, null where there are none; errors are left out."""
    return grid.cells.slice(header.row).select(trimmed(pl.col(_frame_name(grid, col)))).to_series()


def _code_words(grid: Grid, known: Words) -> list[str]:
    """The words that tell a report from a footer. Where every cell is text (csv), `1` may be a sum."""
    return [word for word in known["status"] if grid.tells_numbers or not word.isdecimal()]


def _frame_name(grid: Grid, col: int) -> str:
    return grid.cells.columns[grid.columns.index(col)]


def _status_columns(header: Header) -> Iterable[int]:
    """The columns that hold codes of status; a register has none."""
    return (header.columns["status"],) if header.layout == "long" else header.days


def _with_true_numbers(grid: Grid, header: Header, known: Words) -> pl.DataFrame:
    """The cells, with a real number that looks like a status code (`1`) written as the number it is (`1.0`)."""
    digits = [word for word in known["status"] if word.isdecimal()]
    below = grid.cells.slice(header.row)
    names = [_frame_name(grid, col) for col in _status_columns(header)]
    looks = below.select(pl.col(names).unique().is_in(digits).any())
    doubtful = [name for name in names if looks[name][0]]
    if not doubtful:
        return grid.cells
    numeric = grid.numeric(*doubtful)
    return grid.cells.with_columns(
        pl.when(pl.col(name).is_in(digits) & numeric[name]).then(pl.col(name) + ".0").otherwise(name).alias(name) for name in doubtful
    )


def _with_errors(cells: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    """The cells, with the mark for each error and each formula saved without a value."""
    marks: dict[tuple[int, int], str] = dict.fromkeys(grid.unsaved, ERROR)
    marks |= {place: ERROR + error for place, error in grid.errors.items()}
    by_column: dict[int, dict[int, str]] = {}
    for (row, col), mark in marks.items():
        if row >= 1 and col in grid.columns:  # a cell that stands in no row has row 0
            by_column.setdefault(col, {})[row - 1] = mark
    beyond = max((row for found in by_column.values() for row in found), default=-1) + 1 - cells.height
    if beyond > 0:
        cells = pl.concat([cells, cells.clear(beyond)])
    return cells.with_columns(cells[_frame_name(grid, col)].scatter(list(found), list(found.values())) for col, found in by_column.items())


def _footers(rows: pl.DataFrame, header: Header, codes: list[str], known: Words) -> pl.Series:
    """The sheet rows below the last one with a key, but those that hold a status code or all that a row must have but its key."""
    key = header.table.required[0]
    with_key = ~pl.col(key).str.to_lowercase().str.contains(_footer_words(known))
    if rows.tail(1).filter(with_key).height:
        return rows["row"].clear()
    last = rows.filter(with_key)["row"].max()
    below = rows if last is None else rows.filter(pl.col("row") > last)
    meant = [_coded(day_name(col) if header.days else "status", codes) for col in _status_columns(header)]
    if others := header.table.required[1:]:
        told = [_dated(below[name]) if header.table.column(name).kind == "date" else pl.col(name).is_not_null() for name in others]
        meant.append(pl.all_horizontal(told))
    return below.filter(~pl.any_horizontal(pl.lit(value=False), *meant))["row"]


def _coded(name: str, codes: list[str]) -> pl.Expr:
    return as_word(pl.col(name)).is_in(codes).fill_null(value=False)


def _dated(texts: pl.Series) -> pl.Expr:
    return pl.lit(dates(texts)).is_not_null()


def _footer_words(known: Words) -> str:
    """A pattern for lower-case texts: a footer word, or a legend such as `n = närvaro`."""
    codes = "|".join(re.escape(word) for word in known["status"])
    return rf"^(?:{'|'.join(FOOTER_WORDS)})(?:$|[\s:._/…(])|^[^=]{{1,20}}=\s*\pL|^(?:{codes})\s*:\s*\pL"
