"""An OpenDocument spreadsheet's content to cells; read here because the fast reader loses its errors, booleans and times."""

import datetime as dt
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple
from xml.etree import ElementTree as ET

import polars as pl

from fatcli.model import EXCEL_ERRORS
from fatcli.package import check_sheets, damaged, without_entities
from fatcli.sharedtexts import check_texts
from fatcli.sheetparts import check_extent

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"

_NUMBERS = ("float", "percentage", "currency")
_VALUES = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}
_BREAKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_DAY_ZERO = dt.datetime(1899, 12, 31)  # noqa: DTZ001 (a spreadsheet knows no time zones)
_DURATION = re.compile(r"PT(\d{1,20})H(\d{1,20})M(\d{1,20})(?:[.,]\d+)?S")
_MOST_HELD = 1 << 20  # elements of a row, 64 for each column, or in one another; of some 300 bytes each
_MAX_SPACES = 32_767  # of a cell, written by their number: as long as the longest text in Excel
_LONGEST_TIME = 3600 * 10**6  # seconds; to the year 2014


class _Cell(NamedTuple):
    text: str | None = None
    number: bool = False
    error: str | None = None
    unsaved: bool = False


_BLANK = _Cell()


@dataclass
class OdsSheet:
    """A sheet from A1 on, its rows as long as they are filled."""

    name: str
    hidden: bool = False
    rows: list[list[_Cell]] = field(default_factory=list)
    width: int = 0
    written: int = 0  # cells that stand in the file; repeated ones once
    blank_rows: int = 0  # since the last row with something in it
    filled: int = 0  # cells with a text, and how long their texts are, of this sheet and those before it; repeated ones each time
    letters: int = 0

    def cells(self) -> pl.DataFrame:
        return self._frame(lambda cell: cell.text, None, pl.String())

    def numeric(self, names: Sequence[str]) -> pl.DataFrame:
        return self._frame(lambda cell: cell.number, blank=False, dtype=pl.Boolean()).select(names)

    def errors(self) -> dict[tuple[int, int], str]:
        """Error texts by place: 1-based row, 0-based column."""
        return {(row, column): cell.error for row, column, cell in self._doubtful() if cell.error}

    def unsaved(self) -> frozenset[tuple[int, int]]:
        return frozenset((row, column) for row, column, cell in self._doubtful() if cell.unsaved)

    def _doubtful(self) -> Iterator[tuple[int, int, _Cell]]:
        doubtful = {id(row) for row in self._written_rows() if any(cell.error or cell.unsaved for cell in row)}
        found = ((number, row) for number, row in enumerate(self.rows, start=1) if id(row) in doubtful)
        return ((number, column, cell) for number, row in found for column, cell in enumerate(row))

    def _written_rows(self) -> Iterable[list[_Cell]]:
        """The rows as they stand in the file, where one that is repeated stands once."""
        return {id(row): row for row in self.rows}.values()

    def _frame(self, value: Callable[[_Cell], object], blank: object, dtype: pl.DataType) -> pl.DataFrame:
        values = {id(row): [value(cell) for cell in row] for row in self._written_rows()}
        rows = [values[id(row)] for row in self.rows]
        columns = ([row[index] if index < len(row) else blank for row in rows] for index in range(self.width))
        return pl.DataFrame([pl.Series(str(index), column, dtype) for index, column in enumerate(columns)])


def read_ods(content: bytes) -> list[OdsSheet]:
    """The sheets of `content.xml`, in order; raises InputError.

    Texts have the form that Excel's get: dates `2024-05-03 00:00:00`, times `1899-12-31 08:00:00`, `true`, `7.5`.
    """
    sheets: list[OdsSheet] = []
    path: list[ET.Element] = []
    unseen: set[str | None] = set()  # styles of hidden sheets
    tables = rows = held = 0  # that are open; elements that are held
    try:
        for event, element in _events(content):
            step = 1 if event == "start" else -1
            tables += step * (element.tag == f"{_TABLE}table")
            rows += step * (element.tag == f"{_TABLE}table-row")
            if event == "start":
                held += 1
                if held > _MOST_HELD:
                    raise damaged()
                if element.tag == f"{_TABLE}table" and path and path[-1].tag == f"{_OFFICE}spreadsheet":
                    check_sheets(len(sheets) + 1)
                    sheets.append(_sheet(element, unseen, sheets[-1:]))
                path.append(element)
                continue
            path.pop()
            if path and path[-1].tag == f"{_STYLE}style" and element.get(f"{_TABLE}display") == "false":
                unseen.add(path[-1].get(f"{_STYLE}name"))
            if element.tag == f"{_TABLE}table-row" and tables == 1 and sheets:
                _add_row(sheets[-1], element)
                element.clear()
            if path and not rows:
                path[-1].remove(element)  # else all that the file has would be held
                held = len(path)
    except (ET.ParseError, RecursionError, ValueError) as error:  # elements in elements without end, or spaces without number
        raise damaged() from error
    return sheets


