"""States over time: by hand, without censoring, and as what simpler estimators say."""

import numpy as np
import pytest

from hemograft.errors import InputError
from hemograft.statistics import (
    at,
    cumulative_incidence,
    days_in_states,
    kaplan_meier,
    occupancy,
    paths,
    restricted_mean,
    restricted_time_lost,
    rows,
    state_curve,
)

ILLNESS = ("well", "ill", "dead")


def illness(number=200, censored=True, seed=0):
    """Rows of a small illness-death process that may also recover."""
    random = np.random.default_rng(seed)
    changes, end = [], {}
    for who in range(number):
        end[who] = float(random.integers(20, 90)) if censored else 100.0
        day, state = 0, "well"
        while state != "dead":
            day += int(random.integers(1, 40))
            if day > end[who]:
                break
            state = random.choice({"well": ["ill", "dead"], "ill": ["well", "dead"]}[state])
            changes.append((who, day, str(state)))
    who, day, state = zip(*changes, strict=True)
    return paths(who, day, state, end, states=ILLNESS, beginning="well"), changes, end


def test_three_patients_by_hand():
    """Day 1: one of three falls ill. Day 2: it dies. Day 3: one of two dies."""
    made = rows("aabc", [0, 1, 0, 0], [1, 2, 3, 5], ["well", "ill", "well", "well"], ["ill", "dead", "dead", None],
                states=ILLNESS)  # fmt: skip
    fit = occupancy(made)
    assert fit.probability[0] == pytest.approx([2 / 3, 1 / 3, 0])
    assert fit.probability[1] == pytest.approx([2 / 3, 0, 1 / 3])
    assert fit.probability[2] == pytest.approx([1 / 3, 0, 2 / 3])
    assert fit.transitions == (("well", "ill"), ("well", "dead"), ("ill", "dead"))
    assert fit.hazard[-1] == pytest.approx([1 / 3, 1 / 2, 1])
    assert fit.at_risk.tolist() == [[3, 0, 0], [2, 1, 0], [2, 0, 0], [1, 0, 0]]


def test_without_censoring_shares_are_counts():
    made, changes, end = illness(censored=False)
    fit = occupancy(made)
    for day in (10, 30, 60):
        now = dict.fromkeys(end, "well")
        for who, when, state in changes:
            if when <= day:
                now[who] = state
        share = np.array([list(now.values()).count(state) / len(now) for state in ILLNESS])
        place = np.searchsorted(fit.times, day, side="right") - 1
        assert fit.probability[place] == pytest.approx(share)
        assert fit.error[place] == pytest.approx(np.sqrt(share * (1 - share) / len(now)))


def test_shares_add_up_to_one_and_days_to_the_horizon():
    made, _, _ = illness()
    fit = occupancy(made)
    assert fit.probability.sum(axis=1) == pytest.approx(1)
    assert fit.covariance.sum(axis=(1, 2)) == pytest.approx(0, abs=1e-12)
    assert sum(one.value for one in days_in_states(made, 60).values()) == pytest.approx(60)


def test_the_two_variances_are_near_each_other_when_the_process_is_markov():
    random = np.random.default_rng(3)
    times, ends = np.ceil(random.exponential(30, 2000)), np.full(2000, 60.0)
    changes = {k: float(t) for k, t in enumerate(times) if t <= 60}
    follow = dict(enumerate(ends))
    made = paths(list(changes), list(changes.values()), ["ill"] * len(changes), follow, states=("well", "ill"),
                 beginning="well")  # fmt: skip
    one, two = occupancy(made), occupancy(made, variance="greenwood")
    assert one.error[:, 1] == pytest.approx(two.error[:, 1], rel=0.02)


def two_states(seed=4):
    random = np.random.default_rng(seed)
    times, events = random.integers(1, 40, 80).astype(float), random.integers(0, 2, 80)
    names = np.where(events == 1, "dead", "")
    made = rows(np.arange(80), np.zeros(80), times, ["alive"] * 80, names.tolist(), states=("alive", "dead"))
    return made, times, events


