"""Why this krona: the stories here are told by hand, the samples hold the explanation to the rules' own hits."""

import datetime as dt
import json
import re
import shutil
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import stories
import workbooks
from fatcli import pipeline, rulebook
from fatcli.errors import UsageError
from fatcli.explain.cell import parse_address
from fatcli.explain.trial import worded
from fatcli.explained import Explanation, Item, Place, Tried
from fatcli.expression import parse
from fatcli.intake import Task
from fatcli.ledger import Ledger
from fatcli.ledger.clawback import Selection, bookings, matching
from fatcli.model import Month
from fatcli.pipeline import Order
from fatcli.syntax import ColumnType
from fatcli.workspace import open_workspace
from fatcli.writers.explanation import explanation_json
from stories import MAY, NOON, exercise, placement, present, register, register_sheets, report, workspace

SAMPLES = Path(__file__).parent.parent / "samples"
SCHEMA = json.loads(files("fatcli").joinpath("schemas", "explain.schema.json").read_text(encoding="utf-8"))
MONTH = Month(2024, 5)
FRIDAY = dt.date(2024, 5, 3)


def task(folder, as_of="2024-06-03", language="en", show_ids=False):
    return Task(open_workspace(folder, [], {}), [], dt.date.fromisoformat(as_of), language, show_ids)


def asked(folder, what="P1", date=None, month=None, **options) -> Explanation:
    day = dt.date.fromisoformat(date) if date else None
    return pipeline.explain(task(folder, **options), what, folder / "ledger.db", day, Month.parse(month) if month else None)


@lru_cache
def case(folder, show_ids):
    """What is read and judged of a folder, once for many questions."""
    with Ledger.open(folder / "ledger.db", create=False) as ledger:
        return pipeline._case(task(folder, show_ids=show_ids), ledger)


def look(folder, what, date=None, month=None, *, show_ids=False) -> Explanation:
    """`asked`, where nothing changes between the questions."""
    day = dt.date.fromisoformat(date) if date else None
    return pipeline._answer(task(folder), case(folder, show_ids), what, day, Month.parse(month) if month else None)


def pay(folder, month="2024-05", as_of="2024-06-03", allowed=()):
    order = Order(Month.parse(month), allowed)
    return pipeline.payout(task(folder, as_of), order, folder / "ledger.db", "anna", NOON)


def one(explanation, component="base") -> Item:
    assert explanation.day is not None
    (item,) = (item for item in explanation.day.items if item.component == component)
    return item


def rule(explanation, rule_id) -> Tried:
    (found,) = (tried for tried in explanation.tried if tried.rule == rule_id)
    return found


def values(explanation):
    assert explanation.placement is not None
    return {value.name: (value.value, value.place and value.place.cell) for value in explanation.placement.values}


@pytest.fixture
def simple(tmp_path):
    """P1 in FAT, 2 to 31 May 2024, present on 2 and 3 May; rows 2 and 3 of the sheet, columns placement_id, date, status, hours."""
    return workspace(tmp_path, register(placement()), present(["2024-05-02", "2024-05-03"]))


# A day that is paid: what was read, the rate and its source, the books.


def test_a_due_day_is_told_with_its_cell_its_rate_and_its_source(simple):
    found = asked(simple, date="2024-05-03")
    assert found.answer == "2024-05-03: Due SEK\u00a0300.00, withheld SEK\u00a00.00, booked SEK\u00a00.00."
    (read,) = found.day.reports
    assert (read.place, read.status, read.words, read.hours) == (Place("attendance.xlsx", "Närvaro", "B3"), "present", "present", None)
    item = one(found)
    assert (item.rate.amount_ore, item.rate.words, item.rate.source, item.rate.place) == (
        30000,
        "the rule book, edition 2024-06",
        "FAKTA Ersättning",
        None,
    )
    assert (item.rules, item.state, item.booked) == ((), "to_book", ())
    assert item.words == "not booked; fat payout --month 2024-05 puts it in the claim"


def test_a_booked_day_is_told_with_run_claim_and_attestation(simple):
    pay(simple)
    with Ledger.open(simple / "ledger.db", create=False) as ledger:
        ledger.attest(1, "Berit", "berit", NOON)
    item = one(asked(simple, date="2024-05-03"))
    assert (item.state, item.words, item.booked_ore) == ("booked", "booked", 30000)
    (entry,) = item.booked
    assert (entry.run, entry.kind, entry.claim, entry.amount_ore) == (1, "payout", "2024-05/ORG1/1", 30000)
    assert (entry.booked_on, entry.booked_by, entry.attested) == ("2024-06-03", "anna", ("Berit 2024-06-03",))
    assert entry.place == Place("attendance.xlsx", "Närvaro", "B3")


def test_the_placement_is_told_with_its_cells_and_its_limits(simple):
    told = values(asked(simple, date="2024-05-03"))
    assert told["placement_id"] == ("P1", "A2")
    assert told["start"] == ("2024-05-02", "F2")
    assert told["effective_end"] == ("2024-05-31", None)
    assert told["limit_end"] == ("2025-05-01", None)  # 12 months from 2 May 2024, less a day
    assert told["approved_from"] == ("2021-01-01", "E2")
    assert "ended_on" not in told


def test_every_report_of_a_day_is_told(tmp_path):
    folder = workspace(tmp_path, register(placement()), [report(FRIDAY, hours=6.5), report(FRIDAY, status="OF")])
    found = asked(folder, date="2024-05-03", language="sv")
    assert [(read.place.cell, read.words, read.hours) for read in found.day.reports] == [
        ("B2", "närvaro", "6,5"),
        ("B3", "ogiltig frånvaro", None),
    ]
    assert one(found).rules == ("A07",)


def test_pauses_are_told_with_their_approval(tmp_path):
    pauses = [
        {"placement_id": "P1", "from": "2024-05-06", "to": "2024-05-07", "approved_on": "2024-05-02"},
        {"placement_id": "P1", "from": "2024-05-13", "to": "2024-05-14", "approved_on": None},
    ]
    folder = workspace(tmp_path, register(placement(), pauses=pauses), present(["2024-05-02"]))
    found = asked(folder, date="2024-05-02")
    assert [(pause.name, pause.value, pause.place.cell) for pause in found.placement.pauses] == [
        ("2024-05-06–2024-05-07", "2024-05-02, approved in advance", "B2"),
        ("2024-05-13–2024-05-14", "–, not approved in advance: no pause", "B3"),
    ]
    assert [tried.about for tried in found.tried if tried.rule == "P22"] == ["2024-05-06–2024-05-07", "2024-05-13–2024-05-14"]


