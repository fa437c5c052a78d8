"""`-o annotated`: a copy of each workbook that has something to correct, in a folder or, of a single one, in a file."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from fatcli.errors import InputError, OutputError
from fatcli.result import Checked
from fatcli.texts import Text
from fatcli.workbook import Grid, read_workbook
from fatcli.workspace import Workspace, expanded, write_files
from fatcli.writers.annotated import AnnotatedCopy, annotated_copy, of_file

_NOTHING = Text("Ingen arbetsbok har något att rätta; ingen kopia skrevs.", "No workbook has anything to correct; no copy was written.")
_WROTE = Text("Skrev {path}, som innehåller personnummer.", "Wrote {path}, which holds identity numbers.")
_WROTE_PLAIN = Text(
    "Skrev {path}, som innehåller personnummer. Format och formler i {file} kunde inte tas med.",
    "Wrote {path}, which holds identity numbers. The formats and formulas of {file} could not be carried over.",
)


def write_copies(checked: Checked, path: Path | None, workspace: Workspace, files: Sequence[Path]) -> list[Text]:
    """Writes the copies; returns what to tell of them. Where one file was read by name and `path` is a file, it is that one's copy.

    Raises InputError, OutputError.
    """
    folder = path or workspace.output_folder()
    named = folder.suffix.lower() in (".xlsx", ".xlsm") and not folder.is_dir()
    given = [workspace.shown(path) for path in expanded(files)]
    wanted = given if named and len(given) == 1 else [read.file for read in checked.inputs]
    copies = list(_copies(checked, wanted, _paths(workspace, files)))
    if named:
        _check_single(folder, copies)
    names = [folder.name] if named else _unlike([copy.name for copy in copies])
    folder = folder.parent if named else folder
    write_files(folder, {name: copy.data for name, copy in zip(names, copies, strict=False)}) if copies else None
    return [_told(copy, workspace.shown(folder / name)) for name, copy in zip(names, copies, strict=False)] or [_NOTHING]


def _copies(checked: Checked, wanted: Collection[str], paths: Mapping[str, Path]) -> Iterator[AnnotatedCopy]:
    for read in checked.inputs:
        if read.file in wanted and of_file(checked, read.file).height:
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
        raise InputError(what, Text("Kör igen.", "Run again."), place=file)
    return data


def _check_single(path: Path, copies: Sequence[AnnotatedCopy]) -> None:
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


def _unlike(names: Sequence[str]) -> list[str]:
    """The names, those that would fall together numbered."""
    given: list[str] = []
    for name in names:
        stem, dot, suffix = name.rpartition(".")
        others = (f"{stem}-{number}{dot}{suffix}" for number in range(2, len(names) + 2))
        given.append(next(each for each in (name, *others) if each not in given))
    return given


def _told(copy: AnnotatedCopy, path: str) -> Text:
    return _WROTE_PLAIN.fill(path=path, file=copy.file) if copy.plain else _WROTE.fill(path=path)
