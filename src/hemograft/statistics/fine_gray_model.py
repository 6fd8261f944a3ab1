"""Fine-Gray regression: covariates that act on the cumulative incidence of one cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import Problem
from .checks import FollowUp, follow_up, need_events, refuse
from .regression import Baseline, Regression, chi_square, covariates, maximize
from .survival import counts, product_limit


@dataclass(frozen=True)
class Setting:
    """Data of a fit.

    Attributes
    ----------
    x, times : numpy.ndarray (patient, covariate), (patient,)
    own, other : numpy.ndarray (patient,)
        Had the cause; had a competing event.
    days, number : numpy.ndarray (time,)
        Days with events of the cause, and how many.
    stay : numpy.ndarray (time,)
        Probability of not yet being censored just before the day.
    stay_own : numpy.ndarray (patient,)
        The same just before the patient's own end.
    """

    x: np.ndarray
    times: np.ndarray
    own: np.ndarray
    other: np.ndarray
    days: np.ndarray
    number: np.ndarray
    stay: np.ndarray
    stay_own: np.ndarray


def fine_gray(times: Any, events: Any, values: Mapping[str, Any], *, cause: int = 1) -> Regression:
    """Regression of the subdistribution hazard of one cause, as ``cmprsk::crr``.

    Patients with a competing event stay at risk, with the weight G(t-) / G(T-), where G is the Kaplan-Meier
    estimate of the time to the end of follow-up. Breslow's way with ties. The covariance is the sandwich that also
    counts the estimation of G.

    Parameters
    ----------
    times, events : array-like (patient,) [day], [code]
        Code 0 for the end of follow-up without event; all codes but ``cause`` compete.
    values : mapping from name to array-like (patient,)
        Covariates, fixed in time.

    Raises
    ------
    InputError
        No event of the cause, constant or dependent covariates, unequal lengths.

    Source
    ------
    Fine and Gray, JASA 1999;94:496 (recalled, not re-read).
    """
    follow = follow_up("fine_gray", times, events, codes=None)
    if cause < 1:
        refuse([Problem(f"cause {cause}", "fine_gray(cause)", "a code above 0", "1")])
    need_events("fine_gray", int(np.sum(follow.events == cause)))
    return _fit(follow, *covariates("fine_gray", values, len(follow.times)), cause)


def _fit(follow: FollowUp, names: tuple[str, ...], matrix: np.ndarray, cause: int) -> Regression:
    center, scale = matrix.mean(axis=0), matrix.std(axis=0)
    data = _setting(follow, (matrix - center) / scale, cause)
    beta, null, end = maximize("fine_gray", names, lambda b: _likelihood(data, b), len(names))
    naive = np.linalg.inv(end[2])
    influence = _influence(data, follow, beta) @ naive
    shrink = np.outer(scale, scale)
    total = _sums(data, np.exp(data.x @ beta))
    coefficients = beta / scale
    hazard = np.cumsum(data.number / total) * np.exp(-center @ coefficients)
    return Regression(
        "Fine-Gray", names, coefficients, influence.T @ influence / shrink, naive / shrink, end[0], null[0],
        chi_square(null[1] @ np.linalg.solve(null[2], null[1]), len(names)), (Baseline("", data.days, hazard),),
        len(follow.times), int(data.number.sum()),
    )  # fmt: skip


def _setting(follow: FollowUp, x: np.ndarray, cause: int) -> Setting:
    own, other = follow.events == cause, (follow.events > 0) & (follow.events != cause)
    days, number = np.unique(follow.times[own], return_counts=True)
    seen = counts(FollowUp(follow.entry, follow.times, (follow.events == 0).astype(int)))
    stay = np.concatenate(([1.0], product_limit(seen.at_risk, seen.events[:, 0])))
    before = stay[np.searchsorted(seen.times, days)]
    return Setting(x, follow.times, own, other, days, number, before, stay[np.searchsorted(seen.times, follow.times)])


def _sums(data: Setting, values: np.ndarray) -> np.ndarray:
    """Weighted sum of ``values`` (patient, ...) over those at risk on each day."""
    order = np.argsort(data.times, kind="stable")
    first = np.searchsorted(data.times[order], data.days)
    spread = [-1] + [1] * (values.ndim - 1)
    still = np.concatenate((np.cumsum(values[order][::-1], axis=0)[::-1], np.zeros_like(values[:1])))[first]
    kept = values * np.where(data.other, 1 / data.stay_own, 0.0).reshape(spread)
    gone = np.concatenate((np.zeros_like(values[:1]), np.cumsum(kept[order], axis=0)))[first]
    return still + data.stay.reshape(spread) * gone


def _likelihood(data: Setting, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    x, eta = data.x, data.x @ beta
    risk = np.exp(eta)
    total = _sums(data, risk)
    mean = _sums(data, risk[:, None] * x) / total[:, None]
    square = _sums(data, risk[:, None, None] * x[:, :, None] * x[:, None, :]) / total[:, None, None]
    value = float(eta[data.own].sum() - data.number @ np.log(total))
    gradient = x[data.own].sum(axis=0) - data.number @ mean
    information = np.einsum("t,tij->ij", data.number, square - mean[:, :, None] * mean[:, None, :])
    return value, gradient, information


def _influence(data: Setting, follow: FollowUp, beta: np.ndarray) -> np.ndarray:
    """Each patient's contribution to the score, the estimation of G included: array (patient, covariate)."""
    x, risk = data.x, np.exp(data.x @ beta)
    total = _sums(data, risk)
    mean = _sums(data, risk[:, None] * x) / total[:, None]
    hazard = data.number / total
    steps = np.column_stack((hazard, hazard[:, None] * mean))
    zero = np.zeros((1, steps.shape[1]))
    passed = np.vstack((zero, np.cumsum(steps, axis=0)))
    ahead = np.vstack((np.cumsum((data.stay[:, None] * steps)[::-1], axis=0)[::-1], zero))
    place = np.searchsorted(data.days, data.times, side="right")
    kept = np.where(data.other, 1 / data.stay_own, 0.0)[:, None]
    span = passed[place] + kept * ahead[place]
    made = -risk[:, None] * (x * span[:, :1] - span[:, 1:])
    made[data.own] += x[data.own] - mean[place[data.own] - 1]
    return made + _through_censoring(data, follow, risk, ahead)


def _through_censoring(data: Setting, follow: FollowUp, risk: np.ndarray, ahead: np.ndarray) -> np.ndarray:
    """Influence by way of G: a sum over the martingales of being censored.

    Being censored at u touches the weights of those with a competing event before u on days t >= u (the indicator
    of the paper; with tied days it differs in the sixth digit from the derivative of the weights).
    """
    seen = counts(FollowUp(follow.entry, follow.times, (follow.events == 0).astype(int)))
    kept = np.where(data.other, risk / data.stay_own, 0.0)
    order = np.argsort(data.times, kind="stable")
    until = np.searchsorted(data.times[order], seen.times)
    sums = np.vstack((np.zeros(data.x.shape[1] + 1), np.cumsum(
        np.column_stack((kept, kept[:, None] * data.x))[order], axis=0
    )))[until]  # fmt: skip
    later = ahead[np.searchsorted(data.days, seen.times)]
    effect = (sums[:, 1:] * later[:, :1] - sums[:, :1] * later[:, 1:]) / seen.at_risk[:, None]
    drift = np.cumsum(effect * (seen.events[:, 0] / seen.at_risk)[:, None], axis=0)
    place = np.searchsorted(seen.times, data.times)
    return np.where((follow.events == 0)[:, None], effect[place], 0.0) - drift[place]