# Rules: what they saw, and the verdict in words.


def test_a_rule_that_fired_tells_the_values_and_its_place(tmp_path):
    folder = workspace(tmp_path, register(placement(decision_date="2024-05-06")), present(["2024-05-03"]))
    found = asked(folder, date="2024-05-03")
    fired = rule(found, "A04")
    assert fired.outcome == "fired"
    assert fired.words == "fired: counts: yes; date 2024-05-03 < decision_date 2024-05-06"
    assert (fired.place, fired.about, fired.withholds, fired.source) == (
        Place("attendance.xlsx", "Närvaro", "B2"),
        "2024-05-03",
        ("daily",),
        "FAKTA Ersättning",
    )
    assert [(each.text, each.values, each.holds) for each in fired.comparisons] == [
        ("counts", {"counts": "yes"}, True),
        ("date < decision_date", {"date": "2024-05-03", "decision_date": "2024-05-06"}, True),
    ]
    item = one(found)
    assert (item.state, item.words) == ("withheld", "withheld by A04 Day before the decision; not booked")
    assert found.answer == "2024-05-03: Due SEK\u00a00.00, withheld SEK\u00a0300.00, booked SEK\u00a00.00."


def test_a_rule_that_did_not_fire_is_told_by_what_decided_it(simple):
    found = asked(simple, date="2024-05-03", language="sv")
    assert rule(found, "P04").words == "utlöstes inte: effective_end 2024-05-31 ≤ limit_end 2025-05-01"
    assert rule(found, "A14").words == "utlöstes inte: reported: ja"
    assert rule(found, "P06").words == "utlöstes inte: service FAT ≠ 'AIO'"


def test_a_rule_that_an_empty_value_leaves_open_says_which(tmp_path):
    folder = workspace(tmp_path, register(placement(decision_date=None), placement("P2")), present(["2024-05-03"]))
    found = asked(folder, date="2024-05-03", language="sv")
    assert (rule(found, "A04").outcome, rule(found, "A04").words) == ("open", "utlöstes inte: decision_date är tom")
    assert (rule(found, "P11").outcome, rule(found, "P11").words) == ("fired", "utlöstes: decision_date är tom")
    assert one(found).rules == ("P11",)


def test_a_rule_of_other_years_is_told_with_its_span(tmp_path):
    book = rulebook.shipped().decode().replace("    name: reported-twice\n", "    name: reported-twice\n    from: 2025-01-01\n")
    folder = workspace(tmp_path, register(placement()), [report(FRIDAY), report(FRIDAY)])
    (folder / "rules.yaml").write_text(book, encoding="utf-8")
    found = rule(asked(folder, date="2024-05-03"), "A06")
    assert (found.outcome, found.words) == ("not_in_force", "was not in force: the rule holds 2025-01-01 to …")


def test_rules_over_the_organiser_and_its_places_are_tried_for_a_day(tmp_path):
    offers = [{"organiser_id": "ORG1", "service": "FAT", "places": 1, "from": "2021-01-01"}]
    folder = workspace(tmp_path, register(placement(), placement("P2"), offers=offers), present(["2024-05-03"]))
    found = asked(folder, date="2024-05-03")
    assert rule(found, "O04").words == "fired: participants 2 > places 1"
    assert rule(found, "O05").words == "did not fire: participants 2 ≤ most_participants 180"  # 9 supervisors × 20
    assert rule(found, "O01").outcome == "not_fired"


TYPES = {
    "date": ColumnType("date"),
    "start": ColumnType("date"),
    "hours": ColumnType("number"),
    "more": ColumnType("number"),
    "service": ColumnType("code", ("FAT", "AT", "AIO")),
    "county": ColumnType("text"),
}


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("start <= date < '2024-05-02'", "not start 2024-05-01 ≤ date 2024-05-03 < '2024-05-02'"),
        ("start <= date <= '2024-05-04'", "start 2024-05-01 ≤ date 2024-05-03 ≤ '2024-05-04'"),
        ("date != start", "date 2024-05-03 ≠ start 2024-05-01"),
        ("date == start", "date 2024-05-03 ≠ start 2024-05-01"),
        ("hours + more >= 8", "hours 7.5 + more 1 ≥ 8"),
        ("hours + more < 8", "hours 7.5 + more 1 ≥ 8"),
        ("(hours - (more + 1.50)) > -1", "hours 7.5 - (more 1 + 1.50) > -1"),
        ("service in ('FAT', 'AT')", "service FAT among ('FAT', 'AT')"),
        ("service in ('AIO', 'AT')", "service FAT not among ('AIO', 'AT')"),
        ("service not in ('AIO')", "service FAT not among ('AIO')"),
        ("service NOT IN ('FAT')", "service FAT among ('FAT')"),
        ("hours is none", "hours 7.5"),
        ("hours IS NOT NONE", "hours 7.5"),
        ("county = 'Ort in (x)'", "county Malmö ≠ 'Ort in (x)'"),  # what a text says is no part of the language
        ("county != 'county is none'", "county Malmö ≠ 'county is none'"),
        ("county in ('a not in (b)')", "county Malmö not among ('a not in (b)')"),
    ],
)
def test_a_comparison_is_told_as_it_turned_out(simple, condition, words):
    row = {"date": FRIDAY, "start": dt.date(2024, 5, 1), "hours": 7.5, "more": 1.0, "service": "FAT", "county": "Malmö"}
    shown = {"date": "2024-05-03", "start": "2024-05-01", "hours": "7.5", "more": "1", "service": "FAT", "county": "Malmö"}
    (trace,) = parse(condition, TYPES).trace(row)
    assert worded(_Speaker(), trace, shown) == words


class _Speaker:
    """Says texts in English."""

    def say(self, text, **values):
        return text.fill(**values).en


