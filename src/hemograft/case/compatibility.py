"""How well donor and patient of a case match: by their typings, or what is expected of the stated match."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from functools import lru_cache
from typing import cast

from ..hla.comparison import Comparison, compare
from ..hla.nomenclature import Nomenclature, at_hand
from ..hla.typical import typical_comparison
from ..hla.typing import Typing
from .case import Case


def compatibility(case: Case) -> Comparison | None:
    """The comparison of patient and donor; None without a donor.

    Typings are used if they reach from A to DRB1 in both persons. Otherwise the stated match is taken, and every count
    is an expectation (data/hla/typical.yaml), but antibodies are compared with whatever was typed.
    """
    donor = case.donor
    if donor is None:
        return None
    typings = cast(Hashable, case.patient.hla), cast(Hashable, donor.hla)  # frozen forms, which is not seen statically
    return _between(donor.relation, donor.match, *typings, at_hand())


def consulted(*cases: Case) -> dict[str, str]:
    """What provenance says of the nomenclature that typings of cases were compared with; empty without typings."""
    typed = any(case.patient.hla and case.donor and case.donor.hla for case in cases)
    return {"nomenclature": at_hand().title} if typed else {}


@lru_cache(maxsize=4096)
def _between(
    relation: str, match: str, patient: Typing | None, donor: Typing | None, nomenclature: Nomenclature
) -> Comparison:
    if patient is None or donor is None:
        return stated(match, relation)
    found = compare(patient, donor, nomenclature=nomenclature, relation=relation)
    if found.grade(8) is not None:
        return found
    return replace(stated(match, relation), antibodies=found.antibodies)


@lru_cache(maxsize=256)
def stated(match: str, relation: str) -> Comparison:
    """What is expected of a match as it is written in a case."""
    return typical_comparison(match, relation)
