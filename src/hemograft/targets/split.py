"""Studies kept apart for fitting and for testing: whole studies, by a seed, the same whatever else is in the table."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..errors import InputError, Problem
from ..streams import key, uniform


def split(
    studies: Iterable[str], seed: int, share: float, always: Iterable[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Studies for fitting and studies held out.

    Parameters
    ----------
    share : float
        Of the studies to hold out; the nearest whole number of them.
    always : iterable of str
        Studies held out in any case, such as the randomized ones; they count in the share.

    Returns
    -------
    tuple
        Fitted and held-out studies, each in alphabetical order. No study is in both.
    """
    if not 0 <= share <= 1:
        raise InputError(Problem(f"a share of {share:g}", "share", "0 to 1"))
    names = sorted({*studies, *always})
    chance = uniform(seed, np.array([key(name) for name in names], dtype=np.uint64), "held out")
    first = set(always)
    order = sorted(range(len(names)), key=lambda i: (names[i] not in first, chance[i]))
    count = max(round(share * len(names)), len(first))
    out = {names[i] for i in order[:count]}
    return tuple(name for name in names if name not in out), tuple(sorted(out))
