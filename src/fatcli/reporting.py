"""A follow-up report from a workspace: what is read and judged for it, and what the reader must know about it."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from fatcli import __version__, claims, intake
from fatcli.facts.placements import placement_facts
from fatcli.figures import Basis, Figures, Report
from fatcli.followup import BUILDERS, MONEY, days_of
from fatcli.followup.data import Asked, Data, Days, Money, valid
from fatcli.followup.money import DUE, NO_SUMS, REPORTED, Sums, left_alone, where_booked
from fatcli.followup.small import anything_hidden, hide_small
from fatcli.intake import Material, Task
from fatcli.judgement import judge
from fatcli.ledger import Ledger
from fatcli.reports import REPORTS
from fatcli.result import Input
from fatcli.rulebook import RuleBook
from fatcli.texts import Text

_SMALL = Text(
    "..: visas inte. Gruppen har färre än {n} personer, eller också kan en så liten grupp räknas ut ur uppgiften.",
    "..: not shown. The group has fewer than {n} persons, or such a small group could be computed from the figure.",
)
_ALL_SHOWN = Text(
    "Också små grupper visas: rapporten är för arbete inom myndigheten. Dölj dem med --min-group 5 innan den lämnas ut.",
    "Small groups are shown too: the report is for work inside the office. Hide them with --min-group 5 before it is passed on.",
)
_SET_ASIDE = Text(
    "Åsidosatta rader med placeringar, som inte ingår: {n}. fat validate visar varför.",
    "Rows of placements set aside and left out: {n}. fat validate shows why.",
)
_BACKWARDS = Text(
    "Placeringar som slutar innan de börjar (regel P02), och inte ingår: {n}.",
    "Placements that end before they start (rule P02), left out: {n}.",
)
_NONE = Text("Det finns inga uppgifter för den här tiden.", "There are no data for this time.")


def report(task: Task, name: str, asked: Asked, ledger_path: Path, min_group: int | None = None) -> Report:
    """The report; `min_group` None: as REPORTS says. Reads the ledger where the report tells of money; books nothing."""
    about = REPORTS[name]
    least = about.min_group if min_group is None else min_group
    material = intake.read(task)
    data = _with_money(task, material, asked, ledger_path) if name in MONEY else _without_money(task, material, asked)
    task.progress("write", 0, 1)
    figures = hide_small(BUILDERS[name](data), least)
    days = days_of(name, data)
    first, last = days or (None, None)
    return Report(
        name,
        about.title,
        about.source,
        figures.with_notes(*_notes(data, days, material, figures, least)),
        _basis(task, material),
        first,
        last,
        least,
    )


def _without_money(task: Task, material: Material, asked: Asked) -> Data:
    known = placement_facts(material.table("placements"), material.table("organisers"), material.book, task.as_of)
    return _data(task, material, asked, known)


def _with_money(task: Task, material: Material, asked: Asked, ledger_path: Path) -> Data:
    with Ledger.open(ledger_path, create=False) as ledger:
        books = ledger.books()
    judged = judge(task, material, books)
    known, items, booked = judged.facts, judged.items, books.booked
    said = judged.spoken()
    due = items.filter(pl.col("rules").list.len() == 0).join(said.placements, on=["_p", "month_first"], how="semi").select(DUE.names())
    left = left_alone(booked, due, claims.differences(items, claims.sorted_out(items, booked, said, known), said))
    reported = said.placements.join(known.placements.select("_p", "placement_id"), on="_p").select(REPORTED.names())
    return _data(task, material, asked, known.placements, Sums(booked, where_booked(due, booked), left, reported))


def _data(task: Task, material: Material, asked: Asked, placements: pl.DataFrame, sums: Sums = NO_SUMS) -> Data:
    kept, backwards = valid(placements, task.as_of)
    return Data(
        placements=kept,
        organisers=material.table("organisers"),
        offers=material.table("offers"),
        supervisors=material.table("supervisors"),
        sums=sums,
        services={service.id: service.name for service in material.book.services.values()},
        kinds=kinds_of(material.book),
        as_of=task.as_of,
        asked=asked,
        left_out=backwards,
    )


def kinds_of(book: RuleBook) -> Mapping[tuple[str, str], Money]:
    kinds: Mapping[str, Money] = {"attended_day": "periodic", "scheduled_day": "periodic", "start": "start", "result": "result"}
    return {(service.id, component.id): kinds[component.per] for service in book.services.values() for component in service.components}


def _notes(data: Data, days: Days | None, material: Material, figures: Figures, least: int) -> list[Text]:
    set_aside = sum(source.set_aside for source in material.tables.sources if source.table == "placements")
    found = []
    if days is None:
        found.append(_NONE)
    if set_aside:
        found.append(_SET_ASIDE.fill(n=set_aside))
    if data.left_out:
        found.append(_BACKWARDS.fill(n=data.left_out))
    if anything_hidden(figures):
        found.append(_SMALL.fill(n=least))
    if least <= 1 and _counts_persons(figures):
        found.append(_ALL_SHOWN)
    return found


def _counts_persons(figures: Figures) -> bool:
    return any(column.persons for table in figures.tables for column in table.columns if table.rows)


def _basis(task: Task, material: Material) -> Basis:
    book, tables = material.book, material.tables
    inputs = tuple(Input(file.file, file.sha256) for file in tables.files)
    return Basis(__version__, book.path, book.edition, book.sha256, task.as_of, task.language, inputs)
