"""Files written whole or not at all, and what is left of writers that were killed."""

import os
import sys
import time
from pathlib import Path

import pytest

from fatcli import workspace
from fatcli.workspace import write_file, write_files

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows neither locks nor syncs folders")


@pytest.fixture
def left(tmp_path):
    """What a writer left that was killed just now, and one that was killed two hours ago."""
    young, old = tmp_path / ".fat-young.tmp", tmp_path / ".fat-old.tmp"
    for path in (young, old):
        path.write_text("199001012384")
    os.utime(old, (time.time() - 7200,) * 2)
    return young, old


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@posix
def test_what_a_killed_writer_left_is_cleared_by_the_next(tmp_path, left):
    (tmp_path / ".fat-batch.lock").touch()
    write_file(tmp_path / "report.json", b"{}")
    assert names(tmp_path) == [".fat-batch.lock", "report.json"]


@posix
def test_what_another_writes_aside_is_left_alone(tmp_path, left):
    with workspace._writing_in(tmp_path):
        other = workspace._write_aside(tmp_path, b"half")
        write_file(tmp_path / "report.json", b"{}")
        assert names(tmp_path) == sorted([other.name, "report.json"])
        other.unlink()


@posix
def test_where_another_writes_only_what_is_old_is_cleared(tmp_path, left):
    with workspace._opened(tmp_path) as handle:
        workspace._locked(handle, workspace._TOGETHER)
        write_file(tmp_path / "report.json", b"{}")
    assert names(tmp_path) == [".fat-young.tmp", "report.json"]


def test_where_folders_can_not_be_opened_only_what_is_old_is_cleared(tmp_path, left, monkeypatch):
    """As on Windows."""
    opened = os.open

    def files_alone(path, *given, **named):
        if Path(path).is_dir():
            raise PermissionError(13, "Permission denied")
        return opened(path, *given, **named)

    monkeypatch.setattr(os, "open", files_alone)
    write_file(tmp_path / "new" / "report.json", b"{}")
    write_file(tmp_path / "report.json", b"{}")
    assert names(tmp_path) == [".fat-young.tmp", "new", "report.json"]


@posix
def test_where_locks_and_syncs_fail_only_what_is_old_is_cleared(tmp_path, left, monkeypatch):
    """As on some network drives."""
    synced = os.fsync

    def fail(*given):
        raise OSError(95, "Operation not supported")

    def files_alone(handle):
        return fail() if os.path.isdir(f"/dev/fd/{handle}") else synced(handle)  # noqa: PTH112  # a path of the system

    monkeypatch.setattr(workspace.fcntl, "flock", fail)
    monkeypatch.setattr(os, "fsync", files_alone)
    write_file(tmp_path / "report.json", b"{}")
    assert names(tmp_path) == [".fat-young.tmp", "report.json"]


@posix
def test_folders_are_synced_once_they_hold_the_files(tmp_path, monkeypatch):
    """The month's folder after the renaming, and the folders that were made, in the ones that hold them."""
    synced, seen = os.fsync, []

    def noted(handle):
        known = {path.stat().st_ino: path for path in (tmp_path, tmp_path / "out", tmp_path / "out/2024-05") if path.exists()}
        if folder := known.get(os.fstat(handle).st_ino):
            seen.append((folder.relative_to(tmp_path).as_posix(), names(folder)))
        synced(handle)

    monkeypatch.setattr(os, "fsync", noted)
    write_files(tmp_path / "out" / "2024-05", {"a.json": b"{}", "b.json": b"{}"})
    assert seen == [("out", ["2024-05"]), (".", ["out"]), ("out/2024-05", ["a.json", "b.json"])]
