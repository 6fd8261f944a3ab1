"""T cells of the patient after a graft: what spares them, what clears them, and what they do."""

from dataclasses import replace

import numpy as np
import pytest

from hemograft import parameters_for
from hemograft.drugs import read_drug
from hemograft.engine.simulate import simulate
from hemograft.ensemble import uncalibrated
from hemograft.model.drugs import KINDS_OF_T_CELL
from hemograft.protocol import Give, combine, read_protocol
from test_immunity import IMMUNE, case, moving, typical

TWINS, DAYS = 60, 180
CONDITIONING = ("busulfan", "cyclophosphamide", "fludarabine", "melphalan", "alemtuzumab", "methotrexate")
LATE = (  # one machine code for every regimen
    *(Give(drug, "1 mg", "iv", "3600") for drug in CONDITIONING),
    *(Give(drug, "1 mg", "oral", "3600") for drug in ("tacrolimus", "mycophenolate")),
)
SECTIONS = ("conditioning", "gvhd_prophylaxis")
LYMPHOPENIA = {"interleukin_7": 8.0, "interleukin_15": 10.0, "memory_t_cell[host,cd4]": 1e9}


def course(regimen: str, *parts: str):
    """Twins with a brother's blood graft, with the values of the parameter files, which were set on such courses."""
    found = combine(read_protocol(regimen), *parts)
    kept = [a for a in found.actions if a.section in SECTIONS or not isinstance(a, Give)]
    ordered = replace(found, actions=(*LATE, *kept))
    written = parameters_for(case(), ordered, uncalibrated())
    return simulate(case(), ordered, twins=TWINS, days=DAYS, seed=1, parameters=written).data


@pytest.fixture(scope="module")
def courses():
    regimens = {
        "ablative": ("bucy", "cni_mtx"),
        "2 Gy": ("flutbi2", "cni_mmf"),
        "alemtuzumab": ("flumel", "cni_alone", "alemtuzumab"),
    }
    return {name: course(*parts) for name, parts in regimens.items()}


@pytest.fixture(scope="module")
def donor_t(courses):
    return {name: data["donor_t"] for name, data in courses.items()}


def test_chimerism_of_blood_is_that_of_its_lineages_by_their_numbers(courses):
    for data in courses.values():
        at = data.sel(day=90)
        at = at.isel(patient=np.isfinite(at["neutrophils"].values))  # who is followed that long
        per_ul = {"donor_t": at["cd4"] + at["cd8"], "donor_b": at["b_cells"], "donor_nk": at["nk_cells"]}
        per_ul["donor_myeloid"] = 1000 * (at["neutrophils"] + at["monocytes"])
        expected = sum(at[name] * count for name, count in per_ul.items()) / sum(per_ul.values())
        np.testing.assert_allclose(at["donor_blood"], expected, rtol=1e-5)


def middle(values, day):
    return float(np.nanmedian(values.sel(day=day)))


def test_t_cells_of_the_patient_are_cleared_after_ablative_conditioning(donor_t):
    assert middle(donor_t["ablative"], 90) > 95


def test_t_cells_of_the_patient_linger_for_months_after_two_gray(donor_t):
    assert 20 < middle(donor_t["2 Gy"], 30) < 80
    assert 50 < middle(donor_t["2 Gy"], 90) < middle(donor_t["ablative"], 90)
    mixed = donor_t["2 Gy"].sel(day=180).values
    assert np.mean((mixed > 5) & (mixed < 95)) > 0.2


def test_t_cells_of_the_patient_outlive_alemtuzumab_in_tissue_and_come_back_beside_those_of_the_donor(donor_t):
    assert middle(donor_t["alemtuzumab"], 7) > 95  # so few of either are left that the graft's are nearly all
    assert middle(donor_t["alemtuzumab"], 60) < 90
    mixed = donor_t["alemtuzumab"].sel(day=180).values
    assert np.mean((mixed > 5) & (mixed < 95)) > 0.15


def test_antibodies_against_lymphocytes_do_not_reach_resident_t_cells_and_fludarabine_does():
    assert "resident_t_cell" in KINDS_OF_T_CELL
    for drug in ("alemtuzumab", "anti_thymocyte_globulin"):
        kill = read_drug(drug).parameters.parameters
        assert kill["kill_resident_t_cell"].value == 0 < kill["kill_t_cell"].value
    assert "kill_resident_t_cell" not in read_drug("fludarabine").parameters.parameters  # dies as T cells do


def test_as_many_t_cells_leave_tissue_at_rest_as_settle_there():
    _, values, _ = typical(case())
    changes = moving(case(), {})
    for subset in ("cd4", "cd8"):
        resident = values["resident_share"] * values[f"memory_normal[{subset}]"]
        assert abs(changes[f"resident_t_cell[host,{subset}]"]) < 1e-9 * resident
        assert changes[f"resident_t_cell[donor,{subset}]"] == 0


def test_resident_t_cells_feed_circulation_when_it_is_empty():
    found = moving(case(), LYMPHOPENIA)
    assert found["resident_t_cell[host,cd4]"] < 0 < found["memory_t_cell[host,cd4]"]


def test_t_cells_of_the_patient_that_conditioning_has_injured_die_on_dividing():
    some = {**LYMPHOPENIA, "resident_t_cell[host,cd4]": 0.0, "naive_t_cell[host,cd4]": 0.0}
    whole, injured = moving(case(), some), moving(case(), {**some, "impairment[host]": 0.9})
    assert injured["memory_t_cell[host,cd4]"] < 0 < whole["memory_t_cell[host,cd4]"]


def test_injury_of_the_donor_s_alloreactive_cells_does_not_reach_the_donor_s_other_t_cells():
    some = {**LYMPHOPENIA, "memory_t_cell[donor,cd4]": 1e9}
    whole, injured = moving(case(), some), moving(case(), {**some, "impairment[donor]": 0.9})
    assert injured["memory_t_cell[donor,cd4]"] == whole["memory_t_cell[donor,cd4]"]


def test_cells_that_rest_kill_the_patient_s_t_cells_far_less_than_as_many_that_fight():
    def killed(**cells):
        quiet = moving(case(), {**IMMUNE, "effector[donor]": 0.0})["memory_t_cell[host,cd8]"]
        return quiet - moving(case(), {**IMMUNE, "effector[donor]": 0.0, **cells})["memory_t_cell[host,cd8]"]

    fighting, resting = killed(**{"effector[donor]": 2e8}), killed(**{"allo_memory[donor]": 2e8})
    assert 0 < resting < 0.05 * fighting
    assert killed(**{"effector[donor]": 2e7}) < 0.02 * fighting  # few do less than their share


def test_few_t_cells_of_the_donor_veto_less_than_their_share():
    def veto(cells):
        some = {"effector[host]": 1e6, "memory_t_cell[donor,cd4]": cells, "antigen_presenting[donor]": 0.0}
        return (
            moving(case(), {**some, "memory_t_cell[donor,cd4]": 0.0})["effector[host]"]
            - moving(case(), some)["effector[host]"]
        )

    assert 0 < veto(2e8) < 0.05 * veto(1e10)
