"""The declared model: units, rest, conservation, self-renewal, and equations that say what was declared."""

import dataclasses

import numpy as np
import pytest

from bench import NOTHING, case, laid_out, people, values_of
from hemograft.engine.setup import parameters_for
from hemograft.engine.simulate import simulate
from hemograft.errors import ModelError
from hemograft.model import STANDARD, niche
from hemograft.model.compile import assemble
from hemograft.model.component import Flow, Quantity
from hemograft.model.reading import check_units, equations, rates_of_change

AML = {"diagnosis": "aml_intermediate", "stage": "cr1"}


@pytest.fixture(scope="module")
def transplanted():
    return laid_out(case("mobilized_blood", **AML), "flubu4")


def planted(rate, **changes):
    """The standard model with one more flow out of the circulating red-cell pool."""
    model = laid_out(case())
    wrong = Flow("transfused_red_cells", None, rate, **changes)
    components = (*STANDARD[:-1], dataclasses.replace(STANDARD[-1], flows=(wrong,)))
    return assemble(components, model.axes, model.parameters)


@pytest.mark.parametrize("product", ["", "mobilized_blood"])
def test_every_function_of_the_standard_model_has_the_declared_unit(product):
    check_units(laid_out(case(product, **AML), "flubu4" if product else "induction_7_3"))


@pytest.mark.parametrize(
    ("rate", "complaint"),
    [
        (lambda x, p: x.transfused_red_cells, "must be in"),
        (lambda x, p: p.red_cell_lifetime + x.transfused_red_cells, "cannot add"),
        (lambda x, p: x.transfused_red_cells * p.niche_repair * p.blood_volume, "must be in"),
    ],
)
def test_a_rate_of_the_wrong_kind_is_refused(rate, complaint):
    with pytest.raises(ModelError, match=complaint):
        check_units(planted(rate))


def test_a_rate_that_branches_is_refused():
    def branches(x, p):
        return p.niche_repair * x.transfused_red_cells if x.transfused_red_cells > p.trace_cells else 0.0

    with pytest.raises(ModelError, match="may not branch"):
        equations(planted(branches))


def test_a_misspelled_name_is_refused_with_the_nearest():
    with pytest.raises(ModelError, match="did you mean 'niche_repair'"):
        equations(planted(lambda x, p: p.niche_repare * x.transfused_red_cells))


def test_a_flow_into_an_undeclared_state_is_refused():
    bad = dataclasses.replace(niche.NICHE, flows=(Flow("hsc_cycling", "platelett", niche.settles, ("origin",)),))
    with pytest.raises(ModelError, match="did you mean 'platelet'"):
        assemble((STANDARD[0], bad, *STANDARD[2:]), laid_out(case()).axes, parameters_for(case(), NOTHING))


def test_a_name_used_twice_is_refused():
    twice = dataclasses.replace(STANDARD[0], quantities=(Quantity("hsc", "1", lambda x, p: 1.0, "again"),))
    with pytest.raises(ModelError, match="'hsc' is declared by two"):
        assemble((twice, *STANDARD[1:]), laid_out(case()).axes, parameters_for(case(), NOTHING))


@pytest.mark.parametrize("age", ["2 years", "40 years", "75 years"])
def test_a_healthy_marrow_is_exactly_at_rest(age):
    weight, height = ("12 kg", "86 cm") if age == "2 years" else ("70 kg", "175 cm")
    who = case(age=age, weight=weight, height=height)
    model = laid_out(who)
    twins = people(model, who)
    for i in range(3):
        changes, _ = rates_of_change(model, twins.start[i], values_of(model, twins, i))
        relative = np.abs(changes) / np.maximum(twins.start[i], 1e-12)
        for name in ("age", *(event.integral for event in model.events)):  # time passes, and hazards accrue
            relative[model.state_number[name]] = 0.0
        assert relative.max() < 1e-12


def test_daily_production_is_the_published_one():
    """Sender2021: 6.0e10 neutrophils and 2.1e11 red cells a day; platelets 1e11 to 2.2e11 (the published values of
    count, life and pooling need the upper end); Catlin2011: a stem cell divides once in 40 weeks (25 to 50)."""
    who = case()
    model = laid_out(who)
    typical = {name: parameter.value for name, parameter in model.parameters.parameters.items()}
    twins = people(model, who)
    values = values_of(model, twins) | typical
    values |= {k: float(v) for k, v in model.derive({k: np.asarray(v) for k, v in values.items()}).items()}
    start = model.start({k: np.asarray([v]) for k, v in values.items()}, 1)[0]
    _, rates = rates_of_change(model, start, values)

    def into(name, label=""):
        number = model.state_number[name]
        return sum(
            arrow.yields * rate
            for arrow, rate in zip(model.arrows, rates, strict=True)
            if arrow.target == number and arrow.source != number and label in arrow.flow.label
        )

    assert into("neutrophil[host]") == pytest.approx(6.0e10, rel=0.25)
    assert into("reticulocyte[host]") == pytest.approx(2.1e11, rel=0.25)
    assert 1e11 <= into("platelet[host,1]") <= 2.2e11
    cycling, resting = start[model.state_number["hsc_cycling[host]"]], start[model.state_number["hsc_quiescent[host]"]]
    weeks = (cycling + resting) / (cycling * typical["hsc_cycling_division"]) / 7
    assert 25 <= weeks <= 50


