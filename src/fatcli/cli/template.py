"""`fat template`: workbooks to fill in."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fatcli.cli import common
from fatcli.cli.common import option, say
from fatcli.errors import OutputError, UsageError
from fatcli.model import TABLES, Month
from fatcli.texts import Language, Text, did_you_mean
from fatcli.writers.columnhelp import FOLDER, GRID_NAME

if TYPE_CHECKING:
    import polars as pl

    from fatcli.rulebook import RuleBook
    from fatcli.workspace import Workspace

HELP = say(
    "Skriv arbetsböcker att fylla i; utan tabell: lista tabellerna.\n\n"
    "Exempel: fat template beslut anordnare · fat template månadsblad --month 2024-05 --organiser EKBACKEN",
    "Write workbooks to fill in; without a table: list the tables.\n\n"
    "Example: fat template placements organisers · fat template grid --month 2024-05 --organiser EKBACKEN",
)
REGISTER_NAME = "register"
_REGISTER = tuple(name for name in TABLES if name != "attendance")
_NAMES: Mapping[str, Text] = {
    REGISTER_NAME: Text("register", "register"),
    **{name: table.title for name, table in TABLES.items()},
    GRID_NAME: Text("månadsblad", "month grid"),
}
_ABOUT: Mapping[str, Text] = {
    REGISTER_NAME: Text("alla register i en arbetsbok", "all registers in one workbook"),
    "attendance": Text("närvaro, en rad per placering och dag", "attendance, a row per placement and day"),
    GRID_NAME: Text(
        "närvaro, en rad per placering och en kolumn per dag; --month krävs",
        "attendance, a row per placement and a column per day; needs --month",
    ),
}

_NOT_PREFILLED = Text(
    "Arbetsmappen har inget register med placeringar, så månadsbladet är tomt.",
    "The workspace has no register with placements, so the month grid is empty.",
)

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TABLE",
        help=say(
            "Tabeller, på svenska eller engelska; register: alla register.", "Tables, in English or Swedish; register: all registers."
        ),
        show_default=False,
        autocompletion=lambda: [*map(_swedish, _NAMES)] if common.LANGUAGE == "sv" else [*_NAMES],
    ),
]
MonthOption = Annotated[
    str | None,
    option("--month", "YYYY-MM", "Månaden, till exempel 2024-05.", "The month, such as 2024-05.", among=common.months),
]
Organisers = Annotated[
    list[str] | None,
    option(
        "--organiser",
        "ORGANISER",
        "Närvaro bara för denna anordnare; får upprepas.",
        "Attendance of this organiser only; may be repeated.",
    ),
]
Target = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="PATH",
        help=say(
            "Arbetsbok (.xlsx), eller mapp att skriva i. Utelämnat: mallar i utdatamappen.",
            "Workbook (.xlsx), or folder to write to. Left out: templates in the output folder.",
        ),
        show_default=False,
    ),
]


def template(
    tables: Names = None,
    month: MonthOption = None,
    organiser: Organisers = None,
    output: Target = None,
    directory: common.Directory = None,
    rules: common.Rules = None,
    lang: common.LanguageOption = None,
    quiet: common.Quiet = False,
) -> None:
    workspace = common.workspace(directory, [], rules)
    language = common.language(lang, workspace.settings.language)
    if not tables:
        typer.echo(_listed(language))
        return
    from fatcli import rulebook
    from fatcli.cli import targets
    from fatcli.writers.templatefiles import Wanted, organisers_of, template_files

    names = _named(tables)
    wanted = Wanted(names, _month(names, month, organiser), organiser or ())
    target = output or workspace.output_folder() / FOLDER.to(language)
    file = _file(target)
    book = rulebook.load(workspace.rules())
    registers = _registers(workspace, book, language, quiet=quiet)
    if GRID_NAME in names and "placements" not in registers:
        common.note(_NOT_PREFILLED, language, quiet=quiet)
    _check_organisers(wanted.organisers, organisers_of(registers))
    files = template_files(wanted, registers, book, language, together=file is not None)
    if file:
        files = dict(zip([file.name], files.values(), strict=True))
    folder = file.parent if file else target
    targets.refuse_taken((path for name in files if not (path := folder / name).exists()), targets.kept(workspace))
    for path in _write(folder, files):
        common.note(Text(f"Skrev {workspace.shown(path)}.", f"Wrote {workspace.shown(path)}."), language, quiet=quiet)


def _listed(language: Language) -> str:
    """One line per table: the name to give, and what it is."""
    return "\n".join(
        f"{name if language == 'en' else _swedish(name):<20}{_ABOUT.get(name, title).to(language)}" for name, title in _NAMES.items()
    )


def _swedish(name: str) -> str:
    """A title of several words is known by its first."""
    return _NAMES[name].sv.split()[0].lower()


def _named(given: Iterable[str]) -> list[str]:
    """The canonical names of the tables asked for, each once. Raises UsageError."""
    known = {name: name for name in _NAMES}
    for name, title in _NAMES.items():
        known |= {word.casefold(): name for word in (_swedish(name), *title)}
    found: dict[str, None] = {}
    for typed in given:
        word = unicodedata.normalize("NFC", typed)
        if word.casefold() not in known:
            hint = did_you_mean(word, known)
            what = Text("det finns ingen tabell {name}.{hint}", "there is no table {name}.{hint}").fill(name=word, hint=hint)
            raise UsageError(what, Text("fat template visar alla.", "fat template shows them all."))
        name = known[word.casefold()]
        found |= dict.fromkeys(_REGISTER if name == REGISTER_NAME else (name,))
    return list(found)


def _month(names: Sequence[str], month: str | None, organisers: Sequence[str] | None) -> Month | None:
    """The month, where the tables need or take one. Raises UsageError."""
    if GRID_NAME in names and month is None:
        raise UsageError(
            Text("ett månadsblad behöver en månad.", "a month grid needs a month."),
            Text("Ange till exempel --month 2024-05.", "Give --month 2024-05, for instance."),
        )
    if (month or organisers) and not {GRID_NAME, "attendance"} & set(names):
        raise UsageError(
            Text("--month och --organiser gäller bara närvaro.", "--month and --organiser are for attendance only."),
            Text("Ta bort dem, eller lägg till närvaro eller månadsblad.", "Leave them out, or add attendance or grid."),
        )
    return common.month(month) if month else None


def _registers(workspace: "Workspace", book: "RuleBook", language: Language, *, quiet: bool) -> "Mapping[str, pl.DataFrame]":
    """The accepted rows of the workspace's registers, by table; a note tells of those that are set aside."""
    from fatcli.tables import read_tables
    from fatcli.workbook import read_workbook

    read = [read_workbook(path, workspace.shown(path)) for path in workspace.registers()]
    tables = read_tables(read, book.vocabulary, book.components())
    if aside := sum(source.set_aside for source in tables.sources):
        note = Text(
            "{count} rader i registret går inte att läsa och är inte med. fat validate visar dem.",
            "{count} rows of the register can't be read and are left out. fat validate shows them.",
        )
        common.note(note.fill(count=aside), language, quiet=quiet)
    return tables.frames


