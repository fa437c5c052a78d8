"""`fat init`: the first-time user's path, from an empty folder to a claim."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from fatcli import identity, rulebook
from fatcli.texts import Language
from fatcli.workspace import Settings, open_workspace
from fatcli.writers.starter import starter_files
from stories import day, here

FIRST_STEPS = Path(__file__).parents[2] / "docs" / "first-steps.md"
LANGUAGES: tuple[Language, ...] = ("sv", "en")
ATTENDANCE = {"sv": "narvaro-2024-05.xlsx", "en": "attendance-2024-05.xlsx"}
FILES = {
    "sv": ["LÄSMIG.txt", "narvaro-2024-05.xlsx", "mallar/narvaro-2024-06.xlsx", "mallar/register-mall.xlsx"],
    "en": ["README.txt", "attendance-2024-05.xlsx", "templates/attendance-2024-06.xlsx", "templates/register-template.xlsx"],
}
IN_BOTH = ["fat.yaml", "register.xlsx", "rules.yaml"]


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_time_users_path(tmp_path: Path, language: Language) -> None:
    """As docs/first-steps.md has it: init, the commands that it prints, a fault, and the next month."""
    made = here(tmp_path, "init", "work", "--lang", language)
    assert (made.code, made.err) == (0, "")
    folder = tmp_path / "work"
    assert files(folder) == sorted([*FILES[language], *IN_BOTH])
    assert all(name in made.out for name in files(folder))

    cd, *commands = [shlex.split(line) for line in made.out.splitlines()[-3:]]
    assert [cd, *commands] == [["cd", "work"], ["fat", "validate"], ["fat", "payout", "--month", "2024-05"]]
    checked = here(folder, *commands[0][1:], "--lang", language)
    assert (checked.code, checked.out.splitlines()[-1][:9]) == (0, {"sv": "Inga fel.", "en": "No errors"}[language])

    # EKEN: B24-001 is present on 15 of 21 working days (5 in a pause, 1 sick), B24-002 on 20: 35 x 300; B24-003 (AT) earns nothing.
    # LINDEN: B24-004 has 15 weekdays from 13 May, B24-005 23: 38 x 450, and a start of 3 000.
    paid = here(folder, *commands[1][1:], "--format", "json")
    assert paid.code == 0
    assert {claim["organiser"]: claim["total_sek"] for claim in paid.document["claims"]} == {"EKEN": "10500.00", "LINDEN": "20100.00"}
    assert paid.document["booked"]
    assert paid.document["violations"] == []
    assert (folder / "out" / "2024-05" / "rekvisition-2024-05-EKEN-1.xlsx").is_file()

    # what the text to read first suggests: B24-004 present on 10 May, before its first day
    path = folder / ATTENDANCE[language]
    book = openpyxl.load_workbook(path)
    sheet = book["LINDEN 2024-05"]
    assert sheet["A7"].value == "B24-004"
    sheet.cell(7, 2 + 10).value = "N"
    book.save(path)
    faulty = here(folder, "validate", "--format", "json")
    assert faulty.code == 1
    assert {row["rule"] for row in faulty.document["violations"] if row["placement"] == "B24-004"} >= {"A01"}

    # the next month's grid, from the register
    assert here(folder, "template", "grid", "--month", "2024-06", "-o", "june.xlsx", "--lang", language).code == 0
    assert openpyxl.load_workbook(folder / "june.xlsx").sheetnames[:2] == ["EKEN 2024-06", "LINDEN 2024-06"]


def test_the_documented_steps_run_as_they_stand(tmp_path: Path) -> None:
    page = FIRST_STEPS.read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"^```\n(.+?)^```", page, re.MULTILINE | re.DOTALL) for line in block.splitlines()]
    assert lines == ["fat init work", "cd work", "fat validate", "fat payout --month 2024-05", "fat template grid --month 2024-06"]
    folder = tmp_path
    for line in lines:
        command, *arguments = shlex.split(line)
        if command == "cd":
            folder /= arguments[0]
        else:
            assert here(folder, *arguments).code == 0
    for name in re.findall(r"^\| `([\w./-]+)`", page, re.MULTILINE):
        assert (folder / name).exists(), name
    assert "SEK 30,600.00" in page


def test_the_files_are_the_same_each_time() -> None:
    assert starter_files("sv") == starter_files("sv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_settings_are_the_defaults_each_of_them_with_a_comment(tmp_path: Path, language: Language) -> None:
    here(tmp_path, "init", "--lang", language)
    assert open_workspace(tmp_path, [], {}).settings == Settings(rules="rules.yaml", language=language)
    text = (tmp_path / "fat.yaml").read_text(encoding="utf-8")
    for setting in fields(Settings):
        assert re.search(rf"^#.*\n{setting.name}: ", text, re.MULTILINE)
    assert (tmp_path / "rules.yaml").read_bytes() == rulebook.shipped()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_to_read_first_names_what_is_there(tmp_path: Path, language: Language) -> None:
    here(tmp_path, "init", "--lang", language)
    text = next(path for path in tmp_path.iterdir() if path.suffix == ".txt").read_text(encoding="utf-8")
    for name in ("register.xlsx", ATTENDANCE[language], "rules.yaml", "fat.yaml", "fat validate", "fat payout --month 2024-05"):
        assert name in text
    assert max(map(len, text.splitlines())) <= 120


def test_participants_are_fictitious_and_have_right_check_digits(tmp_path: Path) -> None:
    here(tmp_path, "init")
    sheet = openpyxl.load_workbook(tmp_path / "register.xlsx")["Placements"]
    numbers = [row[1] for row in sheet.iter_rows(min_row=6, values_only=True)]
    assert len(numbers) == 5
    for number in numbers:
        assert re.fullmatch(r"\d{8}-99\d\d", number)  # serial numbers 980 to 999 are given to nobody
    people = identity.people(pl.Series(numbers), pl.Series([day("2024-05-31")] * len(numbers)))
    assert people["number"].null_count() == 0


def test_again_writes_nothing(tmp_path: Path) -> None:
    here(tmp_path, "init")
    (tmp_path / "register.xlsx").unlink()
    kept = {name: (tmp_path / name).stat().st_mtime_ns for name in files(tmp_path)}
    again = here(tmp_path, "init")
    assert again.code == 0
    assert [line for line in again.out.splitlines() if ".xlsx" in line and "was there already" not in line] == ["  register.xlsx"]
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in kept} == kept


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("fat.yaml", ("there is already fat.yaml", "Choose an empty folder")),
        ("beslut 2023.xlsx", ("has workbooks already (beslut 2023.xlsx)", "Choose an empty folder")),
    ],
)
def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path, name: str, parts: tuple[str, ...]) -> None:
    (tmp_path / name).write_bytes(b"mine")
    run = here(tmp_path, "init")
    assert (run.code, run.out) == (2, "")
    assert all(part in run.err for part in parts)
    assert files(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"mine"


def test_other_files_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "minutes.docx").write_bytes(b"mine")
    assert here(tmp_path, "init").code == 0
    assert (tmp_path / "minutes.docx").read_bytes() == b"mine"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "work").write_bytes(b"")
    run = here(tmp_path, "init", "work")
    assert (run.code, run.out) == (5, "")
    assert "work: " in run.err
