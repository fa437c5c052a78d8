"""Workbooks to fill in: a sheet for each table, with drop-down lists and checks, and a sheet that explains them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from xlsxwriter.utility import quote_sheetname, xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from fatcli.model import GRID, Column, Kind, Month, Table, Vocabulary
from fatcli.rulebook import RuleBook
from fatcli.texts import Language, Text, same
from fatcli.writers import monthsheet, wording
from fatcli.writers.book import Book, Value
from fatcli.writers.columnhelp import code_word, column_help, header
from fatcli.writers.dropdowns import Lists, choice
from fatcli.writers.guide import form_columns, guide_sheet
from fatcli.writers.monthsheet import MonthForm, month_sheet

_TITLE = Text("Mall", "Template")
_REQUIRED = Text("krävs", "required")
_MONTH = Text("Månad: {month}", "Month: {month}")
_NOTE = Text(
    "Fyll i under rubrikraden. Bladet Förklaring beskriver kolumner och koder.",
    "Fill in below the headings. The sheet Explanation describes columns and codes.",
)
_FROM_LIST = Text("Välj ett värde i listan.", "Choose a value of the list.")
_NOT_LISTED = Text("Värdet finns inte i registret. Stämmer det ändå?", "The register does not have this value. Is it right?")
_TWICE = Text("Värdet finns redan i kolumnen. Stämmer det ändå?", "The value stands in the column already. Is it right?")
_A_DATE = Text("Skriv ett datum, till exempel 2024-05-03.", "Write a date, such as 2024-05-03.")
_NOT_BEFORE = Text("Skriv en dag som inte är före {other}.", "Write a day that is not before {other}.")
_A_TIME = Text("Skriv ett klockslag, till exempel 08:30.", "Write a time, such as 08:30.")
_BETWEEN = Text("Skriv ett tal från 0 till {most}.", "Write a number from 0 to {most}.")
_LENGTH = Text("Skriv 10 eller 12 siffror, med eller utan streck.", "Write 10 or 12 digits, with or without a hyphen.")

# 0-based
_MARK_ROW, _HEAD_ROW, _FIRST_ROW = 3, 4, 5
_ROWS = 1000  # checked, and offered lists
_COLUMNS_PER_PAGE = 12
_MADE = dt.date(2024, 1, 1)  # a template belongs to no day: a fixed one gives the same bytes
_FIRST_DAY, _LAST_DAY = dt.date(1990, 1, 1), dt.date(2099, 12, 31)

_STARTS: Mapping[str, str] = {
    "end": "start",
    "ended_on": "start",
    "approved_to": "approved_from",
    "to": "from",
    "in_depth_to": "in_depth_from",
}
_MOST: Mapping[str, int] = {"hours": 24, "hours_per_week": 168, "hours_per_week_end": 168, "sek": 10_000_000}
_WIDTHS: Mapping[Kind, float] = {
    "date": 13,
    "time": 9,
    "number": 11,
    "whole": 11,
    "amount": 12,
    "participant": 18,
    "identifier": 16,
    "code": 16,
    "text": 22,
}
_LOOK: Mapping[Kind, str] = {
    "date": "form_date",
    "time": "form_time",
    "number": "form_number",
    "whole": "form_number",
    "amount": "form_amount",
}
_LINE = {"bottom": 1, "bottom_color": "#D5DCE4"}
_LOOKS: Mapping[str, Mapping[str, object]] = {
    "mark": {"font_size": 8, "italic": True, "font_color": "#9B2226"},
    "head_required": {"bold": True, "bg_color": "#CFDDEA", "bottom": 1, "text_wrap": True},
    "form_text": {**_LINE, "num_format": "@"},
    "form_date": {**_LINE, "num_format": "yyyy-mm-dd", "align": "left"},
    "form_time": {**_LINE, "num_format": "hh:mm", "align": "left"},
    "form_number": {**_LINE, "num_format": "General", "align": "center"},
    "form_amount": {**_LINE, "num_format": "#,##0.00"},
}


@dataclass(frozen=True)
class TableForm:
    """A table to fill in, in its long layout. `month`: of attendance.

    `rows`: what is filled in already, by canonical column; codes are canonical, amounts in öre.
    """

    table: Table
    rows: Sequence[Mapping[str, Value]] = ()
    month: Month | None = None


@dataclass(frozen=True)
class Choices:
    """What drop-down lists offer from the register and the rule book."""

    placements: Sequence[str] = ()
    organisers: Sequence[str] = ()
    components: Sequence[str] = ()
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    def of(self, column: str) -> Sequence[str]:
        return {"placement_id": self.placements, "organiser_id": self.organisers, "component": self.components}.get(column, ())


def choices_of(book: RuleBook, placements: Sequence[str] = (), organisers: Sequence[str] = ()) -> Choices:
    """The ids of the registers, with the components and the words of the rule book."""
    components = dict.fromkeys(component for of_service in book.components().values() for component in of_service.values())
    return Choices(placements, organisers, tuple(components), book.vocabulary)


Form = TableForm | MonthForm


def template_book(forms: Sequence[Form], language: Language, choices: Choices | None = None) -> bytes:
    """A workbook with a sheet per form and one that explains them; the same forms give the same bytes."""
    book = Book(_TITLE.to(language), _MADE, language)
    book.add_looks({**_LOOKS, **monthsheet.LOOKS})
    choices = choices or Choices()
    lists = Lists(book, choices.vocabulary)
    names = _sheet_names(forms, language)
    for form, name in zip(forms, names, strict=True):
        source = _Sources(lists, choices, dict(zip(names, forms, strict=True)), form)
        if isinstance(form, MonthForm):
            month_sheet(book, lists, form, name, source.of("placement_id"))
        else:
            _table_sheet(book, source, form, name)
    tables = [GRID if isinstance(form, MonthForm) else form.table for form in forms]
    guide_sheet(book, list({table.title: table for table in tables}.values()), choices.vocabulary)
    lists.close()
    return book.close()


def _sheet_names(forms: Sequence[Form], language: Language) -> list[str]:
    names: list[str] = []
    for form in forms:
        name = form.sheet_name(language) if isinstance(form, MonthForm) else form.table.title.to(language)
        taken = {other.casefold() for other in names}
        numbered = [name, *(f"{number} {name}" for number in range(2, len(forms) + 2))]
        names.append(next(each for each in numbered if each.casefold() not in taken))
    return names


@dataclass(frozen=True)
class _Sources:
    """Where a form's lists are: another sheet of the workbook that has the ids, else the hidden sheet."""

    lists: Lists
    choices: Choices
    sheets: Mapping[str, Form]
    form: Form

    def of(self, column: str) -> str | None:
        """The list for a column of identifiers; None: there is nothing to choose from."""
        register = {"placement_id": "placements", "organiser_id": "organisers"}.get(column)
        for name, form in self.sheets.items():
            if form is not self.form and isinstance(form, TableForm) and form.table.name == register:
                return f"={quote_sheetname(name)}!{xl_range_abs(_FIRST_ROW, 0, _FIRST_ROW + _ROWS - 1, 0)}"
        words = self.choices.of(column)
        return self.lists.words(column, words) if words else None


