"""One exact random course of a small declared model: every cell a whole number, one flow at a time.

Slow and plain on purpose: rate functions are read with numbers before each event. It is what faster ways of letting
chance act are tested against, and not for models of the size of a patient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ModelError
from ..model.compile import Model
from ..model.elements import Arrow
from ..model.reading import rates_of_change


def exact_course(
    model: Model,
    amounts: Sequence[int] | np.ndarray,
    values: Mapping[str, Any],
    until: float,
    random: np.random.Generator,
    record_times: Sequence[float] | np.ndarray,
) -> np.ndarray:
    """Counts of every state at the wanted times, by the direct method.

    The next event comes after an exponential time; which flow it is, is drawn in proportion to the rates. One cell
    leaves its source then, and ``yields`` cells arrive at its target.

    Parameters
    ----------
    amounts : array of int, shape (state,)
        Counts at time 0.
    values : mapping
        Parameters, covariates, derived values and inputs by name.
    record_times : array, shape (time,) [day]
        Ascending, from 0 to at most ``until``.

    Returns
    -------
    array of int, shape (time, state)

    Raises
    ------
    ModelError
        A flow yields part of a cell, a count is not whole, or a rate is negative.

    Source
    ------
    Gillespie 1977, doi:10.1021/j100540a008 (recalled, not re-read).
    """
    jumps = [_jump(model, arrow) for arrow in model.arrows]
    times = np.asarray(record_times, dtype=float)
    if len(times) and times[-1] > until:
        raise ModelError(f"the course ends on day {until:g}; day {times[-1]:g} cannot be recorded")
    return _follow(model, _whole(amounts), values, random, times, jumps)


def _follow(model, counts, values, random, times, jumps) -> np.ndarray:
    found = np.empty((len(times), len(counts)), dtype=np.int64)
    now, row = 0.0, 0
    while row < len(times):
        rates = _rates(model, counts, values)
        total = rates.sum()
        now += random.exponential(1 / total) if total > 0 else np.inf
        while row < len(times) and times[row] <= now:
            found[row] = counts
            row += 1
        if now < np.inf:
            counts = counts + jumps[int(random.choice(len(rates), p=rates / total))]
    return found


def _jump(model: Model, arrow: Arrow) -> np.ndarray:
    """What one event of a flow does to the counts."""
    if arrow.yields != int(arrow.yields):
        raise ModelError(f"{arrow.component}.{arrow.rate.__name__} yields {arrow.yields:g}; cells are whole")
    change = np.zeros(len(model.states), dtype=np.int64)
    if arrow.source is not None:
        change[arrow.source] -= 1
    if arrow.target is not None:
        change[arrow.target] += int(arrow.yields)
    return change


def _whole(amounts: Sequence[int] | np.ndarray) -> np.ndarray:
    counts = np.asarray(amounts).astype(np.int64)
    if (counts != np.asarray(amounts)).any() or (counts < 0).any():
        raise ModelError("an exact course starts from whole numbers of cells, none negative")
    return counts


def _rates(model: Model, counts: np.ndarray, values: Mapping[str, Any]) -> np.ndarray:
    _, rates = rates_of_change(model, counts.astype(float), dict(values))
    if (rates < 0).any():
        arrow = model.arrows[int(np.argmin(rates))]
        raise ModelError(f"{arrow.component}.{arrow.rate.__name__} is negative; an event cannot happen backwards")
    return rates
