"""Global sensitivity of one case to the calibrated parameters: elementary effects by Morris, with SALib.

Every setting is simulated with the same twins and the same luck, so that differences are those of the parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ..case.case import Case
from ..engine.simulate import TOLERANCE
from ..ensemble import with_values
from ..errors import InputError, Problem
from ..protocol.protocol import Protocol
from ..studies.chunk import Conditions, Member, judge

FEWEST_WALKS, RESAMPLES = 2, 200  # walks, and draws of the bootstrap
LEVELS = 4  # of each parameter between its limits
OUTCOMES = {  # name of an event: what is said of it
    "neutrophil_engraftment": "mean day of neutrophils, at most the last day",
    "acute_gvhd_2_4": "share with acute disease, grade II to IV",
    "chronic_gvhd": "share with chronic disease",
    "relapse": "share with relapse",
    "death_without_relapse": "share dead without relapse",
    "death": "share dead",
}
KINDS = ("mu_star", "mu_star_conf", "sigma")
TIMES = ("neutrophil_engraftment",)


@dataclass(frozen=True)
class Screening:
    """Elementary effects.

    Attributes
    ----------
    names : tuple of str
        Parameters.
    effects : mapping
        Outcome to the mean absolute effect of each parameter over its whole range, in units of the outcome.
    errors, spreads : mapping
        Its bootstrap interval (95 %), and the standard deviation of the effects.
    settings : int
        How many were simulated.
    """

    case: str
    protocol: str
    twins: int
    days: float
    names: tuple[str, ...]
    effects: Mapping[str, np.ndarray]
    errors: Mapping[str, np.ndarray]
    spreads: Mapping[str, np.ndarray]
    settings: int

    def strongest(self, outcome: str, most: int) -> list[int]:
        """Places of the parameters with the largest effects."""
        return [int(i) for i in np.argsort(-self.effects[outcome], kind="stable")[:most]]

    @property
    def words(self) -> dict[str, Any]:
        """For a machine to read."""
        made = {
            outcome: [
                {
                    "parameter": name,
                    "mean_absolute_effect": float(self.effects[outcome][i]),
                    "interval": float(self.errors[outcome][i]),
                    "standard_deviation": float(self.spreads[outcome][i]),
                }
                for i, name in enumerate(self.names)
            ]
            for outcome in self.effects
        }
        known = {"method": "Morris", "case": self.case, "protocol": self.protocol, "twins": self.twins}
        return {**known, "days": self.days, "settings": self.settings, "outcomes": made}


def screen(
    case: Case,
    protocol: Protocol,
    limits: Mapping[str, tuple[float, float]],
    *,
    twins: int,
    days: float,
    trajectories: int,
    seed: int,
    workers: int = 1,
) -> Screening:
    """Elementary effects of parameters, each between two limits on a logarithmic scale.

    Parameters
    ----------
    limits : mapping
        Parameter to its lowest and highest value, canonical units.
    trajectories : int
        Walks through the settings; each has one setting more than there are parameters.

    Raises
    ------
    InputError
        SALib is not installed, or numbers that make no sense.
    """
    sample, analyze = _salib(trajectories)
    names = tuple(limits)
    problem = {
        "num_vars": len(names),
        "names": list(names),
        "bounds": np.log([limits[name] for name in names]).tolist(),
    }
    settings = sample(problem, trajectories, num_levels=LEVELS, seed=seed)
    table = _simulated(case, protocol, names, np.exp(settings), Conditions(days, seed, TOLERANCE, True), twins, workers)
    found = {name: _mean(table, name, twins, days) for name in OUTCOMES if f"{name}_day" in table.column_names}
    usable = {name: values for name, values in found.items() if np.isfinite(values).all()}
    options = {"num_levels": LEVELS, "seed": seed, "num_resamples": RESAMPLES}
    made = {name: analyze(problem, settings, values, **options) for name, values in usable.items()}
    effects, errors, spreads = ({name: np.array(one[key], dtype=float) for name, one in made.items()} for key in KINDS)
    return Screening(case.title, protocol.name, twins, days, names, effects, errors, spreads, len(settings))


def _salib(walks: int) -> tuple[Any, Any]:
    if walks < FEWEST_WALKS:
        raise InputError(Problem(f"{walks} walk", "--walks", f"0 for none, or {FEWEST_WALKS} or more"))
    try:
        from SALib.analyze.morris import analyze
        from SALib.sample.morris import sample
    except ImportError:
        hint = 'pip install "hemograft[dossier]", or --walks 0'
        raise InputError(Problem("SALib is not installed", "sensitivity", "the extra 'dossier'", hint)) from None
    return sample, analyze


def _simulated(
    case: Case,
    protocol: Protocol,
    names: Sequence[str],
    settings: np.ndarray,
    conditions: Conditions,
    twins: int,
    workers: int,
) -> pa.Table:
    """Outcomes of the twins of every setting, settings one after another."""
    members = [
        Member(f"{case.id}/{number}/{twin}", case, protocol, values, luck=f"{case.id}/{twin}")
        for number, row in enumerate(settings)
        for values in (with_values(dict(zip(names, row.tolist(), strict=True))),)
        for twin in range(1, twins + 1)
    ]
    return judge(members, conditions, workers).outcomes


def _mean(table: pa.Table, event: str, twins: int, days: float) -> np.ndarray:
    """The outcome of each setting; NaN where it is not computed."""
    seen = np.array(table[f"{event}_observed"].to_pylist(), dtype=float).reshape(-1, twins)
    if event not in TIMES:
        return np.nanmean(seen, axis=1) if np.isfinite(seen).any(axis=1).all() else np.full(len(seen), np.nan)
    day = np.array(table[f"{event}_day"].to_pylist(), dtype=float).reshape(-1, twins)
    return np.where(seen == 1, day, days).mean(axis=1)
