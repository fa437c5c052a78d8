"""What the books say, as frames and records."""

import datetime as dt
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from fatcli.facts import ITEM
from fatcli.ledger import chain
from fatcli.ledger.schema import TABLES
from fatcli.model import Month
from fatcli.result import Run
from fatcli.violations import masked


@dataclass(frozen=True)
class Entry:
    """A run in the log. `total_ore`: the sum of its claims; `attested`: name and day of each attestation; `files`: all are written."""

    number: int
    kind: str
    month: Month
    as_of: dt.date
    edition: str
    hash: str
    reason: str | None
    undoes: int | None
    claims: int
    total_ore: int
    booked_at: str
    booked_by: str
    attested: tuple[tuple[str, dt.date], ...]
    files: bool

    @property
    def run(self) -> Run:
        """With several attestations all names, and the day of the last."""
        names = ", ".join(name for name, _ in self.attested)
        return Run(self.number, self.hash, names or None, self.attested[-1][1] if self.attested else None)

    def shown(self) -> "Entry":
        """Without what looks like an identity number in the reason and the names, which are free text."""
        words = (self.reason, self.booked_by, *(name for name, _ in self.attested))
        reason, booked_by, *names = pl.select(masked(pl.lit(pl.Series(words)))).to_series()
        attested = tuple((name, day) for name, (_, day) in zip(names, self.attested, strict=True))
        return replace(self, reason=reason, booked_by=booked_by, attested=attested)


@dataclass(frozen=True)
class Counts:
    """How much is booked, over all runs; `hash`: of the last."""

    runs: int
    claims: int
    items: int
    total_ore: int
    hash: str


def log(connection: sqlite3.Connection) -> list[Entry]:
    """Every run, in order."""
    sums = {run: (count, total) for run, count, total in connection.execute("SELECT run, count(*), sum(total) FROM claims GROUP BY run")}
    events: dict[int, list[dict[str, object]]] = {}
    for event in chain.events(connection):
        events.setdefault(event["run"], []).append(event)  # type: ignore[arg-type]  # INTEGER NOT NULL
    runs = chain.headers(connection)
    # the number of a run is INTEGER NOT NULL
    return [_entry(run, events.get(run["run"], []), *sums.get(run["run"], (0, 0))) for run in runs]  # type: ignore[call-overload]


def _entry(run: Mapping[str, object], events: list[dict[str, object]], claims: int, total: int) -> Entry:
    booked = next((event for event in events if event["kind"] == "booked"), {})
    attested = [(str(event["by"]), dt.date.fromisoformat(str(event["at"])[:10])) for event in events if event["kind"] == "attested"]
    return Entry(
        number=int(str(run["run"])),
        kind=str(run["kind"]),
        month=Month.parse(str(run["month"])),
        as_of=dt.date.fromisoformat(str(run["as_of"])),
        edition=str(run["edition"]),
        hash=str(run["hash"]),
        reason=str(run["reason"]) if run["reason"] else None,
        undoes=int(str(run["undoes"])) if run["undoes"] else None,
        claims=claims,
        total_ore=total,
        booked_at=str(booked.get("at", "")),
        booked_by=str(booked.get("by", "")),
        attested=tuple(attested),
        files=run["kind"] == "undo" or (bool(events) and events[-1]["kind"] == "files"),
    )


def items(connection: sqlite3.Connection, run: int | None = None) -> pl.DataFrame:
    """Booked items with their line, claim, run and place, of one run or all, in the order that they were booked.

    Columns: run, run_kind, month, claim, those of entries.ITEMS, and the sha256 of the file.
    """
    kinds = dict(connection.execute("SELECT run, kind FROM runs WHERE ? IS NULL OR run = ? ORDER BY run", (run, run)).fetchall())
    return joined([{table: chain.rows_of(connection, table, number) for table in TABLES} for number in kinds], kinds)


def joined(runs: Sequence[Mapping[str, pl.DataFrame]], kinds: Mapping[int, str]) -> pl.DataFrame:
    """The frame of `items` from each run's rows, by the names of schema.TABLES."""
    tables = {name: pl.concat([schema.to_frame(), *(tables[name] for tables in runs)]) for name, schema in TABLES.items()}
    claims = tables["claims"].select("claim", "run", "month", organiser_id="organiser")
    claims = claims.with_columns(run_kind=pl.col("run").replace_strict(kinds).cast(pl.String))
    lines = tables["lines"].rename({"placement": "placement_id"}).join(claims, on="claim")
    inputs = tables["inputs"].drop("run")
    found = (
        tables["items"]
        .join(lines, on="line", how="inner", maintain_order="left")
        .join(inputs, on="input", how="left", maintain_order="left")
    )
    return found.with_columns(pl.col("date").str.to_date("%Y-%m-%d"), pl.col("daily").cast(pl.Boolean)).drop("line", "input")


def net(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per item of `items`: its sum over all runs, and what it was booked with last.

    Columns: ITEM, amount, month, participant, service, daily, run, claim.
    """
    latest = [pl.col(name).last() for name in ("month", "participant", "service", "daily", "run", "claim")]
    return rows.group_by(ITEM, maintain_order=True).agg(pl.col("amount").sum(), *latest)


def closed(connection: sqlite3.Connection) -> pl.DataFrame:
    """placement_id, component, date of the items of clawbacks that no run undoes."""
    query = """
    SELECT DISTINCT placement, component, date FROM items JOIN lines USING (line) JOIN claims USING (claim) JOIN runs USING (run)
    WHERE runs.kind = 'clawback' AND run NOT IN (SELECT undoes FROM runs WHERE undoes IS NOT NULL) ORDER BY 1, 2, 3
    """
    schema = pl.Schema({"placement_id": pl.String, "component": pl.String, "date": pl.String})
    return chain.fetched(connection, query, schema).with_columns(pl.col("date").str.to_date("%Y-%m-%d"))


def next_sequence(connection: sqlite3.Connection, month: Month) -> dict[str, int]:
    query = "SELECT organiser, max(sequence) + 1 FROM claims WHERE month = ? GROUP BY organiser"
    return dict(connection.execute(query, (str(month),)).fetchall())
