"""What a reader could compute of a small group in each report, by hand, and that a figure it takes is not shown."""

from typing import Any

import pytest

from fatcli.figures import Figures
from fatcli.followup import BUILDERS
from fatcli.followup.data import Asked
from fatcli.followup.small import hide_small
from followup.material import Row, item, material, organiser, placement, row, rows

Group = tuple[int, Row]
SPRING = {"start": "2023-01-02", "end": "2023-06-30"}


def people(*groups: Group, service: str = "AIO") -> list[Row]:
    """So many placements of each kind, each of a person of its own."""
    told = [kind for count, kind in groups for _ in range(count)]
    return [placement(f"P{number}", **{"service": service, **SPRING, **kind}) for number, kind in enumerate(told)]


def shown(name: str, *arguments: Any, **told: Any) -> Figures:
    return hide_small(BUILDERS[name](material(*arguments, **told)), 5)


def hides(*figures: object) -> bool:
    return ".." in figures


def test_reasons_that_are_work_or_studies() -> None:
    """9 early to work or studies, 6 to work: 3 to studies."""
    early = [(6, "work"), (3, "studies"), (5, "illness"), (10, "interrupted")]
    placed = people(*((count, {"ended_on": "2023-03-31", "end_reason": reason}) for count, reason in early), (10, {}))
    found = shown("stays", placed)
    assert row(found, "reasons", reason="studies")["count"] == ".."
    assert hides(row(found, "stays", service="AIO")["work_or_studies"], row(found, "reasons", reason="work")["count"])
    assert row(found, "stays", service="AIO")["early"] == 24  # and no more than that


def test_work_and_work_or_studies_after() -> None:
    """6 in work, 9 in work or studies: 3 in studies."""
    after = [(3, "work"), (3, "supported_work"), (3, "studies"), (12, "programme"), (9, "unemployed")]
    found = shown("outcomes", people(*((count, {"status_90": status, "status_365": status}) for count, status in after)))
    for line in rows(found, "summary"):
        assert hides(line["work"], line["work_or_studies"])
        assert line["passed"] == 30


def test_those_whose_time_has_not_passed() -> None:
    """20 have left, and of 18 the time has passed: of 2 it hasn't."""
    found = row(shown("outcomes", people((18, {}), (2, {"end": "2023-09-29"})), "2023-10-31"), "summary", after="90")
    assert hides(found["left"], found["passed"])


def test_those_whose_hours_are_not_known() -> None:
    known = {"hours_per_week": 10, "hours_per_week_end": 20}
    found = row(shown("hours", people((12, known), (2, {}))), "changes", service="AIO")
    assert (found["left"], found["known"], found["start_mean"]) == (14, "..", "..")


def test_bands_between_ten_and_thirty_hours() -> None:
    """7 have 10 hours or more and 5 have 30 or more: of two bands that sum to 2 and are not 0, each has 1."""
    bands = [(5, 5), (1, 15), (1, 25), (3, 35), (2, 40)]
    found = shown("hours", people(*((count, {"hours_per_week": hours, "hours_per_week_end": hours}) for count, hours in bands)))
    ten, thirty = (row(found, "least", level=f"at_least_{hours}")["start"] for hours in (10, 30))
    assert hides(ten, thirty)


def test_begun_in_a_year_and_in_all() -> None:
    """20 begun in 2022 and 23 in all: 3 in 2023. The 20 are told by who left in 2022 and who was there, too."""
    placed = people((20, {"start": "2022-03-01", "end": "2022-06-30"}), (3, {"start": "2023-03-01"}), service="AT")
    offers = [{"organiser_id": "ORG1", "service": "AT", "places": 40, "from": "2022-01-01"}]
    found = shown("participants", placed, "2023-12-31", offers=offers)
    begun, after, full = (row(found, table, year="2022") for table in ("begun", "after", "occupancy"))
    all_ = {line["total"] for line in rows(found, "people")}
    assert all_ == {".."} or (hides(begun["total"]) and hides(after["left"]) and hides(full["persons"]))


def test_occupancy_by_few() -> None:
    offers = [{"organiser_id": "ORG1", "service": "FAT", "places": 2, "from": "2022-01-01"}]
    found = row(shown("participants", people((1, {}), service="FAT"), "2023-06-30", offers=offers), "occupancy", year="2023")
    assert (found["persons"], found["participants"], found["places"], found["occupancy"]) == ("..", "..", 2.0, "..")


