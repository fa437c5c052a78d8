"""Money is whole öre in ints, tallies however a month comes to be, and is the same in whatever form it is told.

HYPOTHESIS_PROFILE=long tries many more months, other ones each time.
"""

import ast
import csv
import io
import json
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fatcli
from fatcli import claims, entitlement, facts, intake, pipeline
from fatcli.judgement import judge
from fatcli.ledger import Ledger
from fatcli.model import Month, ore, sek
from fatcli.result import Control, Paid
from stories import (
    MAY,
    NOON,
    Row,
    _task,
    contract,
    exercise,
    here,
    placement,
    present,
    register,
    report,
    workspace,
)

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
SOURCES = Path(fatcli.__file__).parent
MONTH = Month.parse("2024-05")
PLACEMENTS = [
    placement("P1", in_depth_from="2024-05-13", in_depth_decided_on="2023-09-25"),
    placement("P2", organiser_id="ORG2", decision_date="2024-05-08"),  # A04 before
    placement("P3", organiser_id="ORG2", end="2024-05-17"),  # A01 after
    placement("P4", service="AT"),  # unpaid
    exercise("P5", start="2024-05-06"),
    placement("P6", organiser_id="ORG3", service="ITA3", programme=None, trial_completed_on="2024-05-17"),
]
PAID_BY_DAY = {"P1": "FAT", "P2": "FAT", "P3": "FAT"}
NAMES = [row["placement_id"] for row in PLACEMENTS]
DAYS = ["2024-04-30", "2024-05-02", "2024-05-06", "2024-05-07", "2024-05-13", "2024-05-14", "2024-05-20", "2024-06-04"]  # the last: A13
STATUSES = ["N", "N", "N", "S", "OF", "?"]


def tried(times: int) -> settings:
    return settings(max_examples=times * (25 if LONG else 1), derandomize=not LONG, database=None, deadline=None)


@st.composite
def months(draw: st.DrawFn) -> list[Row]:
    """Reports, some of them twice, some unreadable."""
    told = st.tuples(st.sampled_from(NAMES), st.sampled_from(DAYS), st.sampled_from(STATUSES))
    found = draw(st.lists(told, max_size=20))
    return [report(date, name, status) for name, date, status in found] + [report("2024-05-03", "P1")]


prices = st.lists(st.integers(1, 10**13), min_size=2, max_size=2)  # öre: up to a hundred thousand million SEK


def office(folder: Path, reports: Sequence[Row], price: int, base: int) -> Path:
    contracts = [
        contract(sek(price), "2024-01-01") | {"organiser_id": "ORG3"},
        contract(sek(base), "2024-01-01", service="FAT", component="base"),  # of ORG1
    ]
    return workspace(folder, register(*PLACEMENTS, contracts=contracts), reports)


def booked(folder: Path) -> Paid:
    order = pipeline.Order(MONTH, allowed=("all",))
    return pipeline.payout(_task(folder, "2024-06-03", ()), order, folder / "ledger.db", "eva", NOON)


def due(folder: Path) -> int:
    """What would be claimed if nothing were booked, in öre."""
    return pipeline.payout(_task(folder, "2024-06-03", ()), pipeline.Order(MONTH, dry_run=True), folder / "none.db", "eva", NOON).total_ore


def in_books(folder: Path) -> int:
    if not (folder / "ledger.db").exists():
        return 0
    with closing(sqlite3.connect(folder / "ledger.db")) as books:
        return int(books.execute("SELECT coalesce(sum(amount), 0) FROM items WHERE date LIKE '2024-05-%'").fetchone()[0])


def closes(control: Control) -> bool:
    parts = control.paid, control.not_paid, control.withheld, control.set_aside, control.kept, control.other_months
    return control.read == sum(parts) and min(parts) >= 0


