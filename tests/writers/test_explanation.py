"""Explanations as text and as JSON; the stories are those of a small workspace, booked and then changed."""

import datetime as dt
import io
import json
from importlib.resources import files

import jsonschema
import pytest
from rich.console import Console

import stories
from fatcli import pipeline
from fatcli.intake import Task
from fatcli.ledger import Ledger
from fatcli.model import Month
from fatcli.pipeline import Order
from fatcli.workspace import open_workspace
from fatcli.writers.explanation import explanation_json, print_explanation
from stories import NOON, placement, present, register, report, workspace

SCHEMA = json.loads(files("fatcli").joinpath("schemas", "explain.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def task(folder, language):
    return Task(open_workspace(folder, [], {}), [], dt.date(2024, 6, 3), language)


def pay(folder, allowed=()):
    return pipeline.payout(task(folder, "sv"), Order(Month(2024, 5), allowed), folder / "ledger.db", "anna", NOON)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """2 and 3 May booked by run 1, attested; run 2 takes 2 May back; then 6 May comes, before the decision of 7 May, and a code X."""
    place = tmp_path_factory.mktemp("explained")
    tables = register(placement(decision_date="2024-05-02"))
    workspace(place, tables, present(["2024-05-02", "2024-05-03"]))
    pay(place)
    with Ledger.open(place / "ledger.db", create=False) as ledger:
        ledger.attest(1, "Berit", "berit", NOON)
    workspace(place, tables, present(["2024-05-03"]))
    pay(place, allowed=("all",))
    pauses = [{"placement_id": "P1", "from": "2024-05-13", "to": "2024-05-14", "approved_on": "2024-05-06"}]
    contracts = [stories.contract(350, "2024-05-06", None, "FAT", "base")]
    later = register(placement(decision_date="2024-05-03", programme=None), pauses=pauses, contracts=contracts)
    reports = [report("2024-05-03", hours=6.5, from_time="08:30"), report("2024-05-07", status="X")]
    workspace(place, later, reports)
    return place


def explained(folder, what, date=None, month=None, language="sv"):
    day = dt.date.fromisoformat(date) if date else None
    return pipeline.explain(task(folder, language), what, folder / "ledger.db", day, Month.parse(month) if month else None)


def text(explanation, width=80):
    page = io.StringIO()
    print_explanation(explanation, Console(file=page, width=width, no_color=True, highlight=False))
    return page.getvalue().replace("\u00a0", " ")


def lines(explanation, width=80):
    return [line.rstrip() for line in text(explanation, width).splitlines()]


QUESTIONS = [
    ("P1", None, None),
    ("P1", None, "2024-05"),
    ("P1", "2024-05-03", None),
    ("P1", "2024-05-04", None),
    ("attendance.xlsx!Närvaro!B2", None, None),
    ("attendance.xlsx!Närvaro!C3", None, None),
    ("attendance.xlsx!Närvaro!A99", None, None),
    ("2024-05/ORG1/1", None, None),
    ("2024-05/ORG1/2", None, None),
]


@pytest.mark.parametrize(("what", "date", "month"), QUESTIONS)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_json_has_the_published_form(folder, what, date, month, language):
    document = json.loads(explanation_json(explained(folder, what, date, month, language)))
    VALIDATOR.validate(document)
    assert list(document) == SCHEMA["required"]
    assert document["asked"] == what


@pytest.mark.parametrize(("what", "date", "month"), QUESTIONS)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_text_keeps_within_80_columns(folder, what, date, month, language):
    assert max(len(line) for line in lines(explained(folder, what, date, month, language))) <= 80


def test_the_same_question_gives_the_same_bytes(folder):
    first, second = (explanation_json(explained(folder, "P1", "2024-05-03")) for _ in range(2))
    assert first == second


def test_amounts_are_sek_with_two_decimals(folder):
    document = json.loads(explanation_json(explained(folder, "P1", "2024-05-03")))
    (item,) = document["day"]["items"]
    assert item["rate"]["amount_sek"] == "300.00"
    assert [(entry["run"], entry["claim"], entry["amount_sek"]) for entry in item["booked"]] == [(1, "2024-05/ORG1/1", "300.00")]
    trail = json.loads(explanation_json(explained(folder, "2024-05/ORG1/2")))["trail"]
    assert (trail["total_sek"], trail["lines"][0]["total_sek"], trail["lines"][0]["kind"]) == ("-300.00", "-300.00", "reversal")
    assert trail["lines"][0]["items"] == [
        {"date": "2024-05-02", "amount_sek": "-300.00", "place": None, "sha256": None, "corrects": "2024-05/ORG1/1"}
    ]


def test_a_day_tells_reports_money_and_rules(folder):
    told = lines(explained(folder, "P1", "2024-05-03"))
    for line in (
        "P1",
        "  P1 · Verkstaden ORG1",
        "  program           –            register.xlsx · placements!E2",
        "  startdatum        2024-05-02   register.xlsx · placements!F2",
        "  2024-05-13–2024-05-14  2024-05-06, godkänt i förväg  register.xlsx · pauses!B2",
        "  attendance.xlsx · Närvaro!B2  närvaro  6,5 timmar  08:30–…",
        "  Merkostnadsersättning · 300,00 kr",
        "    Belopp: regelboken, utgåva 2024-06 · FAKTA Ersättning",
        "    Körning 1, rekvisition 2024-05/ORG1/1, 300,00 kr, bokförd 2024-06-03 av",
        "    anna; attesterad av Berit 2024-06-03",
        "Regler som utlöstes",
        "Regler som inte utlöstes eftersom en uppgift är tom",
        "Regler som inte utlöstes",
        "      utlöstes inte: date 2024-05-03 ≥ decision_date 2024-05-03",
    ):
        assert line in told


def test_a_month_sums_items_by_their_fate_and_names_the_claims_below(folder):
    told = lines(explained(folder, "P1", month="2024-05", language="en"))
    assert "  2024-05-03  present    –    300.00  300.00  P03    …/1" in told
    assert "  Claims: 2024-05/ORG1/1, 2024-05/ORG1/2" in told
    assert "Faults of the input" in told
    assert "                                                   compensation now" in told  # the other item, booked and reversed
    assert "  each with its values: --date, or --format json" in told


def test_an_overview_names_the_claims_beside_the_month(folder):
    told = text(explained(folder, "P1"), width=120)
    assert "Månad för månad" in told
    assert "2024-05/ORG1/1 2024-05/ORG1/2" in told


def test_a_cell_tells_its_column_value_and_rules(folder):
    told = lines(explained(folder, "attendance.xlsx!Närvaro!D2"))
    assert "  attendance.xlsx · Närvaro!D2  timmar = 6,5" in told
    assert "  Regler som läser kolumnen: A10, A17" in told
    assert "  attendance.xlsx · Närvaro!A99  –" in lines(explained(folder, "attendance.xlsx!Närvaro!A99"))


def test_a_claim_tells_each_cell_and_the_files(folder):
    told = lines(explained(folder, "2024-05/ORG1/1", language="en"), width=120)
    assert "  2024-05-02  SEK 300.00  attendance.xlsx · Närvaro!B2" in told
    assert any(line.startswith("  run        1 · 2024-06-03 anna · attested by Berit 2024-06-03") for line in told)
    (sha,) = (line.split()[1] for line in told if line.startswith("  attendance.xlsx  "))
    assert len(sha) == 64
    back = lines(explained(folder, "2024-05/ORG1/2", language="en"), width=120)
    assert "  2024-05-02  SEK −300.00  corrects 2024-05/ORG1/1" in back
