"""Writes docs/workbooks.md, what a workbook may hold, from the program's own vocabulary: `make_workbooks.py [--check]`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from fatcli import rulebook
from fatcli.model import CODES, GRID, TABLES, Table
from fatcli.workspace import Settings

PAGE = Path(__file__).with_name("workbooks.md")
VOCABULARY = rulebook.load().vocabulary
HEAD = """# Workbooks: what to fill in / Arbetsböcker: vad som fylls i

Written by `docs/make_workbooks.py` from the program's own vocabulary and that of the rule book shipped with it.

A file may be .xlsx, .xlsm, .xlsb, .xls, .ods or .csv and hold any number of tables, on any sheets. A table is known by its header, which
stands somewhere in a sheet's first 30 rows; what is above it is left alone. Each column is known by its name or its Swedish header; case,
line breaks, dots and blanks at the edges make no difference, nor does a space, `_` or `-` between words. Columns marked * must be there.
Columns that are not known are reported once and not read; notes are never read.
*En tabell känns igen på sin rubrikrad, som står bland bladets första 30 rader. Kolumner med * krävs.*

Dates are real dates or texts such as `2024-05-03`, `20240503`, `3/5 2024` or `3 maj 2024`. Numbers may have a comma or a point. Amounts
have at most two decimals. A cell that can't be read sets its row aside (in a month grid: that day), with the cell named.

A sheet whose cell A1 begins with `fat · ` was made by the program, such as the list in an annotated copy, and is passed over. An annotated
copy (`-o annotated`), corrected, can so be handed in as it is: its colours and notes are not read either. Its name begins with
`corrections-`, which the workspace's patterns do not find: put it in the place of the original, or name it. *En kopia med rättelser kan
lämnas in som den är: bladet Rättelser, färgerna och anteckningarna läses inte. Spara den i stället för originalet, eller ange den.*

The rule book's `vocabulary:` holds the Swedish headers beyond the first few, and is where more headers and codes are added.
"""
GRID_NOTE = """One row per placement and one column per day, headed `1` to `31` (also `1 ti`) or by real dates; at least 28. The month
stands in the column `month`, in a title row above (`maj 2024`, `2024-05`) or in the sheet's name. A day's cell holds a status code or a
number of hours; an empty cell says nothing. *En rad per placering och en kolumn per dag; i cellen en kod eller antal timmar.*
"""
SETTINGS_NOTE = """An optional `fat.yaml` in the workspace. Options win over `FAT_*` variables, those over the file.

| key | default |
|---|---|"""


def page() -> str:
    return "\n".join([HEAD, *(line for table in (*TABLES.values(), GRID) for line in _table(table)), *_codes(), *_settings()])


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.title.en} / {table.title.sv}\n"
    if table is GRID:
        yield GRID_NOTE
    yield "| column | Swedish header | value |\n|---|---|---|"
    for column in table.columns:
        value = f"code: [{column.codes}](#codes)" if column.codes else column.kind
        headers = (*column.aliases, *VOCABULARY.columns.get(column.name, ()))
        yield f"| {column.name}{'*' if column.required else ''} | {', '.join(headers)} | {value} |"
    yield ""


def _codes() -> Iterator[str]:
    yield "## Codes\n\nIn any case. `X` is used for both present and absent, and is no code unless the rule book adds it.\n"
    yield "| vocabulary | code | also written |\n|---|---|---|"
    for name, words in CODES.items():
        for code, aliases in words.items():
            yield f"| {name} | {code} | {', '.join(aliases)} |"
    yield ""


def _settings() -> Iterator[str]:
    yield f"## Settings\n\n{SETTINGS_NOTE}"
    defaults = {"rules": "`rules.yaml` in the workspace, else the book shipped with the program", "language": "the locale, else `sv`"}
    for name, value in vars(Settings()).items():
        shown = ", ".join(f"`{item}`" for item in value) if isinstance(value, tuple) else f"`{value}`"
        yield f"| `{name}` | {defaults.get(name, shown)} |"
    yield ""


def main() -> None:
    if "--check" not in sys.argv:
        PAGE.write_text(page(), encoding="utf-8", newline="\n")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        sys.exit("docs/workbooks.md is not what the program reads: run make docs")


if __name__ == "__main__":
    main()
