import contextlib
import datetime as dt
import sqlite3
import stat
import sys
from dataclasses import replace
from io import StringIO

import books
import polars as pl
import pytest
from books import BOOKED_BY, MAY, NOON, book, booking, item
from rich.console import Console

from fatcli.cli.ledgerview import print_log
from fatcli.errors import LedgerError
from fatcli.facts import BOOKED
from fatcli.ledger import HeadMoved, Ledger, schema
from fatcli.model import Month


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


def opened(path):
    return Ledger.open(path, create=True)


def net(path):
    with opened(path) as ledger:
        return ledger.booked().sort("placement_id", "date").select("placement_id", "date", "amount").rows()


def test_a_booked_item_is_what_is_booked(path):
    book(path, item("P1", 2), item("P1", 3), item("P2", 2, 35_050))
    with opened(path) as ledger:
        booked = ledger.booked()
    assert booked.schema == BOOKED
    assert booked.filter(placement_id="P2").rows() == [
        ("198506159810", "ORG2", "P2", "FAT", "base", dt.date(2024, 5, 2), 35_050, True, False)
    ]
    assert booked["amount"].sum() == 95_050


def test_items_have_the_same_types_where_there_are_none(path):
    with opened(path) as ledger:
        before = ledger.items().schema
        ledger.book(booking(ledger, item("P1", 2)), BOOKED_BY, NOON)
        assert before == ledger.items().schema


def test_the_books_are_closed_when_their_block_ends(path):
    with opened(path) as ledger:
        assert ledger.log() == []
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        ledger._connection.execute("SELECT 1")


def test_what_was_read_is_read_again_after_a_booking(path):
    with opened(path) as ledger:
        assert ledger.booked().is_empty()
        for day in (2, 3):
            run = ledger.book(booking(ledger, item("P1", day)), BOOKED_BY, NOON)
            assert ledger.head == run.hash
        assert ledger.booked()["date"].to_list() == [dt.date(2024, 5, 2), dt.date(2024, 5, 3)]


def test_a_run_is_told_with_the_second_it_was_booked(path):
    with opened(path) as ledger:
        ledger.book(booking(ledger, item("P1", 2)), BOOKED_BY, NOON.replace(microsecond=9))
        assert ledger.entry(1).booked_at == "2024-06-03T12:00:00+00:00"


def test_a_run_that_is_not_there_is_told_with_the_last(path):
    with opened(path) as ledger, pytest.raises(LedgerError, match="there is no run 1; the last is none"):
        ledger.entry(1)
    book(path, item("P1", 2))
    book(path, item("P1", 3))
    book(path, item("P1", 6))
    with opened(path) as ledger, pytest.raises(LedgerError, match="there is no run 4; the last is 3"):
        ledger.entry(4)


def test_the_end_is_unknown_of_books_without_their_head_file(path):
    with opened(path) as ledger:
        assert not ledger.end_unknown()
    book(path, item("P1", 2))
    with opened(path) as ledger:
        assert not ledger.end_unknown()
        path.with_name("ledger.db.head").unlink()
        assert ledger.end_unknown()


def test_a_reversal_leaves_nothing_booked_and_its_origin_is_the_later_claim(path):
    book(path, item("P1", 2), item("P1", 3))
    book(path, item("P1", 2, -30_000))
    assert net(path) == [("P1", dt.date(2024, 5, 3), 30_000)]
    with opened(path) as ledger:
        assert dict(ledger.origin().select(pl.col("date").dt.day(), "claim").iter_rows()) == {2: "2024-05/ORG1/2", 3: "2024-05/ORG1/1"}


def test_an_adjustment_under_a_corrected_participant_is_one_item(path):
    book(path, item("P1", 2))
    book(path, item("P1", 2, 5_000, participant="199202029816", kind="adjustment"))
    assert net(path) == [("P1", dt.date(2024, 5, 2), 35_000)]
    with opened(path) as ledger:
        assert ledger.booked()["participant"].to_list() == ["199202029816"]


def test_claims_are_numbered_on_by_organiser_and_month(path):
    book(path, item("P1", 2), item("P2", 2))
    book(path, item("P1", 3))
    with opened(path) as ledger:
        assert dict(ledger.next_sequence(MAY)) == {"ORG1": 3, "ORG2": 2}
        assert dict(ledger.next_sequence(Month(2024, 4))) == {}


