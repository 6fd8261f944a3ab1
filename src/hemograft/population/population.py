"""A population: how frequent which combinations of sex, age, disease, stage and donor are, and rules within them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, Problem, nearest
from ..files import Document, read_document
from ..parameters import DATA, EVIDENCE
from .joint import Joint, flat, raked, with_traces
from .rules import Rules, shares_of, shipped_rules

FOLDER = DATA / "populations"
AXES = ("sex", "age", "disease", "stage", "donor")
HEADER = ("name", "source", "meaning", "evidence", "axes", "oldest", "pairs")
OLDEST = 85  # years; the last year of age that is drawn is the one before
# Classes that an arm may have and a registry of matched donors for leukemia does not.
MORE = {"disease": ("nonmalignant",), "donor": ("haplo", "cord", "self")}


@dataclass(frozen=True)
class Kind:
    """What a registry's disease and stage are in a case: a diagnosis and a stage, and how often."""

    disease: str
    registry_stage: str
    diagnosis: str
    stage: str
    share: float


@dataclass(frozen=True)
class Population:
    """Who is treated.

    Attributes
    ----------
    joint : Joint
        Over sex, age (single years), disease, registry stage and donor.
    kinds : tuple of Kind
        Diagnoses and stages of a case within disease and registry stage.
    rules : Rules
        Everything that follows from them: size, organs, comorbidity, donors, grafts.
    stated : mapping
        What is stated beyond the joint distribution: ``donor_age`` [year], ``cd34`` and ``cd3`` [cells/kg],
        ``match``, ``product`` (shares), ``comorbidity``, ``residual``, ``era``, ``year``, ``units``, ``depletion``.
    """

    name: str
    title: str
    source: str
    joint: Joint
    kinds: tuple[Kind, ...]
    rules: Rules
    stated: Mapping[str, Any] = field(default_factory=dict)


def shipped_populations() -> list[str]:
    """Names of the populations that come with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@lru_cache(maxsize=8)
def read_population(name: Path | str = "registry") -> Population:
    """Read a population from a file, or one that comes with the package by its name.

    Raises
    ------
    InputError
        Every problem of the file, each with its line.
    """
    path = FOLDER / f"{name}.yaml" if str(name) in shipped_populations() else Path(name)
    document = read_document(path)
    problems = _header_problems(document)
    if problems:
        raise InputError(*problems)
    axes = {axis: tuple(document.words["axes"][axis]) for axis in AXES}
    pairs = _pairs(document, axes, problems)
    oldest = _ages(document, axes, problems)
    if problems:
        raise InputError(*problems)
    joint = raked(flat(axes), pairs)
    rules = shipped_rules()
    words = document.words
    return Population(
        path.stem, words["name"], words["source"], _by_year(_wider(joint), oldest), kinds_of(rules), rules
    )


def _header_problems(document: Document) -> list[Problem]:
    words = document.words
    problems = [
        Problem(f"unknown section {key!r}", document.where(key), ", ".join(HEADER), nearest(key, HEADER))
        for key in words
        if key not in HEADER
    ]
    problems += [
        Problem(f"{key!r} is missing", document.where(), f"a section '{key}: ...'")
        for key in HEADER
        if key not in words
    ]
    if words.get("evidence", EVIDENCE[0]) not in EVIDENCE:
        problems.append(
            Problem(f"evidence {words['evidence']!r} is not a grade", document.where("evidence"), " | ".join(EVIDENCE))
        )
    axes = words.get("axes")
    if isinstance(axes, dict):
        problems += [
            Problem(f"the axis {axis!r} is missing", document.where("axes"), ", ".join(AXES))
            for axis in AXES
            if not isinstance(axes.get(axis), list)
        ]
    return problems


def _pairs(document: Document, axes: Mapping[str, tuple[str, ...]], problems: list[Problem]) -> list:
    """Shares of every pair of axes, from the counts of the file."""
    found = []
    for pair in combinations(AXES, 2):
        name = " and ".join(pair)
        words = document.words["pairs"].get(name)
        if words is None:
            problems.append(Problem(f"the pair {name!r} is missing", document.where("pairs"), "every pair of axes"))
            continue
        try:
            counts = np.array([[float(words[one][other]) for other in axes[pair[1]]] for one in axes[pair[0]]])
        except (KeyError, TypeError, ValueError) as error:
            problems.append(
                Problem(f"{name}: {error} cannot be read", document.where("pairs", name), "a count for every word")
            )
            continue
        found.append((pair, counts / counts.sum()))
    return found


def _ages(document: Document, axes: Mapping[str, tuple[str, ...]], problems: list[Problem]) -> np.ndarray:
    """Shares of single years within each class of ages, shape (class, year)."""
    found = np.zeros((len(axes["age"]), OLDEST))
    oldest = shares_of(document.words["oldest"], document.where("oldest"), problems)
    for number, word in enumerate(axes["age"]):
        parts = oldest if number == len(axes["age"]) - 1 else {word: 1.0}
        for span, share in parts.items():
            low, _, high = span.partition(" to ")
            if not (low.isdigit() and high.isdigit() and int(low) < int(high) <= OLDEST):
                where = document.where("axes", "age")
                problems.append(Problem(f"{span!r} is not a class of ages", where, f"0 to 10, up to {OLDEST}"))
                continue
            found[number, int(low) : int(high)] += share / (int(high) - int(low))
    return found


def _wider(joint: Joint) -> Joint:
    """The same with the further classes, as rare as can be and independent of everything."""
    axes = {axis: (*words, *MORE.get(axis, ())) for axis, words in joint.axes.items()}
    pads = [(0, len(axes[axis]) - len(words)) for axis, words in joint.axes.items()]
    return with_traces(Joint(axes, np.pad(joint.cells, pads)))


def _by_year(joint: Joint, within: np.ndarray) -> Joint:
    """The same with single years in place of classes of ages."""
    axes = {axis: (tuple(map(str, range(OLDEST))) if axis == "age" else words) for axis, words in joint.axes.items()}
    cells = np.einsum("abcde,by->aycde", joint.cells, within)
    return Joint(axes, cells / cells.sum())


def kinds_of(rules: Rules) -> tuple[Kind, ...]:
    """Every diagnosis with every stage, within disease and registry stage."""
    found = []
    for group in rules.groups("diagnoses"):
        disease, registry_stage = group.split(" ")
        for diagnosis, one in rules.shares("diagnoses", group).items():
            for stage, other in rules.shares("stages", group).items():
                found.append(Kind(disease, registry_stage, diagnosis, stage, one * other))
    return tuple(found)
