"""A follow-up report on a terminal: its tables, each with what its shares are shares of."""

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text as Styled

from fatcli.figures import Label, Report, Table
from fatcli.writers.figures import cells
from fatcli.writers.neutral import terminal_text

_BY_CODE = ("service", "part")
_WHOLE = 20  # characters of a text that are kept on one line


def print_figures(report: Report, console: Console) -> None:
    """The whole report."""
    language = report.basis.language
    console.print(_line(report.title.to(language), "bold"))
    console.print(_line(cells.about(report), "dim"))
    for table in report.figures.tables:
        _print_table(table, report, console)
    console.print()
    for note in report.figures.notes:
        console.print(_line(note.to(language)))
    console.print(_line(cells.rests_on(report.basis), "dim"))


def _print_table(table: Table, report: Report, console: Console) -> None:
    language = report.basis.language
    console.print()
    console.print(_line(table.title.to(language), "bold"))
    grid = Grid(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim", pad_edge=False)
    rows = [[_text(table, row, at, report) for at in range(len(table.columns))] for row in range(len(table.rows))]
    for at, column in enumerate(table.columns):
        widest = max((len(row[at]) for row in rows), default=0)
        is_text = column.kind == "text"
        # headings may be broken, figures not
        grid.add_column(
            cells.heading(column, language),
            justify="left" if is_text else "right",
            vertical="bottom",
            overflow="fold",
            min_width=min(widest, _WHOLE) if is_text else widest,
        )
    for texts in rows:
        grid.add_row(*map(_line, texts))
    if table.rows:
        console.print(Padding(grid, (0, 0, 0, 2), expand=False))
    else:
        console.print(Padding(_line("–"), (0, 0, 0, 2)))
    for note in cells.footnotes(table, report):
        console.print(Padding(_line(note, "dim"), (0, 0, 0, 2)))


def _text(table: Table, row: int, at: int, report: Report) -> str:
    """A figure; a service by its code, which is shorter and known from the register."""
    value = table.rows[row][at]
    return value.code if isinstance(value, Label) and table.columns[at].key in _BY_CODE else cells.marked(table, row, at, report)


def _line(text: str, style: str = "") -> Styled:
    return Styled(terminal_text(text), style=style)
