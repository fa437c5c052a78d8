"""The sheets' parts of an .xlsx or .xlsb, looked through before any reader is given them."""

from collections.abc import Mapping
from dataclasses import dataclass

from fatcli import sharedtexts
from fatcli.package import LARGE_PART, Outline, Package, damaged
from fatcli.sheetcells import Cells, cut_up
from fatcli.sheetparts import (
    SheetFacts,
    binary_extent,
    check_extent,
    check_one_table,
    extent,
    most_values,
    sheet_facts,
    with_read_errors,
    without_hidden,
)

_BINARY_TEXTS = "xl/sharedStrings.bin"
_STYLES = ("xl/styles.xml", "xl/styles.bin")
MAX_STYLES = 4 * LARGE_PART  # the reader looks at each; the 65 000 that Excel knows take a quarter of it


@dataclass(frozen=True)
class Part:
    """A sheet's part once it is sure that it can be held in memory.

    `xml`: what the reader is to be given instead of it (None: the part itself). `cells`: where the kinds of cells, which the XML then
    holds, stand in the sheet; `facts` and `values` go by the XML too. `filled`: how many cells hold something. `values`: as many values as
    there may be, or a few more; None where that is not told.
    """

    name: str
    facts: SheetFacts
    filled: int
    xml: bytes | None = None
    cells: Cells | None = None
    values: int | None = None


def checked_parts(package: Package, book: Outline) -> Mapping[str, Part]:
    """Sheet -> its part. Raises InputError where a reader could not hold them, or would read them otherwise than they are meant."""
    if package.kind == "xlsb":
        package.check_records(filter(None, [*book.parts.values(), _BINARY_TEXTS if _BINARY_TEXTS in package else None]))
    checked = _binary_part if package.kind == "xlsb" else _xml_part
    parts = {sheet: checked(package, part, sheet) for sheet, part in book.parts.items() if part}
    filled = sum(part.filled for part in parts.values())
    sharedtexts.check_package(package, lambda: (_shared_uses(package, part) for part in parts.values()), filled)
    for name in _STYLES:
        if name in package:
            if package.size(name) > MAX_STYLES:
                raise damaged()
            package.read(name)  # unpacked here first, a part that lies about its size never reaches the reader
    return parts


def _binary_part(package: Package, name: str, sheet: str) -> Part:
    rows, columns, filled = binary_extent(package.read(name))
    check_extent(rows, columns, filled, sheet)
    return Part(name, SheetFacts(), filled)


def _xml_part(package: Package, name: str, sheet: str) -> Part:
    cells = cut_up(package.pieces(name))
    own = package.read(name) if cells is None else cells.sheet()
    check_one_table(own)
    xml = without_hidden(own)
    rows, columns, filled = extent(xml) if cells is None else cells.extent()
    check_extent(rows, columns, filled, sheet)
    facts, values = sheet_facts(xml), most_values(xml)
    if facts.errors:
        return Part(name, facts, filled, with_read_errors(xml), cells, values)
    return Part(name, facts, filled, None if cells is None and xml is own else xml, cells, values)


def _shared_uses(package: Package, part: Part) -> sharedtexts.SharedUses:
    if part.cells is not None:
        return part.cells.shared_uses()
    return (sharedtexts.binary_shared_uses if package.kind == "xlsb" else sharedtexts.shared_uses)(package.read(part.name))
