"""`fat payout`: a month's claims."""

from typing import Annotated

import typer

from fatcli.cli import books, common
from fatcli.cli.common import option, say

HELP = say(
    "Beräkna en månads ersättning och skriv rekvisitionerna.\n\nExempel: fat payout --month 2024-05",
    "Compute a month's compensation and write the claims.\n\nExample: fat payout --month 2024-05",
)


def payout(
    files: common.Files = None,
    month: Annotated[
        str,
        option("--month", "YYYY-MM", "Månaden, till exempel 2024-05.", "The month, such as 2024-05.", among=common.months),
    ] = ...,  # type: ignore[assignment]  # typer: required
    dry_run: Annotated[bool, typer.Option("--dry-run", help=say("Bokför och skriv ingenting.", "Book and write nothing."))] = False,
    allow_reversals: books.AllowReversals = None,
    organiser: Annotated[
        list[str] | None,
        option(
            "--organiser", "ORGANISER", "Bara denna anordnares rekvisition; får upprepas.", "Only this organiser's claim; may be repeated."
        ),
    ] = None,
    directory: common.Directory = None,
    rules: common.Rules = None,
    as_of: common.AsOf = None,
    lang: common.LanguageOption = None,
    output: common.Output = None,
    format_: common.Format = None,
    fail_on: common.FailOnOption = common.FailOn.error,
    select: common.Select = None,
    ignore: common.Ignore = None,
    show_ids: common.ShowIds = False,
    quiet: common.Quiet = False,
    color: common.ColorOption = common.Color.auto,
) -> None:
    from fatcli import pipeline
    from fatcli.cli import outputs

    order = pipeline.Order(common.month(month), allow_reversals or (), organiser or (), dry_run)
    sinks = common.sinks(output, format_, common.REPORT_FORMATS)
    task = common.task(directory, files, rules, as_of, lang, select, ignore, show_ids=show_ids)
    common.tell_unread(task, quiet=quiet)
    sinks = outputs.settled(sinks, task, order.month)
    paid = books.pay(task, order, color, quiet=quiet)
    outputs.write(paid, sinks, task.workspace, color, quiet=quiet, files=task.files)
    if paid.refused:
        raise typer.Exit(common.REFUSED)
    raise typer.Exit(common.exit_code(paid.checked.counts, fail_on))
