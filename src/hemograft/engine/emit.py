"""Writes LLVM code for expressions of symbols: every number is a row of lanes, one lane a patient.

A lane never reads another lane, so a patient's numbers are the same alone and in any company.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model.terms import CHOICE, NUMBER, PRODUCT, SUM, SYMBOL, Term
from ..model.terms import EXPONENTIAL as EXPONENTIAL_
from ..model.terms import POWER as POWER_
from .emit_math import EXPONENTIAL, POWER
from .lines import FAST, Lines, Module, same

LARGEST_WHOLE_POWER = 8  # above it a power is computed by logarithm


class Function:
    """One function under construction: every distinct subexpression is computed once.

    Arrays are pointers to rows: element ``i`` of an array holds the lanes of its ``i``-th number.
    """

    def __init__(self, module: Module, name: str, arrays: tuple[str, ...], where: dict | None = None):
        self.name, self.module, self.row = name, module, module.row
        self.lines = Lines(module, name, ["ptr noalias"] * len(arrays), marks="noinline nounwind")
        self.arrays = {array: f"%{i}" for i, array in enumerate(arrays)}
        self.where = where or {}  # symbol -> (array name, index)
        self.named: dict = {}  # symbol -> expression, computed when first needed
        self.done: dict = {}

    # --- memory ---------------------------------------------------------------------------------------------

    def place(self, array: str, index: int | str) -> str:
        """The address of one number of an argument; ``index`` a number or a value."""
        return self.lines.get(f"getelementptr {self.row}, ptr {self.arrays[array]}, i64 {index}")

    def load(self, array: str, index: int | str) -> str:
        """Read one number of an argument."""
        return self.lines.get(f"load {self.row}, ptr {self.place(array, index)}, align {8 * self.module.lanes}")

    def store(self, value: str, array: str, index: int | str) -> None:
        """Write one number of an argument."""
        self.lines.do(f"store {self.row} {value}, ptr {self.place(array, index)}, align {8 * self.module.lanes}")

    def after(self, index: str, count: int) -> str:
        """An index so many further on."""
        return self.lines.get(f"add i64 {index}, {count}")

    def each(self, count: int, body: Callable[[str], None]) -> None:
        """``body(i)`` for every ``i`` below ``count``, as a loop in the machine code."""
        self.lines.each(count, body)

    def call(self, other: str, *arguments: str) -> None:
        """Call another function of the module; names of arguments stand for whole arrays."""
        self.lines.do(f"call void @{other}({', '.join(f'ptr {self.arrays.get(a, a)}' for a in arguments)})")

    def close(self) -> str:
        """End the function; its name."""
        self.lines.close("void")
        return self.name

    # --- arithmetic -----------------------------------------------------------------------------------------

    def number(self, value: float) -> str:
        """A literal, the same in every lane."""
        return same(value)

    def plus(self, a: str, b: str) -> str:
        return self.lines.get(f"fadd {FAST} {self.row} {a}, {b}")

    def minus(self, a: str, b: str) -> str:
        return self.lines.get(f"fsub {FAST} {self.row} {a}, {b}")

    def times(self, a: str, b: str) -> str:
        return self.lines.get(f"fmul {FAST} {self.row} {a}, {b}")

    def over(self, a: str, b: str) -> str:
        return self.lines.get(f"fdiv {FAST} {self.row} {a}, {b}")

    def negative(self, a: str) -> str:
        return self.lines.get(f"fneg {self.row} {a}")

    def larger(self, a: str, b: str) -> str:
        return self.choose(a, b, a, b)

    def choose(self, a: str, b: str, above: str, below: str) -> str:
        """``above`` where ``a`` is larger than ``b``, else ``below``."""
        return self.pick(self.is_larger(a, b), above, below)

    def is_larger(self, a: str, b: str) -> str:
        return self.lines.get(f"fcmp ogt {self.row} {a}, {b}")

    def pick(self, condition: str, above: str, below: str) -> str:
        return self.lines.get(f"select {self.module.truth} {condition}, {self.row} {above}, {self.row} {below}")

    def size(self, a: str) -> str:
        return self.lines.get(f"call {self.module.intrinsic('fabs')}({self.row} {a})")

    def root(self, a: str) -> str:
        return self.lines.get(f"call {self.module.intrinsic('sqrt')}({self.row} {a})")

    # --- expressions ----------------------------------------------------------------------------------------

    def value(self, term: Term) -> str:
        """The value of an expression, computed here if it is new."""
        known = self.done.get(term)
        if known is None:
            known = self.done[term] = self._compute(term)
        return known

    def _compute(self, term: Term) -> str:
        if term.what == SYMBOL:
            return self.value(self.named[term]) if term in self.named else self.load(*self.where[term])
        if term.what == NUMBER:
            return self.number(term.constant)
        if term.what == SUM:
            return self._sum(term)
        if term.what == PRODUCT:
            return self._product(term)
        parts = [self.value(part) for part in term.parts]
        if term.what == CHOICE:
            value, above, below = parts
            return self.choose(value, self.number(0), above, below)
        return self.inner({EXPONENTIAL_: EXPONENTIAL, POWER_: POWER}[term.what], *parts)

    def inner(self, name: str, *arguments: str) -> str:
        """A call of a function of :mod:`hemograft.engine.emit_math`."""
        return self.lines.get(f"call {self.row} @{name}({', '.join(f'{self.row} {a}' for a in arguments)})")

    def _sum(self, term: Term):
        """What is added first, then what is taken away."""
        gains = [(part, times) for part, times in term.parts if times > 0]
        result: Any = self.number(term.constant) if term.constant or not gains else None
        for part, times in gains:
            more = self._times(part, times)
            result = more if result is None else self.plus(result, more)
        for part, times in term.parts:
            if times < 0:
                result = self.minus(result, self._times(part, -times))
        return result

    def _times(self, part: Term, times: float):
        return self.value(part) if times == 1 else self.times(self.value(part), self.number(times))

    def _product(self, term: Term):
        """What multiplies over what divides, with one division."""
        above = self._powers([(part, exponent) for part, exponent in term.parts if exponent > 0])
        below = self._powers([(part, -exponent) for part, exponent in term.parts if exponent < 0])
        if below is None:
            return above
        return self.over(self.number(1) if above is None else above, below)

    def _powers(self, parts) -> Any:
        result: Any = None
        for part, exponent in parts:
            factor = self._power(part, exponent)
            result = factor if result is None else self.times(result, factor)
        return result

    def _power(self, base: Term, exponent: float):
        if exponent == 0.5:
            return self.root(self.value(base))
        if exponent % 1 or exponent > LARGEST_WHOLE_POWER:
            return self.inner(POWER, self.value(base), self.number(exponent))
        factor = result = self.value(base)
        for _ in range(int(exponent) - 1):
            result = self.times(result, factor)
        return result
