"""The shipped rule set: complete, as the catalogue has it, in both languages, and documented."""

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from fatcli.model import CODES
from fatcli.rulebook import Dated, RuleBook, load
from fatcli.writers.rulepages import facts_page, rules_page

DOCS = Path(__file__).parents[1] / "docs"
BOOK = load()

# id, name, facts, severity, withheld, cell, source; the cell of a second report with 2, spells with ~ after the facts
CATALOGUE = """
T01 missing-column reader error - - -
T02 unreadable-value reader error - - -
T03 value-missing reader error - - -
T04 duplicate-key reader error - - -
T05 unknown-reference reader error - - -
T06 unknown-code reader error - - -
T07 error-cell reader error - - -
T08 unknown-table reader warning - - -
T09 unknown-column reader info - - -
T10 month-missing reader error - - -
T11 footer reader info - - -
O01 organiser-identity-invalid organisers error all identity_number FAKTA Anordnare
O02 organiser-not-approved days error all date FAKTA Anmälan
O03 association-papers-missing organisers error - legal_form FAKTA Anordnare
O04 more-participants-than-places offer_days~ error - - FAKTA Anmälan
O05 too-few-supervisors organiser_days~ error - - FAKTA Handledning
O06 passed-on placements error all workplace_organiser_id FAKTA Anordnare, AIO 3
P01 participant-identity-invalid placements error all participant_id -
P02 ends-before-start placements error all end -
P03 programme-not-eligible placements error all programme FAKTA, ASF
P04 period-exceeds-limit placements error - end FAKTA Tidsperiod, ASF, AIO 3
P05 placement-too-long placements error - end AIO 3, ITA 1
P06 too-many-placements placements warning - start AIO 3
P07 exceptional-placement placements info - start AIO 3
P08 repeated-period-not-open placements warning - programme FAKTA Tidsperiod
P09 not-assessed placements warning - assessed_on FAKTA Anmälan, ASF
P10 overlapping-placements placements error - start FAKTA Anmälan
P11 decision-missing placements error all decision_date FAKTA Ersättning
P12 employer-not-checked placements warning - employer_check_on FAKTA Samråd
P13 union-not-consulted placements warning - union_consulted_on FAKTA Samråd
P14 weekly-hours-out-of-range placements warning - hours_per_week FAKTA Tidsperiod, AIO 3
P15 part-too-short placements warning - end ITA 1
P16 part-too-long placements error - end ITA 1
P17 trials-too-long placements error - end ITA 1
P18 service-too-long placements error - end ITA 1
P19 end-reason-missing placements warning - ended_on AIO 4.1, ITA 12
P20 start-paid-again placements info - start AIO 3.1
P21 ended-without-decision placements warning - ended_on FAKTA Anordnare
P22 pause-not-approved-in-advance pauses warning - approved_on FAKTA Uppehåll
P23 second-trial placements warning - trial_completed_on ITA 1
P24 outside-youth-age placements warning - participant_id SFS 2007:813 5 §
D01 in-depth-not-open placements error in_depth in_depth_from FAKTA Fördjupad bedömning
D02 in-depth-outside-placement placements error - in_depth_from FAKTA Fördjupad bedömning
D03 in-depth-too-long placements error - in_depth_to FAKTA Fördjupad bedömning
D04 in-depth-day-after-limit days error in_depth date FAKTA Ersättning
D05 in-depth-closed placements error in_depth in_depth_from ASF
D06 in-depth-report-missing placements warning - in_depth_report_on FAKTA Anordnare
A01 day-outside-placement days error daily date FAKTA Ersättning
A02 day-after-placement-ended days error daily date FAKTA Ersättning
A03 day-after-limit days error daily date FAKTA Tidsperiod, ASF, AIO 3
A04 day-before-decision days error daily date FAKTA Ersättning
A05 attended-in-pause days error attended status FAKTA Uppehåll
A06 reported-twice days warning - date2 -
A07 reported-differently days error attended status2 -
A08 counted-in-two-places days error daily date FAKTA Anmälan
A09 attended-on-day-off days warning - date FAKTA Tidsperiod
A10 hours-impossible days error attended hours -
A11 outside-daytime days warning - from_time FAKTA Tidsperiod
A12 week-over-full-time days warning - hours FAKTA Tidsperiod
A13 future-day days error attended date -
A14 not-reported days~ warning - - FAKTA Anordnare
A15 unexcused-absence days info - status FAKTA Anordnare
A16 pause-not-approved days warning - status FAKTA Uppehåll
A17 hours-on-absence days warning - hours -
A18 service-not-reported months error all - AIO 3.1
A19 stated-sum-differs months error - days_stated -
A20 less-than-planned days info - hours FAKTA Tidsperiod
C01 rate-missing engine error - - -
C02 trial-not-payable placements error result trial_completed_on ITA 9
F01 certificate-missing placements info - certificate_on FAKTA Anordnare
F02 final-report-missing placements warning - final_report_on ITA 10, AIO 5.1
F03 account-missing placements info - account_on FAKTA Anordnare
"""


