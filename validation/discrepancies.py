"""Measures again what the shipped ensemble leaves unexplained: ``python -m validation.discrepancies RESULT.json``.

A calibration simulates only some arms of the fitted studies, and its rows are those that it was moved to. Here all rows
of the fitted studies count, as ``hemograft validate --json`` predicts them with the shipped ensemble; rows of studies
that were held out are not looked at. The section ``discrepancy`` of the ensemble is written anew.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.special import ndtri

from hemograft.calibration.data import MEDIAN_ERROR
from hemograft.calibration.discrepancy import PRIOR_ROWS
from hemograft.calibration.free import settings
from hemograft.ensemble import FILE, FOLDER
from hemograft.targets.discrepancy import kind_of
from hemograft.targets.endpoints import endpoints
from hemograft.targets.estimates import logit


def left(row: dict[str, Any]) -> float:
    """Squared distance of a row from its prediction on its scale, less what chance adds on average."""
    n, simulated = row["n"] or float(endpoints()["unknown_size"]), row["patients"]
    if kind_of(row["statistic"]) != "share":
        chance = MEDIAN_ERROR * settings()["patient_spread"].value ** 2 * (1 / n + 1 / simulated)
        return math.log(row["observed"] / row["predicted"]) ** 2 - chance
    value = (row["predicted"] * simulated + 0.5) / (simulated + 1)
    one = 1 / (value * (1 - value))
    low, high = row["observed_low"], row["observed_high"]
    known = None not in (low, high)
    own = ((logit(high, int(n)) - logit(low, int(n))) / 2 / ndtri(0.975)) ** 2 if known else one / n
    return (logit(row["observed"], int(n)) - logit(row["predicted"], simulated)) ** 2 - one / simulated - own


def measured(rows: list[dict[str, Any]], fitted: set[str]) -> dict[str, float]:
    """Deviations by kind and by kind and endpoint, in the words of the ensemble's file."""
    rest: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row["scored"] and row["kind"] == "value" and row["study_id"] in fitted and row["predicted"]:
            rest[kind_of(row["statistic"])][row["endpoint"]].append(left(row))
    found: dict[str, float] = {"common": settings()["discrepancy_common"].value}
    for kind, groups in rest.items():
        whole = max(float(np.mean([value for values in groups.values() for value in values])), 0.0)
        found[kind] = math.sqrt(whole)
        for endpoint, values in sorted(groups.items()):
            mean = (sum(values) + PRIOR_ROWS * whole) / (len(values) + PRIOR_ROWS)
            found[f"{kind}/{endpoint}"] = math.sqrt(max(mean, 0.0))
    return found


def main(result: str) -> None:
    """Write the section anew."""
    rows = json.loads(Path(result).read_text(encoding="utf-8"))["rows"]
    fitted = set(yaml.safe_load((FOLDER / "studies.yaml").read_text(encoding="utf-8"))["fitted"])
    lines = ["discrepancy:  # standard deviations that neither chance nor parameters explain; logit or logarithm"]
    lines += [f"  {name}: {value:.4g}" for name, value in measured(rows, fitted).items()]
    path = FOLDER / FILE
    text = re.sub(r"discrepancy:.*?(?=medians:)", "\n".join(lines) + "\n", path.read_text(encoding="utf-8"), flags=re.S)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python -m validation.discrepancies RESULT.json")
    main(sys.argv[1])
