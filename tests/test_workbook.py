import datetime as dt
import hashlib
import io
import itertools
import string
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

import workbooks
from fatcli import package
from fatcli.errors import InputError
from fatcli.workbook import Grid, Workbook, read_workbook

DAY = dt.datetime.fromisoformat("2024-05-03")
ZIP_OF_WORD = workbooks.zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"})


@pytest.fixture
def read(tmp_path):
    def read_bytes(data: bytes, name: str = "närvaro.xlsx") -> Workbook:
        path = tmp_path / name
        path.write_bytes(data)
        return read_workbook(path, f"inbox/{name}")

    return read_bytes


@pytest.fixture
def refused(read):
    def message(data: bytes, name: str = "närvaro.xlsx") -> InputError:
        with pytest.raises(InputError) as caught:
            read(data, name)
        assert caught.value.exit_code == 3
        assert caught.value.place == f"inbox/{name}"
        return caught.value

    return message


def only(book: Workbook) -> Grid:
    assert len(book.grids) == 1
    return book.grids[0]


def at(grid: Grid) -> dict[str, str]:
    """The cells that are not blank, by the name they have in Excel."""
    assert grid.cells.dtypes == [pl.String] * grid.cells.width
    rows = enumerate(grid.cells.rows(), start=1)
    named = ((f"{letters(column)}{row}", value) for row, values in rows for column, value in zip(grid.columns, values, strict=True))
    return {name: value for name, value in named if value is not None}


def letters(column: int) -> str:
    names = [*string.ascii_uppercase, *map("".join, itertools.product(string.ascii_uppercase, repeat=2))]
    return names[column]


def numbers(grid: Grid) -> set[str]:
    mask = grid.numeric()
    assert mask.shape == grid.cells.shape
    assert set(mask.dtypes) <= {pl.Boolean}
    rows = enumerate(mask.rows(), start=1)
    places = ((f"{letters(column)}{row}", value) for row, values in rows for column, value in zip(grid.columns, values, strict=True))
    return {name for name, value in places if value}


def row(cells: str, number: int = 1) -> str:
    return workbooks.sheet_xml(f'<row r="{number}">{cells}</row>')


# --- values


def test_each_kind_of_value_has_its_text(read):
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data)
    sheet = book.add_worksheet("Närvaro")
    formats = {
        code: book.add_format({"num_format": code}) for code in ("yyyy-mm-dd", "d mmm", "[$-41D]d mmmm yyyy", "hh:mm", "[h]:mm", "0%")
    }
    written = {
        "B2": ("  P0001 ", None, "  P0001 "),
        "C2": (8, None, "8"),
        "D2": (7.5, None, "7.5"),
        "E2": (1001.0, None, "1001"),
        "F2": (True, None, "true"),
        "G2": (False, None, "false"),
        "H2": (45415, None, "45415"),
        "I2": ("8", None, "8"),
        "B4": (45415, "yyyy-mm-dd", "2024-05-03 00:00:00"),
        "C4": (45415, "d mmm", "2024-05-03 00:00:00"),
        "D4": (45415, "[$-41D]d mmmm yyyy", "2024-05-03 00:00:00"),
        "E4": (45415.5, "yyyy-mm-dd", "2024-05-03 12:00:00"),
        "F4": (8 / 24, "hh:mm", "1899-12-31 08:00:00"),
        "G4": (1.5, "[h]:mm", "1900-01-01 12:00:00"),
        "H4": (0.25, "0%", "0.25"),
        "I4": (200001011234, None, "200001011234"),
        "B5": ("summa\nav", None, "summa\nav"),
    }
    for cell, (value, code, _) in written.items():
        sheet.write(cell, value, formats.get(code))
    sheet.write_rich_string("C5", "hal", formats["0%"], "va")
    sheet.write_blank("D5", None, formats["0%"])
    sheet.write("E5", " \t")
    sheet.write("F5", "\N{NO-BREAK SPACE}")
    book.close()
    grid = only(read(data.getvalue()))
    assert at(grid) == {cell: text for cell, (_, _, text) in written.items()} | {"C5": "halva"}
    assert grid.columns == tuple(range(1, 9))
    assert numbers(grid) == {"C2", "D2", "E2", "H2", "H4", "I4"}
    assert (grid.file, grid.sheet, grid.errors, grid.unsaved) == ("inbox/närvaro.xlsx", "Närvaro", {}, frozenset())


