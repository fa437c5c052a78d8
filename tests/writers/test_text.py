"""The report as it looks is pinned in golden/; after a wanted change: UPDATE_GOLDEN=1 pytest tests/writers/test_text.py."""

import datetime as dt
import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from writer_examples import CHECKED, ENGLISH, FOUND, PAID, frame, many, violation

from fatcli.model import Month
from fatcli.result import Claim, Control, Input, InputTable, Line, OtherMonth, Paid
from fatcli.writers.text import print_report

GOLDEN = Path(__file__).with_name("golden")


def report(result, width=80, limit=10, **console):
    out = io.StringIO()
    print_report(result, Console(file=out, width=width, **console), limit)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


MANY = replace(CHECKED, violations=many(250).vstack(FOUND.tail(3)))
CASES = {"payout-sv-80": (PAID, 80), "payout-en-120": (ENGLISH, 120), "validate-sv-80": (MANY, 80)}


@pytest.mark.parametrize("name", CASES)
def test_the_report_looks_as_it_should(name):
    golden = GOLDEN / f"{name}.txt"
    shown = report(*CASES[name])
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_wider_than_the_console(name):
    result, width = CASES[name]
    assert max(map(len, report(result, width).splitlines())) <= width


def test_it_begins_and_ends_with_the_verdict():
    lines = report(CHECKED, 120).splitlines()
    assert lines[0] == lines[-1] == "4 fel och 1 varning. 467 rader lästa; 1 rad eller cell åsidosatt."


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([], "Inga fel. 467 rader lästa; 1 rad eller cell åsidosatt."),
        (["info"], "Inga fel och 1 upplysning."),
        (["warning", "warning", "info", "info"], "Inga fel, 2 varningar och 2 upplysningar."),
        (["error"], "1 fel."),
    ],
)
def test_the_verdict_counts_as_swedish_does(found, verdict):
    violations = frame(*(violation(severity=severity) for severity in found))
    assert report(replace(CHECKED, violations=violations)).startswith(verdict)


def test_errors_that_are_not_shown_are_not_said_to_be_none():
    chosen = replace(CHECKED, violations=frame(violation(severity="warning")), left_out=3)
    assert report(chosen).startswith("Inga fel bland dem som visas och 1 varning.")
    assert "3 avvikelser visas inte (--select, --ignore)." in " ".join(report(chosen).split())


@pytest.mark.parametrize(
    ("found", "verdict"), [([], "No errors."), (["error"], "1 error."), (["error", "error", "warning"], "2 errors and 1 warning.")]
)
def test_the_verdict_counts_as_english_does(found, verdict):
    violations = frame(*(violation(severity=severity) for severity in found))
    assert report(replace(CHECKED, violations=violations, language="en")).startswith(verdict)


def test_a_long_list_is_cut_with_its_count_and_how_to_see_all():
    shown = report(MANY, 120)
    assert shown.count("Närvaro!B") == 10 + 1  # the first ten of A01, and T02's
    assert "… och 240 till; visa alla med --select A01 -o csv" in shown


def test_without_a_limit_all_are_shown():
    shown = report(MANY, 120, limit=None)
    assert shown.count("Närvaro!B") == 250 + 1
    assert "till;" not in shown


def days(*dates, first_row=2, **given):
    message = "{} ligger utanför beslutet."
    return [
        violation(date=dt.date.fromisoformat(day), message=message.format(day), row=row, cell=f"B{row}", **given)
        for row, day in enumerate(dates, first_row)
    ]


def folded(*rows):
    shown = report(replace(CHECKED, violations=frame(*rows)), 200).splitlines()
    return [line.split("Närvaro!")[1].split(maxsplit=2)[::2] for line in shown if "Närvaro!" in line]


def test_days_in_a_row_that_differ_in_nothing_else_stand_on_one_line():
    assert folded(*days("2024-05-13", "2024-05-14", "2024-05-15")) == [
        ["B2–B4", "2024-05-13 – 2024-05-15 (3 dagar) ligger utanför beslutet."]
    ]


def test_a_weekend_does_not_part_them_but_a_weekday_does():
    rows = days("2024-05-16", "2024-05-17", "2024-05-20", "2024-05-22")  # Thursday, Friday, Monday, Wednesday
    assert folded(*rows) == [
        ["B2–B4", "2024-05-16 – 2024-05-20 (3 dagar) ligger utanför beslutet."],
        ["B5", "2024-05-22 ligger utanför beslutet."],
    ]


def test_another_placement_sheet_or_message_and_the_same_day_again_stand_apart():
    first = days("2024-05-13", "2024-05-13")
    others = [*days("2024-05-14", placement="P2"), *days("2024-05-14", file="b.xlsx")]
    other = violation(date=dt.date(2024, 5, 14), message="Annat.")
    assert len(folded(*first, *others, other)) == 5


