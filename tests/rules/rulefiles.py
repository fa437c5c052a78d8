"""A rule's Markdown file, as tables of cases and drawn sheets; README.md tells how one is written."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

EXPECTED = ("fires", "withholds", "cell", "sets aside")
NOTES = ("case", "why")

_TITLE = re.compile(r"# (\w+) (\S+)")
_HEAD = re.compile(r"\*(.+)\*")
_GIVEN = re.compile(r"- ([\w .]+):\s*(.*)")


@dataclass(frozen=True)
class Head:
    """What the spec says of the rule, from the line below the title."""

    facts: str
    severity: str
    spell: bool = False
    withhold: tuple[str, ...] = ()
    cell: str | None = None
    report: str = "first"
    source: str | None = None


@dataclass(frozen=True)
class Row:
    """A case: what differs from the default story, and what is expected. `line`: in its file, 1-based."""

    line: int
    given: Mapping[str, str]
    expected: Mapping[str, str]


@dataclass(frozen=True)
class Drawing:
    """Sheets drawn cell by cell, and the faults they are to have; `accepted`: table -> rows read without fault."""

    title: str
    line: int
    sheets: Mapping[str, Mapping[tuple[int, int], str]]
    faults: Sequence[Mapping[str, str]]
    accepted: Mapping[str, int]


@dataclass(frozen=True)
class RuleFile:
    id: str
    name: str
    head: Head
    rows: tuple[Row, ...]
    drawings: tuple[Drawing, ...]


@dataclass
class _Section:
    title: str
    line: int
    given: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    sheets: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    faults: list[dict[str, str]] = field(default_factory=list)
    accepted: dict[str, int] = field(default_factory=dict)


def read(path: Path) -> RuleFile:
    lines = [(number, line.rstrip()) for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)]
    title = _TITLE.fullmatch(lines[0][1])
    head = next(found for _, line in lines if (found := _HEAD.fullmatch(line)))
    assert title, f"{path.name}: no title"
    sections = list(_sections(lines[1:]))
    return RuleFile(
        title[1],
        title[2],
        _head(head[1].split(" · ")),
        tuple(row for section in sections for row in section.rows),
        tuple(Drawing(s.title, s.line, s.sheets, s.faults, s.accepted) for s in sections if s.sheets),
    )


def _head(parts: Sequence[str]) -> Head:
    facts, severity, *rest = parts
    named = dict(part.split(" ", 1) for part in rest if part.split(" ", 1)[0] in ("withholds", "cell"))
    source = next((part for part in rest if part.split(" ", 1)[0] not in ("withholds", "cell")), None)
    cell, _, report = named.get("cell", "").partition(", ")
    return Head(
        facts.removesuffix(", spell"),
        severity,
        facts.endswith(", spell"),
        tuple(part for part in [named.get("withholds")] if part),
        cell or None,
        report.removesuffix(" report") or "first",
        source,
    )


def _sections(lines: Sequence[tuple[int, str]]) -> Iterator[_Section]:
    section = _Section("", 1)
    for is_table, part in groupby(lines, lambda line: line[1].startswith("|")):
        if is_table:
            _take_table(section, [(number, _cells(line)) for number, line in part])
            continue
        for number, line in part:
            if line.startswith("## "):
                yield section
                section = _Section(line[3:], number)
            elif given := _GIVEN.fullmatch(line):
                section.given[given[1]] = given[2].strip("`")
            elif line.startswith("Accepted: "):
                section.accepted |= {name: int(count) for name, count in re.findall(r"(\w+) (\d+)", line[10:])}
    yield section


def _cells(line: str) -> list[str]:
    return [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def _take_table(section: _Section, rows: list[tuple[int, list[str]]]) -> None:
    (_, header), _, *body = rows
    if all(re.fullmatch(r"[A-Z]{1,2}(\.\.[A-Z]{1,2})?", name) for name in header[1:]):
        section.sheets[header[0]] = {
            (int(row[0]), col): text
            for _, row in body
            for name, cell in zip(header[1:], row[1:], strict=True)
            for col, text in _spread(name, cell)
        }
    elif section.sheets:
        section.faults += [dict(zip(header, row, strict=True)) for _, row in body]
    else:
        section.rows += _cases(header, section.given, body)


def _spread(name: str, cell: str) -> Iterator[tuple[int, str]]:
    """A cell's column and text; in a span of columns (`B..AF`) a series `1..31`, or single cells by their place in it: `3=N, 5=8`."""
    first, dots, _ = name.partition("..")
    col = _number(first)
    if not dots:
        yield from [(col, cell)] if cell else []
    elif series := re.fullmatch(r"(\d+)\.\.(\d+)", cell):
        yield from ((col + place, str(number)) for place, number in enumerate(range(int(series[1]), int(series[2]) + 1)))
    else:
        yield from ((col + int(place) - 1, text) for place, text in re.findall(r"(\d+)=([^,]+)", cell))


def _number(letters: str) -> int:
    col = 0
    for letter in letters:
        col = col * 26 + ord(letter) - 64
    return col - 1


def _cases(header: Sequence[str], given: Mapping[str, str], body: Iterable[tuple[int, list[str]]]) -> Iterator[Row]:
    for line, row in body:
        named = dict(zip(header, row, strict=True))
        own = {name: text for name, text in named.items() if name not in (*EXPECTED, *NOTES)}
        yield Row(line, {**given, **own}, {name: named[name] for name in EXPECTED if name in named})