def test_the_1904_system_gives_the_same_texts(read):
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"date_1904": True})
    sheet = book.add_worksheet()
    day, time, hours = (book.add_format({"num_format": code}) for code in ("yyyy-mm-dd", "hh:mm", "[h]:mm"))
    sheet.write_datetime(0, 0, DAY, day)
    sheet.write_datetime(0, 1, dt.time(8, 30), time)
    sheet.write_number(0, 2, 1.5, hours)
    sheet.write_number(0, 3, 43953)
    book.close()
    grid = only(read(data.getvalue()))
    assert at(grid) == {"A1": "2024-05-03 00:00:00", "B1": "1899-12-31 08:30:00", "C1": "1900-01-01 12:00:00", "D1": "43953"}


def test_iso_dates_have_the_same_text_as_others(read):
    cells = '<c r="A1" t="d"><v>2024-05-03T00:00:00.000</v></c><c r="B1" t="d"><v>2024-05-03T08:15:00Z</v></c>'
    assert at(only(read(workbooks.xlsx(row(cells))))) == {"A1": "2024-05-03 00:00:00", "B1": "2024-05-03 08:15:00"}


# --- errors, and formulas without a value


def test_error_cells_are_null_and_listed_at_their_place(read):
    kinds = ["#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"]
    cells = "".join(f'<c r="{letter}4" t="e"><v>{kind}</v></c>' for letter, kind in zip("CDEFGHI", kinds, strict=True))
    grid = only(read(workbooks.xlsx(row(cells + '<c r="J4" t="str"><f>A1</f><v>#N/A</v></c>', number=4))))
    assert grid.errors == {(4, column): kind for column, kind in enumerate(kinds, start=2)}
    assert at(grid) == {"J4": "#N/A"}  # a text


def test_errors_of_newer_excels_are_read(read):
    cells = (
        '<c r="A1" t="e"><f>X()</f><v>#SPILL!</v></c><c r="B1" t="e"><v>#GETTING_DATA</v></c><c t="e"><v>#CALC!</v></c>'
        '<c r="D1" t="str"><f>X()</f><v>#SPILL!</v></c><c r="E1" t="e"><v>#N/A</v></c><c r="F1"><v>4</v></c>'
    )
    grid = only(read(workbooks.xlsx(row(cells))))
    assert grid.errors == {(1, 0): "#SPILL!", (1, 1): "#GETTING_DATA", (1, 2): "#CALC!", (1, 4): "#N/A"}
    assert at(grid) == {"D1": "#SPILL!", "F1": "4"}
    assert numbers(grid) == {"F1"}


def test_an_error_without_a_name_behind_the_longest_formula(read):
    formula = "+".join(["A1"] * 2700)  # Excel holds 8 192 signs
    grid = only(read(workbooks.xlsx(row(f'<c r="A1"><v>1</v></c><c r="B1" t="e"><f>{formula}</f><v>#CALC!</v></c>'))))
    assert (at(grid), grid.errors) == ({"A1": "1"}, {(1, 1): "#CALC!"})


def test_numbers_are_told_from_texts_truth_values_and_dates_in_the_column_asked_for(read):
    cells = (
        '<c r="B1"><v>1</v></c>',
        '<c r="B2" t="n"><v>1</v></c>',
        '<c r="B3" t="str"><f>X()</f><v>1</v></c>',
        '<c r="B4" t="b"><v>1</v></c>',
        "<c r=\"B5\" t = 'inlineStr'><is><t>1</t></is></c>",
        '<c r="B6"><f>2-1</f><v>1</v></c>',
        '<c r="B7" t="e"><v>#N/A</v></c>',
        '<c r="B8"/><c r="C8"><v>1</v></c>',
    )
    grid = only(read(workbooks.xlsx(workbooks.sheet_xml("".join(f'<row r="{n}">{cell}</row>' for n, cell in enumerate(cells, 1))))))
    found = grid.numeric("1")
    assert found.columns == ["1"]
    assert [number for number, is_number in enumerate(found["1"], 1) if is_number] == [1, 2, 6]