@pytest.mark.parametrize(
    ("condition", "deciding"),
    [
        ("hours > 1 and more > 1 and more > 2", ["more > 1", "more > 2"]),  # false: each of these alone would do
        ("hours > 1 and more > 0", ["hours > 1", "more > 0"]),  # true: both are needed
        ("hours > 1 or more > 1", ["hours > 1"]),
        ("hours > 9 or more > 1", ["hours > 9", "more > 1"]),
        ("hours > 9 or none_yet > 1", ["hours > 9", "none_yet > 1"]),  # open: either could have decided
        ("not (hours > 1 or more > 1)", ["hours > 1"]),
    ],
)
def test_the_deciding_comparisons_are_those_the_verdict_rests_on(condition, deciding):
    types = {name: ColumnType("number") for name in ("hours", "more", "none_yet")}
    found = parse(condition, types).deciding({"hours": 7.5, "more": 1.0, "none_yet": None})
    assert [trace.text for trace in found] == deciding


# Money: rates, and every state of an item.


def test_a_contract_is_told_by_the_cell_of_its_amount(tmp_path):
    contracts = [stories.contract(350, "2024-01-01", "2024-12-31", "FAT", "base"), stories.contract(325, "2023-01-01", None, "FAT", "base")]
    folder = workspace(tmp_path, register(placement(), contracts=contracts), present(["2024-05-03"]))
    rate = one(asked(folder, date="2024-05-03")).rate
    assert (rate.amount_ore, rate.words, rate.source) == (35000, "contract in force 2024-01-01 to 2024-12-31", None)
    assert rate.place == Place("register.xlsx", "contracts", "D2")


def trial(**told):
    return placement(service="ITA3", programme=None, start="2024-03-01", trial_completed_on="2024-05-03", **told)


def test_a_rate_that_is_missing_is_said_to_be(tmp_path):
    folder = workspace(tmp_path, register(trial()), present(["2024-05-02"]))
    item = one(asked(folder, date="2024-05-03"), "result")
    assert (item.rate.amount_ore, item.rate.words) == (None, "no amount holds that day, in the rule book or a contract")
    assert (item.rules, item.state, item.withheld_ore) == (("C01",), "withheld", 0)


def test_another_price_after_the_booking_is_an_adjustment(simple):
    pay(simple)
    contracts = [stories.contract(350, "2024-01-01", None, "FAT", "base")]
    workspace(simple, register(placement(), contracts=contracts), present(["2024-05-02", "2024-05-03"]))
    item = one(asked(simple, date="2024-05-03"))
    assert (item.state, item.due_ore, item.booked_ore) == ("to_adjust", 35000, 30000)
    assert item.words == "booked with another amount; fat payout --month 2024-05 books the difference"
    pay(simple)
    item = one(asked(simple, date="2024-05-03"))
    assert [(entry.run, entry.claim, entry.amount_ore) for entry in item.booked] == [
        (1, "2024-05/ORG1/1", 30000),
        (2, "2024-05/ORG1/2", 5000),
    ]
    assert (item.state, item.booked_ore) == ("booked", 35000)


def test_a_day_that_is_gone_is_reversed_by_the_next_run_that_may(simple):
    pay(simple)
    workspace(simple, register(placement()), present(["2024-05-02"]))
    item = one(asked(simple, date="2024-05-03"))
    assert (item.state, item.rate, item.booked_ore, item.due_ore, item.withheld_ore) == ("to_reverse", None, 30000, 0, 0)
    assert item.words.endswith("fat payout --month 2024-05 --allow-reversals ORG1 reverses it")
    pay(simple, allowed=("ORG1",))
    item = one(asked(simple, date="2024-05-03"))
    assert (item.state, item.booked_ore) == ("reversed", 0)
    assert [entry.amount_ore for entry in item.booked] == [30000, -30000]


def test_a_day_withheld_after_its_booking_tells_both(simple):
    pay(simple)
    workspace(simple, register(placement(decision_date="2024-05-06")), present(["2024-05-02", "2024-05-03"]))
    item = one(asked(simple, date="2024-05-03"))
    assert (item.state, item.rules) == ("to_reverse", ("A04",))
    assert item.words.endswith("reverses it; withheld by A04 Day before the decision")


def test_a_booking_is_kept_where_the_placement_is_not_reported(tmp_path):
    folder = workspace(tmp_path, register(placement(), placement("P2")), present(["2024-05-03"]) + present(["2024-05-03"], "P2"))
    pay(folder)
    workspace(folder, register(placement(), placement("P2")), present(["2024-05-03"], "P2"))
    item = one(asked(folder, date="2024-05-03"))
    assert (item.state, item.words) == ("kept", "booked and left as it is: the placement is not reported in the input")


def test_a_booking_is_kept_where_its_row_is_set_aside(simple):
    pay(simple)
    workspace(simple, register(placement()), [report("2024-05-02"), report(FRIDAY, status="X")])
    found = asked(simple, date="2024-05-03")
    item = one(found)
    assert (item.state, item.words) == ("kept", "booked and left as it is: the row or cell is set aside")
    assert [(fault.rule, fault.place) for fault in found.faults] == [("T06", Place("attendance.xlsx", "Närvaro", "C3"))]
    assert found.day.nothing == ("the day's report is set aside (T06 Unknown code)",)


def test_what_is_clawed_back_is_told_to_be_closed(simple):
    pay(simple)
    with Ledger.open(simple / "ledger.db", create=False) as ledger:
        chosen = matching(ledger, Selection("ORG1", dates=[FRIDAY]))
        ledger.book_all(bookings(ledger, chosen, "paid in error", dt.date(2024, 6, 3)), "anna", NOON)
    item = one(asked(simple, date="2024-05-03"))
    assert (item.state, item.rules, item.booked_ore) == ("clawed_back", ("clawed-back",), 0)
    assert item.words == "clawed back, and closed until the clawback is undone"
    assert [(entry.kind, entry.amount_ore) for entry in item.booked] == [("payout", 30000), ("clawback", -30000)]
    trail = asked(simple, "2024-05/ORG1/2").trail
    assert (trail.kind, trail.reason, trail.total_ore) == ("clawback", "paid in error", -30000)
    assert [(item.date, item.place, item.corrects) for item in trail.lines[0].items] == [(FRIDAY, None, "2024-05/ORG1/1")]


