"""The audit that needs no network: the lock is sound, and the environment that this runs in holds what is locked and no more."""

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

import locked
from locked import NAME, Pin

KNOWN = Path(__file__).with_name("known.toml")
OF_VENV = {"pip", "setuptools"}  # what Python's own venv module puts into every environment


def unsound(pins: Iterable[Pin]) -> Iterator[str]:
    """A pin without a hash, and one that nothing asks for."""
    pins = list(pins)
    names = {pin.name for pin in pins} | {locked.DIRECTLY, locked.FOR_WORK}
    for pin in pins:
        if not pin.hashes:
            yield f"{pin.name} {pin.version} is locked without a hash"
        if names.isdisjoint(pin.wanted_by):
            yield f"{pin.name} is locked, but nothing asks for it"


def out_of_step(pins: Iterable[Pin], wanted: Iterable[tuple[str, Requirement]]) -> Iterator[str]:
    """What pyproject.toml asks for and the lock doesn't hold."""
    pins = list(pins)
    for group, requirement in wanted:
        found = [pin for pin in pins if pin.name == locked.canonical(requirement.name) and group in pin.wanted_by]
        if not found:
            yield f"{requirement} stands in pyproject.toml, but not in the lock"
        yield from (f"{requirement}: the lock has {pin.version}" for pin in found if not requirement.specifier.contains(pin.version))


def vulnerable(pins: Iterable[Pin], wanted: Iterable[tuple[str, Requirement]], known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Locked, or let in by a lower bound of pyproject.toml, though known.toml tells of a vulnerability."""
    floors = [(locked.canonical(each.name), floor, f"{each} lets {floor} in") for _, each in wanted for floor in _floors(each)]
    for name, version, how in [*((pin.name, pin.version, "locked") for pin in pins), *floors]:
        entry = known.get(name)
        if entry and Version(version) < Version(entry["before"]):
            yield f"{name} {version} ({how}) is vulnerable before {entry['before']}: {', '.join(entry['ids'])}"


def _floors(requirement: Requirement) -> list[str]:
    return [each.version for each in requirement.specifier if each.operator in {">=", "==", "~="}] or ["0"]


def not_as_locked(pins: Iterable[Pin], installed: Mapping[str, str]) -> Iterator[str]:
    """An environment that has more, less or other than the lock."""
    here = {pin.name: pin.version for pin in pins if pin.applies_here}
    for name, version in installed.items():
        if name not in here:
            yield f"{name} {version} is installed, but not locked"
        elif Version(here[name]) != Version(version):
            yield f"{name} {version} is installed; the lock has {here[name]}"
    yield from (f"{name} {version} is locked, but not installed" for name, version in here.items() if name not in installed)


def from_elsewhere(distributions: Iterable[metadata.Distribution]) -> Iterator[str]:
    """Packages that were not installed from an index, and so passed by the hashes."""
    for each in distributions:
        origin = json.loads(each.read_text("direct_url.json") or "null")
        if origin and locked.canonical(each.name) != NAME:
            yield f"{each.name} was installed from {origin['url'].partition(':')[0]}, not from an index"


def installed() -> dict[str, str]:
    found = {locked.canonical(each.name): each.version for each in metadata.distributions()}
    return {name: version for name, version in found.items() if name not in {NAME, *OF_VENV}}


def faults() -> Iterator[str]:
    pins, wanted = locked.pins(), list(locked.direct())
    known = tomllib.loads(KNOWN.read_text(encoding="utf-8"))
    yield from unsound(pins)
    yield from out_of_step(pins, wanted)
    yield from vulnerable(pins, wanted, known)
    yield from not_as_locked(pins, installed())
    yield from from_elsewhere(metadata.distributions())


def main() -> int:
    found = list(faults())
    pins = locked.pins()
    for line in found:
        print(f"lock: {line}")
    if not found:
        hashes = sum(len(pin.hashes) for pin in pins)
        print(
            f"lock: {len(pins)} packages pinned by {hashes} hashes ({len(locked.runtime(pins))} to run on); the environment has just these"
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
