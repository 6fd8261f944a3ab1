"""The moment at which something happens by chance, and the state that stops a course."""

from __future__ import annotations

from .calls import compiled

CLOSE = 1e-10  # days
HALVINGS = 60  # of a step, to find the moment at which a hazard is used up


@compiled
def look_for_events(fixed, rows, lanes, lane):
    """Where an integrated hazard is used up inside the step, the step is taken again to end at that moment."""
    length, earliest, which = rows.length[0, lane], 2.0, -1
    for e in range(fixed.hazards.size):
        state, bound = fixed.hazards[e], lanes.bounds[lane, e]
        if rows.y[state, lane] >= bound and e != lanes.landing[lane]:
            theta = _share(rows, state, lane, length, bound)
            if theta < earliest:
                earliest, which = theta, e
    if which >= 0 and earliest * length < length - CLOSE:
        lanes.stop[lane], lanes.landing[lane] = lanes.t[lane] + max(earliest * length, CLOSE), which
        rows.taken[0, lane] = 0.0
    elif which >= 0:
        lanes.stop[lane], lanes.landing[lane] = lanes.t[lane] + length, which


@compiled
def _share(rows, state, lane, length, bound):
    """The share of a step after which the cubic through both ends of a state reaches a bound, by halving."""
    x, y, f0, f1 = rows.x[state, lane], rows.y[state, lane], rows.f0[state, lane], rows.f1[state, lane]
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        u = 0.5 * (low + high)
        value = (1 - u) * (1 - u) * (1 + 2 * u) * x + u * u * (3 - 2 * u) * y
        value += u * (1 - u) * length * ((1 - u) * f0 - u * f1)
        if value >= bound:
            high = u
        else:
            low = u
    return high


@compiled
def worst_state(rows, lane):
    """The state with the largest error for its size, or the first whose error is not a number."""
    worst, largest = 0, -1.0
    for i in range(rows.x.shape[0]):
        ratio = abs(rows.error[i, lane]) / (rows.floor[i, lane] + abs(rows.x[i, lane]))
        if not ratio <= largest:
            worst, largest = i, ratio
            if ratio != ratio:
                break
    return worst