def test_no_run_speaks_for_a_month_without_reports(tmp_path):
    # the start day earns its compensation, but nobody reported anything in April
    folder = workspace(tmp_path, register(exercise(start="2024-04-02", end="2024-09-27")), present(["2024-05-03"]))
    item = one(asked(folder, date="2024-04-02"), "start")
    assert (item.state, item.due_ore) == ("not_spoken_for", 0)
    assert item.words == "not booked: the placement has no readable report of the month, so no run speaks for it"


def test_start_compensation_keeps_the_day_it_was_booked_on(tmp_path):
    folder = workspace(tmp_path, register(exercise(start="2024-05-02")), present(["2024-05-02", "2024-05-03"]))
    pay(folder)
    workspace(folder, register(exercise(start="2024-05-03")), present(["2024-05-02", "2024-05-03"]))
    item = one(asked(folder, date="2024-05-02"), "start")
    assert (item.state, item.booked_ore, len(item.booked)) == ("booked", 300000, 1)
    assert [item.component for item in asked(folder, date="2024-05-03").day.items] == ["day"]


def test_start_compensation_is_told_with_the_rate_of_the_day_it_was_booked_on(tmp_path):
    """The first rate of AIO holds from 1 April 2022; the start is corrected to the day before."""
    told = {"end": "2022-04-29", "participant_id": "T7"}
    folder = workspace(tmp_path, register(exercise(start="2022-04-04", **told)), present(["2022-04-04"]))
    pay(folder, month="2022-04")
    workspace(folder, register(exercise(start="2022-03-31", **told)), present(["2022-04-04"]))
    item = one(asked(folder, date="2022-04-04"), "start")
    assert (item.state, item.rate.amount_ore, item.booked_ore) == ("booked", 300000, 300000)
    month = asked(folder, month="2022-04")
    assert {item.component: item.booked_ore for item in month.items if item.booked_ore} == {"start": 300000, "day": 45000}


def test_a_placement_may_be_called_as_files_are(tmp_path):
    folder = workspace(tmp_path, register(placement("Af/2024/0131", participant_id="T1")), present([FRIDAY], "Af/2024/0131"))
    pay(folder)
    assert one(asked(folder, "Af/2024/0131", date="2024-05-03")).state == "booked"
    assert stories.here(folder, "explain", "Af/2024/0131", "--date", "2024-05-03", "--as-of", "2024-06-03").code == 0
    workspace(folder, register(placement("2024-05/AB/1", participant_id="T2")), present([FRIDAY], "2024-05/AB/1"))
    pay(folder)
    assert asked(folder, "2024-05/AB/1").placement.placement == "2024-05/AB/1"


# Why a day gives nothing.


@pytest.mark.parametrize(
    ("told", "reports", "date", "nothing"),
    [
        ({}, [report(FRIDAY, status="OF")], "2024-05-03", "Compensation for extra costs: reported as unexcused; paid per attended day"),
        ({}, [report(FRIDAY, status="S")], "2024-05-03", "Compensation for extra costs: reported as absent; paid per attended day"),
        ({}, present(["2024-05-02"]), "2024-05-03", "Compensation for extra costs: no report of the day; paid per attended day"),
        ({}, present(["2024-05-02"]), "2024-05-01", "the day is before the placement's start 2024-05-02"),
        ({}, present(["2024-05-02"]), "2024-06-03", "the day is after the placement's last day 2024-05-31"),
        ({}, present(["2024-05-02"]), "2024-05-04", "the day is a Saturday or Sunday"),
        ({}, present(["2024-05-02"]), "2024-05-09", "the day is no working day"),  # Ascension Day
        ({"end": "2024-07-31"}, present(["2024-05-02"]), "2024-06-04", "the day is after the as-of day 2024-06-03"),
        ({"start": "2024-03-01"}, present(["2024-05-02"]), "2024-04-02", "the organiser has reported no attendance at all in 2024-04"),
        ({"service": "AT"}, present(["2024-05-03"]), "2024-05-03", "Work training pays nothing by the rule book"),
    ],
)
def test_a_day_without_an_item_says_why(tmp_path, told, reports, date, nothing):
    found = asked(workspace(tmp_path, register(placement(**told)), reports), date=date)
    assert found.day.items == ()
    assert nothing in found.day.nothing
    assert nothing[1:] in found.answer


def test_a_paused_day_says_so(tmp_path):
    pauses = [{"placement_id": "P1", "from": "2024-05-06", "to": "2024-05-07", "approved_on": "2024-05-02"}]
    folder = workspace(tmp_path, register(exercise(), pauses=pauses), present(["2024-05-02", "2024-05-06"]))
    assert asked(folder, date="2024-05-07").day.nothing == ("the day is in an approved pause",)  # not laid out
    assert asked(folder, date="2024-05-06").day.nothing == (
        "Start compensation: paid once, for the start day 2024-05-02, where it is earned",
        "Daily compensation: the day is in an approved pause",
    )


def test_days_of_a_service_paid_by_schedule_say_why_they_are_none(tmp_path):
    folder = workspace(tmp_path, register(exercise()), present(["2024-05-02", "2024-05-04", "2024-06-03", "2024-06-04"]))
    assert asked(folder, date="2024-05-04").day.nothing[1] == "Daily compensation: the day is a Saturday or Sunday"
    assert asked(folder, date="2024-06-03").day.nothing[1] == "Daily compensation: the day is after the placement's last day 2024-05-31"
    assert asked(folder, date="2024-06-04").day.nothing[1] == "Daily compensation: the day is after the as-of day 2024-06-03"


def test_a_result_is_paid_on_its_own_day_alone(tmp_path):
    folder = workspace(tmp_path, register(trial(), contracts=[stories.contract(14500, "2024-01-01")]), present(["2024-05-02"]))
    nothing = "Result compensation for a completed work trial: paid once, for the day that the work trial is completed"
    assert asked(folder, date="2024-05-02").day.nothing == (nothing,)
    assert asked(folder, date="2024-05-03").day.nothing == ()


