"""The command ``calibrate``: parameters fitted to published outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .caches import usable_caches
from .exits import telling
from .options import ArmPatients, Force, Json, Out, Processes, Quiet, Resume, Seed
from .terminal import progress_bar, table, tell_json

Arms = Annotated[Path, typer.Option("--arms", help="Table of published patient groups.", show_default=False)]
Targets = Annotated[Path, typer.Option("--targets", help="Table of their outcomes.", show_default=False)]
Members = Annotated[int, typer.Option(help="Members of the ensemble.")]
Iterations = Annotated[int, typer.Option(help="Most steps from prior to posterior.")]
HoldOut = Annotated[float, typer.Option(help="Share of studies kept apart for a test.")]
MostArms = Annotated[int, typer.Option(help="Most arms, those with most endpoints first; 0 for all.")]
Free = Annotated[
    Path | None, typer.Option(help="Parameters that may change; else the shipped file.", show_default=False)
]


@telling
def calibrate(
    arms: Arms,
    targets: Targets,
    members: Members = 40,
    iterations: Iterations = 4,
    patients: ArmPatients = 60,
    hold_out: HoldOut = 0.3,
    most_arms: MostArms = 0,
    free: Free = None,
    seed: Seed = 0,
    out: Out = None,
    resume: Resume = False,
    as_json: Json = False,
    workers: Processes = None,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Fit parameters to published outcomes: an ensemble that says how well each is known, tested on other studies."""
    usable_caches()
    from ..calibration import calibrate as work
    from ..calibration.report import lines, words, write_calibration
    from ..runs.folder import building

    settings = {"members": members, "iterations": iterations, "patients": patients, "hold-out": hold_out}
    plan = work.plan_calibration(arms, targets, free=free, **settings, **{"most-arms": most_arms}, seed=seed)
    folder = out or plan.folder
    with progress_bar("Simulating", "members", not (quiet or as_json)) as progress:
        made, kept = work.calibrate(plan, folder, workers=workers, resume=resume, force=force, progress=progress)
    with building(folder, plan.recipe, force=force) as partial:
        write_calibration(partial, made)
    kept.remove()
    told = words(made)
    if as_json:
        tell_json({**told, "folder": str(folder), "ensemble": str(folder / "ensemble.yaml")})
        return
    title = (
        f"{len(plan.free)} parameters fitted to {len(plan.fitted)} rows of {len(plan.arms_fitted)} arms, seed {seed}"
    )
    table(title, ("Rows", "When", f"{100 * told['interval']:.0f} % interval holds", "Median error"), lines(told))
    print(f"Ensemble: {folder / 'ensemble.yaml'}")
