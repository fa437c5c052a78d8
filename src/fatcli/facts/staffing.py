"""How many participants, supervisors and offered places each organiser has on each working day (FAT and AT).

Nothing is laid out per placement and day: spans become steps up and down, and a running sum gives the level.
A spans frame has the columns that name the group, then first and last (Date, both included) and, where it counts persons, who.
"""

import datetime as dt

import polars as pl

from fatcli.facts.placements import max_before
from fatcli.workdays import Calendar

_SERVICES = ("FAT", "AT")
_NEVER = dt.date(9999, 12, 30)  # an open end; one day before the last day there is


def organiser_days(placements: pl.DataFrame, pauses: pl.DataFrame, supervisors: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """organiser_id, date, participants, supervisors: one row per organiser and working day."""
    by = ["organiser_id"]
    running = _running(placements, pauses)
    staff = supervisors.select("organiser_id", who="supervisor_id", first="from", last=pl.col("to").fill_null(_NEVER))
    days = _level(_working_days(running, by, as_of), _distinct(running, by), by, "participants")
    return _level(days, _distinct(staff, by), by, "supervisors")


def offer_days(placements: pl.DataFrame, pauses: pl.DataFrame, offers: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """organiser_id, service, date, participants, places: one row per organiser, service and working day."""
    by = ["organiser_id", "service"]
    running = _running(placements, pauses)
    offered = offers.select(*by, first="from", last=pl.col("to").fill_null(_NEVER), weight=pl.col("places"))
    days = _level(_working_days(running, by, as_of), _distinct(running, by), by, "participants")
    return _level(days, offered.filter(pl.col("first") <= pl.col("last")), by, "places")


def _running(placements: pl.DataFrame, pauses: pl.DataFrame) -> pl.DataFrame:
    """The spans in which a FAT or AT placement runs and is not paused: organiser_id, service, who, first, last."""
    spans = placements.filter(pl.col("service").is_in(_SERVICES)).select(
        "_p", "organiser_id", "service", who="_person", first="start", last="effective_end"
    )
    cuts = spans.join(pauses.select("_p", "pause_from", "pause_to"), on="_p").filter(pl.col("pause_from") <= pl.col("pause_to"))
    cuts = cuts.sort("_p", "pause_from").with_columns(_until=pl.col("pause_to").cum_max().over("_p"))
    day = pl.duration(days=1)
    before = cuts.with_columns(
        first=pl.max_horizontal("first", pl.col("_until").shift(1).over("_p") + day),
        last=pl.min_horizontal("last", pl.col("pause_from") - day),
    )
    after = cuts.group_by("_p", maintain_order=True).last().with_columns(first=pl.max_horizontal("first", pl.col("_until") + day))
    whole = spans.join(cuts, on="_p", how="anti")
    return pl.concat([whole, before.select(spans.columns), after.select(spans.columns)]).filter(pl.col("first") <= pl.col("last"))


def _distinct(spans: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Spans of one `who` in a group that overlap become one, so that each counts once."""
    return islands(spans, [*by, "who"]).with_columns(weight=pl.lit(1, pl.Int64))


def islands(spans: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Spans (first, last) of a group that overlap, joined into one."""
    ordered = spans.filter(pl.col("first") <= pl.col("last")).sort(*by, "first")
    until = max_before(_day_number("last"), by)
    ordered = ordered.with_columns(_island=(_day_number("first") > until).fill_null(value=True).cum_sum())
    return ordered.group_by(*by, "_island").agg(pl.col("first").min(), pl.col("last").max()).drop("_island")


def _day_number(column: str) -> pl.Expr:
    """Days since the year 1, which no date lies before."""
    return (pl.col(column) - dt.date(1, 1, 1)).dt.total_days()


def _working_days(running: pl.DataFrame, by: list[str], as_of: dt.date) -> pl.DataFrame:
    """Working days from each group's first start to the earlier of its last effective end and the as-of day."""
    spans = running.group_by(by).agg(pl.col("first").min(), last=pl.min_horizontal(pl.col("last").max(), pl.lit(as_of)))
    spans = spans.filter(pl.col("first") <= pl.col("last"))
    days = spans.select(*by, date=pl.date_ranges("first", "last")).explode("date")
    calendar = Calendar.of(days["date"])
    return days.filter(calendar.working_day(pl.col("date"))).sort("date", *by)


def _level(days: pl.DataFrame, spans: pl.DataFrame, by: list[str], name: str) -> pl.DataFrame:
    """Adds the sum of the weights of the spans that hold on each day."""
    up = spans.select(*by, "weight", date="first")
    down = spans.select(*by, -pl.col("weight"), date=pl.col("last") + pl.duration(days=1))
    steps = pl.concat([up, down]).group_by(*by, "date").agg(pl.col("weight").sum()).sort("date")
    steps = steps.select(*by, "date", pl.col("weight").cum_sum().over(by).alias(name))
    return days.join_asof(steps, on="date", by=by, check_sortedness=False).with_columns(pl.col(name).fill_null(0))
