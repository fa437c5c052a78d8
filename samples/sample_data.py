"""What the sample workbooks say: fictitious organisers, participants and placements, 2022 to 2024.

Personal numbers have the serial numbers 980 to 999, which are kept for tests and given to nobody; organisation
numbers and bankgiros lie beyond the series in use. Dates are ISO texts; `make_samples` turns them into real dates.
"""

import datetime as dt
from typing import Any

Row = dict[str, Any]


def with_check_digit(digits: str) -> str:
    """The digits followed by their Luhn check digit."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += sum(divmod(int(digit) * (1 if place % 2 else 2), 10))
    return digits + str(-total % 10)


def person(born: str, serial: int) -> str:
    """A personal number `YYYYMMDD-NNNN` from an eight-digit birth date (day + 60: a coordination number)."""
    return f"{born}-{with_check_digit(born[2:] + str(serial))[-4:]}"


def organisation(digits: str) -> str:
    number = with_check_digit(digits)
    return f"{number[:6]}-{number[6:]}"


def bankgiro(digits: str) -> str:
    number = with_check_digit(digits)
    return f"{number[:4]}-{number[4:]}"


def days_before(day: str, days: int) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=days)).isoformat()


def placement(
    placement_id: str, participant: str, organiser: str, service: str, programme: str | None, start: str, end: str, **more: Any
) -> Row:
    """A placement decided, assessed and consulted on in good time before its start; `more` sets or replaces columns."""
    prepared = {"decision_date": days_before(start, 7)}
    if service in ("FAT", "AT"):
        prepared |= {"assessed_on": days_before(start, 28), "hours_per_week": 25}
    if service == "FAT":
        prepared |= {"employer_check_on": days_before(start, 14), "union_consulted_on": days_before(start, 14)}
    if service == "AIO":
        prepared |= {"hours_per_week": 15}
    return {
        "placement_id": placement_id,
        "participant_id": participant,
        "organiser_id": organiser,
        "service": service,
        "programme": programme,
        "start": start,
        "end": end,
        "regime": "egen" if organiser == "BJORKDALEN" else "extern",
        "county": COUNTIES[organiser],
        **prepared,
        **more,
    }


COUNTIES = {
    "EKBACKEN": "Södermanlands län",
    "SOLGLANTAN": "Värmlands län",
    "NORRSKENET": "Västerbottens län",
    "LINDQVIST": "Södermanlands län",
    "BJORKDALEN": "Värmlands län",
    "FYRKLOVERN": "Skåne län",
}
_ORGANISERS = (
    ("EKBACKEN", "Ekbackens Verkstad AB", organisation("559999801"), "bolag", bankgiro("5999801")),
    ("SOLGLANTAN", "Föreningen Solgläntans Secondhand", organisation("889999802"), "ideell förening", bankgiro("5999802")),
    ("NORRSKENET", "Norrskenets Arbetskooperativ ek. för.", organisation("769999803"), "bolag", bankgiro("5999803")),
    ("LINDQVIST", "Lindqvists Trädgård", person("19710605", 989), "enskild firma", bankgiro("5999804")),
    ("BJORKDALEN", "Björkdalens kommun", organisation("212999805"), "offentlig", bankgiro("5999805")),
    ("FYRKLOVERN", "Fyrklöverns Kompetens AB", organisation("559999806"), "bolag", bankgiro("5999806")),
)
_PAPERS = {"statutes": "ja", "board": "ja", "signatories": "ja", "annual_minutes": "ja"}
ORGANISERS: list[Row] = [
    {
        "organiser_id": organiser,
        "name": name,
        "identity_number": number,
        "legal_form": form,
        "approved_from": "2022-01-01",
        "bankgiro": giro,
        "county": COUNTIES[organiser],
        **(_PAPERS if form == "ideell förening" else {}),
    }
    for organiser, name, number, form, giro in _ORGANISERS
]
OFFERS: list[Row] = [
    {"organiser_id": organiser, "service": service, "places": places, "from": "2022-01-01"}
    for organiser, service, places in (
        ("EKBACKEN", "FAT", 6),
        ("SOLGLANTAN", "FAT", 4),
        ("SOLGLANTAN", "AT", 2),
        ("LINDQVIST", "FAT", 2),
        ("BJORKDALEN", "FAT", 5),
        ("BJORKDALEN", "AT", 2),
    )
]
SUPERVISORS: list[Row] = [
    {"organiser_id": organiser, "supervisor_id": f"HL-{number:02}", "from": "2022-01-01"}
    for number, organiser in enumerate(("EKBACKEN", "SOLGLANTAN", "NORRSKENET", "LINDQVIST", "BJORKDALEN", "FYRKLOVERN"), start=1)
]
CONTRACTS: list[Row] = [
    {"organiser_id": "FYRKLOVERN", "service": "ITA3", "component": "result", "sek": "14500", "from": "2023-01-01", "to": "2024-05-19"},
]

_RETURNED = person("19840217", 981)  # interrupted by illness, began again in the same year
_TRAINEE = person("19911128", 982)  # through all three parts
MOVED = person("19760930", 983)  # changes organiser in May 2024
_CONTINUED = person("19690414", 984)  # two placements in a row

# fmt: off
ENDED: list[Row] = [
    placement("B22-0411", person("19801102", 985), "NORRSKENET", "AIO", None, "2022-05-02", "2022-10-28", hours_per_week_end=25, final_report_on="2022-11-07", status_90="arbete med stöd", status_365="arbete"),
    placement("B22-0730", _RETURNED, "NORRSKENET", "AIO", None, "2022-09-05", "2023-03-03", ended_on="2023-01-20", end_reason="sjukdom", final_report_on="2023-01-30", status_90="inskriven", status_365="program"),
    placement("B23-0288", _RETURNED, "NORRSKENET", "AIO", None, "2023-04-03", "2023-09-29", hours_per_week_end=20, final_report_on="2023-10-09", status_90="studier", status_365="studier"),
    placement("B23-0044", person("19880623", 986), "NORRSKENET", "AIO", None, "2023-01-16", "2023-07-14", hours_per_week_end=30, final_report_on="2023-07-24", status_90="arbete", status_365="arbete"),
    placement("B22-0815", person("19720809", 987), "EKBACKEN", "FAT", "JOB", "2022-10-03", "2023-09-29", certificate_on="2023-09-29", account_on="2023-10-06", status_90="arbete", status_365="arbete"),
    placement("B23-0031", person("20020315", 988), "EKBACKEN", "FAT", "UGA", "2023-01-09", "2023-07-07", certificate_on="2023-07-07", account_on="2023-07-14", status_90="studier", status_365="studier"),
    placement("B23-0102", _TRAINEE, "FYRKLOVERN", "ITA1", None, "2023-02-06", "2023-03-31", delivery_area="Malmö", final_report_on="2023-04-05"),
    placement("B23-0275", _TRAINEE, "FYRKLOVERN", "ITA2", None, "2023-04-03", "2023-09-29", delivery_area="Malmö", final_report_on="2023-10-04"),
    placement("B23-0790", _TRAINEE, "FYRKLOVERN", "ITA3", None, "2023-10-02", "2024-02-23", delivery_area="Malmö", final_report_on="2024-03-01", status_90="arbete"),
]

RUNNING: list[Row] = [
    placement("B23-0941", person("19790511", 980), "EKBACKEN", "FAT", "JOB", "2023-09-18", "2024-09-13", in_depth_decided_on="2023-09-25", in_depth_from="2024-02-26", in_depth_to="2024-05-24", in_depth_report_on="2024-05-24"),
    placement("B23-0977", person("20030127", 980), "EKBACKEN", "FAT", "UGA", "2023-11-20", "2024-05-17"),
    placement("B24-0102", person("19830319", 980), "EKBACKEN", "FAT", "JOB", "2024-01-15", "2024-07-12"),
    placement("B24-0105", person("19950782", 980), "EKBACKEN", "FAT", "ETP", "2024-02-05", "2024-08-02"),
    placement("B24-0110", person("19680204", 980), "EKBACKEN", "FAT", "JOB", "2024-03-04", "2024-08-30"),
    placement("B24-0118", person("19901270", 980), "EKBACKEN", "FAT", "ETP", "2024-04-02", "2024-09-27"),
    placement("B24-0131", person("19870908", 980), "EKBACKEN", "FAT", "JOB", "2024-05-13", "2024-11-08"),
    placement("B24-0088", person("19770616", 980), "LINDQVIST", "FAT", "JOB", "2024-02-12", "2024-08-09"),
    placement("B24-0121", person("19930422", 980), "LINDQVIST", "FAT", "ETP", "2024-04-08", "2024-10-04"),
    placement("B23-0912", MOVED, "SOLGLANTAN", "FAT", "JOB", "2023-08-21", "2024-05-31"),
    placement("B24-0093", person("19820730", 980), "SOLGLANTAN", "FAT", "JOB", "2024-02-19", "2024-08-16"),
    placement("B24-0096", person("19740113", 980), "SOLGLANTAN", "AT", "JOB", "2024-01-22", "2024-07-19"),
    placement("B24-0107", person("20040521", 980), "SOLGLANTAN", "FAT", "UGA", "2024-03-11", "2024-09-06"),
    placement("B24-0125", person("19860911", 980), "SOLGLANTAN", "FAT", "ETP", "2024-04-15", "2024-10-11"),
    placement("B24-0127", person("20051008", 980), "SOLGLANTAN", "AT", "UGA", "2024-04-22", "2024-07-19"),
    placement("B24-0071", person("19660212", 980), "BJORKDALEN", "AT", "JOB", "2023-10-02", "2024-09-27", compensated_days=510),
    placement("B24-0099", person("19890717", 980), "BJORKDALEN", "FAT", "ETP", "2024-03-18", "2024-09-13"),
    placement("B24-0115", person("19810406", 980), "BJORKDALEN", "FAT", "JOB", "2024-04-02", "2024-09-27"),
    placement("B24-0138", MOVED, "BJORKDALEN", "FAT", "JOB", "2024-05-27", "2024-08-16"),
    placement("B23-1004", _CONTINUED, "NORRSKENET", "AIO", None, "2023-11-13", "2024-05-10"),
    placement("B24-0085", person("19750829", 980), "NORRSKENET", "AIO", None, "2024-02-05", "2024-08-02"),
    placement("B24-0101", person("19980303", 980), "NORRSKENET", "AIO", None, "2024-03-04", "2024-08-30"),
    placement("B24-0112", person("19700125", 980), "NORRSKENET", "AIO", None, "2024-04-02", "2024-09-27"),
    placement("B24-0129", _CONTINUED, "NORRSKENET", "AIO", None, "2024-05-13", "2024-11-08"),
    placement("B24-0130", person("19921214", 980), "NORRSKENET", "AIO", None, "2024-05-06", "2024-11-01"),
    placement("B23-1015", person("19780506", 980), "FYRKLOVERN", "ITA3", None, "2023-12-11", "2024-06-07", delivery_area="Malmö"),
    placement("B24-0068", person("19940218", 980), "FYRKLOVERN", "ITA3", None, "2024-01-08", "2024-07-05", delivery_area="Malmö"),
    placement("B24-0079", person("19850921", 980), "FYRKLOVERN", "ITA2", None, "2024-02-05", "2024-08-02", delivery_area="Lund"),
    placement("B24-0116", person("19961105", 980), "FYRKLOVERN", "ITA1", None, "2024-04-08", "2024-05-24", delivery_area="Lund"),
]
# fmt: on
PAUSES_APRIL: list[Row] = [
    {"placement_id": "B24-0102", "from": "2024-04-22", "to": "2024-04-26", "approved_on": "2024-04-08"},
]
PAUSES_MAY: list[Row] = [
    *PAUSES_APRIL,
    {"placement_id": "B24-0105", "from": "2024-05-20", "to": "2024-05-24", "approved_on": "2024-05-06"},
    {"placement_id": "B24-0099", "from": "2024-05-13", "to": "2024-05-17", "approved_on": "2024-05-16"},
]

# What the register says a month later: rightly, and (see README.md) wrongly.
PLACEMENTS_MAY: dict[str, Row] = {
    "B24-0110": {
        "ended_on": "2024-05-17",
        "end_reason": "arbete",
        "end_decided_on": "2024-05-16",
        "certificate_on": "2024-05-17",
        "account_on": "2024-05-24",
    },
    "B24-0116": {"final_report_on": "2024-05-27"},
    "B23-1015": {"trial_completed_on": "2024-05-17"},
    "B24-0068": {"trial_completed_on": "2024-05-24"},
    "B23-0977": {"end": "2024-05-31", "certificate_on": "2024-05-31", "account_on": "2024-05-31"},
    "B24-0118": {"decision_date": None},
    "B24-0131": {"decision_date": "2024-05-15", "union_consulted_on": "2024-05-20"},
}
WRONG_IDENTITY = {"LINDQVIST": {"identity_number": "19710605-9890"}}

# Attendance: hours of a day's work by placement (else by service), and what differs from a day's work.
HOURS_BY_SERVICE = {"FAT": 6.5, "AT": 6.5, "AIO": 5.0, "ITA1": 6.0, "ITA2": 6.0, "ITA3": 6.0}
Absences = dict[tuple[str, str], str]
ABSENCES_APRIL: Absences = {
    ("B23-0941", "2024-04-17"): "S",
    ("B24-0105", "2024-04-11"): "GF",
    ("B24-0093", "2024-04-24"): "VAB",
    ("B24-0079", "2024-04-09"): "S",
    ("B24-0079", "2024-04-10"): "S",
    **{("B24-0102", f"2024-04-{day}"): "U" for day in range(22, 27)},
}
ABSENCES_MAY: Absences = {
    ("B23-0941", "2024-05-07"): "S",
    ("B24-0110", "2024-05-14"): "OF",
    ("B24-0096", "2024-05-16"): "GF",
    ("B24-0125", "2024-05-22"): "VAB",
    ("B24-0121", "2024-05-23"): "S",
    ("B24-0079", "2024-05-15"): "GF",
    ("B23-0977", "2024-05-08"): "X",
    ("B24-0093", "2024-05-15"): "X",
    **{("B24-0105", f"2024-05-{day}"): "U" for day in (20, 21, 23, 24)},
    **{("B24-0099", f"2024-05-{day}"): "U" for day in range(13, 18)},
}
