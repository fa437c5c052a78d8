"""Hours per week at the start and at the end (AIO 5.1 and figure 7)."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from fatcli.figures import Cell, Column, Figures, Plot, Relation, Row, Table, columns_sum, equal, ratio, share
from fatcli.followup import spells
from fatcli.followup.common import SERVICE, by_key, code_of, counted, label, left_within, listed, persons, positions, share_of
from fatcli.followup.data import Data
from fatcli.texts import Text

BANDS: Mapping[str, Text] = {
    "0-9": Text("under 10", "under 10"),
    "10-19": Text("10 till under 20", "10 to under 20"),
    "20-29": Text("20 till under 30", "20 to under 30"),
    "30-39": Text("30 till under 40", "30 to under 40"),
    "40-": Text("40 eller mer", "40 or more"),
}
_EDGES = (10, 20, 30, 40)
_BASE = Text(
    "dem som har lämnat insatsen och vars timmar är kända vid start och slut",
    "those who have left and whose hours are known at start and end",
)


def _shared(key: str, title: Text, short: Text) -> tuple[Column, Column]:
    return persons(key, title, part_of="known"), share_of(short, f"{key}_share", key, "known", _BASE)


_CHANGES = (
    SERVICE,
    persons("left", Text("Har lämnat", "Have left")),
    persons("known", Text("Timmar kända", "Hours known"), part_of="left"),
    Column("start_mean", Text("Timmar vid start, i genomsnitt", "Mean hours at start"), "mean", of=("known",)),
    Column("end_mean", Text("Timmar vid slut, i genomsnitt", "Mean hours at end"), "mean", of=("known",)),
    Column("change_mean", Text("Ändring i genomsnitt", "Mean change"), "mean", of=("known",)),
    *_shared("up", Text("Fler timmar", "More hours"), Text("Andel fler", "Share more")),
    *_shared("down", Text("Färre", "Fewer"), Text("Andel färre", "Share fewer")),
    *_shared("same", Text("Oförändrat", "The same"), Text("Andel oförändrat", "Share the same")),
)
_LEVELS = (
    SERVICE,
    Column("level", Text("Timmar per vecka", "Hours per week"), "text"),
    *_shared("start", Text("Vid start", "At start"), Text("Andel vid start", "Share at start")),
    *_shared("end", Text("Vid slut", "At end"), Text("Andel vid slut", "Share at end")),
    persons("known", Text("Alla", "All")),
)
LEAST: Mapping[str, Text] = {"at_least_10": Text("minst 10", "10 or more"), "at_least_30": Text("minst 30", "30 or more")}
_ABOUT = (
    Text(
        "Timmarna vid start står på deltagarens första placering i insatsen, de vid slut på den sista.",
        "The hours at start stand on the participant's first placement in the service, those at end on the last.",
    ),
)


def hours(data: Data) -> Figures:
    """How hours per week are spread, and how they changed, of those who have left."""
    found = spells.stays(data.placements, data.as_of, first=("hours_per_week",), last=("hours_per_week_end",))
    left = left_within(found, data.days).rename({"first_hours_per_week": "at_start", "last_hours_per_week_end": "at_end"})
    known = left.drop_nulls(["at_start", "at_end"]).with_columns(change=pl.col("at_end") - pl.col("at_start"))
    services = listed(data, found)
    changes = _changes(data, left, known, services)
    bands, least = _bands(data, known, services), _least(data, known, services)
    plots = tuple(plot for service in services if (plot := _plot(data, bands, service)).rows)
    return Figures((changes, least, bands), plots, relations=tuple(_relations(changes, least, bands)))


def _changes(data: Data, left: pl.DataFrame, known: pl.DataFrame, services: list[str]) -> Table:
    change = pl.col("change")
    figures = known.group_by("service").agg(
        known=pl.len(),
        start=_hundredths("at_start"),
        end=_hundredths("at_end"),
        up=(change > 0).sum(),
        down=(change < 0).sum(),
    )
    by_service, all_left = by_key(figures, "service"), counted(left, "service")
    rows = tuple(_change(data, service, all_left.get(service, 0), by_service.get(service)) for service in services)
    return Table("changes", Text("Timmar per vecka vid start och slut", "Hours per week at start and end"), _CHANGES, rows, _ABOUT)


def _hundredths(hours_: str) -> pl.Expr:
    """A sum of hours in whole hundredths, which can be rounded as by hand."""
    return (pl.col(hours_) * 100).round().cast(pl.Int64).sum()


def _change(data: Data, service: str, left: int, found: dict[str, Any] | None) -> Row:
    row = found or {"known": 0, "start": 0, "end": 0, "up": 0, "down": 0}
    known, up, down = row["known"], row["up"], row["down"]
    same = known - up - down
    means = (ratio(hundredths, 100 * known, 1) for hundredths in (row["start"], row["end"], row["end"] - row["start"]))
    shares = (figure for count in (up, down, same) for figure in (count, share(count, known)))
    return (label(data.services, service), left, known, *means, *shares)


def _band(hours_: pl.Expr) -> pl.Expr:
    lowest, *others = BANDS
    band: pl.Expr = pl.lit(lowest)
    for edge, name in zip(_EDGES, others, strict=True):
        band = pl.when(hours_ >= edge).then(pl.lit(name)).otherwise(band)
    return band


def _bands(data: Data, known: pl.DataFrame, services: list[str]) -> Table:
    banded = known.select("service", start=_band(pl.col("at_start")), end=_band(pl.col("at_end")))
    start, end = counted(banded, "service", "start"), counted(banded, "service", "end")
    return _levels(data, "bands", Text("Fördelning", "Distribution"), BANDS, known, services, start, end)


def _least(data: Data, known: pl.DataFrame, services: list[str]) -> Table:
    counts = [
        {(service, f"at_least_{hours_}"): count for service, count in counted(known.filter(pl.col(column) >= hours_), "service").items()}
        for column in ("at_start", "at_end")
        for hours_ in (10, 30)
    ]
    title = Text("Minst 10 och minst 30 timmar", "At least 10 and at least 30 hours")
    return _levels(data, "least", title, LEAST, known, services, counts[0] | counts[1], counts[2] | counts[3])


def _levels(
    data: Data,
    key: str,
    title: Text,
    levels: Mapping[str, Text],
    known: pl.DataFrame,
    services: list[str],
    start: Mapping[tuple[str, str], int],
    end: Mapping[tuple[str, str], int],
) -> Table:
    totals = counted(known, "service")
    rows: list[Row] = []
    for service in (name for name in services if name in totals):
        for level in levels:
            counts = (steps.get((service, level), 0) for steps in (start, end))
            shares = (figure for count in counts for figure in (count, share(count, totals[service])))
            rows.append((label(data.services, service), label(levels, level), *shares, totals[service]))
    return Table(key, title, _LEVELS, tuple(rows))


def _relations(changes: Table, least: Table, bands: Table) -> list[Relation]:
    relations = columns_sum(changes, ("up", "down", "same"), "known")
    for place, row in enumerate(changes.rows):
        code = code_of(row[0])
        known = Cell(changes.key, place, "known")
        own = positions(bands.rows, code)
        above = positions(least.rows, code)
        relations += [equal(known, Cell(table.key, at, "known")) for table, rows in ((bands, own), (least, above)) for at in rows]
        for column in ("start", "end") if own else ():
            cells = [Cell(bands.key, at, column) for at in own]
            at_least = [Cell(least.key, at, column) for at in above]
            relations += [Relation(tuple(cells), (known,)), Relation(tuple(cells[1:]), (at_least[0],))]
            relations.append(Relation(tuple(cells[3:]), (at_least[1],)))
    return relations


def _plot(data: Data, bands: Table, service: str) -> Plot:
    return Plot(
        "bars",
        Text("Timmar per vecka vid start och slut, {service}", "Hours per week at start and end, {service}").fill(
            service=data.services[service]
        ),
        bands.key,
        positions(bands.rows, service),
        "level",
        ("start_share", "end_share"),
        Text("timmar per vecka", "hours per week"),
        Text("andel av dem med kända timmar", "share of those with known hours"),
    )
