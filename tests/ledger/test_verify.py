"""Tampering: each is done with plain SQLite on a closed ledger, as someone with access to the file would."""

import contextlib
import json
import sqlite3
import zlib

import pytest
from books import NOON, book, item

from fatcli.errors import LedgerError
from fatcli.ledger import Ledger, chain, clawback, schema, verify
from fatcli.texts import Text


@pytest.fixture
def path(tmp_path):
    """Three runs: run 1 of two items of P1 and one of P2, run 2 of a day more, run 3 of another day; run 1 is attested."""
    path = tmp_path / "ledger.db"
    book(path, item("P1", 2), item("P1", 3, 20_000), item("P2", 2, 35_050))
    book(path, item("P1", 6))
    book(path, item("P2", 7))
    with Ledger.open(path, create=True) as ledger:
        ledger.attest(1, "Bo Ek", "bo", NOON)
    return path


def test_sound_books_of_organisers_whose_ids_begin_alike(tmp_path):
    """The claim of ORG1-B comes before that of ORG1 in the order of claim numbers, though not in that of organisers."""
    book(tmp_path / "ledger.db", item("P1", 2), item("P2", 2, organiser_id="ORG1-B"))
    assert found(tmp_path / "ledger.db") == []


def tamper(path, *statements):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        tamper_with(connection, *statements)


def tamper_with(connection, *statements):
    """With the triggers out of the way, and back afterwards."""
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(*statement) if isinstance(statement, tuple) else connection.execute(statement)
    for _, sql in triggers:
        connection.execute(sql)


def found(path):
    """(run, text) of each finding, in English."""
    with Ledger.open(path, create=True) as ledger:
        return [(finding.run, finding.what.en) for finding in ledger.verify()]


def runs_found(path):
    return {run for run, _ in found(path)}


def refused(path):
    with Ledger.open(path, create=True) as ledger, pytest.raises(LedgerError, match="not what it was") as caught:
        ledger.booked()
    assert "Nothing is booked." in caught.value.remedy.en


def test_sound_books_have_no_findings(path):
    assert found(path) == []


def test_tampering_leaves_books_sound_where_nothing_is_changed(path):
    tamper(path, "UPDATE items SET amount = amount")
    assert found(path) == []


def test_a_changed_amount(path):
    tamper(path, "UPDATE items SET amount = 90000 WHERE line = (SELECT min(line) FROM lines) AND date = '2024-05-02'")
    assert found(path) == [
        (1, "the items were changed: something is altered, removed, added or swapped."),
        (1, "claim 2024-05/ORG1/1: its items come to SEK 1100.00, not 500.00."),
    ]


def test_two_items_that_swapped_amounts(path):
    tamper(
        path,
        "UPDATE items SET amount = CASE date WHEN '2024-05-02' THEN 20000 ELSE 30000 END "
        "WHERE line = (SELECT line FROM lines WHERE claim = '2024-05/ORG1/1')",
    )
    assert found(path) == [(1, "the items were changed: something is altered, removed, added or swapped.")]


def test_a_missing_item(path):
    tamper(path, "DELETE FROM items WHERE date = '2024-05-03'")
    assert (1, "claim 2024-05/ORG1/1 has 1 items, not 2.") in found(path)
    assert runs_found(path) == {1}


def test_a_claim_without_any_item_left(path):
    tamper(path, "DELETE FROM items WHERE date = '2024-05-06'")
    findings = found(path)
    assert (2, "claim 2024-05/ORG1/2 has 0 items, not 1.") in findings
    assert (2, "claim 2024-05/ORG1/2: its items come to SEK 0.00, not 300.00.") in findings


