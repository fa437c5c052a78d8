"""Plots as inline SVG: bars, stacked bars, lines and horizontal bars, in one width for screens and one for telephones.

Bars start at zero. Colours and type come from the page's style sheet, by class. A figure that isn't shown is written as what stands for it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, log10
from typing import NamedTuple

from markupsafe import Markup

from fatcli.figures import Hidden, Kind, Plot, Report, Table
from fatcli.terminal import terminal_text
from fatcli.texts import Language, Text
from fatcli.writers.figures import cells

WIDE, NARROW = 720, 340
_LETTER = 7.2  # width of a character, in the units of the drawing
_LINE = 18.0  # height of a line of text
_PLOT_HEIGHT = 240.0
_BAR, _GAP = 16.0, 14.0  # of horizontal bars
_TICKS = 5
_MOST_FIGURES = 14  # above more bars than these no figures are written
_MOST_DOTS = 40
_LEAST_STEPS: Mapping[Kind, float] = {"count": 1.0, "share": 0.01}  # between two ticks, as they are written whole
_MOST: Mapping[Kind, float] = {"share": 1.0}

_WHAT = {
    "bars": Text("Staplar", "Bars"),
    "stacked": Text("Staplar på varandra", "Stacked bars"),
    "lines": Text("Linjer", "Lines"),
    "horizontal": Text("Liggande staplar", "Horizontal bars"),
}
_DESCRIPTION = Text(
    "{what}: {unit} efter {x}, från {low} till {high}. {series}{hidden}Alla värden som visas står i tabellen under.",
    "{what}: {unit} by {x}, from {low} to {high}. {series}{hidden}All values that are shown stand in the table beneath.",
)
_NOT_SHOWN = Text("Alla värden visas inte för: {names}. ", "Not all values are shown of: {names}. ")
_SHORT = Text(
    "Staplar som saknar en del som inte visas, och är för korta: {names}. ",
    "Bars that lack a part that is not shown, and are too short: {names}. ",
)
_MOST_NAMED = 6  # categories that a description names


class Mark(NamedTuple):
    """A figure of a plot: its value (None: none to draw) and how it reads."""

    value: float | None
    text: str


class Series(NamedTuple):
    """The figures of one colour, one for each category."""

    name: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Drawing:
    """What is to be drawn, in one language; values in the unit that the axis shows."""

    plot: Plot
    language: Language
    unit: Kind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    width: float = WIDE

    @property
    def axis(self) -> tuple[float, ...]:
        """Where the value axis has its ticks; 0 is one of them."""
        values = [mark.value for one in self.series for mark in one.marks if mark.value is not None]
        if self.plot.kind == "stacked":
            values = [
                sum(value for one in self.series if (value := one.marks[at].value) and (value > 0) == above)
                for at in range(len(self.categories))
                for above in (True, False)
            ]
        return ticks(min([0.0, *values]), max([0.0, *values]), least=_LEAST_STEPS.get(self.unit, 0.0), most=_MOST.get(self.unit))

    def is_told(self, at: int) -> bool:
        """Whether all of a category's figures are shown."""
        return all(one.marks[at].value is not None or not one.marks[at].text for one in self.series)

    def tick(self, value: float) -> str:
        if self.unit == "share":
            return cells.number(value, "share", self.language)
        if abs(value - round(value)) < 1e-9:
            return cells.number(round(value), "sek" if self.unit == "sek" else "count", self.language)
        return cells.number(round(value, 1), self.unit, self.language)


def drawing(plot: Plot, table: Table, report: Report) -> Drawing:
    """A plot of a table's figures, as they are shown there."""
    language = report.basis.language
    columns = [table.columns[table.position(key)] for key in plot.series]
    series = [Series(column.title.to(language), tuple(_mark(table, row, column.key, report) for row in plot.rows)) for column in columns]
    drawn = [one for one in series if any(mark.value or (mark.value is None and mark.text) for mark in one.marks)]
    x = table.position(plot.x)
    categories = tuple(terminal_text(cells.marked(table, row, x, report)) for row in plot.rows)
    return Drawing(plot, language, columns[0].kind, categories, tuple(drawn or series[:1]))


def _mark(table: Table, row: int, key: str, report: Report) -> Mark:
    value = table.value(row, key)
    column = table.columns[table.position(key)]
    drawn = float(value) if isinstance(value, Fraction | int | float) else None
    return Mark(drawn, cells.shown(value, column, report) if drawn is not None or isinstance(value, Hidden) else "")


def ticks(low: float, high: float, *, least: float = 0.0, most: float | None = None) -> tuple[float, ...]:
    """Round values from at or below `low` to at or above `high`, some five of them, `least` or more apart; none lies above `most`."""
    step = max(least, _step((high - low) / _TICKS))
    last = ceil(high / step - 1e-9) if high > low else 1
    found = tuple(number * step for number in range(floor(low / step + 1e-9), last + 1))
    return tuple(tick for tick in found if most is None or tick <= most + 1e-9)


