"""Infection, organ injury and causes of death: closed forms, directions, and agreement with published groups."""

import dataclasses
import math

import numpy as np
import pytest

from bench import case, laid_out, people
from happening import Bedside
from hemograft.engine.simulate import simulate
from hemograft.ensemble import uncalibrated
from hemograft.model import infection

AML = {"diagnosis": "aml_intermediate", "stage": "cr1"}
YEAR = 365.25
LOW = {"neutrophil__host": 0.0}
TISSUES = ("mucosa", "sinusoid", "lung", "kidney")


@pytest.fixture(scope="module")
def twin():
    who = case("mobilized_blood", **AML)
    return Bedside(laid_out(who, "flubu4"), who)


def at_age(years: str, **changes: str) -> Bedside:
    who = case("mobilized_blood", age=years, **AML, **changes)
    return Bedside(laid_out(who, "flubu4"), who)


# --- closed forms ---


def test_background_mortality_is_that_of_the_life_table():
    """Yearly risk of death in the life table printed in teaching material: women 40, 60, 80; men 60."""
    for years, sex, risk in (
        (40, "female", 0.0015),
        (60, "female", 0.0077),
        (80, "female", 0.0495),
        (60, "male", 0.0123),
    ):
        found = at_age(f"{years} years", sex=sex).hazard("death_other") * YEAR
        assert found == pytest.approx(risk, rel=0.16), (years, sex)


def test_background_mortality_doubles_every_eight_years():
    young, old = at_age("50 years").hazard("death_other"), at_age("58.1 years").hazard("death_other")
    assert old / young == pytest.approx(2, rel=0.01)


def test_each_point_of_comorbidity_multiplies_and_five_are_the_most(twin):
    none, one, five, nine = (twin.hazard("death_infection", comorbidity=n, **LOW) for n in (0, 1, 5, 9))
    assert one / none == pytest.approx(math.exp(0.28))
    assert five / none == pytest.approx(math.exp(5 * 0.28))
    assert nine == pytest.approx(five)


def test_leukemia_that_came_back_or_stayed_wears_a_patient_out(twin):
    usual, later, active = (
        twin.hazard("death_infection", later_remission=r, active_leukemia=a, **LOW) for r, a in ((0, 0), (1, 0), (0, 1))
    )
    assert usual < later < active


def test_severe_acute_disease_kills_far_more_readily_than_moderate_one(twin):
    """The damage of grade II is one, grade IV begins near four."""
    hazards = [twin.hazard("death_gvhd", organ_damage__gut=damage) for damage in (0.0, 1.3, 5.2)]
    assert hazards[0] == pytest.approx(0, abs=1e-12)
    assert hazards[2] > 50 * hazards[1]


def test_age_raises_every_treatment_related_hazard_by_the_same_factor():
    young, old = at_age("20 years"), at_age("60 years")
    sick = {**LOW, "tissue_damage__lung": 0.5}
    expected = math.exp(old.model.parameters["fragility_aging"].as_written * 40)
    assert old.hazard("death_organ_toxicity", **sick) / young.hazard("death_organ_toxicity", **sick) == pytest.approx(
        expected
    )


def test_a_tissue_fails_and_heals_as_the_two_step_solution_says(twin):
    """Loss that regrows at r, shown at pace k: damage is L k (exp(-r t) - exp(-k t)) / (k - r)."""
    r, k, lost, when = 0.04, 0.12, 0.3, 10.0
    known = lost * k * (math.exp(-r * when) - math.exp(-k * when)) / (k - r)
    now = {"tissue_loss__sinusoid": lost * math.exp(-r * when), "tissue_damage__sinusoid": known}
    assert twin.rate_into("tissue_loss[sinusoid]", **now) == pytest.approx(-r * lost * math.exp(-r * when))
    slope = lost * k * (k * math.exp(-k * when) - r * math.exp(-r * when)) / (k - r)
    assert twin.rate_into("tissue_damage[sinusoid]", **now) == pytest.approx(slope)


