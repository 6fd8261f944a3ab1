"""Units of measurement: read them once at the edge, check equations once, floats everywhere else.

Canonical units inside: day, mg (drug and hemoglobin mass), kg (body mass), m (body length), m2, L, cells,
Gy, nmol. Body mass and drug mass are different kinds on purpose: 5 mg/kg is not a pure number here.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .errors import Problem

if TYPE_CHECKING:
    import pint

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


Powers = tuple[tuple[str, int], ...]  # names of units and their powers


class UnitError(ValueError):
    """A text is not an amount in a known unit, or is one of the wrong kind."""


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry:
    """The package's own small set of units for equations; anything else is refused rather than guessed."""
    import pint  # only equations are checked with it: loading it takes longer than reading all files of a run

    definitions: Any = _DEFINITIONS.strip().splitlines()
    return pint.UnitRegistry(definitions, cache_folder=None)


@lru_cache(maxsize=4096)
def unit(text: str) -> Any:
    """A unit such as ``mg/m2`` or ``1/day``, without its number, to be computed with.

    Raises
    ------
    UnitError
        The text names a unit that the package does not know.
    """
    return registry().Unit(registry().UnitsContainer(dict(_parts(text))))


@lru_cache(maxsize=4096)
def factor(text: str) -> float:
    """How many canonical units one ``text`` is: ``factor('h')`` is 1/24."""
    return _split_power(text)[0] * _size(_parts(text))


@lru_cache(maxsize=4096)
def _parts(text: str) -> Powers:
    """Read a unit, without its number: names of units and their powers."""
    words = text.replace("·", "*").replace("µ", "u").replace("μ", "u").replace("%", "percent").strip()
    words = re.sub(r"\bper\b", "/", re.sub(r"\b(c?m)2\b", r"\1^2", words))
    _, words = _split_power(words)
    if words in {"", "1"}:
        return ()
    if not _UNIT.fullmatch(words):
        raise UnitError(f"unknown unit {text!r}")
    found: dict[str, int] = {}
    try:
        for word, power in _product("1" + words if words.startswith("/") else words)[1].items():
            name = _names()[word if word in _names() or len(word) < 3 else word.removesuffix("s")]
            found[name] = found.get(name, 0) + power
    except (SyntaxError, KeyError, ValueError, RecursionError, MemoryError) as error:
        raise UnitError(f"unknown unit {text!r}") from error
    return tuple((name, power) for name, power in found.items() if power)


def _product(words: str) -> tuple[float, dict[str, int]]:
    """A number and powers of names, from a product as in Python but with ``^`` for powers and blanks for ``*``."""
    words = re.sub(r"\s*([*/^()])\s*", r"\1", words.strip()).replace("^", "**")
    return _of(ast.parse(re.sub(r"\s+", "*", words), mode="eval").body)


def _of(node: ast.expr) -> tuple[float, dict[str, int]]:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number), {}
        case ast.Name(id=name):
            return 1.0, {name: 1}
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            (size, powers), power = _of(left), ast.literal_eval(right)
            return size**power, {name: power * times for name, times in powers.items()}
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
            (size, powers), (other, more) = _of(left), _of(right)
            sign = 1 if isinstance(op, ast.Mult) else -1
            return size * other**sign, {n: powers.get(n, 0) + sign * more.get(n, 0) for n in (*powers, *more)}
    raise ValueError("not a product of numbers and powers of names")


@lru_cache(maxsize=1)
def _definitions() -> dict[str, tuple[float, Powers]]:
    """How much of which other units a unit is, by its name; nothing for a canonical one."""
    lines = [[part.strip() for part in line.split("=")] for line in _DEFINITIONS.strip().splitlines()]
    found = {}
    for name, meaning, *_ in lines:
        size, powers = (1.0, {}) if meaning.startswith("[") else _product(meaning)
        found[name] = (size, tuple(powers.items()))
    return found


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """The name of a unit by its name or alias."""
    lines = [[part.strip() for part in line.split("=")] for line in _DEFINITIONS.strip().splitlines()]
    return {word: name for name, _, *aliases in lines for word in (name, *aliases)}


def _canonical(parts: Powers, times: int = 1) -> Iterator[tuple[str | float, int]]:
    """Powers of canonical units and of the numbers by which others differ from them."""
    for name, power in parts:
        size, of = _definitions()[name]
        if of:
            yield size, times * power
            yield from _canonical(of, times * power)
        else:
            yield (name if size == 1 else size), times * power


@lru_cache(maxsize=4096)
def _size(parts: Powers) -> float:
    """How many canonical units; equal numbers above and below cancel, so that mg/mL is 1000 mg/L to the last digit."""
    numbers: dict[float, int] = {}
    for what, power in _canonical(parts):
        if not isinstance(what, str):
            numbers[what] = numbers.get(what, 0) + power
    above_first = sorted(numbers.items(), key=lambda item: item[1] < 0)
    return math.prod(number**power for number, power in above_first)


@lru_cache(maxsize=4096)
def _kind(parts: Powers) -> frozenset[tuple[str, int]]:
    """Powers of canonical units, which tell units of one kind."""
    found: dict[str, int] = {}
    for what, power in _canonical(parts):
        if isinstance(what, str):
            found[what] = found.get(what, 0) + power
    return frozenset((name, power) for name, power in found.items() if power)


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
    value = number * power * _size(_like(rest, like, str(text)))
    if not math.isfinite(value):
        raise UnitError(f"{text!r} is not a finite number")
    return value


def _like(written: str, like: str, text: str) -> Powers:
    """The unit as written, where it is of the kind of ``like``; "4000 /uL" counts cells without saying so."""
    found, wanted = _parts(written), _kind(_parts(like))
    counted = (*found, ("cells", 1))
    for parts in (found, counted):
        if _kind(parts) == wanted:
            return parts
    raise UnitError(f"{text!r} is not in a unit like {like}" if written else f"{text!r} has no unit")


def problem_with(text: str, like: str, where: str) -> Problem | None:
    """The complaint about ``text`` as an amount like ``like``, or None when it reads well."""
    try:
        amount(text, like)
    except UnitError as error:
        return Problem(str(error), where, f"a number and a unit like {like}")
    return None