def test_a_date_too_large_to_be_one_is_an_error(read):
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data)
    book.add_worksheet().write(1, 1, 1e9, book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    assert only(read(data.getvalue())).errors == {(2, 1): "########"}


@pytest.mark.parametrize(
    ("cell", "unsaved"),
    [
        ('<c r="B2"><f>A1</f></c>', True),
        ('<c r="B2"><f>A1</f><v></v></c>', True),
        ('<c r="B2"><f>A1</f><v/></c>', True),
        ('<c r="B2"><f>A1</f><v /></c>', True),
        ('<c r="B2" s="0" t="n"><f t="shared" si="0"/></c>', True),
        ('<c r="B2" t="str"><f>A1</f></c>', True),
        ('<c r="B2" t="e"><f>A1</f></c>', True),
        ('<c r="B2" t="b"><f>A1&lt;2</f>\n  <v/>\n</c>', True),
        ("<c t=\"n\"  r = 'B2'><f>A1</f></c>", True),
        ('<c r="A2"><v>1</v></c><c><f>A1</f></c>', True),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', False),
        ('<c r="B2" t="str"><f>""</f><v/></c>', False),
        ('<c r="B2"><f>A1</f><v>0</v></c>', False),
        ('<c r="B2"><f t="shared" si="0"/><v>1</v></c>', False),
        ('<c r="B2" t="e"><f>A1</f><v>#N/A</v></c>', False),
        ('<c r="B2"/>', False),
        ('<c r="B2" t="inlineStr"><is><t>&lt;f>A1&lt;/f></t></is></c>', False),
    ],
)
def test_a_formula_without_a_value_is_told_from_a_blank(read, cell, unsaved):
    rows = f'<row r="1"><c r="D1"><v>1</v></c></row><row r="2">{cell}</row>'
    assert only(read(workbooks.xlsx(workbooks.sheet_xml(rows)))).unsaved == ({(2, 1)} if unsaved else set())


def test_namespace_prefixes_change_nothing(read):
    plain = row('<c r="B2"><f>A1</f></c><c r="C2"><v>5</v></c><c r="D2" t="e"><v>#SPILL!</v></c>', number=2)
    prefixed = plain.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")
    grid = only(read(workbooks.xlsx(prefixed)))
    assert (at(grid), grid.unsaved, grid.errors) == ({"C2": "5"}, {(2, 1)}, {(2, 3): "#SPILL!"})


def test_places_of_formulas_without_a_value_lie_in_the_frame(read):
    rows = '<row r="2"><c r="C2"><v>1</v></c></row><row r="5"><c r="A5"><f>C2</f></c><c r="E5"><f>C2</f></c></row>'
    grid = only(read(workbooks.xlsx(workbooks.sheet_xml(rows))))
    assert grid.unsaved == {(5, 0), (5, 4)}
    assert grid.columns == (0, 2, 4)
    assert grid.cells.rows() == [(None, None, None), (None, "1", None), *[(None, None, None)] * 3]
    assert numbers(grid) == {"C2"}


def test_a_sheet_of_nothing_but_formulas_without_values(read):
    grid = only(read(workbooks.xlsx(row('<c r="B1"><f>A1</f></c>'))))
    assert (grid.columns, grid.cells.rows(), grid.unsaved) == ((1,), [(None,)], {(1, 1)})
    assert numbers(grid) == set()


# --- sheets and places


def test_a_hidden_sheet_of_an_ods_is_told(read):
    style = '<style:style style:name="{name}" style:family="table"><style:table-properties table:display="{shown}"/></style:style>'.format
    styles = style(name="ta1", shown="true") + style(name="ta2", shown="false")
    sheet = '<table:table table:name="{name}" table:style-name="{style}"><table:table-row/></table:table>'.format
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "style"))
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f"<office:spreadsheet>{sheet(name='Syns', style='ta1')}{sheet(name='Dolt', style='ta2')}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    grids = read(workbooks.ods("", {"content.xml": content})).grids
    assert [(grid.sheet, grid.hidden) for grid in grids] == [("Syns", False), ("Dolt", True)]


