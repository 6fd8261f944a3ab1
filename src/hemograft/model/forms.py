"""The shapes a rate law may have beyond plain arithmetic. Each reads numbers, symbols and units alike."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from .terms import Term

LN2 = math.log(2)  # a half-life is LN2 over the rate of loss


def _kind(*values):
    """Which reading is going on: "terms" for machine code, "symbols" to be printed, "units" or "numbers"."""
    for value in values:
        if isinstance(value, Term):
            return "terms"
        if hasattr(value, "dimensionality"):
            return "units"
        if hasattr(value, "free_symbols"):
            return "symbols"
    return "numbers"


def exponential(exponent):
    """``e`` to a pure number."""
    kind = _kind(exponent)
    if kind == "terms":
        return exponent.exponential()
    if kind == "symbols":
        from sympy import exp

        return exp(exponent)
    if kind == "units":
        exponent.to("")  # refuses an exponent with a unit
        return 1.0
    return np.exp(exponent)


def positive(value):
    """The value where it is above zero, else zero."""
    kind = _kind(value)
    if kind == "terms":
        return value.choose(value, 0.0)
    if kind == "symbols":
        from sympy import Piecewise

        return Piecewise((value, value > 0), (0, True))
    if kind == "units":
        return value
    return np.maximum(value, 0.0)


def choose(value, above, below):
    """``above`` where the pure number ``value`` is positive, else ``below``. The only way a rate may switch."""
    kind = _kind(value, above, below)
    if kind == "terms" and isinstance(value, Term):
        return value.choose(above, below)
    if kind == "terms":
        return above if value > 0 else below
    if kind == "symbols":
        from sympy import Piecewise

        return Piecewise((above, value > 0), (below, True))
    if kind == "units":
        same = above + below  # refuses two branches of different kinds
        return same / 2
    return np.where(np.asarray(value) > 0, above, below)


def response(level, half, steepness=1):
    """Effect of a cytokine at ``level`` times normal: 0 at rest, toward 1 when high, negative when low.

    Above rest the effect saturates with the excess (half-maximal at ``half`` times normal above rest, as a Hill
    function of whole ``steepness``); below rest it falls in proportion to what is missing, so that overfull
    compartments are corrected promptly.
    """
    excess = level - 1
    return choose(excess, excess**steepness / (excess**steepness + half**steepness), excess)


def at_most(value, limit):
    """The smaller of the two."""
    return limit - positive(limit - value)


def driven(rest, most, effect, least=0.5):
    """A rate that a cytokine moves from rest to its most, and never below ``least`` of rest.

    ``effect`` is 0 at rest, toward 1 under full stimulation and negative when there is too little of it.
    """
    return least * rest + positive((1 - least) * rest + (most - rest) * effect)


def moved(rest, most, effect):
    """A rate or probability that a cytokine moves from rest to its most, and never below zero."""
    return positive(rest + (most - rest) * effect)


def saturating(value, half):
    """Michaelis-Menten: ``value / (half + value)``."""
    return value / (half + value)


def steep(value, half, steepness=3):
    """A Hill function of whole ``steepness``: little below ``half``, nearly all above."""
    return value**steepness / (value**steepness + half**steepness)


def total(values):
    """The sum of all values, of any nesting; a single value is its own sum, and nothing sums to zero."""
    if isinstance(values, Mapping):
        values = values.values()
    elif not isinstance(values, (list, tuple, Iterator)):
        return values
    found = [total(value) for value in values]
    return sum(found[1:], found[0]) if found else 0.0


def grows_by(renewal):
    """Cells out per cell in of a dividing stage at rest, when a division renews with this probability (< 1/2)."""
    return 2 * (1 - renewal) / (1 - 2 * renewal)


def host_only(amount, origin):
    """The amount for cells of the patient's own, nothing for any other origin: how every life starts."""
    return amount if origin == "host" else 0 * amount
