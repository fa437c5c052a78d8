"""The report as a web page: the verdict, counts, claims and what is withheld, every violation to filter and sort, control sums."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import polars as pl

from fatcli.model import SEVERITIES, Severity
from fatcli.result import Checked, Claim, Control, Paid, Withheld
from fatcli.terminal import terminal_text
from fatcli.texts import Text, capital
from fatcli.writers import wording
from fatcli.writers.webpage import render
from fatcli.writers.wording import counted, money, number

STANDING = 2_000  # violations that stand in the page itself, also without JavaScript; the others wait in its data
STEP = 500  # violations that a script adds to the table at a time
MOST = 100_000  # violations that a browser can be given
_MOST_ITEMS = 1_000  # withheld or kept items in a list

_FILTERS = ("severity", "rule", "organiser", "file")
_FIELDS = (
    "severity", "word", "rule", "title", "file", "where", "organiser", "placement", "day", "until", "message", "remedy",
    "value", "column", "service", "withholds", "source",
)  # fmt: skip


class Verdict(NamedTuple):
    """What can be paid or must be corrected: a headline, and the sentences under it."""

    good: bool
    headline: str
    sentences: list[str]


class Tile(NamedTuple):
    """A figure under its name. `kind`: what it is coloured as."""

    name: str
    figure: str
    kind: str = ""


class Segment(NamedTuple):
    """A part of a bar, in per cent of its whole length."""

    kind: str
    start: float
    width: float


class Option(NamedTuple):
    """A choice of a filter. `at`: the place of its value among the field's values; `total`: the violations that have it."""

    at: int
    name: str
    total: int


@dataclass(frozen=True)
class Organiser:
    """An organiser's violations by severity, what is paid in öre, and what is withheld. `at`: as in Option, None: it has no violation."""

    id: str
    name: str
    counts: Sequence[int]
    paid: int
    held: Sequence[Withheld]
    at: int | None

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def money(self) -> int:
        """The length of its bar."""
        return max(self.paid, 0) + self.withheld

    @property
    def withheld(self) -> int:
        return wording.withheld_ore(self.held) or 0


_SHOWN = {
    "all": Text("Visar {found} av {all} avvikelser.", "Showing {found} of {all} violations."),
    "part": Text("Visar {shown} av {found} avvikelser som passar, av {all}.", "Showing {shown} of {found} that match, of {all}."),
    "none": Text("Ingen avvikelse passar.", "No violation matches."),
    "more": Text("Visa {next} till", "Show {next} more"),
}  # filled in by report.js


def report_page(result: Checked | Paid) -> bytes:
    """The page, in the run's language; the same bytes for the same result. Names no participant."""
    checked, paid = (result, None) if isinstance(result, Checked) else (result.checked, result)
    shown = _shown(checked.violations.head(MOST), checked)
    encoded = {name: _Encoded(shown[name]) for name in _FIELDS}
    return render(
        "report.html.j2",
        checked.language,
        ("report.js",),
        checked=checked,
        paid=paid,
        wording=wording,
        verdict=_checked_verdict(checked) if paid is None else paid_verdict(paid),
        tiles=_checked_tiles(checked) if paid is None else _paid_tiles(paid),
        rules=_rules(checked, encoded["rule"]),
        organisers=_organisers(checked, paid, encoded["organiser"]),
        claims=sorted(paid.claims, key=_claim_order) if paid else [],
        items=_items(paid) if paid else [],
        most_items=_MOST_ITEMS,
        control=sorted(paid.control, key=_control_order) if paid else [],
        segments=segments,
        violations=shown.head(STANDING).iter_rows(named=True),
        blank=dict.fromkeys(_FIELDS, ""),
        standing=STANDING,
        embedded=shown.height,
        options={name: _options(name, encoded[name], checked) for name in _FILTERS},
        data={
            "step": STEP,
            "texts": {name: text.to(checked.language) for name, text in _SHOWN.items()},
            "fields": {name: {"values": field.values, "at": field.at} for name, field in encoded.items()},
        },
    )


def segments(parts: Sequence[tuple[str, int]], whole: int) -> list[Segment]:
    """The parts of a bar of the length `whole`, side by side; what is nothing or less has no part."""
    drawn = [(kind, value) for kind, value in parts if value > 0]
    starts = [sum(value for _, value in drawn[:at]) for at in range(len(drawn))]
    return [Segment(kind, _per_cent(start, whole), _per_cent(value, whole)) for (kind, value), start in zip(drawn, starts, strict=True)]


def _per_cent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2)


