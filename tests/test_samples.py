"""The sample workspaces: made by their script, without faults in April, with the listed ones in May."""

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from fatcli import identity

SAMPLES = Path(__file__).parent.parent / "samples"
WORKBOOKS = ("register.xlsx", "attendance.xlsx", "attendance-grid.xlsx", "clean/register.xlsx", "clean/attendance-2024-04.xlsx")


def made(folder: Path) -> Path:
    subprocess.run([sys.executable, SAMPLES / "make_samples.py", folder], check=True)
    return folder


def cells(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(path)}


def fat(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON document of a run in a folder."""
    command = [Path(sys.executable).with_name("fat"), *arguments, "--format", "json"]
    run = subprocess.run(command, cwd=folder, check=False, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL)
    return run.returncode, json.loads(run.stdout)


def totals(report: dict[str, Any]) -> dict[str, str]:
    return {claim["organiser"]: claim["total_sek"] for claim in report["claims"]}


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
    people = identity.people(pl.Series(numbers), pl.Series([dt.date(2024, 4, 30)] * len(numbers)))
    assert people["number"].null_count() == 0


def test_april_has_no_faults() -> None:
    code, report = fat(SAMPLES / "clean", "validate", "attendance-2024-04.xlsx", "--as-of", "2024-05-02")
    assert code == 0
    assert report["summary"]["errors"] == 0
    assert report["summary"]["warnings"] == 0
    assert report["summary"]["set_aside"] == 0
    assert report["not_evaluated"] == []


def test_april_pays_every_attended_day() -> None:
    # 21 working days, 22 weekdays (1 April is a holiday)
    code, report = fat(SAMPLES / "clean", "payout", "--month", "2024-04", "--dry-run", "--as-of", "2024-05-02")
    assert code == 0
    assert report["withheld"] == []
    assert totals(report) == {
        "BJORKDALEN": "12600.00",  # 2 x 21 x 300; AT pays nothing
        "EKBACKEN": "39700.00",  # (20 + 21 + 16 + 20 + 21 + 21) x 300, and 20 x 200 in-depth
        "LINDQVIST": "11400.00",  # (21 + 17) x 300
        "NORRSKENET": "42150.00",  # (22 + 22 + 22 + 21) x 450, and a start of 3 000
        "SOLGLANTAN": "22200.00",  # (21 + 20 + 21 + 12) x 300
    }
    assert report["total_sek"] == "128050.00"


def test_may_has_the_listed_faults() -> None:
    listed = set(re.findall(r"\b[TOPDACF]\d\d\b", (SAMPLES / "README.md").read_text(encoding="utf-8").partition("## What")[2]))
    found = set()
    for file in ("attendance.xlsx", "attendance-grid.xlsx"):
        code, report = fat(SAMPLES, "validate", file, "--as-of", "2024-06-03")
        assert code == 1
        found |= {violation["rule"] for violation in report["violations"]}
    assert found == listed


def test_may_pays_what_nothing_withholds() -> None:
    # 21 working days, 23 weekdays (1 and 9 May are holidays)
    code, report = fat(SAMPLES, "payout", "--month", "2024-05", "--dry-run", "--as-of", "2024-06-03")
    assert code == 1
    assert totals(report) == {
        "BJORKDALEN": "11700.00",  # (16 + 20 + 3) x 300
        "EKBACKEN": "28600.00",  # (19 + 10 + 19 + 15 + 10 + 0 + 13) x 300, and 14 x 200 in-depth
        "FYRKLOVERN": "14500.00",  # one result; the other has no price (C01)
        "NORRSKENET": "43050.00",  # (8 + 15 + 23 + 23 + 20) x 450, and a start of 3 000
        "SOLGLANTAN": "23100.00",  # (16 + 20 + 21 + 20) x 300
    }
    assert report["total_sek"] == "120950.00"
