"""Workbooks to fill in: read back by the program's own reader, filled in by the book, and looked at cell by cell."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from fatcli.model import CODES, GRID, OWN_SHEET, TABLES, Month, Table, Vocabulary
from fatcli.rulebook import load
from fatcli.tables import Tables, read_tables
from fatcli.texts import Language
from fatcli.values import words
from fatcli.workbook import read_workbook
from fatcli.writers.columnhelp import code_help, code_word, column_help, header
from fatcli.writers.guide import form_columns
from fatcli.writers.monthsheet import MonthForm, Placed, month_forms
from fatcli.writers.template import Choices, Form, TableForm, template_book
from fatcli.writers.templatefiles import Wanted, template_files

LANGUAGES: tuple[Language, ...] = ("sv", "en")
MAY = Month(2024, 5)
COMPONENTS = {"ITA3": {"result": "result"}, "FAT": {"base": "base"}}
KNOWN = words(Vocabulary())
FULL: list[Form] = [*(TableForm(table) for table in TABLES.values())]
# B1 begins on 13 May and B2 ends on 14 May
PLACED = [
    Placed("B1", "FAT", dt.date(2024, 5, 13), dt.date(2024, 8, 30)),
    Placed("B2", "AT", dt.date(2024, 1, 8), dt.date(2024, 5, 14), {2: "N", 3: "GF", 6: 6.5, 7: "närvaro"}),
]


def opened(book: bytes, *, values: bool = False) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(book), data_only=values)


def read(folder: Path, *books: bytes) -> Tables:
    """The tables of the books, as the program reads them."""
    found = []
    for number, book in enumerate(books):
        path = folder / f"{number}.xlsx"
        path.write_bytes(book)
        found.append(read_workbook(path, path.name))
    return read_tables(found, Vocabulary(), COMPONENTS)


def headings(sheet: Worksheet) -> dict[str, int]:
    """The header row's texts with their columns; it is the last row before the first that is filled in."""
    row = head_row(sheet)
    return {str(cell.value): cell.column for cell in sheet[row] if cell.value is not None}


def head_row(sheet: Worksheet) -> int:
    return int(str(sheet.freeze_panes).lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) - 1


def validation(sheet: Worksheet, cell: str) -> Any:
    (found,) = [each for each in sheet.data_validations.dataValidation if cell in each.sqref]
    return found


def offered(book: openpyxl.Workbook, sheet: Worksheet, cell: str) -> list[Any]:
    """The words of a cell's drop-down list."""
    name, cells = validation(sheet, cell).formula1.lstrip("=").rsplit("!", 1)
    col, first, _, last = openpyxl.utils.range_boundaries(cells)
    return [book[name.strip("'")].cell(row, col).value for row in range(first, last + 1)]


def letter(column: int) -> str:
    return openpyxl.utils.get_column_letter(column)


@pytest.mark.parametrize("table", [*TABLES.values(), GRID], ids=lambda table: table.title.en)
def test_every_column_and_code_is_explained_in_both_languages(table: Table) -> None:
    for column in form_columns(table):
        text = column_help(table.name, column)
        assert text.sv.endswith(".")
        assert text.en.endswith(".")
        assert text.sv != text.en
        assert max(map(len, text)) <= 255  # Excel's limit for what is shown at a cell
        if column.codes and column.codes != "service":
            assert all(code_help(column.codes, code).sv for code in CODES[column.codes])


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_template_has_every_column_and_no_fault(tmp_path: Path, language: Language) -> None:
    tables = read(tmp_path, template_book([*FULL, MonthForm(MAY)], language, Choices(("B1",), ("ORG1",), ("result",))))
    assert tables.faults.height == 0
    assert {name: set(columns) for name, columns in tables.present.items()} == {
        name: {column.name for column in table.columns} | ({"days_stated"} if name == "attendance" else set())
        for name, table in TABLES.items()
    }
    assert {source.table: source.rows for source in tables.sources} == dict.fromkeys(TABLES, 0)
    assert len(tables.sources) == len(TABLES) + 1


