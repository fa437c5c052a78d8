"""The copy of one workbook: cells marked, notes added, and the list of what is to be corrected put first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from fatcli.errors import InputError
from fatcli.model import SEVERITIES, Severity
from fatcli.package import Package
from fatcli.result import Checked
from fatcli.texts import Text
from fatcli.workbook import Grid
from fatcli.writers import wording
from fatcli.writers.annotated.cells import Cells, Sheet, place_of, unselected
from fatcli.writers.annotated.conditional import cover, uncover
from fatcli.writers.annotated.listing import START, TITLE, listing
from fatcli.writers.annotated.notes import Cell, Notes, Passage, used_clusters
from fatcli.writers.annotated.parts import WORKBOOK, Parts
from fatcli.writers.annotated.plain import plain_book, sheet_names
from fatcli.writers.annotated.styles import Styles
from fatcli.writers.annotated.workbookpart import WorkbookPart
from fatcli.writers.neutral import file_name_part, xml_text

MOST_NOTES = 5_000  # on a sheet
_LONGEST_NOTE, _LONGEST_PASSAGE = 1_200, 10_000  # characters
_PREFIX = Text("rattelser", "corrections")
_MORE = Text("… och {count} till: se bladet {sheet}.", "… and {count} more: see the sheet {sheet}.")


@dataclass(frozen=True)
class AnnotatedCopy:
    """A copy to be written. `file`: what it is a copy of; `plain`: that file's formats and formulas could not be kept."""

    file: str
    name: str
    data: bytes
    plain: bool


def of_file(checked: Checked, file: str) -> pl.DataFrame:
    """The violations that a file's copy lists; those that have no place stand with the register too, where what they are about is told."""
    with_table = {each.file: {table.table for table in each.tables} for each in checked.inputs}
    homes = [name for table in ("organisers", "placements", "attendance") for name, tables in with_table.items() if table in tables]
    own = (pl.col("file") == file) | pl.col("file").is_null()
    return checked.violations.filter(own) if homes[:1] == [file] else checked.of_file(file)


def annotated_copy(data: bytes, checked: Checked, file: str, grids: Callable[[], Sequence[Grid]]) -> AnnotatedCopy:
    """The copy of a workbook, from its bytes; `grids` reads its sheets, which is done only where the bytes can't be changed in place."""
    violations = of_file(checked, file)
    changed = _in_place(data, checked, file, violations)
    if changed is None:
        read = grids()
        names = sheet_names(read)
        renamed = violations.with_columns(pl.col("sheet").replace(names))
        package = Package(plain_book(read, typed=data[:2] == b"PK" or data[:1] == b"\xd0"))
        changed = _Copy(package, checked, file, renamed, plain=True).made()
        return AnnotatedCopy(file, copy_name(file, checked, ".xlsx"), changed, plain=True)
    return AnnotatedCopy(file, copy_name(file, checked, _suffix(data)), changed, plain=False)


def is_as_written(data: bytes) -> bool:
    """Whether a file is a copy that no one has saved since: any other program writes the list in its own way."""
    try:
        parts = Parts(Package(data))
        _, part = WorkbookPart(parts).list_sheet()
        return part is not None and parts.read(part).startswith(START.format(main=parts.main).encode())
    except (InputError, ValueError, LookupError):
        return False


def copy_name(file: str, checked: Checked, suffix: str) -> str:
    """`rattelser-attendance.xlsx`: a name that the workspace's patterns do not find, so that no day is ever read twice."""
    stem = file.rpartition("/")[2].rpartition(".")[0]
    for prefix in _PREFIX:
        stem = stem.removeprefix(f"{prefix}-")
    return f"{_PREFIX.to(checked.language)}-{file_name_part(stem, 80) or 'fil'}{suffix}"


def _in_place(data: bytes, checked: Checked, file: str, violations: pl.DataFrame) -> bytes | None:
    """None where it is no .xlsx or .xlsm, or one that strays too far from the standard."""
    if not data.startswith(b"PK"):
        return None
    try:
        package = Package(data)
        return _Copy(package, checked, file, violations, plain=False).made() if package.kind == "xlsx" else None
    except (InputError, ValueError, LookupError):
        return None


def _suffix(data: bytes) -> str:
    return ".xlsm" if "macroEnabled" in Parts(Package(data)).content_type(WORKBOOK) else ".xlsx"


