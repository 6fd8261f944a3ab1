"""Moves the shipped ensemble so that its center meets the fitted rows: ``python -m validation.recenter ARMS TARGETS``.

A calibration fits straight lines through predictions of members that lie far apart, while the center of the ensemble
is what simulates. Where predictions bend, the center misses what the members meet on average. Here the center takes one
Gauss-Newton step: derivatives by the parameters that move survival and relapse, from the same patients with and without
a change, and the prior of the calibration. All members move with it and keep their spread. Studies that were held out
are not simulated. Made once after each calibration; what it did is added to CALIBRATION.md.
"""

from __future__ import annotations

import re
import sys
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from hemograft.calibration.ask import Ask, answer, unpacked
from hemograft.calibration.calibrate import CalibrationPlan, plan_calibration
from hemograft.calibration.data import covariance, matrix
from hemograft.calibration.free import values_of, within
from hemograft.ensemble import FILE, FOLDER, shipped_ensemble

from .calibrate_shipped import SETTINGS

MOVED = (
    "gvl_rate",
    "residual_cells_undetected",
    "residual_found_share",
    "resistance",
    "infection_fatality",
    "acute_gvhd_death_rate",
    "leukemia_death_rate",
    "tissue_vulnerability",
)
PATIENTS = 45
LARGEST = 1.5  # posterior standard deviations, as far as straight lines are trusted
SAID = "center and members moved afterwards by validation/recenter.py, see validation/CALIBRATION.md"
PAGE = Path(__file__).parent / "CALIBRATION.md"


def asked(job: tuple[Ask, tuple[str, ...], dict[str, float]]) -> bytes:
    """One point, in a process of its own."""
    return answer(*job)


def main(arms: str, targets: str) -> int:
    """Move the ensemble and say by how much."""
    plan = plan_calibration(arms, targets, **{**SETTINGS, "patients": PATIENTS})
    names, ensemble = [one.name for one in plan.free], shipped_ensemble()
    if ensemble is None:
        sys.exit("no ensemble comes with the package")
    scales = np.array([[one.on_scale(each[one.name].value) for one in plan.free] for each in ensemble.members])
    center, spread = scales.mean(axis=0), scales.std(axis=0, ddof=1)
    places = [names.index(name) for name in MOVED]
    points = [center] + [center + spread * (np.arange(len(names)) == place) for place in places]
    jobs = [(plan.ask, plan.arms_fitted, values_of(plan.free, point)) for point in within(plan.free, np.array(points))]
    with get_context("spawn").Pool() as pool:
        answers = [unpacked(content) for content in pool.imap(asked, jobs)]
    change, before, after = _step(plan, center, spread, places, answers)
    moved = within(plan.free, scales + change)
    _write([values_of(plan.free, numbers) for numbers in moved], values_of(plan.free, moved.mean(axis=0)))
    _tell(names, spread, change, before, after)
    return 0


def _step(
    plan: CalibrationPlan, center: np.ndarray, spread: np.ndarray, places: list[int], answers: list
) -> tuple[np.ndarray, float, float]:
    """The step on the scales of the parameters, and the misfit per row before and, by straight lines, after it."""
    predicted, simulation, usable = matrix(plan.fitted, answers)
    rows = [one for one, use in zip(plan.fitted, usable, strict=True) if use]
    noise = np.linalg.inv(covariance(rows, simulation))
    apart = np.array([one.value for one in rows]) - predicted[0]
    slopes = (predicted[1:] - predicted[0]).T  # per standard deviation of the posterior
    prior = np.array([one.on_scale(one.parameter.value) for one in plan.free])[places]
    wide = np.array([one.deviation for one in plan.free])[places]
    sizes = spread[places]
    pull = (prior - center[places]) * sizes / wide**2
    steps = np.linalg.solve(slopes.T @ noise @ slopes + np.diag((sizes / wide) ** 2), slopes.T @ noise @ apart + pull)
    change = np.zeros(len(center))
    steps = np.clip(steps, -LARGEST, LARGEST)
    change[places] = steps * sizes
    left = apart - slopes @ steps
    return change, float(apart @ noise @ apart) / len(rows), float(left @ noise @ left) / len(rows)


def _write(members: list[dict[str, float]], medians: dict[str, float]) -> None:
    path = FOLDER / FILE
    text = path.read_text(encoding="utf-8")
    lines = ["medians:", *(f"  {name}: {value:.9g}" for name, value in medians.items())]
    lines += ["members:", *("  - [" + ", ".join(f"{value:.9g}" for value in one.values()) + "]" for one in members)]
    text = text if "recenter.py" in text else text.replace("\nfitted:", f"\n  - {SAID}\nfitted:", 1)
    path.write_text(text[: text.index("medians:")] + "\n".join(lines) + "\n", encoding="utf-8")


def _tell(names: list[str], spread: np.ndarray, change: np.ndarray, before: float, after: float) -> None:
    lines = [
        "",
        "## The center afterwards",
        "",
        "The center of the ensemble took one more step toward the fitted rows (`python -m validation.recenter`), as it",
        "misses what members meet on average where predictions are not straight lines. Members moved with it, and",
        f"posterior medians above are those before. Squared misfit per row {before:.3g}, by straight lines {after:.3g}",
        "afterwards.",
        "",
        "| parameter | step, in posterior standard deviations |",
        "|---|---|",
        *(f"| {name} | {change[i] / spread[i]:+.2f} |" for i, name in enumerate(names) if change[i]),
    ]
    text = re.sub(r"\n## The center afterwards\n.*", "", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    PAGE.write_text(text.rstrip() + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 3 else "python -m validation.recenter ARMS TARGETS")
