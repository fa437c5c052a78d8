"""The file system at the edge: a workspace's settings and files, and outputs that appear whole or not at all."""

import contextlib
import errno
import os
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path
from typing import Any

from fatcli import strictyaml
from fatcli.errors import InputError, OutputError, UsageError
from fatcli.model import SUFFIXES
from fatcli.texts import Text, same

if sys.platform != "win32":
    import fcntl

    _ALONE, _TOGETHER = fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.LOCK_SH
else:
    _ALONE = _TOGETHER = 0

_DEVICES = (Path("/dev"), Path("/dev/fd"))
_ABANDONED = 3600  # seconds: no run writes its files for so long

SETTINGS_FILE = "fat.yaml"


@dataclass(frozen=True)
class Settings:
    """What fat.yaml may set; paths are relative to the workspace."""

    rules: str | None = None
    register: tuple[str, ...] = ("placements*", "register*", "beslut*")
    attendance: tuple[str, ...] = ("attendance*", "närvaro*", "narvaro*")
    output: str = "out"
    ledger: str = "ledger.db"
    language: str | None = None


@dataclass(frozen=True)
class Workspace:
    """A folder with the month's workbooks, and its settings."""

    folder: Path
    settings: Settings

    def rules(self) -> Path | None:
        """The workspace's rule book; None: the one shipped with the program."""
        if self.settings.rules is not None:
            return self.folder / self.settings.rules
        own = self.folder / "rules.yaml"
        return own if os.path.lexists(own) else None  # a link that leads nowhere is a rule book that can't be read

    def output_folder(self) -> Path:
        return self.folder / self.settings.output

    def registers(self) -> list[Path]:
        return self._matching(self.settings.register)

    def files(self) -> list[Path]:
        """All the workspace's workbooks, registers and attendance."""
        return self._matching(self.settings.register + self.settings.attendance)

    def others(self) -> list[Path]:
        """The folder's workbooks that no pattern of the settings takes in."""
        return sorted({*self._matching(("*",))} - {*self.files()})

    def shown(self, path: Path) -> str:
        """A path as users see it: from the workspace where it lies there."""
        with contextlib.suppress(ValueError):
            path = path.resolve().relative_to(self.folder.resolve())
        return as_text(path.as_posix())

    def _matching(self, patterns: Sequence[str]) -> list[Path]:
        wanted = [_folded(pattern) for pattern in patterns]
        try:
            entries = sorted(self.folder.iterdir())
        except OSError as error:
            raise UsageError(
                Text("arbetsmappen går inte att läsa.", "the workspace can't be read."),
                Text("Ange en mapp som finns med -C.", "Name a folder that exists with -C."),
                place=str(self.folder),
            ) from error
        return [path for path in entries if _is_workbook(path) and any(fnmatchcase(_folded(path.name), pattern) for pattern in wanted)]


def as_text(name: str) -> str:
    """The name of a file, which need be no text, as one."""
    return os.fsencode(name).decode("utf-8", "replace")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _is_workbook(path: Path) -> bool:
    # Excel's lock files begin with ~$
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(("~$", ".")) and (path.is_file() or is_lost(path))


def is_lost(path: Path) -> bool:
    """Whether it is a link that leads nowhere, as to a share that is away: what it stands for must not be passed over."""
    return path.is_symlink() and not path.exists()


def open_workspace(folder: Path | None, files: Sequence[Path], environment: Mapping[str, str], **options: str | None) -> Workspace:
    """The workspace of a command: options win over FAT_* variables, those over fat.yaml. Raises UsageError."""
    folder = folder or (files[0].parent if files else Path())
    settings = _from_file(folder / SETTINGS_FILE)
    given: dict[str, Any] = {}
    for name in ("rules", "output", "ledger", "language"):
        if value := options.get(name) or environment.get(f"FAT_{name.upper()}"):
            given[name] = _from_here(name, value)
    return Workspace(folder, replace(settings, **given))


def _from_here(name: str, value: str) -> str:
    """A path given on the command line is relative to where the user stands, not to the workspace."""
    return value if name == "language" else str(Path(value).absolute())


def _from_file(path: Path) -> Settings:
    if not os.path.lexists(path):
        return Settings()
    try:
        return _settings(strictyaml.load(_text(path)))
    except strictyaml.YamlError as error:
        remedy = Text("Rätta raden och kör igen.", "Correct the line and run again.")
        raise UsageError(error.what, remedy, place=f"{path}:{error.line}") from error
    except (OSError, UnicodeDecodeError) as error:
        what = Text("inställningarna går inte att läsa.", "the settings can't be read.")
        remedy = Text(
            "Kontrollera att filen är en textfil i UTF-8 som du får läsa.", "Check that the file is a text file in UTF-8 that you may read."
        )
        raise UsageError(what, remedy, place=str(path)) from error


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return path.read_text(encoding="utf-8")


def _settings(root: strictyaml.Node) -> Settings:
    found = root.keys(*(field.name for field in fields(Settings)))
    values: dict[str, Any] = {}
    for name, node in found.items():
        if name in ("register", "attendance"):
            values[name] = tuple(item.text() for item in node.items()) if isinstance(node.value, tuple) else (node.text(),)
        else:
            values[name] = node.choice("sv", "en") if name == "language" else node.text()
    return Settings(**values)


