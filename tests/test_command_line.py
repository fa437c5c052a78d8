"""The command line as a user meets it: streams, exit codes, settings, outputs, privacy. What ends a run: test_bad_input."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from importlib import resources
from pathlib import Path

import jsonschema
import openpyxl
import pytest

import fatcli
import workbooks
from stories import FAT, MAY, exercise, fat, here, long_sheet, placement, present, register, report, workspace

SAMPLES = Path(__file__).parent.parent / "samples"
DAY = ("--as-of", "2024-06-03")
VALIDATE = ("validate", *DAY)
PAYOUT = ("payout", "--month", "2024-05", *DAY)
JSON = ("--format", "json")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that no test writes to."""
    folder = tmp_path_factory.mktemp("samples")
    for book in SAMPLES.glob("*.xlsx"):
        shutil.copy(book, folder)
    return folder


@pytest.fixture
def own_samples(samples: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(samples, tmp_path / "samples"))


def clean(folder: Path) -> Path:
    return workspace(folder, register(placement()), present(MAY))


def ids(document: dict) -> set[str]:
    return {row["rule"] for row in document["violations"]}


def schema(name: str) -> dict:
    return json.loads(resources.files("fatcli").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("command", "name"), [(VALIDATE, "validate"), ((*PAYOUT, "--dry-run"), "payout")])
def test_stdout_is_one_json_document_as_published(samples: Path, command: tuple[str, ...], name: str) -> None:
    run = fat(samples, *command, *JSON)
    jsonschema.Draft202012Validator(schema(name)).validate(run.document)
    assert run.err == ""
    assert run.code == 1


