"""Whole studies as a user runs them: time, processor time and memory of all their processes.

``python -m benchmarks.studies PATIENTS WORKERS`` measures one study and prints it as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .measure import processor_time

EXAMPLE = Path(__file__).parent.parent / "examples" / "aml_cr1_flubu4.yaml"
SIZES = (((200, 1), (200, 2)), ((2000, 1), (2000, 2), (10_000, 2), (100_000, 2)))  # patients and workers: quick, full
OFTEN = 0.1  # seconds between two looks at memory


def studies(quick: bool, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Every size, after a small study that generates machine code."""
    study(20, 1)
    points = []
    for patients, workers in SIZES[0] if quick else SIZES[1]:
        say(f"study: {patients} patients, {workers} workers")
        points.append(study(patients, workers))
    return points


def study(patients: int, workers: int) -> dict[str, Any]:
    """One study in a folder of its own."""
    load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    with tempfile.TemporaryDirectory() as place:
        settings = ("--twins", str(patients), "--days", "730", "--workers", str(workers), "--quiet", "--json")
        words = [sys.executable, "-m", "hemograft", "study", str(EXAMPLE), *settings, "--out", f"{place}/study"]
        begun, before = time.perf_counter(), processor_time()
        process, largest = subprocess.Popen(words, stdout=subprocess.DEVNULL), None
        while process.poll() is None:
            now = megabytes_of(process.pid)
            largest = now if largest is None or now is None else max(largest, now)
            time.sleep(OFTEN)
        seconds = time.perf_counter() - begun
    if process.returncode:
        raise RuntimeError(f"the study of {patients} patients ended with {process.returncode}")
    return {
        "patients": patients,
        "workers": workers,
        "seconds": seconds,
        "cpu_seconds": processor_time() - before,
        "megabytes": largest,
        "load_at_start": load,
    }


def megabytes_of(root: int) -> float | None:
    """Memory of a process and all that it started; pages that they share count once. None where nothing tells it."""
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue  # it ended meanwhile
    family, more = {root}, {root}
    while more:
        more = {child for child, parent in parents.items() if parent in more} - family
        family |= more
    return sum(map(kilobytes_of, family)) / 1024


def kilobytes_of(process: int) -> int:
    """Memory of one process: each page divided by the number of processes that have it."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # it ended meanwhile
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    print(json.dumps(study(int(sys.argv[1]), int(sys.argv[2]))))