def test_no_cell_appears_where_there_was_none(transplanted):
    """With every cell of an origin (and of the graft on its way) gone, nothing of that origin is made."""
    who = case("mobilized_blood", **AML)
    twins = people(transplanted, who)
    rng = np.random.default_rng(1)
    amounts = twins.start[0] + rng.uniform(0, 1e8, len(transplanted.states))
    for gone in ("host", "donor", "sensitive", "resistant"):
        x = amounts.copy()
        mine = [i for i, e in enumerate(transplanted.states) if gone in e.index and e.declared.unit == "cells"]
        assert mine
        x[mine] = 0.0
        changes, _ = rates_of_change(transplanted, x, values_of(transplanted, twins))
        assert not changes[mine].any(), gone


def test_every_source_outside_the_body_makes_no_cells_but_platelets(transplanted):
    from_nothing = {
        transplanted.states[a.target].declared.name
        for a in transplanted.arrows
        if a.source is None and a.target is not None and transplanted.states[a.target].declared.unit == "cells"
    }
    assert from_nothing == {"platelet", "clone_platelet"}  # shed by megakaryocytes, which stay whole until they leave


def test_below_the_stem_cell_nothing_renews_itself(transplanted):
    """Renewal stays under one half for any cytokine level: only stem cells sustain themselves."""
    p = transplanted.parameters
    for name in ("multipotent", "granulocyte", "myelocyte", "megakaryocyte", "erythroid"):
        assert p[f"{name}_renewal_max"].value < 0.5
    assert p["lymphoid_renewal"].value < 0.5


@pytest.mark.parametrize(
    "diagnosis",
    [
        "aml_favorable",
        "aml_intermediate",
        "aml_adverse",
        "aml_flt3_itd",
        "aml_npm1",
        "b_all",
        "t_all",
        "cml_blast_crisis",
        "mds_excess_blasts",
    ],
)
def test_leukemic_progenitors_need_their_stem_cells(diagnosis):
    who = case(diagnosis=diagnosis, stage="cr1")
    model = laid_out(who)
    twins = people(model, who, 50)
    renewal = twins.slot(model, "leukemic_progenitor_renewal")
    assert (renewal > 0).all()
    assert np.median(renewal) < 0.5
    assert (twins.slot(model, "leukemic_stem_renewal") <= 1).all()


@pytest.mark.parametrize("diagnosis", ["aml_intermediate", "b_all", "cml_chronic_phase"])
def test_small_leukemia_doubles_at_its_declared_rate(diagnosis):
    stage = "chronic_phase" if diagnosis == "cml_chronic_phase" else "cr1"
    who = case(diagnosis=diagnosis, stage=stage, residual_disease="1e-6")
    model = laid_out(who)
    twins = people(model, who)
    changes, _ = rates_of_change(model, twins.start[0], values_of(model, twins))
    mine = [
        i
        for i, e in enumerate(model.states)
        if e.declared.name in ("leukemic_stem_quiescent", "leukemic_stem_cycling", "leukemic_progenitor")
        and "sensitive" in e.index
    ]
    growth = twins.slot(model, "leukemia_growth")[0]
    np.testing.assert_allclose(changes[mine] / twins.start[0][mine], growth, rtol=1e-3)


def test_an_autologous_graft_belongs_to_the_host():
    model = laid_out(case("mobilized_blood", origin="host"), "bucy")
    assert model.axis("origin") == ("host",)
    assert "circulating[host,hsc]" in model.state_number
    assert not any("donor" in e.name for e in (*model.states, *model.observed))


def test_a_patient_without_leukemia_carries_no_leukemic_states():
    model = laid_out(case())
    assert not any(e.declared.name.startswith(("leukemic", "blast")) for e in model.states)


@pytest.mark.parametrize(
    ("age", "weight", "height", "lymphocytes", "cd4", "hemoglobin"),
    [  # x10^9/L, x10^9/L, g/dL: Kotylo1993 and Dallman1977, with some room
        ("3 months", "6 kg", "60 cm", (4.5, 8.0), (2.4, 4.2), (11.0, 12.8)),
        ("15 months", "10 kg", "78 cm", (4.0, 6.2), (2.0, 3.0), (11.2, 13.0)),
        ("33 months", "14 kg", "93 cm", (2.8, 5.1), (1.2, 2.1), (11.5, 13.2)),
        ("9 years", "28 kg", "133 cm", (1.3, 3.2), (0.7, 1.4), (12.8, 14.4)),
        ("40 years", "70 kg", "175 cm", (1.0, 2.5), (0.6, 1.1), (14.0, 16.4)),
    ],
)
def test_children_have_the_counts_of_their_age(age, weight, height, lymphocytes, cd4, hemoglobin):
    who = case(age=age, weight=weight, height=height)
    data = simulate(who, NOTHING, twins=15, days=1, seed=3).data.sel(day=0).median("patient")
    assert lymphocytes[0] <= data["lymphocytes"] <= lymphocytes[1]
    assert cd4[0] <= data["cd4"] / 1000 <= cd4[1]
    assert hemoglobin[0] <= data["hemoglobin"] <= hemoglobin[1]


def test_a_clone_that_ripens_makes_blood_and_acute_leukemia_does_not():
    chronic = case(diagnosis="cml_chronic_phase", stage="chronic_phase", marrow_blasts="3 %")
    data = simulate(chronic, NOTHING, twins=15, days=60, seed=3).data.median("patient")
    assert (data["neutrophils"].sel(day=[0, 60]) > 15).all()
    assert (data["platelets"].sel(day=[0, 60]) > 250).all()
    acute = case(diagnosis="aml_intermediate", stage="newly_diagnosed", marrow_blasts="60 %")
    assert simulate(acute, NOTHING, twins=15, days=1, seed=3).data["neutrophils"].sel(day=0).median() < 3
