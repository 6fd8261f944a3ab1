"""Which parameters a calibration may change: their scale, prior and limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..ensemble import file_values
from ..errors import InputError, Problem, nearest
from ..files import Document, read_document
from ..parameters import DATA, Parameter, ParameterSet, parameters_from, read_parameters
from ..units import UnitError, amount

FREE = DATA / "calibration" / "free.yaml"
SCALES = ("log", "logit")
FIELDS = ("scale", "deviation", "low", "high", "reason")


@dataclass(frozen=True)
class Free:
    """One parameter that may change.

    Attributes
    ----------
    parameter : Parameter
        As shipped; its value is the prior's median.
    scale : str
        ``log`` or ``logit``: where the prior is normal.
    deviation : float
        Standard deviation of the prior on that scale.
    low, high : float
        Limits, in canonical units.
    """

    parameter: Parameter
    scale: str
    deviation: float
    low: float
    high: float
    reason: str

    @property
    def name(self) -> str:
        """The name of the parameter."""
        return self.parameter.name

    def on_scale(self, value: float) -> float:
        """A value in canonical units on the scale of the prior."""
        return math.log(value / (1 - value)) if self.scale == "logit" else math.log(value)

    def value(self, number: float) -> float:
        """A number on the scale as a value in canonical units."""
        return 1 / (1 + math.exp(-number)) if self.scale == "logit" else math.exp(number)


def read_free(path: Path | str = FREE) -> tuple[Free, ...]:
    """Read a file of parameters that may change.

    Raises
    ------
    InputError
        Every problem of the file: unknown parameters or fields, numbers, scales, limits.
    """
    document = read_document(path)
    problems: list[Problem] = []
    found = [_free(name, document, problems) for name in document.words]
    if not found:
        problems.append(Problem("no parameter is named", document.where(), "at least one parameter"))
    if problems:
        raise InputError(*problems)
    return tuple(one for one in found if one is not None)


def _free(name: str, document: Document, problems: list[Problem]) -> Free | None:
    known, where, words = file_values(), document.where(name), document.words[name]
    if name not in known:
        problems.append(
            Problem(f"{name!r} is not a parameter", where, "a name in data/parameters", nearest(name, known))
        )
        return None
    if name in _replaced():
        problems.append(
            Problem(f"files of diseases or grafts replace {name!r}", where, "a parameter that is the same for all")
        )
        return None
    if not isinstance(words, dict) or set(words) != set(FIELDS):
        problems.append(Problem(f"the fields of {name!r} are not these", where, ", ".join(FIELDS)))
        return None
    if words["scale"] not in SCALES:
        here = document.where(name, "scale")
        problems.append(Problem(f"{words['scale']!r} is not a scale", here, " | ".join(SCALES)))
        return None
    parameter, numbers = known[name], {}
    for field in ("deviation", "low", "high"):
        try:
            numbers[field] = amount(words[field], "1" if field == "deviation" else parameter.unit)
        except UnitError as error:
            problems.append(Problem(str(error), document.where(name, field), f"a number in {parameter.unit}"))
            return None
    made = Free(parameter, words["scale"], numbers["deviation"], numbers["low"], numbers["high"], words["reason"])
    ends = (0.0, 1.0 if made.scale == "logit" else math.inf)
    if not (made.deviation > 0 and ends[0] < made.low < parameter.value < made.high < ends[1]):
        expected = f"deviation above 0, and {ends[0]:g} < low < {parameter.as_written:g} (as shipped) < high"
        problems.append(Problem(f"the prior of {name!r} makes no sense", where, expected))
    return made


@lru_cache(maxsize=1)
def _replaced() -> frozenset[str]:
    paths = [path for folder in ("leukemias", "grafts") for path in sorted((DATA / folder).glob("*.yaml"))]
    return frozenset(name for path in paths for name in parameters_from(read_document(path), ("parameters",)))


@lru_cache(maxsize=1)
def settings() -> ParameterSet:
    """Discrepancies and spreads that are added to the errors of published values."""
    return read_parameters(DATA / "calibration" / "settings.yaml")


def within(free: Sequence[Free], ensemble: np.ndarray) -> np.ndarray:
    """An ensemble on the scales, shape (member, parameter), moved into the limits."""
    low, high = ([one.on_scale(getattr(one, end)) for one in free] for end in ("low", "high"))
    return np.clip(ensemble, low, high)


def values_of(free: Sequence[Free], numbers: np.ndarray) -> dict[str, float]:
    """One member as values in canonical units, by name."""
    return {one.name: one.value(float(number)) for one, number in zip(free, numbers, strict=True)}
