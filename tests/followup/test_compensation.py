"""Compensation: what is taken from the books and what from the rules, and who counts."""

import pytest

from fatcli.figures import per_head
from fatcli.followup.compensation import compensation
from fatcli.followup.data import Asked
from fatcli.followup.small import hide_small
from fatcli.model import Month
from followup.material import item, material, organiser, placement, row, rows

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
    figures = compensation(material(placed, asked=Asked(by="organiser"), organisers=[organiser("ORG2", name="Ängen")]))
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


@pytest.mark.parametrize(("ore", "persons", "expected"), [(10_050, 1, 10_100), (10_049, 1, 10_000), (300_100, 2, 150_100), (5, 0, None)])
def test_sek_per_participant_is_rounded_half_up(ore, persons, expected) -> None:
    assert per_head(ore, persons) == expected
