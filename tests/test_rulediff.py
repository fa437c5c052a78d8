"""Two rule books compared: what differs and where it stands, and the money at stake, worked out by hand."""

# ruff: noqa: E501 - a change and its difference to a line

import datetime as dt
from dataclasses import fields, replace
from pathlib import Path

import pytest

from fatcli import pipeline, rulediff
from fatcli.expression import parse
from fatcli.intake import Task
from fatcli.model import Month, Vocabulary
from fatcli.rulebook import Component, Dated, Duration, Duty, Limit, Reference, Rule, RuleBook, Service, Settings, columns_of, shipped
from fatcli.rulebook_reader import read
from fatcli.rulediff import Comparison, Effect, Sum
from fatcli.texts import Text, same
from fatcli.workspace import open_workspace
from stories import MAY, day, paid, placement, present, register, report, working_days, workspace

SHIPPED = shipped().decode()
BOOK = read(SHIPPED.encode(), "old.yaml")
RATE = '[{amount: "300", source: FAKTA Ersättning}]'
DATED_RATE = '[{amount: "300", to: 2024-05-14, source: FAKTA Ersättning}, {amount: "315.50", from: 2024-05-15, source: FAKTA Ersättning}]'
A04_WITHHOLDS = (
    "when: counts and date < decision_date\n    severity: error\n    withhold: daily",
    "when: counts and date < decision_date\n    severity: warning",
)
RULE = """
  X01:
    name: own-rule
    title: {sv: Egen regel, en: Own rule}
    facts: placements
    when: service = 'FAT' and hours_per_week < 25
    severity: warning
    message: {sv: m, en: m}

not_checked:"""
ADDED = ("\nnot_checked:", RULE)


def changed(*changes: tuple[str, str]) -> str:
    text = SHIPPED
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def compared(*changes: tuple[str, str]) -> tuple[rulediff.Change, ...]:
    return rulediff.compare(BOOK, read(changed(*changes).encode(), "new.yaml"))


