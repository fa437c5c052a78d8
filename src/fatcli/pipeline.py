"""The program on one page: read, check, claim, write. Each function is one command's work, without its printing."""

import datetime as dt
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from fatcli import checks, claims, entitlement, facts, outcome, rulebook
from fatcli.control import control_sums
from fatcli.errors import UsageError
from fatcli.facts import NO_BOOKS, Facts
from fatcli.intake import Material, Task, read, read_files
from fatcli.judgement import Judged, judge
from fatcli.model import Month
from fatcli.result import Checked, Paid
from fatcli.tables import Tables
from fatcli.texts import Text, did_you_mean
from fatcli.workbook import read_workbook
from fatcli.workspace import expanded

if TYPE_CHECKING:
    from fatcli.explain import Case
    from fatcli.explained import Explanation
    from fatcli.ledger import Booking, Ledger
    from fatcli.rulediff import Comparison, Outcome


@dataclass(frozen=True)
class Order:
    """What `payout` is asked beside: the month, whose reversals are allowed, and whose claims alone are wanted (none: all).

    `reporting_only`: result compensation too is claimed only for organisers that the input has a report of.
    """

    month: Month
    allowed: Collection[str] = ()
    organisers: Collection[str] = ()
    dry_run: bool = False
    reporting_only: bool = False


def validate(task: Task) -> Checked:
    """Reads and checks; looks into no ledger."""
    judged = judge(task, read(task), NO_BOOKS)
    return outcome.chosen(outcome.checked(task, judged, judged.hits, judged.items), task)


def payout(task: Task, order: Order, ledger_path: Path, who: str, when: dt.datetime) -> Paid:
    """Reads, checks, claims and books a month; a run that booked nothing has no number.

    When another run is booked meanwhile, what is due is computed again: nothing is ever claimed on old books.
    """
    from fatcli.ledger import HeadMoved, Ledger

    material = read(task)
    while True:
        with Ledger.open(ledger_path, create=False) as ledger:
            _check_day(task, order.month, ledger.last_as_of(order.month))
            paid, booking = _claimed(task, order, material, ledger)
        if order.dry_run or booking is None:
            return paid
        # made only when there is something to book: a run that is refused writes nothing
        with Ledger.open(ledger_path, create=True) as ledger, suppress(HeadMoved):
            return replace(booking.paid, checked=paid.checked, run=ledger.book(booking, who, when))


def compare(task: Task, old: Path | None, new: Path | None, month: Month | None) -> "Comparison":
    """Two rule books, and what is at stake between them where files or a month are named; books nothing, looks into no ledger.

    A path None is the book that comes with the program.
    """
    from fatcli import rulediff

    books = rulebook.load(old), rulebook.load(new)
    comparison = rulediff.Comparison(*books, rulediff.compare(*books))
    if not task.files and month is None:
        return comparison
    before = read_files(task, lambda: books[0])
    alike = (books[0].vocabulary, books[0].components()) == (books[1].vocabulary, books[1].components())
    after = Material(books[1], before.tables) if alike else read_files(task, lambda: books[1])
    changed = {change.key.split(" ")[0] for change in comparison.changes if change.section == "rules"}
    given = _of_book(task, before, month), _of_book(task, after, month)
    return replace(comparison, effect=rulediff.effect(*given, month, task.as_of, outcome.inputs(after.tables), changed))


def _of_book(task: Task, material: Material, month: Month | None) -> "Outcome":
    """What a book gives where nothing is booked: what payout would claim, and what it would withhold."""
    from fatcli.rulediff import Outcome

    judged = judge(task, material, NO_BOOKS)
    known, items, hits = judged.facts, judged.items, judged.hits
    said = judged.spoken()
    due = claims.differences(items, claims.sorted_out(items, NO_BOOKS.booked, said, known), said)
    if month:
        due, items = (frame.filter(pl.col("month_first") == month.first) for frame in (due, items))
        hits = checks.scoped(hits, known, month, _concerned(known, items, month))
    withheld = items.filter(pl.col("rules").list.len() > 0)
    due = due.with_columns(rules=pl.lit([], pl.List(pl.String)))
    checked = outcome.checked(task, judged, hits, items)
    return Outcome(pl.concat([_money(due), _money(withheld)]), checked.violations, checked.not_evaluated)


