"""Participants and coverage, reckoned by hand. The identity numbers are made up, with a birth number that no one has: 98x and 99x."""

import pytest

from fatcli.followup.coverage import coverage
from fatcli.followup.data import Asked
from fatcli.followup.participants import participants
from fatcli.identity import luhn
from fatcli.model import Month
from followup.material import material, organiser, placement, row, rows

COUNTY = "Västra Götalands län"


def number(birth: str, woman: bool) -> str:
    digits = birth + ("988" if woman else "989")
    return next(digits + str(check) for check in range(10) if luhn(digits[2:] + str(check)))


def person(placement_id: str, birth: str, *, woman: bool = False):
    return placement(placement_id, "2024-03-01", "2024-05-31", participant_id=number(birth, woman))


def test_sex_and_age() -> None:
    """On 1 March 2024: 24 (25 the day after), 25, 54, 55 and 80 years; and a pseudonym."""
    placed = [
        person("P1", "19990302"),
        person("P2", "19990301", woman=True),
        person("P3", "19690302"),
        person("P4", "19690301", woman=True),
        person("P5", "19440101", woman=True),
        placement("P6", "2024-03-01", "2024-05-31"),
    ]
    figures = participants(material(placed))
    assert {found["group"]: found["count"] for found in rows(figures, "people")} == {
        "women": 3,
        "men": 2,
        "sex_unknown": 1,
        "under_25": 1,
        "25_54": 2,
        "55_over": 2,
        "age_unknown": 1,
    }
    assert row(figures, "people", group="women")["share"] == 0.5


def test_a_wrong_number_tells_nothing() -> None:
    wrong = placement("P1", "2024-03-01", "2024-05-31", participant_id="199001019999")
    assert row(participants(material([wrong])), "people", group="sex_unknown")["count"] == 1


def test_a_person_who_begins_twice_in_a_year_counts_once_with_the_first_regime() -> None:
    placed = [
        placement("P1", "2023-01-09", "2023-02-10", service="AT", regime="own"),
        placement("P2", "2023-09-04", "2023-10-27", service="AT", regime="external", participant_id="T1"),
        placement("P3", "2024-01-08", "2024-02-09", service="AT", participant_id="T1"),
    ]
    figures = participants(material(placed))
    begun = [tuple(found[key] for key in ("year", "own", "external", "missing", "total")) for found in rows(figures, "begun")]
    assert begun == [("2023", 1, 0, 0, 1), ("2024", 0, 0, 1, 1)]
    assert row(figures, "people", group="men")["total"] == 1


def test_an_extension_is_no_beginning() -> None:
    placed = [placement("P1", "2023-11-01", "2023-12-31"), placement("P2", "2024-01-01", "2024-02-29", participant_id="T1")]
    assert [found["total"] for found in rows(participants(material(placed)), "begun")] == [1, 0]


def test_the_status_last_known() -> None:
    placed = [
        placement("P1", "2023-01-02", "2023-03-31", status_90="programme", status_365="studies"),
        placement("P2", "2023-01-02", "2023-03-31", status_90="referred_back"),
        placement("P3", "2023-01-02", "2023-03-31"),
    ]
    found = row(participants(material(placed)), "after", year="2023")
    assert (found["left"], found["work_or_studies"], found["referred_back"], found["others"], found["missing"]) == (3, 1, 1, 0, 1)
    assert found["work_or_studies_share"] == 0.3333


def test_occupancy() -> None:
    """April 2024, 30 days: one participant for all, one for 15 days, and 3 places for 20 days: 45 of 60 days."""
    placed = [
        placement("P1", "2024-04-01", "2024-04-30"),
        placement("P2", "2024-04-16", "2024-06-30"),
        placement("P3", "2024-04-20", "2024-04-25", participant_id="T1"),  # T1 is there already
    ]
    offers = [{"organiser_id": "ORG1", "service": "AIO", "places": 3, "from": "2024-04-11"}]
    asked = Asked(Month(2024, 4), Month(2024, 4))
    found = row(participants(material(placed, asked=asked, offers=offers)), "occupancy", year="2024")
    assert (found["participants"], found["places"], found["occupancy"]) == (1.5, 2.0, 0.75)


