"""Cell texts to values, kind by kind, as the section Values of the workbooks' description says."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fatcli.model import CODES, TABLES, Column, Kind, Month, Vocabulary
from fatcli.values import ERROR, dtype, month, parse, trimmed, words

KNOWN = words(Vocabulary())


def value(kind: Kind, text: str | None) -> object:
    return parse(pl.Series("x", [text], dtype=pl.String), Column("x", kind), KNOWN)[0]


def code(name: str, text: str, vocabulary: Vocabulary | None = None) -> object:
    column = Column("x", "code", codes=name)
    return parse(pl.Series("x", [text]), column, words(vocabulary or Vocabulary()))[0]


THIRD_OF_MAY = dt.date(2024, 5, 3)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-03 00:00:00",
        "2024-05-03 14:30:00",
        "2024-05-03",
        "2024-05-03 14:30",
        "2024-05-03T14:30:59.5",
        "20240503",
        "3/5 2024",
        "03/05 2024",
        "3 maj 2024",
        "3 Maj 2024",
        "03 MAY  2024",
    ],
)
def test_a_date_in_each_form(text: str) -> None:
    assert value("date", text) == THIRD_OF_MAY


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("januari", 1),
        ("feb", 2),
        ("mars", 3),
        ("april", 4),
        ("june", 6),
        ("jul.", 7),
        ("augusti", 8),
        ("sept", 9),
        ("okt", 10),
        ("dec", 12),
    ],
)
def test_month_names_and_abbreviations(text: str, number: int) -> None:
    assert value("date", f"9 {text} 2024") == dt.date(2024, number, 9)


@pytest.mark.parametrize(
    "text",
    [
        "45415",
        "45415.5",
        "2024-02-30",
        "20241301",
        "31/4 2024",
        "5/3/2024",
        "03.05.2024",
        "2024-5",
        "3 mai 2024",
        "maj 2024",
        "1899-12-31 08:00:00",
        "2024-05-03 25:00",
        "true",
        "i morgon",
        "2024-05-03 och framåt",
        "٢٠٢٤-٠٥-٠٣",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert value("date", text) is None


def test_a_far_end_is_a_date() -> None:
    assert value("date", "9999-12-31 00:00:00") == dt.date(9999, 12, 31)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1899-12-31 08:00:00", dt.time(8)),
        ("1899-12-31 00:00:00", dt.time(0)),
        ("1904-01-01 16:30:00", dt.time(16, 30)),
        ("2024-05-03 07:15:00", dt.time(7, 15)),
        ("08:00", dt.time(8)),
        ("8:05", dt.time(8, 5)),
        ("07:15:30", dt.time(7, 15, 30)),
        ("16.30", dt.time(16, 30)),
    ],
)
def test_times(text: str, time: dt.time) -> None:
    assert value("time", text) == time


@pytest.mark.parametrize("text", ["8", "7.5", "0.33", "24:00", "12:60", "2024-05-03 00:00:00", "åtta", "8.30"])
def test_what_is_no_time(text: str) -> None:
    assert value("time", text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("8", 8.0), ("7.5", 7.5), ("7,5", 7.5), ("-3", -3.0), ("1 234,5", 1234.5), ("1\xa0234.5", 1234.5), ("12 345 678", 12345678.0)],
)
def test_numbers(text: str, number: float) -> None:
    assert value("number", text) == number


@pytest.mark.parametrize(
    "text", ["true", "false", "NaN", "inf", "-Infinity", "1e5", "8 h", "1.234,5", "1,234.5", "12 34", "7,5,1", "--1", "1_000", "9" * 400]
)
def test_what_is_no_number(text: str) -> None:
    assert value("number", text) is None


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), ("3.0", 3), ("3,00", 3), ("1 000", 1000), ("-1", -1), ("3.5", None), ("true", None)]
)
def test_whole_numbers(text: str, number: int | None) -> None:
    assert value("whole", text) == number


@pytest.mark.parametrize(
    ("text", "ore"),
    [
        ("300", 30000),
        ("12345.5", 1234550),
        ("12345,50", 1234550),
        ("12 345,50", 1234550),
        ("0.07", 7),
        ("0", 0),
        ("-4", -400),
        ("369.29999999999995", 36930),
        ("1.1500000000000001", 115),
    ],
)
def test_amounts_in_ore(text: str, ore: int) -> None:
    assert value("amount", text) == ore


@pytest.mark.parametrize(
    "text", ["1.005", "12345.500", "0.333333333333333", "0.33333333333333331", "300 kr", "true", "1e3", "1.234,50", "nan"]
)
def test_what_is_no_amount(text: str) -> None:
    assert value("amount", text) is None


@given(st.integers(min_value=-(10**11), max_value=10**11))
def test_every_amount_with_two_decimals_is_exact(ore: int) -> None:
    sign, kronor, cents = "-" if ore < 0 else "", *divmod(abs(ore), 100)
    assert value("amount", f"{sign}{kronor},{cents:02}") == ore


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("1001", "1001"),
        ("1001.0", "1001"),
        ("P-17", "P-17"),
        ("0017", "0017"),
        ("P1.0", "P1.0"),
        ("010312-9920", "010312-9920"),
        (None, None),
    ],
)
@pytest.mark.parametrize("kind", ["identifier", "participant"])
def test_identifiers(kind: Kind, text: str | None, identifier: str | None) -> None:
    assert value(kind, text) == identifier


@pytest.mark.parametrize("kind", ["text", "identifier", "participant", "date", "time", "number", "whole", "amount"])
def test_no_kind_reads_an_error_cell(kind: Kind) -> None:
    assert value(kind, f"{ERROR}#N/A") is None
    assert value(kind, ERROR) is None


@pytest.mark.parametrize(
    ("name", "text", "canonical"),
    [
        ("service", "fat", "FAT"),
        ("service", "Förstärkt  arbetsträning", "FAT"),
        ("service", "introduktion till arbete\ndel 2", "ITA2"),
        ("programme", "Jobbgaranti för ungdomar", "UGA"),
        ("end_reason", "ÄNDRAD PLANERING", "plan_changed"),
        ("yes_no", "Ja", "yes"),
        ("legal_form", "Enskild firma", "sole_trader"),
        ("outcome", "arbete med stöd", "supported_work"),
        ("status", "n", "present"),
        ("status", "1", "present"),
        ("status", "GF", "excused"),
        ("status", "sj", "sick"),
        ("status", "Vård av barn", "care"),
        ("status", "of", "unexcused"),
        ("status", "u", "paused"),
        ("status", "-", "off"),
    ],
)
def test_codes(name: str, text: str, canonical: str) -> None:
    assert code(name, text) == canonical


@pytest.mark.parametrize(("name", "text"), [("status", "X"), ("status", "1.0"), ("yes_no", "1"), ("yes_no", "true"), ("service", "ITA")])
def test_what_is_no_code(name: str, text: str) -> None:
    assert code(name, text) is None


def test_every_canonical_code_is_known_and_every_word_has_one_meaning() -> None:
    for name, codes in CODES.items():
        assert {canonical: code(name, canonical) for canonical in codes} == {canonical: canonical for canonical in codes}
        assert sum(len({canonical.lower(), *map(str.lower, known)}) for canonical, known in codes.items()) == len(KNOWN[name])


def test_the_rule_book_adds_words() -> None:
    vocabulary = Vocabulary(codes={"status": {"unexcused": ("X",)}})
    assert code("status", "x", vocabulary) == "unexcused"


@pytest.mark.parametrize("text", [" P1 ", "\xa0P1\u200b", "\ufeffP1\n", "\tP1\u202f"])
def test_trimming(text: str) -> None:
    assert pl.Series("x", [text]).to_frame().select(trimmed(pl.all())).item() == "P1"


def test_nothing_but_blanks_is_empty() -> None:
    assert pl.Series("x", [" \xa0\u200b"]).to_frame().select(trimmed(pl.all())).item() is None


@pytest.mark.parametrize(
    "text",
    [
        "2024-05",
        "maj 2024",
        "Maj  2024",
        "may 2024",
        "Månad: maj 2024",
        "Månad: 2024-05",
        "Närvaro maj 2024",
        "2024-05-01 00:00:00",
        "31/5 2024",
    ],
)
def test_a_stated_month(text: str) -> None:
    assert month(text) == Month(2024, 5)


@pytest.mark.parametrize("text", ["2024-13", "maj", "2024", "Blad1", "5", "Skapad 3 juni 2024", "v2 maj 2024", "mai 2024", "\x00#N/A", ""])
def test_what_states_no_month(text: str) -> None:
    assert month(text) is None


def test_each_column_has_its_type() -> None:
    types = {column.name: dtype(column) for column in TABLES["contracts"].columns}
    assert types["sek"] == pl.Int64
    assert types["from"] == pl.Date
    assert types["service"] == pl.String()  # a rule book may have more than the six
    assert types["organiser_id"] == pl.String
