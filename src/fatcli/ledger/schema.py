"""The tables of the books: append-only by triggers, of one version each, readable with any SQLite tool.

An item is a day of a line: line, date, amount, and the cell it was read from. A line belongs to a claim, a claim to a run.
Columns whose type matters are checked with typeof: SQLite's own STRICT tables can't be opened before version 3.37.
"""

import sqlite3
from collections.abc import Mapping

import polars as pl

APPLICATION_ID = 0x46415442  # "FATB", in the file's header: these are fat's books
_KEYS = {"runs": "run", "inputs": "input", "claims": "claim", "lines": "line", "items": "line", "events": "event"}

_FIRST = """
CREATE TABLE runs (
  run INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('payout', 'clawback', 'undo')),
  month TEXT NOT NULL,
  as_of TEXT NOT NULL,
  version TEXT NOT NULL,
  edition TEXT NOT NULL,
  rules_sha256 TEXT NOT NULL,
  reason TEXT,
  undoes INTEGER REFERENCES runs (run),
  inputs_sha256 TEXT NOT NULL,
  claims_sha256 TEXT NOT NULL,
  lines_sha256 TEXT NOT NULL,
  items_sha256 TEXT NOT NULL,
  document_sha256 TEXT NOT NULL,
  previous TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL UNIQUE,
  document BLOB NOT NULL
);
CREATE TABLE inputs (
  input INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (run),
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  sheet TEXT
);
CREATE TABLE claims (
  claim TEXT PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (run),
  organiser TEXT NOT NULL,
  month TEXT NOT NULL,
  sequence INTEGER NOT NULL CHECK (typeof(sequence) = 'integer' AND sequence > 0),
  items INTEGER NOT NULL CHECK (typeof(items) = 'integer' AND items > 0),
  total INTEGER NOT NULL CHECK (typeof(total) = 'integer'),
  UNIQUE (organiser, month, sequence)
);
CREATE TABLE lines (
  line INTEGER PRIMARY KEY,
  claim TEXT NOT NULL REFERENCES claims (claim),
  placement TEXT NOT NULL,
  participant TEXT NOT NULL,
  service TEXT NOT NULL,
  component TEXT NOT NULL,
  daily INTEGER NOT NULL CHECK (daily IN (0, 1)),
  kind TEXT NOT NULL CHECK (kind IN ('claim', 'adjustment', 'reversal'))
);
CREATE TABLE items (
  line INTEGER NOT NULL REFERENCES lines (line),
  date TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (typeof(amount) = 'integer' AND amount <> 0),
  input INTEGER REFERENCES inputs (input),
  row INTEGER,
  col INTEGER,
  PRIMARY KEY (line, date)
) WITHOUT ROWID;
CREATE TABLE events (
  event INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES runs (run),
  kind TEXT NOT NULL CHECK (kind IN ('booked', 'files', 'attested')),
  at TEXT NOT NULL,
  by TEXT NOT NULL,
  account TEXT NOT NULL,
  seal TEXT NOT NULL UNIQUE
);
CREATE INDEX inputs_run ON inputs (run);
CREATE INDEX claims_run ON claims (run);
CREATE INDEX lines_claim ON lines (claim);
CREATE INDEX events_run ON events (run);
"""
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END;\n"
_FIRST += "".join(
    f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} {_REFUSE}" for table in _KEYS for verb in ("update", "delete")
)
# INSERT OR REPLACE deletes without asking the triggers above. Items have no such trigger, it would double the time of booking a large
# run: an item that was replaced, or added to a booked run, is found by its hash.
_FIRST += "".join(  # the names are those above
    f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) {_REFUSE}"  # noqa: S608  # names of this module
    for table, key in _KEYS.items()
    if table != "items"
)

# One script per version of the books, each leading from the version before; never changed once released.
MIGRATIONS = (_FIRST,)

# The columns that each table's hash covers, in order.
TABLES: Mapping[str, pl.Schema] = {
    "inputs": pl.Schema({"input": pl.Int64, "run": pl.Int64, "file": pl.String, "sha256": pl.String, "sheet": pl.String}),
    "claims": pl.Schema(
        {
            "claim": pl.String,
            "run": pl.Int64,
            "organiser": pl.String,
            "month": pl.String,
            "sequence": pl.Int64,
            "items": pl.Int64,
            "total": pl.Int64,
        }
    ),
    "lines": pl.Schema(
        {
            "line": pl.Int64,
            "claim": pl.String,
            "placement": pl.String,
            "participant": pl.String,
            "service": pl.String,
            "component": pl.String,
            "daily": pl.Int64,
            "kind": pl.String,
        }
    ),
    "items": pl.Schema({"line": pl.Int64, "date": pl.String, "amount": pl.Int64, "input": pl.Int64, "row": pl.Int64, "col": pl.Int64}),
}


def version(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the books to the newest version, each step in one transaction; two processes at once do it once."""
    while version(connection) < len(MIGRATIONS):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if (at := version(connection)) < len(MIGRATIONS):
                for statement in _statements(MIGRATIONS[at]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {at + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise


def _statements(script: str) -> list[str]:
    # executescript would commit on its own
    found, statement = [], ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            found.append(statement.strip())
            statement = ""
    return found


def objects(connection: sqlite3.Connection) -> dict[str, str]:
    """`table items`, `trigger items_no_update`, … with the SQL that made each."""
    # SQLite's own tables, such as those of ANALYZE, begin with sqlite_
    rows = connection.execute(
        "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*' ORDER BY 1"
    )
    return dict(rows.fetchall())


def expected_objects() -> dict[str, str]:
    """The objects of sound books of the newest version."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection)
        return objects(connection)
    finally:
        connection.close()
