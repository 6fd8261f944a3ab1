"""Survival: death and its cause, death without relapse, survival free of disease and of graft-versus-host disease.

Time runs from day 0. A patient who dies before the graft is not a transplanted one and is not at risk.
"""

from __future__ import annotations

import numpy as np

from .course import DEATH, Course, Event, earliest, event, first_day
from .definitions import EARLY, leukemia_seen, moderate_day, relapse

FIRST_MARROW = 28  # day of the first marrow after the graft; leukemia found then has not gone away
SEVERE_GRADE = 3


def death(course: Course) -> tuple[np.ndarray, ...]:
    """Death of any cause, and the cause the simulation gave it.

    Source
    ------
    Overall survival is its complement; nothing competes.
    """
    cause = np.full(len(course.last), None, dtype=object)
    for name, day in course.events.items():
        if name.startswith(DEATH):
            cause[np.isfinite(day) & (day == course.died)] = name.removeprefix(DEATH).replace("_", " ")
    return *event(course, course.died, _at_risk(course)), cause


def death_of_infection(course: Course) -> Event:
    """Death to which the simulation gave infection as its cause. Death of any other cause competes.

    Source
    ------
    Declared by the model; ``hemograft model`` prints the hazard.
    """
    day = course.happened("death_infection")
    infection = np.where(day == course.died, day, np.nan)
    return event(course, infection, _at_risk(course), course.died)


def death_without_relapse(course: Course) -> Event:
    """Death without relapse or persistent leukemia before it (non-relapse mortality). Relapse or persistence competes.

    Source
    ------
    Registry definition (recalled, not re-read). Leukemia that is still there on day 28 (chronic phase: day 100) counts
    from that day, and a death of leukemia that was never seen to return as relapse.
    """
    back = disease_day(course)
    died = np.where(course.died < np.where(np.isnan(back), np.inf, back), course.died, np.nan)
    return event(course, died, _at_risk(course), back)


def disease_free_failure(course: Course) -> Event:
    """Relapse, persistent leukemia or death, whichever is first; survival free of disease is its complement.

    Source
    ------
    Registry definition of leukemia-free survival (recalled, not re-read).
    """
    return event(course, earliest(disease_day(course), course.died, like=course.last), _at_risk(course))


def gvhd_free_failure(course: Course) -> Event:
    """Acute graft-versus-host disease of grade III or IV, moderate or severe chronic graft-versus-host disease,
    relapse, persistent leukemia or death; survival free of them (GRFS) is the complement.

    Source
    ------
    Holtan2015, abstract; there chronic disease counts that needs systemic treatment, for which activity stands in.
    """
    days = [disease_day(course), course.died, moderate_day(course)]
    grade = course.values.get("acute_gvhd_grade")
    if grade is not None:
        days.append(first_day(course.days, grade >= SEVERE_GRADE))
    return event(course, earliest(*days, like=course.last), _at_risk(course))


def disease_day(course: Course) -> np.ndarray:
    """Day on which leukemia is back, found not to have gone away, or has killed; NaN for the others."""
    days = [course.happened("death_leukemia")]
    if {"marrow_blasts", "neutrophils", "platelets"} <= set(course.values):
        day, returned, _, _ = relapse(course)
        days += [np.where(returned == 1, day, np.nan), first_day(course.days, _still_there(course))]
    return earliest(*days, like=course.last)


def _still_there(course: Course) -> np.ndarray:
    """Where a marrow that has never been clear of leukemia would show it, shape (patient, day)."""
    return leukemia_seen(course) & (course.days >= (EARLY if course.chronic_phase else FIRST_MARROW))


def _at_risk(course: Course) -> np.ndarray:
    return ~(course.died < 0) if course.grafted else np.ones(len(course.last), dtype=bool)
