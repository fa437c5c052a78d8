"""`fat rules diff`: two rule books compared, with the money at stake on given files."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from fatcli.cli import common, progress
from fatcli.cli.common import Color, Sink, option, say
from fatcli.texts import Text

HELP = say(
    "Jämför två regelböcker: vad som skiljer, och med filer eller månad vilka belopp det gäller. Bokför inget; utgångskod 0.\n\n"
    "Exempel: fat rules diff shipped rules.yaml --month 2024-05",
    "Compare two rule books: what differs and, with files or a month, the money at stake. Books nothing; exit code 0.\n\n"
    "Example: fat rules diff shipped rules.yaml --month 2024-05",
)
SHIPPED = "shipped"


def _book(metavar: str) -> Any:  # noqa: ANN401  # typer's own type for arguments
    told = say("Regelbok, eller shipped: den som följer med programmet.", "Rule book, or shipped: the one that comes with the program.")
    return typer.Argument(metavar=metavar, help=told, show_default=False)


Old = Annotated[Path, _book("OLD")]
New = Annotated[Path, _book("NEW")]
Files = Annotated[
    list[Path] | None,
    typer.Argument(
        help=say(
            "Arbetsböcker att räkna på. Utelämnat: arbetsmappens, om --month anges.",
            "Workbooks to count on. Left out: the workspace's, where --month is given.",
        ),
        show_default=False,
    ),
]
InMonth = Annotated[
    str | None,
    option("--month", "YYYY-MM", "Räkna bara på denna månad.", "Count this month only.", among=common.months),
]
_NAME = Text("jamforelse", "comparison")


def diff(
    old: Old,
    new: New,
    files: Files = None,
    month: InMonth = None,
    directory: common.Directory = None,
    as_of: common.AsOf = None,
    lang: common.LanguageOption = None,
    output: common.TextOrJson = None,
    format_: common.TextOrJsonFormat = None,
    quiet: common.Quiet = False,
    color: common.ColorOption = Color.auto,
) -> None:
    from fatcli import pipeline
    from fatcli.cli import targets
    from fatcli.writers.comparison import comparison_json, print_comparison

    sinks = common.sinks(output, format_, common.TEXT_OR_JSON)
    task = common.task(directory, files, None, as_of, lang, None, None, show_ids=False)
    rule_books = [path for path in (_path(old), _path(new)) if path]
    sinks = targets.settled(sinks, task.workspace, task.language, lambda _: _NAME, [*task.files, *rule_books])
    with progress.bar(task.language, quiet=quiet, color=color) as watch:
        comparison = pipeline.compare(replace(task, progress=watch), _path(old), _path(new), common.month(month) if month else None)

    def write(sink: Sink) -> None:
        targets.put_text_or_json(
            sink,
            color,
            lambda console: print_comparison(comparison, console, task.language),
            lambda: comparison_json(comparison, task.language),
        )
        if sink.path:
            common.note(Text(f"Skrev {sink.path}.", f"Wrote {sink.path}."), task.language, quiet=quiet)

    targets.fail(targets.write_all(sinks, write))


def _path(book: Path) -> Path | None:
    return None if str(book) == SHIPPED and not book.exists() else book
