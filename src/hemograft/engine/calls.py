"""Calls machine code by address from compiled Python: the only place that knows about raw pointers."""

from __future__ import annotations

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
def call2(typing_context, f, a, b):
    """``f(a, b)``"""
    return _caller(2)


@intrinsic
def call4(typing_context, f, a, b, c, d):
    """``f(a, b, c, d)``"""
    return _caller(4)


@intrinsic
def call5(typing_context, f, a, b, c, d, e):
    """``f(a, b, c, d, e)``"""
    return _caller(5)
