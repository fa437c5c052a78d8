"""Are the books what they were? Every hash, total and number computed again from the rows."""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from fatcli.ledger import archive, chain, schema
from fatcli.ledger.file import Head
from fatcli.model import sek
from fatcli.texts import Text

Row = dict[str, Any]
_MOST = 20  # of what is missing in a row, so many are named


@dataclass(frozen=True)
class Finding:
    """What is wrong, and in which run; `run` is None where it concerns the file as a whole."""

    run: int | None
    what: Text


def quick(connection: sqlite3.Connection, head: Head | None) -> list[Finding]:
    """What can be told without reading items and documents: tables and triggers, both chains, and the end of the books."""
    found = list(_schema(connection))
    if _unreadable(connection):
        return found
    with chain.lenient(connection):
        runs, events = chain.headers(connection), chain.events(connection)
    return [*found, *_runs(runs), *_events(events, runs), *_end(connection, runs, events, head)]


def rows(connection: sqlite3.Connection) -> tuple[list[dict[str, pl.DataFrame]], list[Finding]]:
    """The rows of every run, by the names of schema.TABLES, and where they are not those that its hashes cover."""
    tables, found = [], []
    for run in chain.headers(connection):
        frames, wrong = _rows(connection, run)
        tables.append(frames)
        found += wrong
    return tables, [*found, *_strays(connection)]


def full(connection: sqlite3.Connection, head: Head | None) -> list[Finding]:
    """Everything: `quick`, the file's own soundness, and every row, total, claim number and document."""
    found = [*_integrity(connection), *quick(connection, head)]
    if _unreadable(connection):
        return found
    with chain.lenient(connection):
        runs: list[Row] = chain.headers(connection)
        for run in runs:
            frames, wrong = _rows(connection, run)
            found += [*wrong, *_sums(run["run"], frames), *_document(connection, run, frames.get("claims"))]
        return [*found, *_strays(connection), *_numbering(connection)]


def _schema(connection: sqlite3.Connection) -> Iterator[Finding]:
    found, expected = schema.objects(connection), schema.expected_objects()
    for name in sorted(found.keys() | expected.keys()):
        if name not in found:
            yield Finding(None, Text(f"{name} saknas.", f"{name} is missing."))
        elif name not in expected:
            yield Finding(None, Text(f"{name} har lagts till.", f"{name} was added."))
        elif found[name] != expected[name]:
            yield Finding(None, Text(f"{name} är ändrad.", f"{name} was changed."))


def _unreadable(connection: sqlite3.Connection) -> bool:
    """A table is missing or changed: what should stand in it can't be asked for."""
    found = schema.objects(connection)
    return any(found.get(name) != sql for name, sql in schema.expected_objects().items() if name.startswith("table "))


def _integrity(connection: sqlite3.Connection) -> Iterator[Finding]:
    for (line,) in connection.execute("PRAGMA integrity_check(20)").fetchall():
        if line != "ok":
            yield Finding(None, Text(f"filen är skadad: {line}.", f"the file is damaged: {line}."))
    for table, *_ in connection.execute("PRAGMA foreign_key_check").fetchmany(1):
        yield Finding(None, Text(f"rader i {table} hör inte till något.", f"rows of {table} belong to nothing."))


def _runs(runs: list[Row]) -> Iterator[Finding]:
    """The chain of runs: numbers without gaps, each hash right, each following the run before."""
    by_hash = {run["hash"]: run["run"] for run in runs}
    before, number = chain.GENESIS, 0
    for run in runs:
        yield from (Finding(gone, Text("körningen saknas.", "the run is missing.")) for gone in _between(number, run["run"]))
        if chain.sealed({name: run[name] for name in chain.HEADER}) != run["hash"]:
            yield Finding(run["run"], _moved(run, runs) or Text("körningens uppgifter är ändrade.", "the run's own data were changed."))
        elif run["previous"] != before:
            yield Finding(run["run"], _follows(run, by_hash))
        before, number = run["hash"], run["run"]


def _between(before: int, after: int) -> range:
    """The numbers between two; of many the first, as a forged number may be any."""
    return range(before + 1, after)[:_MOST]


def _moved(run: Row, runs: list[Row]) -> Text | None:
    """Where a run's number was swapped with another's, its hash still fits the old number."""
    fields = {name: run[name] for name in chain.HEADER}
    for other in runs:
        if chain.sealed(fields | {"run": other["run"]}) == run["hash"]:
            return Text(
                f"bokfördes som körning {other['run']}: körningarna har bytt plats.",
                f"was booked as run {other['run']}: runs were swapped.",
            )
    return None