def _sheet(table: ET.Element, unseen: Collection[str | None], before: Sequence[OdsSheet]) -> OdsSheet:
    sheet = OdsSheet(table.get(f"{_TABLE}name", ""), table.get(f"{_TABLE}style-name") in unseen)
    if before:
        sheet.filled, sheet.letters = before[0].filled, before[0].letters
    return sheet


def _events(content: bytes) -> Iterator[tuple[str, ET.Element]]:
    return ET.iterparse(io.BytesIO(without_entities(content)), ("start", "end"))  # noqa: S314 (no entities are left)


def _add_row(sheet: OdsSheet, element: ET.Element) -> None:
    """The row as often as it is repeated; blank rows wait for a row that follows, for a sheet may end in a million of them."""
    runs = _runs(element)
    times = _repeated(element, "rows")
    if not runs:
        sheet.blank_rows += times
        return
    sheet.width = max(sheet.width, sum(length for _, length in runs))
    sheet.written += len(runs)
    check_extent(len(sheet.rows) + sheet.blank_rows + times, sheet.width, sheet.written, sheet.name)
    sheet.filled += times * sum(length for cell, length in runs if cell.text)
    sheet.letters += times * sum(length * len(cell.text or "") for cell, length in runs)
    check_texts(sheet.letters, sheet.filled)
    row = [cell for cell, length in runs for _ in range(length)]
    sheet.rows += [[]] * sheet.blank_rows + [row] * times
    sheet.blank_rows = 0


def _runs(row: ET.Element) -> list[tuple[_Cell, int]]:
    """The row's cells, each with how often it stands; blanks at the end left out."""
    runs: list[tuple[_Cell, int]] = []
    letters = 0
    for element in row:
        if element.tag == f"{_TABLE}table-cell":
            runs.append((_cell(element), _repeated(element, "columns")))
        elif element.tag == f"{_TABLE}covered-table-cell":  # under a merged cell
            runs.append((_BLANK, _repeated(element, "columns")))
        else:
            continue
        letters += len(runs[-1][0].text or "")
        check_texts(letters, len(runs))  # a row may hold more than the memory
    while runs and runs[-1][0] == _BLANK:
        runs.pop()
    return runs


def _repeated(element: ET.Element, what: str) -> int:
    times = element.get(f"{_TABLE}number-{what}-repeated", "1")
    if not (times.isdecimal() and len(times) < 10):
        raise damaged()
    return int(times)


def _cell(element: ET.Element) -> _Cell:
    if sum(map(_spaces, element.iter(f"{_TEXT}s"))) > _MAX_SPACES:
        raise damaged()
    kind = element.get(f"{_OFFICE}value-type")
    paragraphs = element.findall(f"{_TEXT}p")
    shown = "\n".join(map(_text, paragraphs))
    if element.get(f"{_CALC}value-type") == "error":
        return _Cell(error=shown if shown in EXCEL_ERRORS else "#VALUE!")
    if kind is None or kind == "string":
        unsaved = kind is None and f"{_TABLE}formula" in element.attrib and not paragraphs
        return _Cell(shown or element.get(f"{_OFFICE}string-value") or None, unsaved=unsaved)
    value = element.get(f"{_OFFICE}{_VALUES.get(kind, 'value')}", "")
    return _Cell(_FORMS[kind](value) if kind in _FORMS else value or shown, number=kind in _NUMBERS)


def _text(element: ET.Element) -> str:
    """A paragraph's text; OpenDocument writes runs of spaces, tabs and line breaks as elements."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            parts.append(" " * _spaces(child))
        else:
            parts.append(_BREAKS.get(child.tag) or _text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _spaces(run: ET.Element) -> int:
    return max(0, min(int(run.get(f"{_TEXT}c", "1")), 1000))


def _number(value: str) -> str:
    if "_" in value:  # Python reads 1_0 as 10
        return value
    try:
        return format(Decimal(repr(float(value))).normalize(), "f")
    except ValueError:
        return value


def _date(value: str) -> str:
    day, _, time = value.partition("T")
    return f"{day} {time or '00:00:00'}"


def _time(value: str) -> str:
    """A time, or a duration, as Excel counts it: hours after the day before 1900."""
    parts = _DURATION.fullmatch(value)
    if parts is None:
        return value
    hours, minutes, seconds = map(int, parts.groups())
    return str(_DAY_ZERO + dt.timedelta(seconds=min(hours * 3600 + minutes * 60 + seconds, _LONGEST_TIME)))


_FORMS = {**dict.fromkeys(_NUMBERS, _number), "date": _date, "time": _time, "boolean": str.lower}
