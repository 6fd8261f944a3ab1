"""Names and typings: what is read, and what is said about slips."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemograft.errors import InputError
from hemograft.hla.names import read_name
from hemograft.hla.typing import Typing
from hla_help import built_in_facts, comparison  # noqa: F401


@pytest.mark.parametrize(
    "text",
    ["A*02:01", "A*02:01:01", "A*02:01:01:02L", "A*24:09N", "C*07:02:01G", "DRB1*14:01P", "DPB1*104:01", "A*02:XX",
     "B62", "Cw7", "DR17", "DQ7", "DR52", "DRB4*01:03:01:02N", "B*44:02:01:02S"],
)  # fmt: skip
def test_a_name_is_said_as_it_was_written(text):
    assert str(read_name(text)) == text


def test_the_prefix_of_the_system_may_be_written():
    assert read_name("HLA-B*07:02") == read_name("B*07:02")


def test_an_antigen_of_the_other_drb_genes_is_typed_there():
    assert [read_name(one).gene for one in ("DR51", "DR52", "DR53", "DR15")] == ["DRB5", "DRB3", "DRB4", "DRB1"]


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("A*0201", "A*02:01"), ("A02:01", "A*02:01"), ("a*02:01", "A*02:01"), ("A*2:01", "A*02:01"),
     ("A*02.01", "A*02:01"), ("A*O2:01", "A*02:01"), ("Cw*07:02", "C*07:02"), ("DRB1*1501", "DRB1*15:01"),
     ("DPB1*0401", "DPB1*04:01"), ("A*24:02n", "A*24:02N"), ("A*02:01G", "A*02:01:01G"), ("HLA-A0201", "A*02:01"),
     ("B*44-02", "B*44:02"), ("A*020101", "A*02:01:01")],
)  # fmt: skip
def test_a_slip_is_refused_with_what_was_meant(slip, meant):
    with pytest.raises(InputError) as caught:
        Typing(gl=slip)
    assert caught.value.problems[0].hint == meant


@pytest.mark.parametrize(
    "text", ["A", "02:01", "Z*01:01", "A*", "A*:01", "A*02:01:01:01:01", "A*02:01Z", "DR", "?", "A*02:"]
)
def test_what_is_no_name_is_refused(text):
    with pytest.raises(InputError):
        Typing(gl=text)


def test_an_allele_that_is_only_null_needs_its_letter():
    with pytest.raises(InputError, match="A\\*24:09 exists only as a null allele") as caught:
        Typing(A="A*24:09, A*02:01")
    assert caught.value.problems[0].hint == "A*24:09N"


def test_a_first_field_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="there is no first field 05 at HLA-A"):
        Typing(A="A*05:01, A*02:01")
    with pytest.raises(InputError, match="there is no antigen A99"):
        Typing(A="A99, A2")


def test_a_code_for_several_alleles_asks_for_the_alleles():
    with pytest.raises(InputError, match="a code for several alleles") as caught:
        Typing(A="A*02:AB, A*01:01")
    assert "A*02:01/A*02:02" in caught.value.problems[0].hint


def test_an_allele_of_another_locus_is_refused():
    with pytest.raises(InputError, match="DRB1\\*15:01 does not belong to HLA-DQB1"):
        Typing(DQB1="DRB1*15:01, DQB1*06:02")


def test_epitopes_and_three_chromosomes_are_refused():
    with pytest.raises(InputError, match="an epitope of many alleles"):
        Typing(B="Bw4")
    with pytest.raises(InputError, match="3 chromosomes"):
        Typing(A="A*01:01, A*02:01, A*03:01")


def test_only_the_second_drb_gene_can_be_absent():
    assert str(Typing(DRB345="absent").loci["DRB345"]) == "absent"
    with pytest.raises(InputError, match="HLA-A cannot be absent"):
        Typing(A="absent")


def test_gene_and_first_field_may_be_left_out_where_they_are_clear():
    assert Typing(A="02:01/06, 24:02").loci == Typing(A="A*02:01/A*02:06, A*24:02").loci


@pytest.mark.parametrize(
    ("text", "loci"),
    [
        ("A*01:01+A*02:01", {"A": "A*01:01+A*02:01"}),
        ("A*02:01+A*01:01^B*08:01+B*07:02", {"A": "A*01:01+A*02:01", "B": "B*07:02+B*08:01"}),
        ("A*02:01/A*02:06+A*24:02", {"A": "A*02:01/A*02:06+A*24:02"}),
        ("A*02:01+A*24:02|A*02:06+A*24:03", {"A": "A*02:01+A*24:02|A*02:06+A*24:03"}),
        ("A*01:01~B*08:01+A*02:01~B*44:02", {"A": "A*01:01+A*02:01", "B": "B*08:01+B*44:02"}),
        ("DRB3*01:01+DRB4*01:03", {"DRB345": "DRB3*01:01+DRB4*01:03"}),
    ],
)
def test_a_genotype_list_is_read(text, loci):
    assert {locus: str(one) for locus, one in Typing(gl=text).loci.items()} == loci


def test_phase_is_kept_where_it_is_told():
    phase = Typing(gl="A*01:01~B*08:01+A*02:01~B*44:02").gl.phase
    assert [str(name) for name in phase.first] == ["A*01:01", "B*08:01"]
    assert Typing(gl="A*01:01+A*02:01").gl.phase is None


def test_a_locus_is_typed_once():
    with pytest.raises(InputError, match="HLA-A is typed twice"):
        Typing(A="A*01:01, A*02:01", gl="A*01:01+A*02:01")
    with pytest.raises(InputError, match="HLA-A is given twice"):
        Typing(gl="A*01:01+A*02:01^A*01:01+A*03:01")


def test_operators_that_cannot_be_read_are_refused():
    with pytest.raises(InputError, match="operator"):
        Typing(gl="A*01:01?A*02:01")
    with pytest.raises(InputError, match="under 'gl'"):
        Typing(A="A*01:01~B*08:01")


def test_two_alleles_without_a_comma_get_one():
    with pytest.raises(InputError) as caught:
        Typing(A="A*02:01 A*01:01")
    assert caught.value.problems[0].hint == "A*02:01, A*01:01"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ABCDQRPw*0123456789:/+|~^?NGPX, -", max_size=40))
def test_no_text_does_more_than_being_refused(text):
    for field in ("A", "DRB345", "gl"):
        with contextlib.suppress(InputError):
            Typing(**{field: text})


def test_an_antibody_is_against_something_that_exists():
    with pytest.raises(InputError, match="is not a pair of chains"):
        Typing(antibodies=[{"against": "A*02:01~B*07:02", "mfi": "2000"}])
    with pytest.raises(InputError, match="not an HLA name"):
        Typing(antibodies=[{"against": "A*0201", "mfi": "2000"}])
    with pytest.raises(InputError, match="antibodies are not a list"):
        Typing(antibodies="A2")
    with pytest.raises(InputError, match="outside the plausible range"):
        Typing(antibodies=[{"against": "A2", "mfi": "-5"}])
