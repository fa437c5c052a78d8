"""A zipped workbook (.xlsx, .xlsm, .xlsb, .ods), opened safely: its parts, and which of them its sheets are."""

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET

from fatcli.errors import InputError
from fatcli.model import MAX_SHEETS
from fatcli.texts import Text

MAX_UNPACKED = 1 << 30  # bytes of a package, all parts together
MAX_PART = 512 << 20  # bytes of one, which may be held whole: a sheet of all rows and eight columns takes 360 MB
MAX_RATIO = 250  # of a part's bytes to its packed ones, where it has more than LARGE_PART: sheets reach 30, OpenDocument's 80
LARGE_PART = 16 << 20
MAX_RECORDS = 11_000_000  # of an xlsb's sheets and texts: all rows of a sheet, eight cells in each, and a text for every row
_PIECE = 2 << 20  # bytes that a part is unpacked by

_WORKBOOKS: Mapping[str, Literal["xlsx", "xlsb", "ods"]] = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb", "content.xml": "ods"}

_XML_HEAD = re.compile(rb"""<\?xml\s[^>]*?(?:encoding\s*=\s*["']([^"'>]*)["'][^>]*)?\?>""")
_ENCODINGS = (b"utf-8", b"us-ascii", b"iso-8859-1", b"windows-1252")  # which write a tag as ASCII does

_SAVE_AGAIN = Text("Öppna den i Excel och spara den som .xlsx.", "Open it in Excel and save it as .xlsx.")
_DAMAGED = Text("Filen är skadad eller ofullständig.", "The file is damaged or incomplete.")
_FETCH_AGAIN = Text("Hämta filen på nytt, eller spara om den från Excel.", "Fetch the file again, or save it anew from Excel.")
_NO_WORKBOOK = Text("Innehållet är ingen arbetsbok.", "The content is no workbook.")
_PROTECTED = Text("Filen är skyddad med lösenord.", "The file is protected by a password.")
_UNPROTECT = Text("Ta bort lösenordet i Excel och spara filen.", "Remove the password in Excel and save the file.")
_TOO_LARGE = Text("Uppackad är filen större än {limit} GiB.", "Unpacked, the file is larger than {limit} GiB.")
_PART_TOO_LARGE = Text("Uppackad är en del av filen större än {limit} MiB.", "Unpacked, a part of the file is larger than {limit} MiB.")
_TOO_DENSE = Text("Filen är packad så hårt som ingen arbetsbok är.", "The file is packed as tightly as no workbook is.")
_SPLIT = Text("Dela upp arbetsboken, eller spara om den från Excel.", "Split the workbook, or save it again from Excel.")
_TOO_MANY_RECORDS = Text(
    "Arbetsboken har fler än {limit} miljoner celler, rader och texter.",
    "The workbook has more than {limit} million cells, rows and texts.",
)
_TOO_MANY_SHEETS = Text("Arbetsboken har fler än {limit} blad.", "The workbook has more than {limit} sheets.")


def damaged() -> InputError:
    return InputError(_DAMAGED, _FETCH_AGAIN)


def no_workbook() -> InputError:
    return InputError(_NO_WORKBOOK, _SAVE_AGAIN)


def protected() -> InputError:
    return InputError(_PROTECTED, _UNPROTECT)


def check_sheets(count: int) -> None:
    """Raises InputError where a workbook has more sheets than any that is kept by hand: each takes time, however empty."""
    if count > MAX_SHEETS:
        raise InputError(_TOO_MANY_SHEETS.fill(limit=MAX_SHEETS), _SPLIT)


_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the only ways that ECMA-376 knows; ODF the same


