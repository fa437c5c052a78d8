"""The overview for the finance office: claims and their sum, what is withheld and why, control sums, and what it rests on."""

from collections.abc import Iterable

from xlsxwriter.utility import xl_rowcol_to_cell

from fatcli.result import Checked, Claim, Paid
from fatcli.texts import Text
from fatcli.writers import wording
from fatcli.writers.book import Book, Formula, Head, Value

_NAME = Text("Översikt", "Overview")
_CLAIM_HEADS = (
    Head(Text("Rekvisition", "Claim"), "text", 22),
    Head(Text("Anordnare", "Organiser"), "text", 14),
    Head(Text("Namn", "Name"), "wrap", 30),
    Head(Text("Betalas till", "Pay to"), "text", 20),
    Head(Text("Status", "Status"), "wrap", 14),
    Head(Text("Placeringar", "Placements"), "count", 13),
    Head(Text("Dagar", "Days"), "count", 10),
    Head(Text("Belopp, kr", "Amount, SEK"), "money", 16),
)
_SUMMED = (5, 6, 7)
_RULE_HEADS = (
    Head(Text("Regel", "Rule"), "text", 10),
    Head(Text("Orsak", "Reason"), "wrap", 44),
    Head(Text("Poster", "Items"), "count", 10),
    Head(Text("Belopp, kr", "Amount, SEK"), "money", 14),
)
_ITEM_HEADS = (
    Head(Text("Anordnare", "Organiser"), "text", 14),
    Head(Text("Placering", "Placement"), "text", 14),
    Head(Text("Ersättning", "Compensation"), "wrap", 20),
    Head(Text("Dag", "Day"), "date", 12),
)
_AMOUNT_HEAD = Head(Text("Belopp, kr", "Amount, SEK"), "money", 14)
_WITHHELD_HEADS = (
    *_ITEM_HEADS,
    Head(Text("Regel", "Rule"), "wrap", 12),
    Head(Text("Orsak", "Reason"), "wrap", 32),
    Head(Text("Åtgärd", "Remedy"), "wrap", 38),
    Head(Text("Cell", "Cell"), "wrap", 34),
    _AMOUNT_HEAD,
)
_KEPT_HEADS = (*_ITEM_HEADS, Head(Text("Orsak", "Reason"), "wrap", 44), _AMOUNT_HEAD)
_MONTH_HEADS = (
    Head(Text("Månad", "Month"), "text", 14),
    Head(Text("Åtgärd", "Remedy"), "text", 40),
    Head(Text("Beräknat minus bokfört, kr", "Due less booked, SEK"), "money", 26),
    Head(Text("Varav återförs, kr", "Of it taken back, SEK"), "money", 22),
)
_CONTROL_HEADS = (
    Head(Text("Omfattning", "Scope"), "wrap", 36),
    *(Head(Text(text.sv.capitalize(), text.en.capitalize()), "count", 13) for text in wording.CONTROL_COLUMNS.values()),
)
_CONTROL_NOTE = Text(
    "Lästa rader och celler är lika med summan av de övriga kolumnerna.", "Rows and cells read equal the sum of the other columns."
)
_FILE_HEADS = (
    Head(Text("Fil", "File"), "wrap", 30),
    Head(Text("Blad", "Sheet"), "wrap", 18),
    Head(Text("Tabell", "Table"), "text", 20),
    Head(Text("sha256", "sha256"), "text", 66),
    Head(Text("Rader", "Rows"), "count", 10),
    Head(Text("Åsidosatta", "Set aside"), "count", 12),
)
_LEFT_HEADS = (
    Head(Text("Regel", "Rule"), "text", 10),
    Head(Text("Namn", "Title"), "wrap", 44),
    Head(Text("Ej prövad, därför att", "Not evaluated, because"), "wrap", 60),
)


