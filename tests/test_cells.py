"""Every violation points at the cell that holds the value it tells: the workbook is opened there, and the value found."""

import datetime as dt
import re
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import workbooks
from fatcli.model import CODES, GRID, TABLES
from stories import (
    Rows,
    exercise,
    grid_sheet,
    long_sheet,
    organiser,
    placement,
    present,
    register,
    register_sheets,
    report,
    validated,
    workspace,
)

SAMPLES = Path(__file__).parent.parent / "samples"
NOWHERE = {"A14", "A18", "C01", "O04", "O05"}  # what is missing stands in no cell
WHOLE_ROW, WHOLE_SHEET = {"T11"}, {"T08"}
COLUMNS = [column for table in (*TABLES.values(), GRID) for column in table.columns]
HEADERS = {name.casefold(): column.name for column in COLUMNS for name in (column.name, *column.aliases)}


@cache
def book(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path, data_only=True)


def code(cell: object, vocabulary: str) -> str | None:
    """The canonical code that a cell's text stands for."""
    text = str(cell).strip().casefold()
    words = {word.casefold(): name for name, known in CODES[vocabulary].items() for word in (name, *known)}
    return words.get(text)


def holds(cell: object, value: str | None) -> bool:
    """Whether a cell holds the value reported: as it stands, as the code it means, as a day, time or number."""
    match cell:
        case None | "":
            return value is None
        case dt.datetime():
            return value == cell.date().isoformat()
        case dt.time():
            return value == cell.strftime("%H:%M")
        case int() | float():
            return value == str(cell).removesuffix(".0") or (value == "present" and 0 < cell <= 24)
    return value in {str(cell), *(code(cell, vocabulary) for vocabulary in CODES)}


def heading(sheet: Any, cell: Any) -> Any:
    """The column's header: the topmost cell above that is one, or a day of the month."""
    above = (sheet.cell(row, cell.column).value for row in range(1, cell.row + 1))
    return next(value for value in above if _day(value) or str(value).strip().casefold() in HEADERS)


def _day(value: object) -> int | None:
    if isinstance(value, dt.datetime):
        return value.day
    found = re.fullmatch(r"(\d{1,2})( [a-zåäö]{2})?", str(value))
    return int(found[1]) if found else None


def check(folder: Path, row: Mapping[str, Any]) -> None:
    # a day of an AIO placement counts without a report of its own, and then it stands in no cell either
    if row["rule"] in NOWHERE or (row["service"] == "AIO" and row["date"] and row["date"].day != 6):
        assert (row["file"], row["cell"], row["value"]) == (None, None, None)
        return
    sheet = book(folder / row["file"])[row["sheet"]]
    if row["rule"] in WHOLE_SHEET:
        assert row["row"] is None
        assert row["cell"] is None
    elif row["rule"] in WHOLE_ROW:
        assert any(cell.value is not None for cell in sheet[row["row"]])
    else:
        _check_cell(sheet, sheet[row["cell"]], row)


def _check_cell(sheet: Any, cell: Any, row: Mapping[str, Any]) -> None:
    assert cell.row == row["row"]
    if row["rule"] in ("T01", "T09", "T10"):
        assert row["value"] in (None, str(cell.value))
        return
    header = heading(sheet, cell)
    if _day(header):  # a month grid: the day's cell stands for date, status and hours
        assert row["column"] in ("date", "status", "hours")
        if row["date"]:
            assert _day(header) == row["date"].day
        if row["column"] == "date":
            assert row["value"] == str(row["date"])
            assert cell.value is not None
            return
    else:
        assert HEADERS[str(header).strip().casefold()] == row["column"] or row["column"] in ("from", "to", "county")
    assert holds(cell.value, row["value"]), f"{row['rule']} {row['file']} {row['cell']}: found {cell.value!r}, reported {row['value']!r}"


def checked(folder: Path, as_of: str = "2024-06-03") -> set[str]:
    """The rules whose violations were found in their cells."""
    book.cache_clear()
    rows = validated(folder, as_of, show_ids=True).violations.rows(named=True)
    for row in rows:
        check(folder, row)
    return {row["rule"] for row in rows}


