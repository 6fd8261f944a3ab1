"""Put candidates in the conventional order, each with its reasons.

A prediction of the simulator can be shown beside that order: :func:`rank` takes a score for each donor's id and joins
it, without letting it move anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..case.patient import Patient
from ..errors import InputError, Problem
from ..hla.comparison import Comparison, compare
from ..hla.facts import facts
from ..hla.frequencies import Frequencies
from ..hla.nomenclature import at_hand
from .candidate import Candidate
from .criteria import CRITERIA, Reason


@dataclass(frozen=True)
class Ranked:
    """A candidate in its place.

    Attributes
    ----------
    place : int
        1 is preferred; equal candidates follow each other by id.
    donor : Candidate
    comparison : Comparison
    reasons : tuple of Reason
        In the order in which they decide.
    predicted : float or None
        A score by the simulator, if one was given; it does not change the place.
    """

    place: int
    donor: Candidate
    comparison: Comparison
    reasons: tuple[Reason, ...]
    predicted: float | None = None

    @property
    def words(self) -> str:
        """Every reason in one line."""
        return "; ".join(reason.words for reason in self.reasons)

    def reason(self, name: str) -> Reason:
        """The reason by one criterion."""
        return next(one for one in self.reasons if one.name == name)


def rank(
    patient: Patient,
    donors: Iterable[Candidate],
    *,
    version: str | None = None,
    frequencies: Frequencies | None = None,
    predicted: Mapping[str, float] | None = None,
) -> tuple[Ranked, ...]:
    """Compare candidates with a patient and put them in the conventional order (data/hla/ranking.yaml).

    Parameters
    ----------
    patient : Patient
        With ``hla``; its sex, cytomegalovirus serostatus and blood group are used where they are known.
    version, frequencies : optional
        As in :func:`hemograft.hla.comparison.compare`.
    predicted : mapping, optional
        Donor's id to a score of the simulator, shown beside the order.

    Raises
    ------
    InputError
        The patient has no typing, or two candidates have the same id.
    """
    if patient.hla is None:
        raise InputError(Problem("the patient has no HLA typing", "patient", "a block 'hla' under 'patient'"))
    known, scores = at_hand(), predicted or {}
    typing = patient.hla
    found = []
    for donor in donors:
        options = {"version": version, "frequencies": frequencies, "relation": donor.relation}
        one = compare(typing, donor.hla, nomenclature=known, **options)
        found.append((donor, one, reasons(patient, donor, one)))
    _each_once([donor.id for donor, _, _ in found])
    found.sort(key=lambda item: (*(reason.rank for reason in item[2]), item[0].id))
    return tuple(
        Ranked(place, donor, one, why, scores.get(donor.id)) for place, (donor, one, why) in enumerate(found, 1)
    )


def reasons(patient: Patient, donor: Candidate, found: Comparison) -> tuple[Reason, ...]:
    """Every criterion applied to one donor, in the order in which they decide."""
    return tuple(CRITERIA[name](patient, donor, found) for name in facts("ranking")["order"])


def _each_once(ids: list[str]) -> None:
    double = sorted({one for one in ids if ids.count(one) > 1}) if len(set(ids)) < len(ids) else []
    if double:
        raise InputError(*(Problem(f"two donors are called {one!r}", "id", "each id once") for one in double))
