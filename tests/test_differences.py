"""What donor and patient see as foreign in each other: counted by typings, expected of a match, nothing in a twin."""

import numpy as np
import pytest

from hemograft.case import Case, Donor, Graft, Patient
from hemograft.engine.differences import differences
from hemograft.hla.typing import Typing
from hemograft.parameters import read_folder

VALUES = {name: np.full(2, read_folder()[name].value) for name in ("minor_related", "minor_unrelated")}
VALUES["antibodies_unknown"] = np.zeros(2)
LOCI = {
    "A": "A*01:01, A*02:01",
    "B": "B*08:01, B*44:02",
    "C": "C*05:01, C*07:01",
    "DRB1": "DRB1*03:01, DRB1*04:01",
    "DQB1": "DQB1*02:01, DQB1*03:02",
    "DPB1": "DPB1*04:01, DPB1*04:02",
}
OTHER_B = {**LOCI, "B": "B*08:01, B*07:02"}


def found(relation="unrelated", match="10/10", patient=None, donor=None, sexes=("female", "female")):
    """Differences of a case, as plain numbers."""
    person = Patient(
        age=40, sex=sexes[1], weight=70, height=1.7, gfr=100, diagnosis="none", stage="none", hla=typed(patient)
    )
    giver = Donor(relation=relation, match=match, sex=sexes[0], hla=typed(donor))
    product = "cord_blood" if relation == "cord" else "marrow"
    graft = Graft(product=product, cd34=3e6, cd3=3e7)
    case = Case(title="t", id="t", source="t", patient=person, donor=giver, graft=graft)
    arrays = differences(case, VALUES, 2)
    assert all(value.shape == (2,) and value[0] == value[1] for value in arrays.values())
    return {name: float(value[0]) for name, value in arrays.items()}


def typed(words):
    return None if words is None else Typing(**words)


def test_typings_are_counted_and_not_guessed():
    same = found(patient=LOCI, donor=LOCI)
    assert {name for name, value in same.items() if value} == {"minor_mismatch"}
    other = found(match="9/10", patient=LOCI, donor=OTHER_B)
    assert (other["gvh_class_i"], other["hvg_class_i"], other["gvh_class_ii"], other["gvh_dp"]) == (1, 1, 0, 0)


def test_a_homozygous_mismatch_is_seen_from_one_side_only():
    alike = {**LOCI, "B": "B*08:01, B*08:01"}
    seen = found(match="9/10", patient=alike, donor=LOCI)
    assert (seen["gvh_class_i"], seen["hvg_class_i"]) == (0, 1)


def test_a_locus_that_was_not_typed_counts_as_the_match_lets_expect():
    short = {name: LOCI[name] for name in ("A", "B", "C", "DRB1")}
    usual, seen = found(match="8/8"), found(match="8/8", patient=short, donor=short)
    assert seen["gvh_class_i"] == 0
    assert seen["gvh_dp"] == usual["gvh_dp"] > 0.5
    assert seen["gvh_class_ii"] == usual["gvh_class_ii"] > 0


def test_worse_matches_let_expect_more_differences():
    grades = [("sibling", "identical"), ("unrelated", "8/8"), ("unrelated", "7/8"), ("child", "haploidentical")]
    for name in ("gvh_class_i", "gvh_class_ii", "hvg_class_i", "hvg_class_ii"):
        counts = [found(*grade)[name] for grade in grades]
        assert counts == sorted(counts)
        assert counts[0] == 0 < counts[-1]
    assert found("cord", "5/6")["gvh_class_i"] < found("cord", "4/6")["gvh_class_i"]


@pytest.mark.parametrize(
    ("against", "strength", "felt"),
    [("B7", 9000, 1.0), ("B7", 2500, 0.5), ("B7", 400, 0.0), ("B27", 9000, 0.0)],
)
def test_antibodies_against_the_donor_are_felt_by_their_strength(against, strength, felt):
    patient = {**LOCI, "antibodies": [{"against": against, "mfi": str(strength)}]}
    assert found(match="9/10", patient=patient, donor=OTHER_B)["donor_antibodies"] == felt


def test_antibodies_are_felt_also_where_the_donor_is_typed_at_few_loci():
    patient = {**LOCI, "antibodies": [{"against": "B7", "mfi": "9000"}]}
    seen = found(match="9/10", patient=patient, donor={"A": LOCI["A"], "B": OTHER_B["B"]})
    assert seen["donor_antibodies"] == 1
    assert seen["gvh_class_i"] == found(match="9/10")["gvh_class_i"]


def test_nothing_differs_between_identical_twins():
    assert not any(found("twin", "identical").values())
    assert not any(found("twin", "identical", LOCI, LOCI).values())
