"""The ledger's file at the edge: opening and creating it, SQLite's errors put into words, and the head file beside it."""

import contextlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

from fatcli.errors import LedgerError
from fatcli.ledger import schema
from fatcli.texts import Text

WAIT_SECONDS = 10.0  # for another process that writes


@dataclass(frozen=True)
class Head:
    """The last run and event, as the head file beside the ledger remembers them: what is cut off the ledger's end shows there."""

    run: int
    hash: str
    event: int
    seal: str


@contextlib.contextmanager
def worded(path: Path) -> Iterator[None]:
    """SQLite's and the file system's errors as LedgerError; a fault of ours passes."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        words = _WORDS.get(code & 0xFF) if code is not None else None
        if words is None:
            raise
        raise LedgerError(*words, place=str(path)) from error
    except OSError as error:
        what = Text("huvudboken går inte att öppna ({reason}).", "the ledger can't be opened ({reason}).")
        raise LedgerError(what.fill(reason=error.strerror or type(error).__name__), _REACH, place=str(path)) from error


_REACH = Text(
    "Kontrollera att mappen finns och att du får skriva i den, och kör igen.",
    "Check that the folder exists and that you may write in it, and run again.",
)
_LOCKED = (
    Text(
        "huvudboken används av en annan körning av fat, eller av ett annat program.",
        "another run of fat, or another program, holds the ledger.",
    ),
    Text(
        "Vänta tills den är klar, stäng andra program som har filen öppen, och kör igen.",
        "Wait until it is done, close other programs that have the file open, and run again.",
    ),
)
_READ_ONLY = (
    Text("huvudboken, eller mappen den ligger i, är skrivskyddad.", "the ledger, or the folder it lies in, is write-protected."),
    _REACH,
)
_DAMAGED = (
    Text("huvudboken är skadad.", "the ledger is damaged."),
    Text(
        "Rör inte filen. Återställ den senaste säkerhetskopian, och kontrollera den med fat ledger verify.",
        "Leave the file as it is. Restore the newest backup, and check it with fat ledger verify.",
    ),
)
_FOLDER = (
    Text("huvudboken ska vara en fil, men här finns en mapp.", "the ledger must be a file, but here is a folder."),
    Text(
        "Flytta mappen, eller ange en fil i fat.yaml (ledger) eller FAT_LEDGER.",
        "Move the folder, or name a file in fat.yaml (ledger) or FAT_LEDGER.",
    ),
)
_NOT_A_LEDGER = (
    Text("filen är ingen huvudbok.", "the file is not a ledger."),
    Text("Ange huvudboken i fat.yaml (ledger) eller FAT_LEDGER.", "Name the ledger in fat.yaml (ledger) or FAT_LEDGER."),
)
_FULL = (
    Text("disken är full; inget är bokfört.", "the disk is full; nothing is booked."),
    Text("Frigör utrymme och kör igen.", "Free some space and run again."),
)
_UNREADABLE = (
    Text(
        "huvudboken går inte att läsa eller skriva (fel från disken eller nätverket).",
        "the ledger can't be read or written (an error of the disk or network).",
    ),
    Text(
        "Kontrollera disken eller nätverket och kör igen; inget är halvt bokfört.",
        "Check the disk or network and run again; nothing is half booked.",
    ),
)
_WORDS = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _NOT_A_LEDGER,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _UNREADABLE,
}


def damaged(path: Path) -> LedgerError:
    return LedgerError(*_DAMAGED, place=str(path))


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """The ledger's file, of the newest version; where there is none, a new one, or without `create` an empty one in memory.

    Raises LedgerError.
    """
    with worded(path):
        if path.is_dir():
            raise LedgerError(*_FOLDER, place=str(path))
        if _empty(path):
            _refuse_lost(path)
            if not create:
                return _prepared(sqlite3.connect(":memory:", isolation_level=None))
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        connection = sqlite3.connect(path.absolute(), timeout=WAIT_SECONDS, isolation_level=None)
        try:
            with snapshot(connection):
                _check_kind(connection, path)
            return _prepared(connection)
        except BaseException:
            connection.close()
            raise


def _empty(path: Path) -> bool:
    """No file, or one without a byte: what a run leaves that was killed before it had made the tables."""
    try:
        return path.stat().st_size == 0 and not _journal(path).exists()
    except FileNotFoundError:
        return True


def _refuse_lost(path: Path) -> None:
    head = read_head(path)
    if head is not None:
        what = Text(
            "huvudboken saknas eller är tom, men {head} säger att {n} körningar är bokförda.",
            "the ledger is missing or empty, but {head} says that {n} runs are booked.",
        ).fill(head=head_path(path).name, n=head.run)
        remedy = Text(
            "Återställ huvudboken från den senaste säkerhetskopian. Att börja om från noll skulle betala allt en gång till.",
            "Restore the ledger from the newest backup. Starting from nothing would pay everything again.",
        )
        raise LedgerError(what, remedy, place=str(path))


def _check_kind(connection: sqlite3.Connection, path: Path) -> None:
    kind = connection.execute("PRAGMA application_id").fetchone()[0]
    strange = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() and kind != schema.APPLICATION_ID
    if strange:
        raise LedgerError(*_NOT_A_LEDGER, place=str(path))
    if kind == schema.APPLICATION_ID and schema.version(connection) < 1:
        what = Text(
            "huvudboken är inte vad den var: dess versionsnummer (user_version) är ändrat.",
            "the ledger is not what it was: its version number (user_version) was changed.",
        )
        raise LedgerError(what, _DAMAGED[1], place=str(path))
    if schema.version(connection) > len(schema.MIGRATIONS):
        what = Text("huvudboken är skriven av en nyare version av fat.", "the ledger was written by a newer version of fat.")
        raise LedgerError(what, Text("Uppgradera fat och kör igen.", "Upgrade fat and run again."), place=str(path))


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    # a rollback journal also works on network drives; EXTRA keeps a commit through a power loss
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA foreign_keys = ON")
    # 64 MiB, so that a large run is not written to the disk, and synced, before it is complete
    connection.execute("PRAGMA cache_size = -65536")
    schema.migrate(connection)
    return connection


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and alone: the ledger is locked for writing from the start."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


@contextlib.contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """One state of the books for all that is read inside, also when another process books meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.rollback()


