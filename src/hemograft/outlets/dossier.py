"""The command ``dossier``: what there is to trust the model for, in one document."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from .caches import usable_caches
from .exits import telling
from .options import Force, Json, Out, Protocol, Seed, Workers
from .terminal import table, tell_json

Standard = Annotated[Path, typer.Argument(metavar="CASE.yaml", help="The standard case.", show_default=False)]
Calibration = Annotated[Path, typer.Option(help="Folder that calibrate wrote.", show_default=False)]
Validation = Annotated[Path, typer.Option(help="Folder that validate wrote.", show_default=False)]
Verification = Annotated[
    list[Path] | None, typer.Option(help="A page of verification to keep in it; may be repeated.", show_default=False)
]
Context = Annotated[
    Path | None, typer.Option(help="Question, context and risk; else the shipped words.", show_default=False)
]


@telling
def dossier(
    case: Standard,
    calibration: Calibration,
    validation: Validation,
    verification: Verification = None,
    context: Context = None,
    protocol: Protocol = None,
    walks: Annotated[int, typer.Option(min=0, help="Walks of the sensitivity; 0 for none.")] = 4,
    twins: Annotated[int, typer.Option(min=1, help="Twins of each setting of the sensitivity.")] = 20,
    days: Annotated[float, typer.Option(min=1, help="Days of follow-up of the sensitivity.")] = 365,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
    workers: Workers = None,
    force: Force = False,
) -> None:
    """Put results of calibration, validation and verification into one document, with a global sensitivity."""
    usable_caches()
    from ..dossier.dossier import make_dossier, plan_dossier
    from ..dossier.page import tables, write_dossier
    from ..runs.folder import building

    settings = {"walks": walks, "twins": twins, "days": days, "seed": seed}
    more = {"protocol": protocol, "verification": verification or (), "context": context}
    plan = plan_dossier(case, calibration, validation, **more, **settings)
    folder = out or plan.folder
    with building(folder, plan.recipe, force=force) as partial:
        made = make_dossier(plan, workers or os.cpu_count() or 1)
        write_dossier(partial, made)
    if as_json:
        tell_json({**made.words, "folder": str(folder), "report": str(folder / "report.html")})
        return
    table(*tables(made)["parts"])
    print(f"Dossier: {folder / 'report.html'}")
