"""Rules as they were tried: each comparison with the values it saw, and the verdict in words."""

import datetime as dt
from collections.abc import Iterator, Mapping

import polars as pl

from fatcli import syntax
from fatcli.checks import Hits, day_concerned, with_facts
from fatcli.explain.case import Case
from fatcli.explained import Comparison, Outcome, Place, Tried
from fatcli.expression import Expression, Trace
from fatcli.rulebook import Rule
from fatcli.texts import Text
from fatcli.violations import Describer

_SIGNS = {"=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

_EMPTY = Text("{names} är tom", "{names} is empty")
_FALSE = Text("inte {comparison}", "not {comparison}")
_AMONG = Text("{operand} bland ({values})", "{operand} among ({values})")
_NOT_AMONG = Text("{operand} inte bland ({values})", "{operand} not among ({values})")
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
    if trace.verdict is None:
        return case.say(_EMPTY, names=", ".join(empty))
    match trace.leaf:
        case syntax.Column(name=name):
            return f"{name}: {words.get(name)}"
        case syntax.Empty(column=column):
            return case.say(_EMPTY, names=column.name) if empty else _operand(column, trace, words)
        case syntax.Member() as member:
            values = ", ".join(_operand(value, trace, words) for value in member.values)
            among = _AMONG if trace.verdict is not member.negated else _NOT_AMONG
            return case.say(among, operand=_operand(member.operand, trace, words), values=values)
        case syntax.Comparison() as compared:
            return _compared(case, compared, trace, words)


def _compared(case: Case, compared: syntax.Comparison, trace: Trace, words: Mapping[str, str | None]) -> str:
    signs, operands = compared.operators, [_operand(operand, trace, words) for operand in compared.operands]
    if not trace.verdict and len(signs) == 1:
        signs = (_OPPOSITE[signs[0]],)
    told = " ".join([operands[0], *(f"{_SIGNS[sign]} {operand}" for sign, operand in zip(signs, operands[1:], strict=True))])
    return told if trace.verdict or len(signs) == 1 else case.say(_FALSE, comparison=told)


def _operand(operand: syntax.Operand, trace: Trace, words: Mapping[str, str | None]) -> str:
    match operand:
        case syntax.Column(name=name):
            return f"{name} {words.get(name) or '–'}"
        case syntax.Constant():
            return trace.text[operand.start - trace.leaf.start : operand.end - trace.leaf.start]  # as the rule writes it
        case syntax.Sum():
            (_, first), *rest = operand.terms
            return _operand(first, trace, words) + "".join(
                f" {'+' if sign > 0 else '-'} {_term(term, trace, words)}" for sign, term in rest
            )


def _term(term: syntax.Operand, trace: Trace, words: Mapping[str, str | None]) -> str:
    told = _operand(term, trace, words)
    return f"({told})" if isinstance(term, syntax.Sum) else told
