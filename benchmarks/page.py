"""The page of results: tables, how to read them, and what could make them wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .by_chance import COUNTED, OWN
from .fixed import BASELINE, ERRORS
from .ruled import STEPPED

READING = """
## How to read this

- One thread everywhere but in the tables of workers and studies. Times are medians of interleaved rounds, in ms for one
  patient; hemograft follows many patients a call, the others one after the other. Loading, code generation and
  compilation are not in them and stand apart.
- Error: |x - reference| / (|reference| + floor), floor 1 cell for cells and 0.001 of any other unit; root mean square
  over every state and every whole day of the judged patients. "ms at 1e-4" is the time at which a simulator has a root
  mean square error of 1e-4, between two tolerances of its ladder on logarithmic scales; "-" where no tolerance reached
  it. "x" is the time of libroadrunner over that of the row. In the table of whole numbers, "x NAME" is the time of the
  row over that of NAME.
- All solvers but COPASI get the relative tolerance and an absolute one for each state (tolerance times floor); COPASI
  has one absolute tolerance for all, a thousandth of the relative one.
- *standard* is the shipped model, one case under its protocol. *surrogate* is a made-up model of 60 states whose
  numbers never change, so that versions can be compared.
"""
THREATS = """
## What could make this wrong

- A shared or busy machine: see the load at the start, and the spread of rounds in `results.json`.
- Patients of one case share their order days, which suits lanes that advance together.
- Peers are driven from Python the way a user drives them; their time in Python counts. Daily rules cost libroadrunner
  a restart a day, which events in the model could avoid for rules that can be written so.
- The exported document lists parameters instead of folding them into constants; a simulator that does not hoist them
  computes some products anew in every call.
- Errors are judged on few patients, and the reference has an error of its own (stated above each table).
- hemograft counts small populations in leaps of a day or less: not the same algorithm as exact simulation. The plain
  exact simulator is there for the comparison of like with like.
- GillesPy2 (GPL) is in no extra of this package; install it by hand to see its rows (`pip install gillespy2`, needs a
  C++ compiler).
"""


def page(results: dict[str, Any]) -> str:
    """All tables as one page."""
    lines = ["# Benchmarks", "", *_opening(results)]
    if "fixed" in results:
        lines += ["", "## Fixed orders", *_fixed(results["fixed"])]
    if "rules" in results:
        lines += ["", "## Daily rules at the bedside", *_ruled(results["rules"])]
    if "chance" in results:
        lines += ["", "## Cells in whole numbers", *_chance(results["chance"])]
    if "growth" in results:
        lines += ["", "## Growth", *_growth(results["growth"])]
    if "studies" in results:
        lines += ["", "## Studies", *_studies(results["studies"])]
    return "\n".join(lines) + "\n" + READING + THREATS


def _opening(results: dict[str, Any]) -> list[str]:
    here, versions = results["machine"], results["versions"]
    kind = "a quick run: too few rounds for conclusions" if results["quick"] else "a full run"
    return [
        f"Made by `python -m benchmarks{' --quick' if results['quick'] else ''}` ({kind}).",
        "",
        f"{here['processor']}, {here['cores']} cores, {here.get('memory_gib', '?')} GiB, {here['system']}, "
        f"Python {here['python']}; load at the start {here.get('load_at_start', '?')}.",
        "Versions: " + ", ".join(f"{name} {version}" for name, version in versions.items()) + ".",
        "Seconds by section: " + ", ".join(f"{name} {took}" for name, took in results.get("seconds", {}).items()) + ".",
        "",
        "![Time against error](ladders.svg)",
    ]


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A table in Markdown."""
    head = list(head)
    return ["", f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows)]


def ms(value: float | None) -> str:
    """A time with three digits."""
    return "-" if value is None else f"{value:#.3g}".rstrip(".")


def times(baseline: float | None, value: float | None) -> str:
    """How many times faster than the baseline."""
    return "-" if not baseline or not value else f"{baseline / value:#.3g}".rstrip(".")


def _at(engine: dict[str, Any], error: float) -> float | None:
    return engine["ms_at_error"][f"{error:g}"]


def _fixed(tasks: dict[str, Any]) -> list[str]:
    lines = []
    for name, task in tasks.items():
        lines += [
            "",
            f"### {name}: {task['states']} states, {task['flows']} flows, {task['days']} days, "
            f"{task['orders']} changes by orders",
            "",
            f"Reference: {task['reference']}; hemograft at tolerance 1e-10 is {task['reference_against_ours']:.1e} "
            f"(root mean square) from it. Errors on {task['judged']} patients.",
        ]
        if task["absent"]:
            lines += ["", f"Absent: {', '.join(task['absent'])}."]
        lines += _ladder(task, BASELINE)
    return lines


