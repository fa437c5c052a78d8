"""What a batch came to, as plain records."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from fatcli.batch.inbox import Waiting
from fatcli.batch.journal import VIOLATIONS, Entry, Verdict
from fatcli.errors import FatError, LedgerError
from fatcli.model import Month, Severity
from fatcli.result import Paid
from fatcli.texts import Language


@dataclass(frozen=True)
class Outcome:
    """A batch, done.

    `entries`: what it did with each file. `standing`: of what lies in the inbox's folders, also from earlier runs, the last that is
    known. `month`: the one to book; `paid`: None where nothing was to be booked. `stopped`: what ended the run early.
    """

    folder: Path
    run: str
    time: dt.datetime
    as_of: dt.date
    language: Language
    entries: tuple[Entry, ...]
    standing: tuple[Entry, ...]
    waiting: tuple[Waiting, ...]
    other: tuple[str, ...]
    failing: Collection[Severity]
    month: Month | None = None
    paid: Paid | None = None
    stopped: FatError | None = None

    def of(self, *verdicts: Verdict) -> list[Entry]:
        return [entry for entry in self.entries if entry.verdict in verdicts]

    def lying(self, *verdicts: Verdict) -> list[Entry]:
        return [entry for entry in self.standing if entry.verdict in verdicts]

    @property
    def exit_code(self) -> int:
        """That of what ended the run; else the gravest of files and booking."""
        if self.stopped:
            return self.stopped.exit_code
        codes = {entry.exit_code for entry in self.entries}
        if self.paid:
            codes |= {LedgerError.exit_code} if self.paid.refused else set()
            codes |= {VIOLATIONS} if any(self.paid.checked.counts[severity] for severity in self.failing) else set()
        return max(codes, default=0)
