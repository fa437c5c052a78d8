"""Where outputs go: settled, and refused, before anything is read or booked; then written one and all, also where one fails."""

import errno
import os
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import StringIO
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fatcli.cli import common
from fatcli.cli.common import Color, Sink
from fatcli.errors import FatError, InputError, OutputError, UsageError
from fatcli.model import SUFFIXES
from fatcli.texts import Language, Text
from fatcli.workspace import SETTINGS_FILE, Workspace, expanded, is_stream, unwritable, write_file

if TYPE_CHECKING:
    from rich.console import Console

_TAKEN = Text("filen är en som fat läser eller bokför i.", "the file is one that fat reads or keeps its books in.")
_TWICE = Text("två utdata skulle skrivas till samma plats.", "two outputs would be written to the same place.")
_ELSEWHERE = Text("Inget är skrivet. Ange en annan plats med -o.", "Nothing is written. Name another place with -o.")
_NO_COPY = Text("kopior att rätta i skrivs inte som {suffix}.", "copies to correct are not written as {suffix}.")
_AS_XLSX = Text("Ange en fil som slutar på .xlsx, eller en mapp.", "Name a file that ends in .xlsx, or a folder.")
_COPIES = (".xlsx", ".xlsm")


def settled(
    sinks: Sequence[Sink],
    workspace: Workspace,
    language: Language,
    usual: Callable[[str], Text],
    read: Iterable[Path] = (),
    folders: Collection[str] = (),
) -> list[Sink]:
    """The outputs with their places: where a folder or nothing is named, a file of the usual name (by format, without suffix).

    `read`: what is read besides the workspace's files. `folders`: formats that fill a folder of their own. Raises UsageError where an
    output would be written over what is read or kept, or over another; OutputError where it can't be written.
    """
    found = [sink if sink.is_stdout else _settled(sink, workspace, usual(sink.format).to(language), folders) for sink in sinks]
    to_files = [(sink.path, sink) for sink in found if sink.path is not None]
    if not to_files:
        return found
    taken = kept(workspace, read)
    for path, sink in to_files:
        with _worded(path):
            refuse_taken([each for each in taken if _holds(sink, path, each)] if sink.is_folder else [path], taken)
    for (path, sink), (other, last) in combinations(to_files, 2):
        if _collide(path, sink, other, last):
            raise UsageError(_TWICE, _ELSEWHERE, place=str(other))
    for path, sink in to_files:
        _check_writable(path, path if sink.is_folder else None)
    return found


def kept(workspace: Workspace, read: Iterable[Path] = ()) -> list[Path]:
    """What no output may be written over: settings, rule books, the ledger with its head and journal, and all workbooks read."""
    from fatcli.ledger.file import companions

    ledger = workspace.folder / workspace.settings.ledger
    rules = (workspace.rules(), workspace.folder / "rules.yaml")
    return [workspace.folder / SETTINGS_FILE, *filter(None, rules), ledger, *companions(ledger), *workspace.files(), *expanded(read)]


def refuse_taken(paths: Iterable[Path], taken: Collection[Path]) -> None:
    for path in paths:
        if any(_same(path, each) for each in taken):
            raise UsageError(_TAKEN, _ELSEWHERE, place=str(path))


def write_all(sinks: Iterable[Sink], write: Callable[[Sink], None]) -> list[FatError]:
    """Writes every output, and returns what went wrong."""
    failed: list[FatError] = []
    for sink in sinks:
        try:
            write(sink)
        except (InputError, OutputError) as error:
            failed.append(error)
    return failed


def fail(failed: Iterable[FatError]) -> None:
    """Raises what went wrong, if anything did; of several the gravest, having told the others."""
    by_gravity = sorted(failed, key=lambda error: error.exit_code)
    for error in by_gravity[:-1]:
        common.complain(error.message(common.LANGUAGE))
    if by_gravity:
        raise by_gravity[-1]


def put(sink: Sink, content: str | bytes) -> None:
    """Writes an output whole, to its file or to stdout."""
    if sink.path is None:
        typer.echo(content, nl=False)
    else:
        write_file(sink.path, content.encode() if isinstance(content, str) else content)


def put_text_or_json(sink: Sink, color: Color, show: "Callable[[Console], None]", document: Callable[[], str]) -> None:
    """Writes what `show` prints, in colour only to stdout, or the JSON document."""
    if sink.format == "json":
        put(sink, document())
    elif sink.path is None:
        show(common.console(color))
    else:
        put(sink, page(show))


def page(show: "Callable[[Console], None]", width: int = 120) -> str:
    """What `show` prints, as the text of a file."""
    from rich.console import Console

    text = StringIO()
    show(Console(file=text, width=width, no_color=True, highlight=False))
    return text.getvalue()


def _settled(sink: Sink, workspace: Workspace, name: str, folders: Collection[str]) -> Sink:
    path = sink.path or workspace.output_folder()
    with _worded(path):
        is_folder = sink.path is None or sink.is_folder or path.is_dir()
        if sink.format == "annotated" and not is_folder and path.suffix.lower() in {*SUFFIXES} - {*_COPIES}:
            raise UsageError(_NO_COPY.fill(suffix=path.suffix), _AS_XLSX, place=str(path))
        if sink.format in folders:
            fills = path.suffix.lower() not in _COPIES if sink.format == "annotated" else not (path.suffix or path.exists())
            return replace(sink, path=path, is_folder=is_folder or fills)
    return replace(sink, path=path / f"{name}.{_SUFFIX.get(sink.format, sink.format)}" if is_folder else path, is_folder=False)


_SUFFIX = {"text": "txt"}


def _holds(sink: Sink, folder: Path, path: Path) -> bool:
    """Whether a file may be one of those that an output fills its folder with; copies to correct are never written over what is there."""
    return sink.format == "csv" and path.suffix.lower() == ".csv" and _same(path.parent, folder)


def _collide(path: Path, sink: Sink, other: Path, last: Sink) -> bool:
    if sink.is_folder and last.is_folder:
        return sink.format == last.format and _same(path, other)
    if sink.is_folder or last.is_folder:
        return _holds(sink, path, other) if sink.is_folder else _holds(last, other, path)
    return _same(path, other)


def _same(path: Path, other: Path) -> bool:
    """Also by another name: a link, or one that differs in case alone, which on many disks is the same."""
    with suppress(OSError):
        if path.samefile(other):
            return True
    return _key(path) == _key(other)


def _key(path: Path) -> str:
    return unicodedata.normalize("NFC", os.path.realpath(path)).casefold()


def _check_writable(path: Path, folder: Path | None) -> None:
    """`folder`: the one to be filled; None: the file's own."""
    with _worded(path):
        if is_stream(path):
            _check_access(path)
            return
        if folder is None and path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        start = folder or Path(os.path.realpath(path)).parent
        there = next((each for each in (start, *start.absolute().parents) if each.exists()), None)
        if there is None or not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        _check_access(there)


def _check_access(path: Path) -> None:
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@contextmanager
def _worded(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise unwritable(path, error) from error
