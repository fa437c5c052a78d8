"""A report as text, csv, JSON, workbook and page: the same figures, and what is hidden nowhere."""

import datetime as dt
import io
import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import openpyxl
import pytest
from rich.console import Console

from fatcli.figures import (
    TOTAL,
    Basis,
    Cell,
    Column,
    Figures,
    Hidden,
    Label,
    Plot,
    Relation,
    Report,
    Table,
    share,
    year_label,
)
from fatcli.result import Input
from fatcli.texts import Text, same
from fatcli.writers import figures
from fatcli.writers.figures import cells

DAY = dt.date(2024, 8, 31)
BASE = Text("dem som har lämnat", "those who have left")
TABLE = Table(
    "years",
    Text("Per år", "By year"),
    (
        Column("year", Text("År", "Year"), "text"),
        Column("place", Text("Ort", "Place"), "text"),
        Column("left", Text("Har lämnat", "Have left"), persons=True),
        Column("share", Text("Andel", "Share"), "share", base=BASE),
        Column("days", Text("Dagar", "Days"), "days"),
        Column("paid", Text("Betalt", "Paid"), "sek"),
    ),
    (
        (year_label(2023), Label("=1+1", same("=1+1")), 1234, 0.5344, 121.5, 859_013_800),
        (year_label(2024), Label("B", same("Bö <b>")), Hidden.HIDDEN, Hidden.HIDDEN, None, -12_345),
        (year_label(2024), Label(TOTAL, Text("alla", "all")), 0, 0.005, 0.0, 0),
    ),
    (Text("Så läses den.", "How to read it."),),
    {1: (dt.date(2024, 1, 1), DAY), 2: (dt.date(2024, 1, 1), DAY)},
)
EMPTY = Table("none", Text("Tom [tabell]/x", "Empty"), TABLE.columns, ())
PLOT = Plot("bars", Text("Andel", "Share"), "years", (0, 1), "year", ("share",), Text("år", "year"), Text("andel", "share"))
REPORT = Report(
    "stays",
    Text("Tid", "Time"),
    Text("AIO tabell 1", "AIO table 1"),
    Figures((TABLE, EMPTY), (PLOT,), (Text("En not.", "A note."),), (Relation((Cell("years", 0, "left"),), ()),)),
    Basis("1.0", "rules.yaml", "2024-06", "0" * 64, DAY, "sv", (Input("beslut 199001011234.xlsx", "1" * 64),)),
    dt.date(2023, 1, 1),
    DAY,
    5,
)
ENGLISH = replace(REPORT, basis=replace(REPORT.basis, language="en"))


def text(report: Report = REPORT, width: int = 100) -> str:
    page = io.StringIO()
    figures.print_figures(report, Console(file=page, width=width, no_color=True))
    return page.getvalue().replace("\u00a0", " ")


def test_text() -> None:
    lines = [line.split() for line in text().splitlines()]
    assert ["2023", "=1+1", "1", "234", "53", "%", "121,5", "8", "590", "138"] in lines
    assert ["2024*", "Bö", "<b>", "..", "..", "–", "\u2212123,45"] in lines
    assert ["2024*", "alla", "0", "1", "%", "0,0", "0"] in lines  # half a per cent, rounded half up
    page = " ".join(text().split())
    for words in (
        "Källa: AIO tabell 1 · uppgifter 2023-01-01–2024-08-31 · beräkningsdag 2024-08-31",
        "Betalt (kr)",
        "Andel: av dem som har lämnat.",
        "* Uppgifterna täcker bara 2024: 2024-01-01–2024-08-31.",
        "Så läses den.",
        "En not.",
    ):
        assert words in page


def test_text_in_english() -> None:
    page = " ".join(text(ENGLISH).split())
    for words in ("1,234 53% 121.5 8,590,138", "Paid (SEK)", "Share: of those who have left.", "The data cover only 2024"):
        assert words in page


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_figure_is_cut(width) -> None:
    assert "8 590 138" in text(width=width)
    assert "…" not in text(width=width)