def _money(items: pl.DataFrame) -> pl.DataFrame:
    """Items as rulediff counts them."""
    return items.select(
        "service", "component", "date", "rules", organiser="organiser_id", placement="placement_id", ore=pl.col("amount").fill_null(0)
    )


def explain(task: Task, asked: str, ledger_path: Path, date: dt.date | None = None, month: Month | None = None) -> "Explanation":
    """Why this krona: a placement (all of it, a day or a month), a cell `FILE!Sheet!C17`, or a booked claim. Books nothing."""
    from fatcli.explain import explain_claim, is_claim_number
    from fatcli.ledger import Ledger

    with Ledger.open(ledger_path, create=False) as ledger:
        if is_claim_number(asked) and asked not in ledger.items()["placement_id"]:
            return explain_claim(ledger, asked, task.language)
        case = _case(task, ledger)
    return _answer(task, case, asked, date, month)


def _case(task: Task, ledger: "Ledger") -> "Case":
    from fatcli.explain import Case

    books = ledger.books()
    judged = judge(task, read(task), books)
    return Case(
        tables=judged.material.tables,
        facts=judged.facts,
        hits=judged.hits,
        set_aside=judged.set_aside,
        items=judged.items,
        checked=outcome.checked(task, judged, (), judged.items.clear()),
        booked=books.booked,
        history=ledger.items(),
        log={entry.number: entry for entry in ledger.log()},
        show_ids=task.show_ids,
    )


def _answer(task: Task, case: "Case", asked: str, date: dt.date | None, month: Month | None) -> "Explanation":
    from fatcli.explain import explain_cell, explain_placement, parse_address

    if "!" not in asked or asked in case.facts.placements["placement_id"]:
        return explain_placement(case, asked, asked, date=date, month=month)
    address = parse_address(asked, [file.file for file in case.tables.files])
    paths = (path for path in (*expanded(task.files), *task.workspace.files()) if task.workspace.shown(path) == address.file)
    return explain_cell(case, address, read_workbook(next(paths), address.file).grids, asked)


def _claimed(task: Task, order: Order, material: Material, ledger: "Ledger") -> tuple[Paid, "Booking | None"]:
    """What a run claims on the ledger as it is, and what to book of it (None: nothing)."""
    base = ledger.head
    books, month = ledger.books(), order.month
    booked = books.booked
    _check_organisers(
        order, {*material.table("organisers")["organiser_id"], *material.table("placements")["organiser_id"], *booked["organiser_id"]}
    )
    judged = judge(task, material, books)
    task.progress("claim", 0, 1)
    known, all_items = judged.facts, judged.items
    items = all_items.filter(pl.col("month_first") == month.first)
    said = judged.spoken(_of_reporting(judged) if order.reporting_only else None)
    held = claims.sorted_out(all_items, booked, said, known)
    differing = claims.differences(all_items, held, said)
    wanted = differing.filter(pl.col("month_first") == month.first)
    if order.organisers:
        wanted = wanted.filter(pl.col("organiser_id").is_in(list(order.organisers)))
    found = claims.claims(wanted, ledger.origin(), known, order.allowed)
    held_back = claims.booked_elsewhere(
        wanted, booked, [claim.organiser for claim in found if not claim.reversal_refused], known.placements["placement_id"]
    )
    if held_back.height:
        wanted, items = claims.left_out(wanted, held_back), entitlement.withheld_too(items, held_back, claims.BOOKED_ELSEWHERE)
        found = claims.claims(wanted, ledger.origin(), known, order.allowed)
    kept = claims.kept(held, month)
    elsewhere = pl.concat([differing.select("month_first", "amount"), claims.ruled_out(held, known)])
    hits = checks.scoped(judged.hits, known, month, _concerned(known, items, month))
    whole = outcome.checked(task, judged, hits, items)
    paid = Paid(
        checked=outcome.chosen(whole, task),
        month=month,
        run=None,
        claims=found,
        withheld=outcome.withheld(items, judged, whole),
        kept=outcome.kept(kept, task.language),
        other_months=claims.other_months(elsewhere, month),
        control=control_sums(material.tables, known, items, kept, month),
        dry_run=order.dry_run,
        silent=() if task.files else outcome.silent(judged, month),
    )
    # what is booked, and the files of it, tell everything, whatever is chosen to be shown
    return paid, _booking(replace(paid, checked=whole), wanted, items, ledger.next_sequence(month), base, material.tables)


