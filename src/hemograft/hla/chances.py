"""Probabilities of match grades where typing is ambiguous, from haplotype frequencies (unrelated persons only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .counting import NAMES, Count, count
from .expressed import Expressed
from .frequencies import Frequencies, Genotypes, genotypes
from .nomenclature import Nomenclature


@dataclass(frozen=True)
class Chances:
    """What haplotype frequencies say.

    Attributes
    ----------
    population : str
        Title of the frequencies.
    mismatches : mapping
        Locus to the probabilities of 0, 1 and 2 mismatches.
    expected : mapping
        Locus to the expectation of each count.
    grades : mapping
        ``8`` and ``10`` to the probabilities of each number of matched alleles, the highest number first.
    left_out : float
        Probability of genotypes too rare to be compared, of both persons together.
    """

    population: str
    mismatches: Mapping[str, tuple[float, float, float]]
    expected: Mapping[str, Mapping[str, float]]
    grades: Mapping[int, Mapping[int, float]]
    left_out: float


def chances(
    patient: Expressed,
    donor: Expressed,
    exact: Mapping[str, tuple[Count, ...]],
    frequencies: Frequencies,
    nomenclature: Nomenclature,
) -> Chances | None:
    """Probabilities for two unrelated persons; None where nothing is ambiguous or no haplotypes fit a typing."""
    loci = [locus for locus in frequencies.loci if locus in exact]
    if all(len(exact[locus]) == 1 for locus in loci):
        return None
    sides = [_few(person, frequencies, loci, nomenclature) for person in (patient, donor)]
    if sides[0] is None or sides[1] is None:
        return None
    one, other = sides[0], sides[1]
    shares: dict[tuple[Count, ...], float] = {}
    for has, first in one.options:
        for gives, second in other.options:
            counts = tuple(count(a, b) for a, b in zip(has, gives, strict=True))
            shares[counts] = shares.get(counts, 0.0) + first * second
    whole = sum(shares.values())
    shares = {counts: share / whole for counts, share in shares.items()}
    left_out = 1 - (1 - one.left_out) * (1 - other.left_out)
    return Chances(
        population=frequencies.title,
        mismatches=MappingProxyType({locus: _mismatches(shares, at) for at, locus in enumerate(loci)}),
        expected=MappingProxyType({locus: _expected(shares, at) for at, locus in enumerate(loci)}),
        grades=MappingProxyType(_grades(shares, loci)),
        left_out=left_out,
    )


def _few(person: Expressed, frequencies: Frequencies, loci: list[str], nomenclature: Nomenclature) -> Genotypes | None:
    """Genotypes of a person at the compared loci; a typing without ambiguity needs no frequencies."""
    pairs = [person.pairs[locus] for locus in loci]
    if all(len(one) == 1 and all(isinstance(part, str) for part in one[0]) for one in pairs):
        exact = tuple((str(one[0][0]), str(one[0][1])) for one in pairs)
        return Genotypes(tuple(loci), ((exact, 1.0),), 0.0)
    found = genotypes(person, frequencies, nomenclature)
    if found is None:
        return None
    at = [found.loci.index(locus) for locus in loci]
    options = tuple((tuple(pairs[i] for i in at), share) for pairs, share in found.options)
    return Genotypes(tuple(loci), options, found.left_out)


def _mismatches(shares: Mapping[tuple[Count, ...], float], at: int) -> tuple[float, float, float]:
    found = [0.0, 0.0, 0.0]
    for counts, share in shares.items():
        found[2 - counts[at].matched] += share
    return found[0], found[1], found[2]


def _expected(shares: Mapping[tuple[Count, ...], float], at: int) -> Mapping[str, float]:
    return MappingProxyType(
        {name: sum(share * getattr(counts[at], name) for counts, share in shares.items()) for name in NAMES}
    )


def _grades(shares: Mapping[tuple[Count, ...], float], loci: list[str]) -> dict[int, Mapping[int, float]]:
    found: dict[int, Mapping[int, float]] = {}
    for of, wanted in {8: ("A", "B", "C", "DRB1"), 10: ("A", "B", "C", "DRB1", "DQB1")}.items():
        if not set(wanted) <= set(loci):
            continue
        at = [loci.index(locus) for locus in wanted]
        sums: dict[int, float] = {}
        for counts, share in shares.items():
            matched = sum(counts[i].matched for i in at)
            sums[matched] = sums.get(matched, 0.0) + share
        found[of] = MappingProxyType(dict(sorted(sums.items(), reverse=True)))
    return found
