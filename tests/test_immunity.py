"""Immunity: laws of alloreactivity, GvHD, rejection and graft-versus-leukemia, read with plain numbers."""

from dataclasses import replace

import numpy as np
import pytest

from hemograft.case import Case, Donor, Graft, Patient
from hemograft.engine.setup import model_for, parameters_for, shipped_parameters
from hemograft.engine.twins import twins_of
from hemograft.errors import InputError
from hemograft.model.reading import check_units, rates_of_change
from hemograft.parameters import ParameterSet, individualize
from hemograft.protocol import Give, Infuse, Protocol, in_words, read_protocol, schedule
from hemograft.streams import key

PATIENT = Patient(age=40, sex="male", weight=70, height=1.75, gfr=100, diagnosis="aml_intermediate", stage="cr1")
NOTHING = Protocol("no treatment", "none", "test", (Infuse(),))
CD3 = {"whole": 250e6, "depleted": 0.1e6}


def case(relation="sibling", match="10/10", sex="male", cd3="whole", origin="donor", patient=PATIENT) -> Case:
    graft = Graft(product="mobilized_blood", origin=origin, cd34=6e6, cd3=CD3[cd3])
    donor = None if origin == "host" else Donor(relation=relation, match=match, sex=sex)
    return Case(title="test", id="test", source="test", patient=patient, donor=donor, graft=graft)


def typical(who: Case):
    """The model of a case, and the values and resting amounts of its typical patient."""
    parameters = parameters_for(who, NOTHING)
    parameters = ParameterSet({name: replace(parameters[name], spread=0.0) for name in parameters})
    model = model_for(who, NOTHING, parameters)
    twin = twins_of(model, who, ("typical",), np.array([key("typical")]), 1, 0.0)
    return model, {name: float(twin.vectors[0, slot]) for name, slot in model.slots.items()}, twin.start[0]


def moving(who: Case, changed: dict[str, float]):
    """Rates of change of every state, from rest with some amounts set."""
    model, values, amounts = typical(who)
    amounts = amounts.copy()
    for name, amount in changed.items():
        amounts[model.state_number[name]] = amount
    changes, _ = rates_of_change(model, amounts, values)
    return {element.name: changes[i] for i, element in enumerate(model.states)}


IMMUNE = {
    "effector[donor]": 1e9,
    "antigen_presenting[donor]": 1.0,
    "inflammation": 1.0,
    "memory_t_cell[donor,cd4]": 1e10,
    "hsc_cycling[donor]": 1e4,
}


@pytest.mark.parametrize("who", [case("twin", "identical"), case(origin="host")])
def test_a_twin_and_the_own_graft_meet_no_foreign_antigen_at_all(who):
    model, values, _ = typical(who)
    names = {element.declared.name for element in model.states}
    assert not names & {"precursor", "effector", "allo_memory", "organ_damage", "chronic_clone", "donor_antibody"}
    assert values["minor_mismatch"] == 0
    changes = moving(who, {"leukemic_stem_cycling[sensitive]": 1e5})
    assert changes["chronic_gvhd_hazard"] == 0
    assert changes["thymus_damage"] == 0


def test_units_agree_with_and_without_a_foreign_donor():
    for who in (case(), case("twin", "identical"), case("child", "haploidentical")):
        check_units(typical(who)[0])


def test_more_mismatch_means_more_responding_cells_and_more_antigen():
    grades = [("sibling", "10/10"), ("unrelated", "10/10"), ("unrelated", "9/10"), ("child", "haploidentical")]
    for name in ("precursor_frequency[donor]", "antigen_load[donor]", "precursor_frequency[host]"):
        found = [typical(case(relation, match))[1][name] for relation, match in grades]
        assert found == sorted(found)
        assert found[0] < found[-1]


def test_cells_of_an_older_donor_answer_more_strongly():
    young, old = (
        typical(one.model_copy(update={"donor": one.donor.model_copy(update={"age": age})}))[1]
        for one, age in ((case(), 25.0), (case(), 55.0))
    )
    assert old["antigen_load[donor]"] > young["antigen_load[donor]"]
    assert old["antigen_load[host]"] == young["antigen_load[host]"]


def test_a_woman_s_cells_see_male_tissue_and_the_other_way_only_against_the_graft():
    load = {sex: typical(case(sex=sex))[1]["antigen_load[donor]"] for sex in ("male", "female")}
    assert load["female"] > load["male"]
    woman = Patient(age=40, sex="female", weight=70, height=1.75, gfr=100, diagnosis="none", stage="none")
    values = typical(case(sex="male", patient=woman))[1]
    assert (values["gvh_h_y"], values["hvg_h_y"]) == (0, 1)


