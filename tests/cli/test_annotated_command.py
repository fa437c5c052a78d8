"""`-o annotated` as a user meets it: where copies go, what is told, and a copy that is corrected and handed in again."""

import io
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

import workbooks
from fatcli.result import Checked
from fatcli.workbook import read_workbook
from fatcli.writers.annotated import annotated_copy
from stories import MAY, csv_bytes, fat, grid_sheet, here, long_sheet, ods_bytes, placement, present, register, report, validated, workspace

VALIDATE = ("validate", "--as-of", "2024-06-03", "-q", "--fail-on", "never")
# 1 June lies outside the placement, which ends on 31 May; X is no code; the hours of 30 May are too many
REPORTS = [*present(MAY[:3]), report("2024-06-01"), report("2024-05-29", status="X"), report("2024-05-30", hours=25)]
COPY = "corrections-attendance.xlsx"


def faulty(folder: Path) -> Path:
    return workspace(folder, register(placement()), REPORTS)


def rules(checked: Checked, file: str) -> list[tuple[str, str | None]]:
    """Rule and cell of a file's violations."""
    return checked.violations.filter(file=file).select("rule", "cell").rows()


def coloured(path: Path, sheet: str) -> set[str]:
    cells = (cell for row in openpyxl.load_workbook(path)[sheet].iter_rows() for cell in row)
    return {cell.coordinate for cell in cells if cell.fill.patternType == "solid"}