def _of_reporting(judged: Judged) -> pl.DataFrame:
    """The items of organisers that the input has a report of."""
    reports = judged.material.table("attendance")
    reporting = judged.facts.placements.join(reports, on="placement_id", how="semi")["organiser_id"]
    return judged.items.filter(pl.col("organiser_id").is_in(reporting.implode()))


def _booking(
    paid: Paid, differing: pl.DataFrame, items: pl.DataFrame, sequences: Mapping[str, int], base: str, tables: Tables
) -> "Booking | None":
    """The claims that may be booked, numbered, with their items and the places these were read from."""
    from fatcli.ledger import ITEMS, Booking

    numbered = [
        claim
        if claim.reversal_refused
        else replace(claim, number=f"{paid.month}/{claim.organiser}/{sequences.get(claim.organiser, 1)}", booked=True)
        for claim in paid.claims
    ]
    organisers = [claim.organiser for claim in numbered if claim.booked]
    if not organisers:
        return None
    sources = pl.DataFrame(
        [(number, source.file, source.sheet, source.columns.get("date")) for number, source in enumerate(tables.sources)],
        {"source": pl.Int32, "file": pl.String, "sheet": pl.String, "date_col": pl.UInt16},
        orient="row",
    )
    places = items.select(*facts.ITEM, "source", "row", "col").join(sources, on="source").with_columns(pl.coalesce("col", "date_col"))
    rows = differing.filter(pl.col("organiser_id").is_in(organisers)).join(places, on=facts.ITEM, how="left", maintain_order="left")
    rows = rows.select(pl.col(name).cast(dtype) for name, dtype in ITEMS.items())
    return Booking("payout", replace(paid, claims=tuple(numbered)), rows, base)


def _check_organisers(order: Order, known: Collection[str]) -> None:
    """A misspelt organiser would look as if nothing were due to it."""
    for name in (*order.organisers, *order.allowed):
        if name not in known and not (name == "all" and name in order.allowed):
            hint = did_you_mean(name, known)
            what = Text("det finns ingen anordnare {name}.{hint}", "there is no organiser {name}.{hint}").fill(name=name, hint=hint)
            raise UsageError(what, Text("Skriv dess anordnar-id som i registret.", "Write its organiser_id as in the register."))


def _check_day(task: Task, month: Month, last: dt.date | None) -> None:
    if last is not None and task.as_of < last:
        raise UsageError(
            Text(
                f"beräkningsdagen {task.as_of} är före den dag, {last}, som {month} senast bokfördes per.",
                f"the as-of day {task.as_of} is before the day, {last}, that {month} was last booked as of.",
            ),
            Text(f"Ange --as-of {last} eller senare.", f"Give --as-of {last} or later."),
        )


def _concerned(facts: Facts, items: pl.DataFrame, month: Month) -> pl.Series:
    """`_p` of the placements that a month concerns: start..end touches it, or they have an item in it."""
    touching = facts.placements.filter(pl.col("start") <= month.last, pl.col("end") >= month.first)["_p"]
    return pl.concat([touching, items["_p"]]).unique()
