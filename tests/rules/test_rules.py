"""Each rule of the rule book by its own table: the days and cells on which it fires, and what it withholds."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import rulefiles
from rulefiles import Drawing, RuleFile
from story import Case, cell, header, laid_out, weekdays

from fatcli import checks, entitlement, facts, rulebook
from fatcli.expression import parse
from fatcli.facts import BOOKED, NO_BOOKS, Facts
from fatcli.model import RATE_MISSING, TABLES, column_letter
from fatcli.rulebook import Rule, RuleBook, columns_of
from fatcli.schema import BUILT_IN, FRAMES
from fatcli.tables import Tables, read_tables
from fatcli.violations import Describer
from fatcli.workbook import Grid, Workbook
from grids import grid

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("[A-Z][0-9][0-9].md"))
IDS = [path.stem for path in FILES]
# derived facts that can be empty, beside the optional columns of the input
NULLABLE = {
    "age_at_start", "period_number", "placement_in_participation", "limit_end", "placement_limit_end", "overlaps", "in_depth_limit",
    "in_depth_end", "part_days", "trial_days", "service_days", "status", "hours", "from_time", "to_time", "week_hours", "days_stated",
}  # fmt: skip


@cache
def book() -> RuleBook:
    return rulebook.load()


@cache
def file(rule_id: str) -> RuleFile:
    return rulefiles.read(FOLDER / f"{rule_id}.md")


def read(*grids: Grid) -> Tables:
    return read_tables([Workbook("a.xlsx", "", grids)], book().vocabulary, book().components())


class Judged:
    """The cases of a rule's file, read and judged together: all facts once for each as-of day."""

    def __init__(self, rule_id: str) -> None:
        self.rules = book().rule(rule_id)
        self.cases = [Case(number, row) for number, row in enumerate(file(rule_id).rows, 1)]
        grids, self.placed = laid_out(self.cases)
        self.tables = read(*grids)
        booked = pl.DataFrame([row for case in self.cases for row in case.booked], BOOKED)
        days = {case.as_of for case in self.cases}
        self.facts = {day: facts.build(self.tables, book(), day, booked) for day in days}
        self.found = {day: self._judge(known) for day, known in self.facts.items()}

    def _judge(self, known: Facts) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The rule's violations, and the items that it withholds."""
        rule, tables = self.rules[0], self.tables
        hits: tuple[checks.Hits, ...] = () if rule.facts in BUILT_IN else checks.evaluate(known, self.rules)
        contracts = tables.table("contracts")
        set_aside = entitlement.set_aside_placements(known, tables.set_aside_participants)
        earned = entitlement.items(known, contracts, facts.BOOKED.to_frame())
        items = entitlement.judged(earned, hits, set_aside, tables.doubts, NO_BOOKS.closed)
        describer = Describer(book(), tables.sources, "en", show_ids=True)
        faults = tables.faults.filter(pl.col("rule") == rule.id)
        missing = items.filter(pl.col("amount").is_null(), pl.lit(rule.id == RATE_MISSING))
        violations = pl.concat([describer.hits(hits, known), describer.faults(faults), describer.rates_missing(missing)])
        return violations, items.filter(pl.col("rules").list.contains(rule.id))

    def fired(self, case: Case) -> list[dict[str, object]]:
        """The violations of a case, each with `told`, as its table would write it."""
        found = []
        for row in self.found[case.as_of][0].iter_rows(named=True):
            subject = row["placement"] or row["organiser"]
            at = self.placed.get((row["sheet"], row["row"]))
            if (at[0] is case) if at else subject in case.ids:
                found.append(row | {"told": self._told(case, row, case.ids.get(subject, ""))})
        return found

    def _told(self, case: Case, row: dict[str, object], subject: str) -> str:
        if self.rules[0].facts == "reader":
            return "yes"
        service = row["service"] if self.rules[0].facts == "offer_days" else None
        if service:
            subject = "" if service == case.sheets["placements"][0]["service"] else service
        days = [str(row[name]) for name in ("date", "until") if row[name]]
        told = [] if subject in ("", "P1", "ORG1") else [subject]
        return " ".join([*told, *(["..".join(days)] if days else [])]) or "yes"

    def faults(self, case: Case) -> list[str]:
        rows = self.tables.faults.select("rule", "sheet", "row", "column").rows()
        return [f"{rule} {sheet}.{column}" for rule, sheet, row, column in rows if self.placed[sheet, row][0] is case]

    def withheld(self, case: Case) -> list[str]:
        rows = self.found[case.as_of][1].select("placement_id", "component", "date").rows()
        own = [(case.ids[placement], component, day) for placement, component, day in rows if placement in case.ids]
        return sorted(f"{'' if placement == 'P1' else placement + ' '}{component} {day}" for placement, component, day in own)

    def place(self, case: Case, violation: dict[str, object]) -> str:
        """`attendance.date 2`: table, column, and which of the case's rows, where it is not the first."""
        sheet, number = str(violation["sheet"]), violation["row"]
        letters = str(violation["cell"]).rstrip("0123456789")
        column = next(name for col, name in enumerate(header(sheet)) if column_letter(col) == letters)
        nth = [row for (at, row), (owner, _) in self.placed.items() if at == sheet and owner is case].index(number) + 1
        return f"{sheet}.{column}" + (f" {nth}" if nth > 1 else "")

    def set_aside(self, case: Case) -> list[str]:
        """The tables of the case's rows that were not accepted."""
        number = {source.sheet: index for index, source in enumerate(self.tables.sources)}
        kept = {row for name in self.tables.frames for row in self.tables.frames[name].select("source", "row").rows()}
        return sorted({sheet for (sheet, row), (owner, _) in self.placed.items() if owner is case and (number[sheet], row) not in kept})