def test_the_last_as_of_day_is_that_of_the_last_payout(path):
    with opened(path) as ledger:
        assert ledger.last_as_of(MAY) is None
    book(path, item("P1", 2), as_of=dt.date(2024, 6, 3))
    book(path, item("P1", 3), as_of=dt.date(2024, 6, 10))
    book(path, item("P1", 3, -30_000), as_of=dt.date(2024, 7, 1), kind="clawback", reason="fel")
    with opened(path) as ledger:
        assert ledger.last_as_of(MAY) == dt.date(2024, 6, 10)
        assert ledger.last_as_of(Month(2024, 4)) is None


def test_a_clawback_closes_its_items_until_it_is_undone(path):
    book(path, item("P1", 2), item("P1", 3))
    clawback = book(path, item("P1", 2, -30_000), kind="clawback", reason="betalt dubbelt")
    with opened(path) as ledger:
        assert ledger.closed().rows() == [("P1", "base", dt.date(2024, 5, 2))]
        assert ledger.booked().select("date", "amount", "closed").sort("date").rows() == [
            (dt.date(2024, 5, 2), 0, True),
            (dt.date(2024, 5, 3), 30_000, False),
        ]
    book(path, kind="undo", undoes=clawback, reason="fel person")
    with opened(path) as ledger:
        assert ledger.closed().is_empty()
        assert ledger.closed().schema == {"placement_id": pl.String, "component": pl.String, "date": pl.Date}
        assert ledger.booked()["date"].to_list() == [dt.date(2024, 5, 3)]


def test_a_booking_computed_before_another_was_booked_is_computed_again(path):
    with opened(path) as early:
        late = booking(early, item("P1", 3))
        book(path, item("P1", 3))
        with pytest.raises(HeadMoved):
            early.book(late, BOOKED_BY, NOON)
    assert net(path) == [("P1", dt.date(2024, 5, 3), 30_000)]


def test_several_runs_are_booked_all_or_none(path):
    with opened(path) as ledger:
        good, bad = booking(ledger, item("P1", 2)), booking(ledger, item("P2", 2))
        bad = replace(bad, items=bad.items.with_columns(amount=pl.lit(1, pl.Int64)))
        with pytest.raises(ValueError, match="claimed 30000"):
            ledger.book_all([good, bad], BOOKED_BY, NOON)
    assert net(path) == []


def test_a_claim_without_items_is_refused(path):
    with opened(path) as ledger:
        wanted = booking(ledger, item("P1", 2))
        empty = replace(wanted.paid.claims[0], number="2024-05/ORG2/1", organiser="ORG2", lines=())
        wanted = replace(wanted, paid=replace(wanted.paid, claims=(*wanted.paid.claims, empty)))
        with pytest.raises(ValueError, match=r"^claim 2024-05/ORG2/1: 0 items of 0 öre, claimed 0$"):
            ledger.book(wanted, BOOKED_BY, NOON)
    assert net(path) == []


def test_an_item_from_a_sheet_that_was_not_read_is_refused(path):
    with opened(path) as ledger, pytest.raises(ValueError, match="not among the inputs"):
        ledger.book(booking(ledger, item("P1", 2, sheet="Annat")), BOOKED_BY, NOON)


def test_equal_items_are_one_line_whatever_stands_between_them(path):
    book(path, item("P1", 3), item("P1", 3, 5_000, component="extra"), item("P1", 2))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT line, component, date FROM items JOIN lines USING (line) ORDER BY line, date").fetchall() == [
            (1, "base", "2024-05-02"),
            (1, "base", "2024-05-03"),
            (2, "extra", "2024-05-03"),
        ]


def test_items_have_the_run_that_booked_them_and_its_kind(path):
    book(path, item("P1", 2), item("P1", 3))
    book(path, item("P1", 3, -30_000), kind="clawback", reason="fel")
    with opened(path) as ledger:
        assert ledger.items().select("run", "run_kind", "month", "claim", "amount").rows() == [
            (1, "payout", "2024-05", "2024-05/ORG1/1", 30_000),
            (1, "payout", "2024-05", "2024-05/ORG1/1", 30_000),
            (2, "clawback", "2024-05", "2024-05/ORG1/2", -30_000),
        ]
        assert ledger.items(2)["run"].to_list() == [2]


