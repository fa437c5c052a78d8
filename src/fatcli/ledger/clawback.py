"""Clawbacks: booked items that are taken back and closed, and the undoing of that."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

import polars as pl

from fatcli import __version__
from fatcli.errors import LedgerError, UsageError
from fatcli.facts import ITEM
from fatcli.ledger import reading
from fatcli.ledger.entries import ITEMS, Booking
from fatcli.ledger.store import Ledger
from fatcli.model import Month
from fatcli.result import VIOLATIONS, Claim, Line, Paid
from fatcli.texts import Text, did_you_mean


@dataclass(frozen=True)
class Selection:
    """Which of an organiser's booked items; what is empty does not narrow.

    `first`, `last`: of the days, both included. `component`: its id, alone (base) or with its service's (FAT.base).
    """

    organiser: str
    placements: Collection[str] = ()
    dates: Collection[dt.date] = ()
    first: dt.date | None = None
    last: dt.date | None = None
    component: str | None = None


def matching(ledger: Ledger, chosen: Selection) -> pl.DataFrame:
    """The items selected, with what is booked of each; those already taken back have nothing left.

    Columns: ITEM, month, participant, service, daily, run and claim (that booked it last) and amount. Raises UsageError for a placement
    of which the organiser never had anything booked.
    """
    own = ledger.sound_items().filter(pl.col("organiser_id") == chosen.organiser)
    _check_placements(chosen, own["placement_id"])
    return reading.net(own).filter(pl.col("amount") != 0, *_conditions(chosen)).sort(ITEM)


def _check_placements(chosen: Selection, booked: pl.Series) -> None:
    """A misspelt placement would be left as it is without a word."""
    for name in chosen.placements:
        if name not in booked:
            what = Text(
                "{organiser} har inget bokfört för placering {name}.{hint}", "{organiser} has nothing booked for placement {name}.{hint}"
            )
            what = what.fill(organiser=chosen.organiser, name=name, hint=did_you_mean(name, booked))
            raise UsageError(what, Text("fat ledger export visar vad som är bokfört.", "fat ledger export shows what is booked."))


def _conditions(chosen: Selection) -> list[pl.Expr]:
    conditions = []
    if chosen.placements:
        conditions.append(pl.col("placement_id").is_in(list(chosen.placements)))
    if chosen.dates:
        conditions.append(pl.col("date").is_in(list(chosen.dates)))
    if chosen.first:
        conditions.append(pl.col("date") >= chosen.first)
    if chosen.last:
        conditions.append(pl.col("date") <= chosen.last)
    if chosen.component:
        named = pl.concat_str("service", pl.lit("."), "component")
        conditions.append((pl.col("component") == chosen.component) | (named == chosen.component))
    return conditions


def bookings(ledger: Ledger, items: pl.DataFrame, reason: str, as_of: dt.date) -> list[Booking]:
    """A run per month of one organiser's items from `matching`."""
    months = items.partition_by("month", maintain_order=True, as_dict=True)
    return [_booking(ledger, Month.parse(str(month)), rows, reason, as_of) for (month,), rows in sorted(months.items())]


def _booking(ledger: Ledger, month: Month, items: pl.DataFrame, reason: str, as_of: dt.date) -> Booking:
    documents = {run: ledger.document(run) for run in items["run"].unique()}
    claimed = {claim.number: claim for paid in documents.values() for claim in paid.claims}
    organiser = str(items["organiser_id"][0])
    latest = claimed[items.sort("run")["claim"][-1]]
    claim = replace(
        latest,
        number=f"{month}/{organiser}/{ledger.next_sequence(month)[organiser]}",
        lines=_lines(items, claimed),
        reason=reason,
    )
    # a clawback rests on a decision, not on a cell: the claim that each line corrects leads to the cells
    taken = items.select(
        pl.lit("reversal").alias("kind"),
        -pl.col("amount"),
        *(pl.col(name) if name in items.columns else pl.lit(None).alias(name) for name in ITEMS if name not in ("kind", "amount")),
    ).select(pl.col(name).cast(kind) for name, kind in ITEMS.items())
    paid = _unjudged(documents[max(documents)], month, as_of, (claim,))
    return Booking("clawback", paid, taken, ledger.head, reason)


def _lines(items: pl.DataFrame, claimed: dict[str | None, Claim]) -> tuple[Line, ...]:
    """Equal items as one line, in the words of the claim that it corrects."""
    equal = ["placement_id", "participant", "service", "component", "amount", "claim"]
    rows = items.group_by(equal, maintain_order=True).agg(dates=pl.col("date").sort())
    lines = []
    for placement, participant, service, component, amount, claim, dates in rows.iter_rows():
        known = {(line.placement, line.component): line for line in claimed[claim].lines}[placement, component]
        who, taken = known.participant_id or participant, tuple(dates)
        lines.append(Line(placement, who, service, component, "reversal", known.basis, -len(taken), amount, claim, taken))
    return tuple(lines)


def undoing(ledger: Ledger, run: int, reason: str, as_of: dt.date) -> Booking:
    """A run that reopens what a clawback closed; the next payout claims it again. Raises LedgerError for any other run."""
    entry = ledger.entry(run)
    if entry.kind != "clawback":
        what = Text("körning {run} är inget återkrav.", "run {run} is no clawback.").fill(run=run)
        raise LedgerError(what, Text("fat ledger log visar vilka som är det.", "fat ledger log shows which are."))
    if undone := [other.number for other in ledger.log() if other.undoes == run]:
        what = Text("körning {run} är redan hävd av körning {by}.", "run {run} is already undone by run {by}.").fill(run=run, by=undone[0])
        raise LedgerError(what, Text("Inget mer behöver göras.", "Nothing more needs to be done."))
    ledger.refuse_unsound()
    paid = _unjudged(ledger.document(run), entry.month, as_of, ())
    return Booking("undo", paid, ITEMS.to_frame(), ledger.head, reason, undoes=run)


def _unjudged(latest: Paid, month: Month, as_of: dt.date, claims: tuple[Claim, ...]) -> Paid:
    """An outcome that read and judged nothing, in the language, the words and the rule book of the run that it goes back to."""
    checked = replace(
        latest.checked,
        version=__version__,
        as_of=as_of,
        inputs=(),
        not_evaluated=(),
        absent_columns=(),
        violations=pl.DataFrame(schema=dict(VIOLATIONS)),
        rows=0,
        set_aside=0,
    )
    return Paid(checked, month, None, claims, (), (), (), ())
