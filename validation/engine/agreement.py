"""The same equations solved by simulators that share no code with the engine, state by state and day by day.

The exported document (SBML) goes to libroadrunner (CVODE) and COPASI (LSODA); scipy (LSODA) solves the declared rate
functions compiled by another route. No chance, no rules at the bedside, fixed orders.
"""

from __future__ import annotations

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
    from benchmarks.copasi_peer import Copasi

    return Copasi(work, switches=False).states(0, TIGHT)


def _scipy(work: Work) -> np.ndarray:
    from benchmarks.scipy_peer import Scipy

    return Scipy(work).states(0, TIGHT)


SOLVERS: dict[str, Callable[[Work], np.ndarray]] = {
    "libroadrunner": _roadrunner,
    "COPASI": _copasi,
    "scipy": _scipy,
}
