"""The words of the templates: what they are called, and what each column and each code means for those who fill them in."""

from collections.abc import Mapping

from fatcli.model import CODES, Column
from fatcli.texts import Language, Text

GRID_NAME = "grid"  # the month grid, among the tables' names
FOLDER = Text("mallar", "templates")

# by column; where a table has its own meaning, by "table.column"
_COLUMNS: Mapping[str, Text] = {
    "placement_id": Text(
        "Numret på Arbetsförmedlingens beslut, samma i alla tabeller.",
        "The number of the employment service's decision, the same in all tables.",
    ),
    "participant_id": Text(
        "Deltagarens personnummer eller samordningsnummer, 10 eller 12 siffror; eller en pseudonym som T17.",
        "The participant's personal or coordination number, 10 or 12 digits; or a pseudonym such as T17.",
    ),
    "organiser_id": Text("Anordnarens id, samma i alla tabeller.", "The organiser's id, the same in all tables."),
    "service": Text("Insatsen som placeringen gäller.", "The service that the placement is in."),
    "offers.service": Text("Insatsen som platserna anmäls för.", "The service that the places are offered for."),
    "contracts.service": Text("Insatsen som priset gäller.", "The service that the price is for."),
    "programme": Text("Programmet som deltagaren är inskriven i.", "The programme that the participant is enrolled in."),
    "start": Text("Första dagen i placeringen.", "The first day of the placement."),
    "end": Text("Sista dagen i placeringen, inräknad.", "The last day of the placement, included."),
    "decision_date": Text(
        "Dagen då beslutet fattades. Dagar före den ersätts inte.",
        "The day of the decision. Days before it are not paid.",
    ),
    "ended_on": Text("Sista dagen, om placeringen avslutades före slutdatum.", "The last day, if the placement ended before its end."),
    "end_reason": Text("Varför placeringen avslutades före slutdatum.", "Why the placement ended before its end."),
    "end_decided_on": Text("Dagen då avslutet beslutades.", "The day on which the ending was decided."),
    "hours_per_week": Text("Planerade timmar per vecka vid start.", "Planned hours per week at the start."),
    "hours_per_week_end": Text("Timmar per vecka vid avslut.", "Hours per week at the end."),
    "in_depth_decided_on": Text("Dagen då fördjupad bedömning beslutades.", "The day on which an in-depth assessment was decided."),
    "in_depth_from": Text("Fördjupad bedömning: första dagen.", "In-depth assessment: the first day."),
    "in_depth_to": Text("Fördjupad bedömning: sista dagen.", "In-depth assessment: the last day."),
    "in_depth_report_on": Text("Dagen då utlåtandet lämnades.", "The day on which its report was handed in."),
    "assessed_on": Text("Dagen för bedömningen före placeringen.", "The day of the assessment before the placement."),
    "employer_check_on": Text("Dagen då arbetsgivaren kontrollerades.", "The day on which the employer was checked."),
    "union_consulted_on": Text("Dagen för samråd med facket.", "The day on which the union was consulted."),
    "compensated_days": Text("Antal ersättningsdagar i programmet vid start.", "Compensated days in the programme at the start."),
    "workplace_organiser_id": Text(
        "Id för den anordnare vars arbetsplats det är. Tomt: anordnarens egen.",
        "The id of the organiser whose workplace it is. Empty: the organiser's own.",
    ),
    "certificate_on": Text("Dagen då intyget lämnades.", "The day on which the certificate was given."),
    "account_on": Text("Dagen då redogörelsen lämnades.", "The day on which the account was handed in."),
    "final_report_on": Text("Dagen då slutredovisningen lämnades.", "The day on which the final report was handed in."),
    "trial_completed_on": Text("ITA3: dagen då arbetsprövningen var genomförd.", "ITA3: the day on which the work trial was completed."),
    "regime": Text("Om platsen är i egen eller extern regi.", "Whether the place is run by the municipality itself or by others."),
    "county": Text("Länet, till exempel Skåne län.", "The county, such as Skåne län."),
    "delivery_area": Text("Leveransområdet i avtalet (ITA).", "The delivery area of the contract (ITA)."),
    "status_90": Text("Vad deltagaren gör 90 dagar efter sista dagen.", "What the participant does 90 days after the last day."),
    "status_365": Text("Vad deltagaren gör 365 dagar efter sista dagen.", "What the participant does 365 days after the last day."),
    "name": Text("Anordnarens namn, som det ska stå på rekvisitionen.", "The organiser's name, as the claim is to show it."),
    "identity_number": Text(
        "Organisationsnummer; för enskild firma innehavarens personnummer.",
        "The organisation number; for a sole trader the owner's personal number.",
    ),
    "legal_form": Text("Anordnarens juridiska form.", "The organiser's legal form."),
    "approved_from": Text("Första dagen som anordnaren är godkänd.", "The first day on which the organiser is approved."),
    "approved_to": Text("Sista dagen. Tomt: tills vidare.", "The last day. Empty: until further notice."),
    "statutes": Text("Om stadgarna har lämnats in (ideell förening).", "Whether the statutes are handed in (associations)."),
    "board": Text("Om uppgift om styrelsen har lämnats in (ideell förening).", "Whether the board is stated (associations)."),
    "signatories": Text(
        "Om uppgift om firmatecknare har lämnats in (ideell förening).", "Whether the signatories are stated (associations)."
    ),
    "annual_minutes": Text(
        "Om årsmötesprotokollet har lämnats in (ideell förening).", "Whether the annual minutes are handed in (associations)."
    ),
    "participants_per_supervisor": Text(
        "Högsta antal deltagare per handledare, om annat än regelbokens.",
        "The most participants per supervisor, if other than the rule book's.",
    ),
    "bankgiro": Text("Bankgiro som ersättningen betalas till.", "The bankgiro that is paid to."),
    "plusgiro": Text("Plusgiro som ersättningen betalas till.", "The plusgiro that is paid to."),
    "places": Text("Antal platser.", "How many places."),
    "offers.from": Text("Första dagen som anmälan gäller.", "The first day of the offer."),
    "supervisor_id": Text("Handledarens beteckning, till exempel H1.", "What the supervisor is called, such as H1."),
    "supervisors.from": Text("Handledarens första dag.", "The supervisor's first day."),
    "pauses.from": Text("Uppehållets första dag.", "The first day of the pause."),
    "pauses.to": Text("Uppehållets sista dag.", "The last day of the pause."),
    "approved_on": Text("Dagen då uppehållet godkändes; det ska vara i förväg.", "The day on which the pause was approved: in advance."),
    "component": Text(
        "Ersättningen som priset gäller, till exempel result för ITA3.", "The component that the price is for, such as result for ITA3."
    ),
    "sek": Text("Priset i kronor, högst två decimaler.", "The price in SEK, at most two decimals."),
    "contracts.from": Text("Första dagen som priset gäller.", "The first day of the price."),
    "to": Text("Sista dagen, inräknad. Tomt: tills vidare.", "The last day, included. Empty: until further notice."),
    "date": Text("Dagen som rapporteras.", "The day that is reported."),
    "status": Text("Närvaro eller skäl till frånvaro, som kod.", "Present, or why not, as a code."),
    "hours": Text("Timmar som deltagaren var närvarande.", "The hours that the participant was present."),
    "from_time": Text("När deltagaren började, till exempel 08:30.", "When the participant began, such as 08:30."),
    "to_time": Text("När deltagaren slutade, till exempel 15:30.", "When the participant finished, such as 15:30."),
    "note": Text(
        "Egen anteckning. Den läses inte och lämnar inte arbetsboken.", "A note of your own. It is not read and never leaves the workbook."
    ),
    "days_stated": Text(
        "Anordnarens egen räkning av närvarodagarna. Kan lämnas tom.", "The organiser's own count of attended days. May be left blank."
    ),
}

