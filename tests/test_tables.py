"""Registers and the long layout of attendance: typed frames, faults, and what they set aside."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fatcli.errors import FatError
from fatcli.faults import FAULTS, expected_text
from fatcli.model import CODES, TABLES, Vocabulary
from fatcli.tables import Tables
from grids import UNSAVED, Cell, Error, grid, places, read

ATTENDANCE: list[Cell] = ["beslutsnummer", "datum", "närvaro", "timmar"]
ORGANISERS: list[Cell] = ["anordnare", "namn", "organisationsnummer", "juridisk form", "godkänd från", "styrelse"]
PLACEMENTS: list[Cell] = ["beslutsnummer", "personnummer", "anordnare", "insats", "startdatum", "slutdatum", "ersättningsdagar"]
CONTRACTS: list[Cell] = ["anordnare", "insats", "ersättning", "belopp", "från", "till"]
START, END, MAY = dt.date(2024, 1, 1), dt.date(2024, 12, 31), dt.date(2024, 5, 3)
O1: list[Cell] = ["O1", "Påhittade Verkstaden", "999900-0001", "bolag", START]
P1: list[Cell] = ["P1", "19990101-9999", "O1", "FAT", START, END]
P2: list[Cell] = ["P2", "19990202-9999", "O1", "AT", START, END]
DAY: list[Cell] = ["P1", MAY, "N", 8]


def with_attendance(*rows: list[Cell]) -> Tables:
    return read(grid([ATTENDANCE, *rows]))


def with_registers(
    placements: list[list[Cell]], organisers: list[list[Cell]] | None = None, attendance: list[list[Cell]] | None = None
) -> Tables:
    """Sheets A organisers, B placements, C attendance; the faults' rows are counted from 2."""
    return read(
        grid([ORGANISERS, *(organisers if organisers is not None else [O1])], sheet="A"),
        grid([PLACEMENTS, *placements], sheet="B"),
        grid([ATTENDANCE, *(attendance or [])], sheet="C"),
    )


def ids(tables: Tables, table: str) -> list[str]:
    return tables.frames[table][TABLES[table].columns[0].name].to_list()


def test_attendance_becomes_typed_columns_with_their_places() -> None:
    tables = read(
        grid(
            [
                [],
                [],
                ["Från kl", *ATTENDANCE, "till kl", "anteckning"],
                [dt.time(8), "P1", MAY, "N", "7,5", "16:30", "hemligt"],
                [None, 1001, "4/5 2024", "sjuk"],
            ]
        )
    )
    frame = tables.frames["attendance"]
    assert frame.schema == {
        "placement_id": pl.String,
        "date": pl.Date,
        "status": pl.Enum(list(CODES["status"])),
        "hours": pl.Float64,
        "from_time": pl.Time,
        "to_time": pl.Time,
        "source": pl.Int32,
        "row": pl.UInt32,
        "col": pl.UInt16,
    }
    assert frame.rows() == [
        ("P1", MAY, "present", 7.5, dt.time(8), dt.time(16, 30), 0, 4, None),
        ("1001", dt.date(2024, 5, 4), "sick", None, None, None, 0, 5, None),
    ]
    assert tables.faults.is_empty()


def test_a_register_has_all_its_columns_typed_also_those_no_sheet_has() -> None:
    tables = with_registers([P1])
    frame = tables.frames["placements"]
    assert frame.columns == [*(column.name for column in TABLES["placements"].columns), "source", "row"]
    assert frame["compensated_days"].dtype == pl.Int64
    assert frame["regime"].to_list() == [None]
    assert tables.frames["organisers"]["board"].dtype == pl.Enum(["yes", "no"])
    assert tables.present["placements"] == {"placement_id", "participant_id", "organiser_id", "service", "start", "end", "compensated_days"}
    assert "offers" not in tables.frames
    assert "offers" not in tables.present


def test_contracts_are_in_ore_with_the_components_own_names() -> None:
    contracts = grid([CONTRACTS, ["O1", "fat", "BASE", 350.5, START], ["O1", "FAT", "in_depth", "1 200,07", START]])
    frame = read(contracts).frames["contracts"]
    assert frame.select("service", "component", "sek").rows() == [("FAT", "base", 35050), ("FAT", "in_depth", 120007)]


