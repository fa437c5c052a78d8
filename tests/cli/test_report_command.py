"""`fat report` as it is used: names, months, outputs, and money from the books."""

import json
import stat
import sys
from pathlib import Path

import openpyxl
import pytest

import stories
from fatcli.reports import REPORTS
from stories import MAY, exercise, fat, here, placement, present, register

BEGUN = {"status_90": "work", "county": "Skåne län", "regime": "own"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A FAT placement attended all May 2024, and an AIO placement attended on one day of it."""
    placed = [placement(**BEGUN), exercise("P2", **BEGUN)]
    reports = [*present(MAY), *present(["2024-05-02"], "P2")]
    return stories.workspace(tmp_path_factory.mktemp("report"), register(*placed), reports)


def document(folder: Path, *arguments: str) -> dict:
    run = here(folder, "report", *arguments, "--as-of", "2024-12-31", "--format", "json")
    assert (run.code, run.err) == (0, "")
    return run.document


def table(found: dict, name: str) -> list[dict]:
    return next(each["rows"] for each in found["tables"] if each["table"] == name)


def test_without_a_name_the_reports_are_listed(folder) -> None:
    run = here(folder, "report")
    assert run.code == 0
    assert [line.split()[0] for line in run.out.splitlines()] == list(REPORTS)
    assert "ersättning och deltagare per år" in here(folder, "report", "--lang", "sv").out


def test_listing_loads_nothing_heavy(folder) -> None:
    code = "import sys; from fatcli.cli import app; print([name for name in ('polars', 'openpyxl', 'jinja2') if name in sys.modules])"
    import subprocess

    run = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compensatoin"], "Did you mean compensation?"),
        (["xyz"], "fat report lists them all"),
        (["flow", "--from", "2024"], "Write --from 2024-05"),
        (["flow", "--to", "May"], "Write --to 2024-05"),
        (["flow", "--from", "2024-06", "--to", "2024-05"], "lies after"),
        (["flow", "-o", "annotated"], "Choose among text, json, csv, html, xlsx"),
        (["compensation", "--by", "month"], "Choose among service, organiser, county"),
    ],
)
def test_what_is_given_wrongly_is_told(folder, arguments, words) -> None:
    run = here(folder, "report", *arguments)
    assert (run.code, run.out) == (2, "")
    assert words in run.err


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_report_in_every_form(folder, tmp_path, name, language) -> None:
    outputs = [f"-o{form}:{tmp_path / form}.{form}" for form in ("text", "json", "csv", "html", "xlsx")]
    run = here(folder, "report", name, "--as-of", "2024-12-31", "--lang", language, "-o", "text", *outputs, "--by", "county")
    assert run.code == 0, run.err
    assert REPORTS[name].title.to(language) in run.out
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{form}.{form}" for form in ("csv", "html", "json", "text", "xlsx")]
    assert json.loads((tmp_path / "json.json").read_text(encoding="utf-8"))["report"] == name
    assert openpyxl.load_workbook(tmp_path / "xlsx.xlsx").sheetnames


def test_pages_and_workbooks_go_to_the_output_folder(tmp_path) -> None:
    stories.workspace(tmp_path, register(placement()), present(MAY))
    run = here(tmp_path, "report", "stays", "-o", "html", "-o", "xlsx", "--as-of", "2024-12-31")
    assert (run.code, run.out) == (0, "")
    assert "Wrote out/report-stays.html." in run.err
    page = tmp_path / "out" / "report-stays.html"
    assert page.exists()
    if sys.platform != "win32":
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert here(tmp_path, "report", "stays", "-o", "html", "--lang", "sv", "--quiet").err == ""
    assert (tmp_path / "out" / "uppfoljning-stays.html").exists()


def test_csv_of_every_table_in_a_folder(folder, tmp_path) -> None:
    here(folder, "report", "stays", "-o", f"csv:{tmp_path / 'tables'}", "--as-of", "2024-12-31")
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == ["reasons.csv", "stays.csv"]


def test_small_groups_are_hidden_unless_asked_for(folder) -> None:
    found = document(folder, "stays")
    assert {row["left"] for row in table(found, "stays")} == {None}
    assert "fewer than 5 persons" in found["notes"][0]
    found = document(folder, "stays", "--min-group", "0")
    assert [row["left"] for row in table(found, "stays")] == [1, 1]
    assert "--min-group 5" in found["notes"][-1]


def test_money_by_the_rules_where_nothing_is_booked(folder) -> None:
    """FAT: 21 working days of May at 300. AIO: 22 Mondays to Fridays from 2 May at 450, and a start of 3 000."""
    (year,) = table(document(folder, "compensation"), "years")
    assert (year["start_sek"], year["periodic_sek"], year["participants"]) == ("3000.00", f"{21 * 300 + 22 * 450}.00", 2)
    assert year["partial"] == ["2024-05-01", "2024-05-31"]
    (origin,) = table(document(folder, "compensation"), "origin")
    assert (origin["booked_sek"], origin["unbooked_sek"]) == ("0.00", f"{3000 + 21 * 300 + 22 * 450}.00")


def test_money_that_payout_would_not_pay_is_not_counted(tmp_path) -> None:
    """Two AIO placements at two organisers; of one there is no report: a start and 22 days of the other, as payout claims."""
    placed = [exercise("P1"), exercise("P2", organiser_id="ORG2", participant_id="T2")]
    stories.workspace(tmp_path, register(*placed), present(["2024-05-02"]))
    found = document(tmp_path, "compensation", "--by", "organiser")
    assert {row["organiser"]: row["total_sek"] for row in table(found, "by_organiser")} == {"ORG1": f"{3000 + 22 * 450}.00", "ORG2": "0.00"}
    run = here(tmp_path, "payout", "--month", "2024-05", "--dry-run", "--as-of", "2024-12-31", "--format", "json")
    assert [claim["total_sek"] for claim in run.document["claims"]] == [f"{3000 + 22 * 450}.00"]


def test_what_is_clawed_back_makes_no_difference(tmp_path) -> None:
    """21 days of FAT at 300 are booked, and taken back."""
    stories.workspace(tmp_path, register(placement()), present(MAY))
    assert here(tmp_path, "payout", "--month", "2024-05", "--as-of", "2024-06-03").code == 0
    back = ["--reason", "x", "--organiser", "ORG1", "--placement", "P1", "--month", "2024-05", "--as-of", "2024-06-03"]
    assert here(tmp_path, "ledger", "clawback", *back).code == 0
    (origin,) = table(document(tmp_path, "compensation"), "origin")
    assert (origin["booked_sek"], origin["rules_now_sek"], origin["difference_sek"]) == ("0.00", "0.00", "0.00")


def test_money_from_the_books_and_what_has_changed_since(tmp_path) -> None:
    """Booked with all of May; then three days are found to be sick leave."""
    tables = register(placement())
    stories.workspace(tmp_path, tables, present(MAY[:18]))
    assert here(tmp_path, "payout", "--month", "2024-05", "--as-of", "2024-06-03").code == 0
    stories.workspace(tmp_path, tables, present(MAY[:15]))
    found = document(tmp_path, "compensation")
    (year,), (origin,) = table(found, "years"), table(found, "origin")
    days = len([day for day in MAY[:18] if str(day) >= "2024-05-02"])
    assert year["total_sek"] == f"{days * 300}.00"
    assert (origin["booked_sek"], origin["rules_now_sek"], origin["difference_sek"]) == (
        f"{days * 300}.00",
        f"{(days - 3) * 300}.00",
        "-900.00",
    )
    # the register alone: nothing is read of what is booked
    found = document(tmp_path, "compensation", "register.xlsx")
    assert table(found, "origin")[0]["unread_sek"] == f"{days * 300}.00"
    assert table(found, "origin")[0]["difference_sek"] == "0.00"


def test_what_was_set_aside_and_left_out_is_told(tmp_path) -> None:
    placed = [placement(), placement("P2", start="2024-05-31", end="2024-05-02"), placement("P3", start="in May")]
    stories.workspace(tmp_path, register(*placed), present(MAY))
    notes = " ".join(document(tmp_path, "stays", "--min-group", "0")["notes"])
    assert "set aside and left out: 1." in notes
    assert "(rule P02), left out: 1." in notes


def test_a_register_that_can_not_be_read_ends_the_run(tmp_path) -> None:
    run = here(tmp_path, "report", "flow")
    assert run.code == 3
    assert "no register" in run.err


def test_the_command_itself(folder) -> None:
    run = fat(folder, "report", "compensation", "--as-of", "2024-12-31", "--lang", "sv")
    assert (run.code, run.err) == (0, "")
    assert "Periodisk" in run.out
