"""Histories as rows: from this day to that day in one state, and what the row ended in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import Problem, nearest
from .checks import column, refuse, same_length

NOWHERE = -1


@dataclass(frozen=True)
class Rows:
    """Stretches of time in one state, checked; several make up a patient.

    Attributes
    ----------
    states : tuple of str
        Names of the states.
    patient : numpy.ndarray (row,)
        Place of the row's patient, from 0 to ``patients - 1``.
    start, stop : numpy.ndarray (row,) [day]
        In the state on days later than ``start`` up to and including ``stop``.
    source, target : numpy.ndarray (row,)
        Place of the state, and of the state entered on ``stop``; -1 where the patient was last seen.
    """

    states: tuple[str, ...]
    patients: int
    patient: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    source: np.ndarray
    target: np.ndarray


def rows(
    patient: Any, start: Any, stop: Any, source: Sequence[str], target: Sequence[str | None], *, states: Sequence[str]
) -> Rows:
    """Check rows of histories.

    Parameters
    ----------
    patient : array-like (row,)
        Name or number of the patient.
    start, stop : array-like (row,) [day]
        The row holds from just after ``start`` until ``stop``.
    source, target : sequence of str (row,)
        State during the row, and state entered at its end; None or "" where follow-up ends.
    states : sequence of str
        All states, in the order wanted.

    Raises
    ------
    InputError
        An unknown state, a row that ends before it starts, rows of one patient that overlap or do not fit.
    """
    where, problems = "rows", []
    begin = column(where, "start", start, problems)
    end = column(where, "stop", stop, problems, lowest=0)
    known = {name: place for place, name in enumerate(states)}
    leaves = _places(source, known, "source", problems)
    enters = _places([name or None for name in target], {**known, None: NOWHERE}, "target", problems)
    names, who = np.unique(np.array(list(patient)), return_inverse=True)
    same_length(
        where, {"patient": who, "start": begin, "stop": end, "source": leaves, "target": enters}, problems
    )  # fmt: skip
    refuse(problems)
    made = Rows(tuple(states), len(names), who.reshape(-1), begin, end, leaves, enters)
    refuse(_misfits(made, names))
    return made


def _places(names: Sequence[Any], known: Mapping[Any, int], what: str, problems: list[Problem]) -> np.ndarray:
    unknown = {name for name in names if name not in known}
    words = [name for name in known if name]
    problems.extend(
        Problem(f"unknown state '{name}'", f"rows({what})", "one of " + ", ".join(words), nearest(str(name), words))
        for name in sorted(unknown, key=str)
    )
    return np.array([known.get(name, NOWHERE) for name in names], dtype=int)


def _misfits(made: Rows, names: np.ndarray) -> list[Problem]:
    problems = []
    for row in np.flatnonzero(made.start >= made.stop)[:1]:
        what = f"row {row} lasts from day {made.start[row]:g} to day {made.stop[row]:g}"
        problems.append(Problem(what, "rows(stop)", "a stop after the start", "leave out rows without length"))
    for row in np.flatnonzero(made.source == made.target)[:1]:
        what = f"row {row} goes from '{made.states[made.source[row]]}' to itself"
        problems.append(Problem(what, "rows(target)", "another state, or None", "None where only a covariate changes"))
    order = np.lexsort((made.start, made.patient))
    one, two = order[:-1], order[1:]
    follows = made.patient[one] == made.patient[two]
    overlap = follows & (made.start[two] < made.stop[one])
    came = np.where(made.target[one] == NOWHERE, made.source[one], made.target[one])
    jump = follows & ~overlap & (came != made.source[two])
    for bad, what in ((overlap, "overlap"), (jump, "do not fit: the state changes between them")):
        for k in np.flatnonzero(bad)[:1]:
            said = f"rows {one[k]} and {two[k]} of patient {names[made.patient[one[k]]]} {what}"
            problems.append(Problem(said, "rows", "one row after the other, each from where the last led", "sort them"))
    return problems


def paths(
    patient: Sequence[Any], day: Sequence[float], state: Sequence[str], follow_up: Mapping[Any, float], *,
    states: Sequence[str], beginning: str,
) -> Rows:  # fmt: skip
    """Rows from a list of changes: patient, day, and the state entered on that day.

    Parameters
    ----------
    patient, day, state : sequences (change,)
        Changes in any order. One patient enters at most one state on a day; the day is after day 0.
    follow_up : mapping from patient to day
        Every patient, also those who never change, with the last day seen.
    states, beginning : sequence of str, str
        All states, and the one in which everybody is on day 0.

    Raises
    ------
    InputError
        A change after the end of follow-up or of an unknown patient, or whatever :func:`rows` refuses.
    """
    changes = _sorted_by_patient(patient, day, state, follow_up)
    made: list[tuple[Any, float, float, str, str | None]] = []
    for name, steps in changes.items():
        since, now = 0.0, beginning
        for when, into in sorted(steps):
            made.append((name, since, when, now, into))
            since, now = when, into
        if since < follow_up[name]:
            made.append((name, since, float(follow_up[name]), now, None))
    if not made:
        refuse([Problem("nobody is followed beyond day 0", "paths", "at least one patient", "check follow_up")])
    return rows(*zip(*made, strict=True), states=states)


def _sorted_by_patient(
    patient: Sequence[Any], day: Sequence[float], state: Sequence[str], follow_up: Mapping[Any, float]
) -> dict[Any, list[tuple[float, str]]]:
    changes: dict[Any, list[tuple[float, str]]] = {name: [] for name in follow_up}
    problems = []
    if not len(patient) == len(day) == len(state):
        what = f"columns of unequal length: patient {len(patient)}, day {len(day)}, state {len(state)}"
        refuse([Problem(what, "paths", "one row for each change", "same rows")])
    for name, when, into in zip(patient, day, state, strict=True):
        if name not in changes:
            problems.append(Problem(f"patient {name} has no follow-up", "paths(patient)", "a last day", "add it"))
        elif not when <= follow_up[name]:
            what = f"patient {name} enters '{into}' on day {when:g}, after the last day {follow_up[name]:g}"
            problems.append(Problem(what, "paths(day)", "a day within follow-up", "extend follow-up"))
        else:
            changes[name].append((float(when), into))
    refuse(problems)
    return changes
