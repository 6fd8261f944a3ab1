"""Machine code and integrator against direct readings, closed forms, tighter tolerances and other methods."""

import dataclasses

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from bench import NOTHING, Machine, case, laid_out, patient, people, values_of
from hemograft.engine.setup import parameters_for
from hemograft.engine.simulate import simulate
from hemograft.errors import EngineError, InputError
from hemograft.model.reading import rates_of_change
from hemograft.protocol.actions import Give, Irradiate, Transfuse
from hemograft.protocol.protocol import read_protocol

AML = {"diagnosis": "aml_intermediate", "stage": "cr1"}


def ordered(*actions):
    return dataclasses.replace(NOTHING, actions=tuple(actions))


@pytest.fixture(scope="module")
def busy():
    """A model with everything in it, a machine for it, and a state in which nothing is zero."""
    who = case("mobilized_blood", **AML)
    model = laid_out(who, "haplo_ptcy")
    twins = people(model, who)
    rng = np.random.default_rng(3)
    x = twins.start[0] * rng.uniform(0.2, 1.5, len(model.states)) + rng.uniform(0.01, 5, len(model.states))
    p = twins.vectors[0].copy()
    for i in model.inputs:
        p[model.slots[i.name]] = 20.0
    return model, Machine(model), x, p, dict(zip(model.slots, p, strict=True))


def test_machine_code_gives_the_rates_of_the_plain_functions(busy):
    model, machine, x, p, values = busy
    plain, _ = rates_of_change(model, x, values)
    scale = np.abs(plain) + 1e-6 * np.abs(x)
    assert (np.abs(machine.rates(x, p) - plain) / scale).max() < 1e-9


def test_the_factored_matrix_is_the_jacobian_of_the_rates(busy):
    """``(g - J) y = b`` is checked by multiplying back with a finite-difference Jacobian."""
    model, machine, x, p, _ = busy
    g, rng = 3.0, np.random.default_rng(5)
    direction = rng.normal(size=len(x)) * x
    step = 1e-5
    along = (machine.rates(x + step * direction, p) - machine.rates(x - step * direction, p)) / (2 * step)
    found = machine.newton(x, p, g, g * direction - along)
    assert (np.abs(found - direction) / np.abs(x)).max() < 1e-4
    assert len(model.states) > 200


def test_the_integrator_agrees_with_an_independent_one(busy):
    """LSODA on the same machine code, 20 days after ablation without orders."""
    who = case(**AML)
    model = laid_out(who)
    twins = people(model, who, 1)
    ours = simulate(who, NOTHING, twins=1, days=20, tolerance=1e-7, seed=0, chance=False)
    machine, p = Machine(model), simulate_vector(model, who)
    theirs = solve_ivp(lambda t, x: machine.rates(x, p[0]), (-1, 20), p[1], method="LSODA", rtol=1e-10, atol=1e-3)
    counts = ours.data["leukemia_cells"].values[0, -1]
    total = sum(
        theirs.y[i, -1]
        for i, e in enumerate(model.states)
        if e.declared.name
        in ("leukemic_stem_quiescent", "leukemic_stem_cycling", "leukemic_progenitor", "blast", "blood_blast")
    )
    assert counts == pytest.approx(total, rel=1e-5)
    assert twins.start.shape == (1, len(model.states))


def simulate_vector(model, who):
    """The first twin's numbers and start exactly as simulate() makes them."""
    from hemograft.engine.twins import twins_of
    from hemograft.streams import key

    twins = twins_of(model, who, ("test/1",), np.array([key("test/1")]), 0, -1.0)
    return twins.vectors[0].copy(), twins.start[0].copy()


def test_a_tighter_tolerance_converges():
    """Errors against a very tight run shrink with the tolerance, and a step's error is near what is asked."""
    who, protocol = case("mobilized_blood", **AML), read_protocol("flubu4")
    runs = {
        t: simulate(who, protocol, twins=2, days=60, tolerance=t, seed=4, chance=False).data for t in (1e-3, 1e-5, 1e-9)
    }
    names = ("neutrophils", "platelets", "hemoglobin", "cd4", "donor_myeloid")
    errors = []
    for t in (1e-3, 1e-5):
        ratios = [
            np.abs(runs[t][n].values - runs[1e-9][n].values) / (np.abs(runs[1e-9][n].values) + 1e-3) for n in names
        ]
        errors.append(max(float(r.max()) for r in ratios))
    assert errors[1] < errors[0]
    assert errors[1] < 2e-3


