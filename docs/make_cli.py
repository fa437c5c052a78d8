"""Writes docs/cli.md, every command and option, from the command line itself: `make_cli.py [--check]`."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["FAT_LANGUAGE"] = "en"

import typer  # the language of help texts is settled when the commands are imported

from fatcli.cli.app import app

PAGE = Path(__file__).with_name("cli.md")
HEAD = """# Commands and options

Written by `docs/make_cli.py` from the program's own help; `make docs` writes it again, and a test compares.
Exit codes and what goes to which stream are in the README. `--lang sv` gives the same help in Swedish.
"""


def page() -> str:
    root = typer.main.get_command(app)
    return "\n".join([HEAD, *_command(root, "fat")])


def _command(command: Any, path: str) -> Iterator[str]:
    yield f"## `{path}`\n"
    yield f"{(command.help or '').strip()}\n"
    rows = [_row(parameter) for parameter in command.params if parameter.name not in ("help", "install_completion", "show_completion")]
    if rows:
        yield "| argument or option | meaning | default |\n|---|---|---|"
        yield from rows
        yield ""
    for name, child in getattr(command, "commands", {}).items():
        yield from _command(child, f"{path} {name}")


def _row(parameter: Any) -> str:
    is_option = parameter.opts[0].startswith("-")
    names = ", ".join(f"`{name}`" for name in parameter.opts) if is_option else f"`{parameter.name.upper()}`"
    kind = (parameter.metavar or "").replace("|", "\\|")
    default = getattr(parameter.default, "value", parameter.default)
    shown = f"`{default}`" if isinstance(default, str | int) and not isinstance(default, bool) else ""
    return f"| {names}{f' `{kind}`' if kind and is_option else ''} | {' '.join((parameter.help or '').split())} | {shown} |"


def main() -> None:
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
            sys.exit("docs/cli.md is not what the program says: run make docs")
        return
    PAGE.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
