"""Timing in rounds: every simulator takes its turn in each, so that a slow minute of the machine hits them all."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from .accuracy import errors, root_mean_square
from .work import Work


@dataclass(frozen=True)
class Entrant:
    """One way to do a task.

    Attributes
    ----------
    name : str
    solve : callable
        ``solve(tolerance, patients)`` gives all states on all days, shape (patient, day, state), of the first
        patients; or None, when only its time is of interest.
    patients : int
        How many at once; times are for one.
    """

    name: str
    solve: Callable[[float, int], np.ndarray | None]
    patients: int


@dataclass
class Rung:
    """One simulator at one tolerance: its times [ms per patient], and how far it is from the reference."""

    tolerance: float
    times: list[float] = field(default_factory=list)
    spread: float | None = None
    largest: float | None = None
    failure: str = ""

    @property
    def typical(self) -> float | None:
        """The median time [ms per patient]."""
        return statistics.median(self.times) if self.times else None


def ladders(
    work: Work,
    entrants: Sequence[Entrant],
    tolerances: Sequence[float],
    rounds: int,
    reference: np.ndarray,
    say: Callable[[str], None],
) -> dict[str, list[Rung]]:
    """Every entrant at every tolerance, in interleaved rounds.

    Parameters
    ----------
    reference : array, shape (patient, day, state)
        Errors are judged on these first patients.
    """
    found = {entrant.name: [Rung(tolerance) for tolerance in tolerances] for entrant in entrants}
    for entrant in entrants:
        _warm(entrant, found[entrant.name])
    for turn in range(rounds):
        for k, tolerance in enumerate(tolerances):
            say(f"{work.name}: round {turn + 1} of {rounds}, tolerance {tolerance:g}")
            for entrant in entrants:
                rung = found[entrant.name][k]
                if not rung.failure:
                    _one(work, entrant, rung, reference)
    return found


def _warm(entrant: Entrant, rungs: list[Rung]) -> None:
    """Once without a clock: machine code is loaded, memory is touched."""
    try:
        entrant.solve(rungs[0].tolerance, 1)
    except (RuntimeError, ValueError) as error:
        rungs[0].failure = first_line(error)


def _one(work: Work, entrant: Entrant, rung: Rung, reference: np.ndarray) -> None:
    try:
        begun = time.perf_counter()
        found = entrant.solve(rung.tolerance, entrant.patients)
        rung.times.append((time.perf_counter() - begun) * 1e3 / entrant.patients)
    except (RuntimeError, ValueError) as error:
        rung.failure = first_line(error)
        return
    if found is not None and rung.spread is None:
        judged = min(len(found), len(reference))
        rung.spread = root_mean_square(work, found[:judged], reference[:judged])
        rung.largest = float(errors(work, found[:judged], reference[:judged]).max())


def first_line(error: Exception) -> str:
    """What went wrong, in short."""
    return (str(error) or type(error).__name__).splitlines()[0][:120]


def clocked(solve: Callable[[int], object], count: int, turn: int) -> float:
    """Milliseconds of processor time for one of ``count`` courses; ``turn`` tells rounds apart.

    Of this process and of programs that it started and that have ended; other work on the machine hardly counts.
    """
    begun = processor_time()
    solve(turn)
    return (processor_time() - begun) * 1e3 / count


def processor_time() -> float:
    """Seconds used so far by this process and by what it started and that has ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
