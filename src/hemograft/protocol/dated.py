"""What a schedule is made of: dated doses, and rules that stop, begin and transfuse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .rules import Condition


@dataclass(frozen=True)
class Dose:
    """One dose at one time.

    Attributes
    ----------
    order : int
        Index in ``Protocol.actions``.
    start, duration : float [day]
        A duration of 0 is given at once. The start of an order that waits counts from the day it begins.
    kind : str
        ``drug``, ``radiation``, ``graft`` or ``lymphocytes``.
    what, route : str
        Drug name, ``total_body``, ``lymphoid``, ``graft`` or ``donor_lymphocytes``; iv, sc, oral or an empty string.
    amount : array, shape (twin,) [mg, Gy, CD3 cells, or 1 for the graft]
        Read-only when it is the same for all twins.
    """

    order: int
    start: float
    duration: float
    kind: str
    what: str
    route: str
    amount: np.ndarray


@dataclass(frozen=True)
class StopRule:
    """Stops the remaining doses of an order; its days in a row count from ``first`` to ``last`` [day]."""

    order: int
    condition: Condition
    first: float
    last: float


@dataclass(frozen=True)
class StartRule:
    """Begins a waiting order on the first day, from ``first`` to ``last`` [day], on which a condition is met."""

    order: int
    condition: Condition
    first: float
    last: float


@dataclass(frozen=True)
class TransfusionRule:
    """Gives ``amount`` units at each daily count from ``first`` to ``last`` [day] that meets a condition."""

    what: str
    amount: float
    condition: Condition
    first: float
    last: float
    order: int


@dataclass(frozen=True)
class Schedule:
    """All doses in order of time, and the rules that are armed."""

    doses: tuple[Dose, ...]
    stops: tuple[StopRule, ...]
    transfusions: tuple[TransfusionRule, ...]
    starts: tuple[StartRule, ...] = ()
