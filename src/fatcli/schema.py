"""The documented columns of every facts frame: what an expression of the rule book may name.

`limit_<name>` columns come beside these, one for each limit of the rule book.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fatcli.model import TABLES, Kind
from fatcli.texts import Text

FactType = Literal["text", "code", "date", "time", "number", "boolean"]

_TYPES: Mapping[Kind, FactType] = {
    "text": "text",
    "identifier": "text",
    "participant": "text",
    "date": "date",
    "time": "time",
    "number": "number",
    "whole": "number",
    "amount": "number",
    "code": "code",
}


@dataclass(frozen=True)
class Fact:
    """A column of a facts frame. `table`, `column`: the input table whose column it is, and its name there; None for a derived fact."""

    name: str
    type: FactType
    doc: Text
    codes: str | None = None  # a key of model.CODES, for type "code"
    table: str | None = None
    column: str | None = None


@dataclass(frozen=True)
class Frame:
    """A facts frame. `table`: the input table without which its rules are not evaluated."""

    name: str
    doc: Text
    facts: Mapping[str, Fact]
    table: str | None = None


# what columns of these tables are called as facts beside those of a placement
BESIDE_PLACEMENTS: Mapping[str, Mapping[str, str]] = {
    "organisers": {"county": "organiser_county"},
    "pauses": {"from": "pause_from", "to": "pause_to"},
}


def _table(name: str, *, beside: bool = False) -> list[Fact]:
    """A table's own columns as facts, alone or beside those of a placement."""
    table = TABLES[name]
    names = BESIDE_PLACEMENTS[name] if beside else {}
    return [
        Fact(
            names.get(column.name, column.name),
            _TYPES[column.kind],
            Text(f"{column.aliases[0]} ({table.title.sv})", f"{column.name.replace('_', ' ')} ({table.title.en})"),
            column.codes,
            name,
            column.name,
        )
        for column in table.columns
    ]


def _fact(name: str, type_: FactType, sv: str, en: str, codes: str | None = None) -> Fact:
    return Fact(name, type_, Text(sv, en), codes)


def _frame(name: str, table: str | None, doc: Text, *facts: Fact) -> Frame:
    return Frame(name, doc, {fact.name: fact for fact in facts}, table)


_ORGANISER = [fact for fact in _table("organisers", beside=True) if fact.name != "organiser_id"]

