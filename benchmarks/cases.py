"""What is measured: each case is a figure beside its goal, and the commands that it comes from."""

import datetime as dt
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import generate
from measure import MIB, Command, Run, Turns, can_choose_cores, fat, in_turn, python, run

from fatcli.model import Month

HERE = Path(__file__).parent
READ = "import sys, fastexcel; print(fastexcel.read_excel(sys.argv[1]).load_sheet(0).to_polars().height)"
BARE = "import typer\napp = typer.Typer()\n@app.command()\ndef main(name: str) -> None:\n    print(name)\napp()\n"
AS_OF = ("--as-of", "2024-03-01")
LONG = "attendance.xlsx"


@dataclass(frozen=True)
class Figure:
    """A figure: its values turn by turn, and its goal. `least`: the goal is a least, not a most. `note`: why it is what it is."""

    what: str
    values: list[float]
    goal: float | None = None
    least: bool = False
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Case:
    figures: list[Figure]
    turns: Turns


@dataclass(frozen=True)
class Size:
    """How much is measured; `pairs`: turns. A small size shows that everything runs, its figures mean nothing."""

    rows: int
    peers: int
    grids: tuple[int, int]
    growth: tuple[int, int, int]
    months: int  # participants of the workspace of twelve months
    span: int  # of months, of which four and then all are given in one call, and all are paid
    nation: tuple[int, int]  # participants, organisers
    pairs: int
    many: int  # turns of what takes a moment


FULL = Size(1_000_000, 200_000, (40, 500), (10_000, 100_000, 1_000_000), 2_000, 12, (20_000, 1_500), 5, 15)
QUICK = Size(2_000, 400, (3, 10), (200, 400, 800), 10, 5, (40, 5), 1, 1)


