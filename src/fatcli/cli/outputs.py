"""Where a result goes: stdout, or files written whole or not at all."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fatcli.cli import common, progress, targets
from fatcli.cli.common import Color, Sink
from fatcli.model import Month
from fatcli.result import Checked, Paid
from fatcli.texts import Text
from fatcli.workspace import Workspace, write_file, write_files

if TYPE_CHECKING:
    from fatcli.intake import Task

FOLDERS = ("csv", "annotated")  # what goes to several files
_VIOLATIONS = Text("avvikelser", "violations")
_PAYOUT = Text("utbetalning", "payout")


def write(
    result: Checked | Paid, sinks: list[Sink], workspace: Workspace, color: Color, *, quiet: bool, files: Sequence[Path] = ()
) -> None:
    """Every output asked for, as settled. `files`: those named by the user. Raises OutputError when all the others are written."""
    language = _checked(result).language
    to_files = [sink for sink in sinks if not sink.is_stdout]
    told: list[Text] = []
    try:
        with progress.bar(language, quiet=quiet, color=color) as watch:

            def write_files(sink: Sink) -> None:
                watch("write", to_files.index(sink), len(to_files))
                told.extend(_to_files(result, sink, workspace, files))

            failed = targets.write_all(to_files, write_files)
    finally:
        for text in told:
            common.note(text, language, quiet=quiet)
    for sink in sinks:
        if sink.is_stdout and sink.format == "text":
            _to_terminal(result, color)
        elif sink.is_stdout:
            typer.echo(_document(result, sink.format), nl=False)
    targets.fail(failed)


def _to_files(result: Checked | Paid, sink: Sink, workspace: Workspace, files: Sequence[Path]) -> list[Text]:
    """Writes what goes to files, and returns what to say of it."""
    path = sink.path or workspace.output_folder()
    if sink.format == "annotated":
        from fatcli.cli.annotated import write_copies

        return list(write_copies(_checked(result), path, workspace, files, is_folder=sink.is_folder))
    if sink.is_folder:
        from fatcli.writers.csvout import tables_csv

        write_files(path, tables_csv(result))
    else:
        write_file(path, _document(result, sink.format))
    return [Text(f"Skrev {workspace.shown(path)}.", f"Wrote {workspace.shown(path)}.")]


def settled(sinks: list[Sink], task: "Task", month: Month | None = None) -> list[Sink]:
    """The outputs with their places; a workbook, and csv, are of the violations, also of a payout's `month`. See targets.settled."""

    def usual(format_: str) -> Text:
        payout = Text(*(f"{word}-{month}" for word in _PAYOUT))
        return _VIOLATIONS if month is None or format_ in ("xlsx", "csv") else payout

    return targets.settled(sinks, task.workspace, task.language, usual, task.files, FOLDERS)


def _checked(result: Checked | Paid) -> Checked:
    return result if isinstance(result, Checked) else result.checked


def _to_terminal(result: Checked | Paid, color: Color) -> None:
    from fatcli.writers.names import with_names_masked
    from fatcli.writers.text import print_report

    print_report(with_names_masked(result), common.console(color))


def _document(result: Checked | Paid, format_: str) -> bytes:
    if format_ == "json":
        from fatcli.writers.jsonout import to_json

        return to_json(result)
    if format_ == "csv":
        from fatcli.writers.csvout import violations_csv

        return violations_csv(_checked(result))
    from fatcli.writers.names import with_names_masked

    result = with_names_masked(result)
    if format_ == "xlsx":
        from fatcli.writers.xlsxreport import report_book

        return report_book(_checked(result))
    if format_ == "html":
        from fatcli.writers.html import report_page

        return report_page(result)
    from fatcli.writers.text import print_report

    return targets.page(partial(print_report, result, limit=None)).encode()


def claim_files(paid: Paid) -> dict[str, bytes]:
    """The files of a booked run, by name: a workbook per organiser, the overview, the violations, and the run as JSON."""
    from fatcli.cli import processes
    from fatcli.writers.claimbook import claim_book, claim_file_name, own_parts
    from fatcli.writers.names import with_names_masked
    from fatcli.writers.overview import overview_book, overview_file_name

    shown = with_names_masked(paid)
    booked = [claim for claim in paid.claims if claim.booked]
    with processes.started(claim_book, own_parts(shown), [claim for claim in shown.claims if claim.booked]) as books:
        run = paid.run.number if paid.run else 0
        files = {overview_file_name(paid): overview_book(shown)}
        files[f"avvikelser-{paid.month}-{run}.xlsx"] = _document(paid, "xlsx")
        files[f"korning-{paid.month}-{run}.json"] = _document(paid, "json")
        return files | dict(zip((claim_file_name(paid, claim) for claim in booked), books(), strict=True))