_PLACEMENT = [
    *_table("placements"),
    *_ORGANISER,
    _fact("effective_end", "date", "den tidigare av end och ended_on", "the earlier of end and ended_on"),
    _fact("ended_early", "boolean", "ended_on före end, oavsett orsak", "ended_on before end, whatever the reason"),
    _fact(
        "interrupted",
        "boolean",
        "avslutad i förtid av en orsak som räknas som avbrott (inställningen interruption_reasons)",
        "ended early for a reason that is an interruption (setting interruption_reasons)",
    ),
    _fact(
        "participant_valid",
        "boolean",
        "participant_id är ett giltigt personnummer eller samordningsnummer, eller en pseudonym",
        "participant_id is a valid personal or coordination number, or a pseudonym",
    ),
    _fact(
        "age_at_start",
        "number",
        "deltagarens ålder i hela år på startdagen; tomt för pseudonymer och ogiltiga nummer",
        "the participant's age in whole years on the start day; empty for pseudonyms and invalid numbers",
    ),
    _fact(
        "programme_eligible",
        "boolean",
        "programme är ett av tjänstens program; alltid för en tjänst som är öppen för alla",
        "programme is one of the service's programmes; always for a service open to all",
    ),
    _fact("scheduled_pay", "boolean", "tjänsten betalas per schemadag (AIO)", "the service is paid per scheduled day (AIO)"),
    _fact(
        "period_number",
        "number",
        "periodens nummer för deltagaren i tjänsten (FAT, AT: perioder; AIO: deltaganden; ITA: tomt)",
        "number of the participant's period in the service (FAT, AT: periods; AIO: participations; ITA: empty)",
    ),
    _fact("period_start", "date", "periodens första startdag", "the period's first start day"),
    _fact("first_in_period", "boolean", "placeringen är den första i sin period", "the placement is the first of its period"),
    _fact(
        "placement_in_participation",
        "number",
        "placeringens nummer i deltagandet (AIO)",
        "the placement's number in its participation (AIO)",
    ),
    _fact(
        "last_in_participation",
        "boolean",
        "ingen senare placering hör till deltagandet (AIO)",
        "no later placement belongs to the participation (AIO)",
    ),
    _fact(
        "start_earned",
        "boolean",
        "startersättning är intjänad, i tjänster som har sådan (AIO): deltagarens första placering i tjänsten,"
        " eller den föregående avbröts",
        "start compensation is earned, in services that have it (AIO): the participant's first placement in the service,"
        " or the one before was interrupted",
    ),
    _fact("start_again", "boolean", "startersättning intjänad på nytt", "start compensation earned, and not for the first time"),
    _fact(
        "limit_end",
        "date",
        "sista tillåtna dag för tjänst och program i perioden eller deltagandet; tomt: ingen gräns",
        "last allowed day by service and programme in the period or participation; empty: no limit",
    ),
    _fact(
        "placement_limit_end",
        "date",
        "sista tillåtna dag för den enskilda placeringen (AIO, ITA)",
        "last allowed day of the single placement (AIO, ITA)",
    ),
    _fact(
        "last_allowed",
        "date",
        "den tidigare av limit_end och placement_limit_end; tomt: ingen gräns",
        "the earlier of limit_end and placement_limit_end; empty: no limit",
    ),
    _fact(
        "overlaps",
        "text",
        "en annan placering för deltagaren som delar minst en dag med denna, där denna är den senare",
        "another placement of the participant that shares a day with this one, this being the later",
    ),
    _fact(
        "in_depth_limit",
        "date",
        "sista tillåtna dag för fördjupad bedömning, räknat från periodens första in_depth_from",
        "last allowed day of the in-depth assessment, from the period's first in_depth_from",
    ),
    _fact(
        "in_depth_end",
        "date",
        "in_depth_to; om tomt den tidigare av in_depth_limit och in_depth_report_on",
        "in_depth_to; if empty the earlier of in_depth_limit and in_depth_report_on",
    ),
    _fact("part_days", "number", "kalenderdagar i del 1 (ITA1)", "calendar days of part 1 (ITA1)"),
    _fact(
        "trial_days",
        "number",
        "kalenderdagar i del 2 och 3 till och med denna placering (ITA2, ITA3)",
        "calendar days of parts 2 and 3 up to and with this placement (ITA2, ITA3)",
    ),
    _fact(
        "service_days",
        "number",
        "kalenderdagar i hela tjänsten till och med denna placering (ITA)",
        "calendar days of the whole service up to and with this placement (ITA)",
    ),
    _fact(
        "second_trial",
        "boolean",
        "en tidigare placering för deltagaren har redan trial_completed_on (ITA3)",
        "an earlier placement of the participant already has trial_completed_on (ITA3)",
    ),
    _fact("ended", "boolean", "effective_end före beräkningsdagen", "effective_end before the as-of day"),
    _fact(
        "in_depth_ended",
        "boolean",
        "den tidigare av in_depth_end och effective_end före beräkningsdagen",
        "the earlier of in_depth_end and effective_end before the as-of day",
    ),
]

_DAY = [
    _fact("date", "date", "dagen", "the day"),
    _fact("reported", "boolean", "dagen är rapporterad", "the day is reported"),
    _fact("status", "code", "den första rapportens status", "the first report's status", "status"),
    _fact("hours", "number", "den första rapportens timmar", "the first report's hours"),
    _fact("from_time", "time", "den första rapportens från-tid", "the first report's from time"),
    _fact("to_time", "time", "den första rapportens till-tid", "the first report's to time"),
    _fact("attended", "boolean", "någon rapport för dagen anger närvaro", "any report of the day says present"),
    _fact("times_reported", "number", "antal rapporter för dagen", "number of reports of the day"),
    _fact("conflicting", "boolean", "rapporterad med olika status", "reported with different statuses"),
    _fact(
        "working_day", "boolean", "arbetsdag: måndag–fredag, inte helgdag eller afton", "working day: Monday to Friday, no holiday or eve"
    ),
    _fact("in_pause", "boolean", "i ett godkänt uppehåll", "in an approved pause"),
    _fact(
        "scheduled",
        "boolean",
        "en dag enligt tjänstens schema inom placeringen, utanför godkända uppehåll",
        "a day of the service's schedule within the placement, outside approved pauses",
    ),
    _fact(
        "month_reported",
        "boolean",
        "placeringen har den månaden någon annan rapport än ledig, inom placeringen och senast beräkningsdagen",
        "the placement has in that month a report other than off, within the placement and not after the as-of day",
    ),
    _fact(
        "counts",
        "boolean",
        "närvaro, också i tjänster utan ersättning; för tjänster som betalas per schemadag: schemadag i en rapporterad månad",
        "attended, also in services that pay nothing; for services paid per scheduled day: scheduled in a reported month",
    ),
    _fact("starts", "boolean", "dagen bär startersättning", "the day carries start compensation"),
    _fact("completes", "boolean", "dagen bär resultatersättning", "the day carries result compensation"),
    _fact("in_depth", "boolean", "dagen ligger i den fördjupade bedömningen", "the day is in the in-depth assessment"),
    _fact(
        "counts_elsewhere",
        "boolean",
        "dagen räknas också för en annan av deltagarens placeringar, här eller i huvudboken",
        "the day counts for another placement of the participant too, here or in the ledger",
    ),
    _fact("booked", "boolean", "dagersättning är bokförd för placeringen den dagen", "daily money is booked for the placement that day"),
    _fact("week_hours", "number", "rapporterade timmar i ISO-veckan", "hours reported in the ISO week"),
    _fact(
        "last_of_week", "boolean", "placeringens sista rapporterade dag i ISO-veckan", "the placement's last reported day of the ISO week"
    ),
    _fact(
        "full_week",
        "boolean",
        "varje arbetsdag i ISO-veckan är schemadag och rapporterad",
        "every working day of the ISO week is scheduled and reported",
    ),
    _fact("in_future", "boolean", "efter beräkningsdagen", "after the as-of day"),
]

