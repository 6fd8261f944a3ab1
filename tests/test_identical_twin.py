"""The graft of an identical twin: no alloreactivity, no GvHD and no graft-versus-leukemia effect, exactly."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from hemograft.case import Case, Donor, Graft, Patient
from hemograft.engine.setup import model_for, parameters_for
from hemograft.engine.simulate import simulate
from hemograft.parameters import DATA, ParameterSet, read_parameters
from hemograft.protocol import read_protocol

MECHANISMS = ("alloreactivity", "acute_gvhd", "chronic_gvhd", "graft_versus_leukemia", "rejection")
DAYS, TWINS = 45, 2


@lru_cache(maxsize=2)
def case(relation: str) -> Case:
    """A man with leukemia in remission and a brother."""
    return Case(
        title="t",
        id=f"brother of a {relation}",
        source="test",
        patient=Patient(
            age=40,
            sex="male",
            weight=70,
            height=1.75,
            gfr=100,
            diagnosis="aml_intermediate",
            stage="cr1",
            cmv="negative",
        ),
        donor=Donor(relation=relation, match="identical", age=40, sex="male", cmv="negative"),
        graft=Graft(product="mobilized_blood", cd34=6e6, cd3=250e6),
    )


def doubled(found: ParameterSet) -> ParameterSet:
    """Twice the value of every parameter of alloreactivity, shares as far as they go."""
    names = [name for mechanism in MECHANISMS for name in read_parameters(DATA / "parameters" / f"{mechanism}.yaml")]
    assert len(names) > 60
    return found | ParameterSet({name: replace(found[name], value=2 * found[name].value) for name in names})


def course(relation: str, change=lambda found: found):
    who = case(relation)
    parameters = change(parameters_for(who, read_protocol("flubu4")))
    return simulate(who, "flubu4", twins=TWINS, days=DAYS, parameters=parameters, workers=1)


@pytest.fixture(scope="module")
def of_twin():
    return course("twin")


def test_no_alloreactive_cell_is_even_a_state_of_the_model():
    who = case("twin")
    model = model_for(who, read_protocol("flubu4"), parameters_for(who, read_protocol("flubu4")))
    assert model.axis("responder") == model.axis("graft_responder") == model.axis("gvhd_organ") == ()
    states = {element.declared.name for element in model.states}
    assert not states & {"precursor", "effector", "allo_memory", "infiltrate", "organ_damage", "chronic_clone"}
    assert "escaped" not in model.axis("clone")


def test_nothing_that_is_watched_of_alloreactivity_leaves_zero(of_twin):
    watched = [str(name) for name in of_twin.data if str(name).startswith(("allo", "gvh", "acute", "chronic"))]
    for name in watched:
        assert not np.nan_to_num(of_twin.data[name].values).any(), name
    assert not [row for row in of_twin.events.to_pylist() if "gvhd" in row["event"]]
    assert "acute_gvhd_grade" in watched or not watched


def test_twice_the_strength_of_every_such_mechanism_changes_not_one_byte(of_twin):
    stronger = course("twin", doubled)
    assert set(of_twin.data) == set(stronger.data)
    for name in of_twin.data:
        assert of_twin.data[name].values.tobytes() == stronger.data[name].values.tobytes(), name
    assert of_twin.given.equals(stronger.given)
    assert of_twin.events.equals(stronger.events)


def test_the_same_doubling_does_change_the_course_with_a_brother():
    plain, stronger = course("sibling"), course("sibling", doubled)
    assert any(plain.data[name].values.tobytes() != stronger.data[name].values.tobytes() for name in plain.data)