def test_new_in_a_month() -> None:
    """All 6 who run in January are new, 9 run in February and nobody ended: 3 are new. So with 18 of the year, 6 and 9."""
    placed = people((6, {}), (3, {"start": "2023-02-01"}), (9, {"start": "2023-03-01"}))
    found = shown("flow", placed, "2023-05-31")
    january, february, march, *_ = rows(found, "months")
    assert february["new"] == ".."
    assert hides(january["running"], february["running"])
    assert hides(january["participants"], february["participants"])
    assert hides(january["new"], march["new"], row(found, "years", year="2023")["new"])


ITA = {"delivery_area": "Norr", "hours_per_week": 10, "hours_per_week_end": 10}
DONE, UP = {"trial_completed_on": "2023-05-02"}, {"hours_per_week_end": 20}


def test_suppliers_of_part_3() -> None:
    """28 have begun part 3, 25 of them at ORG1: 3 at ORG2. 20 progress and 18 completed the trial: 2 only have more hours."""
    placed = people(
        (10, ITA | DONE | UP), (8, ITA | DONE), (2, ITA | UP), (5, ITA | {"final_report_on": "2023-07-01"}),
        (3, ITA | {"organiser_id": "ORG2"}), service="ITA3",
    )  # fmt: skip
    found = shown("followup-ita", placed)
    reached = row(found, "trial", figure="reached")["count"]
    assert hides(reached, row(found, "results", organiser="ORG1")["trials"])
    either, done = (row(found, "progression", figure=name)["count"] for name in ("either", "done"))
    assert hides(either, done)
    # all have left, so those who completed the trial did so before
    assert hides(either, row(found, "trial", figure="completed")["count"], row(found, "trial", figure="reached")["base"])


def test_those_without_a_final_report() -> None:
    found = shown("followup-ita", people((18, ITA | {"final_report_on": "2023-07-01"}), (2, ITA), service="ITA3"))
    (line,) = rows(found, "final_report")
    assert (line["count"], line["base"], line["share"], line["days"]) == ("..", 20, "..", "..")


def test_where_the_amounts_of_few_come_from() -> None:
    """All is booked and read, and nothing has changed: what the rules give now is what the three were paid."""
    placed = people((3, {}))
    booked = [item(one["placement_id"], "2023-01-09", 450) for one in placed]
    reported = [(one["placement_id"], "2023-01") for one in placed]
    (found,) = rows(shown("compensation", placed, booked=booked, due=booked, reported=reported), "origin")
    assert (found["booked"], found["rules_now"]) == ("..", "..")


def test_sek_per_participant_tells_a_hidden_total() -> None:
    """ORG1 has 3 of 18; with it ORG2 is hidden, whose 6 may be shown, but not with what each of them cost."""
    counts = {"ORG1": 3, "ORG2": 6, "ORG3": 9}
    placed = people(*((count, {"organiser_id": name}) for name, count in counts.items()))
    booked = [item(one["placement_id"], "2023-01-09", 450, organiser_id=one["organiser_id"]) for one in placed]
    found = shown("compensation", placed, asked=Asked(by="organiser"), booked=booked)
    for line in (*rows(found, "by_organiser"), *rows(found, "years")):
        assert line["per_participant"] == ".." or not hides(line["participants"], line["total"])
        assert hides(line["per_participant"]) or line["total"] == line["participants"] * 45_000


def test_participants_of_a_countys_only_organiser() -> None:
    """32 in the country, 20 and 9 at two of three organisers: 3 at the third."""
    counts = {"ORG1": (20, "Stockholm"), "ORG2": (3, "Uppsala"), "ORG3": (9, "Gotland")}
    placed = people(*((count, {"organiser_id": name}) for name, (count, _) in counts.items()), service="FAT")
    organisers = [organiser(name, county=county) for name, (_, county) in counts.items()]
    staff = [{"organiser_id": name, "supervisor_id": f"S{name}", "from": "2022-01-01"} for name in counts]
    found = shown("coverage", placed, "2023-03-31", organisers=organisers, supervisors=staff)
    here = [line["participants"] for line in rows(found, "supervisors")]
    assert here[1] == ".."
    assert hides(here[0], here[2], row(found, "counties", county="all")["participants"])
    assert all(hides(line["per_supervisor"]) == hides(line["participants"]) for line in rows(found, "supervisors"))


@pytest.mark.parametrize("name", BUILDERS)
def test_large_groups_hide_nothing(name) -> None:
    """40 in each kind."""
    told = {"regime": "own", "status_90": "work", "status_365": "work", "hours_per_week": 10, "hours_per_week_end": 20}
    early = {"ended_on": "2023-03-31", "end_reason": "illness"}
    placed = people((40, told), (40, told | early), (40, told | early | {"end_reason": "work"}))
    found = shown(name, placed, "2024-12-31", organisers=[organiser("ORG1")])
    assert [value for table in found.tables for line in rows(found, table.key) for value in line.values() if value == ".."] == []
