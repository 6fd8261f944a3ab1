"""How good are predictions? Ranking (Harrell's C), calibration in groups, and the Brier score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import Problem
from .checks import FollowUp, column, follow_up, fraction, refuse
from .curves import Estimate, at, normal
from .incidence import cumulative_incidence
from .survival import counts, product_limit


def concordance(times: Any, events: Any, risk: Any, *, level: float = 0.95) -> Estimate:
    """Harrell's C: of two patients, had the one with the higher predicted risk the event first?

    Pairs count when it is known who was first; equal risks count one half. A patient censored on the day of
    another's event counts as later. The standard error is that of the infinitesimal jackknife.

    Parameters
    ----------
    times, events : array-like (patient,) [day], [0 or 1]
    risk : array-like (patient,)
        Any number that is higher where the event is expected earlier.

    Raises
    ------
    InputError
        No pair can be compared, or columns that do not fit.

    Source
    ------
    Harrell, Lee and Mark, Statistics in Medicine 1996 (recalled, not re-read).
    """
    fraction("concordance", "level", level)
    follow = follow_up("concordance", times, events)
    score = _predictions("concordance", "risk", risk, len(follow.times))
    right, pairs = _pairs(follow, score)
    total = pairs.sum() / 2
    if not total:
        what, expected = "no two patients can be compared", "an event before the end of another's follow-up"
        refuse([Problem(what, "concordance", expected, "longer follow-up, or another end point")])
    share = right.sum() / 2 / total
    influence = (right - share * pairs) / total
    return normal(share, float(np.sqrt(influence @ influence)), level)


def _pairs(follow: FollowUp, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each patient, the pairs ranked rightly and all that can be compared."""
    right, pairs = np.zeros(len(score)), np.zeros(len(score))
    for day in np.unique(follow.times[follow.events == 1]):
        first = np.flatnonzero((follow.times == day) & (follow.events == 1))
        later = np.flatnonzero((follow.times > day) | ((follow.times == day) & (follow.events == 0)))
        difference = score[first][:, None] - score[later][None, :]
        won = (difference > 0) + 0.5 * (difference == 0)
        right[first] += won.sum(axis=1)
        right[later] += won.sum(axis=0)
        pairs[first] += len(later)
        pairs[later] += len(first)
    return right, pairs


def _predictions(where: str, name: str, values: Any, rows: int) -> np.ndarray:
    problems: list[Problem] = []
    made = column(where, name, values, problems)
    if not problems and len(made) != rows:
        problems.append(
            Problem(f"{len(made)} predictions for {rows} patients", f"{where}({name})", "one a patient", "same rows")
        )
    refuse(problems)
    return made


def _probabilities(where: str, values: Any, rows: int) -> np.ndarray:
    made = _predictions(where, "predicted", values, rows)
    outside = np.flatnonzero((made < 0) | (made > 1))
    if len(outside):
        what = f"row {outside[0]} is {made[outside[0]]:g}"
        refuse([Problem(what, f"{where}(predicted)", "a probability from 0 to 1", "divide percent by 100")])
    return made


@dataclass(frozen=True)
class Calibration:
    """Predicted against observed probability of an event by a day, in groups of rising prediction.

    Attributes
    ----------
    patients, predicted : numpy.ndarray (group,)
        Patients and mean prediction.
    observed, error, low, high : numpy.ndarray (group,)
        Cumulative incidence with interval; NaN where follow-up of the group ends earlier.
    overall : Estimate
        Observed in all patients.
    mean_predicted : float
        Mean prediction of all patients.
    """

    horizon: float
    patients: np.ndarray
    predicted: np.ndarray
    observed: np.ndarray
    error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    overall: Estimate
    mean_predicted: float

    @property
    def observed_to_expected(self) -> float:
        """Observed divided by predicted, all patients together."""
        return self.overall.value / self.mean_predicted if self.mean_predicted else float("nan")


