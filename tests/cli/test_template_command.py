"""`fat template`: what is written where, what is refused, and that a filled-in month is paid."""

import os
import stat
from pathlib import Path

import openpyxl
import pytest

from stories import Outcome, here, organiser, placement, register, workspace

GRID = ("template", "grid", "--month", "2024-05")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """P1 at ORG1 and P2 at ORG2, both in May 2024, and ORG3 without a placement."""
    tables = register(
        placement(),
        placement("P2", organiser_id="ORG2"),
        organisers=[organiser(), organiser("ORG2", identity_number="556016-0680"), organiser("ORG3", identity_number="556000-4615")],
    )
    return workspace(tmp_path, tables, [])


def refused(run: Outcome, code: int, *parts: str) -> None:
    assert (run.code, run.out) == (code, "")
    for part in parts:
        assert part in run.err


def written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.xlsx"))


def test_without_a_table_all_are_listed(tmp_path: Path) -> None:
    run = here(tmp_path, "template", "--lang", "en")
    assert (run.code, run.err) == (0, "")
    names = [line.split()[0] for line in run.out.splitlines()]
    assert names == ["register", "placements", "organisers", "offers", "supervisors", "pauses", "contracts", "attendance", "grid"]
    swedish = [line.split()[0] for line in here(tmp_path, "template", "--lang", "sv").out.splitlines()]
    assert swedish == ["register", "beslut", "anordnare", "anmälan", "handledare", "uppehåll", "avtal", "närvaro", "månadsblad"]
    assert list(tmp_path.iterdir()) == []


def test_tables_are_sheets_of_one_workbook(tmp_path: Path) -> None:
    run = here(tmp_path, "template", "Beslut", "organisers", "beslut", "--lang", "sv")
    assert (run.code, run.out, run.err) == (0, "", "Skrev out/mallar/register-mall.xlsx.\n")
    path = tmp_path / "out" / "mallar" / "register-mall.xlsx"
    assert openpyxl.load_workbook(path).sheetnames == ["Beslut", "Anordnare", "Förklaring", "Listor"]
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_month_grid_without_a_register_says_so(tmp_path: Path) -> None:
    run = here(tmp_path, *GRID, "--lang", "en")
    assert run.err.splitlines()[0] == "The workspace has no register with placements, so the month grid is empty."


def test_register_is_all_registers(tmp_path: Path) -> None:
    run = here(tmp_path, "template", "register", "-o", "new.xlsx", "--lang", "en")
    assert (run.code, run.err) == (0, "Wrote new.xlsx.\n")
    sheets = ["Placements", "Organisers", "Offers", "Supervisors", "Pauses", "Contracts", "Explanation", "Lists"]
    assert openpyxl.load_workbook(tmp_path / "new.xlsx").sheetnames == sheets


@pytest.mark.parametrize("name", ["grid", "månadsblad", "Month grid", "MÅNADSBLAD"])
def test_grids_are_a_workbook_for_each_organiser(folder: Path, name: str) -> None:
    run = here(folder, "template", name, "--month", "2024-05", "-o", "sheets", "--quiet")
    assert (run.code, run.out, run.err) == (0, "", "")
    assert written(folder / "sheets") == ["attendance-2024-05-ORG1.xlsx", "attendance-2024-05-ORG2.xlsx"]


def test_grids_in_a_file_are_its_sheets(folder: Path) -> None:
    assert here(folder, *GRID, "-o", "may.xlsx").code == 0
    assert openpyxl.load_workbook(folder / "may.xlsx").sheetnames == ["ORG1 2024-05", "ORG2 2024-05", "Explanation", "Lists"]


def test_an_organiser_may_be_named(folder: Path) -> None:
    assert here(folder, *GRID, "--organiser", "ORG3", "--organiser", "ORG2", "-o", "sheets").code == 0
    assert written(folder / "sheets") == ["attendance-2024-05-ORG2.xlsx", "attendance-2024-05-ORG3.xlsx"]
    sheet = openpyxl.load_workbook(folder / "sheets" / "attendance-2024-05-ORG3.xlsx").worksheets[0]
    assert [sheet["A2"].value, sheet["A7"].value] == ["Organiser: Verkstaden ORG3 (ORG3)", None]


def test_without_a_register_a_grid_is_empty(tmp_path: Path) -> None:
    assert here(tmp_path, *GRID, "--organiser", "ANY").code == 0
    assert written(tmp_path) == ["out/templates/attendance-2024-05-ANY.xlsx"]


def test_rows_that_cannot_be_read_are_told(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "register.xlsx")
    start = next(cell.column for cell in book["placements"][1] if cell.value == "start")
    book["placements"].cell(2, start).value = "soon"
    book.save(folder / "register.xlsx")
    run = here(folder, *GRID, "-o", "sheets")
    assert run.code == 0
    assert run.err.startswith("1 rows of the register can't be read and are left out.")
    assert written(folder / "sheets") == ["attendance-2024-05-ORG2.xlsx"]


def test_what_may_be_filled_in_is_never_written_over(folder: Path) -> None:
    assert here(folder, *GRID, "-o", "sheets").code == 0
    assert here(folder, *GRID, "-o", "sheets").code == 0  # nothing is filled in yet
    path = folder / "sheets" / "attendance-2024-05-ORG2.xlsx"
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["D7"] = "N"
    book.save(path)
    before = {name: (folder / name).read_bytes() for name in written(folder)}
    refused(here(folder, *GRID, "-o", "sheets"), 5, "attendance-2024-05-ORG2.xlsx", "there already", "another place with -o")
    assert {name: (folder / name).read_bytes() for name in written(folder)} == before


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("placment",), ("no table placment", "Did you mean placements?")),
        (("grid",), ("a month grid needs a month", "--month 2024-05")),
        (("grid", "--month", "2024-13"), ("2024-13 is no month",)),
        (("grid", "--month", "2024-05", "--organiser", "ORG11"), ("no organiser ORG11", "Did you mean ORG1?")),
        (("offers", "--month", "2024-05"), ("for attendance only",)),
        (("offers", "--organiser", "ORG1"), ("for attendance only",)),
        (("offers", "-o", "offers.ods"), (".ods", ".xlsx")),
    ],
)
def test_misuse_is_refused_with_a_remedy(folder: Path, arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    before = written(folder)
    refused(here(folder, "template", *arguments), 2, *parts)
    assert written(folder) == before


def test_a_grid_that_is_filled_in_is_paid(folder: Path) -> None:
    """P1's grid: 2 and 3 May present, 6 May sick, 7 May 6 hours: three days at 300 kronor."""
    assert here(folder, *GRID, "-o", ".").code == 0
    (folder / "attendance.xlsx").unlink()
    path = folder / "attendance-2024-05-ORG1.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for day, value in ((2, "N"), (3, "N"), (6, "S"), (7, 6)):
        sheet.cell(7, 2 + day).value = value
    for row in range(7, 11):  # openpyxl saves no values of formulas; the count is typed instead
        sheet.cell(row, 34).value = 3 if row == 7 else None
    book.save(path)
    run = here(folder, "payout", "--month", "2024-05", "--dry-run", "--as-of", "2024-06-03", "--format", "json")
    assert [(claim["organiser"], claim["total_sek"]) for claim in run.document["claims"]] == [("ORG1", "900.00")]
    assert not [row for row in run.document["violations"] if row["rule"].startswith("T")]
