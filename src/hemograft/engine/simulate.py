"""Simulate: a case and a protocol become courses of virtual twins."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np

from ..case.case import Case
from ..errors import EngineError, InputError, Problem
from ..model.compile import Model
from ..parameters import ParameterSet
from ..protocol.protocol import Protocol, read_protocol
from ..protocol.schedule import Schedule, schedule
from ..streams import key, uniform
from ..trajectory import Trajectory
from .courses import Courses, to_trajectory
from .orders import Orders, arrange
from .setup import Twins, model_for, parameters_for, twins_of

TOLERANCE = 1e-4  # relative error of each state and step
LEAD_IN = 60  # days over which leukemia that is seen at the start has grown and crowded out normal blood
MATCHING_ROUNDS = 20  # corrections toward the marrow blasts that the case states
MATCHED = 0.01  # log odds of marrow blasts; a quarter of a percentage point
SMALLEST_FLOORS = {"cells": 1.0}  # amount below which the relative error does not matter; 1e-3 of other units
OTHER_FLOOR = 1e-3

Progress = Callable[[int, int], None]


def simulate(
    case: Case,
    protocol: Protocol | str | None = None,
    *,
    twins: int = 200,
    days: float = 730,
    seed: int = 0,
    parameters: ParameterSet | None = None,
    tolerance: float = TOLERANCE,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Trajectory:
    """Treat virtual twins of one case with one protocol and follow them.

    Parameters
    ----------
    case : Case
        Patient, donor and graft.
    protocol : Protocol or str, optional
        What is ordered, or the name of a shipped protocol; the one that the case names when absent.
    twins : int
        Patients who share all that the case states and differ in all that it does not.
    days : float [day]
        Length of follow-up after day 0.
    seed : int
        The same seed gives the same twin the same luck under any protocol.
    parameters : ParameterSet, optional
        Replaces shipped values, for example from ``parameters_for(case, protocol).changed(...)``.
    tolerance : float
        Relative error allowed for each state in a step.
    workers : int, optional
        Threads; the result does not depend on it.
    progress : callable, optional
        Called with (twins done, twins).

    Returns
    -------
    Trajectory
        Daily values of every observable, what was given, and provenance.

    Raises
    ------
    InputError
        The protocol cannot be given to this patient, or an argument makes no sense.
    EngineError
        The equations could not be advanced for any twin.
    """
    _check_arguments(twins, days, tolerance)
    chosen = _protocol(case, protocol)
    found = parameters if parameters is not None else parameters_for(case, chosen)
    model = model_for(case, chosen, found)
    names = tuple(f"{case.id}/{i + 1}" for i in range(twins))
    keys = np.array([key(name) for name in names])
    setting = Setting(
        case, chosen, model, names, keys, seed, float(int(days)), tolerance, workers or os.cpu_count() or 1
    )
    people, first_day = _people(setting)
    plan = _schedule(setting, people)
    orders = arrange(plan, model, people, setting.last_day)
    courses = run(setting, people, orders, first_day, progress)
    if courses.failed.all():
        i = int(np.argmax(courses.failed))
        raise EngineError(
            f"{courses.why(i)} on day {courses.day[i]:.2f} in {courses.state(model, i)}; no twin could be followed"
        )
    return to_trajectory(setting, people, orders, courses, first_day)


@dataclass(frozen=True)
class Setting:
    """What one simulation is about."""

    case: Case
    protocol: Protocol
    model: Model
    names: tuple[str, ...]
    keys: np.ndarray
    seed: int
    last_day: float
    tolerance: float
    workers: int


def _check_arguments(twins: int, days: float, tolerance: float) -> None:
    problems = []
    if not 1 <= twins <= 1_000_000:
        problems.append(Problem(f"{twins} twins", "twins", "1 to 1,000,000"))
    if not 1 <= days <= 36_525:
        problems.append(Problem(f"{days:g} days", "days", "1 to 36,525"))
    if not 1e-12 <= tolerance <= 1e-2:
        problems.append(Problem(f"a tolerance of {tolerance:g}", "tolerance", "1e-12 to 1e-2"))
    if problems:
        raise InputError(*problems)


def _protocol(case: Case, protocol: Protocol | str | None) -> Protocol:
    if isinstance(protocol, Protocol):
        return protocol
    name = protocol or case.protocol
    if not name:
        raise InputError(
            Problem("no protocol", case.id, "a protocol in the case file, or as argument", "protocol: flubu4")
        )
    return read_protocol(name)


def _schedule(setting: Setting, people: Twins) -> Schedule:
    clearance = {drug: people.slot(setting.model, f"drug_clearance[{drug}]") for drug in setting.model.axis("drug")}
    return schedule(
        setting.protocol, setting.case.patient, clearance, len(setting.names), graft=setting.case.graft is not None
    )


def _people(setting: Setting) -> tuple[Twins, float]:
    """The twins on their first simulated day: a day before the first order, or a lead-in of leukemia earlier."""
    case, model = setting.case, setting.model
    treated = float(int(min(setting.protocol.first_day, 0)))
    share = case.patient.marrow_blasts
    if case.patient.stage not in ("newly_diagnosed", "active") or not share:
        first_day = treated - 1
        return twins_of(model, case, setting.names, setting.keys, setting.seed, first_day), first_day
    first_day = treated - LEAD_IN
    start = twins_of(model, case, setting.names, setting.keys, setting.seed, first_day)
    burden = start.slot(model, "leukemia_at_start")
    grown = np.exp(np.minimum(start.slot(model, "leukemia_growth") * LEAD_IN, 25.0))
    guess = np.log(burden) - np.log(grown)
    wanted = np.log(share / (1 - min(share, 0.98)))
    for _ in range(MATCHING_ROUNDS):
        people = twins_of(model, case, setting.names, setting.keys, setting.seed, first_day, np.exp(guess))
        missing = wanted - _untreated(setting, people, first_day, treated)
        if np.abs(missing).max() < MATCHED:
            break
        guess = guess + np.clip(missing, -2.0, 2.0)
    return twins_of(model, case, setting.names, setting.keys, setting.seed, first_day, np.exp(guess)), first_day


def _untreated(setting: Setting, people: Twins, first_day: float, last_day: float) -> np.ndarray:
    """Log odds of marrow blasts after growing without treatment, shape (patient,)."""
    nothing = arrange(Schedule((), (), ()), setting.model, people, last_day)
    courses = run(setting, people, nothing, first_day, None, last_day)
    blasts = [e.name for e in setting.model.observed].index("marrow_blasts")
    share = np.clip(courses.recorded[:, -1, blasts] / 100, 1e-9, 0.98)
    return np.log(share / (1 - share))


def run(
    setting: Setting,
    people: Twins,
    orders: Orders,
    first_day: float,
    progress: Progress | None,
    last_day: float | None = None,
) -> Courses:
    """Advance every twin; threads take turns, the result does not depend on their number."""
    from . import integrate
    from .kernels import build_kernels

    model, kernels = setting.model, build_kernels(setting.model)
    last = setting.last_day if last_day is None else last_day
    addresses = np.array(
        [kernels.addresses[n] for n in ("rates", "factor", "solve", "observe", "prepare")], dtype=np.int64
    )
    floor = np.array([SMALLEST_FLOORS.get(e.declared.unit, OTHER_FLOOR) for e in model.states])
    count, length = len(setting.names), int(last - first_day) + 1
    courses = Courses(
        np.full((count, length, kernels.observed), np.nan),
        np.zeros((count, len(orders.rules), length)),
        np.zeros((count, len(orders.times))),
        np.zeros((count, 4)),
    )

    members, smallest = _populations(setting)

    def follow(i: int) -> None:
        integrate.advance(
            addresses,
            people.start[i].copy(),
            people.vectors[i].copy(),
            kernels.constants,
            kernels.factors,
            first_day,
            last,
            orders.times,
            orders.events,
            orders.amounts[i],
            orders.rules,
            orders.limits[i],
            orders.count,
            members,
            smallest[i],
            floor,
            setting.tolerance,
            courses.recorded[i],
            courses.acted[i],
            courses.given[i],
            courses.status[i],
        )

    follow(0)  # compiles, or loads the compiled loop, once
    with ThreadPoolExecutor(setting.workers) as pool:
        tasks = [pool.submit(follow, i) for i in range(1, count)]
        try:
            for done, task in enumerate(as_completed(tasks), start=2):
                task.result()
                if progress:
                    progress(done, count)
        except BaseException:  # Ctrl-C: do not wait for twins that have not started
            pool.shutdown(cancel_futures=True)
            raise
    return courses


def _populations(setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """States of each population that can die out, and the expected number below which each twin has lost it.

    When cells die independently, none is left of an expected ``n`` with probability exp(-n); an exponential random
    number, drawn once for each twin and population, makes that so.
    """
    found = setting.model.populations
    members = np.full((len(found), max((len(states) for _, states in found), default=1)), -1, dtype=np.int64)
    smallest = np.zeros((len(setting.names), len(found)))
    for k, (name, states) in enumerate(found):
        members[k, : len(states)] = states
        smallest[:, k] = -np.log(uniform(setting.seed, setting.keys, f"last cells/{name}"))
    return members, smallest
