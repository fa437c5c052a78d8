"""A claim from the books, line by line back to the cells that it came from."""

import re
from dataclasses import replace
from typing import Any

import polars as pl

from fatcli.errors import UsageError
from fatcli.explain.money import booked_place
from fatcli.explained import Explanation, Trail, TrailItem, TrailLine
from fatcli.facts import ITEM
from fatcli.ledger import Ledger
from fatcli.result import Checked
from fatcli.texts import Language, Text, did_you_mean
from fatcli.writers.wording import counted, money

_NUMBER = re.compile(r"\d{4}-\d{2}/.+/\d+")
_LINE = ("placement_id", "service", "component", "kind", "amount")

_UNKNOWN = Text("huvudboken har ingen rekvisition {claim}.{hint}", "the ledger has no claim {claim}.{hint}")
_LOOK = Text("fat ledger log visar körningarna, fat ledger show RUN deras rekvisitioner.",
             "fat ledger log shows the runs, fat ledger show RUN their claims.")  # fmt: skip
_ITEMS = Text("post", "item"), Text("poster", "items")
_ANSWER = Text("Rekvisition {claim}: {items}, {sum}, bokförd i körning {run}.", "Claim {claim}: {items}, {sum}, booked in run {run}.")


def is_claim_number(text: str) -> bool:
    """Whether a text has the form of `2024-05/ORG1/1`."""
    return _NUMBER.fullmatch(text) is not None


def explain_claim(ledger: Ledger, claim: str, language: Language) -> Explanation:
    """A claim's lines with each item's cell, from the ledger alone. Raises UsageError for an unknown one."""
    ledger.check()
    every = ledger.items()
    items = every.filter(pl.col("claim") == claim)
    if items.is_empty():
        raise UsageError(_UNKNOWN.fill(claim=claim, hint=did_you_mean(claim, every["claim"].unique().sort())), _LOOK)
    run = items["run"][0]
    entry, paid = ledger.entry(run), ledger.document(run)
    booked = next(each for each in paid.claims if each.number == claim)
    trail = Trail(
        claim=claim,
        organiser=booked.organiser,
        name=booked.name,
        run=run,
        kind=entry.kind,
        hash=entry.hash,
        booked_on=entry.booked_at[:10],
        booked_by=entry.booked_by,
        attested=tuple(f"{name} {day}" for name, day in entry.attested),
        reason=entry.reason,
        lines=tuple(
            _line(rows, paid.checked)
            for rows in _with_corrected(items, every).sort(*_LINE, "date").partition_by(*_LINE, maintain_order=True)
        ),
    )
    answer = _ANSWER.fill(claim=claim, items=counted(items.height, *_ITEMS, language), sum=money(trail.total_ore, language), run=run).to(
        language
    )
    return Explanation(replace(paid.checked, language=language), "claim", claim, answer, trail=trail)


def _with_corrected(items: pl.DataFrame, every: pl.DataFrame) -> pl.DataFrame:
    """Adds `corrects`: of what is no first claim, the claim that booked the item last before."""
    before = every.filter(pl.col("run") < items["run"].min()).group_by(ITEM).agg(corrects=pl.col("claim").last())
    corrects = pl.when(pl.col("kind") != "claim").then("corrects")
    return items.join(before, on=ITEM, how="left", maintain_order="left").with_columns(corrects=corrects)


def _line(rows: pl.DataFrame, checked: Checked) -> TrailLine:
    first: dict[str, Any] = rows.row(0, named=True)
    items = tuple(
        TrailItem(row["date"], row["amount"], booked_place(row), row["sha256"], row["corrects"]) for row in rows.iter_rows(named=True)
    )
    name = checked.label(f"{first['service']}.{first['component']}")
    return TrailLine(first["placement_id"], first["service"], first["component"], name, first["kind"], items)
