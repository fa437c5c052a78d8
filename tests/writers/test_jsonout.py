import datetime as dt
import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import polars as pl
import pytest
from writer_examples import CHECKED, ENGLISH, FOUND, PAID, frame, violation

from fatcli.model import Month
from fatcli.result import Control, Input, InputTable, NotEvaluated, OtherMonth
from fatcli.writers import jsonout
from fatcli.writers.jsonout import to_json


def schema(name):
    return json.loads(files("fatcli").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8"))


def valid(result, name):
    document = json.loads(to_json(result))
    jsonschema.Draft202012Validator(schema(name)).validate(document)
    return document


def test_validate_has_the_published_keys_in_order():
    document = valid(CHECKED, "validate")
    assert list(document) == ["tool", "rules", "as_of", "inputs", "summary", "not_evaluated", "violations"]
    assert document["tool"] == {"name": "fat", "version": "0.1.0"}
    assert document["rules"] == {"path": "rules.yaml", "edition": "2024-06", "sha256": "3f" * 32}
    assert document["as_of"] == "2024-06-03"
    assert document["summary"] == {"errors": 4, "warnings": 1, "infos": 0, "rows": 467, "set_aside": 1}


def test_a_violation_is_written_with_its_remedy_and_its_nulls():
    (found,) = valid(replace(CHECKED, violations=FOUND.head(1)), "validate")["violations"]
    assert list(found.items()) == [
        ("rule", "A01"),
        ("name", "day-outside-placement"),
        ("severity", "error"),
        ("message", "2024-05-31 ligger utanför beslutet 2023-11-01–2024-05-30. Rätta datumet eller förläng beslutet."),
        ("file", "attendance.xlsx"),
        ("sheet", "Närvaro"),
        ("cell", "B17"),
        ("row", 17),
        ("column", "date"),
        ("value", "2024-05-31"),
        ("organiser", "ORG1"),
        ("service", "FAT"),
        ("placement", "P1"),
        ("date", "2024-05-31"),
        ("until", None),
        ("withholds", "daily"),
        ("source", "FAKTA Ersättning"),
    ]


@pytest.mark.parametrize("remedy", [None, ""])
def test_without_a_remedy_the_message_stands_alone(remedy):
    (found,) = json.loads(to_json(replace(CHECKED, violations=frame(violation(message="Fel.", remedy=remedy)))))["violations"]
    assert found["message"] == "Fel."


def test_text_is_utf8_and_hostile_text_stays_text():
    hostile = 'a"b\\c\nd\x00\u2028å'
    written = to_json(replace(CHECKED, violations=frame(violation(value=hostile), violation(value="–")))).decode()
    assert [found["value"] for found in json.loads(written)["violations"]] == [hostile, "–"]
    assert "å" in written
    assert "\\u00e5" not in written


def test_inputs_and_rules_not_evaluated_are_sorted():
    tables = (InputTable("attendance", "B", "grid", 3, 1), InputTable("attendance", "A", "long", 2, 0))
    inputs = (Input("b.xlsx", "0" * 64, tables), Input("a.xlsx", "1" * 64))
    left = (NotEvaluated("P22", "x"), NotEvaluated("O04", "y"))
    document = valid(replace(CHECKED, inputs=inputs, not_evaluated=left), "validate")
    assert document["inputs"] == [
        {"path": "a.xlsx", "sha256": "1" * 64, "tables": []},
        {
            "path": "b.xlsx",
            "sha256": "0" * 64,
            "tables": [
                {"table": "attendance", "sheet": "A", "layout": "long", "rows": 2, "set_aside": 0},
                {"table": "attendance", "sheet": "B", "layout": "grid", "rows": 3, "set_aside": 1},
            ],
        },
    ]
    assert document["not_evaluated"] == [{"rule": "O04", "reason": "y"}, {"rule": "P22", "reason": "x"}]


def test_payout_has_the_published_keys_in_order():
    document = valid(PAID, "payout")
    assert list(document) == [
        "tool", "rules", "inputs", "month", "as_of", "booked", "run", "total_sek",
        "claims", "withheld", "kept", "other_months", "control", "not_evaluated", "violations", "summary",
    ]  # fmt: skip
    assert (document["month"], document["as_of"], document["booked"], document["run"]) == ("2024-05", "2024-06-03", True, 7)
    # 6 300 + 2 400 + 4 907 + 151.50 and 3 000 + 23 × 450; the claim refused for its reversal is left out
    assert document["total_sek"] == "27108.50"
    assert document["summary"] == {"errors": 4, "warnings": 1, "infos": 0}


def test_claims_are_sorted_and_their_lines_by_placement_component_kind_rate():
    claims = valid(replace(PAID, claims=PAID.claims[::-1]), "payout")["claims"]
    assert [(claim["claim"], claim["organiser"], claim["booked"], claim["total_sek"]) for claim in claims] == [
        ("2024-05/ORG1/1", "ORG1", True, "13758.50"),
        ("2024-05/ORG2/1", "ORG2", True, "13350.00"),
        (None, "ORG3", False, "600.00"),
    ]
    assert claims[0]["lines"][0] == {
        "placement": "P1",
        "service": "FAT",
        "component": "base",
        "kind": "claim",
        "days": 21,
        "rate_sek": "300.00",
        "amount_sek": "6300.00",
    }
    assert [(line["component"], line["days"]) for line in claims[1]["lines"]] == [("day", 23), ("start", 1)]
    reversal = claims[2]["lines"][0]
    assert (reversal["kind"], reversal["days"], reversal["rate_sek"], reversal["amount_sek"]) == ("reversal", -3, "300.00", "-900.00")


def test_withheld_names_every_rule_and_has_no_amount_without_a_rate():
    assert valid(replace(PAID, withheld=PAID.withheld[::-1]), "payout")["withheld"] == [
        {"organiser": "ORG1", "placement": "P1", "component": "base", "date": "2024-05-31", "amount_sek": "300.00", "rules": ["A01"]},
        {
            "organiser": "ORG1",
            "placement": "P2",
            "component": "base",
            "date": "2024-05-02",
            "amount_sek": "350.50",
            "rules": ["A01", "A04"],
        },
        {"organiser": "ORG4", "placement": "P9", "component": "result", "date": "2024-05-20", "amount_sek": None, "rules": ["C01"]},
    ]


def test_kept_other_months_and_control_sums():
    months = (OtherMonth(Month(2024, 4), 30_000), OtherMonth(Month(2023, 12), -5))
    document = valid(replace(PAID, other_months=months), "payout")
    assert document["kept"] == [
        {
            "organiser": "ORG1",
            "placement": "P8",
            "component": "base",
            "date": "2024-05-06",
            "amount_sek": "300.00",
            "reason": "anvisningen finns inte i underlaget",
        }
    ]
    assert document["other_months"] == [
        {"month": "2023-12", "difference_sek": "-0.05"},
        {"month": "2024-04", "difference_sek": "300.00"},
    ]
    total = {"read": 440, "paid": 390, "not_paid": 30, "withheld": 12, "set_aside": 5, "kept": 1, "other_months": 2}
    assert document["control"]["total"] == total
    assert document["control"]["files"] == [{"name": "attendance.xlsx", **total}]
    assert [row["name"] for row in document["control"]["organisers"]] == ["ORG1", "ORG2"]


def test_nothing_to_book():
    nothing = replace(PAID, run=None, claims=(), withheld=(), kept=(), other_months=(), control=())
    document = valid(nothing, "payout")
    assert (document["booked"], document["run"], document["total_sek"], document["claims"]) == (False, None, "0.00", [])
    assert document["control"] == {"total": None, "files": [], "organisers": []}


def test_no_identity_number_of_a_participant_or_organiser_is_written():
    written = to_json(PAID).decode()
    assert "19900101-2384" not in written
    assert "556000-4615" not in written


def test_the_same_run_gives_the_same_text():
    assert to_json(PAID) == to_json(replace(PAID))


@pytest.mark.parametrize(("name", "result"), [("validate", CHECKED), ("payout", ENGLISH)])
def test_a_schema_refuses_what_is_not_published(name, result):
    document = json.loads(to_json(result)) | {"more": 1}
    with pytest.raises(jsonschema.ValidationError, match="more"):
        jsonschema.Draft202012Validator(schema(name)).validate(document)


def test_a_schema_refuses_a_number_for_an_amount():
    document = json.loads(to_json(PAID))
    document["total_sek"] = 27108.5
    with pytest.raises(jsonschema.ValidationError, match=r"27108\.5"):
        jsonschema.Draft202012Validator(schema("payout")).validate(document)


def _objects(part):
    if isinstance(part, dict):
        if part.get("type") == "object":
            yield part
        for inner in part.values():
            yield from _objects(inner)


@pytest.mark.parametrize("name", ["validate", "payout"])
def test_every_object_of_a_schema_is_closed(name):
    jsonschema.Draft202012Validator.check_schema(schema(name))
    for part in _objects(schema(name)):
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])


def test_what_both_schemas_define_they_define_alike():
    validate, payout = schema("validate")["$defs"], schema("payout")["$defs"]
    assert validate == {name: payout[name] for name in validate}


def test_control_rows_of_a_scope_are_sorted_by_name():
    rows = tuple(Control("file", name, 1, 1, 0, 0, 0, 0) for name in ("b.xlsx", "a.xlsx"))
    assert [row["name"] for row in json.loads(to_json(replace(PAID, control=rows)))["control"]["files"]] == ["a.xlsx", "b.xlsx"]


def test_a_spell_has_both_its_days():
    spell = frame(violation(date=dt.date(2024, 5, 6), until=dt.date(2024, 5, 8)))
    (found,) = json.loads(to_json(replace(CHECKED, violations=spell)))["violations"]
    assert (found["date"], found["until"]) == ("2024-05-06", "2024-05-08")


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_violations_are_written_alike_in_slices(monkeypatch, count):
    result = replace(CHECKED, violations=pl.concat([FOUND] * count).head(count))
    whole = to_json(result)
    monkeypatch.setattr(jsonout, "_SLICE", 2)
    assert to_json(result) == whole
    assert len(json.loads(whole)["violations"]) == count
