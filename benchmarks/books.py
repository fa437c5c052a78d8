"""A workbook written as fast as text can be: shared texts, dates and times as Excel saves them, one sheet after another."""

import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_col_to_name

EPOCH = dt.date(1899, 12, 30)
DATE, TIME = 1, 2  # the styles below
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/>'
    '<numFmt numFmtId="165" formatCode="hh:mm"/></numFmts><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Error(NamedTuple):
    """A cell that holds an error, such as #N/A."""

    name: str


Value = str | float | dt.date | dt.time | Error | None
Rows = Iterable[Sequence[Value]]


class _Texts(dict[str, int]):
    """Each shared text's number, given when it is first met."""

    def __missing__(self, text: str) -> int:
        self[text] = len(self)
        return self[text]


def write(path: Path, sheets: dict[str, Rows]) -> None:
    """Sheet name -> its rows, the header among them."""
    texts = _Texts()
    types = [
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    ]
    named, related = [], []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as book:
        for number, (name, rows) in enumerate(sheets.items(), start=1):
            with book.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                part.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
                part.writelines(_rows(rows, texts))
                part.write(b"</sheetData></worksheet>")
            named.append(f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>')
            related.append(f'<Relationship Id="rId{number}" Type="{RELATED}/worksheet" Target="worksheets/sheet{number}.xml"/>')
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
            types.append(f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{kind}"/>')
        for name in ("styles", "sharedStrings"):
            related.append(f'<Relationship Id="{name}" Type="{RELATED}/{name}" Target="{name}.xml"/>')
            types.append(
                f'<Override PartName="/xl/{name}.xml" '
                f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{name}+xml"/>'
            )
        shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
        book.writestr("xl/sharedStrings.xml", f'{HEAD}<sst xmlns="{MAIN}" uniqueCount="{len(texts)}">{shared}</sst>')
        book.writestr("xl/styles.xml", STYLES)
        book.writestr("xl/workbook.xml", f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets>{"".join(named)}</sheets></workbook>')
        book.writestr(
            "xl/_rels/workbook.xml.rels", f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{"".join(related)}</Relationships>'
        )
        book.writestr(
            "_rels/.rels",
            f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        defaults = (
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
        )
        book.writestr("[Content_Types].xml", f'{HEAD}<Types xmlns="{PACKAGE}/content-types">{defaults}{"".join(types)}</Types>')


def _rows(rows: Rows, texts: _Texts) -> Iterator[bytes]:
    letters: list[str] = []
    for number, values in enumerate(rows, start=1):
        letters = letters if len(letters) >= len(values) else [xl_col_to_name(col) for col in range(len(values))]
        cells = (_cell(f"{letter}{number}", value, texts) for letter, value in zip(letters, values, strict=False) if value is not None)
        yield f'<row r="{number}">{"".join(cells)}</row>'.encode()


def _cell(place: str, value: Value, texts: _Texts) -> str:
    if isinstance(value, Error):
        return f'<c r="{place}" t="e"><v>{value.name}</v></c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="s"><v>{texts[value]}</v></c>'
    if isinstance(value, dt.date):
        return f'<c r="{place}" s="{DATE}"><v>{(value - EPOCH).days}</v></c>'
    if isinstance(value, dt.time):
        return f'<c r="{place}" s="{TIME}"><v>{(value.hour * 60 + value.minute) / 1440}</v></c>'
    return f'<c r="{place}"><v>{value:g}</v></c>'