def test_sources_and_files_are_in_order_of_name_whatever_order_they_come_in() -> None:
    sheets = [
        grid([ATTENDANCE, DAY, DAY], file="b.xlsx", sheet="Maj"),
        grid([["Närvaro"], ATTENDANCE, DAY], file="b.xlsx", sheet="April"),
        grid([PLACEMENTS, P1], file="a.xlsx"),
    ]
    tables = read(*sheets)
    assert [(s.file, s.sheet, s.table, s.layout, s.rows, s.set_aside) for s in tables.sources] == [
        ("a.xlsx", "Blad1", "placements", "register", 1, 0),
        ("b.xlsx", "April", "attendance", "long", 1, 0),
        ("b.xlsx", "Maj", "attendance", "long", 2, 0),
    ]
    assert tables.sources[1].columns == {"placement_id": 0, "date": 1, "status": 2, "hours": 3}
    assert [(file.file, file.sha256) for file in tables.files] == [("a.xlsx", "sha256 of a.xlsx"), ("b.xlsx", "sha256 of b.xlsx")]
    assert tables.frames["attendance"].select("source", "row").rows() == [(1, 3), (2, 2), (2, 3)]
    again = read(*reversed(sheets))
    assert again.frames["attendance"].equals(tables.frames["attendance"])
    assert again.sources == tables.sources


def test_t01_a_header_that_lacks_a_column_names_it() -> None:
    tables = read(
        grid([["Beslut"], [None, "beslutsnummer", "personnummer", "startdatum", "slutdatum", "anordnare"], ["x", "P1"]], sheet="Beslut")
    )
    assert places(tables) == ["T01 B2"]
    fault = tables.faults.row(0, named=True)
    assert (fault["file"], fault["sheet"], fault["source"], fault["table"]) == ("a.xlsx", "Beslut", None, "placements")
    assert fault["detail"] == "service (insats)"
    assert tables.frames == {}
    assert tables.sources == ()


def test_t01_a_month_grid_without_placements() -> None:
    tables = read(grid([["maj 2024"], ["namn", *range(1, 32)], ["Kim", "N"], ["Bo", None, "N", 8]]))
    assert places(tables) == ["T01 B2"]
    assert tables.faults["detail"].to_list() == ["placement_id (beslutsnummer)"]
    assert tables.set_aside_reports.rows() == [
        (None, None, 0, 3, 1, "T01"),
        (None, None, 0, 4, 2, "T01"),
        (None, None, 0, 4, 3, "T01"),
    ]
    assert [(source.layout, source.rows, source.set_aside) for source in tables.sources] == [("grid", 2, 3)]


@pytest.mark.parametrize(
    ("heads", "reports"),
    [
        (["beslutsnummer", "datum", "stat"], [("P1", MAY), ("P1", None), ("P2", MAY)]),
        (["beslutsnummer", "när", "status"], [("P1", None), ("P1", None), ("P2", None)]),
        (["beslut", "datum", "status"], [(None, MAY), (None, None), (None, MAY)]),
    ],
)
def test_t01_reports_of_attendance_are_set_aside_with_what_their_rows_tell(
    heads: list[Cell], reports: list[tuple[str | None, dt.date | None]]
) -> None:
    rows = [["P1", MAY, "N"], ["P1", "snart", "N"], [], ["P2", MAY, "S"]]
    footer: list[list[Cell]] = [["Summa", None, 3]]
    tables = read(grid([heads, *rows, *footer]), grid([ATTENDANCE, DAY], sheet="whole"))
    assert places(tables) == ["T01 A1"] if heads[0] == "beslutsnummer" else ["T01 B1"]
    assert tables.set_aside_reports.select("placement_id", "date").rows()[:3] == reports
    assert tables.set_aside_reports["row"].to_list()[:3] == [2, 3, 5]
    assert set(tables.set_aside_reports["source"]) == {1}
    assert ids(tables, "attendance") == ["P1"]
    assert [(source.sheet, source.rows, source.set_aside) for source in tables.sources] == [("whole", 1, 0), ("Blad1", 3, 3)]


def test_t08_once_for_a_sheet_of_something_else_and_not_for_an_empty_one() -> None:
    tables = read(
        grid([["Instruktion"], ["Fyll i bladet Närvaro."]], sheet="Läs mig"), grid([[None], [" "]], sheet="Tomt"), grid([], sheet="Tomt 2")
    )
    assert places(tables) == ["T08"]
    assert tables.faults.select("file", "sheet", "row", "col").row(0) == ("a.xlsx", "Läs mig", None, None)
    assert places(read(grid([[Error("#REF!")]]))) == ["T08"]


