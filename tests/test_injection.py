"""Nothing that stands in a workbook, a name or an option is obeyed: by a spreadsheet, a browser, a terminal or the file system."""

import csv
import io
import json
import os
import re
import sys
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

import workbooks
from fatcli.reports import REPORTS
from inboxes import aged
from stories import MAY, Outcome, Row, Rows, csv_bytes, here, long_sheet, organiser, placement, present, register, register_sheets, report

DAY = ("--as-of", "2024-06-03")
MONTH = ("--month", "2024-05")
# clears the screen, sets the title, colours, the same in one character, rings, goes back, turns the reading direction
HOSTILE = "\x1b[2J\x1b]0;x\x07\x9b31m\b\x7f\u202egnp\u2066\u200f\u0085"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"&amp;[bold red]{{7*7}}"
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", f"\u202e=1+1", "\x1b=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")')
FORMS = ("text", "json", "csv", "html", "xlsx")


def obeyed(text: str) -> list[str]:
    """The characters that a terminal would obey; line breaks and tabs may stand."""
    return re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", text.replace("\r\n", "\n"))


def spoiled(hostile: str) -> tuple[dict[str, list[Row]], list[Row]]:
    """A register and reports with a text wherever one may stand, faulty or not."""
    names = [f"ORG{hostile}", "ORG2"]
    placements = [
        placement(f"P1{hostile}", organiser_id=names[0], county=f"X{hostile}"),
        placement("P2", participant_id=f"T2{hostile}", organiser_id="ORG2"),
        placement("P3", organiser_id=f"ORG9{hostile}"),
        placement("P4", organiser_id="ORG2", end_reason=f"work{hostile}"),
        placement("P5", organiser_id="ORG2", start=f"2024-05-02{hostile}"),
        placement("P6", organiser_id="ORG2", workplace_organiser_id=f"ORG7{hostile}"),
    ]
    organisers = [organiser(names[0], name=f"Firma {hostile}", county=f"Y{hostile}"), organiser("ORG2", name=hostile)]
    reports = [
        *present(MAY, f"P1{hostile}"),
        *present(MAY[:3], "P2"),
        report("2024-05-02", f"P9{hostile}"),
        report("2024-05-14", f"P1{hostile}", hours=30),
        report("2024-05-14", "P6", status=f"N{hostile}"),
        report("2024-05-15", "P6", hours=f"8{hostile}"),
        {**report("2024-05-16", "P6"), "date": f"2024-05-16{hostile}"},
        {**report("2024-05-16", "P6"), f"extra{hostile}": hostile},
    ]
    return register(*placements, organisers=organisers), reports


def office(folder: Path, hostile: str) -> Path:
    """Written as csv: an .xlsx can hold no control characters."""
    folder.mkdir(parents=True)
    tables, reports = spoiled(hostile)
    for name, rows in register_sheets(tables).items():
        (folder / f"register-{name}.csv").write_bytes(_quoted(rows))
    (folder / "attendance.csv").write_bytes(_quoted(long_sheet(reports)))
    return folder


def _quoted(rows: Rows) -> bytes:
    page = io.StringIO(newline="")
    csv.writer(page, quoting=csv.QUOTE_ALL, delimiter=";").writerows([["" if cell is None else cell for cell in row] for row in rows])
    return page.getvalue().encode()


def runs(folder: Path, hostile: str) -> list[Outcome]:
    found = [
        here(folder, *command, *DAY, "--format", form)
        for form in ("text", "json", "csv")
        for command in (("validate",), ("payout", *MONTH, "--dry-run"))
    ]
    found.append(here(folder, "payout", *MONTH, *DAY, *[part for form in FORMS for part in ("-o", f"{form}:made/page.{form}")], FAT_USER=f"Eva{hostile}"))
    found.append(here(folder, "ledger", "attest", "1", "--by", f"Bo{hostile}", FAT_USER="Ada"))
    found += [here(folder, "explain", what, *DAY, "--format", form) for what in (f"P1{hostile}", "P6", f"2024-05/ORG{hostile}/1") for form in ("text", "json")]
    found += [here(folder, "ledger", *what, "--format", form) for what in (("log",), ("show", "1")) for form in ("text", "json")]
    found += [here(folder, "ledger", "export", "--format", form) for form in ("csv", "json")]
    found += [here(folder, "report", name, *DAY, "--format", form) for name in ("compensation", "coverage") for form in ("text", "json", "csv")]
    clawback = ("ledger", "clawback", "--organiser", f"ORG{hostile}", "--all", "--reason", f"fel{hostile}", *DAY)
    return [*found, here(folder, *clawback), here(folder, "ledger", "log"), here(folder, "ledger", "show", "2")]


def test_no_command_lets_a_terminal_obey_a_cell(tmp_path: Path) -> None:
    folder = office(tmp_path / "office", HOSTILE)
    for number, run in enumerate(runs(folder, HOSTILE)):
        assert run.code in (0, 1), (number, run.err)
        assert not obeyed(run.out + run.err), (number, run.out + run.err)
    for path in (folder / "made").iterdir():
        if path.suffix != ".xlsx":
            assert not obeyed(path.read_text(encoding="utf-8")), path
    document = json.loads((folder / "made/page.json").read_text(encoding="utf-8"))
    assert f"ORG{HOSTILE}" in {claim["organiser"] for claim in document["claims"]}  # JSON has it all, as escapes


WRONG = (
    ("validate", f"x{HOSTILE}.xlsx"),
    ("validate", f"x\ny{HOSTILE}.xlsx"),
    ("validate", "--as-of", HOSTILE),
    ("validate", "--rules", f"{HOSTILE}.yaml"),
    ("validate", "-C", HOSTILE),
    ("validate", "-o", HOSTILE),
    ("validate", "-o", f"json:{HOSTILE}/\0"),
    ("validate", "-o", f"json:made{HOSTILE}.json"),
    ("validate", "--select", HOSTILE),
    ("validate", "--fail-on", HOSTILE),
    ("payout", "--month", HOSTILE),
    ("explain", HOSTILE),
    ("explain", f"attendance.csv!{HOSTILE}!A1"),
    ("report", HOSTILE),
    ("rules", "show", HOSTILE),
    ("rules", "check", HOSTILE),
    ("template", HOSTILE),
    ("init", HOSTILE),
    ("batch", HOSTILE),
    (HOSTILE,),
    (f"--{HOSTILE}",),
)


@pytest.mark.parametrize("arguments", WRONG, ids=lambda arguments: " ".join(arguments[:2]).encode("unicode_escape").decode()[:30])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_nor_what_stands_on_the_command_line(tmp_path: Path, arguments: tuple[str, ...], language: str) -> None:
    folder = office(tmp_path / "office", "")
    run = here(folder, *arguments, FAT_LANGUAGE=language)
    assert run.code in range(6)
    assert run.out or run.err
    assert not obeyed(run.out + run.err)
    assert len(run.err.splitlines()) <= 1
