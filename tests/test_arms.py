"""Published arms: what a row says is what is drawn, and what it does not say is listed."""

import csv
from pathlib import Path
from statistics import mean, median

import pytest

from hemograft.case.case import Case
from hemograft.errors import InputError
from hemograft.population import draw, population_of, read_arms
from hemograft.population.treatments import orders
from hemograft.protocol.actions import Give
from hemograft.scores.dri import dri_class
from published import table

SHARED = Path(__file__).parent.parent.parent / "shared" / "targets" / "arms.csv"


def planned(tmp_path, **cells):
    (arm,) = read_arms(table(tmp_path / "arms.csv", "arms", [cells]))
    return population_of(arm)


def cases(tmp_path, count=400, **cells):
    plan = planned(tmp_path, **cells)
    assert not plan.refused, plan.refused
    assert plan.population is not None
    return draw(plan.population, count, 1)


def test_ages_have_the_stated_median_and_limits(tmp_path):
    ages = [c.patient.age for c in cases(tmp_path, age_median="61", age_low="50", age_high="75", n="120")]
    assert median(ages) == pytest.approx(61, abs=1)
    assert min(ages) >= 50
    assert max(ages) <= 75
    ages = [c.patient.age for c in cases(tmp_path, age_median="8", pediatric="yes")]
    assert median(ages) == pytest.approx(8, abs=1)
    assert max(ages) < 18
    ages = [c.patient.age for c in cases(tmp_path, age_low="18", age_high="55")]
    assert 18 <= min(ages) < max(ages) <= 56


def test_sex_disease_and_stage_have_the_stated_shares(tmp_path):
    found = cases(
        tmp_path,
        fraction_male="0.3",
        disease="mixed_malignant",
        disease_mix="AML:0.6;ALL:0.3;lymphoma:0.1",
        stage="mixed",
        stage_mix="CR1:0.7;CR2:0.2;CR3plus:0.1",
    )
    assert mean(c.patient.sex == "male" for c in found) == pytest.approx(0.3, abs=0.06)
    assert mean(c.patient.diagnosis.startswith("aml") for c in found) == pytest.approx(2 / 3, abs=0.06)
    stages = [c.patient.stage for c in found]
    assert stages.count("cr1") / len(found) == pytest.approx(0.7, abs=0.06)
    assert stages.count("cr2") / len(found) == pytest.approx(0.2, abs=0.06)
    assert set(stages) == {"cr1", "cr2", "cr3plus"}


def test_risk_residual_disease_and_comorbidity_are_those_stated(tmp_path):
    found = cases(tmp_path, 100, risk="adverse", mrd="positive", comorbidity="HCTCI_1_2")
    assert {c.patient.diagnosis for c in found} == {"aml_adverse"}
    assert {c.patient.residual_disease for c in found} == {"measurable"}
    assert {c.patient.comorbidity for c in found} == {1, 2}
    found = cases(tmp_path, 100, disease="mixed_malignant", stage="unknown", risk="DRI_high")
    assert {dri_class(c.patient.diagnosis, c.patient.stage) for c in found} == {"high"}


@pytest.mark.parametrize(
    ("cells", "relation", "match", "product"),
    [
        ({"donor": "MSD", "hla_match": "identical_sibling", "graft_source": "BM"}, {"sibling"}, {"10/10"}, {"marrow"}),
        ({"donor": "MMUD", "hla_match": "9/10"}, {"unrelated"}, {"9/10"}, {"mobilized_blood"}),
        ({"donor": "cord", "hla_match": "4-6/6", "graft_source": "CB"}, {"cord"}, None, {"cord_blood"}),
        ({"donor": "haplo", "hla_match": "haplo"}, None, {"haploidentical"}, {"mobilized_blood"}),
    ],
)
def test_donors_and_grafts_are_those_stated(tmp_path, cells, relation, match, product):
    found = cases(tmp_path, 60, **cells)
    donors = [c.donor for c in found if c.donor]
    assert len(donors) == 60
    assert relation is None or {d.relation for d in donors} == relation
    assert match is None or {d.match for d in donors} == match
    assert {c.graft.product for c in found if c.graft} == product


