"""Hits, the reader's faults and missing rates as violations to show: place, value, message, in one language and masked."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import polars as pl

from fatcli.checks import RENAMED, Hits, with_facts
from fatcli.facts import Facts, of_placement
from fatcli.faults import expected_text
from fatcli.hints import component_text, hints
from fatcli.model import CODES, MAX_COLUMNS, RATE_MISSING, TABLES, Source, column_letter, column_word, folded_word
from fatcli.result import VIOLATIONS
from fatcli.rulebook import Rule, RuleBook
from fatcli.schema import FRAMES
from fatcli.texts import Language, Text
from fatcli.workdays import Calendar

UNKNOWN_REFERENCE, ERROR_CELL = "T05", "T07"

_REPORT = ("date", "status", "hours", "from_time", "to_time")
_DATED = {"days": "date", "organiser_days": "date", "offer_days": "date", "months": "month_first"}
_ABSENT = ("sick", "care", "excused")  # causes of absence, which reports don't tell
_INITIALS = 2  # of a code such as GF; what stands in many words tells nothing
_CAUSE = Text("(en orsak till frånvaro)", "(a cause of absence)")
_ABSENCE = {"sv": "frånvarande", "en": "absent"}
# An identity number in the spellings that people use: what stands before and behind it is kept. Both engines read these patterns,
# Python's and that of Polars. A day between two dates is no number, so no hyphen and digit may follow.
_BORN = r"(?:\d{2})?(?:\d{2}\s?\d{2}\s?\d{2}|\d{2}-\d{2}-\d{2}|\d{2}\.\d{2}\.\d{2}|\d{2}/\d{2}/\d{2})"
_BETWEEN = r"[-\s+./:_~()\u2010-\u2015\u2044\u2212\uff0d]{0,4}"
NUMBERS = (
    rf"(^|\D){_BORN}{_BETWEEN}\d\s?\d{{3}}([^-\d]|-\D|-?$)",
    r"(^|\D)\d[.,]\d{7,11}[eE]\+?(?:09|9|1[01])(\D|$)",  # as programs write large numbers
)
UNSEEN = "[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]"  # what pasting leaves behind: with it between, a number looks the same
MASK = "******-****"
_INSTEAD_OF = Text(" i stället för ", " instead of ")
_UNSAVED = Text("formeln saknar sparat värde", "the formula has no saved value")
_FIRST_REPORT = Text(" Den första rapporten står i {place}.", " The first report stands in {place}.")
_REFERRED = ("organiser", "placement")
# the day of a spell, in messages, is its first and its last
_SPAN = pl.when(pl.col("until") > pl.col("date")).then(pl.format("{}–{}", "date", "until")).otherwise(pl.col("date").cast(pl.String))
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PLACE = ("file", "sheet", "cell", "row", "col", "column", "value")
_KEYS = {"organiser": "organiser_id", "service": "service", "placement": "placement_id"}


class Describer:
    """Turns what a run found into rows of result.VIOLATIONS."""

    def __init__(self, book: RuleBook, sources: Sequence[Source], language: Language, *, show_ids: bool) -> None:
        self._book = book
        self._sources = sources
        self._language = language
        self._show_ids = show_ids

    def hits(self, hits: Iterable[Hits], facts: Facts) -> pl.DataFrame:
        """Rule hits; consecutive working days of a spell rule become one row."""
        return _together(self._hit(hit, facts) for hit in hits if hit.rows.height)

    def _hit(self, hit: Hits, facts: Facts) -> pl.DataFrame:
        rule, name = hit.rule, hit.rule.facts
        rows = _spells(hit.rows) if rule.spell else hit.rows.with_columns(until=pl.lit(None, pl.Date))
        keys = {key: column for key, column in _KEYS.items() if column in FRAMES[name].facts}
        named = {
            *keys.values(),
            *_named(rule),
            *([rule.cell] if rule.cell else []),
            "placement_id" if "placement" in keys else "organiser_id",
        }
        rows = with_facts(facts, name, rows.lazy(), named).collect()
        first = self._first_report(rows, rule.cell) if rule.report == "second" and rule.cell else None
        rows = self._located(_placed(rows, rule, facts, self._sources, show_ids=self._show_ids))
        columns = {key: pl.col(column).cast(pl.String) for key, column in keys.items()}
        columns["date"] = pl.col(_DATED[name]) if name in _DATED else pl.lit(None, pl.Date)
        values = {name: pl.col(name) for name in _named(rule)}
        if rule.spell and "date" in values:
            values["date"] = _SPAN
        found = self._rows(rows, rule, values, columns)
        return found if first is None else found.with_columns(pl.concat_str("message", self._masked(pl.lit(first))))

    def _first_report(self, rows: pl.DataFrame, cell: str) -> pl.Series:
        """Where the day's first report stands, as a sentence; its file is named where the second stands in another."""
        rows = self._located(rows.with_columns(col=pl.coalesce("col", _columns_of(self._sources, cell))))
        files = {number: source.file for number, source in enumerate(self._sources)}
        elsewhere = pl.col("file") != pl.col("source_2").replace_strict(files, return_dtype=pl.String)
        file = pl.when(elsewhere).then(pl.col("file") + " · ").otherwise(pl.lit(""))
        before, after = _FIRST_REPORT.to(self._language).split("{place}")
        return rows.select(pl.concat_str(pl.lit(before), file, "sheet", pl.lit("!"), "cell", pl.lit(after)).alias("first")).to_series()

    def faults(self, faults: pl.DataFrame) -> pl.DataFrame:
        """The reader's faults (faults.FAULTS)."""
        words = {fact: self._expected(fact) for fact in faults["expected"].drop_nulls().unique()}
        meant, advice = hints(faults, self._book, self._language)
        faults = faults.with_columns(
            cell=_cell(),
            until=pl.lit(None, pl.Date),
            header=_replaced(
                pl.col("column"), {name: column_word(name, self._language) for name in faults["column"].drop_nulls().unique()}
            ),
            title=_replaced(pl.col("table"), {name: table.title.to(self._language) for name, table in TABLES.items()}),
            expected=_replaced(pl.col("expected"), words),
            meant=meant,
            advice=advice,
        )
        faults = faults.with_columns(detail=pl.when(pl.col("rule") == ERROR_CELL).then(self._error()).otherwise("detail"))
        faults = faults if self._show_ids else self._without_causes(faults)
        values = {name: pl.col(name) for name in ("value", "expected", "detail", "file", "sheet", "meant", "advice")}
        values |= {"column": pl.col("header"), "table": pl.col("title")}
        # an id that no register knows may be anything, a personal number in the wrong column too
        known = {key: pl.when(pl.col("rule") == UNKNOWN_REFERENCE).then(self._masked(pl.col(key))).otherwise(key) for key in _REFERRED}
        columns = known | {"column": self._masked(pl.col("column")), "withholds": pl.lit(None, pl.String)}  # a header may be anything too
        by_rule = faults.partition_by("rule", as_dict=True, maintain_order=True)
        return _together(self._rows(rows, self._rule(str(rule)), values, columns) for (rule,), rows in by_rule.items())

    def _without_causes(self, faults: pl.DataFrame) -> pl.DataFrame:
        """Faults of attendance that quote no cause of absence, nor what is like the word for one (`sjukskriven`, `Did you mean sjuk?`)."""
        known = self._book.vocabulary.known("status")
        words = {folded_word(word) for cause in _ABSENT for word in (cause, *known[cause]) if len(word) > _INITIALS}
        said = pl.concat_str("value", "meant", ignore_nulls=True).str.to_lowercase()
        private = (pl.col("table") == "attendance") & said.str.contains_any(sorted(words))
        shown = {"value": _CAUSE.to(self._language), "detail": _CAUSE.to(self._language), "meant": "", "advice": ""}
        return faults.with_columns(pl.when(private).then(pl.lit(text)).otherwise(name).alias(name) for name, text in shown.items())

    def _error(self) -> pl.Expr:
        """The error that a cell holds; a formula saved without its value has none."""
        held = pl.concat_str("value", pl.lit(_INSTEAD_OF.to(self._language)), "expected")
        return pl.coalesce(held, pl.lit(_UNSAVED.to(self._language)))

    def _expected(self, fact: str) -> str:
        kind, _, service = fact.partition(":")
        text = component_text(service, self._book) if kind == "component" and service else expected_text(fact, self._book.vocabulary)
        return text.to(self._language)

    def rates_missing(self, items: pl.DataFrame) -> pl.DataFrame:
        """C01: items (organiser_id, placement_id, service, component, date) that have no amount."""
        if items.is_empty():
            return _together(())
        empty = {name: pl.lit(None, dtype) for name, dtype in VIOLATIONS.items() if name in _PLACE} | {"until": pl.lit(None, pl.Date)}
        rule = self._rule(RATE_MISSING)
        titles = {name: text.to(self._language) for name, text in self._book.component_names().items()}
        values = {name: pl.col(name) for name in ("service", "date", "organiser_id", "placement_id")}
        values["component"] = pl.concat_str("service", pl.lit("."), "component").replace_strict(titles, return_dtype=pl.String)
        columns = {key: pl.col(column).cast(pl.String) for key, column in _KEYS.items()} | {
            "date": pl.col("date"),
            "withholds": pl.col("component"),
        }
        return self._rows(items.with_columns(**empty), rule, values, columns)

    def _rule(self, rule_id: str) -> Rule:
        return next(rule for rule in self._book.rules if rule.id == rule_id)

    def _located(self, rows: pl.DataFrame) -> pl.DataFrame:
        files = pl.DataFrame(
            [(number, source.file, source.sheet) for number, source in enumerate(self._sources)],
            {"source": pl.Int32, "file": pl.String, "sheet": pl.String},
            orient="row",
        )
        return rows.join(files, on="source", how="left", maintain_order="left").with_columns(cell=_cell())

    def _rows(self, rows: pl.DataFrame, rule: Rule, values: Mapping[str, pl.Expr], columns: Mapping[str, pl.Expr]) -> pl.DataFrame:
        shown = {name: self._shown(rows.select(value.alias(name)).to_series()) for name, value in values.items()}
        given = {
            "rule": pl.lit(rule.id),
            "name": pl.lit(rule.name),
            "severity": pl.lit(rule.severity),
            "message": self._filled(rule.message.to(self._language), shown),
            "remedy": self._filled(rule.remedy.to(self._language), shown),
            "source": pl.lit(rule.source, pl.String),
            "withholds": pl.lit(", ".join(rule.withhold) or "none"),
            "value": self._value(rows),
            **columns,
        }
        rows = rows.drop("source", strict=False)
        absent = {name: pl.lit(None, dtype) for name, dtype in VIOLATIONS.items() if name not in given and name not in rows.columns}
        return rows.with_columns(**given, **absent).select(pl.col(name).cast(dtype) for name, dtype in VIOLATIONS.items())

    def _value(self, rows: pl.DataFrame) -> pl.Expr:
        """The value at the cell, masked: a participant's number always, other text where digits look like one."""
        if "value" not in rows.columns:
            return pl.lit(None, pl.String)
        value = self._masked(pl.col("value"))
        if self._show_ids:
            return value
        return pl.when((pl.col("column") == "participant_id") & value.is_not_null()).then(pl.lit(MASK)).otherwise(value)

    def _masked(self, text: pl.Expr) -> pl.Expr:
        return text if self._show_ids else masked(text)

    def _shown(self, values: pl.Series) -> pl.Series:
        """Values as a message has them: ISO days, numbers without needless decimals, an empty one as a dash."""
        return values.to_frame("v").select(as_text(values.dtype, self._language, show_ids=self._show_ids).fill_null("–")).to_series()

    def _filled(self, template: str, shown: Mapping[str, pl.Series]) -> pl.Expr:
        pieces = _PLACEHOLDER.split(template)
        parts = [pl.lit(shown[piece]) if number % 2 else pl.lit(piece) for number, piece in enumerate(pieces)]
        return self._masked(pl.concat_str(parts))


