"""Money: facts and hits become items, due or withheld.

An item is one component of one placement on one day, in whole öre. Columns of an items frame:
`_p`, organiser_id, placement_id, participant, service, component, per, daily, date, booked_on (the day that a start or result item
stands on in the books, else null), month_first, amount (Int64, null without a rate), rules (sorted ids that withhold it; empty: due),
in_doubt (a row set aside may price or pause it), and source, row, col of the report it came from (null: none).
"""

from collections.abc import Iterable, Mapping

import polars as pl

from fatcli import identity
from fatcli.checks import Hits, with_facts
from fatcli.facts import Facts, limit_column
from fatcli.rulebook import Component, Limit, Service

RATE_MISSING = "C01"
CLAWED_BACK = "clawed-back"

_ONCE = ["organiser_id", "placement_id", "component"]  # what is paid once, whatever its day
_DOUBTED = ("organiser_id", "placement_id", "service", "component")
_PRICED_ON = pl.coalesce("booked_on", "date")

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
    earned = {
        "attended_day": pl.col("attended"),
        "scheduled_day": pl.col("scheduled") & ~pl.col("in_future"),
        "start": pl.col("starts"),
        "result": pl.col("completes"),
    }[component.per]
    named = {"organiser_id", "placement_id", "participant", "participant_id", "service"}
    columns = component.when.columns if component.when else ()
    rows = with_facts(facts, "days", facts.days.lazy().filter(earned), {*named, *columns})
    rows = rows.filter(pl.col("service").cast(pl.String) == service.id)
    if component.when:
        rows = rows.filter(component.when.polars().fill_null(value=False))
    rate = Limit(component.id, component.sek, is_date=False)
    found = rows.select(
        "_p",
        "organiser_id",
        "placement_id",
        "participant",
        "participant_id",
        pl.col("service").cast(pl.String),
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
    return found.with_columns(amount=limit_column(rate, _PRICED_ON).cast(pl.Int64)).collect()


def _contract_prices(items: pl.DataFrame, contracts: pl.DataFrame) -> pl.DataFrame:
    """`_item` and `_price`: of several contracts in force the latest `from`, then the later row."""
    return contracts_in_force(items, contracts).group_by("_item").agg(pl.col("sek").last().alias("_price"))


def contracts_in_force(items: pl.DataFrame, contracts: pl.DataFrame) -> pl.DataFrame:
    """`_item`, `date` and the rows of contracts that hold for it; of several the last one prices it."""
    key = ["organiser_id", "service", "component"]
    priced = contracts.with_columns(pl.col("service").cast(pl.String)).sort("from", "source", "row")
    found = items.select("_item", *key, date=_PRICED_ON).join(priced, on=key, how="inner", maintain_order="right")
    return found.filter(pl.col("date") >= pl.col("from"), pl.col("to").is_null() | (pl.col("date") <= pl.col("to")))


def none_closed() -> pl.DataFrame:
    """Nothing clawed back."""
    return pl.DataFrame(schema={"placement_id": pl.String, "component": pl.String, "date": pl.Date})


def judged(items: pl.DataFrame, hits: Iterable[Hits], set_aside: pl.DataFrame, doubts: pl.DataFrame, closed: pl.DataFrame) -> pl.DataFrame:
    """Adds `rules`, what withholds each item, and `in_doubt`.

    `set_aside`: _p, rule of participants with a placement row set aside; `doubts`: Tables.doubts;
    `closed`: placement_id, component, date clawed back.
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
    return items.filter(~pl.col("in_future") | (pl.col("rules").list.len() > 0))


def _withheld(items: pl.DataFrame, hit: Hits) -> pl.DataFrame:
    key = list(_KEYS[hit.rule.facts])
    rows = hit.rows.select(pl.col(name).cast(items.schema[name]) for name in key).unique()
    if hit.rule.withhold == ("all",):
        reached = items
    elif hit.rule.withhold == ("daily",):
        reached = items.filter("daily")
    elif hit.rule.withhold == ("attended",):
        reached = items.filter(pl.col("per") == "attended_day")
    else:
        reached = items.filter(pl.col("component").is_in(hit.rule.withhold))
    return reached.join(rows, on=key, how="semi").select("_item", rule=pl.lit(hit.rule.id))


def _doubted(items: pl.DataFrame, doubts: pl.DataFrame) -> pl.DataFrame:
    """`_item`, rule of the items that a contract or pause set aside may price or pause; what such a row can't tell may be any."""
    found = [pl.DataFrame(schema={"_item": items.schema["_item"], "rule": pl.String})]
    for blank, alike in doubts.group_by([pl.col(name).is_null() for name in _DOUBTED]):
        told = [name for name, unknown in zip(_DOUBTED, blank, strict=True) if not unknown]
        rows = alike.select(*told, "daily_only", "rule", _from="from", _to="to")
        pairs = items.join(rows, on=told) if told else items.join(rows, how="cross")
        since = pl.col("_from").is_null() | (pl.col("_from") <= _PRICED_ON)
        until = pl.col("_to").is_null() | (pl.col("_to") >= _PRICED_ON)
        found.append(pairs.filter(since, until, pl.col("daily") | ~pl.col("daily_only")).select("_item", "rule"))
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
    cores = {text: identity.core(text) for text in {*participants["participant_id"], *facts.placements["participant_id"]}}
    named = participants.filter(pl.col("participant_id").is_not_null()).select(
        "rule", core=pl.col("participant_id").replace_strict(cores, return_dtype=pl.String)
    )
    own = facts.placements.select("_p", core=pl.col("participant_id").replace_strict(cores, return_dtype=pl.String))
    return own.join(named.unique(), on="core").select("_p", "rule")
