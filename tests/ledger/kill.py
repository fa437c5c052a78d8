"""Kills `fat payout` at every point where it touches the disk, one after the other, and looks at what is left.

    python tests/ledger/kill.py [--every N] [--syscalls]

Nothing of this is in the program. A wrapper counts calls in the process to be killed, every SQL statement, write, fsync, rename and
unlink in the workspace, and stops it with SIGKILL (TerminateProcess on Windows) before the chosen one; writes and inserts are killed
half-way too. With --syscalls, strace kills at each system call on the ledger, its journal and its folder, inside SQLite's commit as well.

After each kill the books must verify, and one more run must end with the same items, the same hashes and the same files, byte for
byte, as a run that nobody disturbed, and with nothing left aside.
"""

import argparse
import contextlib
import hashlib
import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

SAMPLES = Path(__file__).parents[2] / "samples" / "clean"
STORIES = ("first", "correction", "clawback")
PAYOUT = ("payout", "--month", "2024-04", "--as-of", "2024-05-03")
CLAWBACK = ("ledger", "clawback", "--organiser", "BJORKDALEN", "--month", "2024-04", "--as-of", "2024-05-03", "--reason", "test")
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
SYSCALLS = "pwrite64,write,ftruncate,fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2,mkdir,fchmod,openat"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="kill at every N-th point only")
    parser.add_argument("--syscalls", action="store_true", help="with strace, at each system call on the ledger")
    options = parser.parse_args()
    total = 0
    for story in STORIES:
        with tempfile.TemporaryDirectory() as folder:
            kills = killed_everywhere(Path(folder), story, options.every, syscalls=options.syscalls)
        total += kills.total()
        tell(f"{story}: {kills.total()} kills, all recovered: " + ", ".join(f"{count} x {kind}" for kind, count in sorted(kills.items())))
    tell(f"{total} kills, 0 failures")
    return 0


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def killed_everywhere(folder: Path, story: str, every: int = 1, start: int = 1, *, syscalls: bool = False) -> Counter[str]:
    """Kills one story at each point; the kills by kind of point. Raises AssertionError for what is not recovered.

    first: a workspace without a ledger. correction: some of the month is booked already. clawback: one of the month's claims is taken back.
    """
    base, undisturbed, killed = folder / "base", folder / "undisturbed", folder / "killed"
    prepared(base, story)
    shutil.copytree(base, undisturbed)
    points = passed(undisturbed, story, syscalls=syscalls)
    wanted = state(undisturbed)
    kills: Counter[str] = Counter()
    for at in range(start, len(points) + 1, every):
        shutil.rmtree(killed, ignore_errors=True)
        shutil.copytree(base, killed)
        kind = points[at - 1]
        where = f"{story}, point {at} ({kind})"
        assert stopped(killed, story, points[:at], syscalls=syscalls) != 0, f"{where}: not killed"
        check(killed, story, wanted, where)
        kills[kind] += 1
    return kills


def prepared(workspace: Path, story: str) -> None:
    """A workspace just before the run that is killed."""
    workspace.mkdir()
    for file in SAMPLES.glob("*.xlsx"):
        shutil.copy(file, workspace)
    if story == "correction":
        here(workspace, *PAYOUT, "--organiser", "EKBACKEN")
    if story == "clawback":
        here(workspace, *PAYOUT)


def check(workspace: Path, story: str, wanted: dict[str, object], where: str) -> None:
    assert sound(workspace), f"{where}: the books do not verify"
    if story == "clawback" and state(workspace)["claims"] == wanted["claims"]:
        here(workspace, "ledger", "render", "1")  # any command that writes completes what was cut short; a second clawback finds nothing
    else:
        here(workspace, *command(story))
    assert sound(workspace), f"{where}: after one more run the books do not verify"
    found = state(workspace)
    differing = [key for key in wanted.keys() | found.keys() if found.get(key) != wanted.get(key)]
    assert not differing, f"{where}: {differing} differ"


def command(story: str) -> tuple[str, ...]:
    return CLAWBACK if story == "clawback" else PAYOUT


def sound(workspace: Path) -> bool:
    from fatcli.ledger import Ledger

    with Ledger.open(workspace / "ledger.db", create=False) as ledger:
        return ledger.verify() == []


def state(workspace: Path) -> dict[str, object]:
    """Every output file's sha256, what was left aside among them, and the books without who and when."""
    found: dict[str, object] = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (workspace / "out").rglob("*") if path.is_file()
    }
    connection = sqlite3.connect(workspace / "ledger.db")
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "runs" in tables:
        for table in ("inputs", "claims", "lines", "items"):
            found[table] = connection.execute(f"SELECT * FROM {table}").fetchall()
        found["runs"] = connection.execute("SELECT run, kind, month, hash FROM runs").fetchall()
        last = "SELECT kind FROM events WHERE events.run = runs.run ORDER BY event DESC LIMIT 1"
        found["unfinished"] = connection.execute(f"SELECT run FROM runs WHERE ({last}) <> 'files'").fetchall()
    connection.close()
    return found


