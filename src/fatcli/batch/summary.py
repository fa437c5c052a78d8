"""A batch told: the summary page, the lines on a terminal, and the JSON document."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from fatcli import __version__
from fatcli.batch import journal
from fatcli.batch.journal import Entry
from fatcli.batch.records import Outcome
from fatcli.model import SEVERITIES, sek
from fatcli.terminal import terminal_text
from fatcli.texts import Language, Text, capital
from fatcli.writers import wording
from fatcli.writers.html import Tile, Verdict, paid_verdict
from fatcli.writers.neutral import name_text
from fatcli.writers.webpage import render
from fatcli.writers.wording import counted, number

_BOOKS = Text("arbetsbok", "workbook"), Text("arbetsböcker", "workbooks")
_VERDICTS = {
    "accepted": (Text("godkänd", "accepted"), Text("godkända", "accepted")),
    "rejected": (Text("underkänd", "rejected"), Text("underkända", "rejected")),
    "unreadable": (Text("gick inte att läsa", "could not be read"), Text("gick inte att läsa", "could not be read")),
    "fault": (Text("gick inte att pröva", "could not be judged"), Text("gick inte att pröva", "could not be judged")),
    "booked": (Text("bokförd", "booked"), Text("bokförda", "booked")),
    "duplicate": (Text("dubblett", "duplicate"), Text("dubbletter", "duplicates")),
    "replaced": (Text("ersatt", "replaced"), Text("ersatta", "replaced")),
}
_LINKS = {True: Text("avvikelser", "violations"), False: Text("kopia att rätta", "copy to correct")}  # is it a page?
_JUDGED: Sequence[journal.Verdict] = ("accepted", "rejected", "unreadable", "fault", "duplicate")
_BOOKED = Text("Bokfört för {month} i körning {run}", "Booked for {month} in run {run}")


class Row(NamedTuple):
    """A workbook in a list of the page. `links`: (text, address relative to the inbox)."""

    name: str
    word: str
    time: str
    counts: Sequence[int]
    reason: str
    links: Sequence[tuple[str, str]]
    new: bool


def summary_page(outcome: Outcome) -> bytes:
    """What the inbox looks like after the run: what came in, what is to be corrected, what waits, what was booked."""
    left = [entry for entry in outcome.of("unreadable", "fault") if entry.path is None]
    return render(
        "batch.html.j2",
        outcome.language,
        outcome=outcome,
        verdict=_verdict(outcome),
        tiles=list(_tiles(outcome)),
        left=_rows(outcome, left),
        rejected=_rows(outcome, outcome.lying("rejected", "unreadable")),
        needless=_rows(outcome, outcome.lying("replaced", "duplicate")),
        accepted=_rows(outcome, outcome.lying("accepted")),
        booked=_rows(outcome, outcome.of("booked")),
        waiting=[(name_text(each.file), each.reason.to(outcome.language)) for each in outcome.waiting],
        other=[name_text(name) for name in outcome.other],
        severities=[wording.SEVERITY_PLURAL[severity].to(outcome.language) for severity in SEVERITIES],
        version=__version__,
    )


def summary_text(outcome: Outcome) -> Iterator[str]:
    """The same in lines, only of this run."""
    language = outcome.language
    yield _headline(outcome)
    for entry in outcome.entries:
        row = _row(outcome, entry)
        yield terminal_text(f"  {row.word}: {row.name}{_details(entry, language)}")
        if entry.verdict != "replaced":  # nobody needs its reports any longer
            yield from (f"    {(outcome.folder / address).as_posix()}" for address in entry.reports)
    for each in outcome.waiting:
        yield terminal_text(f"  {Text('väntar', 'waiting').to(language)}: {name_text(each.file)} ({each.reason.to(language)})")
    for name in outcome.other:
        yield terminal_text(f"  {Text('ingen arbetsbok', 'no workbook').to(language)}: {name_text(name)}")
    if outcome.month:
        yield " ".join(_booking(outcome))


def summary_document(outcome: Outcome) -> dict[str, Any]:
    """As `schemas/batch.schema.json` publishes it."""
    stopped = outcome.stopped
    return {
        "tool": {"name": "fat", "version": __version__},
        "run": outcome.run,
        "time": outcome.time.isoformat(timespec="seconds"),
        "inbox": outcome.folder.as_posix(),
        "as_of": str(outcome.as_of),
        "files": [_listed(entry) for entry in outcome.entries],
        "waiting": [{"file": each.file, "reason": each.reason.to(outcome.language)} for each in outcome.waiting],
        "other": list(outcome.other),
        "month": str(outcome.month) if outcome.month else None,
        "booking": _booking_document(outcome),
        "stopped": {"message": stopped.message(outcome.language), "exit_code": stopped.exit_code} if stopped else None,
        "exit_code": outcome.exit_code,
    }


def _listed(entry: Entry) -> dict[str, Any]:
    document = entry.document()
    return {name: document[name] for name in document if name not in ("time", "run", "as_of")} | {"reports": list(entry.reports)}


def _booking_document(outcome: Outcome) -> dict[str, Any] | None:
    paid = outcome.paid
    if paid is None:
        return None
    counts = paid.checked.counts
    return {
        "booked": paid.booked,
        "run": paid.run.number if paid.run else None,
        "total_sek": sek(paid.total_ore),
        "claims": [claim.number for claim in paid.claims if claim.number],
        "refused": [claim.organiser for claim in paid.refused],
        "withheld": len(paid.withheld),
        "violations": {severity: counts[severity] for severity in SEVERITIES},
    }


def _verdict(outcome: Outcome) -> Verdict:
    """The headline of the page; bad where someone has to do something."""
    sentences = _booking(outcome) if outcome.month else []
    if outcome.stopped:
        sentences = [f"{_STOPPED.to(outcome.language)} {outcome.stopped.message(outcome.language)}", *sentences]
    return Verdict(outcome.exit_code == 0, _headline(outcome), sentences)


_CUT_SHORT = Text("Körningen avbröts", "The run was cut short")
_STOPPED = Text("Det som återstår tas i nästa körning.", "What remains is left for the next run.")
_NOTHING_NEW = Text("Inget nytt i inkorgen", "Nothing new in the inbox")


def _headline(outcome: Outcome) -> str:
    done = _done(outcome)
    if outcome.stopped:
        return ". ".join([_CUT_SHORT.to(outcome.language), *([done] if done else [])])
    return done or _NOTHING_NEW.to(outcome.language)


def _done(outcome: Outcome) -> str:
    """`3 workbooks judged: 1 accepted, 1 rejected and 1 could not be read`; where none came in but some are booked, that."""
    language = outcome.language
    judged = outcome.of(*_JUDGED)
    if not judged and outcome.paid and outcome.paid.run:
        return _BOOKED.fill(month=wording.month_name(outcome.paid.month, language), run=outcome.paid.run.number).to(language)
    if not judged:
        return ""
    parts = [
        counted(len(found), *_VERDICTS[verdict], language) for verdict in _JUDGED if (found := [e for e in judged if e.verdict == verdict])
    ]
    books = counted(len(judged), *_BOOKS, language)
    text = (
        Text("{books} prövade: {parts}", "{books} judged: {parts}")
        if len(judged) > 1
        else Text("{books} prövad: {parts}", "{books} judged: {parts}")
    )
    return text.fill(books=books, parts=wording.joined(parts, language)).to(language)


def _tiles(outcome: Outcome) -> Iterator[Tile]:
    language = outcome.language
    rejected, unreadable = outcome.lying("rejected"), [*outcome.lying("unreadable"), *outcome.of("fault")]
    yield Tile(
        Text("underkända att rätta", "rejected, to correct").to(language), number(len(rejected), language), "error" if rejected else ""
    )
    yield Tile(Text("oläsliga", "unreadable").to(language), number(len(unreadable), language), "error" if unreadable else "")
    yield Tile(Text("godkända, ej bokförda", "accepted, not booked").to(language), number(len(outcome.lying("accepted")), language))
    yield Tile(Text("väntar", "waiting").to(language), number(len(outcome.waiting), language))
    if outcome.paid:
        yield Tile(Text("bokfört nu", "booked now").to(language), wording.money(outcome.paid.total_ore, language), "paid")


def _booking(outcome: Outcome) -> list[str]:
    if outcome.paid is None:
        text = Text(
            "Inget bokfördes för {month}: ingen godkänd arbetsbok väntar på det.",
            "Nothing was booked for {month}: no accepted workbook awaits it.",
        )
        if outcome.stopped:
            text = Text("Inget bokfördes för {month}.", "Nothing was booked for {month}.")
        month = wording.month_name(outcome.month, outcome.language) if outcome.month else ""
        return [text.fill(month=month).to(outcome.language)]
    verdict = paid_verdict(outcome.paid)
    return [f"{verdict.headline}.", *verdict.sentences]


def _rows(outcome: Outcome, entries: Sequence[Entry]) -> list[Row]:
    return [_row(outcome, entry) for entry in entries]


def _row(outcome: Outcome, entry: Entry) -> Row:
    return Row(
        name=name_text(entry.path.rpartition("/")[2] if entry.path else entry.file),
        word=_VERDICTS[entry.verdict][0].to(outcome.language),
        time=entry.time[:16].replace("T", " "),
        counts=[entry.violations.get(severity, 0) for severity in SEVERITIES],
        reason=entry.reason or "",
        links=[(_LINKS[path.endswith(".html")].to(outcome.language), quote(path)) for path in entry.reports],
        new=entry.run == outcome.run,
    )


def _details(entry: Entry, language: Language) -> str:
    if entry.reason:
        return f". {capital(entry.reason)}"
    parts = [
        counted(count, wording.SEVERITY[severity], wording.SEVERITY_PLURAL[severity], language)
        for severity in SEVERITIES
        if (count := entry.violations.get(severity, 0))
    ]
    return f" ({wording.joined(parts, language)})" if parts else ""
