"""What is expected of a match that is known only as a grade."""

import pytest

from hemograft.case import Donor
from hemograft.case.donor import LOCI, WITHOUT_NUMBERS
from hemograft.errors import InputError
from hemograft.hla.facts import facts
from hemograft.hla.stated import contradiction
from hemograft.hla.typical import typical_comparison
from hla_help import built_in_facts, comparison  # noqa: F401

RELATIONS = ("sibling", "parent", "child", "twin", "other_relative", "unrelated", "cord", "self")
MATCHES = (*WITHOUT_NUMBERS, *(f"{n}/{of}" for of in LOCI for n in range(of // 2, of + 1)))


def accepted(match: str, relation: str) -> bool:
    """Whether a case could say so."""
    try:
        Donor(relation=relation, match=match)
    except InputError:
        return False
    return True


PAIRS = [(match, relation) for match in MATCHES for relation in RELATIONS if accepted(match, relation)]


@pytest.mark.parametrize(("match", "relation"), PAIRS, ids=str)
def test_every_match_of_a_case_has_expectations(match, relation):
    found = typical_comparison(match, relation)
    assert [one.locus for one in found.loci] == ["A", "B", "C", "DRB1", "DQB1", "DPB1"]
    for one in found.loci:
        for way in (one.gvh, one.hvg):
            assert 0 <= way.low <= way.likely <= way.high <= 2
        assert 0 <= one.matched.low <= one.matched.likely <= one.matched.high <= 2
    assert sum(share for _, share in found.dpb1.shares) == pytest.approx(1)
    assert found.remarks


def mismatches(match: str, relation: str) -> float:
    return sum(2 - one.matched.likely for one in typical_comparison(match, relation).loci if one.locus != "DPB1")


@pytest.mark.parametrize("missing", range(5))
def test_the_mismatches_of_an_unrelated_donor_add_up_to_the_grade(missing):
    assert mismatches(f"{10 - missing}/10", "unrelated") == pytest.approx(missing)


def test_a_better_grade_never_has_more_mismatches():
    for of in (6, 8, 10, 12):
        numbers = [mismatches(f"{n}/{of}", "unrelated") for n in range(of // 2, of + 1)]
        assert numbers == sorted(numbers, reverse=True)


def test_haploidentical_relatives_differ_at_nearly_every_locus():
    found = typical_comparison("haploidentical", "child")
    assert found.gvh_class_one.likely == pytest.approx(0.728 + 0.873 + 0.821)
    assert found.gvh_class_two.likely == pytest.approx(0.836 + 0.743)
    assert found.sharing.kind == "one haplotype"
    half = typical_comparison("5/10", "parent")
    assert half.gvh_class_one.likely == pytest.approx(found.gvh_class_one.likely)


def test_identical_siblings_have_no_mismatch_but_perhaps_dp():
    found = typical_comparison("identical", "sibling")
    assert found.gvh_class_one.high == found.gvh_class_two.high == 0
    assert 0 < found.locus("DPB1").gvh.likely < 0.1
    assert typical_comparison("identical", "twin").dpb1.verdict == "matched"
    assert typical_comparison("12/12", "unrelated").dpb1.verdict == "matched"


def test_every_typical_number_says_where_it_comes_from():
    for name, words in facts("typical").items():
        assert words["evidence"] in {"measured", "derived", "fitted", "assumed"}, name
        assert words["meaning"], name
        assert words["source"], name


def test_a_stated_match_is_held_against_the_typings():
    found = comparison({"A": "A*01:01, A*02:01", "B": "B*08:01, B*44:02", "C": "C*05:01, C*07:01",
                        "DRB1": "DRB1*03:01, DRB1*04:01"},
                       {"A": "A*01:01, A*03:01", "B": "B*08:01, B*44:02", "C": "C*05:01, C*07:01",
                        "DRB1": "DRB1*03:01, DRB1*04:01"})  # fmt: skip
    assert contradiction("7/8", found) == ""
    assert contradiction("8/8", found) == "7/8 (A A*01:01 + A*02:01 against A*01:01 + A*03:01)"
    assert contradiction("10/10", found) == ""  # DQB1 was not typed
    assert contradiction("identical", found).startswith("7/8")
    assert contradiction("haploidentical", found) == ""


def test_haploidentical_without_any_mismatch_is_a_contradiction():
    typing = {
        "A": "A*01:01, A*02:01",
        "B": "B*08:01, B*44:02",
        "C": "C*05:01, C*07:01",
        "DRB1": "DRB1*03:01, DRB1*04:01",
    }
    assert contradiction("haploidentical", comparison(typing, typing)) == "no mismatch at A, B, C, DRB1"
