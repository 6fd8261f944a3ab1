"""Expressions as the machine code needs them: sums, products, powers, exponentials and choices, each kept once.

A light kind of symbolic arithmetic. Like terms are joined, equal expressions are one object, and nothing else is
rearranged. SymPy, which prints the same rate functions for people, does far more and takes a hundred times longer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import exp
from typing import Any

import numpy as np

from ..errors import ModelError

NUMBER, SYMBOL, SUM, PRODUCT, POWER, EXPONENTIAL, CHOICE = range(7)
Parts = Iterable[tuple["Term", float]]


class Term:
    """One expression; made by a :class:`Tape` and by arithmetic.

    Attributes
    ----------
    what : int
        NUMBER, SYMBOL, SUM ...
    parts : tuple
        Of a sum: (term, how many times); of a product: (term, exponent); else the terms it is made of.
    constant : float
        The number itself, or what a sum adds to its parts.
    fixed : bool
        Whether it reads parameters alone.
    """

    __array_ufunc__ = None  # a NumPy number times a term is a term
    __slots__ = ("constant", "fixed", "name", "number", "parts", "tape", "what")

    def __init__(self, tape: Tape, what: int, parts: tuple, constant: float, fixed: bool, name: str = ""):
        self.tape, self.number = tape, len(tape.known)
        self.what, self.parts, self.constant, self.fixed, self.name = what, parts, constant, fixed, name

    def __add__(self, other):
        return self.tape.sum([(self, 1.0), (self.tape.term(other), 1.0)])

    def __radd__(self, other):
        return self.tape.sum([(self.tape.term(other), 1.0), (self, 1.0)])

    def __sub__(self, other):
        return self.tape.sum([(self, 1.0), (self.tape.term(other), -1.0)])

    def __rsub__(self, other):
        return self.tape.sum([(self.tape.term(other), 1.0), (self, -1.0)])

    def __mul__(self, other):
        return self.tape.product([(self, 1.0), (self.tape.term(other), 1.0)])

    __rmul__ = __mul__

    def __truediv__(self, other):
        return self.tape.product([(self, 1.0), (self.tape.term(other), -1.0)])

    def __rtruediv__(self, other):
        return self.tape.product([(self.tape.term(other), 1.0), (self, -1.0)])

    def __pow__(self, other):
        return self.tape.power(self, self.tape.term(other))

    def __rpow__(self, other):
        return self.tape.power(self.tape.term(other), self)

    def __neg__(self):
        return self.tape.sum([(self, -1.0)])

    def __pos__(self):
        return self

    def __bool__(self):
        raise TypeError("a term has no truth value")

    def __gt__(self, other):
        raise TypeError("a comparison of terms has no truth value")

    __lt__ = __ge__ = __le__ = __gt__

    def exponential(self) -> Term:
        """``e`` to this."""
        return self.tape.exponential(self)

    def choose(self, above: Any, below: Any) -> Term:
        """``above`` where this is positive, else ``below``."""
        return self.tape.choice(self, self.tape.term(above), self.tape.term(below))

    @property
    def zero(self) -> bool:
        """Whether this is nothing."""
        return self.what == NUMBER and self.constant == 0

    @property
    def simple(self) -> bool:
        """Whether there is nothing to compute."""
        return self.what in (NUMBER, SYMBOL)


@dataclass
class Tape:
    """All expressions of one model; the same expression is always the same object."""

    known: dict[tuple, Term] = field(default_factory=dict)

    def _made(self, key: tuple, parts: tuple, constant: float, fixed: bool, name: str = "") -> Term:
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = Term(self, key[0], parts, constant, fixed, name)
        return found

    def symbol(self, name: str, fixed: bool) -> Term:
        """A state, a parameter, or another name."""
        return self._made((SYMBOL, name), (), 0.0, fixed, name)

    def term(self, value: Any) -> Term:
        """A number as a term; a term as it is."""
        if isinstance(value, Term):
            return value
        if not isinstance(value, (int, float, np.number)):
            raise TypeError(f"{value!r} is neither a number nor an expression")
        return self._made((NUMBER, float(value)), (), float(value), True)

    def sum(self, parts: Parts, constant: float = 0.0) -> Term:
        """Terms, each taken so many times, and a number."""
        found: dict[Term, float] = {}
        for term, times in parts:
            if term.what == NUMBER:
                constant += times * term.constant
            elif term.what == SUM and (abs(times) == 1 or _is_multiple(term)):
                constant += times * term.constant
                for inner, inner_times in term.parts:
                    found[inner] = found.get(inner, 0.0) + times * inner_times
            else:
                found[term] = found.get(term, 0.0) + times
        left = tuple(sorted(((t, n) for t, n in found.items() if n), key=_by_number))
        if not left:
            return self.term(constant)
        if constant == 0 and len(left) == 1 and left[0][1] == 1:
            return left[0][0]
        key = (SUM, constant, *((t.number, n) for t, n in left))
        return self._made(key, left, constant, all(t.fixed for t, _ in left))

    def product(self, parts: Parts) -> Term:
        """Terms, each to a power that is a number."""
        found: dict[Term, float] = {}
        times = 1.0
        for term, exponent in parts:
            if term.what == NUMBER:
                times *= term.constant**exponent
                continue
            if term.what == SUM and _is_multiple(term) and (exponent % 1 == 0 or term.parts[0][1] > 0):
                times *= term.parts[0][1] ** exponent
                term = term.parts[0][0]
            inside = term.parts if term.what == PRODUCT and exponent % 1 == 0 else ((term, 1.0),)
            for inner, power in inside:
                found[inner] = found.get(inner, 0.0) + power * exponent
        if times == 0:
            return self.term(0.0)
        left: Any = tuple(sorted(((t, e) for t, e in found.items() if e), key=_by_number))
        if not left:
            return self.term(times)
        whole = left[0][0]
        if len(left) > 1 or left[0][1] != 1:
            key = (PRODUCT, *((t.number, e) for t, e in left))
            whole = self._made(key, left, 0.0, all(t.fixed for t, _ in left))
        return whole if times == 1 else self.sum([(whole, times)])

    def power(self, base: Term, exponent: Term) -> Term:
        """A power, by a number or by an expression."""
        if exponent.what == NUMBER:
            return self.product([(base, exponent.constant)])
        return self._of(POWER, base, exponent)

    def exponential(self, exponent: Term) -> Term:
        """``e`` to an expression."""
        return self.term(exp(exponent.constant)) if exponent.what == NUMBER else self._of(EXPONENTIAL, exponent)

    def choice(self, value: Term, above: Term, below: Term) -> Term:
        """One expression where a value is positive, another where it is not."""
        if value.what == NUMBER or above is below:
            return above if value.constant > 0 else below
        return self._of(CHOICE, value, above, below)

    def _of(self, what: int, *parts: Term) -> Term:
        return self._made((what, *(p.number for p in parts)), parts, 0.0, all(p.fixed for p in parts))


def _by_number(part: tuple[Term, float]) -> int:
    return part[0].number


def _is_multiple(term: Term) -> bool:
    """Whether a sum is one thing, so many times."""
    return len(term.parts) == 1 and term.constant == 0


def gradient(term: Term, known: dict[Term, dict[Term, Term]]) -> dict[Term, Term]:
    """Derivatives of an expression by every symbol that it reads and that is not fixed; ``known`` remembers."""
    if term.fixed:
        return {}
    found = known.get(term)
    if found is None:
        found = known[term] = {term: term.tape.term(1.0)} if term.what == SYMBOL else _chain(term, known)
    return found


def _chain(term: Term, known) -> dict[Term, Term]:
    """The chain rule through the outermost operation."""
    sums: dict[Term, list[tuple[Term, float]]] = {}
    for inner, outer, times in _outer(term):
        for symbol, slope in gradient(inner, known).items():
            sums.setdefault(symbol, []).append((slope if outer is None else outer * slope, times))
    found = {symbol: term.tape.sum(parts) for symbol, parts in sums.items()}
    if term.what == CHOICE:
        value, above, below = term.parts
        a, b = gradient(above, known), gradient(below, known)
        nothing = term.tape.term(0.0)
        for symbol in dict.fromkeys([*a, *b]):
            found[symbol] = term.tape.choice(value, a.get(symbol, nothing), b.get(symbol, nothing))
    return {symbol: slope for symbol, slope in found.items() if not slope.zero}


def _outer(term: Term) -> list[tuple[Term, Term | None, float]]:
    """Each part that moves, with the derivative of the whole by it: an expression or one, so many times."""
    if term.what == SUM:
        return [(inner, None, times) for inner, times in term.parts if not inner.fixed]
    if term.what == PRODUCT:
        rest = list(term.parts)
        return [
            (inner, term.tape.product([*rest[:i], (inner, power - 1), *rest[i + 1 :]]), power)
            for i, (inner, power) in enumerate(rest)
            if not inner.fixed
        ]
    if term.what == EXPONENTIAL:
        return [(term.parts[0], term, 1.0)]
    if term.what == POWER:
        base, exponent = term.parts
        if not exponent.fixed:
            raise ModelError("an exponent may read parameters, no states")
        return [(base, exponent * term.tape.power(base, exponent - 1), 1.0)]
    return []
