"""Month grids: the month from wherever it is said, and a cell for each placement and day."""

import datetime as dt
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fatcli.model import Vocabulary
from fatcli.tables import Tables
from fatcli.workbook import Grid, read_workbook
from grids import UNSAVED, Cell, Error, grid, places, read

HEADER: list[Cell] = ["beslutsnummer", *range(1, 32)]
START, END = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
PLACEMENTS = grid(
    [
        ["beslutsnummer", "personnummer", "anordnare", "insats", "startdatum", "slutdatum"],
        ["P1", "19990101-9999", "O1", "FAT", START, END],
        ["P2", "19990202-9999", "O1", "FAT", START, END],
        ["P3", "19990303-9999", "O1", "FAT", START, "?"],
    ],
    file="b.xlsx",
)
# the weekdays of May 2024 begin with a Wednesday
WEEKDAYS = ("on", "to", "fr", "lö", "sö", "må", "ti")


def row(placement: Cell, **days: Cell) -> list[Cell]:
    """A row of a grid; `d3=` is the cell of the third."""
    return [placement, *(days.get(f"d{day}") for day in range(1, 32))]


def may(*rows: list[Cell], vocabulary: Vocabulary | None = None) -> Tables:
    """Rows from row 2 on; the days begin in column B."""
    return read(grid([HEADER, *rows], sheet="maj 2024"), vocabulary=vocabulary)


def one(cell: Cell) -> tuple[object, object]:
    tables = may(row("P1", d3=cell))
    assert tables.faults.is_empty()
    return tables.frames["attendance"].select("status", "hours").row(0)


def days(tables: Tables) -> list[tuple[str, str]]:
    return [(placement, str(date)) for placement, date in tables.frames["attendance"].select("placement_id", "date").rows()]


def test_a_grid_becomes_attendance() -> None:
    tables = may(row("P1", d1="N", d2=7.5, d31="sjuk"), row(1002, d2="-"), row("P3"))
    assert tables.faults.is_empty()
    assert tables.frames["attendance"].rows() == [
        ("P1", dt.date(2024, 5, 1), "present", None, None, None, 0, 2, 1),
        ("P1", dt.date(2024, 5, 2), "present", 7.5, None, None, 0, 2, 2),
        ("P1", dt.date(2024, 5, 31), "sick", None, None, None, 0, 2, 31),
        ("1002", dt.date(2024, 5, 2), "off", None, None, None, 0, 3, 2),
    ]
    assert tables.present["attendance"] == {"placement_id", "date", "status", "hours"}
    (source,) = tables.sources
    assert (source.table, source.layout, source.columns, source.rows, source.set_aside) == ("attendance", "grid", {"placement_id": 0}, 3, 0)


@pytest.mark.parametrize(
    ("cell", "status", "hours"),
    [
        ("n", "present", None),
        ("Giltig frånvaro", "excused", None),
        ("1", "present", None),
        (1, "present", 1.0),
        (8, "present", 8.0),
        ("8", "present", 8.0),
        ("6,5", "present", 6.5),
        (0.25, "present", 0.25),
        (24, "present", 24.0),
        (0, "off", None),
        ("0", "off", None),
        ("H", "off", None),
    ],
)
def test_a_cell_is_a_code_or_a_number_of_hours(cell: Cell, status: str, hours: float | None) -> None:
    assert one(cell) == (status, hours)