def test_an_added_item(path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("INSERT INTO items SELECT line, '2024-05-30', 30000, input, row, col FROM items LIMIT 1")
    connection.close()
    assert (1, "claim 2024-05/ORG1/1 has 3 items, not 2.") in found(path)
    assert runs_found(path) == {1}


def test_a_replaced_item(path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("INSERT OR REPLACE INTO items SELECT line, date, 99900, input, row, col FROM items LIMIT 1")
    connection.close()
    assert runs_found(path) == {1}


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO items SELECT line, date, 1, input, row, col FROM items LIMIT 1",
        "INSERT INTO items SELECT line, '2024-05-30', 30000, input, row, col FROM items LIMIT 1",
    ],
)
def test_no_difference_is_claimed_to_items_that_do_not_make_their_claim(path, statement):
    """The triggers let both pass, and the chain of runs does not tell."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()
    refused(path)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE items SET row = row + 1 WHERE date = '2024-05-06'", "the items were changed"),
        ("UPDATE items SET date = '2024-05-08' WHERE date = '2024-05-06'", "the items were changed"),
        ("UPDATE lines SET placement = 'P9' WHERE claim = '2024-05/ORG1/2'", "the claim lines were changed"),
        ("UPDATE lines SET participant = '199202029816' WHERE claim = '2024-05/ORG1/2'", "the claim lines were changed"),
        ("UPDATE inputs SET sha256 = 'ff' WHERE run = 2", "the input rows were changed"),
        ("UPDATE claims SET total = 99900 WHERE run = 2", "the claims were changed"),
        ("UPDATE claims SET organiser = 'ORG9' WHERE run = 2", "the claims were changed"),
        ("UPDATE runs SET as_of = '2024-06-04' WHERE run = 2", "the run's own data were changed"),
        ("UPDATE runs SET edition = '2025' WHERE run = 2", "the run's own data were changed"),
        ("UPDATE runs SET document = zeroblob(9) WHERE run = 2", "the run's document was changed"),
        ("UPDATE runs SET hash = 'ff' WHERE run = 2", "the run's own data were changed"),
    ],
)
def test_a_change_is_found_in_its_run(path, statement, what):
    tamper(path, statement)
    findings = found(path)
    assert (2, what) in [(run, text[: len(what)]) for run, text in findings]


def test_every_byte_of_a_document_counts(path):
    connection = sqlite3.connect(path, isolation_level=None)
    (blob,) = connection.execute("SELECT document FROM runs WHERE run = 2").fetchone()
    connection.close()
    for position in range(2, len(blob), 101):
        tamper(
            path, ("UPDATE runs SET document = ? WHERE run = 2", (blob[:position] + bytes([blob[position] ^ 4]) + blob[position + 1 :],))
        )
        assert found(path) == [(2, "the run's document was changed.")], position
    tamper(path, ("UPDATE runs SET document = ? WHERE run = 2", (blob + b"x",)))
    assert found(path) == [(2, "the run's document was changed.")]


def test_a_document_rewritten_by_someone_who_knows_its_form_is_found_by_the_chain(path):
    connection = sqlite3.connect(path)
    (blob,) = connection.execute("SELECT document FROM runs WHERE run = 2").fetchone()
    connection.close()
    document = zlib.decompress(blob).replace(b'"rate_ore":30000', b'"rate_ore":90000')
    tamper(
        path,
        ("UPDATE runs SET document = ?, document_sha256 = ? WHERE run = 2", (zlib.compress(document), chain.sha256(document))),
    )
    assert (2, "the run's own data were changed.") in found(path)
    with Ledger.open(path, create=True) as ledger:
        assert ledger.document(1).total_ore == 85_050


@pytest.mark.parametrize(("old", "new"), [(b'"rate_ore":30000', b'"rate_ore":90000'), (b'"claims"', b'"claim"'), (b"}", b"")])
def test_a_changed_document_is_not_rendered(path, old, new):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (blob,) = connection.execute("SELECT document FROM runs WHERE run = 2").fetchone()
    tamper(path, ("UPDATE runs SET document = ? WHERE run = 2", (zlib.compress(zlib.decompress(blob).replace(old, new)),)))
    with Ledger.open(path, create=True) as ledger, pytest.raises(LedgerError, match="the ledger is damaged"):
        ledger.document(2)


def test_a_run_forged_with_its_hash_is_found_by_the_next(path):
    connection = sqlite3.connect(path, isolation_level=None)
    run = dict(zip(chain.HEADER, connection.execute(f"SELECT {','.join(chain.HEADER)} FROM runs WHERE run = 2").fetchone(), strict=True))
    connection.close()
    forged = run | {"edition": "2025"}
    tamper(path, ("UPDATE runs SET edition = '2025', hash = ? WHERE run = 2", (chain.sealed(forged),)))
    assert (3, "the run before is not the one that stood there when this one was booked.") in found(path)


def test_the_last_run_forged_with_its_hash_is_found_by_its_events_and_the_head_file(path):
    connection = sqlite3.connect(path, isolation_level=None)
    run = dict(zip(chain.HEADER, connection.execute(f"SELECT {','.join(chain.HEADER)} FROM runs WHERE run = 3").fetchone(), strict=True))
    connection.close()
    tamper(path, ("UPDATE runs SET edition = '2025', hash = ? WHERE run = 3", (chain.sealed(run | {"edition": "2025"}),)))
    findings = found(path)
    assert (3, "is not the run that the head file (.head) remembers.") in findings
    assert (3, "event 3 (booked) was changed, or follows another.") in findings
    refused(path)


DELETE_LAST_RUN = (
    "DELETE FROM items WHERE line IN (SELECT line FROM lines WHERE claim = '2024-05/ORG2/2')",
    "DELETE FROM lines WHERE claim = '2024-05/ORG2/2'",
    "DELETE FROM claims WHERE run = 3",
    "DELETE FROM inputs WHERE run = 3",
    "DELETE FROM events WHERE run = 3 OR event > 3",
    "DELETE FROM runs WHERE run = 3",
)


def test_the_last_run_deleted_with_all_its_rows(path):
    tamper(path, *DELETE_LAST_RUN)
    assert (3, "the run was cut off the end.") in found(path)
    refused(path)


def test_the_last_run_deleted_and_the_counters_set_back_is_found_by_the_head_file(path):
    tamper(path, *DELETE_LAST_RUN, "UPDATE sqlite_sequence SET seq = 2 WHERE name IN ('runs', 'events')")
    assert found(path)[0] == (3, "the run was cut off the end.")
    refused(path)


def test_nothing_is_written_on_tampered_books_so_that_the_head_file_stays(path):
    tamper(path, *DELETE_LAST_RUN, "UPDATE sqlite_sequence SET seq = 2 WHERE name IN ('runs', 'events')")
    head = path.with_name("ledger.db.head").read_bytes()
    with Ledger.open(path, create=True) as ledger:
        with pytest.raises(LedgerError, match="run 3: the run was cut off the end"):
            ledger.record_files(1, 4, "anna", NOON)
        with pytest.raises(LedgerError, match="not what it was"):
            ledger.attest(2, "Bo Ek", "bo", NOON)
    assert path.with_name("ledger.db.head").read_bytes() == head
    assert (3, "the run was cut off the end.") in found(path)


def test_without_the_head_file_a_clean_cut_is_not_seen(path):
    """The limit of what the file alone can tell; the hash on a claim sheet is the last resort."""
    tamper(path, *DELETE_LAST_RUN, "UPDATE sqlite_sequence SET seq = 2 WHERE name IN ('runs', 'events')")
    path.with_name("ledger.db.head").unlink()
    assert found(path) == []


def test_an_older_head_file_is_fine(path):
    head = path.with_name("ledger.db.head").read_text()
    book(path, item("P1", 8))
    path.with_name("ledger.db.head").write_text(head)
    assert found(path) == []


def test_a_run_missing_in_the_middle(path):
    tamper(
        path,
        *(
            statement.replace("ORG2/2", "ORG1/2").replace("run = 3 OR event > 3", "run = 2").replace("run = 3", "run = 2")
            for statement in DELETE_LAST_RUN
        ),
    )
    findings = found(path)
    assert (2, "the run is missing.") in findings
    assert (None, "event 2 is missing.") in findings
    refused(path)


def test_the_first_run_and_event_are_missed_like_any_other(path):
    tamper(path, "DELETE FROM events WHERE event = 1", "DELETE FROM runs WHERE run = 1")
    findings = found(path)
    assert (1, "the run is missing.") in findings
    assert (None, "event 1 is missing.") in findings


def test_two_runs_that_swapped_places(path):
    tamper(path, *(f"UPDATE runs SET run = {new} WHERE run = {old}" for old, new in ((2, 9), (3, 2), (9, 3))))
    findings = found(path)
    assert (2, "was booked as run 3: runs were swapped.") in findings
    assert (3, "was booked as run 2: runs were swapped.") in findings


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DROP TRIGGER items_no_update", "trigger items_no_update is missing."),
        ("CREATE TRIGGER extra AFTER INSERT ON items BEGIN SELECT 1; END", "trigger extra was added."),
        ("DROP INDEX claims_run", "index claims_run is missing."),
        ("CREATE TABLE extra (x)", "table extra was added."),
    ],
)
def test_a_changed_schema(path, statement, what):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()
    assert found(path) == [(None, what)]
    refused(path)


def test_what_is_changed_behind_a_trigger_that_is_gone_is_found_with_it(path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DROP TRIGGER items_no_update")
    connection.execute("UPDATE items SET amount = amount + 1 WHERE date = '2024-05-06'")
    connection.close()
    told = found(path)
    assert (None, "trigger items_no_update is missing.") in told
    assert (2, "the items were changed: something is altered, removed, added or swapped.") in told


def test_a_trigger_made_harmless(path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DROP TRIGGER items_no_update")
    connection.execute("CREATE TRIGGER items_no_update BEFORE UPDATE ON items BEGIN SELECT 1; END")
    connection.close()
    assert found(path) == [(None, "trigger items_no_update was changed.")]


def test_a_changed_event(path):
    tamper(path, "UPDATE events SET by = 'Cia Dal' WHERE kind = 'attested'")
    assert found(path) == [(1, "event 4 (attested) was changed, or follows another.")]
    tamper(path, "UPDATE events SET by = 'Bo Ek' WHERE kind = 'attested'")
    assert found(path) == []


def test_a_deleted_attestation(path):
    tamper(path, "DELETE FROM events WHERE kind = 'attested'")
    assert found(path) == [(None, "event 4 was cut off the end.")]


def test_rows_that_belong_to_no_run(path):
    tamper(path, "INSERT INTO inputs VALUES (99, 77, 'x.xlsx', 'ff', NULL), (98, 77, 'y.xlsx', 'ff', NULL)")
    findings = found(path)
    assert (None, "2 rows of inputs belong to no run.") in findings
    assert findings.count((None, "rows of inputs belong to nothing.")) == 1


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ("sequence = 7", "2024-05/ORG1/2"),
        ("claim = '2024-05/ORG1/7', sequence = 7", "2024-05/ORG1/7"),
        ("claim = '2024-05/ORG9/2'", "2024-05/ORG9/2"),
    ],
)
def test_a_claim_number_out_of_sequence(path, change, claim):
    tamper(path, f"UPDATE claims SET {change} WHERE run = 2")
    assert (2, f"claim number {claim} is not the next in sequence.") in found(path)


def test_a_document_of_other_claims_than_those_booked(path):
    """Run 3, forged with its own hash, has the document of run 2."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        query = f"SELECT {','.join(chain.HEADER)} FROM runs WHERE run = 3"
        run = dict(zip(chain.HEADER, connection.execute(query).fetchone(), strict=True))
        document, sha256 = connection.execute("SELECT document, document_sha256 FROM runs WHERE run = 2").fetchone()
    forged = chain.sealed(run | {"document_sha256": sha256})
    tamper(path, ("UPDATE runs SET document = ?, document_sha256 = ?, hash = ? WHERE run = 3", (document, sha256, forged)))
    assert (3, "the document's claims are not those booked.") in found(path)


