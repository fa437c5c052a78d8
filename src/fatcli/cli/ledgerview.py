"""What `fat ledger` prints: the log, a run, items and findings, as text, json and csv."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from fatcli.ledger import Entry
from fatcli.model import column_letter, sek
from fatcli.result import Paid
from fatcli.terminal import json_text, terminal_text
from fatcli.texts import Language, Text
from fatcli.writers.console import styled
from fatcli.writers.neutral import name_text
from fatcli.writers.wording import LINE_KIND, money, number

KINDS = {"payout": Text("utbetalning", "payout"), "clawback": Text("återkrav", "clawback"), "undo": Text("hävning", "undo")}

_LONGEST_LINE = 240
_ROOMY = 100  # columns of a terminal
_MOST_ITEMS = 1000

# an item as it is exported: who it is for only with --show-ids
_EXPORTED = (
    "run", "run_kind", "month", "claim", "organiser", "placement", "participant", "service", "component", "date", "kind", "amount_sek",
    "file", "sheet", "cell", "sha256", "booked_on", "booked_by", "attested_by", "reason", "run_hash",
)  # fmt: skip


def print_log(console: Console, log: Sequence[Entry], language: Language) -> None:
    whole = (Text("körning", "run"), Text("bokförd (UTC)", "booked (UTC)"), Text("slag", "kind"), Text("månad", "month"))
    table = _table(language, whole, (Text("rekv.", "claims"), Text("summa", "sum")), (Text("av", "by"), Text("attest", "attested")))
    # the day alone where the names would else have no room
    told = 10 if console.is_terminal and console.width < _ROOMY else 16
    for entry in log:
        booked = entry.booked_at[:told].replace("T", " ")
        sums = (number(entry.claims, language), money(entry.total_ore, language))
        people = (entry.booked_by, entry.run.attested_by or "–")
        _row(table, str(entry.number), booked, KINDS[entry.kind].to(language), str(entry.month), *sums, *people)
    _wide(console).print(table)
    for entry in log:
        if note := _note(entry, language):
            console.print(f"{Text('körning', 'run').to(language)} {entry.number}: {terminal_text(note)}", soft_wrap=True, markup=False)


def _note(entry: Entry, language: Language) -> str:
    notes = [entry.reason] if entry.reason else []
    if entry.undoes:
        notes.append(Text(f"häver körning {entry.undoes}", f"undoes run {entry.undoes}").to(language))
    if not entry.files:
        notes.append(Text("filerna är inte skrivna", "files not written").to(language))
    return "; ".join(notes)


def print_run(
    console: Console, entry: Entry, paid: Paid, items: pl.DataFrame, language: Language, names: Mapping[str, str], *, show_ids: bool
) -> None:
    """A run: what it is, its claims, and every item with its place."""
    for name, value in _facts(entry, paid, language):
        console.print(f"{name.to(language)}: {terminal_text(value)}", soft_wrap=True, markup=False)
    booked = [claim for claim in paid.claims if claim.booked]
    if booked:
        heads = (Text("rekvisition", "claim"),)
        sums = (Text("placeringar", "placements"), Text("dagar", "days"), Text("summa", "sum"))
        table = _table(language, heads, sums, (Text("anordnare", "organiser"),))
        for claim in booked:
            counts = (number(claim.placements, language), number(claim.days, language), money(claim.total_ore, language))
            _row(table, str(claim.number), *counts, claim.name)
        console.print()
        _wide(console).print(table)
        print_items(console, items, language, names, show_ids=show_ids)


def _facts(entry: Entry, paid: Paid, language: Language) -> list[tuple[Text, str]]:
    attested = "; ".join(f"{name} {on}" for name, on in entry.attested)
    booked = f"{entry.booked_at.replace('T', ' ').replace('+00:00', ' UTC')}, {entry.booked_by}"
    facts = [
        (Text("Körning", "Run"), f"{entry.number}, {KINDS[entry.kind].to(language)}, {entry.month}"),
        (Text("Bokförd", "Booked"), booked),
        (Text("Attesterad", "Attested"), attested or Text("nej", "no").to(language)),
        (Text("Beräkningsdag", "As of"), entry.as_of.isoformat()),
        (Text("Regelverk", "Rule book"), f"{entry.edition}, sha256 {paid.checked.rules_sha256}"),
        (Text("Underlag", "Input"), "; ".join(f"{name_text(file.file)}, sha256 {file.sha256}" for file in paid.checked.inputs) or "–"),
        (Text("Hash", "Hash"), entry.hash),
    ]
    note = _note(entry, language)
    return [*facts, (Text("Anmärkning", "Note"), note)] if note else facts


def print_items(console: Console, items: pl.DataFrame, language: Language, names: Mapping[str, str], *, show_ids: bool = False) -> None:
    """Items as they stand in the books, under their claims. `names`: of compensations, by `SERVICE.component`."""
    texts = [Text("placering", "placement"), Text("dag", "day")]
    texts += [Text("slag", "kind")] * ("kind" in items.columns) + [Text("deltagare", "participant")] * show_ids
    for (claim,), rows in _placed(items.head(_MOST_ITEMS)).group_by("claim", maintain_order=True):
        folded = (Text("ersättning", "compensation"), *((Text("cell", "cell"),) * ("cell" in rows.columns)))
        table = _table(language, texts, (Text("belopp", "amount"),), folded)
        for row in rows.iter_rows(named=True):
            cells = _item_cells(row, language, show_ids=show_ids)
            _row(table, *cells, money(row["amount"], language), _component(row, names), *_where(row))
        console.print()
        console.print(terminal_text(str(claim)), style="bold", markup=False)
        _wide(console).print(table)
    if items.height > _MOST_ITEMS:
        more = Text("… och {n} poster till; fat ledger export visar alla.", "… and {n} more items; fat ledger export shows them all.")
        console.print(more.fill(n=number(items.height - _MOST_ITEMS, language)).to(language), markup=False)


def _item_cells(row: dict[str, Any], language: Language, *, show_ids: bool) -> list[str]:
    cells = [row["placement_id"], row["date"].isoformat()]
    kind = [LINE_KIND[row["kind"]].to(language).lower()] if "kind" in row else []
    return cells + kind + ([row["participant"]] if show_ids else [])


def _component(row: dict[str, Any], names: Mapping[str, str]) -> str:
    """`Merkostnadsersättning (FAT.base)`: the name, and the id that options take."""
    key = f"{row['service']}.{row['component']}"
    return f"{names[key]} ({key})" if key in names else key


def _where(row: dict[str, Any]) -> list[str]:
    """The cell, where items have one."""
    if "cell" not in row:
        return []
    return [f"{name_text(row['file'])} · {name_text(row['sheet'])}!{row['cell']}" if row["cell"] else "–"]


def log_json(log: Sequence[Entry]) -> str:
    return json_text({"runs": [_entry(entry) for entry in log]})


def run_json(entry: Entry, paid: Paid, items: pl.DataFrame, *, show_ids: bool) -> str:
    claims = [
        {"claim": claim.number, "organiser": claim.organiser, "name": claim.name, "total_sek": sek(claim.total_ore)}
        for claim in paid.claims
        if claim.booked
    ]
    inputs = [{"path": file.file, "sha256": file.sha256} for file in paid.checked.inputs]
    rows = exported(items, [entry], show_ids=show_ids).to_dicts()
    return json_text({"run": _entry(entry), "inputs": inputs, "claims": claims, "items": rows})


def items_json(items: pl.DataFrame) -> str:
    return json_text({"items": items.to_dicts()})


def exported(items: pl.DataFrame, log: Sequence[Entry], *, show_ids: bool) -> pl.DataFrame:
    """Items with claim, run, place and attestation, in the order that they were booked."""
    runs = pl.DataFrame(
        [(entry.number, entry.booked_at, entry.booked_by, entry.run.attested_by, entry.reason, entry.hash) for entry in log],
        schema={"run": pl.Int64} | dict.fromkeys(("booked_on", "booked_by", "attested_by", "reason", "run_hash"), pl.String),
        orient="row",
    )
    rows = _placed(items).join(runs, on="run", how="left", maintain_order="left")
    rows = rows.rename({"organiser_id": "organiser", "placement_id": "placement"})
    amounts = {ore: sek(ore) for ore in rows["amount"].unique()}
    rows = rows.with_columns(
        pl.col("date").dt.to_string("%Y-%m-%d"),
        amount_sek=pl.col("amount").replace_strict(amounts, return_dtype=pl.String),
    )
    return rows.select(name for name in _EXPORTED if show_ids or name != "participant")


def _placed(items: pl.DataFrame) -> pl.DataFrame:
    """Adds `cell`, such as B17, where the items have a place."""
    if "col" not in items.columns:
        return items
    letters = {col: column_letter(col) for col in items["col"].drop_nulls().unique()}
    letter = pl.col("col").replace_strict(letters, return_dtype=pl.String)
    return items.with_columns(cell=letter + pl.col("row").cast(pl.String))


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "run": entry.number,
        "kind": entry.kind,
        "month": str(entry.month),
        "as_of": entry.as_of.isoformat(),
        "booked_at": entry.booked_at,
        "booked_by": entry.booked_by,
        "claims": entry.claims,
        "total_sek": sek(entry.total_ore),
        "attested": [{"by": name, "on": on.isoformat()} for name, on in entry.attested],
        "edition": entry.edition,
        "reason": entry.reason,
        "undoes": entry.undoes,
        "files_written": entry.files,
        "hash": entry.hash,
    }


def _table(language: Language, whole: Sequence[Text], numbers: Sequence[Text], folded: Sequence[Text]) -> Table:
    """Columns that never break, numbers to the right, and columns that may break."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim", pad_edge=False)
    for text in whole:
        table.add_column(text.to(language), no_wrap=True)
    for text in numbers:
        table.add_column(text.to(language), justify="right", no_wrap=True)
    for text in folded:
        table.add_column(text.to(language), overflow="fold")
    return table


def _row(table: Table, *cells: str) -> None:
    table.add_row(*map(styled, cells))


def _wide(console: Console) -> Console:
    """Off a terminal, lines are as long as they need to be."""
    if not console.is_terminal:
        console.width = max(console.width, _LONGEST_LINE)
    return console
