"""Two rule books compared: what stands otherwise in them, and what that means for money and violations on given files.

Money is whole öre. Of the money of a run these columns are known: organiser, service, component, placement, date, rules
(those that withhold it; empty: due) and ore (0 without a rate).
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from fatcli.model import Month, Vocabulary
from fatcli.result import Input, NotEvaluated
from fatcli.rulebook import Component, Limit, Rule, RuleBook, Service, Settings
from fatcli.rulewords import (
    FOUND_BY_PROGRAM,
    PER_WORDS,
    SEVERITY_WORDS,
    WITHHELD_WORDS,
    amounts_text,
    limit_text,
    longest_text,
    sources_text,
    span_text,
    withheld_text,
)
from fatcli.texts import Text, same

Section = Literal["edition", "settings", "sources", "limits", "services", "components", "rules", "vocabulary", "not_checked"]
SECTIONS: tuple[Section, ...] = get_args(Section)
Kind = Literal["added", "removed", "changed"]

# what tells one violation from another; its words may differ between the books
_VIOLATION = ["rule", "file", "sheet", "row", "col", "organiser", "service", "placement", "date", "until"]
_IS_WITHHELD = pl.col("rules").list.len() > 0


@dataclass(frozen=True)
class Change:
    """A part of the book that stands in one of two books only, or a value of it that differs.

    `key`: what it belongs to, such as A03 or FAT.base. `attribute`: its key in the file, such as `when` or `message.sv`,
    empty for a part as a whole. A value is None where it does not stand, as is its line.
    """

    section: Section
    key: str
    title: Text
    kind: Kind
    attribute: str
    old: Text | None
    new: Text | None
    old_line: int | None
    new_line: int | None


@dataclass(frozen=True)
class Sum:
    """A number of items and what they come to."""

    items: int = 0
    ore: int = 0


@dataclass(frozen=True)
class Stake:
    """What the two books give for one organiser, component (`SERVICE.component`) or rule, or in all (key empty)."""

    key: str
    old_due: Sum
    new_due: Sum
    old_withheld: Sum
    new_withheld: Sum

    @property
    def differs(self) -> bool:
        return (self.old_due, self.old_withheld) != (self.new_due, self.new_withheld)


@dataclass(frozen=True)
class Turnover:
    """A rule's violations under the two books; `come` and `go` count those that only one of them gives."""

    rule: str
    old: int
    new: int
    come: int
    go: int


@dataclass(frozen=True)
class Effect:
    """What two books give on the same files, on books without a booking; only what differs, but for `total`.

    `month`: None where all months of the files are meant. `items`: those that are due, withheld or priced otherwise.
    `rules`: withheld only; an item that several rules withhold counts under each.
    """

    month: Month | None
    as_of: dt.date
    inputs: tuple[Input, ...]
    items: int
    total: Stake
    organisers: tuple[Stake, ...]
    components: tuple[Stake, ...]
    rules: tuple[Stake, ...]
    violations: tuple[Turnover, ...]
    not_evaluated: tuple[NotEvaluated, ...]


@dataclass(frozen=True)
class Comparison:
    """Two books, what differs in them, and, where files were given, what that means on them."""

    old: RuleBook
    new: RuleBook
    changes: tuple[Change, ...]
    effect: Effect | None = None


@dataclass(frozen=True)
class Outcome:
    """What one book gives on the files: its money (see above), violations (result.VIOLATIONS) and rules that were not run."""

    money: pl.DataFrame
    violations: pl.DataFrame
    not_evaluated: tuple[NotEvaluated, ...]


@dataclass(frozen=True)
class _Part:
    """A part of a book: where it stands, its values by their keys in the file, and what tells it in a line."""

    section: Section
    key: str
    title: Text
    path: tuple[str | int, ...]
    values: Mapping[str, Text]
    gist: Text


def compare(old: RuleBook, new: RuleBook) -> tuple[Change, ...]:
    """What stands otherwise, section by section."""
    before, after = ({(part.section, part.key): part for part in _parts(book)} for book in (old, new))
    keys = sorted(dict.fromkeys([*before, *after]), key=lambda key: SECTIONS.index(key[0]))
    return tuple(change for key in keys for change in _changes(before.get(key), after.get(key), old, new))


def _changes(before: _Part | None, after: _Part | None, old: RuleBook, new: RuleBook) -> Iterator[Change]:
    if before and after:
        for attribute, value in after.values.items():
            if value != before.values[attribute]:
                lines = (book.line(*part.path, *attribute.split(".")) for book, part in ((old, before), (new, after)))
                yield Change(
                    after.section, after.key, after.title, "changed", attribute, _told(before.values[attribute]), _told(value), *lines
                )
    elif before:
        yield Change(before.section, before.key, before.title, "removed", "", before.gist, None, old.line(*before.path), None)
    elif after:
        yield Change(after.section, after.key, after.title, "added", "", None, after.gist, None, new.line(*after.path))


