"""A file to grids: every cell as text, its place kept, every doubt about it kept. Foreign errors are mapped here.

Cell texts: text as it stands; numbers `8`, `7.5`, at most nine decimals (in .ods all); a serial that lost its date format stays
`45415`; `true`, `false`; dates `2024-05-03 00:00:00`, with the time of day where there is one; times and durations as hours after
`1899-12-31 00:00:00`, below two days also in workbooks of the 1904 system. Hidden sheets, rows and columns are read, chart sheets are not.
Formulas saved without a value can be told in .xlsx, .xlsm and .ods; .xlsb and .xls always store some value, if only an
empty text. In csv Excel's words for errors are errors, and every other cell is text.
"""

import functools
import hashlib
import io
import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from fatcli.csvfile import read_csv
from fatcli.errors import InputError
from fatcli.model import BLANKS, EXCEL_ERRORS, SUFFIXES
from fatcli.odsfile import read_ods
from fatcli.oldexcel import SECTOR, SIGNATURE, xls_date_1904
from fatcli.package import Package, damaged, no_workbook, outline
from fatcli.sheetcells import Cells
from fatcli.sheetcheck import checked_parts
from fatcli.sheetparts import Place, SheetFacts, check_each_value
from fatcli.texts import Text

if TYPE_CHECKING:
    from fastexcel import CellError, ExcelReader
    from python_calamine import CalamineWorkbook

logging.getLogger("calamine").addHandler(logging.NullHandler())  # the reader warns of chart sheets, on stderr

_ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
_ISO_TIME = r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.0+)?Z?$"
_NO_SUCH_DATE = "########"  # as Excel shows a number that is formatted as a date but is too large for one

# what Excel writes to csv where a cell holds an error, in English and in Swedish
_CSV_ERRORS = (
    *EXCEL_ERRORS,
    *("#SPILL!", "#CALC!"),
    *("#SAKNAS!", "#DIVISION/0!", "#NAMN?", "#SKÄRNING!", "#OGILTIGT!", "#REFERENS!", "#VÄRDEFEL!"),
)

_MISSING = Text("Filen finns inte.", "The file does not exist.")
_CHECK_NAME = Text("Kontrollera namn och mapp.", "Check its name and folder.")
_FOLDER = Text("Det är en mapp, ingen fil.", "It is a folder, not a file.")
_NO_FILE = Text("Det är en enhet eller ett rör, ingen fil.", "It is a device or a pipe, not a file.")
_NAME_FILE = Text("Ange en arbetsbok. En hel arbetsmapp anges med -C.", "Name a workbook. A whole workspace is given with -C.")
_DENIED = Text("Filen får inte läsas.", "The file may not be read.")
_ASK_ACCESS = Text("Stäng den i Excel, eller be om behörighet till den.", "Close it in Excel, or ask for access to it.")
_UNREADABLE = Text("Filen kan inte läsas: {reason}.", "The file can't be read: {reason}.")
_TRY_AGAIN = Text("Kontrollera disken eller nätverket och försök igen.", "Check the disk or the network and try again.")
_LOCK_FILE = Text("Det är Excels låsfil, inte arbetsboken.", "It is Excel's lock file, not the workbook.")
_NAME_WORKBOOK = Text("Ange filen utan ~$ i namnet.", "Name the file without ~$ in its name.")
_UNKNOWN = Text("Filer av slaget {suffix} läses inte.", "Files of the kind {suffix} are not read.")
_SAVE_AS = Text("Spara den som .xlsx, .xlsm, .xlsb, .xls, .ods eller .csv.", "Save it as .xlsx, .xlsm, .xlsb, .xls, .ods or .csv.")
_EMPTY = Text("Filen är tom (0 byte).", "The file is empty (0 bytes).")
_FETCH_AGAIN = Text("Hämta eller spara den på nytt.", "Fetch it or save it anew.")
_NO_SHEETS = Text("Arbetsboken har inga blad.", "The workbook has no sheets.")
_ADD_SHEET = Text("Spara om den från Excel med minst ett blad.", "Save it again from Excel with at least one sheet.")
_BAD_SHEET = Text("Bladet {sheet} kan inte läsas.", "The sheet {sheet} can't be read.")
_SAVE_ANEW = Text("Öppna filen i Excel och spara om den som .xlsx.", "Open the file in Excel and save it anew as .xlsx.")