@pytest.mark.parametrize(
    ("cell", "rule", "column", "expected"),
    [
        (24.5, "T02", "hours", "hours"),
        (-1, "T02", "hours", "hours"),
        ("25", "T02", "hours", "hours"),
        (True, "T02", "status", "code:status or hours"),
        (dt.time(8), "T02", "status", "code:status or hours"),
        (dt.date(2024, 5, 3), "T02", "status", "code:status or hours"),
        ("X", "T06", "status", "code:status or hours"),
        ("8 h", "T06", "status", "code:status or hours"),
        (Error("#N/A"), "T07", "status", "code:status or hours"),
        (UNSAVED, "T07", "status", "unsaved"),
    ],
)
def test_an_unreadable_cell_sets_aside_only_itself(cell: Cell, rule: str, column: str, expected: str) -> None:
    tables = may(row("P1", d2="N", d3=cell, d6="N"))
    assert tables.faults.select("rule", "row", "col", "column", "expected", "placement").rows() == [(rule, 2, 3, column, expected, "P1")]
    assert days(tables) == [("P1", "2024-05-02"), ("P1", "2024-05-06")]
    assert tables.set_aside_reports.rows() == [("P1", dt.date(2024, 5, 3), 0, 2, 3, rule)]
    assert tables.sources[0].set_aside == 1


@pytest.mark.parametrize(
    ("sheet", "found"),
    [("Maj", []), ("närvaro maj", []), ("Maj.", []), ("Blad1", []), ("Maja", []), ("Juni", ["T10 A2"]), ("Attendance  june", ["T10 A2"])],
)
def test_a_sheet_named_after_another_month_contradicts_its_title(sheet: str, found: list[str]) -> None:
    tables = read(grid([["Närvaro maj 2024"], HEADER, row("P1", d2="N")], sheet=sheet))
    assert places(tables) == found
    assert tables.faults["detail"].to_list() == [f"2024-05, {sheet}"] * len(found)


def test_t06_tells_the_code_and_the_rule_book_may_add_it() -> None:
    assert may(row("P1", d3="X")).faults["detail"].to_list() == ["X"]
    tables = may(row("P1", d3="X"), vocabulary=Vocabulary(codes={"status": {"present": ("X",)}}))
    assert tables.frames["attendance"]["status"].to_list() == ["present"]


def test_numbers_and_texts_of_the_same_look_are_told_apart_cell_by_cell() -> None:
    tables = may(row("P1", d1="1", d2=1, d3=8), row("P2", d1=1, d2="1"))
    assert tables.frames["attendance"]["hours"].to_list() == [None, 1.0, 8.0, 1.0, None]


@pytest.mark.parametrize(("cell", "rule"), [("N", "T02"), (8, "T02"), ("X", "T02"), (Error("#N/A"), "T07")])
def test_under_a_day_that_the_month_lacks(cell: Cell, rule: str) -> None:
    tables = read(grid([HEADER, row("P1", d30="N", d31=cell)], sheet="april 2024"))
    assert tables.faults.select("rule", "row", "col").rows() == [(rule, 2, 31)]
    assert days(tables) == [("P1", "2024-04-30")]
    assert tables.set_aside_reports.rows() == [("P1", None, 0, 2, 31, rule)]


def test_february_has_29_days_in_a_leap_year_only() -> None:
    leap = read(grid([HEADER, row("P1", d29="N")], sheet="2024-02"))
    assert days(leap) == [("P1", "2024-02-29")]
    common = read(grid([HEADER, row("P1", d29="N")], sheet="2023-02"))
    assert common.faults.select("rule", "col", "expected").rows() == [("T02", 29, "day")]


@pytest.mark.parametrize("title", ["2024-05", "maj 2024", "Månad: maj 2024", dt.date(2024, 5, 1), "2024-05-31"])
def test_the_month_from_a_title_row(title: Cell) -> None:
    assert days(read(grid([["Närvaro"], [None, title], HEADER, row("P1", d3="N")]))) == [("P1", "2024-05-03")]


@pytest.mark.parametrize("name", ["2024-05", "Maj 2024", "Närvaro maj 2024"])
def test_the_month_from_the_sheets_name(name: str) -> None:
    assert days(read(grid([HEADER, row("P1", d3="N")], sheet=name))) == [("P1", "2024-05-03")]


def with_month(*rows: tuple[list[Cell], Cell], titles: list[list[Cell]] | None = None, sheet: str = "Blad1") -> Tables:
    return read(grid([*(titles or []), [*HEADER, "månad"], *([*cells, month] for cells, month in rows)], sheet=sheet))


