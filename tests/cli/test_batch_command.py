"""`fat batch` as a user and a scheduler meet it: options, streams, exit codes, the summary page."""

import json
import os
import stat
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from inboxes import BAD, BATCH, BOOK, GOOD, batch, book, hand_in, log, lying, office
from stories import MAY, fat, here, present, report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = office(tmp_path)
    hand_in(folder, "good.xlsx", GOOD)
    return folder


def summary(folder: Path, name: str = "summary.html") -> str:
    return (folder / "inbox" / name).read_text(encoding="utf-8").replace("\xa0", " ")


def test_as_a_scheduler_runs_it(folder: Path) -> None:
    hand_in(folder, "bad.xlsx", BAD)
    hand_in(folder, "letter.pdf", b"%PDF")
    run = fat(folder, *BOOK, FAT_USER="Eva")
    assert run.code == 1
    assert run.out.replace("\xa0", " ").splitlines() == [
        "2 workbooks judged: 1 accepted and 1 rejected",
        "  rejected: bad.xlsx (1 error and 1 info)",
        "    inbox/rejected/violations-bad.html",
        "    inbox/rejected/corrections-bad.xlsx",
        "  accepted: good.xlsx",
        "  booked: good.xlsx",
        "  no workbook: letter.pdf",
        "SEK 6,300.00 to pay for May 2024. Booked in run 1: 1 claim. The check found no errors.",
    ]
    first, *others = run.err.splitlines()
    assert first.startswith("New ledger: ")
    assert others == ["The files are in out/2024-05.", "Wrote out/2024-05/utbetalning-2024-05-1.html."]


def test_in_swedish(folder: Path) -> None:
    hand_in(folder, "bad.xlsx", BAD)
    run = fat(folder, *BATCH, "--lang", "sv")
    assert run.out.splitlines() == [
        "2 arbetsböcker prövade: 1 godkänd och 1 underkänd",
        "  underkänd: bad.xlsx (1 fel och 1 upplysning)",
        "    inbox/rejected/avvikelser-bad.html",
        "    inbox/rejected/rattelser-bad.xlsx",
        "  godkänd: good.xlsx",
    ]
    assert '<h1 id="verdict">2 arbetsböcker prövade: 1 godkänd och 1 underkänd</h1>' in summary(folder, "sammanfattning.html")


def test_json_is_one_document_as_published(folder: Path) -> None:
    hand_in(folder, "bad.xlsx", BAD)
    hand_in(folder, "broken.xlsx", b"oops")
    hand_in(folder, "new.xlsx", GOOD, age=0)
    schema = json.loads(resources.files("fatcli").joinpath("schemas", "batch.schema.json").read_text(encoding="utf-8"))
    check = jsonschema.Draft202012Validator(schema).validate
    run = book(folder, "--format", "json", "-q")
    check(run.document)
    assert (run.code, run.document["exit_code"], run.err) == (3, 3, "")
    assert [(each["file"], each["verdict"]) for each in run.document["files"]] == [
        ("bad.xlsx", "rejected"), ("broken.xlsx", "unreadable"), ("good.xlsx", "accepted"), ("good.xlsx", "booked"),
    ]  # fmt: skip
    (folder / "register.xlsx").write_bytes(b"oops")
    hand_in(folder, "good.xlsx", GOOD)
    stopped = batch(folder, "--format", "json").document
    check(stopped)
    assert stopped["stopped"]["exit_code"] == 3


