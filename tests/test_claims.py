"""Claims as differences. Items and bookings are drawn by hand; amounts in öre."""

import datetime as dt
from types import SimpleNamespace

import polars as pl
import pytest

from fatcli import claims
from fatcli.facts import BOOKED
from fatcli.model import Month

MAY, APRIL = Month(2024, 5), Month(2024, 4)


def day(text):
    return dt.date.fromisoformat(f"2024-{text}")


def item(
    date, amount=30000, placement="P1", component="base", rules=(), organiser="ORG1", per="attended_day", booked_on=None, in_doubt=False
):
    return {
        "_p": int(placement[1:]),
        "organiser_id": organiser,
        "placement_id": placement,
        "participant": f"person of {placement}",
        "service": "FAT",
        "component": component,
        "per": per,
        "daily": per.endswith("_day"),
        "date": day(date),
        "booked_on": day(booked_on) if booked_on else None,
        "in_doubt": in_doubt,
        "month_first": day(date).replace(day=1),
        "amount": amount,
        "rules": list(rules),
    }


def items(*rows):
    schema = {
        "_p": pl.UInt32, "organiser_id": pl.String, "placement_id": pl.String, "participant": pl.String, "service": pl.String,
        "component": pl.String, "per": pl.String, "daily": pl.Boolean, "date": pl.Date, "booked_on": pl.Date,
        "in_doubt": pl.Boolean, "month_first": pl.Date,
        "amount": pl.Int64, "rules": pl.List(pl.String),
    }  # fmt: skip
    return pl.DataFrame(list(rows), schema=schema)


def booked(*rows):
    """Bookings of items: the item's own fields, and `closed`."""
    return pl.DataFrame([{name: (row | {"closed": False})[name] for name in BOOKED} for row in rows], schema=BOOKED)


FACTS = SimpleNamespace(
    placements=pl.DataFrame(
        {
            "_p": pl.Series([1, 2, 3], dtype=pl.UInt32),
            "placement_id": ["P1", "P2", "P3"],
            "participant": ["person of P1", "person of P2", "person of P3"],
            "participant_id": ["A1", "A2", "A3"],
        }
    ),
    organisers=pl.DataFrame(
        {"organiser_id": ["ORG1"], "name": ["Verkstaden"], "identity_number": ["556036-0793"], "bankgiro": ["991-2346"], "plusgiro": [None]}
    ),
    book=SimpleNamespace(services={}),
)


def reports(*pairs):
    return pl.DataFrame(
        [(placement, day(date)) for placement, date in pairs], schema={"placement_id": pl.String, "date": pl.Date}, orient="row"
    )


ORIGIN = pl.DataFrame(schema={name: BOOKED[name] for name in ("organiser_id", "placement_id", "component", "date")} | {"claim": pl.String})
NOBODY = pl.DataFrame(schema={"_p": pl.UInt32, "rule": pl.String})


REGISTERED = FACTS.placements["placement_id"]


def compared(due, held, said):
    return claims.differences(due, claims.sorted_out(due, held, said, FACTS), said)


def differences(due, held, said=None, set_aside=(), doubted=NOBODY):
    said = said if said is not None else [(row["placement_id"], f"{row['date']:%m-%d}") for row in due.iter_rows(named=True)]
    aside = pl.DataFrame(list(set_aside), schema={"placement_id": pl.String, "date": pl.Date}, orient="row")
    spoken = claims.spoken(FACTS, due, reports(*said), aside, doubted)
    found = compared(due, held, spoken)
    return [(r["placement_id"], r["component"], f"{r['date']:%m-%d}", r["kind"], r["amount"]) for r in found.iter_rows(named=True)]


def spoken_for(due, *said, set_aside=()):
    """What a run speaks for that reports these placements and days."""
    aside = pl.DataFrame(list(set_aside), schema={"placement_id": pl.String, "date": pl.Date}, orient="row")
    return claims.spoken(FACTS, due, reports(*said), aside, NOBODY)


def test_nothing_booked_everything_due_is_claimed():
    due = items(item("05-02"), item("05-03"), item("05-06", rules=["A04"]))
    assert differences(due, booked()) == [("P1", "base", "05-02", "claim", 30000), ("P1", "base", "05-03", "claim", 30000)]


def test_what_is_booked_is_not_claimed_again():
    due = items(item("05-02"))
    assert differences(due, booked(item("05-02"))) == []


