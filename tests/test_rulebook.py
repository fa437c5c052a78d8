"""The rule book: what is read from it, and that a wrong one is refused with line, reason and the nearest right word."""

# ruff: noqa: E501 - one wrong book to a line

import datetime as dt
import hashlib
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fatcli.errors import RuleBookError
from fatcli.model import CODES, Vocabulary
from fatcli.rulebook import Dated, Limit, RuleBook, columns_of, load, shipped
from fatcli.rulebook_reader import read

SHIPPED = shipped().decode()
VOCABULARY = SHIPPED[SHIPPED.index("vocabulary:\n") : SHIPPED.index("\n# Each limit")]
A01 = """  A01:
    name: day-outside-placement
"""


def book(*changes: tuple[str, str]) -> RuleBook:
    return read(changed(*changes).encode(), "rules.yaml")


def changed(*changes: tuple[str, str]) -> str:
    text = SHIPPED
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def own(**entry: str) -> tuple[str, str]:
    """A change that adds rule X01, with some of its keys given otherwise; an empty one is left out."""
    keys = {
        "name": "own-rule",
        "facts": "placements",
        "when": "hours_per_week < 5",
        "severity": "warning",
        "message": '{sv: "få timmar", en: "few hours"}',
    } | entry
    lines = "".join(f"    {key}: {value}\n" for key, value in keys.items() if value)
    return "\nnot_checked:", f"\n  X01:\n{lines}\nnot_checked:"


def at(values: Sequence[Dated[Any]], day: dt.date) -> Any:
    """The value that holds on the day; None: there is none."""
    return next((each.value for each in values if each.holds(day)), None)


def test_the_shipped_book_is_found_and_named() -> None:
    shipped_book = load()
    assert (shipped_book.path, shipped_book.edition) == ("fatcli/rules.yaml", "2024-06")
    assert shipped_book.sha256 == hashlib.sha256(shipped()).hexdigest()


def test_a_file_is_read_as_it_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "egen.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SHIPPED.encode())
    assert load(path, "egen.yaml").path == "egen.yaml"
    assert load(path).path == str(path)
    with pytest.raises(RuleBookError) as refused:
        load(tmp_path / "none.yaml", "none.yaml")
    assert (refused.value.place, refused.value.exit_code) == ("none.yaml", 2)


def test_reading_a_book_imports_no_polars() -> None:
    code = "import sys; from fatcli.rulebook import load; load(); sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_dated_values_hold_on_both_ends() -> None:
    values = (Dated(1, None, dt.date(2024, 6, 30)), Dated(2, dt.date(2024, 7, 2), dt.date(2024, 12, 31)))
    days = {
        dt.date(1999, 1, 1): 1,
        dt.date(2024, 6, 30): 1,
        dt.date(2024, 7, 1): None,
        dt.date(2024, 7, 2): 2,
        dt.date(2024, 12, 31): 2,
        dt.date(2025, 1, 1): None,
    }
    assert {day: at(values, day) for day in days} == days


def test_columns_are_the_facts_and_the_limits() -> None:
    limits = {"most": Limit("most", (Dated(3),), is_date=False), "closes": Limit("closes", (Dated(dt.date(2023, 10, 1)),), is_date=True)}
    columns = columns_of("days", limits, Vocabulary())
    assert (columns["limit_most"].type, columns["limit_closes"].type, columns["date"].type) == ("number", "date", "date")
    assert columns["status"].codes == tuple(CODES["status"])
    assert "participants" not in columns


def test_a_rule_of_ones_own_needs_no_more_than_its_entry() -> None:
    (rule,) = book(own()).rule("X01")
    assert (rule.title.sv, rule.withhold, rule.cell, rule.spell, rule.remedy.sv) == ("own-rule", (), None, False, "")
    assert rule.when is not None
    frame = pl.DataFrame({"hours_per_week": [4.0, 5.0, None]})
    assert frame.select(rule.when.polars()).to_series().to_list() == [True, False, None]


