"""Whole studies as a user runs them: time, processor time and memory of all their processes.

``python -m benchmarks.studies PATIENTS WORKERS`` measures one study and prints it as JSON.
"""

from __future__ import annotations

import json
import os
import resource
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
    """Resident memory of a process and all that it started, added up; none where the system does not tell."""
    if not Path("/proc/self/statm").exists():
        return None
    parents, pages = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            pages[int(folder.name)] = int((folder / "statm").read_text().split()[1])
        except (OSError, IndexError, ValueError):
            continue  # it ended meanwhile
    family, more = {root}, {root}
    while more:
        more = {child for child, parent in parents.items() if parent in more} - family
        family |= more
    return sum(pages.get(one, 0) for one in family) * resource.getpagesize() / 2**20


if __name__ == "__main__":
    print(json.dumps(study(int(sys.argv[1]), int(sys.argv[2]))))