@pytest.mark.parametrize("month", ["2024-05", "maj 2024", dt.date(2024, 5, 1)])
def test_the_month_from_a_column(month: Cell) -> None:
    assert days(with_month((row("P1", d3="N"), month))) == [("P1", "2024-05-03")]


def test_each_row_may_have_its_own_month() -> None:
    tables = with_month((row("P1", d3="N"), "2024-05"), (row("P1", d3="N"), "2024-06"))
    assert days(tables) == [("P1", "2024-05-03"), ("P1", "2024-06-03")]


@pytest.mark.parametrize(
    ("titles", "sheet", "months", "detail"),
    [
        ([["maj 2024"]], "juni 2024", [None], "2024-05, 2024-06"),
        ([["maj 2024"], ["2024-06"]], "Blad1", [None], "2024-05, 2024-06"),
        ([["maj 2024"]], "Blad1", ["2024-06"], "2024-05, 2024-06"),
        ([["maj 2024"]], "Blad1", ["2024-05", "2024-06"], "2024-05, 2024-06"),
        ([], "maj 2024", ["2023-05"], "2023-05, 2024-05"),
        ([["Närvaro"]], "Blad1", [None, None], None),
    ],
)
def test_t10_the_table_is_set_aside(titles: list[list[Cell]], sheet: str, months: list[Cell], detail: str | None) -> None:
    rows = [(row("P1", d3="N", d4="X", d31=99), month) for month in months]
    tables = with_month(*rows, titles=titles, sheet=sheet)
    assert places(tables) == [f"T10 A{len(titles) + 1}"]
    assert tables.faults.select("detail", "expected", "table").row(0) == (detail, "month", "attendance")
    assert tables.frames["attendance"].is_empty()
    assert tables.set_aside_reports.select("placement_id", "date", "rule").rows() == [("P1", None, "T10")] * 3 * len(months)
    assert (tables.sources[0].rows, tables.sources[0].set_aside) == (len(months), 3 * len(months))


def test_an_unreadable_month_sets_its_row_aside() -> None:
    tables = with_month((row("P1", d3="N", d4=8), "i våras"), (row("P2", d3="N"), "2024-05"), (row("P1", d3="N"), Error("#N/A")))
    assert tables.faults.select("rule", "row", "col", "column", "value").rows() == [
        ("T02", 2, 32, "month", "i våras"),
        ("T07", 4, 32, "month", "#N/A"),
    ]
    assert days(tables) == [("P2", "2024-05-03")]
    assert tables.set_aside_reports.select("placement_id", "date", "row", "col", "rule").rows() == [
        ("P1", None, 2, 3, "T02"),
        ("P1", None, 2, 4, "T02"),
        ("P1", None, 4, 3, "T07"),
    ]


def test_a_row_without_month_has_the_one_of_the_title_else_none() -> None:
    titled = with_month((row("P1", d3="N"), None), (row("P2", d3="N"), "2024-05"), titles=[["maj 2024"]])
    assert days(titled) == [("P1", "2024-05-03"), ("P2", "2024-05-03")]
    untitled = with_month((row("P1", d3="N"), None), (row("P2", d3="N"), "2024-05"))
    assert untitled.faults.select("rule", "row", "col").rows() == [("T03", 2, 32)]
    assert days(untitled) == [("P2", "2024-05-03")]


def test_weekdays_in_the_headings_are_checked() -> None:
    header: list[Cell] = ["beslutsnummer", *(f"{day} {WEEKDAYS[(day - 1) % 7]}" for day in range(1, 32))]
    right = read(grid([header, row("P1", d3="N")], sheet="maj 2024"))
    assert days(right) == [("P1", "2024-05-03")]
    wrong = read(grid([header, row("P1", d3="N")], sheet="juni 2024"))
    assert places(wrong) == ["T10 A1"]
    assert wrong.faults["detail"][0].startswith("2024-06-01, 2024-06-02")


