"""What the engine brings back for each twin, and how it becomes a trajectory."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ..case.compatibility import consulted
from ..columns import column
from ..model.compile import Model
from ..model.elements import Element
from ..trajectory import EVENTS, GIVEN, Daily, Failure, Trajectory
from ..version import VERSION
from .lanes import FINE, NOT_A_NUMBER, STUCK, TOO_LARGE, TOO_MANY_STEPS, Records
from .orders import Orders
from .patients import Group

if TYPE_CHECKING:
    from .setting import Setting

REASONS = {
    STUCK: "the step became too short",
    TOO_MANY_STEPS: "too many steps",
    NOT_A_NUMBER: "a value is not a number",
    TOO_LARGE: "a value grew beyond any sensible size",
}
UNITS = {
    "drug": "mg",
    "radiation": "Gy",
    "graft": "graft",
    "lymphocytes": "cells",
    "platelets": "units",
    "red_cells": "units",
}
SHOWN = {"cells/uL": "/uL"}


def failures_of(model: Model, names: tuple[str, ...], records: Records) -> tuple[Failure, ...]:
    """Patients whose equations could not be advanced to the end."""
    return tuple(
        Failure(
            names[i],
            float(records.status[i, 1]),
            model.states[int(records.status[i, 2])].name,
            REASONS[int(records.status[i, 0])],
        )
        for i in map(int, np.flatnonzero(records.status[:, 0] != FINE))
    )


def to_trajectory(setting: Setting, group: Group, records: Records) -> Trajectory:
    """Label the arrays and say where they came from."""
    used = {name: setting.model.parameters[name] for name in setting.model.parameter_names}
    return Trajectory(
        daily=_daily(setting, records, group.first_day),
        given=_given(setting, group.orders, records, group.first_day),
        events=_events(setting, records),
        case=setting.case,
        protocol=setting.protocol,
        parameters=type(setting.model.parameters)(used),
        failures=failures_of(setting.model, setting.names, records),
        provenance=_provenance(setting, records),
        individual=dict(group.people.own),
    )


def variable_name(element: Element) -> str:
    """``concentration[busulfan]`` is recorded as ``concentration_busulfan``."""
    declared: str = element.declared.name
    name = {"g_csf_level": "g_csf"}.get(declared, declared)
    return "_".join([name, *element.index])


def _daily(setting: Setting, records: Records, first_day: float) -> Daily:
    days = first_day + np.arange(records.daily.shape[1])
    # a lead-in that grew leukemia is not part of the course
    shown = slice(int(np.searchsorted(days, setting.protocol.first_day - 1)), None)
    values, words = {}, {}
    for i, element in enumerate(setting.model.observed):
        name, unit = variable_name(element), element.declared.observed  # type: ignore[union-attr]
        values[name] = records.daily[:, shown, i]
        words[name] = {"unit": SHOWN.get(unit, unit), "meaning": element.declared.meaning}
    return Daily(setting.names, days[shown], values, words)


def _given(setting: Setting, orders: Orders, records: Records, first_day: float) -> pa.Table:
    """One row per dose carried out and per transfusion, by patient and day."""
    rows: list[tuple] = []
    count = len(setting.names)
    doses = [(dose, event, np.broadcast_to(dose.amount, (count,))) for dose, event in orders.doses]
    for i, patient in enumerate(setting.names):
        when = records.given[i]
        mine = [
            (float(when[event]), dose.order, dose.kind, dose.what, dose.route, float(amount[i]), UNITS[dose.kind])
            for dose, event, amount in doses
            if np.isfinite(when[event])
        ]
        for r, (what, units) in orders.products.items():
            mine += [
                (first_day + day, -1, "transfusion", what, "iv", units, UNITS[what])
                for day in np.flatnonzero(records.acted[i, r])
            ]
        rows += [(patient, *row) for row in sorted(mine, key=lambda row: (row[0], row[1]))]
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in GIVEN]
    return pa.table([column(values, field.type) for field, values in zip(GIVEN, columns, strict=True)], schema=GIVEN)


def _events(setting: Setting, records: Records) -> pa.Table:
    """One row for each thing that happened to a patient, by patient and day."""
    names = [event.name for event in setting.model.events]
    rows = [
        (setting.names[i], names[e], float(records.happened[i, e]))
        for i, e in sorted(map(tuple, np.argwhere(np.isfinite(records.happened)).tolist()))
    ]
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in EVENTS]
    return pa.table([column(values, field.type) for field, values in zip(EVENTS, columns, strict=True)], schema=EVENTS)


def _provenance(setting: Setting, records: Records) -> dict[str, Any]:
    from .kernels import fingerprint

    return {
        "software": "hemograft",
        "version": VERSION,
        "seed": setting.seed,
        "twins": len(setting.names),
        "days": setting.last_day,
        "tolerance": setting.tolerance,
        "chance": setting.chance,
        "model": fingerprint(setting.model),
        "states": len(setting.model.states),
        "flows": len(setting.model.arrows),
        "steps": int(records.status[:, 3].sum()),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": dict(_versions()),
        **consulted(setting.case),
    }


@lru_cache(maxsize=1)
def _versions() -> dict[str, str]:
    packages = ("numpy", "scipy", "llvmlite", "sympy", "pint", "pydantic", "xarray", "pyarrow")
    return {name: metadata.version(name) for name in packages}
