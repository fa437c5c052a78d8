"""Nothing that stands in a workbook, a name or an option is obeyed: by a spreadsheet, a browser, a terminal or the file system."""

import csv
import io
import json
import os
import re
import sys
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import Cell

import workbooks
from fatcli.reports import REPORTS
from inboxes import aged
from stories import MAY, Outcome, Row, Rows, here, long_sheet, organiser, placement, present, register, register_sheets, report

DAY = ("--as-of", "2024-06-03")
MONTH = ("--month", "2024-05")
# clears the screen, sets the title, colours, the same in one character, rings, goes back, turns the reading direction
HOSTILE = "\x1b[2J\x1b]0;x\x07\x9b31m\b\x7f\u0085\u202egnp\u2066\u200f;"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"&amp;[bold red]{{7*7}}"
FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\u202e=1+1",
    "\x1b=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x","y")',
)
FORMS = ("text", "json", "csv", "html", "xlsx")


def obeyed(text: str) -> list[str]:
    """The characters that a terminal would obey; line breaks and tabs may stand."""
    return re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", text.replace("\r\n", "\n"))


def spoiled(hostile: str) -> tuple[dict[str, list[Row]], list[Row]]:
    """A register and reports with a text wherever one may stand, faulty or not."""
    names = [f"ORG{hostile}", "ORG2"]
    placements = [
        placement(f"P1{hostile}", participant_id="T1", organiser_id=names[0], county=f"X{hostile}"),
        placement("P2", participant_id=f"T2{hostile}", organiser_id="ORG2"),
        placement("P3", organiser_id=f"ORG9{hostile}"),
        placement("P4", organiser_id="ORG2", end_reason=f"work{hostile}"),
        placement("P5", organiser_id="ORG2", start=f"2024-05-02{hostile}"),
        placement("P6", organiser_id="ORG2", workplace_organiser_id=f"ORG7{hostile}"),
    ]
    organisers = [organiser(names[0], name=f"Firma {hostile}", county=f"Y{hostile}"), organiser("ORG2", name=hostile)]
    reports = [
        *present(MAY, f"P1{hostile}"),
        *present(MAY[:3], "P2"),
        report("2024-05-02", f"P9{hostile}"),
        report("2024-05-14", f"P1{hostile}", hours=30),
        report("2024-05-14", "P6", status=f"N{hostile}"),
        report("2024-05-15", "P6", hours=f"8{hostile}"),
        {**report("2024-05-16", "P6"), "date": f"2024-05-16{hostile}"},
        {**report("2024-05-16", "P6"), f"extra{hostile}": hostile},
    ]
    return register(*placements, organisers=organisers), reports


def office(folder: Path, hostile: str) -> Path:
    """Written as csv: an .xlsx can hold no control characters."""
    folder.mkdir(parents=True)
    tables, reports = spoiled(hostile)
    for name, rows in register_sheets(tables).items():
        (folder / f"register-{name}.csv").write_bytes(_quoted(rows))
    (folder / "attendance.csv").write_bytes(_quoted(long_sheet(reports)))
    return folder


def _quoted(rows: Rows) -> bytes:
    page = io.StringIO(newline="")
    csv.writer(page, quoting=csv.QUOTE_ALL, delimiter=";").writerows([["" if cell is None else cell for cell in row] for row in rows])
    return page.getvalue().encode()


def runs(folder: Path, hostile: str) -> list[Outcome]:
    found = [
        here(folder, *command, *DAY, "--format", form)
        for form in ("text", "json", "csv")
        for command in (("validate",), ("payout", *MONTH, "--dry-run"))
    ]
    made = [part for form in FORMS for part in ("-o", f"{form}:made/page.{form}")]
    found.append(here(folder, "payout", *MONTH, *DAY, *made, FAT_USER=f"Eva{hostile}"))
    found.append(here(folder, "ledger", "attest", "1", "--by", f"Bo{hostile}", FAT_USER="Ada"))
    for form in ("text", "json"):
        found += [here(folder, "explain", what, *DAY, "--format", form) for what in (f"P1{hostile}", "P6", f"2024-05/ORG{hostile}/1")]
        found += [here(folder, "ledger", *what, "--format", form) for what in (("log",), ("show", "1"), ("verify",))]
        found += [here(folder, "report", name, *DAY, "--format", form) for name in ("compensation", "coverage")]
    found += [here(folder, "ledger", "export", "--format", form) for form in ("csv", "json")]
    clawback = ("ledger", "clawback", "--organiser", f"ORG{hostile}", "--all", "--reason", f"fel{hostile}", *DAY)
    return [*found, here(folder, *clawback), here(folder, "ledger", "log"), here(folder, "ledger", "show", "2")]