def test_the_samples_as_the_readme_runs_them(own_samples: Path) -> None:
    validated = fat(own_samples, "validate", "attendance.xlsx", *DAY)
    assert validated.code == 1
    assert not list(own_samples.glob("*.db"))
    run = fat(own_samples, *PAYOUT, FAT_USER="Eva")
    assert run.code == 1
    assert "Booked for May 2024: 5 claims, SEK 120,950.00 (run 1)." in run.out.replace("\xa0", " ")
    folder = own_samples / "out" / "2024-05"
    assert run.err == f"New ledger: {own_samples / 'ledger.db'}.\nThe files are in out/2024-05.\n"
    claims = [f"rekvisition-2024-05-{name}-1.xlsx" for name in ("BJORKDALEN", "EKBACKEN", "FYRKLOVERN", "NORRSKENET", "SOLGLANTAN")]
    reports = ["avvikelser-2024-05-1.xlsx", "korning-2024-05-1.json", "oversikt-2024-05-1.xlsx"]
    assert sorted(path.name for path in folder.iterdir()) == [reports[0], reports[1], reports[2], *claims]
    document = json.loads((folder / "korning-2024-05-1.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema("payout")).validate(document)
    assert (document["booked"], document["run"], document["total_sek"]) == (True, 1, "120950.00")
    again = fat(own_samples, *PAYOUT, *JSON, FAT_USER="Eva")
    assert again.code == 1
    assert (again.document["booked"], again.document["run"], again.document["claims"]) == (False, None, [])


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_outputs_are_the_users_alone_and_leave_nothing_aside(own_samples: Path) -> None:
    here(own_samples, *PAYOUT, "-o", "json:reports/run.json", "-o", "text:reports/run.txt", FAT_USER="Eva")
    written = [path for path in own_samples.rglob("*") if path.is_file() and path.parent != own_samples]
    assert len(written) == 8 + 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in [*written, own_samples / "ledger.db"]} == {0o600}
    assert not list(own_samples.rglob(".fat-*"))


def test_a_clean_month_is_done(tmp_path: Path) -> None:
    clean(tmp_path)
    run = here(tmp_path, *VALIDATE, *JSON)
    assert run.code == 0
    assert run.document["summary"] == {"errors": 0, "warnings": 0, "infos": 0, "rows": 34, "set_aside": 0}
    assert run.document["violations"] == []


@pytest.mark.parametrize(
    ("reports", "codes"),
    [
        ([report("2024-05-31", hours=0)], {"error": 1, "warning": 1, "info": 1, "never": 0}),  # A10
        ([report("2024-05-31", hours=8, from_time="06:00")], {"error": 0, "warning": 1, "info": 1, "never": 0}),  # A11
        ([report("2024-05-31", status="OF")], {"error": 0, "warning": 0, "info": 1, "never": 0}),  # A15
        ([report("2024-05-31")], {"error": 0, "warning": 0, "info": 0, "never": 0}),
    ],
    ids=["error", "warning", "info", "nothing"],
)
def test_fail_on(tmp_path: Path, reports: list, codes: dict[str, int]) -> None:
    workspace(tmp_path, register(placement()), [*present(MAY[:-1]), *reports])
    for severity, code in codes.items():
        assert here(tmp_path, *VALIDATE, "--fail-on", severity).code == code


def test_the_default_is_error(samples: Path) -> None:
    assert here(samples, *VALIDATE, "--select", "A09").code == 0
    assert here(samples, *VALIDATE, "--select", "A10").code == 1
    assert here(samples, *VALIDATE, "--select", "A09", "--fail-on", "warning").code == 1


def test_select_and_ignore_change_what_is_shown_and_counted_never_what_is_withheld(samples: Path) -> None:
    dry = (*PAYOUT, "--dry-run", *JSON)
    whole = here(samples, *dry).document
    for chosen, expected in (
        (("--select", "A"), {rule for rule in ids(whole) if rule[0] == "A"}),
        (("--select", "a,p10"), {rule for rule in ids(whole) if rule[0] == "A" or rule == "P10"}),
        (("--select", "A", "--select", "P10"), {rule for rule in ids(whole) if rule[0] == "A" or rule == "P10"}),
        (("--ignore", "A"), {rule for rule in ids(whole) if rule[0] != "A"}),
        (("--select", "T", "--ignore", "T02"), {rule for rule in ids(whole) if rule[0] == "T"} - {"T02"}),
    ):
        part = here(samples, *dry, *chosen).document
        assert ids(part) == expected
        assert sum(part["summary"].values()) == len(part["violations"])
        for key in ("claims", "withheld", "total_sek", "control", "kept"):
            assert part[key] == whole[key]


def test_several_outputs_of_one_run(tmp_path: Path, samples: Path) -> None:
    folder = Path(shutil.copytree(samples, tmp_path / "w"))
    run = here(folder, *VALIDATE, "-o", "text", "-o", "json:a/report.json", "-o", "xlsx:a/report.xlsx", "-o", "text:report.txt")
    assert run.err == "Wrote a/report.json.\nWrote a/report.xlsx.\nWrote report.txt.\n"
    document = json.loads((folder / "a/report.json").read_text(encoding="utf-8"))
    assert document == here(folder, *VALIDATE, *JSON).document
    text = (folder / "report.txt").read_text(encoding="utf-8")
    assert text.split()[:2] == run.out.split()[:2] == [str(document["summary"]["errors"]), "errors,"]
    assert "\x1b" not in text
    sheet = openpyxl.load_workbook(folder / "a/report.xlsx").worksheets[0]
    rules = {cell.value for row in sheet.iter_rows() for cell in row if re.fullmatch(r"[TOPDACF]\d\d", str(cell.value))}
    assert rules == ids(document)


def test_a_workbook_without_a_path_goes_to_the_output_folder(tmp_path: Path) -> None:
    clean(tmp_path)
    run = here(tmp_path, *VALIDATE, "-o", "xlsx")
    assert (run.out, run.err) == ("", "Wrote out/violations.xlsx.\n")
    assert (tmp_path / "out/violations.xlsx").is_file()


def test_quiet_says_nothing_on_stderr(own_samples: Path) -> None:
    run = here(own_samples, *PAYOUT, "--quiet", "-o", "json:run.json", FAT_USER="Eva")
    assert (run.out, run.err) == ("", "")
    assert (own_samples / "run.json").is_file()


def test_the_workspace_is_named_or_that_of_the_first_file_or_here(tmp_path: Path) -> None:
    clean(tmp_path / "maj")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for arguments in (("-C", "../maj"), ("../maj/attendance.xlsx",), ("-C", "../maj", "../maj/attendance.xlsx"), ("../maj/att*.xlsx",)):
        document = here(elsewhere, *VALIDATE, *arguments, *JSON).document
        assert [entry["path"] for entry in document["inputs"]] == ["attendance.xlsx", "register.xlsx"]
        assert document["summary"]["rows"] == 34
    assert not list(elsewhere.iterdir())


def rule_book(folder: Path, name: str, edition: str) -> Path:
    text = (Path(__file__).parent.parent / "rules.yaml").read_text(encoding="utf-8")
    (folder / name).write_text(text.replace('edition: "2024-06"', f'edition: "{edition}"'), encoding="utf-8")
    return folder / name


def test_options_win_over_variables_over_settings_over_the_workspace_s_own(tmp_path: Path) -> None:
    clean(tmp_path)

    def edition(*arguments: str, **environment: str) -> str:
        return here(tmp_path, *VALIDATE, *JSON, *arguments, **environment).document["rules"]["edition"]

    assert edition() == "2024-06"
    rule_book(tmp_path, "rules.yaml", "own")
    assert edition() == "own"
    (tmp_path / "fat.yaml").write_text("rules: mine.yaml\n")
    rule_book(tmp_path, "mine.yaml", "settings")
    assert edition() == "settings"
    rule_book(tmp_path, "variable.yaml", "variable")
    assert edition(FAT_RULES="variable.yaml") == "variable"
    rule_book(tmp_path, "option.yaml", "option")
    assert edition("--rules", "option.yaml", FAT_RULES="variable.yaml") == "option"


def test_language_by_option_variable_settings_and_locale(tmp_path: Path) -> None:
    clean(tmp_path)

    def language(*arguments: str, **environment: str) -> str:
        out = here(tmp_path, *VALIDATE, *arguments, **{"FAT_LANGUAGE": "", "LC_ALL": "C"} | environment).out
        return "sv" if "Inga fel" in out else "en" if "No errors" in out else out

    assert language() == "sv"
    assert language(LC_ALL="en_GB.UTF-8") == "en"
    assert language(FAT_LANGUAGE="en") == "en"
    (tmp_path / "fat.yaml").write_text("language: en\n")
    assert language(FAT_LANGUAGE="sv") == "sv"
    assert language("--lang", "sv", FAT_LANGUAGE="en") == "sv"


def test_settings_name_files_output_and_ledger(tmp_path: Path) -> None:
    clean(tmp_path)
    (tmp_path / "register.xlsx").rename(tmp_path / "Personer.xlsx")
    (tmp_path / "attendance.xlsx").rename(tmp_path / "MAJ närvaron.xlsx")
    (tmp_path / "fat.yaml").write_text('register: personer*\nattendance: ["maj*"]\noutput: ut\nledger: bok.db\n', encoding="utf-8")
    run = here(tmp_path, *PAYOUT, FAT_USER="Eva")
    assert run.code == 0, run.err
    assert (tmp_path / "bok.db").is_file()
    assert (tmp_path / "ut/2024-05/oversikt-2024-05-1.xlsx").is_file()
    assert not (tmp_path / "out").exists()
    elsewhere = here(tmp_path, *PAYOUT, *JSON, FAT_USER="Eva", FAT_LEDGER="annan.db", FAT_OUTPUT="annan")
    assert elsewhere.document["run"] == 1
    assert (tmp_path / "annan.db").is_file()
    assert (tmp_path / "annan/2024-05").is_dir()


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    clean(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    run = here(tmp_path, *PAYOUT, "--dry-run", *JSON)
    assert (run.document["booked"], run.document["run"], run.document["total_sek"]) == (False, None, "6300.00")  # 21 days of 300
    assert sorted(tmp_path.rglob("*")) == before


def test_only_the_organiser_asked_for_is_claimed(own_samples: Path) -> None:
    run = here(own_samples, *PAYOUT, *JSON, "--organiser", "EKBACKEN", FAT_USER="Eva")
    assert [claim["organiser"] for claim in run.document["claims"]] == ["EKBACKEN"]
    rest = here(own_samples, *PAYOUT, *JSON, FAT_USER="Eva")
    assert [claim["organiser"] for claim in rest.document["claims"]] == ["BJORKDALEN", "FYRKLOVERN", "NORRSKENET", "SOLGLANTAN"]


def test_a_reversal_is_refused_with_exit_4_until_it_is_allowed(tmp_path: Path) -> None:
    clean(tmp_path)
    assert here(tmp_path, *PAYOUT, FAT_USER="Eva").code == 0
    workspace(tmp_path, register(placement()), [*present(MAY[:-1]), report("2024-05-31", status="S")])
    dry = here(tmp_path, *PAYOUT, "--dry-run", *JSON)
    assert (dry.code, dry.document["total_sek"]) == (4, "0.00")  # the refused claim is listed, and not in the total
    refused = here(tmp_path, *PAYOUT, *JSON, FAT_USER="Eva")
    assert refused.code == 4
    assert refused.document["claims"][0]["booked"] is False
    allowed = here(tmp_path, *PAYOUT, *JSON, "--allow-reversals", "ORG1", FAT_USER="Eva")
    assert allowed.code == 0
    line = allowed.document["claims"][0]["lines"][0]
    assert (line["kind"], line["days"], line["amount_sek"]) == ("reversal", -1, "-300.00")


def test_an_as_of_day_before_that_of_the_last_run_is_refused_in_a_dry_run_too(tmp_path: Path) -> None:
    clean(tmp_path)
    here(tmp_path, *PAYOUT, FAT_USER="Eva")
    for more in ((), ("--dry-run",)):
        run = here(tmp_path, "payout", "--month", "2024-05", "--as-of", "2024-06-02", *more, FAT_USER="Eva")
        assert (run.code, run.out) == (2, "")
        assert "2024-06-03" in run.err


NUMBER = "19900101-9802"  # the serial numbers 980–999 are given to nobody


def private(folder: Path) -> Path:
    """Numbers and causes of absence wherever a report could show them."""
    placements = [
        placement(participant_id=NUMBER),
        placement("P2", participant_id="199001019803"),  # a wrong check digit: P01
        placement("P3", participant_id="900101+980"),  # too short: T02 would tell it
        exercise("P4", participant_id="8001019802", county="Gävle"),
    ]
    reports = [
        *present(MAY[:10]),
        report("2024-05-16", status="S", hours=3, note=f"ring {NUMBER}"),
        report("2024-05-17", status="VAB", hours=3),
        report("2024-05-20", status="GF", hours=3),
        report("2024-05-21", status="N"),
        report("2024-05-21", status="S"),
        report("2024-05-22", "199001019802"),  # no placement: T05
        report("2024-05-23", status="900101-9802 sjuk"),  # no code: T06
    ]
    return workspace(folder, register(*placements), reports)


def has_number(out: str) -> bool:
    without_hashes = re.sub(r'"sha256": "\w+"|\.xlsx\s+[0-9a-f]{12}\b|sha256 [0-9a-f]{12}\b', "", out)
    return bool(re.search(r"\d{6}[-+]?\d{4}(?!\d)", without_hashes))


@pytest.mark.parametrize("command", [VALIDATE, (*PAYOUT, "--dry-run")])
@pytest.mark.parametrize("form", ["json", "text"])
def test_no_number_no_cause_and_no_note_in_a_report(tmp_path: Path, command: tuple[str, ...], form: str) -> None:
    private(tmp_path)
    # T06 lists the codes there are
    shown = here(tmp_path, *command, "--format", form, "--ignore", "T06", FAT_LANGUAGE="sv").out
    assert "A07" in shown
    assert not has_number(shown)
    assert not {"ring", "sick", "care", "excused", "sjuk", "VAB", "GF"} & set(re.findall(r"\w+", shown))


def test_show_ids_shows_numbers_and_causes_but_never_notes(tmp_path: Path) -> None:
    private(tmp_path)
    shown = here(tmp_path, *VALIDATE, *JSON, "--show-ids")
    values = {(row["rule"], row["value"]) for row in shown.document["violations"]}
    assert {("P01", "199001019803"), ("A07", "sick"), ("T05", "199001019802"), ("T06", "900101-9802 sjuk")} <= values
    assert "ring" not in re.findall(r"\w+", shown.out)
    hidden = here(tmp_path, *VALIDATE, *JSON)
    values = {(row["rule"], row["value"]) for row in hidden.document["violations"]}
    assert {("P01", "******-****"), ("A07", "absent"), ("T05", "******-****"), ("T06", "(a cause of absence)")} <= values
    assert not has_number(hidden.out)


def test_help_and_version_load_nothing_heavy(tmp_path: Path) -> None:
    heavy = ("polars", "openpyxl", "fastexcel", "holidays", "babel", "yaml")
    loaded = "import sys, fatcli.cli.app as a\ntry:\n    sys.argv = ['fat', '--help']; a.main()\nexcept SystemExit: pass\n"
    loaded += f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, encoding="utf-8", cwd=tmp_path)
    assert run.stderr.strip() == "[]"
    assert "payout" in run.stdout
    assert fat(tmp_path, "--version").out == f"fat {fatcli.__version__}\n"


@pytest.mark.parametrize("arguments", [(), ("validate",), ("payout",), ("rules",), ("ledger",)])
def test_help_in_both_languages(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    swedish, english = (fat(tmp_path, *arguments, "--help", FAT_LANGUAGE=language, COLUMNS="100") for language in ("sv", "en"))
    assert (swedish.code, english.code) == (0, 0)
    assert swedish.out != english.out
    assert set("åäö") & set(swedish.out)
    assert "Flaggor" in swedish.out
    assert "Options" in english.out


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_same_input_gives_the_same_bytes(samples: Path, form: str) -> None:
    first, second = (fat(samples, *PAYOUT, "--dry-run", "--format", form).out for _ in range(2))
    assert first == second


def test_the_same_run_gives_the_same_files(samples: Path, tmp_path: Path) -> None:
    folders = [Path(shutil.copytree(samples, tmp_path / name)) for name in ("one", "two")]
    for folder in folders:
        here(folder, *VALIDATE, "-o", "xlsx:v.xlsx", "-o", "text:v.txt", "-o", "json:v.json")
    for name in ("v.xlsx", "v.txt", "v.json"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_colour_only_where_it_is_asked_for(samples: Path) -> None:
    few = (*VALIDATE, "--select", "A10")
    assert "\x1b[" not in fat(samples, *few).out
    assert "\x1b[" in fat(samples, *few, "--color", "always", TERM="xterm").out
    assert "\x1b[" not in fat(samples, *few, "--color", "never", FORCE_COLOR="1").out
    coloured = re.compile(r"\x1b\[[\d;]*\b[349][0-7]m")
    assert coloured.search(fat(samples, *few, "--color", "always", TERM="xterm").out)
    assert not coloured.search(fat(samples, *few, NO_COLOR="1", FORCE_COLOR="1", TERM="xterm").out)
    assert "\x1b[" not in fat(samples, *few, "--color", "always", *JSON).out


def test_nothing_is_wider_than_80_columns(samples: Path) -> None:
    assert max(map(len, fat(samples, *VALIDATE, COLUMNS="80").out.splitlines())) <= 80


@pytest.mark.skipif(os.name == "nt", reason="signals and pipes")
def test_a_reader_that_goes_away_is_no_fault(samples: Path) -> None:
    command = f"{FAT} {' '.join(VALIDATE)} | head -1"
    run = subprocess.run(["sh", "-c", command], cwd=samples, check=False, capture_output=True, encoding="utf-8")  # noqa: S607  # a shell's pipe
    assert run.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="signals and pipes")
def test_and_the_files_asked_for_are_written_whoever_reads_stdout(own_samples: Path) -> None:
    command = f"{FAT} {' '.join(VALIDATE)} -o text -o json:report.json -o xlsx -q | true"
    subprocess.run(["sh", "-c", command], cwd=own_samples, check=False, capture_output=True)  # noqa: S607  # a shell's pipe
    assert json.loads((own_samples / "report.json").read_text(encoding="utf-8"))["violations"]
    assert list((own_samples / "out").glob("*.xlsx"))


def test_not_evaluated_and_absent_columns_are_listed(tmp_path: Path) -> None:
    tables = {name: rows for name, rows in register(placement()).items() if name in ("placements", "organisers")}
    workspace(tmp_path, tables, present(MAY))
    document = here(tmp_path, *VALIDATE, *JSON).document
    reasons = {entry["rule"]: entry["reason"] for entry in document["not_evaluated"]}
    assert reasons["O04"] == "the table offers is absent"
    assert reasons["O05"] == "the table supervisors is absent"
    assert reasons["P22"] == "the table pauses is absent"
    assert reasons["P19"] == "column absent: end_reason"
    assert "P11" not in reasons  # an error takes an absent column as empty


def test_a_hidden_sheet_that_held_a_table_is_named(tmp_path: Path) -> None:
    clean(tmp_path)
    book = openpyxl.load_workbook(tmp_path / "register.xlsx")
    book["pauses"].sheet_state = "hidden"
    book.save(tmp_path / "register.xlsx")
    shown = here(tmp_path, *VALIDATE, COLUMNS="300").out
    assert "pauses (0, hidden sheet)" in shown
    assert shown.count("hidden sheet") == 1


def test_a_number_in_the_name_of_a_file_or_sheet_is_in_no_report_for_people(tmp_path: Path) -> None:
    clean(tmp_path)
    reports = [*present(MAY[:-1]), report("2024-05-31", hours=99)]  # A10
    workbooks.save(tmp_path / f"attendance {NUMBER}.xlsx", {"199001019802": long_sheet(reports)})
    (tmp_path / "attendance.xlsx").unlink()
    files = ("-o", "text:r/r.txt", "-o", "html:r/r.html", "-o", "xlsx:r/r.xlsx", "-o", "json:r/r.json", "-q")
    run = here(tmp_path, *PAYOUT, *files, "-o", "text", FAT_USER="Eva")
    assert run.code == 1, run.err
    assert "******-****.xlsx" in run.out
    folder = tmp_path / "out" / "2024-05"
    texts = [run.out, *((tmp_path / "r" / name).read_text(encoding="utf-8") for name in ("r.txt", "r.html"))]
    books = [tmp_path / "r/r.xlsx", *folder.glob("*.xlsx")]
    assert len(books) == 1 + 3  # a claim, the overview, the violations
    for book in map(openpyxl.load_workbook, books):
        texts += [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    explained = here(tmp_path, "explain", "P1", "--date", "2024-05-31", *DAY)
    shown = here(tmp_path, "ledger", "show", "1")
    assert "******-****" in explained.out
    assert "******-****" in shown.out
    for text in (*texts, explained.out, shown.out):
        assert NUMBER not in text
        assert "199001019802" not in text
    document = json.loads((tmp_path / "r/r.json").read_text(encoding="utf-8"))
    (row,) = [row for row in document["violations"] if row["rule"] == "A10"]
    assert (row["file"], row["sheet"]) == (f"attendance {NUMBER}.xlsx", "199001019802")


def test_the_verdict_tells_how_much_is_kept_from_sight(samples: Path) -> None:
    whole = here(samples, *VALIDATE, "--format", "json").document["summary"]
    hidden = sum(whole[name] for name in ("errors", "warnings", "infos")) - whole["warnings"]
    ignored = sorted(
        {row["rule"] for row in here(samples, *VALIDATE, "--format", "json").document["violations"] if row["severity"] != "warning"}
    )
    run = here(samples, *VALIDATE, "--ignore", ",".join(ignored))
    assert run.code == 0
    assert f"{hidden} violations not shown (--select, --ignore)." in " ".join(run.out.split())
    assert "not shown" not in here(samples, *VALIDATE).out


def test_a_new_ledger_is_named_and_one_that_lies_elsewhere(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "may", register(placement()), present(["2024-05-02"]))
    assert f"New ledger: {folder / 'ledger.db'}." in here(folder, *PAYOUT).err
    workspace(folder, register(placement()), present(["2024-05-02", "2024-05-03"]))
    (tmp_path / "elsewhere").mkdir()
    assert f"Ledger: {folder / 'ledger.db'}." in here(tmp_path / "elsewhere", *PAYOUT, "-C", "../may").err
    workspace(folder, register(placement()), present(["2024-05-02", "2024-05-03", "2024-05-06"]))
    assert "edger:" not in here(folder, *PAYOUT).err