def test_a_day_no_longer_due_is_reversed():
    due = items(item("05-02"), item("05-03", rules=["A01"]))
    held = booked(item("05-02"), item("05-03"), item("05-06"))
    assert differences(due, held) == [("P1", "base", "05-03", "reversal", -30000), ("P1", "base", "05-06", "reversal", -30000)]


def test_another_price_is_an_adjustment_by_the_difference():
    due = items(item("05-02", amount=28500))
    assert differences(due, booked(item("05-02"))) == [("P1", "base", "05-02", "adjustment", -1500)]


def test_a_placement_moved_to_another_organiser_is_reversed_there_and_claimed_here():
    due = items(item("05-02", organiser="ORG2"))
    assert differences(due, booked(item("05-02"))) == [("P1", "base", "05-02", "reversal", -30000), ("P1", "base", "05-02", "claim", 30000)]


def moved(component="base", per="attended_day", date="05-02", booked_on="05-02"):
    """Differences of a placement booked at ORG1 and due at ORG2, beside another day that is due there."""
    due = items(item(date, organiser="ORG2", component=component, per=per), item("05-06", organiser="ORG2"))
    held = booked(item(booked_on, component=component, per=per))
    said = claims.spoken(FACTS, due, reports(("P1", "05-02"), ("P1", "04-29")), reports(), NOBODY)
    return compared(due, held, said), held


@pytest.mark.parametrize("told", [{}, {"component": "start", "per": "start"}, {"component": "start", "per": "start", "date": "05-08"}])
def test_a_moved_placement_is_paid_at_its_new_organiser_when_it_is_reversed_at_the_old(told):
    found, held = moved(**told)
    waiting = claims.booked_elsewhere(found, held, ["ORG2"], REGISTERED)
    assert waiting["organiser_id"].to_list() == ["ORG2"]
    assert waiting["date"].to_list() == [day(told.get("date", "05-02"))]
    assert claims.booked_elsewhere(found, held, ["ORG1", "ORG2"], REGISTERED).is_empty()
    left = claims.left_out(found, waiting)
    assert left.select("organiser_id", "component", "kind").rows() == [
        ("ORG1", told.get("component", "base"), "reversal"),
        ("ORG2", "base", "claim"),
    ]


def test_a_start_booked_in_another_month_at_the_former_organiser_waits_for_that_months_reversal():
    found, held = moved("start", "start", "05-02", "04-29")
    may = found.filter(pl.col("month_first") == MAY.first)
    waiting = claims.booked_elsewhere(may, held, ["ORG1", "ORG2"], REGISTERED)
    assert waiting.select("organiser_id", "component").rows() == [("ORG2", "start")]


def test_what_a_row_set_aside_may_price_is_kept():
    due = items(item("05-02", rules=["T02"], in_doubt=True), item("05-03", rules=["A04"]))
    assert differences(due, booked(item("05-02"), item("05-03"))) == [("P1", "base", "05-03", "reversal", -30000)]


def test_other_placements_are_kept():
    due = items(item("05-02"))
    assert differences(due, booked(item("05-02"), item("05-02", placement="P2"))) == []


def test_other_months_of_a_placement_that_the_input_does_not_report_are_kept():
    assert differences(items(item("05-02")), booked(item("05-02"), item("04-02"))) == []


def test_a_start_item_once_booked_is_not_booked_again_on_another_day_or_in_another_month():
    held = booked(item("05-02", amount=300000, component="start", per="start"))
    start = item("05-02", amount=300000, component="start", per="start", booked_on="05-02")  # judged on another day
    due = items(start, item("05-07", component="day", amount=45000))
    assert differences(due, held, said=[("P1", "05-07"), ("P1", "04-29")]) == [("P1", "day", "05-07", "claim", 45000)]


def test_a_result_item_speaks_for_its_placement_without_any_report():
    due = items(item("05-20", amount=1234550, component="result", per="result"))
    assert differences(due, booked(), said=[]) == [("P1", "result", "05-20", "claim", 1234550)]


def test_a_start_item_alone_does_not_speak_for_its_placement():
    start = item("05-02", amount=300000, component="start", per="start")
    assert differences(items(start), booked(), said=[]) == []


def test_a_booking_that_nets_to_nothing_is_none():
    due = items(item("05-03"))
    assert differences(due, booked(item("05-03", amount=0)), set_aside=[("P1", day("05-03"))]) == [("P1", "base", "05-03", "claim", 30000)]


def test_each_difference_has_the_participant_and_the_service_of_what_is_due_or_booked():
    due = items(item("05-02"))
    found = compared(due, booked(item("05-03") | {"service": "AT"}), spoken_for(due, ("P1", "05-02")))
    assert found.select("date", "participant", "service", "daily").rows() == [
        (day("05-02"), "person of P1", "FAT", True),
        (day("05-03"), "person of P1", "AT", True),
    ]


