"""Lanes in step: many slightly different patients that share one sequence of steps, so that differences are smooth.

The error control of an integrator makes its result jump, within the tolerance, from one parameter value to the next.
Differences of results computed with one sequence of steps are free of that (internal numerical differentiation): they
are derivatives of the numerical solution itself. What was done at the bedside is done to every lane at the same times.

Source
------
Bock 1981, doi:10.1007/978-3-642-68220-9_8 (recalled, not re-read): internal numerical differentiation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..errors import EngineError
from ..model.compile import Model
from .bedside import ACTS, ADD_TO_STATE, AMOUNT, ON, TRANSFUSE
from .kernels import Kernels, as_function, build_kernels
from .lanes import KIND, TARGET, Patients, Records, Rows, rows_for
from .loop import AFTER_AN_ORDER, CLOSE, LONGEST_STEP, MOST_STEPS, SHORTEST_STEP

FUNCTIONS = {
    "prepare": ("p", "c"),
    "rates": ("x", "p", "c", "f0"),
    "rates_after": ("y", "p", "c", "f1"),
    "step": ("x", "f0", "p", "c", "length", "floor", "tolerance", "stages", "a", "y", "error", "size"),
    "between": ("x", "y", "f0", "f1", "length", "theta", "inside"),
    "observe": ("x", "p", "c", "counts"),
    "observe_inside": ("inside", "p", "c", "counts"),
}


class Act(NamedTuple):
    """Something done to every lane at one time.

    Attributes
    ----------
    day : float
    to_state : bool
        Whether a state is added to, else an input.
    target : int
        State or slot.
    amounts : array, shape (lane,)
    """

    day: float
    to_state: bool
    target: int
    amounts: np.ndarray


@dataclass(frozen=True)
class Block:
    """As many lanes as one instruction takes: their rows, and the machine code that works on them."""

    kernels: Kernels  # the machine code lives as long as this
    rows: Rows
    call: dict[str, Callable[[], None]]


def acts_of(patients: Patients, records: Records) -> tuple[Act, ...]:
    """What was done to the first of some alike patients, with each one's own amounts, in order of time."""
    found = []
    for rule, row in np.argwhere(records.acted[0] > 0).tolist():
        if patients.rules[0, rule, ACTS] == TRANSFUSE:
            day = float(int(patients.first_day[0]) + row)
            found.append(Act(day, True, int(patients.rules[0, rule, ON]), patients.limits[:, rule, AMOUNT]))
    for event in np.flatnonzero(np.isfinite(records.given[0])):
        kind, target = patients.events[0, event, KIND], int(patients.events[0, event, TARGET])
        day = float(records.given[0, event])
        found.append(Act(day, kind == ADD_TO_STATE, target, patients.amounts[:, event]))
    return tuple(sorted(found, key=lambda act: act.day))


def follow_together(model: Model, patients: Patients, acts: tuple[Act, ...], tolerance: float) -> np.ndarray:
    """Follow all patients with one sequence of steps, without chance and without events.

    Parameters
    ----------
    patients : Patients
        One row a lane; alike but for parameters, amounts of orders and starting states. Their own orders and rules
        are not looked at.
    acts : tuple of Act
        What is done, in order of time.
    tolerance : float
        Relative error allowed for each state in a step; the lane with the largest error decides.

    Returns
    -------
    array, shape (lane, day, quantity)
        Recorded quantities of each day, before that day's acts.

    Raises
    ------
    EngineError
        The equations cannot be advanced.
    """
    first_day, last_day, count = float(patients.first_day[0]), float(patients.last_day[0]), len(patients.start)
    blocks = _blocks(model, patients, tolerance)
    daily = np.full((count, 1 + int(last_day - int(first_day)), len(model.observed)), np.nan)
    clock = Clock(first_day, int(first_day), AFTER_AN_ORDER, 0)
    left = list(acts)
    while True:
        if clock.t == clock.day:
            _record(blocks, daily, clock.day - int(first_day), "observe")
            clock = clock._replace(day=clock.day + 1)
        due = [act for act in left if act.day <= clock.t]
        left = left[len(due) :]
        for act in due:
            _do(blocks, act)
        if clock.t >= last_day:
            return daily
        if due:
            clock = clock._replace(h=min(clock.h, AFTER_AN_ORDER))
        for block in blocks:
            block.call["rates"]()
        stop = min(left[0].day, last_day) if left else last_day
        while clock.t < stop:
            clock = _advance(blocks, clock, stop, daily, int(first_day))


