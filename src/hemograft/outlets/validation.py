"""The command ``validate``: published outcomes beside predictions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .caches import usable_caches
from .exits import telling
from .options import ArmPatients, Ensemble, Force, Json, Out, Quiet, Seed, Workers
from .terminal import progress_bar, table, tell_json

Arms = Annotated[Path | None, typer.Option("--arms", help="Table of published patient groups.", show_default=False)]
Targets = Annotated[Path | None, typer.Option("--targets", help="Table of their outcomes.", show_default=False)]
Members = Annotated[int, typer.Option(min=0, help="Members of the ensemble that widen the intervals.")]
Partly = Annotated[bool, typer.Option("--partly", help="Also arms that the table calls partly simulatable.")]


@telling
def validate(
    arms: Arms = None,
    targets: Targets = None,
    patients: ArmPatients = 400,
    partly: Partly = False,
    ensemble: Ensemble = None,
    members: Members = 6,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
    workers: Workers = None,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Simulate published patient groups and compare with their published outcomes."""
    usable_caches()
    from ..runs.ensembles import choose
    from ..runs.folder import building
    from ..targets.discrepancy import discrepancy_from
    from ..targets.page import lines, words, write_study
    from ..targets.plan import plan_study
    from ..targets.study import run_study

    facts, values = _tables(arms, targets)
    used = choose(ensemble)
    said = {**used.settings, **({"members": members} if used.used else {})}
    plan = plan_study(facts, values, partly=partly, more=used.sources, patients=patients, seed=seed, **said)
    folder = out or plan.folder
    with building(folder, plan.recipe, force=force) as partial:
        with progress_bar("Simulating", "arms", not (quiet or as_json)) as progress:
            made = run_study(
                plan,
                workers=workers,
                progress=progress,
                ensemble=used.ways(members),
                discrepancy=discrepancy_from(used.unexplained),
            )
        write_study(partial, made)
    told = words(made)
    if as_json:
        tell_json({**told, "folder": str(folder), "report": str(folder / "report.html")})
        return
    title = f"{values.name}: {len(plan.needed)} arms of {patients} virtual patients, seed {seed}"
    table(
        title, ("Agreement", "Result"), [*lines(told), *((one["endpoint"], one["words"]) for one in told["endpoints"])]
    )
    print(f"Report: {folder / 'report.html'}")


def _tables(arms: Path | None, targets: Path | None) -> tuple[Path, Path]:
    """Both tables as given, or those that the shipped calibration was fitted to."""
    from ..ensemble import shipped_file
    from ..errors import InputError, Problem

    if arms is not None and targets is not None:
        return arms, targets
    facts, values = shipped_file("fitted_arms.csv"), shipped_file("fitted_targets.csv")
    if arms is not None or targets is not None or facts is None or values is None:
        lacking = "--targets" if targets is None else "--arms"
        raise InputError(Problem("a table is missing", lacking, "both --arms and --targets"))
    return facts, values
