"""Step curves with intervals, and how to read them: at a day, a quantile, an area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from ..errors import Problem
from .checks import column, fraction, refuse

NAN = float("nan")
SAME = 1e-12  # two probabilities that differ by less are one


@dataclass(frozen=True)
class Estimate:
    """One number with its standard error and interval; what has none is NaN, what is not reached infinite."""

    value: float
    error: float = NAN
    low: float = NAN
    high: float = NAN
    level: float = 0.95


@dataclass(frozen=True)
class Curve:
    """A probability over time, right-continuous, constant between its days.

    Attributes
    ----------
    name : str
        What is shown, such as ``relapse``.
    start : float
        Value before the first day: 1 for survival, 0 for incidence.
    times : numpy.ndarray (time,) [day]
        All days on which somebody had an event or was last seen, increasing.
    estimate, error, low, high : numpy.ndarray (time,)
        Value from that day on, its standard error and interval; NaN where an interval is not defined.
    at_risk, events, censored : numpy.ndarray (time,)
        Patients at risk just before the day, events counted by this curve, ends of follow-up on the day.
    known_until : float [day]
        The curve says nothing later; infinite when nobody was left to have an event.
    method : str
        Name of the variance.
    """

    name: str
    start: float
    times: np.ndarray
    estimate: np.ndarray
    error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    censored: np.ndarray
    known_until: float
    level: float
    method: str


@dataclass(frozen=True)
class Values:
    """A curve read at chosen days: arrays (day,)."""

    times: np.ndarray
    estimate: np.ndarray
    error: np.ndarray
    low: np.ndarray
    high: np.ndarray


def at(curve: Curve, times: Any) -> Values:
    """Read a curve at days, in any order; NaN after the last day that is known.

    Raises
    ------
    InputError
        A day is not a number.
    """
    problems: list[Problem] = []
    days = column("at", "times", np.atleast_1d(times), problems)
    refuse(problems)
    place = np.searchsorted(curve.times, days, side="right")
    unknown = days > curve.known_until

    def read(values: np.ndarray, before: float) -> np.ndarray:
        return np.where(unknown, np.nan, np.concatenate(([before], values))[place])

    return Values(
        days,
        read(curve.estimate, curve.start),
        read(curve.error, 0.0),
        read(curve.low, curve.start),
        read(curve.high, curve.start),
    )


def log_log(estimate: np.ndarray, error: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Interval of a probability, symmetric on the scale log(-log p).

    A probability of 0 or 1 with error 0 (nothing has happened yet) is its own interval; with an error that is
    not defined, neither is the interval.

    Source
    ------
    Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, 1980 (recalled, not re-read).
    """
    z = float(ndtri((1 + level) / 2))
    inner = (estimate > SAME) & (estimate < 1 - SAME)
    p = np.where(inner, estimate, 0.5)
    half = z * error / (p * np.log(p))
    ends = p ** np.exp(half), p ** np.exp(-half)
    low, high = np.minimum(*ends), np.maximum(*ends)
    flat = np.where(error < SAME, estimate, np.nan)
    return np.where(inner, low, flat), np.where(inner, high, flat)


def normal(value: float, error: float, level: float) -> Estimate:
    """An estimate with the interval of the normal distribution."""
    half = float(ndtri((1 + level) / 2)) * error
    return Estimate(float(value), float(error), float(value - half), float(value + half), level)


def quantile(curve: Curve, share: float = 0.5) -> Estimate:
    """Day by which a share of patients has had the event, with interval; infinite when not reached.

    The first day on which the event-free share is at most 1 - ``share``; where the curve lies exactly there, the
    middle of that stretch. The interval inverts the interval of the curve (Brookmeyer and Crowley 1982, recalled).

    Raises
    ------
    InputError
        ``share`` is not between 0 and 1.
    """
    level = 1 - fraction("quantile", "share", share)

    def crossing(values: np.ndarray) -> float:
        free = values if curve.start == 1 else 1 - values
        below = np.flatnonzero(free < level + SAME)
        if not len(below):
            return float("inf")
        first = int(below[0])
        if abs(free[first] - level) > SAME:
            return float(curve.times[first])
        later = np.flatnonzero(free < level - SAME)
        return float((curve.times[first] + curve.times[later[0] if len(later) else -1]) / 2)

    ends = crossing(curve.low), crossing(curve.high)
    return Estimate(crossing(curve.estimate), NAN, min(ends), max(ends), curve.level)


def area(curve: Curve, horizon: float, since: float = 0.0) -> float:
    """Area under a curve from ``since`` to ``horizon`` [day]."""
    inside = (curve.times > since) & (curve.times < horizon)
    days = np.concatenate(([since], curve.times[inside], [horizon]))
    first = at(curve, [since]).estimate
    return float(np.sum(np.diff(days) * np.concatenate((first, curve.estimate[inside]))))


def until(where: str, horizon: float, known: float) -> float:
    """A horizon that follow-up reaches."""
    if not 0 < horizon <= known:
        what = f"horizon {horizon:g}, but the curve is known until day {known:g}"
        refuse([Problem(what, where, "a day after 0 that follow-up reaches", f"{known:g}")])
    return float(horizon)
