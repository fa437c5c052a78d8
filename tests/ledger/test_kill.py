"""A few of the kills of kill.py; the script does them all."""

import kill
import pytest
import race


@pytest.mark.parametrize(("story", "start"), [("first", 4), ("correction", 4), ("clawback", 2)])
def test_a_killed_run_leaves_nothing_or_what_the_next_completes(tmp_path, story, start):
    kills = kill.killed_everywhere(tmp_path, story, every=20, start=start)
    assert kills.total() >= 3
    assert kills.keys() & {"sql commit", "sql insert many", "sql insert many, half done", "sql begin", "sql insert"}
    assert kills.keys() & {"write", "write, half done", "fsync", "replace"}


def test_two_payouts_at_once_book_one_set_of_claims(tmp_path):
    for number in range(3):
        race.raced(tmp_path / str(number))
