"""A run to write: two files, some violations, three claims, withheld days and control sums. All persons are fictitious."""

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl

from fatcli.model import Month
from fatcli.result import (
    VIOLATIONS,
    Checked,
    Claim,
    Control,
    Input,
    InputTable,
    Kept,
    Line,
    NotEvaluated,
    OtherMonth,
    Paid,
    Run,
    Withheld,
)

MAY = Month(2024, 5)
REMEDY = "Rätta datumet eller förläng beslutet."


def violation(**given: Any) -> dict[str, Any]:
    return dict.fromkeys(VIOLATIONS) | {
        "rule": "A01",
        "name": "day-outside-placement",
        "severity": "error",
        "message": "2024-05-31 ligger utanför beslutet 2023-11-01–2024-05-30.",
        "remedy": REMEDY,
        "file": "attendance.xlsx",
        "sheet": "Närvaro",
        "cell": "B17",
        "row": 17,
        "col": 1,
        "column": "date",
        "value": "2024-05-31",
        "organiser": "ORG1",
        "service": "FAT",
        "placement": "P1",
        "date": dt.date(2024, 5, 31),
        "withholds": "daily",
        "source": "FAKTA Ersättning",
        **given,
    }


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(VIOLATIONS))


def many(count: int) -> pl.DataFrame:
    """`count` violations of A01, in rows 2, 3, …"""
    at = pl.int_range(2, count + 2, eager=True)
    return (
        frame(violation())
        .join(pl.DataFrame({"at": at}), how="cross")
        .select(
            *(
                {"row": pl.col("at").cast(pl.UInt32).alias("row"), "cell": pl.format("B{}", "at").alias("cell")}.get(name, pl.col(name))
                for name in VIOLATIONS
            )
        )
    )


FOUND = frame(
    violation(),
    violation(cell="B18", row=18, date=dt.date(2024, 6, 1), message="2024-06-01 ligger utanför beslutet 2023-11-01–2024-05-30."),
    violation(
        rule="A09",
        name="attended-on-day-off",
        severity="warning",
        message="Närvaro på en ledig dag, 2024-05-09.",
        remedy="Kontrollera dagen med anordnaren.",
        cell="C40",
        row=40,
        col=2,
        column="status",
        value="N",
        placement="P2",
        date=dt.date(2024, 5, 9),
        withholds="none",
    ),
    violation(
        rule="T02",
        name="value-unreadable",
        message="Hittade 45415 där ett datum väntades.",
        remedy="Skriv ett datum, till exempel 2024-05-03.",
        cell="B60",
        row=60,
        value="45415",
        service=None,
        placement="P3",
        date=None,
        withholds=None,
        source=None,
    ),
    violation(
        rule="A18",
        name="service-not-reported",
        message="Ingen närvaro är rapporterad för maj 2024.",
        remedy="Rapportera månadens närvaro.",
        file=None,
        sheet=None,
        cell=None,
        row=None,
        col=None,
        column=None,
        value=None,
        organiser="ORG2",
        service="AIO",
        placement="P4",
        date=dt.date(2024, 5, 1),
        withholds="all",
    ),
)

LABELS = {
    "A01": "Dag utanför beslutet",
    "A04": "Dag före beslutet",
    "A09": "Närvaro på ledig dag",
    "A18": "Tjänsten är inte rapporterad",
    "T02": "Värdet kan inte läsas",
    "FAT": "Förstärkt arbetsträning",
    "AIO": "Arbetsintegrerande övningsplatser",
    "FAT.base": "Dagersättning",
    "FAT.in_depth": "Fördjupad bedömning",
    "AIO.day": "Dagersättning",
    "AIO.start": "Startersättning",
}

CHECKED = Checked(
    version="0.1.0",
    rules_path="rules.yaml",
    edition="2024-06",
    rules_sha256="3f" * 32,
    as_of=dt.date(2024, 6, 3),
    language="sv",
    inputs=(
        Input(
            "attendance.xlsx",
            "a1" * 32,
            (InputTable("attendance", "Närvaro", "long", 440, 1),),
        ),
        Input(
            "register.xlsx",
            "b2" * 32,
            (InputTable("placements", "Beslut", "register", 24, 0), InputTable("organisers", "Anordnare", "register", 3, 0)),
        ),
    ),
    not_evaluated=(NotEvaluated("P22", "tabellen pauses saknas"), NotEvaluated("O04", "tabellen supervisors saknas")),
    absent_columns=("placements.regime", "attendance.from_time"),
    violations=FOUND,
    rows=467,
    set_aside=1,
    labels=LABELS,
)


