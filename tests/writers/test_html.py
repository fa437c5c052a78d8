import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
from lxml import html
from writer_examples import CHECKED, ENGLISH, FOUND, ORG1_TOTAL, ORG2_TOTAL, PAID, frame, many, violation

from fatcli.control import NOBODY
from fatcli.result import Checked, Control, Input, InputTable, Paid
from fatcli.writers import html as writer
from fatcli.writers.html import Segment, report_page, segments

SPACE = "\xa0"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }}"


def page(result: Checked | Paid) -> html.HtmlElement:
    return html.document_fromstring(report_page(result).decode())


def said(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def table(root: html.HtmlElement, name: str) -> list[list[str]]:
    """The body and foot of the first table of a section, as text."""
    section = root.get_element_by_id(name).getparent()
    return [[said(cell) for cell in row.xpath("./th|./td")] for row in section.xpath("(.//table)[1]//tr[not(ancestor::thead)]")]


def tiles(root: html.HtmlElement) -> dict[str, str]:
    return {said(tile.find("dt")): tile.find("dd").text for tile in root.find_class("tiles")[0]}


def data(root: html.HtmlElement) -> dict:
    return json.loads(root.get_element_by_id("data").text)


def field(root: html.HtmlElement, name: str) -> list[str]:
    """A field of every violation, from the data that the script reads."""
    found = data(root)["fields"][name]
    return [found["values"][at] for at in found["at"]]


def cells(root: html.HtmlElement, name: str) -> list[str]:
    """A field of every violation, from the rows of the table."""
    return [cell.text or "" for cell in root.get_element_by_id("rows").xpath(f".//*[@data-field='{name}']")]


@pytest.mark.parametrize("result", [CHECKED, PAID, ENGLISH], ids=["validate", "payout", "english"])
def test_the_page_stands_alone(result):
    written = report_page(result).decode()
    root = html.document_fromstring(written)
    assert not re.findall(r"https?:|//[a-z]|url\(|@import", written.replace("<!doctype", ""))
    assert not root.xpath("//link|//img|//iframe|//*[@src]|//*[@style]|//@*[starts-with(name(), 'on')]")
    assert {href[0] for href in root.xpath("//@href")} == {"#"}
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in root.xpath("//@href")} <= set(ids)
    assert {label for labels in root.xpath("//@aria-labelledby") for label in labels.split()} <= set(ids)


def test_the_policy_allows_the_pages_own_scripts_and_style_alone():
    root = page(PAID)
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    def hashes(query):
        return {f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in root.xpath(query)}

    assert rules["default-src"] == "'none'"
    assert set(rules["script-src"].split()) == hashes("//script[not(@type)]/text()")
    assert set(rules["style-src"].split()) == hashes("//style/text()")
    assert set(rules) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}


def test_text_from_a_workbook_stays_text():
    found = frame(violation(**dict.fromkeys(("message", "remedy", "value", "file", "sheet", "organiser", "placement", "source"), HOSTILE)))
    plain = page(PAID)
    claims = tuple(replace(claim, organiser=HOSTILE, name=HOSTILE) for claim in PAID.claims)
    root = page(replace(PAID, claims=claims, checked=replace(CHECKED, violations=found)))
    assert len(root.xpath("//script")) == len(plain.xpath("//script")) == 3
    assert not root.xpath("//img")
    assert cells(root, "message") == field(root, "message") == [HOSTILE]
    assert root.xpath("//select[@data-filter='organiser']/option/text()") == ["alla", f"{HOSTILE} (1)"]


def test_characters_that_are_not_seen_are_left_out():
    found = frame(violation(value="a\x00b\u202ec\u2028d\ne", organiser="O\u200eRG"))
    root = page(replace(CHECKED, violations=found))
    assert cells(root, "value") == field(root, "value") == ["abc d e"]
    assert field(root, "organiser") == ["ORG"]
    assert root.xpath("//select[@data-filter='organiser']/option/text()") == ["alla", "ORG (1)"]


def test_the_verdict_of_a_booked_payout():
    root = page(PAID)
    verdict = root.find_class("verdict")[0]
    # 13 758.50 + 13 350, without ORG3's refused claim
    assert ORG1_TOTAL + ORG2_TOTAL == 2_710_850
    assert said(verdict.find("h1")) == "27 108,50 kr att betala för maj 2024"
    assert [said(sentence) for sentence in verdict.findall("p")] == [
        "Bokfört i körning 7: 2 rekvisitioner.",
        "650,50 kr i 3 poster hålls inne tills felen är rättade.",
        "Ej bokfört, har minusposter: ORG3. Tillåt dem med --allow-reversals ORG3.",
        "Kontrollen gav 4 fel och 1 varning.",
    ]
    assert tiles(root) == {
        "att betala": f"27{SPACE}108,50{SPACE}kr",
        "hålls inne": f"650,50{SPACE}kr",
        "fel": "4",
        "varningar": "1",
        "upplysningar": "0",
    }


