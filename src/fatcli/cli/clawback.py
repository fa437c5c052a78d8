"""`fat ledger clawback`: booked items taken back, and the undoing of that."""

import datetime as dt
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from fatcli.cli import books, common
from fatcli.cli.common import Color, option, say
from fatcli.errors import LedgerError, UsageError
from fatcli.texts import Language, Text

if TYPE_CHECKING:
    from fatcli.ledger import Ledger
    from fatcli.ledger.clawback import Selection
    from fatcli.workspace import Workspace

HELP = say(
    "Återkräv bokförda poster, eller häv ett återkrav.\n\n"
    "Exempel: fat ledger clawback --organiser EKBACKEN --placement B24-0131 --month 2024-05 --reason \"Felaktig närvaro\"",
    "Claw back booked items, or undo a clawback.\n\n"
    "Example: fat ledger clawback --organiser EKBACKEN --placement B24-0131 --month 2024-05 --reason \"Wrong attendance\"",
)  # fmt: skip

Texts = list[str] | None
Reason = Annotated[str, option("--reason", "TEXT", "Skälet; det står på rekvisitionen.", "The reason; the claim shows it.")]
Organiser = Annotated[str | None, option("--organiser", "ORGANISER", "Anordnaren.", "The organiser.")]
Placements = Annotated[
    Texts, option("--placement", "PLACEMENT", "Bara denna placering; får upprepas.", "Only this placement; may be repeated.")
]
Dates = Annotated[Texts, option("--date", "DATE", "Bara denna dag; får upprepas.", "Only this day; may be repeated.")]
First = Annotated[str | None, option("--from", "DATE", "Från och med denna dag.", "From this day on.")]
Last = Annotated[str | None, option("--to", "DATE", "Till och med denna dag.", "Up to and with this day.")]
InMonth = Annotated[str | None, option("--month", "YYYY-MM", "Bara denna månad.", "Only this month.", among=common.months)]
Component = Annotated[str | None, option("--component", "COMPONENT", "Bara denna ersättning.", "Only this compensation.")]
Undo = Annotated[int | None, option("--undo", "RUN", "Häv detta återkrav i stället.", "Undo this clawback instead.")]
Everything = Annotated[
    bool, typer.Option("--all", help=say("Allt som är bokfört för anordnaren.", "All that is booked for the organiser."))
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=say("Visa posterna, bokför inget.", "Show the items, book nothing."))]


_YES = ("j", "ja", "y", "yes")


@dataclass(frozen=True)
class _Asked:
    """What both ways share."""

    workspace: "Workspace"
    language: Language
    reason: str
    as_of: dt.date
    color: Color
    dry_run: bool
    quiet: bool

    def note(self, text: Text) -> None:
        common.note(text, self.language, quiet=self.quiet)


def clawback(
    *,
    reason: Reason,
    organiser: Organiser = None,
    placement: Placements = None,
    date: Dates = None,
    from_: First = None,
    to: Last = None,
    month: InMonth = None,
    component: Component = None,
    everything: Everything = False,
    undo: Undo = None,
    dry_run: DryRun = False,
    directory: common.Directory = None,
    as_of: common.AsOf = None,
    lang: common.LanguageOption = None,
    quiet: common.Quiet = False,
    color: common.ColorOption = common.Color.auto,
) -> None:
    from fatcli.ledger.clawback import Selection

    if not reason.strip():
        raise UsageError(Text("--reason är tom.", "--reason is empty."), Text("Skriv skälet.", "Write the reason."))
    narrowed = any((placement, date, from_, to, month))
    _check_options(organiser, undo, narrowed=narrowed, everything=everything, named=bool(organiser or component))
    days, (first, last) = tuple(common.date(day, "--date") for day in date or ()), _span(from_, to, month)
    workspace, language = books.place(directory, lang)
    asked = _Asked(workspace, language, reason.strip(), common.day(as_of), color, dry_run, quiet)
    with books.existing(workspace) as ledger, _undisturbed():
        if not dry_run:
            books.finish(ledger, workspace, language, quiet=quiet)
        if undo is not None:
            _undo(ledger, undo, asked)
        else:
            named = component and _component(component, books.component_names(workspace, language))
            _take_back(ledger, Selection(str(organiser), tuple(placement or ()), days, first, last, named), asked)


def _component(given: str, names: Mapping[str, str]) -> str:
    """The component's id for its name, as items are shown with; of a name that several services have, the id that they share."""
    found = [key for key, name in names.items() if name.casefold() == given.casefold()]
    ids = {key.partition(".")[2] for key in found}
    return found[0] if len(found) == 1 else ids.pop() if len(ids) == 1 else given


