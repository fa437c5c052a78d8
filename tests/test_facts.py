"""Facts from small registers; what is expected is worked out by hand from the calendar of May 2024, in which the 9th is a day off."""

import datetime as dt

import polars as pl

from fatcli import facts, rulebook
from fatcli.facts import BOOKED, Facts, islands, limit_column
from fatcli.rulebook import Dated, Limit
from grids import grid, read
from stories import day, exercise, long_sheet, organiser, placement, present, register, register_sheets, report

BOOK = rulebook.load()


def built(*placements, reports=(), booked=(), as_of="2024-06-03", **tables) -> Facts:
    sheets = register_sheets(register(*placements, **tables)) | {"attendance": long_sheet(reports)}
    found = read(*(grid(rows, sheet=name) for name, rows in sheets.items()))
    assert found.faults.is_empty()
    return facts.build(found, BOOK, day(as_of), pl.DataFrame(list(booked), BOOKED))


def by_day(frame, *columns):
    """`05-02` -> the values of the columns."""
    return {f"{row['date']:%m-%d}": tuple(row[name] for name in columns) for row in frame.iter_rows(named=True)}


def days_of(found, placement_id):
    index = found.placements.filter(pl.col("placement_id") == placement_id)["_p"].item()
    return found.days.filter(pl.col("_p") == index).sort("date")


CROWD = (
    placement(start="2024-05-02", end="2024-05-08"),
    placement("P2", participant_id="T1", start="2024-05-03", end="2024-05-06"),  # the same person: one
    placement("P3", service="AT", start="2024-05-03", end="2024-05-08"),
    exercise("P4", start="2024-05-02", end="2024-05-31"),  # neither FAT nor AT
    placement("P5", organiser_id="ORG2", start="2024-05-07", end="2024-05-13", ended_on="2024-05-10"),
)
PAUSES = [
    {"placement_id": "P3", "from": "2024-05-06", "to": "2024-05-07", "approved_on": "2024-05-06"},
    {"placement_id": "P5", "from": "2024-05-08", "to": "2024-05-08", "approved_on": "2024-05-09"},  # approved too late: none
]
STAFF = [
    {"organiser_id": "ORG1", "supervisor_id": "S1", "from": "2024-05-02", "to": "2024-05-03"},
    {"organiser_id": "ORG1", "supervisor_id": "S1", "from": "2024-05-03", "to": "2024-05-06"},  # the same one twice
    {"organiser_id": "ORG1", "supervisor_id": "S2", "from": "2024-05-06", "to": None},
]
OFFERS = [
    {"organiser_id": "ORG1", "service": "FAT", "places": 2, "from": "2024-05-02", "to": "2024-05-03"},
    {"organiser_id": "ORG1", "service": "FAT", "places": 3, "from": "2024-05-03", "to": None},
    {"organiser_id": "ORG1", "service": "AT", "places": 1, "from": "2024-05-07", "to": "2024-05-07"},
]
ORGANISERS = [organiser(county="Skåne"), organiser("ORG2", participants_per_supervisor=7)]


def crowd(**told):
    return built(*CROWD, organisers=ORGANISERS, pauses=PAUSES, supervisors=STAFF, offers=OFFERS, **told)


def test_persons_and_supervisors_of_an_organiser_on_each_working_day():
    found = crowd().organiser_days
    own = found.filter(pl.col("organiser_id") == "ORG1")
    assert by_day(own, "participants", "supervisors", "most_participants") == {
        "05-02": (1, 1, 20),
        "05-03": (2, 1, 20),
        "05-06": (1, 2, 40),  # P3 is paused
        "05-07": (1, 1, 20),
        "05-08": (2, 1, 20),
    }
    other = found.filter(pl.col("organiser_id") == "ORG2")
    # until it ended early, on the 10th; nobody supervises; the organiser has a figure of its own
    assert by_day(other, "participants", "supervisors", "participants_per_supervisor") == {
        "05-07": (1, 0, 7),
        "05-08": (1, 0, 7),
        "05-10": (1, 0, 7),
    }


