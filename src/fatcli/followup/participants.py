"""Who begins: own and external regime, women and men, ages; what becomes of them; and how full the places are (STHLM, AIO figure 3)."""

from collections.abc import Iterator, Mapping

import polars as pl

from fatcli.figures import (
    Cell,
    Column,
    Figures,
    Plot,
    Relation,
    Row,
    Table,
    columns_sum,
    equal,
    parts_of,
    ratio,
    rows_sum,
    share,
    year_label,
)
from fatcli.followup import spells
from fatcli.followup.common import (
    MISSING,
    SERVICE,
    WORK_OR_STUDIES,
    YEAR,
    code_of,
    counted,
    label,
    left_within,
    listed,
    partial_rows,
    persons,
    positions,
    share_of,
    within,
)
from fatcli.followup.data import Data, Days, partial_years, years
from fatcli.texts import Text

REGIMES: Mapping[str, Text] = {
    "own": Text("Egen regi", "Own regime"),
    "external": Text("Extern regi", "External regime"),
    MISSING: Text("Regi inte angiven", "Regime not given"),
}
SEXES: Mapping[str, Text] = {
    "women": Text("kvinnor", "women"),
    "men": Text("män", "men"),
    "sex_unknown": Text("kön framgår inte", "sex can't be told"),
}
AGES: Mapping[str, Text] = {
    "under_25": Text("under 25 år", "under 25"),
    "25_54": Text("25–54 år", "25–54"),
    "55_over": Text("55 år och över", "55 and over"),
    "age_unknown": Text("ålder framgår inte", "age can't be told"),
}
_OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "work_or_studies": WORK_OR_STUDIES,
    "enrolled": ("enrolled",),
    "referred_back": ("referred_back",),
    "others": ("programme", "unemployed", "other", "unknown"),
    MISSING: (MISSING,),
}
_LEFT = Text("dem som lämnade insatsen under året", "those who left the service in the year")
_BEGUN = (SERVICE, YEAR, *(persons(key, title) for key, title in REGIMES.items()), persons("total", Text("Totalt", "Total")))
_PEOPLE = (
    SERVICE,
    Column("group", Text("Grupp", "Group"), "text"),
    persons("count", Text("Antal", "Number"), part_of="total"),
    share_of(Text("Andel", "Share"), "share", "count", "total", Text("dem som har börjat", "those who have begun")),
    persons("total", Text("Alla", "All")),
)
_AFTER = (
    SERVICE,
    YEAR,
    persons("left", Text("Har lämnat", "Have left")),
    persons("work_or_studies", Text("Arbete eller studier", "Work or studies"), part_of="left"),
    share_of(Text("Andel arbete eller studier", "Share in work or studies"), "work_or_studies_share", "work_or_studies", "left", _LEFT),
    persons("enrolled", Text("Fortsatt inskrivna", "Still enrolled"), part_of="left"),
    share_of(Text("Andel inskrivna", "Share enrolled"), "enrolled_share", "enrolled", "left", _LEFT),
    persons("referred_back", Text("Återremitterade", "Referred back"), part_of="left"),
    share_of(Text("Andel återremitterade", "Share referred back"), "referred_back_share", "referred_back", "left", _LEFT),
    persons("others", Text("Annat", "Other"), part_of="left"),
    persons(MISSING, Text("Uppgift saknas", "Not given"), part_of="left"),
)
_OCCUPANCY = (
    SERVICE,
    YEAR,
    persons("persons", Text("Deltagare", "Participants")),
    Column("participants", Text("Deltagare per dag i genomsnitt", "Mean participants per day"), "mean", of=("persons",)),
    Column("places", Text("Platser per dag i genomsnitt", "Mean places per day"), "mean"),
    Column(
        "occupancy",
        Text("Beläggning", "Occupancy"),
        "share",
        of=("persons",),
        base=Text("platserna enligt anmälningarna", "places offered"),
    ),
)
_ABOUT = (
    Text(
        "En person räknas en gång per insats och år, med regi enligt den första placeringen det året.",
        "A person counts once per service and year, with the regime of the first placement that year.",
    ),
)
_ABOUT_PEOPLE = (
    Text(
        "Alla som har börjat under tiden, var och en en gång. Kön och ålder vid starten enligt identitetsnumret; pseudonymer visar dem ej.",
        "All who have begun in that time, each once. Sex, and age at the start, by the identity number; a pseudonym doesn't tell them.",
    ),
)
_ABOUT_AFTER = (
    Text(
        "Senast kända status efter den sista placeringen: efter 365 dagar, annars efter 90.",
        "The status last known after the last placement: after 365 days, else after 90.",
    ),
)
_ABOUT_OCCUPANCY = (
    Text(
        "Deltagardagar delat med anmälda platsdagar; kalenderdagar, uppehåll inräknade.",
        "Participant days by days of places offered; calendar days, pauses included.",
    ),
)
_SEX_DIGIT = 10  # of twelve: odd for men, even for women


