"""The rule language: what it means, three-valued, in Polars and on one row; and what it refuses."""

import datetime as dt
import operator
import string
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fatcli.expression import ColumnType, ExpressionError, parse

STATUS = ("present", "off", "sick")
OTHER = ("off", "late")
COLUMNS: Mapping[str, ColumnType] = {
    "date": ColumnType("date"),
    "start": ColumnType("date"),
    "end": ColumnType("date"),
    "from_time": ColumnType("time"),
    "hours": ColumnType("number"),
    "times_reported": ColumnType("number"),
    "places": ColumnType("number"),
    "limit_most": ColumnType("number"),
    "status": ColumnType("code", STATUS),
    "other": ColumnType("code", OTHER),
    "county": ColumnType("text"),
    "organiser_id": ColumnType("text"),
    "attended": ColumnType("boolean"),
    "reported": ColumnType("boolean"),
}
DTYPES: dict[str, Any] = {
    "date": pl.Date,
    "start": pl.Date,
    "end": pl.Date,
    "from_time": pl.Time,
    "hours": pl.Float64,
    "times_reported": pl.UInt32,
    "places": pl.UInt32,
    "limit_most": pl.Int64,
    "status": pl.Enum(STATUS),
    "other": pl.Enum(OTHER),
    "county": pl.String,
    "organiser_id": pl.String,
    "attended": pl.Boolean,
    "reported": pl.Boolean,
}
Row = Mapping[str, object]
Verdict = bool | None
DAY = dt.date(2024, 5, 3)


def judge(text: str, **row: object) -> Verdict:
    """The verdict on one row, by Polars; the row's own verdict must be the same."""
    expression = parse(text, COLUMNS)
    frame = pl.DataFrame([{name: row.get(name) for name in DTYPES}], schema=DTYPES)
    verdict: Verdict = frame.select(expression.polars()).item()
    assert expression.verdict(row) is verdict
    return verdict


@pytest.mark.parametrize(
    ("text", "row", "verdict"),
    [
        ("date > start", {"date": DAY, "start": dt.date(2024, 5, 2)}, True),
        ("date > start", {"date": DAY, "start": DAY}, False),
        ("date > start", {"date": DAY}, None),
        ("not date > start", {"date": DAY}, None),
        ("date is none", {}, True),
        ("date is none", {"date": DAY}, False),
        ("date is not none", {}, False),
        ("date IS NOT None", {"date": DAY}, True),
        # or and and: one part can decide though another is open
        ("date < start or date > end", {"date": DAY, "end": dt.date(2024, 5, 2)}, True),
        ("date < start or date > end", {"date": DAY, "end": DAY}, None),
        ("attended and date > start", {"attended": False, "date": DAY}, False),
        ("attended and date > start", {"attended": True, "date": DAY}, None),
        ("attended", {}, None),
        ("not attended", {"attended": False}, True),
        # and binds closer than or, not closer than and
        ("attended or reported and attended", {"attended": True, "reported": False}, True),
        ("(attended or reported) and not attended", {"attended": True, "reported": True}, False),
        ("not attended and reported", {"attended": True, "reported": False}, False),
        ("not (attended and reported)", {"attended": True, "reported": False}, True),
        ("start <= date <= end", {"start": DAY, "date": DAY, "end": DAY}, True),
        ("start < date <= end", {"start": DAY, "date": DAY, "end": DAY}, False),
        # a chain is an and: its later part can decide it
        ("start <= date <= end", {"date": DAY, "end": dt.date(2024, 5, 2)}, False),
        ("start <= date <= end", {"date": DAY, "end": DAY}, None),
        ("date = '2024-05-03'", {"date": DAY}, True),
        ("date == '2024-05-03'", {"date": DAY}, True),
        ("'2024-05-04' <= date", {"date": DAY}, False),
        ("date in ('2024-05-02', '2024-05-03')", {"date": DAY}, True),
        ("from_time < '07:00'", {"from_time": dt.time(6, 59)}, True),
        ("from_time < '07:00'", {"from_time": dt.time(7)}, False),
        ("hours > 7.5", {"hours": 7.75}, True),
        ("hours <= 0 or hours > 24", {"hours": 0.0}, True),
        ("hours > -1", {"hours": 0.0}, True),
        ("hours in (-1, 8)", {"hours": 8.0}, True),
        ("hours = 8", {"hours": 8.0}, True),
        ("hours - 1 + 2 = limit_most", {"hours": 7.0, "limit_most": 8}, True),
        ("limit_most - hours > 0", {"limit_most": 8}, None),
        ("8 - hours > 0", {"hours": 7.0}, True),
        # a count is unsigned: the difference is negative all the same
        ("times_reported - 2 < 0", {"times_reported": 1}, True),
        ("times_reported - places < 0", {"times_reported": 1, "places": 2}, True),
        ("times_reported + places > 5", {"times_reported": 2**32 - 1, "places": 1}, True),
        ("times_reported > -1", {"times_reported": 0}, True),
        ("status = 'off'", {"status": "off"}, True),
        ("status != 'off'", {"status": "off"}, False),
        ("status != 'off'", {}, None),
        ("status in ('off', 'sick')", {"status": "sick"}, True),
        ("status NOT IN ('off', 'sick')", {"status": "sick"}, False),
        ("status not in ('off', 'sick')", {}, None),
        ("not status in ('off', 'sick')", {"status": "present"}, True),
        ("status = other", {"status": "off", "other": "off"}, True),
        ("status != other", {"status": "off", "other": "late"}, True),
        ("status = county", {"status": "off", "county": "off"}, True),
        ("county = 'Skåne'", {"county": "Skåne"}, True),
        ("county != organiser_id", {"county": "A", "organiser_id": "B"}, True),
        ("county = 'and not = 3'", {"county": "and not = 3"}, True),
        ("  attended\t", {"attended": True}, True),
    ],
)
def test_meaning(text: str, row: Row, verdict: Verdict) -> None:
    assert judge(text, **row) is verdict


