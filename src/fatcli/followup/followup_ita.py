"""The focus areas of Introduktion till arbete that the register can answer (ITA), and the others by name."""

import polars as pl

from fatcli.figures import TOTAL, Cell, Column, Figures, Label, Plot, Relation, Row, Table, equal, rows_sum, share
from fatcli.followup import spells
from fatcli.followup.common import (
    MISSING,
    OUTCOMES,
    REASONS,
    by_key,
    counted,
    label,
    left_within,
    organiser_names,
    persons,
    rounded,
    share_of,
    within,
)
from fatcli.followup.data import Data
from fatcli.texts import Text, same

PARTS = ("ITA1", "ITA2", "ITA3")
_TRIAL = "ITA3"
_ITA = "ITA"
_STATUS_AFTER = 90
_SUPPLIERS = 2  # ITA 13 asks about the areas that have two

_FIGURE = Column("figure", Text("Mått", "Figure"), "text")
_AREA = Column("area", Text("Leveransområde", "Delivery area"), "text")
_ORGANISER = Column("organiser", Text("Leverantör", "Supplier"), "text")
_PART = Column("part", Text("Del", "Part"), "text")


def _counts(base: Text) -> tuple[Column, ...]:
    """Columns of a table whose rows are figures: a number, its share of a base, and mean days."""
    return (
        _FIGURE,
        persons("count", Text("Antal", "Number")),
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
        _results(data, placements),
        _final_report(data, left),
        _status(data, left),
        _interruptions(data, placements),
        _reasons(data, placements),
        _alternation(data, placements),
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
    return Figures(parts, (plot,), _NOT_ANSWERED, tuple(_relations(*parts[4:])))


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
    trial = pl.col("part") == _TRIAL
    people = placements.group_by("_person").agg(
        start=pl.col("start").min(), trial=pl.col("start").filter(trial).min(), done=_completed(data).filter(trial).min()
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


def _completed(data: Data) -> pl.Expr:
    """The day that a work trial was completed, of those that have been by the as-of day."""
    return pl.when(pl.col("trial_completed_on") <= data.as_of).then("trial_completed_on")


def _mean(frame: pl.DataFrame, column: str, where: str) -> object:
    return frame.filter(pl.col(where).is_not_null())[column].mean()


def _row(code: str, name: Text, count: int, base: int, days: object = None) -> Row:
    mean = rounded(float(days)) if isinstance(days, int | float) else None
    return (Label(code, name), count, base, share(count, base), mean)


def _progression(data: Data, placements: pl.DataFrame, left: pl.DataFrame) -> Table:
    """More hours at the end than at the start, or a completed work trial (ITA 8)."""
    done = placements.filter(pl.col("part") == _TRIAL, _completed(data).is_not_null()).select("_person", done=pl.lit(value=True)).unique()
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


_RESULTS = (
    _AREA,
    _ORGANISER,
    persons("trials", Text("Deltagare i del 3", "Participants in part 3")),
    persons("results", Text("Genomförda arbetsprövningar", "Completed work trials"), part_of="trials"),
    share_of(
        Text("Andel genomförda", "Share completed"),
        "share",
        "results",
        "trials",
        Text("deltagarna i del 3", "participants in part 3"),
    ),
    persons("paid", Text("Deltagare med resultatersättning", "Participants with result compensation")),
    Column("booked", Text("Bokförd resultatersättning", "Result compensation booked"), "sek", of=("paid",)),
    Column("unbooked", Text("Ej bokförd, enligt reglerna", "Not booked, by the rules"), "sek", of=("paid",)),
    persons("ended", Text("Har lämnat tjänsten efter resultatet", "Have left the service after the result"), part_of="results"),
    share_of(
        Text("Andel som har lämnat", "Share that have left"),
        "ended_share",
        "ended",
        "results",
        Text("dem med genomförd arbetsprövning", "those with a completed work trial"),
    ),
    Column("days", Text("Dagar från resultat till slut", "Days from result to end"), "days", of=("ended",)),
)
_ABOUT_RESULTS = (
    Text(
        "Deltagare som var i del 3 under tiden, arbetsprövningar som genomfördes då, och resultatersättning för dagar i den.",
        "Participants who were in part 3 in that time, work trials completed in it, and result compensation for days of it.",
    ),
    Text(
        "Beloppen är bokförda resultatersättningar, och där inget är bokfört vad reglerna ger; avtalspris krävs.",
        "The amounts are result compensation booked, and where nothing is booked what the rules give; a contract price is needed.",
    ),
)
_SUPPLIED = ("area", "organiser_id")


def _results(data: Data, placements: pl.DataFrame) -> Table:
    """Completed trials and their money per area and supplier, and whether the service was ended after them (ITA 9)."""
    found = _trials(data, placements).join(_money(data, placements), on=_SUPPLIED, how="full", coalesce=True, nulls_equal=True)
    found = found.with_columns(pl.exclude("days", *_SUPPLIED).fill_null(0)).sort(_SUPPLIED, nulls_last=True)
    names = organiser_names(data)
    rows: list[Row] = []
    for row in found.iter_rows(named=True):
        trials, results, ended = row["trials"], row["results"], row["ended"]
        money = row["paid"], row["booked"], row["unbooked"]
        figures = (trials, results, share(results, trials), *money, ended, share(ended, results), rounded(row["days"]))
        rows.append((_area(row["area"]), label(names, row["organiser_id"]), *figures))
    title = Text("9. Resultatersättning per leveransområde och leverantör", "9. Result compensation by delivery area and supplier")
    return Table("results", title, _RESULTS, tuple(rows), _ABOUT_RESULTS)


def _trials(data: Data, placements: pl.DataFrame) -> pl.DataFrame:
    """area, organiser_id, trials, results, ended, days: who was in part 3 in the days of the report, or completed it then."""
    ends = placements.group_by("_person").agg(service_end=pl.col("effective_end").max())
    first, last = data.days or (data.as_of, data.as_of)
    trials = placements.filter(pl.col("part") == _TRIAL).with_columns(done=_completed(data))
    trials = trials.with_columns(done=pl.when(within(data.days, "done")).then("done"))
    there = (pl.col("start") <= last) & (pl.col("effective_end") >= first)
    over = pl.col("done").is_not_null() & (pl.col("service_end") < data.as_of)
    trials = trials.filter(there | pl.col("done").is_not_null()).join(ends, on="_person").with_columns(over=over)
    who, days = pl.col("_person"), (pl.col("service_end") - pl.col("done")).dt.total_days()
    return trials.group_by(_SUPPLIED).agg(
        trials=who.n_unique(),
        results=who.filter(pl.col("done").is_not_null()).n_unique(),
        ended=who.filter("over").n_unique(),
        days=days.filter("over").mean(),
    )


def _money(data: Data, placements: pl.DataFrame) -> pl.DataFrame:
    """area, organiser_id, paid (persons), booked, unbooked: result compensation of the days of the report."""
    kinds = [f"{service}.{component}" for (service, component), kind in data.kinds.items() if kind == "result"]
    wanted = pl.concat_str("service", "component", separator=".").is_in(kinds) & within(data.days, "date")
    booked = data.sums.booked.filter(wanted).select("placement_id", "organiser_id", "participant", booked="amount")
    due = data.sums.due.filter(wanted).join(data.sums.booked.filter(wanted), on="placement_id", how="anti")
    due = due.select("placement_id", "organiser_id", "participant", unbooked="amount")
    sums = pl.concat([booked, due], how="diagonal").join(placements.select("placement_id", "area"), on="placement_id", how="left")
    any_ = (pl.col("booked").fill_null(0) != 0) | (pl.col("unbooked").fill_null(0) != 0)
    return sums.group_by(_SUPPLIED).agg(
        pl.col("participant").filter(any_).n_unique().alias("paid"), pl.col("booked").sum(), pl.col("unbooked").sum()
    )


def _area(name: str | None) -> Label:
    return Label(name or MISSING, same(name) if name else Text("inget område angivet", "no area given"))


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


_REFERRALS = (
    _AREA,
    _ORGANISER,
    persons("referrals", Text("Avrop", "Referrals")),
    persons("total", Text("Avrop i området", "Referrals in the area")),
    share_of(Text("Andel", "Share"), "share", "referrals", "total", Text("avropen i området", "the referrals in the area")),
    Column("alternating", Text("Byten", "Alternations"), of=("total",)),
    Column(
        "alternation",
        Text("Andel byten", "Share alternating"),
        "share",
        of=("total",),
        base=Text("avropen efter det första", "the referrals after the first"),
    ),
)


def _alternation(data: Data, placements: pl.DataFrame) -> Table:
    """Whether every second referral went to each supplier, in areas that have two (ITA 13)."""
    first = placements.sort("_person", "start", "placement_id").unique("_person", keep="first", maintain_order=True)
    first = first.filter(within(data.days, "start")).with_columns(at=pl.coalesce("decision_date", "start"))
    suppliers = _suppliers(data, placements)
    two = suppliers.filter(pl.len().over("area") == _SUPPLIERS)
    ordered = first.join(two, on="area", how="semi").sort("area", "at", "start", "placement_id")
    changed = (pl.col("organiser_id") != pl.col("organiser_id").shift(1)) & (pl.col("area") == pl.col("area").shift(1))
    ordered = ordered.with_columns(changed=changed.fill_null(value=False))
    areas = by_key(ordered.group_by("area").agg(total=pl.len(), changed=pl.col("changed").sum()), "area")
    names, counts = organiser_names(data), counted(ordered, "area", "organiser_id")
    rows: list[Row] = []
    for area, organiser in two.filter(pl.col("area").is_in(list(areas))).sort("area", "organiser_id").iter_rows():
        count, total, changes = counts.get((area, organiser), 0), areas[area]["total"], areas[area]["changed"]
        rows.append((_area(area), label(names, organiser), count, total, share(count, total), changes, share(changes, total - 1)))
    about = Text(
        "Ett avrop är deltagarens första placering i tjänsten, i beslutens ordning; vid vartannat avrop är alla byten.",
        "A referral is the participant's first placement in the service, in the order of decisions; if they take turns, all alternate.",
    )
    return Table(
        "alternation",
        Text("13. Avrop i områden med två leverantörer", "13. Referrals in areas with two suppliers"),
        _REFERRALS,
        tuple(rows),
        (about, *_not_two(suppliers, len(areas))),
    )


def _suppliers(data: Data, placements: pl.DataFrame) -> pl.DataFrame:
    """area, organiser_id: who has had any placement, first or later, running in the days of the report."""
    first, last = data.days or (data.as_of, data.as_of)
    running = placements.filter(pl.col("start") <= last, pl.col("effective_end") >= first, pl.col("area").is_not_null())
    return running.select(_SUPPLIED).unique()


def _not_two(suppliers: pl.DataFrame, shown: int) -> tuple[Text, ...]:
    """How many areas are left out, if any."""
    left_out = suppliers["area"].n_unique() - shown
    text = Text(
        "Områden som inte har två leverantörer, eller inga avrop under tiden, visas inte: {n}.",
        "Areas that don't have two suppliers, or no referrals in that time, are not shown: {n}.",
    )
    return (text.fill(n=left_out),) if left_out else ()


def _relations(status: Table, interruptions: Table, reasons: Table, alternation: Table) -> list[Relation]:
    last = len(status.rows) - 1
    relations = rows_sum(status, range(last), last, ["count"])
    relations += [equal(Cell(status.key, last, "count"), Cell(status.key, at, "base")) for at in range(last + 1)]
    for place, row in enumerate(interruptions.rows):
        own = [at for at, reason in enumerate(reasons.rows) if reason[0] == row[0]]
        whole = Cell(interruptions.key, place, "interrupted")
        relations += [equal(whole, Cell(reasons.key, at, "total")) for at in own]
        if own:
            relations.append(Relation(tuple(Cell(reasons.key, at, "count") for at in own), (whole,)))
    areas: dict[object, list[int]] = {}
    for at, row in enumerate(alternation.rows):
        areas.setdefault(row[0], []).append(at)
    for own in areas.values():
        total = Cell(alternation.key, own[0], "total")
        relations.append(Relation(tuple(Cell(alternation.key, at, "referrals") for at in own), (total,)))
        relations += [equal(total, Cell(alternation.key, at, "total")) for at in own[1:]]
    return relations
