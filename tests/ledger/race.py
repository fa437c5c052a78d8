"""Two `fat payout` of the same month at the same moment: one set of claims, both told plainly.

python tests/ledger/race.py [--rounds 20]
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import kill


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            raced(Path(folder) / str(number))
    kill.tell(f"{rounds} races, one set of claims in each")


def raced(workspace: Path) -> None:
    """Two processes in a workspace without a ledger. Raises AssertionError unless one books and the other finds nothing left to book."""
    kill.prepared(workspace, "first")
    command = [sys.executable, "-c", "from fatcli.cli.app import main; main()", *kill.PAYOUT, "-C", str(workspace), "--lang", "en"]
    pair = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=kill._environment())
        for _ in range(2)
    ]
    outcomes = [process.communicate(timeout=120) for process in pair]
    assert [process.returncode for process in pair] == [0, 0], outcomes
    verdicts = sorted(output.split(" for ")[0] for output, _ in outcomes)
    assert verdicts == ["Booked", "Nothing to book"], verdicts
    found = kill.state(workspace)
    assert [row[0] for row in found["runs"]] == [1]
    assert found["unfinished"] == []
    assert kill.sound(workspace)
    kill.here(workspace, *kill.PAYOUT)
    assert kill.state(workspace) == found


if __name__ == "__main__":
    main()
