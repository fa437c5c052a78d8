"""A sheet's part with other styles on some of its cells; all else of its rows keeps its bytes.

Rows are found by regular expressions, not parsed: a sheet may have a million.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lxml.etree import _Element as Element

from fatcli.model import Severity, column_index, column_letter
from fatcli.package import damaged
from fatcli.writers.annotated.parts import parsed, serialised

Cells = Mapping[int, Mapping[int, Severity]]
"""1-based row -> 0-based column -> what is wrong there at worst."""
Restyle = Callable[[int, Severity], int]
"""The style that stands for another one, marked."""

_REST_OF_TAG = rb"""(?=[\s/>])(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>"""  # never over the next tag, which would be searched again
_SHEET_DATA = re.compile(rb"<(?P<prefix>(?:\w+:)?)sheetData" + _REST_OF_TAG)
_UNUSUAL = re.compile(rb"<!--|<!\[CDATA\[")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)""")
_SELECTED = re.compile(rb"""\stabSelected\s*=\s*(?:"(?:1|true)"|'(?:1|true)')""")


@dataclass
class Sheet:
    """A sheet's part: `frame` is all of it but the rows, which stay `rows`, as bytes; `prefix` is their namespace's, if any."""

    frame: Element
    rows: bytes
    prefix: bytes

    @classmethod
    def parse(cls, xml: bytes) -> "Sheet":
        """Raises InputError where the part is none of a sheet's."""
        xml = _usual(xml)
        start = _SHEET_DATA.search(xml)
        if start is None:
            raise damaged()
        prefix, begin = start["prefix"], start.end()
        empty = b"<%bsheetData/>" % prefix
        if start.group().endswith(b"/>"):
            return cls(parsed(xml), b"", prefix)
        closing = b"</%bsheetData" % prefix
        end = xml.rfind(closing)
        after = xml.find(b">", end) + 1
        if end < begin or not after:
            raise damaged()
        return cls(parsed(xml[: start.start()] + empty + xml[after:]), xml[begin:end], prefix)

    def bytes(self) -> bytes:
        frame = serialised(self.frame)
        place = _SHEET_DATA.search(frame)
        if place is None:
            raise damaged()
        name = place["prefix"] + b"sheetData"
        return b"%b<%b>%b</%b>%b" % (frame[: place.start()], name, self.rows, name, frame[place.end() :])

    def find(self, name: str) -> Element | None:
        return self.frame.find(f"{{*}}{name}")

    def mark(self, cells: Cells, restyle: Restyle) -> None:
        """Gives cells another style; those that are not there are made, blank, with the style of their row or column."""
        columns = _column_styles(self.find("cols"))
        self.rows = b"".join(_Rows(self.prefix, restyle, columns).marked(self.rows, cells))


def unselected(xml: bytes) -> bytes:
    """The sheet's part without its mark of being selected: of sheets selected together, each gets what is typed into one."""
    start = _SHEET_DATA.search(xml)
    head = xml[: start.start() if start else None]
    return _SELECTED.sub(b"", head, count=1) + xml[len(head) :]


def _usual(xml: bytes) -> bytes:
    """The part in UTF-8 and without comments and CDATA sections, in which a tag would be no tag."""
    encoding = _ENCODING.match(xml[:200].removeprefix(b"\xef\xbb\xbf"))
    utf_8 = xml[:2] not in (b"\xff\xfe", b"\xfe\xff") and (encoding is None or encoding[1].lower() in (b"utf-8", b"us-ascii"))
    return xml if utf_8 and not _UNUSUAL.search(xml) else serialised(parsed(xml))


def _column_styles(columns: Element | None) -> Callable[[int], int]:
    spans = [(int(col.get("min", 0)), int(col.get("max", 0)), int(col.get("style", 0))) for col in (() if columns is None else columns)]
    return lambda column: next((style for first, last, style in spans if first <= column + 1 <= last), 0)


