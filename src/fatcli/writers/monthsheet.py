"""The month grid of a template: a row per placement, a column per day, days off and days outside the placement shaded."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
from xlsxwriter.worksheet import Worksheet

from fatcli.model import CODES, GRID, Month
from fatcli.texts import Text, same
from fatcli.workdays import is_working_day
from fatcli.writers import wording
from fatcli.writers.book import Book, footer_text
from fatcli.writers.columnhelp import code_help, code_word, header
from fatcli.writers.dropdowns import Lists, choice
from fatcli.writers.neutral import file_name_part

_TITLE = Text("Närvaro {month}", "Attendance {month}")
_ORGANISER = Text("Anordnare: {name}", "Organiser: {name}")
_SPAN = Text("Insats och placering", "Service and placement")
_OUTSIDE = Text(
    "Dagen ligger utanför placeringen och ersätts inte. Stämmer det ändå?", "The day is outside the placement and is not paid. Is it right?"
)
_NO_CODE = Text(
    "Skriv en kod ur listan eller antal timmar (0–24). Stämmer det ändå?",
    "Write a code of the list or a number of hours (0–24). Is it right?",
)
_HOW = Text(
    "Skriv en kod eller antal timmar för varje dag. En tom cell säger ingenting om dagen. Mörkt fält: utanför placeringen.",
    "Write a code or a number of hours for each day. An empty cell says nothing about the day. Dark: outside the placement.",
)
_SIGNED = Text("Datum och underskrift: ______________________________", "Date and signature: ______________________________")
_UNKNOWN = Text("Placeringen finns inte i registret. Stämmer det ändå?", "The register does not have this placement. Is it right?")
_WEEKDAYS = (
    Text("må", "Mon"),
    Text("ti", "Tue"),
    Text("on", "Wed"),
    Text("to", "Thu"),
    Text("fr", "Fri"),
    Text("lö", "Sat"),
    Text("sö", "Sun"),
)
# 0-based
_ID, _PLACED, _FIRST_DAY = 0, 1, 2
_HEAD_ROW, _FIRST_ROW = 5, 6
_SPARE_ROWS, _EMPTY_ROWS = 3, 20

_BORDER = {"border": 1, "border_color": "#9AA5B1"}
_CELL = {**_BORDER, "align": "center", "font_size": 9}
_HEAD = {**_CELL, "bold": True, "text_wrap": True}
LOOKS: Mapping[str, Mapping[str, object]] = {
    "day_head": {**_HEAD, "bg_color": "#EEF2F6"},
    "off_head": {**_HEAD, "bg_color": "#CBD2D9"},
    "id": {**_BORDER, "num_format": "@"},
    "placed": {**_BORDER, "font_size": 9, "font_color": "#52606D"},
    "day": _CELL,
    "day_off": {**_CELL, "bg_color": "#E4E7EB"},
    "outside": {**_CELL, "bg_color": "#7B8794", "font_color": "#FFFFFF"},
    "days": {**_CELL, "bold": True},
}


@dataclass(frozen=True)
class Placed:
    """A row of a month grid; `end` is the effective end. `days`: what the cells of the month say, by day, where they are filled in."""

    placement: str
    service: str
    start: dt.date
    end: dt.date
    days: Mapping[int, str | float] = field(default_factory=dict)


@dataclass(frozen=True)
class MonthForm:
    """A month grid for an organiser's placements; without any it has empty rows."""

    month: Month
    placements: Sequence[Placed] = ()
    organiser: str = ""
    name: str = ""

    def sheet_name(self, language: str) -> str:
        """Ends in the month, which the reader then knows from there too."""
        part = file_name_part(self.organiser, 20) or ("Närvaro" if language == "sv" else "Attendance")
        return f"{part} {self.month}"


def month_forms(
    month: Month, placements: pl.DataFrame | None, organisers: pl.DataFrame | None, wanted: Collection[str] = ()
) -> list[MonthForm]:
    """A form for each organiser (of `wanted`, where given) with the placements that run in the month; one without rows if none does.

    The frames are the registers' accepted rows; None: there is no such table.
    """
    names = {} if organisers is None else dict(organisers.select("organiser_id", "name").rows())
    running: dict[str, list[Placed]] = {organiser: [] for organiser in wanted}
    if placements is not None:
        effective = placements.with_columns(last=pl.min_horizontal("end", "ended_on"), service=pl.col("service").cast(pl.String))
        rows = effective.filter(pl.col("start") <= month.last, pl.col("last") >= month.first).sort("organiser_id", "placement_id")
        for organiser, *placed in rows.select("organiser_id", "placement_id", "service", "start", "last").rows():
            if organiser in running or not wanted:
                running.setdefault(organiser, []).append(Placed(*placed))
    return [MonthForm(month, placed, organiser, names.get(organiser, "")) for organiser, placed in running.items()] or [MonthForm(month)]


