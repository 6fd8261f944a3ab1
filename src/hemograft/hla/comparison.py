"""Compare the typings of a patient and a donor: one function, one frozen result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .antibodies import DonorSpecific, against_self, donor_specific
from .chances import Chances, chances
from .counting import NAMES as COUNTS
from .counting import Count, bounds, possible
from .epitopes import Epitopes, epitopes
from .expressed import Expressed, Pair, Some, expressed, in_order
from .facts import facts
from .frequencies import Frequencies
from .leaders import Leaders, leader_typing, leaders
from .names import LOCI
from .nomenclature import Nomenclature, at_hand
from .ranges import Range, total
from .sharing import Sharing, chromosomes, sharing
from .typing import Typing

CLASS_ONE, CLASS_TWO = ("A", "B", "C"), ("DRB1", "DQB1")
GRADES = {  # how many alleles are compared, and where; 6/6 is the convention for cord blood
    6: ("A", "B", "DRB1"),
    8: ("A", "B", "C", "DRB1"),
    10: ("A", "B", "C", "DRB1", "DQB1"),
    12: ("A", "B", "C", "DRB1", "DQB1", "DPB1"),
    14: ("A", "B", "C", "DRB1", "DQB1", "DPB1", "DRB345"),
}
BY_ANTIGEN = {6: ("A", "B")}  # compared by first field only
RELATED = ("sibling", "parent", "child", "twin", "other_relative", "self")


@dataclass(frozen=True)
class LocusMatch:
    """The comparison at one locus.

    Attributes
    ----------
    locus, patient, donor : str
        What was compared, as P groups without the letter P.
    matched : Range
        0 to 2, the better way to pair the chromosomes.
    gvh, hvg : Range
        Distinct allotypes that the donor lacks, and that the patient lacks.
    gvh_alleles, hvg_alleles : Range
        The same by the other convention: a homozygous mismatch counts twice.
    gvh_antigen, hvg_antigen : Range
        Those of ``gvh`` and ``hvg`` that differ already in the first field; the rest is at allele level.
    antigen_matched : Range
        ``matched`` by first fields alone.
    """

    locus: str
    patient: str
    donor: str
    matched: Range
    gvh: Range
    hvg: Range
    gvh_alleles: Range
    hvg_alleles: Range
    gvh_antigen: Range
    hvg_antigen: Range
    antigen_matched: Range

    @property
    def certain(self) -> bool:
        """Whether the typings leave one answer."""
        return self.matched.certain and self.gvh.certain and self.hvg.certain


@dataclass(frozen=True)
class Grade:
    """A match grade, such as ``9/10``; with bounds where the typing is ambiguous."""

    matched: Range
    of: int

    def __str__(self) -> str:
        return f"{self.matched}/{self.of}"


@dataclass(frozen=True)
class Comparison:
    """Everything that two typings say about each other.

    Attributes
    ----------
    loci : tuple of LocusMatch
        Loci typed in both and assessable, in the order A, B, C, DRB1, DRB345, DQB1, DQA1, DPB1, DPA1.
    grades : tuple of Grade
        6/6 (A and B by first field), 8/8, 10/10, 12/12 and 14/14, as far as all their loci can be assessed.
    gvh_class_one, hvg_class_one, gvh_class_two, hvg_class_two : Range
        Distinct mismatched allotypes at A, B, C and at DRB1, DQB1; loci that were not typed are not in the sums.
    dpb1 : Epitopes
    leader : Leaders
    antibodies : tuple of DonorSpecific
    sharing : Sharing
    chances : Chances or None
        Probabilities of the grades where typing is ambiguous and frequencies were given.
    nomenclature : str
        What was consulted.
    remarks : tuple of str
    """

    loci: tuple[LocusMatch, ...]
    grades: tuple[Grade, ...]
    gvh_class_one: Range
    hvg_class_one: Range
    gvh_class_two: Range
    hvg_class_two: Range
    dpb1: Epitopes
    leader: Leaders
    antibodies: tuple[DonorSpecific, ...]
    sharing: Sharing
    chances: Chances | None
    nomenclature: str
    remarks: tuple[str, ...] = ()

    def locus(self, name: str) -> LocusMatch | None:
        """The comparison at one locus; None where it cannot be assessed."""
        return next((one for one in self.loci if one.locus == name), None)

    def grade(self, of: int) -> Grade | None:
        """The grade out of 6, 8, 10, 12 or 14 alleles; None where a locus is missing."""
        return next((one for one in self.grades if one.of == of), None)

    @property
    def best_grade(self) -> Grade | None:
        """The usual grade: out of 10, or else out of 8, or else out of 6."""
        return self.grade(10) or self.grade(8) or self.grade(6)

    @property
    def certain(self) -> bool:
        """Whether every grade is one number."""
        return all(grade.matched.certain for grade in self.grades)


def compare(
    patient: Typing,
    donor: Typing,
    *,
    nomenclature: Nomenclature | None = None,
    version: str | None = None,
    policy: Mapping[str, str] | None = None,
    frequencies: Frequencies | None = None,
    relation: str = "unrelated",
) -> Comparison:
    """Compare two typings by P groups of expressed alleles, best phase, and in each direction.

    Parameters
    ----------
    patient, donor : Typing
        Antibodies are taken from the patient's typing.
    nomenclature : Nomenclature, optional
        Otherwise the one that the user has built, or the built-in facts.
    version, policy : optional
        Version of the T-cell-epitope groups, ``V1`` or ``V2``, and what each suffix means (``expressed``, ``absent``,
        ``unknown``); otherwise as data/hla/settings.yaml says.
    frequencies : Frequencies, optional
        For an unrelated donor they give probabilities where typing is ambiguous; for a relative they only tell which
        haplotype is probably shared.
    relation : str
        As in a donor's file.
    """
    nomenclature = nomenclature or at_hand()
    version = version or str(facts("settings")["epitope_version"]["value"])
    people = expressed(patient, nomenclature, policy), expressed(donor, nomenclature, policy)
    return _compared((patient, donor), people, nomenclature, version, frequencies, relation in RELATED)


def _compared(
    typings: tuple[Typing, Typing],
    people: tuple[Expressed, Expressed],
    nomenclature: Nomenclature,
    version: str,
    frequencies: Frequencies | None,
    related: bool,
) -> Comparison:
    has, gives = people
    exact = {locus: found for locus in LOCI if (found := _counts(has, gives, locus))}
    odds = None if related or frequencies is None else chances(has, gives, exact, frequencies, nomenclature)
    loci = tuple(_locus(locus, found, has, gives, odds) for locus, found in exact.items())
    b_typings = [
        leader_typing(typing.loci.get("B"), person.pairs.get("B", ()), nomenclature)
        for typing, person in zip(typings, people, strict=True)
    ]
    phases = [chromosomes(typing.gl.phase if typing.gl else None, nomenclature) for typing in typings]
    return Comparison(
        loci=loci,
        grades=_grades(loci),
        **class_totals(loci),
        dpb1=epitopes(has.pairs.get("DPB1", ()), gives.pairs.get("DPB1", ()), nomenclature, version),
        leader=leaders(*b_typings),
        antibodies=donor_specific(typings[0].antibodies, has, gives, nomenclature),
        sharing=sharing(has, gives, (phases[0], phases[1]), frequencies if related else None),
        chances=odds,
        nomenclature=nomenclature.title,
        remarks=_all_remarks(typings[0], has, gives, exact, nomenclature),
    )


def _counts(patient: Expressed, donor: Expressed, locus: str) -> tuple[Count, ...] | None:
    if locus not in patient.pairs or locus not in donor.pairs:
        return None
    return possible(patient.pairs[locus], donor.pairs[locus])


def _locus(
    locus: str, found: tuple[Count, ...], patient: Expressed, donor: Expressed, odds: Chances | None
) -> LocusMatch:
    expected = odds.expected.get(locus, {}) if odds else {}
    ranges = {name: Range(*bounds(found, name), expected.get(name)) for name in COUNTS}
    return LocusMatch(locus, shown(patient.pairs[locus]), shown(donor.pairs[locus]), **ranges)


def shown(pairs: tuple[Pair, ...]) -> str:
    """What is compared at a locus, in words."""
    few = [" + ".join(_said(part) for part in pair) for pair in pairs[:3]]
    return " | ".join(few) + (f" | {len(pairs) - 3} more" if len(pairs) > 3 else "")


def _said(part: object) -> str:
    return part.said if isinstance(part, Some) else str(part) or "none"


def _grades(loci: tuple[LocusMatch, ...]) -> tuple[Grade, ...]:
    by_name = {one.locus: one for one in loci}
    grades = []
    for of, wanted in GRADES.items():
        if all(locus in by_name for locus in wanted):
            coarse = BY_ANTIGEN.get(of, ())
            parts = [by_name[one].antigen_matched if one in coarse else by_name[one].matched for one in wanted]
            grades.append(Grade(total(parts), of))
    return tuple(grades)


def class_totals(loci: tuple[LocusMatch, ...]) -> dict[str, Range]:
    """Mismatched allotypes of class I and II in each direction, under the names of their fields."""
    classes = {"class_one": CLASS_ONE, "class_two": CLASS_TWO}
    return {
        f"{way}_{name}": total(getattr(one, way) for one in loci if one.locus in members)
        for name, members in classes.items()
        for way in ("gvh", "hvg")
    }


def _all_remarks(
    typing: Typing, patient: Expressed, donor: Expressed, exact: Mapping[str, object], nomenclature: Nomenclature
) -> tuple[str, ...]:
    remarks = [f"patient: {one}" for one in patient.remarks] + [f"donor: {one}" for one in donor.remarks]
    for whose, person, other in (("patient", patient, donor), ("donor", donor, patient)):
        missing = [locus for locus in in_order(other.pairs) if locus not in person.pairs]
        if missing:
            remarks.append(f"{whose} is not typed at {', '.join(missing)}")
    both = [locus for locus in in_order(patient.pairs) if locus in donor.pairs and locus not in exact]
    remarks += [f"{locus} cannot be assessed: nothing is expressed" for locus in both]
    own = against_self(typing.antibodies, patient, nomenclature)
    remarks += [f"antibody against {name}, which the patient's own typing has: left out, check" for name in own]
    if not nomenclature.complete:
        remarks.append("P groups are exact for common alleles only; 'hemograft hla build' makes all of them exact")
    return tuple(remarks)