def test_places_of_a_service_on_each_working_day():
    found = crowd().offer_days.filter(pl.col("organiser_id") == "ORG1")
    assert by_day(found.filter(pl.col("service") == "FAT"), "participants", "places") == {
        "05-02": (1, 2),
        "05-03": (1, 5),
        "05-06": (1, 3),
        "05-07": (1, 3),
        "05-08": (1, 3),
    }
    assert by_day(found.filter(pl.col("service") == "AT"), "participants", "places") == {
        "05-03": (1, 0),
        "05-06": (0, 0),
        "05-07": (0, 1),
        "05-08": (1, 0),
    }


def test_staffing_ends_with_the_as_of_day():
    found = crowd(as_of="2024-05-06")
    assert list(by_day(found.organiser_days)) == ["05-02", "05-03", "05-06"]


def test_a_frame_of_organisers_has_their_columns_beside_it():
    found = crowd()
    for name in ("organiser_days", "offer_days"):
        rows = found.beside(name, found.own(name).lazy(), ["organiser_id", "date", "county"]).collect()
        assert rows.select(found.own(name).columns).equals(found.own(name))
        assert dict(rows.select("organiser_id", "county").iter_rows()) == {"ORG1": "Skåne", "ORG2": None}
        assert found.beside(name, found.own(name).lazy(), ["date"]).collect().columns == found.own(name).columns


def test_a_frame_of_placements_has_their_columns_beside_it():
    found = built(placement(county="Skåne"), placement("P2"), reports=[*present(["2024-05-02"], "P2"), *present(["2024-05-03"])])
    rows = found.beside("days", found.days.filter("reported").lazy(), ["placement_id", "county", "date"]).collect()
    assert set(rows.select("placement_id", "county", "date").rows()) == {
        ("P1", "Skåne", day("2024-05-03")),
        ("P2", None, day("2024-05-02")),
    }


def test_scheduled_days_are_laid_out_and_reports_of_a_day_put_together():
    reports = [
        report("2024-05-06", hours=8),
        report("2024-05-07", status="S"),
        report("2024-05-07", hours=6),  # the first tells status and hours, any the attendance
        report("2024-05-09"),  # a day off
        report("2024-05-11", status="L"),  # a Saturday
        report("2024-06-04"),  # after the as-of day and the end
    ]
    pauses = [{"placement_id": "P1", "from": "2024-05-13", "to": "2024-05-31", "approved_on": "2024-05-13"}]
    found = days_of(built(placement(start="2024-05-06"), reports=reports, pauses=pauses), "P1")
    assert by_day(found, "reported", "attended", "times_reported", "conflicting", "scheduled", "in_future") == {
        "05-06": (True, True, 1, False, True, False),
        "05-07": (True, True, 2, True, True, False),
        "05-08": (False, False, 0, False, True, False),
        "05-09": (True, True, 1, False, False, False),
        "05-10": (False, False, 0, False, True, False),
        "05-11": (True, False, 1, False, False, False),
        "06-04": (True, True, 1, False, False, True),
    }
    assert by_day(found, "status", "status_2", "hours")["05-07"] == ("sick", "present", None)


def test_weeks_have_their_hours_their_last_day_and_are_full_or_not():
    # ISO week 19 has the working days 6, 7, 8 and 10; of week 20 only Monday and Tuesday are reported
    reports = [
        *(report(f"2024-05-{number:02}", hours=hours) for number, hours in ((6, 8), (7, 6), (8, None), (10, 4))),
        report("2024-05-07", hours=5),  # the day counts once, with its first hours
        *present(["2024-05-13", "2024-05-14"]),
    ]
    found = days_of(built(placement(start="2024-05-06"), reports=reports), "P1").filter("reported")
    assert by_day(found, "week_hours", "last_of_week", "full_week") == {
        "05-06": (18, False, True),
        "05-07": (18, False, True),
        "05-08": (18, False, True),
        "05-10": (18, True, True),
        "05-13": (None, False, False),
        "05-14": (None, True, False),
    }