def _checked_verdict(checked: Checked) -> Verdict:
    errors, language = checked.count("error"), checked.language
    if errors:
        headline = Text("{n} ska rättas", "{n} to correct").fill(n=counted(errors, *_ERRORS, language)).to(language)
    elif checked.violations.is_empty() and not checked.left_out:
        headline = Text("Inga avvikelser", "No violations").to(language)
    else:
        headline = capital(wording.no_errors(checked))
    sentences = [_read_sentence(checked)]
    if not checked.violations.is_empty():
        sentences.insert(0, _found_sentence(checked))
    return Verdict(not errors, headline, sentences)


_ERRORS = Text("fel", "error"), Text("fel", "errors")
_CLAIMS = Text("rekvisition", "claim"), Text("rekvisitioner", "claims")
_ITEMS = Text("post", "item"), Text("poster", "items")


def _found_sentence(checked: Checked) -> str:
    found = wording.severity_counts(checked)
    return Text("Kontrollen gav {found}.", "The check found {found}.").fill(found=found).to(checked.language)


def _read_sentence(checked: Checked) -> str:
    language = checked.language
    read = (
        Text("{rows} rader och celler är lästa", "{rows} rows and cells were read").fill(rows=number(checked.rows, language)).to(language)
    )
    if not checked.set_aside:
        return f"{read}."
    aside = Text("{n} av dem är åsidosatta, därför att de inte går att läsa", "{n} of them are set aside, since they can't be read")
    return f"{read}; {aside.fill(n=number(checked.set_aside, language)).to(language)}."


def paid_verdict(paid: Paid) -> Verdict:
    """What a payout came to."""
    language = paid.checked.language
    sentences = [_booking(paid), _withholding(paid), _refusal(paid), _found_sentence(paid.checked)]
    good = not paid.refused and not paid.checked.count("error")
    return Verdict(good, _headline(paid).to(language), [sentence for sentence in sentences if sentence])


def _headline(paid: Paid) -> Text:
    language = paid.checked.language
    if paid.run is None and not (paid.dry_run and len(paid.claims) > len(paid.refused)):
        text = Text("Inget att betala för {month}", "Nothing to pay for {month}")
    elif paid.total_ore < 0:
        text = Text("{sum} att få tillbaka för {month}", "{sum} to be repaid for {month}")
    elif paid.run is None:
        text = Text("{sum} kan betalas för {month}", "{sum} can be paid for {month}")
    else:
        text = Text("{sum} att betala för {month}", "{sum} to pay for {month}")
    return text.fill(sum=money(abs(paid.total_ore), language), month=wording.month_name(paid.month, language))


def _booking(paid: Paid) -> str:
    language = paid.checked.language
    if paid.dry_run:
        return Text("Provkörning: inget är bokfört.", "A dry run: nothing is booked.").to(language)
    if paid.run is None:
        return Text("Inget nytt är bokfört.", "Nothing new is booked.").to(language)
    claims = counted(len(paid.claims) - len(paid.refused), *_CLAIMS, language)
    return (
        Text("Bokfört i körning {run}: {claims}.", "Booked in run {run}: {claims}.").fill(run=paid.run.number, claims=claims).to(language)
    )


def _withholding(paid: Paid) -> str:
    language = paid.checked.language
    if not paid.withheld:
        return ""
    text = Text("{sum} i {items} hålls inne tills felen är rättade.", "{sum} in {items} is withheld until the errors are corrected.")
    return text.fill(sum=wording.withheld_money(paid.withheld, language), items=counted(len(paid.withheld), *_ITEMS, language)).to(language)


def _refusal(paid: Paid) -> str:
    names = [claim.organiser for claim in paid.refused]
    text = Text(
        "Ej bokfört, har minusposter: {names}. Tillåt dem med --allow-reversals {allowed}.",
        "Not booked, minus items: {names}. Allow them with --allow-reversals {allowed}.",
    )
    return text.fill(names=", ".join(names), allowed=names[0] if len(names) == 1 else "all").to(paid.checked.language) if names else ""


def _severity_tiles(checked: Checked) -> list[Tile]:
    return [
        Tile(wording.SEVERITY_PLURAL[severity].to(checked.language), number(count, checked.language), severity if count else "")
        for severity, count in checked.counts.items()
    ]


def _checked_tiles(checked: Checked) -> list[Tile]:
    language = checked.language
    return [
        *_severity_tiles(checked),
        Tile(Text("lästa rader", "rows read").to(language), number(checked.rows, language)),
        Tile(Text("åsidosatta", "set aside").to(language), number(checked.set_aside, language)),
    ]


def _paid_tiles(paid: Paid) -> list[Tile]:
    language = paid.checked.language
    withheld = wording.withheld_money(paid.withheld, language)
    return [
        Tile(Text("att betala", "to pay").to(language), money(paid.total_ore, language), "paid" if paid.total_ore else ""),
        Tile(Text("hålls inne", "withheld").to(language), withheld, "withheld" if paid.withheld else ""),
        *_severity_tiles(paid.checked),
    ]


