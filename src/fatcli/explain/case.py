"""What explanations rest on, and how a place or a value of it is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from fatcli import claims
from fatcli.checks import Hits
from fatcli.explained import Fault, Place
from fatcli.facts import Facts
from fatcli.ledger import Entry
from fatcli.model import cell_name
from fatcli.result import Checked
from fatcli.rulebook import RuleBook
from fatcli.tables import Tables
from fatcli.texts import Language, Text
from fatcli.violations import MASK, as_text, masked
from fatcli.writers import wording

_IDENTITY = ("participant_id", "participant", "identity_number")
_YES, _NO = Text("ja", "yes"), Text("nej", "no")


@dataclass(frozen=True)
class Case:
    """All that was read and judged, and the books as they stand.

    hits: of every rule that was run. items: judged. set_aside: _p, rule. checked: what it all rests on, its violations being the
    reader's faults alone. booked: facts.BOOKED. history: the ledger's items. log: its runs by number.
    """

    tables: Tables
    facts: Facts
    hits: tuple[Hits, ...]
    set_aside: pl.DataFrame
    items: pl.DataFrame
    checked: Checked
    booked: pl.DataFrame
    history: pl.DataFrame
    log: Mapping[int, Entry]
    show_ids: bool

    @property
    def book(self) -> RuleBook:
        return self.facts.book

    @property
    def language(self) -> Language:
        return self.checked.language

    def say(self, text: Text, **values: object) -> str:
        return text.fill(**values).to(self.language)

    def money(self, ore: int) -> str:
        return wording.money(ore, self.language)

    def table(self, name: str) -> pl.DataFrame:
        return self.tables.table(name)

    @cached_property
    def spoken(self) -> claims.Spoken:
        """What a run of this input speaks for."""
        return claims.spoken(self.facts, self.items, self.table("attendance"), self.tables.doubtful_days(), self.set_aside)

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """What the reader found wrong, in order of place."""
        return tuple(self._fault(row) for row in self.checked.violations.iter_rows(named=True))

    def _fault(self, row: Mapping[str, str | None]) -> Fault:
        place = Place(row["file"] or "", row["sheet"] or "", row["cell"] or "") if row["file"] else None
        message = " ".join(filter(None, (row["message"], row["remedy"])))
        return Fault(row["rule"] or "", self.checked.label(row["rule"] or ""), message, place, row["placement"])

    def place(self, row: Mapping[str, Any], col: int | None) -> Place | None:
        """A cell of a table's row (source, row); None where there is no such column."""
        if col is None:
            return None
        of = self.tables.sources[row["source"]]
        return Place(of.file, of.sheet, cell_name(row["row"], col))

    def cell(self, row: Mapping[str, Any], column: str) -> Place | None:
        """The cell of a column in a table's row (source, row); None where its sheet lacks the column."""
        return self.place(row, self.tables.sources[row["source"]].columns.get(column))

    def report_cell(self, row: Mapping[str, Any]) -> Place | None:
        """The cell of a report (source, row, col): the day's in a month grid, else that of its date."""
        return self.cell(row, "date") if row["col"] is None else self.place(row, row["col"])

    def shown(self, rows: pl.DataFrame) -> list[dict[str, str | None]]:
        """Rows as texts to show, codes as rules name them; numbers masked, causes of absence untold unless asked for."""
        return rows.select(self._shown(name, dtype).alias(name) for name, dtype in rows.schema.items()).rows(named=True)

    def _shown(self, name: str, dtype: pl.DataType) -> pl.Expr:
        if dtype == pl.Boolean:
            return pl.when(pl.col(name)).then(pl.lit(self.say(_YES))).when(~pl.col(name)).then(pl.lit(self.say(_NO)))
        if name in _IDENTITY and not self.show_ids:
            return pl.when(pl.col(name).is_not_null()).then(pl.lit(MASK))
        text = as_text(dtype, "en" if isinstance(dtype, pl.Enum) else self.language, show_ids=self.show_ids, name=name)
        return masked(text) if dtype == pl.String and not self.show_ids else text

    def in_words(self, codes: pl.Series) -> list[str | None]:
        """Codes in the words of the language."""
        text = as_text(codes.dtype, self.language, show_ids=self.show_ids)
        return codes.alias("v").to_frame().select(text).to_series().to_list()

    def titled(self, rules: Iterable[str]) -> str:
        """`A04 Dag före beslutet, P11 Beslut saknas`."""
        return ", ".join(f"{rule} {title}" if (title := self.checked.label(rule)) != rule else rule for rule in rules)
