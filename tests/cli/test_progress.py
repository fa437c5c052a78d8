"""Progress bars: on a terminal, for work that lasts, and gone when it ends."""

import io
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from fatcli import pipeline
from fatcli.batch import Batch, open_inbox, run_batch
from fatcli.cli import progress
from fatcli.cli.common import Color
from fatcli.intake import Task
from fatcli.texts import Language
from fatcli.workspace import open_workspace
from stories import FAT, MAY, NOON, day, placement, present, register, workspace


def terminal(page: io.StringIO) -> Console:
    return Console(file=page, force_terminal=True, width=80, color_system=None)


def shown(page: io.StringIO) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", page.getvalue())


def until(page: io.StringIO, text: str) -> None:
    """Waits, as long work would take, until the bar has been drawn."""
    end = time.monotonic() + 20
    while text not in shown(page) and time.monotonic() < end:
        time.sleep(0.02)
    assert text in shown(page)


@pytest.mark.parametrize(
    ("language", "reading", "checking"), [("sv", "Läser filer 2/3", "Prövar reglerna"), ("en", "Reading files 2/3", "Checking the rules")]
)
def test_work_that_lasts_shows_its_stage_and_files(language: Language, reading: str, checking: str) -> None:
    page = io.StringIO()
    with progress.bar(language, quiet=False, console=terminal(page), patience=0) as watch:
        watch("read", 1, 3)
        until(page, reading)
        watch("check", 0, 1)
        until(page, checking)
    assert page.getvalue().endswith(("\x1b[2K", "\x1b[?25h"))  # the line is taken away, the cursor shown again


@pytest.mark.parametrize(("color", "is_coloured"), [(Color.auto, True), (Color.never, False)])
def test_a_bar_has_colours_unless_told(color: Color, is_coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    page = Terminal()
    monkeypatch.setattr(sys, "stderr", page)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with progress.bar("sv", quiet=False, color=color, patience=0) as watch:
        watch("read", 1, 3)
        until(page, "Läser filer 2/3")
    assert bool(re.search(r"\x1b\[[0-9;]+m", page.getvalue())) == is_coloured


def test_what_is_soon_done_shows_nothing() -> None:
    page = io.StringIO()
    with progress.bar("sv", quiet=False, console=terminal(page), patience=60) as watch:
        watch("read", 0, 2)
    assert page.getvalue() == ""


@pytest.mark.parametrize(("quiet", "is_terminal"), [(True, True), (False, False)])
def test_nothing_is_shown_when_quiet_or_off_a_terminal(quiet: bool, is_terminal: bool) -> None:
    page = io.StringIO()
    console = Console(file=page, force_terminal=is_terminal)
    with progress.bar("sv", quiet=quiet, console=console, patience=0) as watch:
        watch("read", 0, 2)
        time.sleep(0.2)
    assert page.getvalue() == ""


def test_the_bar_goes_also_when_the_work_fails() -> None:
    page = io.StringIO()

    def work() -> None:
        with progress.bar("sv", quiet=False, console=terminal(page), patience=0) as watch:
            watch("read", 0, 2)
            until(page, "Läser filer 1/2")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        work()
    size = len(page.getvalue())
    time.sleep(0.3)
    assert len(page.getvalue()) == size


def test_the_stages_are_told_in_order(tmp_path: Path) -> None:
    workspace(tmp_path, register(placement()), present(MAY))
    told: list[tuple[str, int, int]] = []
    task = Task(open_workspace(tmp_path, [], {}), [], day("2024-06-03"), "en")
    pipeline.validate(replace(task, progress=lambda *stage: told.append(stage)))
    assert told == [("read", 0, 2), ("read", 1, 2), ("check", 0, 1)]


def test_off_a_terminal_rich_is_not_even_loaded_for_it(tmp_path: Path) -> None:
    workspace(tmp_path, register(placement()), present(MAY))
    code = "import sys; sys.argv = ['fat', 'validate', '--format', 'json', '--as-of', '2024-06-03']\nfrom fatcli.cli.app import main\n"
    code += "try: main()\nexcept SystemExit: pass\nprint('rich.progress' in sys.modules, file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, encoding="utf-8")
    assert run.stderr == "False\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals in Python")
def test_stdout_is_the_result_alone_also_on_a_terminal(tmp_path: Path) -> None:
    """stderr is a terminal here, stdout a pipe: the document is whole, and quick work leaves stderr empty."""
    import pty

    workspace(tmp_path, register(placement()), present(MAY))
    leader, follower = pty.openpty()
    arguments = [str(FAT), "validate", "--format", "json", "--as-of", "2024-06-03", "--quiet"]
    run = subprocess.run(arguments, cwd=tmp_path, check=False, stdout=subprocess.PIPE, stderr=follower, stdin=subprocess.DEVNULL)
    os.close(follower)
    try:
        said = os.read(leader, 1000)
    except OSError:  # Linux: nothing was written, and nobody can any more
        said = b""
    os.close(leader)
    assert (run.returncode, said) == (0, b"")
    assert run.stdout.startswith(b"{")


def test_a_batch_tells_of_each_workbook(tmp_path: Path) -> None:
    workspace(tmp_path, register(placement()), present(MAY))
    (tmp_path / "inbox").mkdir()
    for name in ("a.xlsx", "b.xlsx"):
        shutil.copy(tmp_path / "attendance.xlsx", tmp_path / "inbox" / name)
        os.utime(tmp_path / "inbox" / name, (1, 1))
    task = Task(open_workspace(tmp_path, [], {}), [], day("2024-06-03"), "en")
    told: list[tuple[str, int, int]] = []
    inbox = open_inbox(tmp_path / "inbox", task.workspace, 5, NOON.timestamp())
    run_batch(
        Batch(
            inbox,
            task,
            ("error",),
            NOON,
            lambda task, order: pytest.fail("nothing is to be booked"),
            None,
            lambda *stage: told.append(stage),
        )
    )
    assert told == [("judge", 0, 2), ("judge", 1, 2)]
