"""What donor and patient see as foreign in each other, as numbers that the model knows by name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..case.case import Case
from ..case.compatibility import compatibility, stated
from ..case.donor import Donor
from ..hla.antibodies import MAYBE, YES, DonorSpecific
from ..hla.comparison import CLASS_ONE, CLASS_TWO, Comparison
from ..hla.facts import facts

KINDS = {"dp": ("DPB1",), "class_i": CLASS_ONE, "class_ii": CLASS_TWO}  # loci whose differences are counted together
SIDES = ("gvh", "hvg")  # graft-versus-host, host-versus-graft
STRANGERS = ("unrelated", "cord")


def is_foreign(case: Case) -> bool:
    """Whether the graft comes from somebody else than the patient or an identical twin."""
    if case.graft is None or case.graft.origin != "donor" or case.donor is None:
        return False
    return case.donor.relation not in ("twin", "self")


def differences(case: Case, values: Mapping[str, np.ndarray], patients: int) -> dict[str, np.ndarray]:
    """What each side sees as foreign, shape (patient,) each.

    A difference is one antigen that the other side lacks: counted where both are typed, otherwise what is expected of
    the stated match. Between a patient and an identical twin nothing differs.
    """
    names = ("minor_mismatch", *(f"{side}_{kind}" for side in SIDES for kind in ("h_y", *KINDS)))
    found = dict.fromkeys(names, np.zeros(patients))
    found["donor_antibodies"] = values["antibodies_unknown"]
    compared = compatibility(case)
    if not is_foreign(case) or case.donor is None or compared is None:
        return found
    found["minor_mismatch"] = values["minor_unrelated" if case.donor.relation in STRANGERS else "minor_related"]
    told = _counts(compared, case.donor)
    if case.patient.hla is not None and case.patient.hla.antibodies:
        told["donor_antibodies"] = max(map(_felt, compared.antibodies), default=0.0)
    sexes = (case.donor.sex, case.patient.sex)
    told["gvh_h_y"] = float(sexes == ("female", "male"))
    told["hvg_h_y"] = float(sexes == ("male", "female"))
    return found | {name: np.full(patients, number) for name, number in told.items()}


def _counts(compared: Comparison, donor: Donor) -> dict[str, float]:
    """Differences at HLA by kind and side; a locus that was not typed counts as the stated match lets expect."""
    usual = stated(donor.match, donor.relation)
    found = {}
    for kind, loci in KINDS.items():
        rows = [compared.locus(name) or usual.locus(name) for name in loci]
        for side in SIDES:
            found[f"{side}_{kind}"] = sum(getattr(row, side).likely for row in rows if row is not None)
    return found


def _felt(antibody: DonorSpecific) -> float:
    """An antibody in proportion to its intensity, 1 where it is strong; half of it where the donor's typing leaves
    open whether it binds, nothing below the limit or where the donor was not typed."""
    if antibody.strength == "below the limit":
        return 0.0
    strong = float(facts("settings")["antibody_strong"]["value"])
    return {YES: 1.0, MAYBE: 0.5}.get(antibody.met, 0.0) * min(1.0, antibody.mfi / strong)