def test_damage_by_two_hits_weighs_more_in_the_lung_than_in_the_marrow(twin):
    """Linear-quadratic while the beam is on: alpha (1 + 2 u / ratio) per Gy with u Gy unrepaired."""
    p = twin.model.parameters
    for unrepaired in (0.0, 1.0, 2.0):
        found = twin.rate_into("tissue_loss[lung]", dose_rate=1.0, unrepaired=unrepaired)
        assert found == pytest.approx(p["alpha_lung"].value * (1 + 2 * unrepaired / 3))
    late, early = p["late_alpha_beta_ratio"].value, p["alpha_beta_ratio"].value
    assert late < early / 3


# --- directions ---


def test_the_healthy_are_at_almost_no_risk(twin):
    everything = sum(twin.hazard(e.name) for e in twin.model.events if e.ends and e.name != "death_other")
    assert everything * YEAR < 0.01


def test_neutropenia_depth_length_and_mucosa_raise_infection(twin):
    normal = twin.hazard("severe_infection")
    short = twin.hazard("severe_infection", neutropenic_days=1.0, **LOW)
    long = twin.hazard("severe_infection", neutropenic_days=30.0, **LOW)
    sore = twin.hazard("severe_infection", neutropenic_days=1.0, tissue_damage__mucosa=0.5, **LOW)
    assert normal * 50 < short < long
    assert short < sore


def test_a_gut_that_acute_disease_has_hurt_lets_bacteria_in_at_normal_counts(twin):
    whole, sore, ruined = (twin.hazard("severe_infection", organ_damage__gut=d) for d in (0.0, 1.3, 6.0))
    rate, stage_1 = (twin.model.parameters[name].value for name in ("gut_infection_rate", "gut_stage_1"))
    assert stage_1 == pytest.approx(1.3)
    assert sore - whole == pytest.approx(0.5 * rate)
    assert sore < ruined < whole + rate
    assert twin.hazard("severe_infection", organ_damage__skin=6.0) == pytest.approx(whole)


def test_few_helper_cells_and_few_antibodies_raise_late_infection(twin):
    cells = {f"{kind}_t_cell__host__cd4": 0.0 for kind in ("naive", "memory")}
    normal, without = twin.hazard("severe_infection"), twin.hazard("severe_infection", **cells)
    bare = twin.hazard("severe_infection", antibodies=0.2, **cells)
    assert normal < without < bare


def test_steroids_and_chronic_disease_widen_the_door():
    x = _Now(helper_lack=0.3, antibodies=1.0, chronic_gvhd=0.0, steroid_exposure=0.0)
    p = _Now(antibody_effect=0.3, hyposplenic_effect=0.5, late_infection_rate=1e-3, steroid_infection_effect=1.0)
    plain = infection.in_immune_deficiency(x, p)
    assert infection.in_immune_deficiency(_Now(**{**vars(x), "steroid_exposure": 2.0}), p) == pytest.approx(3 * plain)
    assert infection.in_immune_deficiency(_Now(**{**vars(x), "chronic_gvhd": 1.0}), p) > 2 * plain


def test_cytomegalovirus_follows_serostatus_t_cells_and_prophylaxis(twin):
    awake = {"cmv_replication": 1.0}
    both = twin.hazard("cmv_reactivation", recipient_cmv=1.0, donor_cmv=1.0, **awake)
    patient = twin.hazard("cmv_reactivation", recipient_cmv=1.0, donor_cmv=0.0, **awake)
    donor = twin.hazard("cmv_reactivation", recipient_cmv=0.0, donor_cmv=1.0, **awake)
    assert patient > both > donor > 0
    assert twin.hazard("cmv_reactivation", recipient_cmv=0.0, donor_cmv=0.0, **awake) == 0
    assert twin.rate_into("cmv_replication") == pytest.approx(0)  # normal T cells hold it
    p = _Now(cmv_prophylaxis_effect=0.85, cmv_rate=0.01, cmv_source=1.0)
    free, held = (infection.cmv_found(_Now(cmv_prophylaxis=share, cmv_replication=1.0), p) for share in (0.0, 0.92))
    assert held / free == pytest.approx(1 - 0.85 * 0.92)