def test_a_component_whose_condition_is_not_met_says_so(simple):
    nothing = asked(simple, date="2024-05-03").day.nothing
    assert nothing == ("Supplement for in-depth assessment: its condition is not met: in_depth: no",)


# A placement by month, a month by day.


def test_an_overview_has_a_line_per_month(tmp_path):
    reports = present(["2024-04-29", "2024-04-30", "2024-05-02", "2024-05-03"])
    folder = workspace(tmp_path, register(placement(start="2024-04-29", decision_date="2024-04-30")), reports)
    pay(folder)
    found = asked(folder)
    assert found.question == "placement"
    assert found.answer == "4 attended days; due SEK\u00a0900.00, withheld SEK\u00a0300.00, booked SEK\u00a0600.00."
    assert [
        (str(span.of), span.reports, span.attended, span.due_ore, span.withheld_ore, span.booked_ore, span.rules, span.claims)
        for span in found.spans
    ] == [
        ("2024-04", 2, 2, 30000, 30000, 0, ("A04",), ()),
        ("2024-05", 2, 2, 60000, 0, 60000, (), ("2024-05/ORG1/1",)),
    ]
    assert {tried.facts for tried in found.tried} == {"placements", "organisers"}


def test_a_month_has_a_line_per_day(tmp_path):
    folder = workspace(tmp_path, register(placement()), [*present(MAY[1:3]), report(MAY[3], status="S"), report("2024-06-03")])
    found = asked(folder, month="2024-05", language="sv")
    lines = {str(span.of): span for span in found.spans}
    assert len(lines) == 21  # the working days of May, all laid out from 2 May on
    assert (lines["2024-05-03"].status, lines["2024-05-03"].due_ore) == ("närvaro", 30000)
    assert (lines["2024-05-07"].status, lines["2024-05-07"].due_ore) == ("frånvarande", 0)
    assert (lines["2024-05-08"].status, lines["2024-05-08"].reports, lines["2024-05-08"].rules) == (None, 0, ("A14",))
    assert [(item.date.isoformat(), item.state) for item in found.items] == [("2024-05-03", "to_book"), ("2024-05-06", "to_book")]
    assert rule(found, "A18").about == "2024-05"


def test_an_unreported_month_tells_its_rule(tmp_path):
    folder = workspace(tmp_path, register(exercise(), exercise("P2")), present(["2024-05-03"], "P2"))
    assert rule(asked(folder), "A18").words == "fired: scheduled_pay: yes; month_reported: no"  # in an overview only where it fires
    found = asked(folder, date="2024-05-03")
    assert one(found, "day").rules == ("A18",)


def test_a_report_without_a_readable_day_is_told_in_every_month(tmp_path):
    folder = workspace(tmp_path, register(placement()), [report("2024-05-02"), report(FRIDAY) | {"date": "32 maj 2024"}])
    for month in ("2024-05", "2024-04", None):
        assert [(fault.rule, fault.place.cell) for fault in asked(folder, month=month).faults] == [("T02", "B3")]
    assert asked(folder, date="2024-05-03").faults == ()


# Registers that are set aside, and what only the books know.


def test_a_placement_that_is_set_aside_says_why_and_what_is_booked(simple):
    pay(simple)
    workspace(simple, register(placement(service="FTA"), placement("P2")), present(["2024-05-03"]))
    found = asked(simple)
    assert found.answer == "P1: its row in the register is set aside (T06 Unknown code), so nothing is paid. Booked: SEK\u00a0600.00."
    assert [(fault.rule, fault.place) for fault in found.faults] == [("T06", Place("register.xlsx", "placements", "D2"))]
    assert [item.state for item in found.items] == ["kept", "kept"]


def test_a_report_falls_with_its_placement(tmp_path):
    folder = workspace(tmp_path, register(placement(), placement("P2", service="FTA")), [report(FRIDAY, "P2"), *present(["2024-05-03"])])
    found = asked(folder, "attendance.xlsx!Närvaro!B2")
    assert found.answer.startswith("Set aside (T06 Unknown code): the cell or row does not count. P2: its row in the register is set aside")
    assert Place("attendance.xlsx", "Närvaro", "B2") in [fault.place for fault in found.faults]


def test_another_row_of_the_participant_in_doubt_is_named(tmp_path):
    other = placement("P2", participant_id="T1", service="FTA")
    folder = workspace(tmp_path, register(placement(), other), present(["2024-05-03"]))
    found = asked(folder, date="2024-05-03")
    assert one(found).rules == ("T06",)
    assert [(fault.rule, fault.placement, fault.place) for fault in found.faults] == [
        ("T06", "P2", Place("register.xlsx", "placements", "D3"))
    ]


def test_a_placement_that_only_the_books_know_is_told_from_them(simple):
    pay(simple)
    workspace(simple, register(placement("P2")), present(["2024-05-03"], "P2"))
    found = asked(simple)
    assert found.answer == "P1 is not in the register but in the ledger: booked SEK\u00a0600.00."
    assert [entry.claim for item in found.items for entry in item.booked] == ["2024-05/ORG1/1"] * 2


@pytest.mark.parametrize(("name", "remedy"), [("P3", "Nearest: P2, P1."), ("Ångström", "Check the id against the register.")])
def test_an_unknown_placement_is_refused_with_the_nearest(tmp_path, name, remedy):
    folder = workspace(tmp_path, register(placement(), placement("P2")), present(["2024-05-03"]))
    with pytest.raises(UsageError) as error:
        asked(folder, name)
    assert error.value.message("en") == f"there is no placement {name}. {remedy}"


