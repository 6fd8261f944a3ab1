"""Immunosuppression: joint blocks, levels, antibodies before and after the graft, cyclophosphamide after it."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from bench import case, laid_out
from hemograft.drugs import read_drug
from hemograft.engine.setup import drugs_of
from hemograft.engine.simulate import simulate
from hemograft.model import drugs as law
from hemograft.model import immunosuppression as joint
from hemograft.protocol import Give, Protocol, read_protocol
from hemograft.protocol.schedule import schedule

BLOCKS = ("proliferation", "costimulation", "inflammation", "cmv")


def at(levels: dict, **tables):
    """What the blocks see: concentrations, and tables of the drugs."""
    empty = {f"{name}_{end}": {} for name in BLOCKS for end in ("most", "half")}
    return SimpleNamespace(acting=levels, concentration=levels), SimpleNamespace(**{**empty, **tables})


def test_independent_drugs_leave_the_product_of_what_each_leaves():
    x, p = at({"a": 1.0, "b": 3.0}, proliferation_most={"a": 0.8, "b": 1.0}, proliferation_half={"a": 1.0, "b": 1.0})
    assert joint.blocked("proliferation")(x, p) == pytest.approx(1 - (1 - 0.4) * (1 - 0.75))


def test_without_drugs_nothing_is_blocked():
    x, p = at({}, prednisone_equivalent={}, clears_blood={}, clears_blood_half={})
    assert [joint.blocked(name)(x, p) for name in BLOCKS] == [0, 0, 0, 0]
    assert joint.steroid_exposure(x, p) == joint.cleared(x, p) == 0


def test_steroid_exposure_is_what_is_given_a_day_at_steady_state():
    values = read_drug("methylprednisolone").parameters
    clearance = values["clearance"].value
    x, p = at(
        {"methylprednisolone": 140 / clearance},  # mg/L from 140 mg a day
        prednisone_equivalent={"methylprednisolone": values["prednisone_equivalent"].value},
        drug_clearance={"methylprednisolone": clearance},
        weight=70.0,
    )
    assert joint.steroid_exposure(x, p) == pytest.approx(2.5)  # prednisone mg/kg a day


def test_the_steroids_are_equivalent_in_what_they_block():
    def block(name, dose):
        values = read_drug(name).parameters
        level = dose / values["clearance"].value
        return level / (level + values["inflammation_half"].value)

    assert block("prednisone", 100) == pytest.approx(block("methylprednisolone", 80), rel=0.02)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ("cni_mtx", {"tacrolimus", "methotrexate"}),
        ("ciclosporin_mtx", {"ciclosporin", "methotrexate"}),
        ("cni_siro", {"tacrolimus", "sirolimus"}),
        ("ptcy_cni_mmf+letermovir", {"cyclophosphamide", "tacrolimus", "mycophenolate", "letermovir"}),
        ("abatacept+atg", {"anti_thymocyte_globulin", "abatacept", "tacrolimus", "methotrexate"}),
    ],
)
def test_the_model_follows_every_drug_of_the_prophylaxis_and_no_other(parts, expected):
    assert set(drugs_of(read_protocol(f"flubu4+{parts}"))) - {"fludarabine", "busulfan"} == expected


def test_a_drug_followed_by_its_mean_rate_is_one_dose_a_stretch_or_one_a_day_under_a_rule():
    plain = Give("tacrolimus", "1 mg", "oral", "0 to 9", times_a_day=2, section="gvhd_prophylaxis")
    until = dataclasses.replace(plain, until="neutrophils > 1.0 x10^9/L for 3 days")
    (whole,) = schedule(Protocol("t", "t", "t", (plain,)), case().patient).doses
    daily = schedule(Protocol("t", "t", "t", (until,)), case().patient).doses
    assert (whole.start, whole.duration, whole.amount[0], whole.route) == (0, 10, 20, "oral")
    assert [(d.start, d.duration, d.amount[0]) for d in daily] == [(day, 1, 2) for day in range(10)]


@pytest.fixture(scope="module")
def courses():
    """Two twins after reduced conditioning: with calcineurin inhibitor and methotrexate, and with antibody besides."""
    who = case("mobilized_blood")
    return {name: simulate(who, name, twins=2, days=200, seed=1).data for name in ("flubu2", "flubu2+atg")}


def test_the_level_is_what_dose_over_clearance_gives_and_is_tapered(courses):
    level = courses["flubu2"]["concentration_tacrolimus"]
    drug = read_drug("tacrolimus").parameters
    mean = 4.2 * drug["bioavailability"].value / drug["clearance"].value
    assert level.sel(day=60).values == pytest.approx(mean, rel=0.6)  # twins differ
    assert level.sel(day=140).values == pytest.approx(level.sel(day=60).values / 2, rel=0.02)
    assert (level.sel(day=190).values < 0.02 * level.sel(day=60).values).all()


def test_antithymocyte_globulin_empties_the_blood_of_lymphocytes_and_delays_cd4(courses):
    plain, treated = courses["flubu2"], courses["flubu2+atg"]
    assert (treated["lymphocytes"].sel(day=[-1, 0, 7]).values < 0.1).all()
    assert (treated["cd4"].sel(day=30).values < 0.7 * plain["cd4"].sel(day=30).values).all()
    assert (treated["cd4"].sel(day=100).values > 20).all()


def test_cyclophosphamide_spares_resting_regulatory_and_stem_cells_not_dividing_ones():
    kill = {name: value.value for name, value in read_drug("cyclophosphamide").parameters.parameters.items()}
    assert kill["kill_dividing_t_cell"] > 2 * kill["kill_t_cell"]
    assert kill["kill_regulatory_t_cell"] < kill["kill_t_cell"]
    assert kill["kill_stem"] < kill["kill_progenitor"] < kill["kill_precursor"]


def test_t_cells_of_every_kind_die_alike_where_a_drug_does_not_say():
    x = SimpleNamespace(acting={"fludarabine": 1.0, "cyclophosphamide": 1.0})
    p = SimpleNamespace(
        kill_half={},
        kill_t_cell={"fludarabine": 3.0, "cyclophosphamide": 1.0},
        kill_dividing_t_cell={"cyclophosphamide": 5.0},
        kill_regulatory_t_cell={},
    )
    kinds = ("t_cell", "dividing_t_cell", "regulatory_t_cell")
    assert [law.drug_kill(x, p, kind) for kind in kinds] == [4.0, 8.0, 4.0]


def test_a_child_makes_as_much_of_the_metabolite_per_kilogram_and_a_poor_liver_less():
    values = {name: value.value for name, value in read_drug("cyclophosphamide").parameters.parameters.items()}

    def made(weight, liver=1.0):
        p = SimpleNamespace(
            body_scale=weight / 70,
            clearance_size={},
            clearance_size_usual=0.75,
            activation_share={"c": values["activation_share"]},
            clearance={"c": values["clearance"]},
            renal_share={},
            hepatic_share={"c": values["hepatic_share"]},
            kidney_function=1.0,
            liver_function=liver,
        )
        return law.activation(p, "c") / law.clearance_now(p, "c")

    assert made(10) == pytest.approx(made(70)) == pytest.approx(0.75)
    assert made(70, liver=0.5) < 0.9 * made(70)


def test_twins_without_drugs_carry_no_state_of_any_drug():
    model = laid_out(case())
    assert not [e.name for e in model.states if e.declared.name in {"central", "area", "effect_site", "depot"}]
    assert np.isfinite(len(model.states))
