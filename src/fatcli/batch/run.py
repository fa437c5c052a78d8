"""The batch: each workbook judged, reported, logged and put away, in this order; then the month booked.

The move comes last. A batch that is killed leaves the workbook in the inbox, and the next one does the same again.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from fatcli import intake
from fatcli.batch import journal
from fatcli.batch.inbox import ACCEPTED, BOOKED, REJECTED, SUMMARY, Inbox, Waiting, free_place, stamp, twin, workbooks
from fatcli.batch.journal import Entry
from fatcli.batch.judging import COPY, Judgement, Report, duplicate, fault, judge, reports
from fatcli.batch.records import Outcome
from fatcli.batch.summary import summary_page
from fatcli.errors import FatError, InputError
from fatcli.intake import Observer, Task
from fatcli.model import Month, Severity
from fatcli.pipeline import Order
from fatcli.result import Paid
from fatcli.texts import Text
from fatcli.workspace import as_text, write_file, write_files
from fatcli.writers.neutral import file_name_part, name_text

_LONGEST_NAME = 100  # characters of a workbook's name in those of its reports

_GONE = Text("försvann under körningen", "disappeared meanwhile")
_CUT_SHORT = Text("prövades inte, eftersom körningen avbröts", "was not judged, as the run was cut short")
_CHANGED = Text("ändrades under körningen", "was changed meanwhile")
_REPLACED = Text("ersatt av {file}, som godkändes.", "replaced by {file}, which was accepted.")
_HELD = Text("är öppen i ett annat program", "is open in another program")


@dataclass(frozen=True)
class Batch:
    """What a batch is asked. `failing`: the severities that reject a workbook. `order`: the month to book, by `book`; None: none."""

    inbox: Inbox
    task: Task
    failing: Collection[Severity]
    now: dt.datetime
    book: Callable[[Task, Order], Paid]
    order: Order | None = None
    progress: Observer = field(default=lambda *_: None)


def run_batch(batch: Batch) -> Outcome:
    """Judges all, books if asked, and writes the summary, also when the run ended early. Raises UsageError, LedgerError, OutputError."""
    with batch.inbox.locked():
        outcome = _Run(batch).outcome()
        write_file(batch.inbox.folder / SUMMARY.to(outcome.language), summary_page(outcome), follow=False)
    return outcome


class _Run:
    """A batch under way, and what it has done so far."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._inbox = batch.inbox
        self._task = batch.task
        self._id = f"{batch.now.astimezone(dt.UTC):%Y%m%dT%H%M%S.%fZ}"
        self._time = batch.now.isoformat(timespec="seconds")
        self._entries: list[Entry] = []
        self._waiting: list[Waiting] = []
        self._failed: set[Path] = set()
        self._paid: Paid | None = None

    def outcome(self) -> Outcome:
        contents = self._inbox.contents()
        self._waiting += contents.waiting
        stopped = self._work(contents.ready)
        known = journal.latest(self._inbox.folder)
        return Outcome(
            folder=self._inbox.folder,
            run=self._id,
            time=self._batch.now,
            as_of=self._task.as_of,
            language=self._task.language,
            entries=tuple(self._entries),
            standing=tuple(entry for path, entry in known.items() if (self._inbox.folder / path).is_file()),
            waiting=tuple(sorted(self._waiting)),
            other=contents.other,
            failing=self._batch.failing,
            month=self._batch.order.month if self._batch.order else None,
            paid=self._paid,
            stopped=stopped,
        )

    def _work(self, ready: Sequence[Path]) -> FatError | None:
        """What there is to do; returns what ended it early."""
        left = set(ready)
        try:
            # the registers may have changed since a workbook was accepted
            paths = [*(self._inbox.accepted() if self._batch.order else ()), *ready]
            for number, path in enumerate(paths):
                self._batch.progress("judge", number, len(paths))
                self._judge(path)
                left.discard(path)
            if self._batch.order:
                self._book(self._batch.order)
        except FatError as error:
            self._waiting += [Waiting(path.name, _CUT_SHORT) for path in left if path.exists()]
            return error
        return None

    def _judge(self, path: Path) -> None:
        before = stamp(path)
        judgement, made = self._judged(path)
        after = stamp(path)
        if before is None or before != after:
            self._waiting.append(Waiting(path.name, _CHANGED if after else _GONE))
        elif judgement.in_place:
            self._failed.add(path)
            self._log(self._entry(path, judgement))
        elif judgement.verdict == "accepted":
            self._accept(path, judgement)
        else:
            self._reject(path, judgement, made)

    def _judged(self, path: Path) -> tuple[Judgement, list[Report]]:
        try:
            judgement = judge(self._task, path, self._batch.failing)
            return judgement, self._reports(path, judgement)
        except FatError:
            raise
        except Exception as error:  # noqa: BLE001  # one workbook must not stop the others
            return fault(error), []

    def _reports(self, path: Path, judgement: Judgement) -> list[Report]:
        if judgement.verdict == "accepted" or judgement.in_place:
            return []
        return reports(judgement, as_text(path.name), path, self._task.language)

    def _accept(self, path: Path, judgement: Judgement) -> None:
        folder = self._inbox.folder / ACCEPTED
        target = path if path.parent == folder else free_place(folder, path.name, path)
        other = twin(path, folder)
        if other and (not target.exists() or (target == path and other.name < path.name)):
            refused = duplicate(judgement, other)
            self._reject(path, refused, reports(refused, as_text(path.name), path, self._task.language))
        elif target != path:
            self._replace_rejected(path)
            self._put(path, target, self._entry(path, judgement))

    def _replace_rejected(self, path: Path) -> None:
        """Logs the rejected workbooks that an accepted one of the same name corrects; they lie where they are."""
        known = journal.latest(self._inbox.folder)
        named = {self._inbox.folder / each: entry for each, entry in known.items() if entry.verdict == "rejected"}
        rejected = [other for other, entry in named.items() if _about(entry.file) == _about(path.name) and other.is_file()]
        reason = _REPLACED.fill(file=name_text(path.name)).to(self._task.language)
        for other in self._covered(path, rejected):
            entry = replace(named[other], verdict="replaced", reason=reason, run=self._id, time=self._time)
            self._log(entry)

    def _covered(self, path: Path, others: Sequence[Path]) -> list[Path]:
        """Those whose placements it reports, and in the same month: organisers often give their files the same name."""
        if not others:
            return []
        task = replace(self._task, files=(path, *others))
        try:
            material = intake.read(task)
        except InputError:
            return []
        reported, known = _reported(material), set(material.table("placements")["placement_id"])
        own, *rest = (reported.get(task.workspace.shown(each), _Reported(frozenset(), frozenset())) for each in task.files)
        return [each for each, other in zip(others, rest, strict=True) if own.covers(other, known)]

    def _reject(self, path: Path, judgement: Judgement, made: Sequence[Report]) -> None:
        folder = self._inbox.folder / REJECTED
        target = _place_beside_reports(folder, path)
        files = _report_files(folder, target, made, self._task)
        self._inbox.make(folder)
        write_files(folder, files, follow=False)
        shown = tuple(self._inbox.shown(folder / name) for name in files)
        self._put(path, target, replace(self._entry(path, judgement), reports=shown))

    def _put(self, path: Path, target: Path, entry: Entry) -> None:
        """Logs where a workbook is put, and puts it there."""
        entry = replace(entry, path=self._inbox.shown(target))
        self._inbox.make(target.parent)
        journal.append(self._inbox.folder, entry)
        if self._inbox.move(path, target):
            self._entries.append(entry)
        else:
            self._waiting.append(Waiting(path.name, _HELD if path.exists() else _GONE))

    def _log(self, entry: Entry) -> None:
        journal.append(self._inbox.folder, entry)
        self._entries.append(entry)

    def _entry(self, path: Path, judgement: Judgement) -> Entry:
        reason = " ".join(text.to(self._task.language) for text in judgement.reason) if judgement.reason else None
        return Entry(
            time=self._time,
            run=self._id,
            file=path.name,
            verdict=judgement.verdict,
            sha256=judgement.sha256 or _sha256(path),
            path=None,
            as_of=str(self._task.as_of),
            violations=judgement.counts,
            reason=reason,
            rules=judgement.rules,
        )

    def _book(self, order: Order) -> None:
        """Books what is accepted and has reports of the month, and puts away what nothing more is to be booked of."""
        files = {self._task.workspace.shown(path): path for path in self._inbox.accepted() if path not in self._failed}
        reported = _reported(intake.read(replace(self._task, files=tuple(files.values())))) if files else {}
        chosen = {file: path for file, path in files.items() if file in reported and order.month in reported[file].months}
        if not chosen:
            return
        # what the register alone gives is no reason to pay an organiser whose workbook was rejected
        order = replace(order, reporting_only=True)
        self._paid = paid = self._batch.book(replace(self._task, files=tuple(chosen.values())), order)
        hashes = {each.file: each.sha256 for each in paid.checked.inputs}
        for file, path in chosen.items():
            if not reported[file].awaits(paid):
                self._put_away(path, hashes[file], paid)

    def _put_away(self, path: Path, sha256: str, paid: Paid) -> None:
        month = str(paid.month)
        entry = Entry(
            time=self._time,
            run=self._id,
            file=path.name,
            verdict="booked",
            sha256=sha256,
            path=None,
            as_of=str(self._task.as_of),
            month=month,
            ledger_run=paid.run.number if paid.run else None,
            rules=f"{paid.checked.edition} {paid.checked.rules_sha256}",
        )
        self._put(path, free_place(self._inbox.folder / BOOKED / month, path.name, path), entry)


