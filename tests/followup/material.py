"""Registers and books for the reports, and the register of AIO as its report tells of it. All persons are fictitious."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from fatcli import facts, rulebook
from fatcli.facts.placements import placement_facts
from fatcli.figures import Cell, Figures, Hidden, Label, Table, Value
from fatcli.followup.data import Asked, Data, valid
from fatcli.followup.money import DUE, REPORTED, Sums
from fatcli.reporting import kinds_of
from fatcli.tables import empty_table

BOOK = rulebook.load(None)
Row = Mapping[str, Any]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def placement(placement_id: str, start: str, end: str, **told: Any) -> dict[str, Any]:
    story = {"placement_id": placement_id, "participant_id": f"T{placement_id.strip('P')}", "organiser_id": "ORG1", "service": "AIO"}
    return story | {"start": start, "end": end} | told


def item(placement_id: str, date: str, sek: int, component: str = "day", **told: Any) -> dict[str, Any]:
    """An item of the books or one that is due."""
    story = {"placement_id": placement_id, "participant": f"T{placement_id.strip('P')}", "organiser_id": "ORG1", "service": "AIO"}
    return story | {"component": component, "date": day(date), "amount": sek * 100, "daily": component == "day", "closed": False} | told


def table(name: str, rows: Sequence[Row]) -> pl.DataFrame:
    """Rows as the reader types them; ISO days become dates."""
    empty = empty_table(name)
    columns = {}
    for column, dtype in empty.schema.items():
        values = [day(row[column]) if dtype == pl.Date and row.get(column) else row.get(column) for row in rows]
        columns[column] = pl.Series(column, values, dtype)
    return pl.DataFrame(columns)


def material(
    placements: Sequence[Row] | pl.DataFrame = (),
    as_of: str = "2024-12-31",
    asked: Asked = Asked(),  # noqa: B008  # frozen
    organisers: Sequence[Row] = (),
    offers: Sequence[Row] = (),
    supervisors: Sequence[Row] = (),
    booked: Sequence[Row] | pl.DataFrame = (),
    due: Sequence[Row] = (),
    reported: Iterable[tuple[str, str]] = (),
) -> Data:
    """The material of a report, its facts derived as in a run."""
    frame = placements if isinstance(placements, pl.DataFrame) else table("placements", placements)
    kept, backwards = valid(placement_facts(frame, table("organisers", organisers), BOOK, day(as_of)), day(as_of))
    return Data(
        placements=kept,
        organisers=table("organisers", organisers),
        offers=table("offers", offers),
        supervisors=table("supervisors", supervisors),
        sums=_sums(booked if isinstance(booked, pl.DataFrame) else pl.DataFrame(list(booked), facts.BOOKED), due, reported),
        services={service.id: service.name for service in BOOK.services.values()},
        kinds=kinds_of(BOOK),
        as_of=day(as_of),
        asked=asked,
        left_out=backwards,
    )


def _sums(booked: pl.DataFrame, due: Sequence[Row], reported: Iterable[tuple[str, str]]) -> Sums:
    """What is booked of a placement's month that is not reported is left as it is."""
    spoken = pl.DataFrame([(name, day(f"{month}-01")) for name, month in reported], REPORTED, orient="row")
    left = booked.with_columns(month_first=pl.col("date").dt.month_start()).join(spoken, on=REPORTED.names(), how="anti")
    return Sums(booked, pl.DataFrame([{name: row[name] for name in DUE} for row in due], DUE), left.select(facts.ITEM), spoken)


def rows(figures: Figures, key: str) -> list[dict[str, Any]]:
    """A table's rows as dictionaries, labels by their code, shares with four decimals, what is hidden as `..`."""
    found = the(figures, key)
    return [{column.key: _plain(value) for column, value in zip(found.columns, row, strict=True)} for row in found.rows]


def the(figures: Figures, key: str) -> Table:
    return next(table for table in figures.tables if table.key == key)


def row(figures: Figures, key: str, **where: str) -> dict[str, Any]:
    """The one row of a table whose labels are these."""
    (found,) = (row for row in rows(figures, key) if all(row[name] == value for name, value in where.items()))
    return found