def test_a_message_may_be_one_text_for_both_languages() -> None:
    (rule,) = book(own(message='"{hours_per_week} h"', remedy="Ring.")).rule("X01")
    assert (rule.message.sv, rule.message.en, rule.remedy.en) == ("{hours_per_week} h", "{hours_per_week} h", "Ring.")


def test_a_rule_may_stand_several_times_for_days_apart() -> None:
    entry = "name: own-rule, facts: placements, severity: info, message: m"
    versions = f"[{{{entry}, when: end < start, to: 2024-12-31}}, {{{entry}, when: end <= start, from: 2025-01-01}}]"
    rules = book(("\nnot_checked:", f"\n  X01: {versions}\nnot_checked:")).rule("X01")
    assert [(rule.start, rule.end) for rule in rules] == [(None, dt.date(2024, 12, 31)), (dt.date(2025, 1, 1), None)]


def test_limits_rates_and_durations_can_be_dated() -> None:
    dated = book(
        ("[{value: 20, source: FAKTA Handledning}]", "[{value: 20, to: 2024-12-31}, {value: 15, from: 2025-01-01}]"),
        ('[{amount: "300", source: FAKTA Ersättning}]', '[{amount: "300", to: 2024-06-30}, {amount: "312.50", from: 2024-07-01}]'),
        ("ETP: 12}", "ETP: [{value: 12, to: 2024-12-31}, {value: 9, from: 2025-01-01}]}"),
    )
    assert at(dated.limits["participants_per_supervisor"].values, dt.date(2025, 1, 1)) == 15
    base = dated.services["FAT"].components[0]
    assert [at(base.sek, dt.date(2024, month, 1)) for month in (6, 7)] == [30000, 31250]
    single = book(("placement_months: 6", "placement_months: [{value: 6, to: 2024-12-31}, {value: 4, from: 2025-01-01}]")).services["AIO"]
    assert [at(single.placement_months, dt.date(year, 6, 1)) for year in (2024, 2025)] == [6, 4]
    assert [(d.months, d.start) for d in dated.services["FAT"].durations if d.programme == "ETP"] == [(12, None), (9, dt.date(2025, 1, 1))]


@pytest.mark.parametrize(
    ("last", "first", "gap"),
    [
        ("2024-05-10", "2024-05-11", []),
        ("2024-05-10", "2024-05-12", [("FAT.base", dt.date(2024, 5, 11), dt.date(2024, 5, 11))]),
        ("2024-05-10", "2024-06-01", [("FAT.base", dt.date(2024, 5, 11), dt.date(2024, 5, 31))]),
    ],
)
def test_days_between_two_amounts_that_have_none_are_a_gap(last: str, first: str, gap: list[tuple[str, dt.date, dt.date]]) -> None:
    amounts = f'sek: [{{amount: "310", from: {first}}}, {{amount: "300", to: {last}}}]'
    assert list(book(('sek: [{amount: "300", source: FAKTA Ersättning}]', amounts)).gaps()) == gap


def test_further_headers_and_words() -> None:
    vocabulary = book((VOCABULARY, "vocabulary: {columns: {hours: [tid]}, codes: {status: {present: [X, Här]}}}")).vocabulary
    assert (vocabulary.columns, vocabulary.codes) == ({"hours": ("tid",)}, {"status": {"present": ("X", "Här")}})
    assert vocabulary.known("status")["present"] == ("N", "1", "närvaro", "närvarande", "X", "Här")


def test_components_by_service() -> None:
    components = load().components()
    assert {service: list(dict.fromkeys(words.values())) for service, words in components.items()} == {
        "FAT": ["base", "in_depth"],
        "AT": [],
        "AIO": ["start", "day"],
        "ITA1": [],
        "ITA2": [],
        "ITA3": ["result"],
    }
    assert components["AIO"]["dagersättning"] == components["AIO"]["daily compensation"] == components["AIO"]["day"] == "day"


