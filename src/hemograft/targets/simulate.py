"""Simulate the patients of one arm: the only place that knows how many different cases become one outcome table."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa

from ..case.case import Case
from ..engine.setup import all_drugs
from ..engine.simulate import TOLERANCE
from ..errors import EngineError, InputError
from ..outcome.table import outcomes
from ..parameters import ParameterSet
from ..protocol.protocol import Protocol
from ..studies.chunk import Conditions, Member, alike, follow_together
from ..trajectory import Trajectory
from .lymphocytes import COLUMNS, with_lymphocytes

TOGETHER = 150_000  # patients times days in memory at a time


def simulate_arm(
    parts: Sequence[tuple[Sequence[Case], Protocol]],
    *,
    days: float,
    seed: int,
    workers: int | None = None,
    observed: Collection[tuple[str, int]] = (),
    wanted: Collection[str] | None = None,
    parameters: ParameterSet | None = None,
    members: Sequence[ParameterSet] = (),
) -> pa.Table:
    """Treat cases, each part of them with its protocol, and judge the outcomes.

    The model follows every drug on file, so that all arms of a study share a few pieces of machine code.

    Parameters
    ----------
    workers : int, optional
        Threads; the result does not depend on it.
    observed : collection of (observable, day)
        Values to add to the table, as columns ``<observable>@<day>``.
    wanted : collection of str, optional
        Columns of outcomes that are needed; all when absent.
    parameters : ParameterSet, optional
        Values in place of the shipped ones, such as one member of an ensemble.
    members : sequence of ParameterSet, optional
        Values that only one case has each, in the order of the cases.

    Returns
    -------
    pyarrow.Table
        One row per patient, those of one model together; a patient keeps name and luck in every arm.
    """
    conditions = Conditions(float(int(days)), seed, TOLERANCE, True, parameters)
    size, threads = max(int(TOGETHER / days), 1), workers or os.cpu_count() or 1
    people = [(case, protocol) for cases, protocol in parts for case in cases]
    own = members or [None] * len(people)
    everybody = [
        Member(f"{case.id}/1", case, protocol, some) for (case, protocol), some in zip(people, own, strict=True)
    ]
    groups = [[everybody[i] for i in places] for places in alike(everybody)]
    groups = [group[first : first + size] for group in groups for first in range(0, len(group), size)]
    tables = []
    for some in _batches(groups, size):
        tables += [_with_values(_judged(made, wanted), made, observed) for made in _followed(some, conditions, threads)]
    return pa.concat_tables(tables, promote_options="default") if tables else pa.table({})


def _batches(groups: Sequence[Sequence[Member]], size: int) -> list[list[Sequence[Member]]]:
    """Groups that are simulated at once: as many as fit in memory."""
    found: list[list[Sequence[Member]]] = []
    room = 0
    for group in groups:
        if len(group) > room:
            found.append([])
            room = size
        found[-1].append(group)
        room -= len(group)
    return found


def _followed(groups: Sequence[Sequence[Member]], conditions: Conditions, threads: int) -> list[Trajectory]:
    """Courses of members; one who cannot be treated is left out and takes nobody along."""
    try:
        return follow_together(groups, conditions, threads, all_drugs())
    except (EngineError, InputError):
        if len(groups) == 1 and len(groups[0]) == 1:
            return []
        half = len(groups) // 2
        halves = (groups[:half], groups[half:]) if half else ([g] for g in _halves(groups[0]))
        return [made for part in halves for made in _followed(part, conditions, threads)]


def _halves(group: Sequence[Member]) -> tuple[Sequence[Member], Sequence[Member]]:
    return group[: len(group) // 2], group[len(group) // 2 :]


def _judged(made: Trajectory, wanted: Collection[str] | None) -> pa.Table:
    """The outcome table, with what follows donor lymphocytes where it is asked for."""
    table = outcomes(made, wanted).replace_schema_metadata(None)
    return with_lymphocytes(table, made) if wanted is not None and not set(COLUMNS).isdisjoint(wanted) else table


def _with_values(table: pa.Table, made: Trajectory, observed: Collection[tuple[str, int]]) -> pa.Table:
    """The outcome table with values of observables on single days; NaN where a trajectory has none."""
    daily = made.daily
    for name, day in observed:
        values = np.full(table.num_rows, np.nan)
        here = np.flatnonzero(daily.days == day)
        if name in daily.values and len(here):
            values = np.asarray(daily.values[name][:, here[0]], dtype=float)
        table = table.append_column(f"{name}@{day}", pa.array(values, pa.float64()))
    return table
