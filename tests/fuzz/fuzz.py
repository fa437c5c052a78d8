"""Spoils good workbooks and rule books in thousands of ways, runs `fat` on each, and looks at how it ends.

    python tests/fuzz/fuzz.py [--cases 10000] [--seed fat] [--first 0] [--keep DIR]

A case is made by its seed and number alone: `--first 1234 --cases 1 --keep DIR` makes one again and keeps its files. Whatever the
input, `fat` must end within 10 seconds of the processor's time and 1 GiB, with a documented exit code (0, 1, 2 or 3), say in one line
what is wrong where it can't go on, and show no traceback, no control character and no mark that turns the reading direction.
"""

import argparse
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from mutations import mutated
from seeds import seeds

SECONDS, MIB = 10, 1024
WAITING = 120  # seconds by the clock: a busy machine takes its time, what waits for something takes for ever
LIMIT = 2 << 30  # bytes that a case may ask for beside what the process has by then: what asks for more is refused it, and falls
CASES_A_WORKER = 400
TOLD = 500  # cases after which it is told how far it has come
DOCUMENTED = (0, 1, 2, 3)
FORMATS = (*("text", "json", "csv", "html:page.html", "xlsx:book.xlsx"), *["annotated:copies"] * 2)
SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv")


@dataclass(frozen=True)
class Case:
    """One spoiled workspace. `files`: what lies in it beside what is good."""

    number: int
    how: str
    files: Mapping[str, bytes]
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Ending:
    code: int | None  # None: the process fell, or hung
    seconds: float  # of the processor's time; where the process fell, by the clock
    mib: int
    out: str
    err: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", default="fat")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--keep", type=Path, help="where to put the workspaces of the cases that failed")
    options = parser.parse_args()
    tally: Counter[str] = Counter()
    slowest, largest, failures = 0.0, 0, 0
    for case, ending, faults in run(options.seed, range(options.first, options.first + options.cases), options.keep):
        tally[f"exit {ending.code}"] += 1
        slowest, largest, failures = max(slowest, ending.seconds), max(largest, ending.mib), failures + bool(faults)
        if faults:
            tell(f"case {case.number}: {case.how}: {' '.join(case.arguments)}: {'; '.join(faults)}")
        if sum(tally.values()) % TOLD == 0:
            tell(f"{sum(tally.values())} cases, {failures} failures")
    ends = ", ".join(f"{count} x {ended}" for ended, count in sorted(tally.items()))
    tell(f"{options.cases} cases, {failures} failures: {ends}; slowest {slowest:.1f} s, largest {largest} MiB")
    return 1 if failures else 0


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(seed: str, numbers: range, keep: Path | None = None) -> Iterator[tuple[Case, Ending, list[str]]]:
    """Every case with how it ended and what is wrong with that; one worker, warm, on one core."""
    good = seeds()
    with tempfile.TemporaryDirectory() as name:
        worker = Worker(Path(name))
        for number in numbers:
            case = made(seed, number, good)
            folder = laid_out(Path(name) / "workspace", case)
            ending = worker.ending(folder, case.arguments)
            faults = faults_of(ending)
            if keep and (faults or len(numbers) == 1):
                shutil.copytree(folder, keep / str(number), dirs_exist_ok=True)
            yield case, ending, faults
        worker.close()


def made(seed: str, number: int, good: Mapping[str, bytes]) -> Case:
    chance = Random(f"{seed} {number}")  # noqa: S311  # a case must be the same each time
    files = {name: good[name] for name in ("register.xlsx", "attendance.xlsx")}
    name = chance.choice([*good, "attendance.xlsx", "attendance.xlsx"])
    how, data = mutated(chance, name, good[name])
    if chance.random() < 0.04 and not name.endswith(".yaml"):
        how, name = f"{how}+renamed", Path(name).stem + chance.choice(SUFFIXES)
    if name.startswith("attendance"):
        files.pop("attendance.xlsx")
    output = chance.choice(FORMATS)
    arguments = ("--as-of", "2024-06-03", "--lang", chance.choice(("sv", "en")), "-o", output)
    if chance.random() < 0.2:
        return Case(number, f"{name}: {how}", files | {name: data}, ("payout", "--month", "2024-05", "--dry-run", *arguments))
    return Case(number, f"{name}: {how}", files | {name: data}, ("validate", *arguments))


