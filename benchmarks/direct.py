"""The declared model as one plain Python function, compiled by Numba: what scipy and our own exact simulator call.

Independent of the engine's machine code: from the same symbols, by another printer and another compiler path. The
first use of a large model compiles for a minute; after that it comes from a folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from sympy.printing.pycode import PythonCodePrinter

from hemograft.model.compile import Model
from hemograft.model.reading import equations

HEAD = "from math import exp\n\nimport numpy as np\nfrom numba import njit\n\n\n"
LONGEST = 3000  # characters in one function: a compiler's effort grows faster than a function


def direct(model: Model) -> ModuleType:
    """A module with compiled ``rates(x, p, v)``, one number a flow, and ``changes(x, p, v, dx)``."""
    text = source(model)
    name = f"direct_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    folder = Path(os.environ.get("HEMOGRAFT_CACHE") or tempfile.gettempdir()) / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    if not path.exists():
        path.write_text(text, encoding="utf-8")
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def source(model: Model) -> str:
    """The text of that module."""
    lines = _lines(model, "q{}")
    if sum(map(len, lines)) < LONGEST:
        text = HEAD + _function("rates", "x, p, v", lines)
    else:
        text, calls = HEAD, [f"q = np.empty({max(len(model.quantities), 1)})"]
        for k, some in enumerate(batched(_lines(model, "q[{}]"))):
            text += _function(f"part{k}", "x, p, q, v", some)
            calls.append(f"part{k}(x, p, q, v)")
        text += _function("rates", "x, p, v", calls)
    gains: dict[int, list[str]] = {i: [] for i in range(len(model.states))}
    for i, arrow in enumerate(model.arrows):
        if arrow.source is not None:
            gains[arrow.source].append(f"- v[{i}]")
        if arrow.target is not None:
            gains[arrow.target].append(f"+ {float(arrow.yields)!r} * v[{i}]")
    changes = [f"dx[{i}] = 0.0 {' '.join(parts)}" for i, parts in gains.items()]
    return text + _function("changes", "x, p, v, dx", ["rates(x, p, v)", *changes])


def _lines(model: Model, quantity: str) -> list[str]:
    """One line for each quantity and each flow."""
    read = equations(model)
    names = {symbol: f"x[{i}]" for i, symbol in enumerate(read.states)}
    names |= {symbol: f"p[{i}]" for i, symbol in enumerate(read.parameters.values())}
    names |= {symbol: quantity.format(i) for i, (_, symbol, _) in enumerate(read.quantities)}
    printer = _Names(names)
    lines = [f"{quantity.format(i)} = {printer.doprint(value)}" for i, (_, _, value) in enumerate(read.quantities)]
    return lines + [f"v[{i}] = {printer.doprint(rate)}" for i, rate in enumerate(read.rates)]


def _function(name: str, arguments: str, lines: list[str]) -> str:
    head = f"@njit(cache=True, error_model='numpy', nogil=True)\ndef {name}({arguments}):\n"
    return head + "".join(f"    {line}\n" for line in lines) + "\n\n"


def batched(lines: list[str]) -> list[list[str]]:
    """The lines in groups of limited length."""
    groups: list[list[str]] = [[]]
    for line in lines:
        if groups[-1] and sum(map(len, groups[-1])) + len(line) > LONGEST:
            groups.append([])
        groups[-1].append(line)
    return groups


class _Names(PythonCodePrinter):
    """Python text in which every symbol is a place in an array or a local variable."""

    def __init__(self, names: dict):
        PythonCodePrinter.__init__(self, {"fully_qualified_modules": False})
        self.names = names

    def _print_Symbol(self, expr):
        return self.names[expr]
