"""A slow model of the books, written from the specification: every month is worked out day by day from nothing, in plain Python.

The books of the model hold what each item was entitled to when a run last spoke for it; a claim is never a difference here.
Organisers, placements and prices are those of a small world; all persons are fictitious.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

DAY = dt.timedelta(days=1)
RATES = {("FAT", "base"): 30_000, ("FAT", "in_depth"): 20_000, ("AIO", "start"): 300_000, ("AIO", "day"): 45_000}  # öre
DAILY = ("base", "in_depth", "day")
ATTENDED = ("base", "in_depth")
INTERRUPTIONS = ("interrupted", "work", "studies", "illness", "moved", "other")
SET_ASIDE_BY = {"start": "T02", "twice": "T04", "organiser": "T05", "id": "T03"}  # what is wrong with a placement row, and the rule


class Item(NamedTuple):
    """What is paid, or not: an organiser's money for a placement's day and component."""

    organiser: str
    placement: str
    component: str
    date: dt.date


class Report(NamedTuple):
    """A row or cell of attendance; `fault`: what in it can't be read, `status` or `date`."""

    placement: str
    date: dt.date
    status: str
    fault: str = ""

    @property
    def readable(self) -> bool:
        return not self.fault


class Price(NamedTuple):
    """A row of contracts."""

    organiser: str
    service: str
    component: str
    amount: int
    start: dt.date
    end: dt.date | None


class Pause(NamedTuple):
    placement: str
    start: dt.date
    end: dt.date
    approved: bool


@dataclass(frozen=True)
class Placement:
    """A row of placements; `file`: where its attendance is reported; `fault`: a key of SET_ASIDE_BY."""

    id: str
    participant: str
    organiser: str
    service: str
    start: dt.date
    end: dt.date
    file: str
    ended_on: dt.date | None = None
    end_reason: str | None = None
    in_depth: tuple[dt.date, dt.date] | None = None
    trial: dt.date | None = None
    fault: str = ""

    @property
    def effective_end(self) -> dt.date:
        return min(self.end, self.ended_on) if self.ended_on else self.end

    @property
    def interrupted(self) -> bool:
        return self.ended_on is not None and self.ended_on < self.end and self.end_reason in INTERRUPTIONS

    def runs(self, day: dt.date) -> bool:
        return self.start <= day <= self.effective_end


@dataclass
class World:
    """What the workbooks say."""

    placements: dict[str, Placement]
    reports: list[Report] = field(default_factory=list)
    prices: list[Price] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)

    def change(self, placement: str, **values: object) -> None:
        self.placements[placement] = replace(self.placements[placement], **values)

    def of(self, placement: str, day: dt.date) -> list[Report]:
        return [report for report in self.reports if (report.placement, report.date) == (placement, day)]


@dataclass(frozen=True)
class Judged:
    """An item, what it would pay (None: no rate), and the rules that withhold it."""

    amount: int | None
    rules: frozenset[str]

    @property
    def due(self) -> bool:
        return not self.rules


Net = dict[Item, int]


