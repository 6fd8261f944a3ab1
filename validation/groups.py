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

import numpy as np
import yaml

from hemograft.ensemble import FOLDER

PAGE = Path(__file__).with_name("GROUPS.md")
Row = dict[str, Any]
NEUTRAL = {"difference": 0.0}  # a contrast that says nothing; 1 for ratios
FEWEST = 3  # rows of an endpoint that are told by themselves


def main(result: str) -> None:
    """Write the page."""
    found = json.loads(Path(result).read_text(encoding="utf-8"))
    parts = yaml.safe_load((FOLDER / "studies.yaml").read_text(encoding="utf-8"))
    which = {study: part for part, studies in parts.items() for study in studies}
    scored = [row for row in found["rows"] if row["scored"]]
    values = [row for row in scored if row["kind"] == "value"]
    contrasts = [row for row in scored if row["kind"] != "value"]
    lines = ["# Published groups against the shipped ensemble", "", _head(found), ""]
    lines += _by_part(values, which) + _by_endpoint(values) + _by_sign(contrasts)
    PAGE.write_text("\n".join(lines), encoding="utf-8")


def _head(found: dict[str, Any]) -> str:
    made, refused = found["provenance"], found["rows_refused"]
    return (
        f"hemograft {made['version']}, {made['patients']} virtual patients a group, seed {made['seed']}; "
        f"{found['rows_simulated']} rows simulated, {refused} refused with the reason. "
        "`hemograft validate --arms ARMS.csv --targets TARGETS.csv --members 0 --json`, then "
        "`python -m validation.groups RESULT.json`. Errors of shares are medians of absolute differences, in points; "
        "bias is the median of predicted less published."
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return ["", *("| " + " | ".join(one) + " |" for one in (head, ["---"] * len(head), *rows)), ""]


def _share(rows: Sequence[Row]) -> str:
    return f"{np.mean([row['covered'] for row in rows]):.1%}"


def _errors(rows: Sequence[Row], scale: float = 100) -> tuple[str, str]:
    apart = scale * np.array([row["predicted"] - row["observed"] for row in rows])
    return f"{np.median(np.abs(apart)):.1f}", f"{np.median(apart):+.1f}"


def _by_part(values: Sequence[Row], which: dict[str, str]) -> list[str]:
    told = []
    for part in ("fitted", "held_out", "unused"):
        rows = [row for row in values if which.get(row["study_id"], "unused") == part]
        shares = [row for row in rows if row["unit"] == "fraction"]
        if shares:
            told.append((part.replace("_", " "), f"{len(rows)}", _share(rows), *_errors(shares)))
    return _table(("studies", "rows", "in the 95 % interval", "error of shares", "bias"), told)


def _by_endpoint(values: Sequence[Row]) -> list[str]:
    kinds = sorted({(row["endpoint"], row["unit"]) for row in values})
    groups = [(*kind, [row for row in values if (row["endpoint"], row["unit"]) == kind]) for kind in kinds]
    groups.sort(key=lambda group: -len(group[2]))
    told = [
        (name, "point" if unit == "fraction" else unit, f"{len(rows)}", _share(rows), *_scaled(rows, unit))
        for name, unit, rows in groups
        if len(rows) >= FEWEST
    ]
    return _table(("endpoint", "unit of errors", "rows", "in the interval", "error", "bias"), told)


def _scaled(rows: Sequence[Row], unit: str) -> tuple[str, str]:
    return _errors(rows, 100 if unit == "fraction" else 1)


def _by_sign(contrasts: Sequence[Row]) -> list[str]:
    told = []
    for name, rows in (
        ("all", contrasts),
        ("randomized", [row for row in contrasts if row["randomized"]]),
        ("not randomized", [row for row in contrasts if not row["randomized"]]),
    ):
        if rows:
            right = sum(map(_same_side, rows))
            told.append((name, f"{len(rows)}", f"{right}", _share(rows)))
    return _table(("contrasts", "rows", "on the published side", "in the interval"), told)


def _same_side(row: Row) -> bool:
    neutral = NEUTRAL.get(row["statistic"], 1.0)
    return (row["observed"] - neutral) * (row["predicted"] - neutral) > 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python -m validation.groups RESULT.json")
    main(sys.argv[1])
