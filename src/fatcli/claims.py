"""Claims as differences: what is due less what is booked, item by item, for what a run speaks for.

Frames of items are those of entitlement.py; what is booked has the columns of facts.BOOKED.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from fatcli.facts import ITEM, Facts
from fatcli.model import Month
from fatcli.result import Basis, Claim, Line, OtherMonth
from fatcli.rulebook import RuleBook
from fatcli.texts import Text

NOT_REPORTED, SET_ASIDE = "not_reported", "set_aside"
KEPT = {  # why a booking is kept
    NOT_REPORTED: Text("placeringen rapporteras inte i underlaget", "the placement is not reported in the input"),
    SET_ASIDE: Text("raden eller cellen är åsidosatt", "the row or cell is set aside"),
}

_PAID_FOR = ITEM[1:]  # what is paid once, to whichever organiser

BOOKED_ELSEWHERE = "booked-elsewhere"  # what withholds an item that still stands elsewhere in the books


@dataclass(frozen=True)
class Spoken:
    """What a run speaks for: placements, less the days and participants that faulty rows leave in doubt.

    placements: `_p` per month (columns _p, month_first). days: placement_id, date (null: any day not due) set aside; without a
    placement_id a report that may be of any placement.
    participants: those with a placement row set aside.
    """

    placements: pl.DataFrame
    days: pl.DataFrame
    participants: pl.Series


def spoken(facts: Facts, items: pl.DataFrame, reports: pl.DataFrame, set_aside: pl.DataFrame, participants: pl.DataFrame) -> Spoken:
    """What the input speaks for, in every month it touches.

    reports: attendance rows; set_aside: those set aside (placement_id, date); participants: _p, rule set aside.
    """
    index = facts.placements.select("_p", "placement_id")
    reported = reports.join(index, on="placement_id").select("_p", month_first=pl.col("date").dt.month_start())
    results = items.filter(pl.col("per") == "result").select("_p", "month_first")
    doubtful = facts.placements.join(participants, on="_p", how="semi")["participant"]
    return Spoken(pl.concat([reported, results]).unique(), set_aside.select("placement_id", "date").unique(), doubtful)


def sorted_out(items: pl.DataFrame, booked: pl.DataFrame, said: Spoken, facts: Facts) -> pl.DataFrame:
    """What is booked, net, with `kept`: why it is left as it is (NOT_REPORTED, SET_ASIDE), or null where the run speaks for it.

    Columns: those of facts.BOOKED, month_first and kept.
    """
    index = facts.placements.select("_p", "placement_id", _person="participant")
    spoken_for = said.placements.with_columns(_spoken=pl.lit(value=True))
    due = _due(items).select(*_PAID_FOR, _due=pl.lit(value=True))
    doubtful_days = said.days.with_columns(_doubtful=pl.lit(value=True))  # one without a date matches no booking
    anywhere = said.days.filter(pl.col("date").is_null())["placement_id"]
    in_doubt = items.filter("in_doubt").select(*ITEM, _in_doubt=pl.lit(value=True))
    stray = said.days.filter(pl.col("placement_id").is_null())["date"]
    earned = items.select(*_PAID_FOR, _earned=pl.lit(value=True)).unique()
    held = booked.filter(pl.col("amount") != 0).with_columns(month_first=pl.col("date").dt.month_start())
    beside = (
        (index, ["placement_id"]),
        (spoken_for, ["_p", "month_first"]),
        (due, _PAID_FOR),
        (doubtful_days, ["placement_id", "date"]),
        (in_doubt, ITEM),
        (earned, _PAID_FOR),
    )
    for other, on in beside:
        held = held.join(other, on=on, how="left", maintain_order="left")
    doubtful = (
        pl.coalesce("_person", "participant").is_in(said.participants.implode())  # the number may have been corrected since
        | pl.col("_doubtful").is_not_null()
        | pl.col("_in_doubt").is_not_null()
        | (pl.col("placement_id").is_in(anywhere.implode()) & pl.col("_due").is_null())
    )
    # a report that names no placement, or none that there is, may be that of a booked day which no other report speaks for
    missed = pl.col("_spoken") & pl.col("_earned").is_null()
    doubtful |= missed & (pl.col("date").is_in(stray.implode()) | pl.lit(stray.null_count() > 0))
    kept = pl.when(doubtful).then(pl.lit(SET_ASIDE)).when(pl.col("_spoken").is_null()).then(pl.lit(NOT_REPORTED))
    return held.with_columns(kept=kept).drop("_p", "_person", "_spoken", "_due", "_doubtful", "_in_doubt", "_earned")


def differences(items: pl.DataFrame, held: pl.DataFrame, said: Spoken) -> pl.DataFrame:
    """Due less booked for everything spoken for, in all months. `held`: what `sorted_out` gives.

    Columns: organiser_id, placement_id, participant, service, component, daily, date, month_first, due, booked, amount
    (their difference, not 0) and kind.
    """
    spoken_for = held.filter(pl.col("kept").is_null()).select(*ITEM, "participant", "service", "daily", booked="amount")
    due = _due(items).join(said.placements, on=["_p", "month_first"], how="semi").drop("_p", "month_first")
    # what is kept is left as it is, also where another row makes it due, or due to another organiser
    due = due.join(held.filter(pl.col("kept").is_not_null()), on=_PAID_FOR, how="anti")
    both = due.join(spoken_for, on=ITEM, how="full", coalesce=True)
    both = both.with_columns(pl.coalesce(name, f"{name}_right").alias(name) for name in ("participant", "service", "daily"))
    both = both.with_columns(pl.col("due", "booked").fill_null(0), month_first=pl.col("date").dt.month_start())
    both = both.with_columns(amount=pl.col("due") - pl.col("booked")).filter(pl.col("amount") != 0)
    kind = pl.when(pl.col("booked") == 0).then(pl.lit("claim")).when(pl.col("due") == 0).then(pl.lit("reversal"))
    return both.with_columns(kind=kind.otherwise(pl.lit("adjustment"))).drop("participant_right", "service_right", "daily_right").sort(ITEM)


def _due(items: pl.DataFrame) -> pl.DataFrame:
    due = items.filter(pl.col("rules").list.len() == 0)
    return due.select(*ITEM, "_p", "month_first", "participant", "service", "daily", due="amount")


def kept(held: pl.DataFrame, month: Month) -> pl.DataFrame:
    """Of what `sorted_out` gives, a month's bookings that are left as they are."""
    return held.filter(pl.col("kept").is_not_null(), pl.col("month_first") == month.first).sort(ITEM)


