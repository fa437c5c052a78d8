"""The same attendance in any layout and kind of file gives the same violations, but for their places, and the same amounts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import workbooks
from fatcli.result import Checked, Paid
from stories import (
    MAY,
    Row,
    Rows,
    csv_bytes,
    exercise,
    grid_sheet,
    long_sheet,
    ods_bytes,
    paid,
    placement,
    present,
    register,
    report,
    rules,
    sums,
    validated,
    withheld,
    workspace,
)

PLACEMENTS = [
    placement(start="2024-05-01", hours_per_week=33),  # 6, 7, 8, 10 May make a full week of 32 hours: A20
    placement("P2", decision_date="2024-05-13", ended_on="2024-05-24", end_reason="work", end_decided_on="2024-05-24"),
    placement("P3", participant_id="T1", organiser_id="ORG2", in_depth_from="2024-05-02", in_depth_decided_on="2023-09-01"),
    exercise("P4", start="2024-04-01"),
    placement("P5", service="AT"),
]
PAUSES = [{"placement_id": "P1", "from": "2024-05-30", "to": "2024-05-31", "approved_on": "2024-05-02"}]
REPORTS = [
    *present(MAY[:9], hours=8),  # 2, 3, 6, 7, 8, 10, 13, 14, 15 May
    report("2024-05-16"),
    report("2024-05-17", status="X"),  # no code: T06
    report("2024-05-18", hours=4),  # a Saturday: A09
    report("2024-05-20", status="S"),
    report("2024-05-21", status="OF"),
    report("2024-05-22", hours=6.5),
    report("2024-05-22", status="VAB"),  # twice, differing: A07
    report("2024-05-23", hours=5),
    report("2024-05-23", hours=5),  # twice, alike: A06
    report("2024-05-27", status="U"),  # no approved pause: A16
    report("2024-05-30", hours=5),  # in the approved pause: A05
    *present(["2024-05-08", "2024-05-10", "2024-05-13", "2024-05-24", "2024-05-27"], "P2"),  # A04, A04, –, –, A02
    *present(["2024-05-02", "2024-05-14", "2024-05-28"], "P3"),  # the first two also at P1: A08
    *present(["2024-05-07"], "P4", hours=3),
    *present(["2024-05-06"], "P5"),
    *present(["2024-05-06"], "P9"),  # no such placement: T05
]
# Worked out from the comments above. P1 has 9 days to 15 May and the 16th; of them 2 and 14 May are also P3's (A08). The Saturday counts,
# the 22nd and the 30th are withheld, the 23rd counts once.
PAID = {
    "P1 base": "10 x 300",  # 3, 6, 7, 8, 10, 13, 15, 16, 18, 23 May
    "P2 base": "2 x 300",  # 13, 24 May
    "P3 base": "1 x 300",  # 28 May
    "P3 in_depth": "1 x 200",
    "P4 day": "23 x 450",
}
WITHHELD = {
    "P1 base 2024-05-02": "A08",
    "P1 base 2024-05-14": "A08",
    "P1 base 2024-05-22": "A07",
    "P1 base 2024-05-30": "A05",
    "P2 base 2024-05-08": "A04",
    "P2 base 2024-05-10": "A04",
    "P2 base 2024-05-27": "A02",
    "P3 base 2024-05-02": "A08",
    "P3 in_depth 2024-05-02": "A08",
    "P3 base 2024-05-14": "A08",
    "P3 in_depth 2024-05-14": "A08",
}
FOUND = ["A02", "A04", "A04", "A05", "A06", "A07", "A08", "A08", "A08", "A08", "A09", "A15", "A16", "A20", "P10", "T05", "T06"]


def as_texts(rows: Rows) -> Rows:
    """All cells but numbers as text, as .xlsb is made here."""
    return [[cell if isinstance(cell, int | float) or cell is None else str(cell) for cell in row] for row in rows]


def save(kind: str, **options: Any) -> Callable[[Path, Rows], None]:
    writers: dict[str, Callable[[Rows], bytes]] = {
        "csv": lambda rows: csv_bytes(rows, **options),
        "ods": lambda rows: ods_bytes({"Blad1": rows}),
        "xls": workbooks.xls,
        "xlsb": lambda rows: workbooks.xlsb(as_texts(rows)),
    }

    def write(folder: Path, rows: Rows) -> None:
        if kind == "xlsx":
            workbooks.save(folder / "attendance.xlsx", {"Blad1": rows}, **options)
        else:
            (folder / f"attendance.{kind}").write_bytes(writers[kind](rows))

    return write


LAYOUTS: dict[str, Rows] = {
    "long": long_sheet(REPORTS),
    "numbers": grid_sheet(REPORTS, "2024-05", "number"),
    "texts": grid_sheet(REPORTS, "2024-05", "text"),
    "dates": grid_sheet(REPORTS, "2024-05", "date", title=False),
}
KINDS = {
    "xlsx": save("xlsx"),
    "1904": save("xlsx", date_1904=True),
    "xlsb": save("xlsb"),
    "xls": save("xls"),
    "ods": save("ods"),
    "csv comma": save("csv", separator=","),
    "csv semicolon, Windows-1252": save("csv", encoding="cp1252"),
    "csv tab, BOM": save("csv", separator="\t", encoding="utf-8-sig"),
}


def written(folder: Path, layout: str, kind: str, placements: list[Row] = PLACEMENTS) -> Path:
    workspace(folder, register(*placements, pauses=PAUSES))
    (folder / "attendance.xlsx").unlink()
    KINDS[kind](folder, LAYOUTS[layout])
    return folder


def told(run: Paid | Checked) -> list[tuple[Any, ...]]:
    """The violations without their places; in a grid a day's cell stands for date, status and hours, so the value is a place too."""
    found = run.checked.violations if isinstance(run, Paid) else run.violations
    return sorted(found.drop("file", "sheet", "cell", "row", "col", "column", "value", "message").rows(), key=str)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Paid, Checked]:
    folder = written(tmp_path_factory.mktemp("long"), "long", "xlsx")
    return paid(folder), validated(folder)


def test_the_first_is_right(first: tuple[Paid, Checked]) -> None:
    run, _ = first
    assert sums(run) == PAID
    assert withheld(run) == WITHHELD
    # P1's 29 May and P2's to P5's other days were not reported: spells of A14, counted by the rule's own tests
    assert [rule for rule in rules(run) if rule != "A14"] == FOUND


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_and_kind_gives_the_same(tmp_path: Path, first: tuple[Paid, Checked], layout: str, kind: str) -> None:
    folder = written(tmp_path, layout, kind)
    run = paid(folder)
    assert sums(run) == PAID
    assert withheld(run) == WITHHELD
    assert told(run) == told(first[0])
    assert told(validated(folder)) == told(first[1])
    assert [(control.read, control.paid, control.set_aside) for control in run.control[:1]] == [
        (control.read, control.paid, control.set_aside) for control in first[0].control[:1]
    ]
