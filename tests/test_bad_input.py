"""Input that ends a run: one sentence and a remedy on stderr in either language, the right exit code, and nothing written."""

import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import typer

import workbooks
from stories import csv_bytes, fat, here, long_sheet, placement, present, register, register_sheets, workspace

MONTH = ("payout", "--month", "2024-05", "--as-of", "2024-06-03")
VALIDATE = ("validate", "--as-of", "2024-06-03")
RULES = Path(__file__).parent.parent / "rules.yaml"


class Bad(NamedTuple):
    """What is done to a good workspace; what the command gets beside; the exit code; what both languages say, and of what place."""

    spoil: Callable[[Path], object]
    more: tuple[str, ...]
    code: int
    sv: str
    en: str
    place: str = ""


def nothing(folder: Path) -> None:
    """The workspace is good; the arguments are not."""


def write(name: str, data: bytes | str) -> Callable[[Path], object]:
    content = data.encode() if isinstance(data, str) else data
    return lambda folder: (folder / name).write_bytes(content)


def cut(folder: Path) -> None:
    path = folder / "attendance.xlsx"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def compound(stream: str) -> bytes:
    """An OLE compound file (as .xls is, and every workbook with a password) whose directory has one stream of that name."""
    sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0) + struct.pack("<I", free) * 108
    table = struct.pack("<II", 0xFFFFFFFD, end) + struct.pack("<I", free) * 126

    def entry(name: str, kind: int, child: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        links = struct.pack("<HBBIII", len(text), kind, 1, free, free, child)
        return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<III", end, 0, 0)

    directory = entry("Root Entry", 5, 1) + entry(stream, 2, free) + bytes(128) * 2
    assert len(head) == len(table) == sector
    return head + table + directory.ljust(sector, b"\0")


def without_register(folder: Path) -> None:
    (folder / "register.xlsx").unlink()


def register_of_unknown_columns(folder: Path) -> None:
    workbooks.save(folder / "register.xlsx", {"Blad1": [["Vem", "Vad", "När"], ["Anna", "Allt", "Alltid"]]})


def empty(name: str) -> Callable[[Path], object]:
    unseen = "\u200b\xad"  # what pasting leaves behind
    return lambda folder: workbooks.save(folder / name, {"Blad1": [], "Blad2": [[], [None, unseen]]})


def folder_named(name: str) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).mkdir()

    return spoil


def rules_with(old: str, new: str) -> Callable[[Path], object]:
    """The shipped rule book as the workspace's, with something in it changed."""
    text = RULES.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    return write("rules.yaml", text.replace(old, new, 1))


