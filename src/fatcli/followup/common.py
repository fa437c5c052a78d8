"""What the reports share: labels, rounding, counts by group, and the columns that stand in several of them."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl

from fatcli.figures import Column, Label, Row, Value
from fatcli.followup.data import Data, Days
from fatcli.model import Month
from fatcli.texts import Text, same

SERVICE = Column("service", Text("Insats", "Service"), "text")
YEAR = Column("year", Text("År", "Year"), "text")
MISSING = "missing"
_NOT_GIVEN = Text("uppgift saknas", "not given")

OUTCOMES: Mapping[str, Text] = {
    "work": Text("arbete", "work"),
    "supported_work": Text("arbete med stöd", "work with support"),
    "studies": Text("studier", "studies"),
    "programme": Text("annat program", "another programme"),
    "unemployed": Text("arbetslös", "unemployed"),
    "enrolled": Text("fortsatt inskriven", "still enrolled"),
    "referred_back": Text("återremitterad", "referred back"),
    "other": Text("övriga", "others"),
    "unknown": Text("okänd", "unknown"),
    MISSING: _NOT_GIVEN,
}
REASONS: Mapping[str, Text] = {
    "completed": Text("fullföljd", "completed"),
    "interrupted": Text("avbrott", "interrupted"),
    "plan_changed": Text("ändrad planering", "plan changed"),
    "work": Text("arbete", "work"),
    "studies": Text("studier", "studies"),
    "illness": Text("sjukdom", "illness"),
    "moved": Text("flytt", "moved"),
    "other": Text("annat", "other"),
    MISSING: _NOT_GIVEN,
}
WORK_OR_STUDIES = ("work", "supported_work", "studies")


def label(codes: Mapping[str, Text], code: str) -> Label:
    return Label(code, codes.get(code, same(code)))


def code_of(value: Value) -> str:
    """The code of a label, in a column that holds nothing else."""
    assert isinstance(value, Label)  # noqa: S101  # for mypy: such a cell is a label
    return value.code


def partial_rows(rows: Sequence[Row], at: int, cut: Mapping[int, Days] | Mapping[Month, Days]) -> dict[int, Days]:
    """Row -> the days covered, of the rows whose year or month, in column `at`, is covered in part."""
    days = {str(span): part for span, part in cut.items()}
    return {place: days[code] for place, row in enumerate(rows) if (code := code_of(row[at])) in days}


def share_of(title: Text, key: str, part: str, whole: str, base: Text) -> Column:
    """A column of shares; `part` and `whole` are the keys of the counts."""
    return Column(key, title, "share", of=(part, whole), base=base)


def persons(key: str, title: Text, part_of: str | None = None) -> Column:
    return Column(key, title, "count", persons=True, part_of=part_of)


def listed(data: Data, frame: pl.DataFrame, column: str = "service") -> list[str]:
    """The values of a service column in the rule book's order, then others by name."""
    order = list(data.services)
    found = frame[column].drop_nulls().unique().to_list()
    return sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))


def rounded(value: float | None, digits: int = 1) -> float | None:
    """Half up, as figures are rounded by hand."""
    if value is None:
        return None
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def counted(frame: pl.DataFrame, *by: str) -> dict[Any, int]:
    """Rows by group: keys are the value of one column, or tuples of several."""
    rows = frame.group_by(by).len().iter_rows()
    return {(row[0] if len(by) == 1 else row[:-1]): row[-1] for row in rows}


def by_key(frame: pl.DataFrame, *keys: str) -> dict[Any, dict[str, Any]]:
    """A small frame as rows by key."""
    return {(row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys)): row for row in frame.iter_rows(named=True)}


def within(days: Days | None, column: str) -> pl.Expr:
    return pl.col(column).is_between(*days) if days else pl.lit(value=False)


def left_within(spells: pl.DataFrame, days: Days | None) -> pl.DataFrame:
    """Those that have left, in the days of the report."""
    return spells.filter("left", within(days, "end"))


def positions(rows: Sequence[Sequence[object]], code: str, column: int = 0) -> tuple[int, ...]:
    """The rows whose label in a column has a code."""
    return tuple(at for at, row in enumerate(rows) if isinstance(row[column], Label) and row[column].code == code)  # type: ignore[attr-defined]  # asked just before


def organiser_names(data: Data) -> dict[str, Text]:
    """Id and name of each organiser, by its id."""
    rows = data.organisers.select("organiser_id", "name").iter_rows()
    return {organiser: same(" ".join(filter(None, (organiser, name)))) for organiser, name in rows}
