"""Complications: graft-versus-host disease, infection, cytomegalovirus, liver, and loss of a graft that had taken."""

from __future__ import annotations

import numpy as np

from .course import Course, Event, earliest, event, first_day
from .definitions import LEAST_DONOR, NEUTROPHIL_LEVEL, failure_day, graft_failure, moderate_day, neutrophil_engraftment
from .survival import disease_day

LOST_RUN = 14  # days of low counts that are more than a passing fall


def acute_gvhd(course: Course, grade: int) -> Event:
    """First day with acute graft-versus-host disease of this grade or more. Death competes.

    Source
    ------
    Glucksberg grades (recalled, not re-read); the model turns damage into a grade. No last day: late acute disease
    counts.
    """
    return event(course, first_day(course.days, course.values["acute_gvhd_grade"] >= grade), everyone(course))


def complication(course: Course, name: str) -> Event:
    """Day on which the simulation declares it, by chance and a hazard that follows the patient's state. Death competes.

    Source
    ------
    Declared by the model; ``hemograft model`` prints the hazard.
    """
    return event(course, course.happened(name), everyone(course))


def chronic_gvhd_severe(course: Course) -> Event:
    """First day on which chronic graft-versus-host disease is active enough to be moderate or severe. Death competes.

    Source
    ------
    Consensus severity (recalled, not re-read) asks for organ scores, which are not simulated; a tenth of the
    greatest activity is an assumed threshold, which most patients with chronic disease reach.
    """
    return event(course, moderate_day(course), everyone(course))


def secondary_graft_failure(course: Course) -> Event:
    """After neutrophil engraftment without primary failure, and before any relapse: the first of 14 days with
    neutrophils below 0.5 x10^9/L, or the first day with less than 5 % donor myeloid cells. The latter, and all where
    counts never fell that low, is looked for after the day on which primary failure is judged. Death and relapse
    compete.

    Source
    ------
    Sureda2024, Table 1, asks for loss of function after engraftment; length and share are recalled, not re-read.
    """
    day, observed, _, never_below = neutrophil_engraftment(course)
    primary, _ = graft_failure(course)
    took = ((observed == 1) | (never_below == 1)) & (primary == 0)
    later = course.days > np.where(observed == 1, day, failure_day(course))[:, None]
    lost = first_day(course.days, course.values["neutrophils"] < NEUTROPHIL_LEVEL, LOST_RUN, later)
    days = [lost]
    if course.donor and "donor_myeloid" in course.values:
        judged = later & (course.days > failure_day(course))
        days.append(first_day(course.days, (course.values["donor_myeloid"] < LEAST_DONOR) & judged))
    rival = earliest(disease_day(course), course.died, like=course.last)
    return event(course, earliest(*days, like=course.last), took, rival)


def everyone(course: Course) -> np.ndarray:
    """All patients, but not those of a transplant who died before it."""
    return ~(course.died < 0) if course.grafted else np.ones(len(course.last), dtype=bool)
