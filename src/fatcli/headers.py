"""Where the table of a sheet begins, and which of its columns are known."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from fatcli.model import BLANKS, GRID, TABLES, Table, Vocabulary, folded_header
from fatcli.texts import nearest
from fatcli.workbook import Grid

LAST_HEADER_ROW = 30
FEWEST_DAYS = 28
SLIP = 0.75  # how like a known name a misspelt one of several words is at least
_LONGEST = 40  # characters that a misspelt header may have

_WEEKDAYS = (
    ("må", "mån", "måndag", "mo", "mon", "monday", "m"),
    ("ti", "tis", "tisdag", "tu", "tue", "tues", "tuesday", "t"),
    ("on", "ons", "onsdag", "we", "wed", "wednesday", "o", "w"),
    ("to", "tor", "tors", "torsdag", "th", "thu", "thur", "thurs", "thursday", "t"),
    ("fr", "fre", "fredag", "fri", "friday", "f"),
    ("lö", "lör", "lördag", "sa", "sat", "saturday", "l", "s"),
    ("sö", "sön", "söndag", "su", "sun", "sunday", "s"),
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9:]{8}(?:[.][0-9]+)?)?")  # a time beside it doesn't count
_DAY = re.compile(r"(?:(?P<before>[^\W\d]+)\.?\s*)?(?P<day>[0-9]{1,2})(?:\.0)?\.?(?:\s*(?P<after>[^\W\d]+)\.?)?")

Names = Mapping[str, str]
"""Header as matched -> canonical column."""


class DayHeading(NamedTuple):
    """A day column's heading: a date, or a day of the month with the weekdays that its text allows (Monday = 0; empty: any)."""

    day: int
    date: dt.date | None = None
    weekdays: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Header:
    """A sheet's header row. Columns are absolute and 0-based.

    `unknown`: what no column of the table is called, once per name. `again`: further columns of a name that `columns` has.
    `keys`: what the table's first column may be called, as headers are compared.
    """

    table: Table
    row: int  # 1-based
    columns: Mapping[str, int]
    days: Mapping[int, DayHeading] = field(default_factory=dict)
    unknown: tuple[tuple[int, str], ...] = ()
    again: tuple[tuple[str, int], ...] = ()
    keys: frozenset[str] = frozenset()

    @property
    def layout(self) -> Literal["long", "grid", "register"]:
        if self.table is GRID:
            return "grid"
        return "long" if self.table.name == "attendance" else "register"

    @property
    def missing(self) -> tuple[str, ...]:
        """The required columns that the row lacks; `days` stands for the day columns of a month grid."""
        lacking = [name for name in self.table.required if name not in self.columns]
        return (*lacking, "days") if self.table is GRID and len(self.days) < FEWEST_DAYS else tuple(lacking)

    @property
    def matched(self) -> int:
        return len(self.columns) + len(self.days)

    @property
    def nearly(self) -> bool:
        """Whether at least two thirds of what the table requires are there."""
        if self.table is not GRID:
            return 3 * len(self.missing) <= len(self.table.required)
        enough = FEWEST_DAYS if self.table.required[0] in self.missing else FEWEST_DAYS * 2 // 3
        return len(self.days) >= enough