def test_columns_are_those_named() -> None:
    text = "hours - limit_most > 0 or status is none or county not in ('Skåne') or attended"
    assert parse(text, COLUMNS).columns == {"hours", "limit_most", "status", "county", "attended"}


def test_trace_shows_each_comparison_with_its_values() -> None:
    expression = parse("attended and (start <= date <= end or not (hours - 1) > limit_most)", COLUMNS)
    trace = expression.trace({"attended": True, "date": DAY, "start": DAY, "hours": 8.0, "limit_most": 7})
    assert [(step.text, dict(step.values), step.verdict) for step in trace] == [
        ("attended", {"attended": True}, True),
        ("start <= date <= end", {"start": DAY, "date": DAY, "end": None}, None),
        ("(hours - 1) > limit_most", {"hours": 8.0, "limit_most": 7}, False),
    ]


@pytest.mark.parametrize("text", ["limit_most > (hours - 1)", "limit_most > hours - 1 + 0.5"])
def test_a_comparison_is_shown_whole(text: str) -> None:
    (step,) = parse(f"not ({text})", COLUMNS).trace({"hours": 8.0, "limit_most": 7})
    assert step.text == text


@pytest.mark.parametrize(
    ("row", "deciding"),
    [
        # the parts that have the whole's verdict, at every level; where it is open, every part
        ({"attended": True, "hours": 9.0}, ["attended", "hours > 8"]),
        ({"attended": True, "hours": 9.0, "reported": True}, ["attended", "hours > 8", "reported"]),
        ({"attended": False, "hours": 9.0, "reported": False}, ["attended", "reported"]),
        ({"attended": False, "reported": None}, ["attended", "reported"]),
        ({"attended": True, "reported": False}, ["attended", "hours > 8", "reported"]),
    ],
)
def test_deciding_comparisons(row: Row, deciding: list[str]) -> None:
    expression = parse("(attended and hours > 8) or reported", COLUMNS)
    assert [step.text for step in expression.deciding(row)] == deciding


def test_what_decides_a_negated_condition_stands_under_the_not() -> None:
    # attended is true, so the whole is false whatever the hours; not attended makes both parts of the or count
    expression = parse("not (attended or hours > 8) and reported", COLUMNS)
    assert [step.text for step in expression.deciding({"attended": True, "hours": 7.0, "reported": True})] == ["attended"]
    assert [step.text for step in expression.deciding({"attended": False, "hours": 7.0, "reported": True})] == [
        "attended",
        "hours > 8",
        "reported",
    ]


