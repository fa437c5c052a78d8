"""A world of the model as the files of a workspace, in all the program's layouts of attendance."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from model import Placement, Report, World

from fatcli.model import sek

ORGANISERS = ("ORG1", "ORG2", "ORG3")
FILES = ("attendance-1.csv", "attendance-2.csv", "attendance-3.csv")
GRID = "attendance-3.csv"  # a month grid; the others are long
EARLY = "2023-09-15"
_CODES = {"present": "N", "sick": "S", "off": "L", "excused": "GF"}
_PLACEMENT = (
    "placement_id", "participant_id", "organiser_id", "service", "programme", "start", "end", "decision_date", "ended_on", "end_reason",
    "in_depth_decided_on", "in_depth_from", "in_depth_to", "trial_completed_on",
)  # fmt: skip
_ORGANISER = ("organiser_id", "name", "identity_number", "legal_form", "approved_from")

Row = Sequence[object]


def write(world: World, folder: Path) -> None:
    """Every file of the workspace."""
    _save(folder / "register-placements.csv", _PLACEMENT, (row for placement in world.placements.values() for row in _placement(placement)))
    _save(folder / "register-organisers.csv", _ORGANISER, ([o, o, "556036-0793", "company", "2021-01-01"] for o in ORGANISERS))
    prices = ([p.organiser, p.service, p.component, sek(p.amount), p.start, p.end] for p in world.prices)
    _save(folder / "register-contracts.csv", ("organiser_id", "service", "component", "sek", "from", "to"), prices)
    pauses = ([p.placement, p.start, p.end, EARLY if p.approved else None] for p in world.pauses)
    _save(folder / "register-pauses.csv", ("placement_id", "from", "to", "approved_on"), pauses)
    for file in FILES:
        reports = [report for report in world.reports if world.placements[report.placement].file == file]
        if file == GRID:
            days = [str(day) for day in range(1, 32)]
            _save(folder / file, ("placement_id", "month", *days), _grid(reports))
        else:
            _save(folder / file, ("placement_id", "date", "status"), map(_long, reports))


def _placement(p: Placement) -> list[Row]:
    first, last = p.in_depth or (None, None)
    rest = [EARLY, p.ended_on, p.end_reason, EARLY if p.in_depth else None, first, last, p.trial]
    fixed = [p.participant, "ORG9" if p.fault == "organiser" else p.organiser, p.service, "JOB"]
    row = [None if p.fault == "id" else p.id, *fixed, "snart" if p.fault == "start" else p.start, p.end, *rest]
    return [row, [p.id, *fixed, p.start, p.start, *rest]] if p.fault == "twice" else [row]


def _long(report: Report) -> Row:
    date = "2024-13-32" if report.fault == "date" else report.date
    return [report.placement, date, "??" if report.fault == "status" else _CODES[report.status]]


def _grid(reports: Iterable[Report]) -> list[Row]:
    rows: dict[tuple[str, str], list[str | None]] = {}
    for report in reports:
        cells = rows.setdefault((report.placement, f"{report.date:%Y-%m}"), [None] * 31)
        cells[report.date.day - 1] = "??" if report.fault else _CODES[report.status]
    return [[placement, month, *cells] for (placement, month), cells in rows.items()]


def _save(path: Path, header: Row, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *rows])