def test_obstruction_rises_with_the_sixth_power_and_with_a_weak_liver(twin):
    one, two = (twin.hazard("sinusoidal_obstruction", tissue_damage__sinusoid=s) for s in (0.1, 0.2))
    assert two / one == pytest.approx(64)
    weak = twin.hazard("sinusoidal_obstruction", tissue_damage__sinusoid=0.1, liver_function=0.5)
    assert weak == pytest.approx(3 * one)


def test_obstructed_sinusoids_kill(twin):
    hurt = {"tissue_damage__sinusoid": 0.3}
    before = twin.hazard("death_organ_toxicity", **hurt)
    assert twin.hazard("death_organ_toxicity", sinusoidal_obstruction=1.0, **hurt) > before


def test_leukemia_kills_by_its_blasts_and_chronic_phase_hardly_does():
    who = case("mobilized_blood", diagnosis="aml_intermediate", stage="active", marrow_blasts="60 %")
    # the file's value claims this source; a calibration may move it
    acute = Bedside(laid_out(who, "flubu4", uncalibrated()), who).hazard("death_leukemia")
    who = case("mobilized_blood", diagnosis="cml_chronic_phase", stage="chronic_phase")
    chronic = Bedside(laid_out(who, "bucy", uncalibrated()), who).hazard("death_leukemia")
    assert 1 - math.exp(-acute * YEAR) == pytest.approx(0.77, abs=0.06)  # Bejanyan2015: 23 % alive a year after relapse
    assert chronic < acute / 8


def test_without_graft_versus_host_disease_nobody_dies_of_it(twin):
    assert twin.hazard("death_gvhd") == 0


def test_unknown_serostatus_is_drawn_and_known_status_kept():
    who = case("mobilized_blood", **AML)
    model = laid_out(who, "flubu4")
    twins = people(model, who, 400)
    assert twins.slot(model, "recipient_cmv").mean() == pytest.approx(0.6, abs=0.08)
    known = who.model_copy(update={"patient": who.patient.model_copy(update={"cmv": "negative"})})
    assert not people(model, known, 20).slot(model, "recipient_cmv").any()
    again = people(model, known, 400).slot(model, "donor_cmv")
    np.testing.assert_array_equal(again, twins.slot(model, "donor_cmv"))


def test_an_own_graft_brings_the_own_serostatus():
    who = case("mobilized_blood", origin="host", **AML)
    model = laid_out(who, "bucy")
    twins = people(model, who, 50)
    np.testing.assert_array_equal(twins.slot(model, "donor_cmv"), twins.slot(model, "recipient_cmv"))


# --- courses ---


@pytest.fixture(scope="module")
def courses():
    """Tissue damage and integrated hazards under three regimens, few twins."""
    who = case("mobilized_blood", **AML)
    return {name: simulate(who, name, twins=6, days=40).data for name in ("flubu4", "flubu2", "bucy")}


def peak(data, tissue: str) -> float:
    return float(data[f"damage_{tissue}"].max("day").median())


def test_more_busulfan_hurts_every_tissue_more(courses):
    for tissue in TISSUES[:3]:
        assert peak(courses["flubu2"], tissue) < peak(courses["flubu4"], tissue)


def test_cyclophosphamide_beside_busulfan_hurts_the_liver_more_than_fludarabine(courses):
    assert peak(courses["flubu4"], "sinusoid") < peak(courses["bucy"], "sinusoid")


def test_mucositis_peaks_in_the_first_two_weeks_and_heals(courses):
    course = courses["flubu4"]["damage_mucosa"].median("patient").to_series()
    assert -3 <= course.idxmax() <= 12
    assert course[35.0] < 0.1 * course.max()


class _Now:
    """A few named values, as rate functions read them."""

    def __init__(self, **values):
        self.__dict__.update(values)


def test_every_event_of_the_model_has_a_meaning_and_deaths_end_the_course(twin):
    for event in twin.model.events:
        assert event.meaning
        assert event.ends == event.name.startswith("death_")
    assert dataclasses.is_dataclass(twin.model.events[0])
