import csv
import io
from dataclasses import replace

import pytest
from writer_examples import CHECKED, ENGLISH, FOUND, PAID, frame, violation

from fatcli.writers.csvout import tables_csv, violations_csv


def records(data: bytes, delimiter: str = ";") -> list[dict[str, str]]:
    text = data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def test_violations_have_the_columns_of_the_json_and_a_row_each():
    found = records(violations_csv(CHECKED))
    assert [row["cell"] for row in found] == ["B17", "B18", "C40", "B60", ""]
    assert list(found[0].items()) == [
        ("rule", "A01"),
        ("name", "day-outside-placement"),
        ("severity", "error"),
        ("message", "2024-05-31 ligger utanför beslutet 2023-11-01–2024-05-30. Rätta datumet eller förläng beslutet."),
        ("file", "attendance.xlsx"),
        ("sheet", "Närvaro"),
        ("cell", "B17"),
        ("row", "17"),
        ("column", "date"),
        ("value", "2024-05-31"),
        ("organiser", "ORG1"),
        ("service", "FAT"),
        ("placement", "P1"),
        ("date", "2024-05-31"),
        ("until", ""),
        ("withholds", "daily"),
        ("source", "FAKTA Ersättning"),
    ]


def test_each_language_has_the_separator_and_decimals_of_its_excel():
    swedish, english = (tables_csv(replace(PAID, checked=replace(CHECKED, language=language))) for language in ("sv", "en"))
    assert (
        swedish["kept.csv"]
        == (
            "\ufefforganiser;placement;component;date;amount_sek;reason\r\n"
            "ORG1;P8;base;2024-05-06;300,00;anvisningen finns inte i underlaget\r\n"
        ).encode()
    )
    assert (
        english["kept.csv"]
        == (
            "\ufefforganiser,placement,component,date,amount_sek,reason\r\n"
            "ORG1,P8,base,2024-05-06,300.00,anvisningen finns inte i underlaget\r\n"
        ).encode()
    )


@pytest.mark.parametrize("hostile", ['=HYPERLINK("http://x.example";1)', "+1", "-1", "@SUM(A1)", "\tx"])
def test_no_text_is_a_formula(hostile: str):
    found = frame(violation(value=hostile, file=hostile, message=f"{hostile} hittades."))
    (row,) = records(violations_csv(replace(CHECKED, violations=found)))
    assert row["value"] == row["file"] == f"'{hostile}"
    assert row["message"].startswith(f"'{hostile} hittades.")


def test_separators_quotes_and_line_breaks_stay_in_their_cell():
    text = 'a;b,c "d"\r\ne\nf'
    (row,) = records(violations_csv(replace(CHECKED, violations=frame(violation(value=text)))))
    assert row["value"] == text.replace("\r\n", "\n")  # a return would go back to the beginning of a terminal's line


def test_a_payout_has_a_file_per_table():
    files = tables_csv(PAID)
    assert list(files) == ["violations.csv", "claims.csv", "withheld.csv", "kept.csv", "other_months.csv", "control.csv"]
    lines = [
        (row["claim"], row["organiser"], row["placement"], row["component"], row["kind"], row["days"], row["amount_sek"], row["booked"])
        for row in records(files["claims.csv"])
    ]
    assert lines == [
        ("2024-05/ORG1/1", "ORG1", "P1", "base", "claim", "21", "6300,00", "true"),
        ("2024-05/ORG1/1", "ORG1", "P1", "in_depth", "claim", "12", "2400,00", "true"),
        ("2024-05/ORG1/1", "ORG1", "P2", "base", "claim", "14", "4907,00", "true"),
        ("2024-05/ORG1/1", "ORG1", "P5", "base", "adjustment", "3", "151,50", "true"),
        ("2024-05/ORG2/1", "ORG2", "P4", "day", "claim", "23", "10350,00", "true"),
        ("2024-05/ORG2/1", "ORG2", "P4", "start", "claim", "1", "3000,00", "true"),
        ("", "ORG3", "P6", "base", "reversal", "-3", "-900,00", "false"),
        ("", "ORG3", "P7", "base", "claim", "5", "1500,00", "false"),
    ]
    assert [(row["placement"], row["amount_sek"], row["rules"]) for row in records(files["withheld.csv"])] == [
        ("P1", "300,00", "A01"),
        ("P2", "350,50", "A01 A04"),
        ("P9", "", "C01"),
    ]
    assert [(row["month"], row["difference_sek"]) for row in records(files["other_months.csv"])] == [("2024-04", "300,00")]
    assert [(row["scope"], row["name"], row["read"], row["other_months"]) for row in records(files["control.csv"])] == [
        ("total", "", "440", "2"),
        ("file", "attendance.xlsx", "440", "2"),
        ("organiser", "ORG1", "300", "0"),
        ("organiser", "ORG2", "140", "2"),
    ]


def test_no_table_names_a_participant():
    written = b"".join(tables_csv(PAID).values())
    people = {line.participant_id for claim in PAID.claims for line in claim.lines}
    assert len(people) == 6
    assert not [person for person in people if person.encode() in written]


def test_validate_has_its_violations_alone_and_empty_tables_have_their_headings():
    assert list(tables_csv(CHECKED)) == ["violations.csv"]
    nothing = tables_csv(replace(ENGLISH, claims=(), withheld=(), kept=(), other_months=(), control=()))
    assert nothing["withheld.csv"] == b"\xef\xbb\xbforganiser,placement,component,date,amount_sek,rules\r\n"
    assert nothing["control.csv"].count(b"\r\n") == nothing["violations.csv"].count(b"\r\n") == 1


def test_the_same_bytes_for_the_same_run():
    assert tables_csv(PAID) == tables_csv(replace(PAID, checked=replace(CHECKED, violations=FOUND.clone())))
