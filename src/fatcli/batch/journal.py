"""The log of an inbox: a line of JSON for each file and run, only ever added to."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from fatcli.batch.inbox import LOG
from fatcli.errors import FatError, InputError
from fatcli.model import Severity
from fatcli.terminal import escaped
from fatcli.workspace import unwritable

# accepted, rejected: judged; unreadable: the workbook can't be read; fault: the program failed on it; booked: part of a booking;
# duplicate: turned away, as it is accepted under another name; replaced: rejected, but what corrects it has been accepted since
Verdict = Literal["accepted", "rejected", "unreadable", "fault", "booked", "duplicate", "replaced"]

VIOLATIONS = 1  # the exit code of what has them, or can't be accepted


@dataclass(frozen=True)
class Entry:
    """A line of the log. Paths are relative to the inbox.

    `path`: where the file is put; None: it is left in the inbox. `reason`: why, where it is no matter of violations.
    `month`, `ledger_run`: of a booking; the run is None where nothing of it was new. `rules`: edition and sha256.
    """

    time: str
    run: str
    file: str
    verdict: Verdict
    sha256: str | None
    path: str | None
    as_of: str
    violations: Mapping[Severity, int] = field(default_factory=dict)
    reason: str | None = None
    reports: tuple[str, ...] = ()
    month: str | None = None
    ledger_run: int | None = None
    rules: str | None = None

    @property
    def exit_code(self) -> int:
        return _EXIT_CODES[self.verdict]

    def document(self) -> dict[str, Any]:
        return asdict(self) | {"exit_code": self.exit_code}


_EXIT_CODES: Mapping[Verdict, int] = {
    "accepted": 0,
    "booked": 0,
    "replaced": 0,
    "rejected": VIOLATIONS,
    "duplicate": VIOLATIONS,
    "unreadable": InputError.exit_code,
    "fault": FatError.exit_code,
}


_NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # Windows has none


def append(folder: Path, entry: Entry) -> None:
    """Adds a line, and sees it onto the disk. Raises OutputError."""
    path = folder / LOG
    line = escaped(json.dumps(entry.document(), ensure_ascii=False)) + "\n"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _NO_LINK, 0o600)
        with os.fdopen(handle, "rb+") as file:
            file.write((b"\n" if _is_cut(file.fileno()) else b"") + line.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise unwritable(path, error) from error


def _is_cut(handle: int) -> bool:
    """Whether the last line was not written to its end."""
    size = os.fstat(handle).st_size
    if not size:
        return False
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) != b"\n"


def latest(folder: Path) -> dict[str, Entry]:
    """The last line of each path, in order of paths; lines that can't be read are passed over."""
    found: dict[str, Entry] = {}
    with suppress(OSError), (folder / LOG).open(encoding="utf-8", errors="replace") as file:
        for line in file:
            with suppress(ValueError, TypeError, AttributeError):
                entry = _entry(json.loads(line))
                if entry.path:
                    found[entry.path] = entry
    return dict(sorted(found.items()))


def _entry(document: dict[str, Any]) -> Entry:
    known = {each.name for each in fields(Entry)}
    given = {name: value for name, value in document.items() if name in known}
    return Entry(**given | {"reports": tuple(document.get("reports", ()))})
