"""The refined disease risk index (DRI): four classes by disease, cytogenetics and stage."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..case.case import Case
from .score import Score, table

NAME = "refined DRI"


@lru_cache(maxsize=1)
def _table() -> Any:
    return table("dri")


def dri_class(diagnosis: str, stage: str) -> str:
    """``low``, ``intermediate``, ``high`` or ``very_high``; empty without leukemia.

    Source
    ------
    Armand 2014, Blood 123:3664; see ``data/scores/dri.yaml`` for what was read.
    """
    return _table()["classes"].get(diagnosis, {}).get(stage, "")


def dri(case: Case) -> Score:
    """The index of a case; it needs nothing but diagnosis and stage."""
    words, patient = _table(), case.patient
    group = dri_class(patient.diagnosis, patient.stage).replace("_", " ")
    note = words["notes"].get(patient.diagnosis, "") if group else ""
    return Score(NAME, group=f"{group} risk" if group else "", source=words["source"], note=note)
