"""The cells of an .xlsx sheet, each kind of cell once: a month's million cells are a few thousand different ones, in many places.

What follows the place in a cell's XML (its format, type and content) says all about its value. So the sheet is cut up at the places
alone, and the reader is given a small sheet with each kind of cell in a row of its own: what a cell means stays its matter.

Only sheets that are written as nearly all programs do, each cell with its place and in order, are cut up so; of all others, and of
what is no sheet at all, nothing is told here.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from fatcli.model import MAX_COLUMNS, column_index

_THREADS, _WAITING = 2, 3  # blocks of rows cut up at the same time, and blocks held for them
_LONGEST_ROW = 32 << 20  # bytes
MOST_KINDS, FEW_KINDS, CELLS_A_KIND = 1_000_000, 20_000, 4  # with more kinds, the small sheet would not be worth its making

_PLACES = {"row": pl.UInt32, "column": pl.UInt32, "kind": pl.UInt32}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_FOOT = "</sheetData></worksheet>"

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?(<\?xml\s[^<>?]*\?>)?\s*<(\w{1,99}:|)worksheet[\s>]")
_OTHER_ENCODING = re.compile(rb"""\sencoding\s*=\s*["'](?!(?i:utf-8)["'])""")
_NOT_BEFORE = re.compile(rb"<[!?]|sheetData")  # where other cells could stand that are none, or others that the reader takes
_END = re.compile(rb"</(?:\w+:)?worksheet\s*>\s*\Z")
_EMPTY_ROWS = re.compile(rb"\s*(?:<row(?:\s[^<>]*)?/>\s*)*+\Z")  # *+ remembers no way back, which takes 200 bytes a row

_ATTRIBUTES = r'(?:\s+[\w:.-]+\s*=\s*"[^"<]*")*\s*'
_OF_ROW = r'(?:\s+r="[1-9][0-9]{0,6}")?(?:\s+(?:[a-qs-z]|[\w:.-]{2,})\s*=\s*"[^"<]*")*\s*'
_ROW = rf"^\s*(?:<row{_OF_ROW}/>\s*)*<row{_OF_ROW}>\s*$"
_FORMULA, _VALUE, _TEXT = (rf"(?:<{tag}{_ATTRIBUTES}(?:/>|>[^<]*</{tag}>)\s*)" for tag in ("f", "v", "t"))
_RICH_TEXT = rf"(?:<r>\s*(?:<rPr>(?:\s*<\w+{_ATTRIBUTES}/>)*\s*</rPr>\s*)?{_TEXT}</r>\s*)"
_CONTENT = rf"\s*{_FORMULA}?{_VALUE}?(?:<is>\s*(?:{_TEXT}|{_RICH_TEXT}*)</is>\s*)?"
_KIND = rf'^(?:\s+(?:s|t|cm|vm|ph)="[^"<]*")*\s*(?:/>|>{_CONTENT}</c>)\s*$'


class _NotPlainError(Exception):
    """The sheet is written in another way."""


@dataclass(frozen=True)
class Cells:
    """`places`: row (1-based), column (0-based) and kind of each cell, by row and column; `kinds`: their XML from behind the place on."""

    places: pl.DataFrame
    kinds: pl.Series

    def sheet(self) -> bytes:
        """A sheet with the kinds one below the other, in column A from row 1 on."""
        numbers = pl.int_range(1, len(self.kinds) + 1, eager=True).cast(pl.String)
        rows = pl.select(
            pl.concat_str(pl.lit('<row r="'), numbers, pl.lit('"><c r="A'), numbers, pl.lit('"'), self.kinds, pl.lit("</row>"))
        )
        return f"{_HEAD}{rows.to_series().str.join()[0]}{_FOOT}".encode()

    def shared_uses(self) -> dict[int | None, int]:
        """How many cells show which shared text, by its number; None where it is not plain to see."""
        numbers = self.kinds.str.extract(r"<v[^<>]*>\s*(\d{1,9})\s*<").cast(pl.Int64)
        shared = self.kinds.str.contains(r'^[^<]*\st="s"')
        cells = pl.DataFrame({"number": numbers.gather(self.places["kind"]), "shared": shared.gather(self.places["kind"])})
        return dict(cells.filter("shared").group_by("number").len().iter_rows())

    def extent(self) -> tuple[int, int, int]:
        """Rows and columns up to the last cell with content, and how many have it."""
        content = self.places.filter(~self.kinds.str.strip_chars_end().str.ends_with("/>").gather(self.places["kind"]))
        if content.is_empty():
            return 0, 0, 0
        row, column = content.select(pl.col("row", "column").max()).row(0)
        return row, column + 1, content.height


def cut_up(pieces: Iterable[bytes]) -> Cells | None:
    """The cells of a sheet's part, which comes in pieces; None where it is not written plainly. All pieces are taken."""
    left = iter(pieces)
    try:
        return _cut_up(left)
    except _NotPlainError:
        return None
    finally:
        deque(left, maxlen=0)  # a part is checked when it has been read to its end


def _cut_up(pieces: Iterator[bytes]) -> Cells:
    kind, letters = _Numbering(), _Numbering()
    parts, count = [pl.DataFrame(schema=_PLACES)], 0
    for part in _mapped(lambda rows: _cells(rows, kind, letters), _blocks(pieces)):
        parts.append(part)
        count += part.height
        if (part["kind"] >= min(MOST_KINDS, max(FEW_KINDS, count // CELLS_A_KIND))).any():
            raise _NotPlainError
    kinds = kind.texts()
    columns = [column_index(name) if re.fullmatch("[A-Z]{1,3}", name) else MAX_COLUMNS for name in letters.texts()]
    if not all(column < MAX_COLUMNS for column in columns) or not kinds.str.contains(_KIND).all():
        raise _NotPlainError
    places = pl.concat(parts)
    places = places.with_columns(column=pl.Series(columns, dtype=pl.UInt16).gather(places["column"]))
    key = places.select(pl.col("row").cast(pl.Int64) * MAX_COLUMNS + pl.col("column")).to_series()
    if not (key.diff().drop_nulls() > 0).all():
        raise _NotPlainError
    return Cells(places, kinds)


class _Numbering:
    """Numbers texts, the same one alike whichever thread asks."""

    def __init__(self) -> None:
        self._categories = pl.Categories.random()
        self._held = pl.Series(dtype=pl.Categorical(self._categories))  # the numbers are forgotten when nobody has such a series

    def numbers(self, texts: pl.Series) -> pl.Series:
        return texts.cast(self._held.dtype).to_physical()

    def texts(self) -> pl.Series:
        """In the order of their numbers, from 0 on."""
        return self._categories.to_series()


def _cells(rows: bytes, kind: _Numbering, letters: _Numbering) -> pl.DataFrame:
    """The cells of some whole rows; column and kind as numbered."""
    try:
        text = pl.Series([rows], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError as error:
        raise _NotPlainError from error
    cut = text.str.split("</row>").explode().str.split('<c r="')
    lengths = cut.list.len()
    pieces = cut.explode()
    at = lengths.cum_sum() - lengths
    # what stands before the first cell of a row; behind the last row nothing is left
    if pieces[-1] or lengths[-1] != 1 or not pieces.gather(at[:-1]).str.contains(_ROW).all():
        raise _NotPlainError
    is_cell = pl.repeat(value=True, n=len(pieces), eager=True).scatter(at, values=False)
    found = pieces.filter(is_cell).str.splitn('"', 2).struct.unnest()
    place, content = found["field_0"], found["field_1"]
    # all places of a row end in the same number
    first = place.gather((lengths - 1).cum_sum().shift(1, fill_value=0).filter(lengths > 1)).str.strip_chars_start(_UPPER)
    if content.null_count() or not first.str.contains("^[1-9][0-9]{0,6}$").all():
        raise _NotPlainError
    of_row = pl.int_range(len(first), dtype=pl.UInt32, eager=True).repeat_by(lengths.filter(lengths > 1) - 1).explode()
    letters_only = found.select(pl.col("field_0").str.strip_suffix(pl.lit(first.gather(of_row)))).to_series()
    if (letters_only.str.len_bytes() == place.str.len_bytes()).any():
        raise _NotPlainError
    row, column = first.cast(pl.UInt32).gather(of_row), letters.numbers(letters_only)
    return pl.DataFrame({"row": row, "column": column, "kind": kind.numbers(content)})


def _blocks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The rows of a sheet, whole ones, in blocks of about a piece each."""
    held, prefix = _begun(next(pieces, b""))
    closing, row_end = b"</" + prefix + b"sheetData>", b"</" + prefix + b"row>"
    while True:
        rows, held = _whole_rows(held, row_end)
        if rows:
            yield _bare(rows, prefix)
        if (end := held.find(closing)) >= 0:
            break
        piece = next(pieces, b"")
        if not piece or len(held) > _LONGEST_ROW:
            raise _NotPlainError
        held += piece
    if not _EMPTY_ROWS.match(_bare(held[:end], prefix)):
        raise _NotPlainError
    _check_end(held[end + len(closing) :], pieces, prefix)


def _begun(xml: bytes) -> tuple[bytes, bytes]:
    """What stands behind the tag of the cells' table, and the prefix of tags."""
    begin = _BEGIN.match(xml)
    if begin is None or _OTHER_ENCODING.search(begin.group(1) or b""):
        raise _NotPlainError
    prefix = begin.group(2)
    opening = b"<" + prefix + b"sheetData>"
    start = xml.find(opening)
    if start < 0 or xml.rfind(b"<", 0, start) > xml.rfind(b">", 0, start) or _NOT_BEFORE.search(xml, begin.end(), start):
        raise _NotPlainError
    return xml[start + len(opening) :], prefix


def _whole_rows(xml: bytes, row_end: bytes) -> tuple[bytes, bytes]:
    cut = xml.rfind(row_end) + len(row_end)
    return (xml[:cut], xml[cut:]) if cut >= len(row_end) else (b"", xml)


def _check_end(rest: bytes, pieces: Iterator[bytes], prefix: bytes) -> None:
    """Raises _NotPlainError where more cells may follow, or the sheet does not end."""
    cells = re.compile(rb"sheetData|</?%brow[\s/>]" % prefix)
    while not (more := cells.search(rest)):
        piece = next(pieces, b"")
        if not piece:
            break
        rest = rest[-100:] + piece
    if more or not _END.search(rest[-100:]):
        raise _NotPlainError


def _bare(xml: bytes, prefix: bytes) -> bytes:
    """Without the prefix of tags."""
    return xml.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</") if prefix else xml


def _mapped(work: Callable[[bytes], pl.DataFrame], blocks: Iterator[bytes]) -> Iterator[pl.DataFrame]:
    """The work on each block, in order; on several in threads: Polars leaves the interpreter free."""
    first, second = next(blocks, None), next(blocks, None)
    if first is None:
        return
    if second is None:
        yield work(first)
        return
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting: deque[Future[pl.DataFrame]] = deque([pool.submit(work, first), pool.submit(work, second)])
        for block in blocks:
            waiting.append(pool.submit(work, block))
            if len(waiting) > _WAITING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
