"""What the estimators accept: columns of equal length, days from 0, known codes; every problem said at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError, Problem


@dataclass(frozen=True)
class FollowUp:
    """Follow-up of patients, one row each: checked, as arrays.

    Attributes
    ----------
    entry, times : numpy.ndarray (patient,) [day]
        At risk on days later than ``entry`` up to and including ``times``; ``entry`` is minus infinity for
        patients who were followed from the start.
    events : numpy.ndarray (patient,)
        0 for the end of follow-up without event, otherwise the code of the event.
    """

    entry: np.ndarray
    times: np.ndarray
    events: np.ndarray


def refuse(problems: Sequence[Problem]) -> None:
    """Raise all problems together, if there are any."""
    if problems:
        raise InputError(*problems)


def column(where: str, name: str, values: Any, problems: list[Problem], lowest: float = -np.inf) -> np.ndarray:
    """One column of finite numbers; what is wrong with it is added to ``problems``."""
    place = f"{where}({name})"
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        problems.append(Problem("not numbers", place, "one number for each patient", "an array of days or codes"))
        return np.zeros(0)
    if array.ndim != 1:
        problems.append(
            Problem(f"{array.ndim} dimensions", place, "one column, one number for each patient", "values.ravel()")
        )
        return np.zeros(0)
    bad = np.flatnonzero(~np.isfinite(array))
    if len(bad):
        what = f"row {bad[0]} is {array[bad[0]]} ({len(bad)} such rows)"
        problems.append(Problem(what, place, "a finite number", "leave out patients without this value, and say so"))
    low = np.flatnonzero(array < lowest)
    if len(low):
        what = f"row {low[0]} is {array[low[0]]:g} ({len(low)} such rows)"
        problems.append(Problem(what, place, f"{lowest:g} or more", "count days from the graft, day 0"))
    return array


def same_length(where: str, columns: Mapping[str, np.ndarray], problems: list[Problem]) -> None:
    """Add a problem when columns differ in length or are empty."""
    if problems:
        return
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        problems.append(Problem(f"columns of unequal length: {said}", where, "one row for each patient", "same rows"))
    elif not all(lengths.values()):
        problems.append(Problem("no patients", where, "at least one row", "check what was selected before"))


def follow_up(where: str, times: Any, events: Any, entry: Any = None, codes: Iterable[int] | None = (0, 1)) -> FollowUp:
    """Check times, events and entries; ``codes`` None accepts every whole number from 0.

    Raises
    ------
    InputError
        A negative or missing time, an unknown code, unequal lengths, an entry at or after the time.
    """
    problems: list[Problem] = []
    columns = {
        "times": column(where, "times", times, problems, lowest=0),
        "events": column(where, "events", events, problems, lowest=0),
    }
    if entry is not None:
        columns["entry"] = column(where, "entry", entry, problems)
    same_length(where, columns, problems)
    refuse(problems)
    happened = columns["events"].astype(int)
    _known(where, columns["events"], codes, problems)
    start = columns.get("entry", np.full(len(happened), -np.inf))
    late = np.flatnonzero(start >= columns["times"])
    if len(late):
        row = late[0]
        what = f"row {row} enters on day {start[row]:g} and ends on day {columns['times'][row]:g}"
        problems.append(Problem(what, f"{where}(entry)", "an entry before the end", "leave the patient out"))
    refuse(problems)
    return FollowUp(start, columns["times"], happened)


def _known(where: str, events: np.ndarray, codes: Iterable[int] | None, problems: list[Problem]) -> None:
    wrong = events != np.round(events) if codes is None else ~np.isin(events, list(codes))
    rows = np.flatnonzero(wrong)
    if len(rows):
        allowed = "a whole number" if codes is None else "one of " + ", ".join(str(code) for code in sorted(codes))
        problems.append(
            Problem(
                f"row {rows[0]} has the unknown event code {events[rows[0]]:g}",
                f"{where}(events)",
                f"{allowed}; 0 is the end of follow-up without event",
                "name the code in causes, or recode it",
            )
        )


def need_events(where: str, count: float) -> None:
    """Refuse data in which nothing happened, where nothing can be estimated."""
    if not count:
        refuse([Problem("no events", where, "at least one event", "longer follow-up, or another end point")])


def groups_of(where: str, name: str, values: Any, length: int) -> tuple[tuple[Any, ...], np.ndarray]:
    """Names of groups, sorted, and the place of each row among them; one group when ``values`` is None."""
    if values is None:
        return ("",), np.zeros(length, dtype=int)
    array = np.asarray(values)
    if array.ndim != 1 or len(array) != length:
        what = f"shape {array.shape} for {length} patients"
        refuse([Problem(what, f"{where}({name})", "one name for each patient", "same rows as times")])
    missing = array != array if array.dtype.kind == "f" else np.array([item is None for item in array])
    if missing.any():
        row = int(np.flatnonzero(missing)[0])
        refuse([Problem(f"row {row} has no group", f"{where}({name})", "a name", "leave the patient out, and say so")])
    names, place = np.unique(array, return_inverse=True)
    return tuple(names.tolist()), place.reshape(-1)


def fraction(where: str, name: str, value: float) -> float:
    """A number between 0 and 1, both excluded."""
    if not 0 < value < 1:
        refuse([Problem(f"{value}", f"{where}({name})", "a number between 0 and 1", "0.95 for 95 %")])
    return float(value)


def one_of(where: str, name: str, value: str, allowed: Sequence[str]) -> str:
    """A word from a list."""
    if value not in allowed:
        refuse([Problem(f"unknown {name} '{value}'", where, " or ".join(allowed), allowed[0])])
    return value
