import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fatcli.terminal import terminal_text
from fatcli.violations import MASK, masked
from fatcli.writers.neutral import cell_text, cell_texts, file_name_part, name_text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(start):
    shown = start.replace("\r", "\n")
    assert cell_text(f"{start}1+1") == f"'{shown}1+1"


@pytest.mark.parametrize("text", ["", "P1", "1-2", "'=1", " =1", "Åsa Öberg", "a\nb"])
def test_other_texts_stay_as_they_are(text):
    assert cell_text(text) == text


def test_what_hides_a_formula_is_taken_away_first():
    assert cell_text("\x00=1") == "'=1"


def test_a_cell_is_no_longer_than_excel_reads():
    assert len(cell_text("=" + "x" * 40_000)) == 32_767


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_column_is_neutralised_as_its_texts_are(text):
    column = pl.DataFrame({"text": [text, None]}).select(cell_texts(pl.col("text")))
    assert column["text"].to_list() == [cell_text(text), None]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x9b2J", "2J"),
        ("a\r\nb\tc", "a b c"),
        ("abc\u202edcba", "abcdcba"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
        ("Närvaro · 1 000", "Närvaro · 1 000"),
    ],
)
def test_a_text_can_do_nothing_to_a_terminal(text, shown):
    assert terminal_text(text) == shown


@given(st.text())
def test_a_terminal_line_is_one_line_of_printable_text(text):
    line = terminal_text(text)
    assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in line)
    line.encode()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("ORG1", "ORG1"),
        ("../../x", "x"),
        ("a/b\\c:d*e", "a-b-c-d-e"),
        ("19850615-9810", ""),
        ("850615+9810", ""),
        ("AB 198506159810 X", "AB-X"),
        ("850615‐9810", ""),
        ("Ängen ek. för.", "Angen-ek-for"),
        ("日本", ""),
        ("123-4567", "123-4567"),
        ("x" * 300, "x" * 40),
    ],
)
def test_a_file_name_part_has_neither_signs_nor_identity_numbers(text, part):
    assert file_name_part(text) == part


@pytest.mark.parametrize(
    "number",
    [
        *("19850615-9810", "198506159810", "8506159810", "850615+9810", "19850615 9810", "1985 0615-9810", "850615 - 9810"),
        *("850615–9810", "850615‑9810", "850615−9810", "850615 – 9810", "1985-06-15-9810", "85-06-15 - 9810", "1985/06/15-9810"),
        *("850615.9810", "850615  9810", "1985 06 15 9810", "85 06 15-9810", "850615/9810"),
        *("850615_9810", "850615--9810", "850615 -- 9810"),
        *("850615)9810", "850615-9 810", "850615\u200b-9810", "850615\u00ad9810", "8506\u206015-9810", "850615\uff0d9810"),
        *("\uff18\uff15\uff10\uff16\uff11\uff15\uff0d\uff19\uff18\uff11\uff10", "85.06.15.9810"),
        *("1.98506159810E+11", "8,50615981E+09"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "a {}.", "a{}b", "{0} {0}", "{0},{0},{0}", "({})", "{}-"])
def test_a_number_is_masked_in_any_spelling_by_both_engines(number, around):
    text, hidden = around.format(number), around.format(MASK)
    assert name_text(text) == hidden
    assert pl.select(masked(pl.lit(text))).item() == hidden


@pytest.mark.parametrize(
    "text",
    [
        *("2024-05-02", "2024-05-02–2024-05-31", "2024-05-02 – 2024-05-31", "2024-05-02 2024-05-03", "20240501-20240531"),
        *("2024-05-02 till 2024-05-31", "2024-05", "12345-6789", "123456-78901", "5050-1055", "1 234 567,50"),
        *("2024-05/123456/1", "2024-05/1234/1", "2024-05-02 08:00", "12 345 678 901,00", "a\u00adb"),
        *("8:00-16:30", "070-123 45 67", "1.5E+3"),
    ],
)
def test_days_and_other_numbers_are_not(text):
    assert name_text(text) == text
    assert pl.select(masked(pl.lit(text))).item() == text
