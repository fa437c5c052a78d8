"""The same work on many things, on all cores: what is pure Python gains nothing from threads."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any, TypeVar

MANY = 60  # things from which on it pays to start processes, which takes half a second
_CHUNK = 4  # things that a process is given at a time, and ends before it may be stopped

R = TypeVar("R")


@contextmanager
def started(work: Callable[..., R], *things: Sequence[Any]) -> Iterator[Callable[[], list[R]]]:
    """Begins what `map` does, in processes of their own where the things are many; the call waits for it, and gives the results in order.

    `work` is a function of a module, which neither prints nor writes files. Where no processes can be had, or one of them is killed,
    the work is done here. Whatever ends the block, what is not yet begun is then given up.
    """
    pool = None
    if len(things[0]) >= MANY and cores() > 1:
        with suppress(OSError, ImportError, NotImplementedError):
            pool = ProcessPoolExecutor(cores(), multiprocessing.get_context("spawn"), _begin)  # Polars' threads do not outlive a fork
    if pool is None:
        yield lambda: list(map(work, *things))
        return
    try:
        yield _begun(pool, work, *things)
    finally:
        with _deaf():  # a second Ctrl-C would leave both sides waiting for each other
            pool.shutdown(cancel_futures=True)


def _begun(pool: ProcessPoolExecutor, work: Callable[..., R], *things: Sequence[Any]) -> Callable[[], list[R]]:
    try:
        with _deaf(), _without_main():
            found = pool.map(work, *things, chunksize=_CHUNK)
    except (OSError, NotImplementedError):
        for child in multiprocessing.active_children():
            child.terminate()  # one that was begun before another could not be waits for work, and we at the end for it
        return lambda: list(map(work, *things))

    def result() -> list[R]:
        try:
            return list(found)
        except BrokenProcessPool:
            return list(map(work, *things))

    return result


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin() -> None:
    """In a new process: it leaves Ctrl-C to its parent, and ends with it, also where that one is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def end_with_parent() -> None:
        if parent:
            parent.join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


@contextmanager
def _without_main() -> Iterator[None]:
    """A new process does not run the program that started it once more: it needs nothing of that."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = before


@contextmanager
def _deaf() -> Iterator[None]:
    """A process that is started meanwhile does not hear Ctrl-C before it has begun."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