def _ladder(task: dict[str, Any], baseline: str) -> list[str]:
    engines = task["engines"]
    rungs = [f"{rung['tolerance']:g}" for rung in next(iter(engines.values()))["ladder"]]
    slow = {error: _at(engines[baseline], error) if baseline in engines else None for error in ERRORS}
    rows = []
    for name, engine in engines.items():
        row = [name, str(task["patients"].get(name, "")), ms(task.get("seconds_to_load", {}).get(name))]
        for error in ERRORS:
            row += [ms(_at(engine, error)), times(slow[error], _at(engine, error))]
        rows.append([*row, *(_rung(rung) for rung in engine["ladder"])])
    head = ["simulator", "patients a round", "s to load", *(h for e in ERRORS for h in (f"ms at {e:g}", "x"))]
    return table([*head, *(f"tolerance {rung}: ms (error)" for rung in rungs)], rows)


def _rung(rung: dict[str, Any]) -> str:
    if rung["failure"]:
        return f"failed: {rung['failure']}"
    error = "" if rung["rms"] is None else f" ({rung['rms']:.0e})"
    return ms(rung["ms"]) + error


def _ruled(tasks: dict[str, Any]) -> list[str]:
    lines = []
    for name, task in tasks.items():
        witness = task["libroadrunner_at_1e-9_against_reference"]
        apart = "" if witness is None else f"; libroadrunner at 1e-9 is {witness:.1e} from it"
        lines += [
            "",
            f"### {name}: {task['rules']} rules read every day, acting {task['acted_per_patient']:.1f} times a patient",
            "",
            f"Reference: hemograft at tolerance 1e-10{apart}. Errors on {task['judged']} patients.",
            *_ladder(task, STEPPED),
        ]
    return lines


def _chance(task: dict[str, Any]) -> list[str]:
    slow = task["engines"][OWN]["ms"]
    rows = [
        [
            name,
            str(engine["courses"]),
            ms(task["seconds_to_build"].get(name)),
            ms(engine["ms"]),
            times(engine["ms"], task["engines"][COUNTED]["ms"]),
            times(engine["ms"], slow),
        ]
        for name, engine in task["engines"].items()
    ]
    head = ("simulator", "courses a round", "s to build", "ms a course", f"x {COUNTED}", f"x {OWN}")
    lines = ["", "Six kinds of cells, fifteen flows, 730 days; processor time, medians of rounds.", *table(head, rows)]
    for name, why in task["failed"].items():
        lines += ["", f"{name} failed: {why}"]
    if task["absent"]:
        lines += ["", f"Absent: {', '.join(task['absent'])}."]
    found = task["distribution"]
    rows = [
        [
            name,
            f"{one:.4g} ({found['deviations'][name][0]:.3g})",
            f"{other:.4g} ({found['deviations'][name][1]:.3g})",
            f"{found['p_values'][name]:.2g}",
        ]
        for name, (one, other) in found["means"].items()
    ]
    counts = " and ".join(f"{count} courses of {name}" for name, count in found["courses"].items())
    lines += ["", f"Distributions on day {found['day']}, {counts} (Kolmogorov-Smirnov):"]
    lines += table(("cells", "mean (standard deviation), counted", "the same, exact", "p"), rows)
    for day, (one, other) in found["leukemic_stem_cells_gone"].items():
        lines += [
            "",
            f"Leukemic stem cells gone by day {day}: counted {one[0]:.4f} (standard error {one[1]:.4f}), "
            f"exact {other[0]:.4f} ({other[1]:.4f}).",
        ]
    whole = task["whole_model"]
    costs = ", ".join(f"{name} {ms(value)} ms" for name, value in whole.items())
    return [*lines, "", f"The whole standard model with its rules, a patient: {costs}."]


def _growth(kinds: dict[str, list[dict[str, Any]]]) -> list[str]:
    lines = [
        "",
        "Outcomes only: the last and the lowest of each observed quantity are kept, daily values of at most 2,000",
        "patients at once. With chance and rules (states: made-up chains without either). Memory is the peak of a",
        "process of its own; the first number is that after one patient.",
    ]
    for kind, points in kinds.items():
        rows = [
            [str(p["size"]), p["left_out"], "", "", ""]
            if "left_out" in p
            else [
                str(p["size"]),
                str(p["patients"]),
                f"{p['seconds']:.3g}",
                ms(p["ms_per_patient"]),
                f"{p['megabytes_before']:.0f} to {p['megabytes']:.0f}",
            ]
            for p in points
        ]
        lines += table((kind, "patients", "s", "ms a patient", "MiB"), rows)
    return lines


def _studies(points: list[dict[str, Any]]) -> list[str]:
    lines = [
        "",
        "`hemograft study` as a user runs it: two years, outcomes and daily quantiles only, from the start of the",
        "program to the end. Memory is the largest sum of resident memory of all its processes, which counts shared",
        "parts more than once. Two workers against one: see the same number of patients.",
    ]
    rows = [
        [
            f"{p['patients']:,}",
            str(p["workers"]),
            f"{p['seconds']:.3g}",
            f"{p['cpu_seconds']:.3g}",
            ms(p["seconds"] * 1e3 / p["patients"]),
            "-" if p["megabytes"] is None else f"{p['megabytes']:.0f}",
            str(p["load_at_start"]),
        ]
        for p in points
    ]
    head = ("patients", "workers", "s", "s of processor time", "ms a patient", "MiB", "load at the start")
    return lines + table(head, rows)