def _follows(run: Row, by_hash: dict[str, int]) -> Text:
    if run["previous"] in by_hash:
        other = by_hash[run["previous"]]
        return Text(f"följer på körning {other}, inte på den som står före.", f"follows run {other}, not the one before it.")
    return Text(
        "körningen före är inte den som stod där när denna bokfördes.",
        "the run before is not the one that stood there when this one was booked.",
    )


def _events(events: list[Row], runs: list[Row]) -> Iterator[Finding]:
    hashes = {run["run"]: run["hash"] for run in runs}
    before, number = chain.GENESIS, 0
    for event in events:
        for gone in _between(number, event["event"]):
            yield Finding(None, Text(f"händelse {gone} saknas.", f"event {gone} is missing."))
        known = event["run"] in hashes
        if not known or chain.seal(event, before, hashes[event["run"]]) != event["seal"]:
            what = Text("händelse {n} ({kind}) är ändrad, eller följer på en annan.", "event {n} ({kind}) was changed, or follows another.")
            yield Finding(event["run"] if known else None, what.fill(n=event["event"], kind=event["kind"]))
        before, number = event["seal"], event["event"]
    booked = {event["run"] for event in events if event["kind"] == "booked"}
    for run in runs:
        if run["run"] not in booked:
            yield Finding(run["run"], Text("det saknas uppgift om vem som bokförde.", "who booked it is missing."))


def _end(connection: sqlite3.Connection, runs: list[Row], events: list[Row], head: Head | None) -> Iterator[Finding]:
    """What is cut off the end shows in SQLite's own counters and in the head file."""
    counters = dict(connection.execute("SELECT name, seq FROM sqlite_sequence WHERE typeof(seq) = 'integer'").fetchall())
    last_run, last_event = (rows[-1][name] if rows else 0 for rows, name in ((runs, "run"), (events, "event")))
    reached = max(counters.get("runs", 0), head.run if head else 0)
    yield from (
        Finding(gone, Text("körningen är bortklippt från slutet.", "the run was cut off the end."))
        for gone in _between(last_run, reached + 1)
    )
    reached = max(counters.get("events", 0), head.event if head else 0)
    for gone in _between(last_event, reached + 1):
        yield Finding(None, Text(f"händelse {gone} är bortklippt från slutet.", f"event {gone} was cut off the end."))
    for name, last in (("runs", last_run), ("events", last_event)):
        if counters.get(name, 0) < last:
            yield Finding(None, Text(f"räknaren för {name} är ändrad.", f"the counter of {name} was changed."))
    if head:
        yield from _against(head, runs, events)


def _against(head: Head, runs: list[Row], events: list[Row]) -> Iterator[Finding]:
    hashes, seals = {run["run"]: run["hash"] for run in runs}, {event["event"]: event["seal"] for event in events}
    if hashes.get(head.run, head.hash) != head.hash:
        what = Text("är inte den körning som sidofilen (.head) minns.", "is not the run that the head file (.head) remembers.")
        yield Finding(head.run, what)
    if seals.get(head.event, head.seal) != head.seal:
        what = Text(
            f"händelse {head.event} är inte den som sidofilen (.head) minns.",
            f"event {head.event} is not the one that the head file (.head) remembers.",
        )
        yield Finding(None, what)


_TITLES = {
    "inputs": Text("underlagets rader", "the input rows"),
    "claims": Text("rekvisitionerna", "the claims"),
    "lines": Text("rekvisitionernas rader", "the claim lines"),
    "items": Text("posterna", "the items"),
}


def _rows(connection: sqlite3.Connection, run: Row) -> tuple[dict[str, pl.DataFrame], list[Finding]]:
    """The rows that hang on a run's hash, by table, without those that can't be read; and what is wrong with them."""
    frames: dict[str, pl.DataFrame] = {}
    found = []
    for table, title in _TITLES.items():
        try:
            frames[table] = chain.rows_of(connection, table, run["run"])
        except (TypeError, ValueError, sqlite3.OperationalError):
            what = Text("{title} har värden av fel slag.", "{title} have values of the wrong kind.")
            found.append(Finding(run["run"], what.fill(title=title)))
            continue
        if chain.digest(frames[table]) != run[f"{table}_sha256"]:
            what = Text(
                "{title} är ändrade: något är ändrat, borttaget, tillagt eller omkastat.",
                "{title} were changed: something is altered, removed, added or swapped.",
            )
            found.append(Finding(run["run"], what.fill(title=title)))
    return frames, found


