"""`fat init`: a workspace that works at once."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from fatcli.cli import common
from fatcli.cli.common import say
from fatcli.errors import UsageError
from fatcli.texts import Language, Text

HELP = say(
    "Skapa en arbetsmapp med regelbok, mallar och en påhittad månad.\n\nExempel: fat init arbetsträning",
    "Make a workspace with rule book, templates and a made-up month.\n\nExample: fat init work-training",
)
Folder = Annotated[Path, typer.Argument(metavar="DIR", help=say("Mapp; den skapas vid behov.", "Folder; made where it is not there."))]


def init(folder: Folder = Path(), lang: common.LanguageOption = None) -> None:
    from fatcli.workspace import write_files
    from fatcli.writers.starter import MONTH, starter_files

    language = common.language(lang)
    files = starter_files(language)
    there = [name for name in files if (folder / name).exists()]
    _check_free(folder, files, there)
    for part in dict.fromkeys(PurePosixPath(name).parent for name in files):
        within = {PurePosixPath(name): data for name, data in files.items() if name not in there}
        write_files(folder / part, {path.name: data for path, data in within.items() if path.parent == part})
    common.tell("\n".join(_told(folder, files, there, str(MONTH), language)))


def _check_free(folder: Path, files: Mapping[str, bytes], there: Collection[str]) -> None:
    """Refuses a folder in which a file would be written over, or the made-up month would be paid together with a real one."""
    from fatcli.workspace import Settings, Workspace

    differing = [name for name in there if not (folder / name).is_file() or (folder / name).read_bytes() != files[name]]
    if differing:
        raise UsageError(
            Text("det finns redan {names}.", "there is already {names}.").fill(names=", ".join(differing)),
            Text("Inget är skrivet. Välj en tom mapp.", "Nothing is written. Choose an empty folder."),
            place=str(folder),
        )
    own = [path.name for path in Workspace(folder, Settings()).files() if path.name not in files] if folder.is_dir() else []
    if own:
        raise UsageError(
            Text(
                "mappen har redan arbetsböcker ({names}); den påhittade månaden skulle blandas med dem.",
                "the folder has workbooks already ({names}); the made-up month would be mixed up with them.",
            ).fill(names=", ".join(own)),
            Text("Inget är skrivet. Välj en tom mapp.", "Nothing is written. Choose an empty folder."),
            place=str(folder),
        )


def _told(folder: Path, files: Iterable[str], there: Collection[str], month: str, language: Language) -> Iterator[str]:
    """What was written, and what to run next."""
    yield Text(f"Arbetsmappen {folder.resolve().name} är klar:", f"The workspace {folder.resolve().name} is ready:").to(language)
    for name in files:
        yield f"  {name}{Text(' (fanns redan)', ' (was there already)').to(language) if name in there else ''}"
    yield Text("Kör nu:", "Now run:").to(language)
    if folder.resolve() != Path.cwd():
        name = str(folder)
        yield f'  cd "{name}"' if " " in name else f"  cd {name}"
    yield "  fat validate"
    yield f"  fat payout --month {month}"
