"""An explanation as text for a terminal, and as one JSON object in the form that `schemas/explain.schema.json` publishes."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from fatcli.explained import (
    Booked,
    Cell,
    Day,
    Explanation,
    Fault,
    Item,
    Outcome,
    Place,
    Placement,
    Span,
    Trail,
    TrailItem,
    TrailLine,
    Tried,
    Value,
)
from fatcli.model import Month, sek
from fatcli.result import NotEvaluated
from fatcli.terminal import json_text, terminal_text
from fatcli.texts import Language, Text, capital
from fatcli.writers import wording
from fatcli.writers.console import styled
from fatcli.writers.factwords import code_word, fact_word
from fatcli.writers.neutral import name_text
from fatcli.writers.wording import SEVERITY, in_lines, money

_HEAD, _QUIET, _BAD = "bold", "dim", "bold red"
_OUTCOMES: tuple[tuple[Outcome, Text], ...] = (
    ("fired", Text("Regler som utlöstes", "Rules that fired")),
    ("open", Text("Regler som inte utlöstes eftersom en uppgift är tom", "Rules that did not fire as a value is empty")),
    ("not_fired", Text("Regler som inte utlöstes", "Rules that did not fire")),
    ("not_in_force", Text("Regler som inte gällde", "Rules that were not in force")),
)
_NOT_FULL = Text("var och en med sina värden: --date, eller --format json", "each with its values: --date, or --format json")
_BOOKED = Text(
    "körning {run}, rekvisition {claim}, {sum}, bokförd {day} av {who}; {attested}",
    "run {run}, claim {claim}, {sum}, booked {day} by {who}; {attested}",
)
_ATTESTED, _NOT_ATTESTED = Text("attesterad av {names}", "attested by {names}"), Text("ej attesterad", "not attested")
_READ_BY = Text("Regler som läser kolumnen: {rules}", "Rules that read the column: {rules}")


def print_explanation(explanation: Explanation, console: Console) -> None:
    """The whole explanation; nothing is cut."""
    page = _Page(console, explanation.checked.language)
    console.print(styled(name_text(explanation.asked) if explanation.cell else explanation.asked, _HEAD))
    page.put(explanation.answer)
    if explanation.cell:
        _print_cell(page, explanation.cell)
    _print_faults(page, explanation.faults)
    if explanation.placement:
        _print_placement(page, explanation.placement)
    if explanation.day:
        _print_day(page, explanation.day)
    elif explanation.items:
        _print_sums(page, explanation.items)
    _print_spans(page, explanation.spans)
    _print_tried(page, explanation.tried, in_full=explanation.day is not None)
    if explanation.trail:
        _print_trail(page, explanation.trail)
    elif explanation.tried:
        _print_not_evaluated(page, explanation.checked.not_evaluated)
    console.print()
    page.put(wording.rests_on(explanation.checked, explanation.checked.rules_sha256[:12]).to(page.language), _QUIET)


class _Page:
    """Where the text goes, and in which language."""

    def __init__(self, console: Console, language: Language) -> None:
        self.console = console
        self.language = language

    def put(self, text: str, style: str = "", indent: int = 2) -> None:
        lines = in_lines(terminal_text(text), self.console.width - indent)
        self.console.print(Padding(Styled(lines, style=style), (0, 0, 0, indent), expand=False))

    def head(self, title: Text) -> None:
        self.console.print()
        self.console.print(styled(title.to(self.language), _HEAD))

    def grid(self, rows: Iterable[Sequence[str]], heads: Sequence[Text] = (), right: Sequence[int] = ()) -> None:
        """Columns side by side, those of `right` numbers; without headings where none are given."""
        table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, pad_edge=False, show_header=bool(heads), header_style="dim")
        rows = [*rows]
        for at in range(len(rows[0])):
            title = heads[at].to(self.language) if heads else ""
            table.add_column(title, justify="right" if at in right else "left", no_wrap=at in right, overflow="fold")
        for row in rows:
            table.add_row(*map(styled, row))
        self.console.print(Padding(table, (0, 0, 0, 2), expand=False))


def _place(place: Place | None, language: Language) -> str:
    return wording.place(name_text(place.file), name_text(place.sheet), place.cell, None, language) if place else ""


def _print_cell(page: _Page, cell: Cell) -> None:
    page.head(Text("Cellen", "The cell"))
    column = fact_word(cell.column, page.language) if cell.column else "–"
    value = f"{column} = {code_word(cell.column, cell.value, page.language)}" if cell.column and cell.value is not None else column
    page.grid([(_place(cell.place, page.language), value)])
    if cell.rules:
        page.put(_READ_BY.fill(rules=", ".join(cell.rules)).to(page.language))


def _print_faults(page: _Page, faults: Sequence[Fault]) -> None:
    if faults:
        page.head(Text("Fel i underlaget", "Faults of the input"))
    for fault in faults:
        page.put(f"{fault.rule} {fault.title} · {_place(fault.place, page.language)}", _BAD)
        page.put(fault.message, indent=4)


def _print_placement(page: _Page, placement: Placement) -> None:
    page.head(Text("Placeringen", "The placement"))
    page.put(f"{placement.placement} · {placement.organiser}")
    page.grid(_values(page, placement.values))
    if placement.pauses:
        page.head(Text("Uppehåll", "Pauses"))
        page.grid(_values(page, placement.pauses))


def _values(page: _Page, values: Iterable[Value]) -> list[tuple[str, str, str]]:
    return [(*_said(value, page.language), _place(value.place, page.language)) for value in values]


def _said(value: Value, language: Language) -> tuple[str, str]:
    """A fact and its value in the words of the language."""
    return fact_word(value.name, language), code_word(value.name, value.value, language) if value.value else "–"


def _print_day(page: _Page, day: Day) -> None:
    language = page.language
    if day.reports:
        page.head(Text("Rapporter", "Reports"))
        page.grid(
            (_place(report.place, language), report.words, _hours(report.hours, language), _clock(report.from_time, report.to_time))
            for report in day.reports
        )
    if day.facts:
        page.head(Text("Dagen", "The day"))
        page.put("; ".join(_fact(value, language) for value in day.facts))
    if day.items:
        page.head(Text("Pengar", "Money"))
    for item in day.items:
        _print_item(page, item)
    if day.nothing:
        page.head(Text("Ger ingen ersättning", "Gives no compensation"))
    for reason in day.nothing:
        page.put(reason)


def _fact(value: Value, language: Language) -> str:
    name, words = _said(value, language)
    return f"{name} {words}" if language == "en" else f"{name}: {words}"


def _hours(hours: str | None, language: Language) -> str:
    return f"{hours} {Text('timmar', 'hours').to(language)}" if hours else ""


def _clock(start: str | None, end: str | None) -> str:
    return f"{start or '…'}–{end or '…'}" if start or end else ""


def _print_item(page: _Page, item: Item) -> None:
    rate = item.rate
    amount = money(rate.amount_ore, page.language) if rate and rate.amount_ore is not None else "–"
    page.put(f"{item.name} · {amount}", _HEAD)
    if rate:
        basis = (rate.words, rate.source or "", _place(rate.place, page.language))
        page.put(f"{Text('Belopp:', 'Amount:').to(page.language)} {' · '.join(filter(None, basis))}", indent=4)
    page.put(capital(item.words), indent=4)
    for entry in item.booked:
        page.put(_booked(entry, page.language), indent=4)


def _booked(entry: Booked, language: Language) -> str:
    attested = _ATTESTED.fill(names=", ".join(entry.attested)) if entry.attested else _NOT_ATTESTED
    sum_ = money(entry.amount_ore, language)
    text = _BOOKED.fill(run=entry.run, claim=entry.claim, sum=sum_, day=entry.booked_on, who=entry.booked_by, attested=attested)
    return capital(text.to(language))


def _print_sums(page: _Page, items: Sequence[Item]) -> None:
    """Items that share their component and their fate, together."""
    counts: Counter[tuple[str, str]] = Counter()
    sums: dict[tuple[str, str], int | None] = {}
    for item in items:
        key = item.name, item.words
        counts[key] += 1
        amount = item.rate.amount_ore if item.rate else item.booked_ore
        sums[key] = sums.get(key) if amount is None else amount + (sums.get(key) or 0)
    page.head(Text("Pengar", "Money"))
    heads = (Text("poster", "items"), Text("belopp", "amount"), Text("ersättning", "compensation"), Text("", ""))
    amounts = {key: "–" if sum_ is None else money(sum_, page.language) for key, sum_ in sums.items()}
    page.grid(((str(counts[key]), amounts[key], *key) for key in counts), heads, right=(0, 1))


def _print_spans(page: _Page, spans: Sequence[Span]) -> None:
    if not spans:
        return
    by_day = isinstance(spans[0].of, dt.date)
    page.head(Text("Dag för dag", "Day by day") if by_day else Text("Månad för månad", "Month by month"))
    heads = (
        Text("dag", "day") if by_day else Text("månad", "month"),
        Text("rapport", "report") if by_day else Text("närvaro", "attended"),
        Text("rätt till", "due"),
        Text("innehållen", "withheld"),
        Text("bokfört", "booked"),
        Text("regler", "rules"),
        Text("rekvisition", "claim"),
    )
    page.grid((_span_cells(span, page.language) for span in spans), heads, right=(2, 3, 4))
    claims = sorted({claim for span in spans for claim in span.claims})
    if by_day and claims:
        page.put(f"{Text('Rekvisitioner:', 'Claims:').to(page.language)} {', '.join(claims)}", _QUIET)


def _span_cells(span: Span, language: Language) -> tuple[str, ...]:
    report = str(span.attended) if isinstance(span.of, Month) else code_word("status", span.status, language) if span.status else "–"
    amounts = (_kronor(ore, language) for ore in (span.due_ore, span.withheld_ore, span.booked_ore))
    # on the line of a day a claim is told by its sequence: month and organiser stand below
    claims = span.claims if isinstance(span.of, Month) else [f"…/{claim.rpartition('/')[2]}" for claim in span.claims]
    return str(span.of), report, *amounts, " ".join(span.rules), " ".join(claims)


def _kronor(ore: int, language: Language) -> str:
    return money(ore, language).replace("kr", "").replace("SEK", "").strip() if ore else "–"


def _print_tried(page: _Page, tried: Sequence[Tried], *, in_full: bool) -> None:
    for outcome, title in _OUTCOMES:
        found = [each for each in tried if each.outcome == outcome]
        if not found:
            continue
        page.head(title)
        if in_full or outcome in {"fired", "open"}:
            for each in found:
                _print_rule(page, each)
        else:
            page.put(", ".join(dict.fromkeys(each.rule for each in found)))
            page.put(_NOT_FULL.to(page.language), _QUIET)


def _print_rule(page: _Page, tried: Tried) -> None:
    fired = tried.outcome == "fired"
    about = f" · {tried.about}" if tried.about else ""
    source = f" · {tried.source}" if tried.source and fired else ""
    severity = f" · {SEVERITY[tried.severity].to(page.language)}" if fired else ""
    page.put(f"{tried.rule} {tried.title}{about}{severity}{source}", _BAD if fired and tried.severity == "error" else "")
    page.put(tried.words, indent=6)
    if tried.message:
        page.put(" · ".join(filter(None, (_place(tried.place, page.language), tried.message))), indent=6)


def _print_not_evaluated(page: _Page, left: Sequence[NotEvaluated]) -> None:
    if left:
        page.head(Text("Ej prövade regler", "Rules not evaluated"))
        page.grid((each.rule, each.reason) for each in left)


def _print_trail(page: _Page, trail: Trail) -> None:
    language = page.language
    attested = _ATTESTED.fill(names=", ".join(trail.attested)) if trail.attested else _NOT_ATTESTED
    page.grid(
        [
            (Text("anordnare", "organiser").to(language), f"{trail.organiser} · {trail.name}"),
            (Text("körning", "run").to(language), f"{trail.run} · {trail.booked_on} {trail.booked_by} · {attested.to(language)}"),
            (Text("hash", "hash").to(language), trail.hash),
            *([(Text("skäl", "reason").to(language), trail.reason)] if trail.reason else []),
        ]
    )
    for line in trail.lines:
        _print_line(page, line)
    files = {name_text(item.place.file): item.sha256 or "" for line in trail.lines for item in line.items if item.place}
    if files:
        page.head(Text("Underlag", "Input"))
        page.grid(sorted(files.items()))


def _print_line(page: _Page, line: TrailLine) -> None:
    count, each = len(line.items), line.items[0].amount_ore
    page.console.print()
    sum_ = f"{count} × {money(each, page.language)} = {money(line.amount_ore, page.language)}"
    kind = wording.LINE_KIND[line.kind].to(page.language)  # type: ignore[index]  # the kinds of lines
    page.put(f"{line.placement} · {line.name} · {kind} · {sum_}", _HEAD)
    page.grid((_trail_cells(item, page.language) for item in line.items), right=(1,))


def _trail_cells(item: TrailItem, language: Language) -> tuple[str, str, str]:
    corrects = Text("rättar {claim}", "corrects {claim}").fill(claim=item.corrects).to(language) if item.corrects else ""
    where = "; ".join(filter(None, (_place(item.place, language), corrects)))
    return item.date.isoformat(), money(item.amount_ore, language), where


def explanation_json(explanation: Explanation) -> str:
    """One JSON object with a line break at the end."""
    checked = explanation.checked
    document = {
        "tool": {"name": "fat", "version": checked.version},
        "rules": {"path": checked.rules_path, "edition": checked.edition, "sha256": checked.rules_sha256},
        "as_of": checked.as_of.isoformat(),
        **{field.name: _plain(getattr(explanation, field.name)) for field in fields(explanation) if field.name != "checked"},
        "not_evaluated": _plain(checked.not_evaluated if explanation.tried else ()),
    }
    return json_text(document)


def _plain(value: Any) -> Any:  # noqa: ANN401  # any part of an explanation
    """Records as objects, days and months as text; what is in öre becomes SEK."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dt.date | Month):
        return str(value)
    if not is_dataclass(value):
        return value
    found: dict[str, Any] = {}
    for field in fields(value):
        part = getattr(value, field.name)
        if field.name.endswith("_ore"):
            found[field.name.removesuffix("_ore") + "_sek"] = None if part is None else sek(part)
        else:
            found[field.name] = dict(part) if field.name == "values" and not isinstance(part, tuple) else _plain(part)
    if isinstance(value, Trail | TrailLine):
        found["total_sek"] = sek(value.total_ore if isinstance(value, Trail) else value.amount_ore)
    return found