def test_the_samples(tmp_path: Path) -> None:
    for workbook in SAMPLES.glob("*.xlsx"):
        shutil.copy(workbook, tmp_path)
    listed = (SAMPLES / "README.md").read_text(encoding="utf-8").partition("## What")[2]
    assert checked(tmp_path) == set(re.findall(r"\b[TOPDACF]\d\d\b", listed))


def _moved(rows: Rows, *, down: int, right: int, titles: Rows = ()) -> Rows:
    """The same sheet with title rows, blank rows and columns before it, and a blank row after each other row."""
    body = [row for number, own in enumerate(rows) for row in ([own, []] if number % 2 else [own])]
    return [*titles, *([[]] * down), *([*([None] * right), *row] for row in body)]


SECOND = [
    report("2024-05-02", hours=8),
    report("2024-05-02", status="S"),  # the second report says S
    report("2024-05-03", status="U"),
    report("2024-05-03", hours=8),
    report("2024-05-06", hours=7.5),
    report("2024-05-06", hours=8),
]
LONG = [
    *SECOND,
    report("2024-05-07", hours=0, from_time=dt.time(6, 45), to_time=dt.time(12)),
    report("2024-05-08", hours=8, from_time=dt.time(8), to_time=dt.time(18, 30)),
    report("2024-05-11", hours=8),
    report("2024-05-13", status="OF", hours=2),
    report("2024-05-14", status="U"),
    report("2024-05-15", status="X"),
    report("2024-05-16") | {"date": "tomorrow"},
    report("2024-05-17") | {"date": 45429},
    report("2024-05-20") | {"status": "#N/A"},
    report("2024-05-21") | {"hours": "=1+1"},
    report("2024-05-22") | {"status": None},
    *(report(f"2024-05-{number}", hours=12) for number in (27, 28, 29, 30)),
    *present(["2024-04-30", "2024-06-05"]),
    *present(["2024-05-31"], "P9"),
    *present(["2024-05-02", "2024-05-06"], "P2"),
    *present(["2024-05-06"], "P4"),  # the one report of AIO
]
FAULTY = register(
    placement(
        "P1",
        programme="förstärkt",
        hours_per_week=50,
        in_depth_from="2024-05-06",
        in_depth_to="2024-09-30",
        ended_on="2024-05-29",
        end_reason=None,
        certificate_on=None,
        assessed_on="2024-05-03",
        employer_check_on=None,
    ),
    placement(
        "P2", participant_id="640823-3235", organiser_id="ORG2", decision_date="2024-05-06", workplace_organiser_id="ORG9", end="2026-05-31"
    ),
    placement("P3", start="2024-05-20", end="2024-05-10"),
    exercise("P4", participant_id="T1", hours_per_week=5, start="2023-11-01", ended_on="2024-05-21", final_report_on=None),
    placement("P5", service="Förstärkt arbetsträning", programme=None, end="2026-05-31"),
    placement("P6", participant_id="", programme="UGA"),
    placement("P7", organiser_id="ORG8"),
    placement("P8"),
    placement("P8", programme="ETP"),
    organisers=[
        organiser(identity_number="556036-0794", approved_to="2024-05-23"),
        organiser("ORG2", legal_form="ideell förening", board="nej"),
    ],
    pauses=[{"placement_id": "P5", "from": "2024-05-06", "to": "2024-05-10", "approved_on": "2024-05-07"}],
    contracts=[{"organiser_id": "ORG2", "service": "FAT", "component": "bas", "sek": "1,234", "from": "2024-01-01", "to": None}],
)


