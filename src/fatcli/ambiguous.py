"""What a sheet says in a way that could be taken for another: it is never guessed at, and what hangs on it is set aside.

Header cells that can't be read, a column that stands twice, and fields of a csv beyond its header.
"""

import re
from collections.abc import Collection, Iterator

import polars as pl

from fatcli.faults import cell_faults, faults
from fatcli.headers import Header, day_heading
from fatcli.model import BLANKS, FIELD, HEADING
from fatcli.sheets import Sheet, below, cell_text
from fatcli.values import NOT_READ, Words, parse, trimmed
from fatcli.workbook import Grid

_NAMES = ("text", "identifier", "participant")  # any text is one: a column that is called otherwise may be another thing
_MOST_AGAIN = 50  # further columns that are compared: no honest sheet has more


def header_faults(grid: Grid, header: Header) -> pl.DataFrame:
    """T07 for header cells that hold an error, T02 for a column in the place of a day that the headings lack, and for a day's second.

    Where such a column has values, the fault names the `table`: it can't be told what they are, and the table is set aside.
    """
    errors = sorted(col for row, col in {*grid.errors, *grid.unsaved} if row == header.row)
    texts = _header_texts(grid, header)
    others = [(col, text) for col, text in texts.items() if header.days and col not in {*errors, *header.days, *header.columns.values()}]
    again = [col for col, text in others if _is_day_again(header, text)]
    lost = [col for col, text in others if col not in again and _is_lost_day(header, col, text)]
    filled = _filled(grid, header, [*errors, *again, *lost])
    table = header.table.name
    found = [
        (
            "T07",
            col,
            grid.errors.get((header.row, col)),
            "text" if (header.row, col) in grid.errors else "unsaved",
            table if col in filled else None,
        )
        for col in errors
    ]
    found += [("T02", col, texts[col] or None, "day_heading", table) for col in lost if col in filled]
    found += [("T02", col, texts[col], "day_once", table) for col in again if col in filled]
    place = {"file": grid.file, "sheet": grid.sheet, "row": header.row, "column": HEADING}
    return faults(place | dict(zip(("rule", "col", "value", "expected", "table"), values, strict=True)) for values in found)


def _header_texts(grid: Grid, header: Header) -> dict[int, str]:
    """The columns with what the header row says of each, empty where it is blank."""
    cells = grid.cells.row(header.row - 1)
    return {col: (cell or "").strip(BLANKS) for col, cell in zip(grid.columns, cells, strict=True)}


def _filled(grid: Grid, header: Header, cols: Collection[int]) -> set[int]:
    """Those of the columns that hold anything below the header, errors too."""
    held = {col for row, col in {*grid.errors, *grid.unsaved} if row > header.row}
    texts = {name: col for name, col in zip(grid.cells.columns, grid.columns, strict=True) if col in set(cols)}
    counts = grid.cells.slice(header.row).select(trimmed(pl.col(list(texts))).count()).row(0) if texts else ()
    return (held & set(cols)) | {col for col, count in zip(texts.values(), counts, strict=True) if count}


def _is_day_again(header: Header, text: str) -> bool:
    heading = day_heading(text)
    return heading is not None and any((heading.date or heading.day) == (other.date or other.day) for other in header.days.values())


def _is_lost_day(header: Header, col: int, text: str) -> bool:
    """Whether a column stands where a day is missing: among the days, or at their end with the number that would come next."""
    days, first, last = {heading.day for heading in header.days.values()}, min(header.days), max(header.days)
    if first < col < last:
        return bool(set(range(min(days), max(days))) - days)
    number = re.search(r"(?<!\d)\d{1,2}(?!\d)", text)
    told = int(number[0]) if number else None
    return (col == first - 1 and told == min(days) - 1) or (col == last + 1 and told == max(days) + 1)


def columns_without_header(grid: Grid, header: Header) -> list[int]:
    """The columns of a register that have values below a blank cell of the header. Beside attendance people note what they like."""
    if header.layout != "register":
        return []
    return sorted(
        _filled(grid, header, [col for col, text in _header_texts(grid, header).items() if not text and col not in header.columns.values()])
    )


def row_faults(sheet: Sheet, source: int, known: Words) -> pl.DataFrame:
    """T02 for rows that say two things in columns of one name, and for csv records longer than their header: the rows are set aside."""
    return pl.concat([faults(), *_twice(sheet, source, known), *_beyond(sheet, source)])


def _twice(sheet: Sheet, source: int, known: Words) -> Iterator[pl.DataFrame]:
    """A second column of the same name, where it can be read and differs. Of names and numbers only one with the same header."""
    for name, col in sheet.header.again[:_MOST_AGAIN]:
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
        value = pl.lit(None, pl.String) if column.codes == "status" else pl.col("value")  # a code may be a cause of absence
        cells = text.filter(differs).select(source=pl.lit(source, pl.Int32), row="row", col=pl.lit(col, pl.UInt16), value=value)
        yield cell_faults(cells, rule=pl.lit("T02"), column=pl.lit(name), expected=pl.lit("once"))


def _beyond(sheet: Sheet, source: int) -> Iterator[pl.DataFrame]:
    """Fields behind the last one that has a header: a decimal comma in a csv that is parted by commas makes two fields of one."""
    grid, header = sheet.grid, sheet.header
    last = max(col for col, text in _header_texts(grid, header).items() if text)
    names = [name for name, col in zip(grid.cells.columns, grid.columns, strict=True) if col > last]
    if grid.tells_numbers or not names:
        return
    fields = grid.cells.slice(header.row).select(trimmed(pl.col(names))).with_row_index("row", header.row + 1)
    longer = fields.filter(pl.any_horizontal(pl.col(names).is_not_null())).join(sheet.rows.select("row"), on="row", how="semi")
    # what stands there may be anything, a note or a name: it is not quoted
    place = {"source": pl.lit(source, pl.Int32), "row": pl.col("row"), "col": pl.lit(last + 1, pl.UInt16)}
    cells = longer.select(**place, value=pl.lit(None, pl.String))
    yield cell_faults(cells, rule=pl.lit("T02"), column=pl.lit(FIELD), expected=pl.lit("no_field"))