NOTHING = replace(CHECKED, violations=FOUND.head(0))
WARNED = replace(CHECKED, violations=FOUND[2:3])
REFUND = tuple(replace(claim, reversal_refused=False) for claim in PAID.claims[2:])


@pytest.mark.parametrize(
    ("result", "headline", "good"),
    [
        (CHECKED, "4 fel ska rättas", False),
        (replace(CHECKED, violations=FOUND.head(1)), "1 fel ska rättas", False),
        (replace(CHECKED, language="en"), "4 errors to correct", False),
        (replace(CHECKED, language="en", violations=FOUND.head(1)), "1 error to correct", False),
        (WARNED, "Inga fel", True),
        (NOTHING, "Inga avvikelser", True),
        (replace(NOTHING, left_out=2), "Inga fel bland dem som visas", True),
        (replace(WARNED, left_out=2, language="en"), "No errors among those shown", True),
        (replace(PAID, run=None, dry_run=True), "27 108,50 kr kan betalas för maj 2024", False),
        (replace(PAID, run=None, claims=(), checked=NOTHING), "Inget att betala för maj 2024", True),
        (replace(PAID, run=None, dry_run=True, claims=PAID.claims[2:], checked=NOTHING), "Inget att betala för maj 2024", False),
        (replace(PAID, claims=PAID.claims[:1], checked=WARNED), "13 758,50 kr att betala för maj 2024", True),
        # 5 × 300 - 3 × 300, then the minus alone
        (replace(PAID, claims=REFUND), "600,00 kr att betala för maj 2024", False),
        (replace(PAID, claims=(replace(REFUND[0], lines=REFUND[0].lines[:1]),)), "900,00 kr att få tillbaka för maj 2024", False),
        (ENGLISH, "SEK 27,108.50 to pay for May 2024", False),
    ],
)
def test_headlines(result, headline, good):
    root = page(result)
    verdict = root.find_class("verdict")[0]
    assert said(verdict.find("h1")) == said(root.find("head/title")) == headline
    assert ("good" in verdict.classes) is good


def test_what_could_not_be_read_is_told():
    verdict = page(CHECKED).find_class("verdict")[0]
    assert said(verdict.findall("p")[-1]) == "467 rader och celler är lästa; 1 av dem är åsidosatta, därför att de inte går att läsa."
    assert said(page(replace(NOTHING, set_aside=0)).find_class("verdict")[0].find("p")) == "467 rader och celler är lästa."


def test_claims_and_their_lines_have_the_records_sums():
    root = page(PAID)
    assert table(root, "claims") == [
        ["2024-05/ORG1/1", "Snickeriet Björken AB", "bokförd", "3", "35", "13 758,50 kr"],
        ["2024-05/ORG2/1", "Kooperativet Ängen ek. för.", "bokförd", "1", "23", "13 350,00 kr"],
        ["ORG3", "Stiftelsen Verkstaden", "nekad", "2", "2", "600,00 kr"],
        ["Att betala", "", "", "", "", "27 108,50 kr"],
    ]
    lines = [[said(cell) for cell in row.xpath("./th|./td")] for row in root.xpath("//details[@class='claim'][1]//tbody/tr")]
    assert lines == [
        ["P1", "Dagersättning", "Ersättning", "21", "300,00 kr", "6 300,00 kr"],
        ["P1", "Fördjupad bedömning", "Ersättning", "12", "200,00 kr", "2 400,00 kr"],
        ["P2", "Dagersättning", "Ersättning", "14", "350,50 kr", "4 907,00 kr"],
        ["P5", "Dagersättning", "Justering (2024-05/ORG1/0)", "3", "50,50 kr", "151,50 kr"],
    ]


def test_what_is_withheld_kept_and_differs():
    root = page(PAID)
    # the 350.50 of P2 counts under both its rules, and once in the sum
    assert [row[:4] for row in table(root, "withheld")] == [
        ["A01", "Dag utanför beslutet", "2", "650,50 kr"],
        ["A04", "Dag före beslutet", "1", "350,50 kr"],
        ["C01", "", "1", "belopp saknas"],
        ["Hålls inne, varje post en gång", "3", "650,50 kr", ""],
    ]
    items = [[said(cell) for cell in row.xpath("./th|./td")] for row in root.xpath("//details[@class='list']//tbody/tr")]
    assert [[*item[:4], *item[5:]] for item in items] == [
        ["ORG1", "P1", "Dagersättning", "2024-05-31", "attendance.xlsx · Närvaro!B17", "300,00 kr"],
        ["ORG1", "P2", "Dagersättning", "2024-05-02", "attendance.xlsx · Närvaro!B33", "350,50 kr"],
        ["ORG4", "P9", "result", "2024-05-20", "", "belopp saknas"],
    ]
    assert table(root, "kept") == [["ORG1", "P8", "2024-05-06", "anvisningen finns inte i underlaget", "300,00 kr"]]
    assert table(root, "months") == [["april 2024", "300,00 kr", "", "fat payout --month 2024-04"]]


