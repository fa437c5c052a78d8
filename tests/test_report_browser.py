"""The pages of the reports as their readers see them, in Chromium: AIO's register, in both themes and on a telephone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fatcli.figures import Basis, Report
from fatcli.followup import BUILDERS
from fatcli.followup.data import Asked
from fatcli.followup.small import hide_small
from fatcli.model import Month
from fatcli.reports import REPORTS
from fatcli.writers.figures import figures_page
from followup.material import AIO_AS_OF, aio_booked, aio_organisers, aio_placements, material
from test_browser import CONTRAST

api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

WITH_PLOT = ("compensation", "flow", "participants", "coverage", "followup-ita", "stays", "hours", "outcomes")

# how far each text of a drawing lies outside it, in its own units, and the least distance between two names of the value axis
OUTSIDE = """() => [...document.querySelectorAll("svg.chart")].filter((svg) => svg.checkVisibility()).flatMap((svg) => {
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  return [...svg.querySelectorAll("text")].map((text) => text.getBBox()).map((box) =>
    Math.max(-box.x, -box.y, box.x + box.width - width, box.y + box.height - height));
})"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    told = {"hours_per_week": 12, "hours_per_week_end": 20, "status_90": "work", "status_365": "programme", "regime": "own"}
    placed = [one | told | ({"ended_on": one["end"], "end": "2025-06-30", "end_reason": "illness"} if at % 3 else {})
              for at, one in enumerate(aio_placements())]  # fmt: skip
    placed += [one | {"service": "ITA2", "placement_id": f"I{at}"} for at, one in enumerate(placed[:60])]
    data = material(placed, AIO_AS_OF, Asked(last=Month(2024, 8)), aio_organisers(), booked=aio_booked())
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, build in BUILDERS.items():
        basis = Basis("1.0", "rules.yaml", "2024-06", "0" * 64, data.as_of, "en" if name == "stays" else "sv")
        about = REPORTS[name]
        assert data.days
        report = Report(name, about.title, about.source, hide_small(build(data), about.min_group), basis, *data.days, about.min_group)
        found[name] = folder / f"{name}.html"
        found[name].write_bytes(figures_page(report))
    return found


@pytest.fixture
def opened(browser, pages) -> Iterator[Callable[..., "api.Page"]]:
    """Opens a report; nothing may be fetched, and nothing be complained of, such as a style that the page's policy forbids."""
    contexts, faults, requests = [], [], []

    def open_(name: str, width: int = 1280, scheme: str = "light") -> "api.Page":
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True))
        page = contexts[-1].new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(pages[name].as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert faults == []
    assert len(requests) == len(contexts)


@pytest.mark.parametrize("width", [1280, 800, 360])
@pytest.mark.parametrize("name", WITH_PLOT)
def test_plots_fit(opened, name, width) -> None:
    page = opened(name, width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    charts = page.locator("figure")
    assert charts.count() >= 1
    shown = [chart for chart in page.locator("svg.chart").all() if chart.is_visible()]
    assert len(shown) == charts.count()  # of the two widths one
    assert {chart.get_attribute("class") for chart in shown} == {"chart wide" if width > 768 else "chart narrow"}
    assert max(page.evaluate(OUTSIDE)) <= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["compensation", "stays"])
def test_contrast(opened, name, scheme) -> None:
    count, (least, where) = opened(name, scheme=scheme).evaluate(CONTRAST)
    assert count > 40
    assert least >= 4.5, where


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_told_from_the_paper(opened, scheme) -> None:
    """WCAG asks for 3:1 of what is drawn."""
    page = opened("flow", scheme=scheme)
    light = """([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0)"""
    contrast = page.evaluate(f"""() => {{
      const parts = (text) => text.match(/\\d+/g).map(Number), light = {light};
      const paper = light(parts(getComputedStyle(document.body).backgroundColor));
      return [...document.querySelectorAll(".swatch .line")].map((line) => light(parts(getComputedStyle(line).stroke)))
        .map((mark) => (Math.max(mark, paper) + 0.05) / (Math.min(mark, paper) + 0.05));
    }}""")
    assert len(contrast) >= 3
    assert min(contrast) >= 3


def test_a_screen_reader_is_told_what_a_plot_shows_and_where_its_figures_are(opened) -> None:
    page = opened("compensation")
    chart = page.get_by_role("img", name="Ersättning per år")
    api.expect(chart).to_have_count(1)  # the other width is not told of
    told = "Staplar på varandra: kronor efter år, från 0 till 30\u00a0000\u00a0000. Serier: Start, Periodisk."
    api.expect(chart).to_have_accessible_description(f"{told} Alla värden som visas står i tabellen under.")
    api.expect(page.get_by_role("row", name="2023 1\u00a0026\u00a0000")).to_be_visible()


def test_on_paper_plots_stand_with_their_colours(opened) -> None:
    page = opened("flow", scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("svg.chart").first.evaluate("svg => getComputedStyle(svg).printColorAdjust") == "exact"
