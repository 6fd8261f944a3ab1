"""Through time: every lane follows one patient, at its own pace, and takes the next when that one is done.

A turn of the loop advances every lane by one step of its own length. A step ends exactly at every order, on every
day on which a rule acts, and at the moment at which something happens by chance. Between, daily counts are read from
the cubic through both ends. Lanes never read each other, so a patient is the same alone and in any company.
"""

from __future__ import annotations

import numpy as np

from .bedside import apply_rules, carry_out, count_days, next_stop, rules_fire, write_counts
from .calls import call, compiled
from .counting import count_cells, is_counting, start_counting
from .happenings import CLOSE, look_for_events, worst_state
from .lanes import FINE, NOT_A_NUMBER, STUCK, TOO_LARGE, TOO_MANY_STEPS
from .leaps import counted_length, counts_inside
from .runaway import beyond_size, unseen_growth

LONGEST_STEP = 30.0  # days
SHORTEST_STEP = 1e-9
MOST_STEPS = 400_000
AFTER_AN_ORDER = 0.01  # first step after a discontinuity, days
IDLE_STEP = 1e-3


@compiled
def follow(machine, fixed, patients, rows, lanes, records, first, last):
    """Advance the patients numbered ``first`` to ``last - 1``; arguments as in :mod:`hemograft.engine.lanes`."""
    waiting, width = first, lanes.patient.size
    lanes.patient[:] = -1
    while True:
        entered = False
        for lane in range(width):
            if lanes.patient[lane] < 0 and waiting < last:
                _enter(fixed, patients, rows, lanes, lane, waiting)
                waiting += 1
                entered = True
        if entered:
            _fill_idle(rows, lanes)
            call(machine.prepare, (rows.p.ctypes.data, rows.c.ctypes.data))
        if _busy(lanes) < 0:
            return
        if _at_stops(machine, fixed, patients, rows, lanes, records) and waiting < last:
            continue
        if _busy(lanes) < 0:
            return
        _one_step(machine, fixed, patients, rows, lanes, records)


@compiled
def _busy(lanes):
    """A lane that has a patient; -1 for none."""
    for lane in range(lanes.patient.size):
        if lanes.patient[lane] >= 0:
            return lane
    return -1


@compiled
def _enter(fixed, patients, rows, lanes, lane, i):
    """A lane takes a patient."""
    for k in range(rows.p.shape[0]):
        rows.p[k, lane] = patients.vectors[i, k]
    for k in range(rows.x.shape[0]):
        rows.x[k, lane] = patients.start[i, k]
    lanes.patient[lane], lanes.t[lane], lanes.day[lane] = i, patients.first_day[i], int(patients.first_day[i])
    lanes.h[lane], lanes.next_event[lane], lanes.landing[lane], lanes.steps[lane] = AFTER_AN_ORDER, 0, -1, 0
    lanes.stopped_at[lane], lanes.run[lane], lanes.off[lane], lanes.done[lane] = True, 0, False, False
    lanes.begun[lane], lanes.feedback[lane] = np.nan, 0.0
    for e in range(fixed.hazards.size):
        lanes.bounds[lane, e] = patients.bounds[i, e]
    for k in range(fixed.sizes.size):
        lanes.luck[lane, k, 0], lanes.luck[lane, k, 1] = patients.luck[i, k], np.uint64(0)
    start_counting(fixed, rows, lanes, lane)


@compiled
def _fill_idle(rows, lanes):
    """Lanes without a patient compute on somebody's numbers, and nobody looks."""
    busy = _busy(lanes)
    for lane in range(lanes.patient.size):
        if lanes.patient[lane] < 0:
            for k in range(rows.p.shape[0]):
                rows.p[k, lane] = rows.p[k, busy]
            for k in range(rows.x.shape[0]):
                rows.x[k, lane] = rows.x[k, busy]


