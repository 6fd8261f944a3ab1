"""What a calibration leaves unexplained, measured on the rows that it was fitted to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..targets.discrepancy import COUNT, DAY, SHARE, Discrepancy, kind_of
from ..targets.estimates import Estimate
from .ask import Answers
from .data import Datum, scaled
from .free import settings

PRIOR_ROWS = 6.0  # how many rows the kind's own value counts for beside those of an endpoint


def discrepancy_of(data: Sequence[Datum], answers: Answers) -> Discrepancy:
    """Root mean square of what is left of the rows beyond their own and the simulation's chance.

    Parameters
    ----------
    data : sequence of Datum
        The fitted rows.
    answers : mapping
        Of the posterior's middle.

    Returns
    -------
    Discrepancy
        Endpoints with few rows are drawn toward the value of their kind; kinds without rows have the assumed one.
    """
    known = settings()
    kinds = {kind: known[f"discrepancy_{kind}"].value for kind in (SHARE, DAY, COUNT)}
    rest: dict[str, dict[str, list[float]]] = {kind: {} for kind in kinds}
    for one in data:
        found = answers.get(one.question.target.line)
        if found is not None and np.isfinite(value := _left(one, found)):
            target = one.question.target
            rest[kind_of(target.statistic)].setdefault(target.endpoint, []).append(value)
    own: dict[str, float] = {}
    for kind, endpoints in rest.items():
        everything = [value for values in endpoints.values() for value in values]
        if not everything:
            continue
        whole = max(float(np.mean(everything)), 0.0)
        kinds[kind] = float(np.sqrt(whole))
        for endpoint, values in sorted(endpoints.items()):
            mean = (sum(values) + PRIOR_ROWS * whole) / (len(values) + PRIOR_ROWS)
            own[f"{kind}/{endpoint}"] = float(np.sqrt(max(mean, 0.0)))
    return Discrepancy(kinds, own, known["discrepancy_common"].value)


def _left(one: Datum, found: Estimate) -> float:
    """The squared distance of a row from its prediction, less what chance adds to it on average."""
    value, variance = scaled(found)
    return (one.value - value) ** 2 - one.variance - variance