def _table_sheet(book: Book, source: _Sources, form: TableForm, name: str) -> None:
    columns = form_columns(form.table)
    sheet = book.sheet(same(name), form.table.title.to(book.language), landscape=True)
    sheet.hide_gridlines(1)
    sheet.fit_to_pages(ceil(len(columns) / _COLUMNS_PER_PAGE), 0)
    _titles(book, sheet, form)
    for col, column in enumerate(columns):
        heading = header(column, book.language)
        longest = max((len(str(values.get(column.name, ""))) for values in form.rows), default=0)
        width = max(_WIDTHS[column.kind], 0.75 * len(heading) + 3, longest + 2)
        sheet.set_column(col, col, width, book.look(_LOOK.get(column.kind, "form_text")))
        book.write(sheet, _MARK_ROW, col, _REQUIRED.to(book.language) if column.required else None, "mark")
        book.write(sheet, _HEAD_ROW, col, heading, "head_required" if column.required else "head")
        sheet.data_validation(_FIRST_ROW, col, _FIRST_ROW + _ROWS - 1, col, _validation(book, source, form, column))
    for row, values in enumerate(form.rows, _FIRST_ROW):
        for col, column in enumerate(columns):
            if (value := values.get(column.name)) is not None:
                value = code_word(column.codes, str(value), book.language) if column.codes else value
                book.write(sheet, row, col, value, _LOOK.get(column.kind, "form_text"))
    sheet.autofilter(_HEAD_ROW, 0, _HEAD_ROW + max(len(form.rows), 1), len(columns) - 1)
    sheet.freeze_panes(_FIRST_ROW, 1)
    sheet.repeat_rows(_HEAD_ROW)
    sheet.repeat_columns(0)


