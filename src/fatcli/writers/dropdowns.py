"""Drop-down lists of a template: their words stand on a hidden sheet, where no list is too long and capitals do not count."""

from collections.abc import Mapping, Sequence

from xlsxwriter.utility import quote_sheetname, xl_range_abs

from fatcli.model import CODES, OWN_SHEET, Vocabulary
from fatcli.texts import Text
from fatcli.writers.book import Book
from fatcli.writers.columnhelp import code_word

_SHEET = Text("Listor", "Lists")
_FIRST_ROW = 2  # 0-based: below the mark and the name of the list
_QUARTERS = tuple(quarter / 4 for quarter in range(1, 4 * 24 + 1))


class Lists:
    """The lists that a workbook's sheets ask for, each once; `close` writes them."""

    def __init__(self, book: Book, vocabulary: Vocabulary) -> None:
        self._book = book
        self._vocabulary = vocabulary
        self._lists: dict[str, Sequence[str | float]] = {}

    def codes(self, name: str) -> str:
        """The words for codes (a key of model.CODES), as a formula for a list validation; so do the others."""
        return self.words(name, [code_word(name, code, self._book.language) for code in self._vocabulary.known(name)])

    def day_cells(self) -> str:
        """What a day's cell of a month grid may hold: a status code, or hours by the quarter."""
        return self.words("day", [*(code_word("status", code, self._book.language) for code in CODES["status"]), *_QUARTERS])

    def words(self, name: str, words: Sequence[str | float]) -> str:
        self._lists.setdefault(name, words)
        col = list(self._lists).index(name)
        last = _FIRST_ROW + max(len(self._lists[name]), 1) - 1
        return f"={quote_sheetname(_SHEET.to(self._book.language))}!{xl_range_abs(_FIRST_ROW, col, last, col)}"

    def close(self) -> None:
        if not self._lists:
            return
        sheet = self._book.sheet(_SHEET, "")
        sheet.hide()
        self._book.write(sheet, 0, 0, f"{OWN_SHEET}{_SHEET.to(self._book.language)}")
        for col, (name, words) in enumerate(self._lists.items()):
            self._book.write(sheet, 1, col, name)
            for row, word in enumerate(words, _FIRST_ROW):
                if isinstance(word, str):
                    self._book.write(sheet, row, col, word)
                else:
                    sheet.write_number(row, col, word)


def choice(source: str, error: str, *, strict: bool = True) -> Mapping[str, object]:
    """A list validation; one that is not strict asks before it takes something else."""
    return {"validate": "list", "source": source, "error_type": "stop" if strict else "warning", "error_message": error}
