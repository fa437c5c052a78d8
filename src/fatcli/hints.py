"""What a faulty cell, header or sheet was likely meant to be, told beside the reader's faults."""

import json
import re

import polars as pl

from fatcli.headers import SLIP
from fatcli.model import TABLES
from fatcli.rulebook import RuleBook
from fatcli.rulewords import listed
from fatcli.texts import Language, Text, nearest, same

_MOST = 200  # a column of something else altogether has as many unknown codes as rows
_MEANT = Text(" Menade du {word}?", " Did you mean {word}?")
_RESEMBLES = Text(" Det liknar tabellen {table}: {headers}.", " It resembles the table {table}: {headers}.")
_NEW_CODE = Text(
    " Är {word} ett annat ord för en känd kod, kan regelboken lära sig det: vocabulary: {{codes: {{{name}: {{KOD: [{quoted}]}}}}}}",
    " If {word} is another word for a known code, the rule book can learn it: vocabulary: {{codes: {{{name}: {{CODE: [{quoted}]}}}}}}",
)
_LONGEST_WORD = 40  # a longer text is a remark, and no code's word
_NO_HINT = same("")


def hints(faults: pl.DataFrame, book: RuleBook, language: Language) -> tuple[pl.Series, pl.Series]:
    """For each fault (faults.FAULTS) `meant`, what was likely meant, and `advice`, how the rule book can be made to know the word.

    Both begin with a space and are empty where there is nothing to say, and past the first so many different ones.
    """
    key = ["rule", "expected", "table", "value", "detail"]
    hinted = pl.col("rule").is_in(["T05", "T06", "T08", "T09"])
    different = faults.filter(hinted).select(key).unique(maintain_order=True).head(_MOST)
    said = [tuple(text.to(language) for text in _hint(book, *row)) for row in different.iter_rows()]
    frame = different.with_columns(
        meant=pl.Series([meant for meant, _ in said], dtype=pl.String), advice=pl.Series([advice for _, advice in said], dtype=pl.String)
    )
    told = faults.join(frame, on=key, how="left", nulls_equal=True, maintain_order="left").with_columns(
        pl.col("meant", "advice").fill_null("")
    )
    return told["meant"], told["advice"]


def _hint(book: RuleBook, rule: str, expected: str | None, table: str | None, value: str, detail: str | None) -> tuple[Text, Text]:
    if rule == "T06":
        return _code_hint(expected or "", value, book)
    if detail is None:
        return _NO_HINT, _NO_HINT
    if rule == "T08" and table:
        return _RESEMBLES.fill(table=TABLES[table].title, headers=detail), _NO_HINT
    return _MEANT.fill(word=detail), _NO_HINT


def _code_hint(expected: str, value: str, book: RuleBook) -> tuple[Text, Text]:
    kind, _, name = expected.partition(" or ")[0].partition(":")
    if kind == "component":
        components = book.components().get(name, {})
        meant = nearest(value, components, SLIP)
        return (_MEANT.fill(word=components[meant]) if meant else _NO_HINT), _NO_HINT
    known = book.vocabulary.known(name)
    if near := nearest(value, (word for code, words in known.items() for word in (code, *words))):
        return _MEANT.fill(word=near), _NO_HINT
    if len(value) > _LONGEST_WORD:
        return _NO_HINT, _NO_HINT
    quoted = value if re.fullmatch(r"[^\W\d_]+", value) else json.dumps(value, ensure_ascii=False)  # as YAML reads it as this text
    return _NO_HINT, _NEW_CODE.fill(word=value, name=name, quoted=quoted)


def component_text(service: str, book: RuleBook) -> Text:
    """The components that a service has: `base (Merkostnadsersättning)`, and so on."""
    parts = [(component.id, component.name) for component in book.services[service].components] if service in book.services else []
    if not parts:
        return Text("ingen ersättning, då insatsen inte har någon", "no component, as the service has none")
    named = listed(same("{id} ({name})").fill(id=id_, name=name) for id_, name in parts)
    return Text("något av {listed}", "one of {listed}").fill(listed=named)