_CODES: Mapping[str, Mapping[str, Text]] = {
    "programme": {
        "JOB": Text("jobb- och utvecklingsgarantin", "job and development guarantee"),
        "UGA": Text("jobbgaranti för ungdomar", "job guarantee for youth"),
        "ETP": Text("etableringsprogrammet", "introduction programme for newly arrived"),
    },
    "end_reason": {
        "completed": Text("fullföljd som planerat", "completed as planned"),
        "interrupted": Text("deltagaren avbröt", "the participant broke off"),
        "plan_changed": Text("planeringen ändrades", "the plan was changed"),
        "work": Text("deltagaren fick arbete", "the participant found work"),
        "studies": Text("deltagaren började studera", "the participant began to study"),
        "illness": Text("deltagaren blev sjuk", "the participant fell ill"),
        "moved": Text("deltagaren flyttade", "the participant moved"),
        "other": Text("annat skäl", "another reason"),
    },
    "regime": {"own": Text("i kommunens egen regi", "run by the municipality itself"), "external": Text("hos andra", "run by others")},
    "outcome": {
        "work": Text("arbetar utan stöd", "works without support"),
        "supported_work": Text("arbetar med stöd", "works with support"),
        "studies": Text("studerar", "studies"),
        "programme": Text("deltar i ett annat program", "takes part in another programme"),
        "unemployed": Text("öppet arbetslös", "openly unemployed"),
        "enrolled": Text("inskriven, utan insats", "enrolled, without a service"),
        "referred_back": Text("återremitterad", "referred back"),
        "other": Text("annat", "something else"),
        "unknown": Text("inte känt", "not known"),
    },
    "legal_form": {
        "company": Text("aktiebolag, handelsbolag, ekonomisk förening", "company, partnership, cooperative"),
        "association": Text("ideell förening", "non-profit association"),
        "sole_trader": Text("enskild firma", "sole trader"),
        "public": Text("kommun, region eller myndighet", "municipality, region or authority"),
    },
    "yes_no": {"yes": Text("ja", "yes"), "no": Text("nej", "no")},
    "status": {
        "present": Text("närvarande", "present"),
        "excused": Text("giltig frånvaro", "excused absence"),
        "sick": Text("sjuk", "sick"),
        "care": Text("vård av barn", "care of a child"),
        "unexcused": Text("ogiltig frånvaro", "unexcused absence"),
        "paused": Text("uppehåll", "pause"),
        "off": Text("ledig dag", "day off"),
    },
}


def column_help(table: str, column: Column) -> Text:
    """What a column of a table means."""
    return _COLUMNS.get(f"{table}.{column.name}") or _COLUMNS[column.name]


def code_help(vocabulary: str, code: str) -> Text:
    """What a code means; a service's name stands in the rule book."""
    return _CODES[vocabulary][code]


def code_word(vocabulary: str, code: str, language: Language) -> str:
    """The word to write for a code: a code in small letters is an English word, and has a Swedish one.

    A status has letters in both languages: they fit a day's cell.
    """
    if vocabulary == "service":
        return code
    return CODES[vocabulary][code][0] if vocabulary == "status" or (language == "sv" and code.islower()) else code


def header(column: Column, language: Language) -> str:
    """A column's heading: `Beslutsnummer` or `Placement id`."""
    return (column.aliases[0] if language == "sv" else column.name.replace("_", " ")).capitalize()
