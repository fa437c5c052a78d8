"""The sheet of a template that explains its columns and codes; the reader passes it over."""

from collections.abc import Iterable, Iterator, Sequence

from fatcli.model import GRID, OWN_SHEET, TABLES, Column, Kind, Table, Vocabulary
from fatcli.texts import Text
from fatcli.writers.book import Book, Head, Value
from fatcli.writers.columnhelp import code_help, code_word, column_help, header

_TITLE = Text("Förklaring", "Explanation")
_HOW = (
    Text(
        "Fyll i bladen under rubrikraden. Kolumner märkta krävs måste vara ifyllda på varje rad; de andra fylls i när uppgiften finns.",
        "Fill in the sheets below their headings. Columns marked required must be filled in on every row; the others where they are known.",
    ),
    Text(
        "Kolumner får flyttas men inte döpas om. Fler kolumner, blad och rader får läggas till.",
        "Columns may be moved but not renamed. More columns, sheets and rows may be added.",
    ),
    Text("Spara som .xlsx. Det här bladet läses inte.", "Save as .xlsx. This sheet is not read."),
)
_COLUMN_HEADS = (
    Head(Text("Rubrik", "Heading"), "wrap", 28),
    Head(Text("Krävs", "Required"), "text", 10),
    Head(Text("Skrivs som", "Written as"), "wrap", 34),
    Head(Text("Betyder", "Means"), "wrap", 70),
)
_CODE_HEADS = (
    Head(Text("Kod", "Code"), "wrap", 28),
    Head(Text("", ""), "text", 10),
    Head(Text("Läses också som koden", "Also read as the code"), "wrap", 34),
    Head(Text("Betyder", "Means"), "wrap", 70),
)
_KINDS: dict[Kind, Text] = {
    "text": Text("text", "text"),
    "identifier": Text("text; inledande nollor behålls", "text; leading zeros are kept"),
    "participant": Text("person- eller organisationsnummer", "identity number"),
    "date": Text("datum, åååå-mm-dd", "a date, yyyy-mm-dd"),
    "time": Text("klockslag, tt:mm", "a time, hh:mm"),
    "number": Text("tal", "a number"),
    "whole": Text("heltal", "a whole number"),
    "amount": Text("kronor", "SEK"),
}
_YES = Text("krävs", "required")
_CODES_OF = Text("kod: {heading}", "code: {heading}")
_HEADING = Text("Koder: {headings}", "Codes: {headings}")
_DAYS = (
    Text("1 … 31", "1 … 31"),
    Text("statuskod eller timmar, 0–24", "a status code, or hours, 0–24"),
    Text(
        "Vad dagen gäller: närvaro eller skäl till frånvaro. Tom cell: inget sägs.", "The day: present, or why not. Empty: nothing is said."
    ),
)


def guide_sheet(book: Book, tables: Sequence[Table], vocabulary: Vocabulary) -> None:
    """Adds the sheet, for the tables that the workbook has; a month grid is GRID."""
    language = book.language
    sheet = book.sheet(_TITLE, "", landscape=True)
    book.columns(sheet, _COLUMN_HEADS)
    book.title(sheet, f"{OWN_SHEET}{_TITLE.to(language)}")
    for row, line in enumerate(_HOW, 1):
        book.write(sheet, row, 0, line.to(language))
    row = len(_HOW) + 2
    for table in tables:
        book.write(sheet, row, 0, table.title.to(language), "section")
        row = book.table(sheet, row + 1, _COLUMN_HEADS, _columns(book, table)) + 1
    for name in _coded_by(tables):
        book.write(sheet, row, 0, _codes_title(book, name, tables), "section")
        row = book.table(sheet, row + 1, _CODE_HEADS, _codes(book, name, vocabulary)) + 1


def _columns(book: Book, table: Table) -> Iterator[tuple[Value, ...]]:
    language = book.language
    for column in form_columns(table):
        kind = _CODES_OF.fill(heading=header(column, language)) if column.codes else _KINDS[column.kind]
        required = _YES.to(language) if column.required else None
        yield header(column, language), required, kind.to(language), column_help(table.name, column).to(language)
    if table is GRID:
        heading, written, meaning = (text.to(language) for text in _DAYS)
        yield heading, None, written, meaning


def form_columns(table: Table) -> tuple[Column, ...]:
    """The columns that a form has: in a month grid the month stands in the title."""
    return tuple(column for column in table.columns if not (table is GRID and column.name == "month"))


def _coded_by(tables: Iterable[Table]) -> list[str]:
    """Keys of model.CODES."""
    found = dict.fromkeys(column.codes for table in tables for column in _coded(table) if column.codes)
    return list(found)


def _coded(table: Table) -> tuple[Column, ...]:
    """A month grid's cells hold the statuses of the long layout."""
    return (TABLES["attendance"].column("status"),) if table is GRID else table.columns


def _codes_title(book: Book, name: str, tables: Iterable[Table]) -> str:
    headings = [header(column, book.language) for table in tables for column in _coded(table) if column.codes == name]
    return _HEADING.fill(headings=", ".join(dict.fromkeys(headings))).to(book.language)


def _codes(book: Book, name: str, vocabulary: Vocabulary) -> Iterator[tuple[Value, ...]]:
    for code, words in vocabulary.known(name).items():
        word = code_word(name, code, book.language)
        others = ", ".join(other for other in (code, *words) if other != word)
        meaning = vocabulary.services[code] if name == "service" else code_help(name, code)
        yield word, None, others, meaning.to(book.language)