VALUES = {
    "text": "Skåne län",
    "identifier": "007",
    "participant": "19840217-9816",
    "date": dt.date(2024, 5, 2),
    "time": dt.time(8, 30),
    "number": 7.5,
    "whole": 3,
    "amount": 14500.5,
}
READ = {**VALUES, "amount": 1450050}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_by_the_book_is_read_without_a_fault(tmp_path: Path, language: Language) -> None:
    """One row in each table, every cell filled in; codes are picked from the lists."""
    book = opened(template_book(FULL, language, Choices(components=("result",))))
    for table, sheet in zip(TABLES.values(), book.worksheets, strict=False):
        columns, row = headings(sheet), head_row(sheet) + 1
        for column in table.columns:
            cell = f"{letter(columns[header(column, language)])}{row}"
            value = VALUES.get(column.kind)
            if column.name == "service":
                value = "ITA3"
            elif column.codes or column.name == "component":
                value = offered(book, sheet, cell)[0]
            sheet[cell] = value
    book.save(tmp_path / "filled.xlsx")
    tables = read(tmp_path, (tmp_path / "filled.xlsx").read_bytes())
    assert tables.faults.height == 0
    assert set(tables.frames) == set(TABLES)
    for name, frame in tables.frames.items():
        (row_read,) = frame.rows(named=True)
        for column in TABLES[name].columns:
            if column.name == "component":
                assert row_read["component"] == "result"
            elif column.name == "service":
                assert row_read["service"] == "ITA3"
            elif column.name != "note":
                first = next(iter(CODES[column.codes])) if column.codes else READ[column.kind]
                assert row_read[column.name] == first, column.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_offer_each_code_once_in_the_language(language: Language) -> None:
    book = opened(template_book(FULL, language))
    for table, sheet in zip(TABLES.values(), book.worksheets, strict=False):
        columns, row = headings(sheet), head_row(sheet) + 1
        for column in table.columns:
            if column.codes:
                listed = offered(book, sheet, f"{letter(columns[header(column, language)])}{row}")
                assert [KNOWN[column.codes][word.lower()] for word in listed] == list(CODES[column.codes])
    assert code_word("end_reason", "moved", "sv") == "flytt"
    assert code_word("end_reason", "moved", "en") == "moved"
    assert code_word("service", "AT", "sv") == "AT"


def test_cells_are_formatted_and_checked_by_kind() -> None:
    book = opened(template_book([TableForm(TABLES["placements"])], "sv"))
    sheet = book["Beslut"]
    columns = {name: letter(col) for name, col in headings(sheet).items()}
    row = head_row(sheet) + 1
    assert sheet.column_dimensions[columns["Personnummer"]].number_format == "@"
    assert sheet.column_dimensions[columns["Startdatum"]].number_format == "yyyy-mm-dd"
    start = validation(sheet, f"{columns['Startdatum']}{row}")
    assert (start.type, start.operator, start.errorStyle) == ("date", None, None)  # between; and stop
    end = validation(sheet, f"{columns['Slutdatum']}{row}")
    assert (end.type, end.operator, end.formula1) == ("date", "greaterThanOrEqual", f"{columns['Startdatum']}{row}")
    assert "inte är före Startdatum" in end.error
    hours = validation(sheet, f"{columns['Timmar per vecka']}{row}")
    assert (hours.type, hours.formula1, hours.formula2) == ("decimal", "0", "168")
    key = validation(sheet, f"{columns['Beslutsnummer']}{row}")
    assert (key.type, key.formula1) == ("custom", f"COUNTIF($A${row}:$A$1005,A{row})=1")