def test_what_is_kept_is_told_with_its_reason_month_by_month():
    due = items(item("05-02"))
    held = booked(item("05-06", placement="P2"), item("05-02"), item("05-03"), item("04-02"), item("05-02", placement="P2"))
    twice = [("P1", day("05-03"))] * 2  # two rows of one day
    said = spoken_for(due, ("P1", "05-02"), ("P1", "05-06"), set_aside=twice)
    found = claims.sorted_out(due, held, said, FACTS)
    kept = {month: claims.kept(found, month).select("placement_id", "date", "kept").rows() for month in (APRIL, MAY)}
    assert kept == {
        APRIL: [("P1", day("04-02"), claims.NOT_REPORTED)],
        MAY: [
            ("P1", day("05-03"), claims.SET_ASIDE),
            ("P2", day("05-02"), claims.NOT_REPORTED),
            ("P2", day("05-06"), claims.NOT_REPORTED),
        ],
    }


def test_a_day_outside_the_placement_that_nobody_reports_now_is_ruled_out():
    runs = pl.DataFrame({"start": [day("05-02"), day("05-06"), day("05-06")], "effective_end": [day("05-31")] * 3})
    facts = SimpleNamespace(placements=pl.concat([FACTS.placements, runs], how="horizontal"))
    held = booked(
        item("05-03", placement="P2"),
        item("05-31", placement="P2"),  # its last day
        item("06-03", placement="P2", amount=20000),
        item("05-03", placement="P2", component="start", per="start"),  # no daily money
        item("05-01"),  # reported
        item("05-03", placement="P3"),  # set aside
    )
    due = items(item("05-02"))
    said = spoken_for(due, ("P1", "05-02"), set_aside=[("P3", day("05-03"))])
    found = claims.ruled_out(claims.sorted_out(due, held, said, facts), facts)
    assert sorted(found.select("month_first", "amount").rows()) == [(day("05-01"), -30000), (day("06-01"), -20000)]


def elsewhere(due, held, *organisers, said=(("P1", "05-02"),)):
    wanted = compared(due, held, spoken_for(due, *said))
    return claims.booked_elsewhere(wanted, held, organisers, REGISTERED).select("organiser_id", "component").rows()


def test_only_what_is_new_here_and_stands_there_waits():
    due = items(item("05-02", organiser="ORG2"))
    assert elsewhere(due, booked(item("05-02")), "ORG2") == [("ORG2", "base")]
    assert elsewhere(due, booked(item("05-02", amount=0)), "ORG2") == []  # reversed there before
    # an item that is booked here already is corrected at once
    cheaper = items(item("05-02", organiser="ORG2", amount=28500))
    assert elsewhere(cheaper, booked(item("05-02"), item("05-02", organiser="ORG2")), "ORG2") == []
    # where it is only adjusted it stands
    both = items(item("05-02", amount=28500), item("05-02", organiser="ORG2"))
    assert elsewhere(both, booked(item("05-02")), "ORG1", "ORG2") == [("ORG2", "base")]


def test_a_start_item_waits_once_and_not_for_its_own_organiser():
    def start(date, organiser):
        return item(date, organiser=organiser, component="start", per="start")

    due = items(start("05-08", "ORG2"))
    assert elsewhere(due, booked(start("04-29", "ORG1"), start("04-30", "ORG3")), "ORG2") == [("ORG2", "start")]
    assert elsewhere(due, booked(start("04-29", "ORG2")), "ORG2") == []


def test_a_day_whose_row_was_set_aside_keeps_its_booking():
    due = items(item("05-02"))
    held = booked(item("05-02"), item("05-03"), item("05-06"))
    assert differences(due, held, set_aside=[("P1", day("05-03"))]) == [("P1", "base", "05-06", "reversal", -30000)]


def test_a_row_set_aside_without_a_day_keeps_every_booking_that_is_not_due():
    due = items(item("05-02", amount=28500))
    held = booked(item("05-02"), item("05-03"))
    assert differences(due, held, set_aside=[("P1", None)]) == [("P1", "base", "05-02", "adjustment", -1500)]


@pytest.mark.parametrize("amount", [30000, 28500])
def test_a_booked_day_that_another_row_makes_due_is_kept_not_booked_again(amount):
    due = items(item("05-02"), item("05-03", amount=amount))
    assert differences(due, booked(item("05-02"), item("05-03")), set_aside=[("P1", day("05-03"))]) == []


