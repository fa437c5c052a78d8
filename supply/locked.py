"""The lock file read: which package is pinned where, by which hashes, for whom, and what of it the program itself runs on."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
# how pip installs a lock: it is whole, so nothing is left to be resolved, and an older pip would look for newer releases of extras
HASHED = ("--no-deps", "--require-hashes", "-r")
NAME = "fatcli"
DIRECTLY = f"{NAME} (pyproject.toml)"
FOR_WORK = f"{NAME} (pyproject.toml:dev)"

HEAD = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[A-Za-z0-9.!+]+)(?: ; (?P<marker>.+?))? \\")
HASH = re.compile(r"    --hash=sha256:(?P<hash>[0-9a-f]{64})(?: \\)?")
VIA = re.compile(r"    #\s+(?:via\s*)?(?P<via>.*)")


@dataclass(frozen=True)
class Pin:
    """A package of the lock; `wanted_by` names packages, or the project itself as DIRECTLY or FOR_WORK."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    wanted_by: tuple[str, ...]

    @property
    def applies_here(self) -> bool:
        return not self.marker or Marker(self.marker).evaluate()

    def as_requirement(self) -> str:
        """The pin with its hashes, as it stands in the lock."""
        marker = f" ; {self.marker}" if self.marker else ""
        return " \\\n".join([f"{self.name}=={self.version}{marker}", *(f"    --hash=sha256:{each}" for each in self.hashes)])


def pins(text: str | None = None) -> list[Pin]:
    """Raises ValueError for a line that is no pin, no sha256 and no comment: what isn't understood isn't locked."""
    text = LOCK.read_text(encoding="utf-8") if text is None else text
    blocks: list[tuple[re.Match[str], list[str], list[str]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if head := HASH.fullmatch(line):
            blocks[-1][1].append(head["hash"])
        elif head := VIA.fullmatch(line):
            blocks[-1][2].extend([head["via"]] if head["via"] else [])
        elif head := HEAD.fullmatch(line):
            blocks.append((head, [], []))
        elif line and not line.startswith("#"):
            raise ValueError(f"{LOCK.name}:{number}: not a pinned version with sha256 hashes: {line}")
    return [Pin(head["name"], head["version"], head["marker"] or "", tuple(hashes), tuple(via)) for head, hashes, via in blocks]


def runtime(locked: Iterable[Pin]) -> list[Pin]:
    """What an installed program needs: the project's own dependencies and, in turn, theirs; not what it is built and tested with."""
    locked = list(locked)
    needed = {DIRECTLY}
    while more := {pin.name for pin in locked if pin.name not in needed and not needed.isdisjoint(pin.wanted_by)}:
        needed |= more
    return [pin for pin in locked if pin.name in needed]


def direct() -> Iterator[tuple[str, Requirement]]:
    """What pyproject.toml itself asks for, each with DIRECTLY or FOR_WORK."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    yield from ((DIRECTLY, Requirement(line)) for line in project["project"]["dependencies"])
    yield from ((FOR_WORK, Requirement(line)) for line in _group(project["dependency-groups"], "dev"))


def _group(groups: dict[str, Sequence[str | dict[str, str]]], name: str) -> Iterator[str]:
    for entry in groups[name]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from _group(groups, entry["include-group"])


def canonical(name: str) -> str:
    return str(canonicalize_name(name))
