"""The luck of virtual patients: numbers that belong to a patient and a purpose, whoever else is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..streams import key, normal, uniform


@dataclass(frozen=True)
class Luck:
    """Random numbers of patients; the same seed, patient and purpose always give the same number."""

    seed: int
    keys: np.ndarray

    def uniform(self, purpose: str) -> np.ndarray:
        """Uniform numbers in (0, 1), shape (patient,)."""
        return uniform(self.seed, self.keys, f"population/{purpose}")

    def normal(self, purpose: str) -> np.ndarray:
        """Standard normal numbers, shape (patient,)."""
        return normal(self.seed, self.keys, f"population/{purpose}")

    def between(self, purpose: str, low: float, high: float, *, log: bool = False) -> np.ndarray:
        """Numbers spread evenly between two limits, on a logarithmic scale if asked."""
        chance = self.uniform(purpose)
        if log:
            return np.exp(np.log(low) + chance * (np.log(high) - np.log(low)))
        return low + chance * (high - low)

    def word(self, purpose: str, shares: Mapping[str, float]) -> np.ndarray:
        """One word for every patient, by shares."""
        return picked(self.uniform(purpose), shares)

    def grouped(self, purpose: str, groups: np.ndarray, shares: Mapping[str, Mapping[str, float]]) -> np.ndarray:
        """One word for every patient, by the shares of the patient's group; one chance whatever the group."""
        chance = self.uniform(purpose)
        found = np.empty(len(groups), dtype=object)
        for group in np.unique(groups.astype(str)):
            here = groups == group
            found[here] = picked(chance[here], shares[group])
        return found


def named(n: int) -> tuple[list[str], np.ndarray]:
    """Names of the first n virtual patients, the same in every population, and their keys."""
    names = [f"patient-{number + 1:04d}" for number in range(n)]
    return names, np.array([key(name) for name in names], dtype=np.uint64)


def picked(chance: np.ndarray, shares: Mapping[str, float]) -> np.ndarray:
    """The word into whose share each chance falls."""
    words = np.array(list(shares), dtype=object)
    rising = np.cumsum(list(shares.values()))
    return words[np.minimum(np.searchsorted(rising / rising[-1], chance, side="right"), len(words) - 1)]
