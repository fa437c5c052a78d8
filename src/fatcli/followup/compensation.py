"""What organisers are paid (AIO table 1): from the books where a month is booked, else what the rules give."""

import datetime as dt
from collections.abc import Iterator, Mapping

import polars as pl

from fatcli.facts import ITEM
from fatcli.figures import Cell, Column, Figures, Plot, Relation, Row, Table, per_head, year_label
from fatcli.followup.common import YEAR, by_key, label, organiser_names, partial_rows, persons, within
from fatcli.followup.counties import ELSEWHERE, NAMES, counties
from fatcli.followup.data import By, Data, Days, months, partial_years, years
from fatcli.followup.money import DUE
from fatcli.model import Month
from fatcli.texts import Text

KINDS = ("start", "periodic", "result")
_PERSONS = ("participants",)


def _money(key: str, title: Text) -> Column:
    return Column(key, title, "sek", of=_PERSONS)


_SUMS = (
    _money("start", Text("Start", "Start")),
    _money("periodic", Text("Periodisk", "Periodic")),
    _money("result", Text("Resultat", "Result")),
    _money("total", Text("Total", "Total")),
)
_COLUMNS = (
    *_SUMS,
    persons("participants", Text("Deltagare", "Participants")),
    Column("per_participant", Text("Per deltagare", "Per participant"), "sek", of=(*_PERSONS, "total")),
)
_BY: Mapping[By, tuple[Text, Text]] = {
    "service": (Text("Insats", "Service"), Text("Per år och insats", "By year and service")),
    "organiser": (Text("Anordnare", "Organiser"), Text("Per år och anordnare", "By year and organiser")),
    "county": (Text("Län", "County"), Text("Per år och län", "By year and county")),
}
_ORIGIN = (
    YEAR,
    Column("booked", Text("Bokfört", "Booked"), "sek"),
    Column("unbooked", Text("Ej bokfört", "Not booked"), "sek"),
    Column("unread", Text("Bokfört, ej läst", "Booked, not read"), "sek"),
    Column("rules_now", Text("Reglerna ger nu", "By the rules now"), "sek"),
    Column("difference", Text("Skillnad", "Difference"), "sek"),
)
_ABOUT = (
    Text(
        "Ett belopp hör till det år som dagen det betalas för ligger i, inte till det år då det bokfördes.",
        "An amount belongs to the year of the day that it is paid for, not to the year in which it was booked.",
    ),
    Text(
        "Deltagare är personer med minst en dag i insatsen under året, var och en en gång per rad. Insatser utan ersättning ingår inte.",
        "Participants are persons with a day or more in the service in the year, each once per row. Services without pay are left out.",
    ),
)
_ABOUT_ORIGIN = (
    Text(
        "Ej bokfört: vad fat payout skulle betala ut. Bokfört, ej läst: närvaron för placeringens månad finns inte i de lästa filerna, "
        "eller uppgiften i dem är åsidosatt; det bokförda står kvar.",
        "Not booked: what fat payout would claim. Booked, not read: the attendance of the placement's month is not in the files read, or "
        "what they say is set aside; what is booked stands.",
    ),
    Text(
        "En anordnares månad med något bokfört tas ur huvudboken; för andra månader visas vad reglerna ger för de placeringar som har "
        "rapporterats.",
        "An organiser's month with anything booked is taken from the ledger; of others, what the rules give for the placements reported.",
    ),
    Text(
        "Skillnaden är vad reglerna nu ger för de bokförda månaderna, minus det bokförda vars underlag är läst. Den kommer av vad som har "
        "ändrats sedan bokföringen: rättad närvaro, ändrade placeringar eller avtalspriser, och ersättning som nu hålls inne. Det som har "
        "återkrävts ger ingen skillnad: det är varken bokfört eller att betala.",
        "The difference is what the rules now give for the booked months, less what is booked and whose input was read. It comes of what "
        "has changed since: corrected attendance, changed placements or contract prices, and compensation now withheld. What is clawed "
        "back makes no difference: it is neither booked nor due.",
    ),
)


def compensation(data: Data) -> Figures:
    """Compensation and participants per year, in all and by service, organiser or county; and where the figures come from."""
    items = _grouped_by(data, _items(data))
    present = _present(data, items)
    per_year = _sums(data, items, present)
    grouped = _grouped(data, items, present)
    plot = Plot(
        "stacked",
        Text("Ersättning per år", "Compensation per year"),
        per_year.key,
        tuple(range(len(per_year.rows))),
        "year",
        KINDS,
        Text("år", "year"),
        Text("kronor", "SEK"),
    )
    origin = _origin(data, items)
    relations = (*_relations(per_year, grouped), *_by_origin(per_year, origin))
    return Figures((per_year, grouped, origin), (plot,) if per_year.rows else (), relations=relations)


