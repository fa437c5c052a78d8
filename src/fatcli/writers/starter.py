"""What `fat init` puts into a new workspace: settings, rule book, templates, a small month of made-up attendance, and a text to read first.

Two organisers, five participants, May 2024. Personal numbers have the serial numbers 980 to 999, which are given to nobody;
organisation numbers and bankgiros lie beyond the series in use.
"""

import datetime as dt
from collections.abc import Mapping

from fatcli.model import TABLES, Month
from fatcli.rulebook import load, shipped
from fatcli.texts import Language, Text
from fatcli.workdays import is_working_day
from fatcli.writers.book import Value
from fatcli.writers.columnhelp import FOLDER
from fatcli.writers.monthsheet import MonthForm, Placed
from fatcli.writers.template import Form, TableForm, choices_of, template_book

MONTH, NEXT_MONTH = Month(2024, 5), Month(2024, 6)
README = Text("LÄSMIG.txt", "README.txt")
_ATTENDANCE = Text("narvaro-{month}.xlsx", "attendance-{month}.xlsx")
_REGISTER_TEMPLATE = Text("register-mall.xlsx", "register-template.xlsx")

_SETTINGS = Text(
    """\
# Inställningar för den här arbetsmappen. Kommandots flaggor går före miljövariabler FAT_*, och de före den här filen.
# Sökvägar räknas från mappen.

# Regelboken: insatser, belopp, gränser och regler. Pröva en ändring med: fat rules check
rules: rules.yaml

# Arbetsböcker med register (placeringar, anordnare, handledare …): mönster för filnamn
register: ["placements*", "register*", "beslut*"]

# Arbetsböcker med närvaro: mönster för filnamn
attendance: ["attendance*", "närvaro*", "narvaro*"]

# Mapp för rekvisitioner och rapporter
output: out

# Huvudboken: allt som är bokfört. Säkerhetskopiera den och ledger.db.head tillsammans.
ledger: ledger.db

# Språk: sv eller en
language: sv
""",
    """\
# Settings of this workspace. Options of a command win over FAT_* variables, and those over this file.
# Paths are relative to the folder.

# The rule book: services, amounts, limits and rules. Try a change with: fat rules check
rules: rules.yaml

# Workbooks with registers (placements, organisers, supervisors …): patterns for file names
register: ["placements*", "register*", "beslut*"]

# Workbooks with attendance: patterns for file names
attendance: ["attendance*", "närvaro*", "narvaro*"]

# Folder for claims and reports
output: out

# The ledger: all that is booked. Back it up together with ledger.db.head.
ledger: ledger.db

# Language: sv or en
language: en
""",
)
_READ_FIRST = Text(
    """\
ARBETSMAPP FÖR FAT

Mappen har en påhittad månad, maj 2024, som går att köra direkt:

  fat validate
  fat payout --month 2024-05

Den första kontrollerar närvaron mot regelboken. Den andra bokför månaden och skriver rekvisitionerna till out/2024-05.
Ändra sedan en cell i närvaron, till exempel dagen 10 i raden B24-004 till N, spara och kör fat validate igen.

Filer
  register.xlsx           placeringar, anordnare, platser, handledare, uppehåll (påhittade)
  narvaro-2024-05.xlsx    närvaron i maj, ett blad per anordnare (påhittad)
  mallar                  tomt register, och månadsblad för juni
  rules.yaml              regelboken: belopp, gränser och regler, var och en med sin källa
  fat.yaml                inställningar

Börja på riktigt
  1. Ta bort register.xlsx, narvaro-2024-05.xlsx, out, ledger.db och ledger.db.head.
  2. Fyll i mallar/register-mall.xlsx, och lägg den i mappen som register.xlsx.
  3. Skriv månadsblad till anordnarna: fat template månadsblad --month 2024-06
  4. Lägg de ifyllda månadsbladen i mappen, och kör fat validate och fat payout --month 2024-06.

fat --help visar alla kommandon.
""",
    """\
A WORKSPACE OF FAT

The folder has a made-up month, May 2024, that can be run at once:

  fat validate
  fat payout --month 2024-05

The first checks the attendance against the rule book. The second books the month and writes the claims to out/2024-05.
Then change a cell of the attendance, such as day 10 in the row B24-004 to N, save, and run fat validate again.

Files
  register.xlsx             placements, organisers, places, supervisors, pauses (made up)
  attendance-2024-05.xlsx   the attendance of May, a sheet per organiser (made up)
  templates                 an empty register, and month grids for June
  rules.yaml                the rule book: amounts, limits and rules, each with its source
  fat.yaml                  settings

To begin in earnest
  1. Delete register.xlsx, attendance-2024-05.xlsx, out, ledger.db and ledger.db.head.
  2. Fill in templates/register-template.xlsx, and put it into the folder as register.xlsx.
  3. Write month grids for the organisers: fat template grid --month 2024-06
  4. Put the filled-in grids into the folder, and run fat validate and fat payout --month 2024-06.

fat --help shows all commands.
""",
)

