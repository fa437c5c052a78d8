"""`fat rules`: the rule book, read, checked, compared and documented."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fatcli.cli import common, rulesdiff
from fatcli.cli.common import Color, say
from fatcli.errors import UsageError
from fatcli.texts import Text

if TYPE_CHECKING:
    from fatcli.rulebook import RuleBook

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "Regelboken: läs, kontrollera, jämför, dokumentera.\n\nExempel: fat rules show A01",
        "The rule book: read, check, compare, document.\n\nExample: fat rules show A01",
    ),
)


RuleId = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help=say("Regelns id, till exempel A01.", "The rule's id, such as A01."),
        show_default=False,
        autocompletion=common.rule_ids,
    ),
]
BookFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE",
        help=say("Regelbok. Utelämnat: den som gäller här.", "Rule book. Left out: the one in force here."),
        show_default=False,
    ),
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help=say("Mapp att skriva i.", "Folder to write to."))]
Check = Annotated[
    bool,
    typer.Option(
        "--check",
        help=say("Skriv inget: utgångskod 1 om sidorna är inaktuella.", "Write nothing: exit code 1 if the pages are out of date."),
    ),
]


@app.command("list", help=say("Lista reglerna.\n\nExempel: fat rules list", "List the rules.\n\nExample: fat rules list"))
def list_(
    directory: common.Directory = None,
    rules: common.Rules = None,
    lang: common.LanguageOption = None,
    color: common.ColorOption = Color.auto,
) -> None:
    from rich.table import Table
    from rich.text import Text as Styled

    from fatcli.rulewords import SEVERITY_WORDS, withheld_text

    book, language = _book(directory, rules), common.language(lang)
    heads = (Text("id", "id"), Text("allvarlighet", "severity"), Text("håller inne", "withholds"), Text("regel", "rule"))
    table = Table(*(head.to(language) for head in heads), box=None, pad_edge=False)
    for rule in book.rules:
        cells = rule.id, SEVERITY_WORDS[rule.severity].to(language), withheld_text(rule).to(language)
        table.add_row(*map(Styled, (*cells, f"{rule.title.to(language)} ({rule.name})")))  # a plain str is read for markup such as [bold]
    common.console(color).print(table)


@app.command(
    "show", help=say("Visa allt om en regel.\n\nExempel: fat rules show A01", "Show all of one rule.\n\nExample: fat rules show A01")
)
def show(
    id_: RuleId,
    directory: common.Directory = None,
    rules: common.Rules = None,
    lang: common.LanguageOption = None,
    color: common.ColorOption = Color.auto,
) -> None:
    from rich.table import Table
    from rich.text import Text as Styled

    from fatcli.writers.rulepages import rule_lines

    book, language = _book(directory, rules), common.language(lang)
    versions = book.rule(id_.upper())
    if not versions:
        raise _unknown_rule(id_, book)
    console = common.console(color)
    for rule in versions:
        console.print(Styled(f"{rule.id} {rule.name}: {rule.title.to(language)}", style="bold"))
        grid = Table.grid(padding=(0, 2))
        for label, text in rule_lines(rule, book):
            grid.add_row(Styled(label.to(language), style="dim"), Styled(text.to(language).strip()))
        console.print(grid)


@app.command(
    "check",
    help=say(
        "Kontrollera en regelbok.\n\nExempel: fat rules check rules.yaml", "Check a rule book.\n\nExample: fat rules check rules.yaml"
    ),
)
def check(file: BookFile = None, directory: common.Directory = None, lang: common.LanguageOption = None) -> None:
    from fatcli import rulebook

    book = rulebook.load(file) if file else _book(directory, None)
    counts = Text(
        f"{len(book.rules)} regler, {len(book.limits)} gränser, {len(book.services)} tjänster",
        f"{len(book.rules)} rules, {len(book.limits)} limits, {len(book.services)} services",
    )
    text = Text("ok: {counts}; {book}, utgåva {edition}, sha256 {sha256}", "ok: {counts}; {book}, edition {edition}, sha256 {sha256}")
    text = text.fill(counts=counts, book=book.path, edition=book.edition, sha256=book.sha256)
    common.tell(text.to(common.language(lang)))
    for name, first, last in book.gaps():
        gap = Text("obs: {name} har inget värde {first}–{last}", "note: {name} has no value {first}–{last}")
        common.tell(gap.fill(name=name, first=first, last=last).to(common.language(lang)))


app.command("diff", help=rulesdiff.HELP)(rulesdiff.diff)


@app.command(
    "docs",
    help=say(
        "Skriv rules.md och facts.md ur regelboken.\n\nExempel: fat rules docs regler",
        "Write rules.md and facts.md from the rule book.\n\nExample: fat rules docs rule-pages",
    ),
)
def docs(
    folder: Folder = Path("docs"),
    check_only: Check = False,
    directory: common.Directory = None,
    rules: common.Rules = None,
    lang: common.LanguageOption = None,
) -> None:
    from fatcli.cli import targets
    from fatcli.workspace import write_files
    from fatcli.writers.rulepages import facts_page, rules_page

    book, language = _book(directory, rules), common.language(lang)
    pages = {"rules.md": rules_page(book).encode(), "facts.md": facts_page(book).encode()}
    if not check_only:
        targets.refuse_taken([folder / name for name in pages], targets.kept(common.workspace(directory, [], rules)))
        for path in write_files(folder, pages):
            common.tell(str(path))
        return
    stale = [name for name, page in pages.items() if not (folder / name).is_file() or (folder / name).read_bytes() != page]
    for name in stale:
        common.note(Text(f"{folder / name} är inaktuell.", f"{folder / name} is out of date."), language, quiet=False)
    raise typer.Exit(common.VIOLATIONS if stale else common.DONE)


def _book(directory: Path | None, rules: Path | None) -> "RuleBook":
    from fatcli import rulebook

    return rulebook.load(common.workspace(directory, [], rules).rules())


def _unknown_rule(id_: str, book: "RuleBook") -> UsageError:
    from fatcli.rulewords import rule_hint

    hint = rule_hint(id_, {rule.id for rule in book.rules})
    return UsageError(
        Text(f"regeln {id_} finns inte.{hint.sv}", f"there is no rule {id_}.{hint.en}"),
        Text("fat rules list visar alla.", "fat rules list shows all."),
    )
