"""A follow-up report as plain records: tables of figures, what each rests on, and plots of them; one form for all writers.

Shares are exact fractions, sums are whole öre. What is rounded is so half up, and once; a minus as its plus. A figure over a small group
is hidden (`Hidden`), and so is what it could be computed from.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from typing import Literal, NamedTuple

from fatcli.model import Month
from fatcli.result import Input
from fatcli.texts import Language, Text, same

Kind = Literal["text", "count", "mean", "days", "share", "sek"]
PlotKind = Literal["bars", "stacked", "lines", "horizontal"]


class Label(NamedTuple):
    """What a row is about: its code, which stays the same, and its name."""

    code: str
    name: Text


TOTAL = "all"  # the code of a row that others sum to


class Hidden(Enum):
    """That a figure isn't shown: its group is small, or a small group could be computed from it. Which of them is not told either."""

    HIDDEN = ".."


Value = Label | Hidden | Fraction | int | float | None
Row = tuple[Value, ...]


@dataclass(frozen=True)
class Column:
    """A column of figures. `persons`: a count of persons, `part_of`: and of which other count it is a part.

    `of`: the counts of persons that a figure rests on, and is hidden with; `base`: what a share is a share of; every share has one.
    """

    key: str
    title: Text
    kind: Kind = "count"
    persons: bool = False
    part_of: str | None = None
    of: tuple[str, ...] = ()
    base: Text | None = None


@dataclass(frozen=True)
class Table:
    """Rows of figures. `partial`: the days that the data cover of a row's year or month, where that isn't all; `about`: how to read it."""

    key: str
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    about: tuple[Text, ...] = ()
    partial: Mapping[int, tuple[dt.date, dt.date]] = field(default_factory=dict)

    def position(self, key: str) -> int:
        return next(at for at, column in enumerate(self.columns) if column.key == key)

    def value(self, row: int, key: str) -> Value:
        return self.rows[row][self.position(key)]


class Cell(NamedTuple):
    """A figure's place: table, row and column."""

    table: str
    row: int
    column: str


@dataclass(frozen=True)
class Relation:
    """Figures of which one can be computed from the others: those of `plus` sum to those of `minus`, exactly or as nearly as they do.

    `rest`: they sum to no more, and what lacks is a group of persons that isn't shown. `spared`: these are hidden last.
    """

    plus: tuple[Cell, ...]
    minus: tuple[Cell, ...]
    spared: tuple[Cell, ...] = ()
    rest: bool = False

    @property
    def cells(self) -> tuple[Cell, ...]:
        return self.plus + self.minus


@dataclass(frozen=True)
class Plot:
    """Some rows of a table as a plot: `x` the column of the categories, `series` those of the figures; all figures have one unit."""

    kind: PlotKind
    title: Text
    table: str
    rows: tuple[int, ...]
    x: str
    series: tuple[str, ...]
    x_title: Text
    y_title: Text


@dataclass(frozen=True)
class Basis:
    """What a report rests on."""

    version: str
    rules_path: str
    edition: str
    rules_sha256: str
    as_of: dt.date
    language: Language
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True)
class Figures:
    """What a report's module makes: tables, plots of them, what to know about them, and the relations between their figures."""

    tables: tuple[Table, ...]
    plots: tuple[Plot, ...] = ()
    notes: tuple[Text, ...] = ()
    relations: tuple[Relation, ...] = ()

    def with_notes(self, *notes: Text) -> "Figures":
        return replace(self, notes=(*self.notes, *notes))


@dataclass(frozen=True)
class Report:
    """A report to write. `first`, `last`: the days that the figures are about, None where there are no data; `min_group`: 0 shows all."""

    name: str
    title: Text
    source: Text
    figures: Figures
    basis: Basis
    first: dt.date | None
    last: dt.date | None
    min_group: int


def month_label(month: Month) -> Label:
    return Label(str(month), same(str(month)))


def year_label(year: int) -> Label:
    return Label(str(year), same(str(year)))


def half_up(part: int, whole: int) -> int:
    """A quotient to the nearest whole number; one half goes away from zero, as when figures are rounded by hand. `whole` is above 0."""
    nearest = (2 * abs(part) + whole) // (2 * whole)
    return nearest if part >= 0 else -nearest


def ratio(part: int, whole: int, digits: int) -> float | None:
    """A part of a whole, rounded to some digits; None of nothing."""
    return half_up(part * 10**digits, whole) / 10**digits if whole else None


def share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def per_head(ore: int, persons: int) -> int | None:
    """Öre per person, rounded to whole SEK."""
    return half_up(ore, 100 * persons) * 100 if persons else None


def equal(one: Cell, other: Cell) -> Relation:
    return Relation((one,), (other,))


def rows_sum(table: Table, parts: Sequence[int], total: int, columns: Iterable[str]) -> list[Relation]:
    """That the figures of some rows sum to those of another."""
    return [Relation(tuple(Cell(table.key, row, column) for row in parts), (Cell(table.key, total, column),)) for column in columns]


def columns_sum(table: Table, parts: Sequence[str], total: str) -> list[Relation]:
    """That in each row the figures of some columns sum to that of another."""
    return [
        Relation(tuple(Cell(table.key, row, column) for column in parts), (Cell(table.key, row, total),)) for row in range(len(table.rows))
    ]


def parts_of(of: Cell, *parts: Cell) -> Relation:
    """That groups without anybody in common are parts of another; who is in none of them is a group too."""
    return Relation(parts, (of,), rest=True)
