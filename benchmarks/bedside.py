"""Orders and daily rules of one patient in plain Python, for simulators that are driven from outside."""

from __future__ import annotations

from math import inf

import numpy as np

from hemograft.engine.bedside import ADD_TO_STATE, START_ORDER, STOP_ORDER

from .work import Work

HOLDS = (np.greater, np.greater_equal, np.less, np.less_equal)
SAME_MOMENT = 1e-12  # days


class Bedside:
    """What is due and what the rules say: the engine's rules, apart from its code."""

    def __init__(self, work: Work, i: int):
        self.work, self.orders, self.limits = work, work.orders, work.orders.limits[i]
        inputs = {slot: name for name, slot in work.model.slots.items()}
        self.changes = [
            (work.model.states[target].name if kind == ADD_TO_STATE else inputs[target], float(amount))
            for (kind, target, *_), amount in zip(self.orders.events.tolist(), self.orders.amounts[i], strict=True)
        ]
        self.held = [0] * len(self.orders.rules)
        self.stopped: set[int] = set()
        self.begun: dict[int, float] = {}
        self.left = set(range(len(self.orders.times)))
        self.given: set[int] = set()

    @property
    def armed(self) -> bool:
        """Whether there is any rule."""
        return len(self.orders.rules) > 0

    def act(self, day: float, counts: np.ndarray | None) -> list[tuple[str, float]]:
        """Read the day's counts; what the rules give, as (state, amount)."""
        found = []
        for r, (kind, quantity, relation, target, needed, previous) in enumerate(self.orders.rules.tolist()):
            threshold, first, last, amount, after = self.limits[r]
            if previous >= 0 and day < self.begun.get(previous, inf) + after:
                self.held[r] = 0
                continue
            holds = counts is not None and first <= day <= last and HOLDS[relation](counts[quantity], threshold)
            self.held[r] = self.held[r] + 1 if holds else 0
            if self.held[r] < needed:
                continue
            if kind == STOP_ORDER:
                self.stopped.add(target)
            elif kind == START_ORDER:
                self.begun.setdefault(target, day)
            else:
                found.append((self.work.model.states[target].name, float(amount)))
                self.held[r] = 0
        return found

    def due(self, now: float) -> list[tuple[str, float]]:
        """Orders up to now that are not yet carried out, as (state or input, amount)."""
        found = []
        for e in sorted(self.left):
            if self._time(e) <= now + SAME_MOMENT:
                self.left.discard(e)
                _, _, order, begun = self.orders.events[e].tolist()
                if begun in self.given if begun >= 0 else order not in self.stopped:
                    self.given.add(e)
                    found.append(self.changes[e])
        return found

    def next_order(self) -> float:
        """When the next order is due."""
        return min((self._time(e) for e in self.left), default=inf)

    def _time(self, e: int) -> float:
        """When an order event is due; never for one whose order waits for its condition."""
        since = 0.0 if e < self.orders.waiting else self.begun.get(int(self.orders.events[e, 2]), inf)
        return since + float(self.orders.times[e])
