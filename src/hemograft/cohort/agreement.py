"""How well predicted days agree with observed ones: coverage, error, rank correlation, and a constant beside them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..outcome.summary import PERCENT, number
from ..reporting.influence import spearman


@dataclass(frozen=True)
class Agreement:
    """Agreement of one event over the patients whose day is known.

    Attributes
    ----------
    patients, never : int
        Compared, and those among them who never had the event (they count as later than everybody).
    covered : int
        Patients whose observed day lies in the predicted 90 % interval.
    width : float [day]
        Median width of that interval.
    error, bias : float [day]
        Median absolute difference of predicted median and observed day, and median signed difference
        (positive: predicted too late), over patients where both are finite.
    constant, constant_error : float [day]
        The cohort's own median day, and the median absolute error of predicting it for everybody. It has
        seen the observed days.
    correlation, correlation_error : float
        Spearman's rank correlation of predicted median and observed day, and its standard error.
    """

    patients: int
    never: int
    covered: int
    width: float
    error: float
    bias: float
    constant: float
    constant_error: float
    correlation: float
    correlation_error: float

    @property
    def coverage_error(self) -> float:
        """Standard error of the share of covered patients, from (x + 1)/(n + 2)."""
        guess = (self.covered + 1) / (self.patients + 2)
        return math.sqrt(guess * (1 - guess) / max(self.patients, 1))

    @property
    def numbers(self) -> dict[str, Any]:
        """Everything for a machine to read."""
        return {**asdict(self), "coverage_error": self.coverage_error}

    @property
    def words(self) -> list[str]:
        """The agreement in sentences."""
        if not self.patients:
            return ["nobody to compare"]
        share = f"{100 * self.covered / self.patients:.0f}{PERCENT} ± {100 * self.coverage_error:.0f}{PERCENT}"
        lines = [
            f"{self.patients} patients compared, {self.never} of them never recovered",
            f"90{PERCENT} interval holds the observed day in {self.covered} ({share}); "
            f"median width {number(self.width)} days",
            f"median absolute error {number(self.error)} days (predicted minus observed: {self.bias:+.3g}); "
            f"a constant, the cohort's own median of day {number(self.constant)}: {number(self.constant_error)} days",
        ]
        if math.isnan(self.correlation):
            return [*lines, "no rank correlation: too few patients, or all the same"]
        return [*lines, f"rank correlation {self.correlation:+.2f} ± {self.correlation_error:.2f} (a constant: 0)"]


def agreement(observed: np.ndarray, low: np.ndarray, median: np.ndarray, high: np.ndarray) -> Agreement:
    """Compare observed days with predicted intervals.

    Parameters
    ----------
    observed, low, median, high : array, shape (patient,) [day]
        Infinite for events that were not reached.

    Source
    ------
    Standard error of a rank correlation r: (1 - r^2) sqrt(1.06/(n - 3)), from the variance of its
    z-transform (Fieller, Hartley and Pearson, Biometrika 1957;44:470; recalled, not re-read).
    """
    n = len(observed)
    both = np.isfinite(observed) & np.isfinite(median)
    difference = median[both] - observed[both]
    constant = _median(observed)
    finite = observed[np.isfinite(observed)]
    with np.errstate(invalid="ignore"):
        width = np.where(np.isinf(high), np.inf, high - low)
    varied = n > 3 and len(np.unique(observed)) > 1 and len(np.unique(median)) > 1
    correlation = spearman(median, observed) if varied else math.nan
    return Agreement(
        patients=n,
        never=int(np.isinf(observed).sum()),
        covered=int(((low <= observed) & (observed <= high)).sum()),
        width=_median(width),
        error=_median(np.abs(difference)),
        bias=_median(difference),
        constant=constant,
        constant_error=_median(np.abs(finite - constant)) if math.isfinite(constant) else math.nan,
        correlation=correlation,
        correlation_error=(1 - correlation**2) * math.sqrt(1.06 / (n - 3)) if varied else math.nan,
    )


def _median(values: np.ndarray) -> float:
    """The median, also when the upper values are infinite; NaN of nothing."""
    return float(np.quantile(values, 0.5, method="inverted_cdf")) if len(values) else math.nan
