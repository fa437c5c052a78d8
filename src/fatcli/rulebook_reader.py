"""`rules.yaml` to a RuleBook: each entry is read for itself, so that several faults can be told at once."""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar, cast, get_args

from fatcli import strictyaml
from fatcli.errors import RuleBookError
from fatcli.model import CODES, RATE_MISSING, SEVERITIES, Severity, Vocabulary, folded_word
from fatcli.rulebook import (
    IN_DEPTH_MONTHS,
    MOST_PARTICIPANTS,
    Component,
    Dated,
    Duration,
    Duty,
    Group,
    Limit,
    Per,
    Reference,
    Rule,
    RuleBook,
    Schedule,
    Service,
    columns_of,
)
from fatcli.rulebook_values import (
    amount_of,
    as_list,
    cell_of,
    check_disjoint,
    condition_of,
    message_of,
    name_of,
    number_or_date,
    reference_of,
    settings_of,
    span_of,
    text_of,
    vocabulary_of,
)
from fatcli.schema import BUILT_IN, FRAMES
from fatcli.strictyaml import Node, YamlError
from fatcli.texts import Language, Text, did_you_mean, same

if TYPE_CHECKING:
    from fatcli.expression import ColumnType

T = TypeVar("T")

SHOWN_AT_ONCE = 5
_SECTIONS = ("edition", "sources", "settings", "limits", "services", "rules")
_OPTIONAL_SECTIONS = ("vocabulary", "not_checked")
BUILT_IN_RULES: Mapping[str, tuple[str, ...]] = {"reader": tuple(f"T{number:02}" for number in range(1, 12)), "engine": (RATE_MISSING,)}
# what the message of a built-in rule may name
_BUILT_IN_VALUES: Mapping[str, tuple[str, ...]] = {
    "reader": ("value", "column", "expected", "table", "detail", "file", "sheet", "meant", "advice"),
    "engine": ("component", "service", "date", "organiser_id", "placement_id"),
}
_WITHHELD_IN_GROUPS = (*get_args(Group), "none")
_WITH_SPELLS = ("days", "organiser_days", "offer_days")
_REMEDY = Text("Rätta regelboken, och pröva den med fat rules check.", "Correct the rule book, and try it with fat rules check.")


def read(content: bytes, path: str) -> RuleBook:
    """The rule book in a file's bytes, `path` being how it is shown; raises RuleBookError."""
    return _Reader(path).book(content)