def participants(data: Data) -> Figures:
    """Persons begun per year and regime, their sex and age, what became of them, and occupancy."""
    begun = spells.periods(data.placements, data.as_of, first=("regime", "age_at_start", "participant_valid"))
    begun = begun.filter(within(data.days, "start"))
    left = left_within(spells.stays(data.placements, data.as_of, last=("status_90", "status_365")), data.days)
    by_year, people = _begun(data, begun), _people(data, begun)
    after, full = _after(data, left), _occupancy(data)
    services = listed(data, begun)
    plots = [
        *(_regime_plot(data, by_year, service) for service in services),
        *(_people_plot(data, people, service) for service in services),
    ]
    relations = (
        *columns_sum(by_year, tuple(REGIMES), "total"),
        *_group_sums(people, services),
        *columns_sum(after, tuple(_OUTCOMES), "left"),
        *_between(by_year, people, after, full),
    )
    return Figures((by_year, people, after, full), tuple(plots), relations=relations)


def _begun(data: Data, begun: pl.DataFrame) -> Table:
    once = begun.with_columns(year=pl.col("start").dt.year()).unique(["_person", "service", "year"], keep="first", maintain_order=True)
    once = once.with_columns(regime=pl.col("first_regime").cast(pl.String).fill_null(MISSING))
    counts = counted(once, "service", "year", "regime")
    listed_years = years(data.days)
    rows: list[Row] = []
    for service in listed(data, begun):
        for year in listed_years:
            own = [counts.get((service, year, regime), 0) for regime in REGIMES]
            rows.append((label(data.services, service), year_label(year), *own, sum(own)))
    partial = partial_rows(rows, 1, partial_years(listed_years, data.days))
    return Table("begun", Text("Har börjat, per år och regi", "Begun, by year and regime"), _BEGUN, tuple(rows), _ABOUT, partial)


def _people(data: Data, begun: pl.DataFrame) -> Table:
    once = begun.unique(["_person", "service"], keep="first", maintain_order=True)
    digit = pl.col("participant").str.slice(_SEX_DIGIT, 1).cast(pl.Int8, strict=False)
    told = pl.col("participant").str.contains(r"^\d{12}$") & pl.col("first_participant_valid")
    age = pl.col("first_age_at_start")
    once = once.select(
        "service",
        sex=pl.when(told & (digit % 2 == 1)).then(pl.lit("men")).when(told).then(pl.lit("women")).otherwise(pl.lit("sex_unknown")),
        age=pl.when(age < 25)
        .then(pl.lit("under_25"))
        .when(age < 55)
        .then(pl.lit("25_54"))
        .when(age >= 55)
        .then(pl.lit("55_over"))
        .otherwise(pl.lit("age_unknown")),
    )
    totals, counts = counted(once, "service"), counted(once, "service", "sex") | counted(once, "service", "age")
    rows: list[Row] = [
        (label(data.services, service), label({**SEXES, **AGES}, group), count, share(count, totals[service]), totals[service])
        for service in listed(data, once)
        for group in (*SEXES, *AGES)
        if (count := counts.get((service, group), 0)) or not group.endswith("unknown")
    ]
    return Table("people", Text("Kön och ålder", "Sex and age"), _PEOPLE, tuple(rows), _ABOUT_PEOPLE)


def _after(data: Data, left: pl.DataFrame) -> Table:
    status = pl.coalesce(pl.col(f"last_status_{days}").cast(pl.String) for days in (365, 90)).fill_null(MISSING)
    counts = counted(left.select("service", year=pl.col("end").dt.year(), status=status), "service", "year", "status")
    rows: list[Row] = []
    for service in listed(data, left):
        for year in years(data.days):
            own = {name: sum(counts.get((service, year, status), 0) for status in those) for name, those in _OUTCOMES.items()}
            total = sum(own.values())
            shared = [figure for name in tuple(own)[:3] for figure in (own[name], share(own[name], total))]
            rows.append((label(data.services, service), year_label(year), total, *shared, own["others"], own[MISSING]))
    partial = partial_rows(rows, 1, partial_years(years(data.days), data.days))
    return Table("after", Text("Efter insatsen", "After the service"), _AFTER, tuple(rows), _ABOUT_AFTER, partial)


