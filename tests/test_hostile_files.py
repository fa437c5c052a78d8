"""Files made to harm or merely broken: refused in a sentence, before a reader takes memory or time for them."""

import io
import os
import struct
import time
import zipfile
from types import SimpleNamespace

import pytest
import python_calamine
import xlwt
from python_calamine import CalamineWorkbook

import workbooks
from fatcli import csvfile, odsfile, oldexcel, package, sharedtexts, sheetcheck
from fatcli.errors import InputError
from fatcli.package import LARGE_PART, Package, binary_records, outline, without_entities
from fatcli.sharedtexts import MAX_MEAN, MAX_TEXTS, binary_shared_lengths, binary_shared_uses, check_shared
from fatcli.sheetparts import check_extent, extent, sheet_facts, with_read_errors
from fatcli.workbook import Workbook, read_workbook
from fatcli.writers.annotated import notes, styles
from fatcli.writers.annotated.parts import Parts, parsed
from fatcli.writers.annotated.workbookpart import WorkbookPart

ROWS = [["placement_id", "date"], ["P1", "2024-05-02"]]


@pytest.fixture
def read(tmp_path):
    def read_bytes(data: bytes, name: str = "a.xlsx") -> Workbook:
        (tmp_path / name).write_bytes(data)
        return read_workbook(tmp_path / name, name)

    return read_bytes


def one_cell(cell: str = '<c r="A1"><v>7</v></c>', **parts: str) -> bytes:
    return workbooks.xlsx(workbooks.sheet_xml(f"<row>{cell}</row>"), parts={f"xl/{name}.xml": part for name, part in parts.items()})


# --- packages


@pytest.mark.parametrize(("size", "refused"), [(LARGE_PART, False), (LARGE_PART + 1, True)])
def test_a_part_packed_more_tightly_than_any_workbook_is_refused(size, refused):
    data = one_cell(**{"theme/theme1": " " * size})  # spaces pack to a thousandth
    if refused:
        with pytest.raises(InputError, match="packed as tightly as no workbook"):
            Package(data)
    else:
        assert Package(data).kind == "xlsx"


@pytest.mark.parametrize(("size", "refused"), [(LARGE_PART - 10_000, False), (LARGE_PART, True)])
def test_parts_packed_more_tightly_together_than_any_workbook_are_refused(size, refused):
    """However small each of them is."""
    data = one_cell(**{"theme/theme1": " " * size, "theme/theme2": " " * size})
    if refused:
        with pytest.raises(InputError, match="packed as tightly as no workbook"):
            Package(data)
    else:
        assert Package(data).kind == "xlsx"


@pytest.mark.parametrize(("more", "refused"), [(0, False), (1, True)])
def test_an_xlsb_of_more_records_than_there_is_time_for(read, monkeypatch, more, refused):
    """In its sheets and its shared texts together, however short each is."""
    one = Package(workbooks.xlsb([["a"]]))
    sheet = one.read("xl/worksheets/sheet1.bin")
    records = len(list(binary_records(sheet)))
    monkeypatch.setattr(package, "MAX_RECORDS", records + 5)
    texts = workbooks._record(159, bytes(200)) + workbooks._record(37) * 2 + workbooks._record(160) + workbooks._record(37) * more
    data = one.rewritten({"xl/worksheets/sheet1.bin": workbooks._record(300) + sheet, "xl/sharedStrings.bin": texts})
    if refused:
        with pytest.raises(InputError, match="more than 0 million cells"):
            read(data, "a.xlsb")
    else:
        assert read(data, "a.xlsb").grids[0].cells.rows() == [("a",)]


@pytest.mark.parametrize(
    "data", [b"", b"\x25\x00" * 5, b"\xa5\x02\x80\x01" + bytes(128) + b"\x07\x03abc", b"\x80\x01\x80\x80\x80\x00\x25\x00"]
)
def test_records_are_counted_as_they_are_made(data):
    count = len(list(binary_records(data)))
    assert package._record_count(data, count) == count
    assert package._record_count(data + b"\x25\x00" * 9, count) == count + 1


