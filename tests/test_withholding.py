"""What each kind of rule withholds, and what it leaves: days, placements, organisers, components."""

import datetime as dt

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given

import workbooks
from fatcli.entitlement import contracts_in_force
from fatcli.tables import empty_table
from stories import (
    ASSESSED,
    contract,
    exercise,
    here,
    organiser,
    paid,
    placement,
    present,
    register,
    register_sheets,
    report,
    rules,
    run,
    sums,
    withheld,
    workspace,
)

REPORTED = ["2024-05-02", "2024-05-03"]


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({"programme": None}, "P03"),
        ({"decision_date": None}, "P11"),
        ({"participant_id": "640823-3235"}, "P01"),  # the check digit of 640823-323 is 4
        ({"workplace_organiser_id": "ORG9"}, "O06"),
    ],
)
def test_all_of_a_placement(tmp_path, told, rule):
    found = run(tmp_path, [placement(**told), placement("P2")], [*present(REPORTED), *present(REPORTED, "P2")])
    assert withheld(found) == {f"P1 base {date}": rule for date in REPORTED}
    assert sums(found) == {"P2 base": "2 x 300"}


def test_all_of_a_placement_that_ends_before_it_starts(tmp_path):
    found = run(tmp_path, [placement(end="2024-05-01")], present(REPORTED))
    assert withheld(found) == {f"P1 base {date}": "A01 P02" for date in REPORTED}


def test_all_of_an_organiser(tmp_path):
    # the check digit of 556036-079 is 3; everything of ORG1 is withheld, start compensation too
    placements = [placement(), exercise("P2"), placement("P3", organiser_id="ORG2")]
    reports = [*present(REPORTED), *present(REPORTED, "P2"), *present(REPORTED, "P3")]
    organisers = [organiser(identity_number="556036-0794"), organiser("ORG2")]
    found = run(tmp_path, placements, reports, organisers=organisers)
    assert sums(found) == {"P3 base": "2 x 300"}
    assert {item.rules for item in found.withheld} == {("O01",)}
    # 2 base days, 22 weekdays from 2 May, 1 start
    assert len(found.withheld) == 2 + 22 + 1


def test_all_of_a_day_reaches_start_compensation(tmp_path):
    # approved from 3 May: what falls on 2 May, the first day and its start, is withheld
    found = run(tmp_path, [exercise()], present(["2024-05-06"]), organisers=[organiser(approved_from="2024-05-03")])
    assert withheld(found) == {"P1 day 2024-05-02": "O02", "P1 start 2024-05-02": "O02"}
    assert sums(found) == {"P1 day": "21 x 450"}


def test_daily_money_before_the_decision_but_not_start_compensation(tmp_path):
    found = run(
        tmp_path,
        [exercise(decision_date="2024-05-06"), placement("P2", decision_date="2024-05-03")],
        [*present(["2024-05-07"]), *present(REPORTED, "P2")],
    )
    assert withheld(found) == {"P1 day 2024-05-02": "A04", "P1 day 2024-05-03": "A04", "P2 base 2024-05-02": "A04"}
    assert sums(found) == {"P1 start": "1 x 3000", "P1 day": "20 x 450", "P2 base": "1 x 300"}


def test_a_component_alone(tmp_path):
    # decided when no new assessments were open (D05): the supplement is withheld, the base is paid
    told = placement(in_depth_from="2024-05-02", in_depth_decided_on="2023-10-01")
    found = run(tmp_path, [told], present(REPORTED))
    assert withheld(found) == {f"P1 in_depth {date}": "D05" for date in REPORTED}
    assert sums(found) == {"P1 base": "2 x 300"}


def test_a_component_alone_where_the_programme_has_none(tmp_path):
    found = run(tmp_path, [placement(programme="ETP", in_depth_from="2024-05-02", **ASSESSED)], present(REPORTED))
    assert withheld(found) == {f"P1 in_depth {date}": "D01" for date in REPORTED}


@pytest.mark.parametrize(
    ("reports", "rule"),
    [
        ([report("2024-05-02", hours=0)], "A10"),
        ([report("2024-05-02", hours=24.5)], "A10"),
        ([report("2024-05-02"), report("2024-05-02", status="S")], "A07"),
    ],
)
def test_an_attended_day(tmp_path, reports, rule):
    found = run(tmp_path, [placement()], [*reports, report("2024-05-03", hours=24)])
    assert withheld(found) == {"P1 base 2024-05-02": rule}
    assert sums(found) == {"P1 base": "1 x 300"}