# what is changed, the line that must be named (its text, or counted from the first changed line), and what must be said
WRONG: dict[str, tuple[tuple[str, str], int | str, str]] = {
    "unknown section": (("\nlimits:\n", "\nlimitz:\n"), 1, "unknown key limitz. Did you mean limits?"),
    "section missing": (('edition: "2024-06"', ""), 2, "edition is missing."),
    "duplicate key": ((A01, A01 + "    name: twice\n"), 2, "the key name already stands on line"),
    "duplicate rule": ((A01, "  A02: {}\n" + A01), 16, "the key A02 already stands on line"),
    "unknown key of a rule": (own(wehn="x"), 7, "X01: unknown key wehn. Did you mean when?"),
    "key missing": (own(severity=""), 1, "X01: severity is missing."),
    "when missing": (own(when=""), 1, "X01: when is missing."),
    "unknown facts": (own(facts="placement"), 3, "Did you mean placements?"),
    "unknown severity": (own(severity="eror"), 5, "expected error, warning, info, found 'eror'. Did you mean error?"),
    "unknown column": (own(when="hours_per_wek < 5"), 4, "X01: when, character 1: Unknown column hours_per_wek. Did you mean hours_per_week?"),
    "column of other facts": (own(when="times_reported > 1"), 4, "Unknown column times_reported."),
    "unknown limit": (own(when="hours_per_week < limit_least_hour"), 4, "Unknown column limit_least_hour. Did you mean limit_least_hours?"),
    "unknown code": (own(when="service = 'FTA'"), 4, "service has no code 'FTA'. Did you mean FAT?"),
    "does not parse": (own(when="hours_per_week <"), 4, "character 17: Expected a value, but the expression ends."),
    "not boolean": (own(when="hours_per_week"), 4, "A condition is expected here"),
    "condition in two lines": (own(when='"ended\\nand ended"'), 4, "An expression can't hold"),
    "message names no column": (own(message='"{hour}"'), 6, "X01: {hour} is no column here."),
    "message in a format": (own(message='"{hours_per_week:.1f}"'), 6, "a brace without a column"),
    "message with an attribute": (own(message='"{start.year}"'), 6, "{start.year} is no column here."),
    "message with an empty brace": (own(message='"{}"'), 6, "{} is no column here."),
    "message with a lone brace": (own(message='"50 {"'), 6, "a brace without a column"),
    "message that names a person": (own(message='"{participant_id}"'), 6, "participant_id names a person: no message may have it."),
    "message without English": (own(message="{sv: bara}"), 6, "X01: en is missing."),
    "empty message": (own(message='""'), 6, "X01: expected a text, found ''."),
    "remedy names no column": (own(remedy='"{strat}"'), 7, "{strat} is no column here. Did you mean start?"),
    "unknown component": (own(withhold="[in_dept]"), 7, "found 'in_dept'. Did you mean in_depth?"),
    "unknown group": (own(withhold="dayly"), 7, "expected all, daily, attended, none, found 'dayly'. Did you mean daily?"),
    "cell of no sheet": (own(cell="effective_end"), 7, "effective_end is no column with a cell."),
    "misspelt cell": (own(cell="strat"), 7, "strat is no column with a cell. Did you mean start?"),
    "spell of placements": (own(spell="true"), 7, "spell is for days, organiser_days, offer_days only."),
    "spell yes": (own(facts="days", when="reported", spell="yes"), 7, "expected true or false, found 'yes'."),
    "report of placements": (own(report="second"), 7, "report is for days only."),
    "unknown source": (own(source="FAKT 3"), 7, "unknown source FAKT 3. Did you mean FAKTA?"),
    "bad name": (own(name="Own Rule"), 2, "a name has small letters"),
    "a name twice": (own(name="day-outside-placement"), 1, "X01: A01 has the name day-outside-placement already."),
    "bad id": (("\nnot_checked:", "\n  x1: {}\nnot_checked:"), 1, "x1: an id is like A01"),
    "reader rule of one's own": (own(facts="reader", when=""), 3, "X01: reader is for the rules that the program itself has."),
    "built-in rule with a condition": (("  T02:\n    name: unreadable-value\n", "  T02:\n    name: unreadable-value\n    when: ended\n"), 2, "when can't be set"),
    "built-in rule over facts": (("name: rate-missing\n    title: {sv: Belopp saknas, en: No amount}\n    facts: engine", "name: rate-missing\n    facts: days"), 1, "C01: the rule is built in"),
    "built-in rule's message": (("{column}: hittade {value}", "{col}: hittade {value}"), -1, "T02: {col} is no column here. Did you mean column?"),
    "built-in rule missing": (("  T11:\n", "  T12:\n"), "rules:", "missing, and needed by the program: T11."),
    "to before from": (own(**{"from": "2024-02-01", "to": "2024-01-31"}), 8, "X01: to is before from."),
    "no such day": (own(**{"from": "2024-02-30"}), 7, "expected a date, such as 2023-10-01, found '2024-02-30'."),
    "limits overlap": (("[{value: 20, source: FAKTA Handledning}]", "\n    - {value: 20, to: 2024-12-31}\n    - {value: 15, from: 2024-12-31}"), 2, "participants_per_supervisor: holds on the same days as line"),
    "rates overlap": (('[{amount: "300", source: FAKTA Ersättning}]', '\n          - {amount: "300"}\n          - {amount: "320", from: 2024-12-31}'), 2, "FAT: holds on the same days as line"),
    "durations overlap": (("UGA: 3\n", "UGA:\n        - {value: 3}\n        - {value: 4, from: 2024-01-01}\n"), 2, "AT: holds on the same days as line"),
    "rules overlap": (("\nnot_checked:", "\n  X01:\n    - {name: own, facts: placements, when: ended, severity: info, message: m}\n    - {name: own, facts: placements, when: ended, severity: info, message: m}\nnot_checked:"), 3, "X01: holds on the same days as line"),
    "amount without quotes": (('amount: "300"', "amount: 300"), 0, "an amount is written in quotes"),
    "negative amount": (('amount: "300"', 'amount: "-300"'), 0, "is not negative"),
    "amount with three decimals": (('amount: "300"', 'amount: "300.125"'), 0, "an amount is written in quotes"),
    "amount beyond all sums": (('amount: "300"', 'amount: "10000000000.01"'), 0, "at most SEK 10 000 million."),
    "months beyond the calendar": (("max_months: {JOB: 12,", "max_months: {JOB: 10000,"), 0, "a whole number up to 9999"),
    "amount in words": (('amount: "300"', 'amount: "tre"'), 0, "an amount is written in quotes"),
    "limit in quotes": (("value: 20,", 'value: "20",'), 0, "participants_per_supervisor: expected a whole number up to 9999, such as 20, found '20'."),
    "limit octal": (("value: 20,", "value: 020,"), 0, "expected a whole number up to 9999, such as 20, found '020'."),
    "limit without values": (("[{value: 20, source: FAKTA Handledning}]", "[]"), 0, "a limit has values, all numbers or all dates."),
    "limit of numbers and dates": (("[{value: 40, ", "[{value: 2024-01-01, to: 2024-01-01}, {value: 40, from: 2025-01-01, "), 0, "a limit has values, all numbers or all dates."),
    "limit that hides a fact": (("  full_time_hours:", "  end: [{value: 3}]\n  full_time_hours:"), 0, "end: the name can't be used for a limit."),
    "needed limit missing": (("  in_depth_months:", "  in_depth_month:"), "limits:", "missing, and needed by the program: in_depth_months."),
    "service with a strange id": (("  ITA3:\n", "  ITA 4: {name: x, schedule: weekdays, components: []}\n  ITA3:\n"), 0, "ITA 4: a service's id is a letter, followed by"),
    "id of another service": (("  ITA3:\n", "  fat: {name: x, schedule: weekdays, components: []}\n  ITA3:\n"), 0, "fat: fat is a word for the service FAT already."),
    "name of another service": (("  ITA3:\n", "  X: {name: {sv: 'Arbets-  träning', en: Work  training}, schedule: weekdays, components: []}\n  ITA3:\n"), 0, "X: Work  training is a word for the service AT already."),
    "name that is another's id": (("  ITA3:\n", "  X: {name: aio, schedule: weekdays, components: []}\n  ITA3:\n"), 0, "X: aio is a word for the service AIO already."),
    "word of another service": ((VOCABULARY, "vocabulary: {codes: {service: {AT: [work integrating, enhanced work training]}}}"), 0, "enhanced work training is a word for another code already."),
    "a service's misspelt key": (("  ITA3:\n", "  X: {nmae: x, schedule: weekdays, components: []}\n  ITA3:\n"), 0, "X: unknown key nmae. Did you mean name?"),
    "two kinds of days": (("        per: scheduled_day\n", "        per: scheduled_day\n        sek: []\n      - id: other\n        name: x\n        per: attended_day\n"), -9, "AIO: a service is paid per attended day or per scheduled day, not per both."),
    "gap without a participation": (("    max_months: {JOB: 12, UGA", "    max_gap_days: 3\n    max_months: {JOB: 12, UGA"), 0, "FAT: max_gap_days needs chain: participation."),
    "service missing": (("  ITA2:\n", "  ITA1b:\n"), "services:", "missing, and needed by the program: ITA2."),
    "unknown key of a service": (("max_gap_days: 31", "max_gap: 31"), 0, "AIO: unknown key max_gap. Did you mean max_gap_days?"),
    "participation without a gap": (("    max_gap_days: 31\n", ""), -8, "AIO: max_gap_days is missing"),
    "longest time without a chain": (("    chain: participation\n    max_gap_days: 31\n", ""), 0, "AIO: max_months needs chain. A single placement is limited by placement_months."),
    "programme that the service lacks": (("max_months: {JOB: 12,", "max_months: {JBO: 12,"), 0, "FAT: unknown programme JBO. Did you mean JOB?"),
    "unknown programme": (("programmes: [JOB, UGA, ETP]", "programmes: [JOBB]"), 0, "found 'JOBB'. Did you mean JOB?"),
    "unknown schedule": (("schedule: weekdays", "schedule: weekday"), 0, "Did you mean weekdays?"),
    "component twice": (("id: in_depth\n", "id: base\n"), -7, "FAT: base stands twice."),
    "component with a group's name": (("id: base\n", "id: daily\n"), 0, "daily can't be used as an id."),
    "unknown per": (("per: attended_day", "per: attended"), 0, "Did you mean attended_day?"),
    "component's condition": (("when: in_depth\n", "when: in_dept\n"), 0, "FAT: when, character 1: Unknown column in_dept. Did you mean in_depth?"),
    "unknown reason": (("[interrupted, work,", "[interupted, work,"), 0, "found 'interupted'. Did you mean interrupted?"),
    "pattern that takes a number": (('"[A-Za-zÅÄÖåäö]{1,4}[0-9]+"', '"[A-Z]*[0-9]+"'), 0, "the pattern takes personal numbers too."),
    "pattern that is none": (('"[A-Za-zÅÄÖåäö]{1,4}[0-9]+"', '"[A-Z"'), 0, "the pattern can't be read."),
    "pattern that takes ten digits": (('"[A-Za-zÅÄÖåäö]{1,4}[0-9]+"', '"[0-9]{10}"'), 0, "the pattern takes personal numbers too."),
    "pattern that takes a hyphen": (('"[A-Za-zÅÄÖåäö]{1,4}[0-9]+"', '"[0-9]{6}-?[0-9]{4}"'), 0, "the pattern takes personal numbers too."),
    "pattern that Python alone knows": (('"[A-Za-zÅÄÖåäö]{1,4}[0-9]+"', r'"[A-Z]+\\Z"'), 0, "the pattern can't be read."),
    "pattern that each engine reads in its own way": (('"[A-Za-zÅÄÖåäö]{1,4}[0-9]+"', '"[[A-Z]0-9]+"'), 0, "the pattern can't be read."),
    "pattern with a difference of classes": (('"[A-Za-zÅÄÖåäö]{1,4}[0-9]+"', '"[A-Z--B]+"'), 0, "the pattern can't be read."),
    "pattern that is too large for an engine": (('"[A-Za-zÅÄÖåäö]{1,4}[0-9]+"', '"(((A{99}){99}){99}){99}"'), 0, "the pattern can't be read."),
    "pattern with a look ahead": (('"[A-Za-zÅÄÖåäö]{1,4}[0-9]+"', '"(?=X)X[0-9]+"'), 0, "the pattern can't be read."),
    "unknown vocabulary column": ((VOCABULARY, "vocabulary: {columns: {hour: [tid]}}"), 0, "unknown name hour. Did you mean hours?"),
    "unknown vocabulary": ((VOCABULARY, "vocabulary: {codes: {statuses: {}}}"), 0, "unknown name statuses. Did you mean status?"),
    "unknown vocabulary code": ((VOCABULARY, "vocabulary: {codes: {status: {presnt: [X]}}}"), 0, "unknown name presnt. Did you mean present?"),
    "header of another column": ((VOCABULARY, "vocabulary: {columns: {start: [Slutdatum]}}"), 0, "the header Slutdatum is another column already."),
    "header of another column in another spelling": ((VOCABULARY, "vocabulary: {columns: {end: [startdatum.]}}"), 0, "the header startdatum. is another column already."),
    "header of another column by its name": ((VOCABULARY, "vocabulary: {columns: {assessed_on: [Ended on]}}"), 0, "the header Ended on is another column already."),
    "header given to two columns": ((VOCABULARY, "vocabulary: {columns: {start: [startdag], end: [Start-dag, Startdag]}}"), 0, "the header Startdag is another column already."),
    "word of another code": ((VOCABULARY, "vocabulary: {codes: {status: {present: [sjuk]}}}"), 0, "sjuk is a word for another code already."),
    "an anchor": (("edition: ", "edition: &x "), 0, "anchors and aliases"),
    "a tag": (("edition: ", "edition: !!str "), 0, "tags (!) are not allowed."),
    "not YAML": (("edition: ", "edition: [ "), 2, "the file is not YAML"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_book_is_refused_at_its_line(case: str) -> None:
    change, place, said = WRONG[case]
    if isinstance(place, str):
        line = changed(change).splitlines().index(place) + 1
    else:
        line = SHIPPED[: SHIPPED.index(change[0])].count("\n") + 1 + place
    with pytest.raises(RuleBookError) as refused:
        book(change)
    assert said in refused.value.what.en
    assert refused.value.place == f"rules.yaml:{line}"
    assert refused.value.what.sv != refused.value.what.en
    assert refused.value.exit_code == 2


def test_a_book_in_another_encoding_is_refused() -> None:
    with pytest.raises(RuleBookError) as refused:
        read(SHIPPED.encode("latin-1", "replace"), "rules.yaml")
    assert refused.value.what.en == "the file is not in UTF-8."


def test_several_faults_are_told_at_once_and_five_at_most() -> None:
    misspelt = changed(*[(f"  {rule}:\n", f"  {rule}:\n    fcts: x\n") for rule in ("A01", "A02", "A03", "A04", "A05", "A06", "A07")])
    with pytest.raises(RuleBookError) as refused:
        read(misspelt.encode(), "rules.yaml")
    first, *others, last = refused.value.what.en.split("\n")
    assert refused.value.place == f"rules.yaml:{misspelt[: misspelt.index('fcts')].count(chr(10)) + 1}"
    assert first == "A01: unknown key fcts. Did you mean facts?"
    assert [line.partition(": ")[2][:3] for line in others] == ["A02", "A03", "A04", "A05"]
    assert all(line.startswith("rules.yaml:") for line in others)
    assert last == "… and 2 more."


def test_the_examples_of_the_guide_are_right() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "rulebook.md").read_text(encoding="utf-8")
    rates, _, rule, words = (block.split("```")[0] for block in guide.split("```yaml\n")[1:5])
    old = '        sek: [{amount: "300", source: FAKTA Ersättning}]\n'
    changes = (old, textwrap.indent(rates, " " * 8)), ("\nnot_checked:", f"\n{rule}\nnot_checked:"), (VOCABULARY, words)
    example = book(*changes)
    assert [at(example.services["FAT"].components[0].sek, day) for day in (dt.date(2024, 12, 31), dt.date(2025, 1, 1))] == [30000, 31500]
    assert [each.name for each in example.rule("X01")] == ["few-hours"]
    assert example.vocabulary == Vocabulary({"hours": ("tid", "timantal")}, {"status": {"present": ("X",)}}, load().vocabulary.services)