def test_no_command_lets_a_terminal_obey_a_cell(tmp_path: Path) -> None:
    folder = office(tmp_path / "office", HOSTILE)
    for number, run in enumerate(runs(folder, HOSTILE)):
        assert run.code in (0, 1), (number, run.err)  # all do their work
        assert not obeyed(run.out + run.err), (number, run.out + run.err)
    for path in (folder / "made").iterdir():
        if path.suffix != ".xlsx":
            assert not obeyed(path.read_text(encoding="utf-8")), path
    document = json.loads((folder / "made/page.json").read_text(encoding="utf-8"))
    assert f"ORG{HOSTILE}" in {claim["organiser"] for claim in document["claims"]}  # JSON has it all, as escapes


WRONG = (
    ("validate", f"x{HOSTILE}.xlsx"),
    ("validate", f"x\ny{HOSTILE}.xlsx"),
    ("validate", "--as-of", HOSTILE),
    ("validate", "--rules", f"{HOSTILE}.yaml"),
    ("validate", "-C", HOSTILE),
    ("validate", "-o", HOSTILE),
    ("validate", "-o", f"json:{HOSTILE}/\0"),
    ("validate", "-o", f"json:made{HOSTILE}.json"),
    ("validate", "--select", HOSTILE),
    ("validate", "--fail-on", HOSTILE),
    ("payout", "--month", HOSTILE),
    ("explain", HOSTILE),
    ("explain", f"attendance.csv!{HOSTILE}!A1"),
    ("report", HOSTILE),
    ("rules", "show", HOSTILE),
    ("rules", "check", HOSTILE),
    ("template", HOSTILE),
    ("init", HOSTILE),
    ("batch", HOSTILE),
    (HOSTILE,),
    (f"--{HOSTILE}",),
)


@pytest.mark.parametrize("arguments", WRONG, ids=lambda arguments: " ".join(arguments[:2]).encode("unicode_escape").decode()[:30])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_nor_what_stands_on_the_command_line(tmp_path: Path, arguments: tuple[str, ...], language: str) -> None:
    folder = office(tmp_path / "office", "")
    run = here(folder, *arguments, FAT_LANGUAGE=language)
    assert run.code in range(6)
    assert run.out or run.err
    assert not obeyed(run.out + run.err)
    assert len(run.err.splitlines()) <= 1


def test_a_rule_book_and_settings_hold_no_control_characters(tmp_path: Path) -> None:
    folder = office(tmp_path / "office", "")
    rules = (Path(__file__).parent.parent / "rules.yaml").read_text(encoding="utf-8")
    (folder / "rules.yaml").write_text(rules.replace('edition: "2024-06"', 'edition: "2024\\e[2J"'), encoding="utf-8")
    run = here(folder, "validate", *DAY)
    assert (run.code, run.out) == (2, "")
    assert "the text holds control characters" in run.err
    (folder / "rules.yaml").unlink()
    (folder / "fat.yaml").write_text('output: "\\u202e"\n', encoding="utf-8")
    assert "the text holds control characters" in here(folder, "validate", *DAY).err


# --- spreadsheets


def fields_of(data: bytes) -> list[str]:
    """Of a csv file, whichever language's Excel it is written for."""
    text = data.decode("utf-8-sig")
    delimiter = ";" if ";" in text.split("\n")[0] else ","
    return [field for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for field in row]


def cells_of(data: bytes) -> list[Cell]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row]