def test_placements_that_alternate_row_by_row_are_folded_each_by_itself():
    one, two = days("2024-05-13", "2024-05-14"), days("2024-05-13", "2024-05-14", first_row=9, placement="P2")
    rows = [one[0], two[0], one[1], two[1]]
    assert [cells for cells, _ in folded(*rows)] == ["B2–B3", "B9–B10"]


def test_what_is_left_out_is_counted_in_violations_not_in_lines():
    rows = [row for number in range(12) for row in days("2024-05-13", "2024-05-14", placement=f"P{number}")]
    assert "… och 4 till; visa alla med --select A01 -o csv" in report(replace(CHECKED, violations=frame(*rows)), 200)


def test_a_remedy_that_all_share_stands_once():
    assert report(CHECKED).count("Rätta datumet eller förläng beslutet.") == 1


def test_remedies_that_differ_stand_with_their_violations():
    shown = report(replace(CHECKED, violations=frame(violation(remedy="Gör A."), violation(remedy="Gör B."))), 160)
    assert "2024-05-30. Gör A." in shown
    assert "2024-05-30. Gör B." in shown
    assert "Åtgärd:" not in shown


def test_the_gravest_rules_come_first():
    found = frame(violation(rule="A15", severity="info"), violation(rule="A09", severity="warning"), violation(rule="P01"))
    heads = [line[:3] for line in report(replace(CHECKED, violations=found)).splitlines() if line[3:5] == "  " and line[0] in "AP"]
    assert heads == ["P01", "A09", "A15"]


def test_what_a_component_rule_withholds_is_named_by_its_title():
    found = frame(violation(rule="D01", withholds="base, in_depth"))
    assert "håller inne Dagersättning, Fördjupad bedömning" in report(replace(CHECKED, violations=found), 120)


def test_a_row_without_a_cell_has_its_row():
    assert "attendance.xlsx · Närvaro · rad 17" in report(replace(CHECKED, violations=frame(violation(cell=None))), 120)


HOSTILE = "\x1b[31m\x1b]0;title\x07[bold red]x[/bold red]\x9b2J\u202e"


def test_cell_text_can_neither_colour_the_terminal_nor_speak_markup():
    found = frame(violation(message=HOSTILE, remedy=HOSTILE, file=HOSTILE, sheet=HOSTILE, placement=HOSTILE, name=HOSTILE, rule=HOSTILE))
    claim = Claim(HOSTILE, HOSTILE, HOSTILE, "", None, None, (), booked=True)
    shown = report(replace(PAID, checked=replace(CHECKED, violations=found, labels={}), claims=(claim,)), 200)
    assert "[bold red]x[/bold red]" in shown
    assert not set(shown) & set("\x1b\x07\x9b\u202e")


def test_without_colour_no_escape_is_written_and_with_it_errors_are_red():
    assert "\x1b" not in report(CHECKED, no_color=True)
    assert "\x1b[1;31m" in report(CHECKED, force_terminal=True, color_system="standard")


def paid(**changes):
    return report(replace(PAID, **changes), 300).splitlines()[0]


def test_the_verdict_says_what_was_booked():
    assert paid().startswith("Bokfört för maj 2024: 2 rekvisitioner, 27\u00a0108,50\u00a0kr (körning 7). ")


def test_the_verdict_says_what_was_refused_and_how_to_allow_it():
    assert "Ej bokfört, har återföringar: ORG3. Tillåt med --allow-reversals ORG3." in paid()


def test_a_dry_run_and_a_run_with_nothing_to_book_say_so():
    assert paid(run=None, dry_run=True).startswith("Provkörning för maj 2024, inget är bokfört: 2 rekvisitioner, 27\u00a0108,50\u00a0kr.")
    assert paid(run=None, claims=()).startswith("Inget att bokföra för maj 2024.")


def test_the_sum_withheld_counts_an_item_once():
    # 300 + 350.50; the third has no rate
    assert "Hålls inne: 3 poster, 650,50\u00a0kr." in paid()


def test_what_is_withheld_without_an_amount_is_no_sum_of_0():
    (unpriced,) = [item for item in PAID.withheld if item.amount_ore is None]
    assert "Hålls inne: 1 post, belopp saknas." in paid(withheld=(unpriced,))


def test_a_claim_that_is_a_reversal_has_its_minus():
    lines = (Line("P1", "TEST1", "FAT", "base", "reversal", "attended_day", -41, 30_000),)
    shown = report(replace(PAID, claims=(replace(PAID.claims[0], lines=lines),)), 120)
    assert "−12\u00a0300,00\u00a0kr" in shown


