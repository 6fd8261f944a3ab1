"""Donor lymphocytes: the slow clone they bring, by dose and series, and what it does to leukemias of two kinds."""

from types import SimpleNamespace

import numpy as np
import pytest

from hemograft.model import chronic_gvhd as slow
from test_immunity import PATIENT, case, moving, typical

CHRONIC_PHASE = case(patient=PATIENT.model_copy(update={"diagnosis": "cml_chronic_phase", "stage": "chronic_phase"}))
BURDEN, TOLERANCE = 5e10, 0.15  # leukemic cells at relapse; tolerance by new T cells two years after the graft
ESCALATING = {0: 10e6, 84: 50e6, 168: 100e6}  # CD3 per kg by day


def course(doses, leukemia=BURDEN, days=365):
    """Hazard of GvHD that adds up in the typical patient, with leukemia held as it is."""
    values = {name: value for name, value in typical(CHRONIC_PHASE)[1].items() if "[" not in name}
    p = SimpleNamespace(**values)
    share = p.chronic_frequency * p.donor_precursor_luck * p.graft_naive_share * p.lymphocyte_seeding * p.weight
    clone, anergy, hazard, step = 0.0, 1.0, 0.0, 0.25
    for day in np.arange(0, days, step):
        fresh = share * doses.get(float(day), 0.0)
        anergy *= clone / (clone + fresh) if fresh else 1.0
        clone += fresh
        x = SimpleNamespace(
            leukemia_in_marrow=leukemia, gvhd_damage=0.0, proliferation_block=0.0, costimulation_block=0.0,
            thymic_tolerance={"donor": TOLERANCE}, impairment={"donor": 0.4},
            chronic_clone={"donor": clone}, chronic_anergy={"donor": anergy},
        )  # fmt: skip
        x.chronic_activity = slow.activity(x, p)
        hazard += slow.hazard(x, p) * step
        clone += (slow.divides(x, p, "donor") - slow.dies(x, p, "donor")) * step
        anergy += slow.quiets(x, p, "donor") * step
    return hazard


def test_a_higher_dose_of_lymphocytes_gives_more_gvhd():
    """21, 45 and 55 % at 12 months (Bar 2013, as transcribed in the project's targets)."""
    found = [course({0: dose}) for dose in (5e6, 50e6, 200e6)]
    assert found[0] < found[1] < found[2]


def test_an_escalating_series_gives_less_gvhd_than_one_dose_of_the_same_total():
    """10 against 44 % (Dazzi 2000, as transcribed in the project's targets)."""
    assert course(ESCALATING) < 0.7 * course({0: sum(ESCALATING.values())})


def test_lymphocytes_given_without_leukemia_hardly_grow():
    assert course({0: 160e6}, leukemia=0.0) < 0.05 * course({0: 160e6})


def test_cells_that_have_rested_no_longer_answer_leukemia_and_fresh_ones_do():
    clone = {"chronic_clone[donor]": 1e4, "thymic_tolerance[donor]": TOLERANCE, "blast[sensitive]": BURDEN}
    fresh, rested = (moving(CHRONIC_PHASE, {**clone, "chronic_anergy[donor]": a}) for a in (0.0, 1.0))
    assert fresh["chronic_clone[donor]"] > 0 > rested["chronic_clone[donor]"]


def test_fresh_lymphocytes_wake_the_slow_clone_the_more_of_them_there_are():
    rested = {"chronic_clone[donor]": 1e4, "chronic_anergy[donor]": 1.0}
    few, many = (moving(case(), {**rested, "lodged[donor,t_cell]": n})["chronic_anergy[donor]"] for n in (1e8, 1e10))
    assert many < few < 0


@pytest.mark.parametrize("clone", [1e5, 1e7])
def test_the_slow_clone_kills_chronic_myeloid_leukemia_far_faster_than_acute(clone):
    """Remission after lymphocytes in 73 and 29 % (Kolb 1995, recalled, not re-read)."""

    def kill(who):
        cells = {"blast[sensitive]": 1e9}
        without, with_clone = (
            moving(who, {**cells, "chronic_clone[donor]": n})["blast[sensitive]"] for n in (0, clone)
        )
        return without - with_clone

    assert kill(CHRONIC_PHASE) > 5 * kill(case()) > 0


def test_stem_cells_of_chronic_myeloid_leukemia_are_spared():
    cells = {"leukemic_stem_cycling[sensitive]": 1e5, "blast[sensitive]": 1e5}
    without, with_clone = (moving(CHRONIC_PHASE, {**cells, "chronic_clone[donor]": n}) for n in (0, 1e7))
    lost = {name: without[name] - with_clone[name] for name in cells}
    assert 0 < lost["leukemic_stem_cycling[sensitive]"] < 0.3 * lost["blast[sensitive]"]
