"""What donor and patient see as foreign in each other: counted by typings, drawn as a match lets expect, nothing in a
twin."""

import numpy as np
import pytest

from hemograft.case import Case, Donor, Graft, Patient
from hemograft.case.compatibility import stated
from hemograft.engine.differences import KINDS, differences
from hemograft.hla.typing import Typing
from hemograft.parameters import read_folder
from hemograft.streams import key

TWINS = 4000
NAMES = ("minor_related", "minor_unrelated", "minor_antigens")
VALUES = {name: np.full(TWINS, read_folder()[name].value) for name in NAMES}
VALUES["antibodies_unknown"] = np.zeros(TWINS)
KEYS = np.array([key(f"twin {i}") for i in range(TWINS)])
LOCI = {
    "A": "A*01:01, A*02:01",
    "B": "B*08:01, B*44:02",
    "C": "C*05:01, C*07:01",
    "DRB1": "DRB1*03:01, DRB1*04:01",
    "DQB1": "DQB1*02:01, DQB1*03:02",
    "DPB1": "DPB1*04:01, DPB1*04:02",
}
OTHER_B = {**LOCI, "B": "B*08:01, B*07:02"}


def draws(relation="unrelated", match="10/10", patient=None, donor=None, sexes=("female", "female"), keys=KEYS):
    """Differences of a case, of every twin."""
    person = Patient(
        age=40, sex=sexes[1], weight=70, height=1.7, gfr=100, diagnosis="none", stage="none", hla=typed(patient)
    )
    giver = Donor(relation=relation, match=match, sex=sexes[0], hla=typed(donor))
    product = "cord_blood" if relation == "cord" else "marrow"
    graft = Graft(product=product, cd34=3e6, cd3=3e7)
    case = Case(title="t", id="t", source="t", patient=person, donor=giver, graft=graft)
    values = {name: value[: len(keys)] for name, value in VALUES.items()}
    return differences(case, values, keys, seed=3)


def found(*args, **named):
    """Their means."""
    return {name: float(value.mean()) for name, value in draws(*args, **named).items()}


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


GRADES = [
    ("unrelated", "10/10"),
    ("unrelated", "9/10"),
    ("unrelated", "6/8"),
    ("unrelated", "11/12"),
    ("cord", "4/6"),
    ("child", "haploidentical"),
    ("other_relative", "8/10"),
]


@pytest.mark.parametrize(("relation", "match"), GRADES)
def test_draws_are_whole_numbers_and_on_average_what_the_match_lets_expect(relation, match):
    drawn, usual = draws(relation, match), stated(match, relation)
    for kind, loci in KINDS.items():
        for side in ("gvh", "hvg"):
            counts, rows = drawn[f"{side}_{kind}"], [usual.locus(name) for name in loci]
            assert (counts == counts.round()).all()
            error = 4 * counts.std() / np.sqrt(TWINS)
            assert counts.mean() == pytest.approx(sum(getattr(row, side).likely for row in rows if row), abs=error)


@pytest.mark.parametrize("relation", ["sibling", "unrelated"])
def test_minor_antigens_vary_like_the_sum_of_about_ten_around_their_expectation(relation):
    drawn = draws(relation, "10/10")["minor_mismatch"]
    expected = VALUES["minor_related" if relation == "sibling" else "minor_unrelated"][0]
    assert drawn.min() > 0
    assert drawn.mean() == pytest.approx(expected, abs=4 * drawn.std() / np.sqrt(TWINS))
    assert drawn.std() / expected == pytest.approx((10 * expected) ** -0.5, rel=0.1)


def test_a_stated_grade_fixes_how_many_mismatches_there_are_and_each_is_seen_by_somebody():
    one = draws("unrelated", "9/10")
    seen = {side: one[f"{side}_class_i"] + one[f"{side}_class_ii"] for side in ("gvh", "hvg")}
    assert (np.maximum(seen["gvh"], seen["hvg"]) == 1).all()
    both = ((seen["gvh"] == 1) & (seen["hvg"] == 1)).mean()
    assert both == pytest.approx(1393 / 1624, abs=0.03)  # Hurley2013, abstract


def test_a_twin_keeps_its_differences_in_any_company_and_more_mismatched_donors_are_drawn_by_the_same_luck():
    all_of_them, few = draws("child", "haploidentical"), draws("child", "haploidentical", keys=KEYS[5:8])
    assert all((all_of_them[name][5:8] == few[name]).all() for name in few)
    assert (draws("sibling")["minor_mismatch"] <= draws("unrelated")["minor_mismatch"]).all()


def test_what_was_typed_does_not_vary_between_twins():
    for match, donor in (("10/10", LOCI), ("9/10", OTHER_B)):
        drawn = draws(match=match, patient=LOCI, donor=donor)
        assert all(np.ptp(value) == 0 for name, value in drawn.items() if name != "minor_mismatch")
