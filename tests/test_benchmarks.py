"""The benchmark's workspace is without a fault: what is measured is a clean run."""

import json
import subprocess
import sys
from pathlib import Path

GENERATE = Path(__file__).parent.parent / "benchmarks" / "generate.py"


def test_the_generated_workspace_has_no_violations(tmp_path: Path) -> None:
    subprocess.run([sys.executable, GENERATE, "2400", tmp_path], check=True)  # 120 placements, two organisers
    command = [Path(sys.executable).with_name("fat"), "validate", "attendance.xlsx", "--as-of", "2024-03-01", "--format", "json"]
    run = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL)
    report = json.loads(run.stdout)
    assert run.returncode == 0
    assert report["violations"] == []
    assert [table["rows"] for file in report["inputs"] for table in file["tables"] if table["table"] == "attendance"] == [2400]
