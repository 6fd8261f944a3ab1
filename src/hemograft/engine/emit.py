"""Writes LLVM code for expressions of symbols: every number is a row of lanes, one lane a patient.

A lane never reads another lane, so a patient's numbers are the same alone and in any company.
"""

from __future__ import annotations

from typing import Any

import llvmlite.ir as ir
import sympy

from ..errors import ModelError
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

    def value(self, expression):
        """The value of an expression, computed here if it is new."""
        known = self.done.get(expression)
        if known is None:
            known = self.done[expression] = self._compute(sympy.sympify(expression))
        return known

    def _compute(self, e):
        if e.is_Symbol:
            return self.value(self.named[e]) if e in self.named else self.load(*self.where[e])
        if e.is_number:
            return self.number(e)
        if e.is_Add:
            return self._sum(e.args)
        if e.is_Mul:
            return self._product(e)
        if e.is_Pow:
            return self._power(e.base, e.exp)
        if isinstance(e, sympy.exp):
            return self._inner(EXPONENTIAL, e.args[0])
        if isinstance(e, sympy.Piecewise):
            return self._choice(e)
        raise ModelError(f"no machine code for {type(e).__name__}")

    def _inner(self, name: str, *arguments):
        return self.builder.call(self.function.module.globals[name], [self.value(a) for a in arguments])

    def _sum(self, parts):
        gains = [part for part in parts if not part.could_extract_minus_sign()]
        losses = [part for part in parts if part.could_extract_minus_sign()]
        result = self.value(gains[0]) if gains else self.number(0)
        for part in gains[1:]:
            result = self.plus(result, self.value(part))
        for part in losses:
            result = self.minus(result, self.value(-part))
        return result

    def _product(self, e):
        divides = any(a.is_Pow and a.exp.is_number and a.exp.is_negative for a in e.args)
        above, below = e.as_numer_denom() if divides else (e, None)
        if below is not None and below != 1:
            return self.over(self.value(above), self.value(below))
        result = None
        for part in e.args:
            factor = self.value(part)
            result = factor if result is None else self.times(result, factor)
        return result

    def _power(self, base, exponent):
        if exponent.is_Integer and abs(int(exponent)) <= LARGEST_WHOLE_POWER:
            factor = self.value(base)
            result = factor
            for _ in range(abs(int(exponent)) - 1):
                result = self.times(result, factor)
            return result if exponent > 0 else self.over(self.number(1), result)
        if exponent == sympy.Rational(1, 2):
            return self.root(self.value(base))
        return self._inner(POWER, base, exponent)

    def _choice(self, e):
        (above, condition), (below, _) = e.args
        left, right = self.value(condition.lhs), self.value(condition.rhs)
        test = self.builder.fcmp_ordered(condition.rel_op, left, right)
        return self.builder.select(test, self.value(above), self.value(below))
