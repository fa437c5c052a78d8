"""`fat report`: follow-up figures."""

from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fatcli.cli import common, progress
from fatcli.cli.common import Color, Sink, option, say
from fatcli.errors import UsageError
from fatcli.model import Month
from fatcli.reports import REPORTS
from fatcli.texts import Language, Text, did_you_mean

if TYPE_CHECKING:
    from fatcli.figures import Report
    from fatcli.workspace import Workspace

HELP = say(
    "Skriv en uppföljningsrapport; utan namn: lista rapporterna.\n\n"
    "Exempel: fat report compensation --from 2023-01 --to 2024-08 --by county -o html",
    "Write a follow-up report; without a name: list the reports.\n\n"
    "Example: fat report compensation --from 2023-01 --to 2024-08 --by county -o html",
)
FORMATS = ("text", "json", "csv", "html", "xlsx")
_FILE = Text("uppfoljning", "report")
Output = Annotated[list[str] | None, common.output_option(FORMATS)]
Format = Annotated[str | None, common.format_option(FORMATS)]


class By(StrEnum):
    service = "service"
    organiser = "organiser"
    county = "county"


Name = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME",
        help=say("Rapporten. Utelämnad: de som finns.", "The report. Left out: those that there are."),
        show_default=False,
        autocompletion=lambda: list(REPORTS),
    ),
]
From = Annotated[str | None, option("--from", "YYYY-MM", "Första månad.", "The first month.", among=common.months)]
To = Annotated[str | None, option("--to", "YYYY-MM", "Sista månad.", "The last month.", among=common.months)]
ByOption = Annotated[
    By,
    typer.Option(
        "--by",
        metavar="service|organiser|county",
        help=say("Fördela ersättningen på insats, anordnare eller län.", "Divide compensation by service, organiser or county."),
    ),
]
MinGroup = Annotated[
    int | None,
    typer.Option(
        "--min-group",
        metavar="N",
        min=0,
        help=say(
            "Dölj grupper med färre personer; 0: inga. Utelämnat: 5, för compensation 0.",
            "Hide groups of fewer persons; 0: none. Left out: 5, for compensation 0.",
        ),
        show_default=False,
    ),
]


def report(
    name: Name = None,
    files: common.Files = None,
    first: From = None,
    last: To = None,
    by: ByOption = By.service,
    min_group: MinGroup = None,
    directory: common.Directory = None,
    rules: common.Rules = None,
    as_of: common.AsOf = None,
    lang: common.LanguageOption = None,
    output: Output = None,
    format_: Format = None,
    quiet: common.Quiet = False,
    color: common.ColorOption = Color.auto,
) -> None:
    if name is None:
        typer.echo(_listed(common.language(lang)))
        return
    _check_name(name)
    sinks = common.sinks(output, format_, FORMATS)
    months = _months(first, last)
    from fatcli import reporting
    from fatcli.cli import books, targets
    from fatcli.followup.data import Asked

    task = common.task(directory, files, rules, as_of, lang, None, None, show_ids=False)
    file = Text(*(f"{word}-{name}" for word in _FILE))
    sinks = targets.settled(sinks, task.workspace, task.language, lambda _: file, task.files, ("csv",))
    with progress.bar(task.language, quiet=quiet, color=color) as watch:
        asked = Asked(*months, by=by.value)
        made = reporting.report(replace(task, progress=watch), name, asked, books.ledger_path(task.workspace), min_group)
    _write(made, sinks, task.workspace, color, quiet=quiet)


def _listed(language: Language) -> str:
    """Each report on a line."""
    width = max(map(len, REPORTS))
    return "\n".join(f"{name:{width}}  {about.about.to(language)} ({about.source.to(language)})" for name, about in REPORTS.items())


def _check_name(name: str) -> None:
    if name not in REPORTS:
        what = Text("det finns ingen rapport {name}.{hint}", "there is no report {name}.{hint}")
        raise UsageError(
            what.fill(name=name, hint=did_you_mean(name, REPORTS)), Text("fat report visar alla.", "fat report lists them all.")
        )


def _months(first: str | None, last: str | None) -> tuple[Month | None, Month | None]:
    begins, ends = (common.month(text, option) if text else None for text, option in ((first, "--from"), (last, "--to")))
    if begins and ends and begins.first > ends.first:
        raise UsageError(
            Text(f"--from {begins} ligger efter --to {ends}.", f"--from {begins} lies after --to {ends}."),
            Text("Låt --from vara den tidigare månaden.", "Let --from be the earlier month."),
        )
    return begins, ends


def _write(made: "Report", sinks: list[Sink], workspace: "Workspace", color: Color, *, quiet: bool) -> None:
    """Every output asked for, as settled."""
    from fatcli.cli import targets
    from fatcli.writers import figures

    def write(sink: Sink) -> None:
        if sink.is_stdout and sink.format == "text":
            figures.print_figures(made, common.console(color))
        elif sink.is_stdout:
            typer.echo(_document(made, sink.format), nl=False)
        else:
            path = workspace.shown(_written(made, sink, workspace))
            common.note(Text(f"Skrev {path}.", f"Wrote {path}."), made.basis.language, quiet=quiet)

    targets.fail(targets.write_all(sinks, write))


def _written(made: "Report", sink: Sink, workspace: "Workspace") -> Path:
    """Writes a file, or a folder with one per table."""
    from fatcli.workspace import write_file, write_files
    from fatcli.writers import figures

    path = sink.path or workspace.output_folder()
    if sink.is_folder:
        write_files(path, figures.table_files(made))
    else:
        write_file(path, _document(made, sink.format))
    return path


def _document(made: "Report", format_: str) -> bytes:
    from fatcli.cli import targets
    from fatcli.writers import figures

    if format_ == "text":
        return targets.page(partial(figures.print_figures, made), width=160).encode()
    write = {"json": figures.figures_json, "csv": figures.figures_csv, "xlsx": figures.figures_book, "html": figures.figures_page}
    return write[format_](made)
