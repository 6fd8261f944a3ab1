"""Compares the engine with independent simulators and writes ``validation/engine/RESULTS.md``."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

from benchmarks.work import FLOORS, OTHER_FLOOR, Work

from hemograft.version import VERSION

from .agreement import LIMIT, OURS, TASKS, TIGHT, Difference, differences

PACKAGES = ("libroadrunner", "python-copasi", "copasi-basico", "scipy", "numba")


def main() -> int:
    """Compare on both tasks, write the page; 1 when a simulator disagrees with the engine."""
    rows: list[Difference] = []
    tasks: list[Work] = []
    absent: list[str] = []
    for make in TASKS.values():
        work = make(1)
        print(f"{work.name}: {len(work.model.states)} states, {len(work.days)} days", file=sys.stderr)
        found, absent = differences(work)
        rows += found
        tasks.append(work)
    text = page(tasks, rows, absent)
    (Path(__file__).parent / "RESULTS.md").write_text(text, encoding="utf-8")
    ours = [row for row in rows if OURS in row.pair]
    print(f"{sum(row.agreed for row in ours)} of {len(ours)} simulators agree with the engine to {LIMIT:g}")
    return 0 if all(row.agreed for row in ours) else 1


def page(tasks: list[Work], rows: list[Difference], absent: list[str]) -> str:
    """The page as text."""
    lines = [
        "# The engine against independent simulators",
        "",
        f"hemograft {VERSION} and {', '.join(installed())}. Made by `python -m validation.engine`.",
        "",
        "Difference: |a - b| / (|b| + floor), every state on every whole day;",
        f"floor {FLOORS['cells']:g} cell for cells, {OTHER_FLOOR:g} of the unit otherwise.",
        "Left out are amounts to which an order adds at that very moment, where one may look before or after.",
        f"Agreement: at most {LIMIT:g} everywhere. Relative tolerance {TIGHT:g},",
        "absolute tolerance that times the floor (COPASI: one number, a thousandth of its tolerance).",
        "One patient, fixed orders, no rules, no chance. libroadrunner and COPASI read the exported SBML;",
        "for COPASI with switches of rates written as arithmetic, because it stops to locate each of them;",
        "scipy solves the declared functions compiled by Numba.",
        "",
    ]
    for work in tasks:
        left_out = int((~work.compared).sum())
        lines += [
            f"**{work.name}**: {len(work.model.states)} states, {len(work.model.arrows)} flows, day "
            f"{work.first_day:g} to {work.last_day:g}, {len(work.orders.times)} changes by orders, "
            f"{left_out} amounts left out.",
            "",
        ]
    lines += [
        "| task | pair | largest | root mean square | state and day of the largest | |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row.task} | {' and '.join(row.pair)} | {row.largest:.1e} | {row.spread:.1e} "
            f"| `{row.state}`, day {row.day:g} | {'agree' if row.agreed else '**apart**'} |"
        )
    if absent:
        lines += ["", f"Not installed here: {', '.join(absent)}."]
    return "\n".join([*lines, ""])


def installed() -> list[str]:
    """Names and versions of the simulators that are there."""
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    sys.exit(main())
