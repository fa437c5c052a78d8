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
    ("low", "high", "least", "expected"),
    [
        (0, 280, 1, (0, 100, 200, 300)),
        (0, 3, 1, (0, 1, 2, 3)),
        (0, 0, 1, (0, 1)),
        (0, 0, 0, (0, 0.2)),
        (0, 0.53, 0.01, (0, 0.2, 0.4, 0.6)),
        (0, 0.03, 0.01, (0, 0.01, 0.02, 0.03)),
        (0, 218, 0, (0, 50, 100, 150, 200, 250)),
        (-30, 100, 0, (-50, 0, 50, 100)),
    ],
)
def test_ticks(low, high, least, expected) -> None:
    assert plots.ticks(low, high, least=least) == pytest.approx(expected)


@pytest.mark.parametrize("high", [0.004, 0.02, 0.07, 0.11, 0.125, 0.3, 0.53, 1.0])
def test_ticks_of_shares_are_whole_per_cent(high) -> None:
    """12 % asks for steps of 2,4 %, which would be written 0, 2, 5, 7, 10, 12."""
    drawing = drawn("horizontal", (high,), unit="share", names=("start",))
    assert [float(drawing.tick(value).split("\u00a0")[0]) for value in drawing.axis] == pytest.approx(
        [value * 100 for value in drawing.axis]
    )


def test_no_share_above_all() -> None:
    assert plots.ticks(0, 0.98, most=1.0)[-1] == pytest.approx(1.0)


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


def test_a_stack_that_lacks_a_part_is_no_whole() -> None:
    """Of own .. and external 40 the bar ends at 40, and says so; the second year is whole."""
    drawing = drawn("stacked", (Hidden.HIDDEN, 40), (10, 30))
    words = [text.text for text in wide(drawing).iter("text")]
    assert words.count("+ ..") == 1
    assert "Staplar som saknar en del som inte visas, och är för korta: <0>." in wide(drawing).find("desc").text
    assert "för korta" not in wide(drawn("stacked", (None, 40), (10, 30))).find("desc").text


def test_what_a_plot_does_not_show_is_told() -> None:
    assert "Alla värden visas inte för: <0>, <2>." in wide(drawn("lines", (1, Hidden.HIDDEN), (2, 3), (Hidden.HIDDEN, 4))).find("desc").text
    many = drawn("bars", *((Hidden.HIDDEN, 1) for _ in range(7)))
    assert "Alla värden visas inte för: 7." in wide(many).find("desc").text


def narrow(drawing: plots.Drawing) -> ET.Element:
    return ET.fromstring("<svg" + str(plots.svg(drawing)).split("<svg")[2])  # noqa: S314  # our own


def named(kind: str, *names: str, value: float = 3) -> plots.Drawing:
    drawing = drawn(kind, *((value,) for _ in names), names=("start",))
    return replace(drawing, categories=names)


@pytest.mark.parametrize("both", [wide, narrow])
def test_bars_keep_all_their_names(both) -> None:
    """Side by side where there is room, else below each other."""
    names = ("10 to under 20", "20 to under 30", "30 to under 40", "a much longer name than these")
    svg = both(named("bars", *names))
    assert [text.text for text in svg.iter("text") if text.text in names] == list(names)


def test_no_name_of_a_scale_is_cut_at_the_edge() -> None:
    months = tuple(f"2023-{month:02}" for month in range(1, 11))
    svg = narrow(named("lines", *months))
    ends = [float(text.get("x")) + 7 * 7.2 / 2 for text in svg.iter("text") if text.text in months]
    assert len(ends) > 2
    assert max(ends) <= plots.NARROW


def test_a_narrow_axis_names_more_than_zero() -> None:
    svg = narrow(named("horizontal", "A", "B", value=1))
    assert [text.text for text in svg.iter("text") if "tick" in text.get("class")] == ["0", "1"]


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