class Reading:
    """A world as a run sees it: by the files it is given, the as-of day, and what is booked."""

    def __init__(
        self, world: World, files: Collection[str], as_of: dt.date, net: Net, closed: Collection[tuple[str, str, dt.date]]
    ) -> None:
        self.world, self.as_of, self.net, self.closed = world, as_of, net, closed
        self.standing = {p.id: p for p in world.placements.values() if not p.fault}
        self.doubted: dict[str, set[str]] = {}
        for p in world.placements.values():
            if p.fault:
                self.doubted.setdefault(p.participant, set()).add(SET_ASIDE_BY[p.fault])
        self.rows = [r for r in world.reports if world.placements[r.placement].file in files]
        self.reports = [r for r in self.rows if r.readable and r.placement in self.standing]
        self.by_day: dict[tuple[str, dt.date], list[Report]] = {}
        for report in self.reports:
            self.by_day.setdefault((report.placement, report.date), []).append(report)
        self.in_organiser_month = {(self.standing[r.placement].organiser, month_of(r.date)) for r in self.reports}
        self.in_month = {(r.placement, month_of(r.date)) for r in self.reports}
        self.taken_part = {
            (r.placement, month_of(r.date))
            for r in self.reports
            if r.status != "off" and r.date <= as_of and self.standing[r.placement].runs(r.date)
        }
        self.items = dict(self._items())

    def attended(self, p: Placement, day: dt.date) -> bool:
        return any(report.status == "present" for report in self.by_day.get((p.id, day), ()))

    def paused(self, p: Placement, day: dt.date) -> bool:
        return any(pause.approved and pause.placement == p.id and pause.start <= day <= pause.end for pause in self.world.pauses)

    def scheduled(self, p: Placement, day: dt.date) -> bool:
        """A Monday to Friday of an AIO placement outside pauses, up to the as-of day or reported."""
        laid_out = day <= self.as_of or (p.id, day) in self.by_day
        in_month = (p.organiser, month_of(day)) in self.in_organiser_month
        return laid_out and in_month and p.runs(day) and day.weekday() < 5 and not self.paused(p, day)

    def counts(self, p: Placement, day: dt.date) -> bool:
        if p.service == "AIO":
            return self.scheduled(p, day) and (p.id, month_of(day)) in self.taken_part
        return self.attended(p, day)

    def counts_elsewhere(self, p: Placement, day: dt.date) -> bool:
        others = [q for q in self.world.placements.values() if q.participant == p.participant and q.id != p.id]
        here = any(q.id in self.standing and q.runs(day) and self.counts(q, day) for q in others)
        return here or any(self.booked(q.id, day) for q in others)

    def booked(self, placement: str, day: dt.date) -> bool:
        """Whether daily money of the placement's day is booked."""
        return any(item.placement == placement and item.date == day and item.component in DAILY for item in self.net)

    def start_earned(self, p: Placement) -> bool:
        own = [q for q in self.standing.values() if q.participant == p.participant and q.service == "AIO"]
        before = [q for q in own if (q.start, q.id) < (p.start, p.id)]
        return not before or max(before, key=lambda q: (q.start, q.id)).interrupted

    def _items(self) -> Iterator[tuple[Item, Judged]]:
        for p in self.standing.values():
            for component, day in self._earned(p):
                item = self._on_its_day(Item(p.organiser, p.id, component, day))
                amount = self._amount(p, component, item.date)
                rules = set(self._rules(p, component, day)) | ({"C01"} if amount is None else set())
                yield item, Judged(amount, frozenset(rules))

    def _earned(self, p: Placement) -> Iterator[tuple[str, dt.date]]:
        days = sorted({day for placement, day in self.by_day if placement == p.id})
        if p.service == "FAT":
            for day in days:
                if self.attended(p, day):
                    yield "base", day
                    if p.in_depth and p.in_depth[0] <= day <= p.in_depth[1]:
                        yield "in_depth", day
        if p.service == "AIO":
            for day in all_days(p.start, min(p.effective_end, self.as_of)):
                if self.scheduled(p, day):
                    yield "day", day
            if p.start <= self.as_of and self.start_earned(p):
                yield "start", p.start
        if p.service == "ITA3" and p.trial and p.trial <= self.as_of:
            yield "result", p.trial

    def _amount(self, p: Placement, component: str, day: dt.date) -> int | None:
        """The contract in force with the latest first day, of equal ones the later row; else the rule book's rate."""
        found = RATES.get((p.service, component))
        latest = dt.date.min
        for price in self.world.prices:
            concerns = (price.organiser, price.service, price.component) == (p.organiser, p.service, component)
            if concerns and price.start <= day and (price.end is None or day <= price.end) and price.start >= latest:
                found, latest = price.amount, price.start
        return found

    def _rules(self, p: Placement, component: str, day: dt.date) -> Iterator[str]:
        """The rules that withhold an item, of those that this world can break."""
        yield from self.doubted.get(p.participant, ())
        if component in DAILY:
            yield from self._of_daily_money(p, day)
        if component in ATTENDED:
            yield from self._of_attendance(p, day)
        if p.service == "AIO" and self._not_reported(p, month_of(day)):
            yield "A18"
        if component == "result" and not p.runs(day):
            yield "C02"
        if any((p.id, component) == closed[:2] and (component not in DAILY or closed[2] == day) for closed in self.closed):
            yield "clawed-back"

    def _of_daily_money(self, p: Placement, day: dt.date) -> Iterator[str]:
        reported = [report.status for report in self.by_day.get((p.id, day), ())][:1] not in ([], ["off"])
        if reported and not p.start <= day <= p.end:
            yield "A01"
        if reported and p.effective_end < day <= p.end:
            yield "A02"
        if self.counts(p, day) and self.counts_elsewhere(p, day) and not self.booked(p.id, day):
            yield "A08"

    def _of_attendance(self, p: Placement, day: dt.date) -> Iterator[str]:
        if self.paused(p, day):
            yield "A05"
        if len({report.status for report in self.by_day[p.id, day]}) > 1:
            yield "A07"
        if day > self.as_of:
            yield "A13"

    def _not_reported(self, p: Placement, month: str) -> bool:
        return (p.organiser, month) in self.in_organiser_month and (p.id, month) not in self.taken_part

    # -- what the run says of the books

    def due(self) -> Net:
        return {item: judged.amount or 0 for item, judged in self.items.items() if judged.due}

    def _on_its_day(self, item: Item) -> Item:
        """A start or result item that is booked stands on the day it was booked on."""
        if item.component in DAILY:
            return item
        return item._replace(date=next((held.date for held in self.net if held[:3] == item[:3]), item.date))

    def speaks_for(self, placement: str, month: str) -> bool:
        results = (item for item in self.items if item.component == "result")
        return (placement, month) in self.in_month or any((i.placement, month_of(i.date)) == (placement, month) for i in results)

    def kept(self, item: Item, due: Net) -> bool:
        """Whether what is booked of an item is left as it is; a row without a readable day may be of any day due to no organiser."""
        faulty = [row for row in self.rows if row.placement == item.placement and not row.readable]
        in_doubt = self.world.placements[item.placement].participant in self.doubted
        of_the_day = any(row.fault != "date" and row.date == item.date for row in faulty)
        of_some_day = any(row.fault == "date" for row in faulty) and item[1:] not in {other[1:] for other in due}
        return in_doubt or of_the_day or of_some_day or not self.speaks_for(item.placement, month_of(item.date))

    def entitled(self) -> Net:
        """Every item that the run speaks for and that is booked or due, and what it is entitled to: 0 where it is not due."""
        due = self.due()
        held = {item for item in self.net if not self.kept(item, due)}
        left = {item[1:] for item in self.net.keys() - held}  # a day left with one organiser is not paid to another
        new = {item for item in due if item not in self.net and item[1:] not in left}
        new = {item for item in new if self.speaks_for(item.placement, month_of(item.date))}
        return {item: due.get(item, 0) for item in held | new}

    def silent(self, item: Item) -> bool:
        """Whether the item is a scheduled day of a month in which its organiser reported nothing at all."""
        return item.component == "day" and (item.organiser, month_of(item.date)) not in self.in_organiser_month

    def withheld(self, month: str) -> dict[Item, Judged]:
        return {item: judged for item, judged in self.items.items() if judged.rules and month_of(item.date) == month}

    def left(self, month: str) -> Net:
        """What is kept of the month's bookings."""
        due = self.due()
        return {item: amount for item, amount in self.net.items() if month_of(item.date) == month and self.kept(item, due)}

    def other_months(self, month: str) -> dict[str, int]:
        """Due less booked of the other months, and what the register rules out there although the run does not speak for it."""
        found: dict[str, list[int]] = {}
        for item, amount in self.entitled().items():
            if amount != self.net.get(item, 0):
                found.setdefault(month_of(item.date), []).append(amount - self.net.get(item, 0))
        for item, amount in self.net.items():
            if self._ruled_out(item):
                found.setdefault(month_of(item.date), []).append(-amount)
        return {other: sum(amounts) for other, amounts in found.items() if other != month}

    def _ruled_out(self, item: Item) -> bool:
        p = self.standing.get(item.placement)
        if p is None or item.component not in DAILY or p.participant in self.doubted:
            return False
        faulty = [row for row in self.rows if row.placement == p.id and not row.readable]
        doubted = any(row.fault == "date" or row.date == item.date for row in faulty)
        return not doubted and not self.speaks_for(p.id, month_of(item.date)) and not p.runs(item.date)


