"""Step curves to a picture: cumulative incidence or survival, bands, and numbers at risk below the axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..outcome.summary import PERCENT
from ..statistics.figure import StepFigure, Steps
from .axes import RISE, Axes, band, frame, line, stroke, width_of, words
from .figures import BELOW, BESIDE, RIGHT, SMALL, TOP, WIDTH, Picture
from .scales import as_written, round_numbers
from .style import COLORS, DASHES, FAINT
from .svg import element

PANEL_HEIGHT, ROW_HEIGHT = 205.0, 11.0  # points
KEY, KEY_ROW, LABEL = 18.0, 13.0, 8.0  # length of a line of the legend, distance of its lines, its letters [points]


@dataclass(frozen=True)
class StepPanel:
    """One pair of axes: curves of the same patients, with how many are at risk below it.

    ``figures`` holds one figure for each curve, as curves differ in who is at risk.
    """

    title: str
    axis: str
    figures: tuple[StepFigure, ...]

    @property
    def curves(self) -> tuple[Steps, ...]:
        return tuple(curve for figure in self.figures for curve in figure.curves)

    @property
    def until(self) -> float:
        return max(figure.until for figure in self.figures)


def step_picture(identity: str, title: str, panels: Sequence[StepPanel], caption: str) -> Picture:
    """Draw panels side by side and put their words and numbers beside them."""
    text = f"{title}. " + " ".join(_say(panel.title, curve) for panel in panels for curve in panel.curves)
    svg = _draw(panels, f"fig-{identity}", title, text)
    header = ("Curve", "Day", "Estimate (95 % interval)", "At risk")
    rows = tuple(row for panel in panels for figure in panel.figures for row in _rows(figure))
    return Picture(identity, title, svg, caption, header, rows)


def _draw(panels: Sequence[StepPanel], identity: str, title: str, text: str) -> str:
    lines = max(len(panel.figures) for panel in panels) + 1
    wide, left = WIDTH / len(panels), BESIDE + width_of("100")
    parts = []
    for place, panel in enumerate(panels):
        size = (wide - left - RIGHT, PANEL_HEIGHT - TOP - BELOW)
        axes = Axes(place * wide + left, TOP, *size, (0.0, panel.until), (0.0, 100.0), clip=f"{identity}-{place}")
        parts += [_panel(axes, panel), _at_risk(axes, panel)]
    return element(WIDTH, PANEL_HEIGHT + ROW_HEIGHT * (lines + 1), "".join(parts), identity, title, text)


def _panel(axes: Axes, panel: StepPanel) -> str:
    when = as_written(panel.figures[0].when.tolist())
    parts = [frame(axes, panel.title, "day (0 = graft)", panel.axis, when, round_numbers(0, 100))]
    for place, curve in enumerate(panel.curves):
        color, dashes = COLORS[place % len(COLORS)], DASHES[place % len(DASHES)]
        parts.append(band(axes, curve.days, 100 * curve.low, 100 * curve.high, color, 0.14))
        parts.append(line(axes, curve.days, 100 * curve.estimate, color, 1.7, dashes))
    return "".join([*parts, _legend(axes, panel.curves)])


def _legend(axes: Axes, curves: Sequence[Steps]) -> str:
    """Names of the curves, in the corner that the curves use least."""
    wide = KEY + 6 + max(width_of(curve.name, LABEL) for curve in curves)
    high = KEY_ROW * len(curves)
    left, right = axes.left + 8, axes.right - wide
    top, bottom = axes.top + 4, axes.bottom - high - 4
    corners = [(right, top), (left, top), (right, bottom), (left, bottom)]
    x, y = min(corners, key=lambda corner: sum(_days_inside(axes, curve, *corner, wide, high) for curve in curves))
    parts = []
    for place, curve in enumerate(curves):
        color, dashes, at = COLORS[place % len(COLORS)], DASHES[place % len(DASHES)], y + KEY_ROW * (place + 0.5)
        parts.append(stroke([(x, at), (x + KEY, at)], color, 1.7, dashes))
        parts.append(words(curve.name, x + KEY + 6, at + RISE * LABEL, size=LABEL))
    return "".join(parts)


def _days_inside(axes: Axes, curve: Steps, left: float, top: float, wide: float, high: float) -> float:
    """For how long a curve or its band runs behind an area of the figure."""
    first, last = (axes.across[0] + (at - axes.left) / axes.width * axes.across[1] for at in (left, left + wide))
    highest, lowest = (100 * (axes.bottom - at) / axes.height for at in (top, top + high))
    ends = np.clip([*curve.days[1:], axes.across[1]], first, last)
    long = ends - np.clip(curve.days, first, last)
    return float(np.sum(long[(100 * curve.high >= lowest) & (100 * curve.low <= highest)]))


def _at_risk(axes: Axes, panel: StepPanel) -> str:
    first = axes.bottom + BELOW
    parts = [words("At risk, in the order and colors of the curves", axes.left, first, size=SMALL, color=FAINT)]
    for place, figure in enumerate(panel.figures):
        for day, count in zip(figure.when, figure.at_risk, strict=True):
            anchor = "start" if day == 0 else "end" if day == panel.until else "middle"
            at, color = (float(axes.x(day)), first + ROW_HEIGHT * (place + 1)), COLORS[place % len(COLORS)]
            parts.append(words(f"{count:.0f}", *at, size=SMALL, color=color, anchor=anchor))
    return "".join(parts)


def _say(where: str, curve: Steps) -> str:
    marks = zip(curve.marked.times, curve.marked.estimate, strict=True)
    said = ", ".join(f"day {day:.0f}: {100 * value:.0f}{PERCENT}" for day, value in marks if value == value)
    return f"{where}, {curve.name}: {said}."


def _rows(figure: StepFigure) -> list[tuple[str, ...]]:
    rows = []
    for curve in figure.curves:
        marked = curve.marked
        for place, day in enumerate(figure.when):
            value, low, high = (100 * part[place] for part in (marked.estimate, marked.low, marked.high))
            span = f" ({low:.0f} to {high:.0f})" if low == low and high == high else ""
            shown = f"{value:.1f}{PERCENT}{span}" if value == value else "–"
            rows.append((curve.name, f"{day:.0f}", shown, f"{figure.at_risk[place]:.0f}"))
    return rows
