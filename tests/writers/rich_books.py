"""Workbooks that hold all that a user's may: pictures, charts, text boxes, notes, checks, names. All persons are fictitious."""

import datetime as dt
import io
import struct
import zlib
from copy import copy

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from xlsxwriter.worksheet import Worksheet

HEAD, FIRST = 4, 5  # 1-based rows of the table on the sheet Närvaro
HEADERS = ("placement_id", "date", "status", "hours", "Veckodag", "note")
DAYS = [dt.date(2024, 5, day) for day in (2, 3, 6, 7, 8, 10, 13, 14, 15, 16)]
FACTORS = "Rådata & annat"  # a sheet whose name needs quotes in formulas


def picture() -> bytes:
    """A red square, as PNG."""
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + b"\xc0\x10\x20" * 8 for _ in range(8)))
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    framed = (struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def rich_book() -> bytes:
    """By XlsxWriter: the sheets Översikt (selected), Närvaro with rows of P1, a hidden one, and a chart sheet."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    looks = {
        "head": book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3864", "locked": False}),
        "date": book.add_format({"num_format": "yyyy-mm-dd", "bg_color": "#E7E6E6"}),
        "hours": book.add_format({"num_format": "0.0", "border": 1, "italic": True}),
        "title": book.add_format({"bold": True, "align": "center", "bg_color": "#DDEBF7"}),
        "weekday": book.add_format({"font_color": "#7F7F7F", "bg_color": "#F2F2F2"}),
        "bad": book.add_format({"font_color": "#9C0006"}),
    }
    overview, sheet, hidden = (book.add_worksheet(name) for name in ("Översikt", "Närvaro", FACTORS))
    _attendance(sheet, looks)
    hidden.write_column("A1", ["N", "GF", "S", "VAB", "OF"])
    hidden.hide()
    _overview(book, overview)
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Närvaro!$D$5:$D$14"})
    book.add_chartsheet("Diagram").set_chart(chart)
    book.define_name("Koder", f"='{FACTORS}'!$A$1:$A$5")
    book.define_name("Närvaro!Egna", "=Närvaro!$B$5:$B$14")
    book.close()
    return data.getvalue()


def _attendance(sheet: Worksheet, looks: dict) -> None:
    sheet.merge_range("A1:F1", "Närvaro maj 2024", looks["title"])
    sheet.set_column("A:A", 14)
    sheet.set_column("B:B", 12)
    sheet.set_column("E:E", 9, looks["weekday"])
    sheet.set_column("H:H", 5, None, {"hidden": True})
    sheet.write_row(HEAD - 1, 0, HEADERS, looks["head"])
    for row, day in enumerate(DAYS, HEAD):
        sheet.write_string(row, 0, "P1")
        sheet.write_datetime(row, 1, dt.datetime.combine(day, dt.time()), looks["date"])
        sheet.write_string(row, 2, "N")
        sheet.write_formula(row, 3, f"=SUM(4,{row % 5})", looks["hours"], 4 + row % 5)
    sheet.set_row(7, 30, None, {"hidden": True})
    sheet.set_row(17, 20, looks["bad"])
    sheet.autofilter(HEAD - 1, 0, HEAD + 9, 5)
    sheet.freeze_panes(HEAD, 2)
    sheet.data_validation("C5:C14", {"validate": "list", "source": "=Koder"})
    sheet.data_validation("D5:D14", {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 24})
    sheet.conditional_format("D5:D14", {"type": "cell", "criteria": ">", "value": 12, "format": looks["bad"]})
    sheet.write_comment("C6", "Kom sent, ringde.", {"author": "Eva", "visible": False})
    sheet.write_comment("F9", "Påminn om läkarintyg.", {"author": "Eva"})
    sheet.write_url("F5", "https://example.org/", string="länk")
    sheet.print_area("A1:F14")
    sheet.repeat_rows(3)
    sheet.set_landscape()
    sheet.set_header("&LNärvaro&RSida &P", {"margin": 0.3})
    sheet.protect("", {"format_cells": True})


def _overview(book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.write("A1", "Timmar i allt")
    sheet.write_formula("B1", "=SUM(Närvaro!D5:D14)", None, 60)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "=Närvaro!$B$5:$B$14", "values": "=Närvaro!$D$5:$D$14"})
    sheet.insert_chart("A4", chart)
    sheet.insert_image("J2", "logo.png", {"image_data": io.BytesIO(picture())})
    sheet.insert_textbox("J8", "Fylls i varje dag.\nFrågor: ring oss.")
    sheet.insert_button("J14", {"macro": "Räkna", "caption": "Räkna"})
    sheet.print_area("A1:K30")
    sheet.activate()


def other_book() -> bytes:
    """By openpyxl: notes under xl/comments, inline styles, absolute targets in relations."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Närvaro"
    sheet.append(HEADERS)
    for day in DAYS:
        sheet.append(["P1", day, "N", 8])
    sheet["C3"].comment = Comment("Ringde.", "Eva")
    sheet["D2"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet["B3"].font = copy(Font(bold=True, color="FF0000"))
    sheet.merge_cells("A5:A7")
    sheet.column_dimensions["A"].width = 20
    sheet.row_dimensions[4].hidden = True
    sheet.freeze_panes = "B2"
    sheet.conditional_formatting.add("D2:D11", CellIsRule("greaterThan", ["12"], font=Font(color="9C0006")))
    check = DataValidation("list", formula1='"N,GF,S"')
    check.add("C2:C11")
    sheet.add_data_validation(check)
    book.create_sheet("Tomt")
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()