def test_an_xlsb_whose_book_is_larger_than_any():
    data = Package(workbooks.xlsb(ROWS)).rewritten({"xl/workbook.bin": b"\x25\x00" * (LARGE_PART // 2 + 1)}, packed=False)
    with pytest.raises(InputError, match="damaged"):
        outline(Package(data))


@pytest.mark.parametrize(("size", "refused"), [(1_000, False), (1_001, True)])
def test_a_part_is_no_larger_than_can_be_held(monkeypatch, size, refused):
    data = one_cell(**{"theme/theme1": "x" * size})
    monkeypatch.setattr(package, "MAX_PART", 1_000)
    if refused:
        with pytest.raises(InputError, match="a part of the file is larger than 0 MiB"):
            Package(data)
    else:
        assert Package(data).kind == "xlsx"


def test_a_large_part_is_held_as_no_tree():
    large = b"<a>" + b"<b/>" * (LARGE_PART // 4) + b"</a>"
    with pytest.raises(InputError, match="damaged"):
        parsed(large)


def test_a_sheet_without_a_name_is_not_taken_for_an_earlier_list():
    package = Package(one_cell())
    nameless = package.read("xl/workbook.xml").replace(b' name="S1"', b"")
    book = WorkbookPart(Parts(Package(package.rewritten({"xl/workbook.xml": nameless}))))
    assert book.sheets() == {"": "xl/worksheets/sheet1.xml"}
    assert book.list_sheet() == ("", None)
    book.remove_list()
    assert len(book.sheets()) == 1


def repacked(data: bytes, method: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(target, "w", method) as copy:
        for part in package.infolist():
            copy.writestr(part.filename, package.read(part))
    return target.getvalue()


@pytest.mark.parametrize(("method", "refused"), [(zipfile.ZIP_STORED, False), (zipfile.ZIP_DEFLATED, False), (zipfile.ZIP_LZMA, True)])
def test_parts_are_packed_as_the_standards_know(method, refused):
    data = repacked(one_cell(), method)
    if refused:
        with pytest.raises(InputError, match="damaged"):
            Package(data)
    else:
        assert Package(data).kind == "xlsx"


def test_a_zip_file_of_a_version_to_come(read):
    data = bytearray(one_cell())
    data[data.index(b"PK\x01\x02") + 6] = 99  # version needed to extract, in the central directory
    with pytest.raises(InputError, match="damaged"):
        read(bytes(data))


@pytest.mark.parametrize("again", ['name="S1" sheetId="2" r:id="rId1"', 'name="S2" sheetId="2" r:id="rId1"'])
def test_a_sheet_that_stands_twice(read, again):
    package = Package(one_cell())
    xml = package.read("xl/workbook.xml")
    start = xml.index(b"<sheet ")
    sheet = xml[start : xml.index(b"/>", start) + 2]
    twice = xml.replace(sheet, sheet + f"<sheet {again}/>".encode())
    assert b'r:id="rId1"' in sheet
    with pytest.raises(InputError, match="damaged"):
        read(package.rewritten({"xl/workbook.xml": twice}))


@pytest.mark.parametrize(("sheets", "refused"), [(3, False), (4, True)])
@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "ods", "xls"])
def test_a_workbook_of_too_many_sheets(read, monkeypatch, kind, sheets, refused):
    monkeypatch.setattr(package, "MAX_SHEETS", 3)
    if refused:
        with pytest.raises(InputError, match="more than 3 sheets"):
            read(empty_sheets(kind, sheets), f"a.{kind}")
    else:
        assert len(read(empty_sheets(kind, sheets), f"a.{kind}").grids) == sheets


def empty_sheets(kind: str, count: int) -> bytes:
    numbers = range(1, count + 1)
    match kind:
        case "xlsx":
            return workbooks.xlsx(*[workbooks.sheet_xml("")] * count)
        case "ods":
            return workbooks.ods("".join(f'<table:table table:name="S{n}"/>' for n in numbers))
        case "xlsb":
            one = Package(workbooks.xlsb([]))
            parts = {f"xl/worksheets/sheet{n}.bin": one.read("xl/worksheets/sheet1.bin") for n in numbers}
            book, relations = one.read("xl/workbook.bin"), one.read("xl/_rels/workbook.bin.rels").decode()
            listed = [workbooks._record(156, bytes(8) + workbooks._wide(f"rId{n}") + workbooks._wide(f"S{n}")) for n in numbers]
            related = relations[relations.index("<Relationship ") : relations.index("</")]
            parts["xl/workbook.bin"] = book.replace(listed[0], b"".join(listed))
            parts["xl/_rels/workbook.bin.rels"] = relations.replace(
                related, "".join(related.replace("rId1", f"rId{n}").replace("sheet1", f"sheet{n}") for n in numbers)
            ).encode()
            return one.rewritten(parts)
        case _:
            book = xlwt.Workbook()
            for n in numbers:
                book.add_sheet(f"S{n}")
            data = io.BytesIO()
            book.save(data)
            return data.getvalue()


@pytest.mark.parametrize("target", ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "worksheets/Sheet1.xml"])
def test_two_sheets_of_one_part(read, target):
    """Which of the two a value came from could not be told."""
    rows = [workbooks.sheet_xml(f'<row r="1"><c r="A1"><v>{value}</v></c></row>') for value in (7, 8)]
    package = Package(workbooks.xlsx(*rows))
    relations = package.read("xl/_rels/workbook.xml.rels").replace(b"worksheets/sheet2.xml", target.encode())
    with pytest.raises(InputError, match="damaged"):
        read(package.rewritten({"xl/_rels/workbook.xml.rels": relations}))


@pytest.mark.parametrize(("other", "refused"), [("xl/worksheets/Sheet1.xml", True), ("xl/worksheets/sheet11.xml", False)])
def test_parts_whose_names_differ_in_case_only(other, refused):
    """The one that is checked need not be the one that a reader takes."""
    data = workbooks.xlsx(workbooks.sheet_xml(""), parts={other: workbooks.sheet_xml("")})
    if refused:
        with pytest.raises(InputError, match="damaged"):
            Package(data)
    else:
        assert other in Package(data)


def test_an_xlsb_whose_relations_are_spelt_otherwise():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("xl/workbook.bin", b"")
        package.writestr("xl/_rels/Workbook.bin.rels", "<Relationships/>")
    with pytest.raises(InputError, match="damaged"):
        outline(Package(target.getvalue()))


def test_formats_in_a_namespace_that_has_no_canonical_form():
    one, other = (parsed(f'<dxf xmlns="a/b" {attributes}/>'.encode()) for attributes in ('x="1" y="2"', 'y="2"  x="1"'))
    assert styles._canonical(one) == styles._canonical(other)
    assert styles._canonical(one) != styles._canonical(parsed(b'<dxf xmlns="a/b" x="1" y="3"/>'))


# --- used ranges


@pytest.mark.parametrize(("columns", "refused"), [(16_384, False), (16_385, True)])
def test_a_csv_record_is_no_wider_than_a_sheet(read, columns, refused):
    data = b";".join([b"a"] * columns)
    if refused:
        with pytest.raises(InputError, match="unreasonably many cells"):
            read(data, "a.csv")
    else:
        assert read(data, "a.csv").grids[0].cells.width == columns


@pytest.mark.parametrize(("rows", "refused"), [(5, False), (6, True)])
def test_a_csv_has_no_more_records_than_a_sheet_rows(read, monkeypatch, rows, refused):
    monkeypatch.setattr(csvfile, "MAX_ROWS", 5)
    if refused:
        with pytest.raises(InputError, match="more than 5 rows"):
            read(b"a;b\n" * rows, "a.csv")
    else:
        assert read(b"a;b\n" * rows, "a.csv").grids[0].cells.height == rows


def test_a_wide_csv_record_does_not_stretch_all_the_others(read):
    few, many = (b";" * 9_999 + b"a\n" + b"1\n" * count for count in (999, 1_001))  # 1 000 and 1 002 records of 10 000 fields
    assert read(few, "a.csv").grids[0].cells.height == 1_000
    with pytest.raises(InputError, match="unreasonably many cells"):
        read(many, "a.csv")


@pytest.mark.parametrize(
    ("rows", "columns", "filled", "refused"),
    [
        (1_048_576, 9, 2, False),  # 9 437 184 cells: few enough to be held, though all but two are blank
        (1_048_576, 10, 2, True),  # 10 485 760
        (1_048_576, 20, 2_097_152, False),  # 20 971 520, and a tenth of them filled
        (1_048_576, 20, 2_097_151, True),
        (1_048_576, 96, 100_663_296, True),  # more than 100 000 000, however filled
        (1_048_577, 1, 1_048_577, True),
        (1, 16_385, 16_385, True),
    ],
)
def test_a_used_range_must_be_worth_its_memory(rows, columns, filled, refused):
    if refused:
        with pytest.raises(InputError, match="unreasonably many cells"):
            check_extent(rows, columns, filled, "Blad1")
    else:
        check_extent(rows, columns, filled, "Blad1")


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("I1039999", (0, 0, 2)),  # a glance is enough
        ("Z299999", (0, 0, 2)),
        ("BZ99999", (0, 0, 2)),
        ("A1048577", (1_048_577, 1, 2)),  # there is no such row
        ("J300000", (300_000, 10, 2)),
        ("AA100000", (100_000, 27, 2)),
        ("CA2", (2, 79, 2)),
    ],
)
def test_where_a_glance_is_not_enough_cells_are_counted(cell, found):
    sheet = workbooks.sheet_xml(f'<row r="1"><c r="A1"><v>1</v></c></row><row><c r="{cell}"><v>7</v></c></row>')
    assert extent(sheet.encode()) == found


