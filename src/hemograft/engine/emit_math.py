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

from .lines import EXACT, Lines, Module, same

EXPONENTIAL, POWER = "row_exp", "row_pow"
ROUNDING = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to a whole number in the lowest bits
LOWEST, HIGHEST = -1021.0, 1023.0  # exponents of two of normal doubles
ROOT_HALF = 0.7071067811865476
SMALLEST_BASE = 1e-300  # a power of less is zero


def bits(value: float) -> int:
    """The 64 bits of a double as a whole number."""
    return struct.unpack("<q", struct.pack("<d", value))[0]


class _Rows:
    """Arithmetic of one function on rows of doubles and whole numbers."""

    def __init__(self, module: Module, name: str, arguments: int):
        self.row, self.whole, self.truth = module.row, module.whole, module.truth
        self.lines = Lines(module, name, [self.row] * arguments, self.row, "")
        self.get = self.lines.get

    def exactly(self, what: str, a: str, b: str) -> str:
        """``fadd``, ``fsub`` or ``fdiv`` without any liberty."""
        return self.get(f"{what} {self.row} {a}, {b}")

    def plus(self, a: str, b: str) -> str:
        return self.get(f"fadd {EXACT} {self.row} {a}, {b}")

    def times(self, a: str, b: str) -> str:
        return self.get(f"fmul {EXACT} {self.row} {a}, {b}")

    def on_bits(self, what: str, a: str, b: str | int) -> str:
        """``add``, ``sub``, ``shl`` or ``ashr`` of whole numbers."""
        return self.get(f"{what} {self.whole} {a}, {b if isinstance(b, str) else f'splat (i64 {b})'}")

    def as_bits(self, a: str) -> str:
        return self.get(f"bitcast {self.row} {a} to {self.whole}")

    def as_double(self, a: str) -> str:
        return self.get(f"bitcast {self.whole} {a} to {self.row}")

    def pick(self, how: str, a: str, b: str, yes: str, no: str) -> str:
        """``yes`` where a comparison holds."""
        holds = self.get(f"fcmp {how} {self.row} {a}, {b}")
        return self.get(f"select {self.truth} {holds}, {self.row} {yes}, {self.row} {no}")

    def clipped(self, a: str, low: float, high: float) -> str:
        a = self.pick("olt", a, same(low), same(low), a)
        return self.pick("ogt", a, same(high), same(high), a)

    def series(self, a: str, coefficients: list[float]) -> str:
        """Horner's rule, highest coefficient first."""
        result = same(coefficients[0])
        for coefficient in coefficients[1:]:
            result = self.plus(self.times(result, a), same(coefficient))
        return result

    def close(self, argument: str, result: str) -> None:
        """Return the result, or the argument where that is not a number."""
        self.lines.close(f"{self.row} {self.pick('uno', argument, argument, argument, result)}")

    def power_of_two(self, y: str) -> str:
        """``2**y``: a whole power through the exponent bits, the rest by the series of exp."""
        y = self.clipped(y, LOWEST, HIGHEST)
        shifted = self.exactly("fadd", y, same(ROUNDING))
        whole = self.on_bits("sub", self.as_bits(shifted), bits(ROUNDING))
        rest = self.exactly("fsub", y, self.exactly("fsub", shifted, same(ROUNDING)))
        e = self.series(self.times(rest, same(math.log(2))), [1 / math.factorial(k) for k in range(13, -1, -1)])
        return self.as_double(self.on_bits("add", self.as_bits(e), self.on_bits("shl", whole, 52)))

    def log_two(self, a: str) -> str:
        """Logarithm of base two of a positive number: exponent bits, then the series of atanh."""
        as_bits = self.as_bits(a)
        exponent = self.on_bits("ashr", self.on_bits("sub", as_bits, bits(ROOT_HALF)), 52)
        mantissa = self.as_double(self.on_bits("sub", as_bits, self.on_bits("shl", exponent, 52)))
        one = same(1.0)
        q = self.exactly("fdiv", self.exactly("fsub", mantissa, one), self.exactly("fadd", mantissa, one))
        odd = self.series(self.times(q, q), [1 / k for k in range(21, 0, -2)])
        scaled = self.times(self.times(same(2 / math.log(2)), q), odd)
        return self.plus(self.get(f"sitofp {self.whole} {exponent} to {self.row}"), scaled)


def write_math(module: Module) -> None:
    """Add both functions to a module."""
    e = _Rows(module, EXPONENTIAL, 1)
    e.close("%0", e.power_of_two(e.times("%0", same(1 / math.log(2)))))
    p = _Rows(module, POWER, 2)
    base, exponent = "%0", "%1"
    result = p.power_of_two(p.times(exponent, p.log_two(base)))
    result = p.pick("ogt", base, same(SMALLEST_BASE), result, same(0.0))
    p.close(p.times(base, exponent), result)
