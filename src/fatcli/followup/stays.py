"""How long participants stay, and who ends early (AIO 4.1, ITA 1 and 12)."""

from collections.abc import Iterator

import polars as pl

from fatcli.figures import TOTAL, Cell, Column, Figures, Label, Plot, Relation, Row, Table, equal, rows_sum, share
from fatcli.followup import spells
from fatcli.followup.common import (
    MISSING,
    REASONS,
    SERVICE,
    WORK_OR_STUDIES,
    by_key,
    code_of,
    counted,
    label,
    left_within,
    listed,
    persons,
    positions,
    rounded,
    share_of,
)
from fatcli.followup.data import Data
from fatcli.texts import Text

_OF_LEFT = Text("dem som har lämnat insatsen", "those who have left the service")
_OF_EARLY = Text("dem som slutade i förtid", "those who ended early")
_STAYS = (
    SERVICE,
    persons("left", Text("Har lämnat", "Have left")),
    Column("mean_days", Text("Dagar i genomsnitt", "Mean days"), "days", of=("left",)),
    Column("median_days", Text("Dagar, median", "Median days"), "days", of=("left",)),
    persons("early", Text("I förtid", "Early"), part_of="left"),
    share_of(Text("Andel i förtid", "Share early"), "early_share", "early", "left", _OF_LEFT),
    Column("early_mean_days", Text("Dagar till dess, i genomsnitt", "Days until then, mean"), "days", of=("early",)),
    Column("early_median_days", Text("Dagar till dess, median", "Days until then, median"), "days", of=("early",)),
    persons("work_or_studies", Text("I förtid till arbete eller studier", "Early to work or studies"), part_of="early"),
    share_of(Text("Andel till arbete eller studier", "Share to work or studies"), "work_share", "work_or_studies", "early", _OF_EARLY),
)
_REASONS = (
    SERVICE,
    Column("reason", Text("Orsak", "Reason"), "text"),
    persons("count", Text("Antal", "Number"), part_of="total"),
    share_of(Text("Andel", "Share"), "share", "count", "total", _OF_EARLY),
    persons("total", Text("I förtid i allt", "Early in all")),
)
_ABOUT = (
    Text(
        "En deltagare räknas en gång per insats (ITA: per del), när den sista placeringen är slut på beräkningsdagen.",
        "A participant counts once per service (ITA: per part), when the last placement has ended by the as-of day.",
    ),
    Text(
        "Dagar är kalenderdagar i alla deltagarens placeringar i insatsen, uppehåll inräknade, luckor mellan placeringar inte.",
        "Days are calendar days in all the participant's placements in the service, pauses included, gaps between placements not.",
    ),
    Text(
        "I förtid: den sista placeringen avslutades före sitt slutdatum, oavsett orsak.",
        "Early: the last placement was ended before its end date, whatever the reason.",
    ),
)


def stays(data: Data) -> Figures:
    """Days in service, and who ended early, why, and after how many days."""
    found = spells.stays(data.placements, data.as_of, last=("ended_early", "end_reason"))
    left = left_within(found, data.days).with_columns(
        reason=pl.col("last_end_reason").cast(pl.String).fill_null(MISSING), early="last_ended_early"
    )
    services = listed(data, found)
    lengths, reasons = _lengths(data, left, services), _reasons(data, left.filter("early"), services)
    plots = [_length_plot(lengths), *(_reason_plot(data, reasons, service) for service in services)]
    return Figures((lengths, reasons), tuple(plot for plot in plots if plot.rows), relations=tuple(_relations(lengths, reasons)))


def _lengths(data: Data, left: pl.DataFrame, services: list[str]) -> Table:
    early = pl.col("days").filter("early")
    figures = left.group_by("service").agg(
        left=pl.len(),
        mean=pl.col("days").mean(),
        median=pl.col("days").median(),
        early=early.len(),
        early_mean=early.mean(),
        early_median=early.median(),
        work=pl.col("early").filter(pl.col("reason").is_in(WORK_OR_STUDIES)).sum(),
    )
    known = by_key(figures, "service")
    return Table(
        "stays", Text("Tid i insatsen", "Time in the service"), _STAYS, tuple(_length(data, name, known) for name in services), _ABOUT
    )


def _length(data: Data, service: str, known: dict[str, dict[str, float]]) -> Row:
    row = known.get(service)
    if row is None:
        return (label(data.services, service), 0, None, None, 0, None, None, None, 0, None)
    left, early, work = int(row["left"]), int(row["early"]), int(row["work"])
    means = rounded(row["early_mean"]), rounded(row["early_median"])
    return (
        label(data.services, service),
        left,
        rounded(row["mean"]),
        rounded(row["median"]),
        early,
        share(early, left),
        *means,
        work,
        share(work, early),
    )


def _reasons(data: Data, early: pl.DataFrame, services: list[str]) -> Table:
    """A row per reason that occurs, and one for them all."""
    counts = counted(early, "service", "reason")
    rows: list[Row] = []
    for service in services:
        own = {reason: counts.get((service, reason), 0) for reason in REASONS}
        total = sum(own.values())
        name = label(data.services, service)
        rows += [(name, label(REASONS, reason), count, share(count, total), total) for reason, count in own.items() if count]
        if total:
            rows.append((name, _ALL, total, share(total, total), total))
    return Table("reasons", Text("Orsaker till att sluta i förtid", "Reasons for ending early"), _REASONS, tuple(rows))


def _relations(lengths: Table, reasons: Table) -> Iterator[Relation]:
    """The reasons sum to all who ended early, who are told of in both tables."""
    for place, row in enumerate(lengths.rows):
        rows = positions(reasons.rows, code_of(row[0]))
        for at in rows:
            yield equal(Cell(lengths.key, place, "early"), Cell(reasons.key, at, "total"))
        if rows:
            yield equal(Cell(reasons.key, rows[-1], "count"), Cell(reasons.key, rows[-1], "total"))
            yield from rows_sum(reasons, rows[:-1], rows[-1], ["count"])
            work = [Cell(reasons.key, at, "count") for at in rows if code_of(reasons.rows[at][1]) in WORK_OR_STUDIES]
            yield Relation(tuple(work), (Cell(lengths.key, place, "work_or_studies"),))


_ALL = Label(TOTAL, Text("alla", "all"))


def _length_plot(table: Table) -> Plot:
    return Plot(
        "horizontal",
        Text("Dagar i insatsen i genomsnitt", "Mean days in the service"),
        table.key,
        tuple(at for at, row in enumerate(table.rows) if row[1]),
        "service",
        ("mean_days", "early_mean_days"),
        Text("insats", "service"),
        Text("kalenderdagar", "calendar days"),
    )


def _reason_plot(data: Data, table: Table, service: str) -> Plot:
    title = Text("Orsaker till att sluta i förtid, {service}", "Reasons for ending early, {service}").fill(service=data.services[service])
    rows = positions(table.rows, service)[:-1]
    unit = Text("andel av dem som slutade i förtid", "share of those who ended early")
    return Plot("horizontal", title, table.key, rows, "reason", ("share",), Text("orsak", "reason"), unit)
