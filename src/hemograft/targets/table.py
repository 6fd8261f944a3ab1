"""Published outcomes as they stand in a table: one row an endpoint of an arm, or a contrast of two arms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, Problem, nearest
from ..parameters import DATA
from ..tables import TableRow, read_columns, read_table

CONTRASTS = ("hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio", "ratio", "difference")


@dataclass(frozen=True)
class Target:
    """One published value.

    Attributes
    ----------
    where : str
        File and row.
    value, low, high : float
        With its confidence interval, None where there is none.
    level : float or None
        Of the interval; None where the source does not say 95 %.
    reference : str
        The other arm of a contrast; empty otherwise.
    """

    where: str
    line: int
    arm: str
    endpoint: str
    clock: str
    landmark: float | None
    time: float | None
    statistic: str
    value: float
    low: float | None
    high: float | None
    level: float | None
    unit: str
    reference: str
    verified: bool
    note: str

    @property
    def is_contrast(self) -> bool:
        """Whether it compares two arms."""
        return self.statistic in CONTRASTS


def read_targets(path: Path | str, arms: Collection[str]) -> tuple[Target, ...]:
    """Read a table of published outcomes.

    Parameters
    ----------
    arms : collection of str
        Names of the arms in the table beside it.

    Raises
    ------
    InputError
        Every problem of the table, each with its row.
    """
    rows = read_table(path, read_columns(DATA / "targets" / "columns.yaml"))
    problems = [problem for row in rows for problem in _problems(row, arms)]
    if problems:
        raise InputError(*problems)
    return tuple(_target(row) for row in rows)


def _problems(row: TableRow, arms: Collection[str]) -> list[Problem]:
    cells: Mapping[str, Any] = row.cells
    problems = [
        Problem(f"{column} {cells[column]!r} is not an arm", row.where, "an arm_id of the table of arms", hint)
        for column in ("arm_id", "reference_arm_id")
        if cells[column] and cells[column] not in arms
        for hint in [nearest(cells[column], arms)]
    ]
    if cells["statistic"] in CONTRASTS and not cells["reference_arm_id"]:
        problems.append(Problem(f"a {cells['statistic']} without reference_arm_id", row.where, "the arm compared with"))
    if cells["statistic"] not in CONTRASTS and cells["reference_arm_id"]:
        problems.append(Problem(f"a {cells['statistic']} with a reference_arm_id", row.where, " | ".join(CONTRASTS)))
    low, value, high = cells["ci_low"], cells["value"], cells["ci_high"]
    if (low is None) != (high is None):
        problems.append(Problem("half a confidence interval", row.where, "ci_low and ci_high, or neither"))
    elif low is not None and not low <= value <= high:
        problems.append(
            Problem(f"{value:g} is not between {low:g} and {high:g}", row.where, "ci_low <= value <= ci_high")
        )
    if cells["unit"] == "fraction" and not 0 <= value <= 1:
        problems.append(Problem(f"the fraction {value:g} is not between 0 and 1", row.where, "0 to 1"))
    return problems


def _target(row: TableRow) -> Target:
    cells = row.cells
    return Target(
        row.where,
        row.line,
        cells["arm_id"],
        cells["endpoint"],
        cells["clock"],
        cells["landmark_day"],
        cells["time_days"],
        cells["statistic"],
        cells["value"],
        cells["ci_low"],
        cells["ci_high"],
        cells["ci_level"],
        cells["unit"],
        cells["reference_arm_id"] or "",
        cells["verified"] == "yes",
        cells["note"] or "",
    )
