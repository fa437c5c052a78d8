"""Small workspaces told in Python records, written in any layout and kind of file, and run.

The story that all begin from: placement P1 of the pseudonym T1 at ORG1 (all papers in order), FAT under JOB, 2 to 31 May 2024.
"""

import csv
import datetime as dt
import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from xml.sax.saxutils import escape, quoteattr

import workbooks
from fatcli import pipeline
from fatcli.cli import app, common
from fatcli.intake import Task
from fatcli.model import Month
from fatcli.pipeline import Order
from fatcli.result import Checked, Paid
from fatcli.texts import Language
from fatcli.workspace import open_workspace

Row = Mapping[str, Any]
Rows = list[list[Any]]
FAT = Path(sys.executable).with_name("fat")
NOON = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)

# Days off on a Monday to Friday, from the calendar on the wall: public holidays, and the eves that are days off too.
DAYS_OFF = {
    *("2023-04-07", "2023-04-10", "2023-05-01", "2023-05-18", "2023-06-06", "2023-06-23", "2023-12-25", "2023-12-26"),
    *("2024-01-01", "2024-03-29", "2024-04-01", "2024-05-01", "2024-05-09", "2024-06-06", "2024-06-21"),
    *("2024-12-24", "2024-12-25", "2024-12-26", "2024-12-31", "2025-01-01", "2025-01-06"),
}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def span(first: str, last: str) -> Iterator[dt.date]:
    return (day(first) + dt.timedelta(days=number) for number in range((day(last) - day(first)).days + 1))


def weekdays(first: str, last: str) -> list[dt.date]:
    """Mondays to Fridays."""
    return [date for date in span(first, last) if date.weekday() < 5]


def working_days(first: str, last: str) -> list[dt.date]:
    """Mondays to Fridays but for DAYS_OFF; only for the years that these cover."""
    return [date for date in weekdays(first, last) if str(date) not in DAYS_OFF]


# May 2024 has 23 Mondays to Fridays; 1 May (Labour Day) and 9 May (Ascension Day) are holidays: 21 working days.
MAY = working_days("2024-05-01", "2024-05-31")
ASSESSED = {"in_depth_decided_on": "2023-09-25"}  # an in-depth assessment decided while they were open


def placement(placement_id: str = "P1", **told: object) -> Row:
    """A placement with all its papers; what is told goes before what the story has, None leaves it out."""
    story = {
        "placement_id": placement_id,
        "participant_id": "T" + placement_id.strip("P"),
        "organiser_id": "ORG1",
        "service": "FAT",
        "programme": "JOB",
        "start": "2024-05-02",
        "end": "2024-05-31",
        "decision_date": "2021-12-01",
        "hours_per_week": 40,
        "assessed_on": "2021-12-01",
        "employer_check_on": "2021-12-01",
        "union_consulted_on": "2021-12-01",
        "certificate_on": "2026-12-30",
        "account_on": "2026-12-30",
        "final_report_on": "2026-12-30",
    }
    return story | told


def organiser(organiser_id: str = "ORG1", **told: object) -> Row:
    papers = {
        "name": f"Verkstaden {organiser_id}",
        "identity_number": "556036-0793",
        "legal_form": "company",
        "approved_from": "2021-01-01",
    }
    return {"organiser_id": organiser_id} | papers | told


def report(date: dt.date | str, placement_id: str = "P1", status: str = "N", hours: float | None = None, **told: object) -> Row:
    return {"placement_id": placement_id, "date": day(date) if isinstance(date, str) else date, "status": status, "hours": hours} | told


def exercise(placement_id: str = "P1", **told: object) -> Row:
    """A placement in AIO, which has no programme."""
    return placement(placement_id, **{"service": "AIO", "programme": None, "hours_per_week": 20} | told)


def contract(sek: object, first: str, last: str | None = None, service: str = "ITA3", component: str = "result") -> Row:
    return {"organiser_id": "ORG1", "service": service, "component": component, "sek": sek, "from": first, "to": last}


def present(dates: Iterable[dt.date | str], placement_id: str = "P1", **told: object) -> list[Row]:
    return [report(date, placement_id, **told) for date in dates]


