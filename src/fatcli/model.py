"""The vocabulary: tables, columns, codes, and the frames that pass between the stages.

Money is whole öre in Int64. A place is (source, row, col): `source` numbers a sheet in `Tables.sources`,
`row` is the sheet's own 1-based row, `col` the 0-based column (A = 0).
"""

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from fatcli.texts import Language, Text, same

Kind = Literal["text", "identifier", "participant", "date", "time", "number", "whole", "amount", "code"]
Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
RATE_MISSING = "C01"  # the rule about an amount that contracts and rule book lack

# White space as it is met, the soft hyphen and the zero-width characters that pasting leaves behind.
BLANKS = " \t\r\n\x0b\x0c\x85\xa0\xad\u2002\u2003\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u2060\u3000\ufeff"


@dataclass(frozen=True)
class Column:
    """A column of a table: its canonical name, the kind of its values, and the Swedish headers it is known by."""

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    required: bool = False
    codes: str | None = None  # a key of CODES, for kind "code"


@dataclass(frozen=True)
class Table:
    """A table, known by its header. `key`: the columns that no two differing rows may share."""

    name: str
    title: Text
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


# canonical code -> what a workbook may say instead (any case); the canonical code itself is always known.
# The services are those that rules and facts name; a rule book may have more (Vocabulary.services).
CODES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "service": {
        "FAT": ("förstärkt arbetsträning",),
        "AT": ("arbetsträning",),
        "AIO": ("arbetsintegrerande övningsplatser",),
        "ITA1": ("introduktion till arbete del 1",),
        "ITA2": ("introduktion till arbete del 2",),
        "ITA3": ("introduktion till arbete del 3",),
    },
    "programme": {
        "JOB": ("jobb- och utvecklingsgarantin",),
        "UGA": ("jobbgaranti för ungdomar",),
        "ETP": ("etableringsprogrammet",),
    },
    "end_reason": {
        "completed": ("fullföljd",),
        "interrupted": ("avbrott",),
        "plan_changed": ("ändrad planering",),
        "work": ("arbete",),
        "studies": ("studier",),
        "illness": ("sjukdom",),
        "moved": ("flytt",),
        "other": ("annat",),
    },
    "regime": {"own": ("egen",), "external": ("extern",)},
    "outcome": {
        "work": ("arbete",),
        "supported_work": ("arbete med stöd",),
        "studies": ("studier",),
        "programme": ("program",),
        "unemployed": ("arbetslös",),
        "enrolled": ("inskriven",),
        "referred_back": ("återremitterad",),
        "other": ("övriga",),
        "unknown": ("okänd",),
    },
    "legal_form": {
        "company": ("bolag",),
        "association": ("ideell förening",),
        "sole_trader": ("enskild firma",),
        "public": ("offentlig",),
    },
    "yes_no": {"yes": ("ja",), "no": ("nej",)},
    "status": {
        "present": ("N", "1", "närvaro", "närvarande"),
        "excused": ("GF", "F", "giltig frånvaro", "beviljad frånvaro"),
        "sick": ("S", "SJ", "sjuk"),
        "care": ("V", "VAB", "vård av barn"),
        "unexcused": ("OF", "O", "ogiltig frånvaro"),
        "paused": ("U", "uppehåll"),
        "off": ("L", "H", "-", "ledig", "helg"),
    },
}

PLACEMENT_ID = ("beslutsnummer", "placering", "anvisning")
ORGANISER_ID = ("anordnare", "leverantör", "anordnar-id")
SERVICE = ("insats", "tjänst")


def _dates(*named: tuple[str, str]) -> tuple[Column, ...]:
    return tuple(Column(name, "date", (alias,)) for name, alias in named)


TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(
            "placements",
            Text("Beslut", "Placements"),
            (
                Column("placement_id", "identifier", PLACEMENT_ID, required=True),
                Column("participant_id", "participant", ("personnummer", "deltagare"), required=True),
                Column("organiser_id", "identifier", ORGANISER_ID, required=True),
                Column("service", "code", SERVICE, required=True, codes="service"),
                Column("programme", "code", ("program",), codes="programme"),
                Column("start", "date", ("startdatum", "från"), required=True),
                Column("end", "date", ("slutdatum", "till"), required=True),
                *_dates(("decision_date", "beslutsdatum"), ("ended_on", "avslutad")),
                Column("end_reason", "code", ("avslutsorsak",), codes="end_reason"),
                *_dates(("end_decided_on", "avslut beslutat")),
                Column("hours_per_week", "number", ("timmar per vecka",)),
                Column("hours_per_week_end", "number", ("timmar per vecka vid avslut",)),
                *_dates(
                    ("in_depth_decided_on", "fördjupad beslutad"),
                    ("in_depth_from", "fördjupad från"),
                    ("in_depth_to", "fördjupad till"),
                    ("in_depth_report_on", "utlåtande"),
                    ("assessed_on", "bedömning"),
                    ("employer_check_on", "arbetsgivarkontroll"),
                    ("union_consulted_on", "samråd"),
                ),
                Column("compensated_days", "whole", ("ersättningsdagar",)),
                Column("workplace_organiser_id", "identifier", ("arbetsplats",)),
                *_dates(
                    ("certificate_on", "intyg"),
                    ("account_on", "redogörelse"),
                    ("final_report_on", "slutredovisning"),
                    ("trial_completed_on", "arbetsprövning genomförd"),
                ),
                Column("regime", "code", ("regi",), codes="regime"),
                Column("county", "text", ("län",)),
                Column("delivery_area", "text", ("leveransområde",)),
                Column("status_90", "code", ("status 90",), codes="outcome"),
                Column("status_365", "code", ("status 365",), codes="outcome"),
            ),
            key=("placement_id",),
        ),
        Table(
            "organisers",
            Text("Anordnare", "Organisers"),
            (
                Column("organiser_id", "identifier", ORGANISER_ID, required=True),
                Column("name", "text", ("namn",), required=True),
                Column("identity_number", "participant", ("organisationsnummer",), required=True),
                Column("legal_form", "code", ("juridisk form",), required=True, codes="legal_form"),
                Column("approved_from", "date", ("godkänd från",), required=True),
                Column("approved_to", "date", ("godkänd till",)),
                Column("statutes", "code", ("stadgar",), codes="yes_no"),
                Column("board", "code", ("styrelse",), codes="yes_no"),
                Column("signatories", "code", ("firmatecknare",), codes="yes_no"),
                Column("annual_minutes", "code", ("årsmötesprotokoll",), codes="yes_no"),
                Column("participants_per_supervisor", "number", ("deltagare per handledare",)),
                Column("bankgiro", "identifier", ("bankgiro",)),
                Column("plusgiro", "identifier", ("plusgiro",)),
                Column("county", "text", ("län",)),
            ),
            key=("organiser_id",),
        ),
        Table(
            "offers",
            Text("Anmälan av platser", "Offers"),
            (
                Column("organiser_id", "identifier", ORGANISER_ID, required=True),
                Column("service", "code", SERVICE, required=True, codes="service"),
                Column("places", "whole", ("platser",), required=True),
                Column("from", "date", ("från",), required=True),
                Column("to", "date", ("till",)),
            ),
        ),
        Table(
            "supervisors",
            Text("Handledare", "Supervisors"),
            (
                Column("organiser_id", "identifier", ORGANISER_ID, required=True),
                Column("supervisor_id", "identifier", ("handledare",), required=True),
                Column("from", "date", ("från",), required=True),
                Column("to", "date", ("till",)),
            ),
        ),
        Table(
            "pauses",
            Text("Uppehåll", "Pauses"),
            (
                Column("placement_id", "identifier", PLACEMENT_ID, required=True),
                Column("from", "date", ("från",), required=True),
                Column("to", "date", ("till",), required=True),
                Column("approved_on", "date", ("godkänt",)),
            ),
        ),
        Table(
            "contracts",
            Text("Avtal", "Contracts"),
            (
                Column("organiser_id", "identifier", ORGANISER_ID, required=True),
                Column("service", "code", SERVICE, required=True, codes="service"),
                Column("component", "text", ("ersättning",), required=True),
                Column("sek", "amount", ("belopp",), required=True),
                Column("from", "date", ("från",), required=True),
                Column("to", "date", ("till",)),
            ),
        ),
        Table(
            "attendance",
            Text("Närvaro", "Attendance"),
            (
                Column("placement_id", "identifier", PLACEMENT_ID, required=True),
                Column("date", "date", ("datum", "dag"), required=True),
                Column("status", "code", ("närvaro", "status", "frånvarokod"), required=True, codes="status"),
                Column("hours", "number", ("timmar", "antal timmar")),
                Column("from_time", "time", ("från kl",)),
                Column("to_time", "time", ("till kl",)),
                Column("note", "text", ("anteckning",)),
            ),
        ),
    )
}

# The month grid is a second layout of `attendance`: these columns, and at least 28 day columns.
GRID = Table(
    "attendance",
    Text("Närvaro, månadsblad", "Attendance, month grid"),
    (
        Column("placement_id", "identifier", PLACEMENT_ID, required=True),
        Column("month", "text", ("månad",)),
        Column("days_stated", "whole", ("antal närvarodagar", "summa närvaro")),
    ),
)

_SWEDISH = {column.name: column.aliases[0] for table in (*TABLES.values(), GRID) for column in table.columns if column.aliases}


