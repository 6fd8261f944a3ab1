"""Functions on rows of doubles in LLVM's language, written line by line as text: building objects first takes longer.

Registers are numbered in the order in which they are written, arguments first, as LLVM expects of names that are
numbers. A value is the name of its register, or a literal.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from .machine import triple

FAST = "contract arcp nsz reassoc"  # keeps NaN and infinity meaningful
EXACT = "contract"  # no reordering where rounding is the point


class Module:
    """All functions of one piece of machine code, on rows of so many lanes."""

    def __init__(self, lanes: int):
        self.lanes = lanes
        self.row, self.whole, self.truth = (f"<{lanes} x {kind}>" for kind in ("double", "i64", "i1"))
        self.functions: list[str] = []
        self.declared: set[str] = set()

    def __str__(self) -> str:
        return "\n\n".join([f'target triple = "{triple()}"', *sorted(self.declared), *self.functions]) + "\n"

    def intrinsic(self, name: str) -> str:
        """``llvm.<name>`` on rows, for calls."""
        full = f"{self.row} @llvm.{name}.v{self.lanes}f64"
        self.declared.add(f"declare {full}({self.row})")
        return full


class Lines:
    """The lines of one function; ``arguments`` are the types of what it takes, and are called ``%0``, ``%1`` ..."""

    def __init__(self, module: Module, name: str, arguments: list[str], gives: str = "void", marks: str = "nounwind"):
        self.module, self.count, self.block = module, len(arguments), "enter"
        linkage = "" if gives == "void" else "internal "
        taken = ", ".join(f"{kind} %{i}" for i, kind in enumerate(arguments))
        self.lines = [f"define {linkage}{gives} @{name}({taken}) {marks} {{", f"{self.block}:"]

    def get(self, text: str) -> str:
        """A line with a result, and the register that holds it."""
        register = f"%{self.count}"
        self.count += 1
        self.lines.append(f"{register} = {text}")
        return register

    def do(self, text: str) -> None:
        """A line without a result."""
        self.lines.append(text)

    def close(self, result: str) -> None:
        """End the function with what it gives back."""
        self.module.functions.append("\n".join([*self.lines, f"ret {result}", "}"]))

    def each(self, count: int, body: Callable[[str], None]) -> None:
        """``body(i)`` for every ``i`` below ``count``, as a loop in the machine code."""
        number, before = len(self.lines), self.block
        i, following, loop, after = (f"{what}{number}" for what in ("%i", "%next", "loop", "after"))
        self.lines += [f"br label %{loop}", f"{loop}:", ""]
        place, self.block = len(self.lines) - 1, loop
        body(i)
        self.lines[place] = f"{i} = phi i64 [ 0, %{before} ], [ {following}, %{self.block} ]"
        self.do(f"{following} = add i64 {i}, 1")
        more = self.get(f"icmp ult i64 {following}, {count}")
        self.lines += [f"br i1 {more}, label %{loop}, label %{after}", f"{after}:"]
        self.block = after


def same(value: float) -> str:
    """A number as a literal, the same in every lane."""
    return f"splat (double 0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016x})"
