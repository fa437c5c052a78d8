"""The report on a terminal: the verdict, violations by rule, the money, the control sums, and what it all rests on."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from fatcli.model import SEVERITIES, Severity
from fatcli.result import Checked, Control, Input, InputTable, OtherMonth, Paid
from fatcli.terminal import terminal_text
from fatcli.texts import Language, Text, capital
from fatcli.writers import wording
from fatcli.writers.console import styled
from fatcli.writers.textpage import HEAD, QUIET, Page
from fatcli.writers.wording import counted, in_lines, money, number

_STYLE: dict[Severity, str] = {"error": "bold red", "warning": "bold yellow", "info": "bold cyan"}
_CELLS = 3  # of those that say the same, how many are named
_MOST_SUMS = 50  # control sums: all of a small office's
_UNKNOWN_CODE = "T06"
_DAY = "\x00"  # stands for the day in a message; no cell's text can hold it
_GOOD, _BAD = "bold green", "bold red"


def print_report(result: Checked | Paid, console: Console, limit: int | None = 10) -> None:
    """The whole report; of each rule and list at most `limit` entries, and how to see the others."""
    checked = result if isinstance(result, Checked) else result.checked
    page = Page(console, checked.language, limit)
    verdict = _checked_verdict(checked) if isinstance(result, Checked) else _paid_verdict(result)
    verdict = Styled(in_lines(verdict.plain, console.width), style=verdict.style)
    console.print(verdict)
    for group in _by_rule(checked):
        _print_rule(page, checked, group)
    if isinstance(result, Paid):
        _print_money(page, result)
    _print_basis(page, checked)
    console.print()
    console.print(verdict)


def _checked_verdict(checked: Checked) -> Styled:
    language = checked.language
    found = capital(wording.severity_counts(checked))
    read = counted(checked.rows, Text("rad läst", "row read"), Text("rader lästa", "rows read"), language)
    # of a month grid the rows are read, and cells are set aside
    aside = counted(checked.set_aside, *_SET_ASIDE, language) if checked.set_aside else ""
    sentences = f"{found}. {'; '.join(filter(None, (read, aside)))}.", _unshown(checked)
    return styled(" ".join(filter(None, sentences)), _BAD if checked.count("error") else _GOOD)


def _unshown(checked: Checked) -> str:
    many = counted(checked.left_out, *_VIOLATIONS, checked.language)
    return _UNSHOWN.to(checked.language).format(many=many) if checked.left_out else ""


_BOOKED = Text("Bokfört för {month}: {claims}, {sum} (körning {run}).", "Booked for {month}: {claims}, {sum} (run {run}).")
_DRY = Text("Provkörning för {month}, inget är bokfört: {claims}, {sum}.", "Dry run for {month}, nothing is booked: {claims}, {sum}.")
_NOTHING = Text("Inget att bokföra för {month}.", "Nothing to book for {month}.")
_TO_COME = Text(
    "Inget att bokföra: {month} börjar efter beräkningsdagen, {day}.", "Nothing to book: {month} begins after the as-of day, {day}."
)
_REFUSED = Text(
    "Ej bokfört, har återföringar: {names}. Tillåt med --allow-reversals {allowed}.",
    "Not booked, reversals: {names}. Allow with --allow-reversals {allowed}.",
)
_WITHHELD = Text("Hålls inne: {items}, {sum}.", "Withheld: {items}, {sum}.")
_SET_ASIDE = Text("rad eller cell åsidosatt", "row or cell set aside"), Text("rader eller celler åsidosatta", "rows or cells set aside")
_VIOLATIONS = Text("avvikelse", "violation"), Text("avvikelser", "violations")
_UNSHOWN = Text("{many} visas inte (--select, --ignore).", "{many} not shown (--select, --ignore).")
_KEPT = Text("Bokfört som lämnas orört · {items}, {sum}", "Booked and left as it is · {items}, {sum}")
_OTHER_FILES = Text("filer med bara andra månader", "files of other months")
_TAKEN_BACK = Text(" (varav {sum} återförs)", " ({sum} of it taken back)")
_CLAIMS = Text("rekvisition", "claim"), Text("rekvisitioner", "claims")
_ITEMS = Text("post", "item"), Text("poster", "items")


def _paid_verdict(paid: Paid) -> Styled:
    language = paid.checked.language
    aside = f"{capital(counted(paid.checked.set_aside, *_SET_ASIDE, language))}." if paid.checked.set_aside else ""
    counts = f"{capital(wording.severity_counts(paid.checked))}."
    parts = [_booking(paid), _refusal(paid), _withholding(paid), aside, counts, _unshown(paid.checked)]
    return styled(" ".join(filter(None, parts)), _BAD if paid.refused or paid.checked.count("error") else _GOOD)


def _booking(paid: Paid) -> str:
    language = paid.checked.language
    claims = len(paid.claims) - len(paid.refused)
    nothing = _TO_COME if paid.month.first > paid.checked.as_of else _NOTHING
    sentence = _BOOKED if paid.run else _DRY if paid.dry_run and claims else nothing
    return sentence.to(language).format(
        month=wording.month_name(paid.month, language),
        claims=counted(claims, *_CLAIMS, language),
        sum=money(paid.total_ore, language),
        run=paid.run.number if paid.run else "",
        day=paid.checked.as_of,
    )


def _refusal(paid: Paid) -> str:
    names = [claim.organiser for claim in paid.refused]
    allowed = names[0] if len(names) == 1 else "all"
    return _REFUSED.to(paid.checked.language).format(names=", ".join(names), allowed=allowed) if names else ""


def _withholding(paid: Paid) -> str:
    language = paid.checked.language
    items = counted(len(paid.withheld), *_ITEMS, language)
    return _WITHHELD.to(language).format(items=items, sum=wording.withheld_money(paid.withheld, language)) if paid.withheld else ""


def _by_rule(checked: Checked) -> list[pl.DataFrame]:
    """The violations of each rule, the gravest first, but before all what is unreadable outside attendance: much may come of it."""
    order = {severity: at for at, severity in enumerate(SEVERITIES)}
    reports = checked.in_attendance() | pl.col("file").is_null()
    graded = checked.violations.with_columns(
        grade=pl.col("severity").replace_strict(order, return_dtype=pl.Int8), late=~pl.col("rule").str.starts_with("T") | reports
    )
    keys = ("grade", pl.col("late").all().over("grade", "rule"), "rule", "late")
    return graded.sort(*keys, maintain_order=True).partition_by("grade", "rule", maintain_order=True)


def _print_rule(page: Page, checked: Checked, group: pl.DataFrame) -> None:
    remedies = group["remedy"].unique()
    lines = _alike(group, page.language) if group["rule"][0] == _UNKNOWN_CODE else _folded(group)
    shown = lines if page.limit is None else lines.head(page.limit)
    grid = _grid(page.console)
    for row in shown.iter_rows(named=True):
        grid.add_row(*map(styled, _violation_cells(row, page.language, with_remedy=len(remedies) > 1)))
    page.console.print()
    page.console.print(_rule_head(checked, group))
    page.put(grid)
    page.more(group.height - int(shown["days"].sum()), f"--select {group['rule'][0]} -o csv")
    if len(remedies) == 1 and remedies[0]:
        page.put(styled(f"{Text('Åtgärd:', 'Remedy:').to(page.language)} {remedies[0]}", "italic"))


def _folded(group: pl.DataFrame) -> pl.DataFrame:
    """A rule's violations with those of consecutive days, but for the day the same, on one line.

    Adds `days`, their number, and `to_date` and `to_cell` of the last; `message` has `_DAY` in place of the day where there are several.
    """
    same = ["file", "sheet", "organiser", "service", "placement", "remedy", "_message"]
    ends = pl.col("date").shift(1).over(same)
    follows = pl.col("date").gt(ends) & (pl.business_day_count(ends + pl.duration(days=1), pl.col("date")) == 0) & pl.col("until").is_null()
    rows = group.with_row_index("_at").with_columns(_message=pl.col("message").str.split(pl.col("date").cast(pl.String)).list.join(_DAY))
    rows = rows.sort(*same, "date", "_at").with_columns(_run=(~follows).fill_null(value=True).cum_sum().over(same))
    lines = rows.group_by(*same, "_run", maintain_order=True).agg(
        pl.exclude("_at").first(), pl.col("_at").min(), days=pl.len(), to_date=pl.col("date").last(), to_cell=pl.col("cell").last()
    )
    return lines.sort("_at").with_columns(message=pl.when(pl.col("days") > 1).then("_message").otherwise("message"))


def _alike(group: pl.DataFrame, language: Language) -> pl.DataFrame:
    """A rule's violations as `_folded` gives them, those of a sheet that say the same on one line, with their number and first cells."""
    same = ["file", "sheet", "message", "remedy"]
    lines = group.group_by(same, maintain_order=True).agg(
        pl.exclude("cell", "placement").first(),
        cell=pl.col("cell").head(_CELLS).str.join(", "),
        placement=pl.when(pl.col("placement").n_unique() == 1).then(pl.col("placement").first()),
        days=pl.len(),
        to_date=pl.lit(None, pl.Date),
        to_cell=pl.lit(None, pl.String),
    )
    many = pl.col("days") > 1
    cells = pl.format(Text("({} celler)", "({} cells)").to(language), "days")
    return lines.with_columns(
        organiser=pl.when(many).then(pl.lit(None, pl.String)).otherwise("organiser"),
        cell=pl.when(pl.col("days") > _CELLS).then(pl.col("cell") + " …").otherwise("cell"),
        message=pl.when(many).then(pl.concat_str("message", cells, separator=" ")).otherwise("message"),
    )


