"""Work that is spread over processes gives what it gives in one."""

import operator
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from fatcli.cli import processes

NUMBERS = list(range(1, 101))
# begins work that takes a minute, and says where its processes are
SLEEPER = """
import multiprocessing, signal, sys, time
from pathlib import Path
from fatcli.cli import processes
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores Ctrl-C
processes.MANY, processes.cores = 2, lambda: 2
with processes.started(time.sleep, [float(sys.argv[2])] * 160) as found:
    Path(sys.argv[1]).write_text(" ".join(str(child.pid) for child in multiprocessing.active_children()))
    try:
        found()
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr(processes, "cores", lambda: 2)


def test_many_are_done_elsewhere_and_come_in_order():
    main, heard = sys.modules["__main__"], signal.getsignal(signal.SIGINT)
    with processes.started(operator.floordiv, [1000] * 100, NUMBERS) as found:
        assert (sys.modules["__main__"], signal.getsignal(signal.SIGINT)) == (main, heard)
        assert found() == [1000 // number for number in NUMBERS]
    with processes.started(os.path.realpath, ["/proc/self"] * 100) as found:
        assert f"/proc/{os.getpid()}" not in found()
    assert signal.getsignal(signal.SIGINT) == heard


def test_an_error_of_the_work_is_its_own():
    with processes.started(operator.floordiv, [1000] * 100, [0] * 100) as found, pytest.raises(ZeroDivisionError):
        found()


def test_work_may_be_begun_in_a_thread():
    given = []

    def work() -> None:
        with processes.started(operator.neg, NUMBERS) as found:
            given.extend(found())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert given == [-number for number in NUMBERS]


@pytest.mark.parametrize(("numbers", "cores"), [(NUMBERS[: processes.MANY - 1], 2), (NUMBERS, 1)])
def test_few_things_or_one_core_start_no_process(monkeypatch, numbers, cores):
    monkeypatch.setattr(processes, "cores", lambda: cores)
    monkeypatch.setattr(processes, "ProcessPoolExecutor", None)
    with processes.started(operator.neg, numbers) as found:
        assert found() == [-number for number in numbers]


def test_without_processes_the_work_is_done_here(monkeypatch):
    def none(*_: object) -> None:
        raise OSError("no semaphores")

    monkeypatch.setattr(processes, "ProcessPoolExecutor", none)
    with processes.started(operator.neg, NUMBERS) as found:
        assert found() == [-number for number in NUMBERS]


def test_where_a_process_is_killed_the_work_is_done_here(monkeypatch):
    class Killed:
        def __init__(self, *_: object) -> None: ...

        def map(self, *_: object, chunksize: int) -> object:
            yield 1
            raise BrokenProcessPool

        def shutdown(self, *, cancel_futures: bool) -> None: ...

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Killed)
    with processes.started(operator.neg, NUMBERS) as found:
        assert found() == [-number for number in NUMBERS]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_processes_end_with_the_one_that_began_them(tmp_path: Path, how: signal.Signals):
    told = tmp_path / "pids"
    parent = subprocess.Popen([sys.executable, "-c", SLEEPER, told, "60"], stderr=subprocess.DEVNULL)
    children = _children(told)
    time.sleep(1)
    parent.send_signal(how)
    assert parent.wait() == -how
    _until(lambda: not any(map(_runs, children)))


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_interrupted_twice_it_ends_and_says_nothing(tmp_path: Path):
    """160 things of half a second take 40 seconds; those that are begun or next, at most twenty of two processes, take five."""
    told = tmp_path / "pids"
    command = [sys.executable, "-c", SLEEPER, told, "0.5"]
    parent = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    children = _children(told)
    time.sleep(1)
    for _ in range(2):
        os.killpg(parent.pid, signal.SIGINT)
        time.sleep(0.3)
    _, heard = parent.communicate(timeout=30)
    assert (parent.returncode, heard) == (130, b"")
    _until(lambda: not any(map(_runs, children)))


def test_what_is_not_begun_is_given_up_where_the_block_ends_early():
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt), processes.started(time.sleep, [0.5] * 400):
        raise KeyboardInterrupt
    assert time.monotonic() - start < 30


def test_where_only_one_process_can_be_had_it_is_not_waited_for(monkeypatch):
    started = processes.multiprocessing.process.BaseProcess.start
    begun = []

    def start(process: object) -> None:
        if begun:
            raise BlockingIOError("no more processes")
        begun.append(process)
        started(process)

    monkeypatch.setattr(processes.multiprocessing.process.BaseProcess, "start", start)
    with processes.started(operator.neg, NUMBERS) as found:
        assert found() == [-number for number in NUMBERS]
    begun[0].join(30)
    assert not begun[0].is_alive()


def _children(told: Path) -> list[int]:
    _until(lambda: told.exists() and told.read_text())
    children = [int(pid) for pid in told.read_text().split()]
    assert len(children) == 2
    return children


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def _until(met: object) -> None:
    end = time.monotonic() + 30
    while not met():
        assert time.monotonic() < end
        time.sleep(0.05)
