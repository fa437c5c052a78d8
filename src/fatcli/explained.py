"""What an explanation says, as plain records in the run's language: places, values seen, verdicts, money, and the books behind it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fatcli.model import Month, Severity
from fatcli.result import Checked

Outcome = Literal["fired", "not_fired", "open", "not_in_force"]
ItemState = Literal[
    "booked", "to_book", "to_adjust", "to_reverse", "waiting", "withheld", "kept", "clawed_back", "not_spoken_for", "reversed"
]
Question = Literal["placement", "month", "day", "cell", "claim"]


@dataclass(frozen=True)
class Place:
    """A cell, such as C17, of a sheet of a file."""

    file: str
    sheet: str
    cell: str


@dataclass(frozen=True)
class Value:
    """A fact or a column with its value, None where it is empty, and the cell that it was read from (None: it is derived)."""

    name: str
    value: str | None
    place: Place | None = None


@dataclass(frozen=True)
class Report:
    """A report of a day as it was read. `status`: its code, a cause of absence only where it may be shown; `words`: the same in words."""

    place: Place | None
    status: str
    words: str
    hours: str | None
    from_time: str | None
    to_time: str | None


@dataclass(frozen=True)
class Fault:
    """A T violation: what the reader could not read, and so set aside."""

    rule: str
    title: str
    message: str
    place: Place | None
    placement: str | None


@dataclass(frozen=True)
class Comparison:
    """A comparison of a rule, the values it saw, and whether it held; None: an empty value left it open."""

    text: str
    values: Mapping[str, str | None]
    holds: bool | None


@dataclass(frozen=True)
class Tried:
    """A rule as it was tried on one row of its facts.

    words: the verdict with the values that decided it. about: the day, month or pause of the row, None for a placement or organiser.
    message, place: of a rule that fired.
    """

    rule: str
    title: str
    severity: Severity
    facts: str
    outcome: Outcome
    words: str
    about: str | None
    comparisons: tuple[Comparison, ...]
    withholds: tuple[str, ...]
    source: str | None
    message: str | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Rate:
    """An item's rate in öre and what it rests on: the rule book with the source that it names, or a contract with its cell."""

    amount_ore: int | None
    words: str
    source: str | None
    place: Place | None


@dataclass(frozen=True)
class Booked:
    """An item as a run booked it. `attested`: who approved the run; `place`: the cell, as the books have it."""

    run: int
    kind: str
    claim: str
    amount_ore: int
    booked_on: str
    booked_by: str
    attested: tuple[str, ...]
    place: Place | None


@dataclass(frozen=True)
class Item:
    """A component of a placement on a day, what became of it, and why.

    rate: None where the item stands in the books alone. rules: what withholds it. due_ore: what a run would speak for and claim.
    booked_ore: the net of `booked`.
    """

    organiser: str
    component: str
    name: str
    date: dt.date
    rate: Rate | None
    rules: tuple[str, ...]
    state: ItemState
    words: str
    booked: tuple[Booked, ...]

    @property
    def due_ore(self) -> int:
        return (self.rate.amount_ore or 0) if self.rate and not self.rules and self.state != "not_spoken_for" else 0

    @property
    def withheld_ore(self) -> int:
        return (self.rate.amount_ore or 0) if self.rate and self.rules else 0

    @property
    def booked_ore(self) -> int:
        return sum(entry.amount_ore for entry in self.booked)


@dataclass(frozen=True)
class Span:
    """A month of an overview, or a day of a month, on one line. `reports`: so many, of them `attended`."""

    of: Month | dt.date
    reports: int
    attended: int
    status: str | None  # of a day
    due_ore: int
    withheld_ore: int
    booked_ore: int
    rules: tuple[str, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Day:
    """A day of a placement in full. `nothing`: why a component of the service gives no item, or why the day is not laid out at all."""

    date: dt.date
    reports: tuple[Report, ...]
    facts: tuple[Value, ...]
    items: tuple[Item, ...]
    nothing: tuple[str, ...]


@dataclass(frozen=True)
class Placement:
    """A placement as the register and its period have it; `organiser` is the organiser's name."""

    placement: str
    organiser: str
    values: tuple[Value, ...]
    pauses: tuple[Value, ...]


@dataclass(frozen=True)
class Cell:
    """A cell that was asked about: what it is, what was read from it, and the rules that read its column."""

    place: Place
    words: str
    column: str | None
    value: str | None
    rules: tuple[str, ...]


@dataclass(frozen=True)
class TrailItem:
    """An item of a claim line. `sha256`: of the file that its cell stands in; `corrects`: the claim that booked the item before."""

    date: dt.date
    amount_ore: int
    place: Place | None
    sha256: str | None
    corrects: str | None


@dataclass(frozen=True)
class TrailLine:
    """Equal items of a claim."""

    placement: str
    service: str
    component: str
    name: str
    kind: str
    items: tuple[TrailItem, ...]

    @property
    def amount_ore(self) -> int:
        return sum(item.amount_ore for item in self.items)


@dataclass(frozen=True)
class Trail:
    """A claim from the books, line by line back to its cells."""

    claim: str
    organiser: str
    name: str
    run: int
    kind: str
    hash: str
    booked_on: str
    booked_by: str
    attested: tuple[str, ...]
    reason: str | None
    lines: tuple[TrailLine, ...]

    @property
    def total_ore(self) -> int:
        return sum(line.amount_ore for line in self.lines)


@dataclass(frozen=True)
class Explanation:
    """An answer. Of what follows `answer` only what the question concerns is there; `checked` is what it rests on."""

    checked: Checked
    question: Question
    asked: str
    answer: str
    cell: Cell | None = None
    placement: Placement | None = None
    faults: tuple[Fault, ...] = ()
    day: Day | None = None
    spans: tuple[Span, ...] = ()
    items: tuple[Item, ...] = ()
    tried: tuple[Tried, ...] = ()
    trail: Trail | None = None