def test_precursors_are_a_part_of_the_t_cells_of_the_patient():
    model, values, amounts = typical(case("child", "haploidentical"))
    start = amounts[model.state_number["precursor[host]"]]
    assert 0 < start < 0.1 * values["t_cells_normal"]


def test_effectors_shrink_when_the_window_is_closed():
    grows = moving(case(), {**IMMUNE, "effector[donor]": 1e5})
    rests = moving(case(), {"effector[donor]": 1e8, "antigen_presenting[host]": 0.0})
    assert grows["effector[donor]"] > 0
    assert rests["effector[donor]"] < 0


def test_presenting_cells_of_tissue_outlast_a_lack_of_monocytes_until_inflammation():
    few = {"monocyte[host]": 0.0}
    calm, inflamed = moving(case(), few), moving(case(), {**few, "inflammation": 1.0})
    assert calm["antigen_presenting[host]"] == pytest.approx(0, abs=1e-3)
    assert inflamed["antigen_presenting[host]"] < -0.05


def test_donor_effectors_hurt_the_patient_s_cells_and_not_their_own():
    quiet, active = moving(case(), {**IMMUNE, "effector[donor]": 0.0}), moving(case(), IMMUNE)
    for name in ("hsc_quiescent[host]", "naive_t_cell[host,cd4]", "leukemic_stem_cycling[sensitive]"):
        assert active[name] < quiet[name]
    assert active["hsc_cycling[donor]"] >= quiet["hsc_cycling[donor]"]
    assert active["infiltrate[donor]"] > 0


@pytest.mark.parametrize(("diagnosis", "stage", "weakens"), [
    ("aml_intermediate", "cr1", True), ("cml_chronic_phase", "chronic_phase", False)
])  # fmt: skip
def test_many_blasts_weaken_the_t_cells_that_reach_them_and_cells_that_present_antigen_do_not(
    diagnosis, stage, weakens
):
    who = case(patient=PATIENT.model_copy(update={"diagnosis": diagnosis, "stage": stage}))
    half = shipped_parameters()["gvl_weakening"].value

    def killed(blasts):
        some = {**IMMUNE, "leukemic_stem_cycling[sensitive]": 1e4, "blast[sensitive]": blasts}
        quiet, active = moving(who, {**some, "effector[donor]": 0.0}), moving(who, some)
        return quiet["leukemic_stem_cycling[sensitive]"] - active["leukemic_stem_cycling[sensitive]"]

    few, many = killed(0.0), killed(50 * half)
    assert few > 0
    assert (many < 0.1 * few) if weakens else (many == pytest.approx(few, rel=1e-3))


def test_effectors_of_the_patient_reject_the_graft():
    quiet, active = moving(case(), IMMUNE), moving(case(), {**IMMUNE, "effector[host]": 1e9})
    assert active["hsc_cycling[donor]"] < quiet["hsc_cycling[donor]"]
    assert active["memory_t_cell[donor,cd4]"] < quiet["memory_t_cell[donor,cd4]"]


def test_antibodies_against_the_donor_kill_the_graft():
    quiet, active = moving(case(), IMMUNE), moving(case(), {**IMMUNE, "donor_antibody[donor]": 1.0})
    assert active["hsc_cycling[donor]"] < quiet["hsc_cycling[donor]"]


def test_a_clone_without_the_mismatched_haplotype_is_killed_less():
    model, values, _ = typical(case("child", "haploidentical"))
    assert model.axis("clone") == ("sensitive", "resistant", "escaped")
    assert 0 < values["visible_to_donor[escaped]"] < 0.8
    assert model_for(case(), NOTHING, parameters_for(case(), NOTHING)).axis("clone") == ("sensitive", "resistant")


def test_nothing_of_gvh_disease_before_the_graft():
    changes = moving(case(), {})
    for name in ("effector[donor]", "organ_damage[skin]", "chronic_clone[donor]", "chronic_gvhd_hazard"):
        assert changes[name] == 0
    assert changes["regulatory_t_cell[host]"] == pytest.approx(0, abs=1e-6 * 1e9)