def _step(least: float) -> float:
    """1, 2 or 5 tenths, wholes, tens, …: a step that needs no more digits than the first of them."""
    if least <= 0:
        return 0.2
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least - 1e-9)


def svg(drawn: Drawing) -> Markup:
    """The plot in both widths; a style sheet shows the one that fits."""
    return Markup("\n").join(_one(replace(drawn, width=width), name) for width, name in ((WIDE, "wide"), (NARROW, "narrow")))


def _one(drawn: Drawing, name: str) -> Markup:
    body, height = (_horizontal if drawn.plot.kind == "horizontal" or _crowded(drawn) else _vertical)(drawn)
    key = f"{drawn.plot.table}-{drawn.plot.rows[0] if drawn.plot.rows else 0}-{drawn.plot.series[0]}-{name}"
    return Markup(
        '<svg class="chart {name}" viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="t-{key}" aria-describedby="d-{key}">'
        '<title id="t-{key}">{title}</title><desc id="d-{key}">{text}</desc>{body}</svg>'
    ).format(
        name=name,
        width=drawn.width,
        height=height,
        key=key,
        title=drawn.plot.title.to(drawn.language),
        text=_description(drawn),
        body=Markup().join(body),
    )


def _crowded(drawn: Drawing) -> bool:
    """Whether bars side by side would leave no room for all their names, which are no scale that may be thinned out."""
    longest = max((len(name) for name in drawn.categories), default=0)
    return drawn.plot.kind == "bars" and (longest + 1) * _LETTER * len(drawn.categories) > drawn.width - 8 * _LETTER


def _description(drawn: Drawing) -> str:
    names = ", ".join(one.name for one in drawn.series)
    series = Text("Serier: {names}. ", "Series: {names}. ").fill(names=names) if len(drawn.series) > 1 else Text("", "")
    filled = _DESCRIPTION.fill(
        what=_WHAT[drawn.plot.kind],
        unit=drawn.plot.y_title,
        x=drawn.plot.x_title,
        low=drawn.tick(drawn.axis[0]),
        high=drawn.tick(drawn.axis[-1]),
        series=series,
        hidden=_told_hidden(drawn),
    )
    return filled.to(drawn.language)


def _told_hidden(drawn: Drawing) -> Text:
    untold = [name for at, name in enumerate(drawn.categories) if not drawn.is_told(at)]
    if not untold:
        return Text("", "")
    what = _SHORT if drawn.plot.kind == "stacked" else _NOT_SHOWN
    return what.fill(names=", ".join(untold) if len(untold) <= _MOST_NAMED else len(untold))


Body = Iterator[Markup]
Scale = Callable[[float], float]


def _vertical(drawn: Drawing) -> tuple[list[Markup], float]:
    """Bars or lines over categories from left to right."""
    axis = drawn.axis
    left = 14 + _LETTER * max(len(drawn.tick(value)) for value in axis)
    top, width = 2.2 * _LINE, drawn.width - left - 8
    height = top + _PLOT_HEIGHT + 2.6 * _LINE
    low, high = axis[0], axis[-1]

    def y(value: float) -> float:
        return top + _PLOT_HEIGHT * (high - value) / (high - low)

    body = [_text(0, 0.8 * _LINE, drawn.plot.y_title.to(drawn.language), "unit")]
    for value in axis:
        body.append(_line(left, y(value), drawn.width - 8, y(value), "zero" if value == 0 else "grid"))
        body.append(_text(left - 6, y(value) + 4, drawn.tick(value), "tick end"))
    band = width / max(len(drawn.categories), 1)
    body += _x_labels(drawn, left, band, top + _PLOT_HEIGHT + 1.1 * _LINE)
    body.append(_text(left + width / 2, height - 4, drawn.plot.x_title.to(drawn.language), "unit middle"))
    draw = {"bars": _bars, "stacked": _stacked, "lines": _lines}[drawn.plot.kind]
    body += draw(drawn, left, band, y)
    return body, height


def _x_labels(drawn: Drawing, left: float, band: float, at: float) -> Body:
    """As many of the categories' names as there is room for; the first is always there, and none goes beyond the edge."""
    longest = max((len(name) for name in drawn.categories), default=0)
    every = max(1, ceil((longest + 2.5) * _LETTER / band))
    for number, name in enumerate(drawn.categories):
        if number % every == 0:
            most = drawn.width - len(name) * _LETTER / 2
            yield _text(min(left + (number + 0.5) * band, most), at, name, "tick middle")


def _bars(drawn: Drawing, left: float, band: float, y: Scale) -> Body:
    thick = band * 0.72 / len(drawn.series)
    wrote = len(drawn.categories) * len(drawn.series) <= _MOST_FIGURES
    for place, one in enumerate(drawn.series):
        for number, mark in enumerate(one.marks):
            x = left + (number + 0.14) * band + place * thick
            if mark.value is not None:
                yield _bar(x + 1, min(y(mark.value), y(0)), thick - 2, abs(y(0) - y(mark.value)), place)
            if wrote and mark.text and len(mark.text) * _LETTER <= thick:
                yield _text(x + thick / 2, y(max(mark.value or 0, 0)) - 5, mark.text, "figure middle")


