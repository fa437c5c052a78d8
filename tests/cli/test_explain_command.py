"""`fat explain` as a user runs it."""

import json
import re
import shutil
import stat
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from stories import fat

ROOT = Path(__file__).parent.parent.parent
SCHEMA = json.loads(files("fatcli").joinpath("schemas", "explain.schema.json").read_text(encoding="utf-8"))
DAY = ("--as-of", "2024-06-03")


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain") / "samples"
    shutil.copytree(ROOT / "samples", folder)
    return folder


def test_stdout_carries_one_document_and_the_exit_code_is_0(samples):
    run = fat(samples, "explain", "B24-0131", "--date", "2024-05-13", *DAY, "--format", "json")
    jsonschema.Draft202012Validator(SCHEMA).validate(run.document)
    assert (run.code, run.err, run.document["question"]) == (0, "", "day")


def test_a_file_is_written_private_and_noted(samples, tmp_path):
    run = fat(samples, "explain", "B24-0131", *DAY, "-o", f"json:{tmp_path / 'why.json'}", "-o", f"text:{tmp_path / 'why.txt'}")
    assert (run.code, run.out) == (0, "")
    assert run.err.count("Wrote ") == 2
    assert json.loads((tmp_path / "why.json").read_text(encoding="utf-8"))["asked"] == "B24-0131"
    assert (tmp_path / "why.txt").read_text(encoding="utf-8").startswith("B24-0131\n  16 attended days")
    assert stat.S_IMODE((tmp_path / "why.txt").stat().st_mode) == 0o600 or sys.platform == "win32"
    assert fat(samples, "explain", "B24-0131", *DAY, "-q", "-o", f"text:{tmp_path / 'why.txt'}").err == ""


def test_a_cell_may_be_named_by_its_path(samples, tmp_path):
    run = fat(tmp_path, "explain", f"{samples / 'attendance.xlsx'}!Närvaro!B295", *DAY, "--format", "json")
    assert run.document["cell"]["place"] == {"file": "attendance.xlsx", "sheet": "Närvaro", "cell": "B295"}
    assert run.document["asked"] == "attendance.xlsx!Närvaro!B295"


def test_a_file_that_the_workspace_would_not_read_is_read_too(samples, tmp_path):
    folder = tmp_path / "other"
    shutil.copytree(samples, folder)
    (folder / "attendance.xlsx").rename(folder / "Rapport från EKBACKEN.xlsx")
    run = fat(folder, "explain", "Rapport från EKBACKEN.xlsx!Närvaro!B295", *DAY, "--format", "json")
    assert run.document["placement"]["placement"] == "B24-0131"
    assert run.document["day"]["items"][0]["rules"] == ["A04"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("B24-9999",), "fat: there is no placement B24-9999. Nearest: "),
        (("B24-0131", "--date", "2024-05-32"), "fat: 2024-05-32 is no date. Write --date 2024-06-03, for instance."),
        (("B24-0131", "--month", "maj"), "fat: maj is no month. Write --month 2024-05, for instance."),
        (("B24-0131", "--month", "2024-05", "--date", "2024-05-13"), "fat: --date and --month do not go with what is asked for."),
        (("attendance.xlsx!Närvaro!B295", "--month", "2024-05"), "fat: --date and --month do not go with what is asked for."),
        (("2024-05/EKBACKEN/1", "--date", "2024-05-13"), "fat: --date and --month do not go with what is asked for."),
        (("attendance.xlsx!Närvaro!0",), "fat: 0 is no cell. Write FILE!Sheet!C17, such as attendance.xlsx!Närvaro!C17."),
        (("2024-05/EKBACKEN/1",), "fat: the ledger has no claim 2024-05/EKBACKEN/1."),
        (("B24-0131", "--format", "xlsx"), "fat: xlsx is no output format here. Choose among text, json."),
    ],
)
def test_what_can_not_be_explained_is_refused_in_a_sentence(samples, arguments, message):
    run = fat(samples, "explain", *arguments, *DAY)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(message)


def test_a_day_that_is_not_laid_out_is_no_error(samples):
    run = fat(samples, "explain", "B24-0131", "--date", "2024-05-04", *DAY, "--lang", "sv")
    assert run.code == 0
    assert "före placeringens start" in run.out


def test_nothing_is_written_by_asking(tmp_path):
    folder = tmp_path / "samples"
    shutil.copytree(ROOT / "samples", folder)
    before = sorted(path.name for path in folder.iterdir())
    fat(folder, "explain", "B24-0131", *DAY)
    assert sorted(path.name for path in folder.iterdir()) == before


def test_the_page_for_auditors_tells_the_truth(tmp_path):
    """docs/explain.md, command by command: each line shown stands in what the command prints, in that order."""
    folder = tmp_path / "samples"
    shutil.copytree(ROOT / "samples", folder)
    page = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    for block in blocks:
        command, *shown = block.splitlines()
        arguments = re.findall(r"'([^']*)'|(\S+)", command.removeprefix("$ fat "))
        run = fat(folder, *(quoted or plain for quoted, plain in arguments), COLUMNS="80")
        printed = iter([line.rstrip() for line in run.out.replace("\u00a0", " ").splitlines()])
        for line in shown:
            assert line == "…" or line in printed, f"{command}: {line}"


def test_help_imports_nothing_heavy():
    code = "import sys, fatcli.cli.explain; print(sorted({'polars', 'openpyxl', 'rich.table'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8")
    assert run.stdout.strip() == "[]"