def _gaps(data: Data) -> list[Month]:
    """The months among the days of money of which nothing is reported, booked or due."""
    known = {Month.of(first) for first in data.sums.months}
    return [month for month in months(data.money_days) if month not in known]


def _lacking(data: Data) -> tuple[Text, ...]:
    text = Text("Inget är rapporterat, bokfört eller att betala för: {months}.", "Nothing is reported, booked or due of: {months}.")
    gaps = _gaps(data)
    return (text.fill(months=", ".join(map(str, gaps))),) if gaps else ()


def _partial(data: Data) -> dict[int, Days]:
    """The days covered of the years that the money covers in part: it begins or ends in them, or lacks a month."""
    days = data.money_days
    gaps = {gap.year for gap in _gaps(data)}
    whole = {year: (max(days[0], dt.date(year, 1, 1)), min(days[1], dt.date(year, 12, 31))) for year in gaps} if days else {}
    return whole | partial_years(years(days), days)


def _paying(data: Data) -> list[str]:
    """Services that have a component, or anything booked."""
    return sorted({service for service, _ in data.kinds} | {*data.sums.booked["service"].unique()})


def _items(data: Data) -> pl.DataFrame:
    """Sums per organiser_id, placement_id, participant, service, kind, month_first, whether they are booked, and whether left as they are.

    `now`: the organiser's month is in the books; `counts`: the sum is part of the report's figures.
    """
    left = data.sums.left.with_columns(left=pl.lit(value=True))
    booked = data.sums.booked.join(left, on=ITEM, how="left").select(*DUE.names(), "left", booked=pl.lit(value=True))
    both = pl.concat([booked, data.sums.due.select(*DUE.names(), left=pl.lit(None, pl.Boolean), booked=pl.lit(value=False))])
    both = both.filter(within(data.money_days, "date")).with_columns(kind=_kind(data), month_first=pl.col("date").dt.month_start())
    key = ["organiser_id", "placement_id", "participant", "service", "kind", "month_first", "booked", "left"]
    sums = both.group_by(key).agg(pl.col("amount").sum())
    in_books = sums.filter("booked").select("organiser_id", "month_first", now=pl.lit(value=True)).unique()
    sums = sums.join(in_books, on=["organiser_id", "month_first"], how="left")
    return sums.with_columns(year=pl.col("month_first").dt.year(), counts=pl.col("booked") | pl.col("now").is_null())


def _kind(data: Data) -> pl.Expr:
    """What kind of money an item is; of a component that the rule book lacks, its own name."""
    kind = pl.col("component")
    for (service, component), known in data.kinds.items():
        kind = pl.when(pl.col("service") == service, pl.col("component") == component).then(pl.lit(known)).otherwise(kind)
    return pl.when("daily").then(pl.lit("periodic")).otherwise(kind)


def _grouped_by(data: Data, items: pl.DataFrame) -> pl.DataFrame:
    """Items with `group`, what they are told under; a placement's county is its own, else its organiser's."""
    if data.asked.by != "county":
        return items.with_columns(group="service" if data.asked.by == "service" else "organiser_id")
    own = data.placements.select("placement_id", group=_counties(data.placements))
    organisers = data.organisers.select("organiser_id", _home=counties(data.organisers["county"]))
    found = items.join(own, on="placement_id", how="left").join(organisers, on="organiser_id", how="left")
    return found.with_columns(group=pl.coalesce("group", "_home", pl.lit(ELSEWHERE))).drop("_home")


def _counties(placements: pl.DataFrame) -> pl.Series:
    return counties(placements.select(pl.coalesce("county", "organiser_county")).to_series())


def _present(data: Data, items: pl.DataFrame) -> pl.DataFrame:
    """participant, group, year: who was in a paying service in which year, by the register and the books; some rows stand twice."""
    days = data.money_days
    if days is None:
        return pl.DataFrame(schema={"participant": pl.Categorical, "group": pl.Categorical, "year": pl.Int32})
    who = pl.col("participant").cast(pl.Categorical)  # a number for each: to tell a million of texts apart takes seconds
    running = data.placements.filter(pl.col("service").is_in(_paying(data)), pl.col("start") <= days[1], pl.col("effective_end") >= days[0])
    group = _counties(running) if data.asked.by == "county" else running["service" if data.asked.by == "service" else "organiser_id"]
    first = pl.max_horizontal("start", pl.lit(days[0])).dt.year()
    last = pl.min_horizontal("effective_end", pl.lit(days[1])).dt.year()
    there = running.select(who, group.cast(pl.Categorical).alias("group"), year=pl.int_ranges(first, last + 1, dtype=pl.Int32)).explode(
        "year"
    )
    paid = items.filter("counts", pl.col("amount") != 0).select(who, pl.col("group").cast(pl.Categorical), "year")
    return pl.concat([there, paid])


