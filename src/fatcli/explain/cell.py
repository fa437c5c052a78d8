"""From a cell to what it was read as, and to all that followed from it."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from fatcli.entitlement import contracts_in_force
from fatcli.errors import UsageError
from fatcli.explain.case import Case
from fatcli.explain.placement import explain_placement, report_faults
from fatcli.explain.trial import tried
from fatcli.explained import Cell, Explanation, Fault, Place
from fatcli.headers import Header, Layouts
from fatcli.model import MAX_COLUMNS, MAX_ROWS, TABLES, Month, Source, cell_name, column_index, column_word
from fatcli.schema import FRAMES
from fatcli.tables import whole_sheet
from fatcli.texts import Text, did_you_mean
from fatcli.workbook import Grid

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")

_SHAPE = Text("Skriv FIL!Blad!C17, till exempel attendance.xlsx!Närvaro!C17.", "Write FILE!Sheet!C17, such as attendance.xlsx!Närvaro!C17.")
_NO_FILE = Text("filen {file} hör inte till underlaget.{hint}", "the file {file} is not among the input.{hint}")
_FILES = Text("Underlaget är {files}.", "The input is {files}.")
_NO_SHEET = Text("{file} har inget blad {sheet}.{hint}", "{file} has no sheet {sheet}.{hint}")
_SHEETS = Text("Bladen är {sheets}.", "Its sheets are {sheets}.")
_NO_CELL = Text("{cell} är ingen cell.", "{cell} is no cell.")

_SHEET_ASIDE = Text("Hela bladet är åsidosatt: {rules}.", "The whole sheet is set aside: {rules}.")
_NO_TABLE = Text("Bladet är inte läst: det har ingen känd rubrikrad.", "The sheet is not read: it has no known header row.")
_TITLE = Text(
    "En rad ovanför tabellens rubrikrad ({row}); den hör inte till tabellen.", "A row above the table's header row ({row}); no part of it."
)
_HEADING = Text("Rubriken för kolumnen {column}.", "The heading of the column {column}.")
_DAY_HEADING = Text("Rubriken för dag {day}.", "The heading of day {day}.")
_UNKNOWN_COLUMN = Text(
    "Kolumnen känns inte igen och läses inte; cellen påverkar ingenting.",
    "The column is not known and is not read; the cell has no effect.",
)
_EMPTY_COLUMN = Text("Kolumnen har ingen rubrik och läses inte.", "The column has no heading and is not read.")
_NOTE = Text("Anteckningar läses inte och lämnar aldrig arbetsboken.", "Notes are not read and never leave the workbook.")
_FOOTER = Text(
    "En rad under tabellen (summor, underskrifter, teckenförklaring); den läses inte.",
    "A row below the table (sums, signatures, legend); it is not read.",
)
_EMPTY_ROW = Text("Raden är tom.", "The row is empty.")
_EMPTY_DAY = Text("Cellen är tom och säger ingenting om dagen.", "The cell is empty and says nothing about the day.")
_NOT_OWN = Text(
    "Raden räknas inte själv: den är lika med en tidigare rad, eller åsidosatt med den placering eller den anordnare som den hör till.",
    "The row does not count by itself: it is equal to one before it, or set aside with the placement or organiser it belongs to.",
)
_REPORT = Text("En rapport om {placement}, {date}.", "A report on {placement}, {date}.")
_ASIDE = Text("Åsidosatt ({rules}): cellen eller raden räknas inte.", "Set aside ({rules}): the cell or row does not count.")
_IN_GRID = Text("Månadsblad, {placement}: kolumnen {column}.", "Month grid, {placement}: the column {column}.")
_REGISTER = Text("{table}: kolumnen {column}.", "{table}: the column {column}.")
_PRICES = Text("Raden ger beloppet för poster: {n}, summa {sum}.", "The row prices items: {n}, sum {sum}.")


@dataclass(frozen=True)
class Address:
    """FILE!Sheet!C17 taken apart: a file of the input, the sheet as it was written, 1-based row, 0-based column."""

    file: str
    sheet: str
    row: int
    col: int


def parse_address(text: str, files: Iterable[str]) -> Address:
    """Sheets may have `!` or spaces, and quotes as Excel writes them; `$C$17` is C17; a csv needs no sheet. Raises UsageError."""
    files = sorted(files, key=len, reverse=True)
    head, _, cell = text.rpartition("!")
    head = next(
        (f"{file}!{file.rpartition('/')[2]}" for file in files if file.lower().endswith(".csv") and _folded(file) == _folded(head)), head
    )
    found = next((file for file in files if _folded(head).startswith(_folded(file) + "!")), None)
    if found is None:
        named = head.partition("!")[0] or text.partition("!")[0]
        what = _NO_FILE.fill(file=named, hint=did_you_mean(named, files)) if "!" in head else _NO_CELL.fill(cell=text)
        raise UsageError(what, _FILES.fill(files=", ".join(sorted(files))) if "!" in head else _SHAPE)
    row, col = _row_and_column(cell)
    sheet = unicodedata.normalize("NFC", head)[len(unicodedata.normalize("NFC", found)) + 1 :]
    quoted = len(sheet) > 1 and sheet.startswith("'") and sheet.endswith("'")
    return Address(found, sheet[1:-1].replace("''", "'") if quoted else sheet, row, col)


def _row_and_column(cell: str) -> tuple[int, int]:
    found = _CELL.fullmatch(cell.strip())
    if not found or column_index(found[1]) >= MAX_COLUMNS or int(found[2]) > MAX_ROWS:
        raise UsageError(_NO_CELL.fill(cell=cell), _SHAPE)
    return int(found[2]), column_index(found[1])


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def explain_cell(case: Case, address: Address, sheets: Sequence[Grid], asked: str) -> Explanation:
    """What a cell was read as, with the day, month or placement that it is about. Raises UsageError for an unknown sheet."""
    grid = next((grid for grid in sheets if _folded(grid.sheet) == _folded(address.sheet)), None)
    if grid is None:
        names = [grid.sheet for grid in sheets]
        what = _NO_SHEET.fill(file=address.file, sheet=address.sheet, hint=did_you_mean(address.sheet, names))
        raise UsageError(what, _SHEETS.fill(sheets=", ".join(names)))
    place = Place(address.file, grid.sheet, cell_name(address.row, address.col))
    header = Layouts(case.book.vocabulary).find(grid)
    number = next((at for at, of in enumerate(case.tables.sources) if (of.file, of.sheet) == (place.file, place.sheet)), None)
    looked_at = _Looked(case, asked, place, address.row, address.col)
    faults = tuple(fault for fault in case.faults if fault.place and (fault.place.file, fault.place.sheet) == (place.file, place.sheet))
    aside = case.tables.faults.filter(whole_sheet(), pl.col("file") == place.file, pl.col("sheet") == place.sheet)["rule"].unique().sort()
    if aside.len():
        return looked_at.nothing(_SHEET_ASIDE.fill(rules=case.titled(aside)), faults)
    if number is None or header is None or header.missing:
        return looked_at.nothing(_NO_TABLE, faults)
    return _in_table(looked_at, grid, header, number)


@dataclass(frozen=True)
class _Looked:
    """A cell that is being looked at."""

    case: Case
    asked: str
    place: Place
    row: int
    col: int

    def nothing(self, words: Text, faults: tuple[Fault, ...] = ()) -> Explanation:
        """A cell that nothing follows from."""
        return self.told(words, None, Explanation(self.case.checked, "cell", self.asked, "", faults=faults))

    def told(
        self, words: Text, column: str | None, rest: Explanation, value: str | None = None, faults: Sequence[Fault] = ()
    ) -> Explanation:
        """The cell in words, before the explanation of what it is about."""
        said = words.to(self.case.language)
        cell = Cell(self.place, said, column, value, ())
        answer = " ".join(filter(None, (said, rest.answer)))
        return replace(rest, question="cell", answer=answer, cell=cell, faults=tuple(dict.fromkeys((*faults, *rest.faults))))


def _in_table(at: _Looked, grid: Grid, header: Header, number: int) -> Explanation:
    source = at.case.tables.sources[number]
    names = {col: name for name, col in source.columns.items()}
    column = names.get(at.col)
    if at.row < header.row:
        return at.nothing(_TITLE.fill(row=header.row))
    if column is None and at.col not in header.days:
        return at.nothing(_UNKNOWN_COLUMN if _filled(grid, header.row, at.col) else _EMPTY_COLUMN)
    if at.row == header.row:
        return at.nothing(_HEADING.fill(column=_named(column)) if column else _DAY_HEADING.fill(day=header.days[at.col].day))
    if column == "note":
        return at.nothing(_NOTE)
    found = _of_register(at, source, number, str(column)) if source.layout == "register" else _of_report(at, source, header, number, column)
    return _with_rules(at.case, source, found) if found else _no_row(at, grid, number)


def _filled(grid: Grid, row: int, col: int) -> bool:
    if (row, col) in grid.errors or (row, col) in grid.unsaved:
        return True
    if col not in grid.columns or row > grid.cells.height:
        return False
    return grid.cells[row - 1, grid.columns.index(col)] is not None


def _no_row(at: _Looked, grid: Grid, number: int) -> Explanation:
    footer = at.case.tables.faults.filter(pl.col("rule") == "T11", pl.col("source") == number)["row"]
    if not any(_filled(grid, at.row, col) for col in grid.columns):
        return at.nothing(_EMPTY_ROW)
    return at.nothing(_FOOTER if len(footer) and at.row >= footer[0] else _NOT_OWN)


def _of_report(at: _Looked, source: Source, header: Header, number: int, column: str | None) -> Explanation | None:
    """A cell of attendance; None: its row holds no report."""
    case = at.case
    here = (pl.col("source") == number) & (pl.col("row") == at.row)
    accepted, aside = case.table("attendance").filter(here), case.tables.set_aside_reports.filter(here)
    if source.layout == "grid" and column is None:
        if own := _day_cell(at, accepted.filter(pl.col("col") == at.col), aside.filter(pl.col("col") == at.col), "status"):
            return own
        rows = pl.concat([frame.select("placement_id", "date") for frame in (accepted, aside)])
        return _empty_day(at, header, rows) if rows.height else None
    if source.layout == "grid":
        return _beside_days(at, number, pl.concat([frame.select("placement_id", "date") for frame in (accepted, aside)]), str(column))
    return _day_cell(at, accepted, aside, str(column))


def _day_cell(at: _Looked, accepted: pl.DataFrame, aside: pl.DataFrame, column: str) -> Explanation | None:
    if accepted.height:
        (row,), (words,) = accepted.rows(named=True), at.case.shown(accepted)
        rest = _about(at, row["placement_id"], date=row["date"])
        return at.told(_REPORT.fill(placement=row["placement_id"], date=row["date"]), column, rest, words[column])
    if aside.height:
        (row,) = aside.rows(named=True)
        return _set_aside(at, row["placement_id"], row["date"], column, report_faults(at.case, row))
    return None


def _set_aside(at: _Looked, placement: str | None, date: dt.date | None, column: str, faults: tuple[Fault, ...]) -> Explanation:
    words = _ASIDE.fill(rules=at.case.titled(dict.fromkeys(fault.rule for fault in faults)))
    return at.told(words, column, _about(at, placement, date=date), faults=faults)


def _about(at: _Looked, placement: str | None, *, date: dt.date | None = None, month: Month | None = None) -> Explanation:
    """What there is to say of a row's placement; nothing where no register has it."""
    if placement is None or not _known(at.case, placement):
        return Explanation(at.case.checked, "cell", at.asked, "")
    return explain_placement(at.case, placement, at.asked, date=date, month=month)