def test_the_rules_are_those_of_the_catalogue() -> None:
    found = [
        f"{rule.id} {rule.name} {rule.facts}{'~' if rule.spell else ''} {rule.severity} {', '.join(rule.withhold) or '-'}"
        f" {rule.cell or '-'}{'2' if rule.report == 'second' else ''} {rule.source or '-'}"
        for rule in BOOK.rules
    ]
    assert found == CATALOGUE.strip().splitlines()


def test_rules_hold_always() -> None:
    assert all(rule.start is None and rule.end is None for rule in BOOK.rules)


def test_both_languages_are_complete() -> None:
    for rule in BOOK.rules:
        for text in (rule.title, rule.message, rule.remedy):
            assert text.sv
            assert text.en
            assert text.sv != text.en, rule.id
        assert re.findall(r"{\w+}", rule.message.sv) == re.findall(r"{\w+}", rule.message.en), rule.id
        assert set(re.findall(r"{\w+}", rule.remedy.sv)) == set(re.findall(r"{\w+}", rule.remedy.en)), rule.id


def test_messages_name_the_placement_and_never_a_person_or_a_cause() -> None:
    private = re.compile(r"{(participant_id|identity_number|name|status|end_reason|note|bankgiro|plusgiro)}")
    assert not [rule.id for rule in BOOK.rules for text in (*rule.message, *rule.remedy) if private.search(text)]


def test_services_pay_what_the_sources_say() -> None:
    from_april = dt.date(2022, 4, 1)
    assert {
        (service.id, component.id, component.per, *(Dated(each.value, each.start, each.end) for each in component.sek))
        for service in BOOK.services.values()
        for component in service.components
    } == {
        ("FAT", "base", "attended_day", Dated(30000)),
        ("FAT", "in_depth", "attended_day", Dated(20000)),
        ("AIO", "start", "start", Dated(300000, from_april)),
        ("AIO", "day", "scheduled_day", Dated(45000, from_april)),
        ("ITA3", "result", "result"),
    }
    in_depth = BOOK.services["FAT"].components[1]
    assert in_depth.when is not None
    assert in_depth.when.text == "in_depth"


def test_services_last_as_long_as_the_sources_say() -> None:
    longest = {
        (service.id, duration.programme, duration.compensated_days): duration.months
        for service in BOOK.services.values()
        for duration in service.durations
    }
    assert longest == {
        ("FAT", "JOB", 0): 12,
        ("FAT", "UGA", 0): 6,
        ("FAT", "ETP", 0): 12,
        ("AT", "JOB", 0): 6,
        ("AT", "JOB", 450): 12,
        ("AT", "UGA", 0): 3,
        ("AT", "ETP", 0): 6,
        ("AIO", None, 0): 24,
    }
    single = {service.id: [each.value for each in service.placement_months] for service in BOOK.services.values()}
    assert single == {"FAT": [], "AT": [], "AIO": [6], "ITA1": [6], "ITA2": [6], "ITA3": [6]}


