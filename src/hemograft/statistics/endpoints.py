"""Composite end points (GRFS among them) and landmarks, from the days of single events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import Problem
from .checks import column, refuse
from .checks import follow_up as checked

GRFS_PARTS = ("acute_gvhd_3_4", "chronic_gvhd_treated", "relapse", "death")


@dataclass(frozen=True)
class Endpoint:
    """First of several events, ready for every estimator of this package.

    Attributes
    ----------
    times : numpy.ndarray (patient,) [day]
        Day of the first event, or of the end of follow-up.
    events : numpy.ndarray (patient,)
        Code of the event that came first; 0 without event.
    causes : mapping from name to code
    """

    times: np.ndarray
    events: np.ndarray
    causes: Mapping[str, int]

    @property
    def failed(self) -> np.ndarray:
        """1 where any of the events happened, 0 otherwise."""
        return (self.events > 0).astype(int)


def day_or_none(day: Any, observed: Any) -> np.ndarray:
    """Day of an event, NaN where it did not happen, from a pair of columns of an outcome table."""
    days, seen = np.asarray(day, dtype=float), np.asarray(observed, dtype=bool)
    if days.shape != seen.shape:
        problem = Problem(f"{days.shape} days, {seen.shape} flags", "day_or_none", "equal lengths", "same rows")
        refuse([problem])
    return np.where(seen, days, np.nan)


def first_of(days: Mapping[str, Any], follow_up: Any) -> Endpoint:
    """First of several events.

    Parameters
    ----------
    days : mapping from name to array-like (patient,) [day]
        Day of each event, NaN where it did not happen until the end of follow-up. On equal days the one
        named first counts.
    follow_up : array-like (patient,) [day]
        Last day on which all of the events would have been seen; not before any of them.

    Raises
    ------
    InputError
        An event before day 0 or after the end of follow-up, no events named, unequal lengths.
    """
    problems: list[Problem] = []
    end = column("first_of", "follow_up", follow_up, problems, lowest=0)
    if not days:
        problems.append(Problem("no events named", "first_of(days)", "name and days of each event", '{"relapse": ...}'))
    table = []
    for name, values in days.items():
        place = f"first_of(days['{name}'])"
        array = np.asarray(values, dtype=float)
        if array.shape != end.shape:
            what = f"shape {array.shape} for {len(end)} patients"
            problems.append(Problem(what, place, "one day a patient", "same rows"))
            continue
        with np.errstate(invalid="ignore"):
            for row in np.flatnonzero((array < 0) | (array > end))[:1]:
                what = f"row {row}: day {array[row]:g} is outside follow-up, day 0 to {end[row]:g}"
                problems.append(Problem(what, place, "a day within follow-up, or NaN", "check the last day seen"))
        table.append(np.where(np.isnan(array), np.inf, array))
    refuse(problems)
    stacked = np.stack(table)
    which = stacked.argmin(axis=0)
    when = stacked.min(axis=0)
    happened = np.isfinite(when)
    codes = {name: place + 1 for place, name in enumerate(days)}
    return Endpoint(np.where(happened, when, end), np.where(happened, which + 1, 0), codes)


def grfs(follow_up: Any, *, acute_gvhd_3_4: Any, chronic_gvhd_treated: Any, relapse: Any, death: Any) -> Endpoint:
    """GVHD-free, relapse-free survival: free of acute GVHD III-IV, treated chronic GVHD, relapse and death.

    Each argument is a day per patient, NaN where it did not happen. ``kaplan_meier(e.times, e.failed)`` gives the
    curve; ``cumulative_incidence(e.times, e.events, causes=e.causes)`` tells what ended it.

    Raises
    ------
    InputError
        As :func:`first_of`.

    Source
    ------
    Holtan and others, Blood 2015;125:1333 (recalled, not re-read).
    """
    parts = acute_gvhd_3_4, chronic_gvhd_treated, relapse, death
    return first_of(dict(zip(GRFS_PARTS, parts, strict=True)), follow_up)


@dataclass(frozen=True)
class Landmark:
    """Patients without event and still followed at a landmark.

    Attributes
    ----------
    chosen : numpy.ndarray (patient,)
        True for those in the analysis; apply it to covariates.
    times, events : numpy.ndarray (chosen patient,) [day after the landmark], [code]
    """

    day: float
    chosen: np.ndarray
    times: np.ndarray
    events: np.ndarray


def landmark(times: Any, events: Any, day: float, *, horizon: float | None = None) -> Landmark:
    """Start the clock at a landmark, with those who are still followed later than it.

    Parameters
    ----------
    day : float [day]
        Covariates may use everything known on this day.
    horizon : float [day], optional
        Days after the landmark at which follow-up is ended.

    Raises
    ------
    InputError
        Nobody is followed beyond the landmark, or columns that do not fit.
    """
    follow = checked("landmark", times, events, codes=None)
    chosen = follow.times > day
    if not chosen.any():
        last = follow.times.max()
        what = f"nobody is followed beyond day {day:g}"
        refuse([Problem(what, "landmark(day)", f"a day before {last:g}", "an earlier landmark")])
    since, happened = follow.times[chosen] - day, follow.events[chosen]
    if horizon is not None:
        happened = np.where(since > horizon, 0, happened)
        since = np.minimum(since, horizon)
    return Landmark(float(day), chosen, since, happened)
