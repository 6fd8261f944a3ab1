"""One function in LLVM's language while it is written: its lines, its registers, its places in memory."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from .kinds import ELEMENTS, Array, Kind, Record, Several, Value, registers_of, slots_of

FIXED = "!invariant.load !0"  # tables of slots do not change during a call


@dataclass
class Code:
    """Lines of a function and how its registers are counted. Labels and registers are numbered in order."""

    lines: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)  # of local variables, made when the function is entered
    declared: set[str] = field(default_factory=set)  # functions of the library and the processor
    count: int = 0

    def fresh(self) -> str:
        """A new number."""
        self.count += 1
        return str(self.count)

    def do(self, text: str) -> None:
        """A line without a result."""
        self.lines.append(f"  {text}")

    def get(self, text: str) -> str:
        """A line with a result, and the register that holds it."""
        register = f"%r{self.fresh()}"
        self.lines.append(f"  {register} = {text}")
        return register

    def label(self, label: str) -> None:
        """Go on here; whatever came before arrives here too, or has left already."""
        self.lines += [f"  br label %{label}", f"{label}:"]

    def new_label(self) -> str:
        """A name for a place to jump to."""
        return f"l{self.fresh()}"

    def leave(self, text: str) -> None:
        """The last line of a block; what follows it is never reached unless it gets a label of its own."""
        self.do(text)
        self.lines.append(f"l{self.fresh()}:")

    def branch(self, condition: str, yes: str, no: str) -> None:
        """Jump by a condition and go on at ``yes``."""
        self.do(f"br i1 {condition}, label %{yes}, label %{no}")
        self.lines.append(f"{yes}:")

    # --- variables ------------------------------------------------------------------------------------------

    def variable(self, kind: Kind) -> tuple[str, ...]:
        """Places in memory for a value of a kind."""
        made = []
        for register in registers_of(kind):
            made.append(f"%p{self.fresh()}")
            self.places.append(f"  {made[-1]} = alloca {register}")
        return tuple(made)

    def put(self, value: Value, places: tuple[str, ...]) -> None:
        """Store a value in its places."""
        for type_, register, place in zip(registers_of(value.kind), value.registers, places, strict=True):
            self.do(f"store {type_} {register}, ptr {place}")

    def take(self, kind: Kind, places: tuple[str, ...]) -> Value:
        """Load a value from its places."""
        types = registers_of(kind)
        return Value(kind, tuple(self.get(f"load {t}, ptr {p}") for t, p in zip(types, places, strict=True)))

    # --- memory ---------------------------------------------------------------------------------------------

    def slot(self, table: str, number: int, type_: str = "i64") -> str:
        """One slot of a table."""
        place = self.get(f"getelementptr i64, ptr {table}, i64 {number}")
        return self.get(f"load {type_}, ptr {place}, align 8, {FIXED}")

    def field(self, table: str, first: int, kind: Kind) -> Value:
        """A value from a table whose slots begin at ``first``."""
        if not isinstance(kind, Array):
            if kind == "bool":
                return Value(kind, (self.get(f"trunc i64 {self.slot(table, first)} to i1"),))
            return Value(kind, (self.slot(table, first, registers_of(kind)[0]),))
        lengths = [self.slot(table, first + 1 + axis) for axis in range(kind.axes)]
        strides = ["1"]
        for length in reversed(lengths[1:]):
            strides.insert(0, self.get(f"mul i64 {strides[0]}, {length}") if strides[0] != "1" else length)
        return Value(kind, (self.slot(table, first, "ptr"), *lengths, *strides[: kind.axes]))

    def fields(self, table: str, kinds: list[Kind]) -> list[Value]:
        """All values of a table."""
        found, first = [], 0
        for kind in kinds:
            found.append(self.field(table, first, kind))
            first += slots_of(kind)
        return found

    def load(self, element: str, place: str) -> Value:
        """One element of an array."""
        kind, type_ = ELEMENTS[element]
        register = self.get(f"load {type_}, ptr {place}")
        if kind == "bool":
            register = self.get(f"icmp ne i8 {register}, 0")
        elif type_ == "i8":
            register = self.get(f"zext i8 {register} to i64")
        return Value(kind, (register,))

    def store(self, value: Value, element: str, place: str) -> None:
        """One element of an array, from a value of its kind."""
        type_, register = ELEMENTS[element][1], value.registers[0]
        if type_ == "i8":
            given = registers_of(value.kind)[0]
            register = self.get(f"{'zext' if given == 'i1' else 'trunc'} {given} {register} to i8")
        self.do(f"store {type_} {register}, ptr {place}")

    # --- numbers --------------------------------------------------------------------------------------------

    def converted(self, value: Value, kind: Kind) -> Value | None:
        """A value as another kind; none where that would lose something."""
        if value.kind == kind:
            return value
        source = value.kind
        if isinstance(source, (Array, Record, Several)) or isinstance(kind, (Array, Record, Several)):
            return None
        register = value.registers[0]
        if kind == "float":
            how = {"int": "sitofp i64", "uint": "uitofp i64", "bool": "uitofp i1"}[source]
            return Value(kind, (self.get(f"{how} {register} to double"),))
        if kind == "int" and source == "bool":
            return Value(kind, (self.get(f"zext i1 {register} to i64"),))
        return None


def literal(value: float | int | bool, kind: str) -> Value:
    """A number that is known."""
    if kind == "float":
        return Value(kind, (f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016x}",))
    if kind == "bool":
        return Value(kind, ("true" if value else "false",))
    return Value(kind, (str(int(value)),))
