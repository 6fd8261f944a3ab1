"""Arms of a contrast share the luck of their patients, and its error says so."""

import numpy as np
import pyarrow as pa
import pytest

from hemograft.population import draw, population_of, read_arms
from hemograft.targets.contrasts import predict_contrast
from hemograft.targets.endpoints import Measure
from hemograft.targets.pairs import paired_variance
from hemograft.targets.spread import Simulated
from hemograft.targets.table import Target
from published import table

FREE = Measure("free", ("death",), day=700.0)
ORDER = {f"p{i}": i for i in range(400)}
ROW = Target("t:2", 2, "a", "hazard_ratio_death", "transplant", None, None, "hazard_ratio", 1.5, None, None, None,
             "ratio", "b", True, "")  # fmt: skip


def arm(luck, hazard):
    """Deaths at a hazard per 500 days, by the luck of each patient."""
    death = -500 / hazard * np.log(luck)
    columns = {"patient": list(ORDER), "follow_up_day": np.minimum(death, 730.0)}
    return pa.table({**columns, "death_day": np.minimum(death, 730.0), "death_observed": death < 730})


@pytest.mark.parametrize("shared", [True, False])
def test_the_error_of_a_contrast_is_that_of_repeated_simulations(shared):
    rng = np.random.default_rng(3)
    made = []
    for _ in range(25):
        luck = rng.uniform(size=400)
        other = luck if shared else rng.uniform(size=400)
        groups = tuple(Simulated(one, None, 0, ORDER) for one in (arm(luck, 1.5), arm(other, 1.0)))
        made.append(predict_contrast(groups, FREE, ROW, (100, 100)))
    errors = [one.simulation_error / one.value for one in made]
    assert np.mean(errors) == pytest.approx(np.std(np.log([one.value for one in made]), ddof=1), rel=0.35)
    assert bool(np.mean(errors) < 0.04) is shared


def test_few_patients_or_unknown_pairs_have_no_paired_error():
    luck = np.random.default_rng(4).uniform(size=400)
    some = Simulated(arm(luck, 1.0), None, 0, ORDER)
    assert paired_variance((some, Simulated(some.main)), lambda *_: 1.0) is None
    assert paired_variance((some, Simulated(some.main.slice(0, 50), None, 0, ORDER)), lambda *_: 1.0) is None
    assert paired_variance((some, some), lambda *_: 1.0) == 0


def test_patient_number_17_is_the_same_in_both_arms_of_a_contrast(tmp_path):
    arms = [{}, {"arm_id": "study/two", "regimen": "bucy", "graft_source": "BM", "prophylaxis": "ptcy"}]
    plans = [population_of(one) for one in read_arms(table(tmp_path / "arms.csv", "arms", arms))]
    one, other = (draw(plan.population, 40, 0)[16] for plan in plans if plan.population)
    assert (one.id, one.patient) == (other.id, other.patient)
    assert one.donor == other.donor
