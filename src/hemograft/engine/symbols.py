"""What the machine code computes: rates, sparse Jacobian and its elimination, all from the declared model.

Quantities stay symbols of their own, so each is computed once; the Jacobian follows them by the chain rule.
Subexpressions of parameters alone are pulled out, to be computed once per patient.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sympy

from ..model.compile import Model
from ..model.reading import Equations
from .counted import reactions


@dataclass
class Constants:
    """Subexpressions of parameters alone, numbered in the order in which they are met."""

    parameters: frozenset
    found: dict[Any, sympy.Symbol] = field(default_factory=dict)
    _of_parameters: dict[Any, bool] = field(default_factory=dict)

    def only_parameters(self, expression: Any) -> bool:
        """Whether the expression reads parameters and nothing else."""
        known = self._of_parameters.get(expression)
        if known is None:
            known = (
                expression in self.parameters
                if expression.is_Symbol
                else all(self.only_parameters(part) for part in expression.args)
            )
            self._of_parameters[expression] = known
        return known

    def pull(self, expression: Any) -> Any:
        """The expression with its parameter-only parts replaced by numbered symbols."""
        if expression.is_Symbol or expression.is_number or (expression.is_Boolean and not expression.args):
            return expression
        if self.only_parameters(expression):
            return self.found.setdefault(expression, sympy.Symbol(f"constant {len(self.found)}", real=True))
        if isinstance(expression, sympy.Piecewise):
            pairs: Any = expression.args
            (above, condition), (below, _) = pairs
            held = condition.func(self.pull(condition.lhs), self.pull(condition.rhs))
            return sympy.Piecewise((self.pull(above), held), (self.pull(below), True))
        if isinstance(expression, (sympy.Add, sympy.Mul)):
            fixed = [part for part in expression.args if self.only_parameters(part)]
            moving = [self.pull(part) for part in expression.args if not self.only_parameters(part)]
            if fixed:
                joined = expression.func(*fixed)
                moving.append(joined if joined.is_number else self.pull(joined))
            return expression.func(*moving)
        return expression.func(*(self.pull(part) for part in expression.args))


@dataclass(frozen=True)
class Program:
    """Everything to be turned into machine code.

    Attributes
    ----------
    quantities : list of (symbol, expression)
        In computing order.
    derivatives : list of (symbol, expression)
        Derivatives of quantities by states, in computing order.
    rates : list of expression
        One per arrow.
    slopes : dict
        Jacobian entries ``{(row, column): expression}`` of the states' rates of change.
    constants : dict
        ``{expression: symbol}``, parameter-only.
    tempo : list of expression
        Rate per cell (of arrivals: per day) of each reaction of :func:`hemograft.engine.counted.reactions`.
    """

    quantities: list
    derivatives: list
    rates: list
    slopes: dict
    tempo: list
    constants: dict
    states: tuple
    parameters: tuple


def program(model: Model, read: Equations) -> Program:
    """Differentiate and tidy the equations of a model."""
    inputs = {read.parameters[i.name] for i in model.inputs}
    constants = Constants(frozenset(s for s in read.parameters.values() if s not in inputs))
    number = {symbol: i for i, symbol in enumerate(read.states)}
    quantities = [(symbol, constants.pull(value)) for _, symbol, value in read.quantities]
    rates = [constants.pull(rate) for rate in read.rates]
    by_state: dict[Any, dict[int, Any]] = {}
    derivatives: list = []
    for symbol, value in quantities:
        slopes = _slopes(value, number, by_state)
        by_state[symbol] = _named(symbol, slopes, derivatives)
    jacobian: dict[tuple[int, int], Any] = {}
    for arrow, rate in zip(model.arrows, rates, strict=True):
        for column, slope in _slopes(rate, number, by_state).items():
            for row, share in net_change(arrow):
                jacobian[row, column] = jacobian.get((row, column), 0) + share * slope
    return Program(
        quantities,
        derivatives,
        rates,
        {k: v for k, v in jacobian.items() if v != 0},
        [_per_cell(rates[r.arrow], None if r.state is None else read.states[r.state]) for r in reactions(model)],
        constants.found,
        read.states,
        tuple(read.parameters.values()),
    )


def _per_cell(rate, cells):
    """The rate over the cells it is proportional to; nothing where there are none and the law is not plain."""
    if cells is None:
        return rate
    slope = sympy.diff(rate, cells)
    if cells not in slope.free_symbols:
        return slope
    return sympy.Piecewise((rate / cells, cells > 0), (sympy.Integer(0), True))


def net_change(arrow):
    """(state, amount) pairs that one unit of an arrow's rate adds per day."""
    if arrow.source is not None and arrow.source == arrow.target:
        return [(arrow.source, arrow.yields - 1)]
    ends = []
    if arrow.source is not None:
        ends.append((arrow.source, -1))
    if arrow.target is not None:
        ends.append((arrow.target, arrow.yields))
    return ends


