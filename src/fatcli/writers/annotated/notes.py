"""Notes at cells: a sheet's comments, and the drawing in the old form (VML) that gives each of them its box."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element as Element

from fatcli.model import MAX_COLUMNS, cell_name
from fatcli.package import damaged
from fatcli.writers.annotated.cells import Sheet, place_of
from fatcli.writers.annotated.parts import Parts, put_in_order

AUTHOR = "fat"
_OURS = "— fat —"  # what follows it in a note is ours; not every program keeps a note's author
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_BEFORE_LEGACY_DRAWING = (
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges"),
    *("scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting"),
    *("dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks"),
    *("customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing"),
)
_NO_DRAWING = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    b' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data=""/></o:shapelayout></xml>'
)
_BOX_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
# each ends before the next begins: of many that have no end, none is looked through for the others
_SHAPE = re.compile(rb"<v:shape\s[^<]*+(?:<(?!/?v:shape[\s>])[^<]*+)*+</v:shape>")
_SHAPE_CELL = re.compile(rb"<x:Row>\s*(\d{1,7})\s*</x:Row>\s*<x:Column>\s*(\d{1,7})\s*</x:Column>")
_ANCHOR = re.compile(rb"(<x:Anchor>)\s*(\d{1,6}(?:\s*,\s*\d{1,6}){7})")
_CLUSTERS = re.compile(rb"""(<o:idmap\s[^<>]*?\bdata=["'])([\d,\s]*)""")
_SHAPES_PER_CLUSTER = 1023  # a drawing's shapes are numbered in clusters of 1024, which it names
_WIDTH, _LINE, _CHARACTERS = 320, 15, 50  # of a box: pixels across and per line, characters on a line
_PIXELS_PER_CHARACTER, _ROW_PIXELS, _GAP = 7, 20, 15

Cell = tuple[int, int]  # 1-based row, 0-based column


class Passage(NamedTuple):
    """A part of a note: a heading, which stands out, and what follows it."""

    head: str
    text: str


@dataclass(frozen=True)
class Notes:
    """The notes of one sheet."""

    parts: Parts
    part: str  # the sheet's
    used_clusters: set[int]

    def clear(self) -> None:
        """Takes away what an earlier copy had noted."""
        for name in list(self.parts.related(self.part, "comments").values()):
            listed = _child(self.parts.tree(name), "commentList")
            gone = [comment for comment in listed if _shortened(comment) and not _words(comment)]
            for comment in gone:
                listed.remove(comment)
            self._remove_boxes({comment.get("ref", "") for comment in gone})
            if gone and not len(listed):
                self.parts.remove(self.part, name)

    def add(self, sheet: Sheet, notes: Mapping[Cell, Sequence[Passage]]) -> None:
        """New notes, each with its box; where the user has a note, what is to be said follows it."""
        root = self.parts.tree(self._comments())
        known = {comment.get("ref"): comment for comment in root.iterfind("{*}commentList/{*}comment")}
        authors = _child(root, "authors")
        names = [author.text for author in authors]
        if AUTHOR not in names:
            etree.SubElement(authors, f"{{{self.parts.main}}}author").text = AUTHOR
            names.append(AUTHOR)
        new: dict[Cell, int] = {}
        longer: dict[Cell, int] = {}
        for cell, passages in sorted(notes.items()):
            place = cell_name(*cell)
            if (own := known.get(place)) is None:
                comment = etree.SubElement(
                    _child(root, "commentList"), f"{{{self.parts.main}}}comment", ref=place, authorId=str(names.index(AUTHOR))
                )
                self._write(etree.SubElement(comment, f"{{{self.parts.main}}}text"), passages, f"{_OURS}\n")
                new[cell] = _lines(comment)
            elif not (names[int(own.get("authorId", 0))] or "").startswith("tc="):  # a thread of Excel's shows no other text
                self._write(_text_of(own, self.parts.main), passages, f"\n{_OURS}\n")
                longer[cell] = _lines(own)
        self._enlarge_boxes(sheet, longer)
        self._add_boxes(sheet, new)

    def _comments(self) -> str:
        for name in self.parts.related(self.part, "comments").values():
            return name
        empty = f'<comments xmlns="{self.parts.main}"><authors/><commentList/></comments>'.encode()
        name = self.parts.add("xl/comments{}.xml", empty, _COMMENTS_TYPE)
        self.parts.relate(self.part, "comments", name)
        return name

    def _write(self, text: Element, passages: Sequence[Passage], start: str) -> None:
        if (plain := text.find("{*}t")) is not None:  # a text without runs can't be followed by one
            text.remove(plain)
            self._run(text, plain.text or "", bold=False)
        for number, passage in enumerate(passages):
            self._run(text, ("\n\n" if number else start) + passage.head, bold=True)
            if passage.text:
                self._run(text, f"\n{passage.text}", bold=False)

    def _run(self, text: Element, words: str, *, bold: bool) -> None:
        main = f"{{{self.parts.main}}}"
        run = etree.SubElement(text, f"{main}r")
        look = etree.SubElement(run, f"{main}rPr")
        if bold:
            etree.SubElement(look, f"{main}b")
        etree.SubElement(look, f"{main}sz", val="9")
        etree.SubElement(look, f"{main}color", indexed="81")
        etree.SubElement(look, f"{main}rFont", val="Tahoma")
        etree.SubElement(look, f"{main}family", val="2")
        content = etree.SubElement(run, f"{main}t")
        content.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        content.text = words

    def _drawing(self, sheet: Sheet) -> str:
        legacy = sheet.find("legacyDrawing")
        drawings = self.parts.related(self.part, "vmlDrawing")
        identifier = f"{{{self.parts.relations}}}id"
        if legacy is not None and legacy.get(identifier) in drawings:
            return drawings[legacy.get(identifier, "")]
        name = self.parts.add("xl/drawings/vmlDrawing{}.vml", _NO_DRAWING, _VML_TYPE, by_extension=True)
        legacy = etree.Element(f"{{{self.parts.main}}}legacyDrawing", nsmap={"r": self.parts.relations})
        legacy.set(identifier, self.parts.relate(self.part, "vmlDrawing", name))
        put_in_order(sheet.frame, legacy, _BEFORE_LEGACY_DRAWING)
        return name

    def _add_boxes(self, sheet: Sheet, cells: Mapping[Cell, int]) -> None:
        """`cells`: each with the lines of its note."""
        if not cells:
            return
        name = self._drawing(sheet)
        vml = self.parts.read(name)
        clusters = _free(self.used_clusters, 1 + len(cells) // _SHAPES_PER_CLUSTER)
        numbers = (1024 * cluster + number for cluster in clusters for number in range(1, _SHAPES_PER_CLUSTER + 1))
        widths = _Widths(sheet)
        boxes = "" if b'"_x0000_t202"' in vml else _BOX_TYPE
        boxes += "".join(
            _BOX.format(number=number, anchor=widths.anchor(row, column, lines), row=row - 1, column=column)
            for ((row, column), lines), number in zip(cells.items(), numbers, strict=False)
        )
        named = ",".join(map(str, clusters)).encode()
        vml = _CLUSTERS.sub(lambda found: found[1] + (found[2] + b"," if found[2] else b"") + named, vml, count=1)
        end = vml.rfind(b"</xml")
        self.parts.write(name, vml[:end] + boxes.encode() + vml[end:])

    def _enlarge_boxes(self, sheet: Sheet, cells: Mapping[Cell, int]) -> None:
        """Boxes of the user's own that their longer notes have room in. `cells`: each with the lines of its note."""
        widths = _Widths(sheet)

        def enlarged(box: bytes, cell: Cell) -> bytes:
            return _ANCHOR.sub(lambda found: found[1] + widths.enlarged(found[2].decode(), cells[cell]).encode(), box, count=1)

        self._change_boxes(cells, enlarged)

    def _remove_boxes(self, places: set[str]) -> None:
        self._change_boxes({place_of(place) for place in places}, lambda *_: b"")

    def _change_boxes(self, cells: Collection[Cell], changed: Callable[[bytes, Cell], bytes]) -> None:
        """Puts something else for the boxes of notes at these cells."""

        def replaced(shape: re.Match[bytes]) -> bytes:
            found = _SHAPE_CELL.search(shape.group()) if b'ObjectType="Note"' in shape.group() else None
            cell = (int(found[1]) + 1, int(found[2])) if found else None
            return changed(shape.group(), cell) if cell in cells and cell else shape.group()

        for name in self.parts.related(self.part, "vmlDrawing").values() if cells else ():
            self.parts.write(name, _SHAPE.sub(replaced, self.parts.read(name)))


def used_clusters(parts: Parts, sheets: Sequence[str]) -> set[int]:
    """The numbers that the drawings of these sheets have taken for their shapes."""
    drawings = {name for sheet in sheets for name in parts.related(sheet, "vmlDrawing").values() if name in parts}
    named = (found[2] for name in drawings for found in _CLUSTERS.finditer(parts.read(name)))
    return {int(number) for numbers in named for number in numbers.split(b",") if number.strip()}


def _free(used: set[int], count: int) -> list[int]:
    first = max(used, default=0) + 1
    used.update(range(first, first + count))
    return list(range(first, first + count))


class _Widths:
    """How wide a sheet's columns are, for boxes that are wide enough whatever they cover."""

    def __init__(self, sheet: Sheet) -> None:
        form, columns = sheet.find("sheetFormatPr"), sheet.find("cols")
        self._default = int(_PIXELS_PER_CHARACTER * float((form.get("defaultColWidth") if form is not None else None) or 9.14))
        self._spans = [
            (int(col.get("min", 0)), int(col.get("max", 0)), 0 if col.get("hidden") in ("1", "true") else float(col.get("width") or 9.14))
            for col in (() if columns is None else columns)
        ]

    def anchor(self, row: int, column: int, lines: int) -> str:
        """Left column and offset, top row and offset, right column and offset, bottom row and offset: beside the cell."""
        left, top = min(column + 1, MAX_COLUMNS - 1), max(row - 2, 0)
        return self.enlarged(f"{left},{_GAP},{top},{_GAP},{left},{_GAP},{top},{_GAP}", lines)

    def enlarged(self, anchor: str, lines: int) -> str:
        """A box with room for so many lines, from the same corner on; not smaller than it was."""
        left, inset, top, below, right, across, bottom, down = map(int, anchor.split(","))
        if sum(self._pixels(column) for column in range(left, right)) + across - inset < _WIDTH:
            right, across = self._reached(left, inset + _WIDTH)
        height = _LINE * (lines + 1)
        if (bottom - top) * _ROW_PIXELS + down - below < height:
            rows, down = divmod(below + height, _ROW_PIXELS)
            bottom = top + rows
        return f"{left},{inset},{top},{below},{right},{across},{bottom},{down}"

    def _reached(self, column: int, pixels: int) -> tuple[int, int]:
        """The column, and the pixels in it, so many pixels to the right of another's left edge."""
        while pixels > (width := self._pixels(column)) and column < MAX_COLUMNS - 1:
            column, pixels = column + 1, pixels - width
        return column, pixels

    def _pixels(self, column: int) -> int:
        width = next((width for first, last, width in self._spans if first <= column + 1 <= last), None)
        return self._default if width is None else int(_PIXELS_PER_CHARACTER * width)


def _lines(comment: Element) -> int:
    return 1 + sum(1 + len(line) // _CHARACTERS for line in _words(comment).split("\n"))


def _child(root: Element, name: str) -> Element:
    child = root.find(f"{{*}}{name}")
    if child is None:
        raise damaged()
    return child


def _text_of(comment: Element, main: str) -> Element:
    text = comment.find("{*}text")
    return etree.SubElement(comment, f"{{{main}}}text") if text is None else text


def _shortened(comment: Element) -> bool:
    """Takes away what was added to a note of the user's own; whether there was anything."""
    texts = comment.findall("{*}text//{*}t")
    first = next((number for number, text in enumerate(texts) if _OURS in (text.text or "")), None)
    if first is None:
        return False
    texts[first].text = (texts[first].text or "").partition(_OURS)[0]
    for text in texts[first + 1 :]:
        _remove_run(text)
    for text in reversed(texts[: first + 1]):  # some programs put the line break before ours into a run of its own
        text.text = (text.text or "").removesuffix("\n")
        if text.text:
            break
        _remove_run(text)
    return True


def _words(comment: Element) -> str:
    return "".join(text.text or "" for text in comment.iterfind("{*}text//{*}t")).strip()


def _remove_run(text: Element) -> None:
    run = text.getparent()
    if run is not None and (whole := run.getparent()) is not None:
        whole.remove(run)