def _plain(value: Value) -> object:
    if isinstance(value, Label):
        return value.code
    if isinstance(value, Fraction):
        return round(float(value), 4)
    return value.value if isinstance(value, Hidden) else value


def at(figures: Figures, cell: Cell) -> Value:
    return the(figures, cell.table).value(cell.row, cell.column)


def per_cent(share: float) -> int:
    """As the sources give shares."""
    return int(share * 100 + 0.5)


# AIO, April 2022 to August 2024. Year: first month, last month, participants (table 1), mean participants per month (4.1).
AIO_YEARS = {2022: (4, 12, 280, 131), 2023: (1, 12, 564, 234), 2024: (1, 8, 482, 269)}
# table 1: SEK of start compensation, and of periodic compensation
AIO_MONEY = {2022: (786_000, 7_804_138), 2023: (1_026_000, 24_312_058), 2024: (759_000, 20_094_055)}
AIO_STAY_ON = {2022: 200, 2023: 285, 2024: 274}  # at the year's end; 280 + 564 - 200 + 482 - 285 = 841 have begun, of whom 567 have left
AIO_AS_OF = "2024-09-01"  # the day after the last


def aio_spans() -> list[tuple[dt.date, dt.date]]:
    """A placement of whole months for each of the 841: as many in each year and month as AIO tells."""
    spans: list[tuple[dt.date, dt.date]] = []
    there: list[dt.date] = []  # since when, for those that stay on
    for year, (first, last, people, mean) in AIO_YEARS.items():
        stay = AIO_STAY_ON[year]
        months = last - first + 1
        spare = mean * months - people  # months beyond the one that each has at least
        before, new = len(there), people - len(there)
        lengths = []
        for _ in range(people):
            more = min(spare, months - 1)
            spare -= more
            lengths.append(1 + more)
        assert spare == 0
        # those there from before stay from the first month on; of the new, those that go on end with the last
        stayers: list[dt.date] = []
        for number, length in enumerate(lengths):
            since = there[number] if number < before else None
            if length == months and len(stayers) < stay:
                stayers.append(since or dt.date(year, first, 1))
            elif since:
                spans.append((since, _end(year, first + length - 1)))
            elif len(stayers) < stay:
                stayers.append(dt.date(year, last - length + 1, 1))
            else:
                spans.append((dt.date(year, first, 1), _end(year, first + length - 1)))
        assert len(stayers) == stay, (year, len(stayers), new)
        there = stayers
    return spans + [(since, dt.date(2025, 3, 31)) for since in there]


