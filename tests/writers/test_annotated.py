"""Annotated copies: all that the user's workbook has is kept, faulty cells are coloured and have notes, the first sheet lists them."""

import io
import itertools
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree
from openpyxl.cell import Cell
from openpyxl.workbook import Workbook
from rich_books import FACTORS, other_book, rich_book
from writer_examples import CHECKED, frame, violation

import workbooks
from fatcli.workbook import Grid
from fatcli.writers.annotated import annotated_copy, book
from fatcli.writers.annotated import notes as drawn
from fatcli.writers.annotated.cells import place_of

ERROR, WARNING, INFO_UNDER_WHITE = "FFF9C6", "FFFFE3", "FF3B82"  # alpha, red, green
TITLES = ["Rättelser", "Översikt", "Närvaro", FACTORS, "Diagram"]

# Order of a worksheet's children, from the standard's schema: Excel repairs a file that has another.
ORDER = (
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges"),
    *("scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting"),
    *("dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks"),
    *("customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "picture"),
    *("oleObjects", "controls", "webPublishItems", "tableParts", "extLst"),
)


def at(cell: str, rule: str = "A01", severity: str = "error", **given: Any) -> dict[str, Any]:
    row, col = place_of(cell)
    return violation(rule=rule, severity=severity, cell=cell, row=row, col=col, **given)


NOWHERE = ("file", "sheet", "cell", "row", "col", "column", "value")
FAULTS = (
    at("B6"),
    at("C6", "T06", message="X är ingen känd kod.", remedy="Skriv en känd kod."),
    at("C6", "A09", "warning", message="Ledig dag.", remedy="Kontrollera dagen."),
    at("G7", "T03", "warning", message="Cellen är tom.", remedy="Fyll i den."),
    at("E4", "T09", "info", message="Kolumnen känns inte igen.", remedy="Rätta rubriken."),
    at("B40", "T02", "warning"),
    at("D18", "T02", "warning"),
    at("C1", "T10", message="Månaden går inte att läsa."),
    violation(rule="T11", severity="info", cell=None, row=15, col=None, column=None, value=None),
    violation(
        rule="A18", file=None, sheet=None, cell=None, row=None, col=None, column=None, value=None, message="Ingen närvaro är rapporterad."
    ),
)


def no_grids() -> Sequence[Grid]:
    raise AssertionError("the workbook can be changed in place")


def annotated(data: bytes, *violations: dict[str, Any]) -> bytes:
    checked = replace(CHECKED, violations=frame(*violations))
    return annotated_copy(data, checked, "attendance.xlsx", no_grids).data


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def opened(data: bytes, **given: Any) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(data), **given)


def ground(cell: Cell) -> str | None:
    return cell.fill.fgColor.rgb if cell.fill.patternType == "solid" else None


def tone(cell: Cell) -> str | None:
    """A mark's colour but for its blue."""
    colour = ground(cell)
    return colour and colour[:6]


def look(cell: Cell) -> tuple[str, ...]:
    return tuple(repr(part) for part in (cell.font, cell.border, cell.alignment, cell.number_format, cell.protection))


def notes(data: bytes, sheet: str = "Närvaro") -> dict[str, str]:
    return {cell.coordinate: cell.comment.text for row in opened(data)[sheet].iter_rows() for cell in row if cell.comment}


def listed(data: bytes, title: str = "Rättelser") -> list[list[Any]]:
    """The rows of the list, from its heading on."""
    rows = [[cell.value for cell in row] for row in opened(data)[title].iter_rows()]
    return rows[next(number for number, row in enumerate(rows) if row[0] == "Grad") :]


@pytest.fixture(scope="module")
def before() -> bytes:
    return rich_book()


@pytest.fixture(scope="module")
def after(before: bytes) -> bytes:
    return annotated(before, *FAULTS)


def test_parts_that_are_not_concerned_keep_their_bytes(before: bytes, after: bytes) -> None:
    old, new = parts(before), parts(after)
    changed = {name for name in new if new[name] != old.get(name)}
    assert changed == {
        *("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"),
        "xl/worksheets/sheet1.xml",  # it was the sheet selected
        *("xl/worksheets/sheet2.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing2.vml", "xl/worksheets/sheet4.xml"),
    }
    assert not set(old) - set(new)
    assert new["xl/worksheets/sheet1.xml"] == old["xl/worksheets/sheet1.xml"].replace(b' tabSelected="1"', b"")


