"""Compiled Python: marked functions become machine code when first called, which is kept on disk between runs.

What may be written in such a function is listed in :mod:`hemograft.engine.translate`. It reads as Python and could run
as Python; the generated code does the same arithmetic in the same order.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from .kinds import kind_of, table
from .machine import cache_folder, file_digest, keep, load, named_after, object_code


class Compiled:
    """A function that runs as machine code, made for the kinds of arguments it is called with."""

    def __init__(self, python: Callable):
        self.python = python
        self.__name__, self.__doc__ = python.__name__, python.__doc__
        self.lock = Lock()
        self.made: dict[tuple, tuple[Any, Callable, str | None]] = {}

    def __call__(self, *arguments):
        kinds = tuple(kind_of(argument) for argument in arguments)
        if kinds not in self.made:
            with self.lock:  # several threads may ask first
                self.made[kinds] = self.made.get(kinds) or _made(self, kinds)
        _, function, gives = self.made[kinds]
        alive: list = []
        slots, result = table(arguments, alive), np.zeros(1)
        function(slots.ctypes.data, result.ctypes.data)
        if gives is None:
            return None
        return float(result[0]) if gives == "float" else int(result.view(np.int64)[0])


def compiled(python: Callable) -> Any:
    """Mark a function that runs as machine code."""
    return Compiled(python)


def call(address: int, arrays: tuple[int, ...]) -> None:
    """Call machine code at an address with addresses of arrays."""
    ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(arrays))(address)(*arrays)


def _made(function: Compiled, kinds: tuple) -> tuple[Any, Callable, str | None]:
    """Machine code of a function for some kinds of arguments, from the cache on disk when it is there."""
    sources = sorted({*map(str, Path(__file__).parent.glob("*.py")), function.python.__code__.co_filename})
    name = named_after(function.__name__, repr(kinds), *map(file_digest, sources))
    folder = cache_folder()
    path = folder / f"{name}-loop.o" if folder else None
    if path is not None and path.exists():
        try:
            return _ready(path.read_bytes())
        except (OSError, ValueError, RuntimeError):
            path = None  # an unreadable cache file is made anew and left alone
    from .translate import translated

    text, gives = translated(function, kinds)
    stored = (gives or "nothing").encode() + b"\n" + object_code(text)
    if path is not None:
        keep(path, stored)
    return _ready(stored)


def _ready(stored: bytes) -> tuple[Any, Callable, str | None]:
    head, _, code = stored.partition(b"\n")
    engine = load(code)
    address = engine.get_function_address("entry")
    if not address:
        raise RuntimeError("the machine code lacks its entry")
    gives = None if head == b"nothing" else head.decode()
    return engine, ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(address), gives