class _Reader:
    """What is known so far of one book, and its faults."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.faults: list[YamlError] = []
        self.sources: Mapping[str, Reference] = {}
        self.limits: Mapping[str, Limit] = {}
        self.vocabulary = Vocabulary()
        self.service_words = {folded_word(word): code for code, words in CODES["service"].items() for word in (code, *words)}
        self.services: Mapping[str, Service] = {}
        self.columns: dict[str, Mapping[str, ColumnType]] = {}  # by facts frame, when the limits are known

    def book(self, content: bytes) -> RuleBook:
        file = self.whole(lambda: strictyaml.load(_decoded(content)))
        root = self.whole(lambda: file.keys(*_SECTIONS, *_OPTIONAL_SECTIONS, required=_SECTIONS))
        edition = self.whole(root["edition"].text)
        self.sources = self.each(root["sources"], reference_of)
        settings = self.whole(lambda: settings_of(root["settings"]))
        names = self.each(root["services"], self.service_name, needed=CODES["service"])
        self.vocabulary = self.whole(lambda: vocabulary_of(root.get("vocabulary", Node(1, {})), names))
        duties = self.whole(lambda: self.duties(root["not_checked"]) if "not_checked" in root else ())
        self.limits = self.each(root["limits"], self.limit, needed=(IN_DEPTH_MONTHS, MOST_PARTICIPANTS))
        self.services = self.each(root["services"], self.service)
        built_in = [rule for rules in BUILT_IN_RULES.values() for rule in rules]
        versions = self.each(root["rules"], self.versions, needed=built_in)
        rules = tuple(rule for each in versions.values() for rule in each)
        self.whole(lambda: _names_differ(rules))
        return RuleBook(
            path=self.path,
            edition=edition,
            sha256=hashlib.sha256(content).hexdigest(),
            sources=self.sources,
            settings=settings,
            limits=self.limits,
            services=self.services,
            rules=rules,
            not_checked=duties,
            vocabulary=self.vocabulary,
            root=file,
        )

    def whole(self, read: Callable[[], T]) -> T:
        """A part of the book that is read whole; raises RuleBookError."""
        try:
            return read()
        except YamlError as fault:
            self.faults.append(fault)
            raise self.refusal() from None

    def each(self, node: Node, entry: Callable[[str, Node], T], needed: Iterable[str] = ()) -> Mapping[str, T]:
        """A section, entry by entry, so that the faults of several are told at once; raises RuleBookError."""
        entries = self.whole(lambda: _with_all(node, needed))
        found = {}
        for name, value in entries.items():
            try:
                found[name] = entry(name, value)
            except YamlError as fault:
                self.faults.append(YamlError(fault.line, Text(f"{name}: {fault.what.sv}", f"{name}: {fault.what.en}")))
        if self.faults:
            raise self.refusal()
        return found

    def refusal(self) -> RuleBookError:
        """The first faults, each with its line."""
        faults = sorted(self.faults, key=lambda fault: fault.line)
        more = len(faults) - SHOWN_AT_ONCE
        rest = Text(f"… och {more} till.", f"… and {more} more.")

        def lines(language: Language) -> str:
            others = [f"{self.path}:{fault.line}: {fault.what.to(language)}" for fault in faults[1:SHOWN_AT_ONCE]]
            return "\n".join([faults[0].what.to(language), *others, *([rest.to(language)] if more > 0 else [])])

        return RuleBookError(Text(lines("sv"), lines("en")), _REMEDY, place=f"{self.path}:{faults[0].line}")

    def duties(self, node: Node) -> tuple[Duty, ...]:
        entries = [item.keys("duty", "source", required=("duty",)) for item in node.items()]
        return tuple(Duty(text_of(entry["duty"]), self.source(entry)) for entry in entries)

    def source(self, entry: Mapping[str, Node]) -> str | None:
        """The source of an entry, each part of which begins with a known handle."""
        if "source" not in entry:
            return None
        source = entry["source"].text()
        for part in source.split(", "):
            if not any(part == handle or part.startswith(f"{handle} ") for handle in self.sources):
                hint = did_you_mean(part.split(" ")[0], self.sources)
                raise entry["source"].fault(Text(f"okänd källa {part}.{hint.sv}", f"unknown source {part}.{hint.en}"))
        return source

    def dated(self, node: Node, key: str, value: Callable[[Node], T]) -> tuple[Dated[T], ...]:
        """A list of values, each with the days it holds for."""
        found = tuple(self.one_dated(item, key, value) for item in node.items())
        check_disjoint(node.items(), found)
        return found

    def one_dated(self, node: Node, key: str, value: Callable[[Node], T]) -> Dated[T]:
        entry = node.keys(key, "from", "to", "source", required=(key,))
        return Dated(value(entry[key]), *span_of(entry), self.source(entry))

    def limit(self, name: str, node: Node) -> Limit:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or any(f"limit_{name}" in frame.facts for frame in FRAMES.values()):
            raise node.fault(Text("namnet går inte att använda för en gräns.", "the name can't be used for a limit."))
        values = self.dated(node, "value", number_or_date)
        if len({type(each.value) for each in values}) != 1:
            raise node.fault(
                Text("en gräns har minst ett värde, och bara tal eller bara datum.", "a limit has values, all numbers or all dates.")
            )
        return Limit(name, cast("tuple[Dated[int] | Dated[dt.date], ...]", values), isinstance(values[0].value, dt.date))

    def service_name(self, id_: str, node: Node) -> Text:
        """What a service is called; workbooks may have its id and its names, so that no other service may be called so."""
        if not re.fullmatch(r"[^\W\d_][\w-]*", id_):
            raise node.fault(
                Text(
                    "en tjänsts id är en bokstav, följd av bokstäver, siffror, _ och -.",
                    "a service's id is a letter, followed by letters, digits, _ and -.",
                )
            )
        name = text_of(_service_keys(node)["name"])
        for word in (id_, *name):
            if (other := self.service_words.setdefault(folded_word(word), id_)) != id_:
                what = Text("{word} är redan ett ord för tjänsten {other}.", "{word} is a word for the service {other} already.")
                raise node.fault(what.fill(word=word, other=other))
        return name

    def service(self, name: str, node: Node) -> Service:
        entry = _service_keys(node)
        source = self.source(entry)
        programmes = tuple(item.choice(*CODES["programme"]) for item in entry["programmes"].items()) if "programmes" in entry else ()
        chain = entry["chain"].choice("period", "participation") if "chain" in entry else None
        if chain == "participation" and "max_gap_days" not in entry:
            raise node.fault(Text("max_gap_days saknas; ett deltagande behöver det.", "max_gap_days is missing; a participation needs it."))
        if chain != "participation" and "max_gap_days" in entry:
            raise entry["max_gap_days"].fault(Text("max_gap_days kräver chain: participation.", "max_gap_days needs chain: participation."))
        if chain is None and "max_months" in entry:
            raise entry["max_months"].fault(
                Text(
                    "max_months kräver chain. En enskild placering begränsas av placement_months.",
                    "max_months needs chain. A single placement is limited by placement_months.",
                )
            )
        components = tuple(self.component(item) for item in entry["components"].items())
        _unique(entry["components"], [component.id for component in components])
        if {"attended_day", "scheduled_day"} <= {component.per for component in components}:
            # the days on which a limit or a decision is asked for (`counts`) are of one kind
            raise entry["components"].fault(
                Text(
                    "en tjänst betalas per närvarodag eller per schemadag, inte per båda.",
                    "a service is paid per attended day or per scheduled day, not per both.",
                )
            )
        return Service(
            id=name,
            name=self.vocabulary.services[name],
            programmes=programmes,
            schedule=cast("Schedule", entry["schedule"].choice(*get_args(Schedule))),
            chain=chain,  # type: ignore[arg-type]  # one of the two
            max_gap_days=entry["max_gap_days"].number() if "max_gap_days" in entry else None,
            durations=tuple(self.durations(entry["max_months"], programmes)) if "max_months" in entry else (),
            placement_months=self.placement_months(entry["placement_months"], source) if "placement_months" in entry else (),
            components=components,
            source=source,
        )

    def durations(self, node: Node, programmes: Sequence[str]) -> Iterator[Duration]:
        for programme, entries in node.mapping().items():
            known = programmes or ("any",)
            if programme not in known:
                hint = did_you_mean(programme, known)
                raise entries.fault(Text(f"okänt program {programme}.{hint.sv}", f"unknown programme {programme}.{hint.en}"))
            items = as_list(entries).items()
            found = [self.duration(item, None if programme == "any" else programme) for item in items]
            for condition in {each.compensated_days for each in found}:
                alike = [(item, each) for item, each in zip(items, found, strict=True) if each.compensated_days == condition]
                check_disjoint([item for item, _ in alike], [each for _, each in alike])
            yield from found

    def duration(self, node: Node, programme: str | None) -> Duration:
        if isinstance(node.value, str):
            return Duration(programme, node.number())
        entry = node.keys("value", "compensated_days", "from", "to", "source", required=("value",))
        days = entry["compensated_days"].number() if "compensated_days" in entry else 0
        return Duration(programme, entry["value"].number(), days, *span_of(entry), self.source(entry))

    def placement_months(self, node: Node, source: str | None) -> tuple[Dated[int], ...]:
        if isinstance(node.value, str):
            return (Dated(node.number(), source=source),)
        return self.dated(node, "value", Node.number)

    def component(self, node: Node) -> Component:
        entry = node.keys("id", "name", "per", "when", "sek", required=("id", "name", "per", "sek"))
        id_ = entry["id"].text()
        if not re.fullmatch(r"[a-z][a-z0-9_]*", id_) or id_ in _WITHHELD_IN_GROUPS:
            raise entry["id"].fault(Text(f"{id_} går inte att använda som id.", f"{id_} can't be used as an id."))
        return Component(
            id=id_,
            name=text_of(entry["name"]),
            per=cast("Per", entry["per"].choice(*get_args(Per))),
            when=condition_of(entry["when"], columns_of("days", self.limits, self.vocabulary)) if "when" in entry else None,
            sek=self.dated(entry["sek"], "amount", amount_of),
        )

    def versions(self, id_: str, node: Node) -> tuple[Rule, ...]:
        """An entry, or a list of entries for days that do not overlap."""
        if not re.fullmatch(r"[A-Z]{1,3}[0-9]{2,3}", id_):
            raise node.fault(
                Text(
                    "ett id är som A01: en till tre versaler, två eller tre siffror.",
                    "an id is like A01: one to three capitals, two or three digits.",
                )
            )
        items = as_list(node).items()
        found = tuple(self.rule(id_, item) for item in items)
        check_disjoint(items, found)
        return found

    def rule(self, id_: str, node: Node) -> Rule:
        optional = ("title", "when", "withhold", "cell", "report", "spell", "source", "remedy", "from", "to")
        entry = node.keys("name", "facts", "severity", "message", *optional, required=("name", "facts", "severity", "message"))
        facts = entry["facts"].choice(*FRAMES, *BUILT_IN)
        if facts in BUILT_IN:
            columns: Mapping[str, ColumnType] = {}
            _check_built_in(id_, facts, entry)
        else:
            if facts not in self.columns:
                self.columns[facts] = columns_of(facts, self.limits, self.vocabulary)
            columns = self.columns[facts]
            _check_judged(id_, facts, node, entry)
        named = columns or _BUILT_IN_VALUES[facts]
        start, end = span_of(entry)
        return Rule(
            id=id_,
            name=name_of(entry["name"]),
            title=text_of(entry["title"]) if "title" in entry else same(entry["name"].text()),
            facts=facts,
            when=condition_of(entry["when"], columns) if "when" in entry else None,
            severity=cast("Severity", entry["severity"].choice(*SEVERITIES)),
            withhold=self.withheld(entry["withhold"]) if "withhold" in entry else (),
            cell=cell_of(entry["cell"], facts) if "cell" in entry else None,
            report="second" if "report" in entry and entry["report"].choice("first", "second") == "second" else "first",
            spell="spell" in entry and entry["spell"].boolean(),
            source=self.source(entry),
            message=message_of(entry["message"], named),
            remedy=message_of(entry["remedy"], named) if "remedy" in entry else same(""),
            start=start,
            end=end,
            line=node.line,
        )

    def withheld(self, node: Node) -> tuple[str, ...]:
        if isinstance(node.value, str):
            group = node.choice(*_WITHHELD_IN_GROUPS)
            return () if group == "none" else (group,)
        components = {component.id for service in self.services.values() for component in service.components}
        return tuple(item.choice(*sorted(components)) for item in node.items())


def _service_keys(node: Node) -> Mapping[str, Node]:
    required = ("name", "schedule", "components")
    optional = ("programmes", "chain", "max_gap_days", "max_months", "placement_months", "source")
    return node.keys(*required, *optional, required=required)


def _names_differ(rules: Iterable[Rule]) -> None:
    ids: dict[str, str] = {}
    for rule in rules:
        first = ids.setdefault(rule.name, rule.id)
        if first != rule.id:
            what = Text("{id}: namnet {name} har redan {first}.", "{id}: {first} has the name {name} already.")
            raise YamlError(rule.line, what.fill(id=rule.id, name=rule.name, first=first))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise YamlError(line, Text("filen är inte i UTF-8.", "the file is not in UTF-8.")) from None


def _with_all(node: Node, needed: Iterable[str]) -> Mapping[str, Node]:
    entries = node.mapping()
    missing = ", ".join(name for name in needed if name not in entries)
    if missing:
        raise node.fault(Text(f"saknas, och programmet behöver: {missing}.", f"missing, and needed by the program: {missing}."))
    return entries


def _unique(node: Node, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise node.fault(Text(f"{name} står två gånger.", f"{name} stands twice."))


def _check_built_in(id_: str, facts: str, entry: Mapping[str, Node]) -> None:
    if id_ not in BUILT_IN_RULES[facts]:
        raise entry["facts"].fault(
            Text(f"{facts} är för reglerna som programmet självt har.", f"{facts} is for the rules that the program itself has.")
        )
    for key in ("when", "withhold", "cell", "report", "spell", "from", "to"):
        if key in entry:
            raise entry[key].fault(Text(f"{key} kan inte sättas för en inbyggd regel.", f"{key} can't be set for a built-in rule."))


def _check_judged(id_: str, facts: str, node: Node, entry: Mapping[str, Node]) -> None:
    if any(id_ in ids for ids in BUILT_IN_RULES.values()):
        raise entry["facts"].fault(
            Text("regeln är inbyggd: facts ska vara reader eller engine.", "the rule is built in: facts must be reader or engine.")
        )
    if "when" not in entry:
        raise node.fault(Text("when saknas.", "when is missing."))
    if "spell" in entry and facts not in _WITH_SPELLS:
        raise entry["spell"].fault(
            Text(f"spell finns bara för {', '.join(_WITH_SPELLS)}.", f"spell is for {', '.join(_WITH_SPELLS)} only.")
        )
    if "report" in entry and facts != "days":
        raise entry["report"].fault(Text("report finns bara för days.", "report is for days only."))
