"""Facts: tables, rule book and as-of day become the frames that rules and money are judged on.

No clock and no ledger here: what is booked comes in as one more frame.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from fatcli.facts.days import Days, day_facts, of_placement
from fatcli.facts.placements import check_limit, dated_column, placement_facts
from fatcli.facts.staffing import islands, offer_days, organiser_days
from fatcli.identity import organisers_valid
from fatcli.rulebook import MOST_PARTICIPANTS, RuleBook
from fatcli.schema import BESIDE_PLACEMENTS
from fatcli.tables import Tables

__all__ = ["BOOKED", "CLOSED", "ITEM", "NO_BOOKS", "Books", "Facts", "build", "check_limit", "dated_column", "islands", "of_placement"]

ITEM = ("organiser_id", "placement_id", "component", "date")  # what tells one item from another

# What the ledger holds, net, one row per item; `daily`: paid per attended or scheduled day; `closed`: clawed back.
BOOKED = pl.Schema(
    {
        "participant": pl.String,
        "organiser_id": pl.String,
        "placement_id": pl.String,
        "service": pl.String,
        "component": pl.String,
        "date": pl.Date,
        "amount": pl.Int64,
        "daily": pl.Boolean,
        "closed": pl.Boolean,
    }
)

# What is clawed back and not reopened.
CLOSED = pl.Schema({"placement_id": pl.String, "component": pl.String, "date": pl.Date})


class Books(NamedTuple):
    """What the ledger holds: `booked` has the columns of BOOKED, `closed` those of CLOSED."""

    booked: pl.DataFrame
    closed: pl.DataFrame


NO_BOOKS = Books(BOOKED.to_frame(), CLOSED.to_frame())


@dataclass(frozen=True)
class Facts:
    """The facts frames of a run, each with its own columns; `beside` sets those of its placement or organiser to them."""

    book: RuleBook
    as_of: dt.date
    placements: pl.DataFrame
    days: pl.DataFrame
    months: pl.DataFrame
    pauses: pl.DataFrame
    organisers: pl.DataFrame
    organiser_days: pl.DataFrame
    offer_days: pl.DataFrame

    def own(self, name: str) -> pl.DataFrame:
        frame: pl.DataFrame = getattr(self, name)
        return frame

    def beside(self, name: str, rows: pl.LazyFrame, columns: Iterable[str]) -> pl.LazyFrame:
        """Rows of a frame with those of `columns` (see schema.FRAMES) that they lack."""
        wanted = sorted(set(columns) - set(self.own(name).columns))
        if name in ("days", "months", "pauses"):
            return rows.with_columns(of_placement(self.placements, *wanted))
        if name in ("organiser_days", "offer_days") and wanted:
            organisers = self.organisers.select("organiser_id", *wanted).lazy()
            return rows.join(organisers, on="organiser_id", how="left", maintain_order="left")
        return rows


def build(tables: Tables, book: RuleBook, as_of: dt.date, booked: pl.DataFrame) -> Facts:
    """All facts; `booked` has the columns of BOOKED."""
    organisers = tables.table("organisers")
    placements = placement_facts(tables.table("placements"), organisers, book, as_of)
    pauses = _pauses(tables.table("pauses"), placements)
    approved = pauses.filter(pl.col("approved_on") <= pl.col("pause_from"))
    days: Days = day_facts(placements, tables.table("attendance"), tables.stated, approved, booked, book, as_of)
    return Facts(
        book,
        as_of,
        placements,
        days.days,
        days.months,
        pauses,
        _organisers(organisers),
        _staffed(organiser_days(placements, approved, tables.table("supervisors"), as_of), organisers, book),
        offer_days(placements, approved, tables.table("offers"), as_of),
    )


def _pauses(pauses: pl.DataFrame, placements: pl.DataFrame) -> pl.DataFrame:
    named = pauses.rename(BESIDE_PLACEMENTS["pauses"])
    return named.join(placements.select("_p", "placement_id"), on="placement_id", how="inner", maintain_order="left")


def _organisers(organisers: pl.DataFrame) -> pl.DataFrame:
    valid = organisers_valid(organisers["identity_number"], organisers["legal_form"], organisers["approved_from"])
    return organisers.with_columns(identity_valid=valid)


def _staffed(days: pl.DataFrame, organisers: pl.DataFrame, book: RuleBook) -> pl.DataFrame:
    """Adds participants_per_supervisor (the organiser's own, else the limit) and most_participants."""
    own = organisers.select("organiser_id", MOST_PARTICIPANTS)
    days = days.join(own, on="organiser_id", how="left", maintain_order="left").with_columns(
        pl.coalesce(MOST_PARTICIPANTS, dated_column(book.limits[MOST_PARTICIPANTS].values, pl.col("date")))
    )
    check_limit(
        MOST_PARTICIPANTS, "organiser_days", days.filter(pl.col(MOST_PARTICIPANTS).is_null(), pl.col("participants") > 0), "date", book
    )
    return days.with_columns(most_participants=pl.col("supervisors") * pl.col(MOST_PARTICIPANTS))
