"""Who runs the chunks: this process, processes of this machine, or a Dask scheduler. The results are the same."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from typing import Any

from ..errors import InputError, Problem
from .chunk import run_chunk

AHEAD = 2  # chunks handed out per worker, so that none waits and none holds the whole study in memory
WATCH = 0.5  # seconds between looks whether the parent still lives

Task = tuple[Any, ...]  # arguments of the function that is run
Done = Callable[[int, bytes], None]


def run_all(
    tasks: Iterator[Task],
    done: Done,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    run: Callable[..., bytes] | None = None,
) -> None:
    """Run every task; ``done(number, content)`` is called here for each, in any order.

    Parameters
    ----------
    run : callable, optional
        What is done with the arguments of a task, a function of some module; :func:`run_chunk` when absent.
    """
    function = run or run_chunk
    if scheduler:
        with _dask(scheduler) as (submit, count):
            _hand_out(tasks, done, partial(submit, function), AHEAD * count)
    elif workers == 1:
        for number, task in enumerate(tasks):
            done(number, function(*task))
    else:
        with _processes(workers) as submit:
            _hand_out(tasks, done, partial(submit, function), AHEAD * workers)


def _hand_out(tasks: Iterator[Task], done: Done, submit: Callable[..., Any], most: int) -> None:
    running: dict[Any, int] = {}
    numbered = enumerate(tasks)
    while True:
        while len(running) < most and (following := next(numbered, None)) is not None:
            number, task = following
            running[submit(*task)] = number
        if not running:
            return
        for future in _any_done(running):
            done(running.pop(future), future.result())


def _any_done(running: dict[Any, int]) -> list[Any]:
    if all(isinstance(future, Future) for future in running):
        return list(wait(running, return_when=FIRST_COMPLETED).done)
    import distributed  # type: ignore[import-not-found]

    there: Any = distributed.wait(list(running), return_when="FIRST_COMPLETED")
    return list(there.done)


@contextmanager
def _processes(workers: int) -> Iterator[Callable[..., Future]]:
    # spawn: compiled code and threads do not survive a fork
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _die_with, (os.getpid(),))
    try:
        yield pool.submit
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _die_with(parent: int) -> None:
    """A worker whose parent was killed ends as well."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _dask(address: str) -> Iterator[tuple[Callable[..., Any], int]]:
    try:
        from distributed import Client  # type: ignore[import-not-found]
    except ImportError:
        raise InputError(
            Problem("Dask is not installed", "--scheduler", "the extra [cluster]", "pip install 'hemograft[cluster]'")
        ) from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise InputError(
            Problem(f"no Dask scheduler answers ({error})", address, "the address of a running scheduler")
        ) from error
    with client:
        workers = max(len(client.scheduler_info()["workers"]), 1)
        yield lambda function, *arguments: client.submit(function, *arguments, pure=False), workers
