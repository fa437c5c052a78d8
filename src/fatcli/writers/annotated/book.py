"""The copy of one workbook: cells marked, notes added, and the list of what is to be corrected put first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl
from lxml import etree
from lxml.etree import _Element as Element

from fatcli.errors import InputError
from fatcli.model import SEVERITIES, Severity
from fatcli.package import Package
from fatcli.result import Checked
from fatcli.texts import Text
from fatcli.workbook import Grid
from fatcli.writers import wording
from fatcli.writers.annotated.cells import Cells, Sheet, place_of, unselected
from fatcli.writers.annotated.listing import TITLE, listing, quoted
from fatcli.writers.annotated.notes import Cell, Notes, Passage, used_clusters
from fatcli.writers.annotated.parts import WORKBOOK, Parts, put_in_order
from fatcli.writers.annotated.plain import plain_book, sheet_names
from fatcli.writers.annotated.styles import Styles
from fatcli.writers.neutral import file_name_part

MOST_NOTES = 5_000  # on a sheet
_LONGEST_NOTE = 1_200  # characters
_MARK, _LIST = "_fat.", "_fat.list"  # defined names, hidden: the ground under a mark's colour, and the list
_PREFIX = Text("rattelser", "corrections")
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_BEFORE_NAMES = (
    *("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups", "externalReferences"),
)
_MORE = Text("… och {count} till: se bladet {sheet}.", "… and {count} more: see the sheet {sheet}.")


@dataclass(frozen=True)
class AnnotatedCopy:
    """A copy to be written. `file`: what it is a copy of; `plain`: that file's formats and formulas could not be kept."""

    file: str
    name: str
    data: bytes
    plain: bool


def of_file(checked: Checked, file: str) -> pl.DataFrame:
    """The violations that a file's copy lists; those that have no place stand with the register, where what they are about is told."""
    with_table = {each.file: {table.table for table in each.tables} for each in checked.inputs}
    homes = [name for table in ("organisers", "placements", "attendance") for name, tables in with_table.items() if table in tables]
    here = pl.col("file") == file
    return checked.violations.filter(here | pl.col("file").is_null() if homes[:1] == [file] else here)


def annotated_copy(data: bytes, checked: Checked, file: str, grids: Callable[[], Sequence[Grid]]) -> AnnotatedCopy:
    """The copy of a workbook, from its bytes; `grids` reads its sheets, which is done only where the bytes can't be changed in place."""
    violations = of_file(checked, file)
    changed = _in_place(data, checked, file, violations)
    if changed is None:
        read = grids()
        names = sheet_names(read)
        renamed = violations.with_columns(pl.col("sheet").replace(names))
        package = Package(plain_book(read, typed=data[:2] == b"PK" or data[:1] == b"\xd0"))
        changed = _Copy(package, checked, file, renamed, plain=True).made()
        return AnnotatedCopy(file, copy_name(file, checked, ".xlsx"), changed, plain=True)
    return AnnotatedCopy(file, copy_name(file, checked, _suffix(data)), changed, plain=False)


def copy_name(file: str, checked: Checked, suffix: str) -> str:
    """`rattelser-attendance.xlsx`: a name that the workspace's patterns do not find, so that no day is ever read twice."""
    stem = file.rpartition("/")[2].rpartition(".")[0]
    for prefix in _PREFIX:
        stem = stem.removeprefix(f"{prefix}-")
    return f"{_PREFIX.to(checked.language)}-{file_name_part(stem, 80) or 'fil'}{suffix}"


def _in_place(data: bytes, checked: Checked, file: str, violations: pl.DataFrame) -> bytes | None:
    """None where it is no .xlsx or .xlsm, or one that strays too far from the standard."""
    if not data.startswith(b"PK"):
        return None
    try:
        package = Package(data)
        return _Copy(package, checked, file, violations, plain=False).made() if package.kind == "xlsx" else None
    except (InputError, ValueError):
        return None


def _suffix(data: bytes) -> str:
    return ".xlsm" if "macroEnabled" in Parts(Package(data)).content_type(WORKBOOK) else ".xlsx"


