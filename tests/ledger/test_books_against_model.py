"""The program against the slow model: random months, corrections, doubts, clawbacks and replays, on real files and a real ledger.

HYPOTHESIS_PROFILE=long tries many more stories, other ones each time.
"""

import datetime as dt
import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from functools import cache
from pathlib import Path
from unittest.mock import patch

import hypothesis.strategies as st
import paperwork
import pytest
from corrections import CHANGES, MONTHS, placements, set_reports, some_days, some_month
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from model import DAILY, Books, Expected, Item, Judged, Net, Reading, World, month_of
from paperwork import FILES, ORGANISERS

from fatcli import intake, pipeline, rulebook
from fatcli.claims import BOOKED_ELSEWHERE
from fatcli.errors import UsageError
from fatcli.ledger import Ledger, clawback
from fatcli.ledger.clawback import Selection
from fatcli.model import Month
from fatcli.result import Paid
from fatcli.workspace import Settings, Workspace

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
PROFILE = settings(
    max_examples=120 if LONG else 14,
    stateful_step_count=25 if LONG else 12,
    derandomize=not LONG,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a story takes seconds: shrinking one would take many minutes
)

WHO, WHEN = "anna", dt.datetime(2024, 8, 1, 12, 0, tzinfo=dt.UTC)
AS_OF = [dt.date.fromisoformat(day) for day in ("2024-07-12", "2024-06-03", "2024-05-17")]

given_files = st.one_of(st.just(FILES), st.lists(st.sampled_from(FILES), min_size=1, max_size=2, unique=True).map(tuple))
one_organiser = st.sampled_from(ORGANISERS).map(lambda organiser: (organiser,))
allowances = st.one_of(st.just(("all",)), st.just(()), one_organiser)

read_once = cache(rulebook.load)


def something_new(machine: "BooksAgainstModel") -> bool:
    """Whether the workbooks or the books have changed since the last payout."""
    return machine.seen != (machine.world, machine.runs)


class BooksAgainstModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.ledger = self.folder / "ledger.db"
        self.workspace = Workspace(self.folder, Settings())
        self.world = World(placements())
        self.books = Books()
        self.runs = 0
        self.last: tuple[str, tuple[str, ...], dt.date, tuple[str, ...], tuple[str, ...]] | None = None
        self.handed_over = False
        self.patch = patch.object(rulebook, "load", read_once)
        self.patch.start()

    def teardown(self) -> None:
        self.patch.stop()
        shutil.rmtree(self.folder)

    @initialize(data=st.data(), all_months=st.booleans())
    def begin(self, data: st.DataObject, all_months: bool) -> None:
        for placement in self.world.placements:
            set_reports(self.world, placement, data.draw(some_days), "present")
        for month in MONTHS if all_months else ():
            self._pay(month, FILES, AS_OF[0], (), ())

    @rule(data=st.data(), month=some_month, given=given_files, allowed=allowances)
    def correct_and_pay(self, data: st.DataObject, month: str, given: tuple[str, ...], allowed: tuple[str, ...]) -> None:
        self._change(data, 3)
        self._pay(month, given, AS_OF[0], allowed, ())

    @rule(data=st.data(), month=some_month, as_of=st.sampled_from(AS_OF), only=st.one_of(st.just(()), one_organiser), dry_run=st.booleans())
    def correct_and_pay_oddly(self, data: st.DataObject, month: str, as_of: dt.date, only: tuple[str, ...], dry_run: bool) -> None:
        """As of another day, one organiser alone, or without booking."""
        self._change(data, 2)
        self._pay(month, data.draw(given_files), as_of, data.draw(allowances), only, dry_run=dry_run)

    @rule(data=st.data())
    def correct_one_thing_and_pay_what_it_gives(self, data: st.DataObject) -> None:
        self._change(data, 1)
        self._pay(data.draw(some_month), FILES, AS_OF[0], ("all",), ())

    def _change(self, data: st.DataObject, most: int) -> None:
        for change in data.draw(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=most)):
            note(change.__name__)
            change(self.world, data.draw, sorted(self.books.net))

    @precondition(lambda self: self.last)  # set by a run that booked
    @rule()
    def pay_the_same_again(self) -> None:
        """The second of two equal runs books nothing, but for days that the first took back from another placement."""
        handed_over = self.handed_over
        paid = self._pay(*self.last)
        self.last = None
        assert handed_over or not paid.booked

    def _pay(
        self, month: str, given: tuple[str, ...], as_of: dt.date, allowed: tuple[str, ...], only: tuple[str, ...], *, dry_run: bool = False
    ) -> Paid | None:
        paperwork.write(self.world, self.folder)
        self.last = None
        paths = [] if given == FILES else [self.folder / file for file in given]
        task = intake.Task(self.workspace, paths, as_of, "sv")
        order = pipeline.Order(Month.parse(month), allowed, only, dry_run)
        if as_of < self.books.last_as_of.get(month, as_of):
            with pytest.raises(UsageError):
                pipeline.payout(task, order, self.ledger, WHO, WHEN)
            return None
        reading = self.books.reading(self.world, given, as_of)
        expected = self.books.expected(reading, month, allowed, only)
        paid = pipeline.payout(task, order, self.ledger, WHO, WHEN)
        self._agrees(paid, month, reading, expected)
        self.handed_over = frees_a_day(reading, expected)
        assert paid.booked == bool(expected.booked and not dry_run)
        if paid.booked:
            self.runs += 1
            assert paid.run.number == self.runs
            assert self._items(self.runs) == {item: change for items in expected.booked.values() for item, change in items.items()}
            self.books.book(reading, month, expected)
            self.last = month, given, as_of, allowed, only
        self._books_hold()
        return paid

    @precondition(lambda self: self.books.net)
    @rule(data=st.data(), whole=st.sampled_from(["day", "placement", "organiser"]))
    def claw_back(self, data: st.DataObject, whole: str) -> None:
        item = data.draw(st.sampled_from(sorted(self.books.net)))
        placements = () if whole == "organiser" else (item.placement,)
        chosen = Selection(item.organiser, placements, (item.date,) if whole == "day" else ())
        taken = [
            held
            for held in self.books.net
            if held.organiser == item.organiser
            and (not placements or held.placement in placements)
            and (whole != "day" or held.date == item.date)
        ]
        with Ledger.open(self.ledger, create=False) as ledger:
            bookings = clawback.bookings(ledger, clawback.matching(ledger, chosen), "fel", AS_OF[-1])
            runs = ledger.book_all(bookings, WHO, WHEN)
        months = sorted({month_of(held.date) for held in taken})
        assert len(runs) == len(months)
        for run, month in zip(runs, months, strict=True):
            self.runs += 1
            assert run.number == self.runs
            self.books.claw_back(run.number, [held for held in taken if month_of(held.date) == month])
        self._clawed_back()

    @precondition(lambda self: self.books.clawbacks)
    @rule(data=st.data())
    def undo_a_clawback(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(sorted(self.books.clawbacks)))
        with Ledger.open(self.ledger, create=False) as ledger:
            ledger.book(clawback.undoing(ledger, run, "fel person", AS_OF[-1]), WHO, WHEN)
        self.runs += 1
        del self.books.clawbacks[run]
        self._clawed_back()

    # -- what must hold

    def _agrees(self, paid: Paid, month: str, reading: Reading, expected: Expected) -> None:
        assert claimed(paid) == told(expected, self.books.net)
        assert {claim.organiser for claim in paid.refused} == expected.refused
        # of an organiser that reported nothing in the month, days may be told as withheld or not: nothing is paid for them either way
        told_of = {item: judged for item, judged in withheld(paid).items() if not reading.silent(item)}
        assert told_of == reading.withheld(month) | {item: waits(reading, item) for item in expected.waiting}
        assert {Item(k.organiser, k.placement, k.component, k.date): k.amount_ore for k in paid.kept} == reading.left(month)
        assert {str(other.month): other.difference_ore for other in paid.other_months} == reading.other_months(month)
        self._sums_close(paid, reading)

    def _sums_close(self, paid: Paid, reading: Reading) -> None:
        for control in paid.control:
            parts = (control.paid, control.not_paid, control.withheld, control.set_aside, control.kept, control.other_months)
            assert control.read == sum(parts)
        for scope in ("total", "file", "organiser"):
            own = [control for control in paid.control if control.scope == scope]
            assert sum(control.read for control in own) == len(reading.rows)
            assert sum(control.set_aside for control in own) == len(reading.rows) - len(reading.reports)

    def _clawed_back(self) -> None:
        self.last = None
        self._books_hold()

    def _books_hold(self) -> None:
        assert self._net() == self.books.net
        self._nothing_is_booked_twice()
        if self.ledger.exists():
            self._ledger_is_sound()

    def _nothing_is_booked_twice(self) -> None:
        """A participant's day is booked through one placement and at one organiser, and so is what is paid once per placement."""
        taken: dict[tuple[str, object], set[tuple[str, str]]] = {}
        for item in self._net():
            participant = self.world.placements[item.placement].participant
            of = (participant, item.date) if item.component in DAILY else (item.placement, item.component)
            taken.setdefault(of, set()).add((item.placement, item.organiser))
        assert all(len(held) == 1 for held in taken.values())

    def _ledger_is_sound(self) -> None:
        with Ledger.open(self.ledger, create=False) as ledger:
            assert ledger.verify() == []
        numbers: Counter[tuple[str, str]] = Counter()
        for month, organiser, sequence in self._rows("SELECT month, organiser, sequence FROM claims ORDER BY run, claim"):
            numbers[month, organiser] += 1
            assert sequence == numbers[month, organiser]
        assert numbers == self.books.numbers
        summed = "SELECT claim, sum(amount), count(*) FROM items JOIN lines USING (line) GROUP BY claim ORDER BY claim"
        assert self._rows(summed) == self._rows("SELECT claim, total, items FROM claims ORDER BY claim")
        assert self._rows("SELECT DISTINCT typeof(amount) FROM items") in ([], [("integer",)])

    def _net(self) -> Net:
        return {item: amount for item, amount in self._summed("").items() if amount}

    def _items(self, run: int) -> Net:
        return self._summed(f"WHERE run = {run}")

    def _summed(self, where: str) -> Net:
        query = f"""
        SELECT organiser, placement, component, date, sum(amount) FROM items JOIN lines USING (line) JOIN claims USING (claim) {where}
        GROUP BY organiser, placement, component, date
        """  # a number
        return {Item(*key, dt.date.fromisoformat(date)): amount for *key, date, amount in self._rows(query)}

    def _rows(self, query: str) -> list[tuple]:
        if not self.ledger.exists():
            return []
        with closing(sqlite3.connect(self.ledger)) as connection:
            return connection.execute(query).fetchall()


