"""What the program runs on: the lock is sound and in step, licences are known, the bill of materials closes."""

import dataclasses

import pytest
from packaging.requirements import Requirement

import check_lock
import licences
import locked
import sbom
from locked import DIRECTLY, FOR_WORK, Pin

HASHES = ("a" * 64, "b" * 64)
LOCK = f"""# made by a tool
alpha==1.2 \\
    --hash=sha256:{HASHES[0]} \\
    --hash=sha256:{HASHES[1]}
    # via
    #   fatcli (pyproject.toml)
    #   gamma
beta==2.0.post1 ; sys_platform == 'none' \\
    --hash=sha256:{HASHES[0]}
    # via alpha
gamma==3 \\
    --hash=sha256:{HASHES[0]}
    # via fatcli (pyproject.toml:dev)
"""
ALPHA = Pin("alpha", "1.2", "", HASHES, (DIRECTLY, "gamma"))
BETA = Pin("beta", "2.0.post1", "sys_platform == 'none'", HASHES[:1], ("alpha",))
GAMMA = Pin("gamma", "3", "", HASHES[:1], (FOR_WORK,))
PINS = [ALPHA, BETA, GAMMA]


def test_a_lock_is_read_with_hashes_markers_and_askers() -> None:
    assert locked.pins(LOCK) == PINS
    assert [pin.applies_here for pin in PINS] == [True, False, True]


@pytest.mark.parametrize("line", ["alpha>=1.2 \\", "alpha==1.2", "-e .", "alpha @ https://example.org/a.whl", "    --hash=md5:00", "--pre"])
def test_a_line_that_locks_nothing_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"requirements\.lock:14"):
        locked.pins(LOCK + line + "\n")


def test_a_pin_is_written_as_it_was_read() -> None:
    assert [dataclasses.replace(pin, wanted_by=()) for pin in PINS] == locked.pins("\n".join(pin.as_requirement() for pin in PINS))


def test_what_only_the_tests_ask_for_is_not_run_on() -> None:
    assert locked.runtime(PINS) == [ALPHA, BETA]


def test_a_pin_without_hash_or_without_need_is_found() -> None:
    assert list(check_lock.unsound(PINS)) == []
    bare, stray = dataclasses.replace(ALPHA, hashes=()), dataclasses.replace(GAMMA, wanted_by=("gone",))
    assert list(check_lock.unsound([bare, BETA, stray])) == [
        "alpha 1.2 is locked without a hash",
        "gamma is locked, but nothing asks for it",
    ]


@pytest.mark.parametrize(
    ("group", "asked", "found"),
    [
        (DIRECTLY, "Alpha>=1.2,<2", []),
        (DIRECTLY, "alpha>=1.3", ["alpha>=1.3: the lock has 1.2"]),
        (DIRECTLY, "gamma", ["gamma stands in pyproject.toml, but not in the lock"]),  # it is locked for the tests only
        (FOR_WORK, "gamma", []),
        (FOR_WORK, "delta", ["delta stands in pyproject.toml, but not in the lock"]),
    ],
)
def test_a_lock_out_of_step_with_the_project_is_found(group: str, asked: str, found: list[str]) -> None:
    assert list(check_lock.out_of_step(PINS, [(group, Requirement(asked))])) == found


@pytest.mark.parametrize(
    ("before", "asked", "found"),
    [
        ("1.2", "alpha>=1.2", []),
        ("1.2.1", "alpha>=1.2.1", ["alpha 1.2 (locked) is vulnerable before 1.2.1: CVE-1"]),
        ("1.2", "alpha>=1.1.9", ["alpha 1.1.9 (alpha>=1.1.9 lets 1.1.9 in) is vulnerable before 1.2: CVE-1"]),
        ("1.2", "alpha<2", ["alpha 0 (alpha<2 lets 0 in) is vulnerable before 1.2: CVE-1"]),
        ("1.10", "alpha>=1.10", ["alpha 1.2 (locked) is vulnerable before 1.10: CVE-1"]),  # 1.10 is later than 1.2
    ],
)
def test_a_release_known_as_vulnerable_is_found(before: str, asked: str, found: list[str]) -> None:
    known = {"alpha": {"before": before, "ids": ["CVE-1"]}}
    assert list(check_lock.vulnerable(PINS, [(DIRECTLY, Requirement(asked))], known)) == found


def test_an_environment_is_to_hold_what_is_locked_and_no_more() -> None:
    assert list(check_lock.not_as_locked(PINS, {"alpha": "1.2.0", "gamma": "3"})) == []
    assert list(check_lock.not_as_locked(PINS, {"alpha": "1.3", "delta": "1", "beta": "2.0.post1"})) == [
        "alpha 1.3 is installed; the lock has 1.2",
        "delta 1 is installed, but not locked",
        "beta 2.0.post1 is installed, but not locked",  # not for this platform
        "gamma 3 is locked, but not installed",
    ]


def test_the_projects_own_lock_is_sound_and_in_step() -> None:
    pins = locked.pins()
    assert [*check_lock.unsound(pins), *check_lock.out_of_step(pins, locked.direct())] == []


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({"License-Expression": "ISC"}, ("ISC", "License-Expression")),
        ({"License": "MIT"}, ("MIT", "License")),
        ({"License": "Copyright by …", "Classifier": "License :: OSI Approved :: MIT License"}, ("MIT", "classifier")),
    ],
)
def test_a_licence_is_read_from_the_metadata(monkeypatch, metadata: dict[str, str], told: tuple[str, str]) -> None:
    monkeypatch.setattr(licences.metadata, "metadata", lambda name: about(metadata))
    assert licences.licence("alpha") == told


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"License-Expression": "AGPL-3.0-only"},
        {"License": "Dual License"},
        {"Classifier": "License :: OSI Approved :: BSD License"},  # which of them isn't told
    ],
)
def test_a_licence_that_is_not_known_or_not_allowed_ends_it(monkeypatch, metadata: dict[str, str]) -> None:
    monkeypatch.setattr(licences.metadata, "metadata", lambda name: about(metadata))
    with pytest.raises(SystemExit, match=r"alpha: the licence .* is not in the allow list"):
        licences.licence("alpha")


def about(fields: dict[str, str]):
    from email.message import Message

    message = Message()
    for name, value in fields.items():
        message[name] = value
    return message


def test_the_bill_of_materials_names_each_package_once_and_closes() -> None:
    bill = sbom.bill()
    assert bill == sbom.bill()  # no time, no chance
    root = bill["metadata"]["component"]["bom-ref"]
    references = [each["bom-ref"] for each in bill["components"]]
    assert len(references) == len(set(references)) > 20
    edges = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    assert set(edges) == {root, *references}
    reached, waiting = set(), [root]
    while waiting:
        reference = waiting.pop()
        if reference not in reached:
            reached.add(reference)
            waiting += edges[reference]
    assert reached == set(edges)  # nothing stands in the bill that the program doesn't lead to


def test_the_bill_of_materials_holds_the_locks_hashes() -> None:
    [polars] = [each for each in sbom.bill()["components"] if each["name"] == "polars"]
    [pin] = [each for each in locked.pins() if each.name == "polars"]
    assert polars["purl"] == f"pkg:pypi/polars@{pin.version}"
    assert tuple(each["content"] for each in polars["externalReferences"][0]["hashes"]) == pin.hashes