def _titles(book: Book, sheet: Worksheet, form: TableForm) -> None:
    """The rows above the header; they have looks of their own, or they would take those of the columns."""
    book.title(sheet, form.table.title.to(book.language))
    for row, height in enumerate((24, None, None, None, 32)):
        sheet.set_row(row, height, book.look("plain"))
    book.write(sheet, 1, 0, _NOTE.to(book.language), "note")
    if form.month:
        book.write(sheet, 2, 0, _MONTH.fill(month=wording.month_name(form.month, book.language)).to(book.language), "section")


def _validation(book: Book, source: _Sources, form: TableForm, column: Column) -> Mapping[str, object]:
    """What Excel checks and says about a cell of the column."""
    checked = _check(book, source, form, column)
    about = {
        "input_title": header(column, book.language)[:32],
        "input_message": column_help(form.table.name, column).to(book.language)[:255],
    }
    return {**(checked or {"validate": "any"}), **about}


def _check(book: Book, source: _Sources, form: TableForm, column: Column) -> Mapping[str, object] | None:
    language = book.language
    if column.codes:
        return choice(source.lists.codes(column.codes), _FROM_LIST.to(language))
    if (column.name,) == form.table.key:
        cells = xl_range_abs(_FIRST_ROW, 0, _FIRST_ROW + _ROWS - 1, 0)
        formula = f"=COUNTIF({cells},{xl_rowcol_to_cell(_FIRST_ROW, 0)})=1"
        return {"validate": "custom", "value": formula, "error_type": "warning", "error_message": _TWICE.to(language)}
    if listed := source.of(column.name):
        return choice(listed, _NOT_LISTED.to(language), strict=False)
    if start := _STARTS.get(column.name):
        return _not_before(language, form, start)
    return _of_kind(language, form, column)


def _of_kind(language: Language, form: TableForm, column: Column) -> Mapping[str, object] | None:
    match column.kind:
        case "date":
            first, last = (form.month.first, form.month.last) if form.month else (_FIRST_DAY, _LAST_DAY)
            return _between("date", first, last, _A_DATE.to(language))
        case "time":
            return _between("time", 0, 0.999989, _A_TIME.to(language))  # 23:59:59
        case "number" | "whole" | "amount":
            most = _MOST.get(column.name, 1000)
            return _between("integer" if column.kind == "whole" else "decimal", 0, most, _BETWEEN.fill(most=most).to(language))
        case "participant":
            return _between("length", 2, 13, _LENGTH.to(language))
        case _:
            return None


def _not_before(language: Language, form: TableForm, start: str) -> Mapping[str, object]:
    """A date from that in another cell of the row on."""
    first = xl_rowcol_to_cell(_FIRST_ROW, [column.name for column in form.table.columns].index(start))
    other = header(form.table.column(start), language)
    error = f"{_A_DATE.to(language)} {_NOT_BEFORE.fill(other=other).to(language)}"
    return {"validate": "date", "criteria": ">=", "value": f"={first}", "error_message": error}


def _between(kind: str, least: object, most: object, error: str) -> Mapping[str, object]:
    return {"validate": kind, "criteria": "between", "minimum": least, "maximum": most, "error_message": error}