def masked(text: pl.Expr) -> pl.Expr:
    """Text without the runs of digits that look like an identity number."""
    seen = text.str.replace_all(UNSEEN, "")
    hidden = seen
    for number in NUMBERS * 2:  # twice: numbers side by side share the character between them
        hidden = hidden.str.replace_all(number, "${1}" + MASK + "${2}")
    return pl.when(hidden == seen).then(text).otherwise(hidden)


def as_text(dtype: pl.DataType, language: Language, *, show_ids: bool, name: str = "v") -> pl.Expr:
    """A column as text to show. A cause of absence is told only with `show_ids`."""
    value = pl.col(name)
    if dtype.is_float():
        text = value.cast(pl.String).str.strip_suffix(".0")
        return text.str.replace(".", ",", literal=True) if language == "sv" else text
    if dtype == pl.Time:
        return value.dt.to_string("%H:%M")
    text = value.cast(pl.String)
    if not isinstance(dtype, pl.Enum):
        return text
    codes = tuple(dtype.categories)
    words = _words(codes) if language == "sv" else {}
    if not show_ids:
        words |= {cause: _ABSENCE[language] for cause in _ABSENT if cause in codes}
    return _replaced(text, words)


def _words(codes: tuple[str, ...]) -> dict[str, str]:
    """The Swedish word of each code: the first that is no abbreviation. Programmes go by their codes, as services do."""
    named = {name: words for name, words in CODES.items() if name != "programme"}
    known = next((words for words in named.values() if tuple(words) == codes), {})
    return {code: next((word for word in aliases if word.islower()), code) for code, aliases in known.items()}