def test_sheets_come_in_order_hidden_ones_too_and_charts_not(read):
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data)
    for name in ("Första", "Tom", "Gömd", "Djupt gömd"):
        if name != "Tom":
            book.add_worksheet(name).write(0, 0, name)
        else:
            book.add_worksheet(name)
    book.get_worksheet_by_name("Gömd").hide()
    book.get_worksheet_by_name("Gömd").set_row(0, None, None, {"hidden": True})
    book.get_worksheet_by_name("Gömd").set_column(0, 0, None, None, {"hidden": True})
    book.get_worksheet_by_name("Djupt gömd").very_hidden()
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Första!$A$1:$A$1"})
    book.add_chartsheet("Diagram").set_chart(chart)
    book.add_worksheet("Sista & sist").write(0, 0, "Sista")
    book.close()
    grids = read(data.getvalue()).grids
    assert [grid.sheet for grid in grids] == ["Första", "Tom", "Gömd", "Djupt gömd", "Sista & sist"]
    assert [grid.hidden for grid in grids] == [False, False, True, True, False]
    assert [at(grid) for grid in grids] == [{"A1": "Första"}, {}, {"A1": "Gömd"}, {"A1": "Djupt gömd"}, {"A1": "Sista"}]
    assert grids[1].cells.height == 0
    assert grids[1].columns == ()
    assert numbers(grids[1]) == set()


def test_chart_sheets_print_nothing(read, capfd, caplog):
    sheets = (row('<c r="A1"><v>1</v></c>'), f'<chartsheet xmlns="{workbooks.MAIN}"/>')
    book = read(workbooks.xlsx(*sheets, types=[workbooks.SHEET_TYPE, workbooks.CHART_TYPE]))
    assert [grid.sheet for grid in book.grids] == ["S1"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("dimension", ["A1", "A1:XFD1048576", "B2:C3"])
def test_a_declared_dimension_is_not_believed(read, dimension):
    rows = '<row r="3"><c r="B3"><v>1</v></c></row><row r="7"><c r="AB7"><v>2</v></c></row>'
    grid = only(read(workbooks.xlsx(workbooks.sheet_xml(rows, f'<dimension ref="{dimension}"/>'))))
    assert at(grid) == {"B3": "1", "AB7": "2"}
    assert grid.cells.height == 7


def test_cells_without_a_place_follow_each_other(read):
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c/><c><v>3</v></c></row>"
    assert at(only(read(workbooks.xlsx(workbooks.sheet_xml(rows))))) == {"A1": "1", "B1": "2", "B3": "3"}


def test_a_merged_cell_stands_at_its_top_left(read):
    book = openpyxl.Workbook()
    book.active["B2"] = "Närvaro maj 2024"
    book.active.merge_cells("B2:E3")
    book.active["B4"] = 1
    data = io.BytesIO()
    book.save(data)
    assert at(only(read(data.getvalue()))) == {"B2": "Närvaro maj 2024", "B4": "1"}


def test_the_sum_is_of_the_bytes_that_were_read(read):
    data = workbooks.xlsx(row('<c r="A1"><v>1</v></c>'))
    book = read(data)
    assert (book.file, book.sha256) == ("inbox/närvaro.xlsx", hashlib.sha256(data).hexdigest())


# --- the other kinds

ROWS = [["id", 8, 7.5, True], [], [None, 45415, "8"]]
ROWS_AT = {"A1": "id", "B1": "8", "C1": "7.5", "D1": "true", "B3": "45415", "C3": "8"}
ROWS_NUMBERS = {"B1", "C1", "B3"}


@pytest.mark.parametrize("date_1904", [False, True])
@pytest.mark.parametrize("name", ["a.xlsb", "a.xlsx"])
def test_xlsb(read, name, date_1904):
    grid = only(read(workbooks.xlsb([*ROWS, [dt.time(8, 30), b"\x2a"]], date_1904=date_1904), name))
    assert (grid.sheet, at(grid), numbers(grid)) == ("S1", ROWS_AT | {"A4": "1899-12-31 08:30:00"}, ROWS_NUMBERS)
    assert grid.errors == {(4, 1): "#N/A"}


@pytest.mark.parametrize("date_1904", [False, True])
def test_xls(read, date_1904):
    data = workbooks.xls([*ROWS, [DAY, DAY.replace(hour=8, minute=15), dt.time(8, 30)]], date_1904=date_1904)
    grid = only(read(data, "a.xls"))
    dates = {"A4": "2024-05-03 00:00:00", "B4": "2024-05-03 08:15:00", "C4": "1899-12-31 08:30:00"}
    assert (grid.sheet, at(grid), numbers(grid)) == ("S1", ROWS_AT | dates, ROWS_NUMBERS)


def test_content_decides_what_a_file_is(read):
    assert at(only(read(workbooks.xls(ROWS), "a.xlsx"))) == ROWS_AT
    assert at(only(read(workbooks.xlsx(row('<c r="A1"><v>1</v></c>')), "a.xls"))) == {"A1": "1"}
    assert at(only(read(workbooks.xlsx(row('<c r="A1"><v>1</v></c>')), "a.csv"))) == {"A1": "1"}
    assert at(only(read(workbooks.xlsx(row('<c r="A1"><v>1</v></c>')), "A.XLSM"))) == {"A1": "1"}


def ods_cell(kind: str, value: str = "", text: str = "", more: str = "") -> str:
    attribute = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}.get(kind, "value")
    valued = f' office:{attribute}="{value}"' if value else ""
    return f'<table:table-cell office:value-type="{kind}"{valued}{more}><text:p>{text}</text:p></table:table-cell>'


