"""Curves made ready for a figure: corners of steps, bands, and numbers at risk below the axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import Problem
from .checks import refuse
from .curves import Curve, Values, at
from .incidence import Incidence


@dataclass(frozen=True)
class Steps:
    """Corners of one step curve from day 0: arrays (corner,).

    Attributes
    ----------
    name : str
    days, estimate, low, high : numpy.ndarray (corner,)
        To be joined by straight lines. ``low`` and ``high`` are NaN where the interval is not defined.
    marked : Values
        The curve at the chosen days.
    """

    name: str
    days: np.ndarray
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    marked: Values


@dataclass(frozen=True)
class StepFigure:
    """Several curves over one axis.

    Attributes
    ----------
    curves : tuple of Steps
    when, at_risk : numpy.ndarray (day,)
        Days below the axis and patients at risk just before each.
    until : float [day]
        Right end of the axis.
    """

    curves: tuple[Steps, ...]
    when: np.ndarray
    at_risk: np.ndarray
    until: float


def steps(curve: Curve, until: float, when: Any = ()) -> Steps:
    """Corners of a curve up to a day, or to the last day that is known if that is earlier.

    Days on which the curve does not move are left out.
    """
    end = min(until, curve.known_until)
    moved = np.diff(curve.estimate, prepend=curve.start) != 0
    inside = moved & (curve.times <= end) & (curve.times > 0)
    corners = np.repeat(np.concatenate(([0.0], curve.times[inside], [end])), 2)[1:-1]

    def height(values: np.ndarray, before: np.ndarray) -> np.ndarray:
        return np.repeat(np.concatenate((before, values[inside])), 2)

    first = at(curve, [0.0])
    return Steps(
        curve.name, corners, height(curve.estimate, first.estimate), height(curve.low, first.low),
        height(curve.high, first.high), at(curve, np.asarray(when, dtype=float)),
    )  # fmt: skip


def incidence_figure(
    curves: Incidence | Mapping[str, Curve] | Sequence[Curve], until: float, when: Sequence[float]
) -> StepFigure:
    """Curves of competing events, or any others of the same patients, for one figure.

    Parameters
    ----------
    curves : Incidence, or curves of the same patients
    until : float [day]
        Right end of the axis.
    when : sequence of float [day]
        Days for the numbers at risk and the marked values, from 0 to ``until``.

    Raises
    ------
    InputError
        No curve, or days outside the axis.
    """
    parts = curves.causes if isinstance(curves, Incidence) else curves
    chosen = list(parts.values()) if isinstance(parts, Mapping) else list(parts)
    days = np.asarray(when, dtype=float)
    problems = []
    if not chosen:
        problems.append(Problem("no curves", "incidence_figure(curves)", "at least one curve", "name the causes"))
    if not until > 0:
        problems.append(Problem(f"{until} days", "incidence_figure(until)", "a day after 0", "730"))
    if len(days) and not ((days >= 0) & (days <= until)).all():
        problems.append(
            Problem("days outside the axis", "incidence_figure(when)", f"days from 0 to {until:g}", f"0, {until:g}")
        )
    refuse(problems)
    first = chosen[0]
    left = np.append(first.at_risk, 0)[np.searchsorted(first.times, days)]
    return StepFigure(tuple(steps(curve, until, days) for curve in chosen), days, left, float(until))
