"""Seconds that each follow-up report takes on a register of any size, once it is read: `report_scale.py [--placements 1000000]`.

The facts of the placements are derived first, as in every command, and are measured apart. What is booked: a start item
and two months' sums of days for each placement that pays.
"""

import argparse
import datetime as dt
import time
from dataclasses import replace

import polars as pl

from fatcli import facts, rulebook
from fatcli.facts.placements import placement_facts
from fatcli.followup import BUILDERS
from fatcli.followup.data import Asked, Data, valid
from fatcli.followup.money import NO_SUMS
from fatcli.followup.small import hide_small
from fatcli.reporting import kinds_of
from fatcli.rulebook import RuleBook
from fatcli.tables import empty_table

AS_OF = dt.date(2024, 8, 31)
SERVICES = ("FAT", "AT", "AIO", "ITA1", "ITA2", "ITA3")
ORGANISERS = 300
COUNTIES = ("Stockholms län", "Skåne län", "Kalmar län", "Uppsala län")


def cycled(count: int, values: tuple[object, ...], every: int = 1) -> pl.Series:
    """The values over and over, each standing `every` times."""
    return pl.Series(values).gather((pl.int_range(count, eager=True) // every) % len(values))


def placements(count: int) -> pl.DataFrame:
    """Two placements for each participant, over three years."""
    number = pl.int_range(count, eager=True)
    start = pl.select(pl.lit(dt.date(2022, 1, 3)) + pl.duration(days=(number * 7919) % 900)).to_series()
    end = pl.select(start + pl.duration(days=170)).to_series()
    told = pl.DataFrame(
        {
            "placement_id": pl.select(pl.format("B{}", number)).to_series(),
            "participant_id": pl.select(pl.format("T{}", number // 2)).to_series(),
            "organiser_id": pl.select(pl.format("ORG{}", number % ORGANISERS)).to_series(),
            "service": cycled(count, SERVICES, 2),
            "start": start,
            "end": end,
            "ended_on": pl.select(pl.when(number % 2 == 0).then(start + pl.duration(days=number % 150))).to_series(),
            "end_reason": cycled(count, ("interrupted", "work", "studies", "illness", None)),
            "hours_per_week": cycled(count, (5.0, 10.0, 15.0, 30.0)),
            "hours_per_week_end": cycled(count, (10.0, 20.0, 30.0, None, 40.0)),
            "regime": cycled(count, ("own", "external", None)),
            "delivery_area": cycled(count, ("Malmö", "Lund", "Kiruna"), 7),
            "county": cycled(count, COUNTIES),
            "status_90": cycled(count, ("work", "programme", "other", None)),
            "status_365": cycled(count, ("work", "studies", "programme", None)),
            "final_report_on": end,
            "trial_completed_on": end,
        }
    )
    empty = empty_table("placements")
    return pl.concat([empty, told.with_columns(pl.col(name).cast(empty.schema[name]) for name in told.columns)], how="diagonal")


def organisers() -> pl.DataFrame:
    names = [f"ORG{number}" for number in range(ORGANISERS)]
    told = {"organiser_id": names, "name": names, "approved_from": [dt.date(2021, 1, 1)] * ORGANISERS, "county": [COUNTIES[0]] * ORGANISERS}
    return pl.concat([empty_table("organisers"), pl.DataFrame(told)], how="diagonal_relaxed")


def offers() -> pl.DataFrame:
    rows = {"organiser_id": [f"ORG{number}" for number in range(ORGANISERS)], "service": ["FAT"] * ORGANISERS, "places": [9] * ORGANISERS}
    told = pl.DataFrame(rows).with_columns(pl.lit(dt.date(2022, 1, 1)).alias("from"))
    empty = empty_table("offers")
    return pl.concat([empty, told.with_columns(pl.col(name).cast(empty.schema[name]) for name in told.columns)], how="diagonal")


def booked(placed: pl.DataFrame) -> pl.DataFrame:
    paying = placed.filter(pl.col("service").is_in(["FAT", "AIO", "ITA3"]))
    own = ("organiser_id", "placement_id", "participant", "service")
    once = paying.select(*own, component=pl.lit("start"), date="start", amount=pl.lit(300_000), daily=pl.lit(value=False))
    months = [
        paying.select(
            *own, component=pl.lit("day"), date=pl.col("start").dt.offset_by(f"{later}d"), amount=pl.lit(45_000), daily=pl.lit(value=True)
        )
        for later in (0, 30)
    ]
    rows = pl.concat([once, *months]).with_columns(closed=pl.lit(value=False))
    return rows.select(pl.col(name).cast(dtype) for name, dtype in facts.BOOKED.items())


def material(count: int, book: RuleBook) -> tuple[Data, float]:
    """The material of the reports, and the seconds that the facts of the placements took."""
    read, known = placements(count), organisers()
    begin = time.perf_counter()
    derived = placement_facts(read, known, book, AS_OF)
    took = time.perf_counter() - begin
    print(f"{'facts of the placements':24}{took:8.2f} s")
    kept, backwards = valid(derived, AS_OF)
    data = Data(
        placements=kept,
        organisers=known,
        offers=offers(),
        supervisors=empty_table("supervisors"),
        sums=replace(NO_SUMS, booked=booked(kept)),
        services={service.id: service.name for service in book.services.values()},
        kinds=kinds_of(book),
        as_of=AS_OF,
        asked=Asked(by="county"),
        left_out=backwards,
    )
    return data, took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--placements", type=int, default=1_000_000)
    data, took = material(parser.parse_args().placements, rulebook.load(None))
    for name, build in BUILDERS.items():
        seconds = []
        for _ in range(3):
            begin = time.perf_counter()
            hide_small(build(data), 5)
            seconds.append(time.perf_counter() - begin)
        best = min(seconds)
        print(f"{name:24}{best:8.2f} s   (slowest of 3: {max(seconds):.2f} s); with the facts {took + best:.2f} s")


if __name__ == "__main__":
    main()
