"""What a name in compiled Python may stand for: a number, an array, a record of these, or several at once.

Everything is held in registers. A number takes one; an array takes the address of its first element, its lengths and
its strides in elements; a record takes the address of a table of 64-bit slots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

REGISTERS = {"int": "i64", "uint": "i64", "float": "double", "bool": "i1"}
ELEMENTS = {  # of arrays: the kind of number, and how it stands in memory
    "float64": ("float", "double"),
    "int64": ("int", "i64"),
    "uint64": ("uint", "i64"),
    "uint8": ("int", "i8"),
    "bool": ("bool", "i8"),
}


@dataclass(frozen=True)
class Array:
    """An array with this type of elements and so many axes."""

    element: str
    axes: int


@dataclass(frozen=True)
class Record:
    """A named tuple: names and kinds of its fields."""

    fields: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Several:
    """A plain tuple."""

    parts: tuple[Any, ...]


Kind = str | Array | Record | Several


@dataclass(frozen=True)
class Value:
    """A kind and the registers that hold it."""

    kind: Any
    registers: tuple[str, ...]


def registers_of(kind: Kind) -> tuple[str, ...]:
    """The types of the registers that hold a value of a kind."""
    if isinstance(kind, Array):
        return ("ptr", *["i64"] * (2 * kind.axes))
    if isinstance(kind, Record):
        return ("ptr",)
    if isinstance(kind, Several):
        return tuple(register for part in kind.parts for register in registers_of(part))
    return (REGISTERS[kind],)


def slots_of(kind: Kind) -> int:
    """How many slots of a table a field takes; strides are not kept, since arrays there have no gaps."""
    return 1 + kind.axes if isinstance(kind, Array) else 1


def kind_of(thing: Any) -> Kind:
    """The kind of a Python object that is handed to a compiled function."""
    if isinstance(thing, np.ndarray):
        return Array(thing.dtype.name, thing.ndim)
    if isinstance(thing, tuple):
        names = type(thing)._fields  # type: ignore[attr-defined]
        return Record(tuple((name, kind_of(field)) for name, field in zip(names, thing, strict=True)))
    if isinstance(thing, (bool, np.bool_)):
        return "bool"
    if isinstance(thing, (float, np.floating)):
        return "float"
    return "uint" if thing.__class__ is np.uint64 else "int"


def table(things: Any, alive: list) -> np.ndarray:
    """Slots with the content of a named tuple or of a list of arguments.

    ``alive`` collects what the addresses in it point at; it has to outlive the call.
    """
    slots: list = []
    for thing in things:
        if isinstance(thing, np.ndarray):
            if not thing.flags.c_contiguous:
                raise ValueError("a compiled function takes arrays without gaps")
            slots += [thing.ctypes.data, *thing.shape]
        elif isinstance(thing, tuple):
            alive.append(table(thing, alive))
            slots.append(alive[-1].ctypes.data)
        elif isinstance(thing, (float, np.floating)):
            slots.append(int(np.float64(thing).view(np.int64)))
        else:
            slots.append(int(thing))
    return np.array([slot - 2**64 if slot >= 2**63 else slot for slot in slots], dtype=np.int64)
