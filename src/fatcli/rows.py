"""The registers and the long layout of attendance: one row, one thing, and a fault sets the row aside."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import polars as pl

from fatcli.faults import cell_faults, completed, faults, set_aside
from fatcli.model import Column, Table
from fatcli.sheets import Sheet
from fatcli.values import PLACE, Words, as_word, columns_read, parsed

_DATED = ("contracts", "pauses")


class Rows(NamedTuple):
    """A table's rows from all its sheets.

    `typed`: source, row, the table's columns, and rule: the fault that sets the row aside, else null.
    `merged`: the source of each row left out because an equal one stands before it.
    """

    typed: pl.DataFrame
    faults: pl.DataFrame
    merged: pl.Series


def read_rows(
    sheets: Mapping[int, Sheet], table: Table, known: Words, components: Mapping[str, Mapping[str, str]], doubtful: pl.DataFrame
) -> Rows:
    """The rows of a table's sheets, numbered by source, in order of source and row. `doubtful`: source and row of those never merged."""
    columns = columns_read(table)
    schema = {**PLACE, **{column.name: pl.String() for column in columns}}
    raw = pl.concat(completed(sheet.rows.with_columns(source=source), schema) for source, sheet in sheets.items())
    typed = raw.select("source", "row").hstack(parsed(raw, columns, known))
    if table.name == "contracts":
        typed = _with_components(typed, components)
    first = pl.Series(dtype=pl.UInt32) if table.name == "attendance" else _repeated(raw, typed, doubtful)
    merged = raw["source"].gather(first)
    if len(first):
        stands = ~pl.int_range(pl.len()).is_in(first.implode())
        raw, typed = raw.filter(stands), typed.filter(stands)
    found = pl.concat([_unreadable(raw, typed, columns), _backwards(raw, typed, table), _differing(typed, table)])
    return Rows(set_aside(typed, found), found, merged)


def _with_components(typed: pl.DataFrame, components: Mapping[str, Mapping[str, str]]) -> pl.DataFrame:
    """The contracts with the id of each component, null where the service has no such component."""
    known = {f"{service} {word}": component for service, words in components.items() for word, component in words.items()}
    named = pl.concat_str("service", pl.lit(" "), as_word(pl.col("component")))
    found = named.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)
    return typed.with_columns(component=pl.when(pl.col("service").is_null()).then("component").otherwise(found))


def _repeated(raw: pl.DataFrame, typed: pl.DataFrame, doubtful: pl.DataFrame) -> pl.Series:
    """The indices of rows that are equal to one before them in every column, whatever their spelling, and say nothing else."""
    names = [name for name in typed.columns if name not in PLACE]
    same = typed.select(pl.col(name).cast(pl.String).fill_null(raw[name]) for name in names)
    again = ~same.select(pl.struct(names).is_first_distinct()).to_series()
    sure = typed.join(doubtful.select("source", "row", _unsure=True).unique(), on=["source", "row"], how="left", maintain_order="left")
    return (again & sure["_unsure"].is_null()).arg_true()


def _unreadable(raw: pl.DataFrame, typed: pl.DataFrame, columns: Collection[Column]) -> pl.DataFrame:
    """T02, T06 and T07 for cells that can't be read, T03 for required ones that are empty."""
    found = [faults()]
    for column in columns:
        text, value = raw[column.name], typed[column.name]
        coded = column.codes is not None or column.name == "component"
        named = {"column": pl.lit(column.name), "expected": pl.col("expected")}
        if value.null_count() > text.null_count():
            bad = _cells(raw, typed, column, text.is_not_null() & value.is_null())
            rule, detail = (pl.lit("T06"), pl.col("value")) if coded else (pl.lit("T02"), pl.lit(None))
            found.append(cell_faults(bad, rule=rule, detail=detail, **named))
        if column.required and text.null_count():
            found.append(cell_faults(_cells(raw, typed, column, text.is_null()), rule=pl.lit("T03"), **named))
    return pl.concat(found)


def _backwards(raw: pl.DataFrame, typed: pl.DataFrame, table: Table) -> pl.DataFrame:
    """T02 for a contract's or pause's last day before its first: money hangs on it, and either may be the slip."""
    if table.name not in _DATED:
        return faults()
    cells = raw.filter((typed["to"] < typed["from"]).fill_null(value=False)).select("source", "row", value="to")
    return cell_faults(cells, rule=pl.lit("T02"), column=pl.lit("to"), expected=pl.lit("not_before"))


def _cells(raw: pl.DataFrame, typed: pl.DataFrame, column: Column, where: pl.Series) -> pl.DataFrame:
    return raw.filter(where).select("source", "row", _expected(column, typed.filter(where)), value=column.name)


def _expected(column: Column, typed: pl.DataFrame) -> pl.Series:
    """What each row was to have in the column; a component, one of its service's."""
    if column.name == "component":
        return typed.select(expected=pl.concat_str(pl.lit("component:"), "service").fill_null("component")).to_series()
    return pl.Series("expected", [f"code:{column.codes}" if column.codes else column.kind]).new_from_index(0, typed.height)


def _differing(typed: pl.DataFrame, table: Table) -> pl.DataFrame:
    """T04: rows with the same key, at their key."""
    if not table.key:
        return faults()
    (key,) = table.key
    same = typed.filter(pl.col(key).is_duplicated() & pl.col(key).is_not_null()).select("source", "row", value=key)
    return cell_faults(same, rule=pl.lit("T04"), column=pl.lit(key), expected=pl.lit("unique"))
