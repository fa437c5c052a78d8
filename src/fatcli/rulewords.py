"""What a rule book holds, in words: days, values, durations, amounts, severities, and what a rule withholds."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from fatcli.model import Severity, sek
from fatcli.rulebook import Dated, Duration, Per, Rule, Service
from fatcli.texts import Text, did_you_mean, same

SEVERITY_WORDS: Mapping[Severity, Text] = {
    "error": Text("fel", "error"),
    "warning": Text("varning", "warning"),
    "info": Text("upplysning", "info"),
}
PER_WORDS: Mapping[Per, Text] = {
    "attended_day": Text("närvarodag", "attended day"),
    "scheduled_day": Text("schemadag", "scheduled day"),
    "start": Text("start", "start"),
    "result": Text("resultat", "result"),
}
FOUND_BY_PROGRAM = Text("hittas av programmet självt", "found by the program itself")
WITHHELD_WORDS: Mapping[str, Text] = {
    "all": Text("all ersättning", "all compensation"),
    "daily": Text("dagersättning", "daily compensation"),
    "attended": Text("ersättning per närvarodag", "compensation per attended day"),
    "none": Text("inget", "nothing"),
}
_LIKE_AN_ID = re.compile(r"([A-Z]+?)[\W_]*([0-9O]{1,9})", re.ASCII)  # a letter O may stand for a zero
_GROUP = Text(" Grupp {group} har {first} till {last}.", " Group {group} has {first} to {last}.")


def listed(texts: Iterable[Text]) -> Text:
    texts = list(texts)
    return Text(", ".join(text.sv for text in texts), ", ".join(text.en for text in texts))


def withheld_text(rule: Rule) -> Text:
    """What the rule withholds, in words; a dash for nothing."""
    return listed(WITHHELD_WORDS.get(each, same(each)) for each in rule.withhold) if rule.withhold else same("–")


def span_text(dated: Dated[Any] | Duration | Rule) -> Text:
    """` from 2022-04-01 to 2024-12-31`; empty where it always holds."""
    start = Text(f" från {dated.start}", f" from {dated.start}") if dated.start else same("")
    end = Text(f" till {dated.end}", f" to {dated.end}") if dated.end else same("")
    return Text(start.sv + end.sv, start.en + end.en)


def limit_text(values: Sequence[Dated[Any]]) -> Text:
    """`20`, or each value with the days it holds for."""
    return listed(Text("{value}{span}", "{value}{span}").fill(value=each.value, span=span_text(each)) for each in values)


def amounts_text(amounts: Sequence[Dated[int]]) -> Text:
    """`SEK 300.00`, or each amount with the days it holds for; without any, only a contract has the price."""
    return listed(_amount(each) for each in amounts) if amounts else Text("avtalets pris", "the contract's price")


def _amount(dated: Dated[int]) -> Text:
    amount = sek(dated.value)
    both = Text(amount.replace(".", ","), amount)
    return Text("{amount} kr{span}", "SEK {amount}{span}").fill(amount=both, span=span_text(dated))


def longest_text(service: Service) -> Text:
    """The longest a service's periods and single placements may be; empty where there is no limit."""
    months = [_duration(each) for each in service.durations]
    per_placement = Text("{value} mån per placering{span}", "{value} months per placement{span}")
    single = [per_placement.fill(value=each.value, span=span_text(each)) for each in service.placement_months]
    return listed([*months, *single])


def _duration(duration: Duration) -> Text:
    least = duration.compensated_days
    condition = Text(f" med minst {least} ersättningsdagar", f" with at least {least} compensated days") if least else same("")
    programme = f"{duration.programme} " if duration.programme else ""
    text = Text("{programme}{months} mån{condition}{span}", "{programme}{months} months{condition}{span}")
    return text.fill(programme=programme, months=duration.months, condition=condition, span=span_text(duration))


def sources_text(values: Iterable[Dated[Any] | Duration]) -> str:
    """The sources of dated values, each once."""
    return ", ".join(dict.fromkeys(each.source for each in values if each.source))


def rule_hint(name: str, ids: Collection[str]) -> Text:
    """What a misspelt rule id may stand for: that of the same letters and number (`a-9`: A09), else what the group has, or the nearest."""
    parts = _LIKE_AN_ID.fullmatch(name.strip().upper())
    numbers = {int(each.removeprefix(parts[1])): each for each in sorted(ids) if each.rstrip("0123456789") == parts[1]} if parts else {}
    if not parts or not numbers:
        return did_you_mean(name, ids)
    if meant := numbers.get(int(parts[2].replace("O", "0"))):
        return did_you_mean(meant, [meant])
    return _GROUP.fill(group=parts[1], first=min(numbers.values()), last=max(numbers.values()))