def line(text: str, part: str) -> int:
    """The line on which a part of the text first stands."""
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("change", "section", "key", "attribute", "old", "new"),
    [
        (('edition: "2024-06"', "edition: own"), "edition", "", "edition", "2024-06", "own"),
        (("[interrupted, work,", "[interrupted,"), "settings", "", "interruption_reasons", "illness, interrupted, moved, other, studies, work", "illness, interrupted, moved, other, studies"),
        (("document: Arbetsförmedlingen, faktablad för anordnare", "document: X"), "sources", "FAKTA", "document", "Arbetsförmedlingen, faktablad för anordnare", "X"),
        (("in_depth_months: [{value: 3,", "in_depth_months: [{value: 4,"), "limits", "in_depth_months", "value", "3", "4"),
        (("in_depth_closes: [{value: 2023-10-01, source: ASF}]", "in_depth_closes: [{value: 2023-10-01}]"), "limits", "in_depth_closes", "source", "ASF", None),
        (("max_months: {JOB: 12, UGA: 6, ETP: 12}", "max_months: {JOB: 12, UGA: 7, ETP: 12}"), "services", "FAT", "max_months", "JOB 12 months, UGA 6 months, ETP 12 months", "JOB 12 months, UGA 7 months, ETP 12 months"),
        (("schedule: weekdays", "schedule: working_days"), "services", "AIO", "schedule", "weekdays", "working_days"),
        (("max_gap_days: 31", "max_gap_days: 30"), "services", "AIO", "max_gap_days", "31", "30"),
        ((RATE, DATED_RATE), "components", "FAT.base", "sek", "SEK 300.00", "SEK 300.00 to 2024-05-14, SEK 315.50 from 2024-05-15"),
        (("per: scheduled_day", "per: attended_day"), "components", "AIO.day", "per", "scheduled day", "attended day"),
        (("        when: in_depth\n", ""), "components", "FAT.in_depth", "when", "in_depth", None),
        (("when: counts and date < decision_date", "when: counts and date <= decision_date"), "rules", "A04", "when", "counts and date < decision_date", "counts and date <= decision_date"),
        (("{sv: Dag före beslutet, en: Day before the decision}", "{sv: Dag före beslutet, en: X}"), "rules", "A04", "title.en", "Day before the decision", "X"),
        (("    places: [antal platser]\n", "    places: [antal platser, ant]\n"), "vocabulary", "columns.places", "words", "antal platser", "ant, antal platser"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_one_change_is_one_difference(change, section, key, attribute, old, new) -> None:
    (found,) = compared(change)
    assert (found.section, found.key, found.attribute, found.kind) == (section, key, attribute, "changed")
    assert (found.old and found.old.en, found.new and found.new.en) == (old, new)


def test_a_rules_severity_withholding_and_days_are_told_one_by_one() -> None:
    found = compared(A04_WITHHOLDS, ("name: day-before-decision", "name: day-before-decision\n    from: 2025-01-01"))
    told = {change.attribute: (change.old and change.old.sv, change.new and change.new.sv) for change in found}
    assert {change.key for change in found} == {"A04"}
    assert told == {"severity": ("fel", "varning"), "withhold": ("dagersättning", "inget"), "from": (None, "2025-01-01")}


def test_a_change_stands_at_its_line_in_both_files() -> None:
    when = "when: counts and date < decision_date"
    edited = ("in_depth_months: [{value: 3,", "# more\n  in_depth_months: [{value: 4,"), (when, f"{when} and service = 'FAT'")
    limit, rule = compared(*edited)
    text = changed(*edited)
    assert (limit.old_line, limit.new_line) == (line(SHIPPED, "  in_depth_months:"), line(text, "  in_depth_months:"))
    assert limit.new_line == limit.old_line + 1
    assert (rule.old_line, rule.new_line) == (line(SHIPPED, when), line(text, when))


def test_what_only_one_book_has_is_one_difference() -> None:
    there = read(changed(ADDED).encode(), "own.yaml")
    (added,) = rulediff.compare(BOOK, there)
    assert (added.kind, added.key, added.attribute, added.title.sv) == ("added", "X01", "", "Egen regel")
    assert (added.old, added.old_line, added.new_line) == (None, None, line(changed(ADDED), "  X01:"))
    assert added.new == Text(
        "varning, håller inne inget: service = 'FAT' and hours_per_week < 25",
        "warning, withholds nothing: service = 'FAT' and hours_per_week < 25",
    )
    (removed,) = rulediff.compare(there, BOOK)
    assert (removed.kind, removed.new, removed.new_line) == ("removed", None, None)
    assert (removed.old, removed.old_line) == (added.new, added.new_line)


def test_a_rule_changed_from_a_day_is_the_old_one_ended_and_a_new_one() -> None:
    old = "  X01:\n    name: own-rule\n"
    dated = RULE.replace(old, "  X01:\n  - name: own-rule\n    to: 2024-12-31\n")
    later = (
        "  - {name: own-rule, facts: placements, when: hours_per_week < 20, severity: error, message: m, from: 2025-01-01}\n\nnot_checked:"
    )
    second = changed(("\nnot_checked:", dated.replace("\nnot_checked:", later)))
    ended, begun = rulediff.compare(read(changed(ADDED).encode(), "a"), read(second.encode(), "b"))
    assert (ended.key, ended.kind, ended.attribute, ended.old, ended.new) == ("X01", "changed", "to", None, same("2024-12-31"))
    assert (begun.key, begun.kind, begun.new_line) == ("X01 2025-01-01", "added", line(second, "  - {name: own-rule"))
    assert begun.new is not None
    assert begun.new.en == "error, withholds nothing from 2025-01-01: hours_per_week < 20"


def test_comments_order_and_layout_are_no_difference() -> None:
    name, facts = "    name: day-outside-placement\n", "    title: {sv: Dag utanför placeringen, en: Day outside the placement}\n"
    assert compared(("# A comparison with", "# Comparing with"), (name + facts, facts + name)) == ()


# a value for each field of a book's records that the shipped book does not have there
OTHERWISE = {
    RuleBook: {"edition": "x"},
    Settings: {"interruption_reasons": ("work",), "pseudonym": "[A-Z]+"},
    Reference: {"title": Text("a", "b"), "document": "x"},
    Limit: {"values": (Dated(7),)},
    Dated: {"value": 7, "start": day("2020-01-01"), "end": day("2030-01-01"), "source": "ITA"},
    Service: {
        "name": Text("a", "b"), "programmes": ("JOB",), "schedule": "weekdays", "chain": "participation", "max_gap_days": 9,
        "durations": (), "placement_months": (Dated(7),), "components": (), "source": "ITA",
    },
    Duration: {"programme": "ETP", "months": 7, "compensated_days": 7, "start": day("2020-01-01"), "end": day("2030-01-01"), "source": "ITA"},
    Component: {"name": Text("a", "b"), "per": "start", "when": parse("attended", columns_of("days", {}, Vocabulary())), "sek": (Dated(7),)},
    Rule: {
        "name": "x", "title": Text("a", "b"), "facts": "months", "when": parse("ended", columns_of("placements", {}, Vocabulary())), "severity": "info",
        "withhold": ("all",), "cell": "hours", "report": "second", "spell": True, "source": "ITA", "message": Text("a", "b"),
        "remedy": Text("a", "b"), "start": day("2020-01-01"), "end": day("2030-01-01"),
    },
    Duty: {"text": Text("a", "b"), "source": "x"},
    Vocabulary: {"columns": {"hours": ("x",)}, "codes": {"status": {"present": ("X",)}}},
}  # fmt: skip
NO_CONTENT = {
    RuleBook: {"path", "sha256", "sources", "settings", "limits", "services", "rules", "not_checked", "vocabulary", "root"},
    Limit: {"name", "is_date"},
    Service: {"id"},
    Component: {"id"},
    Rule: {"id", "line"},
    Vocabulary: {"services"},  # the services' own names
}


@pytest.mark.parametrize(("record", "name"), [(record, name) for record, values in OTHERWISE.items() for name in values])
def test_no_part_of_a_book_escapes(record: type, name: str) -> None:
    def other(thing):
        return replace(thing, **{name: OTHERWISE[record][name]})

    fat, rule = BOOK.services["FAT"], BOOK.rules[40]
    base, limit = fat.components[0], BOOK.limits["in_depth_months"]
    books = {
        RuleBook: lambda: other(BOOK),
        Settings: lambda: replace(BOOK, settings=other(BOOK.settings)),
        Reference: lambda: replace(BOOK, sources={**BOOK.sources, "FAKTA": other(BOOK.sources["FAKTA"])}),
        Limit: lambda: replace(BOOK, limits={**BOOK.limits, limit.name: other(limit)}),
        Dated: lambda: replace(BOOK, limits={**BOOK.limits, limit.name: replace(limit, values=(other(limit.values[0]),))}),
        Service: lambda: replace(BOOK, services={**BOOK.services, "FAT": other(fat)}),
        Duration: lambda: replace(
            BOOK, services={**BOOK.services, "FAT": replace(fat, durations=(other(fat.durations[0]), *fat.durations[1:]))}
        ),
        Component: lambda: replace(BOOK, services={**BOOK.services, "FAT": replace(fat, components=(other(base), *fat.components[1:]))}),
        Rule: lambda: replace(BOOK, rules=tuple(other(each) if each is rule else each for each in BOOK.rules)),
        Duty: lambda: replace(BOOK, not_checked=(other(BOOK.not_checked[0]), *BOOK.not_checked[1:])),
        Vocabulary: lambda: replace(BOOK, vocabulary=other(BOOK.vocabulary)),
    }
    assert rulediff.compare(BOOK, BOOK) == ()
    assert rulediff.compare(BOOK, books[record]())


@pytest.mark.parametrize("record", OTHERWISE)
def test_every_field_of_a_books_records_is_tried(record: type) -> None:
    assert {field.name for field in fields(record)} <= {*OTHERWISE[record], *NO_CONTENT.get(record, ())}


def weighed(folder: Path, new: str, old: str = SHIPPED, month: str | None = "2024-05", as_of: str = "2024-06-03") -> Effect:
    """The effect on a workspace's files, of a book in the place of another."""
    for name, text in (("a.yaml", old), ("b.yaml", new)):
        (folder / name).write_text(text, encoding="utf-8")
    task = Task(open_workspace(folder, [], {}), sorted(folder.glob("*.xlsx")), dt.date.fromisoformat(as_of), "en")
    found: Comparison = pipeline.compare(task, folder / "a.yaml", folder / "b.yaml", Month.parse(month) if month else None)
    assert found.effect is not None
    return found.effect


def test_a_dated_rate_by_hand(tmp_path: Path) -> None:
    # 2 to 31 May: 21 working days, of them 2, 3, 6, 7, 8, 10, 13 and 14 before the 15th: 8 x 300 + 13 x 315.50 = 6 501.50
    workspace(tmp_path, register(placement()), present(MAY))
    effect = weighed(tmp_path, changed((RATE, DATED_RATE)))
    (total,) = {effect.total, *(replace(stake, key="") for stake in (*effect.organisers, *effect.components))}
    assert (total.old_due, total.new_due) == (Sum(21, 630_000), Sum(21, 650_150))
    assert (total.old_withheld, total.new_withheld) == (Sum(), Sum())
    assert [stake.key for stake in effect.organisers] == ["ORG1"]
    assert [stake.key for stake in effect.components] == ["FAT.base"]
    assert (effect.items, effect.rules, effect.violations) == (13, (), ())


def test_a_rule_that_withholds_no_more_by_hand(tmp_path: Path) -> None:
    # decided on 6 May: 2 and 3 May are withheld by A04, 19 days are due
    workspace(tmp_path, register(placement(decision_date="2024-05-06")), present(MAY))
    effect = weighed(tmp_path, changed(A04_WITHHOLDS))
    assert (effect.total.old_due, effect.total.new_due) == (Sum(19, 570_000), Sum(21, 630_000))
    assert (effect.total.old_withheld, effect.total.new_withheld) == (Sum(2, 60_000), Sum())
    (a04,) = effect.rules
    assert (a04.key, a04.old_withheld, a04.new_withheld, a04.new_due) == ("A04", Sum(2, 60_000), Sum(), Sum())
    # the violations are the same, but for their severity
    assert effect.violations == ()
    assert effect.items == 2


def test_items_that_two_rules_withhold_count_under_each_and_once_in_all(tmp_path: Path) -> None:
    # a pause approved on its first day: 13 to 17 May are withheld by A05, whichever book; decided on 15 May: 13 and 14 by A04 too
    pauses = [{"placement_id": "P1", "from": "2024-05-13", "to": "2024-05-17", "approved_on": "2024-05-13"}]
    workspace(tmp_path, register(placement(decision_date="2024-05-15"), pauses=pauses), present(MAY))
    effect = weighed(tmp_path, changed(A04_WITHHOLDS))
    # before: 2, 3, 6, 7, 8, 10, 13, 14 by A04 and 13 to 17 by A05: 11 items; after: the 5 of the pause
    assert (effect.total.old_withheld, effect.total.new_withheld) == (Sum(11, 330_000), Sum(5, 150_000))
    assert [(stake.key, stake.old_withheld, stake.new_withheld) for stake in effect.rules] == [("A04", Sum(8, 240_000), Sum())]
    assert (effect.total.old_due, effect.total.new_due) == (Sum(10, 300_000), Sum(16, 480_000))


def test_an_amount_that_is_missing_counts_as_an_item(tmp_path: Path) -> None:
    workspace(tmp_path, register(placement()), present(MAY))
    effect = weighed(tmp_path, changed((RATE, '[{amount: "300", to: 2024-05-30, source: FAKTA Ersättning}]')))
    # 31 May has no rate: C01 withholds it, for no amount
    assert (effect.total.old_due, effect.total.new_due) == (Sum(21, 630_000), Sum(20, 600_000))
    assert [(stake.key, stake.new_withheld) for stake in effect.rules] == [("C01", Sum(1, 0))]
    assert [(each.rule, each.old, each.new, each.come, each.go) for each in effect.violations] == [("C01", 0, 1, 1, 0)]


def test_violations_come_and_go_one_by_one(tmp_path: Path) -> None:
    # P1 has 20 hours a week, P2 30: below 25 is P1, above 25 is P2
    workspace(tmp_path, register(placement(hours_per_week=20), placement("P2", hours_per_week=30)), present(MAY) + present(MAY, "P2"))
    below, above = changed(ADDED), changed(ADDED, ("hours_per_week < 25", "hours_per_week > 25"))
    effect = weighed(tmp_path, above, below)
    assert [(each.rule, each.old, each.new, each.come, each.go) for each in effect.violations] == [("X01", 1, 1, 1, 1)]
    assert effect.items == 0


def test_a_word_more_is_read_with_the_new_book(tmp_path: Path) -> None:
    # X is no code (T06), so the day is set aside and A14 misses it; with the word it is the 21st attended day
    workspace(tmp_path, register(placement()), [*present(MAY[:-1]), report(MAY[-1], status="X")])
    effect = weighed(tmp_path, changed(("vocabulary:\n", "vocabulary:\n  codes: {status: {present: [X]}}\n")))
    assert (effect.total.old_due, effect.total.new_due) == (Sum(20, 600_000), Sum(21, 630_000))
    assert [(each.rule, each.come, each.go) for each in effect.violations] == [("A14", 0, 1), ("T06", 0, 1)]


def test_a_month_is_counted_alone_or_all_months(tmp_path: Path) -> None:
    # 1 April is Easter Monday; 2 to 30 April has 21 working days, as has May
    april = working_days("2024-04-02", "2024-04-30")
    assert len(april) == 21
    workspace(tmp_path, register(placement(start="2024-04-01")), present([*april, *MAY]))
    dearer = changed((RATE, RATE.replace("300", "301")))
    assert weighed(tmp_path, dearer).total.new_due == Sum(21, 632_100)
    assert weighed(tmp_path, dearer, month=None).total.new_due == Sum(42, 1_264_200)


def test_due_is_what_payout_would_claim(tmp_path: Path) -> None:
    """P2 is not reported at all: nothing is claimed for it, whatever a book says."""
    aio = placement("P2", service="AIO", programme=None, hours_per_week=20)
    workspace(tmp_path, register(placement(), aio), present(MAY))
    start = SHIPPED.index("  A18:")
    without_a18 = SHIPPED[:start] + SHIPPED[SHIPPED.index("  A19:") :]
    effect = weighed(tmp_path, without_a18)
    assert effect.total.old_due == effect.total.new_due == Sum(21, paid(tmp_path).total_ore)
    # 22 weekdays from 2 May and the start, withheld by A18 alone
    (a18,) = effect.rules
    assert (a18.key, a18.old_withheld) == ("A18", Sum(23, 22 * 45_000 + 300_000))


def test_a_changed_rule_that_can_not_be_run_is_told(tmp_path: Path) -> None:
    lacking = {name: value for name, value in placement().items() if name != "hours_per_week"}
    workspace(tmp_path, register(lacking), present(MAY))
    effect = weighed(tmp_path, changed(ADDED))
    assert [(left.rule, left.reason) for left in effect.not_evaluated] == [("X01", "column absent: hours_per_week")]


def test_without_files_the_books_alone_are_compared(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(changed(ADDED), encoding="utf-8")
    task = Task(open_workspace(tmp_path, [], {}), [], day("2024-06-03"), "en")
    found = pipeline.compare(task, None, tmp_path / "b.yaml", None)
    assert found.effect is None
    assert [change.key for change in found.changes] == ["X01"]