def test_a_week_is_not_full_where_the_placement_does_not_run():
    # of week 18 the working days are 29 and 30 April, 2 and 3 May; the placement begins on 2 May
    found = days_of(built(placement(), reports=present(["2024-04-29", "2024-04-30", "2024-05-02", "2024-05-03"])), "P1")
    assert by_day(found.filter("reported"), "full_week")["05-03"] == (False,)


def booking(placement_id, date, amount=30000, *, daily=True, closed=False, participant="T1"):
    told = {"participant": participant, "organiser_id": "ORG1", "placement_id": placement_id, "service": "FAT", "component": "base"}
    return told | {"date": day(date), "amount": amount, "daily": daily, "closed": closed}


def test_a_day_that_counts_for_another_placement_of_the_person_here_or_in_the_books():
    reports = [*present(["2024-05-06", "2024-05-07", "2024-05-08", "2024-05-10", "2024-05-14"]), *present(["2024-05-06"], "P2")]
    reports += [report("2024-05-07", "P2", "S"), *present(["2024-05-13"], "P2")]
    booked = [
        booking("P1", "2024-05-06"),
        booking("P9", "2024-05-08"),
        booking("P9", "2024-05-10"),
        booking("P9", "2024-05-10", -30000),
        booking("P9", "2024-05-14", daily=False),
        booking("P9", "2024-05-07", participant="T9"),
    ]
    told = placement(start="2024-05-06"), placement("P2", participant_id="t1", start="2024-05-06", end="2024-05-10")
    found = built(*told, reports=reports, booked=booked)
    assert by_day(days_of(found, "P1").filter("reported"), "counts", "counts_elsewhere", "booked") == {
        "05-06": (True, True, True),
        "05-07": (True, False, False),  # P2 was sick that day; P9's is another person's
        "05-08": (True, True, False),  # in the books
        "05-10": (True, False, False),  # nets to nothing
        "05-14": (True, False, False),  # no daily money
    }
    assert by_day(days_of(found, "P2").filter("reported"), "counts", "counts_elsewhere", "booked") == {
        "05-06": (True, True, False),
        "05-07": (False, True, False),
        "05-13": (True, False, False),
    }


def test_months_have_what_was_attended_in_them():
    told = placement(start="2024-04-29", end="2024-06-28"), placement("P2", start="2024-05-06")
    reports = [*present(["2024-04-29", "2024-05-02", "2024-05-03"]), report("2024-05-06", status="S"), report("2024-05-07", "P2", "L")]
    found = built(*told, reports=reports, as_of="2024-06-03").months.sort("_p", "month_first")
    named = found.select(pl.col("_p").replace_strict(dict(built(*told).placements.select("_p", "placement_id").iter_rows())), "month_first")
    rows = zip(named.rows(), found.select("month_reported", "days_attended").rows(), strict=True)
    assert {(name, f"{first:%m}"): values for (name, first), values in rows} == {
        ("P1", "04"): (True, 1),
        ("P1", "05"): (True, 2),  # nothing of June is reported, by any placement of the organiser
        ("P2", "05"): (False, 0),  # `off` alone reports no month
    }


def test_a_limit_holds_from_its_first_to_its_last_day():
    limit = Limit("most", (Dated(1, None, day("2024-04-30")), Dated(2, day("2024-05-01"), day("2024-05-31"))), is_date=False)
    dates = pl.DataFrame({"date": [day(text) for text in ("2000-01-01", "2024-04-30", "2024-05-01", "2024-05-31", "2024-06-01")]})
    assert dates.select(limit_column(limit, pl.col("date")))["literal"].to_list() == [1, 1, 2, 2, None]


def test_spans_that_overlap_are_one():
    first, rows = dt.date(2024, 5, 1), (("a", 1, 3), ("a", 2, 2), ("a", 3, 5), ("a", 6, 6), ("a", 9, 8), ("b", 2, 4))
    at = [(who, first.replace(day=start), first.replace(day=end)) for who, start, end in rows]
    found = islands(pl.DataFrame(at, ["who", "first", "last"], orient="row"), ["who"]).sort("who", "first")
    assert [(who, start.day, end.day) for who, start, end in found.iter_rows()] == [("a", 1, 5), ("a", 6, 6), ("b", 2, 4)]