_RUNNING = _fact(
    "participants",
    "number",
    "antal deltagare med pågående placering utan uppehåll den dagen",
    "number of participants with a placement running and not paused that day",
)

FRAMES: Mapping[str, Frame] = {
    frame.name: frame
    for frame in (
        _frame(
            "organisers",
            "organisers",
            Text("en rad per anordnare", "one row per organiser"),
            *_table("organisers"),
            _fact(
                "identity_valid",
                "boolean",
                "identity_number har rätt kontrollsiffra och är av rätt slag för den juridiska formen",
                "identity_number has the right check digit and is of the right kind for the legal form",
            ),
        ),
        _frame("placements", "placements", Text("en rad per placering", "one row per placement"), *_PLACEMENT),
        _frame(
            "pauses",
            "pauses",
            Text("en rad per uppehåll", "one row per pause"),
            *(fact for fact in _table("pauses", beside=True) if fact.name != "placement_id"),
            *_PLACEMENT,
        ),
        _frame(
            "days",
            "attendance",
            Text(
                "en rad per placering och dag som är rapporterad, schemalagd eller ger start- eller resultatersättning",
                "one row per placement and day that is reported or scheduled or earns start or result compensation",
            ),
            *_PLACEMENT,
            *_DAY,
        ),
        _frame(
            "months",
            "attendance",
            Text(
                "en rad per placering och månad där anordnaren har rapporterat någon närvaro",
                "one row per placement and month in which its organiser reported any attendance",
            ),
            *_PLACEMENT,
            _fact("month_first", "date", "månadens första dag", "the month's first day"),
            _fact("month_reported", "boolean", "placeringen har rapporterats den månaden", "the placement was reported in that month"),
            _fact("days_stated", "number", "anordnarens egen uppgift om antal närvarodagar", "the organiser's own count of attended days"),
            _fact("days_attended", "number", "antal närvarodagar enligt rapporterna", "number of attended days in the reports"),
        ),
        _frame(
            "organiser_days",
            "supervisors",
            Text("en rad per anordnare och arbetsdag (FAT, AT)", "one row per organiser and working day (FAT, AT)"),
            *_table("organisers"),
            _fact("date", "date", "dagen", "the day"),
            _RUNNING,
            _fact("supervisors", "number", "antal handledare den dagen", "number of supervisors that day"),
            _fact(
                "most_participants",
                "number",
                "så många deltagare som handledarna räcker till: supervisors × participants_per_supervisor",
                "as many participants as the supervisors suffice for: supervisors × participants_per_supervisor",
            ),
        ),
        _frame(
            "offer_days",
            "offers",
            Text("en rad per anordnare, tjänst (FAT, AT) och arbetsdag", "one row per organiser, service (FAT, AT) and working day"),
            *_table("organisers"),
            _fact("service", "code", "tjänsten", "the service", "service"),
            _fact("date", "date", "dagen", "the day"),
            _RUNNING,
            _fact("places", "number", "platser enligt gällande anmälningar", "places of the offers in force"),
        ),
    )
}

# The frames a rule may also stand in: `reader` (T rules) and `engine` (C01) are found by the program itself.
BUILT_IN = ("reader", "engine")
