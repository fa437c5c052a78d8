"""The default story and how a case differs from it: rows of every table, with ids of the case's own.

The story: placement P1 of participant T1 at organiser ORG1 in FAT with JOB, 2 to 31 May 2024, with all its papers, its first day
attended, places offered and one supervisor. All cases of a file share the sheets; the ids they write (P1, T2, ORG1, S1) become their own.
"""

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from rulefiles import Row

from fatcli.model import TABLES, Month
from fatcli.workbook import Grid
from grids import UNSAVED, Cell, Error, grid

AS_OF = "2024-12-31"
EARLY, LATE = "2021-12-01", "2024-12-30"  # before every start, and after every end, unless a case says otherwise
PLACEMENT = {
    "placement_id": "P1",
    "participant_id": "T1",
    "organiser_id": "ORG1",
    "service": "FAT",
    "programme": "JOB",
    "start": "2024-05-02",
    "end": "2024-05-31",
    "decision_date": EARLY,
    "hours_per_week": "40",
    "assessed_on": EARLY,
    "employer_check_on": EARLY,
    "union_consulted_on": EARLY,
    "certificate_on": LATE,
    "account_on": LATE,
    "final_report_on": LATE,
}
ORGANISER = {"name": "Verkstaden", "identity_number": "556036-0793", "legal_form": "company", "approved_from": "2021-01-01"}
NOTATIONS = {
    "attendance": "start present 8",
    "month grid": "",
    "before": "",
    "beside": "",
    "pauses": "",
    "offers": "FAT 9 2021-01-01..; AT 9 2021-01-01..",
    "supervisors": "S1 2021-01-01..",
    "contracts": "",
    "booked": "",
}
_PLACEMENT_COLUMNS = [column.name for column in TABLES["placements"].columns]
_OWN_ID = re.compile(r"\b(ORG|P|T|S)(\d{1,2})\b")
_DAY, _SPAN, _CLOCKS = r"(\d{4}-\d\d-\d\d)", r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)?", r"(\d\d:\d\d)-(\d\d:\d\d)"
_CELLS: Sequence[tuple[str, Callable[[str], Cell]]] = (
    (r"", lambda _: None),
    (r"'.*", lambda text: text[1:]),
    (_DAY, dt.date.fromisoformat),
    (r"\d\d:\d\d", dt.time.fromisoformat),
    (r"-?\d+", int),
    (r"-?\d+\.\d+", float),
    (r"TRUE|FALSE", lambda text: text == "TRUE"),
    (r"#.+", Error),
    (r"=", lambda _: UNSAVED),
    (r".+", str),
)


def cell(text: str) -> Cell:
    """What a table's text stands for in a workbook: `'8` is text as in Excel, `#N/A` an error, `=` a formula without its value."""
    return next(kind(text) for pattern, kind in _CELLS if re.fullmatch(pattern, text))


def weekdays(first: str, last: str) -> list[str]:
    """Mondays to Fridays from one day to another."""
    start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    days = (start + dt.timedelta(days=number) for number in range((end - start).days + 1))
    return [str(day) for day in days if day.weekday() < 5]


