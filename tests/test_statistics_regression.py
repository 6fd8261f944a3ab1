"""Tests, regressions and scores: closed forms, equalities between estimators, counting by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemograft.statistics import (
    brier,
    calibration,
    concordance,
    cox,
    cumulative_incidence,
    fine_gray,
    gray,
    kaplan_meier,
    log_rank,
    predicted,
)

quick = settings(max_examples=40, deadline=None, derandomize=True)


def cohort(number=150, seed=0, ties=False):
    """Times, events (0, 1, 2), two covariates."""
    random = np.random.default_rng(seed)
    x, z = random.integers(0, 2, number).astype(float), random.normal(size=number)
    one = random.exponential(np.exp(-0.7 * x - 0.3 * z))
    two, end = random.exponential(1.5, number), random.exponential(2, number)
    times = np.minimum(np.minimum(one, two), end)
    events = np.where(times == one, 1, np.where(times == two, 2, 0))
    return (np.ceil(times * 10) if ties else times), events, {"x": x, "z": z}


def test_three_patients_by_hand():
    """x = 1, 0, 1 fail in this order: the likelihood r / (2 r + 1) / (1 + r) is largest at r = 1 / sqrt 2."""
    fit = cox([1, 2, 3], [1, 1, 1], {"x": [1, 0, 1]})
    assert fit.ratios[0] == pytest.approx(1 / np.sqrt(2), rel=1e-8)
    r = fit.ratios[0]
    assert fit.log_likelihood == pytest.approx(np.log(r / (2 * r + 1) / (1 + r)))
    assert fit.log_likelihood_null == pytest.approx(-np.log(6))
    assert fit.baselines[0].hazard == pytest.approx(np.cumsum([1 / (2 * r + 1), 1 / (1 + r), 1 / r]))


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_tied_events_by_hand(ties):
    """Patients x = 1 and 0 fail together before a third, x = 0, is last seen."""
    fit = cox([1, 1, 2], [1, 1, 0], {"x": [1, 0, 0]}, ties=ties)
    b = np.linspace(-3, 3, 60001)
    r = np.exp(b)
    second = (r + 2) if ties == "breslow" else (r + 2) - (r + 1) / 2
    likelihood = b - np.log(r + 2) - np.log(second)
    assert fit.coefficients[0] == pytest.approx(b[likelihood.argmax()], abs=1e-4)
    assert fit.log_likelihood == pytest.approx(likelihood.max())


def test_without_ties_the_log_rank_test_is_the_score_test_of_cox():
    times, events, values = cohort()
    test = log_rank(times, events == 1, values["x"])
    assert cox(times, events == 1, {"x": values["x"]}).score.statistic == pytest.approx(test.statistic)
    assert test.observed.sum() == pytest.approx(test.expected.sum())
    assert test.degrees == 1


def test_strata_that_copy_a_cohort_double_its_test():
    times, events, values = cohort()
    twice = [np.tile(column, 2) for column in (times, events == 1, values["x"])]
    strata = np.repeat(["a", "b"], len(times))
    one, two = log_rank(times, events == 1, values["x"]), log_rank(*twice, strata=strata)
    assert two.statistic == pytest.approx(2 * one.statistic)
    one = gray(times, events, values["x"])
    two = gray(twice[0], np.tile(events, 2), twice[2], strata=strata)
    assert two.statistic == pytest.approx(2 * one.statistic)


def test_without_competing_events_gray_compares_as_the_log_rank_test():
    times, events, values = cohort(400)
    one, two = gray(times, events == 1, values["x"]), log_rank(times, events == 1, values["x"])
    assert one.expected == pytest.approx(two.expected)
    assert one.statistic == pytest.approx(two.statistic, rel=0.05)


def test_gray_finds_no_difference_between_copies_of_one_group():
    times, events, _ = cohort()
    test = gray(np.tile(times, 2), np.tile(events, 2), np.repeat(["a", "b"], len(times)))
    assert test.statistic == pytest.approx(0, abs=1e-12)
    assert test.p == pytest.approx(1)


def test_gray_rejects_as_often_as_it_says():
    """300 pairs of equal groups: 5 % within four binomial errors."""
    random, rejected = np.random.default_rng(6), 0
    for _ in range(300):
        times, events = random.exponential(1, 80), random.choice(3, 80)
        rejected += int(gray(times, events, np.arange(80) % 2).p < 0.05)
    assert abs(rejected / 300 - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 300)


def test_rows_may_be_cut_in_time_and_patients_doubled_by_weight():
    times, events, values = cohort(ties=True)
    whole = cox(times, events == 1, values)
    start = np.concatenate((np.zeros(len(times)), times - 0.5))
    stop = np.concatenate((times - 0.5, times))
    happened = np.concatenate((np.zeros(len(times)), events == 1))
    both = {name: np.tile(column, 2) for name, column in values.items()}
    who = np.tile(np.arange(len(times)), 2)
    cut = cox(stop, happened, both, entry=start, patient=who)
    assert cut.coefficients == pytest.approx(whole.coefficients)
    assert cut.information_covariance == pytest.approx(whole.covariance)
    assert cut.covariance == pytest.approx(cox(times, events == 1, values, robust=True).covariance)
    heavy = cox(times, events == 1, values, weights=np.full(len(times), 2.0), ties="breslow")
    twice = cox(np.tile(times, 2), np.tile(events == 1, 2), both, ties="breslow")
    assert heavy.coefficients == pytest.approx(twice.coefficients)
    assert heavy.covariance == pytest.approx(twice.covariance)


def test_covariates_may_be_shifted_and_scaled():
    times, events, values = cohort()
    one = cox(times, events == 1, values)
    other = {"x": values["x"] + 5, "z": values["z"] * 1000}
    two = cox(times, events == 1, other)
    assert two.coefficients * [1, 1000] == pytest.approx(one.coefficients)
    assert predicted(two, other, [1.0]) == pytest.approx(predicted(one, values, [1.0]))
    assert two.likelihood_ratio.statistic == pytest.approx(one.likelihood_ratio.statistic)
    assert two.wald.p == pytest.approx(one.wald.p)


def test_cox_finds_the_hazard_ratio_it_was_given():
    times, events, values = cohort(4000, seed=7)
    fit = cox(times, events == 1, values)
    assert np.abs(fit.coefficients - [0.7, 0.3]).max() < 4 * fit.errors.max()
    low, high = fit.ratio_interval()
    assert (low < fit.ratios).all()
    assert (high > fit.ratios).all()
    assert (fit.p < 1e-6).all()


def test_without_competing_events_fine_gray_is_cox():
    times, events, values = cohort(ties=True)
    one = fine_gray(times, events == 1, values)
    two = cox(times, events == 1, values, ties="breslow")
    assert one.coefficients == pytest.approx(two.coefficients)
    assert one.information_covariance == pytest.approx(two.covariance)
    robust = cox(times, events == 1, values, ties="breslow", robust=True)
    assert one.covariance == pytest.approx(robust.covariance)
    assert one.baselines[0].hazard == pytest.approx(two.baselines[0].hazard)


def test_without_censoring_fine_gray_is_cox_with_competing_events_never_leaving():
    times, events, values = cohort()
    events = np.where(events == 0, 2, events)
    one = fine_gray(times, events, values)
    two = cox(np.where(events == 1, times, times.max() + 1), events == 1, values, ties="breslow", robust=True)
    assert one.coefficients == pytest.approx(two.coefficients)
    assert one.covariance == pytest.approx(two.covariance)


def test_predictions_at_mean_covariates_lie_near_the_observed_incidence():
    times, events, values = cohort(2000, seed=8)
    made = predicted(fine_gray(times, events, values), values, [0.5, 1.0]).mean(axis=0)
    curve = cumulative_incidence(times, events).causes["cause 1"]
    seen = curve.estimate[np.searchsorted(curve.times, [0.5, 1.0], side="right") - 1]
    assert made == pytest.approx(seen, abs=0.02)


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 4)), min_size=2, max_size=15))
@quick
def test_concordance_counts_pairs(rows):
    pairs = wins = 0.0
    for t, event, risk in rows:
        for u, other, lower in rows:
            if event and (t < u or (t == u and not other)):
                pairs += 1
                wins += 1.0 if risk > lower else 0.5 if risk == lower else 0.0
    times, events, risks = zip(*rows, strict=True)
    if pairs:
        assert concordance(times, events, risks).value == pytest.approx(wins / pairs)


def test_perfect_reversed_and_constant_ranks():
    times = np.arange(1.0, 20)
    assert concordance(times, np.ones(19), -times).value == 1
    assert concordance(times, np.ones(19), times).value == 0
    assert concordance(times, np.ones(19), np.zeros(19)).value == 0.5


def test_without_censoring_the_brier_score_is_the_mean_square():
    times, events, made = np.arange(1.0, 11), np.tile([1, 2], 5), np.linspace(0.1, 0.9, 10)
    score = brier(made, times, events, 6)
    outcome = (times <= 6) & (events == 1)
    assert score.score == pytest.approx(((outcome - made) ** 2).mean())
    assert score.null == pytest.approx(outcome.mean() * (1 - outcome.mean()))
    assert brier(outcome.astype(float), times, events, 6).explained == 1


def test_censoring_leaves_the_brier_score_about_where_it_was():
    random = np.random.default_rng(9)
    event, end = random.exponential(1, 4000), random.exponential(2, 4000)
    made = random.uniform(0.4, 0.8, 4000)
    full = brier(made, event, np.ones(4000), 1.0).score
    part = brier(made, np.minimum(event, end), event <= end, 1.0).score
    assert part == pytest.approx(full, abs=0.015)


def test_calibration_in_groups_sees_what_was_observed():
    made = np.repeat([0.2, 0.8], 50)
    times, events = np.full(100, 10.0), np.tile([1, 0, 0, 0, 0], 20)
    events[50:] = np.tile([1, 1, 1, 1, 2], 10)
    times[events > 0] = 5
    fit = calibration(made, times, events, 8, groups=2)
    assert fit.predicted == pytest.approx([0.2, 0.8])
    assert fit.observed == pytest.approx([0.2, 0.8])
    assert fit.observed_to_expected == pytest.approx(1)
    assert fit.patients.tolist() == [50, 50]
    assert (fit.low < fit.observed).all()


def test_equal_predictions_make_one_group():
    fit = calibration(np.full(30, 0.4), np.arange(1.0, 31), np.ones(30), 15)
    assert len(fit.patients) == 1
    assert fit.observed[0] == pytest.approx(1 - kaplan_meier(np.arange(1.0, 31), np.ones(30)).estimate[14])
