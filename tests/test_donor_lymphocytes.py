"""Donor lymphocytes: the late response they bring, by dose and series, and what it does to leukemias of two kinds."""

from types import SimpleNamespace

import numpy as np
import pytest

from hemograft.calibration.free import read_free
from hemograft.model import late_response as late
from hemograft.parameters import DATA, read_parameters
from test_immunity import PATIENT, case, moving, typical

CHRONIC_PHASE = case(patient=PATIENT.model_copy(update={"diagnosis": "cml_chronic_phase", "stage": "chronic_phase"}))
BURDEN = 5e10  # leukemic cells at relapse
ESCALATING = {0: 10e6, 84: 50e6, 168: 100e6}  # CD3 per kg by day
ONE = "donor"


def course(doses, leukemia=BURDEN, days=365):
    """Hazard of GvHD that adds up in the typical patient, and work on leukemia, with leukemia held as it is."""
    values = {name: value for name, value in typical(CHRONIC_PHASE)[1].items() if "[" not in name}
    p = SimpleNamespace(**values)
    share = (
        p.late_frequency * p.donor_precursor_luck**p.late_luck * p.graft_naive_share * p.lymphocyte_seeding * p.weight
    )
    cells, effectors, tolerance, hazard, work, step = np.zeros(late.STAGES), 0.0, 0.0, 0.0, 0.0, 0.25
    for day in np.arange(0, days, step):
        cells[0] += share * doses.get(float(day), 0.0)
        x = SimpleNamespace(
            leukemia_in_marrow=leukemia, proliferation_block=0.0, costimulation_block=0.0, kill={"t_cell": 0.0},
            allo_kill={ONE: 0.0}, late_cell={ONE: cells}, late_effector={ONE: effectors},
            late_tolerance={ONE: tolerance},
        )  # fmt: skip
        x.late_antigen = late.shown(x, p)
        x.late_pace, x.late_work, x.late_activity = late.pace(x, p), late.at_work(x, p), late.on_tissue(x, p)
        hazard, work = hazard + late.harm(x, p) * step, work + x.late_work * step
        passed = [late.divides(stage)(x, p, ONE) * step for stage in range(late.STAGES)]
        lost = [late.dies(stage)(x, p, ONE) * step for stage in range(late.STAGES)]
        effectors += late.OFFSPRING * passed[-1] - late.fades(x, p, ONE) * step
        cells = cells - passed - lost + late.OFFSPRING * np.array([0.0, *passed[:-1]])
        tolerance += (late.learns(x, p, ONE) - late.unlearns(x, p, ONE)) * step
    return hazard, work


def test_a_higher_dose_of_lymphocytes_gives_more_gvhd():
    """21, 45 and 55 % at 12 months (Bar 2013, as transcribed in the project's targets)."""
    found = [course({0: dose})[0] for dose in (5e6, 50e6, 200e6)]
    assert 1.5 * found[0] < found[1] < found[2]


def test_an_escalating_series_gives_less_gvhd_than_one_dose_of_the_same_total_and_as_much_work_on_leukemia():
    """10 against 44 %, remission in 91 and 67 % (Dazzi 2000, as transcribed in the project's targets)."""
    (harm, work), (at_once, work_at_once) = course(ESCALATING), course({0: sum(ESCALATING.values())})
    assert harm < 0.6 * at_once
    assert work > 0.9 * work_at_once


def test_lymphocytes_given_without_leukemia_do_nothing():
    assert course({0: 160e6}, leukemia=0.0) == (0.0, 0.0)


def test_lymphocytes_answer_the_more_leukemia_there_is_to_show_antigen():
    cells = {"late_cell[donor,1]": 1e4}
    few, many = (moving(case(), {**cells, "blast[sensitive]": n})["late_cell[donor,2]"] for n in (1e8, 1e12))
    assert 0 <= few < 0.05 * many


def test_tissue_is_spared_by_cells_that_have_lived_with_the_antigen():
    p, x = SimpleNamespace(late_harm_half=1e7, body_scale=1.0), SimpleNamespace(late_effector={ONE: 1e7})
    fresh, old = (late.on_tissue(SimpleNamespace(**vars(x), late_tolerance={ONE: t}), p) for t in (0.0, 0.9))
    assert old == pytest.approx(0.1 * fresh)


@pytest.mark.parametrize("effectors", [1e5, 1e7])
def test_late_effectors_kill_chronic_myeloid_leukemia_faster_than_acute(effectors):
    """Remission after lymphocytes in 73 and 29 % (Kolb 1995, recalled, not re-read)."""

    def kill(who):
        cells = {"blast[sensitive]": 1e9}
        without, with_them = (
            moving(who, {**cells, "late_effector[donor]": n})["blast[sensitive]"] for n in (0, effectors)
        )
        return without - with_them

    assert kill(CHRONIC_PHASE) > 1.2 * kill(case()) > 0


def test_stem_cells_of_chronic_myeloid_leukemia_are_spared():
    cells = {"leukemic_stem_cycling[sensitive]": 1e5, "blast[sensitive]": 1e5}
    without, with_them = (moving(CHRONIC_PHASE, {**cells, "late_effector[donor]": n}) for n in (0, 1e7))
    lost = {name: without[name] - with_them[name] for name in cells}
    assert 0 < lost["leukemic_stem_cycling[sensitive]"] < 0.3 * lost["blast[sensitive]"]


def test_no_parameter_of_the_late_response_is_free_in_the_calibration():
    """Arms of first transplants say nothing of it."""
    own = set(read_parameters(DATA / "parameters" / "late_response.yaml"))
    assert own
    assert not own & {one.name for one in read_free()}
