"""Placements put together: participant periods, and participants' whole time in a service.

A participant period is a period (FAT, AT) or a participation (AIO); in ITA each placement is one, as each needs its own decision (ITA 1).
Columns of a spells frame: `_person`, participant, service, start, end (the latest effective end), days (calendar days in placements
by the as-of day, each once), seen (the earlier of the end and the as-of day), left (the end is before the as-of day), and those asked for
of the placements: `first_…` of the first in order, `last_…` of the one that ended last.
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from fatcli.facts.placements import max_before

_YEAR_ONE = dt.date(1, 1, 1)
_KEY = ("_person", "service")
_NEEDED = ("_person", "participant", "service", "period_number", "start", "effective_end", "placement_id")


def periods(placements: pl.DataFrame, as_of: dt.date, first: Sequence[str] = (), last: Sequence[str] = ()) -> pl.DataFrame:
    """One row per participant period."""
    return _spells(placements, [*_KEY, "period_number"], as_of, first, last)


def stays(placements: pl.DataFrame, as_of: dt.date, first: Sequence[str] = (), last: Sequence[str] = ()) -> pl.DataFrame:
    """One row per participant and service."""
    return _spells(placements, [*_KEY], as_of, first, last)


def _spells(placements: pl.DataFrame, key: list[str], as_of: dt.date, first: Sequence[str], last: Sequence[str]) -> pl.DataFrame:
    wanted = list(dict.fromkeys([*_NEEDED, *first, *last]))
    ordered = placements.select(wanted).sort(*_KEY, "start", "placement_id")
    new = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in key) | (pl.int_range(pl.len()) == 0)
    if "period_number" in key:
        new |= pl.col("period_number").is_null()
    ordered = ordered.with_columns(_spell=new.cum_sum()).with_columns(_days=_own_days(as_of))
    begun = ordered.filter(_changes(1)).select("_spell", "_person", "participant", "service", "start", *_named("first", first))
    ended = ordered.sort("_spell", "effective_end", maintain_order=True).filter(_changes(-1))
    seen = pl.min_horizontal(pl.col("effective_end"), pl.lit(as_of)).alias("seen")
    ended = ended.select(pl.col("effective_end").alias("end"), seen, (pl.col("effective_end") < as_of).alias("left"), *_named("last", last))
    length = ordered.group_by("_spell", maintain_order=True).agg(days=pl.col("_days").sum()).select("days")
    return pl.concat([begun.drop("_spell"), ended, length], how="horizontal")


def own_spans(placements: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """service, first, last: each placement's days by the as-of day that no earlier one of the participant in the service has."""
    ordered = placements.select("_person", "service", "start", "effective_end").sort("_person", "service", "start")
    before = max_before((pl.col("effective_end") - _YEAR_ONE).dt.total_days(), [*_KEY])
    free = pl.lit(_YEAR_ONE) + pl.duration(days=before + 1)
    spans = ordered.select(
        "service", first=pl.max_horizontal("start", free), last=pl.min_horizontal(pl.col("effective_end"), pl.lit(as_of))
    )
    return spans.filter(pl.col("first") <= pl.col("last"))


def _own_days(as_of: dt.date) -> pl.Expr:
    """The calendar days of a placement by the as-of day that no placement before it in the spell has."""
    until = pl.min_horizontal(pl.col("effective_end"), pl.lit(as_of))
    start, end = ((day - _YEAR_ONE).dt.total_days() for day in (pl.col("start"), until))
    before = max_before((pl.col("effective_end") - _YEAR_ONE).dt.total_days(), ["_spell"])
    return (end - pl.max_horizontal(start, before + 1) + 1).clip(lower_bound=0)


def _changes(step: int) -> pl.Expr:
    """The first (1) or last (-1) row of each spell, of rows that stand spell by spell."""
    return pl.col("_spell").ne_missing(pl.col("_spell").shift(step))


def _named(place: str, names: Sequence[str]) -> list[pl.Expr]:
    return [pl.col(name).alias(f"{place}_{name}") for name in names]
