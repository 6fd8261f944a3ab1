"""The patients of an arm: a registry's joint distribution with the ages, diseases, stages and risks that are stated.

What is stated is imposed; every association that is not stated stays as in the registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from ..case.patient import ADULT_AGE, IN_REMISSION
from ..scores.dri import dri_class
from .joint import Joint, raked
from .population import Kind, Population, read_population
from .unplanned import Unplanned

# Registry stages and stages of a case that a word of a table stands for.
STAGES = {
    "CR1": ("early", "cr1"),
    "CR2": ("intermediate", "cr2"),
    "CR3plus": ("intermediate", "cr3plus"),
    "active": ("advanced", ""),
    "early": ("early", ""),
    "intermediate": ("intermediate", ""),
    "advanced": ("advanced", ""),
    "chronic_phase": ("early", "chronic_phase"),
    "newly_diagnosed": ("early", ""),
}
RISKS = {
    "favorable": ("aml_favorable",),
    "intermediate": ("aml_intermediate", "aml_npm1", "aml_flt3_itd"),
    "adverse": ("aml_adverse",),
}
ACUTE = ("AML", "ALL")
MODELED = ("AML", "ALL", "MDS", "CML", "nonmalignant")
FEWEST_MODELED = 0.5  # share of a mix that must be diseases of the model
SMALLEST_SPREAD = 0.5  # years
# Stages that are simulated apart from others, or not at all.
APART = {
    "newly_diagnosed": "treatment from diagnosis on is simulated for whole groups only",
    "relapsed_after_hct": "the treatment of a relapse after transplant is not simulated",
}


def with_people(base: Population, cells: Mapping[str, Any], said: list[str], median_age: float | None) -> Population:
    """The population with the sex, ages, diseases, stages and risks of an arm."""
    diseases = _diseases(cells, said)
    population = _with_risk(base, cells, said)
    population, stages = _with_stages(population, cells, diseases, said)
    targets = [*stages]
    if diseases:
        words = population.joint.axes["disease"]
        targets.append((("disease",), np.array([diseases.get(word, 0.0) for word in words])))
    male = cells["fraction_male"]
    if male is not None:
        targets.append((("sex",), np.array([1 - male, male])))
    joint = _within_ages(population.joint, cells, said)
    ages = _ages(base, cells, median_age, said)
    if ages is not None:
        targets.append((("age",), ages))
    joint = raked(joint, targets)
    if not np.isfinite(joint.cells).all():
        raise Unplanned(_nobody(cells))
    return replace(population, joint=joint)


def _nobody(cells: Mapping[str, Any]) -> str:
    """What is refused where diseases, stages and risks of an arm exclude each other in the model."""
    known = ("unknown", "mixed", "mixed_malignant")
    words = [f"{name} {cells[name]}" for name in ("disease", "stage", "risk") if cells[name] not in known]
    mixes = [name.replace("_", " ") for name in ("disease_mix", "stage_mix") if cells[name]]
    return f"no diagnosis of the model fits {' and '.join([*words, *mixes])}"


def _diseases(cells: Mapping[str, Any], said: list[str]) -> dict[str, float]:
    """Shares of the model's diseases; empty where the registry's mix stands in."""
    stated = cells["disease_mix"] or {cells["disease"]: 1.0}
    other = stated.get("mixed_malignant", 0.0)
    known = {word: share for word, share in stated.items() if word in MODELED and share > 0}
    left = 1 - other - sum(known.values())
    if other + sum(known.values()) < FEWEST_MODELED:
        lacking = [word for word in stated if word not in (*MODELED, "mixed_malignant")]
        raise Unplanned(f"{', '.join(lacking)} ({left:.0%} of the patients): not in the model")
    if left > 0.01:
        dropped = ", ".join(word for word in stated if word not in (*MODELED, "mixed_malignant"))
        said.append(f"disease: {left:.0%} {dropped} not in the model; the others stand in")
    if other and not known:
        said.append("disease: shares not given; the registry's mix of AML, ALL, CML and MDS")
        return {}
    if other:
        said.append(f"disease: {other:.0%} other malignant disease taken as the registry's mix")
        mix = {"AML": 0.0, "ALL": 0.0, "CML": 0.0, "MDS": 0.0}
        known = {**mix, **known}
        shares = _registry_mix()
        known = {word: share + other * shares.get(word, 0.0) for word, share in known.items()}
    total = sum(known.values())
    return {word: share / total for word, share in known.items()}


def _registry_mix() -> dict[str, float]:
    joint = read_population().joint
    return dict(zip(joint.axes["disease"], joint.shares("disease").tolist(), strict=True))


def _with_risk(base: Population, cells: Mapping[str, Any], said: list[str]) -> Population:
    """Only the diagnoses of a stated risk; combinations keep the weight of what is left in them."""
    risk = cells["risk"]
    if risk in ("unknown", "mixed"):
        if cells["disease"] in (*ACUTE, "MDS"):
            said.append("risk: not given; the assumed mix of diagnoses")
        return base
    if risk in RISKS:
        if cells["disease"] != "AML":
            said.append(f"risk: {risk} sets the diagnosis in AML only")
        fits = [kind.disease != "AML" or kind.diagnosis in RISKS[risk] for kind in base.kinds]
    else:
        wanted = risk.removeprefix("DRI_")
        fits = [dri_class(kind.diagnosis, kind.stage) == wanted for kind in base.kinds]
    weights = dict.fromkeys(base.kinds, 0.0) | {kind: 1.0 for kind, fit in zip(base.kinds, fits, strict=True) if fit}
    return _weighted(base, weights, cells)


def _weighted(base: Population, weights: Mapping[Kind, float], cells: Mapping[str, Any]) -> Population:
    """Kinds times weights, and combinations times what is left of their kinds."""
    axes = base.joint.axes
    left = np.zeros((len(axes["disease"]), len(axes["stage"])))
    before = np.zeros_like(left)
    for kind in base.kinds:
        place = axes["disease"].index(kind.disease), axes["stage"].index(kind.registry_stage)
        left[place] += kind.share * weights[kind]
        before[place] += kind.share
    kinds = tuple(replace(kind, share=kind.share * weights[kind]) for kind in base.kinds if weights[kind] > 0)
    if not kinds or not left.any():
        raise Unplanned(_nobody(cells))
    factor = np.divide(left, before, out=np.zeros_like(left), where=before > 0)
    return replace(base, joint=base.joint.weighted(factor, "disease", "stage"), kinds=kinds)


def _with_stages(
    base: Population, cells: Mapping[str, Any], diseases: Mapping[str, float], said: list[str]
) -> tuple[Population, list[tuple[tuple[str, ...], np.ndarray]]]:
    """Stages as stated: one group of combinations for each word, mixed by the words' shares."""
    mix = _stages(cells, said)
    if not mix:
        said.append(
            "stage: not given; the registry's mix" if cells["stage"] == "unknown" else "stage: the registry's mix"
        )
        return base, []
    if "newly_diagnosed" in mix:
        return _newly_diagnosed(base, cells), []
    cells_of, kinds = [], dict.fromkeys(base.kinds, 0.0)
    for word, share in mix.items():
        group = [kind for kind in base.kinds if _fits(kind, word, diseases)]
        one = _weighted(base, dict.fromkeys(base.kinds, 0.0) | dict.fromkeys(group, 1.0), cells)
        if diseases:
            one = replace(one, joint=_met(one.joint, diseases, cells))
        cells_of.append(share * one.joint.cells)
        kinds |= {kind: kinds[kind] + share * mass for kind, mass in _masses(one).items()}
    joint = Joint(base.joint.axes, sum(cells_of[1:], cells_of[0]) / sum(mix.values()))
    chosen = tuple(replace(kind, share=mass) for kind, mass in kinds.items() if mass > 0)
    return replace(base, joint=joint, kinds=chosen), [(("stage",), joint.shares("stage"))]