def here(workspace: Path, *arguments: str) -> None:
    """A command in this process; what it prints is of no interest."""
    from fatcli.cli.app import app

    os.environ["FAT_USER"] = "anna"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = app([*arguments, "-C", str(workspace), "--lang", "sv"], standalone_mode=False)
    assert code in (0, 1, None), f"{arguments}: exit {code}"


def passed(workspace: Path, story: str, *, syscalls: bool) -> list[str]:
    """Runs a story undisturbed; the points that it passes, by their kind."""
    notes = workspace.with_name("points.txt")
    strace = [*_strace(workspace, str(notes)), "-e", f"trace={SYSCALLS}"] if syscalls else []
    child_notes = None if syscalls else notes
    command = [*strace, *_command(workspace, story, 0, child_notes)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=_environment())
    assert done.returncode in (0, 1), done.stderr
    lines = notes.read_text(encoding="utf-8").splitlines()
    return [line.split(maxsplit=1)[1].partition("(")[0] for line in lines if "(" in line] if syscalls else lines


def stopped(workspace: Path, story: str, points: list[str], *, syscalls: bool) -> int:
    """Runs a story and kills it at the last of these points; the exit code, 0 where it came through."""
    kind = points[-1]
    if syscalls:
        inject = f"inject={kind}:signal=KILL:when={points.count(kind)}"
        command = [*_strace(workspace, os.devnull), "-e", f"trace={kind}", "-e", inject, *_command(workspace, story, 0)]
    else:
        command = _command(workspace, story, len(points))
    done = subprocess.run(command, capture_output=True, check=False, env=_environment())
    return 0 if done.returncode in (0, 1) and os.name != "nt" else done.returncode


def _strace(workspace: Path, output: str) -> list[str]:
    """System calls on the workspace's folder, the ledger, its journal and its head file."""
    paths = [f"-P{workspace / name}" for name in ("", "ledger.db", "ledger.db-journal", "ledger.db.head")]
    return ["strace", "-f", "-qqq", "-e", "signal=none", "-o", output, *paths]


def _command(workspace: Path, story: str, kill_at: int, notes: Path | None = None) -> list[str]:
    return [
        sys.executable,
        __file__,
        "--child",
        str(kill_at),
        str(notes or ""),
        str(workspace),
        *command(story),
        "-C",
        str(workspace),
        "--lang",
        "sv",
    ]


def _environment() -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}  # the killed tell no coverage
    return mine | {"FAT_USER": "anna", "PYTHONIOENCODING": "utf-8", "POLARS_MAX_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def child(kill_at: int, notes: str, workspace: str, arguments: list[str]) -> None:
    """In the process to be killed: wraps what leaves traces in the workspace, then runs the command line."""
    points = Points(kill_at, notes)
    for name in ("replace", "rename", "unlink", "mkdir"):
        _wrap(name, points, lambda path, *_, **__: str(path).startswith(workspace))
    _wrap("fsync", points, lambda *_: True)
    _wrap("open", points, lambda path, flags, *_, **__: str(path).startswith(workspace) and bool(flags & os.O_CREAT))
    connect = sqlite3.connect

    def connected(path: object, **options: Any) -> sqlite3.Connection:
        return connect(path, **options) if path == ":memory:" else connect(path, factory=_connection(points), **options)

    sqlite3.connect = connected
    fdopen = os.fdopen
    os.fdopen = lambda handle, *given, **named: _File(fdopen(handle, *given, **named), points)
    sys.argv = ["fat", *arguments]
    from fatcli.cli.app import main as fat

    fat()


class Points:
    """Counts the points that are passed, notes their kind, and kills at the chosen one."""

    def __init__(self, kill_at: int, notes: str) -> None:
        self.kill_at, self.passed = kill_at, 0
        self.notes = open(notes, "w", encoding="utf-8", buffering=1) if notes else None  # noqa: SIM115, PTH123  # open until the end

    def __call__(self, kind: str) -> None:
        self.passed += 1
        if self.notes:
            self.notes.write(f"{kind}\n")
        if self.passed == self.kill_at:
            os.kill(os.getpid(), KILL)


def _wrap(name: str, points: Points, counts: Callable[..., bool]) -> None:
    original = getattr(os, name)

    def call(*given: Any, **named: Any) -> Any:
        if counts(*given, **named):
            points(name)
        return original(*given, **named)

    setattr(os, name, call)


def _connection(points: Points) -> type[sqlite3.Connection]:
    class Connection(sqlite3.Connection):
        """Every statement that writes is a point; many inserts are one before and one half-way."""

        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            if not sql.lstrip().upper().startswith(("SELECT", "PRAGMA", "WITH")):
                points(f"sql {sql.split(maxsplit=1)[0].lower()}")
            return super().execute(sql, *parameters)

        def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
            points("sql insert many")
            given = list(rows)
            super().executemany(sql, given[: len(given) // 2])
            points("sql insert many, half done")
            return super().executemany(sql, given[len(given) // 2 :])

    return Connection


class _File:
    """A file whose write is a point before and one half-way."""

    def __init__(self, file: Any, points: Points) -> None:
        self._file, self._points = file, points

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: Any) -> None:
        self._points("write")
        self._file.write(data[: len(data) // 2])
        self._file.flush()
        self._points("write, half done")
        self._file.write(data[len(data) // 2 :])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5:])
    else:
        sys.exit(main())