def test_a_service_without_places_has_no_occupancy() -> None:
    assert rows(participants(material([placement("P1", "2024-04-01", "2024-04-30")])), "occupancy") == []


@pytest.mark.parametrize("name", ["Västra Götalands län", "västra götaland", "  Västra  Götalands ", "VÄSTRA GÖTALANDS LÄN"])
def test_a_county_by_its_names(name) -> None:
    assert row(coverage(material(organisers=[organiser("ORG1", county=name)])), "counties", county=COUNTY)["organisers"] == 1


@pytest.mark.parametrize("name", [None, "Göteborg", ""])
def test_another_county(name) -> None:
    assert row(coverage(material(organisers=[organiser("ORG1", county=name)])), "counties", county="elsewhere")["organisers"] == 1


def test_organisers_and_places_on_the_day() -> None:
    organisers = [
        organiser("ORG1", county=COUNTY),
        organiser("ORG2", county=COUNTY, approved_to="2024-05-30"),  # no longer
        organiser("ORG3", county=COUNTY, approved_from="2024-06-01"),  # not yet
        organiser("ORG4", county=COUNTY, approved_to="2024-05-31"),
    ]
    offers = [
        {"organiser_id": "ORG1", "service": "FAT", "places": 5, "from": "2024-01-01"},
        {"organiser_id": "ORG1", "service": "AT", "places": 2, "from": "2024-01-01", "to": "2024-05-31"},
        {"organiser_id": "ORG1", "service": "AT", "places": 9, "from": "2024-06-01"},
        {"organiser_id": "ORG2", "service": "AT", "places": 9, "from": "2024-01-01"},
    ]
    placed = [placement("P1", "2024-05-31", "2024-06-30"), placement("P2", "2024-01-01", "2024-05-30")]
    found = coverage(material(placed, "2024-05-31", organisers=organisers, offers=offers))
    assert row(found, "counties", county=COUNTY) == {"county": COUNTY, "organisers": 2, "offering": 1, "places": 7, "participants": 1}
    assert "20 av 21 län" in found.notes[-1].sv


def test_the_day_is_the_last_that_was_asked_for() -> None:
    organisers = [organiser("ORG1", county=COUNTY, approved_to="2024-03-31")]
    found = coverage(material([placement("P1", "2024-01-01", "2024-12-31")], asked=Asked(last=Month(2024, 3)), organisers=organisers))
    assert row(found, "counties", county=COUNTY)["organisers"] == 1


def test_all_21_counties_may_have_organisers() -> None:
    names = [found["county"] for found in rows(coverage(material()), "counties")][:21]
    found = coverage(material(organisers=[organiser(f"ORG{number}", county=name) for number, name in enumerate(names)]))
    assert found.notes[-1].sv == "Det finns anordnare i alla 21 län."


def test_participants_per_supervisor() -> None:
    placed = [placement(f"P{number}", "2024-05-01", "2024-06-30", service="FAT") for number in range(5)]
    placed += [placement("P9", "2024-05-01", "2024-06-30", service="AIO"), placement("P8", "2024-05-01", "2024-05-02", service="AT")]
    staff = [
        {"organiser_id": "ORG1", "supervisor_id": "S1", "from": "2024-01-01"},
        {"organiser_id": "ORG1", "supervisor_id": "S2", "from": "2024-01-01"},
        {"organiser_id": "ORG1", "supervisor_id": "S3", "from": "2024-01-01", "to": "2024-04-30"},
        {"organiser_id": "ORG2", "supervisor_id": "S4", "from": "2024-01-01"},
    ]
    figures = coverage(material(placed, "2024-05-31", supervisors=staff))
    assert rows(figures, "supervisors") == [
        {"organiser": "ORG1", "participants": 5, "supervisors": 2, "per_supervisor": 2.5},
        {"organiser": "ORG2", "participants": 0, "supervisors": 1, "per_supervisor": 0.0},
    ]
