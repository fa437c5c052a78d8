"""Facts and codes in words: the rule book and JSON name them in English, a Swedish reader is told them in Swedish."""

from collections.abc import Mapping

from fatcli.model import CODES, TABLES, column_word
from fatcli.texts import Language

# the facts that are no table's column
_FACTS: Mapping[str, str] = {
    "effective_end": "sista dag",
    "period_number": "periodens nummer",
    "period_start": "perioden började",
    "limit_end": "perioden får vara till",
    "placement_limit_end": "placeringen får vara till",
    "placement_in_participation": "placeringens nummer",
    "in_depth_end": "fördjupad slutade",
    "in_depth_limit": "fördjupad får vara till",
    "start_earned": "ger startersättning",
    "overlaps": "överlappar en annan placering",
    "reported": "rapporterad",
    "attended": "närvarande",
    "times_reported": "antal rapporter",
    "conflicting": "olika rapporter",
    "working_day": "arbetsdag",
    "in_pause": "i uppehåll",
    "scheduled": "schemadag",
    "month_reported": "månaden rapporterad",
    "counts": "räknas",
    "starts": "dag för startersättning",
    "completes": "dag för resultatersättning",
    "in_depth": "i fördjupad bedömning",
    "counts_elsewhere": "räknas för en annan placering",
    "booked": "bokförd",
    "week_hours": "timmar i veckan",
    "last_of_week": "veckans sista rapport",
    "full_week": "hel vecka",
    "in_future": "efter beräkningsdagen",
}
_VOCABULARIES = {column.name: column.codes for table in TABLES.values() for column in table.columns if column.codes}
_ABSENT = {"absent": "frånvarande"}  # stands for a cause of absence that is not told


def fact_word(name: str, language: Language) -> str:
    """A fact by its column's header, or by what it tells; in English as rules name it."""
    return _FACTS.get(name) or column_word(name, language) if language == "sv" else name


def code_word(name: str, value: str, language: Language) -> str:
    """The value of a column or fact: of a code the Swedish word that is no abbreviation; services and programmes go by their codes."""
    vocabulary = _VOCABULARIES.get(name, "service")
    if language == "en" or vocabulary in ("service", "programme"):
        return value
    return next((word for word in CODES[vocabulary].get(value, ()) if word.islower()), _ABSENT.get(value, value))
