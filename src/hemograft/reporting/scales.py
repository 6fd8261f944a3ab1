"""Axes of a figure: where they begin and end, and which numbers stand beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

import numpy as np

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
DAYS, ROUND = (1, 2, 3, 5, 10), (1, 2, 2.5, 5, 10)  # steps between numbers, times a power of ten
MOST_DAYS, MOST_ROUND, MOST_POWERS = 6, 5, 7  # steps on an axis


def limits_of(values: Iterable[np.ndarray], log: bool) -> tuple[float, float]:
    """Where an axis begins and ends to hold all values: from 0, or at most five decades."""
    everything = np.concatenate([np.ravel(part) for part in values])
    everything = everything[np.isfinite(everything)]
    if log:
        positive = everything[everything > 0]
        top = 10 ** math.ceil(math.log10(positive.max() * 1.05)) if len(positive) else 1.0
        low = 10 ** math.floor(math.log10(positive.min())) if len(positive) else top / 100
        return max(low, top / 1e5), top
    top = float(everything.max(initial=0.0))
    return 0.0, top * 1.12 if top > 0 else 1.0


def days(first: float, last: float) -> dict[float, str]:
    """A few whole days between two, and their words."""
    return _multiples(first, last, max(_step(last - first, MOST_DAYS, DAYS), 1))


def round_numbers(low: float, high: float) -> dict[float, str]:
    """A few round numbers between two, and their words."""
    return _multiples(low, high, _step(high - low, MOST_ROUND, ROUND))


def powers(low: float, high: float) -> dict[float, str]:
    """Powers of ten between two, each or every how-maniest, and their words."""
    every = max(1, math.ceil(math.log10(high / low) / MOST_POWERS))
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    found = [10.0**exponent for exponent in range(first, last + 1) if exponent % every == 0]
    return {value: power(value) for value in found}


def as_written(values: Sequence[float]) -> dict[float, str]:
    """Chosen numbers and their words."""
    return {value: f"{value:g}".replace("-", "−") for value in values}


def _step(span: float, most: int, steps: Sequence[float]) -> float:
    """The smallest step of a round size that goes into a span at most so many times."""
    least = span / most
    tenfold = 10.0 ** math.floor(math.log10(least))
    return next(step * tenfold for step in steps if step * tenfold >= least * (1 - 1e-9))


def _multiples(low: float, high: float, step: float) -> dict[float, str]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, -int(Decimal(f"{step:.6g}").normalize().as_tuple().exponent))
    return {place * step: f"{place * step:.{digits}f}".replace("-", "−") for place in range(first, last + 1)}


def power(value: float) -> str:
    """A tick of a logarithmic axis: plain between 0.01 and 1,000, otherwise a power of ten."""
    if 0.0099 <= value <= 1001:
        return f"{value:g}"
    return "10" + str(round(math.log10(value))).translate(RAISED)


def spread(places: list[float], gap: float) -> list[float]:
    """Move sorted places apart to at least ``gap``, as little as possible, staying between 0 and 1."""
    moved = list(places)
    for _ in range(200):
        for i in range(len(moved) - 1):
            lack = gap - (moved[i + 1] - moved[i])
            if lack > 1e-9:
                moved[i], moved[i + 1] = moved[i] - lack / 2, moved[i + 1] + lack / 2
        if moved:
            up, down = max(0.0, -moved[0]), max(0.0, moved[-1] - 1)
            moved = [place + up - down for place in moved]
    return moved
