"""What neither chance nor parameters explain of published values, so that intervals admit what the equations lack."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from .endpoints import NoAnswer, endpoint_of
from .table import Target

SHARE, DAY, COUNT = "share", "median_day", "median_value"  # kinds of published values


@dataclass(frozen=True)
class Discrepancy:
    """Standard deviations on the scale on which errors add: logit of shares, logarithm of medians.

    Attributes
    ----------
    kinds : mapping
        Of each kind of value (``share``, ``median_day``, ``median_value``), for endpoints that have none of their own.
    own : mapping
        Of single endpoints, by ``kind/endpoint``.
    common : float
        Share of the variance that rows of one study and endpoint have in common; it cancels in a contrast.
    """

    kinds: Mapping[str, float] = field(default_factory=dict)
    own: Mapping[str, float] = field(default_factory=dict)
    common: float = 0.0

    def of(self, target: Target) -> float:
        """For a published value of one arm."""
        return self._deviation(kind_of(target.statistic), target)

    def of_contrast(self, target: Target, size: float = 1.0) -> float:
        """For a contrast of two arms of one study; ``size`` is what one unit of the scale is worth."""
        kind = DAY if target.unit == "day" or target.statistic == "ratio" else SHARE
        return size * math.sqrt(2 * max(1 - self.common, 0.0)) * self._deviation(kind, target)

    def _deviation(self, kind: str, target: Target) -> float:
        try:
            endpoint = endpoint_of(target)
        except NoAnswer:
            endpoint = target.endpoint
        return self.own.get(f"{kind}/{endpoint}", self.kinds.get(kind, 0.0))


NONE = Discrepancy()


def discrepancy_from(words: Mapping[str, float]) -> Discrepancy:
    """From the names in the file of an ensemble: ``common``, a kind, or ``kind/endpoint``."""
    own = {name: value for name, value in words.items() if "/" in name}
    kinds = {name: value for name, value in words.items() if name in (SHARE, DAY, COUNT)}
    return Discrepancy(kinds, own, words.get("common", 0.0))


def kind_of(statistic: str) -> str:
    """The kind of a published value, by its statistic."""
    return {"median_day": DAY, "median_value": COUNT, "mean": COUNT}.get(statistic, SHARE)