def test_sheets_that_the_program_made_are_passed_over() -> None:
    explained: list[list[Cell]] = [["fat · Förklaring"], ["placement_id", "date", "status"], ["P1", "i dag", "?"]]
    tables = read(grid(explained))
    assert (places(tables), tables.sources, dict(tables.frames)) == ([], (), {})
    assert places(read(grid([["fat"], ["x"]]))) == ["T08"]
    assert places(read(grid([[], ["fat · Förklaring"]]))) == ["T08"]
    assert places(read(grid([["fat · Förklaring"]], first_col=1))) == ["T08"]


def test_t09_each_unknown_column_once_at_its_header() -> None:
    tables = read(grid([["Skonummer", *ATTENDANCE, "Löpnummer", "Löpnummer", "timmar", "anteckning"], [43, *DAY]]))
    assert places(tables) == ["T09 A1", "T09 F1", "T09 H1"]
    assert tables.faults["value"].to_list() == ["Skonummer", "Löpnummer", "timmar"]
    assert tables.frames["attendance"]["hours"].to_list() == [8.0]


@pytest.mark.parametrize(
    ("col", "cell", "fault", "value", "expected"),
    [
        (1, 45415, "T02 B2", "45415", "date"),
        (1, True, "T02 B2", "true", "date"),
        (2, "X", "T06 C2", "X", "code:status"),
        (2, 8, "T06 C2", "8", "code:status"),
        (3, "åtta", "T02 D2", "åtta", "number"),
        (3, False, "T02 D2", "false", "number"),
        (3, dt.time(8), "T02 D2", "08:00:00", "number"),
        (0, None, "T03 A2", None, "identifier"),
        (1, None, "T03 B2", None, "date"),
        (2, " ", "T03 C2", None, "code:status"),
        (0, Error("#REF!"), "T07 A2", "#REF!", "identifier"),
        (1, Error("#N/A"), "T07 B2", "#N/A", "date"),
        (2, UNSAVED, "T07 C2", None, "unsaved"),
        (3, UNSAVED, "T07 D2", None, "unsaved"),
        (3, Error("#DIV/0!"), "T07 D2", "#DIV/0!", "number"),
    ],
)
def test_a_faulty_cell_sets_its_row_aside(col: int, cell: Cell, fault: str, value: str | None, expected: str) -> None:
    row = [*DAY]
    row[col] = cell
    tables = with_attendance(row, ["P2", MAY, "S"])
    assert places(tables) == [fault]
    found = tables.faults.row(0, named=True)
    assert (found["value"], found["expected"], found["table"], found["source"]) == (value, expected, "attendance", 0)
    assert ids(tables, "attendance") == ["P2"]
    assert (tables.sources[0].rows, tables.sources[0].set_aside) == (2, 1)
    placement, date = (None if col == 0 else "P1"), (None if col == 1 else MAY)
    assert found["placement"] == placement
    assert tables.set_aside_reports.rows() == [(placement, date, 0, 2, None, fault[:3])]


def test_each_fault_of_a_row_is_reported_and_the_row_set_aside_once() -> None:
    tables = with_attendance([None, "i går", "X", "många"], DAY)
    assert places(tables) == ["T03 A2", "T02 B2", "T06 C2", "T02 D2"]
    assert tables.set_aside_reports["rule"].to_list() == ["T03"]
    assert tables.sources[0].set_aside == 1


def test_unknown_columns_and_notes_are_never_judged() -> None:
    tables = read(grid([[*ATTENDANCE, "anteckning", "Skostorlek"], [*DAY, Error("#N/A"), UNSAVED], [*DAY, True, Error("#NUM!")]]))
    assert places(tables, "T09") == []
    assert tables.frames["attendance"].height == 2


def test_t06_tells_the_code_as_it_was_written() -> None:
    tables = with_attendance(["P1", MAY, " Frånvaro "])
    assert tables.faults.select("value", "detail").row(0) == ("Frånvaro", "Frånvaro")


def test_the_rule_books_words_are_codes_too() -> None:
    tables = read(grid([ATTENDANCE, ["P1", MAY, "x"]]), vocabulary=Vocabulary(codes={"status": {"unexcused": ("X",)}}))
    assert tables.frames["attendance"]["status"].to_list() == ["unexcused"]


