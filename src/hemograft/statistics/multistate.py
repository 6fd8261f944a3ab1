"""Multi-state Aalen-Johansen: share of patients in each state, and cumulative hazards of each transition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import Problem, nearest
from .checks import fraction, need_events, one_of, refuse
from .curves import SAME, Curve, Estimate, log_log, until
from .histories import NOWHERE, Rows
from .incidence import time_in_states
from .walk import beginning, walk


@dataclass(frozen=True)
class Occupancy:
    """Estimates of a multi-state model.

    Attributes
    ----------
    states : tuple of str
    times : numpy.ndarray (time,) [day]
        Every day on which a row ends.
    at_risk, probability, error, low, high : numpy.ndarray (time, state)
        Patients in the state just before the day; share in the state from the day on.
    covariance : numpy.ndarray (time, state, state)
        Of the shares.
    beginning : numpy.ndarray (state,)
        Shares before the first day.
    transitions : tuple of (str, str)
        The transitions that occur, from and to.
    moved, hazard, hazard_error : numpy.ndarray (time, transition)
        Patients who moved on the day; cumulative hazard (Nelson-Aalen) and its standard error.
    known_until : float [day]
        The estimates say nothing later; infinite when everybody is in a state that nobody leaves.
    """

    states: tuple[str, ...]
    times: np.ndarray
    at_risk: np.ndarray
    probability: np.ndarray
    error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    covariance: np.ndarray
    beginning: np.ndarray
    transitions: tuple[tuple[str, str], ...]
    moved: np.ndarray
    hazard: np.ndarray
    hazard_error: np.ndarray
    known_until: float
    level: float
    method: str


def occupancy(rows: Rows, *, level: float = 0.95, variance: str = "jackknife") -> Occupancy:
    """Estimate state occupation probabilities and cumulative transition hazards.

    Parameters
    ----------
    rows : Rows
        Histories, made by :func:`rows` or :func:`paths`.
    variance : str
        ``jackknife``, the infinitesimal jackknife as in ``survival::survfit``: right also where the future
        depends on more than the present state. ``greenwood``: multinomial on each day, given the past.

    Raises
    ------
    InputError
        Nobody changes state.

    Source
    ------
    Aalen and Johansen 1978; Andersen, Borgan, Gill and Keiding 1993, chapter IV (recalled, not re-read).
    """
    fraction("occupancy", "level", level)
    one_of("occupancy", "variance", variance, ("jackknife", "greenwood"))
    need_events("occupancy", int(np.sum(rows.target != NOWHERE)))
    jumps = sorted({(int(a), int(b)) for a, b in zip(rows.source, rows.target, strict=True) if b != NOWHERE})
    steps = _Steps.of(rows, jumps, variance == "jackknife")
    error = np.sqrt(np.maximum(np.einsum("tss->ts", steps.covariance), 0))
    low, high = log_log(steps.probability, error, level)
    left = steps.probability[-1, np.unique(rows.source)].sum()
    return Occupancy(
        rows.states, steps.times, steps.at_risk, steps.probability, error, low, high, steps.covariance,
        beginning(rows)[0], tuple((rows.states[a], rows.states[b]) for a, b in jumps), steps.moved,
        np.cumsum(steps.hazard, axis=0), np.sqrt(steps.hazard_variance),
        float(rows.stop.max()) if left > SAME else float("inf"), level, variance,
    )  # fmt: skip


@dataclass(frozen=True)
class _Steps:
    times: np.ndarray
    at_risk: np.ndarray
    probability: np.ndarray
    covariance: np.ndarray
    moved: np.ndarray
    hazard: np.ndarray
    hazard_variance: np.ndarray

    @classmethod
    def of(cls, rows: Rows, jumps: list[tuple[int, int]], jackknife: bool) -> _Steps:
        """All steps of a walk, as arrays."""
        before = beginning(rows)[0]
        covariance = np.zeros((len(before), len(before)))
        own = np.zeros((rows.patients, len(jumps)))
        greenwood = np.zeros(len(jumps))
        kept = []
        for step in walk(rows):
            if jackknife:
                covariance = step.influence.T @ step.influence
                _hazard_influence(rows, jumps, step, own)
                spread = np.einsum("ij,ij->j", own, own)
            else:
                covariance = _multinomial(covariance, before, step.hazard, step.at_risk)
                greenwood = greenwood + _binomial(jumps, step.hazard, step.at_risk)
                spread = greenwood
            before = step.occupied
            moves = [step.moved[jump] for jump in jumps], [step.hazard[jump] for jump in jumps]
            kept.append((step.time, step.at_risk, step.occupied, covariance, *moves, spread))
        return cls(*(np.array(part) for part in zip(*kept, strict=True)))


def _hazard_influence(rows: Rows, jumps: list[tuple[int, int]], step, own: np.ndarray) -> None:
    """Add each patient's influence on the hazards of one day, in place."""
    source = rows.source[step.active]
    for k, (a, b) in enumerate(jumps):
        if not step.moved[a, b]:
            continue
        there = step.active[source == a]
        went = (rows.stop[there] == step.time) & (rows.target[there] == b)
        own[rows.patient[there], k] += (went - step.hazard[a, b]) / step.at_risk[a]


