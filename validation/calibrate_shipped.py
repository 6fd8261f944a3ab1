"""Makes the ensemble that comes with the package: ``python -m validation.calibrate_shipped ARMS TARGETS``.

The settings are written here, so that the ensemble can be made again; whole studies are held out by the seed. A run
that was stopped goes on when the same command is given again. The parameter files are not touched. With ``--ship
FOLDER`` the result of a calibration that was made by itself is put into the package.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from hemograft.calibration.calibrate import plan_calibration
from hemograft.calibration.report import files_beside
from hemograft.ensemble import FILE
from hemograft.ensemble import FOLDER as SHIPPED
from hemograft.outlets.cli import main
from hemograft.runs.recipe import INPUTS

SETTINGS = {"members": 64, "iterations": 1, "patients": 30, "hold-out": 0.3, "most-arms": 0, "seed": 0}
FOLDER = Path("runs") / "calibration-shipped"
USAGE = "python -m validation.calibrate_shipped ARMS TARGETS, or --ship FOLDER"


def make(arms: str, targets: str) -> int:
    """Calibrate and put the ensemble into the package; the exit code of the command."""
    words = ["calibrate", "--arms", arms, "--targets", targets, "--resume", "--out", str(FOLDER)]
    words += [word for name, value in SETTINGS.items() for word in (f"--{name}", str(value))]
    try:
        main(words)
    except SystemExit as leaving:
        if leaving.code:
            return int(leaving.code)
    ship(FOLDER)
    return 0


def ship(folder: Path, place: Path = SHIPPED) -> None:
    """Put the ensemble of a finished calibration into the package, with its range, its studies and its facts."""
    told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    known, inputs = told["provenance"], told["provenance"]["inputs"]
    paths = {role: folder / INPUTS / one["file"] for role, one in inputs.items()}
    settings = {name: known[name] for name in SETTINGS}
    plan = plan_calibration(paths["arms"], paths["targets"], free=paths.get("free"), **settings)
    if list(plan.arms_fitted) != told["arms"]["fitted"]:
        sys.exit(f"{folder}: this version would choose other arms; calibrate again")
    place.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / FILE, place / FILE)
    for name, text in files_beside(plan).items():
        (place / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(USAGE)
    if sys.argv[1] == "--ship":
        ship(Path(sys.argv[2]))
    else:
        sys.exit(make(*sys.argv[1:]))
