"""The workbook's own part: its sheets in order, and its names, among them what a copy must remember to be made anew."""

from collections.abc import Callable, Iterator, Mapping

from lxml import etree
from lxml.etree import _Element as Element

from fatcli.package import damaged
from fatcli.writers.annotated.parts import WORKBOOK, Parts, put_in_order

# names that are hidden from the user: the ground under each mark's colour, and where the list is
_MARK, _LIST = "_fat.", "_fat.list"
_SHEET_KINDS = ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet")
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_BEFORE_NAMES = (
    *("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups", "externalReferences"),
)


class WorkbookPart:
    """What stands in xl/workbook.xml."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._root = parts.workbook

    def sheets(self) -> dict[str, str]:
        """The part of each sheet; those of charts and dialogs too, which have no cells."""
        targets: dict[str, str] = {}
        for kind in _SHEET_KINDS:
            targets |= self._parts.related(WORKBOOK, kind)
        return {sheet.get("name", ""): targets.get(sheet.get(self._id, ""), "") for sheet in self._sheets}

    def forget_marks(self) -> dict[str, str]:
        """The ground under each colour that an earlier copy marked cells with; the workbook remembers it no longer."""
        marks = {name: name.get("name", "").removeprefix(_MARK) for name in self._names() if name.get("name", "").startswith(_MARK)}
        found = {colour: (name.text or "").strip('"') for name, colour in marks.items() if name.get("name") != _LIST}
        self._forget(lambda name: name.get("name", "").removeprefix(_MARK) in found)
        return found

    def remember_marks(self, grounds: Mapping[str, str]) -> None:
        for colour, ground in grounds.items():
            self._define(f"{_MARK}{colour}", f'"{ground}"')

    def list_sheet(self) -> tuple[str, str | None]:
        """The list of an earlier copy, wherever it is and whatever it is called by now: its name and its part."""
        place = next((name.text or "" for name in self._names() if name.get("name") == _LIST), "")
        name = place.rpartition("!")[0].removeprefix("'").removesuffix("'").replace("''", "'")
        return name, self.sheets().get(name) if name else None

    def remove_list(self) -> None:
        """Takes away the list of an earlier copy."""
        listed, part = self.list_sheet()
        self._forget(lambda name: name.get("name") == _LIST)
        if part:
            index, sheet = next((index, each) for index, each in enumerate(self._sheets) if each.get("name") == listed)
            self._forget(lambda name: name.get("localSheetId") == str(index))
            self._sheets.remove(sheet)
            self._move_local_names(lambda other: other - (other > index))
            self._parts.remove(WORKBOOK, part)

    def put_list_first(self, title: str, content: bytes, head_row: int) -> None:
        """The list as a new first sheet, which the workbook opens at and whose heading is printed on each page."""
        part = self._parts.add("xl/worksheets/sheet{}.xml", content, _SHEET_TYPE)
        name = self._free_name(title)
        number = 1 + max((int(sheet.get("sheetId", 0)) for sheet in self._sheets), default=0)
        sheet = etree.Element(f"{{{self._parts.main}}}sheet", name=name, sheetId=str(number), nsmap={"r": self._parts.relations})
        sheet.set(self._id, self._parts.relate(WORKBOOK, "worksheet", part))
        self._sheets.insert(0, sheet)
        self._move_local_names(lambda index: index + 1)
        self._define(_LIST, f"{quoted(name)}!$A$1")
        self._define("_xlnm.Print_Titles", f"{quoted(name)}!${head_row}:${head_row}", sheet=0)
        for view in self._root.iterfind("{*}bookViews/{*}workbookView"):
            view.attrib.update({"activeTab": "0", "firstSheet": "0"})

    @property
    def _id(self) -> str:
        return f"{{{self._parts.relations}}}id"

    @property
    def _sheets(self) -> Element:
        found = self._root.find("{*}sheets")
        if found is None:
            raise damaged()
        return found

    def _names(self) -> Iterator[Element]:
        return self._root.iterfind("{*}definedNames/{*}definedName")

    def _define(self, name: str, text: str, sheet: int | None = None) -> None:
        names = self._root.find("{*}definedNames")
        if names is None:
            names = etree.Element(f"{{{self._parts.main}}}definedNames")
            put_in_order(self._root, names, _BEFORE_NAMES)
        defined = etree.SubElement(names, f"{{{self._parts.main}}}definedName", name=name)
        defined.attrib.update({"hidden": "1"} if sheet is None else {"localSheetId": str(sheet)})
        defined.text = text

    def _forget(self, which: Callable[[Element], bool]) -> None:
        for name in [name for name in self._names() if which(name)]:
            if (names := name.getparent()) is not None:
                names.remove(name)

    def _move_local_names(self, place: Callable[[int], int]) -> None:
        """A name that belongs to a sheet tells it by its place among the sheets."""
        for name in self._names():
            if (own := name.get("localSheetId")) is not None:
                name.set("localSheetId", str(place(int(own))))

    def _free_name(self, title: str) -> str:
        taken = {sheet.get("name", "").lower() for sheet in self._sheets}
        return next(name for name in (title, *(f"{title} {number}" for number in range(2, 1000))) if name.lower() not in taken)


def quoted(sheet: str) -> str:
    """A sheet's name as formulas and links have it."""
    return "'" + sheet.replace("'", "''") + "'"
