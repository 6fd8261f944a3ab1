"""How time and memory grow: with patients, states, years and workers; each point in a process of its own.

``python -m benchmarks.growth KIND SIZE`` measures one point and prints it as JSON.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hemograft.model.compile import assemble
from hemograft.model.component import Component, Flow, Quantity, State, aging
from hemograft.model.forms import total
from hemograft.parameters import Parameter, ParameterSet

from . import ours
from .surrogate_numbers import MADE_UP
from .work import Work, nothing_ordered, people, standard

TOGETHER = 2000  # patients whose daily values are in memory at once; outcomes of the others are all that is kept
STAGES = 10
KINDS = {
    "patients": ((1, 10, 100, 1000), (1, 10, 100, 1000, 4000)),  # up to 100,000: see studies
    "states": ((20, 80, 320), (20, 40, 80, 160, 320, 640)),
    "years": ((1, 2, 4), (1, 2, 5, 10)),
    "workers": ((1, 2), (1, 2, 4)),
}
FEW = {"states": 64, "years": 64, "workers": 512}  # patients of the other points


def growth(quick: bool, say: Callable[[str], None], longest: float) -> dict[str, list[dict[str, Any]]]:
    """Every point, smallest first; those expected to take longer than ``longest`` seconds are left out and named."""
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, sizes in KINDS.items():
        points: list[dict[str, Any]] = []
        for size in sizes[0] if quick else sizes[1]:
            say(f"growth with {kind}: {size}")
            last = points[-1] if points else None
            if last and last["seconds"] * size / last["size"] > longest and kind != "workers":
                points.append({"size": size, "left_out": f"would take longer than {longest:g} s"})
                break
            points.append(_apart(kind, size, quick))
        found[kind] = points
    return found


def _apart(kind: str, size: int, quick: bool) -> dict[str, Any]:
    """One point in a fresh process, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks.growth", kind, str(size), *(["quick"] if quick else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def point(kind: str, size: int, quick: bool) -> dict[str, Any]:
    """Seconds and peak memory of one size, after one patient has loaded all code."""
    count = size if kind == "patients" else FEW[kind] // (4 if quick else 1)
    make = _maker(kind, size)
    ours.counts(make(0, 1), chance=kind != "states")
    before = _megabytes()
    begun = time.perf_counter()
    kept = outcomes_of(make, count, kind != "states", size if kind == "workers" else 1)
    seconds = time.perf_counter() - begun
    return {
        "size": size,
        "patients": count,
        "seconds": seconds,
        "ms_per_patient": seconds * 1e3 / count,
        "megabytes_before": before,
        "megabytes": _megabytes(),
        "kept": int(kept.size),
    }


def _maker(kind: str, size: int) -> Callable[[int, int], Work]:
    """Makes the task for the patients from one number to before another."""
    if kind == "states":
        return lambda first, last: chains(size, last).part(first, last)
    days = size * 365 if kind == "years" else 2 * 365
    return lambda first, last: standard(last - first, days, rules=True, first=first)


def outcomes_of(make: Callable[[int, int], Work], count: int, chance: bool, workers: int) -> np.ndarray:
    """A handful of outcomes per patient: the last and the lowest of each observed quantity, group after group."""
    kept = []
    for first in range(0, count, TOGETHER):
        work = make(first, min(first + TOGETHER, count))
        daily = ours.counts(work, chance=chance, workers=workers).daily
        kept.append(np.concatenate([daily[:, -1], np.nanmin(daily, axis=1)], axis=1))
    return np.concatenate(kept)


def _megabytes() -> float:
    """Largest memory of this process so far; on Linux from the kernel, where a new process starts at nothing."""
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
        return float(peak.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def chains(states: int, count: int) -> Work:
    """Lines of cells that age through ten stages, all held back by how many leave: as many states as wanted."""
    lines = tuple(f"line{i}" for i in range(max(1, states // STAGES)))
    component = Component(
        name="chains",
        states=(State("cell", "cells", "cells by stage", ("line",), STAGES),),
        quantities=(
            Quantity("mature", "1", lambda x, p: total(x.cell[o][STAGES - 1] for o in x.cell), "cells about to leave"),
            Quantity("brake", "1", lambda x, p: 1 / (1 + x.mature / p.half), "feedback on entry"),
            Quantity("all_cells", "1", lambda x, p: total(x.cell), "all cells", observed="1"),
        ),
        flows=(
            Flow(None, "cell", lambda x, p, line: p.entry * x.brake, ("line",)),
            *aging("cell", STAGES, lambda x, p, line: p.pace, None, ("line",)),
        ),
    )
    values = {"entry": (1e6, 0.3), "pace": (0.8, 0.2), "half": (1e6 * len(lines), 0.0)}
    numbers = {n: Parameter(n, v, "1", MADE_UP, "assumed", MADE_UP, s) for n, (v, s) in values.items()}
    model = assemble((component,), {"line": lines}, ParameterSet(numbers))
    twins = people(model, count)
    return Work(f"{states} states", model, twins.vectors, twins.start, nothing_ordered(count), 0.0, 730.0)


if __name__ == "__main__":
    print(json.dumps(point(sys.argv[1], int(sys.argv[2]), "quick" in sys.argv)))