@compiled
def _at_stops(machine, fixed, patients, rows, lanes, records):
    """What is due where a lane has come to a stop: counts, rules, orders, events. Whether any course ended."""
    ended, counted = False, False
    for lane in range(lanes.patient.size):
        counted = counted or (lanes.stopped_at[lane] and lanes.t[lane] == lanes.day[lane])
    if counted:
        call(machine.observe, (rows.x.ctypes.data, rows.p.ctypes.data, rows.c.ctypes.data, rows.counts.ctypes.data))
    for lane in range(lanes.patient.size):
        i = lanes.patient[lane]
        if i < 0 or not lanes.stopped_at[lane]:
            continue
        changed, event = False, lanes.landing[lane]
        if event >= 0:
            records.happened[i, event] = lanes.t[lane]
            rows.p[fixed.flags[event], lane] = 1.0
            lanes.bounds[lane, event] = np.inf
            lanes.landing[lane], changed = -1, True
            if fixed.ends[event]:
                _end(rows, lanes, records, lane, FINE, 0)
                ended = True
                continue
        if lanes.t[lane] == lanes.day[lane]:
            changed = _read_counts(patients, rows, lanes, records, lane) or changed
        changed = carry_out(fixed, patients, rows, lanes, records, lane) or changed
        if lanes.t[lane] >= patients.last_day[i]:
            _end(rows, lanes, records, lane, FINE, 0)
            ended = True
            continue
        if changed:
            lanes.h[lane] = min(lanes.h[lane], AFTER_AN_ORDER)
        lanes.stop[lane] = next_stop(patients, lanes, lane)
        lanes.stopped_at[lane], lanes.fresh[lane] = False, True
        lanes.counting[lane] = is_counting(fixed, rows, lane)
    return ended


@compiled
def _read_counts(patients, rows, lanes, records, lane):
    """Record the day's counts and act on them; whether the state changed."""
    i, day = lanes.patient[lane], lanes.day[lane]
    row = day - int(patients.first_day[i])
    write_counts(records, i, row, rows.counts, lane)
    counts, rules, limits, run = rows.counts[:, lane], patients.rules[i], patients.limits[i], lanes.run[lane]
    count_days(day, counts, rules, limits, run, lanes.off[lane], lanes.begun[lane])
    lanes.day[lane] += 1
    return apply_rules(day, row, rules, limits, run, lanes.off[lane], lanes.begun[lane], rows.x, lane, records.acted[i])


@compiled
def _end(rows, lanes, records, lane, how, worst):
    """The course of this lane's patient ends here."""
    i = lanes.patient[lane]
    records.status[i, 0], records.status[i, 1] = how, lanes.t[lane]
    records.status[i, 2], records.status[i, 3] = worst, lanes.steps[lane]
    for k in range(rows.x.shape[0]):
        records.final[i, k] = rows.x[k, lane]
    lanes.patient[lane] = -1


@compiled
def _one_step(machine, fixed, patients, rows, lanes, records):
    x, y, p, c = rows.x.ctypes.data, rows.y.ctypes.data, rows.p.ctypes.data, rows.c.ctypes.data
    f0, f1, h = rows.f0.ctypes.data, rows.f1.ctypes.data, rows.length.ctypes.data
    fresh = False
    for lane in range(lanes.patient.size):
        fresh, lanes.fresh[lane] = fresh or lanes.fresh[lane], False
        rows.length[0, lane] = _length(lanes, lane)
    if fresh:
        call(machine.rates, (x, p, c, f0))
    floor, tolerance, stages, a = rows.floor, rows.tolerance, rows.stages, rows.a
    call(
        machine.step,
        (
            x,
            f0,
            p,
            c,
            h,
            floor.ctypes.data,
            tolerance.ctypes.data,
            stages.ctypes.data,
            a.ctypes.data,
            y,
            rows.error.ctypes.data,
            rows.size.ctypes.data,
        ),
    )
    for lane in range(lanes.patient.size):
        rows.taken[0, lane] = 1.0 if _accepted(rows, lanes, records, lane) else 0.0
    call(machine.rates, (y, p, c, f1))
    for lane in range(lanes.patient.size):
        if rows.taken[0, lane] > 0.0:
            look_for_events(fixed, rows, lanes, lane)
    if count_cells(machine, fixed, rows, lanes):
        call(machine.rates, (y, p, c, f1))
    _days_inside(machine, fixed, patients, rows, lanes, records)
    call(machine.commit, (rows.taken.ctypes.data, x, y, f0, f1))
    for lane in range(lanes.patient.size):
        if rows.taken[0, lane] > 0.0:
            _move_on(fixed, rows, lanes, lane)


@compiled
def _length(lanes, lane):
    """How far this lane goes: its own step, or to the stop."""
    if lanes.patient[lane] < 0:
        return IDLE_STEP
    wanted = counted_length(lanes.t[lane], lanes.h[lane]) if lanes.counting[lane] else lanes.h[lane]
    room = lanes.stop[lane] - lanes.t[lane]
    return room if wanted >= room - CLOSE else wanted


