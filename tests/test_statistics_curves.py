"""Survival and cumulative incidence: closed forms, small examples by hand, and laws for any data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemograft.statistics import (
    at,
    cumulative_incidence,
    day_or_none,
    first_of,
    grfs,
    incidence_figure,
    kaplan_meier,
    landmark,
    numbers_at_risk,
    quantile,
    restricted_mean,
    restricted_time_lost,
    steps,
)

NAN = float("nan")
patients = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 2)), min_size=1, max_size=40)
quick = settings(max_examples=40, deadline=None, derandomize=True)


def columns(rows):
    times, events = zip(*rows, strict=True)
    return np.array(times, dtype=float), np.array(events)


def test_five_patients_by_hand():
    """At risk 5, 4, 2: 4/5, times 3/4, times 1/2; Greenwood's sum 1/(5 4) + 1/(4 3) at day 2."""
    curve = kaplan_meier([1, 2, 2, 3, 4], [1, 1, 0, 1, 0])
    assert curve.estimate == pytest.approx([0.8, 0.6, 0.3, 0.3])
    assert curve.at_risk.tolist() == [5, 4, 2, 1]
    assert curve.error[1] == pytest.approx(0.6 * np.sqrt(1 / 20 + 1 / 12))
    z, slope = 1.959963984540054, 0.6 * np.log(0.6)
    low = 0.6 ** np.exp(-z * curve.error[1] / slope)
    assert curve.low[1] == pytest.approx(low)


def test_competing_events_by_hand():
    """Days 1 relapse, 2 death, 3 censored, 4 relapse: 1/4, then 3/4 1/3 for death, then 1/2 for relapse."""
    fit = cumulative_incidence([1, 2, 3, 4], [1, 2, 0, 1], causes={"relapse": 1, "death": 2})
    assert fit.causes["relapse"].estimate == pytest.approx([0.25, 0.25, 0.25, 0.75])
    assert fit.causes["death"].estimate == pytest.approx([0, 0.25, 0.25, 0.25])
    assert fit.event_free.estimate == pytest.approx([0.75, 0.5, 0.5, 0])
    assert np.isinf(fit.causes["relapse"].known_until)


@given(patients)
@quick
def test_incidences_and_the_event_free_share_add_up_to_one(rows):
    times, events = columns(rows)
    fit = cumulative_incidence(times, events, causes={"one": 1, "two": 2})
    total = sum(curve.estimate for curve in fit.causes.values()) + fit.event_free.estimate
    assert total == pytest.approx(1)


@given(patients)
@quick
def test_with_one_cause_incidence_is_the_complement_of_kaplan_meier(rows):
    times, events = columns(rows)
    one = cumulative_incidence(times, events > 0, causes={"any": 1}).causes["any"]
    curve = kaplan_meier(times, events > 0)
    assert 1 - one.estimate == pytest.approx(curve.estimate)
    assert (np.diff(curve.estimate) <= 0).all()
    defined = np.isfinite(curve.low)
    assert (curve.low[defined] <= curve.estimate[defined]).all()
    assert (curve.high[defined] >= curve.estimate[defined]).all()


@given(patients, st.integers(1, 30))
@quick
def test_who_enters_later_does_not_change_the_curve_before(rows, entry):
    times, events = columns(rows)
    before = kaplan_meier(times, events > 0)
    more = kaplan_meier(
        np.append(times, entry + 10), np.append(events > 0, 1), entry=np.append(np.zeros(len(times)), entry)
    )
    days = times[times <= min(entry, times.max())]
    assert at(more, days).estimate == pytest.approx(at(before, days).estimate)


@given(patients, st.randoms(use_true_random=False))
@quick
def test_the_order_of_patients_and_the_unit_of_time_do_not_matter(rows, random):
    times, events = columns(rows)
    order = list(range(len(times)))
    random.shuffle(order)
    one = cumulative_incidence(times, events, causes={"one": 1, "two": 2})
    two = cumulative_incidence(7 * times[order], events[order], causes={"one": 1, "two": 2})
    assert one.causes["two"].estimate == pytest.approx(two.causes["two"].estimate)
    assert one.causes["two"].error == pytest.approx(two.causes["two"].error)


def test_patients_censored_before_the_first_event_do_not_count():
    curve = kaplan_meier([1, 5, 6, 7], [0, 1, 0, 1])
    assert at(curve, [5, 7]).estimate == pytest.approx(at(kaplan_meier([5, 6, 7], [1, 0, 1]), [5, 7]).estimate)


def test_without_censoring_everything_is_a_proportion():
    random = np.random.default_rng(0)
    times, events = random.permutation(np.arange(1.0, 61)), random.integers(1, 3, 60)
    curve = kaplan_meier(times, np.ones(60))
    share = np.array([(times > day).mean() for day in curve.times])
    assert curve.estimate == pytest.approx(share)
    assert curve.error[:-1] == pytest.approx(np.sqrt(share * (1 - share) / 60)[:-1])
    one = cumulative_incidence(times, events, variance="jackknife").causes["cause 1"]
    share = np.array([((times <= day) & (events == 1)).mean() for day in one.times])
    assert one.estimate == pytest.approx(share)
    assert one.error == pytest.approx(np.sqrt(share * (1 - share) / 60))


