"""The commands' work as a whole: a rule book of one's own, dated limits, what is refused before anything is written."""

import datetime as dt
from pathlib import Path

import pytest

import workbooks
from fatcli import pipeline
from fatcli.errors import OutputError
from fatcli.intake import Task
from fatcli.ledger import HeadMoved, Ledger
from fatcli.model import Month
from fatcli.pipeline import Order
from fatcli.workspace import expanded, open_workspace, write_file
from stories import (
    MAY,
    NOON,
    contract,
    day,
    exercise,
    here,
    long_sheet,
    organiser,
    paid,
    placement,
    present,
    register,
    report,
    rules,
    sums,
    validated,
    withheld,
    workspace,
)

RULES = Path(__file__).parent.parent / "rules.yaml"
PAYOUT = ("payout", "--month", "2024-05", "--as-of", "2024-06-03")
OWN_RULE = """
  X01:
    name: {name}
    title: {{sv: Egen regel, en: Own rule}}
    facts: {facts}
    when: {when}
    severity: {severity}
    {more}
    message: {{sv: "{message}", en: "{message}"}}
    remedy: {{sv: Gör något., en: Do something.}}

not_checked:"""


def own_rule(folder: Path, facts: str, when: str, *, message: str = "Fel.", severity: str = "error", more: str = "withhold: none") -> Path:
    """A copy of the shipped rule book with a rule X01 more."""
    text = RULES.read_text(encoding="utf-8")
    rule = OWN_RULE.format(name="own-rule", facts=facts, when=when, severity=severity, message=message, more=more)
    assert text.count("\nnot_checked:") == 1
    (folder / "rules.yaml").write_text(text.replace("\nnot_checked:", rule), encoding="utf-8")
    return folder


def good(folder: Path) -> Path:
    return workspace(folder, register(placement()), present(MAY))


def test_own_rule_over_days(tmp_path):
    folder = own_rule(
        workspace(tmp_path, register(placement()), [*present(MAY, hours=7), report("2024-05-04", hours=2)]),
        "days",
        "attended and hours < 3",
        message="{hours} h {date} {legal_form}",
        more="withhold: [base]\n    cell: hours",
    )
    run = paid(folder)
    assert withheld(run) == {"P1 base 2024-05-04": "X01"}
    (row,) = [row for row in run.checked.violations.rows(named=True) if row["rule"] == "X01"]
    assert (row["cell"], row["value"], row["message"]) == ("D23", "2", "2 h 2024-05-04 company")


def test_own_rule_over_an_organiser_s_days_with_a_column_of_the_organiser(tmp_path):
    folder = own_rule(good(tmp_path), "organiser_days", "legal_form = 'company' and date = '2024-05-13'", more="withhold: [base]")
    run = paid(folder)
    assert withheld(run) == {"P1 base 2024-05-13": "X01"}
    assert sums(run) == {"P1 base": "20 x 300"}


def test_own_rule_over_offers_with_a_spell(tmp_path):
    folder = own_rule(good(tmp_path), "offer_days", "places > participants", more="withhold: all\n    spell: true", severity="warning")
    run = paid(folder)
    assert len(run.withheld) == 21  # FAT's working days
    spells = [(row["date"], row["until"], row["service"]) for row in run.checked.violations.rows(named=True) if row["rule"] == "X01"]
    assert spells == [(day("2024-05-02"), day("2024-05-31"), "FAT")]


def test_own_rule_over_months_pauses_and_organisers(tmp_path):
    pauses = [{"placement_id": "P1", "from": "2024-05-13", "to": "2024-05-13", "approved_on": "2024-05-02"}]
    workspace(tmp_path, register(placement(), pauses=pauses), present(MAY))
    for facts, when, cell, place in (
        ("months", "days_attended = 21", None, (None, None)),
        ("pauses", "pause_from = pause_to", "approved_on", ("pauses", "D2")),
        ("organisers", "name is not none", "name", ("organisers", "B2")),
        ("placements", "hours_per_week >= 40", "hours_per_week", ("placements", "I2")),
    ):
        own_rule(tmp_path, facts, when, more="withhold: all" + (f"\n    cell: {cell}" if cell else ""))
        run = paid(tmp_path)
        found = [(row["sheet"], row["cell"]) for row in run.checked.violations.rows(named=True) if row["rule"] == "X01"]
        assert found == [place]
        assert {item.rules for item in run.withheld if item.date != day("2024-05-13")} == {("X01",)}
        assert len(run.withheld) == 21


