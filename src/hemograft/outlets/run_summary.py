"""The few outcomes that a person looks for first, as lines of a table at the terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..outcome.columns import LINEAGES
from ..outcome.summary import PERCENT, Row, number
from ..reporting.words import plain_name

FIRST = (
    "neutrophil_engraftment",
    "platelet_engraftment",
    "primary_graft_failure",
    "donor_myeloid_day_30",
    "donor_myeloid_day_100",
    "donor_t_day_30",
    "donor_t_day_100",
    "complete_remission",
    "measurable_residual_disease_day_30",
    "relapse",
)


def main_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows to show first, those that were computed, in the order of ``FIRST``."""
    by_name = {row.name: row for row in rows}
    return [by_name[name] for name in FIRST if name in by_name and by_name[name].n]


def summary_lines(rows: Sequence[Row]) -> list[tuple[str, str, str, str]]:
    """Outcome, result with its Monte Carlo error, range over twins, and number of twins, as words."""
    return [(label(row.name), _result(row), _range(row), str(row.n)) for row in rows]


def label(name: str) -> str:
    """The plain name of an outcome; ``donor_t_day_30`` as ``Donor T cells, day 30``."""
    found = re.fullmatch(r"donor_([a-z]+)_day_(\d+)", name)
    return f"Donor {LINEAGES[found[1]]}, day {found[2]}" if found else plain_name(name)


def _result(row: Row) -> str:
    parts = []
    if row.median == row.median:
        unit = f" {row.unit}" if row.unit not in {"1", "day"} else ""
        day = "day " if row.unit == "day" and row.median < float("inf") else ""
        error = f" ± {row.error:.2g}" if row.error == row.error else ""
        parts.append(f"median {day}{number(row.median, row.error, row.unit)}{error}{unit}")
    if row.proportion == row.proportion:
        error = f" ± {100 * row.proportion_error:.2g}{PERCENT}" if row.n > 1 else ""
        parts.append(f"{100 * row.proportion:.3g}{PERCENT}{error}")
    return ", ".join(reversed(parts)).replace("\u00a0", " ")


def _range(row: Row) -> str:
    if row.low != row.low or row.n < 2:
        return ""
    return f"{number(row.low, unit=row.unit)} to {number(row.high, unit=row.unit)}"


def as_words(row: Row) -> dict[str, Any]:
    """A row for a machine to read: every number, and the sentence."""
    return {**asdict(row), "label": label(row.name), "words": row.words}
