"""Exponential and power of whole rows, written out as arithmetic: library calls would go lane by lane.

Both reduce the argument to a power of two and a short polynomial; the relative error is below 1e-12.

Source
------
Series of atanh and exp (Abramowitz and Stegun 1964, 4.6.22 and 4.2.1), range reduction as in any mathematical
library (Muller 2016, Elementary Functions, chapter 11).
"""

from __future__ import annotations

import math
import struct
from typing import Any

import llvmlite.ir as ir

FAST = ("contract", "arcp", "nsz", "reassoc")  # keeps NaN and infinity meaningful
EXACT = ("contract",)  # no reordering where rounding is the point
EXPONENTIAL, POWER = "row_exp", "row_pow"
ROUNDING = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to a whole number in the lowest bits
LOWEST, HIGHEST = -1021.0, 1023.0  # exponents of two of normal doubles
ROOT_HALF = 0.7071067811865476
SMALLEST_BASE = 1e-300  # a power of less is zero


def intrinsic(module: ir.Module, name: str, row: ir.VectorType) -> ir.Function:
    """``llvm.<name>`` on rows."""
    full = f"llvm.{name}.v{row.count}f64"
    return module.globals.get(full) or ir.Function(module, ir.FunctionType(row, [row]), full)


def bits(value: float) -> int:
    """The 64 bits of a double as a whole number."""
    return struct.unpack("<q", struct.pack("<d", value))[0]


class _Rows:
    """Arithmetic of one function on rows of doubles and whole numbers."""

    def __init__(self, module: ir.Module, lanes: int, name: str, arguments: int):
        self.row = ir.VectorType(ir.DoubleType(), lanes)
        self.whole = ir.VectorType(ir.IntType(64), lanes)
        self.lanes = lanes
        self.function = ir.Function(module, ir.FunctionType(self.row, [self.row] * arguments), name)
        self.function.linkage = "internal"
        self.builder: Any = ir.IRBuilder(self.function.append_basic_block())

    def number(self, value: float) -> ir.Constant:
        return ir.Constant(self.row, [ir.Constant(ir.DoubleType(), value)] * self.lanes)

    def integer(self, value: int) -> ir.Constant:
        return ir.Constant(self.whole, [ir.Constant(ir.IntType(64), value)] * self.lanes)

    def plus(self, a, b):
        return self.builder.fadd(a, b, flags=EXACT)

    def times(self, a, b):
        return self.builder.fmul(a, b, flags=EXACT)

    def clipped(self, a, low: float, high: float):
        low_, high_ = self.number(low), self.number(high)
        a = self.builder.select(self.builder.fcmp_ordered("<", a, low_), low_, a)
        return self.builder.select(self.builder.fcmp_ordered(">", a, high_), high_, a)

    def series(self, a, coefficients):
        """Horner's rule, highest coefficient first."""
        result = self.number(coefficients[0])
        for coefficient in coefficients[1:]:
            result = self.plus(self.times(result, a), self.number(coefficient))
        return result

    def close(self, argument, result) -> None:
        """Return the result, or the argument where that is not a number."""
        lost = self.builder.fcmp_unordered("uno", argument, argument)
        self.builder.ret(self.builder.select(lost, argument, result))

    def power_of_two(self, y):
        """``2**y``: a whole power through the exponent bits, the rest by the series of exp."""
        builder = self.builder
        y = self.clipped(y, LOWEST, HIGHEST)
        shifted = builder.fadd(y, self.number(ROUNDING))
        whole = builder.sub(builder.bitcast(shifted, self.whole), self.integer(bits(ROUNDING)))
        rest = builder.fsub(y, builder.fsub(shifted, self.number(ROUNDING)))
        e = self.series(self.times(rest, self.number(math.log(2))), [1 / math.factorial(k) for k in range(13, -1, -1)])
        raised = builder.add(builder.bitcast(e, self.whole), builder.shl(whole, self.integer(52)))
        return builder.bitcast(raised, self.row)

    def log_two(self, a):
        """Logarithm of base two of a positive number: exponent bits, then the series of atanh."""
        builder = self.builder
        as_bits = builder.bitcast(a, self.whole)
        exponent = builder.ashr(builder.sub(as_bits, self.integer(bits(ROOT_HALF))), self.integer(52))
        mantissa = builder.bitcast(builder.sub(as_bits, builder.shl(exponent, self.integer(52))), self.row)
        one = self.number(1.0)
        q = builder.fdiv(builder.fsub(mantissa, one), builder.fadd(mantissa, one))
        odd = self.series(self.times(q, q), [1 / k for k in range(21, 0, -2)])
        scaled = self.times(self.times(self.number(2 / math.log(2)), q), odd)
        return self.plus(builder.sitofp(exponent, self.row), scaled)


def write_math(module: ir.Module, lanes: int) -> None:
    """Add both functions to a module."""
    e = _Rows(module, lanes, EXPONENTIAL, 1)
    argument = e.function.args[0]
    e.close(argument, e.power_of_two(e.times(argument, e.number(1 / math.log(2)))))
    p = _Rows(module, lanes, POWER, 2)
    base, exponent = p.function.args
    result = p.power_of_two(p.times(exponent, p.log_two(base)))
    result = p.builder.select(p.builder.fcmp_ordered(">", base, p.number(SMALLEST_BASE)), result, p.number(0.0))
    p.close(p.times(base, exponent), result)