@pytest.mark.parametrize(("span", "fired"), [("from: 2024-05-31", 1), ("to: 2024-05-02", 1), ("from: 2024-06-01", 0)])
def test_own_rule_holds_for_its_own_days(tmp_path, span, fired):
    own_rule(good(tmp_path), "days", "attended", severity="info", more=span)
    assert rules(validated(tmp_path)).count("X01") == fired


def edited(folder: Path, old: str, new: str) -> Path:
    text = RULES.read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / "rules.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_a_limit_without_a_value_on_a_day_concerned_is_named(tmp_path: Path) -> None:
    edited(good(tmp_path), "youth_most_age: [{value: 24,", "youth_most_age: [{value: 24, from: 2024-05-03,")
    before = sorted(tmp_path.iterdir())
    run = here(tmp_path, *PAYOUT)
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        "fat: rules.yaml: the limit youth_most_age has no value on 2024-05-02, which rules over placements need."
        " Add a value that holds on that day.\n"
    )
    assert sorted(tmp_path.iterdir()) == before


def test_so_is_the_longest_in_depth_assessment(tmp_path: Path) -> None:
    """Not named by any rule, but by the facts that D03 and D04 judge; asked for only where there is an assessment."""
    folder = workspace(tmp_path, register(placement(in_depth_from="2024-05-02", in_depth_decided_on="2023-09-25")), present(MAY))
    run = here(edited(folder, "in_depth_months: [{value: 3,", "in_depth_months: [{value: 3, from: 2024-06-01,"), *PAYOUT)
    assert (run.code, run.out) == (2, "")
    assert "the limit in_depth_months has no value on 2024-05-02, which rules over placements need." in run.err
    assert here(workspace(folder, register(placement()), present(MAY)), *PAYOUT).code == 0


def test_so_is_the_limit_of_participants_where_an_organiser_has_no_figure_of_its_own(tmp_path: Path) -> None:
    folder = edited(
        good(tmp_path), "participants_per_supervisor: [{value: 20,", "participants_per_supervisor: [{value: 20, from: 2024-05-03,"
    )
    run = here(folder, *PAYOUT)
    assert (run.code, run.out) == (2, "")
    assert "the limit participants_per_supervisor has no value on 2024-05-02, which rules over organiser_days need." in run.err
    own = register(placement(), organisers=[organiser(participants_per_supervisor=5)])
    assert here(workspace(folder, own, present(MAY)), *PAYOUT).code == 0


def test_a_dated_limit_goes_by_the_day_concerned(tmp_path: Path) -> None:
    values = "full_time_hours: [{value: 40, to: 2024-05-12, source: FAKTA}, {value: 30, from: 2024-05-13, source: FAKTA}] #"
    edited(workspace(tmp_path, register(placement()), present(MAY, hours=7)), "full_time_hours: [", values + " [")
    weeks = [row["date"] for row in validated(tmp_path).violations.rows(named=True) if row["rule"] == "A12"]
    # 35 hours in the week of 13–17 May and of 20–24 May and of 27–31 May; 28 in 6–10 May
    assert weeks == [day("2024-05-17"), day("2024-05-24"), day("2024-05-31")]


def test_a_dated_amount_goes_by_the_day(tmp_path: Path) -> None:
    new = 'sek: [{amount: "300", to: 2024-05-15, source: FAKTA}, {amount: "310.50", from: 2024-05-16, source: FAKTA}]\n      - id: in_depth'
    text = RULES.read_text(encoding="utf-8")
    start = text.index('sek: [{amount: "300"')
    end = text.index("- id: in_depth") + len("- id: in_depth")
    good(tmp_path)
    (tmp_path / "rules.yaml").write_text(text[:start] + new + text[end:], encoding="utf-8")
    # 2, 3, 6, 7, 8, 10, 13, 14, 15 May: 9 days; the other 12 after
    assert sums(paid(tmp_path)) == {"P1 base": "9 x 300 + 12 x 310.5"}


@pytest.mark.parametrize("option", ["--organiser", "--allow-reversals"])
def test_a_misspelt_organiser_is_refused_before_anything_is_written(tmp_path: Path, option: str) -> None:
    good(tmp_path)
    before = sorted(tmp_path.iterdir())
    run = here(tmp_path, *PAYOUT, option, "OGR1")
    assert (run.code, run.out) == (2, "")
    assert run.err == "fat: there is no organiser OGR1. Did you mean ORG1? Write its organiser_id as in the register.\n"
    assert sorted(tmp_path.iterdir()) == before


def test_nothing_to_book_makes_no_ledger(tmp_path: Path) -> None:
    workspace(tmp_path, register(placement()), [report("2024-05-02", status="S")])
    run = here(tmp_path, *PAYOUT, "--format", "json")
    assert (run.document["booked"], run.document["claims"]) == (False, [])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["attendance.xlsx", "register.xlsx"]