def booked_elsewhere(wanted: pl.DataFrame, booked: pl.DataFrame, organisers: Collection[str], registered: pl.Series) -> pl.DataFrame:
    """The new items of `wanted` (differences of a run) that stay booked elsewhere, and whose minus this run does not book.

    organisers: those whose claims the run books. A placement that moved is paid at its new organiser when it is reversed at the old.
    registered: the placements of the register. What a participant earns once, on a day, is not paid again for a placement that has
    been given another number: the old one is no longer there.
    """
    reversed_now = wanted.filter(pl.col("organiser_id").is_in(list(organisers)), pl.col("kind") == "reversal")
    standing = booked.filter(pl.col("amount") != 0).join(reversed_now, on=ITEM, how="anti")
    new = wanted.filter(pl.col("kind") == "claim")
    daily = new.filter("daily").join(standing, on=_PAID_FOR)
    once = new.filter(~pl.col("daily")).join(standing, on=_PAID_FOR[:2]).drop("date_right")
    moved = pl.concat([daily, once]).filter(pl.col("organiser_id") != pl.col("organiser_id_right")).select(ITEM)
    gone = standing.filter(~pl.col("daily"), ~pl.col("placement_id").is_in(registered.implode()))
    renumbered = new.filter(~pl.col("daily")).join(gone, on=["participant", "service", "component", "date"], how="semi").select(ITEM)
    return pl.concat([moved, renumbered]).unique()


def left_out(wanted: pl.DataFrame, held_back: pl.DataFrame) -> pl.DataFrame:
    """Differences without the items named."""
    return wanted.join(held_back, on=ITEM, how="anti", maintain_order="left")


