"""Sheets that are cut up into kinds of cells give the same grids as sheets that the reader is given whole."""

import io
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

import workbooks
from fatcli import package, sheetcells, sheetcheck
from fatcli.errors import InputError
from fatcli.sheetcells import cut_up
from fatcli.sheetparts import without_hidden
from fatcli.workbook import Grid, read_workbook
from test_workbook import sheets

LIBREOFFICE = Path(__file__).parent / "fuzz" / "libreoffice" / "attendance-libreoffice.xlsx"
SHEET = f'<worksheet xmlns="{workbooks.MAIN}"><sheetData>%s</sheetData></worksheet>'
CELL = '<c r="A1" s="1"><v>7</v></c>'
ROW = f'<row r="1">{CELL}</row>'


def whole(pieces: Iterable[bytes]) -> None:
    """In the stead of `cut_up`: nothing is cut up."""
    deque(pieces, maxlen=0)


def known(grid: Grid) -> object:
    """All that a grid tells, by place."""
    numbers = grid.numeric() if grid.cells.width else grid.cells
    cells = {
        (row, column): (value, numeric)
        for at, column in enumerate(grid.columns)
        for row, (value, numeric) in enumerate(zip(grid.cells[:, at], numbers[:, at], strict=True), start=1)
        if value is not None
    }
    return grid.sheet, cells, grid.errors, grid.unsaved, grid.hidden


def both_ways(monkeypatch: pytest.MonkeyPatch, path: Path, piece: int = 4 << 20) -> tuple[object, object]:
    """What is known of a workbook's sheets when they are cut up, unpacked by so many bytes, and when they are not."""
    with monkeypatch.context() as patched:
        patched.setattr(package, "_PIECE", piece)
        cut = [known(grid) for grid in read_workbook(path, path.name).grids]
        patched.setattr(sheetcheck, "cut_up", whole)
        return cut, [known(grid) for grid in read_workbook(path, path.name).grids]


@settings(deadline=None, max_examples=60)
@given(
    rows=sheets, below=st.integers(0, 40), right=st.integers(0, 800), piece=st.sampled_from([400, 3000, 1 << 20]), date_1904=st.booleans()
)
def test_openpyxls_sheets_give_the_same_grids_cut_up_or_whole(tmp_path_factory, rows, below, right, piece, date_1904):
    path = tmp_path_factory.getbasetemp() / "cut.xlsx"
    placed = [*[[]] * below, *([None] * right + row for row in rows)]
    workbooks.save(path, {"A": placed, "B": rows}, date_1904=date_1904)
    with pytest.MonkeyPatch.context() as monkeypatch:
        cut, not_cut = both_ways(monkeypatch, path, piece)
    assert cut == not_cut


