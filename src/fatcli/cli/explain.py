"""`fat explain`: why this krona."""

import datetime as dt
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from fatcli.cli import common, progress
from fatcli.cli.common import Sink, option, say
from fatcli.errors import UsageError
from fatcli.model import Month
from fatcli.texts import Text

HELP = say(
    "Förklara en placering, en dag, en cell eller en rekvisition.\n\n"
    "Exempel: fat explain B24-0131 --date 2024-05-13 · fat explain 'attendance.xlsx!Närvaro!G17' · fat explain 2024-05/EKBACKEN/1",
    "Explain a placement, a day, a cell or a claim.\n\n"
    "Example: fat explain B24-0131 --date 2024-05-13 · fat explain 'attendance.xlsx!Närvaro!G17' · fat explain 2024-05/EKBACKEN/1",
)
_NAME = Text("forklaring", "explanation")


def explain(
    what: Annotated[
        str,
        typer.Argument(
            metavar="PLACEMENT|CELL|CLAIM",
            help=say(
                "En placering, en cell (FIL!Blad!C17) eller en rekvisition.",
                "A placement, a cell (FILE!Sheet!C17) or a claim.",
            ),
            show_default=False,
        ),
    ],
    files: common.Files = None,
    date: Annotated[str | None, option("--date", "YYYY-MM-DD", "En dag, i sin helhet.", "One day, in full.")] = None,
    month: Annotated[
        str | None, option("--month", "YYYY-MM", "En månad, dag för dag.", "One month, day by day.", among=common.months)
    ] = None,
    directory: common.Directory = None,
    rules: common.Rules = None,
    as_of: common.AsOf = None,
    lang: common.LanguageOption = None,
    output: common.TextOrJson = None,
    format_: common.TextOrJsonFormat = None,
    show_ids: common.ShowIds = False,
    quiet: common.Quiet = False,
    color: common.ColorOption = common.Color.auto,
) -> None:
    from fatcli import pipeline
    from fatcli.cli import books, targets
    from fatcli.writers.explanation import explanation_json, print_explanation

    sinks = common.sinks(output, format_, common.TEXT_OR_JSON)
    at_day, at_month = _asked_for(what, date, month)
    asked, directory, files = _from_here(what, directory, files or [])
    task = common.task(directory, files, rules, as_of, lang, None, None, show_ids=show_ids)
    sinks = targets.settled(sinks, task.workspace, task.language, lambda _: _NAME, task.files)
    with progress.bar(task.language, quiet=quiet, color=color) as watch:
        explanation = pipeline.explain(replace(task, progress=watch), asked, books.ledger_path(task.workspace), at_day, at_month)

    def write(sink: Sink) -> None:
        targets.put_text_or_json(sink, color, partial(print_explanation, explanation), partial(explanation_json, explanation))
        if sink.path:
            common.note(Text(f"Skrev {sink.path}.", f"Wrote {sink.path}."), task.language, quiet=quiet)

    targets.fail(targets.write_all(sinks, write))


def _asked_for(what: str, date: str | None, month: str | None) -> tuple[dt.date | None, Month | None]:
    """The day or the month asked for. Raises UsageError for both, and for either with a cell or a claim."""
    from fatcli.explain import is_claim_number

    if (date and month) or ((date or month) and ("!" in what or is_claim_number(what))):
        raise UsageError(
            Text("--date och --month går inte ihop med det som efterfrågas.", "--date and --month do not go with what is asked for."),
            Text("Ange en placering med antingen --date eller --month.", "Name a placement with either --date or --month."),
        )
    return common.date(date, "--date") if date else None, common.month(month) if month else None


def _from_here(what: str, directory: Path | None, files: list[Path]) -> tuple[str, Path | None, list[Path]]:
    """A cell of a file that is named by its path: what is asked, the workspace, and the files to read, with that one among them."""
    at = next((at for at, sign in enumerate(what) if sign == "!" and Path(what[:at]).is_file()), None)
    if at is None:
        return what, directory, files
    path = Path(what[:at])
    place = common.workspace(directory or path.parent, files, None)
    known = files or place.files()
    if path.resolve() not in {each.resolve() for each in known}:
        files = [*known, path]
    return place.shown(path) + what[at:], place.folder, files