def ruled_out(held: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Of what `sorted_out` gives, daily bookings that no run speaks for now but that the register rules out.

    Their placement no longer runs that day. Columns: month_first, amount (the minus that a run for that month would give).
    """
    spans = facts.placements.select("placement_id", "start", "effective_end")
    unreported = held.filter("daily", pl.col("kept") == NOT_REPORTED).join(spans, on="placement_id")
    outside = ~pl.col("date").is_between("start", "effective_end")
    return unreported.filter(outside).select("month_first", amount=-pl.col("amount"))


def other_months(differences: pl.DataFrame, month: Month) -> tuple[OtherMonth, ...]:
    """The other months whose due and booked differ, with the sums; takes month_first and amount."""
    others = differences.filter(pl.col("month_first") != month.first).group_by("month_first")
    sums = others.agg(pl.col("amount").sum(), minus=pl.col("amount").filter(pl.col("amount") < 0).sum()).sort("month_first")
    return tuple(OtherMonth(Month.of(first), amount, minus) for first, amount, minus in sums.iter_rows())


def claims(differences: pl.DataFrame, origin: pl.DataFrame, facts: Facts, allowed: Iterable[str] = ()) -> tuple[Claim, ...]:
    """One claim per organiser of a month's differences; one with a minus is refused unless `allowed` names it, or `all`.

    origin: the claim that booked each item last (organiser_id, placement_id, component, date, claim), which a correction names.
    """
    allowed = set(allowed)
    corrected = origin.join(differences.filter(pl.col("kind") != "claim"), on=ITEM, how="semi")
    lines = differences.join(corrected.select(*ITEM, corrects="claim"), on=ITEM, how="left", maintain_order="left")
    lines = lines.group_by("organiser_id", "placement_id", "participant", "service", "component", "kind", "amount", "corrects").agg(
        days=pl.len(), dates=pl.col("date").sort()
    )
    lines = lines.sort("organiser_id", "placement_id", "component", "kind", pl.col("amount").abs(), "amount", "corrects", nulls_last=True)
    organisers = {row["organiser_id"]: row for row in facts.organisers.iter_rows(named=True)}
    named = dict(facts.placements.select("placement_id", "participant_id").iter_rows())
    basis = _bases(facts.book)
    months = differences["month_first"].unique().implode()
    earlier = set(origin.filter(pl.col("date").dt.month_start().is_in(months))["organiser_id"].unique())
    by_organiser: dict[str, list[Line]] = {}
    for row in lines.iter_rows(named=True):
        by_organiser.setdefault(row["organiser_id"], []).append(_line(row, named, basis, earlier))
    return tuple(
        _claim(organiser, organisers.get(organiser, {}), tuple(own), may_reverse=bool(allowed & {organiser, "all"}))
        for organiser, own in by_organiser.items()
    )


def _line(row: Mapping[str, Any], named: Mapping[str, str], basis: Mapping[tuple[str, str], Basis], earlier: Collection[str]) -> Line:
    """`earlier`: the organisers that have been claimed for already; the days of a first claim are those of the reports."""
    sign = -1 if row["kind"] == "reversal" else 1
    return Line(
        placement=row["placement_id"],
        participant_id=named.get(row["placement_id"]) or row["participant"],
        service=row["service"],
        component=row["component"],
        kind=row["kind"],
        basis=basis.get((row["service"], row["component"]), "attended_day"),
        days=sign * row["days"],
        rate_ore=sign * row["amount"],
        corrects=row["corrects"],
        dates=tuple(row["dates"]) if row["organiser_id"] in earlier else (),
    )


def _claim(organiser: str, known: Mapping[str, Any], lines: tuple[Line, ...], *, may_reverse: bool) -> Claim:
    return Claim(
        number=None,
        organiser=organiser,
        name=known.get("name") or organiser,
        identity_number=known.get("identity_number") or "",
        bankgiro=known.get("bankgiro"),
        plusgiro=known.get("plusgiro"),
        lines=lines,
        booked=False,
        reversal_refused=not may_reverse and any(line.amount_ore < 0 for line in lines),
    )


def _bases(book: RuleBook) -> dict[tuple[str, str], Basis]:
    """What a day of each component is: an attended day, a day of the service's schedule, or a single event."""
    kinds: dict[str, Basis] = {"attended_day": "attended_day", "start": "start", "result": "result"}
    return {
        (service.id, component.id): kinds.get(component.per, service.schedule)
        for service in book.services.values()
        for component in service.components
    }
