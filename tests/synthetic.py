"""A made-up trajectory with plausible curves, for tests that need one; no simulation behind it."""

from __future__ import annotations

from functools import partial

import numpy as np
import pyarrow as pa

from hemograft.case.case import Case
from hemograft.case.donor import Donor, Graft
from hemograft.case.patient import Patient
from hemograft.parameters import Parameter, ParameterSet
from hemograft.protocol.actions import Give, Infuse, Transfuse
from hemograft.protocol.protocol import Protocol
from hemograft.trajectory import GIVEN, Daily, Failure, Trajectory

UNITS = {
    "neutrophils": "x10^9/L",
    "platelets": "x10^9/L",
    "hemoglobin": "g/dL",
    "cd4": "/uL",
    "cd8": "/uL",
    "b_cells": "/uL",
    "nk_cells": "/uL",
    "marrow_blasts": "%",
    "leukemia_cells": "cells",
    "residual_disease": "1",
    "donor_myeloid": "%",
    "donor_t": "%",
    "donor_b": "%",
    "donor_nk": "%",
    "donor_blood": "%",
    "donor_red": "%",
    "donor_marrow": "%",
    "concentration_busulfan": "mg/L",
    "concentration_fludarabine": "mg/L",
    "auc_busulfan": "mg*h/L",
}

DONOR = {  # day of half, steepness, final share of donor cells
    "myeloid": (10, 2, 99),
    "t": (35, 25, 92),
    "b": (60, 20, 96),
    "nk": (22, 6, 98),
    "blood": (12, 3, 98),
    "red": (75, 22, 99),
    "marrow": (14, 4, 98),
}
PARAMETERS = (
    (
        "marrow_transit",
        6.5,
        "day",
        "from commitment to blood",
        "assumed",
        "no figure under stress",
        0.15,
        "speed",
    ),
    (
        "precursor_division",
        0.6,
        "1/day",
        "division of precursors",
        "fitted",
        "to nothing here",
        0.15,
        "speed",
    ),
    ("platelet_life", 9.0, "day", "life of a platelet", "measured", "Nobody1900, made up", 0.1),
    ("homing", 0.08, "1", "stem cells that lodge", "assumed", "between mouse figures", 0.3),
    ("niche_places", 5e4, "cells", "places for stem cells", "assumed", "order of magnitude only"),
    ("thymus_decline", 0.04, "1/year", "loss of thymic output", "derived", "arithmetic"),
)


def case_of_tests(graft: bool = True) -> Case:
    """A woman of 54 with leukemia in first remission, and her brother's graft."""
    patient = Patient.model_construct(
        age=54.0,
        sex="female",
        weight=68.0,
        height=1.66,
        gfr=92.0,
        liver="normal",
        comorbidity=1,
        diagnosis="aml_intermediate",
        stage="cr1",
        marrow_blasts=0.02,
        residual_disease=1e-3,
    )
    donor = Donor.model_construct(relation="sibling", match="10/10", age=51.0, sex="male") if graft else None
    product = Graft.model_construct(product="mobilized_blood", origin="donor", cd34=5.2e6, cd3=2.4e8, nucleated=None)
    return Case.model_construct(
        id="test_case",
        title="Woman of 54, AML in first remission",
        patient=patient,
        donor=donor,
        graft=product if graft else None,
        protocol=None,
        notes=None,
        source="made up for tests, not a real patient",
    )


def protocol_of_tests(graft: bool = True) -> Protocol:
    """Fludarabine and busulfan, a graft, transfusions by rule."""
    actions = [
        Give("fludarabine", "40 mg/m2", "iv", "-6 to -3", section="conditioning"),
        Give("busulfan", "3.2 mg/kg", "iv", "-6 to -3", section="conditioning"),
        Infuse("graft", 0, section="graft"),
        Transfuse("platelets", "1 unit", "platelets < 10 x10^9/L", "-6 to 100", section="support"),
    ]
    return Protocol(
        "Fludarabine and busulfan, four days (test)",
        "test",
        "made up for tests",
        tuple(action for action in actions if graft or not isinstance(action, Infuse)),
    )


def parameters_of_tests() -> ParameterSet:
    """A few parameters of every grade."""
    return ParameterSet({fields[0]: Parameter(*fields) for fields in PARAMETERS})


def rise(days, middle, width):
    """A logistic curve."""
    return 1 / (1 + np.exp(-np.clip((days - middle) / width, -50, 50)))


def leukemia_of(days, lost):
    """Leukemia cells that fall with treatment and grow again in some."""
    after = np.where(lost, 0.028 * np.maximum(days - 20, 0), -0.01 * np.maximum(days, 0))
    return 10 ** np.clip(9 - 5.5 * rise(days, -2, 1.5) + after, -4, 11.7)


