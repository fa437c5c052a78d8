"""Every duration's last day is paid and the next is not: each service and programme, chained over days off, in leap years."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest

from stories import (
    Row,
    paid,
    placement,
    present,
    register,
    rules,
    run,
    sums,
    withheld,
    workspace,
)


class Limit(NamedTuple):
    """A placement (of a chain) of a service whose last allowed day is `last`; `next` is the day after it."""

    told: tuple[Row, ...]
    last: str
    next: str


def one(service: str, programme: str | None, start: str, last: str, next_day: str, **told: object) -> Limit:
    """A single placement that the decision lets run on for too long."""
    return Limit(({"service": service, "programme": programme, "start": start, "end": "2026-06-30"} | told,), last, next_day)


def chained(programme: str, spans: Sequence[tuple[str, str]], last: str, next_day: str, **told: object) -> Limit:
    return Limit(
        tuple({"service": "FAT", "programme": programme, "start": start, "end": end} | told for start, end in spans), last, next_day
    )


PAID = {
    "FAT JOB 12 months": one("FAT", "JOB", "2023-05-14", "2024-05-13", "2024-05-14"),
    "FAT JOB from 29 February": one("FAT", "JOB", "2024-02-29", "2025-02-27", "2025-02-28"),  # 28 February 2025, less one
    "FAT JOB to 29 February": one("FAT", "JOB", "2023-03-01", "2024-02-29", "2024-03-01"),
    "FAT ETP 12 months": one("FAT", "ETP", "2023-06-01", "2024-05-31", "2024-06-01"),
    "FAT UGA 6 months": one("FAT", "UGA", "2024-01-15", "2024-07-14", "2024-07-15"),
    "FAT UGA from 31 August": one("FAT", "UGA", "2023-08-31", "2024-02-28", "2024-02-29"),  # 29 February 2024, less one
    "FAT UGA from 31 August, no leap year": one("FAT", "UGA", "2022-08-31", "2023-02-27", "2023-02-28"),
    "FAT UGA from 1 September": one("FAT", "UGA", "2023-09-01", "2024-02-29", "2024-03-01"),
    "FAT UGA from 31 October": one("FAT", "UGA", "2023-10-31", "2024-04-29", "2024-04-30"),  # 30 April, less one
    "FAT UGA from 31 December": one("FAT", "UGA", "2023-12-31", "2024-06-29", "2024-06-30"),  # 30 June, less one
    # Thursday 28 March to Tuesday 2 April 2024: Good Friday, a weekend and Easter Monday lie between, no working day.
    "FAT UGA over Easter": chained("UGA", [("2023-11-16", "2024-03-28"), ("2024-04-02", "2024-06-28")], "2024-05-15", "2024-05-16"),
    "FAT UGA over a weekend": chained("UGA", [("2023-11-16", "2024-04-26"), ("2024-04-29", "2024-06-28")], "2024-05-15", "2024-05-16"),
    # Tuesday 30 April to Thursday 2 May: only 1 May lies between. Wednesday 8 May to Friday 10 May: only Ascension Day.
    "FAT JOB over two holidays": chained(
        "JOB", [("2023-05-16", "2024-04-30"), ("2024-05-02", "2024-05-08"), ("2024-05-10", "2024-06-28")], "2024-05-15", "2024-05-16"
    ),
    # Friday 22 December 2023 to Wednesday 27 December: a weekend with Christmas Eve, Christmas Day and Boxing Day.
    "FAT UGA over Christmas": chained("UGA", [("2023-11-16", "2023-12-22"), ("2023-12-27", "2024-06-28")], "2024-05-15", "2024-05-16"),
    # The period is the one that the latest end so far belongs to: a placement inside another does not break it.
    "FAT UGA inside another": chained(
        "UGA", [("2023-11-16", "2024-04-26"), ("2023-12-01", "2023-12-29"), ("2024-04-29", "2024-06-28")], "2024-05-15", "2024-05-16"
    ),
    # Each placement's own programme decides, from the period's first start: 16 November 2023 + 6 months.
    "FAT JOB, then UGA": Limit(
        (
            {"service": "FAT", "programme": "JOB", "start": "2023-11-16", "end": "2024-03-28"},
            {"service": "FAT", "programme": "UGA", "start": "2024-04-02", "end": "2024-06-28"},
        ),
        "2024-05-15",
        "2024-05-16",
    ),
}
NOT_PAID = {
    "AT JOB 6 months": one("AT", "JOB", "2023-11-14", "2024-05-13", "2024-05-14"),
    "AT JOB 6 months, 449 compensated days": one("AT", "JOB", "2023-11-14", "2024-05-13", "2024-05-14", compensated_days=449),
    "AT JOB 12 months, 450 compensated days": one("AT", "JOB", "2023-05-14", "2024-05-13", "2024-05-14", compensated_days=450),
    "AT UGA 3 months": one("AT", "UGA", "2024-02-14", "2024-05-13", "2024-05-14"),
    "AT UGA from 30 November": one("AT", "UGA", "2023-11-30", "2024-02-28", "2024-02-29"),  # 29 February, less one
    "AT UGA, compensated days do not count": one("AT", "UGA", "2024-02-14", "2024-05-13", "2024-05-14", compensated_days=600),
    "AT ETP 6 months": one("AT", "ETP", "2023-11-14", "2024-05-13", "2024-05-14"),
    "AT ETP to 29 February": one("AT", "ETP", "2023-09-01", "2024-02-29", "2024-03-01"),
    "ITA1 6 months": one("ITA1", None, "2023-11-14", "2024-05-13", "2024-05-14"),
    "ITA2 6 months": one("ITA2", None, "2023-08-31", "2024-02-28", "2024-02-29"),
    "ITA3 6 months": one("ITA3", None, "2023-11-14", "2024-05-13", "2024-05-14"),
}
LIMITS = PAID | NOT_PAID
IDS = {name: f"P{number:02}" for number, name in enumerate(LIMITS)}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    placements = [
        placement(f"{IDS[name]}{'abc'[-len(limit.told) :][number]}", participant_id=f"T{IDS[name][1:]}", **told)
        for name, limit in LIMITS.items()
        for number, told in enumerate(limit.told)
    ]
    reports = [row for name, limit in LIMITS.items() for row in present([limit.last, limit.next], f"{IDS[name]}c")]
    folder = workspace(tmp_path_factory.mktemp("limits"), register(*placements), reports)
    months = {date[:7] for limit in LIMITS.values() for date in (limit.last, limit.next)}
    return {month: paid(folder, month, "2025-12-31") for month in months}


@pytest.mark.parametrize("name", PAID)
def test_the_last_day_is_paid_and_the_next_is_not(runs, name):
    limit, own = LIMITS[name], f"{IDS[name]}c"
    found = [runs[month] for month in sorted({limit.last[:7], limit.next[:7]})]
    assert [sums(run).get(f"{own} base") for run in found] == ["1 x 300", None][: len(found)]
    refused = [item for run in found for item in run.withheld if item.placement == own]
    assert [(str(item.date), item.rules, item.amount_ore) for item in refused] == [(limit.next, ("A03",), 30000)]


@pytest.mark.parametrize("name", NOT_PAID)
def test_where_no_day_is_paid_the_next_day_is_a_violation(runs, name):
    limit, own = LIMITS[name], f"{IDS[name]}c"
    found = [runs[month] for month in sorted({limit.last[:7], limit.next[:7]})]
    fired = {
        str(row["date"])
        for run in found
        for row in run.checked.violations.rows(named=True)
        if (row["placement"], row["rule"]) == (own, "A03")
    }
    assert fired == {limit.next}
    assert all(f"{own} base" not in sums(run) for run in found)


def test_one_working_day_between_begins_a_new_period(tmp_path):
    # Thursday 28 March to Wednesday 3 April 2024: Tuesday 2 April is a working day. 3 April + 6 months: to 2 October.
    first = placement(programme="UGA", start="2023-11-16", end="2024-03-28")
    second = placement("P2", participant_id="T1", programme="UGA", start="2024-04-03", end="2024-06-28")
    found = run(tmp_path, [first, second], present(["2024-05-15", "2024-05-16"], "P2"))
    assert sums(found) == {"P2 base": "2 x 300"}
    assert withheld(found) == {}
    assert rules(found).count("P08") == 1  # that it is another period is a warning for UGA


def test_another_organiser_does_not_begin_a_new_period(tmp_path):
    first = placement(programme="UGA", start="2023-11-16", end="2024-03-28")
    second = placement("P2", participant_id="T1", organiser_id="ORG2", programme="UGA", start="2024-04-02", end="2024-06-28")
    found = run(tmp_path, [first, second], present(["2024-05-15", "2024-05-16"], "P2"))
    assert sums(found) == {"P2 base": "1 x 300"}
    assert withheld(found) == {"P2 base 2024-05-16": "A03"}


def test_another_service_is_a_period_by_itself(tmp_path):
    first = placement(service="AT", programme="UGA", start="2024-01-02", end="2024-03-28")
    second = placement("P2", participant_id="T1", programme="UGA", start="2024-04-02", end="2024-09-30")
    found = run(tmp_path, [first, second], present(["2024-09-30"], "P2"), "2024-09")
    assert sums(found) == {"P2 base": "1 x 300"}  # 2 April + 6 months: to 1 October


def test_an_early_end_is_an_end(tmp_path):
    # Ended on Friday 26 April: Monday 29 is a working day before 30 April, so a new period begins.
    first = placement(
        programme="UGA", start="2023-11-16", end="2024-06-28", ended_on="2024-04-26", end_reason="other", end_decided_on="2024-04-26"
    )
    second = placement("P2", participant_id="T1", programme="UGA", start="2024-04-30", end="2024-06-28")
    found = run(tmp_path, [first, second], present(["2024-05-16"], "P2"))
    assert sums(found) == {"P2 base": "1 x 300"}