@dataclass(frozen=True)
class Grid:
    """A sheet's cells.

    `cells`: String columns, null where the cell is blank (or whitespace), an error, or a formula saved without a value.
    The frame's rows are the sheet's from the first on. `columns`: the 0-based sheet column of each frame column.
    """

    file: str
    sheet: str
    cells: pl.DataFrame
    columns: tuple[int, ...]
    errors: Mapping[Place, str]
    unsaved: frozenset[Place]
    hidden: bool = False  # the whole sheet, in the workbook's window
    _numbers: Callable[[Sequence[str]], pl.DataFrame] | None = field(default=None, repr=False, compare=False)

    def filled(self) -> bool:
        """Whether any cell holds something: a value, which blanks alone are not, an error, or a formula."""
        return bool(self.errors or self.unsaved) or any(text.strip(BLANKS) for column in self.cells for text in column.drop_nulls())

    @property
    def tells_numbers(self) -> bool:
        """Whether the file tells numbers from texts; csv does not."""
        return self._numbers is not None

    def numeric(self, *names: str) -> pl.DataFrame:
        """Boolean frame of some columns of `cells`, or of all: True where the file holds a real number; all False for csv.

        Reads an Excel sheet once more.
        """
        wanted = names or tuple(self.cells.columns)
        if self._numbers is None:
            return self.cells.select(pl.col(wanted).is_null() & False)
        return self._numbers(wanted)


@dataclass(frozen=True)
class Workbook:
    """A file that was read: as shown to users, the sha256 of its bytes, and its sheets in the workbook's order."""

    file: str
    sha256: str
    grids: tuple[Grid, ...]


def read_workbook(path: Path, shown: str) -> Workbook:
    """The file's sheets, or for csv its one grid, whose rows are records; raises InputError with `shown` as its place.

    The content decides what a file is, not its suffix: an .xls that is really an .xlsx is read.
    """
    with _placed(shown):
        data = _bytes(path)
        grids = tuple(_grids(data, path, shown))
        if not grids:
            raise InputError(_NO_SHEETS, _ADD_SHEET)
    return Workbook(shown, hashlib.sha256(data).hexdigest(), grids)


@contextmanager
def _placed(shown: str) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        error.place = shown
        raise


def _bytes(path: Path) -> bytes:
    if path.name.startswith("~$"):
        raise InputError(_LOCK_FILE, _NAME_WORKBOOK)
    try:
        if path.is_dir():
            raise InputError(_FOLDER, _NAME_FILE)
        if path.exists() and path.suffix.lower() not in SUFFIXES:
            raise InputError(_UNKNOWN.fill(suffix=path.suffix or path.name), _SAVE_AS)
        if path.exists() and not path.is_file():  # what a device or a pipe gives may never end
            raise InputError(_NO_FILE, _NAME_FILE)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(_MISSING, _CHECK_NAME) from error
    except PermissionError as error:
        raise InputError(_DENIED, _ASK_ACCESS) from error
    except (OSError, ValueError) as error:
        raise InputError(_UNREADABLE.fill(reason=getattr(error, "strerror", None) or type(error).__name__), _TRY_AGAIN) from error
    if not data:
        raise InputError(_EMPTY, _FETCH_AGAIN)
    return data


def _grids(data: bytes, path: Path, shown: str) -> Iterable[Grid]:
    if data.startswith(b"PK"):
        package = Package(data)
        return _ods_grids(package, shown) if package.kind == "ods" else _package_grids(data, package, shown)
    if data.startswith(SIGNATURE):
        return _xls_grids(data, shown)
    if path.suffix.lower() == ".csv":
        return [_csv_grid(read_csv(data, path.name), path.name, shown)]
    raise no_workbook()


