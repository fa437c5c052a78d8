"""`fat batch`: a scheduled run over an inbox."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fatcli.cli import books, common, progress
from fatcli.cli.common import Color, Sink, say
from fatcli.errors import FatError, UsageError
from fatcli.texts import Text

if TYPE_CHECKING:
    from fatcli.batch import Outcome
    from fatcli.intake import Task
    from fatcli.pipeline import Order
    from fatcli.result import Paid

HELP = say(
    "Pröva varje arbetsbok i en inkorg; för schemalagda körningar.\n\n"
    "Godkända flyttas till INBOX/accepted, underkända med sina rapporter till INBOX/rejected. Med --book bokförs månaden.\n\n"
    "Exempel: fat batch inkorg · fat batch inkorg --month 2024-05 --book",
    "Judge every workbook in an inbox; for scheduled runs.\n\n"
    "Accepted ones are moved to INBOX/accepted, rejected ones with their reports to INBOX/rejected. With --book the month is booked.\n\n"
    "Example: fat batch inbox · fat batch inbox --month 2024-05 --book",
)
_NAME = Text("sammanfattning", "summary")


Inbox = Annotated[
    Path,
    typer.Argument(
        metavar="INBOX", help=say("Mappen dit arbetsböcker lämnas.", "The folder that workbooks are handed in to."), show_default=False
    ),
]
InMonth = Annotated[
    str | None,
    common.option("--month", "YYYY-MM", "Månaden att bokföra; med --book.", "The month to book; with --book.", among=common.months),
]
Book = Annotated[
    bool,
    typer.Option(
        "--book",
        help=say("Bokför månadens godkända arbetsböcker som fat payout.", "Book the month's accepted workbooks as fat payout does."),
    ),
]
Settle = Annotated[
    float,
    typer.Option(
        "--settle",
        metavar="SECONDS",
        min=0,
        help=say("Så länge ska en fil ha varit oförändrad.", "How long a file must have been unchanged."),
    ),
]
Rejecting = Annotated[
    common.FailOn,
    typer.Option(
        "--fail-on",
        metavar="error|warning|info|never",
        help=say("Lägsta allvarlighetsgrad som underkänner.", "Lowest severity that rejects a workbook."),
    ),
]


def batch(
    inbox: Inbox,
    month: InMonth = None,
    book: Book = False,
    allow_reversals: books.AllowReversals = None,
    settle: Settle = 5,
    directory: common.Directory = None,
    rules: common.Rules = None,
    as_of: common.AsOf = None,
    lang: common.LanguageOption = None,
    output: common.TextOrJson = None,
    format_: common.TextOrJsonFormat = None,
    fail_on: Rejecting = common.FailOn.error,
    select: common.Select = None,
    ignore: common.Ignore = None,
    show_ids: common.ShowIds = False,
    quiet: common.Quiet = False,
    color: common.ColorOption = Color.auto,
) -> None:
    from fatcli.batch import Batch, open_inbox, run_batch
    from fatcli.cli import targets

    order = _order(month, allow_reversals, book=book)
    sinks = common.sinks(output, format_, common.TEXT_OR_JSON)
    task = common.task(directory, None, rules, as_of, lang, select, ignore, show_ids=show_ids)
    now = common.now()
    folder = open_inbox(inbox, task.workspace, settle, now.timestamp())
    sinks = targets.settled(sinks, task.workspace, task.language, lambda _: _NAME, folder.kept())
    with ExitStack() as judging:
        watch = judging.enter_context(progress.bar(task.language, quiet=quiet, color=color))

        def book_month(task: "Task", order: "Order") -> "Paid":
            judging.close()  # booking has a bar of its own
            return _booked(task, order, color, quiet=quiet)

        outcome = run_batch(Batch(folder, task, common.failing(fail_on), now, book_month, order, watch))
    failed = _write(outcome, sinks, color)
    targets.fail([*failed, outcome.stopped] if outcome.stopped else failed)
    raise typer.Exit(outcome.exit_code)


def _order(month: str | None, allowed: list[str] | None, *, book: bool) -> "Order | None":
    """What to book; None: nothing. Raises UsageError."""
    from fatcli.pipeline import Order

    if book and month:
        return Order(common.month(month), allowed or ())
    if book or month or allowed:
        what = Text("--month, --book och --allow-reversals hör ihop.", "--month, --book and --allow-reversals belong together.")
        raise UsageError(what, Text("Ange --month 2024-05 --book för att bokföra.", "Give --month 2024-05 --book to book."))
    return None


def _booked(task: "Task", order: "Order", color: Color, *, quiet: bool) -> "Paid":
    """A payout with its claim files, and its page in the month's folder."""
    from fatcli.cli import outputs

    paid = books.pay(task, order, color, quiet=quiet)
    run = f"-{paid.run.number}" if paid.run else ""
    page = task.workspace.output_folder() / str(paid.month) / f"utbetalning-{paid.month}{run}.html"
    outputs.write(paid, [Sink("html", page)], task.workspace, color, quiet=quiet)
    return paid


def _write(outcome: "Outcome", sinks: list[Sink], color: Color) -> list[FatError]:
    from fatcli.batch import summary_document, summary_text
    from fatcli.cli import targets
    from fatcli.terminal import json_text

    def write(sink: Sink) -> None:
        text = json_text(summary_document(outcome)) if sink.format == "json" else "\n".join(summary_text(outcome)) + "\n"
        if sink.path or sink.format == "json":
            targets.put(sink, text)
        else:
            _to_terminal(text, color, good=outcome.exit_code == 0)

    return targets.write_all(sinks, write)


def _to_terminal(text: str, color: Color, *, good: bool) -> None:
    from rich.text import Text as Styled

    head, _, rest = text.rstrip("\n").partition("\n")
    console = common.console(color)
    console.print(Styled(head, style="bold green" if good else "bold red"), soft_wrap=True)
    if rest:
        console.print(Styled(rest), soft_wrap=True)
