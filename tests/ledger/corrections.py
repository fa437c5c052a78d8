"""A small world of placements, and what may happen to its workbooks between two runs."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from typing import Any

import hypothesis.strategies as st
from model import Item, Pause, Placement, Price, Report, World, month_of
from paperwork import FILES, GRID, ORGANISERS

Draw = Callable[[st.SearchStrategy[Any]], Any]
Change = Callable[[World, Draw, Sequence[Item]], None]
APRIL, MAY, JUNE = MONTHS = ("2024-04", "2024-05", "2024-06")


def on(day: str) -> dt.date:
    return dt.date.fromisoformat(f"2024-{day}")


def placements() -> dict[str, Placement]:
    """T1 in two places at once; T2 in FAT with an assessment, and AIO beside it; T3 in AIO twice; T4 in ITA3, and FAT beside it."""
    one, two, three = FILES
    listed = (
        Placement("P1", "T1", "ORG1", "FAT", on("04-22"), on("06-14"), one),
        Placement("P2", "T1", "ORG2", "FAT", on("05-06"), on("06-28"), two),
        Placement("P3", "T2", "ORG2", "FAT", on("04-15"), on("06-07"), two, in_depth=(on("05-02"), on("05-24"))),
        Placement("P4", "T2", "ORG3", "AIO", on("05-20"), on("07-05"), three),
        Placement("P5", "T3", "ORG1", "AIO", on("04-08"), on("05-17"), one),
        Placement("P6", "T3", "ORG3", "AIO", on("05-20"), on("07-12"), three),
        Placement("P7", "T4", "ORG2", "ITA3", on("04-15"), on("06-14"), two, trial=on("05-16")),
        Placement("P8", "T4", "ORG3", "FAT", on("05-06"), on("06-28"), three),
    )
    return {placement.id: placement for placement in listed}


# few days, most of them in one month, so that placements meet: a Saturday, public holidays and days outside some placements among them
DAYS = [on(day) for day in ("04-15", "04-30", "05-01", "05-02", "05-06", "05-13", "05-14", "05-18", "05-21", "05-22", "05-31", "06-03")]

some_placement = st.sampled_from(list(placements()))
some_day = st.sampled_from(DAYS)
some_month = st.sampled_from([MAY, MAY, MAY, JUNE, APRIL])
some_days = st.one_of(st.just(DAYS), st.lists(some_day, max_size=6, unique=True))
status = st.sampled_from(["present", "present", "present", "sick", "off", "excused"])
component = st.sampled_from([("FAT", "base"), ("FAT", "in_depth"), ("AIO", "day"), ("AIO", "start"), ("ITA3", "result")])
amount = st.sampled_from([0, 1, 25_050, 30_000, 45_000, 99_999_99])


def report(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    set_reports(world, draw(some_placement), draw(some_days), draw(status))


def report_a_month(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    month = draw(some_month)
    set_reports(world, draw(some_placement), [day for day in DAYS if month_of(day) == month], "present")


def report_again(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    """A second row of the same day, readable or not; a grid has one cell for it."""
    placement, day = _somewhere(draw, booked)
    if world.placements[placement].file != GRID:
        world.reports.append(Report(placement, day, draw(status), draw(st.sampled_from(["", "status", "date"]))))


def change_the_status(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    placement, day = _somewhere(draw, booked)
    set_reports(world, placement, [day], draw(status))


def take_out_a_day(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    place = _somewhere(draw, booked)
    world.reports = [report for report in world.reports if (report.placement, report.date) != place]


def take_out_a_month(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    place = draw(some_placement), draw(some_month)
    world.reports = [report for report in world.reports if (report.placement, month_of(report.date)) != place]


def spoil_a_day(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    """Something in a day's rows can't be read: the status, or the date, which the cells of a grid don't have."""
    place = _somewhere(draw, booked)
    fault = "status" if world.placements[place[0]].file == GRID else draw(st.sampled_from(["status", "date"]))
    world.reports = [row._replace(fault=fault) if (row.placement, row.date) == place else row for row in world.reports]


def mend_the_rows(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    world.reports = [row._replace(fault="") for row in world.reports]


def spoil_a_placement(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    world.change(draw(some_placement), fault=draw(st.sampled_from(["start", "twice", "organiser", "id"])))


def mend_the_placements(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    for placement in world.placements:
        world.change(placement, fault="")


def end_early(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    placement, day = _somewhere(draw, booked)
    reason = draw(st.sampled_from(["interrupted", "plan_changed", None]))
    world.change(placement, ended_on=max(day, world.placements[placement].start), end_reason=reason)


def end_as_planned(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    world.change(draw(some_placement), ended_on=None, end_reason=None)


def begin_on_another_day(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    placement = draw(st.sampled_from(["P4", "P5", "P6"]))
    world.change(placement, start=min(draw(some_day), world.placements[placement].effective_end))


def move(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    placement, _ = _somewhere(draw, booked)
    world.change(placement, organiser=draw(st.sampled_from(ORGANISERS)))


def assess_on_other_days(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    first, last = sorted((draw(some_day), draw(some_day)))
    world.change("P3", in_depth=(first, last))


def complete_the_trial(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    world.change("P7", trial=draw(st.one_of(st.none(), some_day)))


def agree_on_a_price(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    organiser, of = draw(st.sampled_from(ORGANISERS)), draw(component)
    world.prices.append(Price(organiser, *of, draw(amount), draw(some_day), draw(st.one_of(st.none(), some_day))))


def drop_a_price(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    if world.prices:
        world.prices.remove(draw(st.sampled_from(world.prices)))


def pause(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    placement, day = _somewhere(draw, booked)
    world.pauses.append(Pause(placement, day, day + dt.timedelta(days=7), draw(st.sampled_from([True, True, False]))))


def drop_the_pauses(world: World, draw: Draw, booked: Sequence[Item]) -> None:
    world.pauses.clear()


CHANGES: tuple[Change, ...] = (
    report, report_a_month, report_again, change_the_status, take_out_a_day, take_out_a_month, spoil_a_day, spoil_a_day, mend_the_rows,
    spoil_a_placement, mend_the_placements, mend_the_placements, end_early, end_as_planned, begin_on_another_day, move,
    assess_on_other_days, complete_the_trial, agree_on_a_price, drop_a_price, pause, drop_the_pauses,
)  # fmt: skip


def set_reports(world: World, placement: str, days: Collection[dt.date], said: str) -> None:
    """One report of each day, in place of those there were."""
    world.reports = [report for report in world.reports if report.placement != placement or report.date not in days]
    world.reports += [Report(placement, day, said) for day in sorted(days)]


def _somewhere(draw: Draw, booked: Sequence[Item]) -> tuple[str, dt.date]:
    """A placement and a day; where something is booked, mostly such a one."""
    if booked and draw(st.integers(0, 3)):
        item = draw(st.sampled_from(booked))
        return item.placement, item.date
    return draw(some_placement), draw(some_day)
