"""One comparison with a published number, and the simulated groups that comparisons share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hemograft.case.case import Case
from hemograft.engine.simulate import simulate
from hemograft.outcome.table import outcomes
from hemograft.protocol.protocol import Protocol
from hemograft.trajectory import Trajectory

from .cases import case, protocol, untreated

TWINS = 400
SEED = 20260101


@dataclass(frozen=True)
class Check:
    """One comparison.

    Attributes
    ----------
    published : str
        What was published, as text.
    low, high : float
        What we accept; our tolerance, not the paper's interval.
    value, error : float
        What the simulator gives, with its Monte Carlo standard error.
    """

    topic: str
    what: str
    published: str
    source: str
    low: float
    high: float
    value: float
    error: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether the value lies in what we accept."""
        return self.low <= self.value <= self.high


def median_day(trajectory: Trajectory, event: str) -> tuple[float, float]:
    """Median day of an event, patients without it counting as later than all; and its standard error."""
    table = outcomes(trajectory)
    day = np.array(table[f"{event}_day"].to_pylist(), dtype=float)
    seen = np.array([bool(x) for x in table[f"{event}_observed"].to_pylist()])
    return median(np.where(seen, day, np.inf))


def median(values: np.ndarray) -> tuple[float, float]:
    """A median and its standard error, of patients who are followed: the dead have no value."""
    ordered = np.sort(values[~np.isnan(values)])
    n, half = len(ordered), 0.5 * np.sqrt(len(ordered))
    low, high = ordered[int(max(0, n / 2 - half))], ordered[int(min(n - 1, n / 2 + half))]
    return float(np.median(ordered)), float((high - low) / 2)


def share(flags: np.ndarray) -> tuple[float, float]:
    """A proportion and its standard error, never exactly zero."""
    n, x = len(flags), float(np.sum(flags))
    guess = (x + 1) / (n + 2)
    return x / n, float(np.sqrt(guess * (1 - guess) / n))


@lru_cache(maxsize=64)
def run_of(key: str, days: int) -> Trajectory:
    who, what = _CASES[key]()
    return simulate(who, what, twins=TWINS, days=days, seed=SEED)


_CASES: dict[str, Callable[[], tuple[Case, Protocol]]] = {
    "blood": lambda: (case("mobilized_blood"), protocol("bucy", filgrastim=False)),
    "blood with filgrastim": lambda: (case("mobilized_blood"), protocol("bucy", filgrastim=True)),
    "blood, half the dose": lambda: (case("mobilized_blood", "3 x10^6/kg"), protocol("bucy", filgrastim=False)),
    "blood, twice the dose": lambda: (case("mobilized_blood", "12 x10^6/kg"), protocol("bucy", filgrastim=False)),
    "marrow": lambda: (case("marrow"), protocol("bucy", filgrastim=False)),
    "marrow, half the dose": lambda: (case("marrow", "1.4 x10^6/kg"), protocol("bucy", filgrastim=False)),
    "cord": lambda: (case("cord_blood"), protocol("cytbi", filgrastim=True)),
    "cord without filgrastim": lambda: (case("cord_blood"), protocol("cytbi", filgrastim=False)),
    "bucy, no graft": lambda: (case(), protocol("bucy", graft=False, filgrastim=False)),
    "cytbi, no graft": lambda: (case(), protocol("cytbi", graft=False, filgrastim=False)),
    "flubu4, no graft": lambda: (case(), protocol("flubu4", graft=False, filgrastim=False)),
    "flutbi2, no graft": lambda: (case(), protocol("flutbi2", graft=False, filgrastim=False)),
    "flutbi2": lambda: (case("mobilized_blood"), protocol("flutbi2")),
    "haplo": lambda: (case("marrow", "3 x10^6/kg"), protocol("haplo_ptcy")),
    "flubu4": lambda: (case("mobilized_blood"), protocol("flubu4", filgrastim=False)),
    "cytbi": lambda: (case("marrow"), protocol("cytbi", filgrastim=False)),
    "induction": lambda: (_aml(), protocol("induction_7_3")),
    "untreated leukemia": lambda: (_remission("0.1 %"), untreated()),
    "relapse": lambda: (_remission_graft(), protocol("flubu4", filgrastim=False)),
    "healthy": lambda: (case(), untreated()),
}


def _aml() -> Case:
    return case(diagnosis="aml_intermediate", stage="newly_diagnosed", marrow_blasts="60 %")


def _remission(residual: str) -> Case:
    return case(diagnosis="aml_intermediate", stage="cr1", residual_disease=residual)


def _remission_graft() -> Case:
    return case("mobilized_blood", diagnosis="aml_intermediate", stage="cr1")