def _known(case: Case, placement: str) -> bool:
    return any(
        placement in column for column in (case.facts.placements["placement_id"], case.tables.set_aside_participants["placement_id"])
    )


def _empty_day(at: _Looked, header: Header, rows: pl.DataFrame) -> Explanation:
    """A day cell that is empty, in a row with others."""
    placement, day = rows["placement_id"].drop_nulls(), header.days[at.col]
    dates = rows["date"].drop_nulls()
    date = day.date
    if date is None and len(dates) and day.day <= Month.of(dates[0]).last.day:
        date = dates[0].replace(day=day.day)
    if placement.is_empty() or date is None:
        return at.nothing(_EMPTY_DAY)
    return at.told(_EMPTY_DAY, "status", _about(at, placement[0], date=date))


def _beside_days(at: _Looked, number: int, rows: pl.DataFrame, column: str) -> Explanation | None:
    """A cell of a month grid that is no day's: its placement, month, or stated count."""
    stated = at.case.tables.stated.filter(pl.col("source") == number, pl.col("row") == at.row)
    rows = pl.concat([rows, stated.select("placement_id", date="month")])
    placement, dates = rows["placement_id"].drop_nulls(), rows["date"].drop_nulls()
    if rows.is_empty():
        return None
    faults = tuple(fault for fault in at.case.faults if fault.place == at.place)
    name = placement[0] if len(placement) else "–"
    rest = _about(at, name, month=Month.of(dates[0]) if len(dates) else None)
    counts = stated["days_stated"].drop_nulls()
    value = str(counts[0]) if column == "days_stated" and len(counts) else None
    return at.told(_IN_GRID.fill(placement=name, column=_named(column)), column, rest, value, faults)