@dataclass(frozen=True)
class _Reported:
    """What a workbook has readable reports of."""

    months: frozenset[Month]
    placements: frozenset[str]

    def covers(self, other: "_Reported", known: Collection[str]) -> bool:
        """Whether what it reports is the other's, mended: a placement that is not known may be what was wrong."""
        wanted = other.placements & set(known)
        return bool(wanted) and wanted <= self.placements and bool(self.months & other.months)

    def awaits(self, paid: Paid) -> bool:
        """Whether another booking needs the workbook: a reversal was refused, or one of its other months differs from the books."""
        refused = {line.placement for claim in paid.refused for line in claim.lines}
        return bool(self.placements & refused or self.months & {other.month for other in paid.other_months})


def _reported(material: intake.Material) -> dict[str, _Reported]:
    """Of each file with attendance, its months and placements."""
    sources = material.tables.sources
    rows = material.table("attendance").select("source", "placement_id", month=pl.col("date").dt.month_start())
    found: dict[str, tuple[set[Month], set[str]]] = {}
    for source, placement, first in rows.unique().iter_rows():
        months, placements = found.setdefault(sources[source].file, (set(), set()))
        months.add(Month.of(first))
        placements.add(placement)
    return {file: _Reported(frozenset(months), frozenset(placements)) for file, (months, placements) in found.items()}