def head_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.head")


def _journal(path: Path) -> Path:
    """What SQLite writes beside the ledger while a run is booked."""
    return path.with_name(f"{path.name}-journal")


def companions(path: Path) -> tuple[Path, ...]:
    """The files that belong to a ledger and lie beside it."""
    return head_path(path), _journal(path)


def read_head(path: Path) -> Head | None:
    """The head file; None where there is none. Raises LedgerError where it can't be read."""
    try:
        return _head(json.loads(head_path(path).read_text(encoding="ascii")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, RecursionError) as error:
        what = Text("filen går inte att läsa.", "the file can't be read.")
        remedy = Text(
            "Kontrollera huvudboken med en säkerhetskopia; ta sedan bort filen, nästa körning skriver en ny.",
            "Check the ledger against a backup; then remove the file, the next run writes a new one.",
        )
        raise LedgerError(what, remedy, place=str(head_path(path))) from error


def _head(fields: dict[str, Any]) -> Head:
    head = Head(**fields)
    if [type(value) for value in astuple(head)] != [int, str, int, str]:
        raise TypeError
    return head


def write_head(path: Path, head: Head) -> None:
    """Written aside and renamed. It may lag behind the ledger, so a failure is left for the next run to mend."""
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(prefix=".fat-", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(json.dumps(asdict(head)) + "\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(head_path(path))
        finally:
            Path(name).unlink(missing_ok=True)
