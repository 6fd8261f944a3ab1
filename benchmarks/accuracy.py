"""How far two courses are apart, and what a simulator costs at a given error."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from .work import Work


def errors(work: Work, found: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """|found - reference| / (|reference| + floor) of each compared amount; zero where nothing is compared.

    Parameters
    ----------
    found, reference : arrays, shape (..., day, state)
    """
    apart = np.abs(found - reference) / (np.abs(reference) + work.floors)
    return np.where(work.compared, apart, 0.0)


def root_mean_square(work: Work, found: np.ndarray, reference: np.ndarray) -> float:
    """The root mean square of all compared errors."""
    apart = errors(work, found, reference)
    count = work.compared.sum() * (apart.size / work.compared.size)
    return float(np.sqrt(np.sum(apart**2) / count))


def cost_at(error: float, rungs: Sequence[tuple[float, float]]) -> float | None:
    """Time at an error, between two rungs of a ladder of tolerances, both on logarithmic scales.

    Parameters
    ----------
    rungs : sequence of (root mean square error, time)
        From loose to tight tolerance.

    Returns
    -------
    float or None
        The time of the loosest rung where even that is more accurate; None where no rung is accurate enough.
    """
    usable = [rung for rung in rungs if np.isfinite(rung[0]) and rung[0] > 0]
    if not usable:
        return None
    if usable[0][0] <= error:
        return usable[0][1]
    for (loose, cheap), (tight, dear) in pairwise(usable):
        if tight <= error < loose:
            share = np.log(error / loose) / np.log(tight / loose)
            return float(np.exp((1 - share) * np.log(cheap) + share * np.log(dear)))
    return None