def test_nothing_is_ever_negative():
    data = simulate(case("mobilized_blood", **AML), read_protocol("flubu4"), twins=4, days=100).data
    for name in data:
        assert float(data[name].min()) >= 0.0, name


def test_a_drug_given_once_has_the_area_of_dose_over_clearance():
    """Linear kinetics: area under the curve = dose / clearance, whatever the volumes."""
    who = case()
    protocol = ordered(Give("busulfan", "3.2 mg/kg", "iv", "+1", over="3 h"))
    run = simulate(who, protocol, twins=3, days=12, tolerance=1e-6)
    clearance = run.individual["clearance[busulfan]"] / 24  # L/h
    np.testing.assert_allclose(run.data["auc_busulfan"].values[:, -1], 224 / clearance, rtol=1e-4)


def test_clearance_follows_size_and_kidneys():
    """Allometric 0.75 power of weight; fludarabine is cleared in part by the kidney."""
    protocol = ordered(Give("fludarabine", "20 mg", "iv", "+1"))

    def area(**changes):
        return float(simulate(case(**changes), protocol, twins=1, days=20).data["auc_fludarabine"].values[0, -1])

    assert area(gfr="40 mL/min") > 1.2 * area()
    small = area(age="4 years", weight="17.5 kg", height="105 cm")
    assert small == pytest.approx(area() * 4**0.75, rel=0.02)


def test_radiation_obeys_the_linear_quadratic_law():
    """Stem cells left by one short fraction of d Gy: exp(-alpha d - beta d^2), slightly more when it takes time."""
    who = case()
    parameters = parameters_for(who, NOTHING)
    alpha, ratio = parameters["alpha_stem"].value, parameters["alpha_beta_ratio"].value
    run = simulate(who, ordered(Irradiate("4 Gy", "+1", over="10 min")), twins=4, days=2, tolerance=1e-8, chance=False)
    own = run.individual["alpha_stem"]
    data = run.data["hsc_host"]
    left = np.log(data.sel(day=2).values / data.sel(day=1).values)
    expected = -own * 4 - own / ratio * 16
    np.testing.assert_allclose(left, expected, rtol=0.03)
    assert alpha > 0


def test_fractions_with_time_to_repair_kill_less_than_one_fraction():
    one = simulate(case(), ordered(Irradiate("8 Gy", "+1", over="10 min")), twins=1, days=4, chance=False)
    four = simulate(
        case(), ordered(Irradiate("2 Gy", "+1 to +2", fractions_a_day=2, over="10 min")), twins=1, days=4, chance=False
    )
    assert float(four.data["hsc_host"].sel(day=4)[0]) > 1.5 * float(one.data["hsc_host"].sel(day=4)[0])


def test_filgrastim_stops_when_its_rule_says_so():
    rule = "neutrophils > 20.0 x10^9/L for 2 days"
    who = case()
    run = simulate(who, ordered(Give("filgrastim", "5 ug/kg", "sc", "+1 to +28", until=rule)), twins=3, days=30)
    counts = run.data["neutrophils"].values
    days = run.data["day"].values
    for i, name in enumerate(run.data["patient"].values):
        above = counts[i] > 20.0
        runs = [d for j, d in enumerate(days) if j >= 1 and above[j] and above[j - 1] and days[j - 1] >= 1]
        given = [row["day"] for row in run.given.to_pylist() if row["patient"] == name]
        assert runs, "the rule never held; the test says nothing"
        assert max(given) < runs[0] <= max(given) + 1


def test_transfusions_follow_the_count_of_the_day():
    order = Transfuse("platelets", "1 unit", if_="platelets < 100 x10^9/L", days="+1 to +20")
    who = case(**AML)
    protocol = dataclasses.replace(
        read_protocol("induction_7_3"),
        actions=(*[a for a in read_protocol("induction_7_3").actions if isinstance(a, Give)], order),
    )
    run = simulate(who, protocol, twins=3, days=25)
    counts = run.data["platelets"]
    for row in run.given.to_pylist():
        if row["kind"] == "transfusion":
            assert float(counts.sel(patient=row["patient"], day=row["day"])) < 100
            assert 1 <= row["day"] <= 20
    low = [(p, d) for p in counts["patient"].values for d in range(1, 21) if float(counts.sel(patient=p, day=d)) < 100]
    given = {(r["patient"], r["day"]) for r in run.given.to_pylist() if r["kind"] == "transfusion"}
    assert low
    assert given == set(low)