def overview_file_name(paid: Paid) -> str:
    """`oversikt-2024-05-7.xlsx`: one for each run."""
    return f"oversikt-{paid.month}-{paid.run.number if paid.run else 'utkast'}.xlsx"


def overview_book(paid: Paid) -> bytes:
    """The workbook, in the run's language."""
    book = Book(_title(paid), paid.checked.as_of, paid.checked.language)
    _claims_sheet(book, paid)
    _withheld_sheets(book, paid)
    _ledger_sheets(book, paid)
    book.table_sheet(Text("Kontrollsummor", "Control sums"), _title(paid), _CONTROL_HEADS, _control_rows(book, paid), _CONTROL_NOTE)
    basis_sheets(book, paid.checked, _title(paid))
    return book.close()


def _title(paid: Paid) -> str:
    return f"{_NAME.to(paid.checked.language)} {wording.month_name(paid.month, paid.checked.language)}"


def _claims_sheet(book: Book, paid: Paid) -> None:
    sheet = book.sheet(Text("Rekvisitioner", "Claims"), _title(paid), landscape=True)
    book.columns(sheet, _CLAIM_HEADS)
    book.title(sheet, _title(paid))
    top = book.facts(sheet, 2, 0, _facts(book, paid)) + 1
    claims = sorted(paid.claims, key=lambda claim: (claim.reversal_refused, claim.organiser))
    after = book.table(sheet, top, _CLAIM_HEADS, [_claim_cells(book, claim) for claim in claims])
    counted = [claim for claim in claims if not claim.reversal_refused]
    sums = (sum(claim.placements for claim in counted), sum(claim.days for claim in counted), paid.total_ore)
    for col in range(len(_CLAIM_HEADS)):
        book.write(sheet, after, col, Text("Summa", "Total").to(book.language) if col == 0 else None, "total")
    for col, value in zip(_SUMMED, sums, strict=True):
        look = "total_money" if col == _SUMMED[-1] else "total_count"
        last = xl_rowcol_to_cell(top + len(counted), col)
        # the claims refused stand last, outside the sum
        formula = f"=SUM({xl_rowcol_to_cell(top + 1, col)}:{last})" if counted else "=0"
        book.write(sheet, after, col, Formula(formula, value), look)
    if paid.refused:
        book.write(sheet, after + 1, 0, _REFUSED.to(book.language), "note")
    sheet.freeze_panes(top + 1, 0)
    sheet.repeat_rows(top)


_REFUSED = Text(
    "Rekvisitioner med återföringar som inte är tillåtna är inte bokförda och ingår inte i summan.",
    "Claims with reversals that are not allowed are not booked, and not part of the total.",
)


_TO_PAY, _TO_GET_BACK = Text("Att betala", "To pay"), Text("Att få tillbaka", "To get back")
_IN_ITEMS = Text("{sum} i {items}", "{sum} in {items}")


def _facts(book: Book, paid: Paid) -> list[tuple[Text, str]]:
    none = Text("inget är bokfört", "nothing is booked").to(book.language)
    withheld = wording.withheld_money(paid.withheld, book.language)
    items = wording.counted(len(paid.withheld), Text("post", "item"), Text("poster", "items"), book.language)
    return [
        (Text("Körning", "Run"), f"{paid.run.number}, {paid.run.hash}" if paid.run else none),
        (Text("Attest", "Attestation"), (paid.run and paid.run.attested_by) or Text("ej attesterad", "not attested").to(book.language)),
        (_TO_PAY if paid.total_ore >= 0 else _TO_GET_BACK, wording.money(abs(paid.total_ore), book.language)),
        (Text("Innehållen ersättning", "Withheld"), _IN_ITEMS.fill(sum=withheld, items=items).to(book.language)),
        (Text("Avvikelser", "Violations"), wording.severity_counts(paid.checked)),
    ]


def _claim_cells(book: Book, claim: Claim) -> tuple[Value, ...]:
    status = wording.claim_status(claim, book.language)
    return claim.number or "–", claim.organiser, claim.name, _account(claim), status, claim.placements, claim.days, claim.total_ore


