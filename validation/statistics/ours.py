"""Every quantity that the oracle scripts print, by hemograft, under the same names."""

from __future__ import annotations

from typing import Any

import numpy as np

from hemograft import statistics as s

from . import data

Values = dict[str, Any]
HORIZON = 730


def everything() -> Values:
    """All quantities."""
    made: Values = {}
    for part in (_curves, _incidences, _comparisons, _accuracy, _cox, _fine_gray, _states):
        made |= part()
    return {name: np.ravel(np.asarray(values, dtype=float)) for name, values in made.items()}


def _prefixed(label: str, values: Values) -> Values:
    return {f"{label}/{name}": value for name, value in values.items()}


def _kaplan(label: str, *columns: np.ndarray, entry: np.ndarray | None = None) -> Values:
    curve = s.kaplan_meier(*columns, entry=entry)
    quarters = [s.quantile(curve, share) for share in (0.25, 0.5)]
    mean = s.restricted_mean(curve, HORIZON)
    finite = [[getattr(q, end) for q in quarters] for end in ("value", "low", "high")]
    return _prefixed(
        label,
        {
            "estimate": curve.estimate,
            "standard error": curve.error,
            "low": curve.low,
            "high": curve.high,
            "at risk": curve.at_risk,
            "quantiles": np.where(np.isinf(finite), np.nan, finite),
            "restricted mean": [mean.value, mean.error],
        },
    )


def _curves() -> Values:
    c, three, four = data.copelan(), data.ebmt3(), data.ebmt4()
    made = _kaplan("copelan/Kaplan-Meier", c.time, c.failed)
    made |= _kaplan("ebmt3/Kaplan-Meier", three.time, three.failed)
    made |= _kaplan("ebmt4/Kaplan-Meier", four.time, four.failed)
    late = (c["dp"] == 1) & (c["tp"] < c.time)
    name = "copelan/Kaplan-Meier, left truncation"
    made |= _kaplan(name, c.time[late], c.failed[late], entry=c["tp"][late])
    made["copelan/numbers at risk"] = s.numbers_at_risk(c.time, data.DAYS)
    made["ebmt4/numbers at risk"] = s.numbers_at_risk(four.time, data.DAYS)
    return made


def _incidence(label: str, time: np.ndarray, event: np.ndarray) -> Values:
    fit = s.cumulative_incidence(time, event)
    read = [s.at(curve, data.DAYS) for curve in fit.causes.values()]
    return _prefixed(
        label,
        {"cmprsk estimate": [r.estimate for r in read], "cmprsk standard error": [r.error for r in read]},
    )


def _jackknife(label: str, time: np.ndarray, event: np.ndarray, entry: np.ndarray | None = None) -> Values:
    fit = s.cumulative_incidence(time, event, entry=entry, variance="jackknife")
    curves = list(fit.causes.values())
    lost = s.restricted_time_lost(time, event, HORIZON, entry=entry).values()
    return _prefixed(
        label,
        {
            "estimate": [c.estimate for c in curves],
            "standard error": [c.error for c in curves],
            "low": [c.low for c in curves],
            "high": [c.high for c in curves],
            "time lost mean": [one.value for one in lost],
            "time lost standard error": [one.error for one in lost],
        },
    )


def _incidences() -> Values:
    c, three, four = data.copelan(), data.ebmt3(), data.ebmt4()
    late = (c["dp"] == 1) & (c["tp"] < c.time)
    made = _incidence("copelan/cumulative incidence", c.time, c.event)
    made |= _incidence("ebmt3/cumulative incidence", three["first"], three.event)
    made |= _incidence("ebmt4/cumulative incidence", four.time, four.event)
    made |= _jackknife("copelan/incidence, jackknife", c.time, c.event)
    made |= _jackknife("ebmt4/incidence, jackknife", four.time, four.event)
    name = "copelan/incidence, jackknife, left truncation"
    return made | _jackknife(name, c.time[late], c.event[late], c["tp"][late])


def _comparisons() -> Values:
    c, three, four = data.copelan(), data.ebmt3(), data.ebmt4()
    made: Values = {}
    for label, table, group, strata in (
        ("copelan/log-rank", c, "group", None),
        ("copelan/log-rank, strata", c, "group", "z10"),
        ("ebmt4/log-rank", four, "agecl", None),
        ("ebmt4/log-rank, strata", four, "agecl", "match"),
    ):
        test = s.log_rank(table.time, table.failed, table[group], strata=strata and table[strata])
        parts = ("statistic", "p", "observed", "expected", "covariance")
        made |= _prefixed(label, {part: getattr(test, part) for part in parts})
    for label, table, time, group, strata in (
        ("copelan/Gray", c, "t2", "group", None),
        ("copelan/Gray, strata", c, "t2", "group", "z10"),
        ("ebmt4/Gray", four, None, "agecl", None),
        ("ebmt4/Gray, strata", four, None, "agecl", "match"),
        ("ebmt3/Gray", three, "first", "dissub", None),
    ):
        days = table.time if time is None else table[time]
        tests = [
            s.gray(days, table.event, table[group], cause=k, strata=strata and table[strata]) for k in (1, 2)
        ]  # fmt: skip
        made |= _prefixed(label, {part: [getattr(test, part) for test in tests] for part in ("statistic", "p")})
    return made