def month_sheet(book: Book, lists: Lists, form: MonthForm, name: str, ids: str | None) -> None:
    """Adds the sheet; `ids`: the list of placements that spare rows offer."""
    days = [form.month.first + dt.timedelta(days=number) for number in range(form.month.last.day)]
    sheet = book.sheet(same(name), "", landscape=True)
    sheet.hide_gridlines(1)
    _titles(book, sheet, form)
    _headings(book, sheet, days)
    rows = [*form.placements, *[None] * (_SPARE_ROWS if form.placements else _EMPTY_ROWS)]
    for row, placed in enumerate(rows, _FIRST_ROW):
        _row(book, sheet, row, placed, days)
    _validations(book, sheet, lists, form, days, ids)
    sheet.freeze_panes(_FIRST_ROW, _FIRST_DAY)
    sheet.repeat_rows(_HEAD_ROW - 1, _HEAD_ROW)
    pages = Text("Sida &P av &N", "Page &P of &N").to(book.language)
    sheet.set_footer(f"&L&8{_SIGNED.to(book.language)}&C&8{footer_text(form.organiser)} {form.month}&R&8{pages}")


def _titles(book: Book, sheet: Worksheet, form: MonthForm) -> None:
    language = book.language
    book.title(sheet, _TITLE.fill(month=wording.month_name(form.month, language)).to(language))
    name = f"{form.name} ({form.organiser})" if form.name else form.organiser or "________________________"
    book.write(sheet, 1, 0, _ORGANISER.fill(name=name).to(language), "section")
    codes = " · ".join(f"{code_word('status', code, language)} {code_help('status', code).to(language)}" for code in CODES["status"])
    book.write(sheet, 2, 0, codes, "note")
    book.write(sheet, 3, 0, _HOW.to(language), "note")


def _headings(book: Book, sheet: Worksheet, days: Sequence[dt.date]) -> None:
    """The heading of the second column stands in the row above the header: the reader, who has no use for it, does not see it."""
    sheet.set_row(_HEAD_ROW - 1, 4)
    sheet.set_row(_HEAD_ROW, 28)
    sheet.set_column(_ID, _ID, 14)
    sheet.set_column(_PLACED, _PLACED, 24)
    sheet.set_column(_FIRST_DAY, _FIRST_DAY + len(days) - 1, 4)
    sheet.set_column(_FIRST_DAY + len(days), _FIRST_DAY + len(days), 11)
    book.write(sheet, _HEAD_ROW, _ID, header(GRID.column("placement_id"), book.language), "head")
    sheet.merge_range(_HEAD_ROW - 1, _PLACED, _HEAD_ROW, _PLACED, _SPAN.to(book.language), book.look("head"))
    for col, day in enumerate(days, _FIRST_DAY):
        look = "day_head" if is_working_day(day) else "off_head"
        book.write(sheet, _HEAD_ROW, col, f"{day.day}\n{_WEEKDAYS[day.weekday()].to(book.language)}", look)
    book.write(sheet, _HEAD_ROW, _FIRST_DAY + len(days), header(GRID.column("days_stated"), book.language), "head")


def _row(book: Book, sheet: Worksheet, row: int, placed: Placed | None, days: Sequence[dt.date]) -> None:
    sheet.set_row(row, 18)
    book.write(sheet, row, _ID, placed.placement if placed else None, "id")
    book.write(sheet, row, _PLACED, f"{placed.service} {placed.start} – {placed.end}" if placed else None, "placed")
    for col, day in enumerate(days, _FIRST_DAY):
        inside = placed is None or placed.start <= day <= placed.end
        look = ("day" if is_working_day(day) else "day_off") if inside else "outside"
        value = placed.days.get(day.day) if placed else None
        if isinstance(value, float):
            sheet.write_number(row, col, value, book.look(look))
        else:
            book.write(sheet, row, col, value, look)
    # no formula: a program that doesn't calculate would save it without its value, and a count of the same cells checks nothing
    book.write(sheet, row, _FIRST_DAY + len(days), None, "days")


def _validations(book: Book, sheet: Worksheet, lists: Lists, form: MonthForm, days: Sequence[dt.date], ids: str | None) -> None:
    language = book.language
    day_cell = choice(lists.day_cells(), _NO_CODE.to(language), strict=False)
    outside = {"validate": "custom", "value": "=FALSE", "error_type": "warning", "error_message": _OUTSIDE.to(language)}
    after = _FIRST_ROW + len(form.placements)
    for row, placed in enumerate(form.placements, _FIRST_ROW):
        for first, last, inside in _runs(placed, days):
            sheet.data_validation(row, _FIRST_DAY + first, row, _FIRST_DAY + last, day_cell if inside else outside)
    spare = after + (_SPARE_ROWS if form.placements else _EMPTY_ROWS) - 1
    sheet.data_validation(after, _FIRST_DAY, spare, _FIRST_DAY + len(days) - 1, day_cell)
    if ids:
        sheet.data_validation(after, _ID, spare, _ID, choice(ids, _UNKNOWN.to(language), strict=False))


def _runs(placed: Placed, days: Sequence[dt.date]) -> list[tuple[int, int, bool]]:
    """The days before, in and after the placement, as first and last index."""
    start = min(max((placed.start - days[0]).days, 0), len(days))
    after = min(max((placed.end - days[0]).days + 1, start), len(days))
    runs = ((0, start - 1, False), (start, after - 1, True), (after, len(days) - 1, False))
    return [run for run in runs if run[0] <= run[1]]
