"""The user's conditional formats kept from covering the marks: a format of ours comes before them all, and is taken away again."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from lxml import etree
from lxml.etree import _Element as Element

from fatcli.model import Severity, column_letter
from fatcli.writers.annotated.cells import Cells, Sheet
from fatcli.writers.annotated.parts import put_in_order

_OURS = '"fat"="fat"'  # always true; whatever program saves the copy, the formula stays and tells which formats are ours
_MOST_AREAS = 1_000  # in a format
_BEFORE = (
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges"),
    *("scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr"),
)


def cover(sheet: Sheet, cells: Cells, format_of: Callable[[Severity], int]) -> None:
    """Shows the marks where the sheet has conditional formats. `format_of`: the number of the differential format of a severity."""
    others = list(_ranked(sheet))
    if not others:
        return
    main = f"{{{etree.QName(sheet.frame).namespace}}}"
    areas = _areas(cells)
    for rule in others:
        rule.set("priority", str(int(rule.get("priority", 0)) + len(areas)))
    # last to first, as each is put before those that are there: LibreOffice goes by their order, Excel by priority
    for priority, (severity, found) in reversed(list(enumerate(areas, 1))):
        format_ = etree.Element(f"{main}conditionalFormatting", sqref=found)
        look = {"type": "expression", "dxfId": str(format_of(severity)), "priority": str(priority), "stopIfTrue": "1"}
        etree.SubElement(etree.SubElement(format_, f"{main}cfRule", look), f"{main}formula").text = _OURS
        put_in_order(sheet.frame, format_, _BEFORE)


def uncover(sheet: Sheet) -> bool:
    """Takes away what an earlier copy had laid over the user's formats; whether there was anything."""
    ours = [rule for rule in _ranked(sheet) if "".join(rule.itertext()).strip() == _OURS]
    for rule in ours:
        _remove(rule)
    gone = [int(rule.get("priority", 0)) for rule in ours]
    for rule in _ranked(sheet) if ours else ():
        own = int(rule.get("priority", 0))
        rule.set("priority", str(own - sum(priority < own for priority in gone)))
    return bool(ours)


def _ranked(sheet: Sheet) -> Iterator[Element]:
    """All rules that have a rank among the sheet's; also those that only newer programs know, in its extensions."""
    for path in ("{*}conditionalFormatting/{*}cfRule", "{*}extLst//{*}cfRule"):
        yield from (rule for rule in sheet.frame.iterfind(path) if rule.get("priority"))


def _areas(cells: Cells) -> list[tuple[Severity, str]]:
    """The cells of each severity, as lists of areas; cells below each other are one."""
    columns: dict[tuple[Severity, int], list[int]] = {}
    for row in sorted(cells):
        for column, severity in cells[row].items():
            columns.setdefault((severity, column), []).append(row)
    areas: dict[Severity, list[str]] = {}
    for (severity, column), rows in columns.items():
        letter = column_letter(column)
        areas.setdefault(severity, []).extend(_area(letter, first, last) for first, last in _runs(rows))
    return [
        (severity, " ".join(found[start : start + _MOST_AREAS]))
        for severity, found in areas.items()
        for start in range(0, len(found), _MOST_AREAS)
    ]


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of numbers that follow each other."""
    for _, run in groupby(enumerate(rows), key=lambda each: each[1] - each[0]):
        found = [row for _, row in run]
        yield found[0], found[-1]


def _area(letter: str, first: int, last: int) -> str:
    return f"{letter}{first}" if first == last else f"{letter}{first}:{letter}{last}"


def _remove(rule: Element) -> None:
    """With what would be left empty around it."""
    gone = rule
    while (parent := gone.getparent()) is not None:
        parent.remove(gone)
        if any(etree.QName(each).localname != "sqref" for each in parent.iterchildren("{*}*")):
            return
        gone = parent
