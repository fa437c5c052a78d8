"""Money: facts and hits become items, due or withheld.

An item is one component of one placement on one day, in whole öre. Columns of an items frame:
`_item` (its number), `_p`, organiser_id, placement_id, participant, service, component, per, daily, date (once judged, of a start or
result item that is booked, the day it stands on in the books), in_future (the day it was earned on is after the as-of day), booked_on (the
day in the books, else null), month_first, amount (Int64, null without a rate), rules (sorted ids that withhold it; empty: due), in_doubt
(a row set aside may price or pause it), and source, row, col of the report it came from (null: none).
"""

import datetime as dt
from collections.abc import Iterable, Mapping

import polars as pl

from fatcli import identity
from fatcli.checks import Hits, with_facts
from fatcli.facts import Facts, dated_column, islands
from fatcli.model import RATE_MISSING
from fatcli.rulebook import Component, Per, Service

CLAWED_BACK = "clawed-back"

_ONCE = ["organiser_id", "placement_id", "component"]  # what is paid once, whatever its day
_DOUBTED = ("organiser_id", "placement_id", "service", "component")
_PRICED = ["organiser_id", "service", "component"]  # what a contract prices
_EVER, _FOREVER = dt.date(1, 1, 1), dt.date(9999, 12, 30)
_PRICED_ON = pl.coalesce("booked_on", "date")

# the days that earn an item, and the items of each group of compensation
_EARNED: Mapping[Per, pl.Expr] = {
    "attended_day": pl.col("attended"),
    "scheduled_day": pl.col("scheduled") & ~pl.col("in_future"),
    "start": pl.col("starts"),
    "result": pl.col("completes"),
}
_IN_GROUP: Mapping[str, pl.Expr] = {"all": pl.lit(value=True), "daily": pl.col("daily"), "attended": pl.col("per") == "attended_day"}

# the columns by which a hit of each facts frame finds its items
_KEYS: Mapping[str, tuple[str, ...]] = {
    "days": ("_p", "date"),
    "placements": ("_p",),
    "pauses": ("_p",),
    "months": ("_p", "month_first"),
    "organisers": ("organiser_id",),
    "organiser_days": ("organiser_id", "date"),
    "offer_days": ("organiser_id", "service", "date"),
}


def items(facts: Facts, contracts: pl.DataFrame, booked: pl.DataFrame) -> pl.DataFrame:
    """Every item the facts give rise to, with its amount; `rules` and `in_doubt` are not yet there. `booked`: facts.BOOKED."""
    once = booked.filter(~pl.col("daily"), pl.col("amount") != 0).select(*_ONCE, booked_on="date").unique(_ONCE, keep="first")
    found = [_of_component(facts, service, component, once) for service in facts.book.services.values() for component in service.components]
    frame = pl.concat(found).with_row_index("_item")
    price = _contract_prices(frame, contracts)
    frame = frame.join(price, on="_item", how="left", maintain_order="left")
    return frame.with_columns(amount=pl.coalesce("_price", "amount"), month_first=pl.col("date").dt.month_start()).drop("_price")


def _of_component(facts: Facts, service: Service, component: Component, once: pl.DataFrame) -> pl.DataFrame:
    named = {"organiser_id", "placement_id", "participant", "service"}
    columns = component.when.columns if component.when else ()
    rows = with_facts(facts, "days", facts.days.lazy().filter(_EARNED[component.per]), {*named, *columns})
    rows = rows.filter(pl.col("service") == service.id)
    if component.when:
        rows = rows.filter(component.when.polars().fill_null(value=False))
    found = rows.select(
        "_p",
        "organiser_id",
        "placement_id",
        "participant",
        "service",
        component=pl.lit(component.id),
        per=pl.lit(component.per),
        daily=pl.lit(component.per.endswith("_day")),
        date="date",
        in_future="in_future",
        source="source",
        row="row",
        col="col",
    )
    if component.per.endswith("_day"):
        found = found.with_columns(booked_on=pl.lit(None, pl.Date))
    else:
        found = found.join(once.lazy(), on=_ONCE, how="left", maintain_order="left")
    return found.with_columns(amount=dated_column(component.sek, _PRICED_ON)).collect()


def _contract_prices(items: pl.DataFrame, contracts: pl.DataFrame) -> pl.DataFrame:
    """`_item` and `_price` of the items that a contract prices."""
    return contracts_in_force(items, contracts).select("_item", _price="sek")


def contracts_in_force(items: pl.DataFrame, contracts: pl.DataFrame) -> pl.DataFrame:
    """`_item` and the row of contracts that prices it: of several in force the latest `from`, then the later row."""
    priced = _spans_of_price(contracts).sort("_first")
    wanted = items.select("_item", *_PRICED, _day=_PRICED_ON).sort("_day")
    found = wanted.join_asof(priced, left_on="_day", right_on="_first", by=_PRICED, check_sortedness=False)
    return found.filter(pl.col("_day") <= pl.col("_last"))


