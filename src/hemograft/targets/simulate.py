"""Simulate the patients of one arm: the only place that knows how many different cases become one outcome table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
import pyarrow as pa

from ..case.case import Case
from ..engine.simulate import simulate
from ..errors import EngineError, InputError
from ..outcome.table import outcomes
from ..protocol.protocol import Protocol
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
) -> pa.Table:
    """Treat every case with one protocol and judge the outcomes.

    Parameters
    ----------
    observed : collection of (observable, day)
        Values to add to the table, as columns ``<observable>@<day>``.
    progress : callable, optional
        Called with (patients done, patients).

    Returns
    -------
    pyarrow.Table
        One row per patient who could be followed, in the order of the cases.
    """
    tables = []
    for number, case in enumerate(cases, start=1):
        try:
            made = simulate(case, protocol, twins=1, days=days, seed=seed, workers=workers)
        except (EngineError, InputError):
            continue
        tables.append(_with_values(outcomes(made), made, observed))
        if progress:
            progress(number, len(cases))
    return pa.concat_tables([table.replace_schema_metadata(None) for table in tables]) if tables else pa.table({})


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
