"""A follow-up report as a workbook: a sheet for each table, with figures as numbers to reckon with."""

from collections.abc import Iterator
from fractions import Fraction

from fatcli.figures import Column, Hidden, Label, Report, Table, Value
from fatcli.texts import Text, same
from fatcli.writers.book import Book, Head
from fatcli.writers.book import Value as CellValue
from fatcli.writers.figures import cells

_LOOKS = {
    "mean": {"bottom": 1, "bottom_color": "#D5DCE4", "num_format": "#,##0.0", "align": "right"},
    "share": {"bottom": 1, "bottom_color": "#D5DCE4", "num_format": "0%", "align": "right"},
    "whole_money": {"bottom": 1, "bottom_color": "#D5DCE4", "num_format": "#,##0;[Red]-#,##0", "align": "right"},
    "right": {"bottom": 1, "bottom_color": "#D5DCE4", "align": "right"},
}
_FIRST_ROW = 3
_LONGEST_NAME = 31  # Excel's limit for a sheet's name
_NOT_IN_NAMES = str.maketrans("", "", "[]:*?/\\")
_WIDTH = 120  # characters of a note on one row
_NARROWEST, _WIDEST, _FIGURE = 8, 48, 16  # characters of a column


def figures_book(report: Report) -> bytes:
    """The workbook, in the report's language."""
    language = report.basis.language
    title = report.title.to(language)
    book = Book(title, report.basis.as_of, language)
    book.add_looks(_LOOKS)
    for table in report.figures.tables:
        _sheet(book, table, report)
    _notes(book, report)
    return book.close()


def _sheet(book: Book, table: Table, report: Report) -> None:
    language = report.basis.language
    name = table.title.to(language).translate(_NOT_IN_NAMES)[:_LONGEST_NAME]
    sheet = book.sheet(same(name), report.title.to(language), landscape=True)
    heads = [_head(table, at, report) for at in range(len(table.columns))]
    book.columns(sheet, heads)
    book.title(sheet, f"{report.title.to(language)}: {table.title.to(language)}")
    book.write(sheet, 1, 0, cells.about(report), "note")
    book.heads(sheet, _FIRST_ROW, heads)
    for row in range(len(table.rows)):
        for at, column in enumerate(table.columns):
            book.write(sheet, _FIRST_ROW + 1 + row, at, *_cell(table, row, at, column, report))
    after = _FIRST_ROW + 1 + len(table.rows)
    for number, note in enumerate(cells.footnotes(table, report)):
        book.write(sheet, after + 1 + number, 0, note, "note")
    sheet.freeze_panes(_FIRST_ROW + 1, 0)
    sheet.repeat_rows(_FIRST_ROW)


def _head(table: Table, at: int, report: Report) -> Head:
    """A heading; a column of texts is as wide as the longest of them, within reason."""
    column = table.columns[at]
    text = cells.heading(column, report.basis.language)
    longest = max((len(cells.marked(table, row, at, report)) for row in range(len(table.rows))), default=0)
    width = min(max(longest, len(text), _NARROWEST), _WIDEST) + 2 if column.kind == "text" else _FIGURE
    return Head(same(text), "text" if column.kind == "text" else "count", width)


def _cell(table: Table, row: int, at: int, column: Column, report: Report) -> tuple[CellValue, str]:
    """A value and its look; what is no number as it reads elsewhere."""
    value: Value = table.rows[row][at]
    if isinstance(value, Label | Hidden) or value is None:
        return cells.marked(table, row, at, report), "text" if column.kind == "text" else "right"
    if column.kind == "sek":
        return int(value), "whole_money" if int(value) % 100 == 0 else "money"
    figure = float(value) if isinstance(value, Fraction) else value
    return figure, {"count": "count", "share": "share"}.get(column.kind, "mean")


def _notes(book: Book, report: Report) -> None:
    language = report.basis.language
    sheet = book.sheet(Text("Om rapporten", "About"), report.title.to(language))
    book.columns(sheet, [Head(same(""), "wrap", _WIDTH)])
    book.title(sheet, report.title.to(language))
    for number, line in enumerate(_lines(report)):
        book.write(sheet, 2 + number, 0, line, "plain")


def _lines(report: Report) -> Iterator[str]:
    yield cells.about(report)
    yield from (note.to(report.basis.language) for note in report.figures.notes)
    yield cells.rests_on(report.basis)
