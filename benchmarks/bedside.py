"""Orders and daily rules of one patient in plain Python, for simulators that are driven from outside."""

from __future__ import annotations

import numpy as np

from hemograft.engine.bedside import STOP_ORDER

from .work import Work

HOLDS = (np.greater, np.greater_equal, np.less, np.less_equal)
SAME_MOMENT = 1e-12  # days


class Bedside:
    """What is due and what the rules say, in the engine's terms but apart from its code."""

    def __init__(self, work: Work, i: int):
        self.work, self.orders, self.limits = work, work.orders, work.orders.limits[i]
        self.changes = work.changes(i)
        self.held = [0] * len(self.orders.rules)
        self.stopped: set[int] = set()
        self.given: set[int] = set()
        self.next = 0

    @property
    def armed(self) -> bool:
        """Whether there is any rule."""
        return len(self.orders.rules) > 0

    def act(self, day: float, counts: np.ndarray | None) -> list[tuple[str, float]]:
        """Read the day's counts; what the rules give, as (state, amount)."""
        found = []
        for r, (kind, quantity, relation, target, needed) in enumerate(self.orders.rules):
            threshold, first, last, amount = self.limits[r]
            holds = counts is not None and first <= day <= last and HOLDS[relation](counts[quantity], threshold)
            self.held[r] = self.held[r] + 1 if holds else 0
            if self.held[r] < needed:
                continue
            if kind == STOP_ORDER:
                self.stopped.add(int(target))
            else:
                found.append((self.work.model.states[target].name, float(amount)))
                self.held[r] = 0
        return found

    def due(self, now: float) -> list[tuple[str, float]]:
        """Orders up to now that are not yet carried out, as (state or input, amount)."""
        found = []
        while self.next < len(self.changes) and self.orders.times[self.next] <= now + SAME_MOMENT:
            _, _, order, begun = self.orders.events[self.next]
            if begun in self.given if begun >= 0 else int(order) not in self.stopped:
                self.given.add(self.next)
                found.append((self.changes[self.next].target, self.changes[self.next].amount))
            self.next += 1
        return found

    def next_order(self, now: float) -> float:
        """When the next order is due."""
        later = self.orders.times[self.next :]
        return float(later[0]) if len(later) else float("inf")
