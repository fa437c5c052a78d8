"""Swedish identity numbers: personnummer, samordningsnummer, organisation numbers, bankgiro.

A number is judged by its form, its date and its check digit; whether it was ever given out can't be told.
The century of a 10-digit number is taken from the day the number is used on, never from the clock.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

_PERSON = re.compile(r"(\d{2})?(\d{2})(\d{2})(\d{2})([-+]?)(\d{4})", re.ASCII)
_ORGANISATION = re.compile(r"(?:16)?(\d{6})-?(\d{4})", re.ASCII)
_BANKGIRO = re.compile(r"\d{3,4}-?\d{4}", re.ASCII)
_COORDINATION = 60  # added to the day of birth in a samordningsnummer


@dataclass(frozen=True)
class Person:
    """A valid number in its 12-digit form. `birth` is None where a samordningsnummer leaves the date open."""

    number: str
    birth: dt.date | None

    def age(self, on: dt.date) -> int | None:
        """Whole years on a day."""
        if self.birth is None:
            return None
        return on.year - self.birth.year - ((on.month, on.day) < (self.birth.month, self.birth.day))


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the ones before it (modulus 10, weights 2 and 1)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        product = int(digit) * (1 + position % 2)
        total += product - 9 if product > 9 else product
    return total % 10 == 0


@lru_cache(maxsize=65536)
def person(text: str, on: dt.date) -> Person | None:
    """The person a personnummer or samordningsnummer names, None if it is no valid one.

    Of a 10-digit number the century is the latest in which the birth date is not after `on`;
    with `+` one century earlier.
    """
    match = _PERSON.fullmatch(text)
    if not match:
        return None
    century, year, month, day, sign, last = match.groups()
    short = year + month + day + last
    if not luhn(short):
        return None
    if century:
        return _in_century(int(century), short)
    found = [p for c in range(on.year // 100, 15, -1) if (p := _in_century(c, short)) and _born_by(p, on)]
    wanted = 1 if sign == "+" else 0
    return found[wanted] if len(found) > wanted else None


def _in_century(century: int, short: str) -> Person | None:
    """The 10 digits read in a century: a real date, or the open date of a samordningsnummer."""
    year, month, day = century * 100 + int(short[:2]), int(short[2:4]), int(short[4:6])
    coordination = day >= _COORDINATION
    if coordination:
        day -= _COORDINATION
    number = f"{century:02}{short}"
    try:
        return Person(number, dt.date(year, month, day))
    except ValueError:
        is_open = coordination and month <= 12 and day <= 31 and (month == 0 or day == 0)
        return Person(number, None) if is_open else None


def _born_by(found: Person, on: dt.date) -> bool:
    return found.birth <= on if found.birth else int(found.number[:4]) <= on.year


def organisation_number(text: str) -> str | None:
    """The ten digits of a valid organisation number (third digit 2 or more; a leading 16 allowed), else None."""
    match = _ORGANISATION.fullmatch(text)
    if not match:
        return None
    digits = match[1] + match[2]
    return digits if digits[2] >= "2" and luhn(digits) else None


def organiser_identity_valid(text: str, legal_form: str, on: dt.date) -> bool:
    """Whether the number is of the kind the legal form asks for: a sole trader's own, else an organisation number."""
    if legal_form == "sole_trader":
        return person(text, on) is not None
    return organisation_number(text) is not None


def bankgiro_valid(text: str) -> bool:
    """Whether a bankgiro number has 7 or 8 digits and the right check digit."""
    return bool(_BANKGIRO.fullmatch(text)) and luhn(text.replace("-", ""))


def core(text: str) -> str:
    """What two spellings of one number share: its last ten digits, or the text itself in lower case."""
    digits = re.sub(r"[-+\s]", "", text)
    return digits[-10:] if digits.isdecimal() and len(digits) in (10, 12) else digits.casefold()
