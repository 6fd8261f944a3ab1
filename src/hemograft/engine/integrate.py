"""Advances one patient from day to day: stops exactly at every order and at every count on which a rule acts.

The method is RODAS4, a fourth-order Rosenbrock scheme for stiff equations, with error control for each patient
alone; between steps, daily counts are read from a cubic through both ends. A rule that fires on a day inside a
step makes the step end there, so nothing is decided on an interpolated count.

Source
------
Hairer and Wanner, Solving Ordinary Differential Equations II (1996), section IV.10: RODAS coefficients.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from .calls import call2, call4, call5

# stage couplings of RODAS4 in the form that needs no matrix products; gamma = 1/4
_A = np.array(
    [
        [0, 0, 0, 0, 0],
        [1.544, 0, 0, 0, 0],
        [0.9466785280815826, 0.2557011698983284, 0, 0, 0],
        [3.314825187068521, 2.896124015972201, 0.9986419139977817, 0, 0],
        [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 0],
        [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1.0],
    ]
)
_C = np.array(
    [
        [0, 0, 0, 0, 0],
        [-5.6688, 0, 0, 0, 0],
        [-2.430093356833875, -0.2063599157091915, 0, 0, 0],
        [-0.1073529058151375, -9.594562251023355, -20.47028614809616, 0, 0],
        [7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160, 0],
        [8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054],
    ]
)

LONGEST_STEP = 30.0  # days
SHORTEST_STEP = 1e-9
MOST_STEPS = 400_000
AFTER_AN_ORDER = 0.01  # first step after a discontinuity, days
ADD_TO_STATE, ADD_TO_INPUT = 0, 1  # what an event does
STOP_ORDER, TRANSFUSE = 0, 1  # what a rule does
FINE, STUCK, TOO_MANY_STEPS, NOT_A_NUMBER = 0, 1, 2, 3


@njit(cache=True, nogil=True, error_model="numpy")
def _step(f, x, p, c, h, f0, stages, a, g, y, work, error):
    """One RODAS4 step from ``x``; the new state in ``y``, the error estimate in ``error``."""
    n = x.size
    g[0] = 4.0 / h
    call5(f[1], x.ctypes.data, p.ctypes.data, c.ctypes.data, g.ctypes.data, a.ctypes.data)
    for s in range(6):
        if s == 0:
            stages[0, :] = f0
        else:
            for i in range(n):
                total = x[i]
                for j in range(s):
                    total += _A[s, j] * stages[j, i]
                y[i] = total
            call4(f[0], y.ctypes.data, p.ctypes.data, c.ctypes.data, work.ctypes.data)
            for i in range(n):
                total = work[i]
                for j in range(s):
                    total += _C[s, j] / h * stages[j, i]
                stages[s, i] = total
        call2(f[2], a.ctypes.data, stages[s].ctypes.data)
    for i in range(n):
        y[i] += stages[5, i]
        error[i] = stages[5, i]


@njit(cache=True, nogil=True, error_model="numpy")
def _error_size(error, x, y, floor, tolerance):
    """Root mean square of the error over what is tolerated; not a number when a state is not."""
    total = 0.0
    for i in range(x.size):
        ratio = error[i] / (tolerance * (floor[i] + max(abs(x[i]), abs(y[i]))))
        total += ratio * ratio
    return math.sqrt(total / x.size)


@njit(cache=True, nogil=True, error_model="numpy")
def _between(x, y, f0, f1, h, theta, out):
    """The cubic through both ends of a step and their slopes, at a share ``theta`` of the step; never negative."""
    a = (1 - theta) * (1 - theta) * (1 + 2 * theta)
    b = theta * theta * (3 - 2 * theta)
    c = theta * (1 - theta) * (1 - theta) * h
    d = -theta * theta * (1 - theta) * h
    for i in range(x.size):
        out[i] = max(a * x[i] + b * y[i] + c * f0[i] + d * f1[i], 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _holds(value, relation, threshold):
    if relation == 0:
        return value > threshold
    if relation == 1:
        return value >= threshold
    if relation == 2:
        return value < threshold
    return value <= threshold


@njit(cache=True, nogil=True, error_model="numpy")
def _rules_fire(day, counts, rules, limits, run, stopped):
    """Whether any rule would act on this day's counts, given how long its condition has held before."""
    for r in range(rules.shape[0]):
        if day < limits[r, 1] or day > limits[r, 2]:
            continue
        if rules[r, 0] == STOP_ORDER and stopped[rules[r, 3]]:
            continue
        if _holds(counts[rules[r, 1]], rules[r, 2], limits[r, 0]) and run[r] + 1 >= rules[r, 4]:
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _count_days(day, counts, rules, limits, run):
    """Lengthen or break the run of days on which each rule's condition holds."""
    for r in range(rules.shape[0]):
        if limits[r, 1] <= day <= limits[r, 2] and _holds(counts[rules[r, 1]], rules[r, 2], limits[r, 0]):
            run[r] += 1
        else:
            run[r] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def _apply_rules(row, rules, limits, run, stopped, x, acted):
    """Act on every rule whose run is long enough; returns whether the state changed."""
    changed = False
    for r in range(rules.shape[0]):
        if run[r] < rules[r, 4]:
            continue
        if rules[r, 0] == STOP_ORDER:
            if not stopped[rules[r, 3]]:
                stopped[rules[r, 3]] = True
                acted[r, row] = 1.0
        else:
            x[rules[r, 3]] += limits[r, 3]
            acted[r, row] = 1.0
            run[r] = 0
            changed = True
    return changed


