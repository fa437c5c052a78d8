"""What a sheet's own part tells that the fast reader does not: how far it stretches, and what its cells keep back.

Read with regular expressions over bytes: an XML parser would take longer than the whole reading.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fatcli.errors import InputError
from fatcli.model import EXCEL_ERRORS, MAX_COLUMNS, MAX_ROWS, column_index
from fatcli.package import binary_records, damaged
from fatcli.texts import Text

Place = tuple[int, int]  # 1-based row, 0-based column

# The reader holds the whole used range in memory, blanks too, some 50 bytes a cell. One with more cells than MAX_SPARSE, a million
# rows of ten columns, has to hold something in every MAX_BLANKS-th: else a single cell far out would be enough to fill the memory.
MAX_CELLS, MAX_SPARSE, MAX_BLANKS = 100_000_000, 10_000_000, 10

_TOO_WIDE = Text(
    "Bladet {sheet} sträcker sig över orimligt många celler, till rad {rows} och kolumn {columns}.",
    "The sheet {sheet} stretches over unreasonably many cells, to row {rows} and column {columns}.",
)
_STRAY = Text("Ta bort det som står långt utanför tabellen.", "Remove what stands far outside the table.")

# A cell whose place is not written the usual way, or lies outside some columns and rows. A sheet without such cells is within
# MAX_SPARSE: 78 columns of 99 999 rows, 26 of 299 999, or 9 of 1 039 999.
_UNUSUAL_CELLS = tuple(
    re.compile(rb'<c(?=[\s/>])(?! r="%b(?:%b)")' % place)
    for place in ((rb"[A-I]", rb"\d{1,6}|10[0-3]\d{4}"), (rb"[A-Z]", rb"\d{1,5}|[12]\d{5}"), (rb"[AB]?[A-Z]", rb"\d{1,5}"))
)
_PREFIXED_CELL = re.compile(rb":c[\s/>]")  # the reader takes it for a cell whatever the prefix stands for
# to its end or, where there is none, as far as no other tag begins
_ROW_OR_CELL = re.compile(rb"""<(?:\w+:)?(row|c)(?=[\s/>])((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)(>?)""")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)(\d+)["']""")
_SHEET_DATA = re.compile(rb"<(?:\w+:)?sheetData[\s/>]")
_OPENED = re.compile(rb"<(?:\w+:)?c(?:\s[^<]*)?>\s*")
_TAGS_BEFORE_VALUE = 3  # the cell's, and a formula's two
_PREFIX = re.compile(rb"<(\w+:)$")
_LONGEST_PREFIX = 100  # it becomes part of patterns, whose making takes time with its square
_LONGEST_PLACE = 20  # letters and digits; twice as many as any has

# what a reader passes over, wherever it stands; to the end where it has none, and that is read no second time
_HEAD = 100  # bytes, of which the XML declaration has less
_HIDDEN = re.compile(rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[(.*?)(?:\]\]>|\Z)|<\?(?!xml\s).*?(?:\?>|\Z)", re.DOTALL)

# a formula, and after it no value or an empty one; {p} is the namespace prefix. Blanks are never given back: two runs of them side by side
# would else be tried in all ways to part them
_FORMULA = rb"<%(p)bf(?:/>|[\s>][^<]*+)(?:</%(p)bf\s*+>)?+\s*+"
_EMPTY_VALUE = rb"<%(p)bv(?:\s[^<>]*+)?+(?:(?<=/)>|>\s*+</%(p)bv\s*+>)|<%(p)bv/>"
_NO_VALUE = _FORMULA + rb"(?:(?P<empty>" + _EMPTY_VALUE + rb")|(?!<%(p)b(?:v|is)[\s>/]))"
_ERROR_VALUE = rb"(?:" + _FORMULA + rb")?<%(p)bv>(?P<error>#[^<]+)</%(p)bv>"

# each from a cell's tag on, up to its value
_TYPED = rb"""<%(p)bc\s(?=[^<]*?\bt\s*=\s*["']%(type)b["'])[^<]*+(?:""" + _FORMULA + rb")?+"
_BARE_ERROR = _TYPED + rb"(?:" + _EMPTY_VALUE + rb"|</%(p)bc\s*+>)"
_SPELT_TRUTH = _TYPED + rb"<%(p)bv(?:\s[^<>]*+)?+>(?!\s*+(?:[01]\s*+)?</)"
_LOST_VALUE = (
    _TYPED + rb"<%(p)bv[\s>]|</(?:\w+:)?(?:v|is)\s*+>\s*+<(?:\w+:)?(?:v|is|f)[\s/>]"
    rb"|<(?:\w+:)?v(?:\s[^<>]*+)?+(?<!/)>[^<]*+<(?!/)"  # a value's tag with others in it
)
# as often as the second of each stands in a sheet, the first does where that pattern finds nothing: counting is several times faster
_USUAL_VALUES = ((b"</v></c>", b"</v"), (b"</is></c>", b"</is"), (b'"inlineStr"><is>', b"inlineStr"), (b"<v></v", b"></v"))
_USUAL_PLACE = re.compile(rb'<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"')
_READ_ERRORS = tuple(f"{error}<".encode() for error in EXCEL_ERRORS)

