"""scipy's LSODA on a task, with rates compiled by Numba; restarted at every order."""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

from .bedside import Bedside
from .direct import direct
from .work import Work


class Scipy:
    """One compiled model; patients differ by their vectors."""

    def __init__(self, work: Work, method: str = "LSODA"):
        self.work, self.method = work, method
        self.changes = direct(work.model).changes
        self.flows = np.zeros(len(work.model.arrows))

    def states(self, i: int, tolerance: float) -> np.ndarray:
        """All states of one patient on all days, shape (day, state)."""
        work, p, bedside = self.work, self.work.vectors[i].copy(), Bedside(self.work, i)
        now, x = work.first_day, work.start[i].copy()
        found = np.empty((len(work.days), len(x)))
        found[0] = x

        def slope(_, y):
            dx = np.empty_like(y)
            self.changes(y, p, self.flows, dx)
            return dx

        while now < work.last_day:
            for target, amount in bedside.due(now):
                if target in work.model.slots:
                    slot = work.model.slots[target]
                    p[slot] = max(p[slot] + amount, 0.0)
                else:
                    x[work.model.state_number[target]] += amount
            until = min(bedside.next_order(), work.last_day)
            inside = work.days[(work.days > now) & (work.days <= until)]
            part = solve_ivp(
                slope,
                (now, until),
                x,
                method=self.method,
                rtol=tolerance,
                atol=tolerance * work.floors,
                t_eval=np.unique([*inside, until]),
            )
            if not part.success:
                raise RuntimeError(part.message)
            at = np.searchsorted(part.t, inside)
            found[(inside - work.first_day).astype(int)] = part.y[:, at].T
            now, x = until, part.y[:, -1].copy()
        return found
