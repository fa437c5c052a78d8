"""The focus areas of ITA, reckoned by hand."""

from fractions import Fraction

from fatcli.followup.data import Asked
from fatcli.followup.followup_ita import followup_ita
from fatcli.followup.small import hide_small
from fatcli.model import Month
from followup.material import item, material, organiser, placement, row, rows, the


def part(number: int, who: int, start: str, end: str, **told):
    story = {"service": f"ITA{number}", "participant_id": f"T{who}", "delivery_area": "Malmö"}
    return placement(f"P{who}-{number}", start, end, **story | told)


# T1 goes through all parts and completes the trial; T2 breaks off part 2; T3 has only begun
PLACED = [
    part(1, 1, "2024-01-01", "2024-01-28", hours_per_week=10),
    part(2, 1, "2024-01-29", "2024-03-31"),
    part(3, 1, "2024-04-01", "2024-05-31", trial_completed_on="2024-05-20", ended_on="2024-05-24", end_reason="completed",
         final_report_on="2024-05-31", hours_per_week_end=20, status_90="work"),
    part(1, 2, "2024-01-01", "2024-01-28", hours_per_week=10),
    part(2, 2, "2024-01-29", "2024-03-31", ended_on="2024-02-09", end_reason="illness", hours_per_week_end=10),
    part(1, 3, "2024-12-02", "2025-01-24", organiser_id="ORG2"),
]  # fmt: skip
FIGURES = followup_ita(material(PLACED, "2024-12-31", organisers=[organiser("ORG1", name="Ängen")]))


def test_time_to_the_work_trial() -> None:
    """1 January to 1 April 2024 is 91 days, to 20 May 140."""
    reached, completed = rows(FIGURES, "trial")
    assert (reached["count"], reached["base"], reached["share"], reached["days"]) == (1, 3, 0.3333, 91.0)
    assert (completed["count"], completed["days"]) == (1, 140.0)


def test_a_trial_after_the_as_of_day_is_not_completed() -> None:
    found = followup_ita(material(PLACED, "2024-05-19"))
    assert row(found, "trial", figure="completed")["count"] == 0
    assert row(found, "results", area="Malmö")["results"] == 0


def test_progression() -> None:
    found = {line["figure"]: (line["count"], line["base"]) for line in rows(FIGURES, "progression")}
    assert found == {"up": (1, 2), "done": (1, 2), "either": (1, 2), "hours_unknown": (0, 2)}


def test_results_by_area_and_supplier_and_whether_the_service_ended() -> None:
    """From 20 to 24 May: 4 days."""
    booked = [item("P1-3", "2024-05-20", 5000, "result", service="ITA3"), item("P1-3", "2024-05-20", 70, "day", service="ITA3")]
    found = row(followup_ita(material(PLACED, booked=booked, due=booked)), "results", area="Malmö")
    assert (found["organiser"], found["trials"], found["results"], found["share"]) == ("ORG1", 1, 1, 1.0)
    assert (found["booked"], found["unbooked"], found["ended"], found["days"]) == (500_000, 0, 1, 4.0)
    found = row(followup_ita(material(PLACED, due=booked)), "results", area="Malmö")
    assert (found["booked"], found["unbooked"]) == (0, 500_000)


def test_results_are_those_of_the_days_asked_for() -> None:
    """Part 3 from October 2023, completed in February 2024, paid for then; T2 completed in December 2023, T3 goes on."""
    told = {"trial_completed_on": "2024-02-15", "ended_on": "2024-02-29", "end_reason": "completed"}
    placed = [
        part(3, 1, "2023-10-02", "2024-03-29", **told),
        part(3, 2, "2023-10-02", "2024-03-29", trial_completed_on="2023-12-15", ended_on="2023-12-20"),
        part(3, 3, "2023-10-02", "2024-03-29"),
    ]
    paid = [
        item("P1-3", "2024-02-15", 10_000, "result", service="ITA3"),
        item("P2-3", "2023-12-15", 10_000, "result", service="ITA3"),
        # booked of a placement that the register lacks
        item("P9-3", "2024-01-15", 700, "result", service="ITA3", organiser_id="ORG2"),
    ]
    asked = Asked(Month(2024, 1))
    found = followup_ita(material(placed, "2024-06-30", asked, due=paid[:2], booked=paid[2:]))
    keys = ("area", "organiser", "trials", "results", "paid", "booked", "unbooked", "ended", "days")
    assert [tuple(line[key] for key in keys) for line in rows(found, "results")] == [
        ("Malmö", "ORG1", 2, 1, 1, 0, 1_000_000, 1, 14.0),
        ("missing", "ORG2", 0, 0, 1, 70_000, 0, 0, None),
    ]


