"""Whole processes measured in turn (A B A B), so that a drifting machine touches all alike."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True)
class Command:
    """What is run: in a folder, on some of the cores (None: all). `before` sets the scene, unmeasured; exit codes in `ends` are well."""

    arguments: Sequence[str]
    folder: Path
    cores: int | None = None
    before: Callable[[], object] = lambda: None
    ends: Sequence[int] = (0,)


@dataclass(frozen=True)
class Run:
    """A process that ended: wall time, and the most memory it held (None where the system doesn't tell)."""

    seconds: float
    mib: float | None


@dataclass
class Turns:
    """Runs of several commands, in turn."""

    runs: dict[str, list[Run]] = field(default_factory=dict)

    def seconds(self, name: str) -> list[float]:
        return [run.seconds for run in self.runs[name]]

    def mib(self, name: str) -> float | None:
        """The most that any run of it held."""
        known = [run.mib for run in self.runs[name] if run.mib is not None]
        return max(known, default=None)

    def ratios(self, over: str, under: str) -> list[float]:
        return [a / b for a, b in zip(self.seconds(over), self.seconds(under), strict=True)]


# an installed program has its bytecode beside it, as the libraries that it is compared with do
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run(command: Command) -> Run:
    command.before()
    begin = time.perf_counter()
    process = subprocess.Popen(
        _on_cores(command),
        cwd=command.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_ENVIRONMENT,
    )
    said = process.stderr.read() if process.stderr else b""
    code, mib = _ended(process)
    seconds = time.perf_counter() - begin
    if code not in command.ends:
        sys.exit(f"{' '.join(command.arguments)} ended with {code}:\n{said.decode(errors='replace')}")
    return Run(seconds, mib)


def _ended(process: "subprocess.Popen[bytes]") -> tuple[int, float | None]:
    if not hasattr(os, "wait4"):
        return process.wait(), None
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / MIB


def _on_cores(command: Command) -> Sequence[str]:
    """Linux alone lets a process choose its cores."""
    if command.cores is None:
        return command.arguments
    choose = (
        "import os, sys; os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:int(sys.argv[1])]); os.execv(sys.argv[2], sys.argv[2:])"
    )
    return python(choose, str(command.cores), *command.arguments)


def can_choose_cores() -> bool:
    return hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1


def in_turn(commands: Mapping[str, Command], turns: int) -> Turns:
    """Each command once a turn; of several turns the first but warms the file cache, and one more is counted."""
    found = Turns({name: [] for name in commands})
    for _ in range(turns if turns == 1 else turns + 1):
        for name, command in commands.items():
            found.runs[name].append(run(command))
    return Turns({name: runs[-turns:] for name, runs in found.runs.items()})


def fat(*arguments: str) -> list[str]:
    """The `fat` installed beside the running Python."""
    command = shutil.which("fat", path=str(Path(sys.executable).parent))
    if command is None:
        sys.exit("fat is not installed in this environment; run `make bench`")
    return [command, *arguments]


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Median, lowest, highest."""
    return statistics.median(values), min(values), max(values)
