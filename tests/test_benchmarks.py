"""The benchmarks run; their workspace is without a fault, so that what is measured is a clean run. Nothing is timed here."""

import json
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def test_the_generated_workspace_has_no_violations(tmp_path: Path) -> None:
    subprocess.run([sys.executable, BENCHMARKS / "generate.py", "2400", tmp_path], check=True)  # 120 placements, two organisers
    command = [Path(sys.executable).with_name("fat"), "validate", "attendance.xlsx", "--as-of", "2024-03-01", "--format", "json"]
    run = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL)
    report = json.loads(run.stdout)
    assert run.returncode == 0
    assert report["violations"] == []
    assert [table["rows"] for file in report["inputs"] for table in file["tables"] if table["table"] == "attendance"] == [2400]


def test_every_case_is_measured(tmp_path: Path) -> None:
    page = tmp_path / "results.md"
    subprocess.run([sys.executable, BENCHMARKS / "bench.py", "--quick", "--folder", tmp_path / "data", "--write", page], check=True)
    text = page.read_text(encoding="utf-8")
    # the small sizes; where peers or a choice of cores are lacking, their figures are
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## A month of 400 rows without a fault",
        "## A month of 2,000 rows without a fault, 100 placements",
        "## The same with one row in a hundred faulty, in nine ways",
        "## 3 organisers' workbooks with grids of 10 rows",
        "## Paying the month",
        "## Other tools on a workbook of 400 rows",
        "## The help page",
        "## A small workbook",
        "## Growth with the rows",
        "## Growth with the months of one call, 10 participants",
        "## A nation of 40 participants and 5 organisers: 5 months paid one after the other",
    ]
    assert "Booked, with 1 claim workbooks" in text
