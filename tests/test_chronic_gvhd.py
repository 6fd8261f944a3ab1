"""When chronic graft-versus-host disease begins, and what its slow clone sees."""

import numpy as np
import pytest

from hemograft.case import Graft
from hemograft.engine.simulate import simulate
from hemograft.protocol import read_protocol
from test_immunity import case, moving

TWINS, YEAR = 300, 365
SLOW = {"lodged[donor,t_cell]": 1e8}


@pytest.fixture(scope="module")
def onsets():
    """Days of onset within a year of twins with a brother's marrow, as in the source, of those who get the disease."""
    who = case().model_copy(update={"graft": Graft(product="marrow", origin="donor", cd34=3e6, cd3=40e6)})
    run = simulate(who, read_protocol("bucy"), twins=TWINS, days=YEAR, seed=3)
    days = [row["day"] for row in run.events.to_pylist() if row["event"] == "chronic_gvhd"]
    return np.array(days)


def test_chronic_disease_begins_in_the_fifth_month_in_most_and_before_the_third_in_hardly_any(onsets):
    """Copelan1991, data of 137 patients: median day 140 of 61, a quarter before 120 and after 210, none before 76."""
    assert len(onsets) > 50
    assert 110 <= np.median(onsets) <= 190
    assert (onsets < 76).mean() < 0.1
    assert 0.1 < (onsets > 210).mean() < 0.5


def test_lesions_follow_the_attack_step_by_step_and_the_hazard_the_last_of_them():
    attacked = moving(case(), {"chronic_clone[donor]": 1e8})
    assert attacked["chronic_lesion[donor,1]"] > 0
    assert attacked["chronic_lesion[donor,2]"] == attacked["chronic_lesion[donor,3]"] == 0
    assert attacked["chronic_gvhd_hazard"] == 0
    scarred = moving(case(), {"chronic_lesion[donor,3]": 0.5})
    assert scarred["chronic_gvhd_hazard"] > 0
    assert scarred["chronic_lesion[donor,3]"] < 0


def test_more_minor_antigens_and_male_tissue_for_a_woman_s_cells_mean_more_cells_of_the_slow_clone():
    brother, sister, stranger = (
        moving(who, SLOW)["chronic_clone[donor]"] for who in (case(), case(sex="female"), case("unrelated"))
    )
    assert sister > brother > 0
    assert stranger > brother