def test_one_as_text_is_a_status_and_one_as_a_number_is_none() -> None:
    tables = with_attendance(["P1", MAY, "1"], ["P2", MAY, 1])
    assert tables.frames["attendance"].select("placement_id", "status").rows() == [("P1", "present")]
    assert places(tables) == ["T06 C3"]
    assert tables.faults["value"].to_list() == ["1"]


def test_blank_rows_are_skipped_and_keep_the_numbering() -> None:
    tables = with_attendance([], DAY, ["\xa0\u200b"], [None, None, None, None], DAY)
    assert tables.frames["attendance"]["row"].to_list() == [3, 6]
    assert tables.sources[0].rows == 2


def test_a_row_with_only_an_error_is_a_row_with_a_value() -> None:
    assert places(with_attendance([None, None, Error("#N/A")], DAY)) == ["T03 A2", "T03 B2", "T07 C2"]


def test_an_unsaved_formula_below_all_values_is_not_lost() -> None:
    sheet = grid([ATTENDANCE, DAY])
    beyond = type(sheet)(**{**vars(sheet), "unsaved": frozenset({(4, 1), (4, 2), (9, 7)})})
    assert places(read(beyond)) == ["T11 B4"]
    coded = grid([ATTENDANCE, DAY, [None, UNSAVED, "N"]])
    assert places(read(coded)) == ["T03 A3", "T07 B3"]


def test_attendance_rows_are_never_merged() -> None:
    assert with_attendance(DAY, DAY).frames["attendance"].height == 2


def test_equal_register_rows_are_one_whatever_their_spelling() -> None:
    tables = with_registers([P1, ["P1", "19990101-9999", "O1", " Förstärkt arbetsträning", "2024-01-01", "31/12 2024"], P2])
    assert ids(tables, "placements") == ["P1", "P2"]
    assert places(tables) == []
    assert (tables.sources[1].rows, tables.sources[1].set_aside) == (2, 0)


def test_equal_rows_of_tables_without_a_key_are_one_and_others_stay() -> None:
    contracts = [["O1", "FAT", "base", 350, START], ["O1", "FAT", "base", "350,00", START], ["O1", "FAT", "base", 351, START]]
    tables = read(grid([CONTRACTS, *contracts]))
    assert tables.frames["contracts"]["row"].to_list() == [2, 4]


def test_equal_rows_across_files_are_one() -> None:
    tables = read(grid([PLACEMENTS, P1], file="a.xlsx"), grid([PLACEMENTS, P1, P2], file="b.xlsx"))
    assert tables.frames["placements"].select("placement_id", "source").rows() == [("P1", 0), ("P2", 1)]
    assert [source.rows for source in tables.sources] == [1, 1]


def test_equal_faulty_rows_are_one_too() -> None:
    faulty = ["P1", "19990101-9999", "O1", "FAT", "i våras", END]
    assert places(with_registers([faulty, faulty])) == ["T02 E2"]


def test_t04_rows_with_the_same_key_that_differ_are_all_set_aside() -> None:
    other = ["P1", "19990303-9999", "O1", "FAT", START, dt.date(2024, 6, 30)]
    tables = with_registers([P1, P2, other], attendance=[DAY, ["P2", MAY, "N"]])
    assert places(tables) == ["T04 A2", "T04 A4"]
    assert tables.faults.select("value", "placement", "organiser").rows() == [("P1", "P1", "O1")] * 2
    assert ids(tables, "placements") == ["P2"]
    assert tables.set_aside_participants.rows() == [("19990101-9999", "T04", "P1"), ("19990303-9999", "T04", "P1")]
    assert tables.set_aside_reports.rows() == [("P1", MAY, 2, 2, None, "T04")]


def test_t04_also_when_one_of_them_is_faulty_itself() -> None:
    tables = with_registers([P1, [*P1[:4], "i våras", END]])
    assert places(tables) == ["T04 A2", "T04 A3", "T02 E3"]
    assert ids(tables, "placements") == []
    assert tables.set_aside_participants.rows() == [("19990101-9999", "T02", "P1"), ("19990101-9999", "T04", "P1")]


def test_t04_for_organisers_takes_their_placements_along() -> None:
    tables = with_registers([P1], [O1, [*O1[:3], "offentlig", START]], [DAY])
    assert places(tables) == ["T04 A2", "T04 A3"]
    assert ids(tables, "placements") == ids(tables, "attendance") == []
    assert tables.set_aside_participants.rows() == [("19990101-9999", "T04", "P1")]
    assert tables.set_aside_reports["rule"].to_list() == ["T04"]