def test_control_sums_are_shown_for_all_files_and_organisers():
    assert [row[:-1] for row in table(page(PAID), "control")] == [
        ["Totalt", "440", "390", "30", "12", "5", "1", "2"],
        ["attendance.xlsx", "440", "390", "30", "12", "5", "1", "2"],
        ["ORG1", "300", "270", "20", "7", "3", "–", "–"],
        ["ORG2", "140", "120", "10", "5", "2", "1", "2"],
    ]


def test_rows_of_no_organiser_are_said_to_be():
    nobody = Control("organiser", NOBODY, 1, 0, 0, 0, 1, 0)
    assert table(page(replace(PAID, control=(nobody,))), "control")[0][:2] == ["Utan anordnare", "1"]


def test_counts_by_rule_and_organiser():
    root = page(PAID)
    assert [row[:-1] for row in table(root, "rules")] == [
        ["A01", "Dag utanför beslutet", "fel", "dagersättning", "2"],
        ["A18", "Tjänsten är inte rapporterad", "fel", "all ersättning", "1"],
        ["T02", "Värdet kan inte läsas", "fel", "", "1"],
        ["A09", "Närvaro på ledig dag", "varning", "", "1"],
    ]
    assert table(root, "organisers") == [
        ["ORG1", "Snickeriet Björken AB", "13 758,50 kr", "650,50 kr", "", "3", "1", "–"],
        ["ORG2", "Kooperativet Ängen ek. för.", "13 350,00 kr", "–", "", "1", "–", "–"],
        ["ORG3", "Stiftelsen Verkstaden", "–", "–", "", "–", "–", "–"],
        ["ORG4", "", "–", "belopp saknas", "", "–", "–", "–"],
    ]


def test_bars_are_drawn_to_one_scale():
    assert segments([("paid", 300), ("withheld", 0), ("kept", 100)], 800) == [Segment("paid", 0.0, 37.5), Segment("kept", 37.5, 12.5)]
    assert segments([("paid", -300)], 800) == segments([("paid", 0)], 0) == []
    root = page(PAID)
    bars = [
        [(part.get("class"), part.get("x"), part.get("width")) for part in bar]
        for bar in root.get_element_by_id("organisers").getparent().xpath(".//svg")
    ]
    # the longest is ORG1's 13 758.50 + 650.50 = 14 409.00, of which the first is 95.49 %; ORG2's 13 350 is 92.65 %
    assert bars == [[("paid", "0.0", "95.49"), ("withheld", "95.49", "4.51")], [("paid", "0.0", "92.65")], [], []]


def test_a_violation_has_place_finding_remedy_and_details():
    root = page(CHECKED)
    first = root.get_element_by_id("rows")[0]
    assert {part.get("data-field"): part.text for part in first.xpath(".//*[@data-field]")} == {
        "word": "fel",
        "rule": "A01",
        "file": "attendance.xlsx",
        "where": "Närvaro!B17",
        "placement": "P1",
        "organiser": "ORG1",
        "day": "2024-05-31",
        "until": None,
        "message": "2024-05-31 ligger utanför beslutet 2023-11-01–2024-05-30.",
        "remedy": "Rätta datumet eller förläng beslutet.",
        "title": "Dag utanför beslutet",
        "value": "2024-05-31",
        "column": "date",
        "service": "FAT",
        "withholds": "dagersättning",
        "source": "FAKTA Ersättning",
    }
    for name in ("rule", "where", "message", "value", "withholds"):
        assert cells(root, name) == field(root, name)
    assert field(root, "severity") == [row.get("data-severity") for row in root.get_element_by_id("rows")]


def test_places_without_a_cell_and_days_that_last():
    days = FOUND["date"]
    found = frame(
        violation(cell=None, row=17, until=days[1]),
        violation(cell=None, row=None, until=days[0]),
        violation(cell="B1", sheet=None),
        violation(sheet=None, cell=None, row=3, date=None),
    )
    root = page(replace(CHECKED, language="en", violations=found))
    assert field(root, "where") == ["Närvaro · row 17", "Närvaro", "B1", "row 3"]
    assert field(root, "until") == ["–2024-06-01", "", "", ""]
    assert field(root, "day") == ["2024-05-31", "2024-05-31", "2024-05-31", ""]