@dataclass(frozen=True)
class Bench:
    size: Size
    folder: Path  # of the generated workspaces, which are kept

    def workspace(self, name: str, make: Callable[[Path], object]) -> Path:
        folder = self.folder / name
        if not (folder / "made").exists():
            print(f"  writing the workspace {name} …", file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            (folder / "made").touch()
        return folder

    def month(self, rows: int) -> Path:
        return self.workspace(f"{rows}", lambda folder: generate.generate(rows, folder))


def validated(folder: Path, *files: str, ends: tuple[int, ...] = (0,), cores: int | None = None) -> Command:
    return Command(fat("validate", *files, *AS_OF, "--format", "json"), folder, ends=ends, cores=cores)


def _beside_the_read(folder: Path, pairs: int) -> Turns:
    return in_turn({"fastexcel's own read": Command(python(READ, LONG), folder), "fat validate": validated(folder, LONG)}, pairs)


def large(bench: Bench) -> Case:
    turns = _beside_the_read(bench.month(bench.size.peers), bench.size.pairs)
    return Case([Figure("fat validate / fastexcel's own read", turns.ratios("fat validate", "fastexcel's own read"), 3.0)], turns)


def clean(bench: Bench) -> Case:
    turns = _beside_the_read(bench.month(bench.size.rows), bench.size.pairs)
    found = [Figure("fat validate / fastexcel's own read", turns.ratios("fat validate", "fastexcel's own read"), 1.5)]
    if held := turns.mib("fat validate"):
        found.append(Figure("memory per million rows", [held / 1024 * 1e6 / bench.size.rows], 0.8, unit="GiB"))
    return Case(found, turns)


def faulty(bench: Bench) -> Case:
    rows = bench.size.rows
    folder = bench.workspace(f"{rows}-faulty", lambda folder: generate.generate(rows, folder, faulty=True))
    commands = {"fastexcel's own read": Command(python(READ, LONG), folder), "fat validate": validated(folder, LONG, ends=(1,))}
    turns = in_turn(commands, bench.size.pairs)
    return Case([Figure("fat validate / fastexcel's own read", turns.ratios("fat validate", "fastexcel's own read"), 2.5)], turns)


def grids(bench: Bench) -> Case:
    """On one core and on two; and in a run for each workbook, one after the other."""
    books, rows = bench.size.grids
    folder = bench.workspace(f"grids-{books}-{rows}", lambda folder: generate.generate_grids(books, rows, folder))
    commands = {"two cores": validated(folder)}
    if can_choose_cores():
        commands = {"one core": validated(folder, cores=1), "two cores": validated(folder, cores=2)}
    turns = in_turn(commands, bench.size.pairs)
    apart = [run(validated(folder, path.name)) for path in sorted(folder.glob("attendance-*.xlsx"))]
    turns.runs["a run for each, all together"] = [Run(sum(each.seconds for each in apart), max(each.mib or 0 for each in apart) or None)]
    each = [turns.seconds("a run for each, all together")[0] / seconds for seconds in turns.seconds("two cores")]
    found = [Figure("a run for each workbook, one after the other / one run of all", each, 1.6, least=True)]
    if can_choose_cores():
        ratios = turns.ratios("one core", "two cores")
        found.append(Figure("one run of all on one core / on two cores", ratios, 1.6, least=True, note=_GRIDS))
    return Case(found, turns)


_GRIDS = "two cores share what Polars does; what is left is Python's own, a few hundred short steps for each workbook, which threads do not"


def payout(bench: Bench) -> Case:
    folder = bench.month(bench.size.rows)
    pay = Command(fat("payout", LONG, "--month", "2024-02", *AS_OF, "--format", "json"), folder, before=lambda: unbooked(folder))
    turns = in_turn({"fat validate": validated(folder, LONG), "fat payout": pay}, max(1, bench.size.pairs // 2))
    claims = len(list((folder / "out").glob("*/rekvisition-*")))
    unbooked(folder)
    note = f"booked, with {claims} claim workbooks, the overview and the list of violations"
    return Case([Figure("fat payout / fat validate", turns.ratios("fat payout", "fat validate"), 2.5, note=note)], turns)


def unbooked(folder: Path) -> None:
    shutil.rmtree(folder / "out", ignore_errors=True)
    for path in folder.glob("ledger.db*"):
        path.unlink()


def help_page(bench: Bench) -> Case:
    app = bench.workspace("typer", lambda folder: (folder.mkdir(parents=True), (folder / "app.py").write_text(BARE, encoding="utf-8")))
    commands = {"a bare Typer app": Command([sys.executable, "app.py", "--help"], app), "fat": Command(fat("--help"), app)}
    turns = in_turn(commands, bench.size.many)
    return Case([Figure("fat --help / the same of a bare Typer app", turns.ratios("fat", "a bare Typer app"), 1.3)], turns)


def small(bench: Bench) -> Case:
    folder = bench.month(440)
    turns = in_turn({"import polars": Command(python("import polars"), folder), "fat validate": validated(folder, LONG)}, bench.size.many)
    return Case([Figure("fat validate of 440 rows / import polars", turns.ratios("fat validate", "import polars"), 3.0)], turns)


def growth(bench: Bench) -> Case:
    """The time that each further row takes; where that is the same at every size, growth is linear."""
    few, more, many = bench.size.growth
    names = {rows: f"{rows:,} rows" for rows in (few, more, many)}
    turns = in_turn({name: validated(bench.month(rows), LONG) for rows, name in names.items()}, bench.size.pairs)
    return Case([Figure("a further row: from the middle size up / up to it", _growth(turns, names), 1.1)], turns)


def months(bench: Bench) -> Case:
    """The same for months in one call."""
    plan = generate.Plan(bench.size.months, months=bench.size.span)
    folder = bench.workspace(f"months-{plan.placements}-{plan.months}", lambda folder: generate.generate_months(plan, folder))
    files = [f"attendance-{plan.month(number)}.xlsx" for number in range(plan.months)]
    names = {count: f"{count} month{'s' if count > 1 else ''}" for count in (1, 4, plan.months)}
    late = ("--as-of", "2025-02-03", "--format", "json")
    commands = {name: Command(fat("validate", *files[:count], *late), folder) for count, name in names.items()}
    turns = in_turn(commands, bench.size.pairs)
    return Case([Figure("a further month: from 4 to 12 / from 1 to 4", _growth(turns, names), 1.1)], turns)


def _growth(turns: Turns, names: Mapping[int, str]) -> list[float]:
    few, more, many = names
    each = zip(*(turns.seconds(name) for name in names.values()), strict=True)
    return [(c - b) / (many - more) / max((b - a) / (more - few), 1e-9) for a, b, c in each]


def nation(bench: Bench) -> Case:
    participants, organisers = bench.size.nation
    plan = generate.Plan(participants, per_organiser=-(-participants // organisers), months=bench.size.span)
    folder = bench.workspace(f"nation-{participants}-{plan.months}", lambda folder: generate.generate_months(plan, folder))
    unbooked(folder)
    turns = Turns({"validate the first month": [run(_of_month(folder, plan.month(0), "validate"))]})
    for number in range(plan.months):
        name = {0: "pay the first month", plan.months - 1: "pay the last month"}.get(number, "pay a month between")
        month = plan.month(number)
        turns.runs.setdefault(name, []).append(run(_of_month(folder, month, "payout", "--month", str(month))))
    turns.runs["verify the ledger"] = [run(Command(fat("ledger", "verify"), folder))]
    turns.runs["export all that is booked"] = [run(Command(fat("ledger", "export"), folder))]
    size = (folder / "ledger.db").stat().st_size / MIB
    unbooked(folder)
    growth = turns.ratios("pay the last month", "pay the first month")
    return Case([Figure("the ledger in the end", [size], unit="MiB"), Figure("pay the last month / pay the first", growth)], turns)


def _of_month(folder: Path, month: Month, command: str, *options: str) -> Command:
    day = str(month.last + dt.timedelta(days=3))
    return Command(fat(command, f"attendance-{month}.xlsx", *options, "--as-of", day, "--format", "json"), folder)


# what each of them is to be compared by, and what it does not do of what fat does
PEERS: Mapping[str, tuple[float, str]] = {
    "frictionless": (8.0, "checks types, patterns and codes of one sheet; no rule over several rows, no register, no calendar, no money"),
    "pandera with fastexcel": (
        1.0,
        "checks types, patterns, codes, ranges and days reported twice; what a type can't hold is lost, and its place",
    ),
    "pandas with openpyxl": (1.0, "reads, and checks nothing"),
}


def peers(bench: Bench) -> Case:
    """Each peer with its own environment, that of `make bench`; those that can't be had are left out."""
    folder = bench.month(bench.size.peers)
    its_python = HERE.parent / "build" / "peers" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    commands = {"fat validate": validated(folder, LONG)}
    for name in PEERS:
        script = HERE / "peers" / f"{name.split(maxsplit=1)[0]}_check.py"
        if its_python.exists() and subprocess.run([its_python, script, "--there"], check=False, capture_output=True).returncode == 0:
            commands[name] = Command([str(its_python), str(script), LONG], folder)
    turns = in_turn(commands, max(1, bench.size.pairs // 2))
    return Case([_against(name, turns) for name in PEERS if name in commands], turns)


def _against(name: str, turns: Turns) -> Figure:
    goal, does = PEERS[name]
    return Figure(f"{name} / fat validate", turns.ratios(name, "fat validate"), goal, least=True, note=f"{name} {does}")


CASES: Mapping[str, tuple[str, Callable[[Bench], Case]]] = {
    "large": ("A month of {peers:,} rows without a fault", large),
    "clean": ("A month of {rows:,} rows without a fault, {placements:,} placements", clean),
    "faulty": ("The same with one row in a hundred faulty, in nine ways", faulty),
    "grids": ("{grids[0]} organisers' workbooks with grids of {grids[1]} rows", grids),
    "payout": ("Paying the month", payout),
    "peers": ("Other tools on a workbook of {peers:,} rows", peers),
    "help": ("The help page", help_page),
    "small": ("A small workbook", small),
    "growth": ("Growth with the rows", growth),
    "months": ("Growth with the months of one call, {months:,} participants", months),
    "nation": ("A nation of {nation[0]:,} participants and {nation[1]:,} organisers: {span} months paid one after the other", nation),
}


def titles(size: Size) -> Iterator[tuple[str, str]]:
    for name, (title, _) in CASES.items():
        yield name, title.format(**vars(size), placements=size.rows // generate.FEBRUARY_DAYS)
