"""A bar on stderr for work that takes more than a second; off a terminal, or when told to be quiet, nothing."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING, Literal

from fatcli.cli.common import Color
from fatcli.texts import Language, Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from fatcli.intake import Observer, Stage

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

    def __init__(self, language: Language, console: "Console | None", color: Color) -> None:
        self._language = language
        self._console = console
        self._color_system: Literal["auto"] | None = None if color is Color.never else "auto"
        self._progress: Progress | None = None
        self._latest: tuple[Stage, int, int] = ("read", 0, 0)
        self._lock = Lock()  # the work and the timer run in threads of their own

    def __call__(self, stage: "Stage", done: int, total: int) -> None:
        with self._lock:
            self._latest = stage, done, total
            if self._progress:
                self._update(self._progress)

    def start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = TextColumn("{task.description}"), BarColumn()
        with self._lock:
            self._progress = Progress(
                *columns, console=self._console or Console(stderr=True, color_system=self._color_system), transient=True
            )
            self._update(self._progress)
            self._progress.start()

    def stop(self) -> None:
        if self._progress:
            self._progress.stop()

    def _update(self, progress: "Progress") -> None:
        """A new line in place of the one before: rich can't forget how much there was to do."""
        stage, done, total = self._latest
        text = _STAGES[stage].to(self._language)
        for before in progress.task_ids:
            progress.remove_task(before)
        if total > 1:
            progress.add_task(f"{text} {done + 1}/{total}", completed=done, total=total)
        else:
            progress.add_task(text, total=None)  # nobody knows how much of a single piece is left


@contextmanager
def bar(
    language: Language, *, quiet: bool, color: Color = Color.auto, console: "Console | None" = None, patience: float = PATIENCE
) -> Iterator["Observer"]:
    """What a long piece of work is watched by; it is gone from the screen when that ends. Nothing else may print meanwhile."""
    if quiet or not (console.is_terminal if console else sys.stderr.isatty()):
        yield lambda *_: None
        return
    shown = _Bar(language, console, color)
    timer = Timer(patience, shown.start)
    timer.daemon = True
    timer.start()
    try:
        yield shown
    finally:
        timer.cancel()
        timer.join()
        shown.stop()
