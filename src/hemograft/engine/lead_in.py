"""The first simulated day: a day before the first order, or earlier, so that leukemia seen at diagnosis has grown.

A leukemia that fills a good part of the marrow has crowded out normal blood for weeks. So the twins of such a case
live through a lead-in without treatment, from the burden that leads to the marrow blasts that the case states.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..case.case import Case
from ..case.patient import WITH_DISEASE
from ..protocol.schedule import Schedule
from .lanes import Patients
from .orders import arrange
from .patients import Group, rows_of
from .run import run
from .setting import Setting
from .twins import Twins, joined, parted, twins_of, with_burden

LEAD_IN = 60  # days
MATCHING_ROUNDS = 8  # corrections toward the marrow blasts that the case states
MATCHED = 0.01  # log odds of marrow blasts; a quarter of a percentage point
LARGEST_CORRECTION = 2.0  # log odds
STEEPNESS = 0.3, 5.0  # log odds of blasts per logarithm of cells
MOST_BLASTS = 0.98  # share of marrow cells, for finite odds


def starts_with_disease(case: Case) -> bool:
    """Whether the twins of a case live through a lead-in."""
    return case.patient.stage in WITH_DISEASE and bool(case.patient.marrow_blasts)


def people_of(settings: Sequence[Setting]) -> list[tuple[Twins, float]]:
    """The twins of each setting on their first simulated day, and that day.

    Those of a leukemia at diagnosis have lived through a lead-in; the settings must share one layout of the model,
    and are followed together.
    """
    begun = seeded(settings)
    growing = [i for i, setting in enumerate(settings) if starts_with_disease(setting.case)]
    if growing:
        grown = _grown([settings[i] for i in growing], [begun[i][0] for i in growing])[1]
        for i, people in zip(growing, grown, strict=True):
            begun[i] = people, begun[i][1] + LEAD_IN
    return begun


def matched(setting: Setting) -> tuple[Twins, float]:
    """The twins before a lead-in at the end of which they have the blasts that their cases state, and that day."""
    ((people, first_day),) = seeded([setting])
    if starts_with_disease(setting.case):
        people = _grown([setting], [people])[0][0]
    return people, first_day


def seeded(settings: Sequence[Setting]) -> list[tuple[Twins, float]]:
    """The twins as their cases say on the day on which they are followed from, and that day; made together."""
    days = [float(int(min(one.protocol.first_day, 0))) for one in settings]
    days = [day - (LEAD_IN if starts_with_disease(one.case) else 1) for day, one in zip(days, settings, strict=True)]
    each = [len(one.names) for one in settings]
    everybody = twins_of(
        settings[0].model,
        [case for one in settings for case in one.cases],
        tuple(name for one in settings for name in one.names),
        np.concatenate([one.keys for one in settings]),
        settings[0].seed,
        np.repeat(days, each),
        _multiples(settings),
        [(one.model.parameters, count) for one, count in zip(settings, each, strict=True)],
    )
    found, first = [], 0
    for one, count, day in zip(settings, each, days, strict=True):
        varied = [name for name in everybody.own if one.model.parameters[name].spread > 0]
        found.append((everybody.some(first, first + count, varied), day))
        first += count
    return found


def _multiples(settings: Sequence[Setting]) -> dict[str, np.ndarray]:
    """By how much own values differ, of the patients of all settings."""
    names = dict.fromkeys(name for one in settings for name in one.multiples)
    none = [np.ones(len(one.names)) for one in settings]
    return {
        name: np.concatenate([one.multiples.get(name, ones) for one, ones in zip(settings, none, strict=True)])
        for name in names
    }


def _grown(settings: Sequence[Setting], people: Sequence[Twins]) -> tuple[list[Twins], list[Twins]]:
    """The twins before and after a lead-in; each patient's burden is corrected until the marrow blasts are right."""
    share = np.array([case.patient.marrow_blasts for setting in settings for case in setting.cases], dtype=float)
    wanted = np.log(share / (1 - np.minimum(share, MOST_BLASTS)))
    model, everybody = settings[0].model, joined(people)
    burden, growth = (everybody.slot(model, name) for name in ("leukemia_at_start", "leukemia_growth"))
    guess = np.log(burden) - np.minimum(growth * LEAD_IN, 25.0)
    steepness, odds = np.ones(len(guess)), np.full(len(guess), np.nan)
    move, wrong = np.zeros(len(guess)), np.ones(len(guess), dtype=bool)
    rows = _untreated(settings, people)
    grown = np.zeros_like(everybody.start)
    for turn in itertools.count():
        some = with_burden(model, everybody.picked(wrong), np.exp(guess[wrong]))
        everybody.vectors[wrong], everybody.start[wrong] = some.vectors, some.start
        last = odds.copy()
        here = Patients(*(part[wrong] for part in rows))._replace(vectors=some.vectors, start=some.start)
        odds[wrong], grown[wrong] = _followed(settings[0], here)
        missing = wanted - odds
        wrong = np.abs(missing) >= MATCHED
        if turn == MATCHING_ROUNDS or not wrong.any():
            return parted(everybody, people), parted(replace(everybody, start=grown), people)
        # by the secant; a patient who is right stays as he is, whoever else is corrected
        known = wrong & (move != 0)
        steepness[known] = np.clip((odds - last)[known] / move[known], *STEEPNESS)
        move = np.where(wrong, np.clip(missing / steepness, -LARGEST_CORRECTION, LARGEST_CORRECTION), 0.0)
        guess = guess + move
    raise AssertionError("the loop ends by returning")


def _untreated(settings: Sequence[Setting], people: Sequence[Twins]) -> Patients:
    """The twins through a lead-in without treatment.

    Nothing happens by chance meanwhile: the case is of somebody who has lived to be treated.
    """
    model, groups = settings[0].model, []
    for setting, each in zip(settings, people, strict=True):
        last_day = float(int(min(setting.protocol.first_day, 0)))
        nothing = arrange(Schedule((), (), ()), model, each, last_day)
        groups.append(Group(each, nothing, setting.keys, last_day - LEAD_IN, last_day))
    return rows_of(model, groups, settings[0].seed, chance=False)


def _followed(setting: Setting, patients: Patients) -> tuple[np.ndarray, np.ndarray]:
    """Log odds of marrow blasts at the end, shape (patient,), and the states as they are then."""
    model = setting.model
    records = run(model, patients, tolerance=setting.tolerance, chance=False, workers=setting.workers)
    blasts = [e.name for e in model.observed].index("marrow_blasts")
    share = np.clip(records.daily[:, -1, blasts] / 100, 1e-9, MOST_BLASTS)
    grown = records.final.copy()
    grown[:, [model.state_number[event.integral] for event in model.events]] = 0.0
    return np.log(share / (1 - share)), grown
