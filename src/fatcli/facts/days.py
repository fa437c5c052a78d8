"""The days and months of each placement: what was reported, what is scheduled, what counts.

Frames refer to placements by `_p`; a (placement, day) or (placement, month) pair packs into one Int64 key,
which joins and looks up several times faster than two columns.
"""

import datetime as dt
from dataclasses import dataclass

import polars as pl

from fatcli.rulebook import RuleBook
from fatcli.workdays import Calendar, iso_week

_DAYS = 1 << 22  # more days than there are from the year 1 to 9999
_DATE = pl.col("date")

REPORT_COLUMNS = ("status", "hours", "from_time", "to_time", "source", "row", "col")


@dataclass(frozen=True)
class Days:
    """The days and months of all placements.

    `days`: the facts of schema.FRAMES['days'] that are not the placement's, with `_p`, the place of the first report
    (`source`, `row`, `col`), and the second report and its place (`status_2`, `source_2` …).
    `months`: the same for 'months'; the place is that of the stated count, `_stated` what its cell says.
    """

    days: pl.DataFrame
    months: pl.DataFrame


def day_facts(
    placements: pl.DataFrame,
    attendance: pl.DataFrame,
    stated: pl.DataFrame,
    pauses: pl.DataFrame,
    booked: pl.DataFrame,
    book: RuleBook,
    as_of: dt.date,
) -> Days:
    """All days and months; `pauses` are the approved ones, with `_p`; `booked` is the ledger's net (see facts.BOOKED)."""
    index = placements.select("_p", "placement_id")
    reports = attendance.join(index, on="placement_id", how="inner", maintain_order="left").with_columns(_key=_day_key())
    months = _organiser_months(placements, reports, as_of)
    reported = _reported(reports)
    days = pl.concat([reported, _unreported(placements, months, reported, pauses, book, as_of)], how="diagonal")
    days = _scheduled(days, placements, pauses, book, as_of)
    days = _counting(days, placements, reports, book, as_of)
    days = _elsewhere(days, placements, booked)
    days = _weeks(days)
    return Days(days, _months(months, days, stated, index))


def _day_key(day: pl.Expr = _DATE) -> pl.Expr:
    return pl.col("_p").cast(pl.Int64) * _DAYS + day.dt.epoch("d")


def _month_key(day: pl.Expr = _DATE) -> pl.Expr:
    """A month is told by the day before its first."""
    return _day_key(day) - day.dt.day()


def of_placement(placements: pl.DataFrame, *names: str) -> list[pl.Expr]:
    """Columns of the placements beside rows that have `_p`."""
    return [pl.lit(placements[name]).gather(pl.col("_p")).alias(name) for name in names]


def _reported(reports: pl.DataFrame) -> pl.DataFrame:
    """One row per placement and reported day; only days reported more than once need grouping."""
    repeated = reports["_key"].is_duplicated()
    once = reports.filter(~repeated).with_columns(
        attended=pl.col("status") == "present", times_reported=pl.lit(1, pl.UInt32), conflicting=pl.lit(value=False)
    )
    several = (
        reports.filter(repeated)
        .group_by("_key", maintain_order=True)
        .agg(
            pl.col("_p", "date", *REPORT_COLUMNS).first(),
            pl.col(*REPORT_COLUMNS).get(1).name.suffix("_2"),
            attended=(pl.col("status") == "present").any(),
            times_reported=pl.len(),
            conflicting=pl.col("status").n_unique() > 1,
        )
    )
    return pl.concat([once.drop("placement_id"), several], how="diagonal").with_columns(reported=pl.lit(value=True))


