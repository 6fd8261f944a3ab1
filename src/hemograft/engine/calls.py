"""Compiled Python: marked functions become machine code when first called, which is kept on disk between runs.

What may be written in such a function is listed in :mod:`hemograft.engine.translate`. It reads as Python and could run
as Python; the generated code does the same arithmetic in the same order.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from .kinds import kind_of, table
from .machine import cache_folder, file_digest, keep, kept, load, named_after, object_code

INLINING = 25  # of LLVM's scale: more takes a third longer, and the code is no faster
Made = tuple[Any, Callable, str | None]  # what keeps the code alive, the function, and what kind of number it gives


class Compiled:
    """A function that runs as machine code, made for the kinds of arguments it is called with."""

    def __init__(self, python: Callable):
        self.python = python
        self.__name__, self.__doc__ = python.__name__, python.__doc__
        self.lock = Lock()
        self.made: dict[tuple, Made] = {}

    def __call__(self, *arguments):
        kinds = tuple(kind_of(argument) for argument in arguments)
        if kinds not in self.made:
            with self.lock:  # several threads may ask first
                self.made[kinds] = self.made.get(kinds) or _kept(self, kinds) or _made(self, kinds)
        _, function, gives = self.made[kinds]
        alive: list = []
        slots, result = table(arguments, alive), np.zeros(1)
        function(slots.ctypes.data, result.ctypes.data)
        if gives is None:
            return None
        return float(result[0]) if gives == "float" else int(result.view(np.int64)[0])

    @contextmanager
    def made_meanwhile(self, *arguments: Any) -> Iterator[None]:
        """Have the code for such arguments made by another process while something else is done, if need be."""
        from .meanwhile import helps, made_meanwhile

        kinds = tuple(kind_of(argument) for argument in arguments)
        known = self.made.get(kinds) or _kept(self, kinds)
        if known or not helps():
            yield
        else:
            from .translate import translated

            text, gives = translated(self, kinds)
            with made_meanwhile(text, INLINING) as finished:
                yield
                known = _keep(self, kinds, gives, finished())
        if known:
            self.made[kinds] = known


def compiled(python: Callable) -> Any:
    """Mark a function that runs as machine code."""
    return Compiled(python)


def call(address: int, arrays: tuple[int, ...]) -> None:
    """Call machine code at an address with addresses of arrays."""
    ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(arrays))(address)(*arrays)


def _made(function: Compiled, kinds: tuple) -> Made:
    """Machine code of a function for some kinds of arguments, made now and kept."""
    from .translate import translated

    text, gives = translated(function, kinds)
    return _keep(function, kinds, gives, object_code(text, INLINING))


def _place(function: Compiled, kinds: tuple) -> Path | None:
    """Where the machine code is kept on disk, if anywhere; named after everything that it depends on."""
    folder = cache_folder()
    sources = sorted({*map(str, Path(__file__).parent.glob("*.py")), function.python.__code__.co_filename})
    name = named_after(function.__name__, repr(kinds), *map(file_digest, sources))
    return folder / f"{name}-loop.o" if folder else None


def _kept(function: Compiled, kinds: tuple) -> Made | None:
    """Machine code that is on disk."""
    stored = kept(_place(function, kinds))
    return _ready(stored) if stored else None


def _keep(function: Compiled, kinds: tuple, gives: Any, code: bytes) -> Made:
    stored = (gives or "nothing").encode() + b"\n" + code
    keep(_place(function, kinds), stored)
    return _ready(stored)


def _ready(stored: bytes) -> Made:
    head, _, code = stored.partition(b"\n")
    engine = load(code)
    address = engine.get_function_address("entry")
    gives = None if head == b"nothing" else head.decode()
    return engine, ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(address), gives
