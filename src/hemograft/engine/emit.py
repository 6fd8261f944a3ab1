"""Writes LLVM code for a program of symbols: one straight line of arithmetic a function."""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
import llvmlite.ir as ir
import sympy

from ..errors import ModelError
from ..model.compile import Model
from .symbols import Elimination, Program, net_change

FAST = ("contract", "arcp", "nsz", "reassoc")  # keeps NaN and infinity meaningful
DOUBLE = ir.DoubleType()
INDEX = ir.IntType(64)


class Function:
    """One function under construction: every distinct subexpression is computed once."""

    def __init__(self, module: ir.Module, name: str, arrays: tuple[str, ...], where: dict):
        pointer = DOUBLE.as_pointer()
        self.function = ir.Function(module, ir.FunctionType(ir.VoidType(), [pointer] * len(arrays)), name)
        self.function.attributes.add("nounwind")
        for argument in self.function.args:
            argument.add_attribute("noalias")
        self.arrays = dict(zip(arrays, self.function.args, strict=True))
        self.builder: Any = ir.IRBuilder(self.function.append_basic_block())
        self.where = where  # symbol -> (array name, index)
        self.done: dict = {}

    def load(self, array: str, index: int):
        """Read one number of an argument."""
        return self.builder.load(self.builder.gep(self.arrays[array], [ir.Constant(INDEX, index)]))

    def store(self, value, array: str, index: int) -> None:
        """Write one number of an argument."""
        self.builder.store(value, self.builder.gep(self.arrays[array], [ir.Constant(INDEX, index)]))

    def define(self, symbol, expression) -> None:
        """Compute a named value."""
        self.done[symbol] = self.value(expression)

    def number(self, value) -> ir.Constant:
        """A literal."""
        return ir.Constant(DOUBLE, float(value))

    def value(self, expression):
        """The value of an expression, computed here if it is new."""
        known = self.done.get(expression)
        if known is None:
            known = self.done[expression] = self._compute(sympy.sympify(expression))
        return known

    def _compute(self, e):
        if e.is_Symbol:
            return self.load(*self.where[e])
        if e.is_number:
            return self.number(e)
        if e.is_Add:
            return self._sum(e.args)
        if e.is_Mul:
            return self._product(e)
        if e.is_Pow:
            return self._power(e.base, e.exp)
        if isinstance(e, sympy.exp):
            return self.builder.call(self._intrinsic("llvm.exp", 1), [self.value(e.args[0])])
        if isinstance(e, sympy.Piecewise):
            return self._choice(e)
        raise ModelError(f"no machine code for {type(e).__name__}")

    def _sum(self, parts):
        gains = [part for part in parts if not part.could_extract_minus_sign()]
        losses = [part for part in parts if part.could_extract_minus_sign()]
        result = self.value(gains[0]) if gains else self.number(0)
        for part in gains[1:]:
            result = self.builder.fadd(result, self.value(part), flags=FAST)
        for part in losses:
            result = self.builder.fsub(result, self.value(-part), flags=FAST)
        return result

    def _product(self, e):
        over, under = (
            e.as_numer_denom() if any(a.is_Pow and a.exp.is_number and a.exp.is_negative for a in e.args) else (e, None)
        )
        if under is not None and under != 1:
            return self.builder.fdiv(self.value(over), self.value(under), flags=FAST)
        result = None
        for part in e.args:
            factor = self.value(part)
            result = factor if result is None else self.builder.fmul(result, factor, flags=FAST)
        return result

    def _power(self, base, exponent):
        if exponent.is_Integer and abs(int(exponent)) <= 8:
            factor = self.value(base)
            result = factor
            for _ in range(abs(int(exponent)) - 1):
                result = self.builder.fmul(result, factor, flags=FAST)
            return result if exponent > 0 else self.builder.fdiv(self.number(1), result, flags=FAST)
        return self.builder.call(self._intrinsic("llvm.pow", 2), [self.value(base), self.value(exponent)])

    def _choice(self, e):
        (above, condition), (below, _) = e.args
        left, right = self.value(condition.lhs), self.value(condition.rhs)
        test = self.builder.fcmp_ordered(condition.rel_op, left, right)
        return self.builder.select(test, self.value(above), self.value(below))

    def _intrinsic(self, name, arguments):
        module = self.function.module
        full = f"{name}.f64"
        return module.globals.get(full) or ir.Function(module, ir.FunctionType(DOUBLE, [DOUBLE] * arguments), full)

    def close(self) -> None:
        """End the function."""
        self.builder.ret_void()


