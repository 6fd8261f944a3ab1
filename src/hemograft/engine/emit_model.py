"""The declared model as machine code: constants, rates, sparse factors, solution, records, tempo of small populations.

Functions on arrays of rows (see :mod:`hemograft.engine.emit`):

``prepare(p, c)``          constants of each patient from the parameter vector
``rates(x, p, c, dx)``     rates of change
``factor(x, p, c, g, a)``  sparse LU of ``g * identity - Jacobian``
``solve(a, b)``            solves in place with the factors
``observe(x, p, c, o)``    recorded quantities
``tempo(x, p, c, o)``      rates per cell, and arrivals, of the populations that are counted in ones
"""

from __future__ import annotations

from typing import Any

import llvmlite.ir as ir

from ..model.compile import Model
from .emit import Function
from .symbols import Elimination, Program, net_change


def emit_model(module: ir.Module, lanes: int, model: Model, todo: Program, plan: Elimination) -> dict[str, ir.Function]:
    """Write the functions of a model into a module; returns them by name."""
    where = {symbol: ("x", i) for i, symbol in enumerate(todo.states)}
    where |= {symbol: ("p", i) for i, symbol in enumerate(todo.parameters)}
    inside = where | {symbol: ("c", i) for i, symbol in enumerate(todo.constants.values())}

    def start(name, arrays, symbols=inside):
        return Function(module, lanes, name, arrays, symbols)

    return {
        "prepare": _prepare(start("prepare", ("p", "c"), where), todo),
        "rates": _rates(start("rates", ("x", "p", "c", "dx")), model, todo),
        "factor": _factor(start("factor", ("x", "p", "c", "g", "a")), todo, plan),
        "solve": _solve(start("solve", ("a", "b")), plan),
        "observe": _observe(start("observe", ("x", "p", "c", "o")), model, todo),
        "tempo": _tempo(start("tempo", ("x", "p", "c", "o")), todo),
    }


def _prepare(function: Function, todo: Program) -> ir.Function:
    for i, expression in enumerate(todo.constants):
        function.store(function.value(expression), "c", i)
    return function.close()


def _rates(function: Function, model: Model, todo: Program) -> ir.Function:
    for symbol, expression in todo.quantities:
        function.define(symbol, expression)
    changes: list[list] = [[] for _ in todo.states]
    for arrow, rate in zip(model.arrows, todo.rates, strict=True):
        value = function.value(rate)
        for row, share in net_change(arrow):
            changes[row].append((value, share))
    for row, parts in enumerate(changes):
        result = None
        for value, share in parts:
            if share == -1:
                result = function.minus(function.number(0) if result is None else result, value)
                continue
            scaled = value if share == 1 else function.times(value, function.number(share))
            result = scaled if result is None else function.plus(result, scaled)
        function.store(function.number(0) if result is None else result, "dx", row)
    return function.close()


def _factor(function: Function, todo: Program, plan: Elimination) -> ir.Function:
    for symbol, expression in (*todo.quantities, *todo.derivatives):
        function.define(symbol, expression)
    shift = function.load("g", 0)
    matrix: dict[tuple[int, int], Any] = {(k, k): shift for k in range(len(todo.states))}
    for (i, j), slope in todo.slopes.items():
        entry = (plan.place[i], plan.place[j])
        value = function.value(slope)
        matrix[entry] = function.minus(matrix[entry], value) if entry in matrix else function.builder.fneg(value)
    for kind, *at in plan.operations:
        if kind == "pivot":
            k = at[0]
            matrix[k, k] = function.over(function.number(1), matrix[k, k])
        elif kind == "lower":
            i, k = at
            matrix[i, k] = function.times(matrix[i, k], matrix[k, k])
        else:
            i, j, k = at
            product = function.times(matrix[i, k], matrix[k, j])
            fills = kind == "fill"
            matrix[i, j] = function.builder.fneg(product) if fills else function.minus(matrix[i, j], product)
    for entry, index in plan.entries.items():
        function.store(matrix[entry], "a", index)
    return function.close()


def _solve(function: Function, plan: Elimination) -> ir.Function:
    n = len(plan.order)
    below: list[list[int]] = [[] for _ in range(n)]
    right: list[list[int]] = [[] for _ in range(n)]
    for i, j in plan.entries:
        if i != j:
            (below[i] if i > j else right[i]).append(j)
    y = [function.load("b", plan.order[i]) for i in range(n)]

    def less(i, j):
        return function.minus(y[i], function.times(function.load("a", plan.entries[i, j]), y[j]))

    for i in range(n):
        for j in below[i]:
            y[i] = less(i, j)
    for i in reversed(range(n)):
        for j in right[i]:
            y[i] = less(i, j)
        y[i] = function.times(y[i], function.load("a", plan.entries[i, i]))
    for i in range(n):
        function.store(y[i], "b", plan.order[i])
    return function.close()


def _observe(function: Function, model: Model, todo: Program) -> ir.Function:
    symbols = {symbol.name: symbol for symbol, _ in todo.quantities}
    for symbol, expression in todo.quantities:
        function.define(symbol, expression)
    for i, element in enumerate(model.observed):
        value = function.value(symbols[f"{element.name} "])
        function.store(function.times(value, function.number(1 / element.shown_in)), "o", i)
    return function.close()


def _tempo(function: Function, todo: Program) -> ir.Function:
    for symbol, expression in todo.quantities:
        function.define(symbol, expression)
    for i, expression in enumerate(todo.tempo):
        function.store(function.value(expression), "o", i)
    return function.close()