def test_of_many_findings_the_first_three_are_told():
    findings = [verify.Finding(run, Text(f"fel {run}", f"fault {run}")) for run in (1, 2, None, 4)]
    assert verify.summary(findings[:3]).en == "run 1: fault 1 run 2: fault 2 fault None"
    assert verify.summary(findings).sv == "körning 1: fel 1 körning 2: fel 2 fel None … och 1 till."
    assert verify.summary(findings, most=1).en == "run 1: fault 1 … and 3 more."


def test_books_of_which_all_is_cut_off(path):
    tables = ("items", "lines", "claims", "inputs", "events", "runs")
    tamper(path, *(f"DELETE FROM {table}" for table in tables))
    assert found(path) == [
        *((run, "the run was cut off the end.") for run in (1, 2, 3)),
        *((None, f"event {event} was cut off the end.") for event in (1, 2, 3, 4)),
    ]


def test_an_amount_that_is_no_whole_number_can_not_be_written(path):
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        tamper(path, "UPDATE items SET amount = 300.5")


def test_a_head_file_that_can_not_be_read(path):
    path.with_name("ledger.db.head").write_text("{")
    with pytest.raises(LedgerError) as caught:
        found(path)
    assert str(caught.value.place).endswith("ledger.db.head")


def test_the_head_file_holds_the_last_run_and_event(path):
    with Ledger.open(path, create=True) as ledger:
        head = json.loads(path.with_name("ledger.db.head").read_text())
        assert (head["run"], head["hash"], head["event"]) == (3, ledger.head, 4)


