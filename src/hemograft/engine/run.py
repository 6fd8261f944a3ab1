"""Runs every twin on the machine code; threads take turns, results do not depend on their number."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np

from ..streams import uniform
from .courses import Courses
from .orders import Orders
from .setting import Setting
from .setup import Twins

SMALLEST_FLOORS = {"cells": 1.0}  # amount below which the relative error does not matter; 1e-3 of other units
OTHER_FLOOR = 1e-3

Progress = Callable[[int, int], None]


def run(
    setting: Setting,
    people: Twins,
    orders: Orders,
    first_day: float,
    progress: Progress | None,
    last_day: float | None = None,
) -> Courses:
    """Advance every twin to ``last_day``, or to the end of follow-up.

    Returns
    -------
    Courses
        Daily records, what was given, and how each course ended.
    """
    from . import integrate
    from .kernels import build_kernels

    model, kernels = setting.model, build_kernels(setting.model)
    last = setting.last_day if last_day is None else last_day
    addresses = np.array(
        [kernels.addresses[n] for n in ("rates", "factor", "solve", "observe", "prepare")], dtype=np.int64
    )
    floor = np.array([SMALLEST_FLOORS.get(e.declared.unit, OTHER_FLOOR) for e in model.states])
    count, length = len(setting.names), int(last - first_day) + 1
    courses = Courses(
        np.full((count, length, kernels.observed), np.nan),
        np.zeros((count, len(orders.rules), length)),
        np.zeros((count, len(orders.times))),
        np.zeros((count, 4)),
    )

    members, smallest = populations(setting)

    def follow(i: int) -> None:
        integrate.advance(
            addresses,
            people.start[i].copy(),
            people.vectors[i].copy(),
            kernels.constants,
            kernels.factors,
            first_day,
            last,
            orders.times,
            orders.events,
            orders.amounts[i],
            orders.rules,
            orders.limits[i],
            orders.count,
            members,
            smallest[i],
            floor,
            setting.tolerance,
            courses.recorded[i],
            courses.acted[i],
            courses.given[i],
            courses.status[i],
        )

    follow(0)  # compiles, or loads the compiled loop, once
    with ThreadPoolExecutor(setting.workers) as pool:
        tasks = [pool.submit(follow, i) for i in range(1, count)]
        try:
            for done, task in enumerate(as_completed(tasks), start=2):
                task.result()
                if progress:
                    progress(done, count)
        except BaseException:  # Ctrl-C: do not wait for twins that have not started
            pool.shutdown(cancel_futures=True)
            raise
    return courses


def populations(setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """States of each population that can die out, and the expected number below which each twin has lost it.

    When cells die independently, none is left of an expected ``n`` with probability exp(-n); an exponential random
    number, drawn once for each twin and population, makes that so.
    """
    found = setting.model.populations
    members = np.full((len(found), max((len(states) for _, states in found), default=1)), -1, dtype=np.int64)
    smallest = np.zeros((len(setting.names), len(found)))
    for k, (name, states) in enumerate(found):
        members[k, : len(states)] = states
        smallest[:, k] = -np.log(uniform(setting.seed, setting.keys, f"last cells/{name}"))
    return members, smallest