class Package:
    """A zip file known to hold a workbook of `kind`; no part is larger than it says, and together they are within MAX_UNPACKED."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error) as error:
            raise damaged() from error
        if any(part.compress_type not in _PACKED for part in self._zip.infolist()):
            raise damaged()
        if sum(part.file_size for part in self._zip.infolist()) > MAX_UNPACKED:
            raise InputError(_TOO_LARGE.fill(limit=MAX_UNPACKED >> 30), _SPLIT)
        if any(part.file_size > MAX_PART for part in self._zip.infolist()):
            raise InputError(_PART_TOO_LARGE.fill(limit=MAX_PART >> 20), _SPLIT)
        parts = [(part.file_size, part.compress_size) for part in self._zip.infolist()]
        all_parts = sum(size for size, _ in parts), sum(packed for _, packed in parts)
        if _dense(*all_parts, 2 * LARGE_PART) or any(_dense(*part, LARGE_PART) for part in parts):
            raise InputError(_TOO_DENSE, _FETCH_AGAIN)
        self._names = {part.filename.replace("\\", "/").lower(): part for part in self._zip.infolist()}
        if len(self._names) < len({part.filename for part in self._zip.infolist()}):
            raise damaged()  # of parts whose names differ in case only, a reader might take another than the one that was checked
        kinds = [kind for name, kind in _WORKBOOKS.items() if name in self._names]
        if not kinds:
            raise no_workbook()
        self.kind = kinds[0]
        if self.kind == "ods":
            self._check_ods()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def spells(self, name: str) -> bool:
        """Whether a part is called so to the letter."""
        return name in self._zip.NameToInfo

    def size(self, name: str) -> int:
        """A part's bytes, as it tells; where they are more, `read` raises InputError."""
        return self._names[name.lower()].file_size

    def read(self, name: str) -> bytes:
        """A part's bytes, read to the end and checked against its size and sum."""
        with _unpacking():
            return self._zip.read(self._names[name.lower()])

    def pieces(self, name: str) -> Iterator[bytes]:
        """A part's bytes a few MiB at a time, so that a large part is never held whole; its sum is checked at the end."""
        with _unpacking(), self._zip.open(self._names[name.lower()]) as part:
            while piece := part.read(_PIECE):
                yield piece

    def check_records(self, names: Iterable[str]) -> None:
        """Raises InputError where some parts of an xlsb package have more records than there is time to look at."""
        left = MAX_RECORDS
        for name in names:
            left -= _record_count(self.read(name), left)
            if left < 0:
                raise InputError(_TOO_MANY_RECORDS.fill(limit=MAX_RECORDS // 10**6), _SPLIT)

    def rewritten(self, parts: Mapping[str, bytes], removed: Collection[str] = (), *, packed: bool = True) -> bytes:
        """The package's bytes with parts changed, added or left out; the other parts have the same content, date and order."""
        changed = {name.lower(): content for name, content in parts.items()}
        gone = {name.lower() for name in removed}
        way = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as copy:
            for name, part in self._names.items():
                if name not in gone:
                    copy.writestr(_entry(part.filename, part), changed[name] if name in changed else self.read(name), way)
            for name, content in parts.items():
                if name.lower() not in self._names and name.lower() not in gone:
                    copy.writestr(_entry(name), content, way)
        return data.getvalue()

    def xml(self, name: str) -> ET.Element:
        """The root of a part; not of a sheet, which may be too large for it."""
        try:
            return ET.fromstring(small_xml(self.read(name)))  # noqa: S314 (no entities are left)
        except (ET.ParseError, ValueError) as error:
            raise damaged() from error

    def _check_ods(self) -> None:
        if "mimetype" in self and b"opendocument.spreadsheet" not in self.read("mimetype"):
            raise no_workbook()
        if "META-INF/manifest.xml" in self and b"encryption-data" in self.read("META-INF/manifest.xml"):
            raise protected()


def _dense(size: int, packed: int, large: int) -> bool:
    return size > max(large, MAX_RATIO * packed)


@contextmanager
def _unpacking() -> Iterator[None]:
    try:
        yield
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise damaged() from error
    except RuntimeError as error:  # zipfile's word for an encrypted part
        raise protected() from error


def _entry(name: str, like: zipfile.ZipInfo | None = None) -> zipfile.ZipInfo:
    """A part's entry, dated as another one; a new part has the first date that a zip file knows."""
    return zipfile.ZipInfo(name.replace("\\", "/"), like.date_time if like else (1980, 1, 1, 0, 0, 0))


def without_entities(xml: bytes) -> bytes:
    """The same bytes, once it is sure that they declare no entities: no workbook does, hostile files might, also in a rare encoding."""
    head = xml[:1000].removeprefix(b"\xef\xbb\xbf")
    said = _XML_HEAD.match(head)
    if b"\0" in head or head.startswith((b"\xff", b"\xfe")) or (head.startswith(b"<?xml") and not said):
        raise damaged()
    if said and (said[1] or b"utf-8").lower() not in _ENCODINGS:
        raise damaged()
    if b"<!ENTITY" in xml or b"<!DOCTYPE" in xml:
        raise damaged()
    return xml


def small_xml(xml: bytes) -> bytes:
    """`without_entities` of a part that is to be held as a tree, which takes many times its bytes."""
    if len(xml) > LARGE_PART:
        raise damaged()
    return without_entities(xml)


@dataclass(frozen=True)
class Outline:
    """What the workbook's own part tells: each sheet's part, None for sheets without cells (charts, dialogs, macros)."""

    parts: Mapping[str, str | None]
    date_1904: bool


_BINARY_RELATIONS = "xl/_rels/workbook.bin.rels"  # the reader panics where it is spelt otherwise


def outline(package: Package) -> Outline:
    """Of an xlsx or xlsb package."""
    if package.kind == "xlsb":
        if not package.spells(_BINARY_RELATIONS):
            raise damaged()
        data = package.read("xl/workbook.bin")
        if len(data) > LARGE_PART:
            raise damaged()
        sheets, date_1904 = _binary_book(data)
        return Outline(_parts(sheets, package.xml(_BINARY_RELATIONS)), date_1904)
    book = package.xml("xl/workbook.xml")
    sheets = [(sheet.get("name", ""), _relation_id(sheet)) for sheet in book.iterfind("{*}sheets/{*}sheet")]
    settings = book.find("{*}workbookPr")
    date_1904 = settings is not None and settings.get("date1904") in ("1", "true")
    return Outline(_parts(sheets, package.xml("xl/_rels/workbook.xml.rels")), date_1904)


def _relation_id(sheet: ET.Element) -> str:
    return next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")


def _parts(sheets: list[tuple[str, str]], relations: ET.Element) -> Mapping[str, str | None]:
    targets = {
        relation.get("Id", ""): _absolute(relation.get("Target", "")) if relation.get("Type", "").endswith("/worksheet") else None
        for relation in relations
    }
    check_sheets(len(sheets))
    names, identifiers = {name for name, _ in sheets}, {identifier for _, identifier in sheets}
    # a sheet that stands twice would be read twice, or thousands of times
    if len(names) < len(sheets) or len(identifiers) < len(sheets) or not identifiers <= targets.keys():
        raise damaged()
    parts = {name: targets[identifier] for name, identifier in sheets}
    own = [part.lower() for part in parts.values() if part]
    if len(set(own)) < len(own):
        raise damaged()
    return parts


def _absolute(target: str) -> str:
    if target.startswith(("/", "xl/")):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join("xl", target))


_BOOK_SETTINGS, _SHEET = 153, 156  # BrtWbProp and BrtBundleSh in [MS-XLSB]


def _binary_book(data: bytes) -> tuple[list[tuple[str, str]], bool]:
    sheets, date_1904 = [], False
    for kind, record in binary_records(data):
        if kind == _BOOK_SETTINGS:
            date_1904 = bool(int.from_bytes(record[:4], "little") & 1)
        elif kind == _SHEET:
            relation, rest = _wide_text(record[8:])
            sheets.append((_wide_text(rest)[0], relation))
    return sheets, date_1904


def _wide_text(data: bytes) -> tuple[str, bytes]:
    end = 4 + 2 * int.from_bytes(data[:4], "little")
    return data[4:end].decode("utf-16-le", "replace"), data[end:]


def binary_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each record of an xlsb part: its kind and content; raises InputError where the part is cut short."""
    position = 0
    try:
        while position < len(data):
            kind, size = data[position], data[position + 1]
            if kind < 0x80 and size < 0x80:  # as most are, and faster so
                position += 2
            else:
                kind, position = _varying(data, position, 2)
                size, position = _varying(data, position, 4)
            yield kind, data[position : position + size]
            position += size
    except IndexError as error:
        raise damaged() from error
    if position > len(data):
        raise damaged()


def _record_count(data: bytes, most: int) -> int:
    """How many records a part has, counted to one more than `most`: several times as fast as making them."""
    count = position = 0
    try:
        while position < len(data) and count <= most:
            count += 1
            position += 1 + (data[position] >= 0x80)
            size = data[position]
            if size < 0x80:
                position += 1 + size
            else:
                size, position = _varying(data, position, 4)
                position += size
    except IndexError as error:
        raise damaged() from error
    return count


def _varying(data: bytes, position: int, longest: int) -> tuple[int, int]:
    """A number of seven bits a byte, lowest first, and the position after it."""
    number = 0
    for index in range(longest):
        byte = data[position + index]
        number |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            break
    return number, position + index + 1
