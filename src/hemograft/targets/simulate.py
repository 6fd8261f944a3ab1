"""Simulate the patients of one arm: the only place that knows how many different cases become one outcome table."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa

from ..case.case import Case
from ..engine.simulate import TOLERANCE
from ..errors import EngineError, InputError
from ..outcome.table import outcomes
from ..parameters import ParameterSet
from ..protocol.protocol import Protocol
from ..studies.chunk import Conditions, Member, alike, follow
from ..trajectory import Trajectory

TOGETHER = 150_000  # patients times days in memory at a time


def simulate_arm(
    cases: Sequence[Case],
    protocol: Protocol,
    *,
    days: float,
    seed: int,
    workers: int | None = None,
    observed: Collection[tuple[str, int]] = (),
    parameters: ParameterSet | None = None,
    members: Sequence[ParameterSet] = (),
) -> pa.Table:
    """Treat every case with one protocol and judge the outcomes.

    Parameters
    ----------
    workers : int, optional
        Threads; the result does not depend on it.
    observed : collection of (observable, day)
        Values to add to the table, as columns ``<observable>@<day>``.
    parameters : ParameterSet, optional
        Values in place of the shipped ones, such as one member of an ensemble.
    members : sequence of ParameterSet, optional
        Values that only one case has each, in the order of the cases.

    Returns
    -------
    pyarrow.Table
        One row per patient, those of one model together; a patient keeps name and luck in every arm.
    """
    own = members or [None] * len(cases)
    people = [Member(f"{case.id}/1", case, protocol, values) for case, values in zip(cases, own, strict=True)]
    conditions = Conditions(float(int(days)), seed, TOLERANCE, True, parameters)
    size, tables = max(int(TOGETHER / days), 1), []
    for places in alike(people):
        for first in range(0, len(places), size):
            some = [people[i] for i in places[first : first + size]]
            tables += _judged(some, conditions, workers or os.cpu_count() or 1, observed)
    return pa.concat_tables(tables) if tables else pa.table({})


def _judged(
    members: Sequence[Member], conditions: Conditions, threads: int, observed: Collection[tuple[str, int]]
) -> list[pa.Table]:
    """Outcome tables of members who share a model; one who cannot be treated is left out and takes nobody along."""
    try:
        made = follow(members, conditions, threads)
    except (EngineError, InputError):
        if len(members) == 1:
            return []
        half = len(members) // 2
        return [
            table for part in (members[:half], members[half:]) for table in _judged(part, conditions, threads, observed)
        ]
    return [_with_values(outcomes(made).replace_schema_metadata(None), made, observed)]


def _with_values(table: pa.Table, made: Trajectory, observed: Collection[tuple[str, int]]) -> pa.Table:
    """The outcome table with values of observables on single days; NaN where a trajectory has none."""
    days = np.asarray(made.data["day"].values, dtype=float)
    for name, day in observed:
        values = np.full(table.num_rows, np.nan)
        here = np.flatnonzero(days == day)
        if name in made.data and len(here):
            values = np.asarray(made.data[name].transpose("patient", "day").values[:, here[0]], dtype=float)
        table = table.append_column(f"{name}@{day}", pa.array(values, pa.float64()))
    return table
