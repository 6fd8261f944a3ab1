"""Runs the benchmarks and writes ``RESULTS.md``, ``results.json`` and ``ladders.svg`` beside this file."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from .by_chance import by_chance
from .fixed import fixed_orders
from .growth import growth
from .machine import machine, versions
from .page import page
from .plot import plot
from .ruled import daily_rules
from .studies import studies

SECTIONS = ("fixed", "rules", "chance", "growth", "studies")


def main() -> int:
    """Run the wanted sections; others keep what an earlier run wrote, when that was of the same kind."""
    arguments = _arguments()
    folder = Path(arguments.out)
    folder.mkdir(parents=True, exist_ok=True)
    quick = arguments.quick
    results = {"quick": quick, "machine": machine(), "versions": versions()}
    results = _earlier(folder / "results.json", quick) | results
    longest = arguments.longest or (20.0 if quick else 120.0)
    for section in arguments.only or SECTIONS:
        begun = time.perf_counter()
        if section == "fixed":
            results["fixed"] = fixed_orders(quick, say)
        elif section == "rules":
            results["rules"] = daily_rules(quick, say)
        elif section == "chance":
            results["chance"] = by_chance(quick, say)
        elif section == "growth":
            results["growth"] = growth(quick, say, longest)
        else:
            results["studies"] = studies(quick, say)
        results["seconds"] = results.get("seconds", {}) | {section: round(time.perf_counter() - begun)}
        _write(folder, results)
    print(f"written to {folder / 'RESULTS.md'}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about two minutes; no conclusions")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, help="some sections, the others as they were")
    parser.add_argument("--longest", type=float, help="seconds a point of growth may take [120; 20 with --quick]")
    parser.add_argument("--out", default=str(Path(__file__).parent), help="folder for the results")
    return parser.parse_args()


def say(text: str) -> None:
    """Progress, apart from what is written."""
    print(text, file=sys.stderr, flush=True)


def _earlier(path: Path, quick: bool) -> dict:
    """Sections of an earlier run of the same kind."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return (
        {name: found[name] for name in (*SECTIONS, "seconds") if name in found} if found.get("quick") == quick else {}
    )


def _write(folder: Path, results: dict) -> None:
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (folder / "RESULTS.md").write_text(page(results), encoding="utf-8")
    if "fixed" in results:
        plot(results["fixed"], folder / "ladders.svg")


if __name__ == "__main__":
    sys.exit(main())
