"""Conventional scores: points and classes as published, and what a case lacks for them."""

from pathlib import Path

import pytest

from hemograft import InputError, read_case
from hemograft.case.patient import diagnoses
from hemograft.reporting.words import case_lines
from hemograft.scores.conventional import as_words, conventional
from hemograft.scores.dri import dri, dri_class
from hemograft.scores.ebmt import ebmt, registry_stage
from hemograft.scores.hctci import comorbidity_class, hctci

CASE = read_case("examples/aml_cr1_flubu4.yaml")


def with_patient(case=CASE, **changed):
    return case.model_copy(update={"patient": type(case.patient)(**{**dict(case.patient), **changed})})


def with_donor(case=CASE, **changed):
    return case.model_copy(update={"donor": type(case.donor)(**{**dict(case.donor), **changed})})


@pytest.mark.parametrize(
    ("listed", "points", "words"),
    [
        ([], 0, "0 (low risk)"),
        (["diabetes", "obesity"], 2, "2 (intermediate risk)"),  # one point each
        (["pulmonary_moderate"], 2, "2 (intermediate risk)"),
        (["cardiac", "pulmonary_moderate"], 3, "3 (high risk)"),
        (["prior_malignancy"], 3, "3 (high risk)"),
        (["hepatic_moderate_severe", "pulmonary_severe", "infection"], 7, "7 (high risk)"),
    ],
)
def test_the_comorbidity_index_adds_the_published_points(listed, points, words):
    case = with_patient(comorbidity=None, comorbidities=listed)
    assert case.patient.comorbidity_index == points
    assert hctci(case).words == words


def test_the_comorbidity_index_may_be_stated_or_lacking():
    assert hctci(CASE).words == "1 (intermediate risk)"
    assert comorbidity_class(CASE) == "HCTCI_1_2"
    lacking = with_patient(comorbidity=None)
    assert hctci(lacking).words == "not computable: needs comorbidity or comorbidities of the patient"
    assert hctci(lacking).value is None
    assert comorbidity_class(lacking) == ""


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"comorbidities": ["gout"]}, "unknown comorbidity 'gout'"),
        ({"comorbidities": "cardiac"}, "is not a list"),
        ({"comorbidities": ["hepatic_mild", "hepatic_moderate_severe"]}, "both hepatic_mild and"),
        ({"comorbidities": ["prior_malignancy"]}, "the listed diseases make 3"),
        ({"since_diagnosis": "-3 days"}, "since_diagnosis"),
    ],
)
def test_wrong_comorbidities_are_refused(changed, match):
    with pytest.raises(InputError, match=match):
        with_patient(**changed)


def test_a_file_may_list_other_diseases_and_the_time_from_diagnosis(tmp_path):
    text = Path("examples/aml_cr1_flubu4.yaml").read_text(encoding="utf-8")
    more = "comorbidities: [cardiac, peptic_ulcer]\n  since_diagnosis: 7 months"
    (tmp_path / "case.yaml").write_text(text.replace("comorbidity: 1", more), encoding="utf-8")
    case = read_case(tmp_path / "case.yaml")
    assert hctci(case).words == "3 (high risk)"
    assert case.patient.since_diagnosis == pytest.approx(7 * 30.4, rel=0.01)


@pytest.mark.parametrize(
    ("diagnosis", "stage", "words"),
    [
        ("aml_favorable", "cr1", "low"),
        ("aml_intermediate", "cr2", "intermediate"),
        ("aml_adverse", "cr1", "high"),
        ("aml_adverse", "active", "very_high"),
        ("b_all", "cr1", "intermediate"),
        ("b_all", "active", "very_high"),
        ("cml_chronic_phase", "chronic_phase", "low"),
        ("cml_blast_crisis", "active", "very_high"),
        ("none", "none", ""),
    ],
)
def test_the_disease_risk_index_has_four_classes(diagnosis, stage, words):
    assert dri_class(diagnosis, stage) == words


def test_every_diagnosis_has_a_disease_risk_index():
    for diagnosis in diagnoses():
        stages = ["chronic_phase"] if diagnosis.endswith("chronic_phase") else ["cr1", "cr2", "cr3plus", "active"]
        assert all(dri_class(diagnosis, stage) for stage in stages if diagnosis != "none")
    assert dri(CASE).words == "intermediate risk"


def test_the_ebmt_score_adds_five_factors():
    man = with_patient(sex="male")
    sister = with_donor(man, relation="sibling", match="identical", sex="female")
    assert ebmt(sister).value == 3  # 2 for age above 40, 1 for a female donor of a man
    assert ebmt(with_donor(sister, sex="male")).value == 2
    assert ebmt(with_patient(sister, age=19.0)).value == 1
    assert ebmt(with_patient(sister, age=30.0)).value == 2
    assert ebmt(CASE).value == 3  # 2 for age, 1 for an unrelated donor
    worst = with_patient(man, stage="active", marrow_blasts=0.3, residual_disease=None, since_diagnosis="14 months")
    assert ebmt(with_donor(worst, sex="female")).value == 7


def test_the_ebmt_score_says_what_it_lacks():
    later = with_patient(stage="cr2")
    assert ebmt(later).words == "not computable: needs since_diagnosis of the patient; between 4 and 5"
    assert ebmt(with_patient(later, since_diagnosis="18 months")).value == 5
    assert ebmt(with_patient(later, since_diagnosis="11 months")).value == 4
    assert registry_stage(later) == "intermediate"
    unknown = with_donor(with_patient(sex="male"), relation="sibling", match="unknown", sex=None)
    assert ebmt(unknown).words == ("not computable: needs match of the donor and sex of the donor; between 2 and 4")


def test_without_a_graft_there_is_no_ebmt_score():
    case = read_case("examples/aml_induction_7_3.yaml")
    assert ebmt(case).words == "does not apply"


def test_the_scores_stand_beside_the_patient():
    lines = dict(case_lines(CASE))
    assert lines["HCT-CI"] == "1 (intermediate risk)"
    assert lines["refined DRI"] == "intermediate risk"
    assert lines["EBMT score"] == "3"
    assert [one["score"] for one in as_words(CASE)] == [one.name for one in conventional(CASE)]
    assert all(one.source for one in conventional(CASE))
