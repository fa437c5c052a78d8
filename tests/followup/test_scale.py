"""The script that measures the reports runs, and measures each of them."""

import subprocess
import sys
from pathlib import Path

from fatcli.reports import REPORTS

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "report_scale.py"


def test_the_benchmark_measures_every_report() -> None:
    run = subprocess.run([sys.executable, SCRIPT, "--placements", "600"], check=True, capture_output=True, encoding="utf-8")
    assert [line.split()[0] for line in run.stdout.splitlines()][1:] == list(REPORTS)
