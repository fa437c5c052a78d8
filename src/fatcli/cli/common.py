"""What the commands share: language, options, the day, outputs, and exit codes. Nothing heavy is imported here."""

import datetime as dt
import locale
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fatcli.errors import FatError, LedgerError, UsageError
from fatcli.model import SEVERITIES, Month, Severity
from fatcli.terminal import terminal_text
from fatcli.texts import Language, Text, same

if TYPE_CHECKING:
    from rich.console import Console

    from fatcli.intake import Task
    from fatcli.workspace import Workspace

DONE, VIOLATIONS, INTERRUPTED = 0, 1, 130
_MOST_NAMES = 5  # of files in a note
USAGE, REFUSED, FAULT = UsageError.exit_code, LedgerError.exit_code, FatError.exit_code


class Lang(StrEnum):
    sv = "sv"
    en = "en"


class Color(StrEnum):
    auto = "auto"
    always = "always"
    never = "never"


class FailOn(StrEnum):
    error = "error"
    warning = "warning"
    info = "info"
    never = "never"


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language of help and errors, before anything is parsed: --lang, FAT_LANGUAGE, the locale, else Swedish."""
    given = [after for before, after in pairwise(arguments) if before == "--lang"]
    given += [argument.removeprefix("--lang=") for argument in arguments if argument.startswith("--lang=")]
    names = [environment.get(name) for name in ("FAT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")]
    for word in (*given, *names, None if any(names) else locale.getlocale()[0]):
        if word and word[:2].lower() in ("sv", "en"):
            return "en" if word[:2].lower() == "en" else "sv"
    return "sv"


LANGUAGE = language_of(sys.argv[1:], os.environ)


def say(sv: str, en: str) -> str:
    """A help text in the language that the program was started in."""
    return Text(sv, en).to(LANGUAGE)


def option(name: str, metavar: str | None, sv: str, en: str, *, among: Callable[[], list[str]] | None = None) -> Any:  # noqa: ANN401  # typer's own type
    """An option without a default, with its help in both languages. `among`: what the shell offers."""
    return typer.Option(name, metavar=metavar, help=say(sv, en), show_default=False, autocompletion=among)


Files = Annotated[
    list[Path] | None,
    typer.Argument(
        help=say("Arbetsböcker att läsa. Utelämnat: arbetsmappens.", "Workbooks to read. Left out: the workspace's."), show_default=False
    ),
]
Directory = Annotated[
    Path | None,
    typer.Option("-C", "--directory", metavar="DIR", help=say("Arbetsmapp.", "Workspace folder."), show_default=False),
]
Rules = Annotated[Path | None, option("--rules", "FILE", "Regelbok.", "Rule book.")]
AsOf = Annotated[
    str | None,
    option(
        "--as-of",
        "DATE",
        "Beräkningsdag, till exempel 2024-06-03. Utelämnat: i dag.",
        "The day to judge as of, such as 2024-06-03. Left out: today.",
    ),
]
LanguageOption = Annotated[Lang | None, option("--lang", "sv|en", "Språk.", "Language.")]
ShowIds = Annotated[
    bool,
    typer.Option(
        "--show-ids",
        help=say("Visa personnummer och frånvaroorsaker i rapporter.", "Show identity numbers and causes of absence in reports."),
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help=say("Inga upplysningar på stderr.", "No notes on stderr."))]
ColorOption = Annotated[
    Color, typer.Option("--color", metavar="auto|always|never", help=say("Färg i terminalen.", "Colour in the terminal."))
]


def output_option(formats: Sequence[str]) -> Any:  # noqa: ANN401  # typer's own type for options
    """`-o` of a command with these formats."""
    first, last = ", ".join(formats[:-1]), formats[-1]
    note = say(" (kopia att rätta i)", " (a copy to correct)") if last == "annotated" else ""
    return typer.Option(
        "-o",
        "--output",
        metavar="FORMAT[:PATH]",
        help=say(f"{first} eller {last}{note}; får upprepas.", f"{first} or {last}{note}; may be repeated."),
        show_default=False,
        autocompletion=lambda: [*formats],
    )


def format_option(formats: Sequence[str]) -> Any:  # noqa: ANN401  # typer's own type for options
    """`--format` of a command with these formats."""
    return option("--format", "FORMAT", "Kort för -o FORMAT.", "Short for -o FORMAT.", among=lambda: [*formats])


REPORT_FORMATS = ("text", "json", "csv", "html", "xlsx", "annotated")
Output = Annotated[list[str] | None, output_option(REPORT_FORMATS)]
Format = Annotated[str | None, format_option(REPORT_FORMATS)]
TEXT_OR_JSON = ("text", "json")
TextOrJson = Annotated[list[str] | None, output_option(TEXT_OR_JSON)]
TextOrJsonFormat = Annotated[str | None, format_option(TEXT_OR_JSON)]
FailOnOption = Annotated[
    FailOn,
    typer.Option(
        "--fail-on",
        metavar="error|warning|info|never",
        help=say("Lägsta allvarlighetsgrad som ger utgångskod 1.", "Lowest severity that gives exit code 1."),
    ),
]


def rule_ids() -> list[str]:
    """The ids in the folder's rule book, else in the shipped one; for completion, so that a wrong book does not matter."""
    from fatcli.rulebook import shipped

    own = Path("rules.yaml")
    text = (own.read_bytes() if own.is_file() else shipped()).decode(errors="replace")
    return re.findall(r"^  ([A-Z]{1,3}[0-9]{2,3}):", text, re.MULTILINE)


