"""How a figure, a heading and a footnote read, the same in text, page and workbook."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from babel.numbers import format_decimal

from fatcli.figures import Basis, Column, Hidden, Kind, Label, Report, Table, Value, half_up
from fatcli.texts import Language, Text
from fatcli.writers.neutral import name_text
from fatcli.writers.wording import LOCALES, day

PERIODS = ("year", "month")  # the columns whose values may be covered in part
_PATTERNS: Mapping[Kind, str] = {"count": "#,##0", "mean": "#,##0.0", "days": "#,##0.0"}
_UNIT: Mapping[Kind, Text] = {"sek": Text("kr", "SEK")}
_BASE = Text("{column}: av {base}", "{column}: of {base}")
_COVERED = Text("Uppgifterna täcker bara", "The data cover only")


def shown(value: Value, column: Column, report: Report) -> str:
    """A figure as text: shares in whole per cent, sums in whole SEK where they are whole, what is not known as a dash."""
    language = report.basis.language
    if isinstance(value, Label):
        return value.name.to(language)
    if isinstance(value, Hidden):
        return value.value
    if value is None:
        return "–"
    return number(value, column.kind, language)


def number(value: Fraction | float, kind: Kind, language: Language) -> str:
    """A figure as text; a share from its exact value, so that it is rounded once."""
    if kind == "share":
        exact = value if isinstance(value, Fraction) else Fraction(str(round(value, 9)))
        per_cent = half_up(100 * exact.numerator, exact.denominator)
        return f"{per_cent}\u00a0%" if language == "sv" else f"{per_cent}%"
    if kind == "sek":
        pattern = "#,##0" if value % 100 == 0 else "#,##0.00"
        return _formatted(Decimal(int(value)) / 100, pattern, language)
    return _formatted(Decimal(repr(float(value) if isinstance(value, Fraction) else value)), _PATTERNS[kind], language)


def _formatted(value: Decimal, pattern: str, language: Language) -> str:
    # a true minus sign: a cell that begins with a hyphen is taken for a formula
    return str(format_decimal(value, pattern, locale=LOCALES[language])).replace("-", "\u2212")


def heading(column: Column, language: Language) -> str:
    """The title, with the unit where it is money."""
    unit = _UNIT.get(column.kind)
    return f"{column.title.to(language)} ({unit.to(language)})" if unit else column.title.to(language)


def marked(table: Table, row: int, at: int, report: Report) -> str:
    """A figure as text, with a star at a year or month that the data cover in part."""
    column = table.columns[at]
    text = shown(table.rows[row][at], column, report)
    return f"{text}*" if row in table.partial and column.key in PERIODS else text


def footnotes(table: Table, report: Report) -> Iterator[str]:
    """How to read the table, what its shares are shares of, and what its partial years and months cover."""
    language = report.basis.language
    yield from (text.to(language) for text in table.about)
    bases = dict.fromkeys((column.title, column.base) for column in table.columns if column.base)
    for title, base in bases:
        yield f"{_BASE.fill(column=title, base=base).to(language)}."
    if spans := _partial(table, language):
        yield f"* {_COVERED.to(language)} {', '.join(spans)}."


def _partial(table: Table, language: Language) -> list[str]:
    found: dict[str, None] = {}
    for row, (first, last) in table.partial.items():
        period = next(value for value, column in zip(table.rows[row], table.columns, strict=True) if column.key in PERIODS)
        assert isinstance(period, Label)  # noqa: S101  # years and months are labels
        found[f"{period.name.to(language)}: {day(first)}–{day(last)}"] = None
    return list(found)


def about(report: Report) -> str:
    """The source, the days, and the as-of day, in a line."""
    days = Text("uppgifter {first}–{last}", "data {first}–{last}").fill(first=day(report.first), last=day(report.last))
    parts = [
        Text("Källa: {source}", "Source: {source}").fill(source=report.source),
        *([days] if report.first else []),
        Text("beräkningsdag {day}", "as of {day}").fill(day=day(report.basis.as_of)),
    ]
    return " · ".join(part.to(report.basis.language) for part in parts)


def rests_on(basis: Basis) -> str:
    files = ", ".join(name_text(file.file) for file in basis.inputs)
    return (
        Text("Regelverk {edition}, {path} · fat {version} · filer: {files}", "Rule book {edition}, {path} · fat {version} · files: {files}")
        .fill(edition=basis.edition, path=basis.rules_path, version=basis.version, files=files)
        .to(basis.language)
    )
