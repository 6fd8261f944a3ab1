"""What a regression of hazards gives back, and how covariates are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from ..errors import Problem
from .checks import fraction, refuse


@dataclass(frozen=True)
class Baseline:
    """Cumulative hazard of a patient whose covariates are all 0: arrays (time,), of one stratum."""

    stratum: str
    times: np.ndarray
    hazard: np.ndarray


@dataclass(frozen=True)
class ChiSquare:
    """A chi-square test."""

    statistic: float
    degrees: int
    p: float


@dataclass(frozen=True)
class Regression:
    """A fitted regression of log hazards.

    Attributes
    ----------
    kind : str
        ``Cox`` or ``Fine-Gray``.
    names : tuple of str
        Covariates.
    coefficients : numpy.ndarray (covariate,)
        Log hazard ratios for one unit more.
    covariance : numpy.ndarray (covariate, covariate)
        Used for errors and intervals: by the information matrix, or robust where asked for (always for Fine-Gray).
    information_covariance : numpy.ndarray (covariate, covariate)
        Inverse of the information matrix.
    log_likelihood, log_likelihood_null : float
        Partial log likelihood, with the covariates and without.
    score : ChiSquare
        Score test of all covariates.
    baselines : tuple of Baseline
        One for each stratum.
    patients, events : int
        Rows and events.
    """

    kind: str
    names: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    information_covariance: np.ndarray
    log_likelihood: float
    log_likelihood_null: float
    score: ChiSquare
    baselines: tuple[Baseline, ...]
    patients: int
    events: int

    @property
    def errors(self) -> np.ndarray:
        """Standard errors of the coefficients."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def ratios(self) -> np.ndarray:
        """Hazard ratios."""
        return np.exp(self.coefficients)

    @property
    def p(self) -> np.ndarray:
        """Two-sided p values, by the normal distribution."""
        return 2 * ndtr(-np.abs(self.coefficients / self.errors))

    @property
    def wald(self) -> ChiSquare:
        """Wald test of all covariates."""
        statistic = self.coefficients @ np.linalg.solve(self.covariance, self.coefficients)
        return chi_square(statistic, len(self.names))

    @property
    def likelihood_ratio(self) -> ChiSquare:
        """Likelihood ratio test of all covariates."""
        return chi_square(2 * (self.log_likelihood - self.log_likelihood_null), len(self.names))

    def ratio_interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Interval of the hazard ratios."""
        half = float(ndtri((1 + fraction("ratio_interval", "level", level)) / 2)) * self.errors
        return np.exp(self.coefficients - half), np.exp(self.coefficients + half)


def chi_square(statistic: Any, degrees: int) -> ChiSquare:
    """A test from its statistic."""
    return ChiSquare(float(statistic), degrees, float(chdtrc(degrees, max(statistic, 0))))


def covariates(where: str, values: Mapping[str, Any], rows: int) -> tuple[tuple[str, ...], np.ndarray]:
    """Covariates as a matrix (row, covariate): finite numbers that differ between rows.

    Raises
    ------
    InputError
        No covariate, missing or non-numeric values, another length, or a column that is constant.
    """
    problems = []
    if not values:
        problems.append(Problem("no covariates", where, "at least one column", '{"age": ages}'))
    columns = []
    for name, column in values.items():
        place = f"{where}(covariates['{name}'])"
        try:
            array = np.asarray(column, dtype=float)
        except (TypeError, ValueError):
            problems.append(Problem("not numbers", place, "a number for each row", "0 and 1 for no and yes"))
            continue
        if array.shape != (rows,):
            problems.append(Problem(f"shape {array.shape} for {rows} rows", place, "one number a row", "same rows"))
        elif not np.isfinite(array).all():
            row = int(np.flatnonzero(~np.isfinite(array))[0])
            problems.append(Problem(f"row {row} is {array[row]}", place, "a finite number", "leave the row out"))
        elif rows and np.ptp(array) == 0:
            problems.append(Problem(f"all rows are {array[0]:g}", place, "values that differ", "drop the covariate"))
        columns.append(array)
    refuse(problems)
    return tuple(values), np.column_stack(columns)


def predicted(fit: Regression, values: Mapping[str, Any], times: Any, stratum: str = "") -> np.ndarray:
    """Predicted probability of the event by each day: 1 - exp(-cumulative hazard), array (patient, day).

    For a Cox model of one kind of event this is 1 - survival; for Fine-Gray the cumulative incidence of the cause.

    Raises
    ------
    InputError
        Covariates other than those of the model, or an unknown stratum.
    """
    if set(values) != set(fit.names):
        said = "covariates " + (", ".join(values) or "none")
        refuse([Problem(said, "predicted(values)", ", ".join(fit.names), "the covariates of the model")])
    known = {baseline.stratum: baseline for baseline in fit.baselines}
    if stratum not in known:
        expected = ", ".join(known) or "no stratum: the model has none"
        refuse([Problem(f"unknown stratum '{stratum}'", "predicted(stratum)", expected, "a stratum of the model")])
    baseline, days = known[stratum], np.atleast_1d(np.asarray(times, dtype=float))
    hazard = np.concatenate(([0.0], baseline.hazard))[np.searchsorted(baseline.times, days, side="right")]
    matrix = np.column_stack([np.atleast_1d(np.asarray(values[name], dtype=float)) for name in fit.names])
    return -np.expm1(-np.exp(matrix @ fit.coefficients)[:, None] * hazard)


def maximize(where: str, names: Sequence[str], likelihood: Any, size: int) -> tuple[np.ndarray, Any, Any]:
    """Newton's method with halved steps from 0; the coefficients, and the likelihood's parts at 0 and at the end.

    ``likelihood`` gives (log likelihood, gradient, information). Covariates should be scaled.

    Raises
    ------
    InputError
        Covariates depend on each other, or one separates all events from the rest.
    """
    from scipy.linalg import eigh  # of two matrices; takes longer to load than most pages that never need it

    beta = np.zeros(size)
    null = now = likelihood(beta)
    values, directions = np.linalg.eigh(null[2])
    if values[0] <= DEPENDENT * values[-1]:
        _refuse(where, names, directions[:, 0], "covariates that are combinations of each other")
    for _ in range(60):
        values, directions = eigh(now[2], null[2])
        if values[0] < FLAT:
            _refuse(where, names, directions[:, 0], "no finite estimate")
        step = np.linalg.solve(now[2], now[1])
        beta, now, step = _climb(likelihood, beta, now, step)
        if np.abs(step).max() < 1e-9 * (1 + np.abs(beta).max()):
            break
    return beta, null, now


DEPENDENT = 1e-11  # smallest over largest eigenvalue of the information of independent covariates
FLAT = 1e-6  # information that is left of that at 0 where the estimate is finite


def _climb(likelihood: Any, beta: np.ndarray, now: Any, step: np.ndarray) -> tuple[np.ndarray, Any, np.ndarray]:
    """One step uphill, halved until it does not lead down."""
    for _ in range(40):
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            new = likelihood(beta + step)
        if np.isfinite(new[0]) and new[0] >= now[0] - 1e-12 * abs(now[0]):
            return beta + step, new, step
        step = step / 2
    return beta, now, np.zeros_like(step)


def _refuse(where: str, names: Sequence[str], direction: np.ndarray, what: str) -> None:
    largest = np.abs(direction).max()
    involved = ", ".join(n for n, part in zip(names, np.abs(direction), strict=True) if part > largest / 10)
    expected = "covariates that vary independently, with events at more than one value"
    refuse([Problem(f"{what}: {involved}", where, expected, "drop one of them, or join rare groups")])
