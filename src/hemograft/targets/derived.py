"""Contrasts that a table does not state but implies: arms of one randomized study with the same endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from scipy.special import ndtri

from ..population.arms import Arm
from .endpoints import endpoints
from .estimates import logit
from .predict import USUAL_LEVEL
from .table import Target

SHARES = ("cumulative_incidence", "survival_probability", "proportion")


def derived_targets(targets: Sequence[Target], arms: Mapping[str, Arm]) -> list[Target]:
    """Odds ratios of shares and ratios of medians, with intervals from those of the arms or from their sizes."""
    groups: dict[tuple, list[Target]] = {}
    for target in targets:
        if not target.is_contrast and arms[target.arm].randomized:
            key = (
                arms[target.arm].study,
                target.endpoint,
                target.clock,
                target.landmark,
                target.time,
                target.statistic,
            )
            groups.setdefault(key, []).append(target)
    pairs = [pair for group in groups.values() for pair in combinations(group, 2) if pair[0].arm != pair[1].arm]
    return [made for pair in pairs if (made := _contrast(*pair, arms))]


def _contrast(one: Target, other: Target, arms: Mapping[str, Arm]) -> Target | None:
    usual = float(endpoints()["unknown_size"])
    sizes = [arms[target.arm].n or usual for target in (one, other)]
    if one.statistic in SHARES:
        values = [logit(target.value, int(n)) for target, n in zip((one, other), sizes, strict=True)]
        variances = [_variance(target, n) for target, n in zip((one, other), sizes, strict=True)]
        flip = -1 if one.statistic == "survival_probability" else 1  # of the event, so that above 1 is more of it
        value, reach = flip * (values[0] - values[1]), _reach(variances)
        low, high = float(np.exp(value - reach)), float(np.exp(value + reach))
        kind, level = "odds_ratio", USUAL_LEVEL
    elif one.statistic in ("median_day", "median_value") and min(one.value, other.value) > 0:
        value, low, high, kind, level = float(np.log(one.value / other.value)), None, None, "ratio", None
    else:
        return None
    return replace(
        one,
        statistic=kind,
        endpoint=one.endpoint,
        value=float(np.exp(value)),
        low=low,
        high=high,
        level=level,
        unit="ratio",
        reference=other.arm,
        verified=one.verified and other.verified,
        note=f"derived from {one.where} and {other.where}",
    )


def _variance(target: Target, n: float) -> float:
    if target.low is not None and target.high is not None and target.level is not None:
        distance = logit(target.high, int(n)) - logit(target.low, int(n))
        return float((distance / 2 / ndtri(0.5 + target.level / 2)) ** 2)
    safe = (target.value * n + 0.5) / (n + 1)
    return float(1 / (safe * (1 - safe)) / n)


def _reach(variances: Sequence[float]) -> float:
    return float(ndtri(0.5 + USUAL_LEVEL / 2) * np.sqrt(sum(variances)))