def test_the_number_of_workers_does_not_change_a_bit():
    who, protocol = case("mobilized_blood"), read_protocol("bucy")
    one = simulate(who, protocol, twins=6, days=30, workers=1)
    four = simulate(who, protocol, twins=6, days=30, workers=4)
    for name in one.data:
        assert one.data[name].values.tobytes() == four.data[name].values.tobytes()


def test_a_twin_is_the_same_alone_and_in_company():
    who, protocol = case("mobilized_blood"), read_protocol("bucy")
    few, many = simulate(who, protocol, twins=2, days=30), simulate(who, protocol, twins=5, days=30)
    for name in few.data:
        assert few.data[name].values.tobytes() == many.data[name].values[:2].tobytes()


def test_the_same_seed_gives_the_same_biology_under_another_protocol():
    a = simulate(case("mobilized_blood"), read_protocol("bucy"), twins=5, days=2)
    b = simulate(case("mobilized_blood"), read_protocol("flutbi2"), twins=5, days=2)
    shared = set(a.individual) & set(b.individual)
    assert len(shared) > 20
    for name in shared:
        np.testing.assert_array_equal(a.individual[name], b.individual[name])


def test_newly_diagnosed_leukemia_starts_treatment_with_the_blasts_of_the_case():
    who = case(diagnosis="aml_intermediate", stage="newly_diagnosed", marrow_blasts="60 %")
    run = simulate(who, read_protocol("induction_7_3"), twins=6, days=20)
    np.testing.assert_allclose(run.data["marrow_blasts"].sel(day=0).values, 60, atol=1.0)


def test_a_tight_dose_of_monitoring_gives_everybody_the_target_area():
    who = case()
    run = simulate(
        who, ordered(Give("busulfan", "target AUC 80 mg*h/L", "iv", "+1 to +4", over="3 h")), twins=4, days=20
    )
    np.testing.assert_allclose(run.data["auc_busulfan"].values[:, -1], 80, rtol=1e-3)


def test_a_patient_who_cannot_be_followed_is_reported_and_the_others_go_on():
    who = case("mobilized_blood")
    protocol = read_protocol("bucy")
    found = parameters_for(who, protocol)
    wild = dataclasses.replace(
        found["erythropoietin_slope"], value=found["erythropoietin_slope"].value * 300, spread=30.0
    )
    run = simulate(who, protocol, twins=12, days=40, parameters=found | type(found)({"erythropoietin_slope": wild}))
    assert 0 < len(run.failures) < 12
    lost = {failure.patient for failure in run.failures}
    for failure in run.failures:
        assert failure.state
        assert failure.day > -10
    for name in run.data["patient"].values:
        assert np.isnan(run.data["hemoglobin"].sel(patient=name, day=40)) == (name in lost)


def test_when_nobody_can_be_followed_the_error_names_day_and_state():
    who, protocol = case("mobilized_blood"), read_protocol("bucy")
    bad = parameters_for(who, protocol).changed(erythropoietin_slope="1e9 dL/g")
    with pytest.raises(EngineError, match=r"on day .* in "):
        simulate(who, protocol, twins=2, days=40, parameters=bad)


@pytest.mark.parametrize(("twins", "days"), [(0, 10), (1, 0), (-3, 10), (1, 1e9)])
def test_impossible_arguments_are_refused(twins, days):
    with pytest.raises(InputError):
        simulate(case(), NOTHING, twins=twins, days=days)


def test_a_graft_needs_an_order_and_an_order_needs_a_graft():
    with pytest.raises(InputError, match="infuse"):
        simulate(case("mobilized_blood"), NOTHING, twins=1, days=5)
    with pytest.raises(InputError, match="graft"):
        simulate(case(), read_protocol("bucy"), twins=1, days=5)


def test_values_of_twins_are_finite_and_patient_is_read():
    model = laid_out(case())
    assert np.isfinite(list(values_of(model, people(model, case())).values())).all()
    assert patient().weight == 70.0


def test_a_newborn_is_not_younger_than_birth_on_the_first_day():
    who = case(age="0.01 years", weight="3.5 kg", height="50 cm")
    run = simulate(who, ordered(Give("busulfan", "1 mg/kg", "iv", "-3")), twins=2, days=5)
    assert np.isfinite(run.data["neutrophils"].values).all()


def test_even_extreme_twins_have_a_leukemia_that_can_exist():
    who = case(diagnosis="t_all", stage="cr1")
    model = laid_out(who)
    twins = people(model, who, 50_000)
    assert (twins.slot(model, "leukemic_stem_renewal") < 1).all()
    assert np.isfinite(twins.start).all()
    assert (twins.start >= 0).all()
