"""A parameter is a value that can say where it came from; a set of them makes one vector per patient.

Every number of the model lives in a YAML file under ``data/`` as::

    hsc_division:
      value: 0.025 1/week
      spread: 0.2                     # coefficient of variation between patients (lognormal); optional
      shared: division_speed          # parameters that share this word share the patient's draw; optional
      meaning: how often a resting stem cell divides
      evidence: measured              # measured | fitted | derived | assumed
      source: Catlin2011, abstract    # key in sources.bib; for "assumed", the reason

A parameter without a source does not load.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from .errors import InputError, Problem, nearest
from .files import Document, read_document
from .streams import normal
from .units import UnitError, amount, factor

EVIDENCE = ("measured", "fitted", "derived", "assumed")
FIELDS = ("value", "spread", "shared", "meaning", "evidence", "source")
DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Parameter:
    """One number of the model.

    Attributes
    ----------
    value : float
        Typical value in canonical units (day, mg, kg, L, cells, Gy).
    unit : str
        The unit as written in the file.
    spread : float [1]
        Coefficient of variation between patients, lognormal around ``value`` as median; 0 for none.
    shared : str
        Parameters with the same word here are drawn together (one luck per patient).
    """

    name: str
    value: float
    unit: str
    meaning: str
    evidence: str
    source: str
    spread: float = 0.0
    shared: str = ""

    @property
    def as_written(self) -> float:
        """The value in the unit of the file."""
        return self.value / factor(self.unit)

    @property
    def citation(self) -> str:
        """The key in sources.bib, or an empty string for an assumption without one."""
        match = re.match(r"([A-Z][A-Za-z]+\d{4}[a-z]?)\b", self.source)
        return match[1] if match else ""


@dataclass(frozen=True)
class ParameterSet:
    """Named parameters, read-only. Merging two sets lets the later one win, as a disease file does."""

    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def __post_init__(self):
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __reduce__(self):
        return ParameterSet, (dict(self.parameters),)  # a read-only view cannot be sent to another process

    def __getitem__(self, name: str) -> Parameter:
        if name not in self.parameters:
            hint = nearest(name, self.parameters)
            raise KeyError(f"no parameter {name!r}" + (f"; did you mean {hint!r}?" if hint else ""))
        return self.parameters[name]

    def __contains__(self, name: str) -> bool:
        return name in self.parameters

    def __iter__(self):
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    def __or__(self, other: ParameterSet) -> ParameterSet:
        return ParameterSet({**self.parameters, **other.parameters})

    def changed(self, **values: str) -> ParameterSet:
        """A copy with some values replaced: ``parameters.changed(hsc_division="0.02 1/week")``."""
        new = {}
        for name, text in values.items():
            old = self[name]
            new[name] = replace(old, value=amount(text, old.unit), evidence="assumed", source="set by the user")
        return self | ParameterSet(new)


def read_parameters(path: Path | str) -> ParameterSet:
    """Read one parameter file.

    Raises
    ------
    InputError
        A parameter lacks a field, has an unknown unit or grade, or the file is not readable.
    """
    document = read_document(path)
    return parameters_from(document, ())


def parameters_from(document: Document, at: tuple[str, ...]) -> ParameterSet:
    """Read the parameters below one place of an already read file (the whole file for ``()``)."""
    body = document.words
    for step in at:
        body = body[step]
    problems: list[Problem] = []
    found: dict[str, Parameter] = {}
    for name, fields in body.items():
        parameter = _parameter(name, fields, document, (*at, name), problems)
        if parameter:
            found[name] = parameter
    if problems:
        raise InputError(*problems)
    return ParameterSet(found)


def _parameter(name, fields, document: Document, at, problems) -> Parameter | None:
    found = _field_problems(name, fields, document, at)
    if found:
        problems += found
        return None
    written = fields["value"].partition(" ")[2] or "1"
    numbers = {}
    for key, text, like in (("value", fields["value"], written), ("spread", fields.get("spread", "0"), "1")):
        try:
            numbers[key] = amount(text, like)
        except UnitError as error:
            expected = "a number and a unit, such as 0.2 1/day" if key == "value" else "a coefficient of variation"
            problems.append(Problem(str(error), document.where(*at, key), expected))
            return None
    if numbers["spread"] < 0:
        problems.append(Problem("spread is negative", document.where(*at, "spread"), "a coefficient of variation"))
        return None
    words = {key: fields[key] for key in ("meaning", "evidence", "source")}
    return Parameter(
        name, numbers["value"], written, **words, spread=numbers["spread"], shared=fields.get("shared", "")
    )


def _field_problems(name, fields, document: Document, at) -> list[Problem]:
    """What is wrong with the fields of one parameter before any number is read."""
    where = document.where(*at)
    if not isinstance(fields, dict):
        return [Problem(f"parameter {name!r} is not a block of fields", where, ", ".join(FIELDS))]
    found = []
    for key, text in fields.items():
        here = document.where(*at, key)
        if key not in FIELDS:
            found.append(Problem(f"unknown field {key!r}", here, ", ".join(FIELDS), nearest(key, FIELDS)))
        elif not isinstance(text, str):
            found.append(Problem(f"{key!r} is not one line of text", here, f"{key}: ..."))
    for key in ("value", "meaning", "evidence", "source"):
        if not fields.get(key):
            expected = "every number carries value, meaning, evidence and source"
            found.append(Problem(f"parameter {name!r} has no {key!r}", where, expected))
    grade = fields.get("evidence")
    if isinstance(grade, str) and grade and grade not in EVIDENCE:
        here = document.where(*at, "evidence")
        found.append(
            Problem(f"evidence {grade!r} is not a grade", here, " | ".join(EVIDENCE), nearest(grade, EVIDENCE))
        )
    return found


def read_folder(folder: Path | None = None) -> ParameterSet:
    """All parameter files of one folder as one set (the shipped ones by default)."""
    everything = ParameterSet()
    for path in sorted((folder or DATA / "parameters").glob("*.yaml")):
        part = read_parameters(path)
        twice = set(everything) & set(part)
        if twice:
            raise InputError(
                Problem(f"{sorted(twice)[0]!r} is also given in another file", path.name, "each name once")
            )
        everything = everything | part
    return everything


def individualize(
    parameters: ParameterSet | Sequence[tuple[ParameterSet, int]],
    names: Iterable[str],
    patients: np.ndarray,
    seed: int,
) -> dict[str, np.ndarray]:
    """Each patient's own values: the typical value times a lognormal factor with the declared spread.

    Parameters
    ----------
    parameters : ParameterSet or sequence of (ParameterSet, int)
        Typical values of all patients, or of consecutive groups of so many patients.
    patients : array of uint64, shape (patient,)
        Patient keys from :func:`hemograft.streams.key`.

    Returns
    -------
    dict
        Parameter name to array of shape (patient,), canonical units. Parameters that share a word share the draw,
        so that a patient whose progenitors divide fast does so in every lineage.
    """
    groups = [(parameters, len(patients))] if isinstance(parameters, ParameterSet) else parameters
    each, values = [count for _, count in groups], {}
    for name in names:
        ones = [typical[name] for typical, _ in groups]
        typical = np.repeat([float(one.value) for one in ones], each)
        for purpose in dict.fromkeys(one.shared or name for one in ones if one.spread > 0):
            varied = [one.spread if (one.shared or name) == purpose else 0.0 for one in ones]
            sigma = np.repeat([math.sqrt(math.log1p(spread**2)) for spread in varied], each)
            typical *= np.exp(sigma * normal(seed, patients, f"parameter/{purpose}"))
        values[name] = typical
    return values
