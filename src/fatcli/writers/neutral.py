"""Text from a workbook made harmless: as a cell, and in the name of a file."""

import re
import unicodedata

import polars as pl

from fatcli.terminal import TURNING
from fatcli.violations import MASK, NUMBERS, UNSEEN

# both engines, Python's and that of Polars, read these patterns
_NOT_IN_XML = f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{TURNING}\ufffe\uffff]"
_STARTS_FORMULA = "^[=+\\-@\t\r\n]"
_CELL_UNSEEN, _FORMULA = re.compile(_NOT_IN_XML), re.compile(_STARTS_FORMULA)
_RETURN = "\r\n?"  # on a terminal it would go back and write over the line
_LONGEST_CELL = 32_767  # Excel's own limit: a longer text is no text to it

_NUMBERS, _UNSEEN = tuple(map(re.compile, NUMBERS)), re.compile(UNSEEN)
_NOT_IN_FILE_NAME = re.compile(r"[^A-Za-z0-9]+")


def cell_text(text: str) -> str:
    """A text for csv or xlsx: never a formula, and without what XML forbids."""
    clean = xml_text(text)
    if "\r" in clean:
        clean = re.sub(_RETURN, "\n", clean)
    return ("'" + clean if _FORMULA.match(clean) else clean)[:_LONGEST_CELL]


def xml_text(text: str) -> str:
    """A text without what XML forbids."""
    return _CELL_UNSEEN.sub("", text)


def cell_texts(column: pl.Expr) -> pl.Expr:
    """`cell_text` for a text column."""
    clean = column.str.replace_all(_NOT_IN_XML, "").str.replace_all(_RETURN, "\n")
    return pl.when(~clean.str.contains(_STARTS_FORMULA)).then(clean).otherwise("'" + clean).str.slice(0, _LONGEST_CELL)


def name_text(text: str) -> str:
    """A file's or sheet's name without what looks like an identity number."""
    hidden = seen = _UNSEEN.sub("", text)
    for number in _NUMBERS * 2:  # twice: numbers side by side share the character between them
        hidden = number.sub(rf"\g<1>{MASK}\g<2>", hidden)
    return text if hidden == seen else hidden


def file_name_part(text: str, longest: int = 40) -> str:
    """ASCII letters, digits and single hyphens, without identity numbers; unequal texts may give equal parts."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    hidden = name_text(ascii_only).replace(MASK, "")
    return _NOT_IN_FILE_NAME.sub("-", hidden).strip("-")[:longest].strip("-")