def test_books_that_moved_meanwhile_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(open_workspace(good(tmp_path), (), {}), (), dt.date(2024, 6, 3), "en")
    order = Order(Month(2024, 5))
    book = Ledger.book

    def overtaken(ledger: Ledger, *arguments: object) -> object:
        """Another run of the same month is booked first."""
        monkeypatch.setattr(Ledger, "book", book)
        assert pipeline.payout(task, order, tmp_path / "ledger.db", "Eva", NOON).total_ore == 630000
        raise HeadMoved

    monkeypatch.setattr(Ledger, "book", overtaken)
    second = pipeline.payout(task, order, tmp_path / "ledger.db", "Adam", NOON)
    assert (second.run, second.claims) == (None, ())


def test_files_given_bring_what_they_have_and_the_workspace_the_rest(tmp_path: Path) -> None:
    # the contracts stand in the file given: those of the workspace's register are left out
    workspace(tmp_path, register(placement(), contracts=[contract("400", "2024-01-01", None, "FAT", "base")]), present(MAY))
    rows = [["organiser_id", "service", "component", "sek", "from"], ["ORG1", "FAT", "base", 350, day("2024-01-01")]]
    workbooks.save(tmp_path / "maj.xlsx", {"Avtal": rows, "Närvaro": long_sheet(present(MAY[:2]))})
    assert sums(paid(tmp_path, files=["maj.xlsx"])) == {"P1 base": "2 x 350"}


def test_kept_and_other_months_are_told(tmp_path: Path) -> None:
    tables = register(placement(start="2024-04-02"), exercise("P2", start="2024-04-01"), organisers=[organiser()])
    workspace(tmp_path, tables, [*present(["2024-04-02", "2024-05-02"]), *present(["2024-05-06"], "P2")])
    assert here(tmp_path, "payout", "--month", "2024-05", "--as-of", "2024-06-03", FAT_USER="Eva").code == 0
    workspace(tmp_path, tables, [*present(["2024-04-02", "2024-04-03"])])
    run = here(tmp_path, *PAYOUT, "--format", "json").document
    assert run["claims"] == []
    # nothing of May is reported now: the base day and P2's 23 weekdays are kept as they are
    assert {entry["placement"] for entry in run["kept"]} == {"P1", "P2"}
    assert len(run["kept"]) == 1 + 23
    # two days of April are due and not booked; April's start and days of P2 are A18's
    assert run["other_months"] == [{"month": "2024-04", "difference_sek": "600.00"}]


def test_patterns_are_expanded_and_name_each_file_once(tmp_path: Path) -> None:
    good(tmp_path)
    assert expanded([tmp_path / "*.xlsx", tmp_path / "register.xlsx"]) == [tmp_path / "attendance.xlsx", tmp_path / "register.xlsx"]
    first, second = tmp_path / "register.xlsx", tmp_path / "attendance.xlsx"
    assert expanded([first, second, first]) == [first, second]  # in the order of their first naming
    odd = tmp_path / "[maj].xlsx"
    odd.touch()
    assert expanded([odd]) == [odd]


def test_a_file_outside_the_workspace_is_shown_as_given(tmp_path: Path) -> None:
    place = open_workspace(tmp_path / "a", (), {})
    assert place.shown(tmp_path / "a" / "x.xlsx") == "x.xlsx"
    assert place.shown(tmp_path / "b" / "x.xlsx") == (tmp_path / "b" / "x.xlsx").as_posix()


def test_a_locked_file_is_named_and_nothing_is_left_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # as Windows answers while Excel has the file open
    def locked(path: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "replace", locked)
    good(tmp_path)
    (tmp_path / "report.json").write_text("old")
    run = here(tmp_path, "validate", "--as-of", "2024-06-03", "-o", "json:report.json")
    assert (run.code, run.out) == (5, "")
    assert run.err.startswith("fat: report.json: the file is locked or write-protected. Close it in Excel, ")
    assert (tmp_path / "report.json").read_text() == "old"
    assert not list(tmp_path.glob(".fat-*"))
    with pytest.raises(OutputError):
        write_file(tmp_path / "report.json", b"new")


def test_an_interrupted_run_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "validate", interrupted)
    run = here(good(tmp_path), "validate")
    assert (run.code, run.out) == (130, "")
    assert run.err.endswith("fat: interrupted.\n")