# From a cell.


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """The samples of May, booked; with a sheet that is no table, one that is empty, and one whose name has a `!` and a space."""
    folder = tmp_path_factory.mktemp("samples") / "may"
    shutil.copytree(SAMPLES, folder)
    book = openpyxl.load_workbook(folder / "attendance.xlsx")
    book.create_sheet("Övrigt")["A1"] = "Ring 19801102-9850"
    book.create_sheet("Tomt")
    sheet = book.create_sheet("Maj 2024! del 2")
    sheet.append(["Beslutsnummer", "Datum", "Närvaro", "Anteckning", None])
    sheet.append(["B24-0138", dt.date(2024, 5, 30), "S", "hemligt"])
    sheet["E2"] = "hemligt"
    book.save(folder / "attendance.xlsx")
    pay(folder)
    return folder


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("attendance.xlsx!Närvaro!A1", "A row above the table's header row (4); no part of it."),
        ("attendance.xlsx!Närvaro!B4", "The heading of the column date."),
        ("attendance.xlsx!Närvaro!C17", "The column is not known and is not read; the cell has no effect."),
        ("attendance.xlsx!Närvaro!C4", "The column is not known and is not read; the cell has no effect."),
        ("attendance.xlsx!Närvaro!ZZ17", "The column has no heading and is not read."),
        ("attendance.xlsx!Närvaro!H17", "Notes are not read and never leave the workbook."),
        ("attendance.xlsx!Närvaro!A9999", "The row is empty."),
        ("attendance.xlsx!Övrigt!A1", "The sheet is not read: it has no known header row."),
        ("attendance.xlsx!Tomt!A1", "The sheet is not read: it has no known header row."),
        ("attendance.xlsx!Maj 2024! del 2!E2", "The column has no heading and is not read."),
        ("attendance-grid.xlsx!Solgläntan!B4", "The heading of day 1."),
        ("attendance-grid.xlsx!Solgläntan!A13", "A row below the table (sums, signatures, legend); it is not read."),
    ],
)
def test_a_cell_that_nothing_follows_from_says_so(samples, cell, words):
    found = look(samples, cell)
    assert (found.question, found.answer, found.tried, found.cell.rules) == ("cell", words, (), ())


def test_a_sheet_that_is_no_table_tells_its_fault_mlook(samples):
    (fault,) = look(samples, "attendance.xlsx!Övrigt!A1").faults
    assert (fault.rule, fault.place) == ("T08", Place("attendance.xlsx", "Övrigt", ""))
    assert look(samples, "attendance.xlsx!Tomt!A1").faults == ()


@pytest.mark.parametrize(
    ("cell", "column", "value", "placement", "date"),
    [
        ("attendance.xlsx!Närvaro!B295", "date", "2024-05-13", "B24-0131", "2024-05-13"),
        ("attendance.xlsx!närvaro!$F$295", "hours", "6.5", "B24-0131", "2024-05-13"),
        ("attendance.xlsx!'Närvaro'!g295", "status", "present", "B24-0131", "2024-05-13"),
        ("attendance.xlsx!Maj 2024! del 2!C2", "status", "absent", "B24-0138", "2024-05-30"),
        ("attendance-grid.xlsx!Solgläntan!C5", "status", "present", "B23-0912", "2024-05-02"),
    ],
)
def test_an_attendance_cell_leads_to_its_day(samples, cell, column, value, placement, date):
    found = look(samples, cell)
    assert (found.cell.column, found.cell.value, found.day.date.isoformat()) == (column, value, date)
    assert (found.placement.placement, found.question, found.asked) == (placement, "cell", cell)
    assert found.answer.startswith(f"A report on {placement}, {date}. {date}: ")


def test_a_cell_names_the_rules_that_read_its_column(samples):
    assert look(samples, "attendance.xlsx!Närvaro!F295").cell.rules == ("A10", "A17")
    assert look(samples, "attendance-grid.xlsx!Solgläntan!C5").cell.rules == tuple(
        rule.id for rule in rulebook.load().rules if rule.when and rule.facts == "days" and {"date", "status", "hours"} & rule.when.columns
    )
    assert "P11" in look(samples, "register.xlsx!Beslut!H38").cell.rules
    assert look(samples, "register.xlsx!Uppehåll!B2").cell.rules == ("P22",)


@pytest.mark.parametrize(
    ("cell", "rules", "place", "answer"),
    [
        ("attendance.xlsx!Närvaro!B126", ["T02"], "B126", "Set aside (T02 The value can't be read): the cell or row does not count. "),
        (
            "attendance.xlsx!Närvaro!A310",
            ["T05"],
            "A310",
            "Set aside (T05 Unknown placement or organiser): the cell or row does not count.",
        ),
        ("attendance-grid.xlsx!Solgläntan!P6", ["T06"], "P6", "Set aside (T06 Unknown code): the cell or row does not count. 2024-05-15: "),
    ],
)
def test_a_cell_that_is_set_aside_leads_to_its_violation(samples, cell, rules, place, answer):
    found = look(samples, cell)
    assert found.answer.startswith(answer)
    assert [fault.rule for fault in found.faults if fault.place.cell == place] == rules


def test_an_empty_day_of_a_grid_leads_to_its_day(samples):
    found = look(samples, "attendance-grid.xlsx!Solgläntan!B5")
    assert found.answer == (
        "The cell is empty and says nothing about the day. 2024-05-01: Due SEK\u00a00.00, withheld SEK\u00a00.00, booked SEK\u00a00.00."
        " The day is no working day."
    )
    assert look(samples, "attendance-grid.xlsx!Björkdalen!B5").day.date == dt.date(2024, 5, 1)  # a heading with a real date


def test_beside_the_days_of_a_grid_a_cell_leads_to_the_month(samples):
    found = look(samples, "attendance-grid.xlsx!Solgläntan!AG8")
    assert (found.cell.column, found.cell.value, found.cell.rules) == ("days_stated", "20", ("A19",))
    assert found.answer.startswith("Month grid, B24-0107: the column days_stated. 21 attended days; due SEK\u00a06,300.00")
    assert rule(found, "A19").words == "fired: days_stated 20 ≠ days_attended 21"
    assert look(samples, "attendance-grid.xlsx!Solgläntan!A8").cell.value is None


def test_a_register_cell_leads_to_its_placement(samples):
    found = look(samples, "register.xlsx!Beslut!F38")
    assert (found.cell.words, found.cell.column, found.cell.value) == ("Placements: the column start.", "start", "2024-05-13")
    assert found.placement.placement == "B24-0131"
    assert look(samples, "register.xlsx!Uppehåll!C3").placement.placement == "B24-0105"


