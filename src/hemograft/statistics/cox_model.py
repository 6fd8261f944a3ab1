"""Cox regression: ties by Efron or Breslow, left truncation, strata, weights, rows that change with time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import Problem
from .checks import FollowUp, column, follow_up, groups_of, need_events, one_of, refuse
from .regression import Baseline, Regression, chi_square, covariates, maximize


@dataclass(frozen=True)
class Layer:
    """One stratum, sorted once: who is at risk on each day of an event.

    Attributes
    ----------
    times : numpy.ndarray (time,)
        Days with events.
    by_stop, by_start : numpy.ndarray (row,)
        Rows of the stratum in order of their ends and beginnings.
    first_stop, first_start : numpy.ndarray (time,)
        First place in each order with an end, or beginning, on the day or later.
    cases, day : numpy.ndarray (event,)
        Rows with events and the place of their day.
    each, part : numpy.ndarray (event,)
        Terms of the likelihood, one an event: the place of its day, and by Efron the share of the tied events
        that has been taken away.
    weight : numpy.ndarray (event,)
        Mean weight of the tied events.
    """

    rows: np.ndarray
    times: np.ndarray
    by_stop: np.ndarray
    by_start: np.ndarray
    first_stop: np.ndarray
    first_start: np.ndarray
    cases: np.ndarray
    day: np.ndarray
    each: np.ndarray
    part: np.ndarray
    weight: np.ndarray


def cox(
    times: Any, events: Any, values: Mapping[str, Any], *, entry: Any = None, strata: Any = None,
    weights: Any = None, ties: str = "efron", robust: bool = False, patient: Any = None,
) -> Regression:  # fmt: skip
    """Regression of the hazard of one event.

    Parameters
    ----------
    times, events : array-like (row,) [day], [0 or 1]
        End of the row and whether the event happened then. One row a patient, or several when covariates change.
    values : mapping from name to array-like (row,)
        Covariates.
    entry : array-like (row,) [day], optional
        The row is at risk on days later than this: left truncation, and the beginning of later rows.
    ties : str
        ``efron`` or ``breslow``.
    robust : bool
        Sandwich standard errors.
    patient : array-like (row,), optional
        Whose row it is. Rows of one patient count together and may not overlap; makes the errors robust.

    Raises
    ------
    InputError
        No events, constant or dependent covariates, overlapping rows of a patient.

    Source
    ------
    Cox 1972; Efron 1977; Lin and Wei 1989 (recalled, not re-read). Competing events: give each cause its own
    model, with the others as ends of follow-up.
    """
    one_of("cox", "ties", ties, ("efron", "breslow"))
    follow = follow_up("cox", times, events, entry)
    need_events("cox", int(follow.events.sum()))
    rows = len(follow.times)
    names, matrix = covariates("cox", values, rows)
    owner = _owners(follow, patient) if robust or patient is not None else None
    return _fit(follow, names, matrix, groups_of("cox", "strata", strata, rows), _weights(weights, rows), ties, owner)


def _fit(
    follow: FollowUp, names: tuple[str, ...], matrix: np.ndarray, strata: tuple[tuple, np.ndarray],
    weight: np.ndarray, ties: str, owner: np.ndarray | None,
) -> Regression:  # fmt: skip
    """Estimate; with owners of rows, the robust covariance."""
    center, scale = matrix.mean(axis=0), matrix.std(axis=0)
    scaled = (matrix - center) / scale
    layers = [layer(follow, weight, np.flatnonzero(strata[1] == k), ties) for k in range(len(strata[0]))]
    beta, null, end = maximize("cox", names, lambda b: _likelihood(layers, scaled, weight, b), len(names))
    naive = np.linalg.inv(end[2])
    covariance = naive
    if owner is not None:
        influence = score_residuals(layers, follow, scaled, weight, beta) * weight[:, None] @ naive
        summed = np.zeros((owner.max() + 1, len(names)))
        np.add.at(summed, owner, influence)
        covariance = summed.T @ summed
    shrink = np.outer(scale, scale)
    score = chi_square(null[1] @ np.linalg.solve(null[2], null[1]), len(names))
    coefficients = beta / scale
    baselines = tuple(
        _baseline(str(name), part, scaled, weight, beta, float(center @ coefficients))
        for name, part in zip(strata[0], layers, strict=True)
    )
    return Regression(
        "Cox", names, coefficients, covariance / shrink, naive / shrink, end[0], null[0], score, baselines,
        len(follow.times), int(follow.events.sum()),
    )  # fmt: skip


def _weights(weights: Any, rows: int) -> np.ndarray:
    if weights is None:
        return np.ones(rows)
    problems: list[Problem] = []
    made = column("cox", "weights", weights, problems)
    if not problems and (len(made) != rows or (made <= 0).any()):
        what = f"{len(made)} weights" if len(made) != rows else "a weight of 0 or less"
        problems.append(Problem(what, "cox(weights)", f"{rows} numbers above 0", "drop rows of weight 0"))
    refuse(problems)
    return made


def _owners(follow: FollowUp, patient: Any) -> np.ndarray:
    if patient is None:
        return np.arange(len(follow.times))
    names, owner = groups_of("cox", "patient", patient, len(follow.times))
    order = np.lexsort((follow.times, owner))
    one, two = order[:-1], order[1:]
    clash = np.flatnonzero((owner[one] == owner[two]) & (follow.entry[two] < follow.times[one]))
    if len(clash):
        said = f"rows {one[clash[0]]} and {two[clash[0]]} of patient {names[owner[one[clash[0]]]]} overlap"
        refuse([Problem(said, "cox(entry)", "each row begins where the last one ended", "give entry for every row")])
    return owner


def layer(follow: FollowUp, weight: np.ndarray, rows: np.ndarray, ties: str) -> Layer:
    """Sort one stratum."""
    stop, start = follow.times[rows], follow.entry[rows]
    by_stop, by_start = rows[np.argsort(stop, kind="stable")], rows[np.argsort(start, kind="stable")]
    cases = rows[follow.events[rows] == 1]
    times, day, tied = np.unique(follow.times[cases], return_inverse=True, return_counts=True)
    each = np.repeat(np.arange(len(times)), tied)
    part = np.arange(len(each)) - np.repeat(np.cumsum(tied) - tied, tied)
    shares = part / tied[each] if ties == "efron" else np.zeros(len(each))
    mean = np.bincount(day, weight[cases], minlength=len(times)) / np.maximum(tied, 1)
    return Layer(
        rows, times, by_stop, by_start, np.searchsorted(np.sort(stop), times), np.searchsorted(np.sort(start), times),
        cases, day, each, shares, mean[each],
    )  # fmt: skip


def _at_risk(part: Layer, values: np.ndarray) -> np.ndarray:
    """Sum of ``values`` (row, ...) over the rows at risk, for each term of the likelihood."""

    def after(order: np.ndarray, first: np.ndarray) -> np.ndarray:
        sums = np.cumsum(values[order][::-1], axis=0)[::-1]
        return np.concatenate((sums, np.zeros_like(sums[:1])))[first]

    total = after(part.by_stop, part.first_stop) - after(part.by_start, part.first_start)
    tied = np.zeros_like(total)
    np.add.at(tied, part.day, values[part.cases])
    share = part.part.reshape(-1, *[1] * (values.ndim - 1))
    return total[part.each] - share * tied[part.each]


def _likelihood(
    layers: list[Layer], x: np.ndarray, weight: np.ndarray, beta: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Partial log likelihood, its gradient and the information."""
    eta = x @ beta
    risk = weight * np.exp(eta)
    value, gradient, information = 0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
    for part in layers:
        if not len(part.times):
            continue
        total = _at_risk(part, risk)
        mean = _at_risk(part, risk[:, None] * x) / total[:, None]
        square = _at_risk(part, risk[:, None, None] * x[:, :, None] * x[:, None, :]) / total[:, None, None]
        cases = part.cases
        value += float(weight[cases] @ eta[cases] - part.weight @ np.log(total))
        gradient += weight[cases] @ x[cases] - part.weight @ mean
        information += np.einsum("e,eij->ij", part.weight, square - mean[:, :, None] * mean[:, None, :])
    return value, gradient, information


