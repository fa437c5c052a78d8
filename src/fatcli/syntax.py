"""The grammar of the rule language: a text to a tree, checked against the types of the columns it names.

condition  = both { "or" both }
both       = one { "and" one }
one        = "not" one | comparison
comparison = sum { operator sum } | sum ["not"] "in" "(" literal { "," literal } ")" | column "is" ["not"] "none"
sum        = term { ("+" | "-") term }
term       = ["-"] number | 'text' | column | "(" condition ")"
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from fatcli.schema import FactType
from fatcli.texts import Text, did_you_mean

LONGEST = 1000
DEEPEST = 30

_KEYWORDS = frozenset({"and", "or", "not", "in", "is", "none"})
_COMPARING = frozenset({"=", "!=", "<", "<=", ">", ">="})
_TOKEN = re.compile(
    r"""[ \t]*(?:
        (?P<number>[0-9]{1,12}(?:\.[0-9]{1,6})?)(?![\w.])
      | '(?P<text>[^'\x00-\x1f]*)'
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)(?!\w)
      | (?P<sign>==|!=|<=|>=|[=<>+\-(),])
    )""",
    re.VERBOSE,
)
_HINTS: Mapping[str, Text] = {
    '"': Text(" Text skrivs inom raka enkla citattecken: 'text'.", " Text is written in straight single quotes: 'text'."),
    "'": Text(" Citattecknet saknar sitt slut.", " The quote is not closed."),
    "*": Text(" Av räknesätten finns bara + och -.", " Of the arithmetic there is only + and -."),
    "/": Text(" Av räknesätten finns bara + och -.", " Of the arithmetic there is only + and -."),
    "&": Text(" Skriv and.", " Write and."),
    "|": Text(" Skriv or.", " Write or."),
    "!": Text(" Skriv not, eller != för olika.", " Write not, or != for different."),
    "≤": Text(" Skriv <=.", " Write <=."),
    "≥": Text(" Skriv >=.", " Write >=."),
    "≠": Text(" Skriv !=.", " Write !=."),
} | {quote: Text(" Skriv raka enkla citattecken: '.", " Write straight single quotes: '.") for quote in "‘’“””´`"}  # fmt: skip


class ExpressionError(ValueError):
    """An expression that is none; `offset` is the 0-based position in its text."""

    def __init__(self, what: Text, offset: int) -> None:
        super().__init__(f"{what.en} (at {offset})")
        self.what = what
        self.offset = offset


@dataclass(frozen=True)
class ColumnType:
    """What an expression may do with a column; `codes` for type "code"."""

    type: FactType
    codes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class _Node:
    start: int
    end: int


@dataclass(frozen=True)
class Column(_Node):
    name: str
    type: ColumnType


@dataclass(frozen=True)
class Constant(_Node):
    """A number, or a text until the column beside it tells whether it is a date, a time or a text."""

    value: int | float | str | dt.date | dt.time


@dataclass(frozen=True)
class Sum(_Node):
    terms: tuple[tuple[int, "Operand"], ...]  # +1 or -1, and the term


@dataclass(frozen=True)
class Comparison(_Node):
    operands: tuple["Operand", ...]
    operators: tuple[str, ...]  # one less than the operands


@dataclass(frozen=True)
class Member(_Node):
    operand: "Operand"
    values: tuple[Constant, ...]
    negated: bool


@dataclass(frozen=True)
class Empty(_Node):
    column: Column
    negated: bool


@dataclass(frozen=True)
class Not(_Node):
    operand: "Condition"


@dataclass(frozen=True)
class Joined(_Node):
    word: Literal["and", "or"]
    operands: tuple["Condition", ...]


Operand = Column | Constant | Sum
Leaf = Column | Comparison | Member | Empty
Condition = Leaf | Not | Joined
_Any = Operand | Condition


def tree(text: str, columns: Mapping[str, ColumnType]) -> Condition:
    """The condition that a text states over these columns; raises ExpressionError."""
    if len(text) > LONGEST:
        found = Text(f"Uttrycket har {len(text)} tecken", f"The expression has {len(text)} characters")
        what = Text(f"{found.sv}; högst {LONGEST} är tillåtna.", f"{found.en}; at most {LONGEST} are allowed.")
        raise ExpressionError(what, LONGEST)
    return _Parser(text, columns).whole()


@dataclass(frozen=True)
class _Token:
    kind: Literal["number", "text", "name", "keyword", "sign", "end"]
    text: str
    start: int
    end: int


def _tokens(text: str) -> Iterator[_Token]:
    position, stop = 0, len(text.rstrip(" \t"))
    while position < stop:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _strange(text, position)
        yield _token(match)
        position = match.end()
    yield _Token("end", "", len(text), len(text))


def _strange(text: str, position: int) -> ExpressionError:
    found = re.compile(r"[ \t]*([\w.]+|.)", re.DOTALL).match(text, position)
    word, at = (found[1], found.start(1)) if found else ("", position)
    what = Text(f"Uttryck kan inte innehålla {word!r}.", f"An expression can't hold {word!r}.")
    return ExpressionError(_plus(what, _HINTS.get(word)), at)


def _token(match: re.Match[str]) -> _Token:
    kind = match.lastgroup or ""
    word = match[kind]
    start = match.start(kind) - (kind == "text")
    if kind == "name" and word.lower() in _KEYWORDS:
        return _Token("keyword", word.lower(), start, match.end())
    if word == "==" and kind == "sign":
        word = "="
    return _Token(kind, word, start, match.end())  # type: ignore[arg-type]  # the patterns are named by the kinds


def _plus(what: Text, hint: Text | None) -> Text:
    return Text(what.sv + hint.sv, what.en + hint.en) if hint else what


class _Parser:
    """Recursive descent: one method per line of the grammar above."""

    def __init__(self, text: str, columns: Mapping[str, ColumnType]) -> None:
        self.columns = columns
        self.tokens = list(_tokens(text))
        self.next = 0
        self.depth = 0

    def whole(self) -> Condition:
        condition = self.condition()
        if self.token.kind != "end":
            raise self.unexpected(Text("and, or eller slutet", "and, or or the end"))
        return condition

    def condition(self) -> Condition:
        return _as_condition(self.any())

    def any(self) -> _Any:
        return self.joined("or", self.both)

    def both(self) -> _Any:
        return self.joined("and", self.one)

    def joined(self, word: Literal["and", "or"], part: Callable[[], _Any]) -> _Any:
        parts = [part()]
        while self.take("keyword", word):
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        return Joined(parts[0].start, parts[-1].end, word, tuple(_as_condition(each) for each in parts))

    def one(self) -> _Any:
        token = self.take("keyword", "not")
        if token is None:
            return self.comparison()
        self.deeper(token)
        operand = _as_condition(self.one())
        self.depth -= 1
        return Not(token.start, operand.end, operand)

    def comparison(self) -> _Any:
        first = self.sum()
        if self.take("keyword", "is"):
            return self.empty(first)
        negated = self.take("keyword", "not")
        if self.take("keyword", "in"):
            return self.member(first, negated is not None)
        if negated:
            raise self.unexpected(Text("in", "in"))
        operands, operators = [first], []
        while self.token.kind == "sign" and self.token.text in _COMPARING:
            operators.append(self.advance().text)
            operands.append(self.sum())
        if not operators:
            return first
        return Comparison(first.start, operands[-1].end, _checked(operands, operators), tuple(operators))

    def empty(self, operand: _Any) -> Empty:
        negated = self.take("keyword", "not") is not None
        end = self.expect("keyword", "none", Text("none eller not none", "none or not none")).end
        if not isinstance(operand, Column):
            what = Text("Bara en kolumn kan vara tom (is none).", "Only a column can be empty (is none).")
            raise ExpressionError(what, operand.start)
        return Empty(operand.start, end, operand, negated)

    def member(self, operand: _Any, negated: bool) -> Member:
        self.expect("sign", "(", Text("( efter in", "( after in"))
        values = [self.literal()]
        while self.take("sign", ","):
            values.append(self.literal())
        end = self.expect("sign", ")", Text("komma eller )", "a comma or )")).end
        fitted = [_checked([operand, value], ["="]) for value in values]
        literals = tuple(pair[1] for pair in fitted if isinstance(pair[1], Constant))
        return Member(operand.start, end, fitted[0][0], literals, negated)

    def sum(self) -> _Any:
        first = self.term()
        terms = [(1, first)]
        while self.token.kind == "sign" and self.token.text in "+-":
            sign = 1 if self.advance().text == "+" else -1
            terms.append((sign, self.term()))
        if len(terms) == 1:
            return first
        return Sum(first.start, terms[-1][1].end, tuple((sign, _as_number(term)) for sign, term in terms))

    def term(self) -> _Any:
        token = self.token
        if token.kind == "sign" and token.text == "(":
            return self.bracketed()
        if token.kind == "name":
            return self.column()
        return self.literal()

    def bracketed(self) -> _Any:
        opening = self.advance()
        self.deeper(opening)
        inside = self.any()
        closing = self.expect("sign", ")", Text("en slutparentes", "a closing parenthesis"))
        self.depth -= 1
        return replace(inside, start=opening.start, end=closing.end) if isinstance(inside, Operand) else inside

    def column(self) -> Column:
        token = self.advance()
        if token.text in self.columns:
            return Column(token.start, token.end, token.text, self.columns[token.text])
        raise ExpressionError(_unknown(token.text, self.columns), token.start)

    def literal(self) -> Constant:
        minus = self.take("sign", "-")
        token = self.token
        if token.kind == "number":
            number = float(token.text) if "." in token.text else int(token.text)
            start = minus.start if minus else token.start
            return Constant(start, self.advance().end, -number if minus else number)
        if token.kind == "text" and not minus:
            return Constant(token.start, self.advance().end, token.text)
        raise self.unexpected(Text("ett tal", "a number") if minus else Text("ett värde", "a value"))

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def advance(self) -> _Token:
        self.next += 1
        return self.tokens[self.next - 1]

    def take(self, kind: str, text: str) -> _Token | None:
        return self.advance() if (self.token.kind, self.token.text) == (kind, text) else None

    def expect(self, kind: str, text: str, expected: Text) -> _Token:
        token = self.take(kind, text)
        if token is None:
            raise self.unexpected(expected)
        return token

    def unexpected(self, expected: Text) -> ExpressionError:
        token = self.token
        found = (
            Text(f"hittade {token.text!r}", f"found {token.text!r}")
            if token.kind != "end"
            else Text("uttrycket tar slut", "the expression ends")
        )
        return ExpressionError(Text(f"Väntade {expected.sv}, men {found.sv}.", f"Expected {expected.en}, but {found.en}."), token.start)

    def deeper(self, token: _Token) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            what = Text(f"Fler än {DEEPEST} nivåer av parenteser och not.", f"More than {DEEPEST} levels of parentheses and not.")
            raise ExpressionError(what, token.start)


_TYPES: Mapping[str, Text] = {
    "number": Text("ett tal, till exempel 20", "a number, such as 20"),
    "date": Text("ett datum inom citattecken, till exempel '2023-10-01'", "a date in quotes, such as '2023-10-01'"),
    "time": Text("ett klockslag inom citattecken, till exempel '07:00'", "a time in quotes, such as '07:00'"),
    "text": Text("en text inom citattecken, till exempel 'FAT'", "a text in quotes, such as 'FAT'"),
}
_PARSERS: Mapping[str, tuple[str, Callable[[str], dt.date | dt.time]]] = {
    "date": (r"\d{4}-\d{2}-\d{2}", dt.date.fromisoformat),
    "time": (r"\d{2}:\d{2}", dt.time.fromisoformat),
}


def _unknown(name: str, columns: Mapping[str, ColumnType]) -> Text:
    if name.lower() in ("true", "false"):
        return Text(
            "true och false skrivs inte: skriv kolumnen ensam, eller not och kolumnen.",
            "true and false are not written: write the column alone, or not and the column.",
        )
    if name.lower() == "null":
        return Text("Tomt skrivs is none, eller is not none.", "Empty is written is none, or is not none.")
    what = Text(f"Okänd kolumn {name}.", f"Unknown column {name}.")
    return _plus(what, did_you_mean(name, columns))


def _as_condition(node: _Any) -> Condition:
    if isinstance(node, Sum | Constant) or (isinstance(node, Column) and node.type.type != "boolean"):
        what = Text(
            "Här väntas ett villkor: en jämförelse eller en ja/nej-kolumn.",
            "A condition is expected here: a comparison or a yes/no column.",
        )
        raise ExpressionError(what, node.start)
    return node


def _as_number(node: _Any) -> Operand:
    if isinstance(node, Sum) or (isinstance(node, Constant) and not isinstance(node.value, str)):
        return node
    if isinstance(node, Column) and node.type.type == "number":
        return node
    raise ExpressionError(Text("+ och - finns bara för tal.", "+ and - are for numbers only."), node.start)


def _kind(node: _Any) -> str:
    """What a comparison may set beside this operand: a key of _TYPES."""
    if isinstance(node, Sum) or (isinstance(node, Constant) and not isinstance(node.value, str)):
        return "number"
    if isinstance(node, Column) and node.type.type != "boolean":
        return "text" if node.type.type == "code" else node.type.type
    if isinstance(node, Constant):
        return "text"
    what = Text("Ett villkor jämförs inte: skriv det ensamt, eller med not.", "A condition is not compared: write it alone, or with not.")
    raise ExpressionError(what, node.start)


def _checked(operands: list[_Any], operators: list[str]) -> tuple[Operand, ...]:
    """The operands of a comparison, its texts read as what stands beside them; raises ExpressionError."""
    beside = next((each for each in operands if not isinstance(each, Operand) or next(names(each), None)), None)
    if beside is None:
        raise ExpressionError(Text("Jämförelsen nämner ingen kolumn.", "The comparison names no column."), operands[0].start)
    kind = _kind(beside)
    if kind == "text" and any(sign not in ("=", "!=") for sign in operators):
        what = Text("Text och koder jämförs bara med = och !=, eller in.", "Texts and codes are compared with = and != only, or in.")
        raise ExpressionError(what, beside.start)
    columns = [each for each in operands if isinstance(each, Column)]
    return tuple(_fitted(each, kind, columns) for each in operands)


def _fitted(node: _Any, kind: str, columns: list[Column]) -> Operand:
    if not isinstance(node, Constant):
        if _kind(node) == kind and isinstance(node, Operand):
            return node
    elif kind in _PARSERS and isinstance(node.value, str):
        shape, read = _PARSERS[kind]
        try:
            if re.fullmatch(shape, node.value, re.ASCII):
                return replace(node, value=read(node.value))
        except ValueError:
            pass
    elif _kind(node) == kind:
        for column in columns:
            _check_code(node, column)
        return node
    what = Text(f"Här väntas {_TYPES[kind].sv}.", f"Here {_TYPES[kind].en} is expected.")
    raise ExpressionError(what, node.start)


def _check_code(literal: Constant, column: Column) -> None:
    codes = column.type.codes
    if codes is not None and literal.value not in codes:
        what = Text(f"{column.name} har ingen kod {literal.value!r}.", f"{column.name} has no code {literal.value!r}.")
        raise ExpressionError(_plus(what, did_you_mean(str(literal.value), codes)), literal.start)


def names(node: _Any) -> Iterator[str]:
    """The columns under a comparison or an operand, in reading order."""
    match node:
        case Column():
            yield node.name
        case Sum():
            for _, term in node.terms:
                yield from names(term)
        case Comparison():
            for operand in node.operands:
                yield from names(operand)
        case Member():
            yield from names(node.operand)
        case Empty():
            yield node.column.name
        case _:
            return
