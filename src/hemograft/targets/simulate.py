"""Simulate the patients of one arm: the only place that knows how many different cases become one outcome table."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence

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

Progress = Callable[[int, int], None]


def simulate_arm(
    cases: Sequence[Case],
    protocol: Protocol,
    *,
    days: float,
    seed: int,
    workers: int | None = None,
    observed: Collection[tuple[str, int]] = (),
    progress: Progress | None = None,
    parameters: ParameterSet | None = None,
) -> pa.Table:
    """Treat every case with one protocol and judge the outcomes.

    Parameters
    ----------
    observed : collection of (observable, day)
        Values to add to the table, as columns ``<observable>@<day>``.
    progress : callable, optional
        Called with (patients done, patients).
    parameters : ParameterSet, optional
        Values in place of the shipped ones.

    Returns
    -------
    pyarrow.Table
        One row per patient who could be followed, in the order of the cases.
    """
    conditions = Conditions(float(days), seed, TOLERANCE, True, parameters)
    members = [Member(f"{case.id}/1", case, protocol) for case in cases]
    threads, tables, done = workers or os.cpu_count() or 1, [], 0
    for places in alike(members):
        for made in _followed([members[i] for i in places], conditions, threads):
            lost = {failure.patient for failure in made.failures}
            table = _with_values(outcomes(made), made, observed)
            kept = [name not in lost for name in table["patient"].to_pylist()]
            tables.append(table.filter(pa.array(kept)).replace_schema_metadata(None))
        done += len(places)
        if progress:
            progress(done, len(cases))
    place = {member.name: i for i, member in enumerate(members)}
    if not tables:
        return pa.table({})
    joined = pa.concat_tables(tables)
    order = np.argsort([place[name] for name in joined["patient"].to_pylist()])
    return joined.take(pa.array(order))


def _followed(members: list[Member], conditions: Conditions, threads: int) -> Iterator[Trajectory]:
    """Courses of members who share a model; where one cannot be treated, each alone, without that one."""
    try:
        yield follow(members, conditions, threads)
    except (EngineError, InputError):
        if len(members) > 1:
            for member in members:
                yield from _followed([member], conditions, threads)


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