_ROW_HEADER, _LAST_CELL_KIND = 0, 11  # BrtRowHdr; BrtCellBlank to BrtFmlaError are 1 to 11 in [MS-XLSB]
_END_OF_SHEET = 130  # BrtEndSheet


@dataclass(frozen=True)
class SheetFacts:
    """What must be known beside the cells. `unsaved`: formulas (an empty text being a value) and errors saved without a value.

    `errors`: error values that the reader has no name for and stops at. `iso_dates`: some dates are ISO texts.
    """

    unsaved: frozenset[Place] = frozenset()
    errors: Mapping[Place, str] = field(default_factory=dict)
    iso_dates: bool = False


def check_extent(rows: int, columns: int, filled: int, sheet: str) -> None:
    """Raises InputError where a used range is too large to be held, for the cells that are filled in it."""
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > min(MAX_CELLS, max(MAX_SPARSE, MAX_BLANKS * filled)):
        raise InputError(_TOO_WIDE.fill(sheet=sheet, rows=rows, columns=columns), _STRAY)


def check_width(rows: int, columns: int, fields: int, sheet: str) -> None:
    """Raises InputError where a record of a csv file is wider than any sheet, or a few wide ones would stretch all the others."""
    if columns > MAX_COLUMNS or rows * columns > max(MAX_SPARSE, MAX_BLANKS * fields):
        raise InputError(_TOO_WIDE.fill(sheet=sheet, rows=rows, columns=columns), _STRAY)


def check_one_table(xml: bytes) -> None:
    """Raises InputError where a sheet has cells in two places, behind its table, or in one that begins within another tag.

    The reader would lose some of them.
    """
    if xml.count(b"sheetData") > 2 and len(_SHEET_DATA.findall(xml)) > 1:
        raise damaged()
    start = _SHEET_DATA.search(xml)
    if start and xml.rfind(b"<", 0, start.start()) > xml.rfind(b">", 0, start.start()):
        raise damaged()
    prefix = _prefix(xml)
    end = xml.find(b"</%bsheetData" % prefix)
    if end >= 0 and re.compile(rb"</?%brow[\s/>]" % prefix).search(xml, end):
        raise damaged()


def extent(xml: bytes) -> tuple[int, int, int]:
    """Rows and columns up to the last cell with content, and how many have it.

    Where a glance shows them within MAX_SPARSE: zeros, and how many cells there are.
    """
    if not _PREFIXED_CELL.search(xml) and not all(unusual.search(xml) for unusual in _UNUSUAL_CELLS):
        return 0, 0, xml.count(b"<c ")
    rows = columns = filled = 0
    for tag, row, column in _cells(xml):
        if not tag.group(2).endswith(b"/"):
            rows, columns, filled = max(rows, row), max(columns, column + 1), filled + 1
    return rows, columns, filled


def binary_extent(data: bytes) -> tuple[int, int, int]:
    """Rows and columns up to the last cell of an xlsb sheet, and its cells."""
    rows = columns = row = filled = 0
    kind = None
    for kind, record in binary_records(data):
        if kind <= _LAST_CELL_KIND and len(record) < 8:
            raise damaged()
        number = int.from_bytes(record[:4], "little")
        if kind == _ROW_HEADER:
            row = number + 1
        elif kind <= _LAST_CELL_KIND:
            rows, columns, filled = max(rows, row), max(columns, number + 1), filled + 1
    if kind != _END_OF_SHEET:  # the reader would look for it without end
        raise damaged()
    return rows, columns, filled


def sheet_facts(xml: bytes) -> SheetFacts:
    """Of an xlsx sheet."""
    errors = {place: match.group("error").decode("utf-8", "replace") for place, match in _located(xml, _unread_errors(xml))}
    unsaved = frozenset(place for place, _ in _located(xml, _without_value(xml)))
    if _of_type(xml, b"b") and _pattern(_SPELT_TRUTH, xml, b"b").search(xml):  # the readers differ about it
        raise damaged()
    return SheetFacts(unsaved, errors, b't="d"' in xml)