def test_an_item_may_have_no_place(path):
    book(path, item("P1", 2, file=None, sheet=None, row=None, col=None), item("P1", 3))
    with opened(path) as ledger:
        assert ledger.items(1).select("file", "sha256", "sheet", "row", "col").rows() == [
            (None, None, None, None, None),
            ("attendance.xlsx", "a1" * 32, "Närvaro", 4, 1),
        ]


def test_the_same_input_gives_the_same_hash_whoever_books_it_whenever(tmp_path):
    hashes = []
    for name, who, when in (("a", "anna", NOON), ("b", "bo", NOON + dt.timedelta(days=9))):
        with opened(tmp_path / name) as ledger:
            hashes.append(ledger.book(booking(ledger, item("P1", 2)), who, when).hash)
    assert hashes[0] == hashes[1]


def test_a_dry_run_leaves_no_file(path):
    with Ledger.open(path, create=False) as ledger:
        assert ledger.booked().is_empty()
        assert ledger.booked().schema == BOOKED
        assert ledger.unfinished() == []
    assert list(path.parent.iterdir()) == []


def test_the_document_comes_back_with_its_run(path):
    number = book(path, item("P1", 2), item("P2", 2, 35_050))
    with opened(path) as ledger:
        paid = ledger.document(number)
        assert (paid.run.number, paid.run.hash, paid.run.attested_by) == (number, ledger.head, None)
        assert paid.total_ore == 65_050
        assert paid.checked.inputs == books.CHECKED.inputs
        assert paid.checked.violations.equals(books.CHECKED.violations)


def test_files_are_unfinished_until_recorded_and_again_when_attested(path):
    number = book(path, item("P1", 2))
    with opened(path) as ledger:
        assert (ledger.unfinished(), ledger.entry(number).files) == ([number], False)
        assert ledger.record_files(number, ledger.last_event(number), BOOKED_BY, NOON)
        assert (ledger.unfinished(), ledger.entry(number).files) == ([], True)
        ledger.attest(number, "Bo Ek", BOOKED_BY, NOON + dt.timedelta(days=1))
        assert (ledger.unfinished(), ledger.entry(number).files) == ([number], False)
        run = ledger.document(number).run
        assert (run.attested_by, run.attested_on) == ("Bo Ek", dt.date(2024, 6, 4))


def test_several_who_attest_are_named_with_the_day_of_the_last(path):
    number = book(path, item("P1", 2))
    with opened(path) as ledger:
        for name, days in (("Bo Ek", 1), ("Cia Dal", 3)):
            ledger.attest(number, name, BOOKED_BY, NOON + dt.timedelta(days=days))
        run = ledger.document(number).run
    assert (run.attested_by, run.attested_on) == ("Bo Ek, Cia Dal", dt.date(2024, 6, 6))


def test_files_of_a_run_that_was_attested_meanwhile_are_not_the_runs_files(path):
    number = book(path, item("P1", 2))
    with opened(path) as slow, opened(path) as other:
        seen = slow.last_event(number)
        other.attest(number, "Bo Ek", BOOKED_BY, NOON)
        assert slow.record_files(number, seen, BOOKED_BY, NOON) is False
        assert slow.unfinished() == [number]
        assert other.record_files(number, other.last_event(number), BOOKED_BY, NOON)
        assert not slow.record_files(number, seen, BOOKED_BY, NOON)
        seen = slow.last_event(number)
        assert slow.record_files(number, seen, BOOKED_BY, NOON)
        assert slow.last_event(number) == seen  # it was noted already


def test_who_attests_is_told_by_name_where_names_look_like_identity_numbers(path):
    """Fictitious ones, which are masked wherever the log is shown."""
    with opened(path) as ledger:
        run = ledger.book(booking(ledger, item("P1", 2)), "199001012384", NOON)
        with pytest.raises(LedgerError, match="can't attest it"):
            ledger.attest(run.number, "199001012384", "bo", NOON)
        ledger.attest(run.number, "199202029816", "bo", NOON)
        ledger.attest(run.number, "198506159810", "bo", NOON)


