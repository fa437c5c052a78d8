"""A csv file's bytes to cells; one record is one row, however many lines its quoted fields span."""

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import polars as pl

from fatcli.errors import InputError
from fatcli.model import MAX_ROWS
from fatcli.sheetparts import check_width
from fatcli.texts import Text

_DELIMITERS = (";", "\t", ",")
_SAMPLE = 30  # records; a table's header stands among a sheet's first 30 rows
_SAMPLE_LENGTH = 1 << 20  # characters

_SAVE_AGAIN = Text("Spara om filen från Excel som CSV UTF-8 eller som .xlsx.", "Save the file again from Excel as CSV UTF-8 or as .xlsx.")
_ENCODING = Text("Filens teckenkodning är varken UTF-8 eller Windows-1252.", "The file's encoding is neither UTF-8 nor Windows-1252.")
_NUL = Text("Filen innehåller NUL-tecken och är ingen textfil.", "The file holds NUL characters and is no text file.")
_QUOTES = Text(
    "Citattecknen går inte ihop i den post som börjar på rad {record}.",
    "The quotation marks do not match in the record that starts at row {record}.",
)
_TOO_LONG = Text("Filen har fler än {limit} rader, fler än Excel visar.", "The file has more than {limit} rows, more than Excel shows.")
_SPLIT = Text("Dela upp filen.", "Split the file.")
_MEND_QUOTES = Text(
    "Rätta citattecknen där, eller spara om filen från Excel.", "Correct the quotation marks there, or save the file again from Excel."
)


def read_csv(data: bytes, name: str) -> pl.DataFrame:
    """All cells as text, row 0 being the first record; blank records are rows of nulls; raises InputError. `name`: the file's."""
    text = _decoded(data)
    rows = _records(text, _delimiter(text))
    width = max(map(len, rows), default=0)
    check_width(len(rows), width, sum(map(len, rows)), name)
    for row in rows:
        if len(row) < width:
            row.extend([None] * (width - len(row)))
    return pl.DataFrame(rows if width else None, schema={str(index): pl.String for index in range(width)}, orient="row")


def _decoded(data: bytes) -> str:
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise InputError(_NUL, _SAVE_AGAIN)
        return text
    raise InputError(_ENCODING, _SAVE_AGAIN)


def _delimiter(text: str) -> str:
    """The delimiter under which most records at the top agree on their number of fields; a `sep=` line decides before that."""
    if text[:4].lower() == "sep=" and text[4:5] in _DELIMITERS:
        return text[4]
    top = text[:_SAMPLE_LENGTH]
    return max(_DELIMITERS, key=lambda delimiter: _agreement(top, delimiter))


def _agreement(text: str, delimiter: str) -> int:
    widths: Counter[int] = Counter()
    try:
        for record in itertools.islice(_reader(text, delimiter), _SAMPLE):
            widths[len(record)] += 1
    except csv.Error:  # under a wrong delimiter, or a fault that the reading itself reports
        pass
    return max(((width - 1) * count**2 for width, count in widths.items() if width > 1), default=0)


def _records(text: str, delimiter: str) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    try:
        rows.extend(itertools.islice(_reader(text, delimiter), MAX_ROWS + 1))
    except csv.Error as error:
        raise InputError(_QUOTES.fill(record=len(rows) + 1), _MEND_QUOTES) from error
    if len(rows) > MAX_ROWS:
        raise InputError(_TOO_LONG.fill(limit=MAX_ROWS), _SPLIT)
    return rows


def _reader(text: str, delimiter: str) -> Iterator[list[Any]]:
    # strict: a quote that is never closed would else swallow the rest of the file
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