def register(*placements: Row, **tables: Sequence[Row]) -> dict[str, list[Row]]:
    """All register tables: an organiser for each that a placement names, with places and supervisors enough, unless told."""
    organisers = sorted({row["organiser_id"] for row in placements})
    story: dict[str, Sequence[Row]] = {
        "placements": placements,
        "organisers": [organiser(name) for name in organisers],
        "offers": [
            {"organiser_id": name, "service": service, "places": 99, "from": "2021-01-01"}
            for name in organisers
            for service in ("FAT", "AT")
        ],
        "supervisors": [
            {"organiser_id": name, "supervisor_id": f"S{number}", "from": "2021-01-01"} for name in organisers for number in range(9)
        ],
        "pauses": [],
        "contracts": [],
    }
    return {name: list(rows) for name, rows in (story | tables).items()}


def sheet(rows: Sequence[Row], *required: str) -> Rows:
    """A header of all columns that any row has, and the rows; ISO days become real dates."""
    columns = list(dict.fromkeys([*required, *(name for row in rows for name in row)]))
    return [list(columns), *([_value(row.get(name)) for name in columns] for row in rows)]


def _value(value: object) -> object:
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-" and value[:4].isdecimal():
        return day(value)
    return value


_PAUSES, _CONTRACTS = ("placement_id", "from", "to", "approved_on"), ("organiser_id", "service", "component", "sek", "from", "to")


def register_sheets(tables: Mapping[str, Sequence[Row]]) -> dict[str, Rows]:
    empty = {"pauses": _PAUSES, "contracts": _CONTRACTS}
    return {name: sheet(rows, *empty.get(name, ())) for name, rows in tables.items()}


def long_sheet(reports: Sequence[Row]) -> Rows:
    return sheet(reports, "placement_id", "date", "status", "hours")


@dataclass(frozen=True)
class Heading:
    """How a grid heads its days: a number, a text such as `1 ti`, or a real date."""

    kind: str

    def of(self, date: dt.date) -> object:
        weekday = "måtiontofrlösö"[date.weekday() * 2 :][:2]
        return {"number": date.day, "text": f"{date.day} {weekday}", "date": date}[self.kind]


def grid_sheet(reports: Sequence[Row], month: str, heading: str = "number", *, title: bool = True) -> Rows:
    """A month grid: one row per placement, and a further one for what a day is reported more than once; hours where they are known."""
    own = Month.parse(month)
    days = list(span(str(own.first), str(own.last)))
    rows: dict[tuple[str, int], dict[dt.date, object]] = {}
    seen: Counter[tuple[str, dt.date]] = Counter()
    for row in reports:
        key = row["placement_id"], row["date"]
        cell = row["status"] if row.get("hours") is None else row["hours"]
        rows.setdefault((key[0], seen[key]), {})[key[1]] = cell
        seen[key] += 1
    titles: Rows = [[f"Månad: {month}"], []] if title else []
    body = [[name, *(cells.get(date) for date in days)] for (name, _), cells in rows.items()]
    return [*titles, ["placement_id", *(Heading(heading).of(date) for date in days)], *body]


def csv_bytes(rows: Rows, separator: str = ";", encoding: str = "utf-8") -> bytes:
    page = io.StringIO(newline="")
    csv.writer(page, delimiter=separator).writerows([["" if cell is None else cell for cell in row] for row in rows])
    return page.getvalue().encode(encoding)