def _totals(items: pl.DataFrame, present: pl.DataFrame, *by: str) -> pl.DataFrame:
    sums = [pl.col("amount").filter(pl.col("kind") == kind).sum().alias(kind) for kind in KINDS]
    money = items.filter("counts").group_by(by).agg(*sums)
    people = present.group_by(by).agg(participants=pl.col("participant").n_unique()).with_columns(pl.col(pl.Categorical).cast(pl.String))
    return people.join(money, on=by, how="full", coalesce=True).fill_null(0)


def _row(found: Mapping[str, int]) -> Row:
    total = sum(found[kind] for kind in KINDS)
    return (*(found[kind] for kind in KINDS), total, found["participants"], per_head(total, found["participants"]))


_NONE: Mapping[str, int] = dict.fromkeys((*KINDS, "participants"), 0)


def _sums(data: Data, items: pl.DataFrame, present: pl.DataFrame) -> Table:
    known = by_key(_totals(items, present, "year"), "year")
    rows = tuple((year_label(year), *_row(known.get(year, _NONE))) for year in years(data.money_days))
    partial = partial_rows(rows, 0, _partial(data))
    return Table("years", Text("Per år", "By year"), (YEAR, *_COLUMNS), rows, (*_ABOUT, *_lacking(data)), partial)


def _grouped(data: Data, items: pl.DataFrame, present: pl.DataFrame) -> Table:
    (head, title), names = _BY[data.asked.by], _names(data)
    found = _totals(items, present, "year", "group")
    order = {name: at for at, name in enumerate(NAMES if data.asked.by == "county" else data.services)}
    rows = tuple(
        (year_label(row["year"]), label(names, row["group"]), *_row(row))
        for row in sorted(found.iter_rows(named=True), key=lambda row: (row["year"], order.get(row["group"], len(order)), row["group"]))
    )
    columns = (YEAR, Column(data.asked.by, head, "text"), *_COLUMNS)
    return Table(f"by_{data.asked.by}", title, columns, rows, partial=partial_rows(rows, 0, _partial(data)))


def _names(data: Data) -> Mapping[str, Text]:
    if data.asked.by == "organiser":
        return organiser_names(data)
    return data.services if data.asked.by == "service" else NAMES


def _relations(per_year: Table, grouped: Table) -> Iterator[Relation]:
    """The groups of a year sum to it; participants do so nearly, as one may be in several groups."""
    for place, total in enumerate(per_year.rows):
        own = [at for at, row in enumerate(grouped.rows) if row[0] == total[0]]
        for column in ("participants", *KINDS, "total"):
            yield Relation(tuple(Cell(grouped.key, at, column) for at in own), (Cell(per_year.key, place, column),))
    for table in (per_year, grouped):
        for at in range(len(table.rows)):
            yield Relation(tuple(Cell(table.key, at, kind) for kind in KINDS), (Cell(table.key, at, "total"),))


def _by_origin(per_year: Table, origin: Table) -> list[Relation]:
    """What is booked and not sums to the year; what the rules give differs from what is booked and read as is told."""
    relations = []
    for at in range(len(per_year.rows)):
        booked, unbooked, unread, now, difference = (Cell(origin.key, at, column.key) for column in _ORIGIN[1:])
        relations.append(Relation((booked, unbooked), (Cell(per_year.key, at, "total"),)))
        relations.append(Relation((now, unread), (booked, difference)))
    return relations


def _origin(data: Data, items: pl.DataFrame) -> Table:
    """Where each year's sum comes from, and what the rules now give for what is booked."""
    amount, booked, again = pl.col("amount"), pl.col("booked"), pl.col("now").is_not_null()
    sums = items.group_by("year").agg(
        booked=amount.filter(booked).sum(),
        unbooked=amount.filter(~booked & ~again).sum(),
        unread=amount.filter("left").sum(),
        rules_now=amount.filter(~booked & again).sum(),
    )
    known = by_key(sums, "year")
    rows: list[Row] = []
    for year in years(data.money_days):
        row = known.get(year) or dict.fromkeys(("booked", "unbooked", "unread", "rules_now"), 0)
        difference = row["rules_now"] - (row["booked"] - row["unread"])
        rows.append((year_label(year), row["booked"], row["unbooked"], row["unread"], row["rules_now"], difference))
    partial = partial_rows(rows, 0, _partial(data))
    return Table("origin", Text("Varifrån beloppen kommer", "Where the amounts come from"), _ORIGIN, tuple(rows), _ABOUT_ORIGIN, partial)
