"""The single values of a rule book: texts, amounts, spans of days, conditions, messages, settings and further words."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

from fatcli.expression import ColumnType, Expression, ExpressionError, parse
from fatcli.model import CODES, GRID, MOST_ORE, TABLES, Vocabulary, folded_header, folded_word, ore
from fatcli.rulebook import Reference, Settings
from fatcli.schema import FRAMES
from fatcli.strictyaml import Node, YamlError
from fatcli.texts import Text, did_you_mean, same

# reports name the placement, never a person
_PRIVATE = ("participant_id", "identity_number", "name")
# cells of the day or month itself; other cells are those of the register's columns
_OWN_CELLS: Mapping[str, tuple[str, ...]] = {"days": ("date", "status", "hours", "from_time", "to_time"), "months": ("days_stated",)}
# a personal number in each of its spellings
_NUMBERS = ("199001019802", "19900101-9802", "9001019802", "900101-9802", "900101+9802")
# Of patterns, what Python and Polars read alike: characters and classes, repeated or not, groups and alternatives.
_PORTABLE = re.compile(
    r"""(?!.*--)(?:
        (?: [\w -] | \\[d.-] | \[[\w -]+\] ) (?: [?*+] | \{\d{1,2}(?:,\d{0,2})?\} )?
        | [(|](?!\?) | \)[?*+]?
    )+""",
    re.VERBOSE,
)
_PLACEHOLDER = re.compile(r"\{([^{}:]*)\}")


class Spanned(Protocol):
    """What holds from a day to a day, both ends included; None: open."""

    @property
    def start(self) -> dt.date | None: ...
    @property
    def end(self) -> dt.date | None: ...


def text_of(node: Node) -> Text:
    if isinstance(node.value, str):
        return same(node.text())
    entry = node.keys("sv", "en", required=("sv", "en"))
    return Text(entry["sv"].text(), entry["en"].text())


def reference_of(_: str, node: Node) -> Reference:
    entry = node.keys("title", "document", required=("title", "document"))
    return Reference(text_of(entry["title"]), entry["document"].text())


def settings_of(node: Node) -> Settings:
    entry = node.keys("interruption_reasons", "pseudonym", required=("interruption_reasons", "pseudonym"))
    reasons = tuple(item.choice(*CODES["end_reason"]) for item in entry["interruption_reasons"].items())
    pattern = entry["pseudonym"].text()
    _check_pattern(entry["pseudonym"], pattern)
    return Settings(reasons, pattern)


def _check_pattern(node: Node, pattern: str) -> None:
    try:
        takes_number = any(re.fullmatch(pattern, number) for number in _NUMBERS) if _PORTABLE.fullmatch(pattern) else None
    except re.error:
        takes_number = None
    if takes_number is None:
        raise node.fault(Text("mönstret går inte att läsa.", "the pattern can't be read."))
    if takes_number:
        raise node.fault(Text("mönstret godtar också personnummer.", "the pattern takes personal numbers too."))


def vocabulary_of(node: Node, services: Mapping[str, Text]) -> Vocabulary:
    """What `vocabulary:` adds, beside the services and their names."""
    entry = node.keys("columns", "codes")
    headers = [
        {folded_header(header): column.name for column in table.columns for header in (column.name, *column.aliases)}
        for table in (*TABLES.values(), GRID)
    ]
    columns = {}
    for name, words in entry["columns"].mapping().items() if "columns" in entry else ():
        _check_known(words, name, {column for taken in headers for column in taken.values()})
        columns[name] = tuple(_new_header(item, name, headers) for item in words.items())
    codes = {}
    for vocabulary, words_of in entry["codes"].mapping().items() if "codes" in entry else ():
        _check_known(words_of, vocabulary, CODES)
        codes[vocabulary] = dict(_new_words(words_of, Vocabulary(services=services).known(vocabulary)))
    return Vocabulary(columns, codes, services)


def _check_known(node: Node, name: str, known: Iterable[str]) -> None:
    known = list(known)
    if name not in known:
        hint = did_you_mean(name, known)
        raise node.fault(Text(f"okänt namn {name}.{hint.sv}", f"unknown name {name}.{hint.en}"))


def _new_header(node: Node, column: str, headers: Iterable[dict[str, str]]) -> str:
    """A further header, unless a table that has the column knows it for another. `headers`: of each table; it is added."""
    header = node.text()
    for taken in headers:
        if column in taken.values() and taken.setdefault(folded_header(header), column) != column:
            raise node.fault(Text(f"rubriken {header} är redan en annan kolumn.", f"the header {header} is another column already."))
    return header


def _new_words(node: Node, known: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    taken = {folded_word(word): code for code, words in known.items() for word in (code, *words)}
    for code, items in node.mapping().items():
        _check_known(items, code, known)
        words = tuple(item.text() for item in items.items())
        for word in words:
            if taken.setdefault(folded_word(word), code) != code:
                raise items.fault(Text(f"{word} är redan ett ord för en annan kod.", f"{word} is a word for another code already."))
        yield code, words


def number_or_date(node: Node) -> int | dt.date:
    return node.number() if isinstance(node.value, str) and node.value.isdecimal() else node.date()


def amount_of(node: Node) -> int:
    """Öre."""
    try:
        if isinstance(node.value, str) and not node.plain and not node.value.startswith("-") and (amount := ore(node.value)) <= MOST_ORE:
            return amount
    except ValueError:
        pass
    what = Text(
        'ett belopp skrivs inom citattecken, med punkt och högst två decimaler, till exempel "300" eller "315.50"; det är inte negativt, '
        "och högst tio miljarder kronor.",
        'an amount is written in quotes, with a point and at most two decimals, such as "300" or "315.50"; it is not negative, '
        "and at most SEK 10 000 million.",
    )
    raise node.fault(what)


def span_of(entry: Mapping[str, Node]) -> tuple[dt.date | None, dt.date | None]:
    start = entry["from"].date() if "from" in entry else None
    end = entry["to"].date() if "to" in entry else None
    if start and end and end < start:
        raise entry["to"].fault(Text("to är före from.", "to is before from."))
    return start, end


def as_list(node: Node) -> Node:
    return node if isinstance(node.value, tuple) else Node(node.line, (node,))


def check_disjoint(items: Sequence[Node], spans: Sequence[Spanned]) -> None:
    """Refuses two items of a list that hold on the same day."""
    days = sorted((span.start or dt.date.min, span.end or dt.date.max, item.line) for item, span in zip(items, spans, strict=True))
    for (_, end, line), (start, _, other) in pairwise(days):
        if start <= end:
            first, second = sorted((line, other))
            what = Text("gäller samma dagar som rad {line}; sätt from och to.", "holds on the same days as line {line}; set from and to.")
            raise YamlError(second, what.fill(line=first))


def name_of(node: Node) -> str:
    name = node.text()
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise node.fault(
            Text("ett namn har små bokstäver a–z, siffror och bindestreck.", "a name has small letters a to z, digits and hyphens.")
        )
    return name


def condition_of(node: Node, columns: Mapping[str, ColumnType]) -> Expression:
    try:
        return parse(node.text(), columns)
    except ExpressionError as error:
        at = error.offset + 1
        what = Text("when, tecken {at}: {what}", "when, character {at}: {what}").fill(at=at, what=error.what)
        raise node.fault(what) from None


def cell_of(node: Node, facts: str) -> str:
    of_register = [fact.name for fact in FRAMES[facts].facts.values() if fact.table]
    return _chosen(node, (*_OWN_CELLS.get(facts, ()), *of_register))


def _chosen(node: Node, columns: Sequence[str]) -> str:
    name = node.text()
    if name not in columns:
        hint = did_you_mean(name, columns)
        raise node.fault(Text(f"{name} är ingen kolumn med en cell.{hint.sv}", f"{name} is no column with a cell.{hint.en}"))
    return name


def message_of(node: Node, names: Iterable[str]) -> Text:
    message, known = text_of(node), list(names)
    for text in message:
        for name in _PLACEHOLDER.findall(text):
            _check_placeholder(node, name, known)
        if re.search(r"[{}]", _without_yaml(_PLACEHOLDER.sub("", text))):
            raise node.fault(Text("en klammer utan kolumn: skriv {kolumn}.", "a brace without a column: write {column}."))
    return message


def _check_placeholder(node: Node, name: str, known: Sequence[str]) -> None:
    if name in _PRIVATE and name in known:
        raise node.fault(
            Text(f"{name} får inte stå i ett meddelande: det nämner en person.", f"{name} names a person: no message may have it.")
        )
    if name not in known:
        hint = did_you_mean(name, known)
        raise node.fault(Text(f"{{{name}}} är ingen kolumn här.{hint.sv}", f"{{{name}}} is no column here.{hint.en}"))


def _without_yaml(text: str) -> str:
    """The text without lines of YAML that it shows, such as `codes: {status: {present: [X]}}`."""
    while (shorter := re.sub(r"\{\w+: [^{}]*\}", "", text)) != text:
        text = shorter
    return text
