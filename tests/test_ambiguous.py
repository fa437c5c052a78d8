"""What a sheet says in two ways, or under a header that can't be read, is set aside and told: no value is lost, and none guessed.

FAT pays 300 SEK for each attended day; P1 is reported present on 2, 3 and 6 May 2024, or as each test says.
"""

import datetime as dt

import pytest

import workbooks
from stories import (
    contract,
    csv_bytes,
    grid_sheet,
    long_sheet,
    paid,
    placement,
    present,
    register,
    register_sheets,
    rules,
    sheet,
    sums,
    withheld,
    workspace,
)  # fmt: skip

DAYS = ["2024-05-02", "2024-05-03", "2024-05-06"]
GOOD = {"P1 base": "3 x 300"}


def spoilt(tmp_path, table, column, header):
    """A paid run where a register's column has another header."""
    ended = placement(ended_on="2024-05-03")
    tables = register_sheets(register(ended, contracts=[contract(500, "2023-01-01", "2023-12-31", "FAT", "base")]))
    tables[table][0][tables[table][0].index(column)] = header
    folder = workspace(tmp_path, register(), present(DAYS))
    workbooks.save(folder / "register.xlsx", tables)
    return paid(folder, as_of="2024-12-31")


@pytest.mark.parametrize("header", ["#REF!", "=A1"])
@pytest.mark.parametrize(("table", "column"), [("placements", "ended_on"), ("contracts", "to")])
def test_a_header_that_is_an_error_sets_its_table_aside(tmp_path, table, column, header):
    found = spoilt(tmp_path, table, column, header)
    assert "T07" in rules(found)
    assert sums(found) == {}
    place = found.checked.violations.filter(rule="T07").select("sheet", "row", "column").row(0)
    assert place == (table, 1, "heading")


def test_a_header_that_is_an_error_above_nothing_costs_nothing(tmp_path):
    tables = register_sheets(register(placement()))
    tables["placements"][0].append("#REF!")
    folder = workspace(tmp_path, register(), present(DAYS))
    workbooks.save(folder / "register.xlsx", tables)
    found = paid(folder, as_of="2024-12-31")
    assert sums(found) == GOOD
    assert "T07" in rules(found)


@pytest.mark.parametrize("header", [None, " ", "\u200b"])
def test_a_column_without_a_header_is_told(tmp_path, header):
    found = spoilt(tmp_path, "placements", "ended_on", header)
    (told,) = found.checked.violations.filter(rule="T09")["value"]
    assert told == "P"  # the column's letter
    assert sums(found) == GOOD


@pytest.mark.parametrize("dash", ["-", "_", " ", "\u2011", "\u2013"])
def test_any_dash_parts_the_words_of_a_header(tmp_path, dash):
    assert sums(spoilt(tmp_path, "placements", "ended_on", f"ended{dash}on")) == {"P1 base": "2 x 300"}


def of_grid(tmp_path, change):
    rows = grid_sheet(present(DAYS), "2024-05")
    change(rows)
    return paid(workspace(tmp_path, register(placement()), Maj=rows), as_of="2024-12-31")


@pytest.mark.parametrize(
    ("at", "header", "rule"),
    [
        (3, "#REF!", "T07"),
        (3, "=C3+1", "T07"),
        (3, None, "T02"),
        (3, "tredje", "T02"),
        (3, "13:e", "T02"),
        (1, "1:a", "T02"),
        (31, "31:a", "T02"),
    ],
)
def test_a_day_whose_heading_cannot_be_read_sets_its_grid_aside(tmp_path, at, header, rule):
    def change(rows):
        rows[2][at] = header
        rows[3][at] = "N"

    found = of_grid(tmp_path, change)
    assert sums(found) == {}
    assert rule in rules(found)
    (total,) = (row for row in found.control if row.scope == "total")
    told = 2 if at == 3 else 3  # cells below a heading that is a day
    assert (total.read, total.set_aside) == (told, told)


def test_a_day_that_no_column_hides_may_be_lacking(tmp_path):
    found = of_grid(tmp_path, lambda rows: [row.pop(10) for row in rows[2:]])
    assert sums(found) == GOOD
    assert not {"T02", "T07"} & set(rules(found))


