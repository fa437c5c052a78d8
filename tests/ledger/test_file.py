import errno
import multiprocessing
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from books import BOOKED_BY, NOON, book, booking, item

from fatcli.errors import LedgerError
from fatcli.ledger import HeadMoved, Ledger, file, schema


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


def refusal(path, *, create=True):
    with pytest.raises(LedgerError) as caught:
        Ledger.open(path, create=create).close()
    assert caught.value.exit_code == 4
    assert caught.value.place == str(path)
    return caught.value.what.en


@pytest.mark.parametrize("content", [b"not a database, but long enough to be read as one " * 20, b"PK\x03\x04" + b"\0" * 2000])
def test_a_file_that_is_no_database(path, content):
    path.write_bytes(content)
    assert refusal(path) == "the file is not a ledger."
    assert path.read_bytes() == content


def test_another_database(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE stock (x)")
    connection.close()
    before = path.read_bytes()
    assert refusal(path) == "the file is not a ledger."
    assert path.read_bytes() == before


def test_the_file_says_in_its_header_whose_books_it_holds(path):
    book(path, item("P1", 2))
    assert path.read_bytes()[68:72] == b"FATB"  # where SQLite's files have their application's id


def test_a_ledger_of_a_newer_version(path):
    book(path, item("P1", 2))
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    connection.close()
    assert refusal(path) == "the ledger was written by a newer version of fat."


@pytest.mark.parametrize("number", [0, -1])
def test_a_ledger_whose_version_was_changed(path, number):
    book(path, item("P1", 2))
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {number}")
    connection.close()
    with pytest.raises(LedgerError) as caught:
        Ledger.open(path, create=True)
    assert caught.value.what.en == "the ledger is not what it was: its version number (user_version) was changed."
    assert "Restore the newest backup" in caught.value.remedy.en
    assert caught.value.place == str(path)


def test_a_migration_is_done_once_whole_or_not_at_all(path, monkeypatch):
    book(path, item("P1", 2))
    first = schema.MIGRATIONS[0]
    monkeypatch.setattr(schema, "MIGRATIONS", (first, "ALTER TABLE inputs ADD COLUMN size INTEGER;\nCREATE TABLE inputs (x);\n"))
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        Ledger.open(path, create=True)
    monkeypatch.setattr(schema, "MIGRATIONS", (first, "ALTER TABLE inputs ADD COLUMN size INTEGER;\n"))
    for _ in range(2):
        with Ledger.open(path, create=True) as ledger:
            assert ledger.verify() == []
            assert ledger.booked()["amount"].to_list() == [30_000]
    monkeypatch.setattr(schema, "MIGRATIONS", (first,))
    assert refusal(path) == "the ledger was written by a newer version of fat."


def test_an_empty_file_is_what_a_killed_first_run_leaves(path):
    path.touch()
    with Ledger.open(path, create=False) as ledger:
        assert ledger.booked().is_empty()
    assert path.stat().st_size == 0
    assert book(path, item("P1", 2)) == 1


@pytest.mark.parametrize("create", [True, False])
def test_a_lost_ledger_is_not_begun_anew(path, create):
    book(path, item("P1", 2))
    path.unlink()
    assert refusal(path, create=create) == "the ledger is missing or empty, but ledger.db.head says that 1 runs are booked."
    path.touch()
    assert "but ledger.db.head says" in refusal(path, create=create)


def test_a_truncated_ledger(path):
    book(path, item("P1", 2))
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(LedgerError) as caught, Ledger.open(path, create=True) as ledger:
        ledger.booked()
    assert caught.value.what.en == "the ledger is damaged."


def test_a_folder_that_is_not_there(tmp_path):
    assert refusal(tmp_path / "none" / "ledger.db") == f"the ledger can't be opened ({os.strerror(errno.ENOENT)})."


def test_an_error_without_words_is_told_by_its_kind(path):
    with pytest.raises(LedgerError, match=r"can't be opened \(TimeoutError\)"), file.worded(path):
        raise TimeoutError


def test_another_process_is_waited_for_ten_seconds(path):
    with Ledger.open(path, create=True) as ledger:
        assert ledger._connection.execute("PRAGMA busy_timeout").fetchone() == (10_000,)


def test_a_folder_in_the_ledgers_place(path):
    path.mkdir()
    assert refusal(path) == refusal(path, create=False) == "the ledger must be a file, but here is a folder."


def test_a_locked_ledger_is_told_after_the_wait(path, monkeypatch):
    book(path, item("P1", 2))
    monkeypatch.setattr(file, "WAIT_SECONDS", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Ledger.open(path, create=True) as ledger:
        assert ledger.booked().height == 1  # reading goes on
        with pytest.raises(LedgerError) as caught:
            ledger.book(booking(ledger, item("P1", 3)), BOOKED_BY, NOON)
    assert caught.value.what.en == "another run of fat, or another program, holds the ledger."
    other.execute("ROLLBACK")
    other.close()
    assert book(path, item("P1", 3)) == 2


@pytest.fixture
def as_reader():
    """A folder that may not be written, seen by someone who is not the superuser."""
    if not hasattr(os, "geteuid"):
        pytest.skip("POSIX modes")
    folder = Path(tempfile.mkdtemp())
    book(folder / "ledger.db", item("P1", 2))
    (folder / "ledger.db").chmod(0o444)
    (folder / "ledger.db.head").chmod(0o444)
    folder.chmod(0o555)
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(65534)
    yield folder / "ledger.db"
    if superuser:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_read_only_folder_can_be_read_and_is_told(as_reader):
    with Ledger.open(as_reader, create=True) as ledger:
        assert ledger.booked().height == 1
        assert ledger.verify() == []
        with pytest.raises(LedgerError) as caught:
            ledger.book(booking(ledger, item("P1", 3)), BOOKED_BY, NOON)
    assert caught.value.what.en == "the ledger, or the folder it lies in, is write-protected."


def test_a_full_disk_leaves_nothing_booked(path):
    book(path, item("P1", 2))
    with Ledger.open(path, create=True) as ledger:
        connection = ledger._connection
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
        many = [item("P1", day, placement_id=f"P{number}") for day in range(1, 31) for number in range(40)]
        with pytest.raises(LedgerError) as caught:
            ledger.book(booking(ledger, *many), BOOKED_BY, NOON)
        assert caught.value.what.en == "the disk is full; nothing is booked."
    with Ledger.open(path, create=True) as ledger:
        assert ledger.booked().height == 1
        assert ledger.verify() == []


def test_a_head_file_that_can_not_be_written_does_not_undo_the_booking(path, monkeypatch):
    def fail(*arguments, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(file.tempfile, "mkstemp", fail)
        book(path, item("P1", 2))
    assert not path.with_name("ledger.db.head").exists()
    assert book(path, item("P1", 3)) == 2
    assert path.with_name("ledger.db.head").exists()


def test_the_head_file_is_whole_on_the_disk_before_it_takes_its_name(path, monkeypatch):
    synced = []

    def sync(_):
        # the name that the next command sweeps, should this one be killed here
        synced.extend((each.parent, each.read_text(encoding="ascii")) for each in path.parent.glob(".fat-*.tmp"))

    monkeypatch.setattr(file.os, "fsync", sync)
    book(path, item("P1", 2))
    head = path.with_name("ledger.db.head").read_text(encoding="ascii")
    assert synced == [(path.parent, head)]
    assert head.endswith("}\n")
    assert not list(path.parent.glob(".fat-*"))


def test_a_head_file_that_can_not_be_synced_is_not_left_aside(path, monkeypatch):
    def fail(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(file.os, "fsync", fail)
    assert book(path, item("P1", 2)) == 1
    assert [each.name for each in path.parent.iterdir()] == ["ledger.db"]


def test_what_is_read_together_is_of_one_state(path, monkeypatch):
    book(path, item("P1", 2))
    monkeypatch.setattr(file, "WAIT_SECONDS", 0.05)
    with Ledger.open(path, create=True) as ledger, file.snapshot(ledger._connection):
        assert ledger.counts().runs == 1
        with pytest.raises(LedgerError, match="holds the ledger"):
            book(path, item("P1", 3))
        assert ledger.counts().runs == 1
    assert book(path, item("P1", 3)) == 2


def test_write_ahead_logging_set_by_another_program_is_turned_off(path):
    book(path, item("P1", 2))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    with Ledger.open(path, create=True) as ledger:
        assert ledger._connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert ledger._connection.execute("PRAGMA synchronous").fetchone() == (3,)


def test_rows_that_belong_to_nothing_are_refused_and_a_large_run_stays_in_memory(path):
    with Ledger.open(path, create=True) as ledger:
        assert ledger._connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert ledger._connection.execute("PRAGMA cache_size").fetchone() == (-64 * 1024,)


def _pay(path, barrier, results):
    """What payout does: book what is due less what is booked, again when another was first."""
    barrier.wait()
    while True:
        with Ledger.open(path, create=True) as ledger:
            base, booked = ledger.head, set(ledger.booked()["date"].dt.day())
            due = [item("P1", day) for day in (2, 3, 6) if day not in booked]
            if not due:
                return results.put(0)
            try:
                return results.put(ledger.book(booking(ledger, *due, base=base), BOOKED_BY, NOON).number)
            except HeadMoved:
                continue


def test_processes_at_once_book_one_set_of_claims(path):
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(3), context.Queue()
    workers = [context.Process(target=_pay, args=(path, barrier, results)) for _ in range(3)]
    for worker in workers:
        worker.start()
    numbers = sorted(results.get(timeout=60) for _ in workers)
    for worker in workers:
        worker.join(60)
    assert numbers == [0, 0, 1]
    with Ledger.open(path, create=True) as ledger:
        assert ledger.booked()["amount"].sum() == 90_000
        assert ledger.verify() == []