class _Rows:
    """The rows of a sheet, as bytes."""

    def __init__(self, prefix: bytes, restyle: Restyle, column_style: Callable[[int], int]) -> None:
        self._prefix = prefix
        self._restyle = restyle
        self._column_style = column_style
        self._row, self._cell = (re.compile(b"<" + re.escape(prefix + name) + _REST_OF_TAG) for name in (b"row", b"c"))

    def marked(self, xml: bytes, cells: Cells) -> Iterator[bytes]:
        wanted = sorted(cells, reverse=True)
        done = number = 0
        for tag in self._row.finditer(xml):
            number = int(_attribute(tag.group(), b"r") or number + 1)
            yield xml[done : tag.start()]
            done = tag.start()
            while wanted and wanted[-1] < number:
                yield self._new_row(wanted[-1], cells[wanted.pop()])
            if not wanted:
                break
            if wanted[-1] == number:
                done = self._end(xml, tag)
                yield self._marked_row(xml[tag.start() : done], len(tag.group()), number, cells[wanted.pop()])
        yield xml[done:]
        for number in reversed(wanted):
            yield self._new_row(number, cells[number])

    def _end(self, xml: bytes, tag: re.Match[bytes]) -> int:
        if tag.group().endswith(b"/>"):
            return tag.end()
        closing = xml.find(b"</%brow" % self._prefix, tag.end())
        if closing < 0:
            raise damaged()
        return xml.find(b">", closing) + 1

    def _new_row(self, number: int, cells: Mapping[int, Severity]) -> bytes:
        inner = b"".join(self._new_cell(number, column, cells[column], None) for column in sorted(cells))
        return b'<%brow r="%d">%b</%brow>' % (self._prefix, number, inner, self._prefix)

    def _new_cell(self, row: int, column: int, severity: Severity, row_style: int | None) -> bytes:
        style = self._restyle(self._column_style(column) if row_style is None else row_style, severity)
        return b'<%bc r="%b%d" s="%d"/>' % (self._prefix, column_letter(column).encode(), row, style)

    def _marked_row(self, row: bytes, tag_length: int, number: int, cells: Mapping[int, Severity]) -> bytes:
        tag, inner = row[:tag_length], row[tag_length:]
        own_style = int(_attribute(tag, b"s") or 0) if _attribute(tag, b"customFormat") in (b"1", b"true") else None
        if tag.endswith(b"/>"):
            tag, inner = tag[:-2].rstrip() + b">", b"</%brow>" % self._prefix
        wanted = sorted(cells, reverse=True)
        pieces, done, column = [], 0, -1
        for cell in self._cell.finditer(inner):
            place = _attribute(cell.group(), b"r")
            column = column_index(place.rstrip(b"0123456789").decode()) if place else column + 1
            pieces.append(inner[done : cell.start()])
            done = cell.start()
            while wanted and wanted[-1] < column:
                pieces.append(self._new_cell(number, wanted[-1], cells[wanted.pop()], own_style))
            if not wanted:
                break
            if wanted[-1] == column:
                style = self._restyle(int(_attribute(cell.group(), b"s") or 0), cells[wanted.pop()])
                pieces.append(_with_style(cell.group(), style))
                done = cell.end()
        end = inner.rfind(b"</") if wanted else done
        pieces.append(inner[done:end])
        pieces += [self._new_cell(number, column, cells[column], own_style) for column in reversed(wanted)]
        # how far a row stretches is only a hint, but it must not be a wrong one
        return re.sub(rb"""\sspans\s*=\s*(?:"[^"]*"|'[^']*')""", b"", tag) + b"".join(pieces) + inner[end:]


def _attribute(tag: bytes, name: bytes) -> bytes | None:
    found = re.search(rb"""\s%b\s*=\s*(?:"([^"]*)"|'([^']*)')""" % name, tag)
    return found and (found[1] if found[1] is not None else found[2])


def _with_style(tag: bytes, style: int) -> bytes:
    own = re.search(rb"""\ss\s*=\s*(?:"[^"]*"|'[^']*')""", tag)
    start, end = own.span() if own else (len(tag.split(maxsplit=1)[0].rstrip(b"/>")),) * 2
    return b'%b s="%d"%b' % (tag[:start], style, tag[end:])


def place_of(cell: str) -> tuple[int, int]:
    """The 1-based row and the 0-based column of a cell such as `B17` or `$B$17`."""
    plain = cell.replace("$", "")
    letters = plain.rstrip("0123456789")
    return int(plain[len(letters) :]), column_index(letters)
