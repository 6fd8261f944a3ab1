"""Symbolic expressions in plain words, and whether two of them say the same of different members."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sympy
from sympy.printing.str import StrPrinter


class Plain(StrPrinter):
    """Expressions in plain words: short numbers, ``^`` for powers, ``positive(...)`` and ``if`` for switches.

    ``totals`` names the symbols that add up to a whole, printed as ``total(name)``; the largest first.
    """

    def __init__(self, totals: Mapping[str, frozenset[Any]]):
        StrPrinter.__init__(self)
        self._totals = totals

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        left, whole = set(expr.args), []
        for name, members in self._totals.items():
            if members <= left:
                left -= members
                whole.append(sympy.Symbol(f"total({name})"))
        if len(left) + len(whole) == 1:
            return str(whole[0])
        return StrPrinter._print_Add(self, sympy.Add(*left, *whole), order)

    def _print_Float(self, expr: Any) -> str:
        return f"{float(expr):.6g}"

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        return StrPrinter._print_Pow(self, expr, rational).replace("**", "^")

    def _print_Piecewise(self, expr: Any) -> str:
        (above, when), (below, _) = expr.args
        if below == 0 and when == (above > 0):
            return f"positive({self._print(above)})"
        return f"({self._print(above)} if {self._print(when)} else {self._print(below)})"


def alike(one: Any, index: tuple[str, ...], other: Any, other_index: tuple[str, ...]) -> bool:
    """Whether two expressions are the same once the members of one index are exchanged for those of the other."""
    swap = {a: b for a, b in zip(index, other_index, strict=True) if a != b}
    swap |= {b: a for a, b in swap.items()}
    if not swap:
        return one == other
    words = re.compile(rf"(?<![A-Za-z])({'|'.join(map(re.escape, swap))})(?![A-Za-z_])")
    renamed = {s: sympy.Symbol(words.sub(lambda m: swap[m[1]], s.name), **s.assumptions0) for s in one.free_symbols}
    return one.xreplace(renamed) == other
