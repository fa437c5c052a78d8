"""Finding the table of a sheet: its header row, its columns, its day columns."""

import datetime as dt

import pytest

from fatcli.headers import FEWEST_DAYS, Header, Layouts
from fatcli.model import GRID, TABLES, Table, Vocabulary, folded_header
from fatcli.rulebook import load
from grids import Cell, grid

DAYS: list[Cell] = list(range(1, 32))
LONG: list[Cell] = ["placement_id", "date", "status"]
ORGANISER = ["organiser_id", "name", "identity_number", "legal_form", "approved_from"]


def header(*rows: list[Cell], vocabulary: Vocabulary | None = None, first_col: int = 0) -> Header | None:
    return Layouts(vocabulary or Vocabulary()).find(grid(rows, first_col=first_col))


def found(*rows: list[Cell]) -> tuple[str, int, dict[str, int]]:
    read = header(*rows)
    assert read
    assert not read.missing
    return read.table.name, read.row, dict(read.columns)


@pytest.mark.parametrize(
    "text",
    ["Timmar per vecka", " timmar per vecka ", "TIMMAR\nPER\nVECKA", "timmar_per_vecka", "Timmar-per vecka.", "timmar  per\xa0vecka"],
)
def test_headers_match_whatever_their_look(text: str) -> None:
    assert folded_header(text) == "timmar per vecka"


def test_a_line_break_within_a_word_does_not_count() -> None:
    assert found(["Besluts\nnummer", "datum", "status"])[2]["placement_id"] == 0


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_each_table_is_known_by_its_names_in_either_language(table: Table) -> None:
    columns = {column.name: col for col, column in enumerate(table.columns)}
    assert found([column.name for column in table.columns]) == (table.name, 1, columns)
    assert found([column.aliases[0].capitalize() for column in table.columns]) == (table.name, 1, columns)


def test_rows_above_are_title_rows_and_the_numbering_is_the_sheets() -> None:
    assert found(["Närvaro i maj"], [], ["x", *LONG]) == ("attendance", 3, {"placement_id": 1, "date": 2, "status": 3})
    read = header([], [], [], LONG, first_col=2)
    assert read
    assert (read.row, read.columns) == (4, {"placement_id": 2, "date": 3, "status": 4})


def test_the_header_is_among_the_first_thirty_rows_of_the_sheet() -> None:
    filler: list[list[Cell]] = [["x"]] * 29
    assert header(*filler, LONG)
    assert header(*filler, ["x"], LONG) is None
    assert header(*[[]] * 30, LONG) is None


def test_columns_may_stand_anywhere_with_gaps() -> None:
    assert found([None, "status", None, "beslutsnummer", None, "dag"])[2] == {"status": 1, "placement_id": 3, "date": 5}


def test_of_several_tables_the_one_with_most_columns() -> None:
    # the same words are a pause's placement_id, from and to
    row: list[Cell] = ["beslutsnummer", "personnummer", "anordnare", "insats", "från", "till"]
    assert found(row)[0] == "placements"
    assert found(["beslutsnummer", "från", "till"])[0] == "pauses"


def test_of_several_rows_the_one_with_most_columns_then_the_first() -> None:
    assert found(LONG, [*LONG, "hours"])[1] == 2
    assert found(LONG, LONG)[1] == 1


def test_attendance_whose_times_are_called_from_and_to_is_no_table_of_pauses() -> None:
    row: list[Cell] = ["Beslutsnummer", "Datum", "Närvaro", "Från", "Till"]
    shipped = header(row, ["P1"], vocabulary=load().vocabulary)
    assert shipped is not None
    assert (shipped.table.name, list(shipped.columns)) == ("attendance", ["placement_id", "date", "status", "from_time", "to_time"])


def test_the_rule_book_adds_headers_to_every_table_with_the_column() -> None:
    vocabulary = Vocabulary(columns={"placement_id": ("Ärende",), "days_stated": ("Summa dagar",)})
    long = header(["ärende", "datum", "status"], vocabulary=vocabulary)
    assert long
    assert long.columns["placement_id"] == 0
    month = header(["ÄRENDE", *DAYS, "summa-dagar"], vocabulary=vocabulary)
    assert month
    assert month.columns == {"placement_id": 0, "days_stated": 32}
    assert header(["ärende", "datum", "status"]) != long