def _told(value: Text) -> Text | None:
    return value if value.sv else None


def _parts(book: RuleBook) -> Iterator[_Part]:
    """The whole of a book: what is not told here is not compared."""
    yield _Part("edition", "", same(""), (), {"edition": same(book.edition)}, same(book.edition))
    yield _settings(book.settings)
    for handle, source in book.sources.items():
        values = _both("title", source.title) | {"document": same(source.document)}
        yield _Part("sources", handle, source.title, ("sources", handle), values, same(source.document))
    yield from map(_limit, book.limits.values())
    for service in book.services.values():
        yield _service(service)
        for number, component in enumerate(service.components):
            yield _component(service, component, ("services", service.id, "components", number))
    yield from _rules(book)
    yield from _vocabulary(book.vocabulary)
    for number, duty in enumerate(book.not_checked):
        values = _both("duty", duty.text) | {"source": same(duty.source or "")}
        yield _Part("not_checked", duty.text.en, duty.text, ("not_checked", number), values, duty.text)


def _both(name: str, text: Text) -> dict[str, Text]:
    """A text as two values: a change in one language would not show in the other."""
    return {f"{name}.sv": same(text.sv), f"{name}.en": same(text.en)}


def _settings(settings: Settings) -> _Part:
    reasons = same(", ".join(sorted(settings.interruption_reasons)))
    values = {"interruption_reasons": reasons, "pseudonym": same(settings.pseudonym)}
    return _Part("settings", "", same(""), ("settings",), values, same(""))


def _limit(limit: Limit) -> _Part:
    values = limit_text(limit.values)
    source = same(sources_text(limit.values))
    return _Part("limits", limit.name, same(""), ("limits", limit.name), {"value": values, "source": source}, values)


def _service(service: Service) -> _Part:
    longest = longest_text(service)
    values = _both("name", service.name) | {
        "programmes": same(", ".join(sorted(service.programmes))),
        "schedule": same(service.schedule),
        "chain": same(service.chain or ""),
        "max_gap_days": same("" if service.max_gap_days is None else str(service.max_gap_days)),
        "max_months": longest,
        "max_months.source": same(sources_text([*service.durations, *service.placement_months])),
        "source": same(service.source or ""),
    }
    return _Part("services", service.id, service.name, ("services", service.id), values, longest)


def _component(service: Service, component: Component, path: tuple[str | int, ...]) -> _Part:
    amounts, when = amounts_text(component.sek), component.when.text if component.when else ""
    values = _both("name", component.name) | {
        "per": PER_WORDS[component.per],
        "when": same(when),
        "sek": amounts,
        "sek.source": same(sources_text(component.sek)),
    }
    gist = Text("{amounts} per {per}{when}", "{amounts} per {per}{when}")
    gist = gist.fill(amounts=amounts, per=PER_WORDS[component.per], when=f": {when}" if when else "")
    return _Part("components", f"{service.id}.{component.id}", component.name, path, values, gist)


def _rules(book: RuleBook) -> Iterator[_Part]:
    """Of an id that stands for several spans of days, the later ones are told by the day from which they hold."""
    for rule_id in dict.fromkeys(rule.id for rule in book.rules):
        versions = sorted(enumerate(book.rule(rule_id)), key=lambda version: version[1].start or dt.date.min)
        for place, (number, rule) in enumerate(versions):
            key = f"{rule_id} {rule.start}" if place else rule_id
            yield _Part("rules", key, rule.title, ("rules", rule_id, number), _rule(rule), _rule_gist(rule))


def _rule(rule: Rule) -> dict[str, Text]:
    return {
        "name": same(rule.name),
        **_both("title", rule.title),
        "facts": same(rule.facts),
        "when": _condition(rule),
        "severity": SEVERITY_WORDS[rule.severity],
        "withhold": _withheld(rule),
        "cell": same(rule.cell or ""),
        "report": same(rule.report),
        "spell": Text("ja", "yes") if rule.spell else Text("nej", "no"),
        "from": same(str(rule.start or "")),
        "to": same(str(rule.end or "")),
        **_both("message", rule.message),
        **_both("remedy", rule.remedy),
        "source": same(rule.source or ""),
    }


def _condition(rule: Rule) -> Text:
    return same(" ".join(rule.when.text.split())) if rule.when else FOUND_BY_PROGRAM