def emit_module(model: Model, todo: Program, plan: Elimination) -> str:
    """The five functions of :mod:`hemograft.engine.kernels` as LLVM text."""
    module = ir.Module(name="hemograft")
    module.triple = llvm.get_process_triple()
    where = {symbol: ("x", i) for i, symbol in enumerate(todo.states)}
    where |= {symbol: ("p", i) for i, symbol in enumerate(todo.parameters)}
    inside = where | {symbol: ("c", i) for i, symbol in enumerate(todo.constants.values())}
    _prepare(module, todo, where)
    _rates(module, model, todo, inside)
    _factor(module, todo, plan, inside)
    _solve(module, plan)
    _observe(module, model, todo, inside)
    return str(module)


def _prepare(module, todo, where) -> None:
    function = Function(module, "prepare", ("p", "c"), where)
    for i, expression in enumerate(todo.constants):
        function.store(function.value(expression), "c", i)
    function.close()


def _rates(module, model, todo, where) -> None:
    function = Function(module, "rates", ("x", "p", "c", "dx"), where)
    for symbol, expression in todo.quantities:
        function.define(symbol, expression)
    changes: list[list] = [[] for _ in todo.states]
    for arrow, rate in zip(model.arrows, todo.rates, strict=True):
        value = function.value(rate)
        for row, share in net_change(arrow):
            changes[row].append((value, share))
    for row, parts in enumerate(changes):
        result = function.number(0)
        for value, share in parts:
            if share == -1:
                result = function.builder.fsub(result, value, flags=FAST)
                continue
            scaled = value if share == 1 else function.builder.fmul(value, function.number(share), flags=FAST)
            result = function.builder.fadd(result, scaled, flags=FAST)
        function.store(result, "dx", row)
    function.close()


def _factor(module, todo, plan, where) -> None:
    function = Function(module, "factor", ("x", "p", "c", "g", "a"), where)
    builder = function.builder
    for symbol, expression in (*todo.quantities, *todo.derivatives):
        function.define(symbol, expression)
    shift = function.load("g", 0)
    matrix: dict[tuple[int, int], Any] = {(k, k): shift for k in range(len(todo.states))}
    for (i, j), slope in todo.slopes.items():
        entry = (plan.place[i], plan.place[j])
        value = function.value(slope)
        matrix[entry] = builder.fsub(matrix[entry], value, flags=FAST) if entry in matrix else builder.fneg(value)
    for operation in plan.operations:
        kind, *at = operation
        if kind == "pivot":
            k = at[0]
            matrix[k, k] = builder.fdiv(function.number(1), matrix[k, k], flags=FAST)
        elif kind == "lower":
            i, k = at
            matrix[i, k] = builder.fmul(matrix[i, k], matrix[k, k], flags=FAST)
        else:
            i, j, k = at
            product = builder.fmul(matrix[i, k], matrix[k, j], flags=FAST)
            matrix[i, j] = builder.fneg(product) if kind == "fill" else builder.fsub(matrix[i, j], product, flags=FAST)
    for entry, index in plan.entries.items():
        function.store(matrix[entry], "a", index)
    function.close()


def _solve(module, plan) -> None:
    function = Function(module, "solve", ("a", "b"), {})
    builder, n = function.builder, len(plan.order)
    below: list[list[int]] = [[] for _ in range(n)]
    right: list[list[int]] = [[] for _ in range(n)]
    for i, j in plan.entries:
        (below[i] if i > j else right[i]).append(j) if i != j else None
    y = [function.load("b", plan.order[i]) for i in range(n)]

    def less(i, j):
        product = builder.fmul(function.load("a", plan.entries[i, j]), y[j], flags=FAST)
        return builder.fsub(y[i], product, flags=FAST)

    for i in range(n):
        for j in below[i]:
            y[i] = less(i, j)
    for i in reversed(range(n)):
        for j in right[i]:
            y[i] = less(i, j)
        y[i] = builder.fmul(y[i], function.load("a", plan.entries[i, i]), flags=FAST)
    for i in range(n):
        function.store(y[i], "b", plan.order[i])
    function.close()


def _observe(module, model, todo, where) -> None:
    function = Function(module, "observe", ("x", "p", "c", "o"), where)
    symbols = {symbol.name: symbol for symbol, _ in todo.quantities}
    for symbol, expression in todo.quantities:
        function.define(symbol, expression)
    for i, element in enumerate(model.observed):
        value = function.value(symbols[f"{element.name} "])
        scale = function.number(1 / element.shown_in)
        function.store(function.builder.fmul(value, scale, flags=FAST), "o", i)
    function.close()
