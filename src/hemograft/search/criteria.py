"""The conventional criteria of donor choice: each gives a rank (lower is preferred) and says why in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..case.patient import Patient
from ..hla.antibodies import NOT_TYPED, YES, DonorSpecific
from ..hla.comparison import GRADES, Comparison
from ..hla.epitopes import GVH, HVG, MATCHED, PERMISSIVE
from ..hla.facts import facts
from ..units import amount, factor
from .candidate import Candidate

ANTIGENS = MappingProxyType({"O": frozenset(), "A": frozenset("A"), "B": frozenset("B"), "AB": frozenset("AB")})
UNTYPED = 1.0  # mismatches that an untyped locus counts for, the middle of none and two


@dataclass(frozen=True)
class Reason:
    """One criterion applied to one donor.

    Attributes
    ----------
    name : str
        The criterion, as in data/hla/ranking.yaml.
    rank : tuple of float
        Lower is preferred; compared element by element.
    words : str
        What was found, for a person to read.
    short : str
        The same for a narrow table.
    """

    name: str
    rank: tuple[float, ...]
    words: str
    short: str


def hla(patient: Patient, donor: Candidate, found: Comparison) -> Reason:
    """Mismatches at A, B, C and DRB1, then at DQB1; ambiguous typing by its expectation, untyped loci in between."""
    first = sum(_mismatches(found, locus) for locus in GRADES[8])
    grade = found.best_grade
    words = str(grade) if grade else f"{len(found.loci)} loci assessable"
    if grade and not grade.matched.certain:
        words += " possible"
    return Reason(
        "hla", (round(first, 6), round(_mismatches(found, "DQB1"), 6)), words, words.replace(" possible", "?")
    )


def _mismatches(found: Comparison, name: str) -> float:
    one = found.locus(name)
    return UNTYPED if one is None else 2 - one.matched.likely


def antibodies(patient: Patient, donor: Candidate, found: Comparison) -> Reason:
    """Donor-specific antibodies from the limit on."""
    met = [one for one in found.antibodies if one.met == YES and one.strength != "below the limit"]
    open_ = [one for one in found.antibodies if one.met != YES and one.strength != "below the limit"]
    if met:
        return Reason("antibodies", (2.0, met[0].mfi), "; ".join(map(_said, met)), f"{met[0].against} {met[0].mfi:g}")
    if open_:
        return Reason("antibodies", (1.0, open_[0].mfi), "; ".join(map(_said, open_)), f"{open_[0].against}?")
    tested = patient.hla is not None and bool(patient.hla.antibodies)
    words = "no donor-specific antibody" if tested else "no antibodies listed"
    return Reason("antibodies", (0.0, 0.0), words, "none" if tested else "")


def _said(one: DonorSpecific) -> str:
    how = "" if one.met == YES else " (donor not typed)" if one.met == NOT_TYPED else " (possible)"
    return f"{one.against}, MFI {one.mfi:g}, {one.strength}{how}"


def dpb1(patient: Patient, donor: Candidate, found: Comparison) -> Reason:
    """Matched or permissive before unknown before not permissive."""
    verdict = found.dpb1.verdict
    rank = {MATCHED: 0.0, PERMISSIVE: 0.0, GVH: 2.0, HVG: 2.0}.get(verdict, 1.0)
    words = verdict + (f" ({found.dpb1.version})" if verdict not in {MATCHED, "unknown"} else "")
    if found.dpb1.other != verdict and verdict in {PERMISSIVE, GVH, HVG}:
        words += f"; otherwise by the other version: {found.dpb1.other}"
    if verdict == "unknown" and len(found.dpb1.possible) > 1:
        words += f": {' or '.join(found.dpb1.possible)}"
    short = {GVH: "not perm. GvH", HVG: "not perm. HvG", "unknown": "?"}.get(verdict, verdict)
    return Reason("dpb1", (rank,), f"HLA-DPB1 {words}", short + ("*" if "otherwise" in words else ""))


def age(patient: Patient, donor: Candidate, found: Comparison) -> Reason:
    """Younger before older, in bands; unknown last. The age of a cord blood unit does not count."""
    if donor.relation == "cord":
        return Reason("age", (0.0,), "cord blood", "-")
    if donor.age is None:
        return Reason("age", (float("inf"),), "age unknown", "?")
    band = amount(facts("ranking")["age_band"]["value"], "year") / factor("year")
    return Reason("age", (float(donor.age // band),), f"{donor.age:g} years", f"{donor.age:g}")


def cmv(patient: Patient, donor: Candidate, found: Comparison) -> Reason:
    """The same serostatus as the patient before unknown before another."""
    if donor.cmv is None or patient.cmv is None:
        words = f"CMV {donor.cmv or 'unknown'}" + (", patient unknown" if donor.cmv else "")
        return Reason("cmv", (1.0,), words, (donor.cmv or "?")[:3])
    same = donor.cmv == patient.cmv
    words = f"CMV {donor.cmv}, patient {'too' if same else patient.cmv}"
    return Reason("cmv", (0.0 if same else 2.0,), words, donor.cmv[:3] + ("" if same else " (not as patient)"))


def sex(patient: Patient, donor: Candidate, found: Comparison) -> Reason:
    """Men and women without pregnancies first; women with pregnancies for a man last."""
    if donor.relation == "cord":
        return Reason("sex", (0.0,), "cord blood", "-")
    if donor.sex is None:
        return Reason("sex", (1.0,), "sex unknown", "?")
    if donor.sex == "male":
        return Reason("sex", (0.0,), "man", "M")
    if donor.pregnancies is None:
        return Reason("sex", (1.0,), "woman, pregnancies unknown", "F, ? preg.")
    if donor.pregnancies == 0:
        return Reason("sex", (0.0,), "woman, no pregnancies", "F, 0 preg.")
    words = f"woman, {donor.pregnancies} pregnanc{'y' if donor.pregnancies == 1 else 'ies'}"
    for_man = patient.sex == "male"
    short = f"F, {donor.pregnancies} preg."
    return Reason("sex", (2.0 if for_man else 1.0,), words + (", for a man" if for_man else ""), short)


def blood_group(patient: Patient, donor: Candidate, found: Comparison) -> Reason:
    """ABO identical, then minor, unknown, major, and bidirectional incompatibility."""
    if donor.blood_group is None or patient.blood_group is None:
        return Reason("blood_group", (2.0,), f"blood group {donor.blood_group or 'unknown'}", donor.blood_group or "?")
    gives, has = ANTIGENS[donor.blood_group[:-1]], ANTIGENS[patient.blood_group[:-1]]
    major, minor = bool(gives - has), bool(has - gives)
    rank, word = {
        (False, False): (0.0, "identical"),
        (False, True): (1.0, "minor mismatch"),
        (True, False): (3.0, "major mismatch"),
        (True, True): (4.0, "bidirectional mismatch"),
    }[major, minor]
    words = f"blood group {donor.blood_group}, ABO {word}"
    return Reason("blood_group", (rank,), words, f"{donor.blood_group} {word.partition(' ')[0]}")


CRITERIA: Mapping[str, Callable[[Patient, Candidate, Comparison], Reason]] = MappingProxyType(
    {one.__name__: one for one in (hla, antibodies, dpb1, age, cmv, sex, blood_group)}
)