def test_a_pause_withholds_attended_days_in_it(tmp_path):
    pauses = [{"placement_id": "P1", "from": "2024-05-03", "to": "2024-05-03", "approved_on": "2024-05-03"}]
    found = run(tmp_path, [placement()], present(REPORTED), pauses=pauses)
    assert withheld(found) == {"P1 base 2024-05-03": "A05"}


def test_a_day_reported_twice_alike_is_paid_once(tmp_path):
    found = run(tmp_path, [placement()], [*present(REPORTED), *present(REPORTED)])
    assert sums(found) == {"P1 base": "2 x 300"}
    assert rules(found).count("A06") == 2


def test_a_day_in_two_places_is_withheld_in_both(tmp_path):
    second = placement("P2", participant_id="T1", organiser_id="ORG2")
    found = run(tmp_path, [placement(), second], [*present(REPORTED), *present(["2024-05-03", "2024-05-06"], "P2")])
    assert withheld(found) == {"P1 base 2024-05-03": "A08", "P2 base 2024-05-03": "A08"}
    assert sums(found) == {"P1 base": "1 x 300", "P2 base": "1 x 300"}


def test_a_booked_day_goes_by_the_number_that_the_register_has_now(tmp_path):
    # P1 was booked for T1. Its number is corrected to T2, who has P2 as well: P2 is not paid for the same day, and T1's P3 is
    folder = workspace(tmp_path, register(placement()), present(REPORTED[:1]))
    assert here(folder, "payout", "--month", "2024-05", "--as-of", "2024-06-03").code == 0
    corrected = [placement(participant_id="T2"), placement("P2"), placement("P3", participant_id="T1")]
    reports = [*present(REPORTED[:1], "P2"), *present(REPORTED[:1], "P3")]
    found = paid(workspace(folder, register(*corrected), reports))
    assert withheld(found) == {"P2 base 2024-05-02": "A08"}
    assert sums(found) == {"P3 base": "1 x 300"}


def test_outside_and_after_an_early_end(tmp_path):
    told = placement(ended_on="2024-05-24", end_reason="work", end_decided_on="2024-05-24")
    found = run(tmp_path, [told], present(["2024-05-01", "2024-05-24", "2024-05-27", "2024-06-03"]))
    assert withheld(found) == {"P1 base 2024-05-01": "A01", "P1 base 2024-05-27": "A02"}  # 3 June is another month's
    assert sums(found) == {"P1 base": "1 x 300"}


def test_a_day_after_the_as_of_day(tmp_path):
    folder = workspace(tmp_path, register(placement()), present(REPORTED))
    found = paid(folder, as_of="2024-05-02")
    assert withheld(found) == {"P1 base 2024-05-03": "A13"}
    assert sums(found) == {"P1 base": "1 x 300"}


def test_every_rule_that_withholds_is_named(tmp_path):
    found = run(tmp_path, [placement(decision_date=None, start="2024-05-03")], present(REPORTED))
    assert withheld(found) == {"P1 base 2024-05-02": "A01 P11", "P1 base 2024-05-03": "P11"}


def test_a_placement_row_that_cannot_be_read_withholds_its_participants_other_placements(tmp_path):
    unreadable = placement("P2", participant_id="T1", start="soon")
    found = run(
        tmp_path, [placement(), unreadable, placement("P3")], [*present(REPORTED), *present(REPORTED, "P2"), *present(REPORTED, "P3")]
    )
    assert withheld(found) == {f"P1 base {date}": "T02" for date in REPORTED}
    assert sums(found) == {"P3 base": "2 x 300"}


def day_price(sek="285", first="2024-05-03", last=None, **told):
    return contract(sek, first, last, service="FAT", component="base") | told


