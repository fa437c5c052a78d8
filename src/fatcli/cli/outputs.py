"""Where a result goes: stdout, or files written whole or not at all."""

import typer

from fatcli.cli import common
from fatcli.cli.common import Color, Sink
from fatcli.result import Checked, Paid
from fatcli.texts import Text
from fatcli.workspace import Workspace, write_file

FORMATS = ("text", "json", "xlsx")


def write(result: Checked | Paid, sinks: list[Sink], workspace: Workspace, color: Color, *, quiet: bool) -> None:
    """Every output asked for; a workbook without a path goes to the workspace's output folder."""
    for sink in sinks:
        if sink.path is None and sink.format == "text":
            _to_terminal(result, color)
        elif sink.path is None and sink.format == "json":
            typer.echo(_document(result, "json"), nl=False)
        else:
            path = sink.path or workspace.output_folder() / "violations.xlsx"
            write_file(path, _document(result, sink.format))
            language = (result if isinstance(result, Checked) else result.checked).language
            common.note(Text(f"Skrev {workspace.shown(path)}.", f"Wrote {workspace.shown(path)}."), language, quiet=quiet)


def _to_terminal(result: Checked | Paid, color: Color) -> None:
    from fatcli.writers.text import print_report

    print_report(result, common.console(color))


def _document(result: Checked | Paid, format_: str) -> bytes:
    if format_ == "json":
        from fatcli.writers.jsonout import to_json

        return to_json(result).encode()
    if format_ == "xlsx":
        from fatcli.writers.xlsxreport import report_book

        return report_book(result if isinstance(result, Checked) else result.checked)
    from io import StringIO

    from rich.console import Console

    from fatcli.writers.text import print_report

    page = StringIO()
    print_report(result, Console(file=page, width=120, no_color=True, highlight=False), limit=None)
    return page.getvalue().encode()


def claim_files(paid: Paid) -> dict[str, bytes]:
    """The files of a booked run, by name: a workbook per organiser, the overview, the violations, and the run as JSON."""
    from fatcli.writers.claimbook import claim_book, claim_file_name
    from fatcli.writers.overview import overview_book, overview_file_name

    files = {claim_file_name(paid, claim): claim_book(paid, claim) for claim in paid.claims if claim.booked}
    files[overview_file_name(paid)] = overview_book(paid)
    run = paid.run.number if paid.run else 0
    files[f"avvikelser-{paid.month}-{run}.xlsx"] = _document(paid, "xlsx")
    files[f"korning-{paid.month}-{run}.json"] = _document(paid, "json")
    return files