def test_a_run_that_follows_another_than_the_one_before(path):
    """Run 3, forged with its own hash, says that it follows run 1."""
    connection = sqlite3.connect(path, isolation_level=None)
    run = dict(zip(chain.HEADER, connection.execute(f"SELECT {','.join(chain.HEADER)} FROM runs WHERE run = 3").fetchone(), strict=True))
    (first,) = connection.execute("SELECT hash FROM runs WHERE run = 1").fetchone()
    connection.close()
    forged = run | {"previous": first}
    tamper(
        path,
        "UPDATE runs SET previous = 'another' WHERE run = 2",  # no two runs may follow the same
        ("UPDATE runs SET previous = ?, hash = ? WHERE run = 3", (first, chain.sealed(forged))),
    )
    assert (3, "follows run 1, not the one before it.") in found(path)


def test_a_run_without_the_event_that_booked_it(path):
    tamper(path, "DELETE FROM events WHERE kind = 'booked' AND run = 2")
    findings = found(path)
    assert (2, "who booked it is missing.") in findings
    assert (None, "event 2 is missing.") in findings
    with Ledger.open(path, create=True) as ledger:
        entry = ledger.entry(2)
    assert (entry.booked_by, entry.booked_at, entry.files) == ("", "", False)


def test_a_counter_set_back(path):
    tamper(path, "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'runs'")
    assert found(path) == [(None, "the counter of runs was changed.")]


