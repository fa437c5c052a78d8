"""Two rule books compared, on the terminal and as the JSON that `schemas/rules-diff.schema.json` publishes."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from fatcli import __version__
from fatcli.model import sek
from fatcli.rulebook import RuleBook
from fatcli.rulediff import Change, Comparison, Effect, Kind, Section, Stake, Sum
from fatcli.terminal import json_text
from fatcli.texts import Language, Text
from fatcli.writers.console import styled
from fatcli.writers.neutral import name_text
from fatcli.writers.wording import counted, joined, money, month_name, number

_SECTION: Mapping[Section, Text] = {
    "edition": Text("Utgåva", "Edition"),
    "settings": Text("Inställningar", "Settings"),
    "sources": Text("Källor", "Sources"),
    "limits": Text("Gränser", "Limits"),
    "services": Text("Tjänster", "Services"),
    "components": Text("Ersättningar och belopp", "Components and amounts"),
    "rules": Text("Regler", "Rules"),
    "vocabulary": Text("Ord i arbetsböcker", "Words in workbooks"),
    "not_checked": Text("Kontrolleras inte", "Not checked"),
}
_KIND: Mapping[Kind, Text] = {
    "changed": Text("ändrad", "changed"),
    "added": Text("tillagd", "added"),
    "removed": Text("borttagen", "removed"),
}
_KINDS: Mapping[Kind, Text] = {
    "changed": Text("ändrade", "changed"),
    "added": Text("tillagda", "added"),
    "removed": Text("borttagna", "removed"),
}
# the keys of the file, as a reader calls them; those that are left out go by themselves
_ATTRIBUTE: Mapping[str, Text] = {
    "edition": Text("utgåva", "edition"),
    "interruption_reasons": Text("orsaker som räknas som avbrott", "reasons that are interruptions"),
    "pseudonym": Text("mönster för pseudonymer", "pattern of pseudonyms"),
    "title": Text("titel", "title"),
    "document": Text("dokument", "document"),
    "value": Text("värde", "value"),
    "source": Text("källa", "source"),
    "name": Text("namn", "name"),
    "programmes": Text("program", "programmes"),
    "schedule": Text("schema", "schedule"),
    "chain": Text("sammanräkning", "counted together as"),
    "max_gap_days": Text("längsta glapp i dagar", "longest gap in days"),
    "max_months": Text("längsta tid", "longest time"),
    "per": Text("betalas per", "paid per"),
    "when": Text("villkor", "condition"),
    "sek": Text("belopp", "amount"),
    "facts": Text("faktatabell", "facts"),
    "severity": Text("allvarlighetsgrad", "severity"),
    "withhold": Text("håller inne", "withholds"),
    "cell": Text("pekar på", "points at"),
    "report": Text("dagens rapport", "report of the day"),
    "spell": Text("dagar i följd samlas", "days in a row are one"),
    "from": Text("gäller från", "holds from"),
    "to": Text("gäller till", "holds to"),
    "message": Text("meddelande", "message"),
    "remedy": Text("åtgärd", "remedy"),
    "words": Text("ord", "words"),
    "duty": Text("skyldighet", "duty"),
}
_NOTHING = "–"
_BEFORE, _AFTER = Text("före", "before"), Text("efter", "after")


def print_comparison(comparison: Comparison, console: Console, language: Language) -> None:
    """What differs, section by section with its lines, and what is at stake."""
    page = _Page(console, language)
    page.line(_books(comparison, language), "bold")
    page.line(_verdict(comparison, language), "" if comparison.changes else "bold green")
    for section, changes in groupby(comparison.changes, key=lambda change: change.section):
        page.head(_SECTION[section])
        for change in changes:
            page.change(change)
    if comparison.effect:
        _print_effect(page, comparison, comparison.effect)


class _Page:
    """Where the comparison goes, and in which language."""

    def __init__(self, console: Console, language: Language) -> None:
        self.console = console
        self.language = language

    def line(self, text: str, style: str = "", indent: int = 0) -> None:
        self.console.print(Padding(styled(text, style), (0, 0, 0, indent), expand=False))

    def head(self, title: Text) -> None:
        self.console.print()
        self.line(title.to(self.language), "bold")

    def change(self, change: Change) -> None:
        """What it is and where it stands; old and new side by side where there is room, else one below the other."""
        self.line(_change_head(change, self.language), indent=2)
        old, new = (value.to(self.language) if value else _NOTHING for value in (change.old, change.new))
        if change.kind != "changed":
            self.line(new if change.kind == "added" else old, "dim", indent=4)
        elif len(one := f"{old} → {new}") + 4 <= self.console.width:
            self.line(one, indent=4)
        else:
            self.table([(_BEFORE.to(self.language), old), (_AFTER.to(self.language), new)], indent=4)

    def table(self, rows: Sequence[Sequence[str]], heads: Sequence[Text] = (), indent: int = 2) -> None:
        """Columns of text, but numbers from the second on where there are headings."""
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=bool(heads), header_style="dim")
        for at in range(len(rows[0])):
            head = heads[at].to(self.language) if heads else ""
            is_number = bool(heads) and at > 0
            table.add_column(head, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
        for row in rows:
            table.add_row(*map(styled, row))
        self.console.print(Padding(table, (0, 0, 0, indent), expand=False))


def _books(comparison: Comparison, language: Language) -> str:
    def named(book: RuleBook) -> str:
        text = Text("{path}, utgåva {edition} (sha256 {sha})", "{path}, edition {edition} (sha256 {sha})")
        return text.fill(path=book.path, edition=book.edition, sha=book.sha256[:12]).to(language)

    return f"{named(comparison.old)} → {named(comparison.new)}"


def _verdict(comparison: Comparison, language: Language) -> str:
    counts = {kind: sum(change.kind == kind for change in comparison.changes) for kind in _KIND}
    if comparison.changes:
        told = [counted(count, _KIND[kind], _KINDS[kind], language) for kind, count in counts.items() if count]
        found = counted(len(comparison.changes), Text("skillnad", "difference"), Text("skillnader", "differences"), language)
        return f"{found}: {joined(told, language)}."
    if comparison.old.sha256 == comparison.new.sha256:
        return Text("Regelböckerna är lika, tecken för tecken.", "The rule books are the same to the letter.").to(language)
    return Text(
        "Innehållet är lika; bara kommentarer, ordning eller uppställning skiljer.",
        "They hold the same; only comments, order or layout differ.",
    ).to(language)


def _change_head(change: Change, language: Language) -> str:
    title = change.title.to(language)
    name = title if change.section == "not_checked" else f"{change.key} {title}".strip()
    what = _attribute(change.attribute, language) if change.kind == "changed" else _KIND[change.kind].to(language)
    return " · ".join(part for part in (name, what, _lines(change, language)) if part)


def _attribute(attribute: str, language: Language) -> str:
    """`message (sv)`; `amount, source`."""
    name, _, part = attribute.partition(".")
    word = _ATTRIBUTE[name].to(language) if name in _ATTRIBUTE else name
    if not part:
        return word
    return f"{word} ({part})" if part in ("sv", "en") else f"{word}, {_ATTRIBUTE[part].to(language)}"


def _lines(change: Change, language: Language) -> str:
    both = [str(line) for line in (change.old_line, change.new_line) if line is not None]
    return f"{Text('rad', 'line').to(language)} {' → '.join(both)}"


def _print_effect(page: _Page, comparison: Comparison, effect: Effect) -> None:
    language = page.language
    titles = {name: title.to(language) for name, title in _titles(comparison).items()}
    page.head(Text("Vad det betyder för underlaget", "What it means for the files"))
    page.line(_basis(effect, language), "dim", indent=2)
    page.line(_items(effect, language), indent=2)
    stakes = [*effect.organisers, *effect.components]
    due = [_stake_row(stake, titles, language, due=True) for stake in (effect.total, *stakes) if stake.old_due != stake.new_due]
    held = [effect.total, *stakes, *effect.rules]
    withheld = [_stake_row(stake, titles, language, due=False) for stake in held if stake.old_withheld != stake.new_withheld]
    for title, rows in ((Text("Att ersätta", "Due"), due), (Text("Innehållet", "Withheld"), withheld)):
        if rows:
            page.head(title)
            page.table(rows, (Text("", ""), _BEFORE, _AFTER, Text("skillnad", "difference")))
    _print_violations(page, effect, titles)


def _print_violations(page: _Page, effect: Effect, titles: Mapping[str, str]) -> None:
    language = page.language
    if effect.violations:
        page.head(Text("Avvikelser", "Violations"))
        rows = [
            (_named(each.rule, titles), *(number(count, language) for count in (each.old, each.new, each.come, each.go)))
            for each in effect.violations
        ]
        page.table(rows, (Text("", ""), _BEFORE, _AFTER, Text("tillkommer", "come"), Text("försvinner", "go")))
    if effect.not_evaluated:
        page.head(Text("Ändrade regler som inte prövades", "Changed rules that were not evaluated"))
        page.table([(left.rule, left.reason) for left in effect.not_evaluated])


def _basis(effect: Effect, language: Language) -> str:
    files = joined([name_text(each.file) for each in effect.inputs], language)
    months = month_name(effect.month, language) if effect.month else Text("alla månader", "all months").to(language)
    text = Text(
        "{files}; {months}, beräkningsdag {day}, som om inget vore bokfört.",
        "{files}; {months}, as of {day}, as if nothing were booked.",
    )
    return text.fill(files=files, months=months, day=effect.as_of).to(language)


def _items(effect: Effect, language: Language) -> str:
    if not effect.items:
        return Text("Inget belopp ändras.", "No amount changes.").to(language)
    count = counted(effect.items, Text("post", "item"), Text("poster", "items"), language)
    return Text(f"{count} får annat belopp eller hålls inne på annat sätt.", f"{count} differ in amount, or in being withheld.").to(
        language
    )


def _stake_row(stake: Stake, titles: Mapping[str, str], language: Language, *, due: bool) -> tuple[str, ...]:
    old, new = (stake.old_due, stake.new_due) if due else (stake.old_withheld, stake.new_withheld)
    difference = money(new.ore - old.ore, language)
    name = _named(stake.key, titles) if stake.key else Text("Totalt", "Total").to(language)
    if old.items != new.items:
        change = f"{number(old.items, language)} → {number(new.items, language)}"
        name += Text(f" ({change} poster)", f" ({change} items)").to(language)
    return name, money(old.ore, language), money(new.ore, language), f"+{difference}" if new.ore > old.ore else difference


def _named(key: str, titles: Mapping[str, str]) -> str:
    return f"{key} {titles[key]}" if key in titles else key


def _titles(comparison: Comparison) -> dict[str, Text]:
    """Titles of rules and components; those of the new book where both have them."""
    found: dict[str, Text] = {}
    for book in (comparison.old, comparison.new):
        found |= {rule.id: rule.title for rule in book.rules} | book.component_names()
    return found


def comparison_json(comparison: Comparison, language: Language) -> str:
    """One object; texts are in the run's language, amounts in SEK with a point."""
    document = {
        "tool": {"name": "fat", "version": __version__},
        "old": _book(comparison.old),
        "new": _book(comparison.new),
        "changes": [_change(change, language) for change in comparison.changes],
        "effect": _effect(comparison.effect) if comparison.effect else None,
    }
    return json_text(document)