def _csv_grid(texts: pl.DataFrame, name: str, shown: str) -> Grid:
    wrong = texts.select(pl.all().is_in(_CSV_ERRORS))
    errors = {(row + 1, int(column)): texts[row, column] for column in wrong.columns for row in wrong[column].arg_true()}
    cells = _without_blanks(texts.with_columns(pl.when(~pl.all().is_in(_CSV_ERRORS)).then(pl.all())))
    return Grid(shown, name, cells, tuple(range(cells.width)), errors, frozenset())


def _ods_grids(package: Package, shown: str) -> Iterator[Grid]:
    for sheet in read_ods(package.read("content.xml")):
        cells = _without_blanks(sheet.cells())
        columns = tuple(range(cells.width))
        yield Grid(
            shown,
            sheet.name,
            cells,
            columns,
            sheet.errors(),
            sheet.unsaved(),
            hidden=sheet.hidden,
            _numbers=sheet.numeric,
        )


def _package_grids(data: bytes, package: Package, shown: str) -> Iterator[Grid]:
    book = outline(package)
    parts = checked_parts(package, book)
    changed = {part.name: part.xml for part in parts.values() if part.xml is not None}
    given = package.rewritten(changed, packed=False) if changed else data  # the reader would only unpack it again
    source = _Source(given, shown, book.date_1904)
    reader = source.reader()
    if set(reader.sheet_names) != book.parts.keys():
        raise damaged()
    for sheet in reader.sheet_names:
        if sheet in parts:
            part = parts[sheet]
            grid = source.grid(reader, sheet, part.facts, part.values)
            if part.values is not None and _values(grid) < part.values:
                check_each_value(package.read(part.name) if part.xml is None else part.xml)
            yield grid if part.cells is None else _spread(grid, part.cells)


def _values(grid: Grid) -> int:
    """How many cells hold a value: a text, a number or an error."""
    return len(grid.errors) + sum(column.len() - column.null_count() for column in grid.cells)


def _spread(small: Grid, cells: Cells) -> Grid:
    """The sheet that has the cells, from one that has each kind of them in a row of its own."""
    count = len(cells.kinds)
    texts = small.cells.to_series() if small.cells.width else pl.Series(dtype=pl.String)
    texts = texts.extend_constant(None, count - len(texts))
    errors = {row - 1: error for (row, _), error in small.errors.items()}
    unsaved = [row - 1 for row, _ in small.unsaved]
    holding = texts.is_not_null().scatter([*errors, *unsaved], values=True)
    places = cells.places.filter(holding.gather(cells.places["kind"]))
    kinds = _by_column(places)

    def numbers(names: Sequence[str]) -> pl.DataFrame:
        numeric = small.numeric().to_series() if small.cells.width else pl.Series(dtype=pl.Boolean)
        numeric = numeric.extend_constant(value=False, n=count - len(numeric))
        return kinds.select(pl.lit(numeric).gather(pl.col(name)).fill_null(value=False).alias(name) for name in names)

    return replace(
        small,
        cells=kinds.select(pl.lit(texts).gather(pl.all()).name.keep()),
        columns=tuple(map(int, kinds.columns)),
        errors={(row, column): errors[kind] for row, column, kind in _of_kinds(places, errors)},
        unsaved=frozenset((row, column) for row, column, _ in _of_kinds(places, unsaved)),
        _numbers=numbers,
    )


def _by_column(places: pl.DataFrame) -> pl.DataFrame:
    """The kinds in the columns that hold something, a row for each of the sheet's from the first on; null where there is no cell."""
    if places.is_empty():
        return pl.DataFrame()
    blank = pl.Series([None], dtype=pl.UInt32).new_from_index(0, places.select(pl.col("row").max()).item())
    by_column = sorted(places.partition_by("column", as_dict=True).items())
    return pl.DataFrame({str(column): blank.clone().scatter(cells["row"] - 1, cells["kind"]) for (column,), cells in by_column})


def _of_kinds(places: pl.DataFrame, kinds: Collection[int]) -> list[tuple[int, int, int]]:
    """The row, column and kind of each cell of some kinds."""
    return places.filter(pl.col("kind").is_in(list(kinds))).rows() if kinds else []