def _place_beside_reports(folder: Path, path: Path) -> Path:
    """Where a rejected workbook is put: no other one has reports of the same name there."""
    name = _bare(path.name)
    others = {_report_stem(other.name).casefold(): other for other in workbooks(folder) if other.name == _bare(other.name)}
    return free_place(folder, name, path, lambda place: others.get(_report_stem(place.name).casefold()) in (None, place))


def _report_files(folder: Path, target: Path, made: Sequence[Report], task: Task) -> dict[str, bytes]:
    """The reports by their names. One that may have been written in meanwhile is left, and the new one numbered."""
    named = [(f"{report.prefix.to(task.language)}-{_report_stem(target.name)}{report.suffix}", report) for report in made]
    return {free_place(folder, name, report.data).name if report.edited else name: report.data for name, report in named}


def _bare(name: str) -> str:
    """The name without the prefix of annotated copies, which are handed in again once they are corrected."""
    for prefix in COPY:
        name = name.removeprefix(f"{prefix}-")
    return name


def _report_stem(name: str) -> str:
    """The part of a workbook's name that its reports have; without identity numbers."""
    stem = Path(name).stem
    part = file_name_part(stem, _LONGEST_NAME) or "fil"
    return part if len(stem) <= _LONGEST_NAME else f"{part}-{hashlib.sha256(stem.encode(errors='surrogateescape')).hexdigest()[:8]}"


def _about(name: str) -> str:
    """What a workbook's name has in common with those of its copies, corrected or numbered."""
    return re.sub(r"(-\d+)?$", "", _report_stem(_bare(name))).casefold()


def _sha256(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
