"""What the machine code computes: rates, sparse Jacobian and its elimination, all from the declared model.

Quantities stay symbols of their own, so each is computed once; the Jacobian follows them by the chain rule.
Subexpressions of parameters alone are pulled out, to be computed once per patient.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..model.compile import Model
from ..model.reading import Equations
from ..model.terms import CHOICE, EXPONENTIAL, NUMBER, POWER, PRODUCT, SUM, SYMBOL, Term, gradient
from .counted import reactions


@dataclass
class Constants:
    """Subexpressions of parameters alone, numbered in the order in which they are met."""

    found: dict[Term, Term] = field(default_factory=dict)
    _pulled: dict[Term, Term] = field(default_factory=dict)

    def pull(self, term: Term) -> Term:
        """The expression with its parameter-only parts replaced by numbered symbols, which count as numbers."""
        known = self._pulled.get(term)
        if known is None:
            known = self._pulled[term] = self._name(term) if term.fixed else self._inside(term)
        return known

    def _name(self, term: Term) -> Term:
        if term.what in (NUMBER, SYMBOL):
            return term
        return self.found.setdefault(term, term.tape.symbol(f"constant {len(self.found)}", True))

    def _inside(self, term: Term) -> Term:
        tape, parts = term.tape, term.parts
        if term.what == SUM:
            alone = tape.sum([(part, times) for part, times in parts if part.fixed], term.constant)
            return tape.sum([(self.pull(alone), 1.0), *(self._times(*part) for part in parts if not part[0].fixed)])
        if term.what == PRODUCT:
            alone = tape.product([part for part in parts if part[0].fixed])
            return tape.product([(self.pull(alone), 1.0), *((self.pull(t), e) for t, e in parts if not t.fixed)])
        if term.what == POWER:
            return tape.power(*map(self.pull, parts))
        if term.what == EXPONENTIAL:
            return tape.exponential(self.pull(parts[0]))
        return tape.choice(*map(self.pull, parts)) if term.what == CHOICE else term

    def _times(self, term: Term, times: float) -> tuple[Term, float]:
        """A part of a sum; its number is joined with the parameters that it is multiplied with."""
        if term.what != PRODUCT or not any(factor.fixed for factor, _ in term.parts):
            return self.pull(term), times
        tape = term.tape
        alone = tape.product([(tape.term(times), 1.0), *(part for part in term.parts if part[0].fixed)])
        return tape.product([(self.pull(alone), 1.0), *((self.pull(t), e) for t, e in term.parts if not t.fixed)]), 1.0


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
    """Differentiate and tidy the equations of a model, read as terms."""
    constants = Constants()
    number = {symbol: i for i, symbol in enumerate(read.states)}
    quantities = [(symbol, constants.pull(value)) for _, symbol, value in read.quantities]
    rates = [constants.pull(rate) for rate in read.rates]
    by_state: dict[Term, dict[int, Term]] = {}
    known: dict[Term, dict[Term, Term]] = {}
    derivatives: list[tuple[Term, Term]] = []
    for symbol, value in quantities:
        slopes = _slopes(value, number, by_state, known)
        by_state[symbol] = _named(symbol, slopes, derivatives)
    jacobian: dict[tuple[int, int], list[tuple[Term, float]]] = {}
    for arrow, rate in zip(model.arrows, rates, strict=True):
        for column, slope in _slopes(rate, number, by_state, known).items():
            for row, share in net_change(arrow):
                jacobian.setdefault((row, column), []).append((slope, share))
    slopes = {place: parts[0][0].tape.sum(parts) for place, parts in jacobian.items()}
    return Program(
        quantities,
        derivatives,
        rates,
        {place: slope for place, slope in slopes.items() if not slope.zero},
        [_per_cell(rates[r.arrow], None if r.state is None else read.states[r.state], known) for r in reactions(model)],
        constants.found,
        read.states,
        tuple(read.parameters.values()),
    )


def _per_cell(rate: Term, cells: Term | None, known) -> Term:
    """The rate over the cells it is proportional to; nothing where there are none and the law is not plain."""
    if cells is None:
        return rate
    slope = gradient(rate, known).get(cells, rate.tape.term(0.0))
    if cells not in gradient(slope, known):
        return slope
    return rate.tape.choice(cells, rate / cells, rate.tape.term(0.0))


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


def _slopes(term: Term, number, by_state, known) -> dict[int, Term]:
    """Derivatives of an expression by state number, through the quantities it reads."""
    found: dict[int, list[tuple[Term, float]]] = {}
    for symbol, slope in gradient(term, known).items():
        if symbol in number:
            found.setdefault(number[symbol], []).append((slope, 1.0))
        for column, inner in by_state.get(symbol, {}).items():
            found.setdefault(column, []).append((slope * inner, 1.0))
    slopes = {column: term.tape.sum(parts) for column, parts in found.items()}
    return {column: slope for column, slope in slopes.items() if not slope.zero}


def _named(symbol: Term, slopes: dict[int, Term], derivatives: list) -> dict[int, Term]:
    """Give each distinct derivative of a quantity a name, so that it is computed once."""
    names: dict[Term, Term] = {}
    result = {}
    for column, slope in slopes.items():
        if slope.simple:
            result[column] = slope
            continue
        if slope not in names:
            names[slope] = slope.tape.symbol(f"{symbol.name}slope {len(derivatives)}", False)
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
