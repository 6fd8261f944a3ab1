"""Schedules: amounts and times, compared with a second reading of every regimen."""

import dataclasses
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hemograft.case import Patient
from hemograft.drugs import read_drug, shipped_drugs
from hemograft.errors import InputError
from hemograft.protocol import (
    Give,
    Infuse,
    Irradiate,
    Protocol,
    Transfuse,
    read_protocol,
    schedule,
    shipped_parts,
    shipped_protocols,
)
from hemograft.protocol.parts import PARTS

ADULT = Patient(age=50, sex="male", weight=70, height=1.75, gfr=100, diagnosis="aml_intermediate", stage="cr1")
READINGS = yaml.safe_load((Path(__file__).parent / "qc" / "protocols.yaml").read_text())


def ordered(*actions) -> Protocol:
    return Protocol("test", "test", "test", actions)


def expected_doses(rows: list[str]) -> Counter:
    """The table of the second reading as a count of (what, route, start, hours, amount).

    A drug followed by its mean rate is one long infusion over its days.
    """
    found = Counter()
    for row in rows:
        what, route, days, times, amount, hours = (cell.strip() for cell in row.split("|"))
        first, _, last = days.partition("..")
        which = range(int(first), int(last) + 1) if last else [float(day) for day in days.split()]
        if what in shipped_drugs() and read_drug(what).averaged:
            whole = f"{float(amount) * int(times) * len(which):.4g}"
            found[what, route, round(which[0], 4), 24.0 * len(which), whole] += 1
            continue
        for day in which:
            for j in range(int(times)):
                start = round(day + j / int(times), 4)
                found[what, route.strip("-"), start, float(hours), f"{float(amount):.4g}"] += 1
    return found


def test_every_protocol_has_a_second_reading():
    assert set(READINGS) == {*shipped_protocols(), *shipped_parts()}
    assert all(reading["read_from"].strip() for reading in READINGS.values())


@pytest.mark.parametrize("name", [*shipped_protocols(), *shipped_parts()])
def test_a_protocol_gives_what_a_second_reading_of_its_source_says(name):
    part = PARTS / f"{name}.yaml"
    doses = schedule(read_protocol(part if part.exists() else name), ADULT).doses
    given = Counter(
        (dose.what, dose.route, round(dose.start, 4), round(24 * dose.duration, 4), f"{dose.amount[0]:.4g}")
        for dose in doses
        if dose.kind != "graft" and not dose.course
    )
    assert given == expected_doses(READINGS[name]["rows"])


@pytest.mark.parametrize("name", [name for name in shipped_protocols() if read_protocol(name).infuses])
def test_the_graft_comes_at_noon_of_day_0_after_all_conditioning(name):
    protocol = read_protocol(name)
    doses = schedule(protocol, ADULT, graft=True).doses
    grafts = [dose for dose in doses if dose.kind == "graft"]
    assert [dose.start for dose in grafts] == [0.5]
    conditioning = [d for d in doses if protocol.actions[d.order].section == "conditioning"]
    assert all(dose.start + dose.duration < 0.5 for dose in conditioning)


def test_doses_come_in_order_of_time_and_know_their_order_number():
    protocol = read_protocol("haplo_ptcy")
    doses = schedule(protocol, ADULT).doses
    assert [dose.start for dose in doses] == sorted(dose.start for dose in doses)
    filgrastim = next(dose for dose in doses if dose.what == "filgrastim")
    assert getattr(protocol.actions[filgrastim.order], "drug", None) == "filgrastim"


def test_total_body_irradiation_of_12_gy_is_six_fractions_half_a_day_apart():
    fractions = [dose for dose in schedule(read_protocol("cytbi"), ADULT).doses if dose.kind == "radiation"]
    assert [dose.start for dose in fractions] == [-3, -2.5, -2, -1.5, -1, -0.5]
    assert sum(dose.amount[0] for dose in fractions) == pytest.approx(12)


def test_rules_carry_their_order_and_their_days():
    protocol = read_protocol("haplo_ptcy")
    plan = schedule(protocol, ADULT)
    (stop,) = plan.stops
    assert (stop.first, stop.last) == (5.0, 60.0)
    assert getattr(protocol.actions[stop.order], "drug", None) == "filgrastim"
    assert [(rule.what, rule.amount, rule.first, rule.last) for rule in plan.transfusions] == [
        ("platelets", 1.0, -7.0, 100.0),
        ("red_cells", 2.0, -7.0, 100.0),
    ]