def _end(year: int, month: int) -> dt.date:
    return (dt.date(year, month, 28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)


def aio_placements() -> list[dict[str, Any]]:
    return [
        placement(f"P{number}", start.isoformat(), end.isoformat(), participant_id=f"T{number}", organiser_id=f"ORG{number % 52 + 1}")
        for number, (start, end) in enumerate(aio_spans(), start=1)
    ]


def aio_booked() -> pl.DataFrame:
    """Start items of 3 000 SEK, and days of 450 SEK as evenly as can be, one of them dearer, to the sums of table 1."""
    rows = []
    placed = aio_placements()
    for year, (starts, periodic) in AIO_MONEY.items():
        first, last = dt.date(year, AIO_YEARS[year][0], 1), _end(year, AIO_YEARS[year][1])
        there = [one for one in placed if day(one["start"]) <= last and day(one["end"]) >= first]
        rows += [_booked(one, "start", first, 3_000) for one in there[: starts // 3_000]]
        days = sorted(
            (number, at, one["placement_id"], date)
            for at, one in enumerate(there)
            for number, date in enumerate(_weekdays(max(first, day(one["start"])), min(last, day(one["end"]))))
        )
        count, rest = divmod(periodic, 450)
        assert len(days) >= count, (year, len(days), count)
        paid = [_booked(there[at], "day", date, 450) for _, at, _, date in days[:count]]
        paid[0]["amount"] += rest * 100
        rows += paid
    return pl.DataFrame(rows, facts.BOOKED)


def _booked(one: Row, component: str, date: dt.date, sek: int) -> dict[str, Any]:
    return item(one["placement_id"], date.isoformat(), sek, component, participant=one["participant_id"], organiser_id=one["organiser_id"])


def _weekdays(first: dt.date, last: dt.date) -> list[dt.date]:
    days = (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
    return [date for date in days if date.weekday() < 5]


LEFT_AS_OF = "2024-08-31"


def aio_left() -> list[dict[str, Any]]:
    """The 567 who had left AIO by the end of August 2024: days, reasons, status after 90 and 365 days, and hours, as AIO tells."""
    ends = [day("2023-09-01")] * 251 + [day("2024-06-02")] * (506 - 251) + [day("2024-08-30")] * (567 - 506)
    days = [121] * 303 + [329] * 177 + [330] * 87
    after_90 = ["work"] * 40 + ["supported_work"] * 22 + ["programme"] * 238 + ["other"] * 110 + ["unemployed"] * 96
    after_365 = ["work"] * 30 + ["supported_work"] * 14 + ["studies"] + ["programme"] * 85 + ["other"] * 80 + ["unemployed"] * 41
    reasons = ["work"] * 30 + ["studies"] * 22 + ["interrupted"] * 251
    # start, end of the 405 whose hours could be told; 207 more, 28 fewer, 170 the same
    hours = [(6, 6)] * 45 + [(6, 10)] * 56 + [(14, 8)] * 16 + [(14, 30)] * 57 + [(14, 14)] * 113 + [(14, 25)] * 94
    hours += [(30, 30)] * 12 + [(30, 20)] * 12
    found = []
    for number in range(567):
        last, length = ends[number], days[number]
        start = last - dt.timedelta(days=length - 1)
        told: dict[str, Any] = {"status_90": _at(after_90, number), "status_365": _at(after_365, number)}
        if number < 303:
            told |= {"ended_on": last.isoformat(), "end_reason": reasons[number]}
            end = last + dt.timedelta(days=30)
        else:
            end = last
        if number < 405:
            told |= {"hours_per_week": hours[number][0], "hours_per_week_end": hours[number][1]}
        found.append(placement(f"P{number}", start.isoformat(), end.isoformat(), participant_id=f"T{number}", **told))
    return found


def _at(values: Sequence[str], number: int) -> str | None:
    return values[number] if number < len(values) else None


def sthlm() -> list[dict[str, Any]]:
    """Who began work training with Stockholm in 2018 and until September 2019, and what became of the 100 who left in 2018."""
    begun = [("2018", "own", 173), ("2018", "external", 98), ("2019", "own", 135), ("2019", "external", 70)]
    status = ["work"] * 14 + ["studies"] * 10 + ["enrolled"] * 27 + ["referred_back"] * 33 + ["other"] * 16
    found: list[dict[str, Any]] = []
    for year, regime, count in begun:
        for _ in range(count):
            number = len(found)
            end = "2018-09-28" if number < 100 else "2019-12-31"
            told = {"service": "AT", "regime": regime, "participant_id": f"T{number}", "status_90": _at(status, number)}
            found.append(placement(f"P{number}", f"{year}-01-02", end, **told))
    return found


# AIO 3: 57 units in 15 of the 21 counties; the text tells of the three largest, the other 29 are spread as can be
_OTHERS = (
    "Uppsala", "Södermanlands", "Östergötlands", "Jönköpings", "Kronobergs", "Gotlands", "Blekinge", "Hallands", "Örebro", "Dalarnas",
    "Västernorrlands", "Västerbottens",
)  # fmt: skip
AIO_COUNTIES = {"Stockholms": 10, "Västra Götalands": 11, "Skåne": 7} | {
    name: 3 if number < 5 else 2 for number, name in enumerate(_OTHERS)
}


def aio_organisers() -> list[dict[str, Any]]:
    units = [county for county, count in AIO_COUNTIES.items() for _ in range(count)]
    return [organiser(f"ORG{number}", county=f"{county} län") for number, county in enumerate(units, start=1)]


def organiser(organiser_id: str, **told: Any) -> dict[str, Any]:
    papers = {
        "name": f"Verkstaden {organiser_id}",
        "identity_number": "556036-0793",
        "legal_form": "company",
        "approved_from": "2017-01-01",
    }
    return {"organiser_id": organiser_id} | papers | told
