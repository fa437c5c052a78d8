"""Whether what is hidden could be otherwise: other figures that fit all that is shown, and all that readers know of how figures sum.

A figure counts as hidden for good only when such other figures have been found, so nothing rests on how clever a reader is: where they
exist, no reckoning can exclude them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_MOST_DEAD_ENDS, _MOST_MOVED = 30, 200  # of a search; a figure that none is found for in time is taken to be told


@dataclass
class Unknown:
    """A figure that readers may not know.

    number: its place among all. lowest: what readers know it to be at least (None: nothing). sums: those it stands in, with its sign.
    """

    number: int
    value: int
    lowest: int | None
    hidden: bool = False
    sums: list[tuple["Sum", int]] = field(default_factory=list)

    def step(self, by: int) -> int:
        """How far it could move of so much."""
        return by if self.lowest is None else max(by, self.lowest - self.value)


@dataclass(frozen=True, eq=False)
class Sum:
    """Figures of which the signed sum is known, as (figure, 1 or -1)."""

    terms: Sequence[tuple[Unknown, int]]


def stuck(unknown: Unknown, value: int) -> list[Sum] | None:
    """None: the figure could have that value. Else the sums at which the search for the other figures ended, first ones first."""
    dead: list[Sum] = []
    search = _Search(dead)
    return None if search.moved(unknown, value - unknown.value, {}) else dead


class _Search:
    """A search for other figures: each moves once, until all sums are right again."""

    def __init__(self, dead: list[Sum]) -> None:
        self._dead = dead
        self._moved: set[int] = set()

    def moved(self, unknown: Unknown, by: int, gaps: Mapping[Sum, int]) -> bool:
        """Whether the sums come right when a figure moves; `gaps`: by how much each misses that isn't right before it does."""
        self._moved.add(unknown.number)
        after = dict(gaps)
        for sum_, sign in unknown.sums:
            after[sum_] = after.get(sum_, 0) + sign * by
            if not after[sum_]:
                del after[sum_]
        right = self._settled(after)
        self._moved.remove(unknown.number)
        return right

    def _settled(self, gaps: Mapping[Sum, int]) -> bool:
        """First in the sum that leaves the least choice."""
        if not gaps:
            return True
        hardest, movable = min(((sum_, self._movable(sum_)) for sum_ in gaps), key=lambda found: len(found[1]))
        if len(self._moved) < _MOST_MOVED:
            for one, sign in sorted(movable, key=lambda term: (len(term[0].sums), -term[0].value)):
                by = one.step(-sign * gaps[hardest])
                if by and self.moved(one, by, gaps):
                    return True
                if len(self._dead) >= _MOST_DEAD_ENDS:
                    return False
        self._dead.append(hardest)
        return False

    def _movable(self, sum_: Sum) -> list[tuple[Unknown, int]]:
        return [term for term in sum_.terms if term[0].hidden and term[0].number not in self._moved]
