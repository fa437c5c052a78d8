"""Frames of faults: what the reader found wrong, cell by cell, and the rows that fall with it."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from fatcli.model import TABLES, Vocabulary
from fatcli.texts import Text
from fatcli.values import ERROR

_LONGEST = 200  # characters of a cell that are told; a cell may hold 32 767, in every row

# A fault is a T violation: what the reader found.
FAULTS: Mapping[str, pl.DataType] = {
    "rule": pl.String(),  # T01 … T11
    "source": pl.Int32(),  # index into Tables.sources; null: the sheet is no table (then file and sheet say where)
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.UInt32(),  # 1-based; null: the whole sheet
    "col": pl.UInt16(),  # 0-based; null: the whole row
    "column": pl.String(),  # canonical name, or for an unknown column its header
    "value": pl.String(),  # the cell's text as read; an error cell's error, e.g. #N/A; of T01 the headers found
    "expected": pl.String(),  # what was expected there: a Kind, "code:<vocabulary>", "table:<name>" …; see expected_text
    "table": pl.String(),  # canonical table name, null where unknown
    "placement": pl.String(),  # where the row tells it
    "organiser": pl.String(),
    "detail": pl.String(),  # free for the message: e.g. the missing columns of T01, the count of T11
}

_EXPECTED: Mapping[str, Text] = {
    "text": Text("en text", "a text"),
    "identifier": Text("en beteckning", "an identifier"),
    "participant": Text("ett person- eller organisationsnummer", "an identity number"),
    "date": Text(
        "ett datum: en datumcell, eller text som 2024-05-03, 20240503, 3/5 2024 eller 3 maj 2024",
        "a date: a date cell, or a text such as 2024-05-03, 20240503, 3/5 2024 or 3 maj 2024",
    ),
    "time": Text("ett klockslag med kolon, till exempel 08:30", "a time of day with a colon, such as 08:30"),
    "number": Text("ett tal, till exempel 7,5", "a number, such as 7.5"),
    "whole": Text("ett heltal, till exempel 12", "a whole number, such as 12"),
    "amount": Text(
        "ett belopp i kronor med högst två decimaler, till exempel 369,30", "an amount in SEK with at most two decimals, such as 369.30"
    ),
    "day_heading": Text(
        "en dag i månaden som rubrik, eftersom en dag saknas bland rubrikerna", "a day of the month, as one is lacking among the headings"
    ),
    "day_once": Text("varje dag en enda gång bland rubrikerna", "each day once among the headings"),
    "once": Text("samma värde som i den andra kolumnen med samma namn", "the same value as in the other column of that name"),
    "no_field": Text(
        "inget mer fält, eftersom rubrikraden inte har fler; ett decimalkomma delar ett fält i två",
        "no further field, as the header has no more; a decimal comma makes two fields of one",
    ),
    "not_before": Text("en dag som inte är före den första", "a day that is not before the first one"),
    "month": Text("en månad, till exempel 2024-05 eller maj 2024", "a month, such as 2024-05 or maj 2024"),
    "hours": Text("ett antal timmar från 0 till 24", "a number of hours from 0 to 24"),
    "day": Text("en tom cell, eftersom månaden saknar dagen", "an empty cell, as the month lacks the day"),
    "component": Text("en ersättning som insatsen har", "a component that the service has"),
    "unique": Text("en enda rad med samma nyckel", "a single row with that key"),
    "unsaved": Text("ett sparat värde för formeln", "a saved value of the formula"),
}


def faults(rows: Iterable[Mapping[str, object]] = ()) -> pl.DataFrame:
    """A frame of faults from a few rows; columns that a row lacks are null."""
    return pl.DataFrame(list(rows), schema=FAULTS, orient="row")


def cell_faults(cells: pl.DataFrame, **columns: pl.Expr) -> pl.DataFrame:
    """Faults of cells: one for each row of `cells` (source, row, value, and col where the column doesn't tell it).

    `columns`: at least rule, column and expected; an error cell is T07 whatever they say.
    """
    # A real number in the place of a code reads `1.0`, lest it be taken for the code; its cell says 1.
    cells = cells.with_columns(pl.col("value").str.replace(r"^([0-9]+)\.0$", "$1"))
    marked, saved = pl.col("value").str.starts_with(ERROR), pl.col("value") != ERROR
    return completed(
        cells.with_columns(**columns).with_columns(
            rule=pl.when(marked).then(pl.lit("T07")).otherwise("rule"),
            expected=pl.when(saved.fill_null(value=True)).then("expected").otherwise(pl.lit("unsaved")),
            # a time of day, and a day, as the sheet shows them
            value=pl.when(saved).then(
                _shortened(pl.col("value").str.strip_prefix(ERROR))
                .str.replace(r"^1899-12-31 ", "")
                .str.replace(r"^(\d{4}-\d\d-\d\d) 00:00:00$", "$1")
            ),
        ),
        FAULTS,
    )


def _shortened(text: pl.Expr) -> pl.Expr:
    """A text as long as a message can bear; it ends in a letter, lest half an identity number be left, which nothing would mask."""
    begin = text.str.slice(0, _LONGEST).str.replace(r"[^\p{L}]+$", "")
    return pl.when(text.str.len_chars() > _LONGEST).then(begin + " …").otherwise(text)


def completed(frame: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The frame with exactly these columns, null where it had none."""
    return frame.select((pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name) for name, dtype in schema.items())


def set_aside(frame: pl.DataFrame, found: pl.DataFrame, place: Sequence[str] = ("source", "row")) -> pl.DataFrame:
    """The frame with `rule`: the first fault found at each row's place, null where the row stands."""
    if found.is_empty():
        return frame.with_columns(rule=pl.lit(None, pl.String))
    first = found.select(*place, "rule").unique(place, keep="first", maintain_order=True)
    return frame.join(first, on=place, how="left", maintain_order="left")


def expected_text(expected: str, vocabulary: Vocabulary) -> Text:
    """A fault's `expected` in words: `date` -> a date, such as 2024-05-03; `code:status` and `table:placements` -> what they hold.

    `code:status or hours`: what else than a code may stand there.
    """
    kind, _, name = expected.partition(":")
    if kind == "table":
        return Text("ett värde som finns i tabellen {table}", "a value that the table {table} has").fill(table=TABLES[name].title)
    if kind == "code":
        name, _, other = name.partition(" or ")
        codes = vocabulary.known(name)
        # a canonical code in small letters is an English word
        swedish = (known[0] if code.islower() else code for code, known in codes.items())
        one_of = Text("något av {codes}", "one of {codes}").fill(codes=Text(", ".join(swedish), ", ".join(codes)))
        return Text("{code}, eller {other}", "{code}, or {other}").fill(code=one_of, other=_EXPECTED[other]) if other else one_of
    return _EXPECTED[kind]
