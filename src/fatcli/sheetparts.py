"""What a sheet's own part tells that the fast reader does not: how far it stretches, and formulas saved without a value."""

import re
from collections.abc import Iterator

from fatcli.errors import InputError
from fatcli.package import binary_records
from fatcli.texts import Text

MAX_CELLS = 100_000_000  # of a sheet's used range, blanks counted: the reader holds the whole range in memory

_TOO_WIDE = Text(
    "Bladet {sheet} sträcker sig över orimligt många celler, till rad {rows} och kolumn {columns}.",
    "The sheet {sheet} stretches over unreasonably many cells, to row {rows} and column {columns}.",
)
_STRAY = Text("Ta bort det som står långt utanför tabellen.", "Remove what stands far outside the table.")

# A cell whose place is written the usual way and lies in the first 78 columns: a sheet of such cells is within MAX_CELLS.
_UNUSUAL_CELL = re.compile(rb'<c(?=[\s/>])(?! r="[AB]?[A-Z](?:\d{1,6}|10\d{5})")')
_ROW_OR_CELL = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^>]*)>")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)(\d+)["']""")
_LAST_OPENED = re.compile(rb"<(?:\w+:)?c(?:\s[^<>]*)?>\s*$")
_LONGEST_TAG = 500

_ROW_HEADER, _LAST_CELL_KIND = 0, 11  # BrtRowHdr; BrtCellBlank to BrtFmlaError are 1 to 11 in [MS-XLSB]


def check_extent(rows: int, columns: int, sheet: str) -> None:
    """Raises InputError where a used range is too large to be held."""
    if rows * columns > MAX_CELLS:
        raise InputError(_TOO_WIDE.fill(sheet=sheet, rows=rows, columns=columns), _STRAY)


def extent(xml: bytes) -> tuple[int, int]:
    """Rows and columns up to the last cell with content; (0, 0) where a glance shows that they are within MAX_CELLS."""
    prefixed = b"<sheetData" not in xml or b":sheetData" in xml
    if not prefixed and not _UNUSUAL_CELL.search(xml):
        return 0, 0
    rows = columns = 0
    for tag, row, column in _cells(xml):
        if not tag.group(2).endswith(b"/"):
            rows, columns = max(rows, row), max(columns, column + 1)
    return rows, columns


def binary_extent(data: bytes) -> tuple[int, int]:
    """Rows and columns up to the last cell of an xlsb sheet."""
    rows = columns = row = 0
    for kind, record in binary_records(data):
        number = int.from_bytes(record[:4], "little")
        if kind == _ROW_HEADER:
            row = number + 1
        elif kind <= _LAST_CELL_KIND:
            rows, columns = max(rows, row), max(columns, number + 1)
    return rows, columns


def unsaved_formulas(xml: bytes) -> frozenset[tuple[int, int]]:
    """Places (1-based row, 0-based column) of an xlsx sheet's formulas that were saved without a value.

    An empty text (`t="str"` with an empty `<v>`) is a value.
    """
    if b"<f" not in xml and b":f" not in xml:
        return frozenset()
    cells = [cell for formula in _formula_ends(xml) if (cell := _cell_of(xml, formula))]
    places = [_place(attributes) for _, attributes in cells]
    if None in places:
        known = {tag.start(): (row, column) for tag, row, column in _cells(xml)}
        return frozenset(known[offset] for offset, _ in cells)
    return frozenset(place for place in places if place)


def _formula_ends(xml: bytes) -> Iterator[re.Match[bytes]]:
    """Each formula of the sheet after which no value comes, only an empty one (group `empty`) or none."""
    named = re.search(rb"<(\w+:)sheetData", xml)
    prefix = named.group(1) if named else b""
    pattern = rb"<%(p)bf(?:/>|[\s>][^<]*+)(?:</%(p)bf>)?\s*(?P<empty><%(p)bv\s*/>|<%(p)bv>\s*</%(p)bv>)?\s*</%(p)bc>"
    return re.finditer(pattern % {b"p": prefix}, xml)


def _cell_of(xml: bytes, formula: re.Match[bytes]) -> tuple[int, bytes] | None:
    """The offset and text of the opening tag of the formula's cell; None where its empty value is an empty text."""
    start = max(0, formula.start() - _LONGEST_TAG)
    opened = _LAST_OPENED.search(xml, start, formula.start())
    if opened is None or (formula.group("empty") and b't="str"' in opened.group()):
        return None
    return opened.start(), opened.group()


def _place(tag: bytes) -> tuple[int, int] | None:
    place = _PLACE.search(tag)
    return (int(place.group(2)), _column(place.group(1))) if place else None


def _cells(xml: bytes) -> Iterator[tuple[re.Match[bytes], int, int]]:
    """Each cell's opening tag with its 1-based row and 0-based column; one without a place follows the one before."""
    row, column = 0, -1
    for tag in _ROW_OR_CELL.finditer(xml):
        place = _PLACE.search(tag.group(2))
        if tag.group(1) == b"row":
            row, column = int(place.group(2)) if place else row + 1, -1
        else:
            row, column = (int(place.group(2)), _column(place.group(1))) if place else (row, column + 1)
            yield tag, row, column


def _column(letters: bytes) -> int:
    index = 0
    for letter in letters.upper():
        index = index * 26 + letter - 64
    return index - 1
