"""Contrasts that the simulation cannot tell apart are refused, and those that it can are not."""

import pytest

from hemograft.targets.plan import plan_study
from published import table

RATIO = {
    "endpoint": "hazard_ratio_death",
    "statistic": "hazard_ratio",
    "unit": "ratio",
    "value": "1.3",
    "reference_arm_id": "study/two",
}


def refusal(tmp_path, one, other, derived=False):
    arms = [{**one}, {"arm_id": "study/two", "arm": "two", **other}]
    share = {"endpoint": "os", "statistic": "survival_probability", "unit": "fraction", "value": "0.5"}
    rows = [share, {**share, "arm_id": "study/two"}] if derived else [RATIO]
    plan = plan_study(
        table(tmp_path / "arms.csv", "arms", arms),
        table(tmp_path / "targets.csv", "targets", rows),
        patients=20,
        seed=0,
    )
    (found,) = [question.refused for question in plan.questions if question.target.reference]
    return found


@pytest.mark.parametrize(
    ("one", "other", "word"),
    [
        ({"regimen": "other_mac"}, {"regimen": "bucy"}, "regimen (other_mac)"),
        ({"regimen": "bucy"}, {"regimen": "mixed"}, "regimen (mixed)"),
        ({"regimen": "unknown", "intensity": "unknown"}, {"regimen": "bucy"}, "regimen (unknown), intensity (unknown)"),
        ({"prophylaxis": "unknown"}, {"prophylaxis": "ptcy"}, "prophylaxis (unknown)"),
        ({"donor": "unknown", "hla_match": "unknown"}, {}, "donor (unknown), hla match (unknown)"),
        ({"graft_source": "unknown"}, {"graft_source": "BM"}, "graft source (unknown)"),
        ({"age_median": "60"}, {}, "age median (not given)"),
        ({"cd34_dose_e6_per_kg": "9"}, {}, "cd34 dose e6 per kg (not given)"),
    ],
)
def test_a_contrast_of_what_usual_practice_stands_in_for_is_refused(tmp_path, one, other, word):
    assert refusal(tmp_path, one, other).endswith(word)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"regimen": "other_mac", "prophylaxis": "ptcy"}, {"regimen": "bucy"}),
        ({"regimen": "other_ric", "intensity": "RIC"}, {"regimen": "bucy"}),
        ({"regimen": "unknown", "intensity": "RIC"}, {"regimen": "unknown"}),
        ({"regimen": "unknown", "graft_source": "BM"}, {"regimen": "unknown"}),
        ({"regimen": "flubu4"}, {"regimen": "bucy"}),
        ({"donor": "mixed", "hla_match": "matched"}, {"donor": "haplo", "hla_match": "haplo"}),
        ({"risk": "adverse"}, {}),
        ({"letermovir": "yes"}, {"letermovir": "unknown"}),
        ({"age_median": "60"}, {"age_median": "40"}),
        ({"disease": "mixed_malignant", "disease_mix": "AML:0.6;ALL:0.4"}, {}),
    ],
)
def test_arms_that_differ_in_anything_that_is_stated_are_contrasted(tmp_path, one, other):
    assert refusal(tmp_path, one, other) == ""


def test_ages_tell_randomized_arms_not_apart(tmp_path):
    tried = {"randomized": "yes"}
    one, other = {**tried, "regimen": "other_mac", "age_median": "40"}, {**tried, "regimen": "bucy", "age_median": "44"}
    assert "regimen (other_mac)" in refusal(tmp_path, one, other)
    assert "regimen (other_mac)" in refusal(tmp_path, one, other, derived=True)
    assert refusal(tmp_path, {"regimen": "other_mac", "age_median": "40"}, {"age_median": "44"}) == ""
    assert "nothing that is simulated" in refusal(tmp_path, tried, tried)
