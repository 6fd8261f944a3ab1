"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, nothing else.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder to write.", show_default=False)]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bar.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a run folder made from other inputs.")]
Ensemble = Annotated[
    str | None,
    typer.Option(help="Calibrated parameters: shipped, none, or a file; else shipped, if any.", show_default=False),
]
Days = Annotated[float, typer.Option(help="Days of follow-up after day 0.")]
Protocol = Annotated[
    str | None, typer.Option(help="A shipped protocol or a file; else the case's own.", show_default=False)
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")]
ArmPatients = Annotated[int, typer.Option(help="Virtual patients of each arm.")]
Processes = Annotated[
    int | None, typer.Option(min=1, help="Processes; results do not depend on it.", show_default=False)
]
Seed = Annotated[int, typer.Option(help="The same seed gives every twin the same luck.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Threads; results do not depend on it.", show_default=False)]
