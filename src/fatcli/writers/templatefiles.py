"""Which workbooks `fat template` gives: what is asked for, prefilled from the register, by file name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from fatcli.model import TABLES, Month
from fatcli.rulebook import RuleBook
from fatcli.texts import Language, Text
from fatcli.writers.columnhelp import GRID_NAME
from fatcli.writers.monthsheet import MonthForm, month_forms
from fatcli.writers.neutral import file_name_part
from fatcli.writers.template import Choices, Form, TableForm, choices_of, template_book

# names that the workspace finds, where the filled-in workbook is put there
_ATTENDANCE = Text("narvaro", "attendance")
_REGISTER = "register"
_EMPTY = Text("mall", "template")


@dataclass(frozen=True)
class Wanted:
    """What is asked for: canonical table names and `grid`, and for whom (none: every organiser with a placement that month)."""

    names: Sequence[str]
    month: Month | None = None
    organisers: Sequence[str] = ()


def template_files(
    wanted: Wanted, registers: Mapping[str, pl.DataFrame], book: RuleBook, language: Language, *, together: bool = False
) -> dict[str, bytes]:
    """The workbooks by file name: month grids alone are a workbook for each organiser, unless `together`; all else is one.

    `registers`: the accepted rows of the registers, by table.
    """
    placements = _ids(_of(registers, wanted.organisers), "placements", "placement_id")
    choices = choices_of(book, placements, _ids(registers, "organisers", "organiser_id"))
    forms = [form for name in wanted.names for form in _forms(name, wanted, registers)]
    if list(wanted.names) != [GRID_NAME] or together:
        return {f"{_stem(wanted, language)}.xlsx": template_book(forms, language, choices)}
    files: dict[str, bytes] = {}
    for form in forms:
        organiser = form.organiser if isinstance(form, MonthForm) else ""
        stem = "-".join(part for part in (_stem(wanted, language), file_name_part(organiser)) if part)
        # what goes to an organiser tells nothing of the others
        own = _ids(_of(registers, [organiser]), "placements", "placement_id")
        files[f"{_free(stem, files)}.xlsx"] = template_book([form], language, Choices(own, vocabulary=book.vocabulary))
    return files


def organisers_of(registers: Mapping[str, pl.DataFrame]) -> set[str]:
    """The organisers that the registers name."""
    return {*_ids(registers, "organisers", "organiser_id"), *_ids(registers, "placements", "organiser_id")}


def _of(registers: Mapping[str, pl.DataFrame], organisers: Collection[str]) -> Mapping[str, pl.DataFrame]:
    """The registers with these organisers' placements only; all where none is named."""
    if "placements" not in registers or not any(organisers):
        return registers
    return {**registers, "placements": registers["placements"].filter(pl.col("organiser_id").is_in(list(organisers)))}


def _ids(registers: Mapping[str, pl.DataFrame], table: str, column: str) -> tuple[str, ...]:
    return tuple(registers[table][column].unique().sort()) if table in registers else ()


def _forms(name: str, wanted: Wanted, registers: Mapping[str, pl.DataFrame]) -> Sequence[Form]:
    if name == GRID_NAME and wanted.month:
        return month_forms(wanted.month, registers.get("placements"), registers.get("organisers"), wanted.organisers)
    return [TableForm(TABLES[name], month=wanted.month if name == "attendance" else None)]


def _stem(wanted: Wanted, language: Language) -> str:
    only_attendance = set(wanted.names) <= {GRID_NAME, "attendance"}
    return f"{_ATTENDANCE.to(language) if only_attendance else _REGISTER}-{wanted.month or _EMPTY.to(language)}"


def _free(stem: str, taken: Collection[str]) -> str:
    """Organisers whose ids differ only in what a file name can't hold are told apart by a number."""
    lower = {name.lower() for name in taken}
    return next(
        name for name in (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))) if f"{name}.xlsx".lower() not in lower
    )