def test_control_sums_leave_out_what_is_nothing():
    control = (Control("total", "", 1_440, 1_440, 0, 0, 0, 0), Control("file", "tom.xlsx", 0, 0, 0, 0, 0, 0))
    shown = report(replace(PAID, control=control), 120)
    assert "Totalt    1\u00a0440 lästa = 1\u00a0440 betalda\n" in shown
    assert "tom.xlsx  0 lästa = 0\n" in shown


def test_what_is_unreadable_in_a_register_stands_first():
    found = frame(
        violation(),
        violation(rule="T02", name="unreadable-value"),
        violation(rule="T05", name="unknown-reference", file="register.xlsx", sheet="Beslut"),
        violation(rule="T05", name="unknown-reference"),
        violation(rule="T09", name="unknown-column", severity="info", file="register.xlsx", sheet="Beslut"),
        violation(rule="A09", severity="info"),
    )
    shown = report(replace(CHECKED, violations=found))
    heads = [line.split()[0] for line in shown.splitlines() if line[:1] in "AT" and line[1:3].isdigit()]
    assert heads == ["T05", "A01", "T02", "T09", "A09"]
    assert shown.index("register.xlsx · Beslut") < shown.index("attendance.xlsx · Närvaro")


def test_equal_unknown_codes_of_a_sheet_stand_on_one_line():
    unknown = {
        "rule": "T06",
        "name": "unknown-code",
        "message": "närvaro: X är ingen känd kod.",
        "date": None,
        "remedy": "Skriv en känd kod.",
    }
    equal = [violation(**unknown, cell=f"C{row}", row=row, placement=f"P{row}") for row in range(5, 25)]
    other = violation(**unknown | {"message": "närvaro: Y är ingen känd kod."}, cell="C30", row=30, placement="P7")
    shown = report(replace(CHECKED, violations=frame(*equal, other)), 140)
    lines = [" ".join(line.split()) for line in shown.splitlines() if "ingen känd kod" in line]
    assert lines == [
        "attendance.xlsx · Närvaro!C5, C6, C7 … närvaro: X är ingen känd kod. (20 celler)",
        "attendance.xlsx · Närvaro!C30 P7 närvaro: Y är ingen känd kod.",
    ]
    assert "till; visa alla" not in shown


def test_a_table_on_a_hidden_sheet_is_told():
    table = InputTable("attendance", "Närvaro", "long", 440, 1, hidden=True)
    shown = report(replace(CHECKED, inputs=(Input("maj.xlsx", "a1" * 32, (table,)),)), 120)
    assert "maj.xlsx  a1a1a1a1a1a1  Närvaro (440, dolt blad)" in shown
    assert "dolt blad" not in report(CHECKED)


def test_many_files_are_cut():
    control = tuple(Control("file", f"f{at:03}.xlsx", 1, 1, 0, 0, 0, 0) for at in range(52))
    assert "… och 2 till; visa alla med -o json" in report(replace(PAID, control=control), 120)


def test_files_of_other_months_are_one_line():
    own, *others = (Control("file", f"f{at}.xlsx", at, 0, 0, 0, 0, 0, at if at > 1 else 0) for at in range(1, 4))
    shown = report(replace(PAID, control=(replace(own, paid=1), *others)), 120)
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert lines[lines.index("Kontrollsummor, rader och celler") + 1] == "f1.xlsx 1 läst = 1 betald"
    assert "2 filer med bara andra månader  5 lästa = 5 i andra månader\n" in shown


def test_a_month_to_come_is_told():
    early = replace(PAID, run=None, claims=(), checked=replace(CHECKED, as_of=dt.date(2024, 4, 30)))
    assert report(early, 120).startswith("Inget att bokföra: maj 2024 börjar efter beräkningsdagen, 2024-04-30. ")
    assert report(replace(early, checked=replace(CHECKED, as_of=dt.date(2024, 5, 1))), 120).startswith("Inget att bokföra för maj 2024. ")


def test_what_other_months_would_take_back_is_told():
    shown = report(replace(PAID, other_months=(OtherMonth(Month(2024, 4), -60_000, -120_000),)), 120)
    assert "2024-04  −600,00\u00a0kr (varav −1\u00a0200,00\u00a0kr återförs)  fat payout --month 2024-04\n" in shown


def test_an_empty_run_has_a_report():
    empty = replace(CHECKED, violations=FOUND.head(0), inputs=(), not_evaluated=(), absent_columns=(), rows=0, set_aside=0)
    shown = report(Paid(empty, Month(2024, 5), None, (), (), (), (), ()), 120)
    assert shown.splitlines()[0] == "Inget att bokföra för maj 2024. Inga fel."
    assert "Rekvisitioner" not in shown
