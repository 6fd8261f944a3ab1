"""The same equations solved by simulators that share no code with the engine, state by state and day by day.

The exported document (SBML) goes to libroadrunner (CVODE) and COPASI (LSODA); scipy (LSODA) solves the declared rate
functions compiled by another route. No chance, no rules at the bedside, fixed orders.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from benchmarks.accuracy import errors, root_mean_square
from benchmarks.ours import Ours
from benchmarks.work import Work, standard, surrogate

LIMIT = 1e-6  # largest relative difference that counts as agreement
TIGHT = 1e-10
COPASI_TOLERANCES = (1e-9, 3e-9, 6e-9, 1e-8)  # the first that it finishes; below some its steps all but stop
PATIENCE = 90.0  # seconds for one of them
OURS = "hemograft"
TASKS = {"standard": standard, "surrogate": surrogate}


@dataclass(frozen=True)
class Difference:
    """Two simulators on one task: the largest and the root mean square difference, and where the largest is."""

    task: str
    pair: tuple[str, str]
    largest: float
    spread: float
    state: str
    day: float

    @property
    def agreed(self) -> bool:
        """Whether every state agrees on every day."""
        return self.largest <= LIMIT


def engine(work: Work, tolerance: float = TIGHT) -> np.ndarray:
    """hemograft on a task, shape (day, state): the one place through which the engine is called here."""
    return Ours(work).states(tolerance, 1)[0]


def differences(work: Work) -> tuple[list[Difference], list[str]]:
    """Every pair of simulators on a task, and the names of those that are not installed."""
    found, absent = {OURS: engine(work)}, []
    for name, solve in SOLVERS.items():
        print(f"{work.name}: {name}", file=sys.stderr, flush=True)
        try:
            found[name] = solve(work)
        except ImportError:
            absent.append(name)
    pairs = [_compare(work, pair, found[pair[0]], found[pair[1]]) for pair in combinations(found, 2)]
    return pairs, absent


def _compare(work: Work, pair: tuple[str, str], one: np.ndarray, other: np.ndarray) -> Difference:
    apart = errors(work, one, other)
    day, state = np.unravel_index(int(np.argmax(apart)), apart.shape)
    return Difference(
        work.name,
        pair,
        float(apart.max()),
        root_mean_square(work, one, other),
        work.model.states[int(state)].name,
        float(work.days[day]),
    )


def _roadrunner(work: Work) -> np.ndarray:
    from benchmarks.roadrunner_peer import RoadRunner

    return RoadRunner(work).states(0, TIGHT)


def _copasi(work: Work) -> np.ndarray:
    """In a process of its own, which can be ended when a tolerance is too tight for it."""
    import basico  # noqa: F401  (whether it is installed is found out here)

    for tolerance in COPASI_TOLERANCES:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            try:
                found = pool.apply_async(_copasi_course, (work.name, tolerance)).get(PATIENCE)
            except multiprocessing.TimeoutError:
                continue
        print(f"{work.name}: COPASI finished at tolerance {tolerance:g}", file=sys.stderr, flush=True)
        return found
    raise RuntimeError(f"COPASI finished {work.name} at no tolerance within {PATIENCE:g} s")


def _copasi_course(name: str, tolerance: float) -> np.ndarray:
    from benchmarks.copasi_peer import Copasi

    return Copasi(TASKS[name](1)).states(0, tolerance)


def _scipy(work: Work) -> np.ndarray:
    from benchmarks.scipy_peer import Scipy

    return Scipy(work).states(0, TIGHT)


SOLVERS: dict[str, Callable[[Work], np.ndarray]] = {
    "libroadrunner": _roadrunner,
    "COPASI": _copasi,
    "scipy": _scipy,
}
