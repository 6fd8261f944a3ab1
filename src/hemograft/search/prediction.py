"""Simulate a patient with each candidate donor, by the same luck, and say what the simulator expects of each.

The order by this prediction stands beside the conventional one and moves nobody. Research use only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa

from ..case.case import Case
from ..engine.simulate import protocol_of, simulate
from ..outcome.table import outcomes
from ..protocol.protocol import Protocol
from ..units import factor
from .donated import cases_with
from .ranking import Ranked

DAYS = int(factor("year"))  # of follow-up after day 0
# What is told of each donor, the event it is counted by, and whether it is told as being free of that event. The first
# one makes the order.
MEASURES = MappingProxyType(
    {
        "survival": ("death", True),
        "grfs": ("gvhd_relapse_or_death", True),
        "relapse": ("relapse", False),
        "non_relapse_mortality": ("death_without_relapse", False),
        "acute_gvhd_2_4": ("acute_gvhd_2_4", False),
        "primary_graft_failure": ("primary_graft_failure", False),
    }
)
DECIDES = next(iter(MEASURES))
HAPPENED = 1  # status of an event


@dataclass(frozen=True)
class Estimate:
    """A share of twins with its Monte Carlo standard error.

    Attributes
    ----------
    share, error : float [1]
        NaN where nobody was at risk. The error uses (x + 1)/(n + 2), so that 0 of 20 is not reported as certain; it
        says nothing about what the model gets wrong.
    """

    share: float
    error: float


@dataclass(frozen=True)
class Prediction:
    """What the simulator expects of one donor within a year.

    Attributes
    ----------
    donor : str
        Id of the candidate.
    place : int
        In the order by predicted overall survival; 1 is the best.
    case : Case
        What was simulated: the patient with this donor and this graft.
    measures : mapping
        Name to :class:`Estimate`: ``survival`` (overall), ``grfs`` (survival free of relapse, of acute
        graft-versus-host disease III-IV and of chronic), ``relapse``, ``non_relapse_mortality``, ``acute_gvhd_2_4``,
        ``primary_graft_failure``.
    beside_first : Estimate
        Overall survival less that of the first donor of the conventional order, twin by twin.
    failures : int
        Twins that could not be followed to the end; they are left out.
    """

    donor: str
    place: int
    case: Case
    measures: MappingProxyType
    beside_first: Estimate
    failures: int

    @property
    def score(self) -> float:
        """What the order is made by: predicted overall survival."""
        return self.measures[DECIDES].share


@dataclass(frozen=True)
class _Run:
    donor: str
    case: Case
    events: dict[str, np.ndarray]  # 1, 0, or NaN where not at risk or not followed, shape (twin,)
    failures: int


def predict(
    case: Case,
    ranked: Iterable[Ranked],
    *,
    twins: int,
    protocol: Protocol | str | None = None,
    days: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Prediction, ...]:
    """Simulate twins of a patient with each donor, in the order given; a twin has the same luck with every donor.

    Parameters
    ----------
    case : Case
        The patient; its graft is taken for donors whose file states none.
    protocol : Protocol or str, optional
        The same for all donors; the one that the case names when absent.
    days : float, optional [day]
        Length of follow-up; a year when absent.

    Raises
    ------
    InputError
        No protocol, or a donor without a graft or without enough typing; all such donors at once.
    """
    listed, chosen = tuple(ranked), protocol_of(case, protocol)
    options = {"twins": twins, "days": DAYS if days is None else days, "seed": seed, "workers": workers}
    runs = []
    for one, who in zip(listed, cases_with(case, listed), strict=True):
        runs.append(_run(one.donor.id, who, chosen, **options))
        if progress:
            progress(len(runs), len(listed))
    return _placed(runs)


def beside(ranked: Iterable[Ranked], made: Iterable[Prediction]) -> tuple[Ranked, ...]:
    """The conventional order with predicted overall survival beside it, as ``rank(predicted=...)`` shows it."""
    scores = {one.donor: one.score for one in made}
    return tuple(replace(one, predicted=scores.get(one.donor.id)) for one in ranked)


def _run(donor: str, case: Case, protocol: Protocol, **options: Any) -> _Run:
    made = simulate(case, protocol, **options)
    table = outcomes(made)
    lost = np.isin(np.array(table["patient"].to_pylist()), [one.patient for one in made.failures])
    events = {name: np.where(lost, np.nan, _happened(table, event)) for name, (event, _) in MEASURES.items()}
    return _Run(donor, case, events, len(made.failures))


def _happened(table: pa.Table, event: str) -> np.ndarray:
    """1 where an event happened, 0 where it did not, NaN where there was no such patient at risk, shape (twin,)."""
    if event in table.column_names:  # judged on one day
        return np.array(table[event].to_pylist(), dtype=float)
    status = np.array(table[f"{event}_status"].to_pylist(), dtype=float)
    return np.where(np.isnan(status), np.nan, status == HAPPENED)


def _placed(runs: list[_Run]) -> tuple[Prediction, ...]:
    found = []
    for run in runs:
        measures = {name: share(run.events[name], free) for name, (_, free) in MEASURES.items()}
        found.append((run, measures, _difference(run.events[DECIDES], runs[0].events[DECIDES])))
    order = sorted(range(len(found)), key=lambda i: (-_finite(found[i][1][DECIDES].share), i))
    places = {i: place for place, i in enumerate(order, 1)}
    return tuple(
        Prediction(run.donor, places[i], run.case, MappingProxyType(measures), beside, run.failures)
        for i, (run, measures, beside) in enumerate(found)
    )


def _finite(value: float) -> float:
    return -1.0 if math.isnan(value) else value


def share(events: np.ndarray, free: bool) -> Estimate:
    """Share of twins with an event, or free of it."""
    known = events[np.isfinite(events)]
    n = len(known)
    if n == 0:
        return Estimate(math.nan, math.nan)
    count = float(known.sum())
    guess = (count + 1) / (n + 2)
    return Estimate(1 - count / n if free else count / n, math.sqrt(guess * (1 - guess) / n))


def _difference(deaths: np.ndarray, of_first: np.ndarray) -> Estimate:
    """Mean over twins of survival less survival with another donor; NaN error for fewer than two twins."""
    change = of_first - deaths
    known = change[np.isfinite(change)]
    if len(known) == 0:
        return Estimate(math.nan, math.nan)
    error = float(known.std(ddof=1) / math.sqrt(len(known))) if len(known) > 1 else math.nan
    return Estimate(float(known.mean()), error)