def test_no_text_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    folder.mkdir()
    ids = [f"{formula}x{number}" for number, formula in enumerate(FORMULAS)]
    placements = [placement(own, participant_id=f"T{number}", organiser_id=own, county=own) for number, own in enumerate(ids)]
    placements += [placement(f"P{number}", participant_id=own, organiser_id=own) for number, own in enumerate(ids)]
    tables = register(*placements, organisers=[organiser(own, name=own, county=own) for own in ids])
    reports = [
        row for own in ids for row in (*present(MAY[:2], own), report("2024-05-14", own, status=own), report("2024-05-15", own, hours=own))
    ]
    reports += present(MAY[:1], "+unknown")
    for name, rows in register_sheets(tables).items():
        (folder / f"register-{name}.csv").write_bytes(_quoted(rows))
    sheet = long_sheet(reports)
    sheet[0] += FORMULAS
    (folder / "attendance.csv").write_bytes(_quoted(sheet))
    made = [part for form in ("csv", "xlsx") for part in ("-o", f"{form}:made/page.{form}")]
    run = here(folder, "payout", *MONTH, *DAY, *made, "-o", "csv:made/tables", "-o", "annotated:copies", FAT_USER="=Eva")
    assert run.code == 1, run.err
    assert here(folder, "ledger", "attest", "1", "--by", "=Bo", FAT_USER="Ada").code == 0
    for name in ("compensation", "coverage"):
        outputs = ("-o", f"csv:made/{name}.csv", "-o", f"xlsx:made/{name}.xlsx")
        assert here(folder, "report", name, "--by", "organiser", *DAY, *outputs, "--min-group", "0").code == 0
    assert here(folder, "ledger", "export", "-o", "csv:made/items.csv").code == 0
    read = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.parent != folder}
    fields = {path: fields_of(data) for path, data in read.items() if path.suffix == ".csv"}
    cells = {path: cells_of(data) for path, data in read.items() if path.suffix == ".xlsx"}
    assert len(fields) >= 1 + 6 + 2 + 1
    assert len(cells) >= 10
    for path, texts in fields.items():
        assert not [text for text in texts if re.match(r"[=+@\t\r\n]|-(?![\d,.]+$)", text)], path
    for path, found in cells.items():
        assert not [cell.value for cell in found if cell.data_type == "f" and "1+1" in str(cell.value)], path
        texts = [str(cell.value) for cell in found if cell.data_type == "s"]
        # copies keep the workbook's own values, which Excel takes for texts
        assert path.parent.name == "copies" or not [text for text in texts if re.match(r"[=+\-@\t\r\n]", text)], path
    everywhere = {text for texts in fields.values() for text in texts} | {str(cell.value) for found in cells.values() for cell in found}
    assert {"'=1+1x0", "'+1+1x1", "'-1+1x2", "'@SUM(A1)x3", "'=1+1x7", "'=Bo"} <= everywhere


# --- pages


