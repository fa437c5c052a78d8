"""Rules as they were tried: each comparison with the values it saw, and the verdict in words."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping

import polars as pl

from fatcli.checks import Hits, day_concerned, with_facts
from fatcli.explain.case import Case
from fatcli.explained import Comparison, Outcome, Place, Tried
from fatcli.expression import Expression, Trace
from fatcli.rulebook import Rule
from fatcli.texts import Text
from fatcli.violations import Describer

_SIGNS = {"=": "=", "==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_OPPOSITE = {"=": "≠", "≠": "=", "<": "≥", "≥": "<", ">": "≤", "≤": ">"}
_TOKEN = re.compile(r"'[^']*'|[=!<>]=|[=<>]|\w+")
_EMPTINESS = re.compile(r"\bis\s+(?:not\s+)?none$", re.IGNORECASE)
_AMONG = re.compile(r"\s+(?:not\s+)?in\s*\(", re.IGNORECASE)

_EMPTY = Text("{names} är tom", "{names} is empty")
_FALSE = Text("inte {comparison}", "not {comparison}")
_IN, _NOT_IN = Text(" bland (", " among ("), Text(" inte bland (", " not among (")
_VERDICTS: Mapping[Outcome, Text] = {
    "fired": Text("utlöstes: {why}", "fired: {why}"),
    "not_fired": Text("utlöstes inte: {why}", "did not fire: {why}"),
    "open": Text("utlöstes inte: {why}", "did not fire: {why}"),
    "not_in_force": Text("gällde inte: regeln gäller {why}", "was not in force: the rule holds {why}"),
}
_SPAN = Text("{start} till {end}", "{start} to {end}")


def tried(case: Case, name: str, rows: pl.DataFrame, *, fired_only: bool = False) -> Iterator[Tried]:
    """Each rule over a facts frame that was run, on each of some rows of that frame (its own columns)."""
    rules = [hit.rule for hit in case.hits if hit.rule.facts == name]
    if not rules or rows.is_empty():
        return
    columns = {column for rule in rules if rule.when for column in rule.when.columns}
    frame = with_facts(case.facts, name, rows.lazy(), columns).with_columns(_day=day_concerned(case.facts, name)).collect()
    for number, (row, words) in enumerate(zip(frame.rows(named=True), case.shown(frame), strict=True)):
        for rule in rules:
            if rule.when and (not fired_only or _outcome(rule, rule.when, row) == "fired"):
                yield _tried(case, rule, rule.when, row, words, rows[number])


def _tried(
    case: Case, rule: Rule, when: Expression, row: Mapping[str, object], words: Mapping[str, str | None], own: pl.DataFrame
) -> Tried:
    outcome = _outcome(rule, when, row)
    message, place = _message(case, rule, own) if outcome == "fired" else (None, None)
    return Tried(
        rule=rule.id,
        title=rule.title.to(case.language),
        severity=rule.severity,
        facts=rule.facts,
        outcome=outcome,
        words=case.say(_VERDICTS[outcome], why=_span(rule) if outcome == "not_in_force" else _why(case, when, row, words)),
        about=_about(rule.facts, words),
        comparisons=tuple(
            Comparison(trace.text, {name: words.get(name) for name in trace.values}, trace.verdict) for trace in when.trace(row)
        ),
        withholds=rule.withhold,
        source=rule.source,
        message=message,
        place=place,
    )


def _outcome(rule: Rule, when: Expression, row: Mapping[str, object]) -> Outcome:
    day = row["_day"]
    if isinstance(day, dt.date) and ((rule.start and day < rule.start) or (rule.end and day > rule.end)):
        return "not_in_force"
    return {True: "fired", False: "not_fired", None: "open"}[when.verdict(row)]  # type: ignore[return-value]  # the keys of Outcome


def _span(rule: Rule) -> Text:
    return _SPAN.fill(start=rule.start or "…", end=rule.end or "…")


def _about(facts: str, words: Mapping[str, str | None]) -> str | None:
    if facts == "pauses":
        return f"{words['pause_from']}–{words['pause_to']}"
    if facts == "months":
        return (words["month_first"] or "")[:7]
    return words.get("date")


def _message(case: Case, rule: Rule, own: pl.DataFrame) -> tuple[str, Place | None]:
    describer = Describer(case.book, case.tables.sources, case.language, show_ids=case.show_ids)
    (found,) = describer.hits([Hits(rule, own)], case.facts).rows(named=True)
    place = Place(found["file"], found["sheet"], found["cell"]) if found["cell"] else None
    return " ".join(filter(None, (found["message"], found["remedy"]))), place


def _why(case: Case, when: Expression, row: Mapping[str, object], words: Mapping[str, str | None]) -> str:
    """The comparisons that decided; where an empty value left the rule open, only that."""
    traces = [*when.deciding(row)]
    empty = [trace for trace in traces if trace.verdict is None]
    return "; ".join(dict.fromkeys(worded(case, trace, words) for trace in empty or traces))


def worded(case: Case, trace: Trace, words: Mapping[str, str | None]) -> str:
    """A comparison as it turned out, with the values beside their names: one that is false is told by its opposite."""
    empty = [name for name, value in trace.values.items() if value is None]
    if trace.verdict is None or (empty and _EMPTINESS.search(trace.text)):
        return case.say(_EMPTY, names=", ".join(empty))
    if _EMPTINESS.search(trace.text):
        return " ".join(f"{name} {words.get(name)}" for name in trace.values)
    if trace.text in trace.values:
        return f"{trace.text}: {words.get(trace.text)}"
    if among := _AMONG.search(trace.text):
        inside = trace.verdict is not ("not" in among[0].lower())
        return _with_values(_AMONG.sub(case.say(_IN if inside else _NOT_IN), trace.text), trace, words)
    return _compared(case, trace, words)


def _compared(case: Case, trace: Trace, words: Mapping[str, str | None]) -> str:
    signs = [token for token in _TOKEN.findall(trace.text) if token in _SIGNS]
    if trace.verdict or len(signs) == 1:
        return _with_values(trace.text, trace, words, opposite=not trace.verdict)
    return case.say(_FALSE, comparison=_with_values(trace.text, trace, words))


def _with_values(text: str, trace: Trace, words: Mapping[str, str | None], *, opposite: bool = False) -> str:
    def replaced(token: re.Match[str]) -> str:
        word = token[0]
        if word in _SIGNS:
            return _OPPOSITE[_SIGNS[word]] if opposite else _SIGNS[word]
        return f"{word} {words.get(word) or '–'}" if word in trace.values else word

    return _TOKEN.sub(replaced, text)
