"""The command ``run``: twins of one case, a run folder and a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .caches import usable_caches
from .exits import telling
from .options import Force, Json, Out, Quiet, Seed, Workers
from .terminal import progress_bar, say, table, tell_json


@telling
def run(
    case: Annotated[Path, typer.Argument(help="A case file.", show_default=False)],
    protocol: Annotated[
        str | None, typer.Option(help="A shipped protocol or a file; otherwise the case's own.", show_default=False)
    ] = None,
    twins: Annotated[int, typer.Option(help="Virtual twins of the patient.")] = 200,
    days: Annotated[float, typer.Option(help="Days of follow-up after day 0.")] = 730,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
    workers: Workers = None,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Simulate twins of one case, judge their outcomes and write a run folder with a report."""
    usable_caches()
    from ..runs.folder import building, plan_run, with_recipe, write_run

    plan = plan_run(case, protocol, twins=twins, days=days, seed=seed)
    folder = out or plan.folder
    with building(folder, plan.recipe, force=force) as partial:
        from ..engine.simulate import simulate
        from ..outcome.table import outcomes

        with progress_bar("Simulating", "twins", not (quiet or as_json)) as progress:
            made = simulate(
                plan.case, plan.protocol, twins=twins, days=days, seed=seed, workers=workers, progress=progress
            )
        made = with_recipe(made, plan.recipe)
        judged = outcomes(made)
        write_run(partial, made, judged)
    _tell_run(made, judged, folder, as_json)


def _tell_run(made: Any, judged: Any, folder: Path, as_json: bool) -> None:
    from ..outcome.summary import summarize
    from .run_summary import as_words, main_rows, summary_lines

    rows = summarize(judged)
    if as_json:
        tell_json(
            {
                "summary": [as_words(row) for row in rows if row.n],
                "failures": len(made.failures),
                "folder": str(folder),
                "report": str(folder / "report.html"),
                "provenance": made.provenance,
            }
        )
        return
    title = f"{made.case.title}: {made.protocol.name}, {judged.num_rows} twins, seed {made.provenance['seed']}"
    table(title, ("Outcome", "Result", "Range", "Twins"), summary_lines(main_rows(rows)))
    if made.failures:
        say(f"{len(made.failures)} of {judged.num_rows} twins could not be followed to the end; see the report.")
    print(f"Report: {folder / 'report.html'}")