def test_an_event_that_is_not_the_one_that_the_head_file_remembers(path):
    head = path.with_name("ledger.db.head")
    written = json.loads(head.read_text())
    head.write_text(json.dumps(written | {"seal": "0" * len(written["seal"])}))
    assert found(path) == [(None, "event 4 is not the one that the head file (.head) remembers.")]


@pytest.mark.parametrize(
    ("table", "column", "title"),
    [("inputs", "sheet", "the input rows"), ("claims", "organiser", "the claims"), ("lines", "placement", "the claim lines")],
)
def test_values_of_the_wrong_kind(path, table, column, title):
    of_run_2 = {"inputs": "run = 2", "claims": "run = 2", "lines": "claim = '2024-05/ORG1/2'"}[table]
    tamper(path, f"UPDATE {table} SET {column} = x'ff' WHERE {of_run_2}")
    assert (2, f"{title} have values of the wrong kind.") in found(path)


def test_a_damaged_file(path):
    """An index page that says it has fewer entries than its table."""
    connection = sqlite3.connect(path)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'claims_run'").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    data = bytearray(path.read_bytes())
    entries = (page - 1) * size + 3
    data[entries : entries + 2] = b"\x00\x02"
    path.write_bytes(data)
    assert any(run is None and text.startswith("the file is damaged: ") for run, text in found(path))