def _grid(console: Console) -> Table:
    """Place, placement and message side by side; a long file name is folded before the message gets too narrow."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold", max_width=max(20, console.width * 2 // 5))
    grid.add_column(overflow="fold", max_width=max(8, console.width // 6))
    grid.add_column(overflow="fold")
    return grid


def _rule_head(checked: Checked, group: pl.DataFrame) -> Styled:
    language = checked.language
    first: dict[str, Any] = group.row(0, named=True)
    severity = cast("Severity", first["severity"])
    head = Styled.assemble(
        (terminal_text(first["rule"]), HEAD),
        "  ",
        (wording.SEVERITY[severity].to(language), _STYLE[severity]),
        "  ",
        (terminal_text(checked.labels.get(first["rule"], first["name"])), HEAD),
        f" · {number(group.height, language)}{Text(' st', '').to(language)}",
    )
    if first["withholds"] is None and severity == "error":
        head.append(f" · {Text('sätts åsido', 'set aside').to(language)}")
    elif first["withholds"] not in (None, "none"):
        held = wording.withholds_together(checked, group.select(wording.HELD)["held"])
        head.append(terminal_text(f" · {Text('håller inne', 'withholds').to(language)} {held}"))
    return head


def _violation_cells(row: dict[str, Any], language: Language, *, with_remedy: bool) -> tuple[str, str, str]:
    cell, message = row["cell"], row["message"]
    if row["to_date"] and row["days"] > 1:
        days = counted(row["days"], Text("dag", "day"), Text("dagar", "days"), language)
        span = f"{row['date']} – {row['to_date']} ({days})"
        message = message.replace(_DAY, span) if _DAY in message else f"{span}: {message}"
        cell = cell and f"{cell}–{row['to_cell']}"
    message = f"{message} {row['remedy']}" if with_remedy and row["remedy"] else message
    where = wording.place(row["file"], row["sheet"], cell, row["row"], language)
    return where or "–", row["placement"] or row["organiser"] or "", message


def _print_money(page: Page, paid: Paid) -> None:
    _print_claims(page, paid)
    _print_not_claimed(page, paid)
    page.section(Text("Kontrollsummor, rader och celler", "Control sums, rows and cells"), _control_rows(paid), most=_MOST_SUMS)


def _control_rows(paid: Paid) -> list[tuple[str, str]]:
    """In all, by organiser, and by file; files that are wholly of other months on one line."""
    language = paid.checked.language
    elsewhere = [row for row in paid.control if row.scope == "file" and row.read and row.read == row.other_months]
    order = {"total": 0, "organiser": 1, "file": 2}
    shown = sorted((row for row in paid.control if row not in elsewhere), key=lambda row: order[row.scope])
    rows = [(wording.control_name(row, language), _equation(row, language)) for row in shown]
    if elsewhere:
        files = counted(len(elsewhere), Text("fil med bara andra månader", "file of other months"), _OTHER_FILES, language)
        rows.append((files, _equation(_summed(elsewhere), language)))
    return rows


def _summed(rows: Sequence[Control]) -> Control:
    """Of files that are wholly of other months."""
    read = sum(row.read for row in rows)
    return Control("file", "", read, 0, 0, 0, 0, 0, read)


def _print_claims(page: Page, paid: Paid) -> None:
    page.section(
        Text("Rekvisitioner", "Claims"),
        _claim_rows(paid),
        (Text("rekvisition", "claim"), Text("anordnare", "organiser"), Text("status", "status")),
        (Text("plac.", "plac."), Text("dagar", "days"), Text("belopp", "amount")),
        cut=False,
    )
    page.section(
        Text("Minusposter som inte är tillåtna (--allow-reversals)", "Minus items that are not allowed (--allow-reversals)"),
        [
            (
                claim.organiser,
                line.placement,
                paid.checked.label(f"{line.service}.{line.component}"),
                wording.days_of_month(line.dates),
                str(line.days),
                money(line.amount_ore, page.language),
            )
            for claim in paid.refused
            for line in claim.lines
            if line.amount_ore < 0
        ],
        (Text("anordnare", "organiser"), Text("placering", "placement"), Text("ersättning", "compensation"), Text("dagar", "days")),
        (Text("antal", "number"), Text("belopp", "amount")),
        cut=False,
    )


def _print_not_claimed(page: Page, paid: Paid) -> None:
    page.section(
        Text("Innehållen ersättning per regel", "Withheld by rule"),
        _withheld_rows(paid),
        (Text("regel", "rule"), Text("orsak", "reason")),
        (Text("poster", "items"), Text("belopp", "amount")),
        cut=False,
    )
    page.section(
        Text("Anordnare som inte har rapporterat månaden", "Organisers that have not reported the month"),
        [(item.organiser, item.name, number(item.placements, page.language)) for item in paid.silent],
        (Text("anordnare", "organiser"), Text("namn", "name")),
        (Text("plac.", "plac."),),
    )
    page.section(
        _KEPT.fill(
            items=counted(len(paid.kept), *_ITEMS, page.language),
            sum=money(sum(item.amount_ore for item in paid.kept), page.language),
        ),
        [(item.organiser, item.placement, item.date.isoformat(), item.reason, money(item.amount_ore, page.language)) for item in paid.kept],
        (Text("anordnare", "organiser"), Text("placering", "placement"), Text("dag", "day"), Text("orsak", "reason")),
        (Text("belopp", "amount"),),
    )
    page.section(
        Text("Andra månader där beräknad ersättning skiljer sig från bokförd", "Other months whose due and booked differ"),
        [_other_month(at, page.language) for at in paid.other_months],
        cut=False,
    )


def _other_month(at: OtherMonth, language: Language) -> tuple[str, str, str]:
    taken_back = _TAKEN_BACK.to(language).format(sum=money(at.minus_ore, language)) if at.minus_ore else ""
    return str(at.month), f"{money(at.difference_ore, language)}{taken_back}", f"fat payout --month {at.month}"


def _claim_rows(paid: Paid) -> list[tuple[str, ...]]:
    language = paid.checked.language
    rows: list[tuple[str, ...]] = [
        (
            claim.number or claim.organiser,
            claim.name,
            wording.claim_status(claim, language),
            number(claim.placements, language),
            number(claim.days, language),
            money(claim.total_ore, language),
        )
        for claim in paid.claims
    ]
    if len(rows) > 1:
        rows.append((Text("Summa", "Total").to(language), "", "", "", "", money(paid.total_ore, language)))
    return rows


def _withheld_rows(paid: Paid) -> list[tuple[str, ...]]:
    language = paid.checked.language
    return [
        (
            wording.rule_word(rule, language),
            paid.checked.labels.get(rule, ""),
            number(len(items), language),
            wording.withheld_money(items, language),
        )
        for rule, items in wording.withheld_by_rule(paid)
    ]


_SUMMED = {**wording.CONTROL_COLUMNS, "other_months": Text("i andra månader", "in other months")}
# as Swedish says of one
_OF_ONE = {"read": "läst", "paid": "betald", "not_paid": "ej betald", "withheld": "innehållen", "set_aside": "åsidosatt", "kept": "orörd"}


def _equation(row: Control, language: Language) -> str:
    """`440 lästa = 390 betalda + 49 innehållna + 1 åsidosatt`; what is 0 is left out."""
    counts = [(name, getattr(row, name), text.to(language)) for name, text in _SUMMED.items()]
    read, *parts = [
        f"{number(count, language)} {_OF_ONE.get(name, text) if count == 1 and language == 'sv' else text}"
        for at, (name, count, text) in enumerate(counts)
        if count or at == 0
    ]
    return f"{read} = {' + '.join(parts) or 0}"


def _print_basis(page: Page, checked: Checked) -> None:
    page.section(Text("Ej prövade regler", "Rules not evaluated"), [(left.rule, left.reason) for left in checked.not_evaluated], cut=False)
    page.section(Text("Underlag", "Input"), [(file.file, file.sha256[:12], _tables(file, page.language)) for file in checked.inputs])
    page.console.print()
    if checked.absent_columns:
        page.put(styled(f"{Text('Kolumner som saknas:', 'Absent columns:').to(page.language)} {wording.columns_absent(checked)}", QUIET))
    page.put(styled(wording.rests_on(checked, checked.rules_sha256[:12]).to(page.language), QUIET))


def _tables(file: Input, language: Language) -> str:
    return ", ".join(f"{table.sheet} ({', '.join(_about(table, language))})" for table in file.tables)


def _about(table: InputTable, language: Language) -> Iterator[str]:
    """The table, where the sheet has another name, its rows, and whether it is hidden."""
    name = table.table if language == "en" else wording.table_title(table.table, language)
    if name != table.sheet:
        yield name
    yield number(table.rows, language)
    if table.hidden:
        yield wording.HIDDEN.to(language)
