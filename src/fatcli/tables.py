"""Grids to typed frames, with the T violations: what can't be read, is missing, stands twice, or refers to nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from fatcli.ambiguous import columns_without_header, header_faults, row_faults
from fatcli.faults import FAULTS, cell_faults, completed, faults
from fatcli.headers import SLIP, Header, Layouts
from fatcli.model import FIELD, GRID, OWN_SHEET, TABLES, InputFile, Source, Vocabulary, column_letter
from fatcli.monthgrid import read_grids
from fatcli.rows import read_rows
from fatcli.sheets import Sheet, read_sheet, unread_placements, unread_reports
from fatcli.texts import nearest
from fatcli.values import COL, PLACE, Words, schema_of, words
from fatcli.workbook import Grid, Workbook

_HEADERS_TOLD = 8
# what contracts, pauses and reports that are set aside are known by
_UNSURE = {"organiser_id", "placement_id", "service", "component", "from", "to", "date"}
_GRID_ROWS = "rows of month grids"  # as a table beside the others, while references are followed

# Table, its column, and the register that must hold what the column says: in order, as a row falls with the row that it refers to.
REFERENCES = (
    ("placements", "organiser_id", "organisers"),
    ("offers", "organiser_id", "organisers"),
    ("supervisors", "organiser_id", "organisers"),
    ("contracts", "organiser_id", "organisers"),
    ("pauses", "placement_id", "placements"),
    ("attendance", "placement_id", "placements"),
    (_GRID_ROWS, "placement_id", "placements"),
)
_RULE: Mapping[str, pl.DataType] = {"rule": pl.String()}
_ATTENDANCE = schema_of(TABLES["attendance"])
_STATED = {"placement_id": pl.String(), "month": pl.Date(), "days_stated": pl.Int64(), **PLACE}
_PARTICIPANTS = {"participant_id": pl.String(), "rule": pl.String(), "placement_id": pl.String()}
_DOUBTS = {
    "organiser_id": pl.String(),
    "placement_id": pl.String(),
    "service": pl.String(),
    "component": pl.String(),
    "from": pl.Date(),
    "to": pl.Date(),
    "daily_only": pl.Boolean(),
    "rule": pl.String(),
}
_REPORTS = {"placement_id": pl.String(), "date": pl.Date(), **PLACE, **COL, **_RULE}


@dataclass(frozen=True)
class Tables:
    """What the workbooks hold, as frames of accepted rows.

    `frames`: table -> its canonical columns in model order, then source Int32, row UInt32; attendance also col UInt16 (the day's
    column in a month grid, else null) and no note. Identifiers and texts are String, dates Date, times Time, numbers Float64, whole
    numbers Int64, amounts Int64 (öre), codes Enum (services String). Rows are in order of file, sheet, row and column. A table that no
    sheet has is absent.
    `stated`: placement_id, month (first day), days_stated, source, row: the organisers' own counts in month grids; null: unreadable.
    `present`: table -> the columns that some sheet of it has. `faults`: faults.FAULTS.
    `set_aside_participants`: participant_id, rule, placement_id of placement rows that were set aside.
    `doubts`: organiser_id, placement_id, service, component, from, to, daily_only, rule: what contracts and pauses that were set
    aside may concern; null: any.
    `set_aside_reports`: placement_id, date, source, row, col, rule of attendance rows and day cells that were set aside, each once, also
    of sheets that are set aside as a whole; placement_id and date are null where they can't be told.
    """

    frames: Mapping[str, pl.DataFrame]
    stated: pl.DataFrame
    present: Mapping[str, frozenset[str]]
    sources: tuple[Source, ...]
    files: tuple[InputFile, ...]
    faults: pl.DataFrame
    set_aside_participants: pl.DataFrame
    doubts: pl.DataFrame
    set_aside_reports: pl.DataFrame

    def table(self, name: str) -> pl.DataFrame:
        """The rows of a table; none where no sheet has it."""
        return self.frames[name] if name in self.frames else empty_table(name)

    def doubtful_days(self) -> pl.DataFrame:
        """placement_id, date of set_aside_reports; an id that the register lacks is null, as it may be a slip for any."""
        registered = pl.concat([self.table("placements")["placement_id"], self.set_aside_participants["placement_id"]])
        known = pl.col("placement_id").is_in(registered.implode())
        return self.set_aside_reports.select(pl.when(known).then("placement_id").alias("placement_id"), "date")


def empty_table(name: str) -> pl.DataFrame:
    """A table without rows, typed as the reader types it."""
    return pl.DataFrame(schema=schema_of(TABLES[name]))


class _Unread(NamedTuple):
    """A sheet of attendance that is set aside as a whole, and its `reports`: those of sheets.unread_reports, with `rule`."""

    source: Source
    reports: pl.DataFrame


class _Sheets(NamedTuple):
    """Those that hold a table, in order; of those set aside as a whole what they tell all the same; faults of sheets and headers."""

    whole: list[Sheet]
    attendance: list[_Unread]
    placements: list[pl.DataFrame]
    faults: list[pl.DataFrame]


def read_tables(workbooks: Iterable[Workbook], vocabulary: Vocabulary, components: Mapping[str, Mapping[str, str]]) -> Tables:
    """Every table of the workbooks. `components`: service -> word as it is compared -> the component that a contract prices by it.

    A row falls with the placement or organiser that it refers to: where that row was set aside, so is this one, by the same rule
    and without a fault of its own. Of equal register rows only the first is counted.
    """
    books = sorted(workbooks, key=lambda book: book.file)
    grids = sorted((grid for book in books for grid in book.grids if not _own(grid)), key=lambda grid: (grid.file, grid.sheet))
    known = words(vocabulary)
    sheets, unread, placements, found = _sheets(grids, vocabulary, known)
    doubtful = pl.concat([faults(), *(row_faults(sheet, source, known) for source, sheet in enumerate(sheets))])
    typed: dict[str, pl.DataFrame] = {}
    merged = [pl.Series(dtype=pl.Int32)]
    for table in TABLES.values():
        if of_table := {source: sheet for source, sheet in enumerate(sheets) if sheet.header.table is table}:
            rows = read_rows(of_table, table, known, components, doubtful)
            typed[table.name] = rows.typed
            found.append(rows.faults)
            merged.append(rows.merged)
    if of_grids := {source: sheet for source, sheet in enumerate(sheets) if sheet.header.table is GRID}:
        grid_rows, cells, unreadable = read_grids(of_grids, known)
        typed[_GRID_ROWS] = grid_rows
        typed["attendance"] = _with_cells(typed.get("attendance"), cells)
        found.append(unreadable)
    if "placements" in typed:
        typed["placements"] = pl.concat([typed["placements"], *placements], how="diagonal")
    found.append(doubtful)
    typed = {name: _set_aside(rows, doubtful) for name, rows in typed.items()}
    lacking = dict(pl.concat(part.filter(whole_sheet()).select("table", "rule") for part in found).iter_rows())
    found += _follow_references(typed, lacking)
    faulty = pl.concat(found)
    return Tables(
        frames={name: _accepted(name, typed[name]) for name in TABLES if name in typed},
        stated=_stated(typed.get(_GRID_ROWS), faulty),
        present=_present(sheets),
        sources=(*_sources(sheets, typed, pl.concat(merged)), *(part.source for part in unread)),
        files=tuple(InputFile(book.file, book.sha256) for book in books),
        faults=_located(faulty, sheets, typed),
        set_aside_participants=_participants(faulty, typed),
        doubts=_doubts(faulty, typed),
        set_aside_reports=_reports(typed, len(sheets), unread),
    )


def _sheets(grids: Sequence[Grid], vocabulary: Vocabulary, known: Words) -> _Sheets:
    layouts = Layouts(vocabulary)
    found = _Sheets([], [], [], [faults()])
    for grid in grids:
        header = layouts.find(grid)
        if header:
            told = _lacking(grid, header) if header.missing else header_faults(grid, header)
            found.faults.append(told)
            if rules := told.filter(whole_sheet())["rule"].to_list():
                _put_aside(found, grid, header, known, rules[0])
            else:
                found.faults.append(_sheet_faults(sheet := read_sheet(grid, header, known), len(found.whole)))
                found.whole.append(sheet)
        elif grid.filled():
            found.faults.append(_no_table(grid, layouts))
    return found


def whole_sheet() -> pl.Expr:
    """The faults for which a whole sheet is set aside: it lacks a column, or can't be read by its header."""
    return pl.col("rule").is_in(["T01", "T02", "T07"]) & pl.col("source").is_null() & pl.col("table").is_not_null()


