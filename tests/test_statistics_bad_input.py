"""What the estimators refuse, and what they say: what, where, expected, try."""

import dataclasses

import numpy as np
import pytest

from hemograft import statistics
from hemograft.errors import InputError
from hemograft.statistics import (
    brier,
    calibration,
    concordance,
    cox,
    cumulative_incidence,
    fine_gray,
    first_of,
    gray,
    incidence_figure,
    kaplan_meier,
    landmark,
    log_rank,
    occupancy,
    paths,
    predicted,
    quantile,
    restricted_mean,
    restricted_time_lost,
    rows,
    state_curve,
)

NAN = float("nan")
T, E = np.arange(1.0, 21), np.arange(20) % 2
X = np.arange(20) % 5

CASES = {
    "negative time": (lambda: kaplan_meier([1, -2], [1, 0]), "row 1 is -2", "kaplan_meier(times)"),
    "missing time": (lambda: kaplan_meier([1, NAN], [1, 0]), "row 1 is nan", "kaplan_meier(times)"),
    "words": (lambda: kaplan_meier(["a"], [1]), "not numbers", "kaplan_meier(times)"),
    "table": (lambda: kaplan_meier([[1, 2]], [1]), "2 dimensions", "kaplan_meier(times)"),
    "unequal": (lambda: kaplan_meier([1, 2, 3], [1, 0]), "times 3, events 2", "kaplan_meier"),
    "nobody": (lambda: kaplan_meier([], []), "no patients", "kaplan_meier"),
    "unknown code": (lambda: kaplan_meier([1, 2], [1, 2]), "unknown event code 2", "kaplan_meier(events)"),
    "unnamed cause": (
        lambda: cumulative_incidence([1, 2], [1, 3], causes={"relapse": 1}),
        "unknown event code 3",
        "cumulative_incidence(events)",
    ),
    "half a code": (lambda: cumulative_incidence([1, 2], [1, 0.5]), "code 0.5", "cumulative_incidence(events)"),
    "late entry": (lambda: kaplan_meier([1, 2], [1, 0], entry=[0, 2]), "row 1 enters on day 2", "kaplan_meier(entry)"),
    "percent": (lambda: kaplan_meier([1], [1], level=95), "95", "kaplan_meier(level)"),
    "variance": (lambda: cumulative_incidence([1], [1], variance="x"), "unknown variance", "cumulative_incidence"),
    "horizon": (lambda: restricted_mean(kaplan_meier([5], [0]), 9), "known until day 5", "restricted_mean(horizon)"),
    "not survival": (
        lambda: restricted_mean(cumulative_incidence([5], [1]).causes["cause 1"], 3),
        "not a Kaplan-Meier",
        "restricted_mean(curve)",
    ),
    "time lost": (lambda: restricted_time_lost([5], [0], 9), "known until day 5", "restricted_time_lost(horizon)"),
    "share": (lambda: quantile(kaplan_meier([5], [1]), 50), "50", "quantile(share)"),
    "one group": (lambda: log_rank(T, E, np.ones(20)), "one group", "log_rank(groups)"),
    "no events": (lambda: log_rank(T, 0 * E, X), "no events", "log_rank"),
    "no cause": (lambda: gray(T, E, X, cause=2), "no events", "gray"),
    "cause 0": (lambda: gray(T, E, X, cause=0), "cause 0", "gray(cause)"),
    "missing group": (lambda: gray(T, E, [None, *"ab" * 9, "a"]), "row 0 has no group", "gray(groups)"),
    "short group": (lambda: gray(T, E, ["a"]), "shape (1,)", "gray(groups)"),
    "no covariates": (lambda: cox(T, E, {}), "no covariates", "cox"),
    "constant": (lambda: cox(T, E, {"x": X, "age": np.ones(20)}), "all rows are 1", "cox(covariates['age'])"),
    "combined": (lambda: cox(T, E, {"x": X, "y": 3 * X - 1}), "combinations of each other: x, y", "cox"),
    "separated": (lambda: cox(T, T < 6, {"x": T < 6, "y": X}), "no finite estimate: x", "cox"),
    "monotone": (lambda: cox(T, np.ones(20), {"x": T}), "no finite estimate: x", "cox"),
    "covariate": (lambda: fine_gray(T, E, {"x": [1]}), "shape (1,)", "fine_gray(covariates['x'])"),
    "missing covariate": (
        lambda: fine_gray(T, E, {"x": [NAN, *X[1:]]}),
        "row 0 is nan",
        "fine_gray(covariates['x'])",
    ),
    "ties": (lambda: cox(T, E, {"x": X}, ties="exact"), "unknown ties", "cox"),
    "weights": (lambda: cox(T, E, {"x": X}, weights=np.zeros(20)), "weight of 0", "cox(weights)"),
    "overlap": (lambda: cox(T, E, {"x": X}, patient=np.zeros(20)), "overlap", "cox(entry)"),
    "other model": (lambda: predicted(cox(T, E, {"x": X}), {"y": [1]}, [5]), "covariates y", "predicted(values)"),
    "stratum": (
        lambda: predicted(cox(T, E, {"x": X}), {"x": [1]}, [5], "b"),
        "unknown stratum 'b'",
        "predicted(stratum)",
    ),
    "no pairs": (lambda: concordance([1, 1], [1, 1], [1, 2]), "no two patients", "concordance"),
    "risks": (lambda: concordance(T, E, [1]), "1 predictions for 20", "concordance(risk)"),
    "not a probability": (lambda: calibration(T, T, E, 9), "row 1 is 2", "calibration(predicted)"),
    "no groups": (lambda: calibration(T / 20, T, E, 9, groups=0), "0 groups", "calibration(groups)"),
    "brier": (lambda: brier([0.5], [5], [0], 9), "beyond day 9", "brier(horizon)"),
    "no parts": (lambda: first_of({}, [1]), "no events named", "first_of(days)"),
    "after follow-up": (lambda: first_of({"relapse": [5]}, [4]), "outside follow-up", "first_of(days['relapse'])"),
    "landmark": (lambda: landmark([5, 6], [1, 0], 6), "beyond day 6", "landmark(day)"),
    "state": (lambda: rows([1], [0], [5], ["well"], ["il"], states=("well", "ill")), "state 'il'", "rows(target)"),
    "no length": (lambda: rows([1], [5], [5], ["well"], [None], states=("well",)), "day 5 to day 5", "rows(stop)"),
    "to itself": (lambda: rows([1], [0], [5], ["a"], ["a"], states=("a", "b")), "to itself", "rows(target)"),
    "rows overlap": (lambda: rows([1, 1], [0, 3], [4, 6], "aa", ["", ""], states=("a", "b")), "overlap", "rows"),
    "jump": (lambda: rows([1, 1], [0, 4], [4, 6], "ab", ["", ""], states=("a", "b")), "do not fit", "rows"),
    "unfollowed": (lambda: paths([1], [2], "b", {}, states="ab", beginning="a"), "no follow-up", "paths(patient)"),
    "late change": (lambda: paths([1], [9], "b", {1: 5}, states="ab", beginning="a"), "after the last", "paths(day)"),
    "unequal changes": (lambda: paths([1], [2, 3], "b", {}, states="ab", beginning="a"), "unequal", "paths"),
    "nobody moves": (lambda: occupancy(rows([1], [0], [5], "a", [None], states="ab")), "no events", "occupancy"),
    "no state": (
        lambda: state_curve(occupancy(rows([1], [0], [5], ["well"], ["ill"], states=("well", "ill"))), "il"),
        "unknown state 'il'",
        "state_curve(states)",
    ),
    "axis": (lambda: incidence_figure([kaplan_meier([5], [1])], 3, [4]), "outside the axis", "incidence_figure(when)"),
    "no curves": (lambda: incidence_figure([], 3, [1]), "no curves", "incidence_figure(curves)"),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_refused_with_what_where_expected_and_try(name):
    call, what, where = CASES[name]
    with pytest.raises(InputError) as caught:
        call()
    said = [problem for problem in caught.value.problems if what in problem.what and problem.where == where]
    assert said, str(caught.value)
    assert all(problem.expected and problem.hint for problem in caught.value.problems)


def test_all_problems_are_said_at_once():
    with pytest.raises(InputError) as caught:
        kaplan_meier([1, -2, NAN], [1, NAN, 0])
    assert len(caught.value.problems) == 3


def test_results_cannot_be_changed():
    curve = kaplan_meier([1, 2], [1, 0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        curve.name = "x"


def test_public_names_are_there():
    assert all(hasattr(statistics, name) for name in statistics.__all__)
