"""How the sample workbooks look: a register's sheets, the long layout, the month grid."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import xlsxwriter
from sample_data import Row

from fatcli.model import TABLES, Kind, Month

DAYS_OFF = {dt.date(2024, 4, 1), dt.date(2024, 5, 1), dt.date(2024, 5, 9)}
WEEKDAYS = ("må", "ti", "on", "to", "fr", "lö", "sö")
MONTHS = {4: "april", 5: "maj"}
WIDTHS: Mapping[Kind, int] = {"date": 12, "time": 8, "number": 9, "whole": 9, "amount": 12, "code": 14}
LEGEND = ("N = närvaro", "GF = giltig frånvaro", "OF = ogiltig frånvaro", "S = sjuk", "VAB = vård av barn", "U = uppehåll", "L = ledig")
LONG_HEADERS = ("Beslutsnummer", "Datum", "Veckodag", "Från kl", "Till kl", "Timmar", "Närvaro", "Anteckning")
LONG_WIDTHS = (16, 12, 10, 9, 9, 9, 10, 34)
Cells = dict[str, dict[int, str | float]]  # placement -> day -> what the cell says


@dataclass
class Report:
    """A row of the long layout. A date that is no date stands in `wrong_date`, hours that are none in `hours`."""

    placement: str
    date: dt.date
    code: str
    hours: float | str | None
    start: dt.time = dt.time(8, 30)
    note: str = ""
    wrong_date: str | int | None = None

    @property
    def end(self) -> dt.time:
        """The start, the hours, and half an hour's lunch."""
        hours = self.hours if isinstance(self.hours, float) else 0
        return (dt.datetime.combine(self.date, self.start) + dt.timedelta(hours=hours + 0.5)).time()


