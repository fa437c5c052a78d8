import datetime as dt
import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from writer_examples import CHECKED, CLAIMS, ENGLISH, FOUND, ORG1_TOTAL, ORG2_TOTAL, PAID, frame, many, violation

from fatcli.cli import processes
from fatcli.cli.outputs import claim_files
from fatcli.result import Claim, Input, InputTable, Line, Run
from fatcli.writers import xlsxreport
from fatcli.writers.book import footer_text
from fatcli.writers.claimbook import claim_book, claim_file_name, own_parts
from fatcli.writers.overview import overview_book, overview_file_name
from fatcli.writers.xlsxreport import report_book

CLAIM = CLAIMS[0]


def opened(book, *, values=False):
    return openpyxl.load_workbook(io.BytesIO(book), data_only=values)


def texts(sheet):
    return [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]


def table(sheet, head):
    """The rows below the table's headings, the first of which is `head`; dates as days."""
    top = next(row for row in range(1, 30) if sheet.cell(row, 1).value == head)
    return [[day(cell.value) for cell in row] for row in sheet.iter_rows(min_row=top + 1)]


def day(value):
    return value.date() if isinstance(value, dt.datetime) else value


def test_a_claim_says_who_claims_what_for_when():
    said = texts(opened(claim_book(PAID, CLAIM))["Rekvisition"])
    for text in (
        "Rekvisition av ersättning för maj 2024",
        "Snickeriet Björken AB (ORG1)",
        "556000-4615",
        "5050-1055",
        "2024-05/ORG1/1",
        "2024-05-01 – 2024-05-31",
        "2024-06-03",
        "ej attesterad",
        "Moms ingår inte i beräkningen.",
        "Förstärkt arbetsträning, dagersättning: närvarodagar",
        f"Regelverk 2024-06, sha256 {'3f' * 32}",
        f"Körning 7, {'c4' * 32} (fat 0.1.0)",
        "Datum, anordnarens underskrift och namnförtydligande",
        "Datum, attest och namnförtydligande",
    ):
        assert text in said
    assert any("personnummer" in text and "personuppgifter" in text for text in said)


@pytest.mark.parametrize("paid", [PAID, ENGLISH], ids=["sv", "en"])
def test_no_label_of_a_claim_runs_into_its_value(paid):
    sheet = opened(claim_book(paid, CLAIM)).worksheets[0]
    labels = [sheet.cell(row, 1).value for row in range(3, 7)]
    assert len(labels) == len(set(labels)) == 4
    assert max(map(len, labels)) <= sheet.column_dimensions["A"].width


def test_a_claim_needs_of_its_run_what_concerns_its_organiser():
    booked = [claim for claim in PAID.claims if claim.booked]
    parts = own_parts(PAID)
    assert [{item.organiser for item in part.withheld} for part in parts] == [{"ORG1"}, set()]
    assert [claim_book(part, claim) for part, claim in zip(parts, booked, strict=True)] == [claim_book(PAID, claim) for claim in booked]


def test_what_could_not_be_read_is_listed_in_the_claim():
    lines = [
        violation(rule="T06", message="X är ingen känd kod.", remedy="Skriv en känd kod.", cell="D9", row=9),
        violation(rule="T02", sheet="Beslut", file="register.xlsx"),  # nothing that the organiser can mend
        violation(rule="T11", severity="info"),
        violation(rule="T06", organiser="ORG2", placement="P4"),
    ]
    paid = replace(PAID, checked=replace(CHECKED, violations=frame(*lines)))
    booked = [claim for claim in paid.claims if claim.booked]
    for part in (paid, own_parts(paid)[0]):
        book = opened(claim_book(part, booked[0]))
        assert book.sheetnames == ["Rekvisition", "Innehållen ersättning", "Åsidosatt"]
        assert table(book["Åsidosatt"], "Placering") == [
            ["P1", "T06", "X är ingen känd kod.", "Skriv en känd kod.", "attendance.xlsx · Närvaro!D9"]
        ]


def test_claim_files_are_the_same_however_many_processes_write_them(monkeypatch):
    alone = claim_files(PAID)
    monkeypatch.setattr(processes, "MANY", 2)
    monkeypatch.setattr(processes, "cores", lambda: 2)
    assert claim_files(PAID) == alone
    assert sorted(alone) == [
        "avvikelser-2024-05-7.xlsx",
        "korning-2024-05-7.json",
        "oversikt-2024-05-7.xlsx",
        "rekvisition-2024-05-ORG1-1.xlsx",
        "rekvisition-2024-05-ORG2-1.xlsx",
    ]