def test_a_weekday_of_a_day_that_the_month_lacks_is_not_checked() -> None:
    # 1 April 2024 is a Monday
    names = ("må", "ti", "on", "to", "fr", "lö", "sö")
    header: list[Cell] = ["beslutsnummer", *(f"{names[(day - 1) % 7]} {day}" for day in range(1, 31)), "lö 31"]
    assert days(read(grid([header, row("P1", d30="N")], sheet="april 2024"))) == [("P1", "2024-04-30")]


def test_real_dates_as_headings_decide() -> None:
    dates: list[Cell] = [dt.date(2024, 4, 29) + dt.timedelta(days) for days in range(35)]
    tables = read(grid([["beslutsnummer", *dates], ["P1", "N", *[None] * 33, "S"]]))
    assert days(tables) == [("P1", "2024-04-29"), ("P1", "2024-06-02")]
    assert tables.faults.is_empty()


def test_real_dates_must_agree_with_what_else_states_the_month() -> None:
    dates: list[Cell] = [dt.date(2024, 5, day) for day in range(1, 32)]
    assert places(read(grid([["beslutsnummer", *dates], row("P1", d3="N")], sheet="2024-05"))) == []
    assert places(read(grid([["beslutsnummer", *dates], row("P1", d3="N")], sheet="2024-06"))) == ["T10 A1"]


def test_stated_days() -> None:
    header = [*HEADER, "Antal närvarodagar"]
    rows = [[*row("P1", d2="N"), 1], [*row("P2", d2="N"), "två"], [*row("P3"), None], [*row("P4"), 2.0], [*row("P5", d2="N"), UNSAVED]]
    tables = read(grid([header, *rows], sheet="maj 2024"))
    stated = tables.stated.select("placement_id", "month", "days_stated", "row").rows()
    counts = [("P1", 1, 2), ("P2", None, 3), ("P4", 2, 5), ("P5", None, 6)]
    assert stated == [(placement, dt.date(2024, 5, 1), count, row) for placement, count, row in counts]
    assert tables.faults.select("rule", "row", "col", "column").rows() == [("T02", 3, 32, "days_stated"), ("T07", 6, 32, "days_stated")]
    assert days(tables) == [("P1", "2024-05-02"), ("P2", "2024-05-02"), ("P5", "2024-05-02")]
    assert tables.present["attendance"] == {"placement_id", "date", "status", "hours", "days_stated"}


def test_a_row_without_placement_sets_its_cells_aside() -> None:
    tables = may(row(None, d2="N", d3=8), row("P1", d2="N"))
    assert places(tables) == ["T03 A2"]
    assert tables.set_aside_reports.select("placement_id", "date", "col", "rule").rows() == [
        (None, dt.date(2024, 5, 2), 2, "T03"),
        (None, dt.date(2024, 5, 3), 3, "T03"),
    ]
    assert days(tables) == [("P1", "2024-05-02")]


def test_references_are_followed_row_by_row() -> None:
    sheet = grid(
        [
            [*HEADER, "days_stated"],
            *([*cells, 2] for cells in (row("P1", d2="N"), row("P9", d2="N", d3="N"), row("P3", d2="N"), row("P8"))),
        ],
        sheet="maj 2024",
    )
    tables = read(sheet, PLACEMENTS)
    assert places(tables) == ["T05 A3", "T05 A5", "T02 F4"]
    assert tables.set_aside_reports.select("placement_id", "row", "col", "rule").rows() == [
        ("P9", 3, 2, "T05"),
        ("P9", 3, 3, "T05"),
        ("P3", 4, 2, "T02"),
    ]
    assert days(tables) == [("P1", "2024-05-02")]
    assert tables.stated["placement_id"].to_list() == ["P1"]


def test_the_footer_of_a_grid() -> None:
    tables = may(row("P1", d2="N"), [], row("Summa", d2=1), row(None, d1=3, d2="1 av 2"), ["N = närvaro, S = sjuk"])
    assert places(tables) == ["T11 A4"]
    assert tables.faults["detail"].to_list() == ["3"]