def twins(count: int = 60, last: int = 400, seed: int = 5) -> Trajectory:
    """Twins with a fall, a recovery around day 15 and a few relapses."""
    random = np.random.default_rng(seed)
    days = np.arange(-10, last + 1, dtype=float)
    speed = random.lognormal(0, 0.15, count)[:, None]
    recovery = 14.5 * speed + random.normal(0, 0.4, (count, 1))
    logistic = partial(rise, days)
    fall = 1 - logistic(2.5, 1.1)
    neutrophils = 3.8 * fall + 4.2 * logistic(recovery + 3, 1.3) + 0.004
    platelets = 190 * (1 - logistic(1.5, 1.6)) + 185 * logistic(recovery + 14, 4.5) + 12
    hemoglobin = 12.5 - 4.2 * logistic(4, 5) + 3.9 * logistic(70 * speed, 18)
    lost = random.random((count, 1)) < 0.2
    leukemia = leukemia_of(days, lost)
    share = leukemia / (leukemia + 1e12 * (0.03 + logistic(-20, 3) * logistic(recovery, 3)))
    data = {
        "neutrophils": neutrophils,
        "platelets": platelets,
        "hemoglobin": hemoglobin,
        "leukemia_cells": leukemia,
        "residual_disease": share,
        "marrow_blasts": 100 * share + 1,
        "cd4": 650 * fall + 320 * logistic(230 * speed, 60),
        "cd8": 400 * fall + 600 * logistic(120 * speed, 35),
        "b_cells": 180 * fall + 200 * logistic(200 * speed, 40),
        "nk_cells": 190 * fall + 230 * logistic(32 * speed, 7),
        "concentration_busulfan": 0.4 * np.exp(-(((days + 4) / 1.8) ** 2)) * speed,
        "auc_busulfan": 78.0 * speed / (1 + np.exp(-np.clip(days + 4, -50, 50))),
        "concentration_fludarabine": 0.02 * np.exp(-(((days + 4) / 2.4) ** 2)) / speed,
    }
    for name, (middle, width, top) in DONOR.items():
        data[f"donor_{name}"] = np.where(days < 1, np.nan, top * logistic(middle * speed, width) - 3 * lost)
    individual = {
        "marrow_transit": 6.5 * speed[:, 0],
        "precursor_division": 0.6 * speed[:, 0],
        "homing": random.lognormal(-2.5, 0.3, count),
        "platelet_life": random.lognormal(2.2, 0.1, count),
    }
    return assemble(days, data, individual, count)


def assemble(days, data, individual=None, count=1, rows=None, graft=True, failures=()) -> Trajectory:
    """A trajectory from arrays (patient, day)."""
    names = [f"twin-{i:04d}" for i in range(count)]
    for failure in failures:
        for values in data.values():
            values[names.index(failure.patient), days >= failure.day] = np.nan
    values = {name: np.broadcast_to(np.asarray(array, dtype=float), (count, len(days))) for name, array in data.items()}
    words = {name: {"unit": UNITS.get(name, "1"), "meaning": name} for name in data}
    daily = Daily(tuple(names), np.asarray(days, dtype=float), values, words)
    given = pa.Table.from_pylist(_rows(names, data, days, graft) if rows is None else rows, schema=GIVEN)
    provenance = {
        "version": "0.1.0",
        "command": "hemograft run test_case.yaml --protocol test --twins 60 --seed 5",
        "seed": 5,
        "twins": count,
        "python": "3.11",
        "packages": {"numpy": np.__version__},
        "files": {"test_case.yaml": "sha256:" + "0" * 64},
    }
    return Trajectory(
        daily,
        given,
        case_of_tests(graft),
        protocol_of_tests(graft),
        parameters_of_tests(),
        failures=tuple(failures),
        provenance=provenance,
        individual=individual or {},
    )


def _rows(names, data, days, graft) -> list[dict]:
    rows = []
    for place, name in enumerate(names):
        for day in range(-6, -2):
            rows.append(row(name, day, 1, "drug", "busulfan", "iv", 217.6, "mg"))
            rows.append(row(name, day, 0, "drug", "fludarabine", "iv", 70.4, "mg"))
        if graft:
            rows.append(row(name, 0.5, 2, "graft", "graft", "", 1.0, "1"))
        low = np.flatnonzero(data["platelets"][place] < 18) if "platelets" in data else []
        rows += [row(name, days[at], 3, "transfusion", "platelets", "", 1.0, "unit") for at in low[::3]]
    return rows


def row(patient, day, order, kind, what, route, amount, unit) -> dict:
    """One line of the table of orders given."""
    return {
        "patient": patient,
        "day": float(day),
        "order": order,
        "kind": kind,
        "what": what,
        "route": route,
        "amount": amount,
        "unit": unit,
    }


def failing(patient: str, day: float) -> Failure:
    """A twin lost on one day."""
    return Failure(patient, day, "platelets", "not finite")