def test_a_day_of_a_weekday_schedule_says_that_holidays_count():
    said = texts(opened(claim_book(PAID, CLAIMS[1]))["Rekvisition"])
    assert "Arbetsintegrerande övningsplatser, dagersättning: vardagar under placeringen, helgdagar inräknade" in said
    assert "Arbetsintegrerande övningsplatser, startersättning: en gång per placering, vid start" in said


def test_lines_are_days_times_rate_with_their_values_saved():
    lines = table(opened(claim_book(PAID, CLAIM), values=True)["Rekvisition"], "Deltagare")[:5]
    assert lines == [
        ["19900101-2384", "P1", "FAT", "Dagersättning", "Ersättning", None, 21, 300, 6300],
        ["19900101-2384", "P1", "FAT", "Fördjupad bedömning", "Ersättning", None, 12, 200, 2400],
        ["19850615-9810", "P2", "FAT", "Dagersättning", "Ersättning", None, 14, 350.5, 4907],
        ["19780303-9812", "P5", "FAT", "Dagersättning", "Justering", "2024-05/ORG1/0", 3, 50.5, 151.5],
        ["Summa", None, None, None, None, None, None, None, ORG1_TOTAL / 100],
    ]


def test_amounts_and_total_are_formulas():
    lines = table(opened(claim_book(PAID, CLAIM))["Rekvisition"], "Deltagare")[:5]
    assert [row[8] for row in lines] == ["=ROUND(G9*H9,2)", "=ROUND(G10*H10,2)", "=ROUND(G11*H11,2)", "=ROUND(G12*H12,2)", "=SUM(I9:I12)"]


def test_a_reversal_has_its_sign_and_the_claim_it_corrects():
    lines = table(opened(claim_book(PAID, CLAIMS[2]), values=True)["Rekvisition"], "Deltagare")[:3]
    assert lines[0][4:] == ["Återföring", "2024-05/ORG3/1", -3, 300, -900]
    assert lines[2][8] == 600


def test_what_corrects_or_follows_an_earlier_claim_has_its_days():
    book = opened(claim_book(PAID, CLAIMS[2]), values=True)
    assert book.sheetnames == ["Rekvisition", "Dagar"]
    assert table(book["Dagar"], "Dag") == [
        [dt.date(2024, 5, 2), "P6", "Dagersättning", "Återföring", "2024-05/ORG3/1", -300],
        [dt.date(2024, 5, 3), "P6", "Dagersättning", "Återföring", "2024-05/ORG3/1", -300],
        [dt.date(2024, 5, 7), "P6", "Dagersättning", "Återföring", "2024-05/ORG3/1", -300],
        *([dt.date(2024, 5, day), "P7", "Dagersättning", "Ersättning", None, 300] for day in range(13, 18)),
    ]
    assert "Vilka dagar som läggs till eller rättas står på bladet Dagar." in texts(book["Rekvisition"])


def test_withheld_days_have_cell_reason_and_remedy():
    rows = table(opened(claim_book(PAID, CLAIM))["Innehållen ersättning"], "Dag")
    assert rows[0] == [
        dt.date(2024, 5, 31),
        "P1",
        "Dagersättning",
        "A01",
        "2024-05-31 ligger utanför beslutet 2023-11-01–2024-05-30.",
        "Rätta datumet eller förläng beslutet.",
        "attendance.xlsx · Närvaro!B17",
        300,
    ]
    assert [(row[1], row[3], row[7]) for row in rows] == [("P1", "A01", 300), ("P2", "A01, A04", 350.5)]


def test_a_claim_shows_only_its_own_organiser_s_withheld_days():
    assert opened(claim_book(PAID, CLAIMS[1])).sheetnames == ["Rekvisition"]


def test_an_attested_run_names_who_and_when():
    attested = replace(PAID, run=replace(PAID.run, attested_by="Eva Ek", attested_on=dt.date(2024, 6, 4)))
    assert "Eva Ek 2024-06-04" in texts(opened(claim_book(attested, CLAIM))["Rekvisition"])


def test_a_minus_in_all_is_told_as_repayment():
    """3 days of 300 SEK taken back, and no more."""
    claim = replace(CLAIMS[2], lines=CLAIMS[2].lines[:1], reversal_refused=False, booked=True)
    said = texts(opened(claim_book(PAID, claim))["Rekvisition"])
    assert "Återbetalning av ersättning för maj 2024" in said
    assert {"Summa att återbetala"} == {text for text in said if text.startswith("Summa")}
    overview = texts(opened(overview_book(replace(PAID, claims=(claim,)))).worksheets[0])
    assert overview[overview.index("Att få tillbaka") + 1] == "900,00\xa0kr"
    assert "Att betala" not in overview


