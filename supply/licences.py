"""Writes docs/dependencies.md, what the program runs on and under which licences, from lock and metadata: `licences.py [--check]`."""

import sys
import tomllib
from collections.abc import Collection, Iterator
from importlib import metadata
from pathlib import Path

import locked
from locked import Pin

PAGE = locked.ROOT / "docs" / "dependencies.md"
WORDS = tomllib.loads(Path(__file__).with_name("licences.toml").read_text(encoding="utf-8"))
HEAD = """# What the program runs on

Written by `supply/licences.py` from `requirements.lock` and the metadata of the packages installed; `make docs` writes it again, and the CI
compares. A licence that is not in the allow list of `supply/licences.toml` fails it. Where the metadata don't tell one licence, it was read
from the package's licence file and stands in that list.

The compiled packages (fastexcel, lxml, polars-runtime-32, pyarrow, pydantic-core, python-calamine and others) hold further libraries, whose
licences are in their wheels and are not told here. What the program is built and tested with is in the lock too, and is no part of what is
installed.

| package | version | licence | told by | needed by |
|---|---|---|---|---|"""


def licence(name: str) -> tuple[str, str]:
    """A package's licence as an SPDX expression, and what told it; raises SystemExit where nothing does, or it isn't allowed."""
    found, told_by = _told(name)
    if found not in WORDS["allowed"]:
        sys.exit(f"{name}: the licence {found or '(none told)'} is not in the allow list of supply/licences.toml")
    return found, told_by


def _told(name: str) -> tuple[str, str]:
    if name in WORDS["read"]:
        return WORDS["read"][name], "its licence file"
    about = metadata.metadata(name)
    told = {field: value for field in ("License-Expression", "License") for value in about.get_all(field, [])}
    if "License-Expression" in told:
        return told["License-Expression"], "License-Expression"
    if told.get("License") in WORDS["allowed"]:
        return told["License"], "License"
    classifiers = [each for each in about.get_all("Classifier", []) if each.startswith("License ::")]
    known = {WORDS["classifiers"].get(each, "") for each in classifiers}
    return (known.pop(), "classifier") if len(known) == 1 else ("", "")


def needed_by(pin: Pin, running: Collection[str]) -> str:
    names = ("fat" if name == locked.DIRECTLY else name for name in running if name in pin.wanted_by)
    return ", ".join(sorted(names, key=lambda name: (name != "fat", name)))


def page() -> str:
    return "\n".join([HEAD, *_rows(locked.runtime(locked.pins())), ""])


def _rows(pins: list[Pin]) -> Iterator[str]:
    running = {pin.name for pin in pins} | {locked.DIRECTLY}
    for pin in pins:
        found, told_by = licence(pin.name)
        where = f" (where {pin.marker})" if pin.marker else ""
        yield f"| {pin.name}{where} | {pin.version} | {found} | {told_by} | {needed_by(pin, running)} |"


def main() -> None:
    if "--check" not in sys.argv:
        PAGE.write_text(page(), encoding="utf-8", newline="\n")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        sys.exit("docs/dependencies.md is not what the lock holds: run make docs")


if __name__ == "__main__":
    main()
