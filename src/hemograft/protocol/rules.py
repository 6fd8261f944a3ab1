"""Conditions on measured values: ``neutrophils > 0.5 x10^9/L for 3 days`` starts or stops an order.

An order may stop on any of several, joined by ``or``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..errors import nearest
from ..fields import Refused
from ..units import UnitError, amount, factor

OBSERVABLES: Mapping[str, str] = MappingProxyType(
    {  # what a blood count, marrow, chimerism or examination shows, in its usual unit
        "neutrophils": "x10^9/L",
        "leukocytes": "x10^9/L",
        "monocytes": "x10^9/L",
        "lymphocytes": "x10^9/L",
        "cd4": "/uL",
        "cd8": "/uL",
        "b_cells": "/uL",
        "nk_cells": "/uL",
        "platelets": "x10^9/L",
        "hemoglobin": "g/dL",
        "reticulocytes": "x10^9/L",
        "marrow_blasts": "%",
        "residual_disease": "%",
        "donor_t": "%",
        "donor_myeloid": "%",
        "donor_blood": "%",
        "acute_gvhd_grade": "1",
        "chronic_gvhd_severity": "1",
    }
)
# A threshold above this, in the usual unit, is a slip in the unit (wide limits of what is ever acted upon).
LARGEST_THRESHOLD: Mapping[str, float] = MappingProxyType(
    {
        "neutrophils": 100,
        "leukocytes": 500,
        "monocytes": 100,
        "lymphocytes": 100,
        "cd4": 10_000,
        "cd8": 10_000,
        "b_cells": 10_000,
        "nk_cells": 10_000,
        "platelets": 1_000,
        "hemoglobin": 25,
        "reticulocytes": 1_000,
        "marrow_blasts": 100,
        "residual_disease": 100,
        "donor_t": 100,
        "donor_myeloid": 100,
        "donor_blood": 100,
        "acute_gvhd_grade": 4,
        "chronic_gvhd_severity": 1,
    }
)
RELATIONS = (">=", "<=", ">", "<")
LONGEST_WAIT = 60  # days a value may be asked to hold
_EXAMPLE = "such as 'neutrophils > 0.5 x10^9/L for 3 days'"
_GRAMMAR = re.compile(r"([A-Za-z]\w*)\s*(>=|<=|>|<)\s*(\S.*?)(?:\s+for\s+(\d+)\s+days?)?")


@dataclass(frozen=True)
class Condition:
    """A comparison of a daily measured value with a threshold, held for some days in a row.

    Attributes
    ----------
    observable : str
        One of :data:`OBSERVABLES`.
    relation : str
        ``>``, ``<``, ``>=`` or ``<=``.
    threshold : float
        In canonical units (cells/L, mg/L, fraction).
    unit : str
        The unit as written, for saying it back.
    for_days : int
        How many daily values in a row must meet the comparison.
    """

    observable: str
    relation: str
    threshold: float
    unit: str
    for_days: int = 1

    def __str__(self) -> str:
        wait = f" for {self.for_days} days" if self.for_days > 1 else ""
        value = f"{self.threshold / factor(self.unit or '1'):.12g} {self.unit}".strip()
        return f"{self.observable} {self.relation} {value}{wait}"


@dataclass(frozen=True)
class Either:
    """Several conditions, of which any one is enough."""

    each: tuple[Condition, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.each))


def conditions_of(rule: Condition | Either) -> tuple[Condition, ...]:
    """The conditions of which any one is enough."""
    return rule.each if isinstance(rule, Either) else (rule,)


def read_conditions(text: str) -> Condition | Either:
    """Read one condition, or several joined by ``or``; refuses what :func:`read_condition` refuses."""
    each = tuple(map(read_condition, re.split(r"\s+or\s+", text)))
    return each[0] if len(each) == 1 else Either(each)


def read_condition(text: str) -> Condition:
    """Read ``'<observable> <relation> <number> <unit> [for <n> days]'``.

    Raises
    ------
    Refused
        Not of that form, an unknown observable or unit, or a threshold no one would act upon. Readers of
        files turn it into an InputError with its line.
    """
    match = _GRAMMAR.fullmatch(text.strip())
    if not match:
        raise Refused(f"cannot read the condition {text!r}", f"<value> <relation> <number> <unit>, {_EXAMPLE}")
    observable, relation, written, days = match.groups()
    if observable not in OBSERVABLES:
        raise Refused(f"unknown observable {observable!r}", ", ".join(OBSERVABLES), nearest(observable, OBSERVABLES))
    usual = OBSERVABLES[observable]
    try:
        threshold = amount(written, "cells/L" if "L" in usual and usual != "g/dL" else usual)
    except UnitError as error:
        raise Refused(str(error), f"a number and a unit like {usual}") from None
    if not 0 < threshold <= LARGEST_THRESHOLD[observable] * factor(usual):
        raise Refused(
            f"{observable} {written} is outside the plausible range",
            f"above 0 and at most {LARGEST_THRESHOLD[observable]:g} {usual}".removesuffix(" 1"),
        )
    if not 1 <= int(days or 1) <= LONGEST_WAIT:
        raise Refused(f"'for {days} days' is outside the range", f"1 to {LONGEST_WAIT} days")
    unit = re.sub(r"^[+-]?[\d.]+(?:[eE][+-]?\d+)?\s*", "", written)
    return Condition(observable, relation, threshold, unit, int(days or 1))