@given(first=months(), second=months(), price=prices, base=prices)
@tried(6)
def test_what_is_booked_is_what_is_due_and_what_is_kept(first: list[Row], second: list[Row], price: list[int], base: list[int]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for reports, result, rate in zip((first, second), price, base, strict=True):
            before = in_books(office(folder, reports, result, rate))
            run = booked(folder)
            kept = sum(item.amount_ore for item in run.kept)
            assert in_books(folder) == due(folder) + kept == before + run.total_ore
            assert all(map(closes, run.control))
            total, *parts = run.control
            assert total.read == len(reports)
            for scope in ("file", "organiser"):
                assert total.read == sum(part.read for part in parts if part.scope == scope)
        again = booked(folder)
        assert (again.claims, again.run) == ((), None)


@given(reports=months(), price=prices, base=prices)
@tried(10)
def test_each_reported_day_is_due_or_withheld_or_set_aside(reports: list[Row], price: list[int], base: list[int]) -> None:
    """Worked out from the reports alone: an attended day of FAT has one item, of the contract's or the rule book's rate."""
    with TemporaryDirectory() as name:
        folder = office(Path(name), reports, price[0], base[0])
        run = booked(folder)
    attended = {(row["placement_id"], row["date"]) for row in reports if row["status"] == "N" and row["date"].month == 5}
    days = {(placement, date) for placement, date in attended if placement in PAID_BY_DAY}
    rates = {"P1": base[0], "P2": 30_000, "P3": 30_000}
    told = [(line.placement, line.days, line.amount_ore) for claim in run.claims for line in claim.lines if line.component == "base"]
    told += [(item.placement, 1, item.amount_ore or 0) for item in run.withheld if item.component == "base"]
    assert sum(count for _, count, _ in told) == len(days)
    assert sum(amount for _, _, amount in told) == sum(rates[placement] for placement, _ in days)
    assert run.control[0].set_aside == sum(row["status"] == "?" for row in reports)


# --- no float


MONEY_MODULES = ("claims", "entitlement", "control", "result", "ledger/*")


@pytest.mark.parametrize("path", sorted(path for name in MONEY_MODULES for path in SOURCES.glob(f"{name}.py")), ids=lambda path: path.name)
def test_where_money_is_reckoned_nothing_is_divided_or_a_fraction(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in ("float", "pl.Float64", "pl.Float32", "round"))
        or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div) and "Path" not in ast.unparse(node))
    ]
    seconds = {"10.0"}  # how long the ledger waits for another process
    assert set(found) <= seconds