def test_sheets_by_other_programs_give_the_same_grids(monkeypatch, tmp_path):
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        formats = [book.add_format({"num_format": code}) for code in ("General", "yyyy-mm-dd", "hh:mm", "[h]:mm", "0.00", "#,##0 kr", "@")]
        sheet = book.add_worksheet()
        for row in range(300):
            for column, style in enumerate(formats):
                sheet.write(row, column, 45415.25 + row % 7 + column, style)
            sheet.write(row, len(formats), f"P{row % 20} & <å>")
        sheet.write_rich_string(301, 0, "hal", formats[4], "va")
    path = tmp_path / "xlsxwriter.xlsx"
    path.write_bytes(data.getvalue())
    for file in (path, LIBREOFFICE):
        cut, not_cut = both_ways(monkeypatch, file, 5000)
        assert cut == not_cut
        assert any(cells for _, cells, *_ in cut)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(ROW, id="as nearly all write it"),
        pytest.param(
            '<row r="1" spans="1:3" s="2" customFormat="1" ht="15.75" thickBot="1" x14ac:dyDescent="0.25"><c r="A1" s="3"><v>0</v></c>'
            '<c r="B1" s="1"/><c r="C1" t="str"><f t="shared" ref="C1:C2" si="0">A1</f><v>x</v></c></row>',
            id="as Excel saves it",
        ),
        pytest.param("", id="no rows"),
        pytest.param('<row r="1"></row><row r="2"/>', id="rows without cells"),
        pytest.param(f'<row r="1" spans="1:7" x14ac:dyDescent="0.25">{CELL}</row><row r="2" ht="15"/>', id="rows with attributes"),
        pytest.param(f'\n <row r="1">\n  {CELL}\n  <c r="B1"/>\n </row>\n <row r="2"/>\n ', id="spaces between tags"),
        pytest.param(
            '<row r="1"><c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t>ha</t></r><r><t>lv</t></r></is></c></row>', id="rich text"
        ),
        pytest.param('<row r="1"><c r="XFD1" t="str"><f>A1&amp;"x"</f><v>ax</v></c></row>', id="a formula, in the last column"),
        pytest.param('<row r="1048576"><c r="A1048576" cm="1" vm="2"><v>7</v></c></row>', id="the last row"),
    ],
)
def test_what_is_cut_up(monkeypatch, tmp_path, rows):
    assert cut_up([(SHEET % rows).encode()]) is not None
    assert_the_same(monkeypatch, tmp_path, rows)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("<row><c><v>7</v></c></row>", id="cells without a place"),
        pytest.param('<row r="1"><c s="1" r="A1"><v>7</v></c></row>', id="a place that is not first"),
        pytest.param("<row r='1'><c r='A1'><v>7</v></c></row>", id="single quotes"),
        pytest.param('<row r="1"><c r="B1"><v>7</v></c><c r="A1"><v>8</v></c></row>', id="columns in no order"),
        pytest.param(f'<row r="2"><c r="A2"><v>7</v></c></row>{ROW}', id="rows in no order"),
        pytest.param('<row r="1"><c r="a1"><v>7</v></c></row>', id="small letters"),
        pytest.param(f"{ROW}<!-- {ROW} -->", id="a comment"),
        pytest.param(
            '<row r="1"><c r="A1" t="str"><v><![CDATA[</row><c r="B1">]]></v></c></row>', id="text that is not to be read as tags"
        ),
        pytest.param('<row r="1"><c r="A1"><v>7</v><?x <c r="B1"?></c></row>', id="an instruction"),
        pytest.param(f'{ROW}<row r="2" ><c r="A2"><v>7</v></c></row >', id="a space in an end tag"),
        pytest.param('<row r="1"><c r="A1"><v>7</v></c><extLst/></row>', id="something else in a row"),
        pytest.param('<row r="1"><c r="A1"><v>7</v></c><c><v>8</v></c></row>', id="one cell without a place"),
    ],
)
def test_what_is_read_whole(monkeypatch, tmp_path, rows):
    assert cut_up([(SHEET % rows).encode()]) is None
    assert_the_same(monkeypatch, tmp_path, rows)


TEXT = '<c r="B1" t="str"><v>x</v></c>'


@pytest.mark.parametrize("beside", ["", "<row/>", "<!-- -->"], ids=["cut up", "with a row without a number", "with a comment"])
@pytest.mark.parametrize(
    "cells",
    [
        pytest.param('<c r="A1" t="inlineStr"><v>8</v></c>', id="a value where there are texts"),
        pytest.param("<c t = 'inlineStr' r='A1'><f>1</f><v>8</v></c>", id="the same, spelt otherwise"),
        pytest.param('<c r="A1"><v>7</v></c><c r="A1"><v>8</v></c>', id="a cell twice"),
        pytest.param('<c r="A1"><v>7</v></c><c r="a01"><v>8</v></c>', id="a cell twice, spelt otherwise"),
        pytest.param('<c r="A1"><v>7</v></c><c r="B1"><v>7</v></c><c r="A1"><v>8</v></c>', id="a cell twice, not in a row"),
        pytest.param('<c r="B1"><v>7</v></c><c r="A1"><v>7</v></c><c><v>8</v></c>', id="a cell twice, once without its place"),
        pytest.param(f'{CELL}</row><row r="1"><c r="A1"><v>8</v></c>', id="a cell twice, in two rows"),
        pytest.param('<c r="A1"><v>7</v><v>8</v></c>', id="two values"),
        pytest.param('<c r="A1"><x:v xmlns:x="y">7</x:v><v>8</v></c>', id="two values, one with a prefix"),
        pytest.param('<c r="A1"><v>7<c r="B1"><v>8</v></c></v></c>', id="a value in a value"),
        pytest.param('<c r="A1"><v>7</v><is><t>8</t></is></c>', id="a value and a text"),
        pytest.param('<c r="A1" t="inlineStr"><is><t>8</t></is><v>7</v></c>', id="a text and a value"),
        pytest.param('<c r="A1"><v/><f>4+4</f></c>', id="a formula behind its value"),
        pytest.param('<c r="A1" t="b"><v>true</v></c>', id="a truth that is spelt out"),
    ],
)
def test_a_value_that_would_be_lost_is_refused(tmp_path, cells, beside):
    (tmp_path / "a.xlsx").write_bytes(workbooks.xlsx(SHEET % f'<row r="1">{cells}</row>{beside}'))
    with pytest.raises(InputError, match="damaged"):
        read_workbook(tmp_path / "a.xlsx", "a.xlsx")