def _account(claim: Claim) -> str:
    """Where the money is to go: the bankgiro, else the plusgiro."""
    if claim.bankgiro:
        return f"Bankgiro {claim.bankgiro}"
    return f"Plusgiro {claim.plusgiro}" if claim.plusgiro else "–"


def _withheld_sheets(book: Book, paid: Paid) -> None:
    rules = [
        (wording.rule_word(rule, book.language), paid.checked.labels.get(rule), len(items), wording.withheld_ore(items))
        for rule, items in wording.withheld_by_rule(paid)
    ]
    note = Text(
        "En post som flera regler håller inne räknas under var och en.", "An item that several rules withhold counts under each of them."
    )
    book.table_sheet(Text("Innehållen ersättning per regel", "Withheld by rule"), _title(paid), _RULE_HEADS, rules, note)
    items = sorted(paid.withheld, key=lambda item: (item.organiser, item.placement, item.date, item.component))
    cells = [
        (
            item.organiser,
            item.placement,
            paid.checked.label(f"{item.service}.{item.component}"),
            item.date,
            wording.rule_words(item, book.language),
            item.reason,
            item.remedy,
            wording.place(item.file, item.sheet, item.cell, None, book.language),
            item.amount_ore,
        )
        for item in items
    ]
    book.table_sheet(Text("Innehållna poster", "Withheld items"), _title(paid), _WITHHELD_HEADS, cells)


def _ledger_sheets(book: Book, paid: Paid) -> None:
    """What stands in the ledger and was not touched: kept items, and other months that ought to be run again."""
    kept = sorted(paid.kept, key=lambda item: (item.organiser, item.placement, item.date, item.component))
    cells = [(item.organiser, item.placement, item.component, item.date, item.reason, item.amount_ore) for item in kept]
    note = Text("Bokförda poster som underlaget inte rör.", "Booked items that the input does not concern.")
    if cells:
        book.table_sheet(Text("Lämnas orört", "Kept"), _title(paid), _KEPT_HEADS, cells, note)
    months = [(str(other.month), f"fat payout --month {other.month}", other.difference_ore, other.minus_ore) for other in paid.other_months]
    note = Text("Månader där beräknad ersättning skiljer sig från bokförd.", "Months whose due and booked differ.")
    if months:
        book.table_sheet(Text("Andra månader", "Other months"), _title(paid), _MONTH_HEADS, months, note)


def _control_rows(book: Book, paid: Paid) -> Iterable[tuple[Value, ...]]:
    for row in paid.control:
        yield (wording.control_name(row, book.language), *(getattr(row, column) for column in wording.CONTROL_COLUMNS))


def basis_sheets(book: Book, checked: Checked, footer: str) -> None:
    """Two sheets: the files read, and the rules not evaluated; shared with the violation report."""
    note = wording.rests_on(checked, checked.rules_sha256)
    files = [
        (
            file.file,
            wording.sheet_read(table, book.language),
            wording.table_title(table.table, book.language),
            file.sha256,
            table.rows,
            table.set_aside,
        )
        for file in checked.inputs
        for table in file.tables
    ]
    files += [(file.file, "", "", file.sha256, 0, 0) for file in checked.inputs if not file.tables]
    book.table_sheet(Text("Underlag", "Input"), footer, _FILE_HEADS, sorted(files), note)
    left = [(rule.rule, checked.labels.get(rule.rule), rule.reason) for rule in checked.not_evaluated]
    book.table_sheet(Text("Ej prövade regler", "Not evaluated"), footer, _LEFT_HEADS, left, _absent(checked))


def _absent(checked: Checked) -> Text | None:
    names = wording.columns_absent(checked)
    return Text("Kolumner som saknas: {names}", "Absent columns: {names}").fill(names=names) if names else None