@pytest.mark.parametrize(
    ("organs", "grade"),
    [
        ({}, 0),
        ({"skin": ["1"]}, 1),
        ({"skin": ["3"]}, 2),
        ({"gut": ["1"]}, 2),
        ({"liver": ["2"]}, 3),
        ({"skin": ["1"], "gut": ["2"]}, 3),
        ({"gut": ["4"]}, 4),
    ],
)
def test_the_grade_follows_from_the_stages(organs, grade):
    from hemograft.model.acute_gvhd import ACUTE_GVHD
    from hemograft.model.spaces import Indexed, Namespace

    shipped = shipped_parameters()
    p = Namespace({name: shipped[name].value for name in shipped})
    damage = {
        organ: shipped[f"{organ}_stage_{organs[organ][0]}"].value * 1.01 if organ in organs else 0.0
        for organ in ("skin", "gut", "liver")
    }
    x = Namespace({"organ_damage": Indexed(damage)})
    for quantity in ACUTE_GVHD.quantities:
        value = (
            Indexed({organ: float(quantity.value(x, p, organ)) for organ in damage})
            if quantity.per
            else float(quantity.value(x, p))
        )
        setattr(x, quantity.name, value)
    assert x.acute_gvhd_grade == grade
    assert (x.gvhd_damage >= 1) == (grade >= 2)


def test_patients_differ_in_what_makes_gvhd():
    parameters = shipped_parameters()
    keys = np.array([key(f"p{i}") for i in range(200)])
    own = individualize(parameters, ["tissue_vulnerability", "donor_precursor_luck"], keys, 1)
    assert all(0.6 < np.std(np.log(values)) < 2 for values in own.values())


WAITING = Give("prednisone", "2 mg/kg", "oral", "0 to 13", when="acute_gvhd_grade >= 2", watched="1 to 100")  # type: ignore[arg-type]
LYMPHOCYTES = Infuse("donor_lymphocytes", 180, dose="1 x10^7/kg", until="acute_gvhd_grade >= 1")  # type: ignore[arg-type]


def test_an_order_waits_for_a_condition_and_counts_from_there():
    plan = schedule(Protocol("t", "t", "t", (Infuse(), WAITING)), PATIENT)
    (rule,) = plan.starts
    assert (rule.order, rule.condition.observable, rule.condition.threshold) == (1, "acute_gvhd_grade", 2)
    assert (rule.first, rule.last) == (1, 100)
    assert {dose.start for dose in plan.doses if dose.order == 1} <= set(range(14))
    assert "counted from the first day with acute_gvhd_grade >= 2" in in_words(Protocol("t", "t", "t", (WAITING,)))


def test_donor_lymphocytes_are_cells_of_the_donor_by_weight():
    plan = schedule(Protocol("t", "t", "t", (Infuse(), LYMPHOCYTES)), PATIENT, graft=True)
    (dose,) = [dose for dose in plan.doses if dose.kind == "lymphocytes"]
    assert (dose.start, dose.amount[0]) == (180.5, pytest.approx(7e8))
    assert plan.stops[0].condition.observable == "acute_gvhd_grade"


@pytest.mark.parametrize(
    ("order", "complaint"),
    [
        (lambda: Infuse("donor_lymphocytes"), "have no dose"),
        (lambda: Infuse("graft", dose="1 x10^7/kg"), "the graft has a dose"),
        (lambda: Infuse("graft", when="donor_t < 50 %"), "the graft waits"),
        (lambda: Give("prednisone", "2 mg/kg", "oral", "-1 to 5", when="acute_gvhd_grade >= 2"), "before"),
        (lambda: Give("prednisone", "2 mg/kg", "oral", "0 to 5", watched="1 to 100"), "without 'when'"),
        (lambda: Give("prednisone", "1 mg", "oral", "0", until="cd4 > 1 /uL", when="cd4 > 2 /uL"), "cannot stop"),
    ],
)
def test_orders_that_make_no_sense_are_refused(order, complaint):
    with pytest.raises(InputError, match=complaint):
        order()


def test_orders_that_wait_read_back_from_a_file(tmp_path):
    path = tmp_path / "dli.yaml"
    path.write_text(
        "name: lymphocytes\nsource: test\ngraft:\n  - infuse: graft\n    day: 0\ntreatment:\n"
        "  - infuse: donor_lymphocytes\n    dose: 1 x10^6/kg\n    day: 0\n"
        "    when: residual_disease > 1 % for 3 days\n    watched: +90 to +700\n",
        encoding="utf-8",
    )
    _, order = read_protocol(path).actions
    assert order.dose == "1 x10^6/kg"
    assert order.when.for_days == 3
    assert (order.watched.first, order.watched.last) == (90, 700)
