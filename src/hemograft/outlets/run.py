"""The command ``run``: twins of one case, a run folder and a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from .caches import usable_caches
from .exits import telling
from .options import Days, Ensemble, Force, Json, Out, Protocol, Quiet, Seed, Workers
from .terminal import progress_bar, say, table, tell_json


@telling
def run(
    case: Annotated[Path, typer.Argument(help="A case file.", show_default=False)],
    protocol: Protocol = None,
    twins: Annotated[int, typer.Option(help="Virtual twins of the patient.")] = 200,
    days: Days = 730,
    ensemble: Ensemble = None,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
    workers: Workers = None,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Simulate twins of one case, judge their outcomes and write a run folder with a report."""
    usable_caches()
    from ..runs.ensembles import choose
    from ..runs.folder import building, plan_run, with_recipe, write_run

    used = choose(ensemble)
    plan = plan_run(case, protocol, ensemble=used, twins=twins, days=days, seed=seed)
    folder, applies = out or plan.folder, used.applies(plan.case, plan.protocol)
    with building(folder, plan.recipe, force=force) as partial:
        from ..engine.setup import parameters_for
        from ..engine.simulate import simulate
        from ..outcome.table import outcomes

        with progress_bar("Simulating", "twins", not (quiet or as_json)) as progress:
            values = parameters_for(plan.case, plan.protocol, used.center)
            options = {"twins": twins, "days": days, "seed": seed, "workers": workers, "progress": progress}
            made = simulate(plan.case, plan.protocol, parameters=values, **options)
        made = with_recipe(made, plan.recipe)
        judged = outcomes(made)
        write_run(partial, made, judged, applies)
    _tell_run(made, judged, folder, applies, as_json)


def _tell_run(made: Any, judged: Any, folder: Path, applies: Sequence[str], as_json: bool) -> None:
    from ..outcome.summary import summarize
    from ..scores.conventional import as_words as as_scores
    from ..scores.conventional import conventional
    from .run_summary import as_words, main_rows, summary_lines

    rows = summarize(judged)
    if as_json:
        tell_json(
            {
                "summary": [as_words(row) for row in rows if row.n],
                "failures": len(made.failures),
                "scores": as_scores(made.case),
                "outside_calibration": list(applies),
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
    print("; ".join(f"{one.name}: {one.words}" for one in conventional(made.case)))
    for why in applies:
        print(f"Calibration: {why}")
    print(f"Report: {folder / 'report.html'}")
