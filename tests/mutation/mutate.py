"""Changes the program in one small thing at a time, and looks whether its tests notice.

    python tests/mutation/mutate.py [MODULE ...] [--sample N] [--seed S] [--survivors] [--only FILE:NUMBER ...]

A module is a file under src/fatcli without its suffix: `claims`, `facts/days`, or a package; without any, all of GROUPS. For each
module its mutants (mutants.py) are made, or a sample of N of them; each runs in a process of its own, forked from one that has loaded
the libraries but nothing of `fat`, and imports the changed module in the stead of the real one. It sees the tests of its group: first
those that run through the changed line, the quick ones first, then the rest of their files, until one fails. Which tests run through
which line is recorded first, on the unchanged program, where all must pass.

With --seconds, only the first tests are run, as many as took so long unchanged: what survives these may be noticed by the others.

A mutant is killed when a test fails, when the program can't be imported any more, or when it uses five times the processor time.
Needs a system that forks (Linux, macOS).
"""

import argparse
import ast
import hashlib
import importlib.machinery
import itertools
import json
import math
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TextIO

import coverage
import hypothesis
import pytest
from mutants import Mutant, changed_tree, mutants

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "fatcli"
RECORDS = ROOT / "build" / "mutation"
LIBRARIES = ("jinja2", "openpyxl", "polars", "rich.console", "typer.testing")  # loaded once, before the forks

# the modules, and the tests whose matter they are
GROUPS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("expression", "syntax"): ("test_expression.py", "test_rulebook.py"),
    ("facts/__init__", "facts/days", "facts/placements", "facts/staffing", "claims", "entitlement"): (
        *("test_facts.py", "test_claims.py", "test_entitlement.py", "test_withholding.py", "test_money.py", "test_control.py"),
        *("test_services.py", "test_pipeline.py", "test_moved.py", "test_last_days.py", "rules/test_rules.py"),
    ),
    tuple(f"ledger/{name}" for name in ("archive", "chain", "clawback", "entries", "file", "reading", "schema", "store", "verify")): (
        *("ledger/test_chain.py", "ledger/test_archive.py", "ledger/test_store.py", "ledger/test_file.py", "ledger/test_clawback.py"),
        *("ledger/test_verify.py", "ledger/test_command.py", "ledger/test_books_against_model.py"),
    ),
}
KILLED, SURVIVED, SLOW = "killed", "survived", "too slow"
LONG = 20  # seconds of one test
UNCHANGED = 5  # seconds of tests that are tried on each module as it is
SECONDS = 20  # of processor time, beside five times that of the unchanged run
HYPOTHESIS = {"derandomize": True, "database": None, "deadline": None, "phases": [hypothesis.Phase.explicit, hypothesis.Phase.generate]}


@dataclass(frozen=True)
class Recording:
    """What tests did on the unchanged program: seconds of each test, and the tests through each line of each module."""

    seconds: dict[str, float]
    through: dict[str, dict[str, list[str]]]

    def order(self, module: str, mutant: Mutant) -> list[str]:
        """The tests to run: those through the mutant's lines, then what else stands in their files.

        The files as GROUPS has them, what is nearest to the module first; of each the quick tests first. One that takes long waits for
        all others.
        """
        lines = self.through.get(module, {})
        every = {test for tests in lines.values() for test in tests}
        own = {test for line in range(mutant.line, mutant.end + 1) for test in lines.get(str(line), ())}
        # a line that runs at import is nobody's, or of the one test that was the first to import it
        own = every if mutant.function == "module" else own or every
        theirs = {_file(test) for test in own}
        files = [file for file in dict.fromkeys(map(_file, self.seconds)) if file in theirs]

        def rank(test: str) -> tuple[bool, bool, int, float, str]:
            return self.seconds[test] > LONG, test not in own, files.index(_file(test)), self.seconds[test], test

        return sorted((test for test in self.seconds if _file(test) in files), key=rank)

    def within(self, tests: Sequence[str], seconds: float) -> list[str]:
        """The first tests, as many as took so long together; at least one."""
        sums = itertools.accumulate(self.seconds[test] for test in tests)
        return [test for test, until in zip(tests, sums, strict=True) if until - self.seconds[test] < seconds]

    def took(self, tests: Iterable[str]) -> float:
        return sum(self.seconds[test] for test in tests)

    def __add__(self, other: "Recording") -> "Recording":
        names = {*self.through, *other.through}
        through = {name: _both(self.through.get(name, {}), other.through.get(name, {})) for name in names}
        return Recording(self.seconds | other.seconds, through)


def _both(lines: dict[str, list[str]], others: dict[str, list[str]]) -> dict[str, list[str]]:
    return {line: [*lines.get(line, ()), *others.get(line, ())] for line in {*lines, *others}}


def _file(test: str) -> str:
    return test.partition("::")[0]


