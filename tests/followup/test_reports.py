"""What holds for every report: no data, one placement, many; shares have bases; what small groups hide."""

from fractions import Fraction
from itertools import product

import pytest

from fatcli.figures import Cell, Figures, Hidden, Label
from fatcli.followup import BUILDERS
from fatcli.followup.data import Asked
from fatcli.followup.small import hide_small
from fatcli.model import Month
from fatcli.reports import REPORTS
from followup.material import aio_left, at, item, material, organiser, placement, sthlm

ONE = placement("P1", "2024-03-01", "2024-05-31", ended_on="2024-04-30", end_reason="work", status_90="work", hours_per_week=10)
ITA = [
    placement(f"P{number}", "2023-03-01", "2023-05-31", service=f"ITA{number}", participant_id="T1", delivery_area="Malmö")
    for number in (1, 2, 3)
]


@pytest.mark.parametrize("name", BUILDERS)
def test_an_empty_register(name) -> None:
    figures = BUILDERS[name](material())
    assert all(value in (0, None) for table in figures.tables for row in table.rows for value in row if not isinstance(value, Label))
    assert all(table.position(plot.x) >= 0 for plot in figures.plots for table in figures.tables if table.key == plot.table)


@pytest.mark.parametrize(("name", "by"), [*product(BUILDERS, ("service", "organiser", "county"))])
def test_one_row(name, by) -> None:
    data = material([ONE], asked=Asked(by=by), organisers=[organiser("ORG1")], booked=[item("P1", "2024-03-01", 3000, "start")])
    figures = BUILDERS[name](data)
    assert all(len(row) == len(table.columns) for table in figures.tables for row in table.rows)
    if name != "followup-ita":  # there is no ITA
        assert 1 in [value for table in figures.tables for row in table.rows for value in row]


@pytest.mark.parametrize("name", BUILDERS)
def test_time_that_has_no_data(name) -> None:
    for data in (
        material([ONE, *ITA], asked=Asked(Month(2019, 1), Month(2019, 12))),
        material([ONE, *ITA], "2023-01-01"),  # before they begin
    ):
        for table in BUILDERS[name](data).tables:
            persons = [at for at, column in enumerate(table.columns) if column.persons]
            assert not any(row[at] for row in table.rows for at in persons)


def test_names() -> None:
    assert list(BUILDERS) == list(REPORTS)
    assert {name: about.min_group for name, about in REPORTS.items()} == dict.fromkeys(REPORTS, 5) | {"compensation": 0}


@pytest.mark.parametrize("name", BUILDERS)
def test_every_share_has_a_base_and_every_relation_and_plot_a_place(name) -> None:
    figures = BUILDERS[name](
        material([ONE, *ITA, *sthlm()[:20]], offers=[{"organiser_id": "ORG1", "service": "AT", "places": 9, "from": "2018-01-01"}])
    )
    tables = {table.key: table for table in figures.tables}
    assert len(tables) == len(figures.tables)
    assert all(column.base for table in figures.tables for column in table.columns if column.kind == "share")
    for cell in (cell for relation in figures.relations for cell in relation.cells):
        tables[cell.table].value(cell.row, cell.column)
    for plot in figures.plots:
        for row, key in product(plot.rows, (plot.x, *plot.series)):
            tables[plot.table].value(row, key)
        units = {column.kind for column in tables[plot.table].columns if column.key in plot.series}
        assert len(units) == 1


def told(figures: Figures, shown: Figures) -> list[Cell]:
    """The hidden figures that linear algebra tells, of all that sums are known to be: by elimination, as far as it goes."""
    tables = {table.key: table for table in shown.tables}
    rows: list[dict[Cell, Fraction]] = []
    for relation in figures.relations:
        if not relation.rest:
            signed = [(cell, 1) for cell in relation.plus] + [(cell, -1) for cell in relation.minus]
            row: dict[Cell, Fraction] = {}
            for cell, sign in signed:
                if isinstance(tables[cell.table].value(cell.row, cell.column), Hidden):
                    row[cell] = row.get(cell, Fraction(0)) + sign
            rows.append({cell: factor for cell, factor in row.items() if factor})
    for number, own in enumerate(rows):
        if own:
            pivot = next(iter(own))
            for other in (rows[place] for place in range(len(rows)) if place != number and pivot in rows[place]):
                factor = other[pivot] / own[pivot]
                for cell, value in own.items():
                    other[cell] = other.get(cell, Fraction(0)) - factor * value
                for cell in [cell for cell, value in other.items() if not value]:
                    del other[cell]
    return [next(iter(row)) for row in rows if len(row) == 1]


@pytest.mark.parametrize("name", BUILDERS)
def test_no_small_figure_can_be_computed(name) -> None:
    data = material([*sthlm()[:3], *sthlm()[95:110], *sthlm()[170:176], *aio_left()[250:310]], "2024-08-31", organisers=[organiser("ORG1")])
    figures = BUILDERS[name](data)
    shown = hide_small(figures, 5)
    assert [cell for cell in told(figures, shown) if 0 < at(figures, cell) < 5] == []
    assert all(
        not 0 < value < 5
        for table in shown.tables
        for row in table.rows
        for value, column in zip(row, table.columns, strict=True)
        if column.persons and isinstance(value, int)
    )