def test_ods_has_the_same_texts(read):
    blank = "<table:table-cell/>"
    first = "".join(
        [
            ods_cell("string", text="<text:s text:c='2'/>P0001<text:span> x</text:span>"),
            ods_cell("float", "8", "8,00"),
            ods_cell("float", "7.5", "7,5"),
            ods_cell("boolean", "true", "SANT"),
            ods_cell("date", "2024-05-03", "3 maj"),
            ods_cell("date", "2024-05-03T08:15:00", "3 maj"),
            ods_cell("time", "PT08H30M00S", "08:30"),
            ods_cell("time", "PT36H00M00S", "36:00"),
            ods_cell("percentage", "0.25", "25 %"),
            ods_cell("float", "1E+20", "1E+20"),
            ods_cell("string", text="8"),
        ]
    )
    tables = (
        f'<table:table table:name="Närvaro"><table:table-row table:number-rows-repeated="2">{blank}</table:table-row>'
        f"<table:table-header-rows><table:table-row>{blank}{first}</table:table-row></table:table-header-rows>"
        '<table:table-row table:number-rows-repeated="1048573"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
        '</table:table><table:table table:name="Tom"/>'
    )
    grid, empty = read(workbooks.ods(tables), "a.ods").grids
    assert (grid.sheet, grid.cells.height) == ("Närvaro", 3)
    texts = ["  P0001 x", "8", "7.5", "true", "2024-05-03 00:00:00", "2024-05-03 08:15:00", "1899-12-31 08:30:00", "1900-01-01 12:00:00"]
    assert list(at(grid).values()) == [*texts, "0.25", "100000000000000000000", "8"]
    assert list(at(grid)) == [f"{letter}3" for letter in "BCDEFGHIJKL"]
    assert numbers(grid) == {"C3", "D3", "J3", "K3"}
    assert (empty.sheet, empty.cells.height) == ("Tom", 0)


def test_ods_errors_formulas_merges_comments_and_repeats(read):
    error = ods_cell("string", text="#N/A", more=' table:formula="of:=NA()" office:string-value="" calcext:value-type="error"')
    odd_error = ods_cell("string", text="Err:502", more=' table:formula="of:=X()" calcext:value-type="error"')
    comment = "<office:annotation><text:p>en kommentar</text:p></office:annotation>"
    cells = (
        f'{error}{odd_error}<table:table-cell table:formula="of:=1+1"/>'
        '<table:table-cell table:formula="of:=A1"><text:p/></table:table-cell>'
        f'<table:table-cell office:value-type="string">{comment}<text:p>rad</text:p><text:p>två</text:p></table:table-cell>'
        f"<table:covered-table-cell><text:p>dold</text:p></table:covered-table-cell>"
        '<table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="5"/>'
    )
    grid = only(
        read(
            workbooks.ods(
                f'<table:table table:name="T"><table:table-row table:number-rows-repeated="2">{cells}</table:table-row></table:table>'
            ),
            "a.ods",
        )
    )
    assert grid.errors == {(1, 0): "#N/A", (1, 1): "#VALUE!", (2, 0): "#N/A", (2, 1): "#VALUE!"}
    assert grid.unsaved == {(1, 2), (2, 2)}
    assert at(grid) == {"E1": "rad\ntvå", "G1": "5", "H1": "5", "E2": "rad\ntvå", "G2": "5", "H2": "5"}