def test_a_row_with_codes_below_the_last_placement_is_no_footer() -> None:
    tables = may(row("P1", d2="N"), row(None, d2="N"), row(None, d2="1"), row(None, d2=1))
    assert places(tables) == ["T03 A3", "T03 A4", "T11 C5"]


def test_unknown_columns_of_a_grid_are_listed() -> None:
    tables = read(grid([["namn", *HEADER, "Signatur handledare"], ["Kim", *row("P1", d2="N"), "x"]], sheet="maj 2024"))
    assert tables.faults.select("rule", "col", "value").rows() == [("T09", 0, "namn"), ("T09", 33, "Signatur handledare")]


CODES = st.sampled_from([None, "N", "1", "sjuk", "OF", "-", "6,5", "0", "X", "25"])


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.integers(1, 31), CODES, max_size=8), st.dictionaries(st.integers(1, 31), CODES, max_size=8))
def test_both_layouts_say_the_same(first: dict[int, Cell], second: dict[int, Cell]) -> None:
    """A code, hours as present with hours, 0 as off: laid out by hand in the long layout."""
    reports = {"P1": first, "P2": second}
    in_grid = may(*(row(placement, **{f"d{day}": cell for day, cell in cells.items()}) for placement, cells in reports.items()))
    written: dict[Cell, tuple[Cell, Cell]] = {"6,5": ("N", "6,5"), "0": ("L", None), "25": ("N", "tjugofem")}
    long = [
        [placement, dt.date(2024, 5, day), *written.get(cell, (cell, None))]
        for placement, cells in reports.items()
        for day, cell in sorted(cells.items())
        if cell
    ]
    in_rows = read(grid([["placement_id", "date", "status", "hours"], *long]))
    values = ["placement_id", "date", "status", "hours", "from_time", "to_time"]
    if long:
        assert in_grid.frames["attendance"].select(values).equals(in_rows.frames["attendance"].select(values))
    assert in_grid.set_aside_reports["date"].to_list() == in_rows.set_aside_reports["date"].to_list()


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(34)), st.permutations([0, 1, 2]), st.integers(0, 4), st.integers(0, 3))
def test_order_and_position_change_only_places(columns: list[int], rows: list[int], above: int, blanks: int) -> None:
    header: list[Cell] = [*HEADER, "days_stated", "månad"]
    body = [[*row("P1", d1="N", d9="X"), 1, "2024-05"], [*row("P2", d31=8), 2, "2024-05"], [*row("P9", d2="1"), None, "2024-06"]]
    plain = read(grid([header, *body]), PLACEMENTS)
    blank: list[list[Cell]] = [[]]
    moved = [[body[at][col] for col in columns] for at in rows]
    other = [*blank * above, ["Närvaro"], *blank * blanks, [header[col] for col in columns], *blank * blanks, *moved]

    def said(tables: Tables) -> list[object]:
        frames = tables.frames["attendance"].drop("source", "row", "col"), tables.stated.drop("source", "row")
        faults = tables.faults.filter(pl.col("file") == "a.xlsx").select("rule", "column", "value", "placement")
        return [sorted(frame.rows(), key=repr) for frame in (*frames, faults)]

    assert said(read(grid(other), PLACEMENTS)) == said(plain)
    assert len(plain.faults.filter(pl.col("file") == "a.xlsx")) == 2


def test_a_sum_that_reads_as_a_code_is_a_footer_where_every_cell_is_text() -> None:
    book = read_workbook_of_csv("placement_id;" + ";".join(map(str, range(1, 32))) + "\nP1;N\nSumma;1;1\n;1\n")
    tables = read(*book)
    assert days(tables) == [("P1", "2024-05-01")]
    assert places(tables) == ["T11 A4"]
    assert tables.faults["detail"].to_list() == ["2"]


def read_workbook_of_csv(text: str) -> tuple[Grid, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "2024-05.csv"
        path.write_text("Månad: 2024-05\n" + text, encoding="utf-8")
        return read_workbook(path, path.name).grids