def test_a_match_called_by_old_typing_hides_mismatched_alleles(tmp_path):
    def grades(**cells):
        found = [c.donor.match for c in cases(tmp_path, donor="URD", graft_source="BM", **cells) if c.donor]
        return {grade: found.count(grade) / len(found) for grade in ("8/8", "7/8", "6/8", "5/8")}

    old = grades(hla_match="matched", year_mid="1993")
    assert old["8/8"] == pytest.approx(0.65, abs=0.07)
    assert old["7/8"] > old["6/8"] > 0
    assert grades(hla_match="matched", year_mid="2001")["8/8"] > old["8/8"]
    assert grades(hla_match="matched", year_mid="2008")["8/8"] == 1
    assert grades(hla_match="8/8", year_mid="1993")["8/8"] == 1
    every = grades(hla_match="mixed", year_mid="1993")
    assert every["8/8"] == pytest.approx(0.5, abs=0.1)
    assert sum(every.values()) == pytest.approx(1)
    told = planned(tmp_path, donor="URD", hla_match="unknown", year_mid="1993").assumptions
    assert any("typing of 1993" in text for text in told)


def test_doses_and_donor_ages_are_medians(tmp_path):
    found = cases(tmp_path, cd34_dose_e6_per_kg="9", cd3_dose_e6_per_kg="80", donor_age_median="24")
    assert median(c.graft.cd34 for c in found if c.graft) == pytest.approx(9e6, rel=0.1)
    assert median(c.graft.cd3 for c in found if c.graft) == pytest.approx(80e6, rel=0.1)
    assert median(c.donor.age for c in found if c.donor) == pytest.approx(24, abs=1)


def test_own_grafts_have_no_donor_and_no_prophylaxis(tmp_path):
    plan = planned(tmp_path, donor="autologous", hla_match="unknown", prophylaxis="none", regimen="bucy")
    assert plan.population is not None
    for case in draw(plan.population, 5, 0):
        assert case.donor is None
        assert case.graft is not None
        assert case.graft.origin == "host"
    (treatment,) = plan.treatments
    assert not [action for action in orders(treatment).actions if action.section == "gvhd_prophylaxis"]


def test_growth_factor_follows_the_arm(tmp_path):
    for word, given in (("yes", True), ("no", False)):
        (treatment,) = planned(tmp_path, gcsf_after=word).treatments
        drugs = {action.drug for action in orders(treatment).actions if isinstance(action, Give)}
        assert ("filgrastim" in drugs) is given


def test_the_calcineurin_inhibitor_of_the_first_era_is_ciclosporin(tmp_path):
    for year, parts in (("1990", "ciclosporin_mtx"), ("2008", "cni_mtx")):
        (treatment,) = planned(tmp_path, year_mid=year, prophylaxis="cni_mtx", regimen="bucy").treatments
        assert parts in treatment.parts
        drugs = {action.drug for action in orders(treatment).actions if isinstance(action, Give)}
        assert ("ciclosporin" in drugs) is (year == "1990")
        assert ("tacrolimus" in drugs) is (year == "2008")


def test_growth_factor_after_induction_begins_when_chemotherapy_is_over(tmp_path):
    cells = {"donor": "none", "graft_source": "none", "intervention": "chemo_induction", "stage": "newly_diagnosed"}
    cells |= {"intensity": "none", "regimen": "induction_7_3", "prophylaxis": "none", "hla_match": "unknown"}
    (treatment,) = planned(tmp_path, **cells, gcsf_after="yes").treatments
    (given,) = (one for one in orders(treatment).actions if isinstance(one, Give) and one.drug == "filgrastim")
    assert given.days.each[0] == 8


def test_ages_are_not_guessed_from_the_treatment_where_arms_are_compared(tmp_path):
    cells = {"age_median": "", "age_low": "", "age_high": "", "intensity": "RIC", "regimen": "flumel"}
    (arm,) = read_arms(table(tmp_path / "arms.csv", "arms", [cells]))
    alone, compared = (population_of(arm, compared=one) for one in (False, True))
    ages = [median([case.patient.age for case in draw(plan.population, 200, 0)]) for plan in (alone, compared)]
    assert ages[0] > 52
    assert ages[1] < 50


