"""Texts for users: every one stands in Swedish and English, side by side."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal, NamedTuple

Language = Literal["sv", "en"]


class Text(NamedTuple):
    """One text in both languages; `{name}` is filled in by `fill`."""

    sv: str
    en: str

    def to(self, language: Language) -> str:
        return self.sv if language == "sv" else self.en

    def fill(self, **values: object) -> "Text":
        """Both languages with `{name}` replaced; a Text among the values is taken in its own language."""
        return Text(*(_filled(self.to(language), language, values) for language in ("sv", "en")))


def _filled(template: str, language: Language, values: dict[str, object]) -> str:
    return template.format(**{name: value.to(language) if isinstance(value, Text) else value for name, value in values.items()})


def same(text: str) -> Text:
    """A text that is the same in both languages, such as a code or a file name."""
    return Text(text, text)


def capital(text: str) -> str:
    """A text as a sentence begins; unlike str.capitalize it leaves the names in it as they are."""
    return text[:1].upper() + text[1:]


def did_you_mean(word: str, words: Iterable[str]) -> Text:
    """` Did you mean X?`, with the word nearest to a misspelt one, whatever the case; empty where none is near."""
    near = nearest(word, words)
    return Text(f" Menade du {near}?", f" Did you mean {near}?") if near else same("")


def nearest(word: str, words: Iterable[str], likeness: float = 0.6) -> str | None:
    """The word nearest to a misspelt one, whatever the case; None where none is as near as `likeness`, at most 1."""
    by_folded = {known.casefold(): known for known in words}
    near = get_close_matches(word.casefold(), by_folded, n=1, cutoff=likeness)
    return by_folded[near[0]] if near else None
