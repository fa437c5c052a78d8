"""What a fault tells of the cell that it is in."""

import polars as pl
import pytest

from fatcli.faults import cell_faults
from fatcli.values import ERROR


def told(value: str) -> str:
    cells = pl.DataFrame({"source": [0], "row": [2], "value": [value]}, schema_overrides={"source": pl.Int32, "row": pl.UInt32})
    return cell_faults(cells, rule=pl.lit("T06"), column=pl.lit("status"), expected=pl.lit("code"))["value"][0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("å" * 200, "å" * 200),
        ("å" * 201, "å" * 200 + " …"),
        ("å" * 32_767, "å" * 200 + " …"),
        ("7" * 201, " …"),
        (f"{'x' * 190} 19850709-9805", f"{'x' * 190} …"),  # the 200th sign is the hyphen
        (f"{'x' * 180} 1985 07 09 – 9805, {'y' * 9}", f"{'x' * 180} …"),
        (f"{ERROR}#{'N' * 300}", f"#{'N' * 199} …"),
        ("1899-12-31 08:00:00", "08:00:00"),
        ("2024-05-03 00:00:00", "2024-05-03"),
    ],
)
def test_a_long_text_is_told_by_its_beginning_and_no_number_by_half(value, expected):
    assert told(value) == expected
