"""Cell texts to values: one parser per kind of column, null where the text can't be read.

A parser takes an expression of trimmed texts (null = empty cell) and gives one of their values.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal

import polars as pl

from fatcli.model import BLANKS, CODES, MOST_ORE, Column, Kind, Month, Table, Vocabulary, folded_word, ore

Words = Mapping[str, Mapping[str, str]]
"""Vocabulary -> word in lower case -> canonical code."""

# An error cell travels among the texts as this mark and its error, a formula saved without a value as the mark alone.
# No file format can hold NUL in a text.
ERROR = "\x00"

_KEPT = ("text", "identifier", "participant")  # kinds whose texts are values as they stand, nearly

DTYPES: Mapping[Kind, pl.DataType] = {
    "text": pl.String(),
    "identifier": pl.String(),
    "participant": pl.String(),
    "date": pl.Date(),
    "time": pl.Time(),
    "number": pl.Float64(),
    "whole": pl.Int64(),
    "amount": pl.Int64(),
}

NOT_READ = ("note",)  # notes never leave the workbook
PLACE: Mapping[str, pl.DataType] = {"source": pl.Int32(), "row": pl.UInt32()}  # of a row
COL: Mapping[str, pl.DataType] = {"col": pl.UInt16()}

_MONTHS = (
    ("januari", "january", "jan"),
    ("februari", "february", "feb", "febr"),
    ("mars", "march", "mar"),
    ("april", "apr"),
    ("maj", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("augusti", "august", "aug"),
    ("september", "sep", "sept"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
MONTH_NUMBERS: Mapping[str, int] = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
_ISO_DAY = rf"^([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})(?:[ T]{_CLOCK})?$"
_COMPACT_DAY = r"^([0-9]{4})([0-9]{2})([0-9]{2})$"
_SLASHED_DAY = r"^(?<day>[0-9]{1,2})/(?<month>[0-9]{1,2})\s+(?<year>[0-9]{4})$"
_NAMED_DAY = r"^(?<day>[0-9]{1,2})\.?\s+(?<month>[a-z]+)\.?\s+(?<year>[0-9]{4})$"
_NUMBER = r"^[+-]?[0-9]+(?:[.,][0-9]+)?$"
_GROUPED = r"^[+-]?[0-9]{1,3}(?:\s[0-9]{3})+(?:[.,][0-9]+)?$"
_AMOUNT = re.compile(r"-?([0-9]{1,12})(?:[.,]([0-9]{1,20}))?")
_GROUPED_AMOUNT = re.compile(r"-?[0-9]{1,3}(?:\s[0-9]{3})+(?:[.,][0-9]+)?")
_MONTH = re.compile(r"(?:[^\W\d][^\d]*[\s:])?(?:([0-9]{4})-([0-9]{2})|([a-z]+)\.?\s+([0-9]{4}))")
_EXCEL_DIGITS = 15


def dtype(column: Column) -> pl.DataType:
    """The type of a column's values in the frames; an amount is in öre."""
    return _code_type(column.codes) if column.codes else DTYPES[column.kind]


def columns_read(table: Table) -> list[Column]:
    """A table's columns but for those of NOT_READ."""
    return [column for column in table.columns if column.name not in NOT_READ]


def schema_of(table: Table) -> dict[str, pl.DataType]:
    """The types of a table's rows: its columns that are read, and their place; in a month grid a day's column is part of it."""
    columns = {column.name: dtype(column) for column in columns_read(table)}
    return {**columns, **PLACE, **(COL if table.name == "attendance" else {})}


def _code_type(name: str) -> pl.DataType:
    # a rule book may have services that the program does not know
    return pl.String() if name == "service" else pl.Enum(list(CODES[name]))


def words(vocabulary: Vocabulary) -> Words:
    """Every word that stands for a code: the canonical code, the known words, and those that the rule book adds."""
    return {name: {folded_word(word): code for code, known in vocabulary.known(name).items() for word in (code, *known)} for name in CODES}


