"""A small part of Python into LLVM's language: the functions of the loop, with numbers, arrays and records of them.

Statements: assignments (also of several at once and in place), ``for`` over ``range`` or over a written-out tuple,
``while``, ``if``, ``break``, ``continue``, ``return``, and calls. Expressions: arithmetic, comparisons, ``and``,
``or``, ``not``, ``a if b else c``, elements and slices of arrays, fields of named tuples, and the functions of
:mod:`hemograft.engine.expressions`. A variable keeps the kind of its first value. There are no checks of bounds and no
negative indices. A function is translated once for each combination of kinds of arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import EngineError
from .code import Code
from .expressions import Names, evaluate, step_to, target_of, truth
from .kinds import ELEMENTS, Kind, Several, Value, registers_of
from .machine import triple


@dataclass
class Module:
    """All functions of one translation, each under its number."""

    texts: list[str] = field(default_factory=list)
    known: dict[tuple, tuple[str, Kind | None]] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)

    def function(self, compiled: Any, kinds: tuple) -> tuple[str, Kind | None]:
        """The name of a function for some kinds of arguments, translated now if need be, and what it gives."""
        python = compiled.python
        known = self.known.get((python, kinds))
        if known is None:
            name = f"{python.__name__}_{len(self.known)}"
            self.known[python, kinds] = (name, "not known yet")
            known = self.known[python, kinds] = (name, self._translate(python, name, kinds))
        return known

    def _translate(self, python, name: str, kinds: tuple) -> Kind | None:
        definition = _definition(python.__code__.co_filename, python.__name__)
        code = Code(declared=self.declared)
        body = Body(code, Names(code, python.__globals__, self), python.__code__.co_filename)
        given = [argument.arg for argument in definition.args.args]
        taken = []
        for argument, kind in zip(given, kinds, strict=True):
            registers = tuple(f"%a{code.fresh()}" for _ in registers_of(kind))
            taken += [f"{t} {r}" for t, r in zip(registers_of(kind), registers, strict=True)]
            body.assign(argument, Value(kind, registers))
        body.run(definition.body)
        code.do("unreachable" if body.gives else "ret void")
        head = f"define internal {returned(body.gives)} @{name}({', '.join(taken)}) nounwind {{"
        self.texts.append("\n".join([head, "enter:", *code.places, *code.lines, "}"]))
        return body.gives


def translated(compiled: Any, kinds: tuple) -> tuple[str, str | None]:
    """A module whose ``entry(arguments, result)`` calls a function with arguments from a table of slots.

    Returns
    -------
    str
        The module.
    str or None
        What kind of number the function gives, if any.
    """
    module, code = Module(), Code()
    name, gives = module.function(compiled, kinds)
    if gives is not None and not isinstance(gives, str):
        raise EngineError(f"{name}: a function that is called from outside gives one number or none")
    values = code.fields("%arguments", list(kinds))
    taken = [f"{t} {r}" for v in values for t, r in zip(registers_of(v.kind), v.registers, strict=True)]
    call = f"call {returned(gives)} @{name}({', '.join(taken)})"
    if gives is None:
        code.do(call)
    else:
        result = Value(gives, (code.get(call),))
        if gives == "bool":
            result = Value("int", (code.get(f"zext i1 {result.registers[0]} to i64"),))
        code.put(result, ("%result",))
    code.do("ret void")
    entry = "\n".join(["define void @entry(ptr %arguments, ptr %result) nounwind {", *code.lines, "}"])
    head = [f'target triple = "{triple()}"', *sorted(module.declared), *module.texts, entry, "!0 = !{}"]
    return "\n\n".join(head), gives


def returned(kind: Kind | None) -> str:
    """The type in which a function gives back a value."""
    if kind is None:
        return "void"
    types = registers_of(kind)
    return types[0] if len(types) == 1 else f"{{{', '.join(types)}}}"


@lru_cache(maxsize=64)
def _definitions(file: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _definition(file: str, name: str) -> ast.FunctionDef:
    return _definitions(file)[name]


class Body:
    """The statements of one function."""

    def __init__(self, code: Code, names: Names, file: str):
        self.code, self.names, self.file = code, names, file
        self.loops: list[tuple[str, str]] = []  # where ``continue`` and ``break`` go
        self.gives: Kind | None = None

    def run(self, statements: list) -> None:
        """Translate statements in order."""
        for statement in statements:
            work = getattr(self, f"_{type(statement).__name__.lower()}", None)
            if work is None:
                raise self._refused(statement, f"{type(statement).__name__} has no translation")
            try:
                work(statement)
            except TypeError as error:
                raise self._refused(statement, str(error)) from error

    def _refused(self, node, why: str) -> EngineError:
        return EngineError(f"{self.file}:{node.lineno}: {ast.unparse(node).splitlines()[0]!r}: {why}")

    def assign(self, name: str, value: Value) -> None:
        """Give a variable a value; the first one decides its kind."""
        if name not in self.names.variables:
            self.names.variables[name] = (value.kind, self.code.variable(value.kind))
        kind, places = self.names.variables[name]
        self.code.put(self._as(value, kind, name), places)

    def _as(self, value: Value, kind: Kind, what: str) -> Value:
        found = self.code.converted(value, kind)
        if found is None:
            raise TypeError(f"{what} holds {kind}, not {value.kind}")
        return found

    def _store(self, target, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.assign(target.id, value)
        elif isinstance(target, ast.Subscript):
            part = target_of(self.names, target)
            value = self._as(value, ELEMENTS[part.kind.element][0], "the array")
            if part.kind.axes:
                length = part.registers[1]
                self._count("0", length, lambda i: self._put(value, part, step_to(self.names, part, i)))
            else:
                self._put(value, part, part.registers[0])
        else:
            raise TypeError("only names and elements of arrays take values")

    def _put(self, value: Value, part: Value, place: str) -> None:
        self.code.store(value, part.kind.element, place)

    def _assign(self, node: ast.Assign) -> None:
        (target,) = node.targets
        if not isinstance(target, ast.Tuple):
            return self._store(target, evaluate(self.names, node.value))
        if isinstance(node.value, ast.Tuple):
            values = [evaluate(self.names, part) for part in node.value.elts]
        else:
            values = self.names.parts(evaluate(self.names, node.value))
        for one, value in zip(target.elts, values, strict=True):
            self._store(one, value)

    def _augassign(self, node: ast.AugAssign) -> None:
        target: Any = node.target
        read = ast.BinOp(target, node.op, node.value)
        self._store(target, evaluate(self.names, ast.fix_missing_locations(ast.copy_location(read, node))))

    def _expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            evaluate(self.names, node.value, nothing=True)

    def _if(self, node: ast.If) -> None:
        yes, no, after = (self.code.new_label() for _ in range(3))
        self.code.branch(truth(self.names, node.test), yes, no)
        self.run(node.body)
        self.code.do(f"br label %{after}")
        self.code.lines.append(f"{no}:")
        self.run(node.orelse)
        self.code.label(after)

    def _while(self, node: ast.While) -> None:
        again, body, after = (self.code.new_label() for _ in range(3))
        self.code.label(again)
        self.code.branch(truth(self.names, node.test), body, after)
        self.loops.append((again, after))
        self.run(node.body)
        self.loops.pop()
        self.code.do(f"br label %{again}")
        self.code.lines.append(f"{after}:")

    def _for(self, node: ast.For) -> None:
        if isinstance(node.iter, ast.Tuple):
            for part in node.iter.elts:
                self._assign(ast.copy_location(ast.Assign([node.target], part), node))
                self.run(node.body)
            return
        if not (isinstance(node.iter, ast.Call) and getattr(node.iter.func, "id", "") == "range"):
            raise TypeError("a loop goes over a range or a written-out tuple")
        limits = [evaluate(self.names, part).registers[0] for part in node.iter.args]

        def turn(i: str) -> None:
            self._store(node.target, Value("int", (i,)))
            self.run(node.body)

        self._count(limits[0] if len(limits) == 2 else "0", limits[-1], turn)

    def _count(self, first: str, end: str, turn: Callable[[str], None]) -> None:
        """``turn`` for each whole number from the first to before the end."""
        counter = self.code.variable("int")
        self.code.put(Value("int", (first,)), counter)
        again, body, step, after = (self.code.new_label() for _ in range(4))
        self.code.label(again)
        (now,) = self.code.take("int", counter).registers
        self.code.branch(self.code.get(f"icmp slt i64 {now}, {end}"), body, after)
        self.loops.append((step, after))
        turn(now)
        self.loops.pop()
        self.code.label(step)
        self.code.put(Value("int", (self.code.get(f"add i64 {now}, 1"),)), counter)
        self.code.do(f"br label %{again}")
        self.code.lines.append(f"{after}:")

    def _continue(self, node: ast.Continue) -> None:
        self.code.leave(f"br label %{self.loops[-1][0]}")

    def _break(self, node: ast.Break) -> None:
        self.code.leave(f"br label %{self.loops[-1][1]}")

    def _return(self, node: ast.Return) -> None:
        if node.value is None:
            return self.code.leave("ret void")
        if isinstance(node.value, ast.Tuple):
            parts = [evaluate(self.names, part) for part in node.value.elts]
            value = Value(Several(tuple(p.kind for p in parts)), tuple(r for p in parts for r in p.registers))
        else:
            value = evaluate(self.names, node.value)
        gives = self.gives = self.gives or value.kind
        value = self._as(value, gives, "what is returned")
        if len(value.registers) == 1:
            return self.code.leave(f"ret {returned(gives)} {value.registers[0]}")
        whole = "undef"
        for i, (type_, register) in enumerate(zip(registers_of(gives), value.registers, strict=True)):
            whole = self.code.get(f"insertvalue {returned(gives)} {whole}, {type_} {register}, {i}")
        self.code.leave(f"ret {returned(gives)} {whole}")
