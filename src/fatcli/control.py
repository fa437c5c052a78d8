"""Control sums: every row and cell of attendance that was read, and where it went."""

import polars as pl

from fatcli.facts import Facts
from fatcli.model import Month
from fatcli.result import Control, ControlScope
from fatcli.tables import Tables

NOBODY = "–"  # in place of an organiser where no register tells it

_OUTCOMES = ("paid", "not_paid", "withheld", "set_aside", "kept", "other_months")


def control_sums(tables: Tables, facts: Facts, items: pl.DataFrame, kept: pl.DataFrame, month: Month) -> tuple[Control, ...]:
    """The sums in all, per file and per organiser.

    items: the month's; kept: placement_id, date of bookings that stay although the day's item is not due. A report is `paid` when
    an item of its day is due, `withheld` when all are withheld, `not_paid` when its status or service earns nothing.
    """
    reports = _outcomes(tables, items, kept, month)
    owners = facts.placements.select("placement_id", "organiser_id")
    reports = reports.join(owners, on="placement_id", how="left", maintain_order="left")
    # a report of no known placement, whose own row or whole register was set aside, can't be paid for
    unknown = pl.col("organiser_id").is_null()
    reports = reports.with_columns(outcome=pl.when(unknown).then(pl.lit("set_aside")).otherwise("outcome"))
    files = {number: source.file for number, source in enumerate(tables.sources)}
    counts = (
        reports.group_by("source", "organiser_id", "outcome")
        .len()
        .with_columns(
            file=pl.col("source").replace_strict(files, return_dtype=pl.String), organiser=pl.col("organiser_id").fill_null(NOBODY)
        )
    )
    return (_control("total", "", counts), *_controls("file", counts), *_controls("organiser", counts))


def _outcomes(tables: Tables, items: pl.DataFrame, kept: pl.DataFrame, month: Month) -> pl.DataFrame:
    """placement_id, source and outcome of every report."""
    accepted = tables.table("attendance").select("placement_id", "date", "source")
    aside = tables.set_aside_reports.select("placement_id", "source", outcome=pl.lit("set_aside"))
    day = ["placement_id", "date"]
    paid = items.group_by(day).agg(_due=(pl.col("rules").list.len() == 0).any())
    accepted = accepted.join(paid, on=day, how="left").join(kept.select(*day, _kept=pl.lit(value=True)).unique(), on=day, how="left")
    outcome = (
        pl.when(~pl.col("date").is_between(month.first, month.last))
        .then(pl.lit("other_months"))
        .when("_due")
        .then(pl.lit("paid"))
        .when("_kept")
        .then(pl.lit("kept"))
        .when(pl.col("_due").is_not_null())
        .then(pl.lit("withheld"))
        .otherwise(pl.lit("not_paid"))
    )
    return pl.concat([accepted.select("placement_id", "source", outcome=outcome), aside])


def _controls(scope: ControlScope, counts: pl.DataFrame) -> list[Control]:
    return [_control(scope, str(name), rows) for (name,), rows in counts.sort(scope).group_by(scope, maintain_order=True)]


def _control(scope: ControlScope, name: str, counts: pl.DataFrame) -> Control:
    found = dict(counts.group_by("outcome").agg(pl.col("len").sum()).iter_rows())
    return Control(scope, name, read=sum(found.values()), **{outcome: found.get(outcome, 0) for outcome in _OUTCOMES})
