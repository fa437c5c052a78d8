"""A placement, one of its months, or one of its days, followed from the cells to the money."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from itertools import chain
from typing import Any

import polars as pl

from fatcli import identity
from fatcli.errors import UsageError
from fatcli.explain.case import Case
from fatcli.explain.money import placement_items
from fatcli.explain.nothing import why_nothing
from fatcli.explain.trial import tried
from fatcli.explained import Day, Explanation, Fault, Item, Placement, Question, Report, Span, Tried, Value
from fatcli.model import Month
from fatcli.schema import FRAMES
from fatcli.texts import Text, capital
from fatcli.writers.wording import counted

# what tells a placement from others: its own columns, then what is derived from them; empty ones are left out
_COLUMNS = ("placement_id", "participant_id", "organiser_id", "service", "programme", "start", "end", "decision_date")
_MORE = ("ended_on", "end_reason", "in_depth_decided_on", "in_depth_from", "in_depth_to", "trial_completed_on", "compensated_days")
_DERIVED = (
    *("effective_end", "period_number", "period_start", "limit_end", "placement_limit_end", "placement_in_participation"),
    *("in_depth_end", "in_depth_limit", "start_earned", "overlaps"),
)
_APPROVED = ("approved_from", "approved_to")

_SUM = Text("{attended}; rätt till {due}, hålls inne {withheld}, bokfört {booked}.",
            "{attended}; due {due}, withheld {withheld}, booked {booked}.")  # fmt: skip
_ATTENDED = Text("närvarodag", "attended day"), Text("närvarodagar", "attended days")
_DAY_SUM = Text("Rätt till {due}, hålls inne {withheld}, bokfört {booked}.", "Due {due}, withheld {withheld}, booked {booked}.")
_NOT_IN_REGISTER = Text(
    "{placement} står inte i registret men i huvudboken: bokfört {booked}.",
    "{placement} is not in the register but in the ledger: booked {booked}.",
)
_SET_ASIDE = Text(
    "{placement}: raden i registret är åsidosatt ({rules}), så inget ersätts. Bokfört: {booked}.",
    "{placement}: its row in the register is set aside ({rules}), so nothing is paid. Booked: {booked}.",
)
_ASIDE_WITH = Text(
    "Raden är åsidosatt med den placering eller den anordnare som den hör till.",
    "The row is set aside with the placement or organiser that it belongs to.",
)
_UNKNOWN = Text("det finns ingen placering {placement}.", "there is no placement {placement}.")
_NEAREST = Text("Närmast: {near}.", "Nearest: {near}.")
_LOOK = Text("Kontrollera beteckningen mot registret.", "Check the id against the register.")


def explain_placement(case: Case, placement: str, asked: str, *, date: dt.date | None = None, month: Month | None = None) -> Explanation:
    """A placement: month by month, or with `month` day by day, or with `date` a day in full. Raises UsageError for an unknown one."""
    rows = case.facts.placements.filter(pl.col("placement_id") == placement)
    items = placement_items(case, placement)
    if rows.is_empty():
        return _outside_register(case, placement, asked, items)
    question: Question = "day" if date else "month" if month else "placement"
    explanation = Explanation(case.checked, question, asked, "", placement=_placement(case, rows))
    if date:
        return _of_day(case, rows, date, items, explanation)
    return _of_months(case, rows, month, items, explanation)


def _outside_register(case: Case, placement: str, asked: str, items: tuple[Item, ...]) -> Explanation:
    faults = tuple(fault for fault in case.faults if fault.placement == placement)
    booked = case.money(sum(item.booked_ore for item in items))
    if placement in case.tables.set_aside_participants["placement_id"]:
        rules = case.titled(dict.fromkeys(fault.rule for fault in faults))
        answer = case.say(_SET_ASIDE, placement=placement, rules=rules or "–", booked=booked)
    elif items:
        answer = case.say(_NOT_IN_REGISTER, placement=placement, booked=booked)
    else:
        raise _unknown(case, placement)
    return Explanation(case.checked, "placement", asked, answer, faults=faults, items=items)


def _unknown(case: Case, placement: str) -> UsageError:
    claims = sorted(claim for claim in case.history["claim"].unique() if claim.startswith(f"{placement}/"))
    known = {*case.facts.placements["placement_id"], *case.history["placement_id"]}
    near = claims or get_close_matches(placement, sorted(known), n=3, cutoff=0.5)
    remedy = _NEAREST.fill(near=", ".join(near)) if near else _LOOK
    return UsageError(_UNKNOWN.fill(placement=placement), remedy)


def _of_day(case: Case, rows: pl.DataFrame, date: dt.date, items: tuple[Item, ...], explanation: Explanation) -> Explanation:
    own = tuple(item for item in items if item.date == date)
    reports = _of_day_reports(case, rows, date)
    days = _of(case.facts.days, rows).filter(pl.col("date") == date)
    aside = _aside(case, case.tables.set_aside_reports.filter(pl.col("placement_id") == rows["placement_id"][0], pl.col("date") == date))
    nothing = why_nothing(case, rows, days, date, [item.component for item in own if item.rate], [fault.rule for fault in aside])
    day = Day(date, reports, _day_facts(case, days), own, nothing)
    sums = case.say(
        _DAY_SUM, due=_sum(case, own, "due_ore"), withheld=_sum(case, own, "withheld_ore"), booked=_sum(case, own, "booked_ore")
    )
    answer = " ".join((f"{date}:", sums, *(f"{capital(line)}." for line in nothing if not own)))
    return replace(
        explanation,
        answer=answer,
        faults=(*aside, *_participant_faults(case, rows)),
        day=day,
        items=own,
        tried=_in_order(chain(tried(case, "days", days), _wider(case, rows, Month.of(date)), _staffing(case, rows, date))),
    )


def _of_months(case: Case, rows: pl.DataFrame, month: Month | None, items: tuple[Item, ...], explanation: Explanation) -> Explanation:
    days = _of(case.facts.days, rows)
    if month:
        days = days.filter(pl.col("date").is_between(month.first, month.last))
        items = tuple(item for item in items if Month.of(item.date) == month)
    attended = days.filter("attended").height
    answer = case.say(
        _SUM,
        attended=counted(attended, *_ATTENDED, case.language),
        due=_sum(case, items, "due_ore"),
        withheld=_sum(case, items, "withheld_ore"),
        booked=_sum(case, items, "booked_ore"),
    )
    spans = _days(case, rows, days, items) if month else _months(days, items)
    placement = rows["placement_id"][0]
    aside = case.tables.set_aside_reports.filter(pl.col("placement_id") == placement)
    if month:
        aside = aside.filter(pl.col("date").is_null() | pl.col("date").is_between(month.first, month.last))
    return replace(
        explanation,
        answer=answer,
        faults=(*_aside(case, aside), *_participant_faults(case, rows)),
        spans=tuple(spans),
        items=items if month else (),
        tried=_in_order(_wider(case, rows, month)),
    )


def _in_order(found: Iterable[Tried]) -> tuple[Tried, ...]:
    return tuple(sorted(found, key=lambda each: (each.rule, each.about or "")))


def _sum(case: Case, items: Iterable[Item], which: str) -> str:
    return case.money(sum(getattr(item, which) for item in items))


def _of(frame: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("_p") == rows["_p"][0])


def _wider(case: Case, rows: pl.DataFrame, month: Month | None) -> Iterator[Tried]:
    """The rules over the placement, its pauses, its organiser, and with a month those over the month."""
    months = _of(case.facts.months, rows)
    if month:
        yield from tried(case, "months", months.filter(pl.col("month_first") == month.first))
    else:
        yield from tried(case, "months", months, fired_only=True)
    yield from tried(case, "placements", rows)
    yield from tried(case, "pauses", _of(case.facts.pauses, rows))
    yield from tried(case, "organisers", case.facts.organisers.filter(pl.col("organiser_id") == rows["organiser_id"][0]))


def _staffing(case: Case, rows: pl.DataFrame, date: dt.date) -> Iterator[Tried]:
    """The rules over the organiser's supervisors and places that day."""
    same_day = (pl.col("organiser_id") == rows["organiser_id"][0]) & (pl.col("date") == date)
    yield from tried(case, "organiser_days", case.facts.organiser_days.filter(same_day))
    service = str(rows["service"][0])
    yield from tried(case, "offer_days", case.facts.offer_days.filter(same_day, pl.col("service").cast(pl.String) == service))