def test_a_copy_goes_to_the_output_folder_private_and_says_what_it_holds(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    run = here(folder, "validate", "--as-of", "2024-06-03", "-o", "annotated")
    assert run.code == 1
    assert run.out == ""
    assert f"Wrote out/{COPY}, which may hold identity numbers." in run.err
    path = folder / "out" / COPY
    assert os.name == "nt" or stat.S_IMODE(path.stat().st_mode) == 0o600
    # the rows of 1 June, 29 May (its code) and 30 May (its hours)
    assert {"B5", "C6", "D7"} <= coloured(path, "Närvaro")
    assert openpyxl.load_workbook(path).sheetnames == ["Corrections", "Närvaro"]


def test_the_input_is_left_as_it_is(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    before = (folder / "attendance.xlsx").read_bytes()
    here(folder, *VALIDATE, "-o", "annotated")
    assert (folder / "attendance.xlsx").read_bytes() == before


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    copies = []
    for _ in range(2):
        here(folder, *VALIDATE, "-o", "annotated")
        copies.append((folder / "out" / COPY).read_bytes())
    assert copies[0] == copies[1]


def test_payout_writes_copies_too(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    run = here(folder, "payout", "--month", "2024-05", "--as-of", "2024-06-03", "--dry-run", "-o", "annotated:copies", "-o", "json")
    assert run.document["month"] == "2024-05"
    assert COPY in [path.name for path in (folder / "copies").iterdir()]


def test_a_single_file_may_be_named(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    run = here(folder, *VALIDATE, "attendance.xlsx", "-o", "annotated:mine.xlsx")
    assert run.code == 0
    assert openpyxl.load_workbook(folder / "mine.xlsx").sheetnames == ["Corrections", "Närvaro"]


def test_only_named_files_are_copied(tmp_path: Path) -> None:
    folder = workspace(tmp_path, register(placement(decision_date=None)), REPORTS)
    run = here(folder, "validate", "--as-of", "2024-06-03", "attendance.xlsx", "-o", "annotated")
    assert run.err == f"Wrote out/{COPY}, which may hold identity numbers.\n"
    assert [path.name for path in (folder / "out").iterdir()] == [COPY]
    assert "corrections-register.xlsx, which holds identity numbers." in here(folder, "validate", "register.xlsx", "-o", "annotated").err


def test_one_name_for_several_copies_is_refused(tmp_path: Path) -> None:
    folder = workspace(tmp_path, register(placement(decision_date=None)), REPORTS)
    run = here(folder, *VALIDATE, "-o", "annotated:mine.xlsx")
    assert run.code == 5
    assert run.err == "fat: mine.xlsx: 2 workbooks have something to correct, but one file is named. Name a folder.\n"
    assert not (folder / "mine.xlsx").exists()


def test_a_name_with_another_kinds_suffix_is_refused(tmp_path: Path) -> None:
    run = here(faulty(tmp_path), *VALIDATE, "attendance.xlsx", "-o", "annotated:mine.xlsm")
    assert run.code == 5
    assert run.err == "fat: mine.xlsm: the copy is .xlsx and can't be called .xlsm. Change the suffix.\n"


def test_without_violations_no_copy_is_written_and_that_is_said(tmp_path: Path) -> None:
    folder = workspace(tmp_path, register(placement()), present(MAY))
    run = here(folder, "validate", "--as-of", "2024-06-03", "-o", "annotated", "--select", "A")
    assert run.err == "No workbook has anything to correct; no copy was written.\n"
    assert not (folder / "out").exists()


def test_copies_of_files_with_the_same_name_are_numbered(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    (folder / "attendance.csv").write_bytes(csv_bytes(long_sheet(REPORTS)))
    here(folder, *VALIDATE, "-o", "annotated")
    names = {path.name for path in (folder / "out").iterdir()}
    assert {COPY, "corrections-attendance-2.xlsx"} <= names


def test_a_file_that_changes_during_the_run_is_not_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fatcli import intake, pipeline

    folder = faulty(tmp_path)
    check = pipeline.validate

    def saved_meanwhile(task: intake.Task) -> Checked:
        checked = check(task)
        workbooks.save(folder / "attendance.xlsx", {"Närvaro": long_sheet(REPORTS[1:])})
        return checked

    monkeypatch.setattr(pipeline, "validate", saved_meanwhile)
    run = here(folder, *VALIDATE, "-o", "annotated")
    assert (run.code, run.err) == (5, "fat: attendance.xlsx: the file was changed during the run, so no copy was written. Run again.\n")


def test_a_copy_that_is_corrected_is_handed_in_again(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    first = rules(validated(folder), "attendance.xlsx")
    here(folder, *VALIDATE, "-o", "annotated")
    copy = folder / "out" / COPY
    shutil.copy(copy, folder / "attendance.xlsx")
    again = validated(folder)
    assert rules(again, "attendance.xlsx") == first  # the list is no table, and is not told of as an unknown sheet
    assert [table.sheet for table in again.inputs[0].tables] == ["Närvaro"]
    book = openpyxl.load_workbook(copy)
    book["Närvaro"]["C6"] = "N"
    book.save(folder / "attendance.xlsx")
    mended = rules(validated(folder), "attendance.xlsx")
    assert ("T06", "C6") in first
    assert ("T06", "C6") not in mended
    assert [found for found in first if found[0] in ("A01", "A10")] == [found for found in mended if found[0] in ("A01", "A10")]
    here(folder, *VALIDATE, "-o", "annotated")
    assert "C6" not in coloured(copy, "Närvaro")
    assert {"B5", "D7"} <= coloured(copy, "Närvaro")


def test_a_copy_with_corrections_in_it_is_never_written_over(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    here(folder, *VALIDATE, "-o", "annotated")
    copy = folder / "out" / COPY
    book = openpyxl.load_workbook(copy)
    book["Närvaro"]["C6"] = "N"
    book.save(copy)
    corrected = copy.read_bytes()
    for _ in range(2):
        run = here(folder, "validate", "--as-of", "2024-06-03", "-o", "annotated")
        assert "Wrote out/corrections-attendance-2.xlsx" in run.err
    assert copy.read_bytes() == corrected
    assert {path.name for path in (folder / "out").glob("*attendance*")} == {COPY, "corrections-attendance-2.xlsx"}
    run = here(folder, *VALIDATE, "attendance.xlsx", "-o", f"annotated:out/{COPY}")
    told = f"fat: out/{COPY}: the file is there already and is no untouched copy. Give another name.\n"
    assert (run.code, run.err) == (5, told)


def test_an_original_is_never_written_over(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    before = (folder / "attendance.xlsx").read_bytes()
    assert here(folder, *VALIDATE, "attendance.xlsx", "-o", "annotated:attendance.xlsx").code == 2
    assert (folder / "attendance.xlsx").read_bytes() == before


def test_an_identity_number_in_a_files_name_is_not_told(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    (folder / "attendance.xlsx").rename(folder / "attendance 19800101-1234.xlsx")
    run = here(folder, "validate", "--as-of", "2024-06-03", "-o", "annotated")
    assert f"Wrote out/{COPY}" in run.err
    assert "1234" not in run.err
    assert "attendance ******-****.xlsx" in openpyxl.load_workbook(folder / "out" / COPY)["Corrections"]["A2"].value


def test_the_workspace_does_not_read_a_copy_that_lies_beside_its_original(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    here(folder, *VALIDATE, "-o", f"annotated:{folder}")
    assert (folder / COPY).exists()
    assert [file.file for file in validated(folder).inputs] == ["attendance.xlsx", "register.xlsx"]


def test_a_blank_cell_that_is_marked_is_still_blank(tmp_path: Path) -> None:
    folder = workspace(tmp_path, register(placement()), [*present(MAY[:2]), report(MAY[2], status=None), report(MAY[3], hours=8)])
    first = rules(validated(folder), "attendance.xlsx")
    assert ("T03", "C4") in first
    here(folder, *VALIDATE, "-o", "annotated")
    assert "C4" in coloured(folder / "out" / COPY, "Närvaro")
    shutil.copy(folder / "out" / COPY, folder / "attendance.xlsx")
    assert rules(validated(folder), "attendance.xlsx") == first


def _xls(_: Path) -> tuple[str, bytes]:
    return "attendance.xls", workbooks.xls(long_sheet(REPORTS))


def _xlsb(_: Path) -> tuple[str, bytes]:
    texts = [[str(cell) if cell is not None and not isinstance(cell, float | int) else cell for cell in row] for row in long_sheet(REPORTS)]
    return "attendance.xlsb", workbooks.xlsb(texts)


def _ods(_: Path) -> tuple[str, bytes]:
    return "attendance.ods", ods_bytes({"Närvaro i maj, hos alla anordnare i länet": long_sheet(REPORTS)})


def _grid_ods(_: Path) -> tuple[str, bytes]:
    return "attendance.ods", ods_bytes({"Maj": grid_sheet(REPORTS[:3] + REPORTS[4:], "2024-05", "date")})


def _csv(_: Path) -> tuple[str, bytes]:
    return "attendance.csv", csv_bytes(long_sheet(REPORTS))


def _with_errors(folder: Path) -> tuple[str, bytes]:
    """By LibreOffice, which knows error values and times."""
    rows = [
        [*long_sheet(REPORTS)[0], "from_time", "to_time"],
        *([*row, "#N/A" if number == 1 else None, None] for number, row in enumerate(long_sheet(REPORTS)[1:])),
    ]
    workbooks.save(folder / "source.xlsx", {"S": rows})
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "ods", "--outdir", str(folder), str(folder / "source.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return "attendance.ods", (folder / "source.ods").read_bytes()


@pytest.mark.parametrize(
    "make",
    [
        *(_xls, _xlsb, _ods, _grid_ods, _csv),
        pytest.param(_with_errors, marks=pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")),
    ],
)
def test_other_kinds_are_copied_as_xlsx_with_the_same_violations(make: Callable[[Path], tuple[str, bytes]], tmp_path: Path) -> None:
    file, data = make(tmp_path)
    folder = workspace(tmp_path / "w", register(placement()))
    (folder / "attendance.xlsx").unlink()
    (folder / file).write_bytes(data)
    checked = validated(folder)
    run = here(folder, "validate", "--as-of", "2024-06-03", "-o", "annotated")
    assert f"Wrote out/{COPY}, which may hold identity numbers. The formats and formulas of {file} could not be carried over." in run.err
    before = checked.violations.filter(file=file).select("rule", "cell", "value", "message")
    assert before.height >= 2
    (folder / file).unlink()
    shutil.copy(folder / "out" / COPY, folder / "attendance.xlsx")
    after = validated(folder).violations.filter(file="attendance.xlsx").select("rule", "cell", "value", "message")
    assert after.rows() == before.rows()
    sheet = openpyxl.load_workbook(folder / "attendance.xlsx").sheetnames[1]
    assert set(before["cell"].drop_nulls()) <= coloured(folder / "attendance.xlsx", sheet)


def test_a_package_that_strays_from_the_standard_is_copied_by_its_values(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    checked = validated(folder)
    with io.BytesIO((folder / "attendance.xlsx").read_bytes()) as data:
        import zipfile

        parts = {name: zipfile.ZipFile(data).read(name) for name in zipfile.ZipFile(data).namelist()}
    parts["xl/styles.xml"] = parts["xl/styles.xml"].replace(b"</styleSheet>", b"")
    broken = workbooks.zipped(parts)
    grids = read_workbook(folder / "attendance.xlsx", "attendance.xlsx").grids
    copy = annotated_copy(broken, checked, "attendance.xlsx", lambda: grids)
    assert copy.plain
    assert openpyxl.load_workbook(io.BytesIO(copy.data)).sheetnames == ["Corrections", "Närvaro"]


def test_as_a_user_runs_it(tmp_path: Path) -> None:
    run = fat(faulty(tmp_path), "validate", "--as-of", "2024-06-03", "-o", "annotated", "--lang", "sv")
    assert run.code == 1
    assert "Skrev out/rattelser-attendance.xlsx, som kan innehålla personnummer." in run.err