def _named(column: str) -> Text:
    return Text(column_word(column, "sv"), column)


def _of_register(at: _Looked, source: Source, number: int, column: str) -> Explanation | None:
    """A cell of a register; None: its row does not count by itself."""
    case = at.case
    rows = case.table(source.table).filter(pl.col("source") == number, pl.col("row") == at.row)
    if rows.is_empty():
        found = case.tables.faults.filter(pl.col("source") == number, pl.col("row") == at.row, pl.col("rule") != "T11")
        if found.is_empty():
            return None
        return _set_aside(at, found["placement"][0], None, column, _row_faults(case, found))
    (row,), (words,) = rows.rows(named=True), case.shown(rows)
    value = case.money(row["sek"]) if column == "sek" else words[column]
    if "placement_id" in row:
        return at.told(_told_of(case, source, column, rows), column, _about(at, row["placement_id"]), value)
    return at.told(_told_of(case, source, column, rows), column, _of_organiser(at, row["organiser_id"]), value)


def _row_faults(case: Case, found: pl.DataFrame) -> tuple[Fault, ...]:
    places = {(row["file"], row["sheet"], cell_name(row["row"], row["col"])) for row in found.iter_rows(named=True)}
    return tuple(fault for fault in case.faults if fault.place and (fault.place.file, fault.place.sheet, fault.place.cell) in places)


