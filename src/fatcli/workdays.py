"""The Swedish calendar: working days, and months from a day.

A working day is Monday to Friday, not a public holiday nor midsummer, Christmas or New Year's Eve
(days_off.txt, by the library `holidays`).
"""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Self

import polars as pl


@cache
def _table() -> Mapping[int, tuple[dt.date, ...]]:
    """The days off by year; outside its years none are known: a typing error such as 9999 must not cost a table of millennia."""
    lines = resources.files("fatcli").joinpath("days_off.txt").read_text(encoding="utf-8").splitlines()
    years = (line.split() for line in lines if not line.startswith("#"))
    return {int(year): tuple(dt.date.fromisoformat(f"{year}-{day}") for day in days) for year, *days in years}


def days_off(first_year: int, last_year: int) -> tuple[dt.date, ...]:
    """The days off of some years that are no Saturdays or Sundays, in order."""
    return tuple(day for year, days in _table().items() if first_year <= year <= last_year for day in days)


def is_working_day(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in _table().get(day.year, ())


class Calendar:
    """Working days as Polars expressions, for the years first to last."""

    def __init__(self, first_year: int, last_year: int) -> None:
        self._days_off = list(days_off(first_year, last_year))

    @classmethod
    def of(cls, days: pl.Series) -> Self:
        """For the years that some days lie in."""
        years = days.dt.year()
        return cls(years.min() or 0, years.max() or 0)  # type: ignore[arg-type]  # a year is an int

    def working_day(self, day: pl.Expr) -> pl.Expr:
        """Whether each day is a working day."""
        return day.dt.is_business_day(holidays=self._days_off)

    def working_days(self, start: pl.Expr, end: pl.Expr) -> pl.Expr:
        """How many working days lie from `start` up to, and without, `end`."""
        return pl.business_day_count(start, end, holidays=self._days_off)


def last_allowed(start: pl.Expr, months: pl.Expr) -> pl.Expr:
    """The last of so many months from a day: the same day so many months on, cut to that month's last, minus one day.

    15 January and 6 months give 14 July; 31 August 2023 and 6 months give 28 February 2024.
    """
    return start.dt.offset_by(pl.format("{}mo", months)).dt.offset_by("-1d")


def iso_week(day: pl.Expr) -> pl.Expr:
    """The Monday of each day's ISO week."""
    return day.dt.truncate("1w")
