import polars as pl
import pytest

import workbooks
from fatcli import strictyaml
from fatcli.model import CODES
from fatcli.violations import _spells, as_text
from stories import contract, day, exercise, here, long_sheet, placement, present, register, report, validated, workspace


def shown(values, language, *, show_ids=False, dtype=None):
    frame = pl.DataFrame({"v": pl.Series(values, dtype=dtype)})
    return frame.select(as_text(frame.schema["v"], language, show_ids=show_ids)).to_series().to_list()


@pytest.mark.parametrize(
    ("vocabulary", "codes", "swedish"),
    [
        ("legal_form", ["sole_trader", "public"], ["enskild firma", "offentlig"]),
        ("yes_no", ["yes", "no"], ["ja", "nej"]),
        ("status", ["present", "unexcused", "paused", "off"], ["närvaro", "ogiltig frånvaro", "uppehåll", "ledig"]),
        ("programme", ["JOB"], ["JOB"]),
    ],
)
def test_codes_are_told_in_the_language_of_the_message(vocabulary, codes, swedish):
    dtype = pl.Enum(list(CODES[vocabulary]))
    assert shown(codes, "sv", dtype=dtype) == swedish
    assert shown(codes, "en", dtype=dtype) == codes


def test_causes_of_absence_are_told_only_when_asked_for():
    dtype = pl.Enum(list(CODES["status"]))
    causes = ["sick", "care", "excused"]
    assert shown(causes, "sv", dtype=dtype) == ["frånvarande"] * 3
    assert shown(causes, "en", dtype=dtype) == ["absent"] * 3
    assert shown(causes, "sv", dtype=dtype, show_ids=True) == ["sjuk", "vård av barn", "giltig frånvaro"]
    assert shown(causes, "en", dtype=dtype, show_ids=True) == causes


def spells(*dates):
    rows = pl.DataFrame({"_p": [7] * len(dates), "date": [day(date) for date in dates]}, schema={"_p": pl.UInt32, "date": pl.Date})
    return [(str(row["date"]), str(row["until"])) for row in _spells(rows).iter_rows(named=True)]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2024-05-03", "2024-05-06"], [("2024-05-03", "2024-05-06")]),  # a weekend between
        (["2024-05-03", "2024-05-04", "2024-05-05", "2024-05-06"], [("2024-05-03", "2024-05-06")]),  # fires on the weekend too
        (["2024-05-04", "2024-05-06"], [("2024-05-04", "2024-05-06")]),
        (["2024-05-03", "2024-05-04", "2024-05-07"], [("2024-05-03", "2024-05-04"), ("2024-05-07", "2024-05-07")]),  # Monday is missing
        (["2024-05-08", "2024-05-09", "2024-05-10"], [("2024-05-08", "2024-05-10")]),  # Ascension Day
        (["2024-05-08", "2024-05-13"], [("2024-05-08", "2024-05-08"), ("2024-05-13", "2024-05-13")]),  # 10 May is a working day
    ],
)
def test_a_spell_is_a_run_of_working_days_that_days_off_neither_end_nor_bridge(dates, expected):
    assert spells(*dates) == expected


def stated(tmp_path, *rows):
    """A19 of a month grid: each row a placement, its day cells, and the organiser's own count."""
    header = ["placement_id", *range(1, 32), "days_stated"]
    cells = [[name, None, *days, *[None] * (30 - len(days)), count] for name, days, count in rows]
    found = validated(workspace(tmp_path, register(placement()), Blad=[["2024-05"], header, *cells])).violations
    return found.filter(pl.col("rule") == "A19").select("cell", "value", "message").rows()


def test_counts_on_several_rows_are_added_and_told_at_the_first(tmp_path):
    found = stated(tmp_path, ("P1", ["N", "N"], 2), ("P1", [None, None, None, None, "N"], 2))
    assert found == [("AG3", "2", "The organiser states 4 attended days; the reports give 3.")]