@pytest.mark.parametrize(
    ("row", "rule", "expected"),
    [
        (day_price("many"), "T02", ["P1 2024-05-03"]),
        (day_price("many", "2024-05-02", "2024-05-02"), "T02", ["P1 2024-05-02"]),
        (day_price("many", "2024-05-04"), "T02", []),
        (day_price(first="soon"), "T02", ["P1 2024-05-02", "P1 2024-05-03"]),
        (day_price(first="soon", last="2024-05-02"), "T02", ["P1 2024-05-02"]),
        (day_price(to="later"), "T02", ["P1 2024-05-03"]),
        (day_price(first="2024-05-03", last="2024-05-02"), "T02", ["P1 2024-05-02", "P1 2024-05-03"]),
        (day_price(component="basic"), "T06", ["P1 2024-05-03"]),
        (day_price(service="Fast"), "T06", ["P1 2024-05-03"]),
        (day_price(service="AIO", component="day", sek="many"), "T02", []),
        (day_price(organiser_id=None), "T03", ["P1 2024-05-03", "P2 2024-05-03"]),
        (day_price(organiser_id="ORG7"), "T05", []),
    ],
)
def test_a_contract_that_cannot_be_read_withholds_what_it_may_price(tmp_path, row, rule, expected):
    placements = [placement(), placement("P2", organiser_id="ORG2")]
    other_year = day_price("many", "2023-01-01", "2023-12-31")
    found = run(tmp_path, placements, [*present(REPORTED), *present(REPORTED, "P2")], contracts=[row, other_year])
    assert rule in rules(found)
    assert withheld(found) == {day.replace(" ", " base "): rule for day in expected}


def test_a_pause_that_cannot_be_read_withholds_the_days_that_it_may_hold(tmp_path):
    pauses = [{"placement_id": "P1", "from": "2024-05-03", "to": "soon", "approved_on": None}]
    found = run(tmp_path / "paid", [placement(), placement("P2")], [*present(REPORTED), *present(REPORTED, "P2")], pauses=pauses)
    assert withheld(found) == {"P1 base 2024-05-03": "T02"}


def test_a_pause_that_ends_before_it_begins_withholds_any_day(tmp_path):
    pauses = [{"placement_id": "P1", "from": "2024-05-03", "to": "2023-05-03", "approved_on": "2024-04-02"}]
    found = run(tmp_path, [placement(), placement("P2")], [*present(REPORTED), *present(REPORTED, "P2")], pauses=pauses)
    assert withheld(found) == {"P1 base 2024-05-02": "T02", "P1 base 2024-05-03": "T02"}
    assert sums(found) == {"P2 base": "2 x 300"}


def test_a_rule_that_withholds_for_two_reasons_is_named_once(tmp_path):
    pauses = [{"placement_id": "P1", "from": "2024-05-03", "to": "soon", "approved_on": None}]
    found = run(tmp_path, [placement()], present(REPORTED), pauses=pauses, contracts=[day_price("many")])
    assert withheld(found) == {"P1 base 2024-05-03": "T02"}


def test_a_pause_that_cannot_be_read_leaves_start_compensation(tmp_path):
    pauses = [{"placement_id": "P1", "from": None, "to": "2024-05-03", "approved_on": None}]
    found = run(tmp_path, [exercise(end="2024-05-06")], present(REPORTED), pauses=pauses)
    assert withheld(found) == {"P1 day 2024-05-02": "T03", "P1 day 2024-05-03": "T03"}
    assert sums(found) == {"P1 start": "1 x 3000", "P1 day": "1 x 450"}


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("contracts", {"P1 day 2024-05-02", "P1 day 2024-05-03", "P1 start 2024-05-02"}),
        ("pauses", {"P1 day 2024-05-02", "P1 day 2024-05-03"}),
        ("organisers", set()),  # the placements fall with the organisers that they name, and the reports with them
    ],
)
def test_a_table_that_lacks_a_column_withholds_what_it_may_concern(tmp_path, table, expected):
    tables = register_sheets(register(exercise(end="2024-05-03")))
    tables[table][0][-1 if table == "organisers" else 1] = "unheard of"
    folder = workspace(tmp_path, register(), present(REPORTED))
    workbooks.save(folder / "register.xlsx", tables)
    found = paid(folder)
    assert "T01" in rules(found)
    assert withheld(found) == dict.fromkeys(expected, "T01")
    assert sums(found) == ({"P1 start": "1 x 3000"} if table == "pauses" else {})


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("contracts", {"P1 day 2024-05-02", "P1 day 2024-05-03", "P1 start 2024-05-02"}),
        ("pauses", {"P1 day 2024-05-02", "P1 day 2024-05-03"}),
    ],
)
def test_a_sheet_that_lacks_a_column_withholds_also_beside_one_that_has_all(tmp_path, table, expected):
    tables = register_sheets(register(exercise(end="2024-05-03")))
    spoiled = [list(tables[table][0])]
    spoiled[0][1] = "unheard of"
    folder = workspace(tmp_path, register(), present(REPORTED))
    workbooks.save(folder / "register.xlsx", tables | {"More": spoiled})
    found = paid(folder)
    assert "T01" in rules(found)
    assert withheld(found) == dict.fromkeys(expected, "T01")