class Clock(NamedTuple):
    """The time of all lanes, the next day to be recorded, the next step, and steps so far."""

    t: float
    day: int
    h: float
    steps: int


def _blocks(model: Model, patients: Patients, tolerance: float) -> tuple[Block, ...]:
    """Rows filled with the patients; lanes to spare repeat the first one."""
    kernels, count = build_kernels(model), len(patients.start)
    blocks = []
    for first in range(0, count, kernels.lanes):
        rows = rows_for(model, kernels, tolerance)
        who = [i if i < count else 0 for i in range(first, first + kernels.lanes)]
        rows.p[: patients.vectors.shape[1]] = patients.vectors[who].T
        rows.x[: patients.start.shape[1]] = patients.start[who].T
        block = Block(kernels, rows, _calls(kernels, rows))
        block.call["prepare"]()
        blocks.append(block)
    return tuple(blocks)


def _calls(kernels: Kernels, rows: Rows) -> dict[str, Callable[[], None]]:
    """The machine code bound to one block's arrays."""

    def bound(name: str, arrays: tuple[str, ...]) -> Callable[[], None]:
        function = as_function(kernels.addresses[name.partition("_")[0]], len(arrays))
        places = tuple(getattr(rows, array).ctypes.data for array in arrays)
        return lambda: function(*places)

    return {name: bound(name, arrays) for name, arrays in FUNCTIONS.items()}


def _record(blocks: tuple[Block, ...], daily: np.ndarray, row: int, how: str) -> None:
    """One day's quantities of every lane."""
    for number, block in enumerate(blocks):
        block.call[how]()
        first = number * block.rows.counts.shape[1]
        mine = daily[first : first + block.rows.counts.shape[1], row]
        mine[:] = block.rows.counts[: daily.shape[2], : len(mine)].T


def _do(blocks: tuple[Block, ...], act: Act) -> None:
    for number, block in enumerate(blocks):
        first = number * block.rows.x.shape[1]
        amounts = act.amounts[first : first + block.rows.x.shape[1]]
        target = (block.rows.x if act.to_state else block.rows.p)[act.target]
        target[: len(amounts)] += amounts
        target[len(amounts) :] += act.amounts[0]  # lanes to spare
        if not act.to_state:
            np.maximum(target, 0.0, out=target)


def _advance(blocks: tuple[Block, ...], clock: Clock, stop: float, daily: np.ndarray, first_day: int) -> Clock:
    """One step of all lanes, or one try that was too long."""
    room = stop - clock.t
    length = room if clock.h >= room - CLOSE else clock.h
    largest = 0.0
    for block in blocks:
        block.rows.length[:] = length
        block.call["step"]()
        largest = max(largest, float(np.nan_to_num(block.rows.size, nan=np.inf).max()))
    if not largest <= 1.0:
        shorter = length * (max(0.2, 0.9 * largest**-0.25) if largest < 1e30 else 0.2)
        if shorter < SHORTEST_STEP or clock.steps > MOST_STEPS:
            raise EngineError(f"no step is short enough on day {clock.t:.2f}; the patients cannot be followed together")
        return clock._replace(h=shorter, steps=clock.steps + 1)
    for block in blocks:
        block.call["rates_after"]()
    day, end = clock.day, clock.t + length
    while day < end - 1e-12 and day < first_day + daily.shape[1] - 1:
        for block in blocks:
            block.rows.theta[:] = (day - clock.t) / length
            block.call["between"]()
        _record(blocks, daily, day - first_day, "observe_inside")
        day += 1
    for block in blocks:
        block.rows.x[:], block.rows.f0[:] = block.rows.y, block.rows.f1
    grown = length * min(5.0, max(0.2, 0.9 * max(largest, 1e-8) ** -0.25))
    ends = length >= room - CLOSE
    following = min(LONGEST_STEP, max(clock.h, grown) if ends else grown)
    return Clock(stop if ends else end, day, following, clock.steps + 1)
