"""Leaps: the parts of a step over which the rates of counted cells stand still, and what those rates are.

A leap ends on every whole day, so that each day's counts follow the law themselves; a step without a whole day inside
has two, and where counts act back on themselves fast there are more. The rates are those of the equations' course, and
from the second leap on also what the distance of the counts from that course changes in them. The second leap of a pair
extrapolates from its start and the pair's start, so that chance feels its own consequences (a fuller niche, a slower
division) to second order in the length of a leap: with rates fixed over a step the counts would scatter too widely.

Source
------
Anderson and Koyama 2012, doi:10.1137/110849699 (weak trapezoidal leaps; the abstract read, the formula derived anew).
"""

from __future__ import annotations

import math

import numpy as np

from .calls import call, compiled
from .chance import SOURCE

MOST_PARTS = 4  # leaps from one whole day to the next
MOST_LEAPS = 5 * MOST_PARTS  # in one step
LONGEST_COUNTED = 4.0  # days, where cells are counted in ones: the equations must see what chance did
ALONE, FIRST, SECOND = 0, 1, 2  # what a leap is in a pair
NO_DAY = 1 << 40  # no whole day inside a step ends a leap
SAME_TIME = 1e-9  # days
ALMOST_NONE = 1e-9  # cells, where a rate per cell is wanted and there are none
WEAK, STRONG = 0.15, 0.5  # 1/day, at which counts feel their own changes, up to which 1 and 2 leaps a day will do
FADING = 0.7  # of what is known of that, from step to step
UNLIKE = 2.0  # ratio of lengths from which on two leaps are no pair


@compiled
def counted_length(t, wanted):
    """A step where cells are counted: the longest one ends on a whole day."""
    if wanted < LONGEST_COUNTED:
        return wanted
    return math.floor(t + LONGEST_COUNTED + SAME_TIME) - t


@compiled
def plan_leaps(lanes, lane, length):
    """How many leaps a lane's step has, and the first whole day that ends one."""
    t = lanes.t[lane]
    first = np.int64(math.floor(t + SAME_TIME)) + 1
    inside = np.int64(math.ceil(t + length - SAME_TIME)) - first
    by_days = inside >= 1 and (inside + 1) * MOST_PARTS <= MOST_LEAPS
    parts = 2 if lanes.feedback[lane] < STRONG else MOST_PARTS
    if by_days and lanes.feedback[lane] < WEAK:
        parts = 1
    lanes.first_inside[lane] = first if by_days else NO_DAY
    lanes.parts[lane] = parts
    lanes.leaps[lane] = (inside + 1) * parts if by_days else parts
    lanes.role[lane] = ALONE
    lanes.feedback[lane] *= FADING


@compiled
def share(lanes, lane, leap, length):
    """The share of the step that is over at the start of a leap."""
    parts, first = lanes.parts[lane], lanes.first_inside[lane]
    if leap >= lanes.leaps[lane]:
        return 1.0
    if first == NO_DAY:
        return leap / parts
    stretch = np.int64(leap / parts)  # from the start, one whole day or the other to the next or the end
    begins = 0.0 if stretch == 0 else (first + stretch - 1 - lanes.t[lane]) / length
    ends = 1.0 if (stretch + 1) * parts >= lanes.leaps[lane] else (first + stretch - lanes.t[lane]) / length
    return begins + (ends - begins) * (leap - stretch * parts) / parts


@compiled
def next_role(lanes, lane, leap, length):
    """Whether a leap is the first or the second of a pair; leaps of very different length stay alone."""
    if leap > 0 and lanes.role[lane] == FIRST:
        return SECOND
    if leap + 1 < lanes.leaps[lane]:
        start, middle = share(lanes, lane, leap, length), share(lanes, lane, leap + 1, length)
        ratio = (share(lanes, lane, leap + 2, length) - middle) / (middle - start)
        if 1.0 / UNLIKE <= ratio <= UNLIKE:
            return FIRST
    return ALONE


@compiled
def rates_of_leap(fixed, rows, lane, low, high, k, rates):
    """Mean rates of a population's reactions between two shares of a step, none negative."""
    count, first = fixed.reactions.shape[0], fixed.first[k]
    one, two = 0.5 * (low + high), (low * low + low * high + high * high) / 3.0  # means of u and of its square
    start, middle, end = 1.0 - 3.0 * one + 2.0 * two, 4.0 * (one - two), 2.0 * two - one
    for r in range(first, fixed.first[k + 1]):
        known = start * rows.tempo[r, lane] + middle * rows.tempo[count + r, lane]
        known += end * rows.tempo[2 * count + r, lane]
        rates[r - first] = max(known + rows.tempo[4 * count + r, lane], 0.0)


