"""The items of a placement: rate and its source, what withholds them, and what the books and the next run make of them."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import polars as pl

from fatcli import claims
from fatcli.entitlement import CLAWED_BACK, contracts_in_force
from fatcli.explain.case import Case
from fatcli.explained import Booked, Item, ItemState, Place, Rate
from fatcli.model import Month, cell_name
from fatcli.texts import Text

_STATES: Mapping[ItemState, Text] = {
    "booked": Text("bokförd", "booked"),
    "to_book": Text(
        "ej bokförd; fat payout --month {month} tar med den i rekvisitionen", "not booked; fat payout --month {month} puts it in the claim"
    ),
    "to_adjust": Text(
        "bokförd med ett annat belopp; fat payout --month {month} bokför skillnaden",
        "booked with another amount; fat payout --month {month} books the difference",
    ),
    "to_reverse": Text(
        "bokförd men ska inte ersättas; fat payout --month {month} --allow-reversals {organiser} återför den",
        "booked but not to be paid; fat payout --month {month} --allow-reversals {organiser} reverses it",
    ),
    "waiting": Text(
        "ej bokförd: dagen står ännu bokförd hos en annan anordnare; bokförs i den körning som återför den där",
        "not booked: the day still stands booked at another organiser; booked in the run that reverses it there",
    ),
    "withheld": Text("hålls inne av {rules}; ej bokförd", "withheld by {rules}; not booked"),
    "kept": Text("bokförd och lämnas orörd: {kept}", "booked and left as it is: {kept}"),
    "clawed_back": Text("återkrävd och stängd tills återkravet hävs", "clawed back, and closed until the clawback is undone"),
    "not_spoken_for": Text(
        "ej bokförd: placeringen har ingen läsbar rapport i månaden, så ingen körning talar för den",
        "not booked: the placement has no readable report of the month, so no run speaks for it",
    ),
    "reversed": Text("bokförd och återförd; ger ingen ersättning nu", "booked and reversed; gives no compensation now"),
}
_WITHHELD_TOO = Text("{words}; hålls inne av {rules}", "{words}; withheld by {rules}")
_BY_BOOK = Text("regelboken, utgåva {edition}", "the rule book, edition {edition}")
_BY_CONTRACT = Text("avtal som gäller {start} till {end}", "contract in force {start} to {end}")
_NO_RATE = Text("inget belopp gäller den dagen, i regelbok eller avtal", "no amount holds that day, in the rule book or a contract")

_OF_PLACEMENT = ("organiser_id", "component", "date")
Key = tuple[str, str, dt.date]


class _Books(NamedTuple):
    """What the books and the next run say of a placement's items."""

    history: dict[Key, list[Booked]]
    differing: dict[Key, str]
    kept: dict[Key, str]


def placement_items(case: Case, placement: str) -> tuple[Item, ...]:
    """Every item of a placement, due, withheld or in the books alone, by day and component."""
    own = case.items.filter(pl.col("placement_id") == placement)
    books = _books(case, placement, own)
    contracts = _contracts(case, own)
    found = {}
    for row in own.iter_rows(named=True):
        key = row["organiser_id"], row["component"], row["date"]
        found[key] = _item(case, key, row, _rate(case, row, contracts.get(row["_item"])), books)
    for key in books.history.keys() - found.keys():
        found[key] = _item(case, key, None, None, books)
    return tuple(sorted(found.values(), key=lambda item: (item.date, item.component, item.organiser)))


def _books(case: Case, placement: str, own: pl.DataFrame) -> _Books:
    booked = case.booked.filter(pl.col("placement_id") == placement)
    held = claims.sorted_out(own, booked, case.spoken, case.facts)
    differing = claims.differences(own, held, case.spoken)
    waiting = claims.booked_elsewhere(differing, case.booked, (), case.facts.placements["placement_id"]).select(
        *_OF_PLACEMENT, _waits=pl.lit(value=True)
    )
    states = differing.join(waiting, on=_OF_PLACEMENT, how="left").with_columns(
        state=pl.when("_waits").then(pl.lit("waiting")).otherwise("kind")
    )
    kept = held.filter(pl.col("kept").is_not_null()).select(*_OF_PLACEMENT, "kept")
    return _Books(
        _history(case, placement),
        {(organiser, component, date): state for organiser, component, date, state in states.select(*_OF_PLACEMENT, "state").rows()},
        {(organiser, component, date): why for organiser, component, date, why in kept.rows()},
    )


