"""What stands behind a figure: the same curves in words and as a table of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..outcome.summary import number
from .figures import Fan, Panel, Picture, draw
from .words import pretty

EARLY = 100  # days up to here are listed more densely
ROWS = 36  # most lines of a table


def picture(
    identity: str,
    title: str,
    panels: Sequence[Panel],
    caption: str,
    unit: str,
    columns: int = 2,
    height: float = 2.75,
) -> Picture:
    """Draw a figure and put its words and its numbers beside it."""
    columns = min(columns, len(panels))
    fans = tuple({(curve.label): curve for panel in panels for curve in panel.fans}.values())
    text = f"{title}. " + " ".join(_say(curve, unit) for curve in fans)
    header, rows = _table(fans, [panel.window for panel in panels], panels[0].bands)
    svg = draw(panels, f"fig-{identity}", title, text, columns, height)
    return Picture(identity, title, svg, caption, header, rows)


def _say(curve: Fan, unit: str) -> str:
    """The curve in words, for those who do not see it."""
    chosen = [day for day in (-7, 0, 7, 14, 21, 28, 60, 100, 180, 365, 730) if day in curve.days]
    spots = [(day, curve.median[curve.days == day][0]) for day in chosen]
    said = ", ".join(f"day {day}: {number(value)}" for day, value in spots if np.isfinite(value))
    return f"{curve.label}, median{f' in {pretty(unit)}' if unit else ''}: {said or 'no values'}."


def _table(fans: tuple[Fan, ...], windows: list[tuple[float, float]], bands: bool) -> tuple[tuple[str, ...], tuple]:
    """The numbers behind a figure, on a choice of days."""
    days = fans[0].days
    start, end = min(window[0] for window in windows), max(window[1] for window in windows)
    inside = days[(days >= start) & (days <= end)]
    early = [day for day in inside if day <= EARLY]
    step = max(1, math.ceil(len(early) / (ROWS - 12)))
    late = np.linspace(EARLY, end, 13)[1:].round() if end > EARLY else []
    chosen = [day for day in early if day % step == 0] + [day for day in late if day in days]
    if len(fans) == 1:
        header = ("Day", "Median", "5 %", "25 %", "75 %", "95 %")
    else:
        header = ("Day", *(f"{curve.label}, median{' (5 to 95 %)' if bands else ''}" for curve in fans))
    rows = []
    for day in dict.fromkeys(chosen):
        place = int(np.flatnonzero(days == day)[0])
        if len(fans) == 1:
            cells = [_three(fans[0].quantiles[q, place]) for q in (2, 0, 1, 3, 4)]
        else:
            cells = [_cell(curve.quantiles[:, place], bands) for curve in fans]
        rows.append((f"{day:g}".replace("-", "−"), *cells))
    return header, tuple(rows)


def _cell(quantiles: np.ndarray, bands: bool) -> str:
    span = f" ({_three(quantiles[0])} to {_three(quantiles[4])})" if bands and np.isfinite(quantiles[2]) else ""
    return _three(quantiles[2]) + span


def _three(value: float) -> str:
    """Three significant digits, trailing zeros kept."""
    return number(float(value), abs(float(value)) / 1000)