def _ids_and_groups() -> list[str]:
    ids = rule_ids()
    return [*dict.fromkeys(each.rstrip("0123456789") for each in ids), *ids]


def months() -> list[str]:
    """This month and the twelve before it, the newest first; for completion."""
    number = (today := day(None)).year * 12 + today.month - 1
    return [f"{each // 12}-{each % 12 + 1:02}" for each in range(number, number - 13, -1)]


Select = Annotated[
    list[str] | None,
    option(
        "--select",
        "RULE",
        "Visa bara dessa regler eller grupper (A, P04).",
        "Show only these rules or groups (A, P04).",
        among=_ids_and_groups,
    ),
]
Ignore = Annotated[
    list[str] | None,
    option("--ignore", "RULE", "Visa inte dessa regler eller grupper.", "Do not show these rules or groups.", among=_ids_and_groups),
]


def day(text: str | None) -> dt.date:
    """The as-of day: the one given, or today."""
    return now().date() if text is None else date(text, "--as-of")


def now() -> dt.datetime:
    """The only look at the clock, in the machine's time zone."""
    try:
        return dt.datetime.now().astimezone()
    except ValueError as error:
        raise no_time_zone() from error


def check_time_zone() -> None:
    """Refuses a TZ that names a file which is none of a time zone's: the library that words dates would fail at it."""
    named = Path(os.environ.get("TZ", "").removeprefix(":"))
    if named.is_absolute() and named.is_file():
        from zoneinfo import ZoneInfo

        try:
            with named.open("rb") as file:
                ZoneInfo.from_file(file)
        except (OSError, ValueError) as error:
            raise no_time_zone() from error


def no_time_zone() -> UsageError:
    """TZ is set to something that the libraries can't take for a time zone."""
    what = Text("miljövariabeln TZ anger ingen tidszon.", "the environment variable TZ is no time zone.")
    return UsageError(
        what, Text("Ta bort den, eller ange till exempel Europe/Stockholm.", "Remove it, or set it to Europe/Stockholm, say.")
    )


