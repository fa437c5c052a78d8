"""`-o annotated`: a copy of each workbook that has something to correct, in a folder or, of a single one, in a file."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from fatcli.errors import OutputError
from fatcli.result import Checked
from fatcli.texts import Text
from fatcli.workbook import Grid, read_workbook
from fatcli.workspace import Workspace, expanded, is_stream, write_files
from fatcli.writers.annotated import AnnotatedCopy, annotated_copy, is_as_written, of_file
from fatcli.writers.neutral import name_text

_NOTHING = Text("Ingen arbetsbok har något att rätta; ingen kopia skrevs.", "No workbook has anything to correct; no copy was written.")
_WROTE = Text("Skrev {path}, som {holds} personnummer.", "Wrote {path}, which {holds} identity numbers.")
_PLAIN = Text(" Format och formler i {file} kunde inte tas med.", " The formats and formulas of {file} could not be carried over.")
_HOLDS, _MAY_HOLD = Text("innehåller", "holds"), Text("kan innehålla", "may hold")
_NUMBERED = {"placements", "organisers"}  # the tables with a column of identity numbers


def write_copies(checked: Checked, place: Path, workspace: Workspace, files: Sequence[Path], *, is_folder: bool) -> list[Text]:
    """Writes the copies, where files are named only of these, else of all that were read; returns what to tell of them.

    A workbook that someone has saved is never written over: it may be a copy with corrections in it. Raises OutputError.
    """
    copies = list(_copies(checked, [workspace.shown(file) for file in expanded(files)], _paths(workspace, files)))
    if not is_folder:
        _check_single(place, copies)
        folder, names = place.parent, [place.name]
    else:
        folder, names = place, _free_names(place, [copy.name for copy in copies])
    if not copies:
        return [_NOTHING]
    write_files(folder, {name: copy.data for name, copy in zip(names, copies, strict=True)})
    numbered = {read.file for read in checked.inputs if _NUMBERED & {table.table for table in read.tables}}
    return [
        _told(copy, name_text(workspace.shown(folder / name)), _HOLDS if copy.file in numbered else _MAY_HOLD)
        for name, copy in zip(names, copies, strict=True)
    ]


def _copies(checked: Checked, wanted: Collection[str], paths: Mapping[str, Path]) -> Iterator[AnnotatedCopy]:
    """The copies of the files wanted; of all where none is named."""
    for read in checked.inputs:
        if (not wanted or read.file in wanted) and of_file(checked, read.file).height:
            path = paths[read.file]
            data = _same_bytes(path, read.file, read.sha256)
            yield annotated_copy(data, checked, read.file, partial(_grids, path, read.file))


def _paths(workspace: Workspace, files: Sequence[Path]) -> dict[str, Path]:
    """Where the files are that a run may have read, by the names they are shown by."""
    return {workspace.shown(path): path for path in (*workspace.files(), *expanded(files))}


def _grids(path: Path, file: str) -> Sequence[Grid]:
    return read_workbook(path, file).grids


def _same_bytes(path: Path, file: str, sha256: str) -> bytes:
    """The file as it was judged: one that was saved meanwhile would be marked in the wrong cells."""
    try:
        data = path.read_bytes()
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != sha256:
        what = Text(
            "filen ändrades under körningen, så ingen kopia skrevs.", "the file was changed during the run, so no copy was written."
        )
        raise OutputError(what, Text("Kör igen.", "Run again."), place=file)
    return data


def _check_single(path: Path, copies: Sequence[AnnotatedCopy]) -> None:
    if copies and _is_someones(path):
        what = Text("filen finns redan och är ingen orörd kopia.", "the file is there already and is no untouched copy.")
        raise OutputError(what, Text("Ange ett annat namn.", "Give another name."), place=str(path))
    if len(copies) > 1:
        what = Text(
            "{count} arbetsböcker har något att rätta, men bara en fil är angiven.",
            "{count} workbooks have something to correct, but one file is named.",
        )
        raise OutputError(what.fill(count=len(copies)), Text("Ange en mapp.", "Name a folder."), place=str(path))
    for copy in copies:
        if not copy.name.endswith(suffix := path.suffix.lower()):
            other = Path(copy.name).suffix
            what = Text("kopian är en {other} och kan inte heta {suffix}.", "the copy is {other} and can't be called {suffix}.")
            raise OutputError(what.fill(other=other, suffix=suffix), Text("Byt ändelse.", "Change the suffix."), place=str(path))


def _free_names(folder: Path, names: Sequence[str]) -> list[str]:
    """The names, numbered where they would fall together or where a workbook has the name that someone has saved."""
    given: list[str] = []
    for name in names:
        stem, dot, suffix = name.rpartition(".")
        others = (name, *(f"{stem}-{number}{dot}{suffix}" for number in range(2, 10_000)))
        given.append(next(each for each in others if each not in given and not _is_someones(folder / each)))
    return given


def _is_someones(path: Path) -> bool:
    try:
        return not is_stream(path) and not is_as_written(path.read_bytes())
    except OSError:  # nothing is there, or it can't be written either, which the writing tells
        return False


def _told(copy: AnnotatedCopy, path: str, holds: Text) -> Text:
    wrote, plain = _WROTE.fill(path=path, holds=holds), _PLAIN.fill(file=name_text(copy.file))
    return Text(wrote.sv + plain.sv, wrote.en + plain.en) if copy.plain else wrote
