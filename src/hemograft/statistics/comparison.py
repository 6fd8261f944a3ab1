"""Do groups differ? The log-rank test for survival and Gray's test for cumulative incidence, with strata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc

from ..errors import Problem
from .checks import FollowUp, follow_up, groups_of, need_events, refuse


@dataclass(frozen=True)
class Comparison:
    """Result of a test of several groups.

    Attributes
    ----------
    statistic, degrees, p : float, int, float
        Chi-square, its degrees of freedom, and the two-sided p value.
    groups : tuple of str
    patients, observed, expected : numpy.ndarray (group,)
        Patients, events, and events expected if the groups did not differ.
    covariance : numpy.ndarray (group, group)
        Of observed - expected.
    """

    name: str
    statistic: float
    degrees: int
    p: float
    groups: tuple[str, ...]
    patients: np.ndarray
    observed: np.ndarray
    expected: np.ndarray
    covariance: np.ndarray


def log_rank(times: Any, events: Any, groups: Any, *, strata: Any = None, entry: Any = None) -> Comparison:
    """Log-rank test of two or more groups, with the hypergeometric variance for ties.

    Parameters
    ----------
    times, events : array-like (patient,) [day], [0 or 1]
    groups, strata : array-like (patient,)
        Groups to compare; strata within which they are compared.
    entry : array-like (patient,) [day], optional
        Left truncation.

    Raises
    ------
    InputError
        Only one group, no events, or whatever :func:`kaplan_meier` refuses.

    Source
    ------
    Mantel 1966; Peto and Peto 1972 (recalled, not re-read).
    """
    follow = follow_up("log_rank", times, events, entry)
    return _compare("log_rank", "log-rank", follow, groups, strata, _log_rank)


def gray(times: Any, events: Any, groups: Any, *, cause: int = 1, strata: Any = None) -> Comparison:
    """Gray's test of the cumulative incidence of one cause in two or more groups (rho = 0).

    Parameters
    ----------
    times, events : array-like (patient,) [day], [code]
        Code 0 for the end of follow-up without event; all codes but ``cause`` compete.
    groups, strata : array-like (patient,)

    Raises
    ------
    InputError
        Only one group, no event of the cause, or whatever :func:`cumulative_incidence` refuses.

    Source
    ------
    Gray, Annals of Statistics 1988;16:1141 (recalled, not re-read), with the corrections for ties of
    ``cmprsk::cuminc``.
    """
    follow = follow_up("gray", times, events, codes=None)
    if cause < 1:
        refuse([Problem(f"cause {cause}", "gray(cause)", "a code above 0", "1")])
    codes = np.where(follow.events == cause, 1, np.where(follow.events > 0, 2, 0))
    return _compare("gray", "Gray", FollowUp(follow.entry, follow.times, codes), groups, strata, _gray)


def _compare(where: str, name: str, follow: FollowUp, groups: Any, strata: Any, method: Any) -> Comparison:
    names, group = groups_of(where, "groups", groups, len(follow.times))
    layers, stratum = groups_of(where, "strata", strata, len(follow.times))
    size = len(names)
    if size < 2:
        refuse([Problem("one group", f"{where}(groups)", "two groups or more", "the name of the arm of each patient")])
    need_events(where, int(np.sum(follow.events == 1)))
    excess, covariance = np.zeros(size), np.zeros((size, size))
    for layer in range(len(layers)):
        inside = stratum == layer
        part = FollowUp(follow.entry[inside], follow.times[inside], follow.events[inside])
        difference, spread = method(*_tables(part, group[inside], size))
        excess += difference
        covariance += spread
    patients = np.bincount(group, minlength=size)
    observed = np.bincount(group[follow.events == 1], minlength=size)
    inverse = np.linalg.pinv(covariance, hermitian=True)
    degrees = int(np.linalg.matrix_rank(covariance, hermitian=True))
    statistic = float(excess @ inverse @ excess)
    words = tuple(str(name) for name in names)
    p = float(chdtrc(degrees, statistic)) if degrees else float("nan")
    return Comparison(name, statistic, degrees, p, words, patients, observed, observed - excess, covariance)


def _tables(follow: FollowUp, group: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """At risk, events of the cause and competing events on each day of an event: arrays (time, group)."""
    times = np.unique(follow.times[follow.events > 0])
    at_risk, events, others = np.zeros((3, len(times), size))
    for k in range(size):
        stops = np.sort(follow.times[group == k])
        starts = np.sort(follow.entry[group == k])
        at_risk[:, k] = np.searchsorted(starts, times) - np.searchsorted(stops, times)
        for table, code in ((events, 1), (others, 2)):
            place = np.searchsorted(times, follow.times[(group == k) & (follow.events == code)])
            table[:, k] = np.bincount(place, minlength=len(times))
    return at_risk, events, others


def _log_rank(at_risk: np.ndarray, events: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n, d = at_risk.sum(axis=1), events.sum(axis=1)
    share = at_risk / n[:, None]
    factor = d * np.divide(n - d, n - 1, out=np.zeros_like(n), where=n > 1)
    covariance = np.diag(factor @ share) - (share * factor[:, None]).T @ share
    return events.sum(axis=0) - d @ share, covariance


def _gray(at_risk: np.ndarray, events: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score and covariance of Gray's test within one stratum.

    With S the event-free share and F the incidence in each group, at risk for the subdistribution are
    R = n (1 - F(t-)) / S(t-); the score is the sum of events - total events times R's share. The covariance sums,
    over the independent increments of each group k, the squared effect of an increment at s on the score: at once,
    by ``now``, and later, by ``later``, through the estimate of F in that group.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.where(at_risk > 0, (events + others) / at_risk, 0.0)
        own = np.where(at_risk > 0, events / at_risk, 0.0)
    free = np.cumprod(1 - hazard, axis=0)
    before = np.vstack((np.ones(free.shape[1]), free[:-1]))
    share = np.cumsum(before * own, axis=0)
    share_before = np.vstack((np.zeros(free.shape[1]), share[:-1]))
    scaled = np.divide(at_risk, before, out=np.zeros_like(free), where=before > 0)
    total, d = scaled.sum(axis=1), events.sum(axis=1)
    risk = scaled * (1 - share_before)
    score = (events - d[:, None] * risk / risk.sum(axis=1, keepdims=True)).sum(axis=0)
    pooled = np.cumsum(np.divide(d, total, out=np.zeros_like(d), where=total > 0))
    pooled_before = np.concatenate(([0.0], pooled[:-1]))
    size = free.shape[1]
    weight = scaled[:, :, None] * (np.eye(size) - (scaled / total[:, None])[:, None, :])
    through = np.cumsum(weight * (d / (total * (1 - pooled_before)))[:, None, None], axis=0)
    later = through[-1] - through
    ratio = np.divide(1 - pooled[:, None], free, out=np.ones_like(free), where=free > 0)
    return score, _gray_covariance(at_risk, others, d, before, free, total, weight, later, ratio)


def _gray_covariance(
    at_risk: np.ndarray, others: np.ndarray, d: np.ndarray, before: np.ndarray, free: np.ndarray,
    total: np.ndarray, weight: np.ndarray, later: np.ndarray, ratio: np.ndarray,
) -> np.ndarray:  # fmt: skip
    n, nobody = np.where(at_risk > 0, at_risk, 1.0), at_risk <= 0
    scaled = total[:, None] * before
    with np.errstate(divide="ignore", invalid="ignore"):
        ties = np.where(d[:, None] > 1, (scaled - d[:, None]) / (scaled - 1), 1.0)
        ties_others = np.where(others > 1, (n - others) / (n - 1), 1.0)
    now = np.where(free > 0, 1 - ratio, 1.0)
    own = np.where(nobody, 0.0, ties * before * d[:, None] / (total[:, None] * n))
    competing = np.where(nobody | (free <= 0), 0.0, ties_others * before**2 * others / n**2)
    effect = weight + later * now[:, None, :]
    other_effect = later * ratio[:, None, :]
    return np.einsum("tik,tjk,tk->ij", effect, effect, own) + np.einsum(
        "tik,tjk,tk->ij", other_effect, other_effect, competing
    )
