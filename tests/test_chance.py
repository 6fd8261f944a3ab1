"""Cells counted in ones and events that happen by chance, against closed forms.

Every test of a distribution states how many samples it has and allows four standard errors; seeds are fixed.
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.stats import kstest, norm, poisson

from hemograft.engine import luck
from small_models import BIRTHS_AND_DEATHS, CROWDED, FOUNDERS, LIVES, RESTING_AND_ACTIVE, follow, laid_out

COUNT = 4000


def within(found, expected, standard_error):
    assert abs(found - expected) < 4 * standard_error, f"{found:.5g} against {expected:.5g} +- {standard_error:.2g}"


def birth_death(n, b, d, t):
    """Mean, variance and probability of extinction of a linear birth-death process (Kendall 1948)."""
    grown = np.exp((b - d) * t)
    lost = d * (grown - 1) / (b * grown - d)
    return n * grown, n * (b + d) / (b - d) * grown * (grown - 1), lost**n


@pytest.mark.parametrize(
    ("n", "b", "d", "days"),
    [(10, 0.1, 0.12, 30), (1, 0.3, 0.2, 10), (200, 0.30, 0.35, 20), (3000, 0.2, 0.6, 12), (24, 0.5, 0.1, 5)],
)
def test_births_and_deaths_have_the_mean_variance_and_extinction_of_the_closed_form(n, b, d, days):
    """Linear births and deaths from a whole number of cells (Kendall 1948)."""
    model = laid_out(BIRTHS_AND_DEATHS, birth=f"{b} 1/day", death=f"{d} 1/day", arrival="0 cells/day")
    cells = follow(model, {"cells": n}, COUNT, days).final[:, 0]
    mean, variance, extinct = birth_death(n, b, d, days)
    within(cells.mean(), mean, np.sqrt(variance / COUNT))
    fourth = np.mean((cells - mean) ** 4)
    within(cells.var(), variance, np.sqrt((fourth - variance**2) / COUNT))
    within(np.mean(cells == 0), extinct, np.sqrt(extinct * (1 - extinct) / COUNT) + 1e-4)
    assert (cells % 1 == 0).all()


def test_an_expected_number_of_cells_at_the_start_becomes_a_poisson_number():
    model = laid_out(BIRTHS_AND_DEATHS, birth="0 1/day", death="1e-9 1/day", arrival="0 cells/day")
    cells = follow(model, {"cells": 2.5}, COUNT, 1).final[:, 0]
    within(cells.mean(), 2.5, np.sqrt(2.5 / COUNT))
    within(cells.var(), 2.5, 2.5 * np.sqrt((2 + 1 / 2.5) / COUNT))


def test_arrivals_and_deaths_settle_to_a_poisson_number():
    model = laid_out(BIRTHS_AND_DEATHS, birth="0 1/day", death="0.5 1/day", arrival="3 cells/day")
    cells = follow(model, {}, COUNT, 6).final[:, 0]
    mean = 3 / 0.5 * (1 - np.exp(-0.5 * 6))
    observed = np.bincount(cells.astype(int), minlength=30)[:30]
    expected = COUNT * poisson.pmf(np.arange(30), mean)
    assert (np.abs(observed - expected) < 4 * np.sqrt(expected) + 4).all()


def test_two_kinds_of_stem_cells_die_out_as_their_branching_equations_say():
    """The probability of extinction solves two ordinary differential equations (Kolmogorov, backward)."""
    w, s, b, d, m = 0.05, 0.2, 0.4, 0.3, 0.25
    model = laid_out(
        RESTING_AND_ACTIVE,
        waking=f"{w} 1/day",
        settling=f"{s} 1/day",
        birth=f"{b} 1/day",
        death=f"{d} 1/day",
        maturing=f"{m} 1/day",
        clearance="1 1/day",
    )

    def backward(t, q):
        rest, act = q
        return [w * (act - rest), s * (rest - act) + b * (act**2 - act) + (d + m) * (1 - act)]

    q = solve_ivp(backward, (0, 60), [0, 0], rtol=1e-10, atol=1e-12).y[:, -1]
    for resting, active in ((2, 3), (20, 60)):
        final = follow(model, {"resting": resting, "active": active}, COUNT, 60).final
        extinct = q[0] ** resting * q[1] ** active
        within(np.mean(final[:, :2].sum(axis=1) == 0), extinct, np.sqrt(extinct * (1 - extinct) / COUNT))


@pytest.mark.parametrize(("start", "places", "days"), [(60, 150.0, 40), (6, 12.0, 25)])
def test_cells_that_crowd_each_other_have_the_law_of_their_master_equation_on_every_day(start, places, days):
    """Division slows with the number itself: fewer than 600 cells, so that the law of the number can be computed."""
    b, d, n = 0.5, 0.3, np.arange(600.0)
    up, down = b / (1 + n / places) * n, d * n
    up[-1] = 0
    generator = np.diag(up[:-1], 1) + np.diag(down[1:], -1) - np.diag(up + down)
    day_by_day, law = expm(generator), (n == start).astype(float)
    model = laid_out(CROWDED, birth=f"{b} 1/day", death=f"{d} 1/day", places=f"{places} cells")
    counts = follow(model, {"cells": start}, COUNT, days).daily[:, :, 0]
    assert (counts % 1 == 0).all()
    for cells in counts.T[1:]:
        law = law @ day_by_day
        mean, extinct = law @ n, law[0]
        variance, fourth = law @ (n - mean) ** 2, law @ (n - mean) ** 4
        within(cells.mean(), mean, np.sqrt(variance / COUNT))
        within(cells.var(), variance, np.sqrt((fourth - variance**2) / COUNT))
        within(np.mean(cells == 0), extinct, np.sqrt(extinct * (1 - extinct) / COUNT) + 1e-4)


def test_cells_of_a_kind_that_was_absent_divide_from_their_first_day():
    """Where there are none, a rate per cell that depends on their number is still known."""
    model = laid_out(FOUNDERS, giving="0.1 1/day", birth="1.5 1/day", places="1e9 cells")
    offspring = follow(model, {"founders": 10}, 10 * COUNT, 1).final[:, 1]
    mean = 10 * 0.1 * (np.exp(1.5) - np.exp(-0.1)) / (1.5 + 0.1)
    within(offspring.mean(), mean, offspring.std() / np.sqrt(10 * COUNT))


def test_without_chance_the_same_model_is_its_differential_equations():
    model = laid_out(BIRTHS_AND_DEATHS, birth="0.1 1/day", death="0.12 1/day", arrival="0 cells/day")
    cells = follow(model, {"cells": 10}, 3, 30, chance=False).final[:, 0]
    np.testing.assert_allclose(cells, birth_death(10, 0.1, 0.12, 30)[0], rtol=1e-4)


def test_many_cells_follow_the_equations_and_few_are_whole():
    model = laid_out(BIRTHS_AND_DEATHS, birth="0.1 1/day", death="0.6 1/day", arrival="0 cells/day")
    cells = follow(model, {"cells": 1e9}, COUNT, 40).final[:, 0]
    mean = 1e9 * np.exp(-0.5 * 40)
    _, variance, _ = birth_death(1e9, 0.1, 0.6, 40)
    within(cells.mean(), mean, np.sqrt(variance / COUNT) + 1e-3 * mean)
    within(cells.var(), variance, 0.05 * variance)
    assert (cells % 1 == 0).all()


@pytest.fixture(scope="module")
def lives():
    values = {"pace": "1 day/day", "wear": "0.002 1/day^2", "fall": "0.01 1/day", "after": "4", "slip": "0.05 1/day"}
    return follow(laid_out(LIVES, **values), {}, COUNT, 400)


def test_events_come_when_their_integrated_hazard_is_used_up(lives):
    """Slips at a constant rate until the end of the course; the first 15 days, in which few have ended."""
    slipped, ended = lives.happened[:, 0], np.nanmin(lives.happened[:, 1:], axis=1)
    early = np.isfinite(slipped) & (slipped < 15)
    at_risk = np.minimum(np.where(np.isfinite(slipped), slipped, np.inf), np.minimum(ended, 15)).sum()
    within(early.sum() / at_risk, 0.05, 0.05 / np.sqrt(early.sum()))


def test_the_end_has_the_distribution_of_its_growing_hazard():
    """Wear alone: survival exp(-wear t^2 / 2) (Rayleigh), whatever the steps of the integrator."""
    values = {"pace": "1 day/day", "wear": "0.002 1/day^2", "fall": "0 1/day", "after": "0", "slip": "0 1/day"}
    records = follow(laid_out(LIVES, **values), {}, COUNT, 400, tolerance=1e-6)
    day = records.happened[:, 1]
    assert kstest(day, lambda t: 1 - np.exp(-0.001 * t**2)).pvalue > 1e-4
    np.testing.assert_allclose(records.status[:, 1], day)
    np.testing.assert_allclose(records.final[:, 0], day, rtol=1e-5)


def test_days_of_events_do_not_depend_on_the_tolerance():
    values = {"pace": "1 day/day", "wear": "0.002 1/day^2", "fall": "0.01 1/day", "after": "4", "slip": "0.05 1/day"}
    loose, tight = (follow(laid_out(LIVES, **values), {}, 50, 400, tolerance=t).happened for t in (1e-3, 1e-8))
    np.testing.assert_array_equal(np.isnan(loose), np.isnan(tight))
    np.testing.assert_allclose(loose, tight, rtol=2e-3)


def test_a_patient_is_bitwise_the_same_in_any_company_and_any_number_of_lanes():
    model = laid_out(BIRTHS_AND_DEATHS, birth="0.3 1/day", death="0.3 1/day", arrival="0.2 cells/day")
    alone = follow(model, {"cells": 30}, 1, 50).final
    runs = [
        follow(model, {"cells": 30}, 21, 50, **options).final
        for options in ({"lanes": 1}, {"lanes": 4}, {"lanes": 8}, {"workers": 3})
    ]
    assert all(run[0].tobytes() == alone[0].tobytes() for run in runs)
    assert all(run.tobytes() == runs[0].tobytes() for run in runs)


@pytest.mark.parametrize("mean", [0.3, 4.0, 30.0, 5e4])
def test_poisson_numbers_have_their_mean_and_variance(mean):
    numbers = sample(luck.poisson, mean)
    within(numbers.mean(), mean, np.sqrt(mean / len(numbers)))
    within(numbers.var(), mean, mean * np.sqrt((2 + 1 / mean) / len(numbers)))


@pytest.mark.parametrize(("n", "p"), [(5, 0.3), (40, 0.9), (1000, 0.02), (5000, 0.4)])
def test_binomial_numbers_have_their_mean_and_variance(n, p):
    numbers, variance = sample(luck.binomial, float(n), p), n * p * (1 - p)
    within(numbers.mean(), n * p, np.sqrt(variance / len(numbers)))
    within(numbers.var(), variance, variance * np.sqrt(2.2 / len(numbers)) + 0.02 * variance)
    assert numbers.min() >= 0
    assert numbers.max() <= n


@pytest.mark.parametrize("shape", [0.4, 1.0, 30.0])
def test_gamma_numbers_have_their_mean_and_variance(shape):
    numbers = sample(luck.gamma, shape)
    within(numbers.mean(), shape, np.sqrt(shape / len(numbers)))
    within(numbers.var(), shape, shape * np.sqrt((2 + 6 / shape) / len(numbers)))


def test_normal_numbers_are_normal():
    numbers = sample(luck.normal)
    assert kstest(numbers, norm.cdf).pvalue > 1e-3
    within(numbers.var(), 1, np.sqrt(2 / len(numbers)))


@pytest.mark.parametrize(("shape", "ratio"), [(3.0, 0.4), (0.3, 0.5), (200.0, 0.02), (50.0, 0.6)])
def test_negative_binomial_numbers_have_their_mean_and_variance(shape, ratio):
    numbers = sample(luck.negative_binomial, shape, ratio)
    mean = shape * ratio / (1 - ratio)
    variance = mean / (1 - ratio)
    within(numbers.mean(), mean, np.sqrt(variance / len(numbers)))
    fourth = np.mean((numbers - mean) ** 4)
    within(numbers.var(), variance, np.sqrt((fourth - variance**2) / len(numbers)))


def test_smooth_numbers_are_whole_and_have_three_moments():
    mean, variance, third = 60.3, 12.0, 9.0
    numbers = sample(luck.smooth, mean, variance, third)
    assert (numbers % 1 == 0).all()
    within(numbers.mean(), mean, np.sqrt(variance / len(numbers)))
    within(numbers.var(), variance, variance * np.sqrt(2.1 / len(numbers)))
    within(np.mean((numbers - mean) ** 3), third, np.sqrt(15 * variance**3 / len(numbers)))


def sample(law, *arguments, count=40_000):
    stream = np.array([12345, 0], dtype=np.uint64)
    return np.array([law(stream, *arguments) for _ in range(count)])


def test_streams_inside_and_outside_the_loop_give_the_same_numbers():
    from hemograft.streams import key, stream_keys, uniform

    patients = np.array([key("a"), key("b")])
    for i, patient_key in enumerate(stream_keys(7, patients, "cells/x")):
        stream = np.array([patient_key, 0], dtype=np.uint64)
        inside = [luck.uniform(stream) for _ in range(3)]
        assert inside == [uniform(7, patients, "cells/x", k)[i] for k in range(3)]