# what faults name in a column's place
HEADING, FIELD = "heading", "field"
_NO_COLUMNS = {HEADING: Text("rubriken", "the heading"), FIELD: Text("fältet utan rubrik", "the field without a heading")}


def column_word(name: str, language: Language) -> str:
    """A column as people call it: in Swedish by its first header, in English by its name."""
    if name in _NO_COLUMNS:
        return _NO_COLUMNS[name].to(language)
    return _SWEDISH.get(name, name) if language == "sv" else name


@lru_cache(maxsize=4096)  # the rows of a register that are looked at say the same again and again
def folded_header(text: str) -> str:
    """A header as it is compared: case, edges and dots don't count, and `_`, dashes and line breaks are spaces."""
    return re.sub(r"[\s_\u2010-\u2015\u2212-]+", " ", text.strip(BLANKS).replace(".", "")).strip().lower()


def folded_word(text: str) -> str:
    """A word for a code as it is compared: neither case, edges nor the width of spaces tell words apart."""
    return re.sub(r"\s+", " ", text.strip(BLANKS)).lower()


# A sheet whose cell A1 begins so is the program's own, such as an explanation: it is passed over when the workbook is read.
OWN_SHEET = "fat · "


@dataclass(frozen=True)
class Source:
    """A sheet that held a table.

    `columns`: canonical name -> 0-based column of the sheet. `placements`: those that its attendance names.
    """

    file: str  # as shown to users: relative to the workspace where it lies there
    sheet: str
    table: str
    layout: Literal["long", "grid", "register"]
    columns: Mapping[str, int]
    rows: int  # rows with values below the header, footers left out
    set_aside: int  # of them; in a grid: cells
    hidden: bool = False
    placements: frozenset[str] = frozenset()


@dataclass(frozen=True)
class InputFile:
    """A file that was read: as shown, and the sha256 of its bytes."""

    file: str
    sha256: str


@dataclass(frozen=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """From `2024-05`; raises ValueError for anything else."""
        year, dash, number = text.partition("-")
        if not (dash and len(year) == 4 and len(number) == 2 and year.isdecimal() and number.isdecimal()):
            raise ValueError(text)
        month = cls(int(year), int(number))
        dt.date(month.year, month.number, 1)  # refuses month 13 and year 0
        if month.year == dt.MAXYEAR:  # no day follows its last
            raise ValueError(text)
        return month

    @classmethod
    def of(cls, day: dt.date) -> "Month":
        return cls(day.year, day.month)

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        return self.first.replace(day=calendar.monthrange(self.year, self.number)[1])

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


@dataclass(frozen=True)
class Vocabulary:
    """The words of a rule book: its further headers per column and further words per code, and its services with their names."""

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    services: Mapping[str, Text] = field(default_factory=lambda: {code: same(words[0]) for code, words in CODES["service"].items()})

    def known(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """A key of CODES as this rule book has it: each code with the words that stand for it beside the code itself."""
        own, further, names = CODES[name], self.codes.get(name, {}), self.services if name == "service" else {}
        return {code: _distinct((*own.get(code, ()), *names.get(code, ()), *further.get(code, ()))) for code in names or own}


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Of words that differ in case only, the first."""
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(word.casefold(), word)
    return tuple(found.values())


SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv")  # of the workbooks that are read
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384  # of a sheet, Excel's own
MAX_SHEETS = 1_000  # of a workbook; Excel's own limit is its memory

# the error values that every program knows; newer ones, such as #SPILL!, only Excel does
EXCEL_ERRORS = ("#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


def column_index(letters: str) -> int:
    """0 for `A`, 25 for `Z`, 26 for `AA`."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def column_letter(col: int) -> str:
    """`A` for 0, `Z` for 25, `AA` for 26."""
    letters = ""
    col += 1
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, col: int) -> str:
    """`B17` for row 17 and column 1."""
    return f"{column_letter(col)}{row}"


def sek(ore: int) -> str:
    """Öre as SEK with two decimals and a point, as machine-readable output has it: 630000 -> `6300.00`."""
    sign = "-" if ore < 0 else ""
    whole, cents = divmod(abs(ore), 100)
    return f"{sign}{whole}.{cents:02}"


MOST_ORE = 10**12  # of one price: the sums of any year stay far within 64 bits


def ore(amount: str) -> int:
    """A decimal text with at most two decimals as öre: `300`, `12345.50`; raises ValueError for anything else."""
    whole, point, cents = amount.partition(".")
    digits = whole.removeprefix("-")
    if not digits.isdecimal() or not digits.isascii() or (point and not (cents.isdecimal() and cents.isascii() and len(cents) <= 2)):
        raise ValueError(amount)
    value = int(digits) * 100 + int((cents + "00")[:2])
    return -value if whole.startswith("-") else value
