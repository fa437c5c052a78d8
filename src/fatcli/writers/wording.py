"""The words, numbers and places that the reports share, in both languages."""

import datetime as dt
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import polars as pl
from babel.dates import format_date
from babel.numbers import format_decimal

from fatcli.checks import RENAMED
from fatcli.claims import BOOKED_ELSEWHERE
from fatcli.control import NOBODY
from fatcli.entitlement import CLAWED_BACK
from fatcli.model import TABLES, Month, Severity, column_word, sek
from fatcli.result import Basis, Checked, Claim, Control, InputTable, LineKind, Paid, Withheld
from fatcli.rulewords import SEVERITY_WORDS, WITHHELD_WORDS
from fatcli.texts import Language, Text

LOCALES: Mapping[Language, str] = {"sv": "sv_SE", "en": "en_GB"}

SEVERITY = SEVERITY_WORDS
SEVERITY_PLURAL: Mapping[Severity, Text] = {
    "error": Text("fel", "errors"),
    "warning": Text("varningar", "warnings"),
    "info": Text("upplysningar", "infos"),
}
LINE_KIND: Mapping[LineKind, Text] = {
    "claim": Text("Ersättning", "Claim"),
    "adjustment": Text("Justering", "Adjustment"),
    "reversal": Text("Återföring", "Reversal"),
}
BASIS: Mapping[Basis, Text] = {
    "attended_day": Text("närvarodagar", "attended days"),
    "weekdays": Text("vardagar under placeringen, helgdagar inräknade", "weekdays of the placement, public holidays included"),
    "working_days": Text(
        "arbetsdagar under placeringen, helgdagar ej inräknade", "working days of the placement, public holidays not included"
    ),
    "start": Text("en gång per placering, vid start", "once per placement, at its start"),
    "result": Text("en gång per genomförd arbetsprövning", "once per completed work trial"),
}
CONTROL_COLUMNS: Mapping[str, Text] = {
    "read": Text("lästa", "read"),
    "paid": Text("betalda", "paid"),
    "not_paid": Text("ej betalda", "not paid"),
    "withheld": Text("innehållna", "withheld"),
    "set_aside": Text("åsidosatta", "set aside"),
    "kept": Text("orörda", "kept"),
    "other_months": Text("andra månader", "other months"),
}
HIDDEN = Text("dolt blad", "hidden sheet")
# what withholds an item and stands in no rule book
_NO_RULES: Mapping[str, Text] = {
    BOOKED_ELSEWHERE: Text("bokförd på annat håll", "booked-elsewhere"),
    CLAWED_BACK: Text("återkrävd", "clawed-back"),
}
NO_AMOUNT = Text("belopp saknas", "no amount")
STATUS = {
    "booked": Text("bokförd", "booked"),
    "refused": Text("nekad", "refused"),
    "open": Text("ej bokförd", "not booked"),
}


def number(value: int, language: Language) -> str:
    return str(format_decimal(value, locale=LOCALES[language]))


def money(ore: int, language: Language) -> str:
    """`6 300,00 kr` or `SEK 6,300.00`, with spaces that do not break."""
    # a true minus sign: a cell that begins with a hyphen is taken for a formula
    amount = format_decimal(Decimal(sek(ore)), "#,##0.00", locale=LOCALES[language]).replace("-", "\u2212")
    return f"{amount}\u00a0kr" if language == "sv" else f"SEK\u00a0{amount}"


def in_lines(text: str, width: int) -> str:
    """A text in lines of that width, amounts kept whole: Rich would break at their no-break spaces too."""
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def month_name(month: Month, language: Language) -> str:
    """`maj 2024` or `May 2024`."""
    return str(format_date(month.first, "MMMM y", locale=LOCALES[language]))


def counted(count: int, one: Text, many: Text, language: Language) -> str:
    return f"{number(count, language)} {(one if count == 1 else many).to(language)}"


def severity_counts(checked: Checked) -> str:
    """`12 fel, 3 varningar och 4 upplysningar`; only errors are named where there are none."""
    language = checked.language
    none = no_errors(checked)
    parts = [
        counted(count, SEVERITY[severity], SEVERITY_PLURAL[severity], language) if count else none
        for severity, count in checked.counts.items()
        if count or severity == "error"
    ]
    return joined(parts, language)


def no_errors(checked: Checked) -> str:
    """Those that are not shown (--select, --ignore) may be errors."""
    none, shown = Text("inga fel", "no errors"), Text("inga fel bland dem som visas", "no errors among those shown")
    return (shown if checked.left_out else none).to(checked.language)


def joined(parts: Sequence[str], language: Language) -> str:
    """`a, b och c`."""
    *most, last = parts
    return f"{', '.join(most)} {Text('och', 'and').to(language)} {last}" if most else last


def control_name(row: Control, language: Language) -> str:
    """What a row of the control sums counts."""
    if row.scope == "total":
        return Text("Totalt", "Total").to(language)
    return Text("Utan anordnare", "No organiser").to(language) if row.name == NOBODY else row.name


