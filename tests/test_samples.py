"""The sample workspaces: made by their script, without faults in April, with the listed ones in May."""

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fatcli import identity

SAMPLES = Path(__file__).parent.parent / "samples"
WORKBOOKS = ("register.xlsx", "attendance.xlsx", "attendance-grid.xlsx", "clean/register.xlsx", "clean/attendance-2024-04.xlsx")


def made(folder: Path) -> Path:
    subprocess.run([sys.executable, SAMPLES / "make_samples.py", folder], check=True)
    return folder


def cells(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(path)}


def validate(folder: Path, file: str, as_of: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "fatcli", "validate", file, "--as-of", as_of, "--format", "json"]
    run = subprocess.run(command, cwd=folder, check=False, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL)
    return run.returncode, json.loads(run.stdout)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return made(tmp_path_factory.mktemp("first")), made(tmp_path_factory.mktemp("second"))


@pytest.mark.parametrize("workbook", WORKBOOKS)
def test_made_twice_gives_the_same_bytes(twice: tuple[Path, Path], workbook: str) -> None:
    first, second = twice
    assert (first / workbook).read_bytes() == (second / workbook).read_bytes()


@pytest.mark.parametrize("workbook", WORKBOOKS)
def test_the_workbooks_are_those_the_script_makes(twice: tuple[Path, Path], workbook: str) -> None:
    assert cells(SAMPLES / workbook) == cells(twice[0] / workbook)


def test_participants_are_fictitious_and_have_right_check_digits() -> None:
    sheet = openpyxl.load_workbook(SAMPLES / "clean/register.xlsx")["Beslut"]
    numbers = [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert len(numbers) == 34  # 9 ended and 25 running; four begin in May
    for number in numbers:
        assert re.fullmatch(r"\d{8}-98\d\d", number)
        assert identity.person(number, dt.date(2024, 4, 30)) is not None


def test_april_has_no_errors() -> None:
    code, report = validate(SAMPLES / "clean", "attendance-2024-04.xlsx", "2024-05-02")
    assert code == 0
    assert report["summary"]["errors"] == 0
    assert report["summary"]["warnings"] == 0
    assert report["summary"]["set_aside"] == 0
    assert report["not_evaluated"] == []


def test_may_has_the_listed_faults() -> None:
    listed = set(re.findall(r"\b[TOPDACF]\d\d\b", (SAMPLES / "README.md").read_text(encoding="utf-8").partition("## What")[2]))
    found = set()
    for file in ("attendance.xlsx", "attendance-grid.xlsx"):
        code, report = validate(SAMPLES, file, "2024-06-03")
        assert code == 1
        found |= {violation["rule"] for violation in report["violations"]}
    assert found == listed - {"A08", "C01"}  # A08 and C01 need both files and a result item
