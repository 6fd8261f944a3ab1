"""An ensemble of parameters on disk: members by parameters in canonical units, and what they were fitted to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.setup import shipped_parameters
from ..errors import InputError, Problem, nearest
from ..files import Document, read_document
from ..parameters import ParameterSet
from ..targets.discrepancy import NONE, Discrepancy
from ..version import VERSION
from .ask import with_values
from .calibrate import Calibration
from .discrepancy import discrepancy_of
from .free import values_of

FORMAT = "1"
SECTIONS = ("format", "made", "steps", "fitted", "held_out", "written_in", "medians", "members")


@dataclass(frozen=True)
class Ensemble:
    """A calibrated ensemble.

    Attributes
    ----------
    median : ParameterSet
        The middle of the members: their mean on the scale of each parameter, where the posterior is nearly normal.
    members : tuple of ParameterSet
    made : mapping
        Version, code, settings and inputs, as text.
    discrepancy : Discrepancy
        What the fitted rows left unexplained.
    """

    median: ParameterSet
    members: tuple[ParameterSet, ...]
    made: Mapping[str, Any]
    discrepancy: Discrepancy = NONE


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


def read_ensemble(path: Path | str) -> Ensemble:
    """Read an ensemble.

    Raises
    ------
    InputError
        Not an ensemble, a parameter that this version does not have, or a number that is none.
    """
    document = read_document(path)
    words = document.words
    problems = [
        Problem(f"{key!r} is missing", document.where(), "a section of an ensemble")
        for key in SECTIONS
        if key not in words
    ]
    if problems:
        raise InputError(*problems)
    if words["format"] != FORMAT:
        raise InputError(Problem(f"format {words['format']!r} is not known", document.where("format"), FORMAT))
    names = list(words["medians"]) if isinstance(words["medians"], dict) else []
    known = shipped_parameters()
    problems += [
        Problem(
            f"{name!r} is not a parameter", document.where("medians"), "a name in data/parameters", nearest(name, known)
        )
        for name in names
        if name not in known
    ]
    if not names or not isinstance(words["members"], list) or not words["members"]:
        problems.append(Problem("no members", document.where("members"), "a list of values for each member"))
    if problems:
        raise InputError(*problems)
    rows = [list(words["medians"].values()), *words["members"]]
    sets = [with_values(_numbers(document, names, row)) for row in rows]
    return Ensemble(sets[0], tuple(sets[1:]), words["made"], _discrepancy(document))


def _discrepancy(document: Document) -> Discrepancy:
    """Of an ensemble; none where an older one has none."""
    where, words = document.where("discrepancy"), document.words.get("discrepancy", {})
    try:
        found = {name: float(text) for name, text in words.items()}
        if not all(0 <= value < math.inf for value in found.values()):
            raise ValueError
    except (AttributeError, TypeError, ValueError):
        raise InputError(Problem("a discrepancy cannot be read", where, "a positive number for each name")) from None
    common = found.pop("common", 0.0)
    own = {name: value for name, value in found.items() if "/" in name}
    return Discrepancy({name: value for name, value in found.items() if "/" not in name}, own, common)


def _numbers(document: Document, names: list[str], row: Any) -> dict[str, float]:
    expected = f"{len(names)} positive numbers, one for each of the medians"
    try:
        numbers = [float(text) for text in row]
        if len(numbers) != len(names) or not all(0 < number < math.inf for number in numbers):
            raise ValueError
    except (TypeError, ValueError):
        raise InputError(Problem("a member cannot be read", document.where("members"), expected)) from None
    return dict(zip(names, numbers, strict=True))
