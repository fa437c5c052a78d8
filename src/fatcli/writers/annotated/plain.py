"""A copy of a workbook that can't be changed as it is (.xls, .xlsb, .ods, .csv): an .xlsx with the values it shows."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from fatcli.model import EXCEL_ERRORS
from fatcli.workbook import Grid

_STAMP = "%Y-%m-%d %H:%M:%S"
_DATED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_DAY_ZERO = "1899-12-31 "
_FORMATS = {"date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm", "time": "hh:mm"}
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME, _WIDEST = 31, 50


def sheet_names(grids: Sequence[Grid]) -> dict[str, str]:
    """Each sheet's name, and the one that the copy gives it: Excel allows no long ones and not every character."""
    names: dict[str, str] = {}
    for grid in grids:
        wanted = (_NOT_IN_NAMES.sub(" ", grid.sheet).strip("' ") or "Blad")[:_LONGEST_NAME]
        taken = {name.lower() for name in names.values()}
        others = (f"{wanted[: _LONGEST_NAME - 3]} {number}" for number in range(2, 100))
        names[grid.sheet] = next(name for name in (wanted, *others) if name.lower() not in taken)
    return names


def plain_book(grids: Sequence[Grid], *, typed: bool) -> bytes:
    """The workbook, its sheets named by `sheet_names`. Formulas have become their values; one saved without any is a blank cell.

    `typed`: what looks like a date is one. In csv everything is text, and stays so.
    """
    data = BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": dt.datetime(1980, 1, 1)})  # noqa: DTZ001 (the same bytes for the same input)
    formats = {name: book.add_format({"num_format": form}) for name, form in _FORMATS.items()}
    names = sheet_names(grids)
    for grid in grids:
        _write(book.add_worksheet(names[grid.sheet]), grid, formats if typed else {})
    book.close()
    return data.getvalue()


def _write(sheet: Worksheet, grid: Grid, formats: Mapping[str, Format]) -> None:
    numeric = grid.numeric()
    for name, column in zip(grid.cells.columns, grid.columns, strict=True):
        texts = grid.cells[name]
        longest = texts.str.len_chars().max()
        sheet.set_column(column, column, min(_WIDEST, max(9, int(str(longest or 0)) + 2)))
        for row, text, is_number in _filled(texts, numeric[name]):
            if formats and _DATED.fullmatch(text):
                _write_moment(sheet, row, column, text, formats)
            elif is_number:
                sheet.write_number(row, column, float(text))
            else:
                sheet.write_string(row, column, text)
    for (row, column), error in grid.errors.items():
        value = error if error in EXCEL_ERRORS else "#VALUE!"
        sheet.write_formula(row - 1, column, f"={value}", None, value)


def _filled(texts: pl.Series, numeric: pl.Series) -> Iterator[tuple[int, str, bool]]:
    return ((row, text, number) for row, (text, number) in enumerate(zip(texts, numeric, strict=True)) if text is not None)


def _write_moment(sheet: Worksheet, row: int, column: int, text: str, formats: Mapping[str, Format]) -> None:
    """A date, with its time of day where it has one; a time alone is hours after the day before 1900."""
    moment = dt.datetime.strptime(text, _STAMP)  # noqa: DTZ007 (a spreadsheet knows no time zones)
    if text.startswith(_DAY_ZERO):
        sheet.write_datetime(row, column, moment.time(), formats["time"])
    elif moment.year < 1900:  # Excel knows no such dates
        sheet.write_string(row, column, text)
    else:
        sheet.write_datetime(row, column, moment, formats["date" if text.endswith("00:00:00") else "moment"])