def test_what_is_not_said_is_listed(tmp_path):
    plan = planned(
        tmp_path,
        disease="mixed_malignant",
        stage="unknown",
        intensity="unknown",
        regimen="unknown",
        donor="unknown",
        hla_match="unknown",
        graft_source="unknown",
        prophylaxis="unknown",
        year_mid="",
    )
    told = " | ".join(plan.assumptions)
    for word in (
        "year",
        "disease",
        "stage",
        "intensity",
        "regimen",
        "donor",
        "graft source",
        "prophylaxis",
        "age",
        "cd34",
    ):
        assert f"{word}" in told
    assert sum(treatment.share for treatment in plan.treatments) == pytest.approx(1)
    assert len(plan.treatments) > 3


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"disease": "lymphoma"}, "not in the model"),
        ({"intervention": "dli"}, "donor lymphocytes"),
        ({"maintenance": "sorafenib"}, "no sorafenib"),
        ({"graft_manipulation": "gene_corrected"}, "gene-corrected"),
        ({"intensity": "none", "regimen": "none"}, "without conditioning"),
        ({"donor": "none", "graft_source": "none", "intensity": "none", "regimen": "unknown"}, "neither a graft"),
        ({"simulatable": "no", "why_not": "a threshold"}, "a threshold"),
        ({"stage": "relapsed_after_hct"}, "relapse after transplant"),
        ({"risk": "DRI_low", "stage": "active"}, "no diagnosis of the model fits disease AML and stage active"),
        ({"risk": "DRI_very_high"}, "fits disease AML and stage CR1 and risk DRI_very_high"),
        ({"disease": "MDS", "stage": "unknown", "risk": "DRI_low"}, "fits disease MDS and risk DRI_low"),
        ({"disease": "AML", "stage": "chronic_phase"}, "fits disease AML and stage chronic_phase"),
        ({"regimen": "induction_7_3"}, "chemotherapy and a graft"),
        ({"stage": "newly_diagnosed"}, "without the chemotherapy before it"),
        ({"donor": "MSD", "hla_match": "identical_sibling", "graft_source": "CB"}, "cord blood of a MSD donor"),
        ({"graft_manipulation": "omidubicel_expanded"}, "not cord blood"),
        ({"stage": "mixed", "stage_mix": "CR1:0.4;relapsed_after_hct:0.6"}, "60% relapsed after hct"),
        ({"disease": "mixed_malignant", "disease_mix": "AML:0.2;lymphoma:0.8"}, "lymphoma (80% of the patients)"),
    ],
)
def test_arms_that_cannot_be_simulated_say_why(tmp_path, cells, why):
    assert why in planned(tmp_path, **cells).refused


def test_few_patients_of_a_stage_apart_are_left_out_and_named(tmp_path):
    plan = planned(tmp_path, stage="mixed", stage_mix="CR1:0.8;newly_diagnosed:0.15;relapsed_after_hct:0.05")
    assert plan.population is not None
    assert {case.patient.stage for case in draw(plan.population, 40, 0)} == {"cr1"}
    assert any("15% newly diagnosed left out" in text for text in plan.assumptions)


def test_ages_may_all_be_the_same_or_lie_about_a_median_outside_the_limits(tmp_path):
    ages = [c.patient.age for c in cases(tmp_path, 60, age_median="40", age_low="40", age_high="40")]
    assert all(40 <= age < 41 for age in ages)
    half = [c.patient.age for c in cases(tmp_path, age_median="18", age_low="18", age_high="60")]
    assert mean(age < 19 for age in half) == pytest.approx(0.5, abs=0.06)
    children = [c.patient.age for c in cases(tmp_path, 100, age_median="8")]
    assert median(children) == pytest.approx(8, abs=1.5)
    assert min(children) < 6
    told = planned(tmp_path, age_median="70", age_low="18", age_high="60").assumptions
    assert any("median 70 is not within 18 to 60" in text for text in told)


def test_grades_out_of_six_and_stated_doses_go_with_the_graft(tmp_path):
    cells = {"donor": "URD", "hla_match": "6/6", "graft_source": "BM"}
    assert {c.donor.relation for c in cases(tmp_path, 20, **cells) if c.donor} == {"unrelated"}
    cord = {"donor": "MUD", "hla_match": "4-6/6", "graft_source": "CB", "prophylaxis": "cni_mmf"}
    assert {c.graft.product for c in cases(tmp_path, 20, **cord) if c.graft} == {"cord_blood"}
    for more, share in (  # of two units one engrafts
        ({"donor": "double_cord"}, 1 / 1.8),
        ({"donor": "cord", "graft_manipulation": "omidubicel_expanded"}, 1),
    ):
        found = cases(tmp_path, 200, **{**cord, **more}, cd34_dose_e6_per_kg="0.4")
        assert median(c.graft.cd34 for c in found if c.graft) == pytest.approx(share * 0.4e6, rel=0.15)


