"""HLA-B leader peptide: methionine (M) or threonine (T) at position -21, of both persons and of the mismatch."""

from __future__ import annotations

from dataclasses import dataclass

from .expressed import Pair, Some
from .facts import leader_fields
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


def leaders(patient: tuple[Pair, ...], donor: tuple[Pair, ...], nomenclature: Nomenclature) -> Leaders:
    """Leaders of two typings of HLA-B."""
    genotypes = _genotype(patient, nomenclature), _genotype(donor, nomenclature)
    if len(patient) != 1 or len(donor) != 1 or not patient[0] or not donor[0]:
        return Leaders(*genotypes)
    has, gives = patient[0], donor[0]
    if any(isinstance(part, Some) for part in (*has, *gives)):
        return Leaders(*genotypes)
    both = set(has) & set(gives)
    if len(both) != 1 or set(has) == set(gives):
        return Leaders(*genotypes)
    shared = both.pop()
    rest = [next((part for part in pair if part != shared), shared) for pair in (has, gives)]
    letters = [nomenclature.leader(str(part)) for part in rest]
    return Leaders(*genotypes, nomenclature.leader(str(shared)), "/".join(letters), letters[0] == letters[1])


def _genotype(pairs: tuple[Pair, ...], nomenclature: Nomenclature) -> str:
    found = {"".join(sorted(_letter(part, nomenclature) for part in pair)) for pair in pairs if pair}
    one = found.pop() if len(found) == 1 else "?"
    return "?" if "?" in one else one


def _letter(part: object, nomenclature: Nomenclature) -> str:
    if isinstance(part, Some):
        letters = {"M" if field in leader_fields() else "T" for field in part.fields}
        return letters.pop() if len(letters) == 1 else "?"
    return nomenclature.leader(str(part))
