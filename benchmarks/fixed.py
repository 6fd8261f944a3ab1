"""Fixed orders: every simulator at a ladder of tolerances on both tasks, and its time at the same error."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from . import ours
from .accuracy import cost_at, root_mean_square
from .measure import Entrant, Rung, ladders
from .work import Work, standard, surrogate

ERRORS = (1e-4, 1e-6)  # at which times are compared
OURS = "hemograft"
ONLY_OBSERVED = "hemograft, observed quantities only"
BASELINE = "libroadrunner, orders as events"
TIGHT = 1e-10


def fixed_orders(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Both tasks; plain data for the page."""
    small = _task(surrogate(64 if quick else 256), 2 if quick else 8, quick, say)
    large = _task(standard(16 if quick else 32), 1, quick, say)
    return {"standard": large, "surrogate": small}


def _task(work: Work, judged: int, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    say(f"{work.name}: loading")
    few = work.some(judged)
    entrants, absent, built = _entrants(work, few, quick)
    say(f"{work.name}: reference")
    reference, by = _reference(few, quick)
    tolerances = (1e-4, 1e-6, 1e-8) if quick or work.name == "standard" else (1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
    rungs = ladders(few, entrants, tolerances, 1 if quick else 3, reference, say)
    for alike, own in zip(rungs[ONLY_OBSERVED], rungs[OURS], strict=True):  # what is recorded does not move the steps
        alike.spread, alike.largest = own.spread, own.largest
    tight = ours.Ours(few).states(TIGHT)
    return {
        "states": len(work.model.states),
        "flows": len(work.model.arrows),
        "days": int(work.last_day - work.first_day),
        "orders": len(work.orders.times),
        "judged": judged,
        "patients": {entrant.name: entrant.patients for entrant in entrants},
        "reference": by,
        "reference_against_ours": root_mean_square(few, tight, reference),
        "seconds_to_load": built,
        "absent": absent,
        "engines": {name: summary(found) for name, found in rungs.items()},
    }


def _entrants(work: Work, few: Work, quick: bool) -> tuple[list[Entrant], list[str], dict[str, float]]:
    """Who takes part here: ours on all patients, the others on few of them."""
    own = ours.Ours(work)
    found = [Entrant(OURS, own.states, len(work.vectors))]
    found.append(Entrant(ONLY_OBSERVED, _observed(work), len(work.vectors)))
    if not quick:
        alone = min(8, len(work.vectors))
        found.append(Entrant(f"{OURS}, one lane", partial(own.states, lanes=1), alone))
    absent, built = [], {}
    for name, make in _peers(few, quick):
        begun = time.perf_counter()
        try:
            peer = make()
        except ImportError:
            absent.append(name)
            continue
        built[name] = time.perf_counter() - begun
        found.append(Entrant(name, each(peer), len(few.vectors)))
    return found, absent, built


def each(peer: Any) -> Callable[[float, int], np.ndarray]:
    """A simulator of one patient as one of several."""
    return lambda tolerance, n: np.array([peer.states(i, tolerance) for i in range(n)])


def _observed(work: Work) -> Callable[[float, int], None]:
    def solve(tolerance: float, n: int) -> None:
        ours.counts(work.some(n), tolerance)

    return solve


def _peers(few: Work, quick: bool) -> list[tuple[str, Callable[[], Any]]]:
    def roadrunner():
        from .roadrunner_peer import RoadRunner

        return RoadRunner(few)

    def copasi():
        from .copasi_peer import Copasi

        return Copasi(few)

    def scipy():
        from .scipy_peer import Scipy

        return Scipy(few)

    found = [(BASELINE, roadrunner), ("COPASI (LSODA)", copasi)]
    if not (quick and few.name == "standard"):  # its rates compile for a minute
        found.append(("scipy LSODA, compiled rates", scipy))
    return found


def _reference(few: Work, quick: bool) -> tuple[np.ndarray, str]:
    """A very accurate course of the judged patients, and who made it."""
    if quick and few.name == "standard":
        return ours.Ours(few).states(TIGHT), f"hemograft itself at tolerance {TIGHT:g}"
    from .scipy_peer import Scipy

    peer = Scipy(few)
    return np.array([peer.states(i, TIGHT) for i in range(len(few.vectors))]), f"scipy LSODA at tolerance {TIGHT:g}"


def summary(rungs: list[Rung]) -> dict[str, Any]:
    """One simulator's ladder as plain data."""
    usable = [(r.spread, r.typical) for r in rungs if r.spread is not None and r.typical is not None]
    return {
        "ladder": [
            {
                "tolerance": r.tolerance,
                "ms": r.typical,
                "ms_all": r.times,
                "rms": r.spread,
                "largest": r.largest,
                "failure": r.failure,
            }
            for r in rungs
        ],
        "ms_at_error": {f"{error:g}": cost_at(error, usable) for error in ERRORS},
    }
