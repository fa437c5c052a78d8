"""The sources' own figures, from registers that agree with them: sources.md, row by row."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from fatcli.figures import Figures, Label
from fatcli.followup import BUILDERS, Data
from fatcli.followup.data import Asked
from fatcli.model import Month
from fatcli.writers.figures import cells
from followup.material import (
    AIO_AS_OF,
    LEFT_AS_OF,
    aio_booked,
    aio_left,
    aio_organisers,
    aio_placements,
    material,
    row,
    rows,
    sthlm,
    the,
)

TO_AUGUST = Asked(last=Month(2024, 8))
DATA: dict[str, Callable[[], Data]] = {
    "aio": lambda: material(aio_placements(), AIO_AS_OF, TO_AUGUST, booked=aio_booked()),
    "aio_left": lambda: material(aio_left(), LEFT_AS_OF),
    "sthlm": lambda: material(sthlm(), "2019-09-30"),
    "organisers": lambda: material(as_of="2024-08-31", organisers=aio_organisers()),
}
PAGE = Path(__file__).with_name("sources.md").read_text(encoding="utf-8")
LINES = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| (?!data )", line)]


@cache
def figures(data: str, report: str) -> Figures:
    return BUILDERS[report](DATA[data]())


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line[:5]))
def test_the_report_says_what_the_source_says(line) -> None:
    data, report, table, where, figure, says, *_ = line
    found = figures(data, report)
    keys = dict(part.split("=") for part in re.findall(r"\w+=[^=]+(?= \w+=|$)", where))
    place = rows(found, table).index(row(found, table, **keys))
    value = the(found, table).value(place, figure)
    column = next(column for column in the(found, table).columns if column.key == figure)
    assert cells.number(value, column.kind, "sv").replace("\u00a0", " ") == says


def test_all_of_the_page_is_tested() -> None:
    assert len(LINES) == PAGE.count("\n| ") - 1


def test_the_starts_of_table_1_are_whole_starts() -> None:
    # 3 000 SEK each: 262, 342 and 253 starts
    assert [sek / 3_000 for sek in (786_000, 1_026_000, 759_000)] == [262, 342, 253]


def test_years_covered_in_part_are_marked_as_in_table_1() -> None:
    """2022*: April to December; 2024**: January to August."""
    years = the(figures("aio", "compensation"), "years")
    spans = {years.rows[at][0]: [day.isoformat() for day in days] for at, days in years.partial.items()}
    assert {label.code: days for label, days in spans.items() if isinstance(label, Label)} == {
        "2022": ["2022-04-01", "2022-12-31"],
        "2024": ["2024-01-01", "2024-08-31"],
    }


def test_841_have_begun_and_567_have_left() -> None:
    years = [row(figures("aio", "flow"), "years", year=year) for year in ("2022", "2023", "2024")]
    assert sum(year["new"] for year in years) == 841
    assert sum(year["ended"] for year in years) == 567


def test_the_six_counties_without_organisers_are_named() -> None:
    lacking = figures("organisers", "coverage").notes[-1].sv
    assert lacking.startswith("Utan anordnare är 6 av 21 län:")
    assert all(name in lacking for name in ("Norrbotten", "Jämtland", "Gävleborg", "Västmanland", "Värmland", "Kalmar"))
