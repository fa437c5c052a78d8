"""What a run found, as plain records: all that the writers need, in the run's language and with identity numbers masked."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from fatcli.model import RATE_MISSING, SEVERITIES, Month, Severity
from fatcli.texts import Language

VIOLATIONS: Mapping[str, pl.DataType] = {
    "rule": pl.String(),
    "name": pl.String(),
    "severity": pl.String(),
    "message": pl.String(),
    "remedy": pl.String(),
    "file": pl.String(),
    "sheet": pl.String(),
    "cell": pl.String(),  # B17
    "row": pl.UInt32(),
    "col": pl.UInt16(),
    "column": pl.String(),
    "value": pl.String(),
    "organiser": pl.String(),
    "service": pl.String(),
    "placement": pl.String(),
    "date": pl.Date(),
    "until": pl.Date(),
    "withholds": pl.String(),  # all, daily, attended, none or component ids with ", " between; null for T rules
    "source": pl.String(),
}

Basis = Literal["attended_day", "weekdays", "working_days", "start", "result"]
DAILY: tuple[Basis, ...] = ("attended_day", "weekdays", "working_days")
LineKind = Literal["claim", "adjustment", "reversal"]
ControlScope = Literal["total", "file", "organiser"]


@dataclass(frozen=True)
class InputTable:
    """A table of an input file; `rows` and `set_aside` count cells in a month grid. `hidden`: its sheet is not shown in Excel."""

    table: str
    sheet: str
    layout: str
    rows: int
    set_aside: int
    hidden: bool = False


@dataclass(frozen=True)
class Input:
    """A file that was read, with the sha256 of its bytes."""

    file: str
    sha256: str
    tables: tuple[InputTable, ...] = ()


@dataclass(frozen=True)
class NotEvaluated:
    """A rule that was not run, and why."""

    rule: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """The outcome of `validate`.

    `violations`: the columns of VIOLATIONS, only those to be shown, sorted by file, sheet, row, column, rule.
    `named`: by file, the placements that its attendance names.
    `labels`: titles in the run's language by rule id, service id and `SERVICE.component`.
    """

    version: str
    rules_path: str
    edition: str
    rules_sha256: str
    as_of: dt.date
    language: Language
    inputs: tuple[Input, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    absent_columns: tuple[str, ...]
    violations: pl.DataFrame
    rows: int
    set_aside: int
    left_out: int = 0  # violations that --select or --ignore keeps from being shown
    labels: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def label(self, key: str) -> str:
        """The title of a rule, service or `SERVICE.component`; where there is none, its own id."""
        return self.labels.get(key) or key.rpartition(".")[2]

    def of_file(self, file: str) -> pl.DataFrame:
        """The violations that stand in a file, and what its placements lack (A14, A18), which stands nowhere."""
        lacks = pl.col("file").is_null() & pl.col("placement").is_in(self.named.get(file, ())) & (pl.col("rule") != RATE_MISSING)
        return self.violations.filter((pl.col("file") == file) | lacks)

    def in_attendance(self) -> pl.Expr:
        """Whether a violation stands on a sheet of attendance."""
        sheets = [f"{file.file}\n{table.sheet}" for file in self.inputs for table in file.tables if table.table == "attendance"]
        return pl.concat_str("file", pl.lit("\n"), "sheet").is_in(sheets).fill_null(value=False)

    def count(self, severity: Severity) -> int:
        return self.violations.filter(pl.col("severity") == severity).height

    @property
    def counts(self) -> dict[Severity, int]:
        return {severity: self.count(severity) for severity in SEVERITIES}


@dataclass(frozen=True)
class Line:
    """Equal items of a claim: days × rate = amount. Days are negative in a reversal, the rate is a difference in an adjustment.

    `corrects`: the number of the claim that booked what is corrected. `dates`: the days, of what corrects or follows an earlier claim.
    """

    placement: str
    participant_id: str
    service: str
    component: str
    kind: LineKind
    basis: Basis
    days: int
    rate_ore: int
    corrects: str | None = None
    dates: tuple[dt.date, ...] = ()

    @property
    def amount_ore(self) -> int:
        return self.days * self.rate_ore

    @property
    def per_day_ore(self) -> int:
        """What the line gives for one of its days; a minus in a reversal."""
        return self.rate_ore if self.days > 0 else -self.rate_ore


@dataclass(frozen=True)
class Claim:
    """One organiser's claim. `number`: `2024-05/ORG1/1`, None where nothing is booked; `reason`: of a clawback."""

    number: str | None
    organiser: str
    name: str
    identity_number: str
    bankgiro: str | None
    plusgiro: str | None
    lines: tuple[Line, ...]
    booked: bool
    reversal_refused: bool = False
    reason: str | None = None

    @property
    def total_ore(self) -> int:
        return sum(line.amount_ore for line in self.lines)

    @property
    def placements(self) -> int:
        return len({line.placement for line in self.lines})

    @property
    def days(self) -> int:
        """Days paid for, less days reversed; a day counts once, also with a supplement, and not where only its rate is adjusted."""
        days: dict[tuple[str, str], int] = {}
        for line in self.lines:
            if line.basis in DAILY and line.kind != "adjustment":
                key = line.placement, line.component
                days[key] = days.get(key, 0) + line.days
        return sum(max((days[key] for key in days if key[0] == placement), key=abs) for placement in {placement for placement, _ in days})