def _book(book: RuleBook) -> dict[str, str]:
    return {"path": book.path, "edition": book.edition, "sha256": book.sha256}


def _change(change: Change, language: Language) -> dict[str, Any]:
    return {
        "section": change.section,
        "key": change.key,
        "title": change.title.to(language) or None,
        "kind": change.kind,
        "attribute": change.attribute or None,
        "old": change.old.to(language) if change.old else None,
        "new": change.new.to(language) if change.new else None,
        "old_line": change.old_line,
        "new_line": change.new_line,
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "month": str(effect.month) if effect.month else None,
        "as_of": effect.as_of.isoformat(),
        "inputs": [{"path": each.file, "sha256": each.sha256} for each in effect.inputs],
        "items": effect.items,
        "total": dict(_sums(effect.total)),
        "organisers": [{"organiser": stake.key, **dict(_sums(stake))} for stake in effect.organisers],
        "components": [_component(stake) for stake in effect.components],
        "rules": [{"rule": stake.key, "withheld": _pair(stake.old_withheld, stake.new_withheld)} for stake in effect.rules],
        "violations": [
            {"rule": each.rule, "old": each.old, "new": each.new, "come": each.come, "go": each.go} for each in effect.violations
        ],
        "not_evaluated": [{"rule": left.rule, "reason": left.reason} for left in effect.not_evaluated],
    }


def _component(stake: Stake) -> dict[str, Any]:
    service, _, component = stake.key.partition(".")
    return {"service": service, "component": component, **dict(_sums(stake))}


def _sums(stake: Stake) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "due", _pair(stake.old_due, stake.new_due)
    yield "withheld", _pair(stake.old_withheld, stake.new_withheld)


def _pair(old: Sum, new: Sum) -> dict[str, Any]:
    return {
        "old_items": old.items,
        "new_items": new.items,
        "old_sek": sek(old.ore),
        "new_sek": sek(new.ore),
        "difference_sek": sek(new.ore - old.ore),
    }
