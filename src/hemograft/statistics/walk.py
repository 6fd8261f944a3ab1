"""Aalen-Johansen, day by day: shares of patients in each state, and each patient's influence on them.

The influence of a patient is the derivative of the estimate with respect to that patient's weight; the sum of
squares of all influences is the infinitesimal jackknife variance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .histories import NOWHERE, Rows


@dataclass(frozen=True)
class Step:
    """The estimate from one day on.

    Attributes
    ----------
    moved, hazard : numpy.ndarray (state, state)
        Patients who moved on that day, and these as a share of those at risk; diagonal 0.
    occupied : numpy.ndarray (state,)
        Share of patients in each state after the moves of the day.
    influence : numpy.ndarray (patient, state)
        Influence on ``occupied``; rewritten by the next step.
    active : numpy.ndarray (row,)
        Rows at risk on the day.
    """

    time: float
    at_risk: np.ndarray
    moved: np.ndarray
    hazard: np.ndarray
    occupied: np.ndarray
    influence: np.ndarray
    active: np.ndarray


def beginning(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the states among those at risk on the day of the first move, and each patient's influence."""
    moves = rows.stop[rows.target != NOWHERE]
    first = moves.min() if len(moves) else rows.stop.min()
    there = (rows.start < first) & (rows.stop >= first)
    units = np.eye(len(rows.states))[rows.source[there]]
    share = units.mean(axis=0)
    influence = np.zeros((rows.patients, len(rows.states)))
    influence[rows.patient[there]] = (units - share) / there.sum()
    return share, influence


def walk(rows: Rows) -> Iterator[Step]:
    """One step for every day on which a row ends."""
    size = len(rows.states)
    occupied, influence = beginning(rows)
    for time in np.unique(rows.stop):
        active = np.flatnonzero((rows.start < time) & (rows.stop >= time))
        source = rows.source[active]
        at_risk = np.bincount(source, minlength=size)
        leaving = active[(rows.stop[active] == time) & (rows.target[active] != NOWHERE)]
        moved = np.zeros((size, size))
        np.add.at(moved, (rows.source[leaving], rows.target[leaving]), 1)
        hazard = moved / np.maximum(at_risk, 1)[:, None]
        if len(leaving):
            occupied = _advance(rows, active, source, leaving, at_risk, hazard, occupied, influence)
        yield Step(float(time), at_risk, moved, hazard, occupied, influence, active)


def _advance(
    rows: Rows, active: np.ndarray, source: np.ndarray, leaving: np.ndarray, at_risk: np.ndarray,
    hazard: np.ndarray, occupied: np.ndarray, influence: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Move shares, and influences in place, by the hazards of one day; the new shares."""
    change = hazard - np.diag(hazard.sum(axis=1))
    left = np.flatnonzero(hazard.any(axis=1))
    influence += influence[:, left] @ change[left]
    per_patient = occupied / np.maximum(at_risk, 1)
    for state in left:
        influence[rows.patient[active[source == state]]] -= per_patient[state] * change[state]
    weight = per_patient[rows.source[leaving]]
    np.add.at(influence, (rows.patient[leaving], rows.target[leaving]), weight)
    np.add.at(influence, (rows.patient[leaving], rows.source[leaving]), -weight)
    return occupied + occupied @ change