def test_days_with_gaps_arm_a_transfusion_rule_for_each_stretch():
    rule = Transfuse("platelets", "1 unit", "platelets < 10 x10^9/L", "1, 2, 3, 7")
    assert [(r.first, r.last) for r in schedule(ordered(rule), ADULT).transfusions] == [(1, 3), (7, 7)]


def test_hour_moves_the_first_dose_of_each_day():
    doses = schedule(ordered(Give("fludarabine", "30 mg/m2", "iv", "-2", 2, hour=6), Infuse(hour=18)), ADULT).doses
    assert [dose.start for dose in doses] == [-1.75, -1.25, 0.75]


def test_an_infusion_takes_the_usual_time_of_the_drug_file_unless_the_order_says_otherwise():
    usual, longer = (
        Give("busulfan", "3.2 mg/kg", "iv", "-5"),
        Give("busulfan", "3.2 mg/kg", "iv", "-4", over="5 h"),
    )
    doses = schedule(ordered(usual, longer), ADULT).doses
    assert [dose.duration for dose in doses] == pytest.approx([read_drug("busulfan").routes["iv"], 5 / 24])


def test_a_continuous_infusion_can_be_one_long_one():
    (dose,) = schedule(ordered(Give("cytarabine", "700 mg/m2", "iv", "1", over="7 days")), ADULT).doses
    assert (dose.duration, dose.amount[0]) == pytest.approx((7.0, 700 * ADULT.body_surface))


def test_a_dose_per_kg_follows_the_weight_that_is_asked_for():
    heavy = ADULT.model_copy(update={"weight": 120.0})
    doses = [
        schedule(ordered(Give("busulfan", "1 mg/kg", "iv", "-5", weight_basis=basis)), heavy).doses[0].amount[0]
        for basis in ("actual", "ideal", "adjusted")
    ]
    assert doses == pytest.approx([120.0, heavy.ideal_weight, heavy.ideal_weight + (120 - heavy.ideal_weight) / 4])


def test_an_ideal_weight_that_does_not_exist_is_told_with_the_line_of_the_order():
    child = ADULT.model_copy(update={"age": 5.0, "weight": 18.0, "height": 1.09})
    order = Give("busulfan", "1 mg/kg", "iv", "-5", weight_basis="ideal", where="p.yaml:7")
    with pytest.raises(InputError, match=r"p\.yaml:7: there is no ideal weight"):
        schedule(ordered(order), child)


def test_a_target_exposure_is_shared_by_the_doses_and_follows_each_twin():
    clearance = np.array([200.0, 250.0, 400.0])  # L/day
    plan = schedule(ordered(Give("busulfan", "target AUC 90 mg*h/L", "iv", "-7 to -4")), ADULT,
                    {"busulfan": clearance}, twins=3)  # fmt: skip
    assert len(plan.doses) == 4
    total = sum(dose.amount for dose in plan.doses)
    assert total / clearance * 24 == pytest.approx([90, 90, 90])


def test_a_molar_target_goes_through_the_molar_mass():
    """90 mg*h/L of busulfan is 21,924 uM*min with a molar mass of 246.3 g/mol."""
    clearance = {"busulfan": np.array([250.0])}
    mass, molar = (
        schedule(ordered(Give("busulfan", f"target AUC {target}", "iv", "-5")), ADULT, clearance)
        for target in ("24.638 mg*h/L", "6002 uM*min")
    )
    assert molar.doses[0].amount == pytest.approx(mass.doses[0].amount, rel=1e-3)


@pytest.mark.parametrize(
    "clearance", [None, {}, {"busulfan": np.array([1.0, 2.0])}, {"busulfan": np.array([np.nan])},
                  {"busulfan": np.array([-1.0])}],
)  # fmt: skip
def test_a_target_exposure_needs_a_clearance_for_each_twin(clearance):
    with pytest.raises(InputError, match="clearance of busulfan"):
        schedule(ordered(Give("busulfan", "target AUC 90 mg*h/L", "iv", "-5")), ADULT, clearance)


