"""Month grids: one row per placement, one column per day, and the month from wherever the sheet says it."""

import calendar
import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from fatcli.faults import cell_faults, completed, faults, set_aside
from fatcli.headers import Header
from fatcli.model import CODES, GRID, Month, folded_header
from fatcli.sheets import Sheet, cell_text, day_name
from fatcli.values import ERROR, Words, codes, month, month_number, numbers, parse
from fatcli.workbook import Grid

STATUS = pl.Enum(list(CODES["status"]))
_MOST_BY_CHANCE = 20  # cells of a row that are the numbers of their days
MOST_HOURS = 24


class Grids(NamedTuple):
    """All month grids.

    `rows`: source, row, placement_id, month (Date, its first day), days_stated (Int64), rule.
    `cells`: the filled day cells: placement_id, date, status, hours (Float64), source, row, col, rule.
    `rule`: the fault that sets the row or cell aside, else null.
    """

    rows: pl.DataFrame
    cells: pl.DataFrame
    faults: pl.DataFrame


class _Laid(NamedTuple):
    """A month grid laid out.

    `rows`: row; placement_id, month, days_stated as texts; first (the month's first day, null: can't be told); undated: its days need a
    month.
    `cells`: row, col, value, date (null: the month lacks the day, or can't be told), lacking (the former).
    `conflict`: why the month can't be known (T10), as the months or days that differ, empty where none is said; None: it can.
    """

    rows: pl.DataFrame
    cells: pl.DataFrame
    conflict: str | None


def read_grids(sheets: Mapping[int, Sheet], known: Words) -> Grids:
    """The month grids, numbered by source: a fault sets its cell aside, one of the placement or the month the cells of its row."""
    laid = {source: _lay_out(sheet) for source, sheet in sheets.items()}
    conflicts = {source: grid.conflict for source, grid in laid.items() if grid.conflict is not None}
    seconds = {source: row for source, sheet in sheets.items() if (row := _second_header(sheet))}
    raw = _numbered({source: grid.rows.filter(pl.col("row") != seconds.get(source, 0)) for source, grid in laid.items()})
    rows, found = _read_rows(raw, list(conflicts), seconds)
    cells = _numbered({source: grid.cells for source, grid in laid.items()})
    cells = cells.join(rows.select("source", "row", "placement_id", row_rule="rule"), on=["source", "row"])
    reports, unreadable = _read_cells(cells, known)
    at_header = {source: (sheets[source].header.row, conflict) for source, conflict in conflicts.items()}
    stacked = {source: (row, _key_text(sheets[source], row)) for source, row in seconds.items() if source not in conflicts}
    return Grids(rows, reports, pl.concat([_month_missing(sheets, at_header), _month_missing(sheets, stacked), found, unreadable]))


def _second_header(sheet: Sheet) -> int | None:
    """The row where another grid begins below the first: its key or its days are called as headers are.

    Its month may be another, but for rows that say their own.
    """
    if "month" in sheet.header.columns:
        return None
    days = sheet.header.days.items()
    as_day = [pl.col(day_name(col)).str.extract(r"(\d+)").eq(str(heading.day)).fill_null(value=False) for col, heading in days]
    rows = sheet.rows.select("row", "placement_id", numbered=pl.sum_horizontal(as_day) >= _MOST_BY_CHANCE)
    keys = sheet.header.keys
    return next((row for row, text, numbered in rows.iter_rows() if numbered or folded_header(text or "") in keys), None)


def _key_text(sheet: Sheet, row: int) -> str:
    return cell_text(sheet.grid, row, sheet.header.columns["placement_id"])