def _check_options(organiser: str | None, undo: int | None, *, narrowed: bool, everything: bool, named: bool) -> None:
    if undo is not None and (named or narrowed or everything):
        raise UsageError(
            Text("--undo häver ett helt återkrav.", "--undo undoes a whole clawback."),
            Text("Utelämna anordnare, placering, dag, månad och ersättning.", "Leave out organiser, placement, day, month and component."),
        )
    if undo is None and not organiser:
        remedy = Text("Ange anordnaren, eller --undo RUN.", "Name the organiser, or --undo RUN.")
        raise UsageError(Text("--organiser saknas.", "--organiser is missing."), remedy)
    if undo is None and narrowed == everything:
        raise UsageError(
            Text("det framgår inte vad som ska återkrävas.", "it isn't clear what to claw back."),
            Text(
                "Ange placering, dag eller månad, eller bara --all för allt.", "Name placement, day or month, or only --all for everything."
            ),
        )


def _take_back(ledger: "Ledger", chosen: "Selection", asked: _Asked) -> None:
    """Shows the items, then books their reversal: a run for each month."""
    from fatcli.cli import ledgerview
    from fatcli.ledger import clawback as taking
    from fatcli.writers.wording import money

    items = taking.matching(ledger, chosen)
    if items.is_empty():
        what = Text(
            "inget som är bokfört passar urvalet, eller så är det redan återkrävt.", "nothing booked matches, or it is clawed back already."
        )
        raise LedgerError(what, Text("fat ledger export visar vad som är bokfört.", "fat ledger export shows what is booked."))
    names = books.component_names(asked.workspace, asked.language)
    ledgerview.print_items(common.console(asked.color), items, asked.language, names)
    total = money(int(items["amount"].sum()), asked.language)
    if asked.dry_run:
        typer.echo(Text("Att återkräva: {sum}.", "To claw back: {sum}.").fill(sum=total).to(asked.language))
    if asked.dry_run or not _agreed(total, asked.language):
        asked.note(Text("Inget är bokfört.", "Nothing is booked."))
        return
    runs = ledger.book_all(taking.bookings(ledger, items, asked.reason, asked.as_of), books.account(), common.now())
    for run in runs:
        folder = asked.workspace.shown(books.write_run(ledger, run.number, asked.workspace))
        text = Text(
            "Återkravet är bokfört som körning {run}; filerna finns i {folder}.",
            "The clawback is booked as run {run}; its files are in {folder}.",
        )
        asked.note(text.fill(run=run.number, folder=folder))
    typer.echo(Text("Återkrävt: {sum}.", "Clawed back: {sum}.").fill(sum=total).to(asked.language))


def _agreed(total: str, language: Language) -> bool:
    """Asks, on a terminal alone; a yes in either language will do."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return True
    question = Text("Återkräv {sum}? [j/N]", "Claw back {sum}? [y/N]").fill(sum=total).to(language)
    answer: str = typer.prompt(question, default="n", show_default=False, err=True)
    return answer.strip().casefold() in _YES


def _undo(ledger: "Ledger", run: int, asked: _Asked) -> None:
    from fatcli.ledger import clawback as taking

    booking = taking.undoing(ledger, run, asked.reason, asked.as_of)
    if asked.dry_run:
        asked.note(Text("Inget är bokfört.", "Nothing is booked."))
        return
    booked = ledger.book(booking, books.account(), common.now())
    text = Text(
        "Återkravet i körning {run} är hävt av körning {by}. Nästa fat payout --month {month} tar med posterna igen.",
        "The clawback of run {run} is undone by run {by}. The next fat payout --month {month} claims its items again.",
    )
    common.tell(text.fill(run=run, by=booked.number, month=booking.paid.month).to(asked.language))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Items were shown as they stood: if another run was booked since, the user is to see them again."""
    from fatcli.ledger import HeadMoved

    try:
        yield
    except HeadMoved as error:
        what = Text(
            "en annan körning bokfördes under tiden; inget är återkrävt.", "another run was booked meanwhile; nothing is clawed back."
        )
        raise LedgerError(what, Text("Kör igen.", "Run again.")) from error


def _span(from_: str | None, to: str | None, month: str | None) -> tuple[dt.date | None, dt.date | None]:
    """The first and last day that --from, --to and --month leave."""
    whole = common.month(month) if month else None
    firsts = ([common.date(from_, "--from")] if from_ else []) + ([whole.first] if whole else [])
    lasts = ([common.date(to, "--to")] if to else []) + ([whole.last] if whole else [])
    return max(firsts, default=None), min(lasts, default=None)