def ods_bytes(sheets: Mapping[str, Rows]) -> bytes:
    tables = (
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(f"<table:table-row>{_ods_row(row)}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    return workbooks.ods("".join(tables))


def _ods_row(row: Sequence[object]) -> str:
    return "".join(map(_ods_cell, row)) or "<table:table-cell/>"


def _ods_cell(value: object) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case int() | float():
            attributes = f'office:value-type="float" office:value="{value}"'
        case dt.date():
            attributes = f'office:value-type="date" office:date-value="{value}"'
        case _:
            attributes = 'office:value-type="string"'
    return f"<table:table-cell {attributes}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def workspace(folder: Path, tables: Mapping[str, Sequence[Row]], reports: Sequence[Row] = (), **sheets: Rows) -> Path:
    """A folder with register.xlsx and attendance.xlsx: the reports in the long layout, or the sheets given instead."""
    folder.mkdir(parents=True, exist_ok=True)
    workbooks.save(folder / "register.xlsx", register_sheets(tables))
    workbooks.save(folder / "attendance.xlsx", sheets or {"Närvaro": long_sheet(reports)})
    return folder


def _task(folder: Path, as_of: str, files: Sequence[str], *, show_ids: bool = False, language: Language = "en") -> Task:
    paths = [folder / name for name in files]
    return Task(open_workspace(folder, paths, {}), paths, day(as_of), language, show_ids)


def validated(
    folder: Path, as_of: str = "2024-06-03", files: Sequence[str] = (), *, show_ids: bool = False, language: Language = "en"
) -> Checked:
    return pipeline.validate(_task(folder, as_of, files, show_ids=show_ids, language=language))


def paid(folder: Path, month: str = "2024-05", as_of: str = "2024-06-03", files: Sequence[str] = ()) -> Paid:
    """A dry run."""
    order = Order(Month.parse(month), dry_run=True)
    return pipeline.payout(_task(folder, as_of, files), order, folder / "ledger.db", "tester", NOON)


def run(folder: Path, placements: Sequence[Row], reports: Sequence[Row], month: str = "2024-05", **tables: Sequence[Row]) -> Paid:
    """A month's dry run, long after it, of a register told by its placements and its reports."""
    return paid(workspace(folder, register(*placements, **tables), reports), month, "2024-12-31")


def total(run: Paid) -> int:
    """Whole SEK."""
    assert run.total_ore % 100 == 0
    return run.total_ore // 100


def sums(run: Paid) -> dict[str, str]:
    """SEK due by `placement component`, as `days x rate`; equal items at several rates stand with a plus between."""
    found: dict[str, list[str]] = {}
    for line in (line for claim in run.claims for line in claim.lines):
        found.setdefault(f"{line.placement} {line.component}", []).append(f"{line.days} x {line.rate_ore / 100:g}")
    return {name: " + ".join(parts) for name, parts in found.items()}


def withheld(run: Paid) -> dict[str, str]:
    """What is withheld: `placement component day` -> its rules."""
    return {f"{item.placement} {item.component} {item.date}": " ".join(item.rules) for item in run.withheld}


def rules(run: Paid | Checked) -> list[str]:
    """The rules of the violations, each as often as it stands there, in order."""
    checked = run.checked if isinstance(run, Paid) else run
    return sorted(checked.violations["rule"])


@dataclass(frozen=True)
class Outcome:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


def here(folder: Path, *arguments: str, **environment: str) -> Outcome:
    """As `fat`, in this process and ten times as fast; only the help texts keep the language that they were imported in."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True) for _ in range(2))
    with ExitStack() as scene:
        scene.enter_context(patch.dict(os.environ, _environment(environment), clear=True))
        scene.enter_context(patch.object(sys, "argv", ["fat", *arguments]))
        for module in (app, common):
            scene.enter_context(patch.object(module, "LANGUAGE", common.language_of(arguments, os.environ)))
        for context in (chdir(folder), redirect_stdout(out), redirect_stderr(err)):
            scene.enter_context(context)
        try:
            app.main()
        except SystemExit as end:
            code = end.code or 0
    assert isinstance(code, int)
    return Outcome(code, *(page.buffer.getvalue().decode() for page in (out, err)))


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """No FAT_* variable but those given; English unless told."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FAT_")}
    return inherited | {"FAT_LANGUAGE": "en"} | dict(given)


def fat(folder: Path, *arguments: str, **environment: str) -> Outcome:
    """The command line in a process of its own, standing in a folder; see `_environment` for the variables."""
    command = [str(FAT), *map(str, arguments)]
    run = subprocess.run(
        command,
        cwd=folder,
        env=_environment(environment),
        check=False,
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
    )
    return Outcome(run.returncode, run.stdout, run.stderr)
