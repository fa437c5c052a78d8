"""Nobody's number, name or cause of absence is found but where it may stand: every stream and file of every command is searched.

Claim workbooks, annotated copies and the ledger may hold identity numbers, and so may what `--show-ids` asks for. Notes leave the
workbook for its own annotated copy alone; causes of absence for that, and for what `--show-ids` asks for.
"""

import contextlib
import io
import os
import re
import sqlite3
import stat
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbooks
from fatcli.reports import REPORTS
from inboxes import aged
from stories import MAY, Outcome, Row, exercise, here, long_sheet, organiser, placement, present, register, register_sheets, report

# All are fictitious: nobody has a serial number from 980 on. Well-formed ones in as many spellings as there are, and others.
NUMBERS = {
    "P1": "19900101-9802",
    "P2": 198506159816,
    "P3": "920202-9816",
    "P4": "150615+9803",
    "P5": "7203179853",
    "P6": "19880878-9831",  # a samordningsnummer
    "P7": "19920202-9824",  # a wrong check digit: P01
    "P8": "19010203 9849",
    "P9": "1992-02-02-9832",
    "P10": "920202 - 9840",
    "P11": "920202–9857",
    "P12": "19920202+986",  # a digit is missing
}
TRADER = "19720317-9846"  # an organiser's own
# in cells where no number belongs
STRAY = (
    "19930303-9872",
    "930303-9880",
    "199303039898",
    "930303–9906",
    "19930303 9914",
    "1993-03-03-9922",
    "930303+9930",
    "930303 - 9948",
    "930303\u200b-9955",
    "930303 .9963",
)
NAME = "Kolibrina Testsson"  # stands in notes alone
CAUSES = {"sick", "care", "excused", "sjuk", "sj", "vab", "vård", "gf", "giltig"}
DAY = ("--as-of", "2024-06-03")
MONTH = ("--month", "2024-05")


def pattern(number: object) -> re.Pattern[str]:
    """The number in any spelling, less its century."""
    digits = re.sub(r"\D", "", str(number))
    digits = digits[2:] if len(digits) > 10 else digits
    return re.compile(rf"{digits[:2]}\W?{digits[2:4]}\W?{digits[4:6]}\W{{0,3}}{digits[6:]}")


PATTERNS = [pattern(number) for number in (*NUMBERS.values(), TRADER, *STRAY)]


def numbers_in(text: str) -> set[str]:
    return {found.group() for each in PATTERNS for found in each.finditer(text)}


def words_in(text: str) -> set[str]:
    """The name, and words for causes of absence."""
    return {name for name in NAME.split() if name.casefold() in text.casefold()} | (CAUSES & set(re.findall(r"\w+", text.casefold())))


