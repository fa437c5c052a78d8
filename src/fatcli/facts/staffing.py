"""How many participants, supervisors and offered places each organiser has on each working day (FAT and AT).

Nothing is laid out per placement and day: intervals become steps up and down, and a running sum gives the level.
"""

import datetime as dt

import polars as pl

from fatcli.workdays import Calendar

_SERVICES = ("FAT", "AT")
_NEVER = dt.date(9999, 12, 30)  # an open end; one day before the last day there is


def organiser_days(placements: pl.DataFrame, pauses: pl.DataFrame, supervisors: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """organiser_id, date, participants, supervisors: one row per organiser and working day."""
    running = _running(placements, pauses).with_columns(group=pl.col("organiser_id"))
    staff = supervisors.select(group="organiser_id", who="supervisor_id", first="from", last=pl.col("to").fill_null(_NEVER))
    days = _working_days(running, as_of)
    days = _level(days, _distinct(running.select("group", "who", "first", "last")), "participants")
    return _level(days, _distinct(staff), "supervisors").rename({"group": "organiser_id"})


def offer_days(placements: pl.DataFrame, pauses: pl.DataFrame, offers: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """organiser_id, service, date, participants, places: one row per organiser, service and working day."""
    group = pl.struct("organiser_id", pl.col("service").cast(pl.String))
    running = _running(placements, pauses).with_columns(group=group)
    offered = offers.select(group=group, first="from", last=pl.col("to").fill_null(_NEVER), weight=pl.col("places"))
    days = _working_days(running, as_of)
    days = _level(days, _distinct(running.select("group", "who", "first", "last")), "participants")
    days = _level(days, offered.filter(pl.col("first") <= pl.col("last")), "places")
    return days.unnest("group").with_columns(pl.col("service").cast(placements.schema["service"]))


def _running(placements: pl.DataFrame, pauses: pl.DataFrame) -> pl.DataFrame:
    """organiser_id, service, who, first, last: the spans in which a FAT or AT placement runs and is not paused."""
    spans = placements.filter(pl.col("service").cast(pl.String).is_in(_SERVICES), pl.col("start") <= pl.col("effective_end")).select(
        "_p", "organiser_id", "service", who="_person", first="start", last="effective_end"
    )
    cuts = spans.join(pauses.select("_p", "pause_from", "pause_to"), on="_p").filter(pl.col("pause_from") <= pl.col("pause_to"))
    cuts = cuts.sort("_p", "pause_from").with_columns(_until=pl.col("pause_to").cum_max().over("_p"))
    day = pl.duration(days=1)
    before = cuts.with_columns(
        first=pl.max_horizontal("first", pl.col("_until").shift(1).over("_p") + day), last=pl.min_horizontal("last", pl.col("pause_from") - day)
    )
    after = cuts.group_by("_p", maintain_order=True).last().with_columns(first=pl.max_horizontal("first", pl.col("_until") + day))
    whole = spans.join(cuts.select("_p").unique(), on="_p", how="anti")
    return pl.concat([whole, before.select(spans.columns), after.select(spans.columns)]).filter(pl.col("first") <= pl.col("last"))


def _distinct(spans: pl.DataFrame) -> pl.DataFrame:
    """Spans of one `who` in a group that overlap become one, so that each counts once."""
    ordered = spans.filter(pl.col("first") <= pl.col("last")).sort("group", "who", "first")
    until = pl.col("last").cum_max().shift(1).over("group", "who")
    ordered = ordered.with_columns(_island=(pl.col("first") > until).fill_null(value=True).cum_sum())
    return ordered.group_by("group", "who", "_island").agg(pl.col("first").min(), pl.col("last").max()).with_columns(weight=pl.lit(1, pl.Int64))


def _working_days(running: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """group, date: working days from the group's first start to the earlier of its last effective end and the as-of day."""
    spans = running.group_by("group").agg(pl.col("first").min(), last=pl.min_horizontal(pl.col("last").max(), pl.lit(as_of)))
    spans = spans.filter(pl.col("first") <= pl.col("last"))
    days = spans.select("group", date=pl.date_ranges("first", "last")).explode("date")
    years = days["date"].dt.year()
    calendar = Calendar(years.min() or 0, years.max() or 0)  # type: ignore[arg-type]  # a year is an int
    return days.filter(calendar.working_day(pl.col("date"))).sort("date", "group")


def _level(days: pl.DataFrame, spans: pl.DataFrame, name: str) -> pl.DataFrame:
    """Adds the sum of the weights of the spans that hold on each day."""
    up = spans.select("group", pl.col("weight").cast(pl.Int64), date="first")
    down = spans.select("group", -pl.col("weight").cast(pl.Int64), date=pl.col("last") + pl.duration(days=1))
    steps = pl.concat([up, down]).group_by("group", "date").agg(pl.col("weight").sum()).sort("date")
    steps = steps.with_columns(pl.col("weight").cum_sum().over("group", order_by="date").alias(name)).drop("weight")
    return days.join_asof(steps, on="date", by="group", check_sortedness=False).with_columns(pl.col(name).fill_null(0))