def _spans_of_price(contracts: pl.DataFrame) -> pl.DataFrame:
    """Contracts cut into spans `_first` to `_last`, at each of which one of them is in force for its organiser, service and component."""
    rows = contracts.with_columns(_until=pl.col("to").fill_null(_FOREVER)).filter(pl.col("from") <= pl.col("_until"))
    edges = pl.concat([rows.select(*_PRICED, _first="from"), rows.select(*_PRICED, _first=pl.col("_until") + dt.timedelta(days=1))])
    edges = edges.unique().sort(*_PRICED, "_first")
    # the last edge of each lies behind its contracts: none is in force there, whatever comes next
    edges = edges.with_columns(_last=pl.col("_first").shift(-1) - dt.timedelta(days=1))
    held = edges.join(rows, on=_PRICED).filter(pl.col("_first").is_between("from", "_until")).sort("from", "source", "row")
    return held.drop("_until").group_by(*_PRICED, "_first", maintain_order=True).last()


def judged(items: pl.DataFrame, hits: Iterable[Hits], set_aside: pl.DataFrame, doubts: pl.DataFrame, closed: pl.DataFrame) -> pl.DataFrame:
    """Adds `rules`, what withholds each item, and `in_doubt`.

    `set_aside`: _p, rule of participants with a placement row set aside; `doubts`: Tables.doubts;
    `closed`: facts.CLOSED.
    """
    found = [_withheld(items, hit) for hit in hits if hit.rule.withhold and hit.rows.height]
    found.append(items.join(set_aside, on="_p").select("_item", "rule"))
    found.append(doubted := _doubted(items, doubts))
    found.append(items.filter(pl.col("amount").is_null()).select("_item", rule=pl.lit(RATE_MISSING)))
    found.append(_closed(items, closed))
    rules = pl.concat(found).group_by("_item").agg(rules=pl.col("rule").unique().sort())
    items = items.join(rules, on="_item", how="left", maintain_order="left")
    items = items.with_columns(
        pl.col("rules").fill_null(pl.lit([], pl.List(pl.String))), in_doubt=pl.col("_item").is_in(doubted["_item"].implode())
    )
    # nothing after the as-of day is due, even under a rule book without A13
    items = items.filter(~pl.col("in_future") | (pl.col("rules").list.len() > 0))
    # judged on the day that the register has now, an item that is booked stands on the day it was booked on
    items = items.with_columns(date=_PRICED_ON)
    return items.with_columns(month_first=pl.col("date").dt.month_start())


def _withheld(items: pl.DataFrame, hit: Hits) -> pl.DataFrame:
    key = list(_KEYS[hit.rule.facts])
    rows = hit.rows.select(pl.col(name).cast(items.schema[name]) for name in key).unique()
    reached = _IN_GROUP.get(hit.rule.withhold[0], pl.col("component").is_in(hit.rule.withhold))
    return items.filter(reached).join(rows, on=key, how="semi").select("_item", rule=pl.lit(hit.rule.id))


def _doubted(items: pl.DataFrame, doubts: pl.DataFrame) -> pl.DataFrame:
    """`_item`, rule of the items that a contract or pause set aside may price or pause; what such a row can't tell may be any."""
    found = [pl.DataFrame(schema={"_item": items.schema["_item"], "rule": pl.String})]
    blank = [pl.col(name).is_null().alias(f"no {name}") for name in _DOUBTED]
    spans = doubts.with_columns(first=pl.col("from").fill_null(_EVER), last=pl.col("to").fill_null(_FOREVER))
    for (daily_only, rule, *unknown), alike in spans.group_by("daily_only", "rule", *blank):
        told = [name for name, is_unknown in zip(_DOUBTED, unknown, strict=True) if not is_unknown]
        wanted = items.filter("daily") if daily_only else items
        wanted = wanted.select("_item", *told, _day=_PRICED_ON).sort("_day")
        whole = islands(alike, told).sort("first")
        held = wanted.join_asof(whole, left_on="_day", right_on="first", by=told or None, check_sortedness=False)
        found.append(held.filter(pl.col("_day") <= pl.col("last")).select("_item", rule=pl.lit(rule, pl.String)))
    return pl.concat(found)


def _closed(items: pl.DataFrame, closed: pl.DataFrame) -> pl.DataFrame:
    """Items clawed back; a start or result item by its placement, whatever its day."""
    daily = items.filter("daily").join(closed, on=["placement_id", "component", "date"], how="semi")
    once = items.filter(~pl.col("daily")).join(closed, on=["placement_id", "component"], how="semi")
    return pl.concat([daily, once]).select("_item", rule=pl.lit(CLAWED_BACK))


def withheld_too(items: pl.DataFrame, named: pl.DataFrame, rule: str) -> pl.DataFrame:
    """Judged items of which those named (organiser_id, placement_id, component, date) are withheld by one more rule."""
    found = named.select(*_ONCE, "date", _more=pl.lit(rule))
    both = items.join(found, on=[*_ONCE, "date"], how="left", maintain_order="left")
    more = pl.when(pl.col("_more").is_null()).then("rules").otherwise(pl.concat_list("rules", "_more").list.sort())
    return both.with_columns(rules=more).drop("_more")


def set_aside_placements(facts: Facts, participants: pl.DataFrame) -> pl.DataFrame:
    """_p, rule: the placements of participants that have a placement row set aside."""
    if participants.is_empty():
        return facts.placements.clear().select("_p", rule=pl.lit(None, pl.String))
    cores = {text: identity.core(text) for text in {*participants["participant_id"], *facts.placements["participant_id"]}}
    named = participants.select("rule", core=pl.col("participant_id").replace_strict(cores, return_dtype=pl.String))
    own = facts.placements.select("_p", core=pl.col("participant_id").replace_strict(cores, return_dtype=pl.String))
    return own.join(named.unique(), on="core").select("_p", "rule")
