"""What a sheet says in a way that could be taken for another: it is never guessed at, and what hangs on it is set aside.

Header cells that can't be read, a column that stands twice, and fields of a csv beyond its header.
"""

import re
from collections.abc import Iterator

import polars as pl

from fatcli.faults import cell_faults, faults
from fatcli.headers import Header
from fatcli.model import FIELD, HEADING
from fatcli.sheets import Sheet, below, cell_text
from fatcli.values import NOT_READ, Words, parse
from fatcli.workbook import Grid

_NAMES = ("text", "identifier", "participant")  # any text is one: a column that is called otherwise may be another thing


def header_faults(grid: Grid, header: Header) -> pl.DataFrame:
    """T07 for header cells that hold an error, T02 for a column in the place of a day that the headings lack.

    Where such a column has values, the fault names the `table`: it can't be told what they are, and the table is set aside.
    """
    errors = [col for row, col in sorted({*grid.errors, *grid.unsaved}) if row == header.row]
    found = [_of_heading(grid, header, col, "T07", "text" if (header.row, col) in grid.errors else "unsaved") for col in errors]
    lost = (col for col in grid.columns if header.days and col not in errors and _is_lost_day(grid, header, col))
    return faults([*found, *(_of_heading(grid, header, col, "T02", "day_heading") for col in lost if _has_values(grid, header, col))])


def _of_heading(grid: Grid, header: Header, col: int, rule: str, expected: str) -> dict[str, object]:
    place = {"file": grid.file, "sheet": grid.sheet, "row": header.row, "col": col}
    value = grid.errors.get((header.row, col)) or (col in grid.columns and cell_text(grid, header.row, col)) or None
    table = header.table.name if _has_values(grid, header, col) else None
    return {"rule": rule, **place, "column": HEADING, "value": value, "expected": expected, "table": table}


def _has_values(grid: Grid, header: Header, col: int) -> bool:
    held = (row for row, at in {*grid.errors, *grid.unsaved} if at == col)
    return (col in grid.columns and below(grid, header, col).count() > 0) or any(row > header.row for row in held)


def _is_lost_day(grid: Grid, header: Header, col: int) -> bool:
    """Whether a column stands where a day is missing: among the days, or at their end with the number that would come next."""
    if col in header.days or col in header.columns.values():
        return False
    days, first, last = {heading.day for heading in header.days.values()}, min(header.days), max(header.days)
    if first < col < last:
        return bool(set(range(min(days), max(days))) - days)
    number = re.search(r"(?<!\d)\d{1,2}(?!\d)", cell_text(grid, header.row, col))
    told = int(number[0]) if number else None
    return (col == first - 1 and told == min(days) - 1) or (col == last + 1 and told == max(days) + 1)


def columns_without_header(grid: Grid, header: Header) -> list[int]:
    """The columns of a register that have values below a blank cell of the header. Beside attendance people note what they like."""
    if header.layout != "register":
        return []
    known = {*header.columns.values(), *header.days}
    blank = (col for col in grid.columns if col not in known and not cell_text(grid, header.row, col))
    return [col for col in blank if _has_values(grid, header, col)]


def row_faults(sheet: Sheet, source: int, known: Words) -> pl.DataFrame:
    """T02 for rows that say two things in columns of one name, and for csv records longer than their header: the rows are set aside."""
    return pl.concat([faults(), *_twice(sheet, source, known), *_beyond(sheet, source)])


def _twice(sheet: Sheet, source: int, known: Words) -> Iterator[pl.DataFrame]:
    """A second column of the same name, where it can be read and differs. Of names and numbers only one with the same header."""
    for name, col in sheet.header.again:
        column = sheet.header.table.column(name)
        first = cell_text(sheet.grid, sheet.header.row, sheet.header.columns[name])
        if name in NOT_READ or (column.kind in _NAMES and cell_text(sheet.grid, sheet.header.row, col) != first):
            continue
        text = sheet.rows.select("row", first=name).join(
            below(sheet.grid, sheet.header, col).to_frame("value").with_row_index("row", sheet.header.row + 1), on="row", how="left"
        )
        one, other = (parse(text[each].cast(pl.String), column, known) for each in ("first", "value"))
        says = text["first"].is_not_null() | (not column.required)  # else the cell is told as empty
        differs = other.is_not_null() & says & one.ne_missing(other)
        cells = text.filter(differs).select(source=pl.lit(source, pl.Int32), row="row", col=pl.lit(col, pl.UInt16), value="value")
        yield cell_faults(cells, rule=pl.lit("T02"), column=pl.lit(name), expected=pl.lit("once"))


def _beyond(sheet: Sheet, source: int) -> Iterator[pl.DataFrame]:
    """Fields behind the last one that has a header: a decimal comma in a csv that is parted by commas makes two fields of one."""
    grid, header = sheet.grid, sheet.header
    if grid.tells_numbers:
        return
    last = max(col for col in grid.columns if cell_text(grid, header.row, col))
    for col in (col for col in grid.columns if col > last):
        fields = below(grid, header, col).to_frame("value").with_row_index("row", header.row + 1).drop_nulls()
        cells = fields.join(sheet.rows.select("row"), on="row", how="semi").with_columns(source=pl.lit(source, pl.Int32))
        yield cell_faults(
            cells.select("source", "row", "value", col=pl.lit(col, pl.UInt16)),
            rule=pl.lit("T02"),
            column=pl.lit(FIELD),
            expected=pl.lit("no_field"),
        )
