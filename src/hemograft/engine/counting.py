"""Which populations of a lane are few enough to be counted in ones, and their whole numbers through a step."""

from __future__ import annotations

import math

from .calls import call, compiled
from .chance import thinned, transition
from .leaps import ALMOST_NONE, look_again, next_role, plan_leaps, rates_of_leap, share
from .luck import poisson


@compiled
def few(fixed, amounts, lane, k):
    """Cells of a population, and whether they are few enough to be counted in ones."""
    total = 0.0
    for m in range(fixed.sizes[k]):
        total += amounts[fixed.members[k, m], lane]
    return total, total < fixed.counted_below


@compiled
def start_counting(fixed, rows, lanes, lane):
    """Whole numbers in place of expected ones, in populations that start small."""
    for k in range(fixed.sizes.size):
        if few(fixed, rows.x, lane, k)[1]:
            for m in range(fixed.sizes[k]):
                state = fixed.members[k, m]
                expected = rows.x[state, lane]
                if expected != math.floor(expected):
                    rows.x[state, lane] = poisson(lanes.luck[lane, k], expected)


@compiled
def is_counting(fixed, rows, lane):
    """Whether any population has cells, and few."""
    for k in range(fixed.sizes.size):
        total, are_few = few(fixed, rows.x, lane, k)
        if are_few and total > 0.0:
            return True
    return False


@compiled
def count_cells(machine, fixed, rows, lanes):
    """Whole numbers of cells at the end of the step, in populations that are few; whether anything changed."""
    wanted, most = False, 0
    for lane in range(lanes.patient.size):
        lanes.leaps[lane] = 0
        if rows.taken[0, lane] > 0.0:
            wanted = _choose(fixed, rows, lanes, lane) or wanted
            most = max(most, lanes.leaps[lane])
    if not wanted:
        return False
    if most > 0:
        _known_rates(machine, fixed, rows, lanes)
    for leap in range(most):
        if leap > 0:
            look_again(machine, fixed, rows, lanes, leap)
        for lane in range(lanes.patient.size):
            if leap < lanes.leaps[lane]:
                _leap(fixed, rows, lanes, lane, leap)
    for lane in range(lanes.patient.size):
        if rows.taken[0, lane] > 0.0:
            _replace(fixed, rows, lanes, lane)
    return True


@compiled
def _choose(fixed, rows, lanes, lane):
    """Mark the populations whose cells are counted through this step; whether any numbers are to be replaced."""
    wanted, counted = False, False
    for k in range(fixed.sizes.size):
        before, after = few(fixed, rows.x, lane, k), few(fixed, rows.y, lane, k)
        ending = after[1] and (before[0] > 0.0 or after[0] > 0.0)  # few at the end, and had or has any
        lanes.counted[lane, k], lanes.ending[lane, k] = before[1] and ending, ending
        wanted, counted = wanted or ending, counted or (before[1] and ending)
    if counted:
        plan_leaps(lanes, lane, rows.length[0, lane])
    return wanted


@compiled
def _known_rates(machine, fixed, rows, lanes):
    """Rates per cell along the course of the equations: at the start, in the middle and at the end of the step."""
    count = fixed.reactions.shape[0]
    p, c, inside = rows.p.ctypes.data, rows.c.ctypes.data, rows.inside.ctypes.data
    x, y, f0, f1 = rows.x.ctypes.data, rows.y.ctypes.data, rows.f0.ctypes.data, rows.f1.ctypes.data
    rows.theta[0, :] = 0.5
    call(machine.between, (x, y, f0, f1, rows.length.ctypes.data, rows.theta.ctypes.data, inside))
    _put_in_place_of(fixed, rows.x, lanes, 0.0, ALMOST_NONE)
    call(machine.tempo, (x, p, c, rows.tempo.ctypes.data))
    _put_in_place_of(fixed, rows.x, lanes, ALMOST_NONE, 0.0)
    call(machine.tempo, (inside, p, c, rows.tempo[count:].ctypes.data))
    call(machine.tempo, (y, p, c, rows.tempo[2 * count :].ctypes.data))
    for r in range(4 * count, 5 * count):
        rows.tempo[r] = 0.0


@compiled
def _put_in_place_of(fixed, amounts, lanes, old, new):
    """Change one number in counted populations: a rate per cell must be known where there are no cells yet."""
    for lane in range(lanes.patient.size):
        if lanes.leaps[lane] > 0:
            for k in range(fixed.sizes.size):
                if lanes.counted[lane, k]:
                    for m in range(fixed.sizes[k]):
                        if amounts[fixed.members[k, m], lane] == old:
                            amounts[fixed.members[k, m], lane] = new


@compiled
def _leap(fixed, rows, lanes, lane, leap):
    """All counted populations of a lane through one leap."""
    states, length = rows.x.shape[0], rows.length[0, lane]
    low, high = share(lanes, lane, leap, length), share(lanes, lane, leap + 1, length)
    lanes.role[lane] = next_role(lanes, lane, leap, length)
    rates, moved, sums = lanes.scratch[0], lanes.scratch[1], lanes.sums
    for k in range(fixed.sizes.size):
        if not lanes.counted[lane, k]:
            continue
        cells, reactions = lanes.cells[: fixed.sizes[k]], fixed.reactions[fixed.first[k] : fixed.first[k + 1]]
        for m in range(fixed.sizes[k]):
            state = fixed.members[k, m]
            cells[m] = rows.x[state, lane] if leap == 0 else rows.whole[(leap - 1) * states + state, lane]
        rates_of_leap(fixed, rows, lane, low, high, k, rates)
        transition(cells, rates, reactions, (high - low) * length, lanes.luck[lane, k], moved, sums)
        for m in range(fixed.sizes[k]):
            rows.whole[leap * states + fixed.members[k, m], lane] = cells[m]


@compiled
def _replace(fixed, rows, lanes, lane):
    """Whole numbers in place of those of the equations at the end of the step."""
    last = (lanes.leaps[lane] - 1) * rows.x.shape[0]
    for k in range(fixed.sizes.size):
        if lanes.ending[lane, k]:
            for m in range(fixed.sizes[k]):
                state = fixed.members[k, m]
                if lanes.counted[lane, k]:
                    rows.y[state, lane] = rows.whole[last + state, lane]
                else:
                    rows.y[state, lane] = thinned(rows.x[state, lane], rows.y[state, lane], lanes.luck[lane, k])
