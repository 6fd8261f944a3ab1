"""Which populations of a lane are few enough to be counted in ones, and their whole numbers at the end of a step."""

from __future__ import annotations

import math

from .calls import call, compiled
from .chance import thinned, transition
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
    wanted = False
    for lane in range(lanes.patient.size):
        if rows.taken[0, lane] > 0.0:
            for k in range(fixed.sizes.size):
                wanted = wanted or _needs_counting(fixed, rows, lane, k)
    if not wanted:
        return False
    count = fixed.reactions.shape[0]
    p, c, inside = rows.p.ctypes.data, rows.c.ctypes.data, rows.inside.ctypes.data
    x, y, f0, f1 = rows.x.ctypes.data, rows.y.ctypes.data, rows.f0.ctypes.data, rows.f1.ctypes.data
    rows.theta[0, :] = 0.5
    call(machine.between, (x, y, f0, f1, rows.length.ctypes.data, rows.theta.ctypes.data, inside))
    call(machine.tempo, (x, p, c, rows.tempo.ctypes.data))
    call(machine.tempo, (inside, p, c, rows.tempo[count:].ctypes.data))
    call(machine.tempo, (y, p, c, rows.tempo[2 * count :].ctypes.data))
    changed = False
    for lane in range(lanes.patient.size):
        if rows.taken[0, lane] > 0.0:
            for k in range(fixed.sizes.size):
                changed = _population(fixed, rows, lanes, lane, k, count) or changed
    return changed


@compiled
def _needs_counting(fixed, rows, lane, k):
    """Whether a population ends the step with few cells, and had or has any."""
    before, after = few(fixed, rows.x, lane, k)[0], few(fixed, rows.y, lane, k)
    return after[1] and (before > 0.0 or after[0] > 0.0)


@compiled
def _population(fixed, rows, lanes, lane, k, count):
    """One population of one lane; whether its numbers were replaced."""
    if not _needs_counting(fixed, rows, lane, k):
        return False
    few_before = few(fixed, rows.x, lane, k)[1]
    first, last, size = fixed.first[k], fixed.first[k + 1], fixed.sizes[k]
    cells = lanes.cells[:size]
    if few_before:
        rates = lanes.scratch[:3, : last - first]
        for node in range(3):
            for r in range(last - first):
                rates[node, r] = rows.tempo[node * count + first + r, lane]
        for m in range(size):
            cells[m] = rows.x[fixed.members[k, m], lane]
        reactions, length = fixed.reactions[first:last], rows.length[0, lane]
        transition(cells, rates, reactions, length, lanes.luck[lane, k], lanes.scratch[3], lanes.scratch[4])
    else:
        for m in range(size):
            state = fixed.members[k, m]
            cells[m] = thinned(rows.x[state, lane], rows.y[state, lane], lanes.luck[lane, k])
    for m in range(size):
        rows.y[fixed.members[k, m], lane] = cells[m]
    return True
