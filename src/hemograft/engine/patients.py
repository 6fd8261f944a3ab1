"""Twins and orders of one case, or of many, become the rows on which the compiled loop works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..model.compile import Model
from .bedside import NO_RULE
from .lanes import Patients, bounds_of, luck_of
from .orders import Orders
from .twins import Twins


@dataclass(frozen=True)
class Group:
    """The twins of one case, ready to be followed.

    Attributes
    ----------
    keys : array of uint64, shape (patient,)
        The numbers that decide the twins' luck.
    first_day, last_day : float [day]
    """

    people: Twins
    orders: Orders
    keys: np.ndarray
    first_day: float
    last_day: float


def rows_of(model: Model, groups: Sequence[Group], seed: int, chance: bool) -> Patients:
    """One row a patient; shorter lists of orders are filled up with ones that never come."""
    keys = np.concatenate([group.keys for group in groups])
    events = max(len(group.orders.times) for group in groups)
    rules = max(len(group.orders.rules) for group in groups)
    each = [group.people.count for group in groups]

    def joined(parts, shape, filling, kind: type = float):
        out = np.full((len(keys), *shape), filling, dtype=kind)
        first = 0
        for part, count in zip(parts, each, strict=True):
            part = np.broadcast_to(part, (count, *part.shape[-len(shape) :]))
            out[(slice(first, first + count), *(slice(length) for length in part.shape[1:]))] = part
            first += count
        return out

    orders = [group.orders for group in groups]
    return Patients(
        vectors=np.concatenate([group.people.vectors for group in groups]),
        start=np.concatenate([group.people.start for group in groups]),
        first_day=np.repeat([float(group.first_day) for group in groups], each),
        last_day=np.repeat([float(group.last_day) for group in groups], each),
        times=joined([o.times for o in orders], (events,), np.inf),
        events=joined([o.events for o in orders], (events, 4), 0, np.int64),
        amounts=joined([o.amounts for o in orders], (events,), 0.0),
        waiting=np.repeat(np.array([o.waiting for o in orders], dtype=np.int64), each),
        rules=joined([o.rules for o in orders], (rules, 6), NO_RULE, np.int64),
        limits=joined([o.limits for o in orders], (rules, 5), 0.0),
        bounds=bounds_of(model, keys, seed, chance),
        luck=luck_of(model, keys, seed),
    )
