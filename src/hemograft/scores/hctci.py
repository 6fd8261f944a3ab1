"""The comorbidity index of transplantation (HCT-CI): points for other diseases, and three classes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..case.case import Case
from .score import Score, table

NAME = "HCT-CI"


@lru_cache(maxsize=1)
def _table() -> Any:
    return table("hctci")


def hctci(case: Case) -> Score:
    """The index as the case states it, or the sum over the other diseases that the case lists.

    Source
    ------
    Sorror 2005, Blood 106:2912; see ``data/scores/hctci.yaml`` for what was read.
    """
    index, words = case.patient.comorbidity_index, _table()
    if index is None:
        return Score(NAME, needs=("comorbidity or comorbidities of the patient",), source=words["source"])
    return Score(NAME, index, index, words["words"][comorbidity_class(case)], source=words["source"])


def comorbidity_class(case: Case) -> str:
    """``HCTCI_0``, ``HCTCI_1_2`` or ``HCTCI_3plus``; empty where the case does not state its index."""
    index = case.patient.comorbidity_index
    return "" if index is None else next(name for name, least in _table()["least"].items() if index >= int(least))