def test_t05_a_placement_or_organiser_that_its_register_lacks() -> None:
    tables = with_registers([P1, [*P2[:2], "O9", *P2[3:]]], attendance=[DAY, ["P9", MAY, "N"], ["P2", MAY, "N"]])
    faults = tables.faults.select("rule", "sheet", "row", "col", "value", "expected", "placement").rows()
    assert faults == [("T05", "B", 3, 2, "O9", "table:organisers", "P2"), ("T05", "C", 3, 0, "P9", "table:placements", "P9")]
    assert ids(tables, "attendance") == ["P1"]
    assert tables.set_aside_participants.rows() == [("19990202-9999", "T05", "P2")]
    assert tables.set_aside_reports.select("placement_id", "row", "rule").rows() == [("P9", 3, "T05"), ("P2", 4, "T05")]
    assert tables.doubtful_days().rows() == [(None, MAY), ("P2", MAY)]


def test_t05_in_every_table_that_refers() -> None:
    tables = read(
        grid([ORGANISERS, O1], sheet="A"),
        grid([PLACEMENTS, P1], sheet="B"),
        grid([CONTRACTS, ["O9", "FAT", "base", 350, START]], sheet="C"),
        grid([["anordnare", "insats", "platser", "från"], ["O9", "FAT", 20, START], ["O1", "FAT", 20, START]], sheet="D"),
        grid([["anordnare", "handledare", "från"], ["O9", "H1", START]], sheet="E"),
        grid([["beslutsnummer", "från", "till"], ["P9", START, END]], sheet="F"),
    )
    assert tables.faults.select("rule", "sheet", "row", "col").rows() == [("T05", sheet, 2, 0) for sheet in "CDEF"]
    assert [tables.frames[name].height for name in ("contracts", "offers", "supervisors", "pauses")] == [0, 1, 0, 0]


def test_a_workplace_may_be_an_organiser_outside_the_register() -> None:
    tables = read(grid([ORGANISERS, O1], sheet="A"), grid([[*PLACEMENTS, "arbetsplats"], [*P1, None, "O9"]], sheet="B"))
    assert places(tables) == []


def test_no_t05_without_the_register() -> None:
    assert places(with_attendance(DAY)) == []
    assert places(read(grid([PLACEMENTS, P1]))) == []


def test_a_mistyped_case_is_another_identifier() -> None:
    assert places(with_registers([P1], attendance=[["p1", MAY, "N"], DAY])) == ["T05 A2"]


@pytest.mark.parametrize(
    ("col", "cell", "fault"),
    [(4, "i våras", "T02"), (3, "XYZ", "T06"), (5, None, "T03"), (2, Error("#N/A"), "T07"), (6, "tolv", "T02"), (6, 1.5, "T02")],
)
def test_a_placement_set_aside_withholds_its_participant_and_its_attendance(col: int, cell: Cell, fault: str) -> None:
    row = [*P1, 12]
    row[col] = cell
    tables = with_registers([row, P2], attendance=[DAY, ["P2", MAY, "N"]])
    assert tables.faults["rule"].to_list() == [fault]
    assert tables.set_aside_participants.rows() == [("19990101-9999", fault, "P1")]
    assert tables.set_aside_reports.rows() == [("P1", MAY, 2, 2, None, fault)]
    assert ids(tables, "attendance") == ["P2"]
    assert [source.set_aside for source in tables.sources] == [0, 1, 1]


def test_a_placement_row_without_a_readable_participant_withholds_nobody() -> None:
    tables = with_registers([["P1", None, *P1[2:]], ["P2", Error("#N/A"), *P2[2:]]], attendance=[DAY])
    assert places(tables) == ["T03 B2", "T07 B3"]
    assert tables.set_aside_participants.is_empty()


def test_pauses_fall_with_their_placement_without_a_fault() -> None:
    pauses = grid([["beslutsnummer", "från", "till"], ["P1", MAY, MAY], ["P2", MAY, MAY]], sheet="D")
    tables = read(grid([ORGANISERS, O1], sheet="A"), grid([PLACEMENTS, [*P1[:5], "?"], P2], sheet="B"), pauses)
    assert places(tables) == ["T02 F2"]
    assert tables.frames["pauses"]["placement_id"].to_list() == ["P2"]


