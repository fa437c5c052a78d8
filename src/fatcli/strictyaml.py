"""YAML without its surprises: mappings, lists, quoted and plain texts; every node keeps its line.

A plain scalar is a text until the reader asks for something else: `true` and `false` are the only booleans, numbers are
decimal, a date is `2023-10-01`, and `no`, `010`, `1_000` and `12:30` are the texts they look like. Anchors, aliases, tags,
merge keys, duplicate keys and a second document are refused.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from fatcli.terminal import UNSEEN
from fatcli.texts import Text, did_you_mean, same

DEEPEST = 20
_CUT_AMOUNT = Text(
    ' Är det decimalerna i ett belopp? Belopp skrivs inom citattecken och med punkt: "315.50".',
    ' Is it the decimals of an amount? Amounts are written in quotes and with a point: "315.50".',
)
_UNSEEN = Text("texten innehåller styrtecken.", "the text holds control characters.")
_Loader: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class YamlError(ValueError):
    """Something wrong at a line (1-based) of the text."""

    def __init__(self, line: int, what: Text) -> None:
        super().__init__(f"{line}: {what.en}")
        self.line = line
        self.what = what


@dataclass(frozen=True)
class Node:
    """A value and its line; in a mapping, the line of its key."""

    line: int
    value: "str | tuple[Node, ...] | Mapping[str, Node]"
    plain: bool = False

    def fault(self, what: Text) -> YamlError:
        return YamlError(self.line, what)

    def mapping(self) -> "Mapping[str, Node]":
        if isinstance(self.value, Mapping):
            return self.value
        raise self._expected(Text("namn och värden (nyckel: värde)", "names and values (key: value)"))

    def items(self) -> "tuple[Node, ...]":
        if isinstance(self.value, tuple):
            return self.value
        raise self._expected(Text("en lista", "a list"))

    def text(self) -> str:
        """Not empty; a quoted text or a plain one."""
        if isinstance(self.value, str) and self.value.strip():
            return self.value.strip()
        raise self._expected(Text("en text", "a text"))

    def number(self) -> int:
        if isinstance(self.value, str) and self.plain and re.fullmatch(r"0|[1-9][0-9]{0,3}", self.value, re.ASCII):
            return int(self.value)
        raise self._expected(Text("ett helt tal upp till 9999, till exempel 20", "a whole number up to 9999, such as 20"))

    def date(self) -> dt.date:
        try:
            if isinstance(self.value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", self.value, re.ASCII):
                return dt.date.fromisoformat(self.value)
        except ValueError:
            pass
        raise self._expected(Text("ett datum, till exempel 2023-10-01", "a date, such as 2023-10-01"))

    def boolean(self) -> bool:
        if self.plain and self.value in ("true", "false"):
            return self.value == "true"
        raise self._expected(Text("true eller false", "true or false"))

    def choice(self, *choices: str) -> str:
        if isinstance(self.value, str) and self.value in choices:
            return self.value
        raise self._expected(same(", ".join(choices)), choices)

    def keys(self, *known: str, required: tuple[str, ...] = ()) -> "Mapping[str, Node]":
        """The mapping, all of whose keys are known."""
        mapping = self.mapping()
        for key, node in mapping.items():
            if key not in known:
                # {amount: 315,50} is to YAML the amount 315 and a key 50
                hint = _CUT_AMOUNT if key.isdecimal() else did_you_mean(key, known)
                raise node.fault(Text(f"okänd nyckel {key}.{hint.sv}", f"unknown key {key}.{hint.en}"))
        for key in required:
            if key not in mapping:
                raise self.fault(Text(f"{key} saknas.", f"{key} is missing."))
        return mapping

    def _expected(self, expected: Text, words: tuple[str, ...] = ()) -> YamlError:
        hint = did_you_mean(self.value, words) if isinstance(self.value, str) else same("")
        found = same(repr(self.value)) if isinstance(self.value, str) else Text("något annat", "something else")
        what = Text("hittade {found}, förväntat är {expected}.{hint}", "expected {expected}, found {found}.{hint}")
        return self.fault(what.fill(expected=expected, found=found, hint=hint))


def load(text: str) -> Node:
    """The one document of a YAML text; raises YamlError."""
    try:
        events = _checked(iter(yaml.parse(text, Loader=_Loader)))
        root = next(events, None)
        if root is None:
            raise YamlError(1, Text("filen är tom.", "the file is empty."))
        node = _node(root, events, 0)
        for _ in events:
            pass
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(line, Text(f"filen är inte YAML: {error.problem}.", f"the file is not YAML: {error.problem}.")) from None
    except yaml.YAMLError:
        what = Text("filen innehåller tecken som YAML inte tillåter.", "the file holds characters that YAML does not allow.")
        raise YamlError(1, what) from None
    return node


def _checked(events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
    """The events of values, without those of the document; refuses what is not plain data."""
    documents = 0
    for event in events:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise YamlError(line, Text("ankare och alias (& och *) är inte tillåtna.", "anchors and aliases (& and *) are not allowed."))
        if getattr(event, "tag", None) is not None:
            raise YamlError(line, Text("taggar (!) är inte tillåtna.", "tags (!) are not allowed."))
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise YamlError(line, Text("filen får bara ha ett dokument.", "the file may hold one document only."))
        if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            yield event


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _node(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
    line = _line(event)
    if depth > DEEPEST:
        raise YamlError(line, Text(f"fler än {DEEPEST} nivåer.", f"more than {DEEPEST} levels."))
    if isinstance(event, yaml.ScalarEvent):
        if UNSEEN.search(event.value):
            raise YamlError(line, _UNSEEN)
        return Node(line, event.value, plain=event.style is None or event.style == "")
    if isinstance(event, yaml.SequenceStartEvent):
        return Node(line, tuple(_node(item, events, depth + 1) for item in _until_end(events)))
    return Node(line, dict(_entries(events, depth + 1)))


def _until_end(events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            return
        yield event


def _entries(events: Iterator[yaml.Event], depth: int) -> Iterator[tuple[str, Node]]:
    seen: dict[str, int] = {}
    for key in _until_end(events):
        line = _line(key)
        if not isinstance(key, yaml.ScalarEvent) or key.value == "<<":
            raise YamlError(line, Text("en nyckel ska vara en text.", "a key must be a text."))
        if UNSEEN.search(key.value):
            raise YamlError(line, _UNSEEN)
        if key.value in seen:
            what = Text("nyckeln {key} står redan på rad {first}.", "the key {key} already stands on line {first}.")
            raise YamlError(line, what.fill(key=key.value, first=seen[key.value]))
        seen[key.value] = line
        value = _node(next(events), events, depth)
        yield key.value, Node(line, value.value, value.plain)
