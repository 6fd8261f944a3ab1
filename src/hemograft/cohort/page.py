"""What a cohort leaves behind: its tables, and one self-contained page of predicted against observed days."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from pyarrow import csv as arrow_csv

from ..outcome.summary import number
from ..reporting.page import DISCLAIMER, NOT_MODELED, template
from ..reporting.style import COLORS, FAINT, SETTINGS
from ..reporting.svg import inline
from ..reporting.words import plain_name
from ..runs.folder import MARK, writing
from ..runs.json_text import json_text
from .study import Cohort, Prediction, reasons

MARKERS = ("o", "^", "s", "D")
ROOM = 1.12  # where events that never happened are drawn, times the last finite day


def write_cohort(folder: Path, made: Cohort) -> None:
    """Write the predictions, the summary and the page into a folder that is being built."""
    with writing(folder.name.removeprefix(".").rsplit(".", 2)[0]):
        table = made.table
        parquet.write_table(table, folder / "predicted.parquet")
        arrow_csv.write_csv(table, folder / "predicted.csv")
        with (folder / "skipped.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("row", "why"), *((one.line, one.why) for one in made.left)])
        _write_json(folder / "summary.json", made.words)
        (folder / "report.html").write_text(cohort_html(made), encoding="utf-8")
        _write_json(folder / MARK, {"format": 1, "provenance": made.provenance})


def _write_json(path: Path, words: Any) -> None:
    path.write_text(json_text(words) + "\n", encoding="utf-8")


def cohort_html(made: Cohort) -> str:
    """The page as text; the same cohort gives the same text."""
    recipe = made.plan.recipe
    return template("cohort.html.j2").render(
        disclaimer=DISCLAIMER,
        map=made.plan.map,
        patients=len(made.predictions),
        twins=recipe.settings["twins"],
        last_day=f"{recipe.settings['days']:g}",
        events=[(plain_name(event), made.agreement(event).words, scatter(made, event)) for event in made.events],
        names=made.events,
        notes=made.notes,
        plain_name=plain_name,
        rows=[(patient, [cells(found[event]) for event in made.events]) for patient, found in made.predictions],
        left=made.left,
        reasons=reasons(made.left),
        stand_ins=made.words["stand_ins"],
        limits=NOT_MODELED,
        provenance=[(name.replace("_", " "), value) for name, value in made.provenance.items() if name != "inputs"],
        inputs=recipe.provenance["inputs"],
        version=made.provenance["version"],
        command=recipe.again,
    )


def cells(one: Prediction) -> tuple[str, str]:
    """Observed day, and predicted median with its interval."""
    if one.observed is None:
        seen = "not known"
    else:
        seen = number(one.observed, unit="day") if math.isfinite(one.observed) else "never"
    if math.isnan(one.median):
        return seen, "never low"
    low, middle, high = (number(day, unit="day") for day in (one.low, one.median, one.high))
    return seen, f"{middle} ({low} to {high})"


def scatter(made: Cohort, event: str) -> str:
    """Predicted against observed days as one SVG element: a point per patient, a bar for its 90 % interval."""
    shown = [(patient, found[event]) for patient, found in made.predictions if found[event].covered is not None]
    groups: dict[str, list[Prediction]] = {}
    for patient, one in shown:
        groups.setdefault(patient.case.graft.product if patient.case.graft else "no graft", []).append(one)
    name = plain_name(event)
    sentence = (
        f"{name}: predicted median day with 90 % interval of each patient against the observed day, "
        f"{len(shown)} patients. " + " ".join(made.agreement(event).words)
    )
    with rc_context({**SETTINGS, "svg.hashsalt": event}):
        figure = Figure(figsize=(8.4, 5.2), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.subplots()
        _points(axes, groups)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return inline(out.getvalue(), f"fig-{event}", f"{name}, predicted and observed", sentence)


def _points(axes: Axes, groups: dict[str, list[Prediction]]) -> None:
    everything = [one for group in groups.values() for one in group]
    days = np.array([(one.observed, one.low, one.median, one.high) for one in everything], dtype=float).ravel()
    finite = days[np.isfinite(days) & (days > 0)]
    low, last = (float(finite.min()), float(finite.max())) if len(finite) else (1.0, 10.0)
    never = last * ROOM
    for place, (product, group) in enumerate(groups.items()):
        values = np.array([(one.observed, one.low, one.median, one.high) for one in group], dtype=float)
        seen, bottom, middle, top = np.where(np.isinf(values), never, values).T
        color = COLORS[place % len(COLORS)]
        axes.vlines(seen, bottom, top, color=color, alpha=0.3, linewidth=1.2)
        axes.plot(
            seen,
            middle,
            MARKERS[place % len(MARKERS)],
            color=color,
            markersize=4.2,
            alpha=0.85,
            linestyle="none",
            label=f"{product.replace('_', ' ')} ({len(group)})",
        )
    axes.plot((low, last), (low, last), color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)), label="perfect agreement")
    if last / low > 12:
        axes.set_xscale("log")
        axes.set_yscale("log")
        marks = [mark for mark in (1, 2, 5, 10, 15, 20, 30, 50, 100, 200, 300, 500, 700) if low * 0.9 <= mark <= last]
    else:
        marks = [mark for mark in range(0, int(last) + 1, 5 if last < 60 else 20) if mark >= low * 0.9]
    unreached = bool(np.isinf(days).any())
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([*marks, *([never] * unreached)], [*(str(mark) for mark in marks), *(["never"] * unreached)])
        axis.set_ticks([], minor=True)
    axes.set_xlabel("observed day (0 = graft)")
    axes.set_ylabel("predicted day, median and 90 % interval")
    axes.legend(frameon=False, loc="upper left")
