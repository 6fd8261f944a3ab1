"""How well donor and patient of a case match: by their typings, or what is expected of the stated match."""

from __future__ import annotations

from ..hla.comparison import Comparison, compare
from ..hla.typical import typical_comparison
from .case import Case


def compatibility(case: Case) -> Comparison | None:
    """The comparison of patient and donor; None without a donor.

    Typings are used if they reach from A to DRB1 in both persons. Otherwise the stated match is taken, and every count
    is an expectation (data/hla/typical.yaml).
    """
    donor, patient = case.donor, case.patient
    if donor is None:
        return None
    if patient.hla is not None and donor.hla is not None:
        found = compare(patient.hla, donor.hla, relation=donor.relation)
        if found.grade(8) is not None:
            return found
    return typical_comparison(donor.match, donor.relation)
