"""The arrays of the compiled loop, by what they hold: machine, what is fixed, patients, working rows, lanes, records.

Working arrays are rows: the last axis is the lane. Patients' arrays are one row a patient; a lane works on one
patient at a time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..model.compile import Model
from ..streams import stream_keys, uniform
from .counted import tables
from .kernels import Kernels
from .leaps import MOST_LEAPS
from .method import COUPLINGS

FINE, STUCK, TOO_MANY_STEPS, NOT_A_NUMBER, TOO_LARGE = 0, 1, 2, 3, 4  # how a course ends
KIND, TARGET, ORDER, BEGUN_BY = 0, 1, 2, 3  # columns of ``Patients.events``
LANE_NUMBERS = ("patient", "day", "next_event", "landing", "steps", "leaps", "parts", "first_inside", "role")
CACHE_LINE = 64  # bytes; rows must not straddle one
CELL_FLOOR, OTHER_FLOOR = 1.0, 1e-3  # amount of cells, or of anything else, whose relative error does not matter


class Machine(NamedTuple):
    """Addresses of the functions of :mod:`hemograft.engine.kernels`."""

    prepare: int
    rates: int
    observe: int
    tempo: int
    step: int
    between: int
    commit: int


class Fixed(NamedTuple):
    """What all patients of a run share.

    Attributes
    ----------
    members, sizes, reactions, first
        Populations counted in ones, see :func:`hemograft.engine.counted.tables`.
    hazards, flags, ends : int64 array, shape (event,)
        Of everything that may happen once: the state of its integrated hazard, the slot that says it has happened,
        and whether it ends the course.
    tolerance : float
        Relative error allowed for each state in a step.
    counted_below : float [cells]
        Populations below are counted in ones; 0 for none.
    """

    members: np.ndarray
    sizes: np.ndarray
    reactions: np.ndarray
    first: np.ndarray
    hazards: np.ndarray
    flags: np.ndarray
    ends: np.ndarray
    tolerance: float
    counted_below: float


class Patients(NamedTuple):
    """One row a patient.

    Attributes
    ----------
    vectors : array, shape (patient, slot)
        Parameter vectors with inputs at zero.
    start : array, shape (patient, state)
        Amounts on the first day.
    first_day, last_day : array, shape (patient,) [day]
    times : array, shape (patient, order event) [day]
        Ascending; never reached where there is none. For events of orders that wait for a condition: days from
        the day on which it is met; these come last, from ``waiting`` on.
    events : int64 array, shape (patient, order event, 4)
        Kind, target, order, and the event that started it or -1.
    amounts : array, shape (patient, order event)
    waiting : int64 array, shape (patient,)
    rules : int64 array, shape (patient, rule, 6)
        Kind (-1 for none), recorded quantity, relation, target (order or state), days, order before it or -1.
    limits : array, shape (patient, rule, 5)
        Threshold, first day, last day, amount, days after the beginning of the order before it.
    bounds : array, shape (patient, event)
        Integrated hazard at which each event happens; infinite for never.
    luck : uint64 array, shape (patient, population)
        Keys of the random streams of the populations.
    """

    vectors: np.ndarray
    start: np.ndarray
    first_day: np.ndarray
    last_day: np.ndarray
    times: np.ndarray
    events: np.ndarray
    amounts: np.ndarray
    waiting: np.ndarray
    rules: np.ndarray
    limits: np.ndarray
    bounds: np.ndarray
    luck: np.ndarray


class Rows(NamedTuple):
    """Working rows, shape (number, lane)."""

    x: np.ndarray
    y: np.ndarray
    f0: np.ndarray
    f1: np.ndarray
    inside: np.ndarray
    error: np.ndarray
    floor: np.ndarray
    stages: np.ndarray
    p: np.ndarray
    c: np.ndarray
    a: np.ndarray
    counts: np.ndarray
    tempo: np.ndarray  # shape (5 * reaction, lane): start, middle, end of a step; seen at the counts; change by them
    whole: np.ndarray  # shape (MOST_LEAPS * state, lane): counts after each leap
    length: np.ndarray
    theta: np.ndarray
    taken: np.ndarray
    size: np.ndarray
    tolerance: np.ndarray


class Lanes(NamedTuple):
    """Where each lane is.

    Attributes
    ----------
    patient : int64
        Number of the patient, -1 when idle.
    t, h, stop : float [day]
        Time, next step, and where the next step must end at the latest.
    day, next_event, landing, steps : int64
        Next day to be recorded, next order event, the event that ``stop`` lands on or -1, steps so far.
    stopped_at, fresh, counting : bool
        At a stop; whether ``f0`` must be computed anew; whether a population is being counted in ones.
    leaps, parts, first_inside, role : int64
        Leaps of the step (:mod:`hemograft.engine.leaps`), those from one whole day to the next, the first whole day
        that ends one, and what the last one was in a pair.
    feedback, away : float [1/day], [cells]
        How fast changes of the counts act back on them, and how far they are from the equations' course.
    counted, ending : bool, shape (lane, population)
        Whether its cells are counted through this step, and at its end.
    run : int64, shape (lane, rule)
        Days in a row on which each rule's condition has held.
    off : bool, shape (lane, order)
    begun : float, shape (lane, order) [day]
        When a waiting order's condition was met; NaN before.
    done : bool, shape (lane, order event)
    luck, kept_luck : uint64, shape (lane, population, 2)
    bounds : float, shape (lane, event)
    scratch : float, shape (2, reaction); sums : float, shape (5, member); cells : float, shape (member,)
    """

    patient: np.ndarray
    t: np.ndarray
    h: np.ndarray
    stop: np.ndarray
    day: np.ndarray
    next_event: np.ndarray
    landing: np.ndarray
    steps: np.ndarray
    stopped_at: np.ndarray
    fresh: np.ndarray
    counting: np.ndarray
    leaps: np.ndarray
    parts: np.ndarray
    first_inside: np.ndarray
    role: np.ndarray
    feedback: np.ndarray
    away: np.ndarray
    counted: np.ndarray
    ending: np.ndarray
    run: np.ndarray
    off: np.ndarray
    begun: np.ndarray
    done: np.ndarray
    luck: np.ndarray
    kept_luck: np.ndarray
    bounds: np.ndarray
    scratch: np.ndarray
    cells: np.ndarray
    sums: np.ndarray


class Records(NamedTuple):
    """What the loop brings back, one row a patient.

    Attributes
    ----------
    daily : array, shape (patient, day, quantity)
        Counts of each day from the first, drawn before that day's orders; missing after the end.
    acted : uint8 array, shape (patient, rule, day)
    given : array, shape (patient, order event) [day]
        When each order event was carried out; NaN when it was not.
    happened : array, shape (patient, event) [day]
        When each event happened; NaN when it did not.
    status : array, shape (patient, 4)
        How the course ended, day, worst state, steps.
    final : array, shape (patient, state)
        Amounts at the end.
    """

    daily: np.ndarray
    acted: np.ndarray
    given: np.ndarray
    happened: np.ndarray
    status: np.ndarray
    final: np.ndarray

    def some(self, first: int, last: int, first_day: float, last_day: float) -> Records:
        """Those of the patients from ``first`` to ``last - 1``, who were followed from and to the same days."""
        days = 1 + int(last_day - np.trunc(first_day))
        own = Records(*(part[first:last] for part in self))
        return own._replace(daily=own.daily[:, :days], acted=own.acted[:, :, :days])


def machine_of(kernels: Kernels) -> Machine:
    """The addresses the loop calls."""
    return Machine(*(kernels.addresses[name] for name in Machine._fields))


def fixed_of(model: Model, tolerance: float, counted_below: float) -> Fixed:
    """What a model declares that the loop must know."""
    events = model.events
    return Fixed(
        *tables(model),
        np.array([model.state_number[e.integral] for e in events], dtype=np.int64),
        np.array([model.slots[e.name] for e in events], dtype=np.int64),
        np.array([e.ends for e in events], dtype=np.int64),
        tolerance,
        counted_below,
    )


def bounds_of(model: Model, keys: np.ndarray, seed: int, chance: bool) -> np.ndarray:
    """Exponential numbers, shape (patient, event): how much hazard each patient bears before each event."""
    if not chance:
        return np.full((len(keys), len(model.events)), np.inf)
    columns = [-np.log(uniform(seed, keys, f"event/{event.name}")) for event in model.events]
    return np.stack(columns, axis=1) if columns else np.zeros((len(keys), 0))


def luck_of(model: Model, keys: np.ndarray, seed: int) -> np.ndarray:
    """Keys of one random stream for each patient and population, shape (patient, population)."""
    columns = [stream_keys(seed, keys, f"cells/{name}") for name, _ in model.populations]
    return np.stack(columns, axis=1) if columns else np.zeros((len(keys), 0), dtype=np.uint64)


def rows_for(model: Model, kernels: Kernels, tolerance: float) -> Rows:
    """Working rows for one thread."""
    n, w = kernels.states, kernels.lanes
    numbers = {"stages": len(COUPLINGS) * n, "p": kernels.parameters, "c": kernels.constants, "a": kernels.factors}
    numbers |= {"counts": kernels.observed, "tempo": 5 * kernels.reactions, "whole": MOST_LEAPS * n}
    numbers |= dict.fromkeys(("length", "theta", "taken", "size", "tolerance"), 1)
    rows = Rows(*(_aligned(max(numbers.get(name, n), 1), w) for name in Rows._fields))
    rows.floor[:] = np.array([CELL_FLOOR if e.declared.unit == "cells" else OTHER_FLOOR for e in model.states])[:, None]
    rows.tolerance[:] = tolerance
    return rows


def lanes_for(patients: Patients, fixed: Fixed, lanes: int) -> Lanes:
    """Idle lanes for one thread."""
    rules, events = patients.rules.shape[1], patients.times.shape[1]
    orders = 1 + int(patients.events[:, :, ORDER].max(initial=0))
    populations, members = fixed.members.shape
    reactions = max(int(np.diff(fixed.first).max(initial=0)), 1)
    shapes: dict[str, Any] = dict.fromkeys(LANE_NUMBERS, ((lanes,), np.int64))
    shapes |= dict.fromkeys(("t", "h", "stop", "feedback", "away"), ((lanes,), np.float64))
    shapes |= dict.fromkeys(("stopped_at", "fresh", "counting"), ((lanes,), np.bool_))
    shapes |= dict.fromkeys(("counted", "ending"), ((lanes, populations), np.bool_))
    shapes |= {"run": ((lanes, rules), np.int64), "off": ((lanes, orders), np.bool_)}
    shapes |= {"begun": ((lanes, orders), np.float64), "done": ((lanes, events), np.bool_)}
    shapes |= dict.fromkeys(("luck", "kept_luck"), ((lanes, populations, 2), np.uint64))
    shapes |= {"bounds": ((lanes, len(fixed.hazards)), np.float64)}
    shapes |= {
        "scratch": ((2, reactions), np.float64),
        "cells": ((members,), np.float64),
        "sums": ((5, members), np.float64),
    }
    return Lanes(*(np.zeros(*shapes[name]) for name in Lanes._fields))


def _aligned(numbers: int, lanes: int) -> np.ndarray:
    """Zeros, shape (number, lane), that start on a cache line."""
    room = np.zeros(numbers * lanes + CACHE_LINE // 8)
    offset = (-room.ctypes.data % CACHE_LINE) // 8
    return room[offset : offset + numbers * lanes].reshape(numbers, lanes)
