"""What an old .xls tells before it is read: password, date system, and that its cells lie within the sheet.

The container is [MS-CFB], its `Workbook` stream [MS-XLS]. The cells themselves are left to the fast reader.
"""

import struct
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from fatcli.package import check_sheets, damaged, no_workbook, protected
from fatcli.sharedtexts import check_shared

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
SECTOR = 512

_LAST_SECTOR = 0xFFFFFFFA  # from here on a number is a mark, such as the end of a chain
_SMALL_SECTOR, _SMALL_STREAM = 64, 4096
_SHIFTS = (9, 12)  # of one, to a sector's bytes: there are no others, and in sectors of four bytes a circle would have no end
_FIRST_SECTORS = 109  # of the table's own, that stand in the head of the file
_COUNTS = (40, 44, 64, 72)  # where the head says how many sectors the directory and the tables have
_FILE_PASS, _DATE_MODE = 0x002F, 0x0022
_CELLS = frozenset({0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E})
_SHEET, _EXTENT = 0x0085, 0x0200
_SHARED_CELL, _SHARED_TEXTS, _CONTINUED = 0x00FD, 0x00FC, 0x003C
_ROWS, _COLUMNS = 65_536, 256


def xls_date_1904(data: bytes) -> bool:
    """Whether the workbook counts days from 1904; raises InputError where it is protected, damaged or no workbook."""
    try:
        streams = _Streams(data)
        if "EncryptedPackage" in streams.places:
            raise protected()
        name = next((name for name in ("Workbook", "Book") if name in streams.places), None)
        if name is None:
            raise no_workbook()
        return _checked(streams.read(name))
    except (struct.error, LookupError, ValueError) as error:
        raise damaged() from error


def _checked(stream: bytes) -> bool:
    date_1904 = False
    check_sheets(sum(kind == _SHEET for kind, _ in _records(stream)))
    for kind, record in _records(stream):
        if kind == _FILE_PASS:
            raise protected()
        if kind == _DATE_MODE:
            date_1904 = record[:1] == b"\x01"
        elif kind == _SHEET and _number(record, 0) >= len(stream):
            raise damaged()  # it would begin behind the end
        elif kind == _EXTENT:
            _check_extent(record)
        elif kind in _CELLS and struct.unpack_from("<H", record, 2)[0] >= _COLUMNS:
            raise damaged()  # the reader would make room for all the cells between
    _check_shared(stream)
    return date_1904


def _check_shared(stream: bytes) -> None:
    """Raises InputError where the cells show too much shared text."""
    uses: Counter[int | None] = Counter(_number(record, 6) for kind, record in _records(stream) if kind == _SHARED_CELL)
    pieces: list[bytes] = []
    for kind, record in _records(stream):
        if kind == _SHARED_TEXTS or (pieces and kind == _CONTINUED):
            pieces.append(record)
        elif pieces:
            break
    check_shared([uses], _shared_lengths(pieces), uses.total())


def _shared_lengths(pieces: Sequence[bytes]) -> list[int]:
    """The bytes of each shared text; a text goes on in the next piece behind a byte that tells the width of its signs."""
    data, ends = b"".join(pieces), list(accumulate(map(len, pieces)))
    lengths, at, piece = [], 8, 0
    while at + 3 <= len(data):
        signs, marks = _number(data, at, "<H"), data[at + 2]
        at += 3
        runs, at = (_number(data, at, "<H"), at + 2) if marks & 8 else (0, at)
        more, at = (_number(data, at), at + 4) if marks & 4 else (0, at)
        width = 1 + (marks & 1)
        lengths.append(signs * width)
        while True:
            while piece < len(ends) - 1 and ends[piece] <= at:
                piece += 1
            taken = max(0, min(signs, (ends[piece] - at) // width))
            at, signs = at + taken * width, signs - taken
            if not signs or ends[piece] >= len(data):
                break
            at = ends[piece] + 1
            width = 1 + (data[at - 1] & 1)
        at += 4 * runs + more
    return lengths


def _check_extent(record: bytes) -> None:
    """Raises InputError where a sheet is said to be larger than any: the reader makes room for as many cells as are said to be there."""
    first_row, row, first_column, column = struct.unpack_from("<IIHH" if len(record) > 10 else "<HHHH", record)
    if not (first_row <= row <= _ROWS and first_column <= column <= _COLUMNS):
        raise damaged()


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, position)
        yield kind, stream[position + 4 : position + 4 + size]
        position += 4 + size


@dataclass(frozen=True)
class _Stream:
    start: int
    size: int


class _Streams:
    """The streams of a compound file by name."""

    places: Mapping[str, _Stream]

    def __init__(self, data: bytes) -> None:
        self._data = data
        shift = _number(data, 30, "<H")
        if shift not in _SHIFTS:
            raise damaged()
        self._size = 1 << shift
        if any(_number(data, place) > len(data) // self._size for place in _COUNTS):
            raise damaged()  # the reader would make room for as many sectors as are said to be there
        self._sectors = len(data) // self._size
        self._table = self._numbers(b"".join(map(self._sector, self._table_sectors())))
        entries = self._chain(_number(data, 48))
        self.places = dict(_entry(entries[start : start + 128]) for start in range(0, len(entries) - 127, 128))
        self._small = self._chain(self.places["Root Entry"].start)
        self._small_table = self._numbers(self._chain(_number(data, 60)))

    def read(self, name: str) -> bytes:
        stream = self.places[name]
        if stream.size > len(self._data):
            raise damaged()
        if stream.size >= _SMALL_STREAM:
            return self._chain(stream.start)[: stream.size]
        return _joined(stream.start, self._small_table, self._small_sector, len(self._small) // _SMALL_SECTOR)[: stream.size]

    def _small_sector(self, index: int) -> bytes:
        return self._small[index * _SMALL_SECTOR : (index + 1) * _SMALL_SECTOR]

    def _table_sectors(self) -> list[int]:
        sectors = list(struct.unpack_from(f"<{_FIRST_SECTORS}I", self._data, 76))
        more = _number(self._data, 68)
        while more < _LAST_SECTOR:
            *found, more = self._numbers(self._sector(more))
            sectors += found
            if len(sectors) > _FIRST_SECTORS + self._sectors + len(found):
                raise damaged()  # they run in a circle, in which the reader would go on
        own = [sector for sector in sectors if sector < _LAST_SECTOR]
        if len(set(own)) < len(own):
            raise damaged()  # of one sector named over and over, the table would be many times as large as the file
        return own

    def _chain(self, start: int) -> bytes:
        return _joined(start, self._table, self._sector, self._sectors)

    def _sector(self, index: int) -> bytes:
        sector = self._data[(index + 1) * self._size : (index + 2) * self._size]
        if not sector:
            raise IndexError(index)  # the file was cut short
        return sector

    @staticmethod
    def _numbers(data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _joined(start: int, table: tuple[int, ...], sector: Callable[[int], bytes], most: int) -> bytes:
    """The sectors of a chain; raises InputError where they are more than there are: in a circle the reader would go on."""
    pieces: list[bytes] = []
    while start < _LAST_SECTOR:
        if len(pieces) >= most:
            raise damaged()
        pieces.append(sector(start))
        start = table[start]
    return b"".join(pieces)


def _entry(entry: bytes) -> tuple[str, _Stream]:
    name = entry[: max(_number(entry, 64, "<H") - 2, 0)].decode("utf-16-le")
    return name, _Stream(_number(entry, 116), _number(entry, 120))


def _number(data: bytes, position: int, form: str = "<I") -> int:
    number: int = struct.unpack_from(form, data, position)[0]
    return number