class _Copy:
    """A workbook's package on its way to become a copy."""

    def __init__(self, package: Package, checked: Checked, file: str, violations: pl.DataFrame, *, plain: bool) -> None:
        self._parts = Parts(package)
        self._workbook = WorkbookPart(self._parts)
        self._styles = Styles(self._parts)
        self._checked = checked
        self._file = file
        self._violations = violations
        self._plain = plain
        self._notes_cut = False

    def made(self) -> bytes:
        self._styles.restore(self._workbook.forget_marks())
        self._workbook.remove_list()
        sheets = {name: part for name, part in self._workbook.sheets().items() if part in self._parts}
        clusters = used_clusters(self._parts, list(sheets.values()))
        faulty = {str(name): rows for (name,), rows in self._violations.drop_nulls(["sheet", "cell"]).group_by("sheet")}
        for name, part in sheets.items():
            self._annotate(Notes(self._parts, part, clusters), faulty.get(name))
        self._put_list_first()
        self._workbook.remember_marks(self._styles.covered)
        return self._parts.close()

    def _put_list_first(self) -> None:
        most = MOST_NOTES if self._notes_cut else None
        first = listing(self._checked, self._violations, self._file, most_notes=most, plain=self._plain)
        content = first.part(self._parts.main, self._styles)
        self._workbook.put_list_first(TITLE.to(self._checked.language), content, first.head_row)

    def _annotate(self, notes: Notes, violations: pl.DataFrame | None) -> None:
        notes.clear()
        before = self._parts.read(notes.part)
        xml = unselected(before)
        if b"cfRule" in xml and uncover(sheet := Sheet.parse(xml)):
            xml = sheet.bytes()
        if violations is not None:
            sheet = Sheet.parse(xml)
            places = _places(sheet, violations)
            worst = _worst(places)
            sheet.mark(worst, self._styles.marked)
            cover(sheet, worst, self._styles.cover)
            noted = places.select("row", "col", "_rank").group_by("row", "col").min().sort("_rank", "row", "col")
            self._notes_cut |= noted.height > MOST_NOTES
            notes.add(sheet, self._passages(places.join(noted.head(MOST_NOTES), on=["row", "col"], how="semi")))
            xml = sheet.bytes()
        if xml != before:
            self._parts.write(notes.part, xml)

    def _passages(self, places: pl.DataFrame) -> dict[Cell, list[Passage]]:
        language = self._checked.language
        found: dict[Cell, list[Passage]] = {}
        for row, col, severity, rule, message, remedy in places.select("row", "col", "severity", "rule", "message", "remedy").iter_rows():
            head = f"{wording.SEVERITY[severity].to(language).capitalize()} {rule}: {self._checked.label(rule)}"
            text = xml_text(f"{message}\n{remedy}")[:_LONGEST_PASSAGE]
            found.setdefault((row, col), []).append(Passage(xml_text(head), text))
        return {cell: self._fitting(passages) for cell, passages in found.items()}

    def _fitting(self, passages: Sequence[Passage]) -> list[Passage]:
        """As many as a note has room for, the first one always, and how many more there are."""
        length = 0
        for number, passage in enumerate(passages):
            length += len(passage.head) + len(passage.text)
            if number and length > _LONGEST_NOTE:
                more = _MORE.fill(count=len(passages) - number, sheet=TITLE).to(self._checked.language)
                return [*passages[:number], Passage(more, "")]
        return list(passages)


def _places(sheet: Sheet, violations: pl.DataFrame) -> pl.DataFrame:
    """The violations by the cell that shows their place: in merged cells, the first one. `_rank`: 0 for errors; most severe first."""
    ranks = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    ranked = violations.with_columns(_rank=pl.col("severity").replace_strict(ranks, return_dtype=pl.UInt8))
    for merged in sheet.frame.iterfind("{*}mergeCells/{*}mergeCell"):
        first, _, last = merged.get("ref", "").partition(":")
        (top, left), (bottom, right) = (place_of(cell) for cell in (first, last or first))
        inside = pl.col("row").is_between(top, bottom) & pl.col("col").is_between(left, right)
        ranked = ranked.with_columns(
            row=pl.when(inside).then(pl.lit(top)).otherwise("row"), col=pl.when(inside).then(pl.lit(left)).otherwise("col")
        )
    return ranked.sort("row", "col", "_rank", "rule", maintain_order=True)


def _worst(places: pl.DataFrame) -> Cells:
    """The most severe of what is wrong in each cell."""
    found: dict[int, dict[int, Severity]] = {}
    for row, col, severity in places.unique(["row", "col"], keep="first", maintain_order=True).select("row", "col", "severity").iter_rows():
        found.setdefault(row, {})[col] = severity
    return found
