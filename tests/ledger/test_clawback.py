"""What a clawback takes, and the runs it becomes: on books of four runs, April booked between two corrections of May."""

import datetime as dt
import shutil
from dataclasses import replace

import polars as pl
import pytest
from books import BOOKED_BY, CHECKED, NOON, PEOPLE, book, booking, item

from fatcli import __version__
from fatcli.errors import LedgerError, UsageError
from fatcli.ledger import Ledger, clawback
from fatcli.ledger.clawback import Selection
from fatcli.ledger.entries import ITEMS
from fatcli.model import Month
from fatcli.result import VIOLATIONS, NotEvaluated

APRIL = Month(2024, 4)
LATER = dt.date(2024, 7, 1)
OTHER, WRITTEN = "199202029816", "920202-9816"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """ORG1: P1 on 2 and 3 May and its start (run 1), on 30 April (run 2), 50 SEK more for 3 May under another number (run 4)."""
    path = tmp_path_factory.mktemp("books") / "ledger.db"
    start = item("P1", 2, 500_000, component="start", daily=False)
    book(path, item("P1", 3), start, item("P1", 2), item("P2", 2), item("P2", 3))
    book(path, item("P1", 30, date=dt.date(2024, 4, 30)), month=APRIL)
    book(path, item("P2", 2, -30_000))
    with Ledger.open(path, create=True) as ledger:
        wanted = booking(ledger, item("P1", 3, 5_000, participant=OTHER, kind="adjustment"))
        (claim,) = wanted.paid.claims
        claim = replace(claim, name="ORG1 Nya AB", lines=(replace(claim.lines[0], basis="working_days", participant_id=WRITTEN),))
        found = pl.DataFrame([{"rule": "A01"}], schema=dict(VIOLATIONS))
        checked = replace(CHECKED, version="0.0.9", edition="2024-07", language="en", violations=found, set_aside=1)
        checked = replace(checked, not_evaluated=(NotEvaluated("P22", "saknas"),), absent_columns=("placements.regime",))
        paid = replace(wanted.paid, checked=checked, claims=(claim,))
        ledger.book(replace(wanted, paid=paid), BOOKED_BY, NOON)
    return path.parent


@pytest.fixture
def ledger(folder, tmp_path):
    with Ledger.open(shutil.copytree(folder, tmp_path / "books") / "ledger.db", create=True) as ledger:
        yield ledger


def taken(ledger, *arguments, **chosen):
    return clawback.matching(ledger, Selection(*arguments, **chosen)).select("placement_id", "component", "date", "amount").rows()


FIRST = ("P1", "base", dt.date(2024, 4, 30), 30_000)
SECOND = ("P1", "base", dt.date(2024, 5, 2), 30_000)
THIRD = ("P1", "base", dt.date(2024, 5, 3), 35_000)
START = ("P1", "start", dt.date(2024, 5, 2), 500_000)


@pytest.mark.parametrize(
    ("chosen", "rows"),
    [
        ({}, [FIRST, SECOND, THIRD, START]),
        ({"first": dt.date(2024, 5, 2)}, [SECOND, THIRD, START]),
        ({"last": dt.date(2024, 5, 2)}, [FIRST, SECOND, START]),
        ({"dates": [dt.date(2024, 5, 3), dt.date(2024, 4, 30)]}, [FIRST, THIRD]),
        ({"component": "start"}, [START]),
        ({"component": "FAT.start"}, [START]),
        ({"component": "AIO.start"}, []),
        ({"component": "base", "first": dt.date(2024, 5, 1), "last": dt.date(2024, 5, 2)}, [SECOND]),
        ({"placements": ["P1"], "dates": [dt.date(2024, 5, 4)]}, []),
    ],
)
def test_what_is_chosen_narrows_and_its_days_are_both_included(ledger, chosen, rows):
    assert taken(ledger, "ORG1", **chosen) == rows


def test_what_a_correction_already_took_back_has_nothing_left(ledger):
    assert taken(ledger, "ORG2") == [("P2", "base", dt.date(2024, 5, 3), 30_000)]


def test_an_item_is_as_it_was_booked_last(ledger):
    found = clawback.matching(ledger, Selection("ORG1", first=dt.date(2024, 5, 2)))
    assert found.select("month", "participant", "service", "daily", "run", "claim").rows() == [
        ("2024-05", PEOPLE["P1"][1], "FAT", True, 1, "2024-05/ORG1/1"),
        ("2024-05", OTHER, "FAT", True, 4, "2024-05/ORG1/2"),
        ("2024-05", PEOPLE["P1"][1], "FAT", False, 1, "2024-05/ORG1/1"),
    ]


def test_a_placement_of_another_organiser_is_not_taken_for_one_that_is_paid(ledger):
    with pytest.raises(UsageError, match=r"^ORG1 has nothing booked for placement P2"):
        clawback.matching(ledger, Selection("ORG1", placements=["P1", "P2"]))