def test_a_day_set_aside_that_another_row_makes_due_is_claimed_once():
    due = items(item("05-03"))
    assert differences(due, booked(), set_aside=[("P1", day("05-03"))]) == [("P1", "base", "05-03", "claim", 30000)]


def test_a_start_item_of_another_day_is_not_booked_again_because_a_row_has_no_day():
    held = booked(item("05-02", amount=300000, component="start", per="start"))
    due = items(item("05-02", amount=300000, component="start", per="start", booked_on="05-02"))
    assert differences(due, held, set_aside=[("P1", None)]) == []


@pytest.mark.parametrize(
    ("held", "waits"),
    [
        ({}, True),
        ({"placement": "P2"}, False),  # another placement that is in the register: the rules judge it
        ({"date": "05-03"}, False),
        ({"component": "result"}, False),
        ({"amount": 0}, False),  # reversed since
        ({"participant": "another"}, False),
    ],
)
def test_what_is_earned_once_is_not_paid_again_under_another_number(held, waits):
    due = items(item("05-02", placement="P1", component="start", per="start"))
    told = {"placement": "P9", "component": "start", "per": "start", "date": "05-02"} | held
    who = told.pop("participant", "person of P1")
    standing = booked(item(told.pop("date"), **told) | {"participant": who})
    found = compared(due, standing, spoken_for(due, ("P1", "05-02")))
    assert claims.booked_elsewhere(found, standing, ["ORG1"], REGISTERED).height == waits


def test_a_kept_day_is_not_claimed_by_the_organiser_that_the_placement_moved_to():
    due = items(item("05-02", organiser="ORG2"), item("05-03", organiser="ORG2"))
    moved = [("P1", "base", "05-02", "reversal", -30000), ("P1", "base", "05-02", "claim", 30000)]
    assert differences(due, booked(item("05-02"), item("05-03")), set_aside=[("P1", day("05-03"))]) == moved


def test_a_row_without_a_day_does_not_keep_what_is_due_to_another_organiser():
    due = items(item("05-02", organiser="ORG2"))
    moved = [("P1", "base", "05-02", "reversal", -30000), ("P1", "base", "05-02", "claim", 30000)]
    assert differences(due, booked(item("05-02")), set_aside=[("P1", None)]) == moved


def test_what_is_kept_for_a_participant_goes_by_the_number_that_the_register_has_now():
    doubted = pl.DataFrame({"_p": [1], "rule": ["T02"]}, schema=NOBODY.schema)
    held = booked(item("05-02") | {"participant": "the number before it was corrected"})
    assert differences(items(item("05-02", rules=["T02"])), held, doubted=doubted) == []


def test_a_participant_with_a_placement_set_aside_keeps_all_bookings():
    doubted = pl.DataFrame({"_p": [1], "rule": ["T02"]}, schema=NOBODY.schema)
    due = items(item("05-02", rules=["T02"]))
    assert differences(due, booked(item("05-02")), doubted=doubted) == []


@pytest.mark.parametrize(
    ("stray", "reversed_days"),
    [
        ([], ["05-03", "05-06"]),
        ([(None, day("05-03"))], ["05-06"]),
        ([(None, day("05-02"))], ["05-03", "05-06"]),  # that day is withheld: it was reported
        ([(None, None)], []),
        ([("P2", day("05-03")), ("P2", None)], ["05-03", "05-06"]),  # of another placement
    ],
)
def test_a_report_that_names_no_placement_may_be_that_of_a_booked_day(stray, reversed_days):
    due = items(item("05-02", rules=["A04"]), item("05-07"))
    held = booked(item("05-02"), item("05-03"), item("05-06"), item("05-07"))
    found = differences(due, held, set_aside=stray)
    assert [date for _, _, date, kind, _ in found if kind == "reversal"] == sorted([*reversed_days, "05-02"])


@pytest.mark.parametrize(("allowed", "refused"), [((), True), (("ORG2",), True), (("ORG1",), False), (("all",), False)])
def test_a_claim_with_a_minus_needs_leave(allowed, refused):
    due = items(item("05-02"), item("05-03", amount=28500))
    spoken = claims.spoken(FACTS, due, reports(("P1", "05-02")), reports().clear(), NOBODY)
    found = compared(due, booked(item("05-03")), spoken)
    (claim,) = claims.claims(found, ORIGIN, FACTS, allowed)
    assert claim.reversal_refused is refused
    assert claim.total_ore == 30000 - 1500
    assert [(line.kind, line.days, line.rate_ore) for line in claim.lines] == [("adjustment", 1, -1500), ("claim", 1, 30000)]