def test_required_columns_are_marked_above_the_header() -> None:
    sheet = opened(template_book([TableForm(TABLES["organisers"])], "sv"))["Anordnare"]
    row = head_row(sheet)
    marked = [sheet.cell(row, cell.column).value for cell in sheet[row - 1] if cell.value == "krävs"]
    assert marked == ["Anordnare", "Namn", "Organisationsnummer", "Juridisk form", "Godkänd från"]


def test_ids_are_listed_from_the_sheet_that_has_them_else_from_the_register() -> None:
    choices = Choices(("B1", "B2"), ("ORG1",))
    book = opened(template_book([TableForm(TABLES["pauses"]), TableForm(TABLES["offers"])], "sv", choices))
    assert offered(book, book["Uppehåll"], "A6") == ["B1", "B2"]
    assert offered(book, book["Anmälan av platser"], "A6") == ["ORG1"]
    assert validation(book["Uppehåll"], "A6").errorStyle == "warning"  # a placement that is new is let through
    both = opened(template_book([TableForm(TABLES["placements"]), TableForm(TABLES["pauses"])], "sv", choices))
    assert validation(both["Uppehåll"], "A6").formula1 == "Beslut!$A$6:$A$1005"


def test_the_sheets_of_our_own_say_so() -> None:
    book = opened(template_book([MonthForm(MAY)], "sv"))
    assert book.sheetnames == ["Närvaro 2024-05", "Förklaring", "Listor"]
    assert book["Förklaring"]["A1"].value == f"{OWN_SHEET}Förklaring"
    assert book["Listor"]["A1"].value == f"{OWN_SHEET}Listor"
    assert book["Listor"].sheet_state == "hidden"
    explained = [cell.value for cell in book["Förklaring"]["A"]]
    assert {"Beslutsnummer", "Antal närvarodagar", "1 … 31", "N", "GF", "S", "V", "OF", "U", "L"} <= set(explained)


