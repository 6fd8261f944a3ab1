"""Outcomes: one row per patient, by the definitions of definitions.py, ready for survival packages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

import numpy as np
import pyarrow as pa

from ..case.donor import CORD
from ..columns import numbers, text, where
from ..errors import InputError, Problem
from ..lazy import Lazy
from ..trajectory import Trajectory
from .columns import MEASURES, Column, Measure, definition_of
from .course import DEATH, Course, earliest
from .summary import Row, summarize

UNITS = {"platelet_units": "platelets", "red_cell_units": "red_cells"}
KINDS = {"number": pa.float64(), "flag": pa.bool_(), "code": pa.int8(), "text": pa.string()}
__all__ = ["Row", "course_of", "outcomes", "summarize"]


def outcomes(trajectory: Trajectory, wanted: Collection[str] | None = None) -> pa.Table:
    """Judge every patient of a trajectory by consensus definitions.

    Parameters
    ----------
    wanted : collection of str, optional
        Columns that are needed, beside name and follow-up: only definitions that fill one of them are applied.

    Returns
    -------
    pyarrow.Table
        One row per patient. A value that cannot be computed (observable not simulated, not followed long
        enough, lineage empty) is null. Events are ``<event>_day``, ``<event>_observed`` and ``<event>_status`` (0
        censored, 1 happened, 2 a competing event came first); without the event, the day is that of the competing one
        or the last of follow-up. Each column's schema metadata has ``unit``, ``definition`` and ``source``.

    Raises
    ------
    InputError
        The days are not consecutive whole days.
    """
    measures = [one for one in MEASURES if wanted is None or any(column.name in wanted for column in one.columns)]
    course = course_of(trajectory)
    names = list(trajectory.daily.patients)
    arrays: list[pa.Array] = [text(names), numbers(course.last)]
    fields = [
        pa.field("patient", pa.string(), False, {"definition": "name of the patient (twin)"}),
        _field(Column("follow_up_day", "day"), "last day with simulated values", ""),
    ]
    for field, array in (pair for measure in measures for pair in _judge(measure, course)):
        fields.append(field)
        arrays.append(array)
    for name, what in UNITS.items():
        if wanted is None or name in wanted:
            arrays.append(numbers(_units(trajectory, what, names)))
            fields.append(_field(Column(name, "unit"), f"units of {what.replace('_', ' ')} transfused", "orders given"))
    zero = "graft" if course.grafted else "day before treatment"
    header = {"day_zero": zero, "case": str(trajectory.case.id)}
    return pa.table(arrays, schema=pa.schema(fields, metadata=header))


def _judge(measure: Measure, course: Course) -> Iterable[tuple[pa.Field, pa.Array]]:
    """The columns of one definition; empty ones when it lacks an observable or the graft."""
    possible = all(name in course.values for name in measure.needs)
    possible = possible and (course.grafted or not measure.after_graft)
    results = measure.define(course, **measure.arguments) if possible else (None,) * len(measure.columns)
    meaning, source = definition_of(measure.define)
    for column, result in zip(measure.columns, results, strict=True):
        said = f"{column.meaning}: {meaning}" if column.meaning else meaning
        yield _field(column, said, source), _array(column.kind, result, len(course.last))


def course_of(trajectory: Trajectory) -> Course:
    """The daily values of a trajectory in the shape the definitions take."""
    daily, given = trajectory.daily, trajectory.given
    days = np.asarray(daily.days, dtype=float)
    if len(days) == 0 or (np.diff(days) != 1).any() or (days % 1).any():
        raise InputError(
            Problem(
                "the days of the trajectory are not consecutive whole days",
                "",
                "one value a day, such as -10, -9, ... 730",
            )
        )
    # single precision, as in a saved run: outcomes do not change by saving and loading
    values = Lazy(daily.values, lambda name: daily.values[name].astype(np.float32).astype(float))
    events = events_of(trajectory)
    graft = getattr(trajectory.case, "graft", None)
    origin, product = getattr(graft, "origin", "donor"), getattr(graft, "product", "")
    grafted = "graft" in given["kind"].to_pylist() or any(
        type(action).__name__ == "Infuse" for action in getattr(trajectory.protocol, "actions", ())
    )
    return Course(
        days,
        values,
        _platelets(trajectory, days),
        first_treatment(trajectory),
        _last_days(days, daily.values, events, len(daily.patients)),
        grafted,
        cord=str(product) in CORD,
        donor=grafted and str(origin) != "host",
        chronic_phase=str(getattr(trajectory.case.patient, "stage", "")) == "chronic_phase",
        events=events,
    )


def _last_days(days: np.ndarray, values: Mapping[str, np.ndarray], events: dict, count: int) -> np.ndarray:
    """Last day with values, or the day of death."""
    seen = np.zeros((count, len(days)), dtype=bool)
    for array in values.values():
        seen |= np.isfinite(array)
    last = np.where(seen.any(axis=1), days[len(days) - 1 - seen[:, ::-1].argmax(axis=1)], np.nan)
    died = earliest(*(day for name, day in events.items() if name.startswith(DEATH)), like=last)
    return np.where(np.isfinite(died), died, last)


def events_of(trajectory: Trajectory) -> dict[str, np.ndarray]:
    """Day of each event that happened to somebody, shape (patient,); NaN for those to whom it did not."""
    place = {name: i for i, name in enumerate(trajectory.daily.patients)}
    found: dict[str, np.ndarray] = {}
    for row in trajectory.events.to_pylist():
        found.setdefault(row["event"], np.full(len(place), np.nan))[place[row["patient"]]] = row["day"]
    return found


def first_treatment(trajectory: Trajectory) -> float:
    """First day on which a drug or radiation is given; the first simulated day when there is none."""
    given = zip(trajectory.given["kind"].to_pylist(), trajectory.given["day"].to_pylist(), strict=True)
    days = [day for kind, day in given if kind in ("drug", "radiation")]
    return float(np.floor(min(days, default=trajectory.daily.days[0])))


def _platelets(trajectory: Trajectory, days: np.ndarray) -> np.ndarray:
    place = {name: i for i, name in enumerate(trajectory.daily.patients)}
    given = np.zeros((len(place), len(days)), dtype=bool)
    for patient, day in _transfusions(trajectory, "platelets", "day"):
        column = int(np.floor(day) - days[0])
        if patient in place and 0 <= column < len(days):
            given[place[patient], column] = True
    return given


def _transfusions(trajectory: Trajectory, what: str, column: str) -> Iterable[tuple[str, float]]:
    chosen = where(trajectory.given, kind="transfusion", what=what)
    return zip(chosen["patient"].to_pylist(), chosen[column].to_pylist(), strict=True)


def _units(trajectory: Trajectory, what: str, names: list[str]) -> list[float]:
    total = dict.fromkeys(names, 0.0)
    for patient, amount in _transfusions(trajectory, what, "amount"):
        total[patient] = total.get(patient, 0.0) + amount
    return [total[name] for name in names]


@lru_cache(maxsize=512)
def _field(column: Column, meaning: str, source: str) -> pa.Field:
    metadata = {"unit": column.unit, "definition": meaning, "source": source}
    return pa.field(column.name, KINDS[column.kind], True, metadata)


def _array(kind: str, result: np.ndarray | None, count: int) -> pa.Array:
    if kind == "text":
        return text([None] * count if result is None else list(result))
    return numbers(np.full(count, np.nan) if result is None else result, KINDS[kind])
