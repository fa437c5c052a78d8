"""Flow, stays, hours and outcomes of a few placements, reckoned by hand."""

from fatcli.followup.data import Asked
from fatcli.followup.flow import flow
from fatcli.followup.hours import hours
from fatcli.followup.outcomes import outcomes
from fatcli.followup.stays import stays
from fatcli.model import Month
from followup.material import material, placement, row, rows, the


def months(figures, service: str = "AIO") -> dict[str, tuple[int, ...]]:
    """Month -> participants, new, running, ended."""
    keys = ("participants", "new", "running", "ended")
    return {found["month"]: tuple(found[key] for key in keys) for found in rows(figures, "months") if found["service"] == service}


INTERRUPTED = {"ended_on": "2024-03-10", "end_reason": "interrupted"}
ONE = placement("P1", "2024-01-15", "2024-06-28", **INTERRUPTED)


def test_flow() -> None:
    """T1 breaks off on 10 March and begins again on the 20th: a new period, the same participant. T2 is there in February."""
    placed = [ONE, placement("P2", "2024-03-20", "2024-05-31", participant_id="T1"), placement("P3", "2024-02-01", "2024-02-29")]
    figures = flow(material(placed, "2024-04-30"))
    assert months(figures) == {
        "2024-01": (1, 1, 1, 0),
        "2024-02": (2, 1, 2, 1),
        "2024-03": (1, 1, 2, 1),
        "2024-04": (1, 0, 1, 0),
    }
    year = row(figures, "years", year="2024")
    assert (year["months"], year["person_months"], year["mean"], year["new"], year["ended"]) == (4, 5, 1.3, 3, 2)  # 5 / 4 = 1,25


def test_a_placement_that_goes_on_is_no_new_period_and_one_of_ita_is() -> None:
    def two(service: str):
        return [
            placement("P1", "2024-01-08", "2024-02-09", service=service),
            placement("P2", "2024-02-12", "2024-03-29", service=service, participant_id="T1"),
        ]

    for service in ("FAT", "AT", "AIO"):
        assert months(flow(material(two(service))), service)["2024-02"] == (1, 0, 1, 0)
    assert months(flow(material(two("ITA2"))), "ITA2")["2024-02"] == (1, 1, 2, 1)


def test_a_period_is_running_to_its_last_day_and_ended_the_day_after() -> None:
    for as_of, ended in (("2024-03-10", 0), ("2024-03-11", 1)):
        assert months(flow(material([ONE], as_of)))["2024-03"] == (1, 0, 1, ended)


def test_months_covered_in_part_are_marked_but_not_for_days_off() -> None:
    """The data begin on 2 January, the first working day of 2024, and go to 18 April."""
    placed = [placement("P1", "2024-01-02", "2024-12-31")]
    table = the(flow(material(placed, "2024-04-18")), "months")
    assert {table.rows[at][1].code for at in table.partial} == {"2024-04"}
    # 31 March 2024 is Easter Day, the 29th Good Friday: the month is whole on the 28th
    assert not the(flow(material(placed, "2024-03-28")), "months").partial
    assert the(flow(material(placed, "2024-03-27")), "months").partial


def test_flow_of_a_part_of_the_time_knows_what_was_before() -> None:
    figures = flow(material([ONE], asked=Asked(Month(2024, 2), Month(2024, 2))))
    assert months(figures) == {"2024-02": (1, 0, 1, 0)}


def test_days_in_service_count_once_and_not_in_gaps() -> None:
    """1–31 January, 20 January – 10 February, 20–29 February: 31 + 10 + 10 days."""
    placed = [
        placement("P1", "2024-01-01", "2024-01-31"),
        placement("P2", "2024-01-20", "2024-02-10", participant_id="T1"),
        placement("P3", "2024-02-20", "2024-02-29", participant_id="T1"),
    ]
    assert row(stays(material(placed)), "stays", service="AIO")["mean_days"] == 51.0


def test_stays_mean_and_median_and_who_ended_early() -> None:
    """10, 20 and 90 days; the first two early, one of them to work. P4 is still there, P5 ended on the as-of day."""
    placed = [
        placement("P1", "2024-01-01", "2024-06-30", ended_on="2024-01-10", end_reason="work"),
        placement("P2", "2024-01-01", "2024-06-30", ended_on="2024-01-20"),
        placement("P3", "2024-01-01", "2024-03-30"),
        placement("P4", "2024-01-01", "2024-06-30"),
        placement("P5", "2024-01-01", "2024-05-31"),
    ]
    figures = stays(material(placed, "2024-05-31"))
    found = row(figures, "stays", service="AIO")
    assert (found["left"], found["mean_days"], found["median_days"]) == (3, 40.0, 20.0)
    assert (found["early"], found["early_share"], found["early_mean_days"], found["work_or_studies"]) == (2, 0.6667, 15.0, 1)
    assert [(line["reason"], line["count"], line["share"]) for line in rows(figures, "reasons")] == [
        ("work", 1, 0.5),
        ("missing", 1, 0.5),
        ("all", 2, 1.0),
    ]