def _numbered(parts: Mapping[int, pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frame.with_columns(source=pl.lit(source, pl.Int32)) for source, frame in parts.items())


def _month_missing(sheets: Mapping[int, Sheet], conflicts: Mapping[int, tuple[int, str]]) -> pl.DataFrame:
    """T10, at the row of a header, with what is found there."""
    return faults(
        {
            "rule": "T10",
            "source": source,
            "row": row,
            "col": sheets[source].header.columns["placement_id"],
            "column": "placement_id",
            "expected": "month",
            "detail": conflict or None,
        }
        for source, (row, conflict) in conflicts.items()
    )


def _read_rows(raw: pl.DataFrame, conflicts: list[int], seconds: Mapping[int, int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    placement, stated = (parse(raw[name], GRID.column(name), {}) for name in ("placement_id", "days_stated"))
    ends = raw["source"].replace_strict(seconds, default=None, return_dtype=pl.UInt32)  # where another grid begins
    judged = ~raw["source"].is_in(conflicts) & (raw["row"] < ends).fill_null(value=True)

    def found(column: str, expected: str, rule: str, where: pl.Series) -> pl.DataFrame:
        cells = raw.filter(judged & where).select("source", "row", value=column)
        return cell_faults(cells, rule=pl.lit(rule), column=pl.lit(column), expected=pl.lit(expected))

    of_rows = [
        found("placement_id", "identifier", "T03", placement.is_null()),
        found("month", "month", "T02", raw["month"].is_not_null() & raw["first"].is_null()),
        found("month", "month", "T03", raw["undated"]),
    ]
    of_stated = found("days_stated", "whole", "T02", raw["days_stated"].is_not_null() & stated.is_null())
    rows = raw.select("source", "row", placement, month="first", days_stated=stated)
    rows = set_aside(rows, pl.concat(of_rows)).with_columns(rule=pl.when(judged).then("rule").otherwise(pl.lit("T10")))
    return rows, pl.concat([*of_rows, of_stated])


def _lay_out(sheet: Sheet) -> _Laid:
    header = sheet.header
    rows = completed(sheet.rows, {"row": pl.UInt32(), **{name: pl.String() for name in ("placement_id", "month", "days_stated")}})
    by_text = {text: month(text) for text in rows["month"].unique().drop_nulls()}
    in_rows = {found for found in by_text.values() if found}
    stated = _stated_months(sheet.grid, header)
    dated = {Month.of(heading.date) for heading in header.days.values() if heading.date}
    numbered = any(heading.date is None for heading in header.days.values())
    default = min(stated or (dated if len(dated) == 1 else ()), key=str, default=None)
    said = {text: found.first for text, found in by_text.items() if found}
    first = pl.col("month").replace_strict(list(said), list(said.values()), default=None, return_dtype=pl.Date)
    unsaid = pl.col("month").is_null()
    rows = rows.with_columns(first=pl.when(unsaid).then(pl.lit(default and default.first, pl.Date)).otherwise(first))
    rows = rows.with_columns(undated=unsaid & pl.col("first").is_null() & numbered)
    if rows["undated"].any() and not by_text:
        return _Laid(rows, _cells(sheet, rows), "")
    return _Laid(rows, _cells(sheet, rows), _conflict(header, stated, in_rows, dated) or _other_name(sheet.grid.sheet, stated | dated))


def _stated_months(grid: Grid, header: Header) -> set[Month]:
    """The months that the title rows and the sheet's name state."""
    titles = grid.cells.head(header.row - 1).rows()
    texts = {grid.sheet, *(cell for row in titles for cell in row if cell)}
    return {found for found in map(month, texts) if found}


def _conflict(header: Header, stated: set[Month], in_rows: set[Month], dated: set[Month]) -> str | None:
    """The months, or the days with the wrong weekday, that contradict each other."""
    said = stated | in_rows
    if len(stated) > 1 or (stated and in_rows - stated) or (dated and said - dated):
        return ", ".join(sorted(map(str, said | dated)))
    wrong = sorted(day for found in said | dated for day in _wrong_weekdays(header, found))
    return ", ".join(map(str, wrong)) or None


def _other_name(sheet: str, said: set[Month]) -> str | None:
    """A sheet called Maj is not of April, though its name alone doesn't tell the year: the months that are said, and its name."""
    number = month_number(sheet)
    others = number and any(found.number != number for found in said)
    return ", ".join([*sorted(map(str, said)), sheet]) if others else None


def _wrong_weekdays(header: Header, found: Month) -> list[dt.date]:
    """The days whose weekday is not the one in their heading."""
    days = [
        (found.first.replace(day=heading.day), heading.weekdays)
        for heading in header.days.values()
        if heading.weekdays and heading.day <= calendar.monthrange(found.year, found.number)[1]
    ]
    return [day for day, weekdays in days if day.weekday() not in weekdays]


def _cells(sheet: Sheet, rows: pl.DataFrame) -> pl.DataFrame:
    days = pl.DataFrame(
        [(day_name(col), col, heading.day, heading.date) for col, heading in sheet.header.days.items()],
        schema={"name": pl.String(), "col": pl.UInt16(), "day": pl.Int64(), "heading": pl.Date()},
        orient="row",
    )
    long = sheet.rows.unpivot(list(days["name"]), index="row", variable_name="name").drop_nulls("value")
    filled = long.join(days, on="name").join(rows.select("row", "first"), on="row")
    in_month = pl.col("first") + pl.duration(days=pl.col("day") - 1)
    date = pl.coalesce("heading", pl.when(in_month.dt.month() == pl.col("first").dt.month()).then(in_month))
    return filled.select("row", "col", "value", date=date, lacking=date.is_null() & pl.col("first").is_not_null())


def _read_cells(cells: pl.DataFrame, known: Words) -> tuple[pl.DataFrame, pl.DataFrame]:
    read = _with_values(cells, known).with_columns(rule=_cell_rule())
    untold = pl.col("row_rule").eq_missing(pl.lit("T10"))
    lacking, number = pl.when("lacking"), pl.when(pl.col("number").is_not_null())
    found = cell_faults(
        read.filter(pl.col("rule").is_not_null() & ~untold),
        column=lacking.then(pl.lit("date")).otherwise(number.then(pl.lit("hours")).otherwise(pl.lit("status"))),
        expected=lacking.then(pl.lit("day")).otherwise(number.then(pl.lit("hours")).otherwise(pl.lit("code:status or hours"))),
        detail=pl.when(pl.col("rule") == "T06").then("value"),
    )
    rule = pl.when(untold).then("row_rule").otherwise(pl.coalesce("rule", "row_rule"))
    date = pl.when(~untold).then("date")
    return read.select("placement_id", date, "status", "hours", "source", "row", "col", rule.alias("rule")), found


def _with_values(cells: pl.DataFrame, known: Words) -> pl.DataFrame:
    """The cells with number, status and hours: a code, or a number of hours."""
    cells = cells.with_columns(code=codes(cells["value"], "status", known), number=numbers(cells["value"]))
    worked = pl.col("code").is_null() & pl.col("number").is_between(0, MOST_HOURS, closed="right")
    by_hours = pl.when(worked).then(pl.lit("present")).when(pl.col("number") == 0).then(pl.lit("off")).cast(STATUS)
    return cells.with_columns(status=pl.coalesce("code", by_hours), hours=pl.when(worked).then("number"))


def _cell_rule() -> pl.Expr:
    unknown = pl.col("status").is_null()
    # what Excel holds as a date, a time or a truth value is no text that could be a code
    no_text = pl.col("number").is_not_null() | pl.col("value").str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2} |^(?i:true|false)$")
    error = pl.col("value").str.starts_with(ERROR)
    return (
        pl.when(error)
        .then(pl.lit("T07"))
        .when(pl.col("lacking") | (unknown & no_text))
        .then(pl.lit("T02"))
        .when(unknown)
        .then(pl.lit("T06"))
    )