def _organiser_months(placements: pl.DataFrame, reports: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """`_p`, month_first: months that a placement touches and in which its organiser reported any attendance."""
    organiser = reports.select("_p", month_first=pl.col("date").dt.month_start()).unique()
    reported = organiser.with_columns(of_placement(placements, "organiser_id")).select("organiser_id", "month_first").unique()
    return (
        placements.select("_p", "organiser_id", "start", "effective_end")
        .join(reported.filter(pl.col("month_first") <= as_of), on="organiser_id")
        .filter(pl.col("start") <= pl.col("month_first").dt.month_end(), pl.col("effective_end") >= pl.col("month_first"))
        .filter(pl.col("start") <= pl.col("effective_end"))
        .select("_p", "month_first")
        .sort("_p", "month_first")
    )


def _unreported(
    placements: pl.DataFrame, months: pl.DataFrame, reported: pl.DataFrame, pauses: pl.DataFrame, book: RuleBook, as_of: dt.date
) -> pl.DataFrame:
    """Days that were not reported: scheduled ones, and those that earn start or result compensation."""
    last = pl.min_horizontal("effective_end", pl.col("month_first").dt.month_end(), pl.lit(as_of))
    spans = months.with_columns(of_placement(placements, "start", "effective_end", "service")).select(
        "_p", "service", first=pl.max_horizontal("start", "month_first"), last=last
    )
    spans = spans.filter(pl.col("first") <= pl.col("last"))
    laid_out = spans.select("_p", "service", date=pl.date_ranges("first", "last")).explode("date")
    laid_out = laid_out.filter(_in_schedule(laid_out, book)).select("_p", "date").with_columns(_key=_day_key())
    laid_out = laid_out.filter(~pl.col("_key").is_in(_paused(laid_out, pauses).implode()))
    earning = pl.concat(
        placements.filter(condition, pl.col(day) <= as_of).select("_p", date=day) for day, condition in _earning_days(book).items()
    ).with_columns(_key=_day_key())
    unreported = pl.concat([laid_out, earning]).join(reported.select("_key"), on="_key", how="anti", maintain_order="left")
    return unreported.unique("_key", maintain_order=True).with_columns(
        reported=pl.lit(value=False), attended=pl.lit(value=False), conflicting=pl.lit(value=False), times_reported=pl.lit(0, pl.UInt32)
    )


def _earning_days(book: RuleBook) -> dict[str, pl.Expr]:
    """The placement's day that carries start, or result compensation, and for which placements."""
    return {
        "start": pl.col("start_earned"),
        "trial_completed_on": pl.col("trial_completed_on").is_not_null() & pl.col("service").is_in(book.paid_per("result")),
    }


def _in_schedule(days: pl.DataFrame, book: RuleBook) -> pl.Expr:
    """Whether each day (`service`, `date`) is one of the service's schedule."""
    weekdays = [service.id for service in book.services.values() if service.schedule == "weekdays"]
    by_weekday = pl.col("service").is_in(weekdays)
    return pl.when(by_weekday).then(pl.col("date").dt.weekday() <= 5).otherwise(Calendar.of(days["date"]).working_day(pl.col("date")))


def _paused(days: pl.DataFrame, pauses: pl.DataFrame) -> pl.Series:
    """The keys of the days that lie in an approved pause."""
    within = days.select("_p", "date", "_key").join(pauses.select("_p", "pause_from", "pause_to"), on="_p")
    return within.filter(pl.col("date").is_between("pause_from", "pause_to"))["_key"]


def _scheduled(days: pl.DataFrame, placements: pl.DataFrame, pauses: pl.DataFrame, book: RuleBook, as_of: dt.date) -> pl.DataFrame:
    days = days.with_columns(of_placement(placements, "service", "start", "effective_end"))
    in_pause = pl.col("_key").is_in(_paused(days, pauses).implode())
    within = pl.col("date").is_between("start", "effective_end")
    return days.with_columns(
        working_day=Calendar.of(days["date"]).working_day(pl.col("date")),
        in_pause=in_pause,
        in_future=pl.col("date") > as_of,
        scheduled=within & _in_schedule(days, book) & ~in_pause,
        _within=within,
    )


def _counting(days: pl.DataFrame, placements: pl.DataFrame, reports: pl.DataFrame, book: RuleBook, as_of: dt.date) -> pl.DataFrame:
    in_time = reports.filter(pl.col("status") != "off", pl.col("date") <= as_of).with_columns(
        of_placement(placements, "start", "effective_end")
    )
    in_time = in_time.filter(pl.col("date").is_between("start", "effective_end"))
    reported_months = in_time.select(_month_key()).to_series().unique()
    days = days.with_columns(
        of_placement(placements, "start_earned", "scheduled_pay", "trial_completed_on", "in_depth_from", "in_depth_end"),
        month_reported=_month_key().is_in(reported_months.implode()),
    )
    earning = _earning_days(book)
    return days.with_columns(
        counts=pl.when("scheduled_pay").then(pl.col("scheduled") & pl.col("month_reported")).otherwise("attended"),
        starts=(pl.col("date") == pl.col("start")) & earning["start"],
        completes=(pl.col("date") == pl.col("trial_completed_on")) & earning["trial_completed_on"],
        in_depth=pl.col("date").is_between("in_depth_from", "in_depth_end").fill_null(value=False),
    ).drop("service", "start", "effective_end", "start_earned", "scheduled_pay", "trial_completed_on", "in_depth_from", "in_depth_end")


def _elsewhere(days: pl.DataFrame, placements: pl.DataFrame, booked: pl.DataFrame) -> pl.DataFrame:
    """Adds counts_elsewhere and booked; only participants with several placements, here or booked, need a look."""
    # a number that was corrected since it was booked goes by the register
    person = placements.select("placement_id", _person="participant")
    booked = booked.join(person, on="placement_id", how="left").with_columns(participant=pl.coalesce("_person", "participant"))
    net = booked.filter("daily").group_by("participant", "placement_id", "date").agg(pl.col("amount").sum()).filter(pl.col("amount") != 0)
    by_id = placements.select("_p", "placement_id")
    own = net.join(by_id, on="placement_id").select(_day_key()).to_series()
    people = placements.select("participant", "placement_id").vstack(net.select("participant", "placement_id")).unique()
    several = people.group_by("participant").len().filter(pl.col("len") > 1)["participant"]
    watched = placements.filter(pl.col("participant").is_in(several.implode())).select("_p", "participant", "placement_id")
    here = days.select("_p", "date", "_key", "counts", "_within").join(watched, on="_p")
    counting = here.filter("counts", "_within").select("participant", "date", other="placement_id")
    others = pl.concat([counting, net.select("participant", "date", other="placement_id")]).unique()
    others = others.group_by("participant", "date").agg(_places=pl.len(), _one=pl.col("other").first())
    another = (pl.col("_places") > 1) | (pl.col("_one") != pl.col("placement_id"))
    elsewhere = here.join(others, on=["participant", "date"]).filter(another)["_key"]
    days = days.with_columns(counts_elsewhere=pl.col("_key").is_in(elsewhere.implode()), booked=pl.col("_key").is_in(own.implode()))
    return days.drop("_key", "_within")


def _weeks(days: pl.DataFrame) -> pl.DataFrame:
    """Adds week_hours, last_of_week and full_week, by placement and ISO week."""
    days = days.with_columns(_week=_day_key(iso_week(_DATE)))
    hours = pl.when(pl.col("hours").is_not_null().any()).then(pl.col("hours").sum().round(6))
    full_days = (pl.col("working_day") & pl.col("scheduled")).sum()
    weeks = (
        days.filter("reported")
        .group_by("_week")
        .agg(week_hours=hours, _last=pl.col("date").max(), _full=full_days, _monday=iso_week(pl.col("date").first()))
    )
    # a week may reach into a year that no report lies in
    calendar = Calendar.of(pl.concat([weeks["_monday"], weeks["_monday"].dt.offset_by("6d")]))
    working_days = calendar.working_days(pl.col("_monday"), pl.col("_monday").dt.offset_by("7d"))
    weeks = weeks.with_columns(full_week=pl.col("_full") == working_days).drop("_full", "_monday")
    days = days.join(weeks, on="_week", how="left", maintain_order="left")
    last = pl.col("reported") & (pl.col("date") == pl.col("_last"))
    return days.with_columns(last_of_week=last, full_week=pl.col("full_week").fill_null(value=False)).drop("_week", "_last")


def _months(months: pl.DataFrame, days: pl.DataFrame, stated: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    """Adds what was reported and what the organiser stated to the placements' months; the place is the stated cell's."""
    months = months.with_columns(_month=_month_key(pl.col("month_first")))
    attended = days.filter("attended").group_by(_month=_month_key()).agg(days_attended=pl.len())
    reported = days.filter("month_reported").select(_month=_month_key(), month_reported=pl.lit(value=True)).unique()
    own = stated.join(index, on="placement_id").select("_p", "days_stated", "source", "row", month_first="month")
    key = ["_p", "month_first"]
    for found in (reported, attended):
        months = months.join(found, on="_month", how="left", maintain_order="left")
    months = months.join(_stated(own, key), on=key, how="left", maintain_order="left").with_columns(
        pl.col("month_reported").fill_null(value=False), pl.col("days_attended").fill_null(0)
    )
    copied = pl.col("_in_each_sheet") == pl.col("days_attended")
    return months.with_columns(days_stated=pl.when(copied).then("_in_each_sheet").otherwise("days_stated")).drop("_in_each_sheet", "_month")


def _stated(own: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Of several rows the sum, at the first; unknown where one can't be read. `_in_each_sheet`: what all sheets say alike, as copies do."""
    known = pl.when(pl.col("days_stated").null_count() == 0).then(pl.col("days_stated").sum())
    first = pl.col("days_stated").first().alias("_stated")
    sheets = own.group_by(*key, "source", maintain_order=True).agg(known, pl.col("row").first(), first)
    alike = pl.when(pl.col("days_stated").n_unique() == 1).then(pl.col("days_stated").first())
    return sheets.group_by(key, maintain_order=True).agg(known, pl.col("source", "row", "_stated").first(), _in_each_sheet=alike)
