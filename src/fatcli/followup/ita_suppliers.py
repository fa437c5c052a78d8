"""What the suppliers of Introduktion till arbete have done: results and their money (ITA 9), and whether referrals alternate (ITA 13)."""

import polars as pl

from fatcli.figures import Column, Label, Row, Table, share
from fatcli.followup.common import MISSING, by_key, counted, label, organiser_names, persons, rounded, share_of, within
from fatcli.followup.data import Data
from fatcli.texts import Text, same

TRIAL = "ITA3"
_SUPPLIERS = 2  # ITA 13 asks about the areas that have two
_AREA = Column("area", Text("Leveransområde", "Delivery area"), "text")
_ORGANISER = Column("organiser", Text("Leverantör", "Supplier"), "text")


def completed(data: Data) -> pl.Expr:
    """The day that a work trial was completed, of those that have been by the as-of day."""
    return pl.when(pl.col("trial_completed_on") <= data.as_of).then("trial_completed_on")


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
    persons("paid", Text("Deltagare med resultatersättning", "Participants with result compensation"), part_of="results"),
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


def results(data: Data, placements: pl.DataFrame) -> Table:
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
    trials = placements.filter(pl.col("part") == TRIAL).with_columns(done=completed(data))
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


def alternation(data: Data, placements: pl.DataFrame) -> Table:
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
