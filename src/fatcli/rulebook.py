"""The rule book: `rules.yaml` read, checked and dated. Nothing runs on a book that is wrong.

A wrong book raises RuleBookError with FILE:LINE, what is wrong and the nearest right word, for the first five errors.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Generic, Literal, TypeVar

from fatcli.errors import RuleBookError
from fatcli.expression import ColumnType, Expression
from fatcli.model import Severity, Vocabulary, folded_word
from fatcli.schema import FRAMES
from fatcli.strictyaml import Node
from fatcli.texts import Text

T = TypeVar("T")
Per = Literal["attended_day", "scheduled_day", "start", "result"]
Schedule = Literal["working_days", "weekdays"]
Group = Literal["all", "daily", "attended"]  # of compensation, which a rule withholds without naming components
SHIPPED_NAME = "fatcli/rules.yaml"
_LONGEST = 4 * 2**20  # bytes of a rule book; the shipped one has less than 100 000
# limits that the facts themselves are made with: the in-depth assessment's longest time, and how many a supervisor may have where the
# organiser has no figure of its own
IN_DEPTH_MONTHS, MOST_PARTICIPANTS = "in_depth_months", "participants_per_supervisor"


@dataclass(frozen=True)
class Dated(Generic[T]):
    """A value and the days it holds for, both ends included; None: open."""

    value: T
    start: dt.date | None = None
    end: dt.date | None = None
    source: str | None = None

    def holds(self, day: dt.date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Limit:
    """A figure or a date of the sources; the column `limit_<name>` of every facts frame."""

    name: str
    values: tuple[Dated[int] | Dated[dt.date], ...]
    is_date: bool


@dataclass(frozen=True)
class Duration:
    """The longest period in months: for a programme (None: any) and at least so many compensated days (0: no condition)."""

    programme: str | None
    months: int
    compensated_days: int = 0
    start: dt.date | None = None
    end: dt.date | None = None
    source: str | None = None


@dataclass(frozen=True)
class Component:
    """A kind of compensation. `sek`: dated amounts in öre; none: only a contract has the price. `when`: over `days`."""

    id: str
    name: Text
    per: Per
    when: Expression | None
    sek: tuple[Dated[int], ...]


@dataclass(frozen=True)
class Service:
    """A service: `programmes` empty: open to all; `chain` None: its placements are in no period."""

    id: str
    name: Text
    programmes: tuple[str, ...]
    schedule: Schedule
    chain: Literal["period", "participation"] | None
    max_gap_days: int | None
    durations: tuple[Duration, ...]
    placement_months: tuple[Dated[int], ...]
    components: tuple[Component, ...]
    source: str | None


@dataclass(frozen=True)
class Rule:
    """A rule, as it holds from `start` to `end`. `when` None: found by the program itself (facts reader, engine).

    `withhold`: ("all",), ("daily",), ("attended",), component ids, or empty. `cell`: the column whose cell is pointed at,
    in the first or the second report of the day.
    """

    id: str
    name: str
    title: Text
    facts: str
    when: Expression | None
    severity: Severity
    withhold: tuple[str, ...]
    cell: str | None
    report: Literal["first", "second"]
    spell: bool
    source: str | None
    message: Text
    remedy: Text
    start: dt.date | None
    end: dt.date | None
    line: int


@dataclass(frozen=True)
class Reference:
    """A document behind rules and figures."""

    title: Text
    document: str


@dataclass(frozen=True)
class Duty:
    """What a source demands and attendance and placement data can't show: no rule checks it."""

    text: Text
    source: str | None


@dataclass(frozen=True)
class Settings:
    """`interruption_reasons`: codes of end_reason; `pseudonym`: a pattern for the whole of a participant's pseudonym."""

    interruption_reasons: tuple[str, ...]
    pseudonym: str


