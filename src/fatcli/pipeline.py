"""The program on one page: read, check, claim, write. Each function is one command's work, without its printing."""

import datetime as dt
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from fatcli import __version__, checks, claims, entitlement, facts, rulebook
from fatcli.checks import Hits
from fatcli.control import control_sums
from fatcli.errors import InputError, UsageError
from fatcli.facts import Facts
from fatcli.model import TABLES, Month, column_letter
from fatcli.result import Checked, Input, InputTable, NotEvaluated, Paid, Withheld
from fatcli.rulebook import RuleBook
from fatcli.headers import Layouts
from fatcli.tables import Tables, read_tables
from fatcli.texts import Language, Text, did_you_mean
from fatcli.violations import Describer, ordered
from fatcli.workbook import Grid, Workbook, read_workbook
from fatcli.workspace import Workspace, expanded

_READERS = 2  # files read at the same time; reading releases the interpreter lock


@dataclass(frozen=True)
class Task:
    """What every reading command is asked: files (none: the workspace's), the day, and what to show."""

    workspace: Workspace
    files: Sequence[Path]
    as_of: dt.date
    language: Language
    show_ids: bool = False
    select: Collection[str] = ()
    ignore: Collection[str] = ()


@dataclass(frozen=True)
class Judged:
    """Everything read and judged, before any of it is put into words."""

    book: RuleBook
    tables: Tables
    facts: Facts
    hits: tuple[Hits, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    absent_columns: tuple[str, ...]
    items: pl.DataFrame


def validate(task: Task) -> Checked:
    """Reads and checks; looks into no ledger."""
    judged = _judge(task)
    missing = judged.items.filter(pl.col("amount").is_null())
    return _checked(task, judged, judged.hits, missing)


def payout(task: Task, month: Month, allowed: Collection[str] = (), organisers: Collection[str] = (), *, dry_run: bool = False) -> Paid:
    """Reads, checks and claims a month; with `organisers` only theirs."""
    judged = _judge(task)
    items, everything = judged.items.filter(pl.col("month_first") == month.first), judged.facts
    said = claims.spoken(
        everything,
        judged.items,
        judged.tables.frames.get("attendance", facts.empty_table("attendance")),
        judged.tables.set_aside_reports,
        entitlement.set_aside_placements(everything, judged.tables.set_aside_participants),
    )
    booked = facts.BOOKED.to_frame()
    differing = claims.differences(judged.items, booked, said, everything)
    claimed = pl.col("month_first") == month.first
    if organisers:
        claimed &= pl.col("organiser_id").is_in(list(organisers))
    due = claims.claims(differing.filter(claimed), everything, allowed)
    hits = checks.scoped(judged.hits, everything, month, _concerned(everything, items, month))
    checked = _checked(task, judged, hits, items.filter(pl.col("amount").is_null()))
    return Paid(
        checked=checked,
        month=month,
        run=None,
        claims=due,
        withheld=_withheld(items, judged, checked),
        kept=(),
        other_months=claims.other_months(differing, month),
        control=control_sums(judged.tables, everything, items, items.clear(), month),
        dry_run=dry_run,
    )


def _judge(task: Task) -> Judged:
    book = rulebook.load(task.workspace.rules())
    _check_rules_named(book, (*task.select, *task.ignore))
    tables = _read(task, book)
    known = facts.build(tables, book, task.as_of)
    rules, not_evaluated = checks.applicable(book, tables, task.language)
    hits = checks.evaluate(known, rules)
    contracts = tables.frames.get("contracts", facts.empty_table("contracts"))
    set_aside = entitlement.set_aside_placements(known, tables.set_aside_participants)
    items = entitlement.judged(entitlement.items(known, contracts), hits, set_aside, entitlement.none_closed())
    return Judged(book, tables, known, hits, tuple(not_evaluated), checks.absent_columns(rules, tables), items)


def _read(task: Task, book: RuleBook) -> Tables:
    """The files asked for, with the registers that they lack from the workspace."""
    asked = expanded(task.files) or task.workspace.files()
    with ThreadPoolExecutor(_READERS) as pool:
        workbooks = list(pool.map(lambda path: read_workbook(path, task.workspace.shown(path)), asked))
        if task.files:
            given = {_table_of(grid, book) for workbook in workbooks for grid in workbook.grids}
            lacking = [name for name in TABLES if name != "attendance" and name not in given]
            asked_for = {path.resolve() for path in asked}
            registers = [path for path in task.workspace.registers() if path.resolve() not in asked_for]
            more = pool.map(lambda path: read_workbook(path, task.workspace.shown(path)), registers if lacking else [])
            workbooks += [part for workbook in more if (part := _only(workbook, lacking, book)).grids]
    tables = read_tables(workbooks, book.vocabulary, book.components())
    if "placements" not in tables.frames and not tables.faults["table"].eq("placements").any():
        raise _no_register(task.workspace)
    return tables


def _table_of(grid: Grid, book: RuleBook) -> str | None:
    header = Layouts(book.vocabulary).find(grid)
    return header.table.name if header and not header.missing else None


def _only(workbook: Workbook, tables: Collection[str], book: RuleBook) -> Workbook:
    return replace(workbook, grids=tuple(grid for grid in workbook.grids if _table_of(grid, book) in tables))


def _no_register(workspace: Workspace) -> InputError:
    patterns = ", ".join(workspace.settings.register)
    return InputError(
        Text("det finns inget register med beslut (placeringar).", "there is no register with placements."),
        Text(
            f"Lägg registret i mappen med ett namn som passar {patterns}, eller ange dess fil på kommandoraden.",
            f"Put the register in the folder under a name that fits {patterns}, or name its file on the command line.",
        ),
        place=str(workspace.folder),
    )


def _check_rules_named(book: RuleBook, names: Collection[str]) -> None:
    """Rule ids and groups (their letters) that --select and --ignore may name."""
    known = {rule.id for rule in book.rules} | {rule.id.rstrip("0123456789") for rule in book.rules}
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known)
            what = Text("det finns ingen regel eller grupp {name}.{hint}", "there is no rule or group {name}.{hint}").fill(name=name, hint=hint)
            raise UsageError(what, Text("fat rules list visar alla.", "fat rules list shows them all."))


