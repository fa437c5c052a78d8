"""`fat ledger`: the books."""

from typing import TYPE_CHECKING, Annotated

import typer

from fatcli.cli import books, clawback, common
from fatcli.cli.common import Sink, option, say
from fatcli.errors import LedgerError, UsageError
from fatcli.model import sek
from fatcli.texts import Text

if TYPE_CHECKING:
    from rich.console import Console

    from fatcli.ledger.reading import Counts

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "Huvudboken: läs, kontrollera, attestera, återkräv.\n\nExempel: fat ledger log",
        "The ledger: read, verify, attest, claw back.\n\nExample: fat ledger log",
    ),
)

RunNumber = Annotated[int, typer.Argument(metavar="RUN", help=say("Körningens nummer.", "The run's number."), show_default=False)]
By = Annotated[str, option("--by", "NAME", "Den som godkänner.", "Who approves.")]
VerifyFormat = Annotated[
    str | None, option("--format", "FORMAT", "text eller json.", "text or json.", among=lambda: [*common.TEXT_OR_JSON])
]
EXPORT_FORMATS = ("csv", "json")
ExportFormat = Annotated[str | None, common.format_option(EXPORT_FORMATS)]
ExportOutput = Annotated[list[str] | None, common.output_option(EXPORT_FORMATS)]
_RUNS, _RUN, _ITEMS = Text("korningar", "runs"), Text("korning-{run}", "run-{run}"), Text("poster", "items")


@app.command("log", help=say("Lista alla körningar.\n\nExempel: fat ledger log", "List all runs.\n\nExample: fat ledger log"))
def log_(
    *,
    directory: common.Directory = None,
    lang: common.LanguageOption = None,
    output: common.TextOrJson = None,
    format_: common.TextOrJsonFormat = None,
    color: common.ColorOption = common.Color.auto,
) -> None:
    from fatcli.cli import ledgerview as view
    from fatcli.cli import targets

    sinks = common.sinks(output, format_, common.TEXT_OR_JSON)
    workspace, language = books.place(directory, lang)
    sinks = targets.settled(sinks, workspace, language, lambda _: _RUNS)
    with books.existing(workspace) as ledger:
        log = ledger.log()

    def write(sink: Sink) -> None:
        targets.put_text_or_json(sink, color, lambda console: view.print_log(console, log, language), lambda: view.log_json(log))

    targets.fail(targets.write_all(sinks, write))


@app.command(
    help=say(
        "Visa en körnings rekvisitioner och poster, med cell.\n\nExempel: fat ledger show 1",
        "Show a run's claims and items, with their cells.\n\nExample: fat ledger show 1",
    )
)
def show(
    *,
    run: RunNumber,
    directory: common.Directory = None,
    lang: common.LanguageOption = None,
    output: common.TextOrJson = None,
    format_: common.TextOrJsonFormat = None,
    show_ids: common.ShowIds = False,
    color: common.ColorOption = common.Color.auto,
) -> None:
    from fatcli.cli import ledgerview as view
    from fatcli.cli import targets

    sinks = common.sinks(output, format_, common.TEXT_OR_JSON)
    workspace, language = books.place(directory, lang)
    sinks = targets.settled(sinks, workspace, language, lambda _: _RUN.fill(run=run))
    with books.existing(workspace) as ledger:
        entry, paid, items = ledger.entry(run, show_ids=show_ids), ledger.document(run), ledger.items(run)

    def show_run(console: "Console") -> None:
        names = books.component_names(workspace, language)
        view.print_run(console, entry, paid, items, language, names, show_ids=show_ids)

    def write(sink: Sink) -> None:
        targets.put_text_or_json(sink, color, show_run, lambda: view.run_json(entry, paid, items, show_ids=show_ids))

    targets.fail(targets.write_all(sinks, write))


@app.command(
    help=say(
        "Räkna om varje hash, summa och nummer.\n\nExempel: fat ledger verify",
        "Compute every hash, total and number again.\n\nExample: fat ledger verify",
    )
)
def verify(*, directory: common.Directory = None, lang: common.LanguageOption = None, format_: VerifyFormat = None) -> None:
    from fatcli.ledger.file import head_path
    from fatcli.ledger.verify import named
    from fatcli.terminal import json_text

    (sink,) = common.sinks(None, format_, common.TEXT_OR_JSON)
    workspace, language = books.place(directory, lang)
    with books.existing(workspace) as ledger:
        findings = ledger.verify()
        counts = None if findings else ledger.counts()
        notes = [_NO_END.fill(head=head_path(books.ledger_path(workspace)).name)] if ledger.end_unknown() else []
    if sink.format == "json":
        found = [{"run": finding.run, "what": finding.what.to(language)} for finding in findings]
        told = {"sound": not findings, "findings": found, "notes": [note.to(language) for note in notes]}
        typer.echo(json_text(told | _counted(counts)), nl=False)
    else:
        texts = [_sound(counts)] if counts else [named(finding) for finding in findings]
        common.tell("\n".join(text.to(language) for text in [*texts, *notes]))
    if findings:
        what = Text("huvudboken är inte vad den var; antal fel: {n}.", "the ledger is not what it was; faults: {n}.").fill(n=len(findings))
        raise LedgerError(what, _RESTORE, place=str(books.ledger_path(workspace)))


