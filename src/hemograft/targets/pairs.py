"""The chance in a contrast of two simulated arms whose patients share their luck.

Patient number 17 is the same in both arms, so most of what chance does to one arm it does to the other. The variance of
the contrast is taken by leaving out one group of patients after the other, from both arms at once.

Source
------
Delete-a-group jackknife (recalled, not re-read).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from .endpoints import NoAnswer
from .spread import Simulated

GROUPS = 20
FEWEST_PAIRS = 100  # patients; fewer leave groups too small


def paired_variance(groups: tuple[Simulated, Simulated], value: Callable[[pa.Table, pa.Table], float]) -> float | None:
    """Variance of a contrast of two arms from their finite number of patients.

    Parameters
    ----------
    value : callable
        From the tables of both arms to the contrast on the scale on which errors add.

    Returns
    -------
    float or None
        None where the arms share too few patients, or a group is needed for an answer.
    """
    if any(group.order is None or group.main.num_rows < FEWEST_PAIRS for group in groups):
        return None
    places = [np.array([(group.order or {})[name] for name in group.main["patient"].to_pylist()]) for group in groups]
    found = []
    for left_out in range(GROUPS):
        kept = [
            group.main.filter(pa.array(place % GROUPS != left_out, pa.bool_()))
            for group, place in zip(groups, places, strict=True)
        ]
        try:
            found.append(value(kept[0], kept[1]))
        except NoAnswer:
            return None
    return float((GROUPS - 1) * np.var(found)) if np.isfinite(found).all() else None
