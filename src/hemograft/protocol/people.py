"""What a dose needs to know of those who get it: weights and body surface, of one patient or of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol as Shape

import numpy as np

Size = float | np.ndarray  # of one patient, or one for each, shape (twin,)


class Person(Shape):
    """What a dose needs to know of a patient: weights [kg] and body surface [m2]."""

    @property
    def weight(self) -> Size: ...
    @property
    def body_surface(self) -> Size: ...
    @property
    def ideal_weight(self) -> Size: ...
    @property
    def adjusted_weight(self) -> Size: ...


@dataclass(frozen=True)
class People:
    """Several patients as one :class:`Person`: every size is an array, shape (twin,)."""

    patients: Sequence[Person]

    def _each(self, size: str) -> np.ndarray:
        return np.array([getattr(patient, size) for patient in self.patients], dtype=float)

    @property
    def weight(self) -> np.ndarray:
        return self._each("weight")

    @property
    def body_surface(self) -> np.ndarray:
        return self._each("body_surface")

    @property
    def ideal_weight(self) -> np.ndarray:
        return self._each("ideal_weight")

    @property
    def adjusted_weight(self) -> np.ndarray:
        return self._each("adjusted_weight")