def _put_aside(found: _Sheets, grid: Grid, header: Header, known: Words, rule: str) -> None:
    if header.table.name == "attendance":
        found.attendance.append(_unread(grid, header, known, rule))
    elif header.table.name == "placements":
        found.placements.append(unread_placements(grid, header, known).with_columns(rule=pl.lit(rule)))


def _set_aside(rows: pl.DataFrame, doubtful: pl.DataFrame) -> pl.DataFrame:
    """The rows with the rule of the fault for which they are set aside, where they are not for another."""
    if doubtful.is_empty():
        return rows
    first = doubtful.group_by("source", "row").agg(_rule=pl.col("rule").first(), _unsure=pl.col("column"))
    beside = rows.join(first, on=["source", "row"], how="left", maintain_order="left")
    beside = beside.with_columns(*map(_if_sure, set(rows.columns) & _UNSURE))
    return beside.with_columns(rule=pl.coalesce("rule", "_rule")).drop("_rule", "_unsure")


def _if_sure(column: str) -> pl.Expr:
    """A value that is known no longer where two cells say it, or, of a last day, where a field too many may have moved it."""
    moved = pl.col("_unsure").list.contains(FIELD) if column in ("from", "to") else pl.lit(value=False)
    unsure = pl.col("_unsure").list.contains(column) | moved
    return pl.when(~unsure.fill_null(value=False)).then(column).alias(column)