def test_who_breaks_off_and_comes_back_has_not_left() -> None:
    back = placement("P2", "2024-03-20", "2024-05-31", participant_id="T1")
    assert row(stays(material([ONE, back], "2024-04-30")), "stays", service="AIO")["left"] == 0
    found = row(stays(material([ONE, back], "2024-06-30")), "stays", service="AIO")
    assert (found["left"], found["early"], found["mean_days"]) == (1, 0, 129.0)  # 17 + 29 + 10, and 12 + 30 + 31


def test_the_last_placement_is_the_one_that_ends_last() -> None:
    """A short one inside a long one."""
    placed = [
        placement("P1", "2024-01-01", "2024-03-31", ended_on="2024-03-15", end_reason="illness"),
        placement("P2", "2024-02-01", "2024-02-10", participant_id="T1"),
    ]
    assert row(stays(material(placed)), "stays", service="AIO")["early"] == 1


def test_only_those_who_left_in_the_time_asked_for() -> None:
    found = stays(material([ONE], asked=Asked(Month(2024, 1), Month(2024, 2))))
    assert row(found, "stays", service="AIO")["left"] == 0


def left(number: int, start: float | None, end: float | None):
    return placement(f"P{number}", "2024-01-01", "2024-01-31", hours_per_week=start, hours_per_week_end=end)


def test_hours_and_their_bands() -> None:
    placed = [left(1, 9.5, 10), left(2, 10, 10), left(3, 30, 29.5), left(4, 40, 39), left(5, None, 20), left(6, 20, None)]
    figures = hours(material(placed))
    found = row(figures, "changes", service="AIO")
    assert (found["left"], found["known"], found["up"], found["down"], found["same"]) == (6, 4, 1, 2, 1)
    # (9,5 + 10 + 30 + 40) / 4 = 22,375; (10 + 10 + 29,5 + 39) / 4 = 22,125
    assert (found["start_mean"], found["end_mean"], found["change_mean"]) == (22.4, 22.1, -0.3)
    bands = [(line["level"], line["start"], line["end"]) for line in rows(figures, "bands")]
    assert bands == [("0-9", 1, 0), ("10-19", 1, 2), ("20-29", 0, 1), ("30-39", 1, 1), ("40-", 1, 0)]
    least = [(line["level"], line["start"], line["end_share"]) for line in rows(figures, "least")]
    assert least == [("at_least_10", 3, 1.0), ("at_least_30", 2, 0.25)]


def test_hours_of_the_first_placement_and_the_last() -> None:
    first = placement("P1", "2024-01-01", "2024-01-31", hours_per_week=10, hours_per_week_end=12)
    second = placement("P2", "2024-02-01", "2024-02-29", participant_id="T1", hours_per_week=12, hours_per_week_end=20)
    found = row(hours(material([first, second])), "changes", service="AIO")
    assert (found["start_mean"], found["end_mean"]) == (10.0, 20.0)


def test_outcomes_count_those_for_whom_the_time_has_passed() -> None:
    """1 March 2024 + 90 days is 30 May."""
    told = placement("P1", "2024-01-01", "2024-03-01", status_90="supported_work", status_365="work")
    for as_of, passed in (("2024-05-29", 0), ("2024-05-30", 1)):
        assert row(outcomes(material([told], as_of)), "summary", after="90")["passed"] == passed
    for as_of, passed in (("2025-02-28", 0), ("2025-03-01", 1)):
        assert row(outcomes(material([told], as_of)), "summary", after="365")["passed"] == passed


def test_outcomes_of_the_last_placement_and_those_not_given() -> None:
    placed = [
        placement("P1", "2024-01-01", "2024-01-31", status_90="unemployed"),
        placement("P2", "2024-02-01", "2024-02-29", participant_id="T1", status_90="studies"),
        placement("P3", "2024-02-01", "2024-02-29"),
    ]
    figures = outcomes(material(placed))
    found = row(figures, "summary", after="90")
    assert (found["passed"], found["work"], found["work_or_studies"], found["work_or_studies_share"]) == (2, 0, 1, 0.5)
    assert {line["status"]: line["after_90"] for line in rows(figures, "status") if line["after_90"]} == {"studies": 1, "missing": 1}
