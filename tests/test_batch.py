"""What a batch does with each workbook, when it is disturbed, and that nothing is ever lost or done twice."""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from filelock import FileLock

import workbooks
from fatcli.batch import inbox, journal, judging, run
from fatcli.errors import OutputError
from fatcli.texts import Text
from inboxes import BAD, GOOD, aged, batch, book, hand_in, log, lying, office, verdicts
from stories import MAY, contract, csv_bytes, grid_sheet, here, long_sheet, placement, present, register, register_sheets, report, sheet

REJECTED = ["rejected/bad.xlsx", "rejected/corrections-bad.xlsx", "rejected/violations-bad.html"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace whose inbox has a workbook in order, one with an error, and one that can't be read."""
    folder = office(tmp_path)
    hand_in(folder, "good.xlsx", GOOD)
    hand_in(folder, "bad.xlsx", BAD)
    hand_in(folder, "broken.xlsx", b"no workbook at all")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """All files but the log and the summary, which tell the time."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("batch-log.jsonl", "summary.html")
    }


def test_accepted_and_rejected_lie_apart_with_their_reports(folder: Path) -> None:
    before = {name: (folder / "inbox" / name).read_bytes() for name in ("good.xlsx", "bad.xlsx", "broken.xlsx")}
    assert batch(folder).code == 3
    assert lying(folder) == [
        "accepted/good.xlsx",
        REJECTED[0],
        "rejected/broken.xlsx",
        REJECTED[1],
        REJECTED[2],
        "rejected/violations-broken.html",
    ]
    assert verdicts(folder) == [("bad.xlsx", "rejected"), ("broken.xlsx", "unreadable"), ("good.xlsx", "accepted")]
    after = {path.name: path.read_bytes() for path in (folder / "inbox").glob("*/*.xlsx")}
    assert {name: after[name] for name in before} == before
    assert not (folder / "ledger.db").exists()


def test_the_reports_tell_what_is_wrong(folder: Path) -> None:
    batch(folder)
    assert "A10" in (folder / "inbox/rejected/violations-bad.html").read_text(encoding="utf-8")
    assert openpyxl.load_workbook(folder / "inbox/rejected/corrections-bad.xlsx").sheetnames == ["Corrections", "Närvaro"]
    page = (folder / "inbox/rejected/violations-broken.html").read_text(encoding="utf-8")
    assert "The content is no workbook." in page
    assert "Open it in Excel and save it as .xlsx." in page


def test_twice_gives_nothing_new(folder: Path) -> None:
    batch(folder)
    state, lines = files(folder), log(folder)
    again = batch(folder)
    assert (again.code, again.out) == (0, "Nothing new in the inbox\n")
    assert (files(folder), log(folder)) == (state, lines)


def test_errors_of_the_register_and_of_others_reject_no_workbook(tmp_path: Path) -> None:
    # P2 ends before it starts (P02), and AIO's P3 is not reported (A18): neither stands in the workbook
    tables = register(
        placement("P1"),
        placement("P2", organiser_id="ORG2", end="2024-05-01"),
        placement("P3", organiser_id="ORG3", service="AIO", programme=None, hours_per_week=20),
    )
    folder = office(tmp_path, tables)
    hand_in(folder, "good.xlsx", GOOD)
    assert here(folder, "validate", "inbox/good.xlsx", "-C", ".", "--as-of", "2024-06-03").code == 1
    assert batch(folder).code == 0
    assert lying(folder) == ["accepted/good.xlsx"]


def test_a_workbook_that_names_a_placement_and_reports_nothing_of_it_is_rejected_and_told(tmp_path: Path) -> None:
    # AIO's P3 has an empty row (A18); P1 lacks a report of 31 May (A14), which rejects nothing
    folder = office(tmp_path, register(placement("P1"), placement("P3", service="AIO", programme=None, hours_per_week=20)))
    rows = grid_sheet(present(MAY[:-1]), "2024-05")
    for name, sheet_rows in (("a.xlsx", rows), ("b.xlsx", [*rows, ["P3"]])):
        workbooks.save(folder / "inbox" / name, {"Maj": sheet_rows})
        aged(folder / "inbox" / name, 7200)
    assert batch(folder).code == 1
    assert verdicts(folder) == [("a.xlsx", "accepted"), ("b.xlsx", "rejected")]
    copy = openpyxl.load_workbook(folder / "inbox/rejected/corrections-b.xlsx")["Corrections"]
    listed = [[cell.value for cell in row] for row in copy.iter_rows()]
    assert sorted((row[1], row[2], row[4]) for row in listed if row[1] in ("A14", "A18")) == [("A14", "P1", None), ("A18", "P3", None)]
    assert "A18" in (folder / "inbox/rejected/violations-b.html").read_text(encoding="utf-8")
    assert [line["violations"]["warning"] for line in log(folder) if line.get("file") == "a.xlsx"] == [1]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
@pytest.mark.parametrize("name", ["summary.html", "batch-log.jsonl", ".fat-batch.lock", "accepted", "rejected", "booked"])
def test_what_the_batch_writes_may_be_no_link(folder: Path, name: str) -> None:
    """Anyone may put one in an inbox; what it leads to stays as it is."""
    (folder / "elsewhere").mkdir()
    target = folder / ("elsewhere" if "." not in name else "register.xlsx")
    (folder / "inbox" / name).symlink_to(target)
    before = files(folder)
    outcome = batch(folder)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"{name}: is a link" in outcome.err
    assert files(folder) == before


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
@pytest.mark.parametrize("name", ["rejected/violations-bad.html", "booked/2024-05"])
def test_a_link_in_the_place_of_a_report_is_replaced_and_that_of_a_folder_refused(folder: Path, name: str) -> None:
    before = (folder / "register.xlsx").read_bytes()
    (folder / "inbox" / name).parent.mkdir()
    (folder / "inbox" / name).symlink_to(folder / ("register.xlsx" if "." in name else "."))
    outcome = book(folder)
    assert outcome.code == (3 if "." in name else 2)
    assert (folder / "register.xlsx").read_bytes() == before
    assert "." not in name or not (folder / "inbox" / name).is_symlink()


@pytest.mark.skipif(sys.platform != "linux", reason="the file system refuses such names")
def test_a_name_that_is_no_text_stops_nobody(folder: Path) -> None:
    for name, reports in ((b"n\xe4rvaro.xlsx", BAD), (b"\xe5" * 100 + b".xlsx", BAD), (b"n\xe4r.xlsx", GOOD[:1])):
        path = folder / "inbox" / os.fsdecode(name)
        workbooks.save(folder / "x.xlsx", {"Blad": long_sheet(reports)})
        (folder / "x.xlsx").replace(path)
        aged(path, 7200)
    assert batch(folder).code == 3
    assert sorted(verdict for _, verdict in verdicts(folder)) == ["accepted", "accepted", "rejected", "rejected", "rejected", "unreadable"]
    assert (folder / "inbox" / "summary.html").exists()


def test_a_report_tells_nothing_of_other_organisers(tmp_path: Path) -> None:
    folder = office(tmp_path, register(placement("P1"), placement("SECRET", organiser_id="ORG2", end="2024-05-01")))
    hand_in(folder, "bad.xlsx", [report("2024-05-31", hours=25)])
    batch(folder)
    report_page = (folder / "inbox/rejected/violations-bad.html").read_text(encoding="utf-8")
    assert "A10" in report_page
    assert "SECRET" not in report_page
    cells = (cell.value for sheet in openpyxl.load_workbook(folder / "inbox" / REJECTED[1]) for row in sheet for cell in row)
    assert not any("SECRET" in str(cell) for cell in cells)


def test_a_workbook_may_not_bring_its_own_register(tmp_path: Path) -> None:
    # else whoever may hand in could write a price of its own
    folder = office(tmp_path)
    hand_in(folder, "own.xlsx", GOOD, Pris=sheet([contract(99000, "2024-01-01", service="FAT", component="base")]))
    run = book(folder)
    assert run.code == 1
    assert lying(folder) == ["rejected/own.xlsx", "rejected/violations-own.html"]
    assert "registers of its own (Pris)" in run.out
    assert not (folder / "ledger.db").exists()


def test_a_workbook_without_attendance_is_rejected(tmp_path: Path) -> None:
    folder = office(tmp_path)
    workbooks.save(folder / "inbox" / "menu.xlsx", {"Lunch": [["Monday", "soup"], ["Tuesday", "fish"]]})
    aged(folder / "inbox" / "menu.xlsx", 60)
    run = batch(folder)
    assert run.code == 1
    assert "The workbook has no sheet with attendance." in run.out
    assert lying(folder) == ["rejected/menu.xlsx", "rejected/violations-menu.html"]


@pytest.mark.parametrize(("name", "age", "content"), [
    ("fresh.xlsx", 2, None),
    ("ahead.xlsx", -2, None),
    ("report.xlsx.part", 7200, None),
    ("report.xlsx.crdownload", 7200, None),
    (".report.xlsx.Ab3dE9", 7200, None),
    ("~$report.xlsx", 7200, None),
    ("half.xlsx", 60, "half"),
    ("empty.xlsx", 60, "empty"),
])  # fmt: skip
def test_what_is_still_being_copied_waits(tmp_path: Path, name: str, age: float, content: str | None) -> None:
    folder = office(tmp_path)
    whole = hand_in(folder, "whole.xlsx", GOOD).read_bytes()
    hand_in(folder, name, {None: whole, "half": whole[: len(whole) // 2], "empty": b""}[content], age=age)
    run = batch(folder, "--format", "json")
    assert run.code == 0
    assert lying(folder) == sorted([name, "accepted/whole.xlsx"])
    assert [each["file"] for each in run.document["waiting"]] == [name]
    assert verdicts(folder) == [("whole.xlsx", "accepted")]


def test_half_a_workbook_waits_no_longer_than_an_hour(tmp_path: Path) -> None:
    folder = office(tmp_path)
    whole = hand_in(folder, "whole.xlsx", GOOD).read_bytes()
    hand_in(folder, "half.xlsx", whole[: len(whole) // 2], age=inbox.PATIENCE + 60)
    assert batch(folder).code == 3
    assert lying(folder) == ["accepted/whole.xlsx", "rejected/half.xlsx", "rejected/violations-half.html"]


def test_the_settle_time_can_be_set(tmp_path: Path) -> None:
    folder = office(tmp_path)
    hand_in(folder, "good.xlsx", GOOD, age=10)
    batch(folder, "--settle", "60")
    assert lying(folder) == ["good.xlsx"]
    batch(folder, "--settle", "0")
    assert lying(folder) == ["accepted/good.xlsx"]


@pytest.mark.parametrize("gone", [True, False])
def test_a_workbook_that_changes_or_disappears_while_it_is_judged_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch, gone: bool
) -> None:
    judge = run.judge

    def disturbed(task, path, failing):
        found = judge(task, path, failing)
        if path.name == "good.xlsx":
            path.unlink() if gone else hand_in(folder, "good.xlsx", GOOD[:-1], age=60)
        return found

    monkeypatch.setattr(run, "judge", disturbed)
    outcome = batch(folder, "--format", "json")
    assert outcome.code == 3
    assert [each["file"] for each in outcome.document["waiting"]] == ["good.xlsx"]
    assert ("good.xlsx" in lying(folder)) is not gone
    assert [file for file, _ in verdicts(folder)] == ["bad.xlsx", "broken.xlsx"]


def test_one_that_is_gone_before_it_is_read_stops_no_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = run.judge

    def disturbed(task, path, failing):
        if path.name == "bad [1].xlsx":
            path.unlink()
        return judge(task, path, failing)

    hand_in(folder, "bad [1].xlsx", BAD)
    monkeypatch.setattr(run, "judge", disturbed)
    outcome = batch(folder)
    assert "waiting: bad [1].xlsx (disappeared meanwhile)" in outcome.out
    assert "accepted/good.xlsx" in lying(folder)


def test_a_fault_of_ours_on_one_workbook_stops_no_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = run.judge

    def failing_on_bad(task, path, failing):
        if path.name == "bad.xlsx":
            raise ZeroDivisionError
        return judge(task, path, failing)

    monkeypatch.setattr(run, "judge", failing_on_bad)
    outcome = batch(folder)
    assert outcome.code == 70
    assert "could not be judged: bad.xlsx. A fault in the program (ZeroDivisionError)." in outcome.out
    assert lying(folder) == ["accepted/good.xlsx", "bad.xlsx", "rejected/broken.xlsx", "rejected/violations-broken.html"]
    assert "They are left in the inbox." in (folder / "inbox" / "summary.html").read_text(encoding="utf-8")


def test_names_that_collide_lose_nothing(tmp_path: Path) -> None:
    folder = office(tmp_path)
    contents = {}
    for number, reports in enumerate((GOOD, GOOD[:-1], GOOD[:-2])):
        contents[number] = hand_in(folder, "may.xlsx", reports).read_bytes()
        assert batch(folder).code == 0
    assert lying(folder) == ["accepted/may-2.xlsx", "accepted/may-3.xlsx", "accepted/may.xlsx"]
    assert [(folder / "inbox" / "accepted" / name).read_bytes() for name in ("may.xlsx", "may-2.xlsx", "may-3.xlsx")] == [
        *contents.values()
    ]


def test_the_same_workbook_handed_in_again_is_no_second_one(folder: Path) -> None:
    batch(folder)
    state = files(folder)
    for name in ("good.xlsx", "bad.xlsx"):
        lies = next((folder / "inbox").glob(f"*/{name}"))
        aged(folder / "inbox" / name, 60) if (folder / "inbox" / name).write_bytes(lies.read_bytes()) else None
    assert batch(folder).code == 1
    assert files(folder) == state


def test_a_copy_that_someone_has_begun_to_correct_is_not_written_over(folder: Path) -> None:
    batch(folder)
    copy = folder / "inbox" / REJECTED[1]
    book_ = openpyxl.load_workbook(copy)
    book_["Närvaro"]["D22"] = 8
    book_.save(copy)
    edited = copy.read_bytes()
    (folder / "inbox" / "rejected" / "bad.xlsx").rename(folder / "inbox" / "bad.xlsx")
    batch(folder)
    assert copy.read_bytes() == edited
    assert "rejected/corrections-bad-2.xlsx" in lying(folder)


def test_a_corrected_copy_is_handed_in_and_one_that_is_not_is_rejected_anew(folder: Path) -> None:
    batch(folder)
    copy = folder / "inbox" / REJECTED[1]
    (folder / "inbox" / "corrections-bad.xlsx").write_bytes(copy.read_bytes())
    aged(folder / "inbox" / "corrections-bad.xlsx", 60)
    before = copy.read_bytes()
    assert batch(folder).code == 1
    assert {"rejected/bad-2.xlsx", "rejected/corrections-bad-2.xlsx", "rejected/violations-bad-2.html"} < set(lying(folder))
    assert copy.read_bytes() == before
    mended = openpyxl.load_workbook(copy)
    mended["Närvaro"]["D22"] = 8
    assert mended["Närvaro"]["B22"].value.day == 31
    mended.save(folder / "inbox" / "corrections-bad.xlsx")
    aged(folder / "inbox" / "corrections-bad.xlsx", 60)
    assert batch(folder).code == 0
    assert "accepted/corrections-bad.xlsx" in lying(folder)


def test_reports_of_two_workbooks_never_share_a_name(tmp_path: Path) -> None:
    folder = office(tmp_path)
    hand_in(folder, "närvaro.xlsx", BAD)
    hand_in(folder, "narvaro.csv", csv_bytes(long_sheet(BAD[-2:])))
    batch(folder)
    ours = ("corrections-narvaro.xlsx", "violations-narvaro.html", "corrections-narvaro-2.xlsx", "violations-narvaro-2.html")
    assert lying(folder) == sorted(f"rejected/{name}" for name in ("narvaro.csv", "närvaro-2.xlsx", *ours))


@pytest.mark.parametrize("name", ["Närvaro maj – Åsa & Co.xlsx", "出席.xlsx", "å" * 120 + ".xlsx", "x" * 245 + ".xlsx"])
def test_any_name_that_the_disk_takes_is_put_away(tmp_path: Path, name: str) -> None:
    folder = office(tmp_path)
    for reports in (BAD, BAD[1:]):
        hand_in(folder, name, reports)
        assert batch(folder).code == 1
    assert len(lying(folder)) == 6
    assert all(entry["reports"] for entry in log(folder))


def test_no_report_is_named_by_an_identity_number(tmp_path: Path) -> None:
    folder = office(tmp_path)
    hand_in(folder, "19121212-1212.xlsx", BAD)
    outcome = batch(folder)
    assert "1212" not in outcome.out
    assert [name for name in lying(folder) if "1212" in name] == ["rejected/19121212-1212.xlsx"]
    assert "1212-1212" not in (folder / "inbox/summary.html").read_text(encoding="utf-8")


def test_folders_links_and_other_files_are_left_alone(folder: Path) -> None:
    hand_in(folder, "letter.pdf", b"%PDF")
    (folder / "inbox" / "june").mkdir()
    (folder / "inbox" / "bad.xlsx").rename(folder / "inbox" / "june" / "bad.xlsx")
    secret = aged(office(folder / "elsewhere") / "register.xlsx", 7200)
    (folder / "inbox" / "link.xlsx").symlink_to(secret)
    document = batch(folder, "--format", "json").document
    assert document["other"] == ["letter.pdf"]
    assert [each["file"] for each in document["files"]] == ["broken.xlsx", "good.xlsx"]
    assert {"june/bad.xlsx", "letter.pdf", "link.xlsx"} < set(lying(folder))
    assert secret.exists()


def test_a_register_that_cannot_be_read_ends_the_batch_and_blames_no_workbook(folder: Path) -> None:
    (folder / "register.xlsx").write_bytes(b"oops")
    outcome = batch(folder)
    assert outcome.code == 3
    assert "register.xlsx: The content is no workbook." in outcome.err
    assert lying(folder) == ["bad.xlsx", "broken.xlsx", "good.xlsx"]
    assert "register.xlsx" in (folder / "inbox" / "summary.html").read_text(encoding="utf-8")
    (folder / "register.xlsx").unlink()
    assert batch(folder).code == 3
    assert lying(folder) == ["bad.xlsx", "broken.xlsx", "good.xlsx"]


@pytest.mark.parametrize(("file", "content", "code"), [("register.xlsx", b"oops", 3), ("rules.yaml", b"services: [", 2)])
def test_a_run_that_was_cut_short_says_so_and_lists_what_it_did_not_judge(folder: Path, file: str, content: bytes, code: int) -> None:
    hand_in(folder, "new.xlsx", GOOD, age=0)
    (folder / file).write_bytes(content)
    outcome = batch(folder)
    assert outcome.code == code
    unjudged = [f"  waiting: {name} (was not judged, as the run was cut short)" for name in ("bad.xlsx", "broken.xlsx", "good.xlsx")]
    assert outcome.out.splitlines() == ["The run was cut short", *unjudged, "  waiting: new.xlsx (changed a moment ago)"]
    page = (folder / "inbox" / "summary.html").read_text(encoding="utf-8")
    assert "<title>The run was cut short</title>" in page
    assert "<b>good.xlsx</b> was not judged, as the run was cut short" in page


def test_what_was_judged_before_a_run_was_cut_short_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = run.judge

    def disturbed(task, path, failing):
        if path.name == "broken.xlsx":
            raise OutputError(Text("skivan är full.", "the disk is full."), Text("Töm den.", "Empty it."))
        return judge(task, path, failing)

    monkeypatch.setattr(run, "judge", disturbed)
    document = batch(folder, "--format", "json").document
    assert [(each["file"], each["verdict"]) for each in document["files"]] == [("bad.xlsx", "rejected")]
    assert [each["file"] for each in document["waiting"]] == ["broken.xlsx", "good.xlsx"]
    page = (folder / "inbox" / "summary.html").read_text(encoding="utf-8")
    assert "<title>The run was cut short. 1 workbook judged: 1 rejected</title>" in page


def test_what_its_correction_replaces_is_no_longer_to_be_corrected(folder: Path) -> None:
    batch(folder)
    hand_in(folder, "bad.xlsx", present(MAY, "P2"))
    again = batch(folder)
    assert again.code == 0
    assert again.out.splitlines() == [
        "1 workbook judged: 1 accepted",
        "  replaced: bad.xlsx. Replaced by bad.xlsx, which was accepted.",
        "  accepted: bad.xlsx",
    ]
    assert {"accepted/bad.xlsx", *REJECTED} < set(lying(folder))
    page = (folder / "inbox" / "summary.html").read_text(encoding="utf-8")
    assert "<dt>rejected, to correct</dt><dd>0</dd>" in page
    assert 'id="needless">Replaced, and duplicates</h2>' in page
    assert batch(folder).out == "Nothing new in the inbox\n"
    # handed in once more, it is to be corrected again
    (folder / "inbox" / REJECTED[0]).rename(folder / "inbox" / "bad.xlsx")
    batch(folder)
    assert "<dt>rejected, to correct</dt><dd>1</dd>" in (folder / "inbox" / "summary.html").read_text(encoding="utf-8")


MENDED = [*present(MAY, "P2"), report("2024-05-31", "P3")]


@pytest.mark.parametrize(
    ("name", "reports", "expected"),
    [
        ("corrections-narvaro.xlsx", MENDED, "replaced"),
        ("närvaro-2.xlsx", MENDED, "replaced"),
        ("rättad.xlsx", MENDED, "rejected"),
        ("närvaro.xlsx", present(MAY, "P1"), "rejected"),  # another organiser's
        ("närvaro.xlsx", [report("2024-06-03", "P2"), report("2024-06-03", "P3")], "rejected"),  # of another month
        ("närvaro.xlsx", present(MAY, "P2"), "rejected"),  # half of it
    ],
)
def test_only_a_workbook_of_the_same_name_placements_and_months_replaces(tmp_path: Path, name: str, reports, expected: str) -> None:
    others = [placement(each, organiser_id="ORG2", end="2024-06-28") for each in ("P2", "P3")]
    folder = office(tmp_path, register(placement("P1"), *others))
    hand_in(folder, "närvaro.xlsx", [*BAD, report("2024-05-31", "P3"), report("2024-05-31", "P33")])
    batch(folder)
    hand_in(folder, name, reports)
    batch(folder)
    assert (folder / "inbox" / "accepted" / name).exists()
    assert journal.latest(folder / "inbox")["rejected/närvaro.xlsx"].verdict == expected


def test_the_same_workbook_under_another_name_is_turned_away(tmp_path: Path) -> None:
    folder = office(tmp_path)
    same = hand_in(folder, "a.xlsx", GOOD).read_bytes()
    hand_in(folder, "b.xlsx", same)
    assert batch(folder).code == 1
    assert lying(folder) == ["accepted/a.xlsx", "rejected/b.xlsx", "rejected/violations-b.html"]
    hand_in(folder, "c.xlsx", same)
    outcome = batch(folder)
    assert "duplicate: c.xlsx. The workbook is the same, byte for byte, as a.xlsx, which is accepted and awaits booking." in outcome.out
    assert "delete this file." in (folder / "inbox/rejected/violations-c.html").read_text(encoding="utf-8")
    assert outcome.out.startswith("1 workbook judged: 1 duplicate\n")
    assert "<dt>rejected, to correct</dt><dd>0</dd>" in (folder / "inbox/summary.html").read_text(encoding="utf-8")
    hand_in(folder, "accepted/d.xlsx", same)  # put there by hand
    assert book(folder, "--format", "json").document["booking"]["total_sek"] == "6300.00"
    assert [name for name in lying(folder) if name.endswith(".xlsx")] == ["booked/2024-05/a.xlsx", *(f"rejected/{x}.xlsx" for x in "bcd")]


STEPS = [
    (run, "write_files", "before the reports"),
    (journal, "append", "before a line of the log"),
    (inbox.Inbox, "move", "before a move"),
    (run._Run, "_book", "before the booking"),
    (run._Run, "_put_away", "after the booking"),
    (run, "write_file", "before the summary"),
]


class Killed(BaseException):
    """As a process that is ended: nothing catches it."""


@pytest.mark.parametrize(("where", "name"), [step[:2] for step in STEPS], ids=[told for *_, told in STEPS])
def test_a_batch_that_is_killed_and_run_again_ends_as_one_that_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where, name) -> None:
    def kill(*_: object, **__: object) -> None:
        raise Killed

    folders = [office(tmp_path / "undisturbed"), office(tmp_path / "killed")]
    (folders[1] / "register.xlsx").write_bytes((folders[0] / "register.xlsx").read_bytes())  # the page tells its sha256
    for file, reports in (("bad.xlsx", BAD), ("good.xlsx", GOOD)):
        original = hand_in(folders[0], file, reports).read_bytes()
        hand_in(folders[1], file, original)
    with monkeypatch.context() as patch:
        patch.setattr(where, name, kill)
        with pytest.raises(Killed):
            book(folders[1])
    for folder in folders:
        book(folder)
    undisturbed, killed = ({name: data for name, data in files(folder).items() if name.startswith("inbox/")} for folder in folders)
    assert killed == undisturbed
    assert "inbox/booked/2024-05/good.xlsx" in killed
    known = [{path: (each.file, each.verdict) for path, each in journal.latest(folder / "inbox").items()} for folder in folders]
    assert known[0] == known[1]
    assert here(folders[1], "ledger", "verify").code == 0
    assert [each["total_sek"] for each in here(folders[1], "ledger", "log", "-o", "json").document["runs"]] == ["6300.00"]


def test_a_log_that_was_cut_in_a_line_is_carried_on(folder: Path) -> None:
    path = folder / "inbox" / "batch-log.jsonl"
    path.write_text('{"file": "old.xl', encoding="utf-8")
    batch(folder)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 3
    assert lines[0] == '{"file": "old.xl'
    assert sorted(journal.latest(folder / "inbox")) == ["accepted/good.xlsx", "rejected/bad.xlsx", "rejected/broken.xlsx"]


def test_a_second_batch_is_told_and_does_nothing(folder: Path) -> None:
    with FileLock(folder / "inbox" / ".fat-batch.lock"):
        outcome = batch(folder)
    assert (outcome.code, outcome.out) == (4, "")
    assert outcome.err == "fat: inbox: another run of fat batch is at work in the folder. Wait until it is done.\n"
    assert lying(folder) == ["bad.xlsx", "broken.xlsx", "good.xlsx"]
    assert batch(folder).code == 3  # a lock file that was left behind is no lock


def test_booking_takes_what_is_accepted_and_puts_it_away(folder: Path) -> None:
    outcome = book(folder)
    # 21 days of P1 at 300; P2's workbook is rejected, so that nothing is booked of it
    assert outcome.code == 3
    assert "SEK 6,300.00 to pay for May 2024." in outcome.out.replace("\xa0", " ")
    assert "booked/2024-05/good.xlsx" in lying(folder)
    assert verdicts(folder)[-1] == ("good.xlsx", "booked")
    assert (log(folder)[-1]["month"], log(folder)[-1]["ledger_run"]) == ("2024-05", 1)
    written = {path.name for path in (folder / "out/2024-05").iterdir()}
    assert {"rekvisition-2024-05-ORG1-1.xlsx", "utbetalning-2024-05-1.html"} < written
    again = book(folder)
    assert again.code == 0
    assert "Nothing was booked for May 2024: no accepted workbook awaits it." in again.out


def test_a_run_that_only_books_says_so(tmp_path: Path) -> None:
    folder = office(tmp_path)
    hand_in(folder, "one.xlsx", GOOD)
    batch(folder)
    run = book(folder)
    assert run.out.splitlines()[:2] == ["Booked for May 2024 in run 1", "  booked: one.xlsx"]
    assert "<title>Booked for May 2024 in run 1</title>" in (folder / "inbox" / "summary.html").read_text(encoding="utf-8")
    assert book(folder).out.splitlines()[0] == "Nothing new in the inbox"


def test_what_was_accepted_earlier_is_booked_when_its_month_is(tmp_path: Path) -> None:
    folder = office(tmp_path)
    hand_in(folder, "one.xlsx", GOOD)
    batch(folder)
    hand_in(folder, "two.xlsx", present(MAY, "P2"))
    document = book(folder, "--format", "json").document
    assert document["booking"]["total_sek"] == "12600.00"
    assert document["booking"]["claims"] == ["2024-05/ORG1/1", "2024-05/ORG2/1"]
    assert lying(folder) == ["booked/2024-05/one.xlsx", "booked/2024-05/two.xlsx"]


def test_a_workbook_of_another_month_waits_for_it(tmp_path: Path) -> None:
    # P1 has one day in April, P2 all of May and one in April: its workbook is wanted for both
    tables = register(placement("P1", start="2024-04-29"), placement("P2", organiser_id="ORG2", start="2024-04-29"))
    folder = office(tmp_path, tables)
    hand_in(folder, "april.xlsx", [report("2024-04-30")])
    hand_in(folder, "both.xlsx", [report("2024-04-30", "P2"), *present(MAY, "P2")])
    assert book(folder, "--format", "json").document["booking"]["total_sek"] == "6300.00"
    assert lying(folder) == ["accepted/april.xlsx", "accepted/both.xlsx"]
    run = here(folder, "batch", "inbox", "--as-of", "2024-06-03", "--month", "2024-04", "--book", "--format", "json", FAT_USER="Eva")
    assert run.document["booking"]["total_sek"] == "600.00"
    assert lying(folder) == ["booked/2024-04/april.xlsx", "booked/2024-04/both.xlsx"]


def test_no_workbook_of_the_month_means_no_booking(tmp_path: Path) -> None:
    folder = office(tmp_path, register(placement("P1", start="2024-04-29")))
    hand_in(folder, "april.xlsx", [report("2024-04-30")])
    outcome = book(folder, "--format", "json")
    assert (outcome.code, outcome.document["booking"]) == (0, None)
    assert lying(folder) == ["accepted/april.xlsx"]


def test_a_reversal_is_refused_until_it_is_allowed(tmp_path: Path) -> None:
    folder = office(tmp_path)
    hand_in(folder, "may.xlsx", GOOD)
    book(folder)
    hand_in(folder, "corrected.xlsx", [*present(MAY[:-1]), report(MAY[-1], status="OF")])
    hand_in(folder, "other.xlsx", present(MAY, "P2"))
    refused = book(folder)
    assert refused.code == 4
    assert lying(folder) == ["accepted/corrected.xlsx", "booked/2024-05/may.xlsx", "booked/2024-05/other.xlsx"]
    allowed = book(folder, "--allow-reversals", "ORG1", "--format", "json")
    assert (allowed.code, allowed.document["booking"]["total_sek"]) == (0, "-300.00")
    assert "booked/2024-05/corrected.xlsx" in lying(folder)


def test_a_workbook_that_the_register_now_rules_out_is_not_booked(tmp_path: Path) -> None:
    folder = office(tmp_path)
    hand_in(folder, "may.xlsx", GOOD)
    batch(folder)
    workbooks.save(folder / "register.xlsx", register_sheets(register(placement("P1", end="2024-05-30"))))
    assert book(folder).code == 1
    assert lying(folder) == ["rejected/corrections-may.xlsx", "rejected/may.xlsx", "rejected/violations-may.html"]
    assert not (folder / "ledger.db").exists()


def test_the_workspaces_own_attendance_is_never_booked(tmp_path: Path) -> None:
    folder = office(tmp_path)
    workbooks.save(folder / "attendance.xlsx", {"Närvaro": long_sheet(GOOD)})
    assert book(folder).code == 0
    assert not (folder / "ledger.db").exists()


def test_a_booking_that_is_refused_leaves_the_accepted_for_the_next(tmp_path: Path) -> None:
    folder = office(tmp_path)
    hand_in(folder, "may.xlsx", GOOD)
    (folder / "ledger.db").mkdir()
    outcome = book(folder)
    assert outcome.code == 4
    assert "the ledger must be a file" in outcome.err
    assert lying(folder) == ["accepted/may.xlsx"]
    (folder / "ledger.db").rmdir()
    assert book(folder).code == 0
    assert lying(folder) == ["booked/2024-05/may.xlsx"]


def test_a_file_that_another_program_holds_waits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_ = Path.replace

    def held(path: Path, target: Path) -> Path:
        if path.name == "good.xlsx":
            raise PermissionError(13, "in use", str(path))
        return replace_(path, target)

    monkeypatch.setattr(Path, "replace", held)
    outcome = batch(folder)
    assert "waiting: good.xlsx (is open in another program)" in outcome.out
    assert "rejected/bad.xlsx" in lying(folder)
    monkeypatch.undo()
    assert batch(folder).code == 0
    assert "accepted/good.xlsx" in lying(folder)


def test_a_file_that_may_not_be_read_stays_and_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes

    def denied(path: Path) -> bytes:
        if path.name == "good.xlsx":
            raise PermissionError(13, "denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", denied)
    outcome = batch(folder)
    assert outcome.code == 3
    assert "could not be read: good.xlsx. The file may not be read." in outcome.out
    assert "good.xlsx" in lying(folder)


def test_every_word_of_a_verdict_is_in_both_languages() -> None:
    reasons = [value for value in vars(judging).values() if isinstance(value, judging.Reason)]
    assert len(reasons) >= 3
    for reason in reasons:
        for text in reason:
            assert isinstance(text, Text)
            assert text.sv != text.en


def test_an_entry_survives_the_log(tmp_path: Path) -> None:
    entry = journal.Entry(
        str(time.time()), "r", "å.xlsx", "rejected", None, "rejected/å.xlsx", "2024-06-03", {"error": 1}, reports=("a", "b")
    )
    journal.append(tmp_path, entry)
    journal.append(tmp_path, replace(entry, reason="again"))
    assert journal.latest(tmp_path) == {"rejected/å.xlsx": replace(entry, reason="again")}


def test_what_the_register_alone_gives_is_not_booked_for_an_organiser_whose_workbook_was_rejected(tmp_path: Path) -> None:
    """P9 of ORG9 has a result of 5 000 in May; ORG9's own workbook can't be read. ORG1's is in order."""
    trial = placement(
        "P9", organiser_id="ORG9", service="ITA3", programme=None, start="2024-05-02", end="2024-08-30", trial_completed_on="2024-05-20"
    )
    prices = [contract(5000, "2024-01-01") | {"organiser_id": "ORG9"}]
    folder = office(tmp_path, register(placement(), trial, contracts=prices))
    hand_in(folder, "good.xlsx", present(MAY[:2]))
    hand_in(folder, "org9.xlsx", b"no workbook at all")
    book(folder)
    claims = here(folder, "ledger", "show", "1", "--format", "json").document["items"]
    assert {(item["placement"], item["amount_sek"]) for item in claims} == {("P1", "300.00")}
    # when it reports, its result is booked with its days
    hand_in(folder, "org9.xlsx", present(MAY[:2], "P9"))
    book(folder)
    claims = here(folder, "ledger", "show", "2", "--format", "json").document["items"]
    assert {(item["placement"], item["amount_sek"]) for item in claims} == {("P9", "5000.00")}