class _Copy:
    """A workbook's package on its way to become a copy."""

    def __init__(self, package: Package, checked: Checked, file: str, violations: pl.DataFrame, *, plain: bool) -> None:
        self._parts = Parts(package)
        self._styles = Styles(self._parts)
        self._checked = checked
        self._file = file
        self._violations = violations
        self._plain = plain
        self._notes_cut = False

    def made(self) -> bytes:
        self._styles.restore(self._forgotten_marks())
        sheets = {name: part for name, part in self._sheets().items() if part != self._list_part()}
        clusters = used_clusters(self._parts, [part for part in sheets.values() if part])
        faulty = {str(name): rows for (name,), rows in self._violations.drop_nulls(["sheet", "cell"]).group_by("sheet")}
        for name, part in sheets.items():
            if part in self._parts:
                self._annotate(Notes(self._parts, part, clusters), faulty.get(name))
        self._put_list_first()
        self._remember_marks()
        return self._parts.close()

    def _annotate(self, notes: Notes, violations: pl.DataFrame | None) -> None:
        notes.clear()
        xml = unselected(self._parts.read(notes.part))
        if violations is not None:
            sheet = Sheet.parse(xml)
            places = _places(sheet, violations)
            sheet.mark(_worst(places), self._styles.marked)
            noted = places.select("row", "col", "_rank").group_by("row", "col").min().sort("_rank", "row", "col")
            self._notes_cut |= noted.height > MOST_NOTES
            notes.add(sheet, self._passages(places.join(noted.head(MOST_NOTES), on=["row", "col"], how="semi")))
            xml = sheet.bytes()
        if xml != self._parts.read(notes.part):
            self._parts.write(notes.part, xml)

    def _passages(self, places: pl.DataFrame) -> dict[Cell, list[Passage]]:
        language = self._checked.language
        found: dict[Cell, list[Passage]] = {}
        for row, col, severity, rule, message, remedy in places.select("row", "col", "severity", "rule", "message", "remedy").iter_rows():
            head = f"{wording.SEVERITY[severity].to(language).capitalize()} {rule}: {self._checked.label(rule)}"
            found.setdefault((row, col), []).append(Passage(head, f"{message}\n{remedy}"))
        return {cell: self._fitting(passages) for cell, passages in found.items()}

    def _fitting(self, passages: Sequence[Passage]) -> list[Passage]:
        language, length = self._checked.language, 0
        for number, passage in enumerate(passages):
            length += len(passage.head) + len(passage.text)
            if number and length > _LONGEST_NOTE:
                more = _MORE.fill(count=len(passages) - number, sheet=TITLE)
                return [*passages[:number], Passage("fat", more.to(language))]
        return [Passage(passage.head, passage.text[:10_000]) for passage in passages]

    def _sheets(self) -> dict[str, str]:
        """The part of each sheet; those of charts and dialogs too, which have no cells."""
        targets: dict[str, str] = {}
        for kind in ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet"):
            targets |= self._parts.related(WORKBOOK, kind)
        identifier = f"{{{self._parts.relations}}}id"
        return {sheet.get("name", ""): targets.get(sheet.get(identifier, ""), "") for sheet in self._listed_sheets()}

    def _listed_sheets(self) -> Element:
        return _existing(self._parts.workbook, "sheets")

    def _names(self) -> Iterator[Element]:
        return self._parts.workbook.iterfind("{*}definedNames/{*}definedName")

    def _forgotten_marks(self) -> dict[str, str]:
        """What an earlier copy remembers of its marks, taken out of the workbook's names."""
        marks = [name for name in self._names() if name.get("name", "").startswith(_MARK) and name.get("name") != _LIST]
        for name in marks:
            _existing(self._parts.workbook, "definedNames").remove(name)
        return {name.get("name", "").removeprefix(_MARK): (name.text or "").strip('"') for name in marks}

    def _remember_marks(self) -> None:
        for colour, ground in self._styles.covered.items():
            self._define(f"{_MARK}{colour}", f'"{ground}"')

    def _define(self, name: str, text: str, sheet: int | None = None) -> None:
        names = self._parts.workbook.find("{*}definedNames")
        if names is None:
            names = etree.Element(f"{{{self._parts.main}}}definedNames")
            put_in_order(self._parts.workbook, names, _BEFORE_NAMES)
        defined = etree.SubElement(names, f"{{{self._parts.main}}}definedName", name=name)
        defined.attrib.update({"hidden": "1"} if sheet is None else {"localSheetId": str(sheet)})
        defined.text = text

    def _list_name(self) -> str | None:
        """The name of an earlier copy's list, whatever the user has called it since."""
        text = next((name.text or "" for name in self._names() if name.get("name") == _LIST), "")
        return text.rpartition("!")[0].strip("'").replace("''", "'") or None

    def _list_part(self) -> str | None:
        name = self._list_name()
        return self._sheets().get(name) if name else None

    def _put_list_first(self) -> None:
        self._remove_list()
        most = MOST_NOTES if self._notes_cut else None
        first = listing(self._checked, self._violations, self._file, most_notes=most, plain=self._plain)
        part = self._parts.add("xl/worksheets/sheet{}.xml", first.part(self._parts.main, self._styles), _SHEET_TYPE)
        sheets = self._listed_sheets()
        name = self._free_name()
        number = 1 + max((int(sheet.get("sheetId", 0)) for sheet in sheets), default=0)
        sheet = etree.Element(f"{{{self._parts.main}}}sheet", name=name, sheetId=str(number), nsmap={"r": self._parts.relations})
        sheet.set(f"{{{self._parts.relations}}}id", self._parts.relate(WORKBOOK, "worksheet", part))
        sheets.insert(0, sheet)
        self._renumber(lambda index: index + 1)
        self._define(_LIST, f"{quoted(name)}!$A$1")
        self._define("_xlnm.Print_Titles", f"{quoted(name)}!${first.head_row}:${first.head_row}", sheet=0)
        for view in self._parts.workbook.iterfind("{*}bookViews/{*}workbookView"):
            view.attrib.update({"activeTab": "0", "firstSheet": "0"})

    def _remove_list(self) -> None:
        name, part = self._list_name(), self._list_part()
        for each in [each for each in self._names() if each.get("name") == _LIST]:
            _existing(self._parts.workbook, "definedNames").remove(each)
        if name is None or not part:
            return
        sheets = self._listed_sheets()
        index, sheet = next((index, each) for index, each in enumerate(sheets) if each.get("name") == name)
        for each in [each for each in self._names() if each.get("localSheetId") == str(index)]:
            _existing(self._parts.workbook, "definedNames").remove(each)
        sheets.remove(sheet)
        self._renumber(lambda other: other - (other > index))
        self._parts.remove(WORKBOOK, part)

    def _renumber(self, place: Callable[[int], int]) -> None:
        """Names that belong to a sheet name it by its place among the sheets."""
        for name in self._names():
            if (own := name.get("localSheetId")) is not None:
                name.set("localSheetId", str(place(int(own))))

    def _free_name(self) -> str:
        taken = {sheet.get("name", "").lower() for sheet in self._listed_sheets()}
        title = TITLE.to(self._checked.language)
        return next(name for name in (title, *(f"{title} {number}" for number in range(2, 1000))) if name.lower() not in taken)


