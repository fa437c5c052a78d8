"""Measures everything and writes RESULTS.md: `bench.py [--quick] [--only CASE …]`; what `make bench` runs.

The workspaces are made once, in a folder for temporary files. Each figure is a ratio of processes measured in turn, in this run.
"""

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from cases import CASES, FULL, QUICK, Bench, Case, Figure, Size, titles
from measure import spread

RESULTS = Path(__file__).with_name("RESULTS.md")
LIBRARIES = ("fatcli", "polars", "fastexcel", "python-calamine", "openpyxl", "XlsxWriter", "typer", "rich")


def machine() -> str:
    """What it was measured on."""
    memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / (1 << 30):.0f} GiB" if hasattr(os, "sysconf") else ""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{_processor()}, {cores} cores{memory}; {platform.system()} {platform.release()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def versions() -> str:
    known = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {known}"


def judged(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    middle, _, _ = spread(figure.values)
    met = middle >= figure.goal if figure.least else middle <= figure.goal
    return (
        f"{'at least' if figure.least else 'at most'} {figure.goal:g}{figure.unit and ' ' + figure.unit}: {'met' if met else '**not met**'}"
    )


def _figures(found: list[Figure]) -> Iterator[str]:
    yield "| figure | median | lowest to highest | goal |"
    yield "|---|---:|---:|---|"
    for figure in found:
        middle, low, high = spread(figure.values)
        unit = figure.unit and " " + figure.unit
        between = f"{low:.2f} to {high:.2f}" if len(figure.values) > 1 else ""
        yield f"| {figure.what} | {middle:.2f}{unit} | {between} | {judged(figure)} |"


def _runs(case: Case) -> Iterator[str]:
    yield "| process | runs | seconds | lowest to highest | memory MiB |"
    yield "|---|---:|---:|---:|---:|"
    for name, runs in case.turns.runs.items():
        middle, low, high = spread([run.seconds for run in runs])
        held = case.turns.mib(name)
        yield f"| {name} | {len(runs)} | {middle:.2f} | {low:.2f} to {high:.2f} | {'' if held is None else f'{held:.0f}'} |"


def page(found: dict[str, Case], size: Size) -> str:
    lines = [
        "# Results",
        "",
        "Written by `make bench`. Whole processes, measured in turn; a figure is the median of the turns' own ratios.",
        "",
        f"- {machine()}",
        f"- {versions()}",
    ]
    for name, title in titles(size):
        if name in found:
            case = found[name]
            lines += ["", f"## {title}", ""]
            lines += [*_figures(case.figures), ""] if case.figures else []
            lines += _runs(case)
            lines += [f"\n{figure.note[0].upper()}{figure.note[1:]}." for figure in case.figures if figure.note]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure everything, and write RESULTS.md.")
    parser.add_argument("--quick", action="store_true", help="small sizes, which show that everything runs; nothing is written")
    parser.add_argument("--only", nargs="+", choices=CASES, metavar="CASE", help=f"of {', '.join(CASES)}; nothing is written")
    parser.add_argument("--pairs", type=int, help="turns of each case")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "fat-bench"), help="for the workspaces")
    parser.add_argument("--write", type=Path, help="where to write instead of RESULTS.md")
    arguments = parser.parse_args()
    size = QUICK if arguments.quick else FULL
    if arguments.pairs:
        size = Size(**{**vars(size), "pairs": arguments.pairs})
    bench = Bench(size, arguments.folder)
    found = {}
    for name, title in titles(size):
        if name in (arguments.only or CASES):
            print(title, file=sys.stderr)
            found[name] = CASES[name][1](bench)
            for line in (*_figures(found[name].figures), *_runs(found[name])):
                print("  " + line, file=sys.stderr)
    whole = not arguments.quick and not arguments.only
    if arguments.write or whole:
        (arguments.write or RESULTS).write_text(page(found, size), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