def _stages(cells: Mapping[str, Any], said: list[str]) -> dict[str, float]:
    """Stages with shares; empty where the registry's mix stands in. Few patients of a stage apart are left out."""
    mix = cells["stage_mix"] or ({} if cells["stage"] in ("mixed", "unknown") else {cells["stage"]: 1.0})
    mix = {word: share for word, share in mix.items() if share > 0}
    for word, why in APART.items():
        share = mix.get(word, 0.0)
        if not 0 < share < 1:
            continue
        if 1 - share < FEWEST_MODELED:
            raise Unplanned(f"{share:.0%} {word.replace('_', ' ')} among other stages: {why}")
        said.append(f"stage: {share:.0%} {word.replace('_', ' ')} left out; {why}")
        mix.pop(word)
    return mix


def _masses(population: Population) -> dict[Kind, float]:
    """Shares of all patients who have each diagnosis and stage."""
    axes, table = population.joint.axes, population.joint.shares("disease", "stage")
    places = {
        kind: (axes["disease"].index(kind.disease), axes["stage"].index(kind.registry_stage))
        for kind in population.kinds
    }
    whole = np.zeros_like(table)
    for kind, place in places.items():
        whole[place] += kind.share
    return {kind: float(table[place] * kind.share / whole[place]) for kind, place in places.items()}


def _met(joint: Joint, diseases: Mapping[str, float], cells: Mapping[str, Any]) -> Joint:
    """The joint with the diseases of an arm, as far as its combinations allow."""
    have = joint.shares("disease")
    wanted = np.array([diseases.get(word, 0.0) for word in joint.axes["disease"]]) * (have > 0)
    if not wanted.any():
        raise Unplanned(_nobody(cells))
    factor = np.divide(wanted, have, out=np.zeros_like(have), where=have > 0)
    return joint.weighted(factor, "disease")