@pytest.mark.parametrize(
    ("text", "offset", "said"),
    [
        ("", 0, "Expected a value, but the expression ends."),
        ("dat > start", 0, "Unknown column dat. Did you mean date?"),
        ("attended and Date > start", 13, "Unknown column Date. Did you mean date?"),
        ("status = 'of'", 9, "status has no code 'of'. Did you mean off?"),
        ("status in ('off', 'sik')", 18, "status has no code 'sik'. Did you mean sick?"),
        ("'late' != status", 0, "status has no code 'late'."),
        ("status < 'off'", 0, "Texts and codes are compared with = and != only, or in."),
        ("county >= 'A'", 0, "Texts and codes are compared with = and != only, or in."),
        ("date > 3", 7, "Here a date in quotes, such as '2023-10-01' is expected."),
        ("date > hours", 7, "Here a date in quotes, such as '2023-10-01' is expected."),
        ("date = '2023-13-01'", 7, "Here a date in quotes, such as '2023-10-01' is expected."),
        ("date = '20231001'", 7, "Here a date in quotes, such as '2023-10-01' is expected."),
        ("from_time < '7'", 12, "Here a time in quotes, such as '07:00' is expected."),
        ("hours > '1'", 8, "Here a number, such as 20 is expected."),
        ("county = 1", 9, "Here a text in quotes, such as 'FAT' is expected."),
        ("hours in (1, 'x')", 13, "Here a number, such as 20 is expected."),
        ("date + 1 > start", 0, "+ and - are for numbers only."),
        ("hours + '1' > 2", 8, "+ and - are for numbers only."),
        ("hours + (attended) > 2", 8, "+ and - are for numbers only."),
        ("hours", 0, "A condition is expected here: a comparison or a yes/no column."),
        ("attended and 1", 13, "A condition is expected here: a comparison or a yes/no column."),
        ("not 'x'", 4, "A condition is expected here: a comparison or a yes/no column."),
        ("attended = reported", 0, "A condition is not compared: write it alone, or with not."),
        ("(hours > 1) = (hours > 2)", 1, "A condition is not compared: write it alone, or with not."),
        ("(attended or hours > 1) = hours", 1, "A condition is not compared: write it alone, or with not."),
        ("attended in ('x')", 0, "A condition is not compared: write it alone, or with not."),
        ("attended = true", 11, "true and false are not written: write the column alone, or not and the column."),
        ("hours = null", 8, "Empty is written is none, or is not none."),
        ("hours = none", 8, "Expected a value, but found 'none'."),
        ("1 < 2", 0, "The comparison names no column."),
        ("1 in (1)", 0, "The comparison names no column."),
        ("'a' is none", 0, "Only a column can be empty (is none)."),
        ("hours is 3", 9, "Expected none or not none, but found '3'."),
        ("hours not 3", 10, "Expected in, but found '3'."),
        ("hours in 3", 9, "Expected ( after in, but found '3'."),
        ("hours in ()", 10, "Expected a value, but found ')'."),
        ("hours in (1 2)", 12, "Expected a comma or ), but found '2'."),
        ("hours in (limit_most)", 10, "Expected a value, but found 'limit_most'."),
        ("hours > -'1'", 9, "Expected a number, but found '1'."),
        ("(hours > 1", 10, "Expected a closing parenthesis, but the expression ends."),
        ("hours > 1)", 9, "Expected and, or or the end, but found ')'."),
        ("attended reported", 9, "Expected and, or or the end, but found 'reported'."),
        ("hours > 1e5", 8, "An expression can't hold '1e5'."),
        ("hours > 1.5.2", 8, "An expression can't hold '1.5.2'."),
        ("hours > 1234567890123", 8, "An expression can't hold '1234567890123'."),
        ("hours * 2 > 1", 6, "An expression can't hold '*'. Of the arithmetic there is only + and -."),
        ('status = "off"', 9, "An expression can't hold '\"'. Text is written in straight single quotes: 'text'."),
        ("status = ’off’", 9, "An expression can't hold '’'. Write straight single quotes: '."),
        ("status = 'off", 9, "An expression can't hold \"'\". The quote is not closed."),
        ("attended && reported", 9, "An expression can't hold '&'. Write and."),
        ("hours ≥ 3", 6, "An expression can't hold '≥'. Write >=."),
    ],
)
def test_refused_with_place_and_reason(text: str, offset: int, said: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(text, COLUMNS)
    assert (refused.value.offset, refused.value.what.en) == (offset, said)
    assert str(refused.value) == f"{said} (at {offset})"
    assert refused.value.what.sv != refused.value.what.en


@pytest.mark.parametrize(
    "text",
    [
        "hours.real > 1",
        "hours.__class__ is none",
        "__import__('os') = 1",
        "len(county) > 1",
        "(lambda: hours) > 1",
        "f'{hours}' = county",
        "hours[0] > 1",
        "[hours for hours in (1)]",
        "{'a': 1} = county",
        "hours := 3",
        "hours if attended else 1",
        "attended; attended",
        "attended\nor reported",
        "attended -- comment",
        "attended # comment",
        "county like 'A%'",
        "select attended",
        "attended\x00",
        "county = 'a\nb'",
        "county = 'a\\' or attended'",
        "county = '' or '",
        "ａttended",
        "attеnded",  # a Cyrillic e
        "hours > ٣",
        "hours > ３",
        "hours ＞ 3",
        "attended\u00a0and reported",
        "attended\u200band reported",
        "(" * 10_000 + "attended" + ")" * 10_000,
        "(" * 400 + "attended" + ")" * 400,
        "not " * 200 + "attended",
        "-" * 500 + "hours > 1",
        "attended or " * 90,
        " " * 993 + "attended",
    ],
)
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text, COLUMNS)


