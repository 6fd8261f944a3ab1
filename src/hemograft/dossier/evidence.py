"""Results of other commands as evidence: agreement of fitted and held-out studies, and what was learned."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from scipy.special import ndtri

from ..errors import InputError, Problem
from ..runs.recipe import Source, read_source

SUMMARY = "summary.json"
LEVELS = (0.9, 0.95)
PARTS = ("fitted", "held_out", "unused")
OTHER = "not in the calibration"
NEEDED = {"calibration": ("parameters", "steps", "agreement", "rows"), "validation": ("rows", "endpoints")}


@dataclass(frozen=True)
class Part:
    """Agreement of some studies.

    Attributes
    ----------
    coverage : mapping
        Level of the interval to the share of values that it holds; NaN without a value.
    error : float
        Median absolute error of shares.
    contrasts, right : int
        Contrasts of randomized arms with a direction, and those predicted the same way.
    """

    name: str
    studies: int
    rows: int
    coverage: Mapping[float, float]
    error: float
    contrasts: int
    right: int

    @property
    def sign(self) -> float:
        """Share of randomized contrasts with the published sign; NaN without one."""
        return self.right / self.contrasts if self.contrasts else math.nan


def read_result(role: str, path: Path | str) -> tuple[dict[str, Any], Source]:
    """The summary that ``hemograft calibrate`` or ``validate`` left in a folder, and the file as a source.

    Raises
    ------
    InputError
        No such folder, or not the result of that command.
    """
    place = Path(path) / SUMMARY if Path(path).is_dir() else Path(path)
    source = read_source(role, place)
    found: dict[str, Any] = {}
    try:
        found = json.loads(source.content)
        lacking = [name for name in NEEDED[role] if name not in found]
    except (ValueError, TypeError):
        lacking = list(NEEDED[role])
    if lacking:
        command = {"calibration": "calibrate", "validation": "validate"}[role]
        expected = f"the folder that hemograft {command} of this version wrote"
        raise InputError(Problem(f"{lacking[0]!r} is not there", str(place), expected, f"--{role} FOLDER"))
    return found, Source(role, f"{role}.json", source.content)


def studies_of(calibration: Mapping[str, Any]) -> dict[str, list[str]]:
    """Studies by what the calibration saw of them; where it does not list them, those of its rows."""
    if "studies" in calibration:
        return calibration["studies"]
    return {part: sorted({row["study_id"] for row in calibration["rows"] if row["part"] == part}) for part in PARTS}


def parts(rows: Sequence[Mapping[str, Any]], studies: Mapping[str, Sequence[str]]) -> list[Part]:
    """Agreement by what the calibration saw of each study."""
    kind = {study: part for part in PARTS for study in studies.get(part, ())}
    found = []
    for name in (*PARTS, OTHER):
        some = [row for row in rows if kind.get(row["study_id"], OTHER) == name and row["scored"]]
        if some:
            found.append(part_of(name.replace("_", " "), some))
    return found


def part_of(name: str, rows: Sequence[Mapping[str, Any]]) -> Part:
    """Agreement of some scored rows."""
    values = [row for row in rows if row["kind"] == "value"]
    shares = [abs(row["predicted"] - row["observed"]) for row in values if row["unit"] == "fraction"]
    directions = [one for row in rows if row["randomized"] and (one := _same(row)) is not None]
    return Part(
        name,
        len({row["study_id"] for row in rows}),
        len(values),
        {level: _covered(values, level) for level in LEVELS},
        median(shares) if shares else math.nan,
        len(directions),
        sum(directions),
    )


def _covered(rows: Sequence[Mapping[str, Any]], level: float) -> float:
    width = float(ndtri(0.5 + level / 2))
    held = [abs(row["standardized_error"]) <= width for row in rows if row["standardized_error"] is not None]
    return sum(held) / len(held) if held else math.nan


def _same(row: Mapping[str, Any]) -> bool | None:
    """Whether a contrast is predicted with the published sign; None for what is no contrast or has no sign."""
    if row["kind"] == "value" or row["predicted"] is None:
        return None
    null = 0.0 if row["statistic"] == "difference" else 1.0
    published = row["observed"] - null
    return published * (row["predicted"] - null) > 0 if published else None


def informed(parameters: Sequence[Mapping[str, Any]], narrow: float = 0.8) -> tuple[list[str], list[str]]:
    """Parameters whose posterior is narrower than this share of the prior, and the others."""
    learned = [one["parameter"] for one in parameters if one["width_of_prior"] < narrow]
    return learned, [one["parameter"] for one in parameters if one["parameter"] not in learned]