@pytest.mark.parametrize("cell", ["<x:c r='XFD1048576'>", '<x:c r="XFD1048576">', '<x:c\tr="XFD1048576">'])
def test_a_cell_with_a_prefix_is_not_overlooked(read, cell):
    """The reader takes it, though the other cells have none, and would make room for 17 000 million cells."""
    with pytest.raises(InputError, match="to row 1048576 and column 16384"):
        read(one_cell(f'<c r="A1"><v>7</v></c>{cell}<v>7</v></x:c>'))


def test_a_cell_without_content_stretches_nothing():
    sheet = workbooks.sheet_xml('<row><c r="A1"><v>1</v></c><c r="XFD1048576" s="2"/></row>')
    assert extent(sheet.encode()) == (1, 1, 1)


def test_a_value_far_out_is_refused(read):
    with pytest.raises(InputError, match="to row 1048576 and column 78"):
        read(one_cell('<c r="A1"><v>7</v></c><c r="BZ1048576"><v>7</v></c>'))


def test_ods_cells_repeated_by_the_million_are_refused(read):
    cell = '<table:table-cell office:value-type="float" office:value="5" table:number-columns-repeated="10"/>'
    table = f'<table:table table:name="T"><table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row></table:table>'
    with pytest.raises(InputError, match="to row 1048576 and column 10"):
        read(workbooks.ods(table), "a.ods")


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize(
    "cell", ['<c r="A0"><v>7</v></c>', '<c r="A0"><v>7</v></c><c r="B1"><v>8</v></c>', '<c r="A0"/><c r="B1"><v>8</v></c>']
)
def test_a_cell_above_the_first_row(read, cell, quote):
    with pytest.raises(InputError, match="can't be read"):
        read(one_cell(cell.replace('"', quote)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '<sheetData><row r="2"><c r="A2"><v>8</v></c></row></sheetData>'),
        ('<sheetData><row r="2"><c r="A2"><v>8</v></c></row></sheetData>', ""),
        ("<sheetData/>", ""),
        ('<cols a="1"', ""),
        ("", '<row r="2"><c r="A2"><v>8</v></c></row>'),
        ('<sheetData x="1"></sheetData>', ""),
        ('<?x <sheetData><row r="1"><c r="A1"><v>8</v></c></row></sheetData>?>', ""),
    ],
)
def test_a_sheet_with_cells_in_two_places(read, before, after):
    """The reader would take the first ones, Excel takes others: none are lost or mistaken in silence."""
    xml = f'<worksheet xmlns="{workbooks.MAIN}">{before}<sheetData><row r="1"><c r="A1"><v>7</v></c></row></sheetData>{after}</worksheet>'
    with pytest.raises(InputError, match="damaged"):
        read(workbooks.xlsx(xml))


def test_errors_without_a_name_take_time_by_their_number_alone():
    """Looking for the cell of each in the 20 000 bytes before it took a minute for as many as these."""
    count = 20_000
    cells = [f'<c r="A{row}" t="e"><f>"{"x" * 100}"</f><v>#Q{row}!</v></c>' for row in range(1, count + 1)]
    xml = workbooks.sheet_xml("".join(f'<row r="{row}">{cell}</row>' for row, cell in enumerate(cells, 1))).encode()
    start = time.process_time()
    facts = sheet_facts(xml)
    assert time.process_time() - start < 3
    assert len(facts.errors) == count
    assert facts.errors[count, 0] == f"#Q{count}!"
    assert with_read_errors(xml).count(b"#VALUE!") == count


