"""The first sheet of a copy: what is to be corrected, with links to the cells."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from fatcli.model import OWN_SHEET, Severity, column_letter
from fatcli.result import Checked
from fatcli.texts import Language, Text
from fatcli.writers import wording
from fatcli.writers.annotated.styles import GROUNDS, Styles
from fatcli.writers.neutral import cell_text

TITLE = Text("Rättelser", "Corrections")
MOST_LISTED = 50_000  # Excel takes 65 530 links on a sheet
HEAD_ROW = 8  # 1-based
_HEADS: Sequence[tuple[Text, float]] = (
    (Text("Grad", "Severity"), 12),
    (Text("Regel", "Rule"), 8),
    (Text("Anvisning", "Placement"), 14),
    (Text("Blad", "Sheet"), 18),
    (Text("Cell", "Cell"), 9),
    (Text("Funnet", "Found"), 16),
    (Text("Vad som är fel", "What is wrong"), 52),
    (Text("Åtgärd", "What to do"), 46),
)
_LINK = 4  # the column of Cell
_IDENTITY = Text(
    "Kopian innehåller personnummer. Lämna den bara till den som får ta del av dem, och radera den när den inte behövs längre.",
    "This copy holds identity numbers. Give it only to those who may see them, and delete it when it is no longer needed.",
)
_HOW = Text(
    "Rätta i de färgade cellerna, spara och lämna in arbetsboken igen. Det här bladet och anteckningarna läses inte.",
    "Correct the coloured cells, save, and hand the workbook in again. This sheet and the notes are not read.",
)
_CUT = Text(
    "De första {listed} av {all} avvikelser står här; alla celler är färgade.",
    "The first {listed} of {all} violations stand here; all cells are coloured.",
)
_NOTES_CUT = Text(
    "Högst {most} celler per blad har en anteckning, de allvarligaste först.",
    "At most {most} cells per sheet have a note, the most severe first.",
)
_PLAIN = Text(
    "Filen {file} kan inte ändras som den är: kopian har dess värden, men inte dess format och formler.",
    "The file {file} can't be changed as it is: the copy has its values, but not its formats and formulas.",
)
_LINE_HEIGHT, _MOST_LINES = 13, 12


def lines(checked: Checked, violations: pl.DataFrame, file: str, *, most_notes: int | None, plain: bool) -> list[str]:
    """What stands above the list. `most_notes`: where notes were left out, how many there are on a sheet."""
    language = checked.language
    count = wording.number(violations.height, language)
    rests_on = wording.rests_on(checked, checked.rules_sha256[:12]).to(language)
    remarks = [
        _CUT.fill(listed=wording.number(MOST_LISTED, language), all=count) if violations.height > MOST_LISTED else None,
        _NOTES_CUT.fill(most=wording.number(most_notes, language)) if most_notes else None,
        _PLAIN.fill(file=file) if plain else None,
    ]
    texts = [_HOW, _IDENTITY, *(remark for remark in remarks if remark)]
    return [f"{file} · {rests_on}", *(text.to(language) for text in texts)]


def list_sheet(main: str, styles: Styles, above: Sequence[str], violations: pl.DataFrame, language: Language) -> bytes:
    """The sheet's part. `violations`: the columns of result.VIOLATIONS, with the sheets named as in the copy."""
    shown = violations.head(MOST_LISTED)
    looks = _Looks(styles)
    rows = "".join([*_top(looks, above, language), _heads(looks, language), *_rows(looks, shown, language)])
    columns = "".join(f'<col min="{at}" max="{at}" width="{width + 0.7}" customWidth="1"/>' for at, (_, width) in enumerate(_HEADS, 1))
    last = column_letter(len(_HEADS) - 1)
    pane = f'<pane ySplit="{HEAD_ROW}" topLeftCell="A{HEAD_ROW + 1}" activePane="bottomLeft" state="frozen"/>'
    links = "".join(_links(shown))
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{main}">'
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">{pane}</sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>{rows}</sheetData>'
        f'<autoFilter ref="A{HEAD_ROW}:{last}{HEAD_ROW + shown.height}"/>{f"<hyperlinks>{links}</hyperlinks>" if links else ""}'
        '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.7" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    ).encode()


