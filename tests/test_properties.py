"""Order, blank rows, title rows and split files change nothing but places; the control sums always close."""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbooks
from fatcli.result import Control, Paid
from stories import (
    Rows,
    contract,
    exercise,
    grid_sheet,
    long_sheet,
    organiser,
    paid,
    placement,
    present,
    register,
    register_sheets,
    report,
    span,
)

Sheets = dict[str, Rows]

PLACEMENTS = [
    placement(start="2024-05-01", in_depth_from="2024-05-13", in_depth_decided_on="2023-09-01", hours_per_week=30),
    placement("P2", participant_id="T1", organiser_id="ORG2", decision_date="2024-05-13"),
    placement("P3", service="AT", organiser_id="ORG2"),
    exercise("P4", start="2024-04-01", ended_on="2024-05-24", end_reason="work"),
    exercise("P5", participant_id="T4", start="2024-05-27", end="2024-09-30"),
    placement("P6", participant_id="T6", organiser_id="ORG3", service="ITA3", programme=None, trial_completed_on="2024-05-17"),
    placement("P7", participant_id="T7", organiser_id="ORG3", start="soon"),
    placement("P8", participant_id="T7", organiser_id="ORG3"),
]
REGISTER = register(
    *PLACEMENTS,
    organisers=[organiser("ORG1"), organiser("ORG2", identity_number="556036-0794"), organiser("ORG3", legal_form="association")],
    pauses=[{"placement_id": "P1", "from": "2024-05-20", "to": "2024-05-22", "approved_on": "2024-05-02"}],
    contracts=[contract("14500,50", "2024-01-01") | {"organiser_id": "ORG3"}],
)
# Reports of every fate, a day or two each. Long and grid stand in different files, of different placements.
LONG = [
    *present(span("2024-05-02", "2024-05-21"), hours=6),
    *(report(date, status="X") for date in ("2024-05-23", "2024-05-24")),
    report("2024-05-27", hours=30),
    report("2024-05-28", hours=5),
    report("2024-05-28", hours=5),
    report("2024-05-29", status="S", hours=2),
    report("2024-05-29"),
    report("2024-04-30"),
    report("2024-06-10"),
    *present(["2024-05-08", "2024-05-14", "2024-05-15"], "P2"),
    *present(["2024-05-02"], "P4"),
    *present(["2024-05-28"], "P5"),
    *present(["2024-05-03"], "P7"),
    *present(["2024-05-03", "2024-05-06"], "P8"),
    *present(["2024-05-03"], "P0"),
]
GRID = [
    *present(["2024-05-02", "2024-05-03", "2024-05-06"], "P3", hours=8),
    report("2024-05-07", "P3", status="?"),
    report("2024-05-08", "P3", status="S"),
    report("2024-05-07", "P2"),
    report("2024-05-14", "P6"),
    report("2024-05-15", "P10"),
]
FILES: Mapping[str, Sheets] = {
    "register.xlsx": register_sheets(REGISTER),
    "attendance.xlsx": {"Närvaro": long_sheet(LONG)},
    "attendance-grid.xlsx": {"2024-05": grid_sheet(GRID, "2024-05", title=False)},
}


def ran(files: Mapping[str, Sheets]) -> Paid:
    with TemporaryDirectory() as name:
        for file, sheets in files.items():
            workbooks.save(Path(name) / file, sheets)
        return paid(Path(name))


def told(run: Paid) -> tuple[Any, ...]:
    """All that a run says, without places: violations, claims, what is withheld, control sums but those per file."""
    violations = run.checked.violations.drop("file", "sheet", "cell", "row", "col", "message")
    # which of two reports of a day is the first is a matter of places, and so is what the first one says
    first = violations.filter(~violations["rule"].is_in(["A05", "A06", "A07", "A17"]))
    withheld = sorted((item.placement, item.component, item.date, item.amount_ore, item.rules) for item in run.withheld)
    sums = [control for control in run.control if control.scope != "file"]
    return sorted(first.rows(), key=str), run.claims, withheld, sums, sorted(violations["rule"])


def closes(control: Control) -> bool:
    accounted = control.paid + control.not_paid + control.withheld + control.set_aside + control.kept + control.other_months
    return control.read == accounted


@pytest.fixture(scope="module")
def plain() -> Paid:
    return ran(FILES)


def test_the_story_has_reports_of_every_fate(plain: Paid) -> None:
    total = plain.control[0]
    assert all((total.paid, total.not_paid, total.withheld, total.set_aside, total.other_months))
    assert total.read == len(LONG) + len(GRID)
    assert {"A05", "A06", "A07", "A08", "A10", "O01", "T02", "T05", "T06"} <= set(plain.checked.violations["rule"])


def rows_shuffled(files: Mapping[str, Sheets], dice: random.Random) -> dict[str, Sheets]:
    return _each_sheet(files, lambda rows: [rows[0], *dice.sample(rows[1:], len(rows) - 1)])


def columns_shuffled(files: Mapping[str, Sheets], dice: random.Random) -> dict[str, Sheets]:
    def shuffled(rows: Rows) -> Rows:
        order = dice.sample(range(len(rows[0])), len(rows[0]))
        return [[row[column] for column in order] for row in rows]

    return _each_sheet(files, shuffled)


