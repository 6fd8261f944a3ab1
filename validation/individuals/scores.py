"""How good are predictions of single patients? Ranking and calibration, beside a constant and a Cox model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hemograft.errors import InputError
from hemograft.statistics import brier, calibration, concordance, cox, predicted
from hemograft.streams import key, uniform

from .data import Cohort, Endpoint

FOLDS = 5
GROUPS = 4
EDGE = 1e-3  # probabilities are kept this far from 0 and 1


@dataclass(frozen=True)
class Scored:
    """One endpoint, scored.

    Attributes
    ----------
    ours, model : tuple of float
        C-index with its standard error, of the simulation and of the Cox model under cross-validation.
    brier_ours, brier_model, brier_constant : float
    ratio : float
        Observed over predicted.
    slope, slope_error : float
        Of the logarithm of the hazard on that of the predicted one; 1 is perfect, 0 says that predictions tell nothing.
    groups : tuple of (patients, predicted, observed, low, high)
        By rising prediction.
    """

    endpoint: Endpoint
    patients: int
    events: int
    ours: tuple[float, float]
    model: tuple[float, float]
    brier_ours: float
    brier_model: float
    brier_constant: float
    ratio: float
    slope: float
    slope_error: float
    groups: tuple[tuple[float, ...], ...]


def scored(cohort: Cohort, endpoint: Endpoint, seed: int) -> Scored:
    """Score one endpoint."""
    use, days, events = cohort.seen(endpoint)
    days, events = days[use], events[use]
    made, risk = (values[use] for values in (cohort.probability(endpoint), cohort.risk(endpoint)))
    at = endpoint.horizon if endpoint.timed else 1.5
    values = {name: column[use] for name, column in cohort.covariates().items()}
    names = [patient.case.id for patient, one in zip(cohort.patients, use, strict=True) if one]
    model, constant = cross_validated(values, days, events, at, names, seed)
    found = calibration(made, days, events, at, groups=GROUPS)
    columns = (found.patients, found.predicted, found.observed, found.low, found.high)
    slope, error = _slope(made, days, events)
    ours, other = (concordance(days, events, one) for one in (risk, model))
    mine, theirs, none = (
        brier(np.clip(one, EDGE, 1 - EDGE), days, events, at).score for one in (made, model, constant)
    )
    return Scored(
        endpoint,
        int(use.sum()),
        int(events[days <= at].sum()),
        (ours.value, ours.error),
        (other.value, other.error),
        mine,
        theirs,
        none,
        found.observed_to_expected,
        slope,
        error,
        tuple(map(tuple, np.column_stack(columns).tolist())),
    )


def cross_validated(
    values: dict[str, np.ndarray], days: np.ndarray, events: np.ndarray, at: float, names: list[str], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities by a Cox model, and by a constant, each from the patients of the other folds.

    Patients are dealt to folds by their names and the seed.
    """
    order = np.argsort(uniform(seed, np.array([key(name) for name in names], dtype=np.uint64), "fold"))
    fold = np.empty(len(names), dtype=int)
    fold[order] = np.arange(len(names)) % FOLDS
    model, constant = np.zeros(len(names)), np.zeros(len(names))
    for k in range(FOLDS):
        train, test = fold != k, fold == k
        constant[test] = calibration(np.full(train.sum(), 0.5), days[train], events[train], at, groups=1).overall.value
        model[test] = _cox(values, days, events, at, train, test, constant[test])
    return model, constant


def _cox(values, days, events, at, train, test, instead: np.ndarray) -> np.ndarray:
    """Probabilities of the tested; the constant where no model can be fitted."""
    used = {name: column for name, column in values.items() if np.ptp(column[train]) > 0}
    try:
        fit = cox(days[train], events[train], {name: column[train] for name, column in used.items()})
        found = predicted(fit, {name: column[test] for name, column in used.items()}, [at])
    except InputError:
        return instead
    return np.clip(np.asarray(found, dtype=float).reshape(-1), EDGE, 1 - EDGE)


def _slope(made: np.ndarray, days: np.ndarray, events: np.ndarray) -> tuple[float, float]:
    hazard = np.log(-np.log1p(-made))
    if np.ptp(hazard) == 0:
        return float("nan"), float("nan")
    fit = cox(days, events, {"prediction": hazard})
    return float(fit.coefficients[0]), float(fit.errors[0])