def text_of(data: bytes) -> str:
    """All text in a file: in a package that of its parts, in a ledger that of its rows, free pages and packed documents."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return "\n".join(f"{name}\n{text_of(package.read(name))}" for name in package.namelist())
    if data.startswith(b"SQLite format 3\0"):
        with contextlib.closing(sqlite3.connect(":memory:")) as books:
            books.deserialize(data)
            documents = [zlib.decompress(row[0]).decode() for row in books.execute("SELECT document FROM runs")]
            tables = [table for (table,) in books.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            cells = [str(cell) for table in tables for row in books.execute(f"SELECT * FROM {table}") for cell in row if type(cell) is str]
        freed = (text.decode() for text in re.findall(rb"[ -~]{12,}", data))
        return "\n".join((*documents, *cells, *freed))
    return data.decode("utf-8", "replace")


def test_the_search_finds_what_it_is_to_find(tmp_path: Path) -> None:
    for number in (*NUMBERS.values(), TRADER, *STRAY):
        assert numbers_in(f"<c>{number}</c>")
    assert numbers_in("1990-01-01-9802, 900101 – 9802, 9001019802") == {"90-01-01-9802", "900101 – 9802", "9001019802"}
    assert not numbers_in("19900101-9803, 2024-05-02, ******-****")
    assert words_in("ring kolibrina, Sjuk") == {"Kolibrina", "sjuk"}
    assert numbers_in(text_of((workbooks.save(tmp_path / "a.xlsx", {"A": [[NUMBERS["P1"]]]})).read_bytes()))


def tables(*, codes: bool) -> dict[str, list[Row]]:
    placements = [
        placement(name, participant_id=number, organiser_id="ORG2" if name == "P2" else "ORG1") for name, number in NUMBERS.items()
    ]
    placements += [
        exercise("P13", participant_id="T13", county=STRAY[0], end_reason=STRAY[1] if codes else None),  # T06
        placement("P14", participant_id="T14", hours_per_week=STRAY[2]),  # T02
        placement("P15", participant_id="T15", organiser_id=STRAY[3]),  # T05
        placement("P16", participant_id="T16", workplace_organiser_id=STRAY[4]),  # O06
        placement("P17", participant_id="T17", start=STRAY[5]),  # T02
    ]
    organisers = [organiser("ORG1"), organiser("ORG2", identity_number=TRADER, legal_form="sole_trader")]
    return register(*placements, organisers=organisers)


def reports(*, codes: bool) -> list[Row]:
    """`codes`: with cells that no vocabulary knows, of which the message lists the words that it does."""
    found = [
        *(report(date, name, note=f"ring {NAME}") for name in ("P1", "P2", "P3", "P4", "P5", "P6", "P7") for date in MAY[:8]),
        report("2024-05-15", "P1", status="SJ", hours=3, note=f"{NAME} är sjuk"),  # A17
        report("2024-05-16", "P1", status="VAB", hours=3),
        report("2024-05-17", "P1", status="GF", hours=3),
        report("2024-05-20", "P1"),
        report("2024-05-20", "P1", status="SJ"),  # A07
        report("2024-05-21", "P1", status="VAB"),
        report("2024-05-21", "P1", status="SJ"),
        report("2024-05-01", "P1", status="VAB"),  # A01
        *(report("2024-05-22", number) for number in STRAY),  # T05
        report("2024-05-23", "P1", hours=STRAY[0]),  # T02
        report("2024-05-24", "P1", from_time=STRAY[1]),
    ]
    return [*found, *(report("2024-05-27", "P1", status=f"{number} hemma") for number in STRAY)] if codes else found


def office(folder: Path, *, codes: bool) -> Path:
    folder.mkdir(parents=True)
    sheet = long_sheet(reports(codes=codes))
    sheet[0] += [STRAY[0], f"Personnr {STRAY[3]}"]  # T09
    sheet += [[], ["Summa", None, None, None, None, STRAY[1]], [None, "2024-05-28", "N", 8]]  # T11, T03
    unknown = [["Anteckningar", STRAY[2]], [STRAY[5], NAME]]  # T08
    workbooks.save(folder / "register.xlsx", register_sheets(tables(codes=codes)))
    workbooks.save(folder / "attendance.xlsx", {"Närvaro": sheet, "Övrigt": unknown})
    return folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders for temporary files and for what a program keeps of its own, both new."""
    for name in ("tmp", "home"):
        (tmp_path / "own" / name).mkdir(parents=True)
    for variable, name in {"TMPDIR": "tmp", "TEMP": "tmp", "TMP": "tmp", "HOME": "home", "XDG_CACHE_HOME": "home"}.items():
        monkeypatch.setenv(variable, str(tmp_path / "own" / name))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path / "own"


FORMS = ("text", "json", "csv", "html", "xlsx")


def outputs(folder: str, *forms: str) -> tuple[str, ...]:
    return tuple(part for form in forms for part in ("-o", f"{form}:{folder}/page.{form}"))


def commands(language: str) -> Iterator[tuple[str, ...]]:
    own = ("--lang", language)
    everywhere = outputs(f"made-{language}", *FORMS), ("-o", f"csv:made-{language}/tables"), ("-o", "text"), ("-o", "json"), ("-o", "csv")
    for made in everywhere:
        yield "validate", *DAY, *own, *made
        yield "payout", *MONTH, *DAY, *own, "--dry-run", *made
    yield "validate", *DAY, *own, "-o", "annotated"
    yield "payout", *MONTH, *DAY, *own, *everywhere[0], "-o", "annotated:copies"
    if language == "sv":
        return
    for form in ("text", "json"):
        for asked in ("P2", "P9", "P17", "attendance.xlsx!Närvaro!C60", "attendance.xlsx!Närvaro!A70", "2024-05/ORG1/1"):
            yield "explain", asked, *DAY, *own, "--format", form
        for day in ("2024-05-15", "2024-05-20", "2024-05-21", "2024-05-01"):
            yield "explain", "P1", "--date", day, *DAY, *own, "--format", form
        yield "explain", "P1", *MONTH, *DAY, *own, "--format", form
        for asked in (("log",), ("show", "1"), ("verify",)):
            yield "ledger", *asked, *own, "--format", form
    for form in ("csv", "json"):
        yield "ledger", "export", *own, "--format", form
    for name in REPORTS:
        yield "report", name, *DAY, *own, *outputs(f"made-{language}/{name}", *FORMS), "-o", "text", "--min-group", "0"


