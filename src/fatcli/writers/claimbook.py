"""The claim workbook: what an organiser sends, with formulas beside their values, and the days that were withheld."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from fatcli.result import Checked, Claim, Line, Paid, Withheld
from fatcli.texts import Text
from fatcli.writers import wording
from fatcli.writers.book import Book, Formula, Head, Value
from fatcli.writers.neutral import file_name_part

_CLAIM = Text("Rekvisition", "Claim")
_WITHHELD = Text("Innehållen ersättning", "Withheld")
_HEADS = (
    Head(Text("Deltagare", "Participant"), "text", 18),  # as wide as the longest label above it
    Head(Text("Placering", "Placement"), "text", 12),
    Head(Text("Insats", "Service"), "text", 7),
    Head(Text("Ersättning", "Compensation"), "wrap", 21),
    Head(Text("Slag", "Kind"), "text", 11),
    Head(Text("Rättar", "Corrects"), "wrap", 15),
    Head(Text("Antal", "Number"), "count", 8),
    Head(Text("À-pris, kr", "Rate, SEK"), "money", 11),
    Head(Text("Belopp, kr", "Amount, SEK"), "money", 13),
)
_NUMBER, _RATE, _AMOUNT = 6, 7, 8
_DAYS = Text("Dagar", "Days")
_DAYS_HEADS = (
    Head(Text("Dag", "Day"), "date", 11),
    Head(Text("Placering", "Placement"), "text", 14),
    Head(Text("Ersättning", "Compensation"), "wrap", 24),
    Head(Text("Slag", "Kind"), "text", 14),
    Head(Text("Rättar", "Corrects"), "wrap", 24),
    Head(Text("Belopp, kr", "Amount, SEK"), "money", 14),
)
_WITHHELD_HEADS = (
    Head(Text("Dag", "Day"), "date", 11),
    Head(Text("Placering", "Placement"), "text", 14),
    Head(Text("Ersättning", "Compensation"), "wrap", 19),
    Head(Text("Regel", "Rule"), "wrap", 8),
    Head(Text("Orsak", "Reason"), "wrap", 40),
    Head(Text("Åtgärd", "Remedy"), "wrap", 36),
    Head(Text("Cell", "Cell"), "wrap", 28),
    Head(Text("Belopp, kr", "Amount, SEK"), "money", 14),
)
_ASIDE = Text("Åsidosatt", "Set aside")
_ASIDE_HEADS = (
    Head(Text("Placering", "Placement"), "text", 14),
    Head(Text("Regel", "Rule"), "text", 8),
    Head(Text("Vad som är fel", "What is wrong"), "wrap", 54),
    Head(Text("Åtgärd", "What to do"), "wrap", 50),
    Head(Text("Cell", "Cell"), "wrap", 34),
)
_PERSONAL = Text(
    "Arbetsboken innehåller personnummer. Hantera den som personuppgifter och lämna den bara till den som behöver den.",
    "This workbook holds identity numbers. Handle it as personal data and pass it on only to those who need it.",
)
_NO_VAT = Text("Moms ingår inte i beräkningen.", "VAT is not part of the calculation.")


def claim_file_name(paid: Paid, claim: Claim) -> str:
    """`rekvisition-2024-05-ORG1-1.xlsx`: the same for the same run and claim, and no two claims share one.

    An organiser id that can't stand in a file name as it is (lower case, as some file systems know no case; a sign that a
    system forbids; an identity number) is cut to what can, and the run and the claim's place in it tell such names apart.
    """
    part = file_name_part(claim.organiser)
    if part != claim.organiser or part != part.upper():
        # among the booked ones only: the ledger, from which the files can be written again, knows no others
        peers = [other for other in paid.claims if other.booked == claim.booked]
        part = f"{part or 'anordnare'}.{paid.run.number if paid.run else 0}-{peers.index(claim) + 1}"
    sequence = claim.number.rpartition("/")[2] if claim.number else "utkast"
    return f"rekvisition-{paid.month}-{part}-{sequence}.xlsx"


def own_parts(paid: Paid) -> list[Paid]:
    """Of each booked claim, in order, what its workbook tells of the run: what concerns its organiser, and what of its was not read."""
    withheld, control = (_by_organiser(rows, name) for rows, name in ((paid.withheld, "organiser"), (paid.control, "name")))
    aside = {str(name): rows for (name,), rows in _set_aside(paid.checked).group_by("organiser", maintain_order=True)}
    parts = []
    for organiser in (claim.organiser for claim in paid.claims if claim.booked):
        violations = aside.get(organiser, paid.checked.violations.clear())
        files = set(violations["file"])
        checked = replace(paid.checked, inputs=tuple(each for each in paid.checked.inputs if each.file in files), violations=violations)
        own = tuple(withheld[organiser]), tuple(control[organiser])
        parts.append(replace(paid, checked=checked, claims=(), withheld=own[0], kept=(), other_months=(), control=own[1]))
    return parts


def _set_aside(checked: Checked) -> pl.DataFrame:
    """What could not be read of the attendance, as violations."""
    unread = pl.col("rule").str.starts_with("T") & (pl.col("severity") == "error")
    return checked.violations.filter(unread & checked.in_attendance())


def _by_organiser(rows: Iterable[Any], name: str) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def claim_book(paid: Paid, claim: Claim) -> bytes:
    """The workbook of one organiser's claim, in the run's language."""
    language = paid.checked.language
    name = claim.number or claim.organiser
    book = Book(f"{_CLAIM.to(language)} {name}", paid.checked.as_of, language)
    withheld = [item for item in paid.withheld if item.organiser == claim.organiser]
    aside = _set_aside(paid.checked).filter(pl.col("organiser") == claim.organiser)
    _claim_sheet(book, paid, claim, withheld)
    if any(line.dates for line in claim.lines):
        _days_sheet(book, paid, name, claim)
    if withheld:
        _withheld_sheet(book, paid, name, withheld)
    if aside.height:
        _aside_sheet(book, name, aside)
    return book.close()


def _claim_sheet(book: Book, paid: Paid, claim: Claim, withheld: Sequence[Withheld]) -> None:
    sheet = book.sheet(_CLAIM, f"{_CLAIM.to(book.language)} {claim.number or claim.organiser}")
    book.columns(sheet, _HEADS)
    top = _head(book, sheet, paid, claim)
    row = _lines(book, sheet, paid, claim, top)
    row = _basis(book, sheet, paid, claim, row + 1)
    row = _origin(book, sheet, paid, claim, withheld, row + 1)
    _signatures(book, sheet, row + 3)
    sheet.repeat_rows(top)
    sheet.freeze_panes(top + 1, 0)
    sheet.print_area(0, 0, row + 5, _AMOUNT)


def _head(book: Book, sheet: Worksheet, paid: Paid, claim: Claim) -> int:
    """Who claims what for when; returns the row of the table's headings."""
    claimed = Text("Rekvisition av ersättning för {month}", "Claim of compensation for {month}")
    clawed_back = Text("Återkrav av ersättning för {month}", "Clawback of compensation for {month}")
    repaid = Text("Återbetalning av ersättning för {month}", "Repayment of compensation for {month}")
    title = (clawed_back if claim.reason else repaid if claim.total_ore < 0 else claimed).to(book.language)
    book.title(sheet, title.format(month=wording.month_name(paid.month, book.language)))
    organiser = [
        (Text("Anordnare", "Organiser"), f"{claim.name} ({claim.organiser})"),
        (Text("Org.-/personnummer", "Identity number"), claim.identity_number),
        (Text("Bankgiro", "Bankgiro"), claim.bankgiro or "–"),
        (Text("Plusgiro", "Plusgiro"), claim.plusgiro or "–"),
    ]
    number = [
        (Text("Rekvisition", "Claim"), claim.number or Text("utkast, ej bokförd", "draft, not booked").to(book.language)),
        (Text("Period", "Period"), f"{paid.month.first} – {paid.month.last}"),
        (Text("Beräkningsdag", "As of"), paid.checked.as_of.isoformat()),
        (Text("Attest", "Attestation"), _attestation(book, paid)),
    ]
    book.facts(sheet, 2, 0, organiser)
    row = book.facts(sheet, 2, 5, number)
    if claim.reason:
        row = book.facts(sheet, row, 0, [(Text("Återkrav", "Clawback"), claim.reason)])
    return row + 1


