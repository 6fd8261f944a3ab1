"""Kaplan-Meier survival with Greenwood's variance, its restricted mean, and numbers at risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import Problem
from .checks import FollowUp, column, follow_up, fraction, refuse
from .curves import Curve, Estimate, area, log_log, normal, until


@dataclass(frozen=True)
class Counts:
    """What happened on each distinct day: arrays (time,), events (time, code)."""

    times: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    censored: np.ndarray


def counts(follow: FollowUp, codes: tuple[int, ...] = (1,)) -> Counts:
    """Count patients at risk, events of each code and ends of follow-up on every day that occurs."""
    times, place = np.unique(follow.times, return_inverse=True)
    stops, starts = np.sort(follow.times), np.sort(follow.entry)
    at_risk = len(stops) - np.searchsorted(stops, times) - (len(starts) - np.searchsorted(starts, times))
    number = len(times)
    events = np.stack([np.bincount(place[follow.events == code], minlength=number) for code in codes], axis=1)
    censored = np.bincount(place[follow.events == 0], minlength=number)
    return Counts(times, at_risk, events, censored)


def product_limit(at_risk: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Event-free share after each day: the product of (1 - events / at risk)."""
    return np.cumprod((at_risk - events) / at_risk)


def known_until(times: np.ndarray, free: np.ndarray) -> float:
    """Last day about which the data say something."""
    return float("inf") if free[-1] == 0 else float(times[-1])


def kaplan_meier(times: Any, events: Any, *, entry: Any = None, level: float = 0.95, name: str = "survival") -> Curve:
    """Probability of no event yet, with Greenwood's standard error and log(-log) interval.

    Parameters
    ----------
    times, events : array-like (patient,) [day], [0 or 1]
        Day of the event (1) or of the end of follow-up (0).
    entry : array-like (patient,) [day], optional
        Left truncation: at risk on days later than this.

    Raises
    ------
    InputError
        Missing or negative times, codes other than 0 and 1, unequal lengths.

    Source
    ------
    Kaplan and Meier 1958; Greenwood 1926 (recalled, not re-read). Without any event the curve stays at 1.
    """
    fraction("kaplan_meier", "level", level)
    seen = counts(follow_up("kaplan_meier", times, events, entry))
    happened = seen.events[:, 0]
    free = product_limit(seen.at_risk, happened)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = free * np.sqrt(np.cumsum(happened / (seen.at_risk * (seen.at_risk - happened.astype(float)))))
    low, high = log_log(free, error, level)
    until_day = known_until(seen.times, free)
    return Curve(
        name, 1.0, seen.times, free, error, low, high, seen.at_risk, happened, seen.censored, until_day, level,
        "Greenwood",
    )  # fmt: skip


def restricted_mean(curve: Curve, horizon: float) -> Estimate:
    """Mean event-free days up to a horizon: the area under a Kaplan-Meier curve.

    Variance: sum over event days of (area from that day to the horizon) squared times d / (n (n - d)), where
    the term of a day on which all remaining patients have the event is left out.

    Raises
    ------
    InputError
        The curve is not one of survival, or is not known until the horizon.

    Source
    ------
    Irwin 1949; Klein and Moeschberger, Survival Analysis, section 4.5 (recalled, not re-read).
    """
    if curve.start != 1 or curve.method != "Greenwood":
        problem = Problem(
            f"'{curve.name}' is not a Kaplan-Meier curve",
            "restricted_mean(curve)",
            "the result of kaplan_meier",
            "restricted_time_lost for cumulative incidence",
        )
        refuse([problem])
    horizon = until("restricted_mean(horizon)", horizon, curve.known_until)
    whole = area(curve, horizon)
    inside = curve.times < horizon
    days, steps = curve.times[inside], np.diff(np.append(curve.times[inside], horizon))
    left = np.cumsum((steps * curve.estimate[inside])[::-1])[::-1]
    n, d = curve.at_risk[inside].astype(float), curve.events[inside]
    term = np.divide(d, n * (n - d), out=np.zeros(len(days)), where=n > d)
    return normal(whole, float(np.sqrt(np.sum(left**2 * term))), curve.level)


def numbers_at_risk(times: Any, when: Any, *, entry: Any = None) -> np.ndarray:
    """Patients at risk just before each chosen day: entered before it, and followed up to it or longer.

    Raises
    ------
    InputError
        Missing or negative times, unequal lengths.
    """
    zeros = np.zeros(np.shape(times)[:1] or 1)
    follow = follow_up("numbers_at_risk", times, zeros, entry)
    problems: list[Problem] = []
    days = column("numbers_at_risk", "when", np.atleast_1d(when), problems)
    refuse(problems)
    return np.array([int(np.sum((follow.entry < day) & (follow.times >= day))) for day in days])
