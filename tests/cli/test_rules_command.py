"""`fat rules`: what it prints, its exit codes, and that it is light to start."""

import subprocess
import sys
from pathlib import Path

import pytest

from fatcli.cli import app
from fatcli.rulebook import shipped


@pytest.fixture
def fat(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Runs the program in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["fat", *arguments])
        monkeypatch.setattr(app, "LANGUAGE", "en" if "en" in arguments else "sv")
        try:
            app.main()
        except SystemExit as done:
            code = done.code
        captured = capsys.readouterr()
        assert isinstance(code, int)
        return code, captured.out, captured.err

    return run


def own_book(folder: Path, old: str, new: str) -> Path:
    text = shipped().decode()
    assert old in text
    path = folder / "rules.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    return path


def test_list_has_every_rule_on_a_line(fat) -> None:
    code, out, err = fat("rules", "list", "--lang", "en")
    lines = out.splitlines()
    assert (code, err, len(lines)) == (0, "", 73)
    assert lines[0].split() == ["id", "severity", "withholds", "rule"]
    (a01,) = [line for line in lines if line.startswith("A01")]
    assert " ".join(a01.split()) == "A01 error daily compensation Day outside the placement (day-outside-placement)"


def test_show_says_nothing_of_withholding_where_nothing_is_withheld(fat) -> None:
    assert "withholds" not in fat("rules", "show", "T07", "--lang", "en")[1]
    assert "withholds" in fat("rules", "show", "A01", "--lang", "en")[1]


def test_show_has_all_of_a_rule_in_either_language(fat) -> None:
    code, out, _ = fat("rules", "show", "d05", "--lang", "sv")
    assert code == 0
    words = " ".join(out.split())
    assert words.startswith("D05 in-depth-closed: Fördjupad bedömning har upphört")
    for part in ("allvarlighetsgrad fel", "håller inne in_depth", "källa ASF", "limit_in_depth_closes 2023-10-01", "fatcli/rules.yaml:"):
        assert part in words
    _, out, _ = fat("rules", "show", "P03", "--lang", "en")
    assert "FAT Enhanced work training; JOB, UGA, ETP; at most JOB 12 months, UGA 6 months, ETP 12 months" in " ".join(out.split())


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("A001", "Did you mean A01?"),
        ("A9", "Did you mean A09?"),
        ("a-09", "Did you mean A09?"),
        ("AO9", "Did you mean A09?"),
        ("A99", "Group A has A01 to A20."),
        ("aa09", "Did you mean A09?"),
        ("attendance", "fat rules list shows all."),
    ],
)
def test_show_suggests_the_rule_that_is_meant(fat, typed: str, hint: str) -> None:
    code, out, err = fat("rules", "show", typed, "--lang", "en")
    assert (code, out) == (2, "")
    assert f"there is no rule {typed}. {hint}" in err


def test_check_says_ok_with_the_books_identity(fat) -> None:
    code, out, err = fat("rules", "check", "--lang", "en")
    assert (code, err) == (0, "")
    assert out.startswith("ok: 72 rules, 12 limits, 6 services; fatcli/rules.yaml, edition 2024-06, sha256 ")


def test_check_takes_the_workspaces_book_or_a_file(fat, tmp_path: Path) -> None:
    own_book(tmp_path, 'edition: "2024-06"', 'edition: "egen"')
    assert ", edition egen," in fat("rules", "check", "--lang", "en")[1]
    (tmp_path / "rules.yaml").rename(tmp_path / "other.yaml")
    assert "other.yaml, edition egen," in fat("rules", "check", "other.yaml", "--lang", "en")[1]


def test_check_notes_days_without_an_amount(fat, tmp_path: Path) -> None:
    amounts = 'sek: [{amount: "300", to: 2024-05-10}, {amount: "310", from: 2024-05-15}]'
    own_book(tmp_path, 'sek: [{amount: "300", source: FAKTA Ersättning}]', amounts)
    code, out, err = fat("rules", "check", "--lang", "en")
    assert (code, err) == (0, "")
    assert out.splitlines()[1:] == ["note: FAT.base has no value 2024-05-11–2024-05-14"]


def test_check_of_a_wrong_book_gives_its_line(fat, tmp_path: Path) -> None:
    own_book(tmp_path, 'edition: "2024-06"', 'editon: "2024-06"')
    line = shipped().decode().split("edition:")[0].count("\n") + 1
    code, out, err = fat("rules", "check", "rules.yaml", "--lang", "sv")
    assert (code, out) == (2, "")
    assert err == (
        f"fat: rules.yaml:{line}: okänd nyckel editon. Menade du edition? Rätta regelboken, och pröva den med fat rules check.\n"
    )


def test_docs_are_written_and_checked(fat, tmp_path: Path) -> None:
    assert fat("rules", "docs", "--check", "pages")[0] == 1
    assert fat("rules", "docs", "pages") == (0, f"{Path('pages/rules.md')}\n{Path('pages/facts.md')}\n", "")
    assert fat("rules", "docs", "--check", "pages") == (0, "", "")
    own_book(tmp_path, 'edition: "2024-06"', 'edition: "egen"')
    code, out, err = fat("rules", "docs", "--check", "pages", "--lang", "en")
    assert (code, out, err) == (1, "", f"{Path('pages/rules.md')} is out of date.\n")


def test_a_group_of_ones_own_is_documented(fat, tmp_path: Path) -> None:
    rule = '\n  X01: {name: own, facts: placements, when: ended, severity: info, message: "m", from: 2025-01-01}\nnot_checked:'
    own_book(tmp_path, "\nnot_checked:", rule)
    fat("rules", "docs", "pages")
    page = (tmp_path / "pages" / "rules.md").read_text(encoding="utf-8")
    assert "## X: Own rules\n\nEgna regler\n\n### X01 own\n" in page
    assert "`info`; withholds nothing; facts `placements`; from 2025-01-01." in page


def test_help_is_light() -> None:
    code = "import sys; sys.argv = ['fat', 'rules', '--help']\nfrom fatcli.cli.app import app\ntry:\n    app()\nexcept SystemExit: pass\n"
    code += "sys.exit(any(name in sys.modules for name in ('polars', 'openpyxl', 'fastexcel', 'yaml')))"
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
