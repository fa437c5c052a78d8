"""Where there are organisers and places, and how many participants each supervisor has (AIO 3)."""

from collections.abc import Iterator

import polars as pl

from fatcli.figures import TOTAL, Cell, Column, Figures, Label, Plot, Relation, Row, Table, parts_of, ratio, rows_sum
from fatcli.followup.common import by_key, code_of, label, organiser_names, persons
from fatcli.followup.counties import COUNTIES, ELSEWHERE, NAMES, counties
from fatcli.followup.data import Data
from fatcli.texts import Text

SUPERVISED = ("FAT", "AT")  # the services that need a supervisor for so many participants (FAKTA)

_COUNTIES = (
    Column("county", Text("Län", "County"), "text"),
    Column("organisers", Text("Anordnare", "Organisers")),
    Column("offering", Text("Med anmälda platser", "With places offered")),
    Column("places", Text("Platser", "Places")),
    persons("participants", Text("Deltagare", "Participants")),
)
_STAFF = (
    Column("organiser", Text("Anordnare", "Organiser"), "text"),
    persons("participants", Text("Deltagare i FAT och AT", "Participants in FAT and AT")),
    Column("supervisors", Text("Handledare", "Supervisors")),
    Column("per_supervisor", Text("Deltagare per handledare", "Participants per supervisor"), "mean", of=("participants",)),
)


def coverage(data: Data) -> Figures:
    """Organisers, places and participants per county on a day, the counties without any, and participants per supervisor."""
    day = pl.lit(data.day)
    approved = _in_force(data.organisers, day, "approved_from", "approved_to")
    offers = _in_force(data.offers, day, "from", "to").group_by("organiser_id").agg(places=pl.col("places").sum())
    running = data.placements.filter(pl.col("start") <= day, pl.col("effective_end") >= day)
    where = data.organisers.select("organiser_id", counties(data.organisers["county"])).unique("organiser_id", keep="first")
    per_county, staff = _counties(approved, offers, running, where), _staff(data, running, day)
    lacking = [name for name in COUNTIES if not _organisers(per_county, name)]
    last = len(per_county.rows) - 1
    plot = Plot(
        "horizontal",
        Text("Anordnare per län", "Organisers per county"),
        per_county.key,
        tuple(range(last)),
        "county",
        ("organisers",),
        Text("län", "county"),
        Text("antal anordnare", "organisers"),
    )
    relations = [*rows_sum(per_county, range(last), last, ["participants"]), *_relations(per_county, staff, where)]
    return Figures((per_county, staff), (plot,), (_about(data), _lacking(lacking)), tuple(relations))


def _in_force(frame: pl.DataFrame, day: pl.Expr, first: str, last: str) -> pl.DataFrame:
    return frame.filter(pl.col(first) <= day, pl.col(last).is_null() | (pl.col(last) >= day))


def _counties(approved: pl.DataFrame, offers: pl.DataFrame, running: pl.DataFrame, where: pl.DataFrame) -> Table:
    own = approved.with_columns(counties(approved["county"])).join(offers, on="organiser_id", how="left")
    figures = own.group_by("county").agg(organisers=pl.len(), offering=pl.col("places").is_not_null().sum(), places=pl.col("places").sum())
    people = running.select("_person", "organiser_id").join(where, on="organiser_id", how="left")
    people = people.with_columns(pl.col("county").fill_null(ELSEWHERE))
    counts = by_key(people.group_by("county").agg(persons=pl.col("_person").n_unique()), "county")
    known = by_key(figures, "county")
    rows: list[Row] = []
    for name in NAMES:
        row = known.get(name, {})
        figures_of = (int(row.get(key) or 0) for key in ("organisers", "offering", "places"))
        rows.append((Label(name, NAMES[name]), *figures_of, int(counts.get(name, {}).get("persons", 0))))
    sums = [own.height, *(int(figures[name].sum()) for name in ("offering", "places"))]
    rows.append((Label(TOTAL, Text("hela landet", "the whole country")), *sums, people["_person"].n_unique()))
    return Table("counties", Text("Anordnare och platser per län", "Organisers and places per county"), _COUNTIES, tuple(rows))


def _organisers(table: Table, name: str) -> int:
    return next(int(row[1]) for row in table.rows if isinstance(row[0], Label) and row[0].code == name)  # type: ignore[arg-type]  # a count


def _staff(data: Data, running: pl.DataFrame, day: pl.Expr) -> Table:
    supervised = running.filter(pl.col("service").is_in(SUPERVISED))
    people = supervised.group_by("organiser_id").agg(participants=pl.col("_person").n_unique())
    staff = _in_force(data.supervisors, day, "from", "to").group_by("organiser_id").agg(supervisors=pl.col("supervisor_id").n_unique())
    both = people.join(staff, on="organiser_id", how="full", coalesce=True).sort("organiser_id").fill_null(0)
    names = organiser_names(data)
    rows = tuple(
        (label(names, organiser), participants, supervisors, ratio(participants, supervisors, 1))
        for organiser, participants, supervisors in both.iter_rows()
    )
    about = Text(
        "Deltagare med pågående placering i FAT eller AT, också under uppehåll.",
        "Participants with a placement running in FAT or AT, also while paused.",
    )
    return Table("supervisors", Text("Deltagare per handledare", "Participants per supervisor"), _STAFF, rows, (about,))


def _relations(per_county: Table, staff: Table, where: pl.DataFrame) -> Iterator[Relation]:
    """The supervised are some of the participants of their organisers' county, and of the country."""
    homes = dict(where.iter_rows())
    for at, row in enumerate(per_county.rows):
        name = code_of(row[0])
        own = [
            Cell(staff.key, place, "participants")
            for place, of in enumerate(staff.rows)
            if name in (TOTAL, homes.get(code_of(of[0]), ELSEWHERE))
        ]
        if own:
            yield parts_of(Cell(per_county.key, at, "participants"), *own)


def _about(data: Data) -> Text:
    return Text(
        "Läget den {day}. En anordnare finns i det län som står i registret över anordnare, också om den verkar på fler ställen.",
        "The state on {day}. An organiser is in the county that the register of organisers has, also where it works in several.",
    ).fill(day=data.day)


def _lacking(names: list[str]) -> Text:
    if not names:
        return Text("Det finns anordnare i alla 21 län.", "There are organisers in all 21 counties.")
    return Text("Utan anordnare är {n} av 21 län: {names}.", "{n} of 21 counties have no organiser: {names}.").fill(
        n=len(names), names=", ".join(names)
    )
