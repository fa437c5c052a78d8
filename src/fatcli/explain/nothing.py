"""Why a day gives no item: of a component of the service, or because the day is not laid out at all."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import polars as pl

from fatcli.checks import with_facts
from fatcli.explain.case import Case
from fatcli.explain.trial import worded
from fatcli.model import Month
from fatcli.rulebook import Component, Service
from fatcli.texts import Text, same
from fatcli.workdays import is_working_day

_NO_COMPONENT = Text("{service} ger ingen ersättning per regelboken", "{service} pays nothing by the rule book")
_SET_ASIDE = Text("dagens rapport är åsidosatt ({rules})", "the day's report is set aside ({rules})")
_FUTURE = Text("dagen ligger efter beräkningsdagen {as_of}", "the day is after the as-of day {as_of}")
_ABSENT = Text("rapporterad som {status}; ersätts per närvarodag", "reported as {status}; paid per attended day")
_NOT_REPORTED = Text("ingen rapport för dagen; ersätts per närvarodag", "no report of the day; paid per attended day")
_CONDITION = Text("villkoret är inte uppfyllt: {why}", "its condition is not met: {why}")
_BEFORE = Text("dagen ligger före placeringens start {start}", "the day is before the placement's start {start}")
_AFTER = Text("dagen ligger efter placeringens sista dag {end}", "the day is after the placement's last day {end}")
_PAUSED = Text("dagen ligger i ett godkänt uppehåll", "the day is in an approved pause")
_WEEKEND = Text("dagen är en lördag eller söndag", "the day is a Saturday or Sunday")
_DAY_OFF = Text("dagen är ingen arbetsdag", "the day is no working day")
_NO_REPORTS = Text("anordnaren har inte rapporterat någon närvaro i {month}", "the organiser has reported no attendance at all in {month}")
_START = Text("betalas en gång, för startdagen {start}, om den är intjänad", "paid once, for the start day {start}, where it is earned")
_RESULT = Text("betalas en gång, för dagen då arbetsprövningen är genomförd", "paid once, for the day that the work trial is completed")


def why_nothing(
    case: Case, rows: pl.DataFrame, days: pl.DataFrame, date: dt.date, given: Collection[str], set_aside: Collection[str]
) -> tuple[str, ...]:
    """A sentence per component of the service that gives no item, or one for all.

    rows: the placement's row. days: the day's, none where it is not laid out. given: components with an item. set_aside: the rules
    that set reports of the day aside.
    """
    (placement,) = rows.rows(named=True)
    service = case.book.services[str(placement["service"])]
    aside = [case.say(_SET_ASIDE, rules=case.titled(dict.fromkeys(set_aside)))] if set_aside else []
    if days.is_empty():
        return tuple(aside or [case.say(_not_laid_out(case, placement, service, date))])
    if not service.components:
        return (*aside, case.say(_NO_COMPONENT, service=service.name))
    columns = {column for component in service.components if component.when for column in component.when.columns}
    frame = with_facts(case.facts, "days", days.lazy(), columns).collect()
    reasons = _reasons(case, service, placement, frame, given)
    return (*aside, *(reason for reason in reasons if not (aside and reason.endswith(case.say(_NOT_REPORTED)))))


def _reasons(case: Case, service: Service, placement: Mapping[str, Any], frame: pl.DataFrame, given: Collection[str]) -> Iterator[str]:
    (day,), (words,) = frame.with_columns(in_words=pl.Series(case.in_words(frame["status"]))).rows(named=True), case.shown(frame)
    for component in service.components:
        if component.id not in given:
            reason = _reason(case, service, component, placement, day, words)
            yield case.say(same("{name}: {reason}"), name=component.name, reason=reason)


def _reason(
    case: Case,
    service: Service,
    component: Component,
    placement: Mapping[str, Any],
    day: Mapping[str, Any],
    words: Mapping[str, str | None],
) -> Text:
    if component.per == "start":
        return _START.fill(start=placement["start"])
    if component.per == "result":
        return _RESULT
    if day["in_future"]:
        return _FUTURE.fill(as_of=case.facts.as_of)
    if component.per == "scheduled_day" and not day["scheduled"]:
        return _PAUSED if day["in_pause"] else _outside(placement, day["date"]) or _off(service, day["date"])
    if component.per == "attended_day" and not day["attended"]:
        return _ABSENT.fill(status=day["in_words"]) if day["reported"] else _NOT_REPORTED
    deciding = component.when.deciding(day) if component.when else []
    return _CONDITION.fill(why="; ".join(worded(case, trace, words) for trace in deciding))


def _not_laid_out(case: Case, placement: Mapping[str, Any], service: Service, date: dt.date) -> Text:
    """A day that nobody reported, and that no schedule has."""
    if outside := _outside(placement, date):
        return outside
    if date > case.facts.as_of:
        return _FUTURE.fill(as_of=case.facts.as_of)
    if not _in_schedule(service, date):
        return _off(service, date)
    pauses = case.facts.pauses.filter(pl.col("_p") == placement["_p"], pl.col("approved_on") <= pl.col("pause_from"))
    if pauses.filter(pl.lit(date).is_between("pause_from", "pause_to")).height:
        return _PAUSED
    return _NO_REPORTS.fill(month=Month.of(date))


def _outside(placement: Mapping[str, Any], date: dt.date) -> Text | None:
    if date < placement["start"]:
        return _BEFORE.fill(start=placement["start"])
    if date > placement["effective_end"]:
        return _AFTER.fill(end=placement["effective_end"])
    return None


def _in_schedule(service: Service, date: dt.date) -> bool:
    if service.schedule == "weekdays":
        return date.weekday() < 5
    return is_working_day(date)


def _off(service: Service, date: dt.date) -> Text:
    return _WEEKEND if service.schedule == "weekdays" or date.weekday() >= 5 else _DAY_OFF