def test_t06_a_component_that_the_service_lacks() -> None:
    rows = [["O1", "FAT", "result", 10, START], ["O1", "ITA3", "result", 10, START], ["O1", "XX", "result", 10, START]]
    tables = read(grid([CONTRACTS, *rows]))
    assert places(tables) == ["T06 C2", "T06 B4"]
    assert tables.faults["expected"].to_list() == ["component:FAT", "code:service"]
    assert tables.frames["contracts"].select("service", "component").rows() == [("ITA3", "result")]


FOOTERS = [
    "Summa",
    "SUMMA:",
    "Totalt 12 dagar",
    "total",
    "Underskrift ________",
    "Underskrift:",
    "Signatur/namn",
    "N = närvaro",
    "X=frånvaro",
    "gf: giltig frånvaro",
]


@pytest.mark.parametrize("word", FOOTERS)
def test_t11_a_footer_is_counted_once(word: str) -> None:
    tables = with_attendance(DAY, [], [word, None, None, 8], [None, None, "Ort och datum"])
    assert places(tables) == ["T11 A4"]
    assert tables.faults["detail"].to_list() == ["2"]
    assert (tables.sources[0].rows, tables.sources[0].set_aside) == (1, 0)


def test_a_row_below_with_a_status_code_is_no_footer() -> None:
    tables = with_attendance(DAY, [None, MAY, "N"], ["Summa", None, "x"], [None, None, "1"])
    assert places(tables) == ["T03 A3", "T11 A4", "T03 A5", "T03 B5"]


def test_a_row_below_with_a_date_and_a_mistyped_code_is_no_footer() -> None:
    tables = with_attendance(DAY, [None, MAY, "NN"], [None, "Datum", "Namn"], [None, MAY, None])
    assert places(tables) == ["T03 A3", "T06 C3", "T11 B4"]


def test_a_footer_word_above_the_last_key_is_a_key() -> None:
    tables = with_registers([P1], attendance=[DAY, ["Summa", MAY, "N"], DAY, ["Summa", None, None, 16]])
    assert places(tables) == ["T05 A3", "T11 A5"]


@pytest.mark.parametrize("key", ["Summering", "P1=", "Totalen", "P9", "S-12"])
def test_a_mistyped_key_is_no_footer(key: str) -> None:
    assert places(with_registers([P1], attendance=[DAY, [key, MAY, "N"]])) == ["T05 A3"]


def test_an_error_in_the_key_is_no_footer() -> None:
    assert places(with_attendance(DAY, [Error("#N/A"), MAY, None])) == ["T07 A3", "T03 C3"]


def test_errors_in_a_footer_are_not_judged() -> None:
    assert places(with_attendance(DAY, ["Summa", None, None, Error("#VALUE!")])) == ["T11 A3"]


def test_a_register_row_that_lacks_only_its_key_is_no_footer() -> None:
    tables = read(grid([ORGANISERS, O1, [None, *O1[1:]], [None, "Summa 2 anordnare"]], sheet="A"))
    assert places(tables) == ["T03 A3", "T11 B4"]


def test_the_footer_of_a_register() -> None:
    tables = read(grid([ORGANISERS, O1, [None, "Summa 1 anordnare"]], sheet="A"))
    assert places(tables) == ["T11 B3"]
    assert tables.frames["organisers"].height == 1


def test_faults_have_the_documented_columns_in_order_of_place() -> None:
    tables = with_registers([P1], attendance=[["P1", "?", "?"], [None, MAY, "N"], DAY])
    assert tuple(tables.faults.columns) == tuple(FAULTS)
    assert tables.faults.select("row", "col", "rule").rows() == [(2, 1, "T02"), (2, 2, "T06"), (3, 0, "T03")]
    assert tables.faults.schema["source"] == pl.Int32
    assert tables.faults.schema["row"] == pl.UInt32
    assert tables.faults.schema["col"] == pl.UInt16


def test_nothing_read_gives_empty_frames_of_the_same_shape() -> None:
    nothing, something = read(), with_registers([P1], attendance=[DAY])
    assert nothing.frames == {}
    assert nothing.faults.schema == something.faults.schema
    assert nothing.stated.schema == something.stated.schema
    assert nothing.set_aside_reports.schema == something.set_aside_reports.schema
    assert nothing.set_aside_participants.schema == something.set_aside_participants.schema


