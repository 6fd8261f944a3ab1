"""Advances one patient from day to day: stops exactly at every order and at every count on which a rule acts.

Error is controlled for each patient alone. Between steps, daily counts are read from a cubic through both ends; a
rule that acts on a day inside a step makes the step end there, so nothing is decided on an interpolated count.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .bedside import apply_rules, count_days, die_out, rules_fire
from .calls import call2, call4
from .method import between, error_size, step, worst_state

LONGEST_STEP = 30.0  # days
SHORTEST_STEP = 1e-9
MOST_STEPS = 400_000
AFTER_AN_ORDER = 0.01  # first step after a discontinuity, days
ADD_TO_STATE, ADD_TO_INPUT = 0, 1  # what an event does
FINE, STUCK, TOO_MANY_STEPS, NOT_A_NUMBER = 0, 1, 2, 3


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
    members,
    smallest,
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
    members : int64 array, shape (population, state of it)
        States of each population that can die out, -1 for none.
    smallest : array, shape (population,)
        A falling population below this many cells has died out.
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
            count_days(day, counts, rules, limits, run)
            if apply_rules(row, rules, limits, run, stopped, x, acted):
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
            length = stop - t if ends_at_stop else h
            step(f, x, p, c, length, f0, stages, a, g, y, work, error)
            steps += 1
            size = error_size(error, x, y, floor, tolerance)
            if not size <= 1.0:
                h = length * (max(0.2, 0.9 * size**-0.25) if size == size and size < 1e30 else 0.2)
                if h < SHORTEST_STEP or steps > MOST_STEPS:
                    worst = worst_state(error, x, floor)
                    status[0] = TOO_MANY_STEPS if steps > MOST_STEPS else STUCK if size == size else NOT_A_NUMBER
                    status[1], status[2], status[3] = t, worst, steps
                    return
                continue
            for i in range(n):
                y[i] = max(y[i], 0.0)
            call4(f[0], y.ctypes.data, p.ctypes.data, c.ctypes.data, f1.ctypes.data)
            lands = False
            while day < t + length - 1e-12 and day < last_day:
                between(x, y, f0, f1, length, (day - t) / length, inside)
                call4(f[3], inside.ctypes.data, p.ctypes.data, c.ctypes.data, counts.ctypes.data)
                if rules_fire(day, counts, rules, limits, run, stopped):
                    lands = True
                    break
                recorded[day - int(first_day), :] = counts
                count_days(day, counts, rules, limits, run)
                day += 1
            if lands:
                stop = float(day)  # take the step again, to end exactly on that day
                continue
            t = stop if ends_at_stop else t + length
            x[:] = y
            f0[:] = f1
            if die_out(x, f0, members, smallest):
                call4(f[0], x.ctypes.data, p.ctypes.data, c.ctypes.data, f0.ctypes.data)
            grown = length * min(5.0, max(0.2, 0.9 * max(size, 1e-8) ** -0.25))
            h = min(LONGEST_STEP, max(h, grown) if ends_at_stop else grown)
    status[0], status[1], status[3] = FINE, t, steps
