"""What is paid, in SEK, worked out by hand from the fact sheets: days attended, days of a schedule, results, and contract prices."""

import pytest

from stories import (
    ASSESSED,
    MAY,
    Row,
    contract,
    exercise,
    fat,
    paid,
    placement,
    present,
    register,
    report,
    run,
    sums,
    total,
    weekdays,
    withheld,
    working_days,
    workspace,
)


def test_21_attended_days_are_6300_sek(tmp_path):
    assert len(MAY) == 21
    found = run(tmp_path, [placement(start="2024-05-01")], present(MAY))
    assert sums(found) == {"P1 base": "21 x 300"}
    assert total(found) == 6300  # 21 × 300


def test_with_in_depth_assessment_10_500(tmp_path):
    found = run(tmp_path, [placement(start="2024-05-01", in_depth_from="2024-05-01", **ASSESSED)], present(MAY))
    assert sums(found) == {"P1 base": "21 x 300", "P1 in_depth": "21 x 200"}
    assert total(found) == 10500  # 21 × (300 + 200)


def test_as_the_command_line_tells_it(tmp_path):
    workspace(tmp_path, register(placement(start="2024-05-01", in_depth_from="2024-05-01", **ASSESSED)), present(MAY))
    shown = fat(tmp_path, "payout", "--month", "2024-05", "--dry-run", "--as-of", "2024-06-03", "--format", "json")
    assert shown.code == 0
    assert shown.document["total_sek"] == "10500.00"
    assert [(line["component"], line["days"], line["rate_sek"], line["amount_sek"]) for line in shown.document["claims"][0]["lines"]] == [
        ("base", 21, "300.00", "6300.00"),
        ("in_depth", 21, "200.00", "4200.00"),
    ]


@pytest.mark.parametrize("given", [{}, {"in_depth_to": "2024-07-31"}], ids=["open", "too long"])
def test_the_supplement_stops_after_three_months_and_the_base_goes_on(tmp_path, given):
    # 16 February + 3 months = 16 May, less one day: 15 May is the last. Working days of May up to it, with the
    # supplement: 2, 3, 6, 7, 8, 10, 13, 14, 15 = 9. All 21 with the base.
    told = placement(start="2024-02-01", end="2024-08-30", in_depth_from="2024-02-16", **ASSESSED, **given)
    found = run(tmp_path, [told], present(MAY))
    assert sums(found) == {"P1 base": "21 x 300", "P1 in_depth": "9 x 200"}
    assert total(found) == 21 * 300 + 9 * 200
    # where the decision says longer, the 12 working days from 16 May are withheld by name
    late = working_days("2024-05-16", "2024-05-31") if given else []
    assert withheld(found) == {f"P1 in_depth {date}": "D04" for date in late}


@pytest.mark.parametrize(
    ("first", "last", "next_day"),
    [
        ("2023-11-30", "2024-02-28", "2024-02-29"),  # 30 February is cut to the 29th, less one day
        ("2023-12-01", "2024-02-29", "2024-03-01"),
        ("2024-01-31", "2024-04-29", "2024-04-30"),  # 31 April is cut to the 30th, less one day
        ("2024-02-29", "2024-05-28", "2024-05-29"),
    ],
)
def test_the_supplements_last_day(tmp_path, first, last, next_day):
    told = placement(start="2023-11-01", end="2024-10-31", in_depth_from=first, **ASSESSED)
    workspace(tmp_path, register(told), present([last, next_day]))
    runs = [paid(tmp_path, month, "2024-12-31") for month in sorted({last[:7], next_day[:7]})]
    assert sum(line.days for each in runs for claim in each.claims for line in claim.lines if line.component == "base") == 2
    assert sums(runs[0])["P1 in_depth"] == "1 x 200"
    assert all("P1 in_depth" not in sums(each) for each in runs[1:])


def test_the_window_runs_from_the_periods_first_assessment(tmp_path):
    # The second placement goes on with the period (Friday to Monday), so 1 February + 3 months ends 30 April for it too.
    first = placement(start="2024-01-08", end="2024-03-01", in_depth_from="2024-02-01", **ASSESSED)
    second = placement("P2", participant_id="T1", start="2024-03-04", end="2024-06-28", in_depth_from="2024-03-04", **ASSESSED)
    reports = present(["2024-04-29", "2024-04-30", "2024-05-02"], "P2")
    assert sums(run(tmp_path, [first, second], reports, "2024-04"))["P2 in_depth"] == "2 x 200"
    assert sums(run(tmp_path, [first, second], reports, "2024-05")) == {"P2 base": "1 x 300"}


def test_a_start_and_every_weekday_holidays_included(tmp_path):
    # 23 weekdays in May, 1 and 9 May among them, whatever the days attended: 3 000 + 23 × 450 = 13 350
    found = run(tmp_path, [exercise(start="2024-05-01")], present(["2024-05-06"]))
    assert sums(found) == {"P1 start": "1 x 3000", "P1 day": "23 x 450"}
    assert total(found) == 13350