def laid_out(folder: Path, case: Case) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in case.files.items():
        (folder / name).write_bytes(data)
    return folder


def faults_of(ending: Ending) -> list[str]:
    """What must not be."""
    if ending.code is None:
        return [f"{'hung' if ending.seconds >= SECONDS else 'fell'} after {ending.seconds:.1f} s, {ending.err[-300:]!r}"]
    said, ended = ending.out + ending.err, ending.code > 1
    last = ending.err.splitlines()[-1] if ending.err else ""  # notes may stand before it
    wrong = {
        f"exit code {ending.code}, {ending.err!r}": ending.code not in DOCUMENTED,
        f"{ending.seconds:.1f} s": ending.seconds > SECONDS,
        f"{ending.mib} MiB": ending.mib > MIB,
        f"a traceback or a panic: {ending.err[:300]!r}": any(word in said for word in ("Traceback", "panicked", "Warning:")),
        "control characters": any((ord(sign) < 32 and sign not in "\r\n\t") or 127 <= ord(sign) < 160 for sign in said),
        "marks that turn the reading direction": any("\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069" for sign in said),
        f"no sentence: {ending.err[:300]!r}": ended and not last.startswith("fat: "),
        "something on stdout": ended and ending.out != "",
    }
    return [what for what, is_so in wrong.items() if is_so]


class Worker:
    """A process that runs `fat` again and again without starting anew; replaced when it has fallen, or is old."""

    def __init__(self, folder: Path) -> None:
        self._pages = folder / "out", folder / "err"
        self._left = 0

    def ending(self, folder: Path, arguments: tuple[str, ...]) -> Ending:
        if not self._left:
            self._start()
        self._left -= 1
        begin = time.perf_counter()
        self._pipe.send((folder, arguments))
        try:
            code, mib, seconds = self._pipe.recv()
        except EOFError:
            code, mib, seconds, self._left = None, 0, time.perf_counter() - begin, 0
        out, err = (page.read_text(encoding="utf-8", errors="replace") for page in self._pages)
        return Ending(code, seconds, mib, out, err)

    def close(self) -> None:
        if hasattr(self, "_process"):
            self._pipe.close()
            self._process.join(SECONDS)

    def _start(self) -> None:
        self.close()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, self._pages), daemon=True)
        self._process.start()
        theirs.close()
        self._left = CASES_A_WORKER


def work(pipe: Connection, pages: tuple[Path, Path]) -> None:
    """Runs the command lines that come through the pipe; ends with it, or by the alarm of one that hangs."""
    os.environ |= {"POLARS_MAX_THREADS": "1", "NO_COLOR": "1", "FAT_USER": "fuzz"}
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from fatcli.cli import app

    warnings.simplefilter("default")
    for stream, page in zip((1, 2), pages, strict=True):
        os.dup2(os.open(page, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND), stream)
    for ending in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(ending, signal.SIG_DFL)  # ends the process also where foreign code hangs
    while True:
        try:
            folder, arguments = pipe.recv()
        except EOFError:
            return
        os.chdir(folder)
        _renewed()
        begin = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS + 1)
        signal.alarm(WAITING)
        code = _code(app, arguments)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        pipe.send((code, _memory("VmHWM"), time.process_time() - begin))


def _renewed() -> None:
    """Empty pages, the mark of the largest memory set back, and the limit to what is asked for anew."""
    for stream in (1, 2):
        os.ftruncate(stream, 0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    resource.setrlimit(resource.RLIMIT_DATA, ((_memory("VmData") << 20) + LIMIT, resource.RLIM_INFINITY))


def _code(app: object, arguments: tuple[str, ...]) -> int:
    sys.argv = ["fat", *arguments]
    try:
        app.main()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    return 0


def _memory(what: str) -> int:
    """MiB, as the system counts them."""
    found = next(line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith(what))
    return int(found.split()[1]) // 1024


if __name__ == "__main__":
    sys.exit(main())