def test_every_expectation_has_words_in_both_languages() -> None:
    kinds = {column.kind for table in TABLES.values() for column in table.columns} - {"code"}
    named = {
        *kinds,
        *(f"code:{name}" for name in CODES),
        "table:placements",
        "table:organisers",
        "component",
        "unique",
        "unsaved",
        "month",
        "hours",
        "day",
    }
    for name in named:
        text = expected_text(name, Vocabulary())
        assert text.sv
        assert text.en
        assert text.sv != text.en
        assert "{" not in text.sv + text.en
    told = "ett datum: en datumcell, eller text som 2024-05-03, 20240503, 3/5 2024 eller 3 maj 2024"
    assert expected_text("date", Vocabulary()).sv == told
    assert expected_text("table:placements", Vocabulary()).sv == "ett värde som finns i tabellen Beslut"
    assert expected_text("code:yes_no", Vocabulary()) == ("något av ja, nej", "one of yes, no")
    also = expected_text("code:yes_no or hours", Vocabulary())
    assert also == ("något av ja, nej, eller ett antal timmar från 0 till 24", "one of yes, no, or a number of hours from 0 to 24")


TEXTS = st.sampled_from(
    ["P1", "P2", "1001", "N", "s", "X", "8", "7,5", "2024-05-03", "3 maj 2024", "45415", "Summa", "?", "true", " ", "\x0b"]
)
CELLS = st.one_of(
    st.none(), TEXTS, st.integers(0, 30), st.dates(dt.date(2024, 1, 1), dt.date(2024, 12, 31)), st.just(Error("#N/A")), st.just(UNSAVED)
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=6))
def test_every_row_is_accepted_set_aside_or_footer(rows: list[list[Cell]]) -> None:
    tables = with_registers([P1, P2], attendance=rows)
    (source,) = (source for source in tables.sources if source.table == "attendance")
    accepted = tables.frames["attendance"].height
    assert accepted + source.set_aside == source.rows
    assert tables.set_aside_reports.height == source.set_aside
    faulty = set(tables.faults.filter(pl.col("rule").is_in(["T02", "T03", "T05", "T06", "T07"]))["row"])
    assert faulty == set(tables.set_aside_reports["row"])
    footers = [int(detail) for detail in tables.faults.filter(pl.col("rule") == "T11")["detail"]]
    filled = sum(
        any(cell is UNSAVED or isinstance(cell, Error) or (cell is not None and str(cell).strip()) for cell in row) for row in rows
    )
    assert source.rows + sum(footers) == filled


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["P1", "P2", "P9"]),
        st.dates(START, END),
        st.sampled_from(["N", "sjuk", "X", "1"]),
        st.sampled_from([None, 8, "7,5", "?"]),
    ),
    min_size=1,
    max_size=6,
)


def contents(tables: Tables) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    accepted = tables.frames["attendance"].drop("source", "row", "col").rows()
    return sorted(accepted, key=repr), sorted(tables.faults.select("rule", "column", "value", "placement").rows(), key=repr)


@settings(max_examples=25, deadline=None)
@given(ROWS, st.data())
def test_order_of_rows_and_columns_blanks_and_titles_change_only_places(rows: list[tuple[Cell, ...]], data: st.DataObject) -> None:
    plain = with_registers([P1, P2], attendance=[list(row) for row in rows])
    order = data.draw(st.permutations(range(4)))
    moved = [[row[col] for col in order] for row in data.draw(st.permutations(rows))]
    spread = [row for moved_row in moved for row in [*[[]] * data.draw(st.integers(0, 1)), moved_row]]
    titles: list[list[Cell]] = [*[[]] * data.draw(st.integers(0, 8)), *[["Närvarorapport"], []][: data.draw(st.integers(0, 2))]]
    sheet = grid([*titles, [ATTENDANCE[col] for col in order], *spread], sheet="C", first_col=2)
    other = read(grid([ORGANISERS, O1], sheet="A"), grid([PLACEMENTS, P1, P2], sheet="B"), sheet)
    assert contents(other) == contents(plain)


def test_no_grid_ends_the_run() -> None:
    odd = grid([[Error("#N/A")] * 3, ATTENDANCE, [UNSAVED] * 4, ["=1+1", "x" * 5000, "\u202e", "-"]])
    try:
        read(odd)
    except FatError:
        pytest.fail("a data problem ended the run")
