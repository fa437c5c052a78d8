"""How many there are in each service from month to month (AIO figure 2 and 4.1)."""

from collections.abc import Mapping

import polars as pl

from fatcli.facts.placements import max_before
from fatcli.figures import Cell, Column, Figures, Plot, Relation, Row, Table, equal, month_label, ratio, year_label
from fatcli.followup import spells
from fatcli.followup.common import SERVICE, YEAR, code_of, counted, label, listed, partial_rows, persons, positions
from fatcli.followup.data import Data, months, partial_months, partial_years, years
from fatcli.model import Month
from fatcli.texts import Text

_NEW = Text("Nya", "New")
_RUNNING = Text("Pågående", "Running")
_ENDED = Text("Avslutade", "Ended")
_MONTHS = (
    SERVICE,
    Column("month", Text("Månad", "Month"), "text"),
    Column("participants", Text("Deltagare", "Participants"), persons=True, of=("running",)),
    persons("new", _NEW, part_of="running"),
    Column("running", _RUNNING, persons=True, of=("participants",)),
    persons("ended", _ENDED, part_of="running"),
)
_YEARS = (
    SERVICE,
    YEAR,
    Column("months", Text("Månader", "Months")),
    persons("person_months", Text("Deltagarmånader", "Participant months")),
    Column("mean", Text("Deltagare per månad i genomsnitt", "Mean participants per month"), "mean", of=("person_months",)),
    persons("new", _NEW),
    persons("ended", _ENDED),
)
_ABOUT = (
    Text(
        "Perioder: en deltagarperiod är en period (FAT, AT) eller ett deltagande (AIO); i ITA är varje placering en egen.",
        "Periods: a participant period is a period (FAT, AT) or a participation (AIO); in ITA each placement is one of its own.",
    ),
    Text(
        "Pågående är de som har minst en dag i månaden, också de som är nya eller avslutas då. Deltagare är personer, var och en en gång.",
        "Running are those with at least one day in the month, also those that are new or end in it. Participants are persons, each once.",
    ),
)


def flow(data: Data) -> Figures:
    """New, running and ended participant periods and participants per month, by service."""
    periods = _in_months(spells.periods(data.placements, data.as_of))
    by_month = _month_table(data, periods)
    by_year = _year_table(data, periods, by_month)
    plots = [
        Plot(
            "lines",
            Text("Deltagarperioder per månad, {service}", "Participant periods per month, {service}").fill(service=data.services[service]),
            "months",
            positions(by_month.rows, service),
            "month",
            ("new", "running", "ended"),
            Text("månad", "month"),
            Text("antal deltagarperioder", "participant periods"),
        )
        for service in listed(data, periods)
    ]
    return Figures((by_year, by_month), tuple(plots), relations=(*_month_by_month(by_month), *_years_of_months(by_year, by_month)))


def _in_months(periods: pl.DataFrame) -> pl.DataFrame:
    """Adds `_start` and `_last`, the months of the first and the last day so far, and `_from`, the first in which the person is new."""
    number = {
        "_start": pl.col("start"),
        "_last": pl.col("seen"),
    }
    frame = periods.with_columns((day.dt.year().cast(pl.Int64) * 12 + day.dt.month() - 1).alias(name) for name, day in number.items())
    before = max_before(pl.col("_last"), ["_person", "service"])
    return frame.with_columns(_from=pl.max_horizontal("_start", before + 1))


def _number(month: Month) -> int:
    return month.year * 12 + month.number - 1


def _levels(frame: pl.DataFrame, first: str, data: Data) -> dict[tuple[str, int], int]:
    """How many are there in each service and month: those begun so far, less those whose last month lies before."""
    begun, gone = counted(frame, "service", first), counted(frame, "service", "_last")
    days = data.days
    if not days:
        return {}
    found = {}
    for service in listed(data, frame):
        level = 0
        starts = [number for name, number in begun if name == service]
        for number in range(min(starts), max(_number(Month.of(days[1])), min(starts)) + 1):
            level += begun.get((service, number), 0)
            found[service, number] = level
            level -= gone.get((service, number), 0)
    return found


def _month_table(data: Data, periods: pl.DataFrame) -> Table:
    all_months = months(data.days)
    new, ended = counted(periods, "service", "_start"), counted(periods.filter("left"), "service", "_last")
    running = _levels(periods, "_start", data)
    present = _levels(periods.filter(pl.col("_from") <= pl.col("_last")), "_from", data)
    rows: list[Row] = []
    for service in listed(data, periods):
        for month in all_months:
            key = service, _number(month)
            figures = (steps.get(key, 0) for steps in (present, new, running, ended))
            rows.append((label(data.services, service), month_label(month), *figures))
    partial = partial_rows(rows, 1, partial_months(all_months, data.days))
    return Table("months", Text("Per månad", "By month"), _MONTHS, tuple(rows), _ABOUT, partial)


def _year_table(data: Data, periods: pl.DataFrame, by_month: Table) -> Table:
    rows: list[Row] = []
    for service in listed(data, periods):
        for year in years(data.days):
            own = [row for row in by_month.rows if row[0] == label(data.services, service) and _of_year(row, year)]
            present, new, ended = (sum(row[at] for row in own) for at in (2, 3, 5))  # type: ignore[misc]  # counts
            rows.append((label(data.services, service), year_label(year), len(own), present, ratio(present, len(own), 1), new, ended))
    partial = partial_rows(rows, 1, partial_years(years(data.days), data.days))
    return Table("years", Text("Per år", "By year"), _YEARS, tuple(rows), partial=partial)


def _of_year(row: Row, year: int) -> bool:
    return code_of(row[1]).startswith(f"{year:04}-")


def _month_by_month(table: Table) -> list[Relation]:
    """Who runs in a month ran in the one before, or is new, and didn't end in the one before; nearly each is a person."""
    pairs = [(at - 1, at) for at in range(1, len(table.rows)) if table.rows[at][0] == table.rows[at - 1][0]]
    relations = []
    for before, at in pairs:
        # to hide who runs would spread from month to month
        running = Cell(table.key, before, "running"), Cell(table.key, at, "running")
        new, ended = Cell(table.key, at, "new"), Cell(table.key, before, "ended")
        relations.append(Relation((running[0], new), (running[1], ended), spared=running))
    persons_ = [equal(Cell(table.key, at, "participants"), Cell(table.key, at, "running")) for at in range(len(table.rows))]
    return [*persons_, *relations]


_SUMS: Mapping[str, str] = {"participants": "person_months", "new": "new", "ended": "ended"}


def _years_of_months(by_year: Table, by_month: Table) -> list[Relation]:
    return [
        Relation(
            tuple(
                Cell(by_month.key, at, part)
                for at, row in enumerate(by_month.rows)
                if row[0] == total[0] and _of_year(row, int(code_of(total[1])))
            ),
            (Cell(by_year.key, place, whole),),
        )
        for place, total in enumerate(by_year.rows)
        for part, whole in _SUMS.items()
    ]
