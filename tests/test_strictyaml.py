"""YAML read strictly: what is a text, a number, a date; what is refused, and on which line."""

import datetime as dt

import pytest

from fatcli.strictyaml import Node, YamlError, load


def value(text: str) -> Node:
    return load(f"key: {text}\n").mapping()["key"]


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "null", "~", "12:30", "0x1f", "1_000", "010", "1e3", ".inf", "True"])
def test_what_other_readers_convert_stays_a_text(word: str) -> None:
    assert value(word).text() == word
    with pytest.raises(YamlError):
        value(word).number()
    with pytest.raises(YamlError):
        value(word).boolean()


def test_values_asked_for() -> None:
    assert value("0").number() == 0
    assert value("450").number() == 450
    assert value("2023-10-01").date() == dt.date(2023, 10, 1)
    assert value("'2023-10-01'").date() == dt.date(2023, 10, 1)
    assert value("true").boolean() is True
    assert value("false").boolean() is False
    assert value("' a b '").text() == "a b"
    assert [item.text() for item in value("[a, 'b']").items()] == ["a", "b"]
    assert value("{a: 1}").keys("a", "b")["a"].number() == 1


@pytest.mark.parametrize(
    ("text", "ask", "said"),
    [
        ("'20'", "number", "expected a whole number up to 9999, such as 20, found '20'."),
        ("1.5", "number", "expected a whole number up to 9999, such as 20, found '1.5'."),
        ("-1", "number", "expected a whole number up to 9999, such as 20, found '-1'."),
        ("٣", "number", "expected a whole number up to 9999, such as 20, found '٣'."),
        ("2023-02-29", "date", "expected a date, such as 2023-10-01, found '2023-02-29'."),
        ("20231001", "date", "expected a date, such as 2023-10-01, found '20231001'."),
        ("'true'", "boolean", "expected true or false, found 'true'."),
        ("", "text", "expected a text, found ''."),
        ("[a]", "text", "expected a text, found something else."),
        ("a", "items", "expected a list, found 'a'."),
        ("[a]", "mapping", "expected names and values (key: value), found something else."),
    ],
)
def test_another_value_than_asked_for(text: str, ask: str, said: str) -> None:
    with pytest.raises(YamlError) as refused:
        getattr(value(text), ask)()
    assert (refused.value.line, refused.value.what.en) == (1, said)


def test_choices_and_keys_suggest_the_nearest_word() -> None:
    with pytest.raises(YamlError) as refused:
        value("eror").choice("error", "warning")
    assert refused.value.what.en == "expected error, warning, found 'eror'. Did you mean error?"
    with pytest.raises(YamlError) as refused:
        load("name: x\nwhith: y\n").keys("name", "with")
    assert (refused.value.line, refused.value.what.en) == (2, "unknown key whith. Did you mean with?")
    with pytest.raises(YamlError) as refused:
        load("a:\n  b: 1\n").mapping()["a"].keys("b", "c", required=("c",))
    assert (refused.value.line, refused.value.what.en) == (1, "c is missing.")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "the key a already stands on line 1."),
        ("a: {b: 1, b: 2}\n", 1, "the key b already stands on line 1."),
        ("a: &x 1\nb: *x\n", 1, "anchors and aliases"),
        ("a: 1\nb: *x\n", 2, "anchors and aliases"),
        ("a: !!python/object/apply:os.system [x]\n", 1, "tags (!)"),
        ("a: 1\nb: !secret x\n", 2, "tags (!)"),
        ("a: 1\n<<: {b: 2}\n", 2, "a key must be a text."),
        ("? [a]\n: 1\n", 1, "a key must be a text."),
        ("a: 1\n---\nb: 2\n", 2, "one document only"),
        ("", 1, "the file is empty."),
        ("# only a comment\n", 1, "the file is empty."),
        ("a: 1\nb: [\n", 3, "the file is not YAML"),
        ("a: 'x\n", 2, "the file is not YAML"),
        ("a: \x07\n", 1, "characters that YAML does not allow"),
        ("[" * 3000, 1, "more than 20 levels."),
        ("- " * 3000 + "a", 1, "more than 20 levels."),
    ],
)
def test_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(YamlError) as refused:
        load(text)
    assert refused.value.line == line
    assert said in refused.value.what.en
    assert refused.value.what.sv != refused.value.what.en


def test_every_node_knows_its_line() -> None:
    root = load("a: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\n").mapping()
    first, second = root["b"].items()
    assert (root["a"].line, root["b"].line, first.line) == (1, 2, 3)
    assert [node.line for node in second.mapping().values()] == [4, 5]