def _accuracy() -> Values:
    c, four = data.copelan(), data.ebmt4()
    made: Values = {}
    ages = np.unique(four["agecl"], return_inverse=True)[1]
    for label, table, risk in (("copelan/Harrell", c, c["z1"]), ("ebmt4/Harrell", four, ages)):
        fit = s.concordance(table.time, table.failed, risk)
        made |= _prefixed(label, {"C": fit.value, "standard error": fit.error})
    fit = s.calibration(c["z1"] / 100, c.time, c.event, 365, groups=4)
    made |= _prefixed(
        "copelan/calibration",
        {"observed": fit.observed, "standard error": fit.error, "predicted": fit.predicted},
    )
    return made | {"copelan/Brier/score": s.brier(c["z1"] / 100, c.time, c.event, 365).score}


def _regression(label: str, fit: s.Regression, robust: bool = False) -> Values:
    made = {
        "coefficients": fit.coefficients,
        "covariance": fit.covariance,
        "log likelihood": [fit.log_likelihood, fit.log_likelihood_null],
    }
    if robust:
        made["information covariance"] = fit.information_covariance
    if fit.kind == "Cox":
        made["score test"] = fit.score.statistic
        for one in fit.baselines:
            place = np.searchsorted(one.times, data.DAYS, side="right")
            made[f"baseline hazard {one.stratum}"] = np.concatenate(([0], one.hazard))[place]
    return _prefixed(label, made)


def _matrices() -> tuple[Values, Values, Values]:
    c, three, four = data.copelan(), data.ebmt3(), data.ebmt4()
    one = {"age": c["z1"], "FAB": c["z8"], "low": c["group"] == 2, "high": c["group"] == 3}
    two = {
        "20-40": four["agecl"] == "20-40",
        ">40": four["agecl"] == ">40",
        "prophylaxis": four["proph"] == "yes",
        "mismatch": four["match"] == "gender mismatch",
    }
    kinds = {"ALL": three["dissub"] == "ALL", "CML": three["dissub"] == "CML"}
    return one, two, kinds | {">40": three["age"] == ">40", "TCD": three["tcd"] == "TCD"}


def _cox() -> Values:
    c, three, four = data.copelan(), data.ebmt3(), data.ebmt4()
    one, two, other = _matrices()
    made: Values = {}
    moving = data.changing()
    for ties in ("efron", "breslow"):
        made |= _regression(f"copelan/Cox, {ties}", s.cox(c.time, c.failed, one, ties=ties))
        made |= _regression(f"ebmt4/Cox, {ties}", s.cox(four.time, four.failed, two, ties=ties))
        fit = s.cox(c.time, c.failed, one, ties=ties, robust=True, weights=1 + c["z3"] / 3)
        made |= _regression(f"copelan/Cox, {ties}, weights, robust", fit, robust=True)
        fit = s.cox(
            moving["stop"], moving["event"], {name: moving[name] for name in ("gvhd", "platelets", "age")},
            entry=moving["start"], patient=moving["id"], ties=ties,
        )  # fmt: skip
        made |= _regression(f"copelan/Cox, {ties}, changing covariates", fit, robust=True)
    fit = s.cox(three.time, three.failed, other, strata=three["drmatch"], robust=True)
    return made | _regression("ebmt3/Cox, strata, robust", fit, robust=True)


def _fine_gray() -> Values:
    c, three, four = data.copelan(), data.ebmt3(), data.ebmt4()
    one, two, other = _matrices()
    made: Values = {}
    for cause in (1, 2):
        for name, time, event, values in (
            ("copelan", c.time, c.event, one),
            ("ebmt4", four.time, four.event, two),
            ("ebmt3", three["first"], three.event, other),
        ):
            label = f"{name}/Fine-Gray, cause {cause}"
            fit = s.fine_gray(time, event, values, cause=cause)
            made |= _regression(label, fit, robust=True)
            first = {key: column[:3] for key, column in values.items()}
            made[f"{label}/predicted incidence"] = s.predicted(fit, first, data.DAYS)
    return made


def _states() -> Values:
    made: Values = {}
    for name, rows in data.histories().items():
        label = f"{name}/states" + (", two beginnings" if name == "copelan" else "")
        fit = s.occupancy(rows)
        stay = s.days_in_states(rows, HORIZON).values()
        made |= _prefixed(
            label,
            {
                "times": fit.times,
                "probability": fit.probability.T,
                "standard error": fit.error.T,
                "low": fit.low.T,
                "high": fit.high.T,
                "at risk": fit.at_risk.T,
                "cumulative hazard": fit.hazard.T,
                "hazard standard error": fit.hazard_error.T,
                "sum of states, standard error": s.state_curve(fit, *fit.states[:2]).error,
                "days in states mean": [one.value for one in stay],
                "days in states standard error": [one.error for one in stay],
            },
        )
    return made
