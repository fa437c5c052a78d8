"""One workbook on its own: the verdict, and the reports that go beside a rejected one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import polars as pl

from fatcli import pipeline
from fatcli.batch.journal import Verdict
from fatcli.errors import InputError
from fatcli.intake import Task
from fatcli.model import Severity
from fatcli.result import Checked
from fatcli.texts import Language, Text, capital
from fatcli.workbook import read_workbook
from fatcli.workspace import as_text
from fatcli.writers.annotated import annotated_copy
from fatcli.writers.html import report_page
from fatcli.writers.names import with_names_masked
from fatcli.writers.neutral import name_text
from fatcli.writers.webpage import render

PAGE, COPY = Text("avvikelser", "violations"), Text("rattelser", "corrections")


class Reason(NamedTuple):
    """Why a workbook is turned away that is not to be judged by its violations, and what to do."""

    what: Text
    remedy: Text


@dataclass(frozen=True)
class Judgement:
    """A workbook's verdict. `checked`: what was found in it, and only that; None where it can't be read."""

    verdict: Verdict
    reason: Reason | None = None
    checked: Checked | None = None
    counts: Mapping[Severity, int] = field(default_factory=dict)
    in_place: bool = False  # it may not even be touched

    @property
    def sha256(self) -> str | None:
        return self.checked.inputs[0].sha256 if self.checked else None

    @property
    def rules(self) -> str | None:
        return f"{self.checked.edition} {self.checked.rules_sha256}" if self.checked else None


class Report(NamedTuple):
    """A report to lie beside its workbook, named by a prefix. `edited`: people write in it, so that it is never written over."""

    prefix: Text
    suffix: str
    data: bytes
    edited: bool = False


_OWN_REGISTER = Reason(
    Text(
        "arbetsboken har egna register ({sheets}), men i en inkorg gäller bara arbetsmappens.",
        "the workbook has registers of its own ({sheets}), but in an inbox those of the workspace alone count.",
    ),
    Text("Ta bort de bladen och lämna in arbetsboken igen.", "Remove these sheets, and hand the workbook in again."),
)
_NO_ATTENDANCE = Reason(
    Text("arbetsboken har inget blad med närvaro.", "the workbook has no sheet with attendance."),
    Text(
        "Fyll i månadsbladet (fat template månadsblad) och lämna in det.",
        "Fill in the month grid (fat template grid), and hand that in.",
    ),
)


_DUPLICATE = Reason(
    Text(
        "arbetsboken har samma innehåll som {file}, som är godkänd och väntar på bokföring.",
        "the workbook is the same, byte for byte, as {file}, which is accepted and awaits booking.",
    ),
    Text("Ingenting behöver rättas; ta bort den här filen.", "Nothing is to be corrected; delete this file."),
)


def judge(task: Task, path: Path, failing: Collection[Severity]) -> Judgement:
    """The verdict on what stands in the workbook, or is lacking of what it names: what is wrong elsewhere is not its organiser's to mend.

    Raises InputError where it is a register that can't be read, and what else ends a run.
    """
    shown = task.workspace.shown(path)
    try:
        checked = pipeline.validate(replace(task, files=(path,)))
    except InputError as error:
        if error.place not in (shown, str(path)):
            raise
        return Judgement("unreadable", Reason(error.what, error.remedy), in_place=isinstance(error.__cause__, PermissionError))
    own = _own(checked, shown, as_text(path.name))
    counts = own.counts
    faulty = any(counts[severity] for severity in failing)
    reason = _reason(own, faulty=faulty)
    return Judgement("rejected" if faulty or reason else "accepted", reason, own, counts)


def duplicate(judgement: Judgement, other: Path) -> Judgement:
    """An accepted workbook turned away because another one with the same bytes is accepted: nothing is to be read twice."""
    return replace(judgement, verdict="duplicate", reason=_DUPLICATE._replace(what=_DUPLICATE.what.fill(file=name_text(other.name))))


def reports(judgement: Judgement, name: str, path: Path, language: Language) -> list[Report]:
    """What goes beside a rejected workbook."""
    if judgement.reason or judgement.checked is None:
        return [_refusal(judgement.reason, name, language)] if judgement.reason else []
    return [_page(judgement.checked), _copy(judgement.checked, name, path)]


def fault(error: Exception) -> Judgement:
    """A workbook on which the program itself fails: it must not stop the others, and stays where it is."""
    what = Text("ett fel i programmet ({kind}).", "a fault in the program ({kind}).").fill(kind=type(error).__name__)
    remedy = Text("Kör fat --debug validate på filen och anmäl felet.", "Run fat --debug validate on the file and report the fault.")
    return Judgement("fault", Reason(what, remedy), in_place=True)


def _own(checked: Checked, shown: str, name: str) -> Checked:
    """What concerns this workbook alone, under its bare name: the report may be sent to its organiser."""
    own, *_ = (replace(each, file=name) for each in checked.inputs if each.file == shown)
    others = [each for each in checked.inputs if each.file != shown]
    return replace(
        checked,
        inputs=(own, *others),
        violations=checked.of_file(shown).with_columns(file=pl.when(pl.col("file") == shown).then(pl.lit(name))),
        named={name: checked.named.get(shown, frozenset())},
        rows=sum(table.rows for table in own.tables),
        set_aside=sum(table.set_aside for table in own.tables),
    )


def _reason(own: Checked, *, faulty: bool) -> Reason | None:
    tables = own.inputs[0].tables
    registers = [name_text(table.sheet) for table in tables if table.table != "attendance"]
    if registers:
        return _OWN_REGISTER._replace(what=_OWN_REGISTER.what.fill(sheets=", ".join(registers)))
    return None if tables or faulty else _NO_ATTENDANCE


def _page(checked: Checked) -> Report:
    return Report(PAGE, ".html", report_page(with_names_masked(checked)))


def _copy(checked: Checked, name: str, path: Path) -> Report:
    copy = annotated_copy(path.read_bytes(), checked, name, lambda: read_workbook(path, name).grids)
    return Report(COPY, Path(copy.name).suffix, copy.data, edited=True)


def _refusal(reason: Reason, name: str, language: Language) -> Report:
    what, remedy = (text.to(language) for text in reason)
    return Report(PAGE, ".html", render("refusal.html.j2", language, file=name_text(name), what=capital(what), remedy=remedy))