# --- csv


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_encodings_and_delimiters(read, encoding, delimiter):
    text = "Närvaro maj 2024\n\nid;datum;anteckning\nP1;2024-05-03;å\n".replace(";", delimiter)
    grid = only(read(text.encode(encoding), "närvaro.csv"))
    assert at(grid) == {"A1": "Närvaro maj 2024", "A3": "id", "B3": "datum", "C3": "anteckning", "A4": "P1", "B4": "2024-05-03", "C4": "å"}
    assert (grid.sheet, grid.columns, numbers(grid)) == ("närvaro.csv", (0, 1, 2), set())


def test_csv_rows_are_records_and_no_cell_is_lost(read):
    text = 'a;b\r\n"två\r\nrader; och ""citat""";7,5\r\n\r\n  ;x;y;z\r\nsist;'
    assert at(only(read(text.encode(), "a.csv"))) == {
        "A1": "a",
        "B1": "b",
        "A2": 'två\r\nrader; och "citat"',
        "B2": "7,5",
        "B4": "x",
        "C4": "y",
        "D4": "z",
        "A5": "sist",
    }


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        (
            "id;timmar\nP1;7,5\nP2;6,5\nP3;8,0\n",
            {"A1": "id", "B1": "timmar", "A2": "P1", "B2": "7,5", "A3": "P2", "B3": "6,5", "A4": "P3", "B4": "8,0"},
        ),
        ("id,note\nP1,a;b;c\n", {"A1": "id", "B1": "note", "A2": "P1", "B2": "a;b;c"}),
        ('"id","x"\n"P1","a;b"\n', {"A1": "id", "B1": "x", "A2": "P1", "B2": "a;b"}),
        ("sep=,\na,b;c;d\n", {"A1": "sep=", "A2": "a", "B2": "b;c;d"}),
        ("ensam\n", {"A1": "ensam"}),
        ("\n \n", {}),
    ],
)
def test_the_delimiter_is_the_one_most_records_agree_on(read, text, cells):
    assert at(only(read(text.encode(), "a.csv"))) == cells


def test_errors_that_excel_wrote_to_csv_are_errors(read):
    grid = only(read(b"id;timmar\n#SAKNAS!;#DIV/0!\n", "a.csv"))
    assert (at(grid), grid.errors) == ({"A1": "id", "B1": "timmar"}, {(2, 0): "#SAKNAS!", (2, 1): "#DIV/0!"})


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b'a;b\n1;2\n3;"4\n5;6\n', "row 3"),
        (b'a;b\n1;"2"x\n', "row 2"),
        (b"a;b\n1;\x00\n", "NUL"),
        (b"a;b\n\x81\xff;\n", "encoding"),
        (b"\xff\xfea", "encoding"),
        (b"%PDF-1.7\n\x00", "NUL"),
    ],
)
def test_csv_that_is_no_csv_is_refused(refused, data, word):
    assert word in refused(data, "a.csv").what.en


