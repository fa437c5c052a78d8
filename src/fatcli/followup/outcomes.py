"""What participants do 90 and 365 days after the last participation (AIO figure 10, ITA 11)."""

import datetime as dt
from collections.abc import Iterator, Mapping

import polars as pl

from fatcli.figures import Cell, Column, Figures, Plot, Relation, Row, Table, equal, parts_of, share
from fatcli.followup import spells
from fatcli.followup.common import (
    MISSING,
    OUTCOMES,
    SERVICE,
    WORK_OR_STUDIES,
    code_of,
    counted,
    label,
    left_within,
    listed,
    persons,
    positions,
    share_of,
)
from fatcli.followup.data import Data
from fatcli.texts import Text

HORIZONS = (90, 365)
_WORK = ("work", "supported_work")


def _base(days: int) -> Text:
    return Text(f"dem för vilka {days} dagar har gått sedan de lämnade insatsen", f"those for whom {days} days have passed since they left")


_SUMMARY = (
    SERVICE,
    Column("after", Text("Dagar efter", "Days after"), "text"),
    persons("left", Text("Har lämnat", "Have left")),
    persons("passed", Text("Tiden har gått", "Time has passed"), part_of="left"),
    persons("work", Text("I arbete, med eller utan stöd", "In work, with or without support"), part_of="passed"),
    share_of(
        Text("Andel i arbete", "Share in work"),
        "work_share",
        "work",
        "passed",
        Text("dem för vilka tiden har gått", "those whose time has passed"),
    ),
    persons("work_or_studies", Text("I arbete eller studier", "In work or studies"), part_of="passed"),
    share_of(
        Text("Andel i arbete eller studier", "Share in work or studies"),
        "work_or_studies_share",
        "work_or_studies",
        "passed",
        Text("dem för vilka tiden har gått", "those whose time has passed"),
    ),
)


def _of(days: int) -> tuple[Column, Column, Column]:
    return (
        persons(f"after_{days}", Text(f"Efter {days} dagar", f"After {days} days"), part_of=f"passed_{days}"),
        share_of(
            Text(f"Andel efter {days} dagar", f"Share after {days} days"), f"share_{days}", f"after_{days}", f"passed_{days}", _base(days)
        ),
        persons(f"passed_{days}", Text(f"Alla, {days} dagar", f"All, {days} days")),
    )


_STATUS = (SERVICE, Column("status", Text("Status", "Status"), "text"), *_of(90), *_of(365))
_ABOUT = (
    Text(
        "Räknat per deltagare, från slutet av den sista placeringen i insatsen; status står på den.",
        "Counted per participant, from the end of the last placement in the service; the status stands on it.",
    ),
    Text(
        "Måttet gäller bara dem som har lämnat insatsen, och kan därför visa för många i arbete när många ännu är kvar (AIO 6.1, not 18).",
        "Only those who have left are measured, so that work may be overstated while many are still in the service (AIO 6.1, note 18).",
    ),
)


def outcomes(data: Data) -> Figures:
    """Status 90 and 365 days after, of those for whom the time has passed."""
    found = left_within(spells.stays(data.placements, data.as_of, last=("status_90", "status_365")), data.days)
    services = listed(data, found)
    left = counted(found, "service")
    counts = {days: counted(_after(found, days, data.as_of), "service", "status") for days in HORIZONS}
    summary, spread = _summary(data, services, left, counts), _spread(data, services, counts)
    plots = tuple(plot for service in services if (plot := _plot(data, spread, service)).rows)
    return Figures((summary, spread), plots, relations=tuple(_relations(summary, spread)))


def _after(left: pl.DataFrame, days: int, as_of: dt.date) -> pl.DataFrame:
    """Those for whom so many days have passed, with their status then."""
    passed = left.filter(pl.col("end") <= as_of - dt.timedelta(days=days))
    return passed.select("service", status=pl.col(f"last_status_{days}").cast(pl.String).fill_null(MISSING))


Counts = Mapping[int, Mapping[tuple[str, str], int]]


def _passed(counts: Counts, days: int, service: str) -> int:
    return sum(count for (name, _), count in counts[days].items() if name == service)


def _summary(data: Data, services: list[str], left: Mapping[str, int], counts: Counts) -> Table:
    rows: list[Row] = []
    for service in services:
        for days in HORIZONS:
            passed = _passed(counts, days, service)
            work, either = (sum(counts[days].get((service, status), 0) for status in those) for those in (_WORK, WORK_OR_STUDIES))
            after = label({str(days): Text(f"{days} dagar", f"{days} days")}, str(days))
            shares = (work, share(work, passed), either, share(either, passed))
            rows.append((label(data.services, service), after, left[service], passed, *shares))
    return Table("summary", Text("I arbete eller studier", "In work or studies"), _SUMMARY, tuple(rows), _ABOUT)


def _spread(data: Data, services: list[str], counts: Counts) -> Table:
    rows: list[Row] = []
    for service in services:
        passed = {days: _passed(counts, days, service) for days in HORIZONS}
        for status in OUTCOMES:
            own = {days: counts[days].get((service, status), 0) for days in HORIZONS}
            if any(own.values()) or status != MISSING:
                figures = (figure for days in HORIZONS for figure in (own[days], share(own[days], passed[days]), passed[days]))
                rows.append((label(data.services, service), label(OUTCOMES, status), *figures))
    return Table("status", Text("Status efter insatsen", "Status after the service"), _STATUS, tuple(rows))


def _relations(summary: Table, spread: Table) -> Iterator[Relation]:
    for place, row in enumerate(summary.rows):
        service, days = map(code_of, row[:2])
        own = {code_of(spread.rows[at][1]): at for at in positions(spread.rows, service)}
        passed = Cell(summary.key, place, "passed")
        if place and summary.rows[place - 1][0] == row[0]:  # the shorter time
            yield equal(Cell(summary.key, place - 1, "left"), Cell(summary.key, place, "left"))
            yield parts_of(Cell(summary.key, place - 1, "passed"), passed)
        cells = {status: Cell(spread.key, at, f"after_{days}") for status, at in own.items()}
        yield Relation(tuple(cells.values()), (passed,))
        yield from (equal(passed, Cell(spread.key, at, f"passed_{days}")) for at in own.values())
        for column, parts in (("work", _WORK), ("work_or_studies", WORK_OR_STUDIES)):
            yield Relation(tuple(cells[status] for status in parts), (Cell(summary.key, place, column),))


def _plot(data: Data, spread: Table, service: str) -> Plot:
    own = positions(spread.rows, service)
    rows = tuple(at for at in own if any(spread.rows[at][column] for column in (2, 5)))
    return Plot(
        "horizontal",
        Text("Status 90 och 365 dagar efter, {service}", "Status 90 and 365 days after, {service}").fill(service=data.services[service]),
        spread.key,
        rows,
        "status",
        ("share_90", "share_365"),
        Text("status", "status"),
        Text("andel av dem för vilka tiden har gått", "share of those whose time has passed"),
    )
