"""HLA-DPB1: is a mismatch permissive by T-cell-epitope groups, and in which direction is it not?

The lowest group of a person counts, group 1 being the most immunogenic. Equal lowest groups: permissive. Patient lower:
not permissive graft-versus-host. Donor lower: not permissive host-versus-graft (Fleischhauer2012).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from .expressed import Pair, Some
from .nomenclature import Nomenclature

VERSIONS = ("V1", "V2")
MATCHED, PERMISSIVE, GVH, HVG, UNKNOWN = (
    "matched",
    "permissive",
    "non-permissive graft-versus-host",
    "non-permissive host-versus-graft",
    "unknown",
)


@dataclass(frozen=True)
class Epitopes:
    """The verdict on HLA-DPB1.

    Attributes
    ----------
    version : str
        ``V1`` or ``V2``.
    verdict : str
        ``matched``, ``permissive``, ``non-permissive graft-versus-host``, ``non-permissive host-versus-graft`` or
        ``unknown`` (not typed, not assigned, or several verdicts possible).
    patient, donor : str
        Lowest group of each, ``1`` to ``3``, or ``?``.
    possible : tuple of str
        Every verdict that the typings allow, in a fixed order.
    predicted : bool
        Whether an assignment that was never tested was used.
    other : str
        The verdict by the other version.
    shares : tuple
        Verdicts with their expected shares, where nothing was typed and only a grade is known.
    """

    version: str
    verdict: str
    patient: str
    donor: str
    possible: tuple[str, ...]
    predicted: bool
    other: str
    shares: tuple[tuple[str, float], ...] = ()

    @property
    def direction(self) -> str:
        """``gvh`` or ``hvg`` where the mismatch is not permissive; empty otherwise."""
        return {GVH: "gvh", HVG: "hvg"}.get(self.verdict, "")


@lru_cache(maxsize=20_000)
def epitopes(patient: tuple[Pair, ...], donor: tuple[Pair, ...], nomenclature: Nomenclature, version: str) -> Epitopes:
    """Judge HLA-DPB1 by one version of the groups, and say what the other would."""
    found, predicted, lowest = _verdicts(patient, donor, nomenclature, version)
    other = _verdicts(patient, donor, nomenclature, next(v for v in VERSIONS if v != version))[0]
    return Epitopes(version, _one(found), lowest[0], lowest[1], found, predicted, _one(other))


def _one(found: Sequence[str]) -> str:
    return found[0] if len(found) == 1 else UNKNOWN


def _verdicts(
    patient: tuple[Pair, ...], donor: tuple[Pair, ...], nomenclature: Nomenclature, version: str
) -> tuple[tuple[str, ...], bool, tuple[str, str]]:
    found, predicted = set(), False
    lows: tuple[set[str], set[str]] = (set(), set())
    for one, other in product(patient or ((),), donor or ((),)):
        groups = [_lowest(pair, nomenclature, version) for pair in (one, other)]
        for low, (group, _) in zip(lows, groups, strict=True):
            low.add(group)
        verdict = _verdict(one, other, groups[0][0], groups[1][0])
        predicted |= verdict != MATCHED and (groups[0][1] or groups[1][1])
        found.add(verdict)
    order = (MATCHED, PERMISSIVE, GVH, HVG, UNKNOWN)
    shown = tuple(low.pop() if len(low) == 1 else "?" for low in lows)
    return tuple(verdict for verdict in order if verdict in found), predicted, (shown[0], shown[1])


def _verdict(patient: Pair, donor: Pair, lowest: str, given: str) -> str:
    exact = not any(isinstance(part, Some) for part in (*patient, *donor))
    if exact and patient and donor and set(patient) == set(donor):
        return MATCHED
    if "?" in (lowest, given):
        return UNKNOWN
    return PERMISSIVE if lowest == given else GVH if lowest < given else HVG


def _lowest(pair: Pair, nomenclature: Nomenclature, version: str) -> tuple[str, bool]:
    """The lowest group of a pair and whether any assignment is only predicted; ``?`` where one is not assigned."""
    if not pair:
        return "?", False
    words = [nomenclature.epitope(part, version) if isinstance(part, str) else "" for part in pair]
    if not all(words):
        return "?", False
    return min(word[0] for word in words), any("predicted" in word for word in words)
