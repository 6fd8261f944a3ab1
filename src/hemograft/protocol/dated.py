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
    course : int
        Which beginning of an order that may begin again, from 0.
    """

    order: int
    start: float
    duration: float
    kind: str
    what: str
    route: str
    amount: np.ndarray
    course: int = 0


@dataclass(frozen=True)
class StopRule:
    """Stops the remaining doses of an order; its days in a row count from ``first`` to ``last`` [day]."""

    order: int
    condition: Condition
    first: float
    last: float


@dataclass(frozen=True)
class StartRule:
    """Begins a waiting order on the first day, from ``first`` to ``last`` [day], on which a condition is met.

    A course after the first begins ``after`` days [day] after the one before it at the earliest.
    """

    order: int
    condition: Condition
    first: float
    last: float
    course: int = 0
    after: float = 0.0


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
    """All doses in order of time, the rules that are armed, and how many orders they belong to."""

    doses: tuple[Dose, ...]
    stops: tuple[StopRule, ...]
    transfusions: tuple[TransfusionRule, ...]
    starts: tuple[StartRule, ...] = ()
    orders: int = 0