def test_an_organisers_cell_leads_to_its_rules(samples):
    found = look(samples, "register.xlsx!Anordnare!C5")
    assert (found.placement, found.cell.value) == (None, "******-****")
    assert rule(found, "O01").words == "fired: identity_valid: no"
    assert look(samples, "register.xlsx!Handledare!B2").cell.value == "HL-01"


def test_a_contracts_cell_tells_what_it_prices(samples):
    found = look(samples, "register.xlsx!Avtal!D2")
    assert found.cell.value == "SEK\u00a014,500.00"
    assert found.answer == "Contracts: the column sek. The row prices items: 1, sum SEK\u00a014,500.00."


def test_register_rows_that_do_not_count_by_themselves_say_so(tmp_path):
    pauses = [{"placement_id": "P2", "from": "2024-05-06", "to": "2024-05-07", "approved_on": "2024-05-02"}]
    tables = register(placement(), placement("P2", service="FTA"), pauses=pauses)
    tables["supervisors"] = [*tables["supervisors"], tables["supervisors"][0]]
    folder = workspace(tmp_path, tables, present(["2024-05-03"]))
    words = "The row does not count by itself: it is equal to one before it, or set aside with the placement or organiser it belongs to."
    assert asked(folder, "register.xlsx!pauses!A2").answer == words
    assert asked(folder, f"register.xlsx!supervisors!A{len(tables['supervisors']) + 1}").answer == words


def test_a_register_row_that_is_set_aside_leads_to_its_violation(tmp_path):
    folder = workspace(tmp_path, register(placement(), placement("P2", service="FTA")), present(["2024-05-03"]))
    found = asked(folder, "register.xlsx!placements!F3")
    assert [(fault.rule, fault.place.cell) for fault in found.faults] == [("T06", "D3")]
    assert found.answer.endswith("P2: its row in the register is set aside (T06 Unknown code), so nothing is paid. Booked: SEK\u00a00.00.")


def test_a_report_falls_with_a_register_that_cannot_be_read(tmp_path):
    folder = workspace(tmp_path, register(placement()), present(["2024-05-03"]))
    book = openpyxl.load_workbook(folder / "register.xlsx")
    book["placements"]["F1"] = None  # the heading `start`: the sheet is no table any more
    book.save(folder / "register.xlsx")
    found = asked(folder, "attendance.xlsx!Närvaro!B2")
    assert found.answer == "Set aside (T01 A required column is missing): the cell or row does not count."
    assert found.placement is None


def test_an_error_is_something_in_a_row_that_is_not_read(tmp_path):
    sheet = [["placement_id", "date", "status"], ["P1", "2024-05-03", "N"], ["Summa"], [None, None, None, "#N/A"]]
    folder = workspace(tmp_path, register(placement()), Blad=sheet)
    assert asked(folder, "attendance.xlsx!Blad!B4").answer.startswith("A row below the table")


def test_a_column_that_the_sheet_lacks_has_no_cell(tmp_path):
    tables = register(placement())
    tables["placements"] = [{name: value for name, value in row.items() if name != "programme"} for row in tables["placements"]]
    told = values(asked(workspace(tmp_path, tables, present(["2024-05-03"])), date="2024-05-03"))
    assert told["programme"] == (None, None)


def test_grid_rows_that_are_set_aside_or_bare(tmp_path):
    sheet = [
        ["Månad: 2024-05"],
        ["placement_id", "days_stated", *range(1, 32)],
        ["P9", 1, None, "N"],
        ["P1", "x", None, "N"],
        ["P2", 0],
        [None, None, None, "N"],
    ]
    folder = workspace(tmp_path, register(placement(), placement("P2")), Maj=sheet)
    unknown = asked(folder, "attendance.xlsx!Maj!C3")
    assert unknown.answer == "The cell is empty and says nothing about the day."  # nobody knows P9
    assert asked(folder, "attendance.xlsx!Maj!A3").answer == "Month grid, P9: the column placement_id."
    stated = asked(folder, "attendance.xlsx!Maj!B4")
    assert [(fault.rule, fault.place.cell) for fault in stated.faults] == [("T02", "B4")]
    assert asked(folder, "attendance.xlsx!Maj!B5").answer.startswith("Month grid, P2: the column days_stated. 0 attended days")
    assert asked(folder, "attendance.xlsx!Maj!C5").answer.startswith("The row does not count")  # no report in it
    assert [fault.rule for fault in asked(folder, "attendance.xlsx!Maj!D6").faults] == ["T03"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("attendence.xlsx!Närvaro!A1", "the file attendence.xlsx is not among the input. Did you mean attendance.xlsx? The input is"),
        ("attendance.xlsx!Narvaro!A1", "attendance.xlsx has no sheet Narvaro. Did you mean Närvaro? Its sheets are Närvaro, Övrigt, Tomt"),
        ("attendance.xlsx!Närvaro!A0", "A0 is no cell. Write FILE!Sheet!C17"),
        ("attendance.xlsx!Närvaro!17", "17 is no cell."),
        ("attendance.xlsx!Närvaro!XFE1", "XFE1 is no cell."),
        ("attendance.xlsx!Närvaro!A1048577", "A1048577 is no cell."),
        ("attendance.xlsx!A1", "attendance.xlsx!A1 is no cell."),
    ],
)
def test_an_unknown_file_sheet_or_cell_is_refused(samples, text, message):
    with pytest.raises(UsageError) as error:
        look(samples, text)
    assert error.value.message("en").startswith(message)


def test_an_address_is_taken_apart():
    address = parse_address("map/a!b.xlsx!'Anna''s blad'!$AA$12", ["a.xlsx", "map/a!b.xlsx"])
    assert (address.file, address.sheet, address.row, address.col) == ("map/a!b.xlsx", "Anna's blad", 12, 26)
    assert parse_address("a.xlsx!!x!B1", ["a.xlsx"]).sheet == "!x"
    for text in ("in/maj.CSV!C6", "IN/maj.csv!C6", "in/maj.CSV!maj.CSV!C6"):
        address = parse_address(text, ["in/maj.CSV"])
        assert (address.file, address.sheet, address.row, address.col) == ("in/maj.CSV", "maj.CSV", 6, 2)


# From a claim back to its cells.