def _multinomial(covariance: np.ndarray, before: np.ndarray, hazard: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """Covariance of the shares after one day: carried along, plus that of the day's multinomial draws."""
    step = hazard + np.diag(1 - hazard.sum(axis=1))
    new = step.T @ covariance @ step
    for state in np.flatnonzero(hazard.any(axis=1)):
        p = step[state]
        new += before[state] ** 2 / at_risk[state] * (np.diag(p) - np.outer(p, p))
    return new


def _binomial(jumps: list[tuple[int, int]], hazard: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    return np.array([hazard[a, b] * (1 - hazard[a, b]) / max(at_risk[a], 1) for a, b in jumps])


def state_curve(fit: Occupancy, *states: str, name: str = "") -> Curve:
    """Share of patients in one of the named states, such as current disease-free survival.

    The standard error uses the covariance of the shares. ``events`` counts entries into the set of states, and
    ``censored`` is 0 throughout.

    Raises
    ------
    InputError
        A state that the model does not have, or none.
    """
    unknown = [state for state in states if state not in fit.states]
    if unknown or not states:
        what = f"unknown state '{unknown[0]}'" if unknown else "no state"
        hint = nearest(unknown[0], fit.states) if unknown else fit.states[0]
        refuse([Problem(what, "state_curve(states)", "one of " + ", ".join(fit.states), hint)])
    chosen = np.array([state in states for state in fit.states])
    share = fit.probability[:, chosen].sum(axis=1)
    error = np.sqrt(np.maximum(fit.covariance[:, chosen][:, :, chosen].sum(axis=(1, 2)), 0))
    share = np.clip(share, 0, 1)
    low, high = log_log(share, error, fit.level)
    enters = np.array([b in states and a not in states for a, b in fit.transitions])
    events = fit.moved[:, enters].sum(axis=1)
    return Curve(
        name or " or ".join(states), float(fit.beginning[chosen].sum()), fit.times, share, error, low, high,
        fit.at_risk[:, chosen].sum(axis=1), events, np.zeros(len(share)), fit.known_until, fit.level, fit.method,
    )  # fmt: skip


def days_in_states(rows: Rows, horizon: float, *, level: float = 0.95) -> dict[str, Estimate]:
    """Mean days in each state from day 0 to a horizon, with standard errors by the infinitesimal jackknife.

    Raises
    ------
    InputError
        Follow-up does not reach the horizon.
    """
    fraction("days_in_states", "level", level)
    last = float(rows.stop.max())
    horizon = until("days_in_states(horizon)", horizon, last if horizon <= last else occupancy(rows).known_until)
    return dict(zip(rows.states, time_in_states(rows, horizon, level), strict=True))