def test_unknown_headers_once_each_and_the_second_of_a_pair() -> None:
    read = header(["Kommentar", *LONG, "kommentar", "Kommentar", "datum", "Skonummer\nEU"])
    assert read
    assert read.unknown == ((0, "Kommentar"), (4, "kommentar"), (6, "datum"), (7, "Skonummer EU"))
    assert read.columns["date"] == 2


def test_a_header_that_lacks_a_third_of_the_required_columns_is_told_from_none() -> None:
    nearly = header(["beslutsnummer", "personnummer", "insats", "startdatum"])
    assert nearly
    assert (nearly.table.name, nearly.missing) == ("placements", ("organiser_id", "end"))
    assert header(["beslutsnummer", "personnummer", "insats"]) is None
    assert header(["beslutsnummer", "datum"]).missing == ("status",)
    assert header(["beslutsnummer", "status"]).missing == ("date",)
    assert header(["datum"]) is None


def test_a_complete_header_goes_before_a_fuller_one_that_lacks_a_column() -> None:
    assert found(["beslutsnummer", "personnummer", "anordnare", "startdatum", "slutdatum", "län"], LONG)[0] == "attendance"


def test_a_month_grid_needs_its_placement_and_28_days() -> None:
    assert found(["beslutsnummer", *DAYS[:FEWEST_DAYS]])[2] == {"placement_id": 0}
    short = header(["beslutsnummer", *DAYS[: FEWEST_DAYS - 1]])
    assert short
    assert short.missing == ("days",)
    nobody = header(DAYS)
    assert nobody
    assert (nobody.table, nobody.missing) == (GRID, ("placement_id",))
    assert header(["beslutsnummer", *DAYS[:10]]) is None


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        ("7", set()),
        ("07", set()),
        ("7.", set()),
        ("7 ti", {1}),
        ("ti 7", {1}),
        ("Tis\n7", {1}),
        ("7 tisdag", {1}),
        ("må 7", {0}),
        ("fr. 7", {4}),
        ("t 7", {1, 3}),
        ("7 Sun", {6}),
    ],
)
def test_day_headings(text: str, weekdays: set[int]) -> None:
    read = header(["beslutsnummer", *[day for day in DAYS if day != 7], text])
    assert read
    assert read.days[31] == (7, None, weekdays)


@pytest.mark.parametrize("text", ["0", "32", "7 x", "7.5", "2024-02-30 00:00:00", "sju"])
def test_what_is_no_day_heading(text: str) -> None:
    read = header(["beslutsnummer", *DAYS[:28], text])
    assert read
    assert 29 not in read.days
    assert read.unknown[0][0] == 29


def test_real_dates_as_headings() -> None:
    dates: list[Cell] = [dt.date(2024, 4, 29) + dt.timedelta(days) for days in range(35)]
    read = header(["beslutsnummer", *dates])
    assert read
    assert len(read.days) == 35
    assert read.days[3] == (1, dt.date(2024, 5, 1), frozenset())


def test_a_day_that_stands_twice_counts_once() -> None:
    read = header(["beslutsnummer", *DAYS, 31])
    assert read
    assert len(read.days) == 31
    assert read.unknown == ((32, "31"),)


@pytest.mark.parametrize("table", [*TABLES.values(), GRID], ids=lambda table: table.title.en)
def test_no_header_of_the_shipped_book_stands_for_two_columns(table: Table) -> None:
    further = load().vocabulary.columns
    headers = [
        (folded_header(text), column.name)
        for column in table.columns
        for text in (column.name, *column.aliases, *further.get(column.name, ()))
    ]
    assert len({text for text, _ in headers}) == len(set(headers))


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        (["Beslutsnr.", "Datum", "Kod", "Tim", "Anm."], ["placement_id", "date", "status", "hours", "note"]),
        (
            ["Beslutsnr", "Pers.nr", "Leverantörsnr", "Insats", "Fr.o.m.", "T.o.m."],
            ["placement_id", "participant_id", "organiser_id", "service", "start", "end"],
        ),
        (["Anordnarnr", "Namn", "Org.nr", "Juridisk form", "Godkänd från", "BG"], [*ORGANISER, "bankgiro"]),
        (["Beslutsnr", "Fr o m", "Tom"], ["placement_id", "from", "to"]),
    ],
)
def test_the_shipped_book_knows_swedish_abbreviations(row: list[Cell], columns: list[str]) -> None:
    read = header(row, vocabulary=load().vocabulary)
    assert read
    assert dict(read.columns) == {name: col for col, name in enumerate(columns)}
    assert read.unknown == ()