def calibration(
    predicted: Any, times: Any, events: Any, horizon: float, *, cause: int = 1, groups: int = 10, level: float = 0.95
) -> Calibration:
    """Compare predicted probabilities with Aalen-Johansen estimates in groups of equal size.

    Parameters
    ----------
    predicted : array-like (patient,)
        Predicted probability of the event of ``cause`` by the day ``horizon``.
    times, events : array-like (patient,) [day], [code]
        All codes but 0 and ``cause`` compete.
    groups : int
        Groups by quantiles of the prediction; equal predictions stay together, so there may be fewer.

    Raises
    ------
    InputError
        Predictions that are not probabilities, fewer than one group, columns that do not fit.
    """
    follow = follow_up("calibration", times, events, codes=None)
    made = _probabilities("calibration", predicted, len(follow.times))
    if groups < 1:
        refuse([Problem(f"{groups} groups", "calibration(groups)", "one group or more", "10")])
    codes = np.where(follow.events == cause, 1, np.where(follow.events > 0, 2, 0))
    edges = np.unique(np.quantile(made, np.arange(1, groups) / groups))
    place = np.unique(np.searchsorted(edges, made, side="left"), return_inverse=True)[1].reshape(-1)
    members = [place == k for k in range(place.max() + 1)]
    seen = [_observed(follow.times[member], codes[member], horizon, level) for member in members]
    return Calibration(
        float(horizon), np.array([member.sum() for member in members]),
        np.array([made[member].mean() for member in members]),
        np.array([one.value for one in seen]), np.array([one.error for one in seen]),
        np.array([one.low for one in seen]), np.array([one.high for one in seen]),
        _observed(follow.times, codes, horizon, level), float(made.mean()),
    )  # fmt: skip


def _observed(times: np.ndarray, codes: np.ndarray, horizon: float, level: float) -> Estimate:
    fit = cumulative_incidence(times, codes, causes={"event": 1, "other": 2}, level=level)
    read = at(fit.causes["event"], [horizon])
    return Estimate(*(float(part[0]) for part in (read.estimate, read.error, read.low, read.high)), level=level)


@dataclass(frozen=True)
class Brier:
    """Mean squared distance between prediction and outcome at one day.

    Attributes
    ----------
    score, null : float
        Of the predictions, and of the observed incidence given to everybody.
    """

    score: float
    null: float

    @property
    def explained(self) -> float:
        """Share of the null score that the predictions remove: 1 perfect, 0 no better than the average."""
        return 1 - self.score / self.null if self.null else float("nan")


def brier(predicted: Any, times: Any, events: Any, horizon: float, *, cause: int = 1) -> Brier:
    """Brier score at a day, patients weighted by the inverse probability of still being followed.

    Raises
    ------
    InputError
        Nobody is followed until the day, predictions that are not probabilities, columns that do not fit.

    Source
    ------
    Graf and others, Statistics in Medicine 1999 (recalled, not re-read); competing events count as never having
    the event of the cause.
    """
    follow = follow_up("brier", times, events, codes=None)
    made = _probabilities("brier", predicted, len(follow.times))
    seen = counts(FollowUp(follow.entry, follow.times, (follow.events == 0).astype(int)))
    stay = np.concatenate(([1.0], product_limit(seen.at_risk, seen.events[:, 0])))
    reached, happened = follow.times > horizon, (follow.times <= horizon) & (follow.events > 0)
    still = stay[np.searchsorted(seen.times, horizon, side="right")]
    if still == 0 or not (reached | happened).any():
        what = f"nobody is followed beyond day {horizon:g}"
        refuse([Problem(what, "brier(horizon)", "a day that follow-up passes", f"before {seen.times[-1]:g}")])
    before = stay[np.searchsorted(seen.times, follow.times)]
    weight = np.where(happened, 1 / np.where(happened, before, 1), np.where(reached, 1 / still, 0))
    outcome = (happened & (follow.events == cause)).astype(float)
    mean = float(weight @ outcome / len(made))
    return Brier(
        float(weight @ (outcome - made) ** 2 / len(made)), float(weight @ (outcome - mean) ** 2 / len(made))
    )  # fmt: skip