def date(text: str, option: str) -> dt.date:
    """A day given as an option."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            Text(f"{text} är inget datum.", f"{text} is no date."),
            Text(f"Skriv till exempel {option} 2024-06-03.", f"Write {option} 2024-06-03, for instance."),
        ) from error


def month(text: str, option: str = "--month") -> Month:
    """A month given as an option."""
    try:
        return Month.parse(text)
    except ValueError as error:
        raise UsageError(
            Text(f"{text} är ingen månad.", f"{text} is no month."),
            Text(f"Skriv till exempel {option} 2024-05.", f"Write {option} 2024-05, for instance."),
        ) from error


def language(option: Lang | None, settings: str | None = None) -> Language:
    """The run's language: the option, FAT_LANGUAGE and the locale being known at start, then the workspace's setting."""
    if option is None and settings in ("sv", "en") and not os.environ.get("FAT_LANGUAGE"):
        return "en" if settings == "en" else "sv"
    if option is None:
        return LANGUAGE
    return "en" if option is Lang.en else "sv"


_TO_STDOUT = ("text", "json", "csv")


@dataclass(frozen=True)
class Sink:
    """One output asked for: a format, and the file or folder it goes to (None: stdout, or the format's usual place)."""

    format: str
    path: Path | None
    piped: bool = False
    is_folder: bool = False

    @property
    def is_stdout(self) -> bool:
        return self.path is None and (self.piped or self.format in _TO_STDOUT)


def sinks(outputs: Sequence[str] | None, format_: str | None, known: Sequence[str]) -> list[Sink]:
    """The outputs of -o and --format; text when none is named. At most one may go to stdout, and does so last.

    Whoever reads stdout may go away before its end: by then the files are written.
    """
    found = []
    for output in [*(outputs or []), *([format_] if format_ else [])] or ["text"]:
        name, _, path = output.partition(":")
        if name not in known:
            raise UsageError(
                Text(f"{name} är inget utdataformat här.", f"{name} is no output format here."),
                Text(f"Välj bland {', '.join(known)}.", f"Choose among {', '.join(known)}."),
            )
        if path == "-":
            _check_piped(name)
        is_folder = path.endswith(("/", os.sep))
        found.append(Sink(name, Path(path) if path not in ("", "-") else None, piped=path == "-", is_folder=is_folder))
    if sum(sink.is_stdout for sink in found) > 1:
        raise UsageError(
            Text("bara ett format kan gå till stdout.", "only one format can go to stdout."),
            Text("Ange en fil för de andra, till exempel -o json:report.json.", "Name a file for the others, such as -o json:report.json."),
        )
    return sorted(found, key=lambda sink: sink.is_stdout)


def _check_piped(format_: str) -> None:
    """Copies are several files, and a workbook on a terminal helps nobody."""
    if format_ == "annotated" or (format_ == "xlsx" and sys.stdout.isatty()):
        what = Text("{format} kan inte gå till stdout här.", "{format} can't go to stdout here.")
        raise UsageError(what.fill(format=format_), Text("Ange en fil.", "Name a file."), place=f"-o {format_}:-")


def console(color: Color, *, stderr: bool = False) -> "Console":
    from rich.console import Console

    asked = None if color is Color.auto else color is Color.always  # None: by the terminal, NO_COLOR and FORCE_COLOR
    no_color = None if asked is None else not asked
    return Console(stderr=stderr, force_terminal=asked, no_color=no_color, highlight=False, soft_wrap=False)


def workspace(directory: Path | None, files: Sequence[Path], rules: Path | None) -> "Workspace":
    from fatcli.workspace import open_workspace

    return open_workspace(directory, files, os.environ, rules=str(rules) if rules else None)


def task(
    directory: Path | None,
    files: list[Path] | None,
    rules: Path | None,
    as_of: str | None,
    lang: Lang | None,
    select: list[str] | None,
    ignore: list[str] | None,
    *,
    show_ids: bool,
) -> "Task":
    """What a reading command is asked, from its options."""
    from fatcli.intake import Task

    given = files or []
    place = workspace(directory, given, rules)
    return Task(place, given, day(as_of), language(lang, place.settings.language), show_ids, _listed(select), _listed(ignore))


def _listed(rules: list[str] | None) -> tuple[str, ...]:
    """Rule ids and groups, each option's own or several with commas between, in capitals as the rule book has them."""
    return tuple(name.strip().upper() for named in rules or () for name in named.split(","))


def tell(text: str, *, err: bool = False) -> None:
    """Lines for the terminal; it obeys nothing that stands in a name among them."""
    typer.echo("\n".join(map(terminal_text, text.split("\n"))), err=err)


def complain(message: str) -> None:
    """What went wrong, on one line, whatever stands in a name or value."""
    tell(terminal_text(f"fat: {message}"), err=True)


def note(text: Text, run_language: Language, *, quiet: bool) -> None:
    if not quiet:
        tell(text.to(run_language), err=True)


def tell_unread(read: "Task", *, quiet: bool) -> None:
    """Names the workspace's workbooks that are not read: a month's report may be among them."""
    from fatcli.writers.neutral import name_text

    names = [] if read.files else [name_text(path.name) for path in read.workspace.others()]
    if names:
        more = len(names) - _MOST_NAMES
        rest = Text(f" och {more} till", f" and {more} more") if more > 0 else same("")
        text = Text(
            "Läses inte, då namnet inte är som fat.yaml säger: {names}{rest}. Ska de läsas, nämn filerna eller byt namn på dem.",
            "Not read, as the name is not as fat.yaml says: {names}{rest}. If they are to be read, name the files or rename them.",
        )
        note(text.fill(names=", ".join(names[:_MOST_NAMES]), rest=rest), read.language, quiet=quiet)


def failing(fail_on: FailOn) -> tuple[Severity, ...]:
    """The severities at or above the one asked for."""
    return () if fail_on is FailOn.never else SEVERITIES[: [str(each) for each in SEVERITIES].index(fail_on.value) + 1]


def exit_code(counts: Mapping[Severity, int], fail_on: FailOn) -> int:
    """1 where there are violations at or above the severity asked for."""
    return VIOLATIONS if any(counts[severity] for severity in failing(fail_on)) else DONE