def test_a_dose_above_the_largest_of_the_drug_file_is_taken_for_a_slip():
    slip = Give("busulfan", "32 mg/kg", "iv", "-5", where="p.yaml:4")
    with pytest.raises(InputError, match=r"p\.yaml:4: one dose of busulfan .* above the largest"):
        schedule(ordered(slip), ADULT)
    monitored = Give("busulfan", "target AUC 900 mg*h/L", "iv", "-5")
    with pytest.raises(InputError, match="above the largest"):
        schedule(ordered(monitored), ADULT, {"busulfan": np.array([250.0])})


def test_the_same_dose_twice_at_the_same_moment_is_refused_in_python_too():
    twice = Give("busulfan", "1 mg/kg", "iv", "-5"), Give("busulfan", "2 mg/kg", "iv", "-6 to -4")
    with pytest.raises(InputError, match="ordered twice"):
        schedule(ordered(*twice), ADULT)
    apart = Give("busulfan", "1 mg/kg", "iv", "-5"), Give("busulfan", "1 mg/kg", "iv", "-5", hour=12)
    assert len(schedule(ordered(*apart), ADULT).doses) == 2


def test_a_protocol_and_a_case_must_agree_on_the_graft():
    with pytest.raises(InputError, match="the case has none"):
        schedule(read_protocol("bucy"), ADULT, graft=False)
    with pytest.raises(InputError, match="never infuses it"):
        schedule(read_protocol("induction_7_3"), ADULT, graft=True)


def test_conditioning_without_a_graft_can_be_tried_in_python():
    protocol = read_protocol("flutbi2")
    rest = tuple(action for action in protocol.actions if not isinstance(action, Infuse))
    plan = schedule(dataclasses.replace(protocol, id="flutbi2_no_graft", actions=rest), ADULT, graft=False)
    assert {dose.kind for dose in plan.doses} == {"drug", "radiation"}


def test_several_problems_of_a_schedule_are_told_at_once():
    slips = Give("busulfan", "32 mg/kg", "iv", "-5"), Give("melphalan", "1400 mg/m2", "iv", "-2")
    with pytest.raises(InputError) as caught:
        schedule(ordered(*slips), ADULT, graft=True)
    assert len(caught.value.problems) == 3


def test_every_twin_gets_a_dose_and_equal_doses_cost_no_memory():
    dose = schedule(read_protocol("flubu4"), ADULT, twins=10_000).doses[0]
    assert dose.amount.shape == (10_000,)
    assert dose.amount.strides == (0,)


@given(st.floats(10, 150), st.floats(0.5, 2.5), st.floats(0.1, 4.0))
def test_doses_are_proportional_to_weight_and_body_surface(weight, surface, dose):
    person = SimpleNamespace(weight=weight, body_surface=surface, ideal_weight=weight, adjusted_weight=weight)
    per_kg = Give("busulfan", f"{dose!r} mg/kg", "iv", "-5")
    per_m2 = Give("fludarabine", f"{10 * dose!r} mg/m2", "iv", "-5")
    doses = schedule(ordered(per_kg, per_m2), person).doses
    assert {d.what: d.amount[0] for d in doses} == pytest.approx(
        {"busulfan": dose * weight, "fludarabine": 10 * dose * surface}
    )


@given(st.integers(-30, 100), st.integers(0, 20), st.integers(1, 6), st.none() | st.integers(0, 23))
def test_every_dose_of_an_order_is_given_once(first, length, times, hour):
    order = Give("fludarabine", "5 mg/m2", "iv", f"{first} to {first + length}", times, hour, over="10 min")
    starts = [dose.start for dose in schedule(ordered(order), ADULT).doses]
    assert len(set(starts)) == len(starts) == times * (length + 1)
    assert starts[0] == pytest.approx(first + (hour or 0) / 24, abs=1e-6)
    assert np.diff(starts) == pytest.approx(1 / times, abs=2e-6)


def test_radiation_may_be_written_in_cgy():
    (dose,) = schedule(ordered(Irradiate("200 cGy", "-1")), ADULT).doses
    assert (dose.what, dose.amount[0], dose.duration) == ("total_body", pytest.approx(2.0), 0.0)
