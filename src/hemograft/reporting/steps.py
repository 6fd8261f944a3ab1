"""Step curves to a picture: cumulative incidence or survival, bands, and numbers at risk below the axis."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ..outcome.summary import PERCENT
from ..statistics.figure import StepFigure, Steps
from .figures import COLORS, FAINT, INK, NO_METADATA, SETTINGS, STYLES, Picture
from .svg import inline

PANEL_HEIGHT, ROW_HEIGHT, WIDTH = 2.6, 0.16, 10.4  # inches


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


def step_picture(identity: str, title: str, panels: Sequence[StepPanel], caption: str) -> Picture:
    """Draw panels side by side and put their words and numbers beside them."""
    text = f"{title}. " + " ".join(_say(panel.title, curve) for panel in panels for curve in panel.curves)
    svg = inline(_draw(panels, identity), f"fig-{identity}", title, text)
    header = ("Curve", "Day", "Estimate (95 % interval)", "At risk")
    rows = tuple(row for panel in panels for figure in panel.figures for row in _rows(figure))
    return Picture(identity, title, svg, caption, header, rows)


def _draw(panels: Sequence[StepPanel], identity: str) -> str:
    lines = max(len(panel.figures) for panel in panels) + 1
    heights = (PANEL_HEIGHT, ROW_HEIGHT * lines)
    with rc_context({**SETTINGS, "svg.hashsalt": f"fig-{identity}"}):
        figure = Figure(figsize=(WIDTH, sum(heights) + 0.4), layout="constrained")
        canvas = FigureCanvasSVG(figure)
        grid = figure.subplots(2, len(panels), squeeze=False, height_ratios=heights)
        for place, panel in enumerate(panels):
            _panel(grid[0, place], panel)
            _at_risk(grid[1, place], panel)
        out = io.StringIO()
        canvas.print_svg(out, metadata=NO_METADATA)  # savefig would draw twice
    return out.getvalue()


def _panel(axes: Axes, panel: StepPanel) -> None:
    until = max(figure.until for figure in panel.figures)
    axes.set_title(panel.title, loc="left", fontsize=9, fontweight="bold", color=INK)
    axes.set_xlabel("day (0 = graft)")
    axes.set_ylabel(panel.axis)
    axes.set_xlim(0, until)
    axes.set_ylim(0, 100)
    axes.set_xticks(panel.figures[0].when)
    axes.grid(axis="y", color="#e7ebef", linewidth=0.6)
    axes.set_axisbelow(True)
    for place, curve in enumerate(panel.curves):
        color, style = COLORS[place % len(COLORS)], STYLES[place % len(STYLES)]
        axes.fill_between(curve.days, 100 * curve.low, 100 * curve.high, color=color, alpha=0.14, linewidth=0)
        axes.plot(curve.days, 100 * curve.estimate, color=color, linestyle=style, linewidth=1.7, label=curve.name)
    axes.legend(loc="best", fontsize=8, frameon=False, labelcolor=INK)


def _at_risk(axes: Axes, panel: StepPanel) -> None:
    axes.set_axis_off()
    until = max(figure.until for figure in panel.figures)
    axes.set_xlim(0, until)
    axes.set_ylim(len(panel.figures) + 1, 0)
    axes.text(0, 0.5, "At risk, in the order and colors of the curves", fontsize=7, color=FAINT, va="center")
    for line, figure in enumerate(panel.figures):
        color = COLORS[line % len(COLORS)]
        for day, count in zip(figure.when, figure.at_risk, strict=True):
            side = "left" if day == 0 else "right" if day == until else "center"
            axes.text(day, line + 1.5, f"{count:.0f}", fontsize=7, color=color, ha=side, va="center")


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