def test_as_long_and_as_deep_as_allowed() -> None:
    assert judge(" " * 992 + "attended", attended=True) is True
    assert judge("(" * 30 + "attended" + ")" * 30, attended=True) is True
    assert judge(" or ".join(["attended"] * 83), attended=False) is False
    with pytest.raises(ExpressionError, match="More than 30 levels"):
        parse("(" * 31 + "attended" + ")" * 31, COLUMNS)


@pytest.mark.parametrize(
    ("shallow", "deep"), [("(attended)", "(" * 31 + "attended" + ")" * 31), ("not attended", "not " * 31 + "attended")]
)
def test_levels_are_counted_from_the_outside_not_one_after_another(shallow: str, deep: str) -> None:
    assert judge(" or ".join([shallow] * 31), attended=None) is None
    with pytest.raises(ExpressionError, match="More than 30 levels"):
        parse(f"{shallow} or {deep}", COLUMNS)


@given(st.text(string.printable + "≥’ａ", max_size=80))
@settings(max_examples=200)
def test_any_text_is_parsed_or_refused(text: str) -> None:
    assert 0 <= refused_at(text) <= len(text)


def refused_at(text: str) -> int:
    try:
        parse(text, COLUMNS)
    except ExpressionError as refused:
        return refused.offset
    return 0


# A second reading, as slow and plain as can be: each condition is drawn as its text and as a function of a row.
Judged = tuple[str, Callable[[Row], Verdict]]
SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
DAYS = [dt.date(2024, 5, day) for day in range(1, 5)]
VALUES: Mapping[str, st.SearchStrategy[object]] = {
    "date": st.sampled_from(DAYS),
    "start": st.sampled_from(DAYS),
    "end": st.sampled_from(DAYS),
    "from_time": st.sampled_from([dt.time(6), dt.time(7), dt.time(8)]),
    "hours": st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0]),
    "times_reported": st.integers(0, 2),
    "places": st.integers(0, 2),
    "limit_most": st.integers(-1, 2),
    "status": st.sampled_from(STATUS),
    "other": st.sampled_from(OTHER),
    "county": st.sampled_from(["off", "present", "Skåne"]),
    "organiser_id": st.sampled_from(["off", "A"]),
    "attended": st.booleans(),
    "reported": st.booleans(),
}
rows = st.fixed_dictionaries({name: st.none() | values for name, values in VALUES.items()})


def _compared(names: list[str], literals: list[tuple[str, object]], signs: list[str]) -> st.SearchStrategy[Judged]:
    def build(name: str, other: str | tuple[str, object], sign: str, *, turned: bool) -> Judged:
        right = other if isinstance(other, str) else other[0]
        text = f"{right} {sign} {name}" if turned else f"{name} {sign} {right}"

        def verdict(row: Row) -> Verdict:
            pair = row[name], row[other] if isinstance(other, str) else other[1]
            if pair[0] is None or pair[1] is None:
                return None
            return SIGNS[sign](*(reversed(pair) if turned else pair))

        return text, verdict

    other = st.sampled_from(names) | st.sampled_from(literals)
    return st.builds(build, st.sampled_from(names), other, st.sampled_from(signs), turned=st.booleans())


