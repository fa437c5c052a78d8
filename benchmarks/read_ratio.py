"""How much longer `fat validate` takes than merely reading the same sheet with fastexcel, the fastest reader we know.

Whole processes, start-up included, measured in turn (A B A B) so that a drifting machine touches both alike.
Of each figure the median of all pairs; the ratio is the median of the pairs' ratios.
"""

import argparse
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from generate import generate

HERE = Path(__file__).parent
READ = "import sys, fastexcel; print(fastexcel.read_excel(sys.argv[1]).load_sheet(0).to_polars().height)"
GOAL = 3.0


def workspace(rows: int) -> Path:
    """The generated workspace of that size, made once."""
    folder = HERE / "data" / str(rows)
    if not (folder / "attendance.xlsx").exists():
        print(f"writing a workspace of {rows:,} rows …", file=sys.stderr)
        generate(rows, folder)
    return folder


def seconds(command: list[str], folder: Path) -> float:
    """The wall time of a command, which has to end well."""
    begin = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def fat_command() -> str:
    """The `fat` installed beside the running Python."""
    command = shutil.which("fat", path=str(Path(sys.executable).parent))
    if command is None:
        sys.exit("fat is not installed in this environment; run `make bench`")
    return command


def measure(rows: int, pairs: int) -> tuple[list[float], list[float]]:
    """Seconds of reading and of validating, pair by pair; a first pair warms the file cache and is not counted."""
    folder = workspace(rows)
    read = [sys.executable, "-c", READ, "attendance.xlsx"]
    validate = [fat_command(), "validate", "attendance.xlsx", "--as-of", "2024-03-01", "--format", "json"]
    timed = [(seconds(read, folder), seconds(validate, folder)) for _ in range(pairs + 1)][1:]
    return [pair[0] for pair in timed], [pair[1] for pair in timed]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure `fat validate` against fastexcel alone.")
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 200_000], help="rows of attendance, multiples of 20")
    parser.add_argument("--pairs", type=int, default=7)
    arguments = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}; median of {arguments.pairs} pairs")
    print(f"{'rows':>9}  {'fastexcel s':>11}  {'fat s':>7}  {'ratio':>5}  (lowest to highest)")
    for rows in arguments.rows:
        read, validate = measure(rows, arguments.pairs)
        ratios = sorted(ours / alone for alone, ours in zip(read, validate, strict=True))
        middle = statistics.median(ratios)
        goal = "" if rows < 200_000 else f", goal: under {GOAL:g}: {'met' if middle < GOAL else 'NOT MET'}"
        print(
            f"{rows:>9,}  {statistics.median(read):>11.2f}  {statistics.median(validate):>7.2f}  {middle:>5.2f}  "
            f"({ratios[0]:.2f} to {ratios[-1]:.2f}){goal}"
        )


if __name__ == "__main__":
    main()