def test_what_looks_like_an_identity_number_is_masked_in_the_log_unless_asked_for(path):
    """Fictitious ones, given as names of accounts; the document of a run names who attested it in full."""
    booker, attester = "199001012384", "199202029816"
    with opened(path) as ledger:
        run = ledger.book(booking(ledger, item("P1", 2)), booker, NOON).number
        ledger.attest(run, attester, "bo", NOON)
        for entry in (*ledger.log(), ledger.entry(run)):
            assert booker not in str(entry)
            assert attester not in str(entry)
        for entry in (*ledger.log(show_ids=True), ledger.entry(run, show_ids=True)):
            assert (entry.booked_by, entry.attested) == (booker, ((attester, NOON.date()),))
        assert ledger.document(run).run.attested_by == attester


@pytest.mark.parametrize("name", ["anna", "ANNA", "  Anna "])
def test_the_one_who_booked_can_not_attest(path, name):
    number = book(path, item("P1", 2))
    with opened(path) as ledger, pytest.raises(LedgerError, match="booked run 1 and can't attest"):
        ledger.attest(number, name, "bo", NOON)


@pytest.mark.parametrize(
    "name",
    [
        "A\u030asa O\u0308st",  # decomposed
        "\u212bsa Öst",  # the sign for ångström
        "\uff21\u030asa\u3000Öst",  # a wide A and a wide space
        "Å\u00adsa\u200b Öst\u2060",  # a soft hyphen, and marks without width
        "ÅSA\u00a0ÖST",
    ],
)
def test_another_spelling_is_the_same_person(path, name):
    with opened(path) as ledger:
        run = ledger.book(booking(ledger, item("P1", 2)), "Åsa Öst", NOON)
        with pytest.raises(LedgerError, match="can't attest it"):
            ledger.attest(run.number, name, "bo", NOON)
        ledger.attest(run.number, "Asa Öst", "bo", NOON)


def test_nobody_attests_twice_and_no_unknown_run_is_attested(path):
    number = book(path, item("P1", 2))
    with opened(path) as ledger:
        ledger.attest(number, "Bo Ek", "bo", NOON)
        with pytest.raises(LedgerError, match="already attested"):
            ledger.attest(number, "bo  ek", "bo", NOON)
        with pytest.raises(LedgerError, match="there is no run 9; the last is 1"):
            ledger.attest(9, "Bo Ek", "bo", NOON)


@pytest.mark.parametrize("table", ["runs", "inputs", "claims", "lines", "items", "events"])
def test_rows_can_be_neither_changed_nor_deleted(path, table):
    book(path, item("P1", 2))
    with sqlite3.connect(path) as connection:
        column = connection.execute(f"SELECT name FROM pragma_table_info('{table}') LIMIT 1").fetchone()[0]
        statements = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
        if table != "items":  # see schema: verify finds a replaced item
            statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        for statement in statements:
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    connection.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_ledger_is_private_to_the_user(path):
    book(path, item("P1", 2))
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_an_empty_ledger_notes_no_files_and_gets_no_head_file(path):
    with Ledger.open(path, create=True) as ledger:
        assert ledger.record_files(1, ledger.last_event(1), "anna", NOON)
    assert not path.with_name("ledger.db.head").exists()


def test_a_step_that_another_process_took_meanwhile_is_not_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        seen = iter((0, len(schema.MIGRATIONS), len(schema.MIGRATIONS)))  # before the lock, under it, and afterwards
        monkeypatch.setattr(schema, "version", lambda _: next(seen))
        schema.migrate(connection)  # the first step would fail: its tables exist
    assert next(seen, None) is None


@pytest.mark.parametrize(("width", "told"), [(80, "2024-06-03"), (120, "2024-06-03 12:00")])
def test_the_log_leaves_room_for_names_on_a_terminal(path, width, told):
    book(path, item("P1", 2))
    with opened(path) as ledger:
        ledger.attest(1, "Eva Berg", "bo", NOON)
        console = Console(file=StringIO(), width=width, force_terminal=True, no_color=True)
        print_log(console, ledger.log(), "en")
    row = console.file.getvalue().splitlines()[1]
    assert row.startswith(f"1    {told} ")
    assert row.rstrip().endswith("anna  Eva Berg")
