"""Derivatives of courses by parameters, against closed forms, independent runs and tighter tolerances."""

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from bench import NOTHING, case
from hemograft import InputError, parameters_for, read_protocol, sensitivities, simulate
from hemograft.engine.lockstep import follow_together
from hemograft.engine.sensitivity import Directions
from hemograft.ensemble import uncalibrated
from hemograft.model.component import Component, Flow, Quantity, State
from hemograft.outlets.cli import main
from hemograft.parameters import ParameterSet
from hemograft.protocol.actions import Give
from small_models import births, deaths, laid_out, people

EXAMPLE = Path(__file__).parent.parent / "examples" / "aml_cr1_flubu4.yaml"
GRAFTED = "mobilized_blood"
DISEASED = {"diagnosis": "aml_intermediate", "stage": "newly_diagnosed", "marrow_blasts": "60 %"}
CHOSEN = ("granulocyte_division_max", "platelet_count", "alpha_progenitor", "graft_granulocytic", "clearance[busulfan]")

VARIED = (*CHOSEN, "granulocyte_renewal_max", "multipotent_division_first_max", "hemoglobin_men")


def amount(x, p):
    return 1 * x.cells


GROWTH = Component(
    name="growth",
    states=(State("cells", "cells", "cells that divide and die"),),
    quantities=(Quantity("amount", "cells", amount, "how many", observed="cells"),),
    flows=(Flow("cells", "cells", births, yields=2.0), Flow("cells", None, deaths)),
)


def test_derivatives_of_exponential_growth_are_those_of_the_closed_form():
    """``x = x0 exp((b - d) t)``: by the logarithm of ``b``, ``b t x``; by that of ``d``, ``-d t x``."""
    b, d, days = 0.3, 0.2, 30
    model = laid_out(GROWTH, birth=f"{b} 1/day", death=f"{d} 1/day")
    directions = Directions(("birth", "death"), 1e-4)
    patients = people(model, {"cells": 1e6}, directions.lanes, days, chance=False)
    for name in directions.names:
        patients.vectors[:, model.slots[name]] *= directions.multiple(name)
    daily = follow_together(model, patients, (), 1e-8)[:, :, 0]
    t = np.arange(days + 1)
    np.testing.assert_allclose(daily[0], 1e6 * np.exp((b - d) * t), rtol=1e-6)
    by_birth, by_death = directions.derivatives(daily)
    np.testing.assert_allclose(by_birth, b * t * daily[0], rtol=1e-6)
    np.testing.assert_allclose(by_death, -d * t * daily[0], rtol=1e-6)


def test_derivatives_are_those_of_independent_tight_runs():
    """Each parameter a thousandth up and down, at tolerance 1e-10 and with steps of its own."""
    who, protocol = case(GRAFTED), read_protocol("bucy")
    plain = parameters_for(who, protocol)
    median = ParameterSet({name: dataclasses.replace(plain[name], spread=0.0) for name in plain})
    found = sensitivities(who, protocol, CHOSEN, days=25, tolerance=1e-8)
    for name in CHOSEN[::2]:
        up, down = (
            simulate(who, protocol, twins=1, days=25, tolerance=1e-10, chance=False, parameters=median | changed).data
            for changed in (
                ParameterSet({name: dataclasses.replace(median[name], value=median[name].value * np.exp(change))})
                for change in (1e-3, -1e-3)
            )
        )
        for what in ("neutrophils", "platelets", "hemoglobin", "donor_t"):
            expected = (up[what].values[0] - down[what].values[0]) / 2e-3
            got = found[f"d_{what}"].sel(parameter=name).values
            largest = max(np.abs(expected).max(), 1e-3 * float(found[what].max()))
            assert np.abs(got - expected).max() < 1e-4 * largest, (name, what)


def file_values():
    """The values for which the errors are stated, whatever calibration comes with the package."""
    return parameters_for(case(GRAFTED), read_protocol("bucy"), uncalibrated())


@pytest.fixture(scope="module")
def exact():
    return sensitivities(case(GRAFTED), "bucy", VARIED, days=100, tolerance=1e-8, values=file_values())


@pytest.mark.parametrize(("tolerance", "worst", "nearly_all"), [(1e-4, 0.15, 5e-3), (1e-6, 3e-3, 1e-3)])
def test_the_error_of_derivatives_is_as_stated(exact, tolerance, worst, nearly_all):
    """Over 100 days and all parameters, as a share of the largest derivative of the observable: worst, and 99 %."""
    rough = sensitivities(case(GRAFTED), "bucy", VARIED, days=100, tolerance=tolerance, values=file_values())
    for what in ("neutrophils", "platelets", "hemoglobin", "donor_t", "lymphocytes"):
        missed = np.abs(rough[f"d_{what}"].values - exact[f"d_{what}"].values)
        missed /= np.abs(exact[f"d_{what}"].values).max()
        assert missed.max() < worst, what
        assert np.quantile(missed, 0.99) < nearly_all, what


