"""Which assumed numbers mattered: rank correlation of the twins' own values with their outcomes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..parameters import Parameter
from ..trajectory import Trajectory

FEWEST = 20  # twins; with fewer, rank correlations say nothing
NOISE = 3.0  # standard errors of a correlation by chance that one must exceed to be shown as influence
JUDGED = {
    "neutrophil_engraftment_day": "day of neutrophil engraftment",
    "platelet_engraftment_day": "day of platelet engraftment",
    "neutrophils_nadir": "lowest neutrophil count",
    "donor_t_day_100": "donor T cells, day 100",
    "donor_myeloid_day_100": "donor myeloid cells, day 100",
    "complete_remission_day": "day of complete remission",
    "residual_disease_day_30": "residual disease, day 30",
    "relapse_day": "day of relapse",
    "platelet_units": "platelet units",
}
GUESSED = ("assumed", "fitted")


@dataclass(frozen=True)
class Influence:
    """A guessed parameter, and the outcome it moves most.

    Attributes
    ----------
    correlation : float
        Spearman's rank correlation; positive when more of the parameter means more (or later).
    noise : float
        Standard error of the correlation that chance alone would give, 1/sqrt(n - 1).
    """

    parameter: Parameter
    outcome: str
    correlation: float
    noise: float

    @property
    def clear(self) -> bool:
        """Whether the correlation stands out from chance."""
        return abs(self.correlation) > NOISE * self.noise


def influences(trajectory: Trajectory, outcomes: pa.Table) -> tuple[tuple[Influence, ...], tuple[Parameter, ...]]:
    """Rank the assumed and fitted parameters that vary between twins; list those that do not.

    Returns
    -------
    ranked : tuple of Influence
        Strongest first; empty with fewer than 20 twins.
    same : tuple of Parameter
        Assumed or fitted, and the same in every twin: their influence cannot be seen in this run.
    """
    guessed = {
        name: trajectory.parameters[name]
        for name in trajectory.parameters
        if trajectory.parameters[name].evidence in GUESSED
    }
    varies = {
        name: np.asarray(values, dtype=float)
        for name, values in trajectory.individual.items()
        if name in guessed and len(values) == outcomes.num_rows and np.ptp(values) > 0
    }
    same = tuple(parameter for name, parameter in guessed.items() if name not in varies)
    if outcomes.num_rows < FEWEST:
        return (), same
    judged = {
        column: np.array(outcomes[column].to_pylist(), dtype=float)
        for column in JUDGED
        if column in outcomes.column_names
    }
    found = [one for name, values in varies.items() if (one := _strongest(guessed[name], values, judged))]
    return tuple(sorted(found, key=lambda one: (-abs(one.correlation), one.parameter.name))), same


def _strongest(parameter: Parameter, values: np.ndarray, judged: dict[str, np.ndarray]) -> Influence | None:
    best: Influence | None = None
    for column, result in judged.items():
        words = JUDGED[column]
        known = np.isfinite(result)
        if known.sum() < FEWEST or np.ptp(result[known]) == 0 or np.ptp(values[known]) == 0:
            continue
        found = Influence(parameter, words, spearman(values[known], result[known]), 1 / math.sqrt(known.sum() - 1))
        if best is None or abs(found.correlation) > abs(best.correlation):
            best = found
    return best


def spearman(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's rank correlation; ties share their mean rank."""
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[place]
