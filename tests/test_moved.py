"""What is booked when the register changes under it: a placement that moves, a start or result day that is corrected. Amounts by hand."""

import shutil
from pathlib import Path

from stories import contract, exercise, here, placement, present, register, workspace

RULES = Path(__file__).parents[1] / "rules.yaml"
MONTH = ("payout", "--month", "2024-05", "--as-of", "2024-06-03", "--format", "json")
DAYS = ["2024-05-02", "2024-05-03"]
ITA = {"service": "ITA3", "programme": None, "start": "2024-05-02", "end": "2024-08-30"}


def claims(run):
    """organiser -> booked, SEK."""
    return {claim["organiser"]: (claim["booked"], claim["total_sek"]) for claim in run.document["claims"]}


def moved(folder):
    """P1 at ORG1 with two days booked, then said to have been at ORG2 all the time; P2 is there too."""
    others = placement("P2", organiser_id="ORG2")
    reports = [*present(DAYS), *present(DAYS, "P2")]
    workspace(folder, register(placement(), others), reports)
    assert claims(here(folder, *MONTH)) == {"ORG1": (True, "600.00"), "ORG2": (True, "600.00")}
    more = [*reports, *present(["2024-05-06"], "P2")]
    return workspace(folder, register(placement(organiser_id="ORG2"), others, organisers=organisers("ORG1", "ORG2")), more)


def organisers(*names):
    return [row for name in names for row in register(placement(organiser_id=name))["organisers"]]


def test_a_moved_placement_is_not_paid_at_its_new_organiser_while_the_old_reversal_is_refused(tmp_path):
    run = here(moved(tmp_path), *MONTH)
    assert run.code == 4
    assert claims(run) == {"ORG1": (False, "-600.00"), "ORG2": (True, "300.00")}  # P2's 6 May alone
    assert [(row["organiser"], row["placement"], row["date"], row["rules"]) for row in run.document["withheld"]] == [
        ("ORG2", "P1", day, ["booked-elsewhere"]) for day in DAYS
    ]


def test_nor_where_one_organiser_alone_is_asked_for(tmp_path):
    run = here(moved(tmp_path), *MONTH, "--organiser", "ORG2")
    assert claims(run) == {"ORG2": (True, "300.00")}


def test_the_run_that_reverses_it_pays_it(tmp_path):
    folder = moved(tmp_path)
    here(folder, *MONTH)
    run = here(folder, *MONTH, "--allow-reversals", "ORG1")
    assert claims(run) == {"ORG1": (True, "-600.00"), "ORG2": (True, "600.00")}
    assert run.document["withheld"] == []
    assert here(folder, *MONTH, "--allow-reversals", "ORG1").document["claims"] == []


def test_explain_tells_what_the_day_waits_for(tmp_path):
    folder = moved(tmp_path)
    run = here(folder, "explain", "P1", "--date", "2024-05-02", "--as-of", "2024-06-03", "--format", "json")
    states = {item["organiser"]: item["state"] for item in run.document["items"]}
    assert states == {"ORG1": "to_reverse", "ORG2": "waiting"}


def test_a_clawed_back_day_stays_closed_when_its_placement_moves(tmp_path):
    folder = workspace(tmp_path, register(placement()), present(DAYS))
    here(folder, *MONTH)
    back = ("ledger", "clawback", "--organiser", "ORG1", "--all", "--reason", "fel", "--as-of", "2024-06-03")
    assert here(folder, *back).code == 0
    workspace(folder, register(placement(organiser_id="ORG2"), organisers=organisers("ORG1", "ORG2")), present(DAYS))
    run = here(folder, *MONTH)
    assert run.document["claims"] == []
    assert {tuple(row["rules"]) for row in run.document["withheld"]} == {("clawed-back",)}


