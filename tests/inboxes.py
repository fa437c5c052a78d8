"""An inbox in a small workspace: workbooks handed in an hour before, and what lies where afterwards."""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import workbooks
from stories import MAY, Outcome, Row, here, long_sheet, placement, present, register, register_sheets, report

BATCH = ("batch", "inbox", "--as-of", "2024-06-03")
BOOK = (*BATCH, "--month", "2024-05", "--book")
# P1 at ORG1 and P2 at ORG2, of different participants, both in FAT from 2 to 31 May 2024
REGISTER = register(placement("P1"), placement("P2", organiser_id="ORG2"))
GOOD = present(MAY)
BAD = [*present(MAY[:-1], "P2"), report("2024-05-31", "P2", hours=25)]  # A10: no day has 25 hours


def office(folder: Path, tables: dict[str, list[Row]] = REGISTER) -> Path:
    """A workspace with registers and an empty inbox."""
    (folder / "inbox").mkdir(parents=True)
    workbooks.save(folder / "register.xlsx", register_sheets(tables))
    return folder


def hand_in(folder: Path, name: str, reports: Sequence[Row] | bytes, *, age: float = 7200, **sheets: list[list[Any]]) -> Path:
    """A workbook of reports, or any bytes, in the inbox, last changed `age` seconds ago."""
    path = folder / "inbox" / name
    if isinstance(reports, bytes):
        path.write_bytes(reports)
    else:
        workbooks.save(path, {"Närvaro": long_sheet(reports)} | sheets)
    return aged(path, age)


def aged(path: Path, age: float) -> Path:
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def lying(folder: Path) -> list[str]:
    """What lies in the inbox but for the batch's own files at its top."""
    own = {".fat-batch.lock", "batch-log.jsonl", "summary.html", "sammanfattning.html"}
    inbox = folder / "inbox"
    return sorted(path.relative_to(inbox).as_posix() for path in inbox.rglob("*") if path.is_file() and path.name not in own)


def log(folder: Path) -> list[dict[str, Any]]:
    path = folder / "inbox" / "batch-log.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def verdicts(folder: Path) -> list[tuple[str, str]]:
    """(file, verdict) of each line of the log."""
    return [(line["file"], line["verdict"]) for line in log(folder)]


def batch(folder: Path, *arguments: str) -> Outcome:
    return here(folder, *BATCH, *arguments)


def book(folder: Path, *arguments: str) -> Outcome:
    return here(folder, *BOOK, *arguments, FAT_USER="Eva")
