"""What is booked and what is due, as the reports of money take it: what a payout would stand for, once."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from fatcli.facts import BOOKED, ITEM

DUE = pl.Schema(
    {
        "organiser_id": pl.String,
        "placement_id": pl.String,
        "participant": pl.String,
        "service": pl.String,
        "component": pl.String,
        "date": pl.Date,
        "amount": pl.Int64,
        "daily": pl.Boolean,
    }
)
REPORTED = pl.Schema({"placement_id": pl.String, "month_first": pl.Date})
_PAID_ONCE = ("placement_id", "component", "_on")


@dataclass(frozen=True)
class Sums:
    """The money of a report.

    booked: facts.BOOKED. due: DUE, what the rules give now, of the placements' months that a payout speaks for.
    left: ITEM of what is booked and a payout now would leave as it is. reported: REPORTED, the placements' months that one speaks for.
    """

    booked: pl.DataFrame
    due: pl.DataFrame
    left: pl.DataFrame
    reported: pl.DataFrame

    @cached_property
    def months(self) -> pl.Series:
        """The first days of the months in which anything is reported, booked or due; some stand twice."""
        dates = [self.booked["date"], self.due["date"], self.reported["month_first"]]
        return pl.concat([one.dt.month_start().unique().rename("month_first") for one in dates])


NO_SUMS = Sums(BOOKED.to_frame(), DUE.to_frame(), pl.DataFrame(schema={name: BOOKED[name] for name in ITEM}), REPORTED.to_frame())


def left_alone(booked: pl.DataFrame, due: pl.DataFrame, differing: pl.DataFrame) -> pl.DataFrame:
    """ITEM of what is booked, is not due, and no payout would touch now (`differing`): it is not reported in the input, or in doubt."""
    held = booked.filter(pl.col("amount") != 0).join(differing, on=ITEM, how="anti")
    return held.join(due, on=[*ITEM, "amount"], how="anti").select(ITEM)


def where_booked(due: pl.DataFrame, booked: pl.DataFrame) -> pl.DataFrame:
    """What is due, with what another organiser has been paid put there: it is paid once, and stands in those books until reversed."""
    held = booked.filter(pl.col("amount") != 0).with_columns(_on=pl.when("daily").then("date"))
    held = held.select(*_PAID_ONCE, _there="organiser_id", _day="date").unique(_PAID_ONCE, keep="first")
    found = due.with_columns(_on=pl.when("daily").then("date")).join(
        held, on=_PAID_ONCE, how="left", nulls_equal=True, maintain_order="left"
    )
    return found.select(due.columns).with_columns(
        organiser_id=found.select(pl.coalesce("_there", "organiser_id")).to_series(),
        date=found.select(pl.coalesce("_day", "date")).to_series(),
    )
