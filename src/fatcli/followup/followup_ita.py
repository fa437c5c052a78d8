"""The focus areas of Introduktion till arbete that the register can answer (ITA), and the others by name."""

from collections.abc import Iterator

import polars as pl

from fatcli.figures import TOTAL, Cell, Column, Figures, Label, Plot, Relation, Row, Table, equal, parts_of, rows_sum, share
from fatcli.followup import spells
from fatcli.followup.common import (
    MISSING,
    OUTCOMES,
    REASONS,
    by_key,
    counted,
    label,
    left_within,
    persons,
    rounded,
    share_of,
    within,
)
from fatcli.followup.data import Data
from fatcli.followup.ita_suppliers import TRIAL, alternation, completed, results
from fatcli.texts import Text

PARTS = ("ITA1", "ITA2", "ITA3")
_ITA = "ITA"
_STATUS_AFTER = 90

_FIGURE = Column("figure", Text("Mått", "Figure"), "text")
_PART = Column("part", Text("Del", "Part"), "text")


def _counts(base: Text) -> tuple[Column, ...]:
    """Columns of a table whose rows are figures: a number, its share of a base, and mean days."""
    return (
        _FIGURE,
        persons("count", Text("Antal", "Number"), part_of="base"),
        persons("base", Text("Av", "Of")),
        share_of(Text("Andel", "Share"), "share", "count", "base", base),
        Column("days", Text("Dagar i genomsnitt", "Mean days"), "days", of=("count",)),
    )


def followup_ita(data: Data) -> Figures:
    """ITA 3, 8, 9, 10, 11, 12 and 13."""
    placements = data.placements.filter(pl.col("service").is_in(PARTS)).with_columns(part="service", service=pl.lit(_ITA))
    placements = placements.with_columns(area=pl.coalesce("delivery_area", "county"))
    whole = spells.stays(
        placements,
        data.as_of,
        first=("hours_per_week", "organiser_id", "area"),
        last=("hours_per_week_end", "final_report_on", "status_90"),
    )
    left = left_within(whole, data.days)
    parts = (
        _time_to_trial(data, placements),
        _progression(data, placements, left),
        results(data, placements),
        _final_report(data, left),
        _status(data, left),
        _interruptions(data, placements),
        _reasons(data, placements),
        alternation(data, placements),
    )
    interruptions = parts[5]
    plot = Plot(
        "bars",
        Text("Andel avbrott efter del", "Share of interruptions by part"),
        interruptions.key,
        tuple(range(len(interruptions.rows))),
        "part",
        ("share",),
        Text("del", "part"),
        Text("andel av dem som har lämnat delen", "share of those who have left the part"),
    )
    return Figures(parts, (plot,), _NOT_ANSWERED, tuple(_relations(*parts)))


_NOT_ANSWERED = (
    Text(
        "Anvisningstid (område 1) visas av fat report stays, per del.",
        "Time in the service (area 1) is shown by fat report stays, by part.",
    ),
    Text(
        "Kan inte besvaras ur registret: obligatoriska aktiviteter (2), yrkesval och bristyrken (3), personalens kompetens (4), "
        "personaltäthet (5), grundutbildning (6), bearbetande insatser (7), slutredovisningens kvalitet (10) och hur den användes (11).",
        "The register can't answer: obligatory activities (2), choice of occupation (3), staff competence (4), staff density (5), "
        "basic training (6), preparatory efforts (7), the quality of final reports (10) and their use (11).",
    ),
)
_BEGUN = Text("dem som har börjat i tjänsten", "those who have begun in the service")
_LEFT = Text("dem som har lämnat tjänsten", "those who have left the service")


def _time_to_trial(data: Data, placements: pl.DataFrame) -> Table:
    """From a participant's first ITA day to the first day of part 3, and the completed trials (ITA 3)."""
    trial = pl.col("part") == TRIAL
    people = placements.group_by("_person").agg(
        start=pl.col("start").min(), trial=pl.col("start").filter(trial).min(), done=completed(data).filter(trial).min()
    )
    people = people.filter(within(data.days, "start")).with_columns(
        to_trial=(pl.col("trial") - pl.col("start")).dt.total_days(),
        to_done=(pl.col("done") - pl.col("start")).dt.total_days(),
    )
    begun, reached, done = people.height, people["trial"].count(), people["done"].count()
    rows: tuple[Row, ...] = (
        _row(
            "reached",
            Text("har börjat del 3 (arbetsprövning)", "have begun part 3 (work trial)"),
            reached,
            begun,
            people["to_trial"].mean(),
        ),
        _row(
            "completed",
            Text("har genomfört arbetsprövningen", "have completed the work trial"),
            done,
            begun,
            _mean(people, "to_done", "done"),
        ),
    )
    about = Text("Dagar från deltagarens första dag i tjänsten.", "Days from the participant's first day in the service.")
    return Table("trial", Text("3. Tid till arbetsprövning", "3. Time to the work trial"), _counts(_BEGUN), rows, (about,))