@cache
def judged(rule_id: str) -> Judged:
    return Judged(rule_id)


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip() not in ("", "–")]


def each_day(parts: list[str]) -> list[str]:
    """Spans written out as their Mondays to Fridays."""
    spelt = []
    for part in parts:
        head, _, last = part.rpartition(" ")
        first, dots, end = last.partition("..")
        spelt += [f"{head} {day}".strip() for day in weekdays(first, end)] if dots else [part]
    return sorted(spelt)


def expected_fires(text: str, rule: Rule) -> list[str]:
    assert text, "an empty `fires`"
    parts = [] if text == "no" else listed(text)
    if rule.spell:
        return sorted(re.sub(r"(?<!\.)(\d{4}-\d\d-\d\d)$", r"\1..\1", part) if ".." not in part else part for part in parts)
    return each_day(parts)


@pytest.mark.parametrize("rule_id", IDS)
def test_cases(rule_id):
    """Every row of every table fires, withholds and points as it says."""
    judge = judged(rule_id)
    wrong = [f"{rule_id}.md:{case.row.line}: {fault}" for case in judge.cases for fault in differences(judge, case)]
    assert not wrong, "\n".join(["", *wrong])


def differences(judge: Judged, case: Case) -> Iterator[str]:
    rule, said = judge.rules[0], case.row.expected
    if rule.facts != "reader":
        yield from (f"not readable: {fault}" for fault in judge.faults(case))
    violations = judge.fired(case)
    fires = sorted(str(row["told"]) for row in violations)
    found = {
        "fires": sorted(set(fires)) if rule.facts == "reader" else fires,
        "withholds": judge.withheld(case),
        "cell": sorted(judge.place(case, row) for row in violations if row["cell"]),
        "sets aside": judge.set_aside(case),
    }
    wanted = {"fires": expected_fires(said["fires"], rule)}
    wanted |= {
        name: each_day(listed(said[name])) if name == "withholds" else sorted(listed(said[name])) for name in said if name != "fires"
    }
    for name, want in wanted.items():
        if found[name] != want:
            yield f"{name}: the table says {want}, the program {found[name]}"
    yield from (f"points at {row['cell']} of {row['sheet']}" for row in violations if not points_rightly(judge, rule, row))


def points_rightly(judge: Judged, rule: Rule, row: dict[str, object]) -> bool:
    """Whether the cell is the rule's column, in the row of the violation's placement, organiser or day."""
    if rule.facts == "reader" or rule.cell is None or row["cell"] is None:
        return rule.facts == "reader" or (rule.cell is None) == (row["cell"] is None) or row["sheet"] is None
    held = judge.placed[row["sheet"], row["row"]][1]
    by_day = rule.facts == "days" and rule.cell in ("date", "status", "hours", "from_time")
    in_grid = row["sheet"] not in TABLES
    key = "organiser" if rule.facts == "organisers" else "placement"
    return row["column"] == rule.cell and held[f"{key}_id"] == row[key] and (in_grid or not by_day or held["date"] == str(row["date"]))


def drawings() -> Iterator[object]:
    for path in FILES:
        yield from (pytest.param(path.stem, drawing, id=f"{path.stem}:{drawing.line}") for drawing in file(path.stem).drawings)


