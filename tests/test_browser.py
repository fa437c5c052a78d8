"""The web page as its readers use it, in Chromium."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fatcli.result import Checked, Paid
from fatcli.writers.html import report_page
from writers.writer_examples import CHECKED, PAID, frame, many, violation

api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
PDFTOTEXT = shutil.which("pdftotext")
LONG = "x" * 300

# The least contrast of any text with what it stands on, by WCAG's formula.
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parts = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const colour = parts(getComputedStyle(element).backgroundColor);
      if (colour[3] === 255) return colour;
    }
  };
  const found = [...document.querySelectorAll("body *")]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && element.checkVisibility())
    .map((element) => {
      const [high, low] = [light(parts(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
      return [(high + 0.05) / (low + 0.05), element.outerHTML.slice(0, 80)];
    });
  return [found.length, found.sort((a, b) => a[0] - b[0])[0]];
}"""


@pytest.fixture
def opened(browser: "api.Browser", tmp_path: Path) -> Iterator[Callable[..., "api.Page"]]:
    """Opens a report in a window; at the end, nothing may have been fetched and nothing have gone wrong."""
    requests: list[str] = []
    faults: list[str] = []
    contexts = []

    def open_(result: Checked | Paid = CHECKED, width: int = 1280, scheme: str = "light", *, scripts: bool = True) -> "api.Page":
        (tmp_path / "page.html").write_bytes(report_page(result))
        contexts.append(
            browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts, offline=True)
        )
        page = contexts[-1].new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto((tmp_path / "page.html").as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert requests == [(tmp_path / "page.html").as_uri()] * len(contexts)
    assert faults == []


def column(page: "api.Page", field: str) -> list[str]:
    return page.locator(f"#rows [data-field={field}]").all_text_contents()


def status(page: "api.Page") -> str:
    return page.locator("#status").inner_text()


def sort_by(page: "api.Page", name: str) -> None:
    page.get_by_role("columnheader", name=name).get_by_role("button").click()


def focused(page: "api.Page") -> str:
    return page.evaluate("(document.activeElement.id || document.activeElement.textContent).trim()")


def tab_to(page: "api.Page", name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    pytest.fail(f"{name} can't be reached by the Tab key; the focus is at {focused(page)}")


def test_filters(opened) -> None:
    page = opened()
    assert status(page) == "Visar 5 av 5 avvikelser."
    page.locator("select[data-filter=severity]").select_option(label="varningar (1)")
    assert column(page, "rule") == ["A09"]
    assert status(page) == "Visar 1 av 5 avvikelser."
    page.locator("select[data-filter=organiser]").select_option(label="ORG2 (1)")
    assert column(page, "rule") == []
    assert status(page) == "Ingen avvikelse passar."
    page.get_by_role("button", name="Rensa").click()
    api.expect(page.locator("#rows tr")).to_have_count(5)
    page.locator("select[data-filter=file]").select_option(label="utan fil (1)")
    assert column(page, "rule") == ["A18"]
    page.locator("select[data-filter=file]").select_option(label="alla")
    page.locator("select[data-filter=rule]").select_option(label="A01 Dag utanför beslutet (2)")
    assert column(page, "where") == ["Närvaro!B17", "Närvaro!B18"]


def test_search_finds_all_words_anywhere_whatever_their_case(opened) -> None:
    page = opened()
    page.get_by_role("searchbox").fill("NÄRVARO!b17 p1")
    api.expect(page.locator("#rows tr")).to_have_count(1)
    assert column(page, "where") == ["Närvaro!B17"]
    page.get_by_role("searchbox").fill("värdet kan inte läsas")  # the rule's title, seen in the details
    api.expect(page.locator("#rows [data-field=rule]")).to_have_text(["T02"])


def test_sorts(opened) -> None:
    page = opened()
    assert column(page, "rule") == ["A01", "A01", "A09", "T02", "A18"]
    sort_by(page, "Regel")
    assert column(page, "rule") == ["A01", "A01", "A09", "A18", "T02"]
    assert column(page, "where")[:2] == ["Närvaro!B17", "Närvaro!B18"]
    sort_by(page, "Regel")
    assert column(page, "rule") == ["T02", "A18", "A09", "A01", "A01"]
    sort_by(page, "Grad")
    assert column(page, "word") == ["fel", "fel", "fel", "fel", "varning"]
    assert column(page, "rule") == ["A01", "A01", "T02", "A18", "A09"]
    # a day that is not known comes last
    sort_by(page, "Dag")
    assert column(page, "day") == ["2024-05-01", "2024-05-09", "2024-05-31", "2024-06-01", ""]
    headings = {heading.inner_text().strip(): heading.get_attribute("aria-sort") for heading in page.locator("th[data-sort]").all()}
    assert headings == dict.fromkeys(headings, "none") | {"Dag": "ascending"}
    sort_by(page, "Plats")
    assert column(page, "rule") == ["A01", "A01", "A09", "T02", "A18"]


def test_numbers_sort_as_numbers(opened) -> None:
    page = opened(replace(CHECKED, violations=frame(*(violation(placement=name) for name in ("P10", "P9", "P100", None)))))
    sort_by(page, "Placering")
    assert column(page, "placement") == ["P9", "P10", "P100", ""]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_violation_opens(opened, scripts) -> None:
    page = opened(scripts=scripts)
    row = page.locator("#rows tr", has_text="45415")
    value = row.locator("dd[data-field=value]")
    api.expect(value).to_be_hidden()
    row.locator("summary").click()
    api.expect(value).to_be_visible()
    assert value.inner_text() == "45415"
    # of what is not known there is no empty line
    api.expect(row.locator("dt", has_text="Källa")).to_be_hidden()
    api.expect(page.locator("#rows tr").first.locator("dd[data-field=value]")).to_be_hidden()


def test_without_scripts_all_is_there_to_read(opened) -> None:
    page = opened(PAID, scripts=False)
    api.expect(page.locator("#rows tr")).to_have_count(5)
    for control in ("#filters", "#theme", "#more"):
        api.expect(page.locator(control)).to_be_hidden()
    api.expect(page.get_by_role("heading", name="Kontrollsummor")).to_be_visible()


def test_a_rule_and_an_organiser_lead_to_their_violations(opened) -> None:
    page = opened(PAID)
    page.get_by_role("searchbox").fill("Ängen")
    page.get_by_role("link", name="A09").click()
    api.expect(page.locator("#rows [data-field=rule]")).to_have_text(["A09"])
    page.get_by_role("link", name="ORG2").click()
    api.expect(page.locator("#rows [data-field=rule]")).to_have_text(["A18"])
    api.expect(page.locator("#violations")).to_be_in_viewport()


def test_the_keyboard_is_enough(opened) -> None:
    page = opened()
    page.keyboard.press("Tab")
    assert focused(page) == "Hoppa till innehållet"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    tab_to(page, "search")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.type("ligger utanför")
    api.expect(page.locator("#rows tr")).to_have_count(2)
    tab_to(page, "Plats")
    page.keyboard.press("Space")
    assert column(page, "where") == ["Närvaro!B18", "Närvaro!B17"]
    assert focused(page) == "Plats"
    while page.evaluate("document.activeElement.tagName") != "SUMMARY":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    api.expect(page.locator("#rows tr").first.locator("dd[data-field=source]")).to_be_visible()


def test_a_table_is_a_stop_of_the_tab_key_only_where_it_must_be_scrolled(opened) -> None:
    for width, scrolled in ((1280, 0), (360, 1)):
        page = opened(PAID, width=width)
        control = page.locator("section:has(#control) .scroll")
        api.expect(control.and_(page.locator("[tabindex='0']"))).to_have_count(scrolled)


@pytest.mark.parametrize(("scheme", "other", "dark"), [("light", "Mörkt läge", False), ("dark", "Ljust läge", True)])
def test_each_theme_has_contrast_and_can_be_changed(opened, scheme, other, dark) -> None:
    page = opened(PAID, scheme=scheme)
    for summary in page.locator("summary").all():
        summary.click()

    def is_dark() -> bool:
        red = int(page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]"))
        return red < 128

    assert is_dark() is dark
    count, (ratio, where) = page.evaluate(CONTRAST)
    assert count > 200
    assert ratio >= 4.5, where
    page.get_by_role("button", name=other).click()
    assert is_dark() is not dark
    assert page.locator("#theme").inner_text() != other


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_is_never_wider_than_its_window(opened, width) -> None:
    found = frame(violation(**dict.fromkeys(("file", "message", "value", "placement", "organiser", "source"), LONG)), violation())
    claims = (replace(PAID.claims[0], organiser=LONG, name=LONG), *PAID.claims[1:])
    files = (replace(CHECKED.inputs[0], file=LONG), *CHECKED.inputs[1:])
    page = opened(replace(PAID, claims=claims, checked=replace(CHECKED, violations=found, inputs=files)), width=width)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_large_report_opens_and_shows_more_when_asked(opened) -> None:
    page = opened(replace(CHECKED, violations=many(50_000)))
    api.expect(page.locator("#rows tr")).to_have_count(2_000)
    assert status(page).replace("\xa0", " ") == "Visar 2 000 av 50 000 avvikelser som passar, av 50 000."
    page.get_by_role("searchbox").fill("B4999")  # B4999 and B49990 to B49999
    api.expect(page.locator("#rows tr")).to_have_count(11)
    page.get_by_role("searchbox").fill("B1")  # 1, 10 to 19, … 10000 to 19999, less B1, which is the heading's row
    api.expect(page.locator("#rows tr")).to_have_count(500)
    assert status(page).replace("\xa0", " ") == "Visar 500 av 11 110 avvikelser som passar, av 50 000."
    page.get_by_role("button", name="Visa 500 till").click()
    api.expect(page.locator("#rows tr")).to_have_count(1_000)
    assert page.evaluate("document.activeElement === document.querySelectorAll('#rows summary')[500]")


@pytest.mark.skipif(PDFTOTEXT is None, reason="poppler is not installed")
def test_prints_without_controls_and_with_headings_on_every_page(opened, tmp_path) -> None:
    page = opened(replace(CHECKED, violations=many(120)))
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    text = subprocess.run([PDFTOTEXT, "-layout", tmp_path / "page.pdf", "-"], check=True, capture_output=True, encoding="utf-8").stdout
    pages = text.rstrip("\f\n").split("\f")
    listing = [text for text in pages if "Närvaro!B" in text]
    assert len(listing) > 2
    assert all("Avvikelse och åtgärd" in text for text in listing)
    assert not [control for control in ("Sök", "Rensa", "Mörkt läge", "Hoppa till") if control in text]
    assert all(f"Närvaro!B{row}" in text for row in range(2, 122))
