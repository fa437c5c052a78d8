"""What the commands share that book or read the books: where the ledger is, who and when, and a run's files."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fatcli.cli import common, progress
from fatcli.cli.common import option
from fatcli.errors import LedgerError, OutputError, RuleBookError, UsageError
from fatcli.texts import Language, Text

if TYPE_CHECKING:
    from fatcli.intake import Task
    from fatcli.ledger import Ledger
    from fatcli.pipeline import Order
    from fatcli.result import Paid
    from fatcli.workspace import Workspace

AllowReversals = Annotated[
    list[str] | None,
    option(
        "--allow-reversals",
        "ORGANISER",
        "Tillåt minusposter för anordnaren, eller all; får upprepas.",
        "Allow the organiser's minus items, or all; may be repeated.",
    ),
]


def place(directory: Path | None, lang: common.Lang | None) -> "tuple[Workspace, Language]":
    """The workspace, and the language to speak."""
    workspace = common.workspace(directory, (), None)
    return workspace, common.language(lang, workspace.settings.language)


def component_names(workspace: "Workspace", language: Language) -> dict[str, str]:
    """`SERVICE.component` -> its name; empty where the rule book can't be read, as the books can be shown without it."""
    from fatcli import rulebook

    try:
        names = rulebook.load(workspace.rules()).component_names()
    except RuleBookError:
        return {}
    return {name: text.to(language) for name, text in names.items()}


def account() -> str:
    """Who books: FAT_USER, else the name that the user is logged in by."""
    if given := os.environ.get("FAT_USER", "").strip():
        return given
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:
        what = Text("det går inte att se vem som kör programmet.", "it can't be told who runs the program.")
        raise UsageError(what, Text("Ange ditt namn i FAT_USER.", "Give your name in FAT_USER.")) from error


def ledger_path(workspace: "Workspace") -> Path:
    return workspace.folder / workspace.settings.ledger


def existing(workspace: "Workspace") -> "Ledger":
    """The workspace's ledger, open. Raises LedgerError where there is none."""
    from fatcli.ledger import Ledger

    path = ledger_path(workspace)
    ledger = Ledger.open(path, create=False)
    if not _is_there(path):
        ledger.close()
        what = Text("det finns ingen huvudbok ännu.", "there is no ledger yet.")
        remedy = Text("fat payout skapar den vid första bokföringen.", "fat payout makes it when it first books.")
        raise LedgerError(what, remedy, place=str(path))
    return ledger


def _is_there(path: Path) -> bool:
    """False also for a name that no file can have: opening it tells."""
    with suppress(OSError):
        return path.exists()
    return False


def pay(task: "Task", order: "Order", color: common.Color, *, quiet: bool) -> "Paid":
    """A month's payout with its claim files; those of runs that were cut short are written first."""
    from fatcli import pipeline
    from fatcli.ledger import Ledger

    path = ledger_path(task.workspace)
    there = _is_there(path)
    if there and not order.dry_run:
        with Ledger.open(path, create=False) as ledger:
            finish(ledger, task.workspace, task.language, quiet=quiet)
    folder = ""
    with progress.bar(task.language, quiet=quiet, color=color) as watch:
        paid = pipeline.payout(replace(task, progress=watch), order, path, account(), common.now())
        if paid.run:
            watch("write", 0, 1)
            with Ledger.open(path, create=False) as ledger, _told_as_booked(paid.run.number):
                folder = task.workspace.shown(write_run(ledger, paid.run.number, task.workspace))
    if paid.run and not there:
        common.note(Text(f"Ny huvudbok: {path.resolve()}.", f"New ledger: {path.resolve()}."), task.language, quiet=quiet)
    elif paid.run and task.workspace.folder.resolve() != Path.cwd():
        common.note(Text(f"Huvudbok: {path.resolve()}.", f"Ledger: {path.resolve()}."), task.language, quiet=quiet)
    if folder:
        common.note(Text(f"Filerna finns i {folder}.", f"The files are in {folder}."), task.language, quiet=quiet)
    return paid


@contextmanager
def _told_as_booked(run: int) -> Iterator[None]:
    """A file that can't be written doesn't undo the booking: who reads of the one must know of the other."""
    try:
        yield
    except OutputError as error:
        what = Text(
            "Körning {run} är bokförd, men dess filer är inte skrivna: {what}", "Run {run} is booked, but its files are not written: {what}"
        )
        raise OutputError(what.fill(run=run, what=error.what), error.remedy, place=error.place) from error


def write_run(ledger: "Ledger", run: int, workspace: "Workspace") -> Path:
    """Writes a run's files, from the ledger alone, and notes that they are written; returns their folder."""
    from fatcli.cli.outputs import claim_files
    from fatcli.workspace import write_files

    ledger.check()
    while True:
        seen = ledger.last_event(run)
        paid = ledger.document(run)
        folder = workspace.output_folder() / str(paid.month)
        write_files(folder, claim_files(paid))
        if ledger.record_files(run, seen, account(), common.now()):
            return folder


def finish(ledger: "Ledger", workspace: "Workspace", language: Language, *, quiet: bool) -> None:
    """Writes the files of runs that were booked but cut short."""
    for run in ledger.unfinished():
        folder = workspace.shown(write_run(ledger, run, workspace))
        text = Text(
            "Körning {run} var bokförd men avbruten: dess filer är nu skrivna i {folder}.",
            "Run {run} was booked but cut short: its files are now written in {folder}.",
        )
        common.note(text.fill(run=run, folder=folder), language, quiet=quiet)