def _unread(grid: Grid, header: Header, known: Words, rule: str) -> _Unread:
    reports = unread_reports(grid, header, known)
    rows = reports["row"].n_unique()
    source = Source(grid.file, grid.sheet, "attendance", header.layout, header.columns, rows, reports.height, hidden=grid.hidden)
    return _Unread(source, reports.with_columns(rule=pl.lit(rule)))


def _own(grid: Grid) -> bool:
    """Whether the program itself made the sheet: an explanation, or the list of an annotated copy."""
    at_a1 = grid.columns[:1] == (0,) and grid.cells.height > 0
    return at_a1 and (grid.cells.item(0, 0) or "").startswith(OWN_SHEET)


def _no_table(grid: Grid, layouts: Layouts) -> pl.DataFrame:
    """T08, with the table whose headers misspelt the sheet seems to have."""
    fault: dict[str, object] = {"rule": "T08", "file": grid.file, "sheet": grid.sheet}
    if likely := layouts.resembling(grid):
        table, slips = likely
        fault |= {"table": table.name, "detail": ", ".join(f"{text} ({word}?)" for text, word in slips.items())}
    return faults([fault])


def _lacking(grid: Grid, nearly: Header) -> pl.DataFrame:
    """T01: a header that lacks some of a table's columns."""
    place = {"file": grid.file, "sheet": grid.sheet}
    aliases = {column.name: f"{column.name} ({column.aliases[0]})" for column in nearly.table.columns} | {"days": "1 … 31"}
    missing = ", ".join(aliases[name] for name in nearly.missing)
    col = min((*nearly.columns.values(), *nearly.days))
    cell = {"row": nearly.row, "col": col, "value": _headers_found(grid, nearly)}
    return faults([{"rule": "T01", **place, **cell, "table": nearly.table.name, "detail": missing}])


def _headers_found(grid: Grid, nearly: Header) -> str:
    """The header row's texts, first those of no column, each with the missing column that it may be a slip for: `Dattum (datum?)`."""
    wanted = [word for column in nearly.table.columns if column.name in nearly.missing for word in (column.name, *column.aliases)]
    unknown = [f"{text} ({near}?)" if (near := nearest(text, wanted)) else text for _, text in nearly.unknown]
    cells = dict(zip(grid.columns, grid.cells.row(nearly.row - 1), strict=True))
    known = [" ".join(str(cells[col]).split()) for col in sorted(nearly.columns.values())]
    found = [*unknown, *known]
    return ", ".join(found[:_HEADERS_TOLD]) + (" …" if len(found) > _HEADERS_TOLD else "")


def _sheet_faults(sheet: Sheet, source: int) -> pl.DataFrame:
    """T09 for each unknown header, T11 for the footer."""
    header = sheet.header
    fault: dict[str, object] = {"rule": "T09", "source": source, "row": header.row}
    absent = [word for column in header.table.columns if column.name not in header.columns for word in (column.name, *column.aliases)]
    unknown = [
        {
            **fault,
            "col": col,
            "column": shown,
            "value": shown,
            "detail": nearest(shown, absent, SLIP),
        }
        for col, shown in header.unknown
    ]
    unheaded = [{**fault, "value": column_letter(col), "col": col} for col in columns_without_header(sheet.grid, header)]
    place = {"source": source, "col": sheet.footer_col, "detail": str(len(sheet.footers))}
    footer = [{"rule": "T11", "row": row, **place} for row in sheet.footers[:1]]
    return faults([*unknown, *unheaded, *footer])


def _with_cells(long: pl.DataFrame | None, cells: pl.DataFrame) -> pl.DataFrame:
    """Attendance in one frame, from the long layout and from day cells."""
    parts = [cells] if long is None else [long, cells]
    return pl.concat([completed(part, {**_ATTENDANCE, **_RULE}) for part in parts]).sort("source", "row", "col")


