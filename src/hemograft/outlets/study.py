"""The command ``study``: any number of virtual patients, outcomes only, resumable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .caches import usable_caches
from .exits import telling
from .options import Days, Ensemble, Force, Json, Out, Processes, Protocol, Quiet, Resume, Seed
from .terminal import progress_bar, say, table, tell_json

Scheduler = Annotated[
    str | None, typer.Option(help="Address of a Dask scheduler, in place of own processes.", show_default=False)
]


@telling
def study(
    cases: Annotated[list[Path], typer.Argument(help="Case files.", show_default=False)],
    protocol: Protocol = None,
    twins: Annotated[int, typer.Option(help="Virtual twins of each patient.")] = 1000,
    days: Days = 730,
    ensemble: Ensemble = None,
    seed: Seed = 0,
    out: Out = None,
    resume: Resume = False,
    chunk: Annotated[int, typer.Option(help="Patients simulated together; results do not depend on it.")] = 500,
    workers: Processes = None,
    scheduler: Scheduler = None,
    as_json: Json = False,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Simulate any number of virtual patients; keep outcomes and daily quantiles, and resume if interrupted."""
    usable_caches()
    from ..runs.ensembles import choose
    from ..studies.folder import plan_study, run_study

    plan = plan_study(cases, protocol, ensemble=choose(ensemble), twins=twins, days=days, seed=seed)
    folder = out or plan.folder
    with progress_bar("Simulating", "patients", not (quiet or as_json)) as progress:
        made = run_study(
            plan,
            folder,
            chunk=chunk,
            workers=workers,
            scheduler=scheduler,
            resume=resume,
            force=force,
            progress=progress,
        )
    _tell_study(made, folder, as_json)


def _tell_study(made: Any, folder: Path, as_json: bool) -> None:
    from .run_summary import as_words, main_rows, summary_lines

    if as_json:
        summary = [as_words(row) for row in made.summary if row.n]
        tell_json({"summary": summary, "failures": made.failures, "folder": str(folder), "provenance": made.provenance})
        return
    title = f"{made.patients} virtual patients, seed {made.provenance['seed']}"
    table(title, ("Outcome", "Result", "Range", "Patients"), summary_lines(main_rows(made.summary)))
    if made.failures:
        say(f"{made.failures} of {made.patients} could not be followed to the end; see failures.csv.")
    print(f"Folder: {folder}")