def test_a_clawback_gives_its_reason():
    assert "Närvaron var fel" in texts(opened(claim_book(PAID, replace(CLAIM, reason="Närvaron var fel")))["Rekvisition"])


def test_a_claim_in_english():
    book = opened(claim_book(ENGLISH, CLAIM))
    assert book.sheetnames == ["Claim", "Withheld"]
    assert "VAT is not part of the calculation." in texts(book["Claim"])


def test_a_claim_prints_on_a4_with_its_headings_and_page_numbers():
    sheet = opened(claim_book(PAID, CLAIM))["Rekvisition"]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == (9, "portrait", 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$8:$8"
    assert sheet.freeze_panes == "A9"
    assert "&P" in sheet.oddFooter.right.text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_no_text_of_the_input_is_a_formula(start):
    text = f"{start}1\x00"
    claim = Claim(text, text, text, text, text, text, (Line(text, text, text, text, "claim", "start", 1, 1, text),), booked=True)
    checked = replace(CHECKED, labels={}, violations=frame(violation(value=text, message=text, placement=text, file=text)))
    paid = replace(PAID, checked=checked, claims=(claim,))
    for book in (claim_book(paid, claim), overview_book(paid), report_book(checked)):
        written = [cell for sheet in opened(book) for row in sheet.iter_rows() for cell in row]
        ours = [cell for cell in written if cell.data_type == "f" and not re.match(r"=(ROUND|SUM)\(", cell.value)]
        assert ours == []
        found = [cell.value for cell in written if cell.data_type == "s"]
        assert f"'{start}1" in found
        assert not any(value.startswith(start) for value in found)


@pytest.mark.parametrize("write", [lambda: claim_book(PAID, CLAIM), lambda: overview_book(PAID), lambda: report_book(CHECKED)])
def test_the_same_run_gives_the_same_bytes(write):
    assert write() == write()


def test_the_as_of_day_stands_for_the_clock():
    core = zipfile.ZipFile(io.BytesIO(claim_book(PAID, CLAIM))).read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2024-06-03T00:00:00Z"}


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize(("claim", "total"), [(CLAIMS[0], ORG1_TOTAL), (CLAIMS[1], ORG2_TOTAL), (CLAIMS[2], 60_000)])
def test_another_program_that_recalculates_finds_the_same_sums(tmp_path, claim, total):
    """The saved values are taken out, so that what comes back was computed from the formulas."""
    book = tmp_path / "claim.xlsx"
    with zipfile.ZipFile(io.BytesIO(claim_book(PAID, claim))) as source, zipfile.ZipFile(book, "w") as target:
        for name in source.namelist():
            target.writestr(name, re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", source.read(name)))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "ods", "--outdir", tmp_path, book]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    content = zipfile.ZipFile(tmp_path / "claim.ods").read("content.xml").decode()
    computed = [float(value) for value in re.findall(r'table:formula="[^"]*"[^>]*office:value="([^"]*)"', content)]
    assert computed == [*(line.amount_ore / 100 for line in sorted_lines(claim)), total / 100]


def sorted_lines(claim):
    return sorted(claim.lines, key=lambda line: (line.placement, line.component))


def named(organiser, position=0, number="2024-05/x/1"):
    claims = tuple(replace(CLAIM, organiser=f"OTHER{at}") for at in range(position))
    claim = replace(CLAIM, organiser=organiser, number=number)
    return claim_file_name(replace(PAID, claims=(*claims, claim)), claim)


def test_a_plain_organiser_gives_a_plain_file_name():
    assert named("ORG1") == "rekvisition-2024-05-ORG1-1.xlsx"
    assert named("ANORDNARE-12", number="2024-05/ANORDNARE-12/13") == "rekvisition-2024-05-ANORDNARE-12-13.xlsx"
    assert named("502") == "rekvisition-2024-05-502-1.xlsx"


@pytest.mark.parametrize(
    ("organiser", "name"),
    [
        ("../../x", "rekvisition-2024-05-x.7-1-1.xlsx"),
        ("a/b", "rekvisition-2024-05-a-b.7-1-1.xlsx"),
        ("con", "rekvisition-2024-05-con.7-1-1.xlsx"),
        ("CON", "rekvisition-2024-05-CON-1.xlsx"),
        ("ÅKER", "rekvisition-2024-05-AKER.7-1-1.xlsx"),
        ("19850615-9810", "rekvisition-2024-05-anordnare.7-1-1.xlsx"),
        ("8506159810", "rekvisition-2024-05-anordnare.7-1-1.xlsx"),
        ("O" * 300, f"rekvisition-2024-05-{'O' * 40}.7-1-1.xlsx"),
    ],
)
def test_an_organiser_that_is_no_file_name_is_made_one(organiser, name):
    assert named(organiser) == name


def test_organisers_that_look_alike_in_a_file_name_have_two():
    ids = ["ORG1", "org1", "Org1", "ORG/1", "ORG:1", "ORG-1", "Å", "Ä", "19850615-9810", "19850615-9811", "O" * 300, "O" * 301]
    claims = tuple(replace(CLAIM, organiser=organiser) for organiser in ids)
    paid = replace(PAID, claims=claims)
    assert len({claim_file_name(paid, claim).casefold() for claim in claims}) == len(ids)


def test_a_refused_claim_does_not_change_the_others_names():
    claim = replace(CLAIM, organiser="org1")
    alone = replace(PAID, claims=(claim,))
    beside_refused = replace(PAID, claims=(replace(CLAIM, organiser="a", booked=False, reversal_refused=True), claim))
    assert claim_file_name(alone, claim) == claim_file_name(beside_refused, claim)


def test_a_claim_that_is_not_booked_is_a_draft():
    assert named("ORG1", number=None) == "rekvisition-2024-05-ORG1-utkast.xlsx"
    assert overview_file_name(replace(PAID, run=None)) == "oversikt-2024-05-utkast.xlsx"


def test_runs_of_the_same_month_have_their_own_overviews():
    assert overview_file_name(PAID) == "oversikt-2024-05-7.xlsx"
    assert overview_file_name(replace(PAID, run=Run(8, "00"))) == "oversikt-2024-05-8.xlsx"


def test_the_overview_sums_what_is_to_be_paid():
    sheet = opened(overview_book(PAID), values=True)["Rekvisitioner"]
    assert table(sheet, "Rekvisition")[:4] == [
        ["2024-05/ORG1/1", "ORG1", "Snickeriet Björken AB", "Bankgiro 5050-1055", "bokförd", 3, 35, 13758.5],
        ["2024-05/ORG2/1", "ORG2", "Kooperativet Ängen ek. för.", "Plusgiro 12345-6", "bokförd", 1, 23, 13350],
        ["–", "ORG3", "Stiftelsen Verkstaden", "Bankgiro 123-4567", "nekad", 2, 2, 600],
        ["Summa", None, None, None, None, 4, 58, 27108.5],
    ]
    formulas = table(opened(overview_book(PAID))["Rekvisitioner"], "Rekvisition")[3]
    # the refused claim, in the third row, is not in the sum
    assert formulas[5:] == ["=SUM(F10:F11)", "=SUM(G10:G11)", "=SUM(H10:H11)"]


def test_the_overview_of_a_run_without_claims():
    sheet = opened(overview_book(replace(PAID, claims=(), run=None)), values=True)["Rekvisitioner"]
    assert table(sheet, "Rekvisition")[0] == ["Summa", None, None, None, None, 0, 0, 0]
    assert "inget är bokfört" in texts(sheet)


def test_the_overview_lists_the_rest_of_the_run():
    book = opened(overview_book(PAID), values=True)
    assert table(book["Innehållen ersättning per regel"], "Regel") == [
        ["A01", "Dag utanför beslutet", 2, 650.5],
        ["A04", "Dag före beslutet", 1, 350.5],
        ["C01", None, 1, "belopp saknas"],
    ]
    items = table(book["Innehållna poster"], "Anordnare")
    assert items[0][4:7] == ["A01", "2024-05-31 ligger utanför beslutet 2023-11-01–2024-05-30.", "Rätta datumet eller förläng beslutet."]
    assert items[2] == ["ORG4", "P9", "result", dt.date(2024, 5, 20), "C01", "Belopp saknas.", "Registrera avtalet.", None, "belopp saknas"]
    kept = ["ORG1", "P8", "base", dt.date(2024, 5, 6), "anvisningen finns inte i underlaget", 300]
    assert table(book["Lämnas orört"], "Anordnare") == [kept]
    assert table(book["Andra månader"], "Månad") == [["2024-04", "fat payout --month 2024-04", 300, 0]]
    assert table(book["Kontrollsummor"], "Omfattning")[0] == ["Totalt", 440, 390, 30, 12, 5, 1, 2]
    assert table(book["Underlag"], "Fil")[1] == ["register.xlsx", "Anordnare", "Anordnare", "b2" * 32, 3, 0]
    assert table(book["Ej prövade regler"], "Regel") == [
        ["P22", None, "tabellen pauses saknas"],
        ["O04", None, "tabellen supervisors saknas"],
    ]


def test_the_overview_says_where_the_money_goes_and_leaves_out_what_is_empty():
    book = opened(overview_book(replace(PAID, kept=(), other_months=())), values=True)
    assert not {"Lämnas orört", "Andra månader"} & set(book.sheetnames)
    to = [row[3] for row in table(book["Rekvisitioner"], "Rekvisition")][: len(CLAIMS)]
    assert to == [
        f"Bankgiro {claim.bankgiro}" if claim.bankgiro else f"Plusgiro {claim.plusgiro}" if claim.plusgiro else "–"
        for claim in sorted(CLAIMS, key=lambda claim: (claim.reversal_refused, claim.organiser))
    ]
    assert any(text.startswith("Bankgiro") for text in to)


def test_hidden_sheets_stand_in_the_list_of_inputs():
    hidden = replace(CHECKED, inputs=(Input("maj.xlsx", "a1" * 32, (InputTable("attendance", "Maj", "long", 440, 1, hidden=True),)),))
    assert table(opened(report_book(hidden))["Underlag"], "Fil")[0][:3] == ["maj.xlsx", "Maj (dolt blad)", "Närvaro"]


def test_what_withholds_and_is_no_rule_is_told_in_words():
    item = replace(PAID.withheld[0], rules=("booked-elsewhere", "clawed-back"))
    book = opened(overview_book(replace(PAID, withheld=(item,))), values=True)
    assert [row[0] for row in table(book["Innehållen ersättning per regel"], "Regel")] == ["bokförd på annat håll", "återkrävd"]
    assert table(book["Innehållna poster"], "Anordnare")[0][4] == "bokförd på annat håll, återkrävd"


def test_no_workbook_but_the_claim_holds_a_participant_s_number():
    for book in (overview_book(PAID), report_book(CHECKED)):
        assert not any("19900101" in text for sheet in opened(book) for text in texts(sheet))


def test_the_violation_report_is_a_table_to_filter():
    book = opened(report_book(CHECKED))
    assert book.sheetnames == ["Per regel", "Avvikelser", "Underlag", "Ej prövade regler"]
    sheet = book["Avvikelser"]
    assert (sheet.auto_filter.ref, sheet.freeze_panes) == ("A4:P9", "A5")
    assert table(sheet, "Grad")[0] == [
        "fel", "A01", "attendance.xlsx", "Närvaro", "B17", "date", "2024-05-31",
        "2024-05-31 ligger utanför beslutet 2023-11-01–2024-05-30.", "Rätta datumet eller förläng beslutet.",
        "ORG1", "FAT", "P1", dt.date(2024, 5, 31), None, "dagersättning", "FAKTA Ersättning",
    ]  # fmt: skip
    assert [row[0] for row in table(sheet, "Grad")] == ["fel", "fel", "varning", "fel", "fel"]
    assert [row[14] for row in table(sheet, "Grad")] == ["dagersättning", "dagersättning", "inget", None, "all ersättning"]
    assert len(sheet.conditional_formatting) == 1


def test_the_violation_report_counts_by_rule_the_gravest_first():
    book = opened(report_book(CHECKED))
    assert table(book["Per regel"], "Regel") == [
        ["A01", "Dag utanför beslutet", "fel", "dagersättning", "FAKTA Ersättning", 2],
        ["A18", "Tjänsten är inte rapporterad", "fel", "all ersättning", "FAKTA Ersättning", 1],
        ["T02", "Värdet kan inte läsas", "fel", None, None, 1],
        ["A09", "Närvaro på ledig dag", "varning", "inget", "FAKTA Ersättning", 1],
    ]
    assert "4 fel och 1 varning i 467 lästa rader." in texts(book["Per regel"])


def test_a_report_without_violations_says_so():
    book = opened(report_book(replace(CHECKED, violations=FOUND.head(0))))
    assert table(book["Avvikelser"], "Grad") == []
    assert "Inga fel i 467 lästa rader." in texts(book["Per regel"])


def test_more_violations_than_a_sheet_holds_go_on_on_the_next(monkeypatch):
    monkeypatch.setattr(xlsxreport, "_MOST_ROWS", 40)
    book = opened(report_book(replace(CHECKED, violations=many(100))))
    parts = [table(book[name], "Grad") for name in ("Avvikelser", "Avvikelser 2", "Avvikelser 3")]
    assert [len(part) for part in parts] == [40, 40, 20]
    assert parts[2][-1][4] == "B101"


def test_a_footer_shows_an_ampersand_and_ends_in_time():
    assert footer_text("A & B") == "A && B"
    assert len(footer_text("&" * 300)) == 200
