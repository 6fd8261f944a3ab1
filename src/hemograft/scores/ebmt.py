"""The EBMT risk score, 0 to 7: age, stage, time from diagnosis, donor, and sex of donor and patient."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..case.case import Case
from ..case.patient import IN_REMISSION
from ..units import amount
from .score import Score, table

NAME = "EBMT score"


@lru_cache(maxsize=1)
def _table() -> Any:
    return table("ebmt")


def ebmt(case: Case) -> Score:
    """The score of a case, or its limits where the case does not say everything.

    Source
    ------
    Gratwohl 1998, Lancet 352:1087 and 2009, Cancer 115:4715; see ``data/scores/ebmt.yaml`` for what was read.
    """
    words = _table()
    if case.graft is None:
        return Score(NAME, source=words["source"])
    known, needs = _age(case) + _stage(case), []
    for points, lacking in (_donor(case), _sexes(case), _interval(case)):
        known += points
        needs += [lacking] if lacking else []
    return Score(NAME, known, known + len(needs), needs=tuple(needs), source=words["source"])


def _age(case: Case) -> int:
    younger, older = (float(_table()["age"][name]) for name in ("none_below", "two_above"))
    age = case.patient.age
    return 0 if age < younger else 1 if age <= older else 2


def _stage(case: Case) -> int:
    words = _table()
    return int(words["stage"][words["disease"].get(case.patient.diagnosis, "other")].get(case.patient.stage, "0"))


def _donor(case: Case) -> tuple[int, str]:
    """Points for anybody but an identical sibling; a sibling whose match is not known may be one."""
    donor, alike = case.donor, _table()["donor"]["none"]
    if donor is None or donor.relation in ("self", "twin"):
        return 0, ""
    if donor.relation not in alike:
        return 1, ""
    same, _, compared = donor.match.partition("/")
    if donor.match == "unknown":
        return 0, "match of the donor"
    return int(not (donor.match == "identical" or same == compared != "")), ""


def _sexes(case: Case) -> tuple[int, str]:
    donor = case.donor
    if donor is None or donor.relation == "self" or case.patient.sex == "female":
        return 0, ""
    return (0, "sex of the donor") if donor.sex is None else (int(donor.sex == "female"), "")


def _interval(case: Case) -> tuple[int, str]:
    patient, words = case.patient, _table()["interval"]
    if patient.stage in (words["not_in"], "none"):
        return 0, ""
    if patient.since_diagnosis is None:
        return 0, "since_diagnosis of the patient"
    return int(patient.since_diagnosis > amount(words["one_above"], "day")), ""


def registry_stage(case: Case) -> str:
    """Early, intermediate or advanced, as registries class diseases; empty without leukemia.

    Source
    ------
    Definitions of the registry (recalled, not re-read).
    """
    patient = case.patient
    if patient.stage in IN_REMISSION:
        return "early" if patient.stage == "cr1" else "intermediate"
    return _table()["registry"].get(patient.stage, "")
