"""Compensation: what is taken from the books and what from the rules, and who counts."""

import polars as pl
import pytest

from fatcli.facts import BOOKED
from fatcli.figures import per_head
from fatcli.followup.compensation import compensation
from fatcli.followup.data import Asked
from fatcli.followup.money import DUE, left_alone, where_booked
from fatcli.followup.small import hide_small
from fatcli.model import Month
from followup.material import day, item, material, organiser, placement, row, rows, the

PLACED = [placement("P1", "2024-03-01", "2024-04-30"), placement("P2", "2024-03-01", "2024-04-30")]
MARCH, APRIL = "2024-03", "2024-04"


def sums(figures, **where: str) -> tuple[int, ...]:
    """Start, periodic, result and total compensation in whole SEK."""
    found = row(figures, "years", **where)
    return tuple(found[key] // 100 for key in ("start", "periodic", "result", "total"))


def origin(figures) -> dict[str, int]:
    return {key: value // 100 for key, value in rows(figures, "origin")[0].items() if key != "year"}


def test_a_month_with_anything_booked_is_taken_from_the_books() -> None:
    """March is booked with two days, and has three now; April isn't booked, and has one."""
    booked = [item("P1", "2024-03-04", 450), item("P1", "2024-03-05", 450), item("P1", "2024-03-01", 3000, "start")]
    due = [*booked, item("P2", "2024-03-04", 450), item("P1", "2024-04-02", 450)]
    figures = compensation(material(PLACED, booked=booked, due=due, reported=[("P1", MARCH), ("P2", MARCH), ("P1", APRIL)]))
    assert sums(figures, year="2024") == (3000, 1350, 0, 4350)
    assert origin(figures) == {"booked": 3900, "unbooked": 450, "unread": 0, "rules_now": 4350, "difference": 450}


def test_what_is_booked_of_files_that_were_not_read_is_no_difference() -> None:
    booked = [item("P1", "2024-03-04", 450), item("P2", "2024-03-04", 450)]
    figures = compensation(material(PLACED, booked=booked, due=[item("P1", "2024-03-04", 450)], reported=[("P1", MARCH)]))
    assert origin(figures) == {"booked": 900, "unbooked": 0, "unread": 450, "rules_now": 450, "difference": 0}


def test_attendance_taken_back_is_a_minus() -> None:
    figures = compensation(material(PLACED, booked=[item("P1", "2024-03-04", 450)], reported=[("P1", MARCH)]))
    assert origin(figures) == {"booked": 450, "unbooked": 0, "unread": 0, "rules_now": 0, "difference": -450}


def test_a_month_clawed_back_is_booked_with_nothing() -> None:
    booked = [item("P1", "2024-03-04", 0, closed=True)]
    figures = compensation(material(PLACED, booked=booked, due=[item("P1", "2024-03-05", 450)], reported=[("P1", MARCH)]))
    assert sums(figures, year="2024") == (0, 0, 0, 0)


def test_another_organisers_month_is_another_month() -> None:
    figures = compensation(
        material(PLACED, booked=[item("P1", "2024-03-04", 450)], due=[item("P2", "2024-03-04", 300, organiser_id="ORG2")])
    )
    assert sums(figures, year="2024") == (0, 750, 0, 750)


def test_result_compensation_and_services_that_the_rule_book_lacks() -> None:
    placed = [placement("P1", "2024-03-01", "2024-04-30", service="ITA3"), placement("P2", "2024-03-01", "2024-04-30", service="AT")]
    booked = [
        item("P1", "2024-03-04", 5000, "result", service="ITA3"),
        item("P9", "2024-03-04", 200, "day", service="OLD", participant="T9"),
    ]
    figures = compensation(material(placed, booked=booked))
    assert sums(figures, year="2024") == (0, 200, 5000, 5200)
    # AT pays nothing: T2 doesn't count. T9 is in the books only
    assert row(figures, "years", year="2024")["participants"] == 2
    assert [found["service"] for found in rows(figures, "by_service")] == ["ITA3", "OLD"]


def test_a_person_counts_once_per_year_and_group() -> None:
    """T1 has two placements at two organisers over New Year; T2 one in 2024 only."""
    placed = [
        placement("P1", "2023-12-01", "2023-12-29", participant_id="T1"),
        placement("P2", "2024-01-01", "2024-03-29", participant_id="T1", organiser_id="ORG2"),
        placement("P3", "2024-01-01", "2024-03-29", participant_id="T2", organiser_id="ORG2"),
    ]
    reported = [("P1", "2023-12"), ("P2", "2024-01")]
    figures = compensation(material(placed, asked=Asked(by="organiser"), organisers=[organiser("ORG2", name="Ängen")], reported=reported))
    assert [found["participants"] for found in rows(figures, "years")] == [1, 2]
    groups = {(found["year"], found["organiser"]): found["participants"] for found in rows(figures, "by_organiser")}
    assert groups == {("2023", "ORG1"): 1, ("2024", "ORG2"): 2}


def test_a_county_is_the_placements_own_else_its_organisers() -> None:
    placed = [placement("P1", "2024-03-01", "2024-04-30", county="Skåne"), placement("P2", "2024-03-01", "2024-04-30")]
    figures = compensation(
        material(
            [*placed, placement("P3", "2024-03-01", "2024-04-30", organiser_id="ORG2")],
            asked=Asked(by="county"),
            organisers=[organiser("ORG1", county="kalmar län"), organiser("ORG2")],
            booked=[item(name, "2024-03-04", 450, organiser_id=by) for name, by in (("P1", "ORG1"), ("P2", "ORG1"), ("P3", "ORG2"))],
        )
    )
    assert [(found["county"], found["total"]) for found in rows(figures, "by_county")] == [
        ("Kalmar län", 45_000),
        ("Skåne län", 45_000),
        ("elsewhere", 45_000),
    ]


def covered(figures) -> dict[str, str]:
    """Year -> the days covered of those covered in part."""
    years = the(figures, "years")
    return {years.rows[at][0].code: f"{first}/{last}" for at, (first, last) in years.partial.items()}


def test_years_are_covered_by_what_is_reported_or_booked_not_by_placements() -> None:
    """Placements over all 2023 and 2024; reported is January 2024, when nobody came."""
    placed = [placement("P1", "2023-01-01", "2024-12-31")]
    figures = compensation(material(placed, "2025-01-15", reported=[("P1", "2024-01")]))
    assert covered(figures) == {"2024": "2024-01-01/2024-01-31"}
    # all months of 2024 are booked or reported
    booked = [item("P1", f"2024-{month:02}-15", 450) for month in range(1, 12)]
    figures = compensation(material(placed, "2025-01-15", booked=booked, reported=[("P1", "2024-12")]))
    assert covered(figures) == {}
    assert the(figures, "years").about[-1].en.startswith("Participants are")


def test_a_month_that_lacks_is_told() -> None:
    booked = [item("P1", f"2024-{month:02}-15", 450) for month in range(1, 13) if month != 2]
    figures = compensation(material([placement("P1", "2024-01-01", "2024-12-31")], "2025-01-15", booked=booked))
    assert covered(figures) == {"2024": "2024-01-01/2024-12-31"}
    assert the(figures, "years").about[-1].en == "Nothing is reported, booked or due of: 2024-02."


def test_nothing_reported_or_booked_is_no_data() -> None:
    assert rows(compensation(material(PLACED)), "years") == []


def test_what_another_organiser_has_been_paid_stands_there_once() -> None:
    """P1 moved to ORG2 with March booked at ORG1, its start on the 1st, which is now due on the 4th. P2 stays."""
    booked = pl.DataFrame([item("P1", "2024-03-04", 450), item("P1", "2024-03-01", 3000, "start")], BOOKED)
    rows_due = [
        item("P1", "2024-03-04", 450, organiser_id="ORG2"),
        item("P1", "2024-03-05", 450, organiser_id="ORG2"),
        item("P1", "2024-03-04", 3000, "start", organiser_id="ORG2"),
        item("P2", "2024-03-04", 450),
    ]
    due = where_booked(pl.DataFrame([{name: one[name] for name in DUE} for one in rows_due], DUE), booked)
    assert due.select("organiser_id", "placement_id", "date").rows() == [
        ("ORG1", "P1", day("2024-03-04")),
        ("ORG2", "P1", day("2024-03-05")),
        ("ORG1", "P1", day("2024-03-01")),
        ("ORG1", "P2", day("2024-03-04")),
    ]


def test_what_no_payout_would_touch_is_left_alone() -> None:
    """Of three days booked one is due, one is to be reversed, and of one nothing is said."""
    booked = pl.DataFrame([item("P1", f"2024-03-0{number}", 450) for number in (4, 5, 6)], BOOKED)
    left = left_alone(booked, booked[:1], booked[1:2])
    assert left["date"].to_list() == [day("2024-03-06")]


def test_from_and_to() -> None:
    booked = [item("P1", f"2024-{month:02}-04", 450) for month in (3, 4)]
    figures = compensation(material(PLACED, asked=Asked(Month(2024, 4), Month(2024, 4)), booked=booked))
    assert sums(figures, year="2024") == (0, 450, 0, 450)


def test_small_groups_take_their_money_with_them() -> None:
    """Four at ORG2 of ten: ORG1 is hidden too, and the year stays."""
    placed = [placement(f"P{number}", "2024-03-01", "2024-04-30", organiser_id="ORG2" if number < 4 else "ORG1") for number in range(10)]
    booked = [item(one["placement_id"], "2024-03-04", 450, organiser_id=one["organiser_id"]) for one in placed]
    figures = hide_small(compensation(material(placed, asked=Asked(by="organiser"), booked=booked)), 5)
    assert [(found["participants"], found["total"], found["periodic"]) for found in rows(figures, "by_organiser")] == [
        ("..", "..", ".."),
        ("..", "..", ".."),
    ]
    assert row(figures, "years", year="2024")["total"] == 450_000


@pytest.mark.parametrize(
    ("ore", "persons", "expected"),
    [(10_050, 1, 10_100), (10_049, 1, 10_000), (300_100, 2, 150_100), (5, 0, None), (-50, 1, -100), (-49, 1, 0)],
)
def test_sek_per_participant_is_rounded_half_up(ore, persons, expected) -> None:
    assert per_head(ore, persons) == expected
