import pytest

from fatcli.model import Month
from fatcli.result import Claim, Line, Paid


def line(days, rate, *, placement="P1", component="base", kind="claim", basis="attended_day"):
    return Line(placement, "TEST1", "FAT", component, kind, basis, days, rate)


def claim(*lines, refused=False):
    return Claim(None, "ORG1", "Namn", "556000-4615", None, None, lines, booked=False, reversal_refused=refused)


def test_an_amount_is_days_times_rate_to_the_ore():
    assert line(3, 35_050).amount_ore == 105_150
    assert line(-3, 30_000, kind="reversal").amount_ore == -90_000


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        ((), 0),
        ((line(21, 30_000),), 21),
        # a supplement is paid for days that the base is paid for
        ((line(21, 30_000), line(12, 20_000, component="in_depth")), 21),
        ((line(12, 20_000, component="in_depth"), line(21, 30_000)), 21),
        # two rates in one month
        ((line(10, 30_000), line(11, 31_000)), 21),
        ((line(5, 30_000), line(-3, 30_000, kind="reversal")), 2),
        ((line(-3, 30_000, kind="reversal"), line(-1, 20_000, component="in_depth", kind="reversal")), -3),
        ((line(21, 1_000, kind="adjustment"),), 0),
        ((line(1, 300_000, component="start", basis="start"), line(23, 45_000, component="day", basis="weekdays")), 23),
        ((line(1, 1_234_550, component="result", basis="result"),), 0),
        ((line(2, 30_000), line(3, 30_000, placement="P2")), 5),
    ],
)
def test_days_are_counted_once(lines, days):
    assert claim(*lines).days == days


def test_a_total_leaves_refused_claims_out():
    claims = (claim(line(2, 30_000)), claim(line(-1, 30_000, kind="reversal"), refused=True))
    paid = Paid(None, Month(2024, 5), None, claims, (), (), (), ())
    assert paid.total_ore == 60_000
    assert paid.refused == claims[1:]
    assert not paid.booked
    assert claims[0].placements == 1
