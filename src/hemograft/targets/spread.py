"""How far an ensemble's members lie apart in one prediction, beyond chance, at the price of one more simulation.

Each patient is simulated twice: with the values that predict, and with those of one member, by the same luck. Each
member has its own patients, in two halves. In each half the member's estimate less that of the same patients with the
predicting values holds the effect of the parameters and chance; chance is independent between the halves, so that the
mean over members of the product of both differences is the variance that the parameters make, without bias.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from .endpoints import NoAnswer

FEWEST_MEMBERS = 2  # with an answer in both halves
HALVES = 2
FEWEST_PATIENTS = 10  # of one member and half
USUAL_PATIENTS = 10  # of one member and half; more would take long and tell little, since discrepancies are wider


def most_members(patients: int) -> int:
    """How many members so many patients are enough for."""
    return patients // (HALVES * FEWEST_PATIENTS)


def with_members(members: int) -> int:
    """How many patients, from the first, are simulated with the values of so many members too."""
    return members * HALVES * USUAL_PATIENTS


@dataclass(frozen=True)
class Simulated:
    """One arm as it was simulated.

    Attributes
    ----------
    main : pyarrow.Table
        Outcomes with the values that predict.
    varied : pyarrow.Table or None
        Outcomes of the first of these patients, each with the values of one member.
    members : int
        Of how many members.
    order : mapping
        Name of a patient to the place in the draw, which decides member and half.
    """

    main: pa.Table
    varied: pa.Table | None = None
    members: int = 0
    order: dict[str, int] | None = None

    @cached_property
    def parts(self) -> dict[tuple[int, int], tuple[pa.Table, pa.Table]]:
        """By member and half: the rows of its patients, with the member's values and with those that predict."""
        if self.varied is None:
            return {}
        varied = set(self.varied["patient"].to_pylist())
        same = self.main.filter(pa.array([name in varied for name in self.main["patient"].to_pylist()], pa.bool_()))
        both = [self._split(table) for table in (self.varied, same)]
        return {where: (both[0][where], both[1][where]) for where in both[0]}

    def _split(self, table: pa.Table) -> dict[tuple[int, int], pa.Table]:
        places = np.array([(self.order or {})[name] for name in table["patient"].to_pylist()], dtype=int)
        return {
            (member, half): table.filter(
                pa.array((places % self.members == member) & (places // self.members % HALVES == half))
            )
            for member in range(self.members)
            for half in range(HALVES)
        }


def spread(arms: Sequence[Simulated], value: Callable[..., float]) -> float:
    """The variance that the parameters make in a value of one arm, or of two that are contrasted.

    Parameters
    ----------
    value : callable
        From one table for each arm to the value on the scale on which errors add; raises NoAnswer where it has none.
    """
    if any(arm.varied is None or arm.members < FEWEST_MEMBERS for arm in arms):
        return 0.0
    products = []
    for member in range(arms[0].members):
        try:
            first, second = (_difference(arms, value, member, half) for half in range(HALVES))
        except (NoAnswer, KeyError):
            continue
        if np.isfinite([first, second]).all():
            products.append(first * second)
    return max(0.0, float(np.mean(products))) if len(products) >= FEWEST_MEMBERS else 0.0


def _difference(arms: Sequence[Simulated], value: Callable[..., float], member: int, half: int) -> float:
    varied, plain = zip(*(arm.parts[member, half] for arm in arms), strict=True)
    return value(*varied) - value(*plain)
