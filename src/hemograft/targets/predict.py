"""Predictions with intervals: what a study of the published size would have found, if the model is right.

The interval holds the errors of the finite simulation, of the parameters (where an ensemble was simulated), of a
study of n patients, and of the equations (where a calibration has measured what is left unexplained).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from .endpoints import endpoints
from .estimates import Estimate, expit, level_of, logit, quantile_at
from .table import Target

LEVEL = 0.95  # of the prediction interval
USUAL_LEVEL = 0.95  # of published intervals


@dataclass(frozen=True)
class Prediction:
    """One predicted value.

    Attributes
    ----------
    low, high : float
        Prediction interval.
    error : float
        Standardized error of the published value: its distance in standard errors.
    simulation_error : float
        Monte Carlo standard error of the value itself, in published units; NaN where it has none.
    patients : int
        Simulated, with a value.
    """

    value: float
    low: float
    high: float
    error: float
    simulation_error: float
    patients: int

    @property
    def covers(self) -> bool:
        """Whether the standardized error is within the interval's."""
        return abs(self.error) <= width()


def width() -> float:
    """Half width of the prediction interval in standard errors."""
    return float(ndtri(0.5 + LEVEL / 2))


def predict(
    main: Estimate, target: Target, n: float | None, apart: float = 0.0, discrepancy: float = 0.0
) -> Prediction:
    """Predict one published value of one arm.

    Parameters
    ----------
    main : Estimate
        What was simulated.
    n : float or None
        Patients of the study.
    apart : float
        Variance that an ensemble of parameters makes, on the scale on which errors add.
    discrepancy : float
        Standard deviation of what neither chance nor parameters explain: of the logit of a share, or the logarithm of
        a median.
    """
    size = n or float(endpoints()["unknown_size"])
    if main.scale == "sample":
        return _predict_median(main, target, size, apart, discrepancy)
    sampling = published_variance(target, size) or main.variance / size
    total = np.sqrt(main.variance / main.patients + apart + sampling + discrepancy**2)
    middle = main.transformed
    error = (logit(target.value, int(size)) - middle) / total
    low, high = expit(middle - width() * total), expit(middle + width() * total)
    own = np.sqrt(main.variance / main.patients) * expit(middle) * (1 - expit(middle))
    low, high = min(low, main.value), max(high, main.value)
    return Prediction(main.value, low, high, float(error), float(own), main.patients)


def _predict_median(main: Estimate, target: Target, size: float, apart: float, discrepancy: float) -> Prediction:
    """A median: the interval are quantiles of the sample around its middle, widened by the discrepancy."""
    total = np.sqrt(main.variance / main.patients + apart + main.variance / size)
    reach = width() * total
    low, high = (_quantile(main.sample, 0.5 + sign * reach) for sign in (-1, 1))
    if discrepancy > 0 and 0 < main.value < np.inf:
        low, high = _wider(main.value, low, -discrepancy), _wider(main.value, high, discrepancy)
        error = _in_logarithms(main.value, low, high, target.value)
    else:
        error = (quantile_at(main.sample, target.value) - 0.5) / total
    if low <= target.value <= high:  # whole days: many values share one level
        error = float(np.clip(error, -width(), width()))
    elif abs(error) <= width():
        error = float(np.copysign(width() * (1 + 1e-9), error))
    own = [_quantile(main.sample, 0.5 + sign * np.sqrt(main.variance / main.patients)) for sign in (-1, 1)]
    spread = (own[1] - own[0]) / 2 if np.isfinite(own).all() else float("nan")
    return Prediction(main.value, low, high, float(error), float(spread), main.patients)


def _wider(middle: float, end: float, discrepancy: float) -> float:
    """An end of an interval, moved outward so that both errors add as variances of the logarithm."""
    apart = np.log(max(end, 1e-9) / middle)
    return float(middle * np.exp(np.copysign(np.hypot(apart, width() * discrepancy), discrepancy)))


def _in_logarithms(middle: float, low: float, high: float, value: float) -> float:
    """Distance of a value from the middle in standard errors, those of its own side."""
    side = high if value > middle else low
    if not np.isfinite(side):
        return 0.0
    return float(np.log(max(value, 1e-9) / middle) / abs(np.log(side / middle)) * width())


def _quantile(ordered: np.ndarray, level: float) -> float:
    return float(np.quantile(ordered, float(np.clip(level, 0, 1)), method="inverted_cdf"))


def between(members: Sequence[Estimate]) -> float:
    """Variance between whole simulations of some members, the first the one that predicts, beyond their own chance."""
    main = members[0]
    finite = [value for value in (level_of(one, main) for one in members) if np.isfinite(value)]
    return max(0.0, float(np.var(finite, ddof=1)) - main.variance / main.patients) if len(finite) > 1 else 0.0


def published_variance(target: Target, size: float) -> float | None:
    """Variance of the transformed published value, from its own interval; None without one."""
    if target.low is None or target.high is None or target.level is None or target.unit != "fraction":
        return None
    distance = logit(target.high, int(size)) - logit(target.low, int(size))
    return float((distance / 2 / ndtri(0.5 + target.level / 2)) ** 2)


def contrast_prediction(
    value: float,
    variance: float,
    sampling: float,
    target_value: float,
    target_variance: float | None,
    patients: int,
    discrepancy: float = 0.0,
) -> Prediction:
    """A logarithm of a ratio, or a difference: all errors add on its own scale.

    Parameters
    ----------
    value : float
        Predicted, on that scale.
    variance, sampling : float
        Of the finite simulation with the parameters' spread, and of a study of the published size.
    """
    total = np.sqrt(variance + (target_variance if target_variance is not None else sampling) + discrepancy**2)
    low, high = value - width() * total, value + width() * total
    error = (target_value - value) / total if total > 0 else float("nan")
    return Prediction(value, float(low), float(high), float(error), float(np.sqrt(variance)), patients)
