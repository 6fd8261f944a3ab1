"""Published rows as data with errors on the scale on which they add: logit of shares, logarithm of medians."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from ..targets.endpoints import endpoints
from ..targets.estimates import Estimate, logit
from ..targets.plan import Question
from ..targets.predict import published_variance
from .ask import Answers
from .free import settings

MEDIAN_ERROR = math.pi / 2  # variance of a median of normal values, times that of a mean
USUAL = 0.8  # share of members that must have a value for a row to count
MEDIANS = ("median_day", "median_value")


@dataclass(frozen=True)
class Datum:
    """One published value.

    Attributes
    ----------
    value : float
        On its scale.
    variance : float
        Of the published value by the finite size of its study.
    discrepancy : float
        Standard deviation of what neither chance nor parameters explain.
    group : str
        Rows of one group have a part of the discrepancy in common.
    """

    question: Question
    study: str
    n: float
    value: float
    variance: float
    discrepancy: float
    group: str


def datum(question: Question, study: str, n: float | None) -> Datum | None:
    """A row as a datum; None for a median that has no logarithm."""
    target, size = question.target, n or float(endpoints()["unknown_size"])
    known = settings()
    group = f"{study}/{target.endpoint}"
    if target.statistic in MEDIANS:
        if target.value <= 0:
            return None
        discrepancy = known[f"discrepancy_{target.statistic}"].value
        variance = _of_median(question) or MEDIAN_ERROR * known["patient_spread"].value ** 2 / size
        return Datum(question, study, size, math.log(target.value), variance, discrepancy, group)
    safe = (target.value * size + 0.5) / (size + 1)
    variance = published_variance(target, size) or 1 / (safe * (1 - safe)) / size
    discrepancy = known["discrepancy_share"].value
    return Datum(question, study, size, logit(target.value, int(size)), variance, discrepancy, group)


def _of_median(question: Question) -> float | None:
    target = question.target
    if target.low is None or target.high is None or target.level is None or target.low <= 0:
        return None
    return float((math.log(target.high / target.low) / 2 / ndtri(0.5 + target.level / 2)) ** 2)


def covariance(data: Sequence[Datum], simulation: np.ndarray) -> np.ndarray:
    """Of all errors but those of parameters: finite studies, finite simulations and discrepancy."""
    common = settings()["discrepancy_common"].value
    groups = np.array([one.group for one in data])
    sizes = np.array([one.discrepancy for one in data])
    alike = np.where(groups[:, None] == groups[None, :], common, 0.0)
    np.fill_diagonal(alike, 1.0)
    return alike * np.outer(sizes, sizes) + np.diag([one.variance for one in data]) + np.diag(simulation)


def scaled(found: Estimate) -> tuple[float, float]:
    """A simulated value on its scale, and the variance of it by the finite number of patients; infinite if unknown."""
    if found.scale == "logit":
        return found.transformed, found.variance / found.patients
    value = math.log(found.value) if 0 < found.value < math.inf else math.inf
    return value, MEDIAN_ERROR * settings()["patient_spread"].value ** 2 / found.patients


def matrix(data: Sequence[Datum], members: Sequence[Mapping[int, Estimate] | Answers]) -> tuple[np.ndarray, ...]:
    """Predictions and simulation variances, shape (member, row) and (row,), and which rows enough members can answer.

    Members without a value get the mean of the others.
    """
    values = np.full((len(members), len(data)), np.inf)
    variances = np.full_like(values, np.nan)
    for i, answers in enumerate(members):
        for j, one in enumerate(data):
            if one.question.target.line in answers:
                values[i, j], variances[i, j] = scaled(answers[one.question.target.line])
    there = np.isfinite(values)
    usable = there.mean(axis=0) >= USUAL
    values, variances, there = values[:, usable], variances[:, usable], there[:, usable]
    counts = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, values, 0).sum(axis=0) / counts
    return np.where(there, values, mean), np.where(there, variances, 0).sum(axis=0) / counts, usable