def _follow_references(typed: dict[str, pl.DataFrame], unread: Mapping[str, str]) -> list[pl.DataFrame]:
    """Sets aside the rows that refer to nothing (T05, returned) or to a row or a whole table (`unread`: its rule) that is set aside."""
    found = []
    for name, column, register in REFERENCES:
        if name in typed and register in unread and register not in typed:
            typed[name] = typed[name].with_columns(rule=pl.coalesce("rule", pl.lit(unread[register])))
        if name in typed and register in typed:
            ids = typed[register].select(column, "rule").drop_nulls(column).unique(column, keep="first", maintain_order=True)
            unknown = pl.col(column).is_not_null() & ~pl.col(column).is_in(ids[column].implode())
            found.append(_unknown(typed[name].filter(unknown), column, register, ids[column]))
            fallen = ids.drop_nulls("rule")
            inherited = pl.col(column).replace_strict(fallen[column], fallen["rule"], default=None, return_dtype=pl.String)
            typed[name] = typed[name].with_columns(rule=pl.coalesce("rule", pl.when(unknown).then(pl.lit("T05")), inherited))
    return found


def _unknown(rows: pl.DataFrame, column: str, register: str, ids: pl.Series) -> pl.DataFrame:
    """T05, at the row's reference, with the one id that differs in its spelling only; day cells are left to the row they stand in."""
    in_rows = rows.filter(pl.col("col").is_null()) if "col" in rows.columns else rows
    named = in_rows.filter(pl.col("rule").ne_missing("T10")).select("source", "row", value=column)
    alike = ids.to_frame("id").with_columns(folded=_folded(pl.col("id"))).unique("folded", keep="none")
    meant = _folded(pl.col("value")).replace_strict(alike["folded"], alike["id"], default=None, return_dtype=pl.String)
    return cell_faults(named, rule=pl.lit("T05"), column=pl.lit(column), expected=pl.lit(f"table:{register}"), detail=meant)


def _folded(identifier: pl.Expr) -> pl.Expr:
    """An id without case, signs and leading zeros: `P001` and `p-1` are the same."""
    return identifier.str.to_lowercase().str.replace_all(r"[^\pL\d]", "").str.replace_all(r"(^|\pL)0+(\d)", "$1$2")


def _accepted(name: str, typed: pl.DataFrame) -> pl.DataFrame:
    frame = typed.filter(pl.col("rule").is_null()) if typed["rule"].null_count() < typed.height else typed
    if name == "attendance":
        return completed(frame, _ATTENDANCE)
    return frame.select(*(column.name for column in TABLES[name].columns), "source", "row")


def _stated(grid_rows: pl.DataFrame | None, found: pl.DataFrame) -> pl.DataFrame:
    if grid_rows is None:
        return pl.DataFrame(schema=_STATED)
    unreadable = found.filter(pl.col("column") == "days_stated").select("source", "row", _unreadable=pl.lit(value=True))
    rows = grid_rows.filter(pl.col("rule").is_null()).drop_nulls("month").join(unreadable, on=["source", "row"], how="left")
    return completed(rows.filter(pl.col("days_stated").is_not_null() | pl.col("_unreadable").is_not_null()), _STATED)


def _present(sheets: Sequence[Sheet]) -> dict[str, frozenset[str]]:
    present: dict[str, frozenset[str]] = {}
    for sheet in sheets:
        in_days = ("date", "status", "hours") if sheet.header.days else ()
        name = sheet.header.table.name
        present[name] = present.get(name, frozenset()).union(sheet.header.columns, in_days)
    return present


def _sources(sheets: Sequence[Sheet], typed: Mapping[str, pl.DataFrame], merged: pl.Series) -> tuple[Source, ...]:
    fallen = [typed[name].filter(pl.col("rule").is_not_null())["source"] for name in TABLES if name in typed]
    aside = Counter(source for part in fallen for source in part)
    named = _named(typed)
    left_out = Counter(merged)
    return tuple(
        Source(
            file=sheet.grid.file,
            sheet=sheet.grid.sheet,
            table=sheet.header.table.name,
            layout=sheet.header.layout,
            columns=sheet.header.columns,
            rows=sheet.rows.height - left_out[source],
            set_aside=aside[source],
            hidden=sheet.grid.hidden,
            placements=named.get(source, frozenset()),
        )
        for source, sheet in enumerate(sheets)
    )