def score_residuals(
    layers: list[Layer], follow: FollowUp, x: np.ndarray, weight: np.ndarray, beta: np.ndarray
) -> np.ndarray:
    """Each row's contribution to the score, array (row, covariate); their weighted sum is 0 at the estimate."""
    risk = np.exp(x @ beta)
    residuals = np.zeros_like(x)
    for part in layers:
        if not len(part.times):
            continue
        total = _at_risk(part, weight * risk)
        mean = _at_risk(part, (weight * risk)[:, None] * x) / total[:, None]
        hazard = part.weight / total
        number = len(part.times)
        steps = np.column_stack((hazard, hazard[:, None] * mean))
        daily, taken = np.zeros((2, number, steps.shape[1]))
        means = np.zeros((number, mean.shape[1]))
        np.add.at(daily, part.each, steps)
        np.add.at(taken, part.each, part.part[:, None] * steps)
        tied = np.bincount(part.each, minlength=number)
        np.add.at(means, part.each, mean / tied[part.each][:, None])
        passed = np.vstack((np.zeros(steps.shape[1]), np.cumsum(daily, axis=0)))
        rows = part.rows
        span = passed[np.searchsorted(part.times, follow.times[rows], side="right")]
        span = span - passed[np.searchsorted(part.times, follow.entry[rows], side="right")]
        residuals[rows] -= risk[rows, None] * (x[rows] * span[:, :1] - span[:, 1:])
        back = taken[part.day]
        cases = part.cases
        residuals[cases] += x[cases] - means[part.day] + risk[cases, None] * (x[cases] * back[:, :1] - back[:, 1:])
    return residuals


def _baseline(name: str, part: Layer, x: np.ndarray, weight: np.ndarray, beta: np.ndarray, center: float) -> Baseline:
    if not len(part.times):
        return Baseline(name, part.times, np.zeros(0))
    step = np.bincount(part.each, part.weight / _at_risk(part, weight * np.exp(x @ beta)))
    return Baseline(name, part.times, np.cumsum(step) * np.exp(-center))
