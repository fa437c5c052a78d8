"""Makes small workbooks of every kind for the tests; `save` is the one to use where the kind does not matter."""

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = f"{OFFICE}/worksheet"
CHART_TYPE = f"{OFFICE}/chartsheet"

Rows = Sequence[Sequence[object]]


def save(path: Path, sheets: Mapping[str, Rows], *, date_1904: bool = False) -> Path:
    """An .xlsx of rows from A1; None leaves a cell out, `=…` is a formula saved without a value, `#N/A` an error."""
    book = openpyxl.Workbook()
    if date_1904:
        book.epoch = CALENDAR_MAC_1904
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                if value is not None:
                    sheet.cell(number, column, value)
    book.save(path)
    return path


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return data.getvalue()


def sheet_xml(rows: str, before: str = "") -> str:
    """A sheet's part: `rows` is what stands in sheetData, `before` what stands before it."""
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'


def xlsx(*sheets: str, types: Sequence[str] = (), settings: str = "", parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """An .xlsx package of sheet parts named S1, S2, …; `types`: their relations, where they are no worksheets."""
    numbers = range(1, len(sheets) + 1)
    kinds = [*types, *[SHEET_TYPE] * (len(sheets) - len(types))]
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    relations = "".join(f'<Relationship Id="rId{n}" Type="{kinds[n - 1]}" Target="worksheets/sheet{n}.xml"/>' for n in numbers)
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
            "_rels/.rels": (
                f'<Relationships xmlns="{PACKAGE}/relationships">'
                f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
            ),
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{settings}<sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
            **{f"xl/worksheets/sheet{n}.xml": sheets[n - 1] for n in numbers},
            **(parts or {}),
        }
    )


def ods(tables: str, parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """An .ods package; `tables` is what stands in office:spreadsheet."""
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    calc = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    content = (
        f"<office:document-content {spaces} {calc}><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content, **(parts or {})})


def xls(rows: Rows, *, date_1904: bool = False) -> bytes:
    """An .xls with one sheet S1; dates and times get a format."""
    book = xlwt.Workbook()
    book.dates_1904 = date_1904
    sheet = book.add_sheet("S1")
    formats = {"datetime": "yyyy-mm-dd hh:mm", "date": "yyyy-mm-dd", "time": "hh:mm"}
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            style = xlwt.easyxf(num_format_str=formats.get(type(value).__name__, "General"))
            if value is not None:
                sheet.write(number, column, value, style)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def xlsb(rows: Rows, *, date_1904: bool = False) -> bytes:
    """An .xlsb with one sheet S1 of numbers, times, texts, booleans and errors (an int in bytes is an error's number)."""
    book = (
        _record(153, struct.pack("<I", date_1904) + bytes(8))
        + _record(143)
        + _record(156, bytes(8) + _wide("rId1") + _wide("S1"))
        + _record(144)
    )
    cells = b"".join(_record(0, struct.pack("<I", number) + bytes(21)) + _cells(row) for number, row in enumerate(rows))
    relation = f'<Relationship Id="rId1" Type="{SHEET_TYPE}" Target="worksheets/sheet1.bin"/>'
    extent = struct.pack("<IIII", 0, max(len(rows) - 1, 0), 0, max(map(len, rows), default=1) - 1)
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
            "xl/workbook.bin": _record(131) + book + _record(132),
            "xl/styles.bin": _record(617, struct.pack("<I", 2)) + _format(0) + _format(20),  # General, h:mm
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relation}</Relationships>',
            "xl/worksheets/sheet1.bin": _record(129) + _record(148, extent) + _record(145) + cells + _record(146) + _record(130),
        }
    )


def _format(number: int) -> bytes:
    return _record(47, struct.pack("<HH", 0, number) + bytes(12))


def _cells(row: Sequence[object]) -> bytes:
    return b"".join(_binary_cell(column, value) for column, value in enumerate(row) if value is not None)


def _binary_cell(column: int, value: object) -> bytes:
    head = struct.pack("<II", column, 0)
    match value:
        case bool():
            return _record(4, head + bytes([value]))
        case int() | float():
            return _record(5, head + struct.pack("<d", value))
        case dt.time():
            days = (value.hour * 60 + value.minute) / 1440
            return _record(5, struct.pack("<IId", column, 1, days))
        case bytes():
            return _record(3, head + value)
        case _:
            return _record(6, head + _wide(str(value)))


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _record(kind: int, content: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(content)
    lengths = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
    return head + lengths + content
