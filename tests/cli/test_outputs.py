"""Where each format of `-o` goes, and what it is called there."""

import csv
import io
from pathlib import Path

import pytest

from stories import MAY, fat, here, placement, present, register, report, workspace

DAY = ("--as-of", "2024-06-03")
PAYOUT = ("payout", "--month", "2024-05", "--dry-run", *DAY)


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """Twenty of May's 21 working days to pay, and an impossible number of hours (A10) on the last."""
    return workspace(tmp_path, register(placement()), [*present(MAY[:-1]), report("2024-05-31", hours=0)])


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("validate", *DAY, "--lang", "sv"), {"avvikelser.html", "avvikelser.xlsx"}),
        (("validate", *DAY, "--lang", "en"), {"violations.html", "violations.xlsx"}),
        ((*PAYOUT, "--lang", "sv"), {"utbetalning-2024-05.html", "avvikelser.xlsx"}),
        ((*PAYOUT, "--lang", "en"), {"payout-2024-05.html", "violations.xlsx"}),
    ],
)
def test_pages_and_workbooks_are_named_in_the_language_of_the_run(month: Path, arguments: tuple[str, ...], names: set[str]) -> None:
    run = here(month, *arguments, "-o", "html", "-o", "xlsx")
    assert (run.code, run.out) == (1, "")
    assert {path.name for path in (month / "out").iterdir()} == names


def test_a_page_is_written_where_asked_and_nothing_is_booked_for_it(month: Path) -> None:
    run = here(month, *PAYOUT, "-o", "html:pages/may.html")
    assert run.err == "Wrote pages/may.html.\n"
    page = (month / "pages/may.html").read_text(encoding="utf-8")
    assert "<title>SEK\xa06,000.00 can be paid for May 2024</title>" in page
    assert not (month / "ledger.db").exists()


def test_csv_goes_to_stdout_as_excel_reads_it(month: Path) -> None:
    run = fat(month, "validate", *DAY, "--select", "A10", "-o", "csv", "--lang", "sv")
    assert (run.code, run.err) == (1, "")
    assert run.out.startswith("\ufeffrule;name;severity;")
    rows = list(csv.DictReader(io.StringIO(run.out.removeprefix("\ufeff")), delimiter=";"))
    assert [(row["rule"], row["date"]) for row in rows] == [("A10", "2024-05-31")]


def test_csv_to_a_file_is_the_violations_and_to_a_folder_every_table(month: Path) -> None:
    run = here(month, *PAYOUT, "-o", "csv:a/found.csv", "-o", "csv:tables")
    assert run.err == "Wrote a/found.csv.\nWrote tables.\n"
    written = {path.name: path.read_bytes() for path in (month / "tables").iterdir()}
    assert set(written) == {f"{name}.csv" for name in ("violations", "claims", "withheld", "kept", "other_months", "control")}
    assert (month / "a/found.csv").read_bytes() == written["violations.csv"]
    # twenty days are due, the last is withheld
    claims = written["claims.csv"].decode("utf-8-sig").splitlines()
    assert claims[1:] == [",ORG1,Verkstaden ORG1,false,P1,FAT,base,claim,20,300.00,6000.00"]
    (month / "may.2024").mkdir()
    here(month, *PAYOUT, "-o", "csv:may.2024")
    assert (month / "may.2024/claims.csv").read_bytes() == written["claims.csv"]


def test_stdout_takes_one_of_them(month: Path) -> None:
    run = here(month, "validate", *DAY, "-o", "csv", "-o", "json")
    assert (run.code, run.out) == (2, "")
    assert "only one format can go to stdout" in run.err