def test_blanks_after_a_formula_take_time_by_their_number_alone():
    """The square of it would be a minute and a half for as many as these."""
    cell = f'<c r="D2"><f>4+4</f>{" " * 300_000}<v>8</v></c>'
    start = time.process_time()
    assert sheet_facts(workbooks.sheet_xml(f'<row r="2">{cell}</row>').encode()).unsaved == set()
    assert time.process_time() - start < 3


def test_links_to_other_files_are_not_followed_nor_macros_run(tmp_path):
    """What a link or a macro gave when the workbook was saved is what counts; the file it names, here a pipe, is never opened."""
    pipe = tmp_path / "other.xlsx"
    if hasattr(os, "mkfifo"):
        os.mkfifo(pipe)  # opening it would wait without end
    relation = f'Id="rId1" Type="{workbooks.OFFICE}/externalLinkPath" Target="{pipe.as_uri()}" TargetMode="External"'
    parts = {
        "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{workbooks.MAIN}"><externalBook/></externalLink>',
        "xl/externalLinks/_rels/externalLink1.xml.rels": (
            f'<Relationships xmlns="{workbooks.PACKAGE}/relationships"><Relationship {relation}/></Relationships>'
        ),
        "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 made up",
    }
    cells = '<c r="A1"><f>[1]Blad1!A1</f><v>7</v></c><c r="B1"><f>[1]Blad1!B1</f></c>'
    cells += '<c r="C1" t="str"><f>WEBSERVICE("http://a.se")</f><v>x</v></c>'
    for name in ("links.xlsx", "links.xlsm"):
        (tmp_path / name).write_bytes(workbooks.xlsx(workbooks.sheet_xml(f'<row r="1">{cells}</row>'), parts=parts))
        (grid,) = read_workbook(tmp_path / name, name).grids
        assert grid.cells.rows() == [("7", None, "x")]
        assert grid.unsaved == {(1, 1)}


def test_lists_of_texts_without_an_end_take_time_by_their_number_alone():
    start = time.process_time()
    assert [*sharedtexts._SHARED_TEXTS.finditer(b"<sst " * 100_000)] == []
    assert time.process_time() - start < 3


@pytest.mark.parametrize("tag", [b"<v:shape ", b"<v:shape><x:Row>", b"<o:idmap ", b"<o:idmap data=", b"<v:shape><v:shapetype>"])
def test_boxes_without_an_end_take_time_by_their_number_alone(tag):
    """The part that draws the notes is read by none but us."""
    start = time.process_time()
    assert [*notes._SHAPE.finditer(tag * 100_000), *notes._CLUSTERS.finditer(tag * 100_000)] == []
    assert time.process_time() - start < 3


@pytest.mark.parametrize("attribute", ['cm="1"', f'ph="{"1" * 600}"', 'ph="a>b"'])
@pytest.mark.parametrize("formula", ["<f>1+1</f>", "<f/>", f"<f>{'1+' * 15_000}1</f>"])
def test_cells_of_any_length_have_their_errors_and_formulas(attribute, formula):
    rows = f'<row r="1"><c r="A1" {attribute}>{formula}</c><c r="B1" {attribute} t="e">{formula}<v>#SPILL!</v></c></row>'
    facts = sheet_facts(workbooks.sheet_xml(rows).encode())
    assert facts.unsaved == {(1, 0)}
    assert facts.errors == {(1, 1): "#SPILL!"}


SPACES = 50_000  # of as many of them, each pattern that goes back over them took some seconds and more


@pytest.mark.parametrize("found", ["<v>8</v>", "<v></v>", "<q/>", ""])
@pytest.mark.parametrize("formula", ["<f>4+4</f>", "<f/>", "<f>4+4"])
def test_spaces_take_time_by_their_number_alone(formula, found):
    xml = workbooks.sheet_xml(f'<row r="1"><c r="A1">{formula}{" " * SPACES}{found}</c></row>').encode()
    start = time.process_time()
    facts = sheet_facts(xml)
    assert time.process_time() - start < 0.5
    assert facts.unsaved == (set() if found == "<v>8</v>" else {(1, 0)})


@pytest.mark.parametrize("tag", ["<c ", "<x:c ", "<row ", "<c r='", '<c r="'])
def test_tags_without_an_end_take_time_by_their_number_alone(tag):
    xml = workbooks.sheet_xml(tag * SPACES + '<c r="XFD1048576"/>').encode()
    start = time.process_time()
    with pytest.raises(InputError, match="damaged"):
        extent(xml)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_cells_place_behind_a_sign_like_the_end_of_its_tag(read, quote):
    """The reader would make room for 17 000 million cells."""
    with pytest.raises(InputError, match="to row 1048576 and column 16384"):
        read(one_cell('<c x=">" r="XFD1048576"><v>7</v></c>'.replace('"', quote)))


@pytest.mark.parametrize("row", ['<row r="1"><c r="A%s"><f>1</f></c></row>' % ("1" * 5000), "<row <c><f>1</f></c></row>"])
def test_a_place_that_is_none(read, row):
    with pytest.raises(InputError, match="damaged"):
        read(workbooks.xlsx(workbooks.sheet_xml(row)))


