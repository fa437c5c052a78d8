"""What a run comes to, in the run's language: the records that writers take."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import polars as pl

from fatcli import __version__, claims, entitlement, rulebook
from fatcli.checks import Hits
from fatcli.facts import ITEM
from fatcli.intake import Task
from fatcli.judgement import Judged
from fatcli.model import Month, cell_name
from fatcli.result import Checked, Input, InputTable, Kept, Silent, Withheld
from fatcli.rulebook import RuleBook
from fatcli.tables import Tables
from fatcli.texts import Language, Text
from fatcli.violations import Describer, ordered

# what withholds without being a rule: its title and remedy
_BY_BOOKS = {
    entitlement.CLAWED_BACK: (
        Text("återkrävd", "clawed back"),
        Text(
            "Häv återkravet med fat ledger clawback --undo om det var fel.",
            "Undo the clawback with fat ledger clawback --undo if it was wrong.",
        ),
    ),
    claims.BOOKED_ELSEWHERE: (
        Text(
            "bokförd hos den tidigare anordnaren, eller på ett tidigare beslutsnummer",
            "booked at the former organiser, or under a former number",
        ),
        Text(
            "Tillåt återföringen där med --allow-reversals; dagen ersätts då i samma körning. Finns beslutet inte kvar: återkräv posten.",
            "Allow the reversal there with --allow-reversals; the day is then paid in the same run. If that number is gone, claw it back.",
        ),
    ),
}


def checked(task: Task, judged: Judged, hits: Sequence[Hits], items: pl.DataFrame) -> Checked:
    """All violations: what the reader found, these hits, and the items that have no rate."""
    book, tables = judged.material.book, judged.material.tables
    describer = Describer(book, tables.sources, task.language, show_ids=task.show_ids)
    missing = describer.rates_missing(items.filter(pl.col("amount").is_null()))
    return Checked(
        version=__version__,
        rules_path=_shown_rules(task),
        edition=book.edition,
        rules_sha256=book.sha256,
        as_of=task.as_of,
        language=task.language,
        inputs=inputs(tables),
        not_evaluated=judged.not_evaluated,
        absent_columns=judged.absent_columns,
        violations=ordered(pl.concat([describer.faults(tables.faults), describer.hits(hits, judged.facts), missing])),
        rows=sum(source.rows for source in tables.sources),
        set_aside=sum(source.set_aside for source in tables.sources),
        labels=_labels(book, task.language),
        named=_named(tables),
    )


def chosen(whole: Checked, task: Task) -> Checked:
    """With the violations that are to be shown (--select, --ignore), and how many are not."""
    shown = whole.violations.filter(_chosen(task))
    return replace(whole, violations=shown, left_out=whole.violations.height - shown.height)


def _chosen(task: Task) -> pl.Expr:
    group = pl.col("rule").str.strip_chars_end("0123456789")

    def named(names: Collection[str]) -> pl.Expr:
        return pl.col("rule").is_in(list(names)) | group.is_in(list(names))

    return (named(task.select) if task.select else pl.lit(value=True)) & ~named(task.ignore)


def _shown_rules(task: Task) -> str:
    """The rule book's path as outputs have it: the same from wherever the command is run, and nobody's own folders."""
    path = task.workspace.rules()
    if path is None:
        return rulebook.SHIPPED_NAME
    shown = task.workspace.shown(path)
    return path.name if path.is_absolute() and shown == path.as_posix() else shown


def _labels(book: RuleBook, language: Language) -> dict[str, str]:
    titles = {rule.id: rule.title for rule in book.rules} | {name: title for name, (title, _) in _BY_BOOKS.items()}
    titles |= {service.id: service.name for service in book.services.values()} | book.component_names()
    return {name: title.to(language) for name, title in titles.items()}


def inputs(tables: Tables) -> tuple[Input, ...]:
    found: dict[str, list[InputTable]] = {file.file: [] for file in tables.files}
    for source in tables.sources:
        found[source.file].append(InputTable(source.table, source.sheet, source.layout, source.rows, source.set_aside, source.hidden))
    return tuple(Input(file.file, file.sha256, tuple(found[file.file])) for file in tables.files)


def _named(tables: Tables) -> dict[str, frozenset[str]]:
    named: dict[str, frozenset[str]] = {}
    for source in tables.sources:
        named[source.file] = named.get(source.file, frozenset()) | source.placements
    return named


def kept(rows: pl.DataFrame, language: Language) -> tuple[Kept, ...]:
    """The bookings of claims.kept."""
    return tuple(
        Kept(row["organiser_id"], row["placement_id"], row["component"], row["date"], row["amount"], claims.KEPT[row["kept"]].to(language))
        for row in rows.iter_rows(named=True)
    )


def withheld(items: pl.DataFrame, judged: Judged, checked: Checked) -> tuple[Withheld, ...]:
    """The items that rules or the books withhold, with why, what to do, and the cell that reported them."""
    rows = items.filter(pl.col("rules").list.len() > 0).sort(ITEM)
    sources = judged.material.tables.sources
    remedies = _remedies(judged.material.book, checked)
    found = []
    for row in rows.iter_rows(named=True):
        source = sources[row["source"]] if row["source"] is not None else None
        col = row["col"] if row["col"] is not None else source.columns.get("date") if source else None
        found.append(
            Withheld(
                organiser=row["organiser_id"],
                placement=row["placement_id"],
                component=row["component"],
                date=row["date"],
                amount_ore=row["amount"],
                rules=tuple(row["rules"]),
                file=source.file if source else None,
                sheet=source.sheet if source else None,
                cell=cell_name(row["row"], col) if col is not None else None,
                reason="; ".join(checked.label(rule) for rule in row["rules"]),
                remedy=" ".join(dict.fromkeys(remedies.get(rule, "") for rule in row["rules"])).strip(),
                service=row["service"],
            )
        )
    return tuple(found)


def _remedies(book: RuleBook, checked: Checked) -> dict[str, str]:
    """What to do, per rule, for rules whose remedy names no value, and for what the books withhold."""
    remedies = {rule.id: rule.remedy for rule in book.rules} | {name: remedy for name, (_, remedy) in _BY_BOOKS.items()}
    return {name: text for name, remedy in remedies.items() if "{" not in (text := remedy.to(checked.language))}


def silent(judged: Judged, month: Month) -> tuple[Silent, ...]:
    """The organisers without any report of the month, readable or not, with placements which it is paid for; none of a month to come."""
    placements, tables, book = judged.facts.placements, judged.material.tables, judged.material.book
    last = min(month.last, judged.facts.as_of)
    daily = [*book.paid_per("attended_day"), *book.paid_per("scheduled_day")]
    running = placements.filter(
        pl.lit(month.first <= last),
        pl.col("start") <= pl.min_horizontal("effective_end", pl.lit(last)),
        pl.col("effective_end") >= month.first,
        pl.col("service").is_in(daily),
    )
    of_month = pl.col("date").is_null() | pl.col("date").is_between(month.first, month.last)
    reports = (frame.filter(of_month)["placement_id"] for frame in (tables.table("attendance"), tables.set_aside_reports))
    heard = placements.filter(pl.col("placement_id").is_in(pl.concat(reports).implode()))["organiser_id"]
    rows = running.filter(~pl.col("organiser_id").is_in(heard.implode())).group_by("organiser_id").agg(pl.len(), pl.col("name").first())
    return tuple(Silent(organiser, name or organiser, count) for organiser, count, name in rows.sort("organiser_id").iter_rows())
