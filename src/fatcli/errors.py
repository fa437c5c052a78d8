"""What ends a run: one sentence, one remedy, one exit code. Only `cli` catches these.

FatError                70  a fault of ours
├── UsageError           2  options, settings or workspace are wrong
│   └── RuleBookError    2  the rule book is wrong; the place is FILE:LINE
├── InputError           3  an input that can't be read
├── LedgerError          4  the ledger refused
└── OutputError          5  an output that can't be written
"""

from fatcli.texts import Language, Text


class FatError(Exception):
    """A run that can't go on: what is wrong, where, and what to do about it."""

    exit_code = 70

    def __init__(self, what: Text, remedy: Text, *, place: str | None = None) -> None:
        super().__init__(what.en)
        self.what = what
        self.remedy = remedy
        self.place = place

    def message(self, language: Language) -> str:
        """`place: what remedy`, in one language."""
        sentence = f"{self.what.to(language)} {self.remedy.to(language)}"
        return f"{self.place}: {sentence}" if self.place else sentence


class UsageError(FatError):
    exit_code = 2


class RuleBookError(UsageError):
    pass


class InputError(FatError):
    exit_code = 3


class LedgerError(FatError):
    exit_code = 4


class OutputError(FatError):
    exit_code = 5
