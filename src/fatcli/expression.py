"""A rule's condition over the columns of a facts frame, read in two ways.

It is compiled to a Polars expression, or evaluated on one row for `explain`. Both are three-valued: with an empty value
a comparison is neither true nor false. No text ever reaches an evaluator.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from fatcli import syntax
from fatcli.syntax import (
    Column,
    ColumnType,
    Comparison,
    Condition,
    Constant,
    Empty,
    ExpressionError,
    Joined,
    Leaf,
    Member,
    Not,
    Operand,
    Sum,
    names,
)

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ColumnType", "Expression", "ExpressionError", "Trace", "parse"]

_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Trace:
    """One comparison as it stands, the values it saw, and its verdict; None: an empty value left it open."""

    leaf: Leaf
    text: str
    values: Mapping[str, object]
    verdict: bool | None


@dataclass(frozen=True)
class Expression:
    """A checked condition. `columns`: the columns it names, `limit_<name>` among them."""

    text: str
    columns: frozenset[str]
    tree: Condition

    def polars(self) -> "pl.Expr":
        """Boolean; null where an empty value leaves the condition open."""
        return _polars(self.tree)

    def verdict(self, row: Mapping[str, object]) -> bool | None:
        """The condition on one row; a column that the row lacks is empty."""
        return _verdict(self.tree, row)

    def trace(self, row: Mapping[str, object]) -> list[Trace]:
        """Each comparison of the condition on one row, in reading order."""
        return [self._traced(leaf, row) for leaf in _leaves(self.tree)]

    def deciding(self, row: Mapping[str, object]) -> list[Trace]:
        """Of the comparisons those that the verdict on one row rests on."""
        return [self._traced(leaf, row) for leaf in _deciding(self.tree, row)]

    def _traced(self, leaf: Leaf, row: Mapping[str, object]) -> Trace:
        text = leaf.name if isinstance(leaf, Column) else self.text[leaf.start : leaf.end]
        return Trace(leaf, text, {name: row.get(name) for name in names(leaf)}, _verdict(leaf, row))


def parse(text: str, columns: Mapping[str, ColumnType]) -> Expression:
    """The condition that a text states over these columns; raises ExpressionError."""
    tree = syntax.tree(text, columns)
    return Expression(text, frozenset(name for leaf in _leaves(tree) for name in names(leaf)), tree)


def _leaves(node: Condition) -> Iterator[Leaf]:
    match node:
        case Joined():
            for operand in node.operands:
                yield from _leaves(operand)
        case Not():
            yield from _leaves(node.operand)
        case _:
            yield node


def _deciding(node: Condition, row: Mapping[str, object]) -> Iterator[Leaf]:
    """The leaves by which the verdict could be another: of joined parts those with the whole's verdict, all where it is open."""
    match node:
        case Joined():
            verdict = _verdict(node, row)
            for operand in node.operands:
                if verdict is None or _verdict(operand, row) is verdict:
                    yield from _deciding(operand, row)
        case Not():
            yield from _deciding(node.operand, row)
        case _:
            yield node


def _polars(node: Condition) -> "pl.Expr":
    import polars as pl

    match node:
        case Joined():
            joined = pl.all_horizontal if node.word == "and" else pl.any_horizontal
            return joined([_polars(operand) for operand in node.operands])
        case Not():
            return ~_polars(node.operand)
        case Empty():
            column = pl.col(node.column.name)
            return column.is_not_null() if node.negated else column.is_null()
        case Member():
            found = pl.any_horizontal([_polars_pair("=", node.operand, value) for value in node.values])
            return ~found if node.negated else found
        case Comparison():
            pairs = zip(node.operators, node.operands, node.operands[1:], strict=False)
            return pl.all_horizontal([_polars_pair(*pair) for pair in pairs])
        case Column():
            return pl.col(node.name)


def _polars_pair(sign: str, left: Operand, right: Operand) -> "pl.Expr":
    import polars as pl

    operands = [_polars_operand(left), _polars_operand(right)]
    if isinstance(left, Column) and isinstance(right, Column) and "code" in (left.type.type, right.type.type):
        # Two code columns may have different codes, which Polars does not compare.
        operands = [operand.cast(pl.String) for operand in operands]
    compared: pl.Expr = _OPERATORS[sign](*operands)
    return compared


def _polars_operand(node: Operand) -> "pl.Expr":
    import polars as pl

    match node:
        case Constant():
            return pl.lit(node.value)
        case Column():
            return pl.col(node.name)
        case Sum():
            # Counts may be unsigned: their difference must not wrap around.
            terms = [_polars_operand(term).cast(pl.Float64) for _, term in node.terms]
            signs = [sign for sign, _ in node.terms]
            return reduce(lambda total, each: total + each[0] * each[1], zip(signs[1:], terms[1:], strict=True), terms[0])


def _verdict(node: Condition, row: Mapping[str, object]) -> bool | None:
    match node:
        case Joined():
            return _joined([_verdict(operand, row) for operand in node.operands], decisive=node.word == "or")
        case Not():
            return _not(_verdict(node.operand, row))
        case Empty():
            return (row.get(node.column.name) is None) != node.negated
        case Member():
            found = _joined([_pair("=", node.operand, value, row) for value in node.values], decisive=True)
            return _not(found) if node.negated else found
        case Comparison():
            pairs = zip(node.operators, node.operands, node.operands[1:], strict=False)
            return _joined([_pair(*pair, row) for pair in pairs], decisive=False)
        case Column():
            value = row.get(node.name)
            return None if value is None else bool(value)


def _joined(verdicts: list[bool | None], *, decisive: bool) -> bool | None:
    """`or` where True decides, `and` where False does; otherwise an open part leaves the whole open."""
    if decisive in verdicts:
        return decisive
    return None if None in verdicts else not decisive


def _not(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict


def _pair(sign: str, left: Operand, right: Operand, row: Mapping[str, object]) -> bool | None:
    values = _value(left, row), _value(right, row)
    return None if None in values else bool(_OPERATORS[sign](*values))


def _value(node: Operand, row: Mapping[str, object]) -> object:
    match node:
        case Constant():
            return node.value
        case Column():
            return row.get(node.name)
        case Sum():
            values = [_value(term, row) for _, term in node.terms]
            if None in values:
                return None
            return sum(sign * float(value) for (sign, _), value in zip(node.terms, values, strict=True))  # type: ignore[misc,arg-type]  # None is ruled out