BOOK = "rules.yaml:"
SHEET = "attendance.xlsx"
CASES = {
    "missing file": Bad(nothing, ("maj.xlsx",), 3, "finns inte", "does not exist", "maj.xlsx"),
    "missing pattern": Bad(nothing, ("maj*.xlsx",), 3, "inga filer passar", "no files match", "maj*.xlsx"),
    "a folder": Bad(folder_named("maj.xlsx"), ("maj.xlsx",), 3, "är en mapp", "is a folder", "maj.xlsx"),
    "text named .xlsx": Bad(write(SHEET, "datum;status\n2024-05-02;N\n"), (), 3, "ingen arbetsbok", "no workbook", SHEET),
    "a page named .xls": Bad(
        write("attendance.xls", "<html><table></table></html>"), (), 3, "ingen arbetsbok", "no workbook", "attendance.xls"
    ),
    "another kind": Bad(write("maj.docx", b"PK\3\4"), ("maj.docx",), 3, "slaget .docx", "kind .docx", "maj.docx"),
    "a password": Bad(write(SHEET, compound("EncryptedPackage")), (), 3, "skyddad med lösenord", "protected by a password", SHEET),
    "a cut zip": Bad(cut, (), 3, "skadad eller ofullständig", "damaged or incomplete", SHEET),
    "no bytes": Bad(write(SHEET, b""), (), 3, "tom (0 byte)", "empty (0 bytes)", SHEET),
    "an empty workbook": Bad(empty(SHEET), (), 3, "är tom", "is empty", SHEET),
    "an empty register": Bad(empty("register.xlsx"), ("attendance.xlsx",), 3, "är tom", "is empty", "register.xlsx"),
    "no register": Bad(without_register, (), 3, "inget register", "no register"),
    "no register beside a file": Bad(without_register, ("attendance.xlsx",), 3, "inget register", "no register"),
    "a register of unknown columns": Bad(register_of_unknown_columns, (), 3, "inget register", "no register"),
    "csv with a NUL": Bad(write("attendance.csv", b"a;b\n1;\0\n"), (), 3, "NUL", "NUL", "attendance.csv"),
    "csv with an open quote": Bad(write("attendance.csv", 'a;b\n"1;2\n'), (), 3, "Citattecknen", "quotation marks", "attendance.csv"),
    "no rule book": Bad(nothing, ("--rules", "regler.yaml"), 2, "går inte att läsa", "can't be read", "regler.yaml"),
    "rule book: unknown key": Bad(
        rules_with("    severity: error\n", "    severtiy: error\n"), (), 2, "Menade du severity?", "Did you mean severity?", BOOK
    ),
    "rule book: unknown column": Bad(
        rules_with("when: not identity_valid", "when: not identity_vald"), (), 2, "identity_valid", "identity_valid", BOOK
    ),
    "rule book: no expression": Bad(rules_with("when: not identity_valid", "when: identity_valid and"), (), 2, "", "", BOOK),
    "rule book: a function": Bad(rules_with("when: not identity_valid", "when: __import__('os')"), (), 2, "", "", BOOK),
    "rule book: no boolean": Bad(rules_with("when: not identity_valid", "when: name"), (), 2, "", "", BOOK),
    "rule book: amount without quotes": Bad(rules_with('amount: "300"', "amount: 300"), (), 2, '"315.50"', '"315.50"', BOOK),
    "rule book: amount with a comma": Bad(rules_with('amount: "300"', 'amount: "300,50"'), (), 2, "med punkt", "with a point", BOOK),
    "rule book: amount with a comma and no quotes": Bad(
        rules_with('amount: "300"', "amount: 300,50"), (), 2, "inom citattecken och med punkt", "in quotes and with a point", BOOK
    ),
    "rule book: negative amount": Bad(rules_with('amount: "300"', 'amount: "-300"'), (), 2, "", "", BOOK),
    "rule book: duplicate key": Bad(
        rules_with('edition: "2024-06"', 'edition: "2024-06"\nedition: "2024-07"'), (), 2, "edition", "edition", BOOK
    ),
    "rule book: no YAML": Bad(write("rules.yaml", "edition: [\n"), (), 2, "", "", BOOK),
    "rule book: not text": Bad(write("rules.yaml", b"\xff\xfe\x00edition"), (), 2, "", "", "rules.yaml"),
    "wrong day": Bad(nothing, ("--as-of", "3 juni"), 2, "3 juni är inget datum", "3 juni is no date"),
    "no such day": Bad(nothing, ("--as-of", "2024-02-30"), 2, "2024-02-30 är inget datum", "2024-02-30 is no date"),
    "unknown rule": Bad(nothing, ("--select", "A99"), 2, "ingen regel eller grupp A99", "no rule or group A99"),
    "unknown group": Bad(nothing, ("--ignore", "aa01"), 2, "Menade du A01?", "Did you mean A01?"),
    "unknown format": Bad(nothing, ("--format", "pdf"), 2, "inget utdataformat", "no output format"),
    "two formats on stdout": Bad(nothing, ("-o", "json", "-o", "text"), 2, "bara ett format", "only one format"),
    "settings: unknown key": Bad(write("fat.yaml", "regler: rules.yaml\n"), (), 2, "regler", "regler", "fat.yaml:1"),
    "settings: near key": Bad(
        write("fat.yaml", "# mine\nrule: rules.yaml\n"), (), 2, "Menade du rules?", "Did you mean rules?", "fat.yaml:2"
    ),
    "settings: wrong language": Bad(write("fat.yaml", "language: de\n"), (), 2, "sv", "sv", "fat.yaml:1"),
    "settings: not text": Bad(write("fat.yaml", b"\xff\xfe"), (), 2, "går inte att läsa", "can't be read", "fat.yaml"),
    "settings: a list": Bad(write("fat.yaml", "- rules.yaml\n"), (), 2, "", "", "fat.yaml:1"),
}


