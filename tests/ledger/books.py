"""Small books to test with: a run of two organisers. All persons are fictitious."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from fatcli.ledger import ITEMS, Booking, Ledger
from fatcli.model import Month
from fatcli.result import VIOLATIONS, Checked, Claim, Input, InputTable, Line, Paid

MAY = Month(2024, 5)
NOON = dt.datetime(2024, 6, 3, 12, 0, tzinfo=dt.UTC)
BOOKED_BY = "anna"

CHECKED = Checked(
    version="0.1.0",
    rules_path="rules.yaml",
    edition="2024-06",
    rules_sha256="3f" * 32,
    as_of=dt.date(2024, 6, 3),
    language="sv",
    inputs=(
        Input("attendance.xlsx", "a1" * 32, (InputTable("attendance", "Närvaro", "long", 4, 0),)),
        Input("register.xlsx", "b2" * 32, (InputTable("placements", "Beslut", "register", 2, 0),)),
    ),
    not_evaluated=(),
    absent_columns=(),
    violations=pl.DataFrame(schema=dict(VIOLATIONS)),
    rows=6,
    set_aside=0,
    labels={"FAT": "Förstärkt arbetsträning", "FAT.base": "Dagersättning"},
)
PEOPLE = {"P1": ("ORG1", "199001012384"), "P2": ("ORG2", "198506159810")}


def item(placement: str, day: int, amount: int = 30_000, **given: Any) -> dict[str, Any]:
    """FAT base money of a May day, read from row day + 1 of the attendance sheet."""
    organiser, participant = PEOPLE[placement]
    return {
        "organiser_id": organiser,
        "placement_id": placement,
        "participant": participant,
        "service": "FAT",
        "component": "base",
        "date": dt.date(2024, 5, day),
        "daily": True,
        "kind": "claim" if amount > 0 else "reversal",
        "amount": amount,
        "file": "attendance.xlsx",
        "sheet": "Närvaro",
        "row": day + 1,
        "col": 1,
        **given,
    }


def booking(ledger: Ledger, *items: dict[str, Any], month: Month = MAY, **given: Any) -> Booking:
    """A booking of these items: a claim per organiser, a line per item, numbered on from what the ledger holds."""
    following = ledger.next_sequence(month)
    claims = []
    for organiser in sorted({row["organiser_id"] for row in items}):
        own = [row for row in items if row["organiser_id"] == organiser]
        number = f"{month}/{organiser}/{following.get(organiser, 1)}"
        claims.append(Claim(number, organiser, f"{organiser} AB", "556000-4615", "5050-1055", None, tuple(map(line, own)), booked=True))
    paid = Paid(CHECKED, month, None, tuple(claims), (), (), (), ())
    if "as_of" in given:
        paid = replace(paid, checked=replace(CHECKED, as_of=given.pop("as_of")))
    frame = pl.DataFrame(list(items), schema=ITEMS)
    return Booking(given.pop("kind", "payout"), paid, frame, given.pop("base", ledger.head), **given)


def line(row: dict[str, Any]) -> Line:
    sign = -1 if row["amount"] < 0 else 1
    return Line(
        row["placement_id"], row["participant"], row["service"], row["component"], row["kind"], "attended_day", sign, sign * row["amount"]
    )


def book(path: Path, *items: dict[str, Any], **given: Any) -> int:
    """Books a run of its own; its number."""
    with Ledger.open(path, create=True) as ledger:
        return ledger.book(booking(ledger, *items, **given), BOOKED_BY, NOON).number