@pytest.mark.parametrize(("rule_id", "drawing"), list(drawings()))
def test_drawn_sheets(rule_id, drawing: Drawing):
    """Sheets drawn cell by cell have the faults that stand below them, and no other of the rule."""
    tables = read(*(_drawn(name, cells) for name, cells in drawing.sheets.items()))
    faults = tables.faults.filter(pl.col("rule") == rule_id)
    named = list(drawing.faults[0]) if drawing.faults else ["sheet", "cell"]
    faults = faults.with_columns(cell=pl.Series([_a1(row, col) for row, col in faults.select("row", "col").rows()], dtype=pl.String))
    assert [{name: row[name] or "" for name in named} for row in faults.to_dicts()] == list(drawing.faults)
    accepted = {name: frame.height for name, frame in tables.frames.items() if frame.height}
    assert accepted == drawing.accepted


def _a1(row: int | None, col: int | None) -> str:
    return ("" if col is None else column_letter(col)) + ("" if row is None else str(row))


def _drawn(sheet: str, cells: dict[tuple[int, int], str]) -> Grid:
    height, width = max(row for row, _ in cells), max(col for _, col in cells) + 1
    return grid([[cell(cells.get((row, col), "")) for col in range(width)] for row in range(1, height + 1)], sheet=sheet)


def test_every_rule_has_its_table_and_every_table_its_rule():
    assert set(IDS) == {rule.id for rule in book().rules}


@pytest.mark.parametrize("rule_id", IDS)
def test_the_rule_is_what_the_spec_says(rule_id):
    said = file(rule_id)
    assert said.id == rule_id
    for rule in book().rule(rule_id):
        head = said.head
        assert (rule.name, rule.facts, rule.severity, rule.spell) == (said.name, head.facts, head.severity, head.spell)
        assert (rule.withhold, rule.cell, rule.report, rule.source) == (head.withhold, head.cell, head.report, head.source)
        assert all(text.strip() for texts in (rule.title, rule.message, rule.remedy) for text in texts)
        assert all(texts.sv != texts.en for texts in (rule.title, rule.message, rule.remedy))


@pytest.mark.parametrize("rule_id", IDS)
def test_the_table_has_cases_that_fire_and_cases_that_do_not(rule_id):
    said = file(rule_id)
    outcomes = {row.expected["fires"] != "no" for row in said.rows} | {bool(drawing.faults) for drawing in said.drawings}
    assert outcomes == {True, False}
    assert not any(rule.withhold for rule in book().rule(rule_id)) or any(listed(row.expected.get("withholds", "")) for row in said.rows)


def with_when() -> list[str]:
    return [rule_id for rule_id in IDS if book().rule(rule_id)[0].when]


@pytest.mark.parametrize("rule_id", with_when())
def test_the_table_has_a_blank_for_all_that_can_be_empty(rule_id):
    judge = judged(rule_id)
    for rule in judge.rules:
        named = [FRAMES[rule.facts].facts[name] for name in sorted(rule.when.columns) if not name.startswith("limit_")]
        optional = {
            fact.name for fact in named if fact.name in NULLABLE or (fact.table and not TABLES[fact.table].column(fact.column).required)
        }
        seen = [checks.with_facts(known, rule.facts, known.own(rule.facts).lazy(), optional).collect() for known in judge.facts.values()]
        assert optional == {name for name in optional if any(frame[name].null_count() for frame in seen)}


_TURNED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "!=", "!=": "=", "and": "or", "or": "and", "not": ""}
_TURNABLE = re.compile(r"'[^']*'|is not|not in|\b(?:and|or|not)\b|<=|>=|!=|[<>=]")


def turned_round(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """The rule with one sign or word of its condition turned round, for each of them."""
    text = rule.when.text
    for found in _TURNABLE.finditer(text):
        if found[0] in _TURNED:
            changed = f"{text[: found.start()]}{_TURNED[found[0]]}{text[found.end() :]}"
            yield f"{changed}", replace(rule, when=parse(changed, columns_of(rule.facts, book().limits, book().vocabulary)))


@pytest.mark.parametrize("rule_id", with_when())
def test_the_table_notices_every_sign_turned_round(rule_id):
    """A boundary moved by a day, an `and` that should be an `or`: some case of the rule's table turns out differently."""
    judge = judged(rule_id)
    rule = judge.rules[0]
    changed = list(turned_round(rule))
    unnoticed = {text for text, _ in changed}
    for known in judge.facts.values():
        right, *others = checks.evaluate(known, [rule, *(other for _, other in changed)])
        unnoticed -= {text for (text, _), other in zip(changed, others, strict=True) if not other.rows.equals(right.rows)}
    assert not unnoticed
