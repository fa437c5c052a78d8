"""The pages for people tell the truth: every command in them runs, with the exit code and the lines that they show.

In a ```console block each `$ ` begins a command; below it stand lines that it prints, in that order, with `…` for what is left
out of the lines, or of a line. An exit code other than 0 stands behind the command: `# exit code 1`. What the reader is told to
change in a file is done by a comment of the page: `<!-- set FILE SHEET!CELL VALUE -->`, or `<!-- replace FILE -->` before two
```yaml blocks, old and new. A ```python block is run.
"""

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from stories import here

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = ("finance-officer.md", "organiser.md", "rule-keeper.md", "integrator.md")
STEP = re.compile(
    r"^<!-- set (?P<set>.+?) -->$"
    r"|^<!-- replace (?P<file>\S+) -->$.*?^```yaml\n(?P<old>.*?)^```\n.*?^```yaml\n(?P<new>.*?)^```"
    r"|^```console\n(?P<console>.*?)^```$"
    r"|^```python\n(?P<python>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_runs_as_it_stands(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "samples"
    folder.mkdir()
    for book in (ROOT / "samples").glob("*.xlsx"):
        shutil.copy(book, folder)
    steps = list(STEP.finditer((DOCS / name).read_text(encoding="utf-8")))
    assert sum(bool(step["console"]) for step in steps) >= 2
    for step in steps:
        if step["set"]:
            set_cell(folder, *shlex.split(step["set"]))
        elif step["file"]:
            replace(folder / step["file"], step["old"], step["new"])
        elif step["python"]:
            subprocess.run([sys.executable, "-c", step["python"]], cwd=folder, check=True, capture_output=True)
        else:
            folder = console(folder, step["console"])


def set_cell(folder: Path, file: str, place: str, value: str = "") -> None:
    """Writes into a cell as a person does: all else stays as it is, the values of formulas too, which openpyxl would lose."""
    sheet, _, cell = place.rpartition("!")
    book = openpyxl.load_workbook(folder / file, read_only=True)
    part = book[sheet]._worksheet_path
    book.close()
    with zipfile.ZipFile(folder / file) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    text = f' t="inlineStr"><is><t>{value}</t></is></c>' if value else "/>"
    written, count = re.subn(rf'<c r="{cell}"((?: s="\d+")?)[^>]*?(?:/>|>.*?</c>)', rf'<c r="{cell}"\1{text}', parts[part].decode())
    assert count == 1
    with zipfile.ZipFile(folder / file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in (parts | {part: written.encode()}).items():
            package.writestr(name, data)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def console(folder: Path, block: str) -> Path:
    """Runs a block's commands in turn; returns the folder that it ends in."""
    for command, code, shown in commands(block):
        program, *arguments = shlex.split(command)
        match program, arguments:
            case "cd", [name]:
                folder /= name
            case "cp", [source, target]:
                shutil.copy(folder / source, folder / target)
            case "fat", _:
                run = here(folder, *arguments, FAT_USER="Åsa Lind", COLUMNS="80")
                assert run.code == code, f"{command}: {run.err}"
                check_shown(command, shown, run.out, run.err)
            case _:
                pytest.fail(f"the page has a command that is not known here: {command}")
    return folder


def commands(block: str) -> Iterator[tuple[str, int, list[str]]]:
    """Each command with its exit code and the lines shown below it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        told = re.search(r"\s+# exit code (\d+)$", command)
        yield (command[: told.start()] if told else command), int(told[1]) if told else 0, shown


def check_shown(command: str, shown: list[str], out: str, err: str) -> None:
    printed = iter(lines(out))
    for line in shown:
        like = re.compile(".*".join(map(re.escape, line.split("…"))))
        found = line == "…" or any(map(like.fullmatch, lines(err))) or any(map(like.fullmatch, printed))
        assert found, f"{command} does not print, after what is shown above it: {line}"


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.replace("\u00a0", " ").splitlines()]


@pytest.mark.parametrize("name", [path.name for path in sorted(DOCS.glob("*.md"))] + ["../README.md"])
def test_links_lead_somewhere(name: str) -> None:
    page = DOCS / name
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", text):
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), target
        if anchor:
            heads = {slug(head) for head in re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)}
            assert anchor in heads, f"{target}#{anchor}"


def slug(head: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-")


def test_a_line_that_is_not_printed_is_found_out() -> None:
    check_shown("fat x", ["a", "…", "c"], "a\nb\nc\n", "")
    for shown in (["c", "a"], ["d"]):
        with pytest.raises(AssertionError):
            check_shown("fat x", shown, "a\nb\nc\n", "")
