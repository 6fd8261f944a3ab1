"""The dossier as a page, as text and as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..outcome.summary import PERCENT, number
from ..reporting.page import DISCLAIMER, NOT_MODELED, template
from ..runs.folder import MARK, writing
from ..runs.json_text import json_text
from ..version import VERSION
from .dossier import Dossier
from .evidence import LEVELS, informed
from .figures import coverage, effects, posterior
from .screening import OUTCOMES

STRONGEST = 5
AIMS = {"fitted": "at least 90 % of 95 % intervals", "held out": "at least 75 %, and the sign in at least 85 %"}
CATEGORIES = (
    ("Question, context and risk", "what the model is to be trusted for"),
    ("Verification of code and numbers", "whether the equations are solved as they are written"),
    ("Calibration", "what parameters were fitted to, and what that taught"),
    ("Validation", "published outcomes, those of studies that were held out apart"),
    ("Uncertainty", "what intervals hold, and what they do not"),
    ("Sensitivity", "which parameters decide the outcomes of a standard case"),
    ("Applicability and limits", "for whom the calibration speaks"),
)


def write_dossier(folder: Path, made: Dossier) -> None:
    """Write the page, the text and the numbers into a folder that is being built."""
    told = made.words
    with writing(folder.name.removeprefix(".").rsplit(".", 2)[0]):
        (folder / "report.html").write_text(dossier_html(made), encoding="utf-8")
        (folder / "dossier.md").write_text(dossier_text(made), encoding="utf-8")
        (folder / "summary.json").write_text(json_text(told) + "\n", encoding="utf-8")
        (folder / MARK).write_text(json_text({"format": 1, "provenance": made.provenance}) + "\n", encoding="utf-8")


def dossier_html(made: Dossier) -> str:
    """The page as text; the same results give the same text."""
    plan, provenance = made.plan, made.provenance
    calibration, validation = plan.calibration, plan.validation
    return template("dossier.html.j2").render(
        disclaimer=DISCLAIMER,
        version=VERSION,
        context=plan.context,
        categories=CATEGORIES,
        verification=plan.verification,
        tables=tables(made),
        posterior=posterior(calibration["parameters"]),
        parameters=[_parameter(one) for one in calibration["parameters"]],
        informed=informed(calibration["parameters"]),
        members=calibration.get("members", 0),
        coverage=coverage(validation["endpoints"], LEVELS[0]),
        rows=(validation["rows_simulated"], validation["rows_refused"]),
        screening=made.screening,
        effects=effects(made.screening) if made.screening and made.screening.effects else "",
        covers=covers_lines(calibration.get("covers", {})),
        limits=NOT_MODELED,
        command=plan.recipe.again,
        provenance=[(name.replace("_", " "), value) for name, value in provenance.items() if name != "inputs"],
        inputs=plan.recipe.provenance["inputs"],
    )


Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]


def tables(made: Dossier) -> dict[str, Table]:
    """The tables of the dossier by name: caption, head and lines."""
    found: dict[str, Table] = {
        "fit": ("Fit before and after", ("Rows", "When", "90 % interval holds", "Median error of shares"), _fit(made)),
        "parts": (
            "Published outcomes by what the calibration saw of their study",
            (
                "Studies",
                "Number",
                "Values",
                "90 % holds",
                "95 % holds",
                "Median error",
                "Randomized signs",
                "Aim",
            ),
            _parts(made),
        ),
        "endpoints": ("By endpoint", ("Endpoint", "Agreement"), _endpoints(made)),
    }
    if made.screening:
        head = ("Outcome", "Parameters with the largest mean absolute effect over the prior's 90 % range")
        found["effects"] = ("Elementary effects", head, _strongest(made))
    return found


def _fit(made: Dossier) -> list[tuple[str, ...]]:
    return [
        (
            f"{part.replace('_', ' ')}, {one['rows']} rows",
            when,
            _share(one["coverage"]),
            _share(one["median_absolute_error"]),
        )
        for part, both in made.plan.calibration["agreement"].items()
        for when, one in both.items()
    ]


def _parts(made: Dossier) -> list[tuple[str, ...]]:
    return [
        (
            one.name,
            str(one.studies),
            str(one.rows),
            *(_share(one.coverage[level]) for level in LEVELS),
            _share(one.error),
            f"{one.right} of {one.contrasts} ({_share(one.sign)})" if one.contrasts else "none",
            AIMS.get(one.name, ""),
        )
        for one in made.parts
    ]


def _endpoints(made: Dossier) -> list[tuple[str, str]]:
    return [(one["endpoint"].replace("_", " "), one["words"]) for one in made.plan.validation["endpoints"]]


def _strongest(made: Dossier) -> list[tuple[str, str]]:
    found = made.screening
    if found is None:
        return []
    lines = []
    for outcome, sizes in found.effects.items():
        best = [i for i in found.strongest(outcome, STRONGEST) if sizes[i] > 0]
        words = (
            f"{found.names[i].replace('_', ' ')} {number(float(sizes[i]), float(found.errors[outcome][i]))}"
            for i in best
        )
        lines.append((OUTCOMES[outcome], "; ".join(words) or "none has an effect"))
    return lines


def _parameter(one: dict[str, Any]) -> tuple[str, ...]:
    values = (number(float(one[name])) for name in ("shipped", "median", "low", "high"))
    shipped, middle, low, high = values
    seen = one["informed_by"]
    said = "; ".join(seen) if isinstance(seen, list) else str(seen)
    return one["parameter"].replace("_", " "), shipped, middle, f"{low} to {high}", f"{one['width_of_prior']:.2f}", said


def _share(value: float | None) -> str:
    return f"{100 * value:.0f}{PERCENT}" if value is not None and value == value else "–"


def covers_lines(covers: dict[str, Any]) -> list[tuple[str, str]]:
    """What was fitted, as pairs of words."""
    units = {"ages": "years", "irradiation": "Gy"}
    lines = []
    for name, value in covers.items():
        if name in units:
            words = f"{value[0]:g} to {value[1]:g} {units[name]}"
        elif isinstance(value, dict):
            words = "; ".join(f"{one} ({', '.join(stages)})" for one, stages in value.items())
        else:
            words = ", ".join(value) if isinstance(value, list | tuple) else str(value)
        lines.append((name, words.replace("_", " ") or "none"))
    return lines


def dossier_text(made: Dossier) -> str:
    """The dossier in Markdown, without figures."""
    plan, found = made.plan, tables(made)
    learned, others = informed(plan.calibration["parameters"])
    head = ("Parameter", "File", "Posterior", "90 % interval", "Width of prior's", "Shows most in")
    lines = ["# Dossier", "", f"{DISCLAIMER}.", "", "## Question, context and risk", ""]
    lines += [f"**{name.capitalize()}.** {words}\n" for name, words in plan.context.items()]
    lines += ["## Verification of code and numbers", ""]
    lines += [f"- {name}" for name, _ in plan.verification] or ["No page was given."]
    lines += ["", "## Calibration", "", *_markdown(*found["fit"][1:]), ""]
    lines += [*_markdown(head, [_parameter(one) for one in plan.calibration["parameters"]]), ""]
    lines += [f"Learned something of: {', '.join(learned) or 'none'}. Hardly of: {', '.join(others) or 'none'}.", ""]
    lines += ["## Validation", "", *_markdown(*found["parts"][1:]), "", *_markdown(*found["endpoints"][1:]), ""]
    lines += ["## Sensitivity", ""]
    lines += _markdown(*found["effects"][1:]) if "effects" in found else ["Not made."]
    lines += [
        "",
        "## Applicability and limits",
        "",
        *(f"- {name}: {words}" for name, words in covers_lines(plan.calibration.get("covers", {}))),
    ]
    lines += ["", *(f"- **{name}.** {words}" for name, words in NOT_MODELED), "", f"Command: `{plan.recipe.again}`", ""]
    return "\n".join(lines)


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
