"""A bar on stderr for work that takes more than a second; off a terminal, or when told to be quiet, nothing."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

from fatcli.texts import Language, Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from fatcli.pipeline import Observer, Stage

PATIENCE = 1.0  # seconds before a bar appears

_STAGES: Mapping["Stage", Text] = {
    "read": Text("Läser filer", "Reading files"),
    "check": Text("Prövar reglerna", "Checking the rules"),
    "claim": Text("Räknar ut ersättningen", "Working out the money"),
    "write": Text("Skriver filer", "Writing files"),
    "judge": Text("Prövar arbetsböcker", "Judging workbooks"),
}


class _Bar:
    """Remembers how far the work is, and shows it once it is started; rich is loaded then."""

    def __init__(self, language: Language, console: "Console | None") -> None:
        self._language = language
        self._console = console
        self._progress: Progress | None = None
        self._latest: tuple[Stage, int, int] = ("read", 0, 0)

    def __call__(self, stage: "Stage", done: int, total: int) -> None:
        self._latest = stage, done, total
        if self._progress:
            self._update(self._progress)

    def start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
        progress = Progress(*columns, console=self._console or Console(stderr=True), transient=True)
        progress.add_task("", total=None)
        self._update(progress)
        progress.start()
        self._progress = progress

    def stop(self) -> None:
        if self._progress:
            self._progress.stop()

    def _update(self, progress: "Progress") -> None:
        stage, done, total = self._latest
        text = _STAGES[stage].to(self._language)
        if total > 1:
            progress.update(progress.task_ids[0], description=f"{text} {done + 1}/{total}", completed=done, total=total)
        else:  # nobody knows how much of a single piece is left
            progress.update(progress.task_ids[0], description=text, total=None)


@contextmanager
def bar(language: Language, *, quiet: bool, console: "Console | None" = None, patience: float = PATIENCE) -> Iterator["Observer"]:
    """What a long piece of work is watched by; it is gone from the screen when that ends. Nothing else may print meanwhile."""
    if quiet or not (console.is_terminal if console else sys.stderr.isatty()):
        yield lambda *_: None
        return
    shown = _Bar(language, console)
    timer = Timer(patience, shown.start)
    timer.daemon = True
    timer.start()
    try:
        yield shown
    finally:
        timer.cancel()
        timer.join()
        shown.stop()
