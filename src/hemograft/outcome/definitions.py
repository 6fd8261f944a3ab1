"""What the outcomes mean: each consensus definition as one small function on daily counts.

Every function takes a :class:`Course` and returns one array of shape (patient,) per column, NaN where the
outcome cannot be computed. Flags are 1 or 0. An event is a triple (day, observed, status), see
:func:`hemograft.outcome.course.event`. The section "Source" of each docstring travels with the table. Survival is in
``survival.py``, complications are in ``complications.py``."""

from __future__ import annotations

import numpy as np

from .course import Course, Event, at_day, event, ever_before, first_day

NEUTROPHIL_LEVEL = 0.5  # x10^9/L
NEUTROPHIL_RUN = 3  # days
PLATELET_RUN = 7  # days
UNTRANSFUSED = 7  # days without platelets before the first counted day
GRAFT_FAILURE_DAY = 28
GRAFT_FAILURE_DAY_CORD = 42
LEAST_DONOR = 5.0  # % donor myeloid cells
REMISSION_BLASTS = 5.0  # % of marrow cells
REMISSION_NEUTROPHILS = 1.0  # x10^9/L
REMISSION_PLATELETS = 100.0  # x10^9/L
PARTIAL_NEUTROPHILS, PARTIAL_PLATELETS = 0.5, 50.0  # x10^9/L
FIRST_RESPONSE = 14  # days after the first day of treatment; blasts fall before counts do, which is no remission yet
MEASURABLE = 1e-4  # leukemic fraction of nucleated marrow cells
MOLECULAR_RELAPSE = 1e-3
MODERATE = 0.1  # activity of chronic GvHD, of its most, from which on it is taken to need systemic treatment
EARLY = 100  # last day of the early phase, in which nadirs and days of cytopenia are counted


def _low_after_treatment(course: Course, counts: np.ndarray, level: float) -> np.ndarray:
    """Where counts are low by the day on which graft failure is judged, shape (patient, day)."""
    return (counts < level) & (course.days <= failure_day(course))


def failure_day(course: Course) -> int:
    """The day on which graft failure is judged: 28, for cord blood 42."""
    return GRAFT_FAILURE_DAY_CORD if course.cord else GRAFT_FAILURE_DAY


def neutrophil_engraftment(course: Course, level: float = NEUTROPHIL_LEVEL) -> tuple[np.ndarray, ...]:
    """First of 3 consecutive daily neutrophil counts at or above the level, after day 0 and after the
    first count below it. Patients whose counts were not below by the day on which graft failure is judged are
    flagged and have no day; a later fall, as in relapse, does not count.

    Source
    ------
    Sureda2024, Table 1 (first of 3 successive days after the post-transplantation nadir); "never below" is
    the registry convention (recalled, not re-read)."""
    counts = course.values["neutrophils"]
    low = _low_after_treatment(course, counts, level)
    met = (counts >= level) & ever_before(low) & (course.days > 0)
    below = low.any(axis=1)
    found = event(course, first_day(course.days, met, NEUTROPHIL_RUN), below)
    return *found, np.where(np.isfinite(course.last), ~below, np.nan)


def moderate_day(course: Course) -> np.ndarray:
    """Day on which chronic graft-versus-host disease first is moderate or severe, NaN for the others; its onset where
    its activity was not followed."""
    severity = course.values.get("chronic_gvhd_severity")
    return course.happened("chronic_gvhd") if severity is None else first_day(course.days, severity >= MODERATE)


def platelet_engraftment(course: Course, level: float) -> tuple[np.ndarray, ...]:
    """First of 7 consecutive days with platelets at or above the level, after day 0 and after the first
    count below it, without platelet transfusion from 7 days before the first of them to the last.

    Source
    ------
    Usual trial definition (recalled, not re-read). Sureda2024, Table 1, asks for 3 days at 20 x10^9/L in the
    absence of transfusion for 7 days; the longer run is stricter, and equal where counts rise steadily.
    """
    counts = course.values["platelets"]
    low = _low_after_treatment(course, counts, level)
    met = (counts >= level) & ever_before(low) & (course.days > 0)
    free = np.ones(met.shape, dtype=bool)
    for back in range(min(UNTRANSFUSED + 1, met.shape[1])):  # days since a transfusion
        free[:, back:] &= ~course.platelets_given[:, : met.shape[1] - back]
    below = low.any(axis=1)
    day = first_day(course.days, met & ~course.platelets_given, PLATELET_RUN, free)
    return *event(course, day, below), np.where(np.isfinite(course.last), ~below, np.nan)


def graft_failure(course: Course) -> tuple[np.ndarray, np.ndarray]:
    """No neutrophil engraftment by day 28 (cord blood: day 42), or recovery with less than 5 % donor
    myeloid cells on that day (autologous recovery). Kind: none | no recovery | autologous recovery.

    Source
    ------
    Registry definition by day (recalled, not re-read); Sureda2024, Table 1, uses day 30 and, for cord
    blood, day 42, with associated pancytopenia. Below 5 % donor cells as rejection: recalled, not re-read.
    """
    limit = failure_day(course)
    day, observed, _, never_below = neutrophil_engraftment(course)
    recovered = (never_below == 1) | ((observed == 1) & (day <= limit))
    followed = course.last >= limit
    host = np.zeros_like(recovered)
    if course.donor:
        share = at_day(course, "donor_myeloid", limit)
        followed = followed & (~recovered | np.isfinite(share))
        host = recovered & (share < LEAST_DONOR)
    kind = np.select([host, ~recovered], ["autologous recovery", "no recovery"], "none").astype(object)
    known = followed & course.grafted
    kind[~known] = None
    return np.where(known, host | ~recovered, np.nan), kind


