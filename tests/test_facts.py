"""Facts from small registers; what is expected is worked out by hand from the calendar of May 2024, in which the 9th is a day off."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from fatcli import facts, rulebook
from fatcli.errors import RuleBookError
from fatcli.facts import NO_BOOKS, dated_column, islands
from fatcli.facts.placements import max_before
from fatcli.model import TABLES
from fatcli.rulebook import Dated, Duration, Limit
from fatcli.schema import FRAMES
from fatcli.tables import empty_table
from registers import facts_of, tables_of
from stories import day, exercise, organiser, placement, present, report

BOOK = rulebook.load()


def without(tables, *names):
    """The tables but for some that no sheet has."""
    return replace(tables, frames={name: frame for name, frame in tables.frames.items() if name not in names})


def by_id(found, *columns):
    """`P1` -> the values of the columns of its placement; a day as `05-02`, or with its year where that is not 2024."""
    return {row[0]: tuple(map(shown, row[1:])) for row in found.placements.select("placement_id", *columns).iter_rows()}


def shown(value):
    return str(value).removeprefix("2024-") if isinstance(value, dt.date) else value


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
    {"organiser_id": "ORG1", "service": "AT", "places": 9, "from": "2024-05-08", "to": "2024-05-02"},  # never in force
]
ORGANISERS = [organiser(county="Skåne"), organiser("ORG2", participants_per_supervisor=7)]


def crowd(**told):
    return facts_of(*CROWD, organisers=ORGANISERS, pauses=PAUSES, supervisors=STAFF, offers=OFFERS, **told)


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


MAY = ["05-02", "05-03", "05-06", "05-07", "05-08", "05-10", "05-13", "05-14", "05-15", "05-16", "05-17"]
MAY += ["05-20", "05-21", "05-22", "05-23", "05-24", "05-27", "05-28", "05-29", "05-30", "05-31"]


def test_pauses_are_cut_out_of_the_days_on_which_a_placement_runs():
    def pause(placement_id, first, last):
        return {"placement_id": placement_id, "from": f"2024-{first}", "to": f"2024-{last}", "approved_on": "2024-05-01"}

    pauses = [
        pause("P1", "05-21", "05-22"),
        *(pause("P1", "05-06", "05-10"), pause("P1", "05-08", "05-14")),  # these overlap
        *(pause("P2", "05-02", "05-03"), pause("P2", "05-30", "05-31")),  # from the first day, to the last
        *(pause("P3", "05-06", "05-17"), pause("P3", "05-08", "05-10")),  # one inside the other
        *(pause("P4", "05-15", "05-15"), pause("P4", "06-03", "06-07")),  # after the end
        pause("P5", "05-02", "05-31"),
    ]
    told = [placement(f"P{number}", organiser_id=f"ORG{number}") for number in range(1, 6)]
    told += [placement("P6", organiser_id="ORG6", start="2024-05-06", end="2024-05-06")]
    told += [placement("P7", organiser_id="ORG7", start="2024-05-20", end="2024-05-06")]  # never runs
    found = facts_of(*told, pauses=pauses)
    paused = {
        "ORG1": {"05-06", "05-07", "05-08", "05-10", "05-13", "05-14", "05-21", "05-22"},
        "ORG2": {"05-02", "05-03", "05-30", "05-31"},
        "ORG3": {"05-06", "05-07", "05-08", "05-10", "05-13", "05-14", "05-15", "05-16", "05-17"},
        "ORG4": {"05-15"},
        "ORG5": set(MAY),
        "ORG6": set(MAY) - {"05-06"},
        "ORG7": set(MAY),
    }
    for frame in (found.organiser_days, found.offer_days):
        assert set(frame["participants"]) == {0, 1}
        for name, days in paused.items():
            running = frame.filter(pl.col("organiser_id") == name, pl.col("participants") == 1)
            assert list(by_day(running)) == [date for date in MAY if date not in days]


def test_an_organiser_whose_only_placement_is_paused_all_the_time_has_no_days():
    pauses = [{"placement_id": "P1", "from": "2024-05-01", "to": "2024-06-30", "approved_on": "2024-04-30"}]
    found = facts_of(placement(), placement("P2", organiser_id="ORG2", end="2024-05-03"), pauses=pauses)
    assert set(found.organiser_days["organiser_id"]) == {"ORG2"}


def test_staffing_knows_the_days_off_of_each_year():
    # Christmas and Boxing Day in the first year, New Year's Day and Epiphany in the last
    found = facts_of(placement(start="2023-12-22", end="2025-01-07"), as_of="2025-02-03").organiser_days
    known = [date for date in found["date"] if date.year != 2024]
    assert known == [*(dt.date(2023, 12, number) for number in (22, 27, 28, 29)), *(dt.date(2025, 1, number) for number in (2, 3, 7))]


def test_staffing_ends_with_the_as_of_day():
    found = crowd(as_of="2024-05-06")
    assert list(by_day(found.organiser_days)) == ["05-02", "05-03", "05-06"]
    assert crowd(as_of="2024-05-01").organiser_days.is_empty()


def test_a_frame_of_organisers_has_their_columns_beside_it():
    found = crowd()
    for name in ("organiser_days", "offer_days"):
        rows = found.beside(name, found.own(name).lazy(), ["organiser_id", "date", "county"]).collect()
        assert rows.select(found.own(name).columns).equals(found.own(name))
        assert dict(rows.select("organiser_id", "county").iter_rows()) == {"ORG1": "Skåne", "ORG2": None}
        assert found.beside(name, found.own(name).lazy(), ["date"]).collect().columns == found.own(name).columns


def test_a_frame_of_placements_has_their_columns_beside_it():
    found = facts_of(placement(county="Skåne"), placement("P2"), reports=[*present(["2024-05-02"], "P2"), *present(["2024-05-03"])])
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
    found = days_of(facts_of(placement(start="2024-05-06"), reports=reports, pauses=pauses), "P1")
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
    found = days_of(facts_of(placement(start="2024-05-06"), reports=reports), "P1").filter("reported")
    assert by_day(found, "week_hours", "last_of_week", "full_week") == {
        "05-06": (18, False, True),
        "05-07": (18, False, True),
        "05-08": (18, False, True),
        "05-10": (18, True, True),
        "05-13": (None, False, False),
        "05-14": (None, True, False),
    }


@pytest.mark.parametrize(
    "dates",
    [
        ["2020-12-28", "2020-12-29", "2020-12-30"],  # New Year's Eve and Day 2021 are Thursday and Friday
        ["2019-01-02", "2019-01-03", "2019-01-04"],  # New Year's Eve 2018 is the Monday
    ],
)
def test_a_week_is_full_over_new_year_whatever_the_year_of_the_reports(dates):
    told = placement(start="2018-12-03", end="2021-03-31")
    found = days_of(facts_of(told, reports=present(dates), as_of=dates[-1]), "P1").filter("reported")
    assert found["full_week"].to_list() == [True] * 3


def test_a_week_is_not_full_where_the_placement_does_not_run():
    # of week 18 the working days are 29 and 30 April, 2 and 3 May; the placement begins on 2 May
    found = days_of(facts_of(placement(), reports=present(["2024-04-29", "2024-04-30", "2024-05-02", "2024-05-03"])), "P1")
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
    found = facts_of(*told, reports=reports, booked=booked)
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
    found = facts_of(*told, reports=reports, as_of="2024-06-03").months.sort("_p", "month_first")
    named = found.select(
        pl.col("_p").replace_strict(dict(facts_of(*told).placements.select("_p", "placement_id").iter_rows())), "month_first"
    )
    rows = zip(named.rows(), found.select("month_reported", "days_attended").rows(), strict=True)
    assert {(name, f"{first:%m}"): values for (name, first), values in rows} == {
        ("P1", "04"): (True, 1),
        ("P1", "05"): (True, 2),  # nothing of June is reported, by any placement of the organiser
        ("P2", "05"): (False, 0),  # `off` alone reports no month
    }


def test_a_value_holds_from_its_first_to_its_last_day():
    values = Dated(1, None, day("2024-04-30")), Dated(2, day("2024-05-01"), day("2024-05-31"))
    dates = pl.DataFrame({"date": [day(text) for text in ("2000-01-01", "2024-04-30", "2024-05-01", "2024-05-31", "2024-06-01")]})
    assert dates.select(held=dated_column(values, pl.col("date")))["held"].to_list() == [1, 1, 2, 2, None]


def test_a_value_may_be_a_day_of_the_calendar_and_has_its_type_where_none_holds():
    dates = pl.DataFrame({"date": [day("2024-05-31"), day("2024-06-01")]})

    def held(*values: Dated[int] | Dated[dt.date], dtype: type[pl.Int64 | pl.Date] = pl.Int64) -> pl.Series:
        return dates.select(held=dated_column(values, pl.col("date"), dtype))["held"]

    from_june = Dated(day("2024-12-31"), day("2024-06-01"), None)
    assert held(from_june, dtype=pl.Date).to_list() == [None, day("2024-12-31")]
    assert (held(dtype=pl.Date).dtype, held(Dated(1, None, None)).dtype, held().dtype) == (pl.Date, pl.Int64, pl.Int64)


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_has_what_rules_may_name_and_nothing_by_chance(name):
    found = facts_of(*CROWD, reports=present(["2024-05-06"], "P3"), organisers=ORGANISERS, pauses=PAUSES, supervisors=STAFF)
    named, own = FRAMES[name].facts, found.own(name)
    assert set(named) <= set(found.beside(name, own.lazy(), named).collect_schema().names())
    assert [column for column in own.columns if column.endswith("_right")] == []
    assert {column for column in own.columns if column.startswith("_")} <= {"_p", "_person", "_stated"}


def test_spans_that_overlap_are_one():
    first, rows = dt.date(2024, 5, 1), (("a", 1, 3), ("a", 2, 2), ("a", 3, 5), ("a", 6, 6), ("a", 9, 8), ("b", 2, 4))
    at = [(who, first.replace(day=start), first.replace(day=end)) for who, start, end in rows]
    found = islands(pl.DataFrame(at, ["who", "first", "last"], orient="row"), ["who"]).sort("who", "first")
    assert [(who, start.day, end.day) for who, start, end in found.iter_rows()] == [("a", 1, 5), ("a", 6, 6), ("b", 2, 4)]
    found = islands(pl.DataFrame(at, ["who", "first", "last"], orient="row").drop("who"), []).sort("first")
    assert [(start.day, end.day) for start, end in found.iter_rows()] == [(1, 5), (6, 6)]  # of no group: all together


def test_an_empty_table_is_typed_as_the_reader_types_it():
    pauses = [{"placement_id": "P1", "from": "2024-05-06", "to": "2024-05-07", "approved_on": "2024-05-06"}]
    contracts = [{"organiser_id": "ORG1", "service": "ITA3", "component": "result", "sek": 100, "from": "2024-01-01", "to": None}]
    read_ones = tables_of(placement(), reports=present(["2024-05-06"], note="ill?"), pauses=pauses, contracts=contracts).frames
    assert set(read_ones) == set(TABLES)
    for name, frame in read_ones.items():
        assert empty_table(name).schema == frame.schema


def test_facts_of_placements_whose_organisers_no_sheet_names():
    told = tables_of(*CROWD, reports=present(["2024-05-06"], "P3"), organisers=ORGANISERS, pauses=PAUSES, supervisors=STAFF)
    found = facts.build(without(told, "organisers"), BOOK, day("2024-06-03"), NO_BOOKS.booked)
    whole = facts.build(told, BOOK, day("2024-06-03"), NO_BOOKS.booked)
    same = ["organiser_id", "date", "participants", "supervisors"]
    assert found.organiser_days.select(same).equals(whole.organiser_days.select(same))
    assert set(found.organiser_days["participants_per_supervisor"]) == {20}  # the limit, as no organiser has its own
    rows = found.beside("organiser_days", found.organiser_days.lazy(), ["county"]).collect()
    assert rows["county"].to_list() == [None] * found.organiser_days.height
    assert by_id(found, "organiser_county")["P3"] == (None,)
    assert found.days.filter("reported").height == 1


def test_what_names_no_placement_of_the_input_has_no_facts():
    told = tables_of(*CROWD, reports=present(["2024-05-06"], "P3"), organisers=ORGANISERS, pauses=PAUSES)
    found = facts.build(without(told, "placements"), BOOK, day("2024-06-03"), NO_BOOKS.booked)
    assert found.pauses.is_empty()
    assert found.days.is_empty()
    assert found.months.is_empty()
    assert found.organiser_days.is_empty()
    assert found.offer_days.is_empty()


def test_organisers_are_told_by_a_number_of_the_kind_of_their_legal_form():
    rows = [organiser(), organiser("ORG2", identity_number="556036-0794"), organiser("ORG3", legal_form="sole_trader")]
    found = facts_of(*(placement(f"P{n}", organiser_id=f"ORG{n}") for n in (1, 2, 3)), organisers=rows).organisers
    assert dict(found.select("organiser_id", "identity_valid").iter_rows()) == {"ORG1": True, "ORG2": False, "ORG3": False}


def test_a_limit_of_participants_is_needed_only_where_there_are_any():
    # Monday 6 and Tuesday 7 May lie between the placements
    told = placement(end="2024-05-03"), placement("P2", start="2024-05-08", end="2024-05-08")

    def most(*values):
        return replace(BOOK, limits=BOOK.limits | {name: Limit(name, values, is_date=False)})

    name = "participants_per_supervisor"
    found = facts_of(*told, book=most(Dated(20, None, day("2024-05-03")), Dated(10, day("2024-05-08"))))
    assert by_day(found.organiser_days, "participants", name) == {
        "05-02": (1, 20),
        "05-03": (1, 20),
        "05-06": (0, None),
        "05-07": (0, None),
        "05-08": (1, 10),
    }
    lacking = most(Dated(20, day("2024-05-03")))
    with pytest.raises(RuleBookError, match=f"{name} has no value on 2024-05-02, which rules over organiser_days need"):
        facts_of(*told, book=lacking)
    assert facts_of(*told, book=lacking, organisers=[organiser(participants_per_supervisor=5)]).organiser_days.height == 5


def test_reports_of_a_day_are_put_together_in_their_order():
    reports = [
        report("2024-05-06", status="S", hours=None),
        report("2024-05-06", status="L"),
        report("2024-05-07", hours=4),
        report("2024-05-07", hours=3),
        report("2024-05-07", status="S"),
    ]
    found = days_of(facts_of(placement(start="2024-05-06", end="2024-05-07"), reports=reports), "P1")
    assert by_day(found, "attended", "times_reported", "conflicting", "status", "status_2", "hours", "hours_2") == {
        "05-06": (False, 2, True, "sick", "off", None, None),
        "05-07": (True, 3, True, "present", "present", 4, 3),
    }
    rows = found.select("row", "row_2").rows()
    assert rows == [(2, 3), (4, 5)]  # the header is row 1


def test_the_same_status_twice_is_no_conflict():
    found = days_of(facts_of(placement(), reports=[*present(["2024-05-06"]), *present(["2024-05-06"])]), "P1").filter("reported")
    assert by_day(found, "attended", "times_reported", "conflicting") == {"05-06": (True, 2, False)}


def test_days_that_earn_start_or_result_compensation_stand_there_whatever_the_schedule():
    told = (
        exercise("P1", start="2024-05-04", end="2024-05-06"),  # a Saturday
        exercise("P2", start="2024-05-13", end="2024-05-20"),  # the as-of day
        exercise("P3", start="2024-05-14", end="2024-05-20"),
        part(3, "P4", "2024-05-02", "2024-05-31", participant_id="T4", trial_completed_on="2024-05-11"),
        part(2, "P5", "2024-05-02", "2024-05-31", participant_id="T5", trial_completed_on="2024-05-11"),  # earns nothing
        part(3, "P6", "2024-05-02", "2024-05-31", participant_id="T6"),
        placement("P7", start="2024-05-04"),  # nor does the start of FAT
    )
    found = facts_of(*told, as_of="2024-05-13")
    rows = found.days.join(found.placements.select("_p", "placement_id"), on="_p")
    assert sorted(rows.select("placement_id", pl.col("date").dt.to_string("%m-%d"), "starts", "completes", "scheduled").rows()) == [
        ("P1", "05-04", True, False, False),
        ("P2", "05-13", True, False, True),
        ("P4", "05-11", False, True, False),
    ]
    assert not rows["reported"].any()
    # laid out too, where something of the month is reported, each day stands there once
    found = facts_of(*told, reports=present(["2024-05-13"], "P2"), as_of="2024-05-13")
    assert by_day(days_of(found, "P1"), "starts", "completes", "reported") == {
        "05-04": (True, False, False),
        "05-06": (False, False, False),
    }
    assert by_day(days_of(found, "P2"), "starts", "completes", "reported") == {"05-13": (True, False, True)}
    four = by_day(days_of(found, "P4"), "starts", "completes", "scheduled")
    assert (four["05-10"], four["05-11"], four["05-13"]) == ((False, False, True), (False, True, False), (False, False, True))
    assert not days_of(found, "P5")["completes"].any()


def test_a_scheduled_day_counts_in_a_month_that_was_reported():
    # 2024-05-18 is a Saturday, the 20th a Monday; as of Friday 17 May
    told = [exercise(f"P{number}", start="2024-05-16", end="2024-05-20") for number in range(1, 6)]
    reports = [
        report("2024-05-16", "P1", "S"),
        report("2024-05-17", "P2"),  # on the as-of day
        report("2024-05-20", "P3"),  # after it
        report("2024-05-15", "P4"),  # outside the placement
        report("2024-05-16", "P5", "L"),
    ]
    found = facts_of(*told, reports=reports, as_of="2024-05-17")
    counting = {name: by_day(days_of(found, name), "counts", "month_reported") for name in ("P1", "P2", "P3", "P4", "P5")}
    assert counting == {
        "P1": {"05-16": (True, True), "05-17": (True, True)},
        "P2": {"05-16": (True, True), "05-17": (True, True)},
        "P3": {"05-16": (False, False), "05-17": (False, False), "05-20": (False, False)},
        "P4": {"05-15": (False, False), "05-16": (False, False), "05-17": (False, False)},
        "P5": {"05-16": (False, False), "05-17": (False, False)},
    }


def test_weekdays_are_scheduled_whatever_the_holiday_and_working_days_only_are_not():
    told = exercise("P1", start="2024-05-08", end="2024-05-13"), placement("P2", start="2024-05-08", end="2024-05-13")
    found = facts_of(*told, reports=[report("2024-05-11"), report("2024-05-11", "P2")])
    assert by_day(days_of(found, "P1"), "scheduled", "working_day", "counts") == {
        "05-08": (True, True, True),
        "05-09": (True, False, True),
        "05-10": (True, True, True),
        "05-11": (False, False, False),  # a Saturday
        "05-13": (True, True, True),
    }
    assert by_day(days_of(found, "P2"), "scheduled", "working_day", "counts") == {
        "05-08": (True, True, False),
        "05-10": (True, True, False),
        "05-11": (False, False, True),
        "05-13": (True, True, False),
    }


def test_a_month_is_laid_out_that_the_placement_touches_and_its_organiser_reported():
    told = (
        placement("P1", start="2024-04-30", end="2024-06-03"),  # the last day of April
        placement("P2", start="2024-05-31", end="2024-06-03", ended_on="2024-06-01"),  # the first of June
        placement("P3", start="2024-05-31", end="2024-05-31"),  # a single day
        placement("P4", start="2024-05-20", end="2024-05-10"),  # never runs
        placement("P5", start="2024-04-30", end="2024-06-03", organiser_id="ORG2"),  # of an organiser that reports nothing
        placement("P6", start="2024-05-01", end="2024-07-31"),
    )
    reports = [*present(["2024-04-30", "2024-05-02", "2024-06-03"]), report("2024-05-06", "P6", "L"), report("2024-07-01", "P6")]

    def months(as_of):
        found = facts_of(*told, reports=reports, as_of=as_of)
        rows = found.months.join(found.placements.select("_p", "placement_id"), on="_p")
        return sorted(rows.select("placement_id", pl.col("month_first").dt.month()).rows())

    may = [("P1", 4), ("P1", 5), ("P2", 5), ("P3", 5), ("P6", 5)]
    assert months("2024-05-31") == may  # June is after the as-of day
    june = [("P1", 4), ("P1", 5), ("P1", 6), ("P2", 5), ("P2", 6), ("P3", 5), ("P6", 5), ("P6", 6)]
    assert months("2024-06-01") == june
    assert by_day(days_of(facts_of(*told, reports=reports), "P3"), "scheduled", "reported") == {"05-31": (True, False)}
    assert days_of(facts_of(*told, reports=reports), "P4").is_empty()


def test_days_are_laid_out_up_to_the_as_of_day():
    told = placement(start="2024-05-02"), placement("P2", start="2024-05-10"), placement("P3", start="2024-05-13")
    found = facts_of(*told, reports=present(["2024-05-02"]), as_of="2024-05-10")
    first = by_day(days_of(found, "P1"), "week_hours", "last_of_week", "full_week")
    assert list(first) == ["05-02", "05-03", "05-06", "05-07", "05-08", "05-10"]
    assert first["05-03"] == first["05-06"] == (None, False, False)  # in the second week nothing is reported
    assert by_day(days_of(found, "P2"), "scheduled", "in_future") == {"05-10": (True, False)}
    assert days_of(found, "P3").is_empty()


def test_months_and_years_are_told_apart():
    told = placement("P1", start="2023-12-01", end="2025-01-31"), placement("P2", start="2023-12-01", end="2025-01-31")
    nothing = [report(date, "P1", "L") for date in ("2024-01-02", "2024-05-02", "2024-11-01", "2025-01-02")]
    reports = [*nothing, *present(["2023-12-01", "2024-02-01"], "P1"), *present(["2024-04-02", "2024-12-02"], "P2")]
    found = facts_of(*told, reports=reports, as_of="2025-02-03")
    named = found.months.join(found.placements.select("_p", "placement_id"), on="_p").filter("month_reported")
    reported = sorted((name, str(first)[:7]) for name, first in named.select("placement_id", "month_first").iter_rows())
    assert reported == [("P1", "2023-12"), ("P1", "2024-02"), ("P2", "2024-04"), ("P2", "2024-12")]
    # Christmas and Boxing Day are days off in the one year, New Year's Day and Epiphany in the other
    laid_out = set(days_of(found, "P1").filter("scheduled")["date"])
    assert {day("2023-12-22"), day("2023-12-27"), day("2025-01-02"), day("2025-01-07")} <= laid_out
    assert not laid_out & {day("2023-12-25"), day("2023-12-26"), day("2025-01-01"), day("2025-01-06")}


def test_very_many_placements_are_told_apart():
    # 2 to the 14th more: in 32 bits neither a day nor a month of the first would differ from the last's
    few = tables_of(placement(), reports=present(["2024-05-14"]))
    number = pl.DataFrame({"number": range(2**14 + 1)}).with_columns(text=pl.col("number").cast(pl.String))
    placements = (
        few.frames["placements"]
        .join(number, how="cross")
        .with_columns(placement_id=pl.format("P{}", "text"), participant_id=pl.format("T{}", "text"))
    )
    reports = few.frames["attendance"].join(
        pl.DataFrame({"number": [0, 7, 2**13], "hour": [8.0, 5.0, 3.0], "on": [day(f"2024-05-{on}") for on in ("14", "07", "14")]}),
        how="cross",
    )
    reports = reports.with_columns(placement_id=pl.format("P{}", "number"), hours="hour", date="on").select(
        few.frames["attendance"].columns
    )
    frames = few.frames | {"placements": placements.select(few.frames["placements"].columns), "attendance": reports}
    found = facts.build(replace(few, frames=frames), BOOK, day("2024-05-15"), NO_BOOKS.booked)
    assert [each for (each,) in found.months.filter("month_reported").select("_p").iter_rows()] == [0, 7, 2**13]
    assert by_day(days_of(found, "P0").filter("reported"), "week_hours") == {"05-14": (8,)}
    assert by_day(days_of(found, "P7").filter("reported"), "week_hours") == {"05-07": (5,)}
    assert by_day(days_of(found, f"P{2**13}").filter("reported"), "week_hours") == {"05-14": (3,)}
    last = days_of(found, f"P{2**14}")
    assert last.height == days_of(found, "P1").height == 9  # 2 to 15 May: 9 working days
    assert not last["reported"].any()


def test_a_day_counts_elsewhere_only_where_it_counts_for_another_placement():
    # two placements, so that each has one other
    told = placement(start="2024-05-06"), placement("P2", participant_id="T1", start="2024-05-06", end="2024-05-10")
    reports = [*present(["2024-05-06", "2024-05-13"], "P2"), report("2024-05-07", "P2", "S"), *present(["2024-05-06", "2024-05-08"])]
    booked = [booking("P1", "2024-05-08"), booking("P2", "2024-05-10"), booking("P2", "2024-05-10", 20000)]
    found = facts_of(*told, reports=reports, booked=booked)
    first, second = (by_day(days_of(found, name), "counts_elsewhere", "booked") for name in ("P1", "P2"))
    assert {date: first[date] for date in ("05-06", "05-07", "05-08", "05-10", "05-13")} == {
        "05-06": (True, False),
        "05-07": (False, False),  # sick there
        "05-08": (False, True),  # it counts here and is booked here
        "05-10": (True, False),
        "05-13": (False, False),  # outside P2
    }
    assert second["05-06"] == (True, False)
    assert second["05-08"] == (True, False)


def test_a_booking_of_a_placement_goes_by_the_participant_that_the_register_has_now():
    told = placement(start="2024-05-06"), placement("P2", participant_id="T1", start="2024-05-06")
    found = facts_of(*told, reports=present(["2024-05-06"]), booked=[booking("P2", "2024-05-06", participant="the number before")])
    assert by_day(days_of(found, "P1").filter("reported"), "counts_elsewhere") == {"05-06": (True,)}


def test_hours_add_up_as_in_the_decimal_system():
    reports = [report("2024-05-06", hours=0.1), report("2024-05-07", hours=0.2)]  # as floats 0.30000000000000004
    reports += [report("2024-05-13", hours=1.000001), report("2024-05-14", hours=2.000002)]
    found = days_of(facts_of(placement(start="2024-05-06"), reports=reports), "P1").filter("reported")
    expected = {"05-06": (0.3,), "05-07": (0.3,), "05-13": (3.000003,), "05-14": (3.000003,)}
    assert by_day(found, "week_hours") == expected


def test_a_day_in_the_in_depth_assessment():
    told = placement("P1", in_depth_from="2024-05-06", in_depth_to="2024-05-07"), placement("P2")
    found = facts_of(*told, reports=[*present(["2024-05-03", "2024-05-06", "2024-05-07", "2024-05-08"]), *present(["2024-05-06"], "P2")])
    assert by_day(days_of(found, "P1").filter("reported"), "in_depth") == {
        "05-03": (False,),
        "05-06": (True,),
        "05-07": (True,),
        "05-08": (False,),
    }
    assert set(days_of(found, "P2")["in_depth"]) == {False}


def test_what_organisers_state_is_summed_unless_each_sheet_says_the_same():
    #        source, row, days stated
    said = {
        "P1": [(0, 5, 2), (0, 7, 1)],
        "P2": [(0, 2, 2), (1, 3, 2)],  # attended 2: a copy
        "P3": [(0, 2, 1), (1, 3, 1)],  # attended 2: two halves
        "P4": [(0, 2, 2), (1, 3, 1)],  # attended 2, but no copy
        "P5": [(0, 2, 2), (0, 3, None)],  # one can't be read
        "P6": [(0, 2, None), (1, 3, 2)],
        "P7": [],
        "P9": [(0, 9, 2)],  # not in the register
    }
    told = [placement(f"P{number}") for number in range(1, 8)]
    reports = [row for number in range(1, 7) for row in present(["2024-05-02", "2024-05-03"], f"P{number}")]
    tables = tables_of(*told, reports=reports)
    rows = [(name, day("2024-05-01"), days, source, row) for name, cells in said.items() for source, row, days in cells]
    stated = pl.DataFrame(rows, tables.stated.schema, orient="row")
    found = facts.build(replace(tables, stated=stated), BOOK, day("2024-06-03"), NO_BOOKS.booked)
    months = found.months.join(found.placements.select("_p", "placement_id"), on="_p")
    columns = ["placement_id", "days_stated", "source", "row", "_stated", "days_attended"]
    assert sorted(months.select(columns).iter_rows()) == [
        ("P1", 3, 0, 5, 2, 2),
        ("P2", 2, 0, 2, 2, 2),
        ("P3", 2, 0, 2, 1, 2),
        ("P4", 3, 0, 2, 2, 2),
        ("P5", None, 0, 2, 2, 2),
        ("P6", None, 0, 2, None, 2),
        ("P7", None, None, None, None, 0),
    ]


def test_a_placement_ends_at_the_earlier_of_its_ends_and_is_interrupted_for_some_reasons():
    told = (
        placement("P1", end="2024-05-31"),
        placement("P2", end="2024-05-20"),  # on the as-of day it still runs
        placement("P3", end="2024-05-31", ended_on="2024-05-17", end_reason="interrupted"),
        placement("P4", end="2024-05-31", ended_on="2024-05-17", end_reason="plan_changed"),  # no interruption
        placement("P5", end="2024-05-31", ended_on="2024-05-17"),
        placement("P6", end="2024-05-17", ended_on="2024-05-17", end_reason="illness"),  # on its last day: not early
        placement("P7", end="2024-05-17", ended_on="2024-05-31", end_reason="illness"),
    )
    found = facts_of(*told, as_of="2024-05-20")
    assert by_id(found, "effective_end", "ended_early", "interrupted", "ended") == {
        "P1": ("05-31", False, False, False),
        "P2": ("05-20", False, False, False),
        "P3": ("05-17", True, True, True),
        "P4": ("05-17", True, False, True),
        "P5": ("05-17", True, False, True),
        "P6": ("05-17", False, False, True),
        "P7": ("05-17", False, False, True),
    }


def test_a_programme_is_eligible_where_the_service_names_it_or_none():
    fat = replace(BOOK.services["FAT"], programmes=("JOB", "ETP"))
    told = placement("P1"), placement("P2", programme="UGA"), placement("P3", programme=None), placement("P4", programme="ETP")
    found = facts_of(*told, exercise("P5"), exercise("P6", programme="UGA"), book=replace(BOOK, services=BOOK.services | {"FAT": fat}))
    expected = {"P1": True, "P2": False, "P3": False, "P4": True, "P5": True, "P6": True}
    assert by_id(found, "programme_eligible") == {name: (eligible,) for name, eligible in expected.items()}


def test_participants_are_told_by_their_number_or_pseudonym_however_it_is_written():
    told = (
        placement("P1", participant_id="811228-9874", start="2024-12-27", end="2024-12-30"),
        placement("P2", participant_id="198112289874", start="2024-12-28", end="2024-12-30"),  # the birthday
        placement("P3", participant_id="t7"),
        placement("P4", participant_id="T7"),
        placement("P5", participant_id="811228-9875"),  # a wrong check digit
        placement("P6", participant_id="T7 or T8"),
    )
    found = facts_of(*told)
    assert by_id(found, "participant", "participant_valid", "age_at_start") == {
        "P1": ("198112289874", True, 42),
        "P2": ("198112289874", True, 43),
        "P3": ("T7", True, None),
        "P4": ("T7", True, None),
        "P5": ("811228-9875", False, None),
        "P6": ("T7 OR T8", False, None),
    }
    persons = {name: person for name, (person,) in by_id(found, "_person").items()}
    assert persons["P1"] == persons["P2"]
    assert persons["P3"] == persons["P4"]
    assert len(set(persons.values())) == 4


def test_placements_of_a_participant_overlap_that_share_a_day():
    told = (
        placement("P1", participant_id="T1", start="2024-05-02", end="2024-05-10"),
        exercise("P2", participant_id="T1", start="2024-05-10", end="2024-05-17"),  # one day is shared, and the service is another
        placement("P3", participant_id="T1", start="2024-05-13", end="2024-05-15"),
        placement("P4", participant_id="T1", start="2024-05-16", end="2024-05-16"),  # inside P2, which ends later than P3
        placement("P5", participant_id="T1", start="2024-05-18", end="2024-05-31"),  # the day after P2
        placement("P6", participant_id="T2", start="2024-05-02", end="2024-05-31"),
        placement("P7", participant_id="T2", start="2024-05-02", end="2024-05-31"),  # at the same start the larger id
        placement("P8", participant_id="T3", start="2024-05-31", end="2024-05-02"),  # never runs
        placement("P9", participant_id="T3", start="2024-05-02", end="2024-05-31"),
    )
    assert by_id(facts_of(*told), "overlaps") == {
        "P1": (None,),
        "P2": ("P1",),
        "P3": ("P2",),
        "P4": ("P2",),
        "P5": (None,),
        "P6": (None,),
        "P7": ("P6",),
        "P8": (None,),
        "P9": (None,),
    }


def test_a_period_goes_on_while_no_working_day_lies_between():
    told = (
        placement("P1", participant_id="T1", start="2024-05-02", end="2024-05-08"),
        placement("P2", participant_id="T1", start="2024-05-10", end="2024-05-17", organiser_id="ORG2"),  # Ascension Day lies between
        placement("P3", participant_id="T1", start="2024-05-21", end="2024-06-28"),  # Monday 20 May does
        placement("P4", participant_id="T1", start="2024-05-22", end="2024-05-24"),  # inside P3
        placement("P5", participant_id="T1", start="2024-07-01", end="2024-07-05"),  # the Monday after P3's last Friday
        placement("P6", participant_id="T1", start="2024-05-13", end="2024-05-14", service="AT"),  # a service by itself
        placement("P7", participant_id="T2", start="2024-05-20", end="2024-05-24"),  # a person by himself
        placement("P8", participant_id="T2", start="2024-08-05", end="2024-08-09"),
        # New Year: Monday 30 December 2024 to Thursday 2 January 2025; Christmas: Friday 22 to Wednesday 27 December 2023
        placement("Q1", participant_id="T3", start="2024-12-02", end="2024-12-30"),
        placement("Q2", participant_id="T3", start="2025-01-02", end="2025-01-03"),
        placement("Q3", participant_id="T4", start="2023-12-04", end="2023-12-22"),
        placement("Q4", participant_id="T4", start="2023-12-27", end="2023-12-29"),
    )
    assert by_id(facts_of(*told), "period_number", "period_start", "first_in_period") == {
        "P1": (1, "05-02", True),
        "P2": (1, "05-02", False),
        "P3": (2, "05-21", True),
        "P4": (2, "05-21", False),
        "P5": (2, "05-21", False),
        "P6": (1, "05-13", True),
        "P7": (1, "05-20", True),
        "P8": (2, "08-05", True),
        "Q1": (1, "12-02", True),
        "Q2": (1, "12-02", False),
        "Q3": (1, "2023-12-04", True),
        "Q4": (1, "2023-12-04", False),
    }


def test_a_period_of_another_calendar_year_knows_its_own_days_off():
    # 6 June 2025 is a Friday and the National Day; the other person's placements are of 2023 alone
    early = [placement(f"P{n}", participant_id="T1", start=f"2023-05-0{n}", end=f"2023-05-0{n}") for n in (2, 3)]
    late = [
        placement("P4", participant_id="T2", start="2025-06-02", end="2025-06-05"),
        placement("P5", participant_id="T2", start="2025-06-09", end="2025-06-13"),
    ]
    assert by_id(facts_of(*early, *late), "period_number") == {"P2": (1,), "P3": (1,), "P4": (1,), "P5": (1,)}
    # 18 May 2023, Ascension Day; the other person's are of 2025 alone
    early = [
        placement("P2", participant_id="T1", start="2023-05-15", end="2023-05-17"),
        placement("P3", participant_id="T1", start="2023-05-19", end="2023-05-19"),
    ]
    assert by_id(facts_of(*early, *late), "period_number") == {"P2": (1,), "P3": (1,), "P4": (1,), "P5": (1,)}


def broken_off(placement_id, start, end, ended_on, **told):
    return exercise(placement_id, participant_id="T1", start=start, end=end, ended_on=ended_on, end_reason="interrupted", **told)


def test_a_participation_goes_on_for_31_days_unless_interrupted():
    told = (
        exercise("P1", participant_id="T1", start="2024-01-08", end="2024-02-09"),
        exercise("P2", participant_id="T1", start="2024-03-11", end="2024-04-05"),  # 31 days on
        broken_off("P3", "2024-05-07", "2024-05-31", "2024-05-10"),  # 32 days on
        exercise("P4", participant_id="T1", start="2024-05-13", end="2024-05-17"),
        exercise("P5", participant_id="T1", start="2024-05-20", end="2024-08-30", organiser_id="ORG2"),
        broken_off("P6", "2024-05-27", "2024-06-28", "2024-06-14"),  # inside P5
        exercise("P7", participant_id="T1", start="2024-06-17", end="2024-06-20"),  # P5, that ends last, goes on
        exercise("P8", participant_id="T2", start="2024-06-24", end="2024-06-28"),
        placement("P9", participant_id="T1", start="2024-05-20", end="2024-05-24"),  # no AIO
    )
    found = facts_of(*told)
    assert by_id(found, "period_number", "period_start", "first_in_period", "placement_in_participation", "last_in_participation") == {
        "P1": (1, "01-08", True, 1, False),
        "P2": (1, "01-08", False, 2, True),
        "P3": (2, "05-07", True, 1, True),
        "P4": (3, "05-13", True, 1, False),
        "P5": (3, "05-13", False, 2, False),
        "P6": (3, "05-13", False, 3, False),
        "P7": (3, "05-13", False, 4, True),
        "P8": (1, "06-24", True, 1, True),
        "P9": (1, "05-20", True, None, False),
    }
    # a gap earns no start; that the placement before it in order was broken off does
    assert by_id(found, "start_earned", "start_again") == {
        "P1": (True, False),
        "P2": (False, False),
        "P3": (False, False),
        "P4": (True, True),
        "P5": (False, False),
        "P6": (False, False),
        "P7": (True, True),
        "P8": (True, False),
        "P9": (False, False),
    }


def part(number, placement_id, start, end, **told):
    return placement(
        placement_id, **{"service": f"ITA{number}", "programme": None, "participant_id": "T1", "start": start, "end": end} | told
    )


def test_days_of_the_parts_run_over_all_placements_of_a_participant():
    told = (
        placement("P1", participant_id="T1", start="2024-01-02", end="2024-01-05"),  # no part
        part(1, "P2", "2024-01-08", "2024-01-21"),  # 14 days
        part(2, "P3", "2024-02-01", "2024-02-10", trial_completed_on="2024-02-09"),  # 10
        part(2, "P4", "2024-02-12", "2024-02-12"),  # 1
        part(1, "P5", "2024-02-19", "2024-02-20"),  # 2
        part(3, "P6", "2024-03-01", "2024-03-31", ended_on="2024-03-05"),  # 5
        part(3, "P7", "2024-04-03", "2024-04-01"),  # never runs
        part(1, "P8", "2024-04-03", "2024-04-01"),
        part(2, "P9", "2024-05-06", "2024-05-07", participant_id="T2"),  # 2
        part(3, "Q1", "2024-05-08", "2024-05-10", participant_id="T2", trial_completed_on="2024-05-10"),  # 3
        part(3, "Q2", "2024-05-13", "2024-05-13", participant_id="T2", trial_completed_on="2024-05-13"),  # 1
    )
    found = facts_of(*told, pauses=[])
    assert by_id(found, "part_days", "trial_days", "service_days", "second_trial") == {
        "P1": (None, None, None, False),
        "P2": (14, None, 14, False),
        "P3": (None, 10, 24, False),
        "P4": (None, 11, 25, False),  # ITA2 completes no second trial
        "P5": (2, None, 27, False),
        "P6": (None, 16, 32, True),  # P3 completed one
        "P7": (None, 0, 0, False),
        "P8": (0, None, 0, False),
        "P9": (None, 2, 2, False),
        "Q1": (None, 5, 5, False),
        "Q2": (None, 6, 6, True),
    }
    assert by_id(found, "period_number", "period_start", "first_in_period", "last_in_participation")["P3"] == (None, None, False, False)


def test_the_last_day_that_service_and_programme_allow():
    told = (
        placement("P1", start="2024-01-15", compensated_days=0),
        placement("P2", start="2024-01-15", programme="UGA"),
        placement("P3", start="2024-01-15", service="AT", compensated_days=449),
        placement("P4", start="2024-01-15", service="AT", compensated_days=450),
        placement("P5", start="2024-01-15", service="AT"),
        exercise("P6", participant_id="T6", start="2024-01-15", end="2024-01-31"),
        exercise("P7", participant_id="T6", start="2024-02-01"),  # the participation began with P6
        placement("P8", service="ITA1", programme=None, start="2024-01-15"),
        placement("P9", programme=None, start="2024-01-15"),
        exercise("Q1", start="2024-05-31", end="2024-05-02"),  # never runs
    )
    assert by_id(facts_of(*told), "limit_end", "placement_limit_end", "last_allowed") == {
        "P1": ("2025-01-14", None, "2025-01-14"),
        "P2": ("07-14", None, "07-14"),
        "P3": ("07-14", None, "07-14"),
        "P4": ("2025-01-14", None, "2025-01-14"),
        "P5": ("07-14", None, "07-14"),
        "P6": ("2026-01-14", "07-14", "07-14"),
        "P7": ("2026-01-14", "07-31", "07-31"),
        "P8": (None, "07-14", "07-14"),
        "P9": (None, None, None),
        "Q1": (None, None, None),
    }


def test_how_long_a_service_lasts_goes_by_the_placements_start():
    until, since = Duration("JOB", 12, end=day("2024-04-30")), Duration("JOB", 9, start=day("2024-05-01"))
    fat = replace(BOOK.services["FAT"], durations=(until, since))
    told = placement("P1", start="2024-04-29"), placement("P2", start="2024-04-30"), placement("P3", start="2024-05-01")
    found = facts_of(*told, placement("P4", start="2024-05-02"), book=replace(BOOK, services=BOOK.services | {"FAT": fat}))
    expected = {"P1": ("2025-04-28",), "P2": ("2025-04-29",), "P3": ("2025-01-31",), "P4": ("2025-02-01",)}
    assert by_id(found, "limit_end") == expected


@pytest.mark.parametrize("durations", [(Duration(None, 12, 450), Duration(None, 6)), (Duration(None, 6), Duration(None, 12, 450))])
def test_of_several_durations_the_one_that_asks_most_days_whatever_their_order(durations):
    fat = replace(BOOK.services["FAT"], durations=durations)
    told = placement("P1", start="2024-01-15", compensated_days=450), placement("P2", start="2024-01-15", compensated_days=449)
    found = facts_of(*told, book=replace(BOOK, services=BOOK.services | {"FAT": fat}))
    assert by_id(found, "limit_end") == {"P1": ("2025-01-14",), "P2": ("07-14",)}


def test_a_duration_that_is_over_limits_no_placement_that_starts_later():
    fat = replace(BOOK.services["FAT"], durations=(Duration("JOB", 12, end=day("2024-04-30")),))
    told = placement("P1", start="2024-04-30"), placement("P2", start="2024-05-01")
    found = facts_of(*told, book=replace(BOOK, services=BOOK.services | {"FAT": fat}))
    assert by_id(found, "limit_end") == {"P1": ("2025-04-29",), "P2": (None,)}


IN_DEPTH = (
    placement("P1", participant_id="T1", start="2024-01-08", end="2024-06-28", in_depth_from="2024-05-06", in_depth_report_on="2024-06-28"),
    placement("P2", participant_id="T1", start="2024-07-01", end="2024-10-31", in_depth_from="2024-07-01"),  # of the same period
    placement("P3", participant_id="T1", start="2024-11-04", end="2024-11-29"),  # a new one: Friday 1 November lies between
    placement(
        "P4", start="2024-01-08", end="2024-08-30", in_depth_from="2024-05-06", in_depth_to="2024-05-24", in_depth_report_on="2024-05-10"
    ),
    placement("P5", start="2024-01-08", end="2024-05-31", in_depth_from="2024-01-31"),
    placement("P6", start="2024-05-02", end="2024-05-31"),
    exercise("P7", start="2024-05-02", end="2024-05-31", in_depth_from="2024-05-06"),
    placement("P8", start="2024-05-02", end="2024-05-31", in_depth_from="2024-05-06"),
)


def test_an_in_depth_assessment_lasts_three_months_from_the_periods_first():
    assert by_id(facts_of(*IN_DEPTH, as_of="2024-06-28"), "in_depth_limit", "in_depth_end", "in_depth_ended") == {
        "P1": ("08-05", "06-28", False),  # ends on the as-of day
        "P2": ("08-05", "08-05", False),
        "P3": (None, None, False),
        "P4": ("08-05", "05-24", True),  # in_depth_to goes before the report
        "P5": ("04-29", "04-29", True),  # 30 April, less one
        "P6": (None, None, False),
        "P7": (None, None, True),  # an AIO placement is in no period; its own end is past
        "P8": ("08-05", "08-05", True),  # the placement ended before the assessment would
    }


def test_a_limit_without_a_value_on_a_day_that_needs_it_is_an_error():
    def months(*values):
        return replace(BOOK, limits=BOOK.limits | {"in_depth_months": Limit("in_depth_months", values, is_date=False)})

    lacking = months(Dated(3, None, day("2024-05-01")))
    told = placement("P1", in_depth_from="2024-05-06"), placement("P2", start="2024-05-03", in_depth_from="2024-05-06")
    with pytest.raises(RuleBookError, match="in_depth_months has no value on 2024-05-02, which rules over placements need"):
        facts_of(*told, book=lacking)
    # without an assessment, in a service without periods and on days with a value there is no need
    found = facts_of(
        placement(),
        placement("P2", start="2024-05-01", in_depth_from="2024-05-06"),
        exercise("P3", in_depth_from="2024-05-06"),
        book=lacking,
    )
    assert by_id(found, "in_depth_limit") == {"P1": (None,), "P2": ("08-05",), "P3": (None,)}


def test_the_most_before_a_row_of_its_group():
    rows = pl.DataFrame({"group": list("aaaabbcb"), "value": [3, 1, 4, 2, 1, 5, 0, 7]}, {"group": pl.String, "value": pl.Int64})
    assert rows.select(max_before(pl.col("value"), ["group"])).to_series().to_list() == [None, 3, 3, 4, None, 1, None, None]
    assert rows.select(max_before(pl.col("value"), [])).to_series().to_list() == [None, 3, 3, 4, 4, 4, 5, 5]
