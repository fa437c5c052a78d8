import datetime as dt

import polars as pl
import pytest

from fatcli.workdays import Calendar, days_off, is_working_day, iso_week, last_allowed


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2024-01-15", 6, "2024-07-14"),
        ("2023-08-31", 6, "2024-02-28"),  # 29 February less one day
        ("2022-08-31", 6, "2023-02-27"),  # 28 February less one day
        ("2024-02-29", 12, "2025-02-27"),
        ("2023-03-01", 12, "2024-02-29"),
        ("2024-01-01", 1, "2024-01-31"),
        ("2023-12-31", 2, "2024-02-28"),
        ("2024-05-31", 1, "2024-06-29"),
        ("2022-11-30", 3, "2023-02-27"),
    ],
)
def test_last_allowed(start, months, last):
    column = pl.DataFrame({"start": [dt.date.fromisoformat(start)], "months": [months]})
    assert column.select(last_allowed(pl.col("start"), pl.col("months"))).item() == dt.date.fromisoformat(last)


@pytest.mark.parametrize(
    "day",
    [
        "2024-01-01", "2024-03-29", "2024-04-01", "2024-05-01", "2024-05-09", "2024-06-06",
        "2024-06-21", "2024-12-24", "2024-12-25", "2024-12-26", "2024-12-31", "2024-05-04", "2024-05-05",
    ],
)  # fmt: skip
def test_days_off(day):
    assert not is_working_day(dt.date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2024-01-05", "2024-03-28", "2024-04-30", "2024-05-10", "2024-12-23", "2024-12-27"])
def test_eves_and_squeezed_days_that_are_working_days(day):
    assert is_working_day(dt.date.fromisoformat(day))


def test_working_days_of_may_2024():
    # 23 weekdays less 1 May and Ascension Day, 9 May
    frame = pl.DataFrame({"first": [dt.date(2024, 5, 1)], "next": [dt.date(2024, 6, 1)]})
    calendar = Calendar(2024, 2024)
    assert frame.select(calendar.working_days(pl.col("first"), pl.col("next"))).item() == 21


def test_years_beyond_the_known_have_weekends_only():
    assert days_off(9998, 9999) == ()


@pytest.mark.parametrize(("day", "monday"), [("2024-12-31", "2024-12-30"), ("2021-01-03", "2020-12-28"), ("2024-05-06", "2024-05-06")])
def test_iso_week(day, monday):
    frame = pl.DataFrame({"day": [dt.date.fromisoformat(day)]})
    assert frame.select(iso_week(pl.col("day"))).item() == dt.date.fromisoformat(monday)
