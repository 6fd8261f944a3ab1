"""A plain exact simulator of ours, compiled: the direct method on any declared model, in one loop."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit

from .direct import direct
from .work import Work


class Exact:
    """One compiled model; every course starts from the first patient's numbers."""

    def __init__(self, work: Work):
        self.work = work
        self.rates = direct(work.model).rates
        self.jumps = np.zeros((len(work.model.arrows), len(work.model.states)))
        for row, arrow in enumerate(work.model.arrows):
            if arrow.source is not None:
                self.jumps[row, arrow.source] -= 1
            if arrow.target is not None:
                self.jumps[row, arrow.target] += arrow.yields

    def courses(self, count: int, seed: int) -> np.ndarray:
        """Counts of every state on every day, shape (course, day, state)."""
        found = np.empty((count, len(self.work.days), len(self.work.model.states)))
        for k in range(count):
            _course()(self.rates, self.work.vectors[0], self.work.start[0].copy(), self.jumps, found[k], seed + k)
        return found


@lru_cache(maxsize=1)
def _course():
    @njit(error_model="numpy", nogil=True)
    def course(rates, p, x, jumps, found, seed):
        np.random.seed(seed)  # noqa: NPY002  (the only kind that compiled code can seed)
        v = np.empty(jumps.shape[0])
        now, day = 0.0, 0
        while day < found.shape[0]:
            rates(x, p, v)
            total = 0.0
            for rate in v:
                total += rate
            now = now + np.random.exponential(1.0) / total if total > 0 else np.inf  # noqa: NPY002
            while day < found.shape[0] and day <= now:
                found[day] = x
                day += 1
            left, kind = np.random.random() * total, 0  # noqa: NPY002
            while kind < v.size - 1 and left >= v[kind]:
                left -= v[kind]
                kind += 1
            for i in range(x.size):
                x[i] += jumps[kind, i]

    return course