def test_progression_counts_completed_trials_of_part_3_alone() -> None:
    """T1 completes after the as-of day, T2 has the day on part 2, T3 has completed."""
    placed = [
        part(3, 1, "2024-01-01", "2024-05-31", trial_completed_on="2024-06-01"),
        part(2, 2, "2024-01-01", "2024-05-31", trial_completed_on="2024-05-01"),
        part(3, 3, "2024-01-01", "2024-05-31", trial_completed_on="2024-05-01"),
    ]
    assert row(followup_ita(material(placed, "2024-06-01")), "progression", figure="done")["count"] == 2
    assert row(followup_ita(material(placed[:2], "2024-06-01")), "progression", figure="done")["count"] == 1
    as_of_may = material([one | {"ended_on": "2024-05-30"} for one in placed], "2024-05-31")
    assert row(followup_ita(as_of_may), "progression", figure="done")["count"] == 1


def test_a_final_report_after_the_as_of_day_is_not_given() -> None:
    placed = [part(3, who, "2024-01-01", "2024-05-31", final_report_on=f"2024-06-{who:02}") for who in (10, 11)]
    (found,) = rows(followup_ita(material(placed, "2024-06-10")), "final_report")
    assert (found["count"], found["base"], found["days"]) == (1, 2, 10.0)  # 31 May to 10 June


def test_final_report_and_status() -> None:
    """24 to 31 May: 7 days."""
    (found,) = rows(FIGURES, "final_report")
    assert (found["count"], found["base"], found["days"]) == (1, 2, 7.0)
    assert {line["status"]: line["count"] for line in rows(FIGURES, "status") if line["count"]} == {"work": 1, "missing": 1, "all": 2}


def test_interruptions_by_part_and_why() -> None:
    """T2 leaves part 2 on its 12th day. A completed part that ended early is no interruption."""
    found = [(line["part"], line["left"], line["interrupted"], line["days"]) for line in rows(FIGURES, "interruptions")]
    assert found == [("ITA1", 2, 0, None), ("ITA2", 2, 1, 12.0), ("ITA3", 1, 0, None)]
    assert [(line["part"], line["reason"], line["share"]) for line in rows(FIGURES, "reasons")] == [("ITA2", "illness", 1.0)]


def test_alternation_in_areas_with_two_suppliers() -> None:
    """Malmö: ORG1, ORG2, ORG2, ORG1 in the order of decisions: two of three referrals alternate. Lund has one supplier, Kiruna three."""
    order = [("ORG1", "2024-01-02"), ("ORG2", "2024-01-03"), ("ORG2", "2024-01-04"), ("ORG1", "2024-01-05")]
    placed = [
        part(1, who, "2024-02-01", "2024-03-31", organiser_id=name, decision_date=decided) for who, (name, decided) in enumerate(order)
    ]
    placed += [part(2, 0, "2024-04-01", "2024-05-31", organiser_id="ORG2")]  # goes on: no referral
    placed += [part(1, 10 + n, "2024-02-01", "2024-03-31", delivery_area="Lund") for n in range(2)]
    placed += [part(1, 20 + n, "2024-02-01", "2024-03-31", delivery_area="Kiruna", organiser_id=f"ORG{n}") for n in range(3)]
    found = [
        (line["area"], line["organiser"], line["referrals"], line["share"], line["alternating"], line["alternation"])
        for line in rows(followup_ita(material(placed)), "alternation")
    ]
    assert found == [("Malmö", "ORG1", 2, 0.5, 2, 0.6667), ("Malmö", "ORG2", 2, 0.5, 2, 0.6667)]


def test_a_supplier_that_got_none_of_the_first_referrals() -> None:
    """ORG1 got both; ORG2 got a later placement only. In Lund there is one supplier."""
    placed = [part(1, who, "2024-02-01", "2024-03-31", decision_date=f"2024-01-0{who}") for who in (1, 2)]
    placed += [part(2, 1, "2024-04-01", "2024-05-31", organiser_id="ORG2"), part(1, 3, "2024-02-01", "2024-03-31", delivery_area="Lund")]
    found = followup_ita(material(placed))
    assert [tuple(line.values()) for line in rows(found, "alternation")] == [
        ("Malmö", "ORG1", 2, 2, 1.0, 0, 0.0),
        ("Malmö", "ORG2", 0, 2, 0.0, 0, 0.0),
    ]
    assert the(found, "alternation").about[-1].en.endswith("are not shown: 1.")


def test_the_others_are_named_as_not_answered() -> None:
    assert all(f"({area})" in FIGURES.notes[-1].sv for area in (2, 3, 4, 5, 6, 7, 10, 11))


def test_small_groups_of_ita() -> None:
    values = [
        value for table in hide_small(FIGURES, 5).tables for line in table.rows for value in line if isinstance(value, Fraction | float)
    ]
    assert values == []