def test_services_are_chained_and_scheduled() -> None:
    services = BOOK.services
    assert list(services) == list(CODES["service"])
    assert {name: (service.chain, service.max_gap_days, service.schedule) for name, service in services.items()} == {
        "FAT": ("period", None, "working_days"),
        "AT": ("period", None, "working_days"),
        "AIO": ("participation", 31, "weekdays"),
        "ITA1": (None, None, "working_days"),
        "ITA2": (None, None, "working_days"),
        "ITA3": (None, None, "working_days"),
    }
    assert {name: service.programmes for name, service in services.items() if service.programmes} == {
        "FAT": ("JOB", "UGA", "ETP"),
        "AT": ("JOB", "UGA", "ETP"),
    }


def test_limits() -> None:
    assert {limit.name: [each.value for each in limit.values] for limit in BOOK.limits.values()} == {
        "participants_per_supervisor": [20],
        "in_depth_months": [3],
        "in_depth_closes": [dt.date(2023, 10, 1)],
        "full_time_hours": [40],
        "least_hours": [10],
        "placements_in_participation": [4],
        "part_1_least_days": [14],
        "part_1_most_days": [56],
        "trial_most_days": [336],
        "service_most_days": [392],
        "youth_least_age": [16],
        "youth_most_age": [24],
    }


def test_settings() -> None:
    assert BOOK.settings.interruption_reasons == ("interrupted", "work", "studies", "illness", "moved", "other")
    taken = [text for text in ("A1", "ABCD12", "åäö7", "ABCDE1", "A", "1", "A1B") if re.fullmatch(BOOK.settings.pseudonym, text)]
    assert taken == ["A1", "ABCD12", "åäö7"]


D1, D2, D3, D4 = (dt.date(2024, 5, day) for day in (1, 2, 3, 4))
CLOSED = dt.date(2023, 10, 1)