def frames_of(folder: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every frame on the way from cells to claims."""
    task = _task(folder, "2024-06-03", ())
    material = intake.read(task)
    with Ledger.open(folder / "ledger.db", create=False) as ledger:
        net, items = ledger.booked(), ledger.items()
        judged = judge(task, material, ledger.books())
    said = judged.spoken()
    held = claims.sorted_out(judged.items, net, said, judged.facts)
    yield "contracts", material.table("contracts")
    yield "prices", entitlement._spans_of_price(material.table("contracts"))
    yield "net", net
    yield "ledger", items
    yield "items", judged.items
    yield "differences", claims.differences(judged.items, held.clear(), said)
    yield "kept", claims.kept(held, MONTH)
    yield "ruled out", claims.ruled_out(held, judged.facts)


MONEY = {"amount", "due", "booked", "sek", "_price", "rate", "total"}


def numbers_in(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Every amount of a record and of the records in it."""
    if is_dataclass(value):
        for each in fields(value):
            yield from numbers_in(getattr(value, each.name), each.name)
        yield from ((name, getattr(value, name)) for name in ("total_ore", "amount_ore") if hasattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from numbers_in(item, name)
    elif name.endswith("_ore") or isinstance(value, float):
        yield name, value


def test_no_amount_is_ever_a_float(tmp_path: Path) -> None:
    reports = [*present(MAY, "P1"), *present(MAY, "P2"), *present(MAY, "P3"), *present(MAY, "P5"), report("2024-05-03", "P6")]
    folder = office(tmp_path, reports, 1_234_567, 33_333)
    run = booked(folder)
    seen = set()
    for name, frame in frames_of(folder):
        money = {column: dtype for column, dtype in frame.schema.items() if column in MONEY and dtype != pl.Boolean}
        assert money, name
        assert set(money.values()) == {pl.Int64}, name
        assert frame.height or name in ("kept", "ruled out"), name
        seen |= set(money)
    assert {"amount", "due", "booked", "sek"} <= seen
    assert facts.BOOKED["amount"] == pl.Int64
    amounts = list(numbers_in(run))
    assert {"rate_ore", "amount_ore", "total_ore"} <= {name for name, _ in amounts}
    assert {type(value) for _, value in amounts} == {int}
    with closing(sqlite3.connect(folder / "ledger.db")) as books:
        kinds = {
            table: books.execute(f"SELECT DISTINCT typeof({name}) FROM {table}").fetchall()
            for table, name in (("items", "amount"), ("claims", "total"))
        }
    assert kinds == {"items": [("integer",)], "claims": [("integer",)]}


def test_json_has_no_fractions(tmp_path: Path) -> None:
    folder = office(tmp_path, present(MAY, "P1"), 1_234_567, 33_333)

    def refused(number: str) -> None:
        raise AssertionError(number)

    for command in (
        ("payout", "--month", "2024-05", "--as-of", "2024-06-03"),
        ("ledger", "show", "1"),
        ("ledger", "export"),
        ("ledger", "log"),
    ):
        text = here(folder, *command, "--format", "json", FAT_USER="Eva").out
        document = json.loads(text, parse_float=refused, parse_constant=refused)
        told = [value for key, value in walked(document) if key.endswith("_sek")]
        assert told
        assert all(re.fullmatch(r"-?\d+\.\d\d", value) for value in told)


def walked(document: object, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(document, Mapping):
        for name, value in document.items():
            yield from walked(value, name)
    elif isinstance(document, list):
        for item in document:
            yield from walked(item, key)
    else:
        yield key, document


@given(st.integers(-(10**15), 10**15))
def test_an_amount_is_the_same_read_back(amount: int) -> None:
    assert ore(sek(amount)) == amount
    assert Decimal(sek(amount)) * 100 == amount


# --- one run in every form


def amounts_in(text: str) -> set[str]:
    """Amounts as people read them in English, in SEK with a point."""
    return {found.replace(",", "").replace("\u2212", "-") for found in re.findall(r"SEK\s(\u2212?[\d,]+\.\d\d)", text.replace("\xa0", " "))}


@tried(2)
@given(price=st.integers(1, 10**12), base=st.integers(1, 10**9))
def test_text_json_csv_xlsx_html_and_ledger_tell_the_same(price: int, base: int) -> None:
    with TemporaryDirectory() as name:
        reports = [*present(MAY, "P1"), *present(MAY[:9], "P2"), *present(MAY, "P5"), report("2024-05-03", "P6")]
        folder = office(Path(name), reports, price, base)
        forms = ("-o", "json:o/a.json", "-o", "csv:o/tables", "-o", "html:o/a.html", "-o", "text:o/a.txt")
        run = here(folder, "payout", "--month", "2024-05", "--as-of", "2024-06-03", *forms, FAT_USER="Eva")
        assert run.code in (0, 1), run.err
        document = json.loads((folder / "o/a.json").read_text(encoding="utf-8"))
        totals = {claim["claim"]: claim["total_sek"] for claim in document["claims"]}
        lines = [(claim["claim"], line) for claim in document["claims"] for line in claim["lines"]]
        for claim, total in totals.items():
            assert ore(total) == sum(ore(line["amount_sek"]) for own, line in lines if own == claim)
        for _, line in lines:
            assert ore(line["amount_sek"]) == line["days"] * ore(line["rate_sek"])
        assert ore(document["total_sek"]) == sum(map(ore, totals.values()))
        assert totals.keys() == {"2024-05/ORG1/1", "2024-05/ORG2/1", "2024-05/ORG3/1"}

        rows = list(csv.DictReader(io.StringIO((folder / "o/tables/claims.csv").read_bytes().decode("utf-8-sig"), newline="")))
        assert [(row["claim"], row["amount_sek"], row["rate_sek"]) for row in rows] == [
            (claim, line["amount_sek"], line["rate_sek"]) for claim, line in lines
        ]
        held = list(csv.DictReader(io.StringIO((folder / "o/tables/withheld.csv").read_bytes().decode("utf-8-sig"), newline="")))
        assert [row["amount_sek"] for row in held] == [item["amount_sek"] for item in document["withheld"]]

        with closing(sqlite3.connect(folder / "ledger.db")) as books:
            assert {claim: sek(total) for claim, total in books.execute("SELECT claim, total FROM claims")} == totals
            summed = books.execute("SELECT claim, sum(amount) FROM items JOIN lines USING (line) GROUP BY claim")
            assert {claim: sek(total) for claim, total in summed} == totals

        wanted = {*totals.values(), document["total_sek"]}
        for page in ("o/a.txt", "o/a.html"):
            assert wanted <= amounts_in((folder / page).read_text(encoding="utf-8")), page
        for claim, total in totals.items():
            (file,) = (folder / "out/2024-05").glob(f"rekvisition-2024-05-{claim.split('/')[1]}-*.xlsx")
            assert Decimal(total) in numbers_of(file)
            assert {Decimal(line["amount_sek"]) for own, line in lines if own == claim} <= numbers_of(file)
        (overview,) = (folder / "out/2024-05").glob("oversikt-*.xlsx")
        assert {Decimal(amount) for amount in wanted} <= numbers_of(overview)


def numbers_of(path: Path) -> set[Decimal]:
    """The numbers that a workbook shows, to the öre: formulas by their saved values."""
    cells = (cell.value for sheet in openpyxl.load_workbook(path, data_only=True) for row in sheet.iter_rows() for cell in row)
    return {round(Decimal(repr(cell)), 2) for cell in cells if isinstance(cell, int | float)}
