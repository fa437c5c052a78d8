"""The mutants are what they are told to be, and a run of them counts right: `python tests/mutation/mutate.py` runs them."""

import ast
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("mutants run in forked processes", allow_module_level=True)

sys.path.insert(0, str(Path(__file__).parent / "mutation"))

from mutants import changed_tree, mutants
from mutate import GROUPS, SLOW, SOURCES, SURVIVED, Recording, in_child, interval, row

SOURCE = '''"""A module."""
import os

MOST = 3


def paid(days, rate: int = 2 + 1):
    """Öre."""
    if not days or rate <= MOST:
        return None
    total = days * rate
    total = total - 1
    log(total, sign="+")
    return days.filter(days > 1, rate).join(rate, on="day", how="semi")
'''
CHANGED = [
    "module: 3  →  4",
    "module: 3  →  2",
    # the type and the docstring are left alone, the default is not
    "paid: 2 + 1  →  2 - 1",
    "paid: 2  →  3",
    "paid: 2  →  1",
    "paid: 1  →  2",
    "paid: 1  →  0",
    "paid: if not days or rate <= MOST: return None  →  if not (not days or rate <= MOST): return None",
    "paid: not days or rate <= MOST  →  not days and rate <= MOST",
    "paid: not days  →  days",
    "paid: rate <= MOST  →  rate < MOST",
    "paid: rate <= MOST  →  rate > MOST",
    "paid: days * rate  →  days + rate",
    "paid: total = total - 1  →  pass",
    "paid: total - 1  →  total + 1",
    "paid: 1  →  2",
    "paid: 1  →  0",
    "paid: log(total, sign='+')  →  pass",
    "paid: sign='+'  →  (left out)",
    "paid: return days.filter(days > 1, rate).join(rate, on='day', how='semi')  →  return None",
    "paid: days.filter(days > 1, rate)  →  days",
    "paid: days.filter(days > 1, rate)  →  days.filter(rate)",
    "paid: days.filter(days > 1, rate)  →  days.filter(days > 1)",
    "paid: days > 1  →  days >= 1",
    "paid: days > 1  →  days <= 1",
    "paid: 1  →  2",
    "paid: 1  →  0",
    "paid: how='semi'  →  how='anti'",
]


def test_each_small_thing_is_changed_once() -> None:
    found = mutants(SOURCE)
    assert [mutant.told for mutant in found] == CHANGED
    assert [mutant.number for mutant in found] == list(range(len(CHANGED)))
    lines = SOURCE.splitlines()
    assert [(lines[mutant.line - 1].strip(), mutant.end - mutant.line) for mutant in found if "log(" in mutant.told] == [
        ('log(total, sign="+")', 0)
    ]


def test_a_mutant_is_the_module_but_for_its_change() -> None:
    path = SOURCES / "ledger" / "chain.py"
    source = path.read_text(encoding="utf-8")
    trees = [changed_tree(source, mutant.number) for mutant in mutants(source)]
    assert len({ast.dump(tree) for tree in (*trees, ast.parse(source))}) == len(trees) + 1 > 20
    for tree in trees:
        compile(tree, str(path), "exec")


def test_a_mutants_tests_come_first_file_by_file_and_a_long_test_waits() -> None:
    seconds = {"a.py::slow": 9.0, "a.py::quick": 1.0, "a.py::other": 0.1, "b.py::quick": 0.1, "b.py::rest": 5.0}
    first = Recording(seconds, {"claims": {"11": ["a.py::slow"], "12": ["a.py::slow", "a.py::quick"]}})
    recording = first + Recording(
        {"b.py::quick": 0.1, "b.py::rest": 5.0, "b.py::story": 100.0, "c.py::far": 0.1},
        {"claims": {"12": ["b.py::quick", "b.py::story"], "40": ["c.py::far"]}},
    )
    [*_, mutant] = mutants("\n" * 10 + "def f(x):\n    return x + 1\n")
    assert mutant.line == 12
    order = ["a.py::quick", "a.py::slow", "b.py::quick", "a.py::other", "b.py::rest", "b.py::story"]
    assert recording.order("claims", mutant) == order
    at_import = mutants("\n" * 10 + "MOST = 1\n")[0]
    assert recording.order("claims", at_import) == ["a.py::quick", "a.py::slow", "b.py::quick", "c.py::far", *order[3:]]
    assert recording.within(["b.py::quick", "a.py::quick", "a.py::slow"], 1.05) == ["b.py::quick", "a.py::quick"]
    assert recording.within(["a.py::slow", "b.py::quick"], 0.1) == ["a.py::slow"]
    assert recording.order("control", mutant) == []  # no test runs through it


def test_the_share_of_all_is_told_with_its_uncertainty() -> None:
    low, high = interval(45, 50)  # Wilson: (0.9 + z²/100) / (1 + z²/50) ± 1.96 / (1 + z²/50) · √(0.09/50 + z²/10000), z = 1.96
    assert (round(low, 1), round(high, 1)) == (78.6, 95.7)
    assert interval(0, 0) == (0.0, 100.0)
    assert row("claims", 180, Counter({"killed": 44, SLOW: 1, SURVIVED: 5})) == "| claims | 180 | 50 | 44 | 1 | 5 | 90.0 % | 79–96 % |"
    assert row("claims", 50, Counter({"killed": 45, SURVIVED: 5})).endswith("| 90.0 % | – |")  # all were run


def test_a_child_tells_how_it_ended() -> None:
    assert in_child(lambda: 3) == 3
    assert in_child(lambda: 1 // 0) == 70
    assert in_child(spin, 1) == -signal.SIGXCPU
    assert in_child(lambda: time.sleep(60) or 0, 0.05) == -signal.SIGXCPU


def spin() -> int:
    while True:
        pass


def test_every_module_and_test_of_a_group_is_there() -> None:
    for modules, tests in GROUPS.items():
        assert [name for name in modules if not (SOURCES / f"{name}.py").exists()] == []
        assert [name for name in tests if not (SOURCES.parents[1] / "tests" / name).exists()] == []