@pytest.mark.parametrize(("length", "refused"), [(99, False), (100, True), (1_000_000, True)])
def test_a_prefix_of_tags_is_not_longer_than_any(read, length, refused):
    prefix = "x" * length
    xml = workbooks.sheet_xml('<row r="1"><c r="A1"><v>7</v></c></row>').replace("<", f"<{prefix}:").replace(f"<{prefix}:/", f"</{prefix}:")
    xml = xml.replace(f"<{prefix}:?", "<?").replace("xmlns=", f"xmlns:{prefix}=")
    if refused:
        with pytest.raises(InputError, match="damaged"):
            read(workbooks.xlsx(xml))
    else:
        assert read(workbooks.xlsx(xml)).grids[0].cells.rows() == [("7",)]


# --- counts that a reader would make room for


@pytest.mark.parametrize("said", ["2147483647", "4294967295", "99999999999999999999"])
def test_more_shared_texts_than_there_are_bytes(read, said):
    shared = f'<sst xmlns="{workbooks.MAIN}" count="1" uniqueCount="{said}"><si><t>a</t></si></sst>'
    with pytest.raises(InputError, match="damaged"):
        read(one_cell('<c r="A1" t="s"><v>0</v></c>', sharedStrings=shared))


def test_a_shared_text_that_stands_in_many_cells(read):
    """`count` tells the cells, of which there may be many more than bytes of text; the reader makes no room by it."""
    shared = f'<sst xmlns="{workbooks.MAIN}" count="7000000" uniqueCount="1"><si><t>a</t></si></sst>'
    assert read(one_cell('<c r="A1" t="s"><v>0</v></c>', sharedStrings=shared)).grids[0].cells.rows() == [("a",)]


@pytest.mark.parametrize(("texts", "refused"), [("<si/><si><t>a</t></si>", False), ("<si/><si/><si/>", True), ("<x:si/>" * 3, True)])
def test_more_shared_texts_than_there_is_room_for(read, monkeypatch, texts, refused):
    """An empty one takes five bytes in the file, less when packed, and fifty in the readers."""
    monkeypatch.setattr(sharedtexts, "MAX_SHARED", 2)
    data = one_cell('<c r="A1" t="s"><v>1</v></c>', sharedStrings=f'<sst xmlns="{workbooks.MAIN}" xmlns:x="{workbooks.MAIN}">{texts}</sst>')
    if refused:
        with pytest.raises(InputError, match="more than 0 million texts"):
            read(data)
    else:
        assert read(data).grids[0].cells.rows() == [("a",)]


@pytest.mark.parametrize(("more", "refused"), [(0, False), (1, True)])
def test_shared_texts_that_are_too_long_together(read, monkeypatch, more, refused):
    """Whether or not a cell shows them."""
    shared = f'<sst xmlns="{workbooks.MAIN}"><si><t>{"x" * 900}</t></si></sst>'
    monkeypatch.setattr(sharedtexts, "MAX_TEXTS", len(shared))
    data = one_cell(sharedStrings=shared.replace("x", "x" * (1 + more), 1))
    if refused:
        with pytest.raises(InputError, match="unreasonably much text"):
            read(data)
    else:
        assert read(data).grids[0].cells.rows() == [("7",)]


@pytest.mark.parametrize(("more", "refused"), [(0, False), (1, True)])
def test_more_styles_than_any_workbook_has(read, monkeypatch, more, refused):
    styles = f'<styleSheet xmlns="{workbooks.MAIN}">{" " * more}</styleSheet>'
    monkeypatch.setattr(sheetcheck, "MAX_STYLES", len(styles) - more)
    if refused:
        with pytest.raises(InputError, match="damaged"):
            read(one_cell(styles=styles))
    else:
        assert read(one_cell(styles=styles)).grids[0].cells.rows() == [("7",)]


def test_shared_texts_are_not_read_again_for_each_sheet(read, monkeypatch):
    """Which of them are numbers is asked of a second reader: of one for all sheets, a hundred of which took half a minute."""
    opened = []

    def from_filelike(file: io.BytesIO) -> CalamineWorkbook:
        opened.append(file)
        return CalamineWorkbook.from_filelike(file)

    monkeypatch.setattr(python_calamine, "CalamineWorkbook", SimpleNamespace(from_filelike=from_filelike))
    grids = read(workbooks.xlsx(*[workbooks.sheet_xml('<row r="1"><c r="A1"><v>7</v></c></row>')] * 3)).grids
    assert [grid.numeric().rows() for grid in grids] == [[(True,)]] * 3
    assert len(opened) == 1


def test_a_wrong_count_of_shared_texts_is_no_matter(read):
    shared = f'<sst xmlns="{workbooks.MAIN}" count="40" uniqueCount="40"><si><t>a</t></si></sst>'
    assert read(one_cell('<c r="A1" t="s"><v>0</v></c>', sharedStrings=shared)).grids[0].cells.rows() == [("a",)]


@pytest.mark.parametrize("place", [40, 44, 64, 72])
def test_an_xls_with_more_sectors_than_bytes(read, place):
    data = workbooks.xls(ROWS)
    with pytest.raises(InputError, match="damaged"):
        read(data[:place] + struct.pack("<I", 0x7FFFFFFF) + data[place + 4 :], "a.xls")


def test_an_xls_whose_chain_of_sectors_runs_in_a_circle(read):
    data = workbooks.xls(ROWS * 200)
    table = 512 * (1 + struct.unpack_from("<I", data, 76)[0])  # the first sector of the table of chains
    first = struct.unpack_from("<I", data, table)[0]
    assert first == 1  # the workbook's first sector is followed by its second
    with pytest.raises(InputError, match="damaged"):
        read(data[:table] + struct.pack("<I", 0) + data[table + 4 :], "a.xls")


