"""Where outputs may go: not over what is read, kept or written twice; through links and pipes; one that fails stops no other."""

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stories import FAT, MAY, fat, here, placement, present, register, report, workspace

DAY = ("--as-of", "2024-06-03")
VALIDATE = ("validate", *DAY, "-q")
PAYOUT = ("payout", "--month", "2024-05", *DAY, "-q")
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes, and links only for some users")
TAKEN = "the file is one that fat reads or keeps its books in. Nothing is written. Name another place with -o.\n"


@pytest.fixture(scope="module")
def booked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """May's 21 working days at 300 SEK booked as run 1, with settings, a rule book and an inbox; no test writes to it."""
    folder = workspace(tmp_path_factory.mktemp("targets"), register(placement()), present(MAY))
    (folder / "fat.yaml").write_text("output: out\n", encoding="utf-8")
    shutil.copy(Path(__file__).parents[2] / "rules.yaml", folder)
    (folder / "inbox").mkdir()
    shutil.copy(folder / "attendance.xlsx", folder / "inbox/handed-in.xlsx")
    assert here(folder, *PAYOUT).code == 0
    return folder


@pytest.fixture
def month(booked: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(booked, tmp_path / "month"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("command", "target"),
    [
        (VALIDATE, "json:ledger.db"),
        (VALIDATE, "xlsx:register.xlsx"),
        (VALIDATE, "csv:fat.yaml"),
        (VALIDATE, "html:rules.yaml"),
        (VALIDATE, "json:ledger.db.head"),
        (VALIDATE, "json:ledger.db-journal"),
        (VALIDATE, "json:LEDGER.DB"),
        (VALIDATE, "json:out/../ledger.db"),
        (VALIDATE, "annotated:attendance.xlsx"),
        ((*VALIDATE, "inbox/handed-in.xlsx", "-C", "."), "xlsx:inbox/handed-in.xlsx"),
        (PAYOUT, "json:ledger.db"),
        (("explain", "P1", *DAY), "json:register.xlsx"),
        (("report", "compensation", *DAY), "xlsx:register.xlsx"),
        (("batch", "inbox"), "json:inbox/handed-in.xlsx"),
        (("batch", "inbox"), "json:inbox/batch-log.jsonl"),
        (("ledger", "log"), "json:ledger.db"),
        (("ledger", "show", "1"), "text:ledger.db.head"),
        (("ledger", "export"), "csv:attendance.xlsx"),
        (("rules", "diff", "shipped", "rules.yaml"), "json:rules.yaml"),
    ],
)
def test_nothing_that_is_read_or_kept_is_written_over(month: Path, command: tuple[str, ...], target: str) -> None:
    before = contents(month)
    run = here(month, *command, "-o", target)
    assert (run.code, run.out) == (2, "")
    assert run.err.endswith(TAKEN)
    assert contents(month) == before


def test_nor_a_ledger_that_is_yet_to_be_made(tmp_path: Path) -> None:
    folder = workspace(tmp_path, register(placement()), present(MAY))
    run = here(folder, *PAYOUT, "-o", "json:ledger.db")
    assert (run.code, run.err) == (2, f"fat: ledger.db: {TAKEN}")
    assert not (folder / "ledger.db").exists()


def test_nor_a_rule_book_by_its_pages(month: Path) -> None:
    (month / "pages").mkdir()
    (month / "rules.yaml").rename(month / "pages/rules.md")
    before = contents(month)
    run = here(month, "rules", "docs", "pages", "--rules", "pages/rules.md")
    assert (run.code, run.err) == (2, f"fat: pages/rules.md: {TAKEN}")
    assert contents(month) == before


@posix
@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_nor_by_another_name(month: Path, link: str) -> None:
    getattr(month / "report.json", link)(month / "ledger.db")
    before = contents(month)
    run = here(month, *VALIDATE, "-o", "json:report.json")
    assert (run.code, run.err) == (2, f"fat: report.json: {TAKEN}")
    assert contents(month) == before


def test_a_folder_for_tables_has_no_table_that_is_read(month: Path) -> None:
    (month / "tables").mkdir()
    (month / "tables/attendance.csv").write_text("placement_id;date;status\nP1;2024-05-02;N\n", encoding="utf-8")
    run = here(month, *VALIDATE, "tables/attendance.csv", "-C", ".", "-o", "csv:tables")
    assert (run.code, run.err) == (2, f"fat: tables/attendance.csv: {TAKEN}")


@pytest.mark.parametrize(
    "targets",
    [
        ("json:a.json", "text:./a.json"),
        ("html", "html"),
        ("html", "html:out"),
        ("csv:tables", "csv:tables"),
        ("csv:tables", "csv:tables/claims.csv"),
    ],
)
def test_two_outputs_do_not_go_to_the_same_place(month: Path, targets: tuple[str, str]) -> None:
    run = here(month, *VALIDATE, "-o", targets[0], "-o", targets[1])
    assert (run.code, run.out) == (2, "")
    assert "two outputs would be written to the same place." in run.err
    assert not (month / "a.json").exists()


def test_a_folder_takes_tables_and_copies(month: Path) -> None:
    assert here(month, *VALIDATE, "-o", "csv:made", "-o", "annotated:made").code == 0
    assert (month / "made/violations.csv").exists()


@pytest.mark.parametrize(
    ("command", "outputs", "names"),
    [
        (VALIDATE, ("html", "json", "text", "xlsx"), {"violations.html", "violations.json", "violations.txt", "violations.xlsx"}),
        ((*PAYOUT, "--lang", "sv"), ("html", "json", "xlsx"), {"utbetalning-2024-05.html", "utbetalning-2024-05.json", "avvikelser.xlsx"}),
        (("report", "compensation", *DAY), ("json", "xlsx"), {"report-compensation.json", "report-compensation.xlsx"}),
        (("explain", "P1", *DAY), ("json", "text"), {"explanation.json", "explanation.txt"}),
        (("rules", "diff", "shipped", "rules.yaml"), ("json",), {"comparison.json"}),
        (("ledger", "log"), ("json",), {"runs.json"}),
        (("ledger", "show", "1"), ("json",), {"run-1.json"}),
        (("ledger", "export"), ("csv", "json"), {"items.csv", "items.json"}),
        (("batch", "inbox", "-q"), ("json",), {"summary.json"}),
    ],
)
def test_in_a_folder_an_output_has_its_usual_name(month: Path, command: tuple[str, ...], outputs: tuple[str, ...], names: set[str]) -> None:
    (month / "made").mkdir()
    run = here(month, *command, *(word for output in outputs for word in ("-o", f"{output}:made")))
    assert run.code == 0, run.err
    assert {path.name for path in (month / "made").iterdir()} == names


def test_a_slash_at_the_end_makes_it_a_folder(month: Path) -> None:
    assert here(month, *VALIDATE, "-o", "json:made/", "-o", "csv:may.2024/").code == 0
    assert (month / "made/violations.json").is_file()
    assert (month / "may.2024/violations.csv").is_file()


def test_a_template_is_not_written_where_the_ledger_is_to_be(tmp_path: Path) -> None:
    (tmp_path / "fat.yaml").write_text("ledger: books.xlsx\n", encoding="utf-8")
    run = here(tmp_path, "template", "placements", "-o", "books.xlsx")
    assert (run.code, run.err) == (2, f"fat: books.xlsx: {TAKEN}")
    assert not (tmp_path / "books.xlsx").exists()


def test_a_copy_to_correct_is_a_workbook_of_excels(month: Path) -> None:
    run = here(month, *PAYOUT, "-o", "annotated:copy.ods")
    assert (run.code, run.out) == (2, "")
    assert run.err == "fat: copy.ods: copies to correct are not written as .ods. Name a file that ends in .xlsx, or a folder.\n"
    assert not (month / "copy.ods").exists()


def test_a_dash_is_stdout(month: Path) -> None:
    assert json.loads(fat(month, *VALIDATE, "-o", "json:-").out)["summary"]["errors"] == 0
    assert fat(month, *VALIDATE, "-o", "html:-").out.startswith("<!doctype html>")
    book = subprocess.run([str(FAT), *VALIDATE, "-o", "xlsx:-"], cwd=month, check=True, capture_output=True)
    assert book.stdout.startswith(b"PK")
    assert here(month, *VALIDATE, "-o", "json:-", "-o", "html:-").code == 2
    run = here(month, *VALIDATE, "-o", "annotated:-")
    assert (run.code, run.err) == (2, "fat: -o annotated:-: annotated can't go to stdout here. Name a file.\n")
    assert not (month / "-").exists()


@posix
def test_a_pipe_is_written_into(month: Path) -> None:
    os.mkfifo(month / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((month / "pipe").read_bytes()), daemon=True)
    reader.start()
    assert here(month, *VALIDATE, "-o", "json:pipe").code == 0
    reader.join(20)
    assert json.loads(read[0])["summary"]["errors"] == 0
    assert stat.S_ISFIFO((month / "pipe").stat().st_mode)


@posix
def test_of_a_link_the_file_behind_it_is_written(month: Path) -> None:
    (month / "elsewhere").mkdir()
    (month / "elsewhere/old.json").write_text("old", encoding="utf-8")
    for name in ("old", "new"):
        (month / f"{name}.json").symlink_to(month / f"elsewhere/{name}.json")
        assert here(month, *VALIDATE, "-o", f"json:{name}.json").code == 0
        assert (month / f"{name}.json").is_symlink()
        assert json.loads((month / f"elsewhere/{name}.json").read_bytes())["summary"]["errors"] == 0
    assert {path.name for path in (month / "elsewhere").iterdir()} == {"old.json", "new.json"}


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="only Linux has a disk that is always full")
def test_one_output_that_fails_stops_no_other(tmp_path: Path) -> None:
    folder = workspace(tmp_path, register(placement()), [*present(MAY[:-1]), report("2024-05-31", hours=0)])
    run = here(folder, *PAYOUT, "-o", "json:/dev/full", "-o", "html:may.html", "-o", "text")
    assert (run.code, run.err) == (
        5,
        "fat: /dev/full: the file can't be written (the disk is full). Check the folder and the space on the disk, and run again.\n",
    )
    assert "Booked for May 2024" in run.out
    assert (folder / "may.html").exists()


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("form", ["text", "json"])
def test_stdout_that_can_not_be_written_is_told(month: Path, form: str) -> None:
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run([str(FAT), *VALIDATE, "-o", form], cwd=month, check=False, stdout=full, stderr=subprocess.PIPE)
    assert run.returncode == 5
    assert run.stderr.startswith(b"fat: stdout: ")
    assert run.stderr.count(b"\n") == 1


def test_what_can_not_be_written_is_told_before_anything_is_booked(tmp_path: Path) -> None:
    folder = workspace(tmp_path, register(placement()), present(MAY))
    run = here(folder, *PAYOUT, "-o", "json:register.xlsx/may.json")
    assert (run.code, run.out) == (5, "")
    assert run.err.startswith("fat: register.xlsx/may.json: the file can't be written (a file is where the folder should be).")
    assert not (folder / "ledger.db").exists()
