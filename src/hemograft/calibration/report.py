"""What a calibration leaves behind: the ensemble, its parameters against the prior, and the fit before and after."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from ..applicability import COVERS, covers_text
from ..ensemble import FILE
from ..runs.folder import MARK, writing
from ..runs.json_text import json_text
from ..runs.recipe import TOOL
from ..targets.discrepancy import NONE, Discrepancy
from ..targets.predict import LEVEL, Prediction, between, predict
from ..version import VERSION
from .ask import Answers
from .calibrate import Calibration, CalibrationPlan
from .covers import covers_of
from .data import Datum
from .discrepancy import discrepancy_of
from .ensemble import ensemble_text
from .facts import fitted_arms, fitted_plans, fitted_targets, studies_of, studies_text
from .inversion import believed

STRONGEST = 3  # rows named for each parameter


def words(found: Calibration) -> dict[str, Any]:
    """The calibration for a machine to read."""
    plan, fit = found.plan, fits(found)
    known = {"software": TOOL, "version": VERSION, "code": plan.code}
    return {
        "interval": LEVEL,
        "steps": [vars(step) for step in found.steps],
        "agreement": {
            part: {when: agreement(fit, part, when) for when in ("before", "after")} for part in ("fitted", "held_out")
        },
        "arms": {"fitted": list(plan.arms_fitted), "held_out": list(plan.arms_held_out)},
        "parameters": posterior(found),
        "rows": fit,
        "members": len(found.posterior),
        "studies": studies_of(plan),
        "covers": asdict(covers_of(fitted_plans(plan), plan.ask.patients, plan.ask.seed)),
        "provenance": {**known, **plan.recipe.settings, **plan.recipe.provenance},
    }


def posterior(found: Calibration) -> list[dict[str, Any]]:
    """Each parameter before and after, in canonical units, and the rows that its value shows in most."""
    made = []
    levels = (0.5 - LEVEL / 2, 0.5, 0.5 + LEVEL / 2)
    for i, one in enumerate(found.plan.free):
        before, after = (
            [one.value(float(np.quantile(numbers[:, i], level))) for level in levels]
            for numbers in (found.prior, found.posterior)
        )
        middle = one.value(float(found.posterior[:, i].mean()))
        narrower = float(found.posterior[:, i].std(ddof=1) / one.deviation)
        made.append(
            {
                "parameter": one.name,
                "written_in": one.parameter.unit,
                "shipped": one.parameter.value,
                "prior_low": before[0],
                "prior_high": before[2],
                "median": middle,
                "low": after[0],
                "high": after[2],
                "width_of_prior": narrower,
                "median_over_shipped": middle / one.parameter.value,
                "informed_by": _strongest(found, i),
            }
        )
    return made


def _strongest(found: Calibration, i: int) -> list[str]:
    """Rows whose prediction follows the parameter beyond chance, strongest first."""
    follows = found.informed[i]
    trusted = np.abs(follows) * believed(follows, len(found.prior))
    order = [j for j in np.argsort(-trusted, kind="stable")[:STRONGEST] if trusted[j] > 0]
    return [f"{_row_name(found.rows[j])} ({follows[j]:+.2f})" for j in order]


def _row_name(one: Datum) -> str:
    target = one.question.target
    return f"{target.arm} {target.endpoint}" + (f" day {target.time:g}" if target.time is not None else "")


def fits(found: Calibration) -> list[dict[str, Any]]:
    """Every row with its prediction by shipped values and by the posterior."""
    made = []
    left = discrepancy_of(found.plan.fitted, found.after[0])
    for part, data in (("fitted", found.plan.fitted), ("held_out", found.plan.held_out)):
        for one in data:
            target = one.question.target
            told = {
                "part": part,
                "row": target.line,
                "study_id": one.study,
                "arm_id": target.arm,
                "endpoint": target.endpoint,
                "time_days": target.time,
                "statistic": target.statistic,
                "unit": target.unit,
                "observed": target.value,
            }
            for when, answers in (("before", [found.before]), ("after", found.after)):
                told |= _prediction(one, answers, when, left if when == "after" else NONE)
            made.append(told)
    return made


def _prediction(one: Datum, answers: Sequence[Answers], when: str, left: Discrepancy) -> dict[str, Any]:
    line = one.question.target.line
    there = [some[line] for some in answers if line in some]
    names = ("value", "low", "high", "error")
    if line not in answers[0]:
        return {f"{when}_{name}": None for name in (*names, "covered")}
    made: Prediction = predict(there[0], one.question.target, one.n, between(there), left.of(one.question.target))
    return {**{f"{when}_{name}": getattr(made, name) for name in names}, f"{when}_covered": made.covers}


def agreement(fit: Sequence[dict[str, Any]], part: str, when: str) -> dict[str, Any]:
    """Coverage of the intervals and distance of shares, over the rows of a part."""
    rows = [row for row in fit if row["part"] == part and row[f"{when}_covered"] is not None]
    shares = [abs(row[f"{when}_value"] - row["observed"]) for row in rows if row["unit"] == "fraction"]
    covered = sum(row[f"{when}_covered"] for row in rows)
    return {
        "rows": len(rows),
        "covered": covered,
        "coverage": covered / len(rows) if rows else None,
        "median_absolute_error": median(shares) if shares else None,
        "median_absolute_standardized_error": median(abs(row[f"{when}_error"]) for row in rows) if rows else None,
    }


def write_calibration(folder: Path, found: Calibration) -> None:
    """Write the ensemble, the tables, the summary and a page of text into a folder that is being built."""
    told = words(found)
    with writing(folder.name.removeprefix(".").rsplit(".", 2)[0]):
        for name, text in ensemble_files(found).items():
            (folder / name).write_text(text, encoding="utf-8")
        _write_csv(folder / "posterior.csv", told["parameters"])
        _write_csv(folder / "fit.csv", told["rows"])
        (folder / "calibration.md").write_text(page(told), encoding="utf-8")
        (folder / "summary.json").write_text(json_text(told) + "\n", encoding="utf-8")
        mark = {"format": 1, "provenance": told["provenance"]}
        (folder / MARK).write_text(json_text(mark) + "\n", encoding="utf-8")


def ensemble_files(found: Calibration) -> dict[str, str]:
    """What belongs to an ensemble, by the names of the files: itself, its range, its studies and its facts."""
    return {FILE: ensemble_text(found), **files_beside(found.plan)}


def files_beside(plan: CalibrationPlan) -> dict[str, str]:
    """What stands beside an ensemble and follows from what it was fitted to."""
    return {
        COVERS: covers_text(covers_of(fitted_plans(plan), plan.ask.patients, plan.ask.seed)),
        "studies.yaml": studies_text(plan),
        "fitted_arms.csv": fitted_arms(plan),
        "fitted_targets.csv": fitted_targets(plan),
    }


def _write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows({k: "; ".join(v) if isinstance(v, list) else v for k, v in row.items()} for row in rows)


def lines(told: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """The agreement as lines of a table: rows, when, coverage, median absolute error of shares."""
    made = []
    for part, both in told["agreement"].items():
        for when, one in both.items():
            share, apart = one["coverage"], one["median_absolute_error"]
            made.append(
                (
                    f"{part.replace('_', ' ')}, {one['rows']} rows",
                    when,
                    "–" if share is None else f"{100 * share:.0f} %",
                    "–" if apart is None else f"{100 * apart:.1f} points",
                )
            )
    return made


def page(told: dict[str, Any]) -> str:
    """A page of text: the fit before and after, and each parameter."""
    head = ("rows", "", f"{100 * LEVEL:.0f} % interval holds", "median absolute error of shares")
    text = ["# Calibration", "", *_markdown(head, lines(told)), ""]
    text += [
        f"Step {i}: {s['share']:.3f} of the information, misfit {s['misfit']:.2f} per row over {s['rows']} rows."
        for i, s in enumerate(told["steps"], 1)
    ]
    text += [
        "",
        "Values in canonical units (day, kg, mg, L, cells, Gy). The width is that of the posterior over the prior's.",
        "",
    ]
    head = ("parameter", "shipped", "median", "interval", "width", "shows most in (correlation)")
    rows = [
        (
            one["parameter"],
            f"{one['shipped']:.3g}",
            f"{one['median']:.3g}",
            f"{one['low']:.3g} to {one['high']:.3g}",
            f"{one['width_of_prior']:.2f}",
            "; ".join(one["informed_by"]),
        )
        for one in told["parameters"]
    ]
    return "\n".join([*text, *_markdown(head, rows), "", f"Command: `{told['provenance']['command']}`", ""])


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