@compiled
def _accepted(rows, lanes, records, lane):
    """Whether the error is small enough; else the next try is shorter, or the patient is given up."""
    if lanes.patient[lane] < 0:
        return False
    lanes.steps[lane] += 1
    size, unseen = rows.size[0, lane], -1
    if size <= 1.0:
        large, unseen = beyond_size(rows, lane), unseen_growth(rows, lane)
        if large >= 0:
            _end(rows, lanes, records, lane, TOO_LARGE, large)
            return False
        if unseen < 0:
            _copy_luck(lanes.luck, lanes.kept_luck, lane)
            return True
    known = unseen < 0 and size == size and size < 1e30
    lanes.h[lane] = rows.length[0, lane] * (max(0.2, 0.9 * size**-0.25) if known else 0.2)
    if lanes.h[lane] < SHORTEST_STEP or lanes.steps[lane] > MOST_STEPS:
        how = TOO_MANY_STEPS if lanes.steps[lane] > MOST_STEPS else STUCK if size == size else NOT_A_NUMBER
        _end(rows, lanes, records, lane, how, unseen if unseen >= 0 else worst_state(rows, lane))
    return False


@compiled
def _copy_luck(source, target, lane):
    for k in range(source.shape[1]):
        target[lane, k, 0], target[lane, k, 1] = source[lane, k, 0], source[lane, k, 1]


@compiled
def _days_inside(machine, fixed, patients, rows, lanes, records):
    """Counts of whole days inside the step; where a rule would act, the step is taken again to end on that day."""
    p, c, inside = rows.p.ctypes.data, rows.c.ctypes.data, rows.inside.ctypes.data
    x, y, f0, f1 = rows.x.ctypes.data, rows.y.ctypes.data, rows.f0.ctypes.data, rows.f1.ctypes.data
    while True:
        more = False
        for lane in range(lanes.patient.size):
            rows.theta[0, lane] = 1.0
            if _day_inside(patients, rows, lanes, lane):
                rows.theta[0, lane] = (lanes.day[lane] - lanes.t[lane]) / rows.length[0, lane]
                more = True
        if not more:
            return
        call(machine.between, (x, y, f0, f1, rows.length.ctypes.data, rows.theta.ctypes.data, inside))
        for lane in range(lanes.patient.size):
            if _day_inside(patients, rows, lanes, lane):
                counts_inside(fixed, rows, lanes, lane, lanes.day[lane])
        call(machine.observe, (inside, p, c, rows.counts.ctypes.data))
        for lane in range(lanes.patient.size):
            if not _day_inside(patients, rows, lanes, lane):
                continue
            i, day, counts = lanes.patient[lane], lanes.day[lane], rows.counts[:, lane]
            rules, limits, run = patients.rules[i], patients.limits[i], lanes.run[lane]
            if rules_fire(day, counts, rules, limits, run, lanes.off[lane], lanes.begun[lane]):
                lanes.stop[lane], lanes.landing[lane], rows.taken[0, lane] = float(day), -1, 0.0
                _copy_luck(lanes.kept_luck, lanes.luck, lane)
                if day - lanes.t[lane] <= CLOSE:  # the last step ended on this day: there is nothing to take again
                    lanes.t[lane], lanes.stopped_at[lane] = float(day), True
                continue
            write_counts(records, i, day - int(patients.first_day[i]), rows.counts, lane)
            count_days(day, counts, rules, limits, run, lanes.off[lane], lanes.begun[lane])
            lanes.day[lane] += 1


@compiled
def _day_inside(patients, rows, lanes, lane):
    if rows.taken[0, lane] <= 0.0:
        return False
    day = lanes.day[lane]
    return day < lanes.t[lane] + rows.length[0, lane] - 1e-12 and day < patients.last_day[lanes.patient[lane]]


@compiled
def _move_on(fixed, rows, lanes, lane):
    """Time goes on, and the next step is as long as the error allows."""
    length, size = rows.length[0, lane], rows.size[0, lane]
    grown = length * min(5.0, max(0.2, 0.9 * max(size, 1e-8) ** -0.25))
    ends = length >= lanes.stop[lane] - lanes.t[lane] - CLOSE
    cut = ends or length < lanes.h[lane]  # shorter than the error would have allowed
    lanes.t[lane] = lanes.stop[lane] if ends else lanes.t[lane] + length
    lanes.h[lane] = min(LONGEST_STEP, max(lanes.h[lane], grown) if cut else grown)
    lanes.stopped_at[lane] = ends
    lanes.counting[lane] = is_counting(fixed, rows, lane)
