"""A run to book as rows of the books: its inputs, claims, lines and items, and the run row that their hashes stand in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from fatcli.ledger import archive, chain
from fatcli.ledger.schema import TABLES
from fatcli.result import Claim, Paid

RunKind = Literal["payout", "clawback", "undo"]

# What a run books, item by item; `amount` in öre, never 0; file, sheet, row and col (0-based) of the report, null where there is none.
ITEMS = pl.Schema(
    {
        "organiser_id": pl.String,
        "placement_id": pl.String,
        "participant": pl.String,
        "service": pl.String,
        "component": pl.String,
        "date": pl.Date,
        "daily": pl.Boolean,
        "kind": pl.String,
        "amount": pl.Int64,
        "file": pl.String,
        "sheet": pl.String,
        "row": pl.Int64,
        "col": pl.Int64,
    }
)
_LINE = ["claim", "placement", "participant", "service", "component", "daily", "kind"]


@dataclass(frozen=True)
class Booking:
    """A run to book.

    paid: the claims to book are numbered and `booked`; month, as-of day, version, rule book and inputs are taken from it.
    items: the columns of ITEMS, for those claims alone. base: `Ledger.head`, read before anything was computed from the ledger.
    """

    kind: RunKind
    paid: Paid
    items: pl.DataFrame
    base: str
    reason: str | None = None
    undoes: int | None = None


@dataclass(frozen=True)
class Start:
    """The numbers that the run's first rows get, and the hash of the run before."""

    run: int
    input: int
    line: int
    previous: str


@dataclass(frozen=True)
class Entries:
    """The rows to insert: `run` a row of runs, `tables` by the names of schema.TABLES."""

    run: Mapping[str, object]
    tables: Mapping[str, pl.DataFrame]


def entries(booking: Booking, document: bytes, start: Start) -> Entries:
    """The rows of a run, with their hashes. Raises ValueError where items and claims do not agree: a fault of ours."""
    tables = _tables(booking, start)
    checked = booking.paid.checked
    run: dict[str, object] = {
        "run": start.run,
        "kind": booking.kind,
        "month": str(booking.paid.month),
        "as_of": checked.as_of.isoformat(),
        "version": checked.version,
        "edition": checked.edition,
        "rules_sha256": checked.rules_sha256,
        "reason": booking.reason,
        "undoes": booking.undoes,
        **{f"{name}_sha256": chain.digest(frame) for name, frame in tables.items()},
        "document_sha256": chain.sha256(document),
        "previous": start.previous,
    }
    return Entries(run | {"hash": chain.sealed(run), "document": archive.packed(document)}, tables)


def _tables(booking: Booking, start: Start) -> dict[str, pl.DataFrame]:
    claims = [claim for claim in booking.paid.claims if claim.booked]
    inputs = _inputs(booking.paid, start)
    lines, items = _lines(booking.items, claims, inputs, start)
    counts = items.join(lines.select("line", "claim"), on="line").group_by("claim").agg(pl.len(), pl.col("amount").sum())
    found = {claim: (count, total) for claim, count, total in counts.iter_rows()}
    rows = [_claim(claim, start.run, *found.pop(str(claim.number), (0, 0))) for claim in claims]
    return {
        "inputs": inputs,
        "claims": pl.DataFrame(rows, schema=TABLES["claims"], orient="row").sort("claim"),
        "lines": lines,
        "items": items,
    }


def _claim(claim: Claim, run: int, count: int, total: int) -> tuple[str, int, str, str, int, int, int]:
    month, _, rest = str(claim.number).partition("/")
    sequence = int(rest.rpartition("/")[2])
    if total != claim.total_ore or not count:
        raise ValueError(f"claim {claim.number}: {count} items of {total} öre, claimed {claim.total_ore}")
    return str(claim.number), run, claim.organiser, month, sequence, count, total


def _inputs(paid: Paid, start: Start) -> pl.DataFrame:
    """A row per sheet that was read; a file without any has one row."""
    sheets: list[tuple[str, str, str | None]] = []
    for file in paid.checked.inputs:
        names = sorted({table.sheet for table in file.tables})
        sheets += [(file.file, file.sha256, name) for name in names] or [(file.file, file.sha256, None)]
    rows = [(number, start.run, *sheet) for number, sheet in enumerate(sheets, start.input)]
    return pl.DataFrame(rows, schema=TABLES["inputs"], orient="row")


def _lines(items: pl.DataFrame, claims: list[Claim], inputs: pl.DataFrame, start: Start) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines, and items by line and date."""
    numbers = {claim.organiser: str(claim.number) for claim in claims}
    rows = items.select(
        pl.col("organiser_id").replace_strict(numbers).alias("claim"),
        pl.col("placement_id").alias("placement"),
        "participant",
        "service",
        "component",
        pl.col("daily").cast(pl.Int64),
        "kind",
        pl.col("date").dt.to_string("%Y-%m-%d"),
        "amount",
        "file",
        "sheet",
        "row",
        "col",
    ).sort(*_LINE, "date")
    rows = rows.with_columns(line=pl.struct(_LINE).rle_id().cast(pl.Int64) + start.line)
    lines = rows.unique("line", maintain_order=True).select(TABLES["lines"].names())
    places = inputs.select("input", "file", "sheet")
    placed = rows.join(places, on=["file", "sheet"], how="left", maintain_order="left")
    if placed["input"].null_count() != rows["file"].null_count():
        raise ValueError("an item names a sheet that is not among the inputs")
    return lines, placed.select(TABLES["items"].names())
