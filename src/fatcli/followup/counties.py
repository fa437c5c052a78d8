"""Sweden's 21 counties, and which of them a register means."""

from collections.abc import Mapping

import polars as pl

from fatcli.texts import Text, same

COUNTIES = (
    "Stockholms län",
    "Uppsala län",
    "Södermanlands län",
    "Östergötlands län",
    "Jönköpings län",
    "Kronobergs län",
    "Kalmar län",
    "Gotlands län",
    "Blekinge län",
    "Skåne län",
    "Hallands län",
    "Västra Götalands län",
    "Värmlands län",
    "Örebro län",
    "Västmanlands län",
    "Dalarnas län",
    "Gävleborgs län",
    "Västernorrlands län",
    "Jämtlands län",
    "Västerbottens län",
    "Norrbottens län",
)
ELSEWHERE = "elsewhere"
NAMES: Mapping[str, Text] = {name: same(name) for name in COUNTIES} | {
    ELSEWHERE: Text("annat eller inte angivet län", "another county, or none given")
}


def _folded(name: str) -> str:
    return " ".join(name.casefold().split()).removesuffix(" län").removesuffix("s")


_BY_FOLDED = {_folded(name): name for name in COUNTIES}


def county(name: str | None) -> str:
    """The county's official name, of `Stockholm`, `Stockholms län` and the like; ELSEWHERE of anything else."""
    return _BY_FOLDED.get(_folded(name), ELSEWHERE) if name else ELSEWHERE


def counties(names: pl.Series) -> pl.Series:
    """`county` of each; there are few different ones, so each is looked up once."""
    known = names.unique().to_list()
    return names.replace_strict(known, [county(name) for name in known], return_dtype=pl.String)