class Layouts:
    """The tables and the headers they are known by, with those that the rule book adds."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._layouts = [(table, _names(table, vocabulary)) for table in (*TABLES.values(), GRID)]
        self._known: dict[str, dict[int, str]] = {}  # header -> the tables' numbers, and the column that it is in each
        for number, (_, names) in enumerate(self._layouts):
            for header, column in names.items():
                self._known.setdefault(header, {})[number] = column

    def find(self, grid: Grid) -> Header | None:
        """The sheet's header, complete or (see `Header.missing`) nearly so; None where no row looks like one."""
        rows = grid.cells.head(LAST_HEADER_ROW).rows()
        filled = [[(col, cell) for col, cell in zip(grid.columns, cells, strict=True) if cell] for cells in rows]
        candidates = [header for row, cells in enumerate(filled, 1) for header in self._readings(row, cells)]
        complete = [header for header in candidates if not header.missing]
        likely = complete or [header for header in candidates if header.nearly]
        found = max(likely, key=lambda header: (header.matched, -len(header.missing)), default=None)
        if found is None:
            return None
        (names,) = (names for table, names in self._layouts if table is found.table)
        keys = frozenset(name for name, column in names.items() if column == found.table.columns[0].name)
        return replace(found, unknown=_unknown(found, filled[found.row - 1]), keys=keys)

    def resembling(self, grid: Grid) -> tuple[Table, Mapping[str, str]] | None:
        """The table whose required columns a row has, misspelt but for a third at most, and each such header with the one it may mean."""
        best: tuple[int, Table, dict[str, str]] | None = None
        for row in grid.cells.head(LAST_HEADER_ROW).rows():
            texts = [" ".join(cell.split()) for cell in row if cell and len(cell) <= _LONGEST and not any(map(str.isdecimal, cell))]
            for table, names in self._layouts if len(texts) > 1 else ():
                matched, slips = _likely(texts, names)
                if slips and 3 * len(set(table.required) - matched) <= len(table.required) and (best is None or len(matched) > best[0]):
                    best = len(matched), table, slips
        return best and best[1:]

    def _readings(self, row: int, cells: list[tuple[int, str]]) -> Iterator[Header]:
        days = _day_headings(cells)
        columns: list[dict[str, int]] = [{} for _ in self._layouts]
        again: list[list[tuple[str, int]]] = [[] for _ in self._layouts]
        for col, cell in cells:
            spaced, joined = folded_header(cell), folded_header(cell.replace("\n", ""))
            for number, name in {**self._known.get(joined, {}), **self._known.get(spaced, {})}.items():
                if columns[number].setdefault(name, col) != col:
                    again[number].append((name, col))
        for (table, _), found, further in zip(self._layouts, columns, again, strict=True):
            its_days = days if table is GRID else {}
            if found or its_days:
                yield Header(table, row, found, its_days, again=tuple(further))


def _likely(texts: Iterable[str], names: Names) -> tuple[set[str], dict[str, str]]:
    """The table's columns that a row's texts stand for, or seem to; and each misspelt text with the header that it may mean."""
    matched: set[str] = set()
    slips: dict[str, str] = {}
    for text in texts:
        word = folded_header(text) if folded_header(text) in names else nearest(folded_header(text), names, SLIP)
        if word and names[word] not in matched:
            matched.add(names[word])
            slips |= {text: word} if word != folded_header(text) else {}
    return matched, slips


def _names(table: Table, vocabulary: Vocabulary) -> Names:
    return {
        folded_header(header): column.name
        for column in table.columns
        for header in (column.name, *column.aliases, *vocabulary.columns.get(column.name, ()))
    }


def _unknown(header: Header, cells: list[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    """The headers that stand for no column, at their first place; of two that stand for the same column the second."""
    known = {*header.columns.values(), *header.days}
    shown: dict[str, int] = {}
    for col, cell in cells:
        if col not in known:
            shown.setdefault(" ".join(cell.strip(BLANKS).split()), col)
    return tuple((col, text) for text, col in shown.items() if text)


def _day_headings(cells: list[tuple[int, str]]) -> dict[int, DayHeading]:
    """The day columns of a row; of two with the same day the first."""
    headings: dict[DayHeading, int] = {}
    seen: set[dt.date | int] = set()
    for col, cell in cells:
        heading = day_heading(cell.strip(BLANKS))
        if heading and (heading.date or heading.day) not in seen:
            seen.add(heading.date or heading.day)
            headings[heading] = col
    return {col: heading for heading, col in headings.items()}


def day_heading(text: str) -> DayHeading | None:
    """The day that a trimmed heading says; None for any other text."""
    if _DATE.fullmatch(text):
        date = _date(text[:10])
        return DayHeading(date.day, date) if date else None
    found = _DAY.fullmatch(text)
    if not found or not 1 <= int(found["day"]) <= 31:
        return None
    weekdays = [_weekdays(word) for word in (found["before"], found["after"]) if word]
    return DayHeading(int(found["day"]), None, frozenset.intersection(*weekdays) if weekdays else frozenset()) if all(weekdays) else None


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _weekdays(word: str) -> frozenset[int]:
    return frozenset(number for number, names in enumerate(_WEEKDAYS) if word.lower() in names)
