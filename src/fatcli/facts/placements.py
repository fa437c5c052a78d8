"""What is derived for each placement: effective ends, periods, limits, overlaps, cumulated days.

The frame made here has the placements' columns, their organisers' columns, the facts of schema.py, and beside them
`_p` (UInt32, the row's own index, by which `days` and `months` refer to it), `participant` (the 12-digit number, or the
pseudonym in upper case) and `_person` (UInt32, one per participant).
"""

import datetime as dt
from collections.abc import Iterable

import polars as pl

from fatcli import identity
from fatcli.errors import RuleBookError
from fatcli.rulebook import IN_DEPTH_MONTHS, Dated, RuleBook, Service
from fatcli.schema import BESIDE_PLACEMENTS
from fatcli.texts import Text
from fatcli.workdays import Calendar, last_allowed

_FIRST_PART, _TRIALS = "ITA1", ("ITA2", "ITA3")
_PARTS = (_FIRST_PART, *_TRIALS)
_NEEDED = ("_p", "_person", "placement_id", "service", "start", "effective_end", "interrupted", "trial_completed_on", "in_depth_from")
_FLAGS = ("first_in_period", "last_in_participation", "start_earned", "start_again", "second_trial")
_GROUP = 1 << 32  # packs (group, value) into one integer


def placement_facts(placements: pl.DataFrame, organisers: pl.DataFrame, book: RuleBook, as_of: dt.date) -> pl.DataFrame:
    """One row per placement, in the order of the input; see the module for the columns."""
    own = organisers.rename(BESIDE_PLACEMENTS["organisers"]).drop("source", "row")
    frame = placements.join(own, on="organiser_id", how="left", maintain_order="left").with_row_index("_p")
    frame = _identified(frame, book)
    frame = frame.with_columns(effective_end=pl.min_horizontal("end", "ended_on"))
    interruption = pl.col("end_reason").is_in(book.settings.interruption_reasons)
    frame = frame.with_columns(
        ended_early=_known(pl.col("ended_on") < pl.col("end")),
        interrupted=_known((pl.col("ended_on") < pl.col("end")) & interruption),
        ended=pl.col("effective_end") < as_of,
        programme_eligible=_known(_eligible(book)),
        scheduled_pay=pl.col("service").is_in(book.paid_per("scheduled_day")),
        _valid=pl.col("effective_end") >= pl.col("start"),
    )
    frame = frame.join(_chained(frame.filter("_valid"), book), on="_p", how="left", maintain_order="left")
    frame = _limited(frame, book, as_of)
    return frame.with_columns(_known(pl.col(flag)) for flag in _FLAGS).drop("_valid")


def _known(condition: pl.Expr) -> pl.Expr:
    """A condition that does not hold where it can't be told."""
    return condition.fill_null(value=False)


def _eligible(book: RuleBook) -> pl.Expr:
    pairs = [f"{service.id} {programme}" for service in book.services.values() for programme in service.programmes]
    open_to_all = [service.id for service in book.services.values() if not service.programmes]
    return pl.col("service").is_in(open_to_all) | pl.concat_str("service", pl.lit(" "), "programme").is_in(pairs)


def _identified(frame: pl.DataFrame, book: RuleBook) -> pl.DataFrame:
    people = identity.people(frame["participant_id"], frame["start"])
    pseudonym = pl.col("participant_id").str.contains(f"^(?:{book.settings.pseudonym})$")
    frame = frame.with_columns(
        age_at_start=identity.age(pl.lit(people["birth"]), pl.col("start")),
        participant_valid=people["number"].is_not_null() | pseudonym,
        participant=pl.coalesce(people["number"], pl.col("participant_id").str.to_uppercase()),
    )
    return frame.with_columns(_person=pl.col("participant").rank("dense"))


def _chained(valid: pl.DataFrame, book: RuleBook) -> pl.DataFrame:
    """`_p`, and periods, participations and all else that runs over a participant's placements in order."""
    ordered = _latest_before(_grouped(valid.select(_NEEDED), ["_person"]))
    ordered = ordered.with_columns(
        overlaps=pl.when(pl.col("_before_end") >= pl.col("start")).then(pl.col("placement_id").gather(pl.col("_before"))),
        **_cumulated(),
    )
    ordered = _periods(_latest_before(_grouped(ordered, ["_person", "service"])), book)
    return ordered.select("_p", *(name for name in ordered.columns if name not in _NEEDED and not name.startswith("_")))