def _counted(counts: "Counts | None") -> dict[str, object]:
    if counts is None:
        return {}
    return {"runs": counts.runs, "claims": counts.claims, "items": counts.items, "total_sek": sek(counts.total_ore), "hash": counts.hash}


def _sound(counts: "Counts") -> Text:
    from fatcli.writers.wording import money

    total = Text(money(counts.total_ore, "sv"), money(counts.total_ore, "en"))
    return _SOUND.fill(runs=counts.runs, claims=counts.claims, items=counts.items, sum=total, hash=counts.hash)


_SOUND = Text(
    "Huvudboken är hel. Körningar: {runs}, rekvisitioner: {claims}, poster: {items}, summa: {sum}. Sista körningens hash: {hash}",
    "The ledger is sound. Runs: {runs}, claims: {claims}, items: {items}, sum: {sum}. Hash of the last run: {hash}",
)
_NO_END = Text(
    "Slutet har inte kunnat kontrolleras: {head} saknas. Jämför den sista hashen med den på de senast skickade rekvisitionerna.",
    "The end could not be checked: {head} is missing. Compare the last hash with that on the claims sent last.",
)
_RESTORE = Text(
    "Ändra inget i filen. Återställ den senaste säkerhetskopia som fat ledger verify godkänner, och utred vad som hänt.",
    "Change nothing in the file. Restore the newest backup that fat ledger verify accepts, and find out what happened.",
)


@app.command(
    help=say(
        "Skriv en körnings filer på nytt, ur huvudboken.\n\nExempel: fat ledger render 1",
        "Write a run's files again, from the ledger.\n\nExample: fat ledger render 1",
    )
)
def render(*, run: RunNumber, directory: common.Directory = None, lang: common.LanguageOption = None, quiet: common.Quiet = False) -> None:
    workspace, language = books.place(directory, lang)
    with books.existing(workspace) as ledger:
        books.finish(ledger, workspace, language, quiet=quiet)
        folder = workspace.shown(books.write_run(ledger, run, workspace))
    common.note(Text(f"Filerna finns i {folder}.", f"The files are in {folder}."), language, quiet=quiet)


@app.command(
    help=say(
        "Exportera alla poster med körning, rekvisition och cell.\n\nExempel: fat ledger export -o csv:poster.csv",
        "Export all items with run, claim and cell.\n\nExample: fat ledger export -o csv:items.csv",
    )
)
def export(
    *,
    directory: common.Directory = None,
    lang: common.LanguageOption = None,
    output: ExportOutput = None,
    format_: ExportFormat = None,
    show_ids: common.ShowIds = False,
) -> None:
    from fatcli.cli import ledgerview as view
    from fatcli.cli import targets
    from fatcli.writers.csvout import written

    sinks = common.sinks(output, format_, EXPORT_FORMATS) if output or format_ else [Sink("csv", None)]
    workspace, language = books.place(directory, lang)
    sinks = targets.settled(sinks, workspace, language, lambda _: _ITEMS)
    with books.existing(workspace) as ledger:
        rows = view.exported(ledger.items(), ledger.log(show_ids=show_ids), show_ids=show_ids)

    def write(sink: Sink) -> None:
        targets.put(sink, view.items_json(rows) if sink.format == "json" else written(rows, language))

    targets.fail(targets.write_all(sinks, write))


@app.command(
    help=say(
        'Anteckna en andra persons godkännande.\n\nExempel: fat ledger attest 1 --by "Bo Ek"',
        'Record a second person\'s approval.\n\nExample: fat ledger attest 1 --by "Bo Ek"',
    )
)
def attest(
    *,
    run: RunNumber,
    by: By,
    directory: common.Directory = None,
    lang: common.LanguageOption = None,
    quiet: common.Quiet = False,
) -> None:
    name = " ".join(by.split())
    if not name:
        raise UsageError(Text("--by saknar namn.", "--by has no name."), Text("Ange vem som godkänner.", "Name who approves."))
    workspace, language = books.place(directory, lang)
    with books.existing(workspace) as ledger:
        books.finish(ledger, workspace, language, quiet=quiet)
        ledger.attest(run, name, books.account(), common.now())
        shown, _ = ledger.entry(run).attested[-1]
        folder = workspace.shown(books.write_run(ledger, run, workspace))
    text = Text(
        "Körning {run} är attesterad av {by}; filerna i {folder} visar det.",
        "Run {run} is attested by {by}; its files in {folder} show it.",
    )
    common.note(text.fill(run=run, by=shown, folder=folder), language, quiet=quiet)


app.command("clawback", help=clawback.HELP)(clawback.clawback)
