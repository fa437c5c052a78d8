"""Items from small registers, priced: which there are, and by which amount. Amounts are öre, worked out by hand."""

import polars as pl
import pytest

from fatcli import checks, entitlement, rulebook, rulebook_reader
from fatcli.entitlement import items
from fatcli.facts import BOOKED, CLOSED
from registers import BOOK, facts_of, tables_of
from stories import Row, contract, day, placement, present, report

TRIAL = placement(service="ITA3", programme=None, end="2024-08-30", trial_completed_on="2024-05-20")


def earned(*placements: Row, booked: tuple[Row, ...] = (), contracts: tuple[Row, ...] = (), **told: object) -> list[tuple[object, ...]]:
    """(placement, component, day of May, amount) of each item."""
    facts = facts_of(*placements, booked=booked, **told)
    prices = tables_of(*placements, contracts=contracts).table("contracts")
    found = items(facts, prices, pl.DataFrame(list(booked), BOOKED))
    return sorted(found.select("placement_id", "component", pl.col("date").dt.day(), "amount").rows())


def held(date: str, amount: int = 500_000, **told: object) -> Row:
    """What is booked of P1's result."""
    story = {"participant": "T1", "organiser_id": "ORG1", "placement_id": "P1", "service": "ITA3", "component": "result"}
    return story | {"date": day(date), "amount": amount, "daily": False, "closed": False} | told


RISING = (contract(5_000, "2024-01-01", "2024-05-09"), contract(6_000, "2024-05-10", "2024-05-15"), contract(7_000, "2024-05-16"))


@pytest.mark.parametrize(
    ("booked", "amount"),
    [
        ((), 700_000),  # of the day that it was completed
        ((held("2024-05-02"),), 500_000),  # of the day that it is booked on
        ((held("2024-05-10"),), 600_000),
        ((held("2024-05-02", 0),), 700_000),  # nothing is booked any more
        ((held("2024-05-02", 1),), 500_000),
        ((held("2024-05-02", -1),), 500_000),
        ((held("2024-05-02", daily=True),), 700_000),  # a day's money is another thing
        ((held("2024-05-02", placement_id="P2"),), 700_000),
        ((held("2024-05-02"), held("2024-05-10")), 500_000),  # the first, and one item
    ],
)
def test_a_result_is_priced_on_the_day_that_it_is_booked_on(booked: tuple[Row, ...], amount: int) -> None:
    assert earned(TRIAL, booked=booked, contracts=RISING) == [("P1", "result", 20, amount)]


def test_a_scheduled_day_is_earned_up_to_the_as_of_day() -> None:
    told = placement(service="AIO", start="2024-05-02", end="2024-05-31")
    reports = present(["2024-05-02", "2024-05-04", "2024-05-09"])  # the 4th is a Saturday
    days = [2, 3, 6, 7, 8, 9]  # Ascension Day too
    assert earned(told, reports=reports, as_of="2024-05-09") == [
        *(("P1", "day", date, 45_000) for date in days),
        ("P1", "start", 2, 300_000),
    ]


def test_a_component_whose_condition_can_not_be_told_is_not_earned() -> None:
    text = rulebook.shipped().decode()
    assert text.count("        when: in_depth\n") == 1
    book = rulebook_reader.read(text.replace("        when: in_depth\n", "        when: hours > 4\n").encode(), "rules.yaml")
    reports = [report("2024-05-02", hours=5), report("2024-05-03", hours=4), report("2024-05-06")]
    assert earned(placement(), reports=reports, book=book) == [
        *(("P1", "base", date, 30_000) for date in (2, 3, 6)),
        ("P1", "in_depth", 2, 20_000),
    ]


def test_days_are_priced_by_contract_whatever_the_order_of_placements_days_and_contracts() -> None:
    told = [placement(name) for name in ("P1", "P2", "P3")]
    days = {"P1": [20, 2, 10], "P2": [3, 31], "P3": [16, 7]}
    reports = [row for name, dates in days.items() for row in present([f"2024-05-{date:02}" for date in dates], name)]
    prices = {(2, 9): 310, (10, 19): 320, (20, 30): 330}
    contracts = [
        contract(sek, f"2024-05-{first:02}", f"2024-05-{last}" if last > 9 else "2024-05-09", "FAT", "base")
        for (first, last), sek in reversed(prices.items())
    ]

    def price(date: int) -> int:
        return next((sek * 100 for (first, last), sek in prices.items() if first <= date <= last), 30_000)

    expected = sorted((name, "base", date, price(date)) for name, dates in days.items() for date in dates)
    assert [row[3] for row in expected] == [31_000, 32_000, 33_000, 31_000, 30_000, 31_000, 32_000]
    assert earned(*told, reports=reports, contracts=tuple(contracts)) == expected


