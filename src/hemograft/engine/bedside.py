"""At the bedside: daily counts, rules that read them, and orders that are carried out."""

from __future__ import annotations

import math

import numpy as np

from .calls import compiled
from .lanes import BEGUN_BY, KIND, ORDER, TARGET
from .luck import poisson

NO_RULE, STOP_ORDER, TRANSFUSE, START_ORDER, STOP_BEGUN = (
    -1,
    0,
    1,
    2,
    3,
)  # what a rule does; the last to a waiting order
ACTS, QUANTITY, RELATION, ON, DAYS, PREVIOUS = 0, 1, 2, 3, 4, 5  # columns of rules
THRESHOLD, FROM, UNTIL, AMOUNT, AFTER = 0, 1, 2, 3, 4  # columns of limits
ADD_TO_STATE, ADD_TO_INPUT = 0, 1  # what an order event does
SAME_TIME = 1e-12  # days


@compiled
def _holds(value, relation, threshold):
    if relation == 0:
        return value > threshold
    if relation == 1:
        return value >= threshold
    if relation == 2:
        return value < threshold
    return value <= threshold


@compiled
def _spent(rule, limit, day, off, begun):
    """Whether a rule has acted that acts once, or cannot act yet: its order, or the course before, is not so far."""
    has_begun = begun[rule[ON]] == begun[rule[ON]] if rule[ACTS] in (START_ORDER, STOP_BEGUN) else False
    if rule[ACTS] == STOP_ORDER:
        return off[rule[ON]]
    if rule[ACTS] == STOP_BEGUN:
        return off[rule[ON]] or not has_begun
    if rule[ACTS] != START_ORDER:
        return False
    early = rule[PREVIOUS] >= 0 and not day >= begun[max(rule[PREVIOUS], 0)] + limit[AFTER]
    return has_begun or early


@compiled
def rules_fire(day, counts, rules, limits, run, off, begun):
    """Whether any rule would act on this day's counts, given how long its condition has held before."""
    for r in range(rules.shape[0]):
        if rules[r, ACTS] == NO_RULE or day < limits[r, FROM] or day > limits[r, UNTIL]:
            continue
        if _spent(rules[r], limits[r], day, off, begun):
            continue
        if (
            _holds(counts[rules[r, QUANTITY]], rules[r, RELATION], limits[r, THRESHOLD])
            and run[r] + 1 >= rules[r, DAYS]
        ):
            return True
    return False


@compiled
def count_days(day, counts, rules, limits, run, off, begun):
    """Lengthen or break the run of days on which each rule's condition holds."""
    for r in range(rules.shape[0]):
        inside = rules[r, ACTS] != NO_RULE and limits[r, FROM] <= day <= limits[r, UNTIL]
        inside = inside and not _spent(rules[r], limits[r], day, off, begun)
        if inside and _holds(counts[rules[r, QUANTITY]], rules[r, RELATION], limits[r, THRESHOLD]):
            run[r] += 1
        else:
            run[r] = 0


@compiled
def apply_rules(day, row, rules, limits, run, off, begun, x, lane, acted):
    """Act on every rule whose run is long enough; returns whether the state changed."""
    changed = False
    for r in range(rules.shape[0]):
        if rules[r, ACTS] == NO_RULE or run[r] < rules[r, DAYS] or _spent(rules[r], limits[r], day, off, begun):
            continue
        acted[r, row] = 1
        if rules[r, ACTS] == STOP_ORDER or rules[r, ACTS] == STOP_BEGUN:
            off[rules[r, ON]] = True
        elif rules[r, ACTS] == START_ORDER:
            begun[rules[r, ON]] = day
        else:
            x[rules[r, ON], lane] += limits[r, AMOUNT]
            run[r] = 0
            changed = True
    return changed


@compiled
def carry_out(fixed, patients, rows, lanes, records, lane):
    """Every order event that is due; returns whether anything was done."""
    i, t, done = lanes.patient[lane], lanes.t[lane], False
    times, waiting = patients.times[i], patients.waiting[i]
    while lanes.next_event[lane] < waiting and times[lanes.next_event[lane]] <= t + SAME_TIME:
        done = _do(fixed, patients, rows, lanes, records, lane, lanes.next_event[lane]) or done
        lanes.next_event[lane] += 1
    for e in range(waiting, times.size):
        due = lanes.begun[lane, patients.events[i, e, ORDER]] + times[e]
        if not lanes.done[lane, e] and due <= t + SAME_TIME:  # false where the order has not begun
            lanes.done[lane, e] = True
            done = _do(fixed, patients, rows, lanes, records, lane, e) or done
    return done


@compiled
def next_stop(patients, lanes, lane):
    """The next time at which an order event is due, or the end of follow-up."""
    i = lanes.patient[lane]
    times, waiting, stop = patients.times[i], patients.waiting[i], patients.last_day[i]
    if lanes.next_event[lane] < waiting:
        stop = min(stop, times[lanes.next_event[lane]])
    for e in range(waiting, times.size):
        due = lanes.begun[lane, patients.events[i, e, ORDER]] + times[e]
        if not lanes.done[lane, e] and due < stop:
            stop = due
    return stop


@compiled
def _do(fixed, patients, rows, lanes, records, lane, e):
    i = lanes.patient[lane]
    event, amount = patients.events[i, e], patients.amounts[i, e]
    before = event[BEGUN_BY]
    allowed = math.isfinite(records.given[i, before]) if before >= 0 else not lanes.off[lane, event[ORDER]]
    if not allowed:
        return False
    records.given[i, e] = lanes.t[lane]
    if event[KIND] == ADD_TO_STATE:
        rows.x[event[TARGET], lane] += _counted(fixed, rows, lanes, lane, event[TARGET], amount)
    else:
        rows.p[event[TARGET], lane] = max(rows.p[event[TARGET], lane] + amount, 0.0)
    return True


@compiled
def _counted(fixed, rows, lanes, lane, state, amount):
    """The amount, as a random whole number where few cells join a population that is counted in ones."""
    for k in range(fixed.sizes.size):
        total, found = amount, False
        for m in range(fixed.sizes[k]):
            total += rows.x[fixed.members[k, m], lane]
            found = found or fixed.members[k, m] == state
        if found and total < fixed.counted_below:
            return poisson(lanes.luck[lane, k], amount)
    return amount


@compiled
def write_counts(records, i, row, counts, lane):
    """Put a day's counts into the records."""
    for q in range(records.daily.shape[2]):
        records.daily[i, row, q] = counts[q, lane]
    return np.int64(row)