def test_the_document_can_go_to_a_file_beside_the_text(folder: Path) -> None:
    run = batch(folder, "-o", "json:last.json", "-o", "text")
    assert run.out.startswith("1 workbook judged: 1 accepted")
    assert json.loads((folder / "last.json").read_text(encoding="utf-8"))["exit_code"] == 0
    assert batch(folder, "-o", "xlsx").code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("batch", "."), "the inbox is the workspace or its output folder."),
        (("batch", "out/post"), "the inbox is the workspace or its output folder."),
        (("batch", "nowhere"), "the inbox is no folder that can be read."),
        (("batch", "inbox", "-C", "nowhere"), "the workspace can't be read."),
        (("batch", "inbox", "--book"), "--month, --book and --allow-reversals belong together."),
        (("batch", "inbox", "--month", "2024-05"), "--month, --book and --allow-reversals belong together."),
        (("batch", "inbox", "--allow-reversals", "all"), "--month, --book and --allow-reversals belong together."),
        (("batch", "inbox", "--month", "May", "--book"), "May is no month."),
        (("batch", "inbox", "--select", "Z99"), "there is no rule or group Z99."),
    ],
)
def test_misuse_moves_nothing(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    (folder / "out/post").mkdir(parents=True)
    run = here(folder, *arguments)
    assert run.code == 2
    assert told in run.err
    assert lying(folder) == ["good.xlsx"]
    assert (folder / "register.xlsx").exists()


def test_a_missing_workspace_is_told_also_where_nothing_has_come_in(folder: Path) -> None:
    (folder / "inbox" / "good.xlsx").unlink()
    outcome = here(folder, "batch", "inbox", "-C", "nowhere")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "fat: nowhere: the workspace can't be read. Name a folder that exists with -C.\n"


def test_a_misspelt_organiser_books_nothing(folder: Path) -> None:
    run = book(folder, "--allow-reversals", "ORG11")
    assert run.code == 2
    assert "there is no organiser ORG11. Did you mean ORG1?" in run.err
    assert lying(folder) == ["accepted/good.xlsx"]


@pytest.mark.parametrize(("severity", "code"), [("error", 0), ("warning", 1), ("never", 0)])
def test_fail_on_decides_what_is_rejected(tmp_path: Path, severity: str, code: int) -> None:
    folder = office(tmp_path)
    hand_in(folder, "may.xlsx", [*present(MAY[:-1]), report("2024-05-31", hours=8, from_time="06:00")])  # A11, a warning
    assert batch(folder, "--fail-on", severity).code == code
    assert lying(folder)[0].startswith("rejected/" if code else "accepted/")


def test_an_inbox_may_lie_anywhere(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run = here(elsewhere, "batch", str(folder / "inbox"), "-C", str(folder), "--as-of", "2024-06-03")
    assert run.code == 0
    assert lying(folder) == ["accepted/good.xlsx"]


def test_the_summary_shows_what_is_left_to_do_also_from_earlier_runs(folder: Path) -> None:
    hand_in(folder, "bad.xlsx", BAD)
    batch(folder)
    batch(folder)
    page = summary(folder)
    assert "<title>Nothing new in the inbox</title>" in page
    assert '<a href="rejected/violations-bad.html">violations</a>' in page
    assert "good.xlsx" in page
    (folder / "inbox/rejected/bad.xlsx").unlink()
    batch(folder)
    assert "violations-bad.html" not in summary(folder)


@pytest.mark.parametrize(
    ("name", "href"), [("Närvaro maj.xlsx", "rejected/violations-Narvaro-maj.html"), ("a#b%20.xlsx", "rejected/violations-a-b-20.html")]
)
def test_links_lead_to_the_reports(tmp_path: Path, name: str, href: str) -> None:
    folder = office(tmp_path)
    hand_in(folder, name, BAD)
    batch(folder)
    assert f'href="{href}"' in summary(folder)
    assert (folder / "inbox" / href).exists()


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_what_it_writes_is_the_users_alone(folder: Path) -> None:
    hand_in(folder, "bad.xlsx", BAD)
    batch(folder)
    inbox = folder / "inbox"
    assert {stat.S_IMODE((inbox / name).stat().st_mode) for name in ("accepted", "rejected")} == {0o700}
    written = [inbox / "batch-log.jsonl", inbox / "summary.html", *(inbox / name for name in log(folder)[0]["reports"])]
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    assert not list(inbox.rglob(".fat-*.tmp"))


def test_the_log_names_no_participant(folder: Path) -> None:
    hand_in(folder, "bad.xlsx", [report("2024-05-31", placement_id="19121212-1212")])
    batch(folder)
    assert "1212" not in (folder / "inbox" / "batch-log.jsonl").read_text(encoding="utf-8").replace(log(folder)[0]["sha256"], "")