@njit(cache=True, nogil=True, error_model="numpy")
def advance(
    f,
    x,
    p,
    constants,
    factors,
    first_day,
    last_day,
    times,
    events,
    amounts,
    rules,
    limits,
    orders,
    floor,
    tolerance,
    recorded,
    acted,
    given,
    status,
):
    """Follow one patient from ``first_day`` to ``last_day``.

    Parameters
    ----------
    f : int64 array, shape (5,)
        Addresses of rates, factor, solve, observe, prepare.
    x : array, shape (state,)
        Amounts on the first day; overwritten.
    p : array, shape (parameter,)
        Parameter vector with inputs at zero; inputs are overwritten.
    times : array, shape (event,) [day]
        Ascending. ``events`` (event, 4): kind, target, order, number of the event that started it or -1.
    amounts : array, shape (event,)
    rules : int64 array, shape (rule, 5)
        Kind, recorded quantity, relation, target (order or state), days.
    limits : array, shape (rule, 4)
        Threshold, first day, last day, amount.
    floor : array, shape (state,)
        Amount below which the relative error of a state does not matter.
    recorded : array, shape (day, quantity)
        Filled with the counts of each day, drawn before that day's orders.
    acted, given : arrays, shape (rule, day) and (event,)
        Filled with what was done.
    status : array, shape (4,)
        Filled with outcome, day, worst state, steps.
    """
    n, quantities = x.size, recorded.shape[1]
    c, a, g = np.zeros(max(constants, 1)), np.empty(factors), np.empty(1)
    stages, y, work = np.empty((6, n)), np.empty(n), np.empty(n)
    error, f0, f1, inside, counts = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(quantities)
    run, stopped = np.zeros(rules.shape[0], np.int64), np.zeros(max(orders, 1), np.bool_)
    call2(f[4], p.ctypes.data, c.ctypes.data)
    t, h, next_event, steps, day = first_day, AFTER_AN_ORDER, 0, 0, int(first_day)
    while True:
        # --- at a stop: read the counts if it is a whole day, let rules act, carry out what is due ---
        if t == day:
            call4(f[3], x.ctypes.data, p.ctypes.data, c.ctypes.data, counts.ctypes.data)
            row = day - int(first_day)
            recorded[row, :] = counts
            _count_days(day, counts, rules, limits, run)
            if _apply_rules(row, rules, limits, run, stopped, x, acted):
                h = min(h, AFTER_AN_ORDER)
            day += 1
        while next_event < times.size and times[next_event] <= t + 1e-12:
            kind, target, order, begun = events[next_event]
            allowed = given[begun] > 0 if begun >= 0 else not stopped[order]
            if allowed:
                given[next_event] = 1.0
                if kind == ADD_TO_STATE:
                    x[target] += amounts[next_event]
                else:
                    p[target] = max(p[target] + amounts[next_event], 0.0)
                h = min(h, AFTER_AN_ORDER)
            next_event += 1
        if t >= last_day:
            break
        call4(f[0], x.ctypes.data, p.ctypes.data, c.ctypes.data, f0.ctypes.data)
        stop = min(last_day, times[next_event] if next_event < times.size else last_day)
        # --- steps to the stop, or to the day on which a rule acts ---
        while t < stop:
            ends_at_stop = h >= stop - t - 1e-10
            step = stop - t if ends_at_stop else h
            _step(f, x, p, c, step, f0, stages, a, g, y, work, error)
            steps += 1
            size = _error_size(error, x, y, floor, tolerance)
            if not size <= 1.0:
                h = step * (max(0.2, 0.9 * size**-0.25) if size == size and size < 1e30 else 0.2)
                if h < SHORTEST_STEP or steps > MOST_STEPS:
                    worst = 0
                    for i in range(n):
                        scale = tolerance * (floor[i] + abs(x[i]))
                        if not abs(error[i]) / scale <= abs(error[worst]) / (
                            tolerance * (floor[worst] + abs(x[worst]))
                        ):
                            worst = i
                    status[0] = TOO_MANY_STEPS if steps > MOST_STEPS else STUCK if size == size else NOT_A_NUMBER
                    status[1], status[2], status[3] = t, worst, steps
                    return
                continue
            for i in range(n):
                y[i] = max(y[i], 0.0)
            call4(f[0], y.ctypes.data, p.ctypes.data, c.ctypes.data, f1.ctypes.data)
            lands = False
            while day < t + step - 1e-12 and day < last_day:
                _between(x, y, f0, f1, step, (day - t) / step, inside)
                call4(f[3], inside.ctypes.data, p.ctypes.data, c.ctypes.data, counts.ctypes.data)
                if _rules_fire(day, counts, rules, limits, run, stopped):
                    lands = True
                    break
                recorded[day - int(first_day), :] = counts
                _count_days(day, counts, rules, limits, run)
                day += 1
            if lands:
                stop = float(day)  # take the step again, to end exactly on that day
                continue
            t = stop if ends_at_stop else t + step
            x[:] = y
            f0[:] = f1
            grown = step * min(5.0, max(0.2, 0.9 * max(size, 1e-8) ** -0.25))
            h = min(LONGEST_STEP, max(h, grown) if ends_at_stop else grown)
    status[0], status[1], status[3] = FINE, t, steps