def _stacked(drawn: Drawing, left: float, band: float, y: Scale) -> Body:
    thick = min(band * 0.62, 90)
    for number in range(len(drawn.categories)):
        above = below = 0.0
        for place, one in enumerate(drawn.series):
            value = one.marks[number].value
            if not value:
                continue
            start = above if value > 0 else below
            ends = y(start), y(start + value)
            yield _bar(left + (number + 0.5) * band - thick / 2, min(ends), thick, abs(ends[0] - ends[1]), place)
            above, below = (above + value, below) if value > 0 else (above, below + value)
        if not drawn.is_told(number):  # the bar is no whole
            yield _text(left + (number + 0.5) * band, y(above) - 5, f"+ {Hidden.HIDDEN.value}", "figure middle")


def _lines(drawn: Drawing, left: float, band: float, y: Scale) -> Body:
    """A line is broken where a figure isn't shown."""
    dots = len(drawn.categories) <= _MOST_DOTS
    for place, one in enumerate(drawn.series):
        points = [(left + (number + 0.5) * band, mark.value) for number, mark in enumerate(one.marks)]
        for run in _runs(points):
            path = " ".join(f"{x:.1f},{y(value):.1f}" for x, value in run)
            yield Markup('<polyline class="line s{}" points="{}"/>').format(place, path)
            if dots or len(run) == 1:
                yield from (Markup('<circle class="s{}" cx="{:.1f}" cy="{:.1f}" r="2.5"/>').format(place, x, y(value)) for x, value in run)


def _runs(points: Sequence[tuple[float, float | None]]) -> Iterator[list[tuple[float, float]]]:
    run: list[tuple[float, float]] = []
    for x, value in [*points, (0.0, None)]:
        if value is not None:
            run.append((x, value))
        elif run:
            yield run
            run = []


def _horizontal(drawn: Drawing) -> tuple[list[Markup], float]:
    """A group of bars for each category, its name beside them, or above where it is narrow."""
    beside = drawn.width > NARROW
    axis = drawn.axis
    low, high = axis[0], axis[-1]
    names = max((len(name) for name in drawn.categories), default=0) * _LETTER + 12
    figures = max([len(drawn.tick(high)) / 2, *(len(mark.text) for one in drawn.series for mark in one.marks)]) * _LETTER + 14
    left = min(names, drawn.width * 0.4) if beside else 4.0
    group = _BAR * len(drawn.series) + _GAP + (0 if beside else _LINE)
    top = 2.4 * _LINE
    bottom = top + group * len(drawn.categories)

    def x(value: float) -> float:
        return left + (drawn.width - left - figures) * (value - low) / (high - low)

    body = [_text(0, 0.8 * _LINE, drawn.plot.y_title.to(drawn.language), "unit")]
    widest = max(len(drawn.tick(value)) for value in axis) + 1
    every = max(1, ceil(widest * _LETTER / (x(axis[1]) - x(axis[0]))))
    for number, value in enumerate(axis):
        body.append(_line(x(value), top - 4, x(value), bottom, "zero" if value == 0 else "grid"))
        if number % every == 0:
            body.append(_text(x(value), top - 8, drawn.tick(value), "tick " + ("start" if value == 0 and not beside else "middle")))
    for number, name in enumerate(drawn.categories):
        start = top + number * group + _GAP / 2
        if beside:
            body.append(_text(left - 8, start + _BAR * len(drawn.series) / 2 + 4, _cut(name, left), "name end"))
        else:
            body.append(_text(4, start + 10, _cut(name, drawn.width), "name"))
        body += _bars_across(drawn, number, start if beside else start + _LINE, x)
    return body, bottom + 8


def _bars_across(drawn: Drawing, number: int, top: float, x: Scale) -> Body:
    """The bars of a category, each with its figure at its end."""
    for place, one in enumerate(drawn.series):
        mark, y = one.marks[number], top + place * _BAR
        if mark.value is not None:
            yield _bar(min(x(0), x(mark.value)), y + 1, abs(x(mark.value) - x(0)), _BAR - 2, place)
        yield _text(x(max(mark.value or 0, 0)) + 5, y + _BAR - 4, mark.text, "figure")


def _cut(name: str, room: float) -> str:
    most = int(room / _LETTER) - 1
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _text(x: float, y: float, text: str, look: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(look, x, y, text)


def _line(x1: float, y1: float, x2: float, y2: float, look: str) -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(look, x1, y1, x2, y2)


def _bar(x: float, y: float, width: float, height: float, series: int) -> Markup:
    return Markup('<rect class="s{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(series, x, y, width, height)
