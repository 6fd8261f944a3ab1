"""Small random samples with many ties, and every estimator on them."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from hemograft import statistics as s

COLUMNS = ("sample", "time", "event", "group", "stratum", "x", "z", "entry")
SIZES = (*(3, 4, 5, 6, 7, 8, 9) * 6, *(40, 60, 80) * 8)


def samples() -> list[dict[str, np.ndarray]]:
    """Samples from one seed: whole days, competing events, late entries."""
    random = np.random.default_rng(1)
    made = []
    for number, size in enumerate(SIZES):
        x, z = random.integers(0, 2, size), random.integers(0, 6, size) / 2
        time = np.ceil(random.exponential(8 * np.exp(-0.3 * x - 0.1 * z), size)) + 1
        event = random.choice(3, size, p=(0.3, 0.4, 0.3))
        event[:3] = 0, 1, 2  # R's cuminc needs one of each
        parts = (
            np.full(size, number), time, event, random.integers(1, 4, size),
            random.integers(0, 2, size), x, z, random.integers(0, 4, size),
        )  # fmt: skip
        made.append(dict(zip(COLUMNS, (np.asarray(part, dtype=float) for part in parts), strict=True)))
    return made


def write(folder: Path) -> None:
    """Put the samples where R reads them."""
    with (folder / "samples.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for one in samples():
            writer.writerows(zip(*one.values(), strict=True))


def everything() -> dict[str, np.ndarray]:
    """All quantities, the samples one after the other."""
    made: dict[str, list[Any]] = defaultdict(list)
    for d in samples():
        kind = "tiny samples" if len(d["time"]) < 10 else "samples with ties"
        parts = _curves(d) if len(d["time"]) < 10 else _curves(d) | _models(d)
        for name, values in parts.items():
            made[f"{kind}/{name}"].append(np.ravel(np.asarray(values, dtype=float)))
    return {name: np.concatenate(parts) for name, parts in made.items()}


def _curves(d: dict[str, np.ndarray]) -> dict[str, Any]:
    failed, late = (d["event"] > 0).astype(int), d["entry"] < d["time"]
    curve = s.kaplan_meier(d["time"], failed)
    quarters = [s.quantile(curve, share) for share in (0.25, 0.5, 0.75)]
    ends = np.array([[getattr(q, end) for q in quarters] for end in ("value", "low", "high")])
    after = s.kaplan_meier(d["time"][late], failed[late], entry=d["entry"][late])
    causes = {"one": 1, "two": 2}
    one = s.cumulative_incidence(d["time"], d["event"], causes=causes, variance="jackknife").causes.values()
    two = s.cumulative_incidence(d["time"], d["event"]).causes.values()
    return {
        "Kaplan-Meier/estimate": curve.estimate,
        "Kaplan-Meier/standard error": curve.error,
        "Kaplan-Meier/quantiles": np.where(np.isinf(ends), np.nan, ends),
        "Kaplan-Meier, left truncation/estimate": after.estimate,
        "incidence, jackknife/estimate": [c.estimate for c in one],
        "incidence, jackknife/standard error": [c.error for c in one],
        "cumulative incidence/cmprsk standard error": [c.error for c in two],
    }


def _models(d: dict[str, np.ndarray]) -> dict[str, Any]:
    failed, late = (d["event"] > 0).astype(int), d["entry"] < d["time"]
    time, event, group, stratum = d["time"], d["event"], d["group"], d["stratum"]
    made: dict[str, Any] = {
        "log-rank/statistic": s.log_rank(time, failed, group).statistic,
        "log-rank, strata/statistic": s.log_rank(time, failed, group, strata=stratum).statistic,
        "Gray/statistic": [s.gray(time, event, group, cause=k).statistic for k in (1, 2)],
        "Gray, strata/statistic": [s.gray(time, event, group, cause=k, strata=stratum).statistic for k in (1, 2)],
    }
    for ties in ("efron", "breslow"):
        fit = s.cox(
            time[late], failed[late], {"x": d["x"][late], "z": d["z"][late]}, entry=d["entry"][late],
            strata=stratum[late], weights=1 + d["x"][late], ties=ties, robust=True,
        )  # fmt: skip
        made[f"Cox, {ties}, everything/coefficients"] = fit.coefficients
        made[f"Cox, {ties}, everything/covariance"] = fit.covariance
    fit = s.fine_gray(time, event, {"x": d["x"], "z": d["z"]})
    made["Fine-Gray/coefficients"] = fit.coefficients
    made["Fine-Gray/covariance"] = fit.covariance
    rank = s.concordance(time, failed, d["z"])
    return made | {"Harrell/C and standard error": [rank.value, rank.error]}