def _grouped(placements: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The placements in order, group by group, with `_group`, its number, and `_first`, whether a row is its group's first."""
    ordered = placements.sort(*by, "start", "placement_id").with_columns(_group=pl.struct(by).rle_id())
    return ordered.with_columns(_first=pl.col("_group").is_first_distinct())


def _running(value: pl.Expr, first: str) -> pl.Expr:
    """The sum of a value from the `first` row of each run to the row itself.

    Windows would do each run by itself, which takes many times longer where there are as many as persons.
    """
    total = value.cum_sum()
    return total - pl.when(first).then(total - value).forward_fill()


def _latest_before(ordered: pl.DataFrame) -> pl.DataFrame:
    """Adds `_before_end`, the latest effective end among the rows before in the group, and `_before`, that row's position.

    Of equal ends the later row counts.
    """
    place = ordered["effective_end"].rank("ordinal")  # ties in the order of the rows
    ordered = ordered.with_columns(_before=place.arg_sort().gather(ordered.select(max_before(place - 1, ["_group"])).to_series()))
    return ordered.with_columns(_before_end=pl.col("effective_end").gather(pl.col("_before")))


def max_before(value: pl.Series | pl.Expr, group: list[str]) -> pl.Expr:
    """The largest value (0 to 2³² − 1) of the rows before in a group, null for its first; the rows stand group by group.

    One running maximum over all: a later group's packed values are larger than any before. Windows over as many groups as
    there are persons take many times longer.
    """
    number = pl.struct(group).rle_id().cast(pl.Int64) if group else pl.lit(0, pl.Int64)
    before = (number * _GROUP + value).cum_max().shift(1)
    return pl.when(before // _GROUP == number).then(before % _GROUP)


def _cumulated() -> dict[str, pl.Expr]:
    """Days of the ITA parts, and whether a work trial was completed before."""
    length = (pl.col("effective_end") - pl.col("start")).dt.total_days() + 1
    trial, part = pl.col("service").is_in(_TRIALS), pl.col("service").is_in(_PARTS)
    completed = pl.col("trial_completed_on").is_not_null().cast(pl.Int32)
    return {
        "part_days": pl.when(pl.col("service") == _FIRST_PART).then(length),
        "trial_days": pl.when(trial).then(_running(pl.when(trial).then(length).otherwise(0), "_first")),
        "service_days": pl.when(part).then(_running(pl.when(part).then(length).otherwise(0), "_first")),
        "second_trial": (pl.col("service") == "ITA3") & (_running(completed, "_first") > completed),
    }


def _periods(ordered: pl.DataFrame, book: RuleBook) -> pl.DataFrame:
    """Adds periods (FAT, AT), participations (AIO) and start compensation; the groups are those of participant and service."""
    chain = pl.col("service").replace_strict({s.id: s.chain for s in book.services.values()}, return_dtype=pl.String)
    ordered = ordered.with_columns(_chain=chain)
    in_chain, in_participation = pl.col("_chain").is_not_null(), pl.col("_chain") == "participation"
    earned = pl.col("service").is_in(book.paid_per("start")) & (pl.col("_first") | pl.col("interrupted").shift(1))
    new = in_chain & ~_known(_continues(ordered, book))
    ordered = ordered.with_columns(
        first_in_period=new, start_earned=earned, start_again=earned & ~pl.col("_first"), _begins=new | pl.col("_first")
    )
    ordered = ordered.with_columns(_period=pl.col("_begins").cum_sum().set_sorted())
    place = _running(pl.repeat(1, pl.len(), dtype=pl.Int64), "_begins")
    in_depth_from = pl.when(pl.col("_chain") == "period").then(pl.col("in_depth_from").min().over("_period"))
    in_depth_months = dated_column(book.limits[IN_DEPTH_MONTHS].values, pl.col("start"))
    check_limit(IN_DEPTH_MONTHS, "placements", ordered.filter(in_depth_from.is_not_null() & in_depth_months.is_null()), "start", book)
    return ordered.with_columns(
        period_number=pl.when(in_chain).then(_running(pl.col("first_in_period").cast(pl.Int32), "_first")),
        period_start=pl.when(in_chain).then(pl.col("start").first().over("_period")),
        placement_in_participation=pl.when(in_participation).then(place),
        last_in_participation=in_participation & (place == pl.len().over("_period")),
        in_depth_limit=last_allowed(in_depth_from, in_depth_months),
    )


def _continues(ordered: pl.DataFrame, book: RuleBook) -> pl.Expr:
    """Whether a placement goes on with the period or participation before it."""
    calendar = Calendar.of(ordered["start"])
    gap = (pl.col("start") - pl.col("_before_end")).dt.total_days()
    working_days = calendar.working_days(pl.col("_before_end").dt.offset_by("1d"), pl.col("start"))
    most = pl.col("service").replace_strict({s.id: s.max_gap_days for s in book.services.values()}, return_dtype=pl.Int32)
    interrupted_before = pl.col("interrupted").gather(pl.col("_before"))
    return pl.when(pl.col("_chain") == "period").then(working_days <= 0).otherwise((gap <= most) & ~interrupted_before)


def check_limit(name: str, frame: str, rows: pl.DataFrame, day: str, book: RuleBook) -> None:
    """Refuses a limit that lacks a value on the day of any of these rows, which need it: silence would pass what it should judge."""
    if rows.height:
        missing = str(rows[day].min())
        raise RuleBookError(
            Text(
                f"gränsvärdet {name} har inget värde för {missing}, som regler över {frame} behöver.",
                f"the limit {name} has no value on {missing}, which rules over {frame} need.",
            ),
            Text("Lägg till ett värde som gäller den dagen.", "Add a value that holds on that day."),
            place=book.path,
        )


def dated_column(values: Iterable[Dated[int] | Dated[dt.date]], day: pl.Expr, dtype: type[pl.Int64 | pl.Date] = pl.Int64) -> pl.Expr:
    """The value that holds on each day; null where none does."""
    value: pl.Expr = pl.lit(None, dtype)
    for dated in values:
        literal = pl.lit(dated.value, dtype)
        held = [day >= dated.start] if dated.start else []
        held += [day <= dated.end] if dated.end else []
        value = pl.when(pl.all_horizontal(held)).then(literal).otherwise(value) if held else literal
    return value


def _limited(frame: pl.DataFrame, book: RuleBook, as_of: dt.date) -> pl.DataFrame:
    """Adds the limits, last_allowed, in_depth_end and in_depth_ended; a placement that ends before it starts has 0 days."""
    services = book.services.values()
    frame = frame.join(_longest(frame, services), on="_p", how="left", maintain_order="left")
    frame = frame.with_columns(
        limit_end=last_allowed(pl.col("period_start"), pl.col("_months")),
        placement_limit_end=pl.when("_valid").then(last_allowed(pl.col("start"), _single(services))),
        in_depth_end=pl.coalesce("in_depth_to", pl.min_horizontal("in_depth_limit", "in_depth_report_on")),
    ).drop("_months")
    frame = frame.with_columns(last_allowed=pl.min_horizontal("limit_end", "placement_limit_end"))
    has_days = {"part_days": (_FIRST_PART,), "trial_days": _TRIALS, "service_days": _PARTS}
    return frame.with_columns(
        pl.when(pl.col("service").is_in(parts)).then(pl.col(name).fill_null(0)).alias(name) for name, parts in has_days.items()
    ).with_columns(
        in_depth_ended=_known(pl.min_horizontal("in_depth_end", "effective_end") < as_of) & pl.col("in_depth_from").is_not_null()
    )


def _longest(frame: pl.DataFrame, services: Iterable[Service]) -> pl.DataFrame:
    """`_p` and `_months`: how long its service and programme allow, with the compensated days it has."""
    schema = {"service": pl.String, "_programme": pl.String, "_months": pl.Int32, "_least": pl.Int64, "_from": pl.Date, "_to": pl.Date}
    rows = [(s.id, d.programme, d.months, d.compensated_days, d.start, d.end) for s in services for d in s.durations]
    return (
        frame.select("_p", "service", "start", "compensated_days", programme=pl.col("programme").cast(pl.String))
        .join(pl.DataFrame(rows, schema, orient="row"), on="service")
        .filter(
            pl.col("_programme").is_null() | (pl.col("_programme") == pl.col("programme")),
            (pl.col("_least") == 0) | (pl.col("compensated_days") >= pl.col("_least")),
            pl.col("_from").is_null() | (pl.col("start") >= pl.col("_from")),
            pl.col("_to").is_null() | (pl.col("start") <= pl.col("_to")),
        )
        .sort("_least")
        .group_by("_p")
        .agg(pl.col("_months").last())
    )


def _single(services: Iterable[Service]) -> pl.Expr:
    """The longest time of a single placement, in months; null for services that have none."""
    months: pl.Expr = pl.lit(None)
    for service in services:
        own = dated_column(service.placement_months, pl.col("start"))
        months = pl.when(pl.col("service") == service.id).then(own).otherwise(months)
    return months