def test_a_date_that_is_none_is_damage_not_a_fault(path):
    tamper(path, "UPDATE items SET date = 'soon' WHERE date = '2024-05-06'")
    with Ledger.open(path, create=True) as ledger, pytest.raises(LedgerError):
        ledger.items()


TWICE_THE_SUM = "UPDATE items SET amount = 99900 WHERE date = '2024-05-06'"
ANOTHER_YEAR = "UPDATE items SET date = '2023-' || substr(date, 6) WHERE date = '2024-05-06'"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (TWICE_THE_SUM, "the items were changed"),
        (ANOTHER_YEAR, "the items were changed"),
        ("UPDATE items SET row = row + 0.5, col = col + 0.25 WHERE date = '2024-05-06'", "the items have values of the wrong kind"),
        ("UPDATE lines SET placement = 'P9' WHERE claim = '2024-05/ORG1/2'", "the claim lines were changed"),
        ("UPDATE lines SET placement = CAST(x'50ff' AS TEXT) WHERE claim = '2024-05/ORG1/2'", "the claim lines have values of the wrong"),
        ("UPDATE claims SET organiser = 'ORG9' WHERE run = 2", "the claims were changed"),
        ("UPDATE claims SET month = '2024-06' WHERE run = 2", "the claims were changed"),
        ("UPDATE claims SET claim = '2024-05/ORG2/3' WHERE run = 2", "the claims were changed"),
        ("UPDATE inputs SET sheet = 'Annat' WHERE run = 2", "the input rows were changed"),
    ],
)
def test_nothing_is_booked_or_attested_on_rows_that_do_not_fit_their_run(path, statement, what):
    tamper(path, statement)
    with Ledger.open(path, create=True) as ledger:
        for attempt in (
            ledger.booked,
            ledger.origin,
            lambda: ledger.attest(1, "Cia Dal", "cia", NOON),
            lambda: clawback.matching(ledger, clawback.Selection("ORG1")),
        ):
            with pytest.raises(LedgerError, match=f"not what it was: run 2: {what}"):
                attempt()
        assert ledger.entry(1).attested == (("Bo Ek", NOON.date()),)


def test_no_clawback_is_undone_on_rows_that_do_not_fit_their_run(path):
    taken = book(path, item("P1", 6, -30_000), kind="clawback", reason="fel")
    tamper(path, "UPDATE items SET amount = 99900 WHERE date = '2024-05-07'")
    with Ledger.open(path, create=True) as ledger, pytest.raises(LedgerError, match="run 3: the items were changed"):
        clawback.undoing(ledger, taken, "rätt ändå", NOON.date())


def test_a_row_of_no_run_is_refused_before_it_could_stand_in_the_way_of_a_number(path):
    tamper(path, "INSERT INTO claims VALUES ('2024-05/ORG1/3', 99, 'ORG9', '2024-05', 1, 1, 1)")
    with Ledger.open(path, create=True) as ledger, pytest.raises(LedgerError, match="1 rows of claims belong to no run"):
        ledger.booked()


