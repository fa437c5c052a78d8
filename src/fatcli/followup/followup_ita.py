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
        _progression(placements, left),
        _results(data, placements),
        _final_report(left),
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
        start=pl.col("start").min(), trial=pl.col("start").filter(trial).min(), done=pl.col("trial_completed_on").filter(trial).min()
    )
    people = people.filter(within(data.days, "start")).with_columns(
        to_trial=(pl.col("trial") - pl.col("start")).dt.total_days(),
        to_done=(pl.col("done") - pl.col("start")).dt.total_days(),
        done=pl.when(pl.col("done") <= data.as_of).then("done"),
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


def _progression(placements: pl.DataFrame, left: pl.DataFrame) -> Table:
    """More hours at the end than at the start, or a completed work trial (ITA 8)."""
    done = placements.filter(pl.col("trial_completed_on").is_not_null()).select("_person", done=pl.lit(value=True)).unique()
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
        Text("deltagarna som har börjat del 3", "participants who have begun part 3"),
    ),
    Column("booked", Text("Bokförd resultatersättning", "Result compensation booked"), "sek", of=("results",)),
    Column("unbooked", Text("Ej bokförd, enligt reglerna", "Not booked, by the rules"), "sek", of=("results",)),
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


def _results(data: Data, placements: pl.DataFrame) -> Table:
    """Completed trials and their money per area and supplier, and whether the service was ended after them (ITA 9)."""
    ends = placements.group_by("_person").agg(service_end=pl.col("effective_end").max())
    trials = placements.filter(pl.col("part") == _TRIAL, within(data.days, "start")).join(ends, on="_person")
    done = pl.when(pl.col("trial_completed_on") <= data.as_of).then("trial_completed_on")
    over = done.is_not_null() & (pl.col("service_end") < data.as_of)
    trials = trials.join(_money(data), on="placement_id", how="left").with_columns(
        done=done, over=over, days=pl.when(over).then((pl.col("service_end") - done).dt.total_days())
    )
    who = pl.col("_person")
    found = trials.group_by("area", "organiser_id").agg(
        trials=who.n_unique(),
        results=who.filter(pl.col("done").is_not_null()).n_unique(),
        booked=pl.col("booked").sum(),
        unbooked=pl.col("unbooked").sum(),
        ended=who.filter("over").n_unique(),
        days=pl.col("days").mean(),
    )
    names = organiser_names(data)
    rows: list[Row] = []
    for row in found.sort("area", "organiser_id", nulls_last=True).iter_rows(named=True):
        results, ended = row["results"], row["ended"]
        money = row["booked"], row["unbooked"]
        figures = (row["trials"], results, share(results, row["trials"]), *money, ended, share(ended, results), rounded(row["days"]))
        rows.append((_area(row["area"]), label(names, row["organiser_id"]), *figures))
    about = Text(
        "Beloppen är bokförda resultatersättningar, och där inget är bokfört vad reglerna ger; avtalspris krävs.",
        "The amounts are result compensation booked, and where nothing is booked what the rules give; a contract price is needed.",
    )
    title = Text("9. Resultatersättning per leveransområde och leverantör", "9. Result compensation by delivery area and supplier")
    return Table("results", title, _RESULTS, tuple(rows), (about,))


def _money(data: Data) -> pl.DataFrame:
    """placement_id, booked, unbooked: result compensation."""
    kinds = [f"{service}.{component}" for (service, component), kind in data.kinds.items() if kind == "result"]
    result = pl.concat_str("service", "component", separator=".").is_in(kinds)
    booked = data.booked.filter(result).group_by("placement_id").agg(booked=pl.col("amount").sum())
    due = data.due.filter(result).join(booked, on="placement_id", how="anti").group_by("placement_id").agg(unbooked=pl.col("amount").sum())
    return booked.join(due, on="placement_id", how="full", coalesce=True)


def _area(name: str | None) -> Label:
    return Label(name or MISSING, same(name) if name else Text("inget område angivet", "no area given"))


def _final_report(left: pl.DataFrame) -> Table:
    """Final reports of those who have left, and days from the end (ITA 10)."""
    late = (pl.col("last_final_report_on") - pl.col("end")).dt.total_days()
    given = left["last_final_report_on"].count()
    row = _row("given", Text("slutredovisning har lämnats", "a final report is given"), given, left.height, left.select(late.mean()).item())
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
    first = first.filter(within(data.days, "start"), pl.col("area").is_not_null()).with_columns(at=pl.coalesce("decision_date", "start"))
    two = first.group_by("area").agg(pl.col("organiser_id").n_unique()).filter(pl.col("organiser_id") == _SUPPLIERS)
    ordered = first.join(two.select("area"), on="area", how="semi").sort("area", "at", "start", "placement_id")
    changed = (pl.col("organiser_id") != pl.col("organiser_id").shift(1)) & (pl.col("area") == pl.col("area").shift(1))
    ordered = ordered.with_columns(changed=changed.fill_null(value=False))
    areas = by_key(ordered.group_by("area").agg(total=pl.len(), changed=pl.col("changed").sum()), "area")
    names = organiser_names(data)
    rows: list[Row] = []
    for area, organiser, count in ordered.group_by("area", "organiser_id").len().sort("area", "organiser_id").iter_rows():
        total, changes = areas[area]["total"], areas[area]["changed"]
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
        (about,),
    )


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