class _Looks:
    """The looks of the list, as styles of the user's workbook."""

    def __init__(self, styles: Styles) -> None:
        line = styles.add_rule("D5DCE4")
        plain, bold = styles.add_font(), styles.add_font(bold=True)
        self.title = styles.add_look(styles.add_font(size=16, bold=True))
        self.note = styles.add_look(plain)
        self.warning = styles.add_look(bold)
        self.head = styles.add_look(bold, styles.add_fill("EEF2F6"), line, wrap=True)
        self.text = styles.add_look(plain, 0, line, wrap=True)
        self.link = styles.add_look(styles.add_font(underlined=True, colour="0B5CAD"), 0, line)
        self.severity: Mapping[Severity, int] = {
            severity: styles.add_look(plain, styles.add_fill(light), line) for severity, (light, _) in GROUNDS.items()
        }


def _top(looks: _Looks, above: Sequence[str], language: Language) -> Iterator[str]:
    yield _row(1, 26, [(OWN_SHEET + TITLE.to(language).lower(), looks.title)])
    for number, line in enumerate(above[: HEAD_ROW - 3], 2):
        yield _row(number, 15, [(line, looks.warning if line == _IDENTITY.to(language) else looks.note)])


def _heads(looks: _Looks, language: Language) -> str:
    return _row(HEAD_ROW, 18, [(head.to(language), looks.head) for head, _ in _HEADS])


def _rows(looks: _Looks, shown: pl.DataFrame, language: Language) -> Iterator[str]:
    words = {severity: text.to(language).capitalize() for severity, text in wording.SEVERITY.items()}
    columns = ("severity", "rule", "placement", "sheet", "cell", "row", "value", "message", "remedy")
    for number, values in enumerate(shown.select(columns).iter_rows(), HEAD_ROW + 1):
        severity, rule, placement, sheet, cell, row, value, message, remedy = values
        place = cell or (Text("rad {row}", "row {row}").fill(row=row).to(language) if row else "")
        texts = [words[severity], rule, placement, sheet, place, value, message, remedy]
        styles = [looks.severity[severity], *[looks.text] * 3, looks.link if place and sheet else looks.text, *[looks.text] * 3]
        yield _row(number, _height(texts), [(cell_text(text or ""), style) for text, style in zip(texts, styles, strict=True)])


def _links(shown: pl.DataFrame) -> Iterator[str]:
    places = shown.select("sheet", pl.coalesce("cell", "A" + pl.col("row").cast(pl.String))).iter_rows()
    for number, (sheet, cell) in enumerate(places, HEAD_ROW + 1):
        if sheet and cell:
            target = f"'{sheet.replace(chr(39), chr(39) * 2)}'!{cell}"
            yield f'<hyperlink ref="{column_letter(_LINK)}{number}" location={quoteattr(target)}/>'


def _row(number: int, height: float, cells: Sequence[tuple[str, int]]) -> str:
    inner = "".join(
        f'<c r="{column_letter(column)}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
        if text
        else f'<c r="{column_letter(column)}{number}" s="{style}"/>'
        for column, (text, style) in enumerate(cells)
    )
    return f'<row r="{number}" ht="{height}" customHeight="1">{inner}</row>'


def _height(texts: Sequence[str | None]) -> float:
    """Points for a row: not every program fits a row to its text when it opens a workbook."""
    lines = max(ceil(len(text or "") / (1.05 * width)) for text, (_, width) in zip(texts, _HEADS, strict=True))
    return 4 + _LINE_HEIGHT * min(_MOST_LINES, max(1, lines))