def _mean(frame: pl.DataFrame, column: str, where: str) -> object:
    return frame.filter(pl.col(where).is_not_null())[column].mean()


def _row(code: str, name: Text, count: int, base: int, days: object = None) -> Row:
    mean = rounded(float(days)) if isinstance(days, int | float) else None
    return (Label(code, name), count, base, share(count, base), mean)


def _progression(data: Data, placements: pl.DataFrame, left: pl.DataFrame) -> Table:
    """More hours at the end than at the start, or a completed work trial (ITA 8)."""
    done = placements.filter(pl.col("part") == TRIAL, completed(data).is_not_null()).select("_person", done=pl.lit(value=True)).unique()
    change = pl.col("last_hours_per_week_end") - pl.col("first_hours_per_week")
    people = left.join(done, on="_person", how="left").select(
        up=(change > 0).fill_null(value=False), known=change.is_not_null(), done=pl.col("done").is_not_null()
    )
    base = people.height
    figures = (
        ("up", Text("fler timmar vid slutet än vid starten", "more hours at the end than at the start"), pl.col("up")),
        ("done", Text("genomförd arbetsprövning", "completed work trial"), pl.col("done")),
        ("either", Text("progression: endera", "progression: either"), pl.col("up") | pl.col("done")),
        ("hours_unknown", Text("timmar inte kända", "hours not known"), ~pl.col("known")),
    )
    rows = tuple(_row(code, name, int(people.select(which.sum()).item() or 0), base) for code, name, which in figures)
    about = Text(
        "Progression är ökad tid i tjänsten eller genomförd arbetsprövning i del 3 (ITA 8).",
        "Progression is more time in the service, or a completed work trial in part 3 (ITA 8).",
    )
    return Table("progression", Text("8. Progression", "8. Progression"), _counts(_LEFT)[:4], tuple(row[:4] for row in rows), (about,))


def _final_report(data: Data, left: pl.DataFrame) -> Table:
    """Final reports of those who have left, given by the as-of day, and days from the end (ITA 10)."""
    given = left.filter(pl.col("last_final_report_on") <= data.as_of)
    late = (given["last_final_report_on"] - given["end"]).dt.total_days()
    row = _row("given", Text("slutredovisning har lämnats", "a final report is given"), given.height, left.height, late.mean())
    about = Text("Dagar från tjänstens slut till slutredovisningen.", "Days from the end of the service to the final report.")
    return Table("final_report", Text("10. Slutredovisning", "10. Final report"), _counts(_LEFT), (row,), (about,))


_STATUS = (
    Column("status", Text("Status", "Status"), "text"),
    persons("count", Text("Antal", "Number"), part_of="base"),
    persons("base", Text("Av", "Of")),
    share_of(
        Text("Andel", "Share"),
        "share",
        "count",
        "base",
        Text("dem för vilka 90 dagar har gått sedan de lämnade tjänsten", "those for whom 90 days have passed since they left"),
    ),
)


def _status(data: Data, left: pl.DataFrame) -> Table:
    """Status 90 days after the whole service (ITA 11)."""
    passed = left.filter(pl.col("end") + pl.duration(days=_STATUS_AFTER) <= data.as_of)
    counts = counted(passed.select(status=pl.col("last_status_90").cast(pl.String).fill_null(MISSING)), "status")
    rows: list[Row] = [
        (label(OUTCOMES, status), counts.get(status, 0), passed.height, share(counts.get(status, 0), passed.height))
        for status in OUTCOMES
        if status in counts or status != MISSING
    ]
    rows.append((_ALL, passed.height, passed.height, share(passed.height, passed.height)))
    return Table("status", Text("11. Status 90 dagar efter tjänsten", "11. Status 90 days after the service"), _STATUS, tuple(rows))


_ALL = Label(TOTAL, Text("alla", "all"))
_OF_PART = Text("dem som har lämnat delen", "those who have left the part")
_INTERRUPTIONS = (
    _PART,
    persons("left", Text("Har lämnat", "Have left")),
    persons("interrupted", Text("Avbrott", "Interruptions"), part_of="left"),
    share_of(Text("Andel", "Share"), "share", "interrupted", "left", _OF_PART),
    Column("days", Text("Dagar i delen till avbrottet", "Days in the part until then"), "days", of=("interrupted",)),
)
_WHY = (
    _PART,
    Column("reason", Text("Orsak", "Reason"), "text"),
    persons("count", Text("Antal", "Number"), part_of="total"),
    persons("total", Text("Av", "Of")),
    share_of(Text("Andel", "Share"), "share", "count", "total", Text("avbrotten i delen", "the interruptions in the part")),
)