class Changed(importlib.machinery.SourceFileLoader):
    """Loads a module from a changed tree."""

    tree: ast.Module

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, self.get_filename(fullname), "exec")


class Finder:
    """Puts the changed module in the place of the real one."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name, self.tree = name, tree

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        if name != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        loader = Changed(spec.loader.name, spec.loader.path)
        loader.tree = self.tree
        spec.loader = loader
        return spec


class Chosen:
    """Runs the tests given, in their order, and no others."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.rank = {test: number for number, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((item for item in items if item.nodeid in self.rank), key=lambda item: self.rank[item.nodeid])


class Recorder:
    """Notes each test's processor time, and tells coverage which test is running."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self.measured = measured
        self.seconds: dict[str, float] = {}
        self.begun = 0.0

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.measured.switch_context(nodeid)
        self.begun = time.process_time()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.seconds[nodeid] = time.process_time() - self.begun


def run_tests(arguments: Sequence[str], plugin: object) -> int:
    """In a child: runs pytest and returns its exit code."""
    hypothesis.settings.register_profile("mutation", **HYPOTHESIS)
    hypothesis.settings.load_profile("mutation")
    base = tempfile.mkdtemp(prefix="mutation-")
    quiet = (
        "-q",
        "-x",
        "--no-header",
        "--tb=short",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:cov",
        f"--basetemp={base}/t",
    )
    try:
        return int(pytest.main([*quiet, "--rootdir", str(ROOT), *arguments], plugins=[plugin]))
    finally:
        shutil.rmtree(base, ignore_errors=True)


def in_child(work: Callable[[], int], seconds: float | None = None, told: Path = Path(os.devnull)) -> int:
    """The exit code of work done in a forked process, or the negative number of the signal that ended it; what it prints goes to `told`."""
    child = os.fork()
    if not child:
        code = 70
        try:
            os.setpgid(0, 0)
            _speak_into(told)
            if seconds:
                resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 5))
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(_wait(child, 20 * seconds if seconds else None))


def _wait(child: int, seconds: float | None) -> int:
    """Waits for a child; one that neither computes nor ends is killed after that time on the clock."""
    end = time.monotonic() + seconds if seconds else math.inf
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        if time.monotonic() > end:
            os.killpg(child, signal.SIGXCPU)
            end = math.inf
        time.sleep(0.02)


def _speak_into(target: Path) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    opened = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(opened, 1)
    os.dup2(opened, 2)


def recorded(files: Sequence[str]) -> Recording:
    """The recordings of test files, made anew where the program, the file or its helpers have changed."""
    found = Recording({}, {})
    shared = sorted(path for path in _read_by_tests() if not path.name.startswith("test_"))
    for name in files:
        path = ROOT / "tests" / name
        known = hashlib.sha256(b"".join(each.read_bytes() for each in (*shared, path))).hexdigest()
        target = RECORDS / f"{name.replace('/', '-')}-{known[:16]}.json"
        if not target.exists():
            _record_apart(path, target)
        found += Recording(**json.loads(target.read_text(encoding="utf-8")))
    return found


def _read_by_tests() -> Iterator[Path]:
    yield ROOT / "rules.yaml"
    for folder, kind in (("src", "*.py"), ("tests", "*.py"), ("tests", "*.md")):
        yield from (path for path in (ROOT / folder).rglob(kind) if path.parent != Path(__file__).parent)


def _record_apart(path: Path, target: Path) -> None:
    RECORDS.mkdir(parents=True, exist_ok=True)
    told = target.with_suffix(".log")
    tell(f"recording what the tests of {path.name} run through …", sys.stderr)
    if code := in_child(lambda: record(path, target), told=told):
        sys.exit(f"on the unchanged program {path.name} ends with {code}, see {told}")


def record(file: Path, target: Path) -> int:
    paths = {name: str(SOURCES / f"{name}.py") for group in GROUPS for name in group}
    measured = coverage.Coverage(data_file=None, config_file=False, include=list(paths.values()))
    recorder = Recorder(measured)
    measured.start()
    code = run_tests([str(file)], recorder)
    measured.stop()
    data = measured.get_data()
    through = {
        name: {str(line): [test for test in tests if test] for line, tests in data.contexts_by_lineno(path).items()}
        for name, path in paths.items()
    }
    if not code:
        target.write_text(json.dumps({"seconds": recorder.seconds, "through": through}), encoding="utf-8")
    return code


def judge(module: str, tree: ast.Module, tests: Sequence[str], seconds: float) -> str:
    """How the tests end with a module's changed tree; `seconds` is what they took unchanged."""
    if not tests:
        return SURVIVED
    name = "fatcli." + module.replace("/", ".").removesuffix(".__init__")
    files = list(dict.fromkeys(map(_file, tests)))

    def work() -> int:
        sys.meta_path.insert(0, Finder(name, tree))
        os.chdir(ROOT)
        return run_tests(files, Chosen(tests))

    code = in_child(work, SECONDS + 5 * seconds)
    return SURVIVED if code == 0 else SLOW if code in (-signal.SIGXCPU, -signal.SIGKILL) else KILLED


