"""Declared rules of who is treated: a value, a curve over age, or shares, each with meaning, evidence and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import InputError, Problem, nearest
from ..files import Document, read_document
from ..parameters import DATA, EVIDENCE
from ..units import UnitError, amount, factor

CONTENT = ("value", "by_age", "shares")
FIELDS = (*CONTENT, "unit", "meaning", "evidence", "source")
FOLDERS = ("people", "arms/assumptions")
TOTAL_ERROR = 1e-6  # of shares that are written to add up to 1


@dataclass(frozen=True)
class Rule:
    """One declared rule.

    Attributes
    ----------
    content : float, tuple of pairs, or mapping
        A value in canonical units; points (age in years, value); or shares by word, or by group and word.
    """

    name: str
    kind: str
    content: Any
    meaning: str
    evidence: str
    source: str


@dataclass(frozen=True)
class Rules:
    """Rules by name."""

    found: Mapping[str, Rule]

    def __or__(self, other: Rules) -> Rules:
        return Rules({**self.found, **other.found})

    def value(self, name: str, unit: str = "1") -> float:
        """A value in ``unit``."""
        return self.found[name].content / factor(unit)

    def curve(self, name: str, age: np.ndarray, unit: str = "1") -> np.ndarray:
        """A curve over age [year], linear between its points and constant beyond them, in ``unit``."""
        ages, values = np.array(self.found[name].content).T
        return np.interp(age, ages, values) / factor(unit)

    def shares(self, name: str, group: str = "") -> dict[str, float]:
        """Shares by word, of one group where there are groups."""
        content = self.found[name].content
        return dict(content[group] if group else content)

    def group_at(self, name: str, years: np.ndarray) -> np.ndarray:
        """The group of each age or calendar year, of groups like ``under_20``, ``20_to_40`` and ``over_40``."""
        found = np.empty(len(years), dtype=object)
        for group in self.groups(name):
            low, high = _limits(group)
            found[(years >= low) & (years < high)] = group
        return found

    def groups(self, name: str) -> tuple[str, ...]:
        """The groups of a rule."""
        return tuple(self.found[name].content)


def _limits(group: str) -> tuple[float, float]:
    words = group.split(" ")[0].split("_")
    if words[0] == "under":
        return -np.inf, float(words[1])
    return (float(words[1]), np.inf) if words[0] == "over" else (float(words[0]), float(words[-1]))


@lru_cache(maxsize=1)
def shipped_rules() -> Rules:
    """Every rule that comes with the package: about people, donors and grafts, and about unstated arms."""
    found = Rules({})
    for folder in FOLDERS:
        for path in sorted((DATA / folder).glob("*.yaml")):
            found = found | rules_from(read_document(path), ())
    return found


def rules_from(document: Document, at: tuple[str, ...]) -> Rules:
    """Read the rules below one place of a file.

    Raises
    ------
    InputError
        Every problem, each with its line.
    """
    body = document.words
    for step in at:
        body = body[step]
    problems: list[Problem] = []
    found = {name: _rule(name, words, document, (*at, name), problems) for name, words in body.items()}
    if problems:
        raise InputError(*problems)
    return Rules({name: rule for name, rule in found.items() if rule})


def _rule(name: str, words: Any, document: Document, at: tuple, problems: list[Problem]) -> Rule | None:
    where = document.where(*at)
    if not isinstance(words, dict):
        problems.append(Problem(f"rule {name!r} is not a block of fields", where, ", ".join(FIELDS)))
        return None
    before = len(problems)
    problems += [
        Problem(f"unknown field {key!r}", document.where(*at, key), ", ".join(FIELDS), nearest(key, FIELDS))
        for key in words
        if key not in FIELDS
    ]
    problems += [
        Problem(f"rule {name!r} has no {key!r}", where, "every rule carries its content, meaning, evidence and source")
        for key in ("meaning", "evidence", "source")
        if not words.get(key)
    ]
    if words.get("evidence") and words["evidence"] not in EVIDENCE:
        grade = words["evidence"]
        problems.append(
            Problem(f"evidence {grade!r} is not a grade", document.where(*at, "evidence"), " | ".join(EVIDENCE))
        )
    kinds = [kind for kind in CONTENT if kind in words]
    if len(kinds) != 1:
        problems.append(Problem(f"rule {name!r} does not have one content", where, " | ".join(CONTENT)))
    if len(problems) > before:
        return None
    content = _content(kinds[0], words, document, at, problems)
    return Rule(name, kinds[0], content, words["meaning"], words["evidence"], words["source"])


def _content(kind: str, words: Any, document: Document, at: tuple, problems: list[Problem]) -> Any:
    where = document.where(*at, kind)
    try:
        if kind == "value":
            return amount(words["value"], words["value"].partition(" ")[2] or "1")
        if kind == "by_age":
            size = factor(words.get("unit", "1"))
            return tuple((float(age), float(value) * size) for age, value in words["by_age"].items())
        shares = words["shares"]
        if any(isinstance(value, dict) for value in shares.values()):
            return {
                group: shares_of(part, document.where(*at, kind, group), problems) for group, part in shares.items()
            }
        return shares_of(shares, where, problems)
    except (UnitError, ValueError, AttributeError, TypeError) as error:
        problems.append(Problem(f"{kind} cannot be read: {error}", where, "numbers, with a unit where they have one"))
        return None


def shares_of(words: Mapping[str, str], where: str, problems: list[Problem]) -> dict[str, float]:
    """Shares by word, which must be positive and add up to 1."""
    found = {word: float(share) for word, share in words.items()}
    if min(found.values(), default=-1.0) < 0 or abs(sum(found.values()) - 1) > TOTAL_ERROR:
        problems.append(Problem(f"the shares add up to {sum(found.values()):g}", where, "shares that add up to 1"))
    return found
