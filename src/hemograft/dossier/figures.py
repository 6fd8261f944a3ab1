"""Figures of the dossier: posterior against prior, coverage by endpoint, effects of parameters."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ..reporting.style import COLORS, FAINT, SETTINGS
from ..reporting.svg import inline
from .screening import OUTCOMES, Screening

AFTER, BEFORE = COLORS[0], "#b9c2ca"
LINE = 0.24  # inches a line
TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
SHOWN = 8  # parameters of each outcome


def posterior(parameters: Sequence[Mapping[str, Any]]) -> str:
    """Prior and posterior of every calibrated parameter, as multiples of its shipped value."""
    figure = _figure(1.0 + LINE * len(parameters))
    with rc_context({**SETTINGS, "svg.hashsalt": "posterior"}):
        axes = figure.subplots()
        for place, one in enumerate(reversed(parameters)):
            shipped = one["shipped"]
            axes.hlines(place, one["prior_low"] / shipped, one["prior_high"] / shipped, color=BEFORE, linewidth=6)
            axes.hlines(place, one["low"] / shipped, one["high"] / shipped, color=AFTER, linewidth=2.2)
            axes.plot([one["median"] / shipped], [place], "o", color=AFTER, markersize=4)
        axes.axvline(1, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator(TICKS))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
        names = [one["parameter"].replace("_", " ") for one in reversed(parameters)]
        axes.set_yticks(range(len(parameters)), names, fontsize=7.5)
        axes.set_xlabel("times the value of the parameter file; gray: prior, blue: posterior (90 % intervals)")
        told = f"{len(parameters)} parameters; the posterior interval is drawn over that of the prior."
        return _svg(figure, "posterior", "Posterior against prior", told)


def coverage(endpoints: Sequence[Mapping[str, Any]], level: float) -> str:
    """Share of published values that the interval holds, by endpoint; the number of values beside it."""
    shown = [one for one in endpoints if one["rows"]]
    figure = _figure(1.0 + LINE * max(len(shown), 1))
    with rc_context({**SETTINGS, "svg.hashsalt": "coverage"}):
        axes = figure.subplots()
        for place, one in enumerate(reversed(shown)):
            share, n = one["covered"] / one["rows"], one["rows"]
            guess = (one["covered"] + 1) / (n + 2)
            error = math.sqrt(guess * (1 - guess) / n)
            axes.hlines(place, max(share - error, 0), min(share + error, 1), color=AFTER, linewidth=1.6)
            axes.plot([share], [place], "o", color=AFTER, markersize=4.5)
        axes.axvline(level, color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set_xlim(-0.02, 1.02)
        names = [f"{one['endpoint'].replace('_', ' ')} [{one['unit']}] ({one['rows']})" for one in reversed(shown)]
        axes.set_yticks(range(len(shown)), names, fontsize=7.5)
        axes.set_xlabel(f"share of values that the {100 * level:.0f} % interval holds, ± one standard error")
        return _svg(figure, "coverage", "Coverage by endpoint", f"{len(shown)} endpoints.")


def effects(found: Screening) -> str:
    """Mean absolute effect of the strongest parameters on each outcome."""
    rows = math.ceil(len(found.effects) / 2)
    figure = _figure(max(rows, 1) * 2.6)
    with rc_context({**SETTINGS, "svg.hashsalt": "effects"}):
        grid = np.ravel(figure.subplots(max(rows, 1), 2, squeeze=False))
        for axes, outcome in zip(grid, found.effects, strict=False):
            _effects(axes, found, outcome)
        for axes in grid[len(found.effects) :]:
            axes.set_axis_off()
        return _svg(figure, "effects", "Effects of parameters", f"{len(found.effects)} outcomes of one case.")


def _effects(axes: Axes, found: Screening, outcome: str) -> None:
    order = found.strongest(outcome, SHOWN)[::-1]
    sizes, errors = found.effects[outcome][order], found.errors[outcome][order]
    axes.barh(range(len(order)), sizes, color=AFTER, height=0.6)
    axes.hlines(range(len(order)), np.maximum(sizes - errors, 0), sizes + errors, color=COLORS[1], linewidth=1.2)
    axes.set_yticks(range(len(order)), [found.names[i].replace("_", " ") for i in order], fontsize=7)
    axes.set_title(OUTCOMES[outcome], loc="left", fontsize=8)


def _figure(height: float) -> Figure:
    with rc_context(SETTINGS):
        figure = Figure(figsize=(8.4, height), layout="constrained")
    FigureCanvasSVG(figure)
    return figure


def _svg(figure: Figure, identity: str, title: str, told: str) -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return inline(out.getvalue(), identity, title, told)
