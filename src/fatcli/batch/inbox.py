"""The inbox as a folder: what lies in it, what is still being copied, one batch at a time, and moves that lose nothing."""

import filecmp
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from fatcli.errors import LedgerError, OutputError, UsageError
from fatcli.model import SUFFIXES
from fatcli.texts import Text
from fatcli.workspace import Workspace, unwritable

ACCEPTED, REJECTED, BOOKED = "accepted", "rejected", "booked"
LOG = "batch-log.jsonl"
SUMMARY = Text("sammanfattning.html", "summary.html")
PATIENCE = 3600.0  # seconds that an incomplete workbook may take to arrive
_LOCK = ".fat-batch.lock"
_PRIVATE = 0o700
_LONGEST_STEM = 200  # bytes, of the 255 that a name may have
# what browsers, WinSCP, rsync and others call a file until all of it is there
_UNDER_WAY = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".temp")

_COPYING = Text("kopieras in, eller är öppen i Excel", "being copied in, or open in Excel")
_FRESH = Text("ändrades nyss", "changed a moment ago")
_INCOMPLETE = Text("har ännu inte kommit fram i sin helhet", "not all of it has arrived yet")


class Waiting(NamedTuple):
    """A file that is left for the next run, and why."""

    file: str
    reason: Text


class Stamp(NamedTuple):
    """What shows that a file has changed."""

    size: int
    modified_ns: int


@dataclass(frozen=True)
class Contents:
    """What lies in an inbox, by name. `other`: files that are no workbooks; they are left alone."""

    ready: tuple[Path, ...]
    waiting: tuple[Waiting, ...]
    other: tuple[str, ...]


