"""Runs patients on the machine code; threads take turns, and results do not depend on their number."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np

from ..model.compile import Model
from .kernels import Kernels, build_kernels
from .lanes import Fixed, Machine, Patients, Records, fixed_of, lanes_for, machine_of, rows_for

COUNTED_BELOW = 10_000.0  # cells; of more, chance moves the number by less than a percent
SHARE = 64  # patients a thread takes at a time: enough to keep its lanes busy, few enough to report progress

Progress = Callable[[int, int], None]


def run(
    model: Model,
    patients: Patients,
    *,
    tolerance: float,
    chance: bool = True,
    workers: int = 1,
    progress: Progress | None = None,
    lanes: int | None = None,
) -> Records:
    """Advance every patient to the end of follow-up.

    Parameters
    ----------
    tolerance : float
        Relative error allowed for each state in a step.
    chance : bool
        Whether small populations are counted in ones; events are off when their bounds are infinite.
    workers : int
        Threads.
    progress : callable, optional
        Called with (patients done, patients).
    lanes : int, optional
        Patients advanced together; what suits the processor when absent.

    Returns
    -------
    Records
        Daily records, what was given, what happened, and how each course ended.
    """
    from .loop import follow

    fixed = fixed_of(model, tolerance, COUNTED_BELOW if chance else 0.0)
    records, count = empty_records(model, patients), len(patients.start)
    kernels = _machine_code(model, lanes, fixed, patients, records)
    machine = machine_of(kernels)

    def share(first: int) -> int:
        last = min(first + size, count)
        rows = rows_for(model, kernels, tolerance)
        follow(machine, fixed, patients, rows, lanes_for(patients, fixed, kernels.lanes), records, first, last)
        return last - first

    shares = max(1, workers) * -(-count // (SHARE * max(1, workers)))  # as many for each thread
    size = max(1, -(-count // shares))
    done = 0
    with ThreadPoolExecutor(workers) as pool:
        tasks = [pool.submit(share, first) for first in range(0, count, size)]
        try:
            for task in as_completed(tasks):
                done += task.result()
                if progress:
                    progress(done, count)
        except BaseException:  # Ctrl-C: do not wait for patients that have not started
            pool.shutdown(cancel_futures=True)
            raise
    return records


def _machine_code(model: Model, lanes: int | None, fixed: Fixed, patients: Patients, records: Records) -> Kernels:
    """That of the model. Meanwhile that of the loop is made, which depends on kinds of arguments, not on sizes."""
    from .loop import follow

    some = Kernels(dict.fromkeys(Machine._fields, 0), 1, len(model.states), 1, 1, 1, 1, 1, False, None)
    rows, idle = rows_for(model, some, 1.0), lanes_for(patients, fixed, 1)
    with follow.made_meanwhile(machine_of(some), fixed, patients, rows, idle, records, 0, 0):
        return build_kernels(model, lanes)


def empty_records(model: Model, patients: Patients) -> Records:
    """Records of nothing yet."""
    count = len(patients.start)
    days = 1 + int(np.max(patients.last_day - np.trunc(patients.first_day), initial=0))
    return Records(
        daily=np.full((count, days, len(model.observed)), np.nan),
        acted=np.zeros((count, patients.rules.shape[1], days), np.uint8),
        given=np.full(patients.times.shape, np.nan),
        happened=np.full(patients.bounds.shape, np.nan),
        status=np.zeros((count, 4)),
        final=np.zeros(patients.start.shape),
    )