def test_a_count_that_every_sheet_states_alike_is_one_count_where_the_days_say_so(tmp_path):
    header = ["placement_id", *range(1, 32), "days_stated"]

    def row(count, *days):
        return ["P1", None, *days, *[None] * (30 - len(days)), count]

    def told(folder, **rows):
        sheets = {name: [["2024-05"], header, row(*cells)] for name, cells in rows.items()}
        found = validated(workspace(folder, register(placement()), **sheets)).violations
        return [(sheet, text[:26]) for sheet, text in found.filter(pl.col("rule") == "A19").select("sheet", "message").rows()]

    assert told(tmp_path / "copy", A=(2, "N", "N"), B=(2, "N", "N")) == []
    assert told(tmp_path / "halves", A=(2, "N", "N"), B=(2, None, None, None, None, "N", "N")) == []
    assert told(tmp_path / "wrong", A=(3, "N", "N"), B=(3, "N", "N")) == [("A", "The organiser states 6 att")]
    assert told(tmp_path / "unlike", A=(2, "N", "N"), B=(1, "N")) == [("A", "The organiser states 3 att")]


def test_where_a_count_cannot_be_read_the_sum_is_not_known(tmp_path):
    assert stated(tmp_path, ("P1", ["N", "N"], 2), ("P1", [None, None, None, None, "N"], "two")) == []


def test_a_row_without_a_count_adds_nothing_to_it(tmp_path):
    found = stated(tmp_path, ("P1", ["N", "N"], 2), ("P1", [None, None, None, None, "N"], None))
    assert found == [("AG3", "2", "The organiser states 2 attended days; the reports give 3.")]


def test_numbers_are_written_as_each_language_writes_them():
    assert shown([8.0, 7.5], "sv") == ["8", "7,5"]
    assert shown([8.0, 7.5], "en") == ["8", "7.5"]


def test_a_second_report_names_the_place_of_the_first(tmp_path):
    reports = [report("2024-05-02"), report("2024-05-03"), report("2024-05-02"), report("2024-05-03", status="S")]
    found = validated(workspace(tmp_path, register(placement()), reports)).violations
    told = {row["rule"]: (row["cell"], row["message"]) for row in found.to_dicts() if row["rule"] in ("A06", "A07")}
    assert told == {
        "A06": ("B4", "2024-05-02 is reported 2 times for P1; it is paid once. The first report stands in Närvaro!B2."),
        "A07": ("C5", "2024-05-03 is reported 2 times for P1 with different statuses. The first report stands in Närvaro!C3."),
    }


def test_a_first_report_in_another_file_is_named_with_it(tmp_path):
    workspace(tmp_path, register(placement()), [report("2024-05-02")])
    workbooks.save(tmp_path / "attendance-2.xlsx", {"Ark": long_sheet([report("2024-05-02")])})
    (row,) = [row for row in validated(tmp_path).violations.to_dicts() if row["rule"] == "A06"]
    assert (row["file"], row["cell"]) == ("attendance.xlsx", "B2")
    assert row["message"].endswith(" The first report stands in attendance-2.xlsx · Ark!B2.")


def messages(folder, rule, **options):
    return [row["message"] for row in validated(folder, **options).violations.to_dicts() if row["rule"] == rule]


def test_a_formula_saved_without_a_value_is_told_as_such(tmp_path):
    workspace(tmp_path, register(placement()), [report("2024-05-02", status="=A1"), report("2024-05-03", status="#N/A")])
    saved, error = messages(tmp_path, "T07")
    assert saved == "status: the cell has an error, the formula has no saved value."
    assert error.startswith("status: the cell has an error, #N/A instead of one of ")


def test_a_missing_amount_is_told_by_the_title_of_its_component(tmp_path):
    trial = placement(service="ITA3", programme=None, trial_completed_on="2024-05-20")
    workspace(tmp_path, register(trial), [report("2024-05-02")])
    (told,) = messages(tmp_path, "C01")
    assert told.startswith("Result compensation for a completed work trial in ITA3 has no amount on 2024-05-20, neither")


def test_a_day_after_the_limit_is_told_with_the_limit_that_it_passed(tmp_path):
    # ITA3 has no limit of its period: six months from 15 January 2024
    workspace(tmp_path, register(placement(service="ITA3", programme=None, start="2024-01-15", end="2024-07-31")), [report("2024-07-15")])
    told = "2024-07-15 is after 2024-07-14, the last day of the longest time allowed."
    assert messages(tmp_path, "A03", as_of="2024-08-01") == [told]