def save(folder: Path, register_rows: Mapping[str, Rows], **sheets: Rows) -> Path:
    workbooks.save(folder / "register.xlsx", register_rows)
    workbooks.save(folder / "attendance.xlsx", sheets)
    return folder


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, 2)])
def test_a_made_workspace_in_the_long_layout(tmp_path: Path, down: int, right: int) -> None:
    titles: Rows = [["Rapport"], []] if down else []
    sheets = {name: _moved(rows, down=down, right=right) for name, rows in register_sheets(FAULTY).items()}
    # P1's programme is no code, so that its row is set aside: mended, its days are judged
    found = checked(save(tmp_path, sheets, Närvaro=_moved(long_sheet(LONG), down=down, right=right, titles=titles)))
    assert {"T02", "T03", "T04", "T05", "T06", "T07", "O01", "P01", "P02", "P03", "O06"} <= found
    mended = FAULTY | {"placements": [FAULTY["placements"][0] | {"programme": "JOB"}, *FAULTY["placements"][1:]]}
    sheets = {name: _moved(rows, down=down, right=right) for name, rows in register_sheets(mended).items()}
    found |= checked(save(tmp_path, sheets, Närvaro=_moved(long_sheet(LONG), down=down, right=right, titles=titles)))
    assert {"A01", "A02", "A06", "A07", "A08", "A09", "A10", "A11", "A12", "A13", "A15", "A16", "A17"} <= found
    assert {"D03", "D05", "O02", "O03", "P04", "P05", "P09", "P12", "P14", "P19", "P22"} <= found


@pytest.mark.parametrize("heading", ["number", "text", "date"])
@pytest.mark.parametrize(("down", "right"), [(0, 0), (2, 3)])
def test_a_made_workspace_in_a_month_grid(tmp_path: Path, heading: str, down: int, right: int) -> None:
    grid = [
        *SECOND,
        report("2024-05-11", hours=4),
        report("2024-05-13", status="OF"),
        report("2024-05-15", status="X"),
        report("2024-05-16", status="65"),
        report("2024-05-17", hours=-1),
        report("2024-05-20", status="#REF!"),
        report("2024-05-21", status="=1+1"),
        *present(["2024-05-02", "2024-05-03"], "P2"),
        *present(["2024-05-31"], "P9"),
    ]
    rows = grid_sheet(grid, "2024-05", heading)
    rows[2] += ["days_stated", "Veckodagar"]
    rows[3] += [12, "fem"]
    tables = register(placement(start="2024-05-03", end="2024-05-10"), placement("P2", participant_id="T1", organiser_id="ORG2"))
    found = checked(save(tmp_path, register_sheets(tables), Blad1=_moved(rows, down=down, right=right)))
    assert {"A01", "A06", "A07", "A08", "A09", "A15", "A19", "T02", "T05", "T06", "T07", "T09"} <= found


def test_the_second_report_is_told_as_its_own_cell_has_it(tmp_path: Path) -> None:
    folder = save(tmp_path, register_sheets(register(placement())), Närvaro=long_sheet(SECOND))
    found = {row["cell"]: (row["rule"], row["value"]) for row in validated(folder, show_ids=True).violations.rows(named=True)}
    assert found["C3"] == ("A07", "sick")
    assert found["C5"] == ("A07", "present")
    assert found["B7"] == ("A06", "2024-05-06")
    masked = {row["cell"]: row["value"] for row in validated(folder).violations.rows(named=True)}
    assert masked["C3"] == "absent"


def test_a_rule_of_ones_own_points_at_a_pauses_first_day(tmp_path: Path) -> None:
    """The fact is pause_from, the column is from."""
    pause = {"placement_id": "P1", "from": "2024-05-06", "to": "2024-05-07", "approved_on": None}
    folder = workspace(tmp_path, register(placement(), pauses=[pause]), present(["2024-05-02"]))
    shipped = (Path(__file__).parent.parent / "rules.yaml").read_text(encoding="utf-8")
    own = shipped.replace("cell: approved_on", "cell: pause_from")
    assert own != shipped
    (folder / "rules.yaml").write_text(own, encoding="utf-8")
    (found,) = (row for row in validated(folder).violations.iter_rows(named=True) if row["rule"] == "P22")
    assert (found["sheet"], found["cell"], found["value"]) == ("pauses", "B2", "2024-05-06")
