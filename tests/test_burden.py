"""How much leukemia patients bring to treatment."""

import numpy as np
import pytest

from hemograft.case import Patient
from hemograft.engine.burden import leukemia
from hemograft.parameters import individualize, read_folder
from hemograft.streams import key

TWINS, SEED = 4000, 3
KEYS = np.array([key(f"twin-{i}") for i in range(TWINS)])
NAMES = (
    "reference_weight", "marrow_cellularity", "leukemia_capacity", "burden_chronic_phase", "blast_share",
    "residual_cells_undetected", "residual_share_measured", "residual_found_share", "residual_measurable",
    "remission_resistant_share", "measurable_resistant_share",
)  # fmt: skip
VALUES = individualize(read_folder(), NAMES, KEYS, SEED)
ADULT = {"age": 50.0, "sex": "male", "weight": 70.0, "height": 1.75, "gfr": 100.0, "diagnosis": "aml_intermediate"}


def brought(seed=SEED, **words):
    return leukemia(Patient(**ADULT | {"stage": "cr1"} | words), VALUES, KEYS, seed)


def measurable(found):
    """Whether cells of an adult of reference weight are a measurable share of the marrow."""
    cells = found["leukemia_at_start"] * VALUES["reference_weight"] / 70
    return cells / (cells + VALUES["marrow_cellularity"]) >= VALUES["residual_measurable"] * (1 - 1e-9)


def test_what_is_called_measurable_is_so_and_resists_more():
    undetected, measured = brought(residual_disease="undetectable"), brought(residual_disease="measurable")
    assert measurable(measured).all()
    assert (undetected["leukemia_at_start"] <= measured["leukemia_at_start"].min()).all()
    assert (measured["resistant_share"] > undetected["resistant_share"]).all()


def test_where_nobody_looked_the_usual_share_of_remissions_is_measurable():
    """The share is binomial; four standard errors of 4000 draws are below three points."""
    unknown = brought()
    resists = unknown["resistant_share"] == VALUES["measurable_resistant_share"]
    assert resists.mean() == pytest.approx(VALUES["residual_found_share"][0], abs=0.03)
    assert measurable(unknown)[resists].all()
    for which, word in ((resists, "measurable"), (~resists, "undetectable")):
        known = brought(residual_disease=word)
        np.testing.assert_array_equal(unknown["leukemia_at_start"][which], known["leukemia_at_start"][which])


def test_a_stated_share_is_that_share_of_marrow_cells():
    cells = brought(residual_disease="1 %")["leukemia_at_start"] * VALUES["reference_weight"] / 70
    np.testing.assert_allclose(cells / (cells + VALUES["marrow_cellularity"]), 0.01)


def test_the_typical_patient_in_remission_has_nothing_measurable():
    typical = brought(seed=None)["leukemia_at_start"]
    np.testing.assert_array_equal(typical, brought(residual_disease="undetectable")["leukemia_at_start"])


def test_blasts_chronic_phase_and_health_are_as_stated():
    assert not brought(diagnosis="none", stage="none")["leukemia_at_start"].any()
    more, fewer = (brought(stage="active", marrow_blasts=share)["leukemia_at_start"] for share in (0.6, 0.1))
    assert (more > fewer).all()
    chronic = {"diagnosis": "cml_chronic_phase", "stage": "chronic_phase", "marrow_blasts": 0.03}
    known = brought(**chronic)["leukemia_at_start"]
    np.testing.assert_allclose(known, VALUES["burden_chronic_phase"] * 70 / VALUES["reference_weight"])
    assert (brought(**chronic, residual_disease="undetectable")["leukemia_at_start"] < known).all()