def _within(name: str, literals: list[tuple[str, object]]) -> st.SearchStrategy[Judged]:
    def build(chosen: list[tuple[str, object]], *, negated: bool) -> Judged:
        text = f"{name} {'not ' if negated else ''}in ({', '.join(word for word, _ in chosen)})"
        return text, lambda row: None if row[name] is None else (row[name] in [value for _, value in chosen]) != negated

    return st.builds(build, st.lists(st.sampled_from(literals), min_size=1, max_size=3), negated=st.booleans())


def _chain(first: str, second: str, third: str) -> Judged:
    def verdict(row: Row) -> Verdict:
        pairs: list[tuple[Any, Any]] = [(row[first], row[second]), (row[second], row[third])]
        parts = [None if a is None or b is None else a <= b for a, b in pairs]
        return False if False in parts else None if None in parts else True

    return f"{first} <= {second} <= {third}", verdict


def _less(first: str, second: str, number: int) -> Judged:
    def verdict(row: Row) -> Verdict:
        a, b = row[first], row[second]
        return None if a is None or b is None else float(str(a)) - float(str(b)) + number > 0

    return f"{first} - {second} + {number} > 0", verdict


def _emptiness(name: str, *, negated: bool) -> Judged:
    return f"{name} is {'not ' if negated else ''}none", lambda row: (row[name] is None) != negated


def _flag(name: str) -> Judged:
    return name, lambda row: None if row[name] is None else bool(row[name])


def _negation(part: Judged) -> Judged:
    def verdict(row: Row) -> Verdict:
        inner = part[1](row)
        return None if inner is None else not inner

    return f"not ({part[0]})", verdict


def _joined(word: str, parts: list[Judged]) -> Judged:
    def verdict(row: Row) -> Verdict:
        found = [part[1](row) for part in parts]
        if word == "and":
            return False if False in found else None if None in found else True
        return True if True in found else None if None in found else False

    return f" {word} ".join(f"({text})" for text, _ in parts), verdict


DATE_LITERALS: list[tuple[str, object]] = [(f"'{day}'", day) for day in DAYS]
NUMBERS: list[tuple[str, object]] = [("0", 0), ("1", 1), ("0.5", 0.5), ("-1", -1)]
ALL, EQUAL = list(SIGNS), ["=", "==", "!="]
leaves = st.one_of(
    _compared(["date", "start", "end"], DATE_LITERALS, ALL),
    _compared(["from_time"], [("'07:00'", dt.time(7))], ALL),
    _compared(["hours", "times_reported", "limit_most"], NUMBERS, ALL),
    _compared(["status"], [("'off'", "off"), ("'sick'", "sick")], EQUAL),
    _compared(["status", "other", "county", "organiser_id"], [("'off'", "off")], EQUAL),
    _within("status", [(f"'{code}'", code) for code in STATUS]),
    _within("date", DATE_LITERALS),
    _within("hours", NUMBERS),
    st.builds(_chain, *[st.sampled_from(["date", "start", "end"])] * 3),
    st.builds(_less, *[st.sampled_from(["hours", "times_reported", "places", "limit_most"])] * 2, st.integers(0, 2)),
    st.builds(_emptiness, st.sampled_from(list(COLUMNS)), negated=st.booleans()),
    st.builds(_flag, st.sampled_from(["attended", "reported"])),
)
conditions = st.recursive(
    leaves,
    lambda parts: st.builds(_negation, parts) | st.builds(_joined, st.sampled_from(["and", "or"]), st.lists(parts, min_size=2, max_size=3)),
    max_leaves=6,
)


@given(conditions, st.lists(rows, min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_polars_and_row_agree_with_a_second_reading(condition: Judged, given_rows: list[Row]) -> None:
    text, expected = condition
    expression = parse(text, COLUMNS)
    frame = pl.DataFrame(given_rows, schema=DTYPES)
    verdicts = [expected(row) for row in given_rows]
    assert frame.select(v=expression.polars())["v"].to_list() == verdicts
    assert [expression.verdict(row) for row in given_rows] == verdicts


@given(leaves, rows)
@settings(max_examples=100, deadline=None)
def test_trace_of_one_comparison_is_its_verdict(condition: Judged, row: Row) -> None:
    text, expected = condition
    (step,) = parse(f"not ({text})", COLUMNS).trace(row)
    assert (step.text, step.verdict) == (text, expected(row))
    assert all(row[name] == value for name, value in step.values.items())