def _sums(number: int, frames: dict[str, pl.DataFrame]) -> Iterator[Finding]:
    """Every claim's count and total against its items, where all can be read."""
    if len(frames) < len(_TITLES):
        return
    items = frames["items"].join(frames["lines"].select("line", "claim"), on="line")
    sums = {claim: (count, total) for claim, count, total in items.group_by("claim").agg(pl.len(), pl.col("amount").sum()).iter_rows()}
    for claim, count, total in frames["claims"].select("claim", "items", "total").iter_rows():
        found_count, found_total = sums.get(claim, (0, 0))
        if found_count != count:
            what = Text("rekvisition {claim} har {found} poster, inte {count}.", "claim {claim} has {found} items, not {count}.")
            yield Finding(number, what.fill(claim=claim, found=found_count, count=count))
        if found_total != total:
            what = Text(
                "rekvisition {claim}: posterna blir {found} kr, inte {total} kr.",
                "claim {claim}: its items come to SEK {found}, not {total}.",
            )
            yield Finding(number, what.fill(claim=claim, found=sek(found_total), total=sek(total)))


def _document(connection: sqlite3.Connection, run: Row, claims: pl.DataFrame | None) -> Iterator[Finding]:
    (blob,) = connection.execute("SELECT document FROM runs WHERE run = ?", (run["run"],)).fetchone()
    try:
        document = archive.unpacked(blob)
    except (zlib.error, TypeError):
        document = b""
    if chain.sha256(document) != run["document_sha256"]:
        yield Finding(run["run"], Text("körningens dokument är ändrat.", "the run's document was changed."))
    elif claims is not None:
        written = {claim.number: claim.total_ore for claim in archive.restored(document).claims if claim.booked}
        if written != dict(claims.select("claim", "total").iter_rows()):
            what = Text("dokumentets rekvisitioner är inte de bokförda.", "the document's claims are not those booked.")
            yield Finding(run["run"], what)


_STRAYS = {
    "items": "SELECT count(*) FROM items LEFT JOIN lines USING (line) WHERE lines.line IS NULL",
    "lines": "SELECT count(*) FROM lines LEFT JOIN claims USING (claim) WHERE claims.claim IS NULL",
    "claims": "SELECT count(*) FROM claims LEFT JOIN runs USING (run) WHERE runs.run IS NULL",
    "inputs": "SELECT count(*) FROM inputs LEFT JOIN runs USING (run) WHERE runs.run IS NULL",
}


def _strays(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Rows that hang on nothing, and so on no hash."""
    for table, query in _STRAYS.items():
        if count := connection.execute(query).fetchone()[0]:
            what = Text("{n} rader i {table} hör inte till någon körning.", "{n} rows of {table} belong to no run.")
            yield Finding(None, what.fill(n=count, table=table))


def _numbering(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Claim numbers are in sequence for each organiser and month, and say what they are of."""
    expected: dict[tuple[str, str], int] = {}
    for claim, run, organiser, month, sequence in connection.execute(
        "SELECT claim, run, organiser, month, sequence FROM claims ORDER BY run, claim"
    ):
        number = expected[month, organiser] = expected.get((month, organiser), 0) + 1
        if sequence != number or claim != f"{month}/{organiser}/{sequence}":
            what = Text("rekvisitionsnumret {claim} är inte nästa i ordningen.", "claim number {claim} is not the next in sequence.")
            yield Finding(run, what.fill(claim=claim))


def summary(findings: Iterable[Finding], most: int = 3) -> Text:
    """The first findings as one text."""
    shown = list(findings)
    parts = [named(finding) for finding in shown[:most]]
    more = len(shown) - most
    tail = Text(f" … och {more} till.", f" … and {more} more.") if more > 0 else Text("", "")
    return Text(" ".join(part.sv for part in parts) + tail.sv, " ".join(part.en for part in parts) + tail.en)


def named(finding: Finding) -> Text:
    """A finding with its run: `run 7: the items were changed`."""
    if finding.run is None:
        return finding.what
    return Text(f"körning {finding.run}: {finding.what.sv}", f"run {finding.run}: {finding.what.en}")