def test_a_pause_is_not_paid_if_approved_in_advance(tmp_path):
    # 13–17 May approved: 5 weekdays fewer. 20–24 May approved on the 21st: no pause. (23 − 5) × 450 = 8 100
    pauses = [
        {"placement_id": "P1", "from": "2024-05-13", "to": "2024-05-17", "approved_on": "2024-05-13"},
        {"placement_id": "P1", "from": "2024-05-20", "to": "2024-05-24", "approved_on": "2024-05-21"},
    ]
    found = run(tmp_path, [exercise(start="2024-04-01", end="2024-08-30")], present(["2024-05-06"]), pauses=pauses)
    assert sums(found) == {"P1 day": "18 x 450"}


@pytest.mark.parametrize("reports", [[], [report("2024-05-06", status="L")]], ids=["nothing", "off"])
def test_a_month_not_reported_is_withheld_with_its_start(tmp_path, reports):
    # the organiser reported P2, so P1 was left out: 23 days and a start are withheld by A18
    found = run(tmp_path, [exercise(start="2024-05-01"), exercise("P2", start="2024-04-01")], [*present(["2024-05-06"], "P2"), *reports])
    assert sums(found) == {"P2 day": "23 x 450"}
    held = withheld(found)
    assert held == {f"P1 day {date}": "A18" for date in weekdays("2024-05-01", "2024-05-31")} | {"P1 start 2024-05-01": "A18"}


def test_absence_alone_is_a_report(tmp_path):
    found = run(tmp_path, [exercise(start="2024-04-01")], [report("2024-05-06", status="S")])
    assert sums(found) == {"P1 day": "23 x 450"}


def test_only_up_to_the_as_of_day(tmp_path):
    # 1 to 15 May has 11 weekdays
    folder = workspace(tmp_path, register(exercise(start="2024-04-01")), present(["2024-05-06"]))
    assert sums(paid(folder, as_of="2024-05-15")) == {"P1 day": "11 x 450"}


def test_six_months_per_placement(tmp_path):
    # 14 November + 6 months: to Monday 13 May, the 9th weekday. The 14 weekdays from 14 May are withheld.
    found = run(tmp_path, [exercise(start="2023-11-14", end="2024-06-28")], present(["2024-05-06"]))
    assert sums(found) == {"P1 day": "9 x 450"}
    assert withheld(found) == {f"P1 day {date}": "A03" for date in weekdays("2024-05-14", "2024-05-31")}
    assert len(weekdays("2024-05-14", "2024-05-31")) == 14


def test_six_months_to_29_february(tmp_path):
    found = run(tmp_path, [exercise(start="2023-09-01", end="2024-03-28")], present(["2024-02-06", "2024-03-05"]), "2024-02")
    assert sums(found) == {"P1 day": "21 x 450"}  # February 2024: 21 weekdays, the 29th a Thursday
    assert sums(run(tmp_path, [exercise(start="2023-09-01", end="2024-03-28")], present(["2024-03-05"]), "2024-03")) == {}


@pytest.mark.parametrize(("second", "days"), [("2022-12-16", 11), ("2022-12-17", 23)], ids=["31 days", "32 days"])
def test_24_months_in_a_participation_with_gaps_of_at_most_31_days(tmp_path, second, days):
    # From 16 May 2022, 24 months: to Wednesday 15 May 2024, the 11th weekday.
    # A gap of 32 days, and the participation begins with the second.
    spans = [("2022-05-16", "2022-11-15"), (second, "2023-06-15"), ("2023-07-16", "2024-01-15"), ("2024-01-16", "2024-07-15")]
    placements = [exercise(f"P{number}", participant_id="T1", start=start, end=end) for number, (start, end) in enumerate(spans, 1)]
    found = run(tmp_path, placements, present(["2024-05-06"], "P4"))
    assert sums(found) == {"P4 day": f"{days} x 450"}


@pytest.mark.parametrize(
    ("reason", "start_again"),
    [
        *((reason, True) for reason in ("interrupted", "work", "studies", "illness", "moved", "other")),
        *((reason, False) for reason in ("plan_changed", "completed", None)),
    ],
)
def test_a_new_start_after_an_interruption_is_paid_again(tmp_path, reason, start_again):
    first = exercise(start="2024-01-08", end="2024-07-05", ended_on="2024-03-28", end_reason=reason)
    second = exercise("P2", participant_id="T1", start="2024-05-13", end="2024-08-30")
    found = run(tmp_path, [first, second], present(["2024-05-14"], "P2"))
    # 13 to 31 May: 15 weekdays
    assert sums(found) == {"P2 day": "15 x 450"} | ({"P2 start": "1 x 3000"} if start_again else {})


def test_a_gap_alone_earns_no_new_start(tmp_path):
    first = exercise(start="2023-01-09", end="2023-06-30")
    second = exercise("P2", participant_id="T1", start="2024-05-13", end="2024-08-30")
    assert sums(run(tmp_path, [first, second], present(["2024-05-14"], "P2"))) == {"P2 day": "15 x 450"}


