"""Small groups hidden, and with them what they could be computed from.

A count of persons from 1 up to the least group is hidden, and so is each figure that rests on it, and what is left of a whole. As long as
such a group could not be a large one by all that is shown (see worlds.py), one more figure is hidden, chosen by its place and not by its
size, as the choice would tell. All are marked alike: a mark of its own would tell the group where the sum is small.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from fatcli.figures import Cell, Column, Figures, Hidden, Relation, Table, Value
from fatcli.followup.worlds import Sum, Unknown, stuck


def hide_small(figures: Figures, least: int) -> Figures:
    """The figures without those of groups of fewer than `least` persons; 0 and 1 hide nothing. Nobody is no group: 0 is shown."""
    grid = _Grid(figures, least)
    grid.hide()
    return replace(figures, tables=tuple(replace(table, rows=grid.rows(table)) for table in figures.tables))


def anything_hidden(figures: Figures) -> bool:
    return any(isinstance(value, Hidden) for table in figures.tables for row in table.rows for value in row)


class _Grid:
    """The figures of all tables, while they are being hidden."""

    def __init__(self, figures: Figures, least: int) -> None:
        self._least = least
        self._columns = {(table.key, column.key): column for table in figures.tables for column in table.columns}
        self._resting: dict[tuple[str, str], list[str]] = {}
        self._values: dict[Cell, Value] = {}
        for table in figures.tables:
            for column in table.columns:
                for key in column.of:
                    self._resting.setdefault((table.key, key), []).append(column.key)
                self._values |= {Cell(table.key, row, column.key): table.value(row, column.key) for row in range(len(table.rows))}
        self._unknowns: list[Unknown] = []
        self._at: dict[Cell, Unknown] = {}
        self._cells: dict[int, list[Cell]] = {}  # of each unknown; a rest has none
        self._spared: set[Cell] = set()
        self._small: list[Unknown] = []  # those hidden or never shown that readers may not find out
        self._relate([*figures.relations, *_wholes(figures.tables)])

    def rows(self, table: Table) -> tuple[tuple[Value, ...], ...]:
        return tuple(tuple(self._values[Cell(table.key, row, column.key)] for column in table.columns) for row in range(len(table.rows)))

    def hide(self) -> None:
        for each, value in list(self._values.items()):
            if self._column(each).persons and isinstance(value, int) and 0 < value < self._least:
                self._hide(each)
        for unknown in self._small:  # grows meanwhile; once another value is found for a figure, hiding more leaves it
            while (dead := self._told(unknown)) is not None and (cell := self._next(unknown, dead)):
                self._hide(cell)

    def _relate(self, relations: Iterable[Relation]) -> None:
        sums = []
        for relation in relations:
            if any(not isinstance(self._values[cell], int) for cell in relation.cells):
                continue
            if len(relation.cells) == 2 and not relation.rest and self._gap(relation) == 0:
                self._join(*relation.cells)
            else:
                sums.append(relation)
        for relation in sums:
            self._add(relation)

    def _add(self, relation: Relation) -> None:
        terms = [(self._unknown(cell), sign) for cells, sign in ((relation.plus, 1), (relation.minus, -1)) for cell in cells]
        if relation.rest:
            rest = self._new(-self._gap(relation), min(0, -self._gap(relation)))
            rest.hidden = True
            terms.append((rest, 1))
            if 0 < rest.value < self._least:
                self._small.append(rest)
        self._spared |= set(relation.spared)
        found = Sum(terms)
        for one, sign in terms:
            one.sums.append((found, sign))

    def _gap(self, relation: Relation) -> int:
        plus, minus = (sum(self._number(cell) for cell in cells) for cells in (relation.plus, relation.minus))
        return plus - minus

    def _new(self, value: int, lowest: int | None) -> Unknown:
        self._unknowns.append(Unknown(len(self._unknowns), value, lowest))
        return self._unknowns[-1]

    def _unknown(self, cell: Cell) -> Unknown:
        if cell not in self._at:
            value = self._number(cell)
            # nobody is shown, so who is hidden is somebody; money and the like may be 0
            self._at[cell] = self._new(value, 1 if self._column(cell).persons and value > 0 else 0 if value >= 0 else None)
            self._cells[self._at[cell].number] = [cell]
        return self._at[cell]

    def _join(self, one: Cell, other: Cell) -> None:
        """That two cells tell the same figure."""
        kept, gone = self._unknown(one), self._unknown(other)
        if kept is not gone:
            moved = self._cells.pop(gone.number)
            self._cells[kept.number] += moved
            self._at |= dict.fromkeys(moved, kept)

    def _hide(self, cell: Cell) -> None:
        """Hides a figure wherever it stands, and what rests on it."""
        if isinstance(self._values[cell], Hidden):
            return
        unknown = self._unknown(cell) if isinstance(self._values[cell], int) else None
        if unknown and not unknown.hidden:
            unknown.hidden = True
            if not self._column(cell).persons or 0 < unknown.value < self._least:
                self._small.append(unknown)
        cells = self._cells[unknown.number] if unknown else [cell]
        self._values |= dict.fromkeys(cells, Hidden.HIDDEN)
        for each in cells:
            for key in self._resting.get((each.table, each.column), ()):
                resting = Cell(each.table, each.row, key)
                if self._values[resting] is not None:
                    self._hide(resting)

    def _told(self, unknown: Unknown) -> list[Sum] | None:
        """None: a group could be a large one, or a sum another. Else the sums that tell it."""
        cells = self._cells.get(unknown.number)
        if not cells or self._column(cells[0]).persons:
            return stuck(unknown, self._least)
        others = (2 * unknown.value, 0) if unknown.value else ()
        found = [stuck(unknown, other) for other in others]
        return None if None in found or not found else found[0]

    def _next(self, unknown: Unknown, dead: list[Sum]) -> Cell | None:
        """What to hide of the nearest sum that tells: the next after what is hidden there, a part before a whole; 0 never."""
        obstacle, others = dead[:1], list(_nearest([*dead, *(sum_ for sum_, _ in unknown.sums)]))
        ways = ((obstacle, False), (obstacle, True), (others, False), (others, True))
        shown = (one for sums, spared in ways for sum_ in sums for one in _shown(sum_) if self._is_spared(one) == spared)
        found = next(shown, None)
        return self._cells[found.number][0] if found else None

    def _is_spared(self, unknown: Unknown) -> bool:
        return not self._spared.isdisjoint(self._cells[unknown.number])

    def _column(self, cell: Cell) -> Column:
        return self._columns[cell.table, cell.column]

    def _number(self, cell: Cell) -> int:
        value = self._values[cell]
        assert isinstance(value, int)  # noqa: S101  # relations of other figures are left out
        return value


def _shown(sum_: Sum) -> list[Unknown]:
    """The figures shown of a sum that are not 0, parts first, each after what is hidden before it."""
    first = next((at for at, (one, _) in enumerate(sum_.terms) if one.hidden), 0)
    found = [(sign < 0, (at - first) % len(sum_.terms), one) for at, (one, sign) in enumerate(sum_.terms) if not one.hidden and one.value]
    return [one for *_, one in sorted(found, key=lambda each: each[:2])]


def _nearest(sums: Iterable[Sum]) -> Iterator[Sum]:
    """These sums, then those that hidden figures of them stand in, and so on."""
    ordered = dict.fromkeys(sums)
    queue = list(ordered)
    for each in queue:  # grows meanwhile
        yield each
        more = dict.fromkeys(sum_ for one, _ in each.terms if one.hidden for sum_, _ in one.sums if sum_ not in ordered)
        ordered |= more
        queue += more


def _wholes(tables: Iterable[Table]) -> Iterator[Relation]:
    """The counts that are parts of others in their row; the rest is a group too."""
    for table in tables:
        for column in (column for column in table.columns if column.part_of):
            for row in range(len(table.rows)):
                yield Relation((Cell(table.key, row, column.key),), (Cell(table.key, row, str(column.part_of)),), rest=True)
