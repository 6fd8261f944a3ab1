"""HLA-B leader peptide: methionine (M) or threonine (T) at position -21, of both persons and of the mismatch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .expressed import Pair, Some
from .facts import leader_fields
from .genotypes import LocusTyping
from .nomenclature import Nomenclature


@dataclass(frozen=True)
class Leaders:
    """Leaders of HLA-B.

    Attributes
    ----------
    patient, donor : str
        Genotype ``MM``, ``MT`` or ``TT``; ``?`` where the typing leaves it open.
    shared : str
        Leader of the one HLA-B allotype that both have, where just one is shared; empty otherwise.
    mismatched : str
        Leaders of the two mismatched allotypes, patient's first, such as ``T/M``; empty without a single mismatch.
    matched : bool or None
        Whether the two mismatched allotypes have the same leader (Petersdorf2020); None without a single mismatch.
    """

    patient: str
    donor: str
    shared: str = ""
    mismatched: str = ""
    matched: bool | None = None


@dataclass(frozen=True)
class LeaderTyping:
    """HLA-B of one person: the pairs that are compared, and the leader of each P group as this person was typed."""

    pairs: tuple[Pair, ...]
    letters: Mapping[str, str]


def leader_typing(typing: LocusTyping | None, pairs: tuple[Pair, ...], nomenclature: Nomenclature) -> LeaderTyping:
    """Leaders of the proteins that were typed. Alleles of one P group can differ in the leader, so names are used."""
    found: dict[str, set[str]] = {}
    for genotype in typing.genotypes if typing else ():
        for name in (name for side in genotype for name in side if not name.vague):
            found.setdefault(nomenclature.group(name.protein), set()).add(nomenclature.leader(name.protein))
    return LeaderTyping(pairs, {group: one.pop() if len(one) == 1 else "?" for group, one in found.items()})


def leaders(patient: LeaderTyping, donor: LeaderTyping) -> Leaders:
    """Leaders of two persons."""
    genotypes = _genotype(patient), _genotype(donor)
    if len(patient.pairs) != 1 or len(donor.pairs) != 1 or not patient.pairs[0] or not donor.pairs[0]:
        return Leaders(*genotypes)
    has, gives = patient.pairs[0], donor.pairs[0]
    if any(isinstance(part, Some) for part in (*has, *gives)):
        return Leaders(*genotypes)
    both = set(has) & set(gives)
    if len(both) != 1 or set(has) == set(gives):
        return Leaders(*genotypes)
    shared = both.pop()
    rest = [next((part for part in pair if part != shared), shared) for pair in (has, gives)]
    letters = [_letter(part, person) for part, person in zip(rest, (patient, donor), strict=True)]
    matched = None if "?" in letters else letters[0] == letters[1]
    return Leaders(*genotypes, _letter(shared, patient), "/".join(letters), matched)


def _genotype(person: LeaderTyping) -> str:
    found = {"".join(sorted(_letter(part, person) for part in pair)) for pair in person.pairs if pair}
    one = found.pop() if len(found) == 1 else "?"
    return "?" if "?" in one else one


def _letter(part: object, person: LeaderTyping) -> str:
    if isinstance(part, Some):
        letters = {"M" if field in leader_fields() else "T" for field in part.fields}
        return letters.pop() if len(letters) == 1 else "?"
    return person.letters.get(str(part), "?")