def _line(placement: str, participant: str, days: int, rate: int, **given: Any) -> Line:
    values = {"service": "FAT", "component": "base", "kind": "claim", "basis": "attended_day"} | given
    return Line(placement, participant, days=days, rate_ore=rate, **values)


def _days(*numbers: int) -> tuple[dt.date, ...]:
    return tuple(dt.date(2024, 5, number) for number in numbers)


CLAIMS = (
    Claim(
        "2024-05/ORG1/1",
        "ORG1",
        "Snickeriet Björken AB",
        "556000-4615",
        "5050-1055",
        None,
        (
            _line("P1", "19900101-2384", 21, 30_000),
            _line("P1", "19900101-2384", 12, 20_000, component="in_depth"),
            _line("P2", "19850615-9810", 14, 35_050),
            _line("P5", "19780303-9812", 3, 5_050, kind="adjustment", corrects="2024-05/ORG1/0"),
        ),
        booked=True,
    ),
    Claim(
        "2024-05/ORG2/1",
        "ORG2",
        "Kooperativet Ängen ek. för.",
        "769600-0000",
        None,
        "12345-6",
        (
            _line("P4", "19920202-9816", 1, 300_000, service="AIO", component="start", basis="start"),
            _line("P4", "19920202-9816", 23, 45_000, service="AIO", component="day", basis="weekdays"),
        ),
        booked=True,
    ),
    Claim(
        None,
        "ORG3",
        "Stiftelsen Verkstaden",
        "802000-0000",
        "123-4567",
        None,
        (
            _line("P6", "19881212-9817", -3, 30_000, kind="reversal", corrects="2024-05/ORG3/1", dates=_days(2, 3, 7)),
            _line("P7", "19930409-9812", 5, 30_000, dates=_days(13, 14, 15, 16, 17)),
        ),
        booked=False,
        reversal_refused=True,
    ),
)
# 21 × 300 + 12 × 200 + 14 × 350.50 + 3 × 50.50 = 6 300 + 2 400 + 4 907 + 151.50
ORG1_TOTAL = 1_375_850
# 3 000 + 23 × 450
ORG2_TOTAL = 1_335_000

WITHHELD = (
    Withheld(
        "ORG1",
        "P1",
        "base",
        dt.date(2024, 5, 31),
        30_000,
        ("A01",),
        "attendance.xlsx",
        "Närvaro",
        "B17",
        "2024-05-31 ligger utanför beslutet 2023-11-01–2024-05-30.",
        REMEDY,
        "FAT",
    ),
    Withheld(
        "ORG1",
        "P2",
        "base",
        dt.date(2024, 5, 2),
        35_050,
        ("A01", "A04"),
        "attendance.xlsx",
        "Närvaro",
        "B33",
        "2024-05-02 ligger före beslutsdagen 2024-05-03.",
        "Rätta dagen, eller registrera det beslut som gällde då.",
        "FAT",
    ),
    Withheld(
        "ORG4", "P9", "result", dt.date(2024, 5, 20), None, ("C01",), reason="Belopp saknas.", remedy="Registrera avtalet.", service="ITA3"
    ),
)

PAID = Paid(
    checked=CHECKED,
    month=MAY,
    run=Run(7, "c4" * 32),
    claims=CLAIMS,
    withheld=WITHHELD,
    kept=(Kept("ORG1", "P8", "base", dt.date(2024, 5, 6), 30_000, "anvisningen finns inte i underlaget"),),
    other_months=(OtherMonth(Month(2024, 4), 30_000),),
    control=(
        Control("total", "", 440, 390, 30, 12, 5, 1, 2),
        Control("file", "attendance.xlsx", 440, 390, 30, 12, 5, 1, 2),
        Control("organiser", "ORG1", 300, 270, 20, 7, 3, 0, 0),
        Control("organiser", "ORG2", 140, 120, 10, 5, 2, 1, 2),
    ),
)
ENGLISH = replace(
    PAID,
    checked=replace(
        CHECKED,
        language="en",
        violations=FOUND.head(0),
        labels={"A01": "Day outside the placement", "FAT": "Enhanced work training", "FAT.base": "Daily compensation"},
        not_evaluated=(NotEvaluated("P22", "the table pauses is missing"),),
    ),
    kept=(),
)
