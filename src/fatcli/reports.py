"""The follow-up reports by name: what each tells, its source, and whether small groups are hidden unless told otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass

from fatcli.texts import Text

LEAST_GROUP = 5  # persons


@dataclass(frozen=True)
class About:
    """A report. `min_group`: groups of fewer persons are hidden unless the user says otherwise; 0: none."""

    title: Text
    about: Text
    source: Text
    min_group: int = LEAST_GROUP


REPORTS: Mapping[str, About] = {
    # money must tally with the books, and is for the office that keeps them: nothing is hidden unless asked for
    "compensation": About(
        Text("Ersättning", "Compensation"),
        Text("ersättning och deltagare per år", "compensation and participants per year"),
        Text("AIO tabell 1", "AIO table 1"),
        min_group=0,
    ),
    "flow": About(
        Text("Nya, pågående och avslutade deltagarperioder", "Participant periods: new, running and ended"),
        Text("nya, pågående och avslutade deltagarperioder per månad", "new, running and ended participant periods per month"),
        Text("AIO figur 2, 4.1", "AIO figure 2, 4.1"),
    ),
    "stays": About(
        Text("Tid i insatsen och avslut i förtid", "Time in the service and early ends"),
        Text("dagar i insatsen, avslut i förtid och orsakerna", "days in the service, early ends and their reasons"),
        Text("AIO 4.1, ITA 1 och 12", "AIO 4.1, ITA 1 and 12"),
    ),
    "hours": About(
        Text("Timmar per vecka", "Hours per week"),
        Text("timmar per vecka vid start och slut", "hours per week at start and end"),
        Text("AIO 5.1, figur 7", "AIO 5.1, figure 7"),
    ),
    "outcomes": About(
        Text("Status efter insatsen", "Status after the service"),
        Text("status 90 och 365 dagar efter insatsen", "status 90 and 365 days after the service"),
        Text("AIO figur 10, ITA 11", "AIO figure 10, ITA 11"),
    ),
    "participants": About(
        Text("Deltagare", "Participants"),
        Text("nya deltagare efter regi, kön och ålder; beläggning", "new participants by regime, sex and age; occupancy"),
        Text("STHLM, AIO figur 3", "STHLM, AIO figure 3"),
    ),
    "coverage": About(
        Text("Anordnare och platser i landet", "Organisers and places in the country"),
        Text("anordnare och platser per län; deltagare per handledare", "organisers and places per county; participants per supervisor"),
        Text("AIO 3", "AIO 3"),
    ),
    "followup-ita": About(
        Text("Introduktion till arbete: fokusområden", "Introduktion till arbete: focus areas"),
        Text("de av ITA:s fokusområden som registret kan besvara", "the focus areas of ITA that the register can answer"),
        Text("ITA", "ITA"),
    ),
}