# --- what can't be read


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.xlsx", ("tom (0 byte)", "empty (0 bytes)")),
        (b"", "a.csv", ("tom (0 byte)", "empty (0 bytes)")),
        (b"id;datum\n", "a.xlsx", ("ingen arbetsbok", "no workbook")),
        (b"<html><table/></html>", "a.xls", ("ingen arbetsbok", "no workbook")),
        (ZIP_OF_WORD, "a.xlsx", ("ingen arbetsbok", "no workbook")),
        (workbooks.ods("", {"mimetype": "application/vnd.oasis.opendocument.text"}), "a.ods", ("ingen arbetsbok", "no workbook")),
        (workbooks.zipped({}), "a.xlsx", ("ingen arbetsbok", "no workbook")),
        (workbooks.xlsx(), "a.xlsx", ("inga blad", "no sheets")),
        (workbooks.ods(""), "a.ods", ("inga blad", "no sheets")),
        (b"id", "a.txt", (".txt", ".txt")),
        (b"%PDF", "a.pdf", (".pdf", ".pdf")),
        (b"PK", "a.numbers", (".numbers", ".numbers")),
        (b"x", "~$närvaro.xlsx", ("låsfil", "lock file")),
        (workbooks.ods("", {"META-INF/manifest.xml": "<manifest:encryption-data/>"}), "a.ods", ("lösenord", "password")),
        (workbooks.xlsx(row('<c r="A1" t="s"><v>7</v></c>')), "a.xlsx", ("Bladet S1", "sheet S1")),
        (workbooks.xlsx("<worksheet><sheetData>"), "a.xlsx", ("Bladet S1", "sheet S1")),
        (workbooks.xlsx(row('<c r="XFD1048576"><v>7</v></c>')), "a.xlsx", ("kolumn 16384", "column 16384")),
        (workbooks.xlsx(row('<c r="ZZZZZZ99999999999"><v>7</v></c>')), "a.xlsx", ("99999999999", "99999999999")),
        (workbooks.xlsx("", parts={"xl/_rels/workbook.xml.rels": "<Relationships/>"}), "a.xlsx", ("skadad", "damaged")),
        (workbooks.xlsx("", parts={"xl/workbook.xml": "<workbook"}), "a.xlsx", ("skadad", "damaged")),
        (b"PK\x03\x04 and no more", "a.xlsx", ("skadad", "damaged")),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(900), "a.xls", ("skadad", "damaged")),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(refused, capfd, data, name, words):
    error = refused(data, name)
    assert words[0] in error.what.sv
    assert words[1] in error.what.en
    assert all(text.endswith(".") and text.count(". ") == 0 for text in (*error.what, *error.remedy))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsb", ".xls", ".ods"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_workbook_cut_short_is_damaged(refused, capfd, suffix, kept):
    tables = '<table:table table:name="T"><table:table-row>' + ods_cell("float", "8", "8") + "</table:table-row></table:table>"
    data = {
        ".xlsx": workbooks.xlsx(row('<c r="A1"><v>1</v></c>')),
        ".xlsb": workbooks.xlsb(ROWS),
        ".xls": workbooks.xls(ROWS * 200),
        ".ods": workbooks.ods(tables),
    }[suffix]
    assert refused(data[: int(len(data) * kept)], f"a{suffix}").what.en == "The file is damaged or incomplete."
    assert capfd.readouterr() == ("", "")


def test_missing_files_folders_and_denied_files(tmp_path, monkeypatch):
    for path, word in [(tmp_path / "saknas.xlsx", "not exist"), (tmp_path / "saknas.txt", "not exist"), (tmp_path, "folder")]:
        with pytest.raises(InputError, match=word) as caught:
            read_workbook(path, "a.xlsx")
        assert caught.value.place == "a.xlsx"

    def denied(_):
        raise PermissionError

    (tmp_path / "a.xlsx").touch()
    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(InputError, match="may not be read"):
        read_workbook(tmp_path / "a.xlsx", "a.xlsx")


def test_protected_workbooks(refused):
    plain = workbooks.xls(ROWS)
    first_record_after_the_start = plain.index(b"\xe1\x00\x02\x00")
    protected = bytearray(plain)
    protected[first_record_after_the_start] = 0x2F
    assert "password" in refused(bytes(protected), "a.xls").what.en
    # an encrypted .xlsx is a compound file with a stream of this name in place of a workbook
    stream = plain.index("Workbook".encode("utf-16-le"))
    renamed = bytearray(plain)
    renamed[stream : stream + 32] = "EncryptedPackage".encode("utf-16-le")
    renamed[stream + 64] = 34
    assert "password" in refused(bytes(renamed), "a.xlsx").what.en


def test_an_old_file_without_a_workbook_is_none(refused):
    other = workbooks.xls(ROWS).replace("Workbook".encode("utf-16-le"), "WordDocu".encode("utf-16-le"))
    assert "no workbook" in refused(other, "a.xls").what.en


