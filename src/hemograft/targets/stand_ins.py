"""Contrasts that the simulation cannot tell apart: equal arms, and arms for which usual practice stands in.

Two arms are told apart by what a table says of both. Where they differ in nothing else than a field that says too
little on either side (a regimen without a protocol, an unknown donor, a blank dose), what is simulated of that field is
usual practice, and a difference says nothing of the published one. Where patients were randomized, ages and other mixes
of people differ by chance and tell no arms apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..population.arms import ArmPlan
from ..population.treatments import stands_in

TREATMENT = (
    "regimen",
    "intensity",
    "prophylaxis",
    "donor",
    "hla_match",
    "graft_source",
    "donor_age_median",
    "cd34_dose_e6_per_kg",
    "cd3_dose_e6_per_kg",
    "gcsf_after",
    "graft_manipulation",
    "letermovir",
)
PEOPLE = (
    "age_median",
    "age_low",
    "age_high",
    "fraction_male",
    "disease",
    "disease_mix",
    "stage",
    "stage_mix",
    "risk",
    "mrd",
    "comorbidity",
    "year_mid",
    "pediatric",
)
# Words of single fields that say too little; a blank always does. "Unknown" of other fields has a meaning of its own:
# no letermovir, the growth factor of the protocol, every stage or risk.
VAGUE = {
    "regimen": ("mixed", "unknown"),
    "intensity": ("mixed", "unknown"),
    "prophylaxis": ("mixed", "unknown"),
    "donor": ("unknown",),
    "hla_match": ("unknown",),
    "graft_source": ("unknown",),
}
MIXES = ("disease_mix", "stage_mix")  # blank where the word beside them says all


def why_alike(one: ArmPlan, other: ArmPlan) -> str:
    """Why two arms cannot be contrasted; empty where they can."""
    if _equal(one, other):
        return "the two groups differ in nothing that is simulated"
    both = one.arm.cells, other.arm.cells
    tried = one.arm.randomized and other.arm.randomized
    differ = [name for name in (TREATMENT if tried else TREATMENT + PEOPLE) if both[0][name] != both[1][name]]
    vague = {name: word for name in differ for cells in both if (word := _vague(cells, name))}
    if not differ or set(vague) != set(differ):
        return ""
    words = ", ".join(f"{name.replace('_', ' ')} ({word})" for name, word in vague.items())
    return f"the two groups differ only in what usual practice stands in for: {words}"


def _vague(cells: Mapping[str, Any], name: str) -> str:
    """The word of a field that says too little; empty where it says enough."""
    value = cells[name]
    if value is None:
        return "" if name in MIXES else "not given"
    if name == "regimen" and stands_in(value):
        return value
    return value if value in VAGUE.get(name, ()) else ""


def _equal(one: ArmPlan, other: ArmPlan) -> bool:
    """Whether two arms are the same people with the same treatment, as far as they are simulated."""
    if one.population is None or other.population is None or one.treatments != other.treatments:
        return False
    first, second = one.population, other.population
    if first.stated != second.stated:
        return False
    if one.arm.randomized and other.arm.randomized:
        return True
    return np.array_equal(first.joint.cells, second.joint.cells) and first.kinds == second.kinds