def _slopes(expression, number, by_state) -> dict[int, Any]:
    """Derivatives of an expression by state number, through the quantities it reads."""
    found: dict[int, Any] = {}
    for symbol in sorted(expression.free_symbols, key=str):
        if symbol in number:
            column = number[symbol]
            found[column] = found.get(column, 0) + sympy.diff(expression, symbol)
        elif by_state.get(symbol):
            outer = sympy.diff(expression, symbol)
            for column, inner in by_state[symbol].items():
                found[column] = found.get(column, 0) + outer * inner
    return {column: slope for column, slope in found.items() if slope != 0}


def _named(symbol, slopes, derivatives) -> dict[int, Any]:
    """Give each distinct derivative of a quantity a name, so that it is computed once."""
    names: dict[Any, Any] = {}
    result = {}
    for column, slope in slopes.items():
        if slope.is_number or slope.is_Symbol:
            result[column] = slope
            continue
        if slope not in names:
            names[slope] = sympy.Symbol(f"{symbol.name}slope {len(derivatives)}", real=True)
            derivatives.append((names[slope], slope))
        result[column] = names[slope]
    return result


@dataclass(frozen=True)
class Elimination:
    """A plan of sparse LU: pivots in Markowitz order, and the operations on the filled pattern."""

    order: tuple[int, ...]
    place: dict[int, int]
    entries: dict[tuple[int, int], int]
    operations: tuple[tuple, ...]


def plan_elimination(pattern, n: int) -> Elimination:
    """Order the pivots to keep fill low, and list every operation.

    Source
    ------
    Markowitz 1957, doi:10.1287/mnsc.3.3.255: choose the pivot with the fewest off-diagonal products.
    """
    order = _markowitz(pattern, n)
    place = {k: i for i, k in enumerate(order)}
    filled = {(place[i], place[j]) for i, j in pattern} | {(i, i) for i in range(n)}
    lower = [sorted(i for i in range(k + 1, n) if (i, k) in filled) for k in range(n)]
    upper = [sorted(j for j in range(k + 1, n) if (k, j) in filled) for k in range(n)]
    operations: list[tuple] = []
    for k in range(n):
        operations.append(("pivot", k))
        for i in lower[k]:
            operations.append(("lower", i, k))
            for j in upper[k]:
                operations.append(("update" if (i, j) in filled else "fill", i, j, k))
                if (i, j) not in filled:
                    filled.add((i, j))
                    (lower[j] if i > j else upper[i]).append(i if i > j else j)
    return Elimination(tuple(order), place, {entry: i for i, entry in enumerate(sorted(filled))}, tuple(operations))


def _markowitz(pattern, n: int) -> list[int]:
    rows: list[set[int]] = [{i} for i in range(n)]
    columns: list[set[int]] = [{i} for i in range(n)]
    for i, j in pattern:
        rows[i].add(j)
        columns[j].add(i)
    left, order = set(range(n)), []
    while left:
        k = min(left, key=lambda k: ((len(rows[k]) - 1) * (len(columns[k]) - 1), k))
        order.append(k)
        left.discard(k)
        below = [i for i in columns[k] if i in left]
        right = [j for j in rows[k] if j in left]
        for i in below:
            for j in right:
                rows[i].add(j)
                columns[j].add(i)
        for i in below:
            rows[i].discard(k)
        for j in right:
            columns[j].discard(k)
    return order