def _rules(checked: Checked, field: "_Encoded") -> list[dict[str, object]]:
    """Each rule that was broken, the gravest first: rule, title, severity, count, withholds, and `at` as in Option."""
    counts = checked.violations.group_by("rule", "severity").agg(pl.len().alias("count"), pl.col("name").first(), wording.HELD)
    rows = sorted(counts.iter_rows(named=True), key=lambda row: (SEVERITIES.index(row["severity"]), row["rule"]))
    return [
        {name: row[name] for name in ("rule", "severity", "count")}
        | {
            "title": checked.labels.get(row["rule"], row["name"]),
            "withholds": wording.withholds_together(checked, row["held"]) if row["held"][0]["withholds"] != "none" else "",
            "at": field.places.get(row["rule"]),
        }
        for row in rows
    ]


def _organisers(checked: Checked, paid: Paid | None, field: "_Encoded") -> list[Organiser]:
    """Each organiser that has violations, a claim or something withheld; an empty id: violations that tell no organiser."""
    found = checked.violations.group_by(pl.col("organiser").fill_null(""), "severity").len()
    counts = {(organiser, severity): count for organiser, severity, count in found.iter_rows()}
    claims = paid.claims if paid else ()
    names = {claim.organiser: claim.name for claim in claims}
    due = {claim.organiser: claim.total_ore for claim in claims if not claim.reversal_refused}
    held: dict[str, list[Withheld]] = {}
    for item in paid.withheld if paid else ():
        held.setdefault(item.organiser, []).append(item)
    return [
        Organiser(
            name,
            names.get(name, ""),
            [counts.get((name, severity), 0) for severity in SEVERITIES],
            due.get(name, 0),
            held.get(name, ()),
            field.places.get(name),
        )
        for name in sorted({*found["organiser"], *names, *held}, key=_named_first)
    ]


def _named_first(name: str) -> tuple[bool, str]:
    return not name, name


def _claim_order(claim: Claim) -> tuple[bool, str]:
    return claim.reversal_refused, claim.organiser


def _items(paid: Paid) -> list[Withheld]:
    return sorted(paid.withheld, key=lambda item: (item.organiser, item.placement, item.date, item.component))


def _control_order(row: Control) -> tuple[int, str]:
    return ("total", "file", "organiser").index(row.scope), row.name


def _shown(violations: pl.DataFrame, checked: Checked) -> pl.DataFrame:
    """_FIELDS as text to show, empty where there is none."""
    words = {severity: text.to(checked.language) for severity, text in wording.SEVERITY.items()}
    row = pl.format(Text("rad {}", "row {}").to(checked.language), "row")
    whereabouts = pl.concat_str("sheet", "cell", separator="!", ignore_nulls=True)
    without_cell = pl.concat_str("sheet", pl.when(pl.col("row").is_not_null()).then(row), separator=" · ", ignore_nulls=True)
    return violations.select(
        "severity",
        "rule",
        *("file", "organiser", "placement", "message", "remedy", "value", "column", "service", "source"),
        word=pl.col("severity").replace(words),
        title=pl.col("rule").replace_strict(dict(checked.labels), default=pl.col("name"), return_dtype=pl.String),
        where=pl.when(pl.col("cell").is_not_null()).then(whereabouts).otherwise(without_cell),
        day=pl.col("date").dt.to_string("%Y-%m-%d"),
        until=pl.when(pl.col("until") > pl.col("date")).then(pl.col("until").dt.to_string("–%Y-%m-%d")),
        withholds=wording.withholds_column(checked),
    ).select(pl.col(name).fill_null("") for name in _FIELDS)


class _Encoded:
    """A field as its different values, and for each violation which of them it has: most texts stand in many violations."""

    def __init__(self, column: pl.Series) -> None:
        distinct = column.unique(maintain_order=True).to_list()
        self.values = [terminal_text(text) for text in distinct]
        self.at: list[int] = column.replace_strict(distinct, range(len(distinct)), return_dtype=pl.UInt32).to_list()
        self.places = {text: place for place, text in enumerate(distinct)}


def _options(name: str, field: _Encoded, checked: Checked) -> list[Option]:
    counts = Counter(field.at)
    order = [*SEVERITIES] if name == "severity" else sorted(field.places, key=_named_first)
    chosen = ((text, field.places[text]) for text in order if text in field.places)
    return [Option(place, _option_name(name, text, checked), counts[place]) for text, place in chosen]


_WITHOUT = {"organiser": Text("utan anordnare", "no organiser"), "file": Text("utan fil", "no file")}


def _option_name(name: str, value: str, checked: Checked) -> str:
    if name == "severity":
        return wording.SEVERITY_PLURAL[cast("Severity", value)].to(checked.language)
    if name == "rule":
        return f"{value} {checked.label(value)}"
    return value or _WITHOUT[name].to(checked.language)
