"""When acute graft-versus-host disease begins, and how it worsens."""

import numpy as np
import pytest

from hemograft.engine.simulate import simulate
from hemograft.protocol import read_protocol
from test_immunity import IMMUNE, case, moving

TWINS, DAYS = 200, 100


@pytest.fixture(scope="module")
def first_days():
    """First day of each grade in twins with an unrelated donor, infinity where it never comes."""
    who = case("unrelated")
    data = simulate(who, read_protocol("bucy"), twins=TWINS, days=DAYS, seed=3).data
    grades, day = data["acute_gvhd_grade"].values, data["day"].values
    return {
        grade: np.where((grades >= grade).any(axis=1), day[(grades >= grade).argmax(axis=1)], np.inf)
        for grade in (1, 2, 3)
    }


def test_grade_two_begins_most_often_in_the_third_week(first_days):
    """PMC10807572, read as an abstract: the hazard of onset peaks at day 17; four or five days to either side."""
    began = first_days[2][np.isfinite(first_days[2])]
    counts = np.convolve(np.histogram(began, np.arange(DAYS + 1))[0], np.ones(9) / 9, "same")
    assert 13 <= counts.argmax() <= 22


def test_severe_disease_follows_mild_disease_by_days(first_days):
    severe = np.isfinite(first_days[3])
    assert severe.sum() > 5
    assert np.median(first_days[3][severe] - first_days[1][severe]) >= 4
    assert (first_days[3][severe] >= first_days[2][severe]).all()


def test_skin_shows_an_attack_before_gut_and_liver_and_heals_before_them():
    attacked = moving(case(), {"infiltrate[donor]": 1.0})
    hurt = moving(case(), {f"organ_damage[{organ}]": 1.0 for organ in ("skin", "gut", "liver")})
    for organ in ("gut", "liver"):
        assert attacked["organ_damage[skin]"] > 1.5 * attacked[f"organ_damage[{organ}]"] > 0
        assert hurt["organ_damage[skin]"] < 2 * hurt[f"organ_damage[{organ}]"] < 0


def test_primed_cells_divide_and_come_of_age_before_they_harm():
    primed = moving(case(), {**IMMUNE, "effector[donor]": 0.0, "primed_cell[donor]": 1e6})
    assert primed["effector[donor]"] > 0
    assert primed["infiltrate[donor]"] == 0
    nothing = moving(case(), {**IMMUNE, "effector[donor]": 0.0})
    assert nothing["effector[donor]"] == 0