@dataclass(frozen=True)
class Withheld:
    """An item that rules withhold, with the place it was read from.

    `amount_ore`: None where it has no rate. `reason`, `remedy`: the rules' titles and remedies.
    """

    organiser: str
    placement: str
    component: str
    date: dt.date
    amount_ore: int | None
    rules: tuple[str, ...]
    file: str | None = None
    sheet: str | None = None
    cell: str | None = None
    reason: str = ""
    remedy: str = ""
    service: str | None = None


@dataclass(frozen=True)
class Kept:
    """A booked item that the run does not speak for: left as it is."""

    organiser: str
    placement: str
    component: str
    date: dt.date
    amount_ore: int
    reason: str


@dataclass(frozen=True)
class Silent:
    """An organiser that has reported nothing of the month, and how many placements it has that run in it and are paid by the day."""

    organiser: str
    name: str
    placements: int


@dataclass(frozen=True)
class OtherMonth:
    """Another month whose due and booked differ, with due less booked in öre. `minus_ore`: how much of it would be taken back."""

    month: Month
    difference_ore: int
    minus_ore: int = 0


@dataclass(frozen=True)
class Control:
    """Control sums, counted in rows and cells: what was read, and where it went. `name`: the file or organiser, empty for the total."""

    scope: ControlScope
    name: str
    read: int
    paid: int
    not_paid: int
    withheld: int
    set_aside: int
    kept: int
    other_months: int = 0


@dataclass(frozen=True)
class Run:
    """A booked run of the ledger."""

    number: int
    hash: str
    attested_by: str | None = None
    attested_on: dt.date | None = None


@dataclass(frozen=True)
class Paid:
    """The outcome of `payout`. `run`: None where nothing was booked. `silent`: only where the whole workspace was read."""

    checked: Checked
    month: Month
    run: Run | None
    claims: tuple[Claim, ...]
    withheld: tuple[Withheld, ...]
    kept: tuple[Kept, ...]
    other_months: tuple[OtherMonth, ...]
    control: tuple[Control, ...]
    dry_run: bool = False
    silent: tuple[Silent, ...] = ()

    @property
    def booked(self) -> bool:
        return self.run is not None

    @property
    def total_ore(self) -> int:
        """The sum of the claims that are booked, or would be: those refused for their reversals are left out."""
        return sum(claim.total_ore for claim in self.claims if not claim.reversal_refused)

    @property
    def refused(self) -> tuple[Claim, ...]:
        return tuple(claim for claim in self.claims if claim.reversal_refused)