def parsed(frame: pl.DataFrame, columns: Sequence[Column], known: Words) -> pl.DataFrame:
    """The columns' texts as values of their `dtype`; null where the cell is empty, faulty, or can't be read.

    Dates, hours and codes repeat by the thousand, so each differing text is read once, for all columns of its kind together.
    """
    alike: dict[tuple[Kind, str | None], list[str]] = {}
    for column in columns:
        if column.kind not in _KEPT:
            alike.setdefault((column.kind, column.codes), []).append(column.name)
    each = frame.select(pl.col(names).unique().implode() for names in alike.values())
    read = {column.name: _PARSERS[column.kind](pl.col(column.name)) for column in columns if column.kind in _KEPT}
    for (kind, vocabulary), names in alike.items():
        texts = pl.concat(each[name][0] for name in names).unique().drop_nulls()
        values = _codes(texts, vocabulary, known) if vocabulary else _values(texts, kind)
        read |= {name: pl.col(name).replace_strict(texts, values, default=None, return_dtype=values.dtype) for name in names}
    return frame.select(read[column.name] for column in columns)


def _values(texts: pl.Series, kind: Kind) -> pl.Series:
    return texts.to_frame("cell").select(_PARSERS[kind](pl.col("cell"))).to_series()


def parse(text: pl.Series, column: Column, known: Words) -> pl.Series:
    """`parsed` of one column."""
    return parsed(text.to_frame(column.name), [column], known).to_series().alias(text.name)


def trimmed(text: pl.Expr) -> pl.Expr:
    """The text without blanks at its edges; null if nothing is left."""
    return text.str.strip_chars(BLANKS).replace("", None)


def as_word(text: pl.Expr) -> pl.Expr:
    """Trimmed texts as model.folded_word folds one."""
    return text.str.to_lowercase().str.replace_all(r"\s+", " ")


def codes(text: pl.Series, name: str, known: Words) -> pl.Series:
    """Canonical codes of a vocabulary, as its Enum; services as String."""
    each = text.unique().drop_nulls()
    return text.replace_strict(each, _codes(each, name, known), default=None, return_dtype=_code_type(name))


def _codes(texts: pl.Series, name: str, known: Words) -> pl.Series:
    found = as_word(pl.col("cell")).replace_strict(list(known[name]), list(known[name].values()), default=None, return_dtype=pl.String)
    return texts.to_frame("cell").select(found.cast(_code_type(name))).to_series()


def numbers(text: pl.Series) -> pl.Series:
    """Float64: comma or point, thousands set apart by spaces."""
    return parse(text, Column("number", "number"), {})


def dates(text: pl.Series) -> pl.Series:
    """Date: real dates and the written forms; a bare serial number is none."""
    return parse(text, Column("date", "date"), {})


def month(text: str) -> Month | None:
    """The month that a title, a sheet's name or a cell states: `2024-05`, `maj 2024`, `Månad: maj 2024`, or a date."""
    folded = folded_word(text)
    found = _MONTH.fullmatch(folded)
    if found is None:
        day = dates(pl.Series([folded]))[0] if folded[:1].isdecimal() else None
        return Month.of(day) if day else None
    number = int(found[2]) if found[2] else MONTH_NUMBERS.get(found[3], 0)
    year = int(found[1] or found[4])
    return Month(year, number) if 1 <= number <= 12 and year >= 1900 else None


def month_number(text: str) -> int | None:
    """The month that a sheet's name without a year states: `Maj`, `Närvaro maj`."""
    return MONTH_NUMBERS.get(folded_word(text).rstrip(".").removeprefix("närvaro ").removeprefix("attendance "))


def _text(cell: pl.Expr) -> pl.Expr:
    return pl.when(~cell.str.starts_with(ERROR)).then(cell)


def _identifier(cell: pl.Expr) -> pl.Expr:
    return _text(cell).str.replace(r"^(-?[0-9]+)\.0+$", "$1")