def test_a_time_written_as_a_number_is_told_how_to_write_it(tmp_path):
    workspace(tmp_path, register(placement()), [report("2024-05-02", from_time=8.30)])
    assert messages(tmp_path, "T02") == ["from_time: found 8.3, expected a time of day with a colon, such as 08:30."]


def told(folder, rule, language="sv"):
    found = validated(folder, language=language).violations.filter(pl.col("rule") == rule)
    return [f"{message} {remedy}" for message, remedy in found.select("message", "remedy").rows()]


def test_a_misspelt_code_is_told_by_the_word_it_is_near_to_and_another_by_how_to_add_it(tmp_path):
    workspace(tmp_path, register(placement()), [report("2024-05-02", status="närvaroo"), report("2024-05-03", status="X")])
    near, far = told(tmp_path, "T06")
    assert near.startswith("närvaro: närvaroo är ingen känd kod. Menade du närvaro? Förväntat: något av ")
    assert near.endswith(" Skriv en känd kod.")
    assert far.endswith(
        " Skriv en känd kod. Är X ett annat ord för en känd kod, kan regelboken lära sig det: vocabulary: {codes: {status: {KOD: [X]}}}"
    )


@pytest.mark.parametrize(
    "status", ["Sjukskriven (cancer)", "sjuk hela dagen", "VAB barn 4 år", "SJK", "giltig frånvaro?", "vård av barnet"]
)
def test_what_is_like_a_cause_of_absence_is_not_quoted(tmp_path, status):
    workspace(tmp_path, register(placement()), [report("2024-05-02", status=status), report("2024-05-03", status="på plats")])
    hidden, shown = validated(tmp_path, language="sv").violations.filter(rule="T06").select("value", "message", "remedy").rows()
    assert hidden[0] == "(en orsak till frånvaro)"
    assert hidden[1].startswith("närvaro: (en orsak till frånvaro) är ingen känd kod. Förväntat: ")
    assert status not in "".join(hidden)
    assert hidden[2] == "Skriv en känd kod."
    assert shown[0] == "på plats"
    assert validated(tmp_path, show_ids=True).violations.filter(rule="T06")["value"].to_list() == [status, "på plats"]


def test_nor_is_one_in_the_place_of_hours(tmp_path):
    workspace(tmp_path, register(placement()), [report("2024-05-02", hours="sjuk")])
    assert validated(tmp_path).violations.filter(rule="T02")["value"].to_list() == ["(a cause of absence)"]


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ("på plats", '["på plats"]'),
        ("här, kl 9", '["här, kl 9"]'),
        ("ok # tror jag", '["ok # tror jag"]'),
        ('"X"', '["\\"X\\""]'),
        ("pass 7", '["pass 7"]'),
        ("ja", "[ja]"),
        ("null", "[null]"),
        ("x" * 41, None),
    ],
)
def test_the_line_that_adds_a_word_is_read_as_it_stands(tmp_path, status, line):
    workspace(tmp_path, register(placement()), [report("2024-05-02", status=status)])
    (advice,) = told(tmp_path, "T06")
    if line is None:
        assert "vocabulary" not in advice
        return
    assert advice.endswith(f"vocabulary: {{codes: {{status: {{KOD: {line}}}}}}}")
    root = strictyaml.load(advice[advice.index("vocabulary") :])
    words = root.mapping()["vocabulary"].mapping()["codes"].mapping()["status"].mapping()["KOD"].items()
    assert [word.text() for word in words] == [status]


def test_another_vocabulary_is_added_to_under_its_own_name(tmp_path):
    workspace(tmp_path, register(placement(regime="B")), [report("2024-05-02")])
    (advice,) = told(tmp_path, "T06")
    assert advice.endswith("vocabulary: {codes: {regime: {KOD: [B]}}}")


def test_an_unknown_component_is_told_with_those_of_its_service(tmp_path):
    contracts = [contract(350, "2024-01-01", None, *named) for named in (("FAT", "bas"), ("FAT", "Dagersättning"), ("AT", "day"))]
    workspace(tmp_path, register(placement(), contracts=contracts), [report("2024-05-02")])
    of_fat = "något av base (Merkostnadsersättning), in_depth (Tillägg för fördjupad bedömning)"
    assert told(tmp_path, "T06") == [
        f"ersättning: bas är ingen känd kod. Menade du base? Förväntat: {of_fat}. Skriv en känd kod.",
        f"ersättning: Dagersättning är ingen känd kod. Förväntat: {of_fat}. Skriv en känd kod.",
        "ersättning: day är ingen känd kod. Förväntat: ingen ersättning, då insatsen inte har någon. Skriv en känd kod.",
    ]