@pytest.mark.parametrize("width", range(56, 100))
def test_headings_wider_than_their_figures_take_nothing_from_them(width) -> None:
    names = (("Start", "start"), ("Periodisk", "daily"), ("Resultat", "result"), ("Total", "total"), ("Per deltagare", "each"))
    texts = (Column("year", Text("År", "Year"), "text"), Column("service", Text("Insats", "Service"), "text"))
    columns = (*texts, *(Column(key, Text(title, title), "sek") for title, key in names))
    rows = ((year_label(2024), Label("FAT", same("FAT")), 11_111_100, 22_222_200, 33_333_300, 44_444_400, 55_555_500),)
    shown = text(replace(REPORT, figures=Figures((Table("t", Text("T", "T"), columns, rows),))), width)
    for figure in ("111 111", "222 222", "333 333", "444 444", "555 555"):
        assert figure in shown.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(23, 40, "58"), (51, 101, "50"), (1, 200, "1"), (1, 201, "0"), (49_999_999, 99_999_999, "50"), (3, 3, "100")],
)
def test_shares_are_rounded_half_up_and_once(part, whole, shown) -> None:
    """57,5 is 58; 50,495 is 50, though with one decimal it would be 50,5; 0,5 is 1 and 0,4975 is 0."""
    assert cells.number(share(part, whole), "share", "sv") == f"{shown}\u00a0%"


def document(report: Report = REPORT):
    return json.loads(figures.figures_json(report))


def test_json_fits_its_schema() -> None:
    schema = json.loads(files("fatcli").joinpath("schemas", "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for report in (REPORT, ENGLISH, replace(REPORT, first=None, last=None, figures=Figures(()))):
        jsonschema.validate(document(report), schema)


def test_json() -> None:
    found = document()
    years, none = found["tables"]
    assert [column["key"] for column in years["columns"]] == ["year", "place", "left", "share", "days", "paid_sek"]
    assert years["rows"][0] == {
        "year": "2023",
        "place": "=1+1",
        "left": 1234,
        "share": 0.5344,
        "days": 121.5,
        "paid_sek": "8590138.00",
        "hidden": [],
        "partial": None,
    }
    assert years["rows"][1] == {
        "year": "2024",
        "place": "B",
        "left": None,
        "share": None,
        "days": None,
        "paid_sek": "-123.45",
        "hidden": ["left", "share"],
        "partial": ["2024-01-01", "2024-08-31"],
    }
    assert none["rows"] == []
    assert (found["report"], found["min_group"], found["first"], found["notes"]) == ("stays", 5, "2023-01-01", ["En not."])
    # names of files are kept, as in the other JSON
    assert found["inputs"] == [{"path": "beslut 199001011234.xlsx", "sha256": "1" * 64}]


def test_csv_is_for_excel_in_the_language() -> None:
    sv, en = (figures.figures_csv(report).decode("utf-8-sig").splitlines() for report in (REPORT, ENGLISH))
    assert sv[0] == "year;place;left;share;days;paid_sek;hidden;partial"
    assert sv[1] == "2023;'=1+1;1234;0,5344;121,5;8590138,00;;"
    assert sv[2] == "2024;B;;;;-123,45;left share;2024-01-01/2024-08-31"
    assert en[1] == "2023,'=1+1,1234,0.5344,121.5,8590138.00,,"


def test_a_csv_for_each_table() -> None:
    found = figures.table_files(REPORT)
    assert list(found) == ["years.csv", "none.csv"]
    assert found["none.csv"].decode("utf-8-sig").splitlines() == ["year;place;left;share;days;paid_sek;hidden;partial"]


def test_workbook() -> None:
    book = openpyxl.load_workbook(io.BytesIO(figures.figures_book(REPORT)))
    assert book.sheetnames == ["Per år", "Tom tabellx", "Om rapporten"]
    sheet = book["Per år"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=7)]
    assert cells[0] == ["År", "Ort", "Har lämnat", "Andel", "Dagar", "Betalt (kr)"]
    assert cells[1] == ["2023", "'=1+1", 1234, 0.5344, 121.5, 8590138]
    assert cells[2] == ["2024*", "Bö <b>", "..", "..", "–", -123.45]
    assert (sheet["D5"].number_format, sheet["F5"].number_format) == ("0%", "#,##0;[Red]-#,##0")
    assert "Andel: av dem som har lämnat." in [cell.value for cell in sheet["A"]]
    assert "En not." in [cell.value for cell in book["Om rapporten"]["A"]]


def test_the_same_bytes_for_the_same_report() -> None:
    for write in (figures.figures_json, figures.figures_csv, figures.figures_book, figures.figures_page):
        assert write(REPORT) == write(REPORT)


def test_page() -> None:
    page = figures.figures_page(REPORT).decode()
    for words in (
        '<h1 id="report">Tid</h1>',
        "Bö &lt;b&gt;",
        "8\u00a0590\u00a0138",
        '<tr class="total">',
        "En not.",
        "Inga uppgifter.",
    ):
        assert words in page
    assert "<b>" not in page
    assert "style=" not in page  # the content security policy allows none


def test_names_of_files_are_masked_for_people() -> None:
    for page in (text(), figures.figures_page(REPORT).decode()):
        assert "199001011234" not in page
