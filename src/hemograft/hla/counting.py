"""Counting mismatches at one locus, in each direction, over everything that an ambiguous typing can mean.

Graft-versus-host counts what the patient has and the donor lacks; host-versus-graft counts what the donor has and the
patient lacks. Two conventions exist for a homozygous mismatch: distinct allotypes (1) and alleles (2); both are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import product

from .expressed import NONE, Pair, Part, Some


@dataclass(frozen=True)
class Count:
    """One exact comparison at one locus.

    Attributes
    ----------
    matched : int
        Of 0, 1 or 2: the better of the two ways to pair the chromosomes.
    gvh, hvg : int
        Distinct mismatched allotypes in the two directions.
    gvh_alleles, hvg_alleles : int
        The same, a homozygous allotype counted twice.
    gvh_antigen, hvg_antigen : int
        Those of ``gvh`` and ``hvg`` that differ already in the first field from all that the other person has.
    antigen_matched : int
        ``matched`` by first fields alone.
    """

    matched: int
    gvh: int
    hvg: int
    gvh_alleles: int
    hvg_alleles: int
    gvh_antigen: int
    hvg_antigen: int
    antigen_matched: int


NAMES = tuple(field.name for field in fields(Count))


def _best(first: tuple, second: tuple) -> int:
    direct = (first[0] == second[0]) + (first[1] == second[1])
    crossed = (first[0] == second[1]) + (first[1] == second[0])
    return max(direct, crossed)


def _first(group: str) -> str:
    return group.partition(":")[0]


def count(patient: tuple[str, str], donor: tuple[str, str]) -> Count:
    """Compare two pairs of P groups; a chromosome without a gene (DRB3/4/5) is no mismatch by itself."""
    has, gives = set(patient) - {NONE}, set(donor) - {NONE}
    antigens, given = {_first(one) for one in has}, {_first(one) for one in gives}
    gvh, hvg = has - gives, gives - has
    return Count(
        matched=_best(patient, donor),
        gvh=len(gvh),
        hvg=len(hvg),
        gvh_alleles=sum(part in gvh for part in patient),
        hvg_alleles=sum(part in hvg for part in donor),
        gvh_antigen=sum(_first(one) not in given for one in gvh),
        hvg_antigen=sum(_first(one) not in antigens for one in hvg),
        antigen_matched=_best(tuple(map(_first, patient)), tuple(map(_first, donor))),
    )


@lru_cache(maxsize=100_000)
def possible(patient: tuple[Pair, ...], donor: tuple[Pair, ...]) -> tuple[Count, ...] | None:
    """Every comparison that two typings allow; None where one of them expresses nothing that can be assessed."""
    if not all(patient) or not all(donor) or not patient or not donor:
        return None
    found = set()
    for one, other in product(patient, donor):
        for exact, given in exactly(one, other):
            found.add(count(exact, given))
    return tuple(found)


def exactly(patient: Pair, donor: Pair) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of P groups that two pairs can mean, where some proteins are not known exactly.

    An unknown protein can be one that the other person is known to have, one that both have and nobody named, or one
    that nobody else has; more possibilities do not exist as far as counts go.
    """
    sides = [
        [_options(part, at, donor, "p") for at, part in enumerate(patient)],
        [_options(part, at, patient, "d") for at, part in enumerate(donor)],
    ]
    for one in product(*sides[0]):
        for other in product(*sides[1]):
            yield (one[0], one[1]), (other[0], other[1])


def _options(part: Part, at: int, others: Pair, whose: str) -> tuple[str, ...]:
    if not isinstance(part, Some):
        return (part,)
    known = {other for other in others if not isinstance(other, Some) and other != NONE and part.covers(other)}
    own = {f"{part.gene}*{field}:?{whose}{n}" for field in part.fields for n in range(at + 1)}
    both = {
        f"{part.gene}*{field}:?both{n}"
        for other in others
        if isinstance(other, Some) and other.gene == part.gene and _overlap(part, other)
        for field in set(part.fields) & set(other.fields)
        for n in range(at + 1)
    }
    return tuple(known | own | both)


def _overlap(one: Some, other: Some) -> bool:
    """Whether two unknown proteins can be the same one."""
    if one.among and other.among:
        return bool(set(one.among) & set(other.among))
    return not (one.surely and other.surely) or bool(set(one.surely) & set(other.surely))


def bounds(counts: Iterable[Count], name: str) -> tuple[int, int]:
    """Least and greatest value of one count."""
    values = [getattr(one, name) for one in counts]
    return min(values), max(values)