@pytest.mark.parametrize("component", ["base", "Merkostnadsersättning", "COMPENSATION FOR  EXTRA COSTS"])
def test_a_component_goes_by_its_id_and_by_its_names(tmp_path, component):
    workspace(tmp_path, register(placement(), contracts=[contract(350, "2024-01-01", None, "FAT", component)]), [report("2024-05-02")])
    assert told(tmp_path, "T06") == []


@pytest.mark.parametrize(("written", "hint"), [("p001", " Menade du P1?"), ("P-1", " Menade du P1?"), ("P2", ""), ("P10", "")])
def test_an_id_in_another_spelling_is_told_by_the_one_of_the_register(tmp_path, written, hint):
    workspace(tmp_path, register(placement()), [report("2024-05-02", written)])
    assert [text.partition(" Rätta")[0] for text in told(tmp_path, "T05")] == [f"beslutsnummer: {written} finns inte i registret.{hint}"]


def test_an_id_that_two_are_spelt_like_is_not_guessed_at(tmp_path):
    workspace(tmp_path, register(placement("P-01"), placement("P1")), [report("2024-05-02", "P001")])
    assert "Menade" not in told(tmp_path, "T05")[0]


def test_a_misspelt_header_is_told_by_the_column_it_is_near_to(tmp_path):
    header, *rows = long_sheet([report("2024-05-02")])
    workspace(tmp_path, register(placement()), Blad=[[*header[:3], "Antal timar", "Väder"], *(row[:3] for row in rows)])
    hints = [text.partition(".")[2].partition(" Behövs")[0] for text in told(tmp_path, "T09")]
    assert hints == [" Menade du antal timmar?", ""]


def test_a_sheet_with_misspelt_headers_is_told_by_the_table_it_resembles(tmp_path):
    rows = [["Maj 2024"], ["Beslutsnumer", "Datm", "Närvaro"], ["P1", day("2024-05-02"), "N"]]
    workspace(
        tmp_path,
        register(placement()),
        Närvaro=long_sheet([report("2024-05-02")]),
        Blad=rows,
        Annat=[["Att göra", "Ansvarig"], ["Ringa", "Kim"]],
    )
    other, likely = told(tmp_path, "T08")
    assert " Inget av det är läst. Det liknar tabellen Närvaro: Beslutsnumer (beslutsnummer?), Datm (datum?). Är det en tabell " in likely
    assert " Inget av det är läst. Är det en tabell " in other


def test_a_faulty_report_is_its_placements_organisers(tmp_path):
    folder = workspace(tmp_path, register(placement()), [report("2024-05-02", status="nn"), report("2024-05-03", "P7")])
    found = validated(folder).violations.filter(pl.col("rule").is_in(["T05", "T06"])).select("rule", "placement", "organiser").rows()
    assert found == [("T06", "P1", "ORG1"), ("T05", "P7", None)]


def test_a_missing_amount_withholds_its_component_and_a_report_names_each_once(tmp_path):
    trial = placement(service="ITA3", programme=None, trial_completed_on="2024-05-20")
    early = exercise("P2", participant_id="T2", start="2022-03-30", end="2022-04-29")  # its rates begin on 1 April
    workspace(tmp_path, register(trial, early), [report("2024-05-02"), *present(["2022-03-30", "2022-03-31"], "P2")])
    found = validated(tmp_path).violations.filter(rule="C01")
    assert sorted(found["withholds"]) == ["day", "day", "result", "start"]
    run = here(tmp_path, "validate", "--as-of", "2024-06-03", "--select", "C01", "--lang", "en")
    head = " ".join(run.out.split()).partition("C01 error")[2].partition("–")[0]
    held = head.partition("withholds ")[2].strip().split(", ")
    assert sorted(held) == ["Daily compensation", "Result compensation for a completed work trial", "Start compensation"]