def _fits(kind: Kind, word: str, diseases: Mapping[str, float]) -> bool:
    """Whether a diagnosis and stage belong to a word of the table.

    Remissions mean acute leukemia where the diseases are not stated, and the corresponding registry stage of the
    other diseases where they are.
    """
    if word == "relapsed_after_hct":
        raise Unplanned(APART[word])
    if word == "accelerated_or_blast":
        return kind.disease == "CML" and kind.registry_stage != "early"
    registry_stage, stage = STAGES[word]
    if kind.registry_stage != registry_stage:
        return False
    if stage == "chronic_phase":
        return kind.disease == "CML"
    if word == "active":
        return kind.disease in ACUTE or (kind.disease in diseases and kind.disease != "nonmalignant")
    if stage in IN_REMISSION:
        return kind.stage == stage or (kind.disease in diseases and kind.disease not in ACUTE)
    return True


def _newly_diagnosed(base: Population, cells: Mapping[str, Any]) -> Population:
    """Leukemia at diagnosis, treated with chemotherapy."""
    if any(word not in ("AML", "ALL", "MDS") for word in (cells["disease_mix"] or [cells["disease"]])):
        raise Unplanned("newly diagnosed patients are simulated with AML, ALL or MDS only")
    if cells["disease"] != "MDS" and not base.stated.get("no_graft"):
        raise Unplanned("a graft for acute leukemia without the chemotherapy before it is not simulated")
    kinds = [
        Kind(disease, "early", diagnosis, "newly_diagnosed", share)
        for disease in ACUTE
        for diagnosis, share in base.rules.shares("diagnoses_new", disease).items()
        if cells["risk"] not in RISKS or disease != "AML" or diagnosis in RISKS[cells["risk"]]
    ]
    kinds.append(Kind("MDS", "early", "mds_excess_blasts", "newly_diagnosed", 1.0))
    axes = base.joint.axes
    early = np.array([float(word == "early") for word in axes["stage"]])
    return replace(base, joint=base.joint.weighted(early, "stage"), kinds=tuple(kinds))


def _within_ages(joint: Joint, cells: Mapping[str, Any], said: list[str]) -> Joint:
    """Only ages within the stated limits, or adults or children as the arm says."""
    years = np.arange(len(joint.axes["age"]))
    low, high = cells["age_low"], cells["age_high"]
    median = cells["age_median"]
    if low is None and high is None:
        child = cells["pediatric"] == "yes" or (median is not None and median < ADULT_AGE)
        low, high = (0.0, ADULT_AGE) if child else (ADULT_AGE, float(len(years)))
        said.append(f"age: limits not given; {'children' if child else 'adults'}")
    low, high = low if low is not None else 0.0, high if high is not None else float(len(years))
    if median is not None and not low <= median <= high:
        said.append(f"age: the median {median:g} is not within {low:g} to {high:g}, which are widened")
        low, high = min(low, median), max(high, median)
    inside = ((years + 1 > low) & (years <= high)).astype(float)
    if not inside.any():
        raise Unplanned(f"no patient of {low:g} to {high:g} years")
    return joint.weighted(inside, "age")


def _ages(base: Population, cells: Mapping[str, Any], assumed: float | None, said: list[str]) -> np.ndarray | None:
    """Shares of single years: half below and half above the median, normal on either side."""
    median = cells["age_median"]
    if median is None:
        if assumed is None:
            said.append("age: median not given; the registry's ages within the limits")
            return None
        median = assumed
        said.append(f"age: median not given; {median:g} years as usual for this intensity")
    rules, years = base.rules, np.arange(len(base.joint.axes["age"]) + 1, dtype=float)
    child = median < ADULT_AGE
    spread = rules.value("age_spread_child" if child else "age_spread_adult", "year")
    low, high = cells["age_low"], cells["age_high"]
    ends = (0.0, ADULT_AGE) if child else (ADULT_AGE, years[-1])
    n = max(cells["n"] or rules.value("usual_size"), 3.0)
    reach = ndtri((n - 0.375) / (n + 0.25))  # expected largest of n, in standard deviations (Blom)
    left = max((median - low) / reach, SMALLEST_SPREAD) if low is not None else spread
    right = max((high - median) / reach, SMALLEST_SPREAD) if high is not None else spread
    low, high = min(low if low is not None else ends[0], median), max(high if high is not None else ends[1], median)
    edges = np.clip(years, low, high)
    below = _half(np.minimum(edges, median), low, median, left, median)
    above = _half(np.maximum(edges, median), median, high, right, median)
    shares = below + above
    return shares / shares.sum()


def _half(edges: np.ndarray, low: float, high: float, spread: float, center: float) -> np.ndarray:
    """A normal distribution between two limits, as shares of single years that add up to a half."""
    heights = ndtr((edges - center) / spread)
    total = ndtr((high - center) / spread) - ndtr((low - center) / spread)
    if total <= 0:  # the median is the limit: half of the patients are of that age
        return 0.5 * (np.arange(len(edges) - 1) == min(int(center), len(edges) - 2))
    return np.diff(heights) / total / 2