def _told_of(case: Case, source: Source, column: str, rows: pl.DataFrame) -> Text:
    """The cell's column; of a contract also what it prices."""
    words = _REGISTER.fill(table=TABLES[source.table].title, column=_named(column))
    if source.table != "contracts":
        return words
    priced = contracts_in_force(case.items, case.table("contracts")).join(rows.select("source", "row"), on=["source", "row"], how="semi")
    prices = _PRICES.fill(n=priced.height, sum=case.money(int(priced["sek"].sum())))
    return Text(*(f"{first} {then}" for first, then in zip(words, prices, strict=True)))


def _of_organiser(at: _Looked, organiser: str) -> Explanation:
    rows = at.case.facts.organisers.filter(pl.col("organiser_id") == organiser)
    return Explanation(at.case.checked, "cell", at.asked, "", tried=tuple(tried(at.case, "organisers", rows)))


def _with_rules(case: Case, source: Source, explanation: Explanation) -> Explanation:
    """Adds the rules that read the cell's column by its own name; a day of a month grid is date, status and hours in one."""
    cell: Any = explanation.cell
    columns = ("date", "status", "hours") if source.layout == "grid" and cell.column == "status" else (cell.column,)
    rules = [
        hit.rule.id
        for hit in case.hits
        if hit.rule.when and any(_reads(hit.rule.facts, hit.rule.when.columns, source.table, column) for column in columns)
    ]
    return replace(explanation, cell=replace(cell, rules=tuple(dict.fromkeys(rules))))


def _reads(frame: str, columns: frozenset[str], table: str, column: str | None) -> bool:
    if table == "attendance":
        return frame == ("months" if column == "days_stated" else "days") and column in columns
    facts = [FRAMES[frame].facts[name] for name in columns if name in FRAMES[frame].facts]
    return any(fact.table == table and fact.column == column for fact in facts)