@pytest.mark.parametrize(
    ("rule", "row", "fires"),
    [
        ("O02", {"counts": True, "starts": False, "completes": False, "date": D1, "approved_from": D2}, True),
        ("O02", {"counts": True, "starts": False, "completes": False, "date": D2, "approved_from": D2}, False),
        ("O02", {"counts": True, "starts": False, "completes": False, "date": D3, "approved_from": D2, "approved_to": D2}, True),
        ("O02", {"counts": False, "starts": False, "completes": True, "date": D1, "approved_from": D2}, True),
        ("O02", {"counts": False, "starts": True, "completes": False, "date": D1, "approved_from": D2}, True),
        ("O02", {"counts": False, "starts": False, "completes": False, "date": D1, "approved_from": D2}, False),
        ("O03", {"legal_form": "association", "statutes": "yes", "board": "yes", "signatories": "yes", "annual_minutes": "yes"}, False),
        ("O03", {"legal_form": "association", "statutes": "yes", "board": "yes", "signatories": "yes"}, True),
        ("O03", {"legal_form": "association", "statutes": "yes", "board": "no", "signatories": "yes", "annual_minutes": "yes"}, True),
        ("O03", {"legal_form": "company"}, False),
        ("O05", {"participants": 21, "most_participants": 20}, True),
        ("O05", {"participants": 20, "most_participants": 20}, False),
        ("O06", {"service": "AIO", "workplace_organiser_id": "B", "organiser_id": "A"}, True),
        ("O06", {"service": "AIO", "organiser_id": "A"}, False),
        ("O06", {"service": "ITA1", "workplace_organiser_id": "B", "organiser_id": "A"}, False),
        ("P02", {"start": D2, "end": D3}, False),
        ("P02", {"start": D2, "end": D1}, True),
        ("P02", {"start": D2, "end": D3, "ended_on": D1}, True),
        ("P03", {"service": "FAT", "programme_eligible": False}, True),
        ("P03", {"service": "FAT", "programme_eligible": True}, False),
        ("P04", {"effective_end": D2}, False),
        ("P04", {"effective_end": D2, "limit_end": D1}, True),
        ("P08", {"service": "FAT", "programme": "UGA", "first_in_period": True, "period_number": 2}, True),
        ("P08", {"service": "FAT", "programme": "UGA", "first_in_period": True, "period_number": 1}, False),
        ("P08", {"service": "FAT", "programme": "UGA", "first_in_period": False, "period_number": 2}, False),
        ("P09", {"service": "AT", "start": D2}, True),
        ("P09", {"service": "AT", "start": D2, "assessed_on": D3}, True),
        ("P09", {"service": "AT", "start": D2, "assessed_on": D2}, False),
        ("P09", {"service": "AIO", "start": D2}, False),
        ("P12", {"service": "AT", "start": D2}, False),
        ("P12", {"service": "FAT", "start": D2}, True),
        ("P14", {"service": "FAT"}, False),
        ("P14", {"service": "FAT", "hours_per_week": 9.0}, False),
        ("P14", {"service": "AIO", "hours_per_week": 9.5}, True),
        ("P14", {"service": "AIO", "hours_per_week": 10.0}, False),
        ("P14", {"service": "FAT", "hours_per_week": 40.0}, False),
        ("P14", {"service": "FAT", "hours_per_week": 40.5}, True),
        ("P15", {"service": "ITA1", "ended": True, "ended_early": False, "part_days": 13}, True),
        ("P15", {"service": "ITA1", "ended": True, "ended_early": True, "part_days": 13}, False),
        ("P15", {"service": "ITA1", "ended": False, "ended_early": False, "part_days": 13}, False),
        ("P15", {"service": "ITA1", "ended": True, "ended_early": False, "part_days": 14}, False),
        ("P16", {"service": "ITA1", "part_days": 57}, True),
        ("P16", {"service": "ITA1", "part_days": 56}, False),
        ("P22", {"pause_from": D2}, True),
        ("P22", {"pause_from": D2, "approved_on": D2}, False),
        ("P22", {"pause_from": D2, "approved_on": D3}, True),
        ("P24", {"programme": "UGA"}, False),
        ("P24", {"programme": "UGA", "age_at_start": 15}, True),
        ("P24", {"programme": "UGA", "age_at_start": 16}, False),
        ("P24", {"programme": "UGA", "age_at_start": 25}, True),
        ("P24", {"programme": "JOB", "age_at_start": 25}, False),
        ("D01", {"service": "FAT", "programme": "JOB", "in_depth_from": D1}, False),
        ("D01", {"service": "FAT", "in_depth_from": D1}, True),
        ("D01", {"service": "FAT", "programme": "UGA", "in_depth_from": D1}, True),
        ("D01", {"service": "AT", "programme": "JOB", "in_depth_from": D1}, True),
        ("D01", {"service": "AT", "programme": "UGA"}, False),
        ("D02", {"start": D1, "end": D3, "in_depth_from": D2}, False),
        ("D02", {"start": D1, "end": D3, "in_depth_from": D2, "in_depth_to": D1}, True),
        ("D02", {"start": D1, "end": D3, "in_depth_from": D2, "in_depth_to": D4}, True),
        ("D05", {"in_depth_from": CLOSED}, True),
        ("D05", {"in_depth_from": D1, "in_depth_decided_on": dt.date(2023, 9, 30)}, False),
        ("D05", {"in_depth_from": D1, "in_depth_decided_on": CLOSED}, True),
        ("D05", {"in_depth_from": dt.date(2023, 9, 30)}, False),
        ("D05", {"in_depth_decided_on": CLOSED}, False),
        ("D06", {"in_depth_from": D1, "in_depth_ended": True}, True),
        ("D06", {"in_depth_from": D1, "in_depth_ended": True, "in_depth_report_on": D2}, False),
        ("D06", {"in_depth_from": D1, "in_depth_ended": False}, False),
        ("A01", {"reported": True, "status": "sick", "date": D3, "start": D1, "end": D2}, True),
        ("A01", {"reported": True, "status": "off", "date": D3, "start": D1, "end": D2}, False),
        ("A01", {"reported": False, "date": D3, "start": D1, "end": D2}, False),
        ("A02", {"reported": True, "status": "present", "date": D3, "effective_end": D2, "end": D3}, True),
        ("A02", {"reported": True, "status": "present", "date": D4, "effective_end": D2, "end": D3}, False),
        ("A03", {"counts": True, "date": D2}, False),
        ("A03", {"counts": True, "date": D2, "placement_limit_end": D1}, True),
        ("A03", {"counts": True, "date": D2, "limit_end": D1, "placement_limit_end": D4}, True),
        ("A06", {"times_reported": 2, "conflicting": False}, True),
        ("A06", {"times_reported": 2, "conflicting": True}, False),
        ("A10", {"attended": True}, False),
        ("A10", {"attended": True, "hours": 0.0}, True),
        ("A10", {"attended": True, "hours": 24.0}, False),
        ("A10", {"attended": False, "hours": 25.0}, False),
        ("A11", {"attended": True, "from_time": dt.time(7), "to_time": dt.time(18)}, False),
        ("A11", {"attended": True, "from_time": dt.time(6, 59)}, True),
        ("A11", {"attended": True, "to_time": dt.time(18, 1)}, True),
        ("A17", {"reported": True, "attended": False, "hours": 1.0}, True),
        ("A17", {"reported": True, "attended": False, "hours": 0.0}, False),
        ("A19", {"days_stated": 3, "days_attended": 4}, True),
        ("A19", {"days_attended": 4}, False),
        ("C02", {"service": "ITA3", "trial_completed_on": D2, "start": D1, "effective_end": D2}, False),
        ("C02", {"service": "ITA3", "trial_completed_on": D3, "start": D1, "effective_end": D2}, True),
        ("C02", {"service": "ITA2", "trial_completed_on": D2, "start": D1, "effective_end": D2}, True),
        ("C02", {"service": "ITA2", "start": D1, "effective_end": D2}, False),
        ("F02", {"service": "AIO", "ended": True, "last_in_participation": True}, True),
        ("F02", {"service": "AIO", "ended": True, "last_in_participation": False}, False),
        ("F02", {"service": "ITA2", "ended": True}, True),
        ("F02", {"service": "ITA2", "ended": True, "final_report_on": D1}, False),
        ("F02", {"service": "FAT", "ended": True}, False),
    ],
)
def test_where_a_rule_fires(rule: str, row: Mapping[str, object], fires: bool) -> None:
    (judged,) = BOOK.rule(rule)
    assert judged.when is not None
    limits = {f"limit_{limit.name}": limit.values[0].value for limit in BOOK.limits.values()}
    assert (judged.when.verdict(limits | row) or False) is fires


@pytest.mark.parametrize(("name", "page"), [("rules.md", rules_page), ("facts.md", facts_page)])
def test_documentation_is_in_step(name: str, page: object) -> None:
    assert callable(page)
    assert (DOCS / name).read_text(encoding="utf-8") == page(BOOK), "run: fat rules docs docs"


def test_every_rule_and_duty_is_documented() -> None:
    page = rules_page(BOOK)
    assert all(f"### {rule.id} {rule.name}\n" in page for rule in BOOK.rules)
    assert len(BOOK.not_checked) == page.split("## Not checked")[1].split("## Sources")[0].count("\n- ")


def _uses(book: RuleBook) -> set[str]:
    texts = [text for rule in book.rules for text in (rule.when.text if rule.when else "", *rule.message, *rule.remedy)]
    return set(re.findall(r"\blimit_(\w+)", " ".join(texts)))


def test_every_limit_is_used() -> None:
    made_into_facts = {"in_depth_months", "participants_per_supervisor"}
    assert {limit.name for limit in BOOK.limits.values()} - _uses(BOOK) - made_into_facts == set()