Row = Mapping[str, Value]


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _placement(placement: str, participant: str, organiser: str, service: str, programme: str | None, start: str, end: str) -> Row:
    """A placement with all its papers in order, also those that are due when it has ended."""
    first, last = _day(start), _day(end)
    before = first - dt.timedelta(days=10)
    return {
        "placement_id": placement,
        "participant_id": participant,
        "organiser_id": organiser,
        "service": service,
        "programme": programme,
        "start": first,
        "end": last,
        "decision_date": before,
        "hours_per_week": 15 if service == "AIO" else 25,
        "assessed_on": before,
        "employer_check_on": before,
        "union_consulted_on": before,
        "certificate_on": last,
        "account_on": last,
        "final_report_on": last,
    }


_PLACEMENTS = (
    _placement("B24-001", "19810314-9905", "EKEN", "FAT", "JOB", "2024-02-05", "2024-08-02"),
    _placement("B24-002", "20040822-9912", "EKEN", "FAT", "UGA", "2024-03-11", "2024-09-06"),
    _placement("B24-003", "19920105-9921", "EKEN", "AT", "ETP", "2024-04-15", "2024-10-11"),
    _placement("B24-004", "19770519-9938", "LINDEN", "AIO", None, "2024-05-13", "2024-11-08"),
    _placement("B24-005", "19891203-9941", "LINDEN", "AIO", None, "2024-01-08", "2024-07-05"),
)
_FROM = _day("2024-01-01")
_TABLES: Mapping[str, tuple[Row, ...]] = {
    "placements": _PLACEMENTS,
    "organisers": (
        {
            "organiser_id": "EKEN",
            "name": "Ekens Påhittade Verkstad AB",
            "identity_number": "559999-8118",
            "legal_form": "company",
            "approved_from": _FROM,
            "bankgiro": "5999-8112",
        },
        {
            "organiser_id": "LINDEN",
            "name": "Lindens Påhittade Kooperativ ek. för.",
            "identity_number": "769999-8121",
            "legal_form": "company",
            "approved_from": _FROM,
            "bankgiro": "5999-8120",
        },
    ),
    "offers": (
        {"organiser_id": "EKEN", "service": "FAT", "places": 4, "from": _FROM},
        {"organiser_id": "EKEN", "service": "AT", "places": 2, "from": _FROM},
    ),
    "supervisors": (
        {"organiser_id": "EKEN", "supervisor_id": "H1", "from": _FROM},
        {"organiser_id": "LINDEN", "supervisor_id": "H2", "from": _FROM},
    ),
    "pauses": ({"placement_id": "B24-001", "from": _day("2024-05-20"), "to": _day("2024-05-24"), "approved_on": _day("2024-05-06")},),
    "contracts": (),
}
# day of May -> what it says instead of N
_ABSENT: Mapping[str, Mapping[int, str]] = {
    "B24-001": {7: "S", **dict.fromkeys(range(20, 25), "U")},
    "B24-002": {14: "GF"},
    "B24-003": {28: "V"},
    "B24-005": {15: "S"},
}
_HOURS, _WORKED = 5.0, (0, 2, 4)  # of AIO: Mondays, Wednesdays and Fridays


def starter_files(language: Language) -> dict[str, bytes]:
    """The files by name, `/` before the name of one in a folder; the same bytes each time."""
    templates = FOLDER.to(language)
    book, organisers = load(), tuple(str(row["organiser_id"]) for row in _TABLES["organisers"])
    choices = choices_of(book, organisers=organisers)
    register = template_book([TableForm(TABLES[name], rows) for name, rows in _TABLES.items()], language, choices)
    empty = template_book([TableForm(TABLES[name]) for name in _TABLES], language, choices_of(book))
    return {
        README.to(language): _READ_FIRST.to(language).encode(),
        "fat.yaml": _SETTINGS.to(language).encode(),
        "rules.yaml": shipped(),
        "register.xlsx": register,
        _named(_ATTENDANCE, MONTH, language): template_book(_grids(MONTH, filled=True), language),
        f"{templates}/{_REGISTER_TEMPLATE.to(language)}": empty,
        f"{templates}/{_named(_ATTENDANCE, NEXT_MONTH, language)}": template_book(_grids(NEXT_MONTH, filled=False), language),
    }


def _named(name: Text, month: Month, language: Language) -> str:
    return name.fill(month=month).to(language)


def _grids(month: Month, *, filled: bool) -> list[Form]:
    """A month grid for each organiser."""
    grids: list[Form] = []
    for row in _TABLES["organisers"]:
        own = [each for each in _PLACEMENTS if each["organiser_id"] == row["organiser_id"]]
        placed = [_placed(each, month, filled=filled) for each in own]
        grids.append(MonthForm(month, placed, str(row["organiser_id"]), str(row["name"])))
    return grids


def _placed(row: Row, month: Month, *, filled: bool) -> Placed:
    placement, service, start, end = str(row["placement_id"]), str(row["service"]), row["start"], row["end"]
    if not (isinstance(start, dt.date) and isinstance(end, dt.date)):
        raise TypeError(placement)
    days = (month.first + dt.timedelta(days=number) for number in range(month.last.day))
    worked = [day for day in days if start <= day <= end and is_working_day(day) and (service != "AIO" or day.weekday() in _WORKED)]
    absent = _ABSENT.get(placement, {})
    reported = {day.day: absent.get(day.day, _HOURS if service == "AIO" else "N") for day in worked}
    return Placed(placement, service, start, end, reported if filled else {})