def test_an_xls_whose_table_of_sectors_runs_in_a_circle(read):
    data = workbooks.xls(ROWS)
    circle = struct.pack("<I", 0xFFFFFFFF) * 127 + struct.pack("<I", len(data) // 512 - 1)
    with pytest.raises(InputError, match="damaged"):
        read(data[:68] + struct.pack("<I", len(data) // 512 - 1) + data[72:] + circle, "a.xls")


def test_an_xls_with_sectors_of_four_bytes(read):
    """The one that stands at byte 84 would tell of no sector of the table, and that it is followed by itself."""
    data = bytearray(workbooks.xls(ROWS))
    struct.pack_into("<H", data, 30, 2)
    for place in (68, 84):
        struct.pack_into("<I", data, place, 84 // 4 - 1)
    with pytest.raises(InputError, match="damaged"):
        read(bytes(data), "a.xls")


@pytest.mark.parametrize(("other", "refused"), [(0xFFFFFFFF, False), (None, True)])
def test_an_xls_whose_table_has_a_sector_twice(read, other, refused):
    """One sector named over and over by a few more made a table of a thousand times the file's size."""
    data = workbooks.xls(ROWS)
    again = struct.pack("<I", struct.unpack_from("<I", data, 76)[0] if other is None else other)
    data = data[:80] + again + data[84:]
    if refused:
        with pytest.raises(InputError, match="damaged"):
            read(data, "a.xls")
    else:
        assert read(data, "a.xls").grids[0].cells.height == 2


@pytest.mark.parametrize(("following", "refused"), [([1, 2, 0xFFFFFFFE, 0], False), ([1, 2, 3, 0xFFFFFFFE], True), ([0] * 4, True)])
def test_an_xls_chain_takes_no_more_sectors_than_there_are(following, refused):
    """The table may tell of many more than there are."""
    taken = []

    def sector(index: int) -> bytes:
        taken.append(index)
        return b"x"

    if refused:
        with pytest.raises(InputError, match="damaged"):
            oldexcel._joined(0, tuple(following), sector, 3)
    else:
        assert oldexcel._joined(0, tuple(following), sector, 3) == b"xxx"
    assert len(taken) == 3


def test_an_xls_whose_stream_is_said_to_be_larger_than_the_file(read):
    data = workbooks.xls(ROWS * 200)
    size = data.index("Workbook".encode("utf-16-le")) + 120
    with pytest.raises(InputError, match="damaged"):
        read(data[:size] + struct.pack("<I", 0x7FFFFFFF) + data[size + 4 :], "a.xls")


@pytest.mark.parametrize(
    ("extent", "refused"),
    [
        ((0, 2, 0, 2), False),
        ((0, 65_536, 0, 256), False),  # wrong, and no matter
        ((0, 65_537, 0, 2), True),
        ((0, 0x7FFFFFFF, 0, 2), True),
        ((0, 2, 0, 257), True),
        ((3, 2, 0, 2), True),  # less than nothing: the reader would take it for nearly endless
        ((0, 2, 0xFFFF, 0x7FFF), True),
    ],
)
def test_an_xls_sheet_that_is_said_to_be_larger_than_any(read, extent, refused):
    data = workbooks.xls(ROWS)
    start = data.index(struct.pack("<HHIIHH", 0x0200, 14, 0, 2, 0, 2)) + 4
    data = data[:start] + struct.pack("<IIHH", *extent) + data[start + 12 :]
    if refused:
        with pytest.raises(InputError, match="damaged"):
            read(data, "a.xls")
    else:
        assert read(data, "a.xls").grids[0].cells.rows() == [tuple(row) for row in ROWS]


def test_an_xls_sheet_that_begins_behind_the_end(read, capfd):
    data = workbooks.xls(ROWS)
    start = data.index(struct.pack("<HH", 0x0085, 10)) + 4
    with pytest.raises(InputError, match="damaged"):
        read(data[:start] + struct.pack("<I", 0x3C1008) + data[start + 4 :], "a.xls")
    assert capfd.readouterr().err == ""


# --- texts that stand in a file once and in its cells many times

LONG = "x" * 32_767
SHOWN = MAX_TEXTS // 32_767  # as many cells with it hold the most that is read


def shared_workbook(cells: int, cell: str = '<c r="A{row}" t="s"><v>0</v></c>', texts: str = f"<si><t>{LONG}</t></si>") -> bytes:
    rows = "".join(f'<row r="{row}">{cell.format(row=row, style=row % 7)}</row>' for row in range(1, cells + 1))
    return workbooks.xlsx(workbooks.sheet_xml(rows), parts={"xl/sharedStrings.xml": f'<sst xmlns="{workbooks.MAIN}">{texts}</sst>'})


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A{row}" t="s"><v>0</v></c>',
        '<c r="A{row}" s="{style}" t="s"><f>B1</f><v>0</v></c>',
        "<c r='A{row}' t='s'><v>0</v></c>",
        "<c x='>' t = 's'><v>0</v></c>",
        "<c r='A{row}' t='s'><!-- --><v>0</v></c>",
        "<c r='A{row}' t='s'><v>&#48;</v></c>",
    ],
)
@pytest.mark.parametrize(
    "texts",
    [
        f"<si><t>{LONG}</t></si>",
        f"<si><t>{LONG}</t></si><si/><si><t>a</t></si>",
        f"<!-- <si> --><si><t>{LONG}</t></si>",
        f"<x:si><x:t>{LONG}</x:t></x:si>",
    ],
)
def test_a_long_text_in_many_cells_is_refused(read, cell, texts):
    with pytest.raises(InputError, match="unreasonably much text, more than 128 MiB"):
        read(shared_workbook(SHOWN + 1, cell, texts))


def test_a_long_text_in_a_few_cells_is_read(read):
    rows = read(shared_workbook(200)).grids[0].cells
    assert rows.rows() == [(LONG,)] * 200


def test_a_long_text_beside_many_short_ones_is_read(read):
    """A legend of a page, once, and the month's codes in many cells."""
    texts = f"<si><t>{LONG}</t></si><si><t>N</t></si>"
    cell = '<c r="A{row}" t="s"><v>1</v></c><c r="B{row}"><v>0</v></c>'
    data = shared_workbook(SHOWN + 1, cell, texts)
    assert read(data).grids[0].cells.rows() == [("N", "0")] * (SHOWN + 1)


@pytest.mark.parametrize(
    ("uses", "lengths", "filled", "refused"),
    [
        ({0: 2}, [MAX_TEXTS // 2], 2, False),
        ({0: 2}, [MAX_TEXTS // 2 + 1], 2, True),
        ({0: 1, 1: 1}, [MAX_TEXTS, 1], 2, True),
        ({1: 2}, [MAX_TEXTS, 1], 2, False),
        ({None: 2}, [MAX_TEXTS, 1], 2, True),  # which text it shows is not plain to see: the longest
        ({2: 2}, [MAX_TEXTS, 1], 2, True),
        ({0: 4_000_000}, [MAX_MEAN], 4_000_000, False),  # 160 000 000 bytes, but only 40 in a cell
        ({0: 4_000_000}, [MAX_MEAN + 1], 4_000_000, True),
        ({0: 4_000_000}, [MAX_MEAN + 1], 5_000_000, False),  # 164 000 000 bytes, with 200 000 000 in the mean of all cells
    ],
)
def test_how_much_shared_text_is_read(uses, lengths, filled, refused):
    if refused:
        with pytest.raises(InputError, match="unreasonably much text"):
            check_shared([uses], lengths, filled)
    else:
        check_shared([uses], lengths, filled)


def test_texts_of_several_sheets_count_together():
    check_shared([{0: 1}], [MAX_TEXTS], 1)
    with pytest.raises(InputError, match="unreasonably much text"):
        check_shared([{0: 1}, {0: 1}], [MAX_TEXTS], 2)


def test_a_long_text_in_many_cells_of_an_xlsb_or_xls_is_refused(read, monkeypatch):
    read(workbooks.xls([[LONG]] * 30), "a.xls")
    monkeypatch.setattr(sharedtexts, "MAX_TEXTS", 30 * 32_767 - 1)
    with pytest.raises(InputError, match="unreasonably much text"):
        read(workbooks.xls([[LONG]] * 30), "a.xls")
    cell = b"".join(workbooks._record(0, struct.pack("<I", row) + bytes(21)) + workbooks._record(7, bytes(12)) for row in range(30))
    assert binary_shared_uses(cell) == {0: 30}
    assert binary_shared_lengths(workbooks._record(19, b"ab") + workbooks._record(20, b"abc") + workbooks._record(19, b"")).tolist() == [
        2,
        0,
    ]


def test_the_shared_texts_of_an_xls_are_told_by_number():
    """A text of 9 000 signs goes on in a second record, one of 20 000 wide ones (two bytes each) in four more."""
    texts = ["a" * 3, "å" * 9_000, "€" * 20_000, "b"]
    stream = oldexcel._Streams(workbooks.xls([[text] for text in texts])).read("Workbook")
    records = list(oldexcel._records(stream))
    start = next(at for at, (kind, _) in enumerate(records) if kind == 0xFC)
    pieces = [record for kind, record in records[start:] if kind in {0xFC, 0x3C}]
    assert len(pieces) > 4
    assert oldexcel._shared_lengths(pieces) == [3, 9_000, 40_000, 1]
    assert oldexcel._shared_lengths([]) == []


@pytest.mark.parametrize(("rows", "refused"), [(4_096, False), (4_097, True)])
def test_a_long_text_in_ods_rows_repeated_is_refused(read, rows, refused):
    cell = f'<table:table-cell office:value-type="string"><text:p>{"x" * 32_768}</text:p></table:table-cell>'
    data = workbooks.ods(
        f'<table:table table:name="T"><table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row></table:table>'
    )
    if refused:
        with pytest.raises(InputError, match="unreasonably much text"):
            read(data, "a.ods")
    else:
        assert read(data, "a.ods").grids[0].cells.height == rows


def test_texts_of_several_ods_sheets_count_together(read):
    cell = f'<table:table-cell office:value-type="string"><text:p>{"x" * 32_768}</text:p></table:table-cell>'
    table = '<table:table table:name="T%d"><table:table-row table:number-rows-repeated="2100">%s</table:table-row></table:table>'
    with pytest.raises(InputError, match="unreasonably much text"):
        read(workbooks.ods(table % (1, cell) + table % (2, cell)), "a.ods")


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ("PT26H05M00S", "1900-01-01 02:05:00"),
        ("PT0H99999999999999999M0S", "2014-01-28 16:00:00"),  # a million hours, which is no time of day
        (f"PT{'9' * 5000}H0M0S", f"PT{'9' * 5000}H0M0S"),
    ],
)
def test_ods_times_beyond_all_calendars(read, time, text):
    cell = f'<table:table-cell office:value-type="time" office:time-value="{time}"/>'
    data = workbooks.ods(f'<table:table table:name="T"><table:table-row>{cell}</table:table-row></table:table>')
    assert read(data, "a.ods").grids[0].cells.rows() == [(text,)]


@pytest.mark.parametrize("count", ["x", "9" * 5000])
def test_ods_spaces_without_number(read, count):
    cell = f'<table:table-cell office:value-type="string"><text:p>a<text:s text:c="{count}"/>b</text:p></table:table-cell>'
    with pytest.raises(InputError, match="damaged"):
        read(workbooks.ods(f'<table:table table:name="T"><table:table-row>{cell}</table:table-row></table:table>'), "a.ods")


@pytest.mark.parametrize(("spaces", "refused"), [(767, False), (768, True)])
def test_ods_spaces_longer_than_any_text(read, spaces, refused):
    """A thousand of them take 22 bytes in the file."""
    runs = '<text:s text:c="-9"/>' + '<text:s text:c="1000"/>' * 32 + f'<text:span><text:s text:c="{spaces}"/></text:span>'
    cell = f'<table:table-cell office:value-type="string"><text:p>a{runs}</text:p></table:table-cell>'
    data = workbooks.ods(f'<table:table table:name="T"><table:table-row>{cell}</table:table-row></table:table>')
    if refused:
        with pytest.raises(InputError, match="damaged"):
            read(data, "a.ods")
    else:
        assert read(data, "a.ods").grids[0].cells.rows() == [("a" + " " * 32_767,)]


@pytest.mark.parametrize(("cells", "refused"), [(5, False), (6, True)])
def test_an_ods_row_is_refused_before_all_its_texts_are_made(monkeypatch, cells, refused):
    monkeypatch.setattr(sharedtexts, "MAX_TEXTS", 5_000)
    made = []
    monkeypatch.setattr(odsfile, "_text", lambda element: made.append(element) or " " * 1_000)
    cell = '<table:table-cell office:value-type="string"><text:p/></table:table-cell>'
    content = Package(workbooks.ods(f"<table:table><table:table-row>{cell * cells}</table:table-row></table:table>")).read("content.xml")
    if refused:
        with pytest.raises(InputError, match="unreasonably much text"):
            odsfile.read_ods(content.replace(b"</table:table-row>", cell.encode() * 100 + b"</table:table-row>"))
        assert len(made) == cells
    else:
        assert odsfile.read_ods(content)[0].letters == 5_000


@pytest.mark.parametrize(("depth", "refused"), [(3, False), (4, True)])
@pytest.mark.parametrize("within", ["{}", "<table:table-row>{}</table:table-row>", "<table:table-row><a/></table:table-row>{}"])
def test_ods_elements_are_held_until_their_row_ends(read, monkeypatch, within, depth, refused):
    """Those outside a row no longer than they are open: all of a file would take many times its size."""
    deep = "<a>" * depth + "</a>" * depth
    many = deep if within.startswith("<table:table-row>{") else deep * 50
    data = workbooks.ods(f'<table:table table:name="T">{within.format(many)}</table:table>')
    monkeypatch.setattr(odsfile, "_MOST_HELD", 7 + within.startswith("<table:table-row>{"))
    if refused:
        with pytest.raises(InputError, match="damaged"):
            read(data, "a.ods")
    else:
        assert read(data, "a.ods").grids[0].cells.height == 0


def test_an_ods_number_is_not_guessed_at(read):
    cell = '<table:table-cell office:value-type="float" office:value="1_0"/>'
    data = workbooks.ods(f'<table:table table:name="T"><table:table-row>{cell}</table:table-row></table:table>')
    assert read(data, "a.ods").grids[0].cells.rows() == [("1_0",)]


# --- XML


HOSTILE = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'


@pytest.mark.parametrize(
    "xml",
    [
        HOSTILE.encode(),
        HOSTILE.encode("utf-16"),
        HOSTILE.encode("utf-16-le"),
        b'<?xml version="1.0" encoding="cp037"?>' + HOSTILE.encode("cp037"),
        b"<?xml version=\"1.0\" encoding='utf-7'?><x/>",
        b'<?xml version="1.0" encoding="no such"?><x/>',
        b'<?xml version="1.0"' + b" " * 2000 + b'encoding="cp037"?><x/>',
    ],
)
def test_entities_are_refused_in_any_encoding(xml):
    with pytest.raises(InputError, match="damaged"):
        without_entities(xml)


@pytest.mark.parametrize(
    "head", ["", "<?xml version='1.0'?>", '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', "\ufeff<?xml version='1.0'?>"]
)
def test_what_workbooks_begin_with_is_read(head):
    xml = f"{head}<x/>".encode()
    assert without_entities(xml) == xml
    assert without_entities('<?xml version="1.0" encoding="ISO-8859-1"?><å/>'.encode("latin-1"))


# --- nesting


def test_ods_paragraphs_nested_without_end(read):
    deep = "<text:span>" * 5000 + "x" + "</text:span>" * 5000
    row = f'<table:table-row><table:table-cell office:value-type="string"><text:p>{deep}</text:p></table:table-cell></table:table-row>'
    with pytest.raises(InputError, match="damaged"):
        read(workbooks.ods(f'<table:table table:name="T">{row}</table:table>'), "a.ods")


def test_repeated_ods_rows_have_their_errors_in_each(read):
    cells = (
        '<table:table-cell calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
        '<table:table-cell table:formula="of:=1"/><table:table-cell office:value-type="float" office:value="5"/>'
    )
    rows = (
        f'<table:table-row><table:table-cell/></table:table-row><table:table-row table:number-rows-repeated="2">{cells}</table:table-row>'
    )
    grid = read(workbooks.ods(f'<table:table table:name="T">{rows}</table:table>'), "a.ods").grids[0]
    assert grid.errors == {(2, 0): "#N/A", (3, 0): "#N/A"}
    assert grid.unsaved == {(2, 1), (3, 1)}
    assert grid.cells.rows() == [(None, None, None), (None, None, "5"), (None, None, "5")]
    assert grid.numeric().rows() == [(False, False, False), (False, False, True), (False, False, True)]