def _of_parts(data: Data, placements: pl.DataFrame) -> pl.DataFrame:
    own = placements.with_columns(service="part")
    return left_within(spells.stays(own, data.as_of, last=("interrupted", "end_reason")), data.days)


def _interruptions(data: Data, placements: pl.DataFrame) -> Table:
    """Interruptions by part, and after how many days (ITA 12)."""
    broken = pl.col("last_interrupted")
    figures = (
        _of_parts(data, placements)
        .group_by("service")
        .agg(left=pl.len(), interrupted=broken.sum(), days=pl.col("days").filter(broken).mean())
    )
    known = by_key(figures, "service")
    rows = []
    for part in PARTS:
        row = known.get(part) or {"left": 0, "interrupted": 0, "days": None}
        rows.append(
            (label(data.services, part), row["left"], row["interrupted"], share(row["interrupted"], row["left"]), rounded(row["days"]))
        )
    about = Text(
        "Avbrott: avslutad i förtid av en orsak som regelboken räknar som avbrott; ändrad planering är inget avbrott.",
        "Interruption: ended early for a reason that the rule book takes for one; a changed plan is none.",
    )
    return Table("interruptions", Text("12. Avbrott", "12. Interruptions"), _INTERRUPTIONS, tuple(rows), (about,))


def _reasons(data: Data, placements: pl.DataFrame) -> Table:
    broken = _of_parts(data, placements).filter("last_interrupted").with_columns(reason=pl.col("last_end_reason").cast(pl.String))
    counts, totals = counted(broken, "service", "reason"), counted(broken, "service")
    rows: list[Row] = [
        (label(data.services, part), label(REASONS, reason), count, totals[part], share(count, totals[part]))
        for part in PARTS
        for reason in REASONS
        if (count := counts.get((part, reason), 0))
    ]
    return Table("reasons", Text("12. Orsaker till avbrott", "12. Reasons for interruptions"), _WHY, tuple(rows))


def _relations(
    trial: Table, progression: Table, paid: Table, report: Table, status: Table, interruptions: Table, reasons: Table, alternated: Table
) -> Iterator[Relation]:
    begun, reached, done = Cell(trial.key, 0, "base"), *(Cell(trial.key, at, "count") for at in (0, 1))
    left, passed = Cell(report.key, 0, "base"), Cell(status.key, 0, "base")
    yield parts_of(reached, done)
    yield parts_of(left, passed)
    for table, base in ((trial, begun), (progression, left), (status, passed)):
        yield from (equal(base, Cell(table.key, at, "base")) for at in range(len(table.rows)))
    yield from _of_progression(progression, left, done)
    yield Relation((done, left), (Cell(progression.key, 1, "count"), begun), rest=True)  # of those still there, who hasn't completed
    yield from _of_suppliers(paid, progression, reached, done)
    yield from rows_sum(status, range(len(status.rows) - 1), len(status.rows) - 1, ["count"])
    yield equal(Cell(status.key, len(status.rows) - 1, "count"), passed)
    yield from _of_interruptions(interruptions, reasons)
    areas: dict[object, list[int]] = {}
    for at, row in enumerate(alternated.rows):
        areas.setdefault(row[0], []).append(at)
    totals = [Cell(alternated.key, own[0], "total") for own in areas.values()]
    for total, own in zip(totals, areas.values(), strict=True):
        yield Relation(tuple(Cell(alternated.key, at, "referrals") for at in own), (total,))
        yield from (equal(total, Cell(alternated.key, at, "total")) for at in own[1:])
    if totals:
        yield parts_of(begun, *totals)


def _of_progression(progression: Table, left: Cell, completed_: Cell) -> Iterator[Relation]:
    up, done, either, unknown = (Cell(progression.key, at, "count") for at in range(4))
    yield from (parts_of(either, up), parts_of(either, done), parts_of(left, up, unknown), parts_of(completed_, done))
    yield Relation((either,), (up, done), rest=True)  # who did both


def _of_suppliers(paid: Table, progression: Table, reached: Cell, done: Cell) -> Iterator[Relation]:
    """The suppliers' participants are nearly all of those in the other areas' figures: a few have had two."""
    wholes = {"trials": reached, "results": done, "ended": Cell(progression.key, 1, "count")}
    for column, whole in wholes.items() if paid.rows else ():
        yield Relation(tuple(Cell(paid.key, at, column) for at in range(len(paid.rows))), (whole,))


def _of_interruptions(interruptions: Table, reasons: Table) -> Iterator[Relation]:
    for place, row in enumerate(interruptions.rows):
        own = [at for at, reason in enumerate(reasons.rows) if reason[0] == row[0]]
        whole = Cell(interruptions.key, place, "interrupted")
        yield from (equal(whole, Cell(reasons.key, at, "total")) for at in own)
        if own:
            yield Relation(tuple(Cell(reasons.key, at, "count") for at in own), (whole,))
