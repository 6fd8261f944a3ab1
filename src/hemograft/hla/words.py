"""A comparison as words: for a machine (one mapping) and for a person (lines)."""

from __future__ import annotations

from typing import Any

from .comparison import COUNTS, Comparison, LocusMatch
from .ranges import Range

WITHOUT_ANTIGENS = ("DPB1", "DPA1", "DQA1")  # whose first fields are no antigens
RAREST = 0.0005  # probability; rarer grades are not told
CONVENTION = "distinct allotypes; in gvh_alleles and hvg_alleles a homozygous mismatch counts twice"


def as_words(found: Comparison, related: bool) -> dict[str, Any]:
    """A comparison for a machine to read: numbers, or ``{low, high, expected}`` where typing is ambiguous."""
    odds = found.chances
    return {
        "grades": {f"{grade.of}/{grade.of}": str(grade) for grade in found.grades},
        "certain": found.certain,
        "loci": {one.locus: _locus(one) for one in found.loci},
        "class_one": {"gvh": _range(found.gvh_class_one), "hvg": _range(found.hvg_class_one)},
        "class_two": {"gvh": _range(found.gvh_class_two), "hvg": _range(found.hvg_class_two)},
        "dpb1": {**vars(found.dpb1), "direction": found.dpb1.direction},
        "b_leader": vars(found.leader),
        "antibodies": [vars(one) for one in found.antibodies],
        "haplotypes": vars(found.sharing) if related else None,
        "probabilities": None
        if odds is None
        else {
            "population": odds.population,
            "mismatches": {locus: list(shares) for locus, shares in odds.mismatches.items()},
            "grades": {f"{of}/{of}": {f"{n}/{of}": p for n, p in each.items()} for of, each in odds.grades.items()},
            "left_out": odds.left_out,
        },
        "remarks": list(found.remarks),
    }


def _locus(one: LocusMatch) -> dict[str, Any]:
    counts = {name: _range(getattr(one, name)) for name in COUNTS}
    return {"patient": one.patient, "donor": one.donor, **counts, "certain": one.certain}


def _range(one: Range) -> Any:
    if one.certain:
        return one.low
    return {"low": one.low, "high": one.high, "expected": one.expected}


def locus_rows(found: Comparison) -> list[tuple[str, str, str, str, str, str, str]]:
    """Locus, patient, donor, matched, graft-versus-host, host-versus-graft, and level, one row for each locus."""
    return [
        (one.locus, one.patient, one.donor, f"{one.matched}/2", str(one.gvh), str(one.hvg), _level(one))
        for one in found.loci
    ]


def _level(one: LocusMatch) -> str:
    if one.matched.low == 2:
        return ""
    if one.matched.high == 2:
        return "potential match"
    if one.locus in WITHOUT_ANTIGENS:
        return "allele"
    antigen = one.gvh_antigen.high + one.hvg_antigen.high
    surely = one.gvh_antigen.low + one.hvg_antigen.low
    return "antigen" if surely else "antigen or allele" if antigen else "allele"


def lines(found: Comparison, related: bool) -> list[str]:
    """What a comparison says beside its table of loci; haplotypes of relatives only."""
    said = []
    if found.dpb1.verdict != "unknown" or len(found.dpb1.possible) > 1:
        shown = found.dpb1.verdict if found.dpb1.verdict != "unknown" else " or ".join(found.dpb1.possible)
        groups = f"lowest group: patient {found.dpb1.patient}, donor {found.dpb1.donor}"
        predicted = "; uses a predicted group" if found.dpb1.predicted else ""
        said.append(f"HLA-DPB1: {shown} ({found.dpb1.version}; {groups}; other version: {found.dpb1.other}{predicted})")
    if "?" not in (found.leader.patient, found.leader.donor):
        pair = found.leader.mismatched
        more = (
            f"; mismatched allotypes {pair} ({'same' if found.leader.matched else 'different'} leader)" if pair else ""
        )
        said.append(f"HLA-B leader: patient {found.leader.patient}, donor {found.leader.donor}{more}")
    if related:
        said.append(f"Haplotypes: {found.sharing.words}")
    if related and found.sharing.patient_other:
        said.append(f"  other of the patient: {'~'.join(found.sharing.patient_other)}")
        said.append(f"  other of the donor:   {'~'.join(found.sharing.donor_other)}")
    for one in found.antibodies:
        said.append(
            f"Antibody against {one.against}, MFI {one.mfi:g} ({one.strength}): {_met(one.met)}, {one.level} level"
        )
    if found.chances:
        for of, each in found.chances.grades.items():
            shown = ", ".join(f"{n}/{of} {_percent(p)}" for n, p in each.items() if p >= RAREST)
            said.append(f"Probability by the haplotypes in {found.chances.population}: {shown}")
    return said + [f"Note: {one}" for one in found.remarks]


def _percent(share: float) -> str:
    """A probability; no table of haplotypes is complete enough to say 100 %."""
    return "over 99.9 %" if share > 1 - RAREST else f"{100 * share:.3g} %"


def _met(met: str) -> str:
    return {"yes": "meets the donor", "possible": "may meet the donor"}.get(met, met)
