"""Haplotypes: does the donor share one with the patient, which, and what is on the other?

A relative shares whole chromosomes. Typing shows them only where phase was determined or follows from what is shared;
otherwise what is shared at a locus is told with "or".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .expressed import NONE, Expressed, Pair, Some, in_order
from .frequencies import Frequencies
from .genotypes import Phase
from .nomenclature import Nomenclature

BOTH, ONE, NEITHER, OPEN = "two haplotypes", "one haplotype", "no haplotype", "not assessable"
RECOMBINING = ("DPB1", "DPA1")  # a hot spot of recombination lies between DQ and DP


@dataclass(frozen=True)
class Sharing:
    """How two relatives can share haplotypes.

    Attributes
    ----------
    kind : str
        ``two haplotypes`` (no mismatch seen), ``one haplotype``, ``no haplotype`` or ``not assessable``.
    shared, patient_other, donor_other : tuple of str
        For each locus what is on the shared haplotype and on the other one of each person; alternatives have "or".
    certain : bool
        Whether each locus leaves one possibility.
    apart : tuple of str
        Loci without a common allotype, although the rest is shared (recombination, or a fault of typing).
    probability : float or None
        Probability of the shared haplotype that is named, among those possible, by haplotype frequencies.
    """

    kind: str
    shared: tuple[str, ...] = ()
    patient_other: tuple[str, ...] = ()
    donor_other: tuple[str, ...] = ()
    certain: bool = False
    apart: tuple[str, ...] = ()
    probability: float | None = None

    @property
    def words(self) -> str:
        """The sharing in one line."""
        if self.kind != ONE:
            return self.kind
        chance = f", probability {self.probability:.2f}" if self.probability is not None else ""
        apart = f"; {', '.join(self.apart)} not shared (recombination?)" if self.apart else ""
        return f"{self.kind} ({'~'.join(self.shared)}{chance}){apart}"


Chromosomes = tuple[Mapping[str, str], Mapping[str, str]]  # locus to P group, on each of the two


def chromosomes(phase: Phase | None, nomenclature: Nomenclature) -> Chromosomes | None:
    """The two chromosomes of a person whose phase is known, as P groups; loci that are vague or null are left out."""
    if phase is None:
        return None
    first, second = (
        {name.locus: nomenclature.group(name.protein) for name in side if not name.vague and name.suffix != "N"}
        for side in (phase.first, phase.second)
    )
    return first, second


def sharing(
    patient: Expressed,
    donor: Expressed,
    phases: tuple[Chromosomes | None, Chromosomes | None] = (None, None),
    frequencies: Frequencies | None = None,
) -> Sharing:
    """What two persons can share, by their typings, their phase if known, and haplotype frequencies if given."""
    loci = [locus for locus in in_order(patient.pairs) if locus in donor.pairs and locus != "DRB345"]
    loci = [one for one in loci if all(patient.pairs[one]) and all(donor.pairs[one])]
    if not loci:
        return Sharing(OPEN)
    common = {locus: _common(patient.pairs[locus], donor.pairs[locus]) for locus in loci}
    apart = tuple(locus for locus in loci if not common[locus])
    if any(locus not in RECOMBINING for locus in apart):
        return Sharing(NEITHER, apart=apart)
    if all(patient.pairs[one] == donor.pairs[one] and _exact(patient.pairs[one]) for one in loci):
        return Sharing(BOTH, certain=True)
    loci = [locus for locus in loci if locus not in apart]
    exact = all(_exact(patient.pairs[one]) and _exact(donor.pairs[one]) for one in loci)
    if not exact:
        return Sharing(ONE, tuple(" or ".join(common[one]) for one in loci), apart=apart)
    pairs = {one: (patient.pairs[one][0], donor.pairs[one][0]) for one in loci}
    choices = _by_phase({one: common[one] for one in loci}, phases)
    best, probability = _likeliest(pairs, choices, frequencies)
    return _told(pairs, best, apart, probability)


def _exact(pairs: tuple[Pair, ...]) -> bool:
    return len(pairs) == 1 and not any(isinstance(part, Some) for part in pairs[0])


def _common(patient: tuple[Pair, ...], donor: tuple[Pair, ...]) -> tuple[str, ...]:
    """Allotypes that both can have at one locus."""
    has = {part for pair in patient for part in pair} - {NONE}
    gives = {part for pair in donor for part in pair} - {NONE}
    found = {part for part in has & gives if isinstance(part, str)}
    for one, others in ((has, gives), (gives, has)):
        for some in one:
            if isinstance(some, Some):
                found |= {part for part in others if isinstance(part, str) and some.covers(part)}
                found |= {f"{some.gene}*{'/'.join(some.fields)}" for part in others if _overlapping(some, part)}
    return tuple(sorted(found))


def _overlapping(some: Some, part: object) -> bool:
    return isinstance(part, Some) and part.gene == some.gene and bool(set(part.fields) & set(some.fields))


def _by_phase(common: dict[str, tuple[str, ...]], phases: tuple[Chromosomes | None, Chromosomes | None]) -> dict:
    """What is common, narrowed to one chromosome of a person whose phase is known where only one of them fits."""
    for phase in phases:
        if phase is None:
            continue
        fitting = [on for on in phase if all(on[locus] in names for locus, names in common.items() if locus in on)]
        if len(fitting) == 1:
            common = {locus: (fitting[0][locus],) if locus in fitting[0] else names for locus, names in common.items()}
    return common


def _likeliest(pairs: dict, choices: dict, frequencies: Frequencies | None) -> tuple[dict, float | None]:
    """The most frequent way to lay the three haplotypes out, and its probability; all ways where nothing tells."""
    if frequencies is None or all(len(names) == 1 for names in choices.values()):
        return choices, None
    weights: dict[tuple[str, ...], float] = {}
    loci = [locus for locus in frequencies.loci if locus in choices]
    for haplotype, _ in frequencies.haplotypes:
        on = dict(zip(frequencies.loci, haplotype, strict=True))
        if not all(on[locus] in choices[locus] for locus in loci):
            continue
        key = tuple(on[locus] for locus in loci)
        others = [tuple(_rest(pairs[one][side], on[one]) for one in loci) for side in (0, 1)]
        weights[key] = frequencies.of(loci, key) * frequencies.of(loci, others[0]) * frequencies.of(loci, others[1])
    whole = sum(weights.values())
    if not whole:
        return choices, None
    best = max(sorted(weights), key=lambda key: weights[key])
    chosen = {**choices, **{locus: (name,) for locus, name in zip(loci, best, strict=True)}}
    return chosen, weights[best] / whole


def _rest(pair: Pair, taken: str) -> str:
    """The other chromosome's allotype."""
    first, second = pair
    return str(second if first == taken else first)


def _told(pairs: dict, choices: dict, apart: tuple[str, ...], probability: float | None) -> Sharing:
    others: list[list[str]] = [[], []]
    for locus, names in choices.items():
        for side in (0, 1):
            rest = sorted({_rest(pairs[locus][side], name) for name in names})
            others[side].append(" or ".join(rest))
    shared = tuple(" or ".join(names) for names in choices.values())
    certain = all(len(names) == 1 for names in choices.values()) and probability is None
    return Sharing(ONE, shared, tuple(others[0]), tuple(others[1]), certain, apart, probability)