def sheets_shuffled(files: Mapping[str, Sheets], dice: random.Random) -> dict[str, Sheets]:
    return {file: dict(dice.sample(list(sheets.items()), len(sheets))) for file, sheets in files.items()}


def blank_rows(files: Mapping[str, Sheets], dice: random.Random) -> dict[str, Sheets]:
    def spread(rows: Rows) -> Rows:
        return [rows[0], *(row for own in rows[1:] for row in ([], own)[dice.randint(0, 1) :])]

    return _each_sheet(files, spread)


def title_rows(files: Mapping[str, Sheets], dice: random.Random) -> dict[str, Sheets]:
    titles: Rows = [["Arbetsförmedlingen"], [], ["Uppgifter", None, "från anordnaren"], ["Skrivet 2024"], []]
    return _each_sheet(files, lambda rows: [*titles[: dice.randint(0, len(titles))], *rows])


def empty_columns(files: Mapping[str, Sheets], dice: random.Random) -> dict[str, Sheets]:
    return _each_sheet(files, lambda rows: [[*[None] * dice_of, *row] for dice_of in [dice.randint(0, 3)] for row in rows])


def files_split(files: Mapping[str, Sheets], dice: random.Random) -> dict[str, Sheets]:
    """Each sheet's rows dealt out to two files, with a header each."""
    found: dict[str, Sheets] = {}
    for file, sheets in files.items():
        for name, rows in sheets.items():
            cut = dice.randint(1, len(rows))
            stem = f"{file.removesuffix('.xlsx')}-{name.replace('ä', 'a')}"
            found[f"{stem}-1.xlsx"] = {name: rows[:cut]}
            found[f"{stem}-2.xlsx"] = {name: [rows[0], *rows[cut:]]}
    return found


def _each_sheet(files: Mapping[str, Sheets], change: Callable[[Rows], Rows]) -> dict[str, Sheets]:
    return {file: {name: change(rows) for name, rows in sheets.items()} for file, sheets in files.items()}


CHANGES = [rows_shuffled, columns_shuffled, sheets_shuffled, blank_rows, title_rows, empty_columns, files_split]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@given(seed=st.integers(0, 1 << 32))
@settings(max_examples=4, deadline=None)
def test_a_change_of_places_changes_nothing_else(plain: Paid, change: Callable[..., dict[str, Sheets]], seed: int) -> None:
    run = ran(change(FILES, random.Random(seed)))  # noqa: S311  # for tests
    assert told(run) == told(plain)
    assert all(map(closes, run.control))


@given(seed=st.integers(0, 1 << 32))
@settings(max_examples=8, deadline=None)
def test_all_changes_together(plain: Paid, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # for tests
    files: Mapping[str, Sheets] = FILES
    for change in [rows_shuffled, columns_shuffled, files_split, sheets_shuffled, blank_rows, empty_columns, title_rows]:
        files = change(files, dice)
    assert told(ran(files)) == told(plain)


STATUSES = ["N", "N", "N", "S", "OF", "L", "U", "X", None, 8, 0, 65]
REPORT = st.tuples(
    st.sampled_from(["P1", "P2", "P3", "P4", "P6", "P7", "P8", "P9", None]),
    st.sampled_from(["2024-04-30", "2024-05-01", "2024-05-02", "2024-05-03", "2024-05-21", "2024-05-26", "2024-06-04", "soon", None]),
    st.sampled_from(STATUSES),
    st.sampled_from([None, 8, 0, 30, "much"]),
)


@given(
    long=st.lists(REPORT, max_size=25),
    cells=st.lists(
        st.tuples(st.sampled_from(["P1", "P3", "P7", "P9"]), st.integers(1, 31), st.sampled_from(STATUSES[:-4] + STATUSES[-3:])),
        max_size=12,
    ),
)
@settings(max_examples=25, deadline=None)
def test_the_control_sums_close(long: Sequence[tuple[Any, ...]], cells: Sequence[tuple[str, int, Any]]) -> None:
    # a last row with a placement, so that none above it is a footer
    rows: Rows = [["placement_id", "date", "status", "hours"], *([*cells] for cells in long), ["P1", "2024-05-06", "N", 8]]
    grid = [report(f"2024-05-{number:02}", name, status) for name, number, status in cells]
    files = {**FILES, "attendance.xlsx": {"Närvaro": rows}, "attendance-grid.xlsx": {"2024-05": grid_sheet(grid, "2024-05", title=False)}}
    run = ran(files)
    assert all(map(closes, run.control))
    total, *parts = run.control
    per_file = [control for control in parts if control.scope == "file"]
    filled = sum(any(cell is not None for cell in row) for row in long) + 1 + len(cells)
    assert total.read == filled == sum(control.read for control in per_file)
    for outcome in ("paid", "not_paid", "withheld", "set_aside", "kept", "other_months"):
        assert getattr(total, outcome) == sum(getattr(control, outcome) for control in per_file)
        assert getattr(total, outcome) >= sum(getattr(control, outcome) for control in parts if control.scope == "organiser")
