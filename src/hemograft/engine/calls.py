"""Calls machine code by address from compiled Python: the only place that knows about raw pointers."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


def _caller(arguments: int):
    """An intrinsic that calls ``void f(double *, ...)`` at an address with array addresses."""
    signature_types = [types.int64] * (arguments + 1)

    def generate(context, builder, signature, values):
        byte_pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte_pointer] * arguments).as_pointer()
        function = builder.inttoptr(values[0], kind)
        builder.call(function, [builder.inttoptr(value, byte_pointer) for value in values[1:]])
        return context.get_dummy_value()

    return types.void(*signature_types), generate


@intrinsic
def _call2(typing_context, f, a, b):
    return _caller(2)


@intrinsic
def _call4(typing_context, f, a, b, c, d):
    return _caller(4)


@intrinsic
def _call5(typing_context, f, a, b, c, d, e):
    return _caller(5)


# typed loosely: what a compiled caller passes is not what the Python function of an intrinsic takes
call2: Any = _call2  # f(a, b)
call4: Any = _call4  # f(a, b, c, d)
call5: Any = _call5  # f(a, b, c, d, e)
