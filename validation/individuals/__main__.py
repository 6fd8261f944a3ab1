"""Predictions of single patients: ``python -m validation.individuals [TABLE] [--twins 40] [--seed 0]``.

Writes ``validation/INDIVIDUALS.md`` and its figure, whatever they say; says so and does nothing where the table is
absent, as it is not part of the project.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from .data import ENDPOINTS, Cohort, simulated
from .page import draw, text
from .scores import scored

TABLE = Path("../shared/data/children_transplants.csv")
HERE = Path(__file__).parent.parent


def write(cohort: Cohort, table: str, twins: int, seed: int, folder: Path) -> Path:
    """Score every endpoint and write the page."""
    found = [scored(cohort, endpoint, seed) for endpoint in ENDPOINTS]
    page = folder / "INDIVIDUALS.md"
    page.write_text(text(found, table, len(cohort.patients), cohort.left, twins, seed), encoding="utf-8")
    draw(found, folder / "individuals.svg")
    return page


def main() -> None:
    """Read the command line, simulate and write."""
    words = argparse.ArgumentParser(prog="python -m validation.individuals", description=__doc__)
    words.add_argument("table", nargs="?", type=Path, default=TABLE)
    words.add_argument("--twins", type=int, default=40)
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--workers", type=int, default=2)
    words.add_argument("--out", type=Path, default=HERE)
    said = words.parse_args()
    if not said.table.is_file():
        print(f"skipped: no {said.table}")
        return
    cohort = simulated(said.table, said.twins, said.seed, said.workers)
    print(f"{write(cohort, said.table.name, said.twins, said.seed, said.out)} written")


if __name__ == "__main__":
    main()
