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
import multiprocessing, sys, time
from pathlib import Path
from fatcli.cli import processes
processes.MANY, processes.cores = 2, lambda: 2
found = processes.started(time.sleep, [60.0] * 16)
Path(sys.argv[1]).write_text(" ".join(str(child.pid) for child in multiprocessing.active_children()))
found()
"""


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr(processes, "cores", lambda: 2)


def test_many_are_done_elsewhere_and_come_in_order():
    main, heard = sys.modules["__main__"], signal.getsignal(signal.SIGINT)
    found = processes.started(operator.floordiv, [1000] * 100, NUMBERS)
    parents = processes.started(os.path.realpath, ["/proc/self"] * 100) if sys.platform == "linux" else list
    assert (sys.modules["__main__"], signal.getsignal(signal.SIGINT)) == (main, heard)
    assert found() == [1000 // number for number in NUMBERS]
    assert f"/proc/{os.getpid()}" not in parents()


def test_an_error_of_the_work_is_its_own():
    with pytest.raises(ZeroDivisionError):
        processes.started(operator.floordiv, [1000] * 100, [0] * 100)()


def test_work_may_be_begun_in_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.extend(processes.started(operator.neg, NUMBERS)()))
    thread.start()
    thread.join()
    assert found == [-number for number in NUMBERS]


@pytest.mark.parametrize(("numbers", "cores"), [(NUMBERS[: processes.MANY - 1], 2), (NUMBERS, 1)])
def test_few_things_or_one_core_start_no_process(monkeypatch, numbers, cores):
    monkeypatch.setattr(processes, "cores", lambda: cores)
    monkeypatch.setattr(processes, "ProcessPoolExecutor", None)
    assert processes.started(operator.neg, numbers)() == [-number for number in numbers]


def test_without_processes_the_work_is_done_here(monkeypatch):
    def none(*_: object) -> None:
        raise OSError("no semaphores")

    monkeypatch.setattr(processes, "ProcessPoolExecutor", none)
    assert processes.started(operator.neg, NUMBERS)() == [-number for number in NUMBERS]


def test_where_a_process_is_killed_the_work_is_done_here(monkeypatch):
    class Killed:
        def __init__(self, *_: object) -> None: ...

        def map(self, *_: object, chunksize: int) -> object:
            yield 1
            raise BrokenProcessPool

        def shutdown(self, *, cancel_futures: bool) -> None: ...

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Killed)
    assert processes.started(operator.neg, NUMBERS)() == [-number for number in NUMBERS]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_processes_end_with_the_one_that_began_them(tmp_path: Path, how: signal.Signals):
    told = tmp_path / "pids"
    parent = subprocess.Popen([sys.executable, "-c", SLEEPER, told], stderr=subprocess.DEVNULL)
    _until(lambda: told.exists() and told.read_text())
    children = [int(pid) for pid in told.read_text().split()]
    assert len(children) == 2
    time.sleep(1)
    parent.send_signal(how)
    assert parent.wait() == -how
    _until(lambda: not any(map(_runs, children)))


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