@pytest.mark.parametrize("data_only", [False, True])
@pytest.mark.parametrize("make", [rich_book, other_book])
def test_every_value_formula_and_look_is_as_it_was(make: Any, data_only: bool) -> None:
    data = make()
    old, new = opened(data, data_only=data_only), opened(annotated(data, *FAULTS), data_only=data_only)
    marked = {"B6", "C6", "G7", "E4", "B40", "D18", "C1", "A1"}
    for sheet in old.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                copy = new[sheet.title][cell.coordinate]
                assert copy.value == cell.value
                assert look(copy) == look(cell)
                if sheet.title != "Närvaro" or cell.coordinate not in marked:
                    assert repr(copy.fill) == repr(cell.fill)


def test_formulas_keep_their_saved_values(after: bytes) -> None:
    sheet = opened(after, data_only=True)["Närvaro"]
    assert [sheet[f"D{row}"].value for row in range(5, 15)] == [8, 4, 5, 6, 7, 8, 4, 5, 6, 7]
    assert opened(after, data_only=True)["Översikt"]["B1"].value == 60


def test_the_sheet_keeps_all_else_that_it_has(before: bytes, after: bytes) -> None:
    old, new = (opened(data)["Närvaro"] for data in (before, after))
    assert new.merged_cells.ranges == old.merged_cells.ranges
    assert {name: (col.width, col.hidden) for name, col in new.column_dimensions.items()} == {
        name: (col.width, col.hidden) for name, col in old.column_dimensions.items()
    }
    assert new.row_dimensions[8].hidden
    assert new.row_dimensions[8].height == 30
    assert (new.freeze_panes, new.auto_filter.ref) == ("C5", "A4:F14")
    assert [rule.sqref for rule in new.conditional_formatting][-1:] == [rule.sqref for rule in old.conditional_formatting]
    assert [(check.sqref, check.formula1) for check in new.data_validations.dataValidation] == [
        (check.sqref, check.formula1) for check in old.data_validations.dataValidation
    ]
    assert (new.print_area, new.print_title_rows) == (old.print_area, old.print_title_rows) == ("'Närvaro'!$A$1:$F$14", "$4:$4")
    assert new.oddHeader.left.text == "Närvaro"
    assert new.protection.sheet
    assert new["F5"].hyperlink.target == "https://example.org/"


def test_names_belong_to_the_sheets_they_did(before: bytes, after: bytes) -> None:
    old, new = opened(before), opened(after)
    assert new.sheetnames == TITLES
    assert new.defined_names["Koder"].attr_text == old.defined_names["Koder"].attr_text
    assert new["Närvaro"].defined_names["Egna"].attr_text == "Närvaro!$B$5:$B$14"
    assert new["Översikt"].print_area == "'Översikt'!$A$1:$K$30"
    assert new["Rättelser"].print_title_rows == "$7:$7"
    assert new[FACTORS].sheet_state == "hidden"


def test_the_list_is_the_sheet_that_opens_and_the_only_one_selected(after: bytes) -> None:
    new = opened(after)
    assert new.active.title == "Rättelser"
    assert [b'tabSelected="1"' in content for name, content in sorted(parts(after).items()) if "sheets/sheet" in name] == [
        *[False] * 4,
        True,
    ]


def test_cells_are_coloured_by_what_is_worst_and_blank_ones_stay_blank(after: bytes) -> None:
    sheet = opened(after)["Närvaro"]
    colours = {cell: tone(sheet[cell]) for cell in ("A1", "B6", "C6", "G7", "E4", "B40", "A40", "D5")}
    assert colours == {
        **dict.fromkeys(("A1", "B6", "C6"), ERROR),  # of merged cells the first one shows
        **dict.fromkeys(("G7", "B40"), WARNING),
        "E4": INFO_UNDER_WHITE,  # white letters on a dark ground stay readable
        **dict.fromkeys(("A40", "D5"), None),
    }
    # each mark remembers the ground it lies on: the colours differ, by a shade of blue that no one sees
    assert len({ground(sheet[cell]) for cell in ("A1", "B6", "C6")}) == 3
    assert (sheet["G7"].value, sheet["B40"].value, sheet["D18"].value) == (None, None, None)
    assert sheet["D18"].font.color.rgb == "FF9C0006"  # a new cell has the look of its row


def test_a_cell_has_one_note_with_all_that_is_wrong_in_it(after: bytes) -> None:
    found = notes(after)
    assert set(found) == {"A1", "B6", "C6", "G7", "E4", "B40", "D18", "F9"}
    assert found["G7"] == "— fat —\nVarning T03: T03\nCellen är tom.\nFyll i den."
    assert found["C6"] == (
        "Kom sent, ringde.\n— fat —\nFel T06: T06\nX är ingen känd kod.\nSkriv en känd kod.\n\n"
        "Varning A09: Närvaro på ledig dag\nLedig dag.\nKontrollera dagen."
    )
    assert found["F9"] == "Påminn om läkarintyg."
    assert opened(after)["Närvaro"]["B6"].comment.author == "fat"
    assert opened(after)["Närvaro"]["C6"].comment.author == "Eva"