def expanded(files: Iterable[Path]) -> list[Path]:
    """File arguments with patterns such as `*.xlsx` expanded (not every shell does it); a file that is named twice once."""
    found: list[Path] = []
    for path in files:
        if has_magic(str(path)) and not path.exists():
            matches = sorted(path.parent.glob(path.name))
            if not matches:
                raise InputError(
                    Text("inga filer passar mönstret.", "no files match the pattern."),
                    Text("Kontrollera mappen och mönstret.", "Check the folder and the pattern."),
                    place=str(path),
                )
            found += matches
        else:
            found.append(path)
    once: dict[Path, Path] = {}
    for path in found:
        once.setdefault(path.resolve(), path)
    return list(once.values())


def write_files(folder: Path, contents: Mapping[str, bytes], *, follow: bool = True) -> list[Path]:
    """Writes files private to the user, all aside first and then renamed, so that each appears whole or not at all.

    Of a symbolic link the file behind it is written, or the link is replaced where none is to be followed; a device or a pipe is written
    into. Once it returns the files outlive a power loss, where the platform lets folders be synced.
    """
    aside: list[tuple[Path, Path, Path]] = []  # what was written aside, the file it becomes, and what the user calls that
    target = folder
    try:
        _make(folder)
        with contextlib.ExitStack() as held:
            for name, data in contents.items():
                target = folder / name
                if follow and is_stream(target):
                    _write_into(target, data)
                    continue
                real = Path(os.path.realpath(target)) if follow else target
                if real.parent not in (path.parent for path, _, _ in aside):
                    held.enter_context(_writing_in(real.parent))
                aside.append((_write_aside(real.parent, data), real, target))
            for path, real, named in aside:
                target = named
                path.replace(real)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise unwritable(target, error) from error
    finally:
        for path, _, _ in aside:
            path.unlink(missing_ok=True)
    return [folder / name for name in contents]


def write_file(path: Path, data: bytes, *, follow: bool = True) -> None:
    write_files(path.parent, {path.name: data}, follow=follow)


def is_stream(path: Path) -> bool:
    """Whether it is no file but a device or a pipe, or what the system lends such a name, as /dev/stderr."""
    return path.absolute().parent in _DEVICES or (path.exists() and not path.is_file() and not path.is_dir())


def _write_into(path: Path, data: bytes) -> None:
    # appended, as /dev/stderr may be a file that others write to as well
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as file:
        file.write(data)


def _make(folder: Path) -> None:
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in new:
        with _opened(path.parent) as handle:
            _sync(handle)


@contextlib.contextmanager
def _writing_in(folder: Path) -> Iterator[None]:
    """Clears away what killed writers left, keeps others from taking what is written here for such, and syncs the folder at the end."""
    with _opened(folder) as handle:
        _clear(folder, alone=_locked(handle, _ALONE))
        _locked(handle, _TOGETHER)
        yield
        _sync(handle)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    """A folder to lock and sync; None where the platform opens none."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _sync(handle: int | None) -> None:
    if handle is not None:
        with contextlib.suppress(OSError):  # some network drives can't
            os.fsync(handle)


def _locked(handle: int | None, how: int) -> bool:
    """The system lets go of the lock when the handle is closed or the process ends, however it ends."""
    if sys.platform != "win32" and handle is not None:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, how)
            return True
    return False


def _clear(folder: Path, *, alone: bool) -> None:
    """Removes files that were written aside and never renamed; those that another process may still be writing only when they are old."""
    for path in folder.glob(".fat-*.tmp"):
        with contextlib.suppress(OSError):
            if alone or time.time() - path.stat().st_mtime > _ABANDONED:
                path.unlink()


def _write_aside(folder: Path, data: bytes) -> Path:
    # mkstemp makes the file readable by the user alone
    handle, name = tempfile.mkstemp(prefix=".fat-", suffix=".tmp", dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


_REASONS = {
    errno.ENOSPC: Text("disken är full", "the disk is full"),
    errno.EROFS: Text("disken går bara att läsa", "the disk is read-only"),
    errno.ENOENT: Text("mappen finns inte", "the folder does not exist"),
    errno.EEXIST: Text("en fil ligger där mappen ska vara", "a file is where the folder should be"),
    errno.ENOTDIR: Text("en fil ligger där mappen ska vara", "a file is where the folder should be"),
    errno.EISDIR: Text("det är en mapp", "it is a folder"),
    errno.ENAMETOOLONG: Text("namnet är för långt", "the name is too long"),
}


def unwritable(path: Path, error: OSError | ValueError) -> OutputError:
    """The system's error put into words."""
    if isinstance(error, PermissionError):
        what = Text("filen är låst eller skrivskyddad.", "the file is locked or write-protected.")
        remedy = Text(
            "Stäng den i Excel, eller välj en annan plats, och kör igen.", "Close it in Excel, or choose another place, and run again."
        )
    else:
        other = same(getattr(error, "strerror", None) or type(error).__name__)
        reason = _REASONS.get(getattr(error, "errno", None) or 0, other)
        what = Text("filen går inte att skriva ({reason}).", "the file can't be written ({reason}).").fill(reason=reason)
        remedy = Text(
            "Kontrollera mappen och utrymmet på disken, och kör igen.", "Check the folder and the space on the disk, and run again."
        )
    return OutputError(what, remedy, place=str(path))