def _attestation(book: Book, paid: Paid) -> str:
    if not (paid.run and paid.run.attested_by):
        return Text("ej attesterad", "not attested").to(book.language)
    return " ".join((paid.run.attested_by, wording.day(paid.run.attested_on))).strip()


def _lines(book: Book, sheet: Worksheet, paid: Paid, claim: Claim, top: int) -> int:
    """The table and its total; returns the row after."""
    lines = sorted(claim.lines, key=lambda line: (line.placement, line.component, line.kind, line.rate_ore))
    total = book.table(sheet, top, _HEADS, [_cells(book, paid, line, row) for row, line in enumerate(lines, top + 1)])
    summed = Text("Summa att återbetala", "Total to repay") if claim.total_ore < 0 else Text("Summa", "Total")
    for col in range(_AMOUNT):
        book.write(sheet, total, col, summed.to(book.language) if col == 0 else None, "total")
    column = f"{xl_rowcol_to_cell(top + 1, _AMOUNT)}:{xl_rowcol_to_cell(total - 1, _AMOUNT)}"
    book.write(sheet, total, _AMOUNT, Formula(f"=SUM({column})", claim.total_ore), "total_money")
    book.write(sheet, total + 2, 0, _NO_VAT.to(book.language), "note")
    return total + 3