@pytest.mark.parametrize("lost", ["start", "placement_id", "participant_id"])
def test_a_second_sheet_of_placements_that_lacks_a_column_puts_those_that_it_names_in_doubt(tmp_path, lost):
    whole, more = (
        register_sheets(register(*placements))["placements"]
        for placements in ([placement(), placement("P2")], [placement("P3", participant_id=placement()["participant_id"])])
    )
    more[0][more[0].index(lost)] = "unheard of"
    folder = workspace(
        tmp_path, register(placement(), placement("P2")), [report for name in ("P1", "P2", "P3") for report in present(REPORTED, name)]
    )
    workbooks.save(folder / "register.xlsx", register_sheets(register(placement(), placement("P2"))) | {"placements": whole, "More": more})
    found = paid(folder)
    if lost == "participant_id":  # nobody is named: only the reports of the sheet's own placement fall
        assert sums(found) == {"P1 base": "2 x 300", "P2 base": "2 x 300"}
    else:
        assert withheld(found) == dict.fromkeys(["P1 base 2024-05-02", "P1 base 2024-05-03"], "T01")
        assert sums(found) == {"P2 base": "2 x 300"}
    # a report falls with its placement without a fault of its own, where the sheet names that
    assert ("T05" in rules(found)) is (lost == "placement_id")


@pytest.mark.parametrize("reports", [[], [["placement_id", "date", "koder"], ["P1", "2024-05-02", "N"]]])
def test_a_result_needs_no_attendance_to_be_withheld(tmp_path, reports):
    """O02 judges the days that earn start or result compensation also where no attendance is read at all."""
    told = placement(service="ITA3", programme=None, end="2024-08-30", trial_completed_on="2024-05-20")
    tables = register(told, organisers=[organiser(approved_from="2024-07-01")], contracts=[contract(5000, "2024-01-01")])
    folder = workspace(tmp_path, tables, **({"Blad": reports} if reports else {"Blad": [["x"]]}))
    found = paid(folder)
    assert withheld(found) == {"P1 result 2024-05-20": "O02"}
    assert "A01" in {rule.rule for rule in found.checked.not_evaluated}


@given(st.data())
def test_the_contract_in_force_is_that_of_the_latest_from_then_the_later_row(data):
    """Against the sentence of the specification, contract by contract."""
    day = st.dates(dt.date(2024, 5, 1), dt.date(2024, 5, 12))
    rows = data.draw(st.lists(st.tuples(st.sampled_from("AB"), day, st.none() | day), max_size=8))
    contracts = pl.DataFrame(
        [(name, "FAT", "base", 100 + number, first, last, 0, number) for number, (name, first, last) in enumerate(rows)],
        {
            name: empty_table("contracts").schema[name]
            for name in ("organiser_id", "service", "component", "sek", "from", "to", "source", "row")
        },
        orient="row",
    )
    days = [dt.date(2024, 5, number) for number in range(1, 14)]
    items = pl.DataFrame(
        [(number, name, "FAT", "base", date, None) for number, (name, date) in enumerate((name, date) for name in "AB" for date in days)],
        {
            "_item": pl.UInt32,
            "organiser_id": pl.String,
            "service": pl.String,
            "component": pl.String,
            "date": pl.Date,
            "booked_on": pl.Date,
        },
        orient="row",
    )
    expected = {}
    for item, name, *_, date, _ in items.rows():
        held = [(first, number) for number, (own, first, last) in enumerate(rows) if own == name and first <= date <= (last or date)]
        if held:
            expected[item] = 100 + max(held)[1]
    assert dict(contracts_in_force(items, contracts).select("_item", "sek").iter_rows()) == expected


def test_what_is_booked_is_kept_while_its_price_cannot_be_read(tmp_path):
    folder = workspace(tmp_path, register(placement(), contracts=[day_price(first="2024-05-02")]), present(REPORTED))
    assert here(folder, "payout", "--month", "2024-05", "--as-of", "2024-06-03").code == 0
    unread = register(placement(), contracts=[day_price("many", "2024-05-02")])
    found = paid(workspace(folder, unread, present(REPORTED)))
    assert sums(found) == {}
    assert [(str(kept.date), kept.amount_ore) for kept in found.kept] == [("2024-05-02", 28500), ("2024-05-03", 28500)]
