"""Hashes over the books: each run's covers its own content and the run before; events are sealed in a chain of their own.

Who and when stand in the events, so that the hash of a run, which claim sheets show, depends on its input alone.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import polars as pl

from fatcli.ledger.schema import TABLES

GENESIS = "0" * 64  # before the first run, and before the first event

# the columns of `runs` that its hash covers; the *_sha256 columns stand for the rows and the document that belong to the run
HEADER = (
    "run", "kind", "month", "as_of", "version", "edition", "rules_sha256", "reason", "undoes",
    "inputs_sha256", "claims_sha256", "lines_sha256", "items_sha256", "document_sha256", "previous",
)  # fmt: skip
EVENT = ("event", "run", "kind", "at", "by", "account")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sealed(fields: Mapping[str, object]) -> str:
    """The sha256 of a JSON object: keys in order, ASCII, no spaces."""
    return sha256(json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_foreign).encode())


def _foreign(value: bytes) -> dict[str, str]:
    """Bytes where a text or number should stand: fat writes none there, so the hash must only differ from that of any text."""
    return {"bytes": value.hex()}


def seal(event: Mapping[str, object], previous: str, run_hash: str) -> str:
    """An event's seal, over itself, the seal before and its run's hash."""
    return sealed({name: event[name] for name in EVENT} | {"previous": previous, "run_hash": run_hash})


def digest(rows: pl.DataFrame) -> str:
    """The sha256 of rows, column by column: the values' lengths in bytes with commas between (`-`: null), a line break, the values.

    Numbers are written as decimal text. No two different tables give the same bytes, and any language can make them again.
    """
    found = hashlib.sha256(f"{rows.height}\n".encode())
    for column in rows:
        text = column.cast(pl.String)
        lengths = text.str.len_bytes().cast(pl.String).fill_null("-").str.join(",").item() if rows.height else ""
        values = text.drop_nulls().str.join("").item() if rows.height else ""
        found.update(f"{column.name}\n{lengths}\n".encode())
        found.update(values.encode())
    return found.hexdigest()


_OF_RUN = {
    "inputs": "SELECT {columns} FROM inputs WHERE run = ? ORDER BY input",
    "claims": "SELECT {columns} FROM claims WHERE run = ? ORDER BY claim",
    "lines": "SELECT {columns} FROM lines WHERE claim IN (SELECT claim FROM claims WHERE run = ?) ORDER BY line",
    "items": "SELECT {columns} FROM items WHERE line IN (SELECT line FROM lines JOIN claims USING (claim) WHERE run = ?) "
    "ORDER BY line, date",
}


def rows_of(connection: sqlite3.Connection, table: str, run: int) -> pl.DataFrame:
    """The rows of a run in one of schema.TABLES, in the order that they are hashed in."""
    schema = TABLES[table]
    return fetched(connection, _OF_RUN[table].format(columns=", ".join(schema)), schema, (run,))


def fetched(connection: sqlite3.Connection, query: str, schema: pl.Schema, parameters: tuple[object, ...] = ()) -> pl.DataFrame:
    """Rows as a frame, column by column: polars would read 2.5 in a frame of rows as 2. Raises TypeError for values of another kind."""
    rows = connection.execute(query, parameters).fetchall()
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    return pl.DataFrame([pl.Series(name, column, kind) for (name, kind), column in zip(schema.items(), columns, strict=True)])


@contextmanager
def lenient(connection: sqlite3.Connection) -> Iterator[None]:
    """Text that is no UTF-8 is read as what fat never wrote, to be told in its run; else SQLite refuses the whole table."""
    connection.text_factory = lambda data: data.decode(errors="surrogateescape")
    try:
        yield
    finally:
        connection.text_factory = str


def headers(connection: sqlite3.Connection) -> list[dict[str, object]]:
    """Every run without its document, in order."""
    names = (*HEADER, "hash")
    rows = connection.execute(f"SELECT {', '.join(names)} FROM runs ORDER BY run")  # noqa: S608  # column names of this module
    return [dict(zip(names, row, strict=True)) for row in rows]


def events(connection: sqlite3.Connection) -> list[dict[str, object]]:
    names = (*EVENT, "seal")
    rows = connection.execute(f"SELECT {', '.join(names)} FROM events ORDER BY event")  # noqa: S608  # column names of this module
    return [dict(zip(names, row, strict=True)) for row in rows]