def without_hidden(xml: bytes) -> bytes:
    """The sheet without comments and instructions, and with the text of CDATA sections as other texts are written."""
    if b"!" not in xml and xml.find(b"?", _HEAD) < 0:  # a single sign is found many times faster than a tag
        return xml
    return _HIDDEN.sub(lambda found: (found[1] or b"").replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;"), xml)


def most_values(xml: bytes) -> int:
    """As many values as a sheet has, or a few more, however their tags are spelt; counting takes a fraction of a reading's time."""
    start, end = xml.find(b"sheetData"), xml.rfind(b"sheetData")
    prefixed = (b":v", b":is") if xml.find(b":", start, end) >= 0 else ()
    tags = sum(xml.count(tag, start, end) for tag in (b"<v", b"<is", *prefixed))
    return tags - sum(xml.count(tag, start, end) for tag in (b"<v></v>", b"<v/>"))


def check_each_value(xml: bytes) -> None:
    """Raises InputError where a cell stands twice in a sheet, has two values, or one where its type has none: one would be lost."""
    start, end = xml.find(b"sheetData"), xml.rfind(b"sheetData")
    usual = xml.find(b":v", start, end) < 0 and all(xml.count(tags) == xml.count(tag) for tags, tag in _USUAL_VALUES)
    if not usual and _pattern(_LOST_VALUE, xml, b"inlineStr").search(xml):
        raise damaged()
    places: Sequence[object] = _USUAL_PLACE.findall(xml)
    if len(places) < xml.count(b"<c", start, end) + xml.count(b":c", start, end):
        places = [(row, column) for _, row, column in _cells(xml)]
    if len(set(places)) < len(places):
        raise damaged()


def with_read_errors(xml: bytes) -> bytes:
    """The sheet with the errors that the reader has no name for replaced by one that it has."""
    pieces, end = [], 0
    for match, _ in _unread_errors(xml):
        pieces += [xml[end : match.start("error")], b"#VALUE!"]
        end = match.end("error")
    return b"".join([*pieces, xml[end:]])


_Found = tuple[re.Match[bytes], re.Match[bytes]]  # right behind a cell's opening tag, and that tag


def _unread_errors(xml: bytes) -> Iterator[_Found]:
    prefix = _prefix(xml)
    pattern = _pattern(_ERROR_VALUE, xml)
    value = b"<%bv>" % prefix
    at = xml.find(value + b"#")  # much faster than a pattern, and most sheets hold it nowhere
    while at >= 0:
        if not xml.startswith(_READ_ERRORS, at + len(value)):
            found = _in_cell(xml, pattern, at)
            if found and b't="e"' in found[1].group():
                yield found
        at = xml.find(value + b"#", at + 1)


def _in_cell(xml: bytes, pattern: re.Pattern[bytes], at: int) -> _Found | None:
    """A match that begins right behind the opening tag of the cell that has its value here."""
    for _ in range(_TAGS_BEFORE_VALUE):
        before = xml.rfind(b"<", 0, at)
        if before < 0:
            return None
        if cell := _OPENED.fullmatch(xml, before, at):
            match = pattern.match(xml, at)
            return (match, cell) if match else None
        at = before
    return None


def _without_value(xml: bytes) -> Iterator[_Found]:
    # looking for the one letter is many times faster than for the tag, and most sheets hold it nowhere
    start, end = max(0, xml.find(b"f", xml.find(b"sheetData")) - 60), max(0, xml.rfind(b"sheetData"))
    for match in _pattern(_NO_VALUE, xml).finditer(xml, start, end):
        cell = _OPENED.fullmatch(xml, max(0, xml.rfind(b"<", 0, match.start())), match.start())
        if not cell:
            raise damaged()
        if not (match.group("empty") and b't="str"' in cell.group()):
            yield match, cell
    if _of_type(xml, b"e"):
        for match in _pattern(_BARE_ERROR, xml, b"e").finditer(xml):
            if cell := _OPENED.match(xml, match.start()):
                yield match, cell


def _pattern(pattern: bytes, xml: bytes, kind: bytes = b"") -> re.Pattern[bytes]:
    return re.compile(pattern % {b"p": _prefix(xml), b"type": kind})


def _of_type(xml: bytes, letter: bytes) -> bool:
    """Whether there may be cells of a type; to find that there are none takes no time."""
    return b'"%b"' % letter in xml or (b"'" in xml and b"'%b'" % letter in xml)


def _prefix(xml: bytes) -> bytes:
    named = _PREFIX.search(xml, 0, max(xml.find(b"sheetData"), 0))
    if named and len(named.group(1)) > _LONGEST_PREFIX:
        raise damaged()
    return named.group(1) if named else b""


def _located(xml: bytes, found: Iterator[_Found]) -> Iterator[tuple[Place, re.Match[bytes]]]:
    places: dict[int, Place] = {}
    for match, cell in found:
        if place := _place(cell.group()):
            yield place, match
            continue
        places = places or {tag.start(): (row, column) for tag, row, column in _cells(xml)}
        yield places[cell.start()], match


def _cells(xml: bytes) -> Iterator[tuple[re.Match[bytes], int, int]]:
    """Each cell's opening tag with its 1-based row and 0-based column; one without a place follows the one before."""
    row, column = 0, -1
    for tag in _ROW_OR_CELL.finditer(xml):
        if not tag.group(3):
            raise damaged()
        place = _place(tag.group(2))
        if tag.group(1) == b"row":
            row, column = place[0] if place else row + 1, -1
        else:
            row, column = place or (row, column + 1)
            yield tag, row, column


def _place(tag: bytes) -> Place | None:
    found = _PLACE.search(tag)
    if found and len(found.group(1) + found.group(2)) > _LONGEST_PLACE:
        raise damaged()
    return (int(found.group(2)), column_index(found.group(1).decode())) if found else None