@dataclass
class Expected:
    """What a payout is to claim: organiser -> item -> öre, whose claims are left out for their minus, and the items that wait for it."""

    claims: dict[str, Net]
    refused: set[str]
    waiting: set[Item]

    @property
    def booked(self) -> dict[str, Net]:
        return {organiser: items for organiser, items in self.claims.items() if organiser not in self.refused}


class Books:
    """What is booked: each item's entitlement when it was last spoken for; and the clawbacks that are not undone."""

    def __init__(self) -> None:
        self.net: Net = {}
        self.clawbacks: dict[int, set[tuple[str, str, dt.date]]] = {}
        self.last_as_of: dict[str, dt.date] = {}
        self.numbers: dict[tuple[str, str], int] = {}  # month, organiser -> its last claim number

    @property
    def closed(self) -> set[tuple[str, str, dt.date]]:
        return {item for items in self.clawbacks.values() for item in items}

    def reading(self, world: World, files: Collection[str], as_of: dt.date) -> Reading:
        return Reading(world, files, as_of, dict(self.net), self.closed)

    def expected(self, reading: Reading, month: str, allowed: Collection[str], organisers: Collection[str]) -> Expected:
        claims: dict[str, Net] = {}
        for item, amount in reading.entitled().items():
            change = amount - self.net.get(item, 0)
            if change and month_of(item.date) == month and (not organisers or item.organiser in organisers):
                claims.setdefault(item.organiser, {})[item] = change
        minus = {organiser for organiser, items in claims.items() if min(items.values()) < 0}
        refused = {organiser for organiser in minus if not {organiser, "all"} & set(allowed)}
        waiting = self._waiting(claims, refused)
        left = {organiser: {item: change for item, change in items.items() if item not in waiting} for organiser, items in claims.items()}
        return Expected({organiser: items for organiser, items in left.items() if items}, refused, waiting)

    def _waiting(self, claims: dict[str, Net], refused: set[str]) -> set[Item]:
        """What stands in the books of another organiser once the run is booked: a placement that moved is not paid in two places."""
        gone = {item for organiser, items in claims.items() if organiser not in refused for item in items if item in self.net}
        staying = self.net.keys() - {item for item in gone if claims[item.organiser][item] == -self.net[item]}
        new = {item for items in claims.values() for item in items if item not in self.net}
        return {item for item in new if any(self._same(item, held) and item.organiser != held.organiser for held in staying)}

    @staticmethod
    def _same(item: Item, held: Item) -> bool:
        return item[1:] == held[1:] if item.component in DAILY else item[1:3] == held[1:3]

    def book(self, reading: Reading, month: str, expected: Expected) -> None:
        """The items of the organisers that are booked become what they are entitled to, but for those that wait."""
        for item, amount in reading.entitled().items():
            if item.organiser in expected.booked and month_of(item.date) == month and item not in expected.waiting:
                self._set(item, amount)
        if expected.booked:
            self.last_as_of[month] = reading.as_of
        for organiser in expected.booked:
            self._number(month, organiser)

    def claw_back(self, run: int, items: Iterable[Item]) -> None:
        """The items of a clawback, of one organiser and month."""
        items = list(items)
        self.clawbacks[run] = {(item.placement, item.component, item.date) for item in items}
        for item in items:
            self._set(item, 0)
        self._number(month_of(items[0].date), items[0].organiser)

    def _set(self, item: Item, amount: int) -> None:
        self.net.pop(item, None)
        if amount:
            self.net[item] = amount

    def _number(self, month: str, organiser: str) -> None:
        self.numbers[month, organiser] = self.numbers.get((month, organiser), 0) + 1


def month_of(day: dt.date) -> str:
    return f"{day:%Y-%m}"


def all_days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    while first <= last:
        yield first
        first += DAY
