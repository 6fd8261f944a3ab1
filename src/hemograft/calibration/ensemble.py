"""The text of an ensemble: members by parameters in canonical units, and what they were fitted to."""

from __future__ import annotations

from typing import Any

from ..ensemble import FORMAT
from ..version import VERSION
from .calibrate import Calibration
from .discrepancy import discrepancy_of
from .free import values_of


def ensemble_text(found: Calibration) -> str:
    """The ensemble as YAML; the same calibration gives the same text, without a date."""
    plan = found.plan
    free, members = plan.free, [values_of(plan.free, numbers) for numbers in found.posterior]
    medians = values_of(free, found.posterior.mean(axis=0))
    inputs = {f"{s.role}_sha256": s.sha256 for s in plan.recipe.sources}
    made = {"version": VERSION, "code": plan.code, **plan.recipe.settings, **inputs}
    lines = ["# Members of a calibrated ensemble: values in canonical units (day, kg, mg, L, cells, Gy).", ""]
    lines += [f"format: {FORMAT}", "made:", *(f"  {name.replace('-', '_')}: {value}" for name, value in made.items())]
    lines += ["steps:", *(f"  - {one.share:.6g} of {one.rows} rows, misfit {one.misfit:.6g}" for one in found.steps)]
    for name, studies, data in (
        ("fitted", plan.studies[0], plan.fitted),
        ("held_out", plan.studies[1], plan.held_out),
    ):
        used = {one.study for one in data}
        lines += (
            [f"{name}:", *(_entry(study, data) for study in studies if study in used)] if used else [f"{name}: {{}}"]
        )
    lines += [
        "written_in:  # units of the parameter files, for reading only",
        *(f"  {one.name}: {one.parameter.unit}" for one in free),
    ]
    left = discrepancy_of(plan.fitted, found.after[0])
    lines += ["discrepancy:  # standard deviations that neither chance nor parameters explain; logit or logarithm"]
    lines += [f"  {name}: {value:.4g}" for name, value in {"common": left.common, **left.kinds, **left.own}.items()]
    lines += ["medians:", *(f"  {name}: {value:.9g}" for name, value in medians.items())]
    lines += ["members:", *("  - [" + ", ".join(f"{value:.9g}" for value in one.values()) + "]" for one in members)]
    return "\n".join(lines) + "\n"


def _entry(study: str, data: Any) -> str:
    rows = [str(one.question.target.line) for one in data if one.study == study]
    return f"  {study}: lines {' '.join(rows)}"
