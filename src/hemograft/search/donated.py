"""The patient's case with a candidate in the place of the donor, so that it can be simulated."""

from __future__ import annotations

from ..case.case import Case
from ..case.donor import Donor, Graft
from ..errors import InputError, Problem
from ..hla.comparison import RELATED, Comparison
from ..hla.sharing import ONE
from .candidate import Candidate
from .ranking import Ranked


def cases_with(case: Case, ranked: tuple[Ranked, ...]) -> tuple[Case, ...]:
    """The patient's case with each donor.

    Raises
    ------
    InputError
        Donors that cannot be simulated, all at once.
    """
    found, problems = [], []
    for one in ranked:
        try:
            found.append(case_with(case, one.donor, one.comparison))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return tuple(found)


def case_with(case: Case, donor: Candidate, compared: Comparison) -> Case:
    """The patient with this donor; the id stays, so that twins have the same luck with every donor.

    Raises
    ------
    InputError
        There is no graft for this donor, too little typing, or donor and patient do not fit.
    """
    names = ("relation", "age", "sex", "cmv", "blood_group", "pregnancies", "hla")
    gives = Donor(match=match_of(donor, compared), **{name: getattr(donor, name) for name in names})
    words = {name: getattr(case, name) for name in ("title", "id", "source", "protocol", "notes", "patient")}
    return Case(**words, donor=gives, graft=_graft_of(case, donor))


def _graft_of(case: Case, donor: Candidate) -> Graft:
    cord = donor.relation == "cord"
    if donor.graft is not None:
        return donor.graft
    if case.graft is not None and case.graft.origin == "donor" and case.graft.of_cord == cord:
        return case.graft
    expected = "a block 'graft' with product, cd34 and cd3 in the donor's file"
    hint = "" if cord else "or a donor with a graft in the patient's case"
    raise InputError(Problem("it is not stated which graft this donor would give", donor.id, expected, hint))


def match_of(donor: Candidate, compared: Comparison) -> str:
    """The match that stands for the typings where the simulator wants one word, such as ``9/10``.

    Raises
    ------
    InputError
        The typings do not reach from A to DRB1 (cord blood: A, B and DRB1).
    """
    grade = compared.grade(6) if donor.relation == "cord" else compared.grade(10) or compared.grade(8)
    if grade is None:
        raise InputError(Problem("too little typing to be simulated", donor.id, "typings from A to DRB1"))
    matched = min(grade.matched.high, max(grade.matched.low, round(grade.matched.likely)))
    if donor.relation in RELATED and compared.sharing.kind == ONE and matched < grade.of:
        return "haploidentical"
    return f"{matched}/{grade.of}" if matched >= grade.of // 2 else "unknown"
