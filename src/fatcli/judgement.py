"""What was read, judged: facts, what rules find in them, and what is due or withheld. Nothing of it is put into words yet."""

from dataclasses import dataclass

import polars as pl

from fatcli import checks, claims, entitlement, facts
from fatcli.checks import Hits
from fatcli.facts import Books, Facts
from fatcli.intake import Material, Task
from fatcli.result import NotEvaluated


@dataclass(frozen=True)
class Judged:
    """Everything judged. `set_aside`: _p, rule of participants in doubt. `items`: those of entitlement.judged, of all months."""

    material: Material
    facts: Facts
    hits: tuple[Hits, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    absent_columns: tuple[str, ...]
    set_aside: pl.DataFrame
    items: pl.DataFrame

    def spoken(self, items: pl.DataFrame | None = None) -> claims.Spoken:
        """What the input speaks for, by these of its items (None: all)."""
        tables = self.material.tables
        found = self.items if items is None else items
        return claims.spoken(self.facts, found, tables.table("attendance"), tables.doubtful_days(), self.set_aside)


def judge(task: Task, material: Material, books: Books) -> Judged:
    """Facts, rules and money of what was read, on what the ledger holds."""
    task.progress("check", 0, 1)
    book, tables = material.book, material.tables
    known = facts.build(tables, book, task.as_of, books.booked)
    rules, not_evaluated = checks.applicable(book, tables, task.language)
    hits = checks.evaluate(known, rules)
    set_aside = entitlement.set_aside_placements(known, tables.set_aside_participants)
    found = entitlement.items(known, material.table("contracts"), books.booked)
    items = entitlement.judged(found, hits, set_aside, tables.doubts, books.closed)
    return Judged(material, known, hits, tuple(not_evaluated), checks.absent_columns(rules, tables), set_aside, items)
