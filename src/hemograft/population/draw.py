"""Draw virtual patients: the joint distribution first, then everything that follows from it, then cases.

Patient number 17 has the same luck in every population and every arm, whatever its size (common random numbers).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..case.case import Case
from ..case.donor import Donor, Graft
from ..case.patient import IN_REMISSION, Patient
from ..errors import InputError, Problem
from .bodies import body, comorbidity, organs, serostatus
from .donors import donors
from .grafts import grafts
from .joint import drawn
from .luck import Luck, named, picked
from .population import AXES, Population

MOST = 10_000_000  # patients of one draw
FOUND = {"positive": "measurable", "negative": "undetectable"}  # words of arms to words of cases
ORDER = ("age", "sex", "disease", "stage", "donor")


def draw(population: Population, n: int, seed: int) -> tuple[Case, ...]:
    """The first n virtual patients of a population.

    Parameters
    ----------
    seed : int
        The same seed gives patient number i the same luck in every population and for every n.

    Returns
    -------
    tuple of Case
        Valid by construction; they are not read again field by field, so thousands take milliseconds.

    Raises
    ------
    InputError
        A number of patients that makes no sense.
    """
    if not 1 <= n <= MOST:
        raise InputError(Problem(f"{n} patients", "n", f"1 to {MOST:,}"))
    names, keys = named(n)
    return tuple(_cases(population, names, people(population, Luck(seed, keys))))


def people(population: Population, luck: Luck) -> dict[str, np.ndarray]:
    """Every drawn quantity by name, shape (patient,): what :func:`draw` makes cases of."""
    rules, stated = population.rules, population.stated
    places = drawn(population.joint, {axis: luck.uniform(axis) for axis in ORDER})
    columns: dict[str, np.ndarray] = {
        axis: np.array(population.joint.axes[axis], dtype=object)[places[axis]] for axis in AXES
    }
    columns["registry_stage"] = columns.pop("stage")
    columns["age"] = columns["age"].astype(float) + places["within"]
    columns |= body(rules, luck, columns["age"], columns["sex"] == "female")
    columns |= organs(rules, luck, columns)
    columns["comorbidity"] = comorbidity(rules, luck, columns["age"], stated.get("comorbidity"))
    columns["year"] = np.full(len(columns["age"]), stated.get("year"), dtype=object)
    columns |= _disease(population, luck, columns)
    if not stated.get("no_graft"):
        columns |= donors(rules, luck, columns["age"], columns["donor"], stated)
        columns |= serostatus(rules, luck, columns["kin"])
        columns |= grafts(rules, luck, columns, stated)
    return columns


def _disease(population: Population, luck: Luck, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Diagnosis, stage, marrow blasts and residual disease."""
    chance = luck.uniform("diagnosis")
    size = len(chance)
    which = np.zeros(size, dtype=int)
    for disease, stage in {*zip(columns["disease"], columns["registry_stage"], strict=True)}:
        fits = [i for i, kind in enumerate(population.kinds) if (kind.disease, kind.registry_stage) == (disease, stage)]
        here = (columns["disease"] == disease) & (columns["registry_stage"] == stage)
        which[here] = picked(chance[here], {str(i): population.kinds[i].share for i in fits}).astype(int)
    diagnosis = np.array([population.kinds[i].diagnosis for i in which], dtype=object)
    stage = np.array([population.kinds[i].stage for i in which], dtype=object)
    blasts = np.full(size, np.nan)
    known = zip(columns["disease"], columns["registry_stage"], stage, strict=True)
    ranges = np.array([_range(*words) for words in known])
    for name in set(ranges) - {""}:
        low, high = (population.rules.value(f"blasts_{name}_{end}") for end in ("low", "high"))
        here = ranges == name
        blasts[here] = luck.between("marrow blasts", low, high)[here]
    return {
        "diagnosis": diagnosis,
        "case_stage": stage,
        "marrow_blasts": blasts,
        "residual_disease": _residual(population, stage),
    }


def _range(disease: str, registry_stage: str, stage: str) -> str:
    """Which range of marrow blasts goes with a disease and stage; empty in remission and without leukemia."""
    if stage == "chronic_phase":
        return "chronic" if registry_stage == "early" else "accelerated"
    if stage in IN_REMISSION or stage == "none":
        return ""
    if disease == "MDS":
        return "mds" if registry_stage == "early" else "excess"
    return "new" if stage == "newly_diagnosed" else "acute"


def _residual(population: Population, stage: np.ndarray) -> np.ndarray:
    """What was found of residual disease in remission; where nothing is said, the model draws it for every patient."""
    found = np.full(len(stage), None, dtype=object)
    word = FOUND.get(population.stated.get("residual", ""))
    found[np.isin(stage, IN_REMISSION)] = word
    return found


PATIENT = {
    "age": "age",
    "sex": "sex",
    "weight": "weight",
    "height": "height",
    "gfr": "gfr",
    "liver": "liver",
    "comorbidity": "comorbidity",
    "diagnosis": "diagnosis",
    "stage": "case_stage",
    "marrow_blasts": "marrow_blasts",
    "residual_disease": "residual_disease",
    "year": "year",
    "cmv": "cmv",
}
DONOR = {"relation": "relation", "match": "match", "age": "donor_age", "sex": "donor_sex", "cmv": "donor_cmv"}
GRAFT = {"product": "product", "cd34": "cd34", "cd3": "cd3"}


def _cases(population: Population, names: list[str], columns: Mapping[str, np.ndarray]) -> list[Case]:
    patients = _forms(Patient, PATIENT, columns, len(names))
    grafted = "product" in columns
    givers = _forms(Donor, DONOR, columns, len(names)) if grafted else [None] * len(names)
    products = _forms(Graft, GRAFT, columns, len(names)) if grafted else [None] * len(names)
    own = columns["kin"] == "self" if grafted else np.zeros(len(names), dtype=bool)
    title, source = population.title, f"virtual patient of the population {population.name!r}"
    return [
        Case.model_construct(
            title=title,
            id=name,
            source=source,
            patient=patient,
            donor=None if self_ else donor,
            graft=graft.model_copy(update={"origin": "host"}) if self_ and graft else graft,
        )
        for name, patient, donor, graft, self_ in zip(names, patients, givers, products, own.tolist(), strict=True)
    ]


def _forms(form: Any, fields: Mapping[str, str], columns: Mapping[str, np.ndarray], n: int) -> list[Any]:
    """Filled forms of every patient; columns that a form has no field for yet are left out."""
    used = {field: column for field, column in fields.items() if field in form.model_fields and column in columns}
    lists = []
    for column in used.values():
        values = columns[column].tolist()
        lists.append([None if value != value else value for value in values])  # NaN stands for nothing
    build, names = form.model_construct, tuple(used)
    return [build(**dict(zip(names, values, strict=True))) for values in zip(*lists, strict=True)] if n else []
