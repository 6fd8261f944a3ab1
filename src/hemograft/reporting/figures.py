"""Arrays to pictures: fan charts as inline SVG text, the same bytes every time.

Color-blind safe colors, a different line style for every line, direct labels, units on the axes, thresholds named.
Nothing here knows what the curves mean; panels.py does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .axes import FALL, RISE, Axes, band, frame, line, stroke, width_of, words
from .scales import as_written, days, limits_of, powers, round_numbers, spread
from .style import COLORS, DASHES, FAINT, INK
from .svg import element

INCH = 72.0  # points
WIDTH, TOP, BELOW, RIGHT, BESIDE = 748.8, 20.0, 40.0, 14.0, 28.0  # of a figure, and around each pair of axes [points]
SMALL, MARK, LABEL = 7.0, 7.5, 8.0  # letters of thresholds, of days and of names of lines [points]
NAMES_APART = 0.085  # names of lines, in heights of a panel
LEAST_ROOM = 0.1  # of the height of a panel, for words below a line
CLEAR = 2.0  # between words and the line that they belong to [points]
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Fan:
    """Quantiles of one quantity over the patients, for each day.

    Attributes
    ----------
    days : array (day,)
    quantiles : array (5, day)
        5 %, 25 %, median, 75 % and 95 %; NaN on days without any value.
    """

    label: str
    days: np.ndarray
    quantiles: np.ndarray

    @property
    def median(self) -> np.ndarray:
        return self.quantiles[2]


@dataclass(frozen=True)
class Panel:
    """One pair of axes: lines with or without bands, thresholds, marks of days."""

    title: str
    axis: str
    fans: tuple[Fan, ...]
    window: tuple[float, float]
    log: bool = False
    limits: tuple[float, float] | None = None
    thresholds: tuple[tuple[float, str], ...] = ()
    marks: tuple[tuple[float, float, float, float, str], ...] = ()  # day, quartiles of the day, height, label
    bands: bool = True
    ticks: tuple[float, ...] = ()
    first_style: int = 0
    time: str = "day (0 = graft)"


@dataclass(frozen=True)
class Picture:
    """A finished figure: SVG text, caption, alternative text (inside the SVG), and the numbers behind it."""

    identity: str
    title: str
    svg: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def fan(label: str, days: np.ndarray, values: np.ndarray) -> Fan:
    """Quantiles over patients; days on which nobody has a value stay empty.

    Parameters
    ----------
    days : array (day,)
    values : array (patient, day)
    """
    return Fan(label, np.asarray(days, dtype=float), quantiles_of_known(values, QUANTILES))


def quantiles_of_known(values: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Quantiles over the finite values of each column, shape (share, column); as NumPy's, which is slow with gaps."""
    ordered = np.sort(np.where(np.isfinite(values), values, np.nan), axis=0)  # what is missing comes last
    last = np.isfinite(ordered).sum(axis=0) - 1
    place = np.maximum(np.asarray(shares)[:, None] * last, 0)
    low = np.floor(place).astype(int)
    below = np.take_along_axis(ordered, low, axis=0)
    above = np.take_along_axis(ordered, np.minimum(low + 1, np.maximum(last, 0)), axis=0)
    return below + (place - low) * (above - below)


def draw(
    panels: Sequence[Panel],
    identity: str,
    title: str,
    description: str,
    columns: int = 2,
    height: float = 2.75,
) -> str:
    """Draw panels in a grid and return one SVG element with title and description for screen readers.

    Parameters
    ----------
    height : float [inch]
        Of one row.
    """
    rows = math.ceil(len(panels) / columns)
    wide, high = WIDTH / columns, height * INCH
    limits = [_limits(panel) for panel in panels]
    left = BESIDE + max(
        width_of(word) for p, ends in zip(panels, limits, strict=True) for word in _steps(p, ends).values()
    )
    right = RIGHT + max(_room_for_names(panel) for panel in panels)
    parts = []
    for place, (panel, ends) in enumerate(zip(panels, limits, strict=True)):
        row, column = divmod(place, columns)
        corner, size = (column * wide + left, row * high + TOP), (wide - left - right, high - TOP - BELOW)
        parts.append(_panel(Axes(*corner, *size, panel.window, ends, panel.log, f"{identity}-{place}"), panel))
    return element(WIDTH, rows * high, "".join(parts), identity, title, description)


def _limits(panel: Panel) -> tuple[float, float]:
    shown = [fan.quantiles[:, (fan.days >= panel.window[0]) & (fan.days <= panel.window[1])] for fan in panel.fans]
    return panel.limits or limits_of([*shown, np.array([level for level, _ in panel.thresholds])], panel.log)


def _steps(panel: Panel, ends: tuple[float, float]) -> dict[float, str]:
    if panel.ticks:
        return as_written(panel.ticks)
    return powers(*ends) if panel.log else round_numbers(*ends)


