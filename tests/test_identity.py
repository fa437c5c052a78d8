"""Check digits worked out by hand: the products of 811228-987 are 16 1 2 2 4 8 18 8 14; their digits sum to 46, so the last is 4."""

import datetime as dt

import pytest

from fatcli import identity

DAY = dt.date(2024, 5, 2)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("811228-9874", "198112289874"),
        ("8112289874", "198112289874"),
        ("19811228-9874", "198112289874"),
        ("198112289874", "198112289874"),
        ("811228+9874", "188112289874"),  # one century earlier than the latest
        ("811228-9875", None),  # wrong check digit
        ("811328-9873", None),  # month 13 (check digit right: 16 1 2 3 4 8 18 8 14 -> 7+1+2+3+4+8+9+8+5 = 47 -> 3)
        ("81122-89874", None),
        ("8112289874x", None),
        ("", None),
    ],
)
def test_person(text, number):
    found = identity.person(text, DAY)
    assert (found.number if found else None) == number


def test_the_century_is_the_latest_not_after_the_day():
    # 010203-998? weights: 0 1 0 2 0 3 18 9 16 -> 0+1+0+2+0+3+9+9+7 = 31, check digit 9
    assert identity.person("010203-9989", dt.date(2001, 2, 3)).number == "200102039989"
    assert identity.person("010203-9989", dt.date(2001, 2, 2)).number == "190102039989"


def test_a_coordination_number_has_sixty_added_to_its_day():
    # 811288-987?: 16 1 2 2 16 8 18 8 14 -> 7+1+2+2+7+8+9+8+5 = 49, check digit 1
    found = identity.person("811288-9871", DAY)
    assert found.birth == dt.date(1981, 12, 28)


def test_a_coordination_number_may_leave_month_and_day_open():
    found = identity.person("191500882392", DAY)  # the tax agency's own test number
    assert found is not None
    assert found.birth is None
    assert found.age(DAY) is None


@pytest.mark.parametrize(("on", "age"), [(dt.date(2024, 12, 27), 42), (dt.date(2024, 12, 28), 43)])
def test_age_in_whole_years(on, age):
    assert identity.person("198112289874", on).age(on) == age


@pytest.mark.parametrize(
    ("text", "legal_form", "valid"),
    [
        ("556036-0793", "company", True),  # 10 5 12 0 6 6 0 7 18 -> 1+5+3+0+6+6+0+7+9 = 37, check digit 3
        ("165560360793", "company", True),
        ("5560360793", "association", True),
        ("556036-0794", "company", False),
        ("811228-9874", "company", False),  # third digit below 2
        ("811228-9874", "sole_trader", True),
        ("811288-9871", "sole_trader", True),
        ("556036-0793", "sole_trader", False),
        ("ABC", "public", False),
    ],
)
def test_organiser_identity_by_legal_form(text, legal_form, valid):
    assert identity.organiser_identity_valid(text, legal_form, DAY) is valid


@pytest.mark.parametrize(
    ("text", "valid"), [("991-2346", True), ("9912346", True), ("5805-6201", True), ("991-2345", False), ("99-12346", False)]
)
def test_bankgiro(text, valid):
    assert identity.bankgiro_valid(text) is valid


def test_core_is_what_two_spellings_of_a_number_share():
    assert identity.core("19811228-9874") == identity.core("8112289874") == "8112289874"
    assert identity.core("AB12") == "ab12"