class Case:
    """A row of a table, told as rows of input tables: `sheets` by sheet name; `ids`: an id as its sheets have it -> as its table has it."""

    def __init__(self, number: int, row: Row) -> None:
        self.row = row
        self.number = number
        self.ids: dict[str, str] = {}
        self.sheets: dict[str, list[dict[str, str]]] = {name: [] for name in TABLES}
        self.booked: list[dict[str, object]] = []
        given = {name: self._id(text) for name, text in (NOTATIONS | dict(row.given)).items()}
        if "column" in given:
            given[given.pop("column")] = given.pop("holds")
        self.as_of = dt.date.fromisoformat(given.pop("as of", AS_OF))
        self._tell(given)
        for name, text in given.items():
            table, _, column = name.partition(".")
            if column:
                self.sheets[table][0][column] = text

    def _own(self, match: re.Match[str]) -> str:
        own = f"{match[1]}{self.number:03}{match[2]}"
        self.ids[own] = match[0]
        return own

    def _id(self, text: str) -> str:
        return _OWN_ID.sub(self._own, text)

    def _tell(self, given: Mapping[str, str]) -> None:
        placement = {name: self._id(text) for name, text in PLACEMENT.items()}
        self._add("placements", **placement | {name: text for name, text in given.items() if name in _PLACEMENT_COLUMNS})
        for notation, same_participant in (("before", True), ("beside", False)):
            for entry in _entries(given[notation]):
                times, _, one = entry.rpartition(" × ")
                for _ in range(int(times or 1)):
                    self._other_placement(one, same_participant=same_participant)
        self._organisers({name: text for name, text in given.items() if name not in NOTATIONS and name not in _PLACEMENT_COLUMNS})
        for notation in ("attendance", "month grid", "pauses", "offers", "supervisors", "contracts", "booked"):
            for entry in _entries(given[notation]):
                getattr(self, f"_{notation.replace(' ', '_')}")(entry)

    def _add(self, sheet: str, **row: str) -> None:
        self.sheets.setdefault(sheet, []).append({name: text for name, text in row.items() if text})

    def _other_placement(self, entry: str, *, same_participant: bool) -> None:
        """`AT UGA 2023-01-02..2023-03-31 end_reason=work`: the next P of the participant, or of another; `20 × ` before it: so many."""
        number = len(self.sheets["placements"]) + 1
        words = [word for word in entry.split() if "=" not in word]
        start, end = words.pop().split("..")
        own = {
            "placement_id": self._id(f"P{number}"),
            "participant_id": self.sheets["placements"][0]["participant_id"] if same_participant else self._id(f"T{number}"),
            "organiser_id": self._id("ORG1"),
            "service": words[0],
            "programme": words[1] if len(words) > 1 else "",
            "start": start,
            "end": end,
        }
        self._add("placements", **PLACEMENT | own | dict(word.split("=") for word in entry.split() if "=" in word))

    def _organisers(self, own: Mapping[str, str]) -> None:
        """ORG1, and every other organiser that a placement of the case names."""
        named = [row["organiser_id"] for row in self.sheets["placements"] if "organiser_id" in row]
        for organiser in dict.fromkeys([self._id("ORG1"), *named]):
            known = {name: text for name, text in own.items() if "." not in name and organiser == self._id("ORG1")}
            self._add("organisers", **{"organiser_id": organiser} | ORGANISER | known)

    def _placement(self, entry: str) -> tuple[str, list[str]]:
        """The placement that an entry begins with, else P1, and the entry's other words."""
        words = entry.split()
        return (words[0], words[1:]) if words[0] in self.ids else (self._id("P1"), words)

    def _attendance(self, entry: str) -> None:
        """`P2 2024-05-02..2024-05-08 present 7.5 08:00-16:00`; a span is its Mondays to Fridays, `start` the placement's first day."""
        placement, (days, status, *rest) = self._placement(entry)
        first, _, last = days.replace("start", self.sheets["placements"][0]["start"]).partition("..")
        clocks = [found for word in rest if (found := re.fullmatch(_CLOCKS, word))]
        hours = [word for word in rest if ":" not in word]
        row = {"status": status, "hours": hours[0] if hours else ""}
        row |= {"from_time": clocks[0][1], "to_time": clocks[0][2]} if clocks else {}
        for day in weekdays(first, last) if last else [first]:
            self._add("attendance", placement_id=placement, date=day, **row)

    def _month_grid(self, entry: str) -> None:
        """`P2 2024-05 stated 2, 2 N, 3 8`: a row of the month's grid, with cells by day."""
        head, *cells = entry.split(", ")
        placement, (month, *stated) = self._placement(head)
        self._add(month, placement_id=placement, days_stated=stated[1] if stated else "", **dict(found.split() for found in cells))

    def _pauses(self, entry: str) -> None:
        """`P2 2024-05-06..2024-05-08 approved 2024-05-01`"""
        placement, (span, *approved) = self._placement(entry)
        self._add("pauses", placement_id=placement, **_from_to(span), approved_on=approved[1] if approved else "")

    def _offers(self, entry: str) -> None:
        """`FAT 3 2024-01-01..2024-06-30`"""
        service, places, span = entry.split()
        self._add("offers", organiser_id=self._id("ORG1"), service=service, places=places, **_from_to(span))

    def _supervisors(self, entry: str) -> None:
        """`S1 2024-01-01..`"""
        supervisor, span = entry.split()
        self._add("supervisors", organiser_id=self._id("ORG1"), supervisor_id=supervisor, **_from_to(span))

    def _contracts(self, entry: str) -> None:
        """`ITA3 result 12000 2024-01-01..`"""
        service, component, sek, span = entry.split()
        self._add("contracts", organiser_id=self._id("ORG1"), service=service, component=component, sek=sek, **_from_to(span))

    def _booked(self, entry: str) -> None:
        """`P2 2024-05-02 300`: SEK of daily money in the ledger for the participant's placement."""
        placement, (day, sek) = self._placement(entry)
        row = {"participant": self._id("T1"), "organiser_id": self._id("ORG1"), "placement_id": placement, "service": "FAT"}
        self.booked.append(
            row | {"component": "base", "date": dt.date.fromisoformat(day), "amount": int(sek) * 100, "daily": True, "closed": False}
        )


def _entries(text: str) -> Iterator[str]:
    return (entry.strip() for entry in text.split(";") if entry.strip())


def _from_to(span: str) -> dict[str, str]:
    first, _, last = span.partition("..")
    return {"from": first, "to": last}


def laid_out(cases: Iterable[Case]) -> tuple[list[Grid], dict[tuple[str, int], tuple[Case, dict[str, str]]]]:
    """The sheets of all cases, and which case's row stands where: (sheet, row of the sheet) -> case and row."""
    rows: dict[str, list[tuple[Case, dict[str, str]]]] = {}
    for case in cases:
        for sheet, own in case.sheets.items():
            rows.setdefault(sheet, []).extend((case, row) for row in own)
    grids, placed = [], {}
    for sheet, told in rows.items():
        columns = header(sheet)
        grids.append(grid([columns, *([cell(row.get(name, "")) for name in columns] for _, row in told)], sheet=sheet))
        placed |= {(sheet, number): found for number, found in enumerate(told, 2)}
    return grids, placed


def header(sheet: str) -> list[str]:
    """The columns of a sheet: a table's, or those of a month's grid."""
    if sheet in TABLES:
        return [column.name for column in TABLES[sheet].columns if column.name != "note"]
    month = Month.parse(sheet)
    days = monthrange(month.year, month.number)[1]
    return ["placement_id", "days_stated", *(str(day) for day in range(1, days + 1))]