@compiled
def look_again(machine, fixed, rows, lanes, leap):
    """What the counts before a leap change in the rates of that leap."""
    count = fixed.reactions.shape[0]
    p, c, inside = rows.p.ctypes.data, rows.c.ctypes.data, rows.inside.ctypes.data
    x, y, f0, f1 = rows.x.ctypes.data, rows.y.ctypes.data, rows.f0.ctypes.data, rows.f1.ctypes.data
    for lane in range(lanes.patient.size):
        rows.theta[0, lane] = share(lanes, lane, leap, rows.length[0, lane])
    call(machine.between, (x, y, f0, f1, rows.length.ctypes.data, rows.theta.ctypes.data, inside))
    for lane in range(lanes.patient.size):
        if leap < lanes.leaps[lane]:
            lanes.away[lane] = 0.0
            for k in range(fixed.sizes.size):
                if lanes.counted[lane, k]:
                    lanes.away[lane] = max(lanes.away[lane], _at_counts(fixed, rows, lane, leap, k))
    call(machine.tempo, (inside, p, c, rows.tempo[3 * count :].ctypes.data))
    for lane in range(lanes.patient.size):
        if leap < lanes.leaps[lane]:
            _change(fixed, rows, lanes, lane, leap)
            _notice(fixed, rows, lanes, lane)


@compiled
def _at_counts(fixed, rows, lane, leap, k):
    """The counts of a population before a leap in place of the course; the largest difference."""
    states, away = rows.x.shape[0], 0.0
    for m in range(fixed.sizes[k]):
        state = fixed.members[k, m]
        found = max(rows.whole[(leap - 1) * states + state, lane], ALMOST_NONE)
        away = max(away, abs(found - rows.inside[state, lane]))
        rows.inside[state, lane] = found
    return away


@compiled
def _change(fixed, rows, lanes, lane, leap):
    """The change of rates that holds over a leap; extrapolated in the second of a pair."""
    count, length = fixed.reactions.shape[0], rows.length[0, lane]
    u, now, before = rows.theta[0, lane], 1.0, 0.0
    if lanes.role[lane] == FIRST:
        paired = share(lanes, lane, leap - 1, length)
        part = (u - paired) / (share(lanes, lane, leap + 1, length) - paired)
        now = 0.5 / (part * (1.0 - part))
        before = 1.0 - now
    start, middle, end = (1.0 - u) * (1.0 - 2.0 * u), 4.0 * u * (1.0 - u), u * (2.0 * u - 1.0)
    for k in range(fixed.sizes.size):
        if lanes.counted[lane, k]:
            for r in range(fixed.first[k], fixed.first[k + 1]):
                known = start * rows.tempo[r, lane] + middle * rows.tempo[count + r, lane]
                known += end * rows.tempo[2 * count + r, lane]
                changed = rows.tempo[3 * count + r, lane] - known
                rows.tempo[3 * count + r, lane] = changed
                rows.tempo[4 * count + r, lane] = now * changed + before * rows.tempo[4 * count + r, lane]


@compiled
def _notice(fixed, rows, lanes, lane):
    """How fast a change of the counts acts back on them, at most: cells a day for each cell they are away."""
    count, most = fixed.reactions.shape[0], 0.0
    for k in range(fixed.sizes.size):
        if lanes.counted[lane, k]:
            for r in range(fixed.first[k], fixed.first[k + 1]):
                source = fixed.reactions[r, SOURCE]
                cells = 1.0 if source < 0 else rows.inside[fixed.members[k, source], lane]
                most = max(most, abs(rows.tempo[3 * count + r, lane]) * cells)
    lanes.feedback[lane] = max(lanes.feedback[lane], most / (lanes.away[lane] + 1.0))


@compiled
def counts_inside(fixed, rows, lanes, lane, day):
    """Whole numbers of cells on a whole day inside the step, where that day ended a leap."""
    states, leap = rows.x.shape[0], (day - lanes.first_inside[lane] + 1) * lanes.parts[lane] - 1
    if lanes.leaps[lane] == 0 or lanes.first_inside[lane] == NO_DAY or leap >= lanes.leaps[lane]:
        return
    for k in range(fixed.sizes.size):
        if lanes.counted[lane, k]:
            for m in range(fixed.sizes[k]):
                state = fixed.members[k, m]
                at_start = rows.x[state, lane]
                rows.inside[state, lane] = at_start if leap < 0 else rows.whole[leap * states + state, lane]