def _together(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=dict(VIOLATIONS)), *frames])


def ordered(violations: pl.DataFrame) -> pl.DataFrame:
    """Violations in the order in which they are shown."""
    keys = ("file", "sheet", "row", "col", "rule", "placement", "organiser", "date", "service", "message")
    return violations.sort(keys, nulls_last=True)


def _named(rule: Rule) -> set[str]:
    texts = (*rule.message, *rule.remedy)
    return {name for text in texts for name in _PLACEHOLDER.findall(text)}


def _cell() -> pl.Expr:
    letter = pl.lit(_letters()).gather(pl.col("col"))
    return pl.concat_str(letter, pl.col("row").cast(pl.String))


@cache
def _letters() -> pl.Series:
    return pl.Series([column_letter(col) for col in range(MAX_COLUMNS)])


def _replaced(expr: pl.Expr, words: Mapping[str, str]) -> pl.Expr:
    return expr.replace(list(words), list(words.values())) if words else expr


def _spells(rows: pl.DataFrame) -> pl.DataFrame:
    """One row, the first, for each run of consecutive working days, with the run's last day as `until`."""
    calendar = Calendar.of(rows["date"])
    keys = [column for column in ("_p", "organiser_id", "service") if column in rows.columns]
    rows = rows.sort(*keys, "date")
    # a day off goes with the working day before it: it neither ends a run nor bridges a working day that is not there
    ordinal = calendar.working_days(pl.lit(rows["date"].min()), pl.col("date") + pl.duration(days=1))
    rows = rows.with_columns(_run=(ordinal.diff() > 1).fill_null(value=True).cum_sum().over(keys))
    first = [name for name in rows.columns if name not in keys and name != "_run"]
    return rows.group_by(*keys, "_run", maintain_order=True).agg(pl.col(first).first(), until=pl.col("date").last())


