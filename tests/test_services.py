"""A service that only the rule book knows: the one of docs/rulebook.md, read, judged, paid, explained and offered in templates.

PRAO: programme JOB, 2 months at most, 150 SEK per attended day and 500 SEK for a start.
"""

import json
from pathlib import Path

import openpyxl
import pytest

from fatcli.result import Checked
from fatcli.rulebook import load, shipped
from stories import contract, here, paid, placement, present, register, report, rules, run, sums, total, validated, withheld, workspace

GUIDE = (Path(__file__).parents[1] / "docs" / "rulebook.md").read_text(encoding="utf-8")
PRAO = next(block for block in GUIDE.split("```yaml\n") if block.startswith("  PRAO:")).split("```")[0]
SPRING = {"service": "PRAO", "start": "2024-03-15", "end": "2024-05-14"}  # 2 months from 15 March: to 14 May
# Friday to Tuesday, Monday to Thursday
MARCH, MAY = ["2024-03-15", "2024-03-18", "2024-03-19"], ["2024-05-13", "2024-05-14", "2024-05-15", "2024-05-16"]


def with_services(folder: Path, *entries: str) -> Path:
    """The folder with a copy of the shipped rule book that has these services too."""
    text, comment = shipped().decode(), "\n# A comparison with an empty value"
    assert text.count(comment) == 1
    (folder / "rules.yaml").write_text(text.replace(comment, "".join(entries) + comment), encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_services(tmp_path, PRAO)


@pytest.mark.parametrize("word", ["PRAO", "prao", "Praktik", "PRAKTIK", "work practice"])
def test_it_is_read_by_its_id_and_its_names_and_paid(folder: Path, word: str) -> None:
    march = run(folder, [placement(**{**SPRING, "service": word})], present(MARCH), "2024-03")
    assert sums(march) == {"P1 practice": "3 x 150", "P1 entry": "1 x 500"}
    assert total(march) == 3 * 150 + 500
    assert rules(march) == []
    (claim,) = march.claims
    assert {line.service for line in claim.lines} == {"PRAO"}


def test_without_its_entry_it_is_unknown(tmp_path: Path) -> None:
    checked = validated(workspace(tmp_path, register(placement(**SPRING)), present(MARCH)))
    assert rules(checked) == ["T06"]
    assert message(checked, "T06") == "service: PRAO is no known code. Expected: one of FAT, AT, AIO, ITA1, ITA2, ITA3."


@pytest.mark.parametrize(("word", "meant"), [("PROA", " Did you mean PRAO?"), ("Praktk", " Did you mean Praktik?"), ("Q77", "")])
def test_an_unknown_one_is_told_the_nearest_word(folder: Path, word: str, meant: str) -> None:
    checked = validated(workspace(folder, register(placement(**{**SPRING, "service": word})), present(MARCH)))
    assert message(checked, "T06") == f"service: {word} is no known code.{meant} Expected: one of FAT, AT, AIO, ITA1, ITA2, ITA3, PRAO."


def message(checked: Checked, rule: str) -> str:
    """The finding of the one violation of a rule."""
    ((text,),) = checked.violations.filter(checked.violations["rule"] == rule).select("message").rows()
    return str(text)


@pytest.mark.parametrize(
    ("end", "found", "held"),
    [
        ("2024-05-14", [], {}),
        ("2024-05-15", ["A03", "P04"], {"P1 practice 2024-05-15": "A03"}),
        ("2024-05-16", ["A03", "A03", "P04"], {"P1 practice 2024-05-15": "A03", "P1 practice 2024-05-16": "A03"}),
    ],
)
def test_its_longest_time_ends_on_the_last_allowed_day(folder: Path, end: str, found: list[str], held: dict[str, str]) -> None:
    may = run(folder, [placement(**{**SPRING, "end": end})], present(day for day in MAY if day <= end))
    assert rules(may) == found
    assert withheld(may) == held
    assert sums(may) == {"P1 practice": "2 x 150"}


@pytest.mark.parametrize("programme", ["UGA", None])
def test_another_programme_does_not_give_it(folder: Path, programme: str | None) -> None:
    march = run(folder, [placement(**SPRING, programme=programme)], present(MARCH[:1]), "2024-03")
    assert rules(march) == ["P03"]
    assert withheld(march) == {"P1 practice 2024-03-15": "P03", "P1 entry 2024-03-15": "P03"}
    assert total(march) == 0


def test_a_contract_prices_it(folder: Path) -> None:
    prices = [
        contract("162.50", "2024-03-18", service="Praktik", component="practice"),
        contract(800, "2024-03-16", service="PRAO", component="entry"),
    ]
    march = run(folder, [placement(**SPRING)], present(MARCH), "2024-03", contracts=prices)
    assert sums(march) == {"P1 practice": "1 x 150 + 2 x 162.5", "P1 entry": "1 x 500"}
    assert total(march) == 150 + 325 + 500


def test_a_contract_for_a_component_that_it_lacks(folder: Path) -> None:
    march = run(
        folder, [placement(**SPRING)], present(MARCH), "2024-03", contracts=[contract(1, "2024-01-01", service="PRAO", component="base")]
    )
    assert rules(march) == ["T06"]


@pytest.mark.parametrize(
    ("first", "second", "starts", "found"),
    [
        ({"ended_on": "2024-03-28", "end_reason": "illness"}, {}, {"P2 entry": "1 x 500"}, ["P20"]),
        ({"ended_on": "2024-03-28", "end_reason": "plan_changed"}, {}, {}, []),
        ({"end": "2024-03-28"}, {}, {}, []),
        # a later period: no start, but two months of its own
        ({"end": "2024-03-28"}, {"start": "2024-04-08", "end": "2024-06-07"}, {}, []),
        # 29 March to 1 April is Easter: one period, from 15 March
        ({"end": "2024-03-28"}, {"end": "2024-05-15"}, {}, ["P04"]),
    ],
)
def test_a_start_is_paid_once_and_after_an_interruption(
    folder: Path, first: dict[str, str], second: dict[str, str], starts: dict[str, str], found: list[str]
) -> None:
    begun = placement(**{**SPRING, **first})
    again = placement("P2", participant_id="T1", **{**SPRING, "start": "2024-04-02", **second})
    april = run(folder, [begun, again], present(["2024-04-08"], "P2"), "2024-04")
    assert sums(april) == {"P2 practice": "1 x 150"} | starts
    assert rules(april) == found


def test_a_single_placement_is_limited_without_a_chain(tmp_path: Path) -> None:
    entry = PRAO.replace("    chain: period\n    max_months: {JOB: 2}\n", "    placement_months: 2\n")
    assert entry != PRAO
    for end, found in (("2024-05-14", []), ("2024-05-15", ["A03", "P05"])):
        may = run(with_services(tmp_path, entry), [placement(**{**SPRING, "end": end})], present(day for day in MAY if day <= end))
        assert rules(may) == found
        assert sums(may) == {"P1 practice": "2 x 150"}


DAILY = """\
  DAG:
    name: {sv: Dagplats, en: Day place}
    schedule: weekdays
    components: [{id: place, name: Dagplats, per: scheduled_day, sek: [{amount: "100"}]}]
"""


@pytest.mark.parametrize("status", ["sick", "off"])
def test_one_paid_per_scheduled_day_needs_a_report_of_the_month(tmp_path: Path, status: str) -> None:
    """2 to 31 May 2024 has 22 Mondays to Fridays, Ascension Day among them."""
    placements = [placement(service="DAG", programme=None)]
    may = run(with_services(tmp_path, DAILY), placements, [report("2024-05-02", status=status)])
    if status == "sick":
        assert (sums(may), rules(may)) == ({"P1 place": "22 x 100"}, [])
    else:
        assert (sums(may), rules(may)) == ({}, ["A18"])
        assert set(withheld(may).values()) == {"A18"}
        assert len(may.withheld) == 22


def test_it_is_booked_and_stays_booked(folder: Path) -> None:
    workspace(folder, register(placement(**SPRING)), present(MARCH))
    booking = ("payout", "--month", "2024-03", "--as-of", "2024-06-03", "--format", "json")
    first, second = (here(folder, *booking).document for _ in range(2))
    lines = [(line["service"], line["component"], line["amount_sek"]) for claim in first["claims"] for line in claim["lines"]]
    assert lines == [("PRAO", "entry", "500.00"), ("PRAO", "practice", "450.00")]
    assert (first["booked"], second["booked"], second["claims"]) == (True, False, [])
    assert here(folder, "ledger", "verify").code == 0
    assert paid(folder, "2024-03").total_ore == 0


def test_a_service_corrected_is_paid_by_the_difference(folder: Path) -> None:
    """Booked as PRAO, found to be FAT: 300 SEK a day are due, and what PRAO paid is taken back."""
    workspace(folder, register(placement(**SPRING)), present(MARCH[:2]))
    assert here(folder, "payout", "--month", "2024-03", "--as-of", "2024-06-03").code == 0
    workspace(folder, register(placement(**{**SPRING, "service": "FAT"})), present(MARCH[:2]))
    assert sums(paid(folder, "2024-03")) == {"P1 base": "2 x 300", "P1 entry": "-1 x 500", "P1 practice": "-2 x 150"}


def test_explain_and_json_name_it(folder: Path) -> None:
    workspace(folder, register(placement(**{**SPRING, "end": "2024-05-15"})), present(MAY[:3]))
    told = here(folder, "explain", "P1", "--date", "2024-05-14", "--as-of", "2024-06-03")
    assert told.code == 0
    assert "PRAO" in told.out
    assert "Daily compensation for work practice" in told.out
    assert "150.00" in told.out
    document = json.loads(here(folder, "validate", "--as-of", "2024-06-03", "--format", "json").out)
    assert {(found["rule"], found["service"]) for found in document["violations"]} == {("P04", "PRAO"), ("A03", "PRAO")}


@pytest.mark.parametrize(("language", "name", "meaning"), [("sv", "Förklaring", "Praktik"), ("en", "Explanation", "Work practice")])
def test_a_template_offers_and_explains_it(folder: Path, language: str, name: str, meaning: str) -> None:
    assert here(folder, "template", "placements", "contracts", "-o", "form.xlsx", "--lang", language).code == 0
    book = openpyxl.load_workbook(folder / "form.xlsx")
    (lists,) = [sheet for sheet in book if sheet.sheet_state == "hidden"]
    listed = {column[1].value: [cell.value for cell in column[2:] if cell.value is not None] for column in lists.columns}
    assert listed["service"] == ["FAT", "AT", "AIO", "ITA1", "ITA2", "ITA3", "PRAO"]
    assert listed["component"] == ["base", "in_depth", "start", "day", "result", "practice", "entry"]
    (row,) = [row for row in book[name].values if row[0] == "PRAO"]
    assert row == ("PRAO", None, "Praktik, Work practice", meaning)


def test_the_rule_language_knows_it(tmp_path: Path) -> None:
    rule = """
  X01:
    name: short-practice
    facts: placements
    when: service = 'PRAO' and hours_per_week < 41
    severity: warning
    message: "{service}"
"""
    path = with_services(tmp_path, PRAO) / "rules.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("\nnot_checked:", f"{rule}\nnot_checked:"), encoding="utf-8")
    assert load(path).vocabulary.known("service")["PRAO"] == ("Praktik", "Work practice")
    march = run(tmp_path, [placement(**SPRING), placement("P2")], [*present(MARCH), report("2024-05-02", "P2")], "2024-03")
    assert rules(march) == ["X01"]


def test_further_words_may_stand_for_it(tmp_path: Path) -> None:
    path = with_services(tmp_path, PRAO) / "rules.yaml"
    text = path.read_text(encoding="utf-8").replace("\nvocabulary:\n", "\nvocabulary:\n  codes: {service: {PRAO: [Prova på]}}\n")
    path.write_text(text, encoding="utf-8")
    march = run(tmp_path, [placement(**{**SPRING, "service": "prova  PÅ"})], present(MARCH), "2024-03")
    assert sums(march) == {"P1 practice": "3 x 150", "P1 entry": "1 x 500"}
