"""Daily rules at the bedside: the same decisions on the same counts, in the engine's loop and around libroadrunner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import ours
from .accuracy import root_mean_square
from .fixed import OURS, TIGHT, each, summary
from .measure import Entrant, ladders
from .work import Work, standard, surrogate

STEPPED = "libroadrunner, one day at a time"
WITNESS = 1e-9  # tolerance at which libroadrunner's course is compared with the reference


def daily_rules(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Both tasks with their rules; plain data for the page."""
    small = _task(surrogate(64 if quick else 256, rules=True), 1 if quick else 4, quick, say)
    if quick:
        return {"surrogate": small}
    return {"standard": _task(standard(64, rules=True), 1, quick, say), "surrogate": small}


def _task(work: Work, judged: int, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    few = work.some(judged)
    own = ours.Ours(work)
    entrants = [Entrant(OURS, own.states, len(work.vectors))]
    reference = own.states(TIGHT, judged)
    absent, witness = [], None
    try:
        from .roadrunner_peer import RoadRunner

        peer = RoadRunner(few, daily=True)
        entrants.append(Entrant(STEPPED, each(peer), judged))
        witness = root_mean_square(few, each(peer)(WITNESS, judged), reference)
    except ImportError:
        absent.append(STEPPED)
    tolerances = (1e-4, 1e-6, 1e-8) if quick or work.name == "standard" else (1e-4, 1e-5, 1e-6, 1e-7)
    rungs = ladders(few, entrants, tolerances, 1 if quick else 3, reference, say)
    acted = ours.counts(few).acted
    return {
        "rules": len(work.orders.rules),
        "acted_per_patient": float(acted.sum() / judged),
        "judged": judged,
        "patients": {entrant.name: entrant.patients for entrant in entrants},
        "libroadrunner_at_1e-9_against_reference": witness,
        "absent": absent,
        "engines": {name: summary(found) for name, found in rungs.items()},
    }
