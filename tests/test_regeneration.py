"""Healing of tissue that severe graft-versus-host disease has robbed of its stem cells: laws and directions."""

import pytest

from bench import case, laid_out
from happening import Bedside
from hemograft.ensemble import uncalibrated

LOST = "regeneration_lost[gut]"


@pytest.fixture(scope="module")
def twin():
    who = case("mobilized_blood", diagnosis="aml_intermediate", stage="cr1")
    return Bedside(laid_out(who, "flubu4", uncalibrated()), who)


def test_severe_disease_takes_more_stem_cells_of_tissue_than_moderate_disease(twin):
    none, moderate, severe = (twin.rate_into(LOST, organ_damage__gut=damage) for damage in (0.0, 1.3, 5.2))
    assert none == 0
    assert 0 < 2 * moderate < severe


def test_donor_cells_that_drugs_impaired_spare_them(twin):
    half = twin.model.parameters["regeneration_spared_half"].value
    sound, impaired, more = (
        twin.rate_into(LOST, organ_damage__gut=5.2, impairment__donor=share) for share in (0.0, half, 3 * half)
    )
    assert impaired == pytest.approx(0.5 * sound)
    assert more == pytest.approx(0.1 * sound)


def test_the_loss_ends_where_a_rest_survives_and_then_grows_back(twin):
    most = twin.model.parameters["regeneration_loss_most"].value
    assert twin.rate_into(LOST, organ_damage__gut=20.0, regeneration_lost__gut=most) < 0
    assert twin.rate_into(LOST, regeneration_lost__gut=0.5) < 0
    assert most < 1


def test_tissue_without_stem_cells_heals_slowly_and_only_that_organ(twin):
    def healing(organ, **lost):
        return -twin.rate_into(f"organ_damage[{organ}]", **{f"organ_damage__{organ}": 2.0}, **lost)

    whole = healing("gut")
    assert healing("gut", regeneration_lost__gut=0.6) == pytest.approx(0.4 * whole)
    assert healing("skin", regeneration_lost__gut=0.6) == pytest.approx(healing("skin"))


def test_impaired_donor_cells_do_less_harm_in_tissue(twin):
    sound, impaired = (
        twin.rate_into("infiltrate[donor]", effector__donor=1e9, impairment__donor=share) for share in (0.0, 0.5)
    )
    assert impaired == pytest.approx(0.5 * sound)
    assert sound > 0