def _placed(rows: pl.DataFrame, rule: Rule, facts: Facts, sources: Sequence[Source], *, show_ids: bool) -> pl.DataFrame:
    """Adds `source`, `row`, `col`, `column` and `value` of the cell that the rule points at; null where it has none."""
    if rule.cell is None or rule.facts in ("organiser_days", "offer_days"):
        nowhere = {"source": pl.Int32()} | {name: VIOLATIONS[name] for name in _PLACE[3:]}
        return rows.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in nowhere.items())
    fallback = "organiser_id" if rule.facts == "organisers" else "placement_id"
    suffix = ""
    if rule.facts == "days" and rule.cell in _REPORT:
        suffix = "_2" if rule.report == "second" else ""
        rows = rows.with_columns(pl.col(f"{name}{suffix}").alias(name) for name in ("source", "row", "col"))
        fallback = "date"
    elif rule.facts in ("days", "months") and rule.cell != "days_stated":
        rows = rows.with_columns(*of_placement(facts.placements, "source", "row"), col=pl.lit(None, pl.UInt16))
    rows = rows if "col" in rows.columns else rows.with_columns(col=pl.lit(None, pl.UInt16))
    headed = RENAMED.get(rule.cell, rule.cell) if rule.facts == "pauses" else rule.cell
    own, other = (_columns_of(sources, name) for name in (headed, fallback))
    has_own = pl.col("col").is_not_null() | own.is_not_null()
    rows = rows.with_columns(
        col=pl.coalesce("col", own, other),
        column=pl.when(pl.col("source").is_not_null()).then(pl.when(has_own).then(pl.lit(rule.cell)).otherwise(pl.lit(fallback))),
        _own=has_own,
    )
    told = rule.cell if rule.cell == "date" else f"{rule.cell}{suffix}"  # both reports are of the same day
    told = "_stated" if told == "days_stated" else told  # what the cell says, not the sum of several
    texts = [
        rows.select(pl.col(name).alias("v")).select(as_text(rows.schema[name], "en", show_ids=show_ids)).to_series()
        for name in (told, fallback)
    ]
    return rows.with_columns(value=pl.when(pl.col("source").is_not_null()).then(pl.when("_own").then(texts[0]).otherwise(texts[1])))


def _columns_of(sources: Sequence[Source], column: str) -> pl.Expr:
    """The 0-based column that each row's sheet has the column in."""
    known = {number: source.columns[column] for number, source in enumerate(sources) if column in source.columns}
    return pl.col("source").replace_strict(known, default=None, return_dtype=pl.UInt16)
