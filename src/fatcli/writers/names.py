"""Results for people to read, whose names and reasons have no identity numbers; JSON and csv need those of files and sheets as they are."""

from dataclasses import replace
from typing import overload

import polars as pl

from fatcli.result import Checked, Claim, Control, Input, Paid, Run, Withheld
from fatcli.writers.neutral import name_text


@overload
def with_names_masked(result: Checked) -> Checked: ...
@overload
def with_names_masked(result: Paid) -> Paid: ...
def with_names_masked(result: Checked | Paid) -> Checked | Paid:
    """The result with every name of a file or sheet masked, and what a person wrote: who attested, and why it is taken back."""
    if isinstance(result, Checked):
        return _checked(result)
    return replace(
        result,
        checked=_checked(result.checked),
        run=result.run and _run(result.run),
        claims=tuple(map(_claim, result.claims)),
        withheld=tuple(map(_withheld, result.withheld)),
        control=tuple(map(_control, result.control)),
    )


def _checked(checked: Checked) -> Checked:
    masked = [_masked(checked.violations[name]) for name in ("file", "sheet")]
    return replace(checked, inputs=tuple(map(_input, checked.inputs)), violations=checked.violations.with_columns(masked))


def _masked(names: pl.Series) -> pl.Series:
    known = names.unique().drop_nulls().to_list()
    return names.replace(known, list(map(name_text, known)))


def _input(file: Input) -> Input:
    return replace(file, file=name_text(file.file), tables=tuple(replace(table, sheet=name_text(table.sheet)) for table in file.tables))


def _run(run: Run) -> Run:
    return replace(run, attested_by=run.attested_by and name_text(run.attested_by))


def _claim(claim: Claim) -> Claim:
    return replace(claim, reason=claim.reason and name_text(claim.reason))


def _withheld(item: Withheld) -> Withheld:
    return replace(item, file=item.file and name_text(item.file), sheet=item.sheet and name_text(item.sheet))


def _control(row: Control) -> Control:
    return replace(row, name=name_text(row.name)) if row.scope == "file" else row
