"""`fat validate`: reads, checks, reports; books nothing."""

from dataclasses import replace

import typer

from fatcli.cli import common, progress
from fatcli.cli.common import say

HELP = say(
    "Kontrollera arbetsböcker mot regelboken.\n\nExempel: fat validate attendance.xlsx",
    "Check workbooks against the rule book.\n\nExample: fat validate attendance.xlsx",
)


def validate(
    files: common.Files = None,
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

    sinks = common.sinks(output, format_, common.REPORT_FORMATS)
    task = common.task(directory, files, rules, as_of, lang, select, ignore, show_ids=show_ids)
    common.tell_unread(task, quiet=quiet)
    sinks = outputs.settled(sinks, task)
    with progress.bar(task.language, quiet=quiet, color=color) as watch:
        checked = pipeline.validate(replace(task, progress=watch))
    outputs.write(checked, sinks, task.workspace, color, quiet=quiet, files=task.files)
    raise typer.Exit(common.exit_code(checked.counts, fail_on))