OTHER_KINDS = {"TEXT": ("x'ff'", "CAST(x'ff' AS TEXT)"), "INTEGER": ("x'ff'", "'soon'", "1.5"), "BLOB": ("'soon'", "1.5")}
RUN_2 = {"lines": "claim = '2024-05/ORG1/2'", "items": "date = '2024-05-06'"}
NUMBERED = {"runs": "run", "inputs": "input", "lines": "line", "events": "event"}  # SQLite itself keeps these whole


@pytest.mark.parametrize("table", [*schema.TABLES, "runs", "events"])
def test_a_value_of_another_kind_is_found_in_every_column(path, table):
    """With the file's own checks switched off, as a tool for SQLite can."""
    sound = path.read_bytes()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        columns = connection.execute(f"SELECT name, type FROM pragma_table_info('{table}')").fetchall()
    for column, value in [(name, value) for name, kind in columns if NUMBERED.get(table) != name for value in OTHER_KINDS[kind]]:
        path.write_bytes(sound)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            tamper_with(connection, f"UPDATE {table} SET {column} = {value} WHERE {RUN_2.get(table, 'run = 2')}")
        assert {run for run, _ in found(path)} & {2, None}, (column, value)
        with Ledger.open(path, create=True) as ledger, pytest.raises(LedgerError, match=r"not what it was|damaged"):
            ledger.document(2) if column == "document" else ledger.booked()


@pytest.mark.parametrize(
    ("statement", "run", "what"),
    [
        ("UPDATE runs SET reason = CAST(x'ff' AS TEXT) WHERE run = 2", 2, "the run's own data were changed."),
        ("UPDATE events SET by = CAST(x'ff' AS TEXT) WHERE event = 2", 2, "event 2 (booked) was changed, or follows another."),
        ("UPDATE events SET run = 77 WHERE event = 4", None, "event 4 (attested) was changed, or follows another."),
        ("UPDATE sqlite_sequence SET seq = 'soon' WHERE name = 'runs'", None, "the counter of runs was changed."),
    ],
)
def test_what_the_chains_hold_is_found_without_a_look_at_the_rows(path, statement, run, what):
    tamper(path, statement)
    assert (run, what) in found(path)
    refused(path)


def without_triggers(path, statement):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DROP TABLE claims", "table claims is missing."),
        ("DROP TABLE events", "table events is missing."),
        ("ALTER TABLE items RENAME COLUMN amount TO ore", "table items was changed."),
    ],
)
def test_a_table_that_is_missing_or_changed_is_told_as_such(path, statement, what):
    without_triggers(path, statement)
    assert (None, what) in found(path)
    refused(path)


def test_books_without_their_runs_are_not_even_opened(path):
    without_triggers(path, "DROP TABLE runs")
    with pytest.raises(LedgerError, match="the ledger is damaged"):
        Ledger.open(path, create=False)


def test_of_numbers_that_were_set_to_the_moon_the_first_missing_are_told(path):
    tamper(path, f"UPDATE runs SET run = {2**62} WHERE run = 3", f"UPDATE sqlite_sequence SET seq = {2**62} WHERE name = 'events'")
    texts = [text for _, text in found(path)]
    assert texts.count("the run is missing.") == 20
    assert "event 24 was cut off the end." in texts
    assert "event 25 was cut off the end." not in texts


def test_statistics_by_another_tool_are_no_change(path):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("ANALYZE")
    assert found(path) == []
    with Ledger.open(path, create=True) as ledger:
        assert ledger.booked().height == 5


@pytest.mark.parametrize(
    "head",
    [
        "[" * 100_000,
        '{"run": "3", "hash": "a", "event": 4, "seal": "b"}',
        '{"run": 3, "hash": "å", "event": 4, "seal": "b"}',
        '{"run": 3}',
        "null",
    ],
)
def test_a_head_file_of_another_form_can_not_be_read(path, head):
    path.with_name("ledger.db.head").write_text(head, encoding="utf-8")
    with pytest.raises(LedgerError, match="the file can't be read") as caught:
        found(path)
    assert str(caught.value.place).endswith("ledger.db.head")