AFTERWARDS = (
    ("ledger", "attest", "1", "--by", f"Bo Ek {STRAY[0]}"),
    ("ledger", "clawback", "--organiser", "ORG1", "--placement", "P1", "--reason", f"Fel för {STRAY[4]}", *DAY),
    ("ledger", "log"),
    ("ledger", "show", "2"),
    ("ledger", "show", "2", "--format", "json"),
    ("ledger", "export"),
    ("ledger", "render", "2"),
    ("explain", "P1", *DAY),
    ("payout", "--month", "2024-05", *DAY),
    ("validate", "missing.xlsx", *DAY),
    ("explain", STRAY[0], *DAY),
    ("explain", f"attendance.xlsx!{STRAY[2]}!A1", *DAY),
    ("ledger", "clawback", "--organiser", STRAY[0], "--all", "--reason", "x", *DAY),
)
_CLAIM = re.compile(r"out/\d{4}-\d\d/rekvisition-[^/]*\.xlsx")
_COPY = re.compile(r"(.*/)?(rattelser|corrections)-[^/]*")


def unlawful(path: str, text: str) -> set[str]:
    """What a file holds that it may not."""
    if _COPY.fullmatch(path):
        return set()
    holds_numbers = _CLAIM.fullmatch(path) or path == "ledger.db"
    return words_in(text) | (set() if holds_numbers else numbers_in(text))


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def searched(folder: Path, temporary: Path, run: Outcome, before: dict[str, bytes], told: str) -> dict[str, bytes]:
    """Fails where a run has told or written what it may not; the files after it."""
    # what a user wrote on the command line may be told back on the terminal when it is wrong
    assert not numbers_in(run.out + run.err) - numbers_in(told), f"{told}: {run.out + run.err}"
    assert not words_in(run.out + run.err), told
    assert "Traceback" not in run.err
    after = files(folder)
    for path, data in after.items():
        if before.get(path) != data and data not in before.values():
            assert not unlawful(path, text_of(data)), f"{told}: {path}"
        assert not numbers_in(path), path
    assert files(temporary) == {}
    return after


@pytest.fixture(params=[True, False], ids=["with unknown codes", "without"])
def codes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param:  # the message of an unknown code lists the known ones
        monkeypatch.setattr(sys.modules[__name__], "CAUSES", set())
    return bool(request.param)


def test_no_command_tells_a_number_a_name_or_a_cause(tmp_path: Path, temporary: Path, codes: bool) -> None:
    folder = office(tmp_path / "office", codes=codes)
    seen = files(folder)
    everything = (*commands("sv"), *commands("en"))
    # causes stand in attendance alone, which reports and logs don't tell of
    for command in everything if codes else [each for each in commands("en") if each[0] in ("validate", "payout", "explain")]:
        run = here(folder, *command, FAT_USER="Eva")
        assert run.code in (0, 1), f"{command}: {run.err}"
        seen = searched(folder, temporary, run, seen, " ".join(command))
    for command in AFTERWARDS if codes else ():
        run = here(folder, *command, FAT_USER="Ada")
        seen = searched(folder, temporary, run, seen, " ".join(command))
    rules = seen["made-en/page.json"].decode()
    faults = {"P01", "O06", "T02", "T03", "T05", "T08", "T09", "T11", "A01", "A07", "A17"}
    assert {rule for rule in faults if f'"{rule}"' in rules} == faults
    claims = [data for path, data in seen.items() if _CLAIM.fullmatch(path)]
    assert claims
    for data in (seen["ledger.db"], *claims):
        assert numbers_in(text_of(data))  # where they may stand, they do


def test_a_batch_tells_nothing_either(tmp_path: Path, temporary: Path, codes: bool) -> None:
    folder = office(tmp_path / "office", codes=codes)
    (folder / "inbox").mkdir()
    aged((folder / "attendance.xlsx").rename(folder / "inbox" / f"Närvaro {STRAY[0]}.xlsx"), 7200)
    workbooks.save(folder / "inbox" / "good.xlsx", {"Närvaro": long_sheet(present(MAY, "P2", note=f"ring {NAME}"))})
    aged(folder / "inbox" / "good.xlsx", 7200)
    before = set(files(folder).values())
    runs = [here(folder, "batch", "inbox", *MONTH, "--book", *DAY, "-o", form, FAT_USER="Eva") for form in ("text", "json")]
    assert runs[0].code == 1, runs[0].err
    assert not numbers_in(runs[0].out + runs[0].err)
    for run in runs:
        assert not words_in(run.out + run.err)
    written = {path: data for path, data in files(folder).items() if data not in before}
    assert {"inbox/summary.html", "inbox/batch-log.jsonl", "ledger.db"} < set(written)
    for path, data in written.items():
        text = text_of(data)
        if path.endswith((".jsonl", ".json")):  # which name files as they are, so that they are found again
            text = re.sub(rf"Närvaro {STRAY[0]}", "", text)
        assert not unlawful(path, text), path
    assert files(temporary) == {}