def test_pages_are_a4_across_with_the_headings_on_each() -> None:
    book = opened(template_book([TableForm(TABLES["placements"]), MonthForm(MAY)], "en"))
    for sheet, rows in ((book["Placements"], "$5:$5"), (book["Attendance 2024-05"], "$5:$6")):
        assert (int(sheet.page_setup.paperSize), sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.print_title_rows == rows


def grid(language: Language = "sv") -> openpyxl.Workbook:
    return opened(template_book([MonthForm(MAY, PLACED, "ORG1", "Verkstaden AB")], language))


def fill(sheet: Worksheet, row: int, day: int) -> str:
    return str(sheet.cell(row, 2 + day).fill.fgColor.rgb)


def test_a_grid_says_whose_it_is_and_heads_its_days() -> None:
    sheet = grid().worksheets[0]
    assert sheet.title == "ORG1 2024-05"
    assert [sheet["A1"].value, sheet["A2"].value] == ["Närvaro maj 2024", "Anordnare: Verkstaden AB (ORG1)"]
    # 1 May 2024 was a Wednesday
    assert [sheet.cell(6, col).value for col in (3, 4, 33, 34)] == ["1\non", "2\nto", "31\nfr", "Antal närvarodagar"]
    assert [sheet.cell(row, 1).value for row in range(7, 11)] == ["B1", "B2", None, None]
    assert sheet["B7"].value == "FAT 2024-05-13 – 2024-08-30"


def test_days_off_and_days_outside_the_placement_are_shaded() -> None:
    sheet = grid().worksheets[0]
    plain, off, outside = fill(sheet, 7, 14), fill(sheet, 7, 18), fill(sheet, 7, 10)
    assert len({plain, off, outside}) == 3
    # a Saturday, a Sunday; of B2, that has ended on the 14th, the 1st and the 9th, public holidays
    assert [fill(sheet, 7, day) for day in (18, 19)] + [fill(sheet, 8, day) for day in (1, 4, 9)] == [off] * 5
    assert {fill(sheet, 7, day) for day in range(1, 13)} == {outside}
    assert {fill(sheet, 8, day) for day in range(15, 32)} == {outside}
    assert {fill(sheet, 8, day) for day in (2, 3, 14)} | {fill(sheet, 9, 2)} == {plain}


def test_a_day_outside_the_placement_asks_first() -> None:
    book = grid()
    sheet = book.worksheets[0]
    # the 12th of B1 is outside, the 13th inside; the 14th of B2 inside, the 15th outside
    for cell, inside in (("N7", False), ("O7", True), ("P8", True), ("Q8", False)):
        found = validation(sheet, cell)
        assert (found.type, found.errorStyle) == ("list" if inside else "custom", "warning")
    listed = offered(book, sheet, "O7")
    assert listed[:7] == ["N", "GF", "S", "V", "OF", "U", "L"]
    assert (listed[7], listed[-1], len(listed)) == (0.25, 24, 7 + 96)


def test_a_filled_grid_is_read(tmp_path: Path) -> None:
    tables = read(tmp_path, template_book([MonthForm(MAY, PLACED, "ORG1")], "sv"))
    assert tables.faults.height == 0
    rows = tables.frames["attendance"].select("placement_id", "date", "status", "hours").rows()
    assert rows == [
        ("B2", dt.date(2024, 5, 2), "present", None),
        ("B2", dt.date(2024, 5, 3), "excused", None),
        ("B2", dt.date(2024, 5, 6), "present", 6.5),
        ("B2", dt.date(2024, 5, 7), "present", None),
    ]
    assert tables.stated.height == 0


@pytest.mark.parametrize("month", ["2023-02", "2024-02", "2024-04", "2024-12"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_month_is_read_as_itself(tmp_path: Path, month: str, language: Language) -> None:
    own = Month.parse(month)
    placed = Placed("B1", "FAT", own.first, own.last, dict.fromkeys(range(1, own.last.day + 1), "N"))
    tables = read(tmp_path, template_book([MonthForm(own, [placed])], language))
    assert tables.faults.height == 0
    dates = tables.frames["attendance"]["date"]
    assert (dates.min(), dates.max(), dates.n_unique()) == (own.first, own.last, own.last.day)


def test_the_count_is_the_organisers_own(tmp_path: Path) -> None:
    book = grid()
    sheet = book.worksheets[0]
    # N, n, a number of hours, the word and the English word are present; GF, 0 and L are not
    days = {"O7": "N", "P7": "n", "Q7": 7.25, "R7": "närvarande", "U7": "present", "V7": "GF", "W7": 0, "X7": "L"}
    for cell, value in (days | {"A9": "B3", "C9": 0.25, "AH8": 4}).items():
        sheet[cell] = value
    book.save(tmp_path / "filled.xlsx")  # as a program does that computes no formulas
    tables = read(tmp_path, (tmp_path / "filled.xlsx").read_bytes())
    assert tables.faults.height == 0
    assert tables.stated.select("placement_id", "days_stated").rows() == [("B2", 4)]
    attended = tables.frames["attendance"].filter(pl.col("status") == "present")["placement_id"].value_counts().sort("placement_id")
    assert attended.rows() == [("B1", 5), ("B2", 3), ("B3", 1)]


def test_long_attendance_takes_days_of_its_month() -> None:
    sheet = opened(template_book([TableForm(TABLES["attendance"], month=MAY)], "sv"))["Närvaro"]
    assert sheet["A3"].value == "Månad: maj 2024"
    found = validation(sheet, "B6")
    # Excel counts days from 1899-12-30
    assert [dt.date(1899, 12, 30) + dt.timedelta(days=int(found.formula1)), int(found.formula2) - int(found.formula1)] == [MAY.first, 30]


def test_the_same_forms_give_the_same_bytes() -> None:
    forms: list[Form] = [*FULL, MonthForm(MAY, PLACED)]
    assert template_book(forms, "sv") == template_book(forms, "sv")


def registers(*rows: tuple[str, str, str, str, str | None]) -> dict[str, pl.DataFrame]:
    """Placements as id, organiser, start, end, ended_on; and an organiser's name."""
    columns = ["placement_id", "organiser_id", "start", "end", "ended_on"]
    frame = pl.DataFrame(rows, columns, orient="row").with_columns(
        pl.col("start", "end", "ended_on").cast(pl.String).str.to_date(), service=pl.lit("FAT")
    )
    return {"placements": frame, "organisers": pl.DataFrame({"organiser_id": ["A"], "name": ["Verkstaden"]})}


RUNNING = registers(
    ("P5", "B", "2024-05-31", "2024-06-30", None),
    ("P1", "A", "2024-01-01", "2024-05-01", None),
    ("P2", "A", "2024-01-01", "2024-04-30", None),  # ended in April
    ("P3", "A", "2024-01-01", "2024-08-30", "2024-04-30"),  # ended early, in April
    ("P4", "A", "2024-06-01", "2024-08-30", None),  # begins in June
    ("P0", "A", "2024-01-01", "2024-08-30", "2024-05-14"),
)


def test_grids_have_the_placements_that_run_in_the_month() -> None:
    forms = month_forms(MAY, RUNNING["placements"], RUNNING["organisers"])
    assert [(form.organiser, form.name, [placed.placement for placed in form.placements]) for form in forms] == [
        ("A", "Verkstaden", ["P0", "P1"]),
        ("B", "", ["P5"]),
    ]
    assert forms[0].placements[0].end == dt.date(2024, 5, 14)
    assert [form.organiser for form in month_forms(MAY, RUNNING["placements"], None, ["B", "C"])] == ["B", "C"]
    assert month_forms(MAY, None, None) == [MonthForm(MAY)]


def test_grids_alone_are_a_workbook_each_and_tell_nothing_of_others() -> None:
    files = template_files(Wanted(["grid"], MAY), RUNNING, load(), "sv")
    assert list(files) == ["narvaro-2024-05-A.xlsx", "narvaro-2024-05-B.xlsx"]
    said = {str(cell.value) for sheet in opened(files["narvaro-2024-05-B.xlsx"]) for row in sheet for cell in row}
    assert "P5" in said
    assert not {f"P{number}" for number in range(5)} & said
    book = opened(files["narvaro-2024-05-A.xlsx"])
    assert offered(book, book.worksheets[0], "A9") == ["P0", "P1", "P2", "P3", "P4"]


def test_all_else_is_one_workbook() -> None:
    assert list(template_files(Wanted(["grid"], MAY), RUNNING, load(), "en", together=True)) == ["attendance-2024-05.xlsx"]
    assert list(template_files(Wanted(["offers", "grid"], MAY), RUNNING, load(), "en")) == ["register-2024-05.xlsx"]
    assert list(template_files(Wanted(["attendance"]), RUNNING, load(), "sv")) == ["narvaro-mall.xlsx"]
    assert list(template_files(Wanted(["placements"]), {}, load(), "sv")) == ["register-mall.xlsx"]


@pytest.mark.parametrize("organisers", [("A/B", "a:b"), ("Å" * 40, "Å" * 41), ("19840217-9816", "19840217-9808"), ("[?]", "*")])
def test_whatever_organisers_are_called_files_and_sheets_can_be(tmp_path: Path, organisers: tuple[str, str]) -> None:
    rows = [(f"P{number}", name, "2024-05-01", "2024-05-31", None) for number, name in enumerate(organisers)]
    files = template_files(Wanted(["grid"], MAY), registers(*rows), load(), "sv")
    assert len({name.lower() for name in files}) == 2
    assert all(name.isascii() and "9816" not in name for name in files)
    (together,) = template_files(Wanted(["grid"], MAY), registers(*rows), load(), "sv", together=True).values()
    tables = read(tmp_path, together)
    assert tables.faults.height == 0
    assert len(tables.sources) == 2