def _withheld(rule: Rule) -> Text:
    return withheld_text(rule) if rule.withhold else WITHHELD_WORDS["none"]


def _rule_gist(rule: Rule) -> Text:
    gist = Text("{severity}, håller inne {withheld}{span}: {when}", "{severity}, withholds {withheld}{span}: {when}")
    return gist.fill(severity=SEVERITY_WORDS[rule.severity], withheld=_withheld(rule), span=span_text(rule), when=_condition(rule))


def _vocabulary(vocabulary: Vocabulary) -> Iterator[_Part]:
    known: dict[tuple[str, ...], tuple[str, ...]] = {("columns", name): words for name, words in vocabulary.columns.items()}
    known |= {("codes", name, code): words for name, codes in vocabulary.codes.items() for code, words in codes.items()}
    for path, words in known.items():
        text = same(", ".join(sorted(words)))
        yield _Part("vocabulary", ".".join(path), same(""), ("vocabulary", *path), {"words": text}, text)


def effect(old: Outcome, new: Outcome, month: Month | None, as_of: dt.date, inputs: tuple[Input, ...], changed: Collection[str]) -> Effect:
    """What the two books give on the same files. `changed`: the rules of whose not being run is to be told."""
    by_rule = old.money.filter(_IS_WITHHELD).explode("rules"), new.money.filter(_IS_WITHHELD).explode("rules")
    not_run = {left.rule: left for outcome in (old, new) for left in outcome.not_evaluated if left.rule in changed}
    return Effect(
        month=month,
        as_of=as_of,
        inputs=inputs,
        items=_differing(old.money, new.money),
        total=_stakes(old.money, new.money, pl.lit(""))[0],
        organisers=_differ(_stakes(old.money, new.money, pl.col("organiser"))),
        components=_differ(_stakes(old.money, new.money, pl.concat_str("service", "component", separator="."))),
        rules=_differ(_stakes(*by_rule, pl.col("rules"), withheld=pl.lit(value=True))),
        violations=_turnover(old.violations, new.violations),
        not_evaluated=tuple(not_run[rule] for rule in sorted(not_run)),
    )


def _stakes(old: pl.DataFrame, new: pl.DataFrame, key: pl.Expr, withheld: pl.Expr = _IS_WITHHELD) -> list[Stake]:
    """By key, in its order; at least one, of an empty key."""
    before, after = (_sums(money, key, withheld) for money in (old, new))
    keys = sorted({name for name, _ in (*before, *after)}) or [""]
    nothing = Sum()
    return [
        Stake(
            name,
            *(sums.get((name, False), nothing) for sums in (before, after)),
            *(sums.get((name, True), nothing) for sums in (before, after)),
        )
        for name in keys
    ]


def _sums(money: pl.DataFrame, key: pl.Expr, withheld: pl.Expr) -> dict[tuple[str, bool], Sum]:
    rows = money.with_columns(_key=key, _withheld=withheld).group_by("_key", "_withheld").agg(pl.len(), pl.col("ore").sum())
    return {(name, held): Sum(items, ore) for name, held, items, ore in rows.iter_rows()}


def _differ(stakes: Iterable[Stake]) -> tuple[Stake, ...]:
    return tuple(stake for stake in stakes if stake.differs)


def _differing(old: pl.DataFrame, new: pl.DataFrame) -> int:
    """The number of items that are due, withheld or priced otherwise."""
    item = ["organiser", "placement", "component", "date"]
    states = [money.select(*item, "ore", withheld=_IS_WITHHELD) for money in (old, new)]
    both = states[0].join(states[1], on=item, how="full", coalesce=True, suffix="_new")
    return both.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_new")) for name in ("ore", "withheld"))).height


def _turnover(old: pl.DataFrame, new: pl.DataFrame) -> tuple[Turnover, ...]:
    counts = [frame.group_by(_VIOLATION).agg(count=pl.len().cast(pl.Int64)) for frame in (old, new)]
    both = counts[0].join(counts[1], on=_VIOLATION, how="full", coalesce=True, nulls_equal=True, suffix="_new")
    both = both.with_columns(pl.col("count", "count_new").fill_null(0)).with_columns(more=pl.col("count_new") - pl.col("count"))
    rows = both.group_by("rule").agg(
        old=pl.col("count").sum(), new=pl.col("count_new").sum(), come=pl.col("more").clip(0).sum(), go=(-pl.col("more")).clip(0).sum()
    )
    rows = rows.filter((pl.col("come") > 0) | (pl.col("go") > 0)).sort("rule")
    return tuple(Turnover(**row) for row in rows.iter_rows(named=True))