def test_each_note_has_one_box_with_a_number_of_its_own(after: bytes) -> None:
    vml = parts(after)["xl/drawings/vmlDrawing2.vml"].decode()
    etree.fromstring(vml.encode())
    cells = re.findall(r"<x:Row>(\d+)</x:Row>\s*<x:Column>(\d+)</x:Column>", vml)
    assert sorted((int(row) + 1, int(column)) for row, column in cells) == sorted(place_of(cell) for cell in notes(after))
    numbers = re.findall(r'id="_x0000_s(\d+)"', vml)
    assert len(numbers) == len(set(numbers)) == 8
    clusters = re.search(r'<o:idmap [^>]*data="([\d,]+)"', vml)[1].split(",")
    assert {int(number) // 1024 for number in numbers} <= {int(cluster) for cluster in clusters}
    assert "1" not in clusters  # XlsxWriter's own, which the button on the other sheet has
    assert vml.count('<v:shapetype id="_x0000_t202"') == 1


def test_a_box_of_the_users_own_has_room_for_what_is_added(before: bytes) -> None:
    def box(data: bytes, row: int) -> list[int]:
        shapes = parts(data)["xl/drawings/vmlDrawing2.vml"].decode().split("<v:shape ")
        own = next(shape for shape in shapes if f"<x:Row>{row - 1}</x:Row>" in shape)
        return [int(edge) for edge in re.search(r"<x:Anchor>([^<]*)<", own)[1].split(",")]

    small = parts(before)
    drawing = small["xl/drawings/vmlDrawing2.vml"]
    small["xl/drawings/vmlDrawing2.vml"] = re.sub(rb"<x:Anchor>[^<]*<", b"<x:Anchor>3, 15, 4, 10, 4, 15, 6, 4<", drawing)
    made = annotated(workbooks.zipped(small), *FAULTS)
    # 320 pixels from 15 in D: 63 each of D, F, G and I, 67 of E, and H hidden leave 16 for J
    # 9 lines and two to spare are 165 pixels, from 10 in row 5: 8 rows of 20, and 15
    assert box(made, 6) == [3, 15, 4, 10, 9, 16, 12, 15]
    assert box(made, 9) == [3, 15, 4, 10, 4, 15, 6, 4]
    assert box(annotated(made, *FAULTS), 6) == box(made, 6)


@pytest.mark.parametrize("make", [rich_book, other_book])
def test_the_parts_stand_in_the_order_of_the_standard(make: Any) -> None:
    new = parts(annotated(make(), *FAULTS))
    for name in (name for name in new if name.startswith("xl/worksheets/sheet")):
        children = [ORDER.index(etree.QName(child).localname) for child in etree.fromstring(new[name])]
        assert children == sorted(children), name
    names = [etree.QName(child).localname for child in etree.fromstring(new["xl/workbook.xml"])]
    assert names.index("sheets") < names.index("definedNames") < names.index("calcPr")


@pytest.mark.parametrize("make", [rich_book, other_book])
def test_every_relation_leads_to_a_part_and_every_part_has_a_content_type(make: Any) -> None:
    new = parts(annotated(make(), *FAULTS))
    types = etree.fromstring(new["[Content_Types].xml"])
    overrides = [each.get("PartName").lstrip("/") for each in types.iterfind("{*}Override")]
    extensions = {each.get("Extension") for each in types.iterfind("{*}Default")}
    assert len(overrides) == len(set(overrides))
    assert set(overrides) <= set(new)
    assert all(name in overrides or name.rpartition(".")[2] in extensions for name in new if name != "[Content_Types].xml")
    for name in (name for name in new if name.endswith(".rels")):
        owner = Path(name).parent.parent
        relations = etree.fromstring(new[name])
        assert len({each.get("Id") for each in relations}) == len(relations)
        for each in relations:
            if each.get("TargetMode") != "External":
                target = each.get("Target")
                path = target.lstrip("/") if target.startswith("/") else re.sub(r"[^/]+/\.\./", "", (owner / target).as_posix())
                assert path in new, (name, target)


def formats(data: bytes, part: str = "xl/worksheets/sheet2.xml") -> list[tuple[str, str, str]]:
    """(cells, formula, rank) of a sheet's conditional formats in order, those in its extensions last."""
    found = []
    for rule in etree.fromstring(parts(data)[part]).iterfind(".//{*}cfRule[@priority]"):
        own = rule.getparent()
        cells = own.get("sqref") or own.findtext("{*}sqref")
        found.append((cells, "".join(rule.itertext()).strip(), rule.get("priority")))
    return found


# such as newer programs write where a format's formula is of another sheet
NEWER = """<extLst>
<ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}">
<x14:conditionalFormattings><x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">
<x14:cfRule type="expression" priority="2" id="{00000000-0000-0000-0000-000000000001}"><xm:f>Översikt!$B$1&gt;0</xm:f>
<x14:dxf><fill><patternFill><bgColor rgb="FF00FF00"/></patternFill></fill></x14:dxf></x14:cfRule><xm:sqref>C5:C14</xm:sqref>
</x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>"""


def banded(data: bytes) -> bytes:
    """The workbook with a conditional format more, which makes its cells green."""
    changed = parts(data)
    changed["xl/worksheets/sheet2.xml"] = changed["xl/worksheets/sheet2.xml"].replace(b"</worksheet>", NEWER.encode())
    return workbooks.zipped(changed)


class TestConditionalFormats:
    """The user's own may colour a cell whatever its style: a format of ours comes before them."""

    FAULTS = (at("C6"), at("C7"), at("C9"), at("D7", "A10", "warning"))
    USERS = (("D5:D14", "12", "1"), ("C5:C14", "Översikt!$B$1>0", "2"))

    def test_one_of_ours_ranks_before_all_of_the_users(self, before: bytes) -> None:
        made = annotated(banded(before), *self.FAULTS)
        always = '"fat"="fat"'
        assert formats(made) == [
            ("C6:C7 C9", always, "1"),
            ("D7", always, "2"),
            ("D5:D14", "12", "3"),
            ("C5:C14", "Översikt!$B$1>0", "4"),
        ]
        rules = [each.rules[0] for each in opened(annotated(before, *self.FAULTS))["Närvaro"].conditional_formatting]
        assert [rule.stopIfTrue for rule in rules] == [True, True, None]
        assert [rule.dxf.fill.bgColor.rgb for rule in rules[:2]] == ["FFF9C6CB", "FFFFE3A3"]
        assert {rule.dxf.font.color.rgb for rule in rules[:2]} == {"FF1F2933"}  # letters that can be read on these grounds

    def test_annotated_anew_nothing_of_ours_stays(self, before: bytes) -> None:
        once = annotated(banded(before), *self.FAULTS)
        assert formats(annotated(once, at("B1", sheet="Översikt"))) == list(self.USERS)
        assert formats(annotated(once, *self.FAULTS)) == formats(once)
        looks = [etree.fromstring(parts(data)["xl/styles.xml"]).find("{*}dxfs") for data in (once, annotated(once, *self.FAULTS))]
        assert len(looks[0]) == len(looks[1]) == int(looks[1].get("count"))

    def test_a_sheet_without_any_gets_none(self, before: bytes) -> None:
        assert formats(annotated(before, at("B1", sheet="Översikt")), "xl/worksheets/sheet1.xml") == []

    def test_formats_that_another_program_ranked_anew_keep_their_order(self, before: bytes) -> None:
        changed = parts(annotated(banded(before), *self.FAULTS))
        sheet = changed["xl/worksheets/sheet2.xml"]
        for old, new in (("1", "9"), ("2", "5"), ("3", "6"), ("4", "2")):
            sheet = sheet.replace(b'priority="%b"' % old.encode(), b'rank="%b"' % new.encode())
        changed["xl/worksheets/sheet2.xml"] = sheet.replace(b"rank=", b"priority=")
        again = formats(annotated(workbooks.zipped(changed), at("B1", sheet="Översikt")))
        assert again == [("D5:D14", "12", "5"), ("C5:C14", "Översikt!$B$1>0", "2")]

    def test_many_cells_are_told_in_several_formats(self, before: bytes) -> None:
        made = annotated(before, *[at(f"G{row}") for row in range(20, 2 * 1001 + 20, 2)])
        assert [(cells.count(" "), rank) for cells, _, rank in formats(made)] == [(999, "1"), (0, "2"), (0, "3")]


def test_the_list_names_what_is_wrong_with_a_link_to_each_cell(after: bytes) -> None:
    sheet = opened(after)["Rättelser"]
    above = [sheet[f"A{row}"].value for row in range(1, 5)]
    assert above[:2] == ["fat · rättelser", "attendance.xlsx: 3 fel, 4 varningar och 2 upplysningar"]
    assert above[3] == (
        "Kopian kan innehålla personnummer. Lämna den bara till den som får ta del av dem, och radera den när den inte behövs längre."
    )
    rows = listed(after)
    assert rows[0] == ["Grad", "Regel", "Placering", "Blad", "Cell", "Funnet", "Vad som är fel", "Åtgärd"]
    assert rows[2] == ["Fel", "T06", "P1", "Närvaro", "C6", "2024-05-31", "X är ingen känd kod.", "Skriv en känd kod."]
    assert rows[9][3:5] == ["Närvaro", "rad 15"]
    links = {link.ref: link.location for row in sheet.iter_rows() for cell in row if (link := cell.hyperlink)}
    assert links["E9"] == "'Närvaro'!C6"
    assert links["E16"] == "'Närvaro'!A15"
    assert len(links) == 9
    assert sheet.auto_filter.ref == "A7:H16"


def test_a_faulty_text_is_no_formula_in_the_list(before: bytes) -> None:
    rows = listed(annotated(before, at("C6", message="=1+1", value="-2+3")))
    assert rows[1][5:7] == ["'-2+3", "'=1+1"]


def test_what_xml_forbids_is_left_out(before: bytes) -> None:
    made = annotated(before, at("G7", message="hittade a\x07b<&>", value="a\x07b"))
    assert listed(made)[1][5:7] == ["ab", "hittade ab<&>"]
    assert "hittade ab<&>" in notes(made)["G7"]


def test_what_has_no_place_stands_with_the_register(before: bytes) -> None:
    checked = replace(CHECKED, violations=frame(*FAULTS))
    assert "A18" not in {row[1] for row in listed(annotated_copy(before, checked, "attendance.xlsx", no_grids).data)}
    rows = listed(annotated_copy(before, checked, "register.xlsx", no_grids).data)
    assert rows[1:] == [["Fel", "A18", "P1", None, None, None, "Ingen närvaro är rapporterad.", "Rätta datumet eller förläng beslutet."]]


def test_what_a_placement_lacks_stands_with_the_workbook_that_names_it(before: bytes) -> None:
    nowhere = dict.fromkeys(NOWHERE)
    lacks = [violation(rule=rule, placement=name, **nowhere) for rule, name in (("A18", "P1"), ("A18", "P2"), ("C01", "P1"))]
    checked = replace(CHECKED, violations=frame(*lacks), named={"attendance.xlsx": frozenset({"P1"})})
    rows = listed(annotated_copy(before, checked, "attendance.xlsx", no_grids).data)
    assert [row[1:3] for row in rows[1:]] == [["A18", "P1"]]


class TestAgain:
    """A copy is annotated once more: nothing is doubled, nothing of the first time stays."""

    FIRST = (at("B6"), at("C6", "T06"), at("E4", "T09", "info"), at("G7", "T03"))
    SECOND = (at("D7", "A10", "warning"),)

    def test_what_was_mended_has_its_own_ground_and_notes_again(self, before: bytes) -> None:
        again = annotated(annotated(before, *self.FIRST), *self.SECOND)
        old, new = opened(before)["Närvaro"], opened(again)["Närvaro"]
        assert {cell: ground(new[cell]) for cell in ("B6", "C6", "E4", "G7")} == {
            cell: ground(old[cell]) for cell in ("B6", "C6", "E4", "G7")
        }
        assert ground(old["B6"]) == "FFE7E6E6"
        assert tone(new["D7"]) == WARNING
        assert set(notes(again)) == {"C6", "F9", "D7"}
        assert notes(again)["C6"] == "Kom sent, ringde."
        assert opened(again).sheetnames == TITLES
        assert [row[1] for row in listed(again)[1:]] == ["A10"]

    def test_names_and_boxes_do_not_pile_up(self, before: bytes) -> None:
        once = annotated(before, *self.SECOND)
        thrice = annotated(annotated(annotated(before, *self.FIRST), *self.FIRST), *self.SECOND)
        assert set(opened(thrice).defined_names) == set(opened(once).defined_names)
        boxes = [parts(data)["xl/drawings/vmlDrawing2.vml"].count(b"<v:shape ") for data in (once, thrice)]
        assert boxes == [3, 3]
        assert set(parts(once)) == set(parts(thrice))

    def test_the_same_faults_give_the_same_cells(self, before: bytes) -> None:
        once = annotated(before, *self.FIRST)
        twice = annotated(once, *self.FIRST)
        for cell in ("B6", "C6", "E4", "G7"):
            assert ground(opened(twice)["Närvaro"][cell]) == ground(opened(once)["Närvaro"][cell])
        assert notes(twice) == notes(once)

    def test_a_list_that_was_renamed_and_moved_is_replaced(self, before: bytes) -> None:
        once = opened(annotated(other_book(), *self.FIRST))
        once["Rättelser"].title = "Mina fel"
        once.defined_names["_fat.list"].attr_text = "'Mina fel'!$A$1"
        once.move_sheet("Mina fel", 2)
        data = io.BytesIO()
        once.save(data)
        assert opened(annotated(data.getvalue(), *self.SECOND)).sheetnames == ["Rättelser", "Närvaro", "Tomt"]

    def test_a_user_sheet_of_the_same_name_is_left_alone(self) -> None:
        own = opened(other_book())
        own["Tomt"].title = "rättelser"
        data = io.BytesIO()
        own.save(data)
        assert opened(annotated(data.getvalue(), *self.SECOND)).sheetnames == ["Rättelser 2", "Närvaro", "rättelser"]


ROW = '<c r="A1"><v>1</v></c><c r="C1"><v>3</v></c>'


@pytest.mark.parametrize(
    ("rows", "cell", "expected"),
    [
        pytest.param(
            f'<row r="1">{ROW}</row>', "B1", '<row r="1"><c r="A1"><v>1</v></c><c r="B1" s="1"/><c r="C1"><v>3</v></c></row>', id="between"
        ),
        pytest.param(f'<row r="1" spans="1:3">{ROW}</row>', "D1", f'<row r="1">{ROW}<c r="D1" s="1"/></row>', id="after"),
        pytest.param(f'<row r="2">{ROW}</row>', "B1", f'<row r="1"><c r="B1" s="1"/></row><row r="2">{ROW}</row>', id="a row before"),
        pytest.param(f'<row r="1">{ROW}</row>', "A3", f'<row r="1">{ROW}</row><row r="3"><c r="A3" s="1"/></row>', id="a row after"),
        pytest.param('<row r="1"/><row r="2"/>', "A2", '<row r="1"/><row r="2"><c r="A2" s="1"/></row>', id="a row without cells"),
        pytest.param("<row><c><v>1</v></c><c><v>2</v></c></row>", "B1", '<row><c><v>1</v></c><c s="1"><v>2</v></c></row>', id="no places"),
        pytest.param("<row r='1'><c s='0' r='A1'/></row>", "A1", "<row r='1'><c s=\"1\" r='A1'/></row>", id="single quotes"),
        pytest.param(
            '<row r="1"><c r="A1"><f>"a>b"</f></c></row>', "A1", '<row r="1"><c r="A1" s="1"><f>"a>b"</f></c></row>', id="a sign in a text"
        ),
        pytest.param("", "AA2", '<row r="2"><c r="AA2" s="1"/></row>', id="no rows"),
    ],
)
def test_rows_keep_their_bytes_around_what_is_marked(rows: str, cell: str, expected: str) -> None:
    def bare(xml: bytes) -> str:
        return re.search(rb"<sheetData>(.*)</sheetData>", xml)[1].decode().replace('r="A1" s="1"', 's="1" r="A1"') if xml else ""

    made = annotated(workbooks.xlsx(workbooks.sheet_xml(rows)), at(cell, sheet="S1"))
    assert bare(parts(made)["xl/worksheets/sheet1.xml"]) == expected.replace('r="A1" s="1"', 's="1" r="A1"')


def test_other_prefixes_encodings_comments_and_cdata_are_understood() -> None:
    text = '<x:is><x:t><![CDATA[<c r="A1">å</c>]]></x:t></x:is>'
    cells = f'<x:row r="1"><x:c r="A1" t="inlineStr">{text}</x:c><!-- <x:row r="9"/> --></x:row>'
    sheet = f'<x:worksheet xmlns:x="{workbooks.MAIN}"><x:sheetData>{cells}</x:sheetData></x:worksheet>'
    data = workbooks.xlsx(f'<?xml version="1.0" encoding="ISO-8859-1"?>{sheet}'.encode("latin-1"))
    new = parts(annotated(data, at("A1", sheet="S1"), at("B2", sheet="S1")))["xl/worksheets/sheet1.xml"].decode()
    assert '<x:c r="A1" t="inlineStr" s="1">' in new or '<x:c s="1" r="A1" t="inlineStr">' in new
    assert '<x:row r="2"><x:c r="B2" s="1"/></x:row></x:sheetData>' in new
    assert '&lt;c r="A1"&gt;å&lt;/c&gt;' in new


def test_a_workbook_in_the_strict_form_stays_in_it(before: bytes) -> None:
    transitional, strict = "http://schemas.openxmlformats.org", "http://purl.oclc.org/ooxml"
    forms = {
        f"{transitional}/spreadsheetml/2006/main": f"{strict}/spreadsheetml/main",
        f"{transitional}/officeDocument/2006/relationships": f"{strict}/officeDocument/relationships",
    }
    changed = parts(before)
    for name, content in changed.items():
        for old, new in forms.items():
            changed[name] = changed[name].replace(old.encode(), new.encode()) if content[:1] == b"<" else content
    made = parts(annotated(workbooks.zipped(changed), *FAULTS))
    assert not [name for name, content in made.items() if f"{transitional}/spreadsheetml/2006/main".encode() in content]
    assert f"{transitional}/officeDocument/2006/relationships".encode() not in made["xl/_rels/workbook.xml.rels"]
    assert made["xl/worksheets/sheet2.xml"].count(b"legacyDrawing ") == 1


def test_a_thread_of_comments_is_left_to_excel(before: bytes) -> None:
    changed = parts(before)
    changed["xl/comments1.xml"] = changed["xl/comments1.xml"].replace(
        b"<author>Eva</author>", b"<author>tc={00000000-0000-0000-0000-000000000001}</author>"
    )
    made = annotated(workbooks.zipped(changed), *FAULTS)
    assert notes(made)["C6"] == "Kom sent, ringde."
    assert tone(opened(made)["Närvaro"]["C6"]) == ERROR


def test_macros_stay_and_the_copy_is_named_so(before: bytes) -> None:
    changed = parts(before) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 made up"}
    plain, macros = b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
    changed["[Content_Types].xml"] = (
        changed["[Content_Types].xml"]
        .replace(b"vnd.openxmlformats-officedocument." + plain, b"vnd." + macros)
        .replace(b"<Default ", b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/><Default ', 1)
    )
    made = annotated_copy(workbooks.zipped(changed), CHECKED, "in/närvaro maj.xlsm", no_grids)
    assert made.name == "rattelser-narvaro-maj.xlsm"
    assert parts(made.data)["xl/vbaProject.bin"] == changed["xl/vbaProject.bin"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("attendance.xlsx", "rattelser-attendance.xlsx"),
        ("rattelser-attendance.xlsx", "rattelser-attendance.xlsx"),
        ("corrections-attendance.xlsx", "rattelser-attendance.xlsx"),
        ("19800101-1234.xlsx", "rattelser-fil.xlsx"),
    ],
)
def test_the_copys_name_is_not_that_of_an_input_and_tells_no_number(file: str, name: str) -> None:
    assert book.copy_name(file, CHECKED, ".xlsx") == name


def test_many_faults_are_all_coloured_though_not_all_have_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MOST_NOTES", 20)
    monkeypatch.setattr("fatcli.writers.annotated.listing.MOST_LISTED", 30)
    places = [f"{letter}{row}" for row, letter in itertools.product(range(2, 52), "BC")]
    faults = [at(place, severity="warning") for place in places] + [at("D60")]
    made = annotated(other_book(), *faults)
    sheet = opened(made)["Närvaro"]
    assert {tone(sheet[place]) for place in places} == {WARNING}
    noted = set(notes(made))
    assert len(noted - {"C3"}) in (19, 20)
    assert "D60" in noted  # the most severe first
    texts = [row[0].value for row in opened(made)["Rättelser"].iter_rows(max_col=1)]
    assert "De första 30 av 101 avvikelser står här; alla celler är färgade." in texts
    assert "Högst 20 celler per blad har en anteckning, de allvarligaste först." in texts
    assert len(listed(made)) == 31


def test_a_note_that_would_be_long_ends_with_where_the_rest_is(before: bytes) -> None:
    found = notes(annotated(before, *[at("G7", message=f"Fel nummer {number}. " + "x" * 150) for number in range(20)]))["G7"]
    assert len(found) < 1500
    assert found.endswith("till: se bladet Rättelser.")


def test_more_notes_than_a_cluster_of_numbers_holds(before: bytes) -> None:
    made = annotated(before, *[at(f"G{row}") for row in range(20, 1520)])
    vml = parts(made)["xl/drawings/vmlDrawing2.vml"].decode()
    numbers = [int(number) for number in re.findall(r'id="_x0000_s(\d+)"', vml)]
    clusters = {int(number) for number in re.search(r'<o:idmap [^>]*data="([\d,]+)"', vml)[1].split(",")}
    assert len(set(numbers)) == len(numbers) == 1502
    assert {number // 1024 for number in numbers} <= clusters
    assert not {number for number in numbers if number % 1024 == 0}


@pytest.mark.parametrize("pattern", ["_SHAPE", "_SHAPE_CELL", "_ANCHOR", "_CLUSTERS"])
@pytest.mark.parametrize(
    "tag",
    [
        *(b"<v:shape ", b"<v:shape>", b"<v:shape ></a>", b"<v:shape a='", b"<o:idmap ", b"<o:idmap data=", b"<o:idmap data='1", b" data="),
        *(b"<x:Row>", b"<x:Row>1</x:Row> ", b"<x:Anchor>", b"<x:Anchor>1,", b" ", b"1", b" , "),
    ],
)
def test_a_drawing_takes_time_by_its_length_alone(pattern: str, tag: bytes) -> None:
    """Of 16 000 tags, each that is searched to the end took some seconds."""
    vml = b"<o:idmap v:ext='edit'" + tag * 16_000 + b"</xml>"
    start = time.process_time()
    assert not list(getattr(drawn, pattern).finditer(vml)) or tag == b"<o:idmap data='1"
    assert time.process_time() - start < 0.2


def test_a_shape_without_content_is_no_part_of_the_next() -> None:
    shapes = b'<v:shape id="a"/><v:shape id="b"><v:fill/></v:shape><v:shapetype/><v:shape id="c">\n</v:shape>'
    assert [re.search(b'id="(.)"', found.group())[1] for found in drawn._SHAPE.finditer(shapes)] == [b"b", b"c"]


def libreoffice(folder: Path, data: bytes, kind: str = "xlsx") -> bytes:
    """The workbook as LibreOffice saves it."""
    source = folder / "source.xlsx"
    source.write_bytes(data)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder / "saved"), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return (folder / "saved" / f"source.{kind}").read_bytes()


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
class TestWithLibreOffice:
    def test_it_opens_the_copy_and_shows_the_same_values(self, before: bytes, after: bytes, tmp_path: Path) -> None:
        old, new = opened(before, data_only=True), opened(libreoffice(tmp_path, after), data_only=True)
        assert new.sheetnames[:4] == TITLES[:4]
        for sheet in ("Översikt", "Närvaro", FACTORS):
            for row in old[sheet].iter_rows():
                assert [new[sheet][cell.coordinate].value for cell in row] == [cell.value for cell in row]
        assert tone(new["Närvaro"]["C6"]) == ERROR
        assert "Fel T06" in new["Närvaro"]["C6"].comment.text
        assert new["Rättelser"]["E9"].hyperlink.location.replace("$", "") in ("Närvaro!C6", "'Närvaro'!C6")

    @pytest.mark.skipif(not shutil.which("pdftoppm"), reason="pdftoppm is not installed")
    def test_it_shows_a_mark_where_the_users_format_colours_the_cell(self, before: bytes, tmp_path: Path) -> None:
        made = annotated(banded(before), at("C6"), at("C7", severity="warning"))
        (tmp_path / "made.pdf").write_bytes(libreoffice(tmp_path, made, "pdf"))
        subprocess.run([str(shutil.which("pdftoppm")), "-r", "50", "made.pdf", "page"], cwd=tmp_path, check=True)
        pages = [page.read_bytes() for page in sorted(tmp_path.glob("page-*.ppm"))]
        colours = {"error": "F9C6CB", "warning": "FFE3A3", "the user's": "00FF00"}
        shown = [{name for name, colour in colours.items() if page.count(bytes.fromhex(colour)) > 50} for page in pages]
        assert {"error", "warning", "the user's"} in shown

    def test_formats_of_a_copy_that_it_saved_are_the_users_again(self, before: bytes, tmp_path: Path) -> None:
        saved = libreoffice(tmp_path, annotated(before, *TestConditionalFormats.FAULTS))
        part = next(name for name, content in parts(saved).items() if b"cfRule" in content)
        assert [cells for cells, *_ in formats(saved, part)] == ["C6:C7 C9", "D7", "D5:D14"]
        again = annotated(saved, at("B1", sheet="Översikt"))
        assert [each[:2] for each in formats(again, part)] == [("D5:D14", "12")]

    def test_a_book_that_it_saved_is_annotated(self, before: bytes, tmp_path: Path) -> None:
        saved = libreoffice(tmp_path, before)
        made = annotated(saved, *FAULTS)
        old, new = opened(saved, data_only=True), opened(made, data_only=True)
        for sheet in ("Översikt", "Närvaro", FACTORS):
            for row in old[sheet].iter_rows():
                assert [new[sheet][cell.coordinate].value for cell in row] == [cell.value for cell in row]
        assert notes(made)["C6"].startswith("Kom sent, ringde.\n— fat —\nFel T06")

    def test_a_copy_that_it_saved_is_annotated_anew(self, before: bytes, tmp_path: Path) -> None:
        saved = libreoffice(tmp_path, annotated(before, *TestAgain.FIRST))
        again = annotated(saved, *TestAgain.SECOND)
        new = opened(again)["Närvaro"]
        assert {cell: ground(new[cell]) for cell in ("B6", "C6", "E4", "G7")} == {
            "B6": "FFE7E6E6",
            "C6": None,
            "E4": "FF1F3864",
            "G7": None,
        }
        assert set(notes(again)) == {"C6", "F9", "D7"}
        assert notes(again)["C6"] == "Kom sent, ringde."
        assert opened(again).sheetnames[:4] == TITLES[:4]
