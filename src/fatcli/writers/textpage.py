"""The page that a report is printed on: sections of tables, cut where they get long, with what was cut and how to see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table

from fatcli.texts import Language, Text
from fatcli.writers.console import styled
from fatcli.writers.wording import number

HEAD, QUIET = "bold", "dim"
_WHOLE = 24  # characters of a number or name that are kept on one line


@dataclass(frozen=True)
class Page:
    """Where the report goes, in which language, and how long its lists get."""

    console: Console
    language: Language
    limit: int | None

    def put(self, body: RenderableType) -> None:
        self.console.print(Padding(body, (0, 0, 0, 2), expand=False))

    def more(self, left: int, how: str) -> None:
        """What was cut, and how to see it."""
        if left > 0:
            text = Text("… och {n} till; visa alla med {how}", "… and {n} more; show all with {how}").to(self.language)
            self.put(styled(text.format(n=number(left, self.language), how=how), QUIET))

    def section(
        self,
        title: Text,
        rows: Sequence[Sequence[str]],
        texts: Sequence[Text] = (),
        numbers: Sequence[Text] = (),
        *,
        cut: bool = True,
        most: int = 0,
    ) -> None:
        """A table under its title: columns of texts, then of numbers; without headings where none are given.

        `most`: how many rows are shown where lists are cut, if more than the page's limit.
        """
        if not rows:
            return
        shown = rows[: max(self.limit, most)] if cut and self.limit is not None else rows
        table = _table(self.language, texts, numbers, max(len(row[0]) for row in shown)) if texts else Table.grid(padding=(0, 2, 0, 0))
        for row in shown:
            table.add_row(*map(styled, row))
        self.console.print()
        self.console.print(styled(title.to(self.language), HEAD))
        self.put(table)
        self.more(len(rows) - len(shown), "-o json")


def _table(language: Language, texts: Sequence[Text], numbers: Sequence[Text], longest: int) -> Table:
    """A table whose first column, what its rows are known by, is broken last."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim", pad_edge=False)
    for position, text in enumerate(texts):
        table.add_column(text.to(language), overflow="fold", no_wrap=position == 0 and longest <= _WHOLE)
    for text in numbers:
        table.add_column(text.to(language), justify="right", no_wrap=True)
    return table
