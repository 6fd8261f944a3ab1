"""Which figures a transplant report holds, and with which thresholds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..outcome.columns import LINEAGES
from ..outcome.definitions import MEASURABLE, REMISSION_BLASTS
from ..outcome.summary import Row, number
from ..trajectory import Trajectory
from .captions import picture
from .figures import Fan, Panel, Picture, fan
from .words import pretty

EARLY = 100  # last day of the left panels
SUBSETS = {"cd4": "CD4 T cells", "cd8": "CD8 T cells", "b_cells": "B cells", "nk_cells": "NK cells"}
ORGANS = {
    "damage_mucosa": "Mucosa of mouth and gut, lost",
    "damage_sinusoid": "Liver sinusoids, lost",
    "damage_lung": "Lung, lost",
    "damage_kidney": "Kidney, lost",
    "immunoglobulin": "Immunoglobulin, of normal",
}

BURDEN = {  # title, axis, logarithmic, limits, lines
    "leukemia_cells": ("Leukemia cells in the body", "cells", True, (0.5, 1e13), ((1, "one cell"),)),
    "residual_disease": (
        "Leukemic fraction of marrow cells",
        "fraction",
        True,
        (1e-9, 2),
        ((MEASURABLE, "measurable, 0.01 %"), (REMISSION_BLASTS / 100, "relapse, 5 % blasts")),
    ),
    "marrow_blasts": ("Marrow blasts", "blasts [%]", False, (0, 100), ((REMISSION_BLASTS, "relapse, 5 %"),)),
}


@dataclass(frozen=True)
class View:
    """What all figures of one report share: the values by name, days, time axis and summary rows."""

    days: np.ndarray
    values: dict[str, np.ndarray]
    units: dict[str, str]
    rows: dict[str, Row]
    time: str
    first: float

    @property
    def windows(self) -> tuple[tuple[str, float, float], ...]:
        """The first 100 days and, when it is longer, the whole follow-up."""
        start, end = max(self.first - 2, self.days[0]), self.days[-1]
        whole = ("Whole follow-up", start, end)
        return (("First 100 days", start, EARLY), whole) if end > 1.3 * EARLY else (whole,)


def view_of(trajectory: Trajectory, rows: Iterable[Row], grafted: bool, first: float) -> View:
    """Collect the observables that are there; absent ones are left out everywhere, never guessed."""
    daily = trajectory.daily
    values = {name: np.asarray(array, dtype=float) for name, array in daily.values.items()}
    units = {name: daily.words[name].get("unit", "") for name in values}
    time = "day (0 = graft)" if grafted else "day of treatment"
    return View(np.asarray(daily.days, dtype=float), values, units, {row.name: row for row in rows}, time, first)


def pictures(view: View) -> list[tuple[str, list[Picture]]]:
    """All figures that the simulated observables allow, by section."""
    made = [
        (
            "Blood counts",
            [
                _count(
                    view,
                    "neutrophils",
                    "Neutrophils",
                    True,
                    ((0.5, "0.5"), (0.1, "0.1")),
                    ("neutrophil_engraftment",),
                    (0.005, 50),
                ),
                _count(
                    view,
                    "platelets",
                    "Platelets",
                    False,
                    ((20, "20"), (50, "50")),
                    ("platelet_engraftment", "platelet_50"),
                    None,
                ),
                _count(view, "hemoglobin", "Hemoglobin", False, ((7, "7"),), (), None),
            ],
        ),
        ("Immune recovery", [_lymphocytes(view)]),
        ("Organs", [_organs(view)]),
        ("Chimerism", [_chimerism(view)]),
        ("Leukemia", [_leukemia(view)]),
        ("Drugs", [_drugs(view)]),
    ]
    return [(title, found) for title, some in made if (found := [one for one in some if one is not None])]


def _fan(view: View, name: str, label: str) -> Fan:
    return fan(label, view.days, view.values[name])


def _has(view: View, name: str) -> bool:
    return name in view.values and bool(np.isfinite(view.values[name]).any())


def _count(
    view: View,
    name: str,
    title: str,
    log: bool,
    thresholds: tuple,
    events: tuple[str, ...],
    limits: tuple[float, float] | None,
) -> Picture | None:
    if not _has(view, name):
        return None
    unit, curve = view.units[name], _fan(view, name, title)
    panels = []
    for words, start, end in view.windows:
        marks = tuple(mark for event in events if (mark := _engraftment(view, event, end)) and end <= EARLY)
        panels.append(
            Panel(
                words,
                f"{title} [{pretty(unit)}]",
                (curve,),
                (start, end),
                log,
                limits,
                tuple((level, f"{text} {pretty(unit)}") for level, text in thresholds),
                marks,
                time=view.time,
            )
        )
    caption = f"{title} over the twins: median, 50 % band (dark) and 90 % band (light). Dashed lines: thresholds." + (
        " Circle: median day of engraftment; bar: quartiles." if any(p.marks for p in panels) else ""
    )
    return picture(name.replace("_", "-"), title, panels, caption, unit)


def _engraftment(view: View, event: str, end: float) -> tuple[float, float, float, float, str] | None:
    row = view.rows.get(event)
    if row is None or not math.isfinite(row.median) or row.median > end:
        return None
    level = {"neutrophil_engraftment": 0.5, "platelet_engraftment": 20.0, "platelet_50": 50.0}[event]
    words = f"day {number(row.median, row.error, 'day')}"
    return row.median, row.q25, min(row.q75, end), level, words


def _lymphocytes(view: View) -> Picture | None:
    names = [name for name in SUBSETS if _has(view, name)]
    if not names:
        return None
    _, start, end = view.windows[-1]
    panels = [
        Panel(
            SUBSETS[name],
            f"cells [{pretty(view.units[name])}]",
            (_fan(view, name, SUBSETS[name]),),
            (start, end),
            True,
            (1, 3000),
            ((200, "200 /µL"),) if name == "cd4" else (),
            time=view.time,
        )
        for name in names
    ]
    caption = (
        "Lymphocyte subsets in blood: median, 50 % and 90 % bands, logarithmic axis from 1 cell per µL."
        " The line at 200 CD4 T cells per µL is for orientation."
    )
    return picture("lymphocytes", "Lymphocyte subsets", panels, caption, view.units[names[0]])


def _organs(view: View) -> Picture | None:
    names = [name for name in ORGANS if _has(view, name)]
    if not names:
        return None
    panels = [
        Panel(
            ORGANS[name],
            "share [%]",
            (_fan(view, name, ORGANS[name]),),
            view.windows[-1][1:],
            limits=(0, 110 if name == "immunoglobulin" else 100),
            time=view.time,
            first_style=3,
        )
        for name in names
    ]
    caption = (
        "Share of the work of a tissue that is lost to drugs and radiation, and immunoglobulin as share of normal: "
        "median, 50 % and 90 % bands over the twins still alive."
    )
    return picture("organs", "Damage to organs, and antibodies", panels, caption, "%", columns=3, height=2.2)


def _chimerism(view: View) -> Picture | None:
    fans = tuple(
        _fan(view, f"donor_{short}", words) for short, words in LINEAGES.items() if _has(view, f"donor_{short}")
    )
    if not fans:
        return None
    panels = [
        Panel(
            words,
            "donor cells [%]",
            fans,
            (0, end),
            False,
            (0, 104),
            ((95, ""), (5, "")),
            ticks=(5, 25, 50, 75, 95),
            bands=False,
            time=view.time,
        )
        for words, _, end in view.windows
    ]
    caption = (
        "Median share of donor cells by lineage. Above 95 % is called full, between 5 and 95 % mixed "
        "chimerism. Days on which a lineage is empty are left out."
    )
    return picture("chimerism", "Chimerism by lineage", panels, caption, "%")


def _leukemia(view: View) -> Picture | None:
    _, start, end = view.windows[-1]
    panels = []
    for name in ("leukemia_cells", "residual_disease" if _has(view, "residual_disease") else "marrow_blasts"):
        if _has(view, name):
            title, axis, log, limits, lines = BURDEN[name]
            curve = (_fan(view, name, title),)
            panels.append(Panel(title, axis, curve, (start, end), log, limits, lines, time=view.time, first_style=1))
    if not panels:
        return None
    caption = (
        "Leukemia burden: median, 50 % and 90 % bands. Curves at the bottom edge are below it. Lines: one "
        "cell, the usual limit of detection (0.01 %) and the share of blasts that counts as relapse (5 %)."
    )
    return picture("leukemia", "Leukemia burden", panels, caption, "")


def _drugs(view: View) -> Picture | None:
    names = [
        name
        for name in view.values
        if name.startswith("concentration_") and _has(view, name) and np.nanmax(view.values[name]) > 0
    ]
    if not names:
        return None
    panels = []
    for name in names:
        shown = np.nanmax(view.values[name], axis=0, initial=0, where=np.isfinite(view.values[name]))
        present = np.flatnonzero(shown > 1e-3 * shown.max())
        first, last = max(present[0] - 2, 0), min(present[-1] + 3, len(view.days) - 1)
        drug = name.removeprefix("concentration_")
        words = drug.replace("_", " ")
        title = words.capitalize() if words.islower() else words
        panels.append(
            Panel(
                title + _exposure(view, f"auc_{drug}"),
                f"concentration [{view.units[name] or 'mg/L'}]",
                (_fan(view, name, words),),
                (float(view.days[first]), float(view.days[last])),
                time=view.time,
                first_style=2,
            )
        )
    caption = (
        "Plasma concentration at the daily blood draw, before that day's orders: troughs, not peaks. Only "
        "the days with drug in the blood are shown. AUC: median of the whole course."
    )
    return picture("drugs", "Drug concentrations", panels, caption, "mg/L", columns=3, height=2.2)


def _exposure(view: View, name: str) -> str:
    """The total exposure of the middle patient, where the model keeps count of it."""
    if not _has(view, name):
        return ""
    total = np.nanmax(view.values[name], axis=1, initial=0, where=np.isfinite(view.values[name]))
    return f", AUC {number(float(np.median(total)))} {pretty(view.units[name])}".replace("*", "·")
