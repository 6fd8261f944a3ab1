"""Donor search: candidates, registry lists, the conventional order, and the command ``hemograft match``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hemograft.case import read_case
from hemograft.case.compatibility import compatibility
from hemograft.errors import InputError
from hemograft.hla.comparison import compare
from hemograft.hla.frequencies import read_frequencies
from hemograft.hla.typing import Typing
from hemograft.search.candidate import Candidate, read_candidate
from hemograft.search.ranking import rank
from hemograft.search.registry import read_registry
from hla_help import built_in_facts  # noqa: F401

EXAMPLES = Path(__file__).parent.parent / "examples" / "match"
PATIENT = read_case(EXAMPLES / "patient.yaml").patient
HLA = {name: str(one) for name, one in PATIENT.hla.loci.items()}
WORST = {"hla": {**HLA, "A": "A*01:01, A*03:01"}}


def candidate(**changes) -> Candidate:
    usual = {"id": "one", "age": "30 years", "sex": "male", "cmv": "negative", "blood_group": "A+", "hla": HLA}
    return Candidate(**{**usual, **changes})


def order(*donors: Candidate, patient=PATIENT) -> list[str]:
    return [one.donor.id for one in rank(patient, donors)]


@pytest.mark.parametrize(
    "worse",
    [
        {"hla": {**HLA, "A": "A*01:01, A*03:01"}, "age": "19 years"},
        {"hla": {**HLA, "DQB1": "DQB1*02:01, DQB1*06:02"}},
        {"hla": {**HLA, "DPB1": "DPB1*04:01, DPB1*03:01"}},
        {"hla": {**HLA, "DPB1": "DPB1*04:01, DPB1*09:01"}, "age": "25 years"},
        {"age": "41 years"},
        {"age": None},
        {"cmv": "positive"},
        {"sex": "female", "pregnancies": "2"},
        {"blood_group": "B+"},
    ],
)
def test_each_criterion_decides_where_the_others_are_equal(worse):
    changes = {name: value for name, value in worse.items() if value is not None}
    best, other = candidate(id="z"), candidate(id="a", **changes)
    if "age" in worse and worse["age"] is None:
        other = candidate(id="a").model_copy(update={"age": None})
    assert order(other, best) == ["z", "a"]


def test_ages_of_one_band_leave_the_choice_to_what_follows():
    assert order(candidate(id="a", age="31 years", cmv="positive"), candidate(id="b", age="38 years")) == ["b", "a"]


def test_pregnancies_count_most_for_a_man():
    man = PATIENT.model_copy(update={"sex": "male"})
    mother = candidate(id="a", sex="female", pregnancies="3")
    (found,) = rank(man, [mother])
    assert found.reason("sex").words == "woman, 3 pregnancies, for a man"
    assert order(mother, candidate(id="b", sex="female"), patient=man) == ["b", "a"]


@pytest.mark.parametrize(
    ("donor", "patient", "words"),
    [("O-", "A+", "minor"), ("A+", "A-", "identical"), ("AB+", "A+", "major"), ("B+", "A+", "bidirectional")],
)
def test_blood_groups(donor, patient, words):
    person = PATIENT.model_copy(update={"blood_group": patient})
    (found,) = rank(person, [candidate(blood_group=donor)])
    assert words in found.reason("blood_group").words


def test_the_order_of_the_list_does_not_matter():
    donors = read_registry(EXAMPLES / "registry.csv")
    forward, backward = rank(PATIENT, donors), rank(PATIENT, donors[::-1])
    assert [one.donor.id for one in forward] == [one.donor.id for one in backward]
    assert [one.place for one in forward] == list(range(1, len(donors) + 1))
    assert all(one.words.count(";") >= 6 for one in forward)


def test_a_prediction_is_shown_and_moves_nobody():
    donors = [candidate(id="a"), candidate(id="b", age="45 years")]
    plain, with_scores = rank(PATIENT, donors), rank(PATIENT, donors, predicted={"b": 0.7})
    assert [one.donor.id for one in plain] == [one.donor.id for one in with_scores]
    assert [one.predicted for one in with_scores] == [None, 0.7]
    assert replace(with_scores[1], predicted=None) == plain[1]


def test_two_donors_of_one_name_and_a_patient_without_typing_are_refused():
    with pytest.raises(InputError, match="two donors are called 'one'"):
        rank(PATIENT, [candidate(), candidate()])
    with pytest.raises(InputError, match="no HLA typing"):
        rank(PATIENT.model_copy(update={"hla": None}), [candidate()])


def test_the_examples_are_invented_and_say_so():
    assert "invented" in (read_case(EXAMPLES / "patient.yaml").source or "")
    for path in EXAMPLES.glob("*.yaml"):
        if path.stem != "patient":
            assert "invented" in (read_candidate(path).source or "")
    assert all(one.source == "invented" for one in read_registry(EXAMPLES / "registry.csv"))


def registry(tmp_path, text: str) -> list[str]:
    path = tmp_path / "r.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_registry(path)
    return [str(problem) for problem in caught.value.problems]


def test_a_list_of_donors_tells_every_mistake_with_its_line(tmp_path):
    said = registry(
        tmp_path,
        "id,age,sex,A,B\nR1,30,male,A*02:01+A*0101,B*07:02\n\nR2,300,man,A*02:01,B*07:02\nR1,30,male,A*02:01,B*07:02\n"
        "R3,30,male,A*02:01,B*07:02,x\nR4,20,male,A*24:09+A*01:01,B*07:02\nR5,20,male,A*01:01,B*07:02\n"
        "R5,20,male,A*01:01,B*07:02\n",
    )
    assert [one.partition(" ")[0] for one in said] == [
        "r.csv:2:",
        "r.csv:4:",
        "r.csv:4:",
        "r.csv:6:",
        "r.csv:7:",
        "r.csv:9:",
    ]
    assert "try:      A*01:01" in said[0]
    assert "only as a null allele" in said[4]
    assert "listed before, in line 8" in said[5]


def test_columns_of_a_list_are_known(tmp_path):
    (said,) = registry(tmp_path, "id,agee,A\nR1,30,A*02:01\n")
    assert "unknown column 'agee'" in said
    assert "try:      age" in said
    assert "no column 'id'" in registry(tmp_path, "age\n30\n")[0]
    assert "no donors are listed" in registry(tmp_path, "id,A\n")[0]


def test_a_donor_file_tells_its_mistakes_with_their_lines(tmp_path):
    text = (EXAMPLES / "son.yaml").read_text(encoding="utf-8").replace("DPB1*03:01", "DPB1*0301").replace("O+", "0")
    (tmp_path / "d.yaml").write_text(text.replace("sex: male", "sex: male\npregnancies: 2"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_candidate(tmp_path / "d.yaml")
    lines = text.splitlines()
    said = [str(problem) for problem in caught.value.problems]
    assert any(one.startswith("d.yaml:12: 'DPB1*0301' is not an HLA name") for one in said), said
    assert any("blood group '0'" in one for one in said)
    assert any("2 pregnancies of a man" in one for one in said)
    assert len(lines) == 15


def test_a_case_can_carry_typing_and_contradictions_are_refused(tmp_path):
    text = (EXAMPLES / "patient.yaml").read_text(encoding="utf-8")
    donor = (
        "donor:\n  relation: unrelated\n  match: {match}\n  age: 30 years\n  hla:\n    A: A*01:01, A*03:01\n"
        + "".join(
            f"    {name}: {str(one).replace('+', ', ')}\n"
            for name, one in PATIENT.hla.loci.items()
            if name not in {"A"}
        )
    )
    graft = "graft:\n  product: marrow\n  cd34: 3 x10^6/kg\n  cd3: 3 x10^7/kg\n"
    path = tmp_path / "case.yaml"
    path.write_text(text + donor.format(match="9/10") + graft, encoding="utf-8")
    assert read_case(path).donor.hla is not None
    path.write_text(text + donor.format(match="10/10") + graft, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_case(path)
    said = str(caught.value)
    assert "match '10/10' is written and the typings say 9/10" in said
    assert "A*01:01 + A*02:01 against A*01:01 + A*03:01" in said
    assert "case.yaml:" in said


def test_a_case_without_typings_gets_the_expectations_of_its_match(tmp_path):
    stated = read_case(EXAMPLES.parent / "aml_haplo_ptcy.yaml")
    found = compatibility(stated)
    assert found.nomenclature == "typical values; nothing was typed"
    assert found.gvh_class_one.likely > 2
    typed = stated.model_copy(
        update={
            "patient": stated.patient.model_copy(update={"hla": PATIENT.hla}),
            "donor": stated.donor.model_copy(update={"hla": read_candidate(EXAMPLES / "son.yaml").hla}),
        }
    )
    assert str(compatibility(typed).grade(10)) == "5/10"
    assert compatibility(read_case(EXAMPLES / "patient.yaml")) is None


FREQUENCIES = """haplotype,frequency
A*01:01~C*07:01~B*08:01~DRB1*03:01~DQB1*02:01,0.06
A*02:01~C*05:01~B*44:02~DRB1*04:01~DQB1*03:02,0.03
A*02:06~C*05:01~B*44:02~DRB1*04:01~DQB1*03:02,0.01
A*02:01~C*16:01~B*44:03~DRB1*07:01~DQB1*02:02,0.02
"""


def test_frequencies_tell_how_probable_a_match_is(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(FREQUENCIES, encoding="utf-8")
    population = read_frequencies(path)
    vague = {**HLA, "A": "A*01:01, A*02:01/A*02:06", "DQA1": HLA["DQA1"]}
    (found,) = rank(PATIENT, [candidate(hla=vague)], frequencies=population)
    odds = found.comparison.chances
    assert odds.grades[10] == pytest.approx({10: 0.75, 9: 0.25})
    assert odds.mismatches["A"] == pytest.approx((0.75, 0.25, 0))
    assert found.comparison.locus("A").gvh.likely == pytest.approx(0.25)
    assert (found.comparison.locus("A").gvh.low, found.comparison.locus("A").gvh.high) == (0, 1)
    relative = candidate(hla=vague, relation="sibling")
    assert rank(PATIENT, [relative], frequencies=population)[0].comparison.chances is None


def test_frequencies_tell_which_haplotype_a_relative_probably_shares(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(
        "haplotype,frequency\nA*01:01~B*08:01,0.06\nA*02:01~B*07:02,0.05\nA*01:01~B*07:02,0.001\n"
        "A*02:01~B*08:01,0.001\nA*02:01~B*44:02,0.03\nA*01:01~B*44:02,0.0001\n",
        encoding="utf-8",
    )
    patient = Typing(A="A*01:01, A*02:01", B="B*08:01, B*07:02")
    child = Typing(A="A*01:01, A*02:01", B="B*08:01, B*44:02")
    plain = compare(patient, child, relation="child").sharing
    assert plain.shared == ("A*01:01 or A*02:01", "B*08:01")
    likely = compare(patient, child, relation="child", frequencies=read_frequencies(path)).sharing
    assert likely.shared == ("A*01:01", "B*08:01")
    # shared, other of the patient, other of the child, against the same with A exchanged
    one, other = 0.06 * 0.05 * 0.03, 0.001 * 0.001 * 0.0001
    assert likely.probability == pytest.approx(one / (one + other))
    assert not likely.certain


def test_phase_is_compared_by_p_groups():
    patient = Typing(gl="DRB1*07:01~DQB1*02:02+DRB1*03:01~DQB1*03:02")
    child = Typing(DRB1="DRB1*07:01, DRB1*03:01", DQB1="DQB1*02:01, DQB1*05:01")
    assert compare(patient, child, relation="child").sharing.shared == ("DRB1*07:01", "DQB1*02:01")


def test_a_typing_that_no_haplotypes_explain_keeps_its_bounds(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(FREQUENCIES, encoding="utf-8")
    odd = {**HLA, "A": "A*80:01/A*80:02, A*74:01"}
    (found,) = rank(PATIENT, [candidate(hla=odd)], frequencies=read_frequencies(path))
    assert found.comparison.chances is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("haplo,count\nA*01:01,3\n", "no column frequency"),
        ("haplotype,frequency\nA*01:01~B*08:01,1.5\n", "frequency '1.5'"),
        ("haplotype,frequency\nA*01:01~B*08:01,0.9\nA*02:01~B*08:01,0.9\n", "add up to 1.8"),
        ("haplotype,frequency\nA*01:01~B*08:01,0.1\nA*01:01~C*07:01,0.1\n", "f.csv:3: loci A~C"),
        ("haplotype,frequency\nA*0101~B*08:01,0.1\n", "f.csv:2: 'A*0101' is not an HLA name"),
        ("haplotype,frequency\nA*01:01\n", "a row without haplotype or frequency"),
        ("haplotype,frequency\nA*02:XX~B*08:01,0.1\n", "names no protein"),
    ],
)
def test_frequencies_that_cannot_be_read(tmp_path, text, words):
    path = tmp_path / "f.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_frequencies(path)
    assert words in str(caught.value)


def test_match_prints_the_order_and_what_decided(hemograft):
    code, out, _ = hemograft("match", EXAMPLES / "patient.yaml", *(EXAMPLES / f"{n}.yaml" for n in ("son", "sister")))
    assert code == 0
    assert out.index("sister") < out.index("son")
    for words in ("10/10", "5/10", "not perm. HvG", "one haplotype", "Antibody against DPB1*03:01", "built-in facts"):
        assert words in out


def test_match_ranks_a_registry_and_counts_what_it_does_not_show(hemograft):
    code, out, _ = hemograft("match", EXAMPLES / "patient.yaml", EXAMPLES / "registry.csv")
    assert code == 0
    assert "40 donors in the conventional order" in out
    assert "and 15 more" in out


def test_match_as_json_is_one_object(hemograft):
    code, out, _ = hemograft("match", EXAMPLES / "patient.yaml", EXAMPLES / "unrelated.yaml", "--tce", "V1", "--json")
    words = json.loads(out)
    (donor,) = words["donors"]
    assert code == 0
    assert words["epitope_version"] == "V1"
    assert donor["loci"]["A"]["gvh"] == {"low": 0, "high": 1, "expected": None}
    assert donor["loci"]["C"]["matched"] == 2
    assert donor["grades"]["10/10"] == "8-10/10"
    assert (donor["dpb1"]["verdict"], donor["dpb1"]["other"]) == ("permissive", "non-permissive host-versus-graft")
    assert "Research use only" in words["notice"]


def test_match_takes_the_donor_of_the_case(hemograft, tmp_path):
    text = (EXAMPLES / "patient.yaml").read_text(encoding="utf-8")
    hla = "".join(f"    {name}: {str(one).replace('+', ', ')}\n" for name, one in PATIENT.hla.loci.items())
    graft = "graft:\n  product: marrow\n  cd34: 3 x10^6/kg\n  cd3: 3 x10^7/kg\n"
    donor = f"donor:\n  relation: sibling\n  match: identical\n  hla:\n{hla}"
    (tmp_path / "case.yaml").write_text(text + donor + graft, encoding="utf-8")
    code, out, _ = hemograft("match", "case.yaml")
    assert code == 0
    assert "donor of the case" in out
    assert hemograft("match", EXAMPLES / "patient.yaml")[0] == 2


def test_match_refuses_what_it_cannot_compare(hemograft, tmp_path):
    code, _, err = hemograft("match", EXAMPLES.parent / "aml_cr1_flubu4.yaml", EXAMPLES / "son.yaml")
    assert (code, "no HLA typing" in err) == (2, True)
    code, _, err = hemograft("match", EXAMPLES / "patient.yaml", EXAMPLES / "son.yaml", "--tce", "V3")
    assert (code, "V1 or V2" in err) == (2, True)
    code, out, _ = hemograft("match", EXAMPLES / "patient.yaml", "nowhere.yaml", "nobody.csv", "--json")
    assert code == 2
    assert json.loads(out)["error"]["message"].count("no such file") == 2
    code, _, err = hemograft("match", EXAMPLES / "patient.yaml", EXAMPLES / "patient.yaml")
    assert (code, "a case and not a donor" in err) == (2, True)


def test_the_nomenclature_that_is_used_is_told(hemograft):
    code, out, _ = hemograft("hla", "status")
    assert (code, out.startswith("built-in facts")) == (0, True)
    code, _, err = hemograft("hla", "build", "--from", "nowhere")
    assert (code, "no such folder" in err) == (2, True)


def test_check_reads_donors_as_well(hemograft):
    code, out, _ = hemograft("check", EXAMPLES / "son.yaml", EXAMPLES / "patient.yaml")
    assert code == 0
    assert "ok (donor: Son of 22, haploidentical)" in out
