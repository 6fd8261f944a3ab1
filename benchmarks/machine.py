"""On what a benchmark ran: processor, memory, versions; nothing that names a host or a user."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "hemograft",
    "numpy",
    "scipy",
    "numba",
    "llvmlite",
    "libroadrunner",
    "python-copasi",
    "copasi-basico",
    "rebop",
    "gillespy2",
)


def machine() -> dict[str, str | int | float]:
    """Processor, cores that may be used, memory, system, and how busy the machine was when it began."""
    found: dict[str, str | int | float] = {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found["memory_gib"] = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
    if hasattr(os, "getloadavg"):
        found["load_at_start"] = round(os.getloadavg()[0], 2)
    return found


def versions() -> dict[str, str]:
    """Versions of what took part; "absent" for what is not installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
