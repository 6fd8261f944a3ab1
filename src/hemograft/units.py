"""Units of measurement: read them once at the edge, check equations once, floats everywhere else.

Canonical units inside: day, mg (drug and hemoglobin mass), kg (body mass), m (body length), m2, L, cells,
Gy, nmol. Body mass and drug mass are different kinds on purpose: 5 mg/kg is not a pure number here.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any

import pint

from .errors import Problem

_DEFINITIONS = """
day = [time] = d
hour = day / 24 = h = hr
minute = hour / 60 = min
week = 7 * day
month = 30.4375 * day
year = 365.25 * day
mg = [mass]
g = 1000 * mg
ug = mg / 1000 = mcg
ng = ug / 1000
pg = ng / 1000
kg = [body_mass]
m = [body_length]
cm = m / 100
L = [volume] = liter
dL = L / 10
mL = L / 1000
uL = mL / 1000
cells = [cell] = cell
Gy = [radiation]
cGy = Gy / 100
nmol = [substance]
umol = 1000 * nmol
mmol = 1000 * umol
mol = 1000 * mmol
uM = umol / L
nM = nmol / L
pM = nmol / L / 1000
unit = [transfusion] = units
percent = 0.01 = pct
"""

_UNIT = re.compile(r"(?:1?/)?[A-Za-z(][A-Za-z()*/ ]*(?:\^-?[123][A-Za-z()*/ ]*)*")  # names and small powers only
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"


class UnitError(ValueError):
    """A text is not an amount in a known unit, or is one of the wrong kind."""


@lru_cache(maxsize=1)
def registry() -> Any:
    """The package's own small set of units; anything else is refused rather than guessed."""
    definitions: Any = _DEFINITIONS.strip().splitlines()
    return pint.UnitRegistry(definitions, cache_folder=None)


@lru_cache(maxsize=4096)
def unit(text: str) -> Any:
    """Read a unit such as ``mg/m2``, ``1/day`` or ``mg*h/L``, without its number.

    Raises
    ------
    UnitError
        The text names a unit that the package does not know.
    """
    words = text.replace("·", "*").replace("µ", "u").replace("μ", "u").replace("%", "percent").strip()
    words = re.sub(r"\b(c?m)2\b", r"\1^2", words)
    _, words = _split_power(words)
    if words in {"", "1"}:
        return registry().Unit("")
    if not _UNIT.fullmatch(words):
        raise UnitError(f"unknown unit {text!r}")
    words = "1" + words if words.startswith("/") else words
    try:
        return registry().parse_expression(words.replace("^", "**")).units
    except Exception as error:  # pint leaks tokenizer errors of many kinds for odd text
        raise UnitError(f"unknown unit {text!r}") from error


@lru_cache(maxsize=4096)
def factor(text: str) -> float:
    """How many canonical units one ``text`` is: ``factor('h')`` is 1/24."""
    power, rest = _split_power(text)
    return power * float((1 * unit(rest)).to_base_units().magnitude)


def _split_power(text: str) -> tuple[float, str]:
    """Split ``x10^9/L`` into its power of ten and its unit."""
    match = re.match(r"\s*[x×*]?\s*10\^?([+-]?\d{1,2})(?!\d)\s*(.*)$", text)
    if match:
        rest = match[2]  # "x10^9/L" counts cells
        return 10.0 ** int(match[1]), f"cells{rest}" if rest.startswith("/") else rest
    return 1.0, text


def amount(text: str, like: str) -> float:
    """Read ``'30 mg/m2'`` as a number in canonical units, refusing any other kind than ``like``.

    Parameters
    ----------
    text : str
        A number, optionally a power of ten written ``x10^9``, and a unit.
    like : str
        A unit of the kind wanted, such as ``mg/m2`` or ``cells/L``. Counts may be written with or
        without the word ``cells``: ``0.5 x10^9/L`` is a number of cells.

    Returns
    -------
    float
        The value in canonical units (day, mg, kg, m, L, cells, Gy).

    Raises
    ------
    UnitError
        No number, not finite, an unknown unit, or a unit of another kind.
    """
    match = re.fullmatch(rf"\s*({_NUMBER})\s*(.*?)\s*", str(text))
    if not match:
        raise UnitError(f"{text!r} is not a number with a unit")
    number = float(match[1])
    if not math.isfinite(number):
        raise UnitError(f"{text!r} is not a finite number")
    power, rest = _split_power(match[2])
    value = number * power * float((1 * _like(rest, like, str(text))).to_base_units().magnitude)
    if not math.isfinite(value):
        raise UnitError(f"{text!r} is not a finite number")
    return value


def _like(written: str, like: str, text: str) -> Any:
    """The unit as written, where it is of the kind of ``like``; "4000 /uL" counts cells without saying so."""
    found, wanted = unit(written), unit(like)
    if found.dimensionality == wanted.dimensionality:
        return found
    counted = found * registry().cells
    if counted.dimensionality == wanted.dimensionality:
        return counted
    raise UnitError(f"{text!r} is not in a unit like {like}" if written else f"{text!r} has no unit")


def problem_with(text: str, like: str, where: str) -> Problem | None:
    """The complaint about ``text`` as an amount like ``like``, or None when it reads well."""
    try:
        amount(text, like)
    except UnitError as error:
        return Problem(str(error), where, f"a number and a unit like {like}")
    return None
