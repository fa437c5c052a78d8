"""Every text for users stands in Swedish and in English, and the two say the same: in the source, its templates and the rule book."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from fatcli import rulebook
from fatcli.texts import Text

SOURCE = Path(__file__).parents[1] / "src" / "fatcli"
FILES = sorted(SOURCE.rglob("*.py"))

# texts that are the same in both languages
ALIKE = {
    "8. Progression", "AIO 3", "Bankgiro", "Cell", "Hash", "ITA", "Period", "Plusgiro", "Start", "Status", "Total", "cell", "hash", "id",
    "in", "plac.", "register", "sha256", "start", "status", "text", "under 10", "{amounts} per {per}{when}",
}  # fmt: skip
ONE_SIDED = {" st"}  # a word that only one language has there
FILLED_OTHERWISE = {
    "en klammer utan kolumn: skriv {kolumn}.",  # shows how it is written
    "{column.aliases[0]} ({table.title.sv})",  # a column's Swedish header, and its name
}
WORDS_OF_TEMPLATES = {"fat", "payout", "month", "booked", "sha"}  # commands, folders, hashes


class Pair(NamedTuple):
    """Two texts that belong together, and where they stand."""

    place: str
    sv: str
    en: str


def literal(node: ast.expr) -> str | None:
    """A text as it is written; what an f-string takes in stands in braces. None: it is computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(value.value if isinstance(value, ast.Constant) else f"{{{ast.unparse(value.value)}}}" for value in node.values)
    return None


def takers(trees: dict[Path, ast.Module]) -> dict[str, int]:
    """Functions and records that take a text in both languages, by the place of the Swedish one among their arguments."""
    found = {"Text": 0}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
                if "sv" in names and "en" in names:
                    found[node.name] = names.index("sv")
    return found


def pairs_of(path: Path, tree: ast.Module, known: dict[str, int]) -> Iterator[Pair]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        at = known.get(name)
        if at is None or len(node.args) < at + 2 or any(isinstance(argument, ast.Starred) for argument in node.args[: at + 2]):
            continue
        sv, en = literal(node.args[at]), literal(node.args[at + 1])
        place = f"{path.relative_to(SOURCE)}:{node.lineno}"
        assert (sv is None) == (en is None), f"{place}: one language is computed, the other not"
        if sv is not None and en is not None:
            yield Pair(place, sv, en)


TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
TAKERS = takers(TREES)
IN_SOURCE = [pair for path, tree in TREES.items() for pair in pairs_of(path, tree, TAKERS)]
TEMPLATES = sorted(SOURCE.rglob("*.j2"))
SAID = re.compile(r'say\(\s*"((?:[^"\\]|\\.)*)"\s*,\s*"((?:[^"\\]|\\.)*)"\s*\)')
IN_TEMPLATES = [Pair(path.name, *said) for path in TEMPLATES for said in SAID.findall(path.read_text(encoding="utf-8"))]


def in_rule_book() -> Iterator[Pair]:
    book = rulebook.load()
    for rule in book.rules:
        for what, text in (("title", rule.title), ("message", rule.message), ("remedy", rule.remedy)):
            yield Pair(f"{rule.id} {what}", *text)
    for service in book.services.values():
        yield Pair(service.id, *service.name)
        yield from (Pair(f"{service.id}.{each.id}", *each.name) for each in service.components)
    yield from (Pair(handle, *source.title) for handle, source in book.sources.items())
    yield from (Pair("not_checked", *duty.text) for duty in book.not_checked)


IN_BOOK = list(in_rule_book())


def placeholders(text: str) -> Counter[str]:
    """What is filled in, each as often as it stands; an example of YAML in a text is none."""
    shown = re.sub(r"\{\w+: [^{}]*(\{[^{}]*\}[^{}]*)*\}+", "", text)
    return Counter(re.findall(r"\{([^{}]+)\}", shown))


def names(text: str) -> set[str]:
    return {re.sub(r"\.(sv|en)\b|'(sv|en)'", "", name) for name in placeholders(text)}


def faults(pairs: list[Pair]) -> Iterator[str]:
    for place, sv, en in pairs:
        if bool(sv.strip()) != bool(en.strip()) and sv not in ONE_SIDED:
            yield f"{place}: {sv!r} and {en!r}: one language is empty"
        if sv == en and re.search(r"[A-Za-zÅÄÖåäö]{2}", re.sub(r"\{[^{}]*\}", "", sv)) and sv.strip() not in ALIKE:
            yield f"{place}: {sv!r} is the same in both"
        if names(sv) != names(en) and sv not in FILLED_OTHERWISE:
            yield f"{place}: {sv!r} and {en!r} are not filled in alike"


def test_the_walk_finds_the_texts() -> None:
    """As many as there were, so that the tests below can't pass by finding none."""
    assert len(IN_SOURCE) > 600
    assert {"Text", "say", "option", "_fact"} <= TAKERS.keys()
    assert len(IN_BOOK) > 200
    assert len(IN_TEMPLATES) == sum(path.read_text(encoding="utf-8").count("say(") for path in TEMPLATES) > 50


def test_every_text_of_the_source_and_its_templates_stands_in_both_languages() -> None:
    assert list(faults(IN_SOURCE + IN_TEMPLATES)) == []


def test_every_text_of_the_rule_book_stands_in_both_languages() -> None:
    assert list(faults(IN_BOOK)) == []
    assert [pair for pair in IN_BOOK if not pair.sv.strip()] == []


@pytest.mark.parametrize(
    ("sv", "en", "fault"),
    [
        ("Fel.", "", "is empty"),
        ("Rad {row}", "Row {line}", "not filled in alike"),
        ("Samma text", "Samma text", "the same in both"),
        ("Rad {row}", "Row {row}", None),
        ("skriv codes: {status: {present: [{detail}]}}", "write codes: {status: {present: [{detail}]}}", None),
    ],
)
def test_a_fault_is_found(sv: str, en: str, fault: str | None) -> None:
    found = list(faults([Pair("here", sv, en)]))
    assert (found == []) if fault is None else fault in found[0]


def test_help_and_what_is_printed_are_never_of_one_language() -> None:
    """A literal of two words is a sentence, and a sentence has two languages."""
    found = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                given = [keyword.value for keyword in node.keywords if keyword.arg in ("help", "epilog", "short_help")]
                if isinstance(node.func, ast.Attribute) and node.func.attr in ("echo", "secho", "add_column", "add_row"):
                    given += node.args
                texts = [re.sub(r"\{[^{}]*\}", "", literal(value) or "") for value in given]
                found += [f"{path.name}:{node.lineno}" for text in texts if re.search(r"[^\W\d]+ [^\W\d]+", text)]
    assert found == []


def test_templates_of_pages_have_no_words_of_their_own() -> None:
    code = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<style.*?</style>|<script.*?</script>|<[^>]*>|&\w+;", re.DOTALL)
    words = {word for path in TEMPLATES for word in re.findall(r"[^\W\d]{3,}", code.sub(" ", path.read_text(encoding="utf-8")))}
    assert words <= WORDS_OF_TEMPLATES


def test_a_text_is_filled_in_in_both_languages() -> None:
    filled = Text("{n} rader i {where}", "{n} rows in {where}").fill(n=3, where=Text("bladet", "the sheet"))
    assert filled == Text("3 rader i bladet", "3 rows in the sheet")