def _check_organisers(given: Iterable[str], known: Collection[str]) -> None:
    for name in given:
        if known and name not in known:
            hint = did_you_mean(name, known)
            what = Text("det finns ingen anordnare {name}.{hint}", "there is no organiser {name}.{hint}").fill(name=name, hint=hint)
            raise UsageError(what, Text("Skriv dess anordnar-id som i registret.", "Write its organiser_id as in the register."))


def _file(target: Path) -> Path | None:
    """The one workbook to write; None: the target is a folder. Raises UsageError."""
    if not target.suffix or target.is_dir():
        return None
    if target.suffix.lower() != ".xlsx":
        raise UsageError(
            Text(f"mallar skrivs inte som {target.suffix}.", f"templates are not written as {target.suffix}."),
            Text("Ange en fil som slutar på .xlsx, eller en mapp.", "Name a file that ends in .xlsx, or a folder."),
            place=str(target),
        )
    return target


def _write(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Writes the workbooks; one that is there already may be filled in, and is never written over."""
    from fatcli.workspace import write_files

    for name, data in files.items():
        path = folder / name
        if path.exists() and not (path.is_file() and path.read_bytes() == data):
            raise OutputError(
                Text("filen finns redan, och kan vara ifylld.", "the file is there already, and may be filled in."),
                Text("Flytta eller ta bort den, eller ange en annan plats med -o.", "Move or delete it, or name another place with -o."),
                place=str(path),
            )
    return write_files(folder, files)