def test_derivatives_do_not_depend_on_the_step_even_at_a_rough_tolerance():
    """Steps of their own would make differences of 1e-6 meaningless at a tolerance of 1e-4."""
    who = case(GRAFTED)
    wide, narrow = (
        sensitivities(who, "bucy", CHOSEN, days=40, tolerance=1e-4, relative_step=s)["d_neutrophils"].values
        for s in (1e-4, 1e-6)
    )
    assert np.abs(wide - narrow).max() < 1e-5 * np.abs(wide).max()


def test_the_first_lane_is_the_twin_that_simulate_follows():
    who = case(GRAFTED)
    run = simulate(who, "bucy", twins=2, days=40, chance=False, tolerance=1e-7)
    found = sensitivities(who, "bucy", ["graft_hsc"], days=40, twin=2, tolerance=1e-7)
    assert found.attrs["patient"] == run.data["patient"].values[1]
    np.testing.assert_array_equal(found["day"], run.data["day"])
    for what in ("neutrophils", "hemoglobin", "donor_t"):
        np.testing.assert_allclose(found[what], run.data[what][1], rtol=1e-3, atol=1e-4 * run.data[what].values.max())


def test_logarithms_have_relative_derivatives():
    found = sensitivities(case(GRAFTED), "bucy", CHOSEN, days=20, observables=("platelets", "log_platelets"))
    assert found["platelets"].attrs["unit"] == "x10^9/L"
    assert found["d_log_platelets"].dims == ("parameter", "day")
    np.testing.assert_allclose(
        found["d_log_platelets"], found["d_platelets"] / found["platelets"], rtol=1e-5, atol=1e-6
    )


def test_a_monitored_dose_takes_up_what_clearance_would_change():
    protocol = dataclasses.replace(
        NOTHING, actions=(Give("busulfan", "target AUC 80 mg*h/L", "iv", "+1 to +4", over="3 h"),)
    )
    found = sensitivities(case(), protocol, ["clearance[busulfan]"], days=20)
    fixed = dataclasses.replace(NOTHING, actions=(Give("busulfan", "3.2 mg/kg", "iv", "+1", over="3 h"),))
    plain = sensitivities(case(), fixed, ["clearance[busulfan]"], days=20)
    assert abs(float(found["d_auc_busulfan"][0, -1])) < 1e-3 * float(found["auc_busulfan"][-1])
    np.testing.assert_allclose(plain["d_auc_busulfan"][0, -1], -plain["auc_busulfan"][-1], rtol=1e-3)


def test_a_leukemia_seen_at_diagnosis_stays_as_the_case_states_it():
    names = ("leukemia_doubling_time", "granulocyte_division_max")
    found = sensitivities(case(**DISEASED), "induction_7_3", names, days=20)
    before = found.sel(day=float(min(read_protocol("induction_7_3").first_day, 0)))
    assert float(before["marrow_blasts"]) == pytest.approx(60, abs=1)
    assert np.abs(before["d_marrow_blasts"].values).max() < 0.01
    assert np.abs(found["d_marrow_blasts"].sel(day=20).values).max() > 0.1


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(InputError, match="graft_hsc"):
        sensitivities(case(GRAFTED), "bucy", ["graft_hcs"], days=5)
    with pytest.raises(InputError, match="neutrophils"):
        sensitivities(case(GRAFTED), "bucy", ["graft_hsc"], days=5, observables=["log_neutrophil"])
    with pytest.raises(InputError, match="relative_step"):
        sensitivities(case(GRAFTED), "bucy", ["graft_hsc"], days=5, relative_step=1.0)


def test_the_command_ranks_parameters_by_what_they_change(tmp_path, capsys):
    file = tmp_path / "all.csv"
    with pytest.raises(SystemExit) as left:
        main(["sensitivity", str(EXAMPLE), "--parameters", "graft_hsc,leukemia_doubling_time,clearance[busulfan]",
              "--days", "100", "--json", "--out", str(file)])  # fmt: skip
    assert not left.value.code
    points = {(one["observable"], one["day"]): one for one in json.loads(capsys.readouterr().out)["points"]}
    cells = points["leukemia_cells", 100]
    assert cells["change_unit"] == "percent"
    sizes = [abs(one["change"]) for one in cells["parameters"]]
    assert sizes == sorted(sizes, reverse=True)
    first, second, last = (one["parameter"] for one in cells["parameters"])
    assert {first, second} == {"leukemia_doubling_time", "clearance[busulfan]"}
    assert last == "graft_hsc"
    assert ("leukemia_cells", 365) not in points
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    days = [row for row in rows if (row["observable"], row["parameter"], row["day"]) ==
            ("leukemia_cells", "leukemia_doubling_time", "100")]  # fmt: skip
    change = float(days[0]["derivative_by_log_parameter"]) / float(days[0]["value"])
    told = {one["parameter"]: one["change"] for one in cells["parameters"]}
    assert change == pytest.approx(told["leukemia_doubling_time"], rel=1e-6)
