import datetime as dt
import json
import zlib
from dataclasses import fields, replace

import polars as pl
import pytest
from books import CHECKED, MAY
from polars.testing import assert_frame_equal

from fatcli.ledger import archive
from fatcli.model import Month
from fatcli.result import VIOLATIONS, Claim, Control, Kept, Line, NotEvaluated, OtherMonth, Paid, Run, Withheld

FOUND = pl.DataFrame(
    [
        dict.fromkeys(VIOLATIONS) | {"rule": "A01", "message": "Å \u2028 \x00 😀", "row": 17, "col": 1, "date": dt.date(2024, 5, 31)},
        dict.fromkeys(VIOLATIONS) | {"rule": "T02", "value": "=1+1"},
    ],
    schema=dict(VIOLATIONS),
)
FIRST = Line("P1", "199001012384", "FAT", "base", "claim", "attended_day", 21, 30_000)
SECOND = Line("P2", "X", "FAT", "base", "reversal", "start", -1, 30_000, "2024-05/ORG2/1")
PAID = Paid(
    checked=replace(CHECKED, violations=FOUND, not_evaluated=(NotEvaluated("P22", "saknas"),), absent_columns=("placements.regime",)),
    month=MAY,
    run=None,
    claims=(
        Claim("2024-05/ORG1/1", "ORG1", "Å", "556000-4615", None, "12-3", (FIRST,), booked=True),
        Claim(None, "ORG2", "B", "", "5050-1055", None, (SECOND,), booked=False, reversal_refused=True),
    ),
    withheld=(Withheld("ORG1", "P1", "base", dt.date(2024, 5, 3), None, ("C01", "A04"), cell="B2"),),
    kept=(Kept("ORG1", "P9", "base", dt.date(2024, 5, 3), 30_000, "inte med"),),
    other_months=(OtherMonth(Month(2024, 4), -30_000),),
    control=(Control("total", "", 9, 5, 1, 1, 1, 1, 0),),
)


def test_what_is_archived_comes_back():
    back = archive.restored(archive.unpacked(archive.packed(archive.canonical(PAID))))
    for field in fields(Paid):
        if field.name != "checked":
            assert getattr(back, field.name) == getattr(PAID, field.name), field.name
    for field in fields(PAID.checked):
        if field.name != "violations":
            assert getattr(back.checked, field.name) == getattr(PAID.checked, field.name), field.name
    assert_frame_equal(back.checked.violations, FOUND)


def test_the_same_outcome_gives_the_same_bytes_whatever_its_run():
    assert archive.canonical(replace(PAID, run=Run(7, "ab"))) == archive.canonical(PAID)


def test_the_document_is_json_in_ascii_with_its_keys_in_order_and_no_spaces():
    document = archive.canonical(PAID)
    assert document == json.dumps(json.loads(document), sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def test_an_archive_of_an_earlier_version_lacks_what_was_added_since():
    document = json.loads(archive.canonical(PAID))
    del document["dry_run"], document["checked"]["labels"], document["claims"][0]["reason"], document["checked"]["violations"]["remedy"]
    back = archive.restored(json.dumps(document).encode())
    assert (back.dry_run, dict(back.checked.labels), back.claims[0].reason) == (False, {}, None)
    assert back.checked.violations["remedy"].to_list() == [None, None]


@pytest.mark.parametrize("blob", [b"", b"x", archive.packed(b"{}")[:-1], archive.packed(b"{}") + b"x"])
def test_half_an_archive_is_refused(blob):
    with pytest.raises(zlib.error):
        archive.unpacked(blob)