def test_what_show_ids_asks_for_has_no_notes(tmp_path: Path, temporary: Path) -> None:
    folder = office(tmp_path / "office", codes=True)
    for command in (
        ("validate",),
        ("payout", *MONTH),
        ("explain", "P1", "--date", "2024-05-15"),
        ("ledger", "show", "1"),
        ("ledger", "export"),
    ):
        day = () if command[0] == "ledger" else DAY
        run = here(folder, *command, *day, "--show-ids", "-o", "json:ids/page.json", FAT_USER="Eva")
        assert run.code in (0, 1), run.err
        assert numbers_in((folder / "ids/page.json").read_text(encoding="utf-8")) or command[0] == "explain"
    for path, data in files(folder).items():
        if path not in ("register.xlsx", "attendance.xlsx"):
            assert not {"Kolibrina", "Testsson"} & words_in(text_of(data)), path


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_every_file_is_the_users_alone(tmp_path: Path, temporary: Path) -> None:
    folder = office(tmp_path / "office", codes=True)
    given = set(folder.iterdir())
    (folder / "inbox").mkdir()
    os.umask(os.umask(0))
    for command in (
        ("validate", *DAY, *outputs("made", *FORMS), "-o", "csv:made/tables", "-o", "annotated"),
        ("payout", *MONTH, *DAY, *outputs("made/payout", *FORMS)),
        ("ledger", "export", "-o", "csv:made/items.csv"),
        ("report", "flow", *DAY, *outputs("made/flow", *FORMS)),
        ("batch", "inbox", *DAY),
        ("template", "attendance", *MONTH),
    ):
        assert here(folder, *command, FAT_USER="Eva").code in (0, 1), command
    made = {path: oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.rglob("*") if path.is_file() and path not in given}
    assert len(made) > 25
    assert {path.name: mode for path, mode in made.items() if mode != "0o600"} == {}


class Panic(BaseException):
    """As a library written in Rust raises it."""

    __module__ = "pyo3_runtime"


@pytest.mark.parametrize("kind", [ValueError, KeyError, Panic])
@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_a_fault_of_ours_tells_where_and_never_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type, debug: tuple) -> None:
    from fatcli import pipeline

    def broken(_: object) -> None:
        number, name = NUMBERS["P1"], NAME
        raise kind(f"{number} {name}") from kind(number)

    folder = office(tmp_path / "office", codes=True)
    monkeypatch.setattr(pipeline, "validate", broken)
    run = here(folder, *debug, "validate", *DAY)
    assert (run.code, run.out) == (70, "")
    assert run.err.startswith(f"fat: a fault in the program ({kind.__name__}).")
    assert ("test_privacy.py" in run.err) == bool(debug)
    assert not numbers_in(run.err)
    assert not words_in(run.err)
    assert "Traceback" not in run.err


_STOPPED = """
import os, signal, sys
from pathlib import Path
from fatcli.cli import app
def stopped(*_):
    {how}
Path.replace = stopped
sys.argv = ["fat", "validate", "--as-of", "2024-06-03", "-q", "-o", "json:made/page.json", "-o", "annotated:made"]
app.main()
"""


@pytest.mark.parametrize(
    ("how", "left"),
    [("raise OSError(28, 'No space left on device')", 0), ("raise ValueError", 0), ("os.kill(os.getpid(), signal.SIGKILL)", 1)],
)
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_what_is_written_aside_is_removed_after_a_crash(tmp_path: Path, temporary: Path, how: str, left: int) -> None:
    folder = office(tmp_path / "office", codes=True)
    subprocess.run([sys.executable, "-c", _STOPPED.format(how=how)], cwd=folder, check=False, capture_output=True)
    aside = list((folder / "made").iterdir())
    assert len(aside) == left
    assert {stat.S_IMODE(path.stat().st_mode) for path in aside} <= {0o600}
    assert files(temporary) == {}
    here(folder, "validate", *DAY, "-o", "json:made/page.json")
    assert [path.name for path in (folder / "made").iterdir()] == ["page.json"]
