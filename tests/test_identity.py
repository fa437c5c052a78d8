"""Check digits worked out by hand: the products of 811228-987 are 16 1 2 2 4 8 18 8 14; their digits sum to 46, so the last is 4."""

import datetime as dt

import polars as pl
import pytest

from fatcli import identity

DAY = dt.date(2024, 5, 2)


def person(text, on):
    """The number and the date of birth."""
    return identity.people(pl.Series([text]), pl.Series([on])).row(0)


def age(text, on):
    birth = identity.people(pl.Series([text]), pl.Series([on]))["birth"]
    return pl.select(identity.age(pl.lit(birth), pl.lit(on))).item()


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
    assert person(text, DAY)[0] == number


def test_the_century_is_the_latest_not_after_the_day():
    # 010203-998? weights: 0 1 0 2 0 3 18 9 16 -> 0+1+0+2+0+3+9+9+7 = 31, check digit 9
    assert person("010203-9989", dt.date(2001, 2, 3))[0] == "200102039989"
    assert person("010203-9989", dt.date(2001, 2, 2))[0] == "190102039989"


# 900101-980?: 18 0 0 1 0 1 18 8 0 -> 9+1+1+9+8 = 28, check digit 2
@pytest.mark.parametrize(
    ("text", "on", "number"),
    [
        ("209001019802", DAY, None),  # nobody begins before being born: a slip in the century
        ("209001019802", dt.date(2089, 12, 31), None),
        ("209001019802", dt.date(2090, 1, 1), "209001019802"),
        ("209001019802", None, "209001019802"),  # of a placement whose start can't be told
        ("199001019802", DAY, "199001019802"),
    ],
)
def test_nobody_is_born_after_the_day(text, on, number):
    assert identity.people(pl.Series([text]), pl.Series([on], dtype=pl.Date))["number"][0] == number


# 000229-998?: 0 0 0 2 4 9 18 9 16 -> 2+4+9+9+9+7 = 40, check digit 0; of the years 00 only 1600, 2000, 2400 have the day
@pytest.mark.parametrize(
    ("text", "on", "number"),
    [
        ("000229-9980", dt.date(2000, 2, 29), "200002299980"),
        ("000229-9980", dt.date(2000, 2, 28), "160002299980"),
        ("000229-9980", dt.date(1950, 1, 1), "160002299980"),
        ("000229+9980", DAY, "160002299980"),
        ("000229+9980", dt.date(1950, 1, 1), None),  # there were no numbers before 1600
        ("19000229-9980", DAY, None),
        ("000002299980", DAY, None),  # there was no year 0
    ],
)
def test_the_leap_day_of_a_century(text, on, number):
    assert person(text, on)[0] == number


def test_a_column_of_numbers_is_read_row_by_row():
    texts, days = ["P17", "811228-9874", None, "010203-9989"], [DAY, DAY, DAY, dt.date(2001, 2, 2)]
    found = identity.people(pl.Series(texts), pl.Series(days))
    assert found.rows() == [
        (None, None),
        ("198112289874", dt.date(1981, 12, 28)),
        (None, None),
        ("190102039989", dt.date(1901, 2, 3)),
    ]


def test_a_coordination_number_has_sixty_added_to_its_day():
    # 811288-987?: 16 1 2 2 16 8 18 8 14 -> 7+1+2+2+7+8+9+8+5 = 49, check digit 1
    assert person("811288-9871", DAY) == ("198112889871", dt.date(1981, 12, 28))


def test_a_coordination_number_may_leave_month_and_day_open():
    assert person("191500882392", DAY) == ("191500882392", None)  # the tax agency's own test number
    assert age("191500882392", DAY) is None


@pytest.mark.parametrize(("on", "years"), [(dt.date(2024, 12, 27), 42), (dt.date(2024, 12, 28), 43)])
def test_age_in_whole_years(on, years):
    assert age("198112289874", on) == years


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
    found = identity.organisers_valid(pl.Series([text]), pl.Series([legal_form]), pl.Series([DAY]))
    assert found.to_list() == [valid]


def test_core_is_what_two_spellings_of_a_number_share():
    assert identity.core("19811228-9874") == identity.core("8112289874") == "8112289874"
    assert identity.core("AB12") == "ab12"
