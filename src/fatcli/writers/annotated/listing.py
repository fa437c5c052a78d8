"""The first sheet of a copy: what is to be corrected, with links to the cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from fatcli.model import OWN_SHEET, SEVERITIES, Severity, cell_name
from fatcli.result import Checked
from fatcli.texts import Language, Text
from fatcli.writers import wording
from fatcli.writers.annotated.styles import Styles
from fatcli.writers.annotated.workbookpart import quoted
from fatcli.writers.neutral import cell_text, name_text, xml_text

TITLE = Text("Rättelser", "Corrections")
MOST_LISTED = 50_000  # Excel takes 65 530 links on a sheet
_HEADS: Sequence[tuple[Text, float]] = (
    (Text("Grad", "Severity"), 12),
    (Text("Regel", "Rule"), 8),
    (Text("Placering", "Placement"), 14),
    (Text("Blad", "Sheet"), 18),
    (Text("Cell", "Cell"), 9),
    (Text("Funnet", "Found"), 16),
    (Text("Vad som är fel", "What is wrong"), 52),
    (Text("Åtgärd", "What to do"), 46),
)
START = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{main}">'
    '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews>'
)
_LINK = 4  # the column of Cell
_IDENTITY = Text(
    "Kopian kan innehålla personnummer. Lämna den bara till den som får ta del av dem, och radera den när den inte behövs längre.",
    "This copy may hold identity numbers. Give it only to those who may see them, and delete it when it is no longer needed.",
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
_ROW = Text("rad {row}", "row {row}")
_LINE_HEIGHT, _MOST_LINES = 13, 12


def listing(checked: Checked, violations: pl.DataFrame, file: str, *, most_notes: int | None, plain: bool) -> "Listing":
    """What the first sheet says.

    `violations`: those of the file, with the sheets named as in the copy. `most_notes`: how many a sheet has, where notes were left out.
    """
    language = checked.language
    number = wording.number
    remarks = [
        _CUT.fill(listed=number(MOST_LISTED, language), all=number(violations.height, language))
        if violations.height > MOST_LISTED
        else None,
        _NOTES_CUT.fill(most=number(most_notes, language)) if most_notes else None,
        _PLAIN.fill(file=name_text(file)) if plain else None,
    ]
    counts = wording.severity_counts(replace(checked, violations=violations))
    rests_on = wording.rests_on(checked, checked.rules_sha256[:12]).to(language)
    texts = [_HOW, _IDENTITY, *(remark for remark in remarks if remark)]
    return Listing(
        (f"{name_text(file)}: {counts}", *(text.to(language) for text in texts), rests_on), violations.head(MOST_LISTED), language
    )


@dataclass(frozen=True)
class Listing:
    """The first sheet: its title, what stands above the list, and the violations that are listed."""

    above: tuple[str, ...]
    violations: pl.DataFrame
    language: Language

    @property
    def head_row(self) -> int:
        return len(self.above) + 3

    def part(self, main: str, styles: Styles) -> bytes:
        """The sheet as a part, its looks among the workbook's styles."""
        looks = _Looks(styles)
        rows = "".join([*self._top(looks), *self._rows(looks)])
        columns = "".join(f'<col min="{at}" max="{at}" width="{width + 0.7}" customWidth="1"/>' for at, (_, width) in enumerate(_HEADS, 1))
        table = f"A{self.head_row}:{cell_name(self.head_row + self.violations.height, len(_HEADS) - 1)}"
        pane = f'<pane ySplit="{self.head_row}" topLeftCell="A{self.head_row + 1}" activePane="bottomLeft" state="frozen"/>'
        links = "".join(self._links())
        return (
            f'{START.format(main=main)}<sheetView showGridLines="0" tabSelected="1" workbookViewId="0">{pane}</sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>{rows}</sheetData>'
            f'<autoFilter ref="{table}"/>{f"<hyperlinks>{links}</hyperlinks>" if links else ""}'
            '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.7" header="0.3" footer="0.3"/>'
            '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
        ).encode()

    def _top(self, looks: "_Looks") -> Iterator[str]:
        yield _row(1, 26, [(OWN_SHEET + TITLE.to(self.language).lower(), looks.title)])
        for number, line in enumerate(self.above, 2):
            yield _row(number, 15, [(line, looks.warning if line == _IDENTITY.to(self.language) else looks.note)])
        yield _row(self.head_row, 18, [(head.to(self.language), looks.head) for head, _ in _HEADS])

    def _rows(self, looks: "_Looks") -> Iterator[str]:
        words = {severity: text.to(self.language).capitalize() for severity, text in wording.SEVERITY.items()}
        columns = ("severity", "rule", "placement", "sheet", "cell", "row", "value", "message", "remedy")
        for number, values in enumerate(self.violations.select(columns).iter_rows(), self.head_row + 1):
            severity, rule, placement, sheet, cell, row, *rest = values
            place = cell or (_ROW.fill(row=row).to(self.language) if row else None)
            texts = [cell_text(text or "") for text in (words[severity], rule, placement, sheet, place, *rest)]
            styles = [looks.text] * len(texts)
            styles[0], styles[_LINK] = looks.severity[severity], looks.link if sheet and place else looks.text
            yield _row(number, _height(texts), list(zip(texts, styles, strict=True)))

    def _links(self) -> Iterator[str]:
        places = self.violations.select("sheet", pl.coalesce("cell", "A" + pl.col("row").cast(pl.String))).iter_rows()
        for number, (sheet, cell) in enumerate(places, self.head_row + 1):
            if sheet and cell:
                yield f'<hyperlink ref="{cell_name(number, _LINK)}" location={quoteattr(f"{quoted(sheet)}!{cell}")}/>'


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
        self.severity: Mapping[Severity, int] = {severity: styles.marked(self.text, severity) for severity in SEVERITIES}


def _row(number: int, height: float, cells: Sequence[tuple[str, int]]) -> str:
    inner = "".join(_cell(cell_name(number, column), text, style) for column, (text, style) in enumerate(cells))
    return f'<row r="{number}" ht="{height}" customHeight="1">{inner}</row>'


def _cell(place: str, text: str, style: int) -> str:
    if not text:
        return f'<c r="{place}" s="{style}"/>'
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(xml_text(text))}</t></is></c>'


def _height(texts: Sequence[str | None]) -> float:
    """Points for a row: not every program fits a row to its text when it opens a workbook."""
    lines = max(ceil(len(text or "") / (1.1 * width)) for text, (_, width) in zip(texts, _HEADS, strict=True))
    return 4 + _LINE_HEIGHT * min(_MOST_LINES, max(1, lines))
