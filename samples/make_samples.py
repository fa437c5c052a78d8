"""Writes the sample workbooks beside this file; the same bytes each time.

`register.xlsx`, `attendance.xlsx` (long layout) and `attendance-grid.xlsx` (month grids) are May 2024 with faults,
`clean/` is April 2024 without any. README.md lists the faults.
"""

import argparse
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import sample_data as data
from sample_books import Book, Cells, Report, days_of, works, write_grid, write_long, write_register
from sample_data import Row

from fatcli.model import Month

APRIL, MAY = Month(2024, 4), Month(2024, 5)
GRID_ORGANISERS = {"SOLGLANTAN": "Solgläntan", "BJORKDALEN": "Björkdalen"}


def changed(rows: Iterable[Row], key: str, changes: Mapping[str, Row]) -> list[Row]:
    return [row | changes.get(row[key], {}) for row in rows]


def register(placements: Sequence[Row], organisers: Sequence[Row], pauses: Sequence[Row]) -> dict[str, Sequence[Row]]:
    return {
        "placements": sorted(placements, key=lambda row: row["placement_id"]),
        "organisers": organisers,
        "offers": data.OFFERS,
        "supervisors": data.SUPERVISORS,
        "pauses": pauses,
        "contracts": data.CONTRACTS,
    }


def reports(placements: Iterable[Row], month: Month, absences: data.Absences) -> Iterator[Report]:
    """A day's work on each working day of each placement (AIO: Monday, Wednesday and Friday), or the absence."""
    for row in placements:
        first = dt.date.fromisoformat(row["start"])
        last = dt.date.fromisoformat(min(row["end"], row.get("ended_on") or row["end"]))
        for day in days_of(month):
            if not (first <= day <= last and works(day)) or (row["service"] == "AIO" and day.weekday() in (1, 3)):
                continue
            code = absences.get((row["placement_id"], day.isoformat()), "N")
            yield Report(row["placement_id"], day, code, data.HOURS_BY_SERVICE[row["service"]] if code == "N" else None)


def may(day: int) -> dt.date:
    return dt.date(2024, 5, day)


def with_faults(long: Iterable[Report]) -> list[Report]:
    """The long reports of May as they were handed in."""
    kept = [report for report in long if (report.placement, report.date.day) not in {("B24-0102", 30), ("B24-0102", 31)}]
    kept = [report for report in kept if report.placement != "B24-0112"]
    for report in kept:
        match report.placement, report.date.day:
            case "B23-0941", 16:
                report.hours = 0.0
            case "B24-0105", 13 | 14 | 15 | 16 | 17:
                report.hours = 9.0
            case "B24-0105", 7:
                report.placement = "B24-0150"
            case "B24-0088", 21:
                report.start = dt.time(6, 30)
            case "B24-0121", 23:
                report.hours, report.note = 3.0, "Gick hem före lunch"
            case "B24-0085", 31:
                report.wrong_date = "2024-05-32"
            case "B24-0101", 17:
                report.wrong_date = 45429
            case "B24-0068", 6:
                report.hours = "#N/A"
    added = [
        Report("B24-0131", may(10), "N", 6.5, note="Provdag"),
        Report("B24-0110", may(20), "N", 6.5),
        Report("B24-0102", may(14), "N", 6.5),
        Report("B24-0102", may(21), "S", None),
        Report("B24-0102", may(26), "N", 4.0, note="Inventering"),
    ]
    return sorted([*kept, *added], key=lambda report: (report.placement, report.date))


# --- month grids --------------------------------------------------------------


def grid(rows: Iterable[Report], *, hours: bool) -> Cells:
    cells: Cells = {}
    for report in rows:
        cells.setdefault(report.placement, {})[report.date.day] = report.hours if hours and report.code == "N" else report.code
    return dict(sorted(cells.items()))


def by_layout(placements: Iterable[Row], month: Month, absences: data.Absences) -> tuple[list[Report], dict[str, list[Report]]]:
    """The month's reports: those in the long layout, and those of each organiser that uses a month grid."""
    rows = sorted(placements, key=lambda row: str(row["placement_id"]))
    long = [row for row in rows if row["organiser_id"] not in GRID_ORGANISERS]
    grids = {name: [row for row in rows if row["organiser_id"] == name] for name in GRID_ORGANISERS}
    return list(reports(long, month, absences)), {name: list(reports(own, month, absences)) for name, own in grids.items()}


def write_april(folder: Path) -> None:
    """The month without a fault: one register and one workbook with a long sheet and two grids."""
    running = [row for row in data.RUNNING if row["start"] <= APRIL.last.isoformat()]
    long, grids = by_layout(running, APRIL, data.ABSENCES_APRIL)
    write_register(folder / "register.xlsx", register([*data.ENDED, *running], data.ORGANISERS, data.PAUSES_APRIL))
    with Book(folder / "attendance-2024-04.xlsx") as book:
        write_long(book, APRIL, long)
        for organiser, own in grids.items():
            hours = organiser == "BJORKDALEN"
            write_grid(book, GRID_ORGANISERS[organiser], APRIL, grid(own, hours=hours), real_dates=hours, stated={})


def write_may(folder: Path) -> None:
    """The month with faults, in three workbooks."""
    running = changed(data.RUNNING, "placement_id", data.PLACEMENTS_MAY)
    long, grids = by_layout(running, MAY, data.ABSENCES_MAY)
    organisers = changed(data.ORGANISERS, "organiser_id", data.WRONG_IDENTITY)
    write_register(folder / "register.xlsx", register([*data.ENDED, *running], organisers, data.PAUSES_MAY))
    with Book(folder / "attendance.xlsx") as book:
        write_long(book, MAY, with_faults(long))
    codes = grid(grids["SOLGLANTAN"], hours=False)
    for day in (29, 30, 31):
        del codes["B23-0912"][day]
    hours = grid(grids["BJORKDALEN"], hours=True)
    hours["B24-0115"][23] = 65.0
    with Book(folder / "attendance-grid.xlsx") as book:
        write_grid(book, "Solgläntan", MAY, codes, real_dates=False, stated={"B24-0107": 20})
        write_grid(book, "Björkdalen", MAY, hours, real_dates=True, stated={})


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the sample workbooks.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent, help="default: where this script lies")
    folder = parser.parse_args().folder
    (folder / "clean").mkdir(parents=True, exist_ok=True)
    write_april(folder / "clean")
    write_may(folder)


if __name__ == "__main__":
    main()
