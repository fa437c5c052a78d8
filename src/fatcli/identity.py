"""Swedish identity numbers: personnummer, samordningsnummer, organisation numbers.

A number is judged by its form, its date and its check digit; whether it was ever given out can't be told.
The century of a 10-digit number is taken from the day the number is used on, never from the clock.
"""

import re

import polars as pl

_PERSON = r"^(?:[0-9]{2})?[0-9]{6}[-+]?[0-9]{4}$"
_ORGANISATION = re.compile(r"(?:16)?(\d{6})-?(\d{4})", re.ASCII)
_COORDINATION = 60  # added to the day of birth in a samordningsnummer
_FIRST_CENTURY = 16
_TEN_DIGITS = 10**10


def people(text: pl.Series, on: pl.Series) -> pl.DataFrame:
    """The persons that personnummer and samordningsnummer name on a day: number (12 digits, null: not valid then), birth.

    `birth` is null also where a samordningsnummer leaves the date open. Of a 10-digit number the century is the latest in
    which the birth date is not after `on`; with `+` one century earlier.
    """
    digits = pl.when(pl.col("text").str.contains(_PERSON)).then(pl.col("text").str.replace("[-+]", ""))
    short = digits.cast(pl.Int64) % _TEN_DIGITS
    parts = (
        pl.select(text=text, on=on).lazy().with_columns(short=short, told=pl.when(digits.str.len_bytes() == 12).then(digits.str.head(2)))
    )
    parts = parts.with_columns(month=_two_digits(1_000_000), written_day=_two_digits(10_000)).with_columns(
        day=pl.col("written_day") % _COORDINATION, coordination=pl.col("written_day") >= _COORDINATION
    )
    is_open = pl.col("coordination") & (pl.col("month") <= 12) & (pl.col("day") <= 31) & ((pl.col("month") == 0) | (pl.col("day") == 0))
    parts = parts.with_columns(is_open=is_open).with_columns(century=pl.coalesce(pl.col("told").cast(pl.Int64), _century()))
    birth = _real_date(pl.col("century") * 100 + _two_digits(100_000_000), pl.col("month"), pl.col("day"))
    number = (pl.col("century") * _TEN_DIGITS + pl.col("short")).cast(pl.String).str.zfill(12)
    unborn = (pl.col("birth") > pl.col("on")).fill_null(value=False)  # a slip in the century
    valid = _luhn(pl.col("short")) & (pl.col("birth").is_not_null() | pl.col("is_open")) & ~unborn
    return parts.with_columns(birth=birth).select(number=pl.when(valid).then(number), birth=pl.when(valid).then("birth")).collect()


def age(birth: pl.Expr, on: pl.Expr) -> pl.Expr:
    """Whole years on a day."""
    return ((_day_number(on) - _day_number(birth)) // 10_000).cast(pl.Int32)


def _two_digits(unit: int) -> pl.Expr:
    """Two of the ten digits: those that count in the unit."""
    return pl.col("short") // unit % 100


def _day_number(day: pl.Expr) -> pl.Expr:
    """A day as the number yyyymmdd."""
    return day.dt.year().cast(pl.Int64) * 10_000 + day.dt.month().cast(pl.Int64) * 100 + day.dt.day()


def _century() -> pl.Expr:
    """Of the 10-digit numbers: the latest that has the date, and has it not after `on`; with `+` the one before."""
    day = pl.col("short") // 10**4 - pl.col("coordination").cast(pl.Int64) * _COORDINATION
    on = _day_number(pl.col("on")) % 1_000_000
    later = pl.when("is_open").then(day // 10_000 > on // 10_000).otherwise(day > on)
    every = pl.when(day == 229).then(4).otherwise(1)  # 29 February of a year 00: only every fourth century has it
    latest = (pl.col("on").dt.year().cast(pl.Int64) // 100 - later.cast(pl.Int64)) // every * every
    wanted = latest - pl.when(pl.col("text").str.contains("+", literal=True)).then(every).otherwise(0)
    return pl.when(wanted >= _FIRST_CENTURY).then(wanted)


def _real_date(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Null where there is no such day."""
    first = pl.date(pl.when(year > 0).then(year), pl.when(month.is_between(1, 12)).then(month), 1)
    found = first + pl.duration(days=day - 1)
    return pl.when(found.dt.month() == month).then(found)


def _luhn(number: pl.Expr) -> pl.Expr:
    """`luhn` of ten digits in an integer."""
    digits = [number // 10**place % 10 for place in range(10)]
    products = [digit * 2 - pl.when(digit > 4).then(9).otherwise(0) if place % 2 else digit for place, digit in enumerate(digits)]
    return pl.sum_horizontal(products) % 10 == 0


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the ones before it (modulus 10, weights 2 and 1)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        product = int(digit) * (1 + position % 2)
        total += product - 9 if product > 9 else product
    return total % 10 == 0


def organisation_number(text: str) -> str | None:
    """The ten digits of a valid organisation number (third digit 2 or more; a leading 16 allowed), else None."""
    match = _ORGANISATION.fullmatch(text)
    if not match:
        return None
    digits = match[1] + match[2]
    return digits if digits[2] >= "2" and luhn(digits) else None


def organisers_valid(text: pl.Series, legal_form: pl.Series, on: pl.Series) -> pl.Series:
    """Whether each number is of the kind its legal form asks for: a sole trader's own, else an organisation number."""
    own = people(text, on)["number"].is_not_null()
    organisation = pl.Series([organisation_number(number) is not None for number in text], dtype=pl.Boolean)
    return own.zip_with(legal_form == "sole_trader", organisation)


def core(text: str) -> str:
    """What two spellings of one number share: its last ten digits, or the text itself in lower case."""
    digits = re.sub(r"[-+\s]", "", text)
    return digits[-10:] if digits.isdecimal() and len(digits) in (10, 12) else digits.casefold()
