"""Simulated arms of the anchors of immunity: who is treated how, and what happens to whom.

Patients die, so incidences are those in the presence of death. Every arm carries all drugs, most of them for a day
after the end of follow-up, so that one machine code serves them all.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache

import numpy as np

from hemograft.case.case import Case
from hemograft.case.donor import Donor, Graft
from hemograft.engine.setup import parameters_for
from hemograft.engine.simulate import simulate
from hemograft.ensemble import with_values
from hemograft.protocol import Give, Infuse, Protocol, combine, read_protocol

from .cases import CD34, T_CELLS, patient

PATIENTS, SEED, DAYS = 300, 20260101, 730
RELAPSE_CML = 1e11  # leukemic cells; about a tenth of untreated chronic phase
ORGAN_EVENTS = ("sinusoidal_obstruction", "death_organ_toxicity")
ORAL = ("tacrolimus", "mycophenolate", "prednisone")
ALL_DRUGS = (
    "busulfan",
    "cyclophosphamide",
    "fludarabine",
    "tacrolimus",
    "methotrexate",
    "mycophenolate",
    "anti_thymocyte_globulin",
    "prednisone",
)
LATE = tuple(Give(drug, "1 mg", "oral" if drug in ORAL else "iv", "3600") for drug in ALL_DRUGS)  # type: ignore[arg-type]
DONORS = {
    "sibling": ("sibling", "10/10"),
    "unrelated": ("unrelated", "10/10"),
    "mismatched": ("unrelated", "9/10"),
    "haploidentical": ("child", "haploidentical"),
    "twin": ("twin", "identical"),
}
DISEASES = {
    "aml": {"diagnosis": "aml_intermediate", "stage": "cr1"},
    "cml": {"diagnosis": "cml_chronic_phase", "stage": "chronic_phase"},
}


@dataclasses.dataclass(frozen=True)
class Arm:
    """A group of patients: donor, graft, regimen with its prophylaxis, disease, and changed parameters."""

    donor: str = "sibling"
    product: str = "mobilized_blood"
    cd3: str = ""
    regimen: str = "bucy"
    parts: tuple[str, ...] = ("cni_mtx",)
    disease: str = "aml"
    changed: tuple[tuple[str, str], ...] = ()
    sex: str = "male"


PTCY, ATG, MMF, ALONE = ("ptcy_cni_mmf",), ("cni_mtx", "atg"), ("cni_mmf",), ("cni_alone",)
ARMS = {
    "sibling blood": Arm(),
    "sibling marrow": Arm(product="marrow"),
    "sister's blood": Arm(sex="female"),
    "unrelated blood": Arm("unrelated"),
    "9/10 blood": Arm("mismatched"),
    "haplo blood, PTCy": Arm("haploidentical", parts=PTCY),
    "haplo marrow, NMA, PTCy": Arm("haploidentical", "marrow", regimen="haplo_ptcy", parts=PTCY),
    "haplo blood, CNI and MTX": Arm("haploidentical"),
    "haplo, PTCy, CD3 1.5e8": Arm("haploidentical", cd3="150 x10^6/kg", parts=PTCY),
    "haplo, PTCy, CD3 4.5e8": Arm("haploidentical", cd3="450 x10^6/kg", parts=PTCY),
    "unrelated blood, ATG": Arm("unrelated", parts=ATG),
    "unrelated blood, PTCy": Arm("unrelated", parts=PTCY),
    "CD34-selected, CD3 3e4": Arm(cd3="0.03 x10^6/kg", parts=ALONE),
    "CD34-selected, CD3 8e4": Arm(cd3="0.08 x10^6/kg", parts=ALONE),
    "CD34-selected, CD3 2e5": Arm(cd3="0.2 x10^6/kg", parts=ALONE),
    "naive T cells removed": Arm(cd3="100 x10^6/kg", parts=ALONE, changed=(("graft_naive_share", "0.001"),)),
    "sibling blood, reduced": Arm(regimen="flubu2"),
    "haplo blood, reduced, CNI and MTX": Arm("haploidentical", regimen="flubu2"),
    "sibling blood, full busulfan": Arm(regimen="flubu4"),
    "CD34-selected, reduced": Arm(cd3="0.08 x10^6/kg", regimen="flubu2", parts=ALONE),
    "CD34-selected, full busulfan": Arm(cd3="0.08 x10^6/kg", regimen="flubu4", parts=ALONE),
    "sibling blood, 2 Gy": Arm(regimen="flutbi2", parts=MMF),
    "twin blood": Arm("twin", parts=()),
    "CML, sibling marrow": Arm(product="marrow", disease="cml"),
    "CML, twin marrow": Arm("twin", "marrow", parts=(), disease="cml"),
    "CML, CD34-selected": Arm(cd3="0.2 x10^6/kg", parts=ALONE, disease="cml"),
    "no alloreactivity": Arm(changed=(("priming_rate", "0 1/day"), ("chronic_frequency", "0"))),
}


def case(arm: Arm) -> Case:
    """The patient of 45 and the donor of an arm."""
    relation, match = DONORS[arm.donor]
    graft = Graft(product=arm.product, cd34=CD34[arm.product], cd3=arm.cd3 or T_CELLS[arm.product])  # type: ignore[arg-type]
    donor = Donor(relation=relation, match=match, sex=arm.sex)  # type: ignore[arg-type]
    who = patient(age="45 years", **DISEASES[arm.disease])
    return Case(title="arm", id="arm", source="reference patient", patient=who, donor=donor, graft=graft)


def protocol(arm: Arm, *added: Infuse) -> Protocol:
    """The regimen with its prophylaxis, and steroids from grade II on."""
    parts = (*arm.parts, "gvhd_steroids") if arm.parts else ()
    found = combine(read_protocol(arm.regimen), *parts) if parts else read_protocol(arm.regimen)
    kept = [a for a in found.actions if arm.parts or a.section not in ("gvhd_prophylaxis", "treatment")]
    kept = [a for a in kept if not (isinstance(a, Give) and a.drug == "filgrastim")]
    return dataclasses.replace(found, actions=(*LATE, *kept, *added))


Values = tuple[tuple[str, float], ...]  # of parameters, in canonical units


@lru_cache(maxsize=64)
def followed(name: str, values: Values = (), patients: int = PATIENTS):
    """Trajectory of an arm, with other values of parameters than those that are shipped where they are given."""
    arm = ARMS[name]
    who, what = case(arm), protocol(arm)
    known = parameters_for(who, what)
    parameters = (known | with_values(dict(values))).changed(**dict(arm.changed))
    return simulate(who, what, twins=patients, days=DAYS, seed=SEED, parameters=parameters)


def first_day(data, name: str, level: float, after: float = 0.0) -> np.ndarray:
    """First day with at least this value after a day, infinity where there is none."""
    day, met = data["day"].values, (data[name].values >= level) & (data["day"].values > after)
    return np.where(met.any(axis=1), day[met.argmax(axis=1)], np.inf)


@lru_cache(maxsize=64)
def outcome(name: str, values: Values = (), patients: int = PATIENTS) -> dict[str, np.ndarray]:
    """Days of the events of every patient of an arm."""
    run = followed(name, values, patients)
    data, cml = run.data, ARMS[name].disease == "cml"
    relapse = first_day(data, *(("leukemia_cells", RELAPSE_CML) if cml else ("marrow_blasts", 5.0)), after=20)
    found = {"relapse": relapse, "chronic": np.full(patients, np.inf), "ii": relapse * np.inf, "iii": relapse * np.inf}
    if "acute_gvhd_grade" in data:
        found["ii"], found["iii"] = (first_day(data, "acute_gvhd_grade", grade) for grade in (2, 3))
    names = [str(patient) for patient in data["patient"].values]
    found["organs"] = np.full(patients, np.inf)
    for row in run.events.to_pylist():
        who = names.index(row["patient"])
        if row["event"] == "chronic_gvhd":
            found["chronic"][who] = row["day"]
        elif row["event"] in ORGAN_EVENTS:
            found["organs"][who] = min(found["organs"][who], row["day"])
    living = np.isfinite(data["neutrophils"].values)
    found["last"] = np.where(living, data["day"].values, -np.inf).max(axis=1)
    late = (data["day"].values >= 30) & (data["day"].values <= 200)
    myeloid, counts = data["donor_myeloid"].values[:, late], data["neutrophils"].values[:, late]
    found["rejected"] = (myeloid < 5).any(axis=1) | ((counts < 0.3).sum(axis=1) >= 10)
    return found


def met_by(days: dict[str, np.ndarray], event: str, day: float) -> np.ndarray:
    """Who has had an event by a day; chronic GvHD only before relapse."""
    met = days[event] <= day
    return met & (days["chronic"] < days["relapse"]) if event == "chronic" else met


def landmark_ratio(found: dict[str, np.ndarray], event: str, days: tuple[int, ...]) -> tuple[float, float]:
    """Relapse rate of patients with an event before a landmark over that without, mean of several landmarks."""
    logs = []
    for mark in days:
        rates = []
        for group in (found[event] <= mark, found[event] > mark):
            at_risk = group & (found["relapse"] > mark) & (found["last"] > mark)
            time = np.clip(np.minimum(found["relapse"], found["last"])[at_risk] - mark, 0, None).sum()
            rates.append(((found["relapse"][at_risk] <= DAYS).sum() + 0.5) / max(time, 1))
        logs.append(np.log(rates[0] / rates[1]))
    return float(np.exp(np.mean(logs))), 0.0
