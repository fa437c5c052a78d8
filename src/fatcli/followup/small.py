"""Small groups hidden, and with them what they could be computed from.

A count of persons from 1 up to the least group is hidden, and so is each figure that rests on it. A sum with one hidden term tells that
term: a second one, the smallest, is then hidden too. All are marked alike: to tell the first from the second would tell that the second
is no small group, and with it, often, how large the first is.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from fatcli.figures import Cell, Column, Figures, Hidden, Label, Relation, Table, Value


def hide_small(figures: Figures, least: int) -> Figures:
    """The figures without those of groups of fewer than `least` persons; 0 and 1 hide nothing. Nobody is no group: 0 is shown."""
    grid = _Grid(figures, least)
    grid.hide()
    return replace(figures, tables=tuple(replace(table, rows=grid.rows(table)) for table in figures.tables))


def anything_hidden(figures: Figures) -> bool:
    return any(isinstance(value, Hidden) for table in figures.tables for row in table.rows for value in row)


class _Grid:
    """The values of all tables, while they are being hidden."""

    def __init__(self, figures: Figures, least: int) -> None:
        self._figures = figures
        self._least = least
        self._values = {table.key: [dict(zip(_keys(table), row, strict=True)) for row in table.rows] for table in figures.tables}

    def rows(self, table: Table) -> tuple[tuple[Value, ...], ...]:
        return tuple(tuple(row.values()) for row in self._values[table.key])

    def hide(self) -> None:
        self._each_row(self._hide_small)
        self._each_row(self._hide_resting)
        while any([self._hide_in(relation) for relation in self._figures.relations]):  # noqa: C419  # each of them is to be seen to
            self._each_row(self._hide_resting)

    def _each_row(self, work: Callable[[dict[str, Value], Column], None]) -> None:
        for table in self._figures.tables:
            for row in self._values[table.key]:
                for column in table.columns:
                    work(row, column)

    def _hide_small(self, row: dict[str, Value], column: Column) -> None:
        count = row[column.key]
        if not column.persons or not isinstance(count, int):
            return
        whole = row[column.part_of] if column.part_of else None
        rest = whole - count if isinstance(whole, int) else 0
        if 0 < count < self._least or 0 < rest < self._least:
            row[column.key] = Hidden.HIDDEN

    def _hide_resting(self, row: dict[str, Value], column: Column) -> None:
        if (
            row[column.key] is not None
            and not isinstance(row[column.key], Hidden)
            and any(isinstance(row[key], Hidden) for key in column.of)
        ):
            row[column.key] = Hidden.HIDDEN

    def _hide_in(self, relation: Relation) -> bool:
        """Hides one more figure of a relation where those hidden can be computed; tells whether it did."""
        shown = [cell for cell in relation.cells if self._number(cell) is not None]
        if not shown or not self._told(relation):
            return False
        cell = min(shown, key=lambda cell: self._order(cell, relation))
        self._values[cell.table][cell.row][cell.column] = Hidden.HIDDEN
        return True

    def _told(self, relation: Relation) -> bool:
        """Whether what is hidden can be computed: a single figure, or several that can each be but 1, as nobody is hidden last."""
        plus, minus = (sum(isinstance(self._value(cell), Hidden) for cell in cells) for cells in (relation.plus, relation.minus))
        if plus + minus <= 1:
            return bool(plus + minus)
        return not (plus and minus) and abs(self._sum(relation.minus) - self._sum(relation.plus)) <= plus + minus

    def _sum(self, cells: Iterable[Cell]) -> float:
        return sum(self._number(cell) or 0 for cell in cells)

    def _order(self, cell: Cell, relation: Relation) -> tuple[bool, bool, float]:
        """The smallest first, but a 0 after the others: to hide it protects less."""
        number = self._number(cell) or 0
        return cell in relation.spared, number == 0, abs(number)

    def _value(self, cell: Cell) -> Value:
        return self._values[cell.table][cell.row][cell.column]

    def _number(self, cell: Cell) -> float | None:
        value = self._value(cell)
        return None if isinstance(value, Hidden | Label) or value is None else float(value)


def _keys(table: Table) -> list[str]:
    return [column.key for column in table.columns]
