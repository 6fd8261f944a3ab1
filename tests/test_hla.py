"""Laws of the comparison: direction, order, null alleles, ambiguity, grades, leaders, haplotypes, antibodies."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemograft.hla.comparison import compare
from hemograft.hla.expressed import expression_policy
from hemograft.hla.typing import Typing
from hla_help import at, built_in_facts, comparison, counts  # noqa: F401

SOME = {
    "A": ["A*01:01", "A*02:01", "A*02:06", "A*24:02", "A*24:09N", "A*02:XX", "A*02:01/A*02:06", "A2", "A*01:01:01G"],
    "B": ["B*07:02", "B*08:01", "B*44:02", "B*44:27", "B*15:01:01:02N", "B62", "B*44:XX"],
    "C": ["C*07:01", "C*07:02", "C*04:01", "C*04:09N", "C*05:01"],
    "DRB1": ["DRB1*14:01", "DRB1*14:54", "DRB1*03:01", "DRB1*04:01", "DR17"],
    "DQB1": ["DQB1*02:01", "DQB1*02:02", "DQB1*03:01", "DQB1*03:02"],
    "DPB1": ["DPB1*04:01", "DPB1*04:02", "DPB1*03:01", "DPB1*09:01", "DPB1*06:01", "DPB1*64:01N"],
}
TYPINGS = st.fixed_dictionaries(
    {locus: st.lists(st.sampled_from(some), min_size=2, max_size=2) for locus, some in SOME.items()}
)
NULLS, PARTNERS = ["A*24:09N", "A*01:04N", "A*68:11N"], ["A*02:01", "A*03:01", "A*24:02"]
quick = settings(max_examples=60, deadline=None)
MIRROR = {"gvh": "hvg", "gvh_alleles": "hvg_alleles", "gvh_antigen": "hvg_antigen"}


@quick
@given(TYPINGS, TYPINGS)
def test_swapping_patient_and_donor_swaps_the_directions(patient, donor):
    one, other = comparison(patient, donor), comparison(donor, patient)
    assert [grade.matched for grade in one.grades] == [grade.matched for grade in other.grades]
    for here, there in zip(one.loci, other.loci, strict=True):
        assert here.matched == there.matched
        for gvh, hvg in MIRROR.items():
            assert getattr(here, gvh) == getattr(there, hvg)
            assert getattr(here, hvg) == getattr(there, gvh)
    assert one.gvh_class_one == other.hvg_class_one
    mirrored = {"gvh": "hvg", "hvg": "gvh", "": ""}
    assert one.dpb1.direction == mirrored[other.dpb1.direction]


@quick
@given(TYPINGS, TYPINGS)
def test_the_order_of_alleles_never_matters(patient, donor):
    turned = {locus: alleles[::-1] for locus, alleles in patient.items()}
    assert comparison(patient, donor) == comparison(turned, donor)


@quick
@given(TYPINGS)
def test_nobody_has_fewer_matches_with_himself_than_with_anyone(person):
    found = comparison(person, person)
    assert all(one.matched.high == 2 and one.gvh.low == 0 and one.hvg.low == 0 for one in found.loci)


@quick
@given(st.sampled_from(NULLS), st.sampled_from(PARTNERS), TYPINGS)
def test_a_null_allele_is_never_expressed(null, partner, donor):
    with_null = comparison({"A": f"{null}, {partner}"}, donor)
    homozygous = comparison({"A": f"{partner}, {partner}"}, donor)
    assert [vars(one) for one in with_null.loci] == [vars(one) for one in homozygous.loci]


@quick
@given(TYPINGS, TYPINGS)
def test_counts_stay_within_what_two_chromosomes_allow(patient, donor):
    for one in comparison(patient, donor).loci:
        assert 0 <= one.matched.low <= one.matched.high <= 2
        for way in ("gvh", "hvg"):
            number, alleles, antigen = (getattr(one, f"{way}{what}") for what in ("", "_alleles", "_antigen"))
            assert antigen.high <= number.high <= alleles.high <= 2
            assert number.low <= 2 - one.matched.low


def test_two_null_alleles_cannot_be_assessed():
    found = comparison({"A": "A*24:09N, A*01:04N"}, {"A": "A*01:01, A*02:01"})
    assert found.locus("A") is None
    assert any("nothing is expressed" in one for one in found.remarks)


def test_one_allele_is_read_as_homozygous_and_said():
    found = comparison({"A": "A*02:01"}, {"A": "A*02:01, A*24:02"})
    assert counts(found.locus("A")) == ("1", "0", "1")
    assert "patient: one allele at A is read as homozygous" in found.remarks


def test_questionable_expression_gives_both_possibilities():
    assert counts(at("A", "A*01:248Q, A*02:01", "A*01:248Q, A*02:01")) == ("1-2", "0-1", "0-1")
    sure = {**expression_policy(), "Q": "expressed"}
    assert counts(at("A", "A*01:248Q, A*02:01", "A*01:248Q, A*02:01", policy=sure)) == ("2", "0", "0")


def test_low_expression_counts_as_expressed():
    assert counts(at("A", "A*24:02:01:02L, A*01:01", "A*24:02, A*01:01")) == ("2", "0", "0")


def test_groups_and_fields_of_any_length_meet_in_the_p_group():
    for one in ("A*02:01", "A*02:01:01", "A*02:01:01:01", "A*02:01:01G", "A*02:01P", "A*02:09"):
        assert counts(at("A", f"{one}, A*01:01", "A*02:01, A*01:01")) == ("2", "0", "0")


def test_a_first_field_alone_can_match_and_can_not():
    assert counts(at("B", "B*44:XX, B*08:01", "B*44:02, B*08:01")) == ("1-2", "0-1", "0-1")
    assert counts(at("B", "B*44:XX, B*08:01", "B*07:02, B*08:01")) == ("1", "1", "1")
    assert counts(at("B", "B*44:XX, B*08:01", "B*44:XX, B*08:01")) == ("1-2", "0-1", "0-1")


def test_a_broad_antigen_can_be_each_of_its_splits():
    assert counts(at("A", "A9, A1", "A*24:02, A*01:01")) == ("0-2", "0-2", "0-2")
    assert counts(at("A", "A9, A*01:01", "A*11:01, A*01:01")) == ("1", "1", "1")


def test_a_split_antigen_is_not_taken_for_another():
    assert counts(at("DQB1", "DQ8, DQ2", "DQB1*03:01, DQB1*02:01")) == ("0-1", "1-2", "1-2")
    assert counts(at("DQB1", "DQ8, DQ2", "DQB1*03:02, DQB1*02:01")) == ("0-2", "0-2", "0-2")
    assert counts(at("B", "B62, B*07:02", "B*15:02, B*07:02")) == ("1", "1", "1")
    assert counts(at("B", "B62, B*07:02", "B75, B*07:02")) == ("1", "1", "1")


def test_alternatives_of_a_genotype_list_give_bounds():
    assert counts(at("A", "A*02:01/A*02:06, A*24:02", "A*02:01, A*24:02")) == ("1-2", "0-1", "0-1")
    assert counts(at("A", "A*02:01/A*02:09, A*24:02", "A*02:01, A*24:02")) == ("2", "0", "0")


def test_mismatches_are_told_as_allele_or_antigen():
    one = at("A", "A*02:01, A*01:01", "A*02:06, A*01:01")
    assert (one.gvh.low, one.gvh_antigen.low, one.antigen_matched.low) == (1, 0, 2)
    one = at("A", "A*02:01, A*01:01", "A*03:01, A*01:01")
    assert (one.gvh.low, one.gvh_antigen.low, one.antigen_matched.low) == (1, 1, 1)


FULL = {
    "A": "A*01:01, A*02:01", "B": "B*08:01, B*44:02", "C": "C*05:01, C*07:01", "DRB1": "DRB1*03:01, DRB1*04:01",
    "DQB1": "DQB1*02:01, DQB1*03:02", "DPB1": "DPB1*04:01, DPB1*04:02", "DRB345": "DRB3*01:01, DRB4*01:03",
}  # fmt: skip


def test_grades_count_their_own_loci():
    assert [str(grade) for grade in comparison(FULL, FULL).grades] == ["6/6", "8/8", "10/10", "12/12", "14/14"]
    donor = {**FULL, "C": "C*06:02, C*07:01", "DQB1": "DQB1*02:01, DQB1*03:01", "DPB1": "DPB1*02:01, DPB1*04:01"}
    assert [str(grade) for grade in comparison(FULL, donor).grades] == ["6/6", "7/8", "8/10", "9/12", "11/14"]


def test_six_of_six_compares_a_and_b_by_antigen_and_drb1_by_allele():
    donor = {**FULL, "A": "A*01:01, A*02:06", "DRB1": "DRB1*03:01, DRB1*04:04"}
    found = comparison(FULL, donor)
    assert str(found.grade(6)) == "5/6"
    assert str(found.grade(8)) == "6/8"


def test_a_missing_locus_makes_no_grade():
    donor = {locus: alleles for locus, alleles in FULL.items() if locus not in {"DQB1", "C"}}
    found = comparison(FULL, donor)
    assert [grade.of for grade in found.grades] == [6]
    assert "donor is not typed at C, DQB1" in found.remarks


def test_class_totals_leave_dp_aside():
    donor = {**FULL, "A": "A*01:01, A*03:01", "B": "B*08:01, B*08:01", "DRB1": "DRB1*03:01, DRB1*15:01",
             "DPB1": "DPB1*02:01, DPB1*03:01"}  # fmt: skip
    found = comparison(FULL, donor)
    totals = (found.gvh_class_one, found.hvg_class_one, found.gvh_class_two, found.hvg_class_two)
    assert [str(one) for one in totals] == ["2", "1", "1", "1"]


def test_the_second_drb_gene_is_told_from_drb1():
    both = {"DRB1": "DRB1*03:01, DRB1*13:01"}
    none = {"DRB1": "DRB1*01:01, DRB1*08:01", "DRB345": "absent"}
    once = {"DRB1": "DRB1*03:01, DRB1*01:01", "DRB345": "DRB3*01:01"}
    assert counts(comparison({**both, "DRB345": "DRB3*01:01"}, once).locus("DRB345")) == ("1", "0", "0")
    assert counts(comparison(once, none).locus("DRB345")) == ("1", "1", "0")
    assert counts(comparison(none, none).locus("DRB345")) == ("2", "0", "0")
    unusual = comparison({"DRB1": "DRB1*01:01, DRB1*08:01", "DRB345": "DRB5*01:01"}, none)
    assert "patient: DRB5 is unusual beside these DRB1 alleles" in unusual.remarks


def test_a_null_drb4_is_absent():
    one = comparison({"DRB345": "DRB4*01:03:01:02N, DRB3*01:01"}, {"DRB345": "DRB4*01:03, DRB3*01:01"})
    assert counts(one.locus("DRB345")) == ("1", "0", "1")


def test_epitope_groups_that_are_not_assigned_are_unknown():
    assert (
        comparison({"DPB1": "DPB1*04:01, DPB1*18:01"}, {"DPB1": "DPB1*04:01, DPB1*02:01"}, version="V1").dpb1.verdict
        == "unknown"
    )
    found = comparison({"DPB1": "DPB1*04:01, DPB1*18:01"}, {"DPB1": "DPB1*04:01, DPB1*02:01"}, version="V2").dpb1
    assert (found.verdict, found.predicted) == ("permissive", True)
    assert comparison({"A": "A*01:01"}, {"A": "A*01:01"}).dpb1.verdict == "unknown"


def test_an_ambiguous_dpb1_gives_every_verdict_it_allows():
    found = comparison({"DPB1": "DPB1*04:01, DPB1*02:01/DPB1*03:01"}, {"DPB1": "DPB1*04:01, DPB1*04:02"}).dpb1
    assert found.verdict == "unknown"
    assert found.possible == ("permissive", "non-permissive graft-versus-host")


def test_leaders_of_hla_b():
    one = comparison({"B": "B*07:02, B*44:02"}, {"B": "B*44:02, B*08:01"}).leader
    assert (one.patient, one.donor, one.shared, one.mismatched, one.matched) == ("MT", "MT", "T", "M/M", True)
    one = comparison({"B": "B*07:02, B*44:02"}, {"B": "B*44:02, B*35:01"}).leader
    assert (one.mismatched, one.matched) == ("M/T", False)
    one = comparison({"B": "B*42:01, B*81:01"}, {"B": "B*44:02"}).leader
    assert (one.patient, one.donor, one.matched) == ("MM", "TT", None)


FATHER = "A*03:01~B*07:02~C*07:02~DRB1*15:01~DQB1*06:02"
MOTHER = "A*01:01~B*08:01~C*07:01~DRB1*03:01~DQB1*02:01"
OTHER = "A*24:02~B*35:01~C*04:01~DRB1*01:01~DQB1*05:01"


def test_a_shared_haplotype_is_found_with_what_is_on_the_other():
    found = comparison(f"{FATHER}+{MOTHER}", f"{MOTHER}+{OTHER}", relation="child").sharing
    assert (found.kind, found.certain) == ("one haplotype", True)
    assert "~".join(found.shared) == "A*01:01~B*08:01~C*07:01~DRB1*03:01~DQB1*02:01".replace(
        "B*08:01~C*07:01", "B*08:01~C*07:01"
    )
    assert found.patient_other == ("A*03:01", "B*07:02", "C*07:02", "DRB1*15:01", "DQB1*06:02")
    assert found.donor_other == ("A*24:02", "B*35:01", "C*04:01", "DRB1*01:01", "DQB1*05:01")


def without_phase(first: str, second: str) -> Typing:
    pairs = zip(first.split("~"), second.split("~"), strict=True)
    return Typing(**{one.partition("*")[0]: f"{one}, {other}" for one, other in pairs})


def test_what_is_shared_on_both_sides_is_told_with_or_unless_phase_is_known():
    child = OTHER.replace("A*24:02", "A*03:01")
    loose = [without_phase(*one) for one in ((FATHER, MOTHER), (MOTHER, child))]
    assert compare(*loose, relation="child").sharing.shared[0] == "A*01:01 or A*03:01"
    phased = comparison(f"{FATHER}+{MOTHER}", f"{MOTHER}+{child}", relation="child").sharing
    assert phased.shared[0] == "A*01:01"


def test_no_common_allele_is_no_common_haplotype():
    found = comparison(f"{FATHER}+{MOTHER}", f"{OTHER}+A*11:01~B*15:01~C*03:03~DRB1*04:01~DQB1*03:02").sharing
    assert found.kind == "no haplotype"
    assert found.apart == ("A", "B", "C", "DRB1", "DQB1")


def test_dp_apart_from_the_rest_is_a_recombination():
    sides = (
        {"gl": f"{FATHER}+{MOTHER}", "DPB1": "DPB1*04:01, DPB1*02:01"},
        {"gl": f"{MOTHER}+{OTHER}", "DPB1": "DPB1*03:01, DPB1*01:01"},
    )
    found = comparison(*sides, relation="sibling").sharing
    assert (found.kind, found.apart) == ("one haplotype", ("DPB1",))
    assert comparison(FULL, FULL, relation="sibling").sharing.kind == "two haplotypes"


def antibodies(against: str, donor: dict, mfi: str = "3000", patient: dict | None = None):
    typing = {
        **(patient or {"A": "A*01:01, A*03:01", "DPB1": "DPB1*04:01"}),
        "antibodies": [{"against": against, "mfi": mfi}],
    }
    return comparison(typing, donor)


def test_antibodies_meet_what_the_donor_has():
    donor = {"A": "A*24:02, A*02:01", "DPB1": "DPB1*03:01, DPB1*04:01", "DQA1": "DQA1*05:01", "DQB1": "DQB1*02:01"}
    (one,) = antibodies("DPB1*03:01", donor, "6100").antibodies
    assert (one.met, one.level, one.strength) == ("yes", "allele", "strong")
    (one,) = antibodies("A24", donor, "1500").antibodies
    assert (one.met, one.level, one.strength) == ("yes", "antigen", "positive")
    (one,) = antibodies("A9", donor, "300").antibodies
    assert (one.met, one.strength) == ("yes", "below the limit")
    (one,) = antibodies("DQA1*05:01~DQB1*02:01", donor).antibodies
    assert (one.met, one.level) == ("yes", "pair of chains")
    assert antibodies("A*11:01", donor).antibodies == ()
    assert antibodies("DQ7", {**donor, "DQB1": "DQB1*03:02, DQB1*02:01"}).antibodies == ()
    (one,) = antibodies("DQ7", {**donor, "DQB1": "DQB1*03:01, DQB1*02:01"}).antibodies
    assert one.met == "yes"
    assert antibodies("DQA1*05:01~DQB1*03:01", donor).antibodies == ()


def test_an_antibody_against_an_untyped_locus_is_not_overlooked():
    (one,) = antibodies("B7", {"A": "A*01:01"}).antibodies
    assert one.met == "donor not typed"
    (one,) = antibodies("A*02:06", {"A": "A*02:XX, A*01:01"}).antibodies
    assert one.met == "possible"


def test_an_antibody_against_the_patient_is_left_out_and_said():
    found = antibodies("A*01:01", {"A": "A*01:01"})
    assert found.antibodies == ()
    assert any("antibody against A*01:01" in one for one in found.remarks)


def test_a_null_allele_of_the_donor_is_no_target():
    assert antibodies("A*24:02", {"A": "A*24:09N, A*01:01"}).antibodies == ()


@pytest.mark.parametrize("locus", ["A", "DPB1"])
def test_a_comparison_says_what_it_consulted(locus):
    found = comparison({locus: f"{locus}*04:01" if locus == "DPB1" else "A*01:01"}, {})
    assert found.nomenclature.startswith("built-in facts on common alleles")
    assert found.loci == ()
