"""Runs R, compares, and writes ``validation/STATISTICS.md``, whatever it says."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hemograft.version import VERSION

from . import data, samples
from .ours import everything

HERE = Path(__file__).parent
SCRIPTS = ("curves", "comparisons", "regressions", "states", "samples")
ACCEPTED = 1e-6


@dataclass(frozen=True)
class Line:
    """One compared quantity."""

    data: str
    topic: str
    quantity: str
    values: int
    none: int
    absolute: float
    relative: float

    @property
    def met(self) -> bool:
        """Within the accepted distance, relative to the largest value of the quantity."""
        return self.relative <= ACCEPTED


def main() -> int:
    """Compare with R where it is there; 0 when all agree or R is absent, 1 otherwise."""
    missing = _missing()
    if missing:
        print(f"skipped: {missing}")
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        data.write_rows(Path(temporary))
        samples.write(Path(temporary))
        theirs = _oracle(Path(temporary))
    lines = _compare(everything() | samples.everything(), theirs)
    page = HERE.parent / "STATISTICS.md"
    page.write_text("\n".join(_page(lines, _versions())) + "\n", encoding="utf-8")
    met = sum(line.met for line in lines)
    print(f"{met} of {len(lines)} quantities within {ACCEPTED:g}; {page.name} written")
    return 0 if met == len(lines) else 1


def _missing() -> str:
    absent = [name for name in data.FILES if not (data.FOLDER / f"{name}.csv").is_file()]
    if absent:
        files = ", ".join(f"{name}.csv" for name in absent)
        return f"no {files} in {data.FOLDER}; HEMOGRAFT_DATA may name another folder"
    if shutil.which("Rscript") is None:
        return "no Rscript; on Debian: apt-get install r-base-core r-cran-survival r-cran-cmprsk"
    return "" if _versions() else "R has no packages survival and cmprsk: apt-get install r-cran-survival r-cran-cmprsk"


def _versions() -> str:
    code = (
        'cat(R.version.string, ", survival ", as.character(packageVersion("survival")), ", cmprsk ", '
        'as.character(packageVersion("cmprsk")), sep = "")'
    )
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _oracle(folder: Path) -> dict[str, np.ndarray]:
    """Everything the R scripts print."""
    values = defaultdict(list)
    for script in SCRIPTS:
        print(f"R: {script}", file=sys.stderr)
        code = f'source("{(HERE / "common.R").as_posix()}"); source("{(HERE / script).as_posix()}.R")'
        command = ["Rscript", "-e", code, str(data.FOLDER), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{script}.R failed:\n{done.stderr}")
        for line in done.stdout.splitlines():
            name, _, value = line.split("\t")
            values[name].append(float("nan") if value in {"NA", "NaN"} else float(value))
    return {name: np.array(numbers) for name, numbers in values.items()}


def _compare(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> list[Line]:
    unlike = set(ours) ^ set(theirs)
    if unlike:
        raise SystemExit(f"quantities on one side only: {', '.join(sorted(unlike))}")
    return [_line(name, ours[name], theirs[name]) for name in theirs]


def _line(name: str, mine: np.ndarray, other: np.ndarray) -> Line:
    label, topic, *rest = name.split("/")
    quantity = rest[0] if rest else topic
    if mine.shape != other.shape:
        return Line(label, topic, quantity, 0, 0, float("inf"), float("inf"))
    given = np.isfinite(other)
    distance = np.abs(mine[given] - other[given])
    distance = np.where(np.isfinite(distance), distance, np.inf)
    absolute, largest = float(distance.max(initial=0)), float(np.abs(other[given]).max(initial=0)) or 1.0
    return Line(label, topic, quantity, int(given.sum()), int((~given).sum()), absolute, absolute / largest)


def _page(lines: list[Line], versions: str) -> list[str]:
    met = sum(line.met for line in lines)
    header = [
        "# Estimators against R",
        "",
        f"hemograft {VERSION}; {versions}. Made by `python -m validation.statistics`.",
        "",
        "Largest difference of every quantity over all its values (curves at every day, covariances in every cell).",
        f"Accepted: {ACCEPTED:g}, relative to the largest value of the quantity. *R gives none*: R leaves these out,",
        "such as intervals while nothing has happened; not compared. R's iterations were run to convergence",
        "(`eps` 1e-13, `gtol` 1e-12), since its own stopping rules leave differences of about 1e-6.",
        "",
        "Standard errors of days in states, of time lost and of sums of states are computed in R from",
        "`survfit(influence = TRUE)`, and the Brier score from R's censoring curve, by the scripts beside this page's",
        "program: there the formulas are ours on both sides.",
        "",
        f"**{met} of {len(lines)} quantities agree.** `copelan`: 137 patients; `ebmt3`: 2204; `ebmt4`: 2279.",
        "The data come from the R packages KMsurv (`bmt`) and mstate and are no part of this project;",
        "`HEMOGRAFT_DATA` names their folder.",
        "*Tiny samples*: 42 of 3 to 9 random patients; *samples with ties*: 24 of 40 to 80; whole days,",
        "competing events, late entries.",
        "",
        "| data | estimator | quantity | values | R gives none | largest difference | relative | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return header + [
        f"| {one.data} | {one.topic} | {one.quantity} | {one.values} | {one.none} | {one.absolute:.1e} "
        f"| {one.relative:.1e} | {'met' if one.met else '**not met**'} |"
        for one in lines
    ]


if __name__ == "__main__":
    sys.exit(main())