def _history(case: Case, placement: str) -> dict[Key, list[Booked]]:
    found: dict[Key, list[Booked]] = {}
    for row in case.history.filter(pl.col("placement_id") == placement).iter_rows(named=True):
        found.setdefault((row["organiser_id"], row["component"], row["date"]), []).append(_booked(case, row))
    return found


def _booked(case: Case, row: Mapping[str, Any]) -> Booked:
    entry = case.log[row["run"]]
    return Booked(
        run=row["run"],
        kind=row["run_kind"],
        claim=row["claim"],
        amount_ore=row["amount"],
        booked_on=entry.booked_at[:10],
        booked_by=entry.booked_by,
        attested=tuple(f"{name} {day}" for name, day in entry.attested),
        place=booked_place(row),
    )


def booked_place(row: Mapping[str, Any]) -> Place | None:
    """The cell of a booked item, as the books have it."""
    if row["file"] is None:
        return None
    cell = f"{row['row']}:{row['row']}" if row["col"] is None else cell_name(row["row"], row["col"])
    return Place(row["file"], row["sheet"], cell)


def _contracts(case: Case, items: pl.DataFrame) -> dict[int, dict[str, Any]]:
    """The contract row that prices each item."""
    rows = contracts_in_force(items, case.table("contracts"))
    return {row["_item"]: row for row in rows.iter_rows(named=True)}


def _rate(case: Case, item: Mapping[str, Any], contract: Mapping[str, Any] | None) -> Rate:
    if contract:
        words = case.say(_BY_CONTRACT, start=contract["from"], end=contract["to"] or "…")
        return Rate(contract["sek"], words, None, case.cell(contract, "sek"))
    if item["amount"] is None:
        return Rate(None, case.say(_NO_RATE), None, None)
    component = next(part for part in case.book.services[item["service"]].components if part.id == item["component"])
    dated = next(dated for dated in component.sek if dated.holds(item["date"]))
    return Rate(dated.value, case.say(_BY_BOOK, edition=case.book.edition), dated.source, None)


def _item(case: Case, key: Key, row: Mapping[str, Any] | None, rate: Rate | None, books: _Books) -> Item:
    organiser, component, date = key
    rules = tuple(row["rules"]) if row else ()
    booked = tuple(books.history.get(key, ()))
    state = _state(key, rules, sum(entry.amount_ore for entry in booked), books, judged=row is not None)
    return Item(
        organiser=organiser,
        component=component,
        name=_name(case, component, row),
        date=row["date"] if row else date,
        rate=rate,
        rules=rules,
        state=state,
        words=_words(case, state, key, rules, books),
        booked=booked,
    )


def _state(key: Key, rules: Iterable[str], net: int, books: _Books, *, judged: bool) -> ItemState:
    if kind := books.differing.get(key):
        return {"claim": "to_book", "adjustment": "to_adjust", "reversal": "to_reverse"}.get(kind, kind)  # type: ignore[return-value]  # states
    if key in books.kept:
        return "kept"
    if net:
        return "booked"
    if CLAWED_BACK in rules:
        return "clawed_back"
    if rules:
        return "withheld"
    return "not_spoken_for" if judged else "reversed"


def _words(case: Case, state: ItemState, key: Key, rules: tuple[str, ...], books: _Books) -> str:
    organiser, _, date = key
    kept = claims.KEPT[books.kept[key]] if state == "kept" else ""
    titled = case.titled(rule for rule in rules if rule != CLAWED_BACK)
    words = case.say(_STATES[state], month=Month.of(date), organiser=organiser, rules=titled, kept=kept)
    return case.say(_WITHHELD_TOO, words=words, rules=titled) if titled and state != "withheld" else words


def _name(case: Case, component: str, row: Mapping[str, Any] | None) -> str:
    names = {part.id: part.name for service in case.book.services.values() for part in service.components}
    if row:
        return case.checked.label(f"{row['service']}.{component}")
    return names[component].to(case.language) if component in names else component
