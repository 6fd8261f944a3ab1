"""A group's daily values and events as outcome definitions need them, and how an event becomes columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Event = tuple[np.ndarray, np.ndarray, np.ndarray]
CENSORED, HAPPENED, FORESTALLED = 0.0, 1.0, 2.0
DEATH = "death_"  # how the names of deaths begin


@dataclass(frozen=True)
class Course:
    """Daily values of one group, as the definitions need them.

    Attributes
    ----------
    days : array (day,)
        Consecutive whole days; day 0 is the graft, or the day before treatment without a graft.
    values : mapping of name to array (patient, day)
        Observables, NaN where missing.
    platelets_given : bool array (patient, day)
        Whether platelets were transfused on that day.
    first : float [day]
        First day of treatment.
    last : array (patient,) [day]
        Last day of follow-up of each patient, the day of death for the dead; NaN for a patient without any.
    grafted, cord, donor : bool
        Whether a graft is given, from cord blood, from another person.
    chronic_phase : bool
        Whether the disease is chronic myeloid leukemia in chronic phase, which leaves slowly.
    events : mapping of name to array (patient,) [day]
        Day of each event that happened to somebody; NaN for the others.
    """

    days: np.ndarray
    values: Mapping[str, np.ndarray]
    platelets_given: np.ndarray
    first: float
    last: np.ndarray
    grafted: bool
    cord: bool
    donor: bool
    chronic_phase: bool = False
    events: Mapping[str, np.ndarray] = field(default_factory=dict)

    def happened(self, name: str) -> np.ndarray:
        """Day of an event for each patient; NaN where it did not happen."""
        return self.events.get(name, np.full(len(self.last), np.nan))

    @property
    def died(self) -> np.ndarray:
        """Day of death of whatever cause; NaN for the living."""
        return earliest(*(day for name, day in self.events.items() if name.startswith(DEATH)), like=self.last)


def first_day(days: np.ndarray, met: np.ndarray, run: int = 1, may_start: Any = True) -> np.ndarray:
    """First day of the first ``run`` consecutive days on which a condition is met; NaN if there is none.

    Parameters
    ----------
    days : array (day,)
    met : bool array (patient, day)
    may_start : bool array (patient, day), optional
        Days on which the run may begin.
    """
    if len(days) < run:
        return np.full(met.shape[0], np.nan)
    whole = np.lib.stride_tricks.sliding_window_view(met, run, axis=1).all(axis=-1)
    whole = whole & np.broadcast_to(may_start, met.shape)[:, : len(days) - run + 1]
    return np.where(whole.any(axis=1), days[whole.argmax(axis=1)], np.nan)


def ever_before(met: np.ndarray) -> np.ndarray:
    """Whether the condition was met on any earlier day, shape (patient, day)."""
    before = np.zeros_like(met)
    before[:, 1:] = np.logical_or.accumulate(met, axis=1)[:, :-1]
    return before


def earliest(*days: np.ndarray, like: np.ndarray) -> np.ndarray:
    """The first of several events for each patient; NaN where none happened."""
    return np.fmin.reduce([np.full(len(like), np.nan), *days])


def event(course: Course, day: np.ndarray, at_risk: Any, rival: np.ndarray | None = None) -> Event:
    """Day, observed and status of an event, as survival packages take them.

    The day is that of the event, else of the rival event that forestalled it, else the last of follow-up. Status is
    0 when follow-up ended first, 1 when it happened, 2 when a rival event came first: what an estimate of cumulative
    incidence needs. NaN for patients not at risk or never followed.

    Parameters
    ----------
    day : array (patient,)
        Day of the event, NaN where it did not happen.
    at_risk : bool array (patient,)
    rival : array (patient,), optional
        Day of the competing event; death when absent.
    """
    rival = course.died if rival is None else rival
    known = at_risk & np.isfinite(course.last)
    happened = np.isfinite(day) & ~(rival < day) & ~(day > course.last)
    forestalled = ~happened & np.isfinite(rival)
    when = np.select([happened, forestalled], [day, rival], course.last)
    status = np.select([happened, forestalled], [HAPPENED, FORESTALLED], CENSORED)
    return np.where(known, when, np.nan), np.where(known, happened, np.nan), np.where(known, status, np.nan)


def at_day(course: Course, name: str, day: float) -> np.ndarray:
    """The value on one day; missing when not followed so long or when the lineage is empty.

    Source
    ------
    Follow-up days of transplant registries (recalled, not re-read).
    """
    where = np.flatnonzero(course.days == day)
    values = course.values.get(name)
    if values is None or len(where) == 0:
        return np.full(len(course.last), np.nan)
    return values[:, where[0]].astype(float)
