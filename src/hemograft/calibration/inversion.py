"""Ensemble Kalman inversion: an ensemble moves from the prior to the posterior in a few tempered steps.

Each step takes a share of the data's information; the shares add up to one. The step is chosen by the misfit of the
ensemble as in the data misfit controller (Iglesias and Yang 2021, recalled, not re-read), but never so small that the
iterations would end before the whole of the information is used. The ensemble is moved by a square root of the
Kalman update, so that no noise is added. What a straight line in the parameters does not explain of a prediction
counts as noise of that prediction, and correlations are shrunk by what chance makes of them in so few members.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular

from ..streams import key, normal

TINY = 1e-12
TRUSTED = 2.0  # standard errors of a correlation below which it counts as chance


@dataclass(frozen=True)
class Step:
    """One update: the share of the information that it used, and the mean misfit before it per row."""

    share: float
    misfit: float
    rows: int


def first_ensemble(median: np.ndarray, deviation: np.ndarray, members: int, seed: int) -> np.ndarray:
    """Draw from a normal prior, shape (member, parameter).

    The sample mean is the prior's; with more members than parameters, so is the sample covariance, so that an effect of
    one parameter is not taken for one of another.
    """
    keys = np.array([key(f"member {i}") for i in range(members)], dtype=np.uint64)
    drawn = np.stack([normal(seed, keys, f"calibration/{i}") for i in range(len(median))], axis=1)
    drawn -= drawn.mean(axis=0)
    if members > len(median):
        covariance = drawn.T @ drawn / (members - 1)
        drawn = solve_triangular(cholesky(covariance, lower=True), drawn.T, lower=True).T
    else:
        drawn /= drawn.std(axis=0, ddof=1)
    return median + deviation * drawn


def step_share(predicted: np.ndarray, observed: np.ndarray, noise: np.ndarray, left: float, steps: int) -> float:
    """The share of the data's information for the next step.

    Parameters
    ----------
    predicted : array, shape (member, row)
    noise : array, shape (row, row)
        Covariance of the errors.
    left : float
        Share not used yet.
    steps : int
        That may still be made, this one included.
    """
    misfits = misfit(predicted, observed, noise)
    rows = len(observed)
    wanted = rows / max(2 * misfits.mean(), TINY)
    spread = misfits.var(ddof=1)
    if spread > TINY:
        wanted = min(wanted, float(np.sqrt(rows / (2 * spread)))) if wanted < 1 else wanted
    return float(min(left, max(wanted, left / steps)))


def misfit(predicted: np.ndarray, observed: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Half the squared distance of each member from the data in standard errors, shape (member,)."""
    apart = observed - predicted
    return 0.5 * np.einsum("ij,ji->i", apart, cho_solve(cho_factor(noise, lower=True), apart.T))


def updated(
    ensemble: np.ndarray,
    predicted: np.ndarray,
    observed: np.ndarray,
    noise: np.ndarray,
    share: float,
    known_noise: np.ndarray | float = 0.0,
    *,
    shrunk: bool = True,
) -> np.ndarray:
    """Move an ensemble by a share of the data's information.

    Parameters
    ----------
    ensemble : array, shape (member, parameter)
    predicted : array, shape (member, row)
    known_noise : array, shape (row,)
        Variance of the simulation itself that ``noise`` already holds.
    shrunk : bool
        Whether correlations are shrunk by what chance makes of them.

    Returns
    -------
    array
        The moved ensemble: its mean and covariance are those of a linear and normal posterior.
    """
    members = len(ensemble)
    away = ensemble - ensemble.mean(axis=0)
    slopes, rest = lines(ensemble, predicted, shrunk)
    whole = noise + np.diag(np.maximum(rest - known_noise, 0))
    root = cholesky(whole / share, lower=True)
    scaled = solve_triangular(root, (away @ slopes).T, lower=True) / np.sqrt(members - 1)
    apart = solve_triangular(root, observed - predicted.mean(axis=0), lower=True) / np.sqrt(members - 1)
    sizes, turn = np.linalg.eigh(scaled.T @ scaled)
    sizes = np.maximum(sizes, 0)
    weights = turn @ ((turn.T @ (scaled.T @ apart)) / (1 + sizes))
    change = turn @ ((turn.T @ away) / np.sqrt(1 + sizes)[:, None])
    return ensemble.mean(axis=0) + weights @ away + change


def lines(ensemble: np.ndarray, predicted: np.ndarray, shrunk: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Straight lines through predictions: slopes, shape (parameter, row), and the variance that they leave, (row,)."""
    members = len(ensemble)
    away, apart = ensemble - ensemble.mean(axis=0), predicted - predicted.mean(axis=0)
    cross = away.T @ apart / (members - 1)
    if shrunk:
        cross = cross * believed(correlations(ensemble, predicted), members)
    slopes = np.linalg.pinv(away.T @ away / (members - 1)) @ cross
    return slopes, ((apart - away @ slopes) ** 2).sum(axis=0) / (members - 1)


def correlations(ensemble: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Of each parameter with each predicted row, shape (parameter, row); 0 where one of them does not vary."""
    away, apart = ensemble - ensemble.mean(axis=0), predicted - predicted.mean(axis=0)
    sizes = np.sqrt(np.outer((away**2).sum(axis=0), (apart**2).sum(axis=0)))
    return np.clip(np.where(sizes > TINY, away.T @ apart / np.maximum(sizes, TINY), 0.0), -1, 1)


def believed(found: np.ndarray, members: int) -> np.ndarray:
    """The part of a correlation that is believed: none below two standard errors, nearly all far above."""
    square = found**2
    error = (1 - square) ** 2 / (members - 1)
    return np.clip(1 - TRUSTED**2 * error / np.maximum(square, TINY), 0, 1)
