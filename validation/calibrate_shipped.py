"""Makes the ensemble that comes with the package: ``python -m validation.calibrate_shipped ARMS TARGETS``.

The settings are written here, so that the ensemble can be made again; whole studies are held out by the seed. A run
that was stopped goes on when the same command is given again. The parameter files are not touched.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from hemograft.ensemble import FOLDER as SHIPPED
from hemograft.outlets.cli import main

SETTINGS = {"members": 26, "iterations": 2, "patients": 30, "hold-out": 0.3, "most-arms": 10, "seed": 0}
FILES = ("ensemble.yaml", "covers.yaml", "studies.yaml", "fitted_arms.csv", "fitted_targets.csv")
FOLDER = Path("runs") / "calibration-shipped"


def make(arms: str, targets: str) -> int:
    """Calibrate and copy the ensemble with what belongs to it into the package; the exit code of the command."""
    words = ["calibrate", "--arms", arms, "--targets", targets, "--resume", "--out", str(FOLDER)]
    words += [word for name, value in SETTINGS.items() for word in (f"--{name}", str(value))]
    try:
        main(words)
    except SystemExit as leaving:
        if leaving.code:
            return int(leaving.code)
    for name in FILES:
        shutil.copyfile(FOLDER / name, SHIPPED / name)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("python -m validation.calibrate_shipped ARMS TARGETS")
    sys.exit(make(*sys.argv[1:]))