class Page(HTMLParser):
    """Elements and attributes, and what is not seen of a page's text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def test_no_text_of_a_workbook_is_markup(tmp_path: Path) -> None:
    plain, hostile = (office(tmp_path / name, text) for name, text in (("plain", "x"), ("hostile", MARKUP)))
    pages = {}
    for folder in (plain, hostile):
        assert here(folder, "payout", *MONTH, *DAY, "-o", "html:made/payout.html", FAT_USER="Eva").code == 1
        assert here(folder, "validate", *DAY, "-o", "html:made/validate.html").code == 1
        for name in REPORTS:
            assert here(folder, "report", name, *DAY, "-o", f"html:made/{name}.html", "--min-group", "0").code == 0
        pages[folder] = {path.name: Page(path.read_text(encoding="utf-8")) for path in (folder / "made").iterdir()}
    assert len(pages[plain]) == 2 + len(REPORTS)
    for name, page in pages[hostile].items():
        # the same elements with the same attributes as where the text is plain
        shape = [[(tag, *sorted(attributes)) for tag, attributes in one.elements] for one in (pages[plain][name], page)]
        assert shape[0] == shape[1], name
        assert not [tag for tag, attributes in page.elements if tag == "img" or any(key.startswith("on") for key in attributes)], name


def test_markup_is_told_as_it_stands_on_a_terminal(tmp_path: Path) -> None:
    folder = office(tmp_path / "office", MARKUP)
    shown = here(folder, "payout", *MONTH, *DAY, "--color", "always", COLUMNS="400", TERM="xterm", FAT_USER="Eva").out
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert f"ORG{MARKUP}" in plain
    assert not obeyed(plain)


# --- names of files

FAULTY = [*present(MAY[:5]), report("2024-05-31", hours=30)]  # A10
NAMES = (
    "attendance with spaces.xlsx",
    "attendance 'single' \"double\".xlsx",
    "attendance;rm -rf $HOME `id` && x|y.xlsx",
    "attendance\nwith\nlines.xlsx",
    "attendance\x1b[2J\u202e.xlsx",
    "attendance åäö 日本 🙂.xlsx",
    unicodedata.normalize("NFD", "attendance åäö.xlsx"),
    "attendance [x] {y} *.xlsx",
    "attendance%s%n{0}.xlsx",
    "attendance-" + "x" * 200 + ".xlsx",
    "attendance.xlsx.XLSX",
    "attendance=1+1.xlsx",
)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_workbook_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "office"
    folder.mkdir()
    workbooks.save(folder / "register.xlsx", register_sheets(register(placement())))
    workbooks.save(folder / "a.xlsx", {"Närvaro": long_sheet(FAULTY)}).rename(folder / name)
    made = [part for form in FORMS for part in ("-o", f"{form}:made/page.{form}")]
    for arguments in ((), (name,), (str(folder / name),)):
        run = here(folder, "payout", *arguments, *MONTH, *DAY, *made, "-o", "annotated:copies", FAT_USER="Eva")
        assert run.code == 1, run.err
        assert not obeyed(run.out + run.err)
    document = json.loads((folder / "made/page.json").read_text(encoding="utf-8"))
    assert [entry["path"] for entry in document["inputs"]] == sorted([name, "register.xlsx"])
    assert {row["file"] for row in document["violations"] if row["rule"] == "A10"} == {name}
    assert here(folder, "explain", "P1", "--date", "2024-05-31", *DAY).code == 0
    (folder / "inbox").mkdir()
    aged((folder / name).rename(folder / "inbox" / name), 7200)
    run = here(folder, "batch", "inbox", *DAY)
    assert run.code == 1, run.err
    assert not obeyed(run.out + run.err)
    page = (folder / "inbox/summary.html").read_text(encoding="utf-8")
    assert not obeyed(page)
    assert f"inbox/rejected/{name}" in {path.relative_to(folder).as_posix() for path in (folder / "inbox").rglob("*")}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
def test_a_name_that_is_no_text_is_shown_as_one(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    folder.mkdir()
    workbooks.save(folder / "register.xlsx", register_sheets(register(placement())))
    strange = os.fsencode(folder) + b"/attendance\xff.xlsx"
    workbooks.save(folder / "a.xlsx", {"Närvaro": long_sheet([*present(MAY[:5]), report("2024-05-31", hours=30)])}).rename(
        os.fsdecode(strange)
    )
    for form in FORMS:
        run = here(folder, "payout", *MONTH, *DAY, "-o", f"{form}:made/page.{form}", FAT_USER="Eva")
        assert run.code == 1, run.err
    assert here(folder, "ledger", "show", "1").code == 0
    assert here(folder, "validate", *DAY, "-o", "annotated").code == 1


# organisers whose ids could be paths, devices or one and the same file
IDS = (
    *("../../x", "..\\..\\y", "/etc/passwd", "C:\\x", "a/b", "a\\b", "CON", "con", "nul", "AUX.txt", "COM1", ".hidden", "-rf", "~root"),
    *("x" * 300, "x" * 301, "case", "CASE", "Case", "a b", "a-b", "Å", "A\u030a", "å", "日本", "🙂", '*?<>|"', "line\nbreak", "tab\there"),
    *("$HOME", ".", "2024-05", "1", "oversikt", "trailing ", "trailing.", "=1+1", "\u202ex", "%2e%2e%2f"),
)


def test_an_organiser_may_have_any_id(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "office"
    folder.mkdir(parents=True)
    names = list(dict.fromkeys(name.strip() for name in IDS))
    placements = [placement(f"P{number}", organiser_id=name) for number, name in enumerate(names)]
    tables = register(*placements)
    for table, rows in register_sheets(tables).items():
        (folder / f"register-{table}.csv").write_bytes(_quoted(rows))
    (folder / "attendance.csv").write_bytes(
        _quoted(long_sheet([row for each in placements for row in present(MAY[:2], each["placement_id"])]))
    )
    run = here(folder, "payout", *MONTH, *DAY, "--format", "json", FAT_USER="Eva")
    assert run.code in (0, 1), run.err
    claims = run.document["claims"]
    assert len(claims) > len(names) - 4  # some are no ids, or one and the same
    assert {claim["total_sek"] for claim in claims} == {"600.00"}
    files = [path for path in (folder / "out/2024-05").iterdir() if path.name.startswith("rekvisition-")]
    assert len(files) == len(claims)
    assert len({unicodedata.normalize("NFC", path.name).casefold() for path in files}) == len(files)
    assert all(re.fullmatch(r"rekvisition-2024-05-[A-Za-z0-9.-]+-1\.xlsx", path.name) and len(path.name) < 120 for path in files)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep"]
    assert sorted(path.name for path in folder.parent.iterdir()) == ["office"]
    told = {str(cell.value) for path in files for cell in cells_of(path.read_bytes())}
    assert {claim["claim"].replace("\u202e", "") for claim in claims} <= {text.removeprefix("'") for text in told} | told
    assert here(folder, "template", "grid", *MONTH).code == 0
    assert here(folder, "ledger", "render", "1").code == 0
    assert here(folder, "ledger", "verify").code == 0


def test_titles_of_a_rule_book_are_told_as_they_stand(tmp_path: Path) -> None:
    folder = office(tmp_path / "office", "")
    rules = (Path(__file__).parent.parent / "rules.yaml").read_text(encoding="utf-8")
    title = "[bold red][link=http://x]Day[/link]"
    assert rules.count("en: Day outside the placement}") == 1
    (folder / "rules.yaml").write_text(rules.replace("en: Day outside the placement}", f'en: "{title}"}}'), encoding="utf-8")
    for command in (("rules", "list"), ("rules", "show", "A01")):
        assert title in " ".join(here(folder, *command, COLUMNS="300").out.split())
