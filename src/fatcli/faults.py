"""Frames of faults: what the reader found wrong, cell by cell, and the rows that fall with it."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from fatcli.model import FAULT_COLUMNS
from fatcli.values import ERROR

_LONGEST = 200  # characters of a cell that are told; a cell may hold 32 767, in every row

DTYPES: Mapping[str, pl.DataType] = {name: pl.String() for name in FAULT_COLUMNS} | {
    "source": pl.Int32(),
    "row": pl.UInt32(),
    "col": pl.UInt16(),
}


def faults(rows: Iterable[Mapping[str, object]] = ()) -> pl.DataFrame:
    """A frame of faults from a few rows; columns that a row lacks are null."""
    return pl.DataFrame(list(rows), schema=DTYPES, orient="row")


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
        DTYPES,
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
