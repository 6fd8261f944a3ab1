"""Axes of a figure: where they begin and end, and which numbers stand beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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


def set_ticks(axes: Axes, log: bool, low: float, high: float) -> None:
    """A few whole days below; round numbers or powers of ten beside."""
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 3, 5, 10]))
    if not log:
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        return
    every = max(1, math.ceil(math.log10(high / low) / 7))
    axes.yaxis.set_major_locator(LogLocator(base=10.0**every, numticks=12))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power(value)))


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