@dataclass(frozen=True)
class RuleBook:
    """A checked rule book. `rules`: in file order; an id stands once for each span of days it is written for. `root`: the file itself."""

    path: str
    edition: str
    sha256: str
    sources: Mapping[str, Reference]
    settings: Settings
    limits: Mapping[str, Limit]
    services: Mapping[str, Service]
    rules: tuple[Rule, ...]
    not_checked: tuple[Duty, ...]
    vocabulary: Vocabulary
    root: Node = field(repr=False)

    def rule(self, rule_id: str) -> tuple[Rule, ...]:
        """All that stands under an id; empty: there is no such rule."""
        return tuple(rule for rule in self.rules if rule.id == rule_id)

    def line(self, *path: str | int) -> int:
        """The line of a part of the file, by its keys and places in lists; of what is not written, that of what it belongs to."""
        node = self.root
        for key in path:
            if isinstance(node.value, tuple):
                node = node.value[key] if isinstance(key, int) and key < len(node.value) else node
            elif not isinstance(node.value, str):
                node = node.value.get(str(key), node)
        return node.line

    def components(self) -> Mapping[str, Mapping[str, str]]:
        """Service to the words for its components, ids and names as they are compared, each with the id it stands for."""
        return {
            service.id: {folded_word(word): component.id for component in service.components for word in (*component.name, component.id)}
            for service in self.services.values()
        }

    def component_names(self) -> dict[str, Text]:
        """`SERVICE.component` -> its name."""
        return {f"{service.id}.{component.id}": component.name for service in self.services.values() for component in service.components}

    def gaps(self) -> Iterator[tuple[str, dt.date, dt.date]]:
        """The days between two dated values on which there is none, by `SERVICE.component` or the limit's name, first and last day."""
        amounts = {f"{service.id}.{each.id}": each.sek for service in self.services.values() for each in service.components}
        for name, values in {**amounts, **{limit.name: limit.values for limit in self.limits.values()}}.items():
            spans = sorted((value.start or dt.date.min, value.end or dt.date.max) for value in values)
            for (_, end), (start, _) in pairwise(spans):
                if (start - end).days > 1:
                    yield name, end + dt.timedelta(days=1), start - dt.timedelta(days=1)

    def paid_per(self, per: Per) -> tuple[str, ...]:
        """The services with a component that is paid so."""
        return tuple(service.id for service in self.services.values() if any(component.per == per for component in service.components))


def columns_of(frame: str, limits: Mapping[str, Limit], vocabulary: Vocabulary) -> Mapping[str, ColumnType]:
    """What an expression over a facts frame may name."""
    facts = {
        name: ColumnType(fact.type, tuple(vocabulary.known(fact.codes)) if fact.codes else None)
        for name, fact in FRAMES[frame].facts.items()
    }
    return facts | {f"limit_{limit.name}": ColumnType("date" if limit.is_date else "number") for limit in limits.values()}


def shipped() -> bytes:
    """The rule book that comes with the program."""
    packaged = resources.files("fatcli").joinpath("rules.yaml")
    if packaged.is_file():
        return packaged.read_bytes()
    return (Path(__file__).parents[2] / "rules.yaml").read_bytes()  # a source tree


def load(path: Path | None = None, shown: str | None = None) -> RuleBook:
    """The rule book of a file, or the one shipped with the program; raises RuleBookError."""
    from fatcli.rulebook_reader import read

    if path is None:
        return read(shipped(), shown or SHIPPED_NAME)
    return read(_bytes(path, shown or str(path)), shown or str(path))


def _bytes(path: Path, shown: str) -> bytes:
    try:
        with path.open("rb") as file:  # by no more than it may have: a device may never end
            content = file.read(_LONGEST + 1)
    except OSError as error:
        what = Text("regelboken går inte att läsa.", "the rule book can't be read.")
        remedy = Text("Kontrollera att filen finns och att du får läsa den.", "Check that the file exists and that you may read it.")
        raise RuleBookError(what, remedy, place=shown) from error
    if len(content) > _LONGEST:
        what = Text("filen är för stor för en regelbok.", "the file is too large for a rule book.")
        raise RuleBookError(what, Text("Ange regelbokens fil med --rules.", "Name the rule book's file with --rules."), place=shown)
    return content