@pytest.mark.parametrize(("amount", "refused"), [(30001, False), (29999, True)])
def test_a_single_ore_less_is_a_minus_and_a_single_one_more_is_none(amount, refused):
    due = items(item("05-02", amount=amount))
    found = compared(due, booked(item("05-02")), spoken_for(due, ("P1", "05-02")))
    (claim,) = claims.claims(found, ORIGIN, FACTS)
    assert claim.reversal_refused is refused
    assert (claim.number, claim.booked) == (None, False)


def test_lines_put_equal_items_together_and_a_reversal_counts_days_down():
    due = items(item("05-02"), item("05-03"), item("05-06"))
    spoken = claims.spoken(FACTS, due, reports(("P1", "05-02")), reports().clear(), NOBODY)
    found = compared(due, booked(item("05-07"), item("05-08")), spoken)
    (claim,) = claims.claims(found, ORIGIN, FACTS, ["all"])
    assert [(line.kind, line.days, line.rate_ore, line.amount_ore) for line in claim.lines] == [
        ("claim", 3, 30000, 90000),
        ("reversal", -2, 30000, -60000),
    ]
    assert (claim.name, claim.identity_number, claim.bankgiro, claim.lines[0].participant_id) == (
        "Verkstaden",
        "556036-0793",
        "991-2346",
        "A1",
    )


def test_a_correction_names_the_claim_that_booked_it():
    due = items(item("05-02"), item("05-03", amount=28500), item("05-06", amount=31000))
    held = booked(*(item(date) for date in ("05-03", "05-06", "05-07", "05-08", "05-10")))
    found = compared(due, held, spoken_for(due, ("P1", "05-02")))
    # what is claimed was booked and reversed before; of two bookings the origin is not known
    known = [("05-02", "C1"), ("05-03", "C2"), ("05-06", "C2"), ("05-07", "C3")]
    origin = pl.DataFrame([("ORG1", "P1", "base", day(date), claim) for date, claim in known], ORIGIN.schema, orient="row")
    (claim,) = claims.claims(found, origin, FACTS)
    # in order of kind, then of size, and those without an origin last
    assert [(line.kind, line.days, line.rate_ore, line.corrects) for line in claim.lines] == [
        ("adjustment", 1, 1000, "C2"),
        ("adjustment", 1, -1500, "C2"),
        ("claim", 1, 30000, None),
        ("reversal", -1, 30000, "C3"),
        ("reversal", -2, 30000, None),
    ]


@pytest.mark.parametrize("earlier", ["ORG1", "ORG2"])
def test_what_follows_an_earlier_claim_of_the_month_tells_its_days(earlier):
    due = items(item("05-03", amount=28500), item("05-06"), item("05-02"))
    found = compared(due, booked(item("05-03"), item("05-10"), item("05-07")), spoken_for(due, ("P1", "05-02")))
    rows = [(earlier, "P9", "base", day("05-31"), "C1"), ("ORG1", "P1", "base", day("04-30"), "C2")]
    origin = pl.DataFrame(rows, ORIGIN.schema, orient="row")
    (claim,) = claims.claims(found, origin, FACTS)
    days = [("adjustment", ["05-03"]), ("claim", ["05-02", "05-06"]), ("reversal", ["05-07", "05-10"])]
    told = earlier == "ORG1"  # with a claim of April alone, or of another organiser, it is the first of May
    assert [(line.kind, list(line.dates)) for line in claim.lines] == [
        (kind, [day(each) for each in dates if told]) for kind, dates in days
    ]


def test_other_months_stand_in_order():
    due = items(*(item(date) for date in ("04-02", "01-03", "03-04", "02-05", "05-02", "06-03")))
    said = spoken_for(due, *(("P1", date) for date in ("01-03", "02-05", "03-04", "04-02", "05-02", "06-03")))
    found = compared(due, booked(), said)
    others = claims.other_months(found.sample(fraction=1, shuffle=True, seed=1), MAY)
    assert [(other.month.number, other.difference_ore) for other in others] == [(month, 30000) for month in (1, 2, 3, 4, 6)]


def test_other_months_are_summed():
    due = items(item("05-02"), item("04-02"), item("04-03"))
    spoken = claims.spoken(FACTS, due, reports(("P1", "05-02"), ("P1", "04-02")), reports().clear(), NOBODY)
    found = compared(due, booked(), spoken)
    (other,) = claims.other_months(found, MAY)
    assert (other.month, other.difference_ore) == (APRIL, 60000)
