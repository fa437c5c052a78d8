"""The texts that the cells of a workbook share: how long they are, and how many cells show each."""

import operator
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from fatcli.errors import InputError
from fatcli.package import Package, binary_records, damaged
from fatcli.texts import Text

# The reader copies a shared text into each cell that shows it: one of Excel's longest in every row of a column takes 32 GiB. Bytes of
# all shared texts, counted in each cell that shows them; large workbooks may have more, but not more than MAX_MEAN in a cell.
MAX_TEXTS, MAX_MEAN = 128 << 20, 40

# A text takes 25 to 60 bytes of each of two readers, however short it is in the file. A sheet with one in each of its rows has a million.
MAX_SHARED = 4_000_000

_TOO_LONG = Text(
    "Arbetsbokens celler håller orimligt mycket text, mer än {limit} MiB.",
    "The cells of the workbook hold unreasonably much text, more than {limit} MiB.",
)
_TOO_MANY = Text("Arbetsboken har fler än {limit} miljoner texter.", "The workbook has more than {limit} million texts.")
_SPLIT = Text("Dela upp arbetsboken, eller spara om den från Excel.", "Split the workbook, or save it again from Excel.")
_SHORTEN = Text("Ta bort eller korta långa texter som står i många celler.", "Remove or shorten long texts that stand in many cells.")

_SHARED_TEXTS = re.compile(rb"<(?:\w+:)?sst(?=[\s/>])([^<>]*)>")
_SAID = re.compile(rb"""\buniqueCount\s*=\s*["']\s*\+?(\d{1,18})""")
_SHARED_TEXT = re.compile(rb"<(?:\w+:)?si(?=[\s/>])")
_SHARED_CELL = re.compile(rb"""<(?:\w+:)?c\s[^<]*?\bt\s*=\s*["']s["'][^<]*(?:<(?:\w+:)?v>(\d{1,9})<)?""")
_SHARED_CELL_KIND, _SHARED_TEXT_KIND = 7, 19  # BrtCellIsst, BrtSSTItem

SharedUses = Mapping[int | None, int]
"""The number of a shared text, None where it is not plain to see, -> how many cells show it."""


def check_package(package: Package, uses: Callable[[], Iterable[SharedUses]], filled: int) -> None:
    """Raises InputError where an xlsx or xlsb package's filled cells show too much shared text; `uses`: by sheet, asked if need be."""
    for name, lengths in _PARTS.items():
        if name in package:
            check_texts(package.size(name), filled)  # of each text there will be four copies
            content = package.read(name)  # unpacked here first, a part that lies about its size never reaches the reader
            check_count(content)
            if package.kind == "xlsb" or may_be_too_long(content, filled):
                check_shared(uses(), lengths(content), filled)


def check_count(xml: bytes) -> None:
    """Raises InputError where there are too many texts, or are said to be more than bytes: the reader would make room for them first."""
    if xml.count(b"<si") + xml.count(b":si") > MAX_SHARED:  # at least so many as there are
        raise InputError(_TOO_MANY.fill(limit=MAX_SHARED // 10**6), _SPLIT)
    for tag in _SHARED_TEXTS.finditer(xml):
        if any(int(said) > len(xml) for said in _SAID.findall(tag.group(1))):
            raise damaged()


def check_texts(size: int, filled: int) -> None:
    """Raises InputError where the filled cells of a workbook hold too much text; `size`: in bytes, or in letters."""
    if size > max(MAX_TEXTS, MAX_MEAN * filled):
        raise InputError(_TOO_LONG.fill(limit=MAX_TEXTS >> 20), _SHORTEN)


def may_be_too_long(xml: bytes, filled: int) -> bool:
    """Whether `check_shared` may raise, whichever texts so many cells show; quick where none is long."""
    limit = max(MAX_TEXTS // max(filled, 1), MAX_MEAN)
    at = xml.find(b"<si")
    while at >= 0 and at + limit < len(xml):
        following = xml.rfind(b"<si", at + 1, at + limit + 3)
        if following < 0:
            return True
        at = following
    return b"<!" in xml or at < 0  # what only looks like the beginning of a text; or they have another prefix


def shared_lengths(xml: bytes) -> Sequence[int]:
    """At most so many bytes has each shared text, by its number."""
    starts = array("Q", (tag.start() for tag in _SHARED_TEXT.finditer(xml)))
    if b"<!" in xml:  # a comment or a text may hold what looks like the beginning of one
        return [len(xml)] * len(starts)
    return array("Q", map(operator.sub, [*starts[1:], len(xml)], starts))


def binary_shared_lengths(data: bytes) -> Sequence[int]:
    """The same of an xlsb part."""
    return array("Q", (len(record) for kind, record in binary_records(data) if kind == _SHARED_TEXT_KIND))


def shared_uses(xml: bytes) -> SharedUses:
    """How the cells of an xlsx sheet use the shared texts."""
    return Counter(int(cell.group(1)) if cell.group(1) else None for cell in _SHARED_CELL.finditer(xml))


def binary_shared_uses(data: bytes) -> SharedUses:
    """How those of an xlsb sheet do."""
    return Counter(int.from_bytes(record[8:12], "little") for kind, record in binary_records(data) if kind == _SHARED_CELL_KIND)


def check_shared(sheets: Iterable[SharedUses], lengths: Sequence[int], filled: int) -> None:
    """Raises InputError where the filled cells of all sheets show too many bytes of shared texts."""
    longest = max(lengths, default=0)
    if longest * filled <= MAX_TEXTS:
        return
    size = dict(enumerate(lengths))
    lengths_shown = ((longest if number is None else size.get(number, longest), count) for uses in sheets for number, count in uses.items())
    check_texts(sum(length * count for length, count in lengths_shown), filled)


_PARTS: Mapping[str, Callable[[bytes], Sequence[int]]] = {
    "xl/sharedStrings.xml": shared_lengths,
    "xl/sharedStrings.bin": binary_shared_lengths,
}