def _named(typed: Mapping[str, pl.DataFrame]) -> Mapping[int, frozenset[str]]:
    """The placements that each sheet of attendance names, also in a row of a month grid that has no report."""
    rows = [typed[name].select("source", "placement_id") for name in ("attendance", _GRID_ROWS) if name in typed]
    each = pl.concat(rows).unique().group_by("source").agg(pl.col("placement_id").drop_nulls()) if rows else pl.DataFrame()
    return {source: frozenset(names) for source, names in each.iter_rows()}


def _located(found: pl.DataFrame, sheets: Sequence[Sheet], typed: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The faults with their sheet, table and column, and the placement and organiser that their rows name; in order of place."""
    of_sheet = pl.DataFrame(
        [(source, sheet.grid.file, sheet.grid.sheet, sheet.header.table.name) for source, sheet in enumerate(sheets)],
        schema={"source": pl.Int32(), "its_file": pl.String(), "its_sheet": pl.String(), "its_table": pl.String()},
        orient="row",
    )
    of_column = pl.DataFrame(
        [(source, name, col) for source, sheet in enumerate(sheets) for name, col in sheet.header.columns.items()],
        schema={"source": pl.Int32(), "column": pl.String(), "its_col": pl.UInt16()},
        orient="row",
    )
    joined = (
        found.join(of_sheet, on="source", how="left")
        .join(of_column, on=["source", "column"], how="left")
        .join(_keys(found, typed), on=["source", "row"], how="left")
    )
    own = ("file", "sheet", "table", "col", "placement", "organiser")
    return completed(joined.with_columns(pl.coalesce(name, f"its_{name}").alias(name) for name in own), FAULTS).sort(
        "file", "sheet", "row", "col", "rule", "column"
    )


def _keys(found: pl.DataFrame, typed: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The placement and organiser that rows with faults name."""
    schema = {**PLACE, "its_placement": pl.String(), "its_organiser": pl.String()}
    places = found.select("source", "row").drop_nulls().unique()
    if places.is_empty():
        return pl.DataFrame(schema=schema)
    names = {"placement_id": "its_placement", "organiser_id": "its_organiser"}
    parts = [rows.join(places, on=["source", "row"], how="semi").rename(names, strict=False) for rows in typed.values()]
    named = pl.concat([pl.DataFrame(schema=schema), *(completed(part, schema) for part in parts)]).unique(["source", "row"])
    if "placements" not in typed:
        return named
    owners = typed["placements"].select(its_placement="placement_id", _owner="organiser_id").drop_nulls()
    owned = named.join(owners.unique("its_placement", keep="first"), on="its_placement", how="left")
    return owned.select("source", "row", "its_placement", its_organiser=pl.coalesce("its_organiser", "_owner"))


def _participants(found: pl.DataFrame, typed: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The participants of placement rows that are set aside, with each rule that sets the row aside."""
    if "placements" not in typed:
        return pl.DataFrame(schema=_PARTICIPANTS)
    rows = typed["placements"].filter(pl.col("rule").is_not_null())
    by_fault = found.select("source", "row", "rule").join(rows.drop("rule"), on=["source", "row"])
    twice = found.filter(pl.col("column") == "participant_id", pl.col("expected") == "once").select("rule", participant_id="value")
    listed = pl.concat([completed(part, _PARTICIPANTS) for part in (by_fault, rows, twice)])
    return listed.drop_nulls("participant_id").unique().sort(pl.all())


def _doubts(found: pl.DataFrame, typed: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Contracts and pauses that were set aside, row by row; of a whole sheet one row that may concern anything."""
    parts = [pl.DataFrame(schema=_DOUBTS)]
    for name in ("contracts", "pauses"):
        sheets = found.filter(whole_sheet(), pl.col("table") == name).select("rule")
        rows = [typed[name].filter(pl.col("rule").is_not_null())] if name in typed else []
        parts += [completed(part.with_columns(daily_only=pl.lit(name == "pauses")), _DOUBTS) for part in (*rows, sheets)]
    backwards = pl.col("to") < pl.col("from")  # T02: either may be the slip
    told = pl.concat(parts).with_columns(pl.when(~backwards.fill_null(value=False)).then(name) for name in ("from", "to"))
    return told.unique(maintain_order=True)


def _reports(typed: Mapping[str, pl.DataFrame], first: int, unread: Sequence[_Unread]) -> pl.DataFrame:
    """Attendance that is set aside; `first`: the number of the first sheet that lacks a column."""
    rows = [typed["attendance"].filter(pl.col("rule").is_not_null())] if "attendance" in typed else []
    rows += [part.reports.with_columns(source=pl.lit(number, pl.Int32)) for number, part in enumerate(unread, first)]
    return pl.concat([pl.DataFrame(schema=_REPORTS), *(completed(part, _REPORTS) for part in rows)])
