"""Writes a workspace of any size without a fault: `generate.py ROWS FOLDER`.

`attendance.xlsx` has ROWS rows of seven columns in the long layout, with shared strings as Excel saves them;
`register.xlsx` has a placement for every 20 of them. Everybody is there on each of February 2024's first 20 working days.
"""

import argparse
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

START, END = dt.date(2024, 2, 1), dt.date(2024, 2, 28)
DAYS = [day for day in (START + dt.timedelta(days=n) for n in range(28)) if day.weekday() < 5]
PER_ORGANISER = 100  # placements
PER_SUPERVISOR = 20

Cells = Iterable[Sequence[Any]]


def placements(count: int) -> Iterator[Sequence[Any]]:
    prepared = dt.date(2024, 1, 15)
    for number in range(count):
        yield (
            f"B{number:06}",
            f"P{number}",
            organiser(number),
            "FAT",
            "JOB",
            START,
            END,
            prepared,
            35,
            prepared,
            prepared,
            prepared,
            END,
            END,
        )


PLACEMENTS = (
    "placement_id participant_id organiser_id service programme start end decision_date hours_per_week "
    "assessed_on employer_check_on union_consulted_on certificate_on account_on"
)


def organiser(placement: int) -> str:
    return f"ORG{placement // PER_ORGANISER:04}"


def organisers(placement_count: int) -> list[str]:
    return sorted({organiser(number) for number in range(placement_count)})


def organisation_number(number: int) -> str:
    """A number with a right check digit, beyond the series in use."""
    digits = f"5599{number:05}"
    total = sum(sum(divmod(int(digit) * (1 if place % 2 else 2), 10)) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def register(placement_count: int) -> dict[str, tuple[str, Cells]]:
    """Sheet name -> header and rows."""
    since = dt.date(2024, 1, 1)
    names = organisers(placement_count)
    return {
        "Placements": (PLACEMENTS, placements(placement_count)),
        "Organisers": (
            "organiser_id name identity_number legal_form approved_from",
            ((name, f"Organiser {n}", organisation_number(n), "company", since) for n, name in enumerate(names)),
        ),
        "Offers": ("organiser_id service places from", ((name, "FAT", PER_ORGANISER, since) for name in names)),
        "Supervisors": (
            "organiser_id supervisor_id from",
            ((name, f"{name}-{n}", since) for name in names for n in range(PER_ORGANISER // PER_SUPERVISOR)),
        ),
    }


def attendance(rows: int) -> Iterator[Sequence[Any]]:
    from_time, to_time = dt.time(8), dt.time(15, 30)
    for row in range(rows):
        number, day = divmod(row, len(DAYS))
        yield f"B{number:06}", DAYS[day], "present", 7.0, from_time, to_time, "on time"


def write(path: Path, sheets: dict[str, tuple[str, Cells]]) -> None:
    with xlsxwriter.Workbook(path) as book:
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        time = book.add_format({"num_format": "hh:mm"})
        for name, (header, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, header.split())
            for row, values in enumerate(rows, start=1):
                for col, value in enumerate(values):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(row, col, value, date)
                    elif isinstance(value, dt.time):
                        sheet.write_datetime(row, col, value, time)
                    else:
                        sheet.write(row, col, value)


def generate(rows: int, folder: Path) -> None:
    """A workspace; `rows` is a multiple of 20."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "register.xlsx", register(rows // len(DAYS)))
    header = "placement_id date status hours from_time to_time note"
    write(folder / "attendance.xlsx", {"Attendance": (header, attendance(rows))})


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a workspace of any size without a fault.")
    parser.add_argument("rows", type=int, help="rows of attendance, a multiple of 20")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    generate(arguments.rows, arguments.folder)


if __name__ == "__main__":
    main()
