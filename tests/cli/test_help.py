"""Help: every command's, in both languages, with examples that run as they stand; and shell completion."""

import datetime as dt
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from fatcli.cli.app import app
from stories import FAT, fat, here

ROOT = Path(__file__).parents[2]
HEADS = {"sv": "Exempel: ", "en": "Example: "}
# stdin: a script that prints each command's help in the language of FAT_LANGUAGE, which is settled when the commands are imported
SCRIPT = """
import json, sys, typer
from fatcli.cli.app import app

def helps(command, path):
    yield path, command.help or ""
    for name, child in getattr(command, "commands", {}).items():
        yield from helps(child, f"{path} {name}")

sys.stdout.reconfigure(encoding="utf-8")
print(json.dumps(dict(helps(typer.main.get_command(app), "fat")), ensure_ascii=False))
"""
WITH_VIOLATIONS = ("fat validate", "fat payout", "fat batch")  # exit code 1 on the samples, which are full of them


def helps(language: str) -> dict[str, str]:
    environment = os.environ | {"FAT_LANGUAGE": language}
    run = subprocess.run([sys.executable, "-"], input=SCRIPT, env=environment, check=True, capture_output=True, encoding="utf-8")
    found: dict[str, str] = json.loads(run.stdout)
    return found


HELPS = {language: helps(language) for language in HEADS}


def examples(help_: str, language: str) -> list[str]:
    last = help_.strip().split("\n\n")[-1]
    return last.removeprefix(HEADS[language]).split(" · ") if last.startswith(HEADS[language]) else []


def commands(command: Any, path: str = "fat") -> Iterator[str]:
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, f"{path} {name}")


@pytest.mark.parametrize("language", HEADS)
def test_every_commands_help_ends_with_an_example_of_it(language: str) -> None:
    assert set(HELPS[language]) == set(commands(typer.main.get_command(app)))
    for path, help_ in HELPS[language].items():
        found = examples(help_, language)
        assert found, path
        assert all(example.startswith(f"{path} ") or example == path for example in found), path


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples with May booked as run 1, a rule book of their own, and two inboxes."""
    folder = tmp_path_factory.mktemp("help") / "samples"
    folder.mkdir()
    for book in (ROOT / "samples").glob("*.xlsx"):
        shutil.copy(book, folder)
    shutil.copy(ROOT / "rules.yaml", folder)
    assert here(folder, "payout", "--month", "2024-05").code == 1
    for inbox in ("inkorg", "inbox"):
        (folder / inbox).mkdir()
        shutil.copy(folder / "attendance.xlsx", folder / inbox)
        os.utime(folder / inbox / "attendance.xlsx", (1, 1))  # a file that has just changed may still be on its way
    return folder


ALL = sorted({example for language, found in HELPS.items() for help_ in found.values() for example in examples(help_, language)})


@pytest.mark.parametrize("example", ALL)
def test_every_example_runs_as_it_stands(scene: Path, tmp_path: Path, example: str) -> None:
    folder = Path(shutil.copytree(scene, tmp_path / "samples"))
    run = here(folder, *shlex.split(example)[1:], FAT_USER="tester")
    assert run.code == (1 if example.startswith(WITH_VIOLATIONS) else 0), run.err
    assert not run.err.startswith("fat: ")


ENGLISH = ("Usage:", "OPTIONS", "Options", "COMMAND", "Commands", "Arguments", "default:", "required", "Show this", "completion for")


@pytest.mark.parametrize("path", HELPS["sv"])
def test_in_swedish_typer_itself_speaks_swedish(tmp_path: Path, path: str) -> None:
    if path.count(" ") == 2 and path not in ("fat rules diff", "fat ledger attest"):
        return  # two of them will do
    run = fat(tmp_path, *path.split()[1:], "--help", FAT_LANGUAGE="sv", COLUMNS="100")
    assert (run.code, run.err) == (0, "")
    assert [word for word in ENGLISH if word in run.out] == []
    assert "Användning: fat" in run.out
    assert fat(tmp_path, *path.split()[1:], "-h", FAT_LANGUAGE="sv", COLUMNS="100").out == run.out


def test_commands_stand_in_the_order_of_a_months_work() -> None:
    root: Any = typer.main.get_command(app)
    order = ["init", "template", "validate", "explain", "payout", "ledger", "report", "batch", "rules"]
    assert root.list_commands(None) == order
    for language, found in HELPS.items():
        for name in order:
            assert len(found[f"fat {name}"].split("\n\n")[0]) <= 66, (language, name)  # a line of a terminal 80 wide


def completed(folder: Path, words: str) -> list[str]:
    environment = os.environ | {"_FAT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    run = subprocess.run([str(FAT)], cwd=folder, env=environment, check=True, capture_output=True, encoding="utf-8")
    return run.stdout.split()


def test_the_shell_completes_commands_options_and_rules(tmp_path: Path) -> None:
    assert completed(tmp_path, "fat va") == ["validate"]
    assert completed(tmp_path, "fat rules ") == ["list", "show", "check", "diff", "docs"]
    assert completed(tmp_path, "fat payout --mon") == ["--month"]
    assert completed(tmp_path, "fat rules show A0") == [f"A0{number}" for number in range(1, 10)]
    assert completed(tmp_path, "fat validate --select A0") == [f"A0{number}" for number in range(1, 10)]
    assert completed(tmp_path, "fat validate --ignore ")[:3] == ["T", "O", "P"]
    assert completed(tmp_path, "fat validate -o ") == ["text", "json", "csv", "html", "xlsx", "annotated"]
    assert completed(tmp_path, "fat report flow -o ") == ["text", "json", "csv", "html", "xlsx"]
    assert completed(tmp_path, "fat ledger export --format ") == ["csv", "json"]
    months = completed(tmp_path, "fat payout --month ")
    assert (len(months), months) == (13, sorted(months, reverse=True))
    assert months[0] == dt.datetime.now().astimezone().strftime("%Y-%m")
    (tmp_path / "rules.yaml").write_text("rules:\n  X01: [\n", encoding="utf-8")
    assert completed(tmp_path, "fat rules show ") == ["X01"]


@pytest.mark.parametrize("words", ["fat ", "fat rules show ", "fat template "])
def test_completion_and_help_load_nothing_heavy(words: str) -> None:
    code = (
        "import atexit, sys; sys.argv = ['fat']\n"
        "heavy = {'polars', 'openpyxl', 'fastexcel', 'xlsxwriter', 'babel'}\n"
        "atexit.register(lambda: print(sorted(heavy & set(sys.modules)), file=sys.stderr))\n"
        "from fatcli.cli.app import main\nmain()"
    )
    environment = os.environ | {"_FAT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    run = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True, encoding="utf-8")
    assert run.stdout
    assert run.stderr == "[]\n"


def test_completion_can_be_installed() -> None:
    run = subprocess.run([str(FAT), "--help"], env=os.environ | {"COLUMNS": "120"}, check=True, capture_output=True, encoding="utf-8")
    assert "--install-completion" in run.stdout
