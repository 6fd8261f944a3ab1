"""An ensemble of calibrated parameters as a file: members by parameters, and the one that comes with the package."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from .errors import InputError, Problem, nearest
from .files import Document, read_document
from .parameters import DATA, ParameterSet, read_folder

FOLDER = DATA / "ensemble"
FILE = "ensemble.yaml"
FORMAT = "1"
SECTIONS = ("format", "made", "steps", "fitted", "held_out", "written_in", "medians", "members")
SHOWN = 12  # digits of a hash in a sentence


@dataclass(frozen=True)
class Ensemble:
    """A calibrated ensemble.

    Attributes
    ----------
    path : Path
    sha256 : str
        Of the file.
    median : ParameterSet
        The middle of the members: their mean on the scale of each parameter, where the posterior is nearly normal.
    members : tuple of ParameterSet
    made : mapping
        Version, code, settings and inputs, as text.
    unexplained : mapping
        Standard deviations of what the fitted rows left unexplained, see :mod:`hemograft.targets.discrepancy`.
    """

    path: Path
    sha256: str
    median: ParameterSet
    members: tuple[ParameterSet, ...]
    made: Mapping[str, Any]
    unexplained: Mapping[str, float] = field(default_factory=dict)


@lru_cache(maxsize=1)
def file_values() -> ParameterSet:
    """The parameters that do not depend on disease, graft or drugs, as their files have them."""
    return read_folder()


def with_values(values: Mapping[str, float], source: str = "a member of a calibrated ensemble") -> ParameterSet:
    """Parameters of the files with other values, in canonical units."""
    known = file_values()
    return ParameterSet(
        {name: replace(known[name], value=value, evidence="fitted", source=source) for name, value in values.items()}
    )


def shipped_ensemble() -> Ensemble | None:
    """The ensemble that comes with the package; None while there is none."""
    path = shipped_file(FILE)
    return _read_once(path) if path else None


def shipped_file(name: str) -> Path | None:
    """A file of the shipped ensemble, where there is one."""
    path = FOLDER / name
    return path if path.is_file() else None


def shipped_center() -> ParameterSet:
    """Values that stand in for those of the parameter files: the middle of the shipped ensemble, or nothing."""
    found = shipped_ensemble()
    return found.median if found else ParameterSet()


def uncalibrated() -> ParameterSet:
    """The values of the parameter files for all that the shipped ensemble replaces."""
    known = file_values()
    return ParameterSet({name: known[name] for name in shipped_center()})


@lru_cache(maxsize=4)
def _read_once(path: Path) -> Ensemble:
    return read_ensemble(path)


def read_ensemble(path: Path | str) -> Ensemble:
    """Read an ensemble.

    Raises
    ------
    InputError
        Not an ensemble, a parameter that this version does not have, or a number that is none.
    """
    document = read_document(path)
    words = document.words
    problems = [
        Problem(f"{key!r} is missing", document.where(), "a section of an ensemble")
        for key in SECTIONS
        if key not in words
    ]
    if problems:
        raise InputError(*problems)
    if words["format"] != FORMAT:
        raise InputError(Problem(f"format {words['format']!r} is not known", document.where("format"), FORMAT))
    names = list(words["medians"]) if isinstance(words["medians"], dict) else []
    known = file_values()
    problems += [
        Problem(
            f"{name!r} is not a parameter", document.where("medians"), "a name in data/parameters", nearest(name, known)
        )
        for name in names
        if name not in known
    ]
    if not names or not isinstance(words["members"], list) or not words["members"]:
        problems.append(Problem("no members", document.where("members"), "a list of values for each member"))
    if problems:
        raise InputError(*problems)
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    center = _numbers(document, names, list(words["medians"].values()))
    members = tuple(with_values(_numbers(document, names, row)) for row in words["members"])
    source = f"center of the calibrated ensemble {digest[:SHOWN]}"
    return Ensemble(Path(path), digest, with_values(center, source), members, words["made"], _unexplained(document))


def _unexplained(document: Document) -> dict[str, float]:
    """Nothing where an older ensemble says nothing."""
    try:
        found = {name: float(text) for name, text in document.words.get("discrepancy", {}).items()}
        if not all(0 <= value < math.inf for value in found.values()):
            raise ValueError
    except (AttributeError, TypeError, ValueError):
        where = document.where("discrepancy")
        raise InputError(Problem("a discrepancy cannot be read", where, "a positive number for each name")) from None
    return found


def _numbers(document: Document, names: list[str], row: Any) -> dict[str, float]:
    expected = f"{len(names)} positive numbers, one for each of the medians"
    try:
        numbers = [float(text) for text in row]
        if len(numbers) != len(names) or not all(0 < number < math.inf for number in numbers):
            raise ValueError
    except (TypeError, ValueError):
        raise InputError(Problem("a member cannot be read", document.where("members"), expected)) from None
    return dict(zip(names, numbers, strict=True))
