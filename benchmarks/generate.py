"""Workspaces of any size: `generate.py ROWS FOLDER` writes one without a fault.

Everybody has a FAT placement and is there each working day. `attendance.xlsx` has seven columns in the long layout.
"""

import argparse
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from books import Error, Rows, Value, write

from fatcli.model import Month
from fatcli.workdays import is_working_day, last_allowed

FEBRUARY = Month(2024, 2)
PREPARED = dt.date(2024, 1, 15)
PER_SUPERVISOR = 20
PLACEMENTS = (
    "placement_id participant_id organiser_id service programme start end decision_date hours_per_week "
    "assessed_on employer_check_on union_consulted_on certificate_on account_on"
)
ATTENDANCE = "placement_id date status hours from_time to_time note"
WORKED: tuple[Value, ...] = ("present", 7.0, dt.time(8), dt.time(15, 30), "on time")
FEBRUARY_DAYS = 20  # working days of February 2024, but the 29th


@dataclass(frozen=True)
class Plan:
    """Who is placed where: placements, each organiser's share of them, and how many months they last from 1 February 2024."""

    placements: int
    per_organiser: int = 100
    months: int = 1

    @property
    def end(self) -> dt.date:
        last: dt.date = pl.select(last_allowed(pl.lit(FEBRUARY.first), pl.lit(self.months))).item()
        return dt.date(2024, 2, 28) if self.months == 1 else last

    def organiser(self, placement: int) -> str:
        return f"ORG{placement // self.per_organiser:04}"

    @property
    def organisers(self) -> list[str]:
        return [self.organiser(first) for first in range(0, self.placements, self.per_organiser)]

    def month(self, number: int) -> Month:
        """The first month is number 0."""
        return Month(2024 + (FEBRUARY.number - 1 + number) // 12, (FEBRUARY.number - 1 + number) % 12 + 1)

    def days(self, month: Month) -> list[dt.date]:
        last = min(month.last, self.end)
        days = (month.first + dt.timedelta(days=number) for number in range(31))
        return [day for day in days if day <= last and is_working_day(day)]


def register(plan: Plan) -> dict[str, Rows]:
    since = dt.date(2024, 1, 1)
    names = plan.organisers
    supervisors = max(1, -(-plan.per_organiser // PER_SUPERVISOR))
    return {
        "Placements": [PLACEMENTS.split(), *_placements(plan)],
        "Organisers": [
            ["organiser_id", "name", "identity_number", "legal_form", "approved_from"],
            *((name, f"Organiser {n}", organisation_number(n), "company", since) for n, name in enumerate(names)),
        ],
        "Offers": [["organiser_id", "service", "places", "from"], *((name, "FAT", plan.per_organiser, since) for name in names)],
        "Supervisors": [
            ["organiser_id", "supervisor_id", "from"],
            *((name, f"{name}-{n}", since) for name in names for n in range(supervisors)),
        ],
    }


def _placements(plan: Plan) -> Iterator[Sequence[Value]]:
    start, end = FEBRUARY.first, plan.end
    for number in range(plan.placements):
        prepared = (PREPARED, PREPARED, PREPARED)
        yield f"B{number:06}", f"P{number}", plan.organiser(number), "FAT", "JOB", start, end, PREPARED, 35, *prepared, end, end


def organisation_number(number: int) -> str:
    """A number with a right check digit, beyond the series in use."""
    digits = f"5599{number:05}"
    total = sum(sum(divmod(int(digit) * (1 if place % 2 else 2), 10)) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def attendance(plan: Plan, month: Month = FEBRUARY) -> Iterator[Sequence[Value]]:
    days = plan.days(month)
    for number in range(plan.placements):
        for day in days:
            yield f"B{number:06}", day, *WORKED


def with_faults(rows: Iterable[Sequence[Value]], every: int = 100) -> Iterator[Sequence[Value]]:
    """Each `every` rows one that can't be read, or is wrong, in one of nine ways."""
    for number, row in enumerate(rows):
        if number % every:
            yield row
            continue
        placement, date, status, hours, from_time, to_time, note = row
        yield (
            (placement, "31 februari 2024", status, hours, from_time, to_time, note),
            (placement, date, "närv", hours, from_time, to_time, note),
            (placement, date, 1.0, hours, from_time, to_time, note),
            (placement, date, status, "8 tim", from_time, to_time, note),
            (placement, date, status, 25.0, from_time, to_time, note),
            (placement, date, status, hours, "25:99", to_time, note),
            (placement, Error("#N/A"), status, hours, from_time, to_time, note),
            (f"X{placement}", date, status, hours, from_time, to_time, note),
            (placement, dt.date(2024, 2, 3), status, hours, from_time, to_time, note),
        )[number // every % 9]


def generate(rows: int, folder: Path, *, faulty: bool = False) -> None:
    """A workspace of February; `rows` is a multiple of 20."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = Plan(rows // FEBRUARY_DAYS)
    write(folder / "register.xlsx", register(plan))
    reports = attendance(plan)
    write(folder / "attendance.xlsx", {"Attendance": [ATTENDANCE.split(), *(with_faults(reports) if faulty else reports)]})


def generate_grids(books: int, rows: int, folder: Path) -> None:
    """A workbook with a month grid for each organiser, February 2024."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = Plan(books * rows, per_organiser=rows)
    write(folder / "register.xlsx", register(plan))
    days = {day.day for day in plan.days(FEBRUARY)}
    marks = ["present" if day in days else None for day in range(1, 30)]
    header = ["placement_id", *map(float, range(1, 30))]
    for book in range(books):
        placements = range(book * rows, (book + 1) * rows)
        sheet = [["februari 2024"], header, *([f"B{number:06}", *marks] for number in placements)]
        write(folder / f"attendance-{book:02}.xlsx", {"Grid": sheet})


def generate_months(plan: Plan, folder: Path) -> None:
    """A workspace with a workbook of attendance for each month."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "register.xlsx", register(plan))
    for number in range(plan.months):
        month = plan.month(number)
        write(folder / f"attendance-{month}.xlsx", {"Attendance": [ATTENDANCE.split(), *attendance(plan, month)]})


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a workspace of any size without a fault.")
    parser.add_argument("rows", type=int, help="rows of attendance, a multiple of 20")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    generate(arguments.rows, arguments.folder)


if __name__ == "__main__":
    main()
