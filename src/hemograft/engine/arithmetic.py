"""Numbers of compiled Python in LLVM's language: operators, comparisons, conversions, functions of one or two numbers.

The arithmetic is that of Python, in the order in which it is written.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .code import Code, literal
from .kinds import Value, registers_of

OPERATORS = {  # for whole numbers and for others
    ast.Add: ("add", "fadd"),
    ast.Sub: ("sub", "fsub"),
    ast.Mult: ("mul", "fmul"),
    ast.RShift: ("lshr", ""),
    ast.BitXor: ("xor", ""),
}
COMPARISONS = {  # for whole numbers, for those without a sign, and for others, where not-a-number only differs
    ast.Lt: ("slt", "ult", "olt"),
    ast.LtE: ("sle", "ule", "ole"),
    ast.Gt: ("sgt", "ugt", "ogt"),
    ast.GtE: ("sge", "uge", "oge"),
    ast.Eq: ("eq", "eq", "oeq"),
    ast.NotEq: ("ne", "ne", "une"),
}
OF_LIBRARY = {math.exp: "exp", math.log: "log", math.expm1: "expm1", math.log1p: "log1p", math.cos: "cos"}
OF_LIBRARY |= {math.lgamma: "lgamma"}
OF_PROCESSOR = {math.sqrt: "sqrt", math.floor: "floor", math.ceil: "ceil", abs: "fabs"}


def constant(value: Any) -> Value:
    """A number that is known when code is written."""
    if isinstance(value, bool):
        return literal(value, "bool")
    if value.__class__ is np.uint64:
        return literal(int(value), "uint")
    if isinstance(value, (int, float)):
        return literal(value, "int" if isinstance(value, int) else "float")
    raise TypeError(f"{value!r} is not a number")


def operation(code: Code, how: type, a: Value, b: Value, exponent: Any = None) -> Value:
    """One operator between two numbers; ``exponent`` is a power that is written out."""
    if how is ast.Pow:
        return _power(code, _float(code, a), exponent, _float(code, b))
    if how is ast.Div:
        return Value("float", (code.get(f"fdiv double {_float(code, a)}, {_float(code, b)}"),))
    a, b = _alike(code, a, b)
    name = OPERATORS[how][a.kind == "float"]
    return Value(a.kind, (code.get(f"{name} {registers_of(a.kind)[0]} {a.registers[0]}, {b.registers[0]}"),))


def negative(code: Code, value: Value) -> Value:
    """A number with the other sign."""
    if value.kind == "int":
        return Value("int", (code.get(f"sub i64 0, {value.registers[0]}"),))
    return Value("float", (code.get(f"fneg double {_float(code, value)}"),))


def function_of(code: Code, function: Any, values: list[Value]) -> Value | None:
    """A function of the standard library or of NumPy; none when there is no translation."""
    if function in OF_LIBRARY:
        return _library(code, OF_LIBRARY[function], *(_float(code, value) for value in values))
    if function in OF_PROCESSOR:
        return _processor(code, OF_PROCESSOR[function], _float(code, values[0]))
    return CALLS[function](code, *values) if function in CALLS else None


def _power(code: Code, base: str, exponent: Any, value: str) -> Value:
    if not (isinstance(exponent, int) and exponent > 0):
        return _library(code, "pow", base, value)
    result, left = None, exponent
    while left:
        if left % 2:
            result = base if result is None else code.get(f"fmul double {result}, {base}")
        left //= 2
        base = code.get(f"fmul double {base}, {base}") if left else base
    return Value("float", (str(result),))


def _library(code: Code, name: str, *arguments: str) -> Value:
    code.declared.add(
        f"declare double @{name}({', '.join(['double'] * len(arguments))}) nounwind willreturn memory(none)"
    )
    return Value("float", (code.get(f"call double @{name}({', '.join(f'double {a}' for a in arguments)})"),))


def _processor(code: Code, name: str, argument: str) -> Value:
    code.declared.add(f"declare double @llvm.{name}.f64(double)")
    return Value("float", (code.get(f"call double @llvm.{name}.f64(double {argument})"),))


def _alike(code: Code, a: Value, b: Value) -> tuple[Value, Value]:
    """Two numbers of one kind: as they are, or as the one that holds more."""
    for kind in (a.kind, b.kind, "int", "float"):
        both = tuple(code.converted(value, kind) for value in (a, b)) if isinstance(kind, str) else (None,)
        if None not in both:
            return both  # type: ignore[return-value]
    raise TypeError(f"{a.kind} and {b.kind} do not go together")


def test(code: Code, how: type, left: Value, right: Value) -> str:
    """The register of a comparison."""
    a, b = _alike(code, left, right)
    signed, unsigned, other = COMPARISONS[how]
    type_ = registers_of(a.kind)[0]
    kind = f"fcmp {other}" if a.kind == "float" else f"icmp {signed if a.kind == 'int' else unsigned}"
    return code.get(f"{kind} {type_} {a.registers[0]}, {b.registers[0]}")


def _smaller(code: Code, a: Value, b: Value) -> Value:
    return _of_two(code, ast.Lt, a, b)


def _larger(code: Code, a: Value, b: Value) -> Value:
    return _of_two(code, ast.Gt, a, b)


def _of_two(code: Code, how, a: Value, b: Value) -> Value:
    """The second where the comparison holds, else the first, as in Python."""
    a, b = _alike(code, a, b)
    holds, type_ = test(code, how, b, a), registers_of(a.kind)[0]
    return Value(a.kind, (code.get(f"select i1 {holds}, {type_} {b.registers[0]}, {type_} {a.registers[0]}"),))


def _float(code: Code, value: Value) -> str:
    found = code.converted(value, "float")
    if found is None:
        raise TypeError(f"{value.kind} is not a number")
    return found.registers[0]


def _to_int(code: Code, value: Value) -> Value:
    if value.kind == "float":
        return Value("int", (code.get(f"fptosi double {value.registers[0]} to i64"),))
    found = code.converted(value, "int")
    return Value("int", found.registers if found else value.registers)


def _to_float(code: Code, value: Value) -> Value:
    return Value("float", (_float(code, value),))


def _to_uint(code: Code, value: Value) -> Value:
    return Value("uint", value.registers)


def _finite(code: Code, value: Value) -> Value:
    size = _processor(code, "fabs", _float(code, value)).registers[0]
    return Value("bool", (code.get(f"fcmp olt double {size}, {literal(math.inf, 'float').registers[0]}"),))


CALLS: dict[Any, Callable[..., Any]] = {
    min: _smaller,
    max: _larger,
    int: _to_int,
    float: _to_float,
    np.float64: _to_float,
    np.int64: _to_int,
    np.uint64: _to_uint,
    math.isfinite: _finite,
}
