"""What a command is asked, and what is read for it: the rule book, and the tables of the files named or the workspace's."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import polars as pl

from fatcli import rulebook
from fatcli.errors import InputError, UsageError
from fatcli.headers import Layouts
from fatcli.model import TABLES
from fatcli.rulebook import RuleBook
from fatcli.rulewords import rule_hint
from fatcli.tables import Tables, read_tables
from fatcli.texts import Language, Text
from fatcli.workbook import Workbook, read_workbook
from fatcli.workspace import Workspace, expanded

Stage = Literal["read", "check", "claim", "write", "judge"]
Observer = Callable[[Stage, int, int], None]  # told of a stage, and how many of its pieces are done of how many
_READERS = 2  # files read at the same time; reading releases the interpreter lock


@dataclass(frozen=True)
class Task:
    """What every reading command is asked: files (none: the workspace's), the day, and what to show. `progress`: who is told."""

    workspace: Workspace
    files: Sequence[Path]
    as_of: dt.date
    language: Language
    show_ids: bool = False
    select: Collection[str] = ()
    ignore: Collection[str] = ()
    progress: Observer = field(default=lambda *_: None, compare=False)


@dataclass(frozen=True)
class Material:
    """What was read: the rule book and the tables."""

    book: RuleBook
    tables: Tables

    def table(self, name: str) -> pl.DataFrame:
        return self.tables.table(name)


def read(task: Task) -> Material:
    """The rule book and the tables of a task. Raises RuleBookError, InputError, UsageError."""

    def load() -> RuleBook:
        book = rulebook.load(task.workspace.rules())
        _check_rules_named(book, (*task.select, *task.ignore))
        return book

    return read_files(task, load)


def read_files(task: Task, load: Callable[[], RuleBook]) -> Material:
    """The rule book that `load` gives, and the files asked for, with the registers that they lack from the workspace."""
    asked = expanded(task.files) or task.workspace.files()
    asked_for = {path.resolve() for path in asked}
    registers = [path for path in task.workspace.registers() if path.resolve() not in asked_for] if task.files else []
    with ThreadPoolExecutor(_READERS) as pool:
        own, others = ([pool.submit(_filled, path, task.workspace) for path in paths] for paths in (asked, registers))
        book = load()  # while the files are being read
        workbooks = []
        for number, reading in enumerate(own):
            task.progress("read", number, len(own))
            workbooks.append(reading.result())
        layouts = Layouts(book.vocabulary)
        lacking = _lacking(workbooks, layouts) if registers else []
        more = (reading.result() for reading in others) if lacking else ()
        workbooks += [part for workbook in more if (part := _only(workbook, lacking, layouts)).grids]
    tables = read_tables(workbooks, book.vocabulary, book.components())
    if "placements" not in tables.frames and not tables.faults["table"].eq("placements").any():
        raise _no_register(task.workspace)
    return Material(book, tables)


def _filled(path: Path, workspace: Workspace) -> Workbook:
    """The file's sheets; one without a single value is no month's workbook, but a wrong or unsaved file."""
    workbook = read_workbook(path, workspace.shown(path))
    if not any(grid.filled() for grid in workbook.grids):
        what = Text("arbetsboken är tom: inget blad har någon ifylld cell.", "the workbook is empty: no sheet has a cell with a value.")
        remedy = Text("Kontrollera att det är rätt fil och att den är sparad.", "Check that it is the right file, and that it is saved.")
        raise InputError(what, remedy, place=workbook.file)
    return workbook


def _lacking(workbooks: Iterable[Workbook], layouts: Layouts) -> list[str]:
    """The registers that no sheet of the workbooks holds."""
    headers = (layouts.find(grid) for workbook in workbooks for grid in workbook.grids)
    given = {header.table.name for header in headers if header and not header.missing}
    return [name for name in TABLES if name != "attendance" and name not in given]


def _only(workbook: Workbook, tables: Collection[str], layouts: Layouts) -> Workbook:
    """The sheets of these tables, also those that lack a column: they are to be told (T01)."""
    grids = (grid for grid in workbook.grids if (header := layouts.find(grid)) and header.table.name in tables)
    return replace(workbook, grids=tuple(grids))


def _no_register(workspace: Workspace) -> InputError:
    patterns = ", ".join(workspace.settings.register)
    return InputError(
        Text("det finns inget register med placeringar (beslut).", "there is no register with placements."),
        Text(
            f"Lägg registret i mappen med ett namn som passar {patterns}, eller ange dess fil på kommandoraden.",
            f"Put the register in the folder under a name that fits {patterns}, or name its file on the command line.",
        ),
        place=str(workspace.folder),
    )


def _check_rules_named(book: RuleBook, names: Collection[str]) -> None:
    """Rule ids and groups (their letters) that --select and --ignore may name."""
    ids = {rule.id for rule in book.rules}
    known = ids | {each.rstrip("0123456789") for each in ids}
    for name in names:
        if name not in known:
            hint = rule_hint(name, ids)
            what = Text("det finns ingen regel eller grupp {name}.{hint}", "there is no rule or group {name}.{hint}").fill(
                name=name, hint=hint
            )
            raise UsageError(what, Text("fat rules list visar alla.", "fat rules list shows them all."))