def interval(part: int, whole: int) -> tuple[float, float]:
    """Between which shares, in per cent, that of all lies with 95 % confidence (Wilson)."""
    if not whole:
        return 0.0, 100.0
    share, z = part / whole, 1.96
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)


def chosen(module: str, source: str, wanted: argparse.Namespace) -> tuple[list[Mutant], int]:
    """The mutants of a module to be run, and how many there are."""
    every = mutants(source)
    if wanted.only:
        numbers = {int(number) for name, _, number in (each.partition(":") for each in wanted.only) if name == module}
        return [each for each in every if each.number in numbers], len(every)
    if wanted.sample and wanted.sample < len(every):
        drawn = random.Random(f"{wanted.seed}{module}").sample(every, wanted.sample)  # noqa: S311  # a sample, no secret
        return sorted(drawn, key=lambda each: each.number), len(every)
    return every, len(every)


def run_module(module: str, wanted: argparse.Namespace, recording: Recording) -> tuple[int, Counter[str], list[str]]:
    """How many mutants a module has, how those run ended, and the survivors, told."""
    source = (SOURCES / f"{module}.py").read_text(encoding="utf-8")
    picked, every = chosen(module, source, wanted)
    ends, survivors = Counter[str](), []
    for number, mutant in enumerate(picked):
        begun = time.monotonic()
        tests = recording.within(recording.order(module, mutant), wanted.seconds)
        if not number:
            check_unchanged(module, ast.parse(source), recording.within(tests, UNCHANGED))
        end = judge(module, changed_tree(source, mutant.number), tests, recording.took(tests))
        ends[end] += 1
        survivors += [f"{module}:{mutant.number}  line {mutant.line}  {mutant.told}"] if end == SURVIVED else []
        tell(f"{module}:{mutant.number} {end} {time.monotonic() - begun:.1f} s  {mutant.told}", sys.stderr)
    return every, ends, survivors


def check_unchanged(module: str, tree: ast.Module, tests: Sequence[str]) -> None:
    """Raises SystemExit where the module as it is would be taken for a killed mutant: the others would be killed for the same reason."""
    if judge(module, tree, tests, 60) != SURVIVED:
        sys.exit(f"{module}: loaded unchanged it does not pass")


def groups(names: Sequence[str]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """The tests and the modules of each group that is wanted."""
    for group, tests in GROUPS.items():
        if modules := [each for each in group if not names or each in names or each.partition("/")[0] in names]:
            yield tests, modules


def tell(line: str, stream: TextIO = sys.stdout) -> None:
    stream.write(f"{line}\n")
    stream.flush()


def warm() -> None:
    """Loads what all mutants share; Polars starts no threads yet, which a fork would lose."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    sys.path.insert(0, str(ROOT / "src"))
    for name in LIBRARIES:
        importlib.import_module(name)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="such as claims or facts/days; default: all")
    parser.add_argument("--sample", type=int, metavar="N", help="of each module only so many mutants")
    parser.add_argument("--seed", default="fat", help="what the sample is drawn by")
    parser.add_argument("--seconds", type=float, default=math.inf, metavar="N", help="of tests at most so many for each mutant")
    parser.add_argument("--only", nargs="+", metavar="MODULE:NUMBER", help="only these mutants")
    wanted = parser.parse_args()
    warm()
    names = wanted.modules or sorted({each.partition(":")[0] for each in wanted.only or ()})
    total, survivors = Counter[str](), list[str]()
    tell("| module | mutants | run | killed | too slow | survived | noticed | of all, 95 % |\n|---|---|---|---|---|---|---|---|")
    for tests, modules in groups(names):
        recording = recorded(tests)
        for module in modules:
            every, ends, left = run_module(module, wanted, recording)
            tell(row(module, every, ends))
            survivors += left
            total += ends
            total["mutants"] += every
    tell(row("in all", total.pop("mutants"), total))
    tell("\n".join(["", "Survived:", *survivors] if survivors else []))
    return 0


def row(name: str, every: int, ends: Counter[str]) -> str:
    run = ends.total()
    noticed = run - ends[SURVIVED]
    low, high = interval(noticed, run)
    known = f"{low:.0f}–{high:.0f} %" if run < every else "–"
    share = f"{100 * noticed / run:.1f} %" if run else "–"
    return f"| {name} | {every} | {run} | {ends[KILLED]} | {ends[SLOW]} | {ends[SURVIVED]} | {share} | {known} |"


if __name__ == "__main__":
    sys.exit(main())
