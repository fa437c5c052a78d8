"""What day it is, and days at the edges: midnight, summer time, leap days, the first and last years, week 53."""

import datetime as dt
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import polars as pl
import pytest

from fatcli.cli import common
from fatcli.ledger import Ledger
from fatcli.workdays import last_allowed
from stories import MAY, exercise, here, placement, present, register, report, validated, workspace

MONTH = ("--month", "2024-05")
DAY = ("--as-of", "2024-06-03")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Sets the machine's time zone, and the clock to a moment of UTC."""

    class Stopped(dt.datetime):
        moment = 0.0

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return dt.datetime.fromtimestamp(cls.moment, tz)

    def set_clock(zone: str, moment: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        Stopped.moment = dt.datetime.fromisoformat(moment).timestamp()
        monkeypatch.setattr(common, "dt", SimpleNamespace(**vars(dt) | {"datetime": Stopped}))

    yield set_clock
    monkeypatch.undo()
    time.tzset()


pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows sets no time zone for one process")


@pytest.mark.parametrize(
    ("zone", "moment", "today"),
    [
        ("Europe/Stockholm", "2024-05-31T21:59:59Z", "2024-05-31"),  # summer time, two hours before UTC: the last second of May
        ("Europe/Stockholm", "2024-05-31T22:00:00Z", "2024-06-01"),
        ("Europe/Stockholm", "2024-03-30T22:59:59Z", "2024-03-30"),  # the night to summer time
        ("Europe/Stockholm", "2024-03-30T23:00:00Z", "2024-03-31"),
        ("Europe/Stockholm", "2024-03-31T21:59:59Z", "2024-03-31"),  # a day of 23 hours
        ("Europe/Stockholm", "2024-03-31T22:00:00Z", "2024-04-01"),
        ("Europe/Stockholm", "2024-10-26T22:00:00Z", "2024-10-27"),  # a day of 25 hours
        ("Europe/Stockholm", "2024-10-27T00:30:00Z", "2024-10-27"),  # half past two, and half past two again
        ("Europe/Stockholm", "2024-10-27T01:30:00Z", "2024-10-27"),
        ("Europe/Stockholm", "2024-10-27T22:59:59Z", "2024-10-27"),
        ("Europe/Stockholm", "2024-10-27T23:00:00Z", "2024-10-28"),
        ("Europe/Stockholm", "2024-02-28T23:00:00Z", "2024-02-29"),
        ("Europe/Stockholm", "2023-02-28T23:00:00Z", "2023-03-01"),
        ("Europe/Stockholm", "2024-12-31T23:00:00Z", "2025-01-01"),
        ("Pacific/Kiritimati", "2024-05-31T10:00:00Z", "2024-06-01"),  # fourteen hours before UTC
        ("Pacific/Pago_Pago", "2024-06-01T10:59:59Z", "2024-05-31"),  # eleven hours behind it
        ("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29"),  # where no 30 December was that year
        ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"),
        ("UTC", "2024-05-31T23:59:59Z", "2024-05-31"),
    ],
)
def test_today_is_the_day_where_the_program_runs(clock: Callable, tmp_path: Path, zone: str, moment: str, today: str) -> None:
    clock(zone, moment)
    assert str(common.day(None)) == today


def test_the_day_before_a_month_ends_at_midnight_its_last_day_is_not_due(clock: Callable, tmp_path: Path) -> None:
    folder = workspace(tmp_path, register(placement()), present(["2024-05-30", "2024-05-31"]))
    told = {}
    for moment in ("2024-05-30T21:59:59Z", "2024-05-30T22:00:00Z"):
        clock("Europe/Stockholm", moment)
        run = here(folder, "payout", *MONTH, "--dry-run", "--format", "json")
        told[run.document["as_of"]] = (
            run.document["total_sek"],
            [row["rule"] for row in run.document["violations"] if row["rule"] == "A13"],
        )
    assert told == {"2024-05-30": ("300.00", ["A13"]), "2024-05-31": ("600.00", [])}


ZONES = ("Europe/Stockholm", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York")
MOMENTS = ("2024-05-31T21:59:59Z", "2024-10-27T00:30:00Z", "2024-03-31T01:00:00Z", "2024-12-31T23:59:59Z")


def test_the_same_bytes_on_any_day_in_any_zone(clock: Callable, tmp_path: Path) -> None:
    tables = register(placement(), exercise("P2", participant_id="T9", ended_on="2024-05-24"))
    reports = [*present(MAY, hours=6.5), report("2024-05-31", hours=30), report("2024-06-05"), *present(MAY[:3], "P2")]
    given = workspace(tmp_path / "given", tables, reports)
    made: dict[str, list[bytes]] = {}
    for zone, moment in zip(ZONES, MOMENTS, strict=True):
        folder = shutil.copytree(given, tmp_path / zone.replace("/", "-"))
        clock(zone, moment)
        outputs = [part for form in ("text", "json", "csv", "html", "xlsx") for part in ("-o", f"{form}:made/page.{form}")]
        for command in (("validate",), ("payout", *MONTH, "--dry-run")):
            assert here(folder, *command, *DAY, *outputs, "-o", "annotated:made").code in (0, 1)
            for path in (folder / "made").iterdir():
                made.setdefault(f"{command[0]} {path.name}", []).append(path.read_bytes())
    assert len(made) >= 2 * (5 + 1)
    assert {name for name, found in made.items() if len(set(found)) > 1} == set()


def test_the_books_keep_their_order_in_the_hour_that_comes_twice(clock: Callable, tmp_path: Path) -> None:
    folder = workspace(tmp_path, register(placement()), present(MAY[:3]))
    clock("Europe/Stockholm", "2024-10-27T00:59:00Z")
    assert here(folder, "payout", *MONTH, *DAY, FAT_USER="Eva").code == 0
    workspace(tmp_path, register(placement()), present(MAY[:4]))
    clock("Europe/Stockholm", "2024-10-27T01:01:00Z")
    assert here(folder, "payout", *MONTH, *DAY, FAT_USER="Eva").code == 0
    assert here(folder, "ledger", "verify").code == 0
    with Ledger.open(folder / "ledger.db", create=False) as ledger:
        told = [entry.booked_at for entry in ledger.log()]
    assert told == ["2024-10-27T02:59:00+02:00", "2024-10-27T02:01:00+01:00"]
    assert dt.datetime.fromisoformat(told[0]) < dt.datetime.fromisoformat(told[1])


# --- days in cells


def _fates(folder: Path, dates: list[object]) -> list[tuple[str | None, str | None]]:
    """Of each cell under `date`: the day that is read, or the rule that says why none is."""
    rows = [["placement_id", "date", "status"], *(["P1", date, "N"] for date in dates)]
    workspace(folder, register(placement()), Närvaro=rows)
    found = validated(folder, "2150-01-01").violations.filter(rule="T02")["row"].to_list()
    return ["T02" if number in found else None for number in range(2, len(rows) + 1)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        *[
            (day, None)
            for day in ("2024-02-29", "2000-02-29", "1904-02-29", "1900-02-28", "1900-03-01", "2100-02-28", "2100-12-31", "2096-02-29")
        ],
        *[(day, "T02") for day in ("2023-02-29", "1900-02-29", "2100-02-29", "2024-02-30", "2024-04-31", "2024-13-01", "2024-00-10")],
        *[(day, "T02") for day in ("20230229", "29/2 2023", "29 februari 2023", "2024-06-31 00:00:00")],
        *[(day, None) for day in ("20240229", "29/2 2024", "29 februari 2024")],
    ],
)
def test_a_text_is_a_day_where_there_is_such_a_day(tmp_path: Path, text: str, rule: str | None) -> None:
    assert _fates(tmp_path, [text, "2024-05-02"]) == [rule, None]


def test_real_dates_of_the_first_and_last_years(tmp_path: Path) -> None:
    """Serial 60 is 29 February 1900, which Excel knows and the calendar does not."""
    days = [dt.date(1900, 1, 1), dt.date(1900, 2, 28), dt.date(1900, 3, 1), dt.date(2000, 2, 29), dt.date(2100, 2, 28), dt.date(2100, 3, 1)]
    workspace(tmp_path, register(placement()), present(days))
    told = validated(tmp_path, "2150-01-01").violations.filter(rule="A01")["date"].to_list()
    assert told == days  # all are outside the placement


@pytest.mark.parametrize(
    ("month", "last"), [("2024-02", 29), ("2023-02", 28), ("2100-02", 28), ("2000-02", 29), ("1900-02", 28), ("2024-04", 30)]
)
def test_a_grid_has_the_days_of_its_month(tmp_path: Path, month: str, last: int) -> None:
    """A column for each of 31 days, all filled: those that the month lacks can't be read."""
    grid = [[f"Månad: {month}"], [], ["placement_id", *range(1, 32)], ["P1", *["N"] * 31]]
    workspace(tmp_path, register(placement(start=f"{month}-01", end=f"{month}-28")), Blad=grid)
    found = validated(tmp_path, "2150-01-01").violations
    assert [row["cell"] for row in found.filter(rule="T02").sort("col").iter_rows(named=True)] == [
        f"{openpyxl.utils.get_column_letter(day + 1)}4" for day in range(last + 1, 32)
    ]
    assert found.filter(rule="A01").height == last - 28  # after the placement


@pytest.mark.parametrize(
    ("first", "days", "week_ends"),
    [
        ("2020-12-28", 5, "2021-01-01"),  # week 53 of 2020, to 3 January 2021
        ("2026-12-28", 5, "2027-01-01"),  # week 53 of 2026
        ("2024-12-30", 5, "2025-01-03"),  # week 1 of 2025, from 30 December 2024
        ("2024-02-26", 5, "2024-03-01"),  # over a leap day
    ],
)
def test_a_week_is_one_over_the_end_of_a_year(tmp_path: Path, first: str, days: int, week_ends: str) -> None:
    """Nine hours on each of five days are 45, more than 40; in the week before and the week after there are 36."""
    monday = dt.date.fromisoformat(first)
    around = [monday + dt.timedelta(days=number) for number in (-7, -6, -5, -4, 7, 8, 9, 10)]
    week = [monday + dt.timedelta(days=number) for number in range(days)]
    reports = present([*around, *week], hours=9)
    workspace(tmp_path, register(placement(start="2020-01-01", end="2027-12-31", hours_per_week=40)), reports)
    told = validated(tmp_path, "2030-01-01").violations.filter(rule="A12")["date"].to_list()
    assert [str(date) for date in told] == [week_ends]


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2024-02-29", 12, "2025-02-27"),  # 28 February 2025 less a day
        ("2023-02-28", 12, "2024-02-27"),
        ("2099-08-31", 6, "2100-02-27"),  # 2100 is no leap year
        ("1999-08-31", 6, "2000-02-28"),  # 2000 is one
        ("1899-12-31", 2, "1900-02-27"),
        ("2024-12-31", 2, "2025-02-27"),
    ],
)
def test_months_over_leap_days_and_centuries(start: str, months: int, last: str) -> None:
    first, so_many = pl.lit(dt.date.fromisoformat(start)), pl.lit(months)
    assert str(pl.select(last_allowed(first, so_many)).item()) == last


@pytest.mark.parametrize("zone", ["UTC-99", "UTC-24", "{file}", ":{file}"])
def test_a_time_zone_that_is_none_is_told(clock: Callable[[str, str], None], tmp_path: Path, zone: str) -> None:
    (tmp_path / "zone").write_text("none")
    named = zone.format(file=tmp_path / "zone")
    clock(named, "2024-06-03T12:00:00Z")
    run = here(tmp_path, "validate", "--lang", "en", TZ=named)
    assert (run.code, run.err) == (
        2,
        "fat: the environment variable TZ is no time zone. Remove it, or set it to Europe/Stockholm, say.\n",
    )