def place(file: str | None, sheet: str | None, cell: str | None, row: int | None, language: Language) -> str:
    """`attendance.xlsx · Närvaro!B17`, of a csv `attendance.csv · B17`; empty where there is no place."""
    if not file:
        return ""
    sheet = None if sheet == file.rpartition("/")[2] else sheet
    where = f"{sheet}!{cell}" if sheet and cell else sheet or cell or ""
    rows = f"{Text('rad', 'row').to(language)} {row}" if row and not cell else ""
    return " · ".join(part for part in (file, where, rows) if part)


def table_title(name: str, language: Language) -> str:
    return TABLES[name].title.to(language) if name in TABLES else name


def sheet_read(table: InputTable, language: Language) -> str:
    """A sheet by its name, and whether it is hidden in Excel: `Närvaro (dolt blad)`."""
    return f"{table.sheet} ({HIDDEN.to(language)})" if table.hidden else table.sheet


def columns_absent(checked: Checked) -> str:
    """`Beslut: avslutad, intyg; Uppehåll: godkänt`, each column by its header; in English by table and column, as facts are named."""
    if checked.language == "en":
        return ", ".join(checked.absent_columns)
    by_table: dict[str, list[str]] = {}
    for name in checked.absent_columns:
        table, _, column = name.partition(".")
        by_table.setdefault(table, []).append(column_word(RENAMED.get(column, column), checked.language))
    return "; ".join(f"{TABLES[table].title.to(checked.language)}: {', '.join(words)}" for table, words in by_table.items())


def rule_word(rule: str, language: Language) -> str:
    """A rule by its id; of what withholds without being a rule, what it is called."""
    return _NO_RULES[rule].to(language) if rule in _NO_RULES else rule


def rule_words(item: Withheld, language: Language) -> str:
    """What withholds an item: `A04, A09`."""
    return ", ".join(rule_word(rule, language) for rule in sorted(item.rules))


def withholds(checked: Checked, what: str | None, service: str | None = None) -> str:
    """What a rule withholds; a component by its title, where the service tells it."""
    if not what:
        return ""
    return ", ".join(
        WITHHELD_WORDS[part].to(checked.language) if part in WITHHELD_WORDS else checked.label(f"{service}.{part}")
        for part in what.split(", ")
    )


# of the violations of a rule, the different things that they withhold, for `withholds_together`
HELD = pl.struct("withholds", "service").unique(maintain_order=True).alias("held")


def withholds_together(checked: Checked, held: Iterable[Mapping[str, str | None]]) -> str:
    """What the violations of a rule withhold, each thing once. `held`: withholds and service of each."""
    words = (withholds(checked, each["withholds"], each["service"]) for each in held)
    return ", ".join(dict.fromkeys(filter(None, words)))


def withholds_column(checked: Checked) -> pl.Expr:
    """`withholds` for the rows of result.VIOLATIONS; there are few different ones, so each is worded once."""
    pairs = checked.violations.select("withholds", "service").unique().iter_rows()
    words = {f"{what}|{service}": withholds(checked, what, service) for what, service in pairs}
    key = pl.concat_str(pl.col("withholds").fill_null("None"), pl.lit("|"), pl.col("service").fill_null("None"))
    return key.replace_strict(words, default=None, return_dtype=pl.String)


def claim_status(claim: Claim, language: Language) -> str:
    return STATUS["booked" if claim.booked else "refused" if claim.reversal_refused else "open"].to(language)


def withheld_by_rule(paid: Paid) -> list[tuple[str, Sequence[Withheld]]]:
    """(rule, items) sorted by rule; an item that several rules withhold stands under each."""
    items: dict[str, list[Withheld]] = {}
    for item in paid.withheld:
        for rule in item.rules:
            items.setdefault(rule, []).append(item)
    return sorted(items.items())


def withheld_money(items: Sequence[Withheld], language: Language) -> str:
    """The sum of withheld items; in words where none of them has an amount."""
    ore = withheld_ore(items)
    return NO_AMOUNT.to(language) if ore is None else money(ore, language)


def withheld_ore(items: Sequence[Withheld]) -> int | None:
    """The sum of withheld items in öre; None where there are some but none of them has an amount."""
    known = [item.amount_ore for item in items if item.amount_ore is not None]
    return None if items and not known else sum(known)


def rests_on(checked: Checked, sha256: str) -> Text:
    """Rule book, as-of day and version, with as much of the rule book's hash as is given."""
    return Text(
        "Regelverk {edition}, {path}, sha256 {sha} · beräkningsdag {day} · fat {version}",
        "Rule book {edition}, {path}, sha256 {sha} · as of {day} · fat {version}",
    ).fill(edition=checked.edition, path=checked.rules_path, sha=sha256, day=day(checked.as_of), version=checked.version)


def days_of_month(dates: Iterable[dt.date]) -> str:
    """The days of one month by their numbers: `2, 6–8`."""
    runs: list[list[int]] = []
    for number in sorted({date.day for date in dates}):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def day(date: dt.date | None) -> str:
    return date.isoformat() if date else ""