@pytest.mark.parametrize("beside", ["", "<!-- -->", "<?x y?>"])
@pytest.mark.parametrize(
    ("cell", "unsaved"),
    [
        ('<c r="A1"><f>4+4</f></c>', True),
        ('<c r="A1"><f>4+4</f><v></v></c>', True),
        ('<c r="A1"><f>4+4</f><v xml:space="preserve"> </v ></c>', True),
        ('<c r="A1"><f>4+4<!-- <v>8</v> --></f></c>', True),
        ('<c r="A1"><f>4+4</f><!-- --></c>', True),
        ('<c r="A1"><f><![CDATA[4<5]]></f></c>', True),
        ('<c r="A1"><f>4+4</f><?x?></c>', True),
        ('<c r="A1"><f>4+4</f><v><![CDATA[]]></v></c>', True),
        ('<c r="A1" t="e"><v></v></c>', True),
        ('<c r="A1" t="e"><v/></c>', True),
        ('<c r="A1" s="1" t = \'e\' ><f>4+4</f><v/></c>', True),
        ('<c r="A1" t="str"><f>""</f><v></v></c>', False),
        ('<c r="A1" t="str"><v></v></c>', False),
        ('<c r="A1"><v/></c>', False),
        ('<c r="A1" t="inlineStr"><is><t> </t></is></c>', False),
        ('<c r="A1" t="b"><v/></c>', False),
    ],
)
def test_what_has_no_value_is_a_fault_or_blank(tmp_path, cell, unsaved, beside):
    (tmp_path / "a.xlsx").write_bytes(workbooks.xlsx(SHEET % f'<row r="1">{cell}{TEXT}</row>{beside}'))
    grid = read_workbook(tmp_path / "a.xlsx", "a.xlsx").grids[0]
    assert grid.unsaved == ({(1, 0)} if unsaved else set())
    assert grid.errors == {}
    assert [row[-1] for row in grid.cells.rows()] == ["x"]


def test_texts_in_cdata_sections_are_read_as_they_stand(tmp_path):
    cell = '<c r="A1" t="str"><v><![CDATA[a & <!-- b --> </v>]]></v></c>'
    (tmp_path / "a.xlsx").write_bytes(workbooks.xlsx(SHEET % f'<row r="1">{cell}</row>'))
    assert read_workbook(tmp_path / "a.xlsx", "a.xlsx").grids[0].cells.rows() == [("a & <!-- b --> </v>",)]


@pytest.mark.parametrize("begin", ["<!--", "<![CDATA[", "<?x "])
def test_what_is_passed_over_takes_time_by_its_length_alone(begin):
    start = time.process_time()
    assert without_hidden(begin.encode() * 50_000) is not None
    assert time.process_time() - start < 0.5


def assert_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rows: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbooks.xlsx(SHEET % rows))
    cut, not_cut = both_ways(monkeypatch, path)
    assert cut == not_cut


