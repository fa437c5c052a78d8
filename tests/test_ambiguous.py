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
    assert found.checked.violations.filter(rule="T02").select("file", "cell", "value").rows() == [("register-avtal.csv", "F2", None)]
    assert withheld(found) == {f"P1 base {day}": "T02" for day in DAYS}


def test_hours_cut_by_a_comma_set_their_record_aside(tmp_path):
    folder = workspace(tmp_path, register(placement()), [])
    (folder / "attendance.xlsx").unlink()
    records = [["placement_id", "date", "status", "hours"], ["P1", "2024-05-02", "N", 7, 5], ["P1", "2024-05-03", "N", 7]]
    (folder / "attendance.csv").write_bytes(csv_bytes(records, ","))
    found = paid(folder, as_of="2024-12-31")
    assert sums(found) == {"P1 base": "1 x 300"}
    assert "T02" in rules(found)


def test_what_stands_behind_the_last_header_is_not_quoted(tmp_path):
    """It may be the rest of a note, or a cause of absence."""
    folder = workspace(tmp_path, register(placement()), [])
    (folder / "attendance.xlsx").unlink()
    records = [["placement_id", "date", "status", "note"], ["P1", "2024-05-02", "N", "sen", " har depression"]]
    (folder / "attendance.csv").write_bytes(csv_bytes(records, ","))
    found = paid(folder, as_of="2024-12-31")
    assert "T02" in rules(found)
    assert not any("depression" in str(value) for row in found.checked.violations.rows() for value in row)


def test_a_second_code_that_differs_is_not_quoted(tmp_path):
    rows = [[*row, None] for row in long_sheet(present(DAYS))]
    rows[0][4], rows[1][4] = "frånvarokod", "GF"
    found = paid(workspace(tmp_path, register(placement()), Närvaro=rows), as_of="2024-12-31")
    assert found.checked.violations.filter(rule="T02")["value"].to_list() == [None]


@pytest.mark.parametrize(
    ("header", "second"),
    [("till", "2024-05-03"), ("från", "2023-01-01"), ("insats", "AT"), ("ersättning", "in_depth"), ("anordnare", "ORG2"), ("belopp", 400)],
)
def test_of_a_contract_that_says_two_things_nothing_is_known_for_sure(tmp_path, header, second):
    """It would be of another day, service or organiser by its first column alone: it may concern P1 all the same."""
    told = {
        "till": contract(350, "2024-01-01", "2024-03-31"),
        "från": contract(350, "2024-08-01"),
        "insats": contract(350, "2024-01-01", service="AIO"),
    }
    row = (told.get(header) or contract(350, "2024-01-01")) | ({} if header == "insats" else {"service": "FAT"}) | {"component": "base"}
    row |= {"component": "day"} if header == "insats" else {}
    tables = register_sheets(register(placement(), contracts=[row]))
    head = {"till": "to", "från": "from", "insats": "service", "ersättning": "component", "anordnare": "organiser_id", "belopp": "sek"}[
        header
    ]
    for line, value in zip(tables["contracts"], (head, second), strict=True):
        line.append(dt.date.fromisoformat(value) if str(value)[:2] == "20" and header in ("till", "från") else value)
    folder = workspace(tmp_path, register(), present(DAYS))
    workbooks.save(folder / "register.xlsx", tables)
    found = paid(folder, as_of="2024-12-31")
    assert "T02" in rules(found)
    if header != "insats":  # of AIO's day the component is not FAT's
        assert set(withheld(found).values()) == {"T02"}


def test_a_contract_cut_by_a_comma_may_hold_on_any_day(tmp_path):
    rows = [["organiser_id", "service", "component", "sek", "from", "to"], ["ORG1", "FAT", "base", 350, 50, "2024-05-01", "2024-12-31"]]
    folder = workspace(tmp_path, register(placement()), present(DAYS))
    (folder / "register-avtal.csv").write_bytes(csv_bytes(rows, ","))
    assert withheld(paid(folder, as_of="2024-12-31")) == {f"P1 base {day}": "T02" for day in DAYS}


def test_both_participants_of_a_row_that_names_two_are_in_doubt(tmp_path):
    tables = register_sheets(register(placement("P1", participant_id="AB1"), placement("P2", participant_id="AB2"), placement("P3")))
    for line, value in zip(tables["placements"], ("participant_id", "AB1", "AB1", None), strict=True):
        line.append(value)
    reports = [row for name in ("P1", "P2", "P3") for row in present(DAYS, name)]
    folder = workspace(tmp_path, register(), reports)
    workbooks.save(folder / "register.xlsx", tables)
    found = paid(folder, as_of="2024-12-31")
    assert sums(found) == {"P3 base": "3 x 300"}


def test_rows_that_are_equal_but_for_a_second_column_are_two(tmp_path):
    rows = [contract(350, "2024-01-01", service="FAT", component="base")] * 2
    tables = register_sheets(register(placement(), contracts=rows))
    for line, value in zip(tables["contracts"], ("sek", None, 400), strict=True):
        line.append(value)
    folder = workspace(tmp_path, register(), present(DAYS))
    workbooks.save(folder / "register.xlsx", tables)
    assert withheld(paid(folder, as_of="2024-12-31")) == {f"P1 base {day}": "T02" for day in DAYS}


@pytest.mark.parametrize("key", ["placement_id", "beslutsnummer", "Besluts-nummer", "BESLUTSNR."])
def test_a_grid_below_another_may_call_its_key_otherwise(tmp_path, key):
    below = grid_sheet(present(["2024-06-04"]), "2024-06")
    below[2][0] = key
    rows = grid_sheet(present(DAYS), "2024-05") + below
    found = paid(workspace(tmp_path, register(placement(end="2024-06-28")), Blad=rows), as_of="2024-12-31")
    assert sums(found) == GOOD
    assert "T10" in rules(found)


def test_grids_that_say_their_month_row_by_row_may_stand_below_each_other(tmp_path):
    first, second = grid_sheet(present(DAYS), "2024-05", title=False), grid_sheet(present(["2024-06-04"]), "2024-06", title=False)
    rows = [["month", *first[0]], ["2024-05", *first[1]], ["2024-06", *second[1]]]
    found = paid(workspace(tmp_path, register(placement(end="2024-06-28")), Blad=rows), as_of="2024-12-31")
    assert sums(found) == GOOD
    assert "T10" not in rules(found)


@pytest.mark.parametrize("heading", [30, 2])
def test_a_day_that_is_headed_twice_sets_its_grid_aside(tmp_path, heading):
    def change(rows):
        rows[2].append(heading)
        rows[3].append("N")

    found = of_grid(tmp_path, change)
    assert sums(found) == {}
    assert "T02" in rules(found)
