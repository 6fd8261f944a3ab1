"""RODAS4 as machine code: one step of every lane at its own length, its error, and values in between.

``step(x, f0, p, c, h, floor, tolerance, stages, a, y, error, size)``
    from ``x`` with rates ``f0`` by ``h``; the new state in ``y``, never negative; ``size`` is the error over what is
    tolerated, root mean square over the states, and not a number when a state is not
``between(x, y, f0, f1, h, theta, out)``
    the cubic through both ends and their slopes at a share ``theta`` of the step; never negative
``commit(taken, x, y, f0, f1)``
    ``x`` and ``f0`` become ``y`` and ``f1`` in the lanes whose ``taken`` is positive

Source
------
Hairer and Wanner, Solving Ordinary Differential Equations II (1996), section IV.10: coefficients of RODAS.
"""

from __future__ import annotations

from .emit import Function
from .lines import Module
from .method import COUPLINGS, GAMMA, SLOPES

NOTHING_LEFT = 1e-30  # in any unit: less is zero, so that no time is lost on vanishing numbers


def emit_method(module: Module, states: int, calls: dict[str, str]) -> None:
    """Write the three functions into a module."""
    _step(module, states, calls)
    between = Function(module, "between", ("x", "y", "f0", "f1", "h", "theta", "out"))
    _between(between, states)
    commit = Function(module, "commit", ("taken", "x", "y", "f0", "f1"))
    taken = commit.is_larger(commit.load("taken", 0), commit.number(0))

    def replace(i):
        for kept, new in (("x", "y"), ("f0", "f1")):
            commit.store(commit.pick(taken, commit.load(new, i), commit.load(kept, i)), kept, i)

    commit.each(states, replace)
    commit.close()


def _step(module, states, calls) -> None:
    arrays = ("x", "f0", "p", "c", "h", "floor", "tolerance", "stages", "a", "y", "error", "size")
    f = Function(module, "step", arrays)
    per_day = f.over(f.number(1), f.load("h", 0))
    f.store(f.times(per_day, f.number(1 / GAMMA)), "size", 0)  # the shift of the matrix, until the error is known
    f.call(calls["factor"], "x", "p", "c", "size", "a")
    for s in range(len(COUPLINGS)):
        stage = f.place("stages", s * states)
        if s == 0:
            f.each(states, lambda i: f.store(f.load("f0", i), "stages", i))
        else:
            _mix(f, states, COUPLINGS[s][:s], "x", "y", 0)
            f.call(calls["rates"], "y", "p", "c", stage)
            _mix(f, states, [f.times(per_day, f.number(c)) for c in SLOPES[s][:s]], "stages", "stages", s * states)
        f.call(calls["solve"], "a", stage)
    _finish(f, states, (len(COUPLINGS) - 1) * states)
    f.close()


def _mix(f: Function, states: int, factors, base: str, target: str, offset: int) -> None:
    """``target[i + offset] = base[i or i + offset] + sum of factors times earlier stages``."""
    rows = [factor if isinstance(factor, str) else f.number(factor) for factor in factors]

    def body(i):
        at = f.after(i, offset)
        total = f.load(base, at)
        for j, factor in enumerate(rows):
            earlier = f.load("stages", f.after(i, j * states))
            total = f.plus(total, f.times(factor, earlier))
        f.store(total, target, at)

    f.each(states, body)


def _finish(f: Function, states: int, last: int) -> None:
    """Add the last stage, which is also the error, and measure it."""
    tolerance = f.load("tolerance", 0)
    f.store(f.number(0), "size", 0)

    def body(i):
        error = f.load("stages", f.after(i, last))
        new = f.plus(f.load("y", i), error)
        f.store(error, "error", i)
        largest = f.larger(f.size(f.load("x", i)), f.size(new))
        ratio = f.over(error, f.times(tolerance, f.plus(f.load("floor", i), largest)))
        f.store(f.plus(f.load("size", 0), f.times(ratio, ratio)), "size", 0)
        f.store(_left(f, new), "y", i)

    f.each(states, body)
    f.store(f.root(f.times(f.load("size", 0), f.number(1 / states))), "size", 0)


def _between(f: Function, states: int) -> None:
    one, h, theta = f.number(1), f.load("h", 0), f.load("theta", 0)
    rest, square = f.minus(one, theta), f.times(theta, theta)
    rest_square = f.times(rest, rest)
    start = f.times(rest_square, f.plus(one, f.times(f.number(2), theta)))
    end = f.times(square, f.minus(f.number(3), f.times(f.number(2), theta)))
    leaving, arriving = f.times(f.times(theta, rest_square), h), f.times(f.times(square, rest), h)

    def body(i):
        total = f.plus(f.times(start, f.load("x", i)), f.times(end, f.load("y", i)))
        total = f.plus(total, f.times(leaving, f.load("f0", i)))
        f.store(_left(f, f.minus(total, f.times(arriving, f.load("f1", i)))), "out", i)

    f.each(states, body)
    f.close()


def _left(f: Function, value):
    return f.choose(value, f.number(NOTHING_LEFT), value, f.number(0))
