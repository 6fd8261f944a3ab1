"""Makes the ensemble that comes with the package: ``python -m validation.calibrate_shipped ARMS TARGETS``.

The settings are written here, so that the ensemble can be made again; whole studies are held out by the seed. A run
that was stopped goes on when the same command is given again. The parameter files are not touched.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from hemograft.outlets.cli import main
from hemograft.parameters import DATA

SETTINGS = {"members": 26, "iterations": 2, "patients": 30, "hold-out": 0.3, "most-arms": 10, "seed": 0}
FOLDER = Path("runs") / "calibration-shipped"


def make(arms: str, targets: str) -> int:
    """Calibrate and copy the ensemble into the data of the package; the exit code of the command."""
    words = ["calibrate", "--arms", arms, "--targets", targets, "--resume", "--out", str(FOLDER)]
    words += [word for name, value in SETTINGS.items() for word in (f"--{name}", str(value))]
    try:
        main(words)
    except SystemExit as leaving:
        if leaving.code:
            return int(leaving.code)
    shutil.copyfile(FOLDER / "ensemble.yaml", DATA / "calibration" / "ensemble.yaml")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("python -m validation.calibrate_shipped ARMS TARGETS")
    sys.exit(make(*sys.argv[1:]))