def _cells(book: Book, paid: Paid, line: Line, row: int) -> tuple[Value, ...]:
    product = f"=ROUND({xl_rowcol_to_cell(row, _NUMBER)}*{xl_rowcol_to_cell(row, _RATE)},2)"
    return (
        line.participant_id,
        line.placement,
        line.service,
        paid.checked.label(f"{line.service}.{line.component}"),
        wording.LINE_KIND[line.kind].to(book.language),
        line.corrects,
        line.days,
        line.rate_ore,
        Formula(product, line.amount_ore),
    )


def _basis(book: Book, sheet: Worksheet, paid: Paid, claim: Claim, row: int) -> int:
    """What a day is, for each compensation of the claim."""
    book.write(sheet, row, 0, Text("Det som räknas", "What is counted").to(book.language), "section")
    for service, component, basis in sorted({(line.service, line.component, line.basis) for line in claim.lines}):
        row += 1
        title = f"{paid.checked.label(service)}, {paid.checked.label(f'{service}.{component}').lower()}"
        book.write(sheet, row, 0, f"{title}: {wording.BASIS[basis].to(book.language)}", "note")
    return row + 1


def _origin(book: Book, sheet: Worksheet, paid: Paid, claim: Claim, withheld: Sequence[Withheld], row: int) -> int:
    """What the claim rests on: withheld days, rule book, run."""
    book.write(sheet, row, 0, Text("Underlag", "Basis").to(book.language), "section")
    for text in (
        *_days_note(book, claim),
        *_withheld_note(book, withheld),
        *_set_aside_note(book, paid, claim),
        *_origin_notes(book, paid),
        _PERSONAL.to(book.language),
    ):
        row += 1
        book.write(sheet, row, 0, text, "note")
    return row + 1


def _days_note(book: Book, claim: Claim) -> list[str]:
    note = Text(
        "Vilka dagar som läggs till eller rättas står på bladet Dagar.", "The days that are added or corrected are on the sheet Days."
    )
    return [note.to(book.language)] if any(line.dates for line in claim.lines) else []


def _withheld_note(book: Book, withheld: Sequence[Withheld]) -> list[str]:
    if not withheld:
        return []
    note = Text(
        "Hålls inne: {items}, {sum}. Dagarna, orsakerna och vad som behöver rättas står på bladet Innehållen ersättning.",
        "Withheld: {items}, {sum}. The days, the reasons and what to correct are on the sheet Withheld.",
    )
    items = wording.counted(len(withheld), Text("post", "item"), Text("poster", "items"), book.language)
    total = wording.withheld_money(withheld, book.language)
    return [note.to(book.language).format(items=items, sum=total)]