class Book:
    """A workbook with the samples' formats; closed, and thereby written, at the end of the `with`."""

    def __init__(self, path: Path) -> None:
        self.book = xlsxwriter.Workbook(path)
        self.book.set_properties({"title": path.stem, "created": dt.datetime(2024, 6, 3, 8)})  # noqa: DTZ001 a fixed time, for fixed bytes
        self.title = self.book.add_format({"bold": True, "font_size": 14})
        self.header = self.book.add_format({"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "text_wrap": True, "valign": "top"})
        self.date = self.book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.time = self.book.add_format({"num_format": "hh:mm"})
        self.hours = self.book.add_format({"num_format": "0.0"})
        self.money = self.book.add_format({"num_format": "#,##0.00"})
        self.centred = self.book.add_format({"align": "center"})
        self.off = self.book.add_format({"align": "center", "bg_color": "#E7E6E6"})
        self.off_header = self.book.add_format({"bold": True, "bg_color": "#BFBFBF", "bottom": 1, "text_wrap": True, "valign": "top"})
        self.day_header = self.book.add_format({"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "num_format": "d"})
        self.off_day_header = self.book.add_format({"bold": True, "bg_color": "#BFBFBF", "bottom": 1, "num_format": "d"})
        self.total = self.book.add_format({"bold": True, "top": 1, "align": "center"})
        self.sum_label = self.book.add_format({"bold": True, "top": 1})
        self.small = self.book.add_format({"italic": True, "font_color": "#595959"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.book.close()

    def sheet(self, name: str, *, frozen: tuple[int, int]) -> xlsxwriter.workbook.Worksheet:
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(*frozen)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet


def days_of(month: Month) -> list[dt.date]:
    return [dt.date(month.year, month.number, day) for day in range(1, month.last.day + 1)]


def works(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in DAYS_OFF


def write_register(path: Path, tables: Mapping[str, Sequence[Row]]) -> None:
    with Book(path) as book:
        for name, rows in tables.items():
            write_table(book, name, rows)


def write_table(book: Book, name: str, rows: Sequence[Row]) -> None:
    """One sheet with all the columns of a table, under their Swedish headers."""
    table = TABLES[name]
    sheet = book.sheet(table.title.sv, frozen=(1, 1))
    sheet.repeat_rows(0)
    sheet.set_row(0, 32)
    for col, column in enumerate(table.columns):
        values = [row.get(column.name) for row in rows]
        widest = max((len(str(value)) for value in values if value is not None), default=0)
        sheet.set_column(col, col, max(WIDTHS.get(column.kind, 0), widest + 2, 10))
        sheet.write_string(0, col, column.aliases[0].capitalize(), book.header)
        for row, value in enumerate(values, start=1):
            if value is None:
                continue
            if column.kind == "date":
                sheet.write_datetime(row, col, dt.date.fromisoformat(value), book.date)
            elif column.kind in ("number", "whole", "amount"):
                sheet.write_number(row, col, float(value), book.money if column.kind == "amount" else None)
            else:
                sheet.write_string(row, col, value)
    sheet.autofilter(0, 0, len(rows), len(table.columns) - 1)


def write_long(book: Book, month: Month, rows: Iterable[Report]) -> None:
    """A sheet in the long layout, below two title rows."""
    sheet = book.sheet("Närvaro", frozen=(4, 2))
    sheet.repeat_rows(3)
    sheet.write_string(0, 0, f"Närvarorapport {MONTHS[month.number]} {month.year}", book.title)
    sheet.write_string(1, 0, "En rad per deltagare och dag. Anteckningar lämnar inte arbetsboken.", book.small)
    for col, (header, width) in enumerate(zip(LONG_HEADERS, LONG_WIDTHS, strict=True)):
        sheet.set_column(col, col, width)
        sheet.write_string(3, col, header, book.header)
    last = 3
    for last, report in enumerate(rows, start=4):
        write_report(book, sheet, last, report)
    sheet.autofilter(3, 0, last, len(LONG_HEADERS) - 1)
    sheet.data_validation(4, 6, last, 6, {"validate": "list", "source": ["N", "GF", "OF", "S", "VAB", "U", "L"], "error_type": "warning"})


def write_report(book: Book, sheet: xlsxwriter.workbook.Worksheet, row: int, report: Report) -> None:
    sheet.write_string(row, 0, report.placement)
    if report.wrong_date is None:
        sheet.write_datetime(row, 1, report.date, book.date)
    else:
        sheet.write(row, 1, report.wrong_date)
    sheet.write_string(row, 2, WEEKDAYS[report.date.weekday()])
    if report.code == "N":
        sheet.write_datetime(row, 3, report.start, book.time)
        sheet.write_datetime(row, 4, report.end, book.time)
    if isinstance(report.hours, str):
        sheet.write_formula(row, 5, "=NA()", None, report.hours)
    elif report.hours is not None:
        sheet.write_number(row, 5, report.hours, book.hours)
    sheet.write_string(row, 6, report.code, book.centred)
    if report.note:
        sheet.write_string(row, 7, report.note)


def attended(value: str | float | None) -> bool:
    return value == "N" or (isinstance(value, float) and 0 < value <= 24)


def write_grid(book: Book, name: str, month: Month, cells: Cells, *, real_dates: bool, stated: Mapping[str, int]) -> None:
    """A month grid with title rows, shaded days off, the organiser's own count, a sum row, a legend and a signature line."""
    sheet = book.sheet(name, frozen=(4, 1))
    sheet.set_column(0, 0, 16)
    days = days_of(month)
    count = len(days) + 1
    sheet.set_column(1, len(days), 5)
    sheet.set_column(count, count, 20)
    sheet.write_string(0, 0, f"Närvarolista, {name}", book.title)
    sheet.write_string(1, 0, f"Månad: {MONTHS[month.number]} {month.year}")
    sheet.write_string(3, 0, "Beslutsnummer", book.header)
    for day in days:
        if real_dates:
            sheet.write_datetime(3, day.day, day, book.day_header if works(day) else book.off_day_header)
        else:
            sheet.write_string(3, day.day, f"{day.day} {WEEKDAYS[day.weekday()]}", book.header if works(day) else book.off_header)
    sheet.write_string(3, count, "Antal närvarodagar", book.header)
    for row, (placement, values) in enumerate(cells.items(), start=4):
        sheet.write_string(row, 0, placement)
        for day in days:
            look = book.centred if works(day) else book.off
            sheet.write(row, day.day, values.get(day.day, ""), look)
        sheet.write_number(row, count, stated.get(placement, sum(map(attended, values.values()))), book.centred)
    write_footer(book, sheet, 4 + len(cells), days, cells)


def write_footer(book: Book, sheet: xlsxwriter.workbook.Worksheet, row: int, days: Sequence[dt.date], cells: Cells) -> None:
    sheet.write_string(row, 0, "Summa", book.sum_label)
    for day in days:
        sheet.write_number(row, day.day, sum(attended(values.get(day.day)) for values in cells.values()), book.total)
    for line, legend in enumerate(LEGEND, start=row + 2):
        sheet.write_string(line, 0, legend, book.small)
    sheet.write_string(row + 3 + len(LEGEND), 0, "Underskrift")