def days_below(course: Course, name: str, level: float) -> tuple[np.ndarray]:
    """Number of daily counts below the level, from the first day of treatment to day 100 or the end of
    follow-up.

    Source
    ------
    A plain count of days, ours; trials differ in when they start and stop counting.
    """
    counts = _early(course, name)
    return (np.where(np.isfinite(course.last), (counts < level).sum(axis=1), np.nan),)


def nadir(course: Course, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Lowest daily count from the first day of treatment to day 100, and the first day it is reached.

    Source
    ------
    Plain minimum.
    """
    counts = _early(course, name)
    full = np.where(np.isfinite(counts), counts, np.inf)
    lowest = full.min(axis=1, initial=np.inf)
    known = np.isfinite(lowest)
    days = course.days[(course.days >= course.first) & (course.days <= EARLY)]
    when = days[full.argmin(axis=1)] if len(days) else np.full(len(lowest), np.nan)
    return np.where(known, lowest, np.nan), np.where(known, when, np.nan)


def _early(course: Course, name: str) -> np.ndarray:
    return course.values[name][:, (course.days >= course.first) & (course.days <= EARLY)]


def complete_remission(course: Course) -> Event:
    """First day after day 0 and at least 14 days after treatment began, following a day on which the criteria
    were not met, with marrow blasts below 5 %, neutrophils of at least 1.0 and platelets of at least 100 x10^9/L.

    Source
    ------
    Dohner2022, response criteria (read in a later article's table); absence of blasts outside the marrow is
    not simulated."""
    return _response(course, _remission(course, both=True))


def incomplete_remission(course: Course) -> Event:
    """As complete remission, but one of the two counts may still be low (CR or CRi).

    Source
    ------
    Dohner2022, response criteria (read in a later article's table).
    """
    return _response(course, _remission(course, both=False))


def partial_count_remission(course: Course) -> Event:
    """As complete remission, with neutrophils of at least 0.5 and platelets of at least 50 x10^9/L (CR or CRh).

    Source
    ------
    Dohner2022, response criteria; the two levels are recalled, not re-read.
    """
    return _response(course, _remission(course, both=True, levels=(PARTIAL_NEUTROPHILS, PARTIAL_PLATELETS)))


def _remission(
    course: Course, both: bool, levels: tuple[float, float] = (REMISSION_NEUTROPHILS, REMISSION_PLATELETS)
) -> np.ndarray:
    neutrophils = course.values["neutrophils"] >= levels[0]
    platelets = course.values["platelets"] >= levels[1]
    counts = neutrophils & platelets if both else neutrophils | platelets
    judged = (course.days < course.first) | (course.days >= course.first + FIRST_RESPONSE)
    return ~leukemia_seen(course) & np.isfinite(course.values["marrow_blasts"]) & counts & judged


def leukemia_seen(course: Course) -> np.ndarray:
    """Blasts, or cells of a clone that ripens, of at least 5 % of marrow cells."""
    clone = course.values.get("residual_disease", np.zeros(1))
    return (course.values["marrow_blasts"] >= REMISSION_BLASTS) | (100 * clone >= REMISSION_BLASTS)


def _response(course: Course, met: np.ndarray) -> Event:
    seen = np.isfinite(course.values["marrow_blasts"])
    lost = ever_before(~met & seen)
    return event(course, first_day(course.days, met & lost & (course.days > 0)), (~met & seen).any(axis=1))


def relapse(course: Course) -> tuple[np.ndarray, ...]:
    """First day after day 0 with marrow blasts of at least 5 % after remission (CR or CRi, reached on any
    earlier day, also before treatment); where the clone ripens (chronic myeloid leukemia, myelodysplasia), with
    5 % of marrow cells of the clone. Patients never in remission are not at risk; whether they ever were is
    flagged. Death competes.

    Source
    ------
    Dohner2022, relapse by marrow blasts only (recalled, not re-read); the share of the clone is ours, near what
    cytogenetics of some twenty cells would see.
    """
    remission = _remission(course, both=False)
    back = leukemia_seen(course) & ever_before(remission) & (course.days > 0)
    ever = remission.any(axis=1)
    found = event(course, first_day(course.days, back), ever)
    return *found, np.where(np.isfinite(course.last), ever, np.nan)


def molecular_relapse(course: Course) -> Event:
    """First day after day 0 with a leukemic fraction of at least 1e-3 (0.1 %) after less than 1e-4. Patients never
    below are not at risk. Death competes.

    Source
    ------
    Loss of a major molecular response in chronic myeloid leukemia, and usual practice in acute leukemia (recalled, not
    re-read)."""
    share = course.values["residual_disease"]
    low = (share < MEASURABLE) & (course.days > 0)
    back = (share >= MOLECULAR_RELAPSE) & ever_before(low)
    return event(course, first_day(course.days, back), low.any(axis=1))


def measurable_disease(course: Course, day: float) -> tuple[np.ndarray, np.ndarray]:
    """Leukemic fraction of nucleated marrow cells on a day, and whether it is at least 1e-4 (0.01 %).

    Source
    ------
    0.01 % is the usual threshold in acute lymphoblastic leukemia (read in a review's table); flow cytometry
    in acute myeloid leukemia is usually judged at 0.1 % (recalled, not re-read)."""
    share = at_day(course, "residual_disease", day)
    return share, np.where(np.isfinite(share), share >= MEASURABLE, np.nan)
