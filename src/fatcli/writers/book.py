"""The look that all workbooks share: A4, one typeface, quiet lines, Swedish dates, numbers as the reader's own Excel shows them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from math import ceil
from typing import Any, Literal, NamedTuple

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from fatcli.texts import Language, Text
from fatcli.writers.neutral import cell_text
from fatcli.writers.wording import NO_AMOUNT


class Formula(NamedTuple):
    """A formula beside its value: a whole number, öre under `money`."""

    text: str
    value: int


Value = str | int | float | dt.date | Formula | None
Kind = Literal["text", "wrap", "date", "count", "money"]

_INK, _LINE, _SHADE = "#1F2933", "#D5DCE4", "#EEF2F6"
_MONEY = "#,##0.00;[Red]-#,##0.00"
_FORMATS: Mapping[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "subtitle": {"font_size": 11, "font_color": "#52606D"},
    "section": {"bold": True, "font_size": 11},
    "label": {"font_color": "#52606D"},
    "value": {"bold": True},
    "note": {"font_size": 9, "font_color": "#52606D"},
    "signature": {"font_size": 9, "font_color": "#52606D", "top": 1, "top_color": _INK},
    "head": {"bold": True, "bg_color": _SHADE, "bottom": 1, "text_wrap": True},
    "head_right": {"align": "right", "bold": True, "bg_color": _SHADE, "bottom": 1, "text_wrap": True},
    "text": {"bottom": 1, "bottom_color": _LINE},
    "wrap": {"bottom": 1, "bottom_color": _LINE, "text_wrap": True},
    "date": {"bottom": 1, "bottom_color": _LINE, "num_format": "yyyy-mm-dd", "align": "left"},
    "count": {"bottom": 1, "bottom_color": _LINE, "num_format": "#,##0"},
    "money": {"bottom": 1, "bottom_color": _LINE, "num_format": _MONEY},
    "no_money": {"bottom": 1, "bottom_color": _LINE, "align": "right"},
    "total": {"bold": True, "top": 1, "bottom": 6},
    "total_count": {"bold": True, "top": 1, "bottom": 6, "num_format": "#,##0"},
    "total_money": {"bold": True, "top": 1, "bottom": 6, "num_format": _MONEY},
    "error": {"bg_color": "#FBE3E4", "font_color": "#8A1C22"},
    "warning": {"bg_color": "#FFF3D1", "font_color": "#7A5200"},
    "info": {"bg_color": "#E3EEF9", "font_color": "#1B4B7A"},
}
_LINE_HEIGHT, _MOST_LINES = 12.5, 12
_NUMBERS: tuple[Kind, ...] = ("count", "money")


_TABLE_ROW = 3  # 0-based: title, note, an empty row


class Head(NamedTuple):
    """A column of a table: its heading, the kind of its values, and its width in characters."""

    text: Text
    kind: Kind
    width: float


class _Sheet(Worksheet):  # type: ignore[misc]  # xlsxwriter ships no types
    """Our formulas call no function that is younger than the file format: looking for thirty of them in each takes longer than writing."""

    def _prepare_formula(self, formula: str, *_: object) -> str:
        return formula.removeprefix("=")


class Book:
    """A workbook being written; money is given in öre. The same content gives the same bytes: `made` stands for the clock."""

    def __init__(self, title: str, made: dt.date, language: Language, *, large: bool = False) -> None:
        """`large`: rows are written out as they come, and each sheet from its top down."""
        self.language = language
        self._stream = BytesIO()
        # without temporary files nothing of a claim is left behind by a run that is killed
        self._workbook = xlsxwriter.Workbook(self._stream, {"constant_memory": True} if large else {"in_memory": True})
        self._workbook.set_properties({"title": cell_text(title), "created": dt.datetime.combine(made, dt.time())})
        base = {"font_name": "Arial", "font_size": 10, "font_color": _INK, "valign": "vcenter"}
        self._formats = {name: self._workbook.add_format(base | look) for name, look in _FORMATS.items()}
        self._plain = self._workbook.add_format(base)
        self._base = base

    def add_looks(self, looks: Mapping[str, Mapping[str, object]]) -> None:
        """Further looks, by name, as xlsxwriter's format properties."""
        self._formats |= {name: self._workbook.add_format({**self._base, **look}) for name, look in looks.items()}

    def look(self, name: str) -> Format:
        return self._formats.get(name, self._plain)

    def sheet(self, title: Text, footer: str, *, landscape: bool = False) -> Worksheet:
        """A sheet on A4 that prints as wide as the page, with `footer` and page numbers at its foot."""
        sheet = self._workbook.add_worksheet(title.to(self.language), _Sheet)
        sheet.set_paper(9)
        sheet.set_landscape() if landscape else sheet.set_portrait()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        pages = Text("Sida &P av &N", "Page &P of &N").to(self.language)
        sheet.set_footer(f"&L&8{footer_text(footer)}&R&8{pages}")
        sheet.hide_gridlines(2)
        return sheet

    def write(self, sheet: Worksheet, row: int, col: int, value: Value, look: str = "plain") -> None:
        """One cell, 0-based; a text is never a formula, and whole numbers under `money` are öre."""
        look_format = self.look(look)
        if value is None or value == "":
            sheet.write_blank(row, col, None, look_format)
        elif isinstance(value, str):
            sheet.write_string(row, col, cell_text(value), look_format)
        elif isinstance(value, Formula):
            sheet.write_formula(row, col, value.text, look_format, value.value / 100 if look.endswith("money") else value.value)
        elif isinstance(value, int | float):
            sheet.write_number(row, col, value / 100 if look.endswith("money") else value, look_format)
        else:
            sheet.write_datetime(row, col, dt.datetime.combine(value, dt.time()), look_format)

    def title(self, sheet: Worksheet, title: str) -> None:
        sheet.set_row(0, 24)
        self.write(sheet, 0, 0, title, "title")

    def columns(self, sheet: Worksheet, heads: Sequence[Head]) -> None:
        for col, head in enumerate(heads):
            sheet.set_column(col, col, head.width, self._plain)

    def heads(self, sheet: Worksheet, row: int, heads: Sequence[Head]) -> None:
        sheet.set_row(row, _height(heads, [head.text.to(self.language) for head in heads], wrapped=True))
        for col, head in enumerate(heads):
            self.write(sheet, row, col, head.text.to(self.language), "head_right" if head.kind in _NUMBERS else "head")

    def table(self, sheet: Worksheet, row: int, heads: Sequence[Head], rows: Iterable[Sequence[Value]]) -> int:
        """A heading row and the rows under it, from column A, a missing amount told in words; returns the row after the last."""
        self.heads(sheet, row, heads)
        for values in rows:
            row += 1
            sheet.set_row(row, _height(heads, values))
            for col, (head, value) in enumerate(zip(heads, values, strict=True)):
                if value is None and head.kind == "money":
                    self.write(sheet, row, col, NO_AMOUNT.to(self.language), "no_money")
                else:
                    self.write(sheet, row, col, value, head.kind)
        return row + 1

    def table_sheet(
        self, title: Text, footer: str, heads: Sequence[Head], rows: Iterable[Sequence[Value]], note: Text | None = None
    ) -> Worksheet:
        """A sheet that is one table under its title: filterable, its headings frozen and printed on each page."""
        sheet = self.sheet(title, footer, landscape=True)
        self.columns(sheet, heads)
        self.title(sheet, title.to(self.language))
        self.write(sheet, 1, 0, note.to(self.language) if note else None, "note")
        after = self.table(sheet, _TABLE_ROW, heads, rows)
        sheet.autofilter(_TABLE_ROW, 0, max(after - 1, _TABLE_ROW), len(heads) - 1)
        sheet.repeat_rows(_TABLE_ROW)
        sheet.freeze_panes(_TABLE_ROW + 1, 0)
        return sheet

    def facts(self, sheet: Worksheet, row: int, col: int, facts: Iterable[tuple[Text, str]], gap: int = 1) -> int:
        """Labels with their values `gap` columns to the right; returns the row after the last."""
        for label, value in facts:
            self.write(sheet, row, col, label.to(self.language), "label")
            self.write(sheet, row, col + gap, value, "value")
            row += 1
        return row

    def close(self) -> bytes:
        self._workbook.close()
        return self._stream.getvalue()


def _height(heads: Sequence[Head], values: Sequence[Value], *, wrapped: bool = False) -> float:
    """Points for a row, from the longest wrapped text: not every program fits a row to its text when it opens a workbook."""
    texts = (
        (head, value) for head, value in zip(heads, values, strict=True) if isinstance(value, str) and (wrapped or head.kind == "wrap")
    )
    return 4 + _LINE_HEIGHT * min(_MOST_LINES, max((ceil(len(text) / (1.1 * head.width)) for head, text in texts), default=1))


def footer_text(text: str) -> str:
    """Text for a page's foot, where `&` starts a code and 255 characters are the limit for all of it."""
    return cell_text(text)[:100].replace("&", "&&")