def _occupancy(data: Data) -> Table:
    """Per service and year with places: the days of participants and of places within the days covered."""
    listed_years, days = years(data.days), data.days
    offered = data.offers.select(pl.col("service").cast(pl.String), first="from", last="to", weight=pl.col("places").cast(pl.Int64))
    present = spells.own_spans(data.placements, data.as_of).with_columns(weight=pl.lit(1, pl.Int64))
    rows: list[Row] = []
    for year in listed_years:
        span = _covered_year(year, days)
        length = (span[1] - span[0]).days + 1
        there, places, people = _day_sums(present, span), _day_sums(offered, span), _people_of(data, span)
        for service in (name for name in listed(data, offered) if places.get(name)):
            own, all_ = there.get(service, 0), places[service]
            means = ratio(own, length, 1), ratio(all_, length, 1)
            rows.append((label(data.services, service), year_label(year), people.get(service, 0), *means, share(own, all_)))
    partial = partial_rows(rows, 1, partial_years(listed_years, days))
    return Table("occupancy", Text("Beläggning", "Occupancy"), _OCCUPANCY, tuple(rows), _ABOUT_OCCUPANCY, partial)


def _covered_year(year: int, days: Days | None) -> Days:
    assert days is not None  # there are no years without days  # noqa: S101
    first, last = days
    return max(first, first.replace(year, 1, 1)), min(last, last.replace(year, 12, 31))


def _people_of(data: Data, days: Days) -> dict[str, int]:
    """Service -> persons with a day within `days`."""
    there = data.placements.filter(pl.col("start") <= days[1], pl.col("effective_end") >= days[0])
    return dict(there.group_by("service").agg(pl.col("_person").n_unique()).iter_rows())


def _day_sums(spans: pl.DataFrame, days: Days) -> dict[str, int]:
    """Service -> days within `days`, each weighted."""
    first, last = pl.lit(days[0]), pl.lit(days[1])
    length = (pl.min_horizontal(pl.col("last").fill_null(last), last) - pl.max_horizontal("first", first)).dt.total_days() + 1
    return dict(spans.group_by("service").agg((length.clip(lower_bound=0) * pl.col("weight")).sum()).iter_rows())


def _group_sums(people: Table, services: list[str]) -> Iterator[Relation]:
    """The sexes sum to all, and so do the ages."""
    for service in services:
        own = positions(people.rows, service)
        for groups in (SEXES, AGES):
            rows = [at for at in own if code_of(people.rows[at][1]) in groups]
            if rows:
                yield Relation(tuple(Cell(people.key, at, "count") for at in rows), (Cell(people.key, rows[0], "total"),))
                yield from rows_sum(people, rows[:1], rows[-1], ["total"])


def _between(by_year: Table, people: Table, after: Table, full: Table) -> Iterator[Relation]:
    """Those begun in a year are all who have begun, but for who begins anew; those who have left are some of those begun so far."""
    begun = {row[:2]: Cell(by_year.key, at, "total") for at, row in enumerate(by_year.rows)}
    left = {row[:2]: Cell(after.key, at, "left") for at, row in enumerate(after.rows)}
    there = {row[:2]: Cell(full.key, at, "persons") for at, row in enumerate(full.rows)}
    for service in dict.fromkeys(row[0] for row in by_year.rows):
        own = [key for key in begun if key[0] == service]
        all_ = next((Cell(people.key, at, "total") for at, row in enumerate(people.rows) if row[0] == service), None)
        if all_:
            yield Relation(tuple(begun[key] for key in own), (all_,))
        for at, key in enumerate(own, start=1):
            gone = [left[other] for other in own[:at] if other in left]
            if gone:
                yield Relation(tuple(gone), tuple(begun[other] for other in own[:at]), rest=True)
            if key in there:  # in the first year nobody is there from before, but where the days asked for begin later
                yield parts_of(there[key], begun[key]) if at > 1 else equal(there[key], begun[key])


def _regime_plot(data: Data, table: Table, service: str) -> Plot:
    return Plot(
        "stacked",
        Text("Har börjat per år, {service}", "Begun per year, {service}").fill(service=data.services[service]),
        table.key,
        positions(table.rows, service),
        "year",
        tuple(REGIMES),
        Text("år", "year"),
        Text("antal personer", "persons"),
    )


def _people_plot(data: Data, table: Table, service: str) -> Plot:
    return Plot(
        "horizontal",
        Text("Kön och ålder, {service}", "Sex and age, {service}").fill(service=data.services[service]),
        table.key,
        positions(table.rows, service),
        "group",
        ("share",),
        Text("grupp", "group"),
        Text("andel av dem som har börjat", "share of those who have begun"),
    )