def _date(cell: pl.Expr) -> pl.Expr:
    folded = cell.str.to_lowercase()
    slashed, named = folded.str.extract_groups(_SLASHED_DAY), folded.str.extract_groups(_NAMED_DAY)
    by_name = named.struct["month"].replace_strict(list(MONTH_NUMBERS), list(MONTH_NUMBERS.values()), default=None)
    written = pl.coalesce(
        pl.when(cell.str.contains(_ISO_DAY)).then(cell.str.slice(0, 10)),
        pl.when(cell.str.contains(_COMPACT_DAY)).then(cell.str.replace(_COMPACT_DAY, "$1-$2-$3")),
        _written(slashed, slashed.struct["month"]),
        _written(named, by_name.cast(pl.String)),
    )
    day = written.str.to_date("%Y-%m-%d", strict=False)
    # Before 1900 Excel knows no dates: such a day is a time of day without one, or a slip of the pen.
    return pl.when(day >= pl.date(1900, 1, 1)).then(day)


def _written(parts: pl.Expr, month_number: pl.Expr) -> pl.Expr:
    return pl.concat_str(parts.struct["year"], month_number.str.zfill(2), parts.struct["day"].str.zfill(2), separator="-")


def _time(cell: pl.Expr) -> pl.Expr:
    dated = cell.str.extract(rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ T]({_CLOCK})$")
    # Times come on the last day of 1899: midnight of a later day is a date in the wrong column, not a time.
    date_only = cell.str.contains(r"^(?:19|[2-9][0-9])[0-9]{2}-.{5}[ T]00:00(?::00)?$")
    clock = cell.str.extract(rf"^({_CLOCK})$")
    short = cell.str.extract(r"^([0-9]:[0-5][0-9](?::[0-5][0-9])?)$").str.replace("^", "0")
    # One digit before the point would be a decimal number: a time of day that lost its format.
    dotted = cell.str.extract(r"^((?:[01][0-9]|2[0-3])\.[0-5][0-9])$").str.replace(".", ":", literal=True)
    found = pl.coalesce(pl.when(~date_only).then(dated), clock, short, dotted)
    return pl.concat_str(found, pl.lit(":00")).str.slice(0, 8).str.to_time("%H:%M:%S", strict=False)


def _number(cell: pl.Expr) -> pl.Expr:
    plain = pl.when(cell.str.contains(_GROUPED)).then(cell.str.replace_all(r"\s", "")).otherwise(cell)
    value = pl.when(plain.str.contains(_NUMBER)).then(plain.str.replace(",", ".", literal=True)).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def _whole(cell: pl.Expr) -> pl.Expr:
    value = _number(cell)
    return pl.when((value == value.floor()) & (value.abs() < 2**53)).then(value).cast(pl.Int64)


def _amount(cell: pl.Expr) -> pl.Expr:
    return cell.map_batches(lambda texts: pl.Series([_ore(text) for text in texts], dtype=pl.Int64), return_dtype=pl.Int64)


def _ore(text: str) -> int | None:
    """Öre of one amount; digits beyond the fifteen that Excel keeps are the noise of a binary number."""
    plain = re.sub(r"\s", "", text) if _GROUPED_AMOUNT.fullmatch(text) else text
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        return None
    amount = plain.replace(",", ".")
    if found[2] and len(found[2]) > 2 and len((found[1] + found[2]).lstrip("0")) > _EXCEL_DIGITS:
        amount = f"{Context(prec=_EXCEL_DIGITS).create_decimal(Decimal(amount)).normalize():f}"
    try:
        found_ore = ore(amount)
    except ValueError:
        return None
    return found_ore if found_ore <= MOST_ORE else None


_PARSERS: Mapping[Kind, Callable[[pl.Expr], pl.Expr]] = {
    "text": _text,
    "identifier": _identifier,
    "participant": _identifier,
    "date": _date,
    "time": _time,
    "number": _number,
    "whole": _whole,
    "amount": _amount,
}
