"""Cumulative incidence of competing events (Aalen-Johansen), with two variances, and time lost to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .checks import FollowUp, follow_up, fraction, one_of
from .curves import Curve, Estimate, log_log, normal, until
from .histories import NOWHERE, Rows
from .survival import Counts, counts, kaplan_meier, known_until, product_limit
from .walk import beginning, walk

ROUNDING = 1e-13  # a difference of sums that is smaller than this share of them is 0


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence of each cause, and the share of patients without any event.

    Attributes
    ----------
    causes : mapping from name to Curve
        Together with ``event_free`` they add up to 1 on every day.
    event_free : Curve
        Kaplan-Meier for the first event of any cause.
    """

    causes: Mapping[str, Curve]
    event_free: Curve


def cumulative_incidence(
    times: Any, events: Any, *, causes: Mapping[str, int] | None = None, entry: Any = None, level: float = 0.95,
    variance: str = "aalen",
) -> Incidence:  # fmt: skip
    """Probability that each event has happened, in the presence of the others.

    Parameters
    ----------
    times, events : array-like (patient,) [day], [code]
        Day and code of the first event; code 0 for the end of follow-up without event.
    causes : mapping from name to code, optional
        All events. Without it every code above 0 is a cause of its own, called ``cause 1`` and so on.
    entry : array-like (patient,) [day], optional
        Left truncation: at risk on days later than this.
    variance : str
        ``aalen``, of the counting process as in ``cmprsk::cuminc``, or ``jackknife``, the infinitesimal
        jackknife as in ``survival::survfit``.

    Raises
    ------
    InputError
        Missing or negative times, an event code that is not named, unequal lengths.

    Source
    ------
    Aalen and Johansen 1978; Aalen 1978 (recalled, not re-read).
    """
    where = "cumulative_incidence"
    fraction(where, "level", level)
    one_of(where, "variance", variance, ("aalen", "jackknife"))
    follow, names = _checked(where, times, events, causes, entry)
    errors = _jackknife(follow, names) if variance == "jackknife" else None
    curves = _curves(names, counts(follow, tuple(names.values())), errors, level)
    return Incidence(curves, kaplan_meier(times, follow.events > 0, entry=entry, level=level, name="event-free"))


def _curves(names: Mapping[str, int], seen: Counts, errors: np.ndarray | None, level: float) -> dict[str, Curve]:
    """Curves of all causes; without errors, with those of Aalen."""
    free = product_limit(seen.at_risk, seen.events.sum(axis=1))
    before = np.concatenate(([1.0], free[:-1]))
    shares = np.cumsum(before[:, None] * seen.events / seen.at_risk[:, None], axis=0)
    method, last = ("aalen" if errors is None else "jackknife"), known_until(seen.times, free)
    errors = _aalen(seen, free, before, shares) if errors is None else errors
    return {
        name: Curve(
            name, 0.0, seen.times, share, error, *log_log(share, error, level), seen.at_risk, events_of,
            seen.censored, last, level, method,
        )
        for name, share, error, events_of in zip(names, shares.T, errors.T, seen.events.T, strict=True)
    }  # fmt: skip


def _checked(
    where: str, times: Any, events: Any, causes: Mapping[str, int] | None, entry: Any
) -> tuple[FollowUp, dict[str, int]]:
    codes = None if causes is None else (0, *causes.values())
    follow = follow_up(where, times, events, entry, codes)
    if causes is None:
        return follow, {f"cause {code}": int(code) for code in np.unique(follow.events) if code > 0}
    return follow, {name: int(code) for name, code in causes.items()}


def _aalen(seen: Counts, free: np.ndarray, before: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Standard errors (time, cause).

    The variance at t sums over days s: events of the cause with weight (1 - (F(t) - F(s)) / S(s)) squared, other
    events with ((F(t) - F(s)) / S(s)) squared, times S(s-) squared times d / n^2 times the correction for ties,
    (n - d) / (n - 1). The squares are multiplied out, so that one pass is enough.
    """
    n = seen.at_risk.astype(float)
    inverse = np.divide(1.0, free, out=np.zeros_like(free), where=free > 0)
    everything = seen.events.sum(axis=1)
    errors = np.zeros_like(shares)
    for k in range(shares.shape[1]):
        share = shares[:, k]
        total = np.zeros((3, len(n)))
        for d, own in ((seen.events[:, k], 1.0), (everything - seen.events[:, k], 0.0)):
            weight = before**2 * d / n**2 * np.divide(n - d, n - 1, out=np.ones_like(n), where=n > 1)
            inner = own + share * inverse
            total += weight * np.stack((inner**2, inner * inverse, inverse**2))
        one, two, three = np.cumsum(total, axis=1)
        whole = one + share**2 * three
        variance = whole - 2 * share * two
        errors[:, k] = np.sqrt(np.where(variance > ROUNDING * whole, variance, 0))
    return errors


def _as_rows(follow: FollowUp, names: Mapping[str, int]) -> Rows:
    place = {code: k + 1 for k, code in enumerate(names.values())} | {0: NOWHERE}
    who = np.arange(len(follow.times))
    target = np.array([place[code] for code in follow.events])
    return Rows(("event-free", *names), len(who), who, follow.entry, follow.times, np.zeros_like(who), target)


def _jackknife(follow: FollowUp, names: Mapping[str, int]) -> np.ndarray:
    steps = walk(_as_rows(follow, names))
    return np.array([np.sqrt(np.einsum("ij,ij->j", step.influence, step.influence))[1:] for step in steps])


def time_in_states(rows: Rows, horizon: float, level: float) -> list[Estimate]:
    """Mean days in each state up to a horizon, with standard errors by the infinitesimal jackknife."""
    occupied, influence = beginning(rows)
    influence, since = influence.copy(), 0.0
    mean, moved = np.zeros(len(rows.states)), np.zeros_like(influence)
    for step in walk(rows):
        day = min(step.time, horizon)
        mean += occupied * (day - since)
        moved += influence * (day - since)
        if step.time >= horizon:
            break
        occupied, influence, since = step.occupied, step.influence.copy(), day
    else:
        mean += occupied * (horizon - since)
        moved += influence * (horizon - since)
    errors = np.sqrt(np.einsum("ij,ij->j", moved, moved))
    return [normal(value, error, level) for value, error in zip(mean, errors, strict=True)]


def restricted_time_lost(
    times: Any, events: Any, horizon: float, *, causes: Mapping[str, int] | None = None, entry: Any = None,
    level: float = 0.95,
) -> dict[str, Estimate]:  # fmt: skip
    """Mean days lost to each cause up to a horizon: the area under its cumulative incidence.

    The standard error is that of the infinitesimal jackknife.

    Raises
    ------
    InputError
        Follow-up does not reach the horizon, or whatever :func:`cumulative_incidence` refuses.

    Source
    ------
    Andersen, Statistics in Medicine 2013 (recalled, not re-read).
    """
    where = "restricted_time_lost"
    fraction(where, "level", level)
    follow, names = _checked(where, times, events, causes, entry)
    seen = counts(FollowUp(follow.entry, follow.times, (follow.events > 0).astype(int)))
    free = product_limit(seen.at_risk, seen.events[:, 0])
    horizon = until(f"{where}(horizon)", horizon, known_until(seen.times, free))
    estimates = time_in_states(_as_rows(follow, names), horizon, level)
    return dict(zip(names, estimates[1:], strict=True))
