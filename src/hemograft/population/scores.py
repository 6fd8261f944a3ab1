"""Scores that are computed from a case before transplant: EBMT score, disease risk index, comorbidity class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..case.case import Case
from ..case.patient import IN_REMISSION
from ..files import read_document
from ..parameters import DATA

FOLDER = DATA / "scores"


@dataclass(frozen=True)
class Score:
    """A score between two limits, which are the same when everything it needs is known."""

    low: int
    high: int
    unknown: tuple[str, ...] = ()


@lru_cache(maxsize=4)
def _table(name: str) -> Any:
    return read_document(FOLDER / f"{name}.yaml").words


def dri(diagnosis: str, stage: str) -> str:
    """The disease risk index: low, intermediate, high or very_high; empty without leukemia.

    Source
    ------
    Armand et al., Blood 2012;120:905 and 2014;123:3664 (recalled, not re-read): risk of the disease, with its
    cytogenetics, and of the stage.
    """
    table = _table("dri")
    disease, reached = table["disease"].get(diagnosis), table["stage"].get(stage)
    return table["index"][disease][reached] if disease and reached else ""


def ebmt(case: Case, months_to_transplant: float | None = None) -> Score:
    """The EBMT risk score, 0 to 7.

    Parameters
    ----------
    months_to_transplant : float, optional [month]
        From diagnosis to transplant; a case does not hold it. It does not count in first remission.

    Source
    ------
    Gratwohl et al., Lancet 1998;352:1087 and Cancer 2009;115:4715 (recalled, not re-read); five factors and the
    range 0 to 7: Gratwohl, Bone Marrow Transplant 2012;47:449, abstract.
    """
    table, patient, donor = _table("ebmt"), case.patient, case.donor
    younger, older = (float(table["age"][name]) for name in ("none_below", "two_above"))
    known = 0 if patient.age < younger else 1 if patient.age <= older else 2
    stage = (
        "advanced_myelodysplasia"
        if patient.diagnosis.startswith("mds") and patient.stage == "active"
        else patient.stage
    )
    known += int(table["stage"].get(stage, "0"))
    unknown = []
    if donor is not None:
        known += int(table["donor"].get(donor.relation, "1") if donor.match != "haploidentical" else "1")
        if donor.sex is None:
            unknown += ["sex of the donor"] * (patient.sex == "male")
        else:
            known += int(donor.sex == "female" and patient.sex == "male")
    if patient.stage != "cr1":
        if months_to_transplant is None:
            unknown.append("time from diagnosis")
        else:
            known += int(months_to_transplant > float(table["interval"]["one_above"]))
    return Score(known, known + len(unknown), tuple(unknown))


def comorbidity_class(case: Case) -> str:
    """``HCTCI_0``, ``HCTCI_1_2`` or ``HCTCI_3plus`` as the case states its index; empty where it does not.

    Source
    ------
    Sorror et al., Blood 2005;106:2912 (recalled, not re-read).
    """
    index = case.patient.comorbidity
    if index is None:
        return ""
    return next(name for name, least in _table("hctci")["least"].items() if index >= int(least))


def registry_stage(case: Case) -> str:
    """Early, intermediate or advanced, as registries class diseases; empty without leukemia.

    Source
    ------
    Definitions of the registry (recalled, not re-read).
    """
    patient = case.patient
    if patient.stage in IN_REMISSION:
        return "early" if patient.stage == "cr1" else "intermediate"
    return _table("ebmt")["registry"].get(patient.stage, "")