def test_sums_of_weeks_between_the_days_hide_none(tmp_path):
    def change(rows):
        for row, value in zip(rows[2:], ("v 18", 2), strict=True):
            row.insert(6, value)

    assert sums(of_grid(tmp_path, change)) == GOOD


def test_a_grid_below_another_may_be_of_another_month(tmp_path):
    rows = grid_sheet(present(DAYS), "2024-05") + grid_sheet(present(["2024-04-08", "2024-04-09"]), "2024-04")
    folder = workspace(tmp_path, register(placement(start="2024-04-02")), Blad=rows)
    found = paid(folder, as_of="2024-12-31")
    assert sums(found) == GOOD
    told = found.checked.violations.filter(rule="T10").select("sheet", "row").rows()
    assert told == [("Blad", 7)]
    (total,) = (row for row in found.control if row.scope == "total")
    assert (total.read, total.paid, total.set_aside) == (5, 3, 2)


def test_two_tables_side_by_side_are_not_one(tmp_path):
    both = [[*a, None, *b] for a, b in zip(long_sheet(present(DAYS)), long_sheet(present(DAYS, "P2")), strict=True)]
    folder = workspace(tmp_path, register(placement(), placement("P2")), Blad=both)
    found = paid(folder, as_of="2024-12-31")
    assert sums(found) == {}
    assert rules(found).count("T02") == 3  # each row's second placement


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("2024-05-03", {}),  # the other is blank
        ("i maj", GOOD),  # no day: another thing of a like name
        (None, GOOD),
    ],
)
def test_a_second_column_of_the_same_meaning_must_not_say_another_thing(tmp_path, second, expected):
    tables = register_sheets(register(placement(ended_on="")))
    for row, value in zip(tables["placements"], ("avslutad", second), strict=True):
        row.append(dt.date.fromisoformat(value) if value and value[0] == "2" else value)
    folder = workspace(tmp_path, register(), present(DAYS))
    workbooks.save(folder / "register.xlsx", tables)
    found = paid(folder, as_of="2024-12-31")
    assert sums(found) == expected
    assert ("T02" in rules(found)) is (expected == {})


@pytest.mark.parametrize(("second", "expected"), [("N", GOOD), ("S", {"P1 base": "2 x 300"}), (None, GOOD), ("deltog", GOOD)])
def test_two_columns_of_status_agree_or_their_row_is_set_aside(tmp_path, second, expected):
    rows = [[*row, None] for row in long_sheet(present(DAYS))]
    rows[0][4], rows[1][4] = "frånvarokod", second
    found = paid(workspace(tmp_path, register(placement()), Närvaro=rows), as_of="2024-12-31")
    assert sums(found) == expected


def test_names_of_columns_that_differ_are_no_second_column(tmp_path):
    rows = [[*row, "Verkstaden"] for row in long_sheet(present(DAYS))]
    rows[0][4] = "Placering"  # a place of work, beside the placement's number
    assert sums(paid(workspace(tmp_path, register(placement()), Närvaro=rows), as_of="2024-12-31")) == GOOD


def test_a_decimal_comma_does_not_cut_an_amount_of_a_csv(tmp_path):
    contracts = sheet([contract(None, "2024-01-01", service="FAT", component="base")])
    rows = [["organiser_id", "service", "component", "from", "sek"], ["ORG1", "FAT", "base", "2024-01-01", 369, 30]]
    assert set(rows[0]) < set(contracts[0])
    folder = workspace(tmp_path, register(placement()), present(DAYS))
    (folder / "register-avtal.csv").write_bytes(csv_bytes(rows, ","))
    found = paid(folder, as_of="2024-12-31")
    assert found.checked.violations.filter(rule="T02").select("file", "cell", "value").rows() == [("register-avtal.csv", "F2", "30")]
    assert withheld(found) == {f"P1 base {day}": "T02" for day in DAYS}


def test_hours_cut_by_a_comma_set_their_record_aside(tmp_path):
    folder = workspace(tmp_path, register(placement()), [])
    (folder / "attendance.xlsx").unlink()
    records = [["placement_id", "date", "status", "hours"], ["P1", "2024-05-02", "N", 7, 5], ["P1", "2024-05-03", "N", 7]]
    (folder / "attendance.csv").write_bytes(csv_bytes(records, ","))
    found = paid(folder, as_of="2024-12-31")
    assert sums(found) == {"P1 base": "1 x 300"}
    assert "T02" in rules(found)
