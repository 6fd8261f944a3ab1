"""How well predictions agree with published values: coverage, errors, calibration, and the sign of contrasts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..outcome.summary import PERCENT, number
from .compare import Row
from .estimates import logit
from .predict import LEVEL

FEWEST_FOR_A_LINE = 4
MANY = 1_000_000  # patients: no correction of a share


@dataclass(frozen=True)
class Agreement:
    """Agreement of one endpoint.

    Attributes
    ----------
    unit : str
        Of the errors.
    rows, covered : int
        Compared, and with the published value in the prediction interval.
    error, bias : float
        Median absolute difference, and median of predicted less published.
    slope, slope_error : float
        Of published on predicted values, logits for shares and logarithms otherwise; 1 is perfect.
    spread : float
        Root mean square of the standardized errors; 1 where intervals have the right width.
    """

    endpoint: str
    unit: str
    rows: int
    covered: int
    error: float
    bias: float
    slope: float
    slope_error: float
    spread: float

    @property
    def coverage(self) -> float:
        """Share of rows whose interval holds the published value."""
        return self.covered / self.rows if self.rows else math.nan

    @property
    def words(self) -> str:
        """The agreement in one sentence."""
        slope = f", calibration slope {self.slope:.2f} ± {self.slope_error:.2f}" if math.isfinite(self.slope) else ""
        scale, unit = (100, PERCENT) if self.unit == "fraction" else (1, f" {self.unit.replace('_', ' ')}")
        return (
            f"{self.rows} rows; the {100 * LEVEL:.0f}{PERCENT} interval holds {self.covered} of them; median absolute "
            f"error {number(scale * self.error)}{unit} (predicted less published {scale * self.bias:+.3g}){slope}"
        )


def by_endpoint(rows: Iterable[Row]) -> list[Agreement]:
    """Agreement of every endpoint and unit with at least one scored value, most rows first."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.scored and row.kind == "value":
            groups.setdefault((row.endpoint, row.target.unit), []).append(row)
    found = [agreement(endpoint, unit, group) for (endpoint, unit), group in groups.items()]
    return sorted(found, key=lambda one: -one.rows)


def agreement(endpoint: str, unit: str, rows: Sequence[Row]) -> Agreement:
    """Agreement of rows that share a unit."""
    differences = np.array([row.difference for row in rows], dtype=float)
    errors = np.array([row.prediction.error for row in rows if row.prediction], dtype=float)
    slope, slope_error = _slope(rows, unit)
    return Agreement(
        endpoint,
        unit,
        len(rows),
        sum(bool(row.covered) for row in rows),
        _median(np.abs(differences)),
        _median(differences),
        slope,
        slope_error,
        float(np.sqrt(np.mean(errors**2))) if len(errors) else math.nan,
    )


def _median(values: np.ndarray) -> float:
    """The median, also of infinite values; NaN of nothing."""
    return float(np.quantile(values, 0.5, method="inverted_cdf")) if len(values) else math.nan


def _slope(rows: Sequence[Row], unit: str) -> tuple[float, float]:
    """Slope of published on predicted values and its standard error, by least squares."""
    pairs = []
    for row in rows:
        if row.prediction is None or not math.isfinite(row.prediction.value):
            continue
        both = (row.prediction.value, row.target.value)
        if unit == "fraction":
            pairs.append([logit(value, int(row.n or MANY)) for value in both])
        elif min(both) > 0:
            pairs.append([math.log(value) for value in both])
    x, y = np.array(pairs, dtype=float).reshape(-1, 2).T
    if len(x) < FEWEST_FOR_A_LINE or np.ptp(x) == 0:
        return math.nan, math.nan
    centered = x - x.mean()
    slope = float((centered * y).sum() / (centered**2).sum())
    left = y - y.mean() - slope * centered
    return slope, float(np.sqrt((left**2).sum() / (len(x) - 2) / (centered**2).sum()))


@dataclass(frozen=True)
class Signs:
    """Contrasts whose predicted direction is the published one.

    Attributes
    ----------
    rows, agree : int
        Scored contrasts with a direction, and those predicted the same way.
    clear, clear_agree : int
        Of those whose published interval excludes no difference.
    """

    rows: int
    agree: int
    clear: int
    clear_agree: int


def signs(rows: Iterable[Row]) -> Signs:
    """Agreement in direction of published and derived contrasts."""
    found = []
    for row in rows:
        if not row.scored or row.kind == "value" or row.prediction is None:
            continue
        null = 0.0 if row.target.statistic == "difference" else 1.0
        published, predicted = row.target.value - null, row.prediction.value - null
        if published == 0:
            continue
        low, high = row.target.low, row.target.high
        clear = low is not None and high is not None and (low > null or high < null)
        found.append((published * predicted > 0, clear))
    return Signs(
        len(found), sum(same for same, _ in found), sum(clear for _, clear in found), sum(s and c for s, c in found)
    )


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """All numbers of a validation for a machine to read."""
    scored = [row for row in rows if row.scored]
    values = [row for row in scored if row.kind == "value"]
    contrasts = [row for row in scored if row.kind != "value"]
    fractions = [abs(row.difference) for row in values if row.target.unit == "fraction"]
    direction = signs(rows)
    return {
        "interval": LEVEL,
        "coverage": _share([row.covered for row in values]),
        "coverage_contrasts": _share([row.covered for row in contrasts]),
        "sign_agreement": direction.agree / direction.rows if direction.rows else math.nan,
        "sign_agreement_clear": direction.clear_agree / direction.clear if direction.clear else math.nan,
        "signs": asdict(direction),
        "median_absolute_error": _median(np.array(fractions, dtype=float)),
        "rows_simulated": sum(row.prediction is not None for row in rows if row.kind != "derived"),
        "rows_refused": sum(row.prediction is None for row in rows if row.kind != "derived"),
        "rows_scored": len(values),
        "contrasts_scored": len(contrasts),
        "endpoints": [{**asdict(one), "coverage": one.coverage, "words": one.words} for one in by_endpoint(rows)],
    }


def _share(flags: Sequence[bool | None]) -> float:
    return sum(bool(flag) for flag in flags) / len(flags) if flags else math.nan
