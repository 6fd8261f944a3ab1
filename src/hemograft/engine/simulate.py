"""Simulate: a case and a protocol become courses of virtual twins."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from ..case.case import Case
from ..errors import EngineError, InputError, Problem
from ..parameters import ParameterSet
from ..protocol.people import People
from ..protocol.protocol import Protocol, read_protocol
from ..protocol.schedule import Schedule, schedule
from ..streams import key
from ..trajectory import Trajectory
from .courses import failures_of, to_trajectory
from .lead_in import people_of
from .orders import arrange
from .patients import Group, rows_of
from .run import Progress, run
from .setting import Setting
from .setup import model_for, parameters_for
from .twins import Twins

TOLERANCE = 1e-4  # relative error of each state and step


def simulate(
    case: Case,
    protocol: Protocol | str | None = None,
    *,
    twins: int = 200,
    days: float = 730,
    seed: int = 0,
    parameters: ParameterSet | None = None,
    tolerance: float = TOLERANCE,
    chance: bool = True,
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
    chance : bool
        Without it nothing happens by chance: no cell is the last, no event occurs, and the course is that of the
        differential equations.
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
    check_arguments(twins, days, tolerance)
    chosen = protocol_of(case, protocol)
    found = parameters if parameters is not None else parameters_for(case, chosen)
    model = model_for(case, chosen, found)
    names = tuple(f"{case.id}/{i + 1}" for i in range(twins))
    keys = np.array([key(name) for name in names])
    threads = workers or os.cpu_count() or 1
    setting = Setting((case,) * twins, chosen, model, names, keys, seed, float(int(days)), tolerance, chance, threads)
    (group,) = groups_of([setting])
    patients = rows_of(model, [group], seed, chance)
    records = run(model, patients, tolerance=tolerance, chance=chance, workers=threads, progress=progress)
    failed = failures_of(model, names, records)
    if len(failed) == twins:
        first = failed[0]
        raise EngineError(f"{first.why} on day {first.day:.2f} in {first.state}; no twin could be followed")
    return to_trajectory(setting, group, records)


def groups_of(settings: Sequence[Setting]) -> list[Group]:
    """The twins of each setting with their orders, ready to be followed; the settings share one layout."""
    found = []
    for setting, (people, first_day) in zip(settings, people_of(settings), strict=True):
        orders = arrange(schedule_of(setting, people), setting.model, people, setting.last_day)
        found.append(Group(people, orders, setting.keys, first_day, setting.last_day))
    return found


def check_arguments(twins: int, days: float, tolerance: float) -> None:
    """Refuse numbers that make no sense, all at once."""
    problems = []
    if not 1 <= twins <= 1_000_000:
        problems.append(Problem(f"{twins} twins", "twins", "1 to 1,000,000"))
    if not 1 <= days <= 36_525:
        problems.append(Problem(f"{days:g} days", "days", "1 to 36,525"))
    if not 1e-12 <= tolerance <= 1e-2:
        problems.append(Problem(f"a tolerance of {tolerance:g}", "tolerance", "1e-12 to 1e-2"))
    if problems:
        raise InputError(*problems)


def protocol_of(case: Case, protocol: Protocol | str | None) -> Protocol:
    """The protocol that is given or named, or else the one that the case names."""
    if isinstance(protocol, Protocol):
        return protocol
    name = protocol or case.protocol
    if not name:
        raise InputError(
            Problem("no protocol", case.id, "a protocol in the case file, or as argument", "protocol: flubu4")
        )
    return read_protocol(name)


def schedule_of(setting: Setting, people: Twins) -> Schedule:
    """The orders of a setting's protocol for these people."""
    clearance = {drug: people.slot(setting.model, f"drug_clearance[{drug}]") for drug in setting.model.axis("drug")}
    first, count, graft = setting.case.patient, len(setting.names), setting.case.graft is not None
    alike = all(case is setting.case for case in setting.cases)
    persons = first if alike else People([case.patient for case in setting.cases])
    return schedule(setting.protocol, persons, clearance, count, graft=graft)