def test_a_single_day_of_a_contract() -> None:
    contracts = (contract(310, "2024-05-06", "2024-05-06", "FAT", "base"),)
    reports = present(["2024-05-03", "2024-05-06", "2024-05-07"])
    assert [row[2:] for row in earned(placement(), reports=reports, contracts=contracts)] == [(3, 30_000), (6, 31_000), (7, 30_000)]


def judged(
    *placements: Row,
    rules: tuple[str, ...] = (),
    closed: tuple[tuple[str, str, str], ...] = (),
    booked: tuple[Row, ...] = (),
    contracts: tuple[Row, ...] = (),
    **told: object,
) -> dict[tuple[object, ...], list[str]]:
    """(placement, component, date) of each item -> the rules that withhold it, where these rules alone are run."""
    facts, tables = facts_of(*placements, booked=booked, **told), tables_of(*placements, contracts=contracts)
    found = items(facts, tables.table("contracts"), pl.DataFrame(list(booked), BOOKED))
    hits = checks.evaluate(facts, [rule for rule in BOOK.rules if rule.id in rules])
    taken = pl.DataFrame([(name, part, day(date)) for name, part, date in closed], CLOSED, orient="row")
    nobody = entitlement.set_aside_placements(facts, tables.set_aside_participants)
    rows = entitlement.judged(found, hits, nobody, tables.doubts, taken)
    assert rows["month_first"].to_list() == rows["date"].dt.month_start().to_list()
    assert not rows["in_doubt"].any()
    return {(name, part, str(date)): rule for name, part, date, rule in rows.select("placement_id", "component", "date", "rules").rows()}


def test_a_day_clawed_back_is_withheld_and_no_other() -> None:
    reports = [*present(["2024-05-02", "2024-05-03"]), *present(["2024-05-02"], "P2")]
    told = placement(), placement("P2", participant_id="T2")
    assert judged(*told, reports=reports, closed=(("P1", "base", "2024-05-02"), ("P1", "in_depth", "2024-05-03"))) == {
        ("P1", "base", "2024-05-02"): ["clawed-back"],
        ("P1", "base", "2024-05-03"): [],
        ("P2", "base", "2024-05-02"): [],
    }


@pytest.mark.parametrize(
    ("closed", "rules"),
    [
        (("P1", "result", "2024-05-20"), ["clawed-back"]),
        (("P1", "result", "2024-04-30"), ["clawed-back"]),  # whatever the day
        (("P2", "result", "2024-05-20"), []),
        (("P1", "base", "2024-05-20"), []),
    ],
)
def test_a_result_clawed_back_is_withheld_whatever_its_day(closed: tuple[str, str, str], rules: list[str]) -> None:
    assert judged(TRIAL, contracts=RISING, closed=(closed,)) == {("P1", "result", "2024-05-20"): rules}


def test_a_result_stands_on_the_day_that_it_is_booked_on() -> None:
    assert judged(TRIAL, contracts=RISING, booked=(held("2024-04-30"),)) == {("P1", "result", "2024-04-30"): []}


def test_an_item_after_the_as_of_day_is_there_only_where_a_rule_withholds_it() -> None:
    reports = present(["2024-05-02", "2024-05-03"])
    today = {("P1", "base", "2024-05-02"): []}
    assert judged(placement(), reports=reports, as_of="2024-05-02") == today
    assert judged(placement(), reports=reports, as_of="2024-05-02", rules=("A13",)) == today | {("P1", "base", "2024-05-03"): ["A13"]}


def test_without_an_amount_it_is_withheld() -> None:
    assert judged(TRIAL) == {("P1", "result", "2024-05-20"): ["C01"]}


def test_several_rules_are_named_in_order_and_those_that_withhold_nothing_are_not() -> None:
    reports = present(["2024-06-08"])  # a Saturday, after the placement's end and after the as-of day
    assert judged(placement(), reports=reports, rules=("A13", "A09", "A01")) == {("P1", "base", "2024-06-08"): ["A01", "A13"]}


def test_one_more_rule_withholds_the_items_named_and_leaves_the_others() -> None:
    row = {"organiser_id": "ORG1", "placement_id": "P1", "component": "base"}
    rows = [row | {"date": day(f"2024-05-0{date}"), "rules": rules} for date, rules in ((2, []), (3, ["Z01"]), (6, ["A04"]))]
    frame = pl.DataFrame(rows, schema_overrides={"rules": pl.List(pl.String)})
    named = frame.head(2).select("organiser_id", "placement_id", "component", "date")
    assert entitlement.withheld_too(frame, named, "more")["rules"].to_list() == [["more"], ["Z01", "more"], ["A04"]]
