"""What donor and patient see as foreign in each other, as numbers that the model knows by name.

What was typed is counted; the rest is drawn for each twin (:mod:`.mismatches`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..case.case import Case
from ..case.compatibility import compatibility, stated
from ..case.donor import Donor
from ..hla.antibodies import MAYBE, YES, DonorSpecific
from ..hla.comparison import CLASS_ONE, CLASS_TWO, Comparison
from ..hla.facts import facts
from ..hla.typical import graded_loci
from .mismatches import SIDES, drawn, minor_antigens

KINDS = {"dp": ("DPB1",), "class_i": CLASS_ONE, "class_ii": CLASS_TWO}  # loci whose differences are counted together
STRANGERS = ("unrelated", "cord")


def is_foreign(case: Case) -> bool:
    """Whether the graft comes from somebody else than the patient or an identical twin."""
    if case.graft is None or case.graft.origin != "donor" or case.donor is None:
        return False
    return case.donor.relation not in ("twin", "self")


def differences(
    case: Case, values: Mapping[str, np.ndarray], keys: np.ndarray, seed: int | None
) -> dict[str, np.ndarray]:
    """What each side sees as foreign, shape (patient,) each.

    A difference is one antigen that the other side lacks: counted where both are typed, otherwise drawn as the stated
    match lets expect. Between a patient and an identical twin nothing differs.

    Parameters
    ----------
    keys : array of uint64, shape (patient,)
        Patient keys that decide the twins' luck, the same under any protocol.
    seed : int or None
        The run's seed; without one, every twin has what is expected.
    """
    names = ("minor_mismatch", *(f"{side}_{kind}" for side in SIDES for kind in ("h_y", *KINDS)))
    found = dict.fromkeys(names, np.zeros(len(keys)))
    found["donor_antibodies"] = values["antibodies_unknown"]
    compared = compatibility(case)
    if not is_foreign(case) or case.donor is None or compared is None:
        return found
    minor = values["minor_unrelated" if case.donor.relation in STRANGERS else "minor_related"]
    found["minor_mismatch"] = minor_antigens(minor, values["minor_antigens"], keys, seed)
    sexes, told = (case.donor.sex, case.patient.sex), {}
    told["gvh_h_y"] = float(sexes == ("female", "male"))
    told["hvg_h_y"] = float(sexes == ("male", "female"))
    if case.patient.hla is not None and case.patient.hla.antibodies:
        told["donor_antibodies"] = max(map(_felt, compared.antibodies), default=0.0)
    found |= {name: np.full(len(keys), number) for name, number in told.items()}
    return found | _counts(compared, case.donor, keys, seed)


def _counts(compared: Comparison, donor: Donor, keys: np.ndarray, seed: int | None) -> dict[str, np.ndarray]:
    """Differences at HLA by kind and side; a locus that was not typed is as the stated match lets expect."""
    usual = stated(donor.match, donor.relation)
    loci = [compared.locus(name) or usual.locus(name) for names in KINDS.values() for name in names]
    rows = [row for row in loci if row is not None]
    untyped = all(row in usual.loci for row in rows)
    counts = drawn(rows, graded_loci(donor.match, donor.relation) if untyped else (), keys, seed)
    return {
        f"{side}_{kind}": sum((counts[name][side] for name in names if name in counts), np.zeros(len(keys)))
        for kind, names in KINDS.items()
        for side in SIDES
    }


def _felt(antibody: DonorSpecific) -> float:
    """An antibody in proportion to its intensity, 1 where it is strong; half of it where the donor's typing leaves
    open whether it binds, nothing below the limit or where the donor was not typed."""
    if antibody.strength == "below the limit":
        return 0.0
    strong = float(facts("settings")["antibody_strong"]["value"])
    return {YES: 1.0, MAYBE: 0.5}.get(antibody.met, 0.0) * min(1.0, antibody.mfi / strong)
