"""What every report is made of: facts frames, money booked and due, and the days that they are about."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

from fatcli.followup.money import NO_SUMS, Sums
from fatcli.model import Month
from fatcli.texts import Text
from fatcli.workdays import is_working_day

By = Literal["service", "organiser", "county"]
Money = Literal["start", "periodic", "result"]
Days = tuple[dt.date, dt.date]  # the first and the last, both included

_LONGEST_RUN_OFF = 14  # days; no run of days off is longer


@dataclass(frozen=True)
class Asked:
    """What the user narrows a report to; None: no bound."""

    first: Month | None = None
    last: Month | None = None
    by: By = "service"


@dataclass(frozen=True)
class Data:
    """The material of a report.

    placements: the facts of placements that begin by the as-of day and don't end before they start.
    left_out: placements that are not there as they end before they start.
    sums: what is booked and due, for the reports that tell of money.
    kinds: (service, component) -> what kind of money; services: names, in the rule book's order.
    """

    placements: pl.DataFrame
    organisers: pl.DataFrame
    offers: pl.DataFrame
    supervisors: pl.DataFrame
    services: Mapping[str, Text]
    kinds: Mapping[tuple[str, str], Money]
    as_of: dt.date
    asked: Asked = Asked()
    left_out: int = 0
    sums: Sums = NO_SUMS

    @property
    def days(self) -> Days | None:
        """The days that the register covers, by the as-of day, within what was asked; None: none."""
        return self._within(self.placements["start"].min(), self.placements["effective_end"].max())

    @cached_property
    def money_days(self) -> Days | None:
        """The days that the money covers: whole months, from the first in which anything is reported, booked or due, to the last."""
        months = self.sums.months
        last = months.max()
        return self._within(months.min(), Month.of(last).last if isinstance(last, dt.date) else None)

    def _within(self, first: object, last: object) -> Days | None:
        if not isinstance(first, dt.date) or not isinstance(last, dt.date):
            return None
        begins, ends = first, min(last, self.as_of)
        if self.asked.first:
            begins = max(begins, self.asked.first.first)
        if self.asked.last:
            ends = min(ends, self.asked.last.last)
        return (begins, ends) if begins <= ends else None

    @property
    def day(self) -> dt.date:
        """The day that a state is told of: the as-of day, or the last one asked for."""
        return min(self.as_of, self.asked.last.last) if self.asked.last else self.as_of


def valid(placements: pl.DataFrame, as_of: dt.date) -> tuple[pl.DataFrame, int]:
    """Placements that have begun and don't end before they start, with the service as text; and how many end before they start."""
    backwards = placements.filter(pl.col("effective_end") < pl.col("start")).height
    kept = placements.filter(pl.col("effective_end") >= pl.col("start"), pl.col("start") <= as_of)
    return kept.with_columns(pl.col("service").cast(pl.String)), backwards


def years(days: Days | None) -> list[int]:
    return list(range(days[0].year, days[1].year + 1)) if days else []


def months(days: Days | None) -> list[Month]:
    if not days:
        return []
    first, last = (day.year * 12 + day.month - 1 for day in days)
    return [Month(at // 12, at % 12 + 1) for at in range(first, last + 1)]


def covered(first: dt.date, last: dt.date, days: Days) -> Days | None:
    """The days that the data cover of a year or month, where it isn't all of it; days off at its edges don't count."""
    begins, ends = max(first, days[0]), min(last, days[1])
    return (
        (begins, ends) if _work_between(first, begins) or _work_between(ends + dt.timedelta(days=1), last + dt.timedelta(days=1)) else None
    )


def partial_years(listed: list[int], days: Days | None) -> dict[int, Days]:
    """Year -> the days covered, of the years that are covered in part."""
    found = {year: covered(dt.date(year, 1, 1), dt.date(year, 12, 31), days) for year in listed} if days else {}
    return {year: part for year, part in found.items() if part}


def partial_months(listed: list[Month], days: Days | None) -> dict[Month, Days]:
    found = {month: covered(month.first, month.last, days) for month in listed} if days else {}
    return {month: part for month, part in found.items() if part}


def _work_between(start: dt.date, end: dt.date) -> bool:
    """Whether a working day lies from `start` up to, and without, `end`."""
    length = (end - start).days
    return length > _LONGEST_RUN_OFF or any(is_working_day(start + dt.timedelta(days=number)) for number in range(length))
