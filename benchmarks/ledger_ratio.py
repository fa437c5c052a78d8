"""How much longer the ledger takes to book a month than SQLite takes to insert the same rows into a bare table in one transaction.

The bare table has a column for each of an item's thirteen values, no types, checks, keys or triggers, and gets its rows as ready
tuples: the least that any program would have to do. Booking starts from a Polars frame and ends with hashes, keys, checks, triggers,
the archived document and a file synced to the disk. Measured in turn; the ratio is the median of the pairs' ratios.
"""

import argparse
import datetime as dt
import platform
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

import polars as pl

from fatcli.ledger import ITEMS, Booking, Ledger
from fatcli.model import Month
from fatcli.result import VIOLATIONS, Checked, Claim, Input, InputTable, Line, Paid

GOAL = 2.0
MAY = Month(2024, 5)
NOON = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)
DAYS, PLACEMENTS = 20, 200  # days of a placement, placements of an organiser


def items(count: int) -> pl.DataFrame:
    """Base compensation of 20 days for each placement."""
    number = pl.int_range(count, eager=True)
    placement = (number // DAYS).cast(pl.String).str.zfill(6)
    columns = {
        "organiser_id": "ORG" + (number // DAYS // PLACEMENTS).cast(pl.String).str.zfill(4),
        "placement_id": "P" + placement,
        "participant": "T" + placement,
        "date": pl.Series([MAY.first + dt.timedelta(days=day) for day in range(DAYS)] * (count // DAYS)),
        "row": number + 2,
    }
    same = {
        "service": "FAT",
        "component": "base",
        "daily": True,
        "kind": "claim",
        "amount": 30_000,
        "file": "attendance.xlsx",
        "sheet": "Närvaro",
        "col": 1,
    }
    return (
        pl.DataFrame(columns)
        .with_columns(pl.lit(value).alias(name) for name, value in same.items())
        .select(pl.col(name).cast(kind) for name, kind in ITEMS.items())
    )


def outcome(rows: pl.DataFrame) -> Paid:
    """The claims of those items."""
    lines: dict[str, list[Line]] = {}
    for organiser, placement, participant in (
        rows.select("organiser_id", "placement_id", "participant").unique(maintain_order=True).iter_rows()
    ):
        lines.setdefault(organiser, []).append(Line(placement, participant, "FAT", "base", "claim", "attended_day", DAYS, 30_000))
    claims = tuple(Claim(f"{MAY}/{name}/1", name, name, "556000-4615", None, None, tuple(own), booked=True) for name, own in lines.items())
    read = Input("attendance.xlsx", "a1" * 32, (InputTable("attendance", "Närvaro", "long", rows.height, 0),))
    checked = Checked(
        "0",
        "rules.yaml",
        "2024-06",
        "3f" * 32,
        dt.date(2024, 6, 3),
        "sv",
        (read,),
        (),
        (),
        pl.DataFrame(schema=dict(VIOLATIONS)),
        rows.height,
        0,
    )
    return Paid(checked, MAY, None, claims, (), (), (), ())


def bare(path: Path, rows: list[tuple[object, ...]]) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"CREATE TABLE items ({', '.join(ITEMS)})")
    begin = time.perf_counter()
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO items VALUES ({', '.join('?' * len(ITEMS))})", rows)  # noqa: S608  # question marks
    connection.execute("COMMIT")
    taken = time.perf_counter() - begin
    connection.close()
    return taken


def booked(path: Path, paid: Paid, rows: pl.DataFrame) -> float:
    with Ledger.open(path, create=True) as ledger:
        booking = Booking("payout", paid, rows, ledger.head)
        begin = time.perf_counter()
        ledger.book(booking, "anna", NOON)
        return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure booking against a plain SQLite insert.")
    parser.add_argument("--items", type=int, default=400_000, help=f"a multiple of {DAYS}")
    parser.add_argument("--pairs", type=int, default=7)
    arguments = parser.parse_args()
    rows = items(arguments.items)
    paid, tuples = outcome(rows), rows.with_columns(pl.col("date").dt.to_string()).rows()
    pairs = []
    for _ in range(arguments.pairs + 1):
        with tempfile.TemporaryDirectory() as folder:
            pairs.append((bare(Path(folder, "bare.db"), tuples), booked(Path(folder, "ledger.db"), paid, rows)))
    pairs = pairs[1:]  # the first warms the machine
    ratios = sorted(booking / insert for insert, booking in pairs)
    middle = statistics.median(ratios)
    system = f"{platform.system()} {platform.machine()}"
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {system}; {arguments.items:,} items")
    plain, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"plain insert {plain:.2f} s, booking {ours:.2f} s")
    print(f"ratio {middle:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}), goal: under {GOAL:g}: {'met' if middle < GOAL else 'NOT MET'}")


if __name__ == "__main__":
    main()
