"""The first simulated day: a day before the first order, or earlier, so that leukemia seen at diagnosis has grown.

A leukemia that fills a good part of the marrow has crowded out normal blood for weeks. So the twins of such a case
live through a lead-in without treatment, from the burden that leads to the marrow blasts that the case states.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..case.case import Case
from ..case.patient import WITH_DISEASE
from ..protocol.schedule import Schedule
from .orders import arrange
from .patients import Group, rows_of
from .run import run
from .setting import Setting
from .setup import Twins, twins_of

LEAD_IN = 60  # days
MATCHING_ROUNDS = 20  # corrections toward the marrow blasts that the case states
MATCHED = 0.01  # log odds of marrow blasts; a quarter of a percentage point
LARGEST_CORRECTION = 2.0  # log odds
MOST_BLASTS = 0.98  # share of marrow cells, for finite odds


def starts_with_disease(case: Case) -> bool:
    """Whether the twins of a case live through a lead-in."""
    return case.patient.stage in WITH_DISEASE and bool(case.patient.marrow_blasts)


def people_of(setting: Setting) -> tuple[Twins, float]:
    """The twins on their first simulated day, and that day; those of a leukemia at diagnosis have lived through it."""
    people, first_day = seeded(setting)
    if not starts_with_disease(setting.case):
        return people, first_day
    treated = first_day + LEAD_IN
    return untreated(setting, people, first_day, treated)[1], treated


def seeded(setting: Setting) -> tuple[Twins, float]:
    """The twins and the day on which they would start without what :func:`people_of` lets them live through."""
    model = setting.model
    treated = float(int(min(setting.protocol.first_day, 0)))
    share = np.array([case.patient.marrow_blasts or 0.0 for case in setting.cases])
    if not starts_with_disease(setting.case):
        first_day = treated - 1
        return _twins(setting, first_day), first_day
    first_day = treated - LEAD_IN
    start = _twins(setting, first_day)
    burden = start.slot(model, "leukemia_at_start")
    grown = np.exp(np.minimum(start.slot(model, "leukemia_growth") * LEAD_IN, 25.0))
    guess = np.log(burden) - np.log(grown)
    wanted = np.log(share / (1 - np.minimum(share, MOST_BLASTS)))
    for _ in range(MATCHING_ROUNDS):
        people = _twins(setting, first_day, np.exp(guess))
        missing = wanted - untreated(setting, people, first_day, treated)[0]
        if np.abs(missing).max() < MATCHED:
            break
        guess = guess + np.clip(missing, -LARGEST_CORRECTION, LARGEST_CORRECTION)
    people = _twins(setting, first_day, np.exp(guess))
    return people, first_day


def _twins(setting: Setting, first_day: float, burden: np.ndarray | None = None) -> Twins:
    model, names, keys = setting.model, setting.names, setting.keys
    return twins_of(model, setting.cases, names, keys, setting.seed, first_day, burden, setting.multiples)


def untreated(setting: Setting, people: Twins, first_day: float, last_day: float) -> tuple[np.ndarray, Twins]:
    """Log odds of marrow blasts after growing without treatment, shape (patient,), and the twins as they are then.

    Nothing happens by chance meanwhile: the case is of somebody who has lived to be treated.
    """
    model = setting.model
    nothing = arrange(Schedule((), (), ()), model, people, last_day)
    group = Group(people, nothing, setting.keys, first_day, last_day)
    patients = rows_of(model, [group], setting.seed, chance=False)
    records = run(model, patients, tolerance=setting.tolerance, chance=False, workers=setting.workers)
    blasts = [e.name for e in model.observed].index("marrow_blasts")
    share = np.clip(records.daily[:, -1, blasts] / 100, 1e-9, MOST_BLASTS)
    grown = records.final.copy()
    grown[:, [model.state_number[event.integral] for event in model.events]] = 0.0
    return np.log(share / (1 - share)), replace(people, start=grown)