def _xls_grids(data: bytes, shown: str) -> Iterator[Grid]:
    whole = data + bytes(-len(data) % SECTOR)  # the reader panics at the end of a file that was cut short
    source = _Source(whole, shown, xls_date_1904(whole))
    reader = source.reader()
    for sheet in reader.sheet_names:
        yield source.grid(reader, sheet, SheetFacts())


@dataclass(frozen=True)
class _Source:
    """A workbook's bytes, for the readers that take them."""

    data: bytes
    shown: str
    date_1904: bool

    def reader(self) -> "ExcelReader":
        import fastexcel

        with _foreign_errors(damaged()):
            return fastexcel.read_excel(self.data)

    def grid(self, reader: "ExcelReader", sheet: str, facts: SheetFacts, values: int | None = None) -> Grid:
        """`values`: how many cells hold a value; where all of them have a text, none is an error, and errors are not asked for."""
        with _foreign_errors(_bad_sheet(sheet)):
            loaded = reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string", whitespace_as_null=True)
            columns = tuple(column.absolute_index for column in loaded.selected_columns)
            cells = pl.DataFrame(loaded)
            texts = sum(column.len() - column.null_count() for column in cells)
            found = loaded.to_arrow_with_errors()[1] if values is None or texts < values else None
        cells.columns = [str(column) for column in columns]
        if facts.iso_dates:
            cells = cells.with_columns(pl.all().str.replace(_ISO_TIME, "$1 $2"))
        if self.date_1904:
            cells = cells.with_columns(pl.all().str.replace("^1904-01-01 ", "1899-12-31 ").str.replace("^1904-01-02 ", "1900-01-01 "))
        errors = {(error.position[0] + 1, columns[error.position[1]]): _error(error) for error in (found.errors if found else ())}
        cells = _with_room_for(facts.unsaved, cells)
        columns = tuple(map(int, cells.columns))
        numbers = functools.partial(self.numbers, sheet, cells.height)
        hidden = loaded.visible != "visible"
        return Grid(self.shown, sheet, cells, columns, {**errors, **facts.errors}, facts.unsaved, hidden, numbers)

    @functools.cached_property
    def _second_reader(self) -> "CalamineWorkbook":
        """One for all sheets: each would read all the shared texts again."""
        from python_calamine import CalamineWorkbook

        return CalamineWorkbook.from_filelike(io.BytesIO(self.data))

    def numbers(self, sheet: str, height: int, names: Sequence[str]) -> pl.DataFrame:
        with _foreign_errors(_bad_sheet(sheet)):
            rows = self._second_reader.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        rows += [[]] * (height - len(rows))
        wanted = {name: int(name) for name in names}
        return pl.DataFrame({name: [len(row) > col and type(row[col]) in {int, float} for row in rows] for name, col in wanted.items()})


def _with_room_for(places: frozenset[Place], cells: pl.DataFrame) -> pl.DataFrame:
    """The frame, with null rows and columns added where a formula without a value lies outside the range that has values."""
    if not places:
        return cells
    columns = sorted({*map(int, cells.columns), *(column for _, column in places)})
    height = max(cells.height, *(row for row, _ in places))
    blank = pl.Series(dtype=pl.String)
    series = {str(column): cells.get_column(str(column), default=blank) for column in columns}
    return pl.DataFrame({name: values.extend_constant(None, height - len(values)) for name, values in series.items()})


def _error(error: "CellError") -> str:
    name = re.search(r"Error\((\w+)\)", error.detail)
    if name:
        return _ERRORS.get(name.group(1), "#VALUE!")
    return _NO_SUCH_DATE


def _without_blanks(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.with_columns(pl.when(pl.all().str.strip_chars() != "").then(pl.all()))


def _bad_sheet(sheet: str) -> InputError:
    return InputError(_BAD_SHEET.fill(sheet=sheet), _SAVE_ANEW)


@contextmanager
def _foreign_errors(instead: InputError) -> Iterator[None]:
    """Any error of a reader becomes ours; a Rust panic too, which is no Exception."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, InputError):
        raise
    except BaseException as error:
        raise instead from error
