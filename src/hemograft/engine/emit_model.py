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

from collections.abc import Callable, Mapping
from typing import Any

from ..model.compile import Model
from .emit import Function
from .lines import Module
from .symbols import Elimination, Program, net_change

PIECE = 80  # operations; larger pieces take longer to compile and run no faster
SLOPES = 250  # derivatives
Start = Callable[..., Function]


def emit_model(module: Module, model: Model, todo: Program, plan: Elimination) -> dict[str, str]:
    """Write the functions of a model into a module; returns them by name."""
    where = {symbol: ("x", i) for i, symbol in enumerate(todo.states)}
    where |= {symbol: ("p", i) for i, symbol in enumerate(todo.parameters)}
    inside = where | {symbol: ("c", i) for i, symbol in enumerate(todo.constants.values())}

    named = dict((*todo.quantities, *todo.derivatives))

    def start(name: str, arrays: tuple[str, ...], symbols: dict = inside) -> Function:
        function = Function(module, name, arrays, symbols)
        function.named |= named
        return function

    return {
        "prepare": _prepare(start("prepare", ("p", "c"), where), todo),
        "rates": _rates(start("rates", ("x", "p", "c", "dx")), model, todo),
        "factor": _factor(start, todo, plan),
        "solve": _solve(start, plan),
        "observe": _observe(start("observe", ("x", "p", "c", "o")), model, todo),
        "tempo": _tempo(start("tempo", ("x", "p", "c", "o")), todo),
    }


def _prepare(function: Function, todo: Program) -> str:
    for i, expression in enumerate(todo.constants):
        function.store(function.value(expression), "c", i)
    return function.close()


def _rates(function: Function, model: Model, todo: Program) -> str:
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


class _Places:
    """An array in memory of which a part is held at hand while one function works on it."""

    def __init__(self, function: Function, array: str, index: Mapping[Any, int]):
        self.function, self.array, self.index = function, array, index
        self.held: dict[Any, Any] = {}
        self.changed: set[Any] = set()

    def __getitem__(self, entry):
        if entry not in self.held:
            self.held[entry] = self.function.load(self.array, self.index[entry])
        return self.held[entry]

    def __setitem__(self, entry, value):
        self.held[entry] = value
        self.changed.add(entry)

    def close(self) -> str:
        for entry in sorted(self.changed):
            self.function.store(self.held[entry], self.array, self.index[entry])
        return self.function.close()


def _pieces(start: Start, name: str, arrays: tuple[str, ...], whole: str, index, operations, work) -> list[str]:
    """Many operations on one array as several functions: the compiler takes long over long ones."""
    made = []
    for first in range(0, len(operations), PIECE):
        function = start(f"{name}_{first // PIECE}", arrays)
        held = _Places(function, whole, index)
        for operation in operations[first : first + PIECE]:
            work(function, held, *operation)
        made.append(held.close())
    return made


def _joined(function: Function, pieces: list[str], *arrays: str) -> str:
    for piece in pieces:
        function.call(piece, *arrays)
    return function.close()


def _factor(start: Start, todo: Program, plan: Elimination) -> str:
    arrays = ("x", "p", "c", "g", "a")
    slopes, pieces = list(todo.slopes.items()), []
    for first in range(0, len(slopes), SLOPES):
        piece = start(f"slopes_{first // SLOPES}", arrays)
        shift = piece.load("g", 0)
        for (i, j), slope in slopes[first : first + SLOPES]:  # stored one by one, so that few wait in registers
            value = piece.value(slope)
            value = piece.minus(shift, value) if i == j else piece.negative(value)
            piece.store(value, "a", plan.entries[plan.place[i], plan.place[j]])
        pieces.append(piece.close())
    elimination = _pieces(start, "eliminate", ("a",), "a", plan.entries, plan.operations, _eliminate)
    function = start("factor", arrays)
    for i in range(len(todo.states)):
        if (i, i) not in todo.slopes:
            function.store(function.load("g", 0), "a", plan.entries[plan.place[i], plan.place[i]])
    for piece in pieces:
        function.call(piece, *arrays)
    return _joined(function, elimination, "a")


def _eliminate(function: Function, matrix: Any, kind: str, *at: int) -> None:
    """One operation of the elimination."""
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
        matrix[i, j] = function.negative(product) if fills else function.minus(matrix[i, j], product)


def _solve(start: Start, plan: Elimination) -> str:
    n = len(plan.order)
    below: list[list[int]] = [[] for _ in range(n)]
    right: list[list[int]] = [[] for _ in range(n)]
    for i, j in plan.entries:
        if i != j:
            (below[i] if i > j else right[i]).append(j)
    operations = [(i, j) for i in range(n) for j in below[i]]
    operations += [(i, j) for i in reversed(range(n)) for j in (*right[i], i)]

    def substitute(function: Function, y: Any, i: int, j: int) -> None:
        factor = function.load("a", plan.entries[i, j])
        y[i] = function.times(y[i], factor) if i == j else function.minus(y[i], function.times(factor, y[j]))

    place = {i: plan.order[i] for i in range(n)}
    pieces = _pieces(start, "substitute", ("a", "b"), "b", place, operations, substitute)
    return _joined(start("solve", ("a", "b")), pieces, "a", "b")


def _observe(function: Function, model: Model, todo: Program) -> str:
    symbols = {symbol.name: symbol for symbol, _ in todo.quantities}
    for i, element in enumerate(model.observed):
        value = function.value(symbols[f"{element.name} "])
        function.store(function.times(value, function.number(1 / element.shown_in)), "o", i)
    return function.close()


def _tempo(function: Function, todo: Program) -> str:
    for i, expression in enumerate(todo.tempo):
        function.store(function.value(expression), "o", i)
    return function.close()
