"""What one simulation is about, in one place that every step reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..case.case import Case
from ..model.compile import Model
from ..protocol.protocol import Protocol


@dataclass(frozen=True)
class Setting:
    """Cases, their orders, the model laid out for them, who the twins are, and how to run.

    Attributes
    ----------
    cases, names, keys
        Whose twins they are, what they are called, and the numbers that decide their luck; one for each patient.
        All cases have the same model.
    last_day : float [day]
    tolerance : float
        Relative error allowed for each state in a step.
    chance : bool
        Whether small populations are counted in ones and events happen.
    workers : int
        Threads; results do not depend on it.
    multiples : mapping
        Arrays, shape (patient,), by which each patient's own value of a parameter is multiplied.
    """

    cases: tuple[Case, ...]
    protocol: Protocol
    model: Model
    names: tuple[str, ...]
    keys: np.ndarray
    seed: int
    last_day: float
    tolerance: float
    chance: bool
    workers: int
    multiples: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def case(self) -> Case:
        """The first patient's case, for what all share."""
        return self.cases[0]
