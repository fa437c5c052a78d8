"""Money: facts and hits become items, due or withheld.

An item is one component of one placement on one day, in whole öre. Columns of an items frame:
`_p`, organiser_id, placement_id, participant, service, component, per, daily, date, amount (Int64, null without a rate),
rules (sorted ids that withhold it; empty: due), and source, row, col of the report it came from (null: none).
"""

from collections.abc import Iterable, Mapping

import polars as pl

from fatcli import identity
from fatcli.checks import Hits, with_facts
from fatcli.facts import Facts, limit_column
from fatcli.rulebook import Component, Limit, Service

RATE_MISSING = "C01"
CLAWED_BACK = "clawed-back"

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


def items(facts: Facts, contracts: pl.DataFrame) -> pl.DataFrame:
    """Every item the facts give rise to, with its amount; `rules` is not yet there."""
    found = [_of_component(facts, service, component) for service in facts.book.services.values() for component in service.components]
    frame = pl.concat(found).with_row_index("_item")
    price = _contract_prices(frame, contracts)
    frame = frame.join(price, on="_item", how="left", maintain_order="left")
    return frame.with_columns(amount=pl.coalesce("_price", "amount"), month_first=pl.col("date").dt.month_start()).drop("_price")


def _of_component(facts: Facts, service: Service, component: Component) -> pl.DataFrame:
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
    return rows.select(
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
        amount=limit_column(rate, pl.col("date")).cast(pl.Int64),
        source="source",
        row="row",
        col="col",
    ).collect()


def _contract_prices(items: pl.DataFrame, contracts: pl.DataFrame) -> pl.DataFrame:
    """`_item` and `_price`: of several contracts in force the latest `from`, then the later row."""
    return contracts_in_force(items, contracts).group_by("_item").agg(pl.col("sek").last().alias("_price"))


def contracts_in_force(items: pl.DataFrame, contracts: pl.DataFrame) -> pl.DataFrame:
    """`_item`, `date` and the rows of contracts that hold for it; of several the last one prices it."""
    key = ["organiser_id", "service", "component"]
    priced = contracts.with_columns(pl.col("service").cast(pl.String)).sort("from", "source", "row")
    found = items.select("_item", "date", *key).join(priced, on=key, how="inner", maintain_order="right")
    return found.filter(pl.col("date") >= pl.col("from"), pl.col("to").is_null() | (pl.col("date") <= pl.col("to")))


def none_closed() -> pl.DataFrame:
    """Nothing clawed back."""
    return pl.DataFrame(schema={"placement_id": pl.String, "component": pl.String, "date": pl.Date})


def judged(items: pl.DataFrame, hits: Iterable[Hits], set_aside: pl.DataFrame, closed: pl.DataFrame) -> pl.DataFrame:
    """Adds `rules`: what withholds each item.

    `set_aside`: _p, rule of participants with a placement row set aside; `closed`: placement_id, component, date clawed back.
    """
    found = [_withheld(items, hit) for hit in hits if hit.rule.withhold and hit.rows.height]
    found.append(items.join(set_aside, on="_p").select("_item", "rule"))
    found.append(items.filter(pl.col("amount").is_null()).select("_item", rule=pl.lit(RATE_MISSING)))
    found.append(_closed(items, closed))
    rules = pl.concat(found).group_by("_item").agg(rules=pl.col("rule").unique().sort())
    items = items.join(rules, on="_item", how="left", maintain_order="left")
    items = items.with_columns(pl.col("rules").fill_null(pl.lit([], pl.List(pl.String))))
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


def _closed(items: pl.DataFrame, closed: pl.DataFrame) -> pl.DataFrame:
    """Items clawed back; a start or result item by its placement, whatever its day."""
    daily = items.filter("daily").join(closed, on=["placement_id", "component", "date"], how="semi")
    once = items.filter(~pl.col("daily")).join(closed, on=["placement_id", "component"], how="semi")
    return pl.concat([daily, once]).select("_item", rule=pl.lit(CLAWED_BACK))


def set_aside_placements(facts: Facts, participants: pl.DataFrame) -> pl.DataFrame:
    """_p, rule: the placements of participants that have a placement row set aside."""
    cores = {text: identity.core(text) for text in {*participants["participant_id"], *facts.placements["participant_id"]}}
    named = participants.filter(pl.col("participant_id").is_not_null()).select(
        "rule", core=pl.col("participant_id").replace_strict(cores, return_dtype=pl.String)
    )
    own = facts.placements.select("_p", core=pl.col("participant_id").replace_strict(cores, return_dtype=pl.String))
    return own.join(named.unique(), on="core").select("_p", "rule")
