"""Control sums: every row that was read is told, also one of no known placement."""

import pytest

from fatcli.errors import UsageError
from fatcli.model import Month
from fatcli.pipeline import Order, payout
from stories import _task, paid, placement, register, report, workspace


def counts(run, scope, name=""):
    row = next(row for row in run.control if (row.scope, row.name) == (scope, name))
    return row.read, row.paid, row.not_paid, row.withheld, row.set_aside, row.kept, row.other_months


def test_each_row_goes_to_one_sum(tmp_path):
    rows = [
        report("2024-05-02"),  # paid
        report("2024-05-03", status="S"),  # its status earns nothing
        report("2024-06-03"),  # another month
        report("2024-05-06", "P9"),  # no such placement
    ]
    run = paid(workspace(tmp_path, register(placement()), rows))
    assert counts(run, "total") == (4, 1, 1, 0, 1, 0, 1)
    assert counts(run, "organiser", "ORG1") == (3, 1, 1, 0, 0, 0, 1)
    assert counts(run, "organiser", "–") == (1, 0, 0, 0, 1, 0, 0)


def test_without_a_readable_register_everything_is_set_aside(tmp_path):
    tables = register(placement())
    for row in tables["placements"]:
        del row["service"]  # T01: the register lacks a required column
    run = paid(workspace(tmp_path, tables, [report("2024-05-02")]))
    assert counts(run, "total") == (1, 0, 0, 0, 1, 0, 0)


@pytest.mark.parametrize("order", [Order(Month.parse("2024-05"), organisers=["ORG2"]), Order(Month.parse("2024-05"), allowed=["ORG2"])])
def test_a_misspelt_organiser_is_refused(tmp_path, order):
    folder = workspace(tmp_path, register(placement()), [report("2024-05-02")])
    task = _task(folder, "2024-06-03", ())
    with pytest.raises(UsageError) as error:
        payout(task, order, folder / "ledger.db", "anna", None)
    assert "ORG1" in error.value.what.en