def test_a_claim_leads_back_to_its_cells(simple):
    pay(simple)
    found = asked(simple, "2024-05/ORG1/1")
    trail = found.trail
    assert found.answer == "Claim 2024-05/ORG1/1: 2 items, SEK\u00a0600.00, booked in run 1."
    assert (trail.organiser, trail.run, trail.booked_by, trail.attested, trail.total_ore) == ("ORG1", 1, "anna", (), 60000)
    (line,) = trail.lines
    assert (line.placement, line.component, line.name, line.kind, line.amount_ore) == (
        "P1",
        "base",
        "Compensation for extra costs",
        "claim",
        60000,
    )
    assert [(item.date.isoformat(), item.amount_ore, item.place) for item in line.items] == [
        ("2024-05-02", 30000, Place("attendance.xlsx", "Närvaro", "B2")),
        ("2024-05-03", 30000, Place("attendance.xlsx", "Närvaro", "B3")),
    ]
    # and on from such a cell to the claim
    assert one(asked(simple, "attendance.xlsx!Närvaro!B3")).booked[0].claim == "2024-05/ORG1/1"


def test_a_claim_is_explained_without_the_workbooks(simple):
    pay(simple)
    (simple / "attendance.xlsx").unlink()
    (simple / "register.xlsx").unlink()
    assert asked(simple, "2024-05/ORG1/1").trail.total_ore == 60000


def test_an_unknown_claim_is_refused_with_the_nearest(simple):
    pay(simple)
    with pytest.raises(UsageError, match=re.escape("the ledger has no claim 2024-05/ORG1/2. Did you mean 2024-05/ORG1/1?")):
        asked(simple, "2024-05/ORG1/2")


def test_a_month_of_an_organiser_leads_to_its_claims(simple):
    pay(simple)
    with pytest.raises(UsageError) as error:
        asked(simple, "2024-05/ORG1")
    assert error.value.message("en") == "there is no placement 2024-05/ORG1. Nearest: 2024-05/ORG1/1."


@pytest.mark.parametrize(("header", "rule"), [("#N/A", "T07 Error value in the cell"), ("unheard of", "T01 A required column is missing")])
def test_a_cell_of_a_sheet_that_is_set_aside_by_its_header_says_so(tmp_path, header, rule):
    contracts = [{"organiser_id": "ORG1", "service": "FAT", "component": "base", "sek": 350, "from": "2024-01-01", "to": None}]
    tables = register_sheets(register(placement(), contracts=contracts))
    tables["contracts"][0][5 if header == "#N/A" else 3] = header
    tables["contracts"][1][5] = dt.date(2024, 12, 31)
    folder = workspace(tmp_path, register(), present(["2024-05-03"]))
    workbooks.save(folder / "register.xlsx", tables)
    assert asked(folder, "register.xlsx!contracts!D2").answer == f"The whole sheet is set aside: {rule}."


def test_a_start_that_is_booked_under_a_former_number_waits(tmp_path):
    folder = workspace(tmp_path, register(exercise()), present(["2024-05-02"]))
    assert "start" in {line.component for claim in pay(folder).claims for line in claim.lines}
    workspace(folder, register(exercise("P9", participant_id="T1")), present(["2024-05-02"], "P9"))
    assert {line.component for claim in pay(folder).claims for line in claim.lines} == set()
    (start,) = (item for item in asked(folder, "P9", month="2024-05").items if item.component == "start")
    assert start.state == "waiting"


# The explanation agrees with what the run itself found.


def test_every_rule_fires_in_an_explanation_where_it_fires_in_a_run(samples):
    found = {(violation["rule"], violation["placement"], violation["date"]) for violation in _violations(samples)}
    told = set()
    placements = {placement for _, placement, _ in found if placement}
    for name in sorted(placements):
        told |= {
            (tried.rule, name, None) for tried in look(samples, name).tried if tried.outcome == "fired" and tried.facts == "placements"
        }
        for span in look(samples, name, month="2024-05").spans:
            told |= {(rule, name, span.of) for rule in span.rules if rule.startswith("A") and rule not in {"A14", "A18", "A19"}}
    days = {each for each in found if each[0][0] == "A" and each[0] not in {"A14", "A18", "A19"}}
    placement_rules = {(rule, name, date) for rule, name, date in found if rule[0] in "PDF" and rule != "P22"}
    # a day rule that withholds a neighbouring item is in its line too, so the days' rules are at least those found
    assert days <= told
    assert {each for each in told if each[2] is None and each[0][0] in "PDF"} == placement_rules


def _violations(folder):
    checked = pipeline.validate(task(folder))
    return checked.violations.filter(pl.col("placement").is_not_null(), ~pl.col("rule").str.starts_with("T")).iter_rows(named=True)


def test_the_sums_of_a_placement_are_those_of_the_run(samples):
    paid = stories.paid(samples)  # a dry run after the booking: nothing more to claim
    assert paid.claims == ()
    expected = {
        name: sum(item.amount_ore or 0 for item in paid.withheld if item.placement == name)
        for name in {item.placement for item in paid.withheld}
    }
    for name, ore in expected.items():
        assert sum(span.withheld_ore for span in look(samples, name, month="2024-05").spans) == ore


# Privacy.


def test_numbers_causes_and_notes_stay_hidden_unless_asked_for(samples):
    def told(**options):
        return json.dumps(
            [json.loads(explanation_json(look(samples, what, **options))) for what in ("B24-0138", "attendance.xlsx!Maj 2024! del 2!C2")]
        )

    hidden, shown = told(), told(show_ids=True)
    assert "19760930" not in hidden
    assert "sick" not in hidden.replace("sick'", "")
    assert "19760930-983" in shown
    assert '"sick"' in shown
    assert "hemligt" not in hidden + shown


def test_a_number_in_a_text_is_masked(tmp_path):
    folder = workspace(tmp_path, register(placement(), organisers=[stories.organiser(name="Anna 19801102-9850")]), present(["2024-05-03"]))
    assert asked(folder, "register.xlsx!organisers!B2").cell.value == "Anna ******-****"
    assert asked(folder).placement.organiser == "Anna ******-****"
    assert asked(folder, show_ids=True).placement.organiser == "Anna 19801102-9850"
