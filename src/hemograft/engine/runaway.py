"""Courses that run away: a state beyond any sensible size, and growth too fast for a step to see."""

from __future__ import annotations

from .calls import compiled

LARGEST = 1e25  # in any unit; a body has fewer than 1e14 cells


@compiled
def beyond_size(rows, lane):
    """A state that ends its step beyond any sensible size; -1 for none."""
    for i in range(rows.y.shape[0]):
        if rows.y[i, lane] > LARGEST:
            return i
    return -1


@compiled
def unseen_growth(rows, lane):
    """A state that at its first slope would more than double in a step, and ends below where it began; -1 for none.

    An implicit step that is long for a growth damps it, as it damps a fast decay, and its error seems small.
    """
    length = rows.length[0, lane]
    for i in range(rows.x.shape[0]):
        x = rows.x[i, lane]
        if rows.f0[i, lane] * length > x and x > rows.floor[i, lane] and rows.y[i, lane] < x:
            return i
    return -1
