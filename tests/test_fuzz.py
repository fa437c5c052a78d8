"""A fiftieth of the fuzzer's cases, and that it would see what must not be: `python tests/fuzz/fuzz.py` runs them all."""

import sys
from collections import Counter
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the fuzzer bounds and measures memory by Linux's own means", allow_module_level=True)

sys.path.insert(0, str(Path(__file__).parent / "fuzz"))

from seeds import seeds

from fuzz import DOCUMENTED, Ending, faults_of, made, run

CASES = 200


def test_no_spoiled_file_brings_down_the_program(tmp_path: Path) -> None:
    found, ends = [], Counter()
    for case, ending, faults in run("fat", range(CASES), keep=tmp_path):
        ends[ending.code] += 1
        found += [f"case {case.number}: {case.how}: {' '.join(case.arguments)}: {fault}" for fault in faults]
    assert not found
    assert set(ends) == set(DOCUMENTED)  # files are read and judged, and refused as files and as rule books
    assert ends[1] + ends[0] > CASES / 4


def test_a_case_is_made_by_its_seed_and_number_alone() -> None:
    assert made("fat", 7, seeds()) == made("fat", 7, seeds())
    assert made("fat", 7, seeds()) != made("fat", 8, seeds())
    assert made("fat", 7, seeds()) != made("other", 7, seeds())


@pytest.mark.parametrize(
    "ending",
    [
        Ending(None, 10.5, 0, "", ""),
        Ending(0, 10.5, 100, "", ""),
        Ending(0, 0.5, 1025, "", ""),
        Ending(70, 0.5, 100, "", "fat: a fault in the program (ValueError)."),
        Ending(1, 0.5, 100, "", "Traceback (most recent call last):"),
        Ending(1, 0.5, 100, "", "thread 'main' panicked at src/lib.rs"),
        Ending(1, 0.5, 100, "1 error\x1b[2J", ""),
        Ending(1, 0.5, 100, "1 error\x9b2J", ""),
        Ending(1, 0.5, 100, "1 error \u202e", ""),
        Ending(3, 0.5, 100, "", ""),
        Ending(3, 0.5, 100, "1 error", "fat: a.xlsx: The file is damaged."),
    ],
)
def test_what_must_not_be_is_seen(ending: Ending) -> None:
    assert len(faults_of(ending)) == 1


def test_what_may_be_is_no_fault() -> None:
    assert not faults_of(Ending(1, 10.0, 1024, "2 errors\n", "Wrote a.html.\n"))
    assert not faults_of(Ending(3, 0.5, 100, "", "fat: a.xlsx: The file is damaged.\n"))
