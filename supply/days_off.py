"""Writes the Swedish days off that come with the program, by the library `holidays`: `days_off.py [--check]`.

`--check` writes nothing, and fails where the library would give other days: a new release is then to be looked at before it changes pay.
"""

import sys
from itertools import groupby

from holidays.countries.sweden import Sweden

import locked

TABLE = locked.ROOT / "src" / "fatcli" / "days_off.txt"
YEARS = range(1950, 2151)
HEAD = (
    "# Swedish public holidays and midsummer, Christmas and New Year's Eve that are no Saturdays or Sundays, a line a year.\n"
    "# Written by supply/days_off.py with the library holidays, categories public and de_facto.\n"
)


def table() -> str:
    days = sorted(day for day in Sweden(years=YEARS, categories=("public", "de_facto")) if day.weekday() < 5)
    return HEAD + "".join(
        f"{year} {' '.join(f'{day:%m-%d}' for day in of_year)}\n" for year, of_year in groupby(days, lambda day: day.year)
    )


def main() -> None:
    if sys.argv[1:] == ["--check"]:
        if TABLE.read_text(encoding="utf-8") != table():
            sys.exit(f"{TABLE.name} is not what the library gives; run supply/days_off.py, and look at the difference")
        return
    TABLE.write_text(table(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
