"""Two arms against each other: ratios of hazards, odds and risks, and differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from scipy.special import ndtri

from ..errors import InputError
from ..statistics import cox
from .discrepancy import NONE, Discrepancy
from .endpoints import Measure, NoAnswer, endpoints
from .estimates import Estimate, estimate, history
from .pairs import paired_variance
from .predict import Prediction, contrast_prediction
from .spread import Simulated, spread
from .table import Target

FEWEST_EVENTS = 2  # in either group
EVENTS_AND_SHARES = ("free", "incidence", "flag", "share")  # kinds whose contrasts move smoothly with patients


def predict_contrast(
    groups: tuple[Simulated, Simulated],
    measure: Measure,
    target: Target,
    sizes: tuple[float | None, float | None],
    discrepancy: Discrepancy = NONE,
) -> Prediction:
    """Predict one published contrast of an arm and its reference.

    Parameters
    ----------
    groups : tuple of Simulated
        The arm and its reference.
    sizes : tuple of float or None
        Patients of the published arm and reference.
    discrepancy : Discrepancy
        What neither chance nor parameters explain.

    Returns
    -------
    Prediction
        In published units.
    """
    usual = float(endpoints()["unknown_size"])
    n = tuple(size or usual for size in sizes)
    kind = target.statistic
    value, pieces, patients = _contrast(kind, groups[0].main, groups[1].main, measure)
    noise = sum(piece / count for piece, count in zip(pieces, patients, strict=True))
    if measure.kind in EVENTS_AND_SHARES and measure.day is not None:
        paired = paired_variance(groups, lambda arm, reference: _contrast(kind, arm, reference, measure)[0])
        noise = noise if paired is None else paired
    apart = spread(groups, lambda arm, reference: _contrast(kind, arm, reference, measure)[0])
    sampling = sum(piece / size for piece, size in zip(pieces, n, strict=True))
    plain = kind == "difference"
    if not plain and target.value <= 0:
        raise NoAnswer("a ratio must be positive")
    seen = target.value if plain else float(np.log(target.value))
    known = _published_variance(target, plain)
    rest = discrepancy.of_contrast(target, _worth(target, measure, groups) if plain else 1.0)
    made = contrast_prediction(value, noise + apart, sampling, seen, known, sum(patients), rest)
    made = replace(made, simulation_error=float(np.sqrt(noise)))
    if plain:
        return made
    ends = (float(np.exp(one)) for one in (made.value, made.low, made.high))
    value, low, high = ends
    return Prediction(value, low, high, made.error, value * made.simulation_error, made.patients)


def _worth(target: Target, measure: Measure, groups: tuple[Simulated, Simulated]) -> float:
    """How much a difference changes with one unit of logit, or of logarithm, of either arm."""
    values = [estimate(group.main, measure).value for group in groups]
    middle = float(np.mean(values))
    return middle if target.unit == "day" else middle * (1 - middle)


def _contrast(
    kind: str, arm: pa.Table, reference: pa.Table, measure: Measure
) -> tuple[float, tuple[float, float], tuple[int, int]]:
    """The contrast on its own scale, the variance that one patient of each group contributes, and their numbers."""
    if kind == "hazard_ratio":
        return _hazard_ratio(arm, reference, measure)
    if kind == "rate_ratio":
        return _rate_ratio(arm, reference, measure)
    one, other = estimate(arm, measure), estimate(reference, measure)
    counts = one.patients, other.patients
    if one.scale == "sample":
        return _of_medians(kind, one, other)
    p, q = (_safe(group) for group in (one, other))
    if measure.kind == "free" and kind != "difference":  # of failing, so that above 1 is worse
        p, q = 1 - p, 1 - q
    if kind == "odds_ratio":
        return float(np.log(p / (1 - p)) - np.log(q / (1 - q))), (1 / (p * (1 - p)), 1 / (q * (1 - q))), counts
    if kind == "risk_ratio":
        return float(np.log(p / q)), ((1 - p) / p, (1 - q) / q), counts
    if kind == "difference":
        return float(p - q), (p * (1 - p), q * (1 - q)), counts
    raise NoAnswer(f"{kind.replace('_', ' ')}: not simulated yet")


def _safe(group: Estimate) -> float:
    return (group.value * group.patients + 0.5) / (group.patients + 1)


def _of_medians(kind: str, one: Estimate, other: Estimate) -> tuple[float, tuple[float, float], tuple[int, int]]:
    if not (np.isfinite(one.value) and np.isfinite(other.value)):
        raise NoAnswer("a median is not reached")
    v, w = _median_variance(one), _median_variance(other)
    counts = one.patients, other.patients
    if kind == "difference":
        return one.value - other.value, (v, w), counts
    if kind == "ratio":
        return float(np.log(one.value / other.value)), (v / one.value**2, w / other.value**2), counts
    raise NoAnswer(f"{kind.replace('_', ' ')} of medians: not simulated yet")


def _median_variance(group: Estimate) -> float:
    """Variance of a median from one patient, from the quantiles one standard error to either side."""
    reach = 0.5 / np.sqrt(group.patients)
    low, high = (np.quantile(group.sample, 0.5 + sign * reach, method="inverted_cdf") for sign in (-1, 1))
    return float(((high - low) / 2) ** 2 * group.patients) if np.isfinite(high) else 0.0


def _hazard_ratio(
    arm: pa.Table, reference: pa.Table, measure: Measure
) -> tuple[float, tuple[float, float], tuple[int, int]]:
    """Logarithm of the hazard ratio by Cox regression; competing events are censored.

    The variance is that of the numbers of events, which is shared between the groups.
    """
    (days, seen), (others, also) = _followed(arm, measure), _followed(reference, measure)
    events, counts = _counted(seen, also), (len(days), len(others))
    first = np.arange(sum(counts)) < counts[0]
    try:
        fit = cox(np.concatenate([days, others]), np.concatenate([seen, also]), {"arm": first.astype(float)})
    except InputError as error:
        raise NoAnswer(f"no hazard ratio: {error.problems[0].what}") from None
    return float(fit.coefficients[0]), (counts[0] / events[0], counts[1] / events[1]), counts


def _rate_ratio(
    arm: pa.Table, reference: pa.Table, measure: Measure
) -> tuple[float, tuple[float, float], tuple[int, int]]:
    """Logarithm of the ratio of first events per day at risk."""
    (days, seen), (others, also) = _followed(arm, measure), _followed(reference, measure)
    events, counts = _counted(seen, also), (len(days), len(others))
    value = np.log(events[0] / days.sum()) - np.log(events[1] / others.sum())
    return float(value), (counts[0] / events[0], counts[1] / events[1]), counts


def _followed(table: pa.Table, measure: Measure) -> tuple[np.ndarray, np.ndarray]:
    """Day of each patient's event or of the end of follow-up, and 1 for an event."""
    if measure.kind not in ("free", "incidence"):
        raise NoAnswer("a ratio of hazards or rates needs times to an event")
    days, codes = history(table, measure)
    limit = measure.day if measure.day is not None else np.inf
    return np.minimum(days, limit), ((codes == 1) & (days <= limit)).astype(int)


def _counted(seen: np.ndarray, also: np.ndarray) -> tuple[int, int]:
    events = int(seen.sum()), int(also.sum())
    if min(events) < FEWEST_EVENTS:
        raise NoAnswer(f"only {events[0]} and {events[1]} simulated events")
    return events


def _published_variance(target: Target, plain: bool) -> float | None:
    if target.low is None or target.high is None or target.level is None:
        return None
    if not plain and target.low <= 0:
        return None
    distance = target.high - target.low if plain else np.log(target.high) - np.log(target.low)
    return float((distance / 2 / ndtri(0.5 + target.level / 2)) ** 2)