def test_filters_offer_what_there_is_with_counts():
    root = page(CHECKED)
    offered = {select.get("data-filter"): [said(option) for option in select] for select in root.xpath("//select")}
    assert offered == {
        "severity": ["alla", "fel (4)", "varningar (1)"],
        "rule": [
            "alla",
            "A01 Dag utanför beslutet (2)",
            "A09 Närvaro på ledig dag (1)",
            "A18 Tjänsten är inte rapporterad (1)",
            "T02 Värdet kan inte läsas (1)",
        ],
        "organiser": ["alla", "ORG1 (4)", "ORG2 (1)"],
        "file": ["alla", "attendance.xlsx (4)", "utan fil (1)"],
    }
    values = data(root)["fields"]["rule"]["values"]
    assert [values[int(at)] for at in root.xpath("//select[@data-filter='rule']/option/@value")[1:]] == ["A01", "A09", "A18", "T02"]
    assert [values[int(at)] for at in root.xpath("//a[@data-pick='rule']/@data-at")] == ["A01", "A18", "T02", "A09"]


def test_a_large_report_keeps_most_rows_as_data(monkeypatch):
    root = page(replace(CHECKED, violations=many(2_500)))
    assert len(root.get_element_by_id("rows")) == 2_000
    assert field(root, "where") == [f"Närvaro!B{row}" for row in range(2, 2_502)]
    assert "2 000 första" in said(root.find(".//noscript"))
    monkeypatch.setattr(writer, "MOST", 3)
    root = page(CHECKED)
    assert cells(root, "rule") == field(root, "rule") == ["A01", "A01", "A09"]
    assert "Sidan rymmer de 3 första av 5." in said(root)
    assert tiles(root)["fel"] == "4"
    # a rule none of whose violations is on the page has nothing to show
    assert [link.text for link in root.xpath("//a[@data-pick='rule']")] == ["A01", "A09"]


def test_without_violations_there_is_no_table_to_filter():
    root = page(NOTHING)
    assert not root.xpath("//*[@id='table' or @id='data' or @id='filters' or @id='violations' or @id='rules']")
    assert root.get_element_by_id("basis") is not None


def test_what_it_rests_on():
    root = page(PAID)
    assert said(root.find_class("meta")[0]) == "Regelverk 2024-06 · beräkningsdag 2024-06-03 · filer: attendance.xlsx, register.xlsx"
    six = replace(CHECKED, inputs=tuple(replace(CHECKED.inputs[0], file=f"{number}.xlsx") for number in range(6)))
    assert said(page(six).find_class("meta")[0]).endswith("· 6 filer")
    basis = said(root.get_element_by_id("basis").getparent())
    for text in ("a1" * 32, "Närvaro", "P22: tabellen pauses saknas", "Beslut: regi; Närvaro: från kl"):
        assert text in basis
    assert "3f" * 32 in said(root.find(".//footer"))
    assert f"Körning 7, {'c4' * 32}" in said(root.find(".//footer"))


def test_a_table_on_a_hidden_sheet_is_told():
    hidden = InputTable("attendance", "Maj", "long", 440, 1, hidden=True)
    shown = replace(CHECKED, inputs=(Input("maj.xlsx", "a1" * 32, (hidden,)),))
    assert table(page(shown), "basis")[1] == ["", "Maj (dolt blad)", "Närvaro", "440", "1"]
    assert "dolt blad" not in said(page(CHECKED))


def test_what_has_no_amount_is_never_nothing():
    unpriced = replace(PAID, withheld=tuple(replace(item, amount_ore=None) for item in PAID.withheld))
    shown = said(page(unpriced))
    assert "belopp saknas i 3 poster hålls inne" in shown
    assert not re.search(r"(?<!\d)0,00", shown)


def test_each_language_speaks_for_itself():
    english = page(replace(ENGLISH, checked=replace(ENGLISH.checked, violations=FOUND)))
    assert (english.get("lang"), page(PAID).get("lang")) == ("en", "sv")
    headings = [said(heading) for heading in english.xpath("//h2")]
    swedish = [said(heading) for heading in page(replace(PAID, kept=())).xpath("//h2")]
    assert headings == [
        "Claims", "Withheld", "Other months whose due and booked differ", "By organiser", "By rule", "Violations", "Control sums", "Input",
    ]  # fmt: skip
    assert swedish == [
        "Rekvisitioner", "Innehållen ersättning", "Andra månader där beräknad ersättning skiljer sig från bokförd", "Per anordnare",
        "Per regel", "Avvikelser", "Kontrollsummor", "Underlag",
    ]  # fmt: skip
    assert table(english, "claims")[-1][-1] == "SEK 27,108.50"


def test_no_participant_is_named():
    written = report_page(PAID).decode()
    people = {line.participant_id for claim in PAID.claims for line in claim.lines}
    assert len(people) == 6
    assert not [person for person in people if person in written or person[2:] in written]


def test_the_same_bytes_for_the_same_run():
    assert report_page(PAID) == report_page(replace(PAID, checked=replace(CHECKED, violations=FOUND.clone())))