def claimed(paid: Paid) -> dict[str, Counter]:
    """organiser -> days and öre by placement, component, kind and rate."""
    found: dict[str, Counter] = {}
    for claim in paid.claims:
        for line in claim.lines:
            assert type(line.rate_ore) is int
            found.setdefault(claim.organiser, Counter())[line.placement, line.component, line.kind, line.rate_ore] += line.days
        assert claim.total_ore == sum(line.days * line.rate_ore for line in claim.lines)
    return found


def told(expected: Expected, net: Net) -> dict[str, Counter]:
    """The same of what is expected."""
    found: dict[str, Counter] = {}
    for organiser, items in expected.claims.items():
        for item, change in items.items():
            before = net.get(item, 0)
            kind = "claim" if not before else "adjustment" if before + change else "reversal"
            sign = -1 if kind == "reversal" else 1
            found.setdefault(organiser, Counter())[item.placement, item.component, kind, sign * change] += sign
    return found


def withheld(paid: Paid) -> dict[Item, Judged]:
    return {Item(w.organiser, w.placement, w.component, w.date): Judged(w.amount_ore, frozenset(w.rules)) for w in paid.withheld}


def waits(reading: Reading, item: Item) -> Judged:
    return Judged(reading.items[item].amount, frozenset({BOOKED_ELSEWHERE}))


def frees_a_day(reading: Reading, expected: Expected) -> bool:
    """Whether a run takes back a day that another placement of the participant waits for: that is claimed by the next run."""
    gone = {
        (reading.world.placements[item.placement].participant, item.date)
        for items in expected.booked.values()
        for item, change in items.items()
        if change < 0
    }
    waiting = {
        (reading.world.placements[item.placement].participant, item.date) for item, judged in reading.items.items() if "A08" in judged.rules
    }
    return bool(gone & waiting)


TestBooksAgainstModel = BooksAgainstModel.TestCase
TestBooksAgainstModel.settings = PROFILE
