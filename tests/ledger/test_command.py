"""`fat ledger` on the clean sample month: 5 claims of April 2024."""

import contextlib
import csv
import io
import json
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

import stories
from fatcli.cli import app, clawback, common, outputs

SAMPLES = Path(__file__).parents[2] / "samples" / "clean"
PAYOUT = ("payout", "--month", "2024-04", "--as-of", "2024-05-03")


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def fat(workspace, *arguments, user="anna", lang="en"):
    """The command line, in this process: a new one for each of a hundred commands would take a minute."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(workspace):
        patch.setattr(sys, "argv", ["fat", *arguments])
        patch.setattr(app, "LANGUAGE", lang)
        patch.setattr(common, "LANGUAGE", lang)
        patch.setenv("FAT_USER", user)
        patch.setattr(sys, "stdout", streams[0])
        patch.setattr(sys, "stderr", streams[1])
        with pytest.raises(SystemExit) as ended:
            app.main()
    for stream in streams:
        stream.flush()
    return Done(ended.value.code or 0, *(stream.buffer.getvalue().decode() for stream in streams))


def document(workspace, *arguments):
    done = fat(workspace, *arguments, "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def paid(tmp_path_factory):
    """A workspace with April booked."""
    workspace = tmp_path_factory.mktemp("paid")
    for file in SAMPLES.glob("*.xlsx"):
        shutil.copy(file, workspace)
    assert fat(workspace, *PAYOUT).returncode == 0
    return workspace


@pytest.fixture
def workspace(paid, tmp_path):
    return Path(shutil.copytree(paid, tmp_path / "workspace"))


def files(workspace):
    return {path.name: path.read_bytes() for path in (workspace / "out" / "2024-04").iterdir()}


def test_without_a_ledger_there_is_a_sentence(tmp_path):
    done = fat(tmp_path, "ledger", "log")
    assert done.returncode == 4
    assert "there is no ledger yet. fat payout makes it when it first books." in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_log_lists_runs(paid):
    (run,) = document(paid, "ledger", "log")["runs"]
    assert (run["run"], run["kind"], run["month"], run["claims"], run["booked_by"]) == (1, "payout", "2024-04", 5, "anna")
    assert run["files_written"]
    text = fat(paid, "ledger", "log", lang="sv").stdout.split("\n")
    assert text[0].split() == ["körning", "bokförd", "(UTC)", "slag", "månad", "rekv.", "summa", "av", "attest"]
    assert " utbetalning " in text[1]


def test_a_run_shows_its_items_with_cells_and_no_participant(paid):
    shown = document(paid, "ledger", "show", "1")
    assert shown["claims"][0]["claim"] == "2024-04/BJORKDALEN/1"
    assert shown["items"][0]["cell"] == "C6"
    assert "participant" not in shown["items"][0]
    assert "participant" in document(paid, "ledger", "show", "1", "--show-ids")["items"][0]
    text = fat(paid, "ledger", "show", "1").stdout
    assert "attendance-2024-04.xlsx · Björkdalen!C6" in text


def test_what_looks_like_markup_is_shown_as_it_stands(tmp_path):
    odd = stories.placement("[/red]", participant_id="T1", organiser_id="[bold]")
    stories.workspace(tmp_path, stories.register(odd), stories.present(["2024-05-02"], "[/red]"))
    assert fat(tmp_path, "payout", "--month", "2024-05", "--as-of", "2024-06-03", user="[x]").returncode == 0
    shown = fat(tmp_path, "ledger", "show", "1")
    assert shown.returncode == 0
    assert "2024-05/[bold]/1" in shown.stdout
    assert "[/red]" in shown.stdout
    assert "[x]" in fat(tmp_path, "ledger", "log").stdout


def test_an_unknown_run_is_told(paid):
    done = fat(paid, "ledger", "show", "9")
    assert (done.returncode, done.stdout) == (4, "")
    assert "there is no run 9; the last is 1." in done.stderr


def test_the_export_adds_up_to_the_claims(paid):
    done = fat(paid, "ledger", "export")
    rows = list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"))))
    claims = document(paid, "ledger", "show", "1")["claims"]
    for claim in claims:
        own = [row["amount_sek"] for row in rows if row["claim"] == claim["claim"]]
        assert sum(int(amount.replace(".", "")) for amount in own) == int(claim["total_sek"].replace(".", ""))
    assert "participant" not in rows[0]
    assert json.loads(fat(paid, "ledger", "export", "--format", "json").stdout)["items"] == [
        {key: value or None for key, value in row.items()} | {"run": int(row["run"])} for row in rows
    ]


def test_the_export_opens_in_excel_of_the_language(paid):
    heads = fat(paid, "ledger", "export").stdout.splitlines()[0]
    assert heads.startswith("\ufeffrun,run_kind,")
    assert fat(paid, "ledger", "export", "-o", "csv:poster.csv", "--lang", "sv").returncode == 0
    written = (paid / "poster.csv").read_bytes().decode()
    assert written.startswith("\ufeffrun;run_kind;")
    assert written.count("\r\n") == written.count("\n") > 1
    (first, *_) = csv.DictReader(io.StringIO(written.removeprefix("\ufeff")), delimiter=";")
    english = next(csv.DictReader(io.StringIO(fat(paid, "ledger", "export").stdout.removeprefix("\ufeff"))))
    assert first == english | {"amount_sek": english["amount_sek"].replace(".", ",")}
    assert "," in first["amount_sek"]


def test_sound_books_verify(paid):
    done = fat(paid, "ledger", "verify")
    assert done.returncode == 0
    assert done.stdout.startswith("The ledger is sound. Runs: 1, claims: 5, items: ")
    whole = document(paid, "ledger", "verify")
    assert (whole["sound"], whole["total_sek"]) == (True, "128050.00")
    assert ", sum: SEK 128,050.00. Hash of the last run: " in done.stdout.replace("\xa0", " ")


def test_without_the_head_file_it_is_told_that_the_end_was_not_checked(workspace):
    head = workspace / "ledger.db.head"
    assert document(workspace, "ledger", "verify")["notes"] == []
    head.unlink()
    done = fat(workspace, "ledger", "verify")
    assert done.returncode == 0
    assert "The end could not be checked: ledger.db.head is missing." in done.stdout.splitlines()[1]
    whole = document(workspace, "ledger", "verify")
    assert whole["sound"]
    assert len(whole["notes"]) == 1
    assert not head.exists()


def test_broken_books_do_not_verify_and_nothing_is_booked_on_them(workspace):
    with sqlite3.connect(workspace / "ledger.db") as connection:
        connection.execute("DROP TRIGGER runs_no_update")
        connection.execute("UPDATE runs SET edition = '2025'")
    connection.close()
    done = fat(workspace, "ledger", "verify")
    assert done.returncode == 4
    assert "run 1: the run's own data were changed.\n" in done.stdout
    assert "Change nothing in the file." in done.stderr
    done = fat(workspace, *PAYOUT)
    assert done.returncode == 4
    assert "Nothing is booked." in done.stderr


@pytest.mark.parametrize(
    ("arguments", "user"),
    [
        (PAYOUT, "anna"),
        ((*PAYOUT, "--dry-run"), "anna"),
        (("ledger", "attest", "1", "--by", "Bo Ek"), "bo"),
        (("ledger", "clawback", "--organiser", "BJORKDALEN", "--all", "--reason", "x", "--as-of", "2024-05-10"), "anna"),
    ],
)
def test_nothing_is_booked_where_booked_days_were_moved_to_another_year(workspace, arguments, user):
    """The counts and sums of the claims are as before, and so is all that the chain of runs holds."""
    with contextlib.closing(sqlite3.connect(workspace / "ledger.db", isolation_level=None)) as connection:
        (trigger,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'items_no_update'").fetchone()
        connection.execute("DROP TRIGGER items_no_update")
        connection.execute("UPDATE items SET date = '2023-' || substr(date, 6) WHERE line = 1")
        connection.execute(trigger)
    before = (workspace / "ledger.db").read_bytes()
    done = fat(workspace, *arguments, user=user)
    assert (done.returncode, done.stdout) == (4, "")
    assert "the ledger is not what it was: run 1: the items were changed" in done.stderr
    assert (workspace / "ledger.db").read_bytes() == before


def test_a_run_is_rendered_byte_for_byte(workspace):
    before = files(workspace)
    shutil.rmtree(workspace / "out")
    for file in workspace.glob("*.xlsx"):
        file.unlink()
    assert fat(workspace, "ledger", "render", "1").returncode == 0
    assert files(workspace) == before


def test_files_that_are_missing_after_a_crash_are_written_by_the_next_command(workspace):
    before = files(workspace)
    with sqlite3.connect(workspace / "ledger.db") as connection:
        connection.execute("DROP TRIGGER events_no_delete")
    connection.execute("DELETE FROM events WHERE kind = 'files'")
    connection.execute(
        "CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END"
    )
    connection.execute("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'events'")
    connection.commit()
    connection.close()
    (workspace / "ledger.db.head").unlink()
    shutil.rmtree(workspace / "out")
    done = fat(workspace, *PAYOUT)
    assert "Run 1 was booked but cut short: its files are now written in out/2024-04." in done.stderr
    assert files(workspace) == before


def test_an_attestation_stands_in_the_log_the_export_and_the_claim(workspace):
    import openpyxl

    assert "can't attest it" in fat(workspace, "ledger", "attest", "1", "--by", "Anna").stderr
    done = fat(workspace, "ledger", "attest", "1", "--by", "Bo  Ek", user="bo")
    assert done.returncode == 0
    (run,) = document(workspace, "ledger", "log")["runs"]
    assert [attested["by"] for attested in run["attested"]] == ["Bo Ek"]
    assert document(workspace, "ledger", "export")["items"][0]["attested_by"] == "Bo Ek"
    sheet = openpyxl.load_workbook(workspace / "out" / "2024-04" / "rekvisition-2024-04-BJORKDALEN-1.xlsx").active
    assert any("Bo Ek" in str(cell.value) for row in sheet.iter_rows() for cell in row)
    assert fat(workspace, "ledger", "attest", "1", "--by", " ").returncode == 2


def test_files_that_were_made_before_an_attestation_do_not_outlive_it(workspace, monkeypatch):
    """While one renders, from a document already read, another attests and writes its files; the first then writes its own on top."""
    made = outputs.claim_files

    def slowly(paid):
        monkeypatch.setattr(outputs, "claim_files", made)
        if not attested:
            assert fat(workspace, "ledger", "attest", "1", "--by", "Bo Ek", user="bo").returncode == 0
            attested.update(files(workspace))
        return made(paid)

    before, attested = files(workspace), {}
    monkeypatch.setattr(outputs, "claim_files", slowly)
    assert fat(workspace, "ledger", "render", "1").returncode == 0
    assert attested != before
    assert files(workspace) == attested


def test_identity_numbers_in_reasons_and_names_are_masked_unless_asked_for(workspace):
    """All of them fictitious."""
    numbers = ("850615-9810", "199001012384", "19920202 9816")
    clawback = ("ledger", "clawback", "--organiser", "BJORKDALEN", "--all", "--as-of", "2024-05-10", "--reason")
    assert fat(workspace, *clawback, f"Fel för {numbers[0]}", user=numbers[1]).returncode == 0
    done = fat(workspace, "ledger", "attest", "2", "--by", f"Bo Ek {numbers[2]}", user="bo")
    assert done.returncode == 0
    own = ("ledger", "show", "2")
    outputs = [done.stderr] + [
        fat(workspace, *arguments, "--format", form).stdout
        for arguments, forms in (
            (("ledger", "log"), ("text", "json")),
            (own, ("text", "json")),
            (("ledger", "export"), ("csv", "json")),
            (("explain", "2024-04/BJORKDALEN/2"), ("text", "json")),
            (("explain", "B24-0099", "--as-of", "2024-05-10"), ("text", "json")),
        )
        for form in forms
    ]
    for output in outputs:
        assert "******-****" in output
        assert not [number for number in numbers if number in output]
    asked = fat(workspace, *own, "--show-ids", "--format", "json").stdout
    assert [number for number in numbers if number in asked] == list(numbers)
    assert "can't attest it" in fat(workspace, "ledger", "attest", "2", "--by", numbers[1], user="bo").stderr
    assert fat(workspace, "ledger", "attest", "2", "--by", "19920202 9824", user="cia").returncode == 0


CLAWBACK = ("ledger", "clawback", "--organiser", "BJORKDALEN", "--as-of", "2024-05-10", "--reason", "Fel kryss")


def amounts(workspace, run):
    return [(item["placement"], item["date"], item["amount_sek"]) for item in document(workspace, "ledger", "show", str(run))["items"]]


def test_a_clawback_takes_items_back_for_good_until_it_is_undone(workspace):
    done = fat(workspace, *CLAWBACK, "--date", "2024-04-02", "--date", "2024-04-03", "--placement", "B24-0099")
    assert done.returncode == 0, done.stderr
    assert "2024-04/BJORKDALEN/1" in done.stdout
    assert "Clawed back: SEK\u00a0600.00." in done.stdout
    assert amounts(workspace, 2) == [("B24-0099", "2024-04-02", "-300.00"), ("B24-0099", "2024-04-03", "-300.00")]
    assert document(workspace, "ledger", "show", "2")["run"]["reason"] == "Fel kryss"

    again = document(workspace, "payout", "--month", "2024-04", "--as-of", "2024-05-11")
    assert (again["booked"], again["claims"]) == (False, [])
    assert [(item["date"], item["rules"]) for item in again["withheld"]] == [
        ("2024-04-02", ["clawed-back"]),
        ("2024-04-03", ["clawed-back"]),
    ]

    refused = fat(workspace, *CLAWBACK, "--date", "2024-04-02", "--placement", "B24-0099")
    assert refused.returncode == 4
    assert "nothing booked matches, or it is clawed back already." in refused.stderr

    assert fat(workspace, "ledger", "clawback", "--undo", "2", "--reason", "Rätt ändå", "--as-of", "2024-05-12").returncode == 0
    reopened = document(workspace, "payout", "--month", "2024-04", "--as-of", "2024-05-13")
    assert (reopened["run"], reopened["total_sek"]) == (4, "600.00")
    assert fat(workspace, "ledger", "verify").returncode == 0


@pytest.mark.parametrize(
    ("answer", "lang", "booked"),
    [("ja\n", "sv", True), ("J\n", "en", True), ("y\n", "sv", True), ("yes\n", "en", True), ("n\n", "sv", False), ("\n", "sv", False)],
)
def test_a_terminal_asks_before_money_is_taken_back(workspace, monkeypatch, answer, lang, booked):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(clawback, "sys", SimpleNamespace(stdin=Terminal(), stdout=Terminal()))
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    done = fat(workspace, *CLAWBACK, "--date", "2024-04-02", "--placement", "B24-0099", "--lang", lang, lang=lang)
    assert done.returncode == 0, done.stderr
    asked = {"sv": "Återkräv 300,00\xa0kr? [j/N]", "en": "Claw back SEK\xa0300.00? [y/N]"}
    assert asked[lang] in done.stderr
    name = {"sv": "Merkostnadsersättning (FAT.base)", "en": "Compensation for extra costs (FAT.base)"}
    assert name[lang] in done.stdout
    assert len(document(workspace, "ledger", "log")["runs"]) == 1 + booked


def test_a_misspelt_placement_is_no_clawback_of_the_others(workspace):
    before = (workspace / "ledger.db").read_bytes()
    done = fat(workspace, *CLAWBACK, "--placement", "B24-0099", "--placement", "B24-009")
    assert (done.returncode, done.stdout) == (2, "")
    assert "BJORKDALEN has nothing booked for placement B24-009. Did you mean B24-0099?" in done.stderr
    assert (workspace / "ledger.db").read_bytes() == before


def test_a_clawback_in_trial_books_nothing(workspace):
    before = (workspace / "ledger.db").read_bytes()
    done = fat(workspace, *CLAWBACK, "--all", "--dry-run")
    assert done.returncode == 0
    assert "2024-04-02" in done.stdout
    assert (workspace / "ledger.db").read_bytes() == before


def test_a_whole_claim_clawed_back_comes_to_nothing(workspace):
    total = next(claim["total_sek"] for claim in document(workspace, "ledger", "show", "1")["claims"] if claim["organiser"] == "BJORKDALEN")
    assert fat(workspace, *CLAWBACK, "--month", "2024-04").returncode == 0
    runs = document(workspace, "ledger", "log")["runs"]
    assert runs[1]["total_sek"] == f"-{total}"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--organiser", "A", "--reason", "x"), "it isn't clear what to claw back."),
        (("--organiser", "A", "--reason", "x", "--all", "--month", "2024-04"), "it isn't clear what to claw back."),
        (("--organiser", "A", "--reason", " ", "--all"), "--reason is empty."),
        (("--reason", "x", "--all"), "--organiser is missing."),
        (("--undo", "1", "--organiser", "A", "--reason", "x"), "--undo undoes a whole clawback."),
        (("--organiser", "A", "--reason", "x", "--date", "2024-13-01"), "2024-13-01 is no date. Write --date 2024-06-03, for instance."),
        (("--organiser", "A", "--reason", "x", "--month", "maj"), "maj is no month."),
    ],
)
def test_what_to_claw_back_must_be_said(paid, arguments, sentence):
    done = fat(paid, "ledger", "clawback", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_only_a_clawback_is_undone_and_only_once(workspace):
    undo = ("ledger", "clawback", "--reason", "x", "--as-of", "2024-05-12", "--undo")
    assert "run 1 is no clawback." in fat(workspace, *undo, "1").stderr
    assert fat(workspace, *CLAWBACK, "--date", "2024-04-02").returncode == 0
    assert fat(workspace, *undo, "2").returncode == 0
    assert "run 2 is already undone by run 3." in fat(workspace, *undo, "2").stderr


@pytest.mark.parametrize("named", ["start", "AIO.start", "Startersättning"])
def test_a_clawback_of_one_component_of_a_month(workspace, named):
    """Start compensation alone; the days stay booked."""
    before = {(row["placement"], row["component"]) for row in document(workspace, "ledger", "show", "1")["items"]}
    starts = sorted(placement for placement, component in before if component == "start")
    assert starts
    organiser = next(row["organiser"] for row in document(workspace, "ledger", "show", "1")["items"] if row["placement"] == starts[0])
    asked = (
        "ledger",
        "clawback",
        "--organiser",
        organiser,
        "--component",
        named,
        "--month",
        "2024-04",
        "--reason",
        "Dubbel start",
        "--lang",
        "sv",
    )
    assert fat(workspace, *asked, "--as-of", "2024-05-10").returncode == 0
    assert {row["component"] for row in document(workspace, "ledger", "show", "2")["items"]} == {"start"}
