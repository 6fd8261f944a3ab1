"""Rules read on the daily count: orders that stop, transfusions that are given; and populations that die out."""

from __future__ import annotations

from numba import njit

STOP_ORDER, TRANSFUSE = 0, 1  # what a rule does


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
def rules_fire(day, counts, rules, limits, run, stopped):
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
def count_days(day, counts, rules, limits, run):
    """Lengthen or break the run of days on which each rule's condition holds."""
    for r in range(rules.shape[0]):
        if limits[r, 1] <= day <= limits[r, 2] and _holds(counts[rules[r, 1]], rules[r, 2], limits[r, 0]):
            run[r] += 1
        else:
            run[r] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def apply_rules(row, rules, limits, run, stopped, x, acted):
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
def die_out(x, dx, members, smallest):
    """Remove populations whose expected number is falling and below their smallest; whether any was removed."""
    changed = False
    for k in range(members.shape[0]):
        cells, trend = 0.0, 0.0
        for i in members[k]:
            if i >= 0:
                cells += x[i]
                trend += dx[i]
        if 0.0 < cells < smallest[k] and trend < 0.0:
            for i in members[k]:
                if i >= 0:
                    x[i] = 0.0
            changed = True
    return changed