def files(folder: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def good(folder: Path) -> Path:
    return workspace(folder, register(placement()), present(["2024-05-02", "2024-05-03"]))


def told(err: str, place: str, what: str) -> None:
    """One line: `fat: place: what is wrong. What to do.`"""
    assert "Traceback" not in err
    assert err.count("\n") == 1
    assert err.startswith("fat: ")
    assert err.endswith((".\n", "?\n"))
    assert what in err
    assert place in err
    sentences = [part for part in err.removeprefix("fat: ").split(". ") if part.strip()]
    assert len(sentences) >= 2  # what is wrong, and what to do


@pytest.mark.parametrize("name", CASES)
def test_it_ends_the_run_with_a_sentence_and_a_remedy(tmp_path: Path, name: str) -> None:
    bad = CASES[name]
    good(tmp_path)
    bad.spoil(tmp_path)
    before = files(tmp_path)
    for arguments, language, what in ((VALIDATE, "sv", bad.sv), (MONTH, "en", bad.en)):
        run = here(tmp_path, *arguments, *bad.more, "--lang", language)
        assert run.code == bad.code, run.err
        assert run.out == ""
        told(run.err, bad.place, what)
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", ["missing file", "a password", "no register", "rule book: unknown key"])
def test_and_so_it_does_in_a_process_of_its_own(tmp_path: Path, name: str) -> None:
    bad = CASES[name]
    good(tmp_path)
    bad.spoil(tmp_path)
    run = fat(tmp_path, *MONTH, *bad.more, "--lang", "sv")
    assert (run.code, run.out) == (bad.code, "")
    told(run.err, bad.place, bad.sv)


@pytest.mark.parametrize("month", ["2024-13", "2024-5", "maj 2024", ""])
def test_a_wrong_month(tmp_path: Path, month: str) -> None:
    good(tmp_path)
    before = files(tmp_path)
    for language, what in (("sv", f"{month} är ingen månad"), ("en", f"{month} is no month")):
        run = here(tmp_path, "payout", "--month", month, "--lang", language)
        assert (run.code, run.out) == (2, "")
        told(run.err, "", what)
    assert files(tmp_path) == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_is_no_workbook(tmp_path: Path) -> None:
    good(tmp_path)
    os.mkfifo(tmp_path / "maj.xlsx")
    run = here(tmp_path, "validate", "maj.xlsx")
    assert (run.code, run.out) == (3, "")
    told(run.err, "maj.xlsx", "a device or a pipe")


@pytest.mark.parametrize(("more", "said"), [(0, "rules check"), (1, "too large for a rule book")])
def test_a_rule_book_has_at_most_four_mebibytes(tmp_path: Path, more: int, said: str) -> None:
    (tmp_path / "rules.yaml").write_bytes(b"#" * (4 * 2**20 + more))
    run = here(tmp_path, "validate")
    assert run.code == 2
    told(run.err, "rules.yaml", said)


def test_a_missing_workspace(tmp_path: Path) -> None:
    run = here(tmp_path, "validate", "-C", "maj")
    assert (run.code, run.out) == (2, "")
    told(run.err, "maj", "the workspace can't be read")


@pytest.mark.parametrize(
    ("arguments", "sv", "en"),
    [
        (["validate", "--show-id"], "flaggan --show-id finns inte. Menade du --show-ids?", "no option --show-id. Did you mean --show-ids?"),
        (["--hlep"], "flaggan --hlep finns inte. Menade du --help?", "no option --hlep. Did you mean --help?"),
        (["-x"], "flaggan -x finns inte.", "no option -x."),
        (["valdate"], "kommandot valdate finns inte. Menade du validate?", "no command valdate. Did you mean validate?"),
        (["ledger", "lgo"], "kommandot lgo finns inte. Menade du log?", "no command lgo. Did you mean log?"),
        (["attest", "1"], "kommandot attest finns inte. Menade du fat ledger attest?", "Did you mean fat ledger attest?"),
        (["list"], "kommandot list finns inte. Menade du fat rules list?", "Did you mean fat rules list?"),
        (["nonsense"], "kommandot nonsense finns inte.", "no command nonsense."),
        (["payout"], "--month saknas.", "--month is missing."),
        (["ledger", "show"], "RUN saknas.", "RUN is missing."),
        (["ledger", "show", "x"], "RUN ska vara ett heltal.", "RUN must be a whole number."),
        (
            ["validate", "--fail-on", "all"],
            "all kan inte anges för --fail-on. Välj bland error, warning, info, never.",
            "all can't be given",
        ),
        (["validate", "--as-of"], "--as-of behöver ett värde.", "--as-of needs a value."),
        (["validate", "--quiet=3"], "--quiet tar inget värde.", "--quiet takes no value."),
        (["ledger", "log", "a", "b"], "det här går inte att ange: a b.", "this can't be given: a b."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_line_given_wrongly(tmp_path: Path, arguments: list[str], sv: str, en: str) -> None:
    for language, what in (("sv", sv), ("en", en)):
        run = here(tmp_path, *arguments, FAT_LANGUAGE=language)
        assert (run.code, run.out) == (2, "")
        told(run.err, "", what)
        assert "--help " in run.err


@pytest.mark.parametrize("arguments", [[], ["ledger"]])
def test_a_command_alone_shows_its_help(tmp_path: Path, arguments: list[str]) -> None:
    run = fat(tmp_path, *arguments, FAT_LANGUAGE="sv")
    assert (run.code, run.err) == (2, "")
    assert "Kommandon" in run.out
    assert "Commands" not in run.out


@pytest.mark.parametrize("arguments", [VALIDATE, (*MONTH, "--dry-run")])
def test_an_output_that_cannot_be_written(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    good(tmp_path)
    (tmp_path / "taken").write_text("a file, where a folder is wanted")
    before = files(tmp_path)
    for language, what in (("sv", "går inte att skriva"), ("en", "can't be written")):
        run = here(tmp_path, *arguments, "-o", "json:taken/report.json", "--lang", language)
        assert (run.code, run.out) == (5, "")
        told(run.err, "taken", what)
    assert files(tmp_path) == before


def test_an_output_that_is_a_folder(tmp_path: Path) -> None:
    good(tmp_path)
    (tmp_path / "reports/payout-2024-05.json").mkdir(parents=True)
    run = here(tmp_path, *MONTH, "-o", "json:reports")
    assert (run.code, run.out) == (5, "")
    told(run.err, "reports/payout-2024-05.json", "can't be written")
    assert not list(tmp_path.rglob(".fat-*"))
    assert not (tmp_path / "ledger.db").exists()


@pytest.mark.skipif(os.name == "nt" or getattr(os, "geteuid", lambda: 0)() == 0, reason="folders are not write-protected for this user")
def test_a_write_protected_folder(tmp_path: Path) -> None:
    folder = good(tmp_path) / "out"
    folder.mkdir()
    folder.chmod(stat.S_IREAD | stat.S_IEXEC)
    run = here(tmp_path, *VALIDATE, "-o", "json:out/report.json")
    assert (run.code, run.out) == (5, "")
    told(run.err, "out", "locked or write-protected")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, typer.Abort])
def test_a_run_that_the_user_stops_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]) -> None:
    def stopped(*_: object) -> None:
        raise stop

    good(tmp_path)
    monkeypatch.setattr("fatcli.pipeline.validate", stopped)
    run = here(tmp_path, *VALIDATE)
    assert (run.code, run.out, run.err.strip()) == (130, "", "fat: interrupted.")


def test_a_fault_of_ours_shows_no_traceback_and_no_values(tmp_path: Path) -> None:
    # a clock that no calendar has: the program falls over where it reads it
    good(tmp_path)
    script = tmp_path / "sitecustomize.py"
    script.write_text(
        "import fatcli.workspace as w\ndef fall(*a, **k):\n    raise RuntimeError('19900101-9802')\nw.open_workspace = fall\n"
    )
    run = fat(tmp_path, *VALIDATE, PYTHONPATH=str(tmp_path))
    assert (run.code, run.out) == (70, "")
    assert run.err.startswith("fat: a fault in the program (RuntimeError).")
    assert "9802" not in run.err
    assert "Traceback" not in run.err
    shown = fat(tmp_path, "--debug", *VALIDATE, PYTHONPATH=str(tmp_path))
    assert shown.code == 70
    assert "sitecustomize.py:3 fall" in shown.err
    assert "9802" not in shown.err


def test_a_column_that_is_missing_is_a_violation_not_an_end(tmp_path: Path) -> None:
    workspace(tmp_path, register(placement()), Närvaro=[["placement_id", "date", "koder"], ["P1", "2024-05-02", "N"]])
    run = here(tmp_path, *MONTH, "--dry-run", "--format", "json")
    assert run.code == 1
    assert [(row["rule"], row["cell"]) for row in run.document["violations"] if row["severity"] == "error"] == [("T01", "A1")]
    assert run.document["claims"] == []


@pytest.mark.parametrize("table", ["placements", "organisers"])
def test_and_so_it_is_in_the_workspaces_register_when_files_are_named(tmp_path: Path, table: str) -> None:
    sheets = register_sheets(register(placement()))
    sheets[table][0][sheets[table][0].index("organiser_id")] = "nummer"
    workbooks.save(tmp_path / "register.xlsx", sheets)
    workbooks.save(tmp_path / "attendance.xlsx", {"Närvaro": long_sheet(present(["2024-05-02"]))})
    run = here(tmp_path, "validate", "attendance.xlsx", "--as-of", "2024-06-03", "--format", "json")
    assert run.code == 1
    assert [(row["rule"], row["sheet"]) for row in run.document["violations"] if row["severity"] == "error"] == [("T01", table)]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    good(tmp_path)
    named = ("attendance.xlsx", str(tmp_path / "attendance.xlsx"), "*.xlsx")
    run = here(tmp_path, "validate", *named, "--as-of", "2024-06-03", "--format", "json")
    assert [entry["path"] for entry in run.document["inputs"]] == ["attendance.xlsx", "register.xlsx"]
    assert "A06" not in {row["rule"] for row in run.document["violations"]}


def test_csv_and_xlsx_of_the_same_name_are_both_read(tmp_path: Path) -> None:
    good(tmp_path)
    (tmp_path / "attendance.csv").write_bytes(csv_bytes(long_sheet(present(["2024-05-06"]))))
    run = here(tmp_path, *MONTH, "--dry-run", "--format", "json")
    assert [entry["path"] for entry in run.document["inputs"]] == ["attendance.csv", "attendance.xlsx", "register.xlsx"]
    assert run.document["total_sek"] == "900.00"


def test_a_register_given_as_the_file_brings_its_own_tables(tmp_path: Path) -> None:
    # the workspace's register is left out where the files given have all its tables
    good(tmp_path)
    sheets = register_sheets(register(placement(), pauses=[], contracts=[]))
    workbooks.save(tmp_path / "allt.xlsx", sheets | {"Närvaro": long_sheet(present(["2024-05-02"]))})
    run = here(tmp_path, "validate", "allt.xlsx", "--as-of", "2024-06-03", "--format", "json")
    assert [entry["path"] for entry in run.document["inputs"]] == ["allt.xlsx"]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
@pytest.mark.parametrize(
    ("name", "code"), [("fat.yaml", 2), ("rules.yaml", 2), ("register-contracts.xlsx", 3), ("attendance2.xlsx", 3), ("fat.yaml/", 2)]
)
def test_what_a_link_that_leads_nowhere_stands_for_is_not_passed_over(tmp_path: Path, name: str, code: int) -> None:
    """A share that is away must not mean other settings, another ledger, or fewer workbooks."""
    folder = workspace(tmp_path, register(placement()), present(["2024-05-02"]))
    if name.endswith("/"):
        (folder / name).mkdir()
    else:
        (folder / name).symlink_to(folder / "away" / name)
    outcome = here(folder, "payout", "--month", "2024-05", "--as-of", "2024-06-03")
    assert (outcome.code, outcome.out) == (code, "")
    assert name.rstrip("/") in outcome.err
    assert not (folder / "ledger.db").exists()


@pytest.mark.parametrize("ledger", [":memory:", "file:x?mode=memory", "x" * 300])
def test_a_ledger_is_a_file_whatever_its_name(tmp_path: Path, ledger: str) -> None:
    folder = workspace(tmp_path, register(placement()), present(["2024-05-02"]))
    (folder / "fat.yaml").write_text(f"ledger: '{ledger}'\n", encoding="utf-8")
    for _ in range(2):
        outcome = here(folder, "payout", "--month", "2024-05", "--as-of", "2024-06-03", "--quiet")
        assert outcome.code == (4 if len(ledger) > 255 else 0)
    if len(ledger) < 255 and os.name != "nt":
        assert (folder / ledger).is_file()
        assert "1 " in here(folder, "ledger", "log").out


@pytest.mark.parametrize("month", ["9999-12", "9999-01", "0000-05"])
@pytest.mark.parametrize("command", [["payout", "--dry-run"], ["explain", "P1"], ["template", "grid"]])
def test_a_month_beyond_the_calendar_is_refused(tmp_path: Path, month: str, command: list[str]) -> None:
    folder = workspace(tmp_path, register(placement()), present(["2024-05-02"]))
    outcome = here(folder, *command, "--month", month)
    assert (outcome.code, outcome.out) == (2, "")
    assert month in outcome.err
