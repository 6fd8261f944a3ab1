"""The generated integrator against its readable twin, and what any integrator of cells must keep to."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from bench import Machine, case, laid_out, people
from hemograft.engine.bedside import ADD_TO_STATE, START_ORDER
from hemograft.engine.emit import Function
from hemograft.engine.emit_math import EXPONENTIAL, POWER, write_math
from hemograft.engine.kernels import as_function, build_kernels
from hemograft.engine.lanes import FINE, _aligned, rows_for
from hemograft.engine.lines import Module
from hemograft.engine.lockstep import follow_together
from hemograft.engine.machine import load, natural_lanes, object_code
from hemograft.engine.method import readable_step
from hemograft.engine.run import run
from hemograft.model.component import Component, Flow, Population, Quantity, State
from hemograft.model.reading import rates_of_change
from small_models import deaths, follow
from small_models import laid_out as small
from small_models import people as alike

STEP = ("x", "f0", "p", "c", "length", "floor", "tolerance", "stages", "a", "y", "error", "size")
LANES = [1, 4, 8]


def machine_step(model, x, p, lengths):
    """One step of the machine code, one lane a row of ``x``; the new states, the errors and their size."""
    built = build_kernels(model, len(x))
    rows = rows_for(model, built, 1e-5)
    rows.x[:], rows.p[:], rows.length[0] = x.T, p.T, lengths
    run = {name: as_function(built.addresses[name], n) for name, n in {"prepare": 2, "rates": 4, "step": 12}.items()}
    run["prepare"](rows.p.ctypes.data, rows.c.ctypes.data)
    run["rates"](rows.x.ctypes.data, rows.p.ctypes.data, rows.c.ctypes.data, rows.f0.ctypes.data)
    run["step"](*(getattr(rows, name).ctypes.data for name in STEP))
    return rows.y.T.copy(), rows.error.T.copy(), rows.size[0].copy(), rows.floor[:, 0].copy()


def jacobian_of(rates):
    """By central differences."""

    def jacobian(x):
        change = 1e-6 * np.maximum(np.abs(x), 1e-3)
        columns = [(rates(x + d) - rates(x - d)) / (2 * c) for d, c in zip(np.diag(change), change, strict=True)]
        return np.stack(columns, axis=1)

    return jacobian


def compare(model, x, p, lengths, rtol):
    """Rates from the plain functions; the Jacobian from differences of the fast ones, which are tested elsewhere."""
    fast = Machine(model)
    y, error, size, floor = machine_step(model, x, p, lengths)
    for lane in {0, len(lengths) - 1}:
        h = lengths[lane]
        values = dict(zip(model.slots, p[lane], strict=True))

        def rates(amounts, values=values):
            return rates_of_change(model, amounts, values)[0]

        jacobian = jacobian_of(lambda amounts, lane=lane: fast.rates(amounts, p[lane].copy()))
        expected, missed = readable_step(rates, jacobian, x[lane], h)
        scale = np.abs(x[lane]) + np.abs(expected) + floor
        assert (np.abs(y[lane] - np.maximum(expected, 0)) / scale).max() < rtol
        assert (np.abs(error[lane] - missed) / scale).max() < rtol
        tolerated = 1e-5 * (floor + np.maximum(np.abs(x[lane]), np.abs(expected)))
        np.testing.assert_allclose(size[lane], np.sqrt(np.mean((missed / tolerated) ** 2)), rtol=1e-3, atol=1e-3)


def hunts(x, p):
    return p.hunt * x.prey * x.hunters


def breeds(x, p):
    return p.breed * x.prey


def starves(x, p):
    return p.starve * x.hunters


def prey_left(x, p):
    return 1 * x.prey


HUNT = Component(
    name="hunt",
    quantities=(Quantity("prey_left", "cells", prey_left, "prey", observed="cells"),),
    states=(State("prey", "cells", "those who are eaten"), State("hunters", "cells", "those who eat")),
    flows=(Flow("prey", "prey", breeds, yields=2.0), Flow("prey", "hunters", hunts), Flow("hunters", None, starves)),
)
HUNTING = {"breed": "0.6 1/day", "hunt": "0.02 1/cells/day", "starve": "0.4 1/day"}


@pytest.mark.parametrize("lanes", LANES)
def test_a_step_of_the_machine_code_is_the_readable_step_on_a_small_model(lanes):
    model, rng = small(HUNT, **HUNTING), np.random.default_rng(lanes)
    x = rng.uniform(10, 60, (lanes, 2))
    p = np.tile([model.parameters[name].value for name in model.slots], (lanes, 1)) * rng.uniform(0.5, 2, (lanes, 3))
    compare(model, x, p, rng.uniform(0.05, 1.0, lanes), 1e-8)


@pytest.mark.parametrize("lanes", [1, natural_lanes()])
def test_a_step_of_the_machine_code_is_the_readable_step_on_the_standard_model(lanes):
    who = case("mobilized_blood", diagnosis="aml_intermediate", stage="cr1")
    model = laid_out(who, "bucy")
    twins, rng = people(model, who, lanes), np.random.default_rng(lanes)
    shape = (lanes, len(model.states))
    x = twins.start * rng.uniform(0.5, 1.5, shape) + rng.uniform(0.5, 5, shape)
    shares = [state.name.startswith(("impairment", "late_tolerance", "thymus_damage")) for state in model.states]
    x[:, shares] /= 10  # a share above one would feed itself
    compare(model, x, twins.vectors, rng.uniform(0.01, 0.1, lanes), 1e-5)


def test_the_error_of_a_fixed_number_of_steps_falls_with_the_fourth_power():
    model, end = small(HUNT, **HUNTING), 4.0
    x0, p = np.array([[40.0, 9.0]]), np.array([[model.parameters[name].value for name in model.slots]])

    def rates(t, x):
        return rates_of_change(model, x, dict(zip(model.slots, p[0], strict=True)))[0]

    exact = solve_ivp(rates, (0, end), x0[0], method="DOP853", rtol=1e-13, atol=1e-13).y[:, -1]
    errors = []
    for steps in (20, 40, 80, 160):
        x = x0
        for _ in range(steps):
            x = machine_step(model, x, p, [end / steps])[0]
        errors.append(np.abs(x[0] / exact - 1).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (np.abs(orders - 4) < 0.3).all(), orders


def test_the_error_follows_the_tolerance_down_to_rounding():
    """The error of a step is of order four (and its estimate of order three): a ladder that never turns."""
    model = small(HUNT, **HUNTING)
    start = {"prey": 40.0, "hunters": 9.0}
    exact = follow(model, start, 1, 40, tolerance=1e-12, chance=False).final[0]
    errors = [
        np.abs(follow(model, start, 1, 40, tolerance=t, chance=False).final[0] / exact - 1).max()
        for t in (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
    ]
    assert (np.diff(errors) < 0).all(), errors
    slope = np.polyfit(np.arange(6), np.log10(errors), 1)[0]
    assert -1.3 < slope < -0.7, errors
    assert errors[-1] < 1e-6


def leaves(x, p):
    return p.leave * x.here


def returns(x, p):
    return p.come_back * x.there


def rests(x, p):
    return p.rest * x.there


def wakes(x, p):
    return p.wake * x.asleep


CLOSED = Component(
    name="closed",
    states=(State("here", "cells", "here"), State("there", "cells", "there"), State("asleep", "cells", "asleep")),
    flows=(
        Flow("here", "there", leaves),
        Flow("there", "here", returns),
        Flow("there", "asleep", rests),
        Flow("asleep", "here", wakes),
    ),
    populations=(Population("all", ("here", "there", "asleep"), (), "all of them"),),
)


def cells_left(x, p):
    return 1 * x.cells


DYING = Component(
    name="dying",
    states=(State("cells", "cells", "cells that die"),),
    quantities=(Quantity("cells_left", "cells", cells_left, "cells", observed="cells"),),
    flows=(Flow("cells", None, deaths),),
)
MOVING = {"leave": "5 1/day", "come_back": "0.1 1/day", "rest": "2 1/day", "wake": "0.01 1/day"}


def test_cells_that_only_move_are_neither_lost_nor_made():
    model = small(CLOSED, **MOVING)
    final = follow(model, {"here": 1e10, "asleep": 3e7}, 3, 400, chance=False).final
    np.testing.assert_allclose(final.sum(axis=1), 1e10 + 3e7, rtol=1e-12)


def test_cells_counted_in_ones_that_only_move_stay_as_many():
    model = small(CLOSED, **MOVING)
    early, late = (follow(model, {"here": 300.0}, 50, days).final.sum(axis=1) for days in (1, 200))
    np.testing.assert_array_equal(early, late)


@pytest.mark.parametrize("count", [1, 5, 8])
def test_alike_lanes_that_follow_together_are_alike(count):
    """Also where they do not fill a row."""
    model = small(HUNT, **HUNTING)
    patients = alike(model, {"prey": 40.0, "hunters": 9.0}, count, 10, chance=False)
    daily = follow_together(model, patients, (), 1e-6)
    assert daily.shape[:2] == (count, 11)
    assert all(lane.tobytes() == daily[0].tobytes() for lane in daily)


@pytest.fixture(scope="module")
def row_functions():
    """Exponential and power of rows of four, as plain functions of arrays."""
    module = Module(4)
    write_math(module)
    for name, arrays in ((EXPONENTIAL, ("a", "out")), (POWER, ("a", "b", "out"))):
        f = Function(module, f"of_{name}", arrays)
        f.each(1000, lambda i, f=f, name=name, arrays=arrays: f.store(
            f.inner(name, *(f.load(a, i) for a in arrays[:-1])), "out", i))  # fmt: skip
        f.close()
    engine = load(object_code(str(module)))

    def of(name, *numbers):
        places = [_aligned(1000, 4) for _ in (*numbers, None)]
        for place, given in zip(places, numbers, strict=False):
            place.flat[:] = 1.0
            place.flat[: len(given)] = given
        as_function(engine.get_function_address(f"of_{name}"), len(places))(*(a.ctypes.data for a in places))
        return places[-1].ravel()[: len(numbers[0])]

    return of


def test_the_exponential_of_rows_is_that_of_numpy(row_functions):
    x = np.concatenate([np.linspace(-700, 700, 2001), np.linspace(-1, 1, 1000), [0.0, 1e-300, -1e-17]])
    np.testing.assert_allclose(row_functions(EXPONENTIAL, x), np.exp(x), rtol=1e-12)
    tiny, huge, lost = row_functions(EXPONENTIAL, np.array([-1e5, 1e5, np.nan]))
    assert 0 <= tiny < 1e-300
    assert huge > 1e307
    assert np.isnan(lost)


def test_the_power_of_rows_is_that_of_numpy(row_functions):
    rng = np.random.default_rng(1)
    base = np.exp(rng.uniform(-600, 600, 3000))
    exponent = rng.uniform(-650, 650, 3000) / np.maximum(np.abs(np.log(base)), 1)
    np.testing.assert_allclose(row_functions(POWER, base, exponent), base**exponent, rtol=1e-12)
    near, exponent = rng.uniform(0.5, 2, 3000), rng.uniform(-20, 20, 3000)
    np.testing.assert_allclose(row_functions(POWER, near, exponent), near**exponent, rtol=1e-12)
    base, exponent = np.array([0.0, 0.0, 1e300, 7.0, np.nan, 2.0]), np.array([0.5, 3.0, 30.0, 0.0, 1.0, np.nan])
    zero, also, huge, one, lost, too = row_functions(POWER, base, exponent)
    assert zero == also == 0
    assert huge > 1e307
    assert one == 1
    assert np.isnan([lost, too]).all()


@pytest.mark.parametrize(("days", "given"), [(1, 6.5), (3, 8.5)])
def test_an_order_that_waits_is_carried_out_its_days_after_the_condition_is_met(days, given):
    """1000 cells that die at 0.2 a day are fewer than 500 from day 4 on; the order comes 2.5 days after."""
    model = small(DYING, death="0.2 1/day")
    patients = alike(model, {"cells": 1000.0}, 3, 12, chance=False)._replace(
        times=np.full((3, 1), 2.5),
        events=np.tile(np.array([ADD_TO_STATE, 0, 1, -1]), (3, 1, 1)),
        amounts=np.full((3, 1), 100.0),
        rules=np.tile(np.array([START_ORDER, 0, 2, 1, days, -1]), (3, 1, 1)),
        limits=np.tile(np.array([500.0, 0.0, 100.0, 0.0, 0.0]), (3, 1, 1)),
    )
    records = run(model, patients, tolerance=1e-8, chance=False)
    assert (records.given == given).all()
    assert (np.flatnonzero(records.acted[0, 0]) == given - 2.5).all()
    left = (1000 * np.exp(-0.2 * given) + 100) * np.exp(-0.2 * (12 - given))
    np.testing.assert_allclose(records.final[:, 0], left, rtol=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_patient_who_cannot_be_followed_does_not_touch_the_neighbors(value):
    model = small(HUNT, **HUNTING)
    patients = alike(model, {"prey": 40.0, "hunters": 9.0}, 9, 30, chance=False)
    patients.vectors[:] *= np.linspace(0.8, 1.2, 9)[:, None]
    sound = run(model, patients, tolerance=1e-5, chance=False, lanes=4)
    patients.vectors[2, model.slots["breed"]] = value
    broken = run(model, patients, tolerance=1e-5, chance=False, lanes=4)
    assert broken.status[2, 0] != FINE
    others = [i for i in range(9) if i != 2]
    assert broken.final[others].tobytes() == sound.final[others].tobytes()
    assert broken.status[others].tobytes() == sound.status[others].tobytes()
