"""Writes LLVM code for expressions of symbols: every number is a row of lanes, one lane a patient.

A lane never reads another lane, so a patient's numbers are the same alone and in any company.
"""

from __future__ import annotations

from typing import Any

import llvmlite.ir as ir

from ..model.terms import CHOICE, NUMBER, PRODUCT, SUM, SYMBOL, Term
from ..model.terms import EXPONENTIAL as EXPONENTIAL_
from ..model.terms import POWER as POWER_
from .emit_math import EXPONENTIAL, FAST, POWER, intrinsic

INDEX = ir.IntType(64)
LARGEST_WHOLE_POWER = 8  # above it a power is computed by logarithm


class Function:
    """One function under construction: every distinct subexpression is computed once.

    Arrays are pointers to rows: element ``i`` of an array holds the lanes of its ``i``-th number.
    """

    def __init__(self, module: ir.Module, lanes: int, name: str, arrays: tuple[str, ...], where: dict | None = None):
        self.lanes = lanes
        self.row = ir.VectorType(ir.DoubleType(), lanes)
        pointer = self.row.as_pointer()
        self.function = ir.Function(module, ir.FunctionType(ir.VoidType(), [pointer] * len(arrays)), name)
        self.function.attributes.add("nounwind")
        self.function.attributes.add("noinline")
        for argument in self.function.args:
            argument.add_attribute("noalias")
        self.arrays = dict(zip(arrays, self.function.args, strict=True))
        self.builder: Any = ir.IRBuilder(self.function.append_basic_block())
        self.where = where or {}  # symbol -> (array name, index)
        self.named: dict = {}  # symbol -> expression, computed when first needed
        self.done: dict = {}

    # --- memory ---------------------------------------------------------------------------------------------

    def place(self, array: str, index):
        """The address of one number of an argument; ``index`` a number or a value."""
        at = ir.Constant(INDEX, index) if isinstance(index, int) else index
        return self.builder.gep(self.arrays[array], [at])

    def load(self, array: str, index):
        """Read one number of an argument."""
        return self.builder.load(self.place(array, index), align=8 * self.lanes)

    def store(self, value, array: str, index) -> None:
        """Write one number of an argument."""
        self.builder.store(value, self.place(array, index), align=8 * self.lanes)

    def each(self, count: int, body) -> None:
        """``body(i)`` for every ``i`` below ``count``, as a loop in the machine code."""
        before, loop = self.builder.block, self.builder.append_basic_block()
        after = self.builder.append_basic_block()
        self.builder.branch(loop)
        self.builder.position_at_end(loop)
        i = self.builder.phi(INDEX)
        i.add_incoming(ir.Constant(INDEX, 0), before)
        body(i)
        following = self.builder.add(i, ir.Constant(INDEX, 1))
        i.add_incoming(following, self.builder.block)
        more = self.builder.icmp_unsigned("<", following, ir.Constant(INDEX, count))
        self.builder.cbranch(more, loop, after)
        self.builder.position_at_end(after)

    def call(self, other: ir.Function, *arguments) -> None:
        """Call another function of the module; names of arguments stand for whole arrays."""
        self.builder.call(other, [self.arrays[a] if isinstance(a, str) else a for a in arguments])

    def close(self) -> ir.Function:
        """End the function."""
        self.builder.ret_void()
        return self.function

    # --- arithmetic -----------------------------------------------------------------------------------------

    def number(self, value) -> ir.Constant:
        """A literal, the same in every lane."""
        return ir.Constant(self.row, [ir.Constant(ir.DoubleType(), float(value))] * self.lanes)

    def plus(self, a, b):
        return self.builder.fadd(a, b, flags=FAST)

    def minus(self, a, b):
        return self.builder.fsub(a, b, flags=FAST)

    def times(self, a, b):
        return self.builder.fmul(a, b, flags=FAST)

    def over(self, a, b):
        return self.builder.fdiv(a, b, flags=FAST)

    def larger(self, a, b):
        return self.builder.select(self.builder.fcmp_ordered(">", a, b), a, b)

    def size(self, a):
        return self.builder.call(intrinsic(self.function.module, "fabs", self.row), [a])

    def root(self, a):
        return self.builder.call(intrinsic(self.function.module, "sqrt", self.row), [a])

    # --- expressions ----------------------------------------------------------------------------------------

    def value(self, term: Term):
        """The value of an expression, computed here if it is new."""
        known = self.done.get(term)
        if known is None:
            known = self.done[term] = self._compute(term)
        return known

    def _compute(self, term: Term):
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
            return self.builder.select(self.builder.fcmp_ordered(">", value, self.number(0)), above, below)
        return self._inner({EXPONENTIAL_: EXPONENTIAL, POWER_: POWER}[term.what], *parts)

    def _inner(self, name: str, *arguments):
        return self.builder.call(self.function.module.globals[name], list(arguments))

    def _sum(self, term: Term):
        """What is added first, then what is taken away."""
        gains = [(part, times) for part, times in term.parts if times > 0]
        result = self.number(term.constant) if term.constant or not gains else None
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

    def _powers(self, parts):
        result = None
        for part, exponent in parts:
            factor = self._power(part, exponent)
            result = factor if result is None else self.times(result, factor)
        return result

    def _power(self, base: Term, exponent: float):
        if exponent == 0.5:
            return self.root(self.value(base))
        if exponent % 1 or exponent > LARGEST_WHOLE_POWER:
            return self._inner(POWER, self.value(base), self.number(exponent))
        factor = result = self.value(base)
        for _ in range(int(exponent) - 1):
            result = self.times(result, factor)
        return result