def _set_aside_note(book: Book, paid: Paid, claim: Claim) -> list[str]:
    """What was handed in but could not be read, so that the organiser does not miss it."""
    counts = [row.set_aside for row in paid.control if row.scope == "organiser" and row.name == claim.organiser]
    if not sum(counts):
        return []
    note = Text(
        "Åsidosatt: {n}. Rader och celler i närvaron som inte gick att läsa ersätts inte förrän de är rättade.",
        "Set aside: {n}. Rows and cells of the attendance that could not be read are not paid until they are corrected.",
    )
    return [note.to(book.language).format(n=wording.number(sum(counts), book.language))]


def _origin_notes(book: Book, paid: Paid) -> list[str]:
    checked = paid.checked
    rules = Text("Regelverk {edition}, sha256 {sha}", "Rule book {edition}, sha256 {sha}").to(book.language)
    run = Text("Körning {number}, {hash} (fat {version})", "Run {number}, {hash} (fat {version})").to(book.language)
    notes = [rules.format(edition=checked.edition, sha=checked.rules_sha256)]
    return notes + ([run.format(number=paid.run.number, hash=paid.run.hash, version=checked.version)] if paid.run else [])


def _signatures(book: Book, sheet: Worksheet, row: int) -> None:
    """Two lines to sign on, each with what is to stand there."""
    organiser = Text("Datum, anordnarens underskrift och namnförtydligande", "Date, organiser's signature and name in print")
    authority = Text("Datum, attest och namnförtydligande", "Date, attestation and name in print")
    for first, last, text in ((0, 3, organiser), (5, _AMOUNT, authority)):
        for col in range(first, last + 1):
            book.write(sheet, row, col, text.to(book.language) if col == first else None, "signature")


def _days_sheet(book: Book, paid: Paid, name: str, claim: Claim) -> None:
    explained = Text(
        "Dag för dag vad rekvisitionen lägger till eller rättar i det som är bokfört för månaden.",
        "Day by day what the claim adds to, or corrects in, what is booked for the month.",
    )
    lines = sorted(claim.lines, key=lambda line: (line.placement, line.component, line.kind))
    days = sorted(((date, line) for line in lines for date in line.dates), key=lambda day: (day[1].placement, day[0]))
    rows = [
        (
            date,
            line.placement,
            paid.checked.label(f"{line.service}.{line.component}"),
            wording.LINE_KIND[line.kind].to(book.language),
            line.corrects,
            line.per_day_ore,
        )
        for date, line in days
    ]
    book.table_sheet(_DAYS, f"{_CLAIM.to(book.language)} {name}", _DAYS_HEADS, rows, explained)


def _withheld_sheet(book: Book, paid: Paid, name: str, withheld: Sequence[Withheld]) -> None:
    explained = Text(
        "Posterna ingår inte i rekvisitionen. När uppgifterna är rättade tas de med i nästa körning.",
        "These items are not part of the claim. Once the data are corrected, the next run claims them.",
    )
    ordered = sorted(withheld, key=lambda item: (item.placement, item.date, item.component))
    rows = [_withheld_cells(book, paid, item) for item in ordered]
    book.table_sheet(_WITHHELD, f"{_CLAIM.to(book.language)} {name}", _WITHHELD_HEADS, rows, explained)


def _aside_sheet(book: Book, name: str, aside: pl.DataFrame) -> None:
    explained = Text(
        "Det här gick inte att läsa och ger ingen ersättning. När det är rättat tas det med i nästa körning.",
        "This could not be read and is not paid. Once it is corrected, the next run takes it in.",
    )
    rows = [
        (placement, rule, message, remedy, wording.place(file, sheet, cell, row, book.language))
        for placement, rule, message, remedy, file, sheet, cell, row in aside.select(
            "placement", "rule", "message", "remedy", "file", "sheet", "cell", "row"
        ).iter_rows()
    ]
    book.table_sheet(_ASIDE, f"{_CLAIM.to(book.language)} {name}", _ASIDE_HEADS, rows, explained)


def _withheld_cells(book: Book, paid: Paid, item: Withheld) -> tuple[Value, ...]:
    return (
        item.date,
        item.placement,
        paid.checked.label(f"{item.service}.{item.component}"),
        wording.rule_words(item, book.language),
        item.reason,
        item.remedy,
        wording.place(item.file, item.sheet, item.cell, None, book.language),
        item.amount_ore,
    )
