"""Rules over facts: where each rule fires, and which were not evaluated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from fatcli.facts import Facts, check_limit, dated_column
from fatcli.model import TABLES, Month, column_word
from fatcli.result import NotEvaluated
from fatcli.rulebook import Limit, Rule, RuleBook
from fatcli.schema import BESIDE_PLACEMENTS, BUILT_IN, FRAMES, Fact
from fatcli.tables import Tables
from fatcli.texts import Language, Text

# the column of each frame that tells the day concerned, which dated rules and limits go by
_DAY = {
    "days": "date",
    "organiser_days": "date",
    "offer_days": "date",
    "months": "month_first",
    "placements": "start",
    "pauses": "start",
}

_EARNED = {"starts", "completes"}

# facts that are a table's column under another name
RENAMED = {fact: column for names in BESIDE_PLACEMENTS.values() for column, fact in names.items()}


@dataclass(frozen=True)
class Hits:
    """The rows of a facts frame (its own columns) on which a rule fires."""

    rule: Rule
    rows: pl.DataFrame


def evaluate(facts: Facts, rules: Iterable[Rule]) -> tuple[Hits, ...]:
    """Where each rule fires. Raises RuleBookError where a limit has no value on a day concerned."""
    rules = list(rules)
    return tuple(hits for name in FRAMES for hits in _evaluate_frame(facts, name, [rule for rule in rules if rule.facts == name]))


def _evaluate_frame(facts: Facts, name: str, rules: Sequence[Rule]) -> Iterable[Hits]:
    if not rules:
        return
    own = facts.own(name)
    columns = {column for rule in rules if rule.when for column in rule.when.columns}
    frame = with_facts(facts, name, own.lazy(), columns)
    _check_limits(facts, name, frame, columns)
    fires = frame.select(_fires(facts, rule).alias(str(number)) for number, rule in enumerate(rules)).collect()
    for number, rule in enumerate(rules):
        yield Hits(rule, own[fires[str(number)].arg_true()])


def _fires(facts: Facts, rule: Rule) -> pl.Expr:
    day = day_concerned(facts, rule.facts)
    conditions = [rule.when.polars().fill_null(value=False) if rule.when else pl.lit(value=False)]
    conditions += [day >= rule.start] if rule.start else []
    conditions += [day <= rule.end] if rule.end else []
    return pl.all_horizontal(conditions)


def day_concerned(facts: Facts, name: str) -> pl.Expr:
    return pl.col(_DAY[name]) if name in _DAY else pl.lit(facts.as_of)


def with_facts(facts: Facts, name: str, rows: pl.LazyFrame, columns: Iterable[str]) -> pl.LazyFrame:
    """Rows of a frame with the fact and limit columns named."""
    columns = set(columns)
    limits = {f"limit_{limit.name}": limit for limit in facts.book.limits.values()}
    needed = {column for column in columns if column not in limits} | ({_DAY[name]} if name in _DAY else set())
    day = day_concerned(facts, name)
    return facts.beside(name, rows, needed).with_columns(
        dated_column(limits[column].values, day, pl.Date if limits[column].is_date else pl.Int64).alias(column)
        for column in sorted(columns & limits.keys())
    )


def _check_limits(facts: Facts, name: str, frame: pl.LazyFrame, columns: Iterable[str]) -> None:
    """Refuses a limit that has no value on a day concerned: silence would pass what it should judge."""
    dated = [limit for limit in facts.book.limits.values() if f"limit_{limit.name}" in columns and not _always(limit)]
    for limit in dated:
        column = f"limit_{limit.name}"
        missing = frame.filter(pl.col(column).is_null()).select(day_concerned(facts, name).alias("day")).collect()
        check_limit(limit.name, name, missing, "day", facts.book)


def _always(limit: Limit) -> bool:
    return any(dated.start is None and dated.end is None for dated in limit.values)


def applicable(book: RuleBook, tables: Tables, language: Language) -> tuple[list[Rule], list[NotEvaluated]]:
    """The rules that can be run on these tables, and the others with the reason."""
    run, not_run = [], {}
    for rule in book.rules:
        if rule.facts in BUILT_IN:
            continue
        reason = _obstacle(rule, tables)
        if reason:
            not_run[rule.id] = NotEvaluated(rule.id, reason.to(language))
        else:
            run.append(rule)
    return run, list(not_run.values())


def _obstacle(rule: Rule, tables: Tables) -> Text | None:
    frame = FRAMES[rule.facts]
    named = [frame.facts[column] for column in rule.when.columns if column in frame.facts] if rule.when else []
    # what start and result compensation is earned by needs no report
    unreported = rule.facts == "days" and rule.when is not None and _EARNED & set(rule.when.columns)
    for table in (None if unreported else frame.table, *sorted({fact.table for fact in named if fact.table})):
        if table and table not in tables.present:
            return Text("tabellen {name} saknas", "the table {name} is absent").fill(name=Text(TABLES[table].title.sv, table))
    absent = {fact.name: fact.column for fact in named if _is_absent(fact, tables)}
    if absent and rule.severity != "error":
        swedish = sorted(column_word(column, "sv") for column in absent.values() if column)
        columns = Text(", ".join(swedish), ", ".join(sorted(absent)))
        return Text("kolumn saknas: {columns}", "column absent: {columns}").fill(columns=columns)
    return None


def _is_absent(fact: Fact, tables: Tables) -> bool:
    return fact.table is not None and fact.column not in tables.present[fact.table]


def absent_columns(rules: Iterable[Rule], tables: Tables) -> tuple[str, ...]:
    """Optional columns that no sheet has and that error rules take as empty."""
    named = {
        (fact.table, fact.name)
        for rule in rules
        if rule.severity == "error" and rule.when
        for fact in (FRAMES[rule.facts].facts.get(column) for column in rule.when.columns)
        if fact and _is_absent(fact, tables)
    }
    return tuple(sorted({f"{table}.{name}" for table, name in named}))


def scoped(hits: Iterable[Hits], facts: Facts, month: Month, placements: pl.Series) -> tuple[Hits, ...]:
    """The hits that concern a month: its days, and the placements (`_p`) given, their pauses and organisers."""
    organisers = facts.placements.filter(pl.col("_p").is_in(placements.implode()))["organiser_id"].unique()
    condition = {
        "placements": pl.col("_p").is_in(placements.implode()),
        "pauses": pl.col("_p").is_in(placements.implode()),
        "organisers": pl.col("organiser_id").is_in(organisers.implode()),
        "months": pl.col("month_first") == month.first,
    }
    in_month = pl.col("date").is_between(month.first, month.last)
    return tuple(replace(hit, rows=hit.rows.filter(condition.get(hit.rule.facts, in_month))) for hit in hits)
