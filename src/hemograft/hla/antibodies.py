"""Donor-specific antibodies: the patient's antibodies against what the donor expresses and the patient lacks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .expressed import NONE, Expressed, Some, parts_of
from .facts import facts
from .names import Name
from .nomenclature import Nomenclature
from .typing import Antibody

YES, MAYBE, NOT_TYPED = "yes", "possible", "donor not typed"


@dataclass(frozen=True)
class DonorSpecific:
    """One antibody that meets, or may meet, a donor.

    Attributes
    ----------
    against : str
        As it was reported.
    mfi : float
        Mean fluorescence intensity.
    met : str
        ``yes``; ``possible`` where the donor's typing or the antibody is not exact enough; ``donor not typed`` where
        the donor's locus is unknown.
    level : str
        ``allele``, ``antigen`` or ``pair of chains``, by what was reported.
    strength : str
        ``strong``, ``positive`` or ``below the limit``, by the limits in data/hla/settings.yaml.
    """

    against: str
    mfi: float
    met: str
    level: str
    strength: str


def donor_specific(
    antibodies: tuple[Antibody, ...], patient: Expressed, donor: Expressed, nomenclature: Nomenclature
) -> tuple[DonorSpecific, ...]:
    """Antibodies that meet or may meet the donor, the strongest first. Those that meet the patient too are left out."""
    found = []
    for antibody in antibodies:
        met = _least([_carried(name, donor, nomenclature) for name in antibody.against])
        own = _least([_carried(name, patient, nomenclature) for name in antibody.against])
        if met is None or own == YES:
            continue
        vague = any(name.vague for name in antibody.against)
        level = "pair of chains" if len(antibody.against) > 1 else "antigen" if vague else "allele"
        against = "~".join(map(str, antibody.against))
        found.append(DonorSpecific(against, antibody.mfi, met, level, strength(antibody.mfi)))
    return tuple(sorted(found, key=lambda one: (-one.mfi, one.against)))


def against_self(antibodies: tuple[Antibody, ...], patient: Expressed, nomenclature: Nomenclature) -> tuple[str, ...]:
    """Antibodies against what the patient has: a slip, or an antibody finer than the typing; worth a look."""
    return tuple(
        "~".join(map(str, one.against))
        for one in antibodies
        if _least([_carried(name, patient, nomenclature) for name in one.against]) == YES
    )


def strength(mfi: float) -> str:
    """An intensity in words."""
    limits = {name: float(facts("settings")[f"antibody_{name}"]["value"]) for name in ("strong", "positive")}
    return next((word for word, limit in limits.items() if mfi >= limit), "below the limit")


def _least(states: list[str | None]) -> str | None:
    """Of the chains that must all be there, the least certain."""
    for state in (None, NOT_TYPED, MAYBE):
        if state in states:
            return state
    return YES


def _carried(name: Name, person: Expressed, nomenclature: Nomenclature) -> str | None:
    """Whether a person carries what a name means; None is no."""
    pairs = person.pairs.get(name.locus)
    if pairs is None:
        return NOT_TYPED
    wanted = parts_of(name, nomenclature, dict.fromkeys("NLSQCA", "expressed"))[0]
    states = {_in_pair(wanted, pair) for pair in pairs}
    return states.pop() if len(states) == 1 else MAYBE


def _in_pair(wanted: object, pair: tuple) -> str | None:
    found: str | None = None
    for part in pair:
        if part == NONE:
            continue
        if wanted == part and isinstance(part, str):
            return YES
        if isinstance(part, Some) or isinstance(wanted, Some):
            found = _vague(wanted, part) or found
            if found == YES:
                return YES
    return found


def _vague(wanted: object, part: object) -> str | None:
    """Compare where at least one side is not exact."""
    if isinstance(wanted, Some) and isinstance(part, str):
        if not wanted.covers(part):
            return None
        if wanted.surely:
            return YES if part in wanted.surely else MAYBE
        return YES if len(wanted.fields) > 1 or _number(wanted.said) in wanted.fields else MAYBE
    if isinstance(wanted, str) and isinstance(part, Some):
        return MAYBE if part.covers(wanted) else None
    if not isinstance(wanted, Some) or not isinstance(part, Some):
        return None
    if wanted.gene != part.gene or not set(wanted.fields) & set(part.fields):
        return None
    if wanted.said == part.said:
        return YES
    return YES if set(part.fields) <= set(wanted.fields) and not wanted.surely else MAYBE


def _number(said: str) -> str:
    """The number of an antigen (``A2``) or the first field (``A*02``), with two digits."""
    return re.sub(r"^[A-Za-z]+(\d*\*)?", "", said).zfill(2)
