"""What the engine brings back for each twin, and how it becomes a trajectory."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import xarray as xr

from ..model.compile import Element, Model
from ..trajectory import GIVEN, Failure, Trajectory
from ..version import VERSION
from .bedside import TRANSFUSE
from .integrate import FINE, NOT_A_NUMBER, STUCK, TOO_MANY_STEPS
from .orders import Orders
from .setup import Twins

if TYPE_CHECKING:
    from .setting import Setting

REASONS = {
    STUCK: "the step became too short",
    TOO_MANY_STEPS: "too many steps",
    NOT_A_NUMBER: "a value is not a number",
}
UNITS = {"drug": "mg", "radiation": "Gy", "graft": "graft", "platelets": "units", "red_cells": "units"}
SHOWN = {"cells/uL": "/uL"}


@dataclass(frozen=True)
class Courses:
    """Arrays filled by the engine.

    Attributes
    ----------
    recorded : array, shape (patient, day, quantity)
        In the observed units, drawn before each day's orders.
    acted : array, shape (patient, rule, day)
    given : array, shape (patient, event)
    status : array, shape (patient, 4)
        Outcome, day, worst state, steps.
    """

    recorded: np.ndarray
    acted: np.ndarray
    given: np.ndarray
    status: np.ndarray

    @property
    def failed(self) -> np.ndarray:
        """Which patients could not be followed to the end."""
        return self.status[:, 0] != FINE

    @property
    def day(self) -> np.ndarray:
        """Where each patient's course ended [day]."""
        return self.status[:, 1]

    def why(self, i: int) -> str:
        """Why a patient's course ended early."""
        return REASONS[int(self.status[i, 0])]

    def state(self, model: Model, i: int) -> str:
        """The state that was hardest to advance."""
        return model.states[int(self.status[i, 2])].name


def to_trajectory(setting: Setting, people: Twins, orders: Orders, courses: Courses, first_day: float) -> Trajectory:
    """Label the arrays and say where they came from."""
    failures = tuple(
        Failure(setting.names[i], float(courses.day[i]), courses.state(setting.model, i), courses.why(i))
        for i in map(int, np.flatnonzero(courses.failed))
    )
    used = {name: setting.model.parameters[name] for name in setting.model.parameter_names}
    return Trajectory(
        data=_dataset(setting, courses, first_day),
        given=_given(setting, orders, courses, first_day),
        case=setting.case,
        protocol=setting.protocol,
        parameters=type(setting.model.parameters)(used),
        failures=failures,
        provenance=_provenance(setting, courses),
        individual=dict(people.own),
    )


def variable_name(element: Element) -> str:
    """``concentration[busulfan]`` is recorded as ``concentration_busulfan``."""
    declared: str = element.declared.name
    name = {"g_csf_level": "g_csf"}.get(declared, declared)
    return "_".join([name, *element.index])


def _dataset(setting: Setting, courses: Courses, first_day: float) -> xr.Dataset:
    days = first_day + np.arange(courses.recorded.shape[1])
    shown = days >= setting.protocol.first_day - 1  # a lead-in that grew leukemia is not part of the course
    variables = {}
    for i, element in enumerate(setting.model.observed):
        unit = element.declared.observed  # type: ignore[union-attr]
        attributes = {"unit": SHOWN.get(unit, unit), "meaning": element.declared.meaning}
        variables[variable_name(element)] = (("patient", "day"), courses.recorded[:, shown, i], attributes)
    return xr.Dataset(variables, coords={"patient": list(setting.names), "day": days[shown]})


def _given(setting: Setting, orders: Orders, courses: Courses, first_day: float) -> pa.Table:
    """One row per dose carried out and per transfusion, by patient and day."""
    rows: list[tuple] = []
    transfusions = [r for r in range(len(orders.rules)) if orders.rules[r, 0] == TRANSFUSE]
    for i, patient in enumerate(setting.names):
        mine = [
            (
                dose.start,
                dose.order,
                dose.kind,
                dose.what,
                dose.route,
                float(np.broadcast_to(dose.amount, len(setting.names))[i]),
                UNITS[dose.kind],
            )
            for dose, event in orders.doses
            if courses.given[i, event] > 0
        ]
        for r in transfusions:
            what, units = orders.products[r]
            mine += [
                (first_day + day, -1, "transfusion", what, "iv", units, UNITS[what])
                for day in np.flatnonzero(courses.acted[i, r])
            ]
        rows += [(patient, *row) for row in sorted(mine, key=lambda row: (row[0], row[1]))]
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in GIVEN]
    return pa.table(
        {field.name: pa.array(column, field.type) for field, column in zip(GIVEN, columns, strict=True)},
        schema=GIVEN,
    )


def _provenance(setting: Setting, courses: Courses) -> dict[str, Any]:
    from .kernels import fingerprint

    packages = ("numpy", "scipy", "numba", "llvmlite", "sympy", "pint", "pydantic", "xarray", "pyarrow")
    return {
        "software": "hemograft",
        "version": VERSION,
        "seed": setting.seed,
        "twins": len(setting.names),
        "days": setting.last_day,
        "tolerance": setting.tolerance,
        "model": fingerprint(setting.model),
        "states": len(setting.model.states),
        "flows": len(setting.model.arrows),
        "steps": int(courses.status[:, 3].sum()),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: metadata.version(name) for name in packages},
    }
