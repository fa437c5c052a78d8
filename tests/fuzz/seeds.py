"""The good files that the fuzzer spoils: one small month, written by several writers in every kind of file; the same bytes each time.

LibreOffice's own stand in `libreoffice/`; `python tests/fuzz/seeds.py` writes them again.
"""

import datetime as dt
import io
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment

sys.path.insert(0, str(Path(__file__).parents[1]))

import workbooks
from stories import MAY, Rows, contract, csv_bytes, grid_sheet, long_sheet, placement, present, register, register_sheets

PROJECT = Path(__file__).parents[2]
_OFFICE = Path(__file__).parent / "libreoffice"
_WRITTEN_AT = re.compile(rb"(?<=>)\d{4}-\d\d-\d\dT[\d:.]+Z?(?=<)")


def seeds() -> Mapping[str, bytes]:
    """Files by name."""
    reports = present(MAY[:8]) + present(MAY[:5], "P2", status="S") + present(MAY[2:7], "P3", hours=6.5)
    long, grid = long_sheet(reports), grid_sheet(reports, "2024-05")
    found = {
        "register.xlsx": _by_openpyxl(register_sheets(_register())),
        "attendance.xlsx": _by_openpyxl({"Närvaro": long, "Maj": grid}),
        "attendance-xlsxwriter.xlsx": _by_xlsxwriter(long),
        "attendance.xls": workbooks.xls(long),
        "attendance.xlsb": workbooks.xlsb([[str(cell) if isinstance(cell, dt.date) else cell for cell in row] for row in long]),
        "attendance.csv": csv_bytes(long),
        "attendance-cp1252.csv": csv_bytes([["Närvaro"], *long], ",", "cp1252"),
        "attendance-utf16.csv": csv_bytes(long, "\t", "utf-16"),
        "rules.yaml": (PROJECT / "rules.yaml").read_bytes(),
        "fat.yaml": b'register: ["register*"]\nattendance: ["attendance*"]\nlanguage: en\noutput: out\n',
    }
    return {name: _undated(data) for name, data in found.items()} | {path.name: path.read_bytes() for path in sorted(_OFFICE.iterdir())}


def _undated(data: bytes) -> bytes:
    """A package's bytes without the hour at which it was written; any other file's as they are."""
    if not data.startswith(b"PK"):
        return data
    undated = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(undated, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in package.namelist():
            part = zipfile.ZipInfo(name)
            part.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(part, _WRITTEN_AT.sub(b"2024-06-03T12:00:00Z", package.read(name)))
    return undated.getvalue()


def _register() -> Mapping[str, list]:
    rows = [placement(), placement("P2", start="2024-05-06"), placement("P3", service="AIO", programme=None, hours_per_week=20)]
    pauses = [{"placement_id": "P2", "from": "2024-05-20", "to": "2024-05-24", "approved_on": "2024-05-02"}]
    return register(*rows, pauses=pauses, contracts=[contract("9000.50", "2024-01-01")])


def _by_openpyxl(sheets: Mapping[str, Rows]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = workbooks.save(Path(folder) / "book.xlsx", sheets)
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        sheet["B2"].comment = Comment("kolla", "A")
        sheet.cell(sheet.max_row + 2, 1, "Summa")
        sheet.merge_cells(start_row=sheet.max_row, start_column=1, end_row=sheet.max_row, end_column=2)
        data = io.BytesIO()
        book.save(data)
    return data.getvalue()


def _by_xlsxwriter(rows: Rows) -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Närvaro")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        sheet.write_formula(len(rows) + 1, 3, "=SUM(D2:D9)", None, 0)
        sheet.data_validation(1, 2, 99, 2, {"validate": "list", "source": ["N", "S", "V"]})
        sheet.conditional_format(1, 3, 99, 3, {"type": "cell", "criteria": ">", "value": 8, "format": book.add_format({"bold": True})})
        book.define_name("Dagar", "=Närvaro!$B$2:$B$9")
    return data.getvalue()


def write_libreoffice() -> None:
    """The month of attendance.xlsx as LibreOffice saves it."""
    office = shutil.which("soffice")
    if office is None:
        sys.exit("LibreOffice is not installed")
    _OFFICE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "attendance-libreoffice.xlsx").write_bytes(seeds()["attendance.xlsx"])
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        for kind in ("ods", "xls", "xlsx"):
            command = [office, profile, "--headless", "--convert-to", kind, "--outdir", _OFFICE, folder / "attendance-libreoffice.xlsx"]
            subprocess.run(command, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    write_libreoffice()
