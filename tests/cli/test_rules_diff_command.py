"""`fat rules diff` as a user runs it, on the samples."""

import json
import shutil
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from stories import here

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(files("fatcli").joinpath("schemas", "rules-diff.schema.json").read_text(encoding="utf-8"))
AS_OF = ("--as-of", "2024-06-03")
OLD, NEW = '[{amount: "450", from: 2022-04-01, source: AIO 3.1}]', '[{amount: "460", from: 2022-04-01, source: AIO 3.1}]'


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, beside a rule book in which a day of AIO costs 10 SEK more."""
    folder = tmp_path_factory.mktemp("diff")
    for book in (ROOT / "samples").glob("*.xlsx"):
        shutil.copy(book, folder)
    text = (ROOT / "rules.yaml").read_text(encoding="utf-8")
    assert text.count(OLD) == 1
    (folder / "new.yaml").write_text(text.replace(OLD, NEW), encoding="utf-8")
    return folder


def test_the_document_is_as_published_and_the_exit_code_is_0(samples: Path) -> None:
    run = here(samples, "rules", "diff", "shipped", "new.yaml", "--month", "2024-05", *AS_OF, "--format", "json")
    assert (run.code, run.err) == (0, "")
    jsonschema.Draft202012Validator(SCHEMA).validate(run.document)
    assert [(change["key"], change["old"], change["new"]) for change in run.document["changes"]] == [
        ("AIO.day", "SEK 450.00 from 2022-04-01", "SEK 460.00 from 2022-04-01")
    ]
    # 8 + 15 + 23 + 23 + 20 days (samples/README.md): 89 x 10; B24-0112 is withheld by A18
    effect = run.document["effect"]
    assert effect["total"]["due"]["difference_sek"] == "890.00"
    assert [(each["service"], each["component"], each["due"]["difference_sek"]) for each in effect["components"]] == [
        ("AIO", "day", "890.00")
    ]
    assert [(each["organiser"], each["due"]["new_sek"]) for each in effect["organisers"]] == [("NORRSKENET", "43940.00")]
    assert effect["violations"] == []


def test_books_that_are_the_same_are_said_to_be(samples: Path) -> None:
    run = here(samples, "rules", "diff", "new.yaml", "new.yaml", "--format", "json")
    jsonschema.Draft202012Validator(SCHEMA).validate(run.document)
    assert (run.code, run.document["changes"], run.document["effect"]) == (0, [], None)
    assert "the same to the letter" in here(samples, "rules", "diff", "new.yaml", "new.yaml").out


def test_the_text_tells_both_values_both_lines_and_the_money(samples: Path) -> None:
    run = here(samples, "rules", "diff", "shipped", "new.yaml", "attendance.xlsx", *AS_OF, "--lang", "sv", COLUMNS="100")
    at = (ROOT / "rules.yaml").read_text(encoding="utf-8").split(OLD)[0].count("\n") + 1
    shown = [" ".join(line.split()) for line in run.out.splitlines()]
    assert run.code == 0
    assert f"AIO.day Dagersättning · belopp · rad {at} → {at}" in shown
    assert "450,00 kr från 2022-04-01 → 460,00 kr från 2022-04-01" in shown
    assert "NORRSKENET 43 050,00 kr 43 940,00 kr +890,00 kr" in shown
    assert any("alla månader, beräkningsdag 2024-06-03" in line for line in shown)


def test_a_long_condition_stands_below_the_other(samples: Path) -> None:
    text = (samples / "new.yaml").read_text(encoding="utf-8")
    long = " and ".join(["counts", "date < decision_date", *["effective_end >= start"] * 3])
    (samples / "long.yaml").write_text(text.replace("when: counts and date < decision_date", f"when: {long}"), encoding="utf-8")
    out = here(samples, "rules", "diff", "new.yaml", "long.yaml", COLUMNS="80").out
    shown = [" ".join(line.split()) for line in out.splitlines()]
    assert "before counts and date < decision_date" in shown
    assert "after counts and date < decision_date and effective_end >= start and" in shown
    assert all(len(line) <= 80 for line in out.splitlines())


def test_it_books_and_writes_nothing_but_what_is_asked_for(samples: Path, tmp_path: Path) -> None:
    before = sorted(path.name for path in samples.iterdir())
    target = tmp_path / "diff.json"
    run = here(
        samples,
        "rules",
        "diff",
        "shipped",
        "new.yaml",
        "--month",
        "2024-05",
        *AS_OF,
        "-o",
        f"json:{target}",
        "-o",
        f"text:{tmp_path / 'd.txt'}",
    )
    assert (run.code, run.out, run.err.count("Wrote ")) == (0, "", 2)
    assert sorted(path.name for path in samples.iterdir()) == before
    assert json.loads(target.read_text(encoding="utf-8"))["effect"]["month"] == "2024-05"
    assert "+SEK 890.00" in (tmp_path / "d.txt").read_text(encoding="utf-8").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("missing.yaml", "new.yaml"), "fat: missing.yaml: the rule book can't be read."),
        (("new.yaml",), "fat: NEW is missing."),
        (("shipped", "new.yaml", "--month", "maj"), "fat: maj is no month."),
    ],
)
def test_what_can_not_be_compared_is_refused_in_a_sentence(samples: Path, arguments: tuple[str, ...], message: str) -> None:
    run = here(samples, "rules", "diff", *arguments)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(message)


def test_an_input_that_can_not_be_read_ends_it(samples: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.xlsx").write_bytes(b"not a workbook")
    assert here(samples, "rules", "diff", "shipped", "new.yaml", str(tmp_path / "bad.xlsx"), *AS_OF).code == 3
