"""A follow-up report on a terminal: its tables, each with what its shares are shares of."""

from collections.abc import Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid

from fatcli.figures import Label, Report, Table
from fatcli.writers.console import styled
from fatcli.writers.figures import cells

_BY_CODE = ("service", "part")
_WHOLE = 20  # characters of a text that are kept on one line
_INDENT, _BETWEEN = 2, 2


def print_figures(report: Report, console: Console) -> None:
    """The whole report; a table that is wider than the terminal as a block of lines for each of its rows."""
    language = report.basis.language
    console.print(styled(report.title.to(language), "bold"))
    console.print(styled(cells.about(report), "dim"))
    for table in report.figures.tables:
        console.print()
        console.print(styled(table.title.to(language), "bold"))
        _put(console, _body(table, report, console.width))
        for footnote in cells.footnotes(table, report):
            _put(console, styled(footnote, "dim"))
    console.print()
    for note in report.figures.notes:
        console.print(styled(note.to(language)))
    console.print(styled(cells.rests_on(report.basis), "dim"))


def _put(console: Console, body: RenderableType) -> None:
    console.print(Padding(body, (0, 0, 0, _INDENT), expand=False))


def _body(table: Table, report: Report, width: int) -> RenderableType:
    if not table.rows:
        return styled("–")
    heads = [cells.heading(column, report.basis.language) for column in table.columns]
    rows = [[_text(table, row, at, report) for at in range(len(table.columns))] for row in range(len(table.rows))]
    columns = list(zip(*rows, strict=True))
    least = [_width(table, at, head, columns[at]) for at, head in enumerate(heads)]
    room = width - _INDENT - _BETWEEN * (len(heads) - 1)
    if sum(least) > room:
        return _blocks(table, heads, rows)
    wanted = [max(len(head), *map(len, texts)) for head, texts in zip(heads, columns, strict=True)]
    return _grid(table, heads, rows, _widened(least, wanted, room))


def _width(table: Table, at: int, head: str, texts: Sequence[str]) -> int:
    """The least that a column needs: no figure and no word of the heading is broken."""
    widest = max(map(len, texts))
    own = min(widest, _WHOLE) if table.columns[at].kind == "text" else widest
    return max(own, *map(len, head.split(" ")))


def _widened(least: Sequence[int], wanted: Sequence[int], room: int) -> list[int]:
    """Each column as wide as it wants to be while there is room, the first ones first; Rich would take from the figures too."""
    spare, widths = room - sum(least), []
    for narrow, wide in zip(least, wanted, strict=True):
        more = min(wide - narrow, spare)
        spare -= more
        widths.append(narrow + more)
    return widths


def _grid(table: Table, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Grid:
    grid = Grid(box=None, padding=(0, _BETWEEN, 0, 0), show_edge=False, header_style="dim", pad_edge=False)
    for column, head, width in zip(table.columns, heads, widths, strict=True):
        justify = "left" if column.kind == "text" else "right"
        grid.add_column(styled(head), justify=justify, vertical="bottom", width=width, overflow="fold")  # type: ignore[arg-type]  # its own literals
    for texts in rows:
        grid.add_row(*map(styled, texts))
    return grid


def _blocks(table: Table, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Grid:
    """Each row as a line that says what it is about, and a line for each of its figures."""
    grid = Grid(box=None, padding=(0, _BETWEEN, 0, 0), show_edge=False, show_header=False, pad_edge=False)
    grid.add_column(overflow="fold")
    grid.add_column(justify="right", no_wrap=True)
    for texts in rows:
        about = [text for column, text in zip(table.columns, texts, strict=True) if column.kind == "text"]
        grid.add_row(styled(" · ".join(about), "bold"), "")
        for column, head, text in zip(table.columns, heads, texts, strict=True):
            if column.kind != "text":
                grid.add_row(Padding(styled(head), (0, 0, 0, _INDENT)), styled(text))
    return grid


def _text(table: Table, row: int, at: int, report: Report) -> str:
    """A figure; a service by its code, which is shorter and known from the register."""
    value = table.rows[row][at]
    return value.code if isinstance(value, Label) and table.columns[at].key in _BY_CODE else cells.marked(table, row, at, report)