def test_a_booked_result_whose_day_is_corrected_keeps_its_price(tmp_path):
    # 10 000 until 15 May, 12 000 from then: the trial was booked on the 14th and was in fact completed on the 16th
    contracts = [contract(10000, "2024-01-01", "2024-05-15"), contract(12000, "2024-05-16")]
    for completed, expected in (("2024-05-14", {"ORG1": (True, "10000.00")}), ("2024-05-16", {})):
        told = placement(**ITA, trial_completed_on=completed)
        assert claims(here(workspace(tmp_path, register(told, contracts=contracts)), *MONTH)) == expected
    # a price that is corrected for the day it was booked on is another matter
    contracts[0] = contract(10500, "2024-01-01", "2024-05-15")
    told = placement(**ITA, trial_completed_on="2024-05-16")
    run = here(workspace(tmp_path, register(told, contracts=contracts)), *MONTH)
    assert claims(run) == {"ORG1": (True, "500.00")}
    assert run.document["claims"][0]["lines"][0]["kind"] == "adjustment"


def test_a_booked_start_whose_day_is_corrected_keeps_its_price(tmp_path):
    start = contract(3100, "2024-05-03", service="AIO", component="start")
    for first, expected in (("2024-05-02", "3900.00"), ("2024-05-03", None)):  # 3 000 and two days at 450
        run = here(
            workspace(tmp_path, register(exercise(start=first, end="2024-05-03"), contracts=[start]), present(DAYS[1:])),
            *(*MONTH, "--allow-reversals", "all"),
        )
        lines = [(line["component"], line["amount_sek"]) for claim in run.document["claims"] for line in claim["lines"]]
        assert lines == ([("day", "900.00"), ("start", "3000.00")] if expected else [("day", "-450.00")])


def test_a_booked_result_whose_day_is_yet_to_come_is_taken_back(tmp_path):
    contracts = [contract(10000, "2024-01-01")]
    here(workspace(tmp_path, register(placement(**ITA, trial_completed_on="2024-05-14"), contracts=contracts), present(DAYS[:1])), *MONTH)
    later = register(placement(**ITA, trial_completed_on="2024-06-14"), contracts=contracts)
    run = here(workspace(tmp_path, later, present(DAYS[:1])), *MONTH)
    assert claims(run) == {"ORG1": (False, "-10000.00")}


def test_a_booked_result_moved_to_another_month_is_still_spoken_for_where_it_is_booked(tmp_path):
    told = {**ITA, "trial_completed_on": "2024-05-16"}
    workspace(tmp_path, register(placement(**told), contracts=[contract(5000, "2024-01-01")]))
    assert claims(here(tmp_path, *MONTH)) == {"ORG1": (True, "5000.00")}
    july = ("payout", "--month", "2024-07", "--as-of", "2024-07-31", "--format", "json")
    again = (*MONTH[:-3], "2024-07-31", *MONTH[-2:])
    told["trial_completed_on"] = "2024-07-05"
    workspace(tmp_path, register(placement(**told), contracts=[contract(7000, "2024-01-01")]))
    run = here(tmp_path, *july)
    assert claims(run) == {}
    assert run.document["other_months"] == [{"month": "2024-05", "difference_sek": "2000.00"}]
    run = here(tmp_path, *again)
    assert claims(run) == {"ORG1": (True, "2000.00")}
    # and where the corrected day earns nothing, it is taken back
    workspace(tmp_path, register(placement(**{**told, "end": "2024-06-28"}), contracts=[contract(7000, "2024-01-01")]))
    run = here(tmp_path, *again, "--allow-reversals", "all")
    assert claims(run) == {"ORG1": (True, "-7000.00")}
    assert [(row["date"], row["rules"]) for row in run.document["withheld"]] == [("2024-05-16", ["C02"])]


def test_what_is_booked_tells_everything_whatever_is_shown(tmp_path):
    """The same run from wherever it is started and whatever is chosen to be shown: the same hash."""
    made = workspace(tmp_path / "made", register(placement()), present([*DAYS, "2024-06-03"]))
    hashes = set()
    for number, (place, chosen) in enumerate([((), ()), (("-C", "."), ("--select", "A01")), (("-C", "../w2"), ("--ignore", "A,P"))]):
        folder = shutil.copytree(made, tmp_path / f"w{number}")
        (folder / "rules.yaml").write_text(RULES.read_text(encoding="utf-8"), encoding="utf-8")
        run = here(folder, *MONTH, *place, *chosen)
        assert {row["rule"] for row in run.document["violations"]} <= ({"A01"} if "--select" in chosen else {"A14", "A01"})
        log = here(folder, "ledger", "log", "--format", "json").document
        hashes.add(log["runs"][0]["hash"])
    assert len(hashes) == 1
