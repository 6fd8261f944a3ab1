"""Forest and calibration plots as inline SVG: published values with their intervals beside predictions with theirs."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ..reporting.style import COLORS, FAINT, SETTINGS
from ..reporting.svg import inline
from .compare import Row

PREDICTED, PUBLISHED = COLORS[0], COLORS[1]
LINE = 0.19  # inches a row of a forest plot
LONGEST_LABEL = 58


def forest(rows: Sequence[Row], title: str, identity: str) -> str:
    """One line a row: prediction interval as a bar, published value with its interval as a diamond above it."""
    shown = sorted(rows, key=_order)
    height = 0.9 + LINE * len(shown)
    with rc_context({**SETTINGS, "svg.hashsalt": identity}):
        room = ConstrainedLayoutEngine(rect=(0.05, 0, 0.95, 1))  # a reader's font may be wider than the one measured
        figure = Figure(figsize=(8.4, height), layout=room)
        FigureCanvasSVG(figure)
        axes = figure.subplots()
        _forest(axes, shown)
        return _svg(figure, identity, f"{title}, forest plot", _told(shown, title))


def _order(row: Row) -> tuple:
    return (row.study, row.target.time or 0.0, row.target.arm)


def _forest(axes: Axes, shown: Sequence[Row]) -> None:
    places = np.arange(len(shown))[::-1]
    for place, row in zip(places, shown, strict=True):
        made, target = row.prediction, row.target
        assert made is not None
        _bar(axes, place - 0.14, made.low, made.value, made.high, PREDICTED, "o", faint=not row.scored)
        low = target.low if target.low is not None else target.value
        high = target.high if target.high is not None else target.value
        _bar(axes, place + 0.14, low, target.value, high, PUBLISHED, "D", faint=not row.scored)
    axes.set_yticks(places, [_label(row) for row in shown], fontsize=6.5)
    axes.set_ylim(-0.8, len(shown) - 0.2)
    axes.grid(axis="x", color="#e6eaee", linewidth=0.6)
    if shown and shown[0].kind != "value" and shown[0].target.statistic != "difference":
        axes.set_xscale("log")
        axes.axvline(1, color=FAINT, linewidth=0.9)
    elif shown and shown[0].target.unit == "fraction":
        axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel(f"published (diamonds) and predicted (circles) {_unit(shown)}")


def _bar(
    axes: Axes, place: float, low: float, middle: float, high: float, color: str, marker: str, *, faint: bool
) -> None:
    limit = 1e6
    alpha = 0.4 if faint else 1.0
    low, middle, high = (min(one, limit) for one in (low, middle, high))
    if high < limit:
        axes.hlines(place, low, high, color=color, linewidth=1.6, alpha=alpha)
    if middle < limit:
        axes.plot([middle], [place], marker, color=color, markersize=3.6, alpha=alpha)


def _label(row: Row) -> str:
    target = row.target
    text = target.arm if row.kind == "value" else f"{target.arm} : {target.reference.partition('/')[2]}"
    day = f", day {target.time:g}" if target.time is not None else ""
    return (text[: LONGEST_LABEL - 1] + "…" if len(text) > LONGEST_LABEL else text) + day


def calibration(rows: Sequence[Row], title: str, identity: str) -> str:
    """Published against predicted values, with both intervals; the line is perfect agreement."""
    shown = [row for row in rows if row.prediction is not None and math.isfinite(row.prediction.value)]
    with rc_context({**SETTINGS, "svg.hashsalt": identity}):
        figure = Figure(figsize=(8.4, 4.4), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.subplots()
        values = _calibration(axes, shown)
        if len(values):
            ends = (0.0, 1.0) if shown[0].target.unit == "fraction" else (float(values.min()), float(values.max()))
            axes.plot(ends, ends, color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set_xlabel(f"predicted {_unit(shown)}")
        axes.set_ylabel(f"published {_unit(shown)}")
        return _svg(figure, identity, f"{title}, calibration plot", _told(shown, title))


def _calibration(axes: Axes, shown: Sequence[Row]) -> np.ndarray:
    points = []
    for row in shown:
        made, target = row.prediction, row.target
        assert made is not None
        color = PREDICTED if row.covered else PUBLISHED
        if math.isfinite(made.high):
            axes.hlines(target.value, made.low, made.high, color=color, linewidth=0.9, alpha=0.3)
        if target.low is not None and target.high is not None:
            axes.vlines(made.value, target.low, target.high, color=color, linewidth=0.9, alpha=0.3)
        axes.plot([made.value], [target.value], "o" if row.covered else "s", color=color, markersize=4, alpha=0.85)
        points += [made.value, target.value]
    return np.array(points)


def _unit(shown: Sequence[Row]) -> str:
    unit = shown[0].target.unit if shown else ""
    return {"fraction": "share of patients", "cells_per_uL": "cells per µL"}.get(unit, unit)


def _told(shown: Sequence[Row], title: str) -> str:
    held = sum(bool(row.covered) for row in shown)
    return f"{title}: {len(shown)} published values; the prediction interval holds {held} of them."


def _svg(figure: Figure, identity: str, title: str, description: str) -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return inline(out.getvalue(), identity, title, description)