def _placement(case: Case, rows: pl.DataFrame) -> Placement:
    (row,) = rows.rows(named=True)
    (words,) = case.shown(rows)
    values = [Value(name, words[name], case.cell(row, name)) for name in _COLUMNS]
    values += [Value(name, words[name], case.cell(row, name)) for name in _MORE if words[name] is not None]
    values += [Value(name, words[name]) for name in _DERIVED if row[name] not in {None, False}]
    organiser = case.facts.organisers.filter(pl.col("organiser_id") == row["organiser_id"]).rows(named=True)
    values += [Value(name, words[name], case.cell(organiser[0], name)) for name in _APPROVED if organiser and words[name] is not None]
    return Placement(row["placement_id"], words["name"] or row["organiser_id"], tuple(values), tuple(_pauses(case, rows)))


def _pauses(case: Case, rows: pl.DataFrame) -> Iterator[Value]:
    for row in _of(case.facts.pauses, rows).iter_rows(named=True):
        approved = row["approved_on"] is not None and row["approved_on"] <= row["pause_from"]
        words = Text("{on}, godkänt i förväg", "{on}, approved in advance") if approved else _NOT_IN_ADVANCE
        value = case.say(words, on=row["approved_on"] or "–")
        yield Value(f"{row['pause_from']}–{row['pause_to']}", value, case.cell(row, "from"))