def _existing(root: Element, name: str) -> Element:
    found = root.find(f"{{*}}{name}")
    if found is None:
        raise ValueError(name)
    return found


def _places(sheet: Sheet, violations: pl.DataFrame) -> pl.DataFrame:
    """The violations by the cell that shows their place: in merged cells, the first one. `_rank`: 0 for errors; most severe first."""
    ranks = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    ranked = violations.with_columns(_rank=pl.col("severity").replace_strict(ranks, return_dtype=pl.UInt8))
    for merged in sheet.frame.iterfind("{*}mergeCells/{*}mergeCell"):
        first, _, last = merged.get("ref", "").partition(":")
        (top, left), (bottom, right) = (place_of(cell) for cell in (first, last or first))
        inside = pl.col("row").is_between(top, bottom) & pl.col("col").is_between(left, right)
        ranked = ranked.with_columns(
            row=pl.when(inside).then(pl.lit(top)).otherwise("row"), col=pl.when(inside).then(pl.lit(left)).otherwise("col")
        )
    return ranked.sort("row", "col", "_rank", "rule", maintain_order=True)


def _worst(places: pl.DataFrame) -> Cells:
    """The most severe of what is wrong in each cell."""
    found: dict[int, dict[int, Severity]] = {}
    for row, col, severity in places.unique(["row", "col"], keep="first", maintain_order=True).select("row", "col", "severity").iter_rows():
        found.setdefault(row, {})[col] = severity
    return found