def test_two_states_are_kaplan_meier_with_greenwood():
    made, times, events = two_states()
    curve = kaplan_meier(times, events)
    fit = occupancy(made, variance="greenwood")
    assert fit.probability[:, 0] == pytest.approx(curve.estimate)
    known = np.isfinite(curve.error)
    assert fit.error[known, 0] == pytest.approx(curve.error[known])


def test_days_alive_are_the_restricted_mean():
    made, times, events = two_states()
    mean = restricted_mean(kaplan_meier(times, events), 25)
    alive = days_in_states(made, 25)["alive"]
    assert alive.value == pytest.approx(mean.value)
    assert alive.error == pytest.approx(mean.error, rel=0.03)


def test_absorbing_causes_are_cumulative_incidence():
    random = np.random.default_rng(5)
    times, events = random.integers(1, 40, 90).astype(float), random.integers(0, 3, 90)
    names = [("", "relapse", "death")[code] for code in events]
    made = rows(np.arange(90), np.zeros(90), times, ["remission"] * 90, names,
                states=("remission", "relapse", "death"))  # fmt: skip
    fit = state_curve(occupancy(made), "relapse")
    other = cumulative_incidence(times, events, variance="jackknife").causes["cause 1"]
    assert fit.estimate == pytest.approx(other.estimate)
    assert fit.error == pytest.approx(other.error)
    assert fit.events.tolist() == other.events.tolist()
    lost = restricted_time_lost(times, events, 30)["cause 1"]
    assert days_in_states(made, 30)["relapse"].error == pytest.approx(lost.error)


def test_what_is_known_ends_with_follow_up_unless_all_are_in_states_that_nobody_leaves():
    late = rows([1, 2], [0, 0], [4, 5], ["well"] * 2, [None, "dead"], states=("well", "dead"))
    assert np.isinf(occupancy(late).known_until)
    assert days_in_states(late, 9)["dead"].value == pytest.approx(4)
    ill = rows([1, 2, 2], [0, 0, 2], [5, 2, 3], ["well", "well", "ill"], ["ill", "ill", None], states=ILLNESS)
    assert occupancy(ill).known_until == 5
    with pytest.raises(InputError):
        days_in_states(ill, 9)


def test_a_sum_of_states_is_one_minus_the_rest():
    fit = occupancy(illness()[0])
    alive, dead = state_curve(fit, "well", "ill", name="alive"), state_curve(fit, "dead")
    assert alive.name == "alive"
    assert alive.estimate == pytest.approx(1 - dead.estimate)
    assert alive.error == pytest.approx(dead.error)
    assert alive.start == 1
    assert at(alive, [0.0]).estimate[0] == 1


def test_current_disease_free_survival_can_rise_again():
    """Four patients; one relapses on day 10 and is in a second remission from day 30."""
    changes = [("a", 10, "relapse"), ("a", 30, "second remission"), ("b", 20, "dead")]
    who, day, state = zip(*changes, strict=True)
    end = dict.fromkeys("abcd", 100.0) | {"b": 20.0}
    names = ("remission", "relapse", "second remission", "dead")
    fit = occupancy(paths(who, day, state, end, states=names, beginning="remission"))
    current = state_curve(fit, "remission", "second remission", name="current disease-free survival")
    assert at(current, [5, 15, 25, 50]).estimate == pytest.approx([1, 0.75, 0.5, 0.75])


def test_rows_may_be_cut_anywhere_without_a_change():
    made, _, _ = illness(60)
    cut = np.flatnonzero(made.stop - made.start > 2)
    start = np.concatenate((made.start, made.start[cut] + 1))
    stop = made.stop.copy()
    stop[cut] = made.start[cut] + 1
    stop = np.concatenate((stop, made.stop[cut]))
    target = made.target.copy()
    target[cut] = -1
    words = (*ILLNESS, "")
    again = rows(
        np.concatenate((made.patient, made.patient[cut])), start, stop,
        [words[k] for k in np.concatenate((made.source, made.source[cut]))],
        [words[k] for k in np.concatenate((target, made.target[cut]))], states=ILLNESS,
    )  # fmt: skip
    one, two = occupancy(made), occupancy(again)
    place = np.searchsorted(two.times, one.times)
    assert two.probability[place] == pytest.approx(one.probability)
    assert two.error[place] == pytest.approx(one.error)
