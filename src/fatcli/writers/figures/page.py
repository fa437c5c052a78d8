"""A follow-up report as a web page: each table under the plots of it."""

from typing import NamedTuple

from fatcli.figures import TOTAL, Column, Label, Report, Table
from fatcli.writers import plots
from fatcli.writers.figures import cells
from fatcli.writers.webpage import render


class Chart(NamedTuple):
    """A plot under its title; `key`: the names of its colours, where there are several."""

    title: str
    svg: str
    kind: str
    key: list[str]


class Section(NamedTuple):
    """A table as it is shown: headings and rows of (text, class), which rows are totals, and its notes."""

    key: str
    title: str
    heads: list[tuple[str, str]]
    rows: list[list[tuple[str, str]]]
    totals: list[int]
    notes: list[str]
    charts: list[Chart]


def figures_page(report: Report) -> bytes:
    """The page, in the report's language; it names no participant."""
    language = report.basis.language
    return render(
        "figures.html.j2",
        language,
        title=report.title.to(language),
        about=cells.about(report),
        notes=[note.to(language) for note in report.figures.notes],
        rests_on=cells.rests_on(report.basis),
        sections=[_section(table, report) for table in report.figures.tables],
    )


def _section(table: Table, report: Report) -> Section:
    language = report.basis.language
    looks = [_look(column) for column in table.columns]
    return Section(
        key=table.key,
        title=table.title.to(language),
        heads=[(cells.heading(column, language), look) for column, look in zip(table.columns, looks, strict=True)],
        rows=[[(cells.marked(table, row, at, report), look) for at, look in enumerate(looks)] for row in range(len(table.rows))],
        totals=[at for at, row in enumerate(table.rows) if any(isinstance(value, Label) and value.code == TOTAL for value in row)],
        notes=list(cells.footnotes(table, report)),
        charts=_charts(table, report),
    )


def _look(column: Column) -> str:
    """The class of a column's cells: figures to the right, years and months unbroken."""
    return "number" if column.kind != "text" else "date" if column.key in cells.PERIODS else ""


def _charts(table: Table, report: Report) -> list[Chart]:
    language = report.basis.language
    found = []
    for plot in report.figures.plots:
        if plot.table == table.key and plot.rows:
            drawn = plots.drawing(plot, table, report)
            names = [series.name for series in drawn.series] if len(drawn.series) > 1 else []
            found.append(Chart(plot.title.to(language), plots.svg(drawn), plot.kind, names))
    return found