def test_the_settings_language_goes_before_the_locale(tmp_path: Path) -> None:
    good(tmp_path)
    (tmp_path / "fat.yaml").write_text("language: en\n")
    assert "No errors" in here(tmp_path, "validate", "--as-of", "2024-06-03", FAT_LANGUAGE="", LC_ALL="sv_SE.UTF-8").out
    (tmp_path / "fat.yaml").write_text("language: sv\n")
    assert "Inga fel" in here(tmp_path, "validate", "--as-of", "2024-06-03", FAT_LANGUAGE="", LC_ALL="en_GB.UTF-8").out


def test_an_unknown_account_is_asked_for_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError

    monkeypatch.setattr("getpass.getuser", nobody)
    run = here(good(tmp_path), *PAYOUT)
    assert (run.code, run.out) == (2, "")
    assert run.err == "fat: it can't be told who runs the program. Give your name in FAT_USER.\n"


def test_a_run_whose_files_can_not_be_written_is_told_as_booked(tmp_path: Path) -> None:
    folder = workspace(tmp_path, register(placement()), present(["2024-05-02"]))
    (folder / "out").mkdir()
    (folder / "out" / "2024-05").write_text("in the way")
    run = here(folder, "payout", "--month", "2024-05", "--as-of", "2024-06-03")
    assert (run.code, run.out) == (5, "")
    assert "Run 1 is booked, but its files are not written: the file can't be written (a file is where the folder should be)." in run.err
    (folder / "out" / "2024-05").unlink()
    again = here(folder, "payout", "--month", "2024-05", "--as-of", "2024-06-03")
    assert "Run 1 was booked but cut short: its files are now written" in again.err


def test_workbooks_that_are_not_read_are_named(tmp_path: Path) -> None:
    folder = workspace(tmp_path, register(placement()), present(["2024-05-02"]))
    for name in ("Tallen närvaro maj.xlsx", "19900101-2384.csv", "narvaro-b.xlsx", "~$x.xlsx", "läsmig.txt"):
        (folder / name).write_bytes((folder / "attendance.xlsx").read_bytes())
    (folder / "narvaro-b.xlsx").unlink()
    for command in (("validate",), ("payout", "--month", "2024-05", "--dry-run")):
        told = here(folder, *command, "--as-of", "2024-06-03").err
        assert told.startswith("Not read, as the name is not as fat.yaml says: ******-****.csv, Tallen närvaro maj.xlsx. If they")
        assert here(folder, *command, "--as-of", "2024-06-03", "--quiet").err == ""
    assert here(folder, "validate", "attendance.xlsx", "--as-of", "2024-06-03").err == ""
    for number in range(8):
        (folder / f"maj {number}.ods").write_bytes(b"")
    assert "maj 2.ods and 5 more. If" in here(folder, "validate", "--as-of", "2024-06-03").err


def silent(folder: Path, *arguments: str) -> list[tuple[str, int]]:
    run = here(folder, "payout", "--month", "2024-05", "--dry-run", *arguments)
    _, title, rest = run.out.partition("Organisers that have not reported the month\n")
    rows = [line.split() for line in rest.partition("\n\n")[0].splitlines()[1:]] if title else []
    return [(organiser, int(count)) for organiser, *_, count in rows]


def test_organisers_that_have_reported_nothing_of_the_month_are_named(tmp_path: Path) -> None:
    told = [
        placement("P1"),
        placement("P2", organiser_id="ORG2"),
        placement("P3", organiser_id="ORG2", start="2024-05-31", end="2024-06-28"),
        placement("P4", organiser_id="ORG2", start="2024-06-03", end="2024-06-28"),  # next month
        placement("P5", organiser_id="ORG3", service="AT"),  # not paid
        placement("P6", organiser_id="ORG4", end="2024-05-01", start="2024-04-15"),  # to the month's first day
        placement("P7", organiser_id="ORG5", end="2024-04-30", start="2024-04-15"),
        placement("P8", organiser_id="ORG6"),
        placement("P9", organiser_id="ORG7", start="2024-05-31", end="2024-05-02"),  # never runs
    ]
    reports = [
        report("2024-05-02"),
        report("2024-05-02", "P8", status="X"),
        report("2024-06-03", "P2"),
    ]  # one can't be read, one is of June
    folder = workspace(tmp_path, register(*told), reports)
    assert silent(folder, "--as-of", "2024-06-03") == [("ORG2", 2), ("ORG4", 1)]
    assert silent(folder, "--as-of", "2024-05-30") == [("ORG2", 1), ("ORG4", 1)]  # P3 has not begun
    assert silent(folder, "attendance.xlsx", "--as-of", "2024-06-03") == []  # of one file nothing can be said