def test_a_run_for_each_month_in_the_words_of_the_claims_that_it_corrects(ledger):
    items = clawback.matching(ledger, Selection("ORG1"))
    april, may = clawback.bookings(ledger, items, "fel", LATER)
    assert [(run.kind, run.paid.month, run.reason, run.undoes, run.base) for run in (april, may)] == [
        ("clawback", APRIL, "fel", None, ledger.head),
        ("clawback", Month(2024, 5), "fel", None, ledger.head),
    ]
    (claim,) = april.paid.claims
    assert (claim.number, claim.name, claim.total_ore, claim.booked) == ("2024-04/ORG1/2", "ORG1 AB", -30_000, True)
    assert (april.paid.checked.edition, april.paid.checked.language) == ("2024-06", "sv")
    (claim,) = may.paid.claims
    assert (claim.number, claim.name, claim.reason, claim.total_ore) == ("2024-05/ORG1/3", "ORG1 Nya AB", "fel", -565_000)
    assert [
        (line.component, line.participant_id, line.kind, line.basis, line.days, line.rate_ore, line.corrects) for line in claim.lines
    ] == [
        ("base", PEOPLE["P1"][1], "reversal", "attended_day", -1, 30_000, "2024-05/ORG1/1"),
        ("base", WRITTEN, "reversal", "working_days", -1, 35_000, "2024-05/ORG1/2"),
        ("start", PEOPLE["P1"][1], "reversal", "attended_day", -1, 500_000, "2024-05/ORG1/1"),
    ]
    assert (may.paid.checked.edition, may.paid.checked.language) == ("2024-07", "en")


def test_equal_days_are_one_line(ledger):
    book(ledger._path, item("P1", 6), item("P1", 7))
    items = clawback.matching(ledger, Selection("ORG1", dates=[dt.date(2024, 5, 6), dt.date(2024, 5, 7)]))
    (run,) = clawback.bookings(ledger, items, "fel", LATER)
    days = (dt.date(2024, 5, 6), dt.date(2024, 5, 7))
    assert [(line.days, line.rate_ore, line.dates) for line in run.paid.claims[0].lines] == [(-2, 30_000, days)]


def test_a_clawback_reads_and_judges_nothing(ledger):
    (run,) = clawback.bookings(ledger, clawback.matching(ledger, Selection("ORG1", dates=[dt.date(2024, 5, 3)])), "fel", LATER)
    checked = run.paid.checked
    assert checked.version == __version__
    assert (checked.as_of, checked.inputs, checked.not_evaluated, checked.absent_columns) == (LATER, (), (), ())
    assert (checked.rows, checked.set_aside, checked.violations.height) == (0, 0, 0)
    assert (run.paid.withheld, run.paid.kept, run.paid.other_months, run.paid.control) == ((), (), (), ())


def test_a_minus_item_names_no_cell(ledger):
    (run,) = clawback.bookings(ledger, clawback.matching(ledger, Selection("ORG1", component="start")), "fel", LATER)
    assert run.items.schema == ITEMS
    assert run.items.rows() == [
        ("ORG1", "P1", PEOPLE["P1"][1], "FAT", "start", dt.date(2024, 5, 2), False, "reversal", -500_000, None, None, None, None)
    ]


def test_what_is_taken_back_is_not_there_to_take_again_until_undone_and_claimed_anew(ledger):
    (run,) = clawback.bookings(ledger, clawback.matching(ledger, Selection("ORG1", dates=[dt.date(2024, 5, 3)])), "fel", LATER)
    number = ledger.book(run, BOOKED_BY, NOON).number
    assert taken(ledger, "ORG1", dates=[dt.date(2024, 5, 3)]) == []
    undone = clawback.undoing(ledger, number, "rätt ändå", LATER)
    assert (undone.kind, undone.undoes, undone.reason, undone.base) == ("undo", number, "rätt ändå", ledger.head)
    assert (undone.paid.month, undone.paid.claims, undone.items.rows(), undone.items.schema) == (Month(2024, 5), (), [], ITEMS)
    assert (undone.paid.checked.as_of, undone.paid.checked.edition) == (LATER, "2024-07")
    with pytest.raises(LedgerError, match="run 4 is no clawback"):
        clawback.undoing(ledger, 4, "fel", LATER)
    by = ledger.book(undone, BOOKED_BY, NOON).number
    taking, undoing = ledger.log()[-2:]
    assert (ledger.entry(1).reason, taking.reason, undoing.reason) == (None, "fel", "rätt ändå")
    assert (taking.kind, taking.undoes, taking.claims, taking.total_ore, taking.files) == ("clawback", None, 1, -35_000, False)
    assert (undoing.kind, undoing.undoes, undoing.claims, undoing.total_ore, undoing.files) == ("undo", number, 0, 0, True)
    with pytest.raises(LedgerError, match=f"run {number} is already undone by run {by}"):
        clawback.undoing(ledger, number, "igen", LATER)
    assert ledger.verify() == []