def _chosen(task: Task) -> pl.Expr:
    group = pl.col("rule").str.strip_chars_end("0123456789")

    def named(names: Collection[str]) -> pl.Expr:
        return pl.col("rule").is_in(list(names)) | group.is_in(list(names))

    return (named(task.select) if task.select else pl.lit(value=True)) & ~named(task.ignore)


def _checked(task: Task, judged: Judged, hits: Sequence[Hits], rates_missing: pl.DataFrame) -> Checked:
    describer = Describer(judged.book, judged.tables.sources, task.language, show_ids=task.show_ids)
    found = pl.concat([describer.faults(judged.tables.faults), describer.hits(hits, judged.facts), describer.rates_missing(rates_missing)])
    return Checked(
        version=__version__,
        rules_path=judged.book.path,
        edition=judged.book.edition,
        rules_sha256=judged.book.sha256,
        as_of=task.as_of,
        language=task.language,
        inputs=_inputs(judged.tables),
        not_evaluated=judged.not_evaluated,
        absent_columns=judged.absent_columns,
        violations=ordered(found.filter(_chosen(task))),
        rows=sum(source.rows for source in judged.tables.sources),
        set_aside=sum(source.set_aside for source in judged.tables.sources),
        labels=_labels(judged.book, task.language),
    )


def _labels(book: RuleBook, language: Language) -> dict[str, str]:
    labels = {rule.id: rule.title.to(language) for rule in book.rules}
    for service in book.services.values():
        labels[service.id] = service.name.to(language)
        labels |= {f"{service.id}.{component.id}": component.name.to(language) for component in service.components}
    return labels


def _inputs(tables: Tables) -> tuple[Input, ...]:
    found: dict[str, list[InputTable]] = {file.file: [] for file in tables.files}
    for source in tables.sources:
        found[source.file].append(InputTable(source.table, source.sheet, source.layout, source.rows, source.set_aside))
    return tuple(Input(file.file, file.sha256, tuple(found[file.file])) for file in tables.files)


def _concerned(facts: Facts, items: pl.DataFrame, month: Month) -> pl.Series:
    """`_p` of the placements that a month concerns: start..end touches it, or they have an item in it."""
    touching = facts.placements.filter(pl.col("start") <= month.last, pl.col("end") >= month.first)["_p"]
    return pl.concat([touching, items["_p"]]).unique()


def _withheld(items: pl.DataFrame, judged: Judged, checked: Checked) -> tuple[Withheld, ...]:
    rows = items.filter(pl.col("rules").list.len() > 0).sort("organiser_id", "placement_id", "component", "date")
    sources = judged.tables.sources
    remedies = _remedies(judged.book, checked)
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
                cell=f"{column_letter(col)}{row['row']}" if col is not None else None,
                reason="; ".join(checked.label(rule) for rule in row["rules"]),
                remedy=" ".join(dict.fromkeys(remedies.get(rule, "") for rule in row["rules"])).strip(),
                service=row["service"],
            )
        )
    return tuple(found)


def _remedies(book: RuleBook, checked: Checked) -> dict[str, str]:
    """What to do, per rule, for rules whose remedy names no value."""
    return {rule.id: text for rule in book.rules if "{" not in (text := rule.remedy.to(checked.language))}