def test_a_cell_far_out_in_an_xls_or_xlsb_is_refused(refused):
    plain = workbooks.xls([[12345678.25]])
    number = plain.index(b"\x03\x02\x0e\x00")
    far = bytearray(plain)
    far[number + 6 : number + 8] = b"\xff\xff"
    assert "damaged" in refused(bytes(far), "a.xls").what.en
    with zipfile.ZipFile(io.BytesIO(workbooks.xlsb([[1.5]]))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = bytearray(parts["xl/worksheets/sheet1.bin"])
    column = sheet.index(b"\x05\x10") + 2
    sheet[column : column + 4] = b"\xff\xff\x00\x00"
    assert "column 65536" in refused(workbooks.zipped(parts | {"xl/worksheets/sheet1.bin": bytes(sheet)}), "a.xlsb").what.en


def test_a_formatted_cell_far_out_is_no_cell(read):
    assert at(only(read(workbooks.xlsx(row('<c r="A1"><v>7</v></c><c r="XFD1048576" s="0"/>'))))) == {"A1": "7"}


def test_a_package_that_unpacks_without_end_is_refused(refused, monkeypatch):
    monkeypatch.setattr(package, "MAX_UNPACKED", 1 << 20)
    bomb = workbooks.xlsx(row('<c r="A1"><v>7</v></c>'), parts={"xl/media/image1.png": bytes(2 << 20)})
    assert "larger than" in refused(bomb).what.en


def test_a_part_that_lies_about_its_size_is_refused(refused):
    data = workbooks.xlsx(row('<c r="A1"><v>7</v></c>'), parts={"xl/sharedStrings.xml": " " * 5000})
    lying = data.replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    assert lying != data
    assert "damaged" in refused(lying).what.en


@pytest.mark.parametrize("part", ["xl/workbook.xml", "content.xml"])
def test_declared_entities_are_refused(refused, part):
    hostile = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    data = workbooks.ods("", {part: hostile}) if part == "content.xml" else workbooks.xlsx("", parts={part: hostile})
    assert "damaged" in refused(data, "a.ods").what.en


def test_ods_repeats_without_end_are_refused(refused):
    for rows, columns in [("1048576", "16384"), ("1", "999999999"), ("99999999999", "1")]:
        cell = f'<table:table-cell office:value-type="float" office:value="5" table:number-columns-repeated="{columns}"/>'
        table = f'<table:table table:name="T"><table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row></table:table>'
        refused(workbooks.ods(table), "a.ods")


def test_a_panic_of_the_reader_is_ours(read, refused, monkeypatch):
    class PanicError(BaseException):
        pass

    def panic(_):
        raise PanicError("index out of bounds")

    monkeypatch.setattr("fastexcel.read_excel", panic)
    assert "damaged" in refused(workbooks.xlsx(row('<c r="A1"><v>7</v></c>'))).what.en


# --- against openpyxl, cell by cell

texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=12).filter(
    lambda text: text[0] != "=" and "_x" not in text and not text.startswith("#")
)
values = st.one_of(
    st.none(),
    texts,
    st.sampled_from(["   ", "1", "N", " P0001 ", "2024-05-03", "true", "=A1", '=""', "#N/A", "#DIV/0!", "#REF!", "1e5", "å\nä"]),
    st.booleans(),
    st.integers(-(10**9), 10**12),
    st.integers(-4000, 4000).map(lambda quarters: quarters / 4),
    st.datetimes(DAY.replace(year=1905), DAY.replace(year=2100)).map(lambda moment: moment.replace(microsecond=0)),
    st.dates(dt.date(1905, 1, 1), dt.date(2100, 1, 1)),
    st.times().map(lambda time: time.replace(microsecond=0)),
)
sheets = st.lists(st.lists(values, max_size=6), max_size=8)


def as_text(value: object) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:.10f}".rstrip("0").rstrip(".")
        case dt.datetime():
            return value.isoformat(" ")
        case dt.time():
            return f"1899-12-31 {value.isoformat()}"
        case _:
            return str(value) if str(value).strip() else None


@settings(deadline=None, max_examples=80)
@given(rows=sheets, below=st.integers(0, 40), right=st.integers(0, 30), date_1904=st.booleans())
def test_grids_agree_with_openpyxl(tmp_path_factory, rows, below, right, date_1904):
    path = tmp_path_factory.getbasetemp() / "random.xlsx"
    placed = [*[[]] * below, *([None] * right + row for row in rows)]
    workbooks.save(path, {"A": placed, "B": rows}, date_1904=date_1904)
    formulas = openpyxl.load_workbook(path)
    grids = {grid.sheet: grid for grid in read_workbook(path, "random.xlsx").grids}
    for sheet in formulas:
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        grid = grids[sheet.title]
        assert grid.unsaved == {(cell.row, cell.column - 1) for cell in cells if cell.data_type == "f"}
        assert grid.errors == {(cell.row, cell.column - 1): cell.value for cell in cells if cell.data_type == "e"}
        read = {cell.coordinate: as_text(cell.value) for cell in cells if cell.data_type not in {"f", "e"}}
        assert at(grid) == {name: text for name, text in read.items() if text is not None}
        assert numbers(grid) == {cell.coordinate for cell in cells if cell.data_type == "n" and type(cell.value) in {int, float}}
