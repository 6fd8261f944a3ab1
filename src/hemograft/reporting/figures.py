"""Arrays to pictures: fan charts as inline SVG text, the same bytes every time.

Color-blind safe colors (Okabe and Ito), a different line style for every line, direct labels, units on the
axes, thresholds named. Nothing here knows what the curves mean; panels.py does."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from .scales import limits_of, set_ticks, spread
from .svg import inline

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
STYLES = (
    "-",
    (0, (6, 2)),
    (0, (1, 1.3)),
    (0, (6, 2, 1, 2)),
    (0, (10, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (2, 2)),
)
INK, FAINT = "#24303c", "#5b6773"
NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))
LEAST_ROOM = 0.1  # of the height of a panel, for words below a line
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.edgecolor": "#8b96a1",
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
}


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
    """Draw panels in a grid and return one SVG element with title and description for screen readers."""
    rows = math.ceil(len(panels) / columns)
    with rc_context({**SETTINGS, "svg.hashsalt": identity}):
        figure = Figure(figsize=(10.4, height * rows), layout="constrained")
        canvas = FigureCanvasSVG(figure)
        grid = figure.subplots(rows, columns, squeeze=False)
        for place, axes in enumerate(grid.flat):
            if place < len(panels):
                _panel(axes, panels[place])
            else:
                axes.set_axis_off()
        out = io.StringIO()
        canvas.print_svg(out, metadata=NO_METADATA)  # savefig would draw twice
    return inline(out.getvalue(), identity, title, description)


def _panel(axes: Axes, panel: Panel) -> None:
    axes.set_title(panel.title, loc="left", fontsize=9, fontweight="bold", color=INK)
    axes.set_xlabel(panel.time)
    axes.set_ylabel(panel.axis)
    axes.set_xlim(*panel.window)
    if panel.log:
        axes.set_yscale("log")
    shown = [fan.quantiles[:, (fan.days >= panel.window[0]) & (fan.days <= panel.window[1])] for fan in panel.fans]
    low, high = panel.limits or limits_of([*shown, np.array([level for level, _ in panel.thresholds])], panel.log)
    axes.set_ylim(low, high)
    set_ticks(axes, panel.log, low, high)
    if panel.ticks:
        axes.set_yticks(panel.ticks)
    axes.grid(axis="y", color="#e7ebef", linewidth=0.6)
    axes.set_axisbelow(True)
    if panel.window[0] < 0:
        axes.axvline(0, color="#aab4bd", linewidth=0.8)
    _thresholds(axes, panel)
    for place, curve in enumerate(panel.fans):
        _curve(axes, curve, panel, place + panel.first_style)
    if len(panel.fans) > 1:
        _labels(axes, panel)
    for mark in panel.marks:
        _mark(axes, mark)


def _thresholds(axes: Axes, panel: Panel) -> None:
    for level, words in panel.thresholds:
        axes.axhline(level, color=FAINT, linewidth=0.8, linestyle=(0, (2, 2)))
        above = _is_low(axes, level) or not _ends_above(panel, level)  # keep the words clear of axis and curve
        axes.annotate(
            words,
            (panel.window[1], level),
            xytext=(-2, 2 if above else -2),
            textcoords="offset points",
            ha="right",
            va="bottom" if above else "top",
            fontsize=7,
            color=FAINT,
            zorder=5,
        )


def _is_low(axes: Axes, level: float) -> bool:
    """Whether words below a level would run into the time axis."""
    return float(axes.transLimits.transform(axes.transScale.transform((0.0, level)))[1]) < LEAST_ROOM


def _ends_above(panel: Panel, level: float) -> bool:
    """Whether the first curve runs above a level at the right side of its panel."""
    days, median = panel.fans[0].days, panel.fans[0].median
    near = (days <= panel.window[1]) & (days >= panel.window[1] - 0.15 * (panel.window[1] - panel.window[0]))
    shown = median[near & np.isfinite(median)]
    return bool(len(shown)) and float(np.mean(shown)) > level


def _curve(axes: Axes, curve: Fan, panel: Panel, place: int) -> None:
    inside = (curve.days >= panel.window[0]) & (curve.days <= panel.window[1])
    if panel.window[1] - panel.window[0] > 200:  # far out, every third day draws the same picture
        inside &= (curve.days <= 60) | (curve.days % 3 == 0)
    floor = axes.get_ylim()[0] if panel.log else -np.inf
    days = curve.days[inside]
    q05, q25, q50, q75, q95 = np.maximum(curve.quantiles[:, inside], floor)
    color, style = COLORS[place % len(COLORS)], STYLES[place % len(STYLES)]
    if panel.bands and np.nanmax(np.abs(q95 - q05), initial=0) > 0:
        axes.fill_between(days, q05, q95, color=color, alpha=0.14, linewidth=0)
        axes.fill_between(days, q25, q75, color=color, alpha=0.26, linewidth=0)
    axes.plot(days, q50, color=color, linestyle=style, linewidth=1.7, solid_capstyle="round")


def _labels(axes: Axes, panel: Panel) -> None:
    """Name every line at its right end; names that would overlap are spread and joined to their line."""
    ends = []
    for place, curve in enumerate(panel.fans):
        inside = np.isfinite(curve.median) & (curve.days >= panel.window[0]) & (curve.days <= panel.window[1])
        if inside.any():
            last = np.flatnonzero(inside)[-1]
            ends.append((curve.days[last], curve.median[last], curve.label, place + panel.first_style))
    to_axes = axes.transData + axes.transAxes.inverted()
    low, high = axes.get_ylim()
    spots = sorted(
        (to_axes.transform((day, min(max(value, low), high)))[1], day, value, words, place)
        for day, value, words, place in ends
    )
    heights = spread([spot[0] for spot in spots], 0.085)
    for spot, height in zip(spots, heights, strict=True):
        color = COLORS[spot[4] % len(COLORS)]
        axes.plot(
            [1.0, 1.025, 1.055],
            [spot[0], height, height],
            transform=axes.transAxes,
            clip_on=False,
            color=color,
            linewidth=0.8,
            linestyle="-",
        )
        axes.annotate(
            spot[3],
            (1.065, height),
            xycoords="axes fraction",
            va="center",
            ha="left",
            fontsize=8,
            color=INK,
            annotation_clip=False,
        )


def _mark(axes: Axes, mark: tuple[float, float, float, float, str]) -> None:
    day, early, late, level, words = mark
    axes.plot([early, late], [level, level], color=INK, linewidth=1.6, solid_capstyle="butt")
    axes.plot([day], [level], marker="o", markersize=5, color="white", markeredgecolor=INK, markeredgewidth=1.3)
    axes.annotate(
        words,
        (late, level),
        xytext=(6, -3),
        textcoords="offset points",
        ha="left",
        va="top",
        fontsize=7.5,
        color=INK,
    )