_NOT_IN_ADVANCE = Text("{on}, inte godkänt i förväg: inget uppehåll", "{on}, not approved in advance: no pause")


def _of_day_reports(case: Case, rows: pl.DataFrame, date: dt.date) -> tuple[Report, ...]:
    reports = case.table("attendance").filter(pl.col("placement_id") == rows["placement_id"][0], pl.col("date") == date)
    return tuple(
        Report(case.report_cell(row), words["status"] or "", status or "", words["hours"], words["from_time"], words["to_time"])
        for row, words, status in zip(reports.rows(named=True), case.shown(reports), case.in_words(reports["status"]), strict=True)
    )


def _day_facts(case: Case, days: pl.DataFrame) -> tuple[Value, ...]:
    return tuple(
        Value(name, value)
        for words in case.shown(days)
        for name, value in words.items()
        if name in FRAMES["days"].facts and name != "date" and value is not None
    )


def _aside(case: Case, reports: pl.DataFrame) -> tuple[Fault, ...]:
    """Why reports (placement_id, date, source, row, col, rule) are set aside, each fault once."""
    return tuple(dict.fromkeys(chain.from_iterable(report_faults(case, row) for row in reports.iter_rows(named=True))))


def report_faults(case: Case, report: Mapping[str, Any]) -> tuple[Fault, ...]:
    """The faults that set a report aside; one that fell with its placement or organiser has none of its own."""
    place = case.report_cell(report)
    assert place is not None  # noqa: S101  # a report stands in some cell
    same_row = [fault for fault in case.faults if fault.place and _row(fault.place.cell) == report["row"]]
    same_row = [fault for fault in same_row if fault.place and (fault.place.file, fault.place.sheet) == (place.file, place.sheet)]
    if report["col"] is not None:
        same_row = [fault for fault in same_row if fault.place == place] or [fault for fault in same_row if fault.rule == report["rule"]]
    found = tuple(fault for fault in same_row if fault.rule != "T11")
    if found:
        return found
    return (Fault(report["rule"], case.checked.label(report["rule"]), case.say(_ASIDE_WITH), place, report["placement_id"]),)


def _row(cell: str) -> int:
    return int(re.sub(r"\D", "", cell) or 0)


def _participant_faults(case: Case, rows: pl.DataFrame) -> tuple[Fault, ...]:
    """Faults of other placement rows of the same participant, that are set aside and so withhold everything here too."""
    if rows["_p"][0] not in case.set_aside["_p"]:
        return ()
    core = identity.core(rows["participant_id"][0])
    named = case.tables.set_aside_participants.filter(pl.col("participant_id").is_not_null())
    others = {row["placement_id"] for row in named.iter_rows(named=True) if identity.core(row["participant_id"]) == core}
    register = {(source.file, source.sheet) for source in case.tables.sources if source.table == "placements"}
    return tuple(
        fault for fault in case.faults if fault.placement in others and fault.place and (fault.place.file, fault.place.sheet) in register
    )


def _months(days: pl.DataFrame, items: tuple[Item, ...]) -> Iterator[Span]:
    by_month = {Month.of(first): rows for (first,), rows in days.group_by(pl.col("date").dt.month_start())}
    for month in sorted({*by_month, *(Month.of(item.date) for item in items)}, key=str):
        reports = by_month.get(month, days.clear())
        yield _span(month, reports, [item for item in items if Month.of(item.date) == month])


def _days(case: Case, rows: pl.DataFrame, days: pl.DataFrame, items: tuple[Item, ...]) -> Iterator[Span]:
    statuses = dict(zip(days["date"], case.in_words(days["status"]), strict=True))
    fired: dict[dt.date, list[str]] = {}
    for hit in case.hits:
        if hit.rule.facts == "days":
            for date in _of(hit.rows, rows)["date"]:
                fired.setdefault(date, []).append(hit.rule.id)
    for date in sorted({*statuses, *(item.date for item in items)}):
        own = days.filter(pl.col("date") == date)
        yield _span(date, own, [item for item in items if item.date == date], statuses.get(date), fired.get(date, ()))


def _span(of: Month | dt.date, days: pl.DataFrame, items: list[Item], status: str | None = None, fired: Iterable[str] = ()) -> Span:
    booked = [entry for item in items for entry in item.booked]
    return Span(
        of=of,
        reports=int(days["times_reported"].sum()),
        attended=days.filter("attended").height,
        status=status,
        due_ore=sum(item.due_ore for item in items),
        withheld_ore=sum(item.withheld_ore for item in items),
        booked_ore=sum(item.booked_ore for item in items),
        rules=tuple(sorted({*fired, *(rule for item in items for rule in item.rules)})),
        claims=tuple(dict.fromkeys(entry.claim for entry in booked)),
    )