@pytest.mark.parametrize(
    "row",
    [
        '<row r="1"><c r="AAAA1"><v>7</v></c></row>',
        '<row r="1"><c r="XFE1"><v>7</v></c></row>',
        '<row r="1"><c r="A+1"><v>7</v></c></row>',
        '<row r="1"><c r="A"><v>7</v></c></row>',
        '<row r="1"><c r="A99999999999"><v>7</v></c></row>',
        '<row r="0"><c r="A0"><v>7</v></c></row>',
        '<row r=""><c r="A1"><v>7</v></c></row>',
        '<row r="1x"><c r="A1"><v>7</v></c></row>',
        '<row r="x"/><row r="1"><c r="A1"><v>7</v></c></row>',
        '<row spans="1:2" r="x"><c r="A1"><v>7</v></c></row>',
        '<row r="1"><c r="A1"><v>7</v></c><c r="B"><v>8</v></c></row>',
        '<row r="1"><c r="A0"/><c r="B1"><v>7</v></c></row>',
        '<row r="1"><c r="A1></c></row>',
        '<row r="1"><c r="A1"><v>7</v></row>',
        '<row r="1"><c r="A1"><v>7</c></row>',
        '<row r="1"><row r="2"><c r="A1"><v>7</v></c></row>',
        '</row><c r="A1"><v>7</v></c></row>',
        f"{ROW}{CELL}",
        f"{ROW}text",
    ],
)
def test_what_is_no_sheet_is_not_cut_up(row):
    assert cut_up([(SHEET % row).encode()]) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: b'<?xml version="1.0" encoding="ISO-8859-1"?>' + xml,
        lambda xml: b"<!DOCTYPE worksheet>" + xml,
        lambda xml: xml.replace(b"<sheetData>", b"<!-- --><sheetData>"),
        lambda xml: xml.replace(b"<sheetData>", b"<?x <sheetData>?><sheetData>"),
        lambda xml: xml.replace(b"<sheetData>", b"<sheetData/><sheetData>"),
        lambda xml: xml.replace(b"<sheetData>", b"<x:sheetData/><sheetData>"),
        lambda xml: xml.replace(b"</worksheet>", b"<sheetData/></worksheet>"),
        lambda xml: xml.replace(b"</worksheet>", b'<row r="2"/></worksheet>'),
        lambda xml: xml.replace(b"</worksheet>", b" " * 8_000_000 + b"<sheetData/></worksheet>"),
        lambda xml: xml.replace(b"<sheetData>", b"<cols>"),
        lambda xml: xml.replace(b"<sheetData>", b'<cols a="1"<sheetData>'),
        lambda xml: xml.replace(b"</worksheet>", b""),
        lambda xml: xml.replace(b"</sheetData>", b""),
        lambda xml: xml.replace(b"7", b"\xff"),
        lambda xml: xml.decode().encode("utf-16"),
        lambda _: b"",
    ],
)
def test_a_part_that_is_spelt_otherwise_is_read_to_its_end(change: Callable[[bytes], bytes]):
    pieces = iter([change((SHEET % ROW).encode()), b"more"])
    assert cut_up(pieces) is None
    assert next(pieces, None) is None


def test_kinds_are_told_once_whatever_the_block():
    rows = "".join(f'<row r="{row}"><c r="B{row}" t="s"><v>{row % 2}</v></c><c r="AA{row}"/></row>' for row in range(1, 101))
    xml = (SHEET % rows).encode()
    cells = cut_up(xml[start : start + 200] for start in range(0, len(xml), 200))
    assert sorted(cells.kinds) == [' t="s"><v>0</v></c>', ' t="s"><v>1</v></c>', "/>"]
    assert cells.places.select("row", "column").rows() == [(row, column) for row in range(1, 101) for column in (1, 26)]
    assert [cells.kinds[kind] for kind in cells.places["kind"][:4]] == [' t="s"><v>1</v></c>', "/>", ' t="s"><v>0</v></c>', "/>"]
    assert cells.extent() == (100, 2, 100)


@pytest.mark.parametrize(
    ("most", "few", "cells_a_kind", "is_cut"),
    [(3, 0, 2, True), (2, 0, 2, False), (9, 2, 2, True), (9, 2, 3, False), (9, 3, 3, True)],
)
def test_a_sheet_of_too_many_kinds_is_read_whole(monkeypatch, most, few, cells_a_kind, is_cut):
    """Three kinds in six cells."""
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>{row % 3}</v></c></row>' for row in range(1, 7))
    for name, value in (("MOST_KINDS", most), ("FEW_KINDS", few), ("CELLS_A_KIND", cells_a_kind)):
        monkeypatch.setattr(sheetcells, name, value)
    assert (cut_up([(SHEET % rows).encode()]) is not None) == is_cut


def test_a_row_without_an_end_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(sheetcells, "_LONGEST_ROW", 1000)
    xml = (SHEET % ROW.replace("7", "7" * 2000)).encode()
    assert cut_up([xml]) is not None
    assert cut_up(xml[start : start + 200] for start in range(0, len(xml), 200)) is None


def test_millions_of_empty_rows_take_no_memory():
    tracemalloc.start()
    try:
        assert cut_up([(SHEET % f"{ROW}{'<row/>' * 1_000_000}").encode()]) is not None
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


def test_prefixes_of_tags_change_nothing():
    xml = (SHEET % ROW).replace("<", "<x:").replace("<x:/", "</x:").encode()
    assert cut_up([xml]).kinds.to_list() == [' s="1"><v>7</v></c>']