@dataclass(frozen=True)
class Inbox:
    """A folder that workbooks are handed in to. `settle`: seconds that a file must have been unchanged at the time `now` (a timestamp)."""

    folder: Path
    settle: float
    now: float

    @contextmanager
    def locked(self) -> Iterator[None]:
        """This batch alone. The system lets go of the lock when a process ends, however it ends. Raises LedgerError, OutputError."""
        path = self.folder / _LOCK
        lock = FileLock(path, timeout=0, mode=0o600)
        try:
            lock.acquire()
        except Timeout as error:
            what = Text("en annan körning av fat batch arbetar i mappen.", "another run of fat batch is at work in the folder.")
            raise LedgerError(what, Text("Vänta tills den är klar.", "Wait until it is done."), place=str(self.folder)) from error
        except OSError as error:
            raise unwritable(path, error) from error
        try:
            yield
        finally:
            lock.release()

    def contents(self) -> Contents:
        ready, waiting, other = [], [], []
        for path in self._files():
            if reason := self._waits(path):
                waiting.append(Waiting(path.name, reason))
            elif path.suffix.lower() in SUFFIXES:
                ready.append(path)
            elif not path.name.startswith("."):
                other.append(path.name)
        return Contents(tuple(ready), tuple(waiting), tuple(other))

    def accepted(self) -> list[Path]:
        """The workbooks that are accepted and not yet booked."""
        folder = self.folder / ACCEPTED
        return [path for path in workbooks(folder) if not path.name.startswith(("~$", "."))]

    def kept(self) -> Iterator[Path]:
        """What no output may be written over: the inbox's own files, and the workbooks in it, judged ones too."""
        yield from (self.folder / name for name in (_LOCK, LOG, *SUMMARY))
        yield from (path for path in self.folder.rglob("*") if path.suffix.lower() in SUFFIXES)

    def make(self, folder: Path) -> None:
        """Makes a folder in the inbox, private to the user. Raises OutputError; UsageError where it is a link."""
        names = folder.relative_to(self.folder).parts
        for depth in range(len(names)):
            part = self.folder.joinpath(*names[: depth + 1])
            if part.is_symlink():
                raise _link(part)
            try:
                part.mkdir(mode=_PRIVATE, exist_ok=True)
            except OSError as error:
                raise unwritable(part, error) from error

    def move(self, path: Path, target: Path) -> bool:
        """A rename: within the inbox a file is in the one place or the other, never in both or none.

        False where the file is gone or another program holds it. Raises OutputError.
        """
        try:
            path.replace(target)
        except FileNotFoundError:
            return False
        except OSError as error:
            # Windows moves no open file; a folder that may not be written in holds all of them up
            if isinstance(error, PermissionError) and os.access(self.folder, os.W_OK) and os.access(target.parent, os.W_OK):
                return False
            raise _immovable(path, error) from error
        return True

    def shown(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _files(self) -> list[Path]:
        own = {_LOCK, LOG, *SUMMARY}
        try:
            # a symbolic link could lead to any file that the office may read
            return sorted(path for path in self.folder.iterdir() if path.name not in own and not path.is_symlink() and path.is_file())
        except OSError as error:
            raise _no_folder(self.folder) from error

    def _waits(self, path: Path) -> Text | None:
        """Why a file is not judged yet."""
        name = path.name.lower()
        if name.endswith(_UNDER_WAY) or (name.startswith(("~$", ".")) and any(suffix in name for suffix in SUFFIXES)):
            return _COPYING
        if path.suffix.lower() not in SUFFIXES:
            return None
        try:
            age = self.now - path.stat().st_mtime
            if abs(age) < self.settle:
                return _FRESH
            return _INCOMPLETE if age < PATIENCE and _incomplete(path) else None
        except OSError:
            return None  # reading it will tell


def open_inbox(folder: Path, workspace: Workspace, settle: float, now: float) -> Inbox:
    """The inbox, once it is sure that it is no folder whose files serve for something else. Raises UsageError."""
    if not folder.is_dir():
        raise _no_folder(folder)
    workspace.files()  # refuses a workspace that is no folder, whatever lies in the inbox
    inner = folder.resolve()
    if inner == workspace.folder.resolve() or workspace.output_folder().resolve() in (inner, *inner.parents):
        raise UsageError(
            Text("inkorgen är arbetsmappen eller dess utdatamapp.", "the inbox is the workspace or its output folder."),
            Text(
                "Dess filer skulle flyttas. Ange en mapp dit bara närvaro lämnas.",
                "Its files would be moved. Name a folder where attendance alone is handed in.",
            ),
            place=str(folder),
        )
    for name in (_LOCK, LOG, *SUMMARY, ACCEPTED, REJECTED, BOOKED):
        if (folder / name).is_symlink():
            raise _link(folder / name)
    return Inbox(folder, settle, now)


def _link(path: Path) -> UsageError:
    """Anyone may put a link in an inbox: what is written there must not land elsewhere."""
    what = Text("är en länk; den egna filen eller mappen i en inkorg får inte vara det.", "is a link; the batch's own must not be one.")
    return UsageError(what, Text("Ta bort länken och kör igen.", "Remove the link and run again."), place=str(path))


def stamp(path: Path) -> Stamp | None:
    """None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Stamp(found.st_size, found.st_mtime_ns)


def workbooks(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def free_place(folder: Path, name: str, content: Path | bytes, keep: Callable[[Path], bool] = lambda _: True) -> Path:
    """Where a file of that name can lie without one being lost: `x.xlsx`, `x-2.xlsx` …, the first that is free or holds the same bytes.

    `keep`: what else the place must fulfil.
    """
    stem, suffix = Path(name).stem, Path(name).suffix
    # a name may be no text
    short = stem.encode(errors="surrogateescape")[:_LONGEST_STEM].decode(errors="ignore")
    places = (folder / (f"{short}-{number}{suffix}" if number > 1 else name) for number in count(1))
    return next(place for place in places if keep(place) and (not place.exists() or _same(place, content)))


def twin(path: Path, folder: Path) -> Path | None:
    """A workbook of another name in a folder that has the same bytes."""
    return next((other for other in workbooks(folder) if other.name != path.name and _same(other, path)), None)


def _same(place: Path, content: Path | bytes) -> bool:
    try:
        return place.read_bytes() == content if isinstance(content, bytes) else filecmp.cmp(place, content, shallow=False)
    except OSError:
        return False


def _incomplete(path: Path) -> bool:
    """Empty, or a package without the directory that stands at its end."""
    with path.open("rb") as file:
        head = file.read(2)
        return not head or (head == b"PK" and not zipfile.is_zipfile(file))


def _no_folder(folder: Path) -> UsageError:
    what = Text("inkorgen är ingen mapp som går att läsa.", "the inbox is no folder that can be read.")
    return UsageError(what, Text("Ange en mapp som finns.", "Name a folder that exists."), place=str(folder))


def _immovable(path: Path, error: OSError) -> OutputError:
    what = Text("filen går inte att flytta ({reason}).", "the file can't be moved ({reason}).")
    remedy = Text(
        "Stäng den i Excel, kontrollera behörigheten till mappen, och kör igen.",
        "Close it in Excel, see to the access to the folder, and run again.",
    )
    return OutputError(what.fill(reason=error.strerror or type(error).__name__), remedy, place=str(path))