def test_a_second_cord_unit_brings_t_cells_but_no_stem_cells(tmp_path):
    cord = {"hla_match": "4-6/6", "graft_source": "CB", "prophylaxis": "cni_mmf"}
    one, two = (
        [c.graft for c in cases(tmp_path, 50, **cord, donor=donor) if c.graft] for donor in ("cord", "double_cord")
    )
    for single, double in zip(one, two, strict=True):
        assert double.cd34 == pytest.approx(single.cd34)
        assert double.cd3 == pytest.approx(1.8 * single.cd3)


def test_what_contradicts_itself_is_said_with_the_arm(tmp_path):
    for cells, told in (
        ({"regimen": "other_ric", "intensity": "MAC"}, "intensity: MAC as stated"),
        ({"donor": "autologous", "hla_match": "unknown"}, "prophylaxis: cni_mtx left out"),
        ({"donor": "cord", "hla_match": "4-6/6", "graft_source": "PB"}, "graft source: PB is stated"),
        ({"simulatable": "partly"}, "partly described"),
    ):
        assert any(text.startswith(told) for text in planned(tmp_path, **cells).assumptions)
    assert "partly described" in planned(tmp_path, simulatable="partly").assumptions


def test_chemotherapy_without_a_graft_is_planned(tmp_path):
    cells = {"donor": "none", "graft_source": "none", "intervention": "chemo_induction", "stage": "newly_diagnosed"}
    plan = planned(
        tmp_path, **cells, intensity="none", regimen="induction_7_3", prophylaxis="none", hla_match="unknown"
    )
    assert [treatment.protocol for treatment in plan.treatments] == ["induction_7_3"]
    assert plan.population is not None
    for case in draw(plan.population, 20, 0):
        assert case.graft is None
        assert case.patient.stage == "newly_diagnosed"


def test_a_bad_table_is_refused_with_every_row(tmp_path):
    path = table(
        tmp_path / "arms.csv",
        "arms",
        [{"donor": "sibling"}, {"arm_id": "study/two", "disease_mix": "AML:0.5;ALL:0.2"}, {"age_median": "old"}],
    )
    with pytest.raises(InputError) as error:
        read_arms(path)
    told = str(error.value)
    assert "arms.csv:2: donor 'sibling' is not known" in told
    assert "arms.csv:3: disease_mix adds up to 0.7" in told
    assert "arms.csv:4: age_median 'old' is not a number" in told
    assert "'study/one' is there twice" not in told or "arms.csv:4" in told
    path.write_text(path.read_text().replace("donor_age_median", "donor_age"), encoding="utf-8")
    with pytest.raises(InputError, match="the column 'donor_age_median' is missing"):
        read_arms(path)


def test_further_columns_blank_rows_and_another_order_are_read_alike(tmp_path):
    path = table(tmp_path / "arms.csv", "arms", [{}, {"arm_id": "study/two", "citation": 'Müller, "the other"'}])
    plain = [(arm.id, arm.cells) for arm in read_arms(path)]
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    order = list(reversed(range(len(rows[0]))))
    more = [[row[i] for i in order] + ["remark" if row is rows[0] else "x"] for row in rows]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([*more[:2], [""] * len(more[0]), [], *more[2:]])
    assert [(arm.id, arm.cells) for arm in read_arms(path)] == plain


@pytest.mark.skipif(not SHARED.is_file(), reason="the published tables are not beside the project")
def test_every_published_arm_is_planned_or_refused():
    plans = [population_of(arm) for arm in read_arms(SHARED)]
    assert sum(not plan.refused for plan in plans) > 300
    for plan in plans[::12]:
        if plan.population is None:
            assert plan.refused
            continue
        for case in draw(plan.population, 6, 0):
            parts = {name: dict(vars(part)) for name in ("patient", "donor", "graft") if (part := getattr(case, name))}
            assert Case(**{**vars(case), **parts}) == case
        assert all(orders(treatment).actions for treatment in plan.treatments)
