import polars as pl
import pytest

from fatcli.model import CODES
from fatcli.violations import as_text


def shown(values, language, *, show_ids=False, dtype=None):
    frame = pl.DataFrame({"v": pl.Series(values, dtype=dtype)})
    return frame.select(as_text(frame.schema["v"], language, show_ids=show_ids)).to_series().to_list()


@pytest.mark.parametrize(
    ("vocabulary", "codes", "swedish"),
    [
        ("legal_form", ["sole_trader", "public"], ["enskild firma", "offentlig"]),
        ("yes_no", ["yes", "no"], ["ja", "nej"]),
        ("status", ["present", "unexcused", "paused", "off"], ["närvaro", "ogiltig frånvaro", "uppehåll", "ledig"]),
        ("service", ["FAT", "ITA1"], ["FAT", "ITA1"]),
        ("programme", ["JOB"], ["JOB"]),
    ],
)
def test_codes_are_told_in_the_language_of_the_message(vocabulary, codes, swedish):
    dtype = pl.Enum(list(CODES[vocabulary]))
    assert shown(codes, "sv", dtype=dtype) == swedish
    assert shown(codes, "en", dtype=dtype) == codes


def test_causes_of_absence_are_told_only_when_asked_for():
    dtype = pl.Enum(list(CODES["status"]))
    causes = ["sick", "care", "excused"]
    assert shown(causes, "sv", dtype=dtype) == ["frånvarande"] * 3
    assert shown(causes, "en", dtype=dtype) == ["absent"] * 3
    assert shown(causes, "sv", dtype=dtype, show_ids=True) == ["sjuk", "vård av barn", "giltig frånvaro"]
    assert shown(causes, "en", dtype=dtype, show_ids=True) == causes


def test_numbers_are_written_as_each_language_writes_them():
    assert shown([8.0, 7.5], "sv") == ["8", "7,5"]
    assert shown([8.0, 7.5], "en") == ["8", "7.5"]
