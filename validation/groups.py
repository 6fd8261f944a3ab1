"""Writes how published groups were predicted: ``python -m validation.groups RESULT.json``.

``RESULT.json`` is what ``hemograft validate --json`` printed. Studies are those that the shipped ensemble was fitted
to, those that were held out by seed before fitting, and the rest.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from hemograft.dossier.evidence import parts
from hemograft.ensemble import FOLDER

PAGE = Path(__file__).with_name("GROUPS.md")
LEVEL = 0.95
FEWEST = 3  # rows of an endpoint that are told


def main(result: str) -> None:
    """Write the page."""
    found = json.loads(Path(result).read_text(encoding="utf-8"))
    studies = yaml.safe_load((FOLDER / "studies.yaml").read_text(encoding="utf-8"))
    made, sign = found["provenance"], found["signs"]
    lines = [
        "# Published groups against the shipped ensemble",
        "",
        f"hemograft {made['version']}, {made['patients']} virtual patients a group, seed {made['seed']};",
        f"{found['rows_simulated']} rows simulated, {found['rows_refused']} refused with the reason. Made by",
        "`hemograft validate --arms ARMS.csv --targets TARGETS.csv --members 0 --json` and",
        "`python -m validation.groups RESULT.json`. Errors are medians of absolute differences, bias is the median of",
        "predicted less published; shares in points. Contrasts that are published as no difference have no side.",
        *_table(("studies", "number", "rows", "in the 95 % interval", "error of shares", "randomized contrasts"), (
            (part.name, f"{part.studies}", f"{part.rows}", f"{part.coverage[LEVEL]:.1%}", f"{100 * part.error:.1f}",
             f"{part.right} of {part.contrasts} on the published side")
            for part in parts(found["rows"], studies)
            if part.rows
        )),
        *_table(("endpoint", "unit", "rows", "in the 95 % interval", "error", "bias"), map(_endpoint, (
            one for one in found["endpoints"] if one["rows"] >= FEWEST
        ))),
        f"All contrasts: {sign['agree']} of {sign['rows']} on the published side; {sign['clear_agree']} of"
        f" {sign['clear']} of those whose published interval excludes no difference.",
        "",
    ]  # fmt: skip
    PAGE.write_text("\n".join(lines), encoding="utf-8")


def _endpoint(one: dict[str, Any]) -> tuple[str, ...]:
    scale, unit = (100, "points") if one["unit"] == "fraction" else (1, one["unit"])
    numbers = (f"{scale * one['error']:.1f}", f"{scale * one['bias']:+.1f}")
    return one["endpoint"], unit, f"{one['rows']}", f"{one['coverage']:.1%}", *numbers


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return ["", *("| " + " | ".join(one) + " |" for one in (head, ["---"] * len(head), *rows)), ""]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python -m validation.groups RESULT.json")
    main(sys.argv[1])
