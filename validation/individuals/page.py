"""The table and the figure of predictions of single patients."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from hemograft.ensemble import shipped_ensemble, shipped_file
from hemograft.files import read_document
from hemograft.reporting.style import COLORS, FAINT, SETTINGS

from .scores import EDGE, FOLDS, Scored

HEAD = (
    "Outcome",
    "Patients",
    "Events",
    "C, simulation",
    "C, Cox",
    "Observed / predicted",
    "Calibration slope",
    "Brier: simulation",
    "Cox",
    "constant",
)

INTRODUCTION = """\
Made by `python -m validation.individuals`: {patients} children of `{table}` transplanted from unrelated donors ({left}
rows left out), {twins} virtual twins each, seed {seed}, parameters {used}. What the table does not say (conditioning,
prophylaxis, remission, height, kidneys) is assumed for all alike, see `data/maps/children_transplants.yaml`."""
READING = f"""\
C is the share of pairs of patients whose order was predicted rightly (0.5: a coin, or a constant). The Cox model has
the same covariates and has seen the outcomes of four fifths of these patients ({FOLDS}-fold cross-validation); the
constant is the incidence in those. Brier scores: smaller is better. Calibration slope: of the logarithm of the hazard
on the predicted one, ± one standard error; 1 is perfect. Without a day in the table (acute disease II to IV, chronic
disease, relapse) yes and no are compared, whatever the follow-up."""
STUDY = "uci_children"  # the same patients as groups, in tables of published outcomes


def independence(calibrated: bool) -> str:
    """Whether groups of these patients were fitted to, in one sentence."""
    path = shipped_file("studies.yaml")
    if not calibrated:
        return "No patient of this table was used to set a parameter."
    if path is None:
        return "Whether groups of these patients were fitted to is not known: the ensemble does not list its studies."
    if STUDY in read_document(path).words["fitted"]:
        return "**Groups of these same patients are among what was fitted to: this is no independent test.**"
    return "Groups of these patients were not fitted to; no patient of this table was used to set a parameter."


def text(found: Sequence[Scored], table: str, patients: int, left: int, twins: int, seed: int) -> str:
    """The page in Markdown."""
    shipped = shipped_ensemble()
    used = f"of the shipped ensemble {shipped.sha256[:12]}" if shipped else "of the parameter files, not calibrated"
    lines = [
        "# Predictions of single patients",
        "",
        INTRODUCTION.format(table=table, patients=patients, left=left, twins=twins, seed=seed, used=used),
        "",
        independence(shipped is not None),
        "",
        READING,
        "",
        f"| {' | '.join(HEAD)} |",
        f"|{' --- |' * len(HEAD)}",
        *(f"| {' | '.join(_cells(one))} |" for one in found),
        "",
        "![Ranking and calibration](individuals.svg)",
        "",
        "## Calibration in groups",
        "",
        "Groups of rising prediction; observed with 95 % interval.",
        "",
        "| Outcome | Patients | Predicted | Observed |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {one.endpoint.title} | {n:.0f} | {p:.2f} | {o:.2f} ({low:.2f} to {high:.2f}) |"
        for one in found
        for n, p, o, low, high in one.groups
    ]
    return "\n".join([*lines, "", *_said(found), ""])


def _cells(one: Scored) -> tuple[str, ...]:
    return (
        one.endpoint.title,
        str(one.patients),
        str(one.events),
        *(f"{value:.2f} ± {error:.2f}" for value, error in (one.ours, one.model)),
        f"{one.ratio:.2f}",
        f"{one.slope:.2f} ± {one.slope_error:.2f}",
        *(f"{value:.3f}" for value in (one.brier_ours, one.brier_model, one.brier_constant)),
    )


def _said(found: Sequence[Scored]) -> list[str]:
    """What the table comes to, in sentences."""
    clear = [one for one in found if one.ours[0] - 2 * one.ours[1] > 0.5]
    better = [one for one in found if one.brier_ours < one.brier_constant]
    beyond = [one for one in found if one.ours[0] > one.model[0]]

    def names(some: Sequence[Scored]) -> str:
        return ", ".join(one.endpoint.title for one in some) or "none"

    return [
        f"Ranked better than by a coin (two standard errors): {names(clear)}.",
        f"C above that of the Cox model, within errors or not: {names(beyond)}.",
        f"Smaller Brier score than the constant: {names(better)}.",
    ]


def draw(found: Sequence[Scored], path: Path) -> None:
    """C-indices beside each other, and observed against predicted in groups."""
    with rc_context({**SETTINGS, "svg.hashsalt": "individuals"}):
        figure = Figure(figsize=(10, 4.2), layout="constrained")
        FigureCanvasSVG(figure)
        left, right = figure.subplots(1, 2)
        _ranking(left, found)
        _calibration(right, found)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _ranking(axes: Axes, found: Sequence[Scored]) -> None:
    for place, one in enumerate(reversed(found)):
        both = ((0.12, one.ours, COLORS[0], "o"), (-0.12, one.model, COLORS[1], "s"))
        for shift, (value, error), color, marker in both:
            axes.hlines(place + shift, value - 1.96 * error, value + 1.96 * error, color=color, linewidth=1.6)
            axes.plot([value], [place + shift], marker, color=color, markersize=4.5)
    axes.axvline(0.5, color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.set_yticks(range(len(found)), [one.endpoint.title for one in reversed(found)])
    axes.set_xlabel("C-index with 95 % interval: simulation (circles), Cox (squares)")


def _calibration(axes: Axes, found: Sequence[Scored]) -> None:
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)))
    for number, one in enumerate(found):
        color = COLORS[number % len(COLORS)]
        points = [(p, o) for _, p, o, _, _ in one.groups if o == o]
        axes.plot(*zip(*points, strict=True), "o-", color=color, markersize=4, linewidth=0.8, label=one.endpoint.title)
    axes.set_xlim(-EDGE, 1)
    axes.set_ylim(-EDGE, 1)
    axes.set_xlabel("predicted share, in groups")
    axes.set_ylabel("observed share")
    axes.legend(fontsize=6.5, frameon=False)