def test_no_amount_before_april_2022(tmp_path):
    # March 2022 has no rate: its days, and the start, are withheld by C01 without an amount
    found = run(tmp_path, [exercise(start="2022-03-31", end="2022-08-31")], present(["2022-03-31"]), "2022-03")
    assert sums(found) == {}
    assert [(item.component, item.amount_ore, item.rules) for item in found.withheld] == [
        ("day", None, ("C01",)),
        ("start", None, ("C01",)),
    ]


def trial(placement_id: str = "P1", **told: object) -> Row:
    return placement(
        placement_id, service="ITA3", programme=None, start="2024-01-08", end="2024-06-28", **{"trial_completed_on": "2024-05-17"} | told
    )


@pytest.mark.parametrize(("written", "ore"), [(14500, 1450000), ("14 500,50", 1450050), ("12345.67", 1234567), ("0,05", 5)])
def test_the_result_is_paid_at_the_contracts_price_to_the_ore(tmp_path, written, ore):
    found = run(tmp_path, [trial()], [], contracts=[contract(written, "2024-01-01")])
    assert [(line.component, line.days, line.rate_ore) for line in found.claims[0].lines] == [("result", 1, ore)]
    assert found.total_ore == ore


def test_without_a_price_it_is_withheld(tmp_path):
    found = run(tmp_path, [trial()], [], contracts=[contract("14500", "2024-01-01", "2024-05-16"), contract("15000", "2024-05-18")])
    assert withheld(found) == {"P1 result 2024-05-17": "C01"}
    assert found.withheld[0].amount_ore is None


@pytest.mark.parametrize("date", ["2024-01-07", "2024-06-29"])
def test_a_trial_outside_the_placement_is_not_payable(tmp_path, date):
    found = run(tmp_path, [trial(trial_completed_on=date)], [], date[:7], contracts=[contract("14500", "2023-01-01")])
    assert withheld(found) == {f"P1 result {date}": "C02"}


@pytest.mark.parametrize("date", ["2024-01-08", "2024-06-28"])
def test_on_the_placements_first_and_last_day_it_is(tmp_path, date):
    found = run(tmp_path, [trial(trial_completed_on=date)], [], date[:7], contracts=[contract("14500", "2023-01-01")])
    assert sums(found) == {"P1 result": "1 x 14500"}


def test_a_contract_goes_before_the_rule_book_on_its_days_for_its_organiser_and_component(tmp_path):
    # 13–17 May (5 days) by the contract; the other 16 days by the rule book. ORG2 has none.
    contracts = [contract("312,50", "2024-05-13", "2024-05-17", "FAT", "base"), contract("1", "2024-05-01", None, "FAT", "in_depth")]
    found = run(
        tmp_path,
        [placement(start="2024-05-01"), placement("P2", organiser_id="ORG2", start="2024-05-01")],
        [*present(MAY), *present(MAY, "P2")],
        contracts=contracts,
    )
    assert sums(found) == {"P1 base": "16 x 300 + 5 x 312.5", "P2 base": "21 x 300"}


def test_of_several_the_latest_from_then_the_later_row(tmp_path):
    contracts = [
        contract("320", "2024-05-13", None, "FAT", "base"),
        contract("310", "2024-01-01", None, "FAT", "base"),
        contract("330", "2024-05-27", None, "FAT", "base"),
        contract("331", "2024-05-27", "2024-05-29", "FAT", "base"),
    ]
    # to 12 May: 2, 3, 6, 7, 8, 10 = 6 days at 310; 13–24 May: 10 at 320; 27–29 May: 3 at 331; 30, 31 May: 2 at 330
    found = run(tmp_path, [placement()], present(MAY), contracts=contracts)
    assert sums(found) == {"P1 base": "6 x 310 + 10 x 320 + 2 x 330 + 3 x 331"}


def test_a_contract_for_a_service_by_scheduled_day(tmp_path):
    contracts = [contract("475", "2024-05-16", None, "AIO", "day")]  # 16 to 31 May: 12 weekdays; 11 before
    found = run(tmp_path, [exercise(start="2024-04-01")], present(["2024-05-06"]), contracts=contracts)
    assert sums(found) == {"P1 day": "11 x 450 + 12 x 475"}


def test_services_and_absences_that_pay_nothing(tmp_path):
    placements = [
        placement(service="AT"),
        placement("P2", service="ITA1", programme=None),
        placement("P3", service="ITA2", programme=None),
        placement("P4"),
    ]
    statuses = ((6, "S"), (7, "VAB"), (8, "GF"), (10, "OF"), (13, "U"), (14, "L"))
    absences = [report(f"2024-05-{number:02}", "P4", status) for number, status in statuses]
    attended = [row for name in ("P1", "P2", "P3") for row in present(["2024-05-02", "2024-05-03"], name)]
    found = run(tmp_path, placements, [*attended, *absences])
    assert found.claims == ()
    assert found.withheld == ()
    control = found.control[0]
    assert (control.read, control.not_paid, control.paid) == (12, 12, 0)