def _panel(axes: Axes, panel: Panel) -> str:
    parts = [frame(axes, panel.title, panel.time, panel.axis, days(*panel.window), _steps(panel, axes.up))]
    if panel.window[0] < 0:
        graft = float(axes.x(0))
        parts.append(stroke([(graft, axes.top), (graft, axes.bottom)], "#aab4bd", 0.8))
    parts += [stroke(_level(axes, level), FAINT, 0.8, DASHES[-1]) for level, _ in panel.thresholds]
    parts += [_curve(axes, curve, panel, place + panel.first_style) for place, curve in enumerate(panel.fans)]
    parts += [_threshold(axes, panel, *threshold) for threshold in panel.thresholds]
    if len(panel.fans) > 1:
        parts.append(_names(axes, panel))
    parts += [_mark(axes, panel, mark) for mark in panel.marks]
    return "".join(parts)


def _level(axes: Axes, level: float) -> list[tuple[float, float]]:
    height = float(axes.y(level))
    return [(axes.left, height), (axes.right, height)]


def _threshold(axes: Axes, panel: Panel, level: float, text: str) -> str:
    """Words at the right end of a threshold, clear of axis, curve and the next threshold."""
    above = _is_low(axes, level, [other for other, _ in panel.thresholds]) or not _ends_above(panel, level)
    base = float(axes.y(level)) + (-CLEAR if above else CLEAR + FALL * SMALL)
    return words(text, axes.right - 2, base, size=SMALL, color=FAINT, anchor="end")


def _is_low(axes: Axes, level: float, others: Sequence[float]) -> bool:
    """Whether words below a level would run into the time axis or the next level."""
    next_below = max((float(axes.share(other)) for other in others if other < level), default=0.0)
    return float(axes.share(level)) - next_below < LEAST_ROOM


def _ends_above(panel: Panel, level: float) -> bool:
    """Whether the first curve runs above a level at the right side of its panel."""
    days, median = panel.fans[0].days, panel.fans[0].median
    near = (days <= panel.window[1]) & (days >= panel.window[1] - 0.15 * (panel.window[1] - panel.window[0]))
    shown = median[near & np.isfinite(median)]
    return bool(len(shown)) and float(np.mean(shown)) > level


def _curve(axes: Axes, curve: Fan, panel: Panel, place: int) -> str:
    inside = (curve.days >= panel.window[0]) & (curve.days <= panel.window[1])
    if panel.window[1] - panel.window[0] > 200:  # far out, every third day draws the same picture
        inside &= (curve.days <= 60) | (curve.days % 3 == 0)
    floor = axes.up[0] if panel.log else -np.inf
    days = curve.days[inside]
    q05, q25, q50, q75, q95 = np.maximum(curve.quantiles[:, inside], floor)
    color, dashes = COLORS[place % len(COLORS)], DASHES[place % len(DASHES)]
    drawn = line(axes, days, q50, color, 1.7, dashes)
    if panel.bands and np.nanmax(np.abs(q95 - q05), initial=0) > 0:
        drawn = band(axes, days, q05, q95, color, 0.14) + band(axes, days, q25, q75, color, 0.26) + drawn
    return drawn


def _room_for_names(panel: Panel) -> float:
    """What the names of the lines of a panel need beside it."""
    if len(panel.fans) < 2:
        return 0.0
    return 8 + max(width_of(curve.label, LABEL) for curve in panel.fans)


def _names(axes: Axes, panel: Panel) -> str:
    """Name every line at its right end; names that would overlap are spread and joined to their line."""
    ends = []
    for place, curve in enumerate(panel.fans):
        inside = np.isfinite(curve.median) & (curve.days >= panel.window[0]) & (curve.days <= panel.window[1])
        if inside.any():
            last = np.flatnonzero(inside)[-1]
            share = float(np.clip(axes.share(curve.median[last]), 0, 1))
            ends.append((share, curve.days[last], curve.label, place + panel.first_style))
    ends.sort()
    heights = spread([share for share, *_ in ends], NAMES_APART)
    parts = []
    for (share, _, label, place), height in zip(ends, heights, strict=True):
        end, name = (axes.bottom - axes.height * up for up in (share, height))
        joint = [(axes.right, end), (axes.right + 7, name), (axes.right + 15, name)]
        parts.append(stroke(joint, COLORS[place % len(COLORS)], 0.8))
        parts.append(words(label, axes.right + 18, name + RISE * LABEL, size=LABEL))
    return "".join(parts)


def _mark(axes: Axes, panel: Panel, mark: tuple[float, float, float, float, str]) -> str:
    """A day with its quartiles at a height."""
    day, early, late, level, text = mark
    height, (first, middle, last) = float(axes.y(level)), axes.x([early, day, late]).tolist()
    above = _is_low(axes, level, [other for *_, other, _ in panel.marks])
    return (
        stroke([(first, height), (last, height)], INK, 1.6)
        + f'<circle cx="{middle:.2f}" cy="{height:.2f}" r="2.5" fill="#ffffff" stroke="{INK}" stroke-width="1.3"/>'
        + words(text, last + 6, height + (-CLEAR if above else CLEAR + FALL * MARK), size=MARK)
    )
