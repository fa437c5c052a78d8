"""Which figures are hidden."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from fatcli.figures import Cell, Column, Figures, Label, Relation, Row, Table, columns_sum, equal, parts_of, rows_sum, share
from fatcli.followup.small import anything_hidden, hide_small
from fatcli.texts import same
from followup.material import rows

COLUMNS = (
    Column("group", same("group"), "text"),
    Column("count", same("count"), persons=True),
    Column("total", same("total"), persons=True),
    Column("share", same("share"), "share", of=("count", "total"), base=same("total")),
    Column("money", same("money"), "sek", of=("count",)),
)


def counts(*numbers: int) -> Figures:
    """Rows with these counts, and a last one with their sum."""
    total = sum(numbers)
    body: list[Row] = [
        (Label(str(at), same(str(at))), count, total, share(count, total), count * 100) for at, count in enumerate((*numbers, total))
    ]
    table = Table("t", same("t"), COLUMNS, tuple(body))
    return Figures((table,), relations=tuple(rows_sum(table, range(len(numbers)), len(numbers), ["count"])))


def hidden(*numbers: int, least: int = 5) -> list[object]:
    return [row["count"] for row in rows(hide_small(counts(*numbers), least), "t")]


def test_one_small_group_takes_the_next_with_it_whatever_its_size() -> None:
    """By its size, the second would tell the first: of 5, .. and .. that sum to 13 both were 4, as else a 5 had been the smallest."""
    assert hidden(3, 20, 9) == ["..", "..", 9, 32]
    assert hidden(20, 9, 3) == ["..", 9, "..", 32]
    assert hidden(5, 3, 5) == hidden(5, 4, 4) == [5, "..", "..", 13]


def test_nobody_is_no_group() -> None:
    assert hidden(0, 20, 9) == [0, 20, 9, 29]
    # and hides only where there is nothing else
    assert hidden(3, 0, 9) == ["..", 0, "..", 12]
    assert hidden(4, 0) == ["..", 0, ".."]


def test_five_are_shown_four_are_not() -> None:
    assert hidden(5, 5, 4, 6) == [5, 5, "..", "..", 20]


def test_two_small_groups_are_enough_where_each_could_be_a_large_one() -> None:
    assert hidden(4, 2, 9) == ["..", "..", 9, 15]  # 1 and 5 sum to 6 too
    assert hidden(2, 3, 9) == ["..", "..", "..", 14]  # of two that sum to 5 both are small
    assert hidden(1, 1, 9) == ["..", "..", "..", 11]


def test_what_rests_on_a_hidden_count_is_hidden() -> None:
    first, second, third, _ = rows(hide_small(counts(3, 9, 20), 5), "t")
    assert (first["share"], first["money"], first["total"]) == ("..", "..", 32)
    assert (second["share"], second["money"]) == ("..", "..")
    assert (third["share"], third["money"]) == (0.625, 2000)


def test_what_is_left_of_a_whole_may_be_a_small_group_too() -> None:
    part = Column("part", same("part"), persons=True, part_of="total")
    table = Table("t", same("t"), (COLUMNS[2], part), ((20, 18), (20, 15), (20, 20)))
    assert [row["part"] for row in rows(hide_small(Figures((table,)), 5), "t")] == ["..", 15, 20]


def test_a_figure_told_in_two_tables_is_hidden_in_both() -> None:
    one = Table("one", same("one"), (COLUMNS[1], COLUMNS[2]), ((3, 8),))
    two = Table("two", same("two"), (Column("count", same("count")),), ((3,),))
    figures = hide_small(Figures((one, two), relations=(equal(Cell("one", 0, "count"), Cell("two", 0, "count")),)), 5)
    assert rows(figures, "two") == [{"count": ".."}]


def test_what_is_spared_is_hidden_last() -> None:
    columns = tuple(Column(name, same(name), persons=True) for name in ("a", "b", "c", "d"))
    table = Table("t", same("t"), columns, ((3, 8, 6, 5),))
    a, b, c, d = (Cell("t", 0, name) for name in "abcd")
    (found,) = rows(hide_small(Figures((table,), relations=(Relation((a, b), (c, d), spared=(b, c)),)), 5), "t")
    assert found == {"a": "..", "b": 8, "c": 6, "d": ".."}


def test_two_sums_that_tell_together() -> None:
    """a + b = 9 and a + b + c = 12 tell that c is 3, though in neither a single figure is hidden."""
    columns = tuple(Column(name, same(name), persons=True) for name in ("a", "b", "c", "ab", "abc"))
    table = Table("t", same("t"), columns, ((4, 5, 3, 9, 12),))
    relations = (*columns_sum(table, ("a", "b"), "ab"), *columns_sum(table, ("a", "b", "c"), "abc"))
    (found,) = rows(hide_small(Figures((table,), relations=relations), 5), "t")
    assert found == {"a": "..", "b": "..", "c": "..", "ab": 9, "abc": ".."}


def test_a_difference_is_a_group_too() -> None:
    """Of 20 that do either, 18 do the one: 2 do only the other."""
    columns = tuple(Column(name, same(name), persons=True) for name in ("either", "one"))
    table = Table("t", same("t"), columns, ((20, 18), (20, 15)))
    relations = [parts_of(Cell("t", row, "either"), Cell("t", row, "one")) for row in (0, 1)]
    found = rows(hide_small(Figures((table,), relations=tuple(relations)), 5), "t")
    assert found == [{"either": 20, "one": ".."}, {"either": 20, "one": 15}]


def test_money_of_a_small_group_is_hidden_in_its_sums() -> None:
    """The group of 3 has 300 of the 2 300."""
    table = counts(3, 20).tables[0]
    relations = rows_sum(table, range(2), 2, ["count", "money"])
    assert [row["money"] for row in rows(hide_small(Figures((table,), relations=tuple(relations)), 5), "t")] == ["..", "..", 2300]


def test_columns_that_sum() -> None:
    columns = tuple(Column(name, same(name), persons=True) for name in ("a", "b", "sum"))
    table = Table("t", same("t"), columns, ((3, 7, 10), (8, 9, 17)))
    figures = hide_small(Figures((table,), relations=tuple(columns_sum(table, ("a", "b"), "sum"))), 5)
    assert rows(figures, "t") == [{"a": "..", "b": "..", "sum": 10}, {"a": 8, "b": 9, "sum": 17}]


def test_0_and_1_hide_nothing() -> None:
    for least in (0, 1):
        assert hidden(3, 1, least=least) == [3, 1, 4]
        assert not anything_hidden(hide_small(counts(3, 1), least))
    assert anything_hidden(hide_small(counts(3, 9), 5))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 7), min_size=2, max_size=3))
def test_no_hidden_count_can_be_computed(numbers) -> None:
    """Whoever knows what is shown, and how figures are hidden, has at least two answers for each that is hidden."""
    shown = hidden(*numbers)
    places = [at for at, value in enumerate(shown[:-1]) if value == ".."]
    known = sum(value for value in shown[:-1] if value != "..")
    answers = []
    for guess in product(range(sum(numbers) + 5), repeat=len(places)):
        if shown[-1] == ".." or known + sum(guess) == shown[-1]:
            candidate = [next(iter_) if at in places else value for iter_ in [iter(guess)] for at, value in enumerate(shown[:-1])]
            if hidden(*candidate) == shown:
                answers.append(guess)
    assert all(len({answer[at] for answer in answers}) > 1 for at in range(len(places)))
