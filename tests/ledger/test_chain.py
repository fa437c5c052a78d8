import contextlib
import hashlib
import json
import sqlite3
import zlib

import polars as pl
import pytest
from books import BOOKED_BY, NOON, book, item

from fatcli.ledger import Ledger, chain


def test_a_digest_is_that_of_the_bytes_the_documentation_tells():
    rows = pl.DataFrame({"placement": ["P1", "ÅÄ", None], "amount": [30_000, -5, 0]})
    told = "3\nplacement\n2,4,-\nP1ÅÄamount\n5,2,1\n30000-50".encode()
    assert chain.digest(rows) == hashlib.sha256(told).hexdigest()


def test_no_rows_have_a_digest():
    assert chain.digest(pl.DataFrame(schema={"a": pl.String})) == hashlib.sha256(b"0\na\n\n").hexdigest()


def test_tables_that_read_alike_differ():
    alike = [
        pl.DataFrame({"a": values}, schema={"a": pl.String})
        for values in (["ab", "c"], ["a", "bc"], ["abc", ""], ["abc", None], ["c", "ab"], ["abc"], ["ab,c"])
    ]
    assert len({chain.digest(rows) for rows in alike}) == len(alike)


def test_a_seal_is_of_json_in_ascii_with_its_keys_in_order():
    assert chain.sealed({"b": "Å", "a": None}) == hashlib.sha256(b'{"a":null,"b":"\\u00c5"}').hexdigest()


def test_bytes_where_none_should_stand_have_a_seal_of_their_own():
    assert len({chain.sealed({"a": value}) for value in (b"\xff", b"", "ff", "", None)}) == 5


def test_text_that_is_no_utf8_is_read_only_while_asked_for():
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        with chain.lenient(connection):
            assert connection.execute("SELECT CAST(x'41ff' AS TEXT)").fetchone() == ("A\udcff",)
        with pytest.raises(sqlite3.OperationalError):
            connection.execute("SELECT CAST(x'41ff' AS TEXT)").fetchone()


ROWS = {  # what a run's hashes are over, as docs/ledger.md tells those who check them without this program
    "inputs": "SELECT * FROM inputs WHERE run = ? ORDER BY input",
    "claims": "SELECT * FROM claims WHERE run = ? ORDER BY claim",
    "lines": "SELECT lines.* FROM lines JOIN claims USING (claim) WHERE run = ? ORDER BY line",
    "items": "SELECT items.* FROM items JOIN lines USING (line) JOIN claims USING (claim) WHERE run = ? ORDER BY line, date",
}


def hashed(rows):
    found = hashlib.sha256(f"{len(rows)}\n".encode())
    for name in rows[0].keys() if rows else ():
        values = [None if row[name] is None else str(row[name]).encode() for row in rows]
        lengths = ",".join("-" if value is None else str(len(value)) for value in values)
        found.update(f"{name}\n{lengths}\n".encode() + b"".join(value or b"" for value in values))
    return found.hexdigest()


def sealed(fields):
    return hashlib.sha256(json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def test_every_hash_can_be_made_again_without_the_program(tmp_path):
    path = tmp_path / "ledger.db"
    book(path, item("P1", 3), item("P2", 2, 35_050), item("P1", 2, file=None, sheet=None, row=None, col=None))
    book(path, item("P2", 2, -35_050), kind="clawback", reason="Återkrav")
    with Ledger.open(path, create=True) as ledger:
        ledger.record_files(1, ledger.last_event(1), BOOKED_BY, NOON)
        ledger.attest(2, "Åsa Öst", "åsa", NOON)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        hashes, previous = {}, "0" * 64
        for run in map(dict, connection.execute("SELECT * FROM runs ORDER BY run")):
            number, document = run["run"], zlib.decompress(run.pop("document"))
            hashes[number] = run.pop("hash")
            assert (run["previous"], hashes[number]) == (previous, sealed(run))
            assert run["document_sha256"] == hashlib.sha256(document).hexdigest()
            for table, query in ROWS.items():
                assert run[f"{table}_sha256"] == hashed(connection.execute(query, (number,)).fetchall()), table
            previous = hashes[number]
        previous = "0" * 64
        for event in map(dict, connection.execute("SELECT * FROM events ORDER BY event")):
            seal = event.pop("seal")
            assert seal == sealed(event | {"previous": previous, "run_hash": hashes[event["run"]]})
            previous = seal
    assert (len(hashes), event["event"]) == (2, 4)