def test_without_censoring_restricted_means_are_means():
    times, events = np.arange(1.0, 41), np.tile([1, 2], 20)
    lost = restricted_time_lost(times, events, 25)
    days = np.where(events == 1, np.maximum(25 - times, 0), 0)
    assert lost["cause 1"].value == pytest.approx(days.mean())
    assert lost["cause 1"].error == pytest.approx(days.std() / np.sqrt(40))
    lived = restricted_mean(kaplan_meier(times, np.ones(40)), 25)
    assert lived.value == pytest.approx(np.minimum(times, 25).mean())
    assert lived.error == pytest.approx(np.minimum(times, 25).std() / np.sqrt(40))
    assert lived.value + sum(one.value for one in lost.values()) == pytest.approx(25)


def test_the_two_variances_agree_closely_in_a_large_group():
    random = np.random.default_rng(1)
    times, events = random.exponential(1, 2000), random.choice(3, 2000)
    aalen = cumulative_incidence(times, events).causes["cause 1"].error
    jackknife = cumulative_incidence(times, events, variance="jackknife").causes["cause 1"].error
    assert aalen[200:-200] == pytest.approx(jackknife[200:-200], rel=0.01)


def test_intervals_cover_as_often_as_they_say():
    """Exponential survival with exponential censoring, 400 samples of 60: 95 % within four binomial errors."""
    random, truth, held = np.random.default_rng(2), np.exp(-1), 0
    for _ in range(400):
        event, end = random.exponential(1, 60), random.exponential(2, 60)
        read = at(kaplan_meier(np.minimum(event, end), event <= end), [1.0])
        held += int(read.low[0] <= truth <= read.high[0])
    assert abs(held / 400 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 400)


def test_a_median_is_the_day_or_the_middle_of_a_flat_stretch():
    assert quantile(kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])).value == 2.5
    assert quantile(kaplan_meier([1, 2, 3], [1, 1, 1])).value == 2
    rare = quantile(kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0]))
    assert np.isinf(rare.value)
    assert np.isinf(rare.high)


def test_a_quantile_of_incidence_counts_all_patients():
    curve = cumulative_incidence([1, 2, 3, 4, 5], [1, 2, 1, 1, 2]).causes["cause 1"]
    assert quantile(curve, 0.3).value == 3


def test_a_curve_is_read_to_the_left_and_not_beyond_what_is_known():
    curve = kaplan_meier([2, 4], [1, 0])
    read = at(curve, [0, 1.9, 2, 4, 5])
    assert read.estimate[:4].tolist() == [1, 1, 0.5, 0.5]
    assert np.isnan(read.estimate[4])
    assert at(kaplan_meier([2, 4], [1, 1]), [9]).estimate[0] == 0


def test_numbers_at_risk_count_those_still_followed():
    assert numbers_at_risk([1, 2, 2, 3], [0, 1, 2, 2.5, 9]).tolist() == [4, 4, 3, 1, 0]
    assert numbers_at_risk([5, 5], [2, 4], entry=[1, 3]).tolist() == [1, 2]


def test_without_events_curves_stay_where_they_began():
    curve = kaplan_meier([5, 6], [0, 0])
    assert curve.estimate.tolist() == curve.low.tolist() == [1, 1]
    fit = cumulative_incidence([5, 6], [0, 0], causes={"relapse": 1})
    assert fit.causes["relapse"].high.tolist() == [0, 0]


def test_grfs_is_the_first_of_its_four_parts():
    end = grfs(
        [100, 200, 300, 50],
        acute_gvhd_3_4=[50, NAN, NAN, NAN],
        chronic_gvhd_treated=[NAN, NAN, 200, NAN],
        relapse=[NAN, NAN, 200, NAN],
        death=[90, 180, NAN, NAN],
    )
    assert end.times.tolist() == [50, 180, 200, 50]
    names = {code: name for name, code in end.causes.items()}
    assert [names.get(code) for code in end.events] == ["acute_gvhd_3_4", "death", "chronic_gvhd_treated", None]
    assert end.failed.tolist() == [1, 1, 1, 0]


def test_pairs_of_an_outcome_table_become_an_end_point():
    days = day_or_none([10, 700, 700], [True, False, False])
    end = first_of({"relapse": days, "death": day_or_none([700, 300, 700], [False, True, False])}, [700, 700, 700])
    assert end.times.tolist() == [10, 300, 700]
    assert end.events.tolist() == [1, 2, 0]


def test_a_landmark_keeps_those_still_without_event_and_starts_anew():
    made = landmark([90, 100, 150, 400], [1, 1, 2, 0], 100, horizon=200)
    assert made.chosen.tolist() == [False, False, True, True]
    assert made.times.tolist() == [50, 200]
    assert made.events.tolist() == [2, 0]


def test_steps_have_two_corners_a_day_and_end_at_the_axis():
    drawn = steps(kaplan_meier([2, 3, 6], [1, 0, 0]), until=5)
    assert drawn.days.tolist() == [0, 2, 2, 5]
    assert drawn.estimate == pytest.approx([1, 1, 2 / 3, 2 / 3])


def test_a_figure_of_competing_events_holds_numbers_at_risk():
    times = [2, 3, 6, 6]
    figure = incidence_figure(cumulative_incidence(times, [1, 0, 2, 0]), 6, [0, 3, 6])
    assert figure.at_risk.tolist() == numbers_at_risk(times, [0, 3, 6]).tolist() == [4, 3, 2]
    assert [curve.name for curve in figure.curves] == ["cause 1", "cause 2"]
    assert figure.curves[1].estimate[-1] == pytest.approx(3 / 8)
    assert figure.curves[0].marked.estimate == pytest.approx([0, 0.25, 0.25])
