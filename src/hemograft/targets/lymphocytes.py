"""Groups that begin with donor lymphocytes for a relapse: many are made to relapse, and few of them count.

Everybody is followed from the first graft, after a conditioning that acts weakly on the leukemia. Those who are alive
and in relapse on the day before the first lymphocytes, with T cells of the donor and without graft-versus-host disease,
are the group at risk; only for them a day of lymphocytes is known, from which time counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from ..case.case import Case
from ..columns import numbers, where
from ..engine.setup import all_drugs, parameters_for
from ..outcome.course import Course, earliest, event, first_day
from ..outcome.table import course_of
from ..parameters import ParameterSet
from ..population.lymphocytes import weakness
from ..population.rules import Rules, shipped_rules
from ..protocol.protocol import Protocol
from ..trajectory import Trajectory

SINCE = "lymphocytes"  # the event from which time counts
AFTER = ("gvhd_after_lymphocytes", "acute_gvhd_2_4_after_lymphocytes", "response_after_lymphocytes")
COLUMNS = tuple(f"{name}_{what}" for name in (SINCE, *AFTER) for what in ("day", "observed"))
NEEDED = ("residual_disease", "donor_t", "acute_gvhd_grade")
WEAKENED = "chemotherapy_sensitivity"
GRADE_2 = 2
CHRONIC = "chronic_gvhd"


def with_lymphocytes(table: pa.Table, made: Trajectory) -> pa.Table:
    """The outcome table with the day of lymphocytes of those at risk, and what follows it, as pairs of columns."""
    course = course_of(made)
    given = _first_given(made)
    if not set(NEEDED) <= set(course.values):
        given = np.full(len(given), np.nan)
    for name, (day, observed) in _found(course, given, shipped_rules()).items():
        table = table.append_column(f"{name}_day", numbers(day))
        table = table.append_column(f"{name}_observed", numbers(observed, pa.bool_()))
    return table


def _first_given(made: Trajectory) -> np.ndarray:
    """Day of the first lymphocytes of each patient; NaN for those who were given none."""
    place = {name: i for i, name in enumerate(made.daily.patients)}
    found = np.full(len(place), np.nan)
    rows = where(made.given, kind="lymphocytes")
    for patient, day in zip(rows["patient"].to_pylist(), rows["day"].to_pylist(), strict=True):
        found[place[patient]] = np.fmin(found[place[patient]], np.floor(day))
    return found


def _found(course: Course, given: np.ndarray, rules: Rules) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Day and whether it was observed, of the lymphocytes and of what follows them, for those at risk."""
    if not np.isfinite(given).any():
        return dict.fromkeys((SINCE, *AFTER), (given, given))
    risk = at_risk(course, given, rules)
    later = course.days >= given[:, None]
    grade, chronic = course.values["acute_gvhd_grade"], course.happened(CHRONIC)
    acute = first_day(course.days, (grade >= rules.value("lymphocytes_gvhd_grade")) & later)
    days = (
        earliest(acute, chronic, like=given),
        first_day(course.days, (grade >= GRADE_2) & later),
        first_day(course.days, (course.values["residual_disease"] < rules.value("lymphocytes_remission")) & later),
    )
    events = {name: event(course, day, risk)[:2] for name, day in zip(AFTER, days, strict=True)}
    return {SINCE: (np.where(risk, given, np.nan), np.where(risk, 1.0, np.nan)), **events}


def at_risk(course: Course, given: np.ndarray, rules: Rules) -> np.ndarray:
    """Who counts, shape (patient,): in relapse the day before lymphocytes, with T cells of the donor, without GvHD."""
    day = np.where(np.isfinite(given), given, course.days[0] + 1) - 1
    before = np.clip(np.searchsorted(course.days, day), 0, len(course.days) - 1)
    leukemia, donor, grade = (course.values[name][np.arange(len(given)), before] for name in NEEDED)
    chronic = course.happened(CHRONIC)
    return (
        np.isfinite(given)
        & (leukemia > rules.value("lymphocytes_relapse"))
        & (donor > 100 * rules.value("lymphocytes_donor_t"))
        & (grade < rules.value("lymphocytes_gvhd_grade"))
        & ~(chronic <= given)
    )


def weakened(cases: Sequence[Case], protocol: Protocol, parameters: ParameterSet | None) -> list[ParameterSet]:
    """For each case the value with which the first conditioning acts weakly on its leukemia."""
    rules, known = shipped_rules(), {}
    for case in {case.patient.diagnosis: case for case in cases}.values():
        usual = parameters_for(case, protocol, parameters, all_drugs())[WEAKENED]
        size = usual.value * weakness(case.patient.diagnosis, rules)
        known[case.patient.diagnosis] = ParameterSet({WEAKENED: replace(usual, value=size)})
    return [known[case.patient.diagnosis] for case in cases]
