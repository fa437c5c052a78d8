"""Plots: axes that start where they should, what is drawn and what isn't, and what a screen reader says."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from fatcli.figures import Column, Figures, Hidden, Label, Plot, Table, Value
from fatcli.texts import Text, same
from fatcli.writers import plots
from writers.test_figures import REPORT

NAMES = ("start", "periodic")


def drawn(kind: str, *values: tuple[Value, ...], unit: str = "count", names: tuple[str, ...] = NAMES) -> plots.Drawing:
    columns = (Column("x", Text("År", "Year"), "text"), *(Column(name, same(name), unit) for name in names))
    rows = tuple((Label(str(at), same(f"<{at}>")), *row) for at, row in enumerate(values))
    table = Table("t", same("t"), columns, rows)
    plot = Plot(kind, Text("Titel & mer", "Title"), "t", tuple(range(len(rows))), "x", names, Text("år", "year"), Text("antal", "number"))
    return plots.drawing(plot, table, replace(REPORT, figures=Figures((table,), (plot,))))


def wide(drawing: plots.Drawing) -> ET.Element:
    return ET.fromstring("<svg" + str(plots.svg(drawing)).split("<svg")[1])  # noqa: S314  # our own


def bars(drawing: plots.Drawing) -> list[tuple[str, float, float]]:
    """Class, y and height of each."""
    return [(bar.get("class"), float(bar.get("y")), float(bar.get("height"))) for bar in wide(drawing).iter("rect")]


@pytest.mark.parametrize("kind", ["bars", "stacked", "lines", "horizontal"])
def test_every_plot_has_title_description_unit_and_both_widths(kind) -> None:
    both = str(plots.svg(drawn(kind, (3, 4), (5, 6))))
    svgs = re.findall(r'<svg class="chart (\w+)" viewBox="0 0 (\d+)', both)
    assert svgs == [("wide", "720"), ("narrow", "340")]
    svg = wide(drawn(kind, (3, 4), (5, 6)))
    assert svg.get("role") == "img"
    title, description = svg.find("title"), svg.find("desc")
    assert (svg.get("aria-labelledby"), svg.get("aria-describedby")) == (title.get("id"), description.get("id"))
    assert title.text == "Titel & mer"
    assert "antal efter år, från 0 till" in description.text
    assert "Serier: start, periodic." in description.text
    assert "antal" in [text.text for text in svg.iter("text")]
    identities = re.findall(r' id="([^"]+)"', both)
    assert len(identities) == len(set(identities)) == 4


@pytest.mark.parametrize("kind", ["bars", "stacked", "lines", "horizontal"])
def test_nothing_to_draw_is_no_fault(kind) -> None:
    for drawing in (drawn(kind), drawn(kind, (0, 0)), drawn(kind, (None, Hidden.HIDDEN)), drawn(kind, (None, None))):
        assert wide(drawing).find("title") is not None


@pytest.mark.parametrize("kind", ["bars", "stacked", "horizontal"])
def test_the_axis_of_bars_starts_at_zero(kind) -> None:
    assert drawn(kind, (98, 99)).axis[0] == 0
    axis = drawn(kind, (-10, 99)).axis
    assert axis[0] <= -10
    assert 0 in axis
    assert axis[-1] >= 99


def test_lines_start_at_zero_too() -> None:
    assert drawn("lines", (98, 99)).axis[0] == 0


@pytest.mark.parametrize(
    ("low", "high", "whole", "expected"),
    [
        (0, 280, True, (0, 100, 200, 300)),
        (0, 3, True, (0, 1, 2, 3)),
        (0, 0, True, (0, 1)),
        (0, 0, False, (0, 0.2)),
        (0, 0.53, False, (0, 0.2, 0.4, 0.6)),
        (0, 218, False, (0, 50, 100, 150, 200, 250)),
        (-30, 100, False, (-50, 0, 50, 100)),
    ],
)
def test_ticks(low, high, whole, expected) -> None:
    assert plots.ticks(low, high, whole=whole) == pytest.approx(expected)


def test_no_share_above_all() -> None:
    assert plots.ticks(0, 0.98, whole=False, most=1.0)[-1] == pytest.approx(1.0)


def test_bars_are_as_long_as_their_figures() -> None:
    (_, first, one), (_, second, two), *_ = bars(drawn("bars", (10, 20)))
    assert two == pytest.approx(2 * one, abs=0.2)
    assert first + one == pytest.approx(second + two, abs=0.2)  # on one line


def test_stacked_bars_stand_on_each_other() -> None:
    (start, y1, height1), (periodic, y2, height2) = bars(drawn("stacked", (10, 30)))
    assert (start, periodic) == ("s0", "s1")
    assert height2 == pytest.approx(3 * height1, abs=0.2)
    assert y2 + height2 == pytest.approx(y1, abs=0.2)


def test_a_reversal_hangs_below_the_axis() -> None:
    (_, above, height), (_, below, _) = bars(drawn("stacked", (30, -10)))
    assert below == pytest.approx(above + height, abs=0.2)


@pytest.mark.parametrize("kind", ["bars", "horizontal"])
def test_what_is_hidden_has_no_bar_but_what_stands_for_it(kind) -> None:
    drawing = drawn(kind, (Hidden.HIDDEN, 7), (Hidden.HIDDEN, None))
    assert len(bars(drawing)) == 1
    words = [text.text for text in wide(drawing).iter("text")]
    assert ".." in words


def test_a_line_is_broken_where_a_figure_is_hidden() -> None:
    drawing = drawn("lines", (1,), (2,), (Hidden.HIDDEN,), (4,), names=("start",))
    lines = [line.get("points").split() for line in wide(drawing).iter("polyline")]
    assert [len(points) for points in lines] == [2, 1]


def test_series_of_nothing_are_left_out() -> None:
    assert [series.name for series in drawn("stacked", (5, 0), (6, 0)).series] == ["start"]
    assert [series.name for series in drawn("stacked", (5, Hidden.HIDDEN)).series] == ["start", "periodic"]


def test_names_that_have_no_room_are_left_out_but_for_the_first() -> None:
    svg = wide(drawn("lines", *((at, at) for at in range(200))))
    names = [text.text for text in svg.iter("text") if text.text.startswith("<")]
    assert names[0] == "<0>"
    assert 5 < len(names) < 40


def test_text_is_escaped() -> None:
    assert "<1>" not in str(plots.svg(drawn("horizontal", (1, 2), (3, 4))))


def test_units_on_the_axis() -> None:
    assert drawn("bars", (0.5,), unit="share", names=("start",)).tick(0.2) == "20\u00a0%"
    assert drawn("bars", (100,), unit="sek", names=("start",)).tick(1_000_000_00) == "1\u00a0000\u00a0000"
    assert drawn("bars", (1.0,), unit="days", names=("start",)).tick(2.5) == "2,5"
