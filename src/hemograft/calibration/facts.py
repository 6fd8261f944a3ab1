"""A copy of the facts that an ensemble was fitted to, and which studies it saw; in the layout that was read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from ..population.arms import ArmPlan
from .ask import plan_of
from .calibrate import CalibrationPlan


def fitted_arms(plan: CalibrationPlan) -> str:
    """The rows of the table of groups that were fitted to."""
    return _rows(plan.recipe.sources[0].content, lambda _, row: row["arm_id"].strip() in plan.arms_fitted)


def fitted_targets(plan: CalibrationPlan) -> str:
    """The rows of the table of outcomes that were fitted to."""
    used = {one.question.target.line for one in plan.fitted}
    return _rows(plan.recipe.sources[1].content, lambda line, _: line in used)


def _rows(content: bytes, keep: Callable[[int, dict[str, str]], bool]) -> str:
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    out = io.StringIO()
    writer = csv.DictWriter(out, [name.strip() for name in reader.fieldnames or ()], lineterminator="\n")
    writer.writeheader()
    for row in reader:
        named = {name.strip(): cell for name, cell in row.items()}
        if keep(reader.line_num, named):
            writer.writerow(named)
    return out.getvalue()


def fitted_plans(plan: CalibrationPlan) -> tuple[ArmPlan, ...]:
    """The groups that were fitted to, as they were simulated."""
    known = plan_of(plan.ask).arms
    return tuple(known[name] for name in plan.arms_fitted)


MEANINGS = {
    "fitted": "with rows that the ensemble was fitted to",
    "held_out": "chosen by the seed before anything was simulated; no row of them was fitted to",
    "unused": "not held out, and not fitted to either: fewer groups were asked for, or no row can be",
}


def studies_of(plan: CalibrationPlan) -> dict[str, list[str]]:
    """Which studies were fitted to, held out, or left aside."""
    fitted = sorted({one.study for one in plan.fitted})
    unused = [study for study in plan.studies[0] if study not in fitted]
    return {"fitted": fitted, "held_out": list(plan.studies[1]), "unused": unused}


def studies_text(plan: CalibrationPlan) -> str:
    """Which studies were fitted to, held out, or left aside, as YAML."""
    lines = ["# Which studies the ensemble has seen."]
    for name, studies in studies_of(plan).items():
        lines += ["", f"# {MEANINGS[name]}", f"{name}:", *(f"  - {study}" for study in studies)]
        if not studies:
            lines[-1] += " []"
    return "\n".join(lines) + "\n"
