"""The ledger: what is booked, and booking. One SQLite file; a run is booked in one transaction, whole or not at all."""

import datetime as dt
import sqlite3
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from fatcli.errors import LedgerError
from fatcli.facts import BOOKED, ITEM, Books
from fatcli.ledger import archive, chain, reading, verify
from fatcli.ledger.entries import Booking, Entries, Start, entries
from fatcli.ledger.file import Head, connect, damaged, read_head, snapshot, transaction, worded, write_head
from fatcli.ledger.reading import Counts, Entry
from fatcli.ledger.schema import TABLES
from fatcli.ledger.verify import Finding
from fatcli.model import Month
from fatcli.result import Paid, Run
from fatcli.texts import Text


class HeadMoved(Exception):  # noqa: N818  # no error: a sign to compute again
    """Another run was booked since the caller read what is booked: open the ledger again, compute again, book then."""


class Ledger:
    """The books, open. Every method may raise LedgerError: locked, write-protected, damaged, disk full.

    `head`: the hash of the last run when the ledger was opened; nothing that is read afterwards is older.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._net: pl.DataFrame | None = None
        with self._reading():
            self.head = self._last("hash", "runs", "run")

    @classmethod
    def open(cls, path: Path, *, create: bool) -> Self:
        """The ledger at a path; where there is none, a new one, or without `create` an empty one that is written nowhere."""
        connection = connect(path, create=create)
        try:
            return cls(connection, path)
        except BaseException:
            connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def books(self) -> Books:
        """What rules and money are judged on. Raises LedgerError where the books are not what they were."""
        return Books(self.booked(), self.closed())

    def booked(self) -> pl.DataFrame:
        """What is booked, net: the columns of facts.BOOKED, one row per organiser, placement, component and date.

        Items that net to nothing are there only where they are closed. Raises LedgerError where the books are not what they were.
        """
        rows = self._items()
        closed = self.closed().with_columns(closed=pl.lit(value=True))
        net = rows.join(closed, on=["placement_id", "component", "date"], how="left", maintain_order="left")
        net = net.with_columns(pl.col("closed").fill_null(value=False)).filter((pl.col("amount") != 0) | pl.col("closed"))
        return net.select(BOOKED.names())

    def closed(self) -> pl.DataFrame:
        """What is clawed back and not reopened: the columns of facts.CLOSED."""
        with self._reading():
            return reading.closed(self._connection)

    def origin(self) -> pl.DataFrame:
        """organiser_id, placement_id, component, date, claim: the number of the claim that booked an item last."""
        return self._items().select(*ITEM, "claim")

    def last_as_of(self, month: Month) -> dt.date | None:
        """The as-of day of the month's last payout."""
        query = "SELECT as_of FROM runs WHERE kind = 'payout' AND month = ? ORDER BY run DESC LIMIT 1"
        with self._reading():
            found = self._connection.execute(query, (str(month),)).fetchone()
            return dt.date.fromisoformat(found[0]) if found else None

    def next_sequence(self, month: Month) -> Mapping[str, int]:
        """Organiser -> the sequence of its next claim of the month; an organiser that is not there has 1."""
        with self._reading():
            return reading.next_sequence(self._connection, month)

    def log(self, *, show_ids: bool = False) -> list[Entry]:
        """Every run, in order; with what looks like an identity number masked unless asked for."""
        with self._reading():
            log = reading.log(self._connection)
        return log if show_ids else [entry.shown() for entry in log]

    def entry(self, run: int, *, show_ids: bool = False) -> Entry:
        """One run of the log. Raises LedgerError where there is none."""
        log = self.log(show_ids=show_ids)
        for entry in log:
            if entry.number == run:
                return entry
        what = Text("det finns ingen körning {run}; den sista är {last}.", "there is no run {run}; the last is {last}.")
        last = log[-1].number if log else Text("ingen", "none")
        raise LedgerError(what.fill(run=run, last=last), Text("fat ledger log visar alla.", "fat ledger log shows them all."))

    def items(self, run: int | None = None) -> pl.DataFrame:
        """The items of one run, or all: see reading.items."""
        with self._reading():
            return reading.items(self._connection, run)

    def sound_items(self) -> pl.DataFrame:
        """All items, as every run's hashes say that they were booked. Raises LedgerError where the books are not what they were."""
        self.check()
        with self._reading():
            return reading.joined(self._sound_rows(), dict(self._connection.execute("SELECT run, kind FROM runs").fetchall()))

    def refuse_unsound(self) -> None:
        """Raises LedgerError where the books are not what they were, in any row."""
        self.check()
        self._sound_rows()

    def _sound_rows(self) -> list[dict[str, pl.DataFrame]]:
        with self._reading():
            runs, found = verify.rows(self._connection)
            self._refuse(found)
            return runs

    def document(self, run: int) -> Paid:
        """A run's outcome, from the ledger alone, with its number, hash and attestation."""
        entry = self.entry(run, show_ids=True)
        with self._reading():
            blob, sha256 = self._connection.execute("SELECT document, document_sha256 FROM runs WHERE run = ?", (run,)).fetchone()
            document = archive.unpacked(blob)
            if chain.sha256(document) != sha256:
                raise damaged(self._path)
            return replace(archive.restored(document), run=entry.run)

    def unfinished(self) -> list[int]:
        """Runs that were booked or attested after their files were last written."""
        query = """
        SELECT run FROM runs WHERE kind <> 'undo'
        AND (SELECT kind FROM events WHERE events.run = runs.run ORDER BY event DESC LIMIT 1) <> 'files' ORDER BY run
        """
        with self._reading():
            return [run for (run,) in self._connection.execute(query)]

    def book(self, booking: Booking, who: str, when: dt.datetime) -> Run:
        """Books a run. Raises HeadMoved where another was booked since `booking.base`, ValueError where items and claims disagree."""
        return self.book_all([booking], who, when)[0]

    def book_all(self, bookings: Sequence[Booking], who: str, when: dt.datetime) -> list[Run]:
        """Books several runs in one transaction, all or none, on the base of the first."""
        documents = [archive.canonical(booking.paid) for booking in bookings]
        with self._writing():
            if bookings[0].base != self._last("hash", "runs", "run"):
                raise HeadMoved
            runs = [self._insert(entries(booking, document, self._start())) for booking, document in zip(bookings, documents, strict=True)]
            for run in runs:
                self._record(run.number, "booked", who, who, when)
        return runs

    def last_event(self, run: int) -> int:
        """What happened last to a run: read before its document, it tells `record_files` what the files are of."""
        with self._reading():
            return self._last_event(run)

    def record_files(self, run: int, seen: int, who: str, when: dt.datetime) -> bool:
        """Notes that a run's files are written; False, and no note, where something has happened to it since the event `seen`.

        The files then show what was, and may lie where another process had written newer ones: read the document again, write again.
        """
        with self._writing():
            if self._last_event(run) != seen:
                return False
            if run in self.unfinished():
                self._record(run, "files", who, who, when)
            return True

    def attest(self, run: int, by: str, who: str, when: dt.datetime) -> None:
        """Notes a second person's approval, as told by the account `who`.

        Raises LedgerError for the one who booked, and for the same name twice.
        """
        with self._writing():
            self._sound_rows()
            entry = self.entry(run, show_ids=True)
            if _folded(by) == _folded(entry.booked_by):
                what = Text("{name} bokförde körning {run} och kan inte attestera den.", "{name} booked run {run} and can't attest it.")
                raise LedgerError(what.fill(name=by, run=run), Text("Låt en annan person attestera.", "Let another person attest it."))
            if _folded(by) in {_folded(name) for name, _ in entry.attested}:
                what = Text("{name} har redan attesterat körning {run}.", "{name} has already attested run {run}.")
                raise LedgerError(what.fill(name=by, run=run), Text("Inget mer behöver göras.", "Nothing more needs to be done."))
            self._record(run, "attested", by, who, when)

    def check(self) -> None:
        """The quick check that comes before each write. Raises LedgerError where the books are not what they were."""
        head = read_head(self._path)
        with self._reading():
            self._refuse(verify.quick(self._connection, head))

    def _refuse(self, found: list[Finding]) -> None:
        if found:
            what = Text("huvudboken är inte vad den var: {found}", "the ledger is not what it was: {found}").fill(
                found=verify.summary(found)
            )
            remedy = Text(
                "Inget bokförs. Kör fat ledger verify, och återställ den senaste säkerhetskopia som är hel.",
                "Nothing is booked. Run fat ledger verify, and restore the newest backup that is sound.",
            )
            raise LedgerError(what, remedy, place=str(self._path))

    def verify(self) -> list[Finding]:
        """Everything that is wrong with the books: every hash, total and number computed again. Empty: they are sound."""
        # the head is read first: it then lags behind the books or is level with them, also while another process books
        head = read_head(self._path)
        with self._reading():
            return verify.full(self._connection, head)

    def end_unknown(self) -> bool:
        """Runs are booked, but the head file, which shows whether some were cut off the end, is missing."""
        return self.head != chain.GENESIS and read_head(self._path) is None

    def counts(self) -> Counts:
        with self._reading():
            runs, claims, items, total = self._connection.execute(_COUNTS).fetchone()
        return Counts(runs, claims, items, total, self.head)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One state of the books; what fat never wrote there is damage, not a fault of ours."""
        try:
            with worded(self._path), snapshot(self._connection):
                yield
        except (sqlite3.Error, zlib.error, ValueError, TypeError, KeyError, pl.exceptions.PolarsError) as error:
            raise damaged(self._path) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with worded(self._path):
            with transaction(self._connection):
                # never write on books that were tampered with: the new head would hide what the old one tells
                self.check()
                yield
            self._net = None
            run = self._connection.execute("SELECT run, hash FROM runs ORDER BY run DESC LIMIT 1").fetchone()
            event = self._connection.execute("SELECT event, seal FROM events ORDER BY event DESC LIMIT 1").fetchone()
        if run and event:
            self.head = run[1]
            write_head(self._path, Head(*run, *event))

    def _items(self) -> pl.DataFrame:
        if self._net is None:
            self._net = reading.net(self.sound_items())
        return self._net

    def _last_event(self, run: int) -> int:
        found: int = self._connection.execute("SELECT coalesce(max(event), 0) FROM events WHERE run = ?", (run,)).fetchone()[0]
        return found

    def _last(self, column: str, table: str, order: str) -> str:
        found = self._connection.execute(f"SELECT {column} FROM {table} ORDER BY {order} DESC LIMIT 1").fetchone()  # noqa: S608  # names of this module
        return found[0] if found else chain.GENESIS

    def _start(self) -> Start:
        return Start(
            self._next("run", "runs"), self._next("input", "inputs"), self._next("line", "lines"), self._last("hash", "runs", "run")
        )

    def _next(self, column: str, table: str) -> int:
        found: int = self._connection.execute(f"SELECT coalesce(max({column}), 0) + 1 FROM {table}").fetchone()[0]  # noqa: S608  # names of this module
        return found

    def _insert(self, rows: Entries) -> Run:
        self._connection.execute(_insert("runs", rows.run), tuple(rows.run.values()))
        for table, columns in TABLES.items():
            self._connection.executemany(_insert(table, columns), rows.tables[table].iter_rows())
        return Run(int(str(rows.run["run"])), str(rows.run["hash"]))

    def _record(self, run: int, kind: str, by: str, account: str, when: dt.datetime) -> None:
        (run_hash,) = self._connection.execute("SELECT hash FROM runs WHERE run = ?", (run,)).fetchone()
        event = {
            "event": self._next("event", "events"),
            "run": run,
            "kind": kind,
            "at": when.isoformat(timespec="seconds"),
            "by": by,
            "account": account,
        }
        event["seal"] = chain.seal(event, self._last("seal", "events", "event"), run_hash)
        self._connection.execute(_insert("events", event), tuple(event.values()))


_COUNTS = "SELECT (SELECT count(*) FROM runs), count(*), coalesce(sum(items), 0), coalesce(sum(total), 0) FROM claims"


def _insert(table: str, columns: Mapping[str, object]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  # names of this package


def _folded(name: str) -> str:
    """A name as two spellings of it are compared: composed or not, wide or narrow, with unseen characters, in capitals, spaced."""
    seen = "".join(character for character in name if unicodedata.category(character) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold()).split())
