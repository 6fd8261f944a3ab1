"""Moves starting values of parameters by least squares: ``python -m validation.tune ARMS TARGETS``.

The rows are those that a calibration fits, and anchors that tell what they do not: how often and when chronic GvHD
begins, relapse by donor and graft. One Gauss-Newton step from the values in the parameter files, by derivatives of the
same patients with and without a change, toward priors around these values (``validation/tune.yaml``). Studies that the
calibration holds out are not simulated. The step is printed; whoever takes it writes it into the parameter files.
"""

from __future__ import annotations

import sys
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from hemograft.calibration.ask import Ask, answer, unpacked
from hemograft.calibration.calibrate import CalibrationPlan, plan_calibration
from hemograft.calibration.data import covariance, matrix
from hemograft.calibration.free import values_of, within

from .calibrate_shipped import SETTINGS
from .immune_arms import landmark_ratio, met_by, outcome
from .immunity import ROWS, TIMING, begun

FREE = Path(__file__).parent / "tune.yaml"
PATIENTS, OF_ANCHORS = 40, 150
STEP = 0.7  # standard deviations of the prior, large against the chance of single patients
LARGEST = 1.5  # as far as straight lines are trusted
TOPICS = ("acute II-IV, day 100", "acute III-IV, day 100", "chronic, 1 year", "chronic, 2 years", "relapse, 2 years")
LATE = 0.4  # standard deviation of when chronic GvHD begins, and of relapse after it, on their scales
SPARED = 0.5  # middle of the published relapse rates after chronic GvHD, over those without (validation/immunity.py)
NARROWEST = 0.2  # standard deviation of an anchor in log odds
Answers = tuple[bytes, np.ndarray]


def asked(job: tuple[Ask, tuple[str, ...], dict[str, float]]) -> Answers:
    """One point, in a process of its own: rows of arms, and anchors."""
    outcome.cache_clear()
    return answer(*job), anchors(tuple(job[2].items()))


def log_odds(share: float, n: float = OF_ANCHORS) -> float:
    """Finite for shares of 0 and 1 in so many patients."""
    safe = (share * n + 0.5) / (n + 1)
    return float(np.log(safe / (1 - safe)))


def anchors(values: tuple[tuple[str, float], ...]) -> np.ndarray:
    """What the simulator gives for each anchor, in log odds or logarithms."""
    found = {arm: outcome(arm, values, OF_ANCHORS) for arm in {row[3] for row in rows()} | {"sibling marrow"}}
    shares = [log_odds(float(met_by(found[arm], event, day).mean())) for _, event, day, arm, *_ in rows()]
    came = [begun(found["sibling marrow"], day) for day, *_ in TIMING]
    timing = [log_odds(float(flags.mean()), len(flags)) for flags in came]
    ratio, _ = landmark_ratio(found["sibling blood"], "chronic", (180, 270, 365))
    return np.array([*shares, *timing, np.log(ratio)])


def rows() -> list[tuple]:
    """Anchors that are shares of patients with an event."""
    return [row for row in ROWS if row[0] in TOPICS]


def published() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, values and standard deviations of the anchors; the accepted range is taken as one deviation each way."""
    names = [f"{row[0]}: {row[3]}" for row in rows()]
    low, high = (np.array([log_odds(row[place]) for row in rows()]) for place in (4, 5))
    values, wide = (low + high) / 2, np.maximum((high - low) / 2, NARROWEST)
    names += [f"chronic GvHD begun by day {day}" for day, *_ in TIMING] + ["relapse after chronic GvHD"]
    values = np.array([*values, *(log_odds(told) for _, told, *_ in TIMING), np.log(SPARED)])
    return names, values, np.array([*wide, *(LATE for _ in TIMING), LATE])


def main(arms: str, targets: str) -> int:
    """Print the step."""
    plan = plan_calibration(arms, targets, free=FREE, **{**SETTINGS, "patients": PATIENTS})
    start = np.array([one.on_scale(one.parameter.value) for one in plan.free])
    wide = np.array([one.deviation for one in plan.free])
    points = within(plan.free, start + STEP * np.vstack([np.zeros(len(start)), np.diag(wide)]))
    jobs = [(plan.ask, plan.arms_fitted, values_of(plan.free, point)) for point in points]
    with get_context("spawn").Pool() as pool:
        answers = list(pool.imap(asked, jobs))
    _tell(plan, start, points, answers)
    return 0


def _tell(plan: CalibrationPlan, start: np.ndarray, points: np.ndarray, answers: list[Answers]) -> None:
    predicted, simulation, usable = matrix(plan.fitted, [unpacked(content) for content, _ in answers])
    data = [one for one, use in zip(plan.fitted, usable, strict=True) if use]
    names, goal, spread = published()
    found = np.array([values for _, values in answers])
    noise = np.zeros((len(data) + len(goal),) * 2)
    noise[: len(data), : len(data)] = covariance(data, simulation)
    noise[len(data) :, len(data) :] = np.diag(spread**2 + 4 / OF_ANCHORS)
    wide = np.array([one.deviation for one in plan.free])
    values = np.hstack([predicted, found])
    slopes = (values[1:] - values[0]).T / ((points[1:].diagonal() - start) / wide)
    apart = np.array([*(one.value for one in data), *goal]) - values[0]
    steps = step(slopes, noise, apart)
    left = apart - slopes @ steps
    for part, here in (("rows", slice(0, len(data))), ("anchors", slice(len(data), None))):
        misfit = [float(d[here] @ np.linalg.inv(noise[here, here]) @ d[here]) / len(d[here]) for d in (apart, left)]
        print(f"squared misfit per row of {part}: {misfit[0]:.3g}, by straight lines {misfit[1]:.3g} after the step")
    after = values_of(plan.free, within(plan.free, (start + steps * wide)[None])[0])
    for one, size in zip(plan.free, steps, strict=True):
        print(f"{one.name}: {one.parameter.value:.4g} to {after[one.name]:.4g} ({size:+.2f} deviations)")
    for name, value, before, later in zip(names, goal, found[0], goal - left[len(data) :], strict=True):
        print(f"{name}: {value:.2f} published, {before:.2f} before, {later:.2f} after")


def step(slopes: np.ndarray, noise: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """The most likely change in prior standard deviations; ``slopes`` has shape (row, parameter)."""
    weight = np.linalg.inv(noise)
    found = np.linalg.solve(slopes.T @ weight @ slopes + np.eye(slopes.shape[1]), slopes.T @ weight @ apart)
    return np.clip(found, -LARGEST, LARGEST)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 3 else "python -m validation.tune ARMS TARGETS")
